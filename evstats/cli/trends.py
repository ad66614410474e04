"""Fits with covariates on a page: the state they are asked in, and what has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evstats.cli.console import working
from evstats.cli.options import Certainty
from evstats.cli.pages import Page
from evstats.errors import ArgumentError
from evstats.text.arguments import Setting, State, Text

if TYPE_CHECKING:
    from evstats.fitting import Fit


def check_state(fit: Fit, at: Mapping[str, Any] | None) -> None:
    """An error for a fit with covariates that is asked in no state of them: it writes out that of the last block."""
    if not fit.has_covariates or at is not None:
        return
    states = fit.covariates
    last = State({str(name): float(states[name].iloc[-1]) for name in states})
    names = list(last)
    raise ArgumentError(
        f"the model has the covariate{'s' if len(names) > 1 else ''} {', '.join(names)}, and no state is given",
        Text("write for example ", Setting("at", last), ", that of the last block."),
        argument="at",
    )


def add_trend(page: Page, fit: Fit, periods: Sequence[float] | None, sure: Certainty) -> None:
    """The test, the slopes, and levels then and now."""
    from evstats.report import trends

    with working("testing the trend"):
        page.add({"test": trends.test(fit)})
    with working("computing intervals"):
        page.add({"slopes": trends.slopes(fit, sure), "then_and_now": trends.then_and_now(fit, periods, sure)})


__all__ = ["add_trend", "check_state"]
