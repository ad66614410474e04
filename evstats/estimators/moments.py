"""The method of moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array
from evstats.distributions import Family
from evstats.errors import Status
from evstats.estimators.base import Estimator
from evstats.estimators.lanes import LaneEstimates, finished, lane_blocks, screen


@dataclass(frozen=True)
class Moments(Estimator):
    """Match mean, standard deviation (divisor n - 1) and, for three parameters, the skewness.

    The skewness is the bias-adjusted one of hydrology, sqrt(n (n - 1))/(n - 2) g1, for n >= 3.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit([3.0, 4.0, 5.5, 4.2, 3.9], "gumbel", method="moments")
    >>> round(float(fit.distribution.scale), 4)
    0.7004
    """

    name = "moments"
    label = "method of moments"
    blocks_at_once = 16

    def estimate_excesses(self, family: type[Family], excesses: Array) -> LaneEstimates:
        """Parameters whose mean and standard deviation are the sample's (Hosking and Wallis 1987)."""
        screened = screen(excesses, at_least=3)
        status, count = screened.status, screened.number
        usable = status == Status.CONVERGED
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(usable, np.nansum(excesses, axis=-1) / count, np.nan)
            squares = np.nansum((excesses - mean[:, None]) ** 2, axis=-1)
            std = np.sqrt(squares / (count - 1.0))
            return finished(family.from_moments(mean, std, np.zeros(len(mean))), status)

    def estimate_lanes(self, family: type[Family], x: Array) -> LaneEstimates:
        """Parameters whose mean, standard deviation and skewness are the sample's."""
        moments, status = np.empty((5, len(x))), np.empty(len(x), dtype=np.int8)
        for block in lane_blocks(*x.shape):
            moments[:, block], status[block] = _sample_moments(x[block])
        mean, std, skew, low, spread = np.where(status == Status.CONVERGED, moments, np.nan)
        parameters = family.from_moments(mean, std, skew)
        parameters[:, :2] *= spread[:, None]
        parameters[:, 0] += low
        return finished(parameters, status)


def _sample_moments(x: Array) -> tuple[tuple[Array, ...], NDArray[np.int8]]:
    """Mean, standard deviation and skewness of lanes (m, n), the first two of x from its lowest value and in units of
    its range; these two; and the status.
    """
    screened = screen(x, at_least=3)
    count, present, low = screened.number, screened.present, screened.low
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        spread = screened.high - low
        z = x - low[:, None]
        z /= spread[:, None]
        if present is not None:
            z = np.where(present > 0, z, 0.0)
        mean = z.sum(axis=-1) / count
        z -= mean[:, None]
        if present is not None:
            z *= present
        squares = z * z
        m2, m3 = squares.sum(axis=-1) / count, np.vecdot(squares, z) / count
        std = np.sqrt(m2 * count / (count - 1.0))
        skew = m3 / m2**1.5 * np.sqrt(count * (count - 1.0)) / (count - 2.0)
    return (mean, std, skew, low, spread), screened.status
