"""The generalised Pareto distribution of what exceeds a threshold, and the exponential, its member of shape 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import special
from evstats.distributions.base import Family, log_count, scipy_parameters
from evstats.distributions.derivatives import Reduced
from evstats.distributions.gev import GEV
from evstats.distributions.gumbel import Gumbel
from evstats.distributions.probabilities import opposite_tail
from evstats.errors import ArgumentError
from evstats.habits import knowing_their_names
from evstats.text.arguments import Setting, Text

_LOG_2 = float(np.log(2.0))


@dataclass(frozen=True, eq=False, repr=False)
class OfPeaks(Family):
    """Values above a threshold ``loc``, which is given: with e standard exponential, a family of maxima at e - 0.

    Such a family is that of the annual maximum without its rate: where maxima have the level x at the reduced variate
    y, values above loc reach x with probability exp(-y).

    Attributes
    ----------
    loc
        The threshold, of shape batch, which is given and not estimated.
    scale
        Scale of the excesses, of shape batch and positive, in the unit of the data.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.distributions import OfPeaks
    >>> isinstance(ev.GPD(10.0, 7.0, 0.3), OfPeaks), ev.GPD.parameter_names
    (True, ('scale', 'shape'))
    >>> ev.GPD(10.0, 7.0, 0.3).annual_maximum(2.0)
    GEV(loc=15.3934, scale=8.61801, shape=0.3)
    """

    #: The family of maxima whose tail beyond ``loc`` it is, and that of the events in time.
    tail: ClassVar[type[Family]]

    def _tail(self) -> Family:
        return self.tail.trial(self.loc, *(np.asarray(getattr(self, name)) for name in self.parameter_names))

    @classmethod
    def from_parameters(cls, parameters: ArrayLike, loc: ArrayLike = 0.0) -> Self:
        """The distribution(s) above ``loc`` with the parameters in the last axis, shape batch + (k,)."""
        columns = np.moveaxis(np.asarray(parameters, dtype=np.float64), -1, 0)
        if len(columns) != len(cls.parameter_names):
            named = ", ".join(cls.parameter_names)
            raise ArgumentError(
                f"{cls.label} has the parameters {named}; got an array of shape {np.shape(parameters)}."
            )
        return cls(np.asarray(loc, dtype=np.float64), *columns)

    def from_exponential(self, e: ArrayLike) -> Array:
        """The value above which a share exp(-e) lies.

        Parameters
        ----------
        e
            Standard exponential values, which broadcast against the batch.

        Returns
        -------
        Array
            In the unit of the data.
        """
        return self._tail().from_gumbel(e)

    def exponential(self, x: ArrayLike) -> Array:
        """Minus the logarithm of the exceedance probability: 0 at the threshold and below.

        Parameters
        ----------
        x
            Values, which broadcast against the batch.

        Returns
        -------
        Array
            Standard exponential values.
        """
        return np.maximum(self._tail().reduced(x), 0.0)

    def from_gumbel(self, g: ArrayLike) -> Array:
        """The value with the non-exceedance probability exp(-exp(-g))."""
        return self.from_exponential(np.exp(-opposite_tail(np.asarray(g, dtype=np.float64))))

    def reduced(self, x: ArrayLike) -> Array:
        """-log(-log F(x)): -inf at the threshold and below."""
        with np.errstate(divide="ignore"):
            return opposite_tail(-np.log(self.exponential(x)))

    def rvs(self, size: noise.Shape = (), rng: noise.RandomState = None) -> Array:
        """Draws, shape batch + size: a transform of standard exponential noise."""
        lengths = noise.lengths_of(size, "size")
        e = noise.exponential(self.batch_shape + lengths, rng=rng)
        return self[(..., *(None,) * len(lengths))].from_exponential(e)

    def logsf(self, x: ArrayLike) -> Array:
        """Minus the exponential variate."""
        return -self.exponential(x)

    def logcdf(self, x: ArrayLike) -> Array:
        """Logarithm of the distribution function, log(1 - exp(-e)) without cancellation."""
        e = self.exponential(x)
        with np.errstate(divide="ignore"):
            return np.where(e < _LOG_2, np.log(-np.expm1(-e)), np.log1p(-np.exp(-e)))[()]

    def sf(self, x: ArrayLike) -> Array:
        """Probability of a value above x."""
        return np.exp(self.logsf(x))

    def cdf(self, x: ArrayLike) -> Array:
        """Probability of a value at or below x."""
        return -np.expm1(self.logsf(x))

    def ppf(self, p: ArrayLike) -> Array:
        """Quantile of non-exceedance probability p in [0, 1]; NaN outside."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._beyond(-np.log1p(-np.asarray(p, dtype=np.float64)))

    def isf(self, p: ArrayLike) -> Array:
        """Level exceeded with probability p in [0, 1]; NaN outside."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._beyond(-np.log(np.asarray(p, dtype=np.float64)))

    def _beyond(self, e: Array) -> Array:
        """The value of an exponential variate; NaN below 0, where the tail would go on below the threshold."""
        return self.from_exponential(np.where(e < 0.0, np.nan, e))

    def logpdf(self, x: ArrayLike) -> Array:
        """Logarithm of the density; -inf outside the support."""
        x = np.asarray(x, dtype=np.float64)
        r = self._tail().reduced_derivatives(x)
        with np.errstate(invalid="ignore"):
            value = r.log_slope - r.y
        return np.where(np.isinf(r.y) | np.isinf(x) | (x < self.loc), -np.inf, value)[()]

    def reduced_derivatives(self, x: ArrayLike) -> Reduced:
        """Through the exponential variate e: with E = -log(1 - exp(-e)) the reduced variate is -log E."""
        r, k = self._tail().reduced_derivatives(x), len(self.parameter_names)
        with np.errstate(all="ignore"):
            e = np.where(r.y > 0.0, r.y, np.nan)
            q = 1.0 / np.expm1(e)
            big = np.where(e < _LOG_2, -np.log(-np.expm1(-e)), -np.log1p(-np.exp(-e)))
            h_1 = q / big - 1.0 - q
            q_1 = -q * (1.0 + q)
            h_2 = (q_1 * big + q * q) / (big * big) - q_1
            h = -np.log(big) + np.log(q)
            slope = q / big
            first, log_first = r.y_first[1:], r.log_slope_first[1:]

        def second(i: int, j: int) -> tuple[Array, Array]:
            in_e, in_log = r.second(i + 1, j + 1)
            with np.errstate(all="ignore"):
                both = first[i] * first[j]
                return slope * (h_1 * both + in_e), h_2 * both + h_1 * in_e + in_log

        with np.errstate(all="ignore"):
            y = np.where(np.isnan(e), np.where(np.isnan(r.y), np.nan, -np.inf), -np.log(big))
            return Reduced(
                np.where(np.isposinf(r.y), np.inf, y),
                h + r.log_slope,
                tuple(slope * first[i] for i in range(k)),
                tuple(h_1 * first[i] + log_first[i] for i in range(k)),
                second,
            )

    def power(self, k: ArrayLike) -> Family:
        """Always an error: the largest of k such values has another distribution; see ``annual_maximum``."""
        raise ArgumentError(
            f"the largest of several peaks is not distributed as {self.label}",
            "annual_maximum(rate) is the distribution of the largest of a year.",
        )

    def annual_maximum(self, rate: ArrayLike) -> Family:
        """The largest of a year in which ``rate`` values a year exceed the threshold, as a Poisson process.

        Valid above the threshold; a year without one has its maximum below.

        Parameters
        ----------
        rate
            Peaks a year, broadcasting against the batch.

        Returns
        -------
        Family
            A ``GEV`` or a ``Gumbel``; of minima their mirror images.
        """
        log_rate = log_count(rate, "the number of peaks a year")
        (xi,) = self._shapes() or (np.zeros(()),)
        with np.errstate(over="ignore"):
            loc = self.loc + self.scale * special.expm1_over(xi, log_rate)
            return self.tail(loc, self.scale * np.exp(xi * log_rate), *self._shapes())

    def layer_mean(self, attachment: ArrayLike = 0.0, limit: ArrayLike = np.inf) -> Array:
        """Mean part of a loss in a layer, E min(max(X - attachment, 0), limit), in the unit of the data.

        Infinite where the limit is and the shape is 1 or more. Below the threshold ``loc``, where no value of X is, a
        layer is passed whole.

        Parameters
        ----------
        attachment
            Where the layer begins, 0 or more.
        limit
            How wide it is, more than 0; inf for all that is above the attachment.

        Returns
        -------
        Array
            In the unit of the data, infinite where the mean does not exist and the layer has no end.

        Raises
        ------
        ArgumentError
            A negative attachment, a limit that is not positive.

        References
        ----------
        - Klugman, S. A., Panjer, H. H. and Willmot, G. E. (2012). Loss Models. Wiley, theorem 8.7 and appendix A.

        Examples
        --------
        >>> from evstats import GPD
        >>> float(GPD(loc=10.0, scale=7.0, shape=0.5).layer_mean(attachment=50.0, limit=150.0).round(3))
        2.669
        """
        start, width = as_layer(attachment, limit)
        under = np.clip(self.loc - start, 0.0, width)
        with np.errstate(invalid="ignore", over="ignore"):
            mean = np.exp(log_layer_mean(self, np.maximum(start, self.loc), width - under))
            return (under + np.where(under < width, mean, 0.0))[()]

    def _shapes(self) -> tuple[Array, ...]:
        return tuple(np.asarray(getattr(self, name)) for name in self.parameter_names[1:])


def as_layer(attachment: ArrayLike, limit: ArrayLike) -> tuple[Array, Array]:
    """Attachment and limit as arrays.

    Raises
    ------
    ArgumentError
        A negative attachment, a limit that is not positive.
    """
    found = []
    for name, given, least in (("attachment", attachment, "0 or more"), ("limit", limit, "more than 0")):
        try:
            numbers = np.asarray(given, dtype=np.float64)
        except (TypeError, ValueError) as cause:
            raise ArgumentError(Text(Setting(name), f" is {given!r}"), f"give a number, {least}.") from cause
        wrong = ~(numbers >= 0.0) | np.isinf(numbers) if name == "attachment" else ~(numbers > 0.0)
        if wrong.any():
            raise ArgumentError(Text(Setting(name), f" is {numbers[wrong].flat[0]:g}"), f"give a number, {least}.")
        found.append(numbers)
    return found[0], found[1]


def log_layer_mean(distribution: OfPeaks, start: ArrayLike, width: ArrayLike) -> Array:
    """The logarithm of the mean part of a loss in a layer that begins at the threshold or above.

    With e the exponential variate of a level the survival function is exp(-e), and a step of e is scale exp(shape e)
    long, so that the layer has the mean scale exp(k e_1) expm1(k (e_2 - e_1))/k with k = shape - 1. Nothing cancels,
    and shapes 0 and 1 are like any other.
    """
    scale, (xi,) = distribution.scale, distribution._shapes() or (np.zeros(()),)
    with np.errstate(all="ignore"):
        z, w = (np.asarray(start) - distribution.loc) / scale, np.asarray(width) / scale
        inside = 1.0 + xi * z > 0.0
        e = np.where(inside, special.log1p_over(xi, z), np.inf)
        w = np.where(inside, w / (1.0 + xi * z), np.inf)
        apart = np.where((1.0 + xi * w > 0.0) & np.isfinite(w), special.log1p_over(xi, w), np.inf)
        k = xi - 1.0
        grown = np.where(np.isinf(apart), np.where(k < 0.0, -1.0 / k, np.inf), special.expm1_over(k, apart))
        return np.where(inside, np.log(scale) + k * e + np.log(grown), -np.inf)[()]


@dataclass(frozen=True, eq=False, repr=False)
class Pareto(Family):
    """What a generalised Pareto distribution is with a location that is given, and with one of its own."""

    shape: Array

    def mean(self) -> Array:
        """``loc + scale/(1 - shape)``; inf for shape >= 1."""
        with np.errstate(divide="ignore"):
            return self.loc + np.where(self.shape >= 1.0, np.inf, self.scale / (1.0 - self.shape))

    def var(self) -> Array:
        """``scale^2/((1 - shape)^2 (1 - 2 shape))``; inf for shape >= 1/2."""
        xi = self.shape
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(xi >= 0.5, np.inf, self.scale**2 / ((1.0 - xi) ** 2 * (1.0 - 2.0 * xi)))[()]

    def skew(self) -> Array:
        """``2 (1 + shape) (1 - 2 shape)^1/2/(1 - 3 shape)``; NaN for shape >= 1/3."""
        xi = self.shape
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(xi < 1.0 / 3.0, 2.0 * (1.0 + xi) * np.sqrt(1.0 - 2.0 * xi) / (1.0 - 3.0 * xi), np.nan)[()]

    def entropy(self) -> Array:
        """``log(scale) + shape + 1``."""
        return np.log(self.scale) + self.shape + 1.0

    def mean_beyond(self, p: ArrayLike) -> Array:
        """Average of ``ppf(u)`` over u in (p, 1): of a GPD again; NaN for shape >= 1."""
        level = self.ppf(p)
        with np.errstate(divide="ignore", invalid="ignore"):
            beyond = level + (self.scale + self.shape * (level - self.loc)) / (1.0 - self.shape)
        return np.where(self.shape < 1.0, beyond, np.nan)[()]

    def to_scipy(self) -> Any:
        """``scipy.stats.genpareto(c=shape, loc, scale)``."""
        import scipy.stats

        return scipy.stats.genpareto(self.shape, loc=self.loc, scale=self.scale)

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """The distribution of a frozen ``scipy.stats.genpareto``."""
        (c,), loc, scale = scipy_parameters(frozen, "genpareto")
        return cls(loc, scale, np.asarray(c))


@knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class GPD(Pareto, OfPeaks):
    """Generalised Pareto distribution above a threshold, 1 - F(x) = (1 + shape (x - loc)/scale)^(-1/shape).

    Parameters
    ----------
    loc
        The threshold, in the unit of the data; given, and not one of the parameters that are estimated.
    scale
        Positive, in the unit of the data.
    shape
        Xi: positive is the heavy tail, 0 the exponential, negative has an upper endpoint at loc - scale/shape.

    References
    ----------
    - Pickands, J. (1975). Annals of Statistics 3, 119-131.
    - Coles, S. (2001). An Introduction to Statistical Modeling of Extreme Values. Springer, section 4.2.

    Examples
    --------
    >>> from evstats import GPD
    >>> float(GPD(loc=30.0, scale=7.44, shape=0.184).isf(0.01).round(1))
    83.9
    """

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike, shape: ArrayLike) -> None: ...

    name = "gpd"
    label = "GPD"
    literature = (
        "Pickands, J. (1975). Annals of Statistics 3, 119-131.",
        "Coles, S. (2001). An Introduction to Statistical Modeling of Extreme Values. Springer, section 4.2.",
    )
    parameter_names = ("scale", "shape")
    locations = ()
    scales = (0,)
    tail = GEV
    has_edge = True

    def support(self) -> tuple[Array, Array]:
        """The threshold, and ``loc - scale/shape`` if shape < 0, else infinity."""
        _, upper = self._tail().support()
        return self.loc, upper

    @classmethod
    def from_moments(cls, mean: Array, std: Array, skew: Array) -> Array:
        """Scale and shape from mean and standard deviation of the excesses (Hosking and Wallis 1987)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = (mean / std) ** 2
            return np.stack([0.5 * mean * (1.0 + ratio), 0.5 * (1.0 - ratio)], axis=-1)

    @classmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> Array:
        """``shape = 2 - l1/l2``, ``scale = l1 (l1/l2 - 1)`` of the excesses (Hosking and Wallis 1987)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = l1 / l2
            return np.stack([l1 * (ratio - 1.0), 2.0 - ratio], axis=-1)

    @classmethod
    def inside(cls, parameters: Any) -> NDArray[np.bool_]:
        """Where scale > 0 and shape > -1: beyond, the likelihood is unbounded (Smith 1985)."""
        return super().inside(parameters) & (parameters[-1] > -1.0)


@knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class Exponential(OfPeaks):
    """Exponential distribution above a threshold, 1 - F(x) = exp(-(x - loc)/scale): the GPD of shape 0.

    Parameters
    ----------
    loc
        The threshold, given.
    scale
        Positive, in the unit of the data.

    Examples
    --------
    >>> from evstats import Exponential
    >>> float(Exponential(loc=30.0, scale=9.0).isf(0.01).round(2))
    71.45
    """

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike) -> None: ...

    name = "exponential"
    label = "Exponential"
    parameter_names = ("scale",)
    locations = ()
    scales = (0,)
    tail = Gumbel

    def mean(self) -> Array:
        """``loc + scale``."""
        return self.loc + self.scale

    def var(self) -> Array:
        """``scale^2``."""
        return self.scale**2

    def skew(self) -> Array:
        """2 for every exponential distribution."""
        return np.full(self.batch_shape, 2.0)[()]

    def entropy(self) -> Array:
        """``log(scale) + 1``."""
        return np.log(self.scale) + 1.0

    def support(self) -> tuple[Array, Array]:
        """From the threshold on."""
        return self.loc, np.full(self.batch_shape, np.inf)[()]

    def mean_beyond(self, p: ArrayLike) -> Array:
        """``ppf(p) + scale``: it has no memory."""
        return self.ppf(p) + self.scale

    @classmethod
    def from_moments(cls, mean: Array, std: Array, skew: Array) -> Array:
        """The scale is the mean of what is above the threshold."""
        return np.asarray(mean)[..., None]

    @classmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> Array:
        """The scale is the mean of what is above the threshold."""
        return np.asarray(l1)[..., None]

    def to_scipy(self) -> Any:
        """``scipy.stats.expon(loc, scale)``."""
        import scipy.stats

        return scipy.stats.expon(loc=self.loc, scale=self.scale)

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """The distribution of a frozen ``scipy.stats.expon``."""
        _, loc, scale = scipy_parameters(frozen, "expon")
        return cls(loc, scale)
