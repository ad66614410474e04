"""The likelihood of a quantity: maximised over everything else, for many series and questions at once."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from evstats import newton
from evstats.arrays import Array, Mask
from evstats.distributions import Family
from evstats.distributions.base import Level
from evstats.distributions.gpd import OfPeaks
from evstats.distributions.special import log1p_over
from evstats.estimators import InState
from evstats.estimators.likelihood import max_step
from evstats.models import BLOCK_MAXIMA, Design, Likelihood, Model, Points, likelihood_of
from evstats.quantities import LogMean, Parameters, PeakRate, PurePremium, Quantity, log_mean, log_mean_slope

Lanes = NDArray[np.intp]

#: Where the search for the variate of a level outside the fitted support begins: probabilities of about 1e-17.
LOWEST_VARIATE, HIGHEST_VARIATE = -3.7, 40.0
#: Farther than this many scales from the estimate a limit counts as infinite; and a variate, that of 1e87 blocks.
_INFINITE, _NEVER = 1e6, 200.0
#: Beyond so many scales from the estimate a level is far; a climb that ends below this shape has gone to the edge.
_FAR, _NEAR_EDGE = 30.0, -0.5
#: The lowest shape considered; where the likelihood has no interior maximum it is the one at this edge.
EDGE = -1.0


@dataclass(frozen=True, eq=False)
class Held:
    """What is held fixed in every row: ``loc + scale * c(shapes, value) = level(value)``, in a state of the covariates.

    For a quantity in the unit of the data (a return level, say) the value is the level, and c is the quantity of the
    standard distribution; for a return period or a probability the level is given and the value is its reduced variate,
    from which period and probability follow. For the location, c is 0.

    Parameters
    ----------
    family : of maxima.
    quantity, questions : each row's own question; None for the location.
    level : of each row in standard units, or None if the value is the level.
    """

    family: type[Family]
    quantity: Quantity | None
    questions: Array
    level: Array | None

    def standard(self, shapes: Array) -> Family:
        """The members of the family with location 0 and scale 1, by their shapes (k - 2, rows)."""
        zero = np.zeros(shapes.shape[1])
        return self.family.trial(zero, zero + 1.0, *shapes)

    def coefficient(self, rows: Lanes, shapes: Array, value: Array) -> Level:
        """c, with two derivatives in all parameters; those in the shapes alone have a meaning."""
        standard = self.standard(shapes)
        if self.level is not None:
            return standard.level_derivatives(value)
        if self.quantity is None:
            nothing, k = np.zeros(len(rows)), 2 + len(shapes)
            return Level(nothing, (nothing,) * k, ((nothing,) * k,) * k)
        return self.quantity.derivatives(standard, self.questions[rows])

    def moved(self, shapes: Array, value: Array) -> Array:
        """dc/dvalue where the value is a variate."""
        standard = self.standard(shapes)
        with np.errstate(over="ignore", invalid="ignore"):
            return np.exp(-standard.reduced_derivatives(standard.from_gumbel(value)).log_slope)

    def value_at(self, shapes: Array) -> Array:
        """The value where location is 0 and scale 1."""
        rows = np.arange(shapes.shape[1])
        if self.level is None:
            return self.coefficient(rows, shapes, np.zeros(len(rows))).value
        return self.standard(shapes).reduced(self.level)


@dataclass(frozen=True, eq=False)
class Height:
    """The profile at one value per row.

    ``value`` is the log-likelihood, ``slope`` its derivative in the value of the quantity, ``theta`` the constrained
    estimate (coefficients of location, log scale, shape), ``hessian`` that of the constrained likelihood in its free
    coefficients, ``tangents`` (p, free, rows) the derivatives of theta in them, ``shape`` that of the distribution in
    the state asked about (0 for a family without one), and ``interior`` whether it is an interior maximum.
    """

    value: Array
    slope: Array
    theta: Array
    hessian: Array
    tangents: Array
    shape: Array
    interior: Mask

    def rows(self, some: Mask) -> Height:
        """Some of its rows."""
        return Height(*(column[..., some] for column in vars(self).values()))

    def replaced(self, rows: Lanes, other: Height) -> Height:
        """With another's in place of these rows."""
        columns = [np.array(column) for column in vars(self).values()]
        for column, its in zip(columns, vars(other).values(), strict=True):
            column[..., rows] = its
        return Height(*columns)


class Robust(NamedTuple):
    """How estimates vary whose likelihood takes dependent points for independent.

    Attributes
    ----------
    displacements : of the coefficients by leaving out one block after the other, (m, p, blocks).
    tied, plain : the covariances (m, p, p) that a fitted dependence would give, and those that independence would.
    """

    displacements: Array
    tied: Array
    plain: Array

    def inflation(self, profile: Profile) -> tuple[Array, Array]:
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


