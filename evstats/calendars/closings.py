"""Closed time: places of the day, the week and the year that stay empty, day by day, week by week, year by year.

A place is closed where a run of cycles around it leaves it (all but) empty while other places of the same cycles are in
use, too regularly for chance. So a weekday is closed from the week on in which it ceases to hold values, whatever it
was before; an outage, which leaves every place empty, closes none; and values missing at random close none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, Ints, Mask

Counts = NDArray[np.int32]

#: A place that is used less than this often, against the one that is used most, is closed.
RARE = 0.1

#: A place is closed only where chance, at the mean rate of the open ones, would leave it empty less often than this.
SURE = 0.0001

#: How many days, weeks and years on end tell the habit of the time; where much is missing, it takes more of them.
DAYS, WEEKS, YEARS = (28,), (10, 40), 5

#: Of fewer years nothing can be said.
LEAST_YEARS = 3

#: Days without a value from which on a gap may be a season; shorter ones are not compared with other years.
LONG_DAYS = 45

#: A season may begin so much earlier, and end so much later, than in most of the years around.
TOLERANCE_DAYS = 30

#: Where weekdays are closed, gaps of up to so many days, weekends included, that are together no more than this share
#: of the open days of the year around them, are holidays.
DAYS_OFF, DAYS_OFF_SHARE = 10, 0.08

_WEEK, _PENTAD, _YEAR = 7, 5, 365.25
_PENTADS = _YEAR / _PENTAD
_MONDAY = 3  # 1970-01-01 was a Thursday
_MOST = 0.8
_LEAST_OPEN = 0.2


def closed_places(used: Mask, windows: Iterable[int]) -> Mask:
    """Which places are closed in which cycle, shape (cycles, places) as ``used``: whether a place holds a value.

    A place is closed in a cycle where it is empty in some run of so many cycles, or as many as there are, that holds
    the cycle; so a change of habit is found to the cycle.
    """
    closed = np.zeros(used.shape, dtype=bool)
    for window in windows:
        closed |= _closed(used, min(window, used.shape[0]))
    return closed


def _closed(used: Mask, window: int) -> Mask:
    counts = run_sums(used, window)
    most = counts.max(axis=1, initial=0)
    found, some = np.zeros(counts.shape, dtype=bool), np.flatnonzero(counts.min(axis=1, initial=window) <= RARE * most)
    empty = counts[some] <= RARE * most[some, None]
    rate = counts[some].sum(axis=1, where=~empty) / (window * np.maximum(1, (~empty).sum(axis=1)))
    found[some] = empty & ((1.0 - rate) ** window < SURE)[:, None]
    return in_any_run(found, window) if some.size else np.zeros(used.shape, dtype=bool)


def run_sums(values: Mask, window: int) -> Counts:
    """How many are true in each run of so many along the first axis; run i begins with i."""
    until = _until(values)
    return until[window:] - until[:-window]


def in_any_run(found: Mask, window: int) -> Mask:
    """Whether any of the runs that hold a place along the first axis was found."""
    until = _until(found)
    place = np.arange(found.shape[0] + window - 1)
    return until[np.minimum(place + 1, found.shape[0])] > until[np.maximum(place - window + 1, 0)]


def _until(values: Mask) -> Counts:
    until = np.zeros((values.shape[0] + 1, *values.shape[1:]), dtype=np.int32)
    np.cumsum(values, axis=0, out=until[1:])
    return until


@dataclass(frozen=True, eq=False)
class Weekdays:
    """The weekdays that are closed, ``closed`` (weeks, 7), week by week from the Monday ``first`` on.

    ``first`` is counted from 1970; ``lead`` days of the first week come before the first of the ``days``.
    """

    closed: Mask
    first: int
    lead: int
    days: int

    @property
    def free(self) -> Mask:
        """Whether each day is a closed weekday, shape (days,)."""
        return self.closed.ravel()[self.lead : self.lead + self.days]

    @property
    def business(self) -> Mask:
        """Whether any weekday is closed in the week of each day, shape (days,)."""
        return np.repeat(self.closed.any(axis=1), _WEEK)[self.lead : self.lead + self.days]


def of_the_week(missing: Mask, held: Ints, start: int) -> Weekdays:
    """The weekdays that hold no values, those of weeks without any as in the week after.

    ``missing`` has shape (days,), ``held`` are the days that hold values, ``start`` is the first day counted from 1970.
    """
    lead, days = (start + _MONDAY) % _WEEK, missing.size
    weeks = -(-(lead + days) // _WEEK)
    rows = np.flatnonzero(np.bincount((lead + held) // _WEEK, minlength=weeks))
    used = np.zeros(weeks * _WEEK, dtype=bool)
    used[lead : lead + days] = ~missing
    closed = np.zeros((weeks, _WEEK), dtype=bool)
    if _on_end(np.bincount(np.flatnonzero(~used) // _WEEK, minlength=weeks)[rows] > 0):
        nearest = np.minimum(np.searchsorted(rows, np.arange(weeks)), rows.size - 1)
        closed = closed_places(used.reshape(weeks, _WEEK)[rows], WEEKS)[nearest]
    return Weekdays(closed, start - lead, lead, days)


def _on_end(gappy: Mask) -> bool:
    """Whether values are missing in enough weeks on end for a weekday to be closed."""
    window = min(WEEKS[0], gappy.size)
    return bool((run_sums(gappy, window) > (1.0 - RARE) * window).any())


def of_the_year(empty: Mask) -> Mask:
    """Which of the days of long gaps, ``empty`` (days,), are closed in most of the years around; told in pentads.

    Of five years on end that hold the day and that have values at all, at least four, the year itself counted, are
    empty then, while most of the values of these years stand on dates that nearly all of them hold, and most of the
    gap is closed so: gaps at random times are no season. The season of a single year may be longer by a month at either
    end.
    """
    padded = np.append(empty, np.ones(-empty.size % _PENTAD, dtype=bool))
    whole: Mask = np.all(padded.reshape(-1, _PENTAD), axis=1)
    pentads = _pentads_closed(whole)
    if not pentads.any():
        return np.zeros_like(empty)
    closed = np.repeat(pentads, _PENTAD)[: empty.size] & empty
    reach = 2 * TOLERANCE_DAYS
    return empty & (around(closed & _mostly(closed, empty), reach) * (reach + 1) > 0.5)


def _mostly(closed: Mask, empty: Mask) -> Mask:
    """The days of those gaps of which at least two thirds are closed."""
    edges = np.flatnonzero(np.diff(empty, prepend=False, append=False))
    first, after = edges[::2], edges[1::2]
    until = np.append(0, np.cumsum(closed))
    mostly = np.flatnonzero(3 * (until[after] - until[first]) >= 2 * (after - first))
    marks = np.zeros(empty.size + 1, dtype=np.int64)
    marks[first[mostly]], marks[after[mostly]] = 1, -1
    return np.cumsum(marks)[:-1] > 0


def _pentads_closed(empty: Mask) -> Mask:
    observed = around(~empty, _PENTADS) >= _LEAST_OPEN
    closed, some = np.zeros_like(empty), np.flatnonzero(empty)
    agreed = np.array([_agree(shut, years) for years, shut in _votes(empty, observed, some)])
    if not agreed.any():
        return closed
    for (years, shut), here in zip(_votes(empty, observed, np.arange(empty.size)), agreed, strict=True):
        always_open, share_open = _agree(years - shut, years), 1.0 - shut / np.maximum(years, 1)
        regular = around(always_open, _PENTADS) >= 0.5 * around(share_open, _PENTADS)
        closed[some[here & regular[some]]] = True
    return closed


def _votes(empty: Mask, observed: Mask, pentads: Ints) -> Iterator[tuple[Counts, Counts]]:
    """For each run of five years that holds the pentads: in how many it is observed, and in how many of these empty."""
    shifts = np.rint(_PENTADS * np.arange(1 - YEARS, YEARS)).astype(np.intp)[:, None]
    place = pentads + shifts
    inside = np.clip(place, 0, empty.size - 1)
    counted = (place == inside) & observed[inside]
    return zip(run_sums(counted, YEARS), run_sums(counted & empty[inside], YEARS), strict=True)


def _agree(count: Counts, years: Counts) -> Mask:
    """Whether nearly all years, and enough of them, are of one kind."""
    return (years >= LEAST_YEARS) & (count >= _MOST * years)


def around(values: NDArray[np.generic], days: float) -> Array:
    """The mean of the values of so many days around each day, of those that there are."""
    until = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    place, half = np.arange(values.size), int(days // 2)
    low, high = np.maximum(place - half, 0), np.minimum(place + half + 1, values.size)
    return np.asarray((until[high] - until[low]) / (high - low), dtype=np.float64)


def days_off(missing: Mask, in_short_gap: Mask, open_days: Mask, business: Mask) -> Mask:
    """Which missing days are holidays: single days and short closings of a calendar that has free weekdays."""
    off = missing & in_short_gap
    return off & business & (around(off, _YEAR) <= DAYS_OFF_SHARE * around(open_days, _YEAR))
