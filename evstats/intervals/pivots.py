"""How the coefficients of a model follow from what is held: a function of its parameters in several states.

Of what is held and what is free some coefficients follow; the implicit function theorem gives their first and second
derivatives, and so those of the likelihood in what is free, for Newton's method.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from evstats import newton
from evstats.arrays import Array, Places
from evstats.distributions import Family
from evstats.estimators.climbs import max_step
from evstats.models import Likelihood
from evstats.quantities.changes import LogProbabilityRatio
from evstats.quantities.states import NOW, THEN, Numbers, OfStates, levels, variates

#: A parameter whose predictor moves by less than this share of what another's does is no pivot.
_SHARE = 0.1
#: How far a shape is corrected at a time and how often, and how far a variate goes in a step.
_FARTHEST, _MOST_CORRECTIONS, _FARTHEST_VARIATE = 0.4, 30, 2.0
#: The variate of a level that cannot be passed, where a climb begins, and the range of those that can.
_BEGIN, _LOWEST_BEGIN = 10.0, -2.0
#: The shapes, and the logarithms of the scale relative to the estimate's, from which the edge is sought.
_EDGE_SHAPES, _EDGE_SCALES = (-0.02, -0.04, -0.07, -0.1, -0.15, -0.2, -0.3, -0.45, -0.7), (-0.8, -0.4, 0.0, 0.4, 0.8)


class Constrained(NamedTuple):
    """The likelihood in what is free, its slope in the value, and the tangents (p, free, rows) of the coefficients."""

    evaluation: newton.Evaluation
    slope: Array
    tangents: Array


@dataclass(frozen=True, eq=False)
class Curves:
    """A quantity of several states as a function of the coefficients of samples; a row is one sample and question.

    Parameters
    ----------
    likelihood
        Of the samples.
    owner
        The sample of each row.
    function
        The quantity, in the units of the samples.
    rows_of
        (k, states, p, rows), from the coefficients to the linear predictors in the states.
    """

    likelihood: Likelihood
    owner: Places
    function: OfStates
    rows_of: Array

    def families(self, rows: Places, beta: Array) -> tuple[Family, list[Array]]:
        """The distributions in the states of some rows, (states, rows), and the predictors."""
        eta = list(np.einsum("kspr,pr->ksr", self.rows_of[..., rows], beta))
        links = [own.link for own in self.likelihood.model.parameters]
        for place, own in enumerate(self.likelihood.model.parameters):
            if own.known is not None:
                eta[place] = eta[place] + (own.known if own.known.ndim == 0 else own.known[self.owner[rows]])
        with np.errstate(over="ignore"):
            theta = [link.inverse(own) for link, own in zip(links, eta, strict=True)]
        return self.likelihood.model.family.trial(*theta), eta

    def in_coefficients(self, rows: Places, eta: list[Array], numbers: Numbers) -> tuple[Array, Array]:
        """The derivatives of the numbers of the states in the coefficients, (states, p, rows) and (states, p, p,
        rows).
        """
        links, state = [own.link for own in self.likelihood.model.parameters], self.rows_of[..., rows]
        with np.errstate(all="ignore"):
            link = np.stack([own.first(each) for own, each in zip(links, eta, strict=True)])
            bend = np.stack([own.second(each) for own, each in zip(links, eta, strict=True)])
            two = numbers.second * link[:, None] * link
            two[np.arange(len(link)), np.arange(len(link))] += numbers.first * bend
            first = np.einsum("ksr,kspr->spr", numbers.first * link, state)
            return first, np.einsum("klsr,kspr,lsqr->spqr", two, state, state, optimize=True)

    def equation(self, rows: Places, beta: Array, value: Array) -> tuple[Array, Array, Array]:
        """The derivatives of the quantity's equation in the value (rows,) and the coefficients, (p, rows) and (p, p,
        rows).
        """
        family, eta = self.families(rows, beta)
        with np.errstate(all="ignore"):
            found = self.function.rows(rows).equation(family, value)
            first, second = self.in_coefficients(rows, eta, found.numbers)
            gradient = np.einsum("sr,spr->pr", found.first, first)
            hessian = np.einsum("sr,spqr->pqr", found.first, second)
            hessian += found.bent(first)
        return found.along, gradient, hessian

    @cached_property
    def pivot(self) -> int:
        """The parameter of which coefficients follow: the first that moves enough between two states, of many the
        location, or the rate where that is given.
        """
        family = self.likelihood.model.family
        if not self.function.of_two:
            return (family.rates or family.locations)[0]
        apart = np.sqrt(np.square(self.rows_of[:, NOW] - self.rows_of[:, THEN]).sum(axis=1)).max(axis=-1)
        return int(np.flatnonzero(apart > _SHARE * apart.max())[0])

    @cached_property
    def joint(self) -> bool:
        """Whether the pivot has no constant, as the factor of multiples has none: what moves it in one state moves it
        in the other, and only its slope and the location together make any two levels.
        """
        return not np.all(self.rows_of[self.pivot, :, self.likelihood.model.places[self.pivot].start] == 1.0)

    @cached_property
    def slope(self) -> Array:
        """The unit vectors (p, rows) along which the pivot changes most between two states."""
        apart = self.rows_of[self.pivot, NOW] - self.rows_of[self.pivot, THEN]
        return np.asarray(apart / np.sqrt(np.sum(apart * apart, axis=0)))

    def at_level(self, theta: list[Array], y: Array, x: Array) -> Array:
        """The pivot's parameter with which the level of variate y is x: one step where levels are linear in it."""
        family = self.likelihood.model.family
        if self.pivot in family.rates:
            return np.asarray(theta[self.pivot] + family.trial(*theta).reduced(x) - y)
        straight = self.pivot in (*family.locations, *family.scales)
        trial, step = list(theta), np.zeros(())
        for _ in range(1 if straight else _MOST_CORRECTIONS):
            level = family.trial(*trial).level_derivatives(y)
            step = (x - level.value) / level.first[self.pivot]
            trial[self.pivot] = trial[self.pivot] + (step if straight else np.clip(step, -_FARTHEST, _FARTHEST))
            if np.all(~(np.abs(step) > 1e-13)):
                break
        return np.where(straight | (np.abs(step) < 1e-9), trial[self.pivot], np.nan)

    def moved(self, theta: list[Array], eta: list[Array], y: Array, x: Array) -> Array:
        """By how much the pivot's predictor is to move so that the level of variate y is x."""
        link = self.likelihood.model.parameters[self.pivot].link
        return np.asarray(link.predictor(self.at_level(theta, y, x)) - eta[self.pivot])

    @cached_property
    def plane(self) -> tuple[Array, Array]:
        """An orthonormal pair (p, 2, rows) along which levels move in both of two states, and all other directions (p,
        p - 2, rows).
        """
        if self.joint:
            location = np.zeros_like(self.slope)
            location[self.likelihood.model.places[self.likelihood.model.family.locations[0]].start] = 1.0
            own = np.moveaxis(np.stack([location, self.slope]), -1, 0)
        else:
            own = np.moveaxis(self.rows_of[self.pivot], -1, 0)  # (rows, states, p)
        turn = np.linalg.qr(np.swapaxes(own, 1, 2), mode="complete")[0]
        pair, rest = (np.moveaxis(each, 0, -1) for each in (turn[..., :2], turn[..., 2:]))
        return pair, rest

    def with_levels(self, rows: Places, beta: Array, y: Array) -> Array:
        """Coefficients moved along the pair so that the levels with variates y (2, rows) are at the event."""
        pair, x = self.plane[0][..., rows], self.function.rows(rows).question
        if not self.joint:
            family, eta = self.families(rows, beta)
            theta = [np.asarray(getattr(family, name)) for name in family.columns()]
            moves = np.einsum("spr,pcr->scr", self.rows_of[self.pivot][..., rows], pair)
            return beta + np.einsum("pcr,csr,sr->pr", pair, inverse(moves), self.moved(theta, eta, y, x), optimize=True)
        step = np.full(y.shape, np.inf)
        for _ in range(_MOST_CORRECTIONS):
            family, eta = self.families(rows, beta)
            numbers = levels(family, y)
            first, _ = self.in_coefficients(rows, eta, numbers)
            step = np.einsum("csr,sr->cr", inverse(np.einsum("spr,pcr->scr", first, pair)), x - numbers.value)
            beta = beta + np.einsum("pcr,cr->pr", pair, np.clip(step, -1.0, 1.0))
            if np.all(~(np.abs(step) > 1e-12)):
                break
        return np.where(np.all(np.abs(step) < 1e-8, axis=0), beta, np.nan)


