"""The extremal index by the times between exceedances, and the run length that they choose."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def intervals_index(gaps: ArrayLike) -> float:
    """The intervals estimator of the extremal index, at most 1.

    Parameters
    ----------
    gaps
        The times from each exceedance to the next, (N - 1,) with N of 2 or more, in observations: 1 for neighbours.

    References
    ----------
    - Ferro, C. A. T. and Segers, J. (2003). Inference for clusters of extreme values. Journal of the Royal
      Statistical Society B 65, 545-556, equations 5 and 6.

    Examples
    --------
    >>> intervals_index([1, 1, 18, 1, 13, 1, 25])
    0.8395...
    """
    return float(index_of_sums(terms_of(gaps).sum(axis=0)))


def terms_of(gaps: ArrayLike) -> NDArray[np.float64]:
    """What each time between exceedances (m,) adds to the sums (m, 3) that the estimator is made of.

    Where none is longer than 2: 1, t and t^2 (equation 5); else 1, t - 1 and (t - 1)(t - 2) (equation 6).
    """
    t = np.asarray(gaps, dtype=np.float64)
    ones = np.ones_like(t)
    return np.stack([ones, t, t * t] if t.max() <= 2.0 else [ones, t - 1.0, (t - 1.0) * (t - 2.0)], axis=-1)


def index_of_sums(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """The intervals estimator (...,) of sums (..., 3), at most 1."""
    count, total, squares = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):  # without a single long time the ratio is infinite
        return np.fmin(1.0, 2.0 * total**2 / (count * squares))


def run_length(gaps: ArrayLike, index: float) -> int:
    """The run length of intervals declustering: so many observations in a row that do not exceed end a cluster.

    Of the N - 1 times between exceedances the largest, floor(index (N - 1)), are those between clusters; the next
    smaller one is the run length. Where it is tied with one of those, fewer are taken, until none is. 0 for an index of
    1: each exceedance is a cluster.

    Parameters
    ----------
    gaps
        The times from each exceedance to the next, (N - 1,), in observations: 1 for neighbours.
    index
        The extremal index.

    References
    ----------
    - Ferro and Segers (2003), section 4; with the rounding of Ferro's own implementation, ``decluster.intervals`` of
      the R package extRemes.

    Examples
    --------
    >>> run_length([1, 1, 18, 1, 13, 1, 25], 0.57), run_length([1, 1, 4, 4, 4, 9], 0.4)
    (1, 4)
    """
    if index >= 1.0:
        return 0
    times: NDArray[np.int64] = np.sort(np.asarray(gaps, dtype=np.int64))[::-1]
    return int(times[int(np.floor(index * times.size))])


__all__ = ["index_of_sums", "intervals_index", "run_length", "terms_of"]
