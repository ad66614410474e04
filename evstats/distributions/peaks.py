"""Peaks over a threshold in time: a Poisson process of events with GPD or exponential sizes, seen by the year."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evstats.arrays import Array
from evstats.distributions import special
from evstats.distributions.base import Family, log_count
from evstats.distributions.derivatives import Level, Reduced
from evstats.distributions.gev import GEV
from evstats.distributions.gev_shape import shape_derivatives
from evstats.distributions.gpd import GPD, Exponential, OfPeaks
from evstats.distributions.gumbel import Gumbel
from evstats.distributions.restated import Restated
from evstats.errors import ArgumentError
from evstats.newton import Evaluation

__all__ = ["ExponentialProcess", "GPDProcess", "PeakProcess"]


class InTime:
    """Peaks in time, above a threshold or below one: their rate, and their sizes."""

    given: ClassVar[tuple[int, ...]] = (0,)
    rates: ClassVar[tuple[int, ...]] = (2,)
    #: The family of the sizes.
    sized: ClassVar[type[Family]]

    if TYPE_CHECKING:  # fields of the dataclasses
        loc: Array
        scale: Array
        log_rate: Array

        @classmethod
        def columns(cls) -> tuple[str, ...]: ...

    @classmethod
    def sizes_of(cls) -> type[Family]:
        """The family of the sizes."""
        return cls.sized

    @property
    def rate(self) -> Array:
        """Events a year, the mean of their number."""
        return np.exp(self.log_rate)

    @property
    def stated(self) -> Family:
        """The distribution of a peak."""
        return self.sizes

    @property
    def sizes(self) -> Family:
        """The distribution of a peak."""
        shapes = (getattr(self, name) for name in self.columns()[3:])
        return self.sized(self.loc, self.scale, *shapes)


@dataclass(frozen=True, eq=False, repr=False)
class PeakProcess(InTime, Restated):
    """Events above the threshold ``loc``, exp(log_rate) a year and independent, with sizes of one distribution.

    As a family it is that of the annual maximum, F(x) = exp(-rate (1 - F_size(x))), in other parameters than GEV and
    Gumbel have; below the threshold it goes on as those do. The threshold is given and not estimated.

    Attributes
    ----------
    loc
        The threshold, of shape batch, which is given and not estimated.
    scale
        Scale of the sizes, of shape batch, in the unit of the data.
    log_rate
        The logarithm of the events a year, of shape batch.

    References
    ----------
    - Coles, S. (2001). An Introduction to Statistical Modeling of Extreme Values. Springer, sections 4.3.3 and 7.3.
    - Davison, A. C. and Smith, R. L. (1990). Journal of the Royal Statistical Society B 52, 393-442.

    Examples
    --------
    >>> import evstats as ev
    >>> peaks = ev.as_peaks([61.0, 75.0, 90.0, 66.0, 101.0], threshold=60.0, years=2.5)
    >>> process = ev.fit(peaks, "exponential").estimation.distribution
    >>> type(process).__name__, float(process.rate)
    ('ExponentialProcess', 2.0)
    """

    log_rate: Array

    #: The family of the annual maximum.
    yearly: ClassVar[type[Family]]
    sized: ClassVar[type[OfPeaks]]

    @property
    def annual_maximum(self) -> Family:
        """The largest of a year: the same distribution as a GEV or Gumbel."""
        sizes = self.sized(self.loc, self.scale, *self._shapes())
        return sizes.annual_maximum(self.rate)

    @property
    def same(self) -> Family:
        """The largest of a year."""
        return self.annual_maximum

    def _shapes(self) -> tuple[Array, ...]:
        return tuple(np.asarray(getattr(self, name)) for name in self.parameter_names[3:])

    def _tail(self) -> Family:
        return self.yearly.trial(self.loc, self.scale, *self._shapes())

    def from_gumbel(self, g: ArrayLike) -> Array:
        """The level beyond which exp(-g) events a year lie."""
        return self._tail().from_gumbel(np.asarray(g, dtype=np.float64) + self.log_rate)

    def reduced(self, x: ArrayLike) -> Array:
        """Minus the logarithm of the events a year beyond x."""
        return self._tail().reduced(x) - self.log_rate

    def reduced_derivatives(self, x: ArrayLike) -> Reduced:
        """That of the maxima with this location and scale, less the logarithm of the rate."""
        r = self._tail().reduced_derivatives(x)
        one, zero = np.ones(()), np.zeros(())
        there = (0, 1, None, 2)  # where a parameter stands among the tail's

        def second(i: int, j: int) -> tuple[Array, Array]:
            a, b = there[i], there[j]
            return (zero, zero) if a is None or b is None else r.second(a, b)

        return Reduced(
            r.y - self.log_rate,
            r.log_slope,
            (*r.y_first[:2], -one, *r.y_first[2:]),
            (*r.log_slope_first[:2], zero, *r.log_slope_first[2:]),
            second,
        )

    def level_derivatives(self, y: ArrayLike) -> Level:
        """``loc + scale c``, c the tail's standard level at y + log_rate."""
        g = np.asarray(y, dtype=np.float64) + self.log_rate
        shapes = self._shapes()
        (xi,) = shapes or (np.zeros(()),)
        c, c_1, c_2 = special.expm1_over_derivatives(xi, g)
        with np.errstate(over="ignore"):
            grown = np.exp(xi * g)  # dc/dg
        zero, one = np.zeros_like(c), np.ones_like(c)
        rate, rate_shape = self.scale * grown, self.scale * g * grown
        first = (one, c, rate, self.scale * c_1)
        second = (
            (zero, zero, zero, zero),
            (zero, zero, grown, c_1),
            (zero, grown, xi * rate, rate_shape),
            (zero, c_1, rate_shape, self.scale * c_2),
        )
        k = 3 + len(shapes)
        return Level(self.loc + self.scale * c, first[:k], tuple(row[:k] for row in second[:k]))

    def summed_peaks(self, excesses: Array, present: Array | None, years: Array) -> Evaluation:
        """Log-likelihood of lanes of excesses with its derivatives in (scale, log_rate, shapes).

        Excesses that are missing, where ``present`` is 0.0, may have any value of the lane.

        Those of one process per lane, as ``summed_derivatives`` are of maxima.

        Parameters
        ----------
        excesses
            (m, n).
        present
            (m, n), 1.0 for an excess and 0.0 for a missing one; None if all are there.
        years
            For how long each lane was observed, (m,).

        Returns
        -------
        Evaluation
            Value (m,), gradient (k - 1, m) and Hessian (k - 1, k - 1, m).
        """
        count = np.full(len(years), float(excesses.shape[-1])) if present is None else present.sum(axis=-1)
        with np.errstate(all="ignore"):
            expected = years * self.rate
            sizes = self._summed_sizes(excesses, present, count)
            place = [0, 2][: len(sizes.gradient)]
            k = 1 + len(place)
            gradient, hessian = np.empty((k, len(years))), np.zeros((k, k, len(years)))
            gradient[place], gradient[1] = sizes.gradient, count - expected
            hessian[np.ix_(place, place)], hessian[1, 1] = sizes.hessian, -expected
            return Evaluation(sizes.value + count * self.log_rate - expected, gradient, hessian)

    @abstractmethod
    def _summed_sizes(self, excesses: Array, present: Array | None, count: Array) -> Evaluation:
        """The part of the sizes, in (scale, shapes)."""

    @abstractmethod
    def summed_along(self, excesses: Array, directions: Array) -> tuple[Array, Array]:
        """``location_sums`` of lanes of excesses.

        Parameters
        ----------
        excesses
            (m, n).
        directions
            (d, m, n), the weights of the excesses in each sum.

        Returns
        -------
        tuple of Array
            The sums (d, m), and their derivatives in (scale, log_rate, shapes), (d, k - 1, m).
        """

    def power(self, k: ArrayLike) -> Self:
        """Of k years: the rate is k times as large."""
        return type(self)(self.loc, self.scale, self.log_rate + log_count(k), *self._shapes())

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """Always an error: SciPy has no such process."""
        raise ArgumentError(f"SciPy has no {cls.label}; take the sizes by {cls.sized.__name__}.from_scipy.")


