"""What has changed: the test of the covariates, their slopes, and levels at the first and the last block."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evstats.errors import ArgumentError, FitError
from evstats.estimators import Estimation, Regression, leading
from evstats.models.covariates import TIME_OF_YEAR
from evstats.notes import Note
from evstats.reading.units import labelled
from evstats.report.parts import Data, Facts, Listing, Part, Table
from evstats.report.questions import Certainty
from evstats.report.subjects import subject_of
from evstats.report.tables import follows, state_in_words
from evstats.report.values import in_unit
from evstats.text.numbers import number, p_in_words, percent, rounded, span

if TYPE_CHECKING:
    import pandas as pd

    from evstats.fitting import Fit

State = Mapping[str, Any]

PERIODS = (2.0, 10.0, 100.0)
"""Return periods shown where none are asked for."""

_DECADE = 10.0
_YEAR = "year"
#: What moves where location and scale have one predictor.
_PROPORTIONAL = "loc and scale"


def first_and_last(fit: Fit) -> tuple[State, State]:
    """The states of the covariates at the first and the last block, both at the time of the year of the last."""
    assert isinstance(fit.estimation, Regression), "asked of fits with covariates"
    first, last = fit.estimation.predictors.ends()
    return first.state(), last.state()


def answer(fit: Fit, levels: Table, test: Table | Note) -> Listing:
    """How far the longest of the levels moved from the first to the last block, and how sure that is."""
    row = levels.frame.iloc[-1]
    then, now = (state_in_words(state) for state in first_and_last(fit))
    change, lower, upper = (float(row[name]) for name in ("change", "change_lower", "change_upper"))
    of = f"the {number(float(row['return_period']), 6)}-{fit.time_unit[:-1]} {subject_of(fit).extreme} of {fit.name}"
    width = upper - lower if math.isfinite(upper - lower) else abs(change) or 1.0
    size, low, high = (rounded(value, width) for value in _away(change, lower, upper))
    moved = f"{in_unit(size, fit.unit)}, {percent(float(row['confidence']))} interval {low} to {high}"
    values = [in_unit(rounded(float(row[word]), width), fit.unit) for word in ("then", "now")]
    from_to = f"from {values[0]} then ({then}) to {values[1]} now ({now})"
    tested = (
        "" if isinstance(test, Note) or TIME_OF_YEAR in first_and_last(fit)[0] else f" Test of no trend: {_p(test)}."
    )
    if lower <= 0.0 <= upper:
        said = f"It is open whether {of} changed: the estimate is {moved}, {from_to}.{tested}"
    else:
        said = f"{of[0].upper()}{of[1:]} {'rose' if change > 0.0 else 'fell'} by {moved}, {from_to}.{tested}"
    return Listing("Answer", (said,), said)


def _away(change: float, lower: float, upper: float) -> tuple[float, float, float]:
    """A change that is clear without its sign, which the verb has."""
    return (-change, -upper, -lower) if upper < 0.0 else (change, lower, upper)


def _p(test: Table) -> str:
    """``"p = 0.02"``."""
    return p_in_words(float(test.frame["p_value"].iloc[0]))


def without_covariates(fit: Fit) -> Fit:
    """The fit of the same family to the same values whose parameters follow nothing.

    Raises
    ------
    FitError : it has no estimate.
    """
    given = fit.estimation.family, fit.method, fit.values, fit.estimation.design
    return replace(fit, estimation=leading.checked(Estimation.of(*given)))


def test(fit: Fit) -> Table | Note:
    """The likelihood-ratio test of the covariates, or a note on why there is none."""
    from evstats.comparison import likelihood_ratio_test

    try:
        null = without_covariates(fit) if fit.method.maximises_likelihood else fit  # which the test refuses
        table = likelihood_ratio_test(null, fit)
    except (ArgumentError, FitError) as error:
        return Note("no_test", "trend", reason=error.text)
    frame = table.assign(model=follows(fit), reference=table.attrs["reference"])
    title = "Likelihood-ratio test against no covariate"
    return Table(title, frame[["model", "statistic", "df", "p_value", "reference"]], notes=table.attrs["notes"])


def slopes(fit: Fit, sure: Certainty) -> Table:
    """How far parameters move with each covariate alone: per unit of it, of years per decade too, and over the record.

    The scale, whose logarithm moves, does so in per cent, and so does a rate.
    """
    import pandas as pd

    table = fit.parameter_table(interval=sure.interval, confidence=sure.confidence)
    frame = pd.DataFrame(_slopes(fit, table))
    frame = frame.assign(confidence=table.attrs["confidence"], interval=table.attrs["interval"])
    how = f"{percent(table.attrs['confidence'])} interval ({table.attrs['interval']})"
    title = f"Slopes of {labelled(fit.name, fit.unit)}; {how}"
    return Table(title, frame, hidden=("confidence", "interval"), notes=table.attrs["notes"])


def _slopes(fit: Fit, table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    first, last = first_and_last(fit)
    estimation = fit.estimation
    in_proportion = isinstance(estimation, Regression) and estimation.in_proportion
    for name, row in table.iterrows():
        parameter, _, term = str(name).partition(":")
        if term not in first:
            continue
        limits = row[["estimate", "lower", "upper"]].to_numpy(dtype=float)
        of_log = parameter.startswith("log_")
        for per, times in _lengths(term, float(last[term]) - float(first[term])):
            moved = 100.0 * np.expm1(times * limits) if of_log else times * limits
            low, high = sorted(moved[1:])
            yield {
                "parameter": _PROPORTIONAL if in_proportion else parameter.removeprefix("log_"),
                "per": per,
                "estimate": moved[0],
                "lower": low,
                "upper": high,
                "unit": "%" if of_log else fit.unit if parameter == "loc" else None,
            }


def _lengths(term: str, record: float) -> Iterator[tuple[str, float]]:
    """Lengths along a covariate, in words and in its unit."""
    yield (term, 1.0) if term == _YEAR else (f"1 of {term}", 1.0)
    if term == _YEAR:
        yield "decade", _DECADE
        yield f"record ({number(record, 6)} years)", record
    else:
        yield f"record ({number(record)} of {term})", record


def then_and_now(
    fit: Fit, periods: Sequence[float] | None, sure: Certainty, states: tuple[State, State] | None = None
) -> Table:
    """Return levels then and now side by side, by default at the first and the last block, and the change."""
    then, now = states or first_and_last(fit)
    options: dict[str, Any] = {"interval": sure.interval, "confidence": sure.confidence}
    found = {
        word: fit.return_level(periods or PERIODS, at=at, **options) for word, at in (("then", then), ("now", now))
    }
    frame = found["then"].index.to_frame(index=False)
    for word, table in found.items():
        frame[word] = table["estimate"].to_numpy()
        for side in ("lower", "upper"):
            frame[f"{word}_{side}"] = table[side].to_numpy()
    change = fit.change(periods or PERIODS, now=now, then=then, **options)
    for name, column in (("change", "estimate"), ("change_lower", "lower"), ("change_upper", "upper")):
        frame[name] = change[column].to_numpy()
    attrs = found["now"].attrs
    hidden = {"unit": attrs["unit"], "confidence": attrs["confidence"], "interval": attrs["interval"]}
    apart = "" if change.attrs["interval"] == attrs["interval"] else f"; of the change {change.attrs['interval']}"
    how = f"{percent(attrs['confidence'])} intervals ({attrs['interval']}{apart})"
    title = (
        f"Return levels of {labelled(fit.name, fit.unit)} then, {state_in_words(then)}, and now, "
        f"{state_in_words(now)}; {how}"
    )
    notes = tuple(dict.fromkeys(note for table in (*found.values(), change) for note in table.attrs["notes"]))
    columns = [str(name) for name in frame]
    folds = (tuple(columns[:7]), ("return_period", *columns[7:]))
    return Table(title, frame.assign(**hidden), hidden=tuple(hidden), folds=folds, notes=notes)


# -- attribution -------------------------------------------------------------------------------------------------------


class Quantities(Table):
    """A table each of whose rows is of a quantity of its own, with numbers as long as they need."""

    def _cells(self, name: str) -> list[str]:
        column = self.frame[name]
        if column.dtype.kind != "f":
            return super()._cells(name)
        return ["-" if math.isnan(value) else number(value) for value in column]


def attribution(fit: Fit, event: float, now: State | None, then: State | None, sure: Certainty) -> dict[str, Part]:
    """How likely an event is now and then, the ratio of the two, and how intense it would have been.

    The states are those of the last and the first block where they are not given.
    """
    first, last = first_and_last(fit)
    now, then = now or last, then or first
    table = fit.attribution(event, now=now, then=then, interval=sure.interval, confidence=sure.confidence)
    confidence, interval = table.attrs["confidence"], table.attrs["interval"]
    frame = table.reset_index().assign(confidence=confidence, interval=interval)
    title = f"Now against then, {labelled(fit.name, fit.unit)}; {percent(confidence)} intervals ({interval})"
    asked = {"event": event, "unit": fit.unit, "now": state_in_words(now), "then": state_in_words(then)}
    said = of_event(fit, event, table, (then, now))
    return {
        "answer": Listing("Answer", (said,), said),
        "asked": Facts("Asked", asked),
        "states": Data({"now": dict(now), "then": dict(then)}),
        "attribution": Quantities(title, frame, hidden=("confidence", "interval"), notes=tuple(table.attrs["notes"])),
    }


def of_event(fit: Fit, event: float, table: pd.DataFrame, states: tuple[State, State]) -> str:
    """How much likelier the event has become from then to now, in a sentence."""
    then_said, now_said = map(state_in_words, states)
    side = "or less" if fit.family.minima else "or more"
    now, then = (float(table["estimate"][f"return_period_{word}"]) for word in ("now", "then"))
    often = (
        f"{in_unit(number(event, 6), fit.unit)} {side} {_often('comes', now, fit.time_unit)} now ({now_said}), and "
        f"{_often('came', then, fit.time_unit)} then ({then_said})"
    )
    return f"{often}: {_ratio(table)}."


def _ratio(table: pd.DataFrame) -> str:
    """How much likelier."""
    estimate, lower, upper = (float(table[side]["probability_ratio"]) for side in ("estimate", "lower", "upper"))
    limits = f", {percent(table.attrs['confidence'])} interval {number(lower, 3)} to {number(upper, 3)}"
    limits = "" if math.isnan(lower) else limits
    if math.isnan(estimate):
        return f"the fit holds it impossible both times, so that the ratio of the probabilities is 0/0{limits}"
    if math.isinf(estimate):
        return f"the fit holds it impossible then, so that the ratio of the probabilities is infinite{limits}"
    return f"it is {number(estimate, 3)} times as likely{limits}"


def _often(verb: str, period: float, unit: str) -> str:
    """``"comes once in 30 years"``."""
    return f"{verb} once in {span(period)} {unit}" if math.isfinite(period) else f"never {verb}"


__all__ = [
    "PERIODS",
    "Quantities",
    "answer",
    "attribution",
    "first_and_last",
    "of_event",
    "slopes",
    "test",
    "then_and_now",
]
