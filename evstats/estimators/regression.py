"""Maximum likelihood where parameters follow covariates: the estimation, and the search for the maximum."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evstats import newton
from evstats.arrays import Array, Mask, Places, each_by_columns, each_combined
from evstats.distributions import Family, Gumbel
from evstats.errors import ArgumentError, Status
from evstats.estimators.base import Estimate, Estimation, Estimator, LaneEstimates, lane_blocks, screen
from evstats.estimators.likelihood import (
    REGULAR_SHAPE,
    is_ordinary,
    keep_higher,
    max_step,
    standardisation,
)
from evstats.estimators.lmoments import sample_lmoments
from evstats.models import BLOCK_MAXIMA, Design, Likelihood, Model, Parameter, Points, Predictors, likelihood_of
from evstats.models.covariates import Covariates
from evstats.models.standardised import SPARE
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from typing import Self

#: The shapes that a doubtful search begins again from.
_SHAPES = (-0.7, -0.4, -0.2, 0.05, 0.3)
#: How strongly the scale is to follow its covariates there, in what the sizes of the residuals say.
_TIMES = (0.0, 1.0, 2.0)
#: What a covariate takes from the size of a sample, where it is asked whether that is small.
_WORTH = 5.0
#: Derivatives point by point are so many times the arrays of their sums, of which fewer samples fit the cache.
_TEMPORARIES = 3
#: Blocks of values searched together.
BLOCKS_AT_ONCE = 4
#: Residuals are taken for no smaller than this, in standard deviations, where the scale is to follow them.
_LEAST_SIZE = 0.05
#: Residuals smaller than this share of the values' spread are rounding.
_NO_REST = 1e-12


@dataclass(frozen=True, eq=False)
class Regression(Estimation):
    """An estimation of which some parameters follow covariates.

    ``estimate.parameters`` are the coefficients, batch + (p,): of the first parameter of the family, then of the second
    and so on, in the standard form of the designs and in the unit of the data; those of the scale are of its logarithm.
    ``distribution`` is that of every block, batch + (n,).
    """

    predictors: Predictors = field(kw_only=True)

    has_covariates = True
    #: The parameter whose predictor is that of a trend, and whether location and scale follow it in one proportion.
    of_trend: ClassVar[str] = "loc"
    in_proportion: ClassVar[bool] = False
    #: What moves with a predictor, where that is more than the parameter it is called by.
    moved: ClassVar[Mapping[str, str]] = {}
    #: The way to the maximum.
    search: ClassVar[type[Search]]

    @classmethod
    def following(
        cls,
        family: type[Family],
        estimator: Estimator,
        values: Array,
        predictors: Predictors,
        design: Design = BLOCK_MAXIMA,
    ) -> Regression:
        """The estimation of a family whose parameters follow predictors, whatever its status.

        Raises
        ------
        ArgumentError : an estimator other than plain maximum likelihood and Bayes; a family with more than a location,
            a scale and a shape, or without a parameter that has a predictor.
        """
        _refuse(family, predictors)
        batch, size = values.shape[:-1], sum(len(predictors.columns_of(name)) for name in family.parameter_names)
        nothing = Estimate(np.full((*batch, size), np.nan), np.zeros(batch, np.int8), np.zeros(batch, np.intp))
        bare = cls(family, estimator, values, nothing, design, predictors=predictors)
        return replace(bare, estimate=estimator.estimate_coefficients(bare))

    def again(self, values: Array) -> Regression:
        """The same of other data over the same blocks."""
        return self.following(self.family, self.estimator, values, self.predictors, self.design)

    def part(self, index: Any) -> Self:
        """Some samples of a batch, by anything that indexes it."""
        return replace(super().part(index), predictors=self.predictors.of_lanes(self.batch_shape, index))

    def resampled(self, places: Places) -> Regression:
        """The same of one series of its blocks with these places, (replicates, n), and their covariates."""
        chosen = {
            name: replace(own, standardised=replace(own.standardised, design=own.standardised.design[places]))
            for name, own in self.predictors.by_parameter.items()
        }
        predictors = replace(self.predictors, by_parameter=chosen)
        return self.following(self.family, self.estimator, self.values[places], predictors, self.design)

    @property
    def length(self) -> int:
        """How many observations a sample has, missing ones among them."""
        return self.values.shape[len(self.batch_shape)]

    @cached_property
    def model(self) -> Model:
        """Of maxima (of minima of -x), its designs those of all samples in a row, in standard form."""
        lanes, n = math.prod(self.batch_shape), self.length
        model = Model.constant(self.family.of_maxima())
        for name, own in self.predictors.by_parameter.items():
            design = own.standardised.design
            model = model.with_design(name, design if design.ndim == 2 else design.reshape(lanes, n, -1))
        return model

    @property
    def robust(self) -> tuple[Array, Array, Array]:
        """Of values that depend on each other within blocks: the displacements of the coefficients by leaving out a
        block, (lanes, p, blocks), and their covariances (lanes, p, p) if tied as they are, and if independent."""
        raise NotImplementedError  # of estimations with more than one value ``per_block``

    def points_of(self, values: Array, lanes: Places | slice = slice(None)) -> Points:
        """The points of maxima (m, n) of the series with these places, all of them if not given."""
        return Points.of_maxima(values)

    @property
    def has_stand_in(self) -> bool:
        """Not where the shape follows covariates, which a prior of the shape does not hold, and not where location and
        scale are in one proportion, which have no posterior."""
        return not self.in_proportion and "shape" not in self.predictors.by_parameter

    @property
    def given(self) -> Array:
        """The location of a family that has it without a coefficient, in the unit of the data: of all series, or of
        each, of shape batch."""
        return np.zeros(())

    @property
    def told_columns(self) -> Places:
        """The coefficients of the model that are told, by their places."""
        return np.arange(self.model.size)

    @property
    def told_names(self) -> tuple[str, ...]:
        """``loc:Intercept``, ``loc:year``, ``log_scale:Intercept`` ..."""
        return tuple(
            f"{'log_' if place in self.family.scales else ''}{parameter}:{column}"
            for place, parameter in enumerate(self.family.parameter_names)
            for column in self.predictors.columns_of(parameter)
        )

    @property
    def told_floor(self) -> Array | float:
        """What no estimate that is told can be below."""
        return -np.inf

    @property
    def labels(self) -> NDArray[np.object_] | None:
        """Those by which covariates were joined."""
        return self.predictors.covariates.labels

    @property
    def coefficients(self) -> Array:
        """The coefficients of the covariates as they were given, batch + (p,)."""
        return np.matmul(self.jacobian, self.estimate.parameters[..., None])[..., 0]

    def told_covariance(self) -> Array:
        """The covariance of the coefficients of the covariates as they were given, batch + (p, p)."""
        back = self.jacobian
        return back @ self.covariance() @ np.swapaxes(back, -1, -2)

    @property
    def in_words(self) -> str:
        """The family, how it was fitted, and what its parameters follow."""
        return f"{self.family.label} by {self.estimator.label}, {self.follows}"

    @property
    def follows(self) -> str:
        """What the parameters follow: ``"loc ~ year, scale ~ nino34"``."""
        said = self.predictors.by_parameter.items()
        return ", ".join(f"{self.called(name)} ~ {own.text}" for name, own in said)

    @classmethod
    def called(cls, parameter: str) -> str:
        """What a predictor moves, in words; its logarithm is not said."""
        plain = parameter.removeprefix("log_")
        return cls.moved.get(plain, plain)

    @cached_property
    def jacobian(self) -> Array:
        """The derivatives of the coefficients as given in those in standard form, (p, p) or batch + (p, p)."""
        blocks = [self.predictors.jacobian_of(name) for name in self.family.parameter_names]
        batch = np.broadcast_shapes(*(block.shape[:-2] for block in blocks))
        whole = np.zeros((*batch, self.model.size, self.model.size))
        for place, block in zip(self.model.places, blocks, strict=True):
            whole[..., place, place] = block
        return whole

    @property
    def maxima(self) -> tuple[Array, Array]:
        """The values as maxima, (lanes, n), and their coefficients, (p, lanes)."""
        sign, n = self._sign, self.values.shape[-1]
        beta = self.estimate.parameters.reshape(-1, self.model.size).T.copy()
        beta[self.model.places[0]] *= sign
        return sign * self.values.reshape(-1, n), beta

    @property
    def origins(self) -> Array:
        """What ``maxima`` are counted from, as maxima, (lanes,)."""
        return np.broadcast_to(self._sign * self.given, self.batch_shape).reshape(-1)

    @property
    def distribution(self) -> Family:
        """The fitted distribution at every block, batch + (n,); parameters are NaN where a lane failed."""
        values, beta = self.maxima
        found = self.model.family.trial(*self.model.theta(beta, np.arange(len(values)))).as_state()
        theta = [getattr(found, name) for name in found.parameter_names]
        theta[0] = self._sign * theta[0]
        shape = (*self.batch_shape, self.length)
        columns = [np.broadcast_to(own, (len(values), self.length)).reshape(shape) for own in theta]
        return self.family.from_parameters(np.stack(columns, axis=-1))

    def in_state(self, states: Covariates, index: Any = None) -> InState:
        """The estimation in states of the covariates, which are one more axis of the batch, or in the only one.

        ``index`` says what the states are called; None of the only one.
        """
        one = index is None
        rows = {
            name: np.broadcast_to(own, (*self.batch_shape, states.count, own.shape[-1]))
            for name, own in self.rows(states).items()
        }
        rows = {name: own[..., 0, :] for name, own in rows.items()} if one else rows
        parameters = self.parameters_in(rows)
        values, old = self.values, self.estimate
        design = self.design if one else self.design.repeated(states.count)
        status, iterations = np.asarray(old.status), np.asarray(old.iterations)
        if not one:
            sample = values.shape[len(self.batch_shape) :]
            values = np.expand_dims(values, len(self.batch_shape))
            values = np.broadcast_to(values, (*self.batch_shape, states.count, *sample))
            status, iterations = status[..., None], iterations[..., None]
            status, iterations = np.repeat(status, states.count, axis=-1), np.repeat(iterations, states.count, axis=-1)
        estimate = Estimate(parameters, status[()], iterations[()])
        return InState(
            self.family, self.estimator, values, estimate, design, whole=self, asked=states, index=index, rows=rows
        )

    def rows(self, states: Covariates) -> dict[str, Array]:
        """The rows in states of the designs of the model's parameters, in standard form, (states, p_j) or batch +
        (states, p_j)."""
        return self.predictors.rows(states)

    def parameters_in(self, rows: Mapping[str, Array]) -> Array:
        """The parameters in states with these rows, batch + (k,) or batch + (states, k)."""
        pairs = zip(self.model.parameters, self.model.places, strict=True)
        theta = [self._in_rows(own, place, rows) for own, place in pairs]
        return self.model.family.trial(*theta).as_state().parameters

    def counted_from(
        self, model: Model, rows: Mapping[str, Array], *, shared: bool
    ) -> tuple[Model, list[Array | None]]:
        """The model of some samples whose designs are counted from the state of each, of which ``rows`` (lanes, p_j)
        are those of the designs, the same in all where they are ``shared``, and the rows of the designs there."""
        first: list[Array | None] = []  # of all but a factor the constant alone
        for own in model.parameters:
            one = np.eye(1, own.size) if own.name in self.family.parameter_names else np.zeros((1, own.size))
            first.append(None if own.design is None else one[0])
            if own.design is not None:
                row = rows[own.name]
                row = row[0] if own.design.ndim == 2 and shared else row[:, None]
                model = model.with_design(own.name, own.design - row + one)
        return model, first

    def _in_rows(self, own: Parameter, place: slice, rows: Mapping[str, Array]) -> Array:
        """A parameter of the model in states, batch or batch + (states,); 0 where it is known."""
        shape, beta = next(iter(rows.values())).shape[:-1], self.estimate.parameters[..., place]
        if not own.size:
            return np.zeros(shape)
        row, beta = rows.get(own.name, np.ones(1)), beta[..., None, :] if len(shape) == beta.ndim else beta
        return own.link.inverse(np.broadcast_to(np.vecdot(row, beta), shape))

    def slopes(self, rows: Mapping[str, Array], theta: Array) -> Array:
        """The derivatives of the linear predictors of the parameters in states, of which theta (..., k) are those, in
        the coefficients, (..., k, p)."""
        slopes = np.zeros((*theta.shape, self.model.size))
        for place, name in enumerate(self.family.parameter_names):
            slopes[..., place, self.model.places[place]] = rows.get(name, np.ones(1))
        return slopes

    @property
    def _of_each(self) -> Family:
        """Of every block its own."""
        return self.distribution

    def loglik(self) -> Array:
        """Log-likelihood at the estimate, shape batch; -inf if an observation is outside the support."""
        logpdf = self.distribution.logpdf(self.values)
        total = np.where(np.isnan(self.values), 0.0, logpdf).sum(axis=-1)
        return np.where(self.estimate.converged, total, np.nan)[()]

    @property
    def _sign(self) -> float:
        return -1.0 if self.family.minima else 1.0

    @cached_property
    def posterior(self) -> Any:
        """The posterior draws of the coefficients of one series of a Bayesian fit, a ``CoefficientSample``, drawn
        once."""
        return self.estimator.coefficient_sample(self)

    def maximised(self) -> Estimate:
        """The coefficients at the highest interior maximum of the likelihood.

        Block by block of samples, so that memory does not grow with their number.
        """
        n, batch, p = self.values.shape[-1], self.batch_shape, self.model.size
        maxima = self._sign * self.values.reshape(-1, n)
        parameters, status = np.empty((len(maxima), p)), np.empty(len(maxima), dtype=np.int8)
        iterations = np.empty(len(maxima), dtype=np.intp)
        for block in lane_blocks(len(maxima), n, BLOCKS_AT_ONCE):
            lanes = np.arange(len(maxima))[block]
            found = regressed(self.model.of_lanes(lanes), maxima[block], self.search)
            parameters[block], status[block], iterations[block] = found
        parameters[:, self.model.places[0]] *= self._sign
        return Estimate(parameters.reshape(*batch, p), status.reshape(batch)[()], iterations.reshape(batch)[()])

    @cached_property
    def _covariance(self) -> Array:
        covariance = self.estimator.coefficient_covariance(self)
        covariance.flags.writeable = False
        return covariance

    def information_inverse(self) -> Array:
        """Of the coefficients in standard form by the observed information; NaN for shapes at or below -0.5."""
        values, beta = self.maxima
        covariance = np.full((len(values), len(beta), len(beta)), np.nan)
        usable = np.flatnonzero(np.ravel(self.estimate.converged))
        for block in lane_blocks(usable.size, self.length):
            some = usable[block]
            model, points = self.model.of_lanes(some), self.points_of(values[some], some)
            covariance[some] = _inverse_information(Likelihood(model, points), beta[:, some])
        if "shape" in self.family.parameter_names:
            shapes = self.distribution.parameters[..., -1].reshape(len(values), self.length)
            covariance[~(shapes > REGULAR_SHAPE).all(axis=-1)] = np.nan
        sign = np.ones(len(beta))
        sign[self.model.places[0]] = self._sign
        return (sign[:, None] * sign * covariance).reshape(*self.batch_shape, len(beta), len(beta))


@dataclass(frozen=True, eq=False)
class InState(Estimation):
    """An estimation with covariates in one state of them, or in several, which are the last axis of the batch.

    The parameters are those of the distribution there, and their covariance follows. ``rows`` are those of the design
    of each parameter with covariates, in standard form, batch + (p_j,) of one state and batch + (states, p_j) of
    several.
    """

    whole: Regression = field(kw_only=True)
    asked: Covariates = field(kw_only=True)
    index: Any = field(kw_only=True)
    rows: Mapping[str, Array] = field(kw_only=True)

    has_covariates = True

    @property
    def rate_follows(self) -> bool:
        """As of the whole."""
        return self.whole.rate_follows

    @property
    def has_stand_in(self) -> bool:
        """As of the whole."""
        return self.whole.has_stand_in

    @property
    def per_block(self) -> int:
        """As of the whole."""
        return self.whole.per_block

    @property
    def called_family(self) -> str:
        """As of the whole."""
        return self.whole.called_family

    @property
    def states(self) -> int | None:
        """How many states there are; None of the only one."""
        return None if self.index is None else self.asked.count

    @cached_property
    def _covariance(self) -> Array:
        whole, theta = self.whole, self.estimate.parameters
        slopes = whole.slopes(self.rows, theta)
        covariance = whole.covariance() if self.states is None else whole.covariance()[..., None, :, :]
        scale = np.ones(theta.shape)  # from its logarithm
        scale[..., 1] = theta[..., 1]
        return np.asarray(slopes @ covariance @ np.swapaxes(slopes, -1, -2) * scale[..., None] * scale[..., None, :])


def _refuse(family: type[Family], predictors: Predictors) -> None:
    if family.working() is not family:
        raise ArgumentError(
            f"{family.label} has no covariates yet",
            Text(
                "fit ", Setting("family", family.working().name), " to the logarithms, whose levels are logarithms too."
            ),
        )
    if not {"loc", "scale"} <= set(family.parameter_names) <= {"loc", "scale", "log_rate", "shape"}:
        raise ArgumentError(
            f"{family.sizes_of().label} has no covariates yet",
            Text("fit ", Setting("family", "gev"), " or ", Setting("family", "gumbel"), " of block maxima or minima."),
        )
    for name in predictors.by_parameter:
        if name not in family.parameter_names:
            raise ArgumentError(
                f"{family.label} has no {name}, so it can have no covariates",
                Text("leave ", Setting(name), " out, or fit ", Setting("family", "gev"), "."),
                argument=name,
            )


def regressed(model: Model, x: Array, way: type[Search] | None = None, *, thorough: bool = True) -> LaneEstimates:
    """Coefficients (m, p) at the highest interior maximum of the likelihood of maxima x (m, n), NaN for missing.

    Without ``thorough`` at the first one found, which in 2 of 1,000 samples of 20 is not the highest: a quarter of the
    time for thousands of replicates.
    """
    screened = screen(x, at_least=model.size + SPARE)
    status = screened.status.copy()
    parameters, iterations = np.full((len(x), model.size), np.nan), np.zeros(len(x), dtype=np.intp)
    usable = np.flatnonzero(status == Status.CONVERGED)
    if not usable.size:
        return LaneEstimates(parameters, status, iterations)
    if usable.size < len(x):
        x, model = x[usable], model.of_lanes(usable)
    shift, spread = (own[usable, None] for own in (screened.low, screened.high - screened.low))
    z = (x - shift) / spread
    present = None if screened.present is None else screened.present[usable]
    centre, unit = (own[:, None] for own in standardisation(z if present is None else np.nan_to_num(z), present))
    z, unit, centre = (z - centre) / unit, (unit * spread)[:, 0], (shift + centre * spread)[:, 0]
    search = (way or Search).of(model.in_unit(centre, unit), z)
    best = search.highest(thorough)
    beta, (loc, scale) = best.parameters, (place.start for place in model.places[:2])
    beta[model.places[0]] *= unit
    beta[loc] += centre
    beta[scale] += np.log(unit)
    failure = Status.NO_INTERIOR_MAXIMUM if model.family.has_edge else Status.NOT_CONVERGED
    parameters[usable] = np.where(best.converged, beta, np.nan).T
    status[usable] = np.where(search.without_rest, Status.NO_RESIDUALS, np.where(best.converged, 0, failure))
    parameters[status != Status.CONVERGED] = np.nan
    iterations[usable] = best.iterations
    return LaneEstimates(parameters, status, iterations)


@dataclass(frozen=True, eq=False)
class Search:
    """The way to the highest interior maximum of standardised maxima.

    ``flat`` (p_loc, m) is the least-squares location, and ``rest`` (m, n) what it leaves, NaN for missing.
    """

    likelihood: Likelihood
    flat: Array
    rest: Array

    @classmethod
    def of(cls, model: Model, z: Array) -> Self:
        """The search in samples z (m, n), NaN for missing."""
        design = model.parameters[0].design
        flat = least_squares(np.ones((z.shape[1], 1)) if design is None else design, z)
        fitted = flat.T if design is None else fitted_values(design, flat)
        return cls(likelihood_of(model, Points.of_maxima(z)), flat, z - fitted)

    @property
    def model(self) -> Model:
        """Of maxima."""
        return self.likelihood.model

    @property
    def without_rest(self) -> Mask:
        """Which samples lie on their least-squares line."""
        return np.asarray(np.nanmax(np.abs(self.rest), axis=-1) < _NO_REST)

    def highest(self, thorough: bool) -> newton.Maximum:
        """From least squares and the L-moments of the residuals; where that is lost, and if ``thorough`` in small or
        awkward samples, from other shapes too, and from every maximum of the profile of the residuals of a Gumbel."""
        everyone = np.arange(len(self.rest))
        _, _, t3, t4 = self.lmoments
        best = self.climb(everyone, self.start(everyone, self.first()))
        spent = _WORTH * (self.model.size - len(self.model.family.of_state().parameter_names))
        ordinary = best.converged & (not thorough or is_ordinary(self.likelihood.counts() - spent, t3, t4))
        doubtful = np.flatnonzero(~ordinary)
        if doubtful.size and (begin := self.others(doubtful)):
            owner = np.tile(doubtful, len(begin))
            keep_higher(best, owner, self.climb(owner, np.concatenate(begin, axis=1)))
        for chunk in lane_blocks(doubtful.size, self.rest.shape[-1], BLOCKS_AT_ONCE):
            self.improve(best, doubtful[chunk])
        return best

    @cached_property
    def lmoments(self) -> tuple[Array, Array, Array, Array]:
        """L-moments l1 and l2, L-skewness and L-kurtosis of what is left."""
        l1, l2, l3, l4, _ = sample_lmoments(np.sort(self.rest, axis=-1), orders=4)
        with np.errstate(all="ignore"):
            return l1, l2, l3 / l2, l4 / l2

    @cached_property
    def ends(self) -> tuple[Array, Array]:
        """The lowest and the highest of what is left."""
        return np.nanmin(self.rest, axis=-1), np.nanmax(self.rest, axis=-1)

    def first(self) -> Array:
        """Parameters (k, m) of what is left, by its L-moments."""
        with np.errstate(all="ignore"):
            return self.model.family.of_state().likelihood_start(*self.lmoments[:3], *self.ends)

    def start(self, lanes: Places, natural: Array, loc: Array | None = None, slopes: Array | None = None) -> Array:
        """Coefficients of residuals with parameters (k, c): the location ``loc`` (p_loc, c), least squares if not
        given, moved by theirs, and the scale with its ``slopes``; other covariates begin at 0."""
        begin, (place, scale, *_) = np.zeros((self.model.size, len(lanes))), self.model.places
        begin[place] = self.flat[:, lanes] if loc is None else loc
        if slopes is not None:
            begin[scale] = slopes
        with np.errstate(all="ignore"):
            begin[place.start] += natural[0]
            begin[scale.start] = np.log(natural[1])
        if len(natural) > 2:
            begin[self.model.places[2].start] = natural[2]
        return begin

    def others(self, lanes: Places) -> list[Array]:
        """Other starts (p, c) of some samples: from other shapes, and with a scale that follows its covariates."""
        times = (0.0,) if self.model.parameters[1].design is None else _TIMES
        return [self.of_sizes(lanes, *pair) for pair in itertools.product(self.of_shapes(lanes), times)]

    def of_shapes(self, lanes: Places) -> list[Array]:
        """Parameters (3, c) of what is left in some samples, of several shapes; none of a family without one."""
        if not self.model.family.has_edge:
            return []
        return [_of_shape(shape, *(own[lanes] for own in (*self.lmoments[:2], *self.ends))) for shape in _SHAPES]

    def of_sizes(self, lanes: Places, natural: Array, times: float = 1.0) -> Array:
        """The start whose scale follows its covariates as the logarithm of the residuals' size does, or so many times
        as much."""
        design, rest = self.model.of_lanes(lanes).parameters[1].design, self.rest[lanes]
        if design is None or not times:
            return self.start(lanes, natural)
        size = np.maximum(np.abs(rest - np.nanmedian(rest, axis=-1, keepdims=True)), _LEAST_SIZE)
        return self.start(lanes, natural, slopes=times * least_squares(design, np.log(size)))

    def climb(self, lanes: Places, start: Array) -> newton.Maximum:
        """Newton from ``start`` (p, c)."""
        return climbed(self.likelihood, lanes, start)

    def improve(self, best: newton.Maximum, lanes: Places) -> None:
        """Put into ``best`` the highest maximum reachable from those of the profile of a Gumbel's residuals."""
        points, model = self.likelihood.points.rows(lanes), self.model.of_lanes(lanes)
        straight = self.straight(model)
        place, *_, slopes = (own for own in straight.places if own.stop > own.start)
        everyone, moment = np.arange(len(lanes)), np.nanstd(self.rest[lanes], axis=-1)
        begin = self.start(lanes, np.stack([-0.45 * moment, 0.78 * moment]))
        begin = np.concatenate(
            [begin[own] for own, each in zip(model.places, model.parameters, strict=True) if each.name != "shape"]
        )
        found = climbed(likelihood_of(straight, points), everyone, begin)
        beta = np.where(found.converged, found.parameters, begin)
        rest, present = self.left(straight, points, beta), points.present
        owner, starts = self.model.family.of_state().likelihood_starts(
            rest if present is None else np.where(present > 0.0, rest, 0.0), present, None
        )
        again = self.start(lanes[owner], starts, beta[place][:, owner], beta[slopes][:, owner])
        keep_higher(best, lanes[owner], self.climb(lanes[owner], again))

    def straight(self, model: Model) -> Model:
        """The model without a shape: of a Gumbel."""
        return Model(Gumbel, model.parameters[:2])

    def left(self, straight: Model, points: Points, beta: Array) -> Array:
        """What the location of a model without a shape leaves, in units of what its scale has from covariates."""
        eta, scale = straight.theta(beta, np.arange(beta.shape[1]))
        return np.asarray((points.x - eta) / (scale / np.exp(beta[straight.places[1].start])[:, None]))


