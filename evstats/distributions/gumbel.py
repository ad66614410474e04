"""The Gumbel distribution: maxima of light-tailed data, and the noise everything else is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import scipy.special
from numpy.typing import ArrayLike

from evstats.arrays import Array, Mask, Places
from evstats.distributions import special
from evstats.distributions.base import Family, log_count, scipy_parameters
from evstats.distributions.derivatives import Reduced
from evstats.distributions.gumbel_solver import STD, solve_scale
from evstats.habits import knowing_their_names

_SKEW = 12.0 * np.sqrt(6.0) * float(scipy.special.zeta(3)) / np.pi**3


@knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class Gumbel(Family):
    """Gumbel distribution of maxima (extreme-value type I), F(x) = exp(-exp(-(x - loc)/scale)).

    Parameters
    ----------
    loc
        Mode of the distribution, in the unit of the data.
    scale
        Positive, in the unit of the data; the standard deviation is 1.2825 scale.

    References
    ----------
    - Gumbel, E. J. (1958). Statistics of Extremes. Columbia University Press.

    Examples
    --------
    >>> from evstats import Gumbel
    >>> float(Gumbel(loc=100.0, scale=20.0).isf(0.01).round(3))
    192.003
    """

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike) -> None: ...

    name = "gumbel"
    label = "Gumbel"
    literature = ("Gumbel, E. J. (1958). Statistics of Extremes. Columbia University Press.",)
    parameter_names = ("loc", "scale")
    maximizes_likelihood = True

    def from_gumbel(self, g: ArrayLike) -> Array:
        """``loc + scale * g``."""
        return self.loc + self.scale * np.asarray(g, dtype=np.float64)

    def reduced(self, x: ArrayLike) -> Array:
        """``(x - loc)/scale``."""
        return (np.asarray(x, dtype=np.float64) - self.loc) / self.scale

    def logpdf(self, x: ArrayLike) -> Array:
        """Logarithm of the density."""
        z = self.reduced(x)
        with np.errstate(over="ignore", invalid="ignore"):
            value = -z - np.exp(-z) - np.log(self.scale)
        return np.where(np.isneginf(z), -np.inf, value)[()]

    def reduced_derivatives(self, x: ArrayLike) -> Reduced:
        """The reduced variate y = (x - loc)/scale with its derivatives, dy/dx = 1/scale."""
        y, inverse = self.reduced(x), 1.0 / self.scale
        square, zero = inverse * inverse, np.zeros_like(inverse)
        seconds = (zero, zero), (square, zero), (2.0 * y * square, square)
        return Reduced(
            y,
            -np.log(self.scale) + np.zeros_like(y),
            (-inverse, -y * inverse),
            (zero, -inverse),
            lambda i, j: seconds[i + j],
        )

    def mean(self) -> Array:
        """``loc + 0.5772 scale``."""
        return self.loc + np.euler_gamma * self.scale

    def var(self) -> Array:
        """``(pi scale)^2 / 6``."""
        return (STD * self.scale) ** 2

    def skew(self) -> Array:
        """1.1395 for every Gumbel distribution."""
        return np.full(self.batch_shape, _SKEW)[()]

    def entropy(self) -> Array:
        """``log(scale) + 1 + 0.5772``."""
        return np.log(self.scale) + 1.0 + np.euler_gamma

    def support(self) -> tuple[Array, Array]:
        """The whole line."""
        return np.full(self.batch_shape, -np.inf)[()], np.full(self.batch_shape, np.inf)[()]

    def mean_beyond(self, p: ArrayLike) -> Array:
        """Average of ``ppf(u)`` over u in (p, 1)."""
        return self.loc + self.scale * special.standard_mean_beyond(p, 0.0)

    def power(self, k: ArrayLike) -> Gumbel:
        """The distribution with F^k: of the maximum of k blocks; Gumbel again, shifted by ``scale log k``."""
        return Gumbel(self.from_gumbel(log_count(k)), self.scale)

    @classmethod
    def from_moments(cls, mean: Array, std: Array, skew: Array) -> Array:
        """Scale from the standard deviation, location from the mean."""
        scale = std / STD
        return np.stack([mean - np.euler_gamma * scale, scale], axis=-1)

    def lmoments(self) -> tuple[Array, Array, Array, Array]:
        """L-moments l1, l2 = scale log 2, t3 and t4 (Hosking and Wallis 1997, A.4)."""
        t3, t4 = np.log(9.0) / np.log(2.0) - 3.0, 16.0 - 10.0 * np.log(3.0) / np.log(2.0)
        zero = 0.0 * self.loc
        return self.mean(), self.scale * np.log(2.0), zero + t3, zero + t4

    @classmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> Array:
        """``scale = l2/log 2``, ``loc = l1 - 0.5772 scale`` (Hosking 1990, table 1)."""
        scale = l2 / np.log(2.0)
        return np.stack([l1 - np.euler_gamma * scale, scale], axis=-1)

    @staticmethod
    def maximize_likelihood(x: Array, present: Array | None) -> tuple[Array, Mask, Places]:
        """Exact maximisation for standardised series (m, n) with minimum 0: parameters (2, m), converged, iterations.

        Given s = 1/scale the location has a closed form, loc = -log(mean exp(-s x))/s, and s solves
        1/s = mean(x) - sum(x w)/sum(w) with w = exp(-s x) (Lawless 1982, section 5.2): the unique maximum of the
        concave function log s - s mean(x) - K(s), K(s) = log mean exp(-s x). Every pass over the data sums the first
        four derivatives of K and solves the equation of their Taylor series, so two passes nearly always suffice.
        ``present`` is 1 for an observation, 0 for a missing one (whose x is 0); None if all are there.
        """
        return solve_scale(x, present)

    def to_scipy(self) -> Any:
        """``scipy.stats.gumbel_r(loc, scale)``."""
        import scipy.stats

        return scipy.stats.gumbel_r(loc=self.loc, scale=self.scale)

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """The Gumbel of a frozen ``scipy.stats.gumbel_r``."""
        _, loc, scale = scipy_parameters(frozen, "gumbel_r")
        return cls(loc, scale)


def nearer_maximum(
    x: Array, events: Array, exposure: Array, rate: Array, weights: Array | None = None
) -> tuple[Array, Array, Array]:
    """Location, rate = 1/scale, shape (...), one Newton step nearer to the maximum of a weighted Gumbel likelihood, and
    the weights exposure exp(-rate x) there, which the next step from there is spared.

    The likelihood sum(events log lambda(x) - exposure Lambda(x)), with Lambda(x) = exp(-rate (x - loc)) and lambda its
    density, for shares of observations in EM. Given the rate the location has a closed form; the step is in log(rate),
    towards rate (mean of x by events - mean of x by exposure exp(-rate x)) = 1. Values (..., n) broadcast.
    """
    number = events.sum(axis=-1)
    weights = exposure * np.exp(-rate[..., None] * x) if weights is None else weights
    total = weights.sum(axis=-1)
    tilted = np.vecdot(weights, x) / total
    variance = np.vecdot(weights, x * x) / total - tilted * tilted
    excess = np.vecdot(events, x) / number - tilted
    step = (1.0 - rate * excess) / (rate * excess + rate * rate * variance)
    rate = rate * np.exp(np.clip(step, -0.7, 0.7))
    weights = exposure * np.exp(-rate[..., None] * x)
    return np.log(number / weights.sum(axis=-1)) / rate, rate, weights
