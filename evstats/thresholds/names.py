"""The ways to choose a threshold, by name."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from evstats.extremes.separations import Separation
from evstats.extremes.watch import Watch
from evstats.notes import Note
from evstats.registry import Registry
from evstats.thresholds.choices.base import Tried


class Chosen(NamedTuple):
    """A threshold in the units and the sign of the values, what to say of it, and what it was chosen among."""

    threshold: float
    notes: tuple[Note, ...]
    tried: Tried | None = None


class Chooser(Protocol):
    """What chooses a threshold for the observations that count."""

    def __call__(self, watch: Watch, *, separation: Separation | None, kind: str, rng: Any) -> Chosen:
        """The threshold.

        ``separation`` None is that of intervals declustering (``thresholds.door.by_intervals``), at each threshold.
        """


CHOOSERS: Registry[Chooser] = Registry(
    "threshold",
    where={
        "auto": "evstats.thresholds.choosing:automatic",
        "eqd": "evstats.thresholds.choosing:automatic",
        "cross-validation": "evstats.thresholds.choosing:by_cross_validation",
        "forward-stop": "evstats.thresholds.choosing:by_forward_stop",
        "score": "evstats.thresholds.choosing:by_score_test",
    },
)
"""What ``threshold=`` may name: each entry is ``"auto"`` or the name of a method, after ``where``."""

__all__ = ["CHOOSERS", "Chooser", "Chosen"]
