"""Block maxima and peaks of every cell, other calendars, gauges of unequal length, and maps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evstats as ev
from evstats import grid

xr = pytest.importorskip("xarray")
pytest.importorskip("dask")
cftime = pytest.importorskip("cftime")

DAYS = pd.date_range("2001-03-10", "2007-08-20")


def daily(dates: Any = DAYS, *, storage: str = "float32") -> Any:
    """Daily values (time, lat, lon): an ocean, a first year that is missing, a gap, and days here and there."""
    values = np.random.default_rng(1).gamma(1.0, 5.0, size=(len(dates), 2, 3))
    values[1:] += 0.6 * values[:-1]
    values[:, 1, 1], values[:290, 0, 0], values[600:640, 0, 1] = np.nan, np.nan, np.nan
    values[::50, 0, 2] = np.nan
    place = {"time": dates, "lat": [10.0, 20.0], "lon": [1, 2, 3]}
    return xr.DataArray(values.astype(storage), place, ("time", "lat", "lon"), name="pr", attrs={"units": "mm"})


@pytest.mark.parametrize(
    ("block", "options"),
    [
        ("year", {}),
        ("water-year", {"first_month": 7}),
        ("season", {"season": "DJF"}),
        ("month", {"kind": "min"}),
        ("2YS", {"min_coverage": 0.4}),
        (200, {"kind": "min"}),
    ],
)
def test_block_maxima_are_those_of_each_series(block: Any, options: dict[str, Any]) -> None:
    data = daily()
    found = grid.block_maxima(data, block, dates=True, **options)
    lazy = grid.block_maxima(data.chunk({"time": 130, "lat": 1}), block, dates=True, **options)
    xr.testing.assert_identical(lazy.compute(scheduler="synchronous").drop_attrs(), found.drop_attrs())
    for lat, lon in ((0, 0), (0, 1), (0, 2), (1, 0)):
        expected = ev.block_maxima(data[:, lat, lon].astype(float), block, separation=None, **options)
        own = found.isel(lat=lat, lon=lon)
        kept = own.sel(block=expected.blocks.tolist())
        np.testing.assert_array_equal(kept.pr, expected.values)
        np.testing.assert_array_equal(kept.date, expected.dates.to_numpy())
        np.testing.assert_allclose(kept.coverage, expected.coverage, atol=1e-9)
        assert int(own.pr.notnull().sum()) == len(expected)
        assert found.pr.attrs["blocks_per_year"] == pytest.approx(expected.blocks_per_year, rel=1e-12)
    assert found.pr.isel(lat=1, lon=1).isnull().all()
    assert (found.coverage.isel(lat=1, lon=1) == 0.0).all()
    assert found.pr.attrs["units"] == "mm"


def test_minima_and_months_are_fitted_as_what_they_are() -> None:
    minima = grid.block_maxima(daily(), "month", kind="min")
    fitted = grid.fit(minima.pr, "gumbel")
    assert fitted.attrs["family"] == "gumbel-min"
    months = grid.block_maxima(daily(), "month")
    levels = grid.return_level(months.pr, [10], family="gumbel")
    series = ev.block_maxima(daily()[:, 1, 0].astype(float), "month", separation=None)
    expected = ev.fit(series, "gumbel").return_level([10])["estimate"].item()
    assert levels.return_level[0, 1, 0].item() == pytest.approx(expected, rel=1e-12)
    assert levels.return_period.attrs["units"] == "years"
    assert "grid.block_maxima(block='month'" in levels.attrs["history"].split("\n")[0]


@settings(max_examples=10, deadline=None)
@given(
    order=st.permutations(["lat", "lon", "time"]),
    chunks=st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(90, 900)),
    kind=st.sampled_from(["max", "min"]),
)
def test_chunks_and_order_change_no_maximum(order: list[str], chunks: tuple[int, int, int], kind: str) -> None:
    expected = grid.block_maxima(daily(storage="float64"), "water-year", kind=kind, dates=True)
    asked = daily().astype("float64").transpose(*order).chunk(dict(zip(("lat", "lon", "time"), chunks, strict=True)))
    found = grid.block_maxima(asked, "water-year", kind=kind, dates=True).compute(scheduler="synchronous")
    xr.testing.assert_allclose(found.transpose("block", "lat", "lon"), expected, rtol=1e-6)


def test_no_chunk_of_a_daily_record_is_read_twice_or_rechunked() -> None:
    import dask.array as da

    read: list[Any] = []

    def chunk(block_info: Any = None) -> Any:
        read.append(tuple(block_info[None]["chunk-location"]))
        return np.ones(block_info[None]["chunk-shape"])

    chunks = ((400,) * 5 + (355,), (3, 3), (4,))
    values = da.map_blocks(chunk, chunks=chunks, dtype=float, meta=np.empty((0, 0, 0)))
    data = xr.DataArray(values, {"time": DAYS}, ("time", "lat", "lon"), name="pr")
    found = grid.block_maxima(data)
    levels = grid.return_level(found.pr, [10], family="gumbel")
    assert not read
    assert len(dict(found.__dask_graph__())) <= 4 * 12 + 60 * 2
    assert found.pr.chunks == ((7,), (3, 3), (4,))
    levels.compute(scheduler="synchronous")
    assert sorted(read) == [(time, lat, 0) for time in range(6) for lat in range(2)]


@pytest.mark.parametrize(("block", "year"), [("DJF", 2004), ("season", 2004)])
def test_seasons_are_fitted_and_followed_by_their_years(block: str, year: int) -> None:
    data = daily()[:, 1:, :1]
    levels = grid.return_level(
        grid.block_maxima(data, block).pr, [5.0], family="gumbel", dim="block", loc="year", at={"year": year}
    )
    expected = ev.block_maxima(data[:, 0, 0].astype(float), block, separation=None)
    alone = ev.fit(expected, "gumbel", loc="year").return_level([5.0], at={"year": year})
    np.testing.assert_allclose(levels.return_level.squeeze(), alone["estimate"].squeeze(), rtol=1e-9)


@pytest.mark.parametrize(("calendar", "days"), [("360_day", 360), ("noleap", 365), ("standard", 365.25)])
def test_coverage_is_against_the_length_of_the_calendar(calendar: str, days: float) -> None:
    dates = xr.date_range("2001-01-01", periods=int(4 * days), calendar=calendar, use_cftime=True)
    data = daily(dates).isel(time=slice(None, -1))
    found = grid.block_maxima(data, dates=True)
    assert found.block.values.tolist() == [2001, 2002, 2003, 2004]
    np.testing.assert_allclose(found.coverage[:2, 1, 0], 1.0)
    assert found.coverage[3, 1, 0] == pytest.approx(1.0 - 1.0 / round(days + 0.3))
    assert found.coverage[1, 0, 1] == pytest.approx(1.0 - 40.0 / int(days))
    assert isinstance(found.date.values[0, 1, 0], cftime.datetime)
    seasons = grid.block_maxima(data.chunk({"time": 100}), "DJF", min_coverage=0.5).compute()
    assert seasons.block.values[:2].tolist() == ["2001-DJF", "2002-DJF"]
    water = grid.block_maxima(data, "water-year")
    assert np.isnan(water.pr[0, 1, 0])  # which begins three months before the record
    if calendar == "360_day":
        with pytest.raises(ev.ArgumentError, match=r"blocks of W are not there for the calendar '360_day'"):
            grid.block_maxima(data, "W")
        annual = found.pr.assign_coords(block=[dates[place] for place in (0, 360, 720, 1080)]).rename(block="time")
        fitted = grid.fit(annual, "gumbel", loc="year")
        assert (fitted.attrs["model"], int(fitted.n[1, 0])) == ("loc ~ year", 4)


@pytest.mark.parametrize("separation", [None, "auto", 3, "5D"])
@pytest.mark.parametrize("threshold", [25.0, "98%"])
def test_peaks_are_those_of_each_series(separation: Any, threshold: Any) -> None:
    data = daily(storage="float64")
    found = grid.peaks_over_threshold(data, threshold, separation=separation)
    chunked = data.chunk({"time": 500, "lat": 1})
    lazy = grid.peaks_over_threshold(chunked, threshold, separation=separation)
    levels = grid.return_level(lazy, [2, 100]).compute(scheduler="synchronous")
    xr.testing.assert_identical(lazy.compute(scheduler="synchronous").drop_attrs(), found.drop_attrs())
    for lat, lon in ((0, 0), (0, 1), (0, 2), (1, 0)):
        expected = ev.peaks_over_threshold(data[:, lat, lon], threshold, separation=separation)
        own = found.isel(lat=lat, lon=lon)
        peaks = own.pr.dropna("time")
        np.testing.assert_array_equal(peaks, expected.values)
        np.testing.assert_array_equal(peaks.time, expected.dates.to_numpy())
        assert (int(own["count"]), int(own.exceedances)) == (len(expected), expected.exceedances)
        assert own.years.item() == pytest.approx(expected.years, rel=1e-9)
        fit, cell = ev.fit(expected, "gpd"), levels.isel(lat=lat, lon=lon)
        assert (cell["scale"].item(), cell["shape"].item()) == (fit.distribution.scale, fit.distribution.shape)
        table = fit.return_level([2, 100])
        np.testing.assert_allclose(cell.return_level, table["estimate"], rtol=1e-12)
        np.testing.assert_allclose(cell.upper, table["upper"], rtol=1e-8)
    assert (levels.status[1, 1], levels.n[1, 1]) == (1, 0)


def test_thresholds_of_cells_and_periods_that_peaks_do_not_tell() -> None:
    data = daily(storage="float64")
    limits = data.fillna(0.0).quantile(0.99, "time").drop_vars("quantile")
    found = grid.peaks_over_threshold(data, limits, separation=None)
    xr.testing.assert_equal(found["count"], (data > limits).sum("time").astype(np.int32))
    levels = grid.return_level(found, [0.01, 10], family="exponential")
    assert levels.return_level[0].isnull().all()
    assert np.isfinite(levels.return_level[1, 1, 0])
    with pytest.raises(ev.ArgumentError, match="other coordinates than the data"):
        grid.peaks_over_threshold(data, limits.assign_coords(lat=[1.0, 2.0]))
    with pytest.raises(ev.ArgumentError, match="dimension 'time', which the cells have not"):
        grid.peaks_over_threshold(data, data)
    with pytest.raises(ev.ArgumentError, match=r"as in observations_per_year=365\.25"):
        grid.peaks_over_threshold(data.drop_vars("time"), 30.0)
    plain = grid.peaks_over_threshold(data.drop_vars("time"), 30.0, observations_per_year=365.25, separation=2)
    xr.testing.assert_equal(plain["count"], grid.peaks_over_threshold(data, 30.0, separation=2)["count"])
    with pytest.raises(ev.ArgumentError, match="peaks over a threshold, which gev does not describe"):
        grid.fit(found, "gev")
    with pytest.raises(ev.ArgumentError):
        grid.fit(found, loc="year")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: data.isel(time=[1, 0, *range(2, 2_000)]), r"time' are not in order: 2001-03-10 .* data\.sortby"),
        (lambda data: data.isel(time=[0, 0, *range(1, 2_000)]), r"2001-03-10 00:00:00 comes twice along 'time'; keep"),
        (lambda data: data.drop_vars("time"), r"nothing along 'time' tells the time.* as in block=365"),
        (lambda data: data.where(data != data[7, 1, 2], -np.inf), r"pr is infinite in the cell lat=20, lon=3; correct"),
        (lambda data: data.assign_coords(time=("time", np.arange(2355), {"units": "days since 2000-01-01"})), "decode"),
    ],
)
def test_records_that_cannot_be_cut_say_why(spoil: Callable[[Any], Any], said: str) -> None:
    for data in (daily(), daily().chunk({"time": 700, "lat": 1})):
        with pytest.raises(ev.DataError, match=said):
            grid.block_maxima(spoil(data)).compute(scheduler="synchronous")


def test_gauges_of_unequal_length_are_one_dimension() -> None:
    rng = np.random.default_rng(4)
    rows = [
        (f"G{gauge}", 1950 + 3 * gauge + year, value, 46.0 + gauge, 7.0)
        for gauge in range(6)
        for year, value in enumerate(ev.Gumbel(100.0, 20.0).rvs(20 + 5 * gauge, rng=rng))
    ]
    table = pd.DataFrame(rows, columns=["gauge", "year", "flow (m3/s)", "lat", "lon"]).sample(frac=1.0, random_state=1)
    found = grid.stations(table, "flow (m3/s)", time="year", station="gauge")
    assert found.dims == ("station", "time")
    assert found.attrs["units"] == "m3/s"
    assert found.lat.dims == ("station",)
    levels = grid.return_level(found, [50], family="gumbel").sel(station="G4")
    alone = table[table.gauge == "G4"].set_index("year")["flow (m3/s)"].sort_index()
    expected = ev.fit(alone, "gumbel")
    assert levels.n == 40
    assert levels["loc"].item() == pytest.approx(expected.distribution.loc, rel=1e-12)
    days = {name: daily()[:, 0, lon].to_series() for name, lon in (("a", 0), ("b", 1))}
    minima = grid.stations({name: ev.block_maxima(own, kind="min", separation=None) for name, own in days.items()})
    assert grid.fit(minima, "gumbel").attrs["family"] == "gumbel-min"
    assert grid.stations(days).sizes == {"station": 2, "time": len(DAYS)}
    with pytest.raises(ev.DataError, match=r"the gauge G\d has two values at \d+"):
        grid.stations(pd.concat([table, table[:1]]), "flow (m3/s)", time="year", station="gauge")
    with pytest.raises(ev.ArgumentError, match="say which column holds the values"):
        grid.stations(table)
    with pytest.raises(ev.ArgumentError, match="unknown column 'flow'"):
        grid.stations(table, "flow")


def test_maps_of_grids_bent_grids_and_stations() -> None:
    place = {"lat": [46.0, 47.0], "lon": [7.0, 8.0, 9.0]}
    values = ev.Gumbel(30.0, 8.0).rvs((2, 3, 50), rng=1)
    values[0, 0], values[1, 2] = np.nan, 4.0
    data = xr.DataArray(values, place, ("lat", "lon", "time"), name="pr", attrs={"units": "mm"})
    levels = grid.return_level(data, [10, 100], family="gumbel", interval="delta")
    ax = grid.plot(levels, period=100)
    drawn, lost = (mesh.get_array() for mesh in ax.collections)
    np.testing.assert_array_equal(np.ma.filled(drawn, np.nan), levels.return_level[1].values)
    assert np.ma.count(lost) == 1
    assert ax.get_title(loc="left") == "100-block return level of pr"
    assert ax.figure.axes[1].get_ylabel() == "return level of pr (mm)"
    up, across = np.meshgrid(place["lat"], place["lon"], indexing="ij")
    bent = levels.drop_vars(["lat", "lon"]).rename(lat="y", lon="x")
    bent = bent.assign_coords(lat=(("y", "x"), up), lon=(("y", "x"), across + 0.2 * up))
    other = grid.plot(bent.transpose("x", "y", ...), variable="upper", period=10, ax=plt.figure().add_subplot())
    assert np.ma.count(other.collections[0].get_array()) == 4
    stations = levels.stack(station=("lat", "lon")).reset_index("station")
    points = grid.plot(stations, period=100, title="levels")
    assert sorted(len(own.get_offsets()) for own in points.collections) == [1, 4]
    assert points.get_title(loc="left") == "levels"
    for wrong, said in (
        (lambda: grid.plot(levels), "return_period' besides those of the place; say which: period=100"),
        (lambda: grid.plot(levels, period=50), "return_period 50 is not among those computed; there are 10, 100"),
        (lambda: grid.plot(levels, variable="levels"), "unknown variable 'levels'"),
        (lambda: grid.plot(levels.drop_vars(["lat", "lon"]), period=10), "no coordinates of the place are known"),
        (lambda: grid.plot(levels, variable="loc", period=10), "loc has no dimension 'return_period'"),
    ):
        with pytest.raises(ev.ArgumentError, match=said):
            wrong()
    plt.close("all")


def test_ratios_are_coloured_by_their_logarithm_around_one() -> None:
    place = {"lat": [46.0, 47.0], "lon": [7.0, 8.0, 9.0]}
    ratio = xr.DataArray([[0.25, 1.0, 8.0], [np.inf, 0.0, np.nan]], place, ("lat", "lon"), "probability_ratio")
    ax = grid.plot(ratio)
    (mesh,) = ax.collections
    norm = mesh.norm
    assert norm.vmin * norm.vmax == pytest.approx(1.0)  # type: ignore[operator]
    assert float(norm(1.0)) == pytest.approx(0.5)
    assert float(norm(8.0)) - 0.5 == pytest.approx(0.5 - float(norm(0.125)))
    drawn = np.ma.masked_invalid(mesh.get_array())
    assert drawn.mask.tolist() == [[False, False, False], [False, False, True]]  # only 0/0 is left blank
    assert drawn[1, 0] > norm.vmax > norm.vmin > drawn[1, 1]  # type: ignore[operator]
    bar = ax.figure.axes[-1]
    ax.figure.canvas.draw()
    assert {"0.1", "1", "10"} <= {text.get_text() for text in bar.get_yticklabels()}
    limits = xr.Dataset({"probability_ratio": ratio, "upper": 2.0 * ratio})
    assert type(grid.plot(limits, variable="upper").collections[0].norm) is type(norm)
    plt.close("all")


@pytest.mark.parametrize("calendar", ["360_day", "noleap"])
def test_covariates_are_joined_to_months_of_any_calendar(calendar: str) -> None:
    months = pd.date_range("1990-01-01", periods=240, freq="MS")
    index = pd.Series(np.sin(0.7 * np.arange(240)), months, name="soi")
    values = ev.Gumbel(10.0, 2.0).rvs((240, 2), rng=1) + 2.0 * index.to_numpy()[:, None]
    levels = [
        grid.return_level(
            xr.DataArray(values, {"time": time}, ("time", "cell")), 100, loc="soi", covariates=index, at={"soi": 0.5}
        ).return_level
        for time in (months, xr.date_range("1990-01-01", periods=240, freq="MS", calendar=calendar, use_cftime=True))
    ]
    np.testing.assert_array_equal(*levels)


def test_peaks_of_a_year_of_360_days_count_by_its_days() -> None:
    values = np.random.default_rng(1).gamma(1.0, 5.0, 12 * 360)
    dates = xr.date_range("1990-01-01", periods=values.size, calendar="360_day", use_cftime=True)
    peaks = grid.peaks_over_threshold(
        xr.DataArray(values[:, None], {"time": dates}, ("time", "cell")), "95%", separation="3D"
    )
    series = pd.Series(values, pd.date_range("1990-01-01", periods=values.size))
    one = ev.fit(ev.peaks_over_threshold(series, "95%", separation="3D"), "gpd")
    expected = one.return_level([100.0 * 360.0 / 365.25])  # the same peaks in so many of the other's years
    found = grid.return_level(peaks, 100)
    np.testing.assert_allclose(found.rate, one.rate["estimate"] * 360.0 / 365.25, rtol=1e-12)
    for name in ("lower", "upper"):
        np.testing.assert_allclose(np.ravel(found[name]), expected[name], rtol=1e-6)