class Heights(ABC):
    """A profile likelihood along which limits are sought; a row is one sample, or several independent ones, with one
    question.

    ``owner`` is the sample of each row, ``best`` the unconstrained maximum and ``estimate`` the quantity's estimate in
    standard units; ``fallback`` marks rows whose likelihood has no interior maximum.
    """

    owner: Lanes
    best: Array
    estimate: Array
    fallback: Mask

    @property
    @abstractmethod
    def samples(self) -> tuple[Likelihood, ...]:
        """The likelihoods of the independent samples, whose coefficients follow one another."""

    @abstractmethod
    def theta_hat(self) -> Array:
        """The estimate per row in standard units, coefficients (p, rows)."""

    @abstractmethod
    def gradient(self) -> Array:
        """The derivatives of the value in the coefficients at the estimate, (p, rows)."""

    @abstractmethod
    def at(self, rows: Lanes, value: Array, start: Array) -> Height:
        """The profile at ``value`` (rows,), climbed from coefficients ``start`` (p, rows)."""

    @property
    def count(self) -> Array:
        """Observations per row."""
        return np.asarray(sum(one.counts() for one in self.samples))[self.owner]

    @property
    def least(self) -> Array | float:
        """What no value of a row is below."""
        return -np.inf

    @property
    def farthest(self) -> tuple[float, float]:
        """Where the search begins of a value whose estimate is -inf, or inf."""
        return LOWEST_VARIATE, HIGHEST_VARIATE

    @property
    def endless(self) -> float:
        """How far from 0 a limit counts as infinite."""
        return _INFINITE

    def tangent(self) -> tuple[Array, Array]:
        """How the constrained estimate moves with the value, (p, rows), and the standard error of the value, there;
        NaN where there is none."""
        theta = self.theta_hat()
        with np.errstate(all="ignore"):
            gradient = self.gradient()
            step, definite = newton.ascent_step(gradient, self.curvature(theta))
            variance = np.where(definite & ~self.fallback, np.sum(gradient * step, axis=0), np.nan)
            return step / variance, np.sqrt(variance)

    def curvature(self, theta: Array) -> Array:
        """The Hessian of the log-likelihood at coefficients of all rows, (p, p, rows)."""
        hessian, start = np.zeros((len(theta), *theta.shape)), 0
        for one in self.samples:
            own = slice(start, start := start + one.model.size)
            hessian[own, own] = one(self.owner, theta[own]).hessian
        return hessian


