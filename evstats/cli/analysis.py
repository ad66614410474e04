"""The whole flow at once: the fits, the tables and the files of ``evstats analyze``, and its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from evstats.cli.console import working
from evstats.cli.options import Moving
from evstats.cli.options_of_data import Blocking, Reading, Sampling, taken_for_losses
from evstats.cli.pages import Page
from evstats.cli.saving import csv
from evstats.files import check_writable, write_all
from evstats.notes import Note, say_losses
from evstats.report import record as parts
from evstats.report.parts import Data, Listing
from evstats.report.questions import Questions
from evstats.text.arguments import in_options

if TYPE_CHECKING:
    import pandas as pd

    from evstats.reading.records import Record
    from evstats.report.analysis import Analysis
    from evstats.report.making import Report
    from evstats.report.parts import Part
    from evstats.report.pictures import Figures

RESULTS = "analysis.json"
TABLES = ("parameters", "comparison", "return_levels", "risk")
FIGURES = ("series", "return_levels", "diagnostics")
FORMATS = ("png", "svg")
FIGURES_OF_TRENDS = ("series", "trend", "then_and_now", "diagnostics")


def _named(samples: Sequence[str], tables: Sequence[str], figures: Sequence[str]) -> tuple[str, ...]:
    """The names of the files in the folder."""
    images = (f"{name}.{form}" for name in figures for form in FORMATS)
    return (RESULTS, "rows.csv", *(f"{name}.csv" for name in (*samples, *tables)), *images)


FILES = _named(("blocks",), TABLES, FIGURES)
FILES_OF_PEAKS = _named(("peaks", "merged"), TABLES, FIGURES)
TABLES_OF_TRENDS = (*TABLES, "slopes", "then_and_now")
FILES_OF_LOSSES_IN_PERIODS = _named(("peaks", "merged"), TABLES, (*FIGURES, "tail"))
FILES_OF_LOSSES = tuple(
    name for name in FILES_OF_LOSSES_IN_PERIODS if name.partition(".")[0] != "return_levels"
)  # which are told where periods are asked for
FILES_OF_TRENDS = _named(("blocks",), TABLES_OF_TRENDS, FIGURES_OF_TRENDS)
FILES_OF_MOVING_PEAKS = _named(("peaks", "merged"), (*TABLES_OF_TRENDS, "rate_and_sizes"), FIGURES_OF_TRENDS)
REPORTS = ("report.html", "report.md", "report.json")
_SHOWN = {
    **{name: f"{name}.png" for name in ("series", "return_levels", "tail", "trend", "then_and_now")},
    "probabilities": "diagnostics.png",
}


def analyse(
    page: Page,
    source: Reading,
    blocks: Sampling,
    following: Moving,
    questions: Questions,
    folder: Path | None,
    *,
    losses: bool,
    report: str | None,
    title: str | None,
    force: bool,
) -> None:
    """Fill the page, and write everything that is on it to the folder: all files or none.

    ``report`` is the command that the report, if one is wanted, names as its own; without a folder it is written here.
    """
    moves, of_peaks = bool(following.formulas), blocks.peaking is not None
    files = {
        (False, False): FILES,
        (True, False): FILES_OF_TRENDS,
        (False, True): FILES_OF_PEAKS,
        (True, True): FILES_OF_MOVING_PEAKS,
    }[moves, of_peaks]
    with_risk = of_peaks and not moves and (losses or source.returns is not None) and blocks.kind == Sampling.kind
    if with_risk:
        files = FILES_OF_LOSSES if questions.periods is None else FILES_OF_LOSSES_IN_PERIODS
    names = (*(files if folder is not None else ()), *(REPORTS if report else ()))
    place = folder or Path()
    check_writable([place / name for name in names], force=force, read=[source.data])
    record = taken_for_losses(blocks.read(source)) if losses else blocks.read(source)
    made = _analysed(page, record, blocks, following, questions)
    contents: dict[str, bytes] = {}
    if names:
        from evstats.report.pictures import Figures

        figures = Figures.of(made.fits, questions)
    if report:
        with working("writing the report"):
            document = written(replace(made, notes=tuple(page.notes)), blocks, report, title)
            contents |= _reports(document, figures, beside=folder is not None)
    if names:
        page.parts["files"] = Listing(f"Files in {place}", names, [place / name for name in names])
    if folder is not None:
        contents |= _files(page, record, _sample(made), figures, files)
    write_all({place / name: contents[name] for name in names}, force=force)


def _analysed(page: Page, record: Record, asked: Sampling, following: Moving, questions: Questions) -> Analysis:
    """The analysis of the sample, with all there is to say about it on the page."""
    from evstats.report.analysis import analysed
    from evstats.report.beside import NOTHING, has_blocks_beside

    blocks = asked.for_tail(questions.tail, page.notes, losses=say_losses(record.audit.notes))
    sample = blocks.sample(record)
    with working("computing intervals"):
        lead = following.leading(sample)
        beside = blocks.beside(record, sample) if has_blocks_beside(lead, questions) else NOTHING
        made = analysed(lead, questions, with_risk=True, beside=beside)
    _say(page, record, made)
    page.parts |= {**_taken(made, blocks.min_coverage), **made.tables}
    return made


def _say(page: Page, record: Record, made: Analysis) -> None:
    """The answer on the page, what was read, and all there is to say about either."""
    from evstats.report.analysis import without_condition
    from evstats.report.chapters import chapters_of

    failed = (Note("no_estimate", reason=error.text) for error in made.failures.values())
    page.notes += [*record.audit.notes, *failed, *parts.unlisted(made.notes)]
    page.notes[:] = without_condition(page.notes, made.lead)
    page.cautions = replace(made, notes=tuple(page.notes)).cautions()
    answer = chapters_of(made).answer()
    page.parts["answer"] = Listing("Answer", (answer,), answer)
    page.parts |= {"data": parts.read(record), "rows": parts.rows(record.audit)}


def _taken(made: Analysis, min_coverage: float) -> dict[str, Part]:
    """How the sample was taken; of the blocks beside peaks, for machines."""
    if (peaks := made.lead.peaks) is None:
        extremes = made.lead.extremes
        assert extremes is not None, "commands fit block maxima or peaks"
        return {"blocks": parts.cut(extremes), "dropped": parts.dropped(extremes, min_coverage)}
    taken: dict[str, Part] = {"peaks": parts.taken(peaks), "gaps": parts.gaps(peaks)}
    for beside in (fit.extremes for fit in made.fits if fit.extremes is not None):
        taken["blocks"] = Data(parts.cut(beside).data())
    return taken


def _sample(made: Analysis) -> dict[str, pd.DataFrame]:
    """What was fitted, and what was left out, by the names of files."""
    if (peaks := made.lead.peaks) is None:
        return {"blocks": parts.all_blocks(made.lead.extremes)}
    return {"peaks": peaks.to_frame(), "merged": parts.merged(peaks).frame}


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


def _files(
    page: Page, record: Record, sample: dict[str, pd.DataFrame], figures: Figures, names: Sequence[str]
) -> dict[str, bytes]:
    """Everything that is written beside a report, by file name."""
    frames = {"rows": record.audit.to_frame(), **sample}
    frames |= {name: page.tables[name] for name in page.tables if f"{name}.csv" in names and name not in frames}
    drawn = [name.removesuffix(f".{FORMATS[0]}") for name in names if name.endswith(f".{FORMATS[0]}")]
    with working("drawing"):
        images = {f"{name}.{form}": getattr(figures, name).image(form) for name in drawn for form in FORMATS}
    return {f"{name}.csv": csv(frame) for name, frame in frames.items()} | images | {RESULTS: page.to_json().encode()}
