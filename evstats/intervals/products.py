"""Limits of what several independent causes make together: the product of their distributions.

The log-likelihood of the separate samples is a sum. A level x of the product with the reduced variate y is held by

    log(blocks_1 exp(-y_1(x)) + blocks_2 exp(-y_2(x)) + ...) + y = 0,

y_i the reduced variate under cause i: one coefficient, the location or the scale of the cause with the greatest share,
follows from it and all others. So there is a profile of the joint likelihood, and profile and r* limits are taken of it
as of any other.
"""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, cast

import numpy as np

from evstats import newton, noise
from evstats.arrays import Array, Mask, Places
from evstats.distributions import ExponentialProcess, Family, Gumbel, GumbelMin, Product, WithZeros
from evstats.errors import ArgumentError, Status
from evstats.estimators import Bayes, Estimation, PosteriorSample, leading
from evstats.estimators.base import lane_blocks
from evstats.intervals.base import Answer, Interval, Simulation
from evstats.intervals.credible import Credible
from evstats.intervals.delta import Delta, symmetric_limits
from evstats.intervals.likelihood_ratio import ProfileLikelihood, RStar, solve
from evstats.intervals.pivots import Constrained, Follows, led
from evstats.intervals.profile import HIGHEST_VARIATE, Height, Heights, Sample
from evstats.models import Likelihood, Model, Points
from evstats.quantities import Quantity

#: Farthest that Newton may go in a coefficient at a time.
_FARTHEST = 0.4
#: From so many scales on from the location, the scale is the better coordinate.
_FAR = 30.0
#: The shapes from which a climb that is lost begins again, and from how many starts.
_SHAPES, _STARTS = (-0.2, -0.1, 0.0, 0.1, 0.2), 3
#: Orders the draws of every cause after the first, whose posteriors may have been drawn from the same noise.
SEED = 20_261_129


class Rates(NamedTuple):
    """The logarithm of the expected number of events beyond a level under one cause, its derivative in the level, and
    two in the coefficients, (p, rows) and (p, p, rows).
    """

    log: Array
    along: Array
    first: Array
    second: Array


class Part(ABC):
    """One of several independent parts of what lies beyond a level, with the samples that tell of it."""

    @property
    @abstractmethod
    def likelihood(self) -> Likelihood:
        """Of the samples."""

    @property
    @abstractmethod
    def estimate(self) -> Array:
        """The coefficients of the samples, (p, m)."""

    @abstractmethod
    def rates(self, lanes: Places, beta: Array, level: Array) -> Rates:
        """What lies beyond levels in data units, at coefficients (p, rows)."""

    @abstractmethod
    def solved(self, lanes: Places, beta: Array, level: Array, log_rate: Array, far: Mask) -> Array:
        """The coefficient that follows, with which so much lies beyond the levels."""

    @abstractmethod
    def far(self, lanes: Places, beta: Array, level: Array) -> Mask:
        """Where the other of two coefficients follows."""

    @abstractmethod
    def pivots(self, far: Mask) -> Places:
        """The place of the coefficient that follows among those of this part."""


