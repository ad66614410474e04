"""The posterior of the GPD of excesses: independent draws and nodes of quadrature, no chain, for many samples at once.

With t = shape/scale and k(t) the mean of log(1 + t y) over the excesses y, a prior g(shape)/scale gives a posterior of
two factors: t has the density (k/t)^(1-n) exp(-n k), and n k/shape is, whatever t is, a gamma variable of shape n - 1,
as far as shape > -1, with g as a weight. One is drawn by inversion in one dimension, then the other.

The fiducial distribution has the Jacobian |t/shape| det(y, y^2 H)^(1/2) in the place of g, with H = ((1 + t y) log(1 +
t y) - t y)/(t y)^2 and det the Gram determinant: a function of t alone and the factor 1/|shape|, which makes the gamma
variable one of shape n.

References
----------
- Grimshaw, S. D. (1993). Technometrics 35, 185-191 (t and k).
- Wandler, D. V. and Hannig, J. (2012). Extremes 15, 67-87 (fiducial inference for the GPD).
- Hannig, J., Iyer, H., Lai, R. C. S. and Lee, T. C. M. (2016). Journal of the American Statistical Association 111,
  1346-1361, theorem 1 (the Jacobian).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import scipy.special

from evstats import noise
from evstats.arrays import Array, Places
from evstats.distributions import GPD, Family
from evstats.errors import ArgumentError, DataError
from evstats.estimators.lanes import lane_blocks
from evstats.estimators.priors import Fiducial, Prior, PriorFunction
from evstats.quadrature import unit_interval

#: Log prior density times scale of scales (in units of the largest excess) and shapes.
Factor = Callable[[Array, Array], Array]

#: The range of u = log(1 + t times the largest excess) that is searched; at its ends k is about -40/n and 30.
_LOWEST, _HIGHEST = -40.0, 30.0
#: Nodes in u of a search, the searches, how far the log density falls before it is cut off, and nodes of the draws.
_SEARCH_NODES, _SEARCHES, _FALL, _NODES = 65, 3, 25.0, 257
#: How far it must have fallen at the ends of what is searched.
_FALLEN = 7.0
#: Nodes in the ratio of integrals, cells of draws under a weight, and of the searches for where it is to be seen.
_RATIO_NODES, _RATIO_CELLS, _RATIO_SEARCHES = 32, 80, 2
_SEARCHED_RATIOS = np.linspace(0.0, 1.0, 33)
#: The place in (0, 1) that stands for 0.
_AT_LEAST = 1e-6
#: The probability beyond the ends of the gamma variable that are looked at.
_BEYOND = 1e-10
#: Below this magnitude H is a short power series.
_NEAR_ZERO = 1e-4
_TINY = 1e-300


def gpd_posterior(
    excesses: Array, prior: Prior | PriorFunction, uniform: Array, family: type[Family] = GPD
) -> tuple[Array, Array]:
    """Independent draws of scale and shape, each (m, draws), from the posteriors of m samples of excesses.

    Parameters
    ----------
    excesses
        (m, n), positive; NaN for missing; three or more in each sample, not all equal.
    prior
        A ``Prior``, or a function of (scale, shape) in the last axis to a log density.
    uniform
        (2, m, draws), or (2, 1, draws) for the same noise in all samples: independent variables in (0, 1), by
        which t and the shape, given t, are chosen. Both rise with theirs; one half gives the medians.
    family
        ``GPD``, or ``Exponential``, whose shape is 0.

    Returns
    -------
    tuple of Array
        Scale and shape, each (m, draws).

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import noise
    >>> from evstats.distributions import GPD
    >>> from evstats.estimators import Fiducial, gpd_posterior
    >>> floods = GPD(0.0, 10.0, 0.1).rvs((3, 50), rng=1)
    >>> scale, shape = gpd_posterior(floods, Fiducial(), np.exp(-noise.exponential((2, 1, 1000), rng=1)))
    >>> scale.shape, bool((shape > -1.0).all())
    ((3, 1000), True)
    """
    m, draws = len(excesses), uniform.shape[-1]
    scale, shape = np.empty((m, draws)), np.empty((m, draws))
    for block in lane_blocks(m, max(_NODES * excesses.shape[-1] // 8, draws)):
        posterior = ExcessPosterior.of(excesses[block], prior, family)
        scale[block], shape[block] = posterior.drawn(*(own if len(own) == 1 else own[block] for own in uniform))
    return scale, shape


def process_posterior(
    family: type[Family], excesses: Array, threshold: Array, years: Array, prior: Prior | PriorFunction, e: Array
) -> Array:
    """Independent draws (m, draws, k) of the parameters of peaks in time, ``family`` one of maxima.

    The rate has the posterior gamma(n + 1/2) of a Poisson number under Jeffreys' prior, and is independent of the
    sizes. ``threshold`` and ``years`` are (m,), ``e`` (3, 1, draws) standard exponential noise.
    """
    uniform = np.exp(-e)
    scale, shape = gpd_posterior(excesses, prior, uniform[:2], family.sizes_of())
    count = np.count_nonzero(~np.isnan(excesses), axis=-1)[:, None]
    log_rate = np.log(scipy.special.gammaincinv(count + 0.5, uniform[2])) - np.log(years)[:, None]
    columns = [np.broadcast_to(threshold[:, None], scale.shape), scale, log_rate, shape]
    return np.stack(columns[: len(family.parameter_names)], axis=-1)


def draws_noise(draws: int, seed: int | None) -> Array:
    """The noise of ``process_posterior``, the same for every sample."""
    return noise.exponential((3, 1, draws), rng=seed)


class _Sample(NamedTuple):
    """Excesses (m, n) in units of the largest, 0 where none is, and their number (m, 1)."""

    z: Array
    number: Array

    def along(self, u: Array, with_jacobian: bool) -> _Along:
        """What depends on t alone, at u (m, nodes)."""
        t = np.expm1(u)
        t = np.where(np.abs(t) < 1e-12, 1e-12, t)  # k/t and H do not cancel from there on
        k, log_jacobian = np.empty(u.shape), np.zeros(u.shape)
        for block in lane_blocks(u.shape[-1], self.z.size):
            w = t[:, block, None] * self.z[:, None, :]
            log = self._log1p(w, u[:, block])
            k[:, block] = log.sum(axis=-1) / self.number
            if with_jacobian:
                log_jacobian[:, block] = self._log_jacobian(w, log)
        return _Along(u, t, k, k / t, log_jacobian)

    def _log1p(self, w: Array, u: Array) -> Array:
        """log(1 + w) of w = t z, by u where the sum cancels."""
        log = np.log1p(np.maximum(w, -0.9))
        if (close := w < -0.9).any():
            z = self.z[:, None, :]
            log[close] = np.log((1.0 - z) + z * np.exp(u)[..., None])[close]
        return log

    def _log_jacobian(self, w: Array, log: Array) -> Array:
        """Half the logarithm of det(z, z^2 H)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            h = ((1.0 + w) * log - w) / (w * w)
        near = np.abs(w) < _NEAR_ZERO
        h[near] = 0.5 - w[near] * (1.0 / 6.0 - w[near] / 12.0)
        z = self.z[:, None, :]
        h *= z
        h *= z
        across, square = np.vecdot(z, h), np.vecdot(z, z)
        return np.asarray(0.5 * np.log(np.maximum(square * np.vecdot(h, h) - across * across, _TINY)))


