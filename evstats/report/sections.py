"""The order of a report: what stands under which heading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evstats.fitting import Fit
from evstats.reading.records import Record
from evstats.report import answers
from evstats.report.answers import label
from evstats.report.document import Section
from evstats.report.parts import Listing, Part, Table
from evstats.report.questions import Questions
from evstats.report.sentences import blocks_in_words, in_short, passed

_ON_RISK = (
    "The value at risk is the value not passed with the given probability, the expected shortfall the mean of what "
    "lies beyond it.",
)
_ON_FIT = (
    "Points that keep to the line and within the shaded range speak for the model; a small p-value speaks against it. "
    "The p-values know that the parameters were estimated from the same data."
)
PANEL = ("probabilities", "quantiles", "levels_of_lead", "density")
"""The four figures by which a fit is judged."""
_CHANGED = 0.05
_ON_AUDIT = (
    "Every row and every block that does not stand in the fit is counted here; the JSON form of the report lists them.",
)


def sections(
    fits: Sequence[Fit], tables: Mapping[str, Table], questions: Questions, min_coverage: float | None
) -> Iterator[Section]:
    """The parts of a report under their headings; the first fit answers."""
    lead = fits[0]
    yield Section("In short", parts={"in_short": in_short(fits, tables, questions)})
    yield from _series(lead)
    levels = _of(tables, "return_levels", "predictive_levels", "return_periods", "probabilities")
    yield Section("Return levels", tuple(_on_levels(lead, tables)), ("return_levels",), levels)
    if "risk" in tables and answers.wants_risk(lead, questions.tail):
        yield Section("Risk quantiles", _ON_RISK, parts=_of(tables, "risk"))
    on_fit = f"The figures and tests are of {label(lead)}. {_ON_FIT}"
    yield Section("Does the model fit?", (on_fit,), PANEL, _of(tables, "goodness_of_fit", "comparison"))
    yield Section("Parameters", parts=_of(tables, "parameters"))
    yield from _order(tables)
    yield from _audit(lead, min_coverage)


def _of(tables: Mapping[str, Table], *names: str) -> dict[str, Part]:
    return {name: tables[name] for name in names if name in tables}


def _series(lead: Fit) -> Iterator[Section]:
    """The series and its block maxima, where the fit knows them."""
    if (extremes := lead.extremes) is None:
        return
    read = "" if extremes.series is None else f" of {len(extremes.series):,} values"
    text = f"The {extremes.kind}ima{read} by {extremes.block}: {blocks_in_words(lead)}."
    if empty := int(extremes.dropped["value"].isna().sum()):
        text += f" Of those left out {empty} hold no value and are not in the figure."
    yield Section(f"Series and block {extremes.kind}ima", (text,), ("series",))


def _on_levels(lead: Fit, tables: Mapping[str, Table]) -> Iterator[str]:
    yield f"A return level is {passed(lead)} once in T {lead.time_unit} on average."
    if "predictive_levels" in tables:
        yield (
            f"A predictive level is the one that the coming {lead.time_unit} pass with the given probability, what the "
            "data leave open about the parameters averaged out. The plug-in level takes the estimates for true, and is "
            "passed more often than it says."
        )


def _order(tables: Mapping[str, Table]) -> Iterator[Section]:
    """Tests of trend, change and dependence, where there are values enough."""
    if "stationarity" not in tables:
        return
    frame = tables["stationarity"].frame
    text = "A small p-value speaks against one distribution for all blocks, or against independence."
    if frame.set_index("test")["p_value"]["pettitt"] < _CHANGED:
        text += f" The likeliest change is after {frame.attrs['change_after']} (Pettitt)."
    among = "Among four tests of a sound series one is below 0.05 in about every sixth."
    yield Section("Stationarity and independence", (text, among), parts=_of(tables, "stationarity"))


def on_reading(lead: Fit) -> tuple[str, ...]:
    """What was understood by itself: columns, dates, marks."""
    return lead.extremes.audit.notes if lead.extremes is not None and lead.extremes.audit is not None else ()


def _audit(lead: Fit, min_coverage: float | None) -> Iterator[Section]:
    """What was read, what was left out and why, and the values that were fitted."""
    if (extremes := lead.extremes) is None:
        return
    parts: dict[str, Part] = {}
    if read := on_reading(lead):
        parts["reading"] = Listing("How it was read", read, read)
    if extremes.audit is not None and extremes.series is not None:
        record = Record(extremes.series, extremes.audit)
        parts |= {"data": answers.read(record), "rows": answers.rows(extremes.audit)}
    parts |= {"blocks": answers.cut(extremes), "dropped": answers.dropped(extremes, min_coverage)}
    parts |= {"same_event": answers.same_event(extremes), "kept": answers.kept(extremes)}
    yield Section("Audit: what was read, left out and used", _ON_AUDIT, parts=parts)
