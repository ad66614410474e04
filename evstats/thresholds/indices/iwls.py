"""Iterated weighted least squares: a line through the long times between exceedances against exponential quantiles."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import zeta

from evstats.arrays import Array
from evstats.thresholds.indices.base import Clusters, Index, Resampled
from evstats.thresholds.spacings import Spacings, Stretches

_MOST = 100
"""Iterations at most: the number of long times may swing between two values."""

_LARGE = 60.0
"""From here on four terms of the series of the trigamma function are enough."""


@dataclass(frozen=True)
class LeastSquares(Index):
    """The extremal index by iterated weighted least squares.

    Times less 1, scaled by the share above and ordered, lie about a line of slope 1/index against exponential quantiles
    that begins at -log(index). The line is fitted to the largest floor(index (N - 1)) of N - 1, until that number
    stays. Times across gaps and before the first and after the last exceedance are left out.

    The estimate is too low, and intervals are too short: nominal 95 % held the index of max-autoregressive series (.3,
    .6 and 1, which are independent) in .94, .92 and .46 of 50 series of 5,000 values above their 95 % quantile, in .94,
    .82 and .84 of series of 2,000 above their 98 % quantile (40 exceedances); of a Cauchy autoregression (.5) in .90
    and .94, of moving maxima (.5) in .86 and .90; of squared ARCH(1), whose clusters at such thresholds are larger than
    in the limit (.612), in .10 and .62 (``tests/studies/extremal_index.py``). Take another method for an interval.

    References
    ----------
    - Süveges, M. (2007). Likelihood estimation of the extremal index. Extremes 10, 41-55, page 46, with N in the
      place of N_C + 1 in step 1.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> from evstats.thresholds.indices import LeastSquares
    >>> fresh = -ev.Gumbel(0.0, 1.0).rvs(2001, rng=1)
    >>> pairs = np.minimum(fresh[1:], fresh[:-1])  # low ones come in pairs
    >>> ev.extremal_index(pairs, "95%", method=LeastSquares(), kind="min")["estimate"].round(1).item()
    0.5
    """

    name = "iwls"

    def resampled(self, series: Stretches, spacings: Spacings) -> Resampled:
        """Weights on the clusters."""
        clusters = Clusters.of(spacings)
        order = np.argsort(-spacings.between, kind="stable")
        gap, unit = spacings.between[order] - 1.0, clusters.of_time[spacings.whole][order]

        def of(weights: Array) -> Array:
            return _fitted(clusters.share(weights)[:, None] * gap, weights[:, unit])

        found = Resampled(clusters.number, of, None)
        return replace(found, clusters=int(found.estimate * gap.size) + 1)


def _fitted(gap: Array, weights: Array) -> Array:
    """The index (r,) of gaps (r, m), the largest first, of so much weight each; of weights 1 the published one.

    The rank of a gap is the weight of the larger ones with half of its own and a half. The variance of the k-th largest
    of N exponential values is the sum of 1/j^2 from k to N, a difference of two trigamma functions.
    """
    rank = np.cumsum(weights, axis=-1) - 0.5 * weights + 0.5
    total = weights.sum(axis=-1, keepdims=True)
    x = -np.log(np.minimum(rank / (total + 1.0), 1.0))
    precision = weights / (_trigamma(rank) - _trigamma(total + 2.0))
    sums = np.cumsum(np.stack([precision, precision * x, precision * gap, precision * x * x, precision * x * gap]), -1)
    number, index = np.full(gap.shape[0], gap.shape[1]), np.ones(gap.shape[0])
    left = np.arange(gap.shape[0])
    for _ in range(_MOST):
        index[left] = _of_line(*sums[:, left, number[left] - 1])
        now = np.maximum(np.sum(rank[left] <= index[left, None] * total[left], axis=-1), 2)
        moved = now != number[left]
        number[left] = now
        left = left[moved]
        if not left.size:
            break
    return index


def _of_line(w: Array, wx: Array, wy: Array, wxx: Array, wxy: Array) -> Array:
    """The index of a weighted line, given the sums of weights, and weighted x, y, x^2 and x y: where it begins."""
    slope, level = w * wxy - wx * wy, wxx * wy - wx * wxy
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.fmin(1.0, np.exp(np.where(slope > 0.0, level / slope, 0.0)))


def _trigamma(x: Array) -> Array:
    """The trigamma function, by its series where that is exact to rounding."""
    square = 1.0 / (x * x)
    series = 1.0 / x + square * (0.5 + (1.0 / 6.0 - square * (1.0 / 30.0 - square / 42.0)) / x)
    small = x < _LARGE
    series[small] = zeta(2.0, x[small])
    return series


__all__ = ["LeastSquares"]
