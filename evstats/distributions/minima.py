"""Families of block minima: the mirror images of the families of maxima."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from evstats import noise
from evstats.arrays import Array, Mask
from evstats.distributions.base import Family, scipy_parameters
from evstats.distributions.derivatives import Derivatives, Reduced
from evstats.distributions.gev import GEV
from evstats.distributions.gpd import GPD, Exponential, OfPeaks
from evstats.distributions.gumbel import Gumbel
from evstats.distributions.peaks import ExponentialProcess, GPDProcess, InTime, PeakProcess
from evstats.distributions.probabilities import opposite_tail
from evstats.errors import ArgumentError
from evstats.habits import knowing_their_names
from evstats.newton import Evaluation


@dataclass(frozen=True, eq=False, repr=False)
class Mirrored(Family):
    """X such that -X follows the family of maxima ``maxima`` with location -loc and the same scale and shape."""

    minima = True
    maxima: ClassVar[type[Family]]

    @classmethod
    def of_maxima(cls) -> type[Family]:
        """The family of -X."""
        return cls.maxima

    @property
    def reflection(self) -> Family:
        """The distribution of -X, a family of maxima."""
        return self.maxima(-self.loc, *(getattr(self, name) for name in self.columns()[1:]))

    def as_maxima(self) -> Family:
        """The distribution of -X."""
        return self.reflection

    @classmethod
    def _reflect_back(cls, maxima: Family) -> Self:
        return cls.from_parameters(cls.reflect_parameters(maxima.parameters))

    @classmethod
    def reflect_parameters(cls, parameters: Array) -> Array:
        """Parameters of X from those of -X, and back: the location changes its sign.

        Parameters
        ----------
        parameters
            (..., k).

        Returns
        -------
        Array
            (..., k).
        """
        reflected = np.array(parameters, dtype=np.float64)
        for place in cls.locations:
            reflected[..., place] *= -1.0
        return reflected

    def from_gumbel(self, g: ArrayLike) -> Array:
        """Minus the reflection's value for noise of the opposite tail, so that it increases in ``g``."""
        return -self.reflection.from_gumbel(opposite_tail(np.asarray(g, dtype=np.float64)))

    def reduced(self, x: ArrayLike) -> Array:
        """The reduced variate -log(-log F(x)), with F(x) = 1 - F_reflection(-x)."""
        return opposite_tail(self.reflection.reduced(-np.asarray(x, dtype=np.float64)))

    def logpdf(self, x: ArrayLike) -> Array:
        """Logarithm of the density; -inf outside the support."""
        return self.reflection.logpdf(-np.asarray(x, dtype=np.float64))

    def logcdf(self, x: ArrayLike) -> Array:
        """Logarithm of the distribution function, to full precision in both tails."""
        return self.reflection.logsf(-np.asarray(x, dtype=np.float64))

    def logsf(self, x: ArrayLike) -> Array:
        """Logarithm of the exceedance probability, to full precision in both tails."""
        return self.reflection.logcdf(-np.asarray(x, dtype=np.float64))

    def cdf(self, x: ArrayLike) -> Array:
        """Probability of a value at or below x."""
        return self.reflection.sf(-np.asarray(x, dtype=np.float64))

    def sf(self, x: ArrayLike) -> Array:
        """Probability of a value above x."""
        return self.reflection.cdf(-np.asarray(x, dtype=np.float64))

    def ppf(self, p: ArrayLike) -> Array:
        """Quantile of non-exceedance probability p in [0, 1]; NaN outside."""
        return -self.reflection.isf(p)

    def isf(self, p: ArrayLike) -> Array:
        """Level exceeded with probability p in [0, 1]; NaN outside."""
        return -self.reflection.ppf(p)

    @classmethod
    def inside(cls, parameters: Sequence[Array] | Array) -> Mask:
        """Where the reflection's are."""
        return cls.maxima.inside(parameters)

    def reduced_derivatives(self, x: ArrayLike) -> Reduced:
        """The reflection's: points beyond x are those below it. Derivatives in the location turn their sign."""
        r = self.reflection.reduced_derivatives(-np.asarray(x, dtype=np.float64))
        if not self.locations:
            return r

        def second(i: int, j: int) -> tuple[Array, Array]:
            in_y, in_log_slope = r.second(i, j)
            return (-in_y, -in_log_slope) if i == 0 < j else (in_y, in_log_slope)

        return r._replace(y_first=_turned(r.y_first), log_slope_first=_turned(r.log_slope_first), second=second)

    def derivatives(self, x: ArrayLike) -> Derivatives:
        """The reflection's, with the sign of every derivative in the location turned."""
        mirrored = self.reflection.derivatives(-np.asarray(x, dtype=np.float64))
        if not self.locations:
            return mirrored
        return Derivatives(mirrored.logpdf, _turned(mirrored.gradient), _turned_twice(mirrored.hessian))

    def summed_derivatives(self, x: Array, present: Array | None = None) -> Evaluation:
        """The reflection's, with the sign of every derivative in the location turned."""
        value, gradient, hessian = self.reflection.summed_derivatives(-x, present)
        gradient[0] *= -1.0
        hessian[0] *= -1.0
        hessian[:, 0] *= -1.0
        return Evaluation(value, gradient, hessian)

    def mean(self) -> Array:
        """Minus the reflection's mean; -inf where it does not exist."""
        return -self.reflection.mean()

    def var(self) -> Array:
        """Variance; inf where it does not exist."""
        return self.reflection.var()

    def skew(self) -> Array:
        """Minus the reflection's skewness; NaN where it does not exist."""
        return -self.reflection.skew()

    def entropy(self) -> Array:
        """Differential entropy in nats."""
        return self.reflection.entropy()

    def support(self) -> tuple[Array, Array]:
        """Lower and upper endpoint."""
        lower, upper = self.reflection.support()
        return -upper, -lower

    def mean_beyond(self, p: ArrayLike) -> Array:
        """Average of ``ppf(u)`` over u in (0, 1 - p); NaN where the mean does not exist."""
        return -self.reflection.mean_beyond(p)

    def power(self, k: ArrayLike) -> Self:
        """The distribution of the minimum of k blocks, (1 - F)^k = survival function."""
        return self._reflect_back(self.reflection.power(k))

    @classmethod
    def from_moments(cls, mean: Array, std: Array, skew: Array) -> Array:
        """Parameters that match the moments; NaN where there are none."""
        return cls.reflect_parameters(cls.maxima.from_moments(-mean, std, -skew))

    @classmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> Array:
        """Parameters that match the L-moments; NaN where there are none."""
        return cls.reflect_parameters(cls.maxima.from_lmoments(-l1, l2, -t3))