@dataclass(frozen=True, eq=False)
class Way(ABC):
    """The way from what is free to the coefficients of some rows, with the quantity at a value."""

    curves: Curves
    rows: Places
    value: Array

    @abstractmethod
    def free(self, start: Array) -> tuple[Array, Array]:
        """What is free at coefficients (p, rows), and how far Newton may go in it."""

    @abstractmethod
    def whole(self, active: Places, point: Array) -> Array:
        """The coefficients (p, active) at what is free; NaN where there are none."""

    @abstractmethod
    def constrained(self, active: Places, beta: Array) -> Constrained:
        """The likelihood at coefficients that have the value."""

    def objective(self, active: Places, point: Array) -> newton.Evaluation:
        """The likelihood at what is free."""
        return self.constrained(active, self.whole(active, point)).evaluation

    def evaluated(self, active: Places, beta: Array, follows: Follows) -> Constrained:
        """The likelihood with its derivatives in what is free, from how the coefficients follow from that."""
        return led(self.curves.likelihood(self.curves.owner[self.rows[active]], beta), beta, follows)


class Follows(NamedTuple):
    """How coefficients follow along ``directions`` (p, c, rows): the tangents of all (p, free, rows), the second
    derivatives ``bends`` (c, free, free, rows) of what follows, and its derivative ``along`` the value, (c, rows).
    """

    directions: Array
    tangents: Array
    bends: Array
    along: Array


