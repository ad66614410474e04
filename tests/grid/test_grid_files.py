"""Answers on grids as files: whole or not at all, the same bytes however they came about."""

import errno
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evstats.errors import ArgumentError, DataError, EvstatsWarning

xr = pytest.importorskip("xarray")
dask_array = pytest.importorskip("dask.array")
pytest.importorskip("netCDF4")
pytest.importorskip("zarr")

from evstats.grid import files  # noqa: E402


def answer(computed: list | None = None, fails_after: int | None = None):
    """Levels of 4 x 3 chunks, of which two variables share what they are computed from."""
    done: list = []

    def double(block, block_info=None):
        place = block_info[0]["chunk-location"]
        done.append(place)
        if fails_after is not None and len(done) > fails_after:
            raise OSError(errno.ENOSPC, "No space left on device")
        if computed is not None:
            computed.append(place)
        return 2.0 * block

    values = np.arange(1200.0).reshape(40, 30)
    doubled = dask_array.from_array(values, chunks=(10, 10)).map_blocks(double, dtype=float, meta=np.empty((0, 0)))
    return xr.Dataset(
        {
            "level": (("lat", "lon"), doubled, {"units": "mm"}),
            "limits": (("side", "lat", "lon"), dask_array.stack([doubled - 1.0, doubled + 1.0])),
            "status": (("lat", "lon"), dask_array.zeros((40, 30), chunks=(10, 10), dtype=np.int8)),
        },
        coords={"lat": np.arange(40.0), "lon": np.arange(30.0), "area": (("lat", "lon"), np.ones((40, 30)))},
        attrs={"Conventions": "CF-1.11"},
    )


def content(place: Path) -> dict[str, bytes]:
    found = sorted(place.rglob("*")) if place.is_dir() else [place]
    return {str(path.relative_to(place)): path.read_bytes() for path in found if path.is_file()}


@pytest.mark.parametrize("suffix", [".nc", ".zarr"])
def test_an_answer_is_written_and_each_chunk_computed_once(tmp_path, suffix):
    computed: list = []
    files.write(answer(computed), tmp_path / f"levels{suffix}")
    assert sorted(computed) == [(i, j) for i in range(4) for j in range(3)]
    assert [path.name for path in tmp_path.iterdir()] == [f"levels{suffix}"]
    path = tmp_path / f"levels{suffix}"
    with xr.open_zarr(path) if suffix == ".zarr" else xr.open_dataset(path) as found:
        xr.testing.assert_identical(found.load(), answer().load())
        assert found["status"].dtype == np.int8


