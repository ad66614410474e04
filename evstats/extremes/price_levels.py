"""Losses of many years at the prices of one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError, EvstatsError
from evstats.habits import knowing_their_names
from evstats.reading.containers import in_pandas
from evstats.reading.frames import float_cells
from evstats.reading.records import Record
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number
from evstats.text.paragraphs import listed


@knowing_their_names
def indexed(losses: Record | pd.Series, index: pd.Series, to: Any) -> pd.Series:
    """Losses at one price level: each times the index of the year ``to`` over that of its own year.

    Thresholds, limits and layers go the same way: a Series of them by year is indexed as the losses are.

    Parameters
    ----------
    losses
        A Record, or a Series indexed by dates or by years; NaN stay.
    index
        Of prices, wages or whatever losses grow by: a Series indexed by years, or by dates, of which each counts
        from then on until the next (monthly values, say).
    to
        The year, or the date, at whose prices losses are wanted.

    Returns
    -------
    Series
        With the losses' own index and name.

    Raises
    ------
    DataError
        An index that is not positive, has a year twice or gaps, or does not reach the losses; the years are
        named. A loss without its date.
    ArgumentError
        Losses without dates or years; a ``to`` that is neither.

    Examples
    --------
    >>> import pandas as pd
    >>> paid = pd.Series([100.0, 100.0], index=[2022, 2024])
    >>> indexed(paid, pd.Series({2022: 80.0, 2023: 90.0, 2024: 100.0}), to=2024).tolist()
    [125.0, 100.0]
    """
    series = losses.series if isinstance(losses, Record) else float_cells(in_pandas(losses))
    levels = _levels(index)
    by_year = levels.index.dtype.kind == "i"
    when = _when(series.index, by_year)
    wanted = _wanted(to, by_year)
    if by_year:
        _refuse_gaps(levels, np.append(np.asarray(when), np.asarray(wanted)))
    factor = _at(levels, wanted)[0] / _at(levels, when)
    found = pd.Series(series.to_numpy(dtype=np.float64) * factor, series.index, name=series.name)
    found.attrs = dict(series.attrs)
    return found


def _levels(index: Any) -> pd.Series:
    """The index in the order of time, by whole years or by dates."""
    levels = float_cells(in_pandas(index)) if hasattr(index, "to_numpy") else None
    kind = "" if levels is None else levels.index.dtype.kind
    if levels is None or kind not in "iuM" or not len(levels):
        raise ArgumentError(
            Text(Setting("index"), " is not a Series indexed by years or dates"),
            "give one, as in pd.Series({2023: 118.9, 2024: 121.5}).",
        )
    levels = levels.sort_index()
    if levels.index.has_duplicates:
        twice = levels.index[levels.index.duplicated()][0]
        raise DataError(f"{_said(twice)} stands twice in the index of prices", "give every one once.")
    wrong = ~(np.isfinite(levels.to_numpy()) & (levels.to_numpy() > 0.0))
    if wrong.any():
        place = int(np.argmax(wrong))
        raise DataError(
            f"the index of prices is {number(float(levels.iloc[place]), 6)} in {_said(levels.index[place])}"
            f"{f' (and so in {int(wrong.sum()) - 1} more)' if wrong.sum() > 1 else ''}",
            "give positive numbers for all of them.",
        )
    return levels


def _when(index: pd.Index, by_year: bool) -> pd.Index:
    """The years of losses, or their dates."""
    if index.hasnans:
        place = int(np.flatnonzero(index.isna())[0])
        raise DataError(f"the loss at position {place} (counted from 0) has no date", "give it, or leave the loss out.")
    dated, kind = isinstance(index, pd.DatetimeIndex), index.dtype.kind
    whole = kind in "iu" and not (isinstance(index, pd.RangeIndex) and index.start == 0 and len(index) > 1)
    if by_year and (dated or whole):
        return pd.Index(index.year) if isinstance(index, pd.DatetimeIndex) else index
    if dated:
        return index
    if whole:  # prices of the middle of the year
        return pd.DatetimeIndex([pd.Timestamp(int(year), 7, 1) for year in index])
    raise ArgumentError("the losses have neither dates nor years", "index them by one of the two.")


def _wanted(to: Any, by_year: bool) -> pd.Index:
    """The year, or the date, to whose prices losses are brought."""
    try:
        return _when(pd.DatetimeIndex([to]) if isinstance(to, str) else pd.Index([to]), by_year)
    except (EvstatsError, ValueError) as cause:
        raise ArgumentError(Text(Setting("to"), f" is {to!r}"), "give a year, such as 2024, or a date.") from cause


def _refuse_gaps(levels: pd.Series, years: Array) -> None:
    """An error that names the years which an index by years lacks."""
    needed = range(int(min(years.min(), levels.index[0])), int(max(years.max(), levels.index[-1])) + 1)
    if missing := sorted({*needed} - {*levels.index.tolist()}):
        raise DataError(
            f"the index of prices has no {listed(missing)}", "give it for every year of the losses and between."
        )


def _at(levels: pd.Series, when: pd.Index) -> Array:
    """The index at each time."""
    if levels.index.dtype.kind == "i":
        return np.asarray(levels.reindex(when).to_numpy(), dtype=np.float64)
    naive, own = _naive(when), _naive(levels.index)
    _refuse_holes(own)
    place = own.searchsorted(naive, side="right") - 1
    outside = (place < 0) | (naive > own[-1] + _usual_step(own))
    if outside.any():
        first = naive[int(np.argmax(outside))]
        raise DataError(
            f"the index of prices, {_said(own[0])} to {_said(own[-1])}, does not reach {_said(first)}",
            "give it for all the time of the losses, and of the date they are brought to.",
        )
    return np.asarray(levels.to_numpy()[place], dtype=np.float64)


def _naive(when: pd.Index) -> pd.DatetimeIndex:
    dates = pd.DatetimeIndex(when)
    return dates if dates.tz is None else dates.tz_localize(None)


def _usual_step(dates: pd.DatetimeIndex) -> pd.Timedelta:
    steps = pd.Series(dates).diff().dropna()
    return pd.Timedelta(days=366) if steps.empty else pd.Timedelta(1.2 * steps.median())


def _refuse_holes(dates: pd.DatetimeIndex) -> None:
    """An error that names the first time which an index by dates lacks: a step twice as long as the usual one."""
    steps = pd.Series(dates).diff()
    if (long := np.flatnonzero((steps > 1.7 * steps.median()).to_numpy())).size:
        before, after = dates[long[0] - 1], dates[long[0]]
        raise DataError(
            f"the index of prices has no value between {_said(before)} and {_said(after)}", "fill the gap first."
        )


def _said(when: Any) -> str:
    return f"{when:%Y-%m-%d}" if isinstance(when, pd.Timestamp) else str(when)


__all__ = ["indexed"]
