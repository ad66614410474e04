"""L-moments of samples."""

from __future__ import annotations

import numpy as np

from evstats.arrays import Array
from evstats.errors import Status
from evstats.estimators.lanes import lane_status
from evstats.simulated import kept


def sample_lmoments(ordered: Array, orders: int = 3) -> tuple[Array, ...]:
    """The unbiased sample L-moments l1, l2, ... and the status of lanes sorted in rising order, missing values last."""
    m, n = ordered.shape
    if n == 0:
        return (*np.full((orders, m), np.nan), np.full(m, Status.TOO_FEW_VALUES, dtype=np.int8))
    low, high = ordered[:, 0], ordered[:, -1]
    count, weights = np.full(m, n), _weights(n)[:orders]
    if np.isnan(high).any():
        count = n - np.isnan(ordered).sum(axis=-1)
        high = np.take_along_axis(ordered, np.maximum(count - 1, 0)[:, None], axis=-1)[:, 0]
        low = np.where(count > 0, low, np.inf)
        ordered = np.nan_to_num(ordered, nan=0.0, posinf=np.inf, neginf=-np.inf)
        weights = np.zeros((orders, m, n))
        for size in np.unique(count):
            weights[:, count == size, :size] = _weights(int(size))[:orders, None, :]
    with np.errstate(invalid="ignore"):
        moments = (np.vecdot(ordered, weight) for weight in weights)
        return (*moments, lane_status(count.astype(np.float64), low, high, at_least=max(orders, 3)))


@kept
def _weights(n: int) -> Array:
    """Weights of the order statistics in l1 to l4, shape (4, n)."""
    j = np.arange(n, dtype=np.float64)
    p1 = j / max(n - 1, 1)
    p2 = p1 * (j - 1.0) / max(n - 2, 1)
    p3 = p2 * (j - 2.0) / max(n - 3, 1)
    rows = (np.ones(n), 2.0 * p1 - 1.0, 6.0 * p2 - 6.0 * p1 + 1.0, 20.0 * p3 - 30.0 * p2 + 12.0 * p1 - 1.0)
    return np.array(rows) / n


def gev_l_kurtosis(t3: Array) -> Array:
    """L-kurtosis of the GEV with L-skewness ``t3`` (Hosking and Wallis 1997, table A.3)."""
    coefficients = (0.10701, 0.11090, 0.84838, -0.06669, 0.00567, -0.04208, 0.03763)
    return np.asarray(np.polynomial.polynomial.polyval(t3, coefficients))
