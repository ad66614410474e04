"""Data in memory as people have them: each kind of index, each library, each type of number gives the same maxima."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import cftime
import numpy as np
import pandas as pd
import polars as pl
import pytest
import xarray as xr

import evstats as ev
from evstats.errors import ArgumentError, DataError, EvstatsWarning

DAYS = pd.date_range("1999-01-01", "2003-12-31", name="date")
VALUES = np.random.default_rng(5).gumbel(30.0, 8.0, len(DAYS)).round(2)
FLOW = pd.Series(VALUES, DAYS, name="flow")
BY_YEAR = FLOW.groupby(DAYS.year)
MAXIMA, WHEN = BY_YEAR.max().to_numpy(), pd.DatetimeIndex(BY_YEAR.idxmax())
GRID = xr.DataArray(
    np.stack([VALUES, VALUES + 1.0, VALUES + 2.0]),
    dims=("station", "time"),
    coords={"time": DAYS.rename("time"), "station": [7, 8, 9], "height": 12.0},
    name="flow",
    attrs={"units": "m3/s"},
)


def days_of(calendar: str) -> xr.CFTimeIndex:
    return xr.date_range("1999-01-01", "2003-12-30", calendar=calendar, use_cftime=True)


SAME: dict[str, Callable[[], object]] = {
    "text": lambda: FLOW.set_axis(DAYS.strftime("%Y-%m-%d")),
    "text, day first": lambda: FLOW.set_axis(DAYS.strftime("%d.%m.%Y")),
    "text as objects": lambda: FLOW.set_axis(pd.Index([str(day) for day in DAYS], dtype=object)),
    "date objects": lambda: FLOW.set_axis(DAYS.date),
    "datetime objects": lambda: FLOW.set_axis(pd.Index(list(DAYS.to_pydatetime()), dtype=object)),
    "periods": lambda: FLOW.set_axis(DAYS.to_period("D")),
    "zone": lambda: FLOW.tz_localize("Europe/Berlin"),
    "arrow dates": lambda: FLOW.set_axis(pd.Index(DAYS, dtype="timestamp[us][pyarrow]")),
    "cftime": lambda: FLOW.set_axis(
        xr.date_range("1999-01-01", "2003-12-31", calendar="proleptic_gregorian", use_cftime=True)
    ),
    "backwards": lambda: FLOW[::-1],
    "shuffled": lambda: FLOW.sample(frac=1.0, random_state=1),
    "twice": lambda: pd.concat([FLOW, FLOW]),
    "nullable": lambda: FLOW.astype("Float64"),
    "arrow numbers": lambda: FLOW.astype("double[pyarrow]"),
    "Decimal": lambda: FLOW.map(lambda x: Decimal(str(x))),
    "DataArray": lambda: GRID[0],
    "DataArray of one station": lambda: GRID[:1],
    "DataArray, time beside its dimension": lambda: xr.DataArray(VALUES, dims="obs", coords={"time": ("obs", DAYS)}),
    "Dataset": lambda: GRID[0].to_dataset(),
    "polars": lambda: pl.DataFrame({"date": DAYS.date.tolist(), "flow": VALUES}),
    "polars, dates as text": lambda: pl.DataFrame({"date": list(DAYS.strftime("%Y-%m-%d")), "flow": VALUES}),
    "pyarrow": lambda: pl.DataFrame({"date": DAYS.date.tolist(), "flow": VALUES}).to_arrow(),
    "a table of time and value": lambda: FLOW.reset_index(),
}


@pytest.mark.parametrize("kind", SAME)
def test_every_kind_gives_the_maxima_of_plain_pandas_on_their_days(kind: str) -> None:
    data = SAME[kind]()
    for found in (ev.block_maxima(data), ev.block_maxima(ev.read_series(data))):
        np.testing.assert_array_equal(found.values, MAXIMA)
        assert list(found.dates.tz_localize(None)) == list(WHEN)
        assert found.blocks.tolist() == [1999, 2000, 2001, 2002, 2003]


@pytest.mark.parametrize(
    "cells",
    [
        [str(x).replace(".", ",") for x in VALUES],
        [f"{x:.2f}" for x in VALUES],
        [*VALUES[:-1], str(VALUES[-1])],
        pd.Categorical(VALUES),
        pd.array([f"{x:.2f}" for x in VALUES], dtype="string"),
    ],
    ids=["decimal commas", "texts", "one text among numbers", "categories", "string"],
)
def test_a_column_of_number_texts_is_read_as_in_a_file(cells: object) -> None:
    record = ev.read_series(pd.DataFrame({"date": DAYS, "flow": cells}))
    np.testing.assert_array_equal(record.series.to_numpy(), VALUES)


def test_marks_among_number_texts_are_dropped_with_their_row() -> None:
    cells = FLOW.astype(object)
    cells.iloc[2], cells.iloc[4] = "n/a", "frozen"
    audit = ev.read_series(cells).audit
    assert [(found.line, found.reason) for found in audit.findings] == [
        (3, "missing value, marked 'N/A'"),
        (5, "not a number"),
    ]
    with pytest.raises(DataError, match=r"real numbers are expected|expected real numbers"):
        ev.block_maxima(cells)


def test_units_and_names_come_along() -> None:
    for found in (ev.read_series(GRID[0]).audit, ev.block_maxima(GRID[0]), ev.fit(GRID[0].groupby("time.year").max())):
        assert found.unit == "m3/s"
    assert ev.read_series(GRID[0].to_dataset()).audit.unit == "m3/s"
    record = ev.read_series(xr.DataArray(VALUES, dims="obs", coords={"time": ("obs", DAYS)}, name="q"))
    assert (record.audit.time_column, record.audit.value_column) == ("time", "q")


@pytest.mark.parametrize("calendar", ["noleap", "365_day", "standard", "all_leap"])
def test_days_of_another_calendar_that_exist_are_taken(calendar: str) -> None:
    days = days_of(calendar)
    days = days[(days.month != 2) | (days.day != 29)]
    series = pd.Series(np.arange(len(days), dtype=float), days)
    record = ev.read_series(series)
    assert record.series.index[-1] == pd.Timestamp("2003-12-30")
    assert any("calendar" in note for note in record.audit.notes) == (calendar != "standard")
    assert ev.block_maxima(series).blocks.tolist() == [1999, 2000, 2001, 2002, 2003]


def test_a_calendar_without_leap_days_misses_none() -> None:
    days = xr.date_range("1950-01-01", "1989-12-31", calendar="noleap", use_cftime=True)
    data = xr.DataArray(np.random.default_rng(1).gumbel(size=len(days)), dims="time", coords={"time": days})
    assert not any(note.code == "gaps" for note in ev.read_series(data).audit.notes)
    real = data[np.r_[0:788, 793:1100, 1101:2000, 2002 : len(days)]]  # 1952-02-28 to 03-04, a 6 January, two days
    (told,) = (note for note in ev.read_series(real).audit.notes if note.code == "gaps")
    assert (told.values["count"], told.values["start"], told.values["end"]) == (8, "1952-02-27", "1952-03-05")
    hours = xr.date_range("1998-01-01", "2004-12-31T23:00", freq="h", calendar="noleap", use_cftime=True)
    hourly = pd.Series(np.random.default_rng(2).gumbel(size=len(hours)), hours)
    assert not any(note.code == "gaps" for note in ev.read_series(hourly).audit.notes)
    standard = data.convert_calendar("standard", use_cftime=False)  # of a calendar that has them, ten are missing
    (told,) = (note for note in ev.read_series(standard).audit.notes if note.code == "gaps")
    assert told.values["count"] == 10


def test_windows_and_gaps_know_of_calendars_without_leap_days() -> None:
    """The 1 March follows the 28 February: no window there lacks a day, and none is a day short."""
    days = xr.date_range("1959-06-01", "1989-12-31", calendar="noleap", use_cftime=True)
    rain = pd.Series(np.random.default_rng(3).gamma(0.3, 10.0, size=len(days)), days, name="rain_mm")
    plain = pd.Series(rain.to_numpy()).rolling(3).sum().dropna()
    for data in (rain, ev.read_series(rain)):
        sums = ev.block_maxima(data, over=("3D", "sum"))
        assert sums.blocks.tolist() == list(range(1960, 1990))
        np.testing.assert_allclose(sums.values.max(), plain.max(), rtol=1e-12)
        months = pd.DatetimeIndex([day.isoformat() for day in days[2:]])
        march = ev.block_maxima(data, "month", over=("3D", "sum"), min_coverage=0.0)
        wanted = pd.Series(plain.to_numpy(), months).loc["1960-03"].max()
        assert march.values[march.blocks.tolist().index("1960-03")] == pytest.approx(wanted, rel=1e-12)
        (told,) = (note for note in sums.notes if getattr(note, "code", "") == "windows")
        assert told.values["complete"] == len(days) - 2
        assert sum(getattr(note, "code", "") == "calendar" for note in sums.notes) == int(data is rain)
        peaks = ev.peaks_over_threshold(data, 40.0, separation="2D")
        assert peaks.gaps is not None
        assert peaks.gaps.empty
        assert float(peaks.years) == pytest.approx(30.0 + 214.0 / 365.25, abs=0.003)
    assert len(ev.moving_mean(rain, "7D").series) == len(days) - 6


def test_days_that_do_not_exist_are_named() -> None:
    series = pd.Series(
        np.arange(1825.0),
        [cftime.DatetimeAllLeap(1999, 1, 1 + i % 28) for i in range(1824)] + [cftime.DatetimeAllLeap(1999, 2, 29)],
    )
    with pytest.raises(DataError, match=r"the date 1999-02-29.* of the calendar 'all_leap' does not exist"):
        ev.read_series(series)


@pytest.mark.parametrize("calendar", ["360_day", "julian"])
def test_the_advice_for_a_calendar_of_its_own_leads_to_its_annual_maxima(calendar: str) -> None:
    days = days_of(calendar)
    data = xr.DataArray(np.random.default_rng(1).gumbel(size=len(days)), dims="time", coords={"time": days})
    for read in (ev.read_series, ev.block_maxima, ev.fit):
        with pytest.raises(DataError, match=r"data\.groupby\('time\.year'\)\.max\(\)"):
            read(data)
    maxima = data.groupby("time.year").max()
    found = ev.block_maxima(maxima)
    np.testing.assert_array_equal(found.values, maxima.to_numpy())
    assert found.blocks.tolist() == [1999, 2000, 2001, 2002, 2003]
    assert ev.fit(maxima, "gumbel").blocks_per_year == 1.0


@pytest.mark.parametrize("read", [ev.read_series, ev.block_maxima])
def test_an_array_of_several_series_names_its_dimensions_and_how_to_select(read: Callable[[object], object]) -> None:
    with pytest.raises(DataError, match=r"'flow' has the dimensions station \(3\), time \(1826\).*isel\(station=0\)"):
        read(GRID)
    with pytest.raises(
        DataError, match=r"no variable with one dimension.*'flow' with station \(3\).*isel\(station=0\)"
    ):
        read(GRID.to_dataset())
    read(GRID.isel(station=0))


def test_a_dataset_is_read_along_its_time() -> None:
    both = (
        GRID[0]
        .drop_vars("station")
        .to_dataset()
        .assign(quality=("time", np.ones(len(DAYS))), area=("station", [1.0, 2.0, 3.0]))
    )
    assert ev.read_series(both, value="flow").series.tolist() == VALUES.tolist()
    with pytest.raises(ArgumentError, match=r"unknown variable 'flood'; known: 'flow', 'quality', 'area'"):
        ev.read_series(both, value="flood")
    with pytest.raises(DataError, match=r"no variable with one dimension .*'area' with station \(3\)"):
        ev.read_series(GRID.to_dataset().assign(area=("station", [1.0, 2.0, 3.0])))


def test_two_times_or_two_lengths_are_not_guessed() -> None:
    coords = {"start": ("obs", DAYS.to_numpy()), "stop": ("obs", DAYS.to_numpy() + np.timedelta64(1, "D"))}
    with pytest.raises(DataError, match="several times, 'start', 'stop'"):
        ev.read_series(xr.DataArray(VALUES, dims="obs", coords=coords))
    short = xr.DataArray([1.0, 2.0, 4.0], dims="t", coords={"t": DAYS[:3].rename("t")}, name="short")
    with pytest.raises(
        DataError, match=r"several lengths, along 'time' 'flow'; along 't' 'short'; choose .* \(--value\)"
    ):
        ev.read_series(xr.merge([GRID[0], short]))


@pytest.mark.parametrize("use", [ev.fit, ev.stationarity], ids=["fit", "stationarity"])
def test_labelled_batches_are_refused_with_the_way_to_go_on(use: Callable[[object], object]) -> None:
    with pytest.raises(
        ArgumentError,
        match=r"grid\.block_maxima\(data, dim='time'\) .* block_maxima of one series at a time, data\.isel",
    ):
        use(GRID)
    annual = GRID.groupby("time.year").max()
    with pytest.raises(ArgumentError, match=r"evstats\.grid\.fit\(data, dim='year'\), or .*data\.isel\(station=0\)"):
        use(annual.transpose("year", "station"))
    batch = annual.squeeze().transpose("station", "year").to_numpy()
    assert ev.fit(batch, "gumbel").batch_shape == (3,)
    with pytest.raises(ArgumentError, match="Dataset; pick one of its variables: 'flow'"):
        use(GRID.to_dataset())
    with pytest.raises(ArgumentError, match="pass one of its columns"):
        use(pl.DataFrame({"a": [1.0, 2.0, 4.0], "b": [1.0, 2.0, 4.0]}))


def test_extremes_of_any_index_are_fitted_as_annual() -> None:
    years = range(1999, 2004)
    expected = ev.fit(MAXIMA, "gumbel").distribution
    for index in (
        list(years),
        [str(year) for year in years],
        WHEN.date,
        WHEN.strftime("%d %b %Y"),
        [cftime.DatetimeNoLeap(year, 7, 1) for year in years],
        pd.period_range("1999", "2003", freq="Y"),
    ):
        fitted = ev.fit(pd.Series(MAXIMA, index, name="flow"), "gumbel")
        assert fitted.blocks_per_year == 1.0
        assert fitted.distribution == expected
    assert ev.fit(pl.Series("flow", MAXIMA), "gumbel").name == "flow"
    decimals = pd.Series([Decimal(str(x)) for x in MAXIMA], list(years))
    assert ev.fit(decimals, "gumbel").distribution == expected


def test_raw_daily_data_with_labels_warn_like_any_series() -> None:
    with pytest.warns(EvstatsWarning, match="a value every 1 days"):
        ev.fit(GRID[0], "gumbel")


def test_tables_of_several_values_are_not_guessed_at_by_block_maxima() -> None:
    table = pl.DataFrame({"date": DAYS.date.tolist(), "flow": VALUES, "stage": VALUES / 10})
    with pytest.raises(DataError, match=r"pick one of its columns: 'flow', 'stage', or read it first, read_series\("):
        ev.block_maxima(table)
    found = ev.block_maxima(ev.read_series(table, time="date", value="flow"))
    np.testing.assert_array_equal(found.values, MAXIMA)


@pytest.mark.parametrize(
    "index",
    [
        DAYS.strftime("%Y%m%d").astype(int),
        pd.Index([pd.Timestamp(day, tz="Europe/Berlin").to_pydatetime() for day in DAYS], dtype=object),
    ],
    ids=["digits", "datetimes with a zone"],
)
def test_dates_that_are_numbers_or_know_their_zone(index: pd.Index) -> None:
    for found in (ev.block_maxima(FLOW.set_axis(index)), ev.block_maxima(ev.read_series(FLOW.set_axis(index)))):
        assert found.blocks.tolist()[-4:] == [2000, 2001, 2002, 2003]
        np.testing.assert_array_equal(found.values[-4:], MAXIMA[-4:])


@pytest.mark.parametrize(
    "index",
    [
        DAYS.astype("datetime64[s]").astype("int64"),
        pd.to_timedelta(np.arange(len(DAYS)), "D"),
        np.arange(len(DAYS)) / 2,
    ],
    ids=["seconds", "durations", "halves"],
)
def test_an_index_of_numbers_that_may_be_times_is_not_left_out_in_silence(index: object) -> None:
    for read in (ev.read_series, ev.block_maxima):
        with pytest.raises(DataError, match=r"the index holds .*, which is no date; convert it"):
            read(FLOW.set_axis(index))
    assert ev.block_maxima(FLOW.reset_index(drop=True), 365).values.size == 5
    assert ev.fit(pd.Series(MAXIMA, np.arange(5) / 2), "gumbel").blocks_per_year is None


def test_decimal_years_of_floats_are_days() -> None:
    decimal = DAYS.year + (DAYS.day_of_year - 0.5) / np.where(DAYS.is_leap_year, 366, 365)
    for data in (FLOW.set_axis(decimal), pd.DataFrame({"decimal_year": decimal, "flow": VALUES})):
        for found in (ev.block_maxima(data), ev.block_maxima(ev.read_series(data))):
            np.testing.assert_array_equal(found.values, MAXIMA)
            assert found.blocks.tolist() == [1999, 2000, 2001, 2002, 2003]
    assert ev.fit(pd.Series(MAXIMA, np.arange(1999.0, 2004.0)), "gumbel").blocks_per_year == 1.0


def test_rows_that_were_filtered_are_no_years() -> None:
    rows = FLOW.reset_index(drop=True)
    assert ev.read_series(rows[rows > 30]).audit.time_column is None
    assert len(ev.block_maxima(rows[rows > 30], 100)) > 3


def test_times_that_were_not_decoded_are_refused() -> None:
    raw = xr.DataArray(
        VALUES, dims="time", coords={"time": ("time", np.arange(len(DAYS)), {"units": "days since 1999-01-01"})}
    )
    for use in (ev.read_series, ev.block_maxima, ev.fit):
        with pytest.raises(DataError, match=r"the times 'time' are numbers .'days since 1999-01-01'.; decode them"):
            use(raw)
    decoded = xr.decode_cf(raw.to_dataset(name="flow"))
    np.testing.assert_array_equal(ev.block_maxima(decoded).values, MAXIMA)


def test_rows_split_at_the_wrong_mark_are_refused(tmp_path: Path) -> None:
    rows = [f"{day:%d.%m.%Y};{x:.2f}".replace(".", ",").replace(",", ".", 2) for day, x in FLOW.items()]
    text = "\n".join(["Datum;Betrag", *rows])
    table = pd.read_csv(io.StringIO(text))
    table.to_excel(tmp_path / "a.xlsx")
    for source in (table, tmp_path / "a.xlsx", pd.read_csv(io.StringIO(text), sep="\t")):
        with pytest.raises(DataError, match="several values in one cell, so its rows were split at the wrong mark"):
            ev.read_series(source)
    assert ev.read_series(pd.read_csv(io.StringIO(text), sep=";", decimal=",")).series.tolist() == VALUES.tolist()
    for table in (
        FLOW.to_frame().assign(codes="A;e"),
        FLOW.to_frame().assign(note="12.5 m; rising"),
        FLOW.to_frame().set_axis([f"station;{i}" for i in range(len(FLOW))]),
    ):
        assert len(ev.read_series(table, value="flow").series) == len(FLOW)


def test_dates_as_text_that_can_be_read_two_ways_are_refused() -> None:
    series = pd.Series(np.arange(12.0), [f"0{i % 9 + 1}/0{i % 7 + 1}/2001" for i in range(12)])
    for read in (ev.read_series, ev.block_maxima):
        with pytest.raises(DataError, match="day and month cannot be told apart"):
            read(series)


def test_polars_is_read_without_pyarrow_too(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pl.DataFrame({"date": DAYS.date.tolist(), "flow": VALUES}).with_columns(
        pl.when(pl.col("flow") > 60).then(None).otherwise(pl.col("flow")).alias("flow")
    )
    expected = ev.read_series(table).series
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    class Poor:
        """A frame of a library that needs another one for its way to pandas."""

        columns = table.columns

        def to_pandas(self) -> object:
            raise ModuleNotFoundError("pyarrow is required")

        def __getitem__(self, name: str) -> object:
            return table[name]

    pd.testing.assert_series_equal(ev.read_series(Poor()).series, expected, check_index_type=False)


def test_an_hour_that_comes_twice_is_told_apart_in_utc() -> None:
    hours = pd.date_range("2001-10-27", periods=72, freq="h", tz="Europe/Berlin")
    record = ev.read_series(pd.Series(np.arange(72.0), hours))
    assert record.series.index.is_unique
    assert record.series.index[0] == pd.Timestamp("2001-10-26 22:00")
