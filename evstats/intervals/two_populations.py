"""Intervals of a level of two populations: the signed root of its profile likelihood, calibrated by simulation.

With psi the level of reduced variate y, F(psi) = exp(-exp(-y)), and w the share of the first component in the rate of
exceedances there, F = exp(-R1 - R2) with R1 = w exp(-y - (x - psi)/scale1) and R2 = (1 - w) exp(-y - (x -
psi)/scale2). Where psi and y are held, both log scales and logit w are free.

The profile is the highest of all parameters that have a fit's bounds: scales that differ by at most a factor, and a
component of lesser scale that owns observations, without which the likelihood has no bound. The other component may own
none: far above the estimate a population that has not been seen explains the observations best, and a profile among
interior maxima alone would break off there (it held the level of two truths in .83 to .90 of samples of 60).

So the root is nearly normal. What is left is skewed, and by how much depends on how far the second component shows: the
mean and the standard deviation of the root are simulated (DiCiccio, Martin and Stern 2001) at the constrained estimate
(Lee and Young 2005). At the estimate itself they are not, since a sample that shows the second component by chance is
fitted by a distribution whose samples show it too: quantiles from there held .89 to .91 where the plain root held .93.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.special
from scipy.optimize import elementwise

from evstats import newton, noise, progress
from evstats.arrays import Array, Places
from evstats.distributions import Gumbel, TwoComponentGumbel
from evstats.distributions.two_component import FARTHEST_RATIO, is_proper
from evstats.errors import EvstatsWarning
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.estimators.lanes import keep_freed_memory
from evstats.intervals.base import lanes_of_one_size
from evstats.intervals.root_table import VARIATES, between
from evstats.notes import Note
from evstats.quantities import Quantity
from evstats.simulated import kept

REPLICATES, SEED = 400, 20_261_128
#: Samples are drawn at the limits of this score, whatever the confidence asked for, so that limits are nested.
_SCORE = 1.96
#: So many samples are drawn at least; where fewer of them than the second number have a fit, the root is left as it is.
FEWEST_REPLICATES, _FEWEST_FITTED = 20, 10

#: Starts of a climb: the first scale in standard deviations, the second over the first, logits of w. The best of each
#: ratio is one.
_SCALES = np.array([0.27, 0.47, 0.67, 0.87])
_RATIOS = np.array([1.2, 2.0, 4.0, 8.0, FARTHEST_RATIO])
_LOGITS = np.arange(-9.0, 9.1, 1.5)
_MOST_LOGIT = 300.0
_MAX_STEP = np.array([0.5, 0.5, 1.5])
#: All starts climb so far; the highest of them are finished.
_FIRST_STEPS, _MOST_STEPS, _FINISHED = 25, 60, 3
_FIRST_TOLERANCE, _TOLERANCE = 1e-3, 1e-9
#: Starts of one population: log scale over the standard deviation.
_GUMBEL_LOGS = np.linspace(-3.0, 2.5, 23)
#: How many scales a population that is never the greater lies below the other.
_BELOW = 50.0
#: Samples at a time, so that what a step needs stays in the processor's cache.
_SAMPLES = 128
#: A limit is good to this share of its distance from the estimate, or of the first step from there, which is doubled so
#: often at most.
_LIMIT_TOLERANCE, _MOST_DOUBLINGS = 1e-7, 40
#: So near to a variate of the table a level has its quantiles.
_SHARE = 1e-6


# ---------------------------------------------------------------- limits


@dataclass(frozen=True)
class Adjustment:
    """How the signed root of a level is told to be within the limits: by its normal score, as it is."""

    def moments(self, samples: Samples, lane: Places, side: Places, variate: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the root of each row: of levels below the estimate (side 0) or above (1)."""
        return np.zeros(lane.size), np.ones(lane.size)


def limits_of_two(
    estimation: Estimation, quantity: Quantity, confidence: float, adjustment: Adjustment
) -> tuple[Array, Array]:
    """Lower and upper limits of levels, or of their periods and probabilities, shape batch + (questions,)."""
    batch, n = estimation.values.shape[:-1], estimation.values.shape[-1]
    values = estimation.values.reshape(math.prod(batch), n)
    fitted = estimation.estimate.parameters.reshape(len(values), 4)
    limits = np.full((2, len(values), quantity.questions.size), np.nan)
    score = float(scipy.special.ndtri(0.5 + 0.5 * confidence))
    for lanes, x in lanes_of_one_size(values, ~np.isnan(fitted[:, 0]), 2 * n * quantity.questions.size):
        estimate = quantity(TwoComponentGumbel.from_parameters(fitted[lanes]))
        limits[:, lanes] = _limits(Samples.of(x, fitted[lanes]), quantity, estimate, score, adjustment)
    lower, upper = limits.reshape(2, *batch, -1)
    return lower, upper


