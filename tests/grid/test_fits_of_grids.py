"""Every cell of a grid as its series alone: families, methods, intervals, covariates, chunks, storage, descriptions."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toys import REGIONAL

import evstats as ev
from evstats import grid
from evstats.distributions import FAMILIES
from evstats.estimators import ESTIMATORS, Estimation
from evstats.extras import install
from evstats.intervals import INTERVALS, has_interval

xr = pytest.importorskip("xarray")
dask = pytest.importorskip("dask")

YEARS = np.arange(1981, 2011)


def is_slow(family: str, method: str, interval: str) -> bool:
    """Whether a combination is left to the long run: limits by a search of each series of families that take seconds;
    of minima what maxima have shown."""
    if family in REGIONAL or family == "tcev":
        return (method, interval) != ("mle", "delta")
    return family.endswith("min") and interval not in ("delta", "exact")


def cells(family: str = "gev", shape: tuple[int, ...] = (3, 4)) -> Any:
    """Annual extremes (lat, lon, time): an ocean, gaps, a constant cell, one with three values, others as they come.

    Those of log-Pearson III are lognormal: the likelihood of others lies at the end of its skewness, or is searched
    there for seconds.
    """
    size = (*shape, YEARS.size)
    values = ev.GEV(100.0, 20.0, 0.1).rvs(size, rng=1)
    if family == "lp3":
        values = 10.0 ** (2.0 + 0.1 * np.random.default_rng(1).normal(size=size))
    values = -values if family.endswith("min") else values
    values[0, 0], values[1, 1, :5], values[2, 2], values[2, 1, 3:] = np.nan, np.nan, 7.0, np.nan
    place = {"lat": np.arange(3.0), "lon": np.arange(4.0) + 0.25, "time": YEARS}
    return xr.DataArray(values, place, ("lat", "lon", "time"), name="pr", attrs={"units": "mm"})


def combinations() -> Iterator[Any]:
    """Every family, method and interval that go together; threshold-bootstrap is of peaks alone."""
    for family, kind in FAMILIES.items():
        for method, estimator in ESTIMATORS.items():
            try:
                known = Estimation.of(kind, estimator(), np.full((1, 30), np.nan))
            except ev.ArgumentError:
                continue
            for interval in INTERVALS:
                if has_interval(interval, known):
                    mark = (pytest.mark.slow,) if is_slow(family, method, interval) else ()
                    yield pytest.param(family, method, interval, marks=mark)


def same(found: Any, fit: ev.Fit, answer: Any, scale: Any = None) -> None:
    """The cells of a grid are those of a fit of the plain array: estimates to the last bit, limits to 1e-8 scales."""
    for place, name in enumerate(fit.estimation.told_names):
        np.testing.assert_array_equal(found[name].values, fit.estimation.estimate.parameters[..., place])
    np.testing.assert_array_equal(found.status.values, fit.status)
    np.testing.assert_array_equal(found.n.values, fit.n)
    level = np.moveaxis(found.return_level.values, 0, -1)
    np.testing.assert_array_equal(level, answer.estimate)
    for own, limits in ((found.lower, answer.lower), (found.upper, answer.upper)):
        np.testing.assert_allclose(np.moveaxis(own.values, 0, -1), limits, rtol=1e-9, atol=2e-7)


@pytest.mark.parametrize(("family", "method", "interval"), list(combinations()))
def test_a_grid_is_the_fit_of_its_cells(family: str, method: str, interval: str) -> None:
    data = cells(family).isel(lon=slice(3))
    if method == "bayes":  # three values have no posterior: see below
        data[2, 1] = np.nan
    kind: Any = ev.Bootstrap(replicates=50) if interval == "bootstrap" else interval
    confidence = 0.8 if interval == "bootstrap" else 0.95  # for which so few replicates do
    how = {"family": family, "method": method} | ({"rng": 1} if method == "bayes" else {})
    asked: Any = how | {"interval": kind, "confidence": confidence}
    fit = ev.fit(data.to_numpy(), **how)
    answer = fit.evaluate(ev.ReturnLevel([10.0, 100.0]), kind, confidence)
    if interval == "delta" or family == "gev":  # what is not chunked takes the same way whatever the family
        same(grid.return_level(data, [10, 100], **asked), fit, answer)
    lazy = grid.return_level(data.chunk({"lat": 2, "lon": 2, "time": 11}), [10, 100], **asked)
    assert all(own.chunks for own in lazy.data_vars.values())
    same(lazy.compute(scheduler="synchronous"), fit, answer)


def test_one_cell_is_its_series_alone() -> None:
    found = grid.return_level(cells(), [100])
    for lat, lon in ((0, 1), (1, 1), (2, 3)):
        cell = cells()[lat, lon]
        alone = ev.fit(cell)
        assert (alone.name, alone.unit, alone.blocks_per_year) == ("pr", "mm", 1.0)
        own = found.isel(lat=lat, lon=lon)
        assert own["loc"] == alone.distribution.loc
        assert own["shape"] == alone.distribution.shape
        table = alone.return_level([100])
        assert own.return_level.item() == table["estimate"].item()
        assert own.upper.item() == pytest.approx(table["upper"].item(), rel=1e-9)
    one = grid.fit(cells()[0, 1])
    assert one["loc"] == found["loc"][0, 1]
    assert one["loc"].dims == ()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(["lat", "lon", "time"]),
    chunks=st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(4, 30)),
    storage=st.sampled_from(["float32", "float64"]),
    scheduler=st.sampled_from(["threads", "synchronous"]),
    family=st.sampled_from(["gev", "gumbel"]),
)
def test_order_chunks_storage_and_scheduler_change_nothing(
    order: list[str], chunks: tuple[int, int, int], storage: str, scheduler: str, family: str
) -> None:
    data = cells().astype("float32")
    fit = ev.fit(data.to_numpy().astype(np.float64), family)
    answer = fit.evaluate(ev.ReturnLevel([100.0]), "delta")
    asked = data.astype(storage).transpose(*order).chunk(dict(zip(("lat", "lon", "time"), chunks, strict=True)))
    found = grid.return_level(asked, [100], family=family, interval="delta").compute(scheduler=scheduler)
    same(found.transpose("return_period", "lat", "lon"), fit, answer)


def test_cells_that_cannot_be_fitted_are_flags_and_not_errors() -> None:
    few = {"mle": "1 of 12 cells: no_interior_maximum.", "bayes": "2 of 12 cells: too_few_values."}
    for method, said in few.items():
        found = grid.return_level(cells(), [100], method=method, interval="delta")
        of_three = 3 if method == "mle" else 1  # whose likelihood has no maximum, or which have no posterior
        assert found.status.values[[0, 2, 2], [0, 1, 2]].tolist() == [1, of_three, 2], method
        assert found.n.values[[0, 2, 1], [0, 1, 1]].tolist() == [0, 3, 25]
        assert np.isnan(found["loc"].values[[0, 2, 2], [0, 1, 2]]).all()
        assert int(np.isfinite(found["loc"]).sum()) == 9
        assert {said, "1 of 12 cells: constant_series."} <= {*found.attrs["notes"].split("\n")}
    nothing = grid.return_level(cells().where(False), [100])
    assert (nothing.status == 1).all()
    assert np.isnan(nothing.upper).all()


def test_limits_without_an_interior_maximum_are_those_of_the_array() -> None:
    values = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 6.5, 6.8, 6.9, 7.0]] * 2)
    found = grid.return_level(xr.DataArray(values, dims=("x", "time")), [100], family="gev")
    assert (found.status == int(ev.Status.NO_INTERIOR_MAXIMUM)).all()
    assert np.isnan(found.return_level).all()
    expected = ev.fit(values, "gev").evaluate(ev.ReturnLevel([100.0]))
    np.testing.assert_allclose(found.upper.values[0], expected.upper[:, 0], rtol=1e-9)


def test_an_ensemble_is_fitted_apart_or_pooled_in_the_order_of_its_dimensions() -> None:
    members = xr.DataArray(ev.GEV(10.0, 2.0, 0.1).rvs((2, 5, 20), rng=3), dims=("lat", "member", "time"))
    apart = grid.fit(members, "gumbel")
    assert apart["loc"].dims == ("lat", "member")
    pooled = grid.fit(members.chunk({"lat": 1, "member": 2}), "gumbel", dim=("time", "member")).compute()
    stacked = members.transpose("lat", "time", "member").to_numpy().reshape(2, -1)
    np.testing.assert_array_equal(pooled["loc"].values, ev.fit(stacked, "gumbel").distribution.loc)
    assert (pooled.n == 100).all()


def test_covariates_give_every_cell_the_bits_of_its_series() -> None:
    years = np.arange(1960, 2020)
    values = ev.GEV(100.0, 20.0, 0.1).rvs((13, 60), rng=9) + 0.3 * np.arange(60)
    data = xr.DataArray(values, {"time": years}, ("cell", "time"))
    for model in ({"loc": "year", "scale": "year"}, {"trend": "year", "trend_kind": "scale"}):
        found = grid.return_level(data, [100.0], at={"year": 2030}, **model)
        for cell in (0, 7):
            alone = ev.fit(pd.Series(values[cell], index=years), **model)
            own = found.isel(cell=cell)
            assert own.coefficients.values.tolist() == alone.estimation.coefficients.tolist()
            assert (
                own.return_level.values.tolist() == alone.return_level([100.0], at={"year": 2030})["estimate"].tolist()
            )


def test_covariates_states_and_ratios() -> None:
    data = (cells() + 2.0 * (YEARS - YEARS[0])).assign_attrs(units="mm")
    state = {"year": 2010}
    levels = grid.return_level(data.chunk({"lat": 1}), [100], loc="year", at=state).compute(scheduler="synchronous")
    series = pd.Series(data.to_numpy()[0, 2], index=YEARS)
    alone = ev.fit(series, "gev", loc="year")
    own = levels.isel(lat=0, lon=2)
    np.testing.assert_allclose(own.coefficients, alone.params["estimate"], rtol=1e-9)
    assert own.coefficient.values.tolist() == list(alone.parameter_names)
    np.testing.assert_allclose(own.upper, alone.return_level([100], at=state)["upper"], rtol=1e-8)
    assert levels.attrs["model"] == "loc ~ year"
    index = xr.DataArray(np.arange(40.0), {"time": np.arange(1975, 2015)}, ("time",), name="gmst")
    two = pd.DataFrame({"gmst": [35.0, 6.0]}, index=pd.Index(["now", "then"], name="when"))
    both = grid.return_level(data, [100], family="gumbel", loc="gmst", covariates=index, at=two)
    assert both.return_level.dims == ("state", "return_period", "lat", "lon")
    assert (both.return_level.sel(state="now") - both.return_level.sel(state="then"))[0, 0, 2] > 20.0
    ratio = grid.probability_ratio(data, [150.0], family="gumbel", loc="year", interval="delta").isel(lat=0, lon=2)
    expected = ev.fit(series, "gumbel", loc="year").probability_ratio([150.0], interval="delta")
    np.testing.assert_allclose([ratio.probability_ratio, ratio.lower], expected[["estimate", "lower"]].T, rtol=1e-8)
    moved = grid.change(data, [10, 100], family="gumbel", loc="year", now={"year": 2000}).isel(lat=0, lon=2)
    expected = ev.fit(series, "gumbel", loc="year").change([10, 100], now={"year": 2000})
    for name, column in (("change", "estimate"), ("lower", "lower"), ("upper", "upper")):
        np.testing.assert_allclose(moved[name], expected[column], rtol=1e-8)
    assert moved.change.attrs["long_name"].startswith("change of the return level of ")
    assert moved.change.attrs["units"] == data.attrs["units"]


def test_what_comes_back_is_described_by_the_cf_conventions() -> None:
    data = cells().assign_coords(
        height=2.0, crs=0, area=(("lat", "lon"), np.ones((3, 4))), month=("time", np.ones(30, dtype=int))
    )
    data.attrs |= {"long_name": "daily rain", "grid_mapping": "crs", "history": "made by hand"}
    found = grid.return_level(data, [10, 100], confidence=0.9)
    assert {*found.coords} == {"lat", "lon", "height", "crs", "area", "return_period"}
    assert found.attrs["Conventions"] == "CF-1.11"
    assert (found.attrs["family"], found.attrs["method"], found.attrs["confidence"]) == ("gev", "mle", 0.9)
    assert found.attrs["interval"].startswith("r*")
    first, last = found.attrs["history"].split("\n")
    assert first == "made by hand"
    assert last.startswith(f"evstats {ev.__version__}: grid.return_level(periods=[10.0, 100.0], family='gev'")
    assert found.return_period.attrs["units"] == "years"
    assert [found[name].attrs["units"] for name in ("loc", "scale", "shape", "upper", "n")] == ["mm"] * 2 + [
        "1",
        "mm",
        "1",
    ]
    assert found.return_level.attrs["ancillary_variables"] == "lower upper status n"
    assert found.return_level.attrs["long_name"] == "return level of daily rain"
    assert all(own.attrs["grid_mapping"] == "crs" for own in found.data_vars.values())
    flags = dict(zip(found.status.attrs["flag_values"], found.status.attrs["flag_meanings"].split(), strict=True))
    assert flags == {int(status): status.label for status in ev.Status}
    assert found.status.dtype == np.int8


def test_the_tasks_are_few_and_nothing_is_read_before_compute(monkeypatch: pytest.MonkeyPatch) -> None:
    import dask.array as da

    read: list[int] = []

    def chunk(block_info: Any = None) -> Any:
        read.append(block_info[None]["chunk-location"][0])
        return np.ones((5, 6, 30)) + np.arange(30.0)

    values = da.map_blocks(chunk, chunks=((5,) * 8, (6,), (30,)), dtype=float, meta=np.empty((0, 0, 0)))
    data = xr.DataArray(values, dims=("lat", "lon", "time"))
    found = grid.return_level(data, [10, 100], family="gumbel")
    assert not read
    assert len(dict(found.__dask_graph__())) <= 4 * 8 + 60 * 8
    found.compute(scheduler="synchronous")
    assert sorted(read) == list(range(8))


def test_an_observation_counts_once() -> None:
    doubled = cells().assign_coords(time=np.r_[YEARS[:-1], YEARS[-2]])
    with pytest.raises(ev.DataError, match=rf"the time {YEARS[-2]} comes twice along 'time'; keep one of them"):
        grid.fit(doubled)


def test_memory_does_not_grow_with_the_grid() -> None:
    code = """
