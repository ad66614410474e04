"""The question answered in one sentence, and what was assumed on the way to it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evstats.distributions import GEV, Gumbel
from evstats.fitting import Fit
from evstats.intervals.exact import GumbelCheck
from evstats.report.answers import label
from evstats.report.parts import Table
from evstats.report.questions import Questions
from evstats.wording import number

_NOUNS = {"year": "years", "month": "months", "season": "seasons"}


@dataclass(frozen=True)
class Value:
    """An estimate with its interval, rounded in words to what the interval leaves meaningful."""

    estimate: float
    lower: float
    upper: float
    unit: str | None

    @classmethod
    def of(cls, row: pd.Series, unit: str | None) -> Value:
        """The columns ``estimate, lower, upper`` of a row."""
        return cls(float(row["estimate"]), float(row["lower"]), float(row["upper"]), unit)

    @property
    def text(self) -> str:
        """``"146 m3/s"``."""
        return f"{self._rounded(self.estimate)} {self.unit}" if self.unit else self._rounded(self.estimate)

    @property
    def interval(self) -> str:
        """``"131 to 167"``; in words where an end is missing or infinite."""
        if math.isnan(self.lower) or math.isnan(self.upper):
            return "not available"
        if math.isinf(self.upper):
            return f"above {self._rounded(self.lower)}" if math.isfinite(self.lower) else "unbounded"
        if math.isinf(self.lower):
            return f"below {self._rounded(self.upper)}"
        return f"{self._rounded(self.lower)} to {self._rounded(self.upper)}"

    def _rounded(self, value: float) -> str:
        """Two significant digits of the interval's width; four of the value where there is none."""
        width = self.upper - self.lower
        if not (math.isfinite(width) and width > 0.0):
            return number(value)
        decimals = max(0, 1 - math.floor(math.log10(width)))
        return f"{value:.{decimals}f}" if decimals < 12 else number(value)


def answering(fits: Sequence[Fit]) -> Fit:
    """The fit that answers: the first, or the GEV where the first is a Gumbel and the data speak against it."""
    lead, *others = fits
    if lead.family.of_maxima() is not Gumbel or not GumbelCheck.of(lead.estimation).speaks_against:
        return lead
    return next((fit for fit in others if fit.family.of_maxima() is GEV), lead)


def answer(fits: Sequence[Fit], levels: pd.DataFrame, questions: Questions) -> str:
    """The T-year level with its interval, from how many blocks; ``levels`` is the table of all the fits.

    Where a Gumbel answers, the GEV, which assumes less, is named after it.
    """
    told, period = answering(fits), questions.headline(fits[0].blocks_per_year)
    value = _level_of(told, levels, period)
    extreme = "minimum" if told.family.minima else "maximum"
    sure = f"{100 * questions.certainty.confidence:g} % interval"
    first = (
        f"The {number(period, 10)}-{told.time_unit[:-1]} {extreme} of {told.name} is {value.text}, {sure} "
        f"{value.interval}, from {blocks_in_words(told)} ({label(told)})."
    )
    return " ".join([first, *_second(fits, told, levels, period)])


def _second(fits: Sequence[Fit], told: Fit, levels: pd.DataFrame, period: float) -> list[str]:
    """What the other family says."""
    if told is not fits[0]:
        return [f"The data speak against a Gumbel distribution ({GumbelCheck.of(fits[0].estimation)})."]
    other = next((fit for fit in fits[1:] if fit.family is not told.family), None)
    if other is None or told.family.of_maxima() is not Gumbel:
        return []
    value = _level_of(other, levels, period)
    return [f"Without the assumption of a Gumbel distribution it is {value.text}, {value.interval} ({label(other)})."]


def in_short(fits: Sequence[Fit], answers: Mapping[str, Table], questions: Questions) -> Table:
    """The questions most often asked, each with its answer and interval."""
    period = questions.headline(fits[0].blocks_per_year)
    sure = f"{100 * questions.certainty.confidence:g} % interval"
    rows = [*_levels(fits, answers["return_levels"].frame, period), *_predicted(answering(fits), answers, period)]
    rows += _critical(answering(fits), answers, questions)
    return Table("In short", pd.DataFrame(rows, columns=["question", "answer", sure]))


def _levels(fits: Sequence[Fit], levels: pd.DataFrame, period: float) -> Iterator[tuple[str, str, str]]:
    for fit in _of_distinct_families(fits):
        value = _level_of(fit, levels, period)
        yield (
            f"Level {_passed(fit)} once in {number(period, 10)} {fit.time_unit}, {label(fit)}",
            value.text,
            value.interval,
        )


