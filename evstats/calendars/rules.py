"""Block rules: how a record is cut into years, water years, seasons, months, pandas offsets or runs of n values."""

from __future__ import annotations

import operator
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evstats.arrays import Ints
from evstats.errors import ArgumentError, unknown_name
from evstats.registry import Registry
from evstats.text.arguments import Setting, Text

DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: The four meteorological seasons and their first months.
SEASONS = {"DJF": 12, "MAM": 3, "JJA": 6, "SON": 9}


@dataclass(frozen=True, eq=False)
class Blocks:
    """Blocks of time in order: half-open spans [start, end) of local wall-clock time, and their labels."""

    starts: pd.DatetimeIndex
    ends: pd.DatetimeIndex
    labels: NDArray[np.object_]


@dataclass(frozen=True)
class BlockRule(ABC):
    """A way to cut a record into blocks; ``name`` says which, in words."""

    name: str

    @property
    def noun(self) -> str:
        """What its blocks are called: ``"water years"``, ``"blocks of 30 observations"``."""
        return f"blocks of {self.name}"


@dataclass(frozen=True)
class Count(BlockRule):
    """Runs of ``n`` observations in the order they come, numbered 1, 2, 3 ..."""

    n: int


#: Data that are the extremes of blocks already, one value each.
SINGLE = Count("one value each", 1)


@dataclass(frozen=True)
class TimeRule(BlockRule):
    """Blocks of time. ``days`` is their nominal length, ``blocks_per_year`` how many a year holds."""

    days: float
    blocks_per_year: float

    @abstractmethod
    def blocks(self, first: pd.Timestamp, last: pd.Timestamp) -> Blocks:
        """Every whole block that overlaps the span from ``first`` to ``last`` (naive timestamps, both included)."""

    @property
    def spacing_days(self) -> float:
        """Days from the start of one block to the start of the next."""
        return DAYS_PER_YEAR / self.blocks_per_year


@dataclass(frozen=True)
class Calendar(TimeRule):
    """Blocks of ``months`` whole months, one every ``every`` months counted from month ``start`` (1 for January)."""

    start: int
    months: int
    every: int
    labels: Callable[[Ints], Iterable[object]]
    called: str = ""

    @property
    def noun(self) -> str:
        """What its blocks are called."""
        return self.called or super().noun

    def blocks(self, first: pd.Timestamp, last: pd.Timestamp) -> Blocks:
        """Every whole block that overlaps the span."""
        first_month, last_month = (12 * (stamp.year - 1970) + stamp.month - 1 for stamp in (first, last))
        starts, labels = self.by_month(first_month, last_month)
        return Blocks(_first_days(starts), _first_days(starts + self.months), labels)

    def by_month(self, first: int, last: int) -> tuple[Ints, NDArray[np.object_]]:
        """The first months of the blocks that overlap the months from one to another, and their labels; months are
        counted from January 1970, in any calendar of twelve.
        """
        phase = (self.start - 1) % self.every
        starts = np.arange(first - (first - phase) % self.every, last + 1, self.every)
        starts = starts[starts + self.months > first]
        return starts, np.array(list(self.labels(starts + self.months - 1)), dtype=object)


@dataclass(frozen=True)
class Offset(TimeRule):
    """Blocks between the anchors of a pandas offset, cut and labelled as ``Series.resample`` does."""

    offset: pd.offsets.BaseOffset

    def blocks(self, first: pd.Timestamp, last: pd.Timestamp) -> Blocks:
        """Every whole block that overlaps the span."""
        labelled_by_end = isinstance(self.offset, _ENDS)
        origin = first.normalize()
        origin = origin - self.offset if labelled_by_end else self.offset.rollback(origin)
        anchors = pd.date_range(origin, last + 2 * self.offset, freq=self.offset)
        edges = anchors + pd.Timedelta(days=1) if labelled_by_end else anchors
        starts, ends = edges[:-1], edges[1:]
        overlap = (ends > first) & (starts <= last)
        named = anchors[1:] if labelled_by_end else anchors[:-1]
        days_only = bool((anchors == anchors.normalize()).all())
        labels = named.strftime("%Y-%m-%d" if days_only else "%Y-%m-%d %H:%M:%S").to_numpy(dtype=object)
        return Blocks(starts[overlap], ends[overlap], labels[overlap])


