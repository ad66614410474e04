"""The question answered in a sentence or two, the questions most often asked, and what the answers rest on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from evstats.distributions import GEV, GPD, Exponential, Gumbel
from evstats.estimators import leading
from evstats.intervals import Claim
from evstats.report.parts import Table
from evstats.report.questions import Certainty, Questions
from evstats.report.subjects import subject_of
from evstats.report.tables import intervals_of
from evstats.report.values import Value, article, in_unit, level_of
from evstats.report.words import (
    condition,
    label,
    of_distinct_families,
    of_shape_zero,
    reference_in_words,
    same_data,
    years_in_words,
)
from evstats.text.numbers import chance, number, percent, span

if TYPE_CHECKING:
    from evstats.fitting import Fit
    from evstats.intervals import Interval

NO_MEAN = 1.0
"""From this shape on a GEV has no finite mean."""

REJECTED = 0.05
"""A p-value of Anderson-Darling's test below which the data are said to speak against a family."""

_HOLDS = "Over records like this one it holds the truth {share} of the time, if all the above is true"
_NOMINAL = "Its {share} are nominal: in short records intervals of this kind hold less often, mostly too low."
#: What a nominal confidence means, by what the interval claims.
_MEANINGS = {
    Claim.EXACT: f"{_HOLDS}; of data that are not Gumbel it holds less often: from 50 years of a GEV with shape 0.1 "
    "69 %.",
    Claim.HIGHER_ORDER: f"{_HOLDS}.",
    Claim.POSTERIOR: "By prior and data together the truth lies in it with a probability of {share}.",
    Claim.NOMINAL: _NOMINAL,
    Claim.SHORT: _NOMINAL,
}


def answer(fits: Sequence[Fit], tables: Mapping[str, Table], questions: Questions) -> str:
    """The T-year level by the first fit with its interval, from how many blocks; then what the other family says."""
    lead, subject = fits[0], subject_of(fits[0])
    period = questions.headline(subject.per_year)
    value = level_of(0, tables, period)
    said, verb = leading_words(lead, lead.evidence.anderson_darling)
    first = (
        f"{said} {number(period, 10)}-{lead.time_unit[:-1]} {subject.extreme} of {lead.name} {verb} "
        f"{in_unit(value.level(), lead.unit)}, {percent(questions.certainty.confidence)} interval "
        f"{value.interval(value.level)}{subject.on_choice(questions.certainty.interval)}, from {subject.in_words} "
        f"({label(lead)})."
    )
    return " ".join([first, *_by_reference(fits, tables, period), *_by_blocks(fits, tables, period)])


def leading_words(lead: Fit, p_value: float) -> tuple[str, str]:
    """How the sentence begins, and whether the level is, or would be."""
    if lead.family.of_maxima() in (GEV, GPD) and float(lead.distribution.parameters[-1]) >= NO_MEAN:
        family = lead.family.of_maxima().label
        return f"By {article(family)} distribution whose mean is infinite, which is not credible, the", "would be"
    if of_shape_zero(lead):
        return f"{condition(lead)}, the", "would be" if lead.evidence.gumbel.speaks_against else "is"
    if p_value < REJECTED:
        return f"By {article(lead.family.label)} distribution, which the data speak against, the", "would be"
    return "The", "is"


def _by_reference(fits: Sequence[Fit], tables: Mapping[str, Table], period: float) -> Iterator[str]:
    """What the other family says, and on what condition."""
    others = [(place, fit) for place, fit in of_distinct_families(fits)[1:] if same_data(fit, fits[0])]
    others = others if leading.has_reference(fits[0].family) else []
    for place, other in others[:1]:
        value = level_of(place, tables, period)
        said = f"{in_unit(value.level(), fits[0].unit)}, {value.interval(value.level)} ({label(other)})"
        speaks_against = of_shape_zero(other) and other.evidence.gumbel.speaks_against
        yield f"{condition(other)}, it {'would be' if speaks_against else 'is'} {said}."
    if of_shape_zero(fits[0]) and not others:
        yield f"No {subject_of(fits[0]).general}, which assumes less, could be fitted."


