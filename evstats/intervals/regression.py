"""Models with covariates: the likelihood in a state of them, and the limits of their coefficients."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.special

from evstats import newton
from evstats.arrays import Array, Places
from evstats.errors import Status
from evstats.estimators import Regression
from evstats.estimators.base import lane_blocks
from evstats.intervals.base import Answer, Interval, check_replicates
from evstats.intervals.bootstrap import Bootstrap
from evstats.intervals.delta import Delta
from evstats.intervals.likelihood_ratio import LikelihoodRatio, solve
from evstats.intervals.profile import Height, Held, Profile, Sample
from evstats.models import Model, Points, likelihood_of
from evstats.quantities import Parameters


def coefficients(estimation: Regression, interval: Interval, confidence: float) -> Answer:
    """The coefficients of the covariates as they were given, batch + (p,), with limits.

    Those of the interval's own likelihood ratio where it has one, else, and where that does not exist, symmetric by the
    standard error.
    """
    estimate, label = estimation.coefficients, interval.described(estimation, Parameters())
    if isinstance(interval, Bootstrap):
        check_replicates(interval.replicates, confidence)
        lower, upper = interval.limits_of_coefficients(estimation, confidence)
        simulated = interval.simulation(estimation, Parameters())
        return Answer(Parameters(), estimate, lower, upper, label, confidence, simulated)
    with np.errstate(invalid="ignore"):
        error = np.sqrt(np.diagonal(estimation.told_covariance(), axis1=-2, axis2=-1))
    half = scipy.special.ndtri(0.5 + 0.5 * confidence) * error
    lower, upper = estimate - half, estimate + half
    if isinstance(interval, LikelihoodRatio):
        own = _limits(estimation, interval, 0.5 * (1.0 - confidence))
        without = np.isnan(own[0]) | np.isnan(own[1])
        lower, upper = np.where(without, lower, own[0]), np.where(without, upper, own[1])
        if (without & ~np.isnan(lower)).any():
            label = f"{label}; where that does not exist, {Delta.label}"
    return Answer(Parameters(), estimate, lower, upper, label, confidence)


def _limits(estimation: Regression, interval: LikelihoodRatio, tail: float) -> Array:
    """Lower and upper limits of all coefficients, (2, *batch, p); NaN where a series has none."""
    lanes = np.flatnonzero(np.ravel(estimation.estimate.status) == Status.CONVERGED)
    p, n = estimation.model.size, estimation.values.shape[-1]
    limits = np.full((2, math.prod(estimation.batch_shape), p), np.nan)
    for block in lane_blocks(lanes.size, 2 * n * p):
        some = lanes[block]
        sample = Centred.of(estimation, some)
        for place, own in enumerate(estimation.model.places):
            for column in range(own.stop - own.start):
                limits[:, some, own.start + column] = _limits_of_one(sample, place, column, interval, tail)
    return np.sort(limits, axis=0).reshape(2, *estimation.batch_shape, p)


@dataclass(frozen=True, eq=False)
class Centred:
    """Samples of maxima with their coefficients, the data counted from the mean location in mean scales.

    ``beta`` (p, m) are the coefficients in these units, ``jacobian`` (p, p) or (m, p, p) leads to those as given.
    """

    model: Model
    points: Points
    beta: Array
    loc: Array
    scale: Array
    jacobian: Array
    sign: float

    @classmethod
    def of(cls, estimation: Regression, lanes: Places) -> Centred:
        values, beta = estimation.maxima
        model, beta = estimation.model.of_lanes(lanes), beta[:, lanes]
        loc, scale = beta[model.places[0].start], np.exp(beta[model.places[1].start])
        standard = beta.copy()
        standard[model.places[0]] /= scale
        standard[model.places[0].start] = standard[model.places[1].start] = 0.0
        points = Points.of_maxima((values[lanes] - loc[:, None]) / scale[:, None])
        back = estimation.jacobian
        back = back if back.ndim == 2 else back.reshape(-1, *back.shape[-2:])[lanes]
        return cls(model, points, standard, loc, scale, back, -1.0 if estimation.family.minima else 1.0)


def _limits_of_one(sample: Centred, place: int, column: int, interval: LikelihoodRatio, tail: float) -> Array:
    """Both ends of a coefficient, (2, m); their order is not settled.

    The coefficient as given is c'gamma, of those gamma in standard form of its parameter. Turned by a reflection that
    takes c to a multiple of the first axis, the design stays orthogonal and the first coefficient is c'gamma/|c|.
    """
    own = sample.model.places[place]
    c = sample.jacobian[..., own.start + column, own]
    length = np.linalg.norm(c, axis=-1)
    turn = _reflection(c / length[..., None])
    design = sample.model.parameters[place].design
    model, beta = sample.model, sample.beta.copy()
    if design is not None:
        name = sample.model.parameters[place].name
        model = model.with_design(name, design @ turn)
        beta[own] = np.matmul(turn, beta[own].T[..., None])[..., 0].T
    likelihood = likelihood_of(model, sample.points)
    m, lanes = beta.shape[1], np.arange(beta.shape[1])
    fitted = np.zeros((m, len(model.parameters)))
    fitted[:, 1] = 1.0
    if len(model.parameters) > 2:
        fitted[:, 2] = beta[model.places[2].start]
    nowhere = np.zeros(m, dtype=np.bool_)
    whole = Sample(likelihood, beta, fitted, np.eye(len(fitted.T), model.size), nowhere, np.full(m, -np.inf))
    best = likelihood(lanes, beta).value
    held = Held(model.family, None, np.empty(0), None)
    profile = HeldCoefficient(whole, lanes, held, fitted, best, beta[own.start], nowhere, own.start)
    ends = solve(profile, interval.criterion(profile, Parameters(), tail))
    if place == 0:
        return sample.sign * (c[..., 0] * sample.loc + length * sample.scale * ends)
    return c[..., 0] * np.log(sample.scale) + length * ends if place == 1 else length * ends


def _reflection(c: Array) -> Array:
    """The symmetric orthogonal matrix, (..., p, p), that takes the unit vector c to the first axis."""
    one = np.zeros_like(c)
    one[..., 0] = 1.0
    apart = c - one
    size = np.sum(apart * apart, axis=-1)[..., None, None]
    return np.eye(c.shape[-1]) - 2.0 * apart[..., :, None] * apart[..., None, :] / np.where(size > 0.0, size, 1.0)


@dataclass(frozen=True, eq=False)
class HeldCoefficient(Profile):
    """The profile of one coefficient, the one with the place ``column``: it is held, and all others are free."""

    column: int = 0

    def gradient(self) -> Array:
        """One in the coefficient."""
        return np.eye(len(self.sample.estimate))[:, [self.column]].repeat(len(self.owner), axis=1)

    def at(self, rows: Places, value: Array, start: Array) -> Height:
        """The profile with the coefficient at ``value``, climbed from the others' ``start`` (p, rows)."""
        p = len(start)
        free = [place for place in range(p) if place != self.column]

        def assembled(lanes: Places, point: Array) -> Array:
            return np.insert(point, self.column, value[lanes], axis=0)

        def objective(active: Places, point: Array) -> newton.Evaluation:
            full = self.likelihood(self.owner[rows[active]], assembled(active, point))
            return newton.Evaluation(full.value, full.gradient[free], full.hessian[np.ix_(free, free)])

        found = newton.maximize(objective, start[free], max_step=self._steps(free), tolerance=1e-7, max_iterations=60)
        theta = assembled(np.arange(len(rows)), found.parameters)
        final = self.likelihood(self.owner[rows], theta)
        interior = found.converged & np.isfinite(final.value)
        shape = theta[self.likelihood.model.places[-1].start] if self.has_shape else np.zeros(len(rows))
        tangents = np.repeat(np.eye(p)[:, free][..., None], len(rows), axis=-1)
        height, hessian = np.where(interior, final.value, -np.inf), final.hessian[np.ix_(free, free)]
        return Height(height, final.gradient[self.column], theta, hessian, tangents, shape, interior)


__all__ = ["HeldCoefficient", "coefficients"]
