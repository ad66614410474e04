"""Grids in files: the variable of a NetCDF file or zarr store, and answers written chunk by chunk."""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import math
import os
import shutil
import warnings
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from evstats import progress
from evstats.errors import ArgumentError, DataError, EvstatsWarning, nearest
from evstats.files import check_writable
from evstats.notes import Note
from evstats.reading.timestamps import tells_time
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    import xarray as xr

_ZARR, _NETCDF = (".zarr",), (".nc", ".nc4", ".cdf", ".netcdf")
#: About how much is read at a time: so many of the pieces that a file is stored in.
_PIECE = "32MiB"
#: The file among the pieces of an answer that tells what it is made of.
_MADE_OF = "made_of.json"
#: A place in an answer: from where to where along every dimension.
Region = dict[Hashable, slice]
Regions = Sequence[tuple[Region, Mapping[Hashable, int]]]


# -- reading -----------------------------------------------------------------------------------------------------------


def is_store(path: Path) -> bool:
    """Whether a path is that of a zarr store and not of a NetCDF file."""
    return path.suffix.lower() in _ZARR


def open_variable(path: str | Path, var: str | None = None) -> xr.DataArray:
    """A variable of a NetCDF file or a zarr store, in pieces of the size that it is stored in, nothing read yet.

    Parameters
    ----------
    path
        A file, or the folder of a store.
    var
        Its name; the only one with a time axis where it is left out.

    Raises
    ------
    DataError
        No such file, none that can be read, no variable that could be meant.
    """
    import xarray as xr

    place = Path(path).expanduser()
    if not place.exists():
        raise DataError(f"{place} does not exist.")
    import dask

    try:
        with dask.config.set({"array.chunk-size": _PIECE}):
            dataset = xr.open_dataset(place, chunks="auto", engine="zarr" if is_store(place) else None)
    except (OSError, ValueError, KeyError, TypeError) as cause:
        kind = "zarr store" if is_store(place) else "NetCDF file"
        if "did not find a match" in str(cause):  # of no format that xarray knows, which it says at length
            raise DataError(
                f"{place} is no {kind}", "grids are read from NetCDF files (.nc) and zarr stores (folders NAME.zarr)."
            ) from cause
        raise DataError(f"{place} cannot be read as a {kind} ({_first_line(cause)}).") from cause
    try:
        array = dataset[_meant(dataset, var, place)]
    except DataError:
        dataset.close()
        raise
    named = str(array.attrs.get("grid_mapping", array.encoding.get("grid_mapping", ""))).replace(":", " ").split()
    # what tells the projection is a variable of the file beside the others: it goes with the array
    found = array.assign_coords({name: dataset[name].variable for name in named if name in dataset})
    found.set_close(dataset.close)
    return found


def _meant(dataset: xr.Dataset, var: str | None, place: Path) -> Hashable:
    names = [str(name) for name in dataset.data_vars]
    if var is not None:
        if var not in names:
            raise DataError(
                f"{place} has no variable {var!r}; it has {', '.join(names)}.{nearest(var, names)}", argument="var"
            )
        return var
    bounds = {own.attrs.get("bounds", own.encoding.get("bounds")) for own in dataset.variables.values()}
    likely = [name for name in names if name not in bounds and dataset[name].ndim > 1 and _is_number(dataset[name])]
    others, in_time = likely, [name for name in likely if _has_time(dataset[name])]
    if len(others) > 1 and len(in_time) == 1:
        likely = in_time
        aside = ", ".join(repr(name) for name in others if name not in in_time)
        warnings.warn(Note("value_column_of_several", likely[0], others=aside), EvstatsWarning, stacklevel=3)
    if len(likely) != 1:
        raise DataError(
            f"{place} has {'no variable on a grid' if not likely else 'several variables: ' + ', '.join(likely)}",
            Text("name the one that is meant (", Setting("var"), ")."),
            argument="var",
        )
    return likely[0]