def led(full: newton.Evaluation, beta: Array, follows: Follows) -> Constrained:
    """A likelihood at coefficients (p, rows), some of which follow, with its derivatives in what is free."""
    with np.errstate(all="ignore"):
        tangents = follows.tangents
        pull = np.einsum("pr,pcr->cr", full.gradient, follows.directions)
        first = np.einsum("par,pr->ar", tangents, full.gradient)
        curved = np.einsum("par,pqr,qbr->abr", tangents, full.hessian, tangents, optimize=True)
        curved += np.einsum("cr,cabr->abr", pull, follows.bends)
        slope = np.einsum("cr,cr->r", pull, follows.along)
    good = np.isfinite(beta).all(axis=0) & np.isfinite(first).all(axis=0) & np.isfinite(curved).all(axis=(0, 1))
    return Constrained(newton.Evaluation(np.where(good, full.value, -np.inf), first, curved), slope, tangents)


@dataclass(frozen=True, eq=False)
class ByPivot(Way):
    """One coefficient follows, along ``direction`` (p, rows), and all across it are free, ``rest`` (p, p - 1, rows)."""

    state: Places
    direction: Array
    rest: Array
    begin: Array

    @classmethod
    def of(cls, curves: Curves, rows: Places, value: Array, start: Array) -> ByPivot:
        """Of rows with coefficients ``start`` (p, rows), from where a shape that follows is sought."""
        state, direction = curves.function.moved(value), np.empty(0)
        place = curves.likelihood.model.places[curves.pivot].start
        if curves.function.of_two and curves.joint:
            direction = curves.slope[:, rows]
        elif curves.function.of_two:
            here, own = np.arange(len(rows)), curves.rows_of[curves.pivot][..., rows]
            one, other = own[state, :, here].T, own[1 - state, :, here].T
            # what moves the parameter in one state and not in the other
            direction = one - np.sum(one * other, axis=0) / np.sum(other * other, axis=0) * other
            direction = direction / np.sqrt(np.sum(direction * direction, axis=0))
        else:
            direction = np.eye(len(start))[:, [place]].repeat(len(rows), axis=1)
        rest = np.delete(_reflection(direction, place), place, axis=1)
        return cls(curves, rows, value, state, direction, rest, np.sum(direction * start, axis=0))

    def free(self, start: Array) -> tuple[Array, Array]:
        """The coefficients across the pivot's direction."""
        model = self.curves.likelihood.model
        steps = np.repeat(max_step(model.family), [own.size for own in model.parameters])
        place = model.places[self.curves.pivot].start
        return np.einsum("par,pr->ar", self.rest, start), np.delete(steps, place)

    def whole(self, active: Places, point: Array) -> Array:
        """The pivot moved from where the climb began to where the quantity has the value."""
        direction = self.direction[:, active]
        beta = np.einsum("par,ar->pr", self.rest[..., active], point) + self.begin[active] * direction
        with np.errstate(invalid="ignore"):
            return np.asarray(beta + self._distance(active, beta) * direction)

    def _distance(self, active: Places, beta: Array) -> Array:
        curves, rows, value = self.curves, self.rows[active], self.value[active]
        family, eta = curves.families(rows, beta)
        function = curves.function.rows(rows)
        with np.errstate(all="ignore"):
            if not function.of_two and curves.pivot in family.rates:
                return self._corrected(active, beta)
            if not function.of_two:
                have, want = function.level(family, value)
                direction = self.direction[:, active]
                if len(curves.likelihood.model.family.locations) == 1:  # which moves all levels alike
                    return want - have
                return want - have + self._corrected(active, beta + (want - have) * direction)
            if curves.joint:
                return self._corrected(active, beta)
            state, here = self.state[active], np.arange(len(rows))
            y, x = function.wanted(family, value, state)
            theta = [np.asarray(getattr(family, name))[state, here] for name in family.columns()]
            far = curves.moved(theta, [own[state, here] for own in eta], y, x)
            own = curves.rows_of[curves.pivot][..., rows][state, :, here].T
            return np.asarray(far / np.sum(own * self.direction[:, active], axis=0))

    def _corrected(self, active: Places, beta: Array) -> Array:
        """By Newton's method on the quantity's equation."""
        rows, value, direction = self.rows[active], self.value[active], self.direction[:, active]
        distance, step = np.zeros(len(rows)), np.full(len(rows), np.inf)
        for _ in range(_MOST_CORRECTIONS):
            there = beta + distance * direction
            family, _ = self.curves.families(rows, there)
            off = self.curves.function.rows(rows).equation(family, value).value
            step = -off / np.sum(direction * self.curves.equation(rows, there, value)[1], axis=0)
            distance = distance + np.clip(step, -1.0, 1.0)
            if np.all(~(np.abs(step) > 1e-12)):
                break
        return np.where(np.abs(step) < 1e-8, distance, np.nan)

    def constrained(self, active: Places, beta: Array) -> Constrained:
        """By the quantity's equation."""
        direction, rest = self.direction[:, active], self.rest[..., active]
        along, gradient, hessian = self.curves.equation(self.rows[active], beta, self.value[active])
        with np.errstate(all="ignore"):
            own = np.sum(direction * gradient, axis=0)
            tangents = rest - direction[:, None] * (np.einsum("par,pr->ar", rest, gradient) / own)
            bends = -np.einsum("par,pqr,qbr->abr", tangents, hessian, tangents, optimize=True) / own
            follows = Follows(direction[:, None], tangents, bends[None], (-along / own)[None])
        return self.evaluated(active, beta, follows)


