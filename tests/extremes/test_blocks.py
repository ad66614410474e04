"""Block maxima against plain groupbys over every real series and rule, and the rules a user meets at the edges."""

import io
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evstats as ev
from evstats.calendars.rules import BLOCKS, MONTH, block_rule
from evstats.errors import ArgumentError, DataError
from evstats.extremes.blocks import block_maxima
from evstats.reading.reader import read_series
from evstats.reading.records import Audit, Record

# ---------------------------------------------------------------------------------------------- the real series


def _csv(folder, file, column, **options):
    table = pd.read_csv(folder / file, index_col=0, parse_dates=[0], na_values=".", **options)
    return table[column]


def _silver_springs(folder):
    table = pd.read_csv(folder / "raw/usgs_02239501_silver_springs_multi.csv.gz", index_col=0, parse_dates=[0])
    return pd.to_numeric(table.iloc[:, 4], errors="coerce")


def _waves(folder):
    table = pd.read_csv(folder / "raw/ndbc_44007_hourly_waves.txt.gz", sep="; ", engine="python")
    return pd.Series(table.iloc[:, 1].to_numpy(), index=pd.to_datetime(table.iloc[:, 0], format="%Y-%m-%d-%H"))


SERIES = {
    "river": lambda d: _csv(d, "river_daily_flow.csv", "discharge_m3s"),
    "clemson tmax": lambda d: _csv(d, "clemson_daily_temperature.csv", "tmax_degF"),
    "clemson tmin": lambda d: _csv(d, "clemson_daily_temperature.csv", "tmin_degF"),
    "wti": lambda d: _csv(d, "wti_daily_spot_price.csv", "price_usd_per_barrel"),
    "sp500": lambda d: _csv(d, "sp500_daily_close.csv", "close"),
    "wind": lambda d: _csv(d, "ireland_daily_wind.csv", "ROS_kn"),
    "silver springs": _silver_springs,
    "fire losses": lambda d: _csv(d, "danish_fire_losses.csv", "total_mdkk1985"),
    "battery": lambda d: _csv(d, "battery_hourly_water_level.csv.gz", "water_level_m_navd88"),
    "waves": _waves,
}

SEASON_MONTHS = {"DJF": (12, 1, 2), "MAM": (3, 4, 5), "JJA": (6, 7, 8), "SON": (9, 10, 11)}
SEASON_OF_MONTH = {m: name for name, months in SEASON_MONTHS.items() for m in months}


def _season_key(index):
    year = index.year + (index.month == 12)
    return pd.Index([f"{y}-{SEASON_OF_MONTH[m]}" for y, m in zip(year, index.month, strict=True)])


RULES = {
    "year": ({"block": "year"}, lambda i: i.year),
    "water-year": ({"block": "water-year"}, lambda i: i.year + (i.month >= 10)),
    "water-year from April": ({"block": "water-year", "first_month": 4}, lambda i: i.year + (i.month >= 4)),
    "season": ({"block": "season"}, _season_key),
    "month": ({"block": "month"}, lambda i: i.strftime("%Y-%m")),
    "quarter": ({"block": "quarter"}, lambda i: i.to_period("Q").strftime("%Y-Q%q")),
}


@pytest.fixture(scope="module")
def real(data_sources):
    return {name: load(data_sources) for name, load in SERIES.items()}


@pytest.fixture(scope="module")
def shorter(real):
    return real | {"battery": real["battery"].iloc[:60_000]}


@pytest.mark.parametrize(
    ("kind", "name"), [*(("max", name) for name in SERIES), ("min", "river"), ("min", "clemson tmin"), ("min", "wti")]
)
@pytest.mark.parametrize("rule", RULES)
def test_extremes_of_real_series_equal_a_plain_groupby(shorter, name, rule, kind):
    options, key = RULES[rule]
    series = shorter[name].dropna().sort_index(kind="stable")
    groups = series.groupby(np.asarray(key(series.index)), sort=False)
    plain = groups.agg(kind)
    found = block_maxima(shorter[name], **options, kind=kind, min_coverage=0)
    assert list(found.blocks) == list(plain.index)
    np.testing.assert_array_equal(found.values, plain.to_numpy())
    assert not found.dropped["value"].notna().any()

    values, first = series.to_numpy(), getattr(np, f"arg{kind}")
    places = [held[first(values[held])] for held in map(groups.indices.get, plain.index)]
    assert list(found.dates) == list(series.index[places])