def _by_blocks(fits: Sequence[Fit], tables: Mapping[str, Table], period: float) -> Iterator[str]:
    """What the extremes of blocks say where peaks answer."""
    for place, fit in enumerate(fits):
        if not same_data(fit, fits[0]) and has_level(place, tables, period):
            value, of = level_of(place, tables, period), subject_of(fit)
            said = f"{in_unit(value.level(), fit.unit)}, {value.interval(value.level)}"
            yield f"By the {of.extremes} of {of.in_words}, it is {said} ({label(fit)})."


def has_level(place: int, tables: Mapping[str, Table], period: float) -> bool:
    """Whether the fit at this place, of other data than the first, has a level of a period."""
    frame = tables["return_levels"].frame
    return bool((frame["return_period"] == period).sum() > place)


def in_short(fits: Sequence[Fit], tables: Mapping[str, Table], questions: Questions) -> Table:
    """The questions most often asked, each with its answer and interval."""
    period = questions.headline(subject_of(fits[0]).per_year)
    sure = f"{percent(questions.certainty.confidence)} interval"
    import pandas as pd

    rows = [
        *_levels(fits, tables, period),
        *_predicted(fits[0], tables, questions),
        *critical(fits[0], tables, questions, label(fits[0])),
    ]
    return Table("In short", pd.DataFrame(rows, columns=["question", "answer", sure]))


def _levels(fits: Sequence[Fit], tables: Mapping[str, Table], period: float) -> Iterator[tuple[str, str, str]]:
    for place, fit in of_distinct_families(fits):
        if not has_level(place, tables, period):
            continue
        value, of = level_of(place, tables, period), subject_of(fit)
        by = reference_in_words(fit) if place else label(fit)
        if not same_data(fit, fits[0]):
            by += f", of the {of.extremes} of {of.in_words}"
        question = f"Level {of.passed} once in {years_in_words(fit, period)}, {by}"
        yield question, in_unit(value.level(), fit.unit), value.interval(value.level)


def _predicted(fit: Fit, tables: Mapping[str, Table], questions: Questions) -> Iterator[tuple[str, str, str]]:
    """What the coming years pass with the chance of the headline's period."""
    period = questions.headline(subject_of(fit).per_year)
    if "predictive_levels" not in tables:
        return
    frame, value = tables["predictive_levels"].frame, level_of(0, tables, period)
    for level in frame.loc[frame["probability"] == 1.0 / period, "predictive"].dropna():
        coming = f"the {years_in_words(fit, questions.years, 'coming')} with a chance of {100 / period:g} %"
        question = f"Level {subject_of(fit).passed} in {coming}, predictive, {label(fit)}"
        yield question, in_unit(value.level(float(level)), fit.unit), "averaged in"


def critical(fit: Fit, tables: Mapping[str, Table], questions: Questions, by: str) -> Iterator[tuple[str, str, str]]:
    """How often the critical levels are passed, and how likely, ``by`` which fit or in which state."""
    within = f"Chance that {{level}} is {{passed}} within {years_in_words(fit, questions.years)}"
    often, passed = "How often {level} is {passed}", subject_of(fit).passed
    for name, asked, said in (("return_periods", often, span), ("probabilities", within, chance)):
        for _, row in tables[name].frame.iterrows() if name in tables else ():
            value, level = Value.of(row), in_unit(number(row["level"], 10), fit.unit)
            told = said(value.estimate)
            if name == "return_periods":
                told = f"once in {told} {fit.time_unit}" if math.isfinite(value.estimate) else "never, by this fit"
            yield asked.format(level=level, passed=passed) + f", {by}", told, value.interval(said)


