"""What a report says, as a frozen record, whatever form it takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from evstats.fitting import Fit
from evstats.notes import Gravity, coded, gravity_of
from evstats.report.parts import Part, Table, plain
from evstats.report.questions import Questions
from evstats.report.subjects import subject_of


@dataclass(frozen=True)
class Section:
    """A part of the report under a heading of its own: text, the names of its figures, and tables by name."""

    title: str
    text: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    parts: Mapping[str, Part] = field(default_factory=dict)


@dataclass(frozen=True)
class Method:
    """A method by name: what it is, and where it is described."""

    name: str
    text: str
    references: tuple[str, ...]


@dataclass(frozen=True)
class Making:
    """How the report came about: when, by which command, with which versions and seeds, from which bytes."""

    date: str
    versions: Mapping[str, str]
    seeds: tuple[str, ...] = ()
    command: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, eq=False)
class Document:
    """The answers of one series in the order of reading, before they take any form.

    Attributes
    ----------
    title, answer
        What it is about, and the question answered in a sentence or two.
    cautions
        What puts the answer itself in doubt, the gravest first; ``first`` holds what is said before the answer.
    sections
        In the order of reading.
    notes
        What to know before use.
    assumptions, methods
        What the answer rests on, and what was done, with the literature.
    making
        When, how and with what it was made.
    fits
        The fits behind it, the one that leads first.
    questions
        What was asked.
    """

    title: str
    answer: str
    cautions: tuple[str, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...]
    assumptions: tuple[str, ...]
    methods: tuple[Method, ...]
    making: Making
    fits: tuple[Fit, ...]
    questions: Questions

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.answer!r})"

    @property
    def first(self) -> tuple[str, ...]:
        """Cautions that stand before the answer: without them it would mislead."""
        return tuple(note for note in self.cautions if gravity_of(note) == Gravity.ANSWER)

    @property
    def parts(self) -> dict[str, Part]:
        """All tables, facts and lists by name."""
        return {name: part for section in self.sections for name, part in section.parts.items()}

    @property
    def tables(self) -> dict[str, Table]:
        """The tables by name."""
        return {name: part for name, part in self.parts.items() if isinstance(part, Table)}

    @property
    def headline(self) -> dict[str, Any]:
        """The answer in numbers: which fit gives which level for which period, with its interval.

        Of losses which value at risk with which probability.
        """
        lead = self.fits[0]
        asked, value = subject_of(lead).headline(self.tables, self.questions)
        named = {"family": lead.family.name, "method": lead.method.name, **asked, "unit": lead.unit}
        return plain(named | asdict(value))

    def to_dict(self) -> dict[str, Any]:
        """The report as plain dictionaries, lists, strings and finite numbers."""
        return {
            "evstats": self.making.versions["evstats"],
            "title": self.title,
            "cautions": list(self.cautions),
            "caution_codes": coded(self.cautions),
            "answer": self.answer,
            "headline": self.headline,
            "questions": plain(asdict(self.questions)),
            **{name: part.data() for name, part in self.parts.items()},
            "notes": list(self.notes),
            "note_codes": coded(self.notes),
            "assumptions": list(self.assumptions),
            "methods": [plain(vars(method)) for method in self.methods],
            "making": plain(vars(self.making)),
        }

    def to_json(self) -> str:
        """The report as strict JSON: no NaN, no infinity, every letter in ASCII."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)
