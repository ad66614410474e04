"""Mixtures of any number of components: each value comes from one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from evstats import noise
from evstats.arrays import Array
from evstats.distributions.base import Family
from evstats.errors import ArgumentError


@dataclass(frozen=True, eq=False)
class Mixture:
    """A mixture of k distributions: each value comes from component j with probability weights[j].

    Unlike ``TwoComponentGumbel``, where both populations have a maximum in every block and the greater counts, a block
    here has one population only: El Nino years and others, say.

    Parameters
    ----------
    weights
        Positive, of sum 1, shape (k,).
    components
        A batch of k distributions of one family.

    Examples
    --------
    >>> from evstats.distributions import Gumbel, Mixture
    >>> years = Mixture([0.75, 0.25], Gumbel([100.0, 180.0], [20.0, 40.0]))
    >>> round(float(years.sf(300.0)), 4)
    0.0122
    """

    weights: Array
    components: Family

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, weights: ArrayLike, components: Family) -> None: ...

    def __post_init__(self) -> None:
        weights = np.array(self.weights, dtype=np.float64)
        if weights.ndim != 1 or not (weights > 0).all() or not np.isclose(weights.sum(), 1.0):
            raise ArgumentError(f"weights are {self.weights!r}", "expected positive numbers of sum 1.")
        if not isinstance(self.components, Family) or self.components.batch_shape != weights.shape:
            raise ArgumentError(f"components must be a batch of {weights.size} distributions of one family.")
        weights.flags.writeable = False
        object.__setattr__(self, "weights", weights)

    def _combined(self, name: str, x: ArrayLike) -> Array:
        each = getattr(self.components, name)(np.asarray(x, dtype=np.float64)[..., None])
        with np.errstate(invalid="ignore"):
            return np.asarray(np.logaddexp.reduce(each + np.log(self.weights), axis=-1))[()]

    def logpdf(self, x: ArrayLike) -> Array:
        """Logarithm of the density.

        Parameters
        ----------
        x
            Values.

        Returns
        -------
        Array
            Of the shape of x.
        """
        return self._combined("logpdf", x)

    def logcdf(self, x: ArrayLike) -> Array:
        """Logarithm of the distribution function, to full precision in both tails.

        Parameters
        ----------
        x
            Values.

        Returns
        -------
        Array
            Of the shape of x.
        """
        return self._tail("logcdf", "logsf", x)

    def logsf(self, x: ArrayLike) -> Array:
        """Logarithm of the exceedance probability, to full precision in both tails.

        Parameters
        ----------
        x
            Values.

        Returns
        -------
        Array
            Of the shape of x.
        """
        return self._tail("logsf", "logcdf", x)

    def _tail(self, name: str, other: str, x: ArrayLike) -> Array:
        """One tail from its components, or from the other tail where that is the small one."""
        log, other_log = self._combined(name, x), self._combined(other, x)
        return np.where(log < other_log, log, np.log1p(-np.exp(np.minimum(other_log, -0.1))))[()]

    def pdf(self, x: ArrayLike) -> Array:
        """Density.

        Parameters
        ----------
        x
            Values.

        Returns
        -------
        Array
            Of the shape of x.
        """
        return np.exp(self.logpdf(x))

    def cdf(self, x: ArrayLike) -> Array:
        """Probability of a value at or below x.

        Parameters
        ----------
        x
            Values.

        Returns
        -------
        Array
            Of the shape of x.
        """
        return np.exp(self.logcdf(x))

    def sf(self, x: ArrayLike) -> Array:
        """Probability of a value above x.

        Parameters
        ----------
        x
            Values.

        Returns
        -------
        Array
            Of the shape of x.
        """
        return np.exp(self.logsf(x))

    def isf(self, p: ArrayLike) -> Array:
        """Level exceeded with probability p in (0, 1), such as a return level for p = 1/T; NaN outside.

        Parameters
        ----------
        p
            Probabilities.

        Returns
        -------
        Array
            Of the shape of p, in the unit of the data.
        """
        p = _inside(p)
        return self._solved(np.log(p), self.components.isf(p[..., None]), "logsf")

    def ppf(self, p: ArrayLike) -> Array:
        """Quantile of non-exceedance probability p in (0, 1); NaN outside.

        Parameters
        ----------
        p
            Probabilities.

        Returns
        -------
        Array
            Of the shape of p, in the unit of the data.
        """
        p = _inside(p)
        return self._solved(np.log(p), self.components.ppf(p[..., None]), "logcdf")

    def _solved(self, wanted: Array, brackets: Array, name: str) -> Array:
        """Between the least and the greatest quantile of the components, which hold the mixture's."""
        from scipy.optimize import elementwise

        def beyond(x: Array, p: Array) -> Array:
            return np.asarray(getattr(self, name)(x) - p)

        low, high = brackets.min(axis=-1), brackets.max(axis=-1)
        found: Any = elementwise.find_root(beyond, (low, high), args=(wanted,))
        return np.where(found.success, found.x, 0.5 * (low + high))[()]  # ends equal to rounding hold no root

    def rvs(self, size: noise.Shape = (), rng: noise.RandomState = None) -> Array:
        """Independent draws.

        Parameters
        ----------
        size
            Shape of the draws.
        rng
            None for fresh noise, an integer, ``SeedSequence`` or ``Generator``.

        Returns
        -------
        Array
            Of shape ``size``.
        """
        random = noise.generator(rng)
        shape = (size,) if isinstance(size, (int, np.integer)) else tuple(size)
        which = np.minimum(np.searchsorted(np.cumsum(self.weights), random.random(shape)), self.weights.size - 1)
        return self.components[which].from_gumbel(noise.gumbel(shape, rng=random))

    def mean(self) -> Array:
        """Expectation."""
        return np.float64(self.weights @ self.components.mean())  # type: ignore[return-value]

    def var(self) -> Array:
        """Variance."""
        means = self.components.mean()
        return np.float64(self.weights @ (self.components.var() + (means - self.mean()) ** 2))  # type: ignore[return-value]


def _inside(p: ArrayLike) -> Array:
    """Probabilities in (0, 1), NaN for others."""
    p = np.asarray(p, dtype=np.float64)
    return np.where((p > 0) & (p < 1), p, np.nan)
