"""From observations to peaks: the public door, which may choose the threshold and what parts clusters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from evstats.arrays import Places
from evstats.calendars.cadence import DAY
from evstats.calendars.parts import year_part
from evstats.errors import ArgumentError, DataError
from evstats.extremes.blocks import KINDS
from evstats.extremes.claims import Claims
from evstats.extremes.observations import Observations, observations
from evstats.extremes.origins import Origin
from evstats.extremes.peak_records import Peaks
from evstats.extremes.peaks import beyond, peaks_beyond
from evstats.extremes.records import Extremes
from evstats.extremes.separations import Apart, Nothing, Run, Separation, asked_separation
from evstats.extremes.watch import Watch, watch_of
from evstats.habits import knowing_their_names
from evstats.notes import Note
from evstats.reading.containers import Frame
from evstats.reading.ordering import SAME
from evstats.reading.records import Action, Record
from evstats.text.arguments import Text, named
from evstats.text.numbers import duration, number
from evstats.thresholds.candidates import FEWEST, USEFUL, run_of
from evstats.thresholds.given import given_threshold
from evstats.thresholds.names import CHOOSERS, Chosen

#: By how much storms are usually parted, and from where on, for values finer than daily ones, another time is far off.
_USUAL, _SHORT, _LONG = pd.Timedelta("3D"), pd.Timedelta("1D"), pd.Timedelta("10D")


@knowing_their_names
def peaks_over_threshold(
    data: Record | pd.Series | pd.DataFrame | Frame | ArrayLike | Extremes,
    threshold: float | str,
    *,
    separation: str | timedelta | int | None = "auto",
    kind: str = "max",
    season: str | None = None,
    months: int | Iterable[int] | None = None,
    observations_per_year: float | None = None,
    observed_years: float | None = None,
    unit: str | None = None,
    rng: Any = None,
) -> Peaks:
    """The peaks of the independent events above a threshold (or below one), and the time in which they were seen.

    Parameters
    ----------
    data
        A Record, a Series (indexed by timestamps, dates or periods, or undated), an xarray DataArray with one
        dimension, a table of a time and one value, or an array (n,). NaN and masked values are missing. Or losses some
        of which were cut at their limit or are seen from a deductible on, as ``ev.observed`` makes them.
    threshold
        A number; ``"95%"`` for what so many of the observations lie below (above, for minima); or ``"auto"``,
        the choice of ``choose_threshold`` among its usual candidates by the expected quantile discrepancy, of which the
        notes tell (another way by its name, ``"cross-validation"``, ``"forward-stop"`` or ``"score"``); intervals then
        take the threshold as given, but for ``"threshold-bootstrap"``, which repeats the choice. A value must be beyond
        it to count; one that equals it does not.
    separation
        What parts events: a time such as ``"7D"``, after which, if no exceedance came, the next one is of
        another; a number r of observations in a row that do not exceed; None, by which every exceedance is a peak; or
        ``"auto"``, the number r that the times between exceedances choose (Ferro and Segers 2003). A gap longer than it
        parts events too. Events (``read_series(..., events=True)``) whose dates tell the year or the month only are
        never put together by less than that, as nothing says which of them belong together.
    kind
        ``"max"``, or ``"min"`` for events below the threshold; values stay what they are.
    season, months
        The part of the year that counts, ``"DJF"``, ``"MAM"``, ``"JJA"``, ``"SON"`` or month numbers;
        rates stay those of a calendar year.
    observations_per_year
        How many observations a whole year holds, where that is not to be read from the dates, or
        there are none.
    observed_years
        Of a list of events (``read_series(..., events=True)``, or losses with limits) the years in which they were
        observed, without the gaps of the record; else they are those from the first event to the last. Of a part of
        the year how many such parts.
    unit
        The unit of the values, where neither the record nor the name of the series tells it.
    rng
        Random state of a choice of the threshold; by default a fixed seed.

    Returns
    -------
    Peaks
        The highest value of each event, the first of tied ones, with its date, the years observed (gaps do not
        count; weekends and holidays of a trading calendar are no gaps), what was merged, and notes.

    Raises
    ------
    DataError
        Data that are not one series of real numbers, a threshold above or below all values, fewer than 3 peaks;
        a limit at the threshold or below, a deductible above it.
    ArgumentError
        A threshold, separation or part of the year that is none; of losses with limits or deductibles
        another separation than None, or a choice of the threshold.

    References
    ----------
    - Davison, A. C. and Smith, R. L. (1990). Models for exceedances over high thresholds. Journal of the Royal
      Statistical Society B 52, 393-442.
    - Ferro, C. A. T. and Segers, J. (2003). Inference for clusters of extreme values. Journal of the Royal
      Statistical Society B 65, 545-556.

    Examples
    --------
    >>> levels = pd.Series([3.0, 9.0, 8.0, 4.0, 2.0, 7.0, 1.0, 1.0, 6.0, 5.0])
    >>> peaks_over_threshold(levels, 5.5, separation=1).values
    array([9., 7., 6.])
    """
    kind = KINDS[kind].name
    claims = Claims.of(data) if isinstance(data, Extremes) else None
    sample = observations(data) if claims is None else replace(observations(claims.paid), events=True)
    sample = sample if unit is None else replace(sample, unit=unit)
    apart = asked_separation(separation, sample)
    watch = watch_of(sample, year_part(season, months), observations_per_year, observed_years)
    if claims is not None and isinstance(threshold, str) and threshold.strip().lower() in CHOOSERS:
        raise ArgumentError(
            "no way to choose a threshold knows of limits and deductibles",
            Text("give a number, or a share such as '95%' ", named("threshold"), "."),
        )
    chosen = _threshold(watch, threshold, apart, kind, rng)
    limit = chosen.threshold
    if claims is not None:
        claims.check(limit, separation)
    origin = Origin(watch, apart, chosen.tried)
    apart, told = by_intervals(watch, limit, kind) if apart is None else (apart, ())
    notes = (*chosen.notes, *told, *_on_merged(sample, separation))
    seen = claims is not None and claims.deductible is not None
    peaks = peaks_beyond(watch, limit, apart, kind=kind, notes=notes, all_may=seen)
    if len(peaks) < FEWEST:
        raise _too_few(peaks)
    return replace(peaks, origin=origin) if claims is None else claims.known(peaks)


def _threshold(watch: Watch, asked: Any, separation: Separation | None, kind: str, rng: Any) -> Chosen:
    """The threshold that a number, a share or the name of a way to choose it stands for, and what to say of it."""
    if isinstance(asked, str) and asked.strip().lower() in CHOOSERS:
        return CHOOSERS[asked](watch, separation=separation, kind=kind, rng=rng)
    return Chosen(*given_threshold(watch, asked, kind, "'95%', or 'auto'"))


def _on_merged(sample: Observations, separation: object) -> tuple[Note, ...]:
    """That rows were merged in reading, where every exceedance is an event."""
    if separation is not None or sample.audit is None:
        return ()
    count = sample.audit.counts.get((Action.MERGED, SAME), 0)
    return (Note("equal_rows_merged", count=count, events=True),) if count else ()


def by_intervals(watch: Watch, threshold: float, kind: str = "max") -> tuple[Separation, tuple[Note, ...]]:
    """The run of observations that parts clusters by intervals declustering, and the note that tells it.

    Time is counted in observations, those on either side of a gap as neighbours: a gap longer than the run parts them.
    """
    at = beyond(watch, threshold, kind)
    if at.size < FEWEST:
        return Nothing(), ()
    run, index = run_of(at)
    if not run:
        return Nothing(), (Note("no_clustering", count=at.size),)
    time = "" if watch.step is None else f" ({duration((run * watch.step).total_seconds())})"
    told = Note("run_length", run=run, time=time, value=index, minima=int(kind == "min"))
    return Run(run), (told, *_far_from_usual(watch, at, Run(run)))


def _far_from_usual(watch: Watch, at: Places, chosen: Run) -> Iterator[Note]:
    """That a run of hourly values, or finer ones, is far from the time by which storms are usually parted.

    The times between exceedances know of no storms: with tides in the values, they part every tide, or spring tides.
    """
    if watch.step is None or watch.step >= DAY or watch.sample.index is None:
        return
    time = chosen.length * watch.step
    if _SHORT <= time <= _LONG:
        return
    counts = [1 + int(np.count_nonzero(own.ends(watch, at))) for own in (chosen, Apart(_USUAL))]
    name = "run_longer_than_storms" if time > _LONG else "run_shorter_than_storms"
    yield Note(name, duration(time.total_seconds()), times=time / _USUAL, count=counts[0], usual=counts[1])


def _too_few(peaks: Peaks) -> DataError:
    count, exceedances, (lower, higher) = len(peaks), peaks.exceedances or 0, ("lower", "higher")
    if peaks.of_minima:
        lower, higher = higher, lower
    problem = (
        f"the threshold {number(float(peaks.threshold), 6)} leaves {count} peak{'' if count == 1 else 's'} of "
        f"{peaks.name}, and a fit needs at least {FEWEST} ({USEFUL} or more for use)"
    )
    if exceedances < FEWEST:
        return DataError(problem, Text(f"choose a {lower} threshold ", named("threshold"), "."))
    return DataError(
        Text(problem, f": {exceedances:,} exceedances less than {peaks.separation} apart are one event"),
        Text.of(
            f"choose a shorter separation {{}}, or another threshold {{}}: a {higher} one has shorter events, a "
            f"{lower} one more of them.",
            *(named("separation"), named("threshold")),
        ),
        argument="threshold",
    )


__all__ = ["by_intervals", "peaks_over_threshold"]
