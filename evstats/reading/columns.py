"""Which column holds the time and which the value: as asked for, else guessed from names and cells and reported."""

from __future__ import annotations

import re
from calendar import month_name
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from evstats.errors import ArgumentError, DataError, unknown_name
from evstats.notes import Note
from evstats.reading.candidates import Candidates, listed
from evstats.reading.column_names import word_set, words_of
from evstats.reading.date_forms import (
    DAY_OF_YEAR_NAMES,
    form_of_column,
    format_of,
    is_two_digit_year,
    is_year,
    serial_of,
    swapped,
)
from evstats.reading.dates import join_parts
from evstats.reading.keys import Chosen, check_chosen, rows_chosen
from evstats.reading.marks import mark_of
from evstats.reading.months import month_of
from evstats.reading.roles import Beside, Column, Role, first_month, role_of
from evstats.reading.table import numbers_of
from evstats.reading.values import filled, looks_numeric
from evstats.text.arguments import Setting, Text, both, named

_DATE_NAME = re.compile(r"(?<![a-z])(date|datetime|time|timestamp|datum|zeit|fecha|jour|peak_dt|dt)(?![a-z])")
#: What the parts of a date are called, accents left out, and the whole numbers they hold.
_PARTS = tuple(
    (frozenset(words.split()), range(least, most + 1))
    for words, least, most in (
        ("year yr yyyy yy y iyear jahr aar ar jaar annee ano anno vuosi rok", 0, 2200),
        ("month mon mo mm m mnth imonth monat mois mes mese maand maned manad kk kuukausi miesiac mesic", 1, 12),
        ("day dy dd da d iday tag jour dia giorno dag pv paiva dzien den", 1, 31),
        ("hour hr hh stunde heure hora ora", 0, 24),
        ("minute min mn mm mi", 0, 59),
    )
)
_CLOCK_NAME = re.compile(r"(?<![a-z])(time|tm|hour|hr|hh|zeit|uhrzeit|stunde|heure|hora|ora|clock)(?![a-z])")
_YEAR_NAME = re.compile(r"(?<![a-z])(year|yr|jahr|wy|water_year)(?![a-z])")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?( [AaPp][Mm])?")
_HOUR = re.compile(r"[01]?\d|2[0-4]|(?:[01]\d|2[0-4])[0-5]\d")


