"""What a careful analyst says of a fit with covariates: how large the trend is, and what it hangs on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from evstats import goodness
from evstats.arrays import Array
from evstats.errors import Status
from evstats.estimators import Estimation, Regression
from evstats.models import Predictors
from evstats.models.covariates import TIME_OF_YEAR, Covariates
from evstats.notes import Note
from evstats.remarks import independence, influence
from evstats.remarks.evidence import Evidence

#: P-values below which a trend is said, and a test of fit rejects.
_TREND, _UNFIT = 0.05, 0.01
#: Below this statistic no p-value of a test of fit is 0.01: critical values are 0.74 to 1.1 for Gumbel and GEV with one
#: to four covariates, n = 20 to 200.
_NO_DOUBT: Final = 0.6
#: From this change of the slope without the last block on it is said, in standard errors of the slope: of independent
#: values 2 to 3 % of samples of 30 and at most 1 % of 60 and 100 (tests/studies/trend_notes.csv).
_MOVED: Final = 1.0
#: A covariate follows time from this tau of Kendall on, and wanders about it from this share of its variance on that
#: is faster than the mean of ``SMOOTH`` years: .035 to .11 of the global temperature of the last 30 to 143 years, less
#: than .006 of its mean over four.
_FOLLOWS, _WANDERS, SMOOTH = 0.5, 0.03, 4


def on_trend(evidence: Evidence, yearly: bool) -> tuple[Note, ...]:
    """The notes on one series whose parameters follow covariates; ``yearly`` blocks have covariates of years."""
    estimation = evidence.estimation
    assert isinstance(estimation, Regression)
    found: tuple[Note | None, ...] = (_on_residuals(estimation),)
    if estimation.estimator.maximises_likelihood:
        sizes = (size_of_trend(estimation, name) for name in estimation.predictors.by_parameter)
        found = (on_record(evidence), *sizes, *found, _on_fit(evidence), on_last_block(estimation))
    found = (
        *found,
        *(wandering(estimation.predictors.covariates) if yearly else ()),
        _on_shape(estimation.predictors),
    )
    return tuple(filter(None, found))


def size_of_trend(estimation: Regression, parameter: str) -> Note | None:
    """How far a parameter moves with its covariates over the record, and how often chance alone moves it as far."""
    if TIME_OF_YEAR in estimation.predictors.names:  # from one season to another is no trend
        return None
    p = float(goodness.ratio_test(without(estimation, parameter), estimation).p_value[0])
    if np.isnan(p):
        return None
    (first, last), subject = _from_to(estimation, parameter)
    fitted = estimation.distribution
    values = {"p": p, "chance": p >= _TREND}
    if parameter == "loc":
        size, scale = float(fitted.loc[last] - fitted.loc[first]), float(np.median(fitted.scale))
        return Note("trend_of_location", subject, rising=size > 0.0, size=abs(size), scales=abs(size) / scale, **values)
    before, after = (float(getattr(fitted, parameter)[place]) for place in (first, last))
    if parameter == "scale":
        code = "trend_in_proportion" if estimation.in_proportion else "trend_of_scale"
        return Note(code, subject, times=after / before, **values)
    return Note("trend_of_shape", subject, before=before, after=after, **values)


def without(estimation: Regression, parameter: str) -> Estimation:
    """The same model with one parameter constant, whatever its status."""
    left = {name: own for name, own in estimation.predictors.by_parameter.items() if name != parameter}
    if not left:
        return Estimation.of(estimation.family, estimation.estimator, estimation.values, estimation.design)
    predictors = replace(estimation.predictors, by_parameter=left)
    given = estimation.family, estimation.estimator, estimation.values, predictors, estimation.design
    return estimation.following(*given)


def _from_to(estimation: Regression, parameter: str) -> tuple[tuple[int, int], str]:
    """Two blocks, and what they are called: those with the least and the greatest of one covariate, or the first and
    the last where there are several.
    """
    own = estimation.predictors.by_parameter[parameter]
    known = estimation.predictors.covariates.columns
    if len(own.names) == 2 and own.names[1] in known:
        values = known[own.names[1]]
        first, last = int(np.argmin(values)), int(np.argmax(values))
        return (first, last), f"{own.names[1]} = {values[first]:.6g} to {values[last]:.6g}"
    return (0, -1), "the first block to the last"


def _on_residuals(estimation: Regression) -> Note | None:
    """A note if what the covariates leave of neighbouring blocks is dependent (p < 0.01)."""
    found = independence.dependence_note(estimation.residuals())
    return None if found is None else Note("dependence_of_residuals", **found.values)


def _on_fit(evidence: Evidence) -> Note | None:
    """A note if Anderson and Darling's test rejects (p < 0.01), simulated only where the statistic leaves a doubt."""
    from evstats.goodness.of_residuals import anderson_darling_of

    estimation = evidence.estimation
    assert isinstance(estimation, Regression)
    if anderson_darling_of(estimation) < _NO_DOUBT:
        return None
    p = evidence.anderson_darling
    return Note("residuals_unlike", estimation.family.label, p=p) if p < _UNFIT else None


