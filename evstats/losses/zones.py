"""The zones of the Basel Committee's traffic light."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import bdtr

from evstats.arrays import Array, Places

ZONES: Final = ("green", "amber", "red")
"""The zones, from the best to the worst."""

#: A zone begins at the count of which so many or fewer are this likely (MAR99, the supervisory framework for the use of
#: backtesting).
_BEGINS = (0.95, 0.9999)

REGULATORY_LEVEL, REGULATORY_WINDOW = 0.99, 250
"""The level and the days that the multipliers are for."""

#: Multipliers by the number of exceedances, the last one for more (MAR32.9, table 1).
_MULTIPLIERS = (1.5, 1.5, 1.5, 1.5, 1.5, 1.7, 1.76, 1.83, 1.88, 1.92, 2.0)


def zone_of(counts: Places, days: int, share: float) -> Places:
    """The place in ``ZONES`` of numbers of exceedances in so many days.

    Examples
    --------
    >>> zone_of(np.array([4, 5, 9, 10]), 250, 0.01).tolist()
    [0, 1, 1, 2]
    """
    return np.searchsorted(_BEGINS, bdtr(counts.astype(float), days, share), side="right")


def multiplier_of(counts: Places) -> Array:
    """The multiplier of the capital at these numbers of exceedances in 250 days at 99 %.

    Examples
    --------
    >>> multiplier_of(np.array([0, 5, 12])).tolist()
    [1.5, 1.7, 2.0]
    """
    return np.asarray(_MULTIPLIERS)[np.minimum(counts, len(_MULTIPLIERS) - 1)]


__all__ = ["REGULATORY_LEVEL", "REGULATORY_WINDOW", "ZONES", "multiplier_of", "zone_of"]
