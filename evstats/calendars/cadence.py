"""How often a record was sampled at each time of it, and so how much of a block it holds.

One idea: **a value is missing where the record, at that time, would hold one.** What it would hold is read from the
timestamps around: the step (``steps``: a gap is wide where it is longer than the steps beside it, not than those of
another decade), and the places of the day, the week and the year that stay empty day by day, week by week, year by year
(``closings``). Coverage is the share of the time that is not missing, closed time left out of the account. It is
counted in time and not in values, so that seven months are seven months also where the other five were sampled more
often.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evstats.arrays import Array, Ints, Places
from evstats.calendars import habits
from evstats.calendars.days import Account, Days, account_of
from evstats.calendars.hours import Parts, with_parts
from evstats.calendars.precision import last_day
from evstats.calendars.rules import Blocks
from evstats.calendars.steps import local_steps, missing_values, on_the_wall, usual_step, wide_gaps
from evstats.notes import Note

DAY = np.timedelta64(1, "D")

#: A record must span this long before time without a value counts as closed rather than as a gap.
SETTLED_DAYS = 21

_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Gaps:
    """The gaps in which values are missing.

    ``place`` (n,) counts the timestamps, each once: a gap leads from that one to the next. ``counts`` says how many
    values are missing, ``steps`` how far apart they would stand, in ticks of the index.
    """

    place: Places
    counts: Array
    steps: Array


@dataclass(frozen=True, eq=False)
class Cadence:
    """The time that a record covers, by day.

    ``missing`` and ``closed`` have shape (days + 1,): how many days of values are missing, and how many are closed and
    expected to hold none, from the first day, ``start``, counted from 1970, to the beginning of each. ``step`` is the
    commonest step, None for events at irregular times, ``constant`` whether it is the only one; ``period`` is the time
    after which free hours or days come again, None where there are none; ``gaps`` are those within the record, and
    ``notes`` say what a user should know of how coverage is judged.
    """

    start: int
    missing: Array
    closed: Array
    step: np.timedelta64 | None
    gaps: Gaps
    constant: bool = True
    period: np.timedelta64 | None = None
    notes: tuple[Note, ...] = ()

    def coverage(self, blocks: Blocks, present: Places) -> Array:
        """The share of each block, less what is closed, in which no value is missing; 0 where none is present.

        ``present`` (blocks,) counts the values of each block: those of blocks shorter than a day are compared with
        their length in steps.
        """
        spans = (blocks.ends - blocks.starts).to_numpy()
        if self.step is not None and (spans < DAY).any():
            return np.minimum(present * np.asarray(self.step / spans, dtype=np.float64), 1.0)
        edges = np.array([stamps.as_unit("s").asi8 for stamps in (blocks.starts, blocks.ends)]) / 86_400.0 - self.start
        days = np.arange(self.missing.size)
        missing, closed = (np.diff(np.interp(edges, days, until), axis=0)[0] for until in (self.missing, self.closed))
        open_time = np.maximum(spans / DAY - closed, _ROUNDING)
        return np.where(present > 0, np.clip((open_time - missing) / open_time, 0.0, 1.0), 0.0)


def cadence_of(
    index: pd.DatetimeIndex,
    blocks: Blocks | None = None,
    *,
    one_step: bool = False,
    events: bool = False,
    leap_days: bool = True,
) -> Cadence:
    """The cadence of sorted timestamps of non-missing values, repeated ones included; days are those of local time.

    The time to account for is that of the record and of the blocks. With ``one_step`` the commonest step is expected
    all the time, whatever rules around. Of ``events`` none is missing between two of them, nor after the last until the
    end of the year or month that its date tells (``precision``). ``leap_days`` says whether the calendar has a 29
    February, on which values can be missing.
    """
    day = int(DAY // np.timedelta64(1, index.unit))
    instants, ticks = index.asi8, on_the_wall(index).asi8
    gaps: Ints = instants[1:] - instants[:-1]
    if repeats := gaps.size - np.count_nonzero(gaps):
        ticks, gaps = ticks[np.append(True, gaps > 0)], gaps[gaps > 0]
    dates = _dates(ticks, gaps, day)
    first, last = _span(dates, blocks)
    step = None if events else usual_step(gaps, repeats / (repeats + gaps.size + 1))
    if step is None:
        notes = () if events else (Note("irregular_times"),)
        until = last_day(index) if events else int(dates[-1])
        return _of_events(int(dates[0]) - first, until - first, first, max(last, until) + 1 - first, notes)
    days = Days.of(dates, first, last, max(1, round(step / day)), one_step)
    settled = bool(ticks[-1] - ticks[0] >= SETTLED_DAYS * day)
    account = account_of(days) if settled else Account(days.missing, np.zeros(days.count))
    account = account if leap_days else account.without(days.leap_days)
    if ticks.size == dates.size:
        steps, parts = days.steps[1:-1] * day, None
    else:
        steps = local_steps(gaps, step, one_step)
        account, parts = with_parts(account, days, Parts.of(ticks, gaps, steps, day), step, settled)
    account = account.saying(change := habits.of_steps(ticks, gaps, steps, day))
    return Cadence(
        first,
        _cumulated(account.missing),
        _cumulated(account.closed),
        np.timedelta64(step, index.unit),
        _gaps(ticks, gaps, steps, days, account, parts, day),
        change is None,
        np.timedelta64(account.period, "D") if account.period else None,
        account.notes,
    )


def _dates(ticks: Ints, gaps: Ints, day: int) -> Ints:
    """The days that hold a timestamp, counted from 1970: all but those that gaps of more than a day leap over."""
    first, days = int(ticks[0] // day), int(ticks[-1] // day - ticks[0] // day + 1)
    leaps = np.flatnonzero(gaps > day)
    begin, end = ticks[leaps] // day - first, ticks[leaps + 1] // day - first
    leapt = np.cumsum(np.bincount(begin + 1, minlength=days + 1) - np.bincount(end, minlength=days + 1))
    return np.flatnonzero(leapt[:days] == 0) + first


def _span(dates: Ints, blocks: Blocks | None) -> tuple[int, int]:
    """The first and the last day of the record and of the blocks."""
    first, last = int(dates[0]), int(dates[-1])
    if blocks is None or not len(blocks.starts):
        return first, last
    begin, end = (stamp.timestamp() / 86_400.0 for stamp in (blocks.starts[0], blocks.ends[-1]))
    return min(first, int(np.floor(begin))), max(last, int(np.ceil(end)) - 1)


def _of_events(begun: int, until: int, start: int, days: int, notes: tuple[Note, ...]) -> Cadence:
    """Events at irregular times, of which only the time before the first and after the last can be judged."""
    missing = np.ones(days)
    missing[begun : until + 1] = 0.0
    nowhere = Gaps(np.empty(0, dtype=np.intp), np.empty(0), np.empty(0))
    return Cadence(start, _cumulated(missing), np.zeros(days + 1), None, nowhere, notes=notes)


def _cumulated(daily: Array) -> Array:
    return np.append(0.0, np.cumsum(daily))


def _gaps(ticks: Ints, gaps: Ints, steps: Ints, days: Days, account: Account, parts: Parts | None, day: int) -> Gaps:
    """Where values are missing within the record: on the days in a gap, and on those that it begins and ends with."""
    place = wide_gaps(gaps, steps)
    until, begin, end = _cumulated(account.missing), ticks[place], ticks[place + 1]
    lost = (until[end // day - days.start] - until[np.minimum(begin, end - 1) // day + 1 - days.start]) * day
    if parts is not None:
        lost = np.maximum(lost, 0.0) + parts.by_gap(place)
    spacing = gaps[place] / (missing_values(gaps[place], steps[place]) + 1)
    some = lost > _ROUNDING * day
    return Gaps(place[some], lost[some] / spacing[some], spacing[some])
