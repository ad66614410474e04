"""The ways to choose a threshold by name, and what a name, a class or an object stands for."""

from __future__ import annotations

import inspect
from typing import Any

from evstats.errors import ArgumentError, nearest
from evstats.registry import Registry
from evstats.text.arguments import Setting, Text
from evstats.thresholds.choices.base import ThresholdMethod

#: The ways to choose a threshold by name, as ``choose_threshold(method=)`` takes them.
METHODS: Registry[type[ThresholdMethod]] = Registry(
    "method",
    where={
        "eqd": "evstats.thresholds.choices.discrepancy:ExpectedQuantileDiscrepancy",
        "cross-validation": "evstats.thresholds.choices.cross_validation:CrossValidation",
        "forward-stop": "evstats.thresholds.choices.forward_stop:ForwardStop",
        "score": "evstats.thresholds.choices.score_test:ScoreTest",
    },
)


def threshold_method(method: Any) -> ThresholdMethod:
    """A way to choose from its name, class or object.

    Raises
    ------
    ArgumentError
        If there is none; the message says which there are.
    """
    found = METHODS[method] if isinstance(method, str) else method
    if isinstance(found, type) and issubclass(found, ThresholdMethod) and not inspect.isabstract(found):
        found = found()
    if not isinstance(found, ThresholdMethod):
        known = ", ".join(map(repr, METHODS))
        raise ArgumentError(
            Text(Setting("method"), f" is {method!r}"),
            f"expected one of {known}, or an object.{nearest(method, METHODS)}",
        )
    return found


__all__ = ["METHODS", "threshold_method"]