@dataclass(frozen=True, eq=False)
class Cause(Part):
    """The samples of one cause at their estimates, each standardised by its own, and how many blocks a year holds."""

    sample: Sample
    blocks: float

    @classmethod
    def of(cls, estimation: Estimation, lanes: Places, blocks: float) -> Cause:
        """Some samples of an estimation, of minima those of -x."""
        family, sign = estimation.family, -1.0 if estimation.family.minima else 1.0
        design = (estimation.design.mirrored() if family.minima else estimation.design).of_lanes(lanes)
        own = estimation.values.shape[estimation.values.ndim - estimation.design.axes :]
        values = sign * estimation.values.reshape(-1, *own)[lanes]
        fitted = np.array(estimation.estimate.parameters.reshape(-1, len(family.parameter_names))[lanes])
        fitted[:, 0] *= sign
        make = Sample.of_peaks if family.rates else Sample.of_maxima
        return cls(make(family.of_maxima(), design.points(values), fitted), blocks)

    @property
    def likelihood(self) -> Likelihood:
        """Of the samples."""
        return self.sample.likelihood

    @property
    def estimate(self) -> Array:
        """The coefficients of the samples, (p, m)."""
        return self.sample.estimate

    def standard(self, lanes: Places, level: Array) -> Array:
        """Levels in data units as those of the standardised samples."""
        return (level - self.sample.fitted[lanes, 0]) / self.sample.fitted[lanes, 1]

    def rates(self, lanes: Places, beta: Array, level: Array) -> Rates:
        """What lies beyond levels in data units, at coefficients (p, rows)."""
        model = self.likelihood.model
        theta, first, second = ([own[:, 0] for own in each] for each in model.predicted(beta, lanes))
        r = model.family.trial(*theta).reduced_derivatives(self.standard(lanes, level))
        free = [place for place, own in enumerate(model.parameters) if own.size]
        shape = level.shape
        gradient = np.stack([np.broadcast_to(-r.y_first[i] * first[i], shape) for i in free])
        hessian = np.empty((len(free), *gradient.shape))
        for a, i in enumerate(free):
            for b, j in enumerate(free[a:], a):
                entry = -r.second(i, j)[0] * first[i] * first[j]
                hessian[a, b] = hessian[b, a] = entry - r.y_first[i] * second[i] if i == j else entry
        along = -np.exp(r.log_slope) / self.sample.fitted[lanes, 1]
        return Rates(np.log(self.blocks) - r.y, along, gradient, hessian)

    def solved(self, lanes: Places, beta: Array, level: Array, log_rate: Array, far: Mask) -> Array:
        """The location, or where ``far`` the logarithm of the scale, with which so much lies beyond the levels."""
        model = self.likelihood.model
        theta = [own[:, 0] for own in model.predicted(beta, lanes).theta]
        zero, z = np.zeros(len(lanes)), self.standard(lanes, level)
        y = np.log(self.blocks) - log_rate
        near = z - model.family.trial(zero, *theta[1:]).from_gumbel(y)
        away = np.log((z - theta[0]) / model.family.trial(zero, zero + 1.0, *theta[2:]).from_gumbel(y))
        return np.where(far, away, near)

    def far(self, lanes: Places, beta: Array, level: Array) -> Mask:
        """Where the distance of the level from the location is the better coordinate: far out, and on the way up, where
        a location that followed the level would leave observations below the support; of peaks always.
        """
        model = self.likelihood.model
        if model.family.given:
            return np.ones(len(lanes), dtype=np.bool_)
        theta, z = [own[:, 0] for own in model.predicted(beta, lanes).theta], self.standard(lanes, level)
        return np.asarray((z > theta[0] + theta[1]) & ((z > 0.0) | (np.abs(z) > _FAR)))

    def pivots(self, far: Mask) -> Places:
        """The place of the coefficient that follows among those of this cause."""
        loc, scale = (self.likelihood.model.places[place].start for place in (0, 1))
        return np.where(far, scale, loc)


@dataclass(frozen=True, eq=False)
class Zeros(Part):
    """Years whose minimum is zero, so many of so many of each sample: below every positive level, however low, lie as
    many.

    With the share p of such years Lambda = -log(1 - p) of them lie there a year; its logarithm is the coefficient.
    """

    zeros: Array
    years: Array

    @cached_property
    def likelihood(self) -> Likelihood:
        """A year of zero is known only to have passed the levels, another has not."""
        own = Model.constant(ExponentialProcess)
        scale, rate = own.parameters[1:3]
        model = Model(own.family, (own.parameters[0], replace(scale, known=np.ones(())), rate))
        rest = self.years - self.zeros
        return OfShare(model, Points.of(np.zeros((len(rest), 1)), exposure=rest[:, None], passed=self.zeros[:, None]))

    @property
    def estimate(self) -> Array:
        """By the share of zeros."""
        return np.log(-np.log1p(-self.zeros / self.years))[None]

    def rates(self, lanes: Places, beta: Array, level: Array) -> Rates:
        """The same at all levels."""
        one, zero = np.ones((1, len(lanes))), np.zeros(len(lanes))
        return Rates(beta[0], zero, one, zero[None, None])

    def solved(self, lanes: Places, beta: Array, level: Array, log_rate: Array, far: Mask) -> Array:
        """The coefficient itself."""
        return log_rate

    def far(self, lanes: Places, beta: Array, level: Array) -> Mask:
        """Nowhere."""
        return np.zeros(len(lanes), dtype=np.bool_)

    def pivots(self, far: Mask) -> Places:
        """The only one."""
        return np.zeros(len(far), dtype=np.intp)


