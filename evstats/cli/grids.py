"""The command for grids: what is read, how its cells are cut into tiles, and what is said of the answer."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evstats.cli.console import working
from evstats.cli.options import Certainty, Compared, Force, Formulas
from evstats.cli.options_of_data import Cutting
from evstats.cli.pages import Page
from evstats.cli.panels import of_blocks, of_fit, of_output, of_reading
from evstats.cli.written import names_in
from evstats.errors import ArgumentError, DataError
from evstats.files import check_writable, write_all
from evstats.report.parts import Facts, Listing, Table
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    import xarray as xr

#: Return periods, where none are asked for.
_PERIODS = (10.0, 100.0)
#: What answers are called in the titles of tables.
_TITLES = {
    "return_level": "Return levels",
    "change": "Changes of return levels",
    "probability_ratio": "Ratios of probabilities",
}
#: Cells that are worked on, kept and gone on from together.
_FEWEST, _MOST, _TILES = 256, 16_384, 64
#: Days between values up to which they are hardly extremes of blocks.
_FINE = 1.5
#: Options that change nothing of the answer, and how many words follow each: the history is without them.
_BESIDE = {"--resume": 0, "--force": 0, "--json": 0, "--quiet": 0, "-q": 0, "--workers": 1, "--notes": 1}


@dataclass(frozen=True)
class Gridded:
    """Which variable of which file."""

    data: Annotated[Path, typer.Argument(metavar="DATA", help="A NetCDF file or a zarr store (a folder NAME.zarr).")]
    var: Annotated[str | None, of_reading("NAME", "Variable, else the only one on a grid.")] = None
    dim: Annotated[str, of_reading("NAME", "Dimension of the time.")] = "time"
    pool: Annotated[
        list[str] | None,
        of_reading("NAME", "A further dimension whose values count as one sample, as member; may be repeated."),
    ] = None

    def array(self) -> xr.DataArray:
        """The variable, nothing of it read yet."""
        from evstats.grid.arrays import refuse_without_xarray
        from evstats.grid.files import open_variable

        refuse_without_xarray()
        with working(f"opening {self.data}"):
            return open_variable(self.data, self.var)

    def sample(self, maxima: xr.DataArray, along: str) -> list[str]:
        """The dimensions whose values count as one sample."""
        pool = list(dict.fromkeys(self.pool or ()))
        if wrong := [dim for dim in pool if dim not in maxima.dims or dim == along]:
            others = [str(dim) for dim in maxima.dims if dim != along]
            raise ArgumentError(
                f"{wrong[0]!r} is no dimension of {maxima.name} besides that of the time; it has {', '.join(others)}",
                Text("name one of them, or leave out ", Setting("pool"), "."),
                argument="pool",
            )
        return [along, *pool]


@dataclass(frozen=True)
class CellBlocks(Cutting):
    """What blocks are, of grids that are not one value a block already."""

    block: Annotated[
        str | None,
        of_blocks(
            "RULE",
            "year, water-year, season, DJF ... SON, quarter, month, a pandas offset, or a number of observations; "
            "left out where every value is the extreme of a block already.",
            completes=names_in("evstats.calendars.rules:BLOCKS"),
        ),
    ] = None


@dataclass(frozen=True)
class CellFitting(Formulas):
    """Which family is fitted to every cell, how, and what its parameters follow."""

    family: Annotated[str, of_fit("NAME", "gev or gumbel; of minima their mirror images.")] = "gev"
    method: Annotated[str, of_fit("NAME", "mle, moments or lmoments.")] = "mle"


@dataclass(frozen=True)
class Writing:
    """Where the answer goes, and how it is computed."""

    out: Annotated[Path, of_output("PATH", "A NetCDF file (.nc) or a zarr store (.zarr), written chunk by chunk.")] = (
        Path("levels.nc")
    )
    plot: Annotated[Path | None, of_output("PATH", "A map of the level as .png, .svg or .pdf.")] = None
    workers: Annotated[int | None, of_output("N", "Threads; by itself as many as there are cores.", min=1)] = None
    resume: Annotated[bool, of_output("", "Go on where an interrupted run of the same command ended.", "--resume")] = (
        False
    )
    force: Force = False

    def check(self) -> None:
        """An error, before any work, for a place where nothing could be written."""
        from evstats.cli.figures import format_of
        from evstats.grid.files import check_target

        check_target(self.out, force=self.force)
        if self.plot is not None:
            format_of(self.plot)
            check_writable([self.plot], force=self.force)


@dataclass(frozen=True)
class CellQuestions:
    """What is asked of every cell: the levels of periods, in states of the covariates; or what has changed between two
    of these, the levels, or how likely an event is.
    """

    periods: Sequence[float] | None
    at: Mapping[str, Any] | None
    compared: Compared

    @property
    def name(self) -> str:
        """What the answer is called.

        Raises
        ------
        ArgumentError
            Questions of one state beside those of two, or a period beside an event.
        """
        two = {name: getattr(self.compared, name) for name in ("event", "now", "then")}
        if not (given := [name for name, own in two.items() if own is not None]):
            return "return_level"
        if self.at is not None:
            raise ArgumentError(
                Text(Setting("at"), " asks in one state, and ", Setting(given[0]), " compares two"), "leave one out."
            )
        if self.compared.event is None:
            return "change"
        if self.periods is not None:
            raise ArgumentError(
                Text(Setting("periods"), " are of levels, and ", Setting("event"), " asks how likely one level is"),
                "leave one out.",
            )
        return "probability_ratio"

    def answer(self, maxima: xr.DataArray, over: list[str], fitting: CellFitting, sure: Certainty) -> xr.Dataset:
        """The answer of every cell, computed when it is asked for."""
        from evstats import grid

        how: dict[str, Any] = {
            "family": fitting.family,
            "dim": over,
            "method": fitting.method,
            "interval": sure.interval,
            "confidence": sure.confidence,
            **fitting.followed(),
        }
        cells, periods = in_tiles(maxima, over), self.periods or _PERIODS
        if self.name == "return_level":
            return grid.return_level(cells, periods, at=self.at, **how)
        states = {"now": self.compared.now, "then": self.compared.then}
        if self.name == "change":
            return grid.change(cells, periods, **states, **how)
        event: Any = self.compared.event
        return grid.probability_ratio(cells, [event], **states, **how)


def maxima_of(array: xr.DataArray, source: Gridded, blocks: CellBlocks) -> tuple[xr.DataArray, str, str]:
    """The extremes of every cell, of blocks or the values themselves, the dimension they lie along, and notes on them.

    Raises
    ------
    DataError
        Values hardly a day apart, and no block is given.
    """
    from evstats import grid
    from evstats.extremes.blocks import KINDS

    if blocks.rule is None:
        _refuse_without_block(blocks)
        _refuse_fine(array, source)
        if (kind := KINDS[blocks.kind].name) != "max":
            array = array.assign_attrs(kind=kind)
        return array, source.dim, ""
    found = grid.block_maxima(
        array,
        blocks.rule,
        dim=source.dim,
        kind=blocks.kind,
        min_coverage=blocks.min_coverage,
        first_month=blocks.first_month,
        season=blocks.season,
    )
    return found[array.name], "block", str(found.attrs["notes"])


def _refuse_without_block(blocks: CellBlocks) -> None:
    """An error for what only blocks that are to be cut have a use for."""
    usual = CellBlocks()
    if idle := [name for name in ("season", "first_month", "min_coverage") if vars(blocks)[name] != vars(usual)[name]]:
        rule = {"season": "season", "first_month": "water-year"}.get(idle[0], "year")
        raise ArgumentError(
            Text(Setting(idle[0]), " is for blocks that are cut, and without ", Setting("block"), " none are"),
            Text("add ", Setting("block", rule), ", or leave out ", Setting(idle[0]), "."),
        )


def _refuse_fine(array: xr.DataArray, source: Gridded) -> None:
    """An error for values that are observations and not yet extremes of blocks."""
    from evstats.grid.arrays import opened
    from evstats.grid.calendars import days_apart

    if (days := days_apart(opened(array, source.dim))) is not None and days <= _FINE:
        step = "a day" if days > 0.9 else f"{24.0 * days:.3g} hours"
        raise DataError(
            f"the values of {array.name} are {step} apart, and are no extremes of blocks yet",
            Text("take those of every year: add ", Setting("block", "year"), "."),
            argument="block",
        )


def in_tiles(array: xr.DataArray, over: Sequence[str]) -> xr.DataArray:
    """Extremes in tiles of cells that are worked on together; the same whatever the number of workers."""
    cells = [dim for dim in array.dims if dim not in over]
    count = math.prod(array.sizes[dim] for dim in cells)
    left = min(max(count // _TILES, _FEWEST), _MOST)
    chunks: dict[Any, int] = dict.fromkeys(over, -1)
    for dim in reversed(cells):
        chunks[dim] = min(array.sizes[dim], max(left, 1))
        left //= chunks[dim]
    return array.chunk(chunks)


def add_answer(
    page: Page,
    source: Gridded,
    blocks: CellBlocks,
    fitting: CellFitting,
    asked: CellQuestions,
    sure: Certainty,
    writing: Writing,
    command: str,
) -> None:
    """Write the answer of every cell, and say on the page what it is."""
    from evstats.grid.files import write

    name = asked.name
    if writing.out.resolve() == source.data.resolve():  # a folder, where it is a store
        raise ArgumentError(f"{writing.out} is what is read", "choose another name.", argument="out")
    with source.array() as array:
        with working("looking at the axis of time"):
            maxima, along, said = maxima_of(array, source, blocks)
        over = source.sample(maxima, along)
        found = asked.answer(maxima, over, fitting, sure)
        found.attrs["notes"] = "\n".join(dict.fromkeys(f"{said}\n{found.attrs['notes']}".strip().splitlines()))
        found.attrs["history"] = f"{found.attrs['history']}\n{_made_by(command)}"
        if writing.plot is not None:
            _refuse_no_map(found[name])
        files = [_identity(path) for path in (source.data, *(fitting.covariates or ()))]
        settings = (source, blocks, fitting, sure, asked, found.attrs["history"].splitlines()[:-1])
        key = "\n".join(map(repr, (*settings, files, dict(maxima.sizes))))
        write(found, writing.out, workers=writing.workers, force=writing.force, resume=writing.resume, key=key)
        _add(page, array, over, name, writing, found.attrs)


def _made_by(command: str) -> str:
    """A command as it makes the answer: the same bytes by however many workers, and after a second run."""
    words, kept = iter(shlex.split(command)), []
    for word in words:
        name, _, value = word.partition("=")
        if name not in _BESIDE:
            kept.append(word)
        elif not value:
            for _ in range(_BESIDE[name]):
                next(words, None)
    return shlex.join(kept)


def _identity(path: Path) -> list[tuple[str, int, int]]:
    """The files of the input, how long they are and when they were written: what tells that it is the same."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [(str(file), (told := file.stat()).st_size, told.st_mtime_ns) for file in files if file.is_file()]


