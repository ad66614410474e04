"""The values of a Record, a Series or an array as plain float64 numbers in time order, or a clear refusal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evstats.arrays import Array, Places
from evstats.calendars.precision import precision_of
from evstats.errors import DataError
from evstats.notes import Note
from evstats.reading.containers import in_pandas, refuse_path
from evstats.reading.frames import float_cells
from evstats.reading.reader import read_series
from evstats.reading.records import Audit, Record
from evstats.reading.timestamps import calendar_note, has_leap_days, refuse_strange, tells_time, timestamps
from evstats.reading.units import unit_of


@dataclass(frozen=True, eq=False)
class Observations:
    """The non-missing values in time order.

    ``values`` and ``positions`` have shape (n,), ``positions`` counting all ``size`` rows, missing ones included;
    ``index`` holds the timestamps (n,), None for undated data; ``notes`` are those that a Series brings along;
    ``events`` says that each is an event of its own, between which nothing is missing; ``leap_days`` whether the
    calendar of the data has a 29 February.
    """

    values: Array
    index: pd.DatetimeIndex | None
    positions: Places
    size: int
    name: str = "value"
    unit: str | None = None
    audit: Audit | None = None
    notes: tuple[Note, ...] = ()
    events: bool = False
    leap_days: bool = True

    @cached_property
    def precision(self) -> str | None:
        """``"year"`` or ``"month"`` of events whose dates tell no more, so that their order within it is not known."""
        return precision_of(self.index) if self.events and self.index is not None else None

    @property
    def series(self) -> pd.Series:
        """The non-missing values as a Series, numbered by position where there are no dates."""
        return pd.Series(self.values, index=self.positions if self.index is None else self.index, name=self.name)


def observations(data: Any) -> Observations:
    """The observations of a Record, a Series (dated, by year, or undated) or a one-dimensional array.

    Raises
    ------
    DataError
        A path, whose file has to be read first; values that are not real numbers, more than one dimension, an infinite
        value, no value at all.
    """
    if isinstance(data, Record):
        return _of_record(data)
    refuse_path(data)
    data = in_pandas(data)
    if isinstance(data, pd.DataFrame):
        return _of_table(data)
    if isinstance(data, pd.Series):
        return _of_series(data, None)
    array = data if isinstance(data, np.ndarray) else np.asarray(data)
    if array.ndim != 1:
        raise DataError(
            f"data of shape {array.shape} were given where one series of observations is expected",
            "take one row at a time. Arrays that hold block maxima already go straight to fit(), peaks to as_peaks().",
        )
    return _present(_real(array), None, "value", None, None)


def _of_record(record: Record) -> Observations:
    """Of a record without dates the places that its values had among the rows, which are counted whole."""
    found = replace(_of_series(record.series, record.audit), events=record.events)
    places = record.series.index.to_numpy()
    if found.index is not None or places.dtype.kind != "i" or np.any(np.diff(places) <= 0):
        return found
    rows = record.audit.rows_read - record.audit.not_chosen
    return replace(found, positions=places, size=max(rows, int(places[-1]) + 1))


def _of_table(table: pd.DataFrame) -> Observations:
    """One value, with its time beside it, is read as from a file; of several columns one has to be picked."""
    values = [name for name in table.columns if not tells_time(pd.Index(table[name].to_numpy()))]
    if len(values) != 1:
        columns = ", ".join(map(repr, values))
        raise DataError(
            "a table was given where one series is expected",
            f"pick one of its columns: {columns}, or read it first, read_series(table, time=..., value=...).",
        )
    return _of_record(read_series(table))


def _of_series(series: pd.Series, audit: Audit | None) -> Observations:
    values = _real(series)
    if series.index.nlevels > 1:
        levels = ", ".join(map(repr, series.index.names))
        raise DataError(
            f"the series has several index levels ({levels}), so it may hold several series",
            "choose one, such as series.xs(...), or read_series(series.reset_index(), time=..., value=..., where=...).",
        )
    refuse_strange(series.index)
    index = timestamps(series.index)
    if index is not None and index.hasnans:
        missing = np.count_nonzero(index.isna())
        raise DataError(f"{missing} timestamps are missing (NaT)", "drop or date those rows first.")
    if index is not None and not index.is_monotonic_increasing:
        order = index.argsort(kind="stable")
        index, values = index[order], values[order]
    name = "value" if series.name is None else str(series.name)
    told = series.attrs.get("unit", "")  # None of what has none, such as returns
    unit = audit.unit if audit is not None else unit_of(name) if told == "" else told
    found = _present(values, index, name, unit, audit)
    if audit is not None:
        return replace(found, leap_days=has_leap_days(audit.notes))
    calendar = calendar_note(series.index)
    notes = tuple(note for note in (calendar, *series.attrs.get("notes", ())) if isinstance(note, Note))
    return replace(found, notes=notes, leap_days=has_leap_days(notes))


def _present(
    values: Array, index: pd.DatetimeIndex | None, name: str, unit: str | None, audit: Audit | None
) -> Observations:
    if (infinite := np.flatnonzero(np.isinf(values))).size:
        at = infinite[0]
        where = f"position {at} (counted from 0)" if index is None else str(index[at])
        raise DataError(f"{name} is infinite at {where}", "correct it, or leave it empty (NaN) where it is missing.")
    missing = np.isnan(values)
    if missing.all():
        raise DataError(f"{name} holds no value ({values.size} rows, all missing or none)", "check the column.")
    positions = np.flatnonzero(~missing)
    if positions.size < values.size:
        values, index = values[positions], index if index is None else index[positions]
    return Observations(values, index, positions, missing.size, name, unit, audit)


def _real(data: pd.Series | NDArray[Any]) -> Array:
    """The values as floats, NaN where missing; objects one by one, texts never."""
    if not (data.dtype == object or pd.api.types.is_any_real_numeric_dtype(data.dtype)):
        raise DataError(
            f"the values are of type {data.dtype}; real numbers are expected.",
            "Convert them first, for example with pandas.to_numeric, or read the file with read_series.",
        )
    return float_cells(data).to_numpy()
