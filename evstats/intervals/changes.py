"""Limits of what changes between states of the covariates, and of what many states make together.

A quantity of several states is a function of the coefficients. It is held by letting one of them, the pivot, follow
from its value and all others: the implicit function theorem gives the tangents and the curvature of what is left free.
So there is a profile likelihood of it, and profile, r* and delta limits are those of any other profile.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import scipy.special

from evstats import newton
from evstats.arrays import Array, Mask, Places
from evstats.distributions import Family
from evstats.errors import Status
from evstats.estimators import Regression
from evstats.estimators.base import lane_blocks
from evstats.intervals.base import Interval, Simulation
from evstats.intervals.bootstrap import Bootstrap
from evstats.intervals.likelihood_ratio import LikelihoodRatio, solve
from evstats.intervals.profile import HIGHEST_VARIATE, Height, Held, Profile, Sample
from evstats.intervals.regression import Centred
from evstats.models import likelihood_of
from evstats.models.covariates import Covariates
from evstats.quantities import Parameters
from evstats.quantities.changes import NOW, THEN, LogProbabilityRatio, OfStates

#: A location whose predictor moves by less than this share of what another parameter's does is no pivot.
_SHARE = 0.1
#: How far a search goes in a shape, or in the coefficients of the edge, at a time; and how often a shape is corrected.
_FARTHEST, _MOST_CORRECTIONS = 0.4, 30
#: The shapes from which a climb begins again, and those and the logarithms of the scale from which the edge is sought.
_SHAPES = (-0.4, -0.2, -0.1, 0.05, 0.2)
_EDGE_SHAPES, _EDGE_SCALES = (-0.02, -0.04, -0.07, -0.1, -0.15, -0.2, -0.3, -0.45, -0.7), (-0.8, -0.4, 0.0, 0.4, 0.8)


@dataclass(frozen=True, eq=False)
class HeldFunction(Profile):
    """The profile of a function of the parameters in several states; a row is one series with one question.

    ``function`` is that of maxima in standard units, and ``rows_of`` (k, states, p, rows) leads from the coefficients
    to the linear predictors in the states.
    """

    function: OfStates
    rows_of: Array

    # -- the function --------------------------------------------------------------------------------------------------

    def families(self, rows: Places, beta: Array) -> tuple[Family, list[Array]]:
        """The distributions in the states of some rows, (states, rows), and the predictors."""
        eta = list(np.einsum("kspr,pr->ksr", self.rows_of[..., rows], beta))
        links = [own.link for own in self.likelihood.model.parameters]
        with np.errstate(over="ignore"):
            theta = [link.inverse(own) for link, own in zip(links, eta, strict=True)]
        return self.likelihood.model.family.trial(*theta), eta

    def slopes(self, rows: Places, beta: Array, value: Array) -> tuple[Array, Array, Array]:
        """The derivatives of the equation in the value (rows,) and the coefficients, (p, rows) and (p, p, rows)."""
        family, eta = self.families(rows, beta)
        links = [own.link for own in self.likelihood.model.parameters]
        with np.errstate(all="ignore"):
            found = self.function.rows(rows).equation(family, value)
            link = np.stack([own.first(each) for own, each in zip(links, eta, strict=True)])
            bend = np.stack([own.second(each) for own, each in zip(links, eta, strict=True)])
            one = found.numbers.first * link
            two = found.numbers.second * link[:, None] * link
            two[np.arange(len(link)), np.arange(len(link))] += found.numbers.first * bend
            state = self.rows_of[..., rows]
            moved = np.einsum("ksr,kspr->spr", one, state)
            gradient = np.einsum("sr,spr->pr", found.first, moved)
            curved = np.einsum("klsr,sr,kspr,lsqr->pqr", two, found.first, state, state, optimize=True)
            hessian = curved + np.einsum("spr,sur,uqr->pqr", moved, found.second, moved, optimize=True)
        return found.along, gradient, hessian

    def gradient(self) -> Array:
        """The derivatives of the value in the coefficients at the estimate, (p, rows); NaN where it is not finite."""
        rows = np.arange(len(self.owner))
        with np.errstate(all="ignore"):
            along, gradient, _ = self.slopes(rows, self.theta_hat(), self.estimate)
            return np.where(np.isfinite(self.estimate), -gradient / along, np.nan)

    # -- the pivot -----------------------------------------------------------------------------------------------------

    @cached_property
    def pivot(self) -> int:
        """The parameter of which a coefficient follows from the value: the location, if it moves enough."""
        if not self.function.of_two:
            return 0 if self.likelihood.model.family.locations else 1
        apart = np.sqrt(np.square(self.rows_of[:, NOW] - self.rows_of[:, THEN]).sum(axis=1)).max(axis=-1)
        enough = np.flatnonzero(apart > _SHARE * apart.max())
        return int(enough[0])

    def directions(self, rows: Places, moved: Places) -> Array:
        """The unit vectors (p, rows) along which the pivot moves the parameter in one state and not in the other."""
        start = self.likelihood.model.places[self.pivot].start
        if not self.function.of_two:
            return np.eye(self.likelihood.model.size)[:, [start]].repeat(len(rows), axis=1)
        here = np.arange(len(rows))
        own = self.rows_of[self.pivot][..., rows]
        one, other = own[moved, :, here].T, own[1 - moved, :, here].T
        along = np.sum(one * other, axis=0) / np.sum(other * other, axis=0)
        apart = one - along * other
        return apart / np.sqrt(np.sum(apart * apart, axis=0))

    def solved(self, rows: Places, value: Array, beta: Array, direction: Array, moved: Places) -> Array:
        """How far along the pivot's direction coefficients (p, rows) have the value, (rows,); NaN where none have."""
        family, eta = self.families(rows, beta)
        function, link = self.function.rows(rows), self.likelihood.model.parameters[self.pivot].link
        with np.errstate(all="ignore"):
            if not function.of_two:
                have, want = function.level(family, value)
                natural = want - have if self.likelihood.model.family.locations else want / have
                return np.asarray(link.predictor(natural))
            y, x = function.wanted(family, value, moved)
            here = np.arange(len(rows))
            theta = [np.asarray(getattr(family, name))[moved, here] for name in family.parameter_names]
            theta[self.pivot] = self._at_level(theta, y, x)
            now = eta[self.pivot][moved, here]
            per = np.sum(self.rows_of[self.pivot][..., rows][moved, :, here].T * direction, axis=0)
            return np.asarray((link.predictor(theta[self.pivot]) - now) / per)

    def _at_level(self, theta: list[Array], y: Array, x: Array) -> Array:
        """The pivot's parameter with which the level of variate y is x: one step where levels are linear in it."""
        family = self.likelihood.model.family
        straight = self.pivot in (*family.locations, *family.scales)
        trial = list(theta)
        for _ in range(1 if straight else _MOST_CORRECTIONS):
            level = family.trial(*trial).level_derivatives(y)
            step = (x - level.value) / level.first[self.pivot]
            trial[self.pivot] = trial[self.pivot] + (step if straight else np.clip(step, -_FARTHEST, _FARTHEST))
            if np.all(~(np.abs(step) > 1e-13)):
                break
        good = straight | (np.abs(step) < 1e-9)
        return np.where(good, trial[self.pivot], np.nan)

    # -- the profile ---------------------------------------------------------------------------------------------------

    def at(self, rows: Places, value: Array, start: Array) -> Height:
        """The profile at ``value`` (rows,), climbed from coefficients ``start`` (p, rows).

        Where a climb ends nowhere it begins again from other shapes. Where the edge is higher than what was found, it
        is the height, and there is no interior maximum.
        """
        found = self._climbed(rows, value, start)
        lost = np.flatnonzero(~found.interior)
        if lost.size:
            again = self._climbed(rows[lost], value[lost], self._best_start(rows[lost], value[lost], start[:, lost]))
            higher = again.interior
            found = found.replaced(lost[higher], again.rows(higher))
        edge = self.edge[rows]
        over = edge > found.value
        return replace(found, value=np.where(over, edge, found.value), interior=found.interior & ~over)

    def _climbed(self, rows: Places, value: Array, start: Array) -> Height:
        moved = self.function.moved(value)
        direction = self.directions(rows, moved)
        first = self.likelihood.model.places[self.pivot].start
        turn = _reflection(direction, first)
        rest = np.delete(turn, first, axis=1)  # (p, p - 1, rows)
        begin = np.sum(direction * start, axis=0)

        def whole(active: Places, point: Array) -> Array:
            beta = np.einsum("par,ar->pr", rest[..., active], point) + begin[active] * direction[:, active]
            far = self.solved(rows[active], value[active], beta, direction[:, active], moved[active])
            return beta + far * direction[:, active]

        def objective(active: Places, point: Array) -> newton.Evaluation:
            return self._constrained(
                rows[active], value[active], whole(active, point), direction[:, active], rest[..., active]
            ).evaluation

        longest = np.delete(self._steps(list(range(len(start)))), first)
        found = newton.maximize(
            objective, np.einsum("par,pr->ar", rest, start), max_step=longest, tolerance=1e-7, max_iterations=60
        )
        beta = whole(np.arange(len(rows)), found.parameters)
        final = self._constrained(rows, value, beta, direction, rest)
        interior = found.converged & np.isfinite(final.evaluation.value)
        height = np.where(interior, final.evaluation.value, -np.inf)
        theta = np.where(np.isfinite(beta), beta, start)
        return Height(
            height, final.slope, theta, final.evaluation.hessian, final.tangents, np.zeros(len(rows)), interior
        )

    def _constrained(self, rows: Places, value: Array, beta: Array, direction: Array, rest: Array) -> _Constrained:
        """The likelihood at coefficients that have the value, with the pivot as a function of the rest."""
        with np.errstate(all="ignore"):
            full = self.likelihood(self.owner[rows], beta)
            along, gradient, hessian = self.slopes(rows, beta, value)
            own = np.sum(direction * gradient, axis=0)
            follows = -np.einsum("par,pr->ar", rest, gradient) / own
            tangents = rest + direction[:, None] * follows
            pull = np.sum(direction * full.gradient, axis=0)
            bend = -np.einsum("par,pqr,qbr->abr", tangents, hessian, tangents, optimize=True) / own
            curved = np.einsum("par,pqr,qbr->abr", tangents, full.hessian, tangents, optimize=True) + pull * bend
            slope = -pull * along / own
            first = np.einsum("par,pr->ar", tangents, full.gradient)
        good = np.isfinite(beta).all(axis=0) & np.isfinite(first).all(axis=0) & np.isfinite(curved).all(axis=(0, 1))
        height = np.where(good, full.value, -np.inf)
        return _Constrained(newton.Evaluation(height, first, curved), slope, tangents)

    def _best_start(self, rows: Places, value: Array, start: Array) -> Array:
        """The highest of some starts that have the value: the estimate and others of its kind with other shapes."""
        estimate = self.theta_hat()[:, rows]
        ways = [start, estimate]
        if self.has_shape:
            place = self.likelihood.model.places[-1]
            for shape in _SHAPES:
                other = np.array(estimate)
                other[place] = 0.0
                other[place.start] = shape
                ways.append(other)
        heights = np.stack([self._height_from(rows, value, way) for way in ways])
        return np.stack(ways)[np.argmax(heights, axis=0), :, np.arange(len(rows))].T

    def _height_from(self, rows: Places, value: Array, start: Array) -> Array:
        """The likelihood where the pivot of a start is moved to the value."""
        moved = self.function.moved(value)
        direction = self.directions(rows, moved)
        beta = start + self.solved(rows, value, start, direction, moved) * direction
        with np.errstate(all="ignore"):
            found = self.likelihood(self.owner[rows], beta).value
        return np.where(np.isfinite(beta).all(axis=0), found, -np.inf)

    # -- the edge ------------------------------------------------------------------------------------------------------

    @cached_property
    def edge(self) -> Array:
        """The log-likelihood per row that is reached with any value whatever, (rows,), -inf where there is none.

        Of the logarithm of a ratio of probabilities, where the upper end in both states comes down to the level: both
        probabilities go to 0 with any ratio. There the likelihood is highest, the ends held, by Newton's method.
        """
        nowhere = np.full(len(self.owner), -np.inf)
        if not (isinstance(self.function, LogProbabilityRatio) and self.likelihood.model.family.has_edge):
            return nowhere
        return _Edge(self).heights()

    def true_value(self, answers: Array) -> Array:
        """Values are pure numbers or in standard units already."""
        return answers