class _Along(NamedTuple):
    """u, t, k and k/t at nodes (m, nodes), and the logarithm of the Jacobian's function of t."""

    u: Array
    t: Array
    k: Array
    q: Array
    log_jacobian: Array


class Nodes(NamedTuple):
    """A posterior on nodes: t (m, nodes), scales and weights (m, nodes, ratios), in units of the largest excess."""

    t: Array
    scale: Array
    weight: Array


class _Span(NamedTuple):
    """Between which places of (0, 1) the density of the gamma variable is to be seen, each (m, nodes)."""

    low: Array
    high: Array

    def at(self, fractions: Array) -> Array:
        """The places at fractions of the way, (m, nodes, fractions)."""
        return np.asarray(self.low[..., None] + (self.high - self.low)[..., None] * fractions)

    def over(self, cell: Places) -> _Span:
        """Those of cells between nodes, (m, draws)."""
        left, right = (_Span(*(np.take_along_axis(own, cell + i, -1) for own in self)) for i in (0, 1))
        return _Span(np.minimum(left.low, right.low), np.maximum(left.high, right.high))


@dataclass(frozen=True, eq=False)
class _Ratio:
    """The gamma variable w = n k/shape given t, of m samples: its shape is count + power; with a weight or without."""

    count: Array  # (m, 1)
    power: float
    factor: Factor | None
    lowest: float  # shape

    @cached_property
    def _ends(self) -> tuple[Array, Array]:
        a = self.count + self.power
        low, high = scipy.special.gammaincinv(a, _BEYOND), scipy.special.gammainccinv(a, _BEYOND)
        return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)

    def _least(self, k: Array) -> Array:
        """The least w: that of the lowest shape."""
        return np.asarray(_beside(self.count, k) * np.maximum(-k, 0.0) / -self.lowest)

    def at(self, k: Array, v: Array) -> tuple[Array, Array]:
        """The logarithm of w at places v in (0, 1), and that of its slope.

        Under a weight log w runs from its least as v^2, so that a prior that rises like (shape - lowest)^(-1/2) has a
        bounded density, and farther, as the weight may favour small shapes.
        """
        low, high = (_beside(own, k) for own in self._ends)
        start = np.log(np.maximum(low, least := self._least(k)))
        if self.factor is None:
            reach = np.log(np.maximum(high, least + 30.0)) - start
            return np.asarray(start + reach * v), np.asarray(np.log(reach))
        reach = np.log(high + 3.0 * _beside(self.count, k) * np.abs(k)) - start
        return np.asarray(start + reach * (v * v)), np.asarray(np.log(2.0 * v * reach))

    def density(self, k: Array, q: Array, v: Array) -> tuple[Array, Array]:
        """w at places v, and the log density of v; k, q and v broadcast."""
        log_w, log_slope = self.at(k, v)
        w, count = np.exp(log_w), _beside(self.count, k)
        log_density = (count + self.power) * log_w - w + log_slope
        if self.factor is not None:
            log_density = log_density + self.factor(count * q / w, count * k / w)
        return w, log_density

    def span(self, k: Array, q: Array) -> _Span:
        """Where it is to be seen, for k and q (m, nodes)."""
        low, high = np.full(k.shape, _AT_LEAST), np.ones(k.shape)
        if self.factor is not None:
            for _ in range(_RATIO_SEARCHES):
                v = _Span(low, high).at(_SEARCHED_RATIOS)
                low, high = _around(self.density(k[..., None], q[..., None], v)[1], v)
        return _Span(low, high)

    def integrand(self, k: Array, q: Array, span: _Span, nodes: int) -> tuple[Array, Array]:
        """w on nodes (m, nodes, ratios), and the logarithms of what adds up to the integral over it."""
        at, weight = unit_interval(nodes)
        w, logged = self.density(k[..., None], q[..., None], span.at(at))
        return w, logged + np.log((span.high - span.low)[..., None] * weight)

    def log_integral(self, k: Array, q: Array) -> Array:
        """The logarithm of the integral over w, (m, nodes), in units of a gamma density's."""
        a = self.count + self.power
        if self.factor is None:
            with np.errstate(divide="ignore"):
                return np.log(scipy.special.gammaincc(a, self._least(k)))
        _, logged = self.integrand(k, q, self.span(k, q), _RATIO_NODES)
        top = np.maximum(logged.max(axis=-1), -1e300)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.exp(logged - top[..., None]).sum(axis=-1)) + top - scipy.special.gammaln(a))

    def drawn(self, k: Array, q: Array, span: _Span, uniform: Array) -> Array:
        """w of every draw (m, draws): by its distribution, under a weight by that on cells."""
        if self.factor is None:
            a = self.count + self.power
            return np.asarray(scipy.special.gammainccinv(a, uniform * scipy.special.gammaincc(a, self._least(k))))
        result = np.empty(k.shape)
        for block in lane_blocks(k.shape[-1], 2 * _RATIO_CELLS * len(k)):
            part = k[:, block], q[:, block], _Span(span.low[:, block], span.high[:, block]), uniform[:, block]
            result[:, block] = self._drawn_on_cells(*part)
        return result

    def _drawn_on_cells(self, k: Array, q: Array, span: _Span, uniform: Array) -> Array:
        fractions = np.linspace(0.0, 1.0, _RATIO_CELLS + 1)
        _, logged = self.density(k[..., None], q[..., None], span.at(fractions))
        density = np.exp(logged - logged.max(axis=-1, keepdims=True))
        below = np.cumsum(_masses(density), axis=-1)
        wanted = (1.0 - uniform) * below[..., -1]  # from the largest w, the smallest shape
        cell = np.minimum((below < wanted[..., None]).sum(axis=-1), _RATIO_CELLS - 1)
        place = (cell + _filled(density, below, cell, wanted)) / _RATIO_CELLS
        return np.exp(self.at(k, span.low + (span.high - span.low) * place)[0])


