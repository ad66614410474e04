"""How much the answer rests on the largest observation, and whether the model can believe it."""

from __future__ import annotations

import numpy as np

from evstats.arrays import Array
from evstats.distributions import Family
from evstats.errors import Status
from evstats.estimators import Estimation, InState, Regression
from evstats.estimators.populations import bic_of_both
from evstats.extremes.resolution import resolution
from evstats.goodness.nulls import SEED, as_maxima, samples_of
from evstats.models import BlockMaxima
from evstats.models.covariates import state_in_words
from evstats.notes import Note
from evstats.quantities import Quantity

#: A record is absurd if the fit to the others gives it at most this chance, and at most this share of simulated samples
#: of the fitted distribution have one as surprising; and the samples simulated.
_ABSURD = 0.005
_RARE = 0.05
REPLICATES = 2_000
#: Chances are said down to this one.
_LEAST_CHANCE = 1e-300

LEFT_OUT = "without_largest_in_state"
"""The code of the note on what a level in a state would be without one observation."""


def fit_without_largest(estimation: Estimation) -> tuple[float, Family] | None:
    """The most extreme observation of one series, and the fit to the others; None if they have none."""
    values, minima = np.array(estimation.values), estimation.family.minima
    places = estimation.design.about(values, minima=minima)
    if np.isnan(places).all():
        return None
    place = int(np.nanargmin(places) if minima else np.nanargmax(places))
    value = float(places[place])
    values[place] = np.nan
    again = estimation.estimator.estimate(estimation.family, values, estimation.design)
    if again.status != Status.CONVERGED:
        return None
    return value, estimation.family.from_parameters(again.parameters)


def without_largest(estimation: Estimation, level: Quantity, others: tuple[float, Family] | None) -> Note | None:
    """What a return level would be without the most extreme observation, by the fit to the ``others``; None if no
    fit.
    """
    if others is None:
        return None
    value, fitted = others
    after, before = level(fitted)[0], level(estimation.distribution)[0]
    minima = estimation.family.minima
    return Note("without_largest", value=value, period=level.questions[0], after=after, before=before, minima=minima)


def fit_without_farthest(estimation: Regression) -> tuple[int, Regression] | None:
    """The place of the observation of one series that lies the farthest out for its covariates, and the fit to the
    others; None if they have none.

    Where the distribution moves the largest value may be an ordinary one of its time. Residuals are those of one
    distribution, the standard Gumbel, whatever the covariates are, and the largest is the most surprising. None, too,
    of observations known by bounds, whose residuals are not known, and of a fit by Bayes, which would be drawn anew.
    """
    if estimation.design.bounded or not estimation.estimator.maximises_likelihood:
        return None
    residuals, values = estimation.residuals(), np.array(estimation.values)
    if np.isnan(residuals).all():
        return None
    place = int(np.nanargmax(residuals))
    values[place] = np.nan
    others = estimation.again(values)
    return (place, others) if others.estimate.status == Status.CONVERGED else None


def without_farthest(
    state: InState, place: int, level: Quantity, others: InState, level_of_others: Quantity
) -> Note | None:
    """What a return level in one state would be without the observation at this place, by the fit to the ``others``.

    The two are asked for the same period, which for peaks is another question where there are fewer.
    """
    whole = state.whole
    after, before = level_of_others(others.distribution)[0], level(state.distribution)[0]
    return Note(
        LEFT_OUT,
        state_in_words(state.asked.state()),
        value=whole.values[place],
        block="" if whole.labels is None else f", {whole.predictors.covariates.where(place)}",
        residual=whole.residuals()[place],
        period=level.questions[0],
        after=after,
        before=before,
        minima=whole.family.minima,
    )


def second_in_doubt(estimation: Estimation) -> Note | None:
    """A note if by BIC one Gumbel describes a series better than the two populations of its fit; else None."""
    if len(estimation.family.scales) == 1:
        return None
    one, two = bic_of_both(estimation.values[~np.isnan(estimation.values)])
    return None if two < one else Note("two_populations_in_doubt", one=one, two=two)


def absurd_record(estimation: Estimation) -> Note | None:
    """A note if the fitted family cannot believe the most extreme observation of one series; else None.

    The family is fitted to the other observations, which gives the chance that the extreme of n blocks passes the
    observed one. Where that is 0.005 or less the note says so, unless more than 1 in 20 samples of the fitted
    distribution have a record as surprising: the fit to the others has lost its largest value, so its chances are too
    small even where the family is true. For a location and scale family that comparison is exact. None, too, of data
    other than block maxima and minima, and of an estimator that is not batched: it cannot refit the samples.
    """
    if not isinstance(estimation.design, BlockMaxima):
        return None
    ordered, parameters = as_maxima(estimation)
    ordered = ordered[:, ~np.isnan(ordered[0])]
    if ordered.shape[-1] < 4 or np.isnan(parameters).any() or not estimation.estimator.batched:
        return None
    chance = _log_chance(estimation, ordered)[0]
    if not chance <= np.log(_ABSURD):
        return None
    fitted = estimation.family.of_maxima().from_parameters(parameters[0])
    samples = samples_of(fitted, REPLICATES, ordered.shape[-1], BlockMaxima(resolution(ordered[0])))
    simulated = [_log_chance(estimation, sample) for sample in samples]
    others = np.concatenate(simulated)
    others = others[~np.isnan(others)]
    as_surprising = int(np.count_nonzero(others <= chance))
    if as_surprising > _RARE * others.size:
        return None
    return _note(estimation, ordered[0], chance, as_surprising, others.size)


def _log_chance(estimation: Estimation, ordered: Array) -> Array:
    """Log-probability that the largest of n exceeds the last of lanes (m, n), under the fit to the others."""
    family, n = estimation.family.of_maxima(), ordered.shape[-1]
    rest = family.from_parameters(estimation.estimator.estimate(family, ordered[:, :-1]).parameters)
    with np.errstate(divide="ignore"):
        return np.log(-np.expm1(n * rest.logcdf(ordered[:, -1])))


def _note(estimation: Estimation, ordered: Array, chance: float, as_surprising: int, samples: int) -> Note:
    minima = estimation.family.minima
    shared = {
        "value": -ordered[-1] if minima else ordered[-1],
        "family": estimation.family.label,
        "as_surprising": as_surprising,
        "samples": samples,
        "seed": SEED,
        "minima": minima,
        "moved": False,
    }
    if np.isneginf(chance) and "shape" in estimation.family.parameter_names:
        return Note("record_impossible", **shared)
    return Note("record_surprising", n=ordered.size, chance=max(np.exp(chance), _LEAST_CHANCE), **shared)
