"""What is computed of a fit with covariates: levels then and now, their change, an event, and the model beside it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from evstats.errors import ArgumentError, DataError, EvstatsWarning, FitError
from evstats.estimators import Estimation, Regression, leading
from evstats.notes import Note, as_note
from evstats.remarks import independence
from evstats.report import tables, trends
from evstats.report.parts import Table
from evstats.report.questions import Compared, Questions
from evstats.report.subjects import moving_of, subject_of
from evstats.report.words import label

if TYPE_CHECKING:
    from evstats.fitting import Fit

PERIODS = (2.0, 10.0, 50.0, 100.0)
"""Return periods of which levels stand side by side where none are asked for."""

CONSTANT = "constant"
"""What the model that follows nothing is called."""


def resolved(fit: Fit, compared: Compared) -> Compared:
    """What is compared, with the states of the fit where none are given."""
    then, now = trends.states(fit, compared.then, compared.now)
    return Compared(dict(now), dict(then), compared.event)


def in_periods(fit: Fit, questions: Questions) -> Questions:
    """Of peaks whose rate follows covariates, with the usual periods in which a peak is expected then, now and on
    average, where none are asked for.
    """
    if questions.periods is not None or not fit.estimation.rate_follows:
        return questions
    least = moving_of(fit).possible(states_of(questions))
    return replace(questions, periods=questions.periods_for(least))


def states_of(questions: Questions) -> tuple[trends.State, trends.State]:
    """Then and now, of questions that are resolved."""
    compared = questions.compared
    return compared.then or {}, compared.now or {}


def without_covariates(fit: Fit) -> Fit:
    """The fit of the same family to the same values whose parameters follow nothing.

    Raises
    ------
    FitError
        It has no estimate.
    """
    whole = fit.estimation
    return replace(fit, estimation=leading.checked(Estimation.of(whole.family, fit.method, fit.values, whole.design)))


def tables_of(
    fits: Sequence[Fit], questions: Questions, failures: tables.Failures
) -> Iterator[tuple[str, Table | Note]]:
    """The tables by name, or notes on why there are none, of a fit with covariates and of that without."""
    lead, sure = fits[0], questions.certainty
    states = states_of(questions)
    now = states[1]
    subject = moving_of(lead)
    side_by_side = _side_by_side(subject.possible(states), questions)
    test = trends.test(lead)
    yield "trend_test", test
    yield "slopes", trends.slopes(lead, sure)
    if lead.of_peaks:
        yield "rate_and_sizes", trends.rate_and_sizes(lead, sure, states)
        yield from subject.tables().items()
    yield "return_levels", tables.return_levels([lead], questions.periods, sure, now)
    yield "then_and_now", trends.then_and_now(lead, side_by_side, sure, states)
    if (event := questions.compared.event) is not None:
        yield "attribution", _attribution(lead, event, questions, states)
    yield "parameters", tables.parameters([lead], sure)
    yield "comparison", _models(fits, failures, test)
    if len(fits) > 1:
        per_year = subject_of(fits[1]).per_year if lead.of_peaks else None
        known = [period for period in side_by_side if per_year is None or period * per_year > 1.0]
        if known:
            yield "constant_levels", _if_constant(fits[1], known, questions)
    yield "goodness_of_fit", tables.goodness(lead)
    yield "order_of_residuals", _order(lead)
    if questions.levels:
        yield from tables.at_levels(lead, questions.levels, questions.years, sure, now).items()


def _side_by_side(per_year: float | None, questions: Questions) -> Sequence[float]:
    """The periods of which levels stand side by side: a few, where none are asked for."""
    usual = replace(questions, periods=None).periods_for(per_year)
    if questions.periods is not None and list(questions.periods) != usual:
        return questions.periods_for(per_year)
    return [period for period in PERIODS if period in usual] or usual


def own_notes(fit: Fit) -> Iterator[str]:
    """The notes of the fit without the size and test of a trend in one parameter, which is what the page answers."""
    assert isinstance(fit.estimation, Regression), "asked of fits with covariates only"
    alone = len(fit.estimation.predictors.by_parameter) == 1
    return (note for note in fit.notes if not (alone and as_note(note).code.startswith("trend_of_")))


def _attribution(fit: Fit, event: float, questions: Questions, states: tuple[Any, Any]) -> Table:
    then, now = states
    table = trends.attribution(fit, event, now, then, questions.certainty)["attribution"]
    assert isinstance(table, Table)
    notes = tuple(note for note in table.notes if as_note(note).code != "attributed_to_covariate")
    return replace(table, notes=notes)  # without what is among the assumptions


def _if_constant(still: Fit, periods: Sequence[float], questions: Questions) -> Table:
    """Levels by the fit that follows nothing; what is to be said of it is not to be said of the answer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EvstatsWarning)
        table = tables.return_levels([still], periods, questions.certainty)
    return replace(table, title=f"If nothing had changed: {table.title[0].lower()}{table.title[1:]}", notes=())


def _models(fits: Sequence[Fit], failures: tables.Failures, test: Table | Note) -> Table:
    """The model and the one without covariates: likelihood, criteria, and the test of the one against the other."""
    import pandas as pd

    against_constant = trends.season_of(fits[0]) is None
    p = float(test.frame["p_value"].iloc[0]) if isinstance(test, Table) and against_constant else float("nan")
    rows: list[dict[str, Any]] = [
        {
            "model": tables.follows(fit) if fit.has_covariates else CONSTANT,
            "family": fit.family.name,
            "method": fit.method.name,
            "parameters": fit.estimation.counted,
            "loglik": fit.loglik,
            "aic": fit.aic,
            "aicc": fit.aicc,
            "bic": fit.bic,
            "p_value": p if fit.has_covariates else float("nan"),
            "ad_p_value": _anderson_darling(fit),
            "status": fit.status.label,
        }
        for fit in fits
    ]
    rows += [
        {"model": CONSTANT, "family": family, "method": method, "status": error.status.label}
        for (family, method), error in failures.items()
    ]
    notes = tuple(as_note(note).about(label(fit)) for fit in fits if (note := fit.criteria_note))
    hidden = ("family", "method", "aic", *(() if failures else ("status",)))
    return Table("The model beside the one without covariates", pd.DataFrame(rows), hidden=hidden, notes=notes)


def _anderson_darling(fit: Fit) -> float:
    """The p-value of Anderson and Darling's test of the fit, of residuals where it follows covariates."""
    try:
        return float(fit.goodness_of_fit().set_index("test")["p_value"]["anderson-darling"])
    except (ArgumentError, DataError):
        return float("nan")


def _order(fit: Fit) -> Table | Note:
    """Tests of what the covariates leave in the order of time, or a note on why there are none."""
    try:
        return Table("Tests of the residuals in the order of time", independence.stationarity(fit.residuals()))
    except (ArgumentError, DataError) as error:
        return Note("no_test", "residuals", reason=error.text)


def fitted_beside(lead: Fit) -> tuple[list[Fit], Mapping[tuple[str, str], FitError]]:
    """The fit and after it that without covariates, or why there is none."""
    try:
        return [lead, without_covariates(lead)], {}
    except FitError as error:
        return [lead], {(lead.family.name, lead.method.name): error}


__all__ = [
    "CONSTANT",
    "PERIODS",
    "fitted_beside",
    "in_periods",
    "own_notes",
    "resolved",
    "states_of",
    "tables_of",
    "without_covariates",
]