def _turned(first: tuple[Array, ...]) -> tuple[Array, ...]:
    """First derivatives with the sign of that in the location turned."""
    return (-first[0], *first[1:])


def _turned_twice(second: tuple[tuple[Array, ...], ...]) -> tuple[tuple[Array, ...], ...]:
    """Second derivatives with the signs of the mixed ones in the location turned."""
    top = (second[0][0], *(-entry for entry in second[0][1:]))
    return (top, *((-row[0], *row[1:]) for row in second[1:]))


@knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class GumbelMin(Mirrored):
    """Gumbel distribution of minima: -X is Gumbel with location -loc. SciPy's ``gumbel_l``.

    Parameters
    ----------
    loc
        Mode of the distribution, in the unit of the data.
    scale
        Positive, in the unit of the data.

    Examples
    --------
    >>> from evstats import GumbelMin
    >>> float(GumbelMin(loc=10.0, scale=2.0).ppf(0.01).round(3))
    0.8
    """

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike) -> None: ...

    name = "gumbel-min"
    label = "Gumbel (minima)"
    parameter_names = ("loc", "scale")
    maxima = Gumbel

    def to_scipy(self) -> Any:
        """``scipy.stats.gumbel_l(loc, scale)``."""
        import scipy.stats

        return scipy.stats.gumbel_l(loc=self.loc, scale=self.scale)

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """The distribution of a frozen ``scipy.stats.gumbel_l``."""
        _, loc, scale = scipy_parameters(frozen, "gumbel_l")
        return cls(loc, scale)


@knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class GEVMin(Mirrored):
    """GEV distribution of minima: -X is GEV with location -loc and the same scale and shape.

    Parameters
    ----------
    loc, scale
        In the unit of the data, scale positive.
    shape
        Positive is the heavy lower tail; negative has a lower endpoint.

    Examples
    --------
    >>> from evstats import GEVMin
    >>> float(GEVMin(loc=10.0, scale=2.0, shape=0.1).ppf(0.01).round(2))
    -1.68
    """

    shape: Array

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike, shape: ArrayLike) -> None: ...

    name = "gev-min"
    label = "GEV (minima)"
    parameter_names = ("loc", "scale", "shape")
    maxima = GEV

    def to_scipy(self) -> Any:
        """Always an error: SciPy has no GEV of minima; ``reflection.to_scipy()`` is the distribution of -X."""
        raise ArgumentError("SciPy has no GEV of minima; reflection.to_scipy() gives the distribution of -x.")

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """The distribution of X where the frozen ``scipy.stats.genextreme`` is that of -X."""
        return cls._reflect_back(GEV.from_scipy(frozen))


def _minimum_of(maximum: Family) -> Family:
    """The distribution of X where that of -X is a GEV or a Gumbel."""
    family = GEVMin if isinstance(maximum, GEV) else GumbelMin
    return family._reflect_back(maximum)


