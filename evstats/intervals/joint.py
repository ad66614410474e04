"""The joint profile of causes that are fitted apart: a level is held by what all of them bring beyond it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from evstats import newton
from evstats.arrays import Array, Mask, Places
from evstats.intervals.causes import Part, Rates
from evstats.intervals.heights import HIGHEST_VARIATE, Height, ManyStarts
from evstats.intervals.pivots import Constrained, Follows, led
from evstats.models import Likelihood

#: Farthest that Newton may go in a coefficient at a time.
_FARTHEST = 0.4
#: The shapes from which a climb that is lost begins again, and from how many starts.
_SHAPES = (-0.2, -0.1, 0.0, 0.1, 0.2)


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
class HeldProduct(ManyStarts):
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
        found = self.climbed_anew(rows, np.where(beyond, HIGHEST_VARIATE, value), start)
        return replace(found, slope=np.where(beyond, 0.0, found.slope))

    def climbed(self, rows: Places, value: Array, start: Array) -> Height:
        """In the coefficients that are free."""
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

    def ways(self, rows: Places, start: Array) -> list[Array]:
        """This start and the estimate, and both with other shapes."""
        ways = [start, self.theta_hat()[:, rows]]
        for shape in _SHAPES:
            for other in (np.array(way) for way in ways[:2]):
                for own, at in zip(self.joint.causes, self.joint.places, strict=True):
                    if "shape" in (names := own.likelihood.model.family.parameter_names):
                        other[at.start + own.likelihood.model.places[names.index("shape")].start] = shape
                ways.append(other)
        return ways

    def height_from(self, rows: Places, value: Array, start: Array) -> Array:
        """The likelihood where a start is moved to the value."""
        climb = Climb.of(self.joint, rows, *self._held(rows, value), start)
        beta = climb.whole(np.arange(len(rows)), climb.free(start))
        with np.errstate(all="ignore"):
            found = self.joint.loglik(rows, beta).value
        return np.where(np.isfinite(beta).all(axis=0) & ~np.isnan(found), found, -np.inf)