import os, numpy as np, xarray as xr, evstats as ev
from evstats import grid
base = ev.GEV(100.0, 20.0, 0.1).rvs((4000, 60), rng=1).T.reshape(60, 1, 10, 400)
def beyond(cells):
    x = np.empty((60, cells // 4000, 10, 400)); x[...] = base
    data = xr.DataArray(x.reshape(60, -1, 400), dims=("time", "lat", "lon"))
    data = data.chunk({"lat": 50}) if cells > 4000 else data
    before = int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    found = grid.fit(data, "gumbel", method="lmoments").compute(num_workers=2)
    # the peak since this program began: that of getrusage is, at the least, of the process that started it
    peak = 1024 * int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
    return (peak - before - found.nbytes) / 2**20
beyond(4000)
print(beyond(40000), beyond(200000))
"""
    if not sys.platform.startswith("linux"):
        pytest.skip("the memory of the process is read as Linux tells it")
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    small, large = map(float, told.split())
    assert max(small, large) <= 250.0
    assert large - small <= 30.0  # of all cells at once it is more than 50


@pytest.mark.slow
def test_a_cluster_of_two_processes_runs_it_unchanged() -> None:
    distributed = pytest.importorskip("distributed")
    data = cells().chunk({"lat": 1})
    expected = grid.return_level(cells(), [100])
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster),
    ):
        found = grid.return_level(data, [100]).compute()
        moving = grid.return_level(data, [100], loc="year", at={"year": 2010}).compute()
    for name in ("loc", "scale", "shape", "status", "n", "return_level"):
        np.testing.assert_array_equal(found[name].values, expected[name].values)
    assert np.isfinite(moving.return_level).sum() >= 8


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    code = "import sys, evstats, evstats.grid; evstats.grid.fit; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"dask", "matplotlib", "xarray", "cftime", "distributed"} & set(loaded)


def test_grids_that_cannot_be_fitted_say_why_in_a_sentence() -> None:
    data = cells()
    with pytest.raises(ev.ArgumentError, match=r"has no dimension 'tim'; it has lat \(3\), lon \(4\), time \(30\)"):
        grid.fit(data, dim="tim")
    with pytest.raises(
        ev.ArgumentError, match=r"ndarray, and a grid is an xarray DataArray.*" + re.escape(install("grid"))
    ):
        grid.fit(data.to_numpy())
    with pytest.raises(ev.ArgumentError, match="pick one of its variables: 'pr'"):
        grid.fit(data.to_dataset())
    for wrong in (data.where(data.lat != 1, np.inf), data.chunk({"lat": 1}).where(data.lat != 1, -np.inf)):
        with pytest.raises(ev.DataError, match=r"pr is infinite in the cell lat=1, lon=0\.25; correct it"):
            grid.fit(wrong).compute()
    with pytest.raises(ev.DataError, match="of type bool; real numbers are expected"):
        grid.fit(data > 3.0)
    for way in ({"family": "tcev", "method": "moments"}, {"family": "gew"}, {"loc": "gmst"}, {"trend_kind": "scale"}):
        with pytest.raises(ev.ArgumentError):
            grid.fit(data.chunk(), **way)
    with pytest.raises(ev.ArgumentError, match="bartlett"):
        grid.return_level(data.chunk(), [10], method="moments", interval="bartlett")
    with pytest.raises(ev.ArgumentError, match="no state is given"):
        grid.return_level(data.chunk(), [10], loc="year")
    no_unit = data.drop_attrs()
    assert "pr has no attribute units" in grid.fit(no_unit, "gumbel").attrs["notes"]
    assert "units" not in grid.fit(no_unit, "gumbel")["loc"].attrs
    assert "3 chunks along time" in grid.fit(data.chunk({"time": 10}), "gumbel").attrs["notes"]


def test_an_array_of_another_library_is_refused() -> None:
    class Cupy(np.lib.mixins.NDArrayOperatorsMixin):
        shape, ndim, dtype, size = (2, 30), 2, np.dtype(float), 60

        def __array_function__(self, *given: Any) -> Any: ...

        def __array_ufunc__(self, *given: Any) -> Any: ...

    Cupy.__module__ = "cupy._core"
    with pytest.raises(ev.ArgumentError, match="held by cupy, and grids are computed on arrays of NumPy or dask"):
        grid.fit(xr.DataArray(Cupy(), dims=("x", "time")))


def test_the_doors_of_one_series_name_those_of_grids() -> None:
    with pytest.raises(ev.ArgumentError, match=r"fit every cell with evstats\.grid\.fit\(data, dim='time'\)"):
        ev.fit(cells())
    with pytest.raises(ev.DataError, match=r"evstats\.grid\.block_maxima\(data, dim='time'\) takes all"):
        ev.block_maxima(cells())


def test_a_missing_xarray_is_told_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ev.ArgumentError, match=re.escape(f"which is not installed: {install('grid')}.")):
        grid.stations(pd.DataFrame({"station": [1], "time": [2001], "value": [1.0]}), "value")