@pytest.mark.parametrize("name", [name for name in SERIES if name != "fire losses"])
@pytest.mark.parametrize("rule", RULES)
def test_kept_and_dropped_blocks_together_are_the_plain_groupby(shorter, name, rule):
    options, key = RULES[rule]
    series = shorter[name].dropna()
    found = block_maxima(shorter[name], **options)
    values = dict(zip(found.blocks, found.values, strict=True))
    held = found.dropped.dropna(subset="value")
    values |= dict(zip(held["block"], held["value"], strict=True))
    assert values == series.groupby(np.asarray(key(series.index))).max().to_dict()
    assert (found.coverage >= 0.9).all()
    assert (found.dropped["coverage"] < 0.9).all()


@pytest.mark.parametrize("name", ["river", "clemson tmax", "wind", "wti", "battery"])
@pytest.mark.parametrize("offset", ["W", "QS-OCT", "10YS", "5D", "ME", "YE-SEP", "36D", "2MS"])
def test_pandas_offsets_equal_resample(shorter, name, offset):
    series = shorter[name].dropna()
    plain = series.resample(offset).max().dropna()
    found = block_maxima(series, block=offset, min_coverage=0)
    assert list(found.blocks) == list(plain.index.strftime("%Y-%m-%d"))
    np.testing.assert_array_equal(found.values, plain.to_numpy())


@pytest.mark.parametrize("season", ["DJF", "MAM", "JJA", "SON"])
def test_one_season_is_that_quarter_of_the_four(real, season):
    four = block_maxima(real["wind"], block="season")
    one = block_maxima(real["wind"], block=season)
    mine = [str(block).endswith(season) for block in four.blocks]
    assert list(one.blocks) == list(four.blocks[mine])
    np.testing.assert_array_equal(one.values, four.values[mine])
    again = block_maxima(real["wind"], block="season", season=season.lower())
    np.testing.assert_array_equal(one.values, again.values)


def test_undated_rain_by_number_of_observations(data_sources):
    rain = pd.read_csv(data_sources / "swengland_daily_rain.csv")["rain_mm"].to_numpy()
    found = block_maxima(rain, block=365)
    np.testing.assert_array_equal(found.values, rain[: 48 * 365].reshape(48, 365).max(axis=1))
    assert list(found.blocks) == list(range(1, 49))
    assert found.dates is None
    assert found.blocks_per_year is None
    assert found.observations_per_block == 365.0
    assert found.dropped[["block", "coverage"]].values.tolist() == [[49, 11 / 365]]
    assert found.to_frame()["date"].isna().all()


def test_the_river(real):
    found = block_maxima(real["river"], block="water-year")
    assert len(found) == 93
    assert found.blocks[[0, -1]].tolist() == [1927, 2019]
    assert found.values.max() == pytest.approx(6040 * 0.0283168, rel=1e-4)
    row = found.dropped.iloc[0]
    assert len(found.dropped) == 1
    assert (row["block"], row["coverage"], row["value"]) == (2020, 35 / 366, pytest.approx(110 * 0.0283168, rel=1e-4))
    assert row["date"] == pd.Timestamp("2019-11-01")
    assert row["reason"] == "coverage 0.0956 below 0.9"
    assert repr(found) == "Extremes(93 maxima of discharge_m3s by water-year (Oct-Sep), 1927 to 2019, 1 dropped)"
    assert found.observations_per_block == (93 * 365 + 23) / 93
    assert found.blocks_per_year == 1.0
    assert "1 of 94 blocks dropped: 2020." in found.notes


def test_years_without_data_are_listed(real):
    found = block_maxima(real["battery"])
    held = real["battery"].dropna().groupby(real["battery"].dropna().index.year).size()
    empty = found.dropped[found.dropped["block"].isin([1922, 1923, 1924, 1925])]
    assert (empty["coverage"] == 0).all()
    assert len(empty) == 4
    assert empty[["value", "date"]].isna().all(axis=None)
    assert set(empty["reason"]) == {"no values"}
    assert not set(found.blocks) & {1920, 1926, 1997, 2001, 2004, 2020}
    assert found.values[found.blocks == 2012] == 3.417
    assert found.observations_per_block == pytest.approx(held.loc[list(found.blocks)].mean())


def test_coverage_counts_distinct_timestamps_over_the_whole_block(real):
    series = real["battery"]
    found = block_maxima(series, min_coverage=0.5)
    held = pd.Series(series.index).groupby(series.index.year).nunique()
    for block, coverage in zip(found.blocks, found.coverage, strict=True):
        hours = (pd.Timestamp(block + 1, 1, 1) - pd.Timestamp(block, 1, 1)) / pd.Timedelta("1h")
        assert coverage == pytest.approx(held[block] / hours, rel=1e-12)