@dataclass(frozen=True, eq=False, repr=False)
class GPDProcess(PeakProcess):
    """A Poisson process with GPD sizes; its annual maximum is GEV.

    Attributes
    ----------
    shape
        The shape of the sizes, of shape batch.

    Examples
    --------
    >>> from evstats.distributions import GPDProcess
    >>> process = GPDProcess(60.0, 12.0, 0.7, 0.1)
    >>> process.sizes, process.annual_maximum
    (GPD(loc=60, scale=12, shape=0.1), GEV(loc=68.701, scale=12.8701, shape=0.1))
    """

    shape: Array

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike, log_rate: ArrayLike, shape: ArrayLike) -> None: ...

    name = "gpd"
    label = "GPD"
    literature = GPD.literature
    parameter_names = ("loc", "scale", "log_rate", "shape")
    yearly, sized = GEV, GPD
    has_edge = True

    @classmethod
    def inside(cls, parameters: Any) -> NDArray[np.bool_]:
        """Where scale > 0 and shape > -1."""
        return super().inside(parameters) & (parameters[3] > -1.0)

    def _summed_sizes(self, excesses: Array, present: Array | None, count: Array) -> Evaluation:
        """With z = x/scale, u = 1/(1 + shape z), b = z u and y = log1p(shape z)/shape, whose derivative in log scale is
        -b: sums of -log scale - (1 + shape) y.
        """
        shape, inverse = self.shape[:, None], 1.0 / self.scale
        z = excesses * inverse[:, None]
        t = shape * z
        u = 1.0 / (1.0 + t)
        b = z * u
        y, y_shape, y_shape_shape = shape_derivatives(t, z, b, shape)
        if present is not None:
            for array in (b, y, y_shape, y_shape_shape):
                array *= present
        over = 1.0 + self.shape
        total, total_b, total_shape = y.sum(axis=-1), b.sum(axis=-1), y_shape.sum(axis=-1)
        in_scale, bent = over * total_b - count, -over * np.vecdot(b, u)
        mixed = total_b - over * np.vecdot(b, b)
        gradient = np.array([in_scale * inverse, -total - over * total_shape])
        shape_shape = -2.0 * total_shape - over * y_shape_shape.sum(axis=-1)
        hessian = np.array(
            [[(bent - in_scale) * inverse * inverse, mixed * inverse], [mixed * inverse, shape_shape]]
        )  # of log scale, turned into those of the scale
        return Evaluation(-over * total - count * np.log(self.scale), gradient, hessian)

    def summed_along(self, excesses: Array, directions: Array) -> tuple[Array, Array]:
        """In the letters of ``summed_peaks``: the derivative in the location is (1 + shape) u/scale."""
        inverse, over = 1.0 / self.scale, 1.0 + self.shape
        with np.errstate(all="ignore"):
            z = excesses * inverse[:, None]
            u = 1.0 / (1.0 + self.shape[:, None] * z)
            total = np.vecdot(directions, u) * inverse
            u *= u
            squared = np.vecdot(directions, u) * inverse
            u *= z
            in_shape = total - over * np.vecdot(directions, u) * inverse
            slopes = np.stack([-over * squared * inverse, np.zeros_like(total), in_shape], axis=1)
        return over * total, slopes


