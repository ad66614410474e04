"""What has changed: the test of the covariates, their slopes, and levels in two states."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evstats.errors import ArgumentError, FitError
from evstats.estimators import Estimation, MaximumLikelihood, Regression, leading
from evstats.models.covariates import state_in_words
from evstats.models.predictors import RATE
from evstats.notes import Note, as_note
from evstats.quantities import Parameters
from evstats.reading.units import labelled, of_differences
from evstats.remarks.influence import LEFT_OUT
from evstats.report.parts import Data, Facts, Listing, Part, Table
from evstats.report.questions import Certainty
from evstats.report.tables import follows, per_year_at
from evstats.report.values import in_unit, per
from evstats.text.numbers import number, percent, span

if TYPE_CHECKING:
    import pandas as pd

    from evstats.fitting import Fit
    from evstats.models import Predictors

State = Mapping[str, Any]

PERIODS = (2.0, 10.0, 100.0)
"""Return periods shown where none are asked for."""

_DECADE = 10.0
_YEAR = "year"


def first_and_last(fit: Fit) -> tuple[State, State]:
    """The states of the covariates at the first and the last block, both at the time of the year of the last."""
    assert isinstance(fit.estimation, Regression), "asked of fits with covariates"
    first, last = fit.estimation.predictors.ends()
    return first.state(), last.state()


def in_time(fit: Fit) -> bool:
    """Whether a covariate goes with time, so that the first and the last block stand for then and now."""
    assert isinstance(fit.estimation, Regression), "asked of fits with covariates"
    return fit.estimation.predictors.go_with_time


def states(fit: Fit, then: State | None, now: State | None) -> tuple[State, State]:
    """Then and now, those of the fit where they are not given."""
    assert isinstance(fit.estimation, Regression), "asked of fits with covariates"
    fit.two_states("what has changed", now or None, then or None)  # an error that names the state
    if then and now:
        return then, now
    before, after = fit.estimation.predictors.then_and_now()
    return then or before.state(), now or after.state()


def test(fit: Fit) -> Table | Note:
    """The likelihood-ratio test of the covariates beside the season, or a note on why there is none."""
    import pandas as pd

    from evstats.comparison import FEW_FOR_CHI_SQUARE, likelihood_ratio_test

    season = season_of(fit)
    # a null with many coefficients of a season takes minutes to simulate, and many blocks do not need it
    reference = "chi-square" if season is not None and fit.n >= FEW_FOR_CHI_SQUARE else None
    try:
        table = likelihood_ratio_test(_null(fit, season), fit, reference=reference)
    except (ArgumentError, FitError) as error:
        return Note("no_test", "trend", reason=error.text)
    attrs, frame = dict(table.attrs), table.assign(model=follows(fit))
    for null, model in _parts(fit):
        one = likelihood_ratio_test(null, fit)
        frame = pd.concat([frame, one.assign(model=model)], ignore_index=True)
    frame = frame.assign(reference=attrs["reference"])[["model", "statistic", "df", "p_value", "reference"]]
    frame.attrs = attrs
    return Table(f"Likelihood-ratio test against {without(fit)}", frame, notes=attrs["notes"])


def _parts(fit: Fit) -> Iterator[tuple[Fit, str]]:
    """Of peaks whose rate and sizes both follow covariates, the fit without those of the one and of the other, and what
    is then tested, in words.
    """
    whole = fit.estimation
    assert isinstance(whole, Regression), "asked of fits with covariates"
    predictors = whole.predictors
    of_sizes = {name: own for name, own in predictors.by_parameter.items() if name != RATE}
    if RATE not in predictors.by_parameter or not of_sizes:
        return
    of_rate = {RATE: predictors.by_parameter[RATE]}
    sides = (("the rate alone", of_sizes, None), ("the sizes alone", of_rate, predictors.of_years))
    for model, kept, of_years in sides:
        own = replace(predictors, by_parameter=kept, of_years=of_years)
        estimation = whole.following(whole.family, MaximumLikelihood(), fit.values, own, whole.design)
        if estimation.estimate.converged:
            yield replace(fit, estimation=estimation), model


def without(fit: Fit) -> str:
    """What the test is against, in words."""
    return "no covariate" if season_of(fit) is None else "the season alone"


def season_of(fit: Fit) -> Predictors | None:
    """The terms of a season beside which other covariates are followed, which the null of the test keeps."""
    assert isinstance(fit.estimation, Regression), "asked of fits with covariates"
    return fit.estimation.predictors.season


def _null(fit: Fit, season: Predictors | None) -> Fit:
    """The fit of the season, or of no covariate, by maximum likelihood."""
    whole, method = fit.estimation, MaximumLikelihood()
    if season is None or not isinstance(whole, Regression):
        estimation = Estimation.of(whole.family, method, fit.values, whole.design)
    else:
        estimation = whole.following(whole.family, method, fit.values, season, whole.design)
    return replace(fit, estimation=leading.checked(estimation))


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
    assert isinstance(fit.estimation, Regression), "asked of fits with covariates"
    covariates = fit.estimation.predictors.covariates
    for name, row in table.iterrows():
        parameter, _, term = str(name).partition(":")
        if term not in first:
            continue
        limits = row[["estimate", "lower", "upper"]].to_numpy(dtype=float)
        of_log = parameter.startswith("log_")
        own = covariates.columns.get(term)
        if own is None or term == _YEAR or covariates.goes_with_time(term):
            lengths = _lengths(term, float(last[term]) - float(first[term]))
        else:
            lengths = _lengths(term, float(np.ptp(own)), "record's range")
        for length, times in lengths:
            moved = 100.0 * np.expm1(times * limits) if of_log else times * limits
            low, high = sorted(moved[1:])
            yield {
                "parameter": fit.estimation.called(parameter),
                "per": length,
                "estimate": moved[0],
                "lower": low,
                "upper": high,
                "unit": "%" if of_log else of_differences(fit.unit) if parameter == "loc" else None,
            }


def _lengths(term: str, record: float, whole: str = "record") -> Iterator[tuple[str, float]]:
    """Lengths along a covariate, in words and in its unit: one, and what it went through."""
    yield (term, 1.0) if term == _YEAR else (f"1 of {term}", 1.0)
    if term == _YEAR:
        yield "decade", _DECADE
        yield f"record ({number(record, 6)} years)", record
    else:
        yield f"{whole} ({number(record)} of {term})", record


def rate_and_sizes(fit: Fit, sure: Certainty, states: tuple[State, State]) -> Table:
    """Of peaks, how many there are a year then and now, and the parameters of their sizes."""
    import pandas as pd

    options: dict[str, Any] = {"interval": sure.interval, "confidence": sure.confidence}
    then, now = states
    found = {word: dict(_of_state(fit, at, options)) for word, at in (("then", then), ("now", now))}
    rows = []
    for name in found["then"]:
        unit = (of_differences(fit.unit) or "") if name == "scale" else ""
        row: dict[str, Any] = {"quantity": name}
        for word, of in found.items():
            row |= dict(zip((word, f"{word}_lower", f"{word}_upper"), of[name], strict=True))
        rows.append(row | {"unit": unit})
    title = f"Rate and sizes {_compared(fit, then, now)}"
    return Quantities(f"{title}; {percent(sure.confidence)} intervals", pd.DataFrame(rows))


def _of_state(fit: Fit, at: State, options: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[float]]]:
    """Estimate and limits of the rate and of the parameters of the sizes in a state."""
    rate = f"peaks {per(fit.time_unit[:-1])}"
    if fit.estimation.rate_follows:
        yield rate, fit.rate_at(at, **options)[["estimate", "lower", "upper"]].to_numpy()[0].tolist()
    else:
        yield rate, fit.rate[["estimate", "lower", "upper"]].to_numpy()[0].tolist()
    answer = fit.evaluate(Parameters(), at=at, **options)
    names = [name for place, name in enumerate(fit.family.parameter_names) if place not in fit.family.given]
    for place, name in enumerate(names):
        yield name, [float(own[..., place]) for own in (answer.estimate, answer.lower, answer.upper)]


def then_and_now(fit: Fit, periods: Sequence[float] | None, sure: Certainty, states: tuple[State, State]) -> Table:
    """Return levels then and now side by side, and the change."""
    then, now = states
    options: dict[str, Any] = {"interval": sure.interval, "confidence": sure.confidence}
    fewest = min(per_year_at(fit, at) or 1.0 for at in states)
    asked = periods or [period for period in PERIODS if period * fewest > 1.0] or [PERIODS[-1]]
    found = {word: fit.return_level(asked, at=at, **options) for word, at in (("then", then), ("now", now))}
    frame = found["then"].index.to_frame(index=False)
    for word, table in found.items():
        frame[word] = table["estimate"].to_numpy()
        for side in ("lower", "upper"):
            frame[f"{word}_{side}"] = table[side].to_numpy()
    change = fit.change(asked, now=now, then=then, **options)
    for name, column in (("change", "estimate"), ("change_lower", "lower"), ("change_upper", "upper")):
        frame[name] = change[column].to_numpy()
    attrs = found["now"].attrs
    hidden = {"unit": attrs["unit"], "confidence": attrs["confidence"], "interval": attrs["interval"]}
    apart = "" if change.attrs["interval"] == attrs["interval"] else f"; of the change {change.attrs['interval']}"
    how = f"{percent(attrs['confidence'])} intervals ({attrs['interval']}{apart})"
    title = f"Return levels of {labelled(fit.name, fit.unit)} {_compared(fit, then, now)}; {how}"
    notes = tuple(dict.fromkeys(note for table in (*found.values(), change) for note in table.attrs["notes"]))
    notes = tuple(note for note in notes if note not in _of_then_alone(found))
    columns = [str(name) for name in frame]
    folds = (tuple(columns[:7]), ("return_period", *columns[7:]))
    return Table(title, frame.assign(**hidden), hidden=tuple(hidden), folds=folds, notes=notes)


def _of_then_alone(found: Mapping[str, pd.DataFrame]) -> set[str]:
    """Of the levels then what they would be without one observation, which is said of those now."""
    then, now = (found[word].attrs["notes"] for word in ("then", "now"))
    return {note for note in then if note not in now and as_note(note).code == LEFT_OUT}


def _compared(fit: Fit, then: State, now: State) -> str:
    """``"then, year = 1961, and now, year = 2010"``; without time ``"at SOI = -1 (then) and at SOI = 1 (now)"``."""
    before, after = state_in_words(then), state_in_words(now)
    return f"then, {before}, and now, {after}" if in_time(fit) else f"at {before} (then) and at {after} (now)"


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

    The states are those of the fit where they are not given.
    """
    then, now = states(fit, then, now)
    table = fit.attribution(event, now=now, then=then, interval=sure.interval, confidence=sure.confidence)
    confidence, interval = table.attrs["confidence"], table.attrs["interval"]
    frame = table.reset_index().assign(confidence=confidence, interval=interval)
    against = (
        "Now against then" if in_time(fit) else f"At {state_in_words(now)} (now) against {state_in_words(then)} (then)"
    )
    title = f"{against}, {labelled(fit.name, fit.unit)}; {percent(confidence)} intervals ({interval})"
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
    if not in_time(fit):
        return (
            f"{in_unit(number(event, 6), fit.unit)} {side} {_often('comes', now, fit.time_unit)} at {now_said}, "
            f"against {_often('', then, fit.time_unit).strip()} at {then_said}: {_ratio(table)}."
        )
    often = (
        f"{in_unit(number(event, 6), fit.unit)} {side} {_often('comes', now, fit.time_unit)} now ({now_said}), and "
        f"{_often('came', then, fit.time_unit)} then ({then_said})"
    )
    return f"{often}: {_ratio(table)}."


def _ratio(table: pd.DataFrame) -> str:
    """How much likelier."""
    estimate, lower, upper = (float(table[side]["probability_ratio"]) for side in ("estimate", "lower", "upper"))
    limits = f", {percent(table.attrs['confidence'])} interval {number(lower, 2)} to {number(upper, 2)}"
    limits = "" if math.isnan(lower) else limits
    if math.isnan(estimate):
        return f"the fit holds it impossible both times, so that the ratio of the probabilities is 0/0{limits}"
    if math.isinf(estimate):
        return f"the fit holds it impossible then, so that the ratio of the probabilities is infinite{limits}"
    return f"it is {number(estimate, 2)} times as likely{limits}"


def _often(verb: str, period: float, unit: str) -> str:
    """``"comes once in 30 years"``."""
    return f"{verb} once in {span(period)} {unit}" if math.isfinite(period) else f"never {verb}"


__all__ = [
    "PERIODS",
    "Quantities",
    "attribution",
    "of_event",
    "rate_and_sizes",
    "season_of",
    "slopes",
    "states",
    "test",
    "then_and_now",
    "without",
]
