"""Comparisons of grids: fits of many cells, block maxima of daily values, memory, and a million cells."""

from __future__ import annotations

import itertools
import os
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import correctness
import numpy as np
import scipy.stats
from measuring import Case, Figure, Pair, Row, Sizes, missing
from numpy.typing import NDArray

import evstats as ev

Array = NDArray[np.float64]
Parameters = tuple[float, ...]

PACKAGES = ("evstats", "numpy", "scipy", "xarray", "dask", "xclim")
YEARS = 60
MIB = 2.0**20
#: What takes a minute or more is measured on this share and scaled.
_SHARE = 20


def maxima(cells: int, years: int = YEARS) -> Any:
    """A DataArray of annual maxima, (year, cell)."""
    import xarray as xr

    values = ev.GEV(50.0, 12.0, 0.1).rvs((cells, years), rng=1).T
    return xr.DataArray(values, dims=("time", "cell"), name="pr", attrs={"units": "mm"})


def mle(family: str, peer: Callable[[Any], object], few: int, sizes: Sizes) -> Pair:
    """Every cell by evstats, a few by another."""
    from evstats import grid

    cells, some = sizes(20_000), sizes(few)
    whole, part = maxima(cells), maxima(some)
    return Pair(lambda: grid.fit(whole, family), lambda: peer(part), cells / some)


def by_xclim(distribution: str, array: Any) -> object:
    """Maximum likelihood of xclim, whose frequency is not asked."""
    from xclim.indices.stats import fit

    return fit(array, dist=distribution, method="ML", dim="time").compute()


def frequency(sizes: Sizes) -> Pair:
    """From daily values of 30 years to a 100-year level: evstats' with limits, xclim's of a few cells without."""
    import pandas as pd
    import xarray as xr

    from evstats import grid

    days, cells, few = pd.date_range("1981-01-01", "2010-12-31"), sizes(1_000), sizes(10)
    values = np.random.default_rng(1).gamma(0.3, 8.0, (len(days), cells))
    array = xr.DataArray(values, dims=("time", "cell"), coords={"time": days}, name="pr", attrs={"units": "mm/d"})

    def ours() -> object:
        return grid.return_level(grid.block_maxima(array, "year").pr, [100.0], family="gev", dim="block")

    def theirs() -> object:
        from xclim.indices.stats import frequency_analysis

        some = array.isel(cell=slice(few))
        return frequency_analysis(some, mode="max", t=100, dist="genextreme", freq="YS").compute()

    return Pair(ours, theirs, cells / few)


def by_scipy(distribution: Any, array: Any) -> object:
    """A loop over the cells."""
    return [distribution.fit(row) for row in array.values.T]


def over_bare(family: str, lazy: bool, sizes: Sizes) -> Pair:
    """A grid, held by NumPy or dask, against the same fit of an array."""
    from evstats import grid

    whole = maxima(sizes(40_000))
    values = np.ascontiguousarray(whole.values.T)
    given = whole.chunk(cell=10_000) if lazy else whole
    return Pair(
        lambda: grid.fit(given, family).compute(scheduler="synchronous"),
        lambda: ev.fit(values, family).estimation.estimate,
    )


def annual_maxima(sizes: Sizes) -> Pair:
    """Block maxima with coverage of 2e8 daily values, against a loop of fmax and a count over the years."""
    import pandas as pd
    import xarray as xr

    from evstats import grid

    days = pd.date_range("1961-01-01", "2010-12-31")
    cells = sizes(11_000)
    values = np.random.default_rng(1).random((len(days), cells), dtype=np.float32)
    array = xr.DataArray(values, dims=("time", "cell"), coords={"time": days}, name="pr", attrs={"units": "mm"})
    starts = np.searchsorted(days.year.to_numpy(), np.arange(1961, 2012))

    def bare() -> list[tuple[Any, Any]]:
        pieces = (values[start:stop] for start, stop in itertools.pairwise(starts))
        return [(np.fmax.reduce(piece, axis=0), (~np.isnan(piece)).sum(axis=0)) for piece in pieces]

    return Pair(lambda: grid.block_maxima(array), bare)


def windows(sizes: Sizes) -> Pair:
    """Windows of 20 years against series of 60."""
    from evstats import grid

    short, long = maxima(sizes(20_000), 20), maxima(sizes(20_000))
    return Pair(lambda: grid.fit(short, "gev"), lambda: grid.fit(long, "gev"))