def _add(
    page: Page, array: xr.DataArray, over: Sequence[str], name: str, writing: Writing, attrs: Mapping[Any, Any]
) -> None:
    """The parts of the page: data, cells by their status, the answer over all cells, files."""
    from evstats.grid.files import open_answer

    files = [writing.out]
    with open_answer(writing.out) as found:
        cells = [f"{dim} ({array.sizes[dim]})" for dim in array.dims if dim in found["status"].dims]
        page.parts["data"] = Facts(
            "Data",
            {
                "variable": array.name,
                "unit": array.attrs.get("units"),
                "cells": " x ".join(cells),
                "along": ", ".join(over),
                "family": attrs["family"],
                "method": attrs["method"],
                "model": attrs.get("model"),
                **{word: attrs.get(word) for word in ("at", "now", "then")},
                "interval": f"{attrs['interval']}, {100.0 * attrs['confidence']:g} %",
            },
        )
        page.add({"cells": _by_status(found), _PARTS[name]: _over_cells(found, name)})
        if writing.plot is not None:
            with working("drawing"):
                write_all({writing.plot: _map_of(found, name, writing.plot)}, force=writing.force)
            files.append(writing.plot)
    page.parts["files"] = Listing("Files", tuple(map(str, files)), files)
    page.notes += [note for note in str(attrs["notes"]).splitlines() if note]