@dataclass(frozen=True, eq=False)
class Sample:
    """Samples at their estimates, each standardised so that its distribution in the state asked about has location 0
    and scale 1.

    Parameters
    ----------
    likelihood : of the m samples.
    estimate : coefficients (p, m).
    fitted : parameters (m, k) in data units, in that state.
    state : (k, p), the rows of the designs there; the identity for constant parameters.
    fallback : which samples have no interior maximum, where the maximum at the edge stands in.
    at_edge : the log-likelihood there.
    design : of observations that are known by bounds, by which others like them are drawn; None of all others.
    robust : of points that depend on each other within blocks what is known of that; None of all others.
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


def sample_in_state(estimation: InState, lanes: Lanes) -> Sample:
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


def _robust(estimation: InState, lanes: Lanes) -> Robust:
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


@dataclass(frozen=True, eq=False)
class Profile(Heights):
    """The profile likelihood of a quantity; a row is one series with one question.

    ``owner`` is the series of each row, ``fitted`` its estimates (rows, k) in data units, ``best`` the unconstrained
    maximum and ``estimate`` the quantity's estimate in standard units; ``fallback`` marks rows whose likelihood has no
    interior maximum.
    """

    sample: Sample
    owner: Lanes
    held: Held
    fitted: Array
    best: Array
    estimate: Array
    fallback: Mask

    @property
    def likelihood(self) -> Likelihood:
        """Of all series."""
        return self.sample.likelihood

    @property
    def samples(self) -> tuple[Likelihood, ...]:
        """One."""
        return (self.likelihood,)

    @property
    def shape(self) -> Array:
        """Estimated shape per row, 0 for a family without one."""
        return self.fitted[:, -1] if self.has_shape else np.zeros(len(self.owner))

    @property
    def has_shape(self) -> bool:
        """Whether the family has a shape parameter."""
        return "shape" in self.likelihood.model.family.parameter_names

    @property
    def has_edge(self) -> bool:
        """Whether the maximum at shape -1 stands in where there is none inside: of a family that has it, without
        covariates, where all observations are numbers."""
        return self.sample.has_edge

    @property
    def falls(self) -> bool:
        """Whether the value falls where the answer rises, as a level's variate does, of which periods follow."""
        return self.held.level is not None

    @property
    def endless(self) -> float:
        """How far from 0 a limit counts as infinite: a level in scales, or a variate."""
        return _NEVER if self.falls else _INFINITE

    def theta_hat(self) -> Array:
        """The estimate per row in standard units, coefficients (p, rows)."""
        return self.sample.estimate[:, self.owner]

    def gradient(self) -> Array:
        """The derivatives of the value in the coefficients at the estimate, (p, rows)."""
        rows, shapes = np.arange(len(self.owner)), self.fitted[:, 2:].T
        c = self.held.coefficient(rows, shapes, self.estimate)
        natural = np.stack([np.ones(len(rows)), c.value, *c.first[2:]])
        if self.held.level is not None:
            natural = -natural / self.held.moved(shapes, self.estimate)
        return self.sample.state.T @ natural

    def true_value(self, answers: Array) -> Array:
        """True answers of a quantity in data units, or the true parameters, as the value of each row."""
        place = self.place_in_answer(np.arange(len(self.owner)) % (len(self.owner) // len(self.likelihood.points.x)))
        return (answers[place] - self.fitted[:, 0]) / self.fitted[:, 1]

    def place_in_answer(self, column: Lanes) -> Lanes:
        """Where this profile's questions stand among all answers of the quantity."""
        return column

    def at(self, rows: Lanes, value: Array, start: Array) -> Height:
        """The profile at ``value`` (rows,), climbed from coefficients ``start`` (p, rows).

        Where there is no interior maximum the maximum at shape -1 takes its place. Beyond the farthest variate it is
        the profile there: the level is at an end of the distribution.
        """
        value = np.clip(value, -self.endless, self.endless) if self.falls else value
        far = self._far(rows, value, start)
        begin, longest = self._free(self.likelihood.model.off_ends(start), far)

        def objective(active: Lanes, point: Array) -> newton.Evaluation:
            return self._evaluate(rows[active], value[active], point, far[active]).evaluation

        found = newton.maximize(objective, begin, max_step=longest, tolerance=1e-7, max_iterations=60)
        at = self._evaluate(rows, value, found.parameters, far)
        final, theta = at.evaluation, at.theta
        interior = found.converged & np.isfinite(final.value)
        shape = (self.sample.state @ theta)[-1] if self.has_shape else np.zeros(len(rows))
        # a climb that is lost far from the edge says nothing of the height; one that ends there has no interior maximum
        height = np.where(interior, final.value, np.where(shape > _NEAR_EDGE, np.nan, -np.inf))
        if self.has_edge and not interior.all():
            edge, edge_theta = self._edge(rows, value)
            height, theta = np.where(interior, height, edge), np.where(interior, theta, edge_theta)
            shape = theta[-1]
        return Height(height, at.slope, theta, final.hessian, at.tangents, shape, interior)

    def _free(self, start: Array, far: NDArray[np.bool_]) -> tuple[Array, Array]:
        """The free coefficients of a start, and how far Newton may go in them at a time."""
        loc, scale, rest = self._places
        return np.concatenate([np.where(far, start[loc], start[scale])[None], start[rest]]), self._steps([scale, *rest])

    @cached_property
    def _places(self) -> tuple[int, int, list[int]]:
        """The coefficients of location and log scale that are constant, one of which is eliminated, and all others."""
        model = self.likelihood.model
        loc, scale = model.places[0].start, model.places[1].start
        return loc, scale, [place for place in range(model.size) if place not in (loc, scale)]

    def _steps(self, places: list[int]) -> Array:
        """How far Newton may go at a time in the coefficients with these places."""
        model = self.likelihood.model
        return np.repeat(max_step(model.family), [own.size for own in model.parameters])[places]

    def _far(self, rows: Lanes, value: Array, start: Array) -> Mask:
        """Where the distance of the level from the location is the better coordinate.

        So it is far out, where a small step in log scale is a large one in the location, and on the way up, where a
        location that followed the level would leave observations below the support; a scale that grows does not.
        """
        loc, log_scale, *shapes = self.sample.state @ start
        c = self.held.coefficient(rows, np.reshape(shapes, (len(shapes), len(rows))), value).value
        level = value if self.held.level is None else self.held.level[rows]
        with np.errstate(over="ignore", invalid="ignore"):
            rising = level > loc + np.exp(log_scale) * c
        return np.asarray((rising | (np.abs(level) > _FAR)) & (c > 1.0) & (level > loc))

    def _evaluate(self, rows: Lanes, value: Array, point: Array, far: Mask) -> _Constrained:
        """The constrained likelihood where the free coefficients are ``point``: log scale's constant, or the location's
        where ``far``, and all others but these two.
        """
        loc, scale, rest = self._places
        others = self.sample.state[:, rest]
        known = others @ point[1:]
        level = value if self.held.level is None else self.held.level[rows]
        with np.errstate(all="ignore"):
            c = self.held.coefficient(rows, known[2:], value)
            near = _Eliminated.location(level, point[0] + known[1], c)
            eliminated = near
            if far.any():
                eliminated = _Eliminated.where(far, _Eliminated.log_scale(level, point[0] + known[0], c), near)
            theta = np.empty((len(point) + 1, len(rows)))
            theta[rest] = point[1:]
            theta[scale] = np.where(far, eliminated.value - known[1], point[0])
            theta[loc] = np.where(far, point[0], eliminated.value - known[0])
            full = self.likelihood(self.owner[rows], theta)
            # the pivot's predictor and the shapes, in the free coefficients
            pivot = np.where(far, others[0][:, None], others[1][:, None])
            into = np.zeros((len(known) - 1, *point.shape))
            into[0, 0], into[0, 1:], into[1:, 1:] = 1.0, pivot, others[2:, :, None]
            tangents = np.zeros((len(theta), *point.shape))
            tangents[rest, np.arange(1, len(point))] = 1.0
            first = np.einsum("vr,var->ar", eliminated.first, into)
            first[1:] -= np.where(far, others[1][:, None], others[0][:, None])
            one = np.zeros(point.shape)
            one[0] = 1.0
            tangents[loc], tangents[scale] = np.where(far, one, first), np.where(far, first, one)
            pull = np.where(far, full.gradient[scale], full.gradient[loc])  # of the likelihood in what is eliminated
            bend = np.einsum("var,vwr,wbr->abr", into, eliminated.second, into)
            gradient = np.einsum("iar,ir->ar", tangents, full.gradient)
            hessian = np.einsum("iar,ijr,jbr->abr", tangents, full.hessian, tangents) + pull * bend
            slope = pull * eliminated.level
            if self.held.level is not None:  # the variate moves: its level in standard units, times the scale, is kept
                spread = np.where(far, (level - point[0] - known[0]) / c.value, np.exp(theta[scale] + known[1]))
                slope = -slope * spread * self.held.moved(known[2:], value)
        return _Constrained(newton.Evaluation(full.value, gradient, hessian), slope, theta, tangents)

    def _edge(self, rows: Lanes, value: Array) -> tuple[Array, Array]:
        """The constrained maximum at shape -1, a reversed exponential below loc + scale, and its theta, in closed form.

        With 1 - c the distance from level to endpoint in scales, the log-likelihood is -n log scale - n (level -
        mean)/scale - n (1 - c), as long as the endpoint is above all observations.
        """
        points, count = self.likelihood.points.rows(self.owner[rows]), self.count[rows]
        x = points.x
        mean = (x * points.events).sum(axis=-1) / count
        highest = x.max(axis=-1)
        c = self.held.coefficient(rows, np.full((1, len(rows)), EDGE), value).value
        level = value if self.held.level is None else self.held.level[rows]
        with np.errstate(invalid="ignore", divide="ignore"):
            scale = np.maximum(level - mean, (highest - level) / (1.0 - c))
            height = -count * (np.log(scale) + (level - mean) / scale + 1.0 - c)
        possible = scale > 0
        theta = np.stack([level - scale * c, np.log(np.where(possible, scale, 1.0)), np.full(len(rows), EDGE)])
        return np.where(possible, height, -np.inf), theta


class _Constrained(NamedTuple):
    """The constrained likelihood in its free coefficients, its slope in the value, all coefficients and their
    tangents."""

    evaluation: newton.Evaluation
    slope: Array
    theta: Array
    tangents: Array


class _Eliminated(NamedTuple):
    """The predictor that follows from what is held and the others, with its derivatives in (the pivot, shapes) and in
    the level."""

    value: Array
    first: Array
    second: Array
    level: Array

    @classmethod
    def location(cls, level: Array, log_scale: Array, c: Level) -> _Eliminated:
        """loc = level - scale c; the pivot is log scale."""
        scale = np.exp(log_scale)
        first = np.stack([-scale * c.value, *(-scale * own for own in c.first[2:])])
        second = np.empty((len(first), *first.shape))
        second[0], second[:, 0] = first, first
        for i, row in enumerate(c.second[2:]):
            for j, entry in enumerate(row[2:]):
                second[1 + i, 1 + j] = -scale * entry
        return cls(level - scale * c.value, first, second, np.ones_like(scale))

    @classmethod
    def log_scale(cls, level: Array, loc: Array, c: Level) -> _Eliminated:
        """log scale = log((level - loc)/c); the pivot is the location."""
        distance = level - loc
        ratios = [own / c.value for own in c.first[2:]]
        first = np.stack([-1.0 / distance, *(-ratio for ratio in ratios)])
        second = np.zeros((len(first), *first.shape))
        second[0, 0] = -1.0 / distance**2
        for i, row in enumerate(c.second[2:]):
            for j, entry in enumerate(row[2:]):
                second[1 + i, 1 + j] = ratios[i] * ratios[j] - entry / c.value
        return cls(np.log(distance / c.value), first, second, 1.0 / distance)

    @classmethod
    def where(cls, far: Mask, one: _Eliminated, other: _Eliminated) -> _Eliminated:
        """Of some rows the one, of the rest the other."""
        return cls(*(np.where(far, a, b) for a, b in zip(one, other, strict=True)))


def moved_start(model: Model, start: Array, shape: float | None, log_rate: float) -> Array:
    """Coefficients (p, ...) of peaks with another shape, where there is one, and a higher rate."""
    begin, places = np.array(start), model.places
    begin[places[2].start] += log_rate
    if shape is not None:
        begin[places[3].start] = shape
    return begin


@dataclass(frozen=True, eq=False)
class PeakProfile(Profile):
    """The profile of a quantity of peaks, whose location is the threshold and known: the log scale is eliminated."""

    def at(self, rows: Lanes, value: Array, start: Array) -> Height:
        """The profile at ``value`` (rows,), climbed from coefficients ``start`` (p, rows).

        A climb that begins at the edge, where a sample without an interior maximum has its estimate, does not leave it,
        and none begins where the level is less than the threshold's: where it ended nowhere it begins again from the
        highest of some shapes and rates.
        """
        start = self._by_the_rate(rows, value, start)
        found = super().at(rows, value, start)
        level = value if self.held.level is None else self.held.level[rows]
        below = level <= _LEAST_EXCESS  # where no level of peaks is: for certain, and not for want of a climb
        found = replace(
            found,
            value=np.where(below, -np.inf, found.value),
            theta=np.where(below, start, found.theta),
            interior=found.interior | below,
        )
        lost = np.flatnonzero(~found.interior)
        if not lost.size:
            return found
        shapes = _SHAPES if self.has_shape else (0.0,)
        begin = np.stack([self._start(start[:, lost], *pair) for pair in itertools.product(shapes, _RATES)], axis=1)
        ways = begin.shape[1]
        there, held, points = np.tile(rows[lost], ways), np.tile(value[lost], ways), begin.reshape(len(begin), -1)
        tried = self._evaluate(there, held, points[1:], np.ones(there.size, dtype=np.bool_)).evaluation.value
        best = np.argmax(np.nan_to_num(tried.reshape(ways, -1), nan=-np.inf), axis=0)
        again = super().at(rows[lost], value[lost], begin[:, best, np.arange(lost.size)])
        higher = again.interior & ~(again.value < found.value[lost])
        return found.replaced(lost[higher], again.rows(higher))

    def _by_the_rate(self, rows: Lanes, value: Array, start: Array) -> Array:
        """The start with the rate that its level, where that is near to the threshold, has with its scale and shape.

        There a little in the rate is much in the scale, which follows in the climb.
        """
        if self.held.level is not None or self.held.quantity is None or not self.held.quantity.is_level:
            return start
        _, log_scale, *others = self.sample.state @ start
        shape = others[-1] if self.has_shape else np.zeros(len(rows))
        with np.errstate(all="ignore"):
            wanted, c = value * np.exp(-log_scale), self.held.coefficient(rows, np.stack(others), value)
            missing = log1p_over(shape, wanted) - log1p_over(shape, c.value)
        near = (wanted < _NEAR_THRESHOLD) & (c.first[2] != 0.0) & np.isfinite(missing)
        begin = np.array(start)
        begin[self.likelihood.model.places[2].start] += np.where(near, missing, 0.0)
        return begin

    def _start(self, start: Array, shape: float, log_rate: float) -> Array:
        """A start with another shape, where there is one, and a higher rate."""
        return moved_start(self.likelihood.model, start, shape if self.has_shape else None, log_rate)

    @property
    def least(self) -> Array | float:
        """A level barely above the threshold."""
        return _LEAST_EXCESS * (1.0 + 1e-9) if self.held.level is None else -np.inf

    def _free(self, start: Array, far: NDArray[np.bool_]) -> tuple[Array, Array]:
        return start[1:], np.full(len(start) - 1, _FARTHEST)

    def _far(self, rows: Lanes, value: Array, start: Array) -> NDArray[np.bool_]:
        return np.ones(len(rows), dtype=np.bool_)

    def _evaluate(self, rows: Lanes, value: Array, point: Array, far: NDArray[np.bool_]) -> _Constrained:
        """The constrained likelihood where all coefficients but log scale are ``point``: the rate's and the shape."""
        level = value if self.held.level is None else self.held.level[rows]
        with np.errstate(all="ignore"):
            into = self.sample.state[
                1:, 1:
            ]  # of the log scale, the rate and the shape, in all but the scale's constant
            of_scale, known = into[0] @ point, into[1:] @ point
            c = self.held.coefficient(rows, known, value)
            eliminated = _Eliminated.log_scale(level, np.zeros(len(rows)), c)
            theta = np.concatenate([(eliminated.value - of_scale)[None], point])
            full = self.likelihood(self.owner[rows], theta)
            first = np.einsum("vr,va->ar", eliminated.first[1:], into[1:]) - into[0][:, None]
            one = np.broadcast_to(np.eye(len(point))[..., None], (len(point), *point.shape))
            tangents = np.concatenate([first[None], one])
            pull = full.gradient[0]
            gradient = np.einsum("iar,ir->ar", tangents, full.gradient)
            hessian = np.einsum("iar,ijr,jbr->abr", tangents, full.hessian, tangents)
            hessian += pull * np.einsum("va,vwr,wb->abr", into[1:], eliminated.second[1:, 1:], into[1:])
            slope = pull * eliminated.level
            if self.held.level is not None:  # the variate moves: its level in standard units, times the scale, is kept
                slope = -slope * level / c.value * self.held.moved(known, value)
            possible = (level > 0.0) & (c.value > 0.0)
        height = np.where(possible, full.value, -np.inf)
        return _Constrained(newton.Evaluation(height, gradient, hessian), slope, theta, tangents)

    def _edge(self, rows: Lanes, value: Array) -> tuple[Array, Array]:
        """The constrained maximum at shape -1, where sizes are uniform up to the scale, and its theta.

        The level is the scale times 1 - b/rate, with b events a year beyond it, so that of all scales from the largest
        peak on n log(rate) - rate years - n log(scale) is highest at rate = n/years + b, or where the scale ends. The
        level of a share of the peaks says nothing of the rate.
        """
        points, count = self.likelihood.points.rows(self.owner[rows]), self.count[rows]
        highest = np.where(points.events > 0.0, points.x, 0.0).max(axis=-1)
        years = points.exposure[:, -1]
        level = value if self.held.level is None else self.held.level[rows]
        edge = np.full(len(rows), EDGE)
        with np.errstate(all="ignore"):
            share = 1.0 - self.held.coefficient(rows, np.stack([np.zeros(len(rows)), edge]), value).value  # at rate 1
            by_number = self.held.coefficient(rows, np.stack([np.zeros(len(rows)), edge]), value).first[2] != 0.0
            rate = np.where(by_number, count / years + share, count / years)
            scale = level / np.where(by_number, 1.0 - share / rate, 1.0 - share)
            bound = by_number & (scale < highest)
            rate = np.where(bound, share / (1.0 - level / highest), rate)
            scale = np.where(bound, highest, scale)
            height = count * np.log(rate) - rate * years - count * np.log(scale)
            possible = (level > 0.0) & (scale >= highest) & (rate > share * by_number)
            theta = np.stack([np.log(np.where(possible, scale, 1.0)), np.log(np.where(possible, rate, 1.0)), edge])
        return np.where(possible, height, -np.inf), theta


#: The lowest shape that a climb begins from.
_OFF_EDGE = -0.9
#: Levels this near to the threshold, in scales, are at it.
_LEAST_EXCESS = 1e-9
#: Up to so many scales above it they are near.
_NEAR_THRESHOLD = 0.5
#: Farthest that Newton may go in the logarithm of a rate, and in a shape.
_FARTHEST = 0.4
#: The shapes, and how much higher the logarithms of the rate, that a lost climb begins from.
_SHAPES, _RATES = (-0.9, -0.7, -0.4, -0.1, 0.3), (0.0, 0.2, 0.8)


@dataclass(frozen=True, eq=False)
class HeldParameter(Profile):
    """The profile of the scale (its logarithm, the first value of ``place``), the shape or the logarithm of a rate,
    which is held.

    ``place`` is the parameter's among those of the family.
    """

    place: int = 1

    @property
    def column(self) -> int:
        """The place of its coefficient."""
        return self.likelihood.model.places[self.place].start

    def gradient(self) -> Array:
        """One in the parameter."""
        return np.eye(len(self.sample.estimate))[:, [self.column]].repeat(len(self.owner), axis=1)

    def at(self, rows: Lanes, value: Array, start: Array) -> Height:
        """The profile with a parameter held at ``value``, climbed from the others' ``start`` (p, rows), a location
        from 0."""
        p, held = len(self.sample.estimate), self.column
        free = [i for i in range(p) if i != held]

        def assembled(lanes: Lanes, point: Array) -> Array:
            full = np.empty((p, point.shape[1]))
            full[free], full[held] = point, value[lanes]
            return full

        def objective(active: Lanes, point: Array) -> newton.Evaluation:
            full = self.likelihood(self.owner[rows[active]], assembled(active, point))
            return newton.Evaluation(full.value, full.gradient[free], full.hessian[np.ix_(free, free)])

        begin = start[free]
        if self.likelihood.model.parameters[0].size:
            begin[0] = 0.0
        if self.has_edge:
            if self.place != len(self.likelihood.model.parameters) - 1:  # no climb leaves the edge
                begin[-1] = np.maximum(begin[-1], _OFF_EDGE)
            at = -1 if self.place == 1 else free.index(self.likelihood.model.places[1].start)
            begin[at] = self._in_support(rows, value, begin[at])
        found = newton.maximize(objective, begin, max_step=self._steps(free), max_iterations=60)
        everything = np.arange(len(rows))
        final = self.likelihood(self.owner[rows], assembled(everything, found.parameters))
        interior = found.converged & np.isfinite(final.value)
        theta = assembled(everything, found.parameters)
        tangents = np.repeat(np.eye(p)[:, free][..., None], len(rows), axis=-1)
        height = np.where(interior, final.value, -np.inf)
        if self.place == 1 and self.has_edge:
            edge, edge_theta = self._edge(rows, value)
            height, theta = np.where(interior, height, edge), np.where(interior, theta, edge_theta)
        shape = theta[-1] if self.has_shape else np.zeros(len(rows))
        slope, hessian = final.gradient[held], final.hessian[np.ix_(free, free)]
        return Height(height, slope, theta, hessian, tangents, shape, interior)

    def _edge(self, rows: Lanes, value: Array) -> tuple[Array, Array]:
        """The maximum at shape -1 with the log scale held: the endpoint is the largest observation, or above it."""
        points, count = self.likelihood.points.rows(self.owner[rows]), self.count[rows]
        edge = np.full(len(rows), EDGE)
        highest = points.x.max(axis=-1)
        if self.likelihood.model.family.given:
            rate = np.log(count / points.exposure[:, -1])
            height = np.where(np.exp(value) >= highest, count * (rate - 1.0 - value), -np.inf)
            return height, np.stack([value, rate, edge])
        below = count * highest - (points.x * points.events).sum(axis=-1)
        return -count * value - below * np.exp(-value), np.stack([highest - np.exp(value), value, edge])

    def true_value(self, answers: Array) -> Array:
        """The true log scale relative to the estimate's, or the true shape."""
        if self.place == 1:
            return np.log(answers[1] / self.fitted[:, 1])
        return np.full(len(self.owner), answers[self.place])

    def place_in_answer(self, column: Lanes) -> Lanes:
        """The parameter's place."""
        return np.full_like(column, self.place)

    def _in_support(self, rows: Lanes, value: Array, start: Array) -> Array:
        """The start of the other parameter, moved until all observations are in the support with loc = 0."""
        x = self.likelihood.points.rows(self.owner[rows]).x
        low, high = np.minimum(x.min(axis=-1), -1e-9), np.maximum(x.max(axis=-1), 1e-9)
        if self.place == 1:
            return np.clip(start, -0.9 * np.exp(value) / high, -0.9 * np.exp(value) / low)
        return np.maximum(start, np.log(np.maximum(-value * high, -value * low) / 0.9 + 1e-300))


@dataclass(frozen=True, eq=False)
class PremiumProfile(Profile):
    """The profile of the pure premium of layers of peaks; the value is its logarithm, in scales a year.

    The rate follows from the premium and the others, or, where the scale is the better known, the scale: so it is of
    layers near to the end of the losses, whose scale can hardly move.
    """

    @property
    def falls(self) -> bool:
        """Not where the premium rises."""
        return False

    @property
    def farthest(self) -> tuple[float, float]:
        """A premium that is none, and its reciprocal."""
        return _LEAST_PREMIUM, -_LEAST_PREMIUM

    @property
    def least(self) -> Array | float:
        """A premium that is none."""
        return _LEAST_PREMIUM

    def true_value(self, answers: Array) -> Array:
        """From true premiums in data units."""
        place = np.arange(len(self.owner)) % (len(self.owner) // len(self.likelihood.points.x))
        return np.log(answers[place] / self.fitted[:, 1])

    def gradient(self) -> Array:
        """That of the rate's predictor and of the logarithm of the mean loss to the layer."""
        state = self.sample.state
        _, log_scale, _, shape = self._predicted(state @ self.theta_hat())
        mean = self._log_mean(np.arange(len(self.owner)), log_scale, shape)
        known = state[[1, 3]] if self.has_shape else state[[1]]
        return state[2][:, None] + np.einsum("ar,ap->pr", mean.first[: len(known)], known)

    def _predicted(self, predicted: Array) -> Array:
        """Location, log scale, log rate and shape, 0 where there is none, (4, ...)."""
        return predicted if self.has_shape else np.concatenate([predicted, np.zeros_like(predicted[:1])])

    def _layers(self, rows: Lanes) -> tuple[Array, Array]:
        """How far above the threshold the layers of rows begin, and how wide they are, in standard units."""
        quantity, unit = self.held.quantity, self.fitted[rows, 1]
        assert isinstance(quantity, PurePremium)
        place = self.held.questions[rows].astype(np.intp)
        start = np.maximum(quantity.attachment[place] - self.fitted[rows, 0], 0.0) / unit
        return start, quantity.limit[place] / unit

    def _sizes(self, log_scale: Array, shape: Array) -> OfPeaks:
        """The distributions of the losses, from 0 on."""
        shapes = (shape,) if self.has_shape else ()
        return cast("OfPeaks", self.held.family.sizes_of().trial(np.zeros_like(log_scale), np.exp(log_scale), *shapes))

    def _log_mean(self, rows: Lanes, log_scale: Array, shape: Array) -> LogMean:
        """Of the layers of rows."""
        return log_mean(self._sizes(log_scale, shape), *self._layers(rows))

    def at(self, rows: Lanes, value: Array, start: Array) -> Height:
        """The profile at ``value`` (rows,), climbed from coefficients ``start`` (p, rows); where that ended nowhere
        from the best of some shapes and rates."""
        found = self._climbed(rows, value, start)
        if (lost := np.flatnonzero(~found.interior)).size:
            ways = list(itertools.product(_SHAPES if self.has_shape else (0.0,), _RATES))
            begin = np.stack([self._start(start[:, lost], *way) for way in ways], axis=1)
            points, by_scale = begin.reshape(len(begin), -1), np.ones(lost.size * len(ways), dtype=np.bool_)
            there, held = np.tile(rows[lost], len(ways)), np.tile(value[lost], len(ways))
            tried = self._evaluate(there, held, self._free(points, by_scale)[0], by_scale).evaluation.value
            best = np.argmax(np.nan_to_num(tried.reshape(-1, lost.size), nan=-np.inf), axis=0)
            again = self._climbed(rows[lost], value[lost], begin[:, best, np.arange(lost.size)])
            higher = again.interior & ~(again.value < found.value[lost])
            found = found.replaced(lost[higher], again.rows(higher))
        if self.has_edge and (lost := np.flatnonzero(~found.interior)).size:
            edge, theta = self._edge(rows[lost], value[lost])
            found.value[lost], found.theta[:, lost], found.shape[lost] = edge, theta, EDGE
        return found

    def _start(self, start: Array, shape: float, log_rate: float) -> Array:
        """A start with another shape, where there is one, and a higher rate."""
        return moved_start(self.likelihood.model, start, shape if self.has_shape else None, log_rate)

    def _free(self, start: Array, far: Mask) -> tuple[Array, Array]:
        """The free coefficients of a start: the constant of the rate where the scale follows (``far``), of the scale
        elsewhere, and all others."""
        scale, rate, rest = self._pivots
        return np.concatenate([np.where(far, start[rate], start[scale])[None], start[rest]]), self._steps(
            [scale, *rest]
        )

    @cached_property
    def _pivots(self) -> tuple[int, int, list[int]]:
        """The constants of log scale and rate, and all other coefficients."""
        model = self.likelihood.model
        scale, rate = model.places[1].start, model.places[2].start
        return scale, rate, [place for place in range(model.size) if place not in (scale, rate)]

    def _climbed(self, rows: Lanes, value: Array, start: Array) -> Height:
        _, log_scale, _, shape = self._predicted(self.sample.state @ start)
        far = ~(self._log_mean(rows, log_scale, shape).first[0] < _STEEP)
        begin, longest = self._free(start, far)
        end = np.maximum(-shape, 0.0) * self._layers(rows)[0]
        distance = np.log(np.maximum(np.exp(log_scale) - end, 1e-6))

        def objective(active: Lanes, point: Array) -> newton.Evaluation:
            reached = distance[active]
            found = self._evaluate(rows[active], value[active], point, far[active], reached)
            distance[active] = reached
            return found.evaluation

        found = newton.maximize(objective, begin, max_step=longest, tolerance=1e-7, max_iterations=60)
        at = self._evaluate(rows, value, found.parameters, far, distance)
        interior = found.converged & np.isfinite(at.evaluation.value)
        shape = (self.sample.state @ at.theta)[-1] if self.has_shape else np.zeros(len(rows))
        height = np.where(interior, at.evaluation.value, -np.inf)
        return Height(height, at.slope, at.theta, at.evaluation.hessian, at.tangents, shape, interior)

    def _scale_of(self, rows: Lanes, wanted: Array, shape: Array, distance: Array) -> Array:
        """The log scale by which the mean loss to the layer is exp(wanted), NaN where there is none; ``distance`` is
        where the search begins, and ends.

        The mean rises with the scale, from 0 where the losses end at the attachment on, and its logarithm is concave in
        that of the ``distance`` from there, so that Newton's method comes to the root from below.
        """
        start, width = self._layers(rows)
        end = np.maximum(-shape, 0.0) * start
        possible = (wanted < np.log(width)) & np.isfinite(wanted) & ((shape < 1.0) | np.isfinite(width))
        active = np.flatnonzero(possible)
        for _ in range(_MOST_NEWTON):
            if not active.size:
                break
            apart = np.exp(distance[active])
            scale = end[active] + apart
            mean, slope = log_mean_slope(self._sizes(np.log(scale), shape[active]), start[active], width[active])
            step = np.clip((wanted[active] - mean) / (slope * apart / scale), -_LONGEST, _LONGEST)
            distance[active] += np.where(np.isfinite(step), step, 0.5 * _LONGEST)
            active = active[~(np.abs(step) < _SHORT) & (np.abs(distance[active]) < _FARTHEST_SCALE)]
        return np.where(possible & (np.abs(distance) < _FARTHEST_SCALE), np.log(end + np.exp(distance)), np.nan)

    def _evaluate(
        self, rows: Lanes, value: Array, point: Array, far: Mask, distance: Array | None = None
    ) -> _Constrained:
        """The constrained likelihood where the free coefficients are ``point``; ``distance`` of ``_scale_of`` is kept
        from one point to the next."""
        distance = np.zeros(len(rows)) if distance is None else distance
        scale, rate, rest = self._pivots
        others = self._predicted(self.sample.state[:, rest])
        known = others @ point[1:]
        with np.errstate(all="ignore"):
            log_scale, log_rate = point[0] + known[1], point[0] + known[2]
            if far.any():
                reached = distance[far]
                log_scale[far] = self._scale_of(rows[far], (value - log_rate)[far], known[3, far], reached)
                distance[far] = np.where(np.isfinite(log_scale[far]), reached, distance[far])
            mean = self._log_mean(rows, log_scale, known[3])
            log_rate = np.where(far, log_rate, value - mean.value)
            theta = np.empty((len(point) + 1, len(rows)))
            theta[rest], theta[scale], theta[rate] = point[1:], log_scale - known[1], log_rate - known[2]
            full = self.likelihood(self.owner[rows], theta)
            first, second, level = _followed(mean, far)
            into = np.zeros((2, *point.shape))
            into[0, 0], into[1, 1:] = 1.0, others[3][:, None]
            into[0, 1:] = np.where(far, others[2][:, None], others[1][:, None])
            one, moved = np.eye(1, len(point)).T, np.einsum("vr,var->ar", first, into)
            moved[1:] -= np.where(far, others[1][:, None], others[2][:, None])
            tangents = np.zeros((len(theta), *point.shape))
            tangents[rest, np.arange(1, len(point))] = 1.0
            tangents[scale], tangents[rate] = np.where(far, moved, one), np.where(far, one, moved)
            pull = np.where(far, full.gradient[scale], full.gradient[rate])
            gradient = np.einsum("iar,ir->ar", tangents, full.gradient)
            hessian = np.einsum("iar,ijr,jbr->abr", tangents, full.hessian, tangents)
            hessian += pull * np.einsum("var,vwr,wbr->abr", into, second, into)
            height = np.where(np.isfinite(mean.value) & np.isfinite(log_rate), full.value, -np.inf)
        return _Constrained(newton.Evaluation(height, gradient, hessian), pull * level, theta, tangents)

    def _edge(self, rows: Lanes, value: Array) -> tuple[Array, Array]:
        """The constrained maximum at shape -1, where sizes are uniform up to the scale, and its theta.

        Of the scale alone n log(rate) - rate years - n log(scale) remains; its highest is looked for on ever finer
        grids, from the largest peak on.
        """
        points, count = self.likelihood.points.rows(self.owner[rows]), self.count[rows]
        highest = np.log(np.where(points.events > 0.0, points.x, 0.0).max(axis=-1))
        years = points.exposure[:, -1]
        low, width = highest, np.full(len(rows), _WIDEST)
        for _ in range(_FINER):
            log_scale = low + width * np.linspace(0.0, 1.0, _GRID)[:, None]
            every = np.broadcast_to(rows, log_scale.shape)
            shape = np.full(log_scale.shape, EDGE)
            with np.errstate(all="ignore"):
                log_rate = value - self._log_mean(every.ravel(), log_scale.ravel(), shape.ravel()).value.reshape(
                    shape.shape
                )
                height = count * (log_rate - log_scale) - years * np.exp(log_rate)
            height = np.where(np.isfinite(height), height, -np.inf)
            best, lanes = np.argmax(height, axis=0), np.arange(len(rows))
            step = width / (_GRID - 1)
            low, width = low + np.maximum(best - 1, 0) * step, 2.0 * step
        theta = np.stack([log_scale[best, lanes], np.nan_to_num(log_rate[best, lanes]), np.full(len(rows), EDGE)])
        return height[best, lanes], theta


def _followed(mean: LogMean, far: Mask) -> tuple[Array, Array, Array]:
    """What follows from the premium, the logarithm of the rate (of the scale where ``far``): its derivatives in that of
    the scale (of the rate) and the shape, and in the premium's."""
    of_scale, one = mean.first[0], np.array([1.0, 0.0])[:, None]
    first = np.where(far, -np.stack([np.ones_like(of_scale), mean.first[1]]) / of_scale, -mean.first)
    both = first[:, None] * np.array([0.0, 1.0])[:, None]
    bent = mean.second[0, 0] * first[:, None] * first + mean.second[0, 1] * (both + np.swapaxes(both, 0, 1))
    bent[1, 1] += mean.second[1, 1]
    return first, np.where(far, -bent / of_scale, -mean.second), np.where(far, 1.0 / of_scale, one[0])


#: The logarithm of a premium in scales a year that is none.
_LEAST_PREMIUM = -40.0
#: Where the mean loss to a layer rises at least so steeply with the scale, the scale follows from the premium.
_STEEP = 0.7
#: The most steps to that scale, the longest and the shortest of them, and how far from the end it is looked for, in the
#: logarithm of the distance.
_MOST_NEWTON, _LONGEST, _SHORT, _FARTHEST_SCALE = 60, 4.0, 1e-11, 200.0
#: How far above the largest peak, in the logarithm, the scale at the edge is looked for; the points of a grid, and how
#: often it is made finer.
_WIDEST, _GRID, _FINER = 12.0, 33, 6


def profiles_of(
    quantity: Quantity, family: type[Family], values: Array, fitted: Array, design: Design = BLOCK_MAXIMA
) -> list[Profile]:
    """The profiles of a quantity for m series of maxima (m, *sample) with estimates (m, k), NaN where there is none.

    One profile for all questions, its rows series-major; for the parameters, one profile each. ``family`` is that of
    the data, of maxima or minima; ``values``, ``fitted`` and ``design`` are those of maxima.
    """
    extreme: type[Family] = family.of_maxima()
    sample = (
        Sample.of_peaks(extreme, design.points(values), fitted)
        if family.rates
        else Sample.of_maxima(extreme, design.points(values), fitted)
    )
    if design.bounded:
        sample = replace(sample, design=design)
    return profiles_at(quantity, sample, minima=family.minima)


def profiles_at(quantity: Quantity, sample: Sample, *, minima: bool = False) -> list[Profile]:
    """The same of any samples at their estimates; of samples of -x where the data are minima."""
    fitted, lanes, family = sample.fitted, np.arange(len(sample.fitted)), sample.likelihood.model.family.of_state()
    best = np.where(sample.fallback, sample.at_edge, sample.likelihood(lanes, sample.estimate).value)
    if isinstance(quantity, Parameters | PeakRate):
        location = Held(family, None, np.empty(0), None)
        common = sample, lanes, location, fitted, best
        standard = np.zeros(fitted.T.shape)
        standard[2:] = fitted[:, 2:].T
        return [
            HeldParameter(*common, standard[place], sample.fallback, place)
            if place
            else Profile(*common, standard[0], sample.fallback)
            for place in (family.told() if isinstance(quantity, Parameters) else family.rates)
        ]
    owner, questions = np.repeat(lanes, len(quantity.questions)), np.tile(quantity.questions, len(lanes))
    fitted = fitted[owner]
    if isinstance(quantity, PurePremium):
        attachment = np.tile(quantity.attachment, len(lanes))
        held_layer = Held(family, quantity, questions, (attachment - fitted[:, 0]) / fitted[:, 1])
        layers = PremiumProfile(sample, owner, held_layer, fitted, best[owner], np.empty(0), sample.fallback[owner])
        standard = np.zeros(fitted.T.shape)
        standard[2:] = fitted[:, 2:].T
        _, log_scale, log_rate, shape = layers._predicted(standard)
        return [replace(layers, estimate=log_rate + layers._log_mean(np.arange(len(owner)), log_scale, shape).value)]
    level = None if quantity.in_data_unit else ((-questions if minima else questions) - fitted[:, 0]) / fitted[:, 1]
    held_level = Held(family, quantity, questions, level)
    estimate = held_level.value_at(fitted[:, 2:].T)
    profile = PeakProfile if family.given else Profile
    return [profile(sample, owner, held_level, fitted, best[owner], estimate, sample.fallback[owner])]


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
