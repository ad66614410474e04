"""Coverage by the calendar of the time: what is a gap, and what is only another step, a free day or a closed season."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evstats.calendars.cadence import cadence_of
from evstats.calendars.steps import local_steps, usual_step
from evstats.errors import DataError
from evstats.extremes.blocks import block_maxima
from evstats.extremes.records import Extremes
from evstats.reading.reader import read_series

RANDOM = np.random.default_rng(20261129)


def _series(index: pd.DatetimeIndex) -> pd.Series:
    return pd.Series(np.arange(float(len(index))), index)


def _without(index: pd.DatetimeIndex, first: str, last: str) -> pd.DatetimeIndex:
    """The timestamps without those from the first day to the last."""
    return index[(index < first) | (index >= pd.Timestamp(last) + pd.Timedelta(days=1))]


def _lost(index: pd.DatetimeIndex, block: str = "year") -> dict[object, float]:
    """The blocks that are dropped, with their coverage."""
    dropped = block_maxima(_series(index), block).dropped
    return dict(zip(dropped["block"], dropped["coverage"].round(3), strict=True))


def _codes(found: Extremes) -> list[str]:
    return [note.code for note in found.notes]


DAYS = pd.date_range("1980-01-01", "2009-12-31")
HOURS = pd.date_range("1980-01-01", "1989-12-31 23:00", freq="h")
MINUTES = pd.date_range("2000", "2003-12-31 23:50", freq="10min")
WEEKS = pd.date_range("1980", "2009", freq="7D")


# ------------------------------------------------------------------------------------------------ the price index


def _nth(year: int, month: int, weekday: int, n: int) -> pd.Timestamp:
    first = pd.Timestamp(year, month, 1)
    return first + pd.Timedelta(days=(weekday - first.day_of_week) % 7 + 7 * (n - 1))


def _holidays(year: int) -> list[pd.Timestamp]:
    """Those of a New York exchange, nearly."""
    fixed = [(1, 1), (2, 22), (5, 30), (7, 4), (12, 25)]
    fixed += [(2, 12), (10, 12), (11, 11)] if year < 1954 else []
    moving = [_nth(year, 9, 0, 1), _nth(year, 11, 3, 4)]
    moving += [_nth(year, 11, 0, 1) + pd.Timedelta(days=1)] if year < 1954 else [_nth(year, 1, 0, 3)]
    dates = [pd.Timestamp(year, *date) for date in fixed] + moving
    return [date + pd.Timedelta(days=int(date.day_of_week == 6)) for date in dates]


@pytest.fixture(scope="module")
def price_index() -> pd.DatetimeIndex:
    """139 years: Saturdays until May 1952, not in summer from 1945 on; closed in 1914 and 1933; outages."""
    days = pd.date_range("1885-02-16", "2023-11-20")
    saturday = days.day_of_week == 5
    open_saturday = (days < "1952-06-01") & ~((days.year >= 1945) & days.month.isin([6, 7, 8, 9]))
    days = days[(days.day_of_week < 5) | (saturday & open_saturday)]
    days = days[~days.isin([date for year in range(1885, 2024) for date in _holidays(year)])]
    for first, last in (("1914-07-31", "1914-12-11"), ("1933-03-04", "1933-03-14"), ("1941-08-01", "1941-11-30")):
        days = _without(days, first, last)
    days = days[~((days.day_of_week == 2) & (days >= "1968-06-12") & (days < "1969-01-01"))]
    return _without(days, "1978-02-01", "1978-08-31")


def test_years_of_a_price_index_are_kept_as_a_person_would(price_index: pd.DatetimeIndex) -> None:
    lost = _lost(price_index)
    # the first, from the middle of February; 4 1/2 months; 4 months; 7 months; the last, without its last six weeks
    assert list(lost) == [1885, 1914, 1941, 1978, 2023]
    assert len(block_maxima(_series(price_index))) == 134
    assert lost[1978] == pytest.approx(5 / 12, abs=0.02)


def test_months_of_a_price_index_are_kept_as_a_person_would(price_index: pd.DatetimeIndex) -> None:
    lost = _lost(price_index, "month")
    closed = [f"1914-{month:02}" for month in (8, 9, 10, 11, 12)] + ["1933-03"]
    closed += [f"1941-{month:02}" for month in (8, 9, 10, 11)] + [f"1978-{month:02}" for month in range(2, 9)]
    assert list(lost) == ["1885-02", *closed, "2023-11"]
    assert len(block_maxima(_series(price_index), "month")) == 1647


def test_the_calendars_of_a_price_index_are_told(price_index: pd.DatetimeIndex) -> None:
    notes = block_maxima(_series(price_index)).notes
    assert (
        "Sun 1885 to 1952; Sat and Sun 1952 to 1968; Wed, Sat and Sun 1968 to 1969; Sat and Sun 1969 to 2023."
        in notes[0]
    )
    assert notes[0].code == "closed_weekdays_change"
    assert [note.code for note in notes[1:3]] == ["holidays", "blocks_dropped"]


# ----------------------------------------------------------------------------------------------------- the step

CHANGES = {
    "3 h to 1 h": HOURS[(HOURS.hour % 3 == 0) | (HOURS >= "1984-05-17 04:00")],
    "1 d to 1 h and back": HOURS[(HOURS.hour == 0) | ((HOURS >= "1983-03-03") & (HOURS < "1986-10-20"))],
    "6 h to 1 h": HOURS[(HOURS.hour % 6 == 0) | (HOURS >= "1985")],
    "1 h to 10 min": MINUTES[(MINUTES.minute == 0) | (MINUTES >= "2002-07-09")],
    "every second day of the eighties": DAYS[(DAYS >= "1990") | (np.arange(len(DAYS)) % 2 == 0)],
    "weekly, then daily": DAYS[(DAYS.day_of_week == 0) | (DAYS >= "1995-06-01")],
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("block", ["year", "month"])
def test_another_step_is_no_gap(name: str, block: str) -> None:
    found = block_maxima(_series(CHANGES[name]), block)
    assert found.dropped.empty
    assert found.coverage.min() > 0.93
    assert "step_changes" in _codes(found)


@pytest.mark.parametrize("name", CHANGES)
def test_seven_months_are_missing_whatever_the_step_of_the_others(name: str) -> None:
    index = CHANGES[name]
    first = {"3 h to 1 h": 1984, "6 h to 1 h": 1984, "1 h to 10 min": 2002, "weekly, then daily": 1995}.get(name, 1983)
    gap = _without(index, f"{first}-01-10", f"{first}-08-09")
    assert _lost(gap) == {first: pytest.approx(5 / 12, abs=0.04)}


@pytest.mark.parametrize("held", [0.2, 0.4, 0.6, 0.8])
@pytest.mark.parametrize("index", [DAYS[:3650], HOURS[:17520]], ids=["days", "hours"])
def test_values_missing_at_random_are_gaps(index: pd.DatetimeIndex, held: float) -> None:
    some = index[np.random.default_rng(3).random(len(index)) < held]
    found = block_maxima(_series(some), "QS", min_coverage=0.0)
    assert found.coverage.mean() == pytest.approx(held, abs=0.03)
    assert "step_changes" not in _codes(found)


def test_a_decade_of_ever_fewer_reports_is_gaps() -> None:
    held = np.clip(1.0 - (DAYS.year - 1999) / 12.0, 0.1, 1.0)
    some = DAYS[np.random.default_rng(5).random(len(DAYS)) < held]
    found = block_maxima(_series(some), min_coverage=0.0)
    share = [held[found_year == DAYS.year][0] for found_year in found.blocks]
    np.testing.assert_allclose(found.coverage, share, atol=0.1)
    assert block_maxima(_series(some)).blocks.tolist() == list(range(1980, 2001))


def test_a_reading_a_month_instead_of_every_day_is_a_gap() -> None:
    some = DAYS[(DAYS < "1990") | (DAYS >= "1993") | (DAYS.day == 1)]
    assert list(_lost(some)) == [1990, 1991, 1992]


@pytest.mark.parametrize(
    ("gaps", "usual", "expected"),
    [
        ([1] * 30, 1, [1] * 30),
        ([2] * 20 + [1] * 40, 1, [2] * 20 + [1] * 40),
        ([1] * 40 + [2] * 8 + [1] * 40, 1, [1] * 88),  # too few to rule
        ([1] * 40 + [5] + [1] * 40, 1, [1] * 81),
        ([24] * 20 + [1] * 80 + [24] * 20, 1, [24] * 20 + [1] * 80 + [24] * 20),
        ([31, 28, 31, 30, 31, 30] * 5, 31, [31] * 30),
    ],
)
def test_the_step_that_rules_around_a_gap(gaps: list[int], usual: int, expected: list[int]) -> None:
    np.testing.assert_array_equal(local_steps(np.array(gaps), usual), expected)


def test_the_usual_step() -> None:
    assert usual_step(np.array([1, 1, 3, 1, 1, 3])) == 1
    assert usual_step(np.array([28, 35, 31, 29, 33, 30, 32, 27, 34, 26, 36])) == 31  # alike, no two the same
    assert usual_step(RANDOM.exponential(1e6, 200).astype(np.int64)) is None
    assert usual_step(np.array([1] * 40 + [2] * 60), repeated=0.3) == 2
    assert usual_step(np.array([1, 2, 3, 4] * 30), repeated=0.3) is None
    assert usual_step(np.array([], dtype=np.int64)) is None


REGULAR = {
    "7, 14 and 21 h": HOURS[HOURS.hour.isin([7, 14, 21])],
    "7 and 14 h": HOURS[HOURS.hour.isin([7, 14])],
    "some seconds early or late": HOURS + pd.to_timedelta(RANDOM.integers(1, 80, len(HOURS)), "s"),
    "high and low water": pd.Timestamp("1980-01-01") + pd.to_timedelta(np.cumsum(RANDOM.normal(6.21, 0.3, 7000)), "h"),
    "some day of every month": pd.Timestamp("1980-01-01")
    + pd.to_timedelta(np.cumsum(RANDOM.integers(22, 40, 300)), "D"),
    "weekly, a day early or late": pd.date_range("1980-01-05", "1999-12-28", freq="7D")
    + pd.to_timedelta(RANDOM.integers(-1, 2, 1043), "D"),
    "Tuesdays and Thursdays": DAYS[DAYS.day_of_week.isin([1, 3])],
    "Mondays, Wednesdays and Fridays": DAYS[DAYS.day_of_week.isin([0, 2, 4])],
    "ten-day periods": DAYS[DAYS.day.isin([1, 11, 21])],
    "the last of each month": DAYS[DAYS.is_month_end],
}


@pytest.mark.parametrize("name", REGULAR)
def test_readings_at_odd_times_are_complete(name: str) -> None:
    found = block_maxima(_series(REGULAR[name]), min_coverage=0.0)
    assert found.coverage[1:-1].min() > 0.93
    assert not set(_codes(found)) & {"step_changes", "irregular_times", "closed_season"}


@pytest.mark.parametrize("name", REGULAR)
def test_seven_months_without_readings_at_odd_times_are_a_gap(name: str) -> None:
    found = block_maxima(_series(_without(REGULAR[name], "1983-02-01", "1983-08-31")), min_coverage=0.0)
    assert found.coverage[found.blocks == 1983] == pytest.approx(5 / 12, abs=0.1)


# ---------------------------------------------------------------------------------------- free days and closed hours

BUSINESS = DAYS[DAYS.day_of_week < 5]


def test_free_days_come_and_go() -> None:
    sundays_too = DAYS[(DAYS.day_of_week < 5) | (DAYS >= "1990-03-01")]
    assert _lost(sundays_too) == {}
    assert _lost(sundays_too, "month") == {}
    no_mondays = DAYS[(DAYS.day_of_week != 0) | (DAYS < "1990") | (DAYS >= "1991")]
    assert _lost(no_mondays, "month") == {}


def test_an_outage_is_no_free_day() -> None:
    assert list(_lost(_without(BUSINESS, "1990-02-01", "1990-08-31"))) == [1990]
    three_weeks = _without(BUSINESS, "1990-02-05", "1990-02-25")
    assert list(_lost(three_weeks, "month")) == ["1990-02"]
    in_three_of_five = BUSINESS[~((BUSINESS.year == 1990) & (RANDOM.random(len(BUSINESS)) < 0.3))]
    assert list(_lost(in_three_of_five)) == [1990]


def test_working_hours_are_no_gaps_and_gaps_in_them_are() -> None:
    office = HOURS[(HOURS.hour >= 9) & (HOURS.hour < 17) & (HOURS.day_of_week < 5)]
    assert _lost(office) == {}
    assert _lost(office, "month") == {}
    morning = office[(office.year != 1985) | (office.hour < 13) | (office.month > 7)]
    assert block_maxima(_series(morning), min_coverage=0.0).notes[1].startswith("Coverage expects values in")
    some = office[(office.year != 1985) | (np.random.default_rng(1).random(len(office)) < 0.5)]
    assert _lost(some) == {1985: pytest.approx(0.5, abs=0.03)}


def test_holidays_are_free_in_a_calendar_with_free_weekdays_only() -> None:
    def without_holidays(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
        golden_week = (days.month == 10) & (days.day <= 7)
        return days[~(golden_week | ((days.month == 5) & days.day.isin([1, 3, 4, 5])))]

    found = block_maxima(_series(without_holidays(BUSINESS)), "month")
    assert found.dropped.empty
    assert next(note for note in found.notes if note.code == "holidays").values["a_year"] == pytest.approx(8, abs=1)
    daily = _lost(without_holidays(DAYS), "month")
    assert list(daily) == [f"{year}-{month:02}" for year in range(1980, 2010) for month in (5, 10)]


def test_values_missing_at_random_are_no_holidays() -> None:
    some = BUSINESS[np.random.default_rng(4).random(len(BUSINESS)) < 0.8]
    found = block_maxima(_series(some), "month", min_coverage=0.0)
    assert found.coverage.mean() == pytest.approx(0.8, abs=0.01)
    assert "holidays" not in _codes(found)


# ---------------------------------------------------------------------------------------------- closed seasons


def _open_season(first: int, last: int, spread: float = 10.0) -> pd.DatetimeIndex:
    """A gauge that is read from about May to October."""
    random = np.random.default_rng(first)
    seasons = [
        pd.date_range(
            pd.Timestamp(year, 5, 1) + pd.Timedelta(days=round(random.normal(0, spread))),
            pd.Timestamp(year, 10, 31) + pd.Timedelta(days=round(random.normal(0, spread))),
        )
        for year in range(first, last + 1)
    ]
    return seasons[0].append(seasons[1:])


SEASONAL = {
    "ice every winter": _open_season(1960, 1999),
    "read in summer, then all year": _open_season(1960, 1979).append(DAYS),
    "read all year, then in summer": DAYS.append(_open_season(2010, 2029)),
    "four years of it": _open_season(1960, 1963),
    "hours of it": HOURS[HOURS.month.isin(range(4, 11))],
    "weeks of it": WEEKS[WEEKS.month.isin(range(4, 11))],
}


@pytest.mark.parametrize("name", SEASONAL)
def test_a_season_closed_year_after_year_is_no_gap(name: str) -> None:
    found = block_maxima(_series(SEASONAL[name]))
    assert found.dropped.empty
    note = next(note for note in found.notes if note.code == "closed_season")
    assert note.values["months"] in ("Nov to Apr", "Nov to Mar")


@pytest.mark.parametrize("name", [name for name in SEASONAL if name != "four years of it"])
def test_an_outage_in_a_seasonal_record_is_a_gap(name: str) -> None:
    index = SEASONAL[name]
    year = index[0].year + 5
    assert list(_lost(_without(index, f"{year}-06-01", f"{year}-08-31"))) == [year]


ANY_TIME = [
    (f"{1984 + n}-{month:02}-01", f"{1984 + n}-{month + 2:02}-20")
    for n, month in enumerate([7, 2, 5, 1, 8, 4, 9, 6, 3, 7, 1, 2])
]
OUTAGES = {
    "one winter": [("1990-11-01", "1991-05-31")],
    "two years of three": [("1990-02-01", "1990-08-31"), ("1992-03-01", "1992-09-30")],
    "one long": [("1990-02-01", "1993-08-31")],
    "another time each year": ANY_TIME,
}


@pytest.mark.parametrize("outages", OUTAGES.values(), ids=OUTAGES)
def test_outages_are_no_season(outages: list[tuple[str, str]]) -> None:
    index = DAYS
    for first, last in outages:
        index = _without(index, first, last)
    hit = sorted({year for first, last in outages for year in range(int(first[:4]), int(last[:4]) + 1)})
    found = block_maxima(_series(index))
    assert "closed_season" not in _codes(found)
    assert set(found.dropped["block"]) == set(hit) - {year for year in hit if year in found.blocks}
    lost = pd.Series(1, DAYS.difference(index)).groupby(DAYS.difference(index).year).size()
    for year in hit:
        coverage = _coverage_of(found, year)
        assert coverage == pytest.approx(1 - lost[year] / (366 if year % 4 == 0 else 365), abs=0.01)


def _coverage_of(found: Extremes, block: object) -> float:
    kept = dict(zip(found.blocks, found.coverage, strict=True))
    return {**kept, **dict(zip(found.dropped["block"], found.dropped["coverage"], strict=True))}[block]


# ----------------------------------------------------------------------------------------------- what is left out


def test_many_blocks_left_out_are_said_first_and_the_advice_brings_them_in() -> None:
    gappy = DAYS[(DAYS.year % 3 != 0) | (DAYS.month != 6) | (DAYS.day < 3)]
    gappy = gappy[(gappy.year % 3 != 0) | (gappy.month != 9) | (gappy.day > 15)]
    found = block_maxima(_series(gappy))
    note = next(note for note in found.notes if note.code == "blocks_left_out")
    assert note.gravity == 0
    assert note == (
        "10 of 30 blocks (year) are left out, as too many of their values are missing: the answer rests on 20 blocks, "
        "1981 to 2009. With min_coverage=0.8 it rests on 30, of which some may have missed their extreme."
    )
    assert len(block_maxima(_series(gappy), min_coverage=note.values["lower"])) == note.values["kept"] == 30
    assert repr(found) == "Extremes(20 maxima of value by year, 1981 to 2009, 10 of 30 dropped)"


def test_blocks_without_values_are_not_promised_back() -> None:
    found = block_maxima(_series(_without(DAYS, "1983-04-01", "1994-02-01")))
    note = next(note for note in found.notes if note.gravity == 0)
    assert note.code == "blocks_empty"
    assert note.startswith("11 of 30 blocks (year) are left out, 10 of them without any value: the answer rests on 19")
    assert "min_coverage" not in note


def test_blocks_of_which_most_is_missing_are_not_promised_either() -> None:
    found = block_maxima(_series(DAYS[(DAYS.year % 3 != 0) | (np.random.default_rng(2).random(len(DAYS)) < 0.3)]))
    assert next(note for note in found.notes if note.gravity == 0).code == "blocks_gappy"


def test_few_blocks_left_out_are_a_remark() -> None:
    found = block_maxima(_series(_without(DAYS, "1983-04-01", "1984-02-01")))
    assert [(note.code, note.gravity.name) for note in found.notes] == [("blocks_dropped", "REMARK")]


# -------------------------------------------------------------------------------------------------- by the way


def test_blocks_shorter_than_a_day_are_judged_by_their_values() -> None:
    index = HOURS[:48].delete([13, 14, 15])
    found = block_maxima(_series(index), "6h", min_coverage=0.0)
    assert found.coverage.tolist() == [1, 1, 0.5, 1, 1, 1, 1, 1]


def test_hours_that_the_clock_skips_are_not_missing() -> None:
    hours = pd.date_range("2001-01-01", "2003-12-31 23:00", freq="h", tz="Europe/Berlin")
    assert block_maxima(_series(hours)).coverage.tolist() == [1.0, 1.0, 1.0]
    assert not cadence_of(hours).gaps.place.size


def test_gaps_are_found_with_their_size() -> None:
    gaps = cadence_of(DAYS.delete([10, 11, 500])).gaps
    assert gaps.place.tolist() == [9, 497]
    assert gaps.counts.tolist() == [2.0, 1.0]
    hourly = cadence_of(HOURS.delete(np.r_[20:60, 1000])).gaps
    assert hourly.place.tolist() == [19, 959]
    np.testing.assert_allclose(hourly.counts, [40, 1])
    fortnight = cadence_of(_without(BUSINESS[:400], "1980-07-15", "1980-07-28")).gaps
    np.testing.assert_allclose(fortnight.counts, [10])


def test_too_few_values_for_any_habit() -> None:
    with pytest.raises(DataError, match="coverage leaves no block"):
        block_maxima(_series(DAYS[:5]), "month")


def test_many_rows_left_out_are_said_first() -> None:
    flow = pd.Series(np.arange(3650.0), pd.date_range("1990-01-01", periods=3650), name="flow")
    table = flow.where(RANDOM.random(3650) < 0.7).rename_axis("date").reset_index()
    found = block_maxima(read_series(table), min_coverage=0.5)
    missing = int(table["flow"].isna().sum())
    assert found.notes[0] == (
        f"{missing} of 3650 rows are left out (missing value): look at them before using the answer (evstats audit; "
        "record.audit.to_frame())."
    )
    assert found.notes[0].gravity.name == "ANSWER"
    few = flow.where(RANDOM.random(3650) < 0.85).rename_axis("date").reset_index()
    assert block_maxima(read_series(few), min_coverage=0.5).notes[0].code == "rows"
    marked = table["flow"].where(table.index % 50 > 0, -999.0)
    both = block_maxima(read_series(table.assign(flow=marked), na_values=-999.0), min_coverage=0.5)
    assert both.notes[0].code == "rows_left_out_mostly"
    assert both.notes[0].values["most"] < both.notes[0].values["count"]