def test_trading_days_are_judged_against_weekdays(real):
    found = block_maxima(real["sp500"])
    # In 1968 the exchange closed on Wednesdays from June on: 226 sessions, all that there were.
    assert found.blocks.tolist() == list(range(1950, 2019))
    assert found.dropped.empty
    assert found.observations_per_block == pytest.approx(251.4, abs=0.1)
    assert "Coverage expects no values on Sat and Sun: the record has none then." in found.notes
    assert found.coverage[found.blocks == 2001] == 1.0  # nine holidays, and four days in September
    assert block_maxima(real["wti"]).dropped["block"].tolist() == [2019]


def test_an_event_list_is_judged_by_its_span_only(real):
    found = block_maxima(real["fire losses"])
    assert found.blocks.tolist() == list(range(1980, 1991))
    assert found.notes[0].startswith("The timestamps follow no regular step (an event list?)")
    assert found.observations_per_block == len(real["fire losses"]) / 11
    short = block_maxima(real["fire losses"].loc["1980-03-01":])
    assert short.dropped["block"].tolist() == [1980]


@pytest.mark.slow
def test_hourly_maxima_take_at_most_three_times_a_plain_groupby(real):
    series = real["battery"]

    def seconds(task):
        times = []
        for _ in range(7):
            start = time.perf_counter()
            task()
            times.append(time.perf_counter() - start)
        return min(times)

    plain = seconds(lambda: series.groupby(series.index.year).max())
    assert seconds(lambda: block_maxima(series)) < 3 * plain


# ---------------------------------------------------------------------------------------- one value per block


PEAKS = """
2000-03-22 3640,2001-06-08 3800,2002-04-29 1510,2003-02-23 6990,2003-12-12 5790,2005-04-03 5210,2006-06-26 12700,
2007-04-16 5520,2008-05-13 7860,2009-06-19 4130,2010-03-14 5780,2011-09-08 16800,2011-12-08 4900,2012-10-30 10800,
2014-05-01 15600,2015-06-28 6610,2016-08-01 6140,2017-07-30 4960,2018-06-04 8360,2018-12-16 7220"""


@pytest.fixture
def peaks():
    """USGS 01594440, Patuxent River near Bowie, annual peaks of the water years 2000 to 2019, cfs."""
    rows = [pair.split() for pair in PEAKS.replace("\n", "").split(",")]
    return pd.Series([float(flow) for _, flow in rows], index=pd.to_datetime([day for day, _ in rows]), name="peak_cfs")


def test_annual_peaks_pass_through_by_water_year(peaks):
    found = block_maxima(peaks, block="water-year")
    np.testing.assert_array_equal(found.values, peaks.to_numpy())
    assert found.blocks.tolist() == list(range(2000, 2020))
    assert found.dropped.empty
    assert found.observations_per_block is None
    assert found.blocks_per_year == 1.0
    assert found.notes[0] == (
        "The data hold one value per water-year (Oct-Sep) block already: all 20 are passed through."
    )


def test_annual_peaks_are_cut_by_the_years_that_hold_one_each(peaks):
    found = block_maxima(peaks)
    assert (found.block, len(found)) == ("water-year (Oct-Sep)", 20)


def test_annual_peaks_by_calendar_year_are_sent_to_the_water_year(peaks):
    found = block_maxima(peaks, "year")
    assert len(found) == 17
    assert found.notes[0] == (
        "The data look like one value per block, yet year 2003, 2011, 2018 hold more than one, of which only the "
        "extreme is kept; block='water-year' keeps all 20."
    )


def test_the_year_that_keeps_all_is_searched_for(peaks):
    shifted = peaks.set_axis(peaks.index - pd.DateOffset(months=4))
    note = block_maxima(shifted, "year").notes[0]
    month = int(note.split("first_month=")[1].split()[0])
    assert len(block_maxima(shifted, block="water-year", first_month=month)) == 20


@pytest.mark.parametrize("block", ["year", "water-year"])
def test_maxima_given_by_year_pass_through(data_sources, block):
    table = pd.read_csv(data_sources / "portpirie_annual_max_sea_level.csv", index_col="year")["sea_level_m"]
    by_number = block_maxima(table, block=block)
    by_date = block_maxima(table.set_axis(pd.to_datetime(table.index.astype(str), format="%Y")), block=block)
    for found in (by_number, by_date):
        np.testing.assert_array_equal(found.values, table.to_numpy())
        assert found.blocks.tolist() == table.index.tolist()
        assert (found.coverage == 1).all()


def test_missing_years_of_annual_maxima_are_named(data_sources):
    table = pd.read_csv(data_sources / "venice_10_largest_sea_levels.csv", index_col="year")["r10_cm"]
    found = block_maxima(table)
    assert len(found) == 123
    assert found.dropped.empty
    assert found.notes[0].endswith("all 123 are passed through; no value for 1922, 1935.")


