"""The ways to estimate the extremal index, by name."""

from __future__ import annotations

import inspect

from evstats.errors import ArgumentError
from evstats.registry import Registry
from evstats.text.arguments import Setting, Text
from evstats.thresholds.indices.base import Index

#: The estimators of the extremal index by name, as ``extremal_index(method=)`` takes them.
INDICES: Registry[type[Index]] = Registry(
    "method",
    where={
        "kgaps": "evstats.thresholds.indices.kgaps:KGaps",
        "dgaps": "evstats.thresholds.indices.dgaps:DGaps",
        "intervals": "evstats.thresholds.indices.intervals:Intervals",
        "runs": "evstats.thresholds.indices.runs:Runs",
        "iwls": "evstats.thresholds.indices.iwls:LeastSquares",
        "maxima": "evstats.thresholds.indices.maxima:SlidingMaxima",
    },
)


def chosen(method: str | Index | type[Index]) -> Index:
    """A way to estimate the extremal index from its name, class or object.

    Raises
    ------
    ArgumentError
        An unknown name, or an object of another kind.
    """
    found = INDICES[method] if isinstance(method, str) else method
    if isinstance(found, type) and issubclass(found, Index) and not inspect.isabstract(found):
        found = found()
    if not isinstance(found, Index):
        raise ArgumentError(
            Text(Setting("method"), f" is {method!r}"),
            f"expected one of {', '.join(map(repr, INDICES))}, or an object such as KGaps(k=2).",
        )
    return found


__all__ = ["INDICES", "chosen"]
