"""Families whose members are multiples of each other: location and scale in one proportion, as they grow together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array, Mask
from evstats.distributions.base import Family
from evstats.distributions.derivatives import Reduced
from evstats.distributions.gev import GEV
from evstats.distributions.gumbel import Gumbel
from evstats.distributions.restated import Restated


@dataclass(frozen=True, eq=False, repr=False)
class Proportional(Restated):
    """X = origin + exp(log_factor) (Z - origin), with Z of the family ``around`` (loc, scale, shape) it is made of.

    Counted from the origin all members are multiples of one: location and scale grow together, by the same factor. The
    origin is zero in the unit of the data, given and not estimated; it moves with them where they are standardised, so
    that it is a location, and the two locations together move the whole distribution.

    Attributes
    ----------
    loc, scale
        Those of the family ``around``, of shape batch, in the unit of the data.

    References
    ----------
    - Philip, S. et al. (2020). Advances in Statistical Climatology, Meteorology and Oceanography 6, 177-203, section
      4.

    Examples
    --------
    >>> from evstats.distributions import GEV, PROPORTIONAL
    >>> warmer = PROPORTIONAL["gev"](100.0, 20.0, 0.1, 0.05, 0.0)
    >>> round(float(warmer.isf(0.01) / GEV(100.0, 20.0, 0.1).isf(0.01)), 4)
    1.0513
    """

    if TYPE_CHECKING:  # fields of the families, behind their shapes
        log_factor: Array
        origin: Array

    #: The family that it is made of, the places of whose parameters are the same.
    around: ClassVar[type[Family]]

    @property
    def growth(self) -> Array:
        """The logarithm of the factor."""
        return self.log_factor

    @classmethod
    def of_state(cls) -> type[Family]:
        """The family that it is made of."""
        return cls.around

    def as_state(self) -> Family:
        """The distribution as one of the family that it is made of."""
        factor = np.exp(self.growth)
        shapes = (getattr(self, name) for name in self.around.parameter_names[2:])
        return self.around.trial(self.origin + factor * (self.loc - self.origin), factor * self.scale, *shapes)

    @property
    def same(self) -> Family:
        """The distribution as one of the family that it is made of."""
        return self.as_state()

    def _still(self) -> Family:
        """That of Z."""
        return self.around.trial(*(getattr(self, name) for name in self.around.parameter_names))

    def from_gumbel(self, g: ArrayLike) -> Array:
        """The level of Z, as many times as far from the origin."""
        return self.origin + np.exp(self.growth) * (self._still().from_gumbel(g) - self.origin)

    def reduced(self, x: ArrayLike) -> Array:
        """That of Z at the level there, as many times as near to the origin."""
        return self._still().reduced(self.origin + np.exp(-self.growth) * (np.asarray(x) - self.origin))

    def power(self, k: ArrayLike) -> Family:
        """The distribution of the extreme of k blocks, as one of the family that it is made of."""
        return self.as_state().power(k)

    @classmethod
    def inside(cls, parameters: object) -> Mask:
        """Where those of the family that it is made of are."""
        return cls.around.inside(parameters)  # type: ignore[arg-type]

    def reduced_derivatives(self, x: ArrayLike) -> Reduced:
        """Those of Z at z = origin + (x - origin) exp(-log_factor), by the chain rule.

        Z has a location, so that d/dz is -d/dloc; z_h = -(z - origin) in h = log_factor and z_o = 1 - exp(-h) in the
        origin.
        """
        with np.errstate(all="ignore"):
            shrunk = np.exp(-self.growth)
            from_origin = (np.asarray(x, dtype=np.float64) - self.origin) * shrunk
            r = self._still().reduced_derivatives(self.origin + from_origin)
            moved = (from_origin, shrunk - 1.0)  # -dz/dh, -dz/do
        k = len(r.y_first)

        def second(i: int, j: int) -> tuple[Array, Array]:
            if j < k:
                return r.second(i, j)
            with np.errstate(all="ignore"):
                if i < k:
                    return _times(r.second(0, i), moved[j - k])
                bent = _times(r.second(0, 0), moved[i - k] * moved[j - k])
                # d2z/dh2 = z - origin, d2z/dh do = exp(-h)
                twice = None if i > k else from_origin if j == k else shrunk
                return (
                    bent if twice is None else (bent[0] - r.y_first[0] * twice, bent[1] - r.log_slope_first[0] * twice)
                )

        with np.errstate(all="ignore"):
            y_first = tuple(r.y_first[0] * own for own in moved)
            in_factor, in_origin = (r.log_slope_first[0] * own for own in moved)
            return Reduced(
                r.y,
                r.log_slope - self.growth,
                (*r.y_first, *y_first),
                (*r.log_slope_first, in_factor - 1.0, in_origin),
                second,
            )


def _times(pair: tuple[Array, Array], factor: Array) -> tuple[Array, Array]:
    return pair[0] * factor, pair[1] * factor


@dataclass(frozen=True, eq=False, repr=False)
class ProportionalGumbel(Proportional):
    """Multiples of a Gumbel distribution."""

    log_factor: Array
    origin: Array

    name = "gumbel-proportional"
    label = "Gumbel"
    parameter_names = ("loc", "scale", "log_factor", "origin")
    around = Gumbel
    locations, given = (0, 3), (3,)


@dataclass(frozen=True, eq=False, repr=False)
class ProportionalGEV(Proportional):
    """Multiples of a GEV distribution."""

    shape: Array
    log_factor: Array
    origin: Array

    name = "gev-proportional"
    label = "GEV"
    parameter_names = ("loc", "scale", "shape", "log_factor", "origin")
    around = GEV
    locations, given = (0, 4), (4,)
    has_edge = True


#: The families in which location and scale grow in one proportion, by the name of that which they are made of.
PROPORTIONAL: Final[dict[str, type[Proportional]]] = {"gumbel": ProportionalGumbel, "gev": ProportionalGEV}

__all__ = ["PROPORTIONAL", "Proportional", "ProportionalGEV", "ProportionalGumbel"]
