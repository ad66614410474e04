"""The forms of a report: one HTML page, with style and figures inside, that page printed, and Markdown."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from evstats.errors import ArgumentError, EvstatsWarning
from evstats.report.document import Document, Section
from evstats.report.parts import Column, Facts, Part, Table
from evstats.text.numbers import p_value, percent
from evstats.text.paragraphs import printable

if TYPE_CHECKING:
    from jinja2 import Template

    from evstats.report.pictures import Figures, Picture

MOST_ROWS = 400
"""Rows of a table that are shown; the JSON form has all."""

_HEADINGS = {
    "aep": "AEP", "std_error": "std. error", "p_value": "p-value", "ad_p_value": "Anderson-Darling p",
    "anderson_darling_p": "Anderson-Darling p", "score_p": "score test p",
    "loglik": "log-likelihood", "aicc": "AICc", "bic": "BIC", "aic": "AIC",
}  # fmt: skip

_MEASURES = {"var": "VaR", "es": "ES"}

_WIDTH = 100
"""Columns of running text that is kept as it stands."""

BROWSER = "EVSTATS_BROWSER"
"""The environment variable that names the browser, where it is not found by its usual name."""

_NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "${ProgramFiles}/Google/Chrome/Application/chrome.exe",
    "${ProgramFiles(x86)}/Microsoft/Edge/Application/msedge.exe",
    "${ProgramFiles}/Microsoft/Edge/Application/msedge.exe",
)  # fmt: skip
_FLAGS = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-extensions", "--disable-quic",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--no-pdf-header-footer",
)  # fmt: skip
_PATIENCE = 120.0
_INSTEAD = "write .html and print that from a browser, or write .md or .json."


def html(report: Document, figures: Figures | None = None) -> str:
    """The page. Whatever comes from the data is escaped; the figures are the only markup that is taken as it is."""
    found = _pictures(report, figures)
    drawn = {name: (Markup(picture.svg), picture.caption) for name, picture in found.items()}
    return _template().render(
        report=report,
        pictures=drawn,
        places={name: picture.places for name, picture in found.items() if picture.places},
        heading=lambda column, part: _unbroken(heading(report, column.name, part)),
        shown=shown,
        beside=lambda columns, part: beside(columns, [heading(report, column.name, part) for column in columns]),
        most=MOST_ROWS,
    )


@cache
def _template() -> Template:
    """What a page is made of, read and compiled once."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("evstats.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.jinja")


def _pictures(report: Document, figures: Figures | None) -> dict[str, Picture]:
    """The figures of the page; what the fits warn of while they are drawn the report says itself."""
    from evstats.report.pictures import Figures, pictures

    if figures is not None:
        return pictures(report, figures)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EvstatsWarning)
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        return pictures(report, Figures.of(report.fits, report.questions))


def _unbroken(text: str) -> Markup:
    """Text in which no line begins with a sign of per cent."""
    return escape(text).replace(" %", Markup("&nbsp;%"))


