"""What a column can be: its role, from the evidence of its name and of its cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np
import pandas as pd

from evstats.arrays import Array, Mask, Places
from evstats.reading import column_names as called
from evstats.reading.date_forms import form_of_column
from evstats.reading.marks import surely_marks
from evstats.reading.table import numbers_of
from evstats.reading.values import MISSING_MARKS, looks_numeric


class Role(Enum):
    """What a column is, in the words of a sentence."""

    EMPTY = "empty"
    DATE = "a date"
    YEAR = "a year"
    PART = "a part of the date"
    KEY = "a key"
    PLACE = "a coordinate"
    LABEL = "a label"
    APART = "what tells rows of one time apart"
    NUMBERING = "a number that names the row"
    QUALITY = "a quality mark"
    DIRECTION = "a direction"
    SPREAD = "an uncertainty"
    COUNT = "a count of observations"
    TEXT = "text"
    PART_BY_CELLS = "equal to a part of the date"
    CLOCK = "another way of writing the date"
    COUNTING = "a running number"
    GROUPING = "the same in long runs of rows"
    SWITCH = "only 0 and 1"
    CONSTANT = "always the same"
    FORECAST = "predicted"
    PRELIMINARY = "preliminary"
    VALUE = "a value"


#: Roles that a value may have, each only where there is no column of those before: observed before predicted, and
#: last a column of which the cells alone say that it is something else.
TIERS = (
    (Role.VALUE,),
    (Role.PRELIMINARY,),
    (Role.FORECAST,),
    (Role.COUNTING, Role.PART_BY_CELLS, Role.CLOCK, Role.GROUPING, Role.SWITCH, Role.COUNT, Role.SPREAD),
    (Role.CONSTANT,),
)

# -- names ---------------------------------------------------------------------------------------------------------


# -- a column and what stands beside it ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Column:
    """One column of the sample: cells from all over the table, and the first rows, which follow one another."""

    name: str
    cells: pd.Series
    head: pd.Series
    unit: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the name."""
        return called.words_of(self.name)

    @cached_property
    def filled(self) -> Mask:
        """Which cells of the sample hold anything but a mark for a missing value."""
        return _filled(self.cells)

    @cached_property
    def texts(self) -> pd.Series:
        """The filled cells."""
        return self.cells[self.filled]

    @cached_property
    def numbers(self) -> Array:
        """The filled cells as numbers, NaN where a cell is none or is written in another notation than plain."""
        return _plain_numbers(self.texts)

    @cached_property
    def count(self) -> int:
        """How many cells are numbers, in whatever notation; 0 where most filled cells are something else."""
        other = self.texts[np.isnan(self.numbers)]
        numbers = len(self.texts) - len(other)
        if len(other):
            numbers += round(len(other) * float(_spread_over(other).map(looks_numeric).mean()))
        return numbers if 2 * numbers > len(self.texts) else 0

    @cached_property
    def whole(self) -> bool:
        """Whether all filled cells are plain whole numbers."""
        return bool(self.numbers.size) and bool(np.all(self.numbers == np.floor(self.numbers)))

    @cached_property
    def levels(self) -> int:
        """How many different cells there are."""
        return int(self.texts.nunique())

    @cached_property
    def few(self) -> bool:
        """Whether the cells are like codes: texts or whole numbers, and only a few different ones."""
        return (not self.count or self.whole) and self.levels <= _FEW

    @cached_property
    def first_numbers(self) -> Array:
        """The numbers of the first rows; empty where one of these cells is no plain number."""
        numbers = _plain_numbers(self.head[_filled(self.head)])
        return numbers if not np.isnan(numbers).any() else numbers[:0]


_FEW = 30
_LOOKED_AT = 400


