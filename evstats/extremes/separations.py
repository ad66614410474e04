"""When a cluster of exceedances ends: after a time, after a run of observations, or with every exceedance."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from evstats.arrays import Ints, Mask, Places
from evstats.calendars.cadence import DAY
from evstats.calendars.precision import LENGTHS
from evstats.calendars.spans import span_of
from evstats.errors import ArgumentError
from evstats.extremes.observations import Observations
from evstats.extremes.watch import Watch
from evstats.notes import Note
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import duration

#: The separation that the times between exceedances choose.
AUTO = "auto"


class Separation(ABC):
    """How far apart exceedances of different clusters are."""

    @property
    @abstractmethod
    def words(self) -> str:
        """How far, in words."""

    @property
    def notes(self) -> tuple[Note, ...]:
        """What to know of it."""
        return ()

    @abstractmethod
    def clock(self, watch: Watch) -> tuple[Ints, int]:
        """The place (n,) of each observation on the scale that it is counted by, and how far it is on that.

        An exceedance that comes later than that after the last one begins a cluster.
        """

    @abstractmethod
    def outlasted(self, watch: Watch) -> Mask:
        """Which gaps (g,) are longer than it."""

    def ends(self, watch: Watch, at: Places) -> Mask:
        """Whether a cluster ends (N - 1,) between each exceedance and the next; they stand at ``at`` (N,)."""
        clock, width = self.clock(watch)
        ends = np.diff(clock[at]) > width
        return np.asarray(ends | (np.diff(np.searchsorted(watch.gaps.place[self.outlasted(watch)], at)) > 0))


@dataclass(frozen=True)
class Apart(Separation):
    """A time; of undated data, which have none, it cannot be said."""

    span: pd.Timedelta

    @property
    def words(self) -> str:
        """``7 days``."""
        return duration(self.span.total_seconds())

    def clock(self, watch: Watch) -> tuple[Ints, int]:
        """In ticks of the index."""
        index = watch.sample.index
        assert index is not None  # ``separation_of`` has seen to that
        return index.asi8, int(self.span.to_timedelta64() / np.timedelta64(1, index.unit))

    def outlasted(self, watch: Watch) -> Mask:
        """Gaps of more days."""
        return np.asarray(watch.gaps.days > self.span / DAY)


@dataclass(frozen=True)
class Run(Separation):
    """So many observations in a row that do not exceed."""

    length: int

    @property
    def words(self) -> str:
        """``3 observations``."""
        return f"{self.length} observation{'' if self.length == 1 else 's'}"

    def clock(self, watch: Watch) -> tuple[Ints, int]:
        """In observations."""
        return np.arange(watch.sample.values.size), self.length

    def outlasted(self, watch: Watch) -> Mask:
        """Gaps of more missing values."""
        return np.asarray(watch.gaps.counts > self.length)

    def ends(self, watch: Watch, at: Places) -> Mask:
        """Another season begins another cluster too."""
        ends = super().ends(watch, at)
        return ends if watch.seasons is None else np.asarray(ends | (np.diff(watch.seasons[at]) > 0))


@dataclass(frozen=True)
class Nothing(Separation):
    """Every exceedance is a cluster of its own."""

    words = "none"

    def clock(self, watch: Watch) -> tuple[Ints, int]:
        """In observations."""
        return np.arange(watch.sample.values.size), 0

    def outlasted(self, watch: Watch) -> Mask:
        """None of the gaps."""
        return np.zeros(watch.gaps.place.size, dtype=bool)


@dataclass(frozen=True)
class Unordered(Nothing):
    """The same of events whose dates tell no order within a year or month, whatever was asked for."""

    period: str

    @property
    def notes(self) -> tuple[Note, ...]:
        """That none could be merged."""
        return (Note("events_not_merged", self.period),)


def asked_separation(separation: Any, sample: Observations) -> Separation | None:
    """The separation asked for of observations; None for ``"auto"``, which the times between exceedances choose.

    Events whose dates tell less than would part them, the year or the month, cannot be put together.

    Raises
    ------
    ArgumentError
        As ``separation_of``.
    """
    auto = isinstance(separation, str) and separation.strip().lower() == AUTO
    found = None if auto else separation_of(separation, dated=sample.index is not None)
    period = sample.precision
    if period is None or isinstance(found, Nothing) or (isinstance(found, Apart) and found.span >= LENGTHS[period]):
        return found
    return Unordered(period)


def separation_of(separation: Any, *, dated: bool) -> Separation:
    """The separation that a time, a number of observations or None stands for.

    Raises
    ------
    ArgumentError
        Anything else, nothing or less, or a time for undated data.

    Examples
    --------
    >>> [separation_of(given, dated=True).words for given in ("3D", 5, None)]
    ['3 days', '5 observations', 'none']
    """
    if isinstance(separation, Separation):
        return separation
    if separation is None:
        return Nothing()
    if isinstance(separation, (str, timedelta, np.timedelta64, pd.offsets.BaseOffset)):
        span = _span(separation)
        if not dated:
            raise ArgumentError(
                Text(Setting("separation", str(separation)), " is a time, and the data have no dates"),
                Text.of("give it as a number of observations, such as {}.", Setting("separation", 3)),
            )
        return Apart(span)
    return Run(_count(separation))


def _expected(separation: Any) -> Text:
    return Text(
        *(Setting("separation"), " must be a span of time, for example '3D', or a number of observations (or "),
        *(Setting("separation", "auto"), ", ", Setting("separation", None), f"), not {separation!r}"),
    )


def _span(separation: Any) -> pd.Timedelta:
    if (span := span_of(separation)) is None:
        raise ArgumentError(Text(_expected(separation), "."))
    if not span > pd.Timedelta(0):
        raise ArgumentError(Text(_expected(separation), ": it must be longer than nothing."))
    return span


def _count(separation: Any) -> int:
    try:
        length = operator.index(separation)
    except TypeError as cause:
        raise ArgumentError(Text(_expected(separation), ".")) from cause
    if isinstance(separation, (bool, np.bool_)) or length < 1:
        raise ArgumentError(Text(_expected(separation), ": it must be a whole number, 1 or more."))
    return length


__all__ = ["AUTO", "Apart", "Nothing", "Run", "Separation", "Unordered", "asked_separation", "separation_of"]