def _finalized(value: Any) -> Any:
    """Text without what would steer a reader's screen: control characters and marks of direction appear as escapes."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def shown(column: Column, cell: str) -> str:
    """A cell as the page shows it: risk measures by their usual names, a dash for what does not exist."""
    if column.name == "measure":
        return _MEASURES.get(cell, cell)
    if column.name == "quantity":
        return cell.replace("_", " ")
    if column.numeric and cell == "-":
        return "–"
    return p_value(float(cell)) if column.name.endswith(("p_value", "_p")) else cell


def heading(report: Document, name: str, part: Table) -> str:
    """What a column is called on the page."""
    confidence = percent(report.questions.certainty.confidence)
    special = {
        "return_period": f"T, {report.fits[0].time_unit}",
        "level": "probability" if "measure" in part.frame else "level",
    }
    if "estimate" in part.frame:  # else the bounds by which a value is known
        special |= {"lower": f"lower {confidence}", "upper": f"upper {confidence}"}
    return special.get(name) or _HEADINGS.get(name) or name.replace("_", " ")


#: On paper the width of the text in letters of a long table, the room between two of its columns of rows, what a column
#: has around its letters, and the most that stand beside one another.
_LETTERS, _BETWEEN, _AROUND, _BESIDE = 144.0, 3.4, 1.2, 4


def beside(columns: Sequence[Column], titles: Sequence[str]) -> int:
    """How many columns of rows of a long table have room beside one another on paper.

    Examples
    --------
    >>> beside([Column("date", False, ["1926-12-26"]), Column("value", True, ["60.88"])], ["date", "value"])
    4
    """
    cells = zip(titles, columns, strict=True)
    widths = [max(map(len, (*title.split(), *column.cells))) + _AROUND for title, column in cells]
    return int(min(max((_LETTERS + _BETWEEN) // (sum(widths) + _BETWEEN), 1), _BESIDE))


# -- Markdown ----------------------------------------------------------------------------------------------------------


def markdown(report: Document, pictures: Mapping[str, str]) -> str:
    """The report; ``pictures`` gives the files of those figures that have one."""
    return "\n".join(_lines(report, pictures))


def _lines(report: Document, pictures: Mapping[str, str]) -> Iterator[str]:
    yield from (f"# {escaped(report.title)}", "")
    first, later = report.first, [caution for caution in report.cautions if caution not in report.first]
    for text in (*map(escaped, first), f"**{escaped(report.answer)}**", *map(escaped, later)):
        yield from (text, "")
    for position, section in enumerate(report.sections):
        yield from _section(report, section, pictures)
        if position == 0 and report.notes:
            yield from ("### What to know before using these numbers", "", *_bullets(report.notes), "")
    yield from ("## What was assumed", "", *_bullets(report.assumptions), "", "## Methods and references", "")
    for method in report.methods:
        yield from (f"### {escaped(method.name)}", "", escaped(method.text), "")
        yield from (*_bullets(method.references), "") if method.references else ()
    yield from _making(report)


def _section(report: Document, section: Section, pictures: Mapping[str, str]) -> Iterator[str]:
    yield from (f"## {escaped(section.title)}", "")
    for text in section.text:
        yield from (escaped(text), "")
    for name in section.pictures:
        if name in pictures:
            yield from (f"![{name.replace('_', ' ')}]({pictures[name]})", "")
    for part in section.parts.values():
        yield from _part(report, part, section.title)


def _part(report: Document, part: Part, section: str) -> Iterator[str]:
    if isinstance(part, Table):
        yield from _table(report, part, section)
    elif isinstance(part, Facts):
        yield from (f"**{escaped(part.title)}**", "")
        yield from (*_bullets([f"{name}: {text}" for name, text in part.items()]), "")
    elif lines := part.lines(_WIDTH):
        yield from (f"**{escaped(part.title)}**", "", *(f"    {line}" for line in lines), "")


def _table(report: Document, part: Table, section: str) -> Iterator[str]:
    if part.frame.empty:
        yield from (f"{escaped(part.title)}: none.", "")
        return
    columns = part.columns(part.groups if part.group_names else ())
    header = [_row([heading(report, column.name, part) for column in columns])]
    header.append("|" + "|".join(" ---: " if column.numeric else " --- " for column in columns) + "|")
    if part.title != section:
        yield from (f"**{escaped(part.caption or part.title)}**", "")
    for rows in part.rows(MOST_ROWS):
        yield from (escaped(rows.name), "") if rows.name else ()
        yield from header
        for row in rows.cells:
            yield _row([shown(column, cell) for column, cell in zip(columns, row, strict=True)])
        yield ""
    if len(part.frame) > (most := part.shown(MOST_ROWS)):
        yield from (f"The first {most} of {len(part.frame)} rows; the JSON form of this report has all.", "")


def _making(report: Document) -> Iterator[str]:
    made = report.making
    yield from (
        "## How this report was made",
        "",
        f"On {made.date}" + (", by this command:" if made.command else "."),
        "",
    )
    yield from (*(f"    {line}" for line in made.command.splitlines()), "") if made.command else ()
    facts = [f"SHA-256 of the input: {made.sha256}"] if made.sha256 else []
    facts += [f"{name} {number}" for name, number in made.versions.items()]
    yield from _bullets([*facts, *made.seeds])


def _bullets(items: Sequence[str]) -> list[str]:
    return [f"- {escaped(item)}" for item in items]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(escaped, cells)) + " |"


def escaped(text: str) -> str:
    r"""Text that Markdown takes as text: what would be markup, or an address, has a backslash before it.

    Examples
    --------
    >>> print(escaped("<b>flow_m3s</b> | a*b"), escaped("www.example.org, https://example.org"))
    \<b\>flow\_m3s\</b\> \| a\*b www\.example.org, https\://example.org
    """
    marked = re.sub(r"([\\`*_<>|\[\]&~$@])", r"\\\1", printable(" ".join(text.split())))
    return re.sub(r"(?<=https)(?=://)|(?<=http)(?=://)|(?<=www)(?=\.)", r"\\", marked)


# -- on paper ----------------------------------------------------------------------------------------------------------


def browser(path: Path | str = "a PDF") -> str:
    """The browser that prints; an error where there is none."""
    named = os.environ.get(BROWSER)
    names = [named] if named else map(os.path.expandvars, _NAMES)
    if found := next(filter(None, map(shutil.which, names)), None):
        return found
    missing = f"{BROWSER} names {named!r}, which is not there" if named else "no Chromium, Chrome or Edge is found"
    name_it = "" if named else f" ({BROWSER} may name one)"
    raise ArgumentError(f"{path} is printed by a browser, and {missing}{name_it}; {_INSTEAD}")


def printed(page: str) -> bytes:
    """The page as PDF, on paper as its style says.

    Raises
    ------
    ArgumentError
        No browser, or one that does not print.
    """
    program = browser()
    with tempfile.TemporaryDirectory(prefix="evstats-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        source, target = folder / "report.html", folder / "report.pdf"
        source.write_text(page, encoding="utf-8")
        own = [f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={target}", source.as_uri()]
        try:
            done = subprocess.run([program, *_FLAGS, *_sandbox(), *own], capture_output=True, timeout=_PATIENCE)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ArgumentError(f"{program} did not print the report ({error}); {_INSTEAD}") from error
        if not target.exists():
            raise ArgumentError(f"{program} did not print the report (exit code {done.returncode}); {_INSTEAD}")
        return target.read_bytes()


def _sandbox() -> list[str]:
    """The browser refuses its sandbox to root; the page and its one script are ours, and it fetches nothing."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
