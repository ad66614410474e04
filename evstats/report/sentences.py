"""The question answered in a sentence or two, and the short table of the questions most often asked."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

import pandas as pd

from evstats.distributions import GEV, Gumbel
from evstats.estimators import leading
from evstats.extremes.records import Extremes
from evstats.fitting import Fit
from evstats.reading.units import labelled
from evstats.report.answers import REJECTED, beside_in_words, condition, label, of_distinct_families
from evstats.report.parts import Table
from evstats.report.questions import Questions
from evstats.report.rounding import Value, chance, span
from evstats.text.numbers import number

NO_MEAN = 1.0
"""From this shape on a GEV has no finite mean."""

_NOUNS = {"year": "years", "water-year": "water years", "month": "months", "season": "seasons"}


def title_of(lead: Fit, questions: Questions) -> str:
    """What the report is about: ``"100-year level of discharge_m3s (m3/s), 1927 to 2019"``."""
    span = f", {lead.extremes.blocks[0]} to {lead.extremes.blocks[-1]}" if _dated(lead.extremes) else ""
    flood = not _FLOODS.isdisjoint((lead.name, *re.split(r"[^a-z]+", lead.name.lower())))
    noun = "minimum" if lead.family.minima else "flood" if flood else "level"
    period = number(questions.headline(lead.blocks_per_year), 10)
    return f"{period}-{lead.time_unit[:-1]} {noun} of {labelled(lead.name, lead.unit)}{span}"


#: Names, and words in names, of columns of floods; those of the USGS have one of their own.
_FLOODS = {"flood", "floods", "peak_va"}


def _dated(extremes: Extremes | None) -> TypeGuard[Extremes]:
    return extremes is not None and extremes.dates is not None


def answer(fits: Sequence[Fit], tables: Mapping[str, Table], questions: Questions) -> str:
    """The T-year level by the first fit with its interval, from how many blocks; then what the other family says."""
    lead, period = fits[0], questions.headline(fits[0].blocks_per_year)
    value = level_of(0, tables, period)
    extreme = "minimum" if lead.family.minima else "maximum"
    said, verb = _condition(lead, p_value_of_fit(0, tables))
    first = (
        f"{said} {number(period, 10)}-{lead.time_unit[:-1]} {extreme} of {lead.name} {verb} "
        f"{_in_unit(value.level(), lead.unit)}, {100 * questions.certainty.confidence:g} % interval "
        f"{value.interval(value.level)}, from {blocks_in_words(lead)} ({label(lead)})."
    )
    return " ".join([first, *_second(fits, tables, period)])


def _condition(lead: Fit, p_value: float) -> tuple[str, str]:
    """How the sentence begins, and whether the level is, or would be."""
    if lead.family.of_maxima() is GEV and float(lead.distribution.parameters[-1]) >= NO_MEAN:
        return "By a GEV distribution whose mean is infinite, which is not credible, the", "would be"
    if lead.family.of_maxima() is Gumbel:
        return f"{condition(lead)}, the", "would be" if lead.evidence.gumbel.speaks_against else "is"
    if p_value < REJECTED:
        return f"By a {lead.family.label} distribution, which the data speak against, the", "would be"
    return "The", "is"


def _second(fits: Sequence[Fit], tables: Mapping[str, Table], period: float) -> Iterator[str]:
    """What the other family says, and on what condition."""
    others = of_distinct_families(fits)[1:] if leading.has_second(fits[0].family) else []
    for place, other in others[:1]:
        value = level_of(place, tables, period)
        said = f"{_in_unit(value.level(), fits[0].unit)}, {value.interval(value.level)} ({label(other)})"
        speaks_against = other.family.of_maxima() is Gumbel and other.evidence.gumbel.speaks_against
        yield f"{condition(other)}, it {'would be' if speaks_against else 'is'} {said}."
    if fits[0].family.of_maxima() is Gumbel and not others:
        yield "No GEV, which assumes less, could be fitted."


def in_short(fits: Sequence[Fit], tables: Mapping[str, Table], questions: Questions) -> Table:
    """The questions most often asked, each with its answer and interval."""
    period = questions.headline(fits[0].blocks_per_year)
    sure = f"{100 * questions.certainty.confidence:g} % interval"
    rows = [
        *_levels(fits, tables, period),
        *_predicted(fits[0], tables, questions),
        *_critical(fits[0], tables, questions),
    ]
    return Table("In short", pd.DataFrame(rows, columns=["question", "answer", sure]))


def _levels(fits: Sequence[Fit], tables: Mapping[str, Table], period: float) -> Iterator[tuple[str, str, str]]:
    for place, fit in of_distinct_families(fits):
        value = level_of(place, tables, period)
        by = beside_in_words(fit) if place else label(fit)
        question = f"Level {passed(fit)} once in {number(period, 10)} {fit.time_unit}, {by}"
        yield question, _in_unit(value.level(), fit.unit), value.interval(value.level)


def _predicted(fit: Fit, tables: Mapping[str, Table], questions: Questions) -> Iterator[tuple[str, str, str]]:
    """What the coming years pass with the chance of the headline's period."""
    period = questions.headline(fit.blocks_per_year)
    if "predictive_levels" not in tables:
        return
    frame, value = tables["predictive_levels"].frame, level_of(0, tables, period)
    for level in frame.loc[frame["probability"] == 1.0 / period, "predictive"].dropna():
        coming = f"the {_time(fit, questions.years, 'coming')} with a chance of {100 / period:g} %"
        question = f"Level {passed(fit)} in {coming}, predictive, {label(fit)}"
        yield question, _in_unit(value.level(float(level)), fit.unit), "averaged in"


