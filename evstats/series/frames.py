"""Series, DataFrames and arrays in memory as a table: their types are checked, nothing is parsed that is a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types
from pandas.api.extensions import ExtensionDtype

from evstats.errors import DataError
from evstats.series.columns import Columns, choose_columns
from evstats.series.dates import YEAR, format_of
from evstats.series.keys import Chosen
from evstats.series.table import Table

INDEX = "index"
_SAMPLE = 4_000

DtypeObj = np.dtype[Any] | ExtensionDtype
Tabular = pd.Series | pd.DataFrame | NDArray[Any]


def table_of(
    data: Tabular, time: str | Sequence[str] | None, value: str | None, where: Chosen | None = None
) -> tuple[Table, Columns]:
    """The chosen columns of data in memory; rows are numbered from 1."""
    frame = _as_frame(data)
    if frame.empty:
        raise DataError("the table has no rows; pass at least one value.")
    cells = _sampled(frame)
    columns = choose_columns(cells, cells, time, value, where)
    chosen = pd.DataFrame({name: _time_cells(frame[name]) for name in columns.time})
    chosen[columns.value] = _float_cells(frame[columns.value])
    for name in columns.texts:
        chosen[name] = _as_text(frame[name])
    table = Table("the table", chosen, np.arange(1, len(frame) + 1), lambda: _row_texts(chosen, columns), "row")
    return table, columns


def texts_of(data: Tabular, names: Sequence[str]) -> pd.DataFrame:
    """Further columns of the same rows, as text."""
    frame = _as_frame(data)
    return pd.DataFrame({name: _as_text(frame[name]) for name in names}, index=frame.index)


def _row_texts(frame: pd.DataFrame, columns: Columns) -> list[str]:
    shown = frame[[*columns.time, columns.value]].astype(object)
    return [", ".join(map(str, row)) for row in shown.itertuples(index=False)]


def _as_frame(data: Tabular) -> pd.DataFrame:
    if isinstance(data, pd.DataFrame):
        return _flat(data)
    if isinstance(data, pd.Series):
        return _flat(data.to_frame("value" if data.name is None else data.name))
    return float_cells(data).to_frame("value")


def float_cells(data: pd.Series | NDArray[Any]) -> pd.Series:
    """One series of real numbers as float64, NaN where masked or missing; other types and shapes are refused."""
    if isinstance(data, pd.Series):
        return pd.Series(_float_cells(data), index=data.index, name=data.name)
    array = np.ma.asanyarray(data)
    if array.ndim != 1:
        raise DataError(f"expected one series, got an array of shape {array.shape}; pass one row or column of it.")
    if array.dtype == object:
        return pd.Series(_from_objects(pd.Series(array), "value"))
    _require_real(array.dtype, "value")
    return pd.Series(np.ma.filled(array.astype(np.float64), np.nan))


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with text column names and its index, where that tells the time, as the first column."""
    if frame.columns.nlevels > 1 or frame.index.nlevels > 1:
        raise DataError("the table has several index levels; pass one column of it, or flatten it with reset_index().")
    flat = frame.copy(deep=False)
    flat.columns = pd.Index([str(name) for name in frame.columns])
    repeated = flat.columns[flat.columns.duplicated()]
    if len(repeated):
        raise DataError(f"two columns are called {repeated[0]!r}; rename one.")
    if _tells_time(frame.index):
        name = str(frame.index.name or INDEX)
        flat.insert(0, name if name not in flat.columns else INDEX, frame.index)
    return flat.reset_index(drop=True)


def _tells_time(index: pd.Index) -> bool:
    if isinstance(index, pd.DatetimeIndex | pd.PeriodIndex):
        return True
    if isinstance(index, pd.RangeIndex) and index.name is None and index.start in (0, 1):
        return False
    texts = index[:100].map(str)
    whole_years = types.is_integer_dtype(index.dtype) and index.is_monotonic_increasing and index.is_unique
    forms = {format_of(text) for text in texts}
    if types.is_integer_dtype(index.dtype):
        return whole_years and forms == {YEAR}
    return bool(len(texts)) and None not in forms


def _sampled(frame: pd.DataFrame) -> pd.DataFrame:
    """Cells as text, as the guesses read them; numbers of a kind that is refused stay out of them."""
    part = frame.iloc[:_SAMPLE]
    if len(frame) > _SAMPLE:
        part = pd.concat([part, frame.iloc[_SAMPLE :: max(1, len(frame) // _SAMPLE)]])
    return pd.DataFrame({name: _as_text(part[name]) for name in part.columns}, dtype=object).reset_index(drop=True)


def _as_text(cells: pd.Series) -> pd.Series:
    return cells.astype(object).where(cells.notna(), "").map(str)


def _time_cells(cells: pd.Series) -> pd.Series:
    if isinstance(cells.dtype, pd.PeriodDtype):
        return pd.Series(pd.PeriodIndex(cells).to_timestamp(), name=cells.name)
    return cells if types.is_datetime64_any_dtype(cells.dtype) else _as_text(cells).str.strip()


def _float_cells(cells: pd.Series) -> NDArray[np.float64]:
    name = str(cells.name)
    if cells.dtype == object:
        return _from_objects(cells, name)
    _require_real(cells.dtype, name)
    return cells.to_numpy(dtype=np.float64, na_value=np.nan)


def _from_objects(cells: pd.Series, name: str) -> NDArray[np.float64]:
    """Numbers in an object column (Decimal, mixed integers and None); anything else is refused with its row."""
    for row, cell in enumerate(cells):
        real = isinstance(cell, int | float | np.integer | np.floating) or type(cell).__name__ == "Decimal"
        if isinstance(cell, bool) or not (real or pd.isna(cell)):
            raise DataError(
                f"column {name!r} has {cell!r} ({type(cell).__name__}) in row {row + 1}, expected real numbers; "
                "convert it with pandas.to_numeric first."
            )
    return pd.to_numeric(cells).to_numpy(dtype=np.float64)


def _require_real(dtype: DtypeObj, name: str) -> None:
    real = types.is_numeric_dtype(dtype) and not (types.is_bool_dtype(dtype) or types.is_complex_dtype(dtype))
    if not real:
        raise DataError(
            f"column {name!r} is of type {dtype}, expected real numbers; choose another column or convert it first "
            "(pandas.to_numeric for text, .abs() or .real for complex numbers)."
        )
