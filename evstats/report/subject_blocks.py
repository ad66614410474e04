"""A report on the extremes of blocks: its words and parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evstats.notes import Note
from evstats.report.subject import Moving, Subject
from evstats.report.subject_tests import dependence
from evstats.report.values import in_unit
from evstats.text.numbers import number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from evstats.extremes.records import Extremes
    from evstats.quantities import Quantity
    from evstats.report.parts import Table

#: Fewer values than this say little about any tail.
_FEW = 20
#: Blocks of so many days, one a year, are of a part of it.
_SEASON = 350


@dataclass(frozen=True)
class OfBlocks(Subject):
    """The maxima, or minima, of blocks."""

    simple, general, one, points, figure = "Gumbel", "GEV", "one block", "observations", "series"
    paper = "Return levels on Gumbel probability paper, on which a Gumbel distribution is a straight line."

    @property
    def source(self) -> Extremes | None:
        """The extremes, where they were taken from a record."""
        return self.fit.extremes

    @property
    def extreme(self) -> str:
        """A maximum or minimum."""
        return "minimum" if self.fit.family.minima else "maximum"

    def of_one(self, horizon: str | None) -> str:
        """``"the maximum of one month"``."""
        if horizon == "observation":
            return super().of_one(horizon)
        extremes = self.fit.extremes
        noun = "block" if extremes is None or extremes.dates is None else extremes.noun.removesuffix("s")
        return f"the {self.extreme} of one {noun}"

    @property
    def per_year(self) -> float | None:
        """Blocks."""
        return self.fit.blocks_per_year

    @property
    def when(self) -> str:
        """By the blocks."""
        extremes = self.fit.extremes
        return "" if extremes is None or extremes.dates is None else f", {extremes.blocks[0]} to {extremes.blocks[-1]}"

    @property
    def in_words(self) -> str:
        """``"93 water years, 1927 to 2019, 1 left out"``."""
        extremes = self.fit.extremes
        if extremes is None:
            return f"{self.fit.n} observations"
        left_out = f", {len(extremes.dropped)} left out" if len(extremes.dropped) else ""
        noun = "blocks" if extremes.dates is None else extremes.noun
        if extremes.largest is not None:
            size, r = "smallest" if extremes.of_minima else "largest", extremes.largest.shape[1]
            return f"the {r} {size} values of {len(extremes)} {noun}{self.when}{left_out}"
        if (history := self._history).any() and not history.all():
            watched = np.asarray(extremes.blocks)[~history]
            gauge = f"{watched.size} {noun}, {watched[0]} to {watched[-1]}{left_out}"
            known = np.asarray(extremes.blocks)[history]
            return f"{gauge}, and {known.size} of history, {known[0]} to {known[-1]}"
        return f"{self.fit.n} {noun}{self.when}{left_out}"

    @property
    def _history(self) -> np.ndarray:
        """Which blocks (n,) are known only where they pass a level of perception."""
        extremes = self.fit.extremes
        if extremes is None or extremes.perception is None or self.fit.n != len(extremes):
            return np.zeros(0, dtype=bool)
        return np.isfinite(extremes.perception)

    def level(self, periods: np.ndarray) -> Quantity:
        """Passed by a block with probability 1/(blocks a year T)."""
        from evstats.quantities import ReturnLevel

        return ReturnLevel(periods, self.fit.blocks_per_year or 1.0)

    def yearly(self, periods: np.ndarray) -> np.ndarray:
        """By any of the blocks of a year."""
        from evstats.quantities import annual_exceedance_probability

        return annual_exceedance_probability(periods, self.fit.blocks_per_year or 1.0)

    def predictable(self, chances: np.ndarray, years: float) -> np.ndarray:
        """All."""
        return chances

    def facts(self) -> dict[str, Any]:
        """The number of blocks and their length."""
        extremes = self.fit.extremes
        block = None if extremes is None else extremes.block
        return {"observations": self.fit.n, "block": block, "blocks_per_year": self.fit.blocks_per_year}

    def rejection(self, p: float) -> Note:
        """Of blocks: longer ones help, and a season where they are not of one."""
        return Note("family_rejected", self.fit.family.label, p=p, part=self._of_a_season)

    @property
    def _of_a_season(self) -> bool:
        """Whether the blocks are of one part of every year."""
        extremes = self.fit.extremes
        if extremes is None or extremes.starts is None or extremes.ends is None or self.fit.blocks_per_year != 1.0:
            return False
        return bool(np.median((extremes.ends - extremes.starts).days) < _SEASON)

    def doubts(self, tests: pd.DataFrame | None) -> Iterator[Note]:
        """That they are few; and of plain numbers, that neighbours depend on one another."""
        if self.fit.n < _FEW:
            yield Note("few_values", n=self.fit.n)
        if self.fit.extremes is None and tests is not None:
            yield from dependence("dependence", tests)

    def assumptions(self, tests: str, tables: Mapping[str, Table]) -> tuple[str, ...]:
        """One distribution, and independence."""
        return (
            f"The {self.extremes} of the blocks come from one distribution that does not change: no trend, no step, no "
            f"change of {self.surroundings}. The future is taken to be like the record.",
            f"They are independent of one another. {tests}",
            *self._on_history(),
        )

    def _on_history(self) -> Iterator[str]:
        """That of every level of perception."""
        extremes, history = self.fit.extremes, self._history
        if extremes is None or extremes.perception is None or not history.any():
            return
        side, blocks = "below" if extremes.of_minima else "above", np.asarray(extremes.blocks)
        for level in np.unique(extremes.perception[history]):
            years = blocks[history & (extremes.perception == level)]
            said = in_unit(number(float(level), 6), self.fit.unit)
            yield (
                f"From {years[0]} to {years[-1]} every {self.extreme} {side} {said} would be known: nothing passed it "
                "but what is told here."
            )

    @property
    def on_period(self) -> str:
        """By the blocks of a year."""
        if self.fit.blocks_per_year is None:
            return f"A level of return period T is {self.passed} in one block with probability 1/T."
        if self.fit.blocks_per_year == 1.0:
            known_as = "" if self.fit.family.minima else " (AEP)"
            return f"A level of return period T years is {self.passed} in any one year with probability 1/T{known_as}."
        per_year = number(self.fit.blocks_per_year)
        return (
            f"A level of return period T years is {self.passed} in one block with probability 1/({per_year} T), there "
            f"being {per_year} blocks a year. AEP is the chance that it is {self.passed} at least once in a year."
        )

    @property
    def series_caption(self) -> str:
        """The extreme of each block."""
        return f"the series, and the extreme of each block; {self.in_words}."

    def draw(self, ax: Axes) -> Axes:
        """With the extremes marked."""
        from evstats import plots

        assert self.fit.extremes is not None, "drawn only where blocks are known"
        return plots.series(self.fit.extremes, ax)


@dataclass(frozen=True)
class OfMovingBlocks(Moving, OfBlocks):
    """The maxima, or minima, of blocks that follow covariates."""

    @property
    def sample(self) -> str:
        """Of the blocks."""
        return f"{self.extremes} of the blocks"

    @property
    def moves(self) -> str:
        """Maxima or minima."""
        return f"{self.extremes} of {self.fit.name}"

    def on_neighbours(self, tests: str) -> Iterator[str]:
        """Independent."""
        yield f"Given the covariates, the {self.sample} are independent of one another. {tests}"

    def on_states(self) -> str:
        """By blocks."""
        return f"{self.passed} once in T {self.fit.time_unit} on average"
