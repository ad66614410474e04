"""Rolling sums and means before the blocks: n-day rain, 7-day low flow. A window with a value missing gives none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd
from pandas.api.indexers import BaseIndexer

from evstats.arrays import Array, Ints, Mask
from evstats.calendars.cadence import DAY, Cadence, cadence_of
from evstats.calendars.rules import DAYS_PER_MONTH
from evstats.calendars.spans import span_of
from evstats.errors import ArgumentError, DataError
from evstats.extremes.observations import Observations, observations
from evstats.habits import knowing_their_names
from evstats.notes import Note
from evstats.reading.records import Audit, Record
from evstats.registry import Registry
from evstats.text.arguments import Setting, Text, both, named
from evstats.text.numbers import duration

_DAY = pd.Timedelta(days=1)
_WEEK = 7 * _DAY
#: A step from this on is one of months.
_MONTH = 28 * _DAY


@dataclass(frozen=True)
class Statistic:
    """What is taken of the values in a window."""

    name: Literal["sum", "mean"]

    def of(self, values: Array, left: Ints) -> Array:
        """The statistic of ``values[left[i]:i + 1]`` for every i."""
        windows = pd.Series(values).rolling(_Ending(left), min_periods=1)
        return (windows.sum() if self.name == "sum" else windows.mean()).to_numpy()


STATISTICS = Registry("statistic of a window", {"sum": Statistic("sum"), "mean": Statistic("mean")})


class _Ending(BaseIndexer):
    """Windows of pandas' ``rolling`` that end at each row and begin where they are told to."""

    def __init__(self, left: Ints) -> None:
        super().__init__()
        self.left = left

    def get_window_bounds(
        self,
        num_values: int = 0,
        min_periods: int | None = None,
        center: bool | None = None,
        closed: str | None = None,
        step: int | None = None,
    ) -> tuple[Ints, Ints]:
        """Where each window begins and, exclusively, ends."""
        return self.left, np.arange(1, num_values + 1)


@dataclass(frozen=True)
class Window:
    """A statistic over the time up to each value, such as the sum of 3 days; ``argument`` is where it was asked for."""

    span: pd.Timedelta
    statistic: Statistic
    argument: str = "over"

    @property
    def words(self) -> str:
        """``3-day sum``."""
        return f"{duration(self.span.total_seconds(), '-')} {self.statistic.name}"

    def apart(self, separation: pd.Timedelta) -> str:
        """How far apart extremes of different events are at least: windows that overlap share one."""
        return duration(max(self.span, separation).total_seconds())


def window_of(over: object) -> Window:
    """The window that ``("3D", "sum")`` stands for.

    Raises
    ------
    ArgumentError
        Anything but a positive span of time and the name of a statistic.

    Examples
    --------
    >>> window_of(("7D", "mean")).words
    '7-day mean'
    """
    expected = Text.of(
        "{} must be a span of time and a statistic, such as {}, not {}",
        *(Setting("over"), both("over", ("3D", "sum")), repr(over)),
    )
    if isinstance(over, str) or not isinstance(over, (tuple, list)) or len(over) != 2:
        raise ArgumentError(Text(expected, "."))
    span, statistic = over
    return Window(_span(span, expected), STATISTICS[statistic])


def _span(span: object, expected: Text) -> pd.Timedelta:
    """A positive span of time, or an error that says what was expected."""
    if (length := span_of(span)) is None:
        raise ArgumentError(Text(expected, f": {span!r} is no span of time."))
    if not length > pd.Timedelta(0):
        raise ArgumentError(Text(expected, ": a window must be longer than nothing."))
    return length


