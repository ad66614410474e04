"""The methods behind a report, each in the first words of its own documentation, with the literature named there."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evstats import goodness, independence
from evstats.fitting import Fit
from evstats.intervals import has_predictive, predictive_levels
from evstats.report.answers import intervals_of
from evstats.report.questions import Certainty

_GRINGORTEN = "Gringorten, I. I. (1963). Journal of Geophysical Research 68, 813-814."


@dataclass(frozen=True)
class Method:
    """A method by name: what it is, and where it is described."""

    name: str
    text: str
    references: tuple[str, ...]


def methods(fits: Sequence[Fit], sure: Certainty) -> tuple[Method, ...]:
    """What the fits, their intervals and the tests are, each method once."""
    found: dict[str, Method] = {}
    for name, documented in _used(fits, sure):
        found.setdefault(name, Method(name, *described(documented)))
    found["Plotting positions"] = Method(
        "Plotting positions", "(i - 0.44)/(n + 0.12) for the i-th smallest of n, in the figures only.", (_GRINGORTEN,)
    )
    return tuple(found.values())


def _used(fits: Sequence[Fit], sure: Certainty) -> Iterator[tuple[str, Any]]:
    for fit in fits:
        yield f"{fit.family.label} distribution", fit.family
    for fit in fits:
        yield f"Estimation: {fit.method.label}", type(fit.method)
    for used in intervals_of(fits, sure):
        yield f"Interval: {used.label}", type(used)
    if has_predictive(fits[0].estimation):
        yield "Predictive levels", predictive_levels
    yield "Goodness of fit", goodness.goodness_of_fit
    yield "Tests of stationarity and independence", independence.stationarity


def described(documented: Any) -> tuple[str, tuple[str, ...]]:
    """The first paragraph of a docstring, and the entries under its heading References.

    >>> from evstats.distributions import Gumbel
    >>> described(Gumbel)[1]
    ('Gumbel, E. J. (1958). Statistics of Extremes. Columbia University Press.',)
    """
    text = inspect.getdoc(documented) or ""
    first = " ".join(text.split("\n\n")[0].split()).replace("``", "")
    listed = re.search(r"^References\n-+\n(.+?)(?=\n\n\w|\Z)", text, re.DOTALL | re.MULTILINE)
    return first, tuple(_entries(listed[1])) if listed else ()


def _entries(text: str) -> Iterator[str]:
    """The entries of a list of references: one begins with a name that is followed by a year in brackets."""
    entry: list[str] = []
    for line in text.splitlines():
        begins = re.match(r"[A-Z][^()]*\((19|20)\d\d", line)
        if begins and entry:
            yield " ".join(entry)
            entry = []
        entry.append(line.strip())
    yield " ".join(entry)
