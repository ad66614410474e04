"""Block maxima and minima of every cell, with how much of each block its values cover."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, Ints, Mask, Places
from evstats.calendars.rules import BlockRule, block_rule
from evstats.errors import ArgumentError, DataError
from evstats.extremes.blocks import KINDS, check_coverage
from evstats.grid.arrays import Cells, Opened, infinite_cell, opened
from evstats.grid.calendars import Axis, axis_of, time_along
from evstats.grid.describing import assembled, in_words, said, without_unit
from evstats.habits import knowing_their_names
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

#: Values that are looked at together, so that they stay in the processor's cache.
_TILE = 2**18
#: The rows of what is known of a block: its extreme, how many values it holds, and where the extreme stands.
_EXTREME, _COUNT, _PLACE = range(3)


@knowing_their_names
def block_maxima(
    data: Any,
    block: str | int | pd.offsets.BaseOffset | BlockRule = "year",
    *,
    dim: str = "time",
    kind: str = "max",
    min_coverage: float = 0.9,
    first_month: int = 10,
    season: str | None = None,
    dates: bool = False,
) -> xr.Dataset:
    """The maximum (or minimum) of every sufficiently complete block of every cell.

    Parameters
    ----------
    data
        A DataArray with sorted times along ``dim``, of any calendar, NaN for missing. Held by dask it is answered
        when asked for: each chunk is read once and never rechunked, and blocks that straddle chunks are put
        together.
    block, kind, first_month, season
        As in ``evstats.block_maxima``. Calendars other than the Gregorian one have
        years, water years, seasons, quarters, months and blocks of so many observations.
    dim
        The dimension of the observations; all others are cells.
    min_coverage
        Blocks of which a smaller share is covered are NaN. What a block should hold is judged by the times
        along ``dim`` and their own calendar, the same in every cell, and the gaps of a cell count against it.
    dates
        Whether to give the date of each extreme too, the first of tied ones.

    Returns
    -------
    Dataset
        The extremes under the name of the data and ``coverage`` (0 to 1), both along ``block``, whose coordinate
        holds the labels of ``evstats.block_maxima``; with ``dates`` the variable ``date``.

    Raises
    ------
    DataError
        Times that are not in order or come twice, or that are none; an infinite value, whose cell is named.
    ArgumentError
        An unknown block or kind, no such dimension, an option outside its range.

    Examples
    --------
    >>> import pandas as pd
    >>> import xarray as xr
    >>> days = pd.date_range("2001-01-01", "2002-12-31")
    >>> rain = xr.DataArray(np.arange(730.0), dims="time", coords={"time": days}, name="pr", attrs={"units": "mm"})
    >>> maxima = block_maxima(rain)
    >>> maxima.pr.values, maxima.block.values
    (array([364., 729.]), array([2001, 2002]))
    """
    extreme = KINDS[kind].name
    check_coverage(min_coverage)
    grid = opened(data, dim)
    axis = axis_of(grid, block_rule(block, first_month=first_month, season=season))
    reduced = _Reduced(axis, extreme == "min", float(min_coverage), dates, grid.cells, grid.name)
    rows = _lazily(reduced, grid) if grid.lazy else reduced.of_all(_time_first(grid))
    variables = _variables(rows, grid, axis, dates)
    settings = {"block": str(block), "kind": extreme, "dim": dim, "min_coverage": min_coverage, "season": season}
    call = in_words("block_maxima", **settings, first_month=None if first_month == 10 else first_month)
    found = assembled(grid, variables, {"notes": said((*grid.notes, *axis.notes))}, _block_coordinate(axis), call)
    told = {"kind": extreme, "history": found.attrs["history"]}
    if axis.blocks_per_year is not None:
        told["blocks_per_year"] = axis.blocks_per_year
    methods = f"{grid.array.attrs.get('cell_methods', '')} {dim}: {extreme}imum".strip()
    found[grid.name].attrs = {**grid.array.attrs, **found[grid.name].attrs, **told, "cell_methods": methods}
    return found


@dataclass(frozen=True, eq=False)
class _Reduced:
    """What becomes of values with the time first: for each block extreme and coverage, and the place of the extreme."""

    axis: Axis
    minima: bool
    min_coverage: float
    placed: bool
    cells: Cells
    called: str

    @property
    def depth(self) -> int:
        """How many rows a block has."""
        return 3 if self.placed else 2

    def of_all(self, values: NDArray[Any]) -> Array:
        """Of the whole record, (depth, blocks, cells)."""
        return self.finished(self.partial(values, self.axis.left, self.axis.right))

    def of_chunk(self, values: NDArray[Any], *begun: Ints, axis: int, edges: Mapping[int, Edges]) -> Array:
        """Extremes, counts and places of a chunk of the record, of the blocks that reach into it.

        ``begun`` says where the chunk begins along each of its dimensions, and ``edges`` those of the chunks by where
        they begin along the time, which is that at ``axis``.
        """
        first = [int(start[0]) for start in begun]
        own = edges[first.pop(axis)]
        found = self.partial(np.moveaxis(values, axis, 0), own.left, own.right, first)
        if self.placed:
            found[_PLACE] += own.start
        return found

    def of_chunks(self, partials: Array, owners: Places) -> Array:
        """The same as of all, from the rows of all chunks, (depth, rows, cells), which belong to so many blocks."""
        whole = np.zeros((self.depth, self.axis.labels.size, *partials.shape[2:]))
        whole[_EXTREME] = np.nan
        for row, block in enumerate(owners):
            own, into = partials[:, row], whole[:, block]
            beyond = own[_EXTREME] < into[_EXTREME] if self.minima else own[_EXTREME] > into[_EXTREME]
            beyond |= np.isnan(into[_EXTREME])
            into[_EXTREME] = np.where(beyond, own[_EXTREME], into[_EXTREME])
            into[_COUNT] += own[_COUNT]
            if self.placed:
                into[_PLACE] = np.where(beyond, own[_PLACE], into[_PLACE])
        return self.finished(whole)

    def partial(self, values: NDArray[Any], left: Places, right: Places, first: Sequence[int] = ()) -> Array:
        """Extremes, counts and places of blocks of values (time, cells), whose cells begin at ``first``."""
        found = np.empty((self.depth, left.size, *values.shape[1:]))
        longest = int((right - left).max(initial=1))
        for tile in _tiles(values.shape[1:], longest):
            part = values[(slice(None), *tile)]
            for block, (start, stop) in enumerate(zip(left, right, strict=True)):
                infinite = self._into(found[:, block][(slice(None), *tile)], part[start:stop], int(start))
                if infinite is not None and infinite.any():
                    raise self._infinite(infinite, [*first] or [0] * len(tile), tile)
        return found

    def _into(self, row: Array, values: NDArray[Any], start: int) -> Mask | None:
        """The extreme, the count and the place of one block of some cells, written into its row; and which cells hold
        an infinite value, None where none can.
        """
        if not len(values):
            row[...] = 0.0
            row[_EXTREME] = np.nan
            return None
        infinite = None
        whole, some, other = _REDUCTIONS[self.minima]
        extreme = whole.reduce(values, axis=0)
        row[_COUNT] = len(values)
        if values.dtype.kind == "f":
            if np.isnan(extreme).any():
                extreme = some.reduce(values, axis=0)
                row[_COUNT] -= np.count_nonzero(np.isnan(values), axis=0)
            infinite = np.isinf(extreme) | np.isinf(other.reduce(values, axis=0))
        row[_EXTREME] = extreme
        if self.placed:
            row[_PLACE] = np.argmax(values == extreme, axis=0) + start
        return infinite

    def _infinite(self, infinite: Mask, first: Sequence[int], tile: tuple[slice, ...]) -> DataError:
        """The error that names the first of some cells."""
        within = np.unravel_index(int(np.argmax(infinite)), infinite.shape) if infinite.ndim else ()
        index = [int(at) + start + (own.start or 0) for at, start, own in zip(within, first, tile, strict=True)]
        place = int(np.ravel_multi_index(index, self.cells.shape)) if index else 0
        return infinite_cell(self.called, self.cells, place)

    def finished(self, rows: Array) -> Array:
        """Extremes of the blocks that are covered well enough, their coverage, and places, -1 where there is none."""
        axis = self.axis
        across = (-1, *(1,) * (rows.ndim - 2))
        counts = rows[_COUNT]
        if axis.passed:
            coverage = (counts > 0).astype(np.float64)
        else:
            per_value = axis.share / np.maximum(axis.right - axis.left, 1)
            coverage = counts * per_value.reshape(across)
        out = (counts == 0) | (coverage < self.min_coverage)
        rows[_EXTREME][out] = np.nan
        rows[_COUNT] = coverage
        if self.placed:
            rows[_PLACE][out] = -1.0
        return rows


#: Of maxima and of minima: the reduction that gives NaN for one, that which leaves NaN out, and that of the other side.
_REDUCTIONS = {
    False: (np.maximum, np.fmax, np.fmin),
    True: (np.minimum, np.fmin, np.fmax),
}


@dataclass(frozen=True, eq=False)
class Edges:
    """The blocks that reach into a chunk of the record: where they begin and end in it, and which they are."""

    start: int
    left: Places
    right: Places
    blocks: Places

    @classmethod
    def of(cls, axis: Axis, start: int, stop: int) -> Edges:
        """Of the chunk from ``start`` to ``stop``."""
        blocks = np.flatnonzero((axis.left < stop) & (axis.right > start))
        left, right = (np.clip(edge[blocks], start, stop) - start for edge in (axis.left, axis.right))
        return cls(start, left, right, blocks)


def _tiles(shape: tuple[int, ...], rows: int) -> list[tuple[slice, ...]]:
    """Parts of cells whose blocks of so many rows fit the cache."""
    if not shape:
        return [()]
    per_step = rows * int(np.prod(shape[1:], dtype=np.int64))
    step = max(1, _TILE // max(per_step, 1))
    rest = (slice(None),) * (len(shape) - 1)
    return [(slice(start, start + step), *rest) for start in range(0, shape[0], step)]


def _time_first(grid: Opened) -> NDArray[Any]:
    return np.moveaxis(np.asarray(grid.array.data), grid.array.dims.index(grid.over[0]), 0)


def _lazily(reduced: _Reduced, grid: Opened) -> Any:
    """The rows of all blocks, (depth, blocks, cells), by one task for each chunk and one for each chunk of cells."""
    import dask.array as dask

    da: Any = dask
    values, axis = grid.array.data, grid.array.dims.index(grid.over[0])
    begun = [np.cumsum((0, *sizes[:-1])) for sizes in values.chunks]
    edges = {
        int(start): Edges.of(reduced.axis, int(start), int(start) + size)
        for start, size in zip(begun[axis], values.chunks[axis], strict=True)
    }
    names = [*range(values.ndim)]
    cells = [name for name in names if name != axis]
    depth, blocks = values.ndim, values.ndim + 1
    empty = np.empty((0,) * (len(cells) + 2))
    partials = da.blockwise(
        reduced.of_chunk,
        (depth, axis, *cells),
        *(values, names),
        *itertools.chain.from_iterable((da.from_array(own, chunks=1), (name,)) for name, own in enumerate(begun)),
        new_axes={depth: reduced.depth},
        adjust_chunks={axis: tuple(own.blocks.size for own in edges.values())},
        align_arrays=False,
        axis=axis,
        edges=edges,
        dtype=np.float64,
        meta=empty,
    )
    return da.blockwise(
        reduced.of_chunks,
        (depth, blocks, *cells),
        *(partials, (blocks + 1, axis, *cells)),
        new_axes={depth: reduced.depth, blocks: reduced.axis.labels.size},
        owners=np.concatenate([own.blocks for own in edges.values()]),
        concatenate=True,
        dtype=np.float64,
        meta=empty,
    )


def _variables(rows: Any, grid: Opened, axis: Axis, dates: bool) -> dict[str, Any]:
    """The variables of rows (depth, blocks, cells)."""
    import xarray as xr

    dims = ("block", *grid.cells.dims)
    coverage = without_unit("share of the block that is covered by values")
    found = {
        grid.name: xr.Variable(dims, rows[_EXTREME], {"ancillary_variables": "coverage"}),
        "coverage": xr.Variable(dims, rows[_COUNT], coverage),
    }
    if dates:
        found["date"] = _dated(xr.Variable(dims, rows[_PLACE]), grid)
    return found


def _dated(places: Any, grid: Opened) -> Any:
    """The times at places, missing where there is none."""
    import xarray as xr

    index = time_along(grid)
    if index is None:
        raise ArgumentError(
            f"dates are asked for and nothing along {grid.over[0]!r} tells the time",
            Text("leave out ", Setting("dates"), "."),
            argument="dates",
        )
    other = hasattr(index, "calendar")
    never = np.nan if other else np.datetime64("NaT", "s")
    times = np.append(np.asarray(index, dtype=object if other else None), [never])
    found = xr.apply_ufunc(at_places, places, kwargs={"times": times}, dask="parallelized", output_dtypes=[times.dtype])
    found.attrs = {"long_name": "date of the extreme"}
    return found


def at_places(places: Array, times: NDArray[Any]) -> NDArray[Any]:
    """The times at places, the last of all where the place is -1."""
    return np.asarray(times[places.astype(np.intp)])


def _block_coordinate(axis: Axis) -> dict[str, Any]:
    labels = np.array(axis.labels.tolist())
    return {"block": ("block", labels, {"long_name": "block, by the label of evstats.block_maxima"})}


__all__ = ["Edges", "at_places", "block_maxima"]
