"""A report on the peaks over a threshold: its words and parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evstats.notes import Note, as_note
from evstats.report import record
from evstats.report.subject import Moving, Subject
from evstats.report.subject_tests import dependence, verdict_on_counts
from evstats.report.values import in_unit, per
from evstats.text.numbers import given, number, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from evstats.extremes.peak_records import Peaks
    from evstats.quantities import Quantity
    from evstats.report.parts import Table


@dataclass(frozen=True)
class OfPeaks(Subject):
    """The peaks over a threshold, or under one."""

    simple, general, one, points, figure, extreme = "exponential", "GPD", "one peak", "peaks", "peaks", "level"
    paper = (
        "Return levels against the return period of events, spaced by its logarithm, on which exponential sizes are a "
        "straight line."
    )

    @property
    def source(self) -> Peaks | None:
        """The peaks, where they are known."""
        return self.fit.peaks

    @property
    def extremes(self) -> str:
        """Their sizes."""
        return "sizes of the peaks"

    @property
    def per_year(self) -> float:
        """Their rate."""
        return float(self.fit.rate["estimate"].iloc[0])

    @property
    def years(self) -> float:
        """The time observed."""
        from evstats.models import Exceedances

        design = self.fit.estimation.design
        assert isinstance(design, Exceedances)
        return float(design.years)

    @property
    def threshold(self) -> str:
        """With its unit."""
        return in_unit(given(float(self.fit.threshold)), self.fit.unit)

    @property
    def side(self) -> str:
        """Where peaks lie."""
        return "below" if self.fit.family.minima else "above"

    @property
    def when(self) -> str:
        """Of the record."""
        return "" if self.fit.peaks is None else self.fit.peaks.when

    @property
    def in_words(self) -> str:
        """``"312 peaks above 60 m3/s in 93.1 years"``."""
        return f"{self.fit.n} {self.points} {self.side} {self.threshold} in {number(self.years)} {self.fit.time_unit}"

    def on_choice(self, interval: str | None) -> str:
        """What those of records whose threshold was chosen held."""
        known = {note.code: note.values for note in map(as_note, self.fit.notes)}.get("interval_after_choice")
        if known is None or interval not in (None, "rstar", "threshold-bootstrap"):
            return ""
        again = "again_" if interval == "threshold-bootstrap" else ""
        least, most = (known[f"{again}{case}"] for case in ("least", "with_one"))
        return (
            f", which after a choice of the threshold held in {100 * least:g} to {percent(most)} of simulated records"
        )

    @property
    def chosen(self) -> bool:
        """Whether the data chose the threshold."""
        peaks = self.fit.peaks
        return peaks is not None and peaks.origin is not None and peaks.origin.tried is not None

    def level(self, periods: np.ndarray) -> Quantity:
        """Passed by one event in so many years on average."""
        from evstats.quantities import PeakLevel

        return PeakLevel(periods)

    def yearly(self, periods: np.ndarray) -> np.ndarray:
        """Of a Poisson process."""
        return np.asarray(-np.expm1(-1.0 / np.asarray(periods, dtype=float)))

    def predictable(self, chances: np.ndarray, years: float) -> np.ndarray:
        """Less than that a peak comes, the uncertainty of the rate averaged out: nothing is known within the
        threshold.
        """
        return chances[chances < 1.0 - (1.0 + years / self.years) ** -self.fit.n]

    def facts(self) -> dict[str, Any]:
        """The threshold, what parts the peaks, and how many there were in what time."""
        time = self.fit.time_unit
        return {
            "threshold": float(self.fit.threshold),
            "kind": "minima" if self.fit.family.minima else "maxima",
            "separation": None if self.fit.peaks is None else self.fit.peaks.separation,
            "peaks": self.fit.n,
            f"{time}_observed": self.years,
            "rate": record.rate(self.fit.n, self.years, time[:-1]),
        }

    def rejection(self, p: float) -> Note:
        """Beyond this threshold."""
        minima = int(self.fit.family.minima)
        return Note("family_of_peaks_rejected", self.fit.family.label, p=p, minima=minima, part=self._of_a_season)

    @property
    def _of_a_season(self) -> bool:
        """Whether only a part of the year counts."""
        peaks = self.fit.peaks
        return peaks is not None and peaks.origin is not None and peaks.origin.watch.seasons is not None

    def doubts(self, tests: pd.DataFrame | None) -> Iterator[Note]:
        """That sizes of neighbouring peaks depend on one another."""
        if tests is not None:
            yield from dependence("dependence_of_peaks", tests)

    def tables(self) -> dict[str, Table]:
        """Tests of their number in a year, where there are years enough."""
        return {} if self.fit.peaks is None else record.counts(self.fit.peaks)

    def assumptions(self, tests: str, tables: Mapping[str, Table]) -> tuple[str, ...]:
        """Threshold, separation, a Poisson process, and one distribution of the sizes."""
        return (
            f"The threshold, {self.threshold}, is taken for known{', though the data chose it' * self.chosen}: what "
            "hangs on it is not in the intervals.",
            f"{self._parted} Different events are taken for independent of one another.",
            f"Events come as a Poisson process at one rate, {number(self.per_year, 3)} {per(self.fit.time_unit[:-1])}: "
            f"{verdict_on_counts(tables, self.points)}",
            f"The {self.extremes} come from one distribution that does not change: no trend, no step, no season, no "
            f"change of {self.surroundings}. The future is taken to be like the record. "
            f"In the order of time sizes were tested for change and dependence: {tests[0].lower()}{tests[1:]}",
        )

    @property
    def _parted(self) -> str:
        """What parts events."""
        from evstats.extremes.separations import Nothing

        peaks, most = self.fit.peaks, "lowest" if self.fit.family.minima else "highest"
        if peaks is None or peaks.exceedances is None:
            return "What parts events is not known: each value is taken for the most extreme one of its own."
        if peaks.separation == Nothing.words:
            return (
                f"Every value {self.side} the threshold is an event of its own: where they come in clusters, intervals "
                "are too narrow and T counts values and not events."
            )
        return (
            f"Values {self.side} the threshold no more than {peaks.separation} apart are one event, of which the "
            f"{most} counts."
        )

    @property
    def on_period(self) -> str:
        """Of events."""
        one = self.fit.time_unit[:-1]
        aep = "" if self.fit.blocks_per_year is None or one != "year" else " (AEP)"
        return (
            f"A level of return period T {self.fit.time_unit} is {self.passed} by one event in T {self.fit.time_unit} "
            f"on average, and the chance that one {one} brings such an event{aep} is 1 - exp(-1/T)."
        )

    @property
    def on_levels(self) -> str:
        """By events."""
        return f"A return level is {self.passed} by one event in T {self.fit.time_unit} on average."

    @property
    def series_caption(self) -> str:
        """The peaks, what was merged, and where values are missing."""
        peaks = self.fit.peaks
        known = [] if peaks is None else [("what was merged into them", peaks.merged), ("the gaps, shaded", peaks.gaps)]
        shown = [words for words, table in known if table is not None and len(table)]
        return f"{', '.join(['the series, the threshold, the peaks', *shown])}; {self.in_words}."

    def draw(self, ax: Axes) -> Axes:
        """With the peaks marked."""
        from evstats import plots

        assert self.fit.peaks is not None, "drawn only where peaks are known"
        return plots.peaks(self.fit.peaks, ax)

    @property
    def positions(self) -> str:
        """With the return period of a peak."""
        return f"{super().positions} The return period of a peak is 1/(rate (1 - that))."


@dataclass(frozen=True)
class OfMovingPeaks(Moving, OfPeaks):
    """The peaks over a threshold, or under one, whose rate or sizes follow covariates."""

    @property
    def sample(self) -> str:
        """Rate and sizes together."""
        return "peaks"

    @property
    def moves(self) -> str:
        """Those beyond the threshold."""
        return f"peaks of {self.fit.name} {self.side} {self.threshold}"

    @property
    def rate_follows(self) -> bool:
        """Whether the number of peaks a year follows covariates."""
        return self.fit.estimation.rate_follows

    def possible(self, states: Sequence[Mapping[str, Any]]) -> float:
        """Where the rate follows, the least of those states and of the whole record."""
        if not self.rate_follows:
            return self.per_year
        rates = (self.fit.rate_at(state, interval="delta")["estimate"].iloc[0] for state in states)
        return float(min(self.per_year, *rates))

    def tables(self) -> dict[str, Table]:
        """Tests of their number in a year, where that is taken for the same in all years."""
        return {} if self.rate_follows else super().tables()

    def on_neighbours(self, tests: str) -> Iterator[str]:
        """A threshold that is known, events that are independent, and a Poisson process."""
        yield (
            f"The threshold, {self.threshold}, is the same in all years and taken for known"
            f"{', though the data chose it as if nothing changed' * self.chosen}: what hangs on it is not in the "
            "intervals."
        )
        yield f"{self._parted} Given the covariates, events are independent of one another. {tests}"
        if self.rate_follows:
            yield "Events come as a Poisson process whose rate is the same within a year and that of its covariates."

    def on_states(self) -> str:
        """By events."""
        return f"{self.passed} by one event in T {self.fit.time_unit} on average"
