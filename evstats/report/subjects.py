"""What a report is of: the extremes of blocks, or the peaks over a threshold, each with its words and parts."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from evstats.models.covariates import TIME_OF_YEAR, YEAR
from evstats.notes import Note, as_note, say_losses
from evstats.quantities import as_questions
from evstats.reading.records import Audit
from evstats.remarks.independence import DEPENDENT
from evstats.report import record
from evstats.report.questions import Questions, Tail
from evstats.report.values import Value, in_unit, level_of, listed, per, risk_of
from evstats.text.numbers import number, p_in_words, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from evstats.extremes.records import Extremes, Peaks
    from evstats.fitting import Fit
    from evstats.quantities import Quantity
    from evstats.report.parts import Table

#: Fewer values than this say little about any tail.
_FEW = 20


@dataclass(frozen=True)
class Subject(ABC):
    """What a fit is of. What a report says and shows of one kind of data and not of the other stands here."""

    fit: Fit
    #: The family of shape 0, and the one that assumes less.
    simple: ClassVar[str]
    general: ClassVar[str]
    #: One of what was fitted, as the risk is of it.
    one: ClassVar[str]
    #: The figure of the series, by the plot that draws it.
    figure: ClassVar[str]
    #: What the points of figures are.
    points: ClassVar[str]
    #: On which paper return levels are drawn.
    paper: ClassVar[str]

    #: Whether a page leads with value at risk and expected shortfall, and tells return levels where they are asked.
    leads_with_risk: ClassVar[bool] = False

    @property
    def panels(self) -> Mapping[str, str]:
        """The four figures by which a fit is judged, and what is said of each."""
        return {
            "probabilities": "Fitted against empirical probabilities.",
            "quantiles": "Observed against fitted quantiles.",
            "levels_of_lead": "Return levels of this fit alone.",
            "density": f"Fitted density and histogram of the {self.points}.",
        }

    def titled(self, what: str) -> str:
        """The title of a report on this."""
        return f"{what}{self.when}"

    def of_one(self, horizon: str | None) -> str:
        """What the risk is of."""
        return "a single observation" if horizon == "observation" else self.one

    def in_periods(self, questions: Questions) -> bool:
        """Whether the questions are answered in return periods."""
        return True

    def answering(self, questions: Questions) -> Questions:
        """The questions with what was left open, where that hangs on what the fit is of."""
        return questions

    def asked_first(self, questions: Questions) -> Quantity:
        """What the first sentence tells."""
        return self.level(as_questions(questions.headline(self.per_year), "period"))

    def headline(self, tables: Mapping[str, Table], questions: Questions) -> tuple[dict[str, Any], Value]:
        """What was asked first, by name, and the answer of the fit."""
        period = questions.headline(self.per_year)
        return {"period": period}, level_of(0, tables, period)

    def noted(self, questions: Questions) -> Iterator[str]:
        """The notes of the fit."""
        yield from self.fit.notes

    def hanging(self, values: Mapping[str, Any]) -> Note:
        """That the answer hangs on the most extreme value."""
        return Note("hangs_on_largest", **values)

    @property
    def surroundings(self) -> str:
        """What is taken to be as it was."""
        if takes_losses(self.fit):
            return "the portfolio, the contracts or the market"
        return "the gauge, the catchment or the market"

    @property
    def on_values(self) -> str:
        """How the values are taken."""
        missed = "errors of measurement, and limits of what the instrument can see,"
        if takes_losses(self.fit):
            missed = "errors in the books, and limits and deductibles that were not told,"
        return f"Values are taken as they were read: {missed} are not in the intervals."

    @property
    def extremes(self) -> str:
        """What was fitted, in a word: maxima or minima."""
        return "minima" if self.fit.family.minima else "maxima"

    def on_choice(self, interval: str | None) -> str:
        """What an interval, by name, holds after choices of the procedure, where they are known to matter."""
        return ""

    @property
    def passed(self) -> str:
        """What happens to a level: exceeded, of minima undercut."""
        return "undercut" if self.fit.family.minima else "exceeded"

    @property
    def audit(self) -> Audit | None:
        """That of the record, where it is known."""
        source = self.source
        return None if source is None else source.audit

    @property
    @abstractmethod
    def source(self) -> Extremes | Peaks | None:
        """What was fitted, where that is more than numbers."""

    @property
    @abstractmethod
    def extreme(self) -> str:
        """What the level of a return period is called."""

    @property
    @abstractmethod
    def per_year(self) -> float | None:
        """How many a year brings: a period in which more than one is expected has a level; None if not known."""

    @property
    @abstractmethod
    def when(self) -> str:
        """The first and the last year: ``", 1927 to 2019"``."""

    @property
    @abstractmethod
    def in_words(self) -> str:
        """``"93 water years, 1927 to 2019, 1 left out"``, ``"312 peaks above 60 m3/s in 93 years"``."""

    @abstractmethod
    def level(self, periods: np.ndarray) -> Quantity:
        """The levels with these return periods."""

    @abstractmethod
    def yearly(self, periods: np.ndarray) -> np.ndarray:
        """The chance that levels with these periods are passed in a year."""

    @abstractmethod
    def predictable(self, chances: np.ndarray, years: float) -> np.ndarray:
        """Those of these chances within so many years whose level the data tell."""

    @abstractmethod
    def facts(self) -> dict[str, Any]:
        """What was fitted, by name."""

    @abstractmethod
    def rejection(self, p: float) -> Note:
        """That the data speak against the family."""

    @abstractmethod
    def doubts(self, tests: pd.DataFrame | None) -> Iterator[Note]:
        """What the notes of the fit do not say yet; ``tests`` are those in the order of time."""

    def tables(self) -> dict[str, Table]:
        """Tables that the other kind of data does not have."""
        return {}

    @abstractmethod
    def assumptions(self, tests: str, tables: Mapping[str, Table]) -> tuple[str, ...]:
        """What is assumed of the data; ``tests`` says what the tests of change and dependence tell."""

    @property
    @abstractmethod
    def on_period(self) -> str:
        """What a return period means."""

    @property
    @abstractmethod
    def series_caption(self) -> str:
        """What the figure of the series shows."""

    @abstractmethod
    def draw(self, ax: Axes) -> Axes:
        """The series with what was taken from it."""

    @property
    def on_levels(self) -> str:
        """What a return level is."""
        return f"A return level is {self.passed} once in T {self.fit.time_unit} on average."

    @property
    def positions(self) -> str:
        """Where figures show the values."""
        return "(i - 0.44)/(n + 0.12) for the i-th smallest of n, in the figures only."


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
        return f"{self.fit.n} {noun}{self.when}{left_out}"

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
        """Of blocks."""
        return Note("family_rejected", self.fit.family.label, p=p)

    def doubts(self, tests: pd.DataFrame | None) -> Iterator[Note]:
        """That they are few; and of plain numbers, that neighbours depend on one another."""
        if self.fit.n < _FEW:
            yield Note("few_values", n=self.fit.n)
        if self.fit.extremes is None and tests is not None:
            yield from _dependence("dependence", tests)

    def assumptions(self, tests: str, tables: Mapping[str, Table]) -> tuple[str, ...]:
        """One distribution, and independence."""
        return (
            f"The {self.extremes} of the blocks come from one distribution that does not change: no trend, no step, no "
            f"change of {self.surroundings}. The future is taken to be like the record.",
            f"They are independent of one another. {tests}",
        )

    @property
    def on_period(self) -> str:
        """By the blocks of a year."""
        if self.fit.blocks_per_year is None:
            return f"A level of return period T is {self.passed} in one block with probability 1/T."
        if self.fit.blocks_per_year == 1.0:
            return f"A level of return period T years is {self.passed} in any one year with probability 1/T (AEP)."
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
class Moving(Subject):
    """What follows covariates, of blocks or of peaks."""

    @property
    @abstractmethod
    def sample(self) -> str:
        """What follows them: ``"maxima of the blocks"``."""

    @property
    @abstractmethod
    def moves(self) -> str:
        """The same with the variable: ``"maxima of discharge"``."""

    def possible(self, states: Sequence[Mapping[str, Any]]) -> float | None:
        """How many a year brings in that of these states, or on average, in which it brings fewest; None if not
        known."""
        return self.per_year

    @abstractmethod
    def on_neighbours(self, tests: str) -> Iterator[str]:
        """How the values come, given the covariates; ``tests`` says what the residuals tell."""

    @abstractmethod
    def on_states(self) -> str:
        """What the level of a state is counted in."""

    @property
    def panels(self) -> Mapping[str, str]:
        """Those of the residuals, over a covariate too where there is one beside time."""
        beside = [name for name in self.covariates if name not in (YEAR, TIME_OF_YEAR)]
        last = f"The same over {beside[0]}." if beside else "The levels that move, and the interval of the rarest."
        return {
            "probabilities": "Fitted against empirical probabilities of the residuals.",
            "quantiles": "Observed against fitted quantiles of the residuals, standard Gumbel if the fit is true.",
            "residuals": "Residuals in the order of time: a local mean near the dashed line leaves no trend.",
            "beside": last,
        }

    def titled(self, what: str) -> str:
        """Then and now."""
        return f"{what} then and now{self.when}"

    @property
    def covariates(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(map(str, self.fit.covariates.columns))

    @property
    def followed(self) -> str:
        """The covariates in words, beside the season: ``"year"``, ``"year and SOI"``."""
        return listed([name for name in self.covariates if name != TIME_OF_YEAR] or ["the time of the year"])

    @property
    def in_time(self) -> bool:
        """Whether time is all that is followed, beside the season."""
        return YEAR in self.covariates and {*self.covariates} <= {YEAR, TIME_OF_YEAR}

    @property
    def on_levels(self) -> str:
        """In a state."""
        return (
            f"The level of return period T in a state of the covariates is {self.on_states()} while that state lasts "
            "(effective return level)."
        )

    @property
    def positions(self) -> str:
        """Of values that are moved."""
        return f"{super().positions} On the figure of two states every value is moved to either: it keeps its residual."


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
        return in_unit(number(float(self.fit.threshold), 6), self.fit.unit)

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
        threshold."""
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
        return Note("family_of_peaks_rejected", self.fit.family.label, p=p, minima=minima)

    def doubts(self, tests: pd.DataFrame | None) -> Iterator[Note]:
        """That sizes of neighbouring peaks depend on one another."""
        if tests is not None:
            yield from _dependence("dependence_of_peaks", tests)

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
            f"{_verdict_on_counts(tables, self.points)}",
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