@knowing_their_names
def moving_mean(data: Any, span: str | timedelta) -> Record:
    """The mean over the time up to each value, such as the 7-day mean of a flow; of complete windows alone.

    Parameters
    ----------
    data
        A Record, a dated Series, or what else ``block_maxima`` takes.
    span
        How long a window is, a multiple of the step of the record: ``"7D"``.

    Returns
    -------
    Record
        A mean for each window without a missing value, standing at its last; the audit says how many windows there
        are. What is taken of it, such as ``block_maxima(..., kind="min")``, judges coverage by the windows.

    Raises
    ------
    DataError
        Undated data, no regular step, several values at one time, no complete window.
    ArgumentError
        A span that is none, or no multiple of the step.

    Examples
    --------
    >>> flow = pd.Series([4.0, 2.0, 3.0, 7.0], index=pd.date_range("2001-01-01", periods=4), name="flow")
    >>> moving_mean(flow, "3D").series.to_dict()
    {Timestamp('2001-01-03 00:00:00'): 3.0, Timestamp('2001-01-04 00:00:00'): 4.0}
    """
    expected = Text(Setting("span"), f" must be a span of time such as '7D', not {span!r}")
    window = Window(_span(span, expected), STATISTICS["mean"], "span")
    sample = observations(data)
    found, notes = rolled(sample, window)
    read = sample.audit or Audit("values in memory", sample.size, sample.values.size, value_column=sample.name)
    told = (*read.notes, *sample.notes, *notes)
    audit = replace(read, value_column=found.name, unit=sample.unit, notes=told, qualifiers=None)
    return Record(found.series, audit)


