"""How often a record was sampled at each time of it, and so how much of a block it holds.

One idea: **a value is missing where the record, at that time, would hold one.** What it would hold is read from the
timestamps around: the step (a gap is wide where it is longer than the steps beside it, not than those of another
decade), and the places of the day, the week and the year that stay empty day after day, week after week, year after
year (``closings``). Coverage is the share of the time that is not missing, closed time left out of the account. It is
counted in time and not in values, so that seven months are seven months also where the other five were sampled more
often.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evstats.notes import Note
from evstats.series import closings, habits
from evstats.series.calendars import Blocks
from evstats.series.steps import local_steps, missing_values, usual_step, wide_gaps

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

DAY = np.timedelta64(1, "D")

LONGEST_DAYS = 7
"""Where values stand further apart for a time, further than this and than usual, the time between them is a gap."""

SETTLED_DAYS = 28
"""A record must span this long before time without a value counts as closed rather than as a gap."""

_ROUNDING = 1e-9

REGULAR, CELLS = 0.1, 96
"""From so many gaps a day on, parts of the day may be closed; they are told in steps, of a quarter of an hour at least."""


@dataclass(frozen=True, eq=False)
class Cadence:
    """The time that a record covers, by day.

    ``missing`` and ``closed`` have shape (days + 1,): how many days of values are missing, and how many are closed and
    expected to hold none, from the first day, ``start``, counted from 1970, to the beginning of each. ``step`` is the
    commonest step, None for events at irregular times; ``constant`` whether it is the only one; ``notes`` say what a
    user should know of how coverage is judged.
    """

    start: int
    missing: Floats
    closed: Floats
    step: np.timedelta64 | None
    constant: bool = True
    notes: tuple[Note, ...] = ()

    def coverage(self, blocks: Blocks, present: NDArray[np.intp]) -> Floats:
        """The share of each block, less what is closed, in which no value is missing; 0 where none is present.

        ``present`` (blocks,) counts the values of each block: those of blocks shorter than a day are compared with
        their length in steps.
        """
        spans = (blocks.ends - blocks.starts).to_numpy()
        if self.step is not None and (spans < DAY).any():
            return np.minimum(present * np.asarray(self.step / spans, dtype=np.float64), 1.0)
        missing, closed = (
            np.diff([self.until(total, stamps) for stamps in (blocks.starts, blocks.ends)], axis=0)[0]
            for total in (self.missing, self.closed)
        )
        open_time = np.maximum(spans / DAY - closed, _ROUNDING)
        return np.where(present > 0, np.clip((open_time - missing) / open_time, 0.0, 1.0), 0.0)

    def until(self, total: Floats, stamps: pd.DatetimeIndex) -> Floats:
        """How much of ``missing`` or ``closed`` lies before each timestamp."""
        days = stamps.as_unit("s").asi8 / 86_400.0 - self.start
        return np.asarray(np.interp(days, np.arange(total.size), total), dtype=np.float64)


def cadence_of(index: pd.DatetimeIndex, blocks: Blocks | None = None) -> Cadence:
    """The cadence of sorted naive timestamps of non-missing values (local time), repeated ones included.

    The time to account for is that of the record and of the blocks.
    """
    day = int(DAY // np.timedelta64(1, index.unit))
    ticks: Ints = index.asi8
    gaps = ticks[1:] - ticks[:-1]
    if repeats := gaps.size - np.count_nonzero(gaps):
        ticks, gaps = ticks[np.append(True, gaps > 0)], gaps[gaps > 0]
    held = ticks // day
    held = held[np.append(True, held[1:] != held[:-1])]
    first, last = int(held[0]), int(held[-1]) + 1
    if blocks is not None and len(blocks.starts):
        begin, end = (stamp.timestamp() / 86_400.0 for stamp in (blocks.starts[0], blocks.ends[-1]))
        first, last = min(first, int(np.floor(begin))), max(last, int(np.ceil(end)))
    step = usual_step(gaps, repeats / (repeats + gaps.size + 1))
    if step is None:
        return _of_events(held - first, first, last - first)
    days = _Days.of(held - first, last - first, first, max(1, round(step / day)))
    settled = bool(ticks[-1] - ticks[0] >= SETTLED_DAYS * day)
    account = _account_of(days) if settled else _Account(days.missing, np.zeros(days.days))
    if ticks.size == held.size:
        steps = days.steps[1:-1] * day
    else:
        steps = local_steps(gaps, step)
        account = _with_parts(account, days, _PartsOfDays.of(ticks, gaps, steps, day), min(CELLS, max(1, day // step)), settled)
    change = habits.of_steps(ticks, gaps, steps, index.unit)
    notes = account.notes if change is None else (*account.notes, change)
    missing, closed = _cumulated(account.missing), _cumulated(account.closed)
    return Cadence(first, missing, closed, np.timedelta64(step, index.unit), change is None, notes)


def _of_events(held: Ints, start: int, days: int) -> Cadence:
    """Events at irregular times, of which only the time before the first and after the last can be judged."""
    missing = np.ones(days)
    missing[held[0] : held[-1] + 1] = 0.0
    return Cadence(start, _cumulated(missing), np.zeros(days + 1), None, notes=(Note("irregular_times"),))


def _cumulated(daily: Floats) -> Floats:
    return np.append(0.0, np.cumsum(daily))


@dataclass(frozen=True, eq=False)
class _Days:
    """The days that hold values, ``held`` (n,), of ``days`` counted from ``start``.

    ``gaps`` and ``steps`` (n + 1,) lead from each to the next, from the day before the first day to the day after the
    last.
    """

    held: Ints
    days: int
    start: int
    gaps: Ints
    steps: Ints

    @classmethod
    def of(cls, held: Ints, days: int, start: int, usual: int) -> _Days:
        """With the steps that rule around each gap."""
        gaps = np.diff(held, prepend=-1, append=days)
        return cls(held, days, start, gaps, local_steps(gaps, usual, longest=LONGEST_DAYS))

    @property
    def holding(self) -> Mask:
        """Whether each day holds a value, shape (days,)."""
        holding = np.zeros(self.days, dtype=bool)
        holding[self.held] = True
        return holding

    @property
    def missing(self) -> Floats:
        """How many days without values each day stands for, shape (days,)."""
        counts = missing_values(self.gaps, self.steps)
        gap = np.repeat(np.arange(counts.size), counts)
        place = np.arange(1, gap.size + 1) - np.repeat(np.cumsum(counts) - counts, counts)
        spacing = (self.gaps / (counts + 1))[gap]
        missing = np.zeros(self.days)
        missing[np.append(-1, self.held)[gap] + np.rint(place * spacing).astype(np.intp)] = spacing
        return missing

    def within(self, gaps: Mask) -> Mask:
        """The days in some of the gaps, shape (days,)."""
        return np.repeat(gaps, self.gaps)[: self.days] & ~self.holding


@dataclass(frozen=True, eq=False)
class _Account:
    """How much of each day is missing and how much is closed, shape (days,), and what to say of it."""

    missing: Floats
    closed: Floats
    notes: tuple[Note, ...] = ()

    def without(self, shut: Mask, note: Note | None = None) -> _Account:
        """With the missing days that are shut taken for closed."""
        closed = np.where(shut, self.missing, 0.0)
        notes = self.notes if note is None else (*self.notes, note)
        return _Account(self.missing - closed, self.closed + closed, notes)


def _account_of(days: _Days) -> _Account:
    """The days without a value, those apart that are closed by the week, by the year, or as holidays."""
    account = _Account(days.missing, np.zeros(days.days))
    weekdays = closings.of_the_week(days.within(missing_values(days.gaps, days.steps) > 0), days.holding, days.start)
    account = account.without(weekdays.free, habits.of_weekdays(weekdays.closed, days.start - weekdays.lead))
    long = days.gaps > np.maximum(closings.LONG_DAYS, 3 * days.steps)
    if np.count_nonzero(long) >= closings.LEAST_YEARS:
        season = closings.of_the_year(days.within(long))
        account = account.without(season, habits.of_season(season, days.held[0], days.held[-1], days.start))
    if not weekdays.closed.any():
        return account
    short = (days.gaps <= closings.DAYS_OFF) & (days.steps == 1)
    short[[0, -1]] = False
    open_days = account.closed == 0
    holidays = closings.days_off(account.missing > 0, days.within(short), open_days, weekdays.business)
    return account.without(holidays, habits.of_holidays(holidays, open_days))


@dataclass(frozen=True, eq=False)
class _PartsOfDays:
    """The parts without values of days that hold some: where they begin and end, and how much is missing, in ticks.

    ``after_value`` says whether a part begins at a value, or at midnight; ``day`` is the length of a day.
    """

    begin: Ints
    end: Ints
    after_value: Mask
    missing: Floats
    day: int

    @classmethod
    def of(cls, ticks: Ints, gaps: Ints, steps: Ints, day: int) -> _PartsOfDays:
        """Of gaps that are wide beside the steps around them, cut at midnight; the ends of the record make two more."""
        wide = wide_gaps(gaps, steps)
        before = ticks[0] - (ticks[0] % day // steps[0] + 1) * steps[0]
        after = ticks[-1] - (ticks[-1] % day - day) // steps[-1] * steps[-1]
        begin = np.concatenate([[before], ticks[wide], ticks[-1:]])
        end = np.concatenate([ticks[:1], ticks[wide + 1], [after]])
        step = np.concatenate([steps[:1], steps[wide], steps[-1:]])
        spacing = (end - begin) / (missing_values(end - begin, step) + 1)
        midnight = end // day * day
        evening = np.minimum(end, (begin // day + 1) * day)
        morning = np.where(begin < midnight, midnight, end)
        missing = np.concatenate(
            [
                (np.ceil((evening - begin) / spacing - _ROUNDING) - 1.0) * spacing,
                np.floor((end - morning) / spacing + _ROUNDING) * spacing,
            ]
        )
        some = missing > 0
        after_value = np.arange(some.size) < begin.size
        begin, end = np.append(begin, morning), np.append(evening, end)
        return cls(begin[some], end[some], after_value[some], missing[some], day)

    def by_day(self, days: _Days) -> Floats:
        """How much of each day is missing, shape (days,)."""
        return np.bincount(self.begin // self.day - days.start, self.missing / self.day, minlength=days.days)

    def without(self, shut: Mask, held: Ints) -> _PartsOfDays:
        """With what is shut, cells of the days held (n, cells), not missing."""
        low, high, cell = self._cells(shut.shape[1], held)
        until = np.append(0, np.cumsum(shut))
        closed = (until[np.maximum(high, low)] - until[low]) * cell
        return replace(self, missing=np.maximum(self.missing - closed, 0.0))

    def shut(self, cells: int, held: Ints) -> Mask:
        """Which cells of a day stay empty day after day, shape (days held, cells)."""
        low, high, _ = self._cells(cells, held)
        edges = np.bincount(low, minlength=held.size * cells + 1)
        edges = edges - np.bincount(np.maximum(high, low), minlength=held.size * cells + 1)
        empty = np.cumsum(edges[:-1]) > 0
        return closings.closed_places(~empty.reshape(held.size, cells), closings.DAYS)

    def _cells(self, cells: int, held: Ints) -> tuple[Ints, Ints, int]:
        """The first cell that lies in each part and the first after it, counted over all days held; ticks in a cell."""
        cell, date = self.day // cells, self.begin // self.day
        first = (np.searchsorted(held, date) - date) * cells
        return self.begin // cell + self.after_value + first, self.end // cell + first, cell


def _with_parts(account: _Account, days: _Days, parts: _PartsOfDays, cells: int, settled: bool) -> _Account:
    """With what is missing of days that hold values, and with the hours of the day that are closed."""
    if not settled or parts.begin.size < REGULAR * days.held.size:
        return replace(account, missing=account.missing + parts.by_day(days))
    shut = parts.shut(cells, days.held + days.start)
    nearest = np.minimum(np.searchsorted(days.held, np.arange(days.days)), days.held.size - 1)
    share = shut.mean(axis=1)[nearest]
    missing = account.missing * (1.0 - share) + parts.without(shut, days.held + days.start).by_day(days)
    note = habits.of_hours(share)
    notes = account.notes if note is None else (*account.notes, note)
    return _Account(missing, np.maximum(account.closed, share), notes)