class _Constrained(NamedTuple):
    """The constrained likelihood in its free coefficients, its slope in the value, and the tangents."""

    evaluation: newton.Evaluation
    slope: Array
    tangents: Array


@dataclass(frozen=True, eq=False)
class _Edge:
    """The maximum of the likelihood with the upper ends in both states held at the level."""

    profile: HeldFunction

    @cached_property
    def plane(self) -> tuple[Array, Array, Array]:
        """An orthonormal pair (p, 2, rows) along which the pivot's predictors in both states move, all other
        directions (p, p - 2, rows), and how the predictors move along the pair (2, 2, rows)."""
        own = np.moveaxis(self.profile.rows_of[self.profile.pivot], -1, 0)  # (rows, states, p)
        turn = np.linalg.qr(np.swapaxes(own, 1, 2), mode="complete")[0]
        moved = own @ turn[..., :2]
        back = tuple(np.moveaxis(each, 0, -1) for each in (turn[..., :2], turn[..., 2:], moved))
        return back[0], back[1], back[2]

    def heights(self) -> Array:
        """Of every row."""
        profile = self.profile
        begin = self.starts()
        rows = np.arange(begin.shape[1])
        _, rest, _ = self.plane
        if not rest.shape[1]:
            return np.full(len(rows), -np.inf)
        longest = np.full(rest.shape[1], _FARTHEST)

        def objective(active: Places, point: Array) -> newton.Evaluation:
            return self.evaluated(rows[active], point)

        found = newton.maximize(objective, begin, max_step=longest, tolerance=1e-9)
        value = np.where(np.isnan(found.value), -np.inf, found.value)
        return np.where(profile.has_shape, value, -np.inf)

    def starts(self) -> Array:
        """The highest of a grid of shapes and scales, all else as at the estimate; the free coefficients (p - 2, rows).

        The pivot's other covariates begin at 0, so that the ends are the same at all blocks.
        """
        profile = self.profile
        model, estimate = profile.likelihood.model, profile.theta_hat()
        _, rest, _ = self.plane
        rows = np.arange(estimate.shape[1])
        points = []
        for shape in _EDGE_SHAPES:
            for scale in _EDGE_SCALES:
                beta = np.array(estimate)
                for place in (model.places[profile.pivot], model.places[-1], *(model.places[i] for i in model.family.scales)):
                    beta[place.start + 1 : place.stop] = 0.0
                beta[model.places[-1].start] = shape
                beta[model.places[model.family.scales[0]].start] += scale
                points.append(np.einsum("par,pr->ar", rest, beta))
        heights = np.stack([self.evaluated(rows, point).value for point in points])
        return np.stack(points)[np.argmax(heights, axis=0), :, rows].T

    def evaluated(self, rows: Places, point: Array) -> newton.Evaluation:
        """The likelihood where the free coefficients are ``point`` and the ends are at the level."""
        profile, (pair, rest, moves) = self.profile, self.plane
        pair, rest, moves = pair[..., rows], rest[..., rows], moves[..., rows]
        function = profile.function.rows(rows)
        assert isinstance(function, LogProbabilityRatio)
        model, pivot = profile.likelihood.model, profile.pivot
        link = model.parameters[pivot].link
        with np.errstate(all="ignore"):
            beta = np.einsum("par,ar->pr", rest, point)
            family, eta = profile.families(rows, beta)
            theta = [np.asarray(getattr(family, name)) for name in family.parameter_names]
            wanted = link.predictor(profile._at_level(theta, function.end(), function.question)) - eta[pivot]
            beta = beta + np.einsum("pbr,rb->pr", pair, _solved(moves, wanted))
            full = profile.likelihood(profile.owner[rows], beta)
            gradient, hessian = self.slopes(rows, beta)  # of the ends in the coefficients
            own = np.einsum("cpr,pbr->rcb", gradient, pair)
            inverse = np.linalg.inv(np.where(np.isfinite(own).all(axis=(1, 2))[:, None, None], own, np.eye(2)))
            follows = -np.einsum("rbc,cpr,par->bar", inverse, gradient, rest, optimize=True)
            tangents = rest + np.einsum("pbr,bar->par", pair, follows)
            pull = np.einsum("pr,pbr,rbc->cr", full.gradient, pair, inverse, optimize=True)
            bend = -np.einsum("cr,par,cpqr,qbr->abr", pull, tangents, hessian, tangents, optimize=True)
            first = np.einsum("par,pr->ar", tangents, full.gradient)
            curved = np.einsum("par,pqr,qbr->abr", tangents, full.hessian, tangents, optimize=True) + bend
        good = np.isfinite(beta).all(axis=0) & np.isfinite(first).all(axis=0) & np.isfinite(curved).all(axis=(0, 1))
        return newton.Evaluation(np.where(good, full.value, -np.inf), first, curved)

    def slopes(self, rows: Places, beta: Array) -> tuple[Array, Array]:
        """Derivatives of the ends in both states in the coefficients, (2, p, rows) and (2, p, p, rows)."""
        profile = self.profile
        family, eta = profile.families(rows, beta)
        links = [own.link for own in profile.likelihood.model.parameters]
        level = family.level_derivatives(np.full(eta[0].shape, profile.function.end()[0]))
        shape = level.value.shape
        link = np.stack([own.first(each) for own, each in zip(links, eta, strict=True)])
        bend = np.stack([own.second(each) for own, each in zip(links, eta, strict=True)])
        one = np.stack([np.broadcast_to(own, shape) for own in level.first])
        two = np.array([[np.broadcast_to(own, shape) for own in row] for row in level.second]) * link[:, None] * link
        two[np.arange(len(link)), np.arange(len(link))] += one * bend
        state = profile.rows_of[..., rows]
        gradient = np.einsum("kcr,kcpr->cpr", one * link, state)
        return gradient, np.einsum("klcr,kcpr,lcqr->cpqr", two, state, state, optimize=True)


