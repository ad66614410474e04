"""The profile likelihood of the pure premium of layers of losses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

import numpy as np

from evstats import newton
from evstats.arrays import Array, Mask, Places
from evstats.distributions.gpd import OfPeaks
from evstats.intervals.heights import Height
from evstats.intervals.held import Constrained
from evstats.intervals.peak_profile import OfRates
from evstats.intervals.samples import EDGE
from evstats.quantities import LogMean, PurePremium, log_mean, log_mean_slope


@dataclass(frozen=True, eq=False)
class PremiumProfile(OfRates):
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

    def estimated(self) -> PremiumProfile:
        """The same with the estimate of every row."""
        standard = np.zeros(self.fitted.T.shape)
        standard[2:] = self.fitted[:, 2:].T
        _, log_scale, log_rate, shape = self._predicted(standard)
        mean = self._log_mean(np.arange(len(self.owner)), log_scale, shape)
        return replace(self, estimate=log_rate + mean.value)

    def _predicted(self, predicted: Array) -> Array:
        """Location, log scale, log rate and shape, 0 where there is none, (4, ...)."""
        return predicted if self.has_shape else np.concatenate([predicted, np.zeros_like(predicted[:1])])

    def _layers(self, rows: Places) -> tuple[Array, Array]:
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

    def _log_mean(self, rows: Places, log_scale: Array, shape: Array) -> LogMean:
        """Of the layers of rows."""
        return log_mean(self._sizes(log_scale, shape), *self._layers(rows))

    def at(self, rows: Places, value: Array, start: Array) -> Height:
        """The profile at ``value`` (rows,), climbed from coefficients ``start`` (p, rows); where that ended nowhere
        from the best of some shapes and rates.
        """
        found = self.again(self._climbed, self._climbed(rows, value, start), rows, value, start)
        if self.has_edge and (lost := np.flatnonzero(~found.interior)).size:
            edge, theta = self._edge(rows[lost], value[lost])
            found.value[lost], found.theta[:, lost], found.shape[lost] = edge, theta, EDGE
        return found

    def _free(self, start: Array, far: Mask) -> tuple[Array, Array]:
        """The free coefficients of a start: the constant of the rate where the scale follows (``far``), of the scale
        elsewhere, and all others.
        """
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

    def _climbed(self, rows: Places, value: Array, start: Array) -> Height:
        _, log_scale, _, shape = self._predicted(self.sample.state @ start)
        far = ~(self._log_mean(rows, log_scale, shape).first[0] < _STEEP)
        begin, longest = self._free(start, far)
        end = np.maximum(-shape, 0.0) * self._layers(rows)[0]
        distance = np.log(np.maximum(np.exp(log_scale) - end, 1e-6))

        def objective(active: Places, point: Array) -> newton.Evaluation:
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

    def _scale_of(self, rows: Places, wanted: Array, shape: Array, distance: Array) -> Array:
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
        self, rows: Places, value: Array, point: Array, far: Mask, distance: Array | None = None
    ) -> Constrained:
        """The constrained likelihood where the free coefficients are ``point``; ``distance`` of ``_scale_of`` is kept
        from one point to the next.
        """
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
        return Constrained(newton.Evaluation(height, gradient, hessian), pull * level, theta, tangents)

    def _edge(self, rows: Places, value: Array) -> tuple[Array, Array]:
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
    the scale (of the rate) and the shape, and in the premium's.
    """
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
