"""How much of its time the date of an event tells: a day, or only a month or year at whose beginning it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
import pandas as pd

from evstats.calendars.steps import on_the_wall

_DAY = "datetime64[D]"
#: The periods that a date may tell without a day within, the longest first, and what NumPy calls them.
_PERIODS: Final[Mapping[str, Literal["Y", "M"]]] = {"year": "Y", "month": "M"}
#: How long each is, about.
LENGTHS = {"year": pd.Timedelta(days=365), "month": pd.Timedelta(days=28)}


def precision_of(index: pd.DatetimeIndex) -> str | None:
    """``"year"`` or ``"month"`` where every timestamp is the beginning of one, as such dates are read; None elsewhere.

    Examples
    --------
    >>> precision_of(pd.DatetimeIndex(["1990-01-01", "1992-01-01"])), precision_of(pd.DatetimeIndex(["1990-01-02"]))
    ('year', None)
    """
    stamps = on_the_wall(index).to_numpy()
    return next(
        (period for period, unit in _PERIODS.items() if np.all(stamps.astype(f"datetime64[{unit}]") == stamps)), None
    )


def last_day(index: pd.DatetimeIndex) -> int:
    """The last day, counted from 1970, that sorted dates of events reach: of the year or month that the last one tells.

    Examples
    --------
    >>> np.datetime64(last_day(pd.DatetimeIndex(["1990-01-01", "1992-01-01"])), "D")
    np.datetime64('1992-12-31')
    """
    last, period = on_the_wall(index).to_numpy()[-1], precision_of(index)
    if period is None:
        return int(last.astype(_DAY).astype(np.int64))
    unit = _PERIODS[period]
    after = last.astype(f"datetime64[{unit}]") + np.timedelta64(1, unit)
    return int(after.astype(_DAY).astype(np.int64)) - 1


__all__ = ["LENGTHS", "last_day", "precision_of"]
