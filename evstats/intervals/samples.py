"""Samples at their estimates, standardised so that the state asked about has location 0 and scale 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evstats.arrays import Array, Mask, Places
from evstats.distributions import Family
from evstats.models import Design, Likelihood, Model, Points, likelihood_of

if TYPE_CHECKING:
    from evstats.estimators import InState
    from evstats.intervals.heights import Heights

#: The lowest shape considered; where the likelihood has no interior maximum it is the one at this edge.
EDGE = -1.0
#: The shapes, and how much higher the logarithms of the rate, that a lost climb begins from.
LOST_SHAPES, LOST_RATES = (-0.9, -0.7, -0.4, -0.1, 0.3), (0.0, 0.2, 0.8)


@dataclass(frozen=True, eq=False)
class Sample:
    """Samples at their estimates, each standardised so that its distribution in the state asked about has location 0
    and scale 1.

    Parameters
    ----------
    likelihood
        Of the m samples.
    estimate
        Coefficients (p, m).
    fitted
        Parameters (m, k) in data units, in that state.
    state
        (k, p), the rows of the designs there; the identity for constant parameters.
    fallback
        Which samples have no interior maximum, where the maximum at the edge stands in.
    at_edge
        The log-likelihood there.
    design
        Of observations that are known by bounds, by which others like them are drawn; None of all others.
    robust
        Of points that depend on each other within blocks what is known of that; None of all others.
    """

    likelihood: Likelihood
    estimate: Array
    fitted: Array
    state: Array
    fallback: Mask
    at_edge: Array
    design: Design | None = None
    robust: Robust | None = None

    @classmethod
    def of_maxima(cls, family: type[Family], points: Points, fitted: Array) -> Sample:
        """Points of block maxima with the estimates (m, k) of a family of maxima, NaN where there is none."""
        fallback = np.isnan(fitted[:, 0])
        if fallback.any():
            fitted = np.where(fallback[:, None], edge_estimate(points), fitted)
        estimate = np.zeros(fitted.T.shape)
        estimate[2:] = fitted[:, 2:].T
        likelihood = likelihood_of(Model.constant(family), points.moved(fitted[:, 0], fitted[:, 1]))
        return cls(likelihood, estimate, fitted, np.eye(len(estimate)), fallback, -likelihood.counts())

    @classmethod
    def of_peaks(cls, family: type[Family], points: Points, fitted: Array) -> Sample:
        """Peaks over a threshold, the last point of each sample, with the estimates (m, k) of a family of theirs."""
        fallback = np.isnan(fitted[:, 1])
        if fallback.any():
            fitted = np.where(fallback[:, None], edge_of_peaks(points), fitted)
        model, standard = Model.constant(family), np.array(fitted)
        standard[:, :2] = 0.0, 1.0
        moved = points.moved(fitted[:, 0], fitted[:, 1])
        likelihood, rate = likelihood_of(model, moved), fitted[:, family.rates[0]]
        state = np.eye(len(model.parameters))[:, [place for place, own in enumerate(model.parameters) if own.size]]
        at_edge = likelihood.counts() * (rate - 1.0)
        return cls(likelihood, model.coefficients(standard), fitted, state, fallback, at_edge)

    @classmethod
    def of_model(cls, model: Model, points: Points, estimate: Array, covariates: Sequence[Array | None]) -> Sample:
        """Any points with the coefficients (p, m) of any model, in a state of the covariates.

        ``covariates`` has a row (p_j,) for each parameter, None for a constant one; those of location and scale begin
        with 1.
        """
        names = model.family.of_state().parameter_names
        state = np.zeros((len(names), model.size))
        for own, place, row in zip(state, model.places, covariates, strict=False):
            own[place] = 1.0 if row is None else row
        fitted = model.at(estimate, covariates).parameters
        loc, scale = fitted[:, 0], fitted[:, 1]
        standard = np.array(estimate)
        standard[model.places[0]] /= scale
        standard[model.places[0].start] -= loc / scale
        standard[model.places[1].start] -= np.log(scale)
        moved = points.moved(loc, scale)
        nowhere, model = np.zeros(len(fitted), dtype=np.bool_), model.in_unit(loc, scale)
        return cls(likelihood_of(model, moved), standard, fitted, state, nowhere, np.full(len(fitted), -np.inf))

    @cached_property
    def has_edge(self) -> bool:
        """Whether the maximum at shape -1 is there, in closed form."""
        model, points = self.likelihood.model, self.likelihood.points
        whole = points.beyond is None and (bool(model.family.given) or points.are_maxima)
        return model.family.has_edge and model.is_constant and whole


def sample_in_state(estimation: InState, lanes: Places) -> Sample:
    """The samples with these places, of every one its state, in which the constant of each parameter is its value."""
    whole, each = estimation.whole, estimation.states or 1
    owner = lanes // each
    values, beta = whole.maxima
    model, beta = whole.model.of_lanes(owner), beta[:, owner]
    fitted = np.array(estimation.estimate.parameters.reshape(-1, len(estimation.family.parameter_names))[lanes].T)
    fitted[0] *= -1.0 if estimation.family.minima else 1.0
    for own, place, value in zip(model.parameters, model.places, fitted, strict=False):
        if own.size:
            beta[place.start] = own.link.predictor(value)
    rows = {name: own.reshape(-1, own.shape[-1])[lanes] for name, own in estimation.rows.items()}
    model, first = whole.counted_from(model, rows, shared=estimation.states is None)
    found = Sample.of_model(model, whole.points_of(values[owner], owner), beta, first)
    if whole.per_block > 1:
        found = replace(found, robust=_robust(estimation, lanes))
    if model.family.rates:  # the threshold, from which all is counted
        return replace(found, fitted=np.column_stack([fitted[0], found.fitted[:, 1:]]))
    return found


class Robust(NamedTuple):
    """How estimates vary whose likelihood takes dependent points for independent.

    Attributes
    ----------
    displacements
        Of the coefficients by leaving out one block after the other, (m, p, blocks).
    tied, plain
        The covariances (m, p, p) that a fitted dependence would give, and those that independence would.
    """

    displacements: Array
    tied: Array
    plain: Array

    def inflation(self, profile: Heights) -> tuple[Array, Array]:
        """How many times as large the variance of the value of each row is as the likelihood has it, and by how many
        degrees of freedom that is known.

        By the jackknife, which is noisy as one block in 35 has most of it, but no less than by the fitted dependence;
        the degrees of freedom match mean and variance of the jackknife's sum (Pan and Wall 2002).
        """
        gradient, (_, error), owner = profile.gradient(), profile.tangent(), profile.owner
        moved = np.einsum("ir,rib->rb", gradient, self.displacements[owner])
        with np.errstate(all="ignore"):
            tied, plain = (np.einsum("ir,rij,jr->r", gradient, own[owner], gradient) for own in (self.tied, self.plain))
            seen = (moved != 0.0).sum(axis=-1)
            total, fourth = np.square(moved).sum(axis=-1), np.power(moved, 4).sum(axis=-1)
            times = np.fmax(total * (seen - 1.0) / seen / np.square(error), tied / plain)
            freedom = 2.0 * total * total / (fourth - total * total / seen)
        return times, np.clip(np.where(np.isfinite(freedom), freedom, _LEAST_FREEDOM), _LEAST_FREEDOM, seen - 1.0)


#: Degrees of freedom of a variance that rests on one block.
_LEAST_FREEDOM = 2.0


def _robust(estimation: InState, lanes: Places) -> Robust:
    """Of the same samples: what their estimation knows, carried to the coefficients counted from the state."""
    whole, each, theta = estimation.whole, estimation.states or 1, estimation.estimate.parameters
    k, p = theta.shape[-1], whole.model.size
    moved = np.zeros((lanes.size, p, p))
    moved[:, :k] = whole.slopes(estimation.rows, theta).reshape(-1, k, p)[lanes]
    moved[:, 0] /= theta.reshape(-1, k)[lanes, 1, None]
    moved[:, range(k, p), range(k, p)] = 1.0
    displacements, *covariances = (own[lanes // each] for own in whole.robust)
    back = np.swapaxes(moved, -1, -2)
    return Robust(moved @ displacements, *(moved @ own @ back for own in covariances))


def edge_estimate(maxima: Points) -> Array:
    """The maximum of the likelihood at shape -1: the largest observation is the endpoint; (m, 3)."""
    highest = maxima.x.max(axis=-1)
    scale = highest - (maxima.x * maxima.events).sum(axis=-1) / maxima.events.sum(axis=-1)
    return np.stack([highest - scale, scale, np.full(len(highest), EDGE)], axis=-1)


def edge_of_peaks(points: Points) -> Array:
    """The maximum of the likelihood of peaks at shape -1: uniform from the threshold to the largest; (m, 4)."""
    threshold, years = points.x[:, -1], points.exposure[:, -1]
    rate = np.log(points.events.sum(axis=-1) / years)
    return np.stack([threshold, points.x.max(axis=-1) - threshold, rate, np.full(len(rate), EDGE)], axis=-1)


def moved_start(model: Model, start: Array, shape: float | None, log_rate: float) -> Array:
    """Coefficients (p, ...) of peaks with another shape, where there is one, and a higher rate."""
    begin, places = np.array(start), model.places
    begin[places[2].start] += log_rate
    if shape is not None:
        begin[places[3].start] = shape
    return begin
