"""What is said of the calendar of a record: its free days and hours, seasons, holidays, and its changing steps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evstats.arrays import Array, Ints, Mask
from evstats.calendars.rules import DAYS_PER_YEAR, MONTHS
from evstats.calendars.steps import is_constant
from evstats.notes import Note
from evstats.text.numbers import duration

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

#: Weeks for which a habit must hold to be named with its time.
_LONG_WEEKS = 26

#: Periods that are named one by one.
_NAMED = 4

#: The share of the time from which on a step is named.
_SEEN = 0.02


def of_weekdays(closed: Mask, start: int) -> Note | None:
    """The weekdays without values, ``closed`` (weeks, 7) from the Monday ``start`` on, with their time."""
    if not closed.any():
        return None
    patterns = closed @ (1 << np.arange(7))
    edges = np.flatnonzero(np.diff(patterns)) + 1
    first, last = np.append(0, edges), np.append(edges, patterns.size)
    runs = [(int(patterns[begin]), begin, end) for begin, end in zip(first, last, strict=True)]
    lasting = [run for run in runs if run[2] - run[1] >= min(_LONG_WEEKS, patterns.size)]
    named = {pattern for pattern, _, _ in lasting}
    if not named - {0}:
        return None
    if len(named) == 1:
        return Note("closed_weekdays", weekdays=_weekdays(lasting[0][0]))
    return Note("closed_weekdays_change", periods="; ".join(_listed(_periods(lasting, start))))


def _weekdays(pattern: int) -> str:
    names = [name for place, name in enumerate(WEEKDAYS) if pattern >> place & 1]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) if names else "no day"


def _periods(runs: list[tuple[int, int, int]], start: int) -> Iterator[str]:
    """Each pattern with its years, neighbours of one pattern together."""
    merged: list[tuple[int, int, int]] = []
    for pattern, begin, end in runs:
        if merged and merged[-1][0] == pattern:
            begin = merged.pop()[1]
        merged.append((pattern, begin, end))
    for pattern, begin, end in merged:
        yield f"{_weekdays(pattern)} {_years(_year(start + 7 * begin + 3), _year(start + 7 * end - 4))}"


def _years(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _listed(periods: Iterator[str]) -> list[str]:
    every = list(periods)
    return every if len(every) <= _NAMED else [*every[:2], f"{len(every) - 3} more", every[-1]]


def _year(day: int) -> int:
    return int(np.datetime64(int(day), "D").astype("datetime64[Y]").astype(int)) + 1970


def of_season(closed: Mask, first: np.int64, last: np.int64, start: int) -> Note | None:
    """The months without values, ``closed`` (days,), of the years with such between the first and the last value."""
    closed = closed[first : last + 1]
    if not closed.any():
        return None
    days = (start + first + np.arange(closed.size)).astype("datetime64[D]")
    months, years = days.astype("datetime64[M]").astype(int) % 12, days.astype("datetime64[Y]").astype(int) + 1970
    seasonal = np.unique(years[closed])
    in_such = np.isin(years, seasonal)
    shares = np.bincount(months[closed], minlength=12) / np.maximum(np.bincount(months[in_such], minlength=12), 1)
    shut = shares >= 0.5
    names = _months(shut) if shut.any() else MONTHS[int(np.argmax(shares))]
    return Note("closed_season", months=names, first=int(seasonal[0]), last=int(seasonal[-1]), years=seasonal.size)


def _months(shut: Mask) -> str:
    """``"Nov to Apr"``, or the months one by one where they are not on end."""
    begins = np.flatnonzero(shut & ~np.roll(shut, 1))
    if begins.size == 1 and shut.sum() > 1:
        return f"{MONTHS[begins[0]]} to {MONTHS[(begins[0] + shut.sum() - 1) % 12]}"
    return ", ".join(MONTHS[month] for month in np.flatnonzero(shut))


def of_holidays(holidays: Mask, open_days: Mask) -> Note | None:
    """How many days a year are taken for holidays."""
    count = int(np.count_nonzero(holidays))
    if not count:
        return None
    return Note("holidays", count=count, a_year=count / (holidays.size / DAYS_PER_YEAR), share=count / open_days.sum())


def of_hours(closed: Array) -> Note | None:
    """How much of a day holds values, ``closed`` (days,) being the share that does not."""
    hours = 24.0 * (1.0 - closed)
    fewest, most = (f"{hour:.3g}" for hour in (hours.min(), hours.max()))
    if closed.max() == 0.0:
        return None
    return Note("closed_hours", hours=fewest if fewest == most else f"{fewest} to {most}")


def of_steps(ticks: Ints, gaps: Ints, steps: Ints, day: int) -> Note | None:
    """The steps that rule at different times, each with its years, the rare ones left out; None where one does."""
    if is_constant(steps):
        return None
    first = np.append(0, np.flatnonzero(steps[1:] != steps[:-1]) + 1)
    distinct, run = np.unique(steps[first], return_inverse=True)
    times = np.bincount(run, np.add.reduceat(gaps, first))
    named: list[tuple[int, int, int]] = []
    for kind in np.flatnonzero(times >= _SEEN * times.sum()):
        runs = np.flatnonzero(run == kind)
        end = first[runs[-1] + 1] if runs[-1] + 1 < first.size else steps.size
        named.append((_year(ticks[first[runs[0]]] // day), _year(ticks[end] // day), int(distinct[kind])))
    if len(named) < 2:
        return None
    told = (f"{duration(step * 86_400 / day)} {_years(begin, end)}" for begin, end, step in sorted(named))
    return Note("step_changes", steps=tuple(told))
