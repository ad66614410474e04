"""Both tails, quantiles and draws of a monotone map of standard Gumbel noise."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from evstats import noise
from evstats.arrays import Array
from evstats.habits import knowing_their_names

_LOG_2 = float(np.log(2.0))


class Probabilities(ABC):
    """What is asked of a distribution of extremes; all but the map and the density follows here."""

    if TYPE_CHECKING:  # what the parameters bring
        minima: ClassVar[bool]

        @property
        def batch_shape(self) -> tuple[int, ...]:
            """Shape of every parameter."""

        def __getitem__(self, index: Any) -> Self: ...

    # -- what a family writes ------------------------------------------------------------------------------------------

    @abstractmethod
    def from_gumbel(self, g: ArrayLike) -> Array:
        """Turn standard Gumbel values into values of this distribution, increasing in ``g``.

        Parameters
        ----------
        g
            Standard Gumbel values, which broadcast against the batch.

        Returns
        -------
        Array
            Values in the unit of the parameters.
        """

    @abstractmethod
    def reduced(self, x: ArrayLike) -> Array:
        """The reduced variate -log(-log F(x)): the inverse of ``from_gumbel``; +-inf outside the support.

        Parameters
        ----------
        x
            Values, which broadcast against the batch.

        Returns
        -------
        Array
            Standard Gumbel values.
        """

    @abstractmethod
    def logpdf(self, x: ArrayLike) -> Array:
        """Logarithm of the density; -inf outside the support.

        Parameters
        ----------
        x
            Values, which broadcast against the batch.

        Returns
        -------
        Array
            Of the shape to which x and the batch broadcast; its unit is one over that of x.
        """

    # -- what follows --------------------------------------------------------------------------------------------------

    def pdf(self, x: ArrayLike) -> Array:
        """Density; 0 outside the support.

        Parameters
        ----------
        x
            Values, which broadcast against the batch.

        Returns
        -------
        Array
            Of the shape to which x and the batch broadcast; its unit is one over that of x.
        """
        return np.exp(self.logpdf(x))

    def logcdf(self, x: ArrayLike) -> Array:
        """Logarithm of the distribution function, to full precision in both tails.

        Parameters
        ----------
        x
            Values, which broadcast against the batch.

        Returns
        -------
        Array
            Of the shape to which x and the batch broadcast.
        """
        return log_cdf_of_reduced(self.reduced(x))

    def logsf(self, x: ArrayLike) -> Array:
        """Logarithm of the exceedance probability, to full precision in both tails.

        Parameters
        ----------
        x
            Values, which broadcast against the batch.

        Returns
        -------
        Array
            Of the shape to which x and the batch broadcast.
        """
        return log_sf_of_reduced(self.reduced(x))

    @knowing_their_names
    def cdf(self, x: ArrayLike) -> Array:
        """Probability of a value at or below x.

        Parameters
        ----------
        x
            Values, which broadcast against the batch.

        Returns
        -------
        Array
            Of the shape to which x and the batch broadcast.
        """
        return np.exp(self.logcdf(x))

    @knowing_their_names
    def sf(self, x: ArrayLike) -> Array:
        """Probability of a value above x, computed without 1 - cdf.

        Parameters
        ----------
        x
            Values, which broadcast against the batch.

        Returns
        -------
        Array
            Of the shape to which x and the batch broadcast.
        """
        return -np.expm1(self.logcdf(x))

    @knowing_their_names
    def ppf(self, p: ArrayLike) -> Array:
        """Quantile of non-exceedance probability p in [0, 1]; NaN outside.

        Parameters
        ----------
        p
            Probabilities, which broadcast against the batch.

        Returns
        -------
        Array
            In the unit of the data, of the shape to which p and the batch broadcast.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.from_gumbel(-np.log(-np.log(np.asarray(p, dtype=np.float64))))

    @knowing_their_names
    def isf(self, p: ArrayLike) -> Array:
        """Level exceeded with probability p in [0, 1]; exact for p as small as 1e-300; NaN outside.

        Parameters
        ----------
        p
            Probabilities, which broadcast against the batch.

        Returns
        -------
        Array
            In the unit of the data, of the shape to which p and the batch broadcast.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.from_gumbel(-np.log(-np.log1p(-np.asarray(p, dtype=np.float64))))

    @knowing_their_names
    def rvs(self, size: noise.Shape = (), rng: noise.RandomState = None) -> Array:
        """Random draws, a transform of the shared Gumbel noise.

        Parameters
        ----------
        size
            Shape of the draws of each distribution; ``()`` is one.
        rng
            None for fresh noise, an integer, ``SeedSequence`` or ``Generator``.

        Returns
        -------
        Array
            Of shape batch + size.

        Examples
        --------
        >>> from evstats import Gumbel
        >>> Gumbel(100.0, 20.0).rvs(3, rng=1).shape
        (3,)
        """
        lengths = noise.lengths_of(size, "size")
        g = noise.gumbel(self.batch_shape + lengths, rng=rng)
        return self[(..., *(None,) * len(lengths))].from_gumbel(g)

    def exceedance_level(self, p: ArrayLike) -> Array:
        """Level passed on the extreme side (above for maxima, below for minima) with probability p in one block.

        Parameters
        ----------
        p
            Probabilities, which broadcast against the batch.

        Returns
        -------
        Array
            In the unit of the data, of the shape to which p and the batch broadcast.
        """
        return self.ppf(p) if self.minima else self.isf(p)

    def non_exceedance_level(self, p: ArrayLike) -> Array:
        """Level not passed on the extreme side with probability p in one block.

        Parameters
        ----------
        p
            Probabilities, which broadcast against the batch.

        Returns
        -------
        Array
            In the unit of the data, of the shape to which p and the batch broadcast.
        """
        return self.isf(p) if self.minima else self.ppf(p)

    def exceedance(self, x: ArrayLike) -> Array:
        """Probability that one block passes x on the extreme side: above for maxima, below for minima.

        Parameters
        ----------
        x
            Values, which broadcast against the batch.

        Returns
        -------
        Array
            Of the shape to which x and the batch broadcast.
        """
        return self.cdf(x) if self.minima else self.sf(x)

    def log_exceedance(self, x: ArrayLike) -> Array:
        """Logarithm of the probability that one block passes x on the extreme side.

        Parameters
        ----------
        x
            Values, which broadcast against the batch.

        Returns
        -------
        Array
            Of the shape to which x and the batch broadcast.
        """
        return self.logcdf(x) if self.minima else self.logsf(x)

    def log_non_exceedance(self, x: ArrayLike) -> Array:
        """Logarithm of the probability that one block does not pass x on the extreme side.

        Parameters
        ----------
        x
            Values, which broadcast against the batch.

        Returns
        -------
        Array
            Of the shape to which x and the batch broadcast.
        """
        return self.logsf(x) if self.minima else self.logcdf(x)


def log_cdf_of_reduced(y: Array) -> Array:
    """``log F = -exp(-y)``."""
    with np.errstate(over="ignore"):
        return -np.exp(-y)


def log_sf_of_reduced(y: Array) -> Array:
    """``log(1 - F)`` with F = exp(-E), E = exp(-y), without cancellation in either tail.

    For small E it is -y + log((1 - exp(-E))/E), whose two terms have one sign; for large E, log1p(-exp(-E)).
    """
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        e = np.exp(-y)
        ratio = np.where(e > 0, -np.expm1(-e) / e, 1.0)
        return np.where(e < _LOG_2, -y + np.log(ratio), np.log1p(-np.exp(-e)))


_ONLY_E, _VANISHING = 36.0, 1e-300


def opposite_tail(y: Array) -> Array:
    """The reduced variate of 1 - F given that of F: ``-log(-log(1 - exp(-exp(-y))))``, its own inverse."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        e = np.exp(-np.asarray(y, dtype=np.float64))
        result, common = np.array(e), e < _LOG_2  # from E = 36 on 1 - exp(-E) rounds to 1, and E is the answer
        result[common] = -np.log(-np.log(-np.expm1(-e[common])))  # F not small: 1 - F keeps its digits
        rest = (e >= _LOG_2) & (e <= _ONLY_E)
        result[rest] = -np.log(-np.log1p(-np.exp(-e[rest])))
        deep = e < _VANISHING  # log E = -y where E underflows
        result[deep] = -np.log(np.maximum(np.broadcast_to(y, e.shape)[deep], 1.0))
        return result[()]