def test_values_further_apart_than_a_block():
    annual = pd.Series([3.0, 5.0, 4.0], index=[1990, 1991, 1992])
    message = r"lie about 365 days apart, further than one month block is long \(30.44 days\); choose longer blocks"
    with pytest.raises(DataError, match=message):
        block_maxima(annual, block="month")


# -------------------------------------------------------------------------------------------- cadence and coverage


def _daily(first, last, **options):
    index = pd.date_range(first, last, **({"freq": "D"} | options))
    return pd.Series(np.arange(1.0, len(index) + 1), index=index)


@pytest.mark.parametrize(
    ("index", "per_year"),
    [
        (pd.date_range("2000-01-01", "2004-12-31 23:00", freq="h"), 8766.0),
        (pd.date_range("2000-01-01", "2004-12-31 21:00", freq="3h"), 2922.0),
        (pd.date_range("2000-01-01", "2004-12-31 23:50", freq="10min"), 52596.0),
        (pd.date_range("2000-01-01", "2004-12-31", freq="W"), 365.25 / 7),
        (pd.date_range("2000-01-01", "2004-12-31", freq="MS"), 12.0),
        (pd.date_range("2000-01-01", "2004-12-31", freq="ME"), 12.0),
        (pd.date_range("2000-01-01", "2004-12-31", freq="QS"), 4.0),
        (pd.date_range("2000-01-01", "2004-12-31", freq="B"), 365.25 * 5 / 7),
        (pd.date_range("2000-01-01", "2004-12-31", freq="bh"), 8 * 365.25 * 5 / 7),
        (pd.date_range("2000-01-01 06:00", "2004-12-31", freq="D"), 365.25),
    ],
)
def test_complete_records_of_any_cadence_keep_every_year(index, per_year):
    found = block_maxima(pd.Series(np.arange(len(index), dtype=float), index=index))
    assert found.blocks.tolist() == [2000, 2001, 2002, 2003, 2004]
    assert found.observations_per_block == pytest.approx(per_year, rel=1e-3)
    assert found.coverage.min() > 0.98


@pytest.mark.parametrize(
    ("block", "per_year", "per_block"),
    [
        ("year", 1.0, 365.25),
        ("water-year", 1.0, 365.25),
        ("season", 4.0, 91.3125),
        ("JJA", 1.0, 91.3125),
        ("quarter", 4.0, 91.3125),
        ("month", 12.0, 30.4375),
        ("QS-OCT", 4.0, 91.3125),
        ("2YS", 0.5, 730.5),
        ("W", 365.25 / 7, 7.0),
        ("5D", 73.05, 5.0),
        (pd.offsets.MonthBegin(), 12.0, 30.4375),
        (pd.Timedelta("10D"), 36.525, 10.0),
    ],
)
def test_nominal_sizes(block, per_year, per_block):
    found = block_maxima(_daily("2000-01-01", "2009-12-31"), block=block)
    assert found.blocks_per_year == pytest.approx(per_year)
    assert found.observations_per_block == pytest.approx(per_block, rel=1e-2)


def test_counted_blocks_of_dated_data_know_their_years():
    found = block_maxima(_daily("2000-01-01", "2009-12-31"), block=365)
    assert found.blocks_per_year == pytest.approx(365.25 / 365, rel=1e-3)
    assert found.observations_per_block == 365.0
    assert found.dates[0] == pd.Timestamp("2000-12-30")


def test_leap_years_expect_366_days():
    series = _daily("2000-01-01", "2001-12-31")
    assert block_maxima(series.drop(pd.Timestamp("2000-02-29"))).coverage.tolist() == [365 / 366, 1.0]


def test_repeated_timestamps_count_once():
    series = _daily("2000-01-01", "2003-12-31")
    doubled = pd.concat([series, series.loc["2001-01-01":"2001-06-30"], series.loc["2002"]]).drop(
        series.loc["2001-07-01":"2001-12-31"].index
    )
    found = block_maxima(doubled)
    assert found.blocks.tolist() == [2000, 2002, 2003]
    assert found.dropped["coverage"].tolist() == [181 / 365]


def test_missing_values_count_as_missing_timestamps():
    series = _daily("2000-01-01", "2002-12-31")
    series.loc["2001-01-01":"2001-03-31"] = np.nan
    found = block_maxima(series)
    assert found.dropped[["block", "coverage"]].values.tolist() == [[2001, 275 / 365]]


@pytest.mark.parametrize("missing", [0.3, 0.6, 0.8])
def test_a_regular_record_with_many_gaps_is_no_event_list(missing):
    series = _daily("2000-01-01", "2009-12-31")
    gappy = series[np.random.default_rng(7).random(len(series)) > missing]
    found = block_maxima(gappy, min_coverage=0.05)
    assert found.coverage.mean() == pytest.approx(1 - missing, abs=0.03)
    with pytest.raises(DataError, match="coverage leaves no block: none of 10 year blocks"):
        block_maxima(gappy)


