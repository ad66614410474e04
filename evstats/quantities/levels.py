"""Levels, periods and probabilities of block maxima and minima."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from evstats.distributions import Family
from evstats.distributions.derivatives import Level
from evstats.errors import ArgumentError, real_number
from evstats.habits import knowing_their_names
from evstats.quantities.base import (
    Array,
    Quantity,
    checked_questions,
    positive_years,
    through_variate,
)
from evstats.text.numbers import number


@knowing_their_names
@dataclass(frozen=True, eq=False)
class ReturnLevel(Quantity):
    """The level exceeded once in T years on average: F^-1(1 - 1/(lambda T)), lambda blocks a year.

    Parameters
    ----------
    questions
        Return periods T in years (in blocks for undated data), lambda T > 1.
    blocks_per_year
        Lambda; 1 for annual maxima, where T = 1/AEP.

    References
    ----------
    - Coles (2001), section 3.1.3, equation 3.4.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.ReturnLevel([10, 100])(ev.Gumbel(100.0, 20.0)).round(1)
    array([145., 192.])
    """

    blocks_per_year: float = 1.0

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, questions: ArrayLike, blocks_per_year: float = 1.0) -> None: ...

    name = "return_level"
    asked = "return_period"

    def __post_init__(self) -> None:
        periods = checked_questions(self, "return periods")
        real_number(self.blocks_per_year, "blocks_per_year", above=0.0)
        bad = ~(periods * self.blocks_per_year > 1)
        if bad.any():
            least = "1" if self.blocks_per_year == 1 else f"{1 / self.blocks_per_year:.4g} years, the length of a block"
            problem = f"return period {number(periods[bad][0], 6)} is not possible"
            raise ArgumentError(problem, f"it must exceed {least}.", argument="periods")

    @property
    def variates(self) -> Array:
        """The reduced variates of the levels of maxima."""
        return np.asarray(-np.log(-np.log1p(-1.0 / (self.blocks_per_year * self.questions))))

    def at(self, distribution: Family, questions: Array) -> Array:
        """Levels, in the unit of the data."""
        return distribution.exceedance_level(1.0 / (self.blocks_per_year * questions))

    def derivatives(self, distribution: Family, questions: Array) -> Level:
        """Levels with two derivatives in the parameters, in closed form."""
        return distribution.level_derivatives(-np.log(-np.log1p(-1.0 / (self.blocks_per_year * questions))))


@knowing_their_names
@dataclass(frozen=True, eq=False)
class ReturnPeriod(Quantity):
    """The mean time between exceedances of a level, in years: 1/(lambda (1 - F(x))); inf above an upper endpoint.

    Parameters
    ----------
    questions
        Levels, in the unit of the data.
    blocks_per_year
        Lambda; 1 for annual maxima.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.ReturnPeriod([150.0, 200.0])(ev.Gumbel(100.0, 20.0)).round(1)
    array([ 12.7, 148.9])
    """

    blocks_per_year: float = 1.0

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, questions: ArrayLike, blocks_per_year: float = 1.0) -> None: ...

    name = "return_period"
    asked = "level"
    in_data_unit = False

    def __post_init__(self) -> None:
        checked_questions(self, "levels")
        real_number(self.blocks_per_year, "blocks_per_year", above=0.0)

    def at(self, distribution: Family, questions: Array) -> Array:
        """Return periods in years (blocks for undated data)."""
        with np.errstate(divide="ignore", over="ignore"):
            return 1.0 / (self.blocks_per_year * distribution.exceedance(questions))

    def linked(self, distribution: Family) -> Array:
        """The log odds of no exceedance, log(lambda T - 1): every finite limit is a possible period."""
        fitted = distribution[..., None]
        with np.errstate(invalid="ignore"):
            return fitted.log_non_exceedance(self.questions) - fitted.log_exceedance(self.questions)

    def linked_gradient(self, distribution: Family) -> Array:
        """With E = exp(-y) expected exceedances the odds are exp(-E)/(1 - exp(-E))."""
        return through_variate(self, distribution, lambda e: e + e / np.expm1(e))

    def from_link(self, linked: Array, family: type[Family]) -> Array:
        """The period, never below one block."""
        with np.errstate(over="ignore"):
            return (1.0 + np.exp(linked)) / self.blocks_per_year


@knowing_their_names
@dataclass(frozen=True, eq=False)
class ExceedanceProbability(Quantity):
    """The chance that a level is exceeded at least once within N years: 1 - F(x)^(lambda N).

    Parameters
    ----------
    questions
        Levels, in the unit of the data.
    years
        N, how many years (blocks for undated data).
    blocks_per_year
        Lambda; 1 for annual maxima.

    References
    ----------
    - Chow, V. T., Maidment, D. R. and Mays, L. W. (1988). Applied Hydrology, equation 12.1.4 (hydrologic risk).

    Examples
    --------
    >>> import evstats as ev
    >>> ev.ExceedanceProbability([150.0, 200.0], years=30)(ev.Gumbel(100.0, 20.0)).round(3)
    array([0.915, 0.183])
    """

    years: float = 1.0
    blocks_per_year: float = 1.0

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, questions: ArrayLike, years: float = 1.0, blocks_per_year: float = 1.0) -> None: ...

    name = "exceedance_probability"
    asked = "level"
    in_data_unit = False

    def __post_init__(self) -> None:
        checked_questions(self, "levels")
        positive_years(self.years)
        real_number(self.blocks_per_year, "blocks_per_year", above=0.0)

    def at(self, distribution: Family, questions: Array) -> Array:
        """Probabilities in [0, 1]."""
        return -np.expm1(self.blocks_per_year * self.years * distribution.log_non_exceedance(questions))

    def linked(self, distribution: Family) -> Array:
        """The logarithm of the expected number of exceedances, log(-log(1 - p))."""
        with np.errstate(divide="ignore"):
            log_rate = np.log(-distribution[..., None].log_non_exceedance(self.questions))
        return log_rate + np.log(self.blocks_per_year * self.years)

    def linked_gradient(self, distribution: Family) -> Array:
        """That of minus the reduced variate."""
        return through_variate(self, distribution, lambda e: -np.ones_like(e))

    def from_link(self, linked: Array, family: type[Family]) -> Array:
        """1 - exp(-exp(linked))."""
        with np.errstate(over="ignore"):
            return -np.expm1(-np.exp(linked))


def annual_exceedance_probability(periods: ArrayLike, blocks_per_year: float = 1.0) -> Array:
    """The probability that a T-year level is exceeded at least once in a year: ``1 - (1 - 1/(lambda T))**lambda``.

    This is 1/T for one block per year; for twelve it stays below 1/T, as one year may bring several exceedances.

    Parameters
    ----------
    periods
        Return periods T in years, above the length of a block.
    blocks_per_year
        Lambda.

    Returns
    -------
    Array
        Of the shape of the periods.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.quantities.annual_exceedance_probability([2.0, 100.0]).round(4)
    array([0.5 , 0.01])
    """
    in_a_block = 1.0 / (blocks_per_year * np.asarray(periods, dtype=float))
    with np.errstate(divide="ignore"):
        return np.asarray(-np.expm1(blocks_per_year * np.log1p(-in_a_block)))


__all__ = ["ExceedanceProbability", "ReturnLevel", "ReturnPeriod", "annual_exceedance_probability"]
