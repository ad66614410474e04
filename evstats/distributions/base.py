"""What every family gives: both tails in closed form, moments, and its log-likelihood with two derivatives.

A family is a monotone map of standard Gumbel noise: ``x = from_gumbel(g)`` and back, ``g = reduced(x)`` (the *reduced
variate* of the field, x-axis of Gumbel paper). With E = exp(-g), the distribution function is F(x) = exp(-E), so both
tails of every family follow here, once, without ever forming ``1 - F``. A new family writes the map, its log-density
with derivatives, its moments and the inversion of sample moments; nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evstats import noise
from evstats.errors import ArgumentError
from evstats.newton import Evaluation

Array = NDArray[np.float64]
_LOG_2 = float(np.log(2.0))


class Derivatives(NamedTuple):
    """The log-density of each observation and its derivatives in the parameters, element by element.

    ``gradient[i]`` and ``hessian[i][j]`` are arrays shaped like ``logpdf``; ``hessian[j][i]`` is ``hessian[i][j]``.
    Outside the support ``logpdf`` is -inf and the derivatives are NaN.
    """

    logpdf: Array
    gradient: tuple[Array, ...]
    hessian: tuple[tuple[Array, ...], ...]


class Reduced(NamedTuple):
    """The reduced variate of each observation and the logarithm of its slope, with derivatives in the parameters.

    ``y`` is -log Lambda, Lambda the intensity measure of the points beyond x on the extreme side (-log F for maxima),
    and ``log_slope`` is log |dy/dx|. ``y_first[i]`` and ``log_slope_first[i]`` are arrays that broadcast to the shape
    of ``y``; ``second(i, j)``, i <= j, gives the second derivatives of both. Beyond the end of the support on the
    extreme side y is +inf, beyond the other -inf, and derivatives have no meaning there.
    """

    y: Array
    log_slope: Array
    y_first: tuple[Array, ...]
    log_slope_first: tuple[Array, ...]
    second: Callable[[int, int], tuple[Array, Array]]


class Level(NamedTuple):
    """A value and its derivatives in the parameters: ``first[i]`` and ``second[i][j]`` broadcast to its shape."""

    value: Array
    first: tuple[Array, ...]
    second: tuple[tuple[Array, ...], ...]


@dataclass(frozen=True, eq=False, repr=False)
class Family(ABC):
    """A distribution, or a batch of them: parameters are arrays of one batch shape (``()`` for one distribution).

    ``x`` and ``p`` broadcast against the parameters as NumPy arrays do; ``distribution[..., None]`` adds an axis to all
    parameters, for evaluating a batch of distributions at several points each.
    """

    loc: Array
    scale: Array

    name: ClassVar[str]
    label: ClassVar[str]
    parameter_names: ClassVar[tuple[str, ...]]
    #: Whether the family describes block minima: its extreme side is the lower tail.
    minima: ClassVar[bool] = False
    #: Places of the parameters that move with the origin of the data and stretch with their unit, and of those that
    #: only stretch; all others have no unit.
    locations: ClassVar[tuple[int, ...]] = (0,)
    scales: ClassVar[tuple[int, ...]] = (1,)

    def __post_init__(self) -> None:
        try:
            given = [np.asarray(value, dtype=np.float64) for value in vars(self).values()]
            arrays = [np.array(array) for array in np.broadcast_arrays(*given)]
        except (TypeError, ValueError) as error:
            raise ArgumentError(
                f"{type(self).__name__} takes real numbers or arrays of one batch shape as parameters ({error})."
            ) from error
        for name, array in zip(self.parameter_names, arrays, strict=True):
            array.flags.writeable = False
            object.__setattr__(self, name, array[()])
        if np.any(self.scale <= 0):
            raise ArgumentError(f"scale is {np.min(self.scale)}; it must be positive.")
        if any(np.isinf(array).any() for array in arrays):
            raise ArgumentError(f"the parameters of {type(self).__name__} must be finite.")

    if TYPE_CHECKING:

        @property
        def shape(self) -> Array:
            """The shape parameter, of a family that has one; of another, an ``AttributeError`` that says so."""

    else:

        def __getattr__(self, name: str) -> Any:
            """What is asked for and not there: an error that names the parameters."""
            if name.startswith("_"):  # what copies and libraries ask for
                raise AttributeError(name)
            raise AttributeError(
                f"{type(self).label} has no {name}; its parameters are {', '.join(self.parameter_names)}."
            )

    # -- the batch -----------------------------------------------------------------------------------------------------

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of every parameter; ``()`` for a single distribution."""
        return np.shape(self.loc)

    @property
    def parameters(self) -> Array:
        """All parameters as one array, shape batch + (k,), in the order of ``parameter_names``."""
        return np.stack([np.asarray(getattr(self, name)) for name in self.parameter_names], axis=-1)

    @classmethod
    def rescaled(cls, parameters: Array, shift: Array, unit: Array) -> Array:
        """Parameters (k, ...) of ``shift + unit x`` from those of x."""
        moved = np.array(parameters)
        for place in (*cls.locations, *cls.scales):
            moved[place] *= unit
        for place in cls.locations:
            moved[place] += shift
        return moved

    @classmethod
    def from_parameters(cls, parameters: ArrayLike) -> Self:
        """The distribution(s) with the parameters in the last axis, shape batch + (k,)."""
        columns = np.moveaxis(np.asarray(parameters, dtype=np.float64), -1, 0)
        if len(columns) != len(cls.parameter_names):
            named = ", ".join(cls.parameter_names)
            raise ArgumentError(
                f"{cls.label} has the parameters {named}; got an array of shape {np.shape(parameters)}."
            )
        return cls(*columns)

    def __getitem__(self, index: Any) -> Self:
        """Index all parameters alike: ``batch[3]``, ``batch[..., None]``."""
        return type(self)(*(np.asarray(getattr(self, name))[index] for name in self.parameter_names))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and np.array_equal(self.parameters, other.parameters, equal_nan=True)

    def __hash__(self) -> int:
        return hash((type(self), self.batch_shape, (self.parameters + 0.0).tobytes()))  # -0.0 equals 0.0

    def __repr__(self) -> str:
        inside = ", ".join(f"{field.name}={_shown(getattr(self, field.name))}" for field in fields(self))
        return f"{type(self).__name__}({inside})"

    @classmethod
    def of_maxima(cls) -> type[Family]:
        """The family of -X for a family of minima, else the family itself."""
        return cls

    def as_maxima(self) -> Family:
        """The distribution of -X for a family of minima, else itself."""
        return self

    # -- what a family writes ------------------------------------------------------------------------------------------

    @abstractmethod
    def from_gumbel(self, g: ArrayLike) -> Array:
        """Turn standard Gumbel values into values of this distribution, increasing in ``g``."""

    @abstractmethod
    def reduced(self, x: ArrayLike) -> Array:
        """The reduced variate -log(-log F(x)): the inverse of ``from_gumbel``; +-inf outside the support."""

    @abstractmethod
    def logpdf(self, x: ArrayLike) -> Array:
        """Logarithm of the density; -inf outside the support."""

    @abstractmethod
    def reduced_derivatives(self, x: ArrayLike) -> Reduced:
        """The reduced variate and the logarithm of its slope, with first and second derivatives in the parameters.

        All that likelihoods ask of a family: density, both tails, the derivatives of levels and the directions of r*
        follow from it.
        """

    @abstractmethod
    def mean(self) -> Array:
        """Expectation; inf where it does not exist."""

    @abstractmethod
    def var(self) -> Array:
        """Variance; inf where it does not exist."""

    @abstractmethod
    def skew(self) -> Array:
        """Skewness; NaN where it does not exist."""

    @abstractmethod
    def entropy(self) -> Array:
        """Differential entropy in nats."""

    @abstractmethod
    def support(self) -> tuple[Array, Array]:
        """Lower and upper endpoint."""

    @abstractmethod
    def mean_beyond(self, p: ArrayLike) -> Array:
        """Mean of the quantiles beyond probability p on the extreme side.

        The average of ``ppf(u)`` over u in (p, 1) for maxima and over u in (0, 1 - p) for minima; NaN where the mean
        does not exist.
        """

    @abstractmethod
    def power(self, k: ArrayLike) -> Family:
        """The distribution of the extreme of k blocks, k > 0 and not necessarily whole: F^k for maxima."""

    @classmethod
    @abstractmethod
    def from_moments(cls, mean: Array, std: Array, skew: Array) -> Array:
        """Parameters, shape batch + (k,), that match the moments; NaN where there are none."""

    @classmethod
    @abstractmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> Array:
        """Parameters, shape batch + (k,), that match the L-moments l1, l2 and the L-skewness t3; NaN if none do."""

    @classmethod
    def loglikelihoods(cls, parameters: Array, x: Array) -> Array:
        """Log-likelihood of one series x, (n,), at many parameters (..., k), shape (...); -inf outside the support.

        What samplers call thousands of times; a family may form the sums faster.
        """
        return np.asarray(cls.from_parameters(parameters)[..., None].logpdf(x).sum(axis=-1))

    def summed_derivatives(self, x: Array, present: Array | None = None) -> Evaluation:
        """Log-likelihood of lanes (m, n) and its derivatives: value (m,), gradient (k, m), Hessian (k, k, m).

        The sums of ``derivatives`` over the last axis, of one distribution per lane. ``present`` is 1.0 for an
        observation and 0.0 for a missing one, whose x may be any value of the lane; None if all are there. A family may
        form the sums faster.
        """
        derivatives = self[:, None].derivatives(x)

        def total(array: Array) -> Array:
            return np.sum(array if present is None else np.where(present > 0, array, 0.0), axis=-1)

        k = len(derivatives.gradient)
        hessian = np.empty((k, k, len(x)))
        for i in range(k):
            for j in range(i, k):
                hessian[i, j] = hessian[j, i] = total(derivatives.hessian[i][j])
        return Evaluation(total(derivatives.logpdf), np.stack([*map(total, derivatives.gradient)]), hessian)

    #: Whether the likelihood rises without bound towards the end of the parameter space, at shape -1, so that a sample
    #: may have no interior maximum.
    has_edge: ClassVar[bool] = False
    #: Whether ``maximize_likelihood`` is there: the family's own way to its maximum, better than the general search.
    maximizes_likelihood: ClassVar[bool] = False

    @staticmethod
    def maximize_likelihood(x: Array, present: Array | None) -> tuple[Array, NDArray[np.bool_], NDArray[np.intp]]:
        """The maximum for lanes (m, n) standardised to run from 0 to 1: parameters (k, m), converged, iterations."""
        raise NotImplementedError  # only called for a family with ``maximizes_likelihood``

    @classmethod
    def likelihood_start(cls, l1: Array, l2: Array, t3: Array, lowest: Array, highest: Array) -> Array:
        """Where the search for the maximum of the likelihood begins, parameters (k, m): the L-moment estimates.

        Of samples with these L-moments, lowest and highest value; a family may move them into its support.
        """
        return cls.from_lmoments(l1, l2, t3).T

    @classmethod
    def likelihood_starts(
        cls, x: Array, present: Array | None, log_penalty: Callable[[Array], Array] | None
    ) -> tuple[NDArray[np.intp], Array]:
        """Starting points near every local maximum of the likelihood of lanes (m, n): owner (c,), parameters (k, c).

        Asked for where one start cannot be trusted; none by default.
        """
        return np.empty(0, dtype=np.intp), np.empty((len(cls.parameter_names), 0))

    @abstractmethod
    def to_scipy(self) -> Any:
        """The frozen SciPy distribution with the same parameters."""

    @classmethod
    @abstractmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """The distribution of a frozen SciPy one of the same family."""

    # -- what follows --------------------------------------------------------------------------------------------------

    @classmethod
    def trial(cls, *parameters: Array) -> Self:
        """A batch whose parameters are not looked at: the trial points of a search, which may be out of bounds."""
        family = object.__new__(cls)
        for name, array in zip(cls.parameter_names, parameters, strict=True):
            object.__setattr__(family, name, array)
        return family

    @classmethod
    def inside(cls, parameters: Sequence[Array] | Array) -> NDArray[np.bool_]:
        """Where the parameters (k, ...) are those of a distribution whose likelihood can have an interior maximum."""
        return np.all([parameters[place] > 0.0 for place in cls.scales], axis=0)

    def derivatives(self, x: ArrayLike) -> Derivatives:
        """The log-density with its first and second derivatives in the parameters, element by element.

        With Lambda = exp(-y) it is log |dy/dx| - y - Lambda. A family may form them faster.
        """
        r = self.reduced_derivatives(x)
        with np.errstate(all="ignore"):
            w = np.exp(-r.y)
            slope = w - 1.0
            logpdf = r.log_slope - r.y - w
            gradient = tuple(own + slope * y for own, y in zip(r.log_slope_first, r.y_first, strict=True))

            def entry(i: int, j: int) -> Array:
                y_second, log_slope_second = r.second(i, j)
                return log_slope_second + slope * y_second - w * r.y_first[i] * r.y_first[j]

            hessian = symmetric(entry, len(gradient))
        return Derivatives(np.where(np.isinf(r.y), -np.inf, logpdf)[()], gradient, hessian)

    def level_derivatives(self, y: ArrayLike) -> Level:
        """The level with the reduced variate y of a family of maxima, with two derivatives in the parameters.

        From y(level; parameters) = y; the locations together move the whole curve, so that d/dx is minus the sum of the
        derivatives in them.
        """
        x = self.from_gumbel(y)
        r = self.reduced_derivatives(x)
        with np.errstate(all="ignore"):
            inverse = np.exp(-r.log_slope)
            first, slope = tuple(-own * inverse for own in r.y_first), r.log_slope_first
            along = sum(slope[place] for place in self.locations)
            second = symmetric(
                lambda i, j: (
                    along * first[i] * first[j]
                    - slope[i] * first[j]
                    - slope[j] * first[i]
                    - r.second(i, j)[0] * inverse
                ),
                len(first),
            )
        return Level(x, first, second)

    def pdf(self, x: ArrayLike) -> Array:
        """Density; 0 outside the support."""
        return np.exp(self.logpdf(x))

    def logcdf(self, x: ArrayLike) -> Array:
        """Logarithm of the distribution function, to full precision in both tails."""
        return log_cdf_of_reduced(self.reduced(x))

    def logsf(self, x: ArrayLike) -> Array:
        """Logarithm of the exceedance probability, to full precision in both tails."""
        return log_sf_of_reduced(self.reduced(x))

    def cdf(self, x: ArrayLike) -> Array:
        """Probability of a value at or below x."""
        return np.exp(self.logcdf(x))

    def sf(self, x: ArrayLike) -> Array:
        """Probability of a value above x, computed without 1 - cdf."""
        return -np.expm1(self.logcdf(x))

    def ppf(self, p: ArrayLike) -> Array:
        """Quantile of non-exceedance probability p in [0, 1]; NaN outside."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.from_gumbel(-np.log(-np.log(np.asarray(p, dtype=np.float64))))

    def isf(self, p: ArrayLike) -> Array:
        """Level exceeded with probability p in [0, 1]; exact for p as small as 1e-300; NaN outside."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.from_gumbel(-np.log(-np.log1p(-np.asarray(p, dtype=np.float64))))

    def std(self) -> Array:
        """Standard deviation; inf where it does not exist."""
        return np.sqrt(self.var())

    def rvs(self, size: noise.Shape = (), rng: noise.RandomState = None) -> Array:
        """Draws, shape batch + size: the family's transform of the shared Gumbel noise.

        >>> from evstats import Gumbel
        >>> Gumbel(100.0, 20.0).rvs(3, rng=1).shape
        (3,)
        """
        lengths = (size,) if isinstance(size, (int, np.integer)) else tuple(size)
        g = noise.gumbel(self.batch_shape + lengths, rng=rng)
        return self[(..., *(None,) * len(lengths))].from_gumbel(g)

    def exceedance_level(self, p: ArrayLike) -> Array:
        """Level passed on the extreme side (above for maxima, below for minima) with probability p in one block."""
        return self.ppf(p) if self.minima else self.isf(p)

    def non_exceedance_level(self, p: ArrayLike) -> Array:
        """Level not passed on the extreme side with probability p in one block."""
        return self.isf(p) if self.minima else self.ppf(p)

    def exceedance(self, x: ArrayLike) -> Array:
        """Probability that one block passes x on the extreme side: above for maxima, below for minima."""
        return self.cdf(x) if self.minima else self.sf(x)

    def log_exceedance(self, x: ArrayLike) -> Array:
        """Logarithm of the probability that one block passes x on the extreme side."""
        return self.logcdf(x) if self.minima else self.logsf(x)

    def log_non_exceedance(self, x: ArrayLike) -> Array:
        """Logarithm of the probability that one block does not pass x on the extreme side."""
        return self.logsf(x) if self.minima else self.logcdf(x)


