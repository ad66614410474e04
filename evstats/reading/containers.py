"""Data of other libraries as pandas objects: xarray arrays and datasets, polars and every frame with ``to_pandas``.

None of those libraries is imported: what an object can do says what it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from evstats.errors import ArgumentError, DataError, unknown_name
from evstats.text.arguments import InPython, Text, both

if TYPE_CHECKING:
    import pandas as pd


class Frame(Protocol):
    """Anything that can be had as a pandas object: polars, xarray, pyarrow and others."""

    def to_pandas(self) -> Any:
        """The same data in pandas."""
        ...


def is_array(data: object) -> bool:
    """Whether the data are an xarray DataArray."""
    return all(hasattr(data, name) for name in ("dims", "coords", "isel", "to_numpy"))


def is_dataset(data: object) -> bool:
    """Whether the data are an xarray Dataset."""
    return all(hasattr(data, name) for name in ("data_vars", "coords", "isel"))


def is_foreign(data: object) -> bool:
    """Whether the data are a table or a series of a library other than pandas and NumPy."""
    return is_array(data) or is_dataset(data) or (hasattr(data, "to_pandas") and not hasattr(data, "iloc"))


def in_pandas(data: Any, value: str | None = None) -> Any:
    """The same data as a pandas Series or DataFrame where they are of another library, else as they are.

    A DataArray becomes a Series on its time coordinate, a Dataset a DataFrame of its series along the time (of the one
    called ``value`` where one is asked for). Units stand in ``attrs["unit"]`` or, by column, ``attrs["units"]``.

    Raises
    ------
    DataError
        An array of more than one dimension, with the way to select one series of it.
    ArgumentError
        An unknown variable.
    """
    if is_array(data):
        return series_of(data)
    if is_dataset(data):
        return frame_of(data, value)
    return _converted(data) if is_foreign(data) else data


def series_of(array: Any) -> pd.Series:
    """A DataArray as a Series; dimensions of length one and scalar coordinates are left out."""
    import pandas as pd

    if len(_long(array)) > 1:
        refuse_dimensions(array)
    flat = _flat(array)
    series = pd.Series(flat.to_numpy(), index=_index(flat), name=flat.name)
    if unit := array.attrs.get("units"):
        series.attrs["unit"] = str(unit)
    return series


def frame_of(dataset: Any, value: str | None = None) -> pd.DataFrame:
    """The one-dimensional variables of a Dataset along its time, or along its only dimension."""
    import pandas as pd

    if value is not None:
        if value not in dataset.variables:
            raise unknown_name("variable", value, map(str, dataset.data_vars), "value")
        if len(_long(dataset[value])) > 1:
            refuse_dimensions(dataset[value])
    lines = {name: _flat(array) for name, array in dataset.data_vars.items() if len(_long(array)) == 1}
    along = _dimension(dataset, lines, value)
    lines = {name: line for name, line in lines.items() if line.dims == (along,)}
    index = _index(next(iter(lines.values())))
    frame = pd.DataFrame({str(name): pd.Series(line.to_numpy(), index=index) for name, line in lines.items()})
    frame.attrs["units"] = {str(name): str(a.attrs["units"]) for name, a in lines.items() if a.attrs.get("units")}
    return frame


def refuse_dimensions(array: Any) -> NoReturn:
    """An array that holds several series: name its dimensions and how to select one."""
    long = _long(array)
    others = [dim for dim in long if not _is_time(array, dim)]
    named = "" if array.name is None else f" {str(array.name)!r}"
    selected = _selection(others if len(others) < len(long) else others[1:])
    raise DataError(
        f"the array{named} has the dimensions {_sizes(array)}, and one series is expected",
        Text(
            f"select one in xarray, for example {selected}, and pass or save that",
            InPython(f"; evstats.grid.block_maxima(data, dim={next(iter(_times(array, long)), 'time')!r}) takes all"),
            ".",
        ),
    )


def refuse_batch(data: Any) -> None:
    """An ArgumentError for labelled data of several series: their labels say what the axes are, and NumPy's do not."""
    if is_dataset(data):
        listed = _listed(data.data_vars)
        raise ArgumentError("data is an xarray Dataset", f"pick one of its variables: {listed or 'it has none'}.")
    if not is_array(data) or len(long := _long(data)) < 2:
        return
    time = next(iter(_times(data, long)), None)
    others = [dim for dim in long if dim != time][: len(long) - 1]
    one = f"data is an array with the dimensions {_sizes(data)}, of which one alone can be the observations:"
    if time is not None and _is_dense(data, time):
        raise ArgumentError(
            one,
            Text(
                InPython(
                    f"take evstats.grid.block_maxima(data, dim={time!r}) of all and fit those by evstats.grid.fit, "
                ),
                f"or take block_maxima of one series at a time, {_selection(others)}, and fit those.",
            ),
        )
    raise ArgumentError(
        one,
        Text(
            InPython(f"fit every cell with evstats.grid.fit(data, dim={time or 'time'!r}), or "),
            f"select one series, for example {_selection(others)}.",
        ),
    )