@dataclass(frozen=True, eq=False)
class ExcessPosterior:
    """The posteriors of m samples, in units of their largest excess, on a grid of u that covers them."""

    unit: Array  # (m, 1)
    along: _Along
    log_density: Array  # (m, nodes), of u; a single node of a family without a shape
    ratio: _Ratio

    @classmethod
    def of(
        cls, excesses: Array, prior: Prior | PriorFunction, family: type[Family] = GPD, nodes: int = _NODES
    ) -> ExcessPosterior:
        """Of excesses (m, n), NaN for missing, under a prior."""
        present = ~np.isnan(excesses)
        count = present.sum(axis=-1, keepdims=True).astype(np.float64)
        y = np.where(present, excesses, 0.0)
        unit = y.max(axis=-1, keepdims=True)
        sample = _Sample(y / unit, count)
        mean = sample.z.sum(axis=-1, keepdims=True) / count
        has_shape, fiducial = "shape" in family.parameter_names, isinstance(prior, Fiducial)
        power = -1.0 if has_shape and not fiducial else 0.0
        factor = _factor(prior, unit, mean, has_shape)
        ratio = _Ratio(count, power, factor, getattr(prior, "lowest_shape", -1.0))
        if not has_shape:
            still = np.zeros_like(mean)
            return cls(unit, _Along(still, still, still, mean, still), still, ratio)

        def found(u: Array) -> ExcessPosterior:
            along = sample.along(u, fiducial)
            height = along.u + along.log_jacobian - (count + power) * np.log(along.q) - count * along.k
            return cls(unit, along, height + ratio.log_integral(along.k, along.q), ratio)

        low, high = np.full(mean.shape, _LOWEST), np.full(mean.shape, _HIGHEST)
        for _ in range(_SEARCHES):
            searched = found(_spread(low, high, _SEARCH_NODES))
            low, high = (own[:, None] for own in _around(searched.log_density, searched.along.u))
        posterior = found(_spread(low, high, nodes))
        if not isinstance(prior, Prior):
            posterior._check()
        return posterior

    def _check(self) -> None:
        """Raise where the density is nowhere, or has not fallen at the ends of what was searched."""
        u, height, top = self.along.u, self.log_density, self.log_density.max(axis=-1)
        if not (top > -1e299).all():
            raise DataError("the posterior has no density near the data; the prior may exclude what they show.")
        open_below = (u[:, 0] < _LOWEST + 1e-6) & (height[:, 0] > top - _FALLEN)
        open_above = (u[:, -1] > _HIGHEST - 1e-6) & (height[:, -1] > top - _FALLEN)
        if (open_below | open_above).any():
            raise DataError("the posterior under this prior may be improper", "take a prior that falls off faster.")

    def drawn(self, first: Array, second: Array) -> tuple[Array, Array]:
        """Scales and shapes (m, draws) in the unit of the data, by uniform variables (m or 1, draws)."""
        span = self.ratio.span(self.along.k, self.along.q)
        if self.log_density.shape[-1] == 1:
            t, q = self.along.t, self.along.q
        else:
            cell, within = self._places(first)
            u = np.take_along_axis(self.along.u, cell, -1) + within * self._step
            t, q, span = np.expm1(u), _interpolated(self.along.q, cell, within), span.over(cell)
        shape = (len(q), second.shape[-1])
        t, q, second, *ends = (np.broadcast_to(own, shape) for own in (t, q, second, *span))
        scale = self.ratio.count * q / self.ratio.drawn(t * q, q, _Span(*ends), second)
        return self.unit * scale, t * scale

    def nodes(self, ratios: int = _RATIO_NODES) -> Nodes:
        """The posterior on the grid and, at each of its nodes, on so many of the ratio."""
        k, q = self.along.k, self.along.q
        w, logged = self.ratio.integrand(k, q, self.ratio.span(k, q), ratios)
        logged = logged + (self.log_density - self.ratio.log_integral(k, q))[..., None]
        weight = np.exp(logged - logged.max(axis=(-1, -2), keepdims=True))
        scale = self.ratio.count[..., None] * q[..., None] / w
        return Nodes(self.along.t, scale, weight / weight.sum(axis=(-1, -2), keepdims=True))

    @property
    def _step(self) -> Array:
        return self.along.u[:, 1:2] - self.along.u[:, :1]

    def _places(self, uniform: Array) -> tuple[Places, Array]:
        """The cell of u that each draw falls into, and where in it."""
        density = np.exp(self.log_density - self.log_density.max(axis=-1, keepdims=True))
        below = np.cumsum(_masses(density), axis=-1)
        below /= below[:, -1:]
        m, cells = below.shape
        wanted = np.broadcast_to(uniform, (m, uniform.shape[-1]))
        lane = np.arange(m)[:, None]  # one search through the lanes in a row
        cell = np.searchsorted((below + lane).ravel(), (wanted + lane).ravel()).reshape(wanted.shape) - lane * cells
        cell = np.clip(cell, 0, cells - 1)
        return cell, _filled(density[:, None], below[:, None], cell, wanted)