#: Offsets whose anchor is the last day of the block, as pandas has it.
_ENDS: tuple[type, ...] = (
    pd.offsets.Week,
    pd.offsets.MonthEnd,
    pd.offsets.QuarterEnd,
    pd.offsets.YearEnd,
    pd.offsets.BMonthEnd,
    pd.offsets.BQuarterEnd,
    pd.offsets.BYearEnd,
)


def _first_days(months: Ints) -> pd.DatetimeIndex:
    """The first instants of months counted from January 1970."""
    return pd.DatetimeIndex(months.astype("datetime64[M]").astype("datetime64[s]"))


def _years(last_months: Ints) -> Iterable[object]:
    """A block is named by the year it ends in."""
    return (int(year) for year in last_months // 12 + 1970)


def _season_labels(last_months: Ints) -> Iterable[object]:
    names = {(first + 1) % 12: season for season, first in SEASONS.items()}
    return (f"{year}-{names[int(month) % 12]}" for year, month in zip(_years(last_months), last_months, strict=True))


def _quarter_labels(last_months: Ints) -> Iterable[object]:
    return (f"{year}-Q{month % 12 // 3 + 1}" for year, month in zip(_years(last_months), last_months, strict=True))


def _month_labels(last_months: Ints) -> Iterable[object]:
    return (str(month) for month in last_months.astype("datetime64[M]"))


def _calendar(
    name: str, start: int, months: int, every: int, labels: Callable[[Ints], Iterable[object]], noun: str
) -> Calendar:
    return Calendar(name, months * DAYS_PER_MONTH, 12 / every, start, months, every, labels, noun)


YEAR = _calendar("year", 1, 12, 12, _years, "years")
SEASON = _calendar("season", 12, 3, 3, _season_labels, "seasons")
QUARTER = _calendar("quarter", 1, 3, 3, _quarter_labels, "quarters")
MONTH = _calendar("month", 1, 1, 1, _month_labels, "months")


def water_year(first_month: int = 10) -> Calendar:
    """Years that begin with ``first_month`` (October by default) and are named by the year they end in."""
    last = MONTHS[first_month - 2]
    return _calendar(f"water-year ({MONTHS[first_month - 1]}-{last})", first_month, 12, 12, _years, "water years")


def one_season(season: str) -> Calendar:
    """One season a year; DJF is named by the year of its January and February."""
    return _calendar(season, SEASONS[season], 3, 12, _season_labels, "")


def months_of_year(first_month: int, months: int) -> Calendar:
    """So many months from one on, once a year."""
    return _calendar(f"{months} months from {MONTHS[first_month - 1]}", first_month, months, 12, _years, "")


#: The block rules with a name. Any pandas offset and any number of observations are rules too.
BLOCKS: Registry[TimeRule] = Registry(
    "block",
    {"year": YEAR, "water-year": water_year(), "season": SEASON, "quarter": QUARTER, "month": MONTH}
    | {season.lower(): one_season(season) for season in SEASONS},
)

#: What blocks are also called, and their names here.
_CALLED = {"annual": "year", "annually": "year", "per-year": "year", "daily": "D", "weekly": "W"}
_CALLED |= dict.fromkeys(("a", "y", "as", "yearly"), "year") | {"m": "month", "q": "quarter", "seasonal": "season"}
_CALLED |= dict.fromkeys(("as-oct", "a-sep", "y-sep", "wy", "wateryear", "hydroyear"), "water-year")
_CALLED |= dict.fromkeys(("hydrological", "hydrologic", "hydrological-year", "hydrologic-year"), "water-year")


def block_rule(block: Any, *, first_month: int = 10, season: str | None = None) -> BlockRule:
    """The rule that ``block`` stands for: a rule, a name in ``BLOCKS``, a pandas offset or a number of observations.

    Raises
    ------
    ArgumentError
        An unknown name, a first month outside 1..12, or an option that does not belong to the rule.

    Examples
    --------
    >>> block_rule("water-year").name, block_rule("DJF").name, block_rule(365).name, block_rule("10YS").name
    ('water-year (Oct-Sep)', 'DJF', '365 observations', '10YS')
    """
    rule = _rule(block)
    if season is not None:
        rule = _with_season(rule, season)
    if first_month != 10:
        rule = _with_first_month(rule, first_month)
    return rule


def _rule(block: Any) -> BlockRule:
    if isinstance(block, BlockRule):
        return block
    if isinstance(block, str) and (rule := _named(block)) is not None:
        return rule
    if isinstance(block, (str, pd.offsets.BaseOffset)) or hasattr(block, "total_seconds"):
        return _offset_rule(block)
    return _count_rule(block)


def _named(block: str) -> TimeRule | None:
    try:
        return BLOCKS[block]
    except ArgumentError:
        return None


def _offset_rule(block: Any) -> Offset:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            offset = pd.tseries.frequencies.to_offset(block)
            step = _nominal_days(offset)
        except (ValueError, TypeError, Warning) as cause:
            unknown = unknown_name("block", block, BLOCKS)
            asked = block.strip().lower().replace("_", "-").replace(" ", "-") if isinstance(block, str) else ""
            own = _CALLED.get(asked)
            meant = "" if own is None or unknown.remedy.endswith("?") else f" Did you mean {own!r}?"
            more = f"{meant} A pandas offset such as 'W' or '10YS' works too, and so does a number of observations."
            raise ArgumentError(unknown.problem, unknown.remedy + more, argument="block") from cause
    name = block.strip() if isinstance(block, str) else offset.freqstr
    return Offset(name, step, DAYS_PER_YEAR / step, offset)


def _nominal_days(offset: pd.offsets.BaseOffset) -> float:
    """The mean length of the blocks of an offset; whole months count 365.25 / 12 days each."""
    origin = offset.rollforward(pd.Timestamp("2000-01-01"))
    days = ((origin + 4 * offset) - origin) / pd.Timedelta(days=4)
    if days <= 0:
        raise ValueError("an offset must move forward")
    if isinstance(offset, (pd.offsets.Tick, pd.offsets.Day, pd.offsets.Week)):
        return float(days)
    if days < 28:
        return 28 * DAYS_PER_YEAR / len(pd.date_range("2000-01-01", "2027-12-31", freq=offset))
    return round(days / DAYS_PER_MONTH) * DAYS_PER_MONTH


def _count_rule(block: Any) -> Count:
    expected = Text(Setting("block"), f" must be a name, a pandas offset or a number of observations, not {block!r}")
    if isinstance(block, (bool, np.bool_)):
        raise ArgumentError(Text(expected, "."))
    try:
        n = operator.index(block)
    except TypeError as cause:
        raise ArgumentError(expected, f"known names: {', '.join(map(repr, BLOCKS))}.") from cause
    if n < 1:
        raise ArgumentError(f"a block needs at least 1 observation, not {n}.", argument="block")
    return Count(f"{n} observation{'' if n == 1 else 's'}", n)


def _with_season(rule: BlockRule, season: str) -> Calendar:
    if rule != SEASON:
        raise _belongs(Setting("season", season), Setting("block", "season"), rule)
    name = season.strip().upper() if isinstance(season, str) else season
    if not isinstance(name, str) or name not in SEASONS:
        raise unknown_name("season", season, SEASONS)
    return one_season(name)


def _with_first_month(rule: BlockRule, first_month: int) -> Calendar:
    if rule != BLOCKS["water-year"]:
        raise _belongs(Setting("first_month", first_month), Setting("block", "water-year"), rule)
    if isinstance(first_month, bool) or first_month not in range(1, 13):
        raise ArgumentError(Text(Setting("first_month"), f" must be a month number from 1 to 12, not {first_month!r}."))
    return water_year(int(first_month))


def _belongs(one: Setting, other: Setting, rule: BlockRule) -> ArgumentError:
    return ArgumentError(Text(one, " belongs to ", other, f", not to block {rule.name!r}."))
