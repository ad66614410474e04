"""The shipped series, against plain pandas where the file is plain, and against counts made with other tools."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evstats.errors import DataError
from evstats.reading.reader import read_series

DATA = Path(__file__).parents[2] / "data"
BATTERY = DATA / "battery_hourly_water_level.csv.gz"

PLAIN = {
    "river_daily_flow.csv": ("date", "discharge_m3s", 34_003, "m3/s"),
    "battery_hourly_water_level.csv.gz": ("time_gmt", "water_level_m_navd88", 809_903, "m above NAVD88"),
    "gmst_annual_anomaly.csv": ("year", "gmst_anomaly_degC", 143, "degC"),
    "fox_river_annual_floods.csv": ("year", "berlin_kcfs", 33, "kcfs"),
    "wti_daily_spot_price.csv": ("date", "price_usd_per_barrel", 8_321, "USD per barrel"),
    "clemson_daily_temperature.csv": ("date", "tmin_degF", 33_131, "degF"),
}
TWO = {"fox_river_annual_floods.csv": "wrightstown_kcfs", "clemson_daily_temperature.csv": "tmax_degF"}


@pytest.mark.parametrize(("name", "expected"), PLAIN.items(), ids=PLAIN.keys())
def test_tidy_files_hold_what_pandas_reads(name: str, expected: tuple[str, str, int, str]) -> None:
    column, value, rows, unit = expected
    if other := TWO.get(name):
        with pytest.raises(DataError, match=f"2 columns could be the value: '{value}', '{other}'"):
            read_series(DATA / name)
    record = read_series(DATA / name, value=value if other else None)
    frame = pd.read_csv(DATA / name, na_values=["."]).dropna(subset=[value])
    assert len(record.series) == rows
    np.testing.assert_array_equal(record.series.to_numpy(), frame[value].to_numpy())
    np.testing.assert_array_equal(record.series.index, pd.to_datetime(frame[column].astype(str)).to_numpy())
    assert (record.audit.time_column, record.audit.value_column, record.audit.unit) == (column, value, unit)


def test_the_holidays_of_the_oil_price_are_counted_with_their_lines() -> None:
    audit = read_series(DATA / "wti_daily_spot_price.csv").audit
    assert audit.counts == {("dropped", "missing value, marked '.'"): 290}
    lines = (DATA / "wti_daily_spot_price.csv").read_text().splitlines()
    assert all(lines[finding.line - 1] == finding.text for finding in audit.findings)
    assert sum(line.endswith(",.") for line in lines) == 290


def test_usgs_peaks_keep_their_codes_with_their_meaning() -> None:
    record = read_series(DATA / "usgs_01594440_peaks.rdb")
    audit = record.audit
    assert (audit.time_column, audit.value_column, audit.unit, audit.rows_read) == ("peak_dt", "peak_va", "cfs", 20)
    assert audit.qualifiers["2002-04-29"] == "2,5,8"
    assert any(
        "Code 8 in peak_cd stands beside 1 of 20 values: Discharge actually greater" in note for note in audit.notes
    )
    assert record.series["2003-02-23"] == 6990.0


def test_the_meaning_of_a_code_may_take_two_lines() -> None:
    text = (DATA / "usgs_01594440_peaks.rdb").read_text().replace("\t2,5,8\t", "\t4\t")
    note = "peak_cd stands beside 1 of 20 values: Discharge less than indicated value, which is Minimum Recordable"
    assert any(note in said for said in read_series(io.StringIO(text)).audit.notes)


def test_of_eighteen_columns_those_that_are_nearly_empty_are_not_asked_about() -> None:
    flow, stage = "USGS_02239501_196782_00060_00003:ft^3/s", "USGS_02239501_178012_00065_00003:ft"
    path = DATA / "usgs_02239501_silver_springs_multi.csv.gz"
    with pytest.raises(DataError) as error:
        read_series(path)
    assert f"3 columns could be the value: {flow!r}, {stage!r}, 'USGS_02239501_300659_63160_00003:ft'." in str(
        error.value
    )
    record = read_series(path, value=flow)
    assert record.audit.unit == "ft^3/s"
    assert record.audit.rows_read == 32_653


def test_waves_with_hours_behind_a_dash() -> None:
    path = DATA / "ndbc_44007_hourly_waves.txt.gz"
    with pytest.raises(DataError, match="'significant wave height \\(m\\)', 'zero-up-crossing period \\(s\\)'"):
        read_series(path)
    record = read_series(path, value="significant wave height (m)")
    assert len(record.series) == 82_805
    assert record.series.index[1] == pd.Timestamp("1996-01-01 01:00")
    assert record.series.iloc[0] == 0.2845
    assert record.audit.unit == "m"
    # 10 years of hours, three of them leap years, as counted by hand
    assert any(f"{87_672 - 82_805:,} timestamps without a value" in note for note in record.audit.notes)


@pytest.mark.slow
def test_reading_costs_at_most_twice_what_pandas_needs() -> None:
    def seconds(read: object) -> float:
        start = time.perf_counter()
        read()
        return time.perf_counter() - start

    ratios = [
        seconds(lambda: read_series(BATTERY)) / seconds(lambda: pd.read_csv(BATTERY, parse_dates=["time_gmt"]))
        for _ in range(5)
    ]
    assert min(ratios) < 2
