"""The whole flow at once: the fits, the tables and the files of ``evstats analyze``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evstats.cli import answers
from evstats.cli.console import working
from evstats.cli.options import Blocking, Certainty, Fitting, Reading, Tail
from evstats.cli.pages import Listing, Page, Part
from evstats.errors import FitError
from evstats.files import check_writable, write_all

if TYPE_CHECKING:
    import pandas as pd

    from evstats.fitting import Fit
    from evstats.series.records import Extremes, Record

FITS = (Fitting("gumbel", "mle"), Fitting("gumbel", "moments"), Fitting("gev", "mle"))
"""The fits laid side by side; the first that has an estimate leads the figures."""

RESULTS = "analysis.json"
TABLES = ("parameters", "comparison", "return_levels", "risk")
FIGURES = ("series", "return_levels", "diagnostics")
FORMATS = ("png", "svg")
FILES = (RESULTS, "rows.csv", "blocks.csv", *(f"{name}.csv" for name in TABLES))
FILES += tuple(f"{name}.{form}" for name in FIGURES for form in FORMATS)


@dataclass(frozen=True)
class Questions:
    """What is asked of the fits; no periods stands for the usual ones."""

    periods: Sequence[float] | None
    tail: Tail
    certainty: Certainty


def analyse(
    page: Page, source: Reading, blocks: Blocking, questions: Questions, folder: Path | None, force: bool
) -> None:
    """Fill the page, and write everything that is on it to the folder: all files or none."""
    targets = [] if folder is None else [folder / name for name in FILES]
    check_writable(targets, force=force)
    record = source.record()
    extremes = blocks.extremes(record)
    page.notes += record.audit.notes
    page.parts |= {"data": answers.read(record), "rows": answers.rows(record.audit)}
    page.parts |= {"blocks": answers.cut(extremes), "dropped": answers.dropped(extremes, blocks.min_coverage)}
    fits, failures = _fits(extremes)
    page.notes += [f"No estimate of {error}" for error in failures.values()]
    page.notes += answers.unlisted(answers.notes_of(fits), record.audit)
    page.notes += answers.trend(extremes)
    page.parts |= _tables(fits, failures, questions, page.notes)
    if folder is not None:
        page.parts["files"] = Listing(f"Files in {folder}", FILES, targets)
        contents = _files(page, record, fits, questions.certainty)
        write_all({target: contents[target.name] for target in targets}, force=force)


def _fits(extremes: Extremes) -> tuple[list[Fit], dict[Fitting, FitError]]:
    """The fits that have an estimate, and why the others have none; an error if none has."""
    fits: list[Fit] = []
    failures: dict[Fitting, FitError] = {}
    for fitting in FITS:
        try:
            fits.append(fitting.fit(extremes))
        except FitError as error:
            failures[fitting] = error
    if not fits:
        raise next(iter(failures.values()))
    return fits, failures


def _tables(
    fits: list[Fit], failures: dict[Fitting, FitError], questions: Questions, notes: list[str]
) -> dict[str, Part]:
    sure = questions.certainty
    with working("computing intervals"):
        parts = (
            answers.parameters(fits, sure, notes),
            answers.comparison(fits, failures, notes),
            answers.return_levels(fits, questions.periods, sure, notes),
            answers.risk(fits, questions.tail, sure, notes),
        )
    return dict(zip(TABLES, parts, strict=True))


def _files(page: Page, record: Record, fits: list[Fit], sure: Certainty) -> dict[str, bytes]:
    """Everything that is written, by file name."""
    frames = {"rows": record.audit.to_frame(), "blocks": answers.all_blocks(fits[0].extremes)}
    frames |= {name: page.tables[name] for name in TABLES}
    with working("drawing"):
        images = _images(fits, sure)
    return {f"{name}.csv": _csv(frame) for name, frame in frames.items()} | images | {RESULTS: page.to_json().encode()}


def _csv(frame: pd.DataFrame) -> bytes:
    """A table as CSV, numbers with all their digits."""
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _images(fits: list[Fit], sure: Certainty) -> dict[str, bytes]:
    """The figures of the first fit; its return levels with the last fit laid over."""
    from evstats.cli import figures

    drawings = {
        "series": lambda: figures.FIGURES["series"].draw(fits[0], sure),
        "return_levels": lambda: figures.return_levels(fits, sure),
        "diagnostics": lambda: figures.FIGURES["diagnostics"].draw(fits[0], sure),
    }
    return {
        f"{name}.{form}": content
        for name, draw in drawings.items()
        for form, content in zip(FORMATS, figures.images(draw, FORMATS), strict=True)
    }
