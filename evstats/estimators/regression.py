"""Maximum likelihood where parameters follow covariates: the estimation, and that in a state of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from evstats.arrays import Array, Places
from evstats.distributions import Family
from evstats.errors import ArgumentError
from evstats.estimators.base import Estimate, Estimation, Estimator
from evstats.estimators.climbs import REGULAR_SHAPE
from evstats.estimators.lanes import lane_blocks
from evstats.estimators.search import BLOCKS_AT_ONCE, Search, regressed
from evstats.estimators.told import Following
from evstats.models import BLOCK_MAXIMA, Design, Likelihood, Model, Parameter, Points
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from typing import Self

    from evstats.models import Predictors
    from evstats.models.covariates import Covariates


@dataclass(frozen=True, eq=False)
class Regression(Following):
    """An estimation of which some parameters follow covariates.

    ``estimate.parameters`` are the coefficients, batch + (p,): of the first parameter of the family, then of the second
    and so on, in the standard form of the designs and in the unit of the data; those of the scale are of its logarithm.
    ``distribution`` is that of every block, batch + (n,).

    Attributes
    ----------
    predictors
        What the parameters follow: designs, covariates and how they were joined.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.Gumbel(100.0, 20.0).rvs(40, rng=1), "gumbel", loc="x", covariates={"x": list(range(40))})
    >>> isinstance(fit.estimation, ev.estimators.Regression), fit.estimation.coefficients.round(1)
    (True, array([101.5,  -0.3,   3.1]))
    """

    #: The parameter whose predictor is that of a trend, and whether location and scale follow it in one proportion.
    of_trend: ClassVar[str] = "loc"
    in_proportion: ClassVar[bool] = False
    #: The way to the maximum.
    search: ClassVar[type[Search]] = Search

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

        Parameters
        ----------
        family
            The family, a class.
        estimator
            Plain maximum likelihood, or Bayes.
        values
            The data, batch + sample; NaN for missing.
        predictors
            What the parameters follow.
        design
            What kind of data the values are.

        Returns
        -------
        Regression
            With a status for each lane; no lane raises.

        Raises
        ------
        ArgumentError
            An estimator other than plain maximum likelihood and Bayes; a family with more than a location,
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
        """The same of one series of its blocks with these places, (replicates, n), and their covariates.

        Parameters
        ----------
        places
            Places of blocks, (replicates, n).

        Returns
        -------
        Regression
            Of a batch of so many series.
        """
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
        """How the coefficients move, and covariances, of values that depend on each other within blocks.

        The displacements by leaving out a block, (lanes, p, blocks), and the covariances (lanes, p, p) if tied as they
        are, and if independent.
        """
        raise NotImplementedError  # of estimations with more than one value ``per_block``

    def points_of(self, values: Array, lanes: Places | slice = slice(None)) -> Points:
        """The points of maxima (m, n) of the series with these places, all of them if not given.

        Parameters
        ----------
        values
            Maxima (m, n).
        lanes
            The places of their series; all of them if not given.

        Returns
        -------
        Points
            Of m samples.
        """
        return Points.of_maxima(values)

    @property
    def has_stand_in(self) -> bool:
        """Whether a posterior under a normal shape stands in where the likelihood has no interior maximum.

        Not where the shape follows covariates, which a prior of the shape does not hold, and not where location and
        scale are in one proportion, which have no posterior.
        """
        return not self.in_proportion and "shape" not in self.predictors.by_parameter

    @property
    def given(self) -> Array:
        """The location of a family that has it without a coefficient, in the unit of the data.

        Of all series, or of each, of shape batch.
        """
        return np.zeros(())

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

        Parameters
        ----------
        states
            The states.
        index
            What they are called; None of the only one.

        Returns
        -------
        InState
            Of shape batch, or batch + (states,).
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
        """The rows in states of the designs of the model's parameters, in standard form.

        Parameters
        ----------
        states
            The states.

        Returns
        -------
        dict of Array
            By parameter, (states, p_j) or batch + (states, p_j).
        """
        return self.predictors.rows(states)

    def parameters_in(self, rows: Mapping[str, Array]) -> Array:
        """The parameters in states with these rows, batch + (k,) or batch + (states, k).

        Parameters
        ----------
        rows
            As ``rows`` gives them.

        Returns
        -------
        Array
            In the unit of the data.
        """
        pairs = zip(self.model.parameters, self.model.places, strict=True)
        theta = [self._in_rows(own, place, rows) for own, place in pairs]
        return self.model.family.trial(*theta).as_state().parameters

    def counted_from(
        self, model: Model, rows: Mapping[str, Array], *, shared: bool
    ) -> tuple[Model, list[Array | None]]:
        """The model of samples whose designs are counted from the state of each, and the rows of the designs there.

        Parameters
        ----------
        model
            Of these samples.
        rows
            Those of the designs in the state of each, (lanes, p_j).
        shared
            Whether the designs are the same in all samples.

        Returns
        -------
        tuple
            The model, and the rows of each parameter.
        """
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
        """The derivatives of the linear predictors of the parameters in states, in the coefficients.

        Parameters
        ----------
        rows
            As ``rows`` gives them.
        theta
            The parameters there, (..., k).

        Returns
        -------
        Array
            (..., k, p).
        """
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
        """The draws of the coefficients of one series of a Bayesian fit, a ``CoefficientSample``; drawn once."""
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

    Attributes
    ----------
    whole
        The estimation with covariates.
    rows
        Those of the design of each parameter, in standard form.
    index
        What the states are called; None of the only one.
    asked
        The states, as they were given.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.models import Covariates
    >>> fit = ev.fit(ev.Gumbel(100.0, 20.0).rvs(40, rng=1), "gumbel", loc="x", covariates={"x": list(range(40))})
    >>> state = fit.estimation.in_state(Covariates.of({"x": [39.0]}))
    >>> type(state).__name__, round(float(state.distribution.loc), 1)
    ('InState', 90.0)
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
