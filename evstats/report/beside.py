"""What stands beside the peaks of a series: the fit of the extremes of its blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from evstats.errors import DataError, FitError
from evstats.estimators import leading
from evstats.extremes.peak_records import Peaks
from evstats.extremes.records import Extremes
from evstats.fitting import Fit, fit
from evstats.notes import Note, as_note
from evstats.reading.records import Record
from evstats.report.questions import Questions
from evstats.report.record import unlisted
from evstats.report.subjects import subject_of
from evstats.report.words import label


@dataclass(frozen=True)
class Beside:
    """Fits of another sample of the same series, and what is to be said of them, or why there are none."""

    fits: tuple[Fit, ...] = ()
    notes: tuple[str, ...] = ()


NOTHING = Beside()


def has_blocks_beside(lead: Fit, questions: Questions) -> bool:
    """Whether the extremes of blocks stand beside a fit: of peaks that answer in return periods."""
    return not lead.has_covariates and subject_of(lead).in_periods(questions)


def leading_fit(data: Extremes | Peaks, **following: Any) -> Fit:
    """What leads, or the reference where that has no estimate, ``following`` what ``fit`` is told of covariates."""
    try:
        return fit(data, **following)
    except FitError:
        other = leading.REFERENCE_OF_PEAKS if isinstance(data, Peaks) else leading.REFERENCE
        return fit(data, other, **following)


def block_fit(peaks: Peaks | None, cut: Callable[[], Extremes] | None = None) -> Beside:
    """The fit of the extremes of blocks of the series that peaks were taken from, as ``cut`` cuts them; unasked years.

    There is none of plain numbers, of peaks that were given as such, of a part of the year and of data without dates.
    """
    if peaks is None or peaks.series is None:
        return NOTHING
    try:
        if cut is None and peaks.origin is not None and peaks.origin.watch.seasons is not None:
            raise DataError("of chosen months no blocks are cut.")
        if peaks.dates is None:
            raise DataError("the data have no dates.")
        extremes = _by_year(peaks) if cut is None else cut()
        found = leading_fit(extremes)
    except (DataError, FitError) as error:
        return Beside(notes=(Note("no_blocks_beside", reason=error.text),))
    own = (note for note in unlisted(extremes.notes) if note not in peaks.notes)
    return Beside((found,), tuple(as_note(note).about(label(found)) for note in own))


def _by_year(peaks: Peaks) -> Extremes:
    """The extremes of the years."""
    from evstats.extremes.blocks import block_maxima

    assert peaks.series is not None, "asked for only where there is one"
    record = peaks.series if peaks.audit is None else Record(peaks.series, peaks.audit)
    return replace(block_maxima(record, kind=peaks.kind), name=peaks.name, unit=peaks.unit)