def _spread(low: Array, high: Array, nodes: int) -> Array:
    return np.asarray(low + (high - low) * np.linspace(0.0, 1.0, nodes))


def _around(height: Array, places: Array) -> tuple[Array, Array]:
    """The range of places (..., nodes) where a log density is to be seen, to the next node outside."""
    seen = height > height.max(axis=-1, keepdims=True) - _FALL
    first, last = np.argmax(seen, axis=-1), seen.shape[-1] - 1 - np.argmax(seen[..., ::-1], axis=-1)
    ends = np.maximum(first - 1, 0), np.minimum(last + 1, seen.shape[-1] - 1)
    low, high = (np.take_along_axis(places, end[..., None], -1)[..., 0] for end in ends)
    return low, high


def _factor(prior: Prior | PriorFunction, unit: Array, mean: Array, has_shape: bool) -> Factor | None:
    """The prior density times scale, of scales in units of the largest excess; None where it is constant."""
    if isinstance(prior, Prior):
        if not prior.weighs_peaks(has_shape):
            return None
        return lambda scale, shape: prior.log_of_peaks(scale / _beside(mean, scale), shape if has_shape else None)

    def own(scale: Array, shape: Array) -> Array:
        natural = scale * _beside(unit, scale)
        value = np.asarray(prior(np.stack([natural, shape] if has_shape else [natural], axis=-1)), dtype=np.float64)
        if value.shape != scale.shape:
            raise ArgumentError(
                f"prior returned an array of shape {value.shape} for parameters of shape {(*scale.shape, 2)}",
                f"expected {scale.shape}, one log-density each.",
            )
        return np.asarray(np.where(np.isnan(value), -np.inf, value) + np.log(natural))

    return own