def _predicted(fit: Fit, answers: Mapping[str, Table], period: float) -> Iterator[tuple[str, str, str]]:
    """What the coming year passes with the chance that a level of this period has in any year."""
    if "predictive_levels" not in answers:
        return
    frame = answers["predictive_levels"].frame
    for level in frame.loc[frame["probability"] == 1.0 / period, "predictive"]:
        coming = fit.time_unit[:-1]
        question = f"Level {_passed(fit)} in the coming {coming} with a chance of {100 / period:g} %, predictive"
        yield f"{question}, {label(fit)}", f"{number(level)} {fit.unit or ''}".rstrip(), "averaged in"


def _critical(fit: Fit, answers: Mapping[str, Table], questions: Questions) -> Iterator[tuple[str, str, str]]:
    """How often the critical levels are passed, and how likely."""
    span = f"{questions.years:g} {fit.time_unit}" if questions.years != 1 else f"one {fit.time_unit[:-1]}"
    asked = {"return_periods": ("once in", fit.time_unit), "probabilities": (f"within {span}, the chance", None)}
    for name, (words, unit) in asked.items():
        for _, row in answers[name].frame.iterrows() if name in answers else ():
            value, level = Value.of(row, unit), f"{number(row['level'], 10)} {fit.unit or ''}".rstrip()
            yield f"{level} is {_passed(fit)} {words}, {label(fit)}", value.text, value.interval


def _passed(fit: Fit) -> str:
    return "undercut" if fit.family.minima else "exceeded"


def _level_of(fit: Fit, levels: pd.DataFrame, period: float) -> Value:
    rows = levels[levels["return_period"] == period]
    if "family" in rows:
        rows = rows[(rows["family"] == fit.family.name) & (rows["method"] == fit.method.name)]
    return Value.of(rows.iloc[0], fit.unit)


def blocks_in_words(fit: Fit) -> str:
    """``"93 water years, 1927 to 2019"``."""
    extremes = fit.extremes
    if extremes is None:
        return f"{fit.n} observations"
    rule = re.match(r"[A-Za-z-]+", extremes.block)
    noun = _NOUNS.get(rule[0], "") if rule else ""
    if rule and rule[0] == "water-year":
        noun = "water years"
    first, last = extremes.blocks[0], extremes.blocks[-1]
    if extremes.dates is None:
        return f"{fit.n} blocks"
    return f"{fit.n} {noun}, {first} to {last}" if noun else f"{fit.n} blocks of {extremes.block}, {first} to {last}"


def assumptions(fits: Sequence[Fit], confidence: float) -> tuple[str, ...]:
    """What the answer rests on, in the order of how often it fails."""
    lead = fits[0]
    extremes = "minima" if lead.family.minima else "maxima"
    found = [_family_assumed(fit, extremes) for fit in _of_distinct_families(fits)]
    return (
        f"The {extremes} of the blocks come from one distribution that does not change: no trend, no step, no change "
        "of the gauge, the catchment or the market. The future is taken to be like the record.",
        "They are independent of one another. The tests of both can miss much in a short record.",
        *found,
        "Values are taken as they were read: errors of measurement, and limits of what the instrument can see, are not "
        "in the intervals.",
        f"An interval of {100 * confidence:g} % holds that share of the time over records like this one, if all the "
        "above is true. It does not know of the doubt whether it is.",
        _meaning_of_period(lead),
    )


def _of_distinct_families(fits: Sequence[Fit]) -> list[Fit]:
    return list({fit.family: fit for fit in reversed(fits)}.values())[::-1]


def _family_assumed(fit: Fit, extremes: str) -> str:
    family = fit.family.of_maxima()
    if family is Gumbel:
        check = GumbelCheck.of(fit.estimation)
        verdict = "the tests speak against it" if check.speaks_against else "the tests do not speak against it"
        return (
            f"{fit.family.label}: the {extremes} follow a Gumbel distribution, whose tail is exponential; {verdict} "
            f"({check})."
        )
    if family is GEV:
        shape = float(np.asarray(fit.distribution.parameters[-1]))
        return (
            f"{fit.family.label}: the {extremes} follow a generalised extreme-value distribution, as those of long "
            f"blocks of nearly any variable do approximately. Its shape, {shape:.2f}, is estimated from the data."
        )
    return f"{fit.family.label}: the {extremes} follow this family."


def _meaning_of_period(fit: Fit) -> str:
    passed = _passed(fit)
    if fit.blocks_per_year is None:
        return f"A level of return period T is {passed} in one block with probability 1/T."
    if fit.blocks_per_year == 1.0:
        return f"A level of return period T years is {passed} in any one year with probability 1/T (AEP)."
    per_year = number(fit.blocks_per_year)
    return (
        f"A level of return period T years is {passed} in one block with probability 1/({per_year} T), there being "
        f"{per_year} blocks a year. AEP is the chance that it is {passed} at least once in a year."
    )