class OfShare(Likelihood):
    """The likelihood of a share among so many years."""

    def log_means(self, lanes: Places, beta: Array) -> tuple[Array, Array]:
        """The canonical parameter of the binomial distribution, the log odds of a year of zero, as r* takes it."""
        rate = np.exp(beta[0])
        with np.errstate(all="ignore"):
            return np.log(np.expm1(rate))[:, None], (rate / -np.expm1(-rate))[None, :, None]


@dataclass(frozen=True, eq=False)
class Joint:
    """Several causes of the same years together; a row is one series with one question."""

    causes: tuple[Part, ...]
    owner: Places

    @cached_property
    def places(self) -> tuple[slice, ...]:
        """Where the coefficients of each cause stand."""
        ends = np.cumsum([0, *(own.likelihood.model.size for own in self.causes)]).tolist()
        return tuple(slice(start, stop) for start, stop in itertools.pairwise(ends))

    def rates(self, rows: Places, beta: Array, level: Array) -> list[Rates]:
        """What lies beyond levels under each cause."""
        lanes = self.owner[rows]
        with np.errstate(all="ignore"):
            return [own.rates(lanes, beta[at], level) for own, at in zip(self.causes, self.places, strict=True)]

    def loglik(self, rows: Places, beta: Array) -> newton.Evaluation:
        """The sum of the log-likelihoods."""
        lanes = self.owner[rows]
        value, gradient = np.zeros(len(rows)), np.empty(beta.shape)
        hessian = np.zeros((len(beta), *beta.shape))
        for own, at in zip(self.causes, self.places, strict=True):
            found = own.likelihood(lanes, beta[at])
            value = value + found.value
            gradient[at], hessian[at, at] = found.gradient, found.hessian
        return newton.Evaluation(value, gradient, hessian)

    def equation(self, rows: Places, beta: Array, level: Array) -> tuple[Array, Array, Array, Array]:
        """The logarithm of all that lies beyond levels, its derivative in them and two in the coefficients."""
        each = self.rates(rows, beta, level)
        with np.errstate(all="ignore"):
            total = np.logaddexp.reduce([own.log for own in each], axis=0)
            gradient, hessian = np.zeros(beta.shape), np.zeros((len(beta), *beta.shape))
            along = np.zeros(len(rows))
            for own, at in zip(each, self.places, strict=True):
                share = np.exp(own.log - total)
                there = share > 0.0  # beyond the end of a cause nothing depends on it
                along += np.where(there, share * own.along, 0.0)
                gradient[at] = np.where(there, share * own.first, 0.0)
                hessian[at, at] = np.where(there, share * (own.second + own.first[:, None] * own.first), 0.0)
            hessian -= gradient[:, None] * gradient
        return total, along, gradient, hessian


