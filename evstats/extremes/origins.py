"""What peaks were taken from: enough to take those over other thresholds of the same record."""

from __future__ import annotations

from dataclasses import dataclass

from evstats.extremes.separations import Separation
from evstats.extremes.watch import Watch


@dataclass(frozen=True, eq=False)
class Origin:
    """The observations that count, and what was asked of them.

    Attributes
    ----------
    watch
        The observations and the time they stand for.
    separation
        What parts clusters; None for what the times between exceedances of each threshold choose.
    tried
        Where the data chose the threshold, the candidates as they were judged (``thresholds.choices.base.Tried``).
    """

    watch: Watch
    separation: Separation | None
    tried: object | None = None


__all__ = ["Origin"]