def _critical(fit: Fit, tables: Mapping[str, Table], questions: Questions) -> Iterator[tuple[str, str, str]]:
    """How often the critical levels are passed, and how likely."""
    within = f"Chance that {{level}} is {{passed}} within {_time(fit, questions.years)}"
    often = "How often {level} is {passed}"
    for name, asked, said in (("return_periods", often, span), ("probabilities", within, chance)):
        for _, row in tables[name].frame.iterrows() if name in tables else ():
            value, level = Value.of(row), _in_unit(number(row["level"], 10), fit.unit)
            told = said(value.estimate)
            if name == "return_periods":
                told = f"once in {told} {fit.time_unit}" if math.isfinite(value.estimate) else "never, by this fit"
            yield asked.format(level=level, passed=passed(fit)) + f", {label(fit)}", told, value.interval(said)


def _time(fit: Fit, years: float, which: str = "") -> str:
    """``"30 years"``, ``"coming year"``; the article is the caller's."""
    which = f"{which} " if which else ""
    if years == 1:
        return f"{which}{fit.time_unit[:-1]}" if which else f"one {fit.time_unit[:-1]}"
    return f"{which}{years:g} {fit.time_unit}"


def _in_unit(value: str, unit: str | None) -> str:
    return f"{value} {unit}" if unit else value


def passed(fit: Fit) -> str:
    """What happens to a level: exceeded, of minima undercut."""
    return "undercut" if fit.family.minima else "exceeded"


def level_of(place: int, tables: Mapping[str, Table], period: float) -> Value:
    """The level of a period by the fit at this place; the table has each period once for every fit, in their order."""
    frame = tables["return_levels"].frame
    return Value.of(frame[frame["return_period"] == period].iloc[place])


def p_value_of_fit(place: int, tables: Mapping[str, Table]) -> float:
    """The p-value of Anderson-Darling's test of the fit at this place; NaN where it was not tested."""
    return float(tables["comparison"].frame["ad_p_value"].iloc[place])


def blocks_in_words(fit: Fit) -> str:
    """``"93 water years, 1927 to 2019, 1 left out"``."""
    extremes = fit.extremes
    if extremes is None:
        return f"{fit.n} observations"
    rule = re.match(r"[A-Za-z-]+", extremes.block)
    noun = _NOUNS.get(rule[0] if rule else "", f"blocks of {extremes.block}")
    left_out = f", {len(extremes.dropped)} left out" if len(extremes.dropped) else ""
    if extremes.dates is None:
        return f"{fit.n} blocks{left_out}"
    return f"{fit.n} {noun}, {extremes.blocks[0]} to {extremes.blocks[-1]}{left_out}"
