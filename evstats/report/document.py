"""The report as a frozen record: what every one of its forms says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from evstats.errors import ArgumentError, nearest
from evstats.files import write_all
from evstats.fitting import Fit
from evstats.report.methods import Method
from evstats.report.parts import Part, plain
from evstats.report.questions import Questions


@dataclass(frozen=True)
class Section:
    """A part of the report under a heading of its own: text, the names of its figures, and tables by name."""

    title: str
    text: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    parts: Mapping[str, Part] = field(default_factory=dict)


@dataclass(frozen=True)
class Making:
    """How the report came about: when, by which command, with which versions and seeds, from which bytes."""

    date: str
    versions: Mapping[str, str]
    seeds: tuple[str, ...] = ()
    command: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, eq=False)
class Report:
    """The answers of one series, ready to be written.

    Attributes
    ----------
    title, answer : what it is about, and the question answered in a sentence or two.
    sections : in the order of reading.
    notes : what to know before use.
    assumptions, methods : what the answer rests on, and what was done, with the literature.
    making : when, how and with what it was made.
    fits : the fits behind it, the one that leads first.
    questions : what was asked.
    """

    title: str
    answer: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...]
    assumptions: tuple[str, ...]
    methods: tuple[Method, ...]
    making: Making
    fits: tuple[Fit, ...]
    questions: Questions

    def __repr__(self) -> str:
        return f"Report({self.answer!r})"

    def _repr_markdown_(self) -> str:
        return f"**{self.title}**\n\n{self.answer}"

    @property
    def parts(self) -> dict[str, Part]:
        """All tables, facts and lists by name."""
        return {name: part for section in self.sections for name, part in section.parts.items()}

    def to_dict(self) -> dict[str, Any]:
        """The report as plain dictionaries, lists, strings and finite numbers."""
        return {
            "evstats": self.making.versions["evstats"],
            "title": self.title,
            "answer": self.answer,
            **{name: part.data() for name, part in self.parts.items()},
            "notes": list(self.notes),
            "assumptions": list(self.assumptions),
            "methods": [plain(vars(method)) for method in self.methods],
            "making": plain(vars(self.making)),
        }

    def to_json(self) -> str:
        """The report as strict JSON: no NaN, no infinity, every letter in ASCII."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)

    def to_markdown(self, pictures: Mapping[str, str] | None = None) -> str:
        """The report as Markdown, with the figures whose files are named: ``{"return_levels": "levels.png"}``."""
        from evstats.report.markdown import markdown

        return markdown(self, pictures or {})

    def to_html(self) -> str:
        """The report as one HTML page that needs nothing else: figures are inside, nothing is fetched."""
        from evstats.report.html import html

        return html(self)

    def write(self, path: str | Path, *, force: bool = False) -> None:
        """Write the report to a file in the form that its suffix names: ``.html``, ``.md`` or ``.json``.

        Raises
        ------
        ArgumentError : another suffix, a path that cannot be written, or one that exists when ``force`` is not given.
        """
        place = Path(path)
        write_all({place: self.encoded(form_of(place))}, force=force)

    def encoded(self, form: str) -> bytes:
        """The report in one of ``FORMS``, as the bytes of a file."""
        return (FORMS[form](self) + "\n").encode()

    def said_as(self, notes: tuple[str, ...]) -> Report:
        """The same report with its notes in other words."""
        return replace(self, notes=notes)


FORMS = {".html": Report.to_html, ".md": Report.to_markdown, ".json": Report.to_json}
"""The forms of a report by the suffix of their files."""


def form_of(path: Path) -> str:
    """The suffix of a file, one of ``FORMS``."""
    suffix = path.suffix.lower()
    if suffix not in FORMS:
        known = ", ".join(FORMS)
        raise ArgumentError(f"{path} does not end in a known form of report; known: {known}.{nearest(suffix, FORMS)}")
    return suffix
