"""What puts the answer itself in doubt, said beside it and not below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from evstats.distributions import GEV, Gumbel
from evstats.errors import FitError
from evstats.fitting import Fit
from evstats.notes import Note
from evstats.quantities import ReturnLevel, as_questions
from evstats.remarks import influence
from evstats.remarks.independence import DEPENDENT
from evstats.report import answers
from evstats.report.answers import REJECTED
from evstats.report.parts import Table
from evstats.report.questions import Questions
from evstats.report.sentences import NO_MEAN, level_of, p_value_of_fit

#: From this shape on the variance is infinite.
_NO_VARIANCE = 0.5
#: Fewer values than this say little about any tail.
_FEW = 20


def cautions(
    fits: Sequence[Fit], failures: Mapping[tuple[str, str], FitError], tables: Mapping[str, Table], questions: Questions
) -> Iterator[str]:
    """What the notes of the fit that answers do not say yet: on the blocks first, then on the fit."""
    lead = fits[0]
    if lead.n < _FEW:
        yield Note("few_values", n=lead.n)
    if lead.extremes is None and "stationarity" in tables:
        yield from _dependence(tables["stationarity"].frame)
    yield from _rejected(fits, failures, p_value_of_fit(0, tables))
    yield from _no_mean(lead)
    yield from _record(lead, tables, questions)


def _dependence(tests: pd.DataFrame) -> Iterator[Note]:
    """Whether neighbours depend on one another, which widens what the intervals should be."""
    by_test = tests.set_index("test")
    lag, p = (float(by_test[name]["lag-1-autocorrelation"]) for name in ("statistic", "p_value"))
    if p < DEPENDENT:
        yield Note("dependence", lag=lag, p=p)


def _rejected(fits: Sequence[Fit], failures: Mapping[tuple[str, str], FitError], p_value: float) -> Iterator[Note]:
    """Whether the data speak against the family that answers."""
    lead = fits[0]
    if lead.family.of_maxima() is Gumbel:
        alone = len(answers.of_distinct_families(fits)) == 1
        if alone and lead.evidence.gumbel.speaks_against:
            reasons = ", ".join(error.status.label.replace("_", " ") for error in failures.values())
            yield Note("no_other_estimate", reasons=reasons) if reasons else Note("no_other_family")
    elif p_value < REJECTED:
        yield Note("family_rejected", lead.family.label, p=p_value)


def _no_mean(lead: Fit) -> Iterator[Note]:
    shape = float(lead.distribution.parameters[-1]) if lead.family.of_maxima() is GEV else 0.0
    if shape >= NO_MEAN:
        yield Note("no_mean", shape=shape)
    elif shape >= _NO_VARIANCE:
        yield Note("no_variance", shape=shape)


def _record(lead: Fit, tables: Mapping[str, Table], questions: Questions) -> Iterator[Note]:
    """Whether the answer hangs on the most extreme observation alone."""
    period = questions.headline(lead.blocks_per_year)
    value = level_of(0, tables, period)
    level = ReturnLevel(as_questions(period, "period"), lead.blocks_per_year or 1.0)
    without = influence.without_largest(lead.estimation, level, lead.evidence.without_largest)
    if without is not None and not value.lower <= without.values["after"] <= value.upper:
        yield Note("hangs_on_largest", **without.values)