def _solved(matrices: Array, wanted: Array) -> Array:
    """The solutions (rows, 2) of systems (2, 2, rows) with right sides (2, rows); NaN where there is none."""
    left, right = np.moveaxis(matrices, -1, 0), wanted.T
    good = np.isfinite(right).all(axis=-1)
    found = np.linalg.solve(left, np.where(good[:, None], right, 0.0)[..., None])[..., 0]
    return np.where(good[:, None], found, np.nan)


def _reflection(direction: Array, place: int) -> Array:
    """The symmetric orthogonal matrices (p, p, rows) whose column ``place`` is the unit vector (p, rows)."""
    apart = np.array(direction)
    apart[place] -= 1.0
    size = np.sum(apart * apart, axis=0)
    outer = apart[:, None] * apart
    return np.eye(len(direction))[..., None] - 2.0 * outer / np.where(size > 0.0, size, 1.0)


# -- limits ------------------------------------------------------------------------------------------------------------


class Changed(NamedTuple):
    """A quantity of several states: estimate and limits, batch + (questions,), in its own terms; ``edge`` is where any
    value whatever is within the limits, and ``interval`` the kind of limits in words."""

    estimate: Array
    lower: Array
    upper: Array
    edge: Mask
    interval: str
    simulation: Simulation | None