def rolled(sample: Observations, window: Window) -> tuple[Observations, tuple[Note, ...]]:
    """The statistic of every complete window, standing at the window's end, and what to know about it.

    Raises
    ------
    DataError
        Undated data, several values at one time, no complete window, a mean of irregular events.
    ArgumentError
        A window shorter than the step of the record, or not a whole number of steps.
    """
    index = sample.index
    if index is None:
        raise DataError(
            f"the data have no dates, so there are no windows of {_length(window.span)}",
            "give them dates, or take the sums or means before, for example series.rolling(3).sum().dropna() "
            "in pandas.",
        )
    cadence = cadence_of(index, one_step=True, leap_days=sample.leap_days)
    if cadence.step is None:
        return _of_events(sample, index, window)
    step = pd.Timedelta(cadence.step)
    check_span(step, cadence, index, window)
    ticks = _ticks(index, step, leap_days=sample.leap_days)
    _refuse_repeats(index, ticks, window)
    left = np.searchsorted(ticks, ticks - _in_ticks(window.span, index) + _in_ticks(step, index) // 2)
    complete = _complete(ticks, left, cadence, _in_ticks(window.span, index), _in_ticks(step, index))
    if not complete.any():
        raise DataError(
            f"no window of {_length(window.span)} holds a value at every step of {_length(step)}",
            "take a shorter one, or a record with fewer gaps.",
        )
    values = window.statistic.of(sample.values, left)
    note = Note("windows", sample.name, words=window.words, complete=int(complete.sum()), n=complete.size)
    return _at(sample, index, values, complete, window), (note, *_note_on_rates(sample, window))


def _of_events(sample: Observations, index: pd.DatetimeIndex, window: Window) -> tuple[Observations, tuple[Note, ...]]:
    """The sum of the events in the time up to each: no value there means that nothing happened."""
    if window.statistic.name != "sum":
        raise DataError(
            f"the timestamps follow no regular step (an event list?), so the {window.words} cannot be told from gaps",
            "take a sum, or a record with a regular step.",
        )
    ticks = index.asi8
    left = np.searchsorted(ticks, ticks - _in_ticks(window.span, index), side="right")
    last = np.append(ticks[1:] != ticks[:-1], True)
    values = window.statistic.of(sample.values, left)
    return _at(sample, index, values, last, window), (Note("windows_of_events", sample.name, words=window.words),)


def check_span(step: pd.Timedelta, cadence: Cadence, index: pd.DatetimeIndex, window: Window) -> None:
    """A window holds a whole number of steps, and equally many values at any time."""
    span = window.span
    if step >= _MONTH:
        months = round(step / pd.Timedelta(days=DAYS_PER_MONTH))
        raise ArgumentError(
            Text.of(
                "the values stand {} apart, and a window {} is counted in days or less",
                *(f"{months} month{'' if months == 1 else 's'}", named(window.argument)),
            ),
            "take sums of months before, series.rolling(3).sum() in pandas.",
        )
    if span < step or span % step != pd.Timedelta(0):
        problem = "is shorter than the step of the record" if span < step else "is not a whole number of steps"
        raise ArgumentError(
            f"a window of {_length(span)} {problem} ({_length(step)})",
            Text("choose a multiple of it ", named(window.argument), "."),
        )
    if cadence.period is not None and span % pd.Timedelta(cadence.period) != pd.Timedelta(0):
        period = "weeks" if cadence.period > DAY else "days"
        raise ArgumentError(
            f"the record has {_habit(index)}, so that not every window of {_length(span)} holds equally many",
            Text(f"choose whole {period} ", named(window.argument), "."),
        )


def _habit(index: pd.DatetimeIndex) -> str:
    """How many values a day stand on how many days a week, mostly."""
    wall = index.tz_localize(None)
    ticks, dates = wall.asi8, wall.normalize().unique().asi8
    week = _in_ticks(_WEEK, index)
    values, days = (
        int(np.median(np.arange(1, times.size + 1) - np.searchsorted(times, times - week, side="right")))
        for times in (ticks, dates)
    )
    a_day = round(values / days)
    return f"{a_day} value{'' if a_day == 1 else 's'} a day on {days} days a week"


def _complete(ticks: Ints, left: Ints, cadence: Cadence, span: int, step: int) -> Mask:
    """Whether no value is missing in the window up to each: neither between its values nor before the first of them."""
    missing = np.zeros(ticks.size + 1, dtype=bool)
    missing[0] = True  # the time before the record
    missing[cadence.gaps.place + 1] = True
    until = np.append(0, np.cumsum(missing))
    before = ticks[left] - (ticks - span)
    return (until[1:-1] == until[left + 1]) & (~missing[left] | (2 * before <= 3 * step))


def _ticks(index: pd.DatetimeIndex, step: pd.Timedelta, *, leap_days: bool) -> Ints:
    """The times as numbers: days by the clock on the wall, shorter steps by the time that passes, without any
    29 February where the calendar has none.
    """
    ticks = np.asarray((index.tz_localize(None) if step >= DAY else index).asi8)
    if leap_days:
        return ticks
    years = index.year.to_numpy().astype(np.int64) - (index.month < 3)  # those whose February is over
    return ticks - (years // 4 - years // 100 + years // 400) * _in_ticks(_DAY, index)


def _in_ticks(span: pd.Timedelta, index: pd.DatetimeIndex) -> int:
    return int(span.to_timedelta64() / np.timedelta64(1, index.unit))


def _refuse_repeats(index: pd.DatetimeIndex, ticks: Ints, window: Window) -> None:
    repeated = np.flatnonzero(ticks[1:] == ticks[:-1])
    if repeated.size:
        raise DataError(
            f"several values stand at {index[repeated[0]]} ({repeated.size} such in all), so the {window.words} would "
            "count them all",
            "correct the data, or keep one value for each time.",
        )


def _at(sample: Observations, index: pd.DatetimeIndex, values: Array, where: Mask, window: Window) -> Observations:
    """The values of these windows, under the name that says what they are."""
    count = int(where.sum())
    name = f"{window.words} of {sample.name}"
    return replace(sample, values=values[where], index=index[where], positions=np.arange(count), size=count, name=name)


def _note_on_rates(sample: Observations, window: Window) -> tuple[Note, ...]:
    """A sum of flows or speeds has not their unit."""
    rate = sample.unit is not None and "/" in sample.unit and window.statistic.name == "sum"
    return (Note("sum_of_rates", sample.name, unit=sample.unit),) if rate else ()


def _length(span: pd.Timedelta) -> str:
    """``3 days``."""
    return duration(span.total_seconds())
