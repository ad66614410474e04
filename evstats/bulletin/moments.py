"""Moments of Pearson type III from observations some of which are only known to lie between bounds."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from evstats.arrays import Array, Mask, Places
from evstats.bulletin.pearson import moments_between, partial_moments, pearson_pdf, pearson_quantile

#: The skew that the algorithm does not fall below.
_SMALLEST_SKEW = -1.41
_MOST_ITERATIONS, _TOLERANCE = 2_000, 1e-11


# -- expected moments --------------------------------------------------------------------------------------------------


class Moments(NamedTuple):
    """Mean, standard deviation and skew of logarithms, each (m,), and whether the iteration ended."""

    mean: Array
    std: Array
    skew: Array
    converged: Mask


@dataclass(frozen=True, eq=False)
class Intervals:
    """What is known of each year: that the logarithm lies between ``low`` and ``high``, (m, n), equal where it was
    measured, NaN where nothing was watched."""

    low: Array
    high: Array

    @property
    def exact(self) -> Mask:
        """Which values were measured."""
        return self.low == self.high

    @property
    def known(self) -> Mask:
        """Which years were watched at all."""
        return ~np.isnan(self.low)


def expected_moments(data: Intervals, regional_skew: float = 0.0, weight: Array | float = 0.0) -> Moments:
    """The expected moments algorithm.

    The moments of what was measured, with its usual factors for bias, and of what is expected between the bounds, until
    they are those of the distribution itself. A regional skew counts as ``weight`` years that have it.

    Parameters
    ----------
    data : of m series.
    regional_skew : skew of the region.
    weight : years that it counts for, a number or (m,); 0 without one.

    References
    ----------
    Cohn, T. A., Lane, W. L. and Baier, W. G. (1997). Water Resources Research 33, 2089-2096.
    England, J. F. et al. (2019). Guidelines for determining flood flow frequency - Bulletin 17C, appendix 7.
    """
    exact, known = data.exact, data.known
    some = known & ~exact
    n, k = known.sum(axis=-1).astype(np.float64), exact.sum(axis=-1).astype(np.float64)
    second, third = k / (k - 1.0), k**2 / ((k - 1.0) * (k - 2.0))
    weight = np.broadcast_to(np.asarray(weight, dtype=np.float64), n.shape)
    middle = np.where(exact, data.low, np.nan)
    mean, std = np.nanmean(middle, axis=-1), np.nanstd(middle, axis=-1, ddof=1)
    skew = np.clip(third * np.nanmean((middle - mean[:, None]) ** 3, axis=-1) / std**3, _SMALLEST_SKEW, -_SMALLEST_SKEW)
    converged = np.zeros(len(n), dtype=np.bool_)
    largest = np.nanmax(np.where(exact, data.low, -np.inf), axis=-1, initial=-np.inf)
    values = np.where(exact, data.low, 0.0)
    for _ in range(_MOST_ITERATIONS):
        lanes = np.flatnonzero(~converged)
        if not lanes.size:
            break
        between = _expected(data, some, lanes, mean, std, skew)
        e1, e2, e3 = (np.where(some[lanes], own, 0.0).sum(axis=-1) for own in between)
        old, others = mean[lanes], some[lanes].sum(axis=-1)
        new_mean = (values[lanes].sum(axis=-1) + e1 + others * old) / n[lanes]
        moved = old - new_mean
        # moments about the new mean, from those about the old
        e3 = e3 + 3.0 * moved * e2 + 3.0 * moved**2 * e1 + moved**3 * others
        e2 = e2 + 2.0 * moved * e1 + moved**2 * others
        apart = np.where(exact[lanes], values[lanes] - new_mean[:, None], 0.0)
        variance = (second[lanes] * np.sum(apart**2, axis=-1) + e2) / n[lanes]
        new_std = np.sqrt(variance)
        cubes = third[lanes] * np.sum(apart**3, axis=-1) + e3 + weight[lanes] * regional_skew * new_std**3
        new_skew = cubes / ((n[lanes] + weight[lanes]) * new_std**3)
        # the largest of what was measured stays inside the support
        floor = np.maximum(
            _SMALLEST_SKEW, np.where(largest[lanes] > new_mean, -2.0 * new_std / (largest[lanes] - new_mean), -np.inf)
        )
        new_skew = np.maximum(new_skew, floor * (1.0 - 1e-9))
        change = np.max(
            np.abs([new_mean - old, new_std - std[lanes], new_skew - skew[lanes]])
            / [new_std, new_std, np.ones(lanes.size)],
            axis=0,
        )
        mean[lanes], std[lanes], skew[lanes] = new_mean, new_std, new_skew
        converged[lanes] = change < _TOLERANCE
    return Moments(mean, std, skew, converged)


def _expected(data: Intervals, some: Mask, lanes: Places, mean: Array, std: Array, skew: Array) -> list[Array]:
    low, high = data.low[lanes], data.high[lanes]
    theta = (own[lanes][:, None] for own in (mean, std, skew))
    low, high = np.where(some[lanes], low, -np.inf), np.where(some[lanes], high, np.inf)
    return moments_between(low, high, *theta)


def skew_error(skew: Array, n: Array) -> Array:
    """The mean square error of the skew of n values.

    References
    ----------
    Bulletin 17B (1982), equation 6, with n up to 150 as in Bulletin 17C.
    """
    size, n = np.abs(skew), np.minimum(n, 150.0)
    a = np.where(size <= 0.9, -0.33 + 0.08 * size, -0.52 + 0.30 * size)
    b = np.where(size <= 1.5, 0.94 - 0.26 * size, 0.55)
    return 10.0 ** (a - b * np.log10(n / 10.0))


# -- their uncertainty -------------------------------------------------------------------------------------------------

#: The step of derivatives in the skew, of functions that are smooth in it.
_STEP = 1e-4


def covariance(seen_from: Array, moments: Moments, weight: Array | float = 0.0, regional_mse: float = 0.0) -> Array:
    """The asymptotic covariance of mean, standard deviation and skew, (m, 3, 3).

    That of the roots of the algorithm's equations: a year brings its peak where that is above the threshold from which
    it was seen, and else what is expected below.

    Parameters
    ----------
    seen_from : logarithms of these thresholds, (m, n); -inf where any peak was measured, NaN where nothing was watched.
    moments : of the distribution, (m,).
    weight, regional_mse : years that a regional skew counts for, and its mean square error.

    References
    ----------
    Cohn, T. A., Lane, W. L. and Stedinger, J. R. (2001). Water Resources Research 37, 1695-1706.
    """
    years = ~np.isnan(seen_from)
    skew, scale = moments.skew[:, None], moments.std
    b = np.where(years, (seen_from - moments.mean[:, None]) / scale[:, None], -np.inf)
    weight = np.broadcast_to(np.asarray(weight, dtype=np.float64), scale.shape)

    def over_years(each: Array) -> Array:
        return np.where(years, each, 0.0).sum(axis=-1)

    below, given = _below(b, skew)
    above = partial_moments(b, np.full_like(b, np.inf), skew, 6)
    mean_of = [above[j] + below * given[j] for j in range(4)]
    brought, moved = np.zeros((2, *scale.shape, 3, 3))
    for i, j in itertools.product((1, 2, 3), repeat=2):
        brought[:, i - 1, j - 1] = over_years(above[i + j] + below * given[i] * given[j] - mean_of[i] * mean_of[j])
    brought[:, 2, 2] += weight**2 * regional_mse
    density, place = pearson_pdf(b, skew), np.where(np.isinf(b), 0.0, b)
    up, down = (_below(b, skew + step)[1] for step in (_STEP, -_STEP))
    n = over_years(np.ones_like(b))
    for j in (1, 2, 3):
        edge = density * (place**j - given[j])
        moved[:, j - 1, 0] = over_years(-j * above[j - 1] - edge)
        moved[:, j - 1, 1] = over_years(below * j * given[j] - edge * place)
        moved[:, j - 1, 2] = over_years(below * (up[j] - down[j]) / (2.0 * _STEP))
    moved[:, 1, 1] -= 2.0 * n
    moved[:, 2, 1] -= 3.0 * n * moments.skew
    moved[:, 2, 2] -= n + weight
    inverse = np.linalg.inv(moved)
    standard = inverse @ brought @ np.swapaxes(inverse, -1, -2)
    unit = np.stack([scale, scale, np.ones_like(scale)], axis=-1)
    return standard * unit[:, :, None] * unit[:, None, :]


def _below(b: Array, skew: Array) -> tuple[Array, list[Array]]:
    """The probability below b, and the moments given that: of order 0 to 3, 0 where nothing is below."""
    found = partial_moments(np.full_like(b, -np.inf), b, skew)
    there = found[0] > 1e-290
    return found[0], [np.where(there, own, 0.0) / np.where(there, found[0], 1.0) for own in found]


def quantile_limits(
    p: Array,
    seen_from: Array,
    moments: Moments,
    confidence: float,
    weight: Array | float = 0.0,
    regional_mse: float = 0.0,
) -> tuple[Array, Array]:
    """Limits of the quantiles at probabilities (q,) of the logarithms, (m, q) each.

    Quantile and standard error depend on one another: q + s t/(1 - b t), where b is the regression of the standard
    error on the quantile and t has the degrees of freedom at which the rest of the standard error varies as that of
    normal samples does.

    References
    ----------
    Cohn, T. A., Lane, W. L. and Stedinger, J. R. (2001). Water Resources Research 37, 1695-1706, equations 19 to 23.
    """
    import scipy.stats

    def told(at: Moments) -> tuple[Array, Array, Array]:
        cov = covariance(seen_from, at, weight, regional_mse)
        k, up, down = (pearson_quantile(p, at.skew[:, None] + step) for step in (0.0, _STEP, -_STEP))
        gradient = np.stack([np.ones_like(k), k, at.std[:, None] * (up - down) / (2.0 * _STEP)], axis=-1)
        return cov, gradient, np.sqrt(np.einsum("mqi,mij,mqj->mq", gradient, cov, gradient))

    cov, gradient, error = told(moments)
    steps = np.stack([1e-4 * moments.std, 1e-4 * moments.std, np.full_like(moments.std, _STEP)])
    slopes = []
    for name, step in zip(("mean", "std", "skew"), steps, strict=True):
        value = getattr(moments, name)
        up, down = (told(moments._replace(**{name: value + sign * step}))[2] for sign in (1.0, -1.0))
        slopes.append((up - down) / (2.0 * step[:, None]))
    slope = np.stack(slopes, axis=-1)
    with_quantile = np.einsum("mqi,mij,mqj->mq", gradient, cov, slope)
    own = np.einsum("mqi,mij,mqj->mq", slope, cov, slope)
    b = with_quantile / error**2
    freedom = 0.5 * error**2 / np.maximum(own - b * with_quantile, 1e-300)
    quantile = moments.mean[:, None] + moments.std[:, None] * gradient[..., 1]
    tail = 0.5 * (1.0 - confidence)
    ends = []
    for share in (tail, 1.0 - tail):
        t = scipy.stats.t.ppf(share, np.maximum(freedom, 1.0))
        ends.append(quantile + error * t / np.maximum(1.0 - b * t, 0.5))
    return ends[0], ends[1]
