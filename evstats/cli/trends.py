"""Fits with covariates on a page: the state they are asked in, and what has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evstats.cli.console import working
from evstats.cli.options import Certainty
from evstats.cli.pages import Page
from evstats.errors import ArgumentError
from evstats.report.parts import Listing
from evstats.text.arguments import Setting, State, Text

if TYPE_CHECKING:
    from evstats.fitting import Fit


def check_state(fit: Fit, at: Mapping[str, Any] | None) -> None:
    """An error for a fit with covariates that is asked in no state of them: it writes out that of the last block."""
    if not fit.has_covariates or at is not None:
        return
    from evstats.estimators import Regression

    assert isinstance(fit.estimation, Regression), "the only ones with covariates"
    last = State(fit.estimation.predictors.ends()[1].state())
    names = list(last)
    raise ArgumentError(
        f"the model has the covariate{'s' if len(names) > 1 else ''} {', '.join(names)}, and no state is given",
        Text("write for example ", Setting("at", last), ", that of the last block."),
        argument="at",
    )


def ask_in(page: Page, fit: Fit, at: Mapping[str, Any] | None) -> None:
    """The same check; and the rate of peaks in the state, where it follows covariates."""
    from evstats.report import tables

    check_state(fit, at)
    if fit.estimation.rate_follows:
        page.parts["model"] = tables.model(fit, at)


def add_trend(
    page: Page,
    fit: Fit,
    periods: Sequence[float] | None,
    now: Mapping[str, Any] | None,
    then: Mapping[str, Any] | None,
    sure: Certainty,
) -> None:
    """The answer, the test, the slopes, and levels then and now."""
    from evstats.report import changed, trends

    with working("testing the trend"):
        test = trends.test(fit)
    states = trends.states(fit, then, now)
    with working("computing intervals"):
        slopes, levels = trends.slopes(fit, sure), trends.then_and_now(fit, periods, sure, states)
    said = changed.in_words(fit, changed.p_of(test), levels.frame.iloc[-1], states)
    page.parts = {"answer": Listing("Answer", (said,), said), **page.parts}
    page.add({"test": test, "slopes": slopes, "then_and_now": levels})


def add_attribution(
    page: Page, fit: Fit, event: float, now: Mapping[str, Any] | None, then: Mapping[str, Any] | None, sure: Certainty
) -> None:
    """The answer, what was asked, and the table of the event now and then."""
    from evstats.report import trends

    with working("computing intervals"):
        found = trends.attribution(fit, event, now, then, sure)
    page.parts = {"answer": found.pop("answer"), **page.parts}
    page.add(found)


__all__ = ["add_attribution", "add_trend", "ask_in", "check_state"]
