"""What a report on losses says first: value at risk, expected shortfall, how heavy the tail is, how often it comes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from evstats.distributions import GPD
from evstats.estimators import leading
from evstats.reading.units import of_differences
from evstats.report.answer import critical, leading_words
from evstats.report.parts import Table
from evstats.report.questions import Questions
from evstats.report.record import rate
from evstats.report.subject_losses import OfLosses
from evstats.report.values import Value, in_unit, per, risk_of
from evstats.report.words import condition, label, of_distinct_families, of_shape_zero, reference_in_words
from evstats.text.numbers import number, percent, rounded

if TYPE_CHECKING:
    from evstats.fitting import Fit

#: What the measures are called in a table.
_MEASURES = {"var": "value at risk", "es": "expected shortfall"}


def answer(fits: Sequence[Fit], tables: Mapping[str, Table], questions: Questions) -> str:
    """Value at risk and expected shortfall by the first fit, further out too, and from what; then the other family."""
    lead, said, sure = fits[0], OfLosses(fits[0]), percent(questions.certainty.confidence)
    p, far = said.probability(questions), max(questions.tail.probabilities)
    opening, verb = leading_words(lead, lead.evidence.anderson_darling)
    value, interval = _in_words(0, tables, "var", p, lead)
    told = [
        f"{opening} {percent(p)} value at risk of {lead.name} {verb} {value}, {sure} interval {interval}: "
        f"{said.of_one(questions.tail.horizon)} of {_in_so_many(p)} exceeds it{_on_average(tables, p, lead)}."
    ]
    if far > p:
        value, interval = _in_words(0, tables, "var", far, lead)
        told.append(f"The {percent(far)} value at risk {verb} {value}, {interval}{_on_average(tables, far, lead)}.")
    told.append(f"This is from {said.in_words}{said.when} ({label(lead)}).")
    return " ".join([*told, *_by_reference(fits, tables, p)])


def _on_average(tables: Mapping[str, Table], p: float, fit: Fit) -> str:
    """The expected shortfall, where it exists."""
    if math.isnan(risk_of(0, tables, "es", p).estimate):
        return ", and no expected shortfall exists"
    mean, interval = _in_words(0, tables, "es", p, fit)
    return f", and the losses beyond it are {mean} on average (expected shortfall, {interval})"


def _in_so_many(p: float) -> str:
    """``"100"``, the number among which one is expected beyond."""
    return number(1.0 / (1.0 - p), 4)


def _in_words(place: int, tables: Mapping[str, Table], measure: str, p: float, fit: Fit) -> tuple[str, str]:
    """A measure and its interval."""
    value = risk_of(place, tables, measure, p)
    return in_unit(value.level(), fit.unit), value.interval(value.level)


def _by_reference(fits: Sequence[Fit], tables: Mapping[str, Table], p: float) -> Iterator[str]:
    """What the other family says, and on what condition."""
    if not leading.has_reference(fits[0].family):
        return
    for place, other in _of_losses(fits)[1:2]:
        value, interval = _in_words(place, tables, "var", p, other)
        verb = "would be" if of_shape_zero(other) and other.evidence.gumbel.speaks_against else "is"
        yield f"{condition(other)}, the {percent(p)} value {verb} {value}, {interval} ({label(other)})."


def _of_losses(fits: Sequence[Fit]) -> list[tuple[int, Fit]]:
    """The first fit of every family to the losses, with its place."""
    return [(place, fit) for place, fit in of_distinct_families(fits) if fit.of_peaks]


def in_short(fits: Sequence[Fit], tables: Mapping[str, Table], questions: Questions) -> Table:
    """Both measures at each probability, the tail, how often it comes, and what was asked besides."""
    import pandas as pd

    lead = fits[0]
    rows = [
        *_measures(fits, tables, questions),
        *_tail(lead, tables),
        *_frequency(lead),
        *critical(lead, tables, questions, label(lead)),
    ]
    sure = f"{percent(questions.certainty.confidence)} interval"
    return Table("In short", pd.DataFrame(rows, columns=["question", "answer", sure]))


def _measures(fits: Sequence[Fit], tables: Mapping[str, Table], questions: Questions) -> Iterator[tuple[str, str, str]]:
    """By the fit that answers at each probability, by the other family at the first one."""
    first, horizon = OfLosses(fits[0]).probability(questions), questions.tail.horizon
    for place, fit in _of_losses(fits):
        by = reference_in_words(fit) if place else label(fit)
        for p in [first] if place else questions.tail.probabilities:
            for measure, words in _MEASURES.items():
                if not math.isnan(risk_of(place, tables, measure, p).estimate):
                    asked = f"{percent(p)} {words} of {OfLosses(fit).of_one(horizon)}, {by}"
                    yield asked, *_in_words(place, tables, measure, p, fit)


def _tail(fit: Fit, tables: Mapping[str, Table]) -> Iterator[tuple[str, str, str]]:
    """The shape, and the tail index where the tail is a power."""
    if fit.family.of_maxima() is not GPD:
        return
    frame = tables["parameters"].frame
    own = frame[frame["parameter"] == "shape"].iloc[0]
    value = Value.of(own)
    yield "Shape of the tail", value.level(), value.interval(value.level)
    if value.estimate > 0.0:
        ends = [1.0 / end if end > 0.0 else math.inf for end in (value.upper, value.lower)]
        index = Value(1.0 / value.estimate, *ends)
        yield (
            "Tail index, 1/shape: moments of this order and above are infinite",
            index.level(),
            index.interval(index.level),
        )


def _frequency(fit: Fit) -> Iterator[tuple[str, str, str]]:
    """Losses beyond the threshold a year, or among all."""
    said = OfLosses(fit)
    if fit.time_unit == "observations":
        found = rate(fit.n, said.years, "observation").values
        told = [percent(found[name]) for name in ("estimate", "lower", "upper")]
        yield f"Share of losses above {said.threshold}", told[0], f"{told[1]} to {told[2]}"
        return
    found = rate(fit.n, said.years, fit.time_unit[:-1]).values
    value = Value(found["estimate"], found["lower"], found["upper"])
    noun = "Losses" if said.single else "Clusters of losses"
    yield f"{noun} above {said.threshold} {per(fit.time_unit[:-1])}", value.level(), value.interval(value.level)


def on_tail(fit: Fit) -> str:
    """The mean excess, and what it says of the weight of the tail."""
    said, family = OfLosses(fit), fit.family.of_maxima()
    scale = float(fit.distribution.parameters[-2 if family is GPD else -1])
    shape = float(fit.distribution.parameters[-1]) if family is GPD else 0.0
    if shape >= 1.0:
        return "The mean excess is infinite by this fit: no expected shortfall exists."
    excess = in_unit(rounded(scale / (1.0 - shape), 4.0 * scale / math.sqrt(fit.n), 2), of_differences(fit.unit))
    grows = f"{'rises' if shape > 0.0 else 'falls'} by {abs(shape) / (1.0 - shape):.2f} for each unit of the threshold"
    return (
        f"Losses above {said.threshold} lie {excess} beyond it on average (mean excess), and by this fit that "
        f"{grows if shape else 'is the same beyond any threshold'}."
    )


def on_measures(fit: Fit) -> str:
    """What the measures are of, and in which sign."""
    said = OfLosses(fit)
    if said.single:
        return said.on_period
    merged = (
        "Losses that came in a cluster count as one: the risk is that of the largest of a cluster, given that it is "
        "beyond the threshold. For that of any one take every loss by itself, without separation."
    )
    return f"{said.on_period} {merged}"


ON_FORECASTS = (
    "These are measures of an average day or claim, and no forecasts: they do not follow the volatility of the day. "
    "Measures of tomorrow are told by conditional_risk, or evstats risk with a volatility, and how forecasts did by "
    "backtest, or evstats backtest: this page has no forecasts to test."
)
"""What the page does not hold, and where it is."""

__all__ = ["ON_FORECASTS", "answer", "in_short", "on_measures", "on_tail"]
