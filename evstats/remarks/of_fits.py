"""What a careful analyst says unasked of one series and its fit, and of answers beyond what the fit can tell."""

from __future__ import annotations

import numpy as np

from evstats.arrays import Array
from evstats.distributions import Family
from evstats.estimators import Estimation, leading
from evstats.extremes.records import Extremes
from evstats.intervals import Answer
from evstats.notes import Note, ordered
from evstats.quantities import ReturnLevel, as_questions
from evstats.remarks import checks, independence, influence
from evstats.remarks.evidence import Evidence

#: From fewer values the fit to the others says nothing, and the period of the level it is asked for.
_FEWEST, _PERIOD = 6, 100.0


def on_fit(
    evidence: Evidence, extremes: Extremes | None, known: tuple[str, ...], blocks_per_year: float
) -> tuple[str, ...]:
    """The notes on the data, in time and by themselves, and on the fit, after those ``known``; the gravest first."""
    estimation = evidence.estimation
    own = (
        leading.note_on_fallback(estimation, evidence.by_likelihood),
        _on_largest(evidence, blocks_per_year),
        influence.absurd_record(estimation),
        without_errors(estimation),
        influence.second_in_doubt(estimation),
    )
    found = checks.data_notes(estimation.values, minima=estimation.family.minima)
    in_time = () if extremes is None else independence.notes(extremes)
    return ordered((*known, *in_time, *found, *filter(None, own)))


def _on_largest(evidence: Evidence, blocks_per_year: float) -> Note | None:
    """What the 100-year level would be without the most extreme observation."""
    if evidence.estimation.counts < _FEWEST:
        return None
    level = ReturnLevel(as_questions(_PERIOD, "period"), blocks_per_year)
    return influence.without_largest(evidence.estimation, level, evidence.without_largest)


def without_errors(estimation: Estimation) -> Note | None:
    """A note where the estimator has no standard errors for one series."""
    if np.isfinite(estimation.covariance()).all():
        return None
    distribution = estimation.distribution
    if "shape" in distribution.parameter_names and distribution.parameters[-1] <= -0.5:
        return Note("no_standard_errors_of_shape")
    return Note("no_standard_errors")


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
    asked = estimation.family.minima and answer.quantity.in_data_unit and np.nanmin(estimation.values) >= 0.0
    return Note("below_zero") if asked and (np.minimum(answer.estimate, answer.lower) < 0.0).any() else None
