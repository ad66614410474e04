"""Limits of the mean of a count."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv

from evstats.arrays import Array


def poisson_limits(count: ArrayLike, confidence: float) -> tuple[Array, Array]:
    """The exact limits of the mean of a Poisson variable that was so great.

    Parameters
    ----------
    count
        What was counted.
    confidence
        Of the interval.

    Returns
    -------
    tuple of Array
        Lower and upper limits, of the shape of the counts.

    References
    ----------
    - Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28, 437-442.

    Examples
    --------
    >>> import evstats as ev
    >>> lower, upper = ev.quantities.poisson_limits(3, 0.95)
    >>> round(float(lower), 2), round(float(upper), 2)
    (0.62, 8.77)
    """
    tail, counted = 0.5 * (1.0 - confidence), np.asarray(count, dtype=np.float64)
    lower, upper = gammaincinv(counted, tail), gammaincinv(counted + 1.0, 1.0 - tail)
    return np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)


__all__ = ["poisson_limits"]
