"""Quantities of many states of the covariates, one after the other: design lives, and the time until an event comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evstats.arrays import Array, Places
from evstats.distributions import Family
from evstats.distributions.probabilities import log_sf_of_reduced
from evstats.quantities.states import Equation, OfStates, variates

#: So many expected events are as many as any number: one comes for certain.
_MANY = 1e3


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


def _some(family: Family, rows: Places) -> Family:
    """The distributions of some rows, in every state."""
    return type(family).trial(*(np.asarray(getattr(family, name))[:, rows] for name in family.columns()))
