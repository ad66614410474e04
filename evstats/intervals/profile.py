"""The likelihood of a quantity: maximised over everything else, for many series and questions at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evstats import newton
from evstats.distributions import Family, special
from evstats.estimators.likelihood import MAX_STEP, LaneLikelihood, fill_missing
from evstats.quantities import Parameters, Quantity

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]

#: Step and weights of the differences that give a coefficient's derivatives in the shape.
_STEP = 1e-3
_FIRST = np.array([1.0, -8.0, 0.0, 8.0, -1.0]) / (12.0 * _STEP)
_SECOND = np.array([-1.0, 16.0, -30.0, 16.0, -1.0]) / (12.0 * _STEP**2)
#: Where the search for the variate of a level outside the fitted support begins: probabilities of about 1e-17.
LOWEST_VARIATE, HIGHEST_VARIATE = -3.7, 40.0
#: Beyond so many scales from the estimate a level is far; a climb that ends below this shape has gone to the edge.
_FAR, _NEAR_EDGE = 30.0, -0.5
#: The lowest shape considered; where the likelihood has no interior maximum it is the one at this edge.
EDGE = -1.0


@dataclass(frozen=True, eq=False)
class Constraint:
    """What is held fixed: ``loc + scale * coefficient(shape, value) = level(value)``.

    For a quantity in the unit of the data (a return level, say) the value is the level and the coefficient is the
    quantity of the standard distribution; for a return period or a probability the level is given and the value is its
    reduced variate, from which period and probability follow.

    ``coefficient(rows, shape, value)`` gives the coefficient of some rows; ``slope`` its derivative in the value, or
    None if it has none; ``level`` the level of each row, or None if the value is the level.
    """

    coefficient: Callable[[Lanes, Array, Array], Array]
    slope: Callable[[Lanes, Array, Array], Array] | None
    level: Array | None

    def value_at(self, rows: Lanes, shape: Array) -> Array:
        """The value at the estimate loc = 0, scale = 1 with this shape."""
        if self.level is None:
            return self.coefficient(rows, shape, shape)
        with np.errstate(invalid="ignore"):
            variate = special.log1p_over(shape, self.level[rows])
        return np.where(np.isnan(variate), -np.copysign(np.inf, shape), variate)

    def derivatives(self, rows: Lanes, shape: Array, value: Array) -> tuple[Array, Array, Array]:
        """The coefficient with its first and second derivative in the shape."""
        around = [self.coefficient(rows, shape + k * _STEP, value) for k in (-2, -1, 0, 1, 2)]
        stacked = np.stack(around)
        return around[2], np.tensordot(_FIRST, stacked, axes=1), np.tensordot(_SECOND, stacked, axes=1)


@dataclass(frozen=True, eq=False)
class Height:
    """The profile at one value per row.

    ``value`` is the log-likelihood, ``slope`` its derivative in the value of the quantity, ``theta`` the constrained
    estimate (loc, log scale, shape; shape 0 for a family without one), ``hessian`` that of the constrained likelihood
    in its free parameters, ``tangents`` (k, free, rows) the derivatives of theta in them, and ``interior`` whether it
    is an interior maximum.
    """

    value: Array
    slope: Array
    theta: Array
    hessian: Array
    tangents: Array
    interior: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Profile:
    """The profile likelihood of a quantity; a row is one series with one question.

    The data of every series are standardised so that its estimate is loc = 0, scale = 1. ``owner`` is the series of
    each row, ``fitted`` the estimates (rows, k) in data units, ``best`` the unconstrained maximum and ``estimate`` the
    quantity's estimate in standard units; ``fallback`` marks rows whose likelihood has no interior maximum, where the
    maximum at the edge stands in.
    """

    likelihood: LaneLikelihood
    owner: Lanes
    constraint: Constraint
    fitted: Array
    best: Array
    estimate: Array
    fallback: NDArray[np.bool_]

    @property
    def shape(self) -> Array:
        """Estimated shape per row, 0 for a family without one."""
        return self.fitted[:, 2] if self.has_shape else np.zeros(len(self.owner))

    @property
    def count(self) -> Array:
        """Observations per row."""
        return self.likelihood.counts()[self.owner]

    @property
    def has_shape(self) -> bool:
        """Whether the family has a shape parameter."""
        return "shape" in self.likelihood.family.parameter_names

    def theta_hat(self) -> Array:
        """The estimate per row in standard units: loc 0, log scale 0 and the shape; (3, rows)."""
        return np.stack([np.zeros(len(self.owner)), np.zeros(len(self.owner)), self.shape])

    def true_value(self, answers: Array) -> Array:
        """True answers of a quantity in data units, or the true parameters, as the value of each row."""
        place = self.place_in_answer(np.arange(len(self.owner)) % (len(self.owner) // len(self.likelihood.x)))
        return (answers[place] - self.fitted[:, 0]) / self.fitted[:, 1]

    def place_in_answer(self, column: Lanes) -> Lanes:
        """Where this profile's questions stand among all answers of the quantity."""
        return column

    def at(self, rows: Lanes, value: Array, start: Array) -> Height:
        """The profile at ``value`` (rows,), climbed from ``start`` (3, rows): location, log scale and shape.

        Where there is no interior maximum the maximum at shape -1 takes its place.
        """
        free = 1 + self.has_shape
        far = self._far(rows, value, start)
        begin = np.array(start[1 : 1 + free])
        begin[0] = np.where(far, start[0], start[1])

        def objective(active: Lanes, point: Array) -> newton.Evaluation:
            return self._evaluate(rows[active], value[active], point, far[active])[0]

        found = newton.maximize(objective, begin, max_step=MAX_STEP[1 : 1 + free], max_iterations=60)
        final, slope, theta, tangents = self._evaluate(rows, value, found.parameters, far)
        interior = found.converged & np.isfinite(final.value)
        # a climb that is lost far from the edge says nothing of the height; one that ends there has no interior maximum
        height = np.where(interior, final.value, np.where(theta[2] > _NEAR_EDGE, np.nan, -np.inf))
        if self.has_shape and not interior.all():
            edge, edge_theta = self._edge(rows, value)
            height, theta = np.where(interior, height, edge), np.where(interior, theta, edge_theta)
        return Height(height, slope, theta, final.hessian, tangents, interior)

    def _far(self, rows: Lanes, value: Array, start: Array) -> NDArray[np.bool_]:
        """Where the level is so far out that its distance from the location is the better coordinate."""
        level = value if self.constraint.level is None else self.constraint.level[rows]
        return (np.abs(level) > _FAR) & (self.constraint.coefficient(rows, start[2], value) > 1.0) & (level > start[0])

    def _evaluate(
        self, rows: Lanes, value: Array, point: Array, far: NDArray[np.bool_]
    ) -> tuple[newton.Evaluation, Array, Array, Array]:
        """The constrained likelihood at (log scale, shape), or (loc, shape) where ``far``, with its derivatives, its
        slope in the value, theta and its tangents.

        Far out a small step in log scale is a large one in the location, and the likelihood all but singular in it.
        """
        free = len(point)
        shape = point[1] if self.has_shape else np.zeros(len(rows))
        level = value if self.constraint.level is None else self.constraint.level[rows]
        zero, one = np.zeros(len(rows)), np.ones(len(rows))
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            c, c_1, c_2 = self.constraint.derivatives(rows, shape, value)
            distance = level - point[0]
            log_scale = np.where(far, np.log(distance / c), point[0])
            scale = np.exp(log_scale)
            theta = np.stack([np.where(far, point[0], level - scale * c), log_scale, shape])
            full = self.likelihood(self.owner[rows], theta[: 1 + free])
            # first and second derivatives of the location and of log scale in the free parameters
            location = np.where(far, [one, zero], [-scale * c, -scale * c_1])
            log_slope = np.where(far, [-1.0 / distance, -c_1 / c], [one, zero])
            location_2 = np.where(far, 0.0, [[-scale * c, -scale * c_1], [-scale * c_1, -scale * c_2]])
            log_2 = np.where(far, [[-1.0 / distance**2, zero], [zero, (c_1 / c) ** 2 - c_2 / c]], 0.0)
            tangents = np.stack([location, log_slope, [zero, one]])[: 1 + free, :free]
            bend = (full.gradient[0] * location_2 + full.gradient[1] * log_2)[:free, :free]
            gradient = np.einsum("iar,ir->ar", tangents, full.gradient)
            hessian = np.einsum("iar,ijr,jbr->abr", tangents, full.hessian, tangents) + bend
            slope = self._slope(rows, value, shape, scale, c, full.gradient, far)
        return newton.Evaluation(full.value, gradient, hessian), slope, theta, tangents

    def _slope(
        self,
        rows: Lanes,
        value: Array,
        shape: Array,
        scale: Array,
        c: Array,
        gradient: Array,
        far: NDArray[np.bool_],
    ) -> Array:
        """The derivative of the constrained likelihood in the value, the free parameters held."""
        if self.constraint.slope is None:  # the level moves: the location with it, or log scale where that is held
            return np.where(far, gradient[1] / (scale * c), gradient[0])
        moved = self.constraint.slope(rows, shape, value)
        return np.where(far, -gradient[1] * moved / c, -gradient[0] * scale * moved)

    def _edge(self, rows: Lanes, value: Array) -> tuple[Array, Array]:
        """The constrained maximum at shape -1, a reversed exponential below loc + scale, and its theta, in closed form.

        With 1 - c the distance from level to endpoint in scales, the log-likelihood is -n log scale - n (level -
        mean)/scale - n (1 - c), as long as the endpoint is above all observations.
        """
        x, present = self.likelihood.rows(self.owner[rows])
        count = self.count[rows]
        mean = (x if present is None else x * present).sum(axis=-1) / count
        highest = x.max(axis=-1)
        c = self.constraint.coefficient(rows, np.full(len(rows), EDGE), value)
        level = value if self.constraint.level is None else self.constraint.level[rows]
        with np.errstate(invalid="ignore", divide="ignore"):
            scale = np.maximum(level - mean, (highest - level) / (1.0 - c))
            height = -count * (np.log(scale) + (level - mean) / scale + 1.0 - c)
        possible = scale > 0
        theta = np.stack([level - scale * c, np.log(np.where(possible, scale, 1.0)), np.full(len(rows), EDGE)])
        return np.where(possible, height, -np.inf), theta


