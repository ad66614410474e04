"""Draws of a family's parameters from their posterior, and the answers they give."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.distributions import Family
from evstats.errors import ArgumentError

if TYPE_CHECKING:
    from evstats.montecarlo import Chains
    from evstats.quantities import Quantity


@dataclass(frozen=True, eq=False)
class PosteriorSample:
    """Draws of a family's parameters from their posterior, and the answers they give. Read-only.

    Attributes
    ----------
    family
        A class.
    parameters
        Shape (draws, k), in the family's order and the data's unit.
    how
        The sampler.
    chains
        The Markov chains behind the draws, in standard coordinates, with their diagnostics; None for independent
        draws. For two populations a ``TemperedChains`` with the log-evidence.

    Examples
    --------
    >>> import evstats as ev
    >>> floods = [31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8]
    >>> sample = ev.fit(floods, "gev", method="bayes", prior="normal", rng=1).posterior()
    >>> lower, upper = sample.interval(ev.ReturnLevel([100]), 0.9)
    >>> bool(lower[0] < upper[0])
    True
    """

    family: type[Family]
    parameters: Array
    how: str
    chains: Chains | None = None

    def __post_init__(self) -> None:
        self.parameters.flags.writeable = False

    @property
    def distribution(self) -> Family:
        """The distributions drawn, a batch of shape (draws,)."""
        return self.family.from_parameters(self.parameters)

    def answers(self, quantity: Quantity) -> Array:
        """The quantity of every draw, shape (draws, questions): draws of its posterior.

        Parameters
        ----------
        quantity
            What is asked of the distribution.

        Returns
        -------
        Array
            (draws, questions).
        """
        return np.asarray(quantity(self.distribution))

    def interval(self, quantity: Quantity, confidence: float = 0.95) -> tuple[Array, Array]:
        """Ends of the central credible interval, each of shape (questions,); NaN, an infinite mean, counts as inf.

        Parameters
        ----------
        quantity
            What is asked of the distribution.
        confidence
            The probability between the ends.

        Returns
        -------
        tuple of Array
            Lower and upper ends.
        """
        return self.central(self.answers(quantity), confidence)

    @staticmethod
    def central(answers: Array, confidence: float) -> tuple[Array, Array]:
        """Ends of the central interval of draws (draws, questions), each of shape (questions,); NaN counts as inf.

        Parameters
        ----------
        answers
            Draws (draws, questions).
        confidence
            The probability between the ends.

        Returns
        -------
        tuple of Array
            Lower and upper ends, (questions,) each.
        """
        answers, tail = np.where(np.isnan(answers), np.inf, answers), 0.5 * (1.0 - confidence)
        lower, upper = (sign * np.quantile(sign * answers, tail, axis=0, method="inverted_cdf") for sign in (1.0, -1.0))
        return lower, upper

    def exceedance(self, level: ArrayLike, blocks: float = 1.0) -> Array:
        """The predictive chance that the extreme of so many future blocks passes each level, shape (levels,).

        Averaged over the posterior, so that it answers "what is the chance next year", the uncertainty of the
        parameters included.

        Parameters
        ----------
        level
            Levels, in the unit of the data.
        blocks
            How many future blocks.

        Returns
        -------
        Array
            Chances between 0 and 1.
        """
        if not blocks > 0:
            raise ArgumentError(f"blocks is {blocks}", "expected a positive number of blocks.")
        levels = np.atleast_1d(np.asarray(level, dtype=np.float64))
        batch = self.distribution[:, None]
        return np.asarray(-np.expm1(blocks * batch.log_non_exceedance(levels)).mean(axis=0))

    def predictive_level(self, probability: ArrayLike, blocks: float = 1.0) -> Array:
        """The level that the extreme of so many future blocks passes with the probabilities asked for.

        The level z with average over the draws of P(extreme of ``blocks`` blocks beyond z) = probability: for
        probability 1/T and one block the posterior predictive T-year level (Coles 2001, section 9.1.3). It lies further
        out than the posterior median of the T-year level, since a heavy tail that is possible counts.

        Parameters
        ----------
        probability
            In (0, 1); no less than about 10/draws, or the answer rests on a handful of draws.
        blocks
            Future blocks, N.

        Returns
        -------
        Array
            (probabilities,), in the unit of the data.
        """
        from scipy.optimize import elementwise

        asked = np.atleast_1d(np.asarray(probability, dtype=np.float64))
        if asked.ndim != 1 or not ((asked > 0.0) & (asked < 1.0)).all():
            raise ArgumentError(f"probability is {probability!r}", "expected numbers strictly between 0 and 1.")
        if not 0.0 < blocks < math.inf:
            raise ArgumentError(f"blocks is {blocks!r}", "expected a positive number.")
        single = -np.expm1(np.log1p(-asked) / blocks)
        each = np.sort(self.distribution[:, None].exceedance_level(single), axis=0)
        falls = -1.0 if self.family.minima else 1.0  # the chance falls with the level, for minima it rises
        first, last = np.zeros(asked.size, dtype=np.intp), np.full(asked.size, len(each) - 1)
        while (last - first > 1).any():  # between two of the draws' own levels, however far the greatest is out
            middle = (first + last) // 2
            beyond = falls * (self.exceedance(each[middle, np.arange(asked.size)], blocks) - asked) > 0.0
            first, last = np.where(beyond, middle, first), np.where(beyond, last, middle)
        low, high = (each[at, np.arange(asked.size)] for at in (first, last))

        def excess(level: Array, p: Array) -> Array:
            return np.asarray(self.exceedance(level, blocks) - p)

        found: Any = elementwise.find_root(excess, (low, high), args=(asked,))
        return np.where(found.success, found.x, 0.5 * (low + high))  # ends equal to rounding hold no root