def _spread_over(texts: pd.Series) -> pd.Series:
    """Some hundred of many texts: enough to tell what they are."""
    return texts.iloc[:: -(-len(texts) // _LOOKED_AT)] if len(texts) > _LOOKED_AT else texts


def _filled(cells: pd.Series) -> Mask:
    present = ~cells.str.lower().isin(MISSING_MARKS.keys()).to_numpy(dtype=bool)
    numbers = numbers_of(cells)
    return present & ~surely_marks(numbers)


def _plain_numbers(texts: pd.Series) -> Array:
    numbers = numbers_of(texts)
    return np.where(np.isinf(numbers), np.nan, numbers)


@dataclass(frozen=True, eq=False)
class Beside:
    """What stands beside a column: the names of all columns, and the time of each row of the sample where known."""

    names: Sequence[str]
    times: pd.DatetimeIndex | None

    @cached_property
    def joined(self) -> frozenset[str]:
        """The names in letters and digits alone."""
        return frozenset("".join(called.words_of(name)) for name in self.names)


# -- one question each ---------------------------------------------------------------------------------------------


def is_date(column: Column, _: Beside) -> bool:
    """Most cells are dates, in digits too: a value is never twenty years of valid days in a row."""
    numbers = column.numbers
    plain = numbers.size and not np.isnan(numbers).any()
    decimal_years = np.all((numbers >= 1500) & (numbers <= 2201)) and not column.whole
    if plain and not (column.whole and np.all(numbers >= _SHORTEST_DIGITS)) and not decimal_years:
        return False
    named_so = bool(set(column.words) & called.DATE_WORDS)
    return form_of_column(_spread_over(column.texts).tolist(), trusted=named_so) is not None


_SHORTEST_DIGITS = 150_001  # 1500-01, written 150001


def is_year(column: Column, beside: Beside) -> bool:
    """Whole numbers called years, or within a year of the dates beside them: water years, seasons."""
    if not column.whole:
        return False
    years = bool(np.all((column.numbers >= 1500) & (column.numbers <= 2200)))
    words = set(column.words)
    if words & called.YEAR_WORDS and (years or words <= called.WITH_YEAR or np.all(np.abs(column.numbers) < 100)):
        return True
    return years and beside.times is not None and _follows(column, _years(beside.times), reach=1)


def first_month(column: Column, times: pd.DatetimeIndex | None) -> int | None:
    """The month in which the years of a column of years begin, None where the dates do not tell or it is January.

    The years may be named by the calendar year in which they begin or by that in which they end.
    """
    if times is None or not column.whole:
        return None
    beside = times[column.filled]
    known = ~np.asarray(beside.isna())
    shift, months = (column.numbers - _years(beside))[known], beside.month.to_numpy()[known]
    late = months[shift == shift.max(initial=0)]
    first = int(late.min(initial=13))
    consistent = shift.size and np.ptp(shift) == 1 and np.all((months >= first) == (shift == shift.max()))
    return first if consistent else None


def is_part(column: Column, _: Beside) -> bool:
    """Whole numbers called a month, a day, an hour, and in its range."""
    if not column.whole or not (column.numbers >= 0).all():
        return False
    if not {word for word in column.words if not word.isdigit()} <= called.PART_WORDS.keys() | called.FILLER:
        return False
    reach = next((called.PART_WORDS[word] for word in column.words if word in called.PART_WORDS), None)
    if reach == called.HOURS and column.numbers.max() > called.HOURS[1]:  # 600 for 06:00
        return bool(np.all(column.numbers % 100 < 60) and column.numbers.max() <= 100 * called.HOURS[1])
    return reach is not None and bool(reach[0] <= column.numbers.min() and column.numbers.max() <= reach[1])


def is_part_by_cells(column: Column, beside: Beside) -> bool:
    """Whole numbers equal to a part of the date beside them, such as the month, in every row."""
    if not column.whole or beside.times is None or not (column.numbers >= 0).all():
        return False
    return any(_follows(column, part) for part in _parts(beside.times))


def is_key(column: Column, _: Beside) -> bool:
    """Called a station, an element, a member or a scenario, and holding names or codes (a ``Pegel`` may be a level)."""
    if not called.kind_of_key(column.name):
        return False
    if set(column.words) <= called.OR_A_VALUE and column.count:
        return column.few and 10 * column.levels <= len(column.texts)
    return not column.count or column.whole


def is_place(column: Column, beside: Beside) -> bool:
    """A latitude, a longitude, a coordinate of a map; ``long``, ``x`` or ``y`` beside another one."""
    words = {word for word in column.words if not word.isdigit()}
    if not words or not words <= called.PLACE_WORDS:
        return False
    others = {word for name in beside.names if name != column.name for word in called.words_of(name)}
    return bool(words & called.SURE_PLACE or others & {"lat", "latitude"} or (words <= {"x", "y"} <= words | others))


def is_numbering(column: Column, _: Beside) -> bool:
    """Whole numbers called an index or a number that name the row: ``id``, ``Unnamed: 0``, ``claim_no``, ``0159``."""
    if not column.whole:
        return False
    if any(called.IDENTIFIER.fullmatch(word) for word in column.words):
        return True
    if set(column.words) & called.NUMBER_WORDS and not called.NUMBER_OF.match(" ".join(column.words)):
        named_so = len(column.words) > 1 or bool(np.all(np.diff(column.numbers) > 0))
        return column.levels == len(column.texts) > 2 and named_so
    digits = column.texts.str.isdigit() & (column.texts.str.len() > 1) & column.texts.str.startswith("0")
    return bool(digits.all())


def is_quality(column: Column, beside: Beside) -> bool:
    """A flag, a code, a level of quality: by its name, or by the name of the column it stands beside (``QRR``)."""
    words = {called.QUALITY_STEM.sub("quality", word) for word in column.words}
    if words & called.SURE_QUALITY or column.words[-1:] == ("cd",) or (words & {"code", "codes"} and column.few):
        return True
    return column.few and bool(words & called.QUALITY_WORDS or _qualifies(column.name, beside.joined))


def _qualifies(name: str, joined: frozenset[str]) -> bool:
    """Whether a name is that of another column with a letter for quality: ``QRR``, ``Q_TX``, ``RSKF``, ``tp_qc``."""
    own = "".join(called.words_of(name))
    stems = {own.removeprefix(mark) for mark in ("q", "f", "flag")}
    stems |= {own.removesuffix(mark) for mark in ("q", "qc", "f", "fl", "flag", "cd", "s")}
    return bool((stems - {own, ""}) & joined)


def is_apart(column: Column, beside: Beside) -> bool:
    """Codes that never stand twice at one time where times repeat, though chance would have it: members, levels."""
    if beside.times is None or not column.few or not column.filled.all():
        return False
    known = ~np.asarray(beside.times.isna())
    times, codes = pd.factorize(beside.times[known])[0], pd.factorize(column.cells[known])[0]
    return keeps_apart(times, codes)


def keeps_apart(times: Places, codes: Places) -> bool:
    """Whether hardly two rows share time and code, where codes dealt out at random would make five pairs or more."""
    return pairs_by_chance(times, codes) >= PAIRS and pairs_alike(times, codes) <= 0.01 * pairs_by_chance(times, codes)


PAIRS = 5


def pairs_alike(times: Places, codes: Places) -> int:
    """How many pairs of rows share both the time and the code."""
    counts = np.bincount(pd.factorize(times * (int(codes.max(initial=0)) + 1) + codes)[0])
    return int(np.sum(counts * (counts - 1) // 2))


def pairs_by_chance(times: Places, codes: Places) -> float:
    """How many pairs of rows of one time would share the code, if the codes were dealt out at random."""
    counts, shares = np.bincount(times), np.bincount(codes) / max(1, codes.size)
    return float(np.sum(counts * (counts - 1) / 2) * np.sum(shares**2))


def is_direction(column: Column, _: Beside) -> bool:
    """A direction in degrees: it has no largest value."""
    named = set(column.words) & called.DIRECTION_WORDS or column.words in (("wd",), ("dd",))
    unit = (column.unit or "").lower() in called.DIRECTION_UNITS
    numbers = column.numbers[~np.isnan(column.numbers)]
    return bool((named or unit) and numbers.size and np.all(np.abs(numbers) <= 999))


def is_spread(column: Column, beside: Beside) -> bool:
    """A standard deviation, an error, a probability or a rank that belongs to another column.

    ``sd`` alone is one beside a mean only: it is the snow depth of a reanalysis as well.
    """
    words = set(column.words)
    if words <= called.SHORT_SPREAD:
        return any(set(called.words_of(name)) & called.CENTRES for name in beside.names)
    return bool(words & called.SPREAD_WORDS or called.DERIVED.search(" ".join(column.words)))


def is_counting(column: Column, _: Beside) -> bool:
    """The first rows count 1, 2, 3, or up or down by one and perhaps begin again; or all rows are put in sequence."""
    numbers = column.first_numbers
    if numbers.size < 3 or not column.whole:
        return False
    steps = np.diff(numbers)
    if np.all(steps == 1) and (numbers[0] in (0, 1) or numbers.size >= _ENOUGH):
        return True
    return numbers.size >= _ENOUGH and (_begins_again(numbers, steps) or _numbers_all(column.numbers))


#: Rows from which on what the cells show is no coincidence.
_ENOUGH = 10


def _begins_again(numbers: Array, steps: Array) -> bool:
    """Up by one in nearly every row, else back to the same start; or down by one throughout."""
    if np.all(steps == -1):
        return True
    up = steps == 1
    return bool(np.mean(up) >= 0.85) and len(set(numbers[1:][~up])) <= 1 and bool(np.all(steps[~up] < 0))


def _numbers_all(numbers: Array) -> bool:
    """Every whole number between the least and the greatest once; or ever upwards, by one as a rule."""
    steps = np.diff(numbers)
    once = np.unique(numbers).size == numbers.size
    return once and bool(np.ptp(numbers) == numbers.size - 1 or (np.all(steps > 0) and np.median(steps) == 1))


def is_clock(column: Column, beside: Beside) -> bool:
    """Runs with time to a thousandth of its range: decimal years, Julian days, seconds since 1970."""
    if beside.times is None or column.numbers.size < _ENOUGH or np.isnan(column.numbers).any():
        return False
    times = beside.times[column.filled]
    known = ~np.asarray(times.isna())
    x, t = column.numbers[known], times[known].values.astype("datetime64[s]").astype(np.float64)
    if x.size < _ENOUGH or np.ptp(x) == 0 or np.ptp(t) == 0:
        return False
    slope, level = np.polyfit((t - t[0]) / np.ptp(t), x, 1)
    return bool(np.max(np.abs(x - level - slope * (t - t[0]) / np.ptp(t))) < 1e-3 * np.ptp(x))


def is_grouping(column: Column, _: Beside) -> bool:
    """Each cell stands in one run of several rows and never again: what names a group of rows measures nothing."""
    texts = column.texts.to_numpy()
    if column.levels < 2 or len(texts) < 5 * column.levels:
        return False
    starts = np.flatnonzero(np.append(True, texts[1:] != texts[:-1]))
    return starts.size == column.levels and int(np.diff(np.append(starts, len(texts))).min()) >= 3


def is_switch(column: Column, _: Beside) -> bool:
    """Only 0 and 1."""
    return column.numbers.size >= _ENOUGH and column.levels == 2 and set(column.numbers) == {0.0, 1.0}


def is_forecast(column: Column, _: Beside) -> bool:
    """Called predicted, simulated, modelled or normal."""
    return any(word in called.FORECAST_WORDS or called.FORECAST.fullmatch(word) for word in column.words)


#: What makes a column of each role, in the order in which it is asked.
_QUESTIONS: Mapping[Role, Callable[[Column, Beside], bool]] = {
    Role.EMPTY: lambda column, _: not len(column.texts),
    Role.DATE: is_date,
    Role.KEY: is_key,
    Role.QUALITY: is_quality,
    Role.TEXT: lambda column, _: not column.count,
    Role.LABEL: lambda column, _: column.few and bool(set(column.words) & called.LABEL_WORDS),
    Role.YEAR: is_year,
    Role.PART: is_part,
    Role.PLACE: is_place,
    Role.NUMBERING: is_numbering,
    Role.DIRECTION: is_direction,
    Role.SPREAD: is_spread,
    Role.COUNT: lambda column, _: bool(called.COUNTED.search(" ".join(column.words))),
    Role.FORECAST: is_forecast,
    Role.PRELIMINARY: lambda column, _: bool(set(column.words) & called.PRELIMINARY_WORDS),
    Role.APART: is_apart,
    Role.COUNTING: is_counting,
    Role.PART_BY_CELLS: is_part_by_cells,
    Role.CLOCK: is_clock,
    Role.SWITCH: is_switch,
    Role.CONSTANT: lambda column, _: column.levels == 1 and len(column.texts) > 1,
    Role.GROUPING: is_grouping,
    Role.VALUE: lambda column, _: True,
}


def role_of(column: Column, beside: Beside) -> Role:
    """The first role that the evidence speaks for."""
    return next(role for role, question in _QUESTIONS.items() if question(column, beside))


# -- dates and their parts -----------------------------------------------------------------------------------------


def _years(times: pd.DatetimeIndex) -> Array:
    return times.year.to_numpy(dtype=np.float64)


def _parts(times: pd.DatetimeIndex) -> Iterable[tuple[Array, int]]:
    """The parts of dates with the number after which each begins again."""
    for name, cycle in (("month", 12), ("day", 0), ("day_of_year", 0), ("quarter", 4), ("hour", 24), ("minute", 60)):
        yield getattr(times, name).to_numpy(dtype=np.float64), cycle
    yield times.day_of_week.to_numpy(dtype=np.float64), 7
    yield times.isocalendar().week.to_numpy(dtype=np.float64, na_value=np.nan), 0


def _follows(column: Column, part: tuple[Array, int] | Array, reach: int = 0) -> bool:
    """Whether the column equals a part of the date in every row, to a constant shift where the part begins again."""
    numbers, cycle = part if isinstance(part, tuple) else (part, 0)
    beside = numbers[column.filled]
    known = ~np.isnan(beside)
    if known.sum() < _ENOUGH or np.unique(beside[known]).size < 2 or column.levels < 2:
        return False
    shift = column.numbers[known] - beside[known]
    if cycle:
        shift = shift % cycle
        return bool(np.ptp(shift) == 0) and bool(column.numbers.max() <= cycle)
    return bool(np.all(np.abs(shift) <= reach))