@pytest.mark.parametrize(("months", "named", "lower"), [((7, 8), "Jul and Aug", 0.15), ((7,), "Jul", 0.07)])
def test_the_same_months_of_every_year_are_told_and_led_on(months, named, lower):
    days = _daily("2001-01-01", "2012-12-31")
    some = days[days.index.month.isin(months)]
    said = rf"The record holds {named} of every year and nothing else: .* with min_coverage={lower};"
    with pytest.raises(DataError, match=said):
        block_maxima(some)
    found = block_maxima(some, min_coverage=lower)
    assert (len(found), found.blocks_per_year) == (12, 1.0)
    assert set(found.dates.month) <= set(months)
    with pytest.raises(DataError, match="a lower share"):  # four blocks a year, of which three are empty
        block_maxima(some, "season")
    with pytest.raises(DataError, match="a lower share"):  # of one year another month is missing
        block_maxima(some[(some.index.year != 2005) | (some.index.month != months[-1])])


def test_a_short_record_takes_no_gap_for_a_habit():
    week = _daily("2024-01-01", "2024-01-05", freq="h")
    found = block_maxima(week, block="W", min_coverage=0.5)
    assert found.coverage.tolist() == [97 / 168]


def test_min_coverage_bounds():
    series = _daily("2000-01-01", "2000-11-24")
    assert len(block_maxima(series, min_coverage=329 / 366)) == 1
    with pytest.raises(DataError, match="coverage leaves no block"):
        block_maxima(series, min_coverage=330 / 366)


def test_a_dropped_block_beyond_every_kept_one_is_pointed_out():
    series = _daily("2000-01-01", "2002-03-01")
    assert "The dropped block 2002 holds 791, beyond every extreme kept: look at it before going on." in (
        block_maxima(series).notes
    )
    assert not any("beyond" in note for note in block_maxima(-series).notes)
    assert any("The dropped block 2002 holds -791" in note for note in block_maxima(-series, kind="min").notes)


def test_pooled_blocks_warn_of_the_seasons():
    series = _daily("2000-01-01", "2002-12-31")
    assert any("12 blocks a year are pooled" in note for note in block_maxima(series, block="month").notes)
    assert not any("pooled" in note for note in block_maxima(series, block="DJF").notes)
    monthly = block_maxima(series.resample("MS").max(), block="month")
    assert [note.split(":")[0] for note in monthly.notes] == [
        "The data hold one value per month block already",
        "12 blocks a year are pooled",
    ]


# ---------------------------------------------------------------------------------------------------- calendars


def test_a_winter_is_named_by_its_january():
    series = _daily("1960-12-01", "1963-02-28")
    found = block_maxima(series, block="DJF")
    assert found.blocks.tolist() == ["1961-DJF", "1962-DJF", "1963-DJF"]
    assert found.dates[1] == pd.Timestamp("1962-02-28")
    assert found.block == "DJF"


def test_a_record_that_begins_within_winter_drops_it():
    found = block_maxima(_daily("1961-01-10", "1963-02-28"), block="season", season="DJF")
    assert found.dropped["block"].tolist() == ["1961-DJF"]
    assert found.dropped["coverage"].tolist() == [50 / 90]


@pytest.mark.parametrize("first_month", range(1, 13))
def test_water_years_are_named_by_the_year_they_end_in(first_month):
    series = _daily("1990-01-01", "1999-12-31")
    found = block_maxima(series, block="water-year", first_month=first_month)
    assert len(found) == (10 if first_month == 1 else 9 + (first_month in (2, 12)))
    for block, date in zip(found.blocks[1:-1], found.dates[1:-1], strict=True):
        assert isinstance(block, int)
        assert date + pd.Timedelta(days=1) == pd.Timestamp(block + (first_month == 1), first_month, 1)


def test_labels():
    series = _daily("2000-01-01", "2001-12-31")
    assert block_maxima(series, block="month").blocks[:2].tolist() == ["2000-01", "2000-02"]
    assert block_maxima(series, block="MS").blocks[:2].tolist() == ["2000-01-01", "2000-02-01"]
    assert block_maxima(series, block="season").blocks[0] == "2000-MAM"
    hourly = _daily("2000-01-01", "2000-01-03", freq="h")
    assert block_maxima(hourly, block="12h").blocks[1] == "2000-01-01 12:00:00"


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata"])
def test_blocks_follow_local_time(zone):
    utc = pd.date_range("2000-12-31", "2004-01-02", freq="h", tz="UTC")
    series = pd.Series(np.random.default_rng(3).normal(size=len(utc)), index=utc.tz_convert(zone))
    for block, key in {"year": lambda i: i.year, "month": lambda i: i.strftime("%Y-%m")}.items():
        plain = series.groupby(np.asarray(key(series.index))).max()
        found = block_maxima(series, block=block, min_coverage=0)
        assert dict(zip(found.blocks, found.values, strict=True)) == plain.to_dict()
        assert found.dates.tz is not None
    assert {2001, 2002, 2003} <= set(block_maxima(series).blocks)