@dataclass(frozen=True)
class OfLosses(OfPeaks):
    """The losses over a threshold: of days, of claims, or the largest of clusters of them."""

    points, leads_with_risk, one = "losses", True, "one loss beyond the threshold"

    @property
    def panels(self) -> Mapping[str, str]:
        """With the tail in place of the return levels."""
        known = super().panels
        return {
            "probabilities": known["probabilities"],
            "quantiles": known["quantiles"],
            "tail_of_lead": "The tail of this fit alone.",
            "density": known["density"],
        }

    def in_periods(self, questions: Questions) -> bool:
        """Where they are asked for."""
        return questions.periods is not None

    @property
    def single(self) -> bool:
        """Whether every loss beyond the threshold counts, so that the risk is that of one observation."""
        return self.fit.single_observations is not None

    def of_one(self, horizon: str | None) -> str:
        """One day, one loss, or one beyond the threshold, where others are not known, or merged into it."""
        if horizon != "observation":
            return self.one
        return "one day" if self._daily else "one loss"

    @property
    def _daily(self) -> bool:
        made = self.audit is not None and say_losses(self.audit.notes)
        in_year = self.fit.single_observations or 0.0
        return made and self.fit.time_unit == "years" and _DAILY[0] <= in_year <= _DAILY[1]

    @property
    def extremes(self) -> str:
        """Beyond the threshold."""
        return "losses beyond the threshold"

    @property
    def in_words(self) -> str:
        """``"207 losses above 0.05 among 8,320 days"``."""
        peaks = self.fit.peaks
        if not self.single or peaks is None or peaks.observations is None:
            return super().in_words
        among = "days" if self._daily else "of them" if peaks.observations == self.fit.n else "losses"
        return f"{self.fit.n:,} losses {self.side} {self.threshold} among {peaks.observations:,} {among}"

    @property
    def horizon(self) -> str | None:
        """Of what the risk is by itself: of one observation where that can be told."""
        return "observation" if self.single else None

    def answering(self, questions: Questions) -> Questions:
        """Of one observation where that can be told, at probabilities beyond the threshold."""
        tail = questions.tail
        horizon = tail.horizon or self.horizon
        levels = tail.levels if tail.levels is not None else self._usual(horizon)
        return replace(questions, tail=Tail(levels, horizon, tail.extremal_index))

    def _usual(self, horizon: str | None) -> list[float]:
        """0.99 and 0.999, or further out where the threshold lies beyond."""
        share = self.per_year / (self.fit.single_observations or math.inf)
        first = 2 if horizon != "observation" or not share else max(math.floor(-math.log10(share)) + 1, 2)
        return [round(1.0 - 10.0**-k, 15) for k in (first, first + 1)]

    def probability(self, questions: Questions) -> float:
        """That of the first sentence: 0.99, or else the lowest asked for."""
        asked = questions.tail.probabilities
        return _HEADLINE if _HEADLINE in asked else min(asked)

    def asked_first(self, questions: Questions) -> Quantity:
        """The value at risk."""
        from evstats.quantities import PeakValueAtRisk

        of_one = self.fit.single_observations if questions.tail.horizon == "observation" else None
        return PeakValueAtRisk(as_questions(self.probability(questions), "probabilities"), of_one)

    def headline(self, tables: Mapping[str, Table], questions: Questions) -> tuple[dict[str, Any], Value]:
        """The value at risk."""
        p = self.probability(questions)
        asked = {"measure": "value_at_risk", "probability": p, "horizon": questions.tail.horizon or "peak"}
        return asked, risk_of(0, tables, "var", p)

    def noted(self, questions: Questions) -> Iterator[str]:
        """Where no period is asked for, without those on the level of one, and what the value at risk would be."""
        from evstats.remarks.peaks import at_higher_thresholds

        yield from (
            note
            for note in super().noted(questions)
            if self.in_periods(questions) or as_note(note).code not in _IN_PERIODS
        )
        moved = at_higher_thresholds(self.fit.estimation, self.asked_first(questions))
        if moved is not None and not np.isnan([moved.values[name] for name in _AT]).any():
            p = self.probability(questions)
            yield Note("risk_at_higher_thresholds", level=p, **{name: moved.values[name] for name in _AT})

    def hanging(self, values: Mapping[str, Any]) -> Note:
        """That the value at risk hangs on the largest loss."""
        named = {name: values[name] for name in ("value", "before", "after")}
        return Note("risk_hangs_on_largest", level=values["probability"], **named)

    def tables(self) -> dict[str, Table]:
        """By its own name."""
        title = "Tests of the number of losses beyond the threshold in a year"
        return {name: replace(table, title=title) for name, table in super().tables().items()}

    @property
    def _parted(self) -> str:
        """That they are taken one by one, or what parts clusters."""
        if not self.single:
            return super()._parted
        return (
            f"Every loss {self.side} the threshold counts. Where they come in clusters, as those of days with a high "
            "volatility do, intervals are too narrow, and the risk of a given day is not that of an average one."
        )

    def assumptions(self, tests: str, tables: Mapping[str, Table]) -> tuple[str, ...]:
        """Threshold, clusters, one rate, and one distribution."""
        threshold, _, _, sizes = super().assumptions(tests, tables)
        rate = f"{number(self.per_year, 3)} {per(self.fit.time_unit[:-1])}"
        if self.fit.time_unit == "observations":
            rate = f"{percent(self.per_year)} of all"
        return (
            threshold,
            f"{self._parted} Different {'losses' if self.single else 'clusters'} are taken for independent.",
            f"Losses beyond the threshold come at one rate, {rate}: {_verdict_on_counts(tables, self.points)}",
            sizes,
        )

    @property
    def on_period(self) -> str:
        """What value at risk and expected shortfall are."""
        return (
            f"The value at risk with probability p is what {self.of_one(self.horizon)} exceeds with probability 1 - p; "
            "the expected shortfall is the mean of the losses beyond it. Losses are positive, and profits negative."
        )


