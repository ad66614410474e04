"""What tests of a series, or of the number of its peaks, tell in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from evstats.notes import Note
from evstats.remarks.independence import DEPENDENT
from evstats.text.numbers import p_in_words

if TYPE_CHECKING:
    import pandas as pd

    from evstats.report.parts import Table


def dependence(code: str, tests: pd.DataFrame) -> Iterator[Note]:
    """Whether neighbours depend on one another, which widens what the intervals should be."""
    lag, p = _found(tests)["lag-1-autocorrelation"]
    if p < DEPENDENT:
        yield Note(code, lag=lag, p=p)


def _found(tests: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Statistic and p-value of tests by name."""
    columns = (tests[name].astype(float) for name in ("statistic", "p_value"))
    return dict(zip(tests["test"], zip(*columns, strict=True), strict=True))


def verdict_on_counts(tables: Mapping[str, Table], points: str) -> str:
    """What the tests of the number of peaks, or other ``points``, in a year say."""
    if "counts" not in tables:
        return "that was not tested, for want of dates in ten whole years."
    tests = _found(tables["counts"].frame)
    (index, p), (_, p_trend) = tests["dispersion"], tests.get("mann-kendall", (0.0, 1.0))
    against = [
        *([f"their number in a year varies {'more' if index > 1 else 'less'} than by chance"] if p < 0.05 else []),
        *(["it has a trend"] if p_trend < 0.05 else []),
    ]
    said = f"variance over mean {index:.2f}, {p_in_words(p)}"
    if against:
        return f"the data speak against it, as {' and '.join(against)} ({said})."
    return f"the number of {points} in a year does not speak against it ({said})."