@pytest.mark.parametrize("suffix", [".nc", ".zarr"])
def test_a_full_disk_leaves_nothing_under_the_name_and_is_gone_on_with(tmp_path, suffix):
    whole, target = tmp_path / f"whole{suffix}", tmp_path / f"levels{suffix}"
    files.write(answer(), whole, workers=1)
    with pytest.raises(ArgumentError, match=r"the disk is full; nothing was put under that name.*resume=True"):
        files.write(answer(fails_after=8), target, workers=1)
    assert not target.exists()
    computed: list = []
    files.write(answer(computed), target, resume=True)
    assert 0 < len(computed) < 12
    assert content(target) == content(whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == [target.name, whole.name]


def test_what_the_library_of_netcdf_cannot_write_is_told_as_the_disk(tmp_path, monkeypatch):
    def fails(*arguments):
        raise RuntimeError("NetCDF: HDF error")

    with monkeypatch.context() as patched:
        patched.setattr(files, "_write_netcdf", fails)
        with pytest.raises(
            ArgumentError, match=r"cannot be written: NetCDF: HDF error, as where the disk is full.*resume"
        ):
            files.write(answer(), tmp_path / "levels.nc")
    computed: list = []
    files.write(answer(computed), tmp_path / "levels.nc", resume=True)
    assert not computed


def test_pieces_of_another_answer_are_not_gone_on_with(tmp_path):
    target = tmp_path / "levels.nc"
    with pytest.raises(ArgumentError):
        files.write(answer(fails_after=8), target, key="periods 100")
    with pytest.raises(ArgumentError, match=r"other data, with other options or by another version.*without resume"):
        files.write(answer(), target, key="periods 10", resume=True)
    files.write(answer(), target, key="periods 10")
    assert target.exists()


def test_what_stands_is_replaced_only_where_asked(tmp_path):
    for target in (tmp_path / "levels.nc", tmp_path / "levels.zarr"):
        files.write(answer(), target)
        before = content(target)
        with pytest.raises(ArgumentError, match="exists already; nothing was overwritten"):
            files.write(answer() + 1.0, target)
        assert content(target) == before
        files.write(answer() + 1.0, target, force=True)
        assert content(target) != before


def test_a_folder_that_is_no_store_is_never_replaced(tmp_path):
    (tmp_path / "mine.zarr").mkdir()
    (tmp_path / "mine.zarr" / "letter.txt").write_text("dear")
    with pytest.raises(ArgumentError, match="is no zarr store"):
        files.write(answer(), tmp_path / "mine.zarr", force=True)
    assert (tmp_path / "mine.zarr" / "letter.txt").read_text() == "dear"


def test_nothing_is_left_where_the_data_are_at_fault(tmp_path):
    def refused(block):
        raise DataError("pr is infinite in a cell", "correct it.")

    values = dask_array.zeros((4, 4), chunks=2).map_blocks(refused, dtype=float, meta=np.empty((0, 0)))
    with pytest.raises(DataError, match="pr is infinite"):
        files.write(xr.Dataset({"level": (("lat", "lon"), values)}), tmp_path / "levels.nc")
    assert not list(tmp_path.iterdir())


def test_other_names_are_refused(tmp_path):
    with pytest.raises(ArgumentError, match=r"neither a NetCDF file nor a zarr store.*\.nc or \.zarr"):
        files.write(answer(), tmp_path / "levels.csv")


_SLOW = """
import sys, time
import numpy as np, xarray as xr, dask.array as da
from evstats.grid import files

def slowly(block):
    time.sleep(0.3 if block.size == 100 else 0.0)
    return 2.0 * block

values = da.from_array(np.arange(1200.0).reshape(40, 30), chunks=(10, 10)).map_blocks(slowly, dtype=float)
files.write(xr.Dataset({"level": (("lat", "lon"), values)}), sys.argv[1], workers=1, resume=True)
"""


def test_killed_in_the_middle_and_gone_on_with_gives_the_same_bytes(tmp_path):
    target, whole = tmp_path / "levels.nc", tmp_path / "whole.nc"
    running = subprocess.Popen([sys.executable, "-c", _SLOW, str(target)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60.0
    while not list(tmp_path.glob(".levels.nc.parts/*.npz")) and time.monotonic() < deadline:
        time.sleep(0.02)
    running.kill()
    assert running.wait(30) != 0
    assert not target.exists()
    assert list(tmp_path.glob(".levels.nc.parts/*.npz"))
    computed: list = []
    files.write(answer(computed)[["level"]].drop_vars(["lat", "lon", "area"]).drop_attrs(), target, resume=True)
    assert 0 < len(computed) < 12
    files.write(answer()[["level"]].drop_vars(["lat", "lon", "area"]).drop_attrs(), whole)
    assert content(target) == content(whole)


def test_a_variable_is_found_or_named(tmp_path):
    path = tmp_path / "levels.nc"
    files.write(answer(), path)
    with files.open_variable(path, "level") as found:
        assert found.attrs["units"] == "mm"
        assert found.chunks is not None
    with pytest.raises(DataError, match="several variables: level, limits, status"):
        files.open_variable(path)
    days = pd.date_range("2001-01-01", periods=5)
    mask = xr.DataArray(np.ones((2, 3)), dims=("lat", "lon"))
    for stamps in (days, np.arange(2001, 2006), xr.date_range("2001", periods=5, calendar="360_day", use_cftime=True)):
        heat = xr.DataArray(np.ones((5, 2, 3)), dims=("time", "lat", "lon"), coords={"time": stamps})
        xr.Dataset({"land_mask": mask, "tasmax": heat}).to_netcdf(path.with_name("tasmax.nc"))
        with (
            pytest.warns(EvstatsWarning, match="The value is taken from 'tasmax', not from 'land_mask'"),
            files.open_variable(path.with_name("tasmax.nc")) as found,
        ):
            assert found.name == "tasmax"
    xr.Dataset({"tasmin": heat, "tasmax": heat, "land_mask": mask}).to_netcdf(path.with_name("both.nc"))
    with pytest.raises(DataError, match="several variables: tasmin, tasmax, land_mask; name the one that is meant"):
        files.open_variable(path.with_name("both.nc"))
    with pytest.raises(DataError, match=r"no variable 'levl'; it has level, limits, status.*Did you mean 'level'"):
        files.open_variable(path, "levl")
    with pytest.raises(DataError, match="does not exist"):
        files.open_variable(tmp_path / "nothing.nc")
    (tmp_path / "text.nc").write_text("no grid")
    with pytest.raises(DataError, match=r"is no NetCDF file; grids are read from NetCDF files \(.nc\) and zarr stores"):
        files.open_variable(tmp_path / "text.nc")
