"""From fits to a report: the tables that answer, in the order in which a reader wants them."""

from __future__ import annotations

import os
import platform
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pkgutil import resolve_name

import pandas as pd
from numpy.typing import ArrayLike

from evstats import independence
from evstats.errors import ArgumentError, DataError, EvstatsWarning, FitError
from evstats.fitting import Fit, fit
from evstats.quantities import as_questions
from evstats.report import answers
from evstats.report.document import Making, Section
from evstats.report.forms import Report
from evstats.report.methods import methods
from evstats.report.parts import Part, Table
from evstats.report.questions import Certainty, Questions, Tail
from evstats.report.sentences import answer, answering, assumptions, blocks_in_words, in_short
from evstats.series.records import Extremes, Record
from evstats.series.units import labelled

USUAL = (("gumbel", "mle"), ("gumbel", "moments"), ("gev", "mle"))
"""The fits laid side by side where none is asked for; the first that has an estimate leads."""

_LIBRARIES = ("numpy", "scipy", "pandas", "statsmodels", "matplotlib")


def make_report(
    fitted: Fit,
    *,
    periods: ArrayLike | None = None,
    levels: ArrayLike | None = None,
    years: float = 1.0,
    risk: ArrayLike = (0.9, 0.95, 0.99),
    horizon: str = "block",
    extremal_index: float = 1.0,
    interval: str | None = None,
    confidence: float = 0.95,
) -> Report:
    """Report on the fit of one series: answer, figures, tables, audit, assumptions, methods, and how it was made.

    Beside the fit stand Gumbel by maximum likelihood and by moments and GEV by maximum likelihood of the same data.

    Parameters
    ----------
    fitted : from ``fit``, best of ``Extremes``, which bring their series and its audit with them.
    periods : return periods in the fit's time unit; the usual ones from 2 to 500 if None.
    levels, years : critical levels: how often they are passed, and how likely within so many years.
    risk, horizon, extremal_index : as in ``fit.value_at_risk``.
    interval, confidence : as in ``fit.return_level``.

    Returns
    -------
    Report : ``write("report.html")``, ``.md`` or ``.json``; ``to_html()``, ``to_markdown()``, ``to_dict()``.

    Raises
    ------
    ArgumentError : the fit holds a batch, or an argument is out of range.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
    >>> print(ev.make_report(fit, periods=[10, 50]).answer[:72])
    The 50-block maximum of value is 60 (50 to 79), from 10 observations ...
    """
    if fitted.batch_shape:
        raise ArgumentError(f"a report is of one series; this is a batch of {fitted.batch_shape}: use fit[i].")
    if not isinstance(interval, str | None):
        raise ArgumentError("a report takes its interval by name, such as interval='profile'.")
    questions = Questions(
        None if periods is None else as_questions(periods, "return periods").tolist(),
        () if levels is None else as_questions(levels, "levels").tolist(),
        years,
        Tail(as_questions(risk, "probabilities").tolist(), horizon, extremal_index),
        Certainty(confidence, interval),
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", EvstatsWarning)
        fits, failures = with_usual(fitted)
        notes = list(answers.notes_of(fits))
        tables = contents(fits, failures, questions, notes)
        notes += _as_notes(caught)
        return report_of(fits, questions, tables, notes)


def _as_notes(caught: Sequence[warnings.WarningMessage]) -> list[str]:
    """The sentences of evstats' warnings, which the report says itself; others are passed on."""
    for other in caught:
        if not issubclass(other.category, EvstatsWarning):
            warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)
    return [str(found.message) for found in caught if issubclass(found.category, EvstatsWarning)]


def with_usual(lead: Fit) -> tuple[list[Fit], dict[tuple[str, str], FitError]]:
    """A fit with the usual ones of the same data beside it, and why those missing have no estimate."""
    data = lead.values if lead.extremes is None else lead.extremes
    asked = [pair for pair in _usual_for(lead) if pair != (lead.family.name, lead.method.name)]
    fits, failures = usual_fits(data, asked)
    return [lead, *(Fit(other.estimation, lead.context, lead.extremes) for other in fits)], failures


