"""Wide tables: which columns are the months, days or hours of their row, or years, and the same values as one column.

A table is unfolded only where its columns can be nothing else: twelve months, 28 to 31 days or 24 hours whose row says
the rest of the date, or columns named by years or dates. Columns that are stations stay columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evstats.arrays import Array, Mask
from evstats.errors import DataError
from evstats.reading.date_forms import YEAR, ending_year, form_of_column, format_of, is_hydrological, is_year
from evstats.reading.dates import moments
from evstats.reading.ledger import Ledger
from evstats.reading.months import month_of
from evstats.reading.table import Table
from evstats.reading.units import unit_of
from evstats.reading.values import MISSING_MARKS, filled, looks_numeric
from evstats.text.arguments import Text, both

_NUMBERED = re.compile(r"(\D*?)[ _-]?(\d{1,2})(:?00|\D*)")
_YEAR_IN_NAME = re.compile(r"(?<!\d)(1[5-9]\d\d|2[01]\d\d|2200)(?!\d)")
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_FLAG = re.compile(r"sym|flag|qual|qc|code|remark|status", re.IGNORECASE)
_WATER = re.compile(r"water|hydro|wy|season|wasser|eau|agua", re.IGNORECASE)
_STEMS = {
    "month": {"", "m", "mo", "mon", "month", "mes", "mois", "monat", "mese"},
    "hour": {"", "h", "hr", "hour", "hours", "hora", "heure", "ora", "stunde", "std", "uur"},
}
_DIGITS = re.compile(r"(1[5-9]\d\d|2[01]\d\d)(0[1-9]|1[0-2])")
_MONTH_FORMS = {"%Y-%m", "%Y/%m", "%m/%Y", "%b %Y", "%b-%Y", "%Y-%b"}
_MIDNIGHT = re.compile(r"(?<=\d)[T ]00:00(:00(\.0+)?)?$")
#: What is left of the names of columns that say nothing about the values.
_NO_NAME = {*_STEMS["month"], *_STEMS["hour"], "d", "day", "tag", "jour", "dia", "x", "y", "yr", "year"}
_LISTED = 300
_LONG_ROW = 5
#: P-value of the Kruskal-Wallis test from which on columns may be parts of one sample.
_ALIKE = 0.01
_SIZES = {"month": {12}, "day": {28, 29, 30, 31}, "hour": {24}}


@dataclass(frozen=True)
class Family:
    """Columns of one kind: what they count (``"month"``, ``"day"``, ``"hour"``, ``"year"`` or ``"date"``), what their
    names share, and the part of the date each stands for.
    """

    unit: str
    stem: str
    columns: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(self.columns)

    def __str__(self) -> str:
        return f"{self.names[0]!r} to {self.names[-1]!r}"


@dataclass(frozen=True)
class Wide:
    """How a table is wide: its family of columns, and the columns that say the rest of the date of a row.

    ``keys`` names the columns of the ``year``, ``month``, ``day`` or ``day of the year`` of a row, or of its ``date``;
    ``first_month`` is the month that the years of the rows begin with, ``shift`` what they are counted from.
    """

    family: Family
    keys: Mapping[str, str]
    value: str
    first_month: int = 1

    def needed(self, blanks: bool) -> tuple[str, ...]:
        """The columns that every row must reach; all of them where only blanks tell them apart, but in a listing."""
        return (*self.keys.values(), *(self.family.names if blanks and self.time else ()))

    @property
    def unit(self) -> str | None:
        """The unit that the names of the columns tell."""
        return unit_of(self.family.names[0])

    @property
    def time(self) -> str:
        """What the column of dates is called; empty where there is none."""
        return "" if self.family.unit == "value" else " + ".join([*self.keys.values(), self.family.unit])


def find_wide(sample: pd.DataFrame, named: bool, time: str | Sequence[str] | None, value: str | None) -> Wide | None:
    """How a table is wide, None where it is not, or where a value column was asked for.

    Raises DataError where columns are plainly times but the date of a cell cannot be told for certain.
    """
    if value in sample.columns or sample.shape[1] < 3:
        return None
    if not named and _is_listing(sample):
        return Wide(Family("value", "", dict.fromkeys(sample.columns, "")), {}, "value")
    families = list(_families(sample) if named else _unnamed(sample))
    found = [wide for family in families if (wide := _keyed(family, sample)) is not None]
    found = [wide for wide in found if value is None or wide.family.stem.lower() == value.lower()]
    asked = {time} if isinstance(time, str) else set(time or ())
    if not found or not asked <= set(found[0].keys.values()):
        return None
    if len(found) > 1:
        stems = [wide.value for wide in found]
        raise DataError(
            f"the table has several values for each {found[0].family.unit}, "
            f"{' and '.join(str(wide.family) for wide in found)}:",
            Text(f"choose {' or '.join(map(repr, stems))} with ", both("value"), "."),
        )
    return found[0]


# -- families of columns -----------------------------------------------------------------------------------------------


def _families(sample: pd.DataFrame) -> Iterator[Family]:
    """The families of columns of numbers that their names make out."""
    groups: dict[tuple[str, str], dict[str, int]] = {}
    for name in sample.columns:
        for unit, stem, number in _readings(name):
            groups.setdefault((unit, stem), {})[name] = number
    for (unit, stem), columns in groups.items():
        numbers = list(columns.values())
        if _complete(unit, numbers) and not _FLAG.search(stem) and all(_numeric(sample[name]) for name in columns):
            first = int(unit == "hour" and max(numbers) == 24)
            yield Family(unit, stem, {name: f"{number - first:02d}" for name, number in columns.items()})
    dates = [name for name in sample.columns if (form := format_of(name)) and "%d" in form]
    if len(dates) > 2 and len(dates) > sample.shape[1] / 2 and np.all(np.diff(moments(dates)) > np.timedelta64(0, "s")):
        yield Family("date", "", {name: name for name in dates})


def _readings(name: str) -> Iterator[tuple[str, str, int]]:
    """What a name may count, what remains of it, and its number."""
    words = [word for word in re.findall(r"[^\W\d_]+\.?", name) if month_of(word)]
    if len(words) == 1 and not any(map(str.isdigit, name)):
        yield "month", _stem(name.replace(words[0], "")), month_of(words[0]) or 0
    if name.lower() in _ROMAN:
        yield "month", "", _ROMAN.index(name.lower()) + 1
    if found := _NUMBERED.fullmatch(name):
        stem = _stem(found[1] + found[3].removesuffix("00"))
        for unit in _SIZES:
            if stem.lower() in _STEMS.get(unit, {stem.lower()}):
                yield unit, stem, int(found[2])
    if len(years := set(_YEAR_IN_NAME.findall(name))) == 1:
        yield "year", _stem(_YEAR_IN_NAME.sub("", name)), int(years.pop())


def _stem(text: str) -> str:
    return text.strip(" _-.:[]()")


def _complete(unit: str, numbers: Sequence[int]) -> bool:
    """Whether numbers are all the months, days or hours there are, or years in order."""
    if unit == "year":
        steps = np.diff(numbers)
        return len(numbers) > 2 and bool(np.all(steps > 0) and np.median(steps) == 1)
    first = min(numbers)
    if len(numbers) not in _SIZES[unit] or first not in ((0, 1) if unit == "hour" else (1,)):
        return False
    return set(numbers) == set(range(first, first + len(numbers)))


def _numeric(cells: pd.Series) -> bool:
    texts = filled(cells)
    return 2 * sum(map(looks_numeric, texts)) >= len(texts)


def _unnamed(sample: pd.DataFrame) -> Iterator[Family]:
    """The family of a table without names: a date or its parts first, then the twelve, 31 or 24 values of the row."""
    names = list(sample.columns)
    for keys, unit in ((1, "month"), (2, "month"), (2, "day"), (1, "hour"), (3, "hour")):
        columns = names[keys:]
        if len(columns) - _total(sample, columns) in _SIZES[unit] - {28, 29, 30} and len(set(sample[names[0]])) > 1:
            columns = columns[: max(_SIZES[unit])]
            first = int(unit != "hour")
            family = Family(unit, "", {name: f"{place:02d}" for place, name in enumerate(columns, first)})
            if all(_numeric(sample[name]) for name in columns) and len(_row_keys(sample, family)) == keys:
                yield family
                return


def _is_listing(sample: pd.DataFrame) -> bool:
    """Whether rows of bare numbers are one sample written row by row: one row, or a few long ones with like columns."""
    numbers = sample.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    if np.isnan(numbers).any() or numbers.size > _LISTED or (len(numbers) > 1 and numbers.shape[1] < _LONG_ROW):
        return False
    if len(numbers) == 1:
        return True
    from scipy import stats  # slow to import, and seldom needed

    counting = bool(np.all(np.diff(numbers, axis=0) == 1, axis=0).any())
    return not counting and np.ptp(numbers) > 0 and bool(stats.kruskal(*numbers.T).pvalue > _ALIKE)


def _total(sample: pd.DataFrame, columns: Sequence[str]) -> int:
    """1 where the last column is the mean, sum or extreme of the others in every row."""
    numbers = sample[list(columns)].apply(pd.to_numeric, errors="coerce").dropna().to_numpy(dtype=np.float64)
    if len(numbers) < 3 or numbers.shape[1] < 3:
        return 0
    parts, last = numbers[:, :-1], numbers[:, -1]
    near = 0.02 * np.abs(parts).max() + 0.006
    ways: tuple[Callable[..., Array], ...] = (np.mean, np.sum, np.max, np.min)
    return int(any(np.all(np.abs(way(parts, axis=1) - last) <= near) for way in ways))


# -- the date of a row -------------------------------------------------------------------------------------------------


def _row_keys(sample: pd.DataFrame, family: Family) -> dict[str, str]:
    """The columns beside a family that hold the parts of a date, none twice."""
    rest = [name for name in sample.columns if name not in family.columns]
    found: dict[str, str] = {}
    for part, test in _TESTS.items():
        fitting = [name for name in rest if name not in found.values() and test(filled(sample[name]))]
        called = [name for name in fitting if part[:3] in name.lower()]
        if fitting:
            found[part] = (called or fitting)[0]
    return found


def _is_day(texts: Sequence[str]) -> bool:
    form = form_of_column([_MIDNIGHT.sub("", text) for text in texts], trusted=True)
    return form is not None and ("%d" in form or "%j" in form) and "%H" not in form


def _is_month(texts: Sequence[str]) -> bool:
    months = [month for text in texts if (month := _month(text))]
    return len(set(months)) > 2 and 10 * len(months) >= 9 * len(texts)


def _month(text: str) -> int | None:
    number = text.removesuffix(".0")
    if number.isdigit():
        return int(number) if 1 <= int(number) <= 12 else None
    return month_of(text)


def _month_of_a_year(text: str) -> str | None:
    """``"1950-01"`` of ``"195001"``, ``"1950-01"``, ``"Jan 1950"``; None where the text is no month of a year."""
    if found := _DIGITS.fullmatch(text):
        return f"{found[1]}-{found[2]}"
    form = format_of(text)
    return str(moments([text])[0].astype("datetime64[M]")) if form in _MONTH_FORMS else None


def _day_and_month(text: str) -> str | None:
    """``"01-31"`` of ``"31-Jan"`` or ``"Jan 31"``, None where the text is no such day."""
    word, digits = (re.findall(pattern, text) for pattern in (r"[^\W\d_]+", r"\d+"))
    month = month_of(word[0]) if len(word) == len(digits) == 1 else None
    return f"{month:02d}-{int(digits[0]):02d}" if month else None


def _are_days(texts: Sequence[str], beyond: int, last: int) -> bool:
    """Whether these are days up to a last one, more of them than fit a shorter count."""
    days = {int(text) for text in texts if text.isdigit()}
    return len(days) > beyond and days <= set(range(1, last + 1)) and all(map(str.isdigit, texts))


#: How the cells of a column show that it holds a part of a date, the surest first.
_TESTS: dict[str, Callable[[Sequence[str]], bool]] = {
    "date": _is_day,
    "year": lambda texts: bool(texts) and all(is_year(text) or is_hydrological(text) for text in texts),
    "year and month": lambda texts: bool(texts) and all(map(_month_of_a_year, texts)),
    "month": _is_month,
    "day": lambda texts: _are_days(texts, 12, 31),
    "day of the year": lambda texts: _are_days(texts, 31, 366),
    "day and month": lambda texts: len(set(texts)) > 27 and all(map(_day_and_month, texts)),
}


#: The parts of the date that stand in the row, for each kind of column.
_NEEDED = {
    "month": (("year", "day"), ("year",)),
    "day": (("year", "month"), ("year and month",)),
    "hour": (("date",), ("year", "month", "day"), ("year", "day of the year")),
    "year": (("month", "day"), ("day and month",), ("month",), ("day of the year",), ()),
    "date": ((),),
}


def _keyed(family: Family, sample: pd.DataFrame) -> Wide | None:
    """The family with the parts of the date in its rows; an error where months are named and their year is not."""
    found = _row_keys(sample, family)
    if family.unit in ("year", "date") and {"date", "year"} & set(found):
        return None  # the rows are days or years already
    needed = next((parts for parts in _NEEDED[family.unit] if set(parts) <= set(found)), None)
    if needed is None:
        if family.unit == "month" and family.stem == "" and not family.names[0].isdigit():
            raise DataError(
                f"the columns {family} are the months of a year, but no column holds the year",
                Text("add it, or choose one month with ", both("value"), "."),
            )
        return None
    keys = {part: found[part] for part in needed}
    first_month = _first_month(family, sample, keys)
    nameless = family.stem.lower() in _NO_NAME or family.stem == unit_of(family.names[0])
    return Wide(family, keys, "value" if nameless else family.stem, first_month)


def _first_month(family: Family, sample: pd.DataFrame, keys: Mapping[str, str]) -> int:
    """The month the years of the rows begin with; the year of a row must then say where it belongs."""
    first = next(iter(family.columns.values()))
    if family.unit != "month":
        return 1
    name = keys["year"]
    pairs = all(map(is_hydrological, filled(sample[name])))
    if first == "01" and pairs:
        raise DataError(
            f"column {name!r} has years such as {filled(sample[name])[0]!r}, but the months run from {family}",
            "put the columns in the order of that year, its first month first, or write calendar years.",
        )
    if first == "01":
        return 1
    if not pairs and not _WATER.search(name):
        raise DataError(
            f"the months run from {family}, so a year in column {name!r} may be the one they begin or end in",
            "write years as 1960/61, or call the column water_year, which is named by the year it ends in.",
        )
    return int(first)


#: How the parts of a date are written where they are put together, in that order.
_WRITTEN: dict[str, Callable[[str], str]] = {
    "year": str,
    "year and month": lambda text: _month_of_a_year(text) or text,
    "day of the year": lambda text: text.zfill(3),
    "day and month": lambda text: _day_and_month(text) or text,
    "month": lambda text: f"{_month(text) or 0:02d}" if _month(text) else text,
    "day": lambda text: text.zfill(2),
}


# -- unfolding ---------------------------------------------------------------------------------------------------------


def unfold(table: Table, ledger: Ledger, wide: Wide) -> tuple[Table, Ledger]:
    """The table with one value a row, and the account of it; days that do not exist and hold nothing are no rows."""
    frame, columns = table.frame, wide.family.columns
    if not wide.time:
        return _listed(table, ledger, wide)
    times = pd.concat([_times(frame, wide, part) for part in columns.values()], axis=1).to_numpy().ravel()
    cells = frame[list(columns)].to_numpy().ravel()
    rows = np.repeat(np.arange(len(frame)), len(columns))
    real = _exists(times) | ~np.isin(np.char.lower(cells.astype(str)), list(MISSING_MARKS))
    rest = frame.drop(columns=[*columns, *(name for name in wide.keys.values() if name in frame)])
    long = rest.iloc[rows[real]].reset_index(drop=True)
    long[wide.time], long[wide.value] = times[real], cells[real]
    unfolded = table.spread(long, rows[real])
    account = ledger.spread(unfolded, rows[real])
    others = [name for name in rest.columns if _numeric(rest[name]) and filled(rest[name])]
    account.note(
        "unfolded",
        f"{wide.family.unit}s",
        first=wide.family.names[0],
        last=wide.family.names[-1],
        row=", ".join(wide.keys.values()) or "series",
        others=f"; left aside: {', '.join(map(repr, others))}" if others else "",
    )
    return unfolded, account


def _listed(table: Table, ledger: Ledger, wide: Wide) -> tuple[Table, Ledger]:
    """The values of all rows, one after the other."""
    cells = table.frame.to_numpy().ravel()
    rows = np.repeat(np.arange(table.rows), table.frame.shape[1])
    rows = rows[cells != ""]
    unfolded = table.spread(pd.DataFrame({wide.value: cells[cells != ""]}), rows)
    account = ledger.spread(unfolded, rows)
    account.note("listing", count=len(rows), rows=table.rows)
    return unfolded, account


def _times(frame: pd.DataFrame, wide: Wide, part: str) -> pd.Series:
    """The dates of the cells of one column, as texts."""
    parts = {name: frame[column].str.removesuffix(".0") for name, column in wide.keys.items()}
    parts[wide.family.unit] = pd.Series(part, index=frame.index)
    if "date" in parts:
        hour = f" {part}:00" if wide.family.unit == "hour" else ""
        return parts["date"].str.replace(_MIDNIGHT, "", regex=True) + hour
    if wide.family.unit == "month":
        parts["year"] = parts["year"].map(lambda text: _calendar_year(text, int(part), wide.first_month))
    written = [parts[name].map(write) for name, write in _WRITTEN.items() if name in parts]
    text = written[0]
    for later in written[1:]:
        text = text + "-" + later
    return text + f" {part}:00" if wide.family.unit == "hour" else text


def _calendar_year(text: str, month: int, first_month: int) -> str:
    """The calendar year of a month in a year that begins with another month and is named by the year it ends in."""
    if first_month == 1 or not (is_hydrological(text) or format_of(text) == YEAR):
        return text
    return str(ending_year(text) - (month >= first_month))


def _exists(times: NDArray[np.object_]) -> Mask:
    """Whether the days exist; a text in which no day is told passes."""
    days = pd.Series(times).str.extract(r"^(\d{4})-(\d\d)-(\d\d)(?!\d)")
    missing = days.isna().any(axis=1).to_numpy()
    dates = pd.to_datetime(days[0] + "-" + days[1] + "-" + days[2], format="%Y-%m-%d", errors="coerce")
    return missing | dates.notna().to_numpy()
