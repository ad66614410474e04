"""Whether the family fits: tests of fit, Gumbel against GEV, and how much such tests can see at this sample size."""

from evstats.goodness.nulls import REPLICATES, SEED
from evstats.goodness.of_fit import goodness_of_fit, replicates
from evstats.goodness.power import Power, power, power_sentence
from evstats.goodness.statistics import TESTS, Statistic
from evstats.goodness.zero_shape import ZeroShape, zero_shape_tests

__all__ = [
    "REPLICATES",
    "SEED",
    "TESTS",
    "Power",
    "Statistic",
    "ZeroShape",
    "goodness_of_fit",
    "power",
    "power_sentence",
    "replicates",
    "zero_shape_tests",
]
