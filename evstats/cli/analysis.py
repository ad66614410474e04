"""The whole flow at once: the fits, the tables and the files of ``evstats analyze``, and its report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from evstats.cli.console import working
from evstats.cli.options import Blocking, Reading, Sampling
from evstats.cli.pages import Page
from evstats.cli.saving import csv
from evstats.errors import ArgumentError, DataError, FitError
from evstats.files import check_writable, write_all
from evstats.notes import Note
from evstats.report import record as parts
from evstats.report.parts import Data, Listing
from evstats.report.questions import Questions
from evstats.text.arguments import Setting, Text, in_options

if TYPE_CHECKING:
    import pandas as pd

    from evstats.extremes.records import Extremes
    from evstats.fitting import Fit
    from evstats.reading.records import Record
    from evstats.report.analysis import Analysis
    from evstats.report.making import Report
    from evstats.report.pictures import Figures

RESULTS = "analysis.json"
TABLES = ("parameters", "comparison", "return_levels", "risk")
FIGURES = ("series", "return_levels", "diagnostics")
FORMATS = ("png", "svg")
_IMAGES = tuple(f"{name}.{form}" for name in FIGURES for form in FORMATS)
OF_PEAKS = (RESULTS, "rows.csv", "peaks.csv", "merged.csv", *(f"{name}.csv" for name in TABLES), *_IMAGES)
FILES = (RESULTS, "rows.csv", "blocks.csv", *(f"{name}.csv" for name in TABLES), *_IMAGES)
REPORTS = ("report.html", "report.md", "report.json")
_SHOWN = {"series": "series.png", "return_levels": "return_levels.png", "probabilities": "diagnostics.png"}


def analyse(
    page: Page,
    source: Reading,
    blocks: Sampling,
    questions: Questions,
    folder: Path | None,
    *,
    report: str | None,
    title: str | None,
    force: bool,
) -> None:
    """Fill the page, and write everything that is on it to the folder: all files or none.

    ``report`` is the command that the report, if one is wanted, names as its own; without a folder it is written here.
    """
    if blocks.peaking is not None:
        if report:
            raise no_report()
        _analyse_peaks(page, source, blocks, questions, folder, force=force)
        return
    names = (*(FILES if folder is not None else ()), *(REPORTS if report else ()))
    place = folder or Path()
    check_writable([place / name for name in names], force=force)
    record = source.record()
    extremes = blocks.blocking.extremes(record)
    made = _analysed(page, record, extremes, blocks.min_coverage, questions)
    contents: dict[str, bytes] = {}
    if names:
        from evstats.report.pictures import Figures

        figures = Figures(made.fits, questions.certainty)
    if report:
        with working("writing the report"):
            document = written(replace(made, notes=tuple(page.notes)), blocks, report, title)
            contents |= _reports(document, figures, beside=folder is not None)
    if names:
        page.parts["files"] = Listing(f"Files in {place}", names, [place / name for name in names])
    if folder is not None:
        contents |= _files(page, record, {"blocks": parts.all_blocks(made.lead.extremes)}, figures)
    write_all({place / name: contents[name] for name in names}, force=force)


def _analysed(page: Page, record: Record, extremes: Extremes, min_coverage: float, questions: Questions) -> Analysis:
    """The analysis of the extremes, with all there is to say about them on the page."""
    from evstats.report.analysis import analysed, leading_fit

    with working("computing intervals"):
        made = analysed(leading_fit(extremes), questions, with_risk=True)
    _say(page, record, made)
    page.parts |= {"blocks": parts.cut(extremes), "dropped": parts.dropped(extremes, min_coverage), **made.tables}
    return made


def _say(page: Page, record: Record, made: Analysis) -> None:
    """The answer on the page, what was read, and all there is to say about either."""
    from evstats.report.analysis import without_condition

    failed = (Note("no_estimate", reason=error.text) for error in made.failures.values())
    page.notes += [*record.audit.notes, *failed, *parts.unlisted(made.notes)]
    page.notes[:] = without_condition(page.notes, made.lead)
    page.cautions = replace(made, notes=tuple(page.notes)).cautions()
    page.parts["answer"] = Listing("Answer", (made.answer,), made.answer)
    page.parts |= {"data": parts.read(record), "rows": parts.rows(record.audit)}


def _analyse_peaks(
    page: Page, source: Reading, blocks: Sampling, questions: Questions, folder: Path | None, *, force: bool
) -> None:
    """The same of peaks over a threshold, with the extremes of blocks beside them."""
    from evstats.report.analysis import analysed_peaks, leading_fit

    assert blocks.peaking is not None  # which has been looked at
    names = OF_PEAKS if folder is not None else ()
    place = folder or Path()
    check_writable([place / name for name in names], force=force)
    record = source.record()
    peaks = blocks.peaking.peaks(record)
    with working("computing intervals"):
        made = analysed_peaks(leading_fit(peaks), _beside(page, record, blocks), questions, with_risk=True)
    _say(page, record, made)
    page.parts |= {"peaks": parts.taken(peaks), "gaps": parts.gaps(peaks), **made.tables}
    if folder is None:
        return
    from evstats.report.pictures import Figures

    page.parts["files"] = Listing(f"Files in {place}", names, [place / name for name in names])
    frames = {"peaks": peaks.to_frame(), "merged": parts.merged(peaks).frame}
    contents = _files(page, record, frames, Figures(made.fits, questions.certainty))
    write_all({place / name: contents[name] for name in names}, force=force)


def _beside(page: Page, record: Record, blocks: Sampling) -> Fit | None:
    """The fit of the extremes of blocks of the same series; None, and a note on why, where there is none."""
    from evstats.report.analysis import leading_fit

    if blocks.months is not None:
        page.notes.append(Note("no_blocks_beside", reason="of chosen months no blocks are cut."))
        return None
    if record.series.index.dtype.kind != "M":
        page.notes.append(Note("no_blocks_beside", reason="the data have no dates."))
        return None
    try:
        extremes = blocks.blocking.extremes(record)
        fitted = leading_fit(extremes)
        page.notes += parts.unlisted(extremes.notes)
        page.parts["blocks"] = Data(parts.cut(extremes).data())
        return fitted
    except (DataError, FitError) as error:
        page.notes.append(Note("no_blocks_beside", reason=error.text))
        return None


def no_report() -> ArgumentError:
    """The error for a report of peaks."""
    problem = Text(Setting("threshold"), " takes peaks, and a report describes the extremes of blocks alone")
    return ArgumentError(problem, "evstats analyze without --report has the answers and figures of peaks.")


def written(made: Analysis, blocks: Blocking, command: str, title: str | None) -> Report:
    """The report on an analysis, in the words of the command line."""
    from evstats.report.making import report_of

    return report_of(made, min_coverage=blocks.min_coverage, command=command, title=title).said(in_options)


def _reports(report: Report, figures: Figures, *, beside: bool) -> dict[str, bytes]:
    """The report in all its forms, by file name; its Markdown shows the figures that are written beside it."""
    forms = {
        ".html": report.to_html(figures),
        ".md": report.to_markdown(_SHOWN if beside else {}),
        ".json": report.to_json(),
    }
    return {name: f"{forms[Path(name).suffix]}\n".encode() for name in REPORTS}


def _files(page: Page, record: Record, sample: dict[str, pd.DataFrame], figures: Figures) -> dict[str, bytes]:
    """Everything that is written beside a report, by file name."""
    frames = {"rows": record.audit.to_frame(), **sample}
    frames |= {name: page.tables[name] for name in TABLES}
    with working("drawing"):
        images = {f"{name}.{form}": getattr(figures, name).image(form) for name in FIGURES for form in FORMATS}
    return {f"{name}.csv": csv(frame) for name, frame in frames.items()} | images | {RESULTS: page.to_json().encode()}
