"""Limits of what several independent causes make together: the product of their distributions.

The log-likelihood of the separate samples is a sum. A level x of the product with the reduced variate y is held by

    log(blocks_1 exp(-y_1(x)) + blocks_2 exp(-y_2(x)) + ...) + y = 0,

y_i the reduced variate under cause i: one coefficient, the location or the scale of the cause with the greatest share,
follows from it and all others. So there is a profile of the joint likelihood, and profile and r* limits are taken of it
as of any other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from evstats import noise
from evstats.arrays import Array, Mask, Places
from evstats.distributions import Family, Gumbel, GumbelMin, Product, WithZeros
from evstats.errors import ArgumentError, Status
from evstats.estimators import Bayes, Estimation, PosteriorSample, leading
from evstats.estimators.lanes import lane_blocks
from evstats.intervals.base import Answer, Interval, Simulation
from evstats.intervals.causes import Cause, Zeros
from evstats.intervals.credible import Credible
from evstats.intervals.delta import Delta, symmetric_limits
from evstats.intervals.joint import HeldProduct, Joint
from evstats.intervals.likelihood_ratio import ProfileLikelihood, RStar
from evstats.intervals.solving import solve
from evstats.quantities import Quantity

#: Orders the draws of every cause after the first, whose posteriors may have been drawn from the same noise.
SEED = 20_261_129
#: The kinds of interval there are for a product, those taken unasked first.
KINDS: tuple[type[Interval], ...] = (RStar, Credible, ProfileLikelihood, Delta)


def refused(interval: Interval, estimations: Sequence[Estimation]) -> str | None:
    """Why an interval does not exist for a product of these causes; None where it does."""
    if not isinstance(interval, KINDS):
        return f"the {interval.name} interval is not there for a product of causes."
    if isinstance(interval, Credible):
        if any(isinstance(own.estimator, Bayes) for own in estimations):
            return None
        return interval.refused(estimations[0])
    for own in estimations:
        if reason := interval.refused(own):
            return reason
        if not isinstance(interval, Delta) and own.family.scales != (1,):
            return f"the {interval.name} interval is not there for a product with {own.family.label}."
    return None


def chosen_of_product(
    interval: Interval | None, estimations: Sequence[Estimation], *, with_delta: bool = True
) -> Interval:
    """An interval that exists for a product of these causes, ``with_delta`` or without; None is the first there is.

    Raises
    ------
    ArgumentError
        One that does not; the message says which do.
    """
    kinds = [kind() for kind in KINDS if with_delta or kind is not Delta]
    there = [kind for kind in kinds if refused(kind, estimations) is None]
    if interval is None and there:
        return there[0]
    reason = "there is no interval" if interval is None else refused(interval, estimations)
    if isinstance(interval, Delta) and not with_delta:
        reason = "the delta interval is not there for a share of zeros."
    if reason or interval is None:
        named = ", ".join(repr(kind.name) for kind in there)
        there_are = f"for these fits there are {named}." if named else "fit by maximum likelihood or Bayes."
        raise ArgumentError(str(reason), there_are, argument="interval")
    return interval


def product_of(estimations: Sequence[Estimation], blocks: Sequence[float]) -> Product:
    """The fitted distribution of a year, batch-shaped."""
    return Product(tuple(own.distribution for own in estimations), blocks)


def answer_of_product(
    estimations: Sequence[Estimation],
    blocks: Sequence[float],
    quantity: Quantity,
    interval: Interval,
    confidence: float,
) -> Answer:
    """A level of the product of the fitted causes, or a period or chance of one, with limits.

    Parameters
    ----------
    estimations
        Of the causes, of one batch shape, without covariates.
    blocks
        How many independent blocks of each cause a year holds.
    quantity
        A return level of years, or the return period or the probability of a level.
    interval
        That ``chosen_of_product`` gives.

    Notes
    -----
    Where a likelihood has no interior maximum, the posterior of all causes under a normal shape gives the limits, as it
    does of one.
    """
    fitted = cast("Family", product_of(estimations, blocks))
    estimate = np.asarray(quantity(fitted))
    batch, questions = estimate.shape[:-1], estimate.shape[-1]
    lanes = np.arange(math.prod(batch))
    limits = np.full((2, lanes.size, questions), np.nan)
    label, simulation = interval.label, None
    if isinstance(interval, Delta):
        limits[:] = np.stack(_by_delta(estimations, quantity, fitted, confidence)).reshape(limits.shape)
    else:
        found = _converged(estimations)
        drawn = lanes if isinstance(interval, Credible) else np.flatnonzero(~found & _without_maximum(estimations))
        if not isinstance(interval, Credible):
            good, values = np.flatnonzero(found), sum(math.prod(own.values.shape[len(batch) :]) for own in estimations)
            for block in lane_blocks(good.size, 2 * values * questions):
                limits[:, good[block]] = _by_likelihood(
                    estimations,
                    blocks,
                    good[block],
                    quantity,
                    cast("ProfileLikelihood | RStar", interval),
                    0.5 * (1.0 - confidence),
                )
        for lane, parameters in _drawn(estimations, drawn):
            answers = np.asarray(quantity(cast("Family", _of_draws(estimations, blocks, parameters))))
            limits[:, lane] = np.stack(PosteriorSample.central(answers, confidence))
            simulation = Simulation(len(answers), None)
    lower, upper = np.sort(limits, axis=0).reshape(2, *batch, questions)
    return Answer(quantity, estimate, lower, upper, label, confidence, simulation)


def _converged(estimations: Sequence[Estimation]) -> Mask:
    """Which series have an estimate of every cause, (lanes,)."""
    return np.asarray(np.all([np.ravel(own.estimate.status) == Status.CONVERGED for own in estimations], axis=0))


def _without_maximum(estimations: Sequence[Estimation]) -> Mask:
    """Which have for every cause one, or a likelihood without an interior maximum, (lanes,)."""
    each = [(own.estimate.status == Status.CONVERGED) | leading.without_maximum(own) for own in estimations]
    return np.asarray(np.all([np.ravel(own) for own in each], axis=0))


def _by_delta(
    estimations: Sequence[Estimation], quantity: Quantity, fitted: Family, confidence: float
) -> tuple[Array, Array]:
    """By the covariance of every cause."""
    gradient, start = quantity.linked_gradient(fitted), 0
    variance = np.zeros(gradient.shape[:-1])
    with np.errstate(invalid="ignore"):
        for own in estimations:
            part = gradient[..., start : start + len(own.family.parameter_names)]
            start += part.shape[-1]
            moved = np.einsum("...qi,...ij->...qj", part, own.covariance())
            variance += np.einsum("...qj,...qj->...q", moved, part)
        return symmetric_limits(quantity, quantity.linked(fitted), np.sqrt(variance), confidence, type(fitted))


def _by_likelihood(
    estimations: Sequence[Estimation],
    blocks: Sequence[float],
    lanes: Places,
    quantity: Quantity,
    interval: ProfileLikelihood | RStar,
    tail: float,
) -> Array:
    """Both ends (2, lanes, questions) by the joint likelihood."""
    causes = tuple(Cause.of(own, lanes, number) for own, number in zip(estimations, blocks, strict=True))
    profile = _profile(causes, estimations, lanes, quantity)
    ends = solve(profile, interval.criterion(profile, quantity, tail))
    sign = -1.0 if estimations[0].family.minima else 1.0
    in_unit = quantity.in_data_unit
    told = sign * profile.told(ends) if in_unit else quantity.at(_standard(estimations), sign * ends)
    return told.reshape(2, len(lanes), -1)


def _standard(estimations: Sequence[Estimation]) -> Family:
    """The distribution whose levels are the variates themselves."""
    return GumbelMin(0.0, 1.0) if estimations[0].family.minima else Gumbel(0.0, 1.0)


def _profile(
    causes: tuple[Cause, ...], estimations: Sequence[Estimation], lanes: Places, quantity: Quantity
) -> HeldProduct:
    """The profile of every question of some series."""
    sign = -1.0 if estimations[0].family.minima else 1.0
    questions = len(quantity.questions)
    owner = np.repeat(np.arange(len(lanes)), questions)
    asked = np.tile(
        sign * quantity(_standard(estimations)) if quantity.in_data_unit else sign * quantity.questions, len(lanes)
    )
    families = (own.sample.likelihood.model.family.from_parameters(own.sample.fitted[owner]) for own in causes)
    whole = Product(tuple(families), [own.blocks for own in causes])
    level, variate = (whole.from_gumbel(asked), asked) if quantity.in_data_unit else (asked, whole.reduced(asked))
    leads = np.argmax(whole.shares(level).share, axis=0)
    centre, unit = (np.choose(leads, [own.sample.fitted[owner, at] for own in causes]) for at in (0, 1))
    joint = Joint(causes, owner)
    rows = np.arange(len(owner))
    best = joint.loglik(rows, np.concatenate([own.sample.estimate[:, owner] for own in causes])).value
    nowhere = np.zeros(len(rows), dtype=np.bool_)
    if quantity.in_data_unit:
        return HeldProduct(joint, owner, best, (level - centre) / unit, nowhere, None, variate, centre, unit)
    return HeldProduct(joint, owner, best, variate, nowhere, level, variate, centre, unit)


def _drawn(estimations: Sequence[Estimation], lanes: Places) -> Iterator[tuple[int, list[Array]]]:
    """Of some series draws of the parameters of every cause, (draws, k) each, from posteriors that are independent."""
    if not lanes.size:
        return
    each = []
    for own in estimations:
        some = own.part(np.unravel_index(lanes, own.batch_shape)) if own.batch_shape else own
        method = own.estimator if isinstance(own.estimator, Bayes) else _posterior(own)
        some = some if isinstance(own.estimator, Bayes) else replace(some, estimator=method).again(some.values)
        each.append(dict(method.samples(some)))
    for place, lane in enumerate(lanes.tolist()):
        if not all(place in own for own in each):
            continue
        many = min(len(own[place].parameters) for own in each)
        yield lane, [_shuffled(own[place].parameters, cause)[:many] for cause, own in enumerate(each)]


def _posterior(estimation: Estimation) -> Bayes:
    """The posterior that stands in for a likelihood."""
    return cast("Bayes", leading.FALLBACK_OF_PEAKS if estimation.family.rates else leading.FALLBACK)


def _shuffled(draws: Array, cause: int) -> Array:
    """Draws in another order."""
    return draws[noise.generator([SEED, cause]).permutation(len(draws))] if cause else draws


def _of_draws(estimations: Sequence[Estimation], blocks: Sequence[float], parameters: list[Array]) -> Product:
    pairs = zip(estimations, parameters, strict=True)
    return Product(tuple(own.family.from_parameters(drawn) for own, drawn in pairs), blocks)


#: Of the prior of a share, Jeffreys'.
_JEFFREYS = 0.5


def answer_with_zeros(
    positive: Estimation, zeros: Array, quantity: Quantity, interval: Interval, confidence: float
) -> Answer:
    """A level of minima of which some are zero, or a period or chance of one, with limits.

    Parameters
    ----------
    positive
        The estimation of the minima that are not zero, of one series or of a batch of one axis.
    zeros
        How many are, one or more of each series.
    quantity
        A return level, or the return period or the probability of a positive level.
    interval
        That ``chosen_of_product`` gives for ``(positive,)``; a credible one of a single series.
    """
    lost, kept = np.atleast_1d(np.asarray(zeros, dtype=np.float64)), np.atleast_1d(np.asarray(positive.counts))
    years = lost + kept
    estimate = np.asarray(
        quantity(cast("Family", WithZeros((lost / years).reshape(positive.batch_shape), positive.distribution)))
    )
    ends = np.full((2, lost.size, estimate.shape[-1]), np.nan)
    simulation = None
    if isinstance(interval, Credible):
        ((_, (drawn,)),) = _drawn([positive], np.zeros(1, dtype=np.intp))
        share = noise.generator(SEED).beta(lost[0] + _JEFFREYS, kept[0] + _JEFFREYS, len(drawn))
        mixed = WithZeros(share, positive.family.from_parameters(drawn))
        ends[:, 0] = np.stack(PosteriorSample.central(np.asarray(quantity(cast("Family", mixed))), confidence))
        simulation = Simulation(len(drawn), None)
    else:
        lanes = np.flatnonzero(np.ravel(positive.estimate.status) == Status.CONVERGED)
        profile = _profile_with_zeros(positive, lanes, Zeros(lost[lanes], years[lanes]), quantity)
        criterion = cast("ProfileLikelihood | RStar", interval).criterion(profile, quantity, 0.5 * (1.0 - confidence))
        found = solve(profile, criterion)
        told = -profile.told(found) if quantity.in_data_unit else quantity.at(_standard([positive]), -found)
        ends[:, lanes] = (np.maximum(told, 0.0) if quantity.in_data_unit else told).reshape(2, lanes.size, -1)
    lower, upper = np.sort(ends, axis=0).reshape(2, *estimate.shape)
    return Answer(quantity, estimate, lower, upper, interval.label, confidence, simulation)


def _profile_with_zeros(positive: Estimation, lanes: Places, dry: Zeros, quantity: Quantity) -> HeldProduct:
    """The profile of every question of some series, of the mirrored minima."""
    cause = Cause.of(positive, lanes, 1.0)
    questions = len(quantity.questions)
    owner = np.repeat(np.arange(len(lanes)), questions)
    rows, joint, nowhere = np.arange(owner.size), Joint((cause, dry), owner), np.zeros(owner.size, dtype=np.bool_)
    best = joint.loglik(rows, np.concatenate([own.estimate[:, owner] for own in joint.causes])).value
    mirrored, log_rate = (
        cause.likelihood.model.family.from_parameters(cause.sample.fitted[owner]),
        dry.estimate[0, owner],
    )
    loc, scale = cause.sample.fitted[owner, :2].T
    if not quantity.in_data_unit:
        level = np.tile(-quantity.questions, len(lanes))
        variate = -np.logaddexp(log_rate, -mirrored.reduced(level))
        return HeldProduct(joint, owner, best, variate, nowhere, level, variate, loc, scale)
    variate = np.tile(-quantity(_standard([positive])), len(lanes))
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.exp(-variate) - np.exp(log_rate)  # nothing where zeros alone are more frequent
        level = np.where(left > 0.0, mirrored.from_gumbel(-np.log(left)), np.inf)
    return HeldProduct(joint, owner, best, (level - loc) / scale, nowhere, None, variate, loc, scale)


__all__ = ["KINDS", "answer_of_product", "answer_with_zeros", "chosen_of_product", "product_of", "refused"]
