"""What can be asked of a distribution: levels, periods, probabilities and risk measures, each with its definition.

A quantity is a frozen object; called with a distribution of batch shape ``batch`` it gives an array of shape
``batch + (questions,)``. Intervals work on any quantity: they use the scale on which its estimate is most nearly normal
(``linked``/``from_link``), and, where it is location plus a multiple of the scale, that multiple.

For families of minima "exceeded" reads "undercut" throughout: the T-year minimum is undercut with probability 1/T.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.distributions import Family
from evstats.distributions.base import Level, symmetric
from evstats.errors import ArgumentError
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number


@dataclass(frozen=True, eq=False)
class Quantity(ABC):
    """A question with one answer per element of ``questions``, a 1-d array."""

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
        """The answer of each distribution to its own question; the two broadcast."""

    def derivatives(self, distribution: Family, questions: Array) -> Level:
        """The answer of each distribution of maxima with two derivatives in its parameters; for answers in data unit.

        By differences in the shapes of a family with one location and one scale, unless a quantity says otherwise.
        """
        return _by_differences(lambda family: self.at(family, questions), distribution)

    def linked(self, distribution: Family) -> Array:
        """The answers on the scale of symmetric intervals; the answer's own unless a quantity says otherwise."""
        return self(distribution)

    def from_link(self, linked: Array, family: type[Family]) -> Array:
        """Back from the scale of symmetric intervals, of a distribution of this family."""
        return linked

    def linked_gradient(self, distribution: Family) -> Array:
        """The derivatives of ``linked`` in the parameters, shape batch + (questions, k)."""
        minima = distribution.minima
        answers = self.derivatives((distribution.as_maxima() if minima else distribution)[..., None], self.questions)
        columns = [-own if minima and place > 0 else own for place, own in enumerate(answers.first)]
        return np.stack(np.broadcast_arrays(*columns), axis=-1)


@dataclass(frozen=True, eq=False)
class ReturnLevel(Quantity):
    """The level exceeded once in T years on average: F^-1(1 - 1/(lambda T)), lambda blocks a year.

    Parameters
    ----------
    questions : return periods T in years (in blocks for undated data), lambda T > 1.
    blocks_per_year : lambda; 1 for annual maxima, where T = 1/AEP.

    References
    ----------
    Coles (2001), section 3.1.3, equation 3.4.
    """

    blocks_per_year: float = 1.0

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, questions: ArrayLike, blocks_per_year: float = 1.0) -> None: ...

    name = "return_level"
    asked = "return_period"

    def __post_init__(self) -> None:
        periods = _questions(self, "return periods")
        bad = ~(periods * self.blocks_per_year > 1)
        if bad.any():
            least = "1" if self.blocks_per_year == 1 else f"{1 / self.blocks_per_year:.4g} years, the length of a block"
            problem = f"return period {number(periods[bad][0], 6)} is not possible"
            raise ArgumentError(problem, f"it must exceed {least}.", argument="periods")

    def at(self, distribution: Family, questions: Array) -> Array:
        """Levels, in the unit of the data."""
        return distribution.exceedance_level(1.0 / (self.blocks_per_year * questions))

    def derivatives(self, distribution: Family, questions: Array) -> Level:
        """Levels with two derivatives in the parameters, in closed form."""
        return distribution.level_derivatives(-np.log(-np.log1p(-1.0 / (self.blocks_per_year * questions))))


