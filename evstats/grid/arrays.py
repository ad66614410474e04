"""What a grid is given, looked at, and one function applied to its cells: at once, or chunk by chunk when asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, Ints
from evstats.errors import ArgumentError, DataError
from evstats.extras import install
from evstats.notes import Note
from evstats.reading.containers import is_array, is_dataset
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number

#: Cells that are worked on together, so that memory does not grow with a chunk.
SLICE = 4_096
#: Values of long records that are looked at together.
_MOST_GATHERED = 2**22


@dataclass(frozen=True)
class Cells:
    """The cells of a grid: their dimensions, how long these are, and the coordinates that name places along them."""

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    coordinates: Mapping[str, NDArray[Any]]

    @classmethod
    def of(cls, array: Any, dims: Sequence[str]) -> Cells:
        """The cells along some dimensions of an array."""
        known = {dim: np.asarray(array.coords[dim].values) for dim in dims if dim in array.coords}
        return cls(tuple(dims), tuple(array.sizes[dim] for dim in dims), known)

    @property
    def count(self) -> int:
        """How many there are."""
        return math.prod(self.shape)

    def name(self, place: int) -> str:
        """The cell at a place among all, by its coordinates: ``"lat=52.5, lon=10.0"``."""
        if not self.dims:
            return "the only series"
        index = np.unravel_index(place, self.shape)
        return ", ".join(f"{dim}={self._label(dim, int(at))}" for dim, at in zip(self.dims, index, strict=True))

    def _label(self, dim: str, at: int) -> str:
        if dim not in self.coordinates:
            return f"{at} (counted from 0)"
        label = self.coordinates[dim][at]
        return number(float(label), 8) if isinstance(label, np.floating) else str(label)


class Output(NamedTuple):
    """What a function gives of every cell: an array of cells, or of cells by what the dimensions hold."""

    name: str
    dtype: Any = np.float64
    sizes: Mapping[str, int] = {}


@dataclass(frozen=True, eq=False)
class Opened:
    """A DataArray whose observations lie along ``over``; all other dimensions are cells.

    ``lazy`` says whether dask holds it, and ``notes`` what is to be said of it.
    """

    array: Any
    over: tuple[str, ...]
    cells: Cells
    lazy: bool
    notes: tuple[Note, ...] = ()

    @property
    def count(self) -> int:
        """Observations of a cell, missing ones included."""
        return math.prod(self.array.sizes[dim] for dim in self.over)

    @property
    def name(self) -> str:
        """What the values are called."""
        return "value" if self.array.name is None else str(self.array.name)

    @property
    def unit(self) -> str | None:
        """The unit of the values."""
        unit = self.array.attrs.get("units")
        return None if unit is None else str(unit)

    @property
    def kept(self) -> Any:
        """The coordinates that do not run along the observations."""
        along = [name for name, own in self.array.coords.items() if set(own.dims) & set(self.over)]
        return self.array.coords.to_dataset().drop_vars(along).coords


def opened(data: Any, dim: str | Sequence[str]) -> Opened:
    """A DataArray of real numbers with these dimensions, held by NumPy or dask.

    Raises
    ------
    ArgumentError
        Anything but a DataArray, a dimension that it has not, an array of another library.
    DataError
        Values that are not real numbers.
    """
    if not is_array(data):
        raise _no_array(data)
    over = (dim,) if isinstance(dim, str) or not isinstance(dim, Sequence) else tuple(dim)
    if missing := [name for name in over if name not in data.dims]:
        raise _no_dimension(data, missing[0])
    lazy = _is_lazy(data)
    if data.dtype.kind not in "iuf":
        raise DataError(
            f"the values of {_called(data)} are of type {data.dtype}; real numbers are expected.",
            "Convert them first, as with data.astype(float).",
        )
    along = [name for name in over if lazy and len(data.chunksizes[name]) > 1]
    notes = () if "units" in data.attrs else (Note("no_unit", _called(data)),)
    found = Cells.of(data, [name for name in data.dims if name not in over])
    if along:
        notes = (*notes, Note("chunked_along", str(along[0]), chunks=len(data.chunksizes[along[0]])))
    return Opened(data, over, found, lazy, notes)


def over_cells(function: Callable[..., Any], grid: Opened, outputs: Sequence[Output], *beside: Any) -> dict[str, Any]:
    """Variables of all outputs, by one call of the function for all cells or, lazily, for each chunk of them.

    ``function(values, places, *beside)`` is given the cells with their observations last, the place of each cell among
    all, and what else is known of them, variables of cells; it gives an array for each output, cells first.
    """
    import xarray as xr

    variable = grid.array.variable
    if grid.lazy:
        variable = variable.chunk(dict.fromkeys(grid.over, -1))
    places = xr.Variable(grid.cells.dims, _places(variable, grid))
    sizes = {dim: size for output in outputs for dim, size in output.sizes.items()}
    found = xr.apply_ufunc(
        function,
        variable,
        places,
        *beside,
        input_core_dims=[grid.over, (), *(() for _ in beside)],
        output_core_dims=[tuple(output.sizes) for output in outputs],
        output_dtypes=[output.dtype for output in outputs],
        dask="parallelized",
        dask_gufunc_kwargs={"output_sizes": sizes},
    )
    variables = found if len(outputs) > 1 else (found,)
    return {output.name: own.transpose(*output.sizes, ...) for output, own in zip(outputs, variables, strict=True)}


def in_slices(
    values: NDArray[Any], places: Ints, *, packed: bool = False
) -> Iterator[tuple[tuple[Any, ...], Array, Ints]]:
    """Cells that hold a value, some at a time: where they stand among the axes of ``places``, their observations
    (m, n) as float64, and their places among all; ``packed`` without what is missing before and between them.

    What holds no value, such as the ocean, costs no more than the look at it.
    """
    batch, flat = places.shape, places.reshape(-1)
    for start in range(0, flat.size, SLICE):
        stop = min(start + SLICE, flat.size)
        index = np.unravel_index(np.arange(start, stop), batch) if batch else ()
        x = _gathered(values, index, packed) if batch else _lanes(values, 0, packed)
        some = np.flatnonzero(~np.isnan(x).all(axis=-1))
        if some.size < len(x):
            x, index = x[some], tuple(along[some] for along in index)
        if some.size:
            yield index, np.ascontiguousarray(x), flat[start:stop][some]


def _gathered(values: NDArray[Any], index: tuple[Any, ...], packed: bool) -> Array:
    """The observations (m, n) of cells at an index; of long records few at a time."""
    size = max(1, _MOST_GATHERED // max(1, math.prod(values.shape[len(index) :])))
    if not packed or size >= len(index[0]):
        return _lanes(values[index], 1, packed)
    parts = [
        _lanes(values[tuple(along[start : start + size] for along in index)], 1, True)
        for start in range(0, len(index[0]), size)
    ]
    found = np.full((len(index[0]), max(part.shape[1] for part in parts)), np.nan)
    for start, part in zip(range(0, len(index[0]), size), parts, strict=True):
        found[start : start + size, : part.shape[1]] = part
    return found


def _lanes(values: NDArray[Any], lead: int, packed: bool) -> Array:
    """Observations (m, n), of one cell or of cells in a row."""
    x = np.asarray(values, dtype=np.float64).reshape(values.shape[0] if lead else 1, -1)
    if not packed:
        return x
    present = ~np.isnan(x)
    counts = np.count_nonzero(present, axis=-1)
    found = np.full((len(x), int(counts.max(initial=0))), np.nan)
    found[np.arange(found.shape[1]) < counts[:, None]] = x[present]
    return found


def refuse_infinite_cells(x: Array, places: Ints, cells: Cells, name: str) -> None:
    """A DataError that names the first cell with an infinite value among lanes (m, n)."""
    infinite = np.isinf(x).any(axis=-1)
    if infinite.any():
        raise infinite_cell(name, cells, int(places[np.argmax(infinite)]))


def infinite_cell(name: str, cells: Cells, place: int) -> DataError:
    """The error for an infinite value in the cell at a place among all."""
    return DataError(
        f"{name} is infinite in the cell {cells.name(place)}", "correct it, or set it to NaN where it is missing."
    )


def _places(variable: Any, grid: Opened) -> Any:
    """The place of each cell among all, in chunks as those of the cells."""
    shape = grid.cells.shape
    if not grid.lazy or not shape:
        return np.arange(grid.cells.count, dtype=np.int64).reshape(shape)
    import dask.array as dask

    chunks = tuple(variable.chunksizes[dim] for dim in grid.cells.dims)
    da: Any = dask
    return da.map_blocks(places_of_block, shape, chunks=chunks, dtype=np.int64, meta=np.empty(0, dtype=np.int64))


def places_of_block(shape: tuple[int, ...], block_info: Any = None) -> Ints:
    """The places of the cells in one chunk of a grid of this shape."""
    spans = block_info[None]["array-location"]
    axes = np.ix_(*(np.arange(start, stop) for start, stop in spans))
    return np.asarray(np.ravel_multi_index(np.broadcast_arrays(*axes), shape), dtype=np.int64)


def _is_lazy(data: Any) -> bool:
    """Whether dask holds the array; an error where neither it nor NumPy does."""
    held = data.variable.chunks is not None
    values = data.data._meta if held else data.data
    if not isinstance(values, np.ndarray):
        library = type(values).__module__.partition(".")[0]
        raise ArgumentError(
            f"{_called(data)} is held by {library}, and grids are computed on arrays of NumPy or dask",
            "convert it first, as with data.as_numpy().",
        )
    return held


def _called(data: Any) -> str:
    return "the array" if data.name is None else str(data.name)


def _no_array(data: Any) -> ArgumentError:
    if is_dataset(data):
        names = ", ".join(repr(str(name)) for name in data.data_vars)
        return ArgumentError("data is an xarray Dataset", f"pick one of its variables: {names or 'it has none'}.")
    return ArgumentError(
        f"data is of type {type(data).__name__}, and a grid is an xarray DataArray",
        Text("wrap it, as in xarray.DataArray(values, dims=('time', 'lat', 'lon')); ", needs_xarray(), "."),
    )


def needs_xarray() -> str:
    """How to have what grids need."""
    return f"xarray and dask come with {install('grid')}"


def refuse_without_xarray() -> None:
    """An ArgumentError with the command to install xarray, where it is missing."""
    from importlib.util import find_spec

    if find_spec("xarray") is None:
        raise ArgumentError("grids need xarray, which is not installed:", f"{install('grid')}.")


def _no_dimension(data: Any, dim: Hashable) -> ArgumentError:
    has = ", ".join(f"{name} ({size})" for name, size in data.sizes.items()) or "none"
    return ArgumentError(
        f"{_called(data)} has no dimension {str(dim)!r}; it has {has}",
        Text("name with ", Setting("dim"), " the one along which the observations of a cell lie."),
        argument="dim",
    )


__all__ = [
    "SLICE",
    "Cells",
    "Opened",
    "Output",
    "in_slices",
    "infinite_cell",
    "needs_xarray",
    "opened",
    "over_cells",
    "places_of_block",
    "refuse_infinite_cells",
    "refuse_without_xarray",
]