def test_a_period_index_is_dated():
    series = pd.Series(np.arange(48.0), index=pd.period_range("2000-01", periods=48, freq="M"))
    assert block_maxima(series).values.tolist() == [11.0, 23.0, 35.0, 47.0]


def test_ties_take_the_first_date():
    series = _daily("2000-01-01", "2001-12-31") * 0 + 5.0
    assert list(block_maxima(series).dates) == [pd.Timestamp("2000-01-01"), pd.Timestamp("2001-01-01")]


def test_an_unsorted_series_is_put_in_order():
    series = _daily("2000-01-01", "2003-12-31")
    shuffled = series.sample(frac=1.0, random_state=1)
    np.testing.assert_array_equal(block_maxima(shuffled).values, block_maxima(series).values)


# --------------------------------------------------------------------------------------------------- one event


def test_maxima_close_across_the_boundary_are_flagged_not_removed():
    series = _daily("2000-01-01", "2002-12-31") * 0
    series.loc[["2000-12-30", "2001-01-04", "2002-06-01"]] = 9.0, 8.0, 7.0
    found = block_maxima(series)
    assert found.values.tolist() == [9.0, 8.0, 7.0]
    expected = [[pd.Timestamp("2000-12-30"), pd.Timestamp("2001-01-04"), 5.0]]
    assert found.same_event.values.tolist() == expected
    assert "Neighbouring maxima less than 7 days apart across a block boundary may be one event: 1 pair." in found.notes
    assert block_maxima(series, separation="5D").same_event.empty
    assert block_maxima(series, separation=None).same_event.empty
    assert len(block_maxima(series, separation=pd.Timedelta(days=600)).same_event) == 2


# ------------------------------------------------------------------------------------------------- values and types


def test_minima_keep_their_values():
    found = block_maxima(_daily("2000-01-01", "2001-12-31"), kind="min")
    assert (found.kind, found.values.tolist()) == ("min", [1.0, 367.0])
    assert repr(found).startswith("Extremes(2 minima of value by year, 2000 to 2001")


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64", "float32", "Float64", "Int64"])
def test_every_real_type_is_promoted(dtype):
    values = np.tile([1, 200, 3, 250], 100)
    index = pd.date_range("2000-01-01", periods=400)
    for kind, expected in {"max": 250.0, "min": 1.0}.items():
        found = block_maxima(pd.Series(values, index=index, dtype=dtype), kind=kind, min_coverage=0.05)
        assert found.values.dtype == np.float64
        assert found.values.tolist() == [expected, expected]


def test_masked_values_are_missing():
    masked = np.ma.array([1.0, 99.0, 2.0, 3.0], mask=[False, True, False, False])
    found = block_maxima(masked, block=2, min_coverage=0.5)
    assert found.values.tolist() == [1.0, 3.0]
    assert found.coverage.tolist() == [0.5, 1.0]
    nullable = pd.Series([1.0, None, 2.0, 3.0], dtype="Float64")
    np.testing.assert_array_equal(block_maxima(nullable, block=2, min_coverage=0.5).values, [1.0, 3.0])


def test_lists_and_blocks_of_one_observation():
    assert block_maxima([3, 1, 2], block=1).values.tolist() == [3.0, 1.0, 2.0]


def test_a_record_hands_over_name_unit_and_audit():
    audit = Audit("river.csv", 731, 731, unit="m3/s")
    series = _daily("2000-01-01", "2001-12-31").rename("flow")
    found = block_maxima(Record(series, audit))
    assert (found.name, found.unit, found.audit) == ("flow", "m3/s", audit)
    pd.testing.assert_series_equal(found.series, series, check_freq=False)