def _limits(samples: Samples, quantity: Quantity, estimate: Array, score: float, adjustment: Adjustment) -> Array:
    """Lower and upper limits (2, m, questions), the estimates (m, questions) within."""
    shape = 2, len(samples.x), quantity.questions.size
    side, lane, _ = (part.ravel() for part in np.indices(shape))
    standard = Gumbel.from_parameters([0.0, 1.0])
    asked = np.broadcast_to(quantity(standard) if quantity.in_data_unit else quantity.questions, shape).ravel()
    if quantity.in_data_unit:
        found = _levels(samples, lane, asked, _cutoff(side, score, *adjustment.moments(samples, lane, side, asked)))
    else:
        side = 1 - side  # a variate is high where its level is low
        plain = _variates(samples, lane, asked, _cutoff(side, _SCORE))
        cutoff = _cutoff(side, score, *adjustment.moments(samples, lane, side, plain))
        found = quantity.at(standard, _variates(samples, lane, asked, cutoff))
    lower, upper = np.sort(found.reshape(shape), axis=0)
    return np.stack([np.fmin(lower, estimate), np.fmax(upper, estimate)])  # to the last digit


def _cutoff(side: Places, score: float, mean: Array | float = 0.0, deviation: Array | float = 1.0) -> Array:
    """The root at a limit: high where the level is below the estimate (side 0), low above (1); never on the other side
    of the estimate.
    """
    sign = 1.0 - 2.0 * side
    return sign * np.maximum(sign * mean + score * deviation, 0.0)


def _levels(samples: Samples, lane: Places, variate: Array, cutoff: Array) -> Array:
    """The levels of variates at which the root passes its cut-off."""

    def fallen(level: Array, row: Places) -> Array:
        return cutoff[row] - samples.roots(lane[row], level, variate[row])

    return _crossing(fallen, samples.levels(lane, variate), 0.2 * np.std(samples.x, axis=1)[lane])


def _variates(samples: Samples, lane: Places, level: Array, cutoff: Array) -> Array:
    """The variates of levels at which the root passes its cut-off."""

    def risen(variate: Array, row: Places) -> Array:
        return samples.roots(lane[row], level[row], variate) - cutoff[row]

    return _crossing(risen, samples.variates(lane, level), np.full(lane.size, 0.3))


def _crossing(excess: Callable[[Array, Places], Array], start: Array, step: Array) -> Array:
    """Where a function of a value and its row passes from below 0 to above; infinite where it does not."""
    rows = np.arange(start.size)

    def at(steps: Array, row: Places) -> Array:
        return excess(start[row] + step[row] * steps, row)

    ends = np.full(start.size, -1.0), np.ones(start.size)
    around = elementwise.bracket_root(at, *ends, args=(rows,), maxiter=_MOST_DOUBLINGS)
    found = elementwise.find_root(
        at, around.bracket, args=(rows,), tolerances={"xatol": _LIMIT_TOLERANCE, "xrtol": _LIMIT_TOLERANCE}
    )
    beyond = np.where(around.f_bracket[1] < 0.0, np.inf, -np.inf)
    return np.asarray(np.where(around.success, start + step * found.x, beyond))


# ---------------------------------------------------------------- the distribution of the root


