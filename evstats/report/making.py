"""The report, ready to be written, and the function that makes it of a fit."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from evstats.bulletin.frequency import asked_of
from evstats.errors import ArgumentError, EvstatsWarning, nearest
from evstats.files import write_all
from evstats.fitting import Fit
from evstats.habits import knowing_their_names, methods_knowing_their_names
from evstats.notes import Note, as_note
from evstats.quantities import as_questions, positive_years
from evstats.report.analysis import Analysis, analysed
from evstats.report.beside import NOTHING, block_fit, has_blocks_beside
from evstats.report.chapters import chapters_of
from evstats.report.document import Document
from evstats.report.pages import browser, escaped, html, markdown, printed
from evstats.report.parts import Table
from evstats.report.questions import Certainty, Compared, Questions, Tail
from evstats.report.sections import making_of, methods, on_reading, sections
from evstats.report.subject import takes_losses
from evstats.report.words import title_of
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    import pandas as pd

    from evstats.bulletin import Bulletin17C
    from evstats.report.document import Making as Making  # and so on: of fields that are inherited
    from evstats.report.document import Method as Method
    from evstats.report.document import Section as Section
    from evstats.report.pictures import Figures


@knowing_their_names
def make_report(
    fitted: Fit | Bulletin17C,
    *,
    periods: ArrayLike | None = None,
    levels: ArrayLike | None = None,
    years: float = 1.0,
    risk: ArrayLike | None = None,
    horizon: str | None = None,
    extremal_index: float | None = None,
    now: Mapping[str, Any] | pd.Series | None = None,
    then: Mapping[str, Any] | pd.Series | None = None,
    event: float | None = None,
    interval: str | None = None,
    confidence: float | None = None,
    title: str | None = None,
    subject: str | None = None,
) -> Report:
    """Report on the fit of one series: answer, figures, tables, audit, assumptions, methods, and how it was made.

    Beside the fit of block maxima stand GEV by maximum likelihood and Gumbel by maximum likelihood and by moments of
    the same data. Beside that of peaks stand the exponential, the GEV of the yearly maxima of the same series, and what
    other thresholds would have answered, with a slider over them. Of a fit with covariates the report says whether it
    has changed: the test, levels then and now side by side, their change, and the fit without covariates beside it.

    Parameters
    ----------
    fitted
        From ``fit``, best of ``Extremes`` or ``Peaks``, which bring their series and its audit with them; or from
        ``bulletin17c``.
    periods
        Return periods in the fit's time unit; the usual ones from 2 to 500 if None.
    levels, years
        Critical levels: how often they are passed, and how likely within so many years.
    risk
        Probabilities of value at risk and expected shortfall; the usual ones for losses, returns and prices if None,
        and no such section for other data.
    horizon, extremal_index
        As in ``fit.value_at_risk``.
    now, then
        With covariates, the states that are compared; those that ``Fit.change`` compares if None.
    event
        With covariates, a level that was reached: how likely now and then, as in ``fit.attribution``.
    interval, confidence
        As in ``fit.return_level``; of Bulletin 17C 90 % if None.
    title
        Such as the name of the project and the gauge; that of the variable if None.
    subject
        ``"losses"`` where positive values are losses and the record does not say so itself, as those that the
        command line makes of prices do. Of peaks the report then leads with value at risk and expected shortfall, of
        one observation where none were merged into clusters, and tells return levels where ``periods`` are given.

    Returns
    -------
    Report
        ``write("report.html")``, ``.md`` or ``.json``; ``to_html()``, ``to_markdown()``, ``to_dict()``.

    Raises
    ------
    ArgumentError
        What is no fit, such as a back-test; the fit holds a batch, an argument is out of range, or states and event
        without covariates.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8])
    >>> report = ev.make_report(fit, periods=[10, 50])
    >>> report.answer[:96]
    'The 50-block maximum of value is 60, 95 % interval 50 to 710, from 10 observations (GEV by maxim'
    """
    fitted, confidence = asked_of(fitted, confidence)
    if not isinstance(fitted, Fit):
        raise ArgumentError(
            f"a report is of a fit, as ev.fit makes it, and this is a {type(fitted).__name__}, which has no page",
            "write its tables (pandas, .to_csv) and its figure (ev.plots, savefig); or --out FOLDER of its command.",
        )
    if fitted.batch_shape:
        raise ArgumentError(f"a report is of one series; this is a batch of {fitted.batch_shape}: use fit[i].")
    if not isinstance(interval, str | None):
        raise ArgumentError(Text("a report takes its interval by name, such as ", Setting("interval", "profile"), "."))
    fitted = _taken_for(fitted, subject)
    questions = Questions(
        None if periods is None else as_questions(periods, "return periods").tolist(),
        () if levels is None else as_questions(levels, "levels").tolist(),
        positive_years(years),
        Tail(None if risk is None else as_questions(risk, "probabilities").tolist(), horizon, extremal_index),
        Certainty(confidence, interval),
        Compared(
            None if now is None else dict(now),
            None if then is None else dict(then),
            None if event is None else as_questions(event, "events").item(),
        ),
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", EvstatsWarning)
        made = analysed(
            fitted, questions, beside=block_fit(fitted.peaks) if has_blocks_beside(fitted, questions) else NOTHING
        )
        return report_of(made.with_notes(_as_notes(caught)), title=title)


def _taken_for(fitted: Fit, subject: str | None) -> Fit:
    """The fit, its values those of the subject."""
    if subject is None:
        return fitted
    if subject != LOSSES:
        raise ArgumentError(
            Text(Setting("subject"), f" is {subject!r}"), f"known: {LOSSES!r}.{nearest(str(subject), [LOSSES])}"
        )
    if fitted.family.minima:
        raise ArgumentError(
            "losses are positive, and this fit is of minima", "take minus the values, and what is highest of them."
        )
    if takes_losses(fitted):
        return fitted
    notes = (*fitted.context.notes, Note("given_losses"))
    return replace(fitted, context=replace(fitted.context, notes=notes))


LOSSES = "losses"
"""The subject that is told of a record."""


def _as_notes(caught: Sequence[warnings.WarningMessage]) -> list[str]:
    """The notes of evstats' warnings, which the report says itself; others are passed on."""
    for other in caught:
        if not isinstance(other.message, EvstatsWarning):
            warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)
    return [found.message.note for found in caught if isinstance(found.message, EvstatsWarning)]


