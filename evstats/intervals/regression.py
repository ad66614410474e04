"""Models with covariates: the likelihood in a state of them, and the limits of their coefficients."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.special

from evstats import newton
from evstats.arrays import Array, Places
from evstats.distributions.derivatives import Level
from evstats.errors import Status
from evstats.estimators import Regression, leading
from evstats.estimators.coefficient_posterior import coefficients_drawn
from evstats.estimators.lanes import lane_blocks
from evstats.intervals.base import Answer, Interval, check_replicates
from evstats.intervals.delta import Delta
from evstats.intervals.heights import Height
from evstats.intervals.held import Held
from evstats.intervals.likelihood_ratio import LikelihoodRatio
from evstats.intervals.profile import Profile
from evstats.intervals.samples import Sample
from evstats.intervals.solving import solve
from evstats.models import Likelihood, Model, Points, likelihood_of
from evstats.quantities import Parameters


def coefficients(estimation: Regression, interval: Interval, confidence: float) -> Answer:
    """The coefficients of the covariates as they were given, batch + (p,), with limits.

    Those of the interval's own likelihood ratio where it has one, else, and where that does not exist, symmetric by the
    standard error; so are those of several durations.

    Parameters
    ----------
    estimation
        With covariates.
    interval
        An interval that exists for it.
    confidence
        How often the interval is to hold, between 0 and 1.

    Returns
    -------
    Answer
        Of shape batch + (p,).

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.Gumbel(100.0, 20.0).rvs(40, rng=1), "gumbel", loc="x", covariates={"x": list(range(40))})
    >>> ev.intervals.coefficients(fit.estimation, ev.intervals.Delta(), 0.95).estimate.round(2)
    array([101.45,  -0.29,   3.07])
    """
    if estimation.per_block > 1 and isinstance(interval, LikelihoodRatio):  # its parameters are those of no profile
        interval = Delta()
    estimate, label = estimation.coefficients, interval.described(estimation, Parameters())
    if simulated := interval.simulation(estimation, Parameters()):
        check_replicates(simulated.replicates, confidence)
    if (own := interval.limits_of_coefficients(estimation, confidence)) is not None:
        return Answer(Parameters(), estimate, *own, label, confidence, simulated)
    with np.errstate(invalid="ignore"):
        error = np.sqrt(np.diagonal(estimation.told_covariance(), axis1=-2, axis2=-1))
    half = scipy.special.ndtri(0.5 + 0.5 * confidence) * error
    lower, upper = np.maximum(estimate - half, estimation.told_floor), estimate + half
    if isinstance(interval, LikelihoodRatio):
        found = limits_by_ratio(estimation, interval, 0.5 * (1.0 - confidence))
        without = np.isnan(found[0]) | np.isnan(found[1])
        lower, upper = np.where(without, lower, found[0]), np.where(without, upper, found[1])
        if (without & ~np.isnan(lower)).any():
            label = f"{label}; where that does not exist, {Delta.label}"
    return Answer(Parameters(), estimate, lower, upper, label, confidence)


def limits_by_ratio(
    estimation: Regression, interval: LikelihoodRatio, tail: float, only: Iterable[int] | None = None
) -> Array:
    """Lower and upper limits of all coefficients, (2, *batch, p), or only of those with some places; of a series
    without an interior maximum those of the posterior that stands in, NaN where a series has none.
    """
    lanes = np.flatnonzero(np.ravel(estimation.estimate.status) == Status.CONVERGED)
    p, n = len(estimation.told_names), estimation.length
    limits = np.full((2, math.prod(estimation.batch_shape), p), np.nan)
    for block in lane_blocks(lanes.size, 2 * n * p):
        some = lanes[block]
        sample = Centred.of(estimation, some)
        limits_of = _proportional_limits if estimation.in_proportion else _limits_of
        for told in range(p) if only is None else only:
            limits[:, some, told] = limits_of(sample, told, interval, tail)
    for lane, drawn in coefficients_drawn(leading.standing_in(estimation)):
        limits[:, lane] = drawn.limits(1.0 - 2.0 * tail)
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
    columns: Places
    sign: float

    @classmethod
    def of(cls, estimation: Regression, lanes: Places) -> Centred:
        """The samples with these places."""
        values, beta = estimation.maxima
        model, beta = estimation.model.of_lanes(lanes), beta[:, lanes]
        scale = np.exp(beta[model.places[1].start])
        loc = np.zeros_like(scale) if model.family.given == (0,) else beta[model.places[0].start]
        standard = beta.copy()
        standard[model.places[0]] /= scale
        standard[model.places[0].start] = standard[model.places[1].start] = 0.0
        points = estimation.points_of(values[lanes], lanes).moved(loc, scale)
        back = estimation.jacobian
        back = back if back.ndim == 2 else back.reshape(-1, *back.shape[-2:])[lanes]
        sign = -1.0 if estimation.family.minima else 1.0
        return cls(model.in_unit(loc, scale), points, standard, loc, scale, back, estimation.told_columns, sign)


def sample_of(likelihood: Likelihood, beta: Array) -> Sample:
    """Samples with coefficients (p, m), in the middle of the covariates."""
    model, m = likelihood.model, beta.shape[1]
    fitted = np.zeros((m, len(model.family.of_state().parameter_names)))
    fitted[:, 1] = 1.0
    for place in range(2, fitted.shape[1]):
        fitted[:, place] = beta[model.places[place].start]
    state = np.eye(fitted.shape[1], model.size)
    return Sample(likelihood, beta, fitted, state, np.zeros(m, dtype=np.bool_), np.full(m, -np.inf))


def _limits_of(sample: Centred, told: int, interval: LikelihoodRatio, tail: float) -> Array:
    """Both ends of a coefficient, (2, m); their order is not settled."""
    column = int(sample.columns[told])
    place = next(place for place, own in enumerate(sample.model.places) if own.start <= column < own.stop)
    return _limits_of_one(sample, place, told, interval, tail)


def _proportional_limits(sample: Centred, told: int, interval: LikelihoodRatio, tail: float) -> Array:
    """The same where location and scale are in one proportion: of the ratio, the log scale's constant, its slopes, and
    the coefficients of the shape.
    """
    likelihood = likelihood_of(sample.model, sample.points)
    factor, m = sample.model.places[-2], len(sample.loc)
    if told == 0:  # the origin is a level, whose distance from the location in scales is held
        origin = -sample.loc / sample.scale
        held = HeldRatio(sample.model.family.of_state(), None, np.empty(0), origin)
        ends = _ends(Profile, sample_of(likelihood, sample.beta), held, origin, interval, tail)
        return np.maximum(-sample.sign * ends, 0.0)
    if told == 1:
        along = np.zeros_like(sample.beta)
        along[factor] = np.moveaxis(
            np.broadcast_to(sample.jacobian[..., 1, factor], (m, factor.stop - factor.start)), 0, 1
        )
        estimate = np.sum(along * sample.beta, axis=0)
        ends = _ends(HeldCoefficient, sample_of(likelihood, sample.beta), None, estimate, interval, tail, 1, along)
        return np.log(sample.scale) + ends
    slopes = told < 2 + factor.stop - factor.start
    return _limits_of_one(sample, len(sample.model.places) - 2 if slopes else 2, told, interval, tail)


def _limits_of_one(sample: Centred, place: int, told: int, interval: LikelihoodRatio, tail: float) -> Array:
    """Both ends of a coefficient of the parameter with this place, (2, m).

    The coefficient as given is c'gamma, of those gamma in standard form of its parameter. Turned by a reflection that
    takes c to a multiple of the first axis, the design stays orthogonal and the first coefficient is c'gamma/|c|.
    """
    own = sample.model.places[place]
    c = sample.jacobian[..., told, own]
    length = np.linalg.norm(c, axis=-1)
    turn = _reflection(c / length[..., None])
    design = sample.model.parameters[place].design
    model, beta = sample.model, sample.beta.copy()
    if design is not None:
        name = sample.model.parameters[place].name
        model = model.with_design(name, design @ turn)
        beta[own] = np.matmul(turn, beta[own].T[..., None])[..., 0].T
    whole = sample_of(likelihood_of(model, sample.points), beta)
    ends = _ends(HeldCoefficient, whole, None, beta[own.start], interval, tail, own.start)
    if place == 0:
        return sample.sign * (c[..., 0] * sample.loc + length * sample.scale * ends)
    return c[..., 0] * np.log(sample.scale) + length * ends if place == 1 else length * ends


def _ends(
    kind: type[Profile],
    whole: Sample,
    held: Held | None,
    estimate: Array,
    interval: LikelihoodRatio,
    tail: float,
    *more: Any,
) -> Array:
    """The ends of a profile of samples, of a row each, (2, m)."""
    lanes = np.arange(len(whole.fitted))
    held = held or Held(whole.likelihood.model.family.of_state(), None, np.empty(0), None)
    best = whole.likelihood(lanes, whole.estimate).value
    profile = kind(whole, lanes, held, whole.fitted, best, estimate, whole.fallback, *more)
    return solve(profile, interval.criterion(profile, Parameters(), tail))


def _reflection(c: Array) -> Array:
    """The symmetric orthogonal matrix, (..., p, p), that takes the unit vector c to the first axis."""
    one = np.zeros_like(c)
    one[..., 0] = 1.0
    apart = c - one
    size = np.sum(apart * apart, axis=-1)[..., None, None]
    return np.eye(c.shape[-1]) - 2.0 * apart[..., :, None] * apart[..., None, :] / np.where(size > 0.0, size, 1.0)


@dataclass(frozen=True, eq=False)
class HeldCoefficient(Profile):
    """The profile of one coefficient, the one with the place ``column``, or of its sum with others: what is held is
    that coefficient plus ``along`` (p, rows) times the others, all of which are free.
    """

    column: int = 0
    along: Array | None = None

    def gradient(self) -> Array:
        """One in the coefficient, and what the others count for."""
        own = np.eye(len(self.sample.estimate))[:, [self.column]].repeat(len(self.owner), axis=1)
        return own if self.along is None else own + self.along

    def at(self, rows: Places, value: Array, start: Array) -> Height:
        """The profile with the coefficient at ``value``, climbed from the others' ``start`` (p, rows)."""
        p = len(start)
        free = [place for place in range(p) if place != self.column]
        tangents = np.repeat(np.eye(p)[:, free][..., None], len(rows), axis=-1)
        if self.along is not None:
            tangents[self.column] = -self.along[free][:, rows]

        def assembled(lanes: Places, point: Array) -> Array:
            others = 0.0 if self.along is None else np.sum(self.along[free][:, rows[lanes]] * point, axis=0)
            return np.insert(point, self.column, value[lanes] - others, axis=0)

        def restricted(lanes: Places, full: newton.Evaluation) -> newton.Evaluation:
            if self.along is None:
                return newton.Evaluation(full.value, full.gradient[free], full.hessian[np.ix_(free, free)])
            into = tangents[..., lanes]
            gradient = np.einsum("iar,ir->ar", into, full.gradient)
            return newton.Evaluation(full.value, gradient, np.einsum("iar,ijr,jbr->abr", into, full.hessian, into))

        def objective(active: Places, point: Array) -> newton.Evaluation:
            return restricted(active, self.likelihood(self.owner[rows[active]], assembled(active, point)))

        found = newton.maximize(objective, start[free], max_step=self._steps(free), tolerance=1e-7, max_iterations=60)
        everything = np.arange(len(rows))
        theta = assembled(everything, found.parameters)
        final = self.likelihood(self.owner[rows], theta)
        interior = found.converged & np.isfinite(final.value)
        shape = np.zeros(len(rows))
        if self.has_shape:
            model = self.likelihood.model
            shape = theta[model.places[model.family.parameter_names.index("shape")].start]
        height, hessian = np.where(interior, final.value, -np.inf), restricted(everything, final).hessian
        return Height(height, final.gradient[self.column], theta, hessian, tangents, shape, interior)


@dataclass(frozen=True, eq=False)
class HeldRatio(Held):
    """What is held is the distance of a level from the location, in scales: c is the value itself."""

    def coefficient(self, rows: Places, shapes: Array, value: Array) -> Level:
        """The value, whatever the shape."""
        nothing, k = np.zeros(len(rows)), 2 + len(shapes)
        return Level(value, (nothing,) * k, ((nothing,) * k,) * k)

    def moved(self, shapes: Array, value: Array) -> Array:
        """One."""
        return np.ones_like(value)

    def value_at(self, shapes: Array) -> Array:
        """The level, where location is 0 and scale 1."""
        assert self.level is not None
        return self.level


__all__ = ["Centred", "HeldCoefficient", "HeldRatio", "coefficients", "limits_by_ratio"]
