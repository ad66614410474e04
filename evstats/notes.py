"""Notes: what is said beside an answer. Each has a code, a subject and values; its sentence stands here, once."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Any

from evstats.wording import number


class Gravity(IntEnum):
    """How much a note weighs; the gravest are said first."""

    ANSWER = 0
    """The answer may be wrong, or rests on a part of the record only."""
    CAUTION = 1
    """An assumption behind the answer is in doubt."""
    REMARK = 2
    """What a careful reader would want to know."""
    READING = 3
    """How the input was understood."""


class Note(str):
    """A sentence that knows what it is about: a text for readers, a code and values for programs.

    Attributes
    ----------
    code : what kind of note this is, a key of ``SENTENCES``.
    subject : what it is about: a column, a fit, a test; empty where the code says it all.
    values : the numbers and names in the sentence.
    gravity : how much it weighs.

    Examples
    --------
    >>> note = Note("time_column", "date")
    >>> note, note.code, note.gravity.name
    ("Time is taken from 'date'.", 'time_column', 'READING')
    """

    code: str
    subject: str
    values: Mapping[str, Any]
    gravity: Gravity

    def __new__(cls, code: str, subject: str = "", /, **values: Any) -> Note:
        """The note of a code, with the values its sentence needs."""
        gravity, template = SENTENCES[code]
        note = super().__new__(cls, _WRITER.format(template, subject=subject, **values))
        note.code, note.subject, note.gravity, note.values = code, subject, gravity, MappingProxyType(values)
        return note

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are made of code, subject and values."""
        return _again, (self.code, self.subject, dict(self.values))


def _again(code: str, subject: str, values: Mapping[str, Any]) -> Note:
    return Note(code, subject, **values)


def ordered(notes: Iterable[str]) -> tuple[str, ...]:
    """The notes, none twice, the gravest first and otherwise as they came; a plain sentence counts as a remark."""
    distinct: dict[Any, str] = {}
    for note in notes:
        distinct.setdefault(note, note)
    return tuple(sorted(distinct.values(), key=gravity_of))


def gravity_of(note: str) -> Gravity:
    """How much a note weighs."""
    return note.gravity if isinstance(note, Note) else Gravity.REMARK


class _Writer(string.Formatter):
    """Templates with two formats more: ``{x:#}`` or ``{x:#6}`` is a number in running text with so many significant
    digits, ``{n:?is|are}`` the word that goes with a count."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """The text of one value."""
        if format_spec.startswith("#"):
            return number(value, int(format_spec[1:] or 4))
        if format_spec.startswith("?"):
            one, more = format_spec[1:].split("|")
            return one if value == 1 else more
        return str(super().format_field(value, format_spec))


_WRITER = _Writer()

#: The gravity and the sentence of every code.
SENTENCES: dict[str, tuple[Gravity, str]] = {
    # -- reading -------------------------------------------------------------------------------------------------------
    "time_column": (Gravity.READING, "Time is taken from {subject!r}."),
    # -- blocks --------------------------------------------------------------------------------------------------------
    # -- the sample ----------------------------------------------------------------------------------------------------
    # -- the fit -------------------------------------------------------------------------------------------------------
    # -- intervals -----------------------------------------------------------------------------------------------------
    "no_interior_maximum": (
        Gravity.ANSWER,
        "The likelihood has no interior maximum: there is no estimate (status no_interior_maximum). Interval and "
        "predictive level take the shape for normal about 0 with standard deviation {shape_sd:g} before the data are "
        "seen; such samples look bounded whatever the truth, and a heavy tail is missed from above.",
    ),
    "series_without_maximum": (
        Gravity.ANSWER,
        "{count} of the series {count:?has|have} no interior maximum of the likelihood and no estimate. Interval and "
        "predictive level there take the shape for normal about 0 with standard deviation {shape_sd:g} before the data "
        "are seen; such samples look bounded whatever the truth, and a heavy tail is missed from above.",
    ),
}