@dataclass(frozen=True)
class Simulated(Adjustment):
    """By its mean and standard deviation among samples drawn from the constrained estimate at the limit of the plain
    root.
    """

    replicates: int
    seed: int

    def moments(self, samples: Samples, lane: Places, side: Places, variate: Array) -> tuple[Array, Array]:
        """Interpolated in the variate, between those at which samples are drawn."""
        place, share = between(variate)
        share = np.where(share > 1.0 - _SHARE, 1.0, np.where(share < _SHARE, 0.0, share))
        corners = np.stack([np.concatenate([place, place + 1]), np.tile(lane, 2), np.tile(side, 2)])
        needed = np.unique(corners[:, np.concatenate([share < 1.0, share > 0.0])], axis=1)
        table = np.zeros((2, VARIATES.size, len(samples.x), 2))
        truths = self._at_limits(samples, *needed)
        rows, fewest = list(zip(*needed.tolist(), truths.tolist(), strict=True)), self.replicates
        for at, one, below, truth in progress.each(rows, "intervals", unit="limit"):
            own = tuple(truth), samples.x.shape[1], at
            *table[:, at, one, below], usable = _moments(*own, self.replicates, self.seed)
            fewest = min(fewest, int(usable))
        if fewest < _FEWEST_FITTED:
            few = Note("few_usable_samples", usable=fewest, replicates=self.replicates, least=_FEWEST_FITTED)
            warnings.warn(few, EvstatsWarning, stacklevel=2)
        low, high = table[:, place, lane, side], table[:, place + 1, lane, side]
        mean, deviation = (1.0 - share) * low + share * high
        return mean, deviation

    def _at_limits(self, samples: Samples, place: Places, lane: Places, side: Places) -> Array:
        """The constrained estimates (rows, 4) at the limits that would hold without adjustment."""
        variate = VARIATES[place]
        level = _levels(samples, lane, variate, _cutoff(side, _SCORE))
        level = np.where(np.isfinite(level), level, samples.levels(lane, variate))
        return samples.held(lane, level, variate).parameters


@kept
def _moments(truth: tuple[float, ...], n: int, place: int, replicates: int, seed: int) -> tuple[float, float, int]:
    """Mean and standard deviation of the root of the true level of a variate among ``VARIATES``, of how many samples.

    Kept by value: the table, the curve and the report of a fit ask for the same.
    """
    family = TwoComponentGumbel(*truth)
    x = np.asarray(family.from_gumbel(noise.gumbel((replicates, n), rng=[seed, n])))
    fitted = MaximumLikelihood().estimate(TwoComponentGumbel, x)
    samples = Samples.of(x[fitted.converged], fitted.parameters[fitted.converged])
    every = np.arange(len(samples.x))
    if every.size < _FEWEST_FITTED:
        return 0.0, 1.0, every.size
    level, variate = (np.full(every.size, each) for each in (family.from_gumbel(VARIATES[place]), VARIATES[place]))
    roots = samples.roots(every, level, variate)
    return float(np.mean(roots)), float(np.std(roots)), every.size


