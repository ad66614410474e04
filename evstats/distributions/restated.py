"""Distributions that are those of another family in other parameters."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.distributions.base import Family
from evstats.errors import ArgumentError


@dataclass(frozen=True, eq=False, repr=False)
class Restated(Family):
    """A family whose members are those of another in other parameters, and that is estimated in a way of its own."""

    @property
    @abstractmethod
    def same(self) -> Family:
        """The same distribution as a member of the other family."""

    def logpdf(self, x: ArrayLike) -> Array:
        """Of the same distribution."""
        return self.same.logpdf(x)

    def mean(self) -> Array:
        """Of the same distribution."""
        return self.same.mean()

    def var(self) -> Array:
        """Of the same distribution."""
        return self.same.var()

    def skew(self) -> Array:
        """Of the same distribution."""
        return self.same.skew()

    def entropy(self) -> Array:
        """Of the same distribution."""
        return self.same.entropy()

    def support(self) -> tuple[Array, Array]:
        """Of the same distribution."""
        return self.same.support()

    def mean_beyond(self, p: ArrayLike) -> Array:
        """Of the same distribution."""
        return self.same.mean_beyond(p)

    def to_scipy(self) -> Any:
        """That of the same distribution."""
        return self.same.to_scipy()

    @classmethod
    def from_moments(cls, mean: Array, std: Array, skew: Array) -> Array:
        """Always an error: moments of one block maximum do not give these parameters."""
        raise ArgumentError(f"the parameters of {cls.__name__} do not follow from moments of annual maxima.")

    @classmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> Array:
        """Always an error: L-moments of one block maximum do not give these parameters."""
        raise ArgumentError(f"the parameters of {cls.__name__} do not follow from L-moments of annual maxima.")

    @classmethod
    def from_scipy(cls, frozen: Any) -> Any:
        """Always an error: SciPy has no such family."""
        raise ArgumentError(f"SciPy has no {cls.__name__}.")


__all__ = ["Restated"]
