"""evstats grid: a file of a grid in, levels of every cell out."""

import json

import numpy as np
import pytest

import evstats as ev

xr = pytest.importorskip("xarray")
pytest.importorskip("netCDF4")
pytest.importorskip("zarr")
pd = pytest.importorskip("pandas")


@pytest.fixture
def maxima(tmp_path):
    """Forty annual maxima of 3 x 4 cells, of which one has none."""
    values = ev.GEV(50.0, 10.0, 0.1).rvs((40, 3, 4), rng=1)
    values[:, 1, 2] = np.nan
    grid = xr.DataArray(
        values,
        dims=("time", "lat", "lon"),
        coords={"time": np.arange(1981, 2021), "lat": [50.0, 51.0, 52.0], "lon": [5.0, 6.0, 7.0, 8.0]},
        name="rx1day",
        attrs={"units": "mm"},
    )
    path = tmp_path / "maxima.nc"
    grid.to_netcdf(path)
    return path


@pytest.fixture
def daily(tmp_path):
    days = pd.date_range("2001-01-01", "2012-12-31")
    values = np.random.default_rng(1).gamma(0.5, 6.0, (len(days), 2, 2)).astype("f4")
    grid = xr.DataArray(values, dims=("time", "lat", "lon"), coords={"time": days}, name="pr", attrs={"units": "mm"})
    path = tmp_path / "daily.nc"
    grid.to_netcdf(path)
    return path


def test_every_cell_is_that_of_its_series(evstats, maxima, tmp_path):
    done = evstats("grid", maxima, "--out", tmp_path / "levels.nc", "--plot", tmp_path / "map.png", "--json")
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    assert page["cells"] == [{"status": "converged", "cells": 11}, {"status": "too_few_values", "cells": 1}]
    with xr.open_dataset(maxima) as given, xr.open_dataset(tmp_path / "levels.nc") as levels:
        alone = ev.fit(given.rx1day.values[:, 2, 1], "gev").return_level([10, 100])
        own = levels.isel(lat=2, lon=1)
        assert own.return_level.values.tolist() == alone["estimate"].tolist()
        np.testing.assert_allclose([own.lower, own.upper], [alone["lower"], alone["upper"]], rtol=1e-8)
        assert levels.attrs["history"].splitlines()[-1].startswith("evstats grid ")
        assert levels.return_level.attrs["units"] == "mm"
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


def test_daily_values_need_a_block(evstats, daily, tmp_path):
    done = evstats("grid", daily, "--out", tmp_path / "levels.zarr")
    assert done.returncode == 1
    assert "the values of pr are a day apart, and are no extremes of blocks yet" in done.stderr
    assert "add --block year" in done.stderr
    done = evstats("grid", daily, "--out", tmp_path / "levels.zarr", "--block", "year", "--family", "gumbel")
    assert done.returncode == 0, done.stderr
    with xr.open_zarr(tmp_path / "levels.zarr") as levels:
        assert levels.n.values.tolist() == [[12, 12], [12, 12]]


def test_the_help_says_when_no_block_is_needed(evstats):
    said = " ".join(evstats("grid", "--help").stdout.replace("│", " ").split())
    assert "left out where every value is the extreme of a block already" in said
    assert "else year" not in said


def test_a_mask_beside_the_variable_is_left_aside(evstats, maxima, tmp_path):
    with xr.open_dataset(maxima) as given:
        beside = given.assign(land_mask=(("lat", "lon"), np.ones((3, 4)))).load()
    beside.to_netcdf(tmp_path / "masked.nc")
    done = evstats("grid", tmp_path / "masked.nc", "--out", tmp_path / "levels.nc", "--json")
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    assert page["data"]["variable"] == "rx1day"
    assert "The value is taken from 'rx1day', not from 'land_mask'." in page["notes"]


def test_a_covariate_and_its_state(evstats, maxima, tmp_path):
    done = evstats("grid", maxima, "--trend", "year", "--at", "year=2020", "--out", tmp_path / "levels.nc")
    assert done.returncode == 0, done.stderr
    with xr.open_dataset(maxima) as given, xr.open_dataset(tmp_path / "levels.nc") as levels:
        series = pd.Series(given.rx1day.values[:, 0, 0], index=np.arange(1981, 2021))
        alone = ev.fit(series, "gev", loc="year").return_level([100], at={"year": 2020})
        np.testing.assert_allclose(levels.return_level.isel(lat=0, lon=0)[1], alone["estimate"], rtol=1e-10)


