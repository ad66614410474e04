"""Exponential tilting: distributions whose density times exp(t x) is a distribution one can draw from."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, special

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import Gumbel
from evstats.errors import ArgumentError
from evstats.noise import RandomState

__all__ = ["GammaTilt", "GumbelTilt", "NormalTilt", "Tilt", "tilt_of"]


class Tilt(ABC):
    """A distribution with its exponentially tilted members, of density exp(t x - cumulant(t)) f(x).

    To tilt a distribution that evstats does not know, derive from this class and pass an instance.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import montecarlo
    >>> class Exponential(montecarlo.Tilt):
    ...     greatest = 1.0
    ...     def cumulant(self, t):
    ...         return -np.log1p(-t)
    ...     def mean(self, t):
    ...         return 1.0 / (1.0 - t)
    ...     def rvs(self, t, shape, rng):
    ...         return rng.exponential(shape) / (1.0 - t)
    >>> round(Exponential().tilt_to(4.0), 6)
    0.75
    """

    #: The tilt from which on E exp(t X) is infinite.
    greatest: float = math.inf

    @abstractmethod
    def cumulant(self, t: float) -> float:
        """The cumulant generating function, ``log E exp(t X)``.

        Parameters
        ----------
        t
            The tilt, below ``greatest``.

        Returns
        -------
        float
            The logarithm.
        """

    @abstractmethod
    def mean(self, t: float) -> float:
        """Mean of the tilted distribution, the derivative of ``cumulant``; increasing in t.

        Parameters
        ----------
        t
            The tilt, below ``greatest``.

        Returns
        -------
        float
            In the unit of X.
        """

    @abstractmethod
    def rvs(self, t: float, shape: tuple[int, ...], rng: RandomState) -> Array:
        """Independent draws of the tilted distribution.

        Parameters
        ----------
        t
            The tilt, below ``greatest``.
        shape
            Of the draws.
        rng
            A ``noise.Generator``.

        Returns
        -------
        Array
            Of that shape.
        """

    def tilt_to(self, mean: float) -> float:
        """The tilt t >= 0 whose mean is this, 0 where the mean is reached untilted.

        Parameters
        ----------
        mean
            The mean that the tilted distribution is to have.

        Returns
        -------
        float
            The tilt.

        Raises
        ------
        ArgumentError
            A mean that the distribution does not reach.
        """
        if self.mean(0.0) >= mean:
            return 0.0
        high = 0.5 * self.greatest if math.isfinite(self.greatest) else 1.0
        for _ in range(200):
            if self.mean(high) > mean:
                return float(optimize.brentq(lambda t: self.mean(t) - mean, 0.0, high, xtol=1e-12 * high))
            high = 0.5 * (high + self.greatest) if math.isfinite(self.greatest) else 2.0 * high
        raise ArgumentError(f"no tilt has the mean {mean:.6g}: the distribution does not reach that far.")


@dataclass(frozen=True)
class GumbelTilt(Tilt):
    """The Gumbel distribution: exp(-(X - loc)/scale) is standard exponential, tilted Gamma(1 - t scale)."""

    loc: float
    scale: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "greatest", 1.0 / self.scale)

    def cumulant(self, t: float) -> float:
        """``t loc + log Gamma(1 - t scale)``."""
        return float(t * self.loc + special.gammaln(1.0 - t * self.scale))

    def mean(self, t: float) -> float:
        """``loc - scale digamma(1 - t scale)``."""
        return float(self.loc - self.scale * special.digamma(1.0 - t * self.scale))

    def rvs(self, t: float, shape: tuple[int, ...], rng: RandomState) -> Array:
        """``loc - scale log G`` with G of the gamma distribution of shape 1 - t scale."""
        # with G = G' U^(1/a), G' of shape a + 1, the logarithm stays finite however small the shape a is
        a, random = 1.0 - t * self.scale, noise.generator(rng)
        log_gamma = np.log(random.standard_gamma(a + 1.0, shape)) - noise.exponential(shape, rng=random) / a
        return np.asarray(self.loc - self.scale * log_gamma)


@dataclass(frozen=True)
class NormalTilt(Tilt):
    """The normal distribution, tilted to the mean loc + scale^2 t."""

    loc: float
    scale: float

    def cumulant(self, t: float) -> float:
        """``t loc + (t scale)^2/2``."""
        return t * self.loc + 0.5 * (t * self.scale) ** 2

    def mean(self, t: float) -> float:
        """``loc + scale^2 t``."""
        return self.loc + self.scale**2 * t

    def rvs(self, t: float, shape: tuple[int, ...], rng: RandomState) -> Array:
        """Normal draws about the tilted mean."""
        return np.asarray(self.mean(t) + self.scale * noise.generator(rng).standard_normal(shape))


@dataclass(frozen=True)
class GammaTilt(Tilt):
    """The gamma distribution (exponential for shape 1), tilted to the rate 1/scale - t."""

    shape: float
    loc: float
    scale: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "greatest", 1.0 / self.scale)

    def cumulant(self, t: float) -> float:
        """``t loc - shape log(1 - t scale)``."""
        return t * self.loc - self.shape * math.log1p(-t * self.scale)

    def mean(self, t: float) -> float:
        """``loc + shape scale/(1 - t scale)``."""
        return self.loc + self.shape * self.scale / (1.0 - t * self.scale)

    def rvs(self, t: float, shape: tuple[int, ...], rng: RandomState) -> Array:
        """Gamma draws of the tilted rate."""
        draws = noise.generator(rng).standard_gamma(self.shape, shape)
        return np.asarray(self.loc + self.scale / (1.0 - t * self.scale) * draws)


def tilt_of(distribution: Any) -> Tilt:
    """The tilt of a Gumbel distribution, or of a frozen normal, exponential or gamma distribution of SciPy."""
    if isinstance(distribution, Tilt):
        return distribution
    if isinstance(distribution, Gumbel) and distribution.batch_shape == ():
        return GumbelTilt(float(distribution.loc), float(distribution.scale))
    name = getattr(getattr(distribution, "dist", None), "name", None)
    if name in ("norm", "expon", "gamma"):
        shapes, loc, scale = distribution.dist._parse_args(*distribution.args, **distribution.kwds)
        if all(np.ndim(value) == 0 for value in (*shapes, loc, scale)):
            if name == "norm":
                return NormalTilt(float(loc), float(scale))
            return GammaTilt(float(shapes[0]) if shapes else 1.0, float(loc), float(scale))
    label = getattr(distribution, "label", name or type(distribution).__name__)
    raise ArgumentError(
        f"exponential tilting of {label} is not known: it needs a single Gumbel distribution, a frozen "
        "scipy.stats norm, expon or gamma, or a montecarlo.Tilt of your own. Heavy tails cannot be tilted, "
        "since E exp(t X) is infinite: use method='splitting'."
    )
