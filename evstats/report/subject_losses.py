"""A report on the losses over a threshold: its words and parts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evstats.notes import Note, as_note, say_losses
from evstats.quantities import as_questions
from evstats.report.questions import Questions, Tail
from evstats.report.subject_peaks import OfPeaks
from evstats.report.subject_tests import verdict_on_counts
from evstats.report.values import Value, per, risk_of
from evstats.text.numbers import number, percent

if TYPE_CHECKING:
    from evstats.quantities import Quantity
    from evstats.report.parts import Table

#: Notes on the level of a return period, and what is told of the risk in place of one.
_IN_PERIODS = {"higher_thresholds", "without_largest"}
_AT = ("some", "fewer", "before")
#: The probability of the first sentence, and how many days with prices a year has.
_HEADLINE = 0.99
_DAILY = (200.0, 366.5)


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
            f"Losses beyond the threshold come at one rate, {rate}: {verdict_on_counts(tables, self.points)}",
            sizes,
        )

    @property
    def on_period(self) -> str:
        """What value at risk and expected shortfall are."""
        return (
            f"The value at risk with probability p is what {self.of_one(self.horizon)} exceeds with probability 1 - p; "
            "the expected shortfall is the mean of the losses beyond it. Losses are positive, and profits negative."
        )
