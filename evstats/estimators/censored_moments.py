"""Moments of Pearson type III from observations some of which are only known to lie between bounds."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np

from evstats.arrays import Array, Mask, Places
from evstats.distributions.pe3 import density, partial_moments
from evstats.models.bounded import grouped

#: The skew that the algorithm does not fall below.
_SMALLEST_SKEW = -1.41
_MOST_ITERATIONS, _TOLERANCE = 2_000, 1e-11


# -- expected moments --------------------------------------------------------------------------------------------------


class Moments(NamedTuple):
    """Mean, standard deviation and skew, each (m,), and whether the iteration ended."""

    mean: Array
    std: Array
    skew: Array
    converged: Mask

    @classmethod
    def of(cls, parameters: Array) -> Moments:
        """Of parameters (m, 3) that are known."""
        mean, std, skew = parameters.T
        return cls(mean, std, skew, np.ones(len(parameters), dtype=np.bool_))


@dataclass(frozen=True, eq=False)
class Censored:
    """Samples of values and of bounds, for sums of their powers.

    Attributes
    ----------
    years, exact
        How many values each sample has, and how many of them were measured, (m,).
    centre, squares, cubes
        Mean of those measured, and the sums of their powers about it, (m,).
    smallest, largest
        Of those measured, (m,).
    owner, low, high, number
        The different bounds of all samples in a row, whose they are, and how many values have
        them.
    """

    years: Array
    exact: Array
    centre: Array
    squares: Array
    cubes: Array
    smallest: Array
    largest: Array
    owner: Places
    low: Array
    high: Array
    number: Array

    @classmethod
    def of(cls, low: Array, high: Array) -> Self:
        """Of bounds (m, n), equal where a value was measured, infinite where open, NaN where nothing is known."""
        measured = (low == high) & np.isfinite(low)
        found = grouped(np.where(measured[..., None], np.nan, np.stack([low, high], axis=-1)))
        owner, place = np.nonzero(found.number)
        number = found.number[owner, place]
        exact = np.count_nonzero(measured, axis=-1).astype(np.float64)
        values = np.where(measured, low, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            centre = values.sum(axis=-1) / exact
            apart = np.where(measured, low - centre[:, None], 0.0)
        smallest = np.min(np.where(measured, low, np.inf), axis=-1, initial=np.inf)
        largest = np.max(np.where(measured, low, -np.inf), axis=-1, initial=-np.inf)
        ends = found.lower[owner, place], found.upper[owner, place]
        years = exact + np.bincount(owner, number, minlength=len(low))
        squares, cubes = np.sum(apart**2, axis=-1), np.sum(apart**3, axis=-1)
        return cls(years, exact, centre, squares, cubes, smallest, largest, owner, *ends, number)

    def rows(self, lanes: Mask) -> Self:
        """Some samples, by a mask."""
        there = lanes[self.owner]
        owner = (np.cumsum(lanes) - 1)[self.owner[there]]
        by_bounds = {"low": self.low[there], "high": self.high[there], "number": self.number[there]}
        names = ("years", "exact", "centre", "squares", "cubes", "smallest", "largest")
        return replace(self, owner=owner, **by_bounds, **{name: getattr(self, name)[lanes] for name in names})

    def expected(self, mean: Array, std: Array, skew: Array) -> tuple[Array, list[Array]]:
        """How many values are known by bounds, and the sums of their expected powers one to three about the mean."""
        theta = (own[self.owner] for own in (mean, std, skew))
        each = moments_between(self.low, self.high, *theta)
        m = len(self.years)
        count, *sums = (np.bincount(self.owner, self.number * own, m) for own in (np.ones(self.owner.size), *each))
        return np.asarray(count, dtype=np.float64), [np.asarray(own, dtype=np.float64) for own in sums]


def moments_between(low: Array, high: Array, mean: Array, std: Array, skew: Array) -> list[Array]:
    """E[X - mean], E[(X - mean)^2] and E[(X - mean)^3] of X between two values, given that it is there.

    Where the distribution has no mass there, the nearest end of the bounds counts.
    """
    a, b = (low - mean) / std, (high - mean) / std
    mass, *found = partial_moments(a, b, skew)
    there = mass > 1e-290
    nearest, mass = np.where(np.abs(a) < np.abs(b), a, b), np.where(there, mass, 1.0)
    return [np.where(there, own / mass, nearest**j) * std**j for j, own in enumerate(found, start=1)]


def expected_moments(data: Censored, regional_skew: Array | float = 0.0, weight: Array | float = 0.0) -> Moments:
    """The expected moments algorithm.

    The moments of what was measured, with its usual factors for bias, and of what is expected between the bounds, until
    they are those of the distribution itself. A regional skew counts as ``weight`` years that have it.

    Parameters
    ----------
    data
        M samples.
    regional_skew
        Skew of the region, a number or (m,).
    weight
        Years that it counts for, a number or (m,); 0 without one.

    References
    ----------
    - Cohn, T. A., Lane, W. L. and Baier, W. G. (1997). Water Resources Research 33, 2089-2096.
    - England, J. F. et al. (2019). Guidelines for determining flood flow frequency - Bulletin 17C, appendix 7.
    """
    k = data.exact
    weight, regional = (np.broadcast_to(np.asarray(own, dtype=np.float64), k.shape) for own in (weight, regional_skew))
    with np.errstate(all="ignore"):
        mean, std = data.centre.copy(), np.sqrt(data.squares / (k - 1.0))
        start = k**2 / ((k - 1.0) * (k - 2.0)) * data.cubes / k / std**3
    skew = np.clip(start, _SMALLEST_SKEW, -_SMALLEST_SKEW)
    going = (k > 2.0) & np.isfinite(mean) & np.isfinite(skew) & (std > 0.0)
    converged = np.zeros(k.shape, dtype=np.bool_)
    for _ in range(_MOST_ITERATIONS):
        if not going.any():
            break
        some, lanes = data.rows(going), np.flatnonzero(going)
        region = regional[lanes], weight[lanes]
        now = np.stack([mean[lanes], std[lanes], skew[lanes]])
        once = _step(some, now, *region)
        with np.errstate(invalid="ignore"):
            change = np.max(np.abs(once - now) / [once[1], once[1], np.ones(lanes.size)], axis=0)
        done = change < _TOLERANCE
        new = once if done.all() else np.where(done, once, _extrapolated(now, once, _step(some, once, *region)))
        mean[lanes], std[lanes], skew[lanes] = new
        converged[lanes], going[lanes] = done, ~done & np.isfinite(change)
    return Moments(mean, std, skew, converged)


def _extrapolated(now: Array, once: Array, twice: Array) -> Array:
    """Where two steps of an iteration lead that goes on as they do, (3, m); the second where that is nowhere.

    References
    ----------
    - Varadhan, R. and Roland, C. (2008). Scandinavian Journal of Statistics 35, 335-353, scheme S3.
    """
    with np.errstate(all="ignore"):
        unit = np.stack([once[1], once[1], np.ones(once.shape[1])])
        step, bend = (once - now) / unit, (twice - 2.0 * once + now) / unit
        length = np.maximum(np.sqrt(np.sum(step**2, axis=0) / np.sum(bend**2, axis=0)), 1.0)
        found = now + unit * (2.0 * length * step + length**2 * bend)
        sound = np.isfinite(found).all(axis=0) & (found[1] > 0.2 * once[1]) & (found[1] < 5.0 * once[1])
        sound &= (found[2] > _SMALLEST_SKEW) & (np.abs(found[2] - once[2]) < 1.0)
    return np.where(sound, found, twice)


def _step(data: Censored, moments: Array, regional: Array, weight: Array) -> Array:
    """The moments (3, m) from what is expected by the last ones."""
    mean, std, skew = moments
    n, k = data.years, data.exact
    second, third = k / (k - 1.0), k**2 / ((k - 1.0) * (k - 2.0))
    others, (e1, e2, e3) = data.expected(mean, std, skew)
    new_mean = (k * data.centre + e1 + others * mean) / n
    moved = mean - new_mean
    # moments about the new mean, from those about the old
    e3 = e3 + 3.0 * moved * e2 + 3.0 * moved**2 * e1 + moved**3 * others
    e2 = e2 + 2.0 * moved * e1 + moved**2 * others
    off = data.centre - new_mean
    squares = data.squares + k * off**2
    cubes = data.cubes + 3.0 * off * data.squares + k * off**3
    new_std = np.sqrt((second * squares + e2) / n)
    new_skew = (third * cubes + e3 + weight * regional * new_std**3) / ((n + weight) * new_std**3)
    # the largest of what was measured stays inside the support
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(data.largest > new_mean, -2.0 * new_std / (data.largest - new_mean), -np.inf)
    return np.stack([new_mean, new_std, np.maximum(new_skew, np.maximum(_SMALLEST_SKEW, room) * (1.0 - 1e-9))])


def skew_error(skew: Array, n: Array) -> Array:
    """The mean square error of the skew of n values.

    References
    ----------
    - Bulletin 17B (1982), equation 6, with n up to 150 as in Bulletin 17C.
    """
    size, n = np.abs(skew), np.minimum(n, 150.0)
    a = np.where(size <= 0.9, -0.33 + 0.08 * size, -0.52 + 0.30 * size)
    b = np.where(size <= 1.5, 0.94 - 0.26 * size, 0.55)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 10.0 ** (a - b * np.log10(n / 10.0))


# -- their uncertainty -------------------------------------------------------------------------------------------------

#: The step of derivatives in the skew, of functions that are smooth in it.
STEP = 1e-4


@dataclass(frozen=True, eq=False)
class Watch:
    """From which level on the peak of each year would have been measured.

    Attributes
    ----------
    level
        The different levels of every sample, (m, levels), -inf where any peak was measured.
    years
        How many years have them, (m, levels).
    regional_weight, regional_mse
        Years that a regional skew counts for, (m,), and its mean square error.
    """

    level: Array
    years: Array
    regional_weight: Array
    regional_mse: float = 0.0

    @classmethod
    def of(cls, seen_from: Array, regional_weight: Array | float = 0.0, regional_mse: float = 0.0) -> Self:
        """Of the levels of every year (m, n), NaN where nothing was watched."""
        found = grouped(np.stack([seen_from, seen_from], axis=-1))
        weight = np.broadcast_to(np.asarray(regional_weight, dtype=np.float64), seen_from.shape[:1])
        return cls(np.where(found.number > 0.0, found.lower, -np.inf), found.number, weight, regional_mse)

    def rows(self, lanes: Mask | Places) -> Self:
        """Some samples."""
        return type(self)(self.level[lanes], self.years[lanes], self.regional_weight[lanes], self.regional_mse)


def covariance(watch: Watch, moments: Moments) -> Array:
    """The asymptotic covariance of mean, standard deviation and skew, (m, 3, 3).

    That of the roots of the algorithm's equations: a year brings its peak where that is above the level from which it
    was seen, and else what is expected below.

    Parameters
    ----------
    watch
        What was seen, of m samples.
    moments
        Of the distribution, (m,).

    References
    ----------
    - Cohn, T. A., Lane, W. L. and Stedinger, J. R. (2001). Water Resources Research 37, 1695-1706.
    """
    scale = moments.std
    b, skew = np.broadcast_arrays((watch.level - moments.mean[:, None]) / scale[:, None], moments.skew[:, None])
    weight, n = watch.regional_weight, watch.years.sum(axis=-1)

    def over_years(each: Array) -> Array:
        return np.sum(watch.years * each, axis=-1)

    below, given = _below(b, skew)
    above = partial_moments(b, np.inf, skew, 6)
    mean_of = [above[j] + below * given[j] for j in range(4)]
    brought, moved = np.zeros((2, *scale.shape, 3, 3))
    for i, j in itertools.product((1, 2, 3), repeat=2):
        brought[:, i - 1, j - 1] = over_years(above[i + j] + below * given[i] * given[j] - mean_of[i] * mean_of[j])
    brought[:, 2, 2] += weight**2 * watch.regional_mse
    place = np.where(np.isinf(b), 0.0, b)
    at_edge = np.where(np.isinf(b), 0.0, density(place, skew))
    up, down = (_below(b, skew + step)[1] for step in (STEP, -STEP))
    for j in (1, 2, 3):
        edge = at_edge * (place**j - given[j])
        moved[:, j - 1, 0] = over_years(-j * above[j - 1] - edge)
        moved[:, j - 1, 1] = over_years(below * j * given[j] - edge * place)
        moved[:, j - 1, 2] = over_years(below * (up[j] - down[j]) / (2.0 * STEP))
    moved[:, 1, 1] -= 2.0 * n
    moved[:, 2, 1] -= 3.0 * n * moments.skew
    moved[:, 2, 2] -= n + weight
    inverse = np.linalg.inv(moved)
    standard = inverse @ brought @ np.swapaxes(inverse, -1, -2)
    unit = np.stack([scale, scale, np.ones_like(scale)], axis=-1)
    return 0.5 * (standard + np.swapaxes(standard, -1, -2)) * (unit[:, :, None] * unit[:, None, :])


def _below(b: Array, skew: Array) -> tuple[Array, list[Array]]:
    """The probability below b, and the moments given that: of order 0 to 3, 0 where nothing is below."""
    found = partial_moments(-np.inf, b, skew)
    there = found[0] > 1e-290
    return found[0], [np.where(there, own, 0.0) / np.where(there, found[0], 1.0) for own in found]


__all__ = ["Censored", "Moments", "Watch", "covariance", "expected_moments", "skew_error"]