def _on_shape(predictors: Predictors) -> Note | None:
    count = len(predictors.columns_of("shape")) - 1
    return Note("shape_of_many_covariates", count=count) if count > 1 else None


def on_record(evidence: Evidence) -> Note | None:
    """A note if the model cannot believe the value that is the most extreme where its covariates are.

    All values are counted from the location of their block, in its scales, by the fit to the others.
    """
    estimation = evidence.estimation
    assert isinstance(estimation, Regression)
    if len(estimation.predictors.columns_of("shape")) > 1 or evidence.without_farthest is None:
        return None
    place, others = evidence.without_farthest
    fitted = others.distribution
    standard = (estimation.values - fitted.loc) / fitted.scale
    found = influence.absurd_record(Estimation.of(estimation.family, estimation.estimator, standard))
    if found is None:
        return None
    return Note(found.code, found.subject, **{**found.values, "value": float(estimation.values[place]), "moved": True})


def on_last_block(estimation: Regression) -> Note | None:
    """A note where the slope of the location hangs on the last block: without it, it moves by a standard error."""
    own = estimation.predictors.by_parameter.get("loc")
    last = int(np.flatnonzero(~np.isnan(estimation.values.reshape(estimation.length, -1)[:, 0]))[-1])
    if own is None or len(own.names) != 2:
        return None
    error = float(np.sqrt(estimation.told_covariance()[1, 1]))
    values = np.array(estimation.values)
    values[last] = np.nan
    again = estimation.again(values)
    if again.estimate.status != Status.CONVERGED:
        return None
    before, after = float(estimation.coefficients[1]), float(again.coefficients[1])
    labels = estimation.labels
    if not abs(after - before) >= _MOVED * error:
        return None
    subject = str(own.names[1])
    block = "the last block" if labels is None else f"the last block ({labels[last]})"
    return Note("hangs_on_last_block", subject, block=block, before=before, after=after)


def wandering(covariates: Covariates) -> Iterator[Note]:
    """A note on each covariate that follows time and wanders about its course, as global temperature does with ENSO."""
    for name, values in covariates.columns.items():
        follows, share = course_of(values)
        if abs(follows) >= _FOLLOWS and share >= _WANDERS:
            yield Note("covariate_wanders", name, share=share, years=SMOOTH)


def course_of(values: Array) -> tuple[float, float]:
    """How far a covariate (n,) follows the order of the blocks, by Kendall's tau, and the share of its variance that is
    faster than its centred mean of ``SMOOTH`` years.
    """
    if values.size < 2 * SMOOTH:
        return 0.0, 0.0
    weights = np.convolve(np.ones(SMOOTH), [0.5, 0.5]) / SMOOTH
    half = len(weights) // 2
    fast = values[half:-half] - np.convolve(values, weights, mode="valid")
    return independence.mann_kendall(values)[0], float(np.var(fast) / np.var(values))


__all__ = ["SMOOTH", "course_of", "on_last_block", "on_trend", "size_of_trend", "wandering", "without"]
