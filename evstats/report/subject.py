"""What a report says and shows of one kind of data and not of the other, whatever kind it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

from evstats.models.covariates import TIME_OF_YEAR, YEAR
from evstats.notes import Note, say_losses
from evstats.quantities import as_questions
from evstats.reading.records import Audit
from evstats.report.questions import Questions
from evstats.report.values import Value, level_of, listed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from evstats.estimators import Regression
    from evstats.extremes.peak_records import Peaks
    from evstats.extremes.records import Extremes
    from evstats.fitting import Fit
    from evstats.quantities import Quantity
    from evstats.report.parts import Table


@dataclass(frozen=True)
class Asked(ABC):
    """What is asked of a fit, of what, and what of it is told in numbers."""

    fit: Fit
    #: One of what was fitted, as the risk is of it.
    one: ClassVar[str]
    #: Whether a page leads with value at risk and expected shortfall, and tells return levels where they are asked.
    leads_with_risk: ClassVar[bool] = False

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

    @property
    @abstractmethod
    def per_year(self) -> float | None:
        """How many a year brings: a period in which more than one is expected has a level; None if not known."""

    @abstractmethod
    def level(self, periods: np.ndarray) -> Quantity:
        """The levels with these return periods."""

    @abstractmethod
    def yearly(self, periods: np.ndarray) -> np.ndarray:
        """The chance that levels with these periods are passed in a year."""

    @abstractmethod
    def predictable(self, chances: np.ndarray, years: float) -> np.ndarray:
        """Those of these chances within so many years whose level the data tell."""

    def of_one(self, horizon: str | None) -> str:
        """What the risk is of."""
        return "a single observation" if horizon == "observation" else self.one

    @abstractmethod
    def facts(self) -> dict[str, Any]:
        """What was fitted, by name."""

    def tables(self) -> dict[str, Table]:
        """Tables that the other kind of data does not have."""
        return {}

    @property
    def audit(self) -> Audit | None:
        """That of the record, where it is known."""
        source = self.source
        return None if source is None else source.audit

    @property
    @abstractmethod
    def source(self) -> Extremes | Peaks | None:
        """What was fitted, where that is more than numbers."""


@dataclass(frozen=True)
class Subject(Asked):
    """What a fit is of. What a report says and shows of one kind of data and not of the other stands here."""

    #: The family of shape 0, and the one that assumes less.
    simple: ClassVar[str]
    general: ClassVar[str]
    #: The figure of the series, by the plot that draws it.
    figure: ClassVar[str]
    #: What the points of figures are.
    points: ClassVar[str]
    #: On which paper return levels are drawn.
    paper: ClassVar[str]

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
    @abstractmethod
    def extreme(self) -> str:
        """What the level of a return period is called."""

    @property
    @abstractmethod
    def when(self) -> str:
        """The first and the last year: ``", 1927 to 2019"``."""

    @property
    @abstractmethod
    def in_words(self) -> str:
        """``"93 water years, 1927 to 2019, 1 left out"``, ``"312 peaks above 60 m3/s in 93 years"``."""

    @abstractmethod
    def rejection(self, p: float) -> Note:
        """That the data speak against the family."""

    @abstractmethod
    def doubts(self, tests: pd.DataFrame | None) -> Iterator[Note]:
        """What the notes of the fit do not say yet; ``tests`` are those in the order of time."""

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
        if self.fit.estimation.design.bounded:
            return (
                "By levels that some values are known only to lie below: with A values from one to the next and B "
                "below it, it is passed with probability p = q + (1 - q) A/(A + B), q that of the next. The A "
                "values share what lies between q and p as the plotting position (i - 0.44)/(A + 0.12) does. In the "
                "figures only."
            )
        return "(i - 0.44)/(n + 0.12) for the i-th smallest of n, in the figures only."


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
        known.
        """
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
        """Then and now, or of what is followed."""
        followed = cast("Regression", self.fit.estimation).predictors
        when = "then and now" if followed.go_with_time else f"by {self.followed}"
        return f"{what} {when}{self.when}"

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


def takes_losses(fit: Fit) -> bool:
    """Whether the values are losses, as what is noted of them or of their record says."""
    source = fit.peaks or fit.extremes
    audit = None if source is None else source.audit
    return say_losses((*fit.context.notes, *(() if audit is None else audit.notes)))
