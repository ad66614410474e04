"""From fits to a report: the tables that answer, in the order in which a reader wants them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from numpy.typing import ArrayLike

from evstats.errors import ArgumentError, EvstatsWarning, FitError
from evstats.estimators import leading
from evstats.extremes.records import Extremes
from evstats.fitting import Fit, fit
from evstats.intervals import chosen
from evstats.notes import Gravity, as_note, gravity_of, ordered
from evstats.quantities import as_questions, positive_years
from evstats.report import answers
from evstats.report.answers import label
from evstats.report.assumptions import assumptions
from evstats.report.cautions import cautions
from evstats.report.forms import Report
from evstats.report.methods import methods
from evstats.report.parts import Table
from evstats.report.provenance import making_of
from evstats.report.questions import Certainty, Questions, Tail
from evstats.report.sections import on_reading, sections
from evstats.report.sentences import answer, title_of


def make_report(
    fitted: Fit,
    *,
    periods: ArrayLike | None = None,
    levels: ArrayLike | None = None,
    years: float = 1.0,
    risk: ArrayLike | None = None,
    horizon: str = "block",
    extremal_index: float | None = None,
    interval: str | None = None,
    confidence: float = 0.95,
    title: str | None = None,
) -> Report:
    """Report on the fit of one series: answer, figures, tables, audit, assumptions, methods, and how it was made.

    Beside the fit stand GEV by maximum likelihood and Gumbel by maximum likelihood and by moments of the same data.

    Parameters
    ----------
    fitted : from ``fit``, best of ``Extremes``, which bring their series and its audit with them.
    periods : return periods in the fit's time unit; the usual ones from 2 to 500 if None.
    levels, years : critical levels: how often they are passed, and how likely within so many years.
    risk : probabilities of value at risk and expected shortfall; the usual ones for losses, returns and prices if None,
        and no such section for other data.
    horizon, extremal_index : as in ``fit.value_at_risk``.
    interval, confidence : as in ``fit.return_level``.
    title : such as the name of the project and the gauge; that of the variable if None.

    Returns
    -------
    Report : ``write("report.html")``, ``.md`` or ``.json``; ``to_html()``, ``to_markdown()``, ``to_dict()``.

    Raises
    ------
    ArgumentError : the fit holds a batch, or an argument is out of range.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8])
    >>> report = ev.make_report(fit, periods=[10, 50])
    >>> report.answer[:96]
    'The 50-block maximum of value is 60, 95 % interval 50 to 710, from 10 observations (GEV by maxim'
    """
    if fitted.batch_shape:
        raise ArgumentError(f"a report is of one series; this is a batch of {fitted.batch_shape}: use fit[i].")
    if not isinstance(interval, str | None):
        raise ArgumentError("a report takes its interval by name, such as interval='profile'.")
    questions = Questions(
        None if periods is None else as_questions(periods, "return periods").tolist(),
        () if levels is None else as_questions(levels, "levels").tolist(),
        positive_years(years),
        Tail(None if risk is None else as_questions(risk, "probabilities").tolist(), horizon, extremal_index),
        Certainty(confidence, interval),
    )
    check_interval(fitted, questions.certainty)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", EvstatsWarning)
        fits, failures = with_usual(fitted)
        notes = list(fits[0].notes)
        tables = contents(fits, failures, questions, notes)
        notes += _as_notes(caught)
        return report_of(fits, failures, questions, tables, notes, title=title)


def _as_notes(caught: Sequence[warnings.WarningMessage]) -> list[str]:
    """The notes of evstats' warnings, which the report says itself; others are passed on."""
    for other in caught:
        if not isinstance(other.message, EvstatsWarning):
            warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)
    return [found.message.note for found in caught if isinstance(found.message, EvstatsWarning)]


def check_interval(fitted: Fit, sure: Certainty) -> None:
    """An error if the interval that was asked for does not exist for the fit; for those beside it, it need not."""
    chosen(sure.interval, fitted.estimation)


def with_usual(asked: Fit) -> tuple[list[Fit], dict[tuple[str, str], FitError]]:
    """A fit and after it the usual ones of the same data, and why those missing have no estimate."""
    fits, failures = [asked], {}
    for estimation in leading.compared(asked.estimation, asked.evidence.reference):
        try:
            of_reference = estimation is asked.evidence.reference
            other = asked.reference_fit if of_reference else replace(asked, estimation=estimation)
            leading.checked(estimation)
            fits.append(other)
        except FitError as error:
            failures[estimation.family.name, estimation.estimator.name] = error
    return fits, failures


def usual_fits(data: Extremes) -> tuple[list[Fit], dict[tuple[str, str], FitError]]:
    """What leads, or what stands second where that has no estimate, and after it the usual fits."""
    try:
        lead = fit(data)
    except FitError:
        lead = fit(data, leading.SECOND)
    return with_usual(lead)


def contents(
    fits: Sequence[Fit], failures: answers.Failures, questions: Questions, notes: list[str]
) -> dict[str, Table]:
    """The tables of the fits side by side; what is to be said of them is added to the notes."""
    sure = questions.certainty
    tables = {
        "parameters": answers.parameters(fits, sure, notes),
        "comparison": answers.comparison(fits, failures, notes),
        **_tests(fits[0], notes),
        "return_levels": answers.return_levels(fits, questions.periods, sure, notes),
        **answers.predictive(fits[0], questions.periods_for(fits[0].blocks_per_year), questions.years),
    }
    if answers.wants_risk(fits[0], questions.tail):
        tables["risk"] = answers.risk(fits, questions.tail, sure, notes)
    notes += cautions(fits, failures, tables, questions)
    return tables


def report_of(
    fits: Sequence[Fit],
    failures: answers.Failures,
    questions: Questions,
    tables: Mapping[str, Table],
    notes: Sequence[str],
    *,
    min_coverage: float | None = None,
    command: str | None = None,
    title: str | None = None,
) -> Report:
    """The report on fits of the same data whose tables, from ``contents``, are there already; the first answers."""
    said, lead, sure = list(notes), fits[0], questions.certainty
    if questions.levels:
        critical = answers.at_levels(lead, questions.levels, questions.years, sure, said)
        tables = {**tables, **critical}
    found = notes_on(fits, said)
    doubts = in_doubt(found)
    return Report(
        title=title or title_of(lead, questions),
        answer=answer(fits, tables, questions),
        cautions=doubts,
        sections=tuple(sections(fits, tables, questions, min_coverage)),
        notes=tuple(note for note in found if note not in (*doubts, *on_reading(lead))),
        assumptions=assumptions(fits, tables, sure),
        methods=methods(fits, tables, sure),
        making=making_of(lead, tables, command),
        fits=tuple(fits),
        questions=questions,
    )


def in_doubt(notes: Iterable[str]) -> tuple[str, ...]:
    """The notes that put the answer in doubt."""
    return tuple(note for note in notes if gravity_of(note) <= Gravity.CAUTION)


def notes_on(fits: Sequence[Fit], notes: Sequence[str]) -> tuple[str, ...]:
    """Every note on the data and, without its name, on the first fit; what is said of the others alone is left out."""
    lead = label(fits[0])
    known = map(as_note, notes)
    return ordered(note.about() for note in known if not note.fits or lead in note.fits)


def _tests(lead: Fit, notes: list[str]) -> dict[str, Table]:
    """Tests of the fit, and of the order of the values; a note where one is not to be had."""
    return answers.goodness(lead, notes) | answers.stationarity(lead, notes)
