"""Data, design, family, estimator and estimate together, and what every estimator gives of lanes."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import Family
from evstats.distributions.probabilities import opposite_tail
from evstats.errors import ArgumentError, Status
from evstats.estimators.lanes import LaneEstimates, as_lanes, blocks_with_values, keep_freed_memory, lane_blocks
from evstats.models.designs import BLOCK_MAXIMA, BlockMaxima, Design
from evstats.models.exceedances import Exceedances
from evstats.models.points import Points
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from typing import Self


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


@dataclass(frozen=True)
class Estimator(ABC):
    """A way to turn lanes of observations into parameters of any family.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.estimators import ESTIMATORS, Estimator
    >>> [name for name, kind in ESTIMATORS.items() if issubclass(kind, Estimator)]
    ['mle', 'moments', 'lmoments', 'bayes', 'expected-moments']
    """

    name: ClassVar[str]
    label: ClassVar[str]
    #: Where it is described, the entries of the docstring's references.
    literature: ClassVar[tuple[str, ...]] = ()
    #: Whether samples share null distributions of the tests of fit, by their shape.
    shares_null: ClassVar[bool] = True
    #: Whether blocks can be left out, or drawn with replacement, without what else is known of the record.
    by_block: ClassVar[bool] = True
    #: Whether tables of levels tell the annual exceedance probability beside the return period, as its practice does.
    tells_aep: ClassVar[bool] = False
    #: Whether of a family of logarithms a value of zero counts as below all others.
    takes_zeros: ClassVar[bool] = False
    #: Blocks of observations handed over together; more than one where the work per lane outweighs that per value.
    blocks_at_once: ClassVar[int] = 1

    @property
    def maximises_likelihood(self) -> bool:
        """Whether AIC, AICc and BIC mean anything for its estimates."""
        return False

    def estimate(self, family: type[Family], values: Array, design: Design = BLOCK_MAXIMA) -> Estimate:
        """Estimate every lane of ``values``, shape batch + sample, (n,) of block maxima, NaN for missing.

        The work goes block by block through the lanes, so that memory does not grow with their number. Minima are
        estimated as maxima of -x and their location turned back.

        Parameters
        ----------
        family
            The family, a class.
        values
            The data, batch + sample; NaN for missing.
        design
            What kind of data the values are.

        Returns
        -------
        Estimate
            With a status for each lane; no lane raises.

        Raises
        ------
        ArgumentError
            If the estimator is for block maxima and minima only, and the data are of another design.
        """
        values = np.asarray(values, dtype=np.float64)
        if (working := family.working()) is not family:
            turn = family.to_working
            of_logs = self.estimate(working, turn(values), design.turned(turn))
            marked = _marked(of_logs, design.not_positive(values, zeros=not self.takes_zeros), Status.NOT_POSITIVE)
            infinite = np.isinf(values).any(axis=-1) if design.axes == 1 else np.False_
            return _marked(marked, infinite, Status.NOT_FINITE)
        k, lanes = len(family.parameter_names), as_lanes(values, design)
        batch, n = values.shape[: values.ndim - design.axes], math.prod(lanes.shape[1:])
        parameters = np.full((lanes.shape[0], k), np.nan)
        status = np.full(lanes.shape[0], Status.TOO_FEW_VALUES, dtype=np.int8)
        iterations = np.zeros(lanes.shape[0], dtype=np.intp)
        maxima: type[Family] = family.of_maxima()
        keep_freed_memory()
        for block in blocks_with_values(lanes, n, self.blocks_at_once):
            x = np.ascontiguousarray(-lanes[block] if family.minima else lanes[block])
            if isinstance(design, BlockMaxima):
                found = self.estimate_lanes(maxima, x)
            else:
                own = design.of_lanes(block)
                found = self.estimate_points(maxima, own.mirrored() if family.minima else own, x)
            parameters[block], status[block], iterations[block] = found
        if family.minima:
            parameters[:, 0] *= -1.0
        return Estimate(parameters.reshape(*batch, k), status.reshape(batch)[()], iterations.reshape(batch)[()])

    @property
    def batched(self) -> bool:
        """Whether many series are estimated at once: one that searches each alone cannot refit thousands of samples."""
        return True

    def tested(self, estimation: Estimation) -> Estimation:
        """The estimation whose residuals are tested for fit.

        Itself, but where the estimator made less of some values than numbers.

        Parameters
        ----------
        estimation
            What was fitted: data, design, family, estimator and estimate.

        Returns
        -------
        Estimation
            Of the same data.
        """
        return estimation

    @abstractmethod
    def estimate_lanes(self, family: type[Family], x: Array) -> LaneEstimates:
        """Estimate a block of lanes ``x``, shape (m, n) and contiguous, of a family of maxima.

        Parameters
        ----------
        family
            A family of maxima.
        x
            Observations (m, n), NaN for missing.

        Returns
        -------
        LaneEstimates
            Parameters (m, k), status (m,) and iterations (m,).
        """

    def estimate_points(self, family: type[Family], design: Design, x: Array) -> LaneEstimates:
        """The same of samples (m, *sample) of another design; an ``ArgumentError`` of an estimator without such.

        Of peaks over a threshold the rate is their number a year, and the sizes are estimated by themselves.

        Parameters
        ----------
        family
            A family of maxima, or of peaks in time.
        design
            What kind of data the samples are.
        x
            Samples (m, *sample), NaN for missing.

        Returns
        -------
        LaneEstimates
            Parameters (m, k), status (m,) and iterations (m,).
        """
        if not (family.rates and isinstance(design, Exceedances)) or design.bounded:
            raise ArgumentError(
                f"{self.label} is for block maxima, not for {design.label}",
                Text("fit by maximum likelihood (", Setting("method", "mle"), ")."),
            )
        threshold, years = design.checked_threshold(x), np.broadcast_to(design.years, len(x))
        sizes = self.estimate_excesses(family.sizes_of(), x - threshold)
        count = np.count_nonzero(~np.isnan(x), axis=-1)
        with np.errstate(divide="ignore"):
            columns = [threshold[:, 0], sizes.parameters[:, 0], np.log(count / years), *sizes.parameters[:, 1:].T]
        parameters = np.stack(columns, axis=-1)
        parameters[sizes.status != Status.CONVERGED] = np.nan
        return sizes._replace(parameters=parameters)

    def estimate_excesses(self, family: type[Family], excesses: Array) -> LaneEstimates:
        """Estimate what lies above a threshold, (m, n), of a family of peaks: its own parameters.

        Parameters
        ----------
        family
            A family of peaks.
        excesses
            (m, n), NaN for missing.

        Returns
        -------
        LaneEstimates
            Parameters (m, k), status (m,) and iterations (m,).

        Raises
        ------
        ArgumentError
            An estimator that is not there for peaks.
        """
        raise ArgumentError(
            f"{self.label} is not there for peaks over a threshold",
            Text("fit by maximum likelihood (", Setting("method", "mle"), ")."),
        )

    def estimate_coefficients(self, regression: Any) -> Estimate:
        """Coefficients of the designs of a ``Regression`` in standard form, batch + (p,).

        Parameters
        ----------
        regression
            The estimation whose parameters follow covariates.

        Returns
        -------
        Estimate
            Parameters are the coefficients.

        Raises
        ------
        ArgumentError
            An estimator that is not there for covariates.
        """
        raise ArgumentError(
            f"{self.label} is not there for models with covariates",
            Text("fit by maximum likelihood (", Setting("method", "mle"), ") or ", Setting("method", "bayes"), "."),
        )

    def coefficient_covariance(self, regression: Any) -> Array:
        """Their covariance, batch + (p, p); here by the observed information.

        Parameters
        ----------
        regression
            The estimation whose parameters follow covariates.

        Returns
        -------
        Array
            Of the coefficients in standard form.
        """
        return np.asarray(regression.information_inverse())

    def coefficient_sample(self, regression: Any) -> Any:
        """Draws of the coefficients of one series from their posterior, of a Bayesian estimator.

        Parameters
        ----------
        regression
            The estimation whose parameters follow covariates.

        Returns
        -------
        CoefficientSample
            The same draws at every call.

        Raises
        ------
        ArgumentError
            An estimator without a posterior.
        """
        raise ArgumentError(f"{self.label} has no posterior", Text("fit with ", Setting("method", "bayes"), "."))

    def covariance(self, family: type[Family], parameters: Array, values: Array, whole: Design = BLOCK_MAXIMA) -> Array:
        """Covariance (m, k, k) of the estimates of a block of lanes, by parametric bootstrap.

        Lanes that are drawn alike share their noise, so the answer for a sample does not depend on its neighbours;
        replicates that have no estimate are left out.

        Parameters
        ----------
        family
            The family, a class.
        parameters
            The estimates (m, k).
        values
            The samples (m, *sample).
        whole
            What kind of data they are.

        Returns
        -------
        Array
            NaN where a lane has no estimate.
        """
        k, per_lane = len(family.parameter_names), _REPLICATES * math.prod(values.shape[1:]) // 8
        result = np.full((len(parameters), k, k), np.nan)
        for lanes, x in lanes_alike(whole, values, ~np.isnan(parameters[:, 0]), per_lane):
            fitted, design = family.from_parameters(parameters[lanes]), whole.of_lanes(lanes)
            g = noise.gumbel((_REPLICATES, *design.noise_shape(fitted, x)), rng=_SEED)
            # minima by the noise that ``Family.rvs`` draws them from
            drawn = design.drawn(fitted[:, None, None], opposite_tail(g) if family.minima else g)
            result[lanes] = _covariance_over_replicates(
                self.estimate(family, design.like(x[:, None], drawn), design).parameters
            )
        return result


def points_of(family: type[Family], values: Array, design: Design) -> Points:
    """The points of data of a family, of minima those of -x."""
    return design.mirrored().points(-values) if family.minima else design.points(values)


def _marked(found: Estimate, wrong: Any, status: Status) -> Estimate:
    """Estimates without those of lanes in which something is wrong that is not said of them."""
    wrong = wrong & (found.status != Status.TOO_FEW_VALUES)
    if not wrong.any():
        return found
    parameters = np.where(wrong[..., None], np.nan, found.parameters)
    return Estimate(parameters, np.where(wrong, np.int8(status), found.status)[()], found.iterations)


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


def lanes_alike(
    design: Design, values: Array, usable: NDArray[np.bool_], values_per_lane: int
) -> Iterator[tuple[NDArray[np.intp], Array]]:
    """Usable samples (lanes, *sample) that can be drawn together, some at a time: their places, and themselves without
    what is missing; a lane counts for so many values in the size of a part.
    """
    for lanes in design.alike(values, usable):
        for block in lane_blocks(lanes.size, values_per_lane):
            yield lanes[block], design.packed(values[lanes[block]])


def _covariance_over_replicates(parameters: Array) -> Array:
    """Covariance (m, k, k) over the replicates of parameters (m, replicates, k), failed replicates left out."""
    kept = ~np.isnan(parameters[..., :1])
    count = kept.sum(axis=1, keepdims=True)
    filled = np.where(kept, parameters, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = np.where(kept, parameters - filled.sum(axis=1, keepdims=True) / count, 0.0)
        return np.matmul(np.swapaxes(centred, 1, 2), centred) / (count - 1)


#: Replicates and seed of the bootstrap covariance: the standard errors are good to about 2 %, the same on every run.
_REPLICATES = 2_000
_SEED = 20_261_121
