"""Series, DataFrames and arrays in memory as a table: numbers and dates are taken as they are, texts as in files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types
from pandas.api.extensions import ExtensionDtype

from evstats.arrays import Array
from evstats.errors import DataError
from evstats.notes import as_note
from evstats.reading.columns import Columns, choose_columns
from evstats.reading.containers import Frame, in_pandas
from evstats.reading.keys import Chosen
from evstats.reading.ledger import Ledger
from evstats.reading.rows import refuse_unsplit
from evstats.reading.table import Table
from evstats.reading.timestamps import calendar_note, may_be_decimal_years, refuse_strange, tells_time, typed
from evstats.reading.wide import Wide, find_wide, unfold

INDEX = "index"
_SAMPLE, _SHOWN = 4_000, 100

DtypeObj = np.dtype[Any] | ExtensionDtype
Tabular = pd.Series | pd.DataFrame | NDArray[Any] | Frame


def table_of(
    data: Any,
    time: str | Sequence[str] | None,
    value: str | None,
    where: Chosen | None = None,
    name: str = "the table",
    beside: Sequence[str] = (),
) -> tuple[Table, Columns, str | None]:
    """The chosen columns of data in memory, rows numbered from 1, and the unit where the data carry it."""
    frame = _as_frame(in_pandas(data, value))
    if frame.empty:
        raise DataError(f"{name} has no rows", "pass at least one value.")
    cells = _sampled(frame)
    for column in cells:
        refuse_unsplit(cells[column][:_SHOWN], f"column {column!r}")
    if (wide := find_wide(cells, True, time, value)) is not None:
        return _unfolded(frame, wide, name, where, beside)
    columns = choose_columns(cells, cells, time, value, where, beside=beside)
    chosen = pd.DataFrame({column: _time_cells(frame[column]) for column in columns.time})
    chosen[columns.value] = _value_cells(frame[columns.value])
    for text in columns.texts:
        chosen[text] = _as_text(frame[text])
    table = Table(name, chosen, np.arange(1, len(frame) + 1), lambda: _row_texts(chosen, columns), "row")
    told = (calendar_note(frame[column]) for column in columns.time)
    columns = replace(columns, notes=(*columns.notes, *(note for note in told if note)))
    return table, columns, frame.attrs["units"].get(columns.value)


def texts_of(data: Any, names: Sequence[str], value: str | None) -> pd.DataFrame:
    """Further columns of the same rows, as text."""
    frame = _as_frame(in_pandas(data, value))
    return pd.DataFrame({name: _as_text(frame[name]) for name in names}, index=frame.index)


def _unfolded(
    frame: pd.DataFrame, wide: Wide, name: str, where: Chosen | None, beside: Sequence[str]
) -> tuple[Table, Columns, str | None]:
    texts = frame.apply(_as_text)
    whole = Table(name, texts, np.arange(1, len(frame) + 1), lambda: list(texts.agg(", ".join, axis=1)), "row")
    table, ledger = unfold(whole, Ledger(whole), wide)
    sample = table.frame[:_SAMPLE]
    columns = choose_columns(sample, sample, wide.time, wide.value, where, beside=beside)
    return table, replace(columns, notes=(*columns.notes, *map(as_note, ledger.notes))), wide.unit


def _row_texts(frame: pd.DataFrame, columns: Columns) -> list[str]:
    shown = frame[[*columns.time, columns.value]].astype(object)
    return [", ".join(map(str, row)) for row in shown.itertuples(index=False)]


def _as_frame(data: Any) -> pd.DataFrame:
    """The data as a flat frame whose ``attrs["units"]`` has the units that the data carry, by column."""
    if isinstance(data, pd.DataFrame):
        return _flat(data, data.attrs.get("units"))
    if isinstance(data, pd.Series):
        name = _name_of(data)
        return _flat(data.to_frame(name), {name: data.attrs["unit"]} if "unit" in data.attrs else None)
    if data.dtype.names:  # a record array has columns
        return _flat(pd.DataFrame.from_records(np.asarray(data)))
    return _flat(_one_series(data).to_frame("value"))


def float_cells(data: pd.Series | NDArray[Any]) -> pd.Series:
    """One series of real numbers as float64, NaN where masked or missing; other types and shapes are refused."""
    if isinstance(data, pd.Series):
        return pd.Series(_float_cells(data), index=data.index, name=data.name)
    return pd.Series(_float_cells(_one_series(data)))


def _one_series(data: NDArray[Any]) -> pd.Series:
    """A one-dimensional array as a series; of a masked one, numbers are NaN where they are masked."""
    array = np.ma.asanyarray(data)
    if array.ndim != 1:
        raise DataError(f"expected one series, got an array of shape {array.shape}", "pass one row or column of it.")
    if np.ma.is_masked(array):
        _require_real(array.dtype, "value")
        return pd.Series(np.ma.filled(array.astype(np.float64), np.nan), name="value")
    return pd.Series(np.asarray(array), name="value")


def _flat(frame: pd.DataFrame, units: object = None) -> pd.DataFrame:
    """The frame with text column names and its index, where that tells the time, as the first column."""
    if frame.columns.nlevels > 1 or frame.index.nlevels > 1:
        raise DataError(
            "the table has several index levels", "pass one column of it, or flatten it with reset_index()."
        )
    flat = frame.copy(deep=False)
    flat.columns = pd.Index([str(name) for name in frame.columns])
    repeated = flat.columns[flat.columns.duplicated()]
    if len(repeated):
        raise DataError(f"two columns are called {repeated[0]!r}", "rename one.")
    refuse_unsplit(frame.index[:_SHOWN], "the index")
    refuse_strange(frame.index)
    flat = flat.reset_index(drop=True)
    if tells_time(frame.index):
        name = str(frame.index.name or INDEX)
        own = pd.Series(frame.index, dtype=frame.index.dtype)  # objects stay objects with pandas 2 too
        flat.insert(0, name if name not in flat.columns else INDEX, own)
    flat.attrs = {"units": dict(units) if isinstance(units, Mapping) else {}}
    return flat


def _sampled(frame: pd.DataFrame) -> pd.DataFrame:
    """Cells as text, as the guesses read them; numbers of a kind that is refused stay out of them."""
    part = frame.iloc[:_SAMPLE]
    if len(frame) > _SAMPLE:
        part = pd.concat([part, frame.iloc[_SAMPLE :: max(1, len(frame) // _SAMPLE)]])
    return pd.DataFrame({name: _as_text(part[name]) for name in part.columns}, dtype=object).reset_index(drop=True)


def _as_text(cells: pd.Series) -> pd.Series:
    if may_be_decimal_years(cells):
        cells = cells.round(8)  # a third of a second: digits beyond are those of binary numbers
    return cells.astype(object).where(cells.notna(), "").map(str)


def _time_cells(cells: pd.Series) -> pd.Series:
    times = typed(pd.Index(cells, dtype=cells.dtype))
    return _as_text(cells).str.strip() if times is None else pd.Series(times, name=cells.name)


def _value_cells(cells: pd.Series) -> pd.Series | Array:
    """A column as real numbers; one with texts as texts, which are read as in a file."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        cells = cells.astype(cells.cat.categories.dtype)
    textual = types.is_object_dtype(cells.dtype) or types.is_string_dtype(cells.dtype)
    if textual and any(isinstance(cell, str) for cell in cells):
        _refuse_objects(cells, str)
        return _as_text(cells).str.strip()
    return _float_cells(cells)


