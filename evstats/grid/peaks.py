"""Peaks over a threshold of every cell, in their places along the time, and the years in which they were seen."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, Ints, Mask, Places
from evstats.errors import ArgumentError
from evstats.extremes.blocks import KINDS, Extreme
from evstats.extremes.observations import Observations
from evstats.extremes.separations import Apart, Run, Separation, separation_of
from evstats.extremes.watch import watch_of
from evstats.grid.arrays import Cells, Opened, Output, infinite_cell, opened, over_cells
from evstats.grid.calendars import in_order, time_along
from evstats.grid.describing import PEAKS_OF, assembled, in_data_unit, in_words, said, without_unit
from evstats.habits import knowing_their_names
from evstats.reading.containers import is_array
from evstats.reading.timestamps import GREGORIAN, timestamps
from evstats.text.arguments import Setting, Text
from evstats.thresholds.candidates import FEWEST, run_of
from evstats.thresholds.given import share_of

if TYPE_CHECKING:
    import xarray as xr

#: Days of a year by the calendar.
_DAYS: Final = {"360_day": 360.0, "noleap": 365.0, "365_day": 365.0, "all_leap": 366.0, "366_day": 366.0}


@knowing_their_names
def peaks_over_threshold(
    data: Any,
    threshold: Any,
    *,
    dim: str = "time",
    separation: str | timedelta | int | None = "auto",
    kind: str = "max",
    observations_per_year: float | None = None,
) -> xr.Dataset:
    """The peaks of the independent events of every cell above a threshold, the same or one of each cell.

    Parameters
    ----------
    data
        A DataArray with sorted times along ``dim``, NaN for missing. Held by dask it is answered when asked for, by
        one task for each chunk of cells, for which ``dim`` is rechunked to one piece.
    threshold
        A number; a DataArray of one number of each cell; or ``"95%"`` for what so many of the observations of
        each cell lie below (above, for minima).
    dim
        The dimension of the observations; all others are cells.
    separation
        What parts events, as in ``evstats.peaks_over_threshold``; ``"auto"`` chooses it in every cell.
    kind
        ``"max"``, or ``"min"`` for events below the threshold.
    observations_per_year
        How many observations a whole year holds, where there are no times, or they do not say it.

    Returns
    -------
    Dataset
        Under the name of the data the peaks, at the times of the data and NaN at all others, so that excesses are
        they less ``threshold``; ``count``, the number of peaks; ``exceedances``, that before events were merged;
        ``threshold``; and ``years``, the time observed, in which gaps of a cell do not count. ``grid.fit`` and
        ``grid.return_level`` take it whole, with ``family="gpd"`` or ``"exponential"``.

    Raises
    ------
    DataError
        Times that are not in order or come twice; an infinite value, whose cell is named.
    ArgumentError
        A threshold or separation that is none; no times and no ``observations_per_year``.

    Notes
    -----
    The choice of a threshold (``"auto"``) and parts of the year are not there on grids.

    Examples
    --------
    >>> import pandas as pd
    >>> import xarray as xr
    >>> days = pd.date_range("2001-01-01", periods=10)
    >>> heights = [3.0, 9.0, 8.0, 4.0, 2.0, 7.0, 1.0, 1.0, 6.0, 5.0]
    >>> peaks = peaks_over_threshold(xr.DataArray(heights, dims="time", coords={"time": days}), 5.5, separation=1)
    >>> peaks.value.dropna("time").values, int(peaks["count"])
    (array([9., 7., 6.]), 3)
    """
    grid = opened(data, dim)
    index = time_along(grid)
    dated = index is not None
    in_order(index, grid)
    in_every_cell = isinstance(separation, str) and separation.strip().lower() == "auto"
    parted = None if in_every_cell else separation_of(separation, dated=dated)
    time, years = _time_and_years(index, grid, observations_per_year)
    limits, share = _thresholds(threshold, grid, kind)
    found = _Peaks(KINDS[kind], parted, share, time, grid.cells, grid.name)
    outputs = [Output(grid.name, sizes={dim: grid.count}), Output("threshold")]
    outputs += [Output(name, np.int32) for name in ("count", "exceedances", "observations")]
    variables = over_cells(found, grid, outputs, limits)
    variables["years"] = variables.pop("observations") * (years / grid.count)
    _describe(variables, grid, found.extreme.name)
    along = {name: own for name, own in grid.array.coords.items() if dim in own.dims}
    shown = threshold if isinstance(threshold, (int, float, str)) else "of each cell"
    call = in_words("peaks_over_threshold", threshold=shown, dim=dim, separation=_shown(separation), kind=kind)
    result = assembled(grid, variables, {"notes": said(grid.notes), PEAKS_OF: grid.name}, along, call)
    result[grid.name].attrs["history"] = result.attrs["history"]
    return result


@dataclass(frozen=True, eq=False)
class _Peaks:
    """The function of a chunk: peaks in their places, thresholds and counts.

    ``separation`` is None where each cell chooses it; ``share`` the share of the observations below the threshold, None
    where thresholds are given; ``time`` (n,) the ticks of the observations.
    """

    extreme: Extreme
    separation: Separation | None
    share: float | None
    time: Ints
    cells: Cells
    called: str

    def __call__(self, values: NDArray[Any], places: Ints, limits: Array) -> tuple[NDArray[Any], ...]:
        """Peaks (cells, n) and thresholds, peaks, exceedances and observations of each cell."""
        batch = places.shape
        peaks = np.full(values.shape, np.nan)
        threshold = np.array(np.broadcast_to(limits, batch))
        counts = np.zeros((3, *batch), dtype=np.int32)
        for cell in np.ndindex(batch):
            present = np.flatnonzero(~np.isnan(values[cell]))
            x = values[cell][present].astype(np.float64)
            if np.isinf(x).any():
                raise infinite_cell(self.called, self.cells, int(places[cell]))
            if self.share is not None and x.size:
                threshold[cell] = np.quantile(x, self.share)
            at, exceedances = self._of_cell(x, present, float(threshold[cell]))
            peaks[cell][present[at]] = x[at]
            counts[(slice(None), *cell)] = at.size, exceedances, x.size
        return peaks, threshold, *counts

    def _of_cell(self, x: Array, present: Places, threshold: float) -> tuple[Places, int]:
        """Where the peaks stand among the observations of one cell, and how many of these are beyond the threshold."""
        beyond = np.flatnonzero(x < threshold if self.extreme.name == "min" else x > threshold)
        if not beyond.size:
            return beyond, 0
        last = np.flatnonzero(np.append(self._ends(beyond, present), True))
        first = np.append(0, last[:-1] + 1)
        return beyond[self.extreme.positions(x[beyond], first, last + 1)], beyond.size

    def _ends(self, beyond: Places, present: Places) -> Mask:
        """Whether an event ends between an exceedance and the next; gaps longer than the separation part them too."""
        separation = self.separation
        if separation is None:
            run = run_of(beyond)[0] if beyond.size >= FEWEST else 0
            if not run:
                return np.ones(beyond.size - 1, dtype=np.bool_)
            separation = Run(run)
        if isinstance(separation, Apart):
            return np.asarray(np.diff(self.time[present[beyond]]) > separation.span.value)
        if not isinstance(separation, Run):
            return np.ones(beyond.size - 1, dtype=np.bool_)
        gaps = np.flatnonzero(np.diff(present) - 1 > separation.length)
        return (np.diff(beyond) > separation.length) | (np.diff(np.searchsorted(gaps, beyond)) > 0)


def _time_and_years(index: Any, grid: Opened, per_year: float | None) -> tuple[Ints, float]:
    """Nanoseconds of the observations, and the years that they stand for where no value of a cell is missing."""
    calendar = getattr(index, "calendar", None)
    if calendar is not None and calendar not in GREGORIAN:
        import cftime

        seconds = cftime.date2num(list(index), "seconds since 1970-01-01", calendar=calendar)
        time = (np.asarray(seconds, dtype=np.float64) * 1e9).astype(np.int64)
        step = float(np.median(np.diff(time))) / 86_400e9 if time.size > 1 else 1.0
        return time, grid.count / per_year if per_year else grid.count * step / _DAYS.get(calendar, 365.25)
    stamps = None if index is None else timestamps(index)
    if stamps is None and per_year is None:
        raise ArgumentError(
            f"nothing along {grid.over[0]!r} tells the time",
            Text("say how many observations a year holds, as in ", Setting("observations_per_year", 365.25), "."),
            argument="observations_per_year",
        )
    sample = Observations(np.zeros(grid.count), stamps, np.arange(grid.count), grid.count, grid.name)
    time = np.arange(grid.count) if stamps is None else stamps.as_unit("ns").asi8
    return np.asarray(time, dtype=np.int64), watch_of(sample, None, per_year).years


def _thresholds(asked: Any, grid: Opened, kind: str) -> tuple[Any, float | None]:
    """A number or a variable of cells, and the share of the observations that stands for it, None without one."""
    import xarray as xr

    if isinstance(asked, str):
        return xr.Variable((), np.nan), share_of(asked, kind)
    if not is_array(asked):
        number = asked if isinstance(asked, (int, float, np.number)) and not isinstance(asked, bool) else np.nan
        if not np.isfinite(number):
            raise ArgumentError(
                Text(Setting("threshold"), f" is {asked!r}"),
                "expected a number in the unit of the values, a share such as '95%', or a DataArray of the cells.",
            )
        return xr.Variable((), float(number)), None
    if more := [str(name) for name in asked.dims if name not in grid.cells.dims]:
        raise ArgumentError(
            Text(Setting("threshold"), f" has the dimension {more[0]!r}, which the cells have not"),
            f"expected one number of each cell: {', '.join(grid.cells.dims) or 'a single number'}.",
        )
    try:
        xr.align(asked, grid.array, join="exact")
    except ValueError as error:
        raise ArgumentError(
            Text(Setting("threshold"), " has other coordinates than the data"), "take it from the same grid."
        ) from error
    return asked.variable.astype(np.float64), None


def _describe(variables: dict[str, Any], grid: Opened, kind: str) -> None:
    side = "below" if kind == "min" else "above"
    attrs = {
        grid.name: {**grid.array.attrs, "kind": kind, "ancillary_variables": "threshold count exceedances years"},
        "threshold": in_data_unit(grid, "threshold"),
        "count": without_unit(f"number of peaks {side} the threshold"),
        "exceedances": without_unit(f"number of observations {side} the threshold"),
        "years": {"long_name": "years observed", "units": "years"},
    }
    for name, own in attrs.items():
        variables[name].attrs = own


def _shown(separation: Any) -> Hashable:
    return separation if isinstance(separation, (int, str)) else None if separation is None else str(separation)


__all__ = ["peaks_over_threshold"]
