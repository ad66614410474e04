"""The words for a fit, its blocks and its condition, and for an estimate with its interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evstats.distributions import Exponential, Gumbel
from evstats.reading.roles import words_of
from evstats.reading.units import labelled
from evstats.report.questions import Questions
from evstats.text.numbers import number, rounded

if TYPE_CHECKING:
    import pandas as pd

    from evstats.extremes.records import Peaks
    from evstats.fitting import Fit

#: Names, and words in names, of columns of floods; those of the USGS have one of their own.
_FLOODS = {"flood", "floods", "peak_va"}
_FINANCIAL = {"loss", "losses", "return", "returns", "price", "prices", "close", "claim", "claims"}


def label(fit: Fit) -> str:
    """A fit in words."""
    return f"{fit.family.label} by {fit.method.label}"


def extremes_of(fit: Fit) -> str:
    """What was fitted: maxima, minima, or of peaks over a threshold their sizes."""
    if fit.of_peaks:
        return "sizes of the peaks"
    return "minima" if fit.family.minima else "maxima"


def per_year(fit: Fit) -> float | None:
    """Blocks, or peaks, in a year: a period in which more than one is expected has a level. None where it is not
    known."""
    return float(fit.rate["estimate"].iloc[0]) if fit.of_peaks else fit.blocks_per_year


def passed(fit: Fit) -> str:
    """What happens to a level: exceeded, of minima undercut."""
    return "undercut" if fit.family.minima else "exceeded"


def of_distinct_families(fits: Sequence[Fit]) -> list[tuple[int, Fit]]:
    """The first fit of every family, with its place."""
    first = {fit.family: place for place, fit in reversed(list(enumerate(fits)))}
    return [(place, fits[place]) for place in sorted(first.values())]


def condition(reference: Fit) -> str:
    """On what the answer of the reference fit holds, at the beginning of a sentence."""
    extremes, simple = extremes_of(reference), "exponential" if reference.of_peaks else "Gumbel"
    if not of_shape_zero(reference):
        return f"Without the assumption that the {extremes} are {simple}"
    check = reference.evidence.gumbel
    if check.speaks_against:
        return f"If the {extremes} were {simple}, which the data speak against ({check})"
    if math.isnan(check.lowest):
        return f"If the {extremes} are {simple}, which so few values cannot tell"
    return f"If the {extremes} are {simple}, which the tests do not speak against"


def of_shape_zero(fit: Fit) -> bool:
    """Whether the family is that of shape 0: a Gumbel, of peaks an exponential."""
    return fit.family.of_maxima() in (Gumbel, Exponential)


def reference_in_words(reference: Fit) -> str:
    """The reference fit, with its condition in a few words."""
    if of_shape_zero(reference):
        simple = "exponential" if reference.of_peaks else "Gumbel"
        return f"{label(reference)}, if the {extremes_of(reference)} are {simple}"
    return label(reference)


def title_of(lead: Fit, questions: Questions) -> str:
    """What a report is about: ``"100-year level of discharge_m3s (m3/s), 1927 to 2019"``."""
    blocks = None if lead.extremes is None or lead.extremes.dates is None else lead.extremes.blocks
    span = "" if blocks is None else f", {blocks[0]} to {blocks[-1]}"
    flood = not _FLOODS.isdisjoint((lead.name, *words_of(lead.name)))
    noun = "minimum" if lead.family.minima else "flood" if flood else "level"
    period = number(questions.headline(per_year(lead)), 10)
    return f"{period}-{lead.time_unit[:-1]} {noun} of {labelled(lead.name, lead.unit)}{span}"


def is_financial(fit: Fit) -> bool:
    """Whether the values are losses, returns or prices, by their name or by what they were converted from."""
    converted = any(getattr(note, "code", "") in ("log_losses", "simple_losses") for note in fit.context.notes)
    return converted or not _FINANCIAL.isdisjoint(words_of(fit.name))


def blocks_in_words(fit: Fit) -> str:
    """``"93 water years, 1927 to 2019, 1 left out"``, ``"312 peaks above 60 m3/s in 93 years"``."""
    if fit.peaks is not None:
        return peaks_in_words(fit.peaks)
    extremes = fit.extremes
    if extremes is None:
        return f"{fit.n} observations"
    left_out = f", {len(extremes.dropped)} left out" if len(extremes.dropped) else ""
    if extremes.dates is None:
        return f"{fit.n} blocks{left_out}"
    return f"{fit.n} {extremes.noun}, {extremes.blocks[0]} to {extremes.blocks[-1]}{left_out}"


def peaks_in_words(peaks: Peaks) -> str:
    """``"312 peaks above 60 m3/s in 93.1 years"``."""
    side, time = "below" if peaks.of_minima else "above", number(float(peaks.years))
    limit = in_unit(number(float(peaks.threshold), 6), peaks.unit)
    return f"{len(peaks)} peaks {side} {limit} in {time} {peaks.time_unit}s"


def years_in_words(fit: Fit, years: float, which: str = "") -> str:
    """``"30 years"``, ``"coming year"``; the article is the caller's."""
    which = f"{which} " if which else ""
    if years == 1:
        return f"{which}{fit.time_unit[:-1]}" if which else f"one {fit.time_unit[:-1]}"
    return f"{which}{number(years, 6)} {fit.time_unit}"


def in_unit(value: str, unit: str | None) -> str:
    """A number with its unit."""
    return f"{value} {unit}" if unit else value


@dataclass(frozen=True)
class Value:
    """An estimate with its interval."""

    estimate: float
    lower: float
    upper: float

    @classmethod
    def of(cls, row: pd.Series) -> Value:
        """The columns ``estimate, lower, upper`` of a row."""
        return cls(float(row["estimate"]), float(row["lower"]), float(row["upper"]))

    @property
    def width(self) -> float:
        """The width of the interval, of its finite half where the other is not; NaN where there is none."""
        ends = [end for end in (self.lower, self.upper) if math.isfinite(end)]
        return max(ends) - min(ends) if len(ends) == 2 else abs(self.estimate - ends[0]) if ends else math.nan

    def level(self, value: float | None = None) -> str:
        """A number in the unit of the data, the estimate if none is given; two significant digits of it at least,
        where the interval does not cross zero."""
        least = 2 if self.lower > 0.0 or self.upper < 0.0 else 0
        return rounded(self.estimate if value is None else value, self.width, least)

    def interval(self, said: Callable[[float], str]) -> str:
        """``"131 to 167"``; in words where an end is missing or infinite."""
        if math.isnan(self.lower) or math.isnan(self.upper):
            return "not available"
        if math.isinf(self.lower) and math.isinf(self.upper):
            return "unbounded"
        if math.isinf(self.upper):
            return f"above {said(self.lower)}"
        if math.isinf(self.lower):
            return f"below {said(self.upper)}"
        lower, upper = said(self.lower), said(self.upper)
        return lower if lower == upper else f"{lower} to {upper}"
