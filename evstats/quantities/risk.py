"""Value at risk and expected shortfall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from evstats.distributions import Family
from evstats.distributions.derivatives import Level
from evstats.errors import real_number
from evstats.habits import knowing_their_names
from evstats.quantities.base import (
    Array,
    Quantity,
    as_probabilities,
)


@knowing_their_names
@dataclass(frozen=True, eq=False)
class ValueAtRisk(Quantity):
    """The loss not exceeded with probability p: by the maximum of a block, or by a single observation.

    Block (``observations`` None): VaR_p = F^-1(p). Observation: of the m observations of a block about m theta are
    independent, so a single one has the distribution F^(1/(m theta)) in the tail and VaR_p = F^-1(p^(m theta)).

    Parameters
    ----------
    questions
        Probabilities p in (0, 1).
    observations
        M theta, the nominal observations in a block times the extremal index; None for the block maximum.

    References
    ----------
    - McNeil, A. J., Frey, R. and Embrechts, P. (2015). Quantitative Risk Management, section 5.1.4 (block maxima and
      the extremal index) and definition 2.8.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.ValueAtRisk([0.95, 0.99])(ev.Gumbel(0.0, 1.0)).round(2)
    array([2.97, 4.6 ])
    """

    observations: float | None = None

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, questions: ArrayLike, observations: float | None = None) -> None: ...

    name = "value_at_risk"
    asked = "level"

    def __post_init__(self) -> None:
        object.__setattr__(self, "questions", as_probabilities(self.questions))
        if self.observations is not None:
            real_number(self.observations, "observations", above=0.0)

    def of_one(self, distribution: Family) -> Family:
        """The distribution of what the risk is taken of: the block's extreme, or one observation's tail.

        Parameters
        ----------
        distribution
            Of the block's extreme.

        Returns
        -------
        Family
            Of one observation, where ``observations`` says how many a block is worth.
        """
        return distribution if self.observations is None else distribution.power(1.0 / self.observations)

    def outside_tail(self) -> Array:
        """The probabilities p whose p^(m theta) is below 0.1.

        A single observation so common that block maxima, all larger, say little about it.
        """
        return self.questions[self.questions ** (self.observations or 1.0) < (0.1 if self.observations else 0.0)]

    def at(self, distribution: Family, questions: Array) -> Array:
        """Values at risk, in the unit of the data."""
        return self.of_one(distribution).non_exceedance_level(questions)

    def derivatives(self, distribution: Family, questions: Array) -> Level:
        """Values at risk with two derivatives in the parameters, in closed form."""
        return distribution.level_derivatives(-np.log(-(self.observations or 1.0) * np.log(questions)))


@knowing_their_names
@dataclass(frozen=True, eq=False)
class ExpectedShortfall(ValueAtRisk):
    """The mean loss beyond the value at risk: the average of VaR_u over u in (p, 1), for the same horizon.

    NaN where the shape is 1 or more: the mean is infinite.

    References
    ----------
    - Acerbi, C. and Tasche, D. (2002). Journal of Banking and Finance 26, 1487-1503, equation 3.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.ExpectedShortfall([0.95, 0.99])(ev.Gumbel(0.0, 1.0)).round(2)
    array([3.98, 5.6 ])
    """

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, questions: ArrayLike, observations: float | None = None) -> None: ...

    name = "expected_shortfall"
    is_level = False

    def at(self, distribution: Family, questions: Array) -> Array:
        """Expected shortfalls, in the unit of the data."""
        return self.of_one(distribution).mean_beyond(questions)

    def derivatives(self, distribution: Family, questions: Array) -> Level:
        """Expected shortfalls with two derivatives in the parameters, by differences in the shape."""
        return Quantity.derivatives(self, distribution, questions)


__all__ = ["ExpectedShortfall", "ValueAtRisk"]
