"""The generalised normal distribution: the log-normal of three parameters, through the normal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.special
from numpy.typing import ArrayLike

from evstats.arrays import Array, Mask
from evstats.distributions.bent import Bend, Bent
from evstats.distributions.probabilities import log_sf_of_reduced
from evstats.distributions.special import across_zero, expm1_over
from evstats.habits import knowing_their_names

_HALF_LOG_2PI = 0.5 * float(np.log(2.0 * np.pi))
#: L-skewness below which the shape is looked for.
_HIGHEST_T3 = 0.95


@knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class GNO(Bent):
    """Generalised normal distribution: log(1 + shape (x - loc)/scale)/shape is standard normal.

    Parameters
    ----------
    loc
        The median, in the unit of the data.
    scale
        Positive, in the unit of the data.
    shape
        Standard deviation of the logarithm, with the sign of the skewness; 0 is the normal distribution. Hosking's
        k is -shape.

    References
    ----------
    - Hosking, J. R. M. and Wallis, J. R. (1997). Regional Frequency Analysis. Cambridge University Press, A.8.

    Examples
    --------
    >>> from evstats.distributions import GNO
    >>> float(GNO(loc=1.0, scale=0.3, shape=0.4).isf(0.01).round(3))
    2.152
    """

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike, shape: ArrayLike) -> None: ...

    name = "gno"
    label = "GNO"
    literature = (
        "Hosking, J. R. M. and Wallis, J. R. (1997). Regional Frequency Analysis. Cambridge University Press, A.8.",
    )
    shape_is_xi = False
    shape_in_words = "shape has the sign of the skewness (0: normal); Hosking's k is -shape."

    def _variate(self, g: Array) -> Array:
        lower = scipy.special.ndtri_exp(-np.exp(-g))
        return np.where(g < 0.3665, lower, -scipy.special.ndtri_exp(log_sf_of_reduced(np.maximum(g, 0.3))))

    def _reduced(self, v: Array) -> Array:
        return -np.log(-scipy.special.log_ndtr(v))

    def _log_density(self, v: Array) -> Array:
        return -0.5 * v * v - _HALF_LOG_2PI

    def _bend(self, v: Array) -> Bend:
        log_below, log_density = scipy.special.log_ndtr(v), self._log_density(v)
        y = -np.log(-log_below)
        mills = np.exp(log_density - log_below)
        log_slope = log_density - log_below + y
        slope = np.exp(log_slope)
        bend = slope - v - mills
        return Bend(y, slope, slope * bend, log_slope, bend, slope * bend - 1.0 + mills * (v + mills))

    def mean(self) -> Array:
        """``loc + scale (exp(shape^2/2) - 1)/shape``."""
        return self.loc + self.scale * expm1_over(self.shape, 0.5 * self.shape)

    def var(self) -> Array:
        """``scale^2 exp(shape^2) (exp(shape^2) - 1)/shape^2``."""
        s = self.shape**2
        return self.scale**2 * np.exp(s) * expm1_over(s, np.ones_like(s))

    def skew(self) -> Array:
        """``(exp(shape^2) + 2) (exp(shape^2) - 1)^1/2``, with the sign of the shape."""
        w = np.expm1(self.shape**2)
        return np.sign(self.shape) * (w + 3.0) * np.sqrt(w)

    @classmethod
    def _shape_from_skew(cls, skew: Array) -> Array:
        """With b = exp(shape^2): (b + 2)^2 (b - 1) = skew^2, a cubic with one root."""
        root = np.cbrt(1.0 + 0.5 * skew**2 + np.abs(skew) * np.sqrt(1.0 + 0.25 * skew**2))
        return np.sign(skew) * np.sqrt(np.log(np.maximum(root + 1.0 / root - 1.0, 1.0)))

    def entropy(self) -> Array:
        """``log(scale) + log(2 pi e)/2``: the standard variate has mean 0."""
        return np.log(self.scale) + _HALF_LOG_2PI + 0.5 + 0.0 * self.shape

    def mean_beyond(self, p: ArrayLike) -> Array:
        """Average of ``ppf(u)`` over u in (p, 1)."""
        p, shape = np.broadcast_arrays(np.asarray(p, dtype=np.float64), self.shape)
        z = scipy.special.ndtri(p)

        def standard(xi: Array, p: Array, z: Array) -> Array:
            with np.errstate(all="ignore"):
                return (np.exp(0.5 * xi * xi) * scipy.special.ndtr(xi - z) / (1.0 - p) - 1.0) / xi

        return self.loc + self.scale * across_zero(standard, shape, 0.01, p, z)[()]

    @classmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> Array:
        """The shape from the L-skewness, then scale and location (Hosking and Wallis 1997, A.8)."""
        shape = _shape_from_lskew(np.where(np.abs(t3) < _HIGHEST_T3, t3, np.nan))
        scale = l2 / _l2(shape)
        return np.stack([l1 - scale * expm1_over(shape, 0.5 * shape), scale, shape], axis=-1)

    def lmoments(self) -> tuple[Array, Array, Array, Array]:
        """L-moments l1, l2, t3 and t4; the last by quadrature."""
        return self.mean(), self.scale * _l2(self.shape), _lskew(self.shape)[0], _lkurtosis(self.shape)

    @classmethod
    def regular(cls, parameters: Array) -> Mask:
        """Everywhere: the density vanishes at its end faster than any power."""
        return np.ones(len(parameters), dtype=np.bool_)


def _l2(shape: Array) -> Array:
    """exp(shape^2/2) erf(shape/2)/shape."""
    half = 0.5 * np.asarray(shape)
    small = np.abs(half) < 1e-8
    with np.errstate(all="ignore"):
        ratio = np.where(small, 1.0 / np.sqrt(np.pi), scipy.special.erf(half) / (2.0 * half))
    return np.exp(2.0 * half * half) * ratio


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
_NODES, _WEIGHTS = 0.5 + 0.5 * _NODES, 0.5 * _WEIGHTS


def _lskew(shape: Array) -> tuple[Array, Array]:
    """L-skewness 6/pi^(1/2)/erf(s) times the integral of erf(x/3^(1/2)) exp(-x^2) from 0 to s = shape/2, and its slope
    (Hosking 1990, table 1).
    """
    s = 0.5 * np.asarray(shape, dtype=np.float64)
    s = np.where(np.abs(s) < 1e-9, 1e-9, s)  # the ratio is linear there
    x = s[..., None] * _NODES
    area = s * np.sum(scipy.special.erf(x / np.sqrt(3.0)) * np.exp(-x * x) * _WEIGHTS, axis=-1)
    below, density = scipy.special.erf(s), np.exp(-s * s)
    value = area / below
    slope = (scipy.special.erf(s / np.sqrt(3.0)) - value * 2.0 / np.sqrt(np.pi)) * density / below
    six = 6.0 / np.sqrt(np.pi)
    return np.where(np.abs(shape) < 2e-9, six * slope * 0.5 * shape, six * value), 0.5 * six * slope


def _shape_from_lskew(t3: Array) -> Array:
    """Newton's method from Hosking's rational approximation, good to 2e-6."""
    s = t3 * t3
    above = 2.0466534 + s * (-3.6544371 + s * (1.8396733 - 0.20360244 * s))
    shape = t3 * above / (1.0 + s * (-2.0182173 + s * (1.2420401 - 0.21741801 * s)))
    for _ in range(3):
        value, slope = _lskew(shape)
        shape = shape - (value - t3) / slope
    return shape


def _lkurtosis(shape: Array) -> Array:
    """L-kurtosis: the fourth L-moment of exp(shape z) over the second, by quadrature over the normal variate.

    With the variate moved by the shape the exponential is a constant factor; at shape 0 the function is the normal's.
    """
    z, weights = 14.0 * (2.0 * _FINE - 1.0), 28.0 * _FINE_WEIGHTS
    shape = np.asarray(shape, dtype=np.float64)

    def ratio(xi: Array) -> Array:
        moved = z + xi[..., None]
        u = scipy.special.ndtr(moved)
        density = np.exp(-0.5 * z * z) * weights
        second = np.sum((2.0 * u - 1.0) * density, axis=-1)
        fourth = np.sum((((20.0 * u - 30.0) * u + 12.0) * u - 1.0) * density, axis=-1)
        return np.asarray(fourth / second)

    return across_zero(ratio, shape, 0.02)


_FINE, _FINE_WEIGHTS = np.polynomial.legendre.leggauss(128)
_FINE, _FINE_WEIGHTS = 0.5 + 0.5 * _FINE, 0.5 * _FINE_WEIGHTS