def _float_cells(cells: pd.Series) -> Array:
    if cells.dtype == object:
        _refuse_objects(cells)
        return pd.to_numeric(cells).to_numpy(dtype=np.float64)
    _require_real(cells.dtype, _name_of(cells))
    return cells.to_numpy(dtype=np.float64, na_value=np.nan)


def _name_of(cells: pd.Series) -> str:
    return "value" if cells.name is None else str(cells.name)


def _refuse_objects(cells: pd.Series, *more: type) -> None:
    """An error for a cell of an object column that is no number (nor of the further types), with its row."""
    for row, cell in enumerate(cells):
        real = isinstance(cell, (int, float, np.integer, np.floating, *more)) or type(cell).__name__ == "Decimal"
        if isinstance(cell, bool) or not (real or pd.isna(cell)):
            raise DataError(
                f"column {_name_of(cells)!r} has {cell!r} ({type(cell).__name__}) in row {row + 1}, expected real "
                "numbers",
                "convert it with pandas.to_numeric first.",
            )


def _require_real(dtype: DtypeObj, name: str) -> None:
    real = types.is_numeric_dtype(dtype) and not (types.is_bool_dtype(dtype) or types.is_complex_dtype(dtype))
    if not real:
        raise DataError(
            f"column {name!r} is of type {dtype}, expected real numbers",
            "choose another column or convert it first (pandas.to_numeric for text, .abs() or .real for complex "
            "numbers).",
        )
