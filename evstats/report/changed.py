"""Whether it has changed, in words: the answer of a fit with covariates, in short, and what it rests on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from evstats.estimators import Regression
from evstats.models.covariates import state_in_words
from evstats.reading.units import of_differences
from evstats.report import trends
from evstats.report.answer import critical, low, on_family, on_interval
from evstats.report.moving import states_of
from evstats.report.parts import Part, Table
from evstats.report.subject import Moving
from evstats.report.subjects import moving_of
from evstats.report.tables import follows, intervals_of
from evstats.report.values import Value, in_unit, per
from evstats.report.words import label
from evstats.text.numbers import number, p_in_words, percent, span

if TYPE_CHECKING:
    import pandas as pd

    from evstats.fitting import Fit
    from evstats.notes import Note
    from evstats.report.analysis import Analysis

#: A trend is said to be there below this p-value.
SIGNIFICANT = 0.05
_WORDS = {"loc": "location", "loc and scale": "location and scale"}


def answer(made: Analysis) -> str:
    """Whether it has changed, by how much, and what would be said if it had not."""
    row = _row(made, made.questions.headline(moving_of(made.lead).per_year))
    said = in_words(made.lead, p_of_test(made), row, states_of(made.questions))
    return " ".join([said, *_of_rate(made), *_if_constant(made), *_event(made)])


def in_words(fit: Fit, p: float, row: pd.Series, states: tuple[trends.State, trends.State]) -> str:
    """Whether it has changed, by the p-value of the test, and by how much, by a row of the levels then and now."""
    return f"{_verdict(fit, p)} {_change(fit, row, states)}"


def p_of_test(made: Analysis) -> float:
    """That of the test of the covariates; NaN where it was not tested."""
    return p_of(made.tables.get("trend_test"))


def p_of(test: Part | Note | None) -> float:
    """The p-value of the table of a test; NaN without one."""
    return float(test.frame["p_value"].iloc[0]) if isinstance(test, Table) else math.nan


def _verdict(fit: Fit, p: float) -> str:
    """What the test says."""
    subject, beside = moving_of(fit), "" if trends.season_of(fit) is None else f" against {trends.without(fit)}"
    of, tested = (
        subject.moves,
        f"likelihood-ratio test of {follows(fit)}{beside}: {p_in_words(p)}",
    )
    do = f"change over the {fit.time_unit}" if subject.in_time else f"follow {subject.followed}"
    if math.isnan(p):
        return f"Whether the {of} {do} was not tested."
    if p < SIGNIFICANT:
        have = f"have changed over the {fit.time_unit}" if subject.in_time else do
        return f"The {of} {have}, by more than chance explains ({tested})."
    return f"That the {of} {do} cannot be told from chance ({tested})."


def _change(fit: Fit, row: pd.Series, states: tuple[trends.State, trends.State]) -> str:
    """How far the level moved, from where to where."""
    subject = moving_of(fit)
    before, after, change = (_value(row, name) for name in ("then", "now", "change"))
    then, now = (_state(subject, state) for state in states)
    was, is_ = (f"{in_unit(own.level(), fit.unit)} ({own.interval(own.level)})" for own in (before, after))
    levels = f"it was {was} and is {is_}" if trends.in_time(fit) else f"it is {is_} at {now}, against {was} at {then}"
    return (
        f"By the fit, from {then} to {now} the {number(float(row['return_period']), 10)}-{fit.time_unit[:-1]} "
        f"{subject.extreme} {_moved(change, fit.unit, percent(float(row['confidence'])))}: {levels}, from "
        f"{subject.in_words} ({label(fit)})."
    )


def _state(subject: Moving, state: Mapping[str, Any]) -> str:
    """``"1930"`` of years alone, ``"gmst = 1.3"``."""
    return number(float(state["year"]), 6) if subject.in_time and set(state) == {"year"} else state_in_words(state)


def _moved(change: Value, unit: str | None, sure: str) -> str:
    """``"rises by 2.1 degC, 95 % interval 0.9 to 3.3"``; of a sign that is open, with it."""
    if change.lower > 0.0 or change.upper >= 0.0 >= change.lower or math.isnan(change.lower + change.upper):
        verb = "rises" if change.lower > 0.0 else "changes"
    else:
        verb, change = "falls", Value(-change.estimate, -change.upper, -change.lower)
    return f"{verb} by {in_unit(change.level(), of_differences(unit))}, {sure} interval {change.interval(change.level)}"


def _row(made: Analysis, period: float) -> pd.Series:
    """Then, now and change of a period."""
    frame = made.tables["then_and_now"].frame
    return frame[frame["return_period"] == period].iloc[0]


def _value(row: pd.Series, name: str) -> Value:
    return Value(*(float(row[column]) for column in (name, f"{name}_lower", f"{name}_upper")))


def _if_constant(made: Analysis) -> Iterator[str]:
    """The level of a distribution that does not change."""
    if "constant_levels" not in made.tables:
        return
    lead, subject = made.lead, moving_of(made.lead)
    frame = made.tables["constant_levels"].frame
    own = frame[frame["return_period"] == made.questions.headline(subject.per_year)]
    if own.empty:
        return
    value = Value.of(own.iloc[0])
    yield (
        f"Without covariates, as if nothing had changed, it would be {in_unit(value.level(), lead.unit)} "
        f"({value.interval(value.level)})."
    )


def _of_rate(made: Analysis) -> Iterator[str]:
    """How the number of peaks moves, and which of rate and sizes the tests find changed."""
    if "rate_and_sizes" not in made.tables or not made.lead.estimation.rate_follows:
        return
    row = made.tables["rate_and_sizes"].frame.iloc[0]
    then, now = (_value(row, name) for name in ("then", "now"))
    unit = made.lead.time_unit[:-1]
    each = ""
    tested = made.tables.get("trend_test")
    if tested is not None and len(tested.frame) > 1:
        _, rate, sizes = (p_in_words(float(p)) for p in tested.frame["p_value"])
        each = f"; of the rate alone {rate}, of the sizes alone {sizes}"
    before, after = map(state_in_words, states_of(made.questions))
    were, are, is_then, is_now = ("There were", "and are", "then", "now")
    if not trends.in_time(made.lead):
        were, are, is_then, is_now = ("There are", "and", f"at {before}", f"at {after}")
    yield (
        f"{were} {number(then.estimate, 3)} peaks {per(unit)} {is_then} ({then.interval(_three)}) {are} "
        f"{number(now.estimate, 3)} {is_now} ({now.interval(_three)}){each}."
    )


def _three(value: float) -> str:
    return number(value, 3)


def _event(made: Analysis) -> Iterator[str]:
    """How much likelier the event has become."""
    event = made.questions.compared.event
    if event is not None and "attribution" in made.tables:
        table = made.tables["attribution"].frame.set_index("quantity")
        yield trends.of_event(made.lead, event, table, states_of(made.questions))


def _attributed(made: Analysis) -> dict[str, Value]:
    """What is known of the event, by its names; nothing where none was asked about."""
    if "attribution" not in made.tables:
        return {}
    frame = made.tables["attribution"].frame
    return {str(row["quantity"]): Value.of(row) for _, row in frame.iterrows()}


def _passed(made: Analysis) -> str:
    """``"105 degF or more"``."""
    event = number(made.questions.compared.event or 0.0, 10)
    return f"{in_unit(event, made.lead.unit)} or {'less' if made.lead.family.minima else 'more'}"


def _times(ratio: float) -> str:
    """A ratio with two or three digits."""
    return "infinitely many" if math.isinf(ratio) else number(ratio, 2)


# -- in short ----------------------------------------------------------------------------------------------------------


def in_short(made: Analysis) -> Table:
    """The questions most often asked of what changes, each with its answer and interval."""
    import pandas as pd

    sure = f"{percent(made.questions.certainty.confidence)} interval"
    rows = [*_sizes(made), *_rates(made), *_levels(made), *_of_event(made), *_critical(made)]
    return Table("In short", pd.DataFrame(rows, columns=["question", "answer", sure]))


def _sizes(made: Analysis) -> Iterator[tuple[str, str, str]]:
    """The test, and how far each parameter moves over the record."""
    yield f"Has it changed? Test against {trends.without(made.lead)}", p_in_words(p_of_test(made)), ""
    frame = made.tables["slopes"].frame
    for _, row in frame[frame["per"].str.startswith("record")].iterrows() if len(frame) else ():
        value = Value.of(row)
        told = in_unit(value.level(), row["unit"])
        parameter = _WORDS.get(row["parameter"], row["parameter"])
        yield f"Change of the {parameter} over the {row['per']}", told, value.interval(value.level)


def _rates(made: Analysis) -> Iterator[tuple[str, str, str]]:
    """How many peaks there were a year then, and are now."""
    if "rate_and_sizes" not in made.tables or not made.lead.estimation.rate_follows:
        return
    row, (then, now) = made.tables["rate_and_sizes"].frame.iloc[0], states_of(made.questions)
    for name, state in (("then", then), ("now", now)):
        value = _value(row, name)
        when = f"{name}, {state_in_words(state)}" if trends.in_time(made.lead) else f"at {state_in_words(state)}"
        question = f"Peaks {per(made.lead.time_unit[:-1])} {when}"
        yield question, number(value.estimate, 3), value.interval(_three)


def _levels(made: Analysis) -> Iterator[tuple[str, str, str]]:
    """The level of the answer then and now, its change, and that of the model without covariates."""
    lead, subject = made.lead, moving_of(made.lead)
    period = made.questions.headline(subject.per_year)
    level = f"{number(period, 10)}-{lead.time_unit[:-1]} {subject.extreme}"
    row = _row(made, period)
    then, now = map(state_in_words, states_of(made.questions))
    then, now = (f"then, {then}", f"now, {now}") if trends.in_time(lead) else (f"at {then}", f"at {now}")
    named = {"then": f"{level} {then}", "now": f"{level} {now}", "change": f"Change of the {level}"}
    for name, question in named.items():
        value = _value(row, name)
        yield question, in_unit(value.level(), lead.unit), value.interval(value.level)
    if "constant_levels" in made.tables:
        frame = made.tables["constant_levels"].frame
        if (own := frame[frame["return_period"] == period]).empty:
            return
        value = Value.of(own.iloc[0])
        yield f"{level} without covariates", in_unit(value.level(), lead.unit), value.interval(value.level)


def _of_event(made: Analysis) -> Iterator[tuple[str, str, str]]:
    """How often the event comes in either state, and the ratio of the two."""
    if not (found := _attributed(made)):
        return
    for word, comes in (("then", "came then"), ("now", "comes now")):
        value, unit = found[f"return_period_{word}"], made.lead.time_unit
        told = f"once in {span(value.estimate)} {unit}" if math.isfinite(value.estimate) else "never, by this fit"
        yield f"How often {_passed(made)} {comes}", told, value.interval(span)
    ratio = found["probability_ratio"]
    told = "0/0" if math.isnan(ratio.estimate) else _times(ratio.estimate)
    yield f"Times as likely now as then: {_passed(made)}", told, ratio.interval(_times)


def _critical(made: Analysis) -> Iterator[tuple[str, str, str]]:
    """How often the critical levels are passed now."""
    _, now = states_of(made.questions)
    return critical(made.lead, made.tables, made.questions, f"now, {state_in_words(now)}")


# -- what it rests on --------------------------------------------------------------------------------------------------


def assumptions(made: Analysis) -> tuple[str, ...]:
    """Those of a model with covariates."""
    lead, subject, sure = made.lead, moving_of(made.lead), made.questions.certainty
    return (
        f"The model has the right form: {form(lead)}. {on_family(lead, subject.extremes)} The covariates are known "
        "without error, and all that changes the distribution is among them.",
        *subject.on_neighbours(_on_residuals(made.tables)),
        _cause(subject),
        "A level in a state is an effective level: as if the state stayed for as long as the return period is. It is "
        f"no forecast{_beyond(made)}.",
        subject.on_values,
        on_interval(intervals_of([lead], sure)[0], sure.confidence),
        subject.on_period,
    )


def _cause(subject: Moving) -> str:
    """To what the change is attributed."""
    besides = "a gauge that was moved, a town that grew, a catchment that was dammed"
    if subject.in_time:
        return f"What changes is put down to time, which stands for all that went with it: the climate, {besides}."
    return (
        f"What changes is put down to {subject.followed}, not to its cause. Whatever else went the same way, "
        f"{besides}, shows in the same place."
    )


def form(lead: Fit) -> str:
    """What each parameter follows, and how, in words."""
    return "; ".join(_forms(lead))


def _forms(lead: Fit) -> Iterator[str]:
    """What each parameter follows, and how."""
    assert isinstance(lead.estimation, Regression), "asked of fits with covariates only"
    if lead.estimation.in_proportion:
        yield f"location and scale are multiplied by one factor, whose logarithm is linear ({follows(lead)})"
        return
    followed = lead.estimation.predictors.by_parameter
    words = {
        "loc": "the location is",
        "scale": "the logarithm of the scale is",
        "log_rate": "the logarithm of the rate is",
        "shape": "the shape is",
    }
    family = lead.estimation.family
    names = [name for place, name in enumerate(family.parameter_names) if place not in family.given]
    for name in names:
        if name in followed:
            terms = ", ".join(term for term in followed[name].names if term != "Intercept")
            yield f"{words.get(name, f'{name} is')} linear in {terms}"
    constant = [name for name in names if name not in followed]
    if constant:
        named = {"loc": "location", "log_rate": "rate"}
        yield f"{' and '.join(named.get(name, name) for name in constant)} do{'es' * (len(constant) == 1)} not change"


def _on_residuals(tables: Mapping[str, Table]) -> str:
    """What the tests of the residuals in the order of time say."""
    if "order_of_residuals" not in tables:
        return "That was not tested, for want of values."
    if against := [said for said, _ in low(tables["order_of_residuals"])]:
        return f"Tests of the residuals speak against it, or against the form ({', '.join(against)})."
    return "Tests of the residuals for a trend, a step and dependence do not speak against it; they miss much."


def _beyond(made: Analysis) -> str:
    """Why a level in a state is no forecast."""
    lead, subject = made.lead, moving_of(made.lead)
    known, asked = lead.covariates, states_of(made.questions)
    columns = {str(name): known[name].to_numpy(dtype=float) for name in known}
    outside = any(
        not values.min() <= float(state[name]) <= values.max()
        for name, values in columns.items()
        for state in asked
        if name in state
    )
    why = "a trend need not go on" if subject.in_time else f"in years to come {subject.followed} will be other"
    return f": {why}{', and outside the record levels hang on the form alone' if outside else ''}"


__all__ = ["SIGNIFICANT", "answer", "assumptions", "form", "in_short", "in_words", "p_of", "p_of_test"]
