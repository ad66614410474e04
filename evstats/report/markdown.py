"""The report as Markdown: the same text and tables, and links to figures where they were written to files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from evstats.report.document import Document, Section
from evstats.report.html import MOST_ROWS, heading, shown
from evstats.report.parts import Facts, Part, Table
from evstats.text.paragraphs import printable

_WIDTH = 100
"""Columns of running text that is kept as it stands."""


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
    if len(part.frame) > MOST_ROWS:
        yield from (f"The first {MOST_ROWS} of {len(part.frame)} rows; the JSON form of this report has all.", "")


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

    >>> print(escaped("<b>flow_m3s</b> | a*b"), escaped("www.example.org, https://example.org"))
    \<b\>flow\_m3s\</b\> \| a\*b www\.example.org, https\://example.org
    """
    marked = re.sub(r"([\\`*_<>|\[\]&~$@])", r"\\\1", printable(" ".join(text.split())))
    return re.sub(r"(?<=https)(?=://)|(?<=http)(?=://)|(?<=www)(?=\.)", r"\\", marked)
