"""The report in its forms: HTML, Markdown and JSON, in memory and in files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from evstats.errors import ArgumentError, nearest
from evstats.files import write_all
from evstats.notes import as_note
from evstats.report.document import Document
from evstats.report.html import html
from evstats.report.markdown import escaped, markdown
from evstats.report.printing import browser, printed


@dataclass(frozen=True, eq=False, repr=False)
class Report(Document):
    """A report on one series, ready to be written; see ``Document`` for what it holds."""

    def _repr_markdown_(self) -> str:
        return f"**{escaped(self.title)}**\n\n{escaped(self.answer)}"

    def to_markdown(self, pictures: Mapping[str, str] | None = None) -> str:
        """The report as Markdown, with the figures whose files are named: ``{"return_levels": "levels.png"}``."""
        return markdown(self, pictures or {})

    def to_html(self) -> str:
        """The report as one HTML page that needs nothing else: figures are inside, nothing is fetched."""
        return html(self)

    def to_pdf(self) -> bytes:
        """The page of ``to_html`` printed on A4 by Chromium, Chrome or Edge, whichever is installed.

        The environment variable ``EVSTATS_BROWSER`` names a browser that is not found by itself.
        """
        return printed(self.to_html())

    def write(self, path: str | Path, *, force: bool = False) -> None:
        """Write the report to a file in the form that its suffix names: ``.html``, ``.md``, ``.json`` or ``.pdf``.

        Raises
        ------
        ArgumentError : another suffix, a path that cannot be written, or one that exists when ``force`` is not given.
        """
        place = Path(path)
        write_all({place: self.encoded(form_of(place))}, force=force)

    def encoded(self, form: str) -> bytes:
        """The report in one of ``FORMS``, as the bytes of a file."""
        content = FORMS[form](self)
        return content if isinstance(content, bytes) else f"{content}\n".encode()

    def said(self, words: Callable[[str], str]) -> Report:
        """The same report with its cautions and notes in other words."""
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
        raise ArgumentError(f"{path} does not end in a known form of report; known: {known}.{nearest(suffix, FORMS)}")
    if suffix == ".pdf":
        browser(path)
    return suffix