@dataclass(frozen=True, eq=False)
class ByVariate(Way):
    """Of a ratio of probabilities: the variate of the larger is free, that of the smaller follows from the ratio, and
    from both the pivot's parameter in both states. So no climb runs against the end of a distribution.
    """

    larger: Places
    function: LogProbabilityRatio
    begin: Array

    @classmethod
    def of(cls, curves: Curves, rows: Places, value: Array, start: Array) -> ByVariate:
        """Of some rows, from coefficients ``start`` (p, rows)."""
        function = curves.function.rows(rows)
        assert isinstance(function, LogProbabilityRatio)
        return cls(curves, rows, value, np.where(value < 0.0, THEN, NOW), function, _along_pair(curves, rows, start))

    def free(self, start: Array) -> tuple[Array, Array]:
        """The variate of the event where it is more probable, and the coefficients that move the pivot in neither
        state.
        """
        family, _ = self.curves.families(self.rows, start)
        y = family.reduced(self.function.question)[self.larger, np.arange(len(self.rows))]
        y = np.where(np.isposinf(y), _BEGIN, np.where(np.isneginf(y), _LOWEST_BEGIN, y))
        rest = np.einsum("par,pr->ar", self.curves.plane[1][..., self.rows], start)
        longest = np.full(len(rest) + 1, _FARTHEST)
        longest[0] = _FARTHEST_VARIATE
        return np.concatenate([y[None], rest]), longest

    def whole(self, active: Places, point: Array) -> Array:
        """With both levels at the event."""
        rest = self.curves.plane[1][..., self.rows[active]]
        with np.errstate(all="ignore"):
            y = self.function.rows(active).both(point[0], self.value[active], self.larger[active])
            beta = np.einsum("par,ar->pr", rest, point[1:]) + self.begin[:, active]
            return self.curves.with_levels(self.rows[active], beta, y.value)

    def constrained(self, active: Places, beta: Array) -> Constrained:
        """By the equations variate of the event = variate wanted, one in each state."""
        rows, function = self.rows[active], self.function.rows(active)
        pair, rest = (each[..., rows] for each in self.curves.plane)
        family, eta = self.curves.families(rows, beta)
        with np.errstate(all="ignore"):
            numbers = variates(family, function.question)
            own = numbers.value[self.larger[active], np.arange(len(rows))]
            wanted = function.both(own, self.value[active], self.larger[active])
            first, second = self.curves.in_coefficients(rows, eta, numbers)
            back = inverse(np.einsum("spr,pcr->scr", first, pair))
            across = -np.einsum("csr,spr,par->car", back, first, rest, optimize=True)
            upwards = np.einsum("csr,sr->cr", back, wanted.first)
            tangents = np.concatenate([np.zeros_like(rest[:, :1]), rest], axis=1)
            tangents += np.einsum("pcr,car->par", pair, np.concatenate([upwards[:, None], across], axis=1))
            curved = -np.einsum("par,spqr,qbr->sabr", tangents, second, tangents, optimize=True)
            curved[:, 0, 0] += wanted.second
            bends = np.einsum("csr,sabr->cabr", back, curved)
            along = np.einsum("csr,sr->cr", back, wanted.along)
        return self.evaluated(active, beta, Follows(pair, tangents, bends, along))