def changed(
    estimation: Regression, states: Covariates, function: OfStates, interval: Interval, confidence: float
) -> Changed:
    """A quantity in states of the covariates, of every series, with limits.

    Parameters
    ----------
    estimation : of one series or a batch.
    states : the states, in the order that the quantity has them.
    function : with its questions (questions,), in data units; those of minima are of the minima.
    """
    lanes, questions = math.prod(estimation.batch_shape), len(function.question)
    found = np.full((3, lanes, questions), np.nan)
    edge = np.zeros((lanes, questions), dtype=np.bool_)
    good = np.flatnonzero(np.ravel(estimation.estimate.status) == Status.CONVERGED)
    labels: list[str] = []
    for block in lane_blocks(good.size, 2 * estimation.values.shape[-1] * questions * states.count):
        some = good[block]
        asked = _Asked.of(estimation, some, states, function)
        found[0, some] = asked.told(asked.estimate).reshape(-1, questions)
        if isinstance(interval, Bootstrap):
            continue
        limits, endless, label = _limits(asked, interval, 0.5 * (1.0 - confidence))
        labels.append(label)
        own = np.sort(asked.told(limits), axis=0)
        found[1:, some] = own.reshape(2, -1, questions)
        edge[some] = endless.reshape(-1, questions)
    if isinstance(interval, Bootstrap):
        _bootstrapped(estimation, states, function, interval, confidence, found)
        labels.append(interval.described(estimation, Parameters()))
    shape = (*estimation.batch_shape, questions)
    estimate, lower, upper = (own.reshape(shape) for own in found)
    return Changed(estimate, lower, upper, edge.reshape(shape), "; ".join(dict.fromkeys(labels)), None)