def _usual_for(lead: Fit) -> list[tuple[str, str]]:
    mirrored = "-min" if lead.family.minima else ""
    return [(f"{family}{mirrored}", method) for family, method in USUAL]


def usual_fits(
    data: Extremes | ArrayLike, asked: Sequence[tuple[str, str]] = USUAL
) -> tuple[list[Fit], dict[tuple[str, str], FitError]]:
    """The fits that have an estimate, and why the others have none."""
    fits: list[Fit] = []
    failures: dict[tuple[str, str], FitError] = {}
    for family, method in asked:
        try:
            fits.append(fit(data, family, method=method))
        except FitError as error:
            failures[family, method] = error
    return fits, failures


def contents(
    fits: Sequence[Fit], failures: answers.Failures, questions: Questions, notes: list[str]
) -> dict[str, Table]:
    """The tables of the fits side by side; what is to be said of them is added to the notes."""
    sure = questions.certainty
    return {
        "parameters": answers.parameters(fits, sure, notes),
        "comparison": answers.comparison(fits, failures, notes),
        "return_levels": answers.return_levels(fits, questions.periods, sure, notes),
        "risk": answers.risk(fits, questions.tail, sure, notes),
    }


def report_of(
    fits: Sequence[Fit],
    questions: Questions,
    tables: Mapping[str, Table],
    notes: Sequence[str],
    *,
    min_coverage: float | None = None,
    command: str | None = None,
    sha256: str | None = None,
) -> Report:
    """The report on fits of the same data whose tables, from ``contents``, are there already."""
    said = list(notes)
    answered = {"return_levels": tables["return_levels"], **_more_answers(fits, questions, said)}
    sections = (
        Section("In short", parts={"in_short": in_short(fits, answered, questions)}),
        *_series(fits[0]),
        Section("Return levels", _on_levels(fits[0]), ("return_levels",), answered),
        Section("Risk quantiles", _ON_RISK, parts={"risk": tables["risk"]}),
        Section("Does the model fit?", _ON_FIT, PANEL, {**_tests(fits[0], said), **_of(tables, "comparison")}),
        Section("Parameters", parts=_of(tables, "parameters")),
        *_order(fits[0], said),
        *_audit(fits[0], min_coverage),
    )
    return Report(
        title=f"{labelled(fits[0].name, fits[0].unit)}: return levels",
        answer=answer(fits, tables["return_levels"].frame, questions),
        cautions=tuple(answers.trend(fits[0].extremes)) if fits[0].extremes is not None else (),
        sections=sections,
        notes=_distinct(said),
        assumptions=assumptions(fits, questions.certainty.confidence),
        methods=methods(fits, questions.certainty),
        making=Making(_today(), _versions(), tuple(_seeds(sections)), command, sha256),
        fits=tuple(fits),
        questions=questions,
    )


def _distinct(notes: Sequence[str]) -> tuple[str, ...]:
    """Every note once, and not again without the name of the fit that it is about."""
    named = [note for note in notes if ": " in note]
    return tuple(dict.fromkeys(note for note in notes if not any(other.endswith(f": {note}") for other in named)))


def _of(tables: Mapping[str, Table], *names: str) -> dict[str, Part]:
    return {name: tables[name] for name in names}


def _more_answers(fits: Sequence[Fit], questions: Questions, notes: list[str]) -> dict[str, Table]:
    """Predictive and critical levels of the fit that answers."""
    told, periods = answering(fits), questions.periods_for(fits[0].blocks_per_year)
    found = answers.predictive(told, periods, 1.0)
    if questions.levels:
        sure = questions.certainty if told is fits[0] else Certainty(questions.certainty.confidence)
        found |= answers.at_levels(told, questions.levels, questions.years, sure, notes)
    return found


def _series(lead: Fit) -> Iterator[Section]:
    """The series and its block maxima, where the fit knows them."""
    if (extremes := lead.extremes) is None:
        return
    read = "" if extremes.series is None else f" of {len(extremes.series):,} values"
    text = f"The {extremes.kind}ima{read} by {extremes.block}: {blocks_in_words(lead)}. {_left_out(extremes.dropped)}"
    yield Section(f"Series and block {extremes.kind}ima", (text,), ("series",))