@dataclass(frozen=True, eq=False)
class Edge(Way):
    """The upper ends in both states at the level: both probabilities are 0 in the limit, with any ratio."""

    @classmethod
    def heights(cls, curves: Curves) -> Array:
        """The highest log-likelihood there of every row, (rows,); -inf where there is none."""
        rows = np.arange(len(curves.owner))
        way = cls(curves, rows, np.zeros(len(rows)))
        # where the rate alone moves, the end is one, and what goes to 0 there goes in the ratio of the rates
        if not curves.plane[1].shape[1] or curves.pivot in curves.likelihood.model.family.rates:
            return np.full(len(rows), -np.inf)
        begin = way._start()
        found = newton.maximize(way.objective, begin, max_step=np.full(len(begin), _FARTHEST), tolerance=1e-9)
        return np.where(np.isnan(found.value), -np.inf, found.value)

    def free(self, start: Array) -> tuple[Array, Array]:
        """The coefficients that move the pivot in neither state."""
        rest = np.einsum("par,pr->ar", self.curves.plane[1], start)
        return rest, np.full(len(rest), _FARTHEST)

    def whole(self, active: Places, point: Array) -> Array:
        """With both ends at the level."""
        rest = self.curves.plane[1][..., self.rows[active]]
        with np.errstate(all="ignore"):
            ends = np.full((2, len(active)), LogProbabilityRatio.end)
            return self.curves.with_levels(self.rows[active], np.einsum("par,ar->pr", rest, point), ends)

    def constrained(self, active: Places, beta: Array) -> Constrained:
        """By the equations end = level, one in each state."""
        rows = self.rows[active]
        pair, rest = (each[..., rows] for each in self.curves.plane)
        family, eta = self.curves.families(rows, beta)
        with np.errstate(all="ignore"):
            numbers = levels(family, np.full(eta[0].shape, LogProbabilityRatio.end))
            first, second = self.curves.in_coefficients(rows, eta, numbers)
            back = inverse(np.einsum("spr,pcr->scr", first, pair))
            across = -np.einsum("csr,spr,par->car", back, first, rest, optimize=True)
            tangents = rest + np.einsum("pcr,car->par", pair, across)
            curved = -np.einsum("par,spqr,qbr->sabr", tangents, second, tangents, optimize=True)
            bends = np.einsum("csr,sabr->cabr", back, curved)
        return self.evaluated(active, beta, Follows(pair, tangents, bends, np.zeros((2, len(rows)))))

    def _start(self) -> Array:
        """The highest of a grid of shapes and scales with all else at 0, the middle of the samples, and no slopes, so
        that the ends are the same at all blocks.
        """
        model, rest = self.curves.likelihood.model, self.curves.plane[1]
        shape, scale = (model.places[at].start for at in (model.family.parameter_names.index("shape"), 1))
        points = []
        for pair in itertools.product(_EDGE_SHAPES, _EDGE_SCALES):
            beta = np.zeros((model.size, len(self.rows)))
            beta[[shape, scale]] = np.array(pair)[:, None]
            points.append(np.einsum("par,pr->ar", rest, beta))
        heights = np.stack([self.objective(self.rows, point).value for point in points])
        return np.stack(points)[np.argmax(heights, axis=0), :, self.rows].T


def _along_pair(curves: Curves, rows: Places, beta: Array) -> Array:
    """The part of coefficients (p, rows) along the pair."""
    pair = curves.plane[0][..., rows]
    return np.asarray(np.einsum("pcr,qcr,qr->pr", pair, pair, beta, optimize=True))


def inverse(matrices: Array) -> Array:
    """The inverses of matrices (2, 2, rows)."""
    (a, b), (c, d) = matrices
    return np.array([[d, -b], [-c, a]]) / (a * d - b * c)


def _reflection(direction: Array, place: int) -> Array:
    """The symmetric orthogonal matrices (p, p, rows) whose column ``place`` is the unit vector (p, rows)."""
    apart = np.array(direction)
    apart[place] -= 1.0
    size = np.sum(apart * apart, axis=0)
    outer = apart[:, None] * apart
    return np.eye(len(direction))[..., None] - 2.0 * outer / np.where(size > 0.0, size, 1.0)


__all__ = ["ByPivot", "ByVariate", "Constrained", "Curves", "Edge", "Follows", "Way", "led"]
