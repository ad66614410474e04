"""The log-Pearson type III distribution: Pearson type III of the decimal logarithms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array, Mask
from evstats.distributions import special
from evstats.distributions.base import Family
from evstats.distributions.derivatives import Derivatives, Level, Reduced, symmetric
from evstats.distributions.pe3 import PE3
from evstats.distributions.refusals import no_power
from evstats.errors import ArgumentError
from evstats.habits import knowing_their_names
from evstats.text.arguments import Setting, Text

_LOG_10 = float(np.log(10.0))


@knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class LogPearson3(Family):
    """Log-Pearson type III distribution: log10 X has mean ``loc``, standard deviation ``scale`` and skewness ``shape``.

    It is estimated on the logarithms, as Pearson type III: by its moments or L-moments those of the logarithms are
    meant. All values must be positive.

    Parameters
    ----------
    loc
        The mean of log10 X; 10^loc is near the median, in the unit of the data.
    scale
        The standard deviation of log10 X, without a unit.
    shape
        The skewness of log10 X: positive has a lower end, negative an upper, 0 is the log-normal distribution.

    References
    ----------
    - England, J. F. et al. (2019). Guidelines for determining flood flow frequency, Bulletin 17C. U.S. Geological
      Survey Techniques and Methods 4-B5, appendix 6.
    - Griffis, V. W. and Stedinger, J. R. (2007). Journal of Hydrologic Engineering 12, 482-491.

    Examples
    --------
    >>> import evstats as ev
    >>> moose = ev.LogPearson3(loc=3.328623, scale=0.140288, shape=0.396626)  # Bulletin 17C's first example, in ft3/s
    >>> float(moose.isf(0.01).round(1))
    4956.7
    """

    shape: Array

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike, shape: ArrayLike) -> None: ...

    name = "lp3"
    label = "LP3"
    usual_method = "expected-moments"
    literature = (
        "England, J. F. et al. (2019). Guidelines for determining flood flow frequency, Bulletin 17C. U.S. Geological "
        "Survey Techniques and Methods 4-B5, appendix 6.",
        "Griffis, V. W. and Stedinger, J. R. (2007). Journal of Hydrologic Engineering 12, 482-491.",
    )
    parameter_names = ("loc", "scale", "shape")
    shape_is_xi, small_shape = False, False
    shape_in_words = "loc, scale and shape are mean, standard deviation and skewness of the decimal logarithms."

    # -- the logarithms ------------------------------------------------------------------------------------------------

    @classmethod
    def working(cls) -> type[Family]:
        """Pearson type III, of the logarithms."""
        return PE3

    @classmethod
    def to_working(cls, x: ArrayLike) -> Array:
        """Decimal logarithms; -inf where there is none."""
        with np.errstate(divide="ignore"):
            return np.log10(np.maximum(np.asarray(x, dtype=np.float64), 0.0))

    @classmethod
    def from_working(cls, x: ArrayLike) -> Array:
        """10^x."""
        with np.errstate(over="ignore"):
            return np.power(10.0, x)

    @property
    def _of_logs(self) -> PE3:
        return PE3.trial(self.loc, self.scale, self.shape)

    @classmethod
    def rescaled(cls, parameters: Array, shift: Array, unit: Array) -> Array:
        """Parameters (k, ...) of ``unit x``: the mean of the logarithms moves. No value may be added."""
        if np.any(np.asarray(shift) != 0.0):
            raise ArgumentError(f"{cls.label} has no location that could be shifted.")
        moved = np.array(parameters)
        moved[0] += np.log10(unit)
        return moved

    # -- the distribution ----------------------------------------------------------------------------------------------

    def from_gumbel(self, g: ArrayLike) -> Array:
        """Ten to the power of Pearson's quantile."""
        return self.from_working(self._of_logs.from_gumbel(g))

    def reduced(self, x: ArrayLike) -> Array:
        """-log(-log F); +inf above an upper, -inf below a lower end, which is 0 or above."""
        return self._of_logs.reduced(self.to_working(x))

    def logpdf(self, x: ArrayLike) -> Array:
        """Logarithm of the density; -inf outside the support."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found = self._of_logs.logpdf(self.to_working(x)) - np.log(_LOG_10 * np.maximum(x, 0.0))
            return np.where(np.asarray(x) <= 0.0, -np.inf, found)[()]

    def derivatives(self, x: ArrayLike) -> Derivatives:
        """Those of Pearson type III at log10 x, as d log10 x/dx has no parameter; -inf at 0 and below."""
        found = self._of_logs.derivatives(self.to_working(x))
        return replace(found, logpdf=self.logpdf(x))

    def reduced_derivatives(self, x: ArrayLike) -> Reduced:
        """Those of Pearson type III at log10 x; d log10 x/dx has no parameter."""
        found = self._of_logs.reduced_derivatives(self.to_working(x))
        with np.errstate(divide="ignore"):
            return found._replace(log_slope=found.log_slope - np.log(_LOG_10 * np.maximum(x, 0.0)))

    def level_derivatives(self, y: ArrayLike) -> Level:
        """Those of ten to the power of Pearson's level, by the chain rule."""
        of_logs = self._of_logs.level_derivatives(y)
        level = self.from_working(of_logs.value)
        slope = _LOG_10 * level
        first = tuple(slope * own for own in of_logs.first)
        second = symmetric(
            lambda i, j: slope * (of_logs.second[i][j] + _LOG_10 * of_logs.first[i] * of_logs.first[j]), len(first)
        )
        return Level(level, first, second)

    def _log_mean_power(self, k: float) -> Array:
        """The logarithm of the mean of X^k; inf where it does not exist.

        With c = k log 10 and t = c scale shape/2 it is c loc + (c scale)^2 (-log(1 - t) - t)/t^2.
        """
        c = k * _LOG_10
        with np.errstate(all="ignore"):
            t = 0.5 * c * self.scale * self.shape
            bend = -special.log1p_bend(-np.minimum(t, 1.0))
            return np.where(t < 1.0, c * self.loc + (c * self.scale) ** 2 * bend, np.inf) + 0.0 * t

    def mean(self) -> Array:
        """Of X itself: 10^loc (1 - t)^(-a) exp(-a t) with t = log(10) scale shape/2, a = 4/shape^2; inf from t = 1."""
        with np.errstate(over="ignore"):
            return np.exp(self._log_mean_power(1))[()]

    def var(self) -> Array:
        """Of X itself; inf where ``log(10) scale shape`` is 1 or more."""
        with np.errstate(over="ignore", invalid="ignore"):
            first, second = self._log_mean_power(1), self._log_mean_power(2)
            found = np.exp(2.0 * first) * np.expm1(second - 2.0 * first)
            return np.where(np.isinf(second), np.inf, found)[()]

    def skew(self) -> Array:
        """Of X itself; NaN where its third moment does not exist."""
        first, second, third = (self._log_mean_power(k) for k in (1, 2, 3))
        with np.errstate(over="ignore", invalid="ignore"):
            w2, w3 = np.expm1(second - 2.0 * first), np.expm1(third - 3.0 * first)
            return np.where(np.isinf(third), np.nan, (w3 - 3.0 * w2) / w2**1.5)[()]

    def entropy(self) -> Array:
        """That of the logarithms, and the mean of log(dx/dlog10 x)."""
        return self._of_logs.entropy() + _LOG_10 * self.loc + np.log(_LOG_10)

    def support(self) -> tuple[Array, Array]:
        """Ten to the power of the ends of the logarithms; 0 and inf where they have none."""
        lower, upper = self._of_logs.support()
        return self.from_working(lower), self.from_working(upper)

    def mean_beyond(self, p: ArrayLike) -> Array:
        """Average of ``ppf(u)`` over u in (p, 1); NaN where the mean does not exist.

        The density times x, divided by the mean, is that of another member: of mean loc + c scale^2/(1 - t) and
        standard deviation scale/(1 - t), with c = log 10 and t = c scale shape/2.
        """
        p = np.asarray(p, dtype=np.float64)
        with np.errstate(all="ignore"):
            left = 1.0 - 0.5 * _LOG_10 * self.scale * self.shape
            there = (left > 0.0) & (p > 0.0) & (p < 1.0)
            room = np.where(left > 0.0, left, 1.0)
            tilted = PE3.trial(self.loc + _LOG_10 * self.scale**2 / room, self.scale / room, self.shape)
            beyond = np.exp(self._log_mean_power(1) + tilted.logsf(self._of_logs.ppf(p))) / (1.0 - p)
        return np.where(there, beyond, np.nan)[()]

    def power(self, k: ArrayLike) -> Family:
        """Always an error: the extreme of several blocks has another distribution."""
        raise no_power(self.label)

    @classmethod
    def from_moments(cls, mean: Array, std: Array, skew: Array) -> NoReturn:
        """Always an error: the parameters are moments of the logarithms, which those of the values do not give."""
        raise _of_logarithms("moments")

    @classmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> NoReturn:
        """Always an error: the parameters are moments of the logarithms, which L-moments of the values do not give."""
        raise _of_logarithms("L-moments")

    @classmethod
    def inside(cls, parameters: Any) -> Mask:
        """Where scale > 0 and -2 < shape < 2: beyond, the density has no bound at its end."""
        return PE3.inside(parameters)

    @classmethod
    def regular(cls, parameters: Array) -> Mask:
        """For skewness between -2^(1/2) and 2^(1/2)."""
        return PE3.regular(parameters)

    def to_scipy(self) -> NoReturn:
        """Always an error: SciPy has Pearson type III, of the logarithms, alone."""
        raise ArgumentError(
            "SciPy has no log-Pearson type III", "take that of the logarithms, scipy.stats.pearson3(shape, loc, scale)."
        )

    @classmethod
    def from_scipy(cls, frozen: Any) -> NoReturn:
        """Always an error: SciPy has no such family."""
        raise ArgumentError(
            "SciPy has no log-Pearson type III", "give mean, standard deviation and skew of log10 to LogPearson3."
        )


def _of_logarithms(what: str) -> ArgumentError:
    return ArgumentError(
        f"the parameters of LP3 do not follow from {what} of the values",
        Text("take those of the logarithms: fit(values, 'lp3', ", Setting("method", "lmoments"), ")."),
    )


__all__ = ["LogPearson3"]
