"""Rolling sums and means before the blocks, against pandas' own on a regular index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evstats.errors import ArgumentError, DataError
from evstats.extremes.blocks import block_maxima
from evstats.reading.reader import read_series

DATA = Path(__file__).parents[2] / "data"
DAYS = pd.date_range("1999-01-01", "2002-12-31", name="date")
RAIN = pd.Series(np.random.default_rng(3).gamma(0.4, 9.0, len(DAYS)).round(1), DAYS, name="rain")
RAIN.attrs["unit"] = "mm"


def rolling(series: pd.Series, step: str, count: int, statistic: str) -> pd.Series:
    """What pandas says on an index without gaps."""
    return getattr(series.asfreq(step).rolling(count, min_periods=count), statistic)().dropna()


@pytest.mark.parametrize(("span", "count"), [("1D", 1), ("3D", 3), ("7D", 7), ("30D", 30), ("72h", 3)])
@pytest.mark.parametrize("statistic", ["sum", "mean"])
def test_windows_of_a_record_with_gaps(span: str, count: int, statistic: str) -> None:
    gappy = RAIN.drop(RAIN.index[[100, 101, 500]])
    gappy.iloc[700] = np.nan
    expected = rolling(gappy, "D", count, statistic)
    found = block_maxima(gappy, over=(span, statistic), min_coverage=0.0)
    pd.testing.assert_series_equal(
        found.series, expected, check_names=False, check_freq=False, check_index_type=False, rtol=1e-13, atol=1e-12
    )
    plain = expected.groupby(expected.index.year)
    np.testing.assert_array_equal(found.values, found.series.groupby(found.series.index.year).max().to_numpy())
    assert list(found.dates) == list(plain.idxmax())


@given(
    st.lists(st.booleans(), min_size=40, max_size=80),
    st.integers(1, 6),
    st.sampled_from(["sum", "mean"]),
    st.sampled_from(["D", "h", "15min", "6h"]),
)
def test_a_window_stands_where_every_step_has_a_value(held: list[bool], count: int, statistic: str, step: str) -> None:
    index = pd.date_range("2001-01-01", periods=len(held), freq=step)
    held[:20] = [True] * 20
    whole = pd.Series(np.arange(1.0, len(held) + 1) ** 2, index)
    present = whole[np.array(held)]
    expected = rolling(present, step, count, statistic)
    found = block_maxima(present, len(held), over=(count * (index[1] - index[0]), statistic), min_coverage=0.0)
    np.testing.assert_allclose(found.series.to_numpy(), expected.to_numpy(), rtol=1e-12)
    assert list(found.series.index) == list(expected.index)


def test_the_name_the_unit_and_the_notes_say_what_the_values_are() -> None:
    found = block_maxima(RAIN.drop(RAIN.index[[100]]), over=("3D", "sum"))
    assert (found.name, found.unit) == ("3-day sum of rain", "mm")
    assert found.notes[0] == (
        "Each value is the 3-day sum of rain up to its date: 1,456 of 1,460 windows are complete, the others give none."
    )
    hourly = RAIN.set_axis(pd.date_range("2001-01-01", periods=len(RAIN), freq="h"))
    assert block_maxima(hourly, "month", over=("36h", "mean")).name == "36-hour mean of rain"
    hourly.attrs["unit"] = "mm/h"
    notes = block_maxima(hourly, "month", over=("6h", "sum")).notes
    assert any("are a rate (mm/h) and are added as they stand" in note for note in notes)
    assert not any("rate" in note for note in block_maxima(hourly, "month", over=("6h", "mean")).notes)


def test_the_coverage_of_a_block_is_that_of_its_windows() -> None:
    every_tenth = RAIN.drop(RAIN.loc["2000"].index[::20])
    assert block_maxima(every_tenth).blocks.tolist() == [1999, 2000, 2001, 2002]
    found = block_maxima(every_tenth, over=("7D", "mean"))
    assert found.blocks.tolist() == [1999, 2001, 2002]
    windows = rolling(every_tenth, "D", 7, "mean").loc["2000"]
    assert found.dropped["coverage"].tolist() == [len(windows) / 366]


def test_windows_that_share_days_across_a_boundary_are_one_event() -> None:
    storm = pd.Series(1.0, DAYS)
    storm.loc["1999-12-30"] = 9.0
    found = block_maxima(storm, over=("14D", "sum"), separation="1D")
    assert found.same_event["days"].tolist()[:1] == [2.0]
    assert any("less than 14 days apart across a block boundary" in note for note in found.notes)
    assert block_maxima(storm, over=("14D", "sum"), separation=None).same_event.empty


def test_low_flow_of_the_river_as_pandas_finds_it() -> None:
    record = read_series(DATA / "river_daily_flow.csv")
    found = block_maxima(record, over=("7D", "mean"), kind="min")
    plain = rolling(record.series, "D", 7, "mean")
    np.testing.assert_array_equal(found.values, plain.groupby(plain.index.year).min().loc[list(found.blocks)])
    assert found.audit is record.audit


def test_zeros_of_a_dry_river_stay_zero() -> None:
    flow = RAIN.where(RAIN > 5.0, 0.0).mul(1e7)
    flow.loc["2000-07":"2000-08"] = 0.0
    assert block_maxima(flow, over=("7D", "mean"), kind="min").values[1] == 0.0


def test_days_of_a_zone_follow_its_clock() -> None:
    local = RAIN.tz_localize("Europe/Berlin")
    found = block_maxima(local, over=("3D", "sum"))
    np.testing.assert_array_equal(found.values, block_maxima(RAIN, over=("3D", "sum")).values)
    hours = pd.date_range("2001-01-01", "2001-12-31", freq="h", tz="Europe/Berlin")
    series = pd.Series(np.arange(len(hours), dtype=float), hours)
    assert len(block_maxima(series, over=("6h", "mean")).series) == len(hours) - 5


def test_readings_some_minutes_late_are_in_their_window() -> None:
    late = RAIN.set_axis(DAYS + pd.to_timedelta(np.random.default_rng(1).integers(0, 50, len(DAYS)), "min"))
    jitter = late.set_axis(late.index.where(np.arange(len(late)) % 10 == 0, DAYS))
    found = block_maxima(jitter, over=("3D", "sum"))
    np.testing.assert_array_equal(found.values, block_maxima(RAIN, over=("3D", "sum")).values)


def test_events_are_summed_by_time() -> None:
    rng = np.random.default_rng(4)
    times = pd.Timestamp("2001-01-01") + pd.to_timedelta(np.sort(rng.uniform(0, 2000, 300)).round(3), "D")
    losses = pd.Series(rng.exponential(size=300), times, name="loss")
    found = block_maxima(losses, over=("3D", "sum"), min_coverage=0.0)
    np.testing.assert_allclose(found.series, losses.rolling("3D").sum(), rtol=1e-12)
    assert found.notes[0].startswith("The timestamps follow no regular step (an event list?): each value is the 3-day")
    with pytest.raises(DataError, match=r"no regular step.*the 3-day mean cannot be told from gaps"):
        block_maxima(losses, over=("3D", "mean"))
    twice = pd.concat([losses, losses.iloc[[10]]]).sort_index(kind="stable")
    doubled = block_maxima(twice, over=("3D", "sum"), min_coverage=0.0).series
    assert doubled.index.is_unique
    assert doubled.iloc[10] == pytest.approx(losses.rolling("3D").sum().iloc[10] + losses.iloc[10])


def test_trading_days_take_whole_weeks() -> None:
    days = pd.date_range("2001-01-01", "2004-12-31", freq="B")
    price = pd.Series(np.arange(len(days), dtype=float), days, name="price")
    found = block_maxima(price, over=("7D", "mean"))
    np.testing.assert_allclose(found.series, price.rolling(5).mean().dropna()[1:])  # the first begins before the record
    with pytest.raises(ArgumentError, match=r"1 value a day on 5 days a week.*choose whole weeks"):
        block_maxima(price, over=("3D", "sum"))


@pytest.mark.parametrize(
    ("over", "block", "message"),
    [
        (("3h", "sum"), "year", r"window of 3 hours is shorter than the step of the record \(1 day\)"),
        (("36h", "sum"), "year", r"window of 36 hours is not a whole number of steps \(1 day\)"),
        (("3D", "max"), "year", "unknown statistic of a window 'max'; known: 'sum', 'mean'"),
        (("40D", "sum"), "month", r"a 40-day sum takes longer than one block of month \(30.44 days\)"),
        (("40D", "sum"), 30, r"a 40-day sum takes longer than one block of 30 observations \(30 days\)"),
        (("three", "sum"), "year", r"not \('three', 'sum'\): 'three' is no span of time"),
        (("-3D", "sum"), "year", "a window must be longer than nothing"),
        (
            (3, "sum"),
            "year",
            r"over must be a span of time and a statistic, such as over=\('3D', 'sum'\) \(--over 3D sum\)",
        ),
        ("3D sum", "year", "over must be a span of time and a statistic"),
        (("3D", "sum", 1), "year", "over must be a span of time and a statistic"),
    ],
)
def test_windows_that_make_no_sense_are_refused(over: object, block: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        block_maxima(RAIN, block, over=over)


def test_data_without_windows_are_refused_with_what_to_do() -> None:
    with pytest.raises(DataError, match=r"no dates, so there are no windows of 3 days.*series\.rolling\(3\)"):
        block_maxima(RAIN.to_numpy(), 365, over=("3D", "sum"))
    done = RAIN.reset_index(drop=True).rolling(3).sum().dropna()  # as the message says
    assert len(block_maxima(done, 365)) == 4
    monthly = RAIN.resample("MS").sum()
    with pytest.raises(ArgumentError, match="stand 1 month apart"):
        block_maxima(monthly, over=("90D", "sum"))
    with pytest.raises(DataError, match=r"several values stand at 1999-01-05 00:00:00 .1 such in all."):
        block_maxima(pd.concat([RAIN, RAIN.iloc[[4]] + 1.0]), over=("3D", "sum"))
    with pytest.raises(DataError, match="no window of 14 days holds a value at every step of 1 day"):
        block_maxima(RAIN.drop(RAIN.index[::10]), over=("14D", "sum"))
