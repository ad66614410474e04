"""What can be asked of a distribution: levels, periods, probabilities and risk measures, each with its definition.

A quantity is a frozen object; called with a distribution of batch shape ``batch`` it gives an array of shape
``batch + (questions,)``. Intervals work on any quantity: they use the scale on which its estimate is most nearly normal
(``linked``/``from_link``), and, where it is location plus a multiple of the scale, that multiple.

For families of minima "exceeded" reads "undercut" throughout: the T-year minimum is undercut with probability 1/T.
"""

from evstats.quantities.base import Quantity, as_probabilities, as_questions, positive_years
from evstats.quantities.levels import (
    ExceedanceProbability,
    ReturnLevel,
    ReturnPeriod,
    annual_exceedance_probability,
)
from evstats.quantities.parameters import Parameters
from evstats.quantities.risk import ExpectedShortfall, ValueAtRisk

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