def _left_out(dropped: pd.DataFrame) -> str:
    """How many blocks, and how many of them the figure cannot show."""
    if not len(dropped):
        return "None is left out."
    empty = int(dropped["value"].isna().sum())
    without = f", {empty} of them without any value" if empty else ""
    return f"{len(dropped)} block{' is' if len(dropped) == 1 else 's are'} left out{without}."


def _on_levels(lead: Fit) -> tuple[str, ...]:
    passed = "undercut" if lead.family.minima else "exceeded"
    return (
        f"A return level is {passed} once in T {lead.time_unit} on average. A predictive level is the one that the "
        f"coming {lead.time_unit[:-1]} passes with the given probability, what the data leave open about the "
        "parameters averaged out. The plug-in level takes the estimates for true, and is passed more often than it "
        "says.",
    )


_ON_RISK = (
    "The value at risk is the value not passed with the given probability, the expected shortfall the mean of what "
    "lies beyond it.",
)
_ON_FIT = (
    "Points that keep to the line and within the shaded range speak for the model; a small p-value speaks against it. "
    "The p-values know that the parameters were estimated from the same data.",
)
PANEL = ("probabilities", "quantiles", "levels_of_lead", "density")
"""The four figures by which a fit is judged."""


def _tests(lead: Fit, notes: list[str]) -> dict[str, Part]:
    """Goodness-of-fit tests, or the note that there are none."""
    try:
        return {"goodness_of_fit": answers.goodness(lead)}
    except ArgumentError as error:
        notes.append(str(error))
        return {}


def _order(lead: Fit, notes: list[str]) -> Iterator[Section]:
    """Tests of trend, change and dependence, where there are values enough."""
    try:
        table = lead.stationarity()
    except DataError as error:
        notes.append(f"Not tested for trend and dependence: {error}")
        return
    text = "A small p-value speaks against one distribution for all blocks, or against independence."
    change = f" The likeliest change is after {table.attrs['change_after']} (Pettitt)."
    yield Section(
        "Stationarity and independence",
        (text + change, "Among four tests of a sound series one is below 0.05 in about every sixth."),
        parts={"stationarity": Table("Tests in the order of time", table)},
    )


def _audit(lead: Fit, min_coverage: float | None) -> Iterator[Section]:
    """What was read, what was left out and why, and the values that were fitted."""
    if (extremes := lead.extremes) is None:
        return
    parts: dict[str, Part] = {}
    if extremes.audit is not None and extremes.series is not None:
        record = Record(extremes.series, extremes.audit)
        parts |= {"data": answers.read(record), "rows": answers.rows(extremes.audit)}
    parts |= {"blocks": answers.cut(extremes), "dropped": answers.dropped(extremes, min_coverage)}
    parts |= {"same_event": answers.same_event(extremes), "kept": answers.kept(extremes)}
    yield Section("Audit: what was read, left out and used", _ON_AUDIT, parts=parts)


_ON_AUDIT = ("Nothing is dropped without a word: every row and every block that does not stand in the fit is here.",)


def _today() -> str:
    """The date, or that of SOURCE_DATE_EPOCH, by which builds are reproduced."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return moment.date().isoformat()


def _versions() -> dict[str, str]:
    return {
        "evstats": resolve_name("evstats:__version__"),
        "Python": platform.python_version(),
        **{library: version(library) for library in _LIBRARIES},
    }


def _seeds(sections: Sequence[Section]) -> Iterator[str]:
    """The simulations behind the answers, each with the seed that gives it again."""
    tables = {
        name: part.frame for section in sections for name, part in section.parts.items() if isinstance(part, Table)
    }
    if "goodness_of_fit" in tables:
        attrs = tables["goodness_of_fit"].attrs
        yield f"goodness of fit: {attrs['replicates']:,} simulated samples, seed {attrs['seed']}"
    if "stationarity" in tables:
        yield f"stationarity: {independence.PERMUTATIONS:,} random orders, seed {independence.SEED}"
    kinds = {
        kind for frame in tables.values() if "interval" in frame for kind in frame["interval"] if "seed" in str(kind)
    }
    yield from (f"interval {kind}" for kind in sorted(kinds))
