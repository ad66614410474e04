"""Posteriors of a GEV under priors of the shape alone, flat in location and log scale: limits of any quantity.

They are proper however bounded a small sample looks. All of it is quadrature, the same answer on every run: limits are
good to 1e-2 of the interval's width, mostly to 1e-3. As quantiles of one posterior they are nested in the confidence,
and those of a level rise with its period.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.special
from scipy.optimize import elementwise

from evstats.arrays import Array, Mask, Places
from evstats.distributions import GEV, Family
from evstats.distributions.special import expm1_over, log1p_over
from evstats.estimators import Bayes, Estimation, NormalShape, Prior
from evstats.intervals.base import lanes_of_one_size
from evstats.intervals.gev_plane import Cells, Plane
from evstats.intervals.posteriors import GEVNodes, tied_at_the_smallest
from evstats.quantities import Parameters, Quantity

if TYPE_CHECKING:
    from scipy.interpolate import PchipInterpolator

#: ``below(value, lane, question)``: the posterior probability that a quantity is at most a value.
Below = Callable[[Array, Places, Places], Array]

#: The prior that stands in where the likelihood has no interior maximum, and what its interval is called.
FALLBACK = NormalShape()
LABEL = f"credible, shape normal about 0 with standard deviation {FALLBACK.sd:g}"
#: Shapes lie above the first, under a normal prior below so many standard deviations, under others below the last.
_LOWEST_SHAPE, _MOST_SD, _HIGHEST_SHAPE = -1.0, 6.0, 2.0
#: Cells of the posterior in the shape and, given the shape, in the scale; and in a search for their range.
_CELLS, _SEARCH_CELLS = 48, 32
#: How far the logarithm of the posterior falls before it is cut off, and the searches for that range of shapes.
_FALL, _SEARCHES = 15.0, 2
#: The probability beyond the bracket of a limit at any node, and the relative error of the limit.
_BEYOND, _TOLERANCE = 1e-10, 1e-7


def credible_limits(
    family: type[Family], quantity: Quantity, values: Array, confidence: float, prior: Prior = FALLBACK
) -> Array:
    """Central credible limits (2, m, questions) of a quantity for m series (m, n), NaN where there is no value.

    NaN for a series with so many values tied at the smallest (the greatest, for minima) that the posterior is improper
    or nearly so.
    """
    tails = np.array([0.5 * (1.0 - confidence), 0.5 * (1.0 + confidence)])
    return posterior_quantiles(family, quantity, values, lambda n: tails, prior)


def posterior_quantiles(
    family: type[Family], quantity: Quantity, values: Array, tails: Callable[[int], Array], prior: Prior
) -> Array:
    """The same with the probabilities below either limit given by the number of values; those of maxima."""
    sign = -1.0 if family.minima else 1.0
    questions = quantity(family.from_parameters([0.0, 1.0, 0.0])).shape[-1]
    limits = np.full((2, len(values), questions), np.nan)
    usable = is_proper(sign * values, prior)
    for lanes, x in lanes_of_one_size(sign * values, usable, _CELLS * _CELLS * (values.shape[-1] + questions) // 4):
        limits[:, lanes] = _limits(family, quantity, ShapeNodes.under(prior, x), tails(x.shape[-1]))
    return np.sort(limits, axis=0)


def prior_by_quadrature(estimation: Estimation) -> NormalShape | None:
    """The prior of a Bayesian fit whose posterior is here, None for other fits."""
    method, family = estimation.estimator, estimation.family.of_maxima()
    here = isinstance(method, Bayes) and family is GEV and not estimation.has_covariates
    here = here and estimation.design.axes == 1
    prior = method.prior_for(family) if isinstance(method, Bayes) and here else None
    return prior if isinstance(prior, NormalShape) else None


def is_proper(maxima: Array, prior: Prior = FALLBACK) -> Mask:
    """Lanes (m, n) whose posterior is proper, with room to spare."""
    return ~tied_at_the_smallest(maxima, _highest_shape(prior))


def _highest_shape(prior: Prior) -> float:
    return _MOST_SD * prior.sd if isinstance(prior, NormalShape) else _HIGHEST_SHAPE


def _limits(family: type[Family], quantity: Quantity, nodes: ShapeNodes, tails: Array) -> Array:
    sign = -1.0 if family.minima else 1.0
    if isinstance(quantity, Parameters):
        location = sign * nodes.level_limits(np.zeros((1, *nodes.shape.middles.shape)), tails)
        return np.concatenate([location, nodes.scale_limits(tails), nodes.shape_limits(tails)], axis=-1)
    if quantity.in_data_unit:
        shape = nodes.shape.middles
        standard = family.from_parameters(np.stack([np.zeros_like(shape), np.ones_like(shape), shape], axis=-1))
        asked = np.stack([sign * quantity.at(standard, question) for question in quantity.questions])
        asked = np.where(np.isnan(asked), np.inf, asked)  # an expected shortfall that does not exist
        return sign * nodes.level_limits(log1p_over(shape, asked), tails)
    variates = sign * nodes.variate_limits(sign * quantity.questions, 1.0 - tails[::-1])  # high where levels are low
    return quantity.at(family.from_parameters([0.0, 1.0, 0.0]), variates)


@dataclass(frozen=True, eq=False)
class ShapeNodes(GEVNodes):
    """Nodes in the shape and, given the shape, in s: the middles of the cells of a ``Plane``.

    Between the nodes computed others are interpolated: the longer the sample, the steeper is the distribution of a
    level given shape and s.
    """

    shape: Cells  # (m, cells)
    repeats: int  # nodes in a row of the same shape

    @classmethod
    def of(cls, x: Array, blocks: float, farthest: float) -> ShapeNodes:
        """Of the fallback's prior; the nodes do not depend on what is asked."""
        return cls.under(FALLBACK, x)

    @classmethod
    def under(cls, prior: Prior, x: Array) -> ShapeNodes:
        """From observations (m, n)."""
        plane, (m, n) = Plane.of(x), x.shape
        shape = Cells(np.full(m, _LOWEST_SHAPE), np.full(m, _highest_shape(prior)), _SEARCH_CELLS)
        for _ in range(_SEARCHES):
            weights = _log_weights(plane, prior, shape.middles, _SEARCH_CELLS)[1]
            shape = shape.narrowed(scipy.special.logsumexp(weights, axis=-1), _FALL)
        shape = shape._replace(number=_CELLS)
        log_excess, log_weight = _log_weights(plane, prior, shape.middles, _CELLS)
        finer = log_excess._replace(number=_CELLS * max(1, round(np.sqrt(n) / 3)))
        log_sum = plane.heights(shape.middles, log_excess.middles).log_sum
        log_weight, log_sum = (_interpolated(part, finer.number) for part in (log_weight, log_sum))
        weight = np.exp(log_weight - log_weight.max(axis=(1, 2), keepdims=True))
        weight /= weight.sum(axis=(1, 2), keepdims=True)
        s = plane.s(shape.middles, finer.middles)
        theta = shape.middles[..., None] / s
        weight, theta, s, log_sum = (part.reshape(m, -1) for part in (weight, theta, s, log_sum))
        return cls(n, plane.unit, weight, theta, s, log_sum, shape, finer.number)

    def level_limits(self, variates: Array, tails: Array) -> Array:
        """Limits (2, m, questions) in data units of levels whose reduced variates at each shape are ``variates``
        (questions, m, shape cells).
        """
        at_nodes = np.repeat(variates, self.repeats, axis=-1)

        def below(place: Array, lane: Places, question: Places) -> Array:
            part = self._replaced(lane)
            return part.averaged(-part.log_rate(np.sinh(place)[..., None])[0] - at_nodes[question, lane])

        reach = self.s * (self._log_u[:, None, None, None] - self.log_sum + at_nodes)
        places = np.arcsinh(np.clip(expm1_over(self.theta, reach), -1e300, 1e300))
        found = np.sinh(_solved(below, places[0].min(axis=-1), places[1].max(axis=-1), tails))
        return self.unit.low + self.unit.scale * found

    def variate_limits(self, levels: Array, tails: Array) -> Array:
        """Limits (2, m, questions) of the reduced variates of levels (questions,) in data units."""
        z = (levels - self.unit.low) / self.unit.scale
        base = np.stack([-self.log_rate(column[:, None])[0] for column in z.T])

        def below(minus_variate: Array, lane: Places, question: Places) -> Array:
            return self._replaced(lane).averaged(base[question, lane] + minus_variate[..., None])

        least, most = self._log_u
        finite = np.isfinite(base)  # it is not where the level is outside the support, which it may be at every node
        low = least - np.max(base, axis=-1, where=finite, initial=-1e3)
        high = most - np.min(base, axis=-1, where=finite, initial=1e3)
        return -_solved(below, low, high, 1.0 - tails)

    def scale_limits(self, tails: Array) -> Array:
        """Limits (2, m, 1) of the scale in data units: its logarithm is log s + shape (log U - log S)."""
        shape, log_s = self.theta * self.s, np.log(self.s)

        def below(log_scale: Array, lane: Places, question: Places) -> Array:
            xi = shape[lane]
            log_u = (log_scale[..., None] - log_s[lane]) / xi + self.log_sum[lane]
            return self._replaced(lane).averaged(log_u, falls=xi < 0.0)

        ends = log_s + shape * (self._log_u[:, None, None] - self.log_sum)
        found = _solved(below, ends.min(axis=(0, -1))[None], ends.max(axis=(0, -1))[None], tails)
        return self.unit.scale * np.exp(found)

    def shape_limits(self, tails: Array) -> Array:
        """Limits (2, m, 1) of the shape."""
        weight = self.weight.reshape(len(self.weight), _CELLS, -1).sum(axis=-1)
        below = np.concatenate([np.zeros((len(weight), 1)), np.cumsum(weight, axis=-1)], axis=-1)
        place = np.stack([_inverse(row)(tails) for row in below], axis=-1)
        return (self.shape.low + self.shape.width * place)[..., None]

    def averaged(self, log_u: Array, falls: Mask | bool = False) -> Array:
        """The average over the nodes of P(log U <= log_u), or of P(log U > log_u) where the quantity falls with U."""
        with np.errstate(over="ignore"):
            probability = scipy.special.gammainc(self.n, np.exp(log_u))
        return np.asarray(np.vecdot(np.where(falls, 1.0 - probability, probability), self.weight))

    @property
    def _log_u(self) -> Array:
        """Between these U, a gamma variable of shape n, has its logarithm, but for ``_BEYOND`` on either side."""
        ends = scipy.special.gammaincinv(self.n, _BEYOND), scipy.special.gammainccinv(self.n, _BEYOND)
        return np.log(ends)

    def _replaced(self, lane: Places) -> ShapeNodes:
        """The nodes of some lanes, one or several times."""
        weight, theta, s, log_sum = (part[lane] for part in (self.weight, self.theta, self.s, self.log_sum))
        return replace(self, weight=weight, theta=theta, s=s, log_sum=log_sum)