@dataclass(frozen=True)
class Columns:
    """The chosen columns: none, one or several for the time, one value, and those beside it that matter.

    ``codes`` qualify the value, ``keys`` may split the table or choose its rows, ``others`` are the rest that could
    tell rows of one time apart; ``mark`` is the number that stands for a missing value in files with this header, and
    ``first_month`` that of the years that a column counts in; ``beside`` were asked for beside the value.
    """

    time: tuple[str, ...]
    value: str
    codes: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    keys: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    mark: float | None = None
    first_month: int | None = None
    beside: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns that are read as text."""
        return tuple(dict.fromkeys([*self.codes, *self.keys, *self.beside]))


def choose_columns(
    sample: pd.DataFrame,
    head: pd.DataFrame,
    time: str | Sequence[str] | None,
    value: str | None,
    chosen: Chosen | None = None,
    units: Mapping[str, str] | None = None,
    beside: Sequence[str] = (),
) -> Columns:
    """Choose by option, else by the role of each column; ``sample`` holds cells from all over the table, as text."""
    known, chosen = list(sample.columns), chosen or {}
    asked = (time,) if isinstance(time, str) else tuple(time or ())
    for name in (*asked, *([] if value is None else [value])):
        if name not in known:
            raise unknown_name("column", name, known, "time" if name in asked else "value")
    if value in asked:
        raise ArgumentError(
            Text(Setting("time"), " and ", Setting("value"), f" are both {value!r}"), "choose two columns."
        )
    sample, head = (_without(beside, _of_chosen(cells, chosen), (*asked, value)) for cells in (sample, head))
    times = asked or _guess_time(sample, value)
    columns, roles = _roles(sample, head, rough := _rough_times(sample, times), times, units or {})
    notes: list[Note] = []
    if value is None:
        value, note = Candidates(columns, roles, times).value()
        notes.append(note)
    if not asked:
        notes.insert(0, _time_note(times, sample, roles, value))
    used = dict.fromkeys(times, "time") | {value: "value"}
    check_chosen(chosen, known, used)
    keys = [name for name, role in roles.items() if role is Role.KEY and name not in used]
    others = [name for name, role in roles.items() if role not in _NO_KEY and name not in used]
    keys, others = list(dict.fromkeys([*chosen, *keys])), [name for name in others if name not in keys]
    years = {column.name: first_month(column, rough) for column in columns if roles[column.name] is Role.YEAR}
    months = {month: name for name, month in years.items() if month is not None}
    notes += [Note("years_of_column", month_name[month], column=name) for month, name in list(months.items())[:1]]
    codes = _codes([name for name in known if name not in beside], value, roles)
    first, mark = next(iter(months), None), mark_of(value, known)
    return Columns(times, value, codes, tuple(notes), tuple(keys), tuple(others), mark, first, tuple(beside))


def _without(beside: Sequence[str], cells: pd.DataFrame, used: Sequence[str | None]) -> pd.DataFrame:
    """A sample without the columns that were asked for beside the value, which are neither it nor the time.

    Raises
    ------
    ArgumentError
        A column that is not there, that is the value or the time, or that leaves none for the value.
    """
    for name in beside:
        if name not in cells:
            raise unknown_name("column", name, list(map(str, cells.columns)), "beside")
        if name in used:
            raise ArgumentError(
                f"column {name!r} is asked for beside the value, and is the value or the time itself",
                "name another.",
                argument="beside",
            )
    rest = cells.drop(columns=list(beside))
    if rest.empty and not cells.empty:
        raise ArgumentError("no column is left for the value", "name fewer beside it.", argument="beside")
    return rest


_NO_KEY = {Role.EMPTY, Role.CONSTANT, Role.SPREAD, Role.COUNT}
_FEWEST = 10


def _of_chosen(cells: pd.DataFrame, chosen: Chosen) -> pd.DataFrame:
    """The rows of a sample that were asked for, where it has enough of them."""
    try:
        rows = rows_chosen(cells, {name: wanted for name, wanted in chosen.items() if name in cells})
    except ArgumentError:  # none of these rows is in the sample; the whole table is looked at later
        return cells
    return cells[rows].reset_index(drop=True) if rows.sum() >= _FEWEST else cells


def _roles(
    sample: pd.DataFrame,
    head: pd.DataFrame,
    rough: pd.DatetimeIndex | None,
    times: Sequence[str],
    units: Mapping[str, str],
) -> tuple[list[Column], dict[str, Role]]:
    """The columns beside the time with the role of each."""
    names = list(sample.columns)
    beside = Beside(names, rough)
    columns = [Column(name, sample[name], head[name], units.get(name)) for name in names if name not in times]
    return columns, {column.name: role_of(column, beside) for column in columns}


def _rough_times(sample: pd.DataFrame, names: Sequence[str]) -> pd.DatetimeIndex | None:
    """The times of the rows of the sample as far as they can be told without deciding anything; None where not."""
    if not names:
        return None
    cells = sample[names[0]] if len(names) == 1 else join_parts(sample, names)
    forms = Counter(filter(None, map(format_of, cells.iloc[:: max(1, len(cells) // 100)])))
    if not forms:
        return None
    form = forms.most_common(1)[0][0]
    ways = filter(None, (form, swapped(form)))
    read = [pd.to_datetime(cells, format=way, errors="coerce", utc=True) for way in ways]
    best = min(read, key=lambda times: int(times.isna().sum()))
    return pd.DatetimeIndex(best).tz_localize(None)


def _time_note(times: Sequence[str], sample: pd.DataFrame, roles: Mapping[str, Role], value: str) -> Note:
    if not times:
        beside = sample.drop(columns=value)
        unread = _no_years(beside) or _unread(beside) or _unused(roles) or _like_a_time(beside)
        alone = all(roles.get(name) in _SAYS_NOTHING for name in beside.columns)
        return Note("undated", why=unread or "no date column", unread=unread is not None, alone=alone)
    if dated := list(_dated(sample, but=times)):
        return Note("time_column_of_several", listed(times), others=listed(dated))
    return Note("time_column", times[0]) if len(times) == 1 else Note("time_in_parts", listed(times))


class Undated(NamedTuple):
    """Why a series has no dates, in a few words, whether a column may hold some that are not understood, and whether
    the value stands alone.
    """

    why: str
    unread: bool
    alone: bool


def why_undated(notes: Sequence[str]) -> Undated:
    """What is known of a series without dates."""
    said = (note.values for note in notes if isinstance(note, Note) and note.code == "undated")
    values: Mapping[str, Any] = next(said, {"why": "no date column", "unread": False, "alone": True})
    return Undated(values["why"], values["unread"], values.get("alone", True))


_SAYS_NOTHING = {Role.EMPTY, Role.CONSTANT}


def _like_a_time(beside: pd.DataFrame) -> str | None:
    """The first column that is called a date, or whose numbers rise like a time and do not just number the rows."""
    for name in beside.columns:
        texts = filled(beside[name])
        numbers = numbers_of(texts)
        if len(texts) < 3 or len(set(texts)) < 3:
            continue
        if _DATE_NAME.search(name.lower()) and not np.array_equal(numbers, np.arange(len(numbers)) + numbers[0]):
            return f"{name!r} has {texts[0]!r}, which is no date in a known format"
        steps = np.diff(numbers)
        if np.all(steps > 0.0) and np.ptp(numbers) > len(numbers) and (numbers > 1.0e4).mean() > 0.5:
            return f"{name!r} rises from {texts[0]} to {texts[-1]} as a time does"
    return None


_TIMES = {Role.DATE, Role.YEAR, Role.PART, Role.CLOCK}


def _unused(roles: Mapping[str, Role]) -> str | None:
    """The first column that tells a time, or counts days or the like, though the dates cannot be told."""
    for name, role in roles.items():
        if role in _TIMES or (role is Role.COUNTING and words_of(name)[:1] and words_of(name)[0] in _COUNTED_TIMES):
            return f"{name!r} is {role.value}, which alone makes no date"
    return None


_COUNTED_TIMES = word_set("t time second seconds minute minutes hour hours day days month months")


def _unread(sample: pd.DataFrame) -> str | None:
    """The first column of texts that hold a number and differ from row to row, as dates do."""
    for name in sample.columns:
        texts = filled(sample[name])
        digits = sum(any(map(str.isdigit, text)) and not looks_numeric(text) for text in texts)
        if len(texts) > 2 and 10 * digits > 9 * len(texts) and 10 * len(set(texts)) > 9 * len(texts):
            return f"{name!r} has {texts[0]!r}, which is no date in a known format"
    return None


def _no_years(sample: pd.DataFrame) -> str | None:
    """The first column called a year that holds none."""
    for name in sample.columns:
        texts = filled(sample[name])
        if texts and _YEAR_NAME.search(name.lower()) and all(map(looks_numeric, texts)):
            strange = next((text for text in texts if not is_year(text)), None)
            if strange is not None and is_two_digit_year(strange):
                return f"{name!r} has {strange!r}, which leaves the century open: write years with four digits"
            return strange and f"{name!r} has {strange!r}, and years are read from 1500 to 2200"
    return None


def _guess_time(sample: pd.DataFrame, value: str | None) -> tuple[str, ...]:
    sample = sample.drop(columns=[] if value is None else [value])
    dated = list(_dated(sample))
    named = [name for name in dated if _DATE_NAME.search(name.lower())]
    if dated:
        _refuse_two_dates(sample, named, dated)
        date = min(named or dated, key=_about_the_file)
        clock = _clock(sample, date)
        return (date, clock) if clock else (date,)
    if parts := _parts(sample) or _parts_by_cells(sample):
        return parts
    for name in sample.columns:
        if _DATE_NAME.search(name.lower()) and serial_of(filled(sample[name])):
            return (name,)
    if years := _year_column(sample, alone=value is None and sample.shape[1] == 1):
        return (years,)
    _refuse_unreadable(sample)
    return ()


def _refuse_two_dates(sample: pd.DataFrame, named: Sequence[str], dated: Sequence[str]) -> None:
    """Where neither name says which of two dates is that of the value, and they do not agree on the year."""
    open_ones = [name for name in named or dated if _about_the_file(name) == min(map(_about_the_file, named or dated))]
    if len(open_ones) < 2 or len(named) == 1:
        return
    years = [_rough_times(sample, [name]) for name in open_ones[:2]]
    if any(times is None for times in years):
        return
    one, other = (np.asarray(times.year) for times in years)  # type: ignore[union-attr]
    known = ~(np.isnan(one.astype(float)) | np.isnan(other.astype(float)))
    if 100 * np.count_nonzero(one[known] != other[known]) > np.count_nonzero(known):
        raise DataError(
            f"columns {listed(open_ones)} hold dates of different years",
            Text("choose the one that is the time of the value, for example ", both("time", open_ones[0]), "."),
        )


def _about_the_file(name: str) -> int:
    """Whether a date is when the value was valid (-1), any date, or when it was issued, changed or fetched (1)."""
    words = set(words_of(name))
    return -1 if words & _VALID else int(bool(words & _ISSUED))


_VALID = {"valid", "observed", "sampled", "peak"}
_ISSUED = {"init", "initial", "issue", "issued", "reference", "base", "run", "analysis", "entry", "reported"}
_ISSUED |= {"created", "updated", "modified", "published", "retrieved", "download", "downloaded"}


def _dated(sample: pd.DataFrame, but: Sequence[str] = ()) -> Iterator[str]:
    """Columns most of whose cells are dates; bare digits count under a date's name, in the first place or in order."""
    for place, name in enumerate(sample.columns):
        trusted = place == 0 or bool(_DATE_NAME.search(name.lower()))
        if name not in but and form_of_column(filled(sample[name]), trusted):
            yield name


