"""What the data say of a fit: the tests and second fits that tables, remarks and pages rest on, each made once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from evstats import goodness
from evstats.arrays import Array
from evstats.distributions import Family
from evstats.errors import Status
from evstats.estimators import Estimation, Regression, leading
from evstats.goodness.zero_shape import ZeroShape
from evstats.notes import Note
from evstats.remarks import influence
from evstats.text.numbers import p_in_words

#: P-values below which a test is said to speak against the Gumbel, and a warning is given.
_DOUBTFUL, _UNTENABLE = 0.05, 0.01


class GumbelCheck(NamedTuple):
    """The p-values of Anderson-Darling's test of a Gumbel fit and of the likelihood ratio test of shape 0."""

    anderson_darling: float
    shape_zero: float

    @classmethod
    def said_by(cls, note: Note) -> GumbelCheck:
        """The check in the values of a note."""
        return cls(*(note.values[name] for name in cls._fields))

    @property
    def lowest(self) -> float:
        """The smaller of the two, NaN left out."""
        return float(np.fmin(*self))

    @property
    def speaks_against(self) -> bool:
        """Whether either test rejects the Gumbel at 5 %."""
        return self.lowest < _DOUBTFUL

    @property
    def untenable(self) -> bool:
        """Whether either test rejects the Gumbel at 1 %."""
        return self.lowest < _UNTENABLE

    def __str__(self) -> str:
        return f"Anderson-Darling {p_in_words(self.anderson_darling)}, shape = 0 {p_in_words(self.shape_zero)}"


@dataclass(frozen=True, eq=False)
class Evidence:
    """What can be computed from an estimation to judge it, each when first asked for, once.

    Of a batch only ``tests_of_fit`` is there; all else is of one series.
    """

    estimation: Estimation

    @cached_property
    def tests_of_fit(self) -> tuple[Array, Array]:
        """Statistics and p-values of the tests of fit, batch + (tests,); see ``goodness.goodness_of_fit``."""
        return goodness.goodness_of_fit(self.estimation)

    @property
    def anderson_darling(self) -> float:
        """The p-value of Anderson-Darling's test; NaN where the method cannot be tested."""
        if not self.estimation.estimator.batched:
            return math.nan
        return float(self.tests_of_fit[1][list(goodness.TESTS).index("anderson-darling")])

    @cached_property
    def zero_shape(self) -> ZeroShape:
        """The tests of shape 0 in a GEV."""
        return goodness.zero_shape_tests(self.estimation)

    @property
    def gumbel(self) -> GumbelCheck:
        """Whether the data speak against a Gumbel, the family of this fit."""
        return GumbelCheck(self.anderson_darling, float(self.zero_shape.lr_p_value))

    @cached_property
    def reference(self) -> Estimation:
        """The other of GEV and Gumbel, by likelihood; see ``leading.reference``."""
        return leading.reference(self.estimation)

    @cached_property
    def by_likelihood(self) -> Estimation:
        """The same family by plain maximum likelihood, whatever its status; this estimation if it is that."""
        return leading.by_likelihood(self.estimation)

    @property
    def has_maximum(self) -> bool:
        """Whether the likelihood of the family has an interior maximum."""
        return bool(self.by_likelihood.estimate.status != Status.NO_INTERIOR_MAXIMUM)

    @property
    def gev_has_maximum(self) -> bool:
        """Whether the likelihood of the GEV has an interior maximum, of a Gumbel."""
        return bool(self.reference.estimator.maximises_likelihood)

    @cached_property
    def without_largest(self) -> tuple[float, Family] | None:
        """The most extreme observation and the fit to the others; see ``influence.fit_without_largest``."""
        return influence.fit_without_largest(self.estimation)

    @cached_property
    def without_farthest(self) -> tuple[int, Regression] | None:
        """With covariates, the observation farthest out for its own and the fit to the others; see
        ``influence.fit_without_farthest``.
        """
        assert isinstance(self.estimation, Regression)
        return influence.fit_without_farthest(self.estimation)
