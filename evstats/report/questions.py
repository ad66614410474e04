"""What a report is asked, and how sure its answers are to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PERIODS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
"""Return periods shown when none are asked for."""

PROBABILITIES = (0.9, 0.95, 0.99)
"""Probabilities of value at risk and expected shortfall where none are asked for."""

FAR = 0.999
"""And that of one observation where peaks over a threshold tell it."""

HEADLINE = 100.0
"""The return period that the first sentence is about, where it is among those asked."""


@dataclass(frozen=True)
class Certainty:
    """Which interval (None for the best that exists), and how sure."""

    confidence: float = 0.95
    interval: str | None = None


@dataclass(frozen=True)
class Tail:
    """At which probabilities the risk is taken (None for the usual ones), and of what: a block's extreme, a peak or a
    single observation (None for what was fitted).
    """

    levels: Sequence[float] | None = None
    horizon: str | None = None
    extremal_index: float | None = None

    @property
    def probabilities(self) -> Sequence[float]:
        """The probabilities asked for, or the usual ones."""
        return PROBABILITIES if self.levels is None else self.levels

    @property
    def asked(self) -> bool:
        """Whether anything was asked of the tail, rather than taken as usual."""
        return self.levels is not None or self.horizon not in (None, "block") or self.extremal_index is not None


@dataclass(frozen=True)
class Compared:
    """Two states of the covariates (None for those that ``Fit.change`` compares), and an event looked at in both."""

    now: Mapping[str, Any] | None = None
    then: Mapping[str, Any] | None = None
    event: float | None = None

    @property
    def asked(self) -> bool:
        """Whether any of it was asked for."""
        return self.now is not None or self.then is not None or self.event is not None


@dataclass(frozen=True)
class Questions:
    """Return periods (None for the usual ones), critical levels and the years at risk, the tail, and what is compared
    where the data follow covariates.
    """

    periods: Sequence[float] | None = None
    levels: Sequence[float] = ()
    years: float = 1.0
    tail: Tail = field(default_factory=Tail)
    certainty: Certainty = field(default_factory=Certainty)
    compared: Compared = field(default_factory=Compared)

    def periods_for(self, per_year: float | None) -> list[float]:
        """The return periods asked for, or the usual ones in which more than one block, or peak, is expected; of those
        the longest where none is.
        """
        if self.periods is not None:
            return list(dict.fromkeys(map(float, self.periods)))
        return [period for period in PERIODS if period * (per_year or 1.0) > 1.0] or [PERIODS[-1]]

    def headline(self, per_year: float | None) -> float:
        """The return period of the first sentence: 100, or else the longest asked for."""
        asked = self.periods_for(per_year)
        return HEADLINE if HEADLINE in asked else max(asked)
