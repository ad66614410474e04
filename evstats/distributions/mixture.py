"""Mixtures of any number of components: each value comes from one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from evstats import noise
from evstats.arrays import Array
from evstats.distributions.base import Family
from evstats.distributions.probabilities import Probabilities
from evstats.errors import ArgumentError

#: Below this logarithm of the tail it is that of the expected number of events, to rounding.
_FAR = -40.0


@dataclass(frozen=True, eq=False)
class Mixture(Probabilities):
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

    def __getitem__(self, index: Any) -> Self:
        raise ArgumentError("a mixture is one distribution, of which there are no parts", "index its components.")

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """``()``: it is one distribution."""
        return ()

    @property
    def minima(self) -> bool:  # type: ignore[override]
        """Whether these are minima."""
        return self.components.minima

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

    def reduced(self, x: ArrayLike) -> Array:
        """The reduced variate -log(-log F(x)), from the smaller of both tails.

        Parameters
        ----------
        x
            Values.

        Returns
        -------
        Array
            Of the shape of x.
        """
        below, above = (self._combined(name, x) for name in ("logcdf", "logsf"))
        with np.errstate(divide="ignore", invalid="ignore"):
            upper = -np.log(-np.log1p(-np.exp(np.minimum(above, -0.1))))
            return np.where(below < above, -np.log(-below), np.where(above < _FAR, -above, upper))[()]

    def from_gumbel(self, g: ArrayLike) -> Array:
        """The level of a reduced variate: between the least and the greatest of the components, which hold it.

        Parameters
        ----------
        g
            Reduced variates.

        Returns
        -------
        Array
            Of the shape of g, in the unit of the data.
        """
        from scipy.optimize import elementwise

        def above(x: Array, y: Array) -> Array:
            return self.reduced(x) - y

        g = np.asarray(g, dtype=np.float64)
        each = self.components.from_gumbel(g[..., None])
        low, high = each.min(axis=-1), each.max(axis=-1)
        found: Any = elementwise.find_root(above, (low, high), args=(g,))
        with np.errstate(invalid="ignore"):
            end = np.where(np.isinf(g), np.where(g > 0.0, high, low), 0.5 * (low + high))
        return np.where(found.success, found.x, end)[()]  # ends equal to rounding, or infinite, hold no root

    def _combined(self, name: str, x: ArrayLike) -> Array:
        each = getattr(self.components, name)(np.asarray(x, dtype=np.float64)[..., None])
        with np.errstate(invalid="ignore"):
            return np.asarray(np.logaddexp.reduce(each + np.log(self.weights), axis=-1))[()]

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
        shape = noise.lengths_of(size, "size")
        which = np.minimum(np.searchsorted(np.cumsum(self.weights), random.random(shape)), self.weights.size - 1)
        return self.components[which].from_gumbel(noise.gumbel(shape, rng=random))

    def mean(self) -> Array:
        """Expectation."""
        return np.float64(self.weights @ self.components.mean())  # type: ignore[return-value]

    def var(self) -> Array:
        """Variance."""
        means = self.components.mean()
        return np.float64(self.weights @ (self.components.var() + (means - self.mean()) ** 2))  # type: ignore[return-value]
