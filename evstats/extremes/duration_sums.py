"""Maxima of rain over several durations of the same years, as intensities."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.calendars.cadence import cadence_of
from evstats.calendars.spans import span_of
from evstats.errors import ArgumentError, DataError, one_word
from evstats.extremes.blocks import block_maxima
from evstats.extremes.duration_records import DurationMaxima, in_words
from evstats.extremes.observations import Observations, observations
from evstats.extremes.records import Extremes
from evstats.extremes.windows import check_span, window_of
from evstats.habits import knowing_their_names
from evstats.notes import Note, ordered
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import duration, number

if TYPE_CHECKING:
    from evstats.calendars.rules import BlockRule
    from evstats.reading.containers import Frame
    from evstats.reading.records import Record

#: Depths of a longer duration may be so much smaller by rounding alone.
_ROUNDING: Final = 0.02
#: Fixed sums of fewer steps are noticeably low, by 3 % and more.
_FEW_STEPS: Final = 4
#: What is said of the windows of each duration alike.
_OF_WINDOWS = frozenset(("windows", "windows_of_events"))


@knowing_their_names
def duration_maxima(
    rain: Record | pd.Series | pd.DataFrame | Frame | ArrayLike,
    durations: Sequence[str | timedelta],
    *,
    block: str | pd.offsets.BaseOffset | BlockRule = "year",
    min_coverage: float = 0.9,
    first_month: int = 10,
    correction: bool | Mapping[str, float] = False,
    unit: str | None = None,
) -> DurationMaxima:
    """The yearly maxima of the sums of rain over several durations, as intensities per hour.

    Parameters
    ----------
    rain
        Amounts of a regular step, dated, as ``block_maxima`` takes them: depths, such as mm, and not intensities.
    durations
        Spans of time such as ``["10min", "1h", "6h", "1D"]``, whole multiples of the step, at least three for
        a fit. Sums move with the step of the record; one in which a value is missing is none.
    block
        ``"year"``, ``"water-year"``, or one season of the year such as ``"JJA"``.
    min_coverage, first_month
        Of a year, as in ``block_maxima``; a year may have the maximum of one duration and not
        of another.
    correction
        True multiplies the maxima of each duration by 8m/(8m - 1), m its steps, for sums that begin at fixed
        times are on average so much smaller than those that begin at any (1.143 for one step; Weiss 1964); or factors
        by duration, ``{"1D": 1.13}``. Not unasked: a rain gauge that records every tip needs none.
    unit
        Of the amounts, where neither the record nor the name of the series tells it.

    Returns
    -------
    DurationMaxima
        ``values`` (years, k); years without any maximum are left out.

    Raises
    ------
    DataError
        No dates, negative rain, no year that is complete.
    ArgumentError
        A duration shorter than the step of the record or no multiple of it, one that stands twice; values
        that are intensities already; blocks that are not one a year.

    References
    ----------
    - Koutsoyiannis, D., Kozonis, D. and Manetas, A. (1998). Journal of Hydrology 206, 118-135.
    - Weiss, L. L. (1964). Journal of the Hydraulics Division 90, 77-82 (correction of fixed sums).

    Examples
    --------
    >>> import evstats as ev
    >>> import pandas as pd
    >>> hours = pd.date_range("2001-01-01", "2003-12-31 23:00", freq="h")
    >>> rain = pd.Series(ev.Gumbel(0.0, 1.0).rvs(hours.size, rng=1).clip(0.0), index=hours, name="rain_mm")
    >>> ev.duration_maxima(rain, ["1h", "3h", "1D"])
    DurationMaxima(3 years of 3 durations, 1 hour to 1 day, 2001 to 2003)
    """
    spans = _spans(durations)
    sample = observations(rain)
    sample = sample if unit is None else replace(sample, unit=one_word(unit, "unit"))
    _refuse_strange(sample)
    step = _step(sample, spans)
    found = [
        block_maxima(
            rain,
            block,
            over=(span, "sum"),
            min_coverage=min_coverage,
            first_month=first_month,
            separation=None,
            unit=unit,
        )
        for span in spans
    ]
    _refuse_blocks(found[0], block)
    factors = _factors(correction, spans, step)
    minutes = np.array([span / pd.Timedelta(minutes=1) for span in spans])
    labels = _in_time(found)
    values = np.full((len(labels), minutes.size), np.nan)
    for column, own in enumerate(found):
        values[[labels.index(label) for label in own.blocks.tolist()], column] = own.values
    values *= (1.0 if factors is None else factors) * 60.0 / minutes
    steps = float(minutes[0] / (step / pd.Timedelta(minutes=1)))
    fixed = factors is None and steps < _FEW_STEPS
    told = (
        (Note("fixed_sums", in_words(minutes[0]), steps=steps, low=1.0 / (8.0 * steps), asked=True),) if fixed else ()
    )
    amounts = sample.unit
    return DurationMaxima(
        values,
        minutes,
        np.array(labels, dtype=object),
        None if amounts is None else f"{amounts}/h",
        sample.name,
        found[0].block,
        factors,
        ordered((*_notes_of(found), *told)),
    )


@knowing_their_names
def durations(
    intensity: ArrayLike | pd.DataFrame,
    minutes: ArrayLike | None = None,
    *,
    years: ArrayLike | None = None,
    unit: str | None = "mm/h",
    name: str = "rain",
) -> DurationMaxima:
    """Maxima over several durations that are there already, as intensities.

    Parameters
    ----------
    intensity
        (years, k), or of many series batch + (years, k); NaN for missing. A DataFrame has a row for each year,
        its index, and a column for each duration, whose names may be minutes (or spans such as ``"1h"``).
    minutes
        The durations (k,), in any order; of a DataFrame by default its columns.
    years
        What the years are called, (years,), each once.
    unit, name
        Of the values. Depths become intensities by ``depth / (minutes / 60)``.

    Returns
    -------
    DurationMaxima
        For ``fit``.

    Raises
    ------
    DataError
        Negative or infinite values; intensities that grow with the duration, as depths do; years doubled.
    ArgumentError
        Durations that are not as many as the columns, not positive, or doubled.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.durations([[42.0, 11.0, 2.1], [37.5, 14.2, 1.8]], minutes=[10, 60, 720])
    DurationMaxima(2 years of 3 durations, 10 minutes to 12 hours)
    """
    if isinstance(intensity, pd.DataFrame):
        minutes = _minutes_of(intensity.columns) if minutes is None else minutes
        years = _years_of(intensity.index) if years is None else years
        intensity = intensity.to_numpy()
    values = _real(intensity)
    if minutes is None:
        raise ArgumentError(
            Text(Setting("minutes"), " is missing"),
            "give the duration of each column, as in durations(intensity, minutes=[10, 60, 1440]).",
            argument="minutes",
        )
    lengths = _lengths(minutes, values.shape)
    order = np.argsort(lengths, kind="stable")
    values, lengths = np.ascontiguousarray(values[..., order]), lengths[order]
    _refuse_values(values, lengths)
    labels = None if years is None else _labels(years, values.shape[-2])
    return DurationMaxima(values, lengths, labels, unit, name, notes=_on_depths(values, lengths, labels))


def minutes_of(span: str | timedelta, argument: str = "durations") -> float:
    """A span of time in minutes.

    Examples
    --------
    >>> minutes_of("6h")
    360.0
    """
    return float(_span(span, argument) / pd.Timedelta(minutes=1))


def _spans(durations: Any) -> list[pd.Timedelta]:
    """Spans of time, rising, none twice."""
    if isinstance(durations, (str, timedelta)) or not hasattr(durations, "__iter__"):
        raise ArgumentError(
            Text(Setting("durations"), f" is {durations!r}"),
            Text("give several, as in ", Setting("durations", ["10min", "1h", "1D"]), "."),
        )
    spans = sorted(_span(own, "durations") for own in durations)
    if not spans:
        raise ArgumentError(Text(Setting("durations"), " is empty"), "give at least three, for a curve.")
    if twice := next((own for own, other in itertools.pairwise(spans) if own == other), None):
        raise ArgumentError(
            Text(Setting("durations"), f" holds {duration(twice.total_seconds())} twice"),
            "name every duration once.",
            argument="durations",
        )
    return spans


def _span(own: Any, argument: str) -> pd.Timedelta:
    span = span_of(own)
    if span is None or not span > pd.Timedelta(0):
        raise ArgumentError(
            Text(Setting(argument), f" holds {own!r}, which is no span of time"),
            "write a number and its unit, such as '10min', '6h' or '1D'.",
            argument=argument,
        )
    return span


def _is_number(own: Any) -> bool:
    """Whether it is a number, or a text of one, whose unit is not said."""
    try:
        float(own)
    except (TypeError, ValueError):
        return False
    return True


def _step(sample: Observations, spans: list[pd.Timedelta]) -> pd.Timedelta:
    """The step of the record, of which every duration is a multiple."""
    if sample.index is None:
        raise DataError(
            "the rain has no dates, so there are no sums over durations",
            "give them dates; maxima that are there already go to durations(intensity, minutes=...).",
        )
    cadence = cadence_of(sample.index, one_step=True)
    if cadence.step is None:
        raise DataError(
            "the timestamps follow no regular step, so that sums over durations cannot be told from gaps",
            "write the record with a regular step, for example series.resample('10min').sum() in pandas where no value "
            "means no rain.",
        )
    step = pd.Timedelta(cadence.step)
    for span in spans:
        check_span(step, cadence, sample.index, replace(window_of((span, "sum")), argument="durations"))
    return step


def _refuse_strange(sample: Observations) -> None:
    """No negative rain, and no intensities."""
    if (below := np.flatnonzero(sample.values < 0.0)).size:
        at = below[0]
        where = f"position {sample.positions[at]} (counted from 0)" if sample.index is None else str(sample.index[at])
        raise DataError(
            f"{sample.name} is {number(float(sample.values[at]), 6)} at {where}, and {below.size} value"
            f"{' is' if below.size == 1 else 's are'} negative in all",
            Text(
                "correct it; a code for missing values is named on reading, as in ", Setting("na_values", [-999]), "."
            ),
        )
    if sample.unit is not None and "/" in sample.unit:
        raise ArgumentError(
            f"{sample.name} is in {sample.unit}, an intensity, and durations take amounts",
            Text(
                "multiply it by the hours of its step, and say the unit of the amounts, as in ",
                Setting("unit", "mm"),
                ".",
            ),
        )


def _refuse_blocks(found: Extremes, block: Any) -> None:
    if found.blocks_per_year != 1.0:
        raise ArgumentError(
            Text(Setting("block", block), " gives several blocks a year, and durations are compared year by year"),
            Text(
                *("take ", Setting("block", "year"), ", ", Setting("block", "water-year"), " or one season, as "),
                *(Setting("block", "JJA"), "."),
            ),
            argument="block",
        )


def _factors(correction: Any, spans: list[pd.Timedelta], step: pd.Timedelta) -> Array | None:
    """What the sums of each duration are multiplied by."""
    if correction is False or correction is None:
        return None
    if correction is True:
        steps = np.array([span / step for span in spans])
        return np.asarray(8.0 * steps / (8.0 * steps - 1.0))
    if not isinstance(correction, Mapping):
        raise ArgumentError(
            Text(Setting("correction"), f" is {correction!r}"),
            Text("expected True, or factors by duration, as in ", Setting("correction", {"1D": 1.13}), "."),
            argument="correction",
        )
    found = np.ones(len(spans))
    for own, factor in correction.items():
        span = _span(own, "correction")
        if span not in spans:
            raise ArgumentError(Text(Setting("correction"), f" names {own!r}, which is none of the durations."))
        if isinstance(factor, bool) or not isinstance(factor, (int, float)) or not 1.0 <= factor <= 2.0:
            raise ArgumentError(
                Text(Setting("correction"), f" of {own!r} is {factor!r}"), "expected a factor from 1 to 2."
            )
        found[spans.index(span)] = float(factor)
    return found


def _in_time(found: list[Extremes]) -> list[Any]:
    """The labels of all years, in the order of time."""
    begins = {
        label: start
        for own in found
        if own.starts is not None
        for label, start in zip(own.blocks.tolist(), own.starts, strict=True)
    }
    return sorted(begins, key=begins.__getitem__)


def _notes_of(found: list[Extremes]) -> tuple[str, ...]:
    """What is said of the record and its years, once: of windows alone and of each duration apart nothing."""
    of_all = [note for own in found for note in own.notes if getattr(note, "code", None) not in _OF_WINDOWS]
    seen: dict[tuple[Any, Any], str] = {}
    for note in of_all:  # the first of each kind: that of the shortest duration
        seen.setdefault((getattr(note, "code", note), None), note)
    return tuple(seen.values())


def _minutes_of(columns: Any) -> list[float] | None:
    """The names of columns as durations: numbers are minutes, texts spans of time."""
    try:
        return [
            float(own) if isinstance(own, (int, float)) or _is_number(own) else minutes_of(own, "minutes")
            for own in columns
        ]
    except ArgumentError as error:
        raise ArgumentError(
            f"the columns are called {', '.join(map(repr, columns))}, which are no durations",
            Text("say how long they are, as in ", Setting("minutes", [10, 60, 1440]), "."),
            argument="minutes",
        ) from error


def _years_of(index: pd.Index[Any]) -> Any:
    """Labels of rows that are not merely counted."""
    if isinstance(index, pd.RangeIndex) and index.start == 0:
        return None
    return index.year if isinstance(index, pd.DatetimeIndex) else index


def _real(intensity: Any) -> Array:
    array = np.ma.filled(np.ma.asarray(intensity, dtype=np.float64), np.nan) if np.ma.isMaskedArray(intensity) else None
    array = np.asarray(intensity) if array is None else array
    if array.dtype.kind not in "iuf":
        raise DataError(
            f"the intensities are of type {array.dtype}", "expected real numbers, NaN where one is missing."
        )
    if array.ndim < 2:
        raise DataError(
            f"the intensities have shape {array.shape}", "expected a row for each year and a column for each duration."
        )
    return np.array(array, dtype=np.float64)


def _lengths(minutes: Any, shape: tuple[int, ...]) -> Array:
    """The durations, positive, none twice, as many as there are columns."""
    try:
        lengths = np.array(minutes, dtype=np.float64)
    except (TypeError, ValueError) as cause:
        problem = Text(Setting("minutes"), f" is {minutes!r}")
        raise ArgumentError(problem, "expected numbers of minutes, as in minutes=[10, 60, 1440].") from cause
    if lengths.shape != shape[-1:]:
        raise ArgumentError(
            f"there are {lengths.size} durations, and the intensities have shape {shape}",
            "give the minutes of every column: a row is a year, a column a duration.",
            argument="minutes",
        )
    if (wrong := lengths[~((lengths > 0.0) & np.isfinite(lengths))]).size:
        raise ArgumentError(Text(Setting("minutes"), f" holds {wrong[0]:g}"), "expected positive numbers of minutes.")
    values, counts = np.unique(lengths, return_counts=True)
    if (counts > 1).any():
        raise ArgumentError(
            Text(Setting("minutes"), f" holds {values[counts > 1][0]:g} twice"), "name every duration once."
        )
    return lengths


def _labels(years: Any, count: int) -> Any:
    labels = np.array(np.atleast_1d(np.asarray(years)).tolist(), dtype=object)
    if labels.shape != (count,):
        raise ArgumentError(
            Text(Setting("years"), f" holds {labels.size} labels, and there are {count} years"), "name every row once."
        )
    names, counts = np.unique(labels.astype(str), return_counts=True)
    if (counts > 1).any():
        raise DataError(f"the year {names[counts > 1][0]} stands twice", "keep one row for each year.")
    return labels


def _refuse_values(values: Array, minutes: Array) -> None:
    """Nothing negative or infinite, and intensities that fall from the shortest duration to the longest."""
    for wrong, what in ((values < 0.0, "negative"), (np.isinf(values), "infinite")):
        if wrong.any():
            *lane, row, column = (int(place) for place in np.argwhere(wrong)[0])
            where = f"row {row} (counted from 0)" + (f" of series {tuple(lane)}" if lane else "")
            raise DataError(
                f"the intensity of {in_words(minutes[column])} in {where} is {what} ({values[*lane, row, column]:g})",
                "correct it, or leave it empty (NaN).",
            )
    if np.isnan(values).all():
        raise DataError("there is no intensity: every value is missing.")
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        ends = np.nanmedian(values[..., [0, -1]], axis=tuple(range(values.ndim - 1)))
    if values.shape[-1] > 1 and ends[1] >= ends[0]:
        raise DataError(
            f"the median of {in_words(minutes[-1])} ({number(float(ends[1]))}) is not below that of "
            f"{in_words(minutes[0])} ({number(float(ends[0]))}), as intensities are and depths are not",
            "divide depths by the hours, depth / (minutes / 60), and check the order of the durations.",
        )


def _on_depths(values: Array, minutes: Array, labels: Any) -> tuple[Note, ...]:
    """A note where a longer duration has less depth than a shorter one of the same year, which no sums have."""
    depths = values * minutes
    with np.errstate(invalid="ignore"):
        highest = np.fmax.accumulate(np.nan_to_num(depths, nan=-np.inf), axis=-1)
        falls = (depths[..., 1:] < (1.0 - _ROUNDING) * highest[..., :-1]).any(axis=-1)
    if not falls.any():
        return ()
    place = int(np.argwhere(falls)[0][-1])
    which = f"row {place}" if labels is None else str(labels[place])
    return (Note("depth_falls_in_years", which, count=int(falls.sum()), of=int(falls.size)),)


__all__ = ["duration_maxima", "durations", "minutes_of"]
