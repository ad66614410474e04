"""The profile likelihood of a quantity of peaks over a threshold."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evstats import newton
from evstats.arrays import Array, Places
from evstats.distributions.special import log1p_over
from evstats.intervals.heights import Height
from evstats.intervals.held import Constrained, Eliminated
from evstats.intervals.profile import Profile
from evstats.intervals.samples import EDGE, LOST_RATES, LOST_SHAPES, moved_start


@dataclass(frozen=True, eq=False)
class OfRates(Profile):
    """What profiles of peaks, whose number is observed too, have alike: how climbs that ended nowhere begin again."""

    def again(
        self,
        climb: Callable[[Places, Array, Array], Height],
        found: Height,
        rows: Places,
        value: Array,
        start: Array,
    ) -> Height:
        """What was found, with the climbs that ended nowhere from the highest of some shapes and higher rates."""
        lost = np.flatnonzero(~found.interior)
        if not lost.size:
            return found
        shapes: tuple[float | None, ...] = LOST_SHAPES if self.has_shape else (None,)
        moves, model = list(itertools.product(shapes, LOST_RATES)), self.likelihood.model
        begin = np.stack([moved_start(model, start[:, lost], *move) for move in moves], axis=1)
        there, held = np.tile(rows[lost], len(moves)), np.tile(value[lost], len(moves))
        by_scale = np.ones(there.size, dtype=np.bool_)
        points = self._free(begin.reshape(len(begin), -1), by_scale)[0]
        tried = self._evaluate(there, held, points, by_scale).evaluation.value
        best = np.argmax(np.nan_to_num(tried.reshape(len(moves), -1), nan=-np.inf), axis=0)
        new = climb(rows[lost], value[lost], begin[:, best, np.arange(lost.size)])
        higher = new.interior & ~(new.value < found.value[lost])
        return found.replaced(lost[higher], new.rows(higher))


@dataclass(frozen=True, eq=False)
class PeakProfile(OfRates):
    """The profile of a quantity of peaks, whose location is the threshold and known: the log scale is eliminated."""

    def at(self, rows: Places, value: Array, start: Array) -> Height:
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
        return self.again(super().at, found, rows, value, start)

    def _by_the_rate(self, rows: Places, value: Array, start: Array) -> Array:
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

    @property
    def least(self) -> Array | float:
        """A level barely above the threshold."""
        return _LEAST_EXCESS * (1.0 + 1e-9) if self.held.level is None else -np.inf

    def _free(self, start: Array, far: NDArray[np.bool_]) -> tuple[Array, Array]:
        return start[1:], np.full(len(start) - 1, _FARTHEST)

    def _far(self, rows: Places, value: Array, start: Array) -> NDArray[np.bool_]:
        return np.ones(len(rows), dtype=np.bool_)

    def _evaluate(self, rows: Places, value: Array, point: Array, far: NDArray[np.bool_]) -> Constrained:
        """The constrained likelihood where all coefficients but log scale are ``point``: the rate's and the shape."""
        level = value if self.held.level is None else self.held.level[rows]
        with np.errstate(all="ignore"):
            into = self.sample.state[
                1:, 1:
            ]  # of the log scale, the rate and the shape, in all but the scale's constant
            of_scale, known = into[0] @ point, into[1:] @ point
            c = self.held.coefficient(rows, known, value)
            eliminated = Eliminated.log_scale(level, np.zeros(len(rows)), c)
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
        return Constrained(newton.Evaluation(height, gradient, hessian), slope, theta, tangents)

    def _edge(self, rows: Places, value: Array) -> tuple[Array, Array]:
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


#: Levels this near to the threshold, in scales, are at it.
_LEAST_EXCESS = 1e-9
#: Up to so many scales above it they are near.
_NEAR_THRESHOLD = 0.5
#: Farthest that Newton may go in the logarithm of a rate, and in a shape.
_FARTHEST = 0.4
