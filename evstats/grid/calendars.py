"""The time along a grid: timestamps, dates of other calendars by their months, years, or mere numbers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, Ints, Places
from evstats.calendars.rules import SEASONS, BlockRule, Calendar, Count
from evstats.errors import ArgumentError, DataError
from evstats.extremes.cuts import NEAR, cut_into_blocks
from evstats.extremes.observations import Observations
from evstats.grid.arrays import Opened
from evstats.notes import Note
from evstats.reading.timestamps import GREGORIAN, tells_time, timestamps
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    import pandas as pd

#: Seconds of a day.
_DAY = 86_400.0


@dataclass(frozen=True, eq=False)
class Axis:
    """The times of a grid cut into blocks: block i holds the observations from ``left[i]`` to ``right[i]``.

    ``share`` says how much of each block the times cover, and ``passed`` whether they are one for each block already.
    """

    labels: NDArray[np.object_]
    left: Places
    right: Places
    share: Array
    blocks_per_year: float | None
    passed: bool = False
    notes: tuple[Note | str, ...] = ()


def axis_of(grid: Opened, rule: BlockRule) -> Axis:
    """The times along a grid, cut by a rule.

    Raises
    ------
    DataError
        Times that are not in order or come twice, no times for blocks of time, times further
        apart than a block.
    ArgumentError
        A rule that needs the Gregorian calendar, for another.
    """
    index = time_along(grid)
    if index is not None:
        in_order(index, grid)
        calendar = getattr(index, "calendar", None)
        if calendar is not None and calendar not in GREGORIAN and not isinstance(rule, Count):
            return _in_calendar(index, calendar, rule)
    elif not isinstance(rule, Count):
        raise DataError(
            f"nothing along {grid.over[0]!r} tells the time, so it cannot be cut by {rule.name}",
            Text(
                "give it a coordinate of dates, as with data.assign_coords(...), or cut it by a number of "
                "observations, as in ",
                Setting("block", 365),
                ".",
            ),
            argument="block",
        )
    gregorian = index is not None and getattr(index, "calendar", "standard") in GREGORIAN
    stamps = timestamps(index) if index is not None and gregorian else None
    size = grid.count
    sample = Observations(np.zeros(size), stamps, np.arange(size), size, grid.name)
    cut = cut_into_blocks(sample, rule)
    return Axis(cut.labels, cut.left, cut.right, cut.coverage, cut.blocks_per_year, cut.one_each, cut.notes)


def time_along(grid: Opened) -> pd.Index | None:
    """The index along the observations where it tells the time, else None.

    Raises
    ------
    DataError
        Times that are numbers since a date, which xarray has not decoded.
    """
    index = _plain_index(grid)
    return index if index is not None and (hasattr(index, "calendar") or tells_time(index)) else None


def days_apart(grid: Opened) -> float | None:
    """The median step of the times along a grid, in days; None where nothing tells the time."""
    index = time_along(grid)
    if index is None or len(index) < 2:
        return None
    if hasattr(index, "calendar"):
        steps = [(later - earlier).total_seconds() for earlier, later in pairwise(index)]
        return float(np.median(steps)) / _DAY
    stamps = timestamps(index)
    return None if stamps is None else float(np.median(np.diff(stamps.as_unit("ns").asi8))) / (_DAY * 1e9)


def index_along(grid: Opened) -> pd.Index | None:
    """The labels along the observations that covariates are joined by; None of several dimensions, or without any.

    Dates of another calendar become those with the same year and month, years where they are a year apart.
    """
    import pandas as pd

    index: Any = _plain_index(grid)
    if index is None or not hasattr(index, "calendar"):
        return index if index is None else _of_seasons(index)
    years, months = np.asarray(index.year), np.asarray(index.month)
    if len(index) > 1 and np.median(np.diff(12 * years + months)) == 12:
        return pd.Index(years)
    days = np.minimum(np.asarray(index.day), 28)
    begun = (12 * (years - 1970) + months - 1).astype("datetime64[M]").astype("datetime64[D]")
    dates = begun + (days - 1).astype("timedelta64[D]")
    return pd.DatetimeIndex(dates.astype("datetime64[s]"))


def _of_seasons(index: pd.Index) -> pd.Index:
    """Labels of seasons, 1990-DJF, as the years of one and the middle months of several; any others as they are."""
    import pandas as pd

    parts = [str(label).rpartition("-") for label in index]
    if not parts or not all(season in SEASONS and year.isdecimal() for year, _, season in parts):
        return index
    if len({season for *_, season in parts}) == 1:
        return pd.Index([int(year) for year, *_ in parts])
    return pd.DatetimeIndex([f"{int(year):04d}-{SEASONS[season] % 12 + 1:02d}-15" for year, _, season in parts])


def _plain_index(grid: Opened) -> pd.Index | None:
    if len(grid.over) != 1 or grid.over[0] not in grid.array.coords:
        return None
    coordinate = grid.array.coords[grid.over[0]]
    if " since " in (units := str(coordinate.attrs.get("units", ""))):
        raise DataError(
            f"the times {grid.over[0]!r} are numbers ({units!r})",
            "decode them first, for example with xarray.decode_cf(dataset), or open the file with decode_times=True.",
        )
    return coordinate.to_index()


def in_order(index: pd.Index | None, grid: Opened) -> None:
    """A DataError for times that are not in order, or come twice."""
    dim = grid.over[0]
    if index is None or (index.is_monotonic_increasing and index.is_unique):
        return
    if not index.is_monotonic_increasing:
        values = np.asarray(index)
        at = int(np.argmax(values[1:] < values[:-1])) + 1
        raise DataError(
            f"the times along {dim!r} are not in order: {index[at]!s} comes after {index[at - 1]!s}",
            f"sort them first, with data.sortby({dim!r}).",
        )
    refuse_doubled(index, grid)


def refuse_doubled(index: pd.Index | None, grid: Opened) -> None:
    """A DataError for a time that comes twice: of the observations of a cell each counts once."""
    if index is None or index.is_unique:
        return
    dim = grid.over[0]
    raise DataError(
        f"the time {index[index.duplicated()][0]!s} comes twice along {dim!r}",
        f"keep one of them, as with data.drop_duplicates({dim!r}); runs of an ensemble are a dimension of their own.",
    )


def _in_calendar(index: Any, calendar: str, rule: BlockRule) -> Axis:
    """The times of another calendar of twelve months, cut by whole months; coverage is against its own days."""
    import cftime

    if not isinstance(rule, Calendar):
        raise ArgumentError(
            f"blocks of {rule.name} are not there for the calendar {calendar!r}",
            Text(
                "take years, water years, seasons, quarters, months, or a number of observations, ",
                Setting("block"),
                ".",
            ),
            argument="block",
        )
    months: Ints = 12 * (np.asarray(index.year, dtype=np.int64) - 1970) + np.asarray(index.month) - 1
    starts, labels = rule.by_month(int(months[0]), int(months[-1]))
    left, right = (np.searchsorted(months, edge).astype(np.intp) for edge in (starts, starts + rule.months))

    def days(month: Ints) -> Array:
        first = [cftime.datetime(int(m) // 12 + 1970, int(m) % 12 + 1, 1, calendar=calendar) for m in month]
        return np.asarray(cftime.date2num(first, "days since 1970-01-01", calendar=calendar), dtype=np.float64)

    held, length = right - left, days(starts + rule.months) - days(starts)
    number = np.asarray(cftime.date2num(list(index), "seconds since 1970-01-01", calendar=calendar), dtype=np.float64)
    gaps = np.diff(number / _DAY)
    step = float(np.median(gaps)) if gaps.size else 0.0
    if step > NEAR[1] * rule.spacing_days:
        raise DataError(
            f"the values lie about {step:.4g} days apart, further than one {rule.name} block is long "
            f"({rule.spacing_days:.4g} days)",
            Text("choose longer blocks ", Setting("block"), "."),
        )
    note = Note("calendar_of_its_own", calendar)
    if step >= NEAR[0] * rule.spacing_days and held.max() == 1:
        return Axis(labels, left, right, (held > 0).astype(np.float64), rule.blocks_per_year, True, (note,))
    expected = np.maximum(length, 1e-9) / _usual(gaps)
    return Axis(labels, left, right, np.minimum(held / expected, 1.0), rule.blocks_per_year, notes=(note,))


def _usual(gaps: Array) -> float:
    """The commonest step in days; of months, whose lengths differ, their mean."""
    distinct, counts = np.unique(np.round(gaps, 6), return_counts=True)
    step = float(distinct[counts.argmax()]) if distinct.size else 1.0
    return step if step < 27.0 else float(np.mean(gaps[np.abs(gaps - step) < 0.5 * step]))


__all__ = ["Axis", "axis_of", "days_apart", "in_order", "index_along", "refuse_doubled", "time_along"]
