"""The generalised logistic distribution, of British flood frequency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.special
from numpy.typing import ArrayLike

from evstats.arrays import Array, Mask
from evstats.distributions.bent import Bend, Bent
from evstats.distributions.special import across_zero
from evstats.habits import knowing_their_names

#: pi x/sin(pi x) as a series in x^2, of x = shape, 2 shape and 3 shape.
_K = np.arange(24)
_ONE, _TWO, _THREE = (
    np.polynomial.Polynomial(
        np.where(_K == 0, 1.0, 2.0 * (1.0 - 2.0 ** (1.0 - 2.0 * _K)) * scipy.special.zeta(np.maximum(2.0 * _K, 2.0)))
        * each ** (2.0 * _K)
    )
    for each in (1.0, 2.0, 3.0)
)
#: Variance and third central moment without the powers of the shape that divide out, as series in its square.
_VAR = np.polynomial.Polynomial((_TWO - _ONE**2).coef[1:16])
_THIRD = np.polynomial.Polynomial((_THREE - 3.0 * _TWO * _ONE + 2.0 * _ONE**3).coef[2:16])
#: Shapes below this take them.
_SERIES_BELOW = 0.08


@knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class GLO(Bent):
    """Generalised logistic distribution, F(x) = 1/(1 + (1 + shape (x - loc)/scale)^(-1/shape)).

    Parameters
    ----------
    loc
        The median, in the unit of the data.
    scale
        Positive, in the unit of the data.
    shape
        Xi in Coles' sign, between -1 and 1 where there is a mean: positive is the heavy upper tail, 0 the logistic
        distribution. Hosking's k is -shape.

    References
    ----------
    - Hosking, J. R. M. and Wallis, J. R. (1997). Regional Frequency Analysis. Cambridge University Press, A.7.
      Institute of Hydrology (1999). Flood Estimation Handbook, volume 3.

    Examples
    --------
    >>> from evstats.distributions import GLO
    >>> float(GLO(loc=1.0, scale=0.2, shape=0.15).isf(0.01).round(3))
    2.323
    """

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike, shape: ArrayLike) -> None: ...

    name = "glo"
    label = "GLO"
    literature = (
        "Hosking, J. R. M. and Wallis, J. R. (1997). Regional Frequency Analysis. Cambridge University Press, A.7.",
        "Institute of Hydrology (1999). Flood Estimation Handbook, volume 3.",
    )

    def _variate(self, g: Array) -> Array:
        rate = np.exp(-g)  # -log F
        return np.where(rate < 1e-8, g - 0.5 * rate, np.where(rate > 700.0, -rate, -np.log(np.expm1(rate))))

    def _reduced(self, v: Array) -> Array:
        return np.where(v > 18.0, v + 0.5 * np.exp(-v), -np.log(np.logaddexp(0.0, -v)))

    def _log_density(self, v: Array) -> Array:
        return -np.abs(v) - 2.0 * np.log1p(np.exp(-np.abs(v)))

    def _bend(self, v: Array) -> Bend:
        y = self._reduced(v)
        below, above = scipy.special.expit(v), scipy.special.expit(-v)
        log_slope = y - np.logaddexp(0.0, v)
        slope = np.exp(log_slope)
        bend = slope - below
        return Bend(y, slope, slope * bend, log_slope, bend, slope * bend - below * above)

    def mean(self) -> Array:
        """``loc + scale (pi shape/sin(pi shape) - 1)/shape``; inf for shape >= 1, NaN at or below -1."""
        return self.loc + self.scale * np.where(np.abs(self.shape) < 1.0, _mean(self.shape), _beyond(self.shape))

    def var(self) -> Array:
        """``scale^2 (g(2) - g(1)^2)/shape^2``, g(k) = k pi shape/sin(k pi shape); inf for shapes from 1/2 on."""
        near, far = _VAR(self.shape**2), _ratio(2.0 * self.shape) - _ratio(self.shape) ** 2
        with np.errstate(all="ignore"):
            value = np.where(np.abs(self.shape) < _SERIES_BELOW, near, far / self.shape**2)
        return self.scale**2 * np.where(np.abs(self.shape) < 0.5, value, np.inf)

    def skew(self) -> Array:
        """Skewness: 0 at shape 0; NaN for shapes from 1/3 on."""
        one, two, three = (_ratio(k * self.shape) for k in (1.0, 2.0, 3.0))
        with np.errstate(all="ignore"):
            far = (three - 3.0 * two * one + 2.0 * one**3) / self.shape**3
            third = np.where(np.abs(self.shape) < _SERIES_BELOW, self.shape * _THIRD(self.shape**2), far)
            return np.where(np.abs(self.shape) < 1.0 / 3.0, third * self.scale**3 / self.var() ** 1.5, np.nan)[()]

    #: Shapes of both signs have a heavy tail on one side.
    _shapes_with_skew = (-1.0 / 3.0 + 1e-9, 1.0 / 3.0 - 1e-9)

    def entropy(self) -> Array:
        """``log(scale) + 2``: the standard variate has mean 0."""
        return np.log(self.scale) + 2.0 + 0.0 * self.shape

    def mean_beyond(self, p: ArrayLike) -> Array:
        """Average of ``ppf(u)`` over u in (p, 1), an incomplete beta function; NaN for shapes that have no mean."""
        p, shape = np.broadcast_arrays(np.asarray(p, dtype=np.float64), self.shape)

        def standard(xi: Array, p: Array) -> Array:
            with np.errstate(all="ignore"):
                return (_ratio(xi) * scipy.special.betaincc(1.0 + xi, 1.0 - xi, p) / (1.0 - p) - 1.0) / xi

        with np.errstate(all="ignore"):
            value = across_zero(standard, shape, 0.01, p)
        return np.where(np.abs(shape) < 1.0, self.loc + self.scale * value, np.nan)[()]

    @classmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> Array:
        """``shape = t3``, ``scale = l2 sin(pi t3)/(pi t3)`` (Hosking and Wallis 1997, A.7)."""
        shape = np.where(np.abs(t3) < 1.0, t3, np.nan)
        scale = l2 / _ratio(shape)
        return np.stack([l1 - scale * _mean(shape), scale, shape], axis=-1)

    def lmoments(self) -> tuple[Array, Array, Array, Array]:
        """L-moments l1, l2, t3 and t4; of the ratios ``shape`` and (1 + 5 shape^2)/6."""
        xi = self.shape
        return self.mean(), self.scale * _ratio(xi), xi + 0.0, (1.0 + 5.0 * xi * xi) / 6.0

    @classmethod
    def inside(cls, parameters: Array) -> Mask:  # type: ignore[override]
        """Where scale > 0 and -1 < shape < 1: beyond, the likelihood has no bound."""
        return super().inside(parameters) & (np.abs(parameters[2]) < 1.0)

    @classmethod
    def regular(cls, parameters: Array) -> Mask:
        """For shapes between -0.5 and 0.5: the density ends as steeply below as above."""
        return np.asarray(np.abs(parameters[:, -1]) < 0.5)


def _ratio(x: Array) -> Array:
    """pi x/sin(pi x)."""
    return 1.0 / np.sinc(x)


def _mean(shape: Array) -> Array:
    """(pi shape/sin(pi shape) - 1)/shape."""
    with np.errstate(all="ignore"):
        series = shape * np.polynomial.Polynomial(_ONE.coef[1:])(np.square(shape))
        return np.where(np.abs(shape) < 0.2, series, (_ratio(shape) - 1.0) / shape)


def _beyond(shape: Array) -> Array:
    return np.where(shape >= 1.0, np.inf, np.where(shape <= -1.0, -np.inf, np.nan))