@dataclass(frozen=True, eq=False)
class HeldParameter(Profile):
    """The profile of the scale (its logarithm, the first value of ``place``) or the shape: that parameter is held."""

    place: int = 1

    def at(self, rows: Lanes, value: Array, start: Array) -> Height:
        """The profile with a parameter held at ``value``, climbed from loc = 0 and the other's ``start`` (3, rows)."""
        k = 2 + self.has_shape
        free = [i for i in range(k) if i != self.place]

        def assembled(lanes: Lanes, point: Array) -> Array:
            full = np.empty((k, point.shape[1]))
            full[free], full[self.place] = point, value[lanes]
            return full

        def objective(active: Lanes, point: Array) -> newton.Evaluation:
            full = self.likelihood(self.owner[rows[active]], assembled(active, point))
            return newton.Evaluation(full.value, full.gradient[free], full.hessian[np.ix_(free, free)])

        other = [self._in_support(rows, value, start[i]) for i in free if i > 0]
        found = newton.maximize(objective, np.stack([0.0 * value, *other]), max_step=MAX_STEP[free], max_iterations=60)
        everything = np.arange(len(rows))
        final = self.likelihood(self.owner[rows], assembled(everything, found.parameters))
        interior = found.converged & np.isfinite(final.value)
        theta = np.zeros((3, len(rows)))
        theta[:k] = assembled(everything, found.parameters)
        tangents = np.repeat(np.eye(k)[:, free][..., None], len(rows), axis=-1)
        height = np.where(interior, final.value, -np.inf)
        if self.place == 1 and self.has_shape:
            edge, edge_theta = self._edge(rows, value)
            height, theta = np.where(interior, height, edge), np.where(interior, theta, edge_theta)
        return Height(height, final.gradient[self.place], theta, final.hessian[np.ix_(free, free)], tangents, interior)

    def _edge(self, rows: Lanes, value: Array) -> tuple[Array, Array]:
        """The maximum at shape -1 with the log scale held: the endpoint is the largest observation."""
        x, present = self.likelihood.rows(self.owner[rows])
        highest, count = x.max(axis=-1), self.count[rows]
        below = count * highest - (x if present is None else x * present).sum(axis=-1)
        theta = np.stack([highest - np.exp(value), value, np.full(len(rows), EDGE)])
        return -count * value - below * np.exp(-value), theta

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
        x, _ = self.likelihood.rows(self.owner[rows])
        low, high = np.minimum(x.min(axis=-1), -1e-9), np.maximum(x.max(axis=-1), 1e-9)
        if self.place == 1:
            return np.clip(start, -0.9 * np.exp(value) / high, -0.9 * np.exp(value) / low)
        return np.maximum(start, np.log(np.maximum(-value * high, -value * low) / 0.9 + 1e-300))