@dataclass(frozen=True, eq=False)
class _Asked:
    """The profile of a quantity of some series, and the way from its values to those that are told.

    Ratios of probabilities are taken the way round in which they are 1 or more: ``turn`` (rows,) is -1.0 where now and
    then have changed their places. ``estimate`` is NaN where it is 0/0, and that of the profile then infinite.
    """

    profile: HeldFunction
    estimate: Array
    turn: Array
    sign: float
    loc: Array
    scale: Array

    @classmethod
    def of(cls, estimation: Regression, lanes: Places, states: Covariates, function: OfStates) -> _Asked:
        sample = Centred.of(estimation, lanes)
        minima = estimation.family.minima
        questions = len(function.question)
        owner = np.repeat(np.arange(len(lanes)), questions)
        whole = replace(function, question=np.tile(function.question, len(lanes)))
        loc, scale = sample.loc[owner], sample.scale[owner]
        counted = (whole.mirrored() if minima else whole).counted(loc, scale)
        rows_of = _rows_of(estimation, lanes, states)[..., owner]
        likelihood = likelihood_of(sample.model, sample.points)
        m = len(lanes)
        fitted = np.zeros((m, len(sample.model.parameters)))
        fitted[:, 1] = 1.0
        if fitted.shape[1] > 2:
            fitted[:, 2] = sample.beta[sample.model.places[2].start]
        nowhere = np.zeros(m, dtype=np.bool_)
        state = np.eye(fitted.shape[1], sample.model.size)
        held = Held(sample.model.family, None, np.empty(0), None)
        of_all = Sample(likelihood, sample.beta, fitted, state, nowhere, np.full(m, -np.inf))
        best = likelihood(np.arange(m), sample.beta).value[owner]
        bare = HeldFunction(of_all, owner, held, fitted[owner], best, np.zeros(len(owner)), nowhere[owner], counted, rows_of)
        family, _ = bare.families(np.arange(len(owner)), bare.theta_hat())
        estimate = counted.value(family)
        turn = np.ones(len(owner))
        seen = estimate
        if isinstance(counted, LogProbabilityRatio):
            # 0/0 is taken for infinite on the side of the end that is further out
            now, then = counted.ends(family)
            with np.errstate(invalid="ignore"):
                seen = np.where(np.isnan(estimate), np.where(now < then, -np.inf, np.inf), estimate)
            turn = np.where(seen < 0.0, -1.0, 1.0)
            rows_of = np.where(turn < 0.0, rows_of[:, ::-1], rows_of)
        profile = replace(bare, estimate=turn * seen, rows_of=rows_of)
        return cls(profile, estimate * turn, turn, -1.0 if minima else 1.0, loc, scale)

    def told(self, values: Array) -> Array:
        """Values (..., rows) of the profile in the quantity's own terms and the unit of the data."""
        kind = self.profile.function.kind
        if kind == "pure":
            return self.turn * values
        return self.sign * (self.scale * values + (self.loc if kind == "level" else 0.0))