def _log_weights(plane: Plane, prior: Prior, shape: Array, number: int) -> tuple[Cells, Array]:
    """So many cells in the log excess for shapes (m, k), and the logarithm of their posterior weights."""
    cells = plane.cells(shape, number, _FALL)
    density = plane.heights(shape, cells.middles).value + cells.middles + prior.log_shape(shape)[..., None]
    return cells, density + np.log(cells.width)[..., None]


def _interpolated(values: Array, number: int) -> Array:
    """Values at the middles of cells (..., cells) at those of so many cells."""
    from scipy.interpolate import CubicSpline

    old, new = ((np.arange(k) + 0.5) / k for k in (values.shape[-1], number))
    return np.asarray(CubicSpline(old, values, axis=-1)(new)) if number > values.shape[-1] else values


def _inverse(below: Array) -> PchipInterpolator:
    """From probabilities to the cell that they fall into, given those below the ends of the cells."""
    from scipy.interpolate import PchipInterpolator

    rising = np.flatnonzero(np.diff(below, prepend=-1.0) > 0.0)
    return PchipInterpolator(below[rising], rising)


def _solved(below: Below, low: Array, high: Array, tails: Array) -> Array:
    """Where ``below`` passes the tails, (2, m, questions), between brackets (questions, m); infinite where it does
    not.
    """
    shape = (tails.size, *low.shape)
    question, lane = np.indices(low.shape)

    def excess(value: Array, tail: Array, i: Places, j: Places) -> Array:
        return below(value, i, j) - tail

    found = elementwise.find_root(
        excess,
        (np.broadcast_to(low, shape), np.broadcast_to(high, shape)),
        args=tuple(np.broadcast_to(part, shape) for part in (tails[:, None, None], lane, question)),
        tolerances={"xatol": _TOLERANCE, "xrtol": _TOLERANCE},
    )
    outside = np.where(found.f_bracket[0] > 0.0, -np.inf, np.inf)
    return np.swapaxes(np.where(found.success, found.x, outside), 1, 2)
