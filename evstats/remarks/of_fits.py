"""What a careful analyst says unasked of one series and its fit, and of answers beyond what the fit can tell."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.distributions import Family
from evstats.errors import ArgumentError
from evstats.estimators import Estimation, ExpectedMoments, InState, leading
from evstats.estimators.lanes import as_lanes
from evstats.extremes.peak_records import Peaks
from evstats.extremes.records import Extremes
from evstats.intervals import Answer
from evstats.notes import Note, ordered
from evstats.quantities import Quantity
from evstats.remarks import bounds, checks, independence, influence, peaks
from evstats.remarks.evidence import Evidence


class LevelOf(Protocol):
    """What makes the level with a return period a quantity of the data."""

    def level(self, periods: ArrayLike) -> Quantity:
        """The levels with these return periods in years."""


#: Periods in years below which that of annual maxima is another, and said.
_FREQUENT = 10.0
#: From fewer values the fit to the others says nothing, and the period of the level it is asked for.
_FEWEST, _PERIOD = 6, 100.0


def on_fit(
    evidence: Evidence, source: Extremes | Peaks | None, known: tuple[str, ...], asking: LevelOf
) -> tuple[str, ...]:
    """The notes on the data, in time and by themselves, and on the fit, after those ``known``; the gravest first."""
    estimation, level = evidence.estimation, _level(asking)
    own = (
        on_fallback(evidence),
        _on_largest(evidence, level),
        influence.absurd_record(estimation),
        without_errors(estimation),
        influence.second_in_doubt(estimation),
    )
    if estimation.family.rates:
        found = tuple(peaks.on_steps(estimation))
        in_time = peaks.notes(source if isinstance(source, Peaks) else None, estimation, level)
    else:
        gauged = source.numbers() if isinstance(source, Extremes) else None
        numbers = estimation.numbers if gauged is None else gauged.values
        found = checks.data_notes(numbers, minima=estimation.family.minima, record=gauged is not None)
        in_time = iter(()) if gauged is None else independence.notes(gauged)
    found = on_low_outliers(estimation, found)
    return ordered((*known, *in_time, *found, *filter(None, own), *bounds.on_bounds(estimation, level)))


def on_low_outliers(estimation: Estimation, found: tuple[Note, ...]) -> tuple[Note, ...]:
    """Notes on the values of one series, of a fit by expected moments with what it makes of zeros and low outliers."""
    method = estimation.estimator
    if not isinstance(method, ExpectedMoments):
        return found
    told = method.told(estimation)
    low, peaks = told.low_outliers, int(np.count_nonzero(~np.isnan(estimation.numbers)))
    own = [Note("bulletin_low_outliers", count=low.count, threshold=low.threshold, of=peaks)] if low.count else []
    own += [Note("bulletin_mostly_low", count=low.count, of=peaks)] if 2 * low.count > peaks else []
    return (*own, *(note for note in found if note.code not in ("low_outliers", "zeros")))


def on_fallback(evidence: Evidence) -> Note | None:
    """That the fallback answered for want of an interior maximum."""
    return leading.note_on_fallback(evidence.estimation, evidence.by_likelihood)


def _level(asking: LevelOf) -> Quantity | None:
    """The 100-year level; None where peaks are so rare that it is none of theirs."""
    try:
        return asking.level(_PERIOD)
    except ArgumentError:
        return None


def _on_largest(evidence: Evidence, level: Quantity | None) -> Note | None:
    """What the 100-year level would be without the most extreme observation."""
    if level is None or evidence.estimation.counts < _FEWEST:
        return None
    return influence.without_largest(evidence.estimation, level, evidence.without_largest)


def on_farthest(state: InState, asking: LevelOf, place: int, others: InState, asking_of_others: LevelOf) -> Note | None:
    """What the 100-year level in one state would be without the observation at this place, by the fit to the
    others.
    """
    level, level_of_others = _level(asking), _level(asking_of_others)
    if level is None or level_of_others is None or state.whole.counts < _FEWEST:
        return None
    return influence.without_farthest(state, place, level, others, level_of_others)


def without_errors(estimation: Estimation) -> Note | None:
    """A note where the estimator has no standard errors for one series."""
    if np.isfinite(estimation.covariance()).all():
        return None
    distribution = estimation.distribution.stated
    if distribution.parameter_names[-1] == "shape" and distribution.shape_is_xi and distribution.parameters[-1] <= -0.5:
        return Note("no_standard_errors_of_shape")
    own = estimation.distribution
    if not estimation.family.regular(np.atleast_2d(own.parameters)).all():
        return Note("no_standard_errors_at_end", estimation.family.label, shape=float(own.parameters[-1]))
    return Note("no_standard_errors")


def frequent(periods: Array) -> Note | None:
    """A note where periods of peaks are so short that those of annual maxima differ (Langbein 1949)."""
    short = periods[periods < _FREQUENT]
    return Note("partial_duration", period=short[0], annual=-1.0 / np.expm1(-1.0 / short[0])) if short.size else None


def beyond_end(distribution: Family, levels: Array) -> Note | None:
    """A note where a level lies beyond the end of the fitted distribution of one series, itself an estimate."""
    minima = distribution.minima
    end = float(distribution.support()[0 if minima else 1])
    beyond = levels[levels <= end] if minima else levels[levels >= end]
    if not np.isfinite(end) or not beyond.size:
        return None
    shape = distribution.parameters[-1]
    return Note("beyond_end", level=beyond[0], family=distribution.label, end=end, shape=shape, minima=minima)


def below_zero(estimation: Estimation, answer: Answer) -> Note | None:
    """A note where levels of minima of one series lie below zero though no value does."""
    levels = estimation.design.levels(as_lanes(estimation.values, estimation.design))  # of rounded values their bounds
    asked = estimation.family.minima and answer.quantity.in_data_unit and np.nanmin(levels) >= 0.0
    return Note("below_zero") if asked and (np.minimum(answer.estimate, answer.lower) < 0.0).any() else None