def _rows_of(estimation: Regression, lanes: Places, states: Covariates) -> Array:
    """From the coefficients of series to the predictors in states, (k, states, p, lanes)."""
    model, given = estimation.model, estimation.predictors.rows(states)
    whole = np.zeros((len(model.parameters), states.count, model.size, len(lanes)))
    for place, (own, columns) in enumerate(zip(model.parameters, model.places, strict=True)):
        rows = given.get(own.name, np.ones((states.count, 1)))
        if rows.ndim > 2:
            rows = rows.reshape(-1, *rows.shape[-2:])[lanes]
            whole[place, :, columns] = np.moveaxis(rows, 0, -1)
        else:
            whole[place, :, columns] = rows[..., None]
    return whole


def _limits(asked: _Asked, interval: Interval, tail: float) -> tuple[Array, Mask, str]:
    """Both ends of every row (2, rows), where they are endless for want of any, and what they are called."""
    profile, normal = asked.profile, -float(scipy.special.ndtri(tail))
    rows = np.arange(len(profile.owner))
    nowhere = np.zeros(len(rows), dtype=np.bool_)
    if not isinstance(interval, LikelihoodRatio):
        _, error = profile.tangent()
        half = normal * error
        with np.errstate(invalid="ignore"):
            half = np.where(np.isinf(asked.estimate), np.inf, half)
            centre = np.where(np.isinf(asked.estimate), 0.0, asked.estimate)
        return np.stack([centre - half, centre + half]), nowhere, interval.label
    criterion = interval.criterion(profile, Parameters(), tail)
    endless = 2.0 * (profile.best - profile.edge) <= normal**2
    if (unknown := np.flatnonzero(np.isnan(asked.estimate) & ~endless)).size:
        far = np.full(unknown.size, HIGHEST_VARIATE)
        height = profile.at(unknown, far, profile.theta_hat()[:, unknown])
        endless[unknown] = 2.0 * (profile.best[unknown] - height.value) > normal**2
    ends = solve(profile, criterion, np.repeat(~endless[None], 2, axis=0))
    ends[:, endless] = [[-np.inf], [np.inf]]
    return ends, endless, interval.label


def _bootstrapped(
    estimation: Regression, states: Covariates, function: OfStates, interval: Bootstrap, confidence: float, found: Array
) -> None:
    """Put the limits of the bootstrap into ``found`` (3, lanes, questions); replicates of 0/0 are left out."""
    minima = estimation.family.minima
    sign = -1.0 if minima and function.kind != "pure" else 1.0
    for lane, refitted in interval.refits(estimation):
        every = np.arange(interval.replicates)
        beta = refitted.maxima[1]
        eta = np.einsum("kspr,pr->ksr", _rows_of(refitted, every, states), beta)
        links = (own.link for own in refitted.model.parameters)
        family = refitted.model.family.trial(*(link.inverse(own) for link, own in zip(links, eta, strict=True)))
        known = np.flatnonzero(refitted.estimate.converged)
        replicated = np.full((interval.replicates, len(function.question)), np.nan)
        for column, question in enumerate(function.question):
            asked = replace(function, question=np.full(known.size, question))
            replicated[known, column] = sign * (asked.mirrored() if minima else asked).value(family[:, known])
        found[1:, lane] = np.sort(interval.limits_of_replicates(found[0, lane], replicated, confidence), axis=0)


__all__ = ["Changed", "HeldFunction", "changed"]
