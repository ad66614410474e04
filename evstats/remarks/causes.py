"""What is said unasked of a product of causes: whether they look independent, and what its intervals rest on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, Final

import numpy as np
import scipy.stats

from evstats.arrays import Array
from evstats.intervals import Answer, Claim, Interval
from evstats.notes import Note
from evstats.remarks.independence import mann_kendall

#: From so many years in common on the dependence of two causes is looked at, and what p-value is worth a sentence.
_FEWEST, _LEVEL = 10, 0.05

#: The return period whose level the years themselves can be held against.
PERIOD: Final = 10.0

#: The values of a cause by the labels of its blocks.
ByBlock = Mapping[Any, float]


def on_dependence(names: Sequence[str], values: Sequence[ByBlock]) -> Iterator[Note]:
    """Where the extremes of two causes in the same years are related: the product takes them for independent."""
    for one, other in combinations(range(len(names)), 2):
        common = [label for label in values[one] if label in values[other]]
        if len(common) < _FEWEST:
            continue
        tau, p = dependence(*(np.array([own[label] for label in common]) for own in (values[one], values[other])))
        if p < _LEVEL:
            yield Note(
                "causes_dependent", f"{names[one]} and {names[other]}", tau=tau, p=p, n=len(common), positive=tau > 0.0
            )


def on_fit(values: Sequence[ByBlock], level: float, minima: bool) -> Note | None:
    """Where far fewer or more years pass the level of ``PERIOD`` years of the product than it says.

    The binomial p-value is of a level that is not estimated, and so on the safe side.
    """
    common = [label for label in values[0] if all(label in own for own in values)]
    if len(common) < _FEWEST:
        return None
    every = np.array([[own[label] for label in common] for own in values])
    passed = int(np.sum(every.min(axis=0) < level if minima else every.max(axis=0) > level))
    p = float(scipy.stats.binomtest(passed, len(common), 1.0 / PERIOD).pvalue)
    if p >= _LEVEL:
        return None
    return Note(
        "causes_misfit",
        minima=minima,
        passed=passed,
        n=len(common),
        period=PERIOD,
        level=level,
        expected=len(common) / PERIOD,
        p=p,
    )


def dependence(x: Array, y: Array) -> tuple[float, float]:
    """Kendall's tau of two series and its two-sided p-value; 0 and 1 where one does not vary."""
    if np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
        return 0.0, 1.0
    return mann_kendall(y[np.argsort(x, kind="stable")])


def on_answer(interval: Interval, answer: Answer) -> Iterator[Note]:
    """That limits are known to be short, or that there is none on a side."""
    if interval.claim == Claim.SHORT:
        yield Note("short_interval_of_causes", interval.name)
    if (np.isinf(answer.lower) ^ np.isinf(answer.upper)).any():
        yield Note("no_bound")


__all__ = ["PERIOD", "dependence", "on_answer", "on_dependence", "on_fit"]
