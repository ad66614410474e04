"""What every quantity is: a question of a distribution, with derivatives in its parameters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.distributions import Family
from evstats.distributions.derivatives import Level, symmetric
from evstats.errors import ArgumentError
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number


@dataclass(frozen=True, eq=False)
class Quantity(ABC):
    """A question with one answer per element of ``questions``, a 1-d array.

    Attributes
    ----------
    questions
        One number each, (questions,).

    Examples
    --------
    >>> import evstats as ev
    >>> level = ev.ReturnLevel([10, 100])
    >>> isinstance(level, ev.quantities.Quantity), level.name, level.asked
    (True, 'return_level', 'return_period')
    >>> level(ev.Gumbel([90.0, 100.0], 20.0)).shape
    (2, 2)
    """

    questions: Array

    #: What the answer is called, and what the questions are called in a table's index.
    name: ClassVar[str]
    asked: ClassVar[str]
    #: Whether the answer is in the unit of the data.
    in_data_unit: ClassVar[bool] = True
    #: Whether question and answer are a level and its probability, in whatever form.
    is_level: ClassVar[bool] = True

    def __call__(self, distribution: Family) -> Array:
        """The answers, shape batch + (questions,)."""
        return self.at(distribution[..., None], self.questions)

    @abstractmethod
    def at(self, distribution: Family, questions: Array) -> Array:
        """The answer of each distribution to its own question; the two broadcast.

        Parameters
        ----------
        distribution
            A distribution, or a batch of them.
        questions
            The questions, one for each distribution or broadcasting against the batch.

        Returns
        -------
        Array
            Of the shape to which both broadcast.
        """

    def derivatives(self, distribution: Family, questions: Array) -> Level:
        """The answer of each distribution of maxima with two derivatives in its parameters; for answers in data unit.

        By differences in the shapes of a family with one location and one scale, unless a quantity says otherwise.

        Parameters
        ----------
        distribution
            Of maxima, a batch of them.
        questions
            The questions, one for each distribution or broadcasting against the batch.

        Returns
        -------
        Level
            Of the shape to which both broadcast.
        """
        return _by_differences(lambda family: self.at(family, questions), distribution)

    def on_working(self, family: type[Family], inside: float) -> Quantity | None:
        """The question of the distribution of the values as they are estimated, whose answer is that of the values.

        Of a level and its probability: the level turned, whichever of the two it is; one that no value can reach is
        asked as one that is ``inside``.

        In the unit of the data the answer is turned back. None where there is no such question.

        Parameters
        ----------
        family
            The family, a class.
        inside
            A level among the values, on the scale on which they are estimated.

        Returns
        -------
        Quantity or None
            The question.
        """
        if not self.is_level:
            return None
        if family.working() is family or self.in_data_unit:
            return self
        levels = family.to_working(self.questions)
        return replace(self, questions=np.where(np.isneginf(levels), inside, levels))

    def linked(self, distribution: Family) -> Array:
        """The answers on the scale of symmetric intervals; the answer's own unless a quantity says otherwise.

        Parameters
        ----------
        distribution
            A distribution, or a batch of them.

        Returns
        -------
        Array
            Of shape batch + (questions,).
        """
        return self(distribution)

    def from_link(self, linked: Array, family: type[Family]) -> Array:
        """Back from the scale of symmetric intervals, of a distribution of this family.

        Parameters
        ----------
        linked
            Of shape batch + (questions,).
        family
            The family, a class.

        Returns
        -------
        Array
            Answers.
        """
        return linked

    def linked_gradient(self, distribution: Family) -> Array:
        """The derivatives of ``linked`` in the parameters, shape batch + (questions, k).

        Parameters
        ----------
        distribution
            A distribution, or a batch of them.

        Returns
        -------
        Array
            Of shape batch + (questions, k).
        """
        minima = distribution.minima
        answers = self.derivatives((distribution.as_maxima() if minima else distribution)[..., None], self.questions)
        columns = [-own if minima and place > 0 else own for place, own in enumerate(answers.first)]
        return np.stack(np.broadcast_arrays(*columns), axis=-1)


def through_variate(quantity: Quantity, distribution: Family, slope: Callable[[Array], Array]) -> Array:
    """The gradient, batch + (questions, k), of a function of levels' reduced variate y; its slope from exp(-y)."""
    r = distribution[..., None].reduced_derivatives(quantity.questions)
    with np.errstate(all="ignore"):
        along = slope(np.exp(-r.y))
        return np.stack(np.broadcast_arrays(*(along * own for own in r.y_first)), axis=-1)


#: Places of the differences and the weights of the first and second derivative, in steps.
_OFFSETS = np.arange(-2.0, 3.0)
_FIRST = np.array([1.0, -8.0, 0.0, 8.0, -1.0]) / 12.0
_SECOND = np.array([-1.0, 16.0, -30.0, 16.0, -1.0]) / 12.0
_STEP = 1e-3


