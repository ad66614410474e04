"""Dates as people write them: each kind is read for what it is, named in the notes, or refused with both readings."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from evstats.errors import DataError
from evstats.extremes.blocks import block_maxima
from evstats.reading.date_forms import format_of
from evstats.reading.months import month_of
from evstats.reading.reader import read_series
from evstats.reading.records import Record

VALUES = [96.8, 59.5, 100.7, 106.0, 92.2, 103.3, 107.0, 171.2, 136.8, 82.8, 158.5, 163.7]


def read(text: str, **options: object) -> Record:
    return read_series(io.StringIO(text), **options)


def table(header: str, times: object) -> str:
    return header + "\n" + "".join(f"{time},{value}\n" for time, value in zip(times, VALUES, strict=False))


# -- hydrological years ------------------------------------------------------------------------------------------------

ENDING = list(range(1961, 1973))
HYDROLOGICAL = {
    "a slash": ("year,peak", [f"{y - 1}/{y % 100:02d}" for y in ENDING]),
    "a dash": ("year,peak", [f"{y - 1}-{y % 100:02d}" for y in ENDING]),
    "a long dash": ("year,peak", [f"{y - 1}\u2013{y % 100:02d}" for y in ENDING]),
    "both in full": ("hydrological year,Qmax (m3/s)", [f"{y - 1}-{y}" for y in ENDING]),
    "both in full, a slash": ("Abflussjahr,HQ", [f"{y - 1}/{y}" for y in ENDING]),
    "both in full, blanks": ("season,snow", [f"{y - 1} - {y}" for y in ENDING]),
    "WY": ("Water Year,Peak Flow (cfs)", [f"WY{y}" for y in ENDING]),
    "WY and a blank": ("wy,peak", [f"WY {y}" for y in ENDING]),
    "FY": ("fiscal,loss", [f"FY{y}" for y in ENDING]),
}


@pytest.mark.parametrize(("header", "years"), HYDROLOGICAL.values(), ids=HYDROLOGICAL.keys())
def test_hydrological_years_are_named_by_the_year_they_end_in(header: str, years: list[str]) -> None:
    record = read(table(header, years))
    assert any("hydrological years, named by the year they end in" in note for note in record.audit.notes)
    for rule in (None, "year", "water-year"):
        found = block_maxima(record, rule)
        assert list(found.blocks) == ENDING
        assert found.values.tolist() == VALUES


@pytest.mark.parametrize("mark", ["-", "/"])
def test_pairs_that_may_be_months_are_settled_by_their_steps(mark: str) -> None:
    pairs = [f"{y}{mark}{y % 100 + 1:02d}" for y in range(2000, 2012)]
    assert list(block_maxima(read(table("year,peak", pairs))).blocks) == list(range(2001, 2013))
    over_the_century = [f"{y}{mark}{(y + 1) % 100:02d}" for y in range(1995, 2007)]
    assert list(block_maxima(read(table("y,peak", over_the_century))).blocks) == list(range(1996, 2008))


@pytest.mark.parametrize("months", [range(12), range(0, 36, 3), range(0, 144, 12)], ids=["1", "3", "12"])
def test_months_stay_months(months: range) -> None:
    times = [f"{2000 + m // 12}-{m % 12 + 1:02d}" for m in months]
    assert read(table("month,flow", times)).series.index[-1] == pd.Timestamp(f"{times[-1]}-01")


@pytest.mark.parametrize("pairs", [["2000-01", "2001-02"], ["2004/05"], ["2000-01"] * 4])
def test_pairs_that_nothing_settles_are_refused(pairs: list[str]) -> None:
    with pytest.raises(
        DataError, match="may be a month or a hydrological year; write months as 2000-01-01 and"
    ) as error:
        read(table("when,peak", pairs))
    assert "'when'" in str(error.value)
    advice = [f"{pair[:4]}/{int(pair[:4]) + 1}" for pair in pairs]
    assert read(table("when,peak", advice)).series.index[0].year == int(pairs[0][:4]) + 1


@pytest.mark.parametrize("other", ["1975-02-03", "1975-02-03 12:00", "Feb 1975", "1975"])
def test_a_date_among_hydrological_years_is_not_read_as_one(other: str) -> None:
    years = [f"{year}/{(year + 1) % 100:02d}" for year in range(1960, 1990)]
    years[15] = other
    text = "year,flow\n" + "".join(f"{year},{i % 7}.5\n" for i, year in enumerate(years))
    with pytest.raises(DataError, match=f"line 2 has '1960/61', line 17 has '{other}'"):
        read_series(io.StringIO(text))


@pytest.mark.parametrize("pair", ["1975/76", "WY1975"])
@pytest.mark.parametrize("pattern", ["{y}-01-31", "{y}", "{y}-Q1", "{y}-W05", "{y}-01-31T00:00Z", "31.01.{y}"])
def test_a_hydrological_year_among_other_dates_is_named(pattern: str, pair: str) -> None:
    dates = [pattern.format(y=1960 + i) for i in range(30)]
    dates[15] = pair
    text = "date,flow\n" + "".join(f"{date},{i % 7}.5\n" for i, date in enumerate(dates))
    with pytest.raises(DataError, match=f"mixes date formats: line 2 has '{dates[0]}', line 17 has '{pair}'"):
        read_series(io.StringIO(text), time="date", value="flow")


def test_months_and_hydrological_years_are_not_mixed() -> None:
    with pytest.raises(DataError, match="may be a month or a hydrological year"):
        read(table("when,peak", ["1998-99", "1999-00", "2000-01", "2001-07", "2002-03"]))


@pytest.mark.parametrize("text", ["1960-1964", "1960/1950", "1960-65", "60/61", "1960-1961-1962", "19601961"])
def test_what_is_no_hydrological_year(text: str) -> None:
    assert format_of(text) != "hydrological year"


# -- digits ------------------------------------------------------------------------------------------------------------

MONTHS = pd.date_range("1951-01-01", periods=12, freq="MS")
NOONS = pd.date_range("1951-01-01", periods=12)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    ("name", "form", "times"),
    [
        ("AAAAMMJJ", "%Y%m%d", NOONS),
        ("when", "%Y%m%d", NOONS),
        ("MESS_DATUM", "%Y%m%d%H", NOONS),
        ("stamp", "%Y%m%d%H%M", NOONS),
        ("t", "%Y%m%d%H%M%S", NOONS),
        ("yyyymm", "%Y%m", MONTHS),
        ("period", "%Y%m", MONTHS),
    ],
)
def test_digits_in_order_are_the_date_wherever_they_stand(
    place: int, name: str, form: str, times: pd.DatetimeIndex
) -> None:
    columns = {"name": "VILLE", "flow": VALUES}
    names = list(columns)
    names.insert(place, name)
    frame = pd.DataFrame(columns | {name: times.strftime(form)})[names]
    record = read(frame.to_csv(index=False))
    assert (record.audit.time_column, record.audit.value_column) == (name, "flow")
    np.testing.assert_array_equal(record.series.index.to_numpy(), times.to_numpy())


@pytest.mark.parametrize(
    "digits",
    [
        [19510101, 40210317, 19620205, 11230909, 45671231, 88880101],  # no dates
        [19870612, 19510101, 19990909, 19620205, 20010317, 19751231],  # dates, in no order
        [195101, 200303, 198712, 195004, 201011, 196602],  # months, in no order
        [1804.25, 1799.5, 1833.75, 1820.25, 1811.5, 1840.0],  # levels above the sea
        [1801.1, 1801.9, 1805.3, 1833.3, 1833.4, 1849.9],  # rising, but not by the calendar
    ],
)
def test_numbers_that_are_no_dates_in_order_are_values(digits: list[float]) -> None:
    record = read("station,level\n" + "".join(f"A,{digit}\n" for digit in digits), value="level")
    assert record.audit.time_column is None
    assert record.series.tolist() == digits


DECIMAL = {
    "middle of the month": (
        [1993 + (m + 0.5) / 12 for m in range(12)],
        4,
        pd.date_range("1993", periods=12, freq="MS"),
    ),
    "beginning of the month": ([1993 + m / 12 for m in range(12)], 3, pd.date_range("1993", periods=12, freq="MS")),
    "two decimals": ([1993 + (m + 0.5) / 12 for m in range(12)], 2, pd.date_range("1993", periods=12, freq="MS")),
    "days": ([1996 + (d + 0.5) / 366 for d in range(12)], 4, pd.date_range("1996", periods=12)),
    "middle of the year": ([1950.5 + y for y in range(12)], 1, pd.date_range("1950", periods=12, freq="YS")),
    "quarters": ([1950 + q / 4 for q in range(12)], 2, None),
}


@pytest.mark.parametrize(("years", "digits", "times"), DECIMAL.values(), ids=DECIMAL.keys())
def test_decimal_years(years: list[float], digits: int, times: pd.DatetimeIndex | None) -> None:
    record = read("".join(f"{year:.{digits}f}; {value};N;000\n" for year, value in zip(years, VALUES, strict=True)))
    assert record.series.tolist() == VALUES
    if times is None:
        assert [stamp.year for stamp in record.series.index] == [1950] * 4 + [1951] * 4 + [1952] * 4
    else:
        np.testing.assert_array_equal(record.series.index.to_numpy(), times.to_numpy())


def test_a_century_of_decimal_months_keeps_its_calendar() -> None:
    months = pd.date_range("1900-01-01", "1999-12-01", freq="MS")
    rows = [f"{m.year + (m.month - 0.5) / 12:.4f};{7000 + i * i % 97};0;000" for i, m in enumerate(months)]
    record = read("\n".join(rows) + "\n")
    np.testing.assert_array_equal(record.series.index.to_numpy(), months.to_numpy())
    assert len(block_maxima(record)) == 100


# -- words -------------------------------------------------------------------------------------------------------------

NAMED = {
    "German": ["1. Januar 1980", "2. März 1980", "3. Mai 1980", "4. Oktober 1980", "5. Dez. 1980"],
    "French": ["1 janv. 1980", "2 mars 1980", "3 mai 1980", "4 octobre 1980", "5 décembre 1980"],
    "Spanish": ["1 de enero de 1980", "2 de marzo de 1980", "3 de mayo de 1980", "4 de octubre de 1980", "5 dic 1980"],
    "Italian": ["1 gen 1980", "2 marzo 1980", "3 maggio 1980", "4 ott 1980", "5 dicembre 1980"],
    "Portuguese": ["1-jan-1980", "2-mar-1980", "3-mai-1980", "4-out-1980", "5-dez-1980"],
    "Dutch": ["1 januari 1980", "2 maart 1980", "3 mei 1980", "4 oktober 1980", "5 december 1980"],
    "Swedish": ["1 jan 1980", "2 mars 1980", "3 maj 1980", "4 okt 1980", "5 dec 1980"],
    "SAS": ["01JAN1980", "02MAR1980", "03MAY1980", "04OCT1980", "05DEC1980"],
    "DSS": ["01Jan1980, 0000", "02Mar1980, 0000", "03May1980, 0000", "04Oct1980, 0000", "05Dec1980, 0000"],
    "Sept": ["1 Jan 1980", "2 Mar 1980", "3 May 1980", "4 Oct 1980", "5 Dec 1980"],
    "year first": ["1980-Jan-01", "1980-Mar-02", "1980-May-03", "1980-Oct-04", "1980-Dec-05"],
    "milliseconds": [f"1980-{d}T00:00:00.000Z" for d in ("01-01", "03-02", "05-03", "10-04", "12-05")],
}  # fmt: skip
FIVE = pd.DatetimeIndex(["1980-01-01", "1980-03-02", "1980-05-03", "1980-10-04", "1980-12-05"])


@pytest.mark.parametrize("times", NAMED.values(), ids=NAMED.keys())
def test_months_in_words(times: list[str]) -> None:
    record = read("when;flow\n" + "".join(f"{time};{value}\n" for time, value in zip(times, VALUES, strict=False)))
    assert record.series.index.equals(FIVE.as_unit(record.series.index.unit))
    assert record.series.tolist() == VALUES[:5]


@pytest.mark.parametrize("word", ["jui", "ma", "summer", "T", "mon", "sun", "lis", ""])
def test_words_that_name_no_month_for_certain(word: str) -> None:
    assert month_of(word) is None


def test_weeks() -> None:
    weekly = read(table("week,deaths", [f"1980-W{week:02d}" for week in range(1, 13)]))
    assert weekly.series.index[0] == pd.Timestamp("1979-12-31")
    assert (np.diff(weekly.series.index) == np.timedelta64(7, "D")).all()
    daily = read(table("day,flow", [f"1980-W05-{day}" for day in range(1, 8)]))
    assert daily.series.index[6] == pd.Timestamp("1980-02-03")


@pytest.mark.parametrize("times", [["13-Feb-01", "14-Feb-01", "15-Feb-01"], ["13/02/01", "14/02/01", "15/02/01"]])
def test_years_of_two_digits_are_refused(times: list[str]) -> None:
    with pytest.raises(DataError, match="years of two digits"):
        read(table("date,flow", times))


@pytest.mark.parametrize(
    ("times", "last"),
    [
        (["28.02.2001;2200", "28.02.2001;2300", "28.02.2001;2400"], "2001-03-01"),
        (["2001-12-31;22:00", "2001-12-31;23:00", "2001-12-31;24:00"], "2002-01-01"),
        (["20011231;22", "20011231;23", "20011231;24"], "2002-01-01"),
        (["31-Dec-2001;0030", "31-Dec-2001;0130", "31-Dec-2001;0230"], "2001-12-31 02:30"),
    ],
)
def test_the_time_of_day_in_a_column_of_its_own(times: list[str], last: str) -> None:
    record = read("DATE;TIME;flow\n" + "".join(f"{time};{value}\n" for time, value in zip(times, VALUES, strict=False)))
    assert record.audit.time_column == "DATE + TIME"
    assert record.series.index[-1] == pd.Timestamp(last)