#: Notes on the level of a return period, and what is told of the risk in place of one.
_IN_PERIODS = {"higher_thresholds", "without_largest"}
_AT = ("some", "fewer", "before")
#: The probability of the first sentence, and how many days with prices a year has.
_HEADLINE = 0.99
_DAILY = (200.0, 366.5)


def takes_losses(fit: Fit) -> bool:
    """Whether the values are losses, as what is noted of them or of their record says."""
    source = fit.peaks or fit.extremes
    audit = None if source is None else source.audit
    return say_losses((*fit.context.notes, *(() if audit is None else audit.notes)))


def subject_of(fit: Fit) -> Subject:
    """What a fit is of; that values are losses is told by the notes on the data."""
    if fit.has_covariates:
        return moving_of(fit)
    if fit.of_peaks and takes_losses(fit) and not fit.family.minima:
        return OfLosses(fit)
    return OfPeaks(fit) if fit.of_peaks else OfBlocks(fit)


def moving_of(fit: Fit) -> Moving:
    """What a fit with covariates is of."""
    return OfMovingPeaks(fit) if fit.of_peaks else OfMovingBlocks(fit)


def _dependence(code: str, tests: pd.DataFrame) -> Iterator[Note]:
    """Whether neighbours depend on one another, which widens what the intervals should be."""
    lag, p = _found(tests)["lag-1-autocorrelation"]
    if p < DEPENDENT:
        yield Note(code, lag=lag, p=p)


def _found(tests: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Statistic and p-value of tests by name."""
    columns = (tests[name].astype(float) for name in ("statistic", "p_value"))
    return dict(zip(tests["test"], zip(*columns, strict=True), strict=True))


def _verdict_on_counts(tables: Mapping[str, Table], points: str) -> str:
    """What the tests of the number of peaks, or other ``points``, in a year say."""
    if "counts" not in tables:
        return "that was not tested, for want of dates in ten whole years."
    tests = _found(tables["counts"].frame)
    (index, p), (_, p_trend) = tests["dispersion"], tests.get("mann-kendall", (0.0, 1.0))
    against = [
        *([f"their number in a year varies {'more' if index > 1 else 'less'} than by chance"] if p < 0.05 else []),
        *(["it has a trend"] if p_trend < 0.05 else []),
    ]
    said = f"variance over mean {index:.2f}, {p_in_words(p)}"
    if against:
        return f"the data speak against it, as {' and '.join(against)} ({said})."
    return f"the number of {points} in a year does not speak against it ({said})."
