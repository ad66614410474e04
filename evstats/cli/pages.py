"""A page on the terminal: the parts of an answer and the notes that end it, at 80 columns, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from evstats.cli.console import note_width, show
from evstats.notes import Gravity, Note, as_note, coded, ordered
from evstats.report.parts import Part, Table, paragraph
from evstats.text.arguments import in_options
from evstats.text.paragraphs import printable, wrapped

if TYPE_CHECKING:
    import pandas as pd

_HEADING = "bold"


MOST_NOTES = 12
"""Notes that are printed where not all are asked for."""


@dataclass
class Page:
    """The parts of an answer by their names, the cautions beside it, and the notes that end it.

    A note that may make the answer wrong stands before all else, in text and in JSON.
    """

    command: str
    parts: dict[str, Part] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    cautions: tuple[str, ...] | None = None
    """Where the page says apart from the notes what puts the answer in doubt."""

    def add(self, parts: Mapping[str, Part | Note]) -> None:
        """Put parts on the page, with their notes; a note in place of a part says why there is none."""
        for name, part in parts.items():
            if isinstance(part, Note):
                self.notes.append(part)
            else:
                self.parts[name] = part
                self.notes += part.notes

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name."""
        return {name: part.frame for name, part in self.parts.items() if isinstance(part, Table)}

    def in_order(self) -> list[str]:
        """The names of the tables, those first that were asked for."""
        tables = {name: part for name, part in self.parts.items() if isinstance(part, Table)}
        return sorted(tables, key=lambda name: tables[name].aside)

    def to_json(self) -> str:
        """The page as strict JSON: no NaN, no infinity, every letter in ASCII."""
        doubts, notes = self._said()
        said = {} if self.cautions is None else {"cautions": doubts, "caution_codes": coded(doubts)}
        said |= {"notes": notes, "note_codes": coded(notes)}
        head = {"evstats": resolve_name("evstats:__version__"), "command": self.command}
        parts = {name: part.data() for name, part in self.parts.items()}
        return json.dumps(head | said | parts, indent=2, allow_nan=False)

    def _said(self) -> tuple[list[Note], list[Note]]:
        """The cautions and the other notes, each once and the gravest first, in the words of the command line."""
        doubts = ordered(self.cautions or ())
        notes = [note for note in ordered(self.notes) if as_note(note).about() not in doubts]
        in_words = [[as_note(note).said(in_options) for note in some] for some in (doubts, notes)]
        return in_words[0], in_words[1]

    def print(self, *, json: bool, quiet: bool, most: int | None = MOST_NOTES) -> None:
        """Print the page on standard output, with at most so many notes."""
        if json:
            show(self.to_json())
        elif quiet:
            self._print_tables(note_width())
        else:
            self._print(note_width(), most)

    def _print_tables(self, width: int) -> None:
        shown = [part for part in self.parts.values() if part.lines(width)]
        tables = [part for part in shown if isinstance(part, Table) and not part.aside]
        show("\n\n".join("\n".join(part.lines(width)) for part in tables or shown))

    def _print(self, width: int, most: int | None) -> None:
        doubts, notes = self._said()
        grave = [note for note in (*doubts, *notes) if note.gravity == Gravity.ANSWER]
        doubts, notes = ([note for note in some if note not in grave] for some in (doubts, notes))
        left = None if most is None else max(0, most - len(grave) - len(doubts))
        parts = [(part.title, part.lines(width)) for part in self.parts.values()]
        shown = [
            ("Caution", [line for note in grave for line in paragraph(note, width)]),
            *parts[:1],
            ("Cautions", _bullets(doubts, width)),
            *parts[1:],
            ("Notes", [*_bullets(notes[:left], width), *([] if most == 0 else _more(notes[:left], notes))]),
        ]
        _show_blocks([(title, lines) for title, lines in shown if lines], width)


def _show_blocks(blocks: Sequence[tuple[str, list[str]]], width: int) -> None:
    """Lines under their headings, apart from one another."""
    for position, (title, lines) in enumerate(blocks):
        if position:
            show("")
        if title:
            show("\n".join(wrapped(printable(title), width)), _HEADING)
        show("\n".join(lines))


def _bullets(notes: Sequence[str], width: int) -> list[str]:
    return [line for note in notes for line in paragraph(f"- {note}", width)]


def _more(shown: Sequence[str], notes: Sequence[str]) -> list[str]:
    """How many notes there are beside those shown."""
    more = len(notes) - len(shown)
    return [f"{more} more note{'s' * (more > 1)}: --notes all"] if more else []