def assumptions(fits: Sequence[Fit], tables: Mapping[str, Table], sure: Certainty) -> tuple[str, ...]:
    """The assumptions of the first fit, and what the others assume."""
    lead, subject = fits[0], subject_of(fits[0])
    others = [fit for _, fit in of_distinct_families(fits)[1:]]
    compared = [f"For comparison: {_family(fit, _of_what(fit, lead))}" for fit in others]
    periods = [
        f"For comparison, of the {_of_what(fit, lead)}: {subject_of(fit).on_period}"
        for fit in others
        if not same_data(fit, lead)
    ]
    return (
        *subject.assumptions(_verdict(tables), tables),
        _family(lead, subject.extremes),
        *compared,
        subject.on_values,
        on_interval(intervals_of(fits, sure)[0], sure.confidence),
        subject.on_period,
        *periods,
    )


def _of_what(fit: Fit, lead: Fit) -> str:
    """What was fitted, and where it is not what was before, of which data."""
    of = subject_of(fit)
    return of.extremes if same_data(fit, lead) else f"{of.extremes} of {of.in_words}"


def _verdict(tables: Mapping[str, Table]) -> str:
    """What the tests of change and dependence say."""
    if "stationarity" not in tables:
        return "Neither was tested, for want of values."
    against = [name for name, _ in low(tables["stationarity"])]
    if not against and _lacks_neighbours(tables["stationarity"]):
        return (
            "The tests of change do not speak against it; dependence was not tested, as the dates leave the order "
            "within a time open."
        )
    if not against:
        return "The tests of both do not speak against it; in a short record they miss much."
    return f"The tests speak against one or the other ({', '.join(against)})."


def _lacks_neighbours(table: Table) -> bool:
    """Whether values of one time have no neighbours, so that nothing was tested of them."""
    return bool(table.frame.set_index("test")["p_value"].isna().get("lag-1-autocorrelation", False))


def low(table: Table) -> Iterator[tuple[str, float]]:
    """The tests with p-values below 0.05, in words, and their p-values."""
    for test, p in zip(table.frame["test"], table.frame["p_value"], strict=True):
        if p < 0.05:
            yield f"{test} p = {p:.2g}", p


#: Why a family may be taken for extremes, by the family of maxima.
_WHY = {
    GEV: "a generalised extreme-value distribution, as those of long blocks of nearly any variable do approximately",
    GPD: "a generalised Pareto distribution, as beyond an extreme threshold those of any variable nearly do",
    Gumbel: "a Gumbel distribution, whose tail is exponential",
    Exponential: "an exponential distribution beyond the threshold",
}


def on_family(fit: Fit, extremes: str) -> str:
    """Why the family of a fit may be taken for extremes whose parameters follow covariates."""
    family = fit.family.of_maxima()
    why = _WHY.get(family, f"{article(fit.family.label)} distribution")
    return f"In any state of the covariates the {extremes} follow {why}."


def _family(fit: Fit, extremes: str) -> str:
    family = fit.family.of_maxima()
    if of_shape_zero(fit):
        check = fit.evidence.gumbel
        verdict = "the tests speak against it" if check.speaks_against else "the tests do not speak against it"
        verdict = "no test can tell" if math.isnan(check.lowest) else verdict
        return f"The {extremes} follow {_WHY[family]}; {verdict} ({check})."
    if family in _WHY:
        shape = float(fit.distribution.parameters[-1])
        return f"The {extremes} follow {_WHY[family]}. Its shape is estimated, {shape:.2f}{_end(fit, shape)}."
    if len(family.scales) == 1:
        return f"The {extremes} follow {article(fit.family.label)} distribution."
    return f"The {extremes} are the greater of two independent Gumbel values, one of each population."


def _end(fit: Fit, shape: float) -> str:
    """Where a distribution with a light tail ends."""
    if shape >= 0.0:
        return ""
    return f", so that it ends at {number(float(fit.distribution.support()[0 if fit.family.minima else 1]))}"


def on_interval(interval: Interval, confidence: float) -> str:
    """What an interval means."""
    share = percent(confidence)
    return f"The interval ({interval.label}). {_MEANINGS[interval.claim].format(share=share)}"
