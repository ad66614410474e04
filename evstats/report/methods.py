"""The methods behind a report: what each is in a sentence, with the literature that its documentation names."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evstats import goodness
from evstats.fitting import Fit
from evstats.intervals import predictive_levels
from evstats.remarks import independence
from evstats.report.answers import intervals_of
from evstats.report.parts import Table
from evstats.report.questions import Certainty

#: What was done, by the table that shows it: a name, a sentence, and whose documentation names the literature.
_SHOWN: dict[str, tuple[str, str, Any]] = {
    "predictive_levels": (
        "Predictive levels",
        "The chance of passing a level, averaged over all parameters that the data leave open, weighed by their "
        "posterior probability under a prior that favours none; of a Bayesian fit, under its own.",
        predictive_levels,
    ),
    "goodness_of_fit": (
        "Goodness of fit",
        "Distances between the fitted and the empirical distribution. The p-values come from simulated samples that "
        "were fitted, and where the values are in steps rounded, in the same way, so that they allow for both.",
        goodness.goodness_of_fit,
    ),
    "stationarity": (
        "Tests of stationarity and independence",
        "Mann-Kendall for a trend, Pettitt for a step, lag-1 autocorrelation and Wald-Wolfowitz runs for dependence of "
        "neighbours.",
        independence.stationarity,
    ),
}
_POSITIONS = "(i - 0.44)/(n + 0.12) for the i-th smallest of n, in the figures only."
_GRINGORTEN = "Gringorten, I. I. (1963). Journal of Geophysical Research 68, 813-814."


@dataclass(frozen=True)
class Method:
    """A method by name: what it is, and where it is described."""

    name: str
    text: str
    references: tuple[str, ...]


def methods(fits: Sequence[Fit], tables: Mapping[str, Table], sure: Certainty) -> tuple[Method, ...]:
    """The families, estimators and intervals of the fits, and the tests that were made, each once."""
    found = {
        name: Method(name, first_sentence(documented), references(documented))
        for name, documented in _fitted(fits, sure)
    }
    shown = [Method(name, text, references(documented)) for name, text, documented in _made(tables)]
    return (*found.values(), *shown, Method("Plotting positions", _POSITIONS, (_GRINGORTEN,)))


def _fitted(fits: Sequence[Fit], sure: Certainty) -> Iterator[tuple[str, Any]]:
    yield from ((f"{fit.family.label} distribution", fit.family) for fit in fits)
    for fit in fits:
        penalty = getattr(fit.method, "penalty", None)
        yield f"Estimation: {fit.method.label}", type(fit.method) if penalty is None else type(penalty)
    yield from ((f"Interval: {interval.label}", type(interval)) for interval in intervals_of(fits, sure))


def _made(tables: Mapping[str, Table]) -> list[tuple[str, str, Any]]:
    return [method for name, method in _SHOWN.items() if name in tables]


def first_sentence(documented: Any) -> str:
    """The first paragraph of a docstring."""
    return " ".join((inspect.getdoc(documented) or "").split("\n\n")[0].split()).replace("``", "")


def references(documented: Any) -> tuple[str, ...]:
    """The entries under the heading References of a docstring.

    >>> from evstats.distributions import Gumbel
    >>> references(Gumbel)
    ('Gumbel, E. J. (1958). Statistics of Extremes. Columbia University Press.',)
    """
    text = inspect.getdoc(documented) or ""
    listed = re.search(r"^References\n-+\n(.+?)(?=\n\n\w|\Z)", text, re.DOTALL | re.MULTILINE)
    return tuple(_entries(listed[1])) if listed else ()


def _entries(text: str) -> Iterator[str]:
    """An entry begins with a name that is followed by a year in brackets."""
    entry: list[str] = []
    for line in text.splitlines():
        if entry and re.match(r"[A-Z][^()]*\((19|20)\d\d", line):
            yield " ".join(entry)
            entry = []
        entry.append(line.strip())
    yield " ".join(entry)
