"""Wide tables: unfolded where their columns can only be times, and refused, or left as columns, where not."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from evstats.errors import DataError
from evstats.extremes.blocks import block_maxima
from evstats.reading.reader import read_series
from evstats.reading.records import Record

RNG = np.random.default_rng(5)
MONTHS = pd.date_range("1951-01-01", "1980-12-01", freq="MS")
MONTHLY = pd.Series(np.round(RNG.gumbel(50, 15, len(MONTHS)), 1), MONTHS)
DAYS = pd.date_range("1999-01-01", "2001-12-31")
DAILY = pd.Series(np.round(RNG.gumbel(50, 15, len(DAYS)), 1), DAYS)
HOURS = pd.date_range("2000-01-01", "2000-03-31 23:00", freq="h")
HOURLY = pd.Series(np.round(RNG.gumbel(50, 15, len(HOURS)), 1), HOURS)
NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def read(text: str, **options: object) -> Record:
    return read_series(io.StringIO(text), **options)


def by_month(names: list[str] = NAMES) -> pd.DataFrame:
    frame = MONTHLY.groupby([MONTHLY.index.year, MONTHLY.index.month]).first().unstack()
    return frame.set_axis(names, axis=1).rename_axis("Year").reset_index()


def by_day(names: Callable[[int], str] = str, blank: object = "") -> pd.DataFrame:
    frame = DAILY.groupby([DAILY.index.year, DAILY.index.month, DAILY.index.day]).first().unstack()
    frame = (
        frame.set_axis([names(day) for day in range(1, 32)], axis=1)
        .astype(object)
        .where(frame.notna().to_numpy(), blank)
    )
    return frame.rename_axis(["YEAR", "MONTH"]).reset_index()


def by_hour(names: list[str]) -> pd.DataFrame:
    frame = HOURLY.groupby([HOURLY.index.normalize(), HOURLY.index.hour]).first().unstack()
    return frame.set_axis(names, axis=1).rename_axis("date").reset_index()


def csv(frame: pd.DataFrame, **options: object) -> str:
    return frame.to_csv(index=False, **options)


def bare(frame: pd.DataFrame) -> str:
    """Without a header, blanks between the fields."""
    return frame.to_string(index=False, header=False) + "\n"


def with_totals(frame: pd.DataFrame) -> pd.DataFrame:
    months = frame[NAMES]
    return frame.assign(Annual=months.sum(axis=1).round(1), Mean=months.mean(axis=1).round(2), Max=months.max(axis=1))


def with_symbols(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """HYDAT: a column of symbols behind that of every day, and statistics of the month before them."""
    out = {"STATION_NUMBER": "05AA008"} | {column: frame[column] for column in ("YEAR", "MONTH")}
    out |= {"FULL_MONTH": 1, "NO_DAYS": 30, "MONTHLY_MEAN": 50.1, "MIN": 1.0, "MAX": 999.9}
    for day in range(1, 32):
        out |= {f"{name}{day}": frame[str(day)], f"{name}_SYMBOL{day}": np.where(frame["MONTH"] == 1, "B", "")}
    return pd.DataFrame(out)


def across(years_first: str = "Month") -> pd.DataFrame:
    frame = MONTHLY.groupby([MONTHLY.index.month, MONTHLY.index.year]).first().unstack()
    return frame.set_axis(map(str, frame.columns), axis=1).rename_axis(years_first).reset_index()


def days_down() -> pd.DataFrame:
    """A row for every day of the month, a column for every month, a symbol beside each."""
    frame = DAILY.groupby([DAILY.index.year, DAILY.index.day, DAILY.index.month]).first().unstack()
    frame = frame.astype(object).where(frame.notna(), "").set_axis(NAMES, axis=1)
    for place in range(12):
        frame.insert(2 * place + 1, f"SYM{place + 1}" if place else "SYM", "")
    return frame.rename_axis(["Year", "DD"]).reset_index()


LONG = list(pd.date_range("2000", periods=12, freq="MS").strftime("%B"))
GERMAN = ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]
FRENCH = ["janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]
MONTH_TABLES = {
    "English": csv(by_month()),
    "capitals": csv(by_month([name.upper() for name in NAMES])),
    "long names, semicolons, decimal commas": csv(by_month(LONG), sep=";", decimal=","),
    "French": csv(by_month(FRENCH)),
    "German, with a unit": csv(by_month([f"{name} (mm)" for name in GERMAN])),
    "numbers": csv(by_month([str(month) for month in range(1, 13)])),
    "numbers with a zero": csv(by_month([f"{month:02d}" for month in range(1, 13)])),
    "M1 to M12": csv(by_month([f"M{month}" for month in range(1, 13)])),
    "Roman numbers": csv(by_month(ROMAN)),
    "with totals": csv(with_totals(by_month())),
    "without a header": csv(by_month(), header=False),
    "without a header, blanks between": bare(by_month()),
    "without a header, with a total": csv(with_totals(by_month())[["Year", *NAMES, "Annual"]], header=False),
    "blanks between": by_month().to_string(index=False) + "\n",
    "a title and notes": "Monthly maxima of Somewhere\n\n" + csv(by_month()) + "\n" + "Source: the agency\n" * 60,
    "years of an index": f"1951 1980\n{bare(by_month())}  -99.99\n INDEX of somewhere\n",
    "years across, months in words": csv(across().assign(Month=NAMES)),
    "years across, months in numbers": csv(across()),
    "years across, called X1951": csv(across().rename(columns=lambda name: f"X{name}" if name.isdigit() else name)),
    "years as decimals": csv(by_month().assign(Year=lambda f: f["Year"].astype(float))),
}  # fmt: skip


@pytest.mark.parametrize("text", MONTH_TABLES.values(), ids=MONTH_TABLES.keys())
def test_tables_of_months(text: str) -> None:
    record = read(text)
    pd.testing.assert_series_equal(record.series, MONTHLY, check_names=False, check_freq=False, check_index_type=False)
    (note,) = [note for note in record.audit.notes if getattr(note, "code", "") == "unfolded"]
    assert "The table is wide: its columns" in note
    assert len(block_maxima(record)) == 30


DAY_TABLES = {
    "1 to 31": csv(by_day()),
    "Day 1": csv(by_day(lambda day: f"Day {day}")),
    "d01": csv(by_day(lambda day: f"d{day:02d}")),
    "VALUE1": csv(by_day(lambda day: f"VALUE{day}")),
    "a mark where there is no day": csv(by_day(blank="-")),
    "-999 where there is no day": csv(by_day(blank="-999")),
    "symbols beside": csv(with_symbols(by_day(), "FLOW")),
    "levels": csv(with_symbols(by_day(), "LEVEL")),
    "without a header": csv(by_day(), header=False),
    "months in words": csv(by_day().assign(MONTH=lambda f: f["MONTH"].map(lambda m: NAMES[m - 1]))),
    "days down, months across": csv(days_down()),
    "days down, months across, blanks": bare(
        days_down()[["Year", "DD", *NAMES]].map(lambda cell: -999 if cell == "" else cell)
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", DAY_TABLES.values(), ids=DAY_TABLES.keys())
def test_tables_of_days(text: str) -> None:
    record = read(text)
    pd.testing.assert_series_equal(record.series, DAILY, check_names=False, check_freq=False, check_index_type=False)
    assert len(block_maxima(record)) == 3


H24 = [f"h{hour}" for hour in range(1, 25)]


def in_parts(frame: pd.DataFrame) -> pd.DataFrame:
    """The date in three columns."""
    days = frame.pop("date").dt
    for place, part in enumerate(("year", "month", "day")):
        frame.insert(place, part, getattr(days, part))
    return frame


HOUR_TABLES = {
    "00 to 23": csv(by_hour([f"{hour:02d}" for hour in range(24)])),
    "0 to 23": csv(by_hour([str(hour) for hour in range(24)])),
    "H01 to H24": csv(by_hour([f"H{hour:02d}" for hour in range(1, 25)])),
    "1 to 24": csv(by_hour([str(hour) for hour in range(1, 25)])),
    "00:00": csv(by_hour([f"{hour:02d}:00" for hour in range(24)])),
    "0100 to 2400": csv(by_hour([f"{hour:02d}00" for hour in range(1, 25)])),
    "days in digits": csv(by_hour(H24).assign(date=lambda f: f["date"].dt.strftime("%Y%m%d"))),
    "days in German": csv(by_hour(H24).assign(date=lambda f: f["date"].dt.strftime("%d.%m.%Y"))),
    "year, month, day": csv(in_parts(by_hour([f"h{hour}" for hour in range(24)]))),
    "without a header": csv(by_hour([str(hour) for hour in range(24)]), header=False),
}  # fmt: skip


@pytest.mark.parametrize("text", HOUR_TABLES.values(), ids=HOUR_TABLES.keys())
def test_tables_of_hours(text: str) -> None:
    record = read(text)
    pd.testing.assert_series_equal(record.series, HOURLY, check_names=False, check_freq=False, check_index_type=False)


ANNUAL = pd.Series(np.round(RNG.gumbel(50, 15, 30), 1), pd.date_range("1951", periods=30, freq="YS"))
LINE = pd.DataFrame([ANNUAL.to_numpy()], columns=map(str, ANNUAL.index.year))
LINES = {
    "years above their values": csv(LINE),
    "with a name": csv(LINE.assign(Station="Ville")[["Station", *LINE]]),
    "with a name before, without above": "," + csv(LINE).replace("\n", "\nVille,", 1),
    "the World Bank": csv(LINE.rename(columns=lambda y: f"{y} [YR{y}]").assign(Country="Land", Code="LND")),
}


@pytest.mark.parametrize("text", LINES.values(), ids=LINES.keys())
def test_a_line_of_years(text: str) -> None:
    record = read(text)
    pd.testing.assert_series_equal(record.series, ANNUAL, check_names=False, check_freq=False, check_index_type=False)


def test_a_line_of_days() -> None:
    week = DAILY[:60]
    text = "date," + ",".join(week.index.strftime("%Y-%m-%d")) + "\nflow," + ",".join(map(str, week)) + "\n"
    pd.testing.assert_series_equal(read(text).series, week, check_names=False, check_freq=False, check_index_type=False)


def test_a_table_of_water_years_belongs_to_two_calendar_years() -> None:
    water = MONTHLY["1951-10":"1980-09"]
    ending = water.index.year + (water.index.month >= 10)
    frame = (
        water.groupby([ending, (water.index.month - 10) % 12]).first().unstack().set_axis(NAMES[9:] + NAMES[:9], axis=1)
    )
    for name, years in {
        "Water Year": map(str, frame.index),
        "year": (f"{y - 1}/{y % 100:02d}" for y in frame.index),
    }.items():
        record = read(csv(frame.set_axis(years, axis=0).rename_axis(name).reset_index()))
        pd.testing.assert_series_equal(
            record.series, water, check_names=False, check_freq=False, check_index_type=False
        )
    with pytest.raises(
        DataError, match="the months run from 'Oct' to 'Sep', so a year in column 'Year' may be the one"
    ):
        read(csv(frame.rename_axis("Year").reset_index()))


def test_missing_months_and_short_rows() -> None:
    text = csv(by_month()).replace("\n1952,", "\n1952,M,", 1)
    lines = text.splitlines()
    lines[2] = ",".join(lines[2].split(",")[:13])  # one month too many otherwise
    lines[-1] = ",".join(lines[-1].split(",")[:5])
    record = read("\n".join(lines) + "\n")
    assert record.audit.rows_read == 12 * 30
    assert record.series["1980"].index.month.tolist() == [1, 2, 3, 4]
    assert record.series["1952"].index.month.tolist() == list(range(2, 13))
    finding = record.audit.findings[0]
    assert (finding.line, finding.reason[:13]) == (3, "missing value")


def test_a_short_row_between_blanks_is_dropped_whole() -> None:
    lines = by_month().to_string(index=False).splitlines()
    lines[5] = "  ".join(lines[5].split()[:8])
    record = read("\n".join(lines) + "\n")
    assert record.audit.dropped == 12
    assert 1955 not in record.series.index.year


def test_one_month_can_be_asked_for() -> None:
    record = read(csv(by_month()), value="Jan")
    assert record.series.tolist() == MONTHLY[MONTHLY.index.month == 1].tolist()


def test_two_values_a_day_are_told_apart_by_name() -> None:
    both = with_symbols(by_day(), "FLOW").merge(with_symbols(by_day().replace("", np.nan), "LEVEL"))
    with pytest.raises(DataError, match="'FLOW1' to 'FLOW31' and 'LEVEL1' to 'LEVEL31': choose 'FLOW' or 'LEVEL' with"):
        read(csv(both))
    for name in ("FLOW", "level"):
        assert read(csv(both), value=name).series.tolist() == DAILY.tolist()


def stations(names: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"date": DAYS} | {name: DAILY.to_numpy() + place for place, name in enumerate(names)})


NOT_WIDE = {
    "stations": (stations([f"gauge{i}" for i in range(1, 13)]), "gauge2"),
    "periods to come": (by_month().set_axis(["Year", *map(str, range(2031, 2043))], axis=1), "2035"),
    "stations with numbers of years": (stations([str(1950 + i) for i in range(1, 5)]), "1951"),
    "twelve places a year": (by_month([f"P{i}" for i in range(1, 13)]), "P3"),
    "eleven months": (by_month().drop(columns="Aug"), "Mar"),
    "a season": (by_month()[["Year", "Jun", "Jul", "Aug"]], "Jul"),
    "sensors of a station": (pd.DataFrame({"time": HOURS} | {f"T{i}": HOURLY.to_numpy() for i in range(1, 25)}), "T5"),
}  # fmt: skip


@pytest.mark.parametrize(("frame", "value"), NOT_WIDE.values(), ids=NOT_WIDE.keys())
def test_columns_that_are_series_stay_columns(frame: pd.DataFrame, value: str) -> None:
    record = read(csv(frame), value=value)
    assert record.series.tolist() == frame[value].tolist()
    with pytest.raises(DataError, match=f"columns could be the value:.*'{value}'"):
        read(csv(frame))


def test_months_of_no_year_are_refused() -> None:
    with pytest.raises(DataError, match="'Jan' to 'Dec' are the months of a year, but no column holds the year"):
        read(csv(by_month().assign(Year="Ville")))


def test_the_same_table_in_memory() -> None:
    for frame in (by_month(), by_month().set_index("Year"), by_day().replace("", np.nan)):
        expected = MONTHLY if len(frame.columns) < 20 else DAILY
        record = read_series(frame)
        pd.testing.assert_series_equal(
            record.series, expected, check_names=False, check_freq=False, check_index_type=False
        )


# -- several series in one wide table, and rows of bare numbers -------------------------------------------------------


def two(**other: str) -> pd.DataFrame:
    (name,) = other
    twice = by_month()[NAMES].to_numpy() * 2
    both = [
        by_month().assign(**{name: "A"}),
        by_month().assign(**{name: "B", **dict(zip(NAMES, twice.T, strict=True))}),
    ]
    return pd.concat(both)[[name, "Year", *NAMES]]


@pytest.mark.parametrize("name", ["PARAMETER", "station", "colour"])
def test_several_series_in_a_wide_table_are_chosen_from(name: str) -> None:
    with pytest.raises(DataError, match=rf"{name} holds 2 .*--where {name}=A"):
        read(csv(two(**{name: ""})))
    assert read(csv(two(**{name: ""})), where={name: "A"}).series.tolist() == MONTHLY.tolist()
    assert read(csv(two(**{name: ""})), where={name: "B"}).series.tolist() == (2 * MONTHLY).tolist()


def test_several_lines_of_years_are_chosen_from() -> None:
    lines = pd.concat([LINE.assign(Country="Austria"), (LINE + 1).assign(Country="Belgium")])
    with pytest.raises(DataError, match="--where Country=Austria"):
        read(csv(lines))
    assert read(csv(lines), where={"Country": "Belgium"}).series.tolist() == (ANNUAL + 1).tolist()


LISTINGS = {
    "five a row": "\n".join(" ".join(map(str, ANNUAL[i : i + 5])) for i in range(0, 30, 5)),
    "the last row shorter": "\n".join(" ".join(map(str, ANNUAL[i : i + 7])) for i in range(0, 30, 7)),
    "commas": "\n".join(", ".join(map(str, ANNUAL[i : i + 6])) for i in range(0, 30, 6)),
    "one row": " ".join(map(str, ANNUAL)),
    "a title": "Annual maxima in m3/s\n" + "\n".join("\t".join(map(str, ANNUAL[i : i + 6])) for i in range(0, 30, 6)),
    "one column": "\n".join(map(str, ANNUAL)),
    "their number before": "30\n" + "\n".join(map(str, ANNUAL)),
}


@pytest.mark.parametrize("text", LISTINGS.values(), ids=LISTINGS.keys())
def test_bare_numbers_are_one_value_a_block(text: str) -> None:
    found = block_maxima(read(text + "\n"))
    assert found.values.tolist() == ANNUAL.tolist()
    assert found.block == "one value each"


NO_LISTINGS = {
    "two columns": "\n".join(f"{v} {2 * v + 7:.2f}" for v in ANNUAL),
    "columns of other size": "\n".join(f"{v} {v / 100:.3f} {v / 7:.2f} {v * 50} {v - 20:.1f}" for v in ANNUAL),
    "a running number": "\n".join(f"{i} {v} {v + 1:.1f} {v + 2:.1f} {v - 1:.1f}" for i, v in enumerate(ANNUAL, 1)),
}


@pytest.mark.parametrize("text", NO_LISTINGS.values(), ids=NO_LISTINGS.keys())
def test_columns_of_bare_numbers_are_chosen_from(text: str) -> None:
    with pytest.raises(DataError, match="columns could be the value: 'column"):
        read(text + "\n")


def test_fixed_columns_are_refused_in_words() -> None:
    days = "".join(f"{100 + day:5d}  7" for day in range(31))
    with pytest.raises(DataError, match=r"fixed columns of GHCN-Daily .*; pass the CSV file of the station"):
        read("".join(f"USC00011084{year}01TMAX{days}\n" for year in range(1950, 1990)))


def test_totals_beside_and_below_are_no_values() -> None:
    months_down = csv(across().assign(Month=NAMES, Mean=999.0)) + "Annual," + ",".join(["999"] * 31) + "\n"
    record = read(months_down)
    assert record.series.tolist() == MONTHLY.tolist()
    assert record.audit.dropped == 30


def test_years_that_begin_in_another_month_than_their_columns_are_refused() -> None:
    pairs = [f"{year - 1}/{year % 100:02d}" for year in by_month()["Year"]]
    with pytest.raises(DataError, match="'Year' has years such as '1950/51', but the months run from 'Jan' to 'Dec'"):
        read(csv(by_month().assign(Year=pairs)))