def profiles_of(quantity: Quantity, family: type[Family], values: Array, fitted: Array) -> list[Profile]:
    """The profiles of a quantity for m series of maxima (m, n) with estimates (m, k), NaN where there is none.

    One profile for all questions, its rows series-major; for the parameters, one profile each. ``family`` is that of
    the data, of maxima or minima; ``values`` and ``fitted`` are those of maxima.
    """
    missing = np.isnan(values)
    present = (~missing).astype(np.float64) if missing.any() else None
    filled = values if present is None else fill_missing(np.where(missing, 0.0, values), present)
    fallback = np.isnan(fitted[:, 0])
    if fallback.any():
        fitted = np.where(fallback[:, None], edge_estimate(filled, present), fitted)
    likelihood = LaneLikelihood(family.of_maxima(), (filled - fitted[:, :1]) / fitted[:, 1:2], present, None)
    k, lanes = fitted.shape[1], np.arange(len(values))
    standard = np.zeros((k, len(values)))
    standard[2:] = fitted[:, 2:].T
    best = np.where(fallback, -likelihood.counts(), likelihood(lanes, standard).value)
    if isinstance(quantity, Parameters):
        zero = Constraint(lambda rows, shape, _: np.zeros_like(shape), None, None)
        common = likelihood, lanes, zero, fitted, best
        held = [HeldParameter(*common, standard[place], fallback, place) for place in range(1, k)]
        return [Profile(*common, standard[0], fallback), *held]
    owner = np.repeat(lanes, len(quantity.questions))
    constraint = constraint_of(quantity, family, fitted[owner], np.tile(quantity.questions, len(values)))
    shape = standard[2][owner] if k > 2 else np.zeros(len(owner))
    estimate = constraint.value_at(np.arange(len(owner)), shape)
    return [Profile(likelihood, owner, constraint, fitted[owner], best[owner], estimate, fallback[owner])]