def test_tables_of_the_result():
    found = block_maxima(_daily("2000-01-01", "2001-12-31").rename("<script>"))
    table = found.to_frame()
    assert table.columns.tolist() == ["block", "date", "value", "coverage"]
    assert table["value"].tolist() == found.values.tolist()
    assert found.dropped.columns.tolist() == ["block", "coverage", "value", "date", "reason"]
    assert found.same_event.columns.tolist() == ["first", "second", "days"]
    assert "<script>" not in found._repr_html_()
    assert "&lt;script&gt;" in found._repr_html_()


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 1500), st.integers(-5, 5)), min_size=1, max_size=80),
    st.sampled_from(["year", "water-year", "season", "month", "SON", "W", "QS-FEB", "3D"]),
    st.sampled_from(["max", "min"]),
)
def test_no_value_is_lost_or_invented(rows, block, kind):
    days, values = zip(*rows, strict=True)
    series = pd.Series(
        np.array(values, dtype=float), index=pd.Timestamp("1999-11-20") + pd.to_timedelta(days, unit="D")
    )
    try:
        found = block_maxima(series, block=block, kind=kind, min_coverage=0)
    except DataError:
        return
    spans = block_rule(block).blocks(series.index.min(), series.index.max())
    expected = {}
    for start, end, label in zip(spans.starts, spans.ends, spans.labels, strict=True):
        inside = series[(series.index >= start) & (series.index < end)]
        if inside.size:
            expected[label] = getattr(inside, kind)()
    assert dict(zip(found.blocks, found.values, strict=True)) == expected
    for date, value in zip(found.dates, found.values, strict=True):
        assert value in series.loc[[date]].to_numpy()


# -------------------------------------------------------------------------------------------------- refusals


YEAR_OF_DAYS = _daily("2000-01-01", "2000-12-31")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.ones((3, 4)), r"data of shape \(3, 4\).*Arrays that hold block maxima already go straight to fit\(\)"),
        (np.float64(3.0), r"data of shape \(\) were given where one series"),
        ("flow.csv", r"data is 'flow.csv', a path; read the file first: ev.read_series\('flow.csv'\)"),
        (pd.DataFrame({"a": [1.0], "b": [2.0]}), "a table was given.*pick one of its columns: 'a', 'b'"),
        (YEAR_OF_DAYS > 3, "values are of type bool; real numbers are expected"),
        (YEAR_OF_DAYS * 1j, "values are of type complex128; real numbers are expected"),
        (YEAR_OF_DAYS.astype(str), "real numbers are expected. Convert them first|has '1.0' .str. in row 1"),
        (YEAR_OF_DAYS.astype(str).astype(object), r"column 'value' has '1.0' \(str\) in row 1, expected real numbers"),
        (np.array(["1", "2"]), "values are of type <U1; real numbers are expected"),
        (YEAR_OF_DAYS.mask(YEAR_OF_DAYS == 60, np.inf), "value is infinite at 2000-02-29"),
        (YEAR_OF_DAYS.rename("flow").mask(YEAR_OF_DAYS == 1, -np.inf), "flow is infinite at 2000-01-01"),
        (YEAR_OF_DAYS * np.nan, r"value holds no value \(366 rows, all missing or none\)"),
        (YEAR_OF_DAYS.iloc[:0], r"value holds no value \(0 rows"),
        (YEAR_OF_DAYS.set_axis([pd.NaT, *YEAR_OF_DAYS.index[1:]]), r"1 timestamps are missing \(NaT\)"),
        (
            YEAR_OF_DAYS.iloc[:100].rename("flow"),
            r"coverage leaves no block: none of 1 year blocks of flow reaches min_coverage=0.9; best: 2000 \(0.273\)",
        ),
    ],
)
def test_bad_data_is_refused_in_words(data, message):
    with pytest.raises(DataError, match=message):
        block_maxima(data)


def test_undated_values_are_one_a_block_unless_a_block_is_asked_for():
    values = [3.0, np.nan, 9.0, 4.0, 8.0]
    found = block_maxima(np.array(values))
    assert found.values.tolist() == [3.0, 9.0, 4.0, 8.0]
    assert (found.blocks.tolist(), found.blocks_per_year, found.observations_per_block) == ([1, 3, 4, 5], None, None)
    assert "each of the 4 values of value is taken as one block, and T counts blocks" in found.notes[-1]
    assert block_maxima(pd.Series(values), 5, min_coverage=0.8).values.tolist() == [9.0]
    for rule in ("year", "month", "10YS"):
        with pytest.raises(
            DataError, match=f"no dates.*cannot be cut by {rule}; name the column.*or leave out the block"
        ):
            block_maxima(pd.Series(values), rule)


def test_many_undated_values_are_hardly_maxima_and_that_is_said_first():
    few, many = (block_maxima(np.arange(float(n))).notes[-1] for n in (300, 301))
    assert (few.gravity.name, many.gravity.name) == ("READING", "ANSWER")
    assert "If they are daily or hourly values, that is wrong: give them dates." in many


