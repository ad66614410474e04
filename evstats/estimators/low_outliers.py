"""Potentially influential low values among annual maxima: the multiple Grubbs-Beck test."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from evstats.arrays import Array, Places
from evstats.quadrature import unit_interval

#: Levels of the outward sweep, from the median, and of the inward one.
ALPHA_OUT, ALPHA_IN = 0.005, 0.10
#: Nodes in u, p = u**5: small p-values gather their mass near p = 0.
_NODES = 48
#: Values below which only zeros are low.
_FEWEST = 5
#: Samples up to which p-values are computed, where critical values, which take a second, are not worth it.
_FEW = 100


@dataclass(frozen=True, eq=False)
class LowOutliers:
    """What the multiple Grubbs-Beck test found among n values.

    Attributes
    ----------
    count
        Number of potentially influential low values, zeros included.
    threshold
        The smallest value that is not a low outlier; 0 where there is none.
    statistics, p_values
        Arrays (n // 2,) for the n // 2 smallest values in increasing order.
    """

    count: int
    threshold: float
    statistics: Array
    p_values: Array


def multiple_grubbs_beck(values: ArrayLike, *, alpha_out: float = ALPHA_OUT, alpha_in: float = ALPHA_IN) -> LowOutliers:
    """The multiple Grubbs-Beck test for potentially influential low values among annual maxima.

    ``values`` has shape (n,), non-negative, NaN for missing. The test takes logarithms; zeros count as low outliers.
    The outward sweep starts at the median and stops at the first value with p < ``alpha_out``, the inward sweep starts
    at the smallest value and stops before the first with p >= ``alpha_in``; the larger count of the two is taken.

    Source: Cohn, England, Berenbrock, Mason, Stedinger and Lamontagne (2013), Water Resources Research 49, 5047-5058,
    doi:10.1002/wrcr.20392; sweeps and levels as in Bulletin 17C (England et al. 2018), appendix 6.

    Examples
    --------
    >>> found = multiple_grubbs_beck([7, 610, 645, 725, 716, 784, 782, 833, 888, 922, 958, 991])
    >>> found.count, found.threshold
    (1, 610.0)
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    ordered = ordered[~np.isnan(ordered)]
    n = ordered.size
    with np.errstate(divide="ignore"):
        statistics = _statistics(np.log(ordered))
    p_values = grubbs_beck_p_value(statistics, np.arange(1, n // 2 + 1), n)
    zeros = int(np.count_nonzero(ordered <= 0.0))
    outward = int(np.flatnonzero(p_values < alpha_out).max(initial=-1)) + 1
    inward = int(np.flatnonzero(p_values >= alpha_in).min(initial=p_values.size))
    count = max(zeros, outward, inward)
    threshold = float(ordered[count]) if 0 < count < n else 0.0
    return LowOutliers(count, threshold, statistics, p_values)


def grubbs_beck_p_value(statistic: ArrayLike, r: ArrayLike, n: int) -> Array:
    """The probability that the r-th smallest of n normal values lies further below the rest than ``statistic``.

    ``statistic`` = (x[r] - mean(x[r+1..n])) / sd(x[r+1..n]) for ordered values; ``statistic`` and ``r`` broadcast.
    Given x[r] = z, the mean M of the larger values less its regression on their standard deviation S is taken as normal
    and independent of S, and S**2 as gamma, which makes the statistic noncentral t; the rest is an integral over the
    Beta(r, n + 1 - r) law of Phi(z).

    Source: Cohn et al. (2013), section 3; the moments are those of a normal variable truncated below at z.
    """
    u, weights = unit_interval(_NODES)
    eta, order = np.broadcast_arrays(np.asarray(statistic, dtype=np.float64)[..., None], np.asarray(r)[..., None])
    z: Array = np.asarray(special.ndtri(special.betaincinv(order, n + 1.0 - order, u**5)), dtype=np.float64)
    k = n - order
    mean, variance, third, fourth = _moments_above(z)
    variance_s2 = (fourth - variance**2) / k + 2.0 * variance**2 / (k * (k - 1.0))
    freedom = 2.0 * variance**2 / variance_s2
    mean_s = np.sqrt(2.0 * variance / freedom) * special.poch(0.5 * freedom, 0.5)
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = third / np.sqrt(k * (k - 1.0)) / (2.0 * mean_s)
        slope = covariance / (variance - mean_s**2)
        sigma = np.sqrt(variance / k - covariance * slope)
        t = -np.sqrt(variance) / sigma * (eta + slope)
        p = _noncentral_t_sf(t, freedom, (mean - slope * mean_s - z) / sigma)
    return np.where(np.isneginf(eta[..., 0]), 0.0, np.where(np.isnan(p), 1.0, p) @ (5.0 * u**4 * weights))


def _noncentral_t_sf(t: Array, freedom: Array, noncentrality: Array) -> Array:
    """The survival function of noncentral t: exact to 20 degrees of freedom, beyond by the normal approximation.

    Abramowitz and Stegun (1964), equation 26.7.10. PeakFQ, and with it every published Bulletin 17C example, uses it;
    with the exact function 38 instead of the published 30 peaks of Orestimba Creek would be low.
    """
    normal = (t * (1.0 - 0.25 / freedom) - noncentrality) / np.sqrt(1.0 + 0.5 * t**2 / freedom)
    survival: Array = np.asarray(special.ndtr(-normal), dtype=np.float64)
    few = freedom <= 20.0
    survival[few] = 1.0 - special.nctdtr(freedom[few], noncentrality[few], t[few])
    return survival


def _moments_above(z: Array) -> tuple[Array, Array, Array, Array]:
    """Mean and central moments two to four of a standard normal variable given that it exceeds z."""
    h = np.exp(-0.5 * z**2 - 0.5 * np.log(2.0 * np.pi) - special.log_ndtr(-z))
    raw2, raw3 = 1.0 + h * z, 2.0 * h + h * z**2
    raw4 = 3.0 * raw2 + h * z**3
    return h, raw2 - h**2, raw3 - 3.0 * raw2 * h + 2.0 * h**3, raw4 - 4.0 * raw3 * h + 6.0 * raw2 * h**2 - 3.0 * h**4


def low_counts(logs: Array) -> Places:
    """How many of ordered logarithms (m, n), -inf of zeros, the test finds low, (m,): that of many samples at once.

    P-values rise with the statistic, so that it is compared with its critical values, which samples of a size share.
    """
    m, n = logs.shape
    zeros = np.count_nonzero(np.isneginf(logs), axis=-1)
    if n < _FEWEST:
        return zeros
    statistics, places = _statistics(logs), np.arange(1, n // 2 + 1)
    if m > _FEW:
        outside, inside = (statistics < critical_values(n, alpha) for alpha in (ALPHA_OUT, ALPHA_IN))
    else:
        p_values = grubbs_beck_p_value(statistics, np.broadcast_to(places, statistics.shape), n)
        outside, inside = p_values < ALPHA_OUT, p_values < ALPHA_IN
    outward = np.max(np.where(outside, places, 0), axis=-1, initial=0)
    inward = np.min(np.where(inside, places.size, places - 1), axis=-1, initial=places.size)
    return np.maximum(zeros, np.maximum(outward, inward))


@lru_cache(maxsize=64)
def critical_values(n: int, alpha: float) -> Array:
    """The statistics of the n // 2 smallest of n values whose p-value is alpha, (n // 2,)."""
    from scipy.optimize import elementwise

    order = np.arange(1.0, n // 2 + 1)

    def above(statistic: Array, r: Array) -> Array:
        return grubbs_beck_p_value(statistic, r, n) - alpha

    found: Any = elementwise.find_root(above, (np.full(order.size, -100.0), np.full(order.size, 3.0)), args=(order,))
    critical = np.where(np.isnan(found.x), -np.inf, found.x)  # of so few values that nothing is an outlier
    critical.flags.writeable = False
    return critical


def _statistics(ordered: Array) -> Array:
    """The Grubbs-Beck statistic of each of the smaller half of ordered logarithms (..., n), -inf of zeros.

    Zeros stand far below the rest, as in PeakFQ: several mask each other in the inward sweep, not in the outward one.
    """
    zero = np.isneginf(ordered)
    with np.errstate(divide="ignore", invalid="ignore"):
        lowest = np.min(np.where(zero, np.inf, ordered), axis=-1, keepdims=True)
        spread = np.max(ordered, axis=-1, keepdims=True) - lowest
        logs = np.where(zero, lowest - 1e6 * (1.0 + spread), ordered)
        found = [
            (logs[..., r - 1] - logs[..., r:].mean(axis=-1)) / logs[..., r:].std(axis=-1, ddof=1)
            for r in range(1, ordered.shape[-1] // 2 + 1)
        ]
        statistics = np.stack(found, axis=-1) if found else np.zeros((*ordered.shape[:-1], 0))
    return np.where(np.isnan(statistics), 0.0, statistics)


__all__ = ["LowOutliers", "low_counts", "multiple_grubbs_beck"]