def refuse_path(data: object) -> None:
    """A DataError for the name of a file where its values are expected."""
    if isinstance(data, (str, PathLike)):
        path = str(data)
        raise DataError(f"data is {path!r}, a path", f"read the file first: ev.read_series({path!r}).")


def _converted(data: Any) -> Any:
    try:
        return data.to_pandas()
    except ImportError:  # polars asks for pyarrow
        return _by_column(data)


def _by_column(data: Any) -> pd.Series | pd.DataFrame:
    import pandas as pd

    if hasattr(data, "columns"):
        return pd.DataFrame({name: pd.Series(data[name].to_numpy()) for name in data.columns})
    return pd.Series(data.to_numpy(), name=getattr(data, "name", None))


def _long(array: Any) -> tuple[Any, ...]:
    """The dimensions that are longer than one; of a single value, the last."""
    long = tuple(dim for dim, size in array.sizes.items() if size != 1)
    return long or tuple(array.dims[-1:])


def _flat(array: Any) -> Any:
    """The array without its dimensions of length one."""
    (kept,) = _long(array) or (None,)
    if kept is None:
        raise DataError("the array is a single number", "pass one series of observations.")
    return array.isel({dim: 0 for dim in array.dims if dim != kept})


def _index(line: Any) -> pd.Index:
    """The time of a one-dimensional array: its dimension's coordinate, else another one along it, else row numbers."""
    import pandas as pd

    (dim,) = line.dims
    for name, coord in line.coords.items():
        if coord.dims == (dim,) and " since " in str(coord.attrs.get("units", "")):
            raise DataError(
                f"the times {str(name)!r} are numbers ({coord.attrs['units']!r})",
                "decode them first, for example with xarray.decode_cf(dataset), or open the file with "
                "decode_times=True.",
            )
    indexes = {name: coord.to_index().rename(name) for name, coord in line.coords.items() if coord.dims == (dim,)}
    times = {name: index for name, index in indexes.items() if _tells_time(index)}
    if len(times) > 1 and dim not in times and "time" not in times:
        listed = ", ".join(repr(str(name)) for name in times)
        raise DataError(f"the array has several times, {listed}", "leave one of them with drop_vars.")
    plain = indexes.get(dim, pd.RangeIndex(line.sizes[dim]))
    return times.get(dim, times.get("time", next(iter(times.values()), plain)))


def _tells_time(index: pd.Index) -> bool:
    from evstats.reading.timestamps import tells_time

    return tells_time(index)


def _is_time(array: Any, dim: Any) -> bool:
    """Whether a dimension is that of the time."""
    return any(coord.dims == (dim,) and _tells_time(coord.to_index()) for coord in array.coords.values())


def _times(array: Any, dims: Iterable[Any]) -> list[Any]:
    """The dimensions that are those of the time."""
    return [dim for dim in dims if _is_time(array, dim)]


def _is_dense(array: Any, time: Any) -> bool:
    """Whether the times lie closer than 20 days, as those of extremes hardly do."""
    from evstats.reading.timestamps import timestamps

    times = timestamps(_index(array.isel({dim: 0 for dim in array.dims if dim != time})))
    if times is None or len(times) < 2:
        return False
    return bool((times[-1] - times[0]).days < 20 * (len(times) - 1))


def _dimension(dataset: Any, lines: dict[Any, Any], value: str | None) -> Any:
    """The dimension of the series: that of the variable asked for, of the time, or the only one."""
    if value in lines:
        return lines[value].dims[0]
    found = list(dict.fromkeys(line.dims[0] for line in lines.values()))
    timed = [dim for dim in dataset.dims if _is_time(dataset, dim)]
    candidates = [dim for dim in found if dim in timed] if timed else found
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        groups = "; ".join(
            f"along {dim!r} {_listed(name for name, line in lines.items() if line.dims == (dim,))}"
            for dim in candidates
        )
        raise DataError(f"there are series of several lengths, {groups}", Text("choose one with ", both("value"), "."))
    shown = "; ".join(f"{str(name)!r} with {_sizes(array)}" for name, array in dataset.data_vars.items())
    others = [dim for dim in dataset.dims if dim not in timed][: -1 if not timed else None]
    select = f"select one point in xarray, {_selection(others)}, and pass or save that." if others else ""
    raise DataError(f"there is no variable with one dimension that could be the series ({shown or 'none'})", select)


def _listed(names: Iterable[Any]) -> str:
    return ", ".join(repr(str(name)) for name in names)


def _sizes(array: Any) -> str:
    """``time (365), lat (3)``."""
    return ", ".join(f"{dim} ({size})" for dim, size in array.sizes.items()) or "no dimension"


def _selection(dims: Iterable[Any]) -> str:
    return f"data.isel({', '.join(f'{dim}=0' for dim in dims)})"