# ---------------------------------------------------------------- the profile


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples (m, n) that have fits of two populations (m, 4), and the maximum of the log-likelihood, (m,).

    One population, which two become as the second vanishes, may have the higher maximum.
    """

    x: Array
    fitted: Array
    best: Array

    @classmethod
    def of(cls, x: Array, fitted: Array) -> Samples:
        """With their maxima."""
        one = MaximumLikelihood().estimate(Gumbel, x).parameters
        heights = (
            family.from_parameters(parameters)[:, None].logpdf(x).sum(axis=1)
            for family, parameters in ((TwoComponentGumbel, fitted), (Gumbel, one))
        )
        return cls(x, fitted, np.fmax(*heights))

    def levels(self, lanes: Places, variate: Array) -> Array:
        """The fitted levels of variates."""
        return np.asarray(TwoComponentGumbel.from_parameters(self.fitted[lanes]).from_gumbel(variate))

    def variates(self, lanes: Places, level: Array) -> Array:
        """The fitted variates of levels."""
        return np.asarray(TwoComponentGumbel.from_parameters(self.fitted[lanes]).reduced(level))

    def held(self, lanes: Places, level: Array, variate: Array) -> Height:
        """The profile where a level has a variate."""
        return profile(self.x[lanes], level, variate, self.fitted[lanes])

    def roots(self, lanes: Places, level: Array, variate: Array) -> Array:
        """sign(fitted level - level) sqrt(2 (maximum - profile)), where a level has a variate."""
        height = self.held(lanes, level, variate).value
        fall = 2.0 * (self.best[lanes] - height)
        return np.sign(variate - self.variates(lanes, level)) * np.sqrt(np.maximum(fall, 0.0))


def profile(x: Array, level: Array, variate: Array, near: Array) -> Height:
    """The highest log-likelihood of samples (m, n) in which a level each has the variate, climbed from a grid and from
    parameters ``near`` (m, 4).

    Among maxima of two populations, those where their scales are as far apart as they may be, and those of one. The
    population of greater scale may own any number of observations, or none: a level may be far beyond them.
    """
    keep_freed_memory()
    parts = [slice(start, start + _SAMPLES) for start in range(0, len(x), _SAMPLES)]
    found = [_profile(Held(x[i], level[i], variate[i]), near[i]) for i in parts]
    return Height(*(np.concatenate(part) for part in zip(*found, strict=True)))


class Height(NamedTuple):
    """The profile of samples at a level each: its height (m,), and the parameters (m, 4) that reach it."""

    value: Array
    parameters: Array

    @classmethod
    def highest(cls, value: Array, parameters: Array) -> Height:
        """Of candidates (k, m) and (k, m, 4)."""
        best, lanes = value.argmax(axis=0), np.arange(value.shape[1])
        return cls(value[best, lanes], parameters[best, lanes])


def _profile(held: Held, near: Array) -> Height:
    *grid, edge = held.starts()
    inner = _highest(held, held, np.stack([*grid, held.free(near)]))
    candidates = inner, _highest(held, held.at_edge, edge[None, [0, 2]]), held.alone()
    return Height.highest(*(np.stack(part) for part in zip(*candidates, strict=True)))


def _highest(held: Held, objective: newton.Objective, starts: Array) -> Height:
    """The highest proper maximum from starts (k, free, m)."""
    m, step = len(held.x), _MAX_STEP[-starts.shape[1] :]
    owner = np.tile(np.arange(m), len(starts))

    def climb(start: Array, owner: Places, tolerance: float, most: int) -> newton.Maximum:
        return newton.maximize(
            lambda lanes, point: objective(owner[lanes], point),
            start,
            max_step=step,
            tolerance=tolerance,
            max_iterations=most,
        )

    found = climb(np.concatenate(starts, axis=1), owner, _FIRST_TOLERANCE, _FIRST_STEPS)
    value = np.where(np.isnan(found.value), -np.inf, found.value).reshape(-1, m)
    order = np.argsort(-value, axis=0, kind="stable")[:_FINISHED]
    chosen = (order * m + np.arange(m)).ravel()
    found = climb(found.parameters[:, chosen], owner[chosen], _TOLERANCE, _MOST_STEPS)
    point = found.parameters if len(found.parameters) == 3 else _from_edge(found.parameters)
    parameters = held.natural(owner[chosen], point)
    proper = found.converged & is_proper(held.x[owner[chosen]], parameters, fewest_of_greater=0.0)
    return Height.highest(np.where(proper, found.value, -np.inf).reshape(-1, m), parameters.reshape(-1, m, 4))


def _from_edge(point: Array) -> Array:
    """Log scales and logit (3, m) where the second scale is as far from the first as it may be."""
    return np.stack([point[0], point[0] + np.log(FARTHEST_RATIO), point[1]])


@dataclass(frozen=True, eq=False)
class Held:
    """Samples (m, n) of which a level each, (m,), has a reduced variate."""

    x: Array
    level: Array
    variate: Array

    def __call__(self, lanes: Places, point: Array) -> newton.Evaluation:
        """The log-likelihood and its derivatives in (log scale1, log scale2, logit w) at points (3, m)."""
        off, variate = self.x[lanes] - self.level[lanes, None], self.variate[lanes, None]
        w, other = scipy.special.expit(point[2])[:, None], scipy.special.expit(-point[2])[:, None]
        with np.errstate(all="ignore"):
            inverse, inverse2 = np.exp(-point[0])[:, None], np.exp(-point[1])[:, None]
            u, u2 = off * inverse, off * inverse2
            rate, rate2 = w * np.exp(-variate - u), other * np.exp(-variate - u2)
            hazard = rate * inverse + rate2 * inverse2
            share = rate * inverse / hazard
            share2, t, t2 = 1.0 - share, u - 1.0, u2 - 1.0
            both = share * share2
            tilted, tilted2 = both * t, both * t2
            owned, rates, rates2, shared = (each.sum(axis=1) for each in (share, rate, rate2, both))
            e, e2, u_owned, u2_owned = (np.vecdot(*pair) for pair in ((rate, u), (rate2, u2), (share, u), (share2, u2)))
            owned2, w, other = len(off.T) - owned, w[:, 0], other[:, 0]
            moved = rates * other - rates2 * w
            value = np.log(hazard).sum(axis=1) - rates - rates2
            gradient = [u_owned - owned - e, u2_owned - owned2 - e2, owned - len(off.T) * w - moved]
            aa = np.vecdot(tilted, t) - u_owned - np.vecdot(rate * u, t)
            bb = np.vecdot(tilted2, t2) - u2_owned - np.vecdot(rate2 * u2, t2)
            cc = shared - len(off.T) * w * other - moved * (other - w)
            ab, ac = -np.vecdot(tilted, t2), tilted.sum(axis=1) - e * other
            bc = e2 * w - tilted2.sum(axis=1)
        matrix = np.array([[aa, ab, ac], [ab, bb, bc], [ac, bc, cc]])
        return newton.Evaluation(value, np.array(gradient), matrix)

    def at_edge(self, lanes: Places, point: Array) -> newton.Evaluation:
        """The same in (log scale1, logit w), where the second scale is as far from the first as it may be."""
        value, gradient, hessian = self(lanes, _from_edge(point))
        into = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        return newton.Evaluation(value, into.T @ gradient, np.einsum("ia,ijm,jb->abm", into, hessian, into))

    def natural(self, lanes: Places, point: Array) -> Array:
        """Parameters (m, 4) at points (3, m)."""
        with np.errstate(all="ignore"):
            scale, scale2 = np.exp(point[:2])
            level, variate = self.level[lanes], self.variate[lanes]
            loc = level + scale * (scipy.special.log_expit(point[2]) - variate)
            loc2 = level + scale2 * (scipy.special.log_expit(-point[2]) - variate)
            return np.stack([loc, scale, loc2, scale2], axis=-1)

    def free(self, parameters: Array) -> Array:
        """The points (3, m) with the scales and the share of parameters (m, 4)."""
        loc, scale, loc2, scale2 = parameters.T
        logit = (self.level - loc2) / scale2 - (self.level - loc) / scale
        return np.stack([np.log(scale), np.log(scale2), np.clip(logit, -_MOST_LOGIT, _MOST_LOGIT)])

    def starts(self) -> Array:
        """The highest points of a grid, one for each ratio of the scales, (ratios, 3, m)."""
        spread, off = np.std(self.x, axis=1), self.x - self.level[:, None]
        best = np.full((_RATIOS.size, len(off)), -np.inf)
        point = np.zeros((_RATIOS.size, 3, len(off)))
        for first in _SCALES:
            scale = first * spread[:, None]
            for i, ratio in enumerate(_RATIOS):
                with np.errstate(all="ignore"):
                    rate, rate2 = (np.exp(-self.variate[:, None] - off / own) for own in (scale, ratio * scale))
                    total, total2 = rate.sum(axis=1), rate2.sum(axis=1)
                    for logit, w in zip(_LOGITS, scipy.special.expit(_LOGITS), strict=True):
                        hazard = w * rate + (1.0 - w) / ratio * rate2
                        value = np.log(hazard).sum(axis=1) - w * total - (1.0 - w) * total2
                        value -= len(off.T) * np.log(scale[:, 0])
                        here = np.stack([np.log(scale[:, 0]), np.log(ratio * scale[:, 0]), np.full(len(off), logit)])
                        point[i] = np.where(value > best[i], here, point[i])
                        best[i] = np.fmax(value, best[i])
        return point

    def alone(self) -> Height:
        """The maximum of one Gumbel population in which the level has the variate."""
        off, variate = self.x - self.level[:, None], self.variate[:, None]

        def at(lanes: Places, point: Array) -> newton.Evaluation:
            with np.errstate(all="ignore"):
                u = off[lanes] * np.exp(-point[0])[:, None]
                rate = np.exp(-variate[lanes] - u)
                value = (-point[0][:, None] - variate[lanes] - u - rate).sum(axis=1)
                gradient, hessian = (u - 1.0 - rate * u).sum(axis=1), (rate * u - u - rate * u * u).sum(axis=1)
            return newton.Evaluation(value, gradient[None], hessian[None, None])

        everyone = np.arange(len(off))
        grid = np.log(np.std(self.x, axis=1)) + _GUMBEL_LOGS[:, None]
        heights = np.stack([at(everyone, row[None]).value for row in grid])
        start = np.take_along_axis(grid, np.nanargmax(heights, axis=0)[None], axis=0)
        found = newton.maximize(at, start, max_step=_MAX_STEP[:1], tolerance=_TOLERANCE)
        scale = np.exp(found.parameters[0])
        loc = self.level - scale * self.variate
        # of two populations, the second so far below that it is never the greater
        return Height(found.value, np.stack([loc, scale, loc - _BELOW * scale, scale], axis=-1))