def _beside(own: Array, other: Array) -> Array:
    """Numbers (m, 1) of samples beside an array (m, ...)."""
    return own.reshape(len(own), *(1,) * (other.ndim - 1))


def _masses(density: Array) -> Array:
    """The integral of a density over every cell between equidistant nodes, by the cubics through four of them."""
    f = density
    inner = 13.0 * (f[..., 1:-2] + f[..., 2:-1]) - f[..., :-3] - f[..., 3:]
    first = 9.0 * f[..., :1] + 19.0 * f[..., 1:2] - 5.0 * f[..., 2:3] + f[..., 3:4]
    last = 9.0 * f[..., -1:] + 19.0 * f[..., -2:-1] - 5.0 * f[..., -3:-2] + f[..., -4:-3]
    return np.maximum(np.concatenate([first, inner, last], axis=-1) / 24.0, 0.0)


def _filled(density: Array, below: Array, cell: Places, wanted: Array) -> Array:
    """Where in its cell (m, draws) the mass below reaches what is wanted, if the density is linear in the cell.

    ``density`` at the nodes and ``below`` the upper ends of the cells are (m, draws or 1, nodes).
    """

    def at(own: Array, place: Places) -> Array:
        if own.shape[1] == 1:
            return np.take_along_axis(own[:, 0], place, -1)
        return np.take_along_axis(own, place[..., None], -1)[..., 0]

    before = np.where(cell > 0, at(below, np.maximum(cell - 1, 0)), 0.0)
    share = (wanted - before) / np.maximum(at(below, cell) - before, _TINY)
    left, right = at(density, cell), at(density, cell + 1)
    root = np.sqrt(np.maximum(left * left + share * (right * right - left * left), 0.0))
    return np.asarray(np.clip(share * (left + right) / np.maximum(left + root, _TINY), 0.0, 1.0))


def _interpolated(values: Array, cell: Places, within: Array) -> Array:
    """The cubic through four nodes (m, nodes) about a place (m, draws)."""
    start = np.clip(cell - 1, 0, values.shape[-1] - 4)
    x = within + (cell - start) - 1.0  # -1, 0, 1, 2 at the four
    a, b, c, d = (np.take_along_axis(values, start + i, -1) for i in range(4))
    left, right = x + 1.0, x - 2.0
    outer = x * (x - 1.0) * (d * left - a * right) / 6.0
    return np.asarray(outer + 0.5 * left * right * (b * (x - 1.0) - c * x))


__all__ = ["ExcessPosterior", "Nodes", "draws_noise", "gpd_posterior", "process_posterior"]