@dataclass(frozen=True, eq=False)
class ReturnPeriod(Quantity):
    """The mean time between exceedances of a level, in years: 1/(lambda (1 - F(x))); inf above an upper endpoint."""

    blocks_per_year: float = 1.0

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, questions: ArrayLike, blocks_per_year: float = 1.0) -> None: ...

    name = "return_period"
    asked = "level"
    in_data_unit = False

    def __post_init__(self) -> None:
        _questions(self, "levels")

    def at(self, distribution: Family, questions: Array) -> Array:
        """Return periods in years (blocks for undated data)."""
        with np.errstate(divide="ignore"):
            return 1.0 / (self.blocks_per_year * distribution.exceedance(questions))

    def linked(self, distribution: Family) -> Array:
        """log(lambda T - 1), the log odds of no exceedance: every finite limit is a possible period."""
        fitted = distribution[..., None]
        with np.errstate(invalid="ignore"):
            return fitted.log_non_exceedance(self.questions) - fitted.log_exceedance(self.questions)

    def linked_gradient(self, distribution: Family) -> Array:
        """With E = exp(-y) expected exceedances the odds are exp(-E)/(1 - exp(-E))."""
        return _through_variate(self, distribution, lambda e: e + e / np.expm1(e))

    def from_link(self, linked: Array, family: type[Family]) -> Array:
        """The period, never below one block."""
        with np.errstate(over="ignore"):
            return (1.0 + np.exp(linked)) / self.blocks_per_year


@dataclass(frozen=True, eq=False)
class ExceedanceProbability(Quantity):
    """The chance that a level is exceeded at least once within N years: 1 - F(x)^(lambda N).

    References
    ----------
    Chow, V. T., Maidment, D. R. and Mays, L. W. (1988). Applied Hydrology, equation 12.1.4 (hydrologic risk).
    """

    years: float = 1.0
    blocks_per_year: float = 1.0

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, questions: ArrayLike, years: float = 1.0, blocks_per_year: float = 1.0) -> None: ...

    name = "exceedance_probability"
    asked = "level"
    in_data_unit = False

    def __post_init__(self) -> None:
        _questions(self, "levels")
        positive_years(self.years)

    def at(self, distribution: Family, questions: Array) -> Array:
        """Probabilities in [0, 1]."""
        return -np.expm1(self.blocks_per_year * self.years * distribution.log_non_exceedance(questions))

    def linked(self, distribution: Family) -> Array:
        """log(-log(1 - p)), the logarithm of the expected number of exceedances."""
        with np.errstate(divide="ignore"):
            log_rate = np.log(-distribution[..., None].log_non_exceedance(self.questions))
        return log_rate + np.log(self.blocks_per_year * self.years)

    def linked_gradient(self, distribution: Family) -> Array:
        """That of minus the reduced variate."""
        return _through_variate(self, distribution, lambda e: -np.ones_like(e))

    def from_link(self, linked: Array, family: type[Family]) -> Array:
        """1 - exp(-exp(linked))."""
        with np.errstate(over="ignore"):
            return -np.expm1(-np.exp(linked))


@dataclass(frozen=True, eq=False)
class ValueAtRisk(Quantity):
    """The loss not exceeded with probability p: by the maximum of a block, or by a single observation.

    Block (``observations`` None): VaR_p = F^-1(p). Observation: of the m observations of a block about m theta are
    independent, so a single one has the distribution F^(1/(m theta)) in the tail and VaR_p = F^-1(p^(m theta)).

    Parameters
    ----------
    questions : probabilities p in (0, 1).
    observations : m theta, the nominal observations in a block times the extremal index; None for the block maximum.

    References
    ----------
    McNeil, A. J., Frey, R. and Embrechts, P. (2015). Quantitative Risk Management, section 5.1.4 (block maxima and the
    extremal index) and definition 2.8.
    """

    observations: float | None = None

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, questions: ArrayLike, observations: float | None = None) -> None: ...

    name = "value_at_risk"
    asked = "level"

    def __post_init__(self) -> None:
        object.__setattr__(self, "questions", as_probabilities(self.questions))
        if self.observations is not None and not (np.isfinite(self.observations) and self.observations > 0):
            raise ArgumentError(
                f"the effective observations per block are {self.observations}",
                "expected a positive number.",
            )

    def of_one(self, distribution: Family) -> Family:
        """The distribution of what the risk is taken of: the block's extreme, or one observation's tail."""
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


