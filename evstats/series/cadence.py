"""How often a record was sampled, and so how many timestamps a whole block should hold."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evstats.series.calendars import DAYS_PER_MONTH, Blocks

Floats = NDArray[np.float64]

DAY = np.timedelta64(1, "D")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday."""

RARE = 0.1
"""Weekdays and hours seen less than this often, against the commonest, are not expected to hold a value."""

REPEATED = 0.05
"""With more repeated timestamps than this share, a record whose steps vary is a list of events."""

SETTLED_DAYS = 28
"""A record must span this long before weekdays or hours without a value count as a habit rather than a gap."""


@dataclass(frozen=True)
class Cadence(ABC):
    """The sampling of a record; ``notes`` say what a user should know about how coverage was judged."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences, none where there is nothing unusual."""
        return ()

    @abstractmethod
    def coverage(self, blocks: Blocks, present: NDArray[np.int64]) -> Floats:
        """Distinct timestamps present over timestamps expected in each whole block, at most 1."""

    @abstractmethod
    def observations(self, days: float) -> float | None:
        """Nominal number of observations in that many days, None where there is no fixed number."""


@dataclass(frozen=True)
class Steps(Cadence):
    """A value every ``step`` on the days of ``weekdays``; ``per_day`` values a day where days or hours are left out."""

    step: np.timedelta64
    weekdays: tuple[bool, ...] = (True,) * 7
    per_day: int | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Which days or hours are not expected to hold a value."""
        if self.per_day is None:
            return ()
        missing = [day for day, used in zip(WEEKDAYS, self.weekdays, strict=True) if not used]
        absent = f", none on {' and '.join(missing)}" if missing else ""
        return (f"Coverage expects values as the record has them: {self.per_day} a day{absent}.",)

    def coverage(self, blocks: Blocks, present: NDArray[np.int64]) -> Floats:
        """Distinct timestamps over those expected at the modal step."""
        spans = (blocks.ends - blocks.starts).to_numpy()
        expected = np.asarray(spans / self.step, dtype=np.float64)
        if self.per_day is not None and (spans >= DAY).all():
            first, last = (stamps.to_numpy().astype("datetime64[D]") for stamps in (blocks.starts, blocks.ends))
            expected = self.per_day * np.busday_count(first, last, weekmask=self.weekdays).astype(np.float64)
        return np.minimum(present / np.maximum(expected, 1.0), 1.0)

    def observations(self, days: float) -> float | None:
        """Days times the values of a mean day."""
        if self.per_day is not None:
            return days * self.per_day * sum(self.weekdays) / 7
        return float(days * (DAY / self.step))


@dataclass(frozen=True)
class MonthSteps(Cadence):
    """A value every ``months`` calendar months, however many days these have."""

    months: int

    def coverage(self, blocks: Blocks, present: NDArray[np.int64]) -> Floats:
        """Distinct timestamps over the months of the block that should hold one."""
        spans = blocks.ends.to_numpy().astype("datetime64[M]") - blocks.starts.to_numpy().astype("datetime64[M]")
        expected: Floats = spans.astype(np.float64) / self.months
        return np.minimum(present / np.maximum(expected, 1.0), 1.0)

    def observations(self, days: float) -> float | None:
        """Months in that many days."""
        return days / DAYS_PER_MONTH / self.months


@dataclass(frozen=True)
class Events(Cadence):
    """Events at irregular times from ``first`` to ``last``: no step, so only the ends of the record can be judged."""

    first: np.datetime64
    last: np.datetime64

    @property
    def notes(self) -> tuple[str, ...]:
        """That coverage is the share of the block inside the record."""
        return (
            "The timestamps follow no regular step (an event list?): gaps cannot be told from quiet times, so "
            "coverage is the share of a block between the first and the last timestamp.",
        )

    def coverage(self, blocks: Blocks, present: NDArray[np.int64]) -> Floats:
        """The share of each block that lies within the record."""
        starts, ends = blocks.starts.to_numpy(), blocks.ends.to_numpy()
        inside = np.minimum(ends, self.last + DAY) - np.maximum(starts, self.first)
        return np.asarray(inside / (ends - starts), dtype=np.float64)

    def observations(self, days: float) -> float | None:
        """Not fixed for events."""
        return None


def cadence_of(index: pd.DatetimeIndex) -> Cadence:
    """The cadence of sorted naive timestamps of non-missing values (local time), repeated ones included.

    The modal step rules. Steps of a month or more count calendar months; weekdays and times of day that never hold a
    value are not expected to, where the step is from a minute to a day; where no step dominates the record is a list
    of events.
    """
    ticks: NDArray[np.int64] = index.asi8
    day = int(DAY // np.timedelta64(1, index.unit))
    gaps: NDArray[np.int64] = ticks[1:] - ticks[:-1]
    steps = gaps[gaps > 0]
    if steps.size == 0:
        return Events(index[0].to_datetime64(), index[-1].to_datetime64())
    step, share = _mode(steps)
    if step >= 28 * day and share < 0.9:
        months, month_share = _mode(_month_gaps(index))
        if months > 0 and month_share >= 0.5:
            return MonthSteps(months)
    repeats = 1.0 - steps.size / gaps.size
    if share < (0.5 if repeats > REPEATED else 0.1):
        return Events(index[0].to_datetime64(), index[-1].to_datetime64())
    whole = Steps(np.timedelta64(step, index.unit))
    if ticks[-1] - ticks[0] < SETTLED_DAYS * day or step * 1440 < day or day % step:
        return whole
    per_day = day // step
    week = np.bincount(ticks // step % (7 * per_day), minlength=7 * per_day).reshape(7, per_day)
    weekdays = _common(np.roll(week.sum(axis=1), EPOCH_WEEKDAY))
    slots = _common(week.sum(axis=0))
    if weekdays.all() and slots.all():
        return whole
    return Steps(whole.step, tuple(bool(used) for used in weekdays), int(slots.sum()))


def _month_gaps(index: pd.DatetimeIndex) -> NDArray[np.int64]:
    months: NDArray[np.int64] = index.to_numpy().astype("datetime64[M]").astype(np.int64)
    return months[1:] - months[:-1]


def middle_gap(index: pd.DatetimeIndex) -> np.timedelta64:
    """About the median distance of neighbouring timestamps, 0 for a single one."""
    gaps: NDArray[np.int64] = index.asi8[1:] - index.asi8[:-1]
    return np.timedelta64(_middle(gaps) if gaps.size else 0, index.unit)


def _middle(values: NDArray[np.int64]) -> int:
    """The median of runs of neighbouring values, taken evenly from a long record: selecting among millions is slow."""
    if values.size > _ALL:
        starts = np.linspace(0, values.size - _RUN, _ALL // _RUN).astype(int)
        values = values[(starts[:, None] + np.arange(_RUN)).ravel()]
    return int(np.median(values))


#: Gaps up to which all are looked at, and the length of the runs taken from more.
_ALL, _RUN = 20_000, 1_000


def _mode(values: NDArray[np.int64]) -> tuple[int, float]:
    """The commonest value and its share; a long record is not sorted where its median is that value."""
    median = _middle(values)
    share = np.count_nonzero(values == median) / values.size
    if share > 0.5:
        return median, share
    distinct, counts = np.unique(values, return_counts=True)
    return int(distinct[counts.argmax()]), float(counts.max() / values.size)


def _common(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which weekdays or times of day hold a value often enough to be expected."""
    return np.asarray(counts >= RARE * counts.max())
