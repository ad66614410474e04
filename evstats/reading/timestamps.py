"""What tells the time in memory as timestamps: indexes and columns of dates, periods, years, other calendars, texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from evstats.errors import DataError
from evstats.notes import Note, as_note
from evstats.reading.date_forms import format_of
from evstats.reading.dates import parse_dates
from evstats.reading.ledger import Ledger
from evstats.reading.table import Table

#: Whole numbers in this range that index a series are taken for calendar years.
YEARS = range(1500, 2201)

#: Integers from here on number no rows: they may be Unix times.
_FEWEST_SECONDS = 100_000_000

#: Texts of an index that are looked at to see whether they are dates.
_SHOWN = 100

GREGORIAN = frozenset({"standard", "gregorian", "proleptic_gregorian"})
#: Calendars whose days have a place in the Gregorian one, but for 29 February.
_WITHOUT_LEAP_DAYS = frozenset({"noleap", "365_day"})
_CONVERTIBLE = GREGORIAN | _WITHOUT_LEAP_DAYS | {"all_leap", "366_day"}


def timestamps(index: pd.Index) -> pd.DatetimeIndex | None:
    """The timestamps of an index, NaT for a missing one; None for an index that only numbers or names the rows.

    Raises
    ------
    DataError
        Dates that can be read in two ways, days that do not exist, a calendar that is not the Gregorian one.
    """
    if types.is_integer_dtype(index.dtype) and len(index) and index.isin(YEARS).all():
        years = index.to_numpy().astype(np.int64) - 1970
        return pd.DatetimeIndex(years.astype("datetime64[Y]").astype("datetime64[s]"))
    return typed(index) if not _holds_texts(index) else _from_texts(index)


def refuse_strange(index: pd.Index) -> None:
    """A DataError for an index of numbers or durations that are neither the places of rows nor dates."""
    counts = types.is_integer_dtype(index.dtype) and (len(index) == 0 or index.max() < _FEWEST_SECONDS)
    numbers = types.is_numeric_dtype(index.dtype) and not (counts or _holds_texts(index))
    if numbers or types.is_timedelta64_dtype(index.dtype):
        raise DataError(
            f"the index holds {index[0]!s}, which is no date",
            "convert it, as with pandas.to_datetime, or leave it out (reset_index(drop=True), in xarray "
            "drop_vars) to take the values in their order.",
        )


def typed(cells: pd.Index) -> pd.DatetimeIndex | None:
    """The timestamps of cells that are dates by their type (also periods and other calendars), None for other cells."""
    if isinstance(cells, pd.DatetimeIndex):
        return cells
    if isinstance(cells, pd.PeriodIndex):
        return cells.to_timestamp()
    if types.is_datetime64_any_dtype(cells.dtype):
        return pd.DatetimeIndex(cells)
    if types.is_numeric_dtype(cells.dtype):
        return None
    objects = cells.to_numpy(dtype=object)
    given = [cell for cell in objects if not _is_missing(cell)]
    if given and all(isinstance(cell, date) for cell in given):
        return _from_dates(objects)
    return _from_calendar(objects) if calendar_of(given) is not None else None


def calendar_of(cells: Sequence[Any]) -> str | None:
    """The calendar of dates of cftime, None for anything else."""
    first = cells[0] if len(cells) else None
    calendar = getattr(first, "calendar", None)
    return calendar if isinstance(calendar, str) and hasattr(first, "isoformat") else None


def calendar_note(cells: pd.Index | pd.Series) -> Note | None:
    """That the dates are of a calendar without 29 February, where they are."""
    objects = [cell for cell in cells[:_SHOWN] if not _is_missing(cell)] if cells.dtype == object else []
    calendar = calendar_of(objects)
    return None if calendar is None or calendar in GREGORIAN else Note("calendar", calendar)


def has_leap_days(notes: Iterable[str]) -> bool:
    """Whether dates of which these are the notes are of a calendar with a 29 February."""
    told = map(as_note, notes)
    return not any(note.code == "calendar" and note.subject in _WITHOUT_LEAP_DAYS for note in told)


def tells_time(index: pd.Index) -> bool:
    """Whether an index is dates rather than the numbers or names of rows, as far as its beginning shows."""
    if _holds_texts(index):
        return True
    if types.is_integer_dtype(index.dtype):
        numbered = isinstance(index, pd.RangeIndex) and index.name is None and index.start in (0, 1)
        rising = index.is_monotonic_increasing and index.is_unique
        return not numbered and rising and len(index) > 0 and bool(index.isin(YEARS).all())
    return typed(index[:_SHOWN]) is not None


def _holds_texts(index: pd.Index) -> bool:
    """Whether the index has dates that are read from texts: texts, digits of days, decimal years, times with zones."""
    if isinstance(index, pd.MultiIndex) or not len(index):
        return False
    start = index[:_SHOWN]
    if types.is_integer_dtype(index.dtype):
        return bool(start.min() > 9_999_999 and all(format_of(str(cell)) for cell in start))
    if types.is_float_dtype(index.dtype):
        return bool(index.is_monotonic_increasing) and may_be_decimal_years(index)
    if not (types.is_object_dtype(index.dtype) or types.is_string_dtype(index.dtype)):
        return False
    cells = [cell for cell in start if not _is_missing(cell)]
    zoned = [cell for cell in cells if isinstance(cell, datetime) and cell.tzinfo is not None]
    texts = [cell for cell in cells if isinstance(cell, str)]
    return bool(zoned) or (bool(texts) and all(format_of(text.strip()) is not None for text in texts))


def may_be_decimal_years(cells: pd.Index | pd.Series) -> bool:
    """Whether all numbers with a fraction lie among the years."""
    return types.is_float_dtype(cells.dtype) and bool(cells.min() >= YEARS[0] and cells.max() < YEARS[-1] + 1)


def _is_missing(cell: object) -> bool:
    return cell is None or cell is pd.NaT or (isinstance(cell, float) and cell != cell)


def _from_dates(cells: NDArray[np.object_]) -> pd.DatetimeIndex | None:
    """Plain dates and naive datetimes; None where one knows its time zone, which texts tell as well."""
    if any(isinstance(cell, datetime) and cell.tzinfo is not None for cell in cells):
        return None
    plain = [np.datetime64("NaT", "us") if _is_missing(cell) else np.datetime64(cell, "us") for cell in cells]
    return pd.DatetimeIndex(np.array(plain, dtype="datetime64[us]"))


def _from_calendar(cells: NDArray[np.object_]) -> pd.DatetimeIndex:
    """Dates of cftime with the same year, month, day and time of day in the Gregorian calendar."""
    calendar = calendar_of([cell for cell in cells if not _is_missing(cell)])
    if calendar not in _CONVERTIBLE:
        raise DataError(
            f"the dates are of the calendar {calendar!r}, whose days are not those of the Gregorian calendar",
            "take the extremes in that calendar, for example data.groupby('time.year').max() of an xarray DataArray, "
            "and pass the result, one value a year.",
        )
    try:
        texts = ["NaT" if _is_missing(cell) else cell.isoformat() for cell in cells]
        return pd.DatetimeIndex(np.array(texts, dtype="datetime64[us]"))
    except ValueError as error:
        strange = next(text for text in texts if not _exists(text))
        raise DataError(
            f"the date {strange} of the calendar {calendar!r} does not exist in the Gregorian calendar",
            "correct or remove it.",
        ) from error


def _exists(text: str) -> bool:
    try:
        np.datetime64(text)
    except ValueError:
        return False
    return True


def _from_texts(index: pd.Index) -> pd.DatetimeIndex:
    """Dates written as texts, by the rules of files."""
    name = str(index.name or "index")
    digits = (round(cell, 8) if isinstance(cell, float) else cell for cell in index)
    cells = pd.Series(["" if pd.isna(cell) else str(cell).strip() for cell in digits], name=name, dtype=object)
    table = Table("the index", cells.to_frame(), np.arange(1, len(cells) + 1), cells.tolist, "row")
    return parse_dates(cells, table, Ledger(table), None)
