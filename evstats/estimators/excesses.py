"""The GPD of excesses by maximum likelihood: a search in one dimension, for many samples at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evstats import newton
from evstats.arrays import Array, Places
from evstats.distributions import Family
from evstats.estimators.lanes import lane_blocks
from evstats.models import Likelihood, Model, Points, likelihood_of
from evstats.models.penalties import Penalty

#: A step shorter than this share of 1 + t leaves an error of its square.
_SHORT = 1e-7
_MOST_STEPS = 40
#: Within this of t = 0 the profile is a short power series.
_NEAR_ZERO = 1e-3
#: Samples up to this size are searched whole, as they may have several maxima.
_SEARCH_UP_TO = 15
#: The lowest log(1 + t) looked at, and how often the interval is halved that holds the one of shape -1.
_LOWEST, _HALVINGS = -30.0, 40
#: Where between the edge, at shape -1, and the largest log(1 + t) the profile is looked at: closest at the edge.
_GRID = np.linspace(0.0, 1.0, 65) ** 2
_HIGHEST = 10.0


class Maxima(NamedTuple):
    """Scale and shape of m samples at their highest interior maximum, whether there is one, and the steps it took."""

    scale: Array
    shape: Array
    converged: NDArray[np.bool_]
    iterations: Places


def gpd_maxima(excesses: Array, count: Array) -> Maxima:
    """The highest interior maximum, with shape > -1, of the GPD likelihood of excesses (m, n), 0 where none is.

    With t = shape/scale times the largest excess the likelihood has one maximum in the shape for each t, mean log(1 + t
    z) of the excesses z in units of the largest; what is left is a function of t alone (Grimshaw 1993). Its slope over
    t^2, in which the trivial root at 0 is gone, is followed by Newton's method from the moment estimate. No unit
    enters.

    References
    ----------
    - Grimshaw, S. D. (1993). Technometrics 35, 185-191.
    - Davison, A. C. (1984). In Statistical Extremes and Applications, 461-482 (the profile).
    """
    m = len(excesses)
    found = Maxima(np.full(m, np.nan), np.full(m, np.nan), np.zeros(m, np.bool_), np.zeros(m, np.intp))
    for block in lane_blocks(*excesses.shape):
        largest = excesses[block].max(axis=-1, initial=0.0)
        sample = _Sample.of(excesses[block] / largest[:, None], count[block])
        t, converged, iterations = sample.climbed(sample.start())
        shape = sample.shape(t)
        doubtful = np.flatnonzero(~converged | (shape <= -1.0) | (sample.number <= _SEARCH_UP_TO))
        if doubtful.size:
            t[doubtful], converged[doubtful] = _searched(sample.rows(doubtful))
            shape[doubtful] = sample.rows(doubtful).shape(t[doubtful])
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(np.abs(t) < 1e-9, sample.mean, shape / t) * largest
        found.scale[block], found.shape[block] = scale, shape
        found.converged[block], found.iterations[block] = converged & (shape > -1.0), iterations
    return found


class _Sample(NamedTuple):
    """Excesses (m, n) in units of the largest of each sample, 0 where none is, with their number and moments."""

    z: Array
    number: Array
    mean: Array
    square: Array

    @classmethod
    def of(cls, z: Array, number: Array) -> _Sample:
        return cls(z, number, z.sum(axis=-1) / number, np.vecdot(z, z) / number)

    def rows(self, some: Places) -> _Sample:
        return _Sample(*(own[some] for own in self))

    def start(self) -> Array:
        """t of the moment estimate, drawn into the support."""
        ratio = self.mean**2 / np.maximum(self.square - self.mean**2, 1e-300)
        return np.clip((1.0 - ratio) / (self.mean * (1.0 + ratio)), -0.95, 60.0)

    def shape(self, t: Array) -> Array:
        """The shape that has the maximum at each t."""
        return np.asarray(np.log1p(t[:, None] * self.z).sum(axis=-1) / self.number)

    def profile(self, t: Array) -> tuple[Array, Array]:
        """The log-likelihood of one excess, but for a constant, at its maximum at each t, and the shape there."""
        shape = self.shape(t)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(np.abs(t) < 1e-9, self.mean, shape / t)
            return -np.log(scale) - shape, shape

    def edge(self) -> Array:
        """t at which the shape is -1, or as near to -1 as can be told apart from it."""
        low, high = np.full(len(self.z), _LOWEST), np.zeros(len(self.z))
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            below = self.shape(np.expm1(middle)) < -1.0
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.expm1(high)

    def newton_step(self, t: Array) -> tuple[Array, Array]:
        """Newton's step for the root of the slope over t^2, and the sign of the slope."""
        d = self.z * t[:, None]
        d += 1.0
        shape = np.log(d).sum(axis=-1) / self.number
        np.reciprocal(d, out=d)
        absent = self.z.shape[-1] - self.number
        m1 = (d.sum(axis=-1) - absent) / self.number
        m2 = (np.vecdot(d, d) - absent) / self.number
        slope = shape - (1.0 - m1) * (1.0 + shape)
        bend = (1.0 - m1) * m1 - (m1 - m2) * (1.0 + shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            step, rising = -t * slope / (bend - 2.0 * slope), np.sign(slope)
        near = np.flatnonzero(np.abs(t) < _NEAR_ZERO)
        if near.size:
            cube = (self.z[near] ** 3).sum(axis=-1) / self.number[near]
            mean, square = self.mean[near], self.square[near]
            level, pitch = 0.5 * square - mean**2, 1.5 * mean * square - 2.0 / 3.0 * cube
            step[near] = -(level + pitch * t[near]) / pitch
            rising[near] = np.sign(level + pitch * t[near])
        return step, rising

    def climbed(
        self, t: Array, low: Array | None = None, high: Array | None = None
    ) -> tuple[Array, NDArray[np.bool_], Places]:
        """Newton's method from t to a maximum, between two bounds if there are any: t, converged, steps."""
        m = len(self.z)
        found, converged, iterations = t.copy(), np.zeros(m, np.bool_), np.zeros(m, np.intp)
        lanes, part, here = np.arange(m), self, t
        low = np.full(m, -1.0) if low is None else low
        high = np.full(m, np.inf) if high is None else high
        for iteration in range(1, _MOST_STEPS + 1):
            step, rising = part.newton_step(here)
            low, high = np.where(rising > 0.0, here, low), np.where(rising < 0.0, here, high)
            reach = 1.0 + here
            step = np.where(step * rising > 0.0, step, 0.3 * reach * rising)
            there = here + np.clip(step, -0.7 * reach, 2.0 * reach)
            inside = (there > low) & (there < high)
            middle = np.where(np.isfinite(high), 0.5 * (low + high), there)
            there = np.where(inside | (step == 0.0), there, middle)
            done = np.abs(there - here) < _SHORT * reach
            found[lanes], iterations[lanes] = there, iteration
            converged[lanes[done]] = True
            keep = ~done & np.isfinite(there)
            if not keep.any():
                break
            lanes, part, here, low, high = (
                lanes[keep],
                part.rows(np.flatnonzero(keep)),
                there[keep],
                low[keep],
                high[keep],
            )
        return found, converged, iterations


def _searched(sample: _Sample) -> tuple[Array, NDArray[np.bool_]]:
    """t at the highest of all maxima with shape > -1, and whether there is one: where a grid shows the slope to turn.

    The grid begins where the shape is -1; the likelihood may rise without bound on the other side.
    """
    t, converged = np.zeros(len(sample.z)), np.zeros(len(sample.z), np.bool_)
    for block in lane_blocks(*sample.z.shape):
        part = sample.rows(np.arange(len(sample.z))[block])
        edge = np.log1p(part.edge())
        grid = np.expm1(edge + (_HIGHEST - edge) * _GRID[:, None])
        rising = np.stack([part.newton_step(at)[1] for at in grid])
        column, row = np.nonzero((rising[:-1] > 0.0) & (rising[1:] <= 0.0))
        some = part.rows(row)
        low, high = grid[column, row], grid[column + 1, row]
        top, found, _ = some.climbed(0.5 * (low + high), low, high)
        order = np.argsort(np.where(found, some.profile(top)[0], -np.inf), kind="stable")  # the highest is written last
        lanes = (np.arange(len(sample.z))[block])[row[order]]
        t[lanes], converged[lanes] = top[order], found[order]
    return t, converged


def penalised_maxima(process: type[Family], excesses: Array, count: Array, penalty: Penalty) -> Maxima:
    """The same of the likelihood times a penalty on the shape, by Newton's method from the plain maximum or near it;
    ``process`` is the family of peaks in time.

    A maximum may sit on the kink of the penalty.
    """
    unit = excesses.sum(axis=-1) / count
    present = np.arange(excesses.shape[-1]) < count[:, None]
    points = Points.of(np.sort(excesses / unit[:, None], axis=-1)[:, ::-1], present, 0.0)
    points = Points.joined(points, Points.of(np.zeros((len(unit), 1)), 0.0, count[:, None]))  # a rate of 1 an event
    model = Model.constant(process)
    plain = gpd_maxima(excesses, count)
    shape = np.clip(np.where(plain.converged, plain.shape, -0.1), -0.3, 0.4)
    start = np.stack([np.log1p(-np.minimum(shape, 0.9)), np.zeros(len(unit)), shape])
    start[0] = np.fmax(start[0], np.log(np.maximum(-1.05 * shape * points.x[:, 0], 1e-300)))
    reach = np.array([0.7, 0.7, 0.4])
    found = newton.maximize(likelihood_of(model, points, penalty), start, max_step=reach)
    scale, _, shape = found.parameters
    scale, converged = np.exp(scale), found.converged
    if penalty.kink is not None:
        on_kink, held = _at_kink(likelihood_of(model, points), penalty, start, reach)
        scale, shape = np.where(on_kink, np.exp(held), scale), np.where(on_kink, penalty.kink, shape)
        converged = converged | on_kink
    return Maxima(scale * unit, shape, converged, found.iterations)


def _at_kink(likelihood: Likelihood, penalty: Penalty, start: Array, reach: Array) -> tuple[NDArray[np.bool_], Array]:
    """Where the likelihood rises up to the kink of the penalty and falls beyond it, and the log scale there."""
    kink = penalty.kink

    def held(lanes: Places, point: Array) -> newton.Evaluation:
        full = likelihood(lanes, np.concatenate([point, np.full((1, point.shape[1]), kink)]))
        return newton.Evaluation(full.value, full.gradient[:-1], full.hessian[:-1, :-1])

    found = newton.maximize(held, np.zeros_like(start[:-1]), max_step=reach[:-1])
    point = np.concatenate([found.parameters, np.full((1, start.shape[1]), kink)])
    slope = likelihood(np.arange(start.shape[1]), point).gradient[-1]
    left, right = penalty.slopes_at_kink()
    return found.converged & (slope + left >= 0.0) & (slope + right <= 0.0), found.parameters[0]


__all__ = ["Maxima", "gpd_maxima", "penalised_maxima"]
