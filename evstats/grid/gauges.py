"""Many gauges with records of unequal length as one array, whose dimension ``station`` takes the place of a grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evstats.errors import ArgumentError, DataError, unknown_name
from evstats.extremes.records import Extremes
from evstats.grid.arrays import refuse_without_xarray
from evstats.habits import knowing_their_names
from evstats.reading.containers import in_pandas, is_foreign
from evstats.reading.frames import float_cells
from evstats.reading.records import Record
from evstats.reading.timestamps import timestamps
from evstats.reading.units import unit_of
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    import xarray as xr


@knowing_their_names
def stations(
    data: Any, value: str | None = None, *, time: str = "time", station: str = "station", unit: str | None = None
) -> xr.DataArray:
    """Records of many gauges as one DataArray (station, time), NaN where one has no value.

    Parameters
    ----------
    data
        A long table (pandas, polars and others) with a row for each value; or a mapping of the names of the gauges
        to their records, each a Series indexed by times or years, a Record, or the ``Extremes`` of its blocks.
    value, time, station
        The columns of a long table that hold the value, its time or year, and the gauge. Other
        columns that are the same in all rows of a gauge, such as latitude and longitude, become coordinates.
    unit
        Of the values, where neither a Record nor the name of the column tells it.

    Returns
    -------
    DataArray
        Of all gauges in the order in which they come first, and all times in order, for all that takes a grid.

    Raises
    ------
    DataError
        Two values of one gauge at one time; a row without a time or a gauge.
    ArgumentError
        An unknown column; nothing that is a table or a mapping of records.

    Notes
    -----
    All times of all gauges are held, so that 5,000 gauges of 80 years of days take 1.2 GB: take the block maxima of
    each first and pass those, ``{name: evstats.block_maxima(series) ...}``.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"gauge": list("AABBB"), "year": [2001, 2002, 2002, 2003, 2004], "flow": range(5)})
    >>> stations(table, "flow", time="year", station="gauge").values
    array([[ 0.,  1., nan, nan],
           [nan,  2.,  3.,  4.]])
    """
    refuse_without_xarray()
    if isinstance(data, Mapping):
        table, attrs = _of_records(data, unit)
        name = attrs.pop("name", "value")
        return _unfolded(table, "value", "time", "station", attrs).rename(name)
    table = _table(data)
    if value is None:
        raise ArgumentError(Text("say which column holds the values, ", Setting("value"), "."), argument="value")
    for name in (value, time, station):
        if name not in table.columns:
            raise unknown_name("column", name, map(str, table.columns))
    known = unit or unit_of(str(value))
    return _unfolded(table, value, time, station, {} if known is None else {"units": known})


def _unfolded(table: pd.DataFrame, value: str, time: str, station: str, attrs: Mapping[str, Any]) -> Any:
    """A long table as an array (station, time)."""
    import xarray as xr

    for name in (time, station):
        if (empty := np.flatnonzero(table[name].isna())).size:
            raise DataError(
                f"the column {name!r} is empty in row {empty[0]} (counted from 0)", "fill or drop that row."
            )
    gauges, labels = pd.factorize(table[station])
    index = pd.Index(table[time])
    stamps = None if index.dtype.kind in "iu" else timestamps(index)
    moments, axis = pd.factorize(index if stamps is None else stamps, sort=True)
    if (twice := np.flatnonzero(pd.Series(gauges * len(axis) + moments).duplicated())).size:
        row = table.iloc[twice[0]]
        raise DataError(
            f"the gauge {row[station]} has two values at {row[time]}", "keep one, as with table.drop_duplicates(...)."
        )
    values = np.full((len(labels), len(axis)), np.nan)
    values[gauges, moments] = float_cells(table[value]).to_numpy()
    coordinates: dict[str, Any] = {"station": np.asarray(labels), "time": np.asarray(axis)}
    first = np.flatnonzero(~pd.Series(gauges).duplicated())
    for name in table.columns.drop([value, time, station]):
        own = table[name].iloc[first].to_numpy()
        if (table[name].to_numpy() == own[gauges]).all():
            coordinates[str(name)] = ("station", own)
    return xr.DataArray(values, coordinates, ("station", "time"), name=str(value), attrs=dict(attrs))


def _table(data: Any) -> pd.DataFrame:
    table = in_pandas(data) if is_foreign(data) else data
    if not isinstance(table, pd.DataFrame):
        raise ArgumentError(
            f"data is of type {type(data).__name__}",
            "give a long table with a row for each value, or a mapping of the names of the gauges to their records.",
        )
    return table


def _of_records(records: Mapping[Any, Any], unit: str | None) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Records by the names of their gauges as a long table, and what they tell of the values."""
    parts: list[pd.DataFrame] = []
    attrs: dict[str, Any] = {} if unit is None else {"units": unit}
    for name, record in records.items():
        own = _series(name, record)
        parts.append(pd.DataFrame({"station": name, "time": own.index, "value": own.to_numpy()}))
        if isinstance(record, Extremes):
            attrs |= {"kind": record.kind, "name": record.name}
            attrs |= {} if record.blocks_per_year is None else {"blocks_per_year": record.blocks_per_year}
        told = record.audit.unit if isinstance(record, Record) else getattr(record, "unit", own.attrs.get("unit"))
        if told is not None:
            attrs.setdefault("units", told)
    if not parts:
        raise ArgumentError("there is no record of a gauge", "give a mapping of their names to their records.")
    return pd.concat(parts, ignore_index=True), attrs


def _series(name: Any, record: Any) -> pd.Series:
    if isinstance(record, Extremes):
        return pd.Series(record.values, index=pd.Index(record.blocks.tolist()))
    own = record.series if isinstance(record, Record) else record
    if not isinstance(own, pd.Series):
        raise ArgumentError(
            f"the record of {name!r} is of type {type(own).__name__}",
            "give a Series indexed by times or years, a Record, or the extremes of its blocks.",
        )
    return own


__all__ = ["stations"]
