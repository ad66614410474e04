"""Joining covariates to the blocks (or peaks) of a sample: by label, year or date, or by position.

Nothing is averaged: what is finer than the blocks is refused with the way to resample it. What is coarser holds for
every block within: the value of a year for each of its months, that of a day for a peak on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from evstats.arrays import Array, Places
from evstats.errors import ArgumentError, DataError, EvstatsError
from evstats.models.covariates import TIME_OF_YEAR, YEAR, Covariates
from evstats.models.rows import DAILY, MONTHLY, YEARLY, Rows, Spans, as_said, days_apart, is_counted, stamps_of, within
from evstats.text.arguments import InPython, Text

if TYPE_CHECKING:
    import pandas as pd

#: Covariates closer together than this share of a block are finer than blocks, further than the other coarser.
_FINER, _COARSER = 0.75, 1.33
_DAYS_PER_YEAR: Final = 365.25
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def joined(rows: Rows, covariates: Any = None) -> Covariates:
    """The covariates at every row, NaN where one has no value.

    Parameters
    ----------
    rows
        Of the sample.
    covariates
        A DataFrame, a Series with a name, a mapping of names to arrays or Series, or a list of such. A frame
        indexed by year, date or the labels of the blocks is joined by them; an array, and a frame with the index 0 to
        n - 1, goes by position. A covariate named ``year`` replaces the year of the blocks.

    Raises
    ------
    DataError
        Labels of which none is one of the rows, two values for one row, text, an infinite value, covariates
        finer than the blocks.
    ArgumentError
        Another number of values than rows, a covariate without a name, one that is given twice.
    """
    columns: dict[str, Array | EvstatsError] = {**rows.own.columns}
    given: set[str] = set()
    for name, values in _columns(rows, covariates):
        if name in given:
            raise ArgumentError(
                f"the covariate {name!r} is given twice", "rename one of the two.", argument="covariates"
            )
        if name == TIME_OF_YEAR:
            raise ArgumentError(
                f"a covariate is named {name!r}, which the blocks bring with them", "rename it.", argument="covariates"
            )
        given.add(name)
        columns[name] = values
    usable = {name: values for name, values in columns.items() if not isinstance(values, EvstatsError)}
    unusable = {name: values for name, values in columns.items() if isinstance(values, EvstatsError)}
    return replace(rows.own, columns=usable, unusable=unusable)


def _columns(rows: Rows, given: Any) -> Iterator[tuple[str, Array | EvstatsError]]:
    """Name and values at the rows of every covariate; the error of one that is no numbers."""
    from evstats.reading.containers import in_pandas

    given = in_pandas(given)
    if given is None:
        return
    if hasattr(given, "columns") and hasattr(given, "index"):
        yield from _of_frame(rows, given)
    elif hasattr(given, "index") and hasattr(given, "to_frame"):
        if given.name is None:
            raise ArgumentError(
                "a covariate has no name", "give it one, as in series.rename('gmst').", argument="covariates"
            )
        yield from _of_frame(rows, given.to_frame())
    elif isinstance(given, Mapping):
        for name, values in given.items():
            if hasattr(values, "index") and hasattr(values, "to_frame"):
                yield from _of_frame(rows, values.to_frame(name))
            else:
                yield str(name), _in_order(rows, name, values)
    elif isinstance(given, Sequence) and not isinstance(given, str):
        for each in given:
            yield from _columns(rows, each)
    else:
        raise ArgumentError(
            f"covariates are of type {type(given).__name__}",
            "give a DataFrame, a Series with a name, or a mapping such as {'gmst': values}.",
            argument="covariates",
        )


def _of_frame(rows: Rows, frame: pd.DataFrame) -> Iterator[tuple[str, Array | EvstatsError]]:
    names = [str(name) for name in frame.columns]
    if not names:
        return
    if not len(frame):
        raise DataError(
            f"the table of covariates with {', '.join(map(repr, names))} has no rows.", argument="covariates"
        )
    if frame.index.nlevels > 1:
        raise ArgumentError(
            "the table of covariates has several index levels", "choose one row for each block.", argument="covariates"
        )
    if is_counted(frame.index):
        _refuse_years_in_a_column(rows, frame)
        for place, name in enumerate(names):
            yield name, _in_order(rows, name, frame.iloc[:, place])
        return
    found = _Match(rows, frame.index, names[0]).places
    if not (found >= 0).any():
        raise _no_overlap(rows, frame.index, names)
    for place, name in enumerate(names):
        values = _numbers(
            name, frame.iloc[:, place].array, lambda row: str(as_said(frame.index[row])), found[found >= 0]
        )
        yield name, values if isinstance(values, EvstatsError) else np.where(found >= 0, values[found], np.nan)


def _refuse_years_in_a_column(rows: Rows, frame: pd.DataFrame) -> None:
    """A table that holds years or dates beside its values was most likely meant to be joined by them."""
    names = [str(name) for name in frame.columns]
    column = next((place for place, name in enumerate(names) if name.lower() in _OF_TIME), None)
    if column is None or rows.years is None:
        return
    years = _years(frame.iloc[:, column])
    if years is not None and not np.array_equal(years, rows.years) and np.isin(years, rows.years).any():
        raise DataError(
            f"the covariates go by position, and their column {names[column]!r} has other years than the {rows.noun}s",
            f"join them by it with covariates.set_index({names[column]!r}).",
            argument="covariates",
        )


#: Columns that tell the time of a table.
_OF_TIME: Final = frozenset({YEAR, "date", "time"})


def _years(column: pd.Series) -> Array | None:
    """The years in a column of years or dates; None where it holds neither."""
    import pandas as pd

    if column.dtype.kind in "iuf":
        return column.to_numpy(dtype=np.float64)
    try:
        stamps = stamps_of(pd.Index(column.to_numpy()))
    except DataError:
        return None
    return None if stamps is None else stamps.year.to_numpy(dtype=np.float64)


def _in_order(rows: Rows, name: Any, values: Any) -> Array | EvstatsError:
    """Values by position."""
    array = np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan) if np.ma.isMaskedArray(values) else values
    array = getattr(array, "array", None) if hasattr(array, "iloc") else np.asarray(array)
    if array is None or array.ndim != 1:
        raise ArgumentError(
            f"the covariate {name!r} is not one series of values",
            f"give {rows.count} of them, in the order of the {rows.noun}s.",
            argument="covariates",
        )
    if len(array) != rows.count:
        indexed = "index them by year, date or the labels of the blocks, or " if rows.labels is not None else ""
        raise ArgumentError(
            f"the covariate {name!r} has {len(array)} values and there are {rows.count} {rows.noun}s",
            f"{indexed}give {rows.count} of them.",
            argument="covariates",
        )
    return _numbers(str(name), array, lambda row: f"row {row} (counted from 0)", np.arange(len(array)))


def _numbers(name: str, values: Any, where: Callable[[int], str], used: Places) -> Array | EvstatsError:
    """A column as numbers, NaN for missing ones, if it is one at the rows that are used; else what is wrong."""
    import pandas as pd

    column = pd.Series(values)
    if column.dtype.kind in "Mmc" or isinstance(column.dtype, pd.PeriodDtype):
        return DataError(f"the covariate {name!r} is of type {column.dtype}", "convert it.", argument="covariates")
    if column.dtype.kind in "iufb" and not isinstance(column.dtype, pd.CategoricalDtype):
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        plain = column.astype(object)
        numbers = np.array([_number(cell) for cell in plain], dtype=np.float64)
        texts = [row for row in used if np.isnan(numbers[row]) and not pd.isna(plain.iloc[row])]
        if texts:
            return DataError(
                f"the covariate {name!r} holds {plain.iloc[texts[0]]!r} at {where(texts[0])}, which is no number",
                "convert it; for groups give columns of 0 and 1.",
                argument="covariates",
            )
    infinite = used[np.isinf(numbers[used])]
    if infinite.size:
        remedy = "correct it, or leave it empty (NaN)."
        return DataError(
            f"the covariate {name!r} is infinite at {where(int(infinite[0]))}", remedy, argument="covariates"
        )
    return numbers


def _number(cell: Any) -> float:
    """A cell of a column of objects; NaN where it is no number. Texts of digits are texts."""
    if isinstance(cell, str | bytes):
        return np.nan
    try:
        return float(cell)
    except (TypeError, ValueError):
        return np.nan


@dataclass(frozen=True, eq=False)
class _Match:
    """The rows of a sample and the index of covariates; ``name`` is that of the first of them."""

    rows: Rows
    index: pd.Index
    name: str

    @property
    def places(self) -> Places:
        """Where in the index the value of each row stands, -1 where it has none."""
        rows = self.rows
        if rows.labels is None and rows.years is None:
            raise ArgumentError(
                f"the {rows.noun}s have neither dates nor labels, and the covariate {self.name!r} is indexed",
                "give it in their order with reset_index(drop=True), or fit what block_maxima returns.",
                argument="covariates",
            )
        if rows.labels is not None and np.array_equal(self.index.astype(object), rows.labels):
            return np.arange(len(self.index))  # row by row the same, however often a label occurs
        unread: DataError | None = None
        try:
            stamps = stamps_of(self.index)
        except DataError as error:  # texts that begin like dates, such as 1972-DJF
            stamps, unread = None, error
        dated = stamps is not None and self.index.dtype.kind not in "iu"
        if stamps is not None and dated and rows.spans is not None:
            return self._by_time(stamps, rows.spans)
        if rows.labels is not None:
            labelled = self._matched(self.index.astype(object), rows.labels)
            if (labelled >= 0).any():
                return labelled
        if stamps is not None and rows.years is not None and not (dated and days_apart(stamps) < YEARLY[0]):
            return self._by_year(stamps, rows.years)
        raise self._no_dates() from unread

    def _no_dates(self) -> DataError:
        labels = self.rows.shown
        own = "" if labels is None else f", {labels[0]} to {labels[-1]}"
        dated = "by year or date, or " if self.rows.years is not None else ""
        return DataError(
            f"the covariate {self.name!r} is indexed by labels such as {as_said(self.index[0])}, which are not those "
            f"of the {self.rows.noun}s",
            f"index it {dated}by the labels of the {self.rows.noun}s{own}.",
            argument="covariates",
        )

    def _matched(self, keys: Any, wanted: Any) -> Places:
        """The place of every wanted key among the keys, which hold it once or not at all."""
        import pandas as pd

        # an index keeps its type: that of objects is one of labels, which pandas 2 would take for dates
        keys, wanted = (own if isinstance(own, pd.Index) else pd.Index(own) for own in (keys, wanted))
        repeated = keys.duplicated(keep=False) & keys.isin(wanted)
        if repeated.any():
            first, count = self.index[np.flatnonzero(repeated)[0]], int(repeated.sum())
            raise DataError(
                f"the covariate {self.name!r} has two values for {as_said(first)}",
                Text(
                    "keep one of them, or their mean",
                    InPython(", as by covariate.groupby(level=0).mean()"),
                    f"; {count} values in all share their {self.rows.noun} with another.",
                ),
                argument="covariates",
            )
        once = np.flatnonzero(~keys.duplicated())
        found = keys[once].get_indexer(wanted)
        return np.where(found >= 0, once[found], -1)

    def _by_year(self, stamps: pd.DatetimeIndex, years: Array) -> Places:
        spans = self.rows.spans
        if spans is not None and days_apart(stamps) < _FINER * spans.days:
            raise self._finer(days_apart(stamps), spans)
        return self._matched(stamps.year.to_numpy(), years.astype(np.int64))

    def _by_time(self, stamps: pd.DatetimeIndex, spans: Spans) -> Places:
        """By date: the calendar year, month or day that a row lies in, or the block that begins or ends there."""
        rows, step, days = self.rows, days_apart(stamps), spans.days
        if step < _FINER * days:
            raise self._finer(step, spans)
        if days > 0.0 and rows.labels is not None:  # a series that bears the dates of the covariate
            alike = self._matched(stamps.astype(object), rows.labels)
            if (alike >= 0).any():
                return alike
        if within(step, YEARLY) or not np.isfinite(step):
            if rows.years is not None and _are_calendar_years(stamps, spans):
                return self._by_year(stamps, rows.years)
            return self._by_edges(stamps, spans)
        for bounds, unit in ((MONTHLY, "M"), (DAILY, "D")):
            if within(step, bounds) and days <= bounds[1]:
                return self._matched(_in(unit, stamps), _in(unit, spans.middle))
        if days == 0.0 and step < DAILY[0]:
            return self._matched(stamps.to_numpy(), spans.starts.to_numpy())
        if step > _COARSER * days:
            raise self._no_period(step)
        return self._by_edges(stamps, spans)

    def _by_edges(self, stamps: pd.DatetimeIndex, spans: Spans) -> Places:
        """Dates that are the first or the last day of blocks."""
        days, (starts, ends) = _in("D", stamps), spans
        first, last = self._matched(days, _in("D", starts)), self._matched(days, _in("D", ends) - 1)
        found = np.where(first >= 0, first, last)
        overlap = stamps.max() >= starts.min() and stamps.min() <= ends.max()
        if overlap and not (found >= 0).any():
            raise DataError(
                f"the dates of the covariate {self.name!r}, such as {as_said(stamps[0])}, neither begin nor end the "
                f"{self.rows.noun}s, the first of which runs from {as_said(starts[0])} to {as_said(ends[0])}",
                self._by_first_days(),
                argument="covariates",
            )
        return found

    def _by_first_days(self) -> Text:
        """What to do about dates of which it is not known which block they mean."""
        labels = self.rows.shown
        own = "" if labels is None else f", or index it by their labels, {labels[0]} to {labels[-1]}"
        return Text(f"date each value by the first or the last day of its {self.rows.noun}", InPython(own), ".")

    def _finer(self, step: float, spans: Spans) -> DataError:
        dated = self.index.dtype.kind == "M"
        how = InPython(f", for example covariate.resample({_rule(spans)!r}).mean()" if dated else "")
        return DataError(
            f"the covariate {self.name!r} has a value every {_days(step)}, and a {self.rows.noun} takes "
            f"{_days(spans.days)}",
            Text(f"make one value a {self.rows.noun} of them, such as their mean", how, "."),
            argument="covariates",
        )

    def _no_period(self, step: float) -> DataError:
        return DataError(
            f"the covariate {self.name!r} has a value every {_days(step)}, of which it is not known which "
            f"{self.rows.noun}s it holds for",
            "index it by the labels of the blocks, or give values of days, months or years.",
            argument="covariates",
        )


def _in(unit: str, stamps: pd.DatetimeIndex) -> Any:
    return stamps.to_numpy().astype(f"datetime64[{unit}]").astype(np.int64)


def _are_calendar_years(stamps: pd.DatetimeIndex, spans: Spans) -> bool:
    """Whether annual dates stand for calendar years: all on their first or last day, or in their middle.

    Where there is one block a year and it begins on the day of the dates, they are those of the blocks.
    """
    days, begins = ({(stamp.month, stamp.day) for stamp in each} for each in (stamps, spans.starts))
    if spans.days and days == begins and days != {(1, 1)}:
        return False
    return days in ({(1, 1)}, {(12, 31)}) or all(month in (6, 7) for month, _ in days)


def _rule(spans: Spans) -> str:
    """The rule of pandas that makes one value of each block."""
    month, days = _MONTHS[spans.starts[0].month - 1], spans.days
    if days > YEARLY[1]:
        return f"{round(days / _DAYS_PER_YEAR)}YS-{month}"
    if days > YEARLY[0]:
        return "YS" if month == "JAN" else f"YS-{month}"
    if days > 2.0 * MONTHLY[0]:
        return f"QS-{month}"
    return "MS" if days >= MONTHLY[0] else f"{max(1, round(days))}D"


def _days(days: float) -> str:
    return "day" if within(days, DAILY) else f"{days:.3g} days"


def _no_overlap(rows: Rows, index: pd.Index, names: Sequence[str]) -> DataError:
    shown = rows.shown
    listed = ", ".join(map(repr, names[:3])) + (" ..." if len(names) > 3 else "")
    of_rows = "" if shown is None or not rows.count else f", and the {rows.noun}s from {shown[0]} to {shown[-1]}"
    return DataError(
        f"the covariates {listed} go from {as_said(index[0])} to {as_said(index[-1])}{of_rows}: they have none in "
        "common",
        "check how both are labelled.",
        argument="covariates",
    )


__all__ = ["joined"]