def log_cdf_of_reduced(y: Array) -> Array:
    """``log F = -exp(-y)``."""
    with np.errstate(over="ignore"):
        return -np.exp(-y)


def log_sf_of_reduced(y: Array) -> Array:
    """``log(1 - F)`` with F = exp(-E), E = exp(-y), without cancellation in either tail.

    For small E it is -y + log((1 - exp(-E))/E), whose two terms have one sign; for large E, log1p(-exp(-E)).
    """
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        e = np.exp(-y)
        ratio = np.where(e > 0, -np.expm1(-e) / e, 1.0)
        return np.where(e < _LOG_2, -y + np.log(ratio), np.log1p(-np.exp(-e)))


def symmetric(entry: Callable[[int, int], Array], k: int) -> tuple[tuple[Array, ...], ...]:
    """A symmetric k by k table from its upper half."""
    upper = {(i, j): entry(i, j) for i in range(k) for j in range(i, k)}
    return tuple(tuple(upper[min(i, j), max(i, j)] for j in range(k)) for i in range(k))


def _shown(value: Array) -> str:
    return f"{value:.6g}" if np.ndim(value) == 0 else f"array of shape {np.shape(value)}"


def scipy_parameters(frozen: Any, expected: str) -> tuple[tuple[Any, ...], Any, Any]:
    """Shapes, location and scale of a frozen SciPy distribution of the expected name."""
    name = getattr(getattr(frozen, "dist", None), "name", None)
    if name != expected:
        raise ArgumentError(f"from_scipy expects a frozen scipy.stats.{expected}, not {name or type(frozen).__name__}.")
    return frozen.dist._parse_args(*frozen.args, **frozen.kwds)
