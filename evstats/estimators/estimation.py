"""What was estimated: data, design, family, estimator and estimate together."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array
from evstats.distributions import Family
from evstats.errors import Status
from evstats.estimators.lanes import as_lanes, lane_blocks
from evstats.models.designs import BLOCK_MAXIMA, BlockMaxima, Design
from evstats.models.points import Points

if TYPE_CHECKING:
    from typing import Self

    from evstats.estimators.base import Estimator


@dataclass(frozen=True, eq=False)
class Estimate:
    """The estimates of a batch of series, with the status of each.

    Attributes
    ----------
    parameters
        Of shape batch + (k,), NaN where a lane failed.
    status
        Of shape batch, codes of ``Status``.
    iterations
        How many each took, 0 for closed forms.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> found = ev.LMoments().estimate(ev.Gumbel, np.array([[31.0, 45.2, 28.9, 39.4], [5.0, 5.0, 5.0, 5.0]]))
    >>> found.parameters.round(1), found.converged
    (array([[32.1,  6.9],
           [ nan,  nan]]), array([ True, False]))
    """

    parameters: Array
    status: NDArray[np.int8]
    iterations: NDArray[np.intp]

    def __post_init__(self) -> None:
        for array in (self.parameters, self.status, self.iterations):
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which lanes carry an estimate, shape batch."""
        return np.asarray(self.status == Status.CONVERGED)


