"""Notes: a sentence for readers, a code for programs, the gravest first and none twice."""

from __future__ import annotations

import ast
import copy
import json
import pickle
import string
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import evstats as ev
from evstats.notes import SENTENCES, Gravity, Note, as_note, coded, ordered, restored, sentences
from evstats.text.arguments import Setting, Text, in_options

PACKAGE = Path(ev.__file__).parent


def test_a_note_is_its_sentence_and_knows_its_code() -> None:
    note = Note("time_column", "date")
    assert note == "Time is taken from 'date'."
    assert (note.code, note.subject, note.gravity) == ("time_column", "date", Gravity.READING)


def test_a_code_stands_under_one_gravity() -> None:
    tables = [vars(sentences)[name] for name in ("_ANSWER", "_CAUTION", "_REMARK", "_READING")]
    assert sum(map(len, tables)) == len(SENTENCES)


def likelihood_note() -> Note:
    return Note("beyond_reach", periods=np.array([200.0, 500.0]), count=2, reach=3, record=np.float64(30.0), limit=90)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda note: pickle.loads(pickle.dumps(note))])
def test_copies_keep_everything(copied) -> None:
    for note in (Note("time_column", "date"), likelihood_note().about("GEV"), Note("short_interval", "delta")):
        again = copied(note)
        assert again == note
        assert (again.code, again.subject, again.gravity, again.fits) == (
            note.code, note.subject, note.gravity, note.fits,
        )  # fmt: skip
        assert dict(again.values) == dict(note.values)
        assert again.about() == note.about()
        assert again.said(in_options) == note.said(in_options)


def test_numbers_of_numpy_become_plain_ones() -> None:
    values = likelihood_note().values
    assert values["periods"] == (200.0, 500.0)
    assert type(values["record"]) is float
    with pytest.raises(TypeError):
        values["record"] = 3.0  # type: ignore[index]


def test_a_template_writes_numbers_words_lists_chances_and_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    template = "{n} {n:?is|are}, {x:#} or {x:#6}, {p:p}, {many:#}, {many:or:g}, {share:.0%}, {shares:or:.0%}, {tau:.2f}"
    monkeypatch.setitem(SENTENCES, "all", (Gravity.REMARK, template))
    note = Note("all", n=1, x=0.123456789, p=1e-9, many=[1, 2.5], share=0.183, shares=(0.1, 0.2), tau=-0.5)
    assert note == "1 is, 0.1235 or 0.123457, p <= 0.001, 1, 2.5, 1 or 2.5, 18 %, 10 % or 20 %, -0.50"


def test_notes_come_gravest_first_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SENTENCES, "few", (Gravity.ANSWER, "{count} {count:?is|are} of {size:#} kept."))
    few = Note("few", count=1, size=0.12345678)
    assert few == "1 is of 0.1235 kept."
    assert Note("few", count=2, size=3.0) == "2 are of 3 kept."
    time = Note("time_column", "date")
    assert ordered([time, "a plain sentence", few, time]) == (few, "a plain sentence", time)


def test_what_another_note_says_better_is_left_out() -> None:
    named = Note("no_criteria").about("Gumbel by method of moments")
    assert ordered([Note("no_criteria"), named]) == (named,)
    values = {"minima": False, "value": 171.0, "period": 100.0, "after": 135.0, "before": 147.0}
    hangs, without = Note("hangs_on_largest", **values), Note("without_largest", **values)
    assert ordered([without, hangs]) == (hangs,)
    assert ordered([without]) == (without,)


def test_a_note_names_the_fits_that_it_is_about() -> None:
    note = Note("no_criteria").about("A by x", "B by y")
    named = "A by x and B by y: "
    assert note == named + "There are no AIC, AICc and BIC: they are defined for plain maximum likelihood only."
    assert note.fits == ("A by x", "B by y")
    assert note.about() == Note("no_criteria")


def test_a_note_says_its_arguments_in_python_and_in_options() -> None:
    note = Note("short_interval_of_shape", "delta").about("A by x")
    assert note.endswith("with method='mle' there is interval='rstar', which holds.")
    said = note.said(in_options)
    assert said.startswith("A by x: The delta interval")
    assert said.endswith("with --method mle there is --interval rstar, which holds.")
    assert (said.code, said.fits) == (note.code, note.fits)
    kept = Note("mark_kept", "flow", mark="-999", marks=[-999.0], count=2, least=1.0, greatest=2.0)
    assert kept.endswith("say so with na_values=[-999].")
    assert kept.said(in_options).endswith("say so with --missing -999.")
    reason = Text("fit by L-moments (", Setting("method", "lmoments"), ").")
    lost = Note("no_estimate", reason=reason)
    assert lost == "No estimate of fit by L-moments (method='lmoments')."
    assert lost.said(in_options) == "No estimate of fit by L-moments (--method lmoments)."
    assert lost.said(in_options).values["reason"] == "fit by L-moments (--method lmoments)."
    rejected = {"anderson_darling": 0.01, "shape_zero": 0.02}
    assert Note("gumbel_rejected", **rejected, interior=True).said(in_options).endswith("use the GEV.")
    by_lmoments = Note("gumbel_rejected", **rejected, interior=False)
    assert "by L-moments (method='lmoments'), as" in by_lmoments
    assert "by L-moments (--method lmoments), as" in by_lmoments.said(in_options)


