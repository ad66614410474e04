"""The sections of a report that blocks and peaks fill each in their own way: series, threshold, order, audit."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from evstats.bulletin.frequency import Bulletin17C
from evstats.distributions.lp3 import LogPearson3
from evstats.errors import DataError
from evstats.estimators import ExpectedMoments
from evstats.models.covariates import state_in_words
from evstats.reading.records import Record
from evstats.report import answer, changed, record, risks, tables, trends
from evstats.report.document import Section
from evstats.report.moving import states_of
from evstats.report.parts import Listing, Part, Table, iso
from evstats.report.slider import THRESHOLD, on_candidates, slider
from evstats.report.subject import Subject
from evstats.report.subject_blocks import OfBlocks, OfMovingBlocks
from evstats.report.subject_losses import OfLosses
from evstats.report.subject_peaks import OfMovingPeaks, OfPeaks
from evstats.report.subjects import moving_of, subject_of
from evstats.report.values import in_unit
from evstats.report.words import label, same_data
from evstats.text.numbers import number, percent

if TYPE_CHECKING:
    import pandas as pd

    from evstats.extremes.peak_records import Peaks
    from evstats.extremes.records import Extremes
    from evstats.report.analysis import Analysis

_CHANGED = 0.05
#: How often one of so many tests of a sound series is below 0.05.
_AMONG = {
    4: "Among four tests of a sound series one is below 0.05 in about every sixth.",
    6: "Among six tests of a sound series one is below 0.05 in about every fourth.",
}


_ON_FIT = (
    "Points that keep to the line and within the shaded range speak for the model; a small p-value speaks against it. "
    "The p-values know that the parameters were estimated from the same data."
)

_ON_COUNTS = (
    "Where events are a Poisson process the number of {points} in a year has a variance over its mean of about 1: more "
    "where they come in clusters or the rate changes, less where they keep a distance."
)

_ON_RISK = (
    "The value at risk is the value not passed with the given probability, the expected shortfall the mean of what "
    "lies beyond it.",
)

_ON_COEFFICIENTS = (
    "Each is of one term in the formula of a parameter, in the units of data and covariates, at zero of all other "
    "terms: an intercept is that of a state in which every covariate is 0, which may be far from any seen. The scale "
    "is by its logarithm."
)


#: Peaks that the page of a fit with covariates shows; its JSON form has all.
_SHOWN = 240
#: Losses that a page shows.
_LOSSES_SHOWN = 90


@dataclass(frozen=True)
class Chapters(ABC):
    """The sections of one analysis that depend on what it is of."""

    made: Analysis

    def answer(self) -> str:
        """The question answered in a few sentences."""
        return answer.answer(self.made.fits, self.made.tables, self.made.questions)

    def in_short(self) -> Table:
        """The questions most often asked, each with its answer and interval."""
        return answer.in_short(self.made.fits, self.made.tables, self.made.questions)

    def levels(self) -> Iterator[Section]:
        """Return levels, and levels that were asked about."""
        parts = self.of("return_levels", "predictive_levels", "return_periods", "probabilities")
        yield Section("Return levels", tuple(_on_levels(self.made)), ("return_levels",), parts)

    def risk(self) -> Iterator[Section]:
        """Value at risk and expected shortfall, where they are told."""
        if self.made.wants_risk:
            yield Section("Risk quantiles", _ON_RISK, parts=self.of("risk"))

    def fit(self) -> Iterator[Section]:
        """Whether the model fits, and its parameters."""
        lead = self.made.lead
        text, panels = f"The figures and tests are of {label(lead)}. {_ON_FIT}", tuple(subject_of(lead).panels)
        yield Section("Does the model fit?", (text,), panels, self.of("goodness_of_fit", "comparison"))
        of_logarithms = isinstance(lead.method, ExpectedMoments) and lead.family is LogPearson3
        told: dict[str, Part] = {"moments": tables.moments(Bulletin17C(lead))} if of_logarithms else {}
        yield Section("Parameters", parts={**told, **self.of("parameters")})

    def assumptions(self) -> tuple[str, ...]:
        """What the answer rests on."""
        return answer.assumptions(self.made.fits, self.made.tables, self.made.questions.certainty)

    def of(self, *names: str) -> dict[str, Part]:
        """The tables by name, those that are there."""
        return {name: self.made.tables[name] for name in names if name in self.made.tables}

    @abstractmethod
    def series(self) -> Iterator[Section]:
        """The series and what was taken from it, where that is known."""

    def threshold(self) -> Iterator[Section]:
        """What hangs on the threshold, where there is one."""
        yield from ()

    @abstractmethod
    def order(self) -> Iterator[Section]:
        """Tests of trend, change and dependence, where there are values enough."""

    @abstractmethod
    def audit(self, min_coverage: float | None) -> Iterator[Section]:
        """What was read, what was left out and why, and the values that were fitted."""


class OfBlockMaxima(Chapters):
    """Of the maxima, or minima, of blocks."""

    def series(self) -> Iterator[Section]:
        """By which blocks, and how many hold nothing."""
        if (extremes := self.made.lead.extremes) is None:
            return
        read = "" if extremes.series is None else f" of {len(extremes.series):,} values"
        text = f"The {extremes.kind}ima{read} by {extremes.block}: {subject_of(self.made.lead).in_words}."
        if empty := int(extremes.dropped["value"].isna().sum()):
            text += f" Of those left out {empty} hold no value and are not in the figure."
        yield Section(f"Series and block {extremes.kind}ima", (text,), ("series",))

    def order(self) -> Iterator[Section]:
        """Of blocks."""
        if "stationarity" in self.made.tables:
            text = "A small p-value speaks against one distribution for all blocks, or against independence."
            text += _change(self.made.tables["stationarity"].frame)
            parts = {"stationarity": self.made.tables["stationarity"]}
            yield Section("Stationarity and independence", (text, _AMONG[4]), parts=parts)

    def audit(self, min_coverage: float | None) -> Iterator[Section]:
        """The blocks."""
        if (extremes := self.made.lead.extremes) is None:
            return
        text = (
            "Every row and every block that does not stand in the fit is counted here; the JSON form of the report "
            "lists them."
        )
        parts = {**_read(extremes), **_cut(extremes, min_coverage)}
        parts |= {"same_event": record.same_event(extremes), "kept": record.kept(extremes)}
        yield Section("Audit: what was read, left out and used", (text,), parts=parts)


class OfMoving(Chapters):
    """Of what follows covariates."""

    def answer(self) -> str:
        """Whether it has changed."""
        return changed.answer(self.made)

    def in_short(self) -> Table:
        """Then, now, and the change."""
        return changed.in_short(self.made)

    def levels(self) -> Iterator[Section]:
        """Whether it has changed, levels then and now side by side, and an event in both."""
        lead, made = self.made.lead, self.made
        moving = moving_of(lead)
        text = (
            f"In the model {changed.form(lead)}. The test compares it with the same distribution without covariates; "
            "Bartlett's correction makes its p-value hold in short records. A slope is the change with one covariate "
            "while all others stay."
        )
        parts = self.of("trend_test", "slopes", "rate_and_sizes")
        yield Section("Has it changed?", (text,), ("trend",), parts)
        then, now = map(state_in_words, states_of(made.questions))
        compared = f"Then is {then}, now is {now}."
        if not trends.in_time(lead):
            compared = f"{now} (now) is compared with {then} (then): {moving.followed} did not go with time."
        text = f"{compared} {moving.on_levels}"
        shown = ("then_and_now", "return_levels", "constant_levels", "return_periods", "probabilities")
        yield Section("Levels then and now", (text,), ("then_and_now",), self.of(*shown))
        if "attribution" in made.tables:
            yield Section("The event then and now", (_on_event(made),), parts=self.of("attribution"))

    def fit(self) -> Iterator[Section]:
        """Residuals, the model without covariates beside it, and the coefficients."""
        text = (
            f"The figures and tests are of the residuals of {label(self.made.lead)}, {tables.follows(self.made.lead)}: "
            f"each value as a standard Gumbel one, by its own distribution. {_ON_FIT}"
        )
        panels = tuple(subject_of(self.made.lead).panels)
        yield Section("Does the model fit?", (text,), panels, self.of("goodness_of_fit", "comparison"))
        yield Section("Coefficients", (_ON_COEFFICIENTS,), parts=self.of("parameters"))

    def order(self) -> Iterator[Section]:
        """Of the residuals."""
        if "order_of_residuals" in self.made.tables:
            text = (
                "A small p-value speaks against the form of the model, which leaves a trend or a step, or against "
                f"independence of neighbouring {'peaks' if self.made.lead.of_peaks else 'blocks'}. The p-values do not "
                "know that a trend was taken out of the data: of what is left they see less than they say."
            )
            parts = self.of("order_of_residuals")
            yield Section("What the covariates leave in the order of time", (text, _AMONG[4]), parts=parts)

    def assumptions(self) -> tuple[str, ...]:
        """Of a model with covariates."""
        return changed.assumptions(self.made)


class OfMovingBlockMaxima(OfMoving, OfBlockMaxima):
    """Of the maxima, or minima, of blocks that follow covariates."""


class OfPeaksOver(Chapters):
    """Of the peaks over a threshold, or under one."""

    def series(self) -> Iterator[Section]:
        """How many values lie beyond, in what time, and what is missing."""
        lead = self.made.lead
        if (peaks := lead.peaks) is None or peaks.series is None:
            return
        said = subject_of(lead)
        assert isinstance(said, OfPeaks), "of peaks"
        text = f"{said.in_words}{said.when}. {_beyond(peaks, said.side)}{_missing(peaks)}"
        parts = {"peaks": replace(record.taken(peaks), title=said.points.capitalize())}
        yield Section(f"Series and {said.points} {said.side} the threshold", (text,), ("series",), parts)

    def threshold(self) -> Iterator[Section]:
        """The diagnostics of the candidates, and what each would have answered."""
        from evstats.thresholds import diagnostics_of_peaks

        lead, questions = self.made.lead, self.made.questions
        if (peaks := lead.peaks) is None or peaks.origin is None:
            return
        title = "The threshold"
        sure = questions.certainty.confidence
        try:
            table = diagnostics_of_peaks(peaks, level_period=self.looked_at(), confidence=sure)
        except DataError as error:
            yield Section(title, (f"No other threshold is tried: {error.problem}.",))
            return
        table.attrs |= self.named()
        yield Section(title, on_candidates(table, lead, peaks), THRESHOLD, {"thresholds": slider(table, peaks)})

    def looked_at(self) -> float:
        """The return period of the level that is told by each candidate."""
        return self.made.questions.headline(subject_of(self.made.lead).per_year)

    def named(self) -> dict[str, str]:
        """What that level is called, where not by its period."""
        return {}

    def order(self) -> Iterator[Section]:
        """Of sizes, of their number in a year, and the months in which they fall."""
        found, text, points = self.made.tables, list[str](), subject_of(self.made.lead).points
        tests = {name: found[name] for name in ("stationarity", "counts") if name in found}
        if "stationarity" in found:
            text.append(
                f"A small p-value speaks against one distribution for the sizes of all {points}, or against "
                f"independence.{_change(found['stationarity'].frame)}"
            )
        if "counts" in found:
            text.append(_ON_COUNTS.format(points=points))
        if among := _AMONG.get(sum(len(table.frame) for table in tests.values())):
            text.append(among)
        peaks = self.made.lead.peaks
        if parts := {**tests, **({} if peaks is None else record.months(peaks))}:
            yield Section(f"Stationarity, independence and number of {points}", tuple(text), parts=parts)

    def audit(self, min_coverage: float | None) -> Iterator[Section]:
        """The peaks, what was merged, the gaps, and the blocks beside them."""
        if (peaks := self.made.lead.peaks) is None or peaks.origin is None:
            return
        text = (
            "Every row that was not taken as it stood, every value beyond the threshold that is no peak and every gap "
            "is counted here; the JSON form of the report lists them."
        )
        parts = {**_read(peaks), **record.whole(peaks)}
        for fit in self.made.fits:
            if fit.extremes is not None:
                parts |= _cut(fit.extremes, min_coverage)
        yield Section("Audit: what was read, left out and used", (text,), parts=parts)


class OfMovingPeaksOver(OfMoving, OfPeaksOver):
    """Of the peaks over a threshold, or under one, whose rate or sizes follow covariates."""

    def threshold(self) -> Iterator[Section]:
        """Not of what moves: other thresholds are judged by sizes that do not."""
        yield from ()

    def order(self) -> Iterator[Section]:
        """Of the residuals; of their number in a year, where that is taken for the same; and by months."""
        peaks = self.made.lead.peaks
        more = {**self.of("counts"), **({} if peaks is None else record.months(peaks))}
        text = (_ON_COUNTS.format(points="peaks"),) if "counts" in more else ()
        found = list(OfMoving.order(self)) or [Section("Number of peaks")]
        if found[0].parts or more:
            yield replace(found[0], text=(*found[0].text, *text), parts={**found[0].parts, **more})

    def audit(self, min_coverage: float | None) -> Iterator[Section]:
        """As of peaks, of which the first are shown."""
        yield from _first_kept(super().audit(min_coverage), _SHOWN)


class OfLossesOver(OfPeaksOver):
    """Of the losses over a threshold."""

    def answer(self) -> str:
        """Value at risk and expected shortfall."""
        return risks.answer(self.made.fits, self.made.tables, self.made.questions)

    def in_short(self) -> Table:
        """Both, the tail, and how often it comes."""
        return risks.in_short(self.made.fits, self.made.tables, self.made.questions)

    def levels(self) -> Iterator[Section]:
        """The measures of risk; return levels where they were asked for, and what was asked of levels."""
        lead, asked = self.made.lead, self.of("return_periods", "probabilities")
        text = (risks.on_measures(lead), risks.on_tail(lead), risks.ON_FORECASTS)
        yield Section("Value at risk and expected shortfall", text, ("tail",), self.of("risk"))
        if subject_of(lead).in_periods(self.made.questions):
            yield from super().levels()
        elif asked:
            yield Section("Levels asked about", parts=asked)

    def risk(self) -> Iterator[Section]:
        """Told already."""
        yield from ()

    def looked_at(self) -> float:
        """That of the rarest value at risk, as many years."""
        said = OfLosses(self.made.lead)
        if said.in_periods(self.made.questions):
            return super().looked_at()
        return 1.0 / ((1.0 - self._far) * (said.fit.single_observations or said.per_year))

    def named(self) -> dict[str, str]:
        """By its probability."""
        if subject_of(self.made.lead).in_periods(self.made.questions):
            return {}
        return {"level_name": f"{percent(self._far)} value at risk"}

    @property
    def _far(self) -> float:
        return float(max(self.made.questions.tail.probabilities))

    def order(self) -> Iterator[Section]:
        """Without months, in which losses have no season."""
        for section in super().order():
            yield replace(section, parts={name: part for name, part in section.parts.items() if name != "months"})

    def audit(self, min_coverage: float | None) -> Iterator[Section]:
        """As of peaks, of which the first are shown."""
        yield from _first_kept(super().audit(min_coverage), _LOSSES_SHOWN)


def chapters_of(made: Analysis) -> Chapters:
    """Those of what was fitted."""
    return _CHAPTERS[type(subject_of(made.lead))](made)


_CHAPTERS: Mapping[type[Subject], type[Chapters]] = {
    OfBlocks: OfBlockMaxima,
    OfMovingBlocks: OfMovingBlockMaxima,
    OfPeaks: OfPeaksOver,
    OfMovingPeaks: OfMovingPeaksOver,
    OfLosses: OfLossesOver,
}


def _first_kept(sections: Iterator[Section], most: int) -> Iterator[Section]:
    """The sections of an audit with the first peaks only."""
    for section in sections:
        kept = section.parts["kept"]
        assert isinstance(kept, Table)
        yield replace(section, parts={**section.parts, "kept": replace(kept, most=most)})


def _on_levels(made: Analysis) -> Iterator[str]:
    lead = made.lead
    yield subject_of(lead).on_levels
    for fit in made.fits:
        if not same_data(fit, lead):
            of = subject_of(fit)
            yield (
                f"By the {fit.family.label}, of the {of.extremes} of {of.in_words}, T counts blocks in which the level "
                f"is {of.passed}, and not events: where T is short, compare levels at the same chance in a year."
            )
    if "predictive_levels" in made.tables:
        yield (
            f"A predictive level is the one that the coming {lead.time_unit} pass with the given probability, what the "
            "data leave open about the parameters averaged out. The plug-in level takes the estimates for true, and is "
            "passed more often than it says."
        )


def _on_event(made: Analysis) -> str:
    """What the rows of an attribution are."""
    lead = made.lead
    passed = f"{in_unit(number(made.questions.compared.event or 0.0, 10), lead.unit)}"
    side = "less" if lead.family.minima else "more"
    return (
        f"The event is {passed} or {side}. The probability ratio is how much likelier it is now than then; the "
        "fraction attributable is 1 less 1 over it, below 0 of what has become rarer; the intensity change is the "
        "event less the level that was as rare then as the event is now."
    )


def _read(source: Extremes | Peaks) -> dict[str, Part]:
    """What was read, and what was understood by itself."""
    if (audit := source.audit) is None:
        return {}
    parts: dict[str, Part] = {}
    if audit.notes:
        parts["reading"] = Listing("How it was read", audit.notes, audit.notes)
    if source.series is not None:
        parts |= {"data": record.read(Record(source.series, audit)), "rows": record.rows(audit)}
    return parts


def _cut(extremes: Extremes, min_coverage: float | None) -> dict[str, Part]:
    """How the record was cut into blocks, and what was left out."""
    return {"blocks": record.cut(extremes), "dropped": record.dropped(extremes, min_coverage)}


def _change(tests: pd.DataFrame) -> str:
    """Where the likeliest change is, where Pettitt's test finds one."""
    if tests.set_index("test")["p_value"]["pettitt"] >= _CHANGED:
        return ""
    after = tests.attrs["change_after"]
    return f" The likeliest change is after {iso(after) if isinstance(after, datetime) else after} (Pettitt)."


def _beyond(peaks: Peaks, side: str) -> str:
    """How many values lie beyond the threshold, and what became of them."""
    if peaks.exceedances is None or peaks.observations is None:
        return ""
    merged = peaks.exceedances - len(peaks)
    into = f", of which {merged:,} {'is' if merged == 1 else 'are'} merged into the peak of a cluster" if merged else ""
    return f"{peaks.exceedances:,} of {peaks.observations:,} values lie {side} the threshold{into}."


def _missing(peaks: Peaks) -> str:
    """The gaps, which do not count as observed."""
    if peaks.gaps is None or peaks.gaps.empty:
        return ""
    days = float(peaks.gaps["days"].sum(skipna=False))
    long = "" if math.isnan(days) else f", {number(days)} days in all,"
    many = len(peaks.gaps) > 1
    return f" {len(peaks.gaps):,} gap{'s' * many}{long} {'do' if many else 'does'} not count as observed."
