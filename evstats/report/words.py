"""The words for a fit and its condition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evstats.distributions import Exponential, Gumbel
from evstats.reading.column_names import words_of
from evstats.reading.units import labelled
from evstats.report.questions import Questions
from evstats.report.subject import takes_losses
from evstats.report.subjects import subject_of
from evstats.text.numbers import number

if TYPE_CHECKING:
    from evstats.fitting import Fit

#: Names, and words in names, of columns of floods; those of the USGS have one of their own.
_FLOODS = {"flood", "floods", "peak_va"}
_FINANCIAL = {"loss", "losses", "return", "returns", "price", "prices", "close", "claim", "claims"}


def label(fit: Fit) -> str:
    """A fit in words."""
    return f"{fit.family.label} by {fit.method.label}"


def of_distinct_families(fits: Sequence[Fit]) -> list[tuple[int, Fit]]:
    """The first fit of every family, with its place."""
    first = {fit.family: place for place, fit in reversed(list(enumerate(fits)))}
    return [(place, fits[place]) for place in sorted(first.values())]


def same_data(fit: Fit, other: Fit) -> bool:
    """Whether two fits of one series are of the same sample: of its blocks, or of its peaks."""
    return fit.of_peaks is other.of_peaks


def condition(reference: Fit) -> str:
    """On what the answer of the reference fit holds, at the beginning of a sentence."""
    said = subject_of(reference)
    extremes, simple = said.extremes, said.simple
    if not of_shape_zero(reference):
        return f"Without the assumption that the {extremes} are {simple}"
    check = reference.evidence.gumbel
    if check.speaks_against:
        return f"If the {extremes} were {simple}, which the data speak against ({check})"
    if math.isnan(check.lowest):
        return f"If the {extremes} are {simple}, which no test of these values can tell"
    return f"If the {extremes} are {simple}, which the tests do not speak against"


def of_shape_zero(fit: Fit) -> bool:
    """Whether the family is that of shape 0: a Gumbel, of peaks an exponential."""
    return fit.family.of_maxima() in (Gumbel, Exponential)


def reference_in_words(reference: Fit) -> str:
    """The reference fit, with its condition in a few words."""
    if of_shape_zero(reference):
        said = subject_of(reference)
        return f"{label(reference)}, if the {said.extremes} are {said.simple}"
    return label(reference)


def title_of(lead: Fit, questions: Questions) -> str:
    """What a report is about: ``"100-year level of discharge_m3s (m3/s), 1927 to 2019"``."""
    said = subject_of(lead)
    if said.leads_with_risk:
        return said.titled(f"Value at risk of {labelled(lead.name, lead.unit)}")
    flood = not _FLOODS.isdisjoint((lead.name, *words_of(lead.name)))
    noun = said.extreme if lead.family.minima else "flood" if flood else "level"
    period = number(questions.headline(said.per_year), 10)
    return said.titled(f"{period}-{lead.time_unit[:-1]} {noun} of {labelled(lead.name, lead.unit)}")


def is_financial(fit: Fit) -> bool:
    """Whether the values are losses, returns or prices, by their name or by what they were converted from."""
    return takes_losses(fit) or not _FINANCIAL.isdisjoint(words_of(fit.name))


def years_in_words(fit: Fit, years: float, which: str = "") -> str:
    """``"30 years"``, ``"coming year"``; the article is the caller's."""
    which = f"{which} " if which else ""
    if years == 1:
        return f"{which}{fit.time_unit[:-1]}" if which else f"one {fit.time_unit[:-1]}"
    return f"{which}{number(years, 6)} {fit.time_unit}"