def climbed(likelihood: Likelihood, lanes: Places, start: Array, max_iterations: int = 100) -> newton.Maximum:
    """Newton from ``start`` (p, c) of samples with these places.

    All climb together, so that the few that take long take it once; they are evaluated in parts whose temporaries stay
    in the processor's cache.
    """
    model, n = likelihood.model, likelihood.points.x.shape[-1]
    longest = np.repeat(max_step(model.family), [own.size for own in model.parameters])

    def objective(active: Places, point: Array) -> newton.Evaluation:
        parts = lane_blocks(len(active), _TEMPORARIES * n) or [slice(0)]
        found = [likelihood(lanes[active[part]], point[:, part]) for part in parts]
        if len(found) == 1:
            return found[0]
        return newton.Evaluation(*(np.concatenate(columns, axis=-1) for columns in zip(*found, strict=True)))

    return newton.maximize(objective, model.off_ends(start), max_step=longest, max_iterations=max_iterations)


def _of_shape(shape: float, l1: Array, l2: Array, low: Array, high: Array) -> Array:
    """Parameters (3, m) of a GEV of this shape with these L-moments, its scale widened until all values are inside."""
    gamma = math.gamma(1.0 - shape)
    scale = l2 * shape / ((2.0**shape - 1.0) * gamma)
    loc = l1 - scale * (gamma - 1.0) / shape
    reach = np.maximum(-shape * (high - loc), shape * (loc - low))
    return np.stack([loc, np.maximum(scale, reach / 0.9), np.full_like(l1, shape)])