@dataclass(frozen=True, eq=False)
class ExpectedShortfall(ValueAtRisk):
    """The mean loss beyond the value at risk: the average of VaR_u over u in (p, 1), for the same horizon.

    NaN where the shape is 1 or more: the mean is infinite.

    References
    ----------
    Acerbi, C. and Tasche, D. (2002). Journal of Banking and Finance 26, 1487-1503, equation 3.
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


@dataclass(frozen=True, eq=False)
class Parameters(Quantity):
    """The parameters themselves, in the family's order; the scale is given an interval on its logarithm."""

    questions: Array = field(default_factory=lambda: np.empty(0))

    name = "parameters"
    is_level = False
    asked = "parameter"

    def __call__(self, distribution: Family) -> Array:
        """The parameters, shape batch + (k,)."""
        return distribution.parameters

    def at(self, distribution: Family, questions: Array) -> Array:
        """The parameters with these places in the family's order."""
        return np.take_along_axis(distribution.parameters, np.asarray(questions, dtype=np.intp)[..., None], axis=-1)[
            ..., 0
        ]

    def linked(self, distribution: Family) -> Array:
        """The logarithm of a scale; the others as they are."""
        return _change_scales(distribution.parameters, np.log, distribution.scales)

    def linked_gradient(self, distribution: Family) -> Array:
        """1 over a scale; 1 for the others."""
        parameters = distribution.parameters
        own = np.ones_like(parameters)
        for place in distribution.scales:
            own[..., place] = 1.0 / parameters[..., place]
        return own[..., None] * np.eye(parameters.shape[-1])

    def from_link(self, linked: Array, family: type[Family]) -> Array:
        """The exponential of a scale's; the others as they are."""
        return _change_scales(linked, np.exp, family.scales)


def _change_scales(parameters: Array, function: Any, scales: tuple[int, ...]) -> Array:
    """Parameters, shape batch + (k,), with a function of the scales, which have these places."""
    changed = np.array(parameters, dtype=np.float64)
    for place in scales:
        changed[..., place] = function(changed[..., place])
    return changed


def _through_variate(quantity: Quantity, distribution: Family, slope: Callable[[Array], Array]) -> Array:
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
    k, simple = len(parameters), family.scales == (1,)
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
    """A number or a sequence of numbers as a 1-d float array."""
    try:
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


def _questions(quantity: Quantity, what: str) -> Array:
    questions = as_questions(quantity.questions, what)
    object.__setattr__(quantity, "questions", questions)
    return questions


def as_probabilities(asked: ArrayLike) -> Array:
    """A number or a sequence of numbers in (0, 1) as a 1-d float array."""
    levels = as_questions(asked, "probabilities")
    bad = ~((levels > 0) & (levels < 1))
    if bad.any():
        hint = f"Did you mean {levels[bad][0] / 100:g}?" if 50 <= levels[bad][0] < 100 else ""
        problem = f"probability {number(levels[bad][0], 6)} is outside (0, 1)."
        raise ArgumentError(problem, hint, argument="probabilities")
    return levels


def positive_years(years: float) -> float:
    """A positive number of years."""
    asked = float(years) if isinstance(years, (int, float, np.number)) and not isinstance(years, bool) else np.nan
    if not (np.isfinite(asked) and asked > 0):
        raise ArgumentError(Text(Setting("years"), f" is {years}"), "expected a positive number of years.")
    return asked


def annual_exceedance_probability(periods: ArrayLike, blocks_per_year: float = 1.0) -> Array:
    """The probability that a T-year level is exceeded at least once in a year: ``1 - (1 - 1/(lambda T))**lambda``.

    This is 1/T for one block per year; for twelve it stays below 1/T, as one year may bring several exceedances.
    """
    in_a_block = 1.0 / (blocks_per_year * np.asarray(periods, dtype=float))
    with np.errstate(divide="ignore"):
        return np.asarray(-np.expm1(blocks_per_year * np.log1p(-in_a_block)))


__all__ = [
    "ExceedanceProbability",
    "ExpectedShortfall",
    "Parameters",
    "Quantity",
    "ReturnLevel",
    "ReturnPeriod",
    "ValueAtRisk",
    "annual_exceedance_probability",
    "as_probabilities",
    "as_questions",
    "positive_years",
]