def _has_time(array: xr.DataArray) -> bool:
    """Whether one of the dimensions tells the time."""
    return any(hasattr(index, "calendar") or tells_time(index) for index in array.indexes.values())


def _is_number(array: xr.DataArray) -> bool:
    return bool(np.issubdtype(array.dtype, np.number))


def _first_line(cause: Exception) -> str:
    return str(cause).strip().splitlines()[0][:200] if str(cause).strip() else type(cause).__name__


@contextmanager
def open_answer(path: Path) -> Iterator[xr.Dataset]:
    """An answer as it was written, in its chunks."""
    import xarray as xr

    with xr.open_zarr(path) if is_store(path) else xr.open_dataset(path, chunks={}) as found:
        yield found


# -- writing -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parts:
    """Finished pieces of an answer, each a file in a hidden folder beside it, until all are there.

    ``key`` tells of what and how the answer is made: pieces of another are never taken for its own.
    """

    folder: Path
    key: str

    @classmethod
    def beside(cls, target: Path, key: str) -> Parts:
        """The pieces of the answer that goes to a target."""
        return cls(_folder_of_parts(target), hashlib.sha256(key.encode()).hexdigest())

    def begin(self, *, resume: bool) -> None:
        """Keep what is there of the same answer where it is to be gone on with; else begin anew.

        Raises
        ------
        ArgumentError
            There are pieces, of another answer.
        """
        told = self.folder / _MADE_OF
        if self.folder.exists() and resume:
            if (found := _key_in(told)) not in (None, self.key):
                raise ArgumentError(
                    f"the pieces in {self.folder} were made of other data, with other options or by another version",
                    Text("begin anew, without ", Setting("resume"), "."),
                    argument="resume",
                )
            if found is not None:
                return
        self.remove()
        self.folder.mkdir(parents=True)
        _write_whole(told, json.dumps({"key": self.key}).encode())

    @contextmanager
    def not_left(self) -> Iterator[None]:
        """Nothing is left of them where the data are at fault: other data make another answer."""
        try:
            yield
        except DataError:
            self.remove()
            raise

    def remove(self) -> None:
        """Nothing is left of them."""
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def has(self, number: int) -> bool:
        """Whether a piece is finished."""
        return self._place(number).exists()

    def keep(self, number: int, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Put a piece there, whole or not at all."""
        temporary = self.folder / f"{uuid4().hex}.tmp"
        try:
            with temporary.open("xb") as handle:
                np.savez(handle, **{f"_{name}": own for name, own in arrays.items()})  # type: ignore[arg-type]
            temporary.replace(self._place(number))
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise

    def arrays(self, number: int) -> dict[str, np.ndarray[Any, Any]]:
        """A piece, by the names of its variables."""
        with np.load(self._place(number)) as found:
            return {name[1:]: found[name] for name in found.files}

    def _place(self, number: int) -> Path:
        return self.folder / f"{number:08d}.npz"


def _folder_of_parts(target: Path) -> Path:
    return target.with_name(f".{target.name}.parts")


def _key_in(told: Path) -> str | None:
    with suppress(OSError, ValueError, KeyError):
        return str(json.loads(told.read_text(encoding="utf-8"))["key"])
    return None


def _write_whole(path: Path, content: bytes) -> None:
    temporary = path.with_name(f"{uuid4().hex}.tmp")
    temporary.write_bytes(content)
    temporary.replace(path)


def write(
    dataset: xr.Dataset,
    path: str | Path,
    *,
    workers: int | None = None,
    force: bool = False,
    resume: bool = False,
    key: str = "",
    shown: bool | None = None,
) -> None:
    """Compute an answer chunk by chunk and write it, as NetCDF or, under a name that ends in ``.zarr``, a zarr store.

    Every finished chunk is kept beside the target until all are there; then the whole is put together under a
    temporary name and moved into place. What is interrupted or fails leaves nothing under the final name, and can be
    gone on with.

    Parameters
    ----------
    dataset
        What ``grid.fit`` or ``grid.return_level`` gave, dask-backed or not.
    path
        The target, ``.nc`` or ``.zarr``.
    workers
        Threads; by default as many as there are cores.
    force
        Replace what is there under that name.
    resume
        Take over the chunks that an earlier run of the same ``key`` has finished.
    key
        What the answer is made of and how, in any words.
    shown
        Whether a bar shows the share of finished cells; by itself on a terminal.

    Raises
    ------
    ArgumentError
        A target that cannot be written, or exists; pieces of another answer; a disk that is full.

    Examples
    --------
    >>> import xarray as xr
    >>> write(xr.Dataset({"level": ("cell", [1.0, 2.0])}), "levels.nc")
    """
    target = check_target(Path(path), force=force)
    chunked = _chunked(dataset)
    regions = _regions(chunked)
    parts = Parts.beside(target, f"{key}\n{_layout(chunked)}")
    with _told(path, parts), parts.not_left():
        target.parent.mkdir(parents=True, exist_ok=True)
        parts.begin(resume=resume)
        _compute(chunked, regions, parts, workers, shown)
        _put_together(chunked, regions, parts, target)
        parts.remove()


def check_target(path: Path, *, force: bool = False) -> Path:
    """The place where an answer of that name goes.

    Raises
    ------
    ArgumentError
        Where ``write`` would raise one: long work is not begun for results that cannot be kept.
    """
    target = Path(os.path.realpath(path.expanduser()))
    if target.suffix.lower() not in (*_ZARR, *_NETCDF):
        raise ArgumentError(
            f"{path} is neither a NetCDF file nor a zarr store",
            "give a name that ends in .nc or .zarr.",
            argument="out",
        )
    if not is_store(target):
        check_writable([path], force=force)
        return target
    check_writable([_folder_of_parts(target) / _MADE_OF], force=True)
    if target.exists() and not force:
        raise ArgumentError(
            f"{path} exists already; nothing was overwritten.", Text("Add ", Setting("force", True), " to replace.")
        )
    if target.exists() and not (target.is_dir() and _looks_like_store(target)):
        raise ArgumentError(f"{path} exists and is no zarr store", "choose another name.", argument="out")
    return target


def _looks_like_store(folder: Path) -> bool:
    return any((folder / name).exists() for name in (".zgroup", ".zmetadata", "zarr.json"))


def _layout(dataset: xr.Dataset) -> str:
    """Names, types and chunks, which the numbers of the pieces go by."""
    return repr([(str(name), own.dims, str(own.dtype), own.chunks) for name, own in dataset.data_vars.items()])


def _chunked(dataset: xr.Dataset) -> xr.Dataset:
    """An answer cut only along the dimensions that all its variables have: no chunk is in two regions."""
    cells = _dims_of_cells(dataset)
    chunks = {dim: dataset.chunks.get(dim, -1) if dim in cells else -1 for dim in dataset.dims}
    found = dataset.chunk(chunks).assign_coords({name: own.compute() for name, own in dataset.coords.items()})
    for own in found.coords.values():
        if own.dtype.kind == "f" and not np.isnan(own.values).any():  # coordinates have no fill value, by CF
            own.encoding["_FillValue"] = None
    return found


def _dims_of_cells(dataset: xr.Dataset) -> list[Hashable]:
    variables = list(dataset.data_vars.values())
    return [dim for dim in variables[0].dims if all(dim in own.dims for own in variables)]


def _regions(dataset: xr.Dataset) -> list[tuple[Region, dict[Hashable, int]]]:
    """The chunks of an answer one after the other: from where to where, and the number along every dimension."""
    cut = {dim: dataset.chunks[dim] for dim in _dims_of_cells(dataset)}
    edges = {dim: np.concatenate([[0], np.cumsum(own)]) for dim, own in cut.items()}
    found = []
    for numbers in itertools.product(*(range(len(own)) for own in cut.values())):
        place = dict(zip(cut, numbers, strict=True))
        region = {dim: slice(int(edges[dim][i]), int(edges[dim][i + 1])) for dim, i in place.items()}
        found.append((region, place))
    return found


def _of(region: Region, dims: tuple[Hashable, ...]) -> tuple[slice, ...]:
    return tuple(region.get(dim, slice(None)) for dim in dims)


def _compute(dataset: xr.Dataset, regions: Regions, parts: Parts, workers: int | None, shown: bool | None) -> None:
    """Every chunk that is not there yet, all of one graph, each kept as soon as it is finished."""
    from dask.base import compute
    from dask.delayed import delayed as task

    # blocks of one graph that is not rewritten for each: what variables share is computed once
    blocks = {
        str(name): (own.dims, own.data.to_delayed(optimize_graph=False)) for name, own in dataset.data_vars.items()
    }
    whole = sum(_cells(region) for region, _ in regions)
    with progress.bar(whole, "cells", unit=" cells", asked=shown) as bar:

        def finished(number: int, cells: int, *arrays: np.ndarray[Any, Any]) -> None:
            parts.keep(number, dict(zip(blocks, arrays, strict=True)))
            bar.update(cells)

        keep, tasks = task(finished, pure=False), []
        for number, (region, place) in enumerate(regions):
            if parts.has(number):
                bar.update(_cells(region))
                continue
            own = [delayed[tuple(place.get(dim, 0) for dim in dims)] for dims, delayed in blocks.values()]
            tasks.append(keep(number, _cells(region), *own))
        whole_graph: Any = compute
        whole_graph(*tasks, scheduler="threads", num_workers=workers or os.cpu_count())


def _cells(region: Region) -> int:
    """How many cells a region has."""
    return math.prod(part.stop - part.start for part in region.values())


def _put_together(dataset: xr.Dataset, regions: Regions, parts: Parts, target: Path) -> None:
    temporary = parts.folder / f"whole{target.suffix}"
    if temporary.exists():
        shutil.rmtree(temporary) if temporary.is_dir() else temporary.unlink()
    writer = _write_store if is_store(target) else _write_netcdf
    try:
        writer(dataset, regions, parts, temporary)
    except RuntimeError as cause:  # as the NetCDF library tells what the disk refuses it, such as room
        raise OSError(f"{_first_line(cause)}, as where the disk is full") from cause
    if target.is_dir():  # a folder cannot be replaced in one step: the old one stands until the new one is whole
        old = parts.folder / "replaced"
        target.replace(old)
        try:
            temporary.replace(target)
        except OSError:
            old.replace(target)
            raise
    else:
        temporary.replace(target)


def _write_netcdf(dataset: xr.Dataset, regions: Regions, parts: Parts, temporary: Path) -> None:
    import netCDF4

    dataset.to_netcdf(temporary, engine="netcdf4", compute=False)  # the frame alone: nothing is computed
    with netCDF4.Dataset(temporary, "r+") as file:
        file.set_auto_maskandscale(False)
        for number, (region, _) in enumerate(regions):
            for name, values in parts.arrays(number).items():
                file.variables[name][_of(region, dataset[name].dims)] = values


def _write_store(dataset: xr.Dataset, regions: Regions, parts: Parts, temporary: Path) -> None:
    import zarr

    dataset.to_zarr(temporary, compute=False, zarr_format=2, consolidated=True)
    group = zarr.open_group(str(temporary), mode="r+")
    for number, (region, _) in enumerate(regions):
        for name, values in parts.arrays(number).items():
            array = group[name]
            assert isinstance(array, zarr.Array)
            array[_of(region, dataset[name].dims)] = values


@contextmanager
def _told(path: str | Path, parts: Parts) -> Iterator[None]:
    """Errors of the disk in one sentence."""
    try:
        yield
    except OSError as error:
        why = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
        kept = Text("the finished chunks are kept beside it: add ", Setting("resume", True), " to go on.")
        raise ArgumentError(
            f"{path} cannot be written: {why}; nothing was put under that name",
            kept if parts.folder.exists() else "choose another place.",
        ) from error


__all__ = ["check_target", "is_store", "open_answer", "open_variable", "write"]
