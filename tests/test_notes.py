"""Notes: a sentence for readers, a code for programs, the gravest first and none twice."""

from __future__ import annotations

import copy
import pickle

import pytest

from evstats.notes import SENTENCES, Gravity, Note, ordered


def test_a_note_is_its_sentence_and_knows_its_code() -> None:
    note = Note("time_column", "date")
    assert note == "Time is taken from 'date'."
    assert (note.code, note.subject, note.gravity) == ("time_column", "date", Gravity.READING)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda note: pickle.loads(pickle.dumps(note))])
def test_copies_keep_everything(copied) -> None:
    note = Note("time_column", "date")
    again = copied(note)
    assert again == note
    assert (again.code, again.subject, again.gravity, dict(again.values)) == (note.code, note.subject, note.gravity, {})


def test_notes_come_gravest_first_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SENTENCES, "few", (Gravity.ANSWER, "{count} {count:?is|are} of {size:#} kept."))
    few = Note("few", count=1, size=0.12345678)
    assert few == "1 is of 0.1235 kept."
    assert Note("few", count=2, size=3.0) == "2 are of 3 kept."
    time = Note("time_column", "date")
    assert ordered([time, "a plain sentence", few, time]) == (few, "a plain sentence", time)


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        Note("no_such_code")
