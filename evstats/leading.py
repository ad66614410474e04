"""What leads, and what stands beside it: the one place that decides which family, by which method, answers unasked.

The GEV leads, by maximum likelihood. The Gumbel stands second, on the condition that the maxima are Gumbel: its
interval is narrower, and holds only then. No test makes that choice: in records as short as they are the tests of a
Gumbel see little, and the answer of a Gumbel unless rejected holds far less often than it says (measured in
``tests/studies/headline.csv``). Where somebody names a family that one answers, and the other of the two stands beside.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from evstats.distributions import GEV, Family, Gumbel, mirror_image
from evstats.errors import Status
from evstats.estimators import Bayes, Estimation, Estimator, MaximumLikelihood, NormalShape, as_estimator
from evstats.notes import Note

FAMILY: Final[type[Family]] = GEV
"""The family that is fitted where none is named."""

SECOND: Final[type[Family]] = Gumbel
"""The family that stands beside it."""

COMPARED: Final = ((FAMILY, "mle"), (SECOND, "mle"), (SECOND, "moments"))
"""Families and methods laid side by side where everything is asked, the one that leads first."""

FALLBACK: Final[Estimator] = Bayes("normal")
"""What answers where no family is named and the likelihood has no interior maximum."""


def answering(estimation: Estimation) -> Estimation:
    """The estimation that answers where no family is named: that by the fallback for one series without an interior
    maximum, else the same."""
    if not falls_back(estimation):
        return estimation
    estimate = FALLBACK.estimate(estimation.family, estimation.values)
    return replace(estimation, estimator=FALLBACK, estimate=estimate)


def falls_back(estimation: Estimation) -> bool:
    """Whether plain maximum likelihood finds no interior maximum for one series."""
    alone, plain = estimation.values.ndim == 1, estimation.estimator.maximises_likelihood
    return alone and plain and bool(estimation.estimate.status == Status.NO_INTERIOR_MAXIMUM)


def note_on_fallback(estimation: Estimation) -> Note | None:
    """That the fallback answered for want of an interior maximum; None where it was another's choice."""
    if estimation.estimator != FALLBACK or not falls_back(by_likelihood(estimation)):
        return None
    return Note("no_interior_maximum", estimation.family.label, sd=NormalShape().sd)


def by_likelihood(estimation: Estimation, family: type[Family] | None = None) -> Estimation:
    """The same data by plain maximum likelihood, of the same family or another."""
    wanted, method = family or estimation.family, MaximumLikelihood()
    return Estimation(wanted, method, estimation.values, method.estimate(wanted, estimation.values))


def others(asked: Estimation) -> list[tuple[type[Family], str]]:
    """The usual families and methods without the one that is there, or stands in for one, already."""
    there = by_likelihood(asked) if note_on_fallback(asked) else asked
    usual = [(_like(asked.family, family), method) for family, method in COMPARED]
    return [pair for pair in usual if (pair[0], as_estimator(pair[1])) != (there.family, there.estimator)]


def has_second(family: type[Family]) -> bool:
    """Whether another family stands beside this one wherever it answers."""
    return family.of_maxima() in (FAMILY, SECOND)


def beside(family: type[Family]) -> type[Family]:
    """The family that stands beside another: the Gumbel beside the GEV, the GEV beside all others; minima mirrored."""
    return _like(family, SECOND if family.of_maxima() is FAMILY else FAMILY)


def _like(family: type[Family], other: type[Family]) -> type[Family]:
    """The other family, of minima where the first is."""
    return (mirror_image(other) or other) if family.minima else other
