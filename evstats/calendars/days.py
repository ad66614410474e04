"""The days of a record: which hold values, which are missing, and which are closed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evstats.arrays import Array, Ints, Mask
from evstats.calendars import closings, habits
from evstats.calendars.steps import local_steps, missing_values
from evstats.notes import Note

#: Where values stand further apart for a time, further than so many days and than usual, the time between is a gap.
LONGEST_STEP = 7


@dataclass(frozen=True, eq=False)
class Days:
    """The days that hold values, ``held`` (n,), of ``count`` days from ``start`` on, which is counted from 1970.

    ``gaps`` and ``steps`` (n + 1,) lead from each to the next, from the day before the first day to the day after the
    last.
    """

    held: Ints
    count: int
    start: int
    gaps: Ints
    steps: Ints

    @classmethod
    def of(cls, dates: Ints, first: int, last: int, usual: int, one_step: bool) -> Days:
        """Of the dates that hold values, from the first day to the last, with the steps that rule around each gap."""
        held, count = dates - first, last + 1 - first
        gaps = np.diff(held, prepend=-1, append=count)
        return cls(held, count, first, gaps, local_steps(gaps, usual, one_step, LONGEST_STEP))

    @property
    def holding(self) -> Mask:
        """Whether each day holds a value, shape (count,)."""
        holding = np.zeros(self.count, dtype=bool)
        holding[self.held] = True
        return holding

    @property
    def missing(self) -> Array:
        """How many days without values each day stands for, shape (count,)."""
        counts = missing_values(self.gaps, self.steps)
        gap = np.repeat(np.arange(counts.size), counts)
        place = np.arange(1, gap.size + 1) - np.repeat(np.cumsum(counts) - counts, counts)
        spacing = (self.gaps / (counts + 1))[gap]
        missing = np.zeros(self.count)
        missing[np.append(-1, self.held)[gap] + np.rint(place * spacing).astype(np.intp)] = spacing
        return missing

    @property
    def leap_days(self) -> Mask:
        """Which days are a 29 February, shape (count,)."""
        dates = (self.start + np.arange(self.count)).astype("datetime64[D]")
        months = dates.astype("datetime64[M]")
        day = (dates - months).astype(np.int64) + 1
        return np.asarray((months.astype(np.int64) % 12 == 1) & (day == 29))

    def within(self, gaps: Mask) -> Mask:
        """The days in some of the gaps, shape (count,)."""
        return np.repeat(gaps, self.gaps)[: self.count] & ~self.holding

    def nearest(self, values: Array) -> Array:
        """What holds for each day held (n,), for every day (count,): for others what holds for the next."""
        return values[np.minimum(np.searchsorted(self.held, np.arange(self.count)), self.held.size - 1)]


@dataclass(frozen=True, eq=False)
class Account:
    """How much of each day is missing and how much is closed, shape (days,), and what to say of it.

    ``period`` is the number of days after which free hours or days come again, 0 where there are none.
    """

    missing: Array
    closed: Array
    period: int = 0
    notes: tuple[Note, ...] = ()

    def without(self, shut: Mask) -> Account:
        """With the missing days that are shut taken for closed."""
        closed = np.where(shut, self.missing, 0.0)
        return replace(self, missing=self.missing - closed, closed=self.closed + closed)

    def saying(self, note: Note | None, period: int = 0) -> Account:
        """With a note, if there is one, and the period of what it says."""
        if note is None:
            return self
        return replace(self, notes=(*self.notes, note), period=max(self.period, period))


def account_of(days: Days) -> Account:
    """The days without a value, those apart that are closed by the week, by the year, or as holidays."""
    account = Account(days.missing, np.zeros(days.count))
    weekdays = closings.of_the_week(days.within(2 * days.gaps > 3 * days.steps), days.held, days.start)
    account = account.without(weekdays.free).saying(habits.of_weekdays(weekdays.closed, weekdays.first), period=7)
    long = days.gaps > np.maximum(closings.LONG_DAYS, 3 * days.steps)
    long[[0, -1]] = True  # how long they are is not known
    if np.count_nonzero(long[1:-1]) >= closings.LEAST_YEARS - 1:
        season = closings.of_the_year(days.within(long))
        account = account.without(season).saying(habits.of_season(season, days.held[0], days.held[-1], days.start))
    if not weekdays.closed.any():
        return account
    short = (days.gaps <= closings.DAYS_OFF) & (days.steps == 1)
    short[[0, -1]] = False
    open_days = account.closed == 0
    holidays = closings.days_off(account.missing > 0, days.within(short), open_days, weekdays.business)
    return account.without(holidays).saying(habits.of_holidays(holidays, open_days))
