"""What a record watched: the observations that count, the years they stand for, and where values are missing.

Nothing here knows of a threshold, so that one watch serves as many as are tried.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Real

import numpy as np
import pandas as pd

from evstats.arrays import Array, Places
from evstats.calendars.cadence import DAY, Cadence, cadence_of
from evstats.calendars.parts import YearPart
from evstats.calendars.rules import DAYS_PER_YEAR, Blocks, water_year
from evstats.calendars.steps import on_the_wall
from evstats.errors import ArgumentError, DataError
from evstats.extremes.observations import Observations
from evstats.notes import Note
from evstats.reading.records import LEFT_OUT
from evstats.text.arguments import Setting, Text

#: What the record says of a calendar of blocks, and what is said of it where no blocks are cut.
_IN_OTHER_WORDS = {
    "irregular_times": "irregular_times_observed",
    "closed_weekdays": "closed_weekdays_observed",
    "closed_weekdays_change": "closed_weekdays_change_observed",
    "closed_hours": "closed_hours_observed",
}
#: How many times as long as their dates observations may last by a given number a year, of calendars that differ.
_LONGER = 1.5


@dataclass(frozen=True, eq=False)
class Gaps:
    """Where values are missing, in order of time.

    ``place`` (g,) counts the observations that count: the values are missing between that one and the next, before the
    first one where it is -1. ``counts`` and ``days`` say how many values and how many days of them (NaN where there are
    no dates), ``start`` and ``end`` hold the timestamps, or the rows, of the values on either side.
    """

    place: Places
    counts: Array
    days: Array
    start: pd.Index
    end: pd.Index


@dataclass(frozen=True, eq=False)
class Watch:
    """The observations that count and the time they stand for.

    Attributes
    ----------
    sample
        The observations, of the chosen part of the year only.
    years
        The time observed, in units of ``time_unit``; of a part of the year, how many such parts.
    time_unit
        "year", or "observation" for undated data of which it is not known how many a year holds.
    gaps
        Where values are missing.
    seasons
        (n,) the number of the season of each observation, None where the whole year counts.
    step
        The time from one observation to the next where that is always the same, None elsewhere.
    notes
        What to know of the time.
    observed
        The part of each calendar year (its index) that was observed, in all ``years``; None of undated data.
    """

    sample: Observations
    years: float
    time_unit: str
    gaps: Gaps
    seasons: Places | None = None
    step: pd.Timedelta | None = None
    notes: tuple[Note, ...] = ()
    observed: pd.Series | None = None

    @property
    def when(self) -> pd.Index:
        """The timestamp (n,) of each observation, or its row, counted from 0, where there are no dates."""
        return pd.Index(self.sample.positions) if self.sample.index is None else self.sample.index


def watch_of(
    sample: Observations,
    part: YearPart | None = None,
    observations_per_year: float | None = None,
    observed_years: float | None = None,
) -> Watch:
    """The time that observations stand for.

    Of dated data it is the time from the first to the last without what is missing, by the step, the working days and
    the closed seasons of the record at that time (``calendars.cadence``): weekends and holidays of a trading calendar
    are no gaps. Of events whose dates tell the year or the month only it reaches to the end of the last one; their
    ``observed_years`` may be told, as dates of events say nothing of gaps. Of undated data it is their number over
    ``observations_per_year``, which a whole year holds, also of data of which a part of the year is taken; without it
    time is counted in observations.

    Raises
    ------
    DataError
        No observation in the part of the year.
    ArgumentError
        A part of the year of undated data, or of events of which only the year is known; observations per year that
        are no positive number; years of what is no list of events, or more of them than its dates allow.
    """
    per_year = _positive("observations_per_year", observations_per_year, 365.25)
    told_years = _told_years(sample, observed_years, per_year)
    index = sample.index
    if index is None:
        found = _undated(sample, part, per_year)
        return found if told_years is None else replace(found, years=told_years, time_unit="year", notes=())
    _refuse_unknown_part(sample, part)
    wall = on_the_wall(index)
    blocks = (water_year(wall[0].month) if part is None else part).blocks(wall[0], wall[-1])
    cadence = cadence_of(index, blocks, events=sample.events, leap_days=sample.leap_days)
    lengths = _days(blocks.ends - blocks.starts)
    observed = float(cadence.coverage(blocks, _present(wall, blocks, cadence)) @ lengths)
    share = 1.0 if part is None else part.share
    gaps, seasons = _gaps(index, cadence), None
    if part is not None:
        sample, gaps, seasons = _of_part(sample, gaps, wall, part, blocks)
    years = observed / DAYS_PER_YEAR / share if per_year is None else sample.values.size / (per_year * share)
    years = years if told_years is None else told_years
    _refuse_beyond_span(years, (wall[-1] - wall[0]).days / DAYS_PER_YEAR, sample.values.size, per_year)
    steady = cadence.constant and cadence.period is None
    step = pd.Timedelta(cadence.step) if steady and cadence.step is not None else None
    told = tuple(_reworded(note) for note in cadence.notes)
    missing = 1.0 - observed / _span(blocks, wall)
    notes = (*_on_missing(missing, str(wall[0].date()), str(wall[-1].date()), years), *told)
    if told_years is None and per_year is None:
        notes = (*notes, *_on_events(sample, years))
    return Watch(sample, years, "year", gaps, seasons, step, notes, _by_year(wall, blocks, cadence, years))


def _refuse_beyond_span(years: float, span: float, count: int, per_year: float | None) -> None:
    """No number of observations a year by which they last much longer than their dates."""
    if per_year is not None and years > _LONGER * max(span, 1.0):
        name = Setting("observations_per_year")
        problem = f" is {per_year:g}, by which {count:,} observations last {years:,.0f} years, their dates {span:.3g}"
        raise ArgumentError(Text(name, problem), "leave it out, so that the dates tell, or correct it.")


def _refuse_unknown_part(sample: Observations, part: YearPart | None) -> None:
    """No part of the year of events whose dates tell the year only."""
    if part is not None and sample.precision == "year":
        raise ArgumentError(
            f"{part.name} is a part of the year, and the dates of {sample.name} tell the year only",
            Text.of("write them with their months, or leave out {} and {}.", Setting("season"), Setting("months")),
        )


def _positive(argument: str, given: float | None, example: float) -> float | None:
    """A positive number that may be left out."""
    if given is None:
        return None
    name = Setting(argument)
    if isinstance(given, bool) or not isinstance(given, (Real, np.number)):
        raise ArgumentError(Text(name, f" must be a number such as {example}, not {given!r}."))
    if not 0.0 < float(given) < np.inf:
        raise ArgumentError(Text(name, f" must be positive, not {given!r}."))
    return float(given)


def _told_years(sample: Observations, observed_years: float | None, per_year: float | None) -> float | None:
    """The years in which events were observed, where they are told: no more than the calendar years of their dates."""
    years, name = _positive("observed_years", observed_years, 38.82), Setting("observed_years")
    if years is None:
        return None
    if not sample.events:
        raise ArgumentError(
            Text(name, f" is of a list of events, and {sample.name} is a series in time, whose dates tell its years"),
            Text("leave it out, or read a list of events with ", Setting("events", True), "."),
        )
    if per_year is not None:
        raise ArgumentError(Text(name, " and ", Setting("observations_per_year"), " both tell the years"), "give one.")
    if sample.index is not None:
        first, last = sample.index[0].year, sample.index[-1].year
        if years > last - first + 1:
            raise ArgumentError(
                Text(name, f" is {years:g}, and the events are of {first} to {last}, {last - first + 1} years"),
                "give the years of the record without its gaps; where more was observed before the first event or "
                "after the last, as_peaks(values, threshold, years) in Python takes it.",
            )
    return years


def _undated(sample: Observations, part: YearPart | None, per_year: float | None) -> Watch:
    """Data without dates, of which rows without a value are gaps."""
    if part is not None:
        raise ArgumentError(
            f"{part.name} is a part of the year, and the data have no dates",
            Text.of("give them dates, or leave out {} and {}.", Setting("season"), Setting("months")),
        )
    place = np.flatnonzero(np.diff(sample.positions) > 1)
    start, end = sample.positions[place], sample.positions[place + 1]
    counts = (end - start - 1).astype(np.float64)
    gaps = Gaps(place, counts, np.full(place.size, np.nan), pd.Index(start), pd.Index(end))
    count = float(sample.values.size)
    years = count if per_year is None else count / per_year
    unit = "observation" if per_year is None else "year"
    notes = _on_missing(1.0 - count / sample.size, "row 1", f"row {sample.size}", years, unit)
    if per_year is None:
        notes = (*notes, Note("counted_in_observations", sample.name, count=int(count), example=365.25))
    return Watch(sample, years, unit, gaps, notes=notes)


def _gaps(index: pd.DatetimeIndex, cadence: Cadence) -> Gaps:
    """The gaps of a dated record; repeated timestamps lie before the gap that follows them."""
    ticks = index.asi8
    last = np.flatnonzero(np.append(ticks[1:] != ticks[:-1], True))
    place = last[cadence.gaps.place]
    days = cadence.gaps.counts * cadence.gaps.steps / float(DAY / np.timedelta64(1, index.unit))
    return Gaps(place, cadence.gaps.counts, days, index[place], index[place + 1])


def _of_part(
    sample: Observations, gaps: Gaps, wall: pd.DatetimeIndex, part: YearPart, blocks: Blocks
) -> tuple[Observations, Gaps, Places]:
    """The observations, and the gaps, in a part of the year, and the number of the season of each."""
    held = part.holds(wall)
    if not held.any():
        raise DataError(
            f"{sample.name} has no value in {part.name}",
            Text.of("choose other {} or {}, or leave them out.", Setting("months"), Setting("season")),
        )
    index = None if sample.index is None else sample.index[held]
    kept = replace(sample, values=sample.values[held], index=index, positions=sample.positions[held])
    start, end = wall[gaps.place], wall[gaps.place + 1]
    later = np.minimum(blocks.ends.searchsorted(start, side="right"), len(blocks.starts) - 1)
    inside = np.asarray((blocks.starts[later] < end) & (blocks.ends[later] > start))
    place = (np.cumsum(held) - 1)[gaps.place]
    some = Gaps(place[inside], gaps.counts[inside], gaps.days[inside], gaps.start[inside], gaps.end[inside])
    return kept, some, np.asarray(blocks.starts.searchsorted(wall[held], side="right"), dtype=np.intp)


def _present(wall: pd.DatetimeIndex, blocks: Blocks, cadence: Cadence) -> Places:
    """How many values each block holds; at least one, where the record may skip a block and miss nothing by it."""
    held = wall.searchsorted(blocks.ends) - wall.searchsorted(blocks.starts)
    skips = cadence.step is None or bool((blocks.ends - blocks.starts).min() < pd.Timedelta(cadence.step))
    return np.asarray(np.maximum(held, 1) if skips else held, dtype=np.intp)


def _by_year(wall: pd.DatetimeIndex, blocks: Blocks, cadence: Cadence, years: float) -> pd.Series:
    """How much of each calendar year was observed, in all so many years; blocks are cut where a year begins."""
    starts, ends = blocks.starts.to_numpy(), blocks.ends.to_numpy()
    begun = (ends - np.timedelta64(1, "s")).astype("datetime64[Y]").astype(ends.dtype)
    cut = starts < begun
    starts, ends = np.append(starts, begun[cut]), np.append(np.where(cut, begun, ends), ends[cut])
    order = starts.argsort()
    parts = Blocks(pd.DatetimeIndex(starts[order]), pd.DatetimeIndex(ends[order]), order.astype(object))
    days = cadence.coverage(parts, _present(wall, parts, cadence)) * _days(parts.ends - parts.starts)
    found = pd.Series(days, index=parts.starts.year).groupby(level=0).sum()
    found = found[found > 0.0].rename("years")
    return found * (years / float(found.sum()))


def _days(spans: pd.TimedeltaIndex) -> Array:
    return np.asarray(spans / DAY, dtype=np.float64)


def _span(blocks: Blocks, wall: pd.DatetimeIndex) -> float:
    """The days of the blocks from the first day of the record to the last."""
    first, last = wall[0].normalize(), wall[-1].normalize() + pd.Timedelta(days=1)
    inside = blocks.ends.where(blocks.ends < last, last) - blocks.starts.where(blocks.starts > first, first)
    return float(np.maximum(_days(inside), 0.0).sum()) or 1.0


def _reworded(note: Note) -> Note:
    code = _IN_OTHER_WORDS.get(note.code)
    return note if code is None else Note(code, note.subject, **note.values)


def _on_events(sample: Observations, years: float) -> tuple[Note, ...]:
    """From when to when events were observed, of which no gaps are known, and how to tell their years."""
    if not sample.events or sample.index is None:
        return ()
    length = {"year": 4, "month": 7, None: 10}[sample.precision]
    first, last = (str(stamp)[:length] for stamp in on_the_wall(sample.index)[[0, -1]])
    told = {"years": years, "first": first, "last": last, "option": Text(Setting("observed_years"))}
    if sample.precision is None:
        return (Note("years_of_events", **told),)
    return (Note("events_by_period", sample.precision, **told),)


def _on_missing(share: float, first: str, last: str, years: float, unit: str = "year") -> tuple[Note, ...]:
    if share <= LEFT_OUT:
        return ()
    return (Note("time_missing", share=share, first=first, last=last, years=years, in_years=int(unit == "year")),)


__all__ = ["Gaps", "Watch", "watch_of"]