@dataclass(frozen=True, eq=False, repr=False)
class _PeaksMin(Mirrored):
    """Values below a threshold ``loc``, which is given: -X exceeds -loc."""

    locations, scales = (), (0,)
    maxima: ClassVar[type[OfPeaks]]

    @classmethod
    def from_parameters(cls, parameters: ArrayLike, loc: ArrayLike = 0.0) -> Self:
        """The distribution(s) below ``loc`` with the parameters in the last axis, shape batch + (k,)."""
        above = cls.maxima.from_parameters(parameters, loc)
        return cls(*(getattr(above, name) for name in cls.columns()))

    @property
    def reflection(self) -> OfPeaks:
        """The distribution of -X, above a threshold."""
        return self.maxima(-self.loc, *(getattr(self, name) for name in self.columns()[1:]))

    def rvs(self, size: noise.Shape = (), rng: noise.RandomState = None) -> Array:
        """Draws, shape batch + size: minus those of the reflection."""
        return -self.reflection.rvs(size, rng)

    def annual_minimum(self, rate: ArrayLike) -> Family:
        """The smallest of a year in which ``rate`` values a year fall below the threshold, as a Poisson process.

        Parameters
        ----------
        rate
            Peaks a year, broadcasting against the batch.

        Returns
        -------
        Family
            A ``GEVMin`` or a ``GumbelMin``.

        Examples
        --------
        >>> from evstats import GPDMin
        >>> GPDMin(loc=10.0, scale=2.0, shape=0.1).annual_minimum(3.0)
        GEVMin(loc=7.67754, scale=2.23225, shape=0.1)
        """
        return _minimum_of(self.reflection.annual_maximum(rate))

    def to_scipy(self) -> Any:
        """Always an error: SciPy has no such distribution; ``reflection.to_scipy()`` is that of -X."""
        raise ArgumentError(f"SciPy has no {self.label}; reflection.to_scipy() gives the distribution of -x.")

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """The distribution of X where the frozen one of SciPy is that of -X."""
        above = cls.maxima.from_scipy(frozen)
        return cls(-above.loc, *(getattr(above, name) for name in cls.columns()[1:]))


@knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class GPDMin(_PeaksMin):
    """Generalised Pareto distribution below a threshold: -X is GPD above -loc with the same scale and shape.

    Parameters
    ----------
    loc
        The threshold, in the unit of the data; given.
    scale
        Positive.
    shape
        Positive is the heavy lower tail; negative has a lower endpoint.

    Examples
    --------
    >>> from evstats import GPDMin
    >>> float(GPDMin(loc=10.0, scale=2.0, shape=0.1).ppf(0.01).round(2))
    -1.7
    """

    shape: Array

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike, shape: ArrayLike) -> None: ...

    name = "gpd-min"
    label = "GPD (minima)"
    parameter_names = GPD.parameter_names
    maxima = GPD


@knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class ExponentialMin(_PeaksMin):
    """Exponential distribution below a threshold: -X is exponential above -loc.

    Parameters
    ----------
    loc
        The threshold, in the unit of the data; given.
    scale
        Positive.

    Examples
    --------
    >>> from evstats import ExponentialMin
    >>> float(ExponentialMin(loc=10.0, scale=2.0).ppf(0.01).round(2))
    0.79
    """

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike) -> None: ...

    name = "exponential-min"
    label = "Exponential (minima)"
    parameter_names = Exponential.parameter_names
    maxima = Exponential


@dataclass(frozen=True, eq=False, repr=False)
class MirroredProcess(InTime, Mirrored):
    """exp(log_rate) events a year below the threshold ``loc``: those of -X are a ``PeakProcess``."""

    log_rate: Array

    maxima: ClassVar[type[PeakProcess]]
    sized: ClassVar[type[_PeaksMin]]

    @property
    def annual_maximum(self) -> Family:
        """The smallest of a year, GEV or Gumbel of minima."""
        return _minimum_of(self.maxima(-self.loc, *(getattr(self, name) for name in self.columns()[1:])).annual_maximum)

    def to_scipy(self) -> Any:
        """That of the annual minimum."""
        return self.annual_maximum.to_scipy()

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """Always an error: SciPy has no such process."""
        raise ArgumentError(f"SciPy has no {cls.label}.")


@dataclass(frozen=True, eq=False, repr=False)
class GPDProcessMin(MirroredProcess):
    """A Poisson process of values below a threshold with GPD sizes; its annual minimum is GEV of minima."""

    shape: Array

    name = "gpd-min"
    label = "GPD (minima)"
    parameter_names = GPDProcess.parameter_names
    maxima, sized = GPDProcess, GPDMin
    has_edge = True


@dataclass(frozen=True, eq=False, repr=False)
class ExponentialProcessMin(MirroredProcess):
    """A Poisson process of values below a threshold with exponential sizes; its annual minimum is Gumbel of minima."""

    name = "exponential-min"
    label = "Exponential (minima)"
    parameter_names = ExponentialProcess.parameter_names
    maxima, sized = ExponentialProcess, ExponentialMin
