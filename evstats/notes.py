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
    "time_in_parts": (Gravity.READING, "Time is taken from {subject}."),
    "time_column_of_several": (Gravity.READING, "Time is taken from {subject}; dates stand also in {others}."),
    "undated": (
        Gravity.READING,
        "No column holds dates ({why}); the values are taken in the order of the rows.",
    ),
    "value_column": (Gravity.READING, "The value is taken from {subject!r}."),
    "value_column_of_several": (Gravity.READING, "The value is taken from {subject!r}, not from {others}."),
    "rows_chosen": (
        Gravity.READING,
        "Only rows with {subject} are read: {count:,} of {rows:,}.",
    ),
    "every_row_chosen": (
        Gravity.CAUTION,
        "All rows are read as one series, though {subject} splits the table.",
    ),
    "signs_left_out": (
        Gravity.READING,
        "Currency or percent signs, units and blanks were left out of {count} {count:?value|values}, such as {first!r}.",
    ),
    "minus_signs": (
        Gravity.READING,
        "Numbers in brackets or with a minus sign behind them are read as negative: {count} {count:?value|values} of "
        "{subject!r}, such as {first!r}.",
    ),
    "decimal_comma": (Gravity.READING, "The comma is read as the decimal mark, as {where} shows."),
    "thousands_comma": (
        Gravity.READING,
        "The comma is read as a thousands mark in {count} {count:?value|values}, such as {first!r}.",
    ),
    "thousands_point": (Gravity.READING, "The point is read as a thousands mark, as {first!r} shows."),
    "mark_kept": (
        Gravity.CAUTION,
        "{subject} holds {mark} {count} {count:?time|times}, which may mark a missing value; it was kept, because the "
        "other values go from {least:#6} to {greatest:#6}. If it is a mark, say so with na_values=[{mark}].",
    ),
    "code_beside": (Gravity.REMARK, "Code {code} in {subject} stands beside {count} of {rows} values{meaning}."),
    "cut_short": (
        Gravity.READING,
        "The text ends without a line break; check {where}, which may have been cut short.",
    ),
    # -- blocks --------------------------------------------------------------------------------------------------------
    # -- the sample ----------------------------------------------------------------------------------------------------
    # -- the fit -------------------------------------------------------------------------------------------------------
    # -- intervals -----------------------------------------------------------------------------------------------------
}