def memory(cells: int, sizes: Sizes) -> float:
    """MiB beyond the answer, of a lazy grid in chunks of 10,000 cells."""
    import dask.array as dask
    import xarray as xr

    from evstats import grid

    count = sizes(cells)
    law = ev.GEV(50.0, 12.0, 0.1)

    def drawn(block: Array, block_info: Any = None) -> Array:
        seed = int(block_info[0]["chunk-location"][1])
        return np.ascontiguousarray(law.rvs(block.shape[::-1], rng=seed).T)

    made = dask.zeros((YEARS, count), chunks=(YEARS, min(count, 10_000))).map_blocks(drawn, dtype=np.float64)
    array = xr.DataArray(made, dims=("time", "cell"), name="pr", attrs={"units": "mm"})
    grid.fit(maxima(100).chunk(cell=50), "gev").compute(scheduler="threads", num_workers=2)  # loads the modules
    tracemalloc.start()
    found = grid.fit(array, "gev").compute(scheduler="threads", num_workers=2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return float(peak - sum(own.nbytes for own in found.variables.values())) / MIB


def million(stored: bool, sizes: Sizes) -> float:
    """Minutes for a million cells of 60 years, GEV and r* at one level, by all the cores there are; scaled."""
    from evstats import grid
    from evstats.grid import files

    cells = sizes(1_000_000 // _SHARE)
    array = maxima(cells)
    cores = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as folder:
        if stored:
            array.chunk(cell=max(1, cells // 10)).to_zarr(Path(folder) / "maxima.zarr", zarr_format=2)
            array = files.open_variable(Path(folder) / "maxima.zarr", "pr")
        lazy = array.chunk(time=-1, cell=min(cells, 2_500))
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
        start = time.perf_counter()
        files.write(grid.return_level(lazy, [100.0]), Path(folder) / "levels.nc")
        took = time.perf_counter() - start
        os.sched_setaffinity(0, cores)
    return took * 1_000_000 / cells / 60.0


# -- optima of the GEV likelihood --------------------------------------------------------------------------------------


def evstats_cell(x: Array) -> Parameters:
    """Location, scale and shape of a grid of one cell."""
    import xarray as xr

    from evstats import grid

    found = grid.fit(xr.DataArray(x[:, None], dims=("time", "cell")), "gev")
    return tuple(float(found[name].item()) for name in ("loc", "scale", "shape"))


def xclim_cell(x: Array) -> Parameters:
    """The same by xclim, which begins from values of its own."""
    import xarray as xr

    found = by_xclim("genextreme", xr.DataArray(x[:, None], dims=("time", "cell"), attrs={"units": "mm"}))
    c, loc, scale = np.asarray(found).ravel()
    return float(loc), float(scale), -float(c)


OPTIMA = correctness.Likelihoods(
    tools={"evstats": evstats_cell, "xclim": xclim_cell},
    units=correctness.UNITS,
    drawn=correctness.GEV_OPTIMA.drawn,
    log_likelihood=correctness.log_likelihood,
    searched=correctness.GEV_OPTIMA.searched,
)


def optima(sizes: Sizes) -> list[Row]:
    """The share of cells whose log-likelihood is below the best known interior optimum, or that have no result."""
    return [] if missing(("xarray",)) else correctness.optima_of(OPTIMA, sizes)


def cases() -> list[Case]:
    """All comparisons of speed."""
    bare = "the same fit of a bare array"
    return (
        [
            Case(
                "grids",
                f"{name} by maximum likelihood, 20,000 cells of {YEARS} years",
                f"{library}, a few cells",
                partial(mle, family, partial(by, distribution), 20),
                needs=("xarray", "dask", *needs),
                mark=mark,
                rounds=5,
            )
            for name, family, mark in (("GEV", "gev", 1000), ("Gumbel", "gumbel", 250))
            for library, by, distribution, needs in (
                ("xclim.indices.stats.fit", by_xclim, {"gev": "genextreme", "gumbel": "gumbel_r"}[family], ("xclim",)),
                (
                    "a loop of SciPy",
                    by_scipy,
                    {"gev": scipy.stats.genextreme, "gumbel": scipy.stats.gumbel_r}[family],
                    (),
                ),
            )
        ]
        + [
            Case(
                "grids",
                f"{name}, 40,000 cells, {'held by dask' if lazy else 'at once'}",
                bare,
                partial(over_bare, family, lazy),
                needs=("xarray", "dask"),
                mark=1.0 / most,
                rounds=5,
            )
            for name, family, lazy, most in (
                ("GEV", "gev", False, 1.5),
                ("GEV", "gev", True, 1.8),
                ("Gumbel", "gumbel", False, 1.5),
                ("Gumbel", "gumbel", True, 3.0),
            )
        ]
        + [
            Case(
                "grids",
                "annual maxima with coverage of 2e8 daily values",
                "a bare loop of fmax and count",
                annual_maxima,
                needs=("xarray",),
                mark=0.25,
                rounds=5,
            ),
            Case(
                "grids",
                "30 years of daily values to the 100-year level, 1,000 cells: with r* limits",
                "xclim.indices.stats.frequency_analysis of a few cells, no limits",
                frequency,
                needs=("xarray", "dask", "xclim"),
                rounds=3,
                quoted=True,
            ),
            Case(
                "grids",
                "GEV, 20,000 cells of 20 years",
                "the same of 60 years",
                windows,
                needs=("xarray",),
                mark=1.0 / 6.0,
                rounds=5,
            ),
        ]
    )


def figures() -> list[Figure]:
    """Numbers of evstats alone."""
    cores = os.cpu_count() or 1
    return [
        *(
            Figure(
                "grids",
                f"memory beyond the answer, {cells:,} cells by dask",
                "MiB",
                partial(memory, cells),
                ("xarray", "dask"),
                most=250,
            )
            for cells in (40_000, 360_000)
        ),
        *(
            Figure(
                "grids",
                f"a million cells of {YEARS} years{where}, GEV and r* at one level, {cores} cores (of 1 in {_SHARE})",
                "minutes",
                partial(million, stored),
                needs=("xarray", "dask", "netCDF4", "zarr"),
            )
            for where, stored in (("", False), (" from a zarr store", True))
        ),
    ]
