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
    # the text and its layout
    "read_as": (Gravity.READING, "The text is not UTF-8 (line {line}); it was read as {encoding}."),
    "skipped_as_asked": (Gravity.READING, "The first {count} {count:?line was|lines were} skipped, as asked."),
    "cut_short": (
        Gravity.REMARK,
        "The text ends without a line break; check {where}, which may have been cut short.",
    ),
    "above_the_table": (Gravity.READING, "The text above the table was skipped; the table begins in line {line}."),
    "below_the_table": (
        Gravity.READING,
        "The text below the table was skipped from line {line} on: {text!r}.",
    ),
    "header_stretched": (
        Gravity.READING,
        "The header line has another number of fields than the rows; the names were matched as far as they go.",
    ),
    "names_in_comments": (Gravity.READING, "The column names were taken from the comment lines."),
    "no_header": (Gravity.READING, "There is no header line; the columns are called column 1, column 2 and so on."),
    "rdb": (Gravity.READING, "The text is in USGS RDB format; its format line is not data."),
    "unit_line": (Gravity.READING, "Line {line} holds units, not data: {text!r}."),
    "rejected": (
        Gravity.REMARK,
        "The file rejects {subject}: {count} {count:?value was|values were} left out.",
    ),
    "stated_years": (Gravity.READING, "The file counts in years that begin in {subject}: {text!r}."),
    "unfolded": (
        Gravity.READING,
        "The table is wide: its columns {first!r} to {last!r} are the {subject}, one row per {row}; they were put "
        "below each other{others}.",
    ),
    # dates
    "hydrological_years": (
        Gravity.READING,
        "Column {subject!r} holds hydrological years, named by the year they end in: {cell} is {year}.",
    ),
    "day_numbers": (Gravity.READING, "Column {subject!r} is read as {kind}: {where}, {cell}, is {time}."),
    "order_of_days": (Gravity.READING, "Dates are read {subject} first, as {where} ({cell}) shows."),
    "precision_of_dates": (
        Gravity.READING,
        "{count} of the dates {count:?has|have} another precision than the rest, like {cell!r}.",
    ),
    "changing_offsets": (
        Gravity.READING,
        "Time stamps carry changing UTC offsets ({subject}); they were converted to UTC.",
    ),
    "one_offset": (
        Gravity.READING,
        "All time stamps carry the UTC offset {subject}; they are kept on that clock, without the offset.",
    ),
    "changing_zone": (
        Gravity.READING,
        "Time stamps are in time zone {subject}, whose clock changes; they were converted to UTC.",
    ),
    "one_zone": (
        Gravity.READING,
        "Time stamps are in time zone {subject}; they are kept on its clock, without the zone.",
    ),
    # order in time
    "backwards": (Gravity.READING, "The rows run backwards in time; they were put in order."),
    "sorted": (
        Gravity.READING,
        "The rows were not in order of time ({count} {count:?step|steps} back, the first at {where}); they were "
        "sorted.",
    ),
    "several_at_a_time": (
        Gravity.CAUTION,
        "Differing values stand at the same time ({count} such {count:?time|times}, {time} the first); all were "
        "kept, as in a list of events. If there should be one value per time, correct the data.",
    ),
    "irregular": (Gravity.READING, "The times are irregular, as in a list of events; gaps cannot be told."),
    "gaps": (
        Gravity.REMARK,
        "{count:,} {count:?timestamp|timestamps} without a value at a step of {step}; the longest gap runs from "
        "{start} to {end}. Nothing was filled in.",
    ),
    # -- blocks --------------------------------------------------------------------------------------------------------
    "one_value_each": (
        Gravity.READING,
        "The data have no dates: each of the {count} values of {subject} is taken as one block, and T counts blocks.",
    ),
    "one_value_each_of_many": (
        Gravity.ANSWER,
        "The data have no dates: each of the {count:,} values of {subject} is taken as one block, and T counts blocks. "
        "If they are daily or hourly values, that is wrong: give them dates.",
    ),
    # -- the sample ----------------------------------------------------------------------------------------------------
    # -- the fit -------------------------------------------------------------------------------------------------------
    # -- intervals -----------------------------------------------------------------------------------------------------
}
