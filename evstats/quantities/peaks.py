"""What can be asked of peaks over a threshold: levels and periods by the number of events, and the risk of one value.

Levels are those of the process: the T-year level is passed by 1/T events a year on average (partial durations). A
quantity takes a ``PeakProcess``, the reduced variate of whose level is minus the logarithm of the events a year beyond.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from evstats.distributions import Family
from evstats.distributions.derivatives import Level
from evstats.errors import ArgumentError
from evstats.quantities.base import Array, Quantity, checked_questions, through_variate
from evstats.quantities.risk import ExpectedShortfall, ValueAtRisk


def level_beyond(distribution: Family, y: ArrayLike) -> Array:
    """The level beyond which exp(-y) events a year lie: above for peaks, below for those of minima."""
    extreme = distribution.as_maxima()
    level = extreme.from_gumbel(y)
    return -level if distribution.minima else level


@dataclass(frozen=True, eq=False)
class PeakLevel(Quantity):
    """The level passed by one event in T years on average.

    Parameters
    ----------
    questions
        Return periods T in years.

    References
    ----------
    - Coles (2001), section 4.3.3, equation 4.13.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.distributions import GPDProcess
    >>> ev.quantities.PeakLevel([10, 100])(GPDProcess(60.0, 12.0, 0.7, 0.1)).round(1)
    array([102., 144.])
    """

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, questions: ArrayLike) -> None: ...

    name = "return_level"
    asked = "return_period"

    def __post_init__(self) -> None:
        periods = checked_questions(self, "return periods")
        if np.any(periods <= 0.0):
            raise ArgumentError(f"return period {periods[periods <= 0.0][0]:g} is not possible", "it must be positive.")

    def at(self, distribution: Family, questions: Array) -> Array:
        """Levels, in the unit of the data."""
        return level_beyond(distribution, np.log(questions))

    def derivatives(self, distribution: Family, questions: Array) -> Level:
        """Levels with two derivatives in the parameters, in closed form."""
        return distribution.level_derivatives(np.log(questions))


@dataclass(frozen=True, eq=False)
class PeakPeriod(Quantity):
    """The mean time between events beyond a level, in years; inf above an upper endpoint.

    Parameters
    ----------
    questions
        Levels at the threshold or beyond, in the unit of the data.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.distributions import GPDProcess
    >>> ev.quantities.PeakPeriod([100.0])(GPDProcess(60.0, 12.0, 0.7, 0.1)).round(1)
    array([8.8])
    """

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, questions: ArrayLike) -> None: ...

    name = "return_period"
    asked = "level"
    in_data_unit = False

    def __post_init__(self) -> None:
        checked_questions(self, "levels")

    def at(self, distribution: Family, questions: Array) -> Array:
        """Return periods in years."""
        with np.errstate(over="ignore"):
            return np.exp(_variate(distribution, questions))

    def linked(self, distribution: Family) -> Array:
        """The logarithm of the period."""
        return _variate(distribution[..., None], self.questions)

    def linked_gradient(self, distribution: Family) -> Array:
        """That of the reduced variate."""
        return through_variate(self, distribution, np.ones_like)

    def from_link(self, linked: Array, family: type[Family]) -> Array:
        """The exponential."""
        with np.errstate(over="ignore"):
            return np.exp(linked)


def _variate(distribution: Family, levels: ArrayLike) -> Array:
    """Minus the logarithm of the events a year beyond the levels."""
    extreme = distribution.as_maxima()
    return extreme.reduced(-np.asarray(levels) if distribution.minima else levels)


@dataclass(frozen=True, eq=False)
class PeakValueAtRisk(ValueAtRisk):
    """The loss that a peak, or a single observation, does not exceed with probability p.

    Of the observations, ``observations`` a year, a share rate/observations exceeds the threshold, so that the value at
    risk is the level with (1 - p) observations events a year beyond. Of a peak it is the quantile of the sizes.

    Parameters
    ----------
    questions
        Probabilities p in (0, 1).
    observations
        A year; None for a peak.

    References
    ----------
    - McNeil, A. J., Frey, R. and Embrechts, P. (2015). Quantitative Risk Management, equation 5.18.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.distributions import GPDProcess
    >>> ev.quantities.PeakValueAtRisk([0.99])(GPDProcess(60.0, 12.0, 0.7, 0.1)).round(1)
    array([130.2])
    """

    def at(self, distribution: Family, questions: Array) -> Array:
        """Values at risk, in the unit of the data."""
        return level_beyond(distribution, self._y(distribution, questions))

    def derivatives(self, distribution: Family, questions: Array) -> Level:
        """Values at risk with two derivatives in the parameters, in closed form."""
        found = distribution.level_derivatives(self._y(distribution, questions))
        return found if self.observations is not None else _without_rate(found)

    def _y(self, distribution: Family, questions: Array) -> Array:
        beyond = -np.log1p(-questions)
        if self.observations is None:
            return np.asarray(beyond - distribution.as_maxima().log_rate)  # type: ignore[attr-defined]
        return np.asarray(beyond - np.log(self.observations))

    def outside_tail(self) -> Array:
        """None: a question below the threshold is an error."""
        return np.empty(0)


@dataclass(frozen=True, eq=False)
class PeakRate(Quantity):
    """The number of peaks a year that is expected; symmetric intervals are of its logarithm.

    Parameters
    ----------
    questions
        The place of the answer, [0] unless given.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.distributions import GPDProcess
    >>> ev.quantities.PeakRate()(GPDProcess(60.0, 12.0, 0.7, 0.1)).round(2)
    array([2.01])
    """

    questions: Array = field(default_factory=lambda: np.zeros(1))

    name = "rate"
    asked = "parameter"
    in_data_unit = False
    is_level = False

    def at(self, distribution: Family, questions: Array) -> Array:
        """Peaks a year."""
        return np.exp(distribution.parameters[..., distribution.rates[0]] + 0.0 * questions)

    def linked(self, distribution: Family) -> Array:
        """The logarithm, a parameter of the process."""
        return np.asarray(distribution.parameters[..., list(distribution.rates)])

    def linked_gradient(self, distribution: Family) -> Array:
        """1 in that parameter."""
        parameters = distribution.parameters
        one = np.eye(parameters.shape[-1])[list(distribution.rates)]
        return np.broadcast_to(one, (*parameters.shape[:-1], *one.shape))

    def from_link(self, linked: Array, family: type[Family]) -> Array:
        """The exponential."""
        return np.exp(linked)


@dataclass(frozen=True, eq=False)
class PeakExpectedShortfall(PeakValueAtRisk, ExpectedShortfall):
    """The mean loss beyond the value at risk, of a peak or a single observation: (VaR + scale - shape loc)/(1 - shape).

    NaN where the shape is 1 or more: the mean is infinite, and no interval is given. So it is estimated in .3 % of
    samples of 20 peaks of shape .2 (2,000 samples, seed 5).

    References
    ----------
    - McNeil, A. J., Frey, R. and Embrechts, P. (2015). Quantitative Risk Management, equation 5.19.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.distributions import GPDProcess
    >>> ev.quantities.PeakExpectedShortfall([0.99])(GPDProcess(60.0, 12.0, 0.7, 0.1)).round(1)
    array([151.3])
    """

    name = "expected_shortfall"
    is_level = False

    def at(self, distribution: Family, questions: Array) -> Array:
        """Expected shortfalls, in the unit of the data."""
        extreme = distribution.as_maxima()
        beyond = self.derivatives(extreme, questions).value
        return -beyond if distribution.minima else beyond

    def derivatives(self, distribution: Family, questions: Array) -> Level:
        """Expected shortfalls of peaks above, with two derivatives in the parameters, in closed form."""
        level = PeakValueAtRisk.derivatives(self, distribution, questions)
        has_shape, k = len(level.first) > 3, len(level.first)
        xi = distribution.parameters[..., -1] if has_shape else np.zeros(())
        with np.errstate(divide="ignore", invalid="ignore"):
            q = np.where(xi < 1.0, 1.0 / (1.0 - xi), np.nan)
            over = level.value - distribution.loc + distribution.scale  # of a family of maxima
            value = distribution.loc + q * over
            inner: list[Array] = [
                np.zeros_like(value),
                1.0 + level.first[1],
                *level.first[2:],
            ]  # derivatives of what q multiplies
            first = [np.ones_like(value), *(q * own for own in inner[1:])]
            second = [[q * level.second[i][j] if i and j else np.zeros_like(value) for j in range(k)] for i in range(k)]
            if has_shape:
                first[-1] = first[-1] + q * q * over
                for i in range(1, k - 1):
                    second[i][-1] = second[-1][i] = second[i][-1] + q * q * inner[i]
                second[-1][-1] = second[-1][-1] + 2.0 * q * q * inner[-1] + 2.0 * q**3 * over
        return Level(value, tuple(first), tuple(tuple(row) for row in second))


def _without_rate(found: Level) -> Level:
    """A level that stays where it is when the rate alone changes."""
    zero = np.zeros_like(found.value)
    first = tuple(zero if place == 2 else own for place, own in enumerate(found.first))
    second = tuple(
        tuple(zero if 2 in (i, j) else entry for j, entry in enumerate(row)) for i, row in enumerate(found.second)
    )
    return Level(found.value, first, second)


__all__ = ["PeakExpectedShortfall", "PeakLevel", "PeakPeriod", "PeakRate", "PeakValueAtRisk", "level_beyond"]
