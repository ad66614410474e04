"""The values of a Record, a Series or an array as plain float64 numbers in time order, or a clear refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evstats.errors import DataError
from evstats.series.records import Audit, Record
from evstats.series.units import unit_of

YEARS = range(1500, 2201)
"""Whole numbers in this range that index a series are taken for calendar years."""


@dataclass(frozen=True, eq=False)
class Observations:
    """The non-missing values in time order.

    ``values`` and ``positions`` have shape (n,), ``positions`` counting all ``size`` rows, missing ones included;
    ``index`` holds the timestamps (n,), None for undated data.
    """

    values: NDArray[np.float64]
    index: pd.DatetimeIndex | None
    positions: NDArray[np.intp]
    size: int
    name: str = "value"
    unit: str | None = None
    audit: Audit | None = None

    @property
    def series(self) -> pd.Series:
        """The non-missing values as a Series, numbered by position where there are no dates."""
        return pd.Series(self.values, index=self.positions if self.index is None else self.index, name=self.name)


def observations(data: Any) -> Observations:
    """The observations of a Record, a Series (dated, by year, or undated) or a one-dimensional array.

    Raises
    ------
    DataError : values that are not real numbers, more than one dimension, an infinite value, no value at all.
    """
    if isinstance(data, Record):
        return _of_series(data.series, data.audit)
    if isinstance(data, pd.DataFrame):
        columns = ", ".join(map(repr, data.columns))
        raise DataError(f"a table was given where one series is expected; pick one of its columns: {columns}.")
    if isinstance(data, pd.Series):
        return _of_series(data, None)
    array = data if isinstance(data, np.ndarray) else np.asarray(data)
    if array.ndim != 1:
        raise DataError(
            f"data of shape {array.shape} were given where one series of observations is expected; take block maxima "
            "row by row. Arrays that hold block maxima already go straight to fit()."
        )
    _refuse_unreal(array.dtype)
    values = array.astype(np.float64)
    filled = values.filled(np.nan) if isinstance(values, np.ma.MaskedArray) else values
    return _present(filled, None, "value", None, None)


def _of_series(series: pd.Series, audit: Audit | None) -> Observations:
    _refuse_unreal(series.dtype)
    index = _timestamps(series.index)
    values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    if index is not None and not index.is_monotonic_increasing:
        order = index.argsort(kind="stable")
        index, values = index[order], values[order]
    name = "value" if series.name is None else str(series.name)
    unit = audit.unit if audit is not None else series.attrs.get("unit") or unit_of(name)
    return _present(values, index, name, unit, audit)


def _present(
    values: NDArray[np.float64], index: pd.DatetimeIndex | None, name: str, unit: str | None, audit: Audit | None
) -> Observations:
    if (infinite := np.flatnonzero(np.isinf(values))).size:
        at = infinite[0]
        where = f"position {at} (counted from 0)" if index is None else str(index[at])
        raise DataError(f"{name} is infinite at {where}; correct it, or leave it empty (NaN) where it is missing.")
    missing = np.isnan(values)
    if missing.all():
        raise DataError(f"{name} holds no value ({values.size} rows, all missing or none); check the column.")
    positions = np.flatnonzero(~missing)
    if positions.size < values.size:
        values, index = values[positions], index if index is None else index[positions]
    return Observations(values, index, positions, missing.size, name, unit, audit)


def _refuse_unreal(dtype: Any) -> None:
    if not pd.api.types.is_any_real_numeric_dtype(dtype):
        raise DataError(
            f"the values are of type {dtype}; real numbers are expected. Convert them first, for example with "
            "pandas.to_numeric, or read the file with read_series."
        )


def _timestamps(index: pd.Index) -> pd.DatetimeIndex | None:
    """The timestamps of an index, None for one that only numbers the rows."""
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    elif pd.api.types.is_integer_dtype(index.dtype) and len(index) and index.isin(YEARS).all():
        index = pd.DatetimeIndex((index.to_numpy() - 1970).astype("datetime64[Y]").astype("datetime64[s]"))
    if not isinstance(index, pd.DatetimeIndex):
        return None
    if index.hasnans:
        raise DataError(
            f"{np.count_nonzero(index.isna())} timestamps are missing (NaT); drop or date those rows first."
        )
    return index