@dataclass(frozen=True, eq=False)
class Climb:
    """The way from what is free to the coefficients of some rows, in which a level has a variate."""

    joint: Joint
    rows: Places
    level: Array
    variate: Array
    pivot: Places
    far: Mask

    @classmethod
    def of(cls, joint: Joint, rows: Places, level: Array, variate: Array, start: Array) -> Climb:
        """From coefficients ``start`` (p, rows): the cause that has the greatest share there follows."""
        logs = np.stack([own.log for own in joint.rates(rows, start, level)])
        pivot = np.argmax(np.nan_to_num(logs, nan=-np.inf), axis=0)
        lanes, far = joint.owner[rows], np.zeros(len(rows), dtype=np.bool_)
        for place, (own, at) in enumerate(zip(joint.causes, joint.places, strict=True)):
            some = pivot == place
            far[some] = own.far(lanes[some], start[at][:, some], level[some])
        return cls(joint, rows, level, variate, pivot, far)

    @cached_property
    def column(self) -> Places:
        """The coefficient of each row that follows."""
        each = [at.start + own.pivots(self.far) for own, at in zip(self.joint.causes, self.joint.places, strict=True)]
        return np.asarray(np.choose(self.pivot, each))

    @cached_property
    def rest(self) -> Places:
        """All others, (p - 1, rows)."""
        every = np.arange(self.joint.places[-1].stop)[:, None] + np.zeros_like(self.column)
        return every.T[self.column[:, None] != every.T].reshape(len(self.column), -1).T

    def free(self, start: Array) -> Array:
        """What is free at coefficients (p, rows)."""
        return np.take_along_axis(start, self.rest, axis=0)

    def whole(self, active: Places, point: Array) -> Array:
        """The coefficients (p, active) at what is free; NaN where there are none."""
        joint, level, far = self.joint, self.level[active], self.far[active]
        column = self.column[active]
        beta = np.zeros((len(point) + 1, len(active)))
        np.put_along_axis(beta, self.rest[:, active], point, axis=0)
        lanes, pivot = joint.owner[self.rows[active]], self.pivot[active]
        with np.errstate(all="ignore"):
            each = joint.rates(self.rows[active], beta, level)
            for place, (own, at) in enumerate(zip(joint.causes, joint.places, strict=True)):
                if not (some := np.flatnonzero(pivot == place)).size:
                    continue
                others = np.logaddexp.reduce([r.log[some] for r in (*each[:place], *each[place + 1 :])], axis=0)
                y = self.variate[active][some]
                left = -y + np.log1p(-np.exp(others + y))
                beta[column[some], some] = own.solved(lanes[some], beta[at][:, some], level[some], left, far[some])
        return beta

    def constrained(self, active: Places, beta: Array, *, levels: bool) -> Constrained:
        """The likelihood at coefficients that have the variate; its slope in the level, or in the variate."""
        rows, here = self.rows[active], np.arange(len(active))
        full = self.joint.loglik(rows, beta)
        _, along, gradient, hessian = self.joint.equation(rows, beta, self.level[active])
        column, rest = self.column[active], self.rest[:, active]
        with np.errstate(all="ignore"):
            own = gradient[column, here]
            tangents = np.zeros((len(beta), len(rest), len(here)))
            tangents[rest, np.arange(len(rest))[:, None], here] = 1.0
            tangents[column, :, here] = -(np.take_along_axis(gradient, rest, axis=0) / own).T
            bends = -np.einsum("par,pqr,qbr->abr", tangents, hessian, tangents, optimize=True) / own
            direction = np.zeros((len(beta), 1, len(here)))
            direction[column, 0, here] = 1.0
            moved = -(along if levels else np.ones(len(here))) / own
        return led(full, beta, Follows(direction, tangents, bends[None], moved[None]))


