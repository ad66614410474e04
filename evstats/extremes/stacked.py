"""Peaks of several series as one batch, each with its own dates, threshold and years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError
from evstats.extremes.peak_records import Peaks
from evstats.habits import knowing_their_names
from evstats.notes import Note, as_note
from evstats.text.paragraphs import listed


@knowing_their_names
def stack_peaks(series: Iterable[Peaks]) -> Peaks:
    """The peaks of several series as a batch, to be fitted together: each keeps its threshold, years and dates.

    Parameters
    ----------
    series
        Peaks of one series each, in the order of the batch; of as many peaks as each has.

    Returns
    -------
    Peaks
        With values (series, most), NaN behind those of a series with fewer; ``threshold`` and ``years`` (series,).
        ``peaks[i]`` is the i-th as it was given.

    Raises
    ------
    ArgumentError
        Nothing, or something that is no ``Peaks``, or a batch already.
    DataError
        Maxima beside minima, other units, years beside observations.

    Examples
    --------
    >>> import evstats as ev
    >>> first = ev.as_peaks([61.0, 75.0, 90.0, 64.0], threshold=60.0, years=2.0)
    >>> second = ev.as_peaks([51.0, 55.0], threshold=50.0, years=1.5)
    >>> both = ev.stack_peaks([first, second])
    >>> both, both.rate.round(2).tolist()
    (Peaks(6 peaks of value in 2 series), [2.0, 1.33])
    """
    given = _checked(series)
    first = given[0]
    most = max(own.values.size for own in given)
    values = np.full((len(given), most), np.nan)
    for row, own in zip(values, given, strict=True):
        row[: own.values.size] = own.values
    return Peaks(
        values=values,
        threshold=_numbers(own.threshold for own in given),
        years=_numbers(own.years for own in given),
        kind=first.kind,
        separation=first.separation if len({own.separation for own in given}) == 1 else "of each its own",
        name=first.name if len({own.name for own in given}) == 1 else "value",
        unit=first.unit,
        notes=tuple(_notes(given)),
        time_unit=first.time_unit,
        each=tuple(given),
    )


def _checked(series: Any) -> Sequence[Peaks]:
    """Peaks that can be of one batch."""
    remedy = "give a list of what peaks_over_threshold(...) or as_peaks(...) returns for one series each."
    if isinstance(series, Peaks):
        raise ArgumentError("these are Peaks already, and not a list of them", remedy)
    if isinstance(series, Mapping) or not isinstance(series, Iterable):
        raise ArgumentError(f"the series are given as {type(series).__name__}", remedy)
    given = list(series)
    if not given:
        raise ArgumentError("there are no series", remedy)
    for place, own in enumerate(given):
        if not isinstance(own, Peaks):
            raise ArgumentError(f"series {place} (counted from 0) is of type {type(own).__name__}", remedy)
        if own.values.ndim > 1:
            raise ArgumentError(
                f"series {place} (counted from 0) is a batch of shape {own.values.shape[:-1]} itself",
                "stack its series one by one, as in stack_peaks([batch[0], batch[1], other]).",
            )
    for what, of in (("kind", "kind"), ("unit", "unit"), ("unit of time", "time_unit")):
        own, other = (
            getattr(given[0], of),
            next((each for each in given if getattr(each, of) != getattr(given[0], of)), None),
        )
        if other is not None:
            place = next(place for place, each in enumerate(given) if each is other)
            raise DataError(
                f"the {what} of series 0 is {own!r} and that of series {place} {getattr(other, of)!r}",
                "stack series that are alike in it, and fit the others by themselves.",
            )
    return given


def _numbers(of_each: Iterable[Any]) -> Array:
    return np.array([float(own) for own in of_each])


def _notes(given: Sequence[Peaks]) -> Iterable[str]:
    """The notes of all series, each once, by the series where it is not said of all."""
    for note in dict.fromkeys(note for own in given for note in own.notes):
        places = [place for place, own in enumerate(given) if note in own.notes]
        if len(places) == len(given):
            yield note
        else:
            known: Note = as_note(note)
            yield known.about(f"series {listed(places)}")


__all__ = ["stack_peaks"]