def test_what_changed_between_two_states(evstats, maxima, tmp_path):
    """An event now over then, and levels now less then: the answers of the cells, a map and a table of each."""
    states = ("--trend", "year", "--then", "year=1981", "--now", "year=2020", "--family", "gumbel")
    with xr.open_dataset(maxima) as given:
        alone = ev.fit(pd.Series(given.rx1day.values[:, 2, 1], index=given.time.values), "gumbel", trend="year")
    of_two = {"then": {"year": 1981}, "now": {"year": 2020}}
    for more, name, part, expected in (
        (("--event", 90), "probability_ratio", "ratios", alone.probability_ratio([90.0], **of_two)),
        (("--periods", "10,100"), "change", "changes", alone.change([10, 100], **of_two)),
    ):
        out = tmp_path / f"{name}.nc"
        done = evstats("grid", maxima, *states, *more, "--out", out, "--plot", out.with_suffix(".png"), "--json")
        assert done.returncode == 0, done.stderr
        page = json.loads(done.stdout)
        with xr.open_dataset(out) as found:
            own = found.isel(lat=2, lon=1)
            np.testing.assert_allclose(own[name], expected["estimate"], rtol=1e-9)
            np.testing.assert_allclose([own.lower, own.upper], expected[["lower", "upper"]].T, rtol=1e-7)
            assert [row["largest"] for row in page[part]] == pytest.approx(found[name].max(("lat", "lon")).values)
        assert out.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--event", 90, "--periods", 100), "--periods are of levels, and --event asks how likely one level is"),
        (("--event", 90, "--at", "year=2000"), "--at asks in one state, and --event compares two; leave one out"),
        (("--then", "year=1981", "--at", "year=2000"), "--at asks in one state, and --then compares two"),
    ],
)
def test_questions_of_one_state_and_of_two_exclude_each_other(evstats, maxima, tmp_path, arguments, said):
    done = evstats("grid", maxima, "--trend", "year", *arguments, "--out", tmp_path / "levels.nc")
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "levels.nc").exists()


def test_a_second_run_goes_on_with_the_same_command(evstats, maxima, tmp_path, monkeypatch):
    command = ["grid", maxima, "--family", "gumbel", "--out", tmp_path / "levels.nc"]
    assert evstats(*command, "--workers", "1", "-q").returncode == 0
    whole = (tmp_path / "levels.nc").read_bytes()
    monkeypatch.setattr("evstats.grid.files.Parts.remove", lambda parts: None)  # as if it ended before
    assert evstats(*command, "--force").returncode == 0
    (tmp_path / "levels.nc").unlink()
    with monkeypatch.context() as patched:
        patched.setattr("evstats.grid.files.Parts.keep", lambda *kept: pytest.fail("computed again"))
        done = evstats(*command, "--resume", "--workers=2", "--notes", "none")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "levels.nc").read_bytes() == whole
    (tmp_path / "levels.nc").unlink()
    done = evstats(*command, "--resume", "--periods", "20")
    assert done.returncode == 2
    assert (
        "were made of other data, with other options or by another version; begin anew, without --resume" in done.stderr
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.nc"], "nothing.nc does not exist"),
        (["maxima.nc", "--var", "rx1"], "no variable 'rx1'; it has rx1day"),
        (["maxima.nc", "--dim", "year"], "no dimension 'year'; it has time (40), lat (3), lon (4)"),
        (["maxima.nc", "--out", "levels.csv"], "neither a NetCDF file nor a zarr store"),
        (["maxima.nc", "--out", "maxima.nc"], "maxima.nc exists already; nothing was overwritten"),
        (["maxima.nc", "--family", "gevv"], "unknown family 'gevv'"),
        (["maxima.nc", "--plot", "map.txt"], "map.txt"),
        (["maxima.nc", "--dim", "day"], "name with --dim the one along which"),
        (
            ["maxima.nc", "--pool", "member"],
            "'member' is no dimension of rx1day besides that of the time; it has lat, lon",
        ),
        (["maxima.nc", "--out", "./maxima.nc", "--force"], "maxima.nc is what is read; choose another name."),
        (["maxima.nc", "--kind", "mx"], "unknown kind 'mx'"),
        (["maxima.nc", "--season", "DJF"], "--season is for blocks that are cut, and without --block none are"),
        (["ensemble.nc", "--plot", "map.png"], "has the dimension 'member' besides those of the place"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(evstats, maxima, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    with xr.open_dataset(maxima) as given:
        given.expand_dims(member=2).to_netcdf("ensemble.nc")
    done = evstats("grid", *arguments)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "levels.nc").exists()


def test_a_projection_and_odd_calendars_come_through(evstats, tmp_path):
    days = xr.date_range("2001-01-01", "2012-12-30", calendar="360_day", use_cftime=True)
    values = np.random.default_rng(2).gamma(0.5, 6.0, (len(days), 2, 3))
    place = {"x": ("x", [0.0, 1.0, 2.0], {"units": "km", "bounds": "x_bnds"}), "height": 2.0}
    rain = xr.DataArray(
        values, {"time": days, **place}, ("time", "y", "x"), name="pr", attrs={"units": "mm", "grid_mapping": "crs"}
    )
    given = rain.to_dataset().assign(crs=((), 0, {"grid_mapping_name": "polar_stereographic"}))
    given.assign(x_bnds=(("x", "nv"), np.zeros((3, 2)))).to_netcdf(tmp_path / "daily.nc")
    done = evstats("grid", tmp_path / "daily.nc", "--var", "pr", "--block", "DJF", "--out", tmp_path / "levels.nc")
    assert done.returncode == 0, done.stderr
    assert "The dates are of the calendar '360_day'" in done.stdout
    assert "height" not in done.stdout
    with xr.open_dataset(tmp_path / "levels.nc", decode_cf=False) as levels:
        assert levels.crs.attrs["grid_mapping_name"] == "polar_stereographic"
        assert levels.return_level.attrs["grid_mapping"] == "crs"
        assert levels.x.attrs == {"units": "km"}
        assert "_FillValue" not in {**levels.return_period.attrs, **levels.height.attrs}
