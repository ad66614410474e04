"""Quantities of two states of the covariates, now and then: how probabilities, rates and levels have changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple

import numpy as np

from evstats.arrays import Array, Mask, Places
from evstats.distributions import Family
from evstats.distributions.probabilities import log_sf_of_reduced
from evstats.quantities.states import NOW, THEN, Equation, Numbers, OfStates, levels, variates

#: Below so many expected events the chance of one is taken by its series.
_FEW = 1e-5


@dataclass(frozen=True, eq=False)
class LogProbabilityRatio(OfStates):
    """The logarithm of the probability now over that then that a level, the question, is passed in so many blocks.

    Attributes
    ----------
    blocks
        In how many blocks.

    References
    ----------
    - Philip, S. et al. (2020). Advances in Statistical Climatology, Meteorology and Oceanography 6, 177-203.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> states = ev.Gumbel(np.array([[110.0], [100.0]]), 20.0)  # now, then
    >>> np.exp(ev.quantities.LogProbabilityRatio(np.array([180.0])).value(states)).round(2)
    array([1.64])
    """

    blocks: float = 1.0

    of_level = True
    #: The reduced variate of an upper end.
    end: ClassVar[float] = 1e5

    def counted(self, loc: Array, scale: Array) -> LogProbabilityRatio:
        """With the level counted so."""
        return replace(self, question=(self.question - loc) / scale)

    def value(self, family: Family) -> Array:
        """The value, inf where the level cannot be passed then, -inf where it cannot now, NaN in neither."""
        now, then = log_sf_of_reduced(family.reduced(self.question) - np.log(self.blocks))
        with np.errstate(invalid="ignore"):
            return np.asarray(now - then)

    def equation(self, family: Family, value: Array) -> Equation:
        """The equation G = log p now - log p then - value."""
        numbers = variates(family, self.question)
        y = numbers.value - np.log(self.blocks)
        (now, then), slope, bend = log_sf_of_reduced(y), *_log_chance_slopes(y)
        first, second = np.stack([slope[NOW], -slope[THEN]]), np.zeros((2, *slope.shape))
        second[NOW, NOW], second[THEN, THEN] = bend[NOW], -bend[THEN]
        return Equation(now - then - value, np.full(value.shape, -1.0), first, second, numbers)

    def both(self, y: Array, value: Array, larger: Places) -> Both:
        """The variates in both states, where y is that of the larger probability, and the value that of their ratio.

        Parameters
        ----------
        y
            The variate of the larger probability, (rows,).
        value
            The ratio, (rows,).
        larger
            In which state it is larger, (rows,).

        Returns
        -------
        Both
            (2, rows).
        """
        at = y - np.log(self.blocks)
        turn = np.where(larger == NOW, 1.0, -1.0)
        other = variate_of_chance(log_sf_of_reduced(at) - turn * value)
        (slope, bend), (slope_other, bend_other) = _log_chance_slopes(at), _log_chance_slopes(other)
        first = slope / slope_other
        second = (bend - bend_other * first * first) / slope_other
        here = larger == NOW
        nothing = np.zeros_like(y)
        return Both(
            _placed(here, y, other + np.log(self.blocks)),
            _placed(here, nothing + 1.0, first),
            _placed(here, nothing, second),
            _placed(here, nothing, -turn / slope_other),
        )

    def ends(self, family: Family) -> Array:
        """How far the upper end is beyond the level in every state, (states, rows); inf where there is none.

        Parameters
        ----------
        family
            The distribution, parameters (states, rows).

        Returns
        -------
        Array
            (states, rows).
        """
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(family.from_gumbel(self.end)) - self.question


@dataclass(frozen=True, eq=False)
class LogRatioByRate(OfStates):
    """The logarithm of the probability ratio of peaks over a threshold whose rate alone moves.

    Of events that are impossible, and of very rare ones, it is the logarithm of the ratio of the rates, which it then
    goes to.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> from evstats.distributions import GPDProcess
    >>> states = GPDProcess(60.0, 12.0, np.log([[3.0], [2.0]]), 0.1)  # now, then
    >>> np.exp(ev.quantities.LogRatioByRate(np.array([180.0])).value(states)).round(2)
    array([1.5])
    """

    of_level = True
    #: The reduced variate from which on one event in a year is all that matters.
    rare: ClassVar[float] = 30.0

    def counted(self, loc: Array, scale: Array) -> LogRatioByRate:
        """With the level counted so."""
        return replace(self, question=(self.question - loc) / scale)

    def value(self, family: Family) -> Array:
        """The value, log p now - log p then."""
        y, log_rates = family.reduced(self.question), self._log_rates(family)
        with np.errstate(invalid="ignore"):
            apart = np.subtract(*log_sf_of_reduced(y))
        return np.where(self._rare(y), log_rates[NOW] - log_rates[THEN], apart)

    def equation(self, family: Family, value: Array) -> Equation:
        """The equation G = log p now - log p then - value."""
        found, rare = (
            LogProbabilityRatio(self.question).equation(family, value),
            self._rare(family.reduced(self.question)),
        )
        log_rates, first = self._log_rates(family), np.zeros(found.numbers.first.shape)
        first[family.rates[0]] = -1.0  # of a variate
        numbers = Numbers(
            np.where(rare, -log_rates, found.numbers.value),
            np.where(rare, first, found.numbers.first),
            np.where(rare, 0.0, found.numbers.second),
        )
        apart = np.stack([np.full(value.shape, -1.0), np.ones(value.shape)])
        return Equation(
            self.value(family) - value,
            found.along,
            np.where(rare, apart, found.first),
            lambda moves: np.where(rare, 0.0, found.bent(moves)),
            numbers,
        )

    def wanted(self, family: Family, value: Array, moved: Places) -> tuple[Array, Array]:
        """The level with the probability that goes with that in the other state.

        Where it is rare, the threshold with the rate that does.
        """
        turn, y = np.where(moved == NOW, 1.0, -1.0), family.reduced(self.question)
        variate = variate_of_chance(log_sf_of_reduced(_in_state(y, 1 - moved)) + turn * value)
        log_rate = _in_state(self._log_rates(family), 1 - moved) + turn * value
        return np.where(self._rare(y), -log_rate, variate), np.where(self._rare(y), 0.0, self.question)

    def _rare(self, y: Array) -> Mask:
        return np.asarray(y.min(axis=0) > self.rare)

    def _log_rates(self, family: Family) -> Array:
        log_rates = getattr(family, family.parameter_names[family.rates[0]])
        return np.asarray(np.broadcast_to(log_rates, (2, len(self.question))))


class Both(NamedTuple):
    """Variates in both states (2, rows), their two derivatives in the one that is given, and that along the value."""

    value: Array
    first: Array
    second: Array
    along: Array


@dataclass(frozen=True, eq=False)
class LevelChange(OfStates):
    """The level with a reduced variate, the question, now less that then.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> states = ev.Gumbel(np.array([[110.0], [100.0]]), 20.0)  # now, then
    >>> ev.quantities.LevelChange(np.array([4.6])).value(states)
    array([10.])
    """

    kind = "difference"

    def counted(self, loc: Array, scale: Array) -> LevelChange:
        """A variate has no unit."""
        return self

    def value(self, family: Family) -> Array:
        """The difference."""
        now, then = family.from_gumbel(self.question)
        return np.asarray(now - then)

    def equation(self, family: Family, value: Array) -> Equation:
        """The equation G = level now - level then - value."""
        numbers = levels(family, self.question)
        now, then = numbers.value
        first = np.ones(numbers.value.shape)
        first[THEN] = -1.0
        return Equation(now - then - value, np.full(value.shape, -1.0), first, np.zeros((2, *first.shape)), numbers)

    def wanted(self, family: Family, value: Array, moved: Places) -> tuple[Array, Array]:
        """The level in one state, from that in the other."""
        other = _in_state(family.from_gumbel(self.question), 1 - moved)
        return self.question, np.where(moved == NOW, other + value, other - value)


@dataclass(frozen=True, eq=False)
class EventChange(OfStates):
    """A level, the question, less the level that was as rare then as it is now.

    Where it cannot be passed now it is the change of the upper end.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> states = ev.Gumbel(np.array([[110.0], [100.0]]), 20.0)  # now, then
    >>> ev.quantities.EventChange(np.array([180.0])).value(states).round(6)
    array([10.])
    """

    kind = "difference"
    of_level = True

    def counted(self, loc: Array, scale: Array) -> EventChange:
        """With the level counted so."""
        return replace(self, question=(self.question - loc) / scale)

    def value(self, family: Family) -> Array:
        """The difference."""
        y = family.reduced(self.question)[NOW]
        possible = np.isfinite(y)
        now, then = family.from_gumbel(np.where(possible, y, LogProbabilityRatio.end))
        return np.where(possible, self.question, now) - then

    def equation(self, family: Family, value: Array) -> Equation:
        """Reduced variate of level - value then, less that of the level now."""
        x = np.stack([self.question, self.question - value])
        numbers = variates(family, x)
        now, then = numbers.value
        with np.errstate(over="ignore", invalid="ignore"):
            along = -np.exp(family.reduced_derivatives(x).log_slope[THEN])
        first = np.ones(numbers.value.shape)
        first[NOW] = -1.0
        return Equation(then - now, along, first, np.zeros((2, *first.shape)), numbers)

    def wanted(self, family: Family, value: Array, moved: Places) -> tuple[Array, Array]:
        """The variate now is to be that of level - value then."""
        x = np.stack([self.question, self.question - value])
        return _in_state(family.reduced(x), 1 - moved), _in_state(x, moved)


def _log_chance_slopes(y: Array) -> tuple[Array, Array]:
    """The derivatives of log(1 - F) in the reduced variate: with w = exp(-y), -w/(exp(w) - 1) and on."""
    with np.errstate(over="ignore", invalid="ignore"):
        w = np.exp(-y)
        share = np.where(w < _FEW, 1.0 - 0.5 * w, w / np.expm1(w))
        share = np.where(np.isnan(share), 0.0, share)
        bend = np.where(w < _FEW, -0.5 * w, share * (1.0 - share - w))
        return -share, np.where(np.isfinite(bend), bend, 0.0)


def variate_of_chance(log_p: Array) -> Array:
    """The reduced variate that is passed with a probability of this logarithm; NaN of 0 and more."""
    with np.errstate(all="ignore"):
        p = np.exp(log_p)
        return np.where(log_p < -12.0, -log_p - 0.5 * p, -np.log(-np.log1p(-p)))


def _placed(here: Mask, one: Array, other: Array) -> Array:
    """(2, rows): the one first where ``here``, else the other."""
    return np.stack([np.where(here, one, other), np.where(here, other, one)])


def _in_state(numbers: Array, state: Places) -> Array:
    """Of every row (states, rows) that of its own state."""
    return np.asarray(numbers[state, np.arange(numbers.shape[1])])