@dataclass(frozen=True, eq=False, repr=False)
class ExponentialProcess(PeakProcess):
    """A Poisson process with exponential sizes; its annual maximum is Gumbel.

    Examples
    --------
    >>> from evstats.distributions import ExponentialProcess
    >>> process = ExponentialProcess(60.0, 12.0, 0.7)
    >>> process.sizes, process.annual_maximum
    (Exponential(loc=60, scale=12), Gumbel(loc=68.4, scale=12))
    """

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike, log_rate: ArrayLike) -> None: ...

    name = "exponential"
    label = "Exponential"
    parameter_names = ("loc", "scale", "log_rate")
    yearly, sized = Gumbel, Exponential

    def _summed_sizes(self, excesses: Array, present: Array | None, count: Array) -> Evaluation:
        """Of -log scale - x/scale."""
        inverse = 1.0 / self.scale
        total = (excesses if present is None else excesses * present).sum(axis=-1) * inverse
        gradient, hessian = (total - count) * inverse, (count - 2.0 * total) * inverse * inverse
        return Evaluation(-total - count * np.log(self.scale), gradient[None], hessian[None, None])

    def summed_along(self, excesses: Array, directions: Array) -> tuple[Array, Array]:
        """Of 1/scale, the derivative in the location."""
        inverse = 1.0 / self.scale
        total = directions.sum(axis=-1) * inverse
        return total, np.stack([-total * inverse, np.zeros_like(total)], axis=1)