def test_what_programs_read_goes_through_json_and_back() -> None:
    notes = (likelihood_note().about("GEV"), Note("time_column", "date"), "a plain sentence")
    codes = json.loads(json.dumps(coded(notes), allow_nan=False))
    assert [code["code"] for code in codes] == ["beyond_reach", "time_column", "sentence"]
    assert codes[0]["gravity"] == "remark"
    assert codes[0]["fits"] == ["GEV"]
    assert codes[0]["values"]["periods"] == [200.0, 500.0]
    again = restored(map(str, notes), codes)
    assert again == notes
    assert [dict(as_note(note).values) for note in again] == [dict(as_note(note).values) for note in notes]
    assert coded(again) == coded(notes)
    codes[0]["code"] = "of another version"
    plain, *_ = restored(map(str, notes), codes)
    assert plain == notes[0]
    assert type(plain) is str


def test_values_that_json_does_not_know_are_written_out() -> None:
    assert coded([Note("sentence", text=float("nan"))])[0]["values"] == {"text": None}
    assert coded([Note("sentence", text=Path("a"))])[0]["values"] == {"text": "a"}


def test_a_missing_value_or_code_is_an_error() -> None:
    with pytest.raises(KeyError):
        Note("no_such_code")
    with pytest.raises(KeyError):
        Note("beyond_reach", periods=(3.0,))


def fields_of(code: str) -> set[str]:
    return set(fields_in(SENTENCES[code][1])) - {"subject"}


def fields_in(template: str) -> Iterator[str]:
    """The values that a template needs; those within a format too, and of an argument its value alone."""
    for _, name, form, _ in string.Formatter().parse(template):
        if name and not (form or "").startswith("="):
            yield name
        yield from fields_in((form or "").removeprefix("="))


def calls_of_note() -> Iterator[tuple[str, ast.Call]]:
    """Every call of ``Note`` in the package, and where it stands."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "Note(" in (code := path.read_text(encoding="utf-8")):
            for node in ast.walk(ast.parse(code)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Note":
                    yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node


def test_every_note_in_the_package_has_a_sentence_for_its_values() -> None:
    checked = 0
    for place, call in calls_of_note():
        first = call.args[0]
        options = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
        codes = [option.value for option in options if isinstance(option, ast.Constant)]
        given = {keyword.arg for keyword in call.keywords}
        for code in codes:
            assert code in SENTENCES, place
            if None not in given:  # values passed on as a mapping are known at run time only
                assert fields_of(str(code)) <= given, place
        checked += len(codes)
    assert checked > 100


def test_every_sentence_is_said_somewhere() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if path.name != "sentences.py")
    assert [code for code in SENTENCES if f'"{code}"' not in text and code != "sentence"] == []


def test_sentences_begin_with_a_capital_and_end_with_a_stop() -> None:
    for code, (_, sentence) in SENTENCES.items():
        assert sentence[0] in "{" or not sentence[0].islower() or sentence.startswith("p = "), code
        assert sentence.endswith((".", "?", "{reason}", "{text}")), code


def test_the_notes_of_a_fit_know_their_codes_and_survive_storage() -> None:
    years = np.concatenate([np.zeros(3), np.asarray(ev.Gumbel(50.0, 10.0).rvs(40, rng=1)).round()])
    fit = ev.fit(years, "gumbel")
    assert all(isinstance(note, Note) for note in fit.notes)
    assert {"zeros", "rounded", "without_largest"} <= {note.code for note in map(as_note, fit.notes)}
    gravities = [as_note(note).gravity for note in fit.notes]
    assert gravities == sorted(gravities)
    with pytest.warns(ev.EvstatsWarning, match="speak against the Gumbel"):
        table = fit.return_level([10, 1000])
    assert all(isinstance(note, Note) for note in table.attrs["notes"])
    with pytest.warns(ev.EvstatsWarning) as caught:
        ev.fit([3.0, 4.0, 7.0, 5.0], "gev")
    assert isinstance(caught[0].message, ev.EvstatsWarning)
    assert as_note(caught[0].message.note).code == "few_for_shape"


def test_the_notes_on_the_data_survive_storage() -> None:
    import pandas as pd

    months = pd.date_range("1950-01", periods=240, freq="MS")
    series = pd.Series(np.asarray(ev.Gumbel(50.0, 10.0).rvs(240, rng=1)), months, name="flow")
    fit = ev.fit(ev.block_maxima(series, "month"), "gumbel")
    assert "pooled_seasons" in {as_note(note).code for note in fit.notes}
    stored = json.loads(json.dumps(fit.to_dict(), allow_nan=False))
    again = ev.Fit.from_dict(stored)
    assert again.notes == fit.notes
    assert coded(again.notes) == coded(fit.notes)
    del stored["context"]["note_codes"]  # as stored before notes had codes
    assert ev.Fit.from_dict(stored).context.notes == fit.context.notes
