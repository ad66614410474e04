"""What a question means of each kind of data: of block maxima, and of peaks over a threshold."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.errors import ArgumentError
from evstats.quantities.base import Quantity, as_probabilities, as_questions
from evstats.quantities.levels import ExceedanceProbability, ReturnLevel, ReturnPeriod
from evstats.quantities.peaks import PeakExpectedShortfall, PeakLevel, PeakPeriod, PeakValueAtRisk
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number


class Asking(ABC):
    """The quantities that the questions of a fit stand for."""

    @abstractmethod
    def level(self, periods: ArrayLike) -> Quantity:
        """The levels with these return periods in years."""

    @abstractmethod
    def variates(self, periods: ArrayLike) -> tuple[Array, Array]:
        """Return periods in years, and the reduced variates of their levels."""

    @abstractmethod
    def period(self, levels: Array) -> Quantity:
        """The return periods of levels."""

    def events(self, levels: Array) -> Array:
        """Levels whose passing can be asked about."""
        return levels

    @abstractmethod
    def probability(self, levels: Array, years: float) -> Quantity:
        """The chance that levels are passed within so many years."""


@dataclass(frozen=True)
class OfBlocks(Asking):
    """Of block maxima, so many blocks a year."""

    blocks_per_year: float

    def level(self, periods: ArrayLike) -> ReturnLevel:
        """The level passed by a block with probability 1/(blocks a year T)."""
        return ReturnLevel(as_questions(periods, "return periods"), self.blocks_per_year)

    def variates(self, periods: ArrayLike) -> tuple[Array, Array]:
        """As of the levels of a block."""
        level = self.level(periods)
        return level.questions, level.variates

    def period(self, levels: Array) -> ReturnPeriod:
        """1 over the chance of a block, in years."""
        return ReturnPeriod(levels, self.blocks_per_year)

    def probability(self, levels: Array, years: float) -> ExceedanceProbability:
        """By all blocks of those years."""
        return ExceedanceProbability(levels, years, self.blocks_per_year)


@dataclass(frozen=True, eq=False)
class OfPeaks(Asking):
    """Of peaks over a threshold (or under one), which say nothing of what lies on its other side.

    Parameters
    ----------
    threshold, rate
        Of the data, batch-shaped; the rate is the number of peaks a year.
    minima
        Whether peaks undercut the threshold.
    time_unit
        What years are called.
    observations
        A year; None where they are not known.
    exceedances
        A year, before clusters were merged, shaped as the rate; None where they are not known.
    """

    threshold: float | Array
    rate: float | Array
    minima: bool = False
    time_unit: str = "years"
    observations: float | None = None
    exceedances: float | Array | None = None

    def level(self, periods: ArrayLike) -> PeakLevel:
        """The level passed by 1/T events a year.

        Raises
        ------
        ArgumentError
            A period in which no more than one peak is expected, whose level lies on the other side.
        """
        asked = as_questions(periods, "return periods")
        least = 1.0 / float(np.min(self.rate))
        if (short := asked[asked <= least]).size:
            raise ArgumentError(
                f"return period {number(short[0], 6)} is not possible",
                f"the peaks are that frequent themselves: the least possible is above {number(least, 4)} "
                f"{self.time_unit}, the mean time between peaks.",
                argument="periods",
            )
        return PeakLevel(asked)

    def variates(self, periods: ArrayLike) -> tuple[Array, Array]:
        """The logarithms, since 1/T events a year are beyond the level."""
        asked = self.level(periods).questions
        return asked, np.log(asked)

    def period(self, levels: Array) -> PeakPeriod:
        """The mean time between events beyond each level."""
        return PeakPeriod(self.events(levels))

    def probability(self, levels: Array, years: float) -> ExceedanceProbability:
        """That an event beyond each level comes within those years."""
        return ExceedanceProbability(self.events(levels), years)

    def value_at_risk(self, p: ArrayLike, horizon: str | None, shortfall: bool = False) -> PeakValueAtRisk:
        """The value at risk of a peak, or of one observation.

        Raises
        ------
        ArgumentError
            An unknown horizon; of an observation peaks of merged clusters, an unknown number of
            observations, or a probability whose level lies below the threshold.
        """
        asked = as_probabilities(as_questions(p, "probabilities"))
        if horizon not in (None, "peak", "observation"):
            raise ArgumentError(
                Text(Setting("horizon"), f" is {horizon!r}"), "expected 'peak' or 'observation' of peaks."
            )
        observations = self._of_observation(asked) if horizon == "observation" else None
        return (PeakExpectedShortfall if shortfall else PeakValueAtRisk)(asked, observations)

    def _of_observation(self, asked: Array) -> float:
        """How many observations a year holds, if probabilities of one can be asked for."""
        one = Text(Setting("horizon", "observation"), " takes every exceedance of the threshold")
        remedy = Text("take the peaks with ", Setting("separation", None, call="peaks_over_threshold"), ".")
        if self.observations is None or self.exceedances is None:
            raise ArgumentError(Text(one, ", and how many observations there were is not known"), remedy)
        if not np.isclose(self.exceedances, self.rate).all():
            raise ArgumentError(Text(one, ", and these are the peaks of clusters"), remedy)
        share = float(np.min(self.exceedances)) / self.observations
        if (low := asked[1.0 - asked >= share]).size:
            raise ArgumentError(
                f"probability {number(low[0], 6)} has its value at risk below the threshold, which a share of "
                f"{number(share, 4)} of the observations exceeds",
                f"take the empirical quantile, or a probability above {number(1.0 - share, 4)}.",
                argument="probabilities",
            )
        return self.observations

    def events(self, levels: Array) -> Array:
        """Levels on the side of the peaks.

        Raises
        ------
        ArgumentError
            One on the other side, of which peaks say nothing.
        """
        limit = np.min(self.threshold) if self.minima else np.max(self.threshold)
        wrong = levels[levels >= limit] if self.minima else levels[levels <= limit]
        if wrong.size:
            side, other = ("above", "below") if self.minima else ("below", "above")
            raise ArgumentError(
                f"level {number(wrong[0], 6)} is not {other} the threshold of {number(float(limit), 6)}",
                f"of what lies {side} it the peaks say nothing: ask for a level {other} it, or take a threshold "
                f"{side} the level.",
                argument="levels",
            )
        return levels


__all__ = ["Asking", "OfBlocks", "OfPeaks"]
