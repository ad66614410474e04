"""Two families as an outsider would write them, each from "A new family" of evstats/README.md alone.

``Logistic`` has a location and a scale; ``SinhGumbel`` has two shapes besides, neither of them the GEV's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evstats import Gumbel
from evstats.distributions import FAMILIES, Family
from evstats.distributions.derivatives import Reduced
from evstats.distributions.minima import Mirrored
from evstats.errors import ArgumentError

Array = NDArray[np.float64]
#: Families of the house whose maxima are of another family; tests of what all others have in common leave them out.
REGIONAL = ("glo", "gno", "pe3", "gpa", "kappa")
#: For averages over what lies beyond a probability.
NODES, WEIGHTS = np.polynomial.laguerre.laggauss(24)
#: Derivatives of a function of (z, shapes...): the first by place, the second by two places.
First, Second = Callable[[int], Array], Callable[[int, int], Array]


def standardised(family: Family, z: Array, y: Array, log_slope: Array, in_y: Any, in_log_slope: Any) -> Reduced:
    """What a function y(z, shapes) and log dy/dz, z = (x - loc)/scale, are in (loc, scale, shapes).

    ``in_y`` and ``in_log_slope`` are pairs: derivatives by place and by two places, place 0 being z.
    """
    inverse = 1.0 / family.scale
    z_first = -inverse, -z * inverse  # in location and scale
    z_second = 0.0 * z, inverse * inverse + 0.0 * z, 2.0 * z * inverse * inverse

    def first(of: tuple[First, Second], place: int) -> Array:
        return of[0](0) * z_first[place] if place < 2 else of[0](place - 1)

    def twice(of: tuple[First, Second], i: int, j: int) -> Array:
        if j < 2:
            return of[1](0, 0) * z_first[i] * z_first[j] + of[0](0) * z_second[i + j]
        return of[1](0, j - 1) * z_first[i] if i < 2 else of[1](i - 1, j - 1)

    def second(i: int, j: int) -> tuple[Array, Array]:
        extra = inverse * inverse if i == j == 1 else 0.0
        return twice(in_y, i, j), twice(in_log_slope, i, j) + extra

    k = len(family.parameter_names)
    return Reduced(
        y,
        log_slope - np.log(family.scale),
        tuple(first(in_y, place) for place in range(k)),
        tuple(first(in_log_slope, place) - (inverse if place == 1 else 0.0) for place in range(k)),
        second,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Logistic(Family):
    """F(x) = 1/(1 + exp(-z)), z = (x - loc)/scale."""

    name = "toy-logistic"
    label = "Toy logistic"
    parameter_names = ("loc", "scale")

    def from_gumbel(self, g: ArrayLike) -> Array:
        with np.errstate(over="ignore", divide="ignore"):
            rate = np.exp(-np.asarray(g, dtype=np.float64))  # -log F
            return self.loc + self.scale * np.where(rate < 1e-8, g - 0.5 * rate, -np.log(np.expm1(rate)))

    def _z(self, x: ArrayLike) -> Array:
        return (np.asarray(x, dtype=np.float64) - self.loc) / self.scale

    def reduced(self, x: ArrayLike) -> Array:
        z = self._z(x)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            return np.where(z > 18.0, z + 0.5 * np.exp(-z), -np.log(np.logaddexp(0.0, -z)))[()]

    def logpdf(self, x: ArrayLike) -> Array:
        z = self._z(x)
        with np.errstate(invalid="ignore"):
            value = -np.abs(z) - 2.0 * np.log1p(np.exp(-np.abs(z))) - np.log(self.scale)
        return np.where(np.isinf(z), -np.inf, value)[()]

    def reduced_derivatives(self, x: ArrayLike) -> Reduced:
        z, y = self._z(x), self.reduced(x)
        with np.errstate(all="ignore"):
            above = np.exp(-np.logaddexp(0.0, z))
            below = np.exp(-np.logaddexp(0.0, -z))
            log_slope = y - np.logaddexp(0.0, z)
            slope = np.exp(log_slope)
            bend = slope - below
        in_y = (lambda i: slope, lambda i, j: slope * bend)
        return standardised(self, z, y, log_slope, in_y, (lambda i: bend, lambda i, j: slope * bend - below * above))

    def mean(self) -> Array:
        return self.loc + 0.0

    def var(self) -> Array:
        return (np.pi * self.scale) ** 2 / 3.0

    def skew(self) -> Array:
        return 0.0 * self.loc

    def entropy(self) -> Array:
        return np.log(self.scale) + 2.0

    def support(self) -> tuple[Array, Array]:
        return self.loc - np.inf, self.loc + np.inf

    def mean_beyond(self, p: ArrayLike) -> Array:
        p = np.asarray(p, dtype=np.float64)
        return self.loc + self.scale * -(p * np.log(p) + (1.0 - p) * np.log1p(-p)) / (1.0 - p)

    def power(self, k: ArrayLike) -> Family:
        raise ArgumentError("a power of a logistic distribution is none; ask for the maximum of a block.")

    @classmethod
    def from_moments(cls, mean: Array, std: Array, skew: Array) -> Array:
        return np.stack([mean, std * np.sqrt(3.0) / np.pi], axis=-1)

    @classmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> Array:
        return np.stack([l1, l2], axis=-1)

    def to_scipy(self) -> Any:
        import scipy.stats

        return scipy.stats.logistic(self.loc, self.scale)

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        return cls(*frozen.args)


@dataclass(frozen=True, eq=False, repr=False)
class LogisticMin(Mirrored):
    """Minima whose negatives are logistic."""

    name = "toy-logistic-min"
    label = "Toy logistic (minima)"
    parameter_names = ("loc", "scale")
    maxima = Logistic

    def to_scipy(self) -> Any:
        return self.reflection.to_scipy()

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        return cls._reflect_back(Logistic.from_scipy(frozen))


@dataclass(frozen=True, eq=False, repr=False)
class SinhGumbel(Family):
    """Gumbel noise bent by the sinh-arcsinh transformation: z = sinh(exp(tail) (asinh g + lean)).

    Whole line, all moments; Gumbel at (0, 0). Jones and Pewsey (2009), Biometrika 96, 761-780.
    """

    lean: Array
    tail: Array

    name = "toy-sinh"
    label = "Toy sinh-Gumbel"
    parameter_names = ("loc", "scale", "lean", "tail")

    def from_gumbel(self, g: ArrayLike) -> Array:
        with np.errstate(over="ignore"):
            bent = np.sinh(np.exp(self.tail) * (np.arcsinh(np.asarray(g, dtype=np.float64)) + self.lean))
            return self.loc + self.scale * bent

    def _t(self, z: Array) -> Array:
        return np.exp(-self.tail) * np.arcsinh(z) - self.lean

    def reduced(self, x: ArrayLike) -> Array:
        with np.errstate(over="ignore"):
            return np.sinh(self._t((np.asarray(x, dtype=np.float64) - self.loc) / self.scale))

    def logpdf(self, x: ArrayLike) -> Array:
        r = self.reduced_derivatives(x)
        with np.errstate(over="ignore", invalid="ignore"):
            return np.where(np.isinf(r.y), -np.inf, r.log_slope - r.y - np.exp(-r.y))[()]

    def reduced_derivatives(self, x: ArrayLike) -> Reduced:
        with np.errstate(all="ignore"):
            z = (np.asarray(x, dtype=np.float64) - self.loc) / self.scale
            t, squared, steep = self._t(z), 1.0 + z * z, np.exp(-self.tail)
            root, a = np.sqrt(squared), np.arcsinh(z)
            sinh, cosh, tanh = np.sinh(t), np.cosh(t), np.tanh(t)
            one = np.ones_like(z)
            t_first = steep / root, -one, -steep * a
            t_second = {(0, 0): -steep * z / (squared * root), (0, 2): -steep / root, (2, 2): steep * a}
            m_first = -z / squared, 0.0 * z, -one
            m_second = {(0, 0): (z * z - 1.0) / squared**2}

        def in_y(i: int, j: int | None = None) -> Array:
            if j is None:
                return cosh * t_first[i]
            return sinh * t_first[i] * t_first[j] + cosh * t_second.get((i, j), 0.0)

        def in_log_slope(i: int, j: int | None = None) -> Array:
            if j is None:
                return tanh * t_first[i] + m_first[i]
            bend = (1.0 - tanh * tanh) * t_first[i] * t_first[j]
            return bend + tanh * t_second.get((i, j), 0.0) + m_second.get((i, j), 0.0)

        with np.errstate(invalid="ignore"):
            log_slope = np.logaddexp(t, -t) - np.log(2.0) - self.tail - 0.5 * np.log(squared)
        return standardised(self, z, sinh, log_slope, (in_y, in_y), (in_log_slope, in_log_slope))

    def _expected(self, function: Callable[[Array], Array]) -> Array:
        """The expectation of a function of standard values, by the trapezoidal rule in the noise."""
        g = np.linspace(-6.0, 60.0, 6_601)
        standard = type(self)(0.0 * self.loc, 1.0 + 0.0 * self.loc, self.lean, self.tail)[..., None].from_gumbel(g)
        return np.sum(function(standard) * np.exp(-g - np.exp(-g)), axis=-1) * (g[1] - g[0])

    def mean(self) -> Array:
        return self.loc + self.scale * self._expected(lambda x: x)

    def var(self) -> Array:
        return self.scale**2 * (self._expected(np.square) - self._expected(lambda x: x) ** 2)

    def skew(self) -> Array:
        first, second, third = (self._expected(lambda x, k=k: x**k) for k in (1, 2, 3))  # type: ignore[misc]
        return (third - 3.0 * first * second + 2.0 * first**3) / (second - first**2) ** 1.5

    def entropy(self) -> Array:
        g = np.linspace(-6.0, 60.0, 6_601)
        weight = np.exp(-g - np.exp(-g)) * (g[1] - g[0])
        each = self[..., None]
        return -np.sum(each.logpdf(each.from_gumbel(g)) * weight, axis=-1)

    def support(self) -> tuple[Array, Array]:
        return self.loc - np.inf, self.loc + np.inf

    def mean_beyond(self, p: ArrayLike) -> Array:
        beyond = (1.0 - np.asarray(p, dtype=np.float64))[..., None] * np.exp(-NODES)
        return np.sum(self[..., None].isf(beyond) * WEIGHTS, axis=-1)

    def power(self, k: ArrayLike) -> Family:
        raise ArgumentError("a power of a sinh-Gumbel distribution is none; ask for the maximum of a block.")

    @classmethod
    def from_moments(cls, mean: Array, std: Array, skew: Array) -> Array:
        raise ArgumentError("the toy sinh-Gumbel has four parameters, which moments cannot find; use method='mle'.")

    @classmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> Array:
        raise ArgumentError("the toy sinh-Gumbel has four parameters, which L-moments cannot find; use method='mle'.")

    @classmethod
    def likelihood_start(cls, l1: Array, l2: Array, t3: Array, lowest: Array, highest: Array) -> Array:
        """The Gumbel with these L-moments."""
        return np.stack([*Gumbel.from_lmoments(l1, l2, t3).T, 0.0 * l1, 0.0 * l1])

    def to_scipy(self) -> Any:
        raise ArgumentError("SciPy has no sinh-Gumbel.")

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        raise ArgumentError("SciPy has no sinh-Gumbel.")


TOYS: dict[str, type[Family]] = {toy.name: toy for toy in (Logistic, LogisticMin, SinhGumbel)}


@contextmanager
def registered() -> Iterator[None]:
    """The toys in the registry of families, by their names."""
    with ExitStack() as stack:
        for toy in TOYS.values():
            stack.enter_context(FAMILIES.holding(toy.name, toy))
        yield
