"""Families that are a GEV's curve of another standard variate: x = loc + scale (exp(shape v) - 1)/shape.

Of the GEV v is the standard Gumbel variate; of the generalised logistic a logistic one, of the generalised normal a
normal, of the generalised Pareto an exponential. Such a family writes how v and the reduced variate follow from each
other; the rest is the curve's, through shape 0.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.distributions import special
from evstats.distributions.base import Family
from evstats.distributions.derivatives import Reduced
from evstats.distributions.gev import GEV
from evstats.distributions.refusals import no_power, not_in_scipy


class Bend(NamedTuple):
    """The reduced variate y of a standard variate v and log dy/dv, each with two derivatives in v."""

    y: Array
    first: Array
    second: Array
    log_slope: Array
    log_first: Array
    log_second: Array


@dataclass(frozen=True, eq=False, repr=False)
class Bent(Family):
    """A family with a location, a scale and a shape xi, of Coles' sign, that curves its standard variate."""

    shape: Array

    parameter_names: ClassVar[tuple[str, ...]] = ("loc", "scale", "shape")
    shape_in_words = "shape is xi in Coles' sign (positive: heavy tail); Hosking's k is -shape."

    # -- what a family writes ------------------------------------------------------------------------------------------

    @abstractmethod
    def _variate(self, g: Array) -> Array:
        """The standard variate v with the reduced variate g."""

    @abstractmethod
    def _reduced(self, v: Array) -> Array:
        """The reduced variate of v: the inverse."""

    @abstractmethod
    def _log_density(self, v: Array) -> Array:
        """Logarithm of the density of the standard variate."""

    @abstractmethod
    def _bend(self, v: Array) -> Bend:
        """The reduced variate of v with its derivatives."""

    # -- what follows --------------------------------------------------------------------------------------------------

    def _curve(self) -> GEV:
        """The curve, as a GEV whose reduced variate is v."""
        return GEV.trial(*(np.asarray(part) for part in (self.loc, self.scale, self.shape)))

    def from_gumbel(self, g: ArrayLike) -> Array:
        """The curve of the standard variate."""
        with np.errstate(all="ignore"):
            return self._curve().from_gumbel(self._variate(np.asarray(g, dtype=np.float64)))

    def reduced(self, x: ArrayLike) -> Array:
        """The reduced variate of v; +inf above an upper, -inf below a lower endpoint."""
        with np.errstate(all="ignore"):
            return self._reduced(np.asarray(self._curve().reduced(x)))[()]

    def logpdf(self, x: ArrayLike) -> Array:
        """Logarithm of the density; -inf outside the support."""
        with np.errstate(all="ignore"):
            v = np.asarray(self._curve().reduced(x))
            value = self._log_density(v) - np.log(self.scale) - self.shape * v
        return np.where(np.isinf(v), -np.inf, value)[()]

    def reduced_derivatives(self, x: ArrayLike) -> Reduced:
        """Those of the curve, bent by the standard variate."""
        r = self._curve().reduced_derivatives(x)
        with np.errstate(all="ignore"):
            inside = np.where(np.isinf(r.y), np.nan, r.y)
            b = self._bend(inside)
            y = np.where(np.isinf(r.y), r.y, np.where(np.isnan(b.y) & ~np.isnan(inside), -np.inf, b.y))
            return Reduced(
                y,
                b.log_slope + r.log_slope,
                tuple(b.first * each for each in r.y_first),
                tuple(b.log_first * each + own for each, own in zip(r.y_first, r.log_slope_first, strict=True)),
                lambda i, j: _bent(b, r, i, j),
            )

    @classmethod
    def likelihood_start(cls, l1: Array, l2: Array, t3: Array, lowest: Array, highest: Array) -> Array:
        """The L-moment estimates, the shape drawn in until all values are in the support."""
        with np.errstate(invalid="ignore", divide="ignore"):
            loc, scale, shape = cls.from_lmoments(l1, l2, np.clip(t3, -0.5, 0.5)).T
            shape = np.where(highest > loc, np.maximum(shape, -0.9 * scale / (highest - loc)), shape)
            shape = np.where(lowest < loc, np.minimum(shape, 0.9 * scale / (loc - lowest)), shape)
        return np.stack([loc, scale, shape])

    def support(self) -> tuple[Array, Array]:
        """Lower endpoint ``loc - scale/shape`` if shape > 0, upper if shape < 0, else infinite."""
        return self._curve().support()

    def power(self, k: ArrayLike) -> Family:
        """Always an error: the extreme of several blocks has another distribution."""
        raise no_power(self.label)

    def to_scipy(self) -> Any:
        """Always an error, but of a family that SciPy has."""
        raise not_in_scipy(self.label)

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """Always an error, but of a family that SciPy has."""
        raise not_in_scipy(cls.label)

    @classmethod
    def from_moments(cls, mean: Array, std: Array, skew: Array) -> Array:
        """The shape from the skewness, then scale and location; NaN where none matches."""
        shape = cls._shape_from_skew(np.asarray(skew, dtype=np.float64))
        standard = cls.trial(np.zeros_like(shape), np.ones_like(shape), shape)
        with np.errstate(invalid="ignore"):
            scale = std / np.sqrt(standard.var())
            return np.stack([mean - scale * standard.mean(), scale, shape], axis=-1)

    @classmethod
    def _shape_from_skew(cls, skew: Array) -> Array:
        """The shape with that skewness, which increases in it and has no end below 1/3."""

        def skewness(shape: Array) -> Array:
            return np.asarray(cls.trial(np.zeros_like(shape), np.ones_like(shape), np.asarray(shape)).skew())

        return special.inverse(skewness, skew, *cls._shapes_with_skew)

    #: Between these shapes the skewness rises from the lowest to the highest there is.
    _shapes_with_skew = (-12.0, 1.0 / 3.0 - 1e-9)


def _bent(b: Bend, r: Reduced, i: int, j: int) -> tuple[Array, Array]:
    """Second derivatives by the chain rule."""
    in_v, own = r.second(i, j)
    with np.errstate(all="ignore"):
        both = r.y_first[i] * r.y_first[j]
        return b.second * both + b.first * in_v, b.log_second * both + b.log_first * in_v + own
