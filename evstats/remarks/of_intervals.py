"""What the reader of an interval of one series should know: what it rests on, and where it is known to be short."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from evstats.distributions import Gumbel
from evstats.estimators import Bayes, Estimation
from evstats.goodness import power_sentence
from evstats.intervals import Answer, Claim, Interval
from evstats.intervals.delta import Delta
from evstats.montecarlo.diagnostics import AGREEING, ENOUGH
from evstats.notes import Note
from evstats.quantities import ExpectedShortfall, Quantity
from evstats.remarks.bounds import on_profile
from evstats.remarks.evidence import Evidence, GumbelCheck


def on_interval(interval: Interval, answer: Answer, evidence: Evidence) -> tuple[Note, ...]:
    """The notes on the limits of an answer, by what the interval claims."""
    return _BY_CLAIM[interval.claim](interval, answer, evidence)


def in_warning(notes: tuple[Note, ...]) -> Note | None:
    """The note that is worth a warning: that the data are a reason not to trust the interval at all."""
    rejected = (note for note in notes if note.code == "gumbel_rejected")
    return next((note for note in rejected if GumbelCheck.said_by(note).untenable), None)


def _exact(interval: Interval, answer: Answer, evidence: Evidence) -> tuple[Note, ...]:
    """Whether the data speak against the Gumbel, on which the interval rests, and how often they would."""
    check, estimation = evidence.gumbel, evidence.estimation
    if check.speaks_against:
        doubt = Note("gumbel_rejected", **check._asdict(), interior=evidence.gev_has_maximum)
        return (doubt.about(f"{estimation.family.label} by {estimation.estimator.label}"),)
    if np.isnan(check.lowest):
        return (Note("gumbel_untested"),)
    return Note("gumbel_not_rejected", **check._asdict()), power_sentence(int(estimation.counts))


def _of_likelihood(interval: Interval, answer: Answer, evidence: Evidence) -> tuple[Note, ...]:
    """Why a limit is infinite, that an estimate lies outside its interval, or that another interval stands in."""
    quantity, lower, upper = answer.quantity, answer.lower, answer.upper
    if isinstance(interval.stand_in(evidence.estimation, quantity), Delta):
        return (Note("delta_stands_in", quantity.name.replace("_", " ")),)
    told = [note] if (note := on_profile(interval, evidence.estimation)) else []
    if ((np.isnan(lower) | np.isnan(upper)) & ~np.isnan(answer.estimate)).any():
        told.append(
            Note("no_limit", evidence.estimation.family.label, higher=int(interval.claim is Claim.HIGHER_ORDER))
        )
    if ((answer.estimate < lower) | (answer.estimate > upper)).any():
        told.append(Note("estimate_outside"))
    if (np.isinf(lower) ^ np.isinf(upper)).any():
        told.append(Note("no_bound_of_mean" if isinstance(quantity, ExpectedShortfall) else "no_bound"))
    return tuple(told)


def _short(interval: Interval, answer: Answer, evidence: Evidence) -> tuple[Note, ...]:
    """That a first-order interval is short, and what is not."""
    family = evidence.estimation.family
    if len(family.scales) > 1:
        return (Note("short_interval_of_two", interval.name),)
    if evidence.estimation.design.bounded and evidence.has_maximum:
        return (Note("short_interval_of_bounds", interval.name),)
    if family.of_maxima() is Gumbel:
        return (Note("short_interval", interval.name),)
    return (Note("short_interval_of_shape" if evidence.has_maximum else "short_interval_alone", interval.name),)


def on_chains(interval: Interval, quantity: Quantity, estimation: Estimation) -> tuple[Note, ...]:
    """That the Markov chains behind the posterior of one series, where it is drawn by some, do not agree yet.

    Many short chains have an R-hat above its limit before their draws are too few, so that both are looked at.
    """
    method = estimation.estimator
    if not isinstance(method, Bayes) or interval.simulation(estimation, quantity) is None:
        return ()
    drawn = next((drawn for _, drawn in method.samples(estimation)), None)
    if drawn is None or drawn.chains is None:
        return ()
    chains = drawn.chains
    rhat, worth = chains.rhat(), np.minimum(chains.ess("bulk"), chains.ess("tail"))
    apart = (rhat > AGREEING) & (worth < ENOUGH)
    if not apart.any():
        return ()
    names = ", ".join(np.array(chains.names)[apart])
    values = {"rhat": float(rhat.max()), "limit": AGREEING, "worth": float(worth.min()), "enough": ENOUGH}
    return (Note("posterior_chains_disagree", names, draws=method.draws, **values),)


_BY_CLAIM: Mapping[Claim, Callable[[Interval, Answer, Evidence], tuple[Note, ...]]] = {
    Claim.EXACT: _exact,
    Claim.HIGHER_ORDER: _of_likelihood,
    Claim.NOMINAL: _of_likelihood,
    Claim.SHORT: _short,
    Claim.POSTERIOR: lambda interval, answer, evidence: on_chains(interval, answer.quantity, evidence.estimation),
}
