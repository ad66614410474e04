"""Files whose cells have types: workbooks, Parquet, Feather, NetCDF; known by their first bytes, whole or refused."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xarray as xr

import evstats as ev
from evstats.errors import ArgumentError, DataError
from evstats.extras import install

DAYS = pd.date_range("1999-01-01", "2001-12-31", name="date")
VALUES = np.random.default_rng(5).gumbel(30.0, 8.0, len(DAYS)).round(2)
TABLE = pd.DataFrame({"date": DAYS, "flow (m3/s)": VALUES})
ARRAY = xr.DataArray(VALUES, dims="time", coords={"time": DAYS.rename("time")}, name="flow", attrs={"units": "m3/s"})


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


ROWS: list[list[object]] = [[day.to_pydatetime(), float(x)] for day, x in zip(DAYS[:40], VALUES, strict=False)]
NAMES: list[object] = ["date", "flow (m3/s)"]

WRITE: dict[str, Callable[[Path], object]] = {
    "xlsx": lambda path: TABLE.to_excel(path, index=False, engine="openpyxl"),
    "parquet": lambda path: TABLE.to_parquet(path),
    "parquet with an index": lambda path: TABLE.set_index("date").to_parquet(path),
    "feather": lambda path: TABLE.to_feather(path),
    "netcdf": lambda path: ARRAY.rename("flow").to_netcdf(path, engine="netcdf4"),
    "classic netcdf": lambda path: ARRAY.to_netcdf(path, engine="scipy"),
    "netcdf of one station": lambda path: ARRAY.expand_dims(lat=[48.2], lon=[16.4]).to_netcdf(path, engine="netcdf4"),
}


@pytest.mark.parametrize("kind", WRITE)
def test_each_kind_is_read_whatever_its_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "flow.data"
    made = tmp_path / "made.xlsx"
    WRITE[kind](made)
    path.write_bytes(made.read_bytes())
    record = ev.read_series(path)
    np.testing.assert_array_equal(record.series.to_numpy(), VALUES)
    assert list(record.series.index) == list(DAYS)
    audit = record.audit
    assert (audit.source, audit.place, audit.unit) == (str(path), "row", "m3/s")
    assert audit.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert audit.sheet == ("Sheet1" if kind == "xlsx" else None)
    with path.open("rb") as file:
        assert ev.read_series(file).series.equals(record.series)


@pytest.mark.parametrize("kind", [kind for kind in WRITE if kind != "netcdf of one station"])
@pytest.mark.parametrize("kept", [0.5, 0.999, "head"])
def test_a_file_cut_short_is_refused(tmp_path: Path, kind: str, kept: float | str) -> None:
    path = tmp_path / "flow.xlsx"
    WRITE[kind](path)
    content = path.read_bytes()
    path.write_bytes(content[:12] if kept == "head" else content[: int(float(kept) * len(content))])
    with pytest.raises(DataError, match="damaged or cut short") as error:
        ev.read_series(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    assert "data.nc" not in str(error.value)  # the copy that it was read from


def test_a_workbook_with_damaged_inside_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Daily": [NAMES, *ROWS]})
    damaged = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(damaged, "w") as new:
        for part in old.namelist():
            new.writestr(part, b"<nonsense" if "sheet1" in part else old.read(part))
    with pytest.raises(DataError, match="Excel workbook that is damaged or cut short"):
        ev.read_series(damaged)


@pytest.mark.parametrize(
    ("kind", "module", "needs"),
    [
        ("xlsx", "openpyxl", "which openpyxl reads"),
        ("parquet", "pyarrow", "which pyarrow reads"),
        ("feather", "pyarrow", "which pyarrow reads"),
        ("netcdf", "xarray", "which xarray with netCDF4 reads"),
        ("classic netcdf", "xarray", "which xarray reads"),
    ],
)
def test_a_missing_library_is_named_with_the_extra(
    tmp_path: Path, kind: str, module: str, needs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "flow"
    WRITE[kind](path.with_suffix(".xlsx"))
    path.with_suffix(".xlsx").rename(path)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DataError, match=re.escape(f"{needs}: {install('files')}")):
        ev.read_series(path)


# ------------------------------------------------------------------------------------------------------------ sheets


def test_the_only_sheet_with_a_series_is_found_and_named(tmp_path: Path) -> None:
    info = [["Station", "Wien"], ["Height", 171], ["Area", 957.0], ["Opened", dt.datetime(1951, 1, 1)]]
    stations = [["name", "lat", "lon"], ["A", 48.1, 16.2], ["B", 48.3, 16.3], ["C", 48.4, 16.5]]
    path = workbook(tmp_path / "a.xlsx", {"Info": info, "Stations": stations, "Daily": [NAMES, *ROWS], "Empty": []})
    record = ev.read_series(path)
    assert record.series.tolist() == VALUES[:40].tolist()
    assert record.audit.sheet == "Daily"
    assert record.audit.notes[-1] == "The series is taken from sheet 'Daily'; there are also 'Info', 'Stations'."


def test_several_sheets_with_a_series_are_not_guessed(tmp_path: Path) -> None:
    other = [[day, 2.0 * x] for day, x in ROWS]
    path = workbook(tmp_path / "a.xlsx", {"Low": [NAMES, *ROWS], "High water": [NAMES, *other]})
    with pytest.raises(
        DataError, match=r"in each of its sheets 'Low', 'High water'; choose one: sheet='Low' \(--sheet Low"
    ):
        ev.read_series(path)
    assert ev.read_series(path, sheet="High water").series.tolist() == (2.0 * VALUES[:40]).tolist()
    with pytest.raises(ArgumentError, match=r"unknown sheet 'Hihg water'; known: 'Low', 'High water'. Did you mean"):
        ev.read_series(path, sheet="Hihg water")


def test_hidden_sheets_are_read_where_asked_for_only(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Daily": [NAMES, *ROWS], "Old": [NAMES, *ROWS[:20]]})
    book = openpyxl.load_workbook(path)
    book["Old"].sheet_state = "hidden"
    book.save(path)
    assert len(ev.read_series(path).series) == 40
    assert len(ev.read_series(path, sheet="Old").series) == 20


def test_sheets_of_annual_maxima_and_of_text_only(tmp_path: Path) -> None:
    annual = [["year", "peak"], *([1950 + i, 10.0 + i % 7] for i in range(30))]
    words = [["Remark"], ["gauge moved in 1961"]]
    record = ev.read_series(workbook(tmp_path / "a.xlsx", {"Remarks": words, "Peaks": annual}))
    assert (record.audit.sheet, len(record.series)) == ("Peaks", 30)
    with pytest.raises(DataError, match=r"no series in any of its sheets 'A', 'B'; choose one: sheet='A'"):
        ev.read_series(workbook(tmp_path / "b.xlsx", {"A": words, "B": words}))
    with pytest.raises(DataError, match="no sheet with anything in it"):
        ev.read_series(workbook(tmp_path / "c.xlsx", {"A": [], "B": []}))


def test_titles_and_empty_rows_and_columns_around_the_table(tmp_path: Path) -> None:
    rows = [["Daily flow of the river"], [], [None, *NAMES], *([None, *row] for row in ROWS[:3]), []]
    rows += [[None, *row] for row in ROWS[3:]]
    record = ev.read_series(workbook(tmp_path / "a.xlsx", {"Daily": rows}))
    assert record.series.tolist() == VALUES[:40].tolist()
    assert record.audit.unit == "m3/s"


def test_findings_count_the_rows_of_the_sheet(tmp_path: Path) -> None:
    rows = [list(row) for row in ROWS]
    rows[4][1], rows[6][1], rows[8][1] = "n/a", None, "ice, 1.5"
    audit = ev.read_series(workbook(tmp_path / "a.xlsx", {"Daily": [["Title"], NAMES, *rows]})).audit
    assert [(found.line, found.reason) for found in audit.findings] == [
        (7, "missing value, marked 'N/A'"),
        (9, "missing value"),
        (11, "not a number"),
    ]
    assert audit.findings[2].text == "1999-01-09;ice, 1.5"
    assert "first row 7" in audit.row_notes[0]


def test_times_of_day_are_kept_and_digits_too(tmp_path: Path) -> None:
    hours = pd.date_range("2001-01-01", periods=50, freq="h")
    numbers = [0.1 + 1e-16 * i + 1 / (3 + i) for i in range(50)]
    path = tmp_path / "a.xlsx"
    pd.DataFrame({"time": hours, "x": numbers}).to_excel(path, index=False)
    record = ev.read_series(path)
    assert list(record.series.index) == list(hours)
    assert record.series.tolist() == pd.read_excel(path)["x"].tolist()


def test_texts_of_a_sheet_are_read_by_the_rules_of_files(tmp_path: Path) -> None:
    rows = [["Datum", "Abfluss"], *([f"{day:02d}.01.2001", f"{day},5"] for day in range(1, 29))]
    record = ev.read_series(workbook(tmp_path / "a.xlsx", {"A": rows}))
    assert record.series.tolist() == [day + 0.5 for day in range(1, 29)]


def test_dates_that_a_spreadsheet_half_understood_are_refused(tmp_path: Path) -> None:
    # 03/02/2001 was taken for a date of March, 13/02/2001 stayed a text
    rows = [[dt.datetime(2001, day, 2) if day <= 12 else f"{day}/02/2001", 1.0 + day] for day in range(1, 29)]
    with pytest.raises(DataError, match="mixes date formats: row 2 has '2001-01-02', row 14 has '13/02/2001'"):
        ev.read_series(workbook(tmp_path / "a.xlsx", {"A": [NAMES, *rows]}))


def test_a_total_below_the_table_is_no_value(tmp_path: Path) -> None:
    rows = [*ROWS, ["Total", sum(float(str(x)) for _, x in ROWS)]]
    record = ev.read_series(workbook(tmp_path / "a.xlsx", {"A": [NAMES, *rows]}))
    assert record.series.tolist() == VALUES[:40].tolist()


def test_a_sheet_belongs_to_a_workbook(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"sheet='A' \(--sheet A\) belongs to an Excel workbook, and the stream is"):
        ev.read_series(io.StringIO("date,x\n2001-01-01,2\n"), sheet="A")


# ------------------------------------------------------------------------------------------------------------ NetCDF


def test_the_variable_is_chosen_by_value_and_a_grid_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    grid = xr.DataArray(np.ones((len(DAYS), 2)), dims=("time", "cell"), name="grid")
    ARRAY.to_dataset().assign(stage=ARRAY / 10, grid=grid, crs=3).to_netcdf(path)
    assert ev.read_series(path, value="stage").series.tolist() == (VALUES / 10).tolist()
    with pytest.raises(DataError, match=r"'grid' has the dimensions time \(1096\), cell \(2\).*data\.isel\(cell=0\)"):
        ev.read_series(path, value="grid")
    with pytest.raises(ArgumentError, match=r"unknown variable 'stgae'.*Did you mean 'stage'"):
        ev.read_series(path, value="stgae")
    selected = tmp_path / "b.nc"
    with xr.open_dataset(path) as data:
        data["grid"].isel(cell=0).to_netcdf(selected)
    assert len(ev.read_series(selected).series) == len(DAYS)


def test_fill_values_and_packing_are_undone(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    values = np.arange(len(DAYS)) / 4.0
    values[5] = np.nan
    packed = {"x": {"dtype": "int16", "scale_factor": 0.25, "_FillValue": -32767}}
    ARRAY.copy(data=values).rename("x").to_netcdf(path, encoding=packed)
    record = ev.read_series(path)
    assert record.series.tolist() == [*(i / 4 for i in range(len(DAYS)) if i != 5)]
    assert record.audit.dropped == 1


def test_durations_stay_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    ARRAY.copy(data=VALUES).assign_attrs(units="s").rename("period").to_netcdf(path)
    record = ev.read_series(path)
    assert (record.series.tolist(), record.audit.unit) == (VALUES.tolist(), "s")


def test_times_that_cannot_be_understood_are_said(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    strange = ARRAY.assign_coords(time=("time", np.arange(len(DAYS)), {"units": "fortnights since 1990-01-01"}))
    strange.to_netcdf(path)
    with pytest.raises(DataError, match=r"NetCDF or HDF5 file that cannot be read .*time"):
        ev.read_series(path)
