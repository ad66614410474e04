"""Null distributions that would take long to simulate, made by ``python tests/studies/shipped_tables.py``."""

from __future__ import annotations

import numpy as np

from evstats.arrays import Array
from evstats.distributions import GEV, Family
from evstats.estimators import Estimator, MaximumLikelihood
from evstats.simulated import shipped_table

TABLE = "tests_of_fit"
#: Numbers of values for which the tables were simulated; others are interpolated in log n, and extrapolated above.
COUNTS = (5, 7, 10, 15, 20, 25, 30, 40, 50, 70, 100, 150, 200, 300, 500)
#: Samples behind every entry, for each shape.
REPLICATES = 20_000
#: Shapes of the alternatives whose power is tabulated.
ALTERNATIVES = (0.1, 0.2)


def _at(name: str, n: int) -> Array:
    """A table's entry for n values."""
    counts, table = np.log(COUNTS), shipped_table(TABLE)[name]
    above = int(np.clip(np.searchsorted(counts, np.log(n)), 1, len(COUNTS) - 1))
    weight = (np.log(n) - counts[above - 1]) / (counts[above] - counts[above - 1])
    return table[above - 1] + weight * (table[above] - table[above - 1])


def has(family: type[Family], estimator: Estimator) -> bool:
    """Whether the tests of fit of a family by an estimator are tabulated: GEV by maximum likelihood."""
    return family is GEV and estimator == MaximumLikelihood()


def fit_tests(n: int) -> Array:
    """Critical values (shapes, tests, levels) of the tests of fit that are tabulated, n >= 5."""
    return _at("fit_tests", n)


def zero_shape(n: int) -> Array:
    """Critical values (2, levels) of the tests of shape 0, n >= 5."""
    return _at("zero_shape", n)


def powers(n: int) -> Array:
    """Power at 5 % of the Anderson-Darling, likelihood-ratio and score tests, (3, len(ALTERNATIVES))."""
    return _at("power", int(np.clip(n, COUNTS[0], COUNTS[-1])))
