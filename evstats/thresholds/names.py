"""The ways to choose a threshold, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from evstats.extremes.separations import Separation
from evstats.extremes.watch import Watch
from evstats.notes import Note
from evstats.registry import Registry
from evstats.thresholds.choices.base import Tried


@dataclass(frozen=True, eq=False)
class Chosen:
    """A threshold in the units and the sign of the values, what to say of it, and what it was chosen among.

    Attributes
    ----------
    threshold
        In the units and the sign of the values.
    notes
        What to say of it.
    tried
        What it was chosen among, None where it was not.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> from evstats.thresholds import CHOOSERS, Chosen
    >>> def half(watch, *, separation, kind, rng):
    ...     return Chosen(float(np.median(watch.sample.values)), ())
    >>> with CHOOSERS.holding("half", half):
    ...     peaks = ev.peaks_over_threshold([3.0, 9.0, 8.0, 4.0, 2.0, 7.0, 1.0, 1.0, 6.0], "half", separation=None)
    >>> peaks.threshold
    4.0
    """

    threshold: float
    notes: tuple[Note, ...]
    tried: Tried | None = None


class Chooser(Protocol):
    """What chooses a threshold for the observations that count.

    Examples
    --------
    >>> from evstats.thresholds import CHOOSERS
    >>> list(CHOOSERS)
    ['auto', 'eqd', 'cross-validation', 'forward-stop', 'score']
    """

    def __call__(self, watch: Watch, *, separation: Separation | None, kind: str, rng: Any) -> Chosen:
        """The threshold.

        ``separation`` None is that of intervals declustering (``thresholds.door.by_intervals``), at each threshold.
        """


#: What ``threshold=`` may name, ``"auto"`` or a way to choose.
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

__all__ = ["CHOOSERS", "Chooser", "Chosen"]