def least_squares(design: Array, z: Array) -> Array:
    """Coefficients (p, m) of samples z (m, n), NaN for missing, on a design (n, p) or (m, n, p)."""
    missing = np.isnan(z)
    if design.ndim == 2 and not missing.any():
        return each_by_columns(z, np.asarray(np.linalg.pinv(design).T, dtype=np.float64))
    weighted = np.where(missing[..., None], 0.0, design)
    inverse = np.linalg.pinv(np.swapaxes(weighted, -1, -2) @ weighted, hermitian=True)
    moments = np.swapaxes(weighted, -1, -2) @ np.where(missing, 0.0, z)[..., None]
    return np.asarray((inverse @ moments)[..., 0].T)


def fitted_values(design: Array, beta: Array) -> Array:
    """X beta, (m, n)."""
    fitted = each_combined(beta, design) if design.ndim == 2 else np.matmul(design, beta.T[..., None])[..., 0]
    return np.asarray(fitted, dtype=np.float64)


def _inverse_information(likelihood: Likelihood, beta: Array) -> Array:
    """(m, p, p), NaN where the Hessian is not negative definite."""
    information = -np.moveaxis(likelihood(np.arange(beta.shape[1]), beta).hessian, -1, 0)
    with np.errstate(all="ignore"):
        size = 1.0 / np.sqrt(np.diagonal(information, axis1=-2, axis2=-1))
        scaled = information * size[:, None, :] * size[:, :, None]
        good = np.asarray(np.isfinite(scaled).all(axis=(1, 2)))
        lowest = np.linalg.eigvalsh(np.where(good[:, None, None], scaled, np.eye(len(beta))))[:, 0]
        good = good & (lowest > 0.0)
        inverse = np.linalg.inv(np.where(good[:, None, None], scaled, np.eye(len(beta))))
    return np.where(good[:, None, None], inverse * size[:, None, :] * size[:, :, None], np.nan)


Regression.search = Search

__all__ = ["InState", "Regression", "Search", "climbed", "least_squares", "regressed"]