def _clock(sample: pd.DataFrame, date: str) -> str | None:
    """A column of times of day beside a column of dates without them, if it is filled throughout."""
    if any(":" in text for text in sample[date]):
        return None
    for name in sample.columns.drop(date):
        called = bool(_CLOCK_NAME.search(name.lower()))
        if all(_CLOCK.fullmatch(text) or (called and _HOUR.fullmatch(text)) for text in sample[name]):
            return str(name)
    return None


def _parts(sample: pd.DataFrame) -> tuple[str, ...]:
    """Separate columns for year, month, day, hour and minute, or year and day of the year; one is left for a value."""
    found: list[str | None] = []
    for known, reach in _PARTS:
        called = (name for name in sample.columns if _named(name) <= known and name not in found)
        left = len(sample.columns) - len(found) > 1
        found.append(next((name for name in called if left and _holds_part(sample[name], reach)), None))
    day_of_year = next((name for name in sample.columns if name.lower() in DAY_OF_YEAR_NAMES), None)
    if found[0] is None:
        return ()
    if found[1] is None:
        return (found[0], day_of_year) if day_of_year else ()
    complete = found[: found.index(None)] if None in found else found
    return tuple(name for name in complete if name is not None)


def _parts_by_cells(sample: pd.DataFrame) -> tuple[str, ...]:
    """Neighbouring columns of years, months and, where there are any, days that make dates in order, whatever they are
    called; one column is left for a value.
    """
    names = list(sample.columns)
    numbers = {name: numbers_of(sample[name]) for name in names}
    for size in (3, 2):
        for start in range(len(names) - size):
            some = names[start : start + size]
            year, month, *day = (numbers[name] for name in some)
            if not all(np.isin(cells, reach).all() for cells, reach in zip((year, month, *day), _REACH, strict=False)):
                continue
            ordinal = 372.0 * year + 31.0 * month + (day[0] if day else 0.0)
            if len(ordinal) > 2 and np.all(np.diff(ordinal) > 0.0) and len(set(month.tolist())) > 2:
                return tuple(some)
    return ()


