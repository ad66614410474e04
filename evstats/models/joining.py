"""Joining covariates to the blocks (or peaks) of a sample: by label, year or date, or by position."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from evstats.arrays import Array, Places
from evstats.errors import ArgumentError, DataError, EvstatsError
from evstats.models.covariates import TIME_OF_YEAR, YEAR, Covariates
from evstats.models.matching import Match
from evstats.models.rows import Rows, as_said, is_counted, stamps_of

if TYPE_CHECKING:
    import pandas as pd


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
    found = Match(rows, frame.index, names[0]).places
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
        stamps = stamps_of(pd.Index(column))
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
