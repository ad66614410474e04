"""Quantities of the distribution in two or many states of the covariates: changes between two, and design lives.

Each is a function of one number per state, a reduced variate or a level, and says itself as an equation G = 0 between
these numbers and its value. From the equation follow its derivatives, and the parameter that gives it a value.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple, Self

import numpy as np

from evstats.arrays import Array, Mask, Places
from evstats.distributions import Family
from evstats.distributions.probabilities import log_sf_of_reduced

#: The place of the states that a change is between.
NOW, THEN = 0, 1
#: Below so many expected events the chance of one is taken by its series.
_FEW = 1e-5
#: So many expected events are as many as any number: one comes for certain.
_MANY = 1e3
_MOST_STEPS = 200


class Numbers(NamedTuple):
    """A number of every state, (states, rows), and its derivatives in the k parameters there: ``first[i]`` and
    ``second(i, j)``.
    """

    value: Array
    first: Array
    second: Array


class Equation(NamedTuple):
    """G at the parameters and a value, (rows,): itself, its derivative in the value, and those in the numbers of the
    states, (states, rows) and (states, states, rows); of many states in place of the second a function, as ``bent``,
    whose work grows with their number alone.
    """

    value: Array
    along: Array
    first: Array
    second: Array | Callable[[Array], Array]
    numbers: Numbers

    def bent(self, moves: Array) -> Array:
        """The second derivatives along the moves of the numbers with coefficients, (states, p, rows): (p, p, rows)."""
        if callable(self.second):
            return self.second(moves)
        return np.asarray(np.einsum("spr,sur,uqr->pqr", moves, self.second, moves, optimize=True))


@dataclass(frozen=True, eq=False)
class OfStates(ABC):
    """A quantity of a family of maxima in several states; its parameters there are arrays (states, rows).

    ``question`` (rows,) is each row's own.

    Attributes
    ----------
    question
        One of each row, (rows,).

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> states = ev.Gumbel(np.array([[110.0], [100.0]]), 20.0)  # now, then
    >>> function = ev.quantities.LevelChange(np.array([4.6]))
    >>> isinstance(function, ev.quantities.OfStates), function.value(states)
    (True, array([10.]))
    """

    question: Array

    #: What a value counts in: "pure" numbers, a "difference" of levels, or a "level".
    kind: ClassVar[str] = "pure"
    #: Whether the question is a level.
    of_level: ClassVar[bool] = False
    #: Whether it is of two states, and follows from the parameter in one of them and all others.
    of_two: ClassVar[bool] = True

    def rows(self, some: Places) -> Self:
        """The same of some of the rows.

        Parameters
        ----------
        some
            Their places.

        Returns
        -------
        OfStates
            Of the same kind.
        """
        return replace(self, question=self.question[some])

    def mirrored(self) -> Self:
        """The same of -x."""
        return replace(self, question=-self.question) if self.of_level else self

    @abstractmethod
    def counted(self, loc: Array, scale: Array) -> OfStates:
        """The same of data counted from ``loc`` in units of ``scale``, each (rows,).

        Parameters
        ----------
        loc, scale
            (rows,).

        Returns
        -------
        OfStates
            Of the same kind.
        """

    @abstractmethod
    def value(self, family: Family) -> Array:
        """The value, (rows,).

        Parameters
        ----------
        family
            The distribution, parameters (states, rows).

        Returns
        -------
        Array
            (rows,).
        """

    @abstractmethod
    def equation(self, family: Family, value: Array) -> Equation:
        """The equation G that is 0 where the quantity has this value, with its derivatives.

        Parameters
        ----------
        family
            The distribution, parameters (states, rows).
        value
            (rows,).

        Returns
        -------
        Equation
            G and its derivatives.
        """

    def wanted(self, family: Family, value: Array, moved: Places) -> tuple[Array, Array]:
        """Of two states: the reduced variate and the level (rows,) that go together in the state that is ``moved``.

        Parameters
        ----------
        family
            The distribution, parameters (states, rows).
        value
            (rows,).
        moved
            Which of the two states is moved, (rows,).

        Returns
        -------
        tuple of Array
            Variate and level, (rows,) each.
        """
        raise NotImplementedError  # only called where ``of_two``

    def level(self, family: Family, value: Array) -> tuple[Array, Array]:
        """Of many states: the level at which the quantity would have this value, and where it is to be, (rows,).

        Parameters
        ----------
        family
            The distribution, parameters (states, rows).
        value
            (rows,).

        Returns
        -------
        tuple of Array
            (rows,) each.
        """
        raise NotImplementedError  # only called where not ``of_two``

    def moved(self, value: Array) -> Places:
        """Of two states the one whose parameter follows from the value and all else, (rows,).

        Parameters
        ----------
        value
            (rows,).

        Returns
        -------
        Places
            0 for now and 1 for then, (rows,).
        """
        return np.full(value.shape, THEN)


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


@dataclass(frozen=True, eq=False)
class DesignLife(OfStates):
    """The level that is not passed in any of the states with a given probability: exp(-question).

    So many events beyond it are expected over all states.

    References
    ----------
    - Rootzen, H. and Katz, R. W. (2013). Water Resources Research 49, 5964-5972, equation 1.
    - Hu, Y., Liang, Z., Singh, V. P. et al. (2018). Journal of Hydrology 557, 155-166 (equivalent reliability).

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> states = ev.Gumbel(np.linspace(100.0, 130.0, 30)[:, None], 20.0)  # block by block
    >>> ev.quantities.DesignLife(-np.log([0.9])).value(states).round(1)  # passed with probability 0.1
    array([230.])
    """

    kind = "level"
    of_two = False

    def counted(self, loc: Array, scale: Array) -> DesignLife:
        """An expected number has no unit."""
        return self

    def value(self, family: Family) -> Array:
        """The level, (rows,)."""
        states = len(np.atleast_2d(family.from_gumbel(0.0)))
        each = family.from_gumbel(-np.log(self.question / states))
        log_wanted = np.log(self.question)

        def more(x: Array, rows: Places) -> Array:
            return _log_sum(-_some(family, rows).reduced(x))[0] - log_wanted[rows]

        return _root(more, family, each.min(axis=0), each.max(axis=0))

    def equation(self, family: Family, value: Array) -> Equation:
        """The logarithm of the number of events expected beyond the value, less that wanted."""
        numbers = variates(family, value)
        total, share = _log_sum(-numbers.value)

        def second(moves: Array) -> Array:
            mean = np.einsum("sr,spr->pr", share, moves)
            return np.einsum("sr,spr,sqr->pqr", share, moves, moves) - mean[:, None] * mean

        with np.errstate(over="ignore", invalid="ignore"):
            slope = np.exp(family.reduced_derivatives(value).log_slope)
        along = -np.sum(np.where(share > 0.0, share * slope, 0.0), axis=0)
        return Equation(total - np.log(self.question), along, -share, second, numbers)

    def level(self, family: Family, value: Array) -> tuple[Array, Array]:
        """Its own value, which is to be the one given."""
        return self.value(family), value


@dataclass(frozen=True, eq=False)
class LogWaitingTime(OfStates):
    """The logarithm of the expected number of blocks until a level, the question, is first passed.

    The states are blocks one after the other, of which the last stays as it is. With P_t the chance that none of the
    first t passes the level, and p that of the last block, the time is the sum of P_t over t = 0 ... n - 1, and P_n/p.

    References
    ----------
    - Olsen, J. R., Lambert, J. H. and Haimes, Y. Y. (1998). Risk Analysis 18, 497-510.
    - Cooley, D. (2013). In: Extremes in a Changing Climate, Springer, 97-114, equation 4.4.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> states = ev.Gumbel(np.linspace(100.0, 130.0, 30)[:, None], 20.0)  # block by block, the last one goes on
    >>> np.exp(ev.quantities.LogWaitingTime(np.array([180.0])).value(states)).round(1)
    array([23.6])
    """

    of_level = True
    of_two = False

    def counted(self, loc: Array, scale: Array) -> LogWaitingTime:
        """With the level counted so."""
        return replace(self, question=(self.question - loc) / scale)

    def value(self, family: Family) -> Array:
        """The value, inf where the level cannot be passed in the end."""
        return _log_time(family.reduced(self.question))

    def left(self, family: Family) -> tuple[Array, Array]:
        """The chance that none of the blocks passes it, and its part in the time, (rows,).

        Parameters
        ----------
        family
            The distribution, parameters (states, rows).

        Returns
        -------
        tuple of Array
            (rows,) each.
        """
        y = family.reduced(self.question)
        none = none_passes(y)[-1]
        with np.errstate(divide="ignore", invalid="ignore"):
            return none, np.where(none > 0.0, none / np.exp(log_sf_of_reduced(y[-1]) + _log_time(y)), 0.0)

    def equation(self, family: Family, value: Array) -> Equation:
        """The equation G = log time - value."""
        numbers = variates(family, self.question)
        with np.errstate(over="ignore"):
            events = np.minimum(np.exp(-numbers.value), _MANY)
        none = none_passes(numbers.value)
        chance = -np.expm1(-events[-1])
        one, two = -np.exp(-events[-1]) / chance**2, np.exp(-events[-1]) * (1.0 + np.exp(-events[-1])) / chance**3
        # how the time falls with the events expected in a block, and how that does with those in a later one
        rest = np.cumsum(np.concatenate([none[:-1], none[-1:] / chance])[::-1], axis=0)[::-1]
        falls = np.array(rest)
        falls[-1] -= none[-1] * one
        time = 1.0 + rest[0]
        first = falls * events / time

        def second(moves: Array) -> Array:
            own = events[:, None] * moves
            before = np.cumsum(own, axis=0)  # of two blocks what follows the later counts
            later = np.einsum("sr,spr,sqr->pqr", rest, own, before - 0.5 * own)
            end = -(none[-1] * one) * own[-1][:, None] * before[-1] + 0.5 * none[-1] * two * own[-1][:, None] * own[-1]
            both = later + np.swapaxes(later, 0, 1) + end + np.swapaxes(end, 0, 1)
            mean = np.einsum("sr,spr->pr", first, moves)
            return both / time - mean[:, None] * mean - np.einsum("sr,spr,sqr->pqr", first, moves, moves)

        return Equation(np.log(time) - value, np.full(value.shape, -1.0), first, second, numbers)

    def level(self, family: Family, value: Array) -> tuple[Array, Array]:
        """The level that has this time, which is to be the one asked for."""
        y = -np.log(-np.log1p(-np.exp(-value)))  # where every block is alike
        each = family.from_gumbel(np.stack([y - 3.0, y + 3.0])[:, None])
        found = _root(
            lambda x, rows: value[rows] - _log_time(_some(family, rows).reduced(x)),
            family,
            each.min(axis=(0, 1)),
            each.max(axis=(0, 1)),
        )
        return found, self.question


def variates(family: Family, x: Array) -> Numbers:
    """Reduced variates of levels with their derivatives, which are 0 where a variate is infinite."""
    with np.errstate(all="ignore"):
        r = family.reduced_derivatives(x)
        k = len(r.y_first)
        second = [[r.second(min(i, j), max(i, j))[0] for j in range(k)] for i in range(k)]
    found = _numbers(r.y, r.y_first, second)
    inside = np.isfinite(r.y)
    return found._replace(first=np.where(inside, found.first, 0.0), second=np.where(inside, found.second, 0.0))


def levels(family: Family, y: Array) -> Numbers:
    """Levels of reduced variates with their derivatives."""
    with np.errstate(all="ignore"):
        return _numbers(*family.level_derivatives(y))


def _numbers(value: Array, first: object, second: object) -> Numbers:
    shape = np.shape(value)
    flat = [np.broadcast_to(own, shape) for own in first]  # type: ignore[attr-defined]
    square = [[np.broadcast_to(own, shape) for own in row] for row in second]  # type: ignore[attr-defined]
    return Numbers(value, np.stack(flat), np.array(square))


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


def none_passes(y: Array) -> Array:
    """The chance that no block up to each of these, (states, rows), passes the level."""
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(-np.cumsum(np.exp(-y), axis=0)))


def _log_time(y: Array) -> Array:
    """The logarithm of the expected time until the first event, of blocks with these variates, (states, rows)."""
    none = none_passes(y)
    with np.errstate(divide="ignore", over="ignore"):
        last = np.where(none[-1] > 0.0, none[-1] * np.exp(-log_sf_of_reduced(y[-1])), 0.0)
    return np.asarray(np.log(1.0 + none[:-1].sum(axis=0) + last))


def _log_sum(logs: Array) -> tuple[Array, Array]:
    """The logarithm of a sum over the states, and the share of each."""
    highest = logs.max(axis=0)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        parts = np.where(np.isinf(highest), np.isposinf(logs), np.exp(logs - highest))
        total = parts.sum(axis=0)
        return highest + np.log(total), np.where(total > 0.0, parts / total, 0.0)


def _root(falling: Callable[[Array, Places], Array], family: Family, low: Array, high: Array) -> Array:
    """Where functions of levels that fall are 0, between two levels each; ``falling(x, rows)`` is of some of them."""
    from scipy.optimize.elementwise import find_root

    # a little more, as of states that are all alike both levels are the answer
    reach = np.max([np.abs(own - family.loc).max(axis=0) for own in (low, high)], axis=0)
    spare = 1e-6 * (np.max(family.scale, axis=0) + reach)
    with np.errstate(invalid="ignore"):
        found = find_root(falling, (low - spare, high + spare), args=(np.arange(low.size),))
    return np.asarray(found.x, dtype=np.float64)


def _placed(here: Mask, one: Array, other: Array) -> Array:
    """(2, rows): the one first where ``here``, else the other."""
    return np.stack([np.where(here, one, other), np.where(here, other, one)])


def _in_state(numbers: Array, state: Places) -> Array:
    """Of every row (states, rows) that of its own state."""
    return np.asarray(numbers[state, np.arange(numbers.shape[1])])


def _some(family: Family, rows: Places) -> Family:
    """The distributions of some rows, in every state."""
    return type(family).trial(*(np.asarray(getattr(family, name))[:, rows] for name in family.columns()))