def edge_estimate(x: Array, present: Array | None) -> Array:
    """The maximum of the likelihood at shape -1: the largest observation is the endpoint; (m, 3)."""
    count = float(x.shape[-1]) if present is None else present.sum(axis=-1)
    highest = x.max(axis=-1)
    scale = highest - (x if present is None else x * present).sum(axis=-1) / count
    return np.stack([highest - scale, scale, np.full(len(x), EDGE)], axis=-1)


def constraint_of(quantity: Quantity, family: type[Family], fitted: Array, questions: Array) -> Constraint:
    """The constraint of each row: its question and its estimate (rows, k) of a family of maxima."""
    sign = -1.0 if family.minima else 1.0

    def standard(shape: Array) -> Family:
        zero, one = np.zeros_like(shape), np.ones_like(shape)
        return family(zero, one, shape) if "shape" in family.parameter_names else family(zero, one)  # type: ignore[call-arg]

    if quantity.in_data_unit:
        return Constraint(lambda rows, shape, _: sign * quantity.at(standard(shape), questions[rows]), None, None)
    level = (sign * questions - fitted[:, 0]) / fitted[:, 1]
    return Constraint(
        lambda _, shape, value: special.expm1_over(shape, value), lambda _, shape, value: np.exp(shape * value), level
    )
