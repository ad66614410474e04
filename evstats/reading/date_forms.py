"""What form a date has as text: its parts and their marks, digits in order, pairs of years, counts since an origin."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from evstats.arrays import Array
from evstats.reading.months import english
from evstats.reading.table import numbers_of

YEAR = "%Y"
#: The form of years such as 1960/61, which are named by the year they end in; dates of that kind are its January.
HYDROLOGICAL = "hydrological year"
#: The form of years such as 1993.0417.
DECIMAL = "decimal year"
#: The form of quarters such as 1980-Q2; dates of that kind are their first days.
QUARTER = "quarter"
#: How the parts of a date are written.
_PARTS = {"%Y": r"\d{4}", "%y": r"\d{2}(?!\d)", "%m": r"\d{1,2}", "%d": r"\d{1,2}", "%b": "[A-Za-z]{3}", "%j": r"\d{3}"}
_PARTS |= {"%H": r"\d{1,2}", "%I": r"\d{1,2}", "%M": r"\d{2}", "%S": r"\d{2}", "%f": r"\d{1,9}", "%p": "[AaPp][Mm]"}


def _written(*forms: str) -> list[tuple[str, str]]:
    """The pattern of each form."""
    return [(re.sub("%.", lambda part: _PARTS[part[0]], form.replace(".", r"\.")), form) for form in forms]


_FULL_DATES = [
    *_written("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%d-%m-%y"),
    *_written("%d.%m.%y", "%d %b %Y", "%d. %b %Y", "%d-%b-%Y", "%d%b%Y", "%d-%b-%y", "%Y-%b-%d", "%b %d, %Y"),
    ("20011111", "%Y%m%d"),
]
_WHOLE_TEXTS = [
    *_written("%Y-%m", "%Y/%m", "%m/%Y", "%b %Y", "%b-%Y", "%Y-%b", "%Y-%j"),
    (r"\d{4}-?W\d{2}(?:-?[1-7])?", "%G-W%V-%u"),
    (r"\d{4}[ -]?Q[1-4]|Q[1-4][ -]\d{4}", QUARTER),
    (r"[A-Za-z]{3}[ -]\d{2}", "%b-%y"),
    (r"(?:WY|HY|FY) ?\d{4}", HYDROLOGICAL),
]
_TIMES = [
    *_written("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p"),
    (r"\d{6}", "%H%M%S"),
    (r"\d{4}", "%H%M"),
    (r"\d{2}", "%H"),
]
_YEAR = re.compile(r"1[5-9]\d\d|2[01]\d\d|2200")
_IS_DIGIT_DAY = re.compile(r"(?:1[5-9]|2[01])\d\d(?:0\d|1[0-2])[0-3]\d")
_DIGIT_DAY = "20011111"
_ALL_ONES = str.maketrans("023456789", "1" * 9)
_TWO_YEARS = re.compile(r"(\d{4}) ?[-/\u2013] ?(\d{4}|\d{2})")
ZONE = r"\s*(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)"
_SPLIT = re.compile(rf"(?P<mark>|[ T_:-]|, )(?P<time>\d.*?)(?P<zone>{ZONE})?")
_SWAPPED = {"%d/%m": "%m/%d", "%d-%m": "%m-%d", "%d.%m": "%m.%d"}
_FLOAT_DAY = re.compile(r"\d{8}\.0+")
_DIGITS = [
    (re.compile(r"(?:1[5-9]|2[01])\d\d(?:0[1-9]|1[0-2])"), "%Y%m"),
    (re.compile(r"(?:1[5-9]|2[01])\d\d(?:[0-2]\d\d|3[0-6]\d)"), "%Y%j"),
    (re.compile(r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"), "%y%m%d"),
    (re.compile(r"(?:1[5-9]|2[01])\d\d\.\d{1,8}"), DECIMAL),
]
#: Share of the steps of a column that go one way where the column is in order.
_IN_ORDER = 0.9
DAY_OF_YEAR_NAMES = frozenset(
    {"doy", "jday", "yday", "julian", "julian_day", "julian day", "day_of_year", "day of year", "dayofyear"}
)


@dataclass(frozen=True)
class Serial:
    """Dates counted in a unit from an origin; ``first`` and ``last`` bound what is taken for one."""

    label: str
    unit: Literal["D", "s", "ms", "us", "ns"]
    origin: str
    first: float
    last: float


_SERIALS = (
    Serial("spreadsheet day numbers", "D", "1899-12-30", 10_000, 73_415),
    Serial("Unix time in seconds", "s", "1970-01-01", 1e8, 4.2e9),
    Serial("Unix time in milliseconds", "ms", "1970-01-01", 1e11, 4.2e12),
    Serial("Unix time in microseconds", "us", "1970-01-01", 1e14, 4.2e15),
    Serial("Unix time in nanoseconds", "ns", "1970-01-01", 1e17, 4.2e18),
)


#: Texts whose form is remembered: more than the cells that are looked at of a table, or none would be left when its next
#: column, or the same one again, is looked at.
_REMEMBERED = 2**15


@lru_cache(maxsize=_REMEMBERED)
def format_of(text: str) -> str | None:
    """The strptime format of a date text, None where it is not a date. Day and month in digits come day first.

    Examples
    --------
    >>> format_of("1996-01-01-07"), format_of("03/02/2001 14:30"), format_of("1960/61"), format_of("12.5")
    ('%Y-%m-%d-%H', '%d/%m/%Y %H:%M', 'hydrological year', None)
    """
    if _FLOAT_DAY.fullmatch(text):
        text = text[:8]
    if text.isdigit() and len(text) < 8:
        return YEAR if _YEAR.fullmatch(text) else None
    if (two := _TWO_YEARS.fullmatch(text)) and (len(two[2]) == 4 or not 1 <= int(two[2]) <= 12):
        return HYDROLOGICAL if is_hydrological(text) else None
    text = english(text)
    digits = _DIGIT_DAY if _IS_DIGIT_DAY.match(text) else ""
    return _format_of_shape(digits + text[len(digits) :].translate(_ALL_ONES))


@lru_cache(maxsize=1024)
def _format_of_shape(text: str) -> str | None:
    """The format of a date whose digits are all 1, or as in 20011111: formats do not depend on what the digits are."""
    for pattern, form in _WHOLE_TEXTS:
        if re.fullmatch(pattern, text):
            return form
    for pattern, form in _FULL_DATES:
        if match := re.match(pattern, text):
            rest = text[match.end() :]
            time = _time_format(rest, form) if rest else ""
            if time is not None:
                return form + time
    return None


def is_hydrological(text: str) -> bool:
    """Whether these are two years that follow each other; 2000-01 may be a month as well."""
    years = _TWO_YEARS.fullmatch(text)
    return years is not None and (int(years[1]) + 1) % 10 ** len(years[2]) == int(years[2])


def is_pair(text: str) -> bool:
    """Whether a text names a year by the two that it lies in, or as that of water: 1960/61, WY1961."""
    return is_hydrological(text) or format_of(text) == HYDROLOGICAL


def is_year(text: str) -> bool:
    """Whether this is a year from 1500 to 2200; a table with empty cells writes 1961.0."""
    return format_of(text.removesuffix(".0")) == YEAR


def is_two_digit_year(text: str) -> bool:
    """Whether this may be a year without its century, as 72 is."""
    return re.fullmatch(r"\d{2}(\.0+)?", text) is not None


def swapped(form: str) -> str | None:
    """The format with the month before the day, None where the digits of a day do not come first."""
    return next((form.replace(day, month) for day, month in _SWAPPED.items() if form.startswith(day)), None)


def form_of_column(texts: Sequence[str], trusted: bool = False) -> str | None:
    """The form of the dates most of the cells hold, None where they hold none, or years, which may be numbers.

    Bare digits are dates where they are in order, or where ``trusted``: what the column is called, or its place, says
    that it holds them.
    """
    forms = [form for form in map(format_of, texts) if form and form != YEAR]
    if 2 * len(forms) <= len(texts) or not texts:
        return digit_form(texts)
    digits = all(text.isdigit() for text in texts[:20])
    if digits and not trusted and not _in_order([float(text) for text in texts if text.isdigit()]):
        return None
    return Counter(forms).most_common(1)[0][0]


def digit_form(texts: Sequence[str]) -> str | None:
    """Months such as 195101, days of years such as 1951001, or decimal years such as 1993.0417, in order."""
    for pattern, form in _DIGITS:
        if len(texts) > 2 and all(map(pattern.fullmatch, texts)):
            numbers = [float(text) for text in texts]
            if _in_order(numbers) and (form != DECIMAL or _evenly(np.diff(numbers))):
                return form
    return None


def _in_order(numbers: Sequence[float]) -> bool:
    steps = np.diff(numbers)
    steps = steps[steps != 0]
    return bool(steps.size) and max(np.mean(steps > 0), np.mean(steps < 0)) >= _IN_ORDER


def _evenly(steps: Array) -> bool:
    """Whether most steps are the usual one, at most a year: the steps of a calendar, not of a quantity."""
    usual = abs(float(np.median(steps)))
    return 0 < usual <= 1 and bool(np.mean(np.abs(np.abs(steps) - usual) <= 0.2 * usual) >= 0.5)


def _time_format(rest: str, date: str) -> str | None:
    match = _SPLIT.fullmatch(rest)
    if not match or (not match["mark"] and date != "%Y%m%d"):
        return None
    for pattern, form in _TIMES:
        if re.fullmatch(pattern, match["time"]):
            return match["mark"] + form + ("%z" if match["zone"] else "")
    return None


def serial_of(cells: Iterable[str]) -> Serial | None:
    """The kind of day numbers or Unix times a column holds, None where its cells are no such numbers."""
    numbers = numbers_of(cells)
    if not numbers.size or format_of(str(next(iter(cells)))) is not None:
        return None
    for serial in _SERIALS:
        if np.all((numbers >= serial.first) & (numbers <= serial.last)):
            return serial
    return None


def ending_year(text: str) -> int:
    """1961 for 1960/61 and for WY1961."""
    years = _TWO_YEARS.fullmatch(text)
    return int(years[1]) + 1 if years else int(text[-4:])
