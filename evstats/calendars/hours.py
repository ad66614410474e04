"""The parts of days that hold values: which hours are missing, and which are closed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evstats.arrays import Array, Ints, Mask
from evstats.calendars import closings, habits
from evstats.calendars.days import Account, Days
from evstats.calendars.steps import missing_values, wide_gaps

#: From so many parts without values a day on, some may be closed.
REGULAR = 0.1

#: Closed hours are told in steps of the record, of which a day has no more than these.
CELLS = 96

_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Parts:
    """The parts without values of days that hold some: where they begin and end, and how much is missing, in ticks.

    ``place`` is that of the gap that a part belongs to, -1 before the first timestamp; ``after_value`` says whether a
    part begins at a value or at midnight; ``day`` is the length of a day.
    """

    begin: Ints
    end: Ints
    place: Ints
    after_value: Mask
    missing: Array
    day: int

    @classmethod
    def of(cls, ticks: Ints, gaps: Ints, steps: Ints, day: int) -> Parts:
        """Of gaps that are wide beside the steps around them, cut at midnight; the ends of the record make two more.

        ``ticks`` is the time on the wall, ``gaps`` the time that passes.
        """
        wide = wide_gaps(gaps, steps)
        before = ticks[0] % day // steps[0] + 1
        after = -((ticks[-1] % day - day) // steps[-1])
        begin = np.concatenate([ticks[:1] - before * steps[0], ticks[wide], ticks[-1:]])
        end = np.concatenate([ticks[:1], ticks[wide + 1], ticks[-1:] + after * steps[-1]])
        counts = np.concatenate([[before - 1], missing_values(gaps[wide], steps[wide]), [after - 1]])
        spacing = (end - begin) / (counts + 1)
        midnight = end // day * day
        evening = np.minimum(end, (begin // day + 1) * day)
        morning = np.where(begin < midnight, midnight, end)
        before_midnight = np.ceil((evening - begin) / spacing - _ROUNDING) - 1.0
        after_midnight = np.floor((end - morning) / spacing + _ROUNDING)
        missing = np.append(before_midnight * spacing, after_midnight * spacing)
        some = missing > 0
        place = np.concatenate([[-1], wide, [gaps.size]])
        return cls(
            np.append(begin, morning)[some],
            np.append(evening, end)[some],
            np.append(place, place)[some],
            (np.arange(some.size) < begin.size)[some],
            missing[some],
            day,
        )

    def by_day(self, days: Days) -> Array:
        """How much of each day is missing, shape (days,)."""
        date = np.clip(self.begin // self.day - days.start, 0, days.count - 1)
        return np.bincount(date, self.missing / self.day, minlength=days.count).astype(np.float64)

    def by_gap(self, place: Ints) -> Array:
        """How much of each of these gaps is missing, those of the record that are wide."""
        inside = (self.place >= 0) & np.isin(self.place, place)
        gap = np.searchsorted(place, self.place[inside])
        return np.bincount(gap, self.missing[inside], minlength=place.size).astype(np.float64)

    def without(self, shut: Mask, dates: Ints) -> Parts:
        """With what is shut, cells (dates, cells) of the dates that hold values, not missing."""
        low, high, cell = self._cells(shut.shape[1], dates)
        until = np.append(0, np.cumsum(shut))
        closed = (until[np.maximum(high, low)] - until[low]) * cell
        return replace(self, missing=np.maximum(self.missing - closed, 0.0))

    def shut(self, cells: int, dates: Ints) -> Mask:
        """Which cells of a day stay empty day after day, shape (dates, cells)."""
        low, high, _ = self._cells(cells, dates)
        size = dates.size * cells + 1
        edges = np.bincount(low, minlength=size) - np.bincount(np.maximum(high, low), minlength=size)
        empty = np.cumsum(edges[:-1]) > 0
        return closings.closed_places(~empty.reshape(dates.size, cells), closings.DAYS)

    def _cells(self, cells: int, dates: Ints) -> tuple[Ints, Ints, int]:
        """The first cell in each part and the first after it, counted over all dates, and the ticks of a cell."""
        cell, date = self.day // cells, self.begin // self.day
        row = np.clip(np.searchsorted(dates, date), 0, dates.size - 1)
        midnight = date * self.day
        first = np.minimum((self.begin - midnight) // cell + self.after_value, cells)
        after = np.minimum((self.end - midnight) // cell, cells)
        return row * cells + first, row * cells + after, cell


def with_parts(account: Account, days: Days, parts: Parts, step: int, settled: bool) -> tuple[Account, Parts]:
    """With what is missing of days that hold values and, in a settled record, the hours of the day that are closed."""
    if not settled or parts.begin.size < REGULAR * days.held.size:
        return replace(account, missing=account.missing + parts.by_day(days)), parts
    dates = days.held + days.start
    shut = parts.shut(min(CELLS, max(1, parts.day // step)), dates)
    parts = parts.without(shut, dates)
    share = days.nearest(shut.mean(axis=1))
    missing = account.missing * (1.0 - share) + parts.by_day(days)
    account = replace(account, missing=missing, closed=np.maximum(account.closed, share))
    return account.saying(habits.of_hours(share), period=1), parts