@dataclass(frozen=True, eq=False)
class Estimation:
    """Data, their design, family, estimator and estimate together: all that intervals and tests need.

    ``values`` has shape batch + sample, (n,) of block maxima, NaN for missing, in original values (minima are not
    reflected).

    Attributes
    ----------
    family
        The family, a class.
    estimator
        By what it was estimated.
    values
        Of shape batch + sample, (n,) of block maxima; NaN for missing.
    estimate
        Parameters, status and iterations.
    design
        What kind of data the values are; block maxima unless given.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> from evstats.estimators import Estimation
    >>> found = Estimation.of(ev.Gumbel, ev.LMoments(), np.array([31.0, 45.2, 28.9, 39.4, 52.1]))
    >>> found.distribution, round(float(found.loglik()), 2)
    (Gumbel(loc=34.2736, scale=8.74273), -18.0)
    """

    family: type[Family]
    estimator: Estimator
    values: Array
    estimate: Estimate
    design: Design = BLOCK_MAXIMA

    #: Whether parameters follow covariates.
    has_covariates: ClassVar[bool] = False

    @property
    def has_stand_in(self) -> bool:
        """Whether a posterior under a normal shape stands in where the likelihood has no interior maximum."""
        return self.design.axes == 1 or not self.family.rates

    @property
    def rate_follows(self) -> bool:
        """Whether the rate of peaks follows covariates."""
        return False

    @property
    def per_block(self) -> int:
        """How many values of the same block stand together, such as its durations.

        The likelihood takes them for independent.
        """
        return 1

    @classmethod
    def of(cls, family: type[Family], estimator: Estimator, values: Array, design: Design = BLOCK_MAXIMA) -> Estimation:
        """The estimation of a family by an estimator, whatever its status.

        Parameters
        ----------
        family
            The family, a class.
        estimator
            By what it is estimated.
        values
            The data, batch + sample; NaN for missing.
        design
            What kind of data the values are.

        Returns
        -------
        Estimation
            With a status for each lane; no lane raises.
        """
        return cls(family, estimator, values, estimator.estimate(family, values, design), design)

    def again(self, values: Array) -> Estimation:
        """The same of other data.

        Parameters
        ----------
        values
            Data of the same design.

        Returns
        -------
        Estimation
            Of the same family by the same estimator.
        """
        return self.of(self.family, self.estimator, values, self.design)

    def lane(self, lane: int) -> Self:
        """One sample of the batch, by its place among all.

        Parameters
        ----------
        lane
            Its place among all lanes, counted through the batch.

        Returns
        -------
        Estimation
            Of one sample.
        """
        return self.part(np.unravel_index(lane, self.batch_shape)) if self.batch_shape else self

    def part(self, index: Any) -> Self:
        """Some samples of a batch, by anything that indexes it.

        Parameters
        ----------
        index
            What NumPy takes for an index of an array of shape batch.

        Returns
        -------
        Estimation
            Of the samples that it selects.
        """
        places = np.arange(math.prod(self.batch_shape)).reshape(self.batch_shape)[index]
        sample, k = self.values.shape[len(self.batch_shape) :], self.estimate.parameters.shape[-1]
        estimate = Estimate(
            self.estimate.parameters.reshape(-1, k)[places],
            np.asarray(self.estimate.status).ravel()[places],
            np.asarray(self.estimate.iterations).ravel()[places],
        )
        values = self.values.reshape(-1, *sample)[places]
        return replace(self, values=values, estimate=estimate, design=self.design.of_lanes(places))

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of the batch; ``()`` of one sample."""
        return self.values.shape[: self.values.ndim - self.design.axes]

    @property
    def distribution(self) -> Family:
        """The fitted distribution, batch-shaped; parameters are NaN where a lane failed."""
        return self.family.from_parameters(self.estimate.parameters)

    @property
    def _of_each(self) -> Family:
        """The fitted distribution of each observation, as it broadcasts against the values."""
        return self.distribution[..., None]

    @property
    def counts(self) -> NDArray[np.intp]:
        """Number of observations per lane, shape batch."""
        return _over_lanes(_block_counts, self, ()).astype(np.intp)[()]

    @property
    def numbers(self) -> Array:
        """The observations that are known as numbers, NaN for others and for missing ones: batch + (n,)."""
        return self.design.numbers(self.values)

    @property
    def told_names(self) -> tuple[str, ...]:
        """What the estimates that are told are called: the parameters, of peaks those of their sizes."""
        return self.family.sizes_of().parameter_names

    @property
    def counted(self) -> int:
        """How many of them ``loglik`` was maximised in."""
        return len(self.told_names)

    def told_covariance(self) -> Array:
        """Covariance of the estimates that are told, batch + (k, k)."""
        told = np.array(self.family.told())
        return np.asarray(self.covariance()[..., told[:, None], told])

    @property
    def labels(self) -> NDArray[np.object_] | None:
        """What the blocks are called, (n,), where the estimation knows."""
        return None

    @property
    def called_family(self) -> str:
        """What the family is called."""
        return self.family.label

    @property
    def in_words(self) -> str:
        """The estimate of one sample, and how it was made."""
        return f"{self.distribution.stated!r} by {self.estimator.label}"

    @property
    def log_rate(self) -> Array:
        """The logarithm of the number of peaks a year, of peaks over a threshold; shape batch."""
        return np.asarray(self.distribution.parameters[..., self.family.rates[0]])

    @property
    def points(self) -> Points:
        """The points of the data, of minima those of -x."""
        return points_of(self.family, self.values, self.design)

    def drawn(self, noise: Array) -> Array:
        """New data of the fitted distribution by ``Design.drawn`` from noise (..., *batch, *noise_shape).

        What is missing among the values is missing in them.

        Parameters
        ----------
        noise
            Standard Gumbel noise of shape (..., *batch, *noise_shape), the shape that the design asks for.

        Returns
        -------
        Array
            Data of shape (..., *batch, *sample).
        """
        return self.design.like(self.values, self.design.drawn(self._of_each, noise))

    def residuals(self) -> Array:
        """Of every value, in the order of the data: standard Gumbel if the fit is true (``Design.residuals``)."""
        return self.design.residuals(self._of_each, self.values)

    def loglik(self) -> Array:
        """Unpenalised log-likelihood at the estimate, shape batch; -inf if an observation is outside the support."""
        return _over_lanes(self._block_loglik, self, ())

    @cached_property
    def working(self) -> Estimation:
        """The same of the values as they are estimated: of the logarithms, of a family of these; else itself."""
        if (family := self.family.working()) is self.family:
            return self
        turn = self.family.to_working
        return replace(self, family=family, values=turn(self.values), design=self.design.turned(turn))

    def covariance(self) -> Array:
        """Covariance matrix of the parameters, shape batch + (k, k), by the estimator's own method."""
        return self._covariance if self.working is self else self.working.covariance()

    @cached_property
    def _covariance(self) -> Array:
        k = len(self.family.parameter_names)
        covariance = _over_lanes(self.estimator.covariance, self, (k, k))
        covariance.flags.writeable = False
        return covariance

    @staticmethod
    def _block_loglik(family: type[Family], parameters: Array, values: Array, design: Design) -> Array:
        if isinstance(design, BlockMaxima):
            logpdf = family.from_parameters(parameters)[:, None].logpdf(values)
            total = np.where(np.isnan(values), 0.0, logpdf).sum(axis=-1)
        else:
            points, extreme = points_of(family, values, design), family.from_parameters(parameters).as_maxima()
            total = points.loglik(extreme)
        return np.where(np.isnan(parameters[:, 0]), np.nan, total)


def points_of(family: type[Family], values: Array, design: Design) -> Points:
    """The points of data of a family, of minima those of -x."""
    return design.mirrored().points(-values) if family.minima else design.points(values)


def _block_counts(family: type[Family], parameters: Array, values: Array, design: Design) -> Array:
    return design.counts(values).astype(np.float64)


def _over_lanes(function: Any, estimation: Estimation, tail: tuple[int, ...]) -> Array:
    """Apply ``function(family, parameters (m, k), values (m, *sample), design)`` to blocks of lanes and give back the
    batch shape.
    """
    parameters, batch = estimation.estimate.parameters, estimation.batch_shape
    values = as_lanes(estimation.values, estimation.design)
    flat_parameters = parameters.reshape(len(values), parameters.shape[-1])
    result = np.empty((len(values), *tail))
    for block in lane_blocks(len(values), math.prod(values.shape[1:])):
        design = estimation.design.of_lanes(block)
        result[block] = function(estimation.family, flat_parameters[block], values[block], design)
    return result.reshape(batch + tail)[()]
