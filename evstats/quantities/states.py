"""What a quantity of several states of the covariates is, and the equation that ties it to a number of each.

It is a function of one number per state, a reduced variate or a level, and says itself as an equation G = 0 between
these numbers and its value. From the equation follow its derivatives, and the parameter that gives it a value.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple, Self

import numpy as np

from evstats.arrays import Array, Places
from evstats.distributions import Family

#: The place of the states that a change is between.
NOW, THEN = 0, 1


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