_REACH = np.arange(1500, 2201), np.arange(1, 13), np.arange(1, 32)


def _named(name: str) -> set[str]:
    """The words of a name in Latin letters; what stands for none, so that no name is without."""
    return {word for word in words_of(name) if word.isascii()} or {""}


def _holds_part(cells: pd.Series, reach: range) -> bool:
    """Whether most cells are whole numbers in the range of a part of a date, or name months."""
    texts = filled(cells)
    if reach == range(1, 13):
        texts = [str(month_of(text) or text) for text in texts]
    within = np.isin(numbers_of(texts), reach)
    return bool(texts) and 10 * int(within.sum()) >= 9 * len(texts)


def _year_column(sample: pd.DataFrame, alone: bool) -> str | None:
    """A column that is called so and holds years for the most part, or a first column of rising years beside others."""
    for name in sample.columns:
        texts = filled(sample[name])
        years = [int(float(text)) for text in texts if is_year(text)]
        whole = len(years) == len(texts) > 0
        if (whole and _DATE_NAME.search(name.lower())) or (
            2 * len(years) > len(texts) and _YEAR_NAME.search(name.lower())
        ):
            return str(name)
        rising = whole and len(years) > 1 and all(a < b for a, b in pairwise(years))
        if rising and name == sample.columns[0] and not alone:
            return str(name)
    return None


def _refuse_unreadable(sample: pd.DataFrame) -> None:
    """A column called date whose texts are no dates is not a series without dates."""
    for name in sample.columns:
        texts = filled(sample[name])
        strange = [text for text in texts if not looks_numeric(text)]
        if _DATE_NAME.search(name.lower()) and 2 * len(strange) > len(texts):
            raise DataError(
                f"column {name!r} holds {strange[0]!r}, which is not a date in any known format.",
                Text("Write dates like 2001-02-28, or name another time column ", named("time"), "."),
            )


def _codes(known: Sequence[str], value: str, roles: Mapping[str, Role]) -> tuple[str, ...]:
    """The column of qualification codes that belongs to the value: ``peak_cd`` beside ``peak_va``, or ``flag``."""
    stem = value.lower().removesuffix("_va")
    own = [name for name in known if name.lower() in {f"{stem}_cd", f"{value.lower()}_cd", f"{stem}_flag"}]
    following = list(known)[list(known).index(value) + 1 :][:1]
    return tuple(own or [name for name in following if roles.get(name) is Role.QUALITY])
