"""A page on the terminal: the parts of an answer and the notes that end it, at 80 columns, or as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from evstats.cli.console import note_width, show
from evstats.cli.translation import in_options
from evstats.report.parts import Part, Table, paragraph
from evstats.wording import printable, wrapped

if TYPE_CHECKING:
    import pandas as pd

_HEADING = "bold"


@dataclass
class Page:
    """The parts of an answer by their names, and the notes that end it."""

    command: str
    parts: dict[str, Part] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name."""
        return {name: part.frame for name, part in self.parts.items() if isinstance(part, Table)}

    def to_json(self) -> str:
        """The page as strict JSON: no NaN, no infinity, every letter in ASCII."""
        parts = {name: part.data() for name, part in self.parts.items()}
        page = {
            "evstats": resolve_name("evstats:__version__"),
            "command": self.command,
            **parts,
            "notes": self.distinct_notes,
        }
        return json.dumps(page, indent=2, allow_nan=False)

    @property
    def distinct_notes(self) -> list[str]:
        """Every note once, in the words of the command line."""
        return list(dict.fromkeys(map(in_options, self.notes)))

    def print(self, *, json: bool, quiet: bool) -> None:
        """Print the page on standard output."""
        if json:
            show(self.to_json())
            return
        width = note_width()
        shown = [part for part in self.parts.values() if part.lines(width)]
        if quiet:
            shown = [part for part in shown if isinstance(part, Table) and not part.aside] or shown
        for position, part in enumerate(shown):
            if position:
                show("")
            if not quiet and part.title:
                show("\n".join(wrapped(printable(part.title), width)), _HEADING)
            show("\n".join(part.lines(width)))
        if self.notes and not quiet:
            show("\nNotes", _HEADING)
            show("\n".join(line for note in self.distinct_notes for line in paragraph(f"- {note}", width)))
