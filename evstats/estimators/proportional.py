"""Maximum likelihood where location and scale are in one proportion and follow covariates together."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from evstats.arrays import Array, Places, each_combined
from evstats.distributions import PROPORTIONAL, Gumbel
from evstats.errors import ArgumentError, Status
from evstats.estimators.base import Estimate
from evstats.estimators.regression import Regression
from evstats.estimators.search import Search, least_squares
from evstats.models import BLOCK_MAXIMA, Design, Model, Points, Predictors
from evstats.models.covariates import Covariates
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from typing import Self

    from evstats.distributions import Family
    from evstats.estimators.base import Estimator

#: Logarithms of the factor beyond this are no place to begin.
_LARGEST = 3.0
#: Residuals are taken for no smaller than this, in standard deviations, where the factor is to follow them.
_LEAST_SIZE = 0.05


@dataclass(frozen=True, eq=False)
class ProportionalRegression(Regression):
    """An estimation in which loc = ratio exp(a + b x) and scale = exp(a + b x) follow covariates in one proportion.

    The predictor of the scale is that of both. The model is that of multiples of one distribution (``Proportional``):
    ``estimate.parameters`` are its location and the logarithm of its scale in the middle of the covariates, its shape,
    and the coefficients of the logarithm of the factor. What is told is the ratio, a, b and the shape.

    Measured at a nominal 95 % for b and the 100-year level in the last block, ratios 3 and 20, 30, 60 and 100 values,
    shapes -0.2, 0 and 0.2, 2,000 samples each (``tests/studies/trends_scale_coverage.csv``): r* .938 to .954, each tail
    .018 to .034, where the delta method holds .782 to .941. Up to .008 of the samples of 30 have no estimate, a miss
    there.

    References
    ----------
    - Philip, S. et al. (2020). Advances in Statistical Climatology, Meteorology and Oceanography 6, 177-203, equation
      3.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.Gumbel(100.0, 20.0).rvs(40, rng=1), "gumbel", trend=list(range(40)), trend_kind="scale")
    >>> isinstance(fit.estimation, ev.estimators.ProportionalRegression), fit.parameter_names
    (True, ('ratio', 'log_scale:Intercept', 'log_scale:x1'))
    """

    of_trend, in_proportion, moved = "scale", True, MappingProxyType({"scale": "loc and scale"})

    @classmethod
    def following(
        cls,
        family: type[Family],
        estimator: Estimator,
        values: Array,
        predictors: Predictors,
        design: Design = BLOCK_MAXIMA,
    ) -> Regression:
        """As of ``Regression``, by plain maximum likelihood; the family is Gumbel, GEV or one of their minima."""
        if family.of_maxima().name not in PROPORTIONAL:
            raise ArgumentError(
                f"{family.label} has no location and scale in one proportion",
                Text("fit ", Setting("family", "gev"), " or ", Setting("family", "gumbel"), "."),
            )
        if not estimator.maximises_likelihood:
            raise ArgumentError(
                f"{estimator.label} is not there for location and scale in one proportion",
                Text("fit by maximum likelihood (", Setting("method", "mle"), ")."),
            )
        return super().following(family, estimator, values, predictors, design)

    @cached_property
    def model(self) -> Model:
        """The model of maxima, multiples of one distribution; of minima that of -x.

        The logarithm of their factor follows the design of the scale without its constant.
        """
        lanes, n = math.prod(self.batch_shape), self.values.shape[-1]
        model = Model.constant(PROPORTIONAL[self.family.of_maxima().name])
        for name, own in self.predictors.by_parameter.items():
            design = own.standardised.design
            design = design if design.ndim == 2 else design.reshape(lanes, n, -1)
            model = (
                model.with_design("log_factor", design[..., 1:]) if name == "scale" else model.with_design(name, design)
            )
        return model

    @property
    def told_names(self) -> tuple[str, ...]:
        """``ratio``, ``log_scale:Intercept``, ``log_scale:gmst`` ... ``shape:Intercept``."""
        return ("ratio", *super().told_names[1:])

    @property
    def ratio(self) -> Array:
        """Of the location to the scale, the same in every block; shape batch."""
        return np.asarray(self.estimate.parameters[..., 0] / np.exp(self.estimate.parameters[..., 1]))

    @property
    def coefficients(self) -> Array:
        """The ratio, the coefficients of the log scale and of the shape, batch + (p,)."""
        found = super().coefficients
        found[..., 0] = self.ratio
        return found

    @cached_property
    def jacobian(self) -> Array:
        """The derivatives of what is told in the coefficients of the model, batch + (p, p)."""
        whole, told = np.zeros((*self.batch_shape, self.model.size, self.model.size)), self.told_places
        own = [np.arange(self.model.size)[place] for place in self.model.places]
        of_scale = np.concatenate([own[1], own[-2]])
        whole[..., told[1][:, None], of_scale] = self.predictors.jacobian_of("scale")
        if len(told) > 2:
            whole[..., told[2][:, None], own[2]] = self.predictors.jacobian_of("shape")
        whole[..., 0, 0], whole[..., 0, 1] = np.exp(-self.estimate.parameters[..., 1]), -self.ratio
        return whole

    @property
    def told_places(self) -> tuple[Places, ...]:
        """Where the ratio, the coefficients of the log scale and those of the shape stand among what is told."""
        ends = np.cumsum([0, *(len(self.predictors.columns_of(name)) for name in self.family.parameter_names)])
        return tuple(np.arange(*pair) for pair in itertools.pairwise(ends))

    def rows(self, states: Covariates) -> dict[str, Array]:
        """The rows in states of the designs of the factor and the shape."""
        own = self.predictors.rows(states)
        factor = own.pop("scale")[..., 1:]
        return {"log_factor": factor, **own}

    def slopes(self, rows: Mapping[str, Array], theta: Array) -> Array:
        """The derivatives of location, log scale and shape in states in the coefficients."""
        slopes, places = np.zeros((*theta.shape, self.model.size)), self.model.places
        scale = self.estimate.parameters[..., 1]
        slopes[..., 0, 0] = theta[..., 1] / np.exp(scale if scale.ndim == theta.ndim - 1 else scale[..., None])
        slopes[..., 0, places[-2]] = theta[..., :1] * rows["log_factor"]
        slopes[..., 1, 1], slopes[..., 1, places[-2]] = 1.0, rows["log_factor"]
        if theta.shape[-1] > 2:
            slopes[..., 2, places[2]] = rows.get("shape", np.ones(1))
        return slopes

    def maximised(self) -> Estimate:
        """That of the model; none (status ``location_not_positive``) where the location is not above 0."""
        found = super().maximised()
        status = np.where(found.parameters[..., 0] <= 0.0, np.int8(Status.LOCATION_NOT_POSITIVE), found.status)
        parameters = np.where((status == Status.CONVERGED)[..., None], found.parameters, np.nan)
        return replace(found, parameters=parameters, status=status[()])


@dataclass(frozen=True, eq=False)
class _Search(Search):
    """The same of multiples of one distribution.

    ``flat`` (1, m) is the mean of the values less the factor, ``rest`` what it leaves, and ``slopes`` (q, m) the
    coefficients of the factor's logarithm.
    """

    slopes: Array = field(kw_only=True)

    @classmethod
    def of(cls, model: Model, z: Array) -> Self:
        """By the logarithms of the distances from the origin where all are positive, else by the distances."""
        distance, design = _distance(model, z), _with_constant(model)
        with np.errstate(invalid="ignore"):
            positive = np.nanmin(distance, axis=-1) > 0.0
        logs = least_squares(design, np.log(np.where(positive[:, None], distance, 1.0)))[1:]
        slopes = np.where(positive, logs, _linear(design, distance))
        bare = cls(Search.of(model, z).likelihood, np.empty(0), z, slopes=slopes)
        return bare._along(np.arange(len(z)), slopes)

    def _along(self, lanes: Places, slopes: Array) -> Self:
        """The search from slopes (q, c) of the factor in some samples."""
        likelihood = replace(
            self.likelihood, model=self.model.of_lanes(lanes), points=self.likelihood.points.rows(lanes)
        )
        seen, x = likelihood.points.events > 0.0, likelihood.points.x
        straight = np.where(seen, _straightened(likelihood.model, x, slopes), np.nan)
        flat = np.nanmean(straight, axis=-1)
        return replace(self, likelihood=likelihood, flat=flat[None], rest=straight - flat[:, None], slopes=slopes)

    def start(self, lanes: Places, natural: Array, loc: Array | None = None, slopes: Array | None = None) -> Array:
        """As of ``Search``; the slopes are those of the factor."""
        begin = super().start(lanes, natural, loc)
        begin[self.model.places[-2]] = self.slopes[:, lanes] if slopes is None else slopes
        return begin

    def others(self, lanes: Places) -> list[Array]:
        """From several shapes too, and with other factors: none, and those by the distances from the origin and by the
        logarithms of the sizes of what is left of the median.
        """
        model, points = self.model.of_lanes(lanes), self.likelihood.points.rows(lanes)
        x, design = np.where(points.events > 0.0, points.x, np.nan), _with_constant(model)
        size = np.maximum(np.abs(x - np.nanmedian(x, axis=-1, keepdims=True)), _LEAST_SIZE)
        of_sizes = np.clip(least_squares(design, np.log(size))[1:], -_LARGEST, _LARGEST)
        starts = [self.start(lanes, natural) for natural in self.of_shapes(lanes)]
        for slopes in (np.zeros_like(of_sizes), _linear(design, _distance(model, x)), of_sizes):
            own = self._along(lanes, slopes)
            starts.append(own.start(np.arange(len(lanes)), own.first()))
        return starts

    def straight(self, model: Model) -> Model:
        """Of multiples of a Gumbel."""
        return Model(PROPORTIONAL[Gumbel.name], (*model.parameters[:2], *model.parameters[-2:]))

    def left(self, straight: Model, points: Points, beta: Array) -> Array:
        """What the location leaves of the values less the factor."""
        return _straightened(straight, points.x, beta[straight.places[-2]]) - beta[0][:, None]


def _origin(model: Model) -> Array:
    """(m, 1)."""
    known = model.parameters[-1].known
    assert known is not None
    return known[:, None]


def _distance(model: Model, x: Array) -> Array:
    return np.asarray(x - _origin(model))


def _with_constant(model: Model) -> Array:
    """The design of the factor with a constant before it."""
    design = model.parameters[-2].design
    assert design is not None
    return np.concatenate([np.ones((*design.shape[:-1], 1)), design], axis=-1)


def _linear(design: Array, distance: Array) -> Array:
    """Slopes (q, m) of distances from the origin, as shares of their mean."""
    beta = least_squares(design, distance)
    with np.errstate(all="ignore"):
        return np.clip(np.nan_to_num(beta[1:] / beta[0]), -_LARGEST, _LARGEST)


def _straightened(model: Model, x: Array, slopes: Array) -> Array:
    """Values (m, n) less the factor with these slopes (q, m)."""
    design = model.parameters[-2].design
    assert design is not None
    eta = each_combined(slopes, design) if design.ndim == 2 else np.matmul(design, slopes.T[..., None])[..., 0]
    return np.asarray(_origin(model) + _distance(model, x) * np.exp(-np.clip(eta, -50.0, 50.0)))


ProportionalRegression.search = _Search

__all__ = ["ProportionalRegression"]
