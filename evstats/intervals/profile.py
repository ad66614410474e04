"""The likelihood of a quantity: maximised over everything else, for many series and questions at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evstats import newton
from evstats.arrays import Array, Mask, Places
from evstats.estimators.climbs import max_step
from evstats.intervals.heights import INFINITE, Height, Heights
from evstats.intervals.held import Constrained, Eliminated, Held
from evstats.intervals.samples import EDGE, Sample
from evstats.models import Likelihood

#: A limit that is a variate counts as infinite beyond this one, that of 1e87 blocks.
_NEVER = 200.0


@dataclass(frozen=True, eq=False)
class Profile(Heights):
    """The profile likelihood of a quantity; a row is one series with one question.

    ``owner`` is the series of each row, ``fitted`` its estimates (rows, k) in data units, ``best`` the unconstrained
    maximum and ``estimate`` the quantity's estimate in standard units; ``fallback`` marks rows whose likelihood has no
    interior maximum.
    """

    sample: Sample
    owner: Places
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
        covariates, where all observations are numbers.
        """
        return self.sample.has_edge

    @property
    def falls(self) -> bool:
        """Whether the value falls where the answer rises, as a level's variate does, of which periods follow."""
        return self.held.level is not None

    @property
    def endless(self) -> float:
        """How far from 0 a limit counts as infinite: a level in scales, or a variate."""
        return _NEVER if self.falls else INFINITE

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

    def place_in_answer(self, column: Places) -> Places:
        """Where this profile's questions stand among all answers of the quantity."""
        return column

    def at(self, rows: Places, value: Array, start: Array) -> Height:
        """The profile at ``value`` (rows,), climbed from coefficients ``start`` (p, rows).

        Where there is no interior maximum the maximum at shape -1 takes its place. Beyond the farthest variate it is
        the profile there: the level is at an end of the distribution.
        """
        value = np.clip(value, -self.endless, self.endless) if self.falls else value
        far = self._far(rows, value, start)
        begin, longest = self._free(self.likelihood.model.off_ends(start), far)

        def objective(active: Places, point: Array) -> newton.Evaluation:
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

    def _far(self, rows: Places, value: Array, start: Array) -> Mask:
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

    def _evaluate(self, rows: Places, value: Array, point: Array, far: Mask) -> Constrained:
        """The constrained likelihood where the free coefficients are ``point``: log scale's constant, or the location's
        where ``far``, and all others but these two.
        """
        loc, scale, rest = self._places
        others = self.sample.state[:, rest]
        known = others @ point[1:]
        level = value if self.held.level is None else self.held.level[rows]
        with np.errstate(all="ignore"):
            c = self.held.coefficient(rows, known[2:], value)
            near = Eliminated.location(level, point[0] + known[1], c)
            eliminated = near
            if far.any():
                eliminated = Eliminated.where(far, Eliminated.log_scale(level, point[0] + known[0], c), near)
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
        return Constrained(newton.Evaluation(full.value, gradient, hessian), slope, theta, tangents)

    def _edge(self, rows: Places, value: Array) -> tuple[Array, Array]:
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

    def at(self, rows: Places, value: Array, start: Array) -> Height:
        """The profile with a parameter held at ``value``, climbed from the others' ``start`` (p, rows), a location
        from 0.
        """
        p, held = len(self.sample.estimate), self.column
        free = [i for i in range(p) if i != held]

        def assembled(lanes: Places, point: Array) -> Array:
            full = np.empty((p, point.shape[1]))
            full[free], full[held] = point, value[lanes]
            return full

        def objective(active: Places, point: Array) -> newton.Evaluation:
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

    def _edge(self, rows: Places, value: Array) -> tuple[Array, Array]:
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

    def place_in_answer(self, column: Places) -> Places:
        """The parameter's place."""
        return np.full_like(column, self.place)

    def _in_support(self, rows: Places, value: Array, start: Array) -> Array:
        """The start of the other parameter, moved until all observations are in the support with loc = 0."""
        x = self.likelihood.points.rows(self.owner[rows]).x
        low, high = np.minimum(x.min(axis=-1), -1e-9), np.maximum(x.max(axis=-1), 1e-9)
        if self.place == 1:
            return np.clip(start, -0.9 * np.exp(value) / high, -0.9 * np.exp(value) / low)
        return np.maximum(start, np.log(np.maximum(-value * high, -value * low) / 0.9 + 1e-300))


#: Beyond so many scales from the estimate a level is far; a climb that ends below this shape has gone to the edge.
_FAR, _NEAR_EDGE = 30.0, -0.5
#: The lowest shape that a climb begins from.
_OFF_EDGE = -0.9
