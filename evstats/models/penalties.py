"""Penalties on the shape parameter: prior knowledge that keeps small samples from absurd tails."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import scipy.special

from evstats.arrays import Array
from evstats.errors import ArgumentError, real_number
from evstats.habits import knowing_their_names
from evstats.registry import Registry


class LogPenalty(NamedTuple):
    """Log-penalty of each shape with its first and second derivative; the value is -inf outside its domain."""

    value: Array
    first: Array
    second: Array


class Penalty(ABC):
    """A density on the shape that multiplies the likelihood.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> isinstance(ev.MartinsStedinger(), ev.estimators.Penalty)
    True
    >>> ev.MartinsStedinger().log_penalty(np.array([0.1])).first.round(3)
    array([0.833])
    """

    #: What it is called after "maximum likelihood with".
    label: str = "a penalty"
    #: Where it is described, the entries of the docstring's references.
    literature: ClassVar[tuple[str, ...]] = ()
    #: Shape at which the log-penalty has a kink, so that the maximum may sit exactly there; None if it is smooth.
    kink: float | None = None

    @abstractmethod
    def log_penalty(self, shape: Array) -> LogPenalty:
        """The log-penalty and its derivatives, element by element.

        Parameters
        ----------
        shape
            Shapes, an array of any shape.

        Returns
        -------
        LogPenalty
            The value, -inf outside the domain, and two derivatives.
        """

    def slopes_at_kink(self) -> tuple[float, float]:
        """Left and right derivative of the log-penalty at its kink."""
        return 0.0, 0.0


@knowing_their_names
@dataclass(frozen=True)
class MartinsStedinger(Penalty):
    """The geophysical prior of Martins and Stedinger: beta on (-0.5, 0.5).

    In Coles' sign the density is proportional to (0.5 + xi)^(p-1) (0.5 - xi)^(q-1) with p = 9 and q = 6: mean xi =
    +0.10, standard deviation 0.122.

    Parameters
    ----------
    p, q
        Exponents of the beta density, each above 1.

    References
    ----------
    - Martins, E. S. and Stedinger, J. R. (2000). Water Resources Research 36, 737-744, equation 18 (kappa = -xi).

    Examples
    --------
    >>> import evstats as ev
    >>> floods = ev.GEV(100.0, 20.0, 0.1).rvs(25, rng=1)
    >>> method = ev.MaximumLikelihood(penalty=ev.MartinsStedinger())
    >>> ev.fit(floods, "gev", method=method).distribution
    GEV(loc=97.9975, scale=19.1419, shape=0.0590048)
    """

    literature = (
        "Martins, E. S. and Stedinger, J. R. (2000). Water Resources Research 36, 737-744, equation 18 (kappa = -xi).",
    )

    p: float = 9.0
    q: float = 6.0

    @property
    def label(self) -> str:  # type: ignore[override]
        """Whose prior, and its numbers where they are others than theirs."""
        usual = (self.p, self.q) == (9.0, 6.0)
        return "Martins and Stedinger's prior" + ("" if usual else f" (p = {self.p:g}, q = {self.q:g})")

    def __post_init__(self) -> None:
        if not (real_number(self.p, "p") > 1 and real_number(self.q, "q") > 1):
            raise ArgumentError(f"p and q are {self.p} and {self.q}; both must exceed 1.")

    def log_penalty(self, shape: Array) -> LogPenalty:
        """Log-density of the beta distribution moved to (-0.5, 0.5), with its derivatives."""
        a, b = self.p - 1.0, self.q - 1.0
        left, right = 0.5 + shape, 0.5 - shape
        inside = (left > 0) & (right > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = a * np.log(left) + b * np.log(right) - scipy.special.betaln(self.p, self.q)
            first = a / left - b / right
            second = -a / left**2 - b / right**2
        return LogPenalty(np.where(inside, value, -np.inf), first, second)


@knowing_their_names
@dataclass(frozen=True)
class ColesDixon(Penalty):
    """The penalty of Coles and Dixon: 1 for xi <= 0, exp(-lam (1/(1 - xi) - 1)^alpha) for 0 < xi < 1, 0 beyond.

    With ``alpha = 1`` (the default, as is ``lam = 1``) its logarithm has a kink at xi = 0, where the maximum may sit.

    Parameters
    ----------
    alpha, lam
        How the penalty grows with the shape: its exponent, and its size.

    References
    ----------
    - Coles, S. G. and Dixon, M. J. (1999). Extremes 2, 5-23, equation 7.

    Examples
    --------
    >>> import evstats as ev
    >>> floods = ev.GEV(100.0, 20.0, 0.1).rvs(25, rng=1)
    >>> ev.fit(floods, "gev", method=ev.MaximumLikelihood(penalty=ev.ColesDixon())).distribution
    GEV(loc=98.6307, scale=19.3489, shape=-0.00643943)
    """

    literature = ("Coles, S. G. and Dixon, M. J. (1999). Extremes 2, 5-23, equation 7.",)

    lam: float = 1.0
    alpha: float = 1.0

    @property
    def label(self) -> str:  # type: ignore[override]
        """Whose penalty, and its numbers where they are others than theirs."""
        usual = (self.lam, self.alpha) == (1.0, 1.0)
        return "Coles and Dixon's penalty" + ("" if usual else f" (lam = {self.lam:g}, alpha = {self.alpha:g})")

    def __post_init__(self) -> None:
        if not (real_number(self.lam, "lam") > 0 and real_number(self.alpha, "alpha") >= 1):
            raise ArgumentError(f"lam is {self.lam} and alpha {self.alpha}", "expected lam > 0 and alpha >= 1.")
        object.__setattr__(self, "kink", 0.0 if self.alpha == 1 else None)

    def slopes_at_kink(self) -> tuple[float, float]:
        """Flat on the left, falling with slope lam on the right."""
        return 0.0, -self.lam

    def log_penalty(self, shape: Array) -> LogPenalty:
        """``-lam (xi/(1 - xi))^alpha`` for 0 < xi < 1, with its derivatives."""
        a = self.alpha
        positive = np.clip(shape, 1e-300, None)
        with np.errstate(divide="ignore", invalid="ignore"):
            odds = positive / (1.0 - positive)
            slope = 1.0 / (1.0 - positive) ** 2  # of the odds; its derivative is 2/(1 - xi)^3
            value = -self.lam * odds**a
            first = -self.lam * a * odds ** (a - 1.0) * slope
            curved = (a - 1.0) * odds ** (a - 2.0) * slope**2 if a > 1 else 0.0
            second = -self.lam * a * (curved + odds ** (a - 1.0) * 2.0 / (1.0 - positive) ** 3)
        active = shape > 0
        return LogPenalty(
            np.where(shape >= 1, -np.inf, np.where(active, value, 0.0)),
            np.where(active, first, 0.0),
            np.where(active, second, 0.0),
        )


PENALTIES: Registry[type[Penalty]] = Registry(
    "penalty", {"martins-stedinger": MartinsStedinger, "coles-dixon": ColesDixon}
)


@dataclass(frozen=True)
class MaximalDataInformation(Penalty):
    """The shape's factor exp(-c xi) of the maximal data information prior for xi >= -1: c is Euler's constant for a
    GEV, 1 for a GPD.
    """

    rate: float = np.euler_gamma

    def log_penalty(self, shape: Array) -> LogPenalty:
        """``-c xi``, with its derivatives."""
        value = np.where(shape >= -1.0, -self.rate * shape, -np.inf)
        return LogPenalty(value, np.full(np.shape(shape), -self.rate), np.zeros(np.shape(shape)))


@dataclass(frozen=True)
class NormalDensity(Penalty):
    """A normal density of the shape, of mean 0."""

    sd: float

    def log_penalty(self, shape: Array) -> LogPenalty:
        """``-(xi/sd)^2/2``, with its derivatives."""
        precision = 1.0 / self.sd**2
        return LogPenalty(-0.5 * precision * shape**2, -precision * shape, np.full(np.shape(shape), -precision))


@dataclass(frozen=True)
class JeffreysFactor(Penalty):
    """1/((1 + xi) (1 + 2 xi)^(1/2)) for xi > -1/2."""

    def log_penalty(self, shape: Array) -> LogPenalty:
        """Minus log(1 + xi) + log(1 + 2 xi)/2, with its derivatives."""
        with np.errstate(divide="ignore", invalid="ignore"):
            one, two = 1.0 / (1.0 + shape), 1.0 / (1.0 + 2.0 * shape)
            value = np.where(shape > -0.5, np.log(one) + 0.5 * np.log(two), -np.inf)
        return LogPenalty(value, -one - two, one * one + 2.0 * two * two)
