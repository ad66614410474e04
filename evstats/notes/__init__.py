"""Notes: what is said beside an answer. Each has a code, a subject and values; its sentence stands in ``sentences``."""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, cast

import numpy as np

from evstats.notes.sentences import SENTENCES, Gravity
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import given, number, p_in_words


class Note(Text):
    """A sentence that knows what it is about: a text for readers, a code and values for programs.

    Attributes
    ----------
    code
        What kind of note this is, a key of ``SENTENCES``.
    subject
        What it is about: a column, a test; empty where the code says it all.
    values
        The numbers and names in the sentence.
    gravity
        How much it weighs.
    fits
        The names of the fits it is about, where it is not about all; they stand before the sentence.

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
    fits: tuple[str, ...]
    _sentence: Text

    def __new__(cls, code: str, subject: str = "", /, **values: Any) -> Note:
        """The note of a code, with the values its sentence needs."""
        plain = {name: _plain(value) for name, value in values.items()}
        sentence = Text(*_WRITER.parts(SENTENCES[code][1], {"subject": subject, **plain}))
        return _noted(cls, sentence, code, subject, plain)

    def about(self, *fits: str) -> Note:
        """The same note, said of these fits by name; without names, of all of them."""
        return _noted(type(self), self._sentence, self.code, self.subject, self.values, fits)

    def said(self, words: Callable[[Setting], str]) -> Note:
        """The same note with its arguments in other words, such as those of the command line."""
        sentence = Text(self._sentence.said(words))
        values = {name: value.said(words) if isinstance(value, Text) else value for name, value in self.values.items()}
        return _noted(type(self), sentence, self.code, self.subject, values, self.fits)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles keep the words and what they mean."""
        return _noted, (type(self), self._sentence, self.code, self.subject, dict(self.values), self.fits)


def _noted(
    cls: type[Note], sentence: Text, code: str, subject: str, values: Mapping[str, Any], fits: tuple[str, ...] = ()
) -> Note:
    """The note with these words, whatever the table of sentences says today."""
    note = cast(Note, Text.__new__(cls, *([f"{' and '.join(fits)}: "] if fits else []), sentence))
    note._sentence, note.code, note.subject, note.fits = sentence, code, subject, fits
    note.gravity, note.values = SENTENCES[code][0], MappingProxyType(dict(values))
    return note


def _plain(value: Any) -> Any:
    """A number of Python in place of one of numpy, and so within a list, which becomes a tuple."""
    if isinstance(value, np.ndarray | list | tuple):
        return tuple(map(_plain, value))
    return value.item() if isinstance(value, np.generic) else value


def as_note(sentence: str) -> Note:
    """The sentence as a note; a plain one, such as of an interval from outside, is a remark without a code of its
    own.
    """
    return sentence if isinstance(sentence, Note) else Note("sentence", text=sentence)


def ordered(notes: Iterable[str]) -> tuple[str, ...]:
    """The notes, none twice, the gravest first and otherwise as they came; a plain sentence counts as a remark.

    Of the same note with and without the names of fits the one with names is kept, and of two that say the same the
    one that says more.
    """
    distinct = dict.fromkeys(notes)
    coded = [note for note in distinct if isinstance(note, Note)]
    named = {note._sentence for note in coded if note.fits}
    less = {_SAYS_MORE_THAN.get(note.code) for note in coded}
    kept = (note for note in distinct if note not in named and getattr(note, "code", "") not in less)
    return tuple(sorted(kept, key=gravity_of))


#: By code, what need not be said beside it.
_SAYS_MORE_THAN = {"hangs_on_largest": "without_largest", "risk_hangs_on_largest": "without_largest"}


#: Codes of the notes that say that positive values are losses.
_LOSSES = {"log_losses", "simple_losses", "given_losses"}


def say_losses(notes: Iterable[str]) -> bool:
    """Whether one of the notes on the data says that they are losses: made of prices, or given as such."""
    return any(isinstance(note, Note) and note.code in _LOSSES for note in notes)


def gravity_of(note: str) -> Gravity:
    """How much a note weighs."""
    return note.gravity if isinstance(note, Note) else Gravity.REMARK


def coded(notes: Iterable[str]) -> list[dict[str, Any]]:
    """What programs read beside the sentences, one mapping for each: ``code, subject, gravity, fits, values``."""
    return [
        {
            "code": note.code,
            "subject": note.subject,
            "gravity": note.gravity.name.lower(),
            "fits": list(note.fits),
            "values": {name: _for_json(value) for name, value in note.values.items()},
        }
        for note in map(as_note, notes)
    ]


def restored(sentences: Iterable[str], codes: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The notes of stored sentences and of what ``coded`` made of them; one whose code is not known stays plain."""
    return tuple(map(_restored, sentences, codes))


def _restored(sentence: str, stored: Mapping[str, Any]) -> str:
    if stored["code"] not in SENTENCES:
        return sentence
    fits = tuple(stored["fits"])
    bare = sentence.removeprefix(f"{' and '.join(fits)}: ") if fits else sentence
    values = {name: _plain(value) for name, value in stored["values"].items()}
    return _noted(Note, Text(bare), stored["code"], stored["subject"], values, fits)


def _for_json(value: Any) -> Any:
    """A value of a note as JSON can hold it."""
    if isinstance(value, tuple):
        return list(map(_for_json, value))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)


class _Writer(string.Formatter):
    """Templates with some formats more, and those of Python with a space before the sign of per cent.

    ``{x:#}`` or ``{x:#3}`` is a number in running text with so many significant digits, ``{x:##}`` one that may have
    been given (``text.numbers.given``), ``{p:p}`` a p-value,
    ``{n:?is|are}`` the word that goes with a count, or with what is true; several values are listed, ``{x:or:#}`` with
    "or" between them. ``{method:=lmoments}`` is the argument ``method`` with that value, ``{skip:={lines}}`` the
    argument ``skip`` with the value ``lines``.
    """

    def parts(self, template: str, values: Mapping[str, Any]) -> Iterator[str | Setting]:
        """The sentence of a template in parts: arguments apart from what is written out."""
        for written, name, spec, conversion in self.parse(template):
            yield written
            if name is not None:
                yield self._part(name, spec or "", conversion, values)

    def _part(self, name: str, spec: str, conversion: Any, values: Mapping[str, Any]) -> str | Setting:
        if spec.startswith("="):
            value = values[spec[2:-1]] if spec.startswith("={") else spec[1:]
            return Setting(name, list(value) if isinstance(value, tuple) else value)
        value = self.convert_field(values[name], conversion)
        if spec.startswith("?"):
            one, more = spec[1:].split("|")
            return Text(*self.parts(one if value == 1 else more, values))
        return value if isinstance(value, Text) else self.format_field(value, spec)

    def format_field(self, value: Any, format_spec: str) -> str:
        """The text of one value."""
        if isinstance(value, tuple):
            joint = " or " if format_spec.startswith("or:") else ", "
            return joint.join(self.format_field(item, format_spec.removeprefix("or:")) for item in value)
        if format_spec == "##":
            return given(value)
        if format_spec.startswith("#"):
            return number(value, int(format_spec[1:] or 4))
        if format_spec == "p":
            return p_in_words(value)
        return str(super().format_field(value, format_spec)).replace("%", " %" if format_spec.endswith("%") else "%")


_WRITER = _Writer()


__all__ = ["SENTENCES", "Gravity", "Note", "as_note", "coded", "gravity_of", "ordered", "restored", "say_losses"]