@dataclass(frozen=True, eq=False)
class HeldProduct(Heights):
    """The profile of all causes' likelihoods: of a level of the product, or of the variate of a level that is given.

    ``level`` (rows,) is given, or None where the value is the level; then ``variate`` is that of the level. ``centre``
    and ``unit`` are those in which levels are told.
    """

    joint: Joint
    owner: Places
    best: Array
    estimate: Array
    fallback: Mask
    level: Array | None
    variate: Array
    centre: Array
    unit: Array

    @property
    def samples(self) -> tuple[Likelihood, ...]:
        """Those of the causes."""
        return tuple(own.likelihood for own in self.joint.causes)

    def theta_hat(self) -> Array:
        """Of all causes."""
        return np.concatenate([own.estimate[:, self.owner] for own in self.joint.causes])

    def told(self, value: Array) -> Array:
        """Values as levels in data units."""
        return self.centre + self.unit * value

    def _held(self, rows: Places, value: Array) -> tuple[Array, Array]:
        """Levels and variates at values."""
        if self.level is not None:
            return self.level[rows], value
        return self.centre[rows] + self.unit[rows] * value, self.variate[rows]

    def gradient(self) -> Array:
        """By the equation that holds level and variate together."""
        rows = np.arange(len(self.owner))
        level, _ = self._held(rows, self.estimate)
        _, along, gradient, _ = self.joint.equation(rows, self.theta_hat(), level)
        with np.errstate(all="ignore"):
            return -gradient / (along * self.unit if self.level is None else 1.0)

    def at(self, rows: Places, value: Array, start: Array) -> Height:
        """The profile at ``value`` (rows,); a climb that ends nowhere begins again from other shapes.

        A variate beyond all measure is as good as infinite, and has the height of the farthest.
        """
        beyond = value > HIGHEST_VARIATE if self.level is not None else np.zeros(len(rows), dtype=np.bool_)
        found = self._at(rows, np.where(beyond, HIGHEST_VARIATE, value), start)
        return replace(found, slope=np.where(beyond, 0.0, found.slope))

    def _at(self, rows: Places, value: Array, start: Array) -> Height:
        found = self._climbed(rows, value, start)
        lost = np.flatnonzero(~found.interior)
        if lost.size:
            for begin in self._other_starts(rows[lost], value[lost], start[:, lost]):
                again = self._climbed(rows[lost], value[lost], begin)
                higher = again.interior & ~(again.value <= found.value[lost])
                found = found.replaced(lost[higher], again.rows(higher))
        return found

    def _climbed(self, rows: Places, value: Array, start: Array) -> Height:
        level, variate = self._held(rows, value)
        climb = Climb.of(self.joint, rows, level, variate, start)
        levels = self.level is None

        def objective(active: Places, point: Array) -> newton.Evaluation:
            return climb.constrained(active, climb.whole(active, point), levels=levels).evaluation

        begin = climb.free(start)
        longest = np.full(len(begin), _FARTHEST)
        found = newton.maximize(objective, begin, max_step=longest, tolerance=1e-7, max_iterations=60)
        every = np.arange(len(rows))
        beta = climb.whole(every, found.parameters)
        final = climb.constrained(every, beta, levels=levels)
        interior = found.converged & np.isfinite(final.evaluation.value)
        height = np.where(interior, final.evaluation.value, -np.inf)
        slope = final.slope * self.unit[rows] if levels else final.slope
        theta, flat = np.where(np.isfinite(beta), beta, start), np.zeros(len(rows))
        return Height(height, slope, theta, final.evaluation.hessian, final.tangents, flat, interior)

    def _other_starts(self, rows: Places, value: Array, start: Array) -> Array:
        """The highest of some starts, (few, p, rows): this one and the estimate, and both with other shapes."""
        ways = [start, self.theta_hat()[:, rows]]
        for shape in _SHAPES:
            for other in (np.array(way) for way in ways[:2]):
                for own, at in zip(self.joint.causes, self.joint.places, strict=True):
                    if "shape" in (names := own.likelihood.model.family.parameter_names):
                        other[at.start + own.likelihood.model.places[names.index("shape")].start] = shape
                ways.append(other)
        heights = np.stack([self._height_from(rows, value, way) for way in ways])
        order = np.argsort(-heights, axis=0)[:_STARTS]
        return np.moveaxis(np.stack(ways)[order, :, np.arange(len(rows))], -1, 1)

    def _height_from(self, rows: Places, value: Array, start: Array) -> Array:
        """The likelihood where a start is moved to the value."""
        climb = Climb.of(self.joint, rows, *self._held(rows, value), start)
        beta = climb.whole(np.arange(len(rows)), climb.free(start))
        with np.errstate(all="ignore"):
            found = self.joint.loglik(rows, beta).value
        return np.where(np.isfinite(beta).all(axis=0) & ~np.isnan(found), found, -np.inf)


# -- limits ------------------------------------------------------------------------------------------------------------

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


# -- minima with a share of zeros --------------------------------------------------------------------------------------

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


__all__ = [
    "KINDS",
    "Cause",
    "HeldProduct",
    "OfShare",
    "Part",
    "Zeros",
    "answer_of_product",
    "answer_with_zeros",
    "chosen_of_product",
    "product_of",
    "refused",
]