def test_infinite_undated_value_is_located():
    with pytest.raises(DataError, match=r"value is infinite at position 2 \(counted from 0\)"):
        block_maxima([1.0, 2.0, np.inf], block=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"block": "yaer"}, "unknown block 'yaer'; known: 'year', 'water-year', .* Did you mean 'year'?"),
        ({"block": "wateryear"}, "Did you mean 'water-year'?"),
        *(({"block": name}, "Did you mean 'year'?") for name in ("annual", "Annually", "yearly")),
        *(({"block": name}, "Did you mean 'water-year'?") for name in ("hydrological", "hydrologic year")),
        ({"block": "monthly"}, "Did you mean 'month'?"),
        ({"block": "seasonal"}, "Did you mean 'season'?"),
        ({"block": "quarterly"}, "Did you mean 'quarter'?"),
        ({"block": "weekly"}, "Did you mean 'W'?"),
        ({"block": "-1D"}, "unknown block '-1D'.*A pandas offset such as 'W' or '10YS' works too"),
        ({"block": 0}, "a block needs at least 1 observation, not 0"),
        ({"block": True}, "block must be a name, a pandas offset or a number of observations, not True"),
        ({"block": 2.5}, "block must be a name.*not 2.5"),
        ({"block": "1s"}, None),
        ({"kind": "maxx"}, "unknown kind 'maxx'; known: 'max', 'min'. Did you mean 'max'?"),
        ({"min_coverage": 90}, r"min_coverage must be a share from 0 to 1 \(0.9 for 90 %\), not 90"),
        ({"min_coverage": "90%"}, "min_coverage must be a share"),
        ({"min_coverage": np.nan}, "min_coverage must be a share"),
        ({"block": "water-year", "first_month": 13}, "first_month must be a month number from 1 to 12, not 13"),
        ({"first_month": 4}, "first_month=4 belongs to block='water-year', not to block 'year'"),
        ({"block": "season", "season": "DJB"}, "unknown season 'DJB'; known: 'DJF', .* Did you mean 'DJF'?"),
        ({"season": "DJF"}, "season='DJF' belongs to block='season', not to block 'year'"),
        ({"separation": 7}, "separation must be a span of time such as '7D' or None, not 7"),
        ({"separation": "7"}, "separation must be a span of time such as '7D' or None, not '7'"),
        ({"separation": "nan"}, "separation must be a span of time"),
        ({"separation": "soon"}, "separation must be a span of time"),
        ({"separation": "-3D"}, "separation must be a span of time"),
    ],
)
def test_bad_arguments_are_refused_in_words(options, message):
    error = ArgumentError if message else DataError
    with pytest.raises(error, match=message):
        block_maxima(YEAR_OF_DAYS, **options)


def test_rules_are_objects_too():
    assert block_rule(MONTH) is MONTH
    assert list(BLOCKS) == ["year", "water-year", "season", "quarter", "month", "djf", "mam", "jja", "son"]
    assert block_rule("Water Year") == BLOCKS["water-year"]
    found = block_maxima(YEAR_OF_DAYS, block=MONTH)
    assert found.values.tolist() == block_maxima(YEAR_OF_DAYS, block="month").values.tolist()


def test_a_file_object_of_a_csv_reads_like_a_table():
    text = "date,flow\n" + "\n".join(f"{day:%Y-%m-%d},{flow}" for day, flow in YEAR_OF_DAYS.items())
    series = pd.read_csv(io.StringIO(text), index_col=0, parse_dates=True)["flow"]
    assert block_maxima(series).values.tolist() == [366.0]


def test_records_longer_than_nanoseconds_can_count() -> None:
    index = pd.date_range("1680-01-01", "2019-01-01", freq="YS").as_unit("ns")
    found = block_maxima(pd.Series(np.arange(len(index), dtype=float), index=index), 10)
    assert found.blocks_per_year == pytest.approx(0.1, rel=1e-3)
    read = read_series(pd.Series(np.arange(len(index), dtype=float), index=index))
    assert len(read.series) == len(index)


def test_rows_without_a_value_count_in_a_file_as_in_memory():
    """A run of n observations does not reach over missing rows into the next, nor does a block get another's number."""
    cells = ["NA" if row % 10 == 3 else f"{(7 * row) % 101}" for row in range(300)]
    record = read_series(io.StringIO("\n".join(["flow", *cells]) + "\n"))
    series = pd.Series([np.nan if cell == "NA" else float(cell) for cell in cells])
    one, other = block_maxima(record, 30), block_maxima(series, 30)
    np.testing.assert_array_equal(one.values, other.values)
    assert one.coverage.tolist() == other.coverage.tolist() == [0.9] * 10
    assert block_maxima(record, 1, min_coverage=1.0).blocks.tolist()[:4] == [1, 2, 3, 5]
    one, other = (ev.peaks_over_threshold(data, 90.0, separation=2) for data in (record, series))
    assert one.gaps is not None
    assert other.gaps is not None
    assert len(one.gaps) == len(other.gaps) == 30
    np.testing.assert_array_equal(one.values, other.values)