#: What answers are called on the page.
_PARTS = {"return_level": "levels", "change": "changes", "probability_ratio": "ratios"}


def _by_status(answer: xr.Dataset) -> Table:
    import numpy as np
    import pandas as pd

    from evstats.errors import Status

    found, counts = np.unique(answer["status"].values, return_counts=True)
    rows = [(Status(int(flag)).label, int(count)) for flag, count in zip(found, counts, strict=True)]
    return Table("Cells", pd.DataFrame(rows, columns=["status", "cells"]))


def _over_cells(answer: xr.Dataset, name: str) -> Table:
    """The smallest, the mean and the largest answer of all cells, and the mean width of the limits; means are of what
    is finite.
    """
    dims = answer["status"].dims
    own, width = answer[name], answer["upper"] - answer["lower"]
    columns = {
        "smallest": own.min(dims),
        "mean": own.where(abs(own) < math.inf).mean(dims),
        "largest": own.max(dims),
        "mean_width": width.where(abs(width) < math.inf).mean(dims),
    }
    frame = type(answer)(columns).reset_coords(drop=True).to_dataframe().reset_index()
    return Table(f"{_TITLES[name]} over all cells, {answer.attrs['interval']}", frame)


def _refuse_no_map(levels: xr.DataArray) -> None:
    """An error, before any work, for answers that are no single map."""
    from evstats.grid.maps import left_open

    more = left_open(levels.isel({dim: 0 for dim in ("return_period", "event") if dim in levels.dims}))
    if "state" in more:
        raise ArgumentError("levels in several states are no map", "give one state.", argument="at")
    if more:
        raise ArgumentError(
            f"{levels.name} has the dimension {more[0]!r} besides those of the place, and is no single map",
            Text("make it one sample, ", Setting("pool", more[0]), ", or leave out ", Setting("plot"), "."),
            argument="plot",
        )


def _map_of(answer: xr.Dataset, name: str, place: Path) -> bytes:
    """A map of the answer, of several periods that of the longest."""
    import io

    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure

    from evstats import grid
    from evstats.cli.figures import format_of

    (asked,) = (dim for dim in ("return_period", "event") if dim in answer[name].dims)
    at: dict[str, Any] = {asked: float(answer[asked].max())}
    figure = grid.plot(answer, variable=name, **at).figure
    assert isinstance(figure, Figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format=format_of(place), dpi=150)
    plt.close(figure)
    return buffer.getvalue()


__all__ = ["CellBlocks", "CellFitting", "CellQuestions", "Gridded", "Writing", "add_answer", "in_tiles"]