def report_of(
    made: Analysis, *, min_coverage: float | None = None, command: str | None = None, title: str | None = None
) -> Report:
    """The report on an analysis; ``command`` is the one that made it."""
    lead, doubts, chapters = made.lead, made.cautions(), chapters_of(made)
    laid_out = tuple(sections(made, min_coverage))
    parts = {name: part for section in laid_out for name, part in section.parts.items()}
    tables = {name: part for name, part in parts.items() if isinstance(part, Table)}
    return Report(
        title=title or title_of(lead, made.questions),
        answer=chapters.answer(),
        cautions=doubts,
        sections=laid_out,
        notes=tuple(note for note in made.said() if note not in (*doubts, *on_reading(lead))),
        assumptions=chapters.assumptions(),
        methods=methods(made, parts),
        making=making_of(lead, tables, command),
        fits=made.fits,
        questions=made.questions,
    )


@methods_knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class Report(Document):
    """A report on one series, ready to be written; see ``Document`` for what it holds.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
    >>> report = ev.make_report(fit)
    >>> report.write("report.html")
    >>> report.title
    '100-block level of value'
    """

    def _repr_markdown_(self) -> str:
        return f"**{escaped(self.title)}**\n\n{escaped(self.answer)}"

    def to_markdown(self, pictures: Mapping[str, str] | None = None) -> str:
        """The report as Markdown, with the figures whose files are named: ``{"return_levels": "levels.png"}``.

        Parameters
        ----------
        pictures
            File names by the names of figures; None leaves the figures out.

        Returns
        -------
        str
            Markdown.
        """
        return markdown(self, pictures or {})

    def to_html(self, figures: Figures | None = None) -> str:
        """The report as one HTML page that needs nothing else: figures are inside, nothing is fetched.

        ``figures`` of these fits, where they have been made, are not drawn again.

        Parameters
        ----------
        figures
            The figures where they are drawn already; None draws them.

        Returns
        -------
        str
            A page.
        """
        return self._page if figures is None else html(self, figures)

    @cached_property
    def _page(self) -> str:
        """The page, made once for whatever is written of it."""
        return html(self)

    def to_pdf(self) -> bytes:
        """The page of ``to_html`` printed on A4 by Chromium, Chrome or Edge, whichever is installed.

        The environment variable ``EVSTATS_BROWSER`` names a browser that is not found by itself.
        """
        return printed(self.to_html())

    def write(self, path: str | Path, *, force: bool = False) -> None:
        """Write the report to a file in the form that its suffix names: ``.html``, ``.md``, ``.json`` or ``.pdf``.

        Parameters
        ----------
        path
            Where to; the suffix decides the form.
        force
            Whether a file that is there is replaced.

        Raises
        ------
        ArgumentError
            Another suffix, a path that cannot be written, or one that exists when ``force`` is not given.
        """
        place = Path(path)
        write_all({place: self.encoded(form_of(place))}, force=force)

    def encoded(self, form: str) -> bytes:
        """The report in one of ``FORMS``, as the bytes of a file.

        Parameters
        ----------
        form
            Such as ``"html"``.

        Returns
        -------
        bytes
            What is written to a file.

        Raises
        ------
        ArgumentError
            An unknown form.
        """
        content = FORMS[form](self)
        return content if isinstance(content, bytes) else f"{content}\n".encode()

    def said(self, words: Callable[[Setting], str]) -> Report:
        """The same report with its cautions and notes in other words.

        Parameters
        ----------
        words
            From an argument to what it is called.

        Returns
        -------
        Report
            With the same figures and tables.
        """
        cautions, notes = (tuple(as_note(note).said(words) for note in some) for some in (self.cautions, self.notes))
        return replace(self, cautions=cautions, notes=notes)


FORMS: dict[str, Callable[[Report], str | bytes]] = {
    ".html": Report.to_html, ".md": Report.to_markdown, ".json": Report.to_json, ".pdf": Report.to_pdf,
}  # fmt: skip
"""The forms of a report by the suffix of their files."""


def form_of(path: Path) -> str:
    """The suffix of a file, one of ``FORMS``; an error where nothing is there to make it."""
    suffix = path.suffix.lower()
    if suffix not in FORMS:
        known = ", ".join(FORMS)
        raise ArgumentError(
            f"{path} does not end in a known form of report", f"known: {known}.{nearest(suffix, FORMS)}"
        )
    if suffix == ".pdf":
        browser(path)
    return suffix
