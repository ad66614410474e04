"""Prior densities for Bayesian fits, and the sample sizes from which on they give a proper posterior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array, Places
from evstats.distributions import Family
from evstats.errors import ArgumentError, DataError
from evstats.models.penalties import LogPenalty, MartinsStedinger, Penalty
from evstats.registry import Registry
from evstats.text.arguments import Setting, Text

#: Takes parameters in the family's order and the data's unit, (..., k), to the log of a prior density, shape (...).
PriorFunction = Callable[[Array], ArrayLike]


@dataclass(frozen=True)
class MaximalDataInformation(Penalty):
    """The shape's factor exp(-gamma xi) of the maximal data information prior, gamma Euler's constant, for xi >= -1."""

    def log_penalty(self, shape: Array) -> LogPenalty:
        """``-gamma xi``, with its derivatives."""
        value = np.where(shape >= -1.0, -np.euler_gamma * shape, -np.inf)
        return LogPenalty(value, np.full(np.shape(shape), -np.euler_gamma), np.zeros(np.shape(shape)))


@dataclass(frozen=True)
class NormalDensity(Penalty):
    """A normal density of the shape, of mean 0."""

    sd: float

    def log_penalty(self, shape: Array) -> LogPenalty:
        """``-(xi/sd)^2/2``, with its derivatives."""
        precision = 1.0 / self.sd**2
        return LogPenalty(-0.5 * precision * shape**2, -precision * shape, np.full(np.shape(shape), -precision))


class Prior:
    """A prior density 1/scale times a function of the shape: flat in location and in the logarithm of the scale."""

    name: ClassVar[str]
    #: Fewest values from which the posterior of a family with a shape is proper.
    least_with_shape: ClassVar[int] = 3
    #: Whether a family without a shape has no use for it.
    of_shape: ClassVar[bool] = False

    @property
    def penalty(self) -> Penalty | None:
        """The shape's factor as a penalty on the likelihood; None where it is constant, or none of the shape alone."""
        return None

    def check(self, family: type[Family], counts: Places | int) -> None:
        """Raise where the posterior of so many values would be improper."""
        if len(family.scales) > 1:
            raise ArgumentError(
                f"the {self.name} prior gives {family.label} an improper posterior: where its second population lies "
                "far below the data the likelihood no longer falls, and neither does the prior.",
                Text("Use ", Setting("prior", "weak"), ", or a proper prior of your own."),
            )
        _refuse_other_shapes(self.name, family)
        if "shape" not in family.parameter_names:
            if self.of_shape:
                raise ArgumentError(
                    Text(Setting("prior", self.name), f" is a prior of the shape, and {family.label} has none"),
                    Text("use ", Setting("prior", "flat"), "."),
                )
            return
        fewest = np.min(counts, initial=self.least_with_shape)
        if fewest < self.least_with_shape:
            raise DataError(
                f"the {self.name} prior gives {family.label} an improper posterior from {fewest} values; it takes "
                f"{self.least_with_shape} or more."
            )

    def log_shape(self, shape: Array) -> Array:
        """The logarithm of the shape's factor; -inf at or below -1, where the likelihood is unbounded."""
        value = np.zeros(np.shape(shape)) if self.penalty is None else self.penalty.log_penalty(shape).value
        return np.where(shape > -1.0, value, -np.inf)


def _refuse_other_shapes(prior: str, family: type[Family]) -> None:
    """Raise for a family with shapes of which a named prior knows nothing."""
    known = {family.parameter_names[place] for place in (*family.locations, *family.scales)} | {"shape"}
    if others := [name for name in family.parameter_names if name not in known]:
        raise ArgumentError(
            f"the {prior} prior says nothing of {' and '.join(others)}, which {family.label} has",
            "pass a proper prior of your own, a function of the parameters.",
            argument="prior",
        )


@dataclass(frozen=True)
class Flat(Prior):
    """Flat in location, log scale and shape, for shapes above -1; proper from 4 values on.

    References
    ----------
    Northrop, P. J. and Attalides, N. (2016). Statistica Sinica 26, 721-743.
    """

    name = "flat"
    least_with_shape = 4


@dataclass(frozen=True)
class MDI(Prior):
    """The maximal data information prior, density exp(-gamma xi)/scale, truncated at xi >= -1.

    Without the truncation it is improper and so is every posterior, however many values there are (Northrop and
    Attalides 2016).

    References
    ----------
    Beirlant, J., Goegebeur, Y., Segers, J. and Teugels, J. (2004). Statistics of Extremes. Wiley, section 11.3.1.
    """

    name = "mdi"

    @property
    def penalty(self) -> Penalty | None:
        """exp(-gamma xi)."""
        return MaximalDataInformation()


@dataclass(frozen=True)
class Beta(Prior):
    """The geophysical prior of Martins and Stedinger (2000) for the shape, a beta density on (-0.5, 0.5); 1/scale.

    Parameters
    ----------
    p, q : of the beta density, as in ``MartinsStedinger``.
    """

    p: float = 9.0
    q: float = 6.0

    name = "beta"
    of_shape = True

    def __post_init__(self) -> None:
        MartinsStedinger(self.p, self.q)

    @property
    def penalty(self) -> Penalty | None:
        """The beta density."""
        return MartinsStedinger(self.p, self.q)


@dataclass(frozen=True)
class NormalShape(Prior):
    """Flat in location and log scale, the shape normal with mean 0, for shapes above -1; proper from 3 values on.

    Of a GEV everything under this prior but the posterior's draws is quadrature, for many series at once. Where the
    likelihood has no interior maximum it stands in for it.

    Parameters
    ----------
    sd : standard deviation of the shape.
    """

    sd: float = 0.2

    name = "normal"
    of_shape = True

    def __post_init__(self) -> None:
        if not 0.0 < self.sd <= 1.0:
            raise ArgumentError(f"sd is {self.sd!r}", "expected a standard deviation of the shape in (0, 1].")

    @property
    def penalty(self) -> Penalty | None:
        """The normal density."""
        return NormalDensity(self.sd)


@dataclass(frozen=True)
class Weak(Prior):
    """Wide normal densities for every location and log scale, about the data: proper for two populations too.

    In units of the data's standard deviation s about their mean m: locations normal with mean m and standard deviation
    5 s, log scales with mean log(s/2) and standard deviation 1; a shape, if there is one, with mean 0 and standard
    deviation 0.3. It uses the data's size twice, which is harmless for widths so far beyond it.
    """

    name = "weak"

    def check(self, family: type[Family], counts: Places | int) -> None:
        """Proper for every family without shapes of its own."""
        _refuse_other_shapes(self.name, family)


PRIORS: Registry[type[Prior]] = Registry("prior", {prior.name: prior for prior in (Flat, MDI, Beta, NormalShape, Weak)})