def _by_differences(answer: Callable[[Family], Array], distribution: Family) -> Level:
    """An answer with its derivatives in the parameters, by fourth-order differences.

    Steps are a thousandth of the scale, or of one for a shape, and less where that is near 1. Of a family with one
    location and one scale the answer is loc + scale m(shapes), and only m is looked at.
    """
    family = type(distribution)
    parameters = [np.asarray(getattr(distribution, name)) for name in family.parameter_names]
    k, simple = len(parameters), family.scales == (1,) and family.working() is family
    steps = [_step_in(family, place, parameters) for place in range(k)]
    start = [0.0 * parameters[0], 1.0 + 0.0 * parameters[1], *parameters[2:]] if simple else parameters

    def value_at(at: list[Array]) -> Array:
        return answer(family.trial(*at))

    def along(place: int, second: bool, function: Callable[[list[Array]], Array], at: list[Array]) -> Array:
        """A derivative of a function in one parameter."""
        step, weights = steps[place], _SECOND if second else _FIRST
        moved = [function([*at[:place], at[place] + offset * step, *at[place + 1 :]]) for offset in _OFFSETS]
        return np.tensordot(weights, np.stack(moved), axes=1) / (step * step if second else step)

    m, scale = value_at(start), parameters[1] if simple else 1.0
    first = [along(place, False, value_at, start) for place in range(2 * simple, k)]

    def entry(i: int, j: int) -> Array:
        if simple and i < 2:
            return first[j - 2] if i == 1 and j > 1 else np.zeros_like(m)
        if i == j:
            return scale * along(i, True, value_at, start)
        return scale * along(i, False, lambda at: along(j, False, value_at, at), start)

    if simple:
        gradient = (np.ones_like(m), m, *(scale * own for own in first))
        return Level(parameters[0] + scale * m, gradient, symmetric(entry, k))
    return Level(m, tuple(first), symmetric(entry, k))


def _step_in(family: type[Family], place: int, parameters: list[Array]) -> Array:
    """How long a step in a parameter is."""
    for scale in reversed(family.scales):
        if place in (scale, scale - 1):
            return np.asarray(_STEP * parameters[scale])
    return np.clip(0.1 * np.abs(1.0 - parameters[place]), 1e-9, _STEP)


def as_questions(asked: ArrayLike, what: str) -> Array:
    """Check a number or a sequence of numbers, and give it as a 1-d float array.

    Parameters
    ----------
    asked
        What was given.
    what
        What the numbers are, for the error.

    Returns
    -------
    Array
        (questions,).

    Raises
    ------
    ArgumentError
        No number, an empty or nested sequence, a number that is not finite.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.quantities.as_questions(10, "return periods")
    array([10.])
    """
    try:
        if np.asarray(asked).dtype.kind == "b":
            raise TypeError("True and False are no numbers")
        questions = np.atleast_1d(np.asarray(asked, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"the {what} are {asked!r}", "expected a number or a sequence of numbers.") from error
    if questions.ndim != 1 or questions.size == 0:
        raise ArgumentError(
            f"the {what} have shape {questions.shape}", "expected a number or a non-empty 1-d sequence."
        )
    if not np.isfinite(questions).all():
        raise ArgumentError(f"the {what} contain {questions[~np.isfinite(questions)][0]}", "expected finite numbers.")
    return questions


def checked_questions(quantity: Quantity, what: str) -> Array:
    """The questions of a quantity as a 1-d float array, which it keeps."""
    questions = as_questions(quantity.questions, what)
    object.__setattr__(quantity, "questions", questions)
    return questions


def as_probabilities(asked: ArrayLike) -> Array:
    """Check a number or a sequence of numbers in (0, 1), and give it as a 1-d float array.

    Parameters
    ----------
    asked
        What was given.

    Returns
    -------
    Array
        (questions,).

    Raises
    ------
    ArgumentError
        A number outside (0, 1); of 99 with the advice that 0.99 was meant.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.quantities.as_probabilities([0.95, 0.99])
    array([0.95, 0.99])
    """
    levels = as_questions(asked, "probabilities")
    bad = ~((levels > 0) & (levels < 1))
    if bad.any():
        hint = f"Did you mean {levels[bad][0] / 100:g}?" if 50 <= levels[bad][0] < 100 else ""
        problem = f"probability {number(levels[bad][0], 6)} is outside (0, 1)."
        raise ArgumentError(problem, hint, argument="probabilities")
    return levels


def positive_years(years: float) -> float:
    """Check that a number of years is positive, and give it as a float.

    Parameters
    ----------
    years
        What was given.

    Returns
    -------
    float
        The number.

    Raises
    ------
    ArgumentError
        Anything else.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.quantities.positive_years(30)
    30.0
    """
    asked = float(years) if isinstance(years, (int, float, np.number)) and not isinstance(years, bool) else np.nan
    if not (np.isfinite(asked) and asked > 0):
        raise ArgumentError(Text(Setting("years"), f" is {years}"), "expected a positive number of years.")
    return asked


__all__ = [
    "Array",
    "Quantity",
    "as_probabilities",
    "as_questions",
    "checked_questions",
    "positive_years",
    "through_variate",
]
