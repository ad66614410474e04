"""What is said first, how many notes are printed, and the tables as files."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cli.conftest import Evstats

import evstats as ev
from evstats.cli.pages import MOST_NOTES, Page
from evstats.notes import SENTENCES, Gravity, Note, ordered


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code of each gravity."""
    for gravity in Gravity:
        monkeypatch.setitem(SENTENCES, gravity.name, (gravity, f"A {gravity.name} about {{subject}}."))


def printed(page: Page, capsys: pytest.CaptureFixture[str], **options: object) -> list[str]:
    page.print(json=False, quiet=False, **options)  # type: ignore[arg-type]
    return capsys.readouterr().out.splitlines()


@pytest.mark.usefixtures("codes")
class TestPages:
    def test_a_dozen_notes_are_printed_the_gravest_first(self, capsys: pytest.CaptureFixture[str]) -> None:
        notes = [Note("READING", str(i)) for i in range(10)] + [Note("REMARK", str(i)) for i in range(10)]
        page = Page("levels", notes=[*notes, Note("CAUTION", "all"), *notes])
        lines = printed(page, capsys)
        assert lines[:3] == ["Notes", "- A CAUTION about all.", "- A REMARK about 0."]
        assert lines[-1] == "9 more notes: --notes all"
        assert len(lines) == 1 + MOST_NOTES + 1
        assert len(printed(page, capsys, most=None)) == 1 + 21
        assert printed(page, capsys, most=0) == []
        assert printed(Page("levels", notes=notes[:MOST_NOTES]), capsys)[-1] == "- A READING about 9."
        assert printed(Page("levels", notes=notes[: MOST_NOTES + 1]), capsys)[-1] == "1 more note: --notes all"

    def test_what_may_make_the_answer_wrong_stands_before_it(self, capsys: pytest.CaptureFixture[str]) -> None:
        page = Page("levels", notes=[Note("REMARK", "x"), Note("ANSWER", "half of the years")])
        for options in ({}, {"most": None}):
            assert printed(page, capsys, **options) == [
                "Caution", "A ANSWER about half of the years.", "", "Notes", "- A REMARK about x.",
            ]  # fmt: skip
        assert printed(page, capsys, most=0) == ["Caution", "A ANSWER about half of the years."]
        data = json.loads(page.to_json())
        assert list(data)[2:4] == ["notes", "note_codes"]
        assert data["notes"][0] == "A ANSWER about half of the years."
        assert data["note_codes"][0] == {
            "code": "ANSWER", "subject": "half of the years", "gravity": "answer", "fits": [], "values": {},
        }  # fmt: skip

    def test_a_caution_is_not_repeated_among_the_notes(self, capsys: pytest.CaptureFixture[str]) -> None:
        grave = Note("CAUTION", "trend")
        page = Page("analyze", notes=[grave.about("GEV"), Note("REMARK", "x")], cautions=(grave, Note("ANSWER", "y")))
        lines = printed(page, capsys)
        assert lines[:5] == ["Caution", "A ANSWER about y.", "", "Cautions", "- A CAUTION about trend."]
        assert sum("CAUTION" in line for line in lines) == 1
        data = json.loads(page.to_json())
        assert list(data)[2:4] == ["cautions", "caution_codes"]
        assert data["cautions"] == ["A ANSWER about y.", "A CAUTION about trend."]
        assert data["notes"] == ["A REMARK about x."]

    def test_cautions_count_among_the_dozen(self, capsys: pytest.CaptureFixture[str]) -> None:
        doubts = tuple(Note("CAUTION", str(i)) for i in range(MOST_NOTES))
        page = Page("analyze", notes=[Note("REMARK", "x")], cautions=doubts)
        assert printed(page, capsys)[-2:] == ["Notes", "1 more note: --notes all"]


@pytest.mark.usefixtures("undrawn")
def test_without_an_interior_maximum_that_is_the_first_thing_said(tmp_path: Path, evstats: Evstats) -> None:
    bounded = [103.4, 99.8, 115.1, 116.2, 105.0, 94.3, 103.5, 102.6, 85.6, 67.5, 82.6, 116.4]
    (tmp_path / "bounded.csv").write_text("year,flow\n" + "".join(f"{1980 + i},{x}\n" for i, x in enumerate(bounded)))
    for command in ("levels", "risk", "analyze"):
        done = evstats(command, "bounded.csv")
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("Caution\nThe likelihood")
        assert done.stdout.count("has no interior maximum") == 1
    report = ev.make_report(ev.fit(ev.block_maxima(ev.read_series(tmp_path / "bounded.csv"))))
    page = report.to_html()
    assert page.index("has no interior maximum") < page.index('<p class="answer">')
    assert report.to_markdown().index("has no interior maximum") < report.to_markdown().index("100-year maximum")
    assert list(report.to_dict())[2] == "cautions"
    assert report.cautions[0] == report.first[0]
    assert ordered(report.cautions) == report.cautions


@pytest.mark.parametrize("command", ["levels", "analyze", "audit"])
def test_that_many_rows_are_left_out_is_the_first_thing_said(
    command: str, tmp_path: Path, evstats: Evstats, as_json: list[str]
) -> None:
    cells = ["", "?"] * 6 + [f"{40 + 7 * i % 30}" for i in range(28)]
    (tmp_path / "half.csv").write_text("year,flow\n" + "".join(f"{1980 + i},{x}\n" for i, x in enumerate(cells)))
    done = evstats(command, "half.csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Caution\n12 of 40 rows are left out, 6 of them for one reason: missing value.")
    data = json.loads(as_json.pop())
    assert data["cautions" if command == "analyze" else "notes"][0].startswith("12 of 40 rows are left out")
    assert [note["code"] for note in data["note_codes"]].count("rows") == (2 if command == "levels" else 0)


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def test_tables_are_written_with_all_their_digits(floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    done = evstats("levels", floods, "--out", "levels.csv", "--out", "levels.json", "--out", "all")
    assert done.returncode == 0, done.stderr
    table = ev.fit(ev.block_maxima(ev.read_series(floods))).return_level([2, 5, 10, 20, 50, 100, 200, 500])
    rows = list(rows_of(tmp_path / "levels.csv"))
    assert [float(row["upper"]) for row in rows] == table["upper"].tolist()
    assert {row["confidence"] for row in rows} == {"0.95"}
    assert {path.name for path in (tmp_path / "all").iterdir()} == {
        "return_levels.csv", "predictive_levels.csv", "gumbel_return_levels.csv",
    }  # fmt: skip
    assert (tmp_path / "all" / "return_levels.csv").read_bytes() == (tmp_path / "levels.csv").read_bytes()
    page = json.loads((tmp_path / "levels.json").read_text())
    np.testing.assert_array_equal([row["lower"] for row in page["return_levels"]], table["lower"])
    assert page["files"][0] == "levels.csv"
    assert "levels.csv (return_levels; a folder would get predictive_levels," in done.stdout


@pytest.mark.parametrize(("command", "first"), [("fit", "parameter"), ("risk", "measure")])
def test_fit_and_risk_write_theirs(command: str, first: str, floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    assert evstats(command, floods, "--out", "t.csv", "--quiet").returncode == 0
    assert first in next(rows_of(tmp_path / "t.csv"))


def test_tables_are_written_whole_or_not_at_all(floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    (tmp_path / "t.csv").write_text("old")
    for places in (("t.csv",), ("new.csv", "t.csv"), ("new.xlsx",), ("floods.csv/t.csv",)):
        done = evstats("levels", floods, *(part for place in places for part in ("--out", place)))
        assert done.returncode == 2, places
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
        assert sorted(path.name for path in tmp_path.iterdir()) == ["floods.csv", "t.csv"]
    assert "new.xlsx is neither a folder nor a known kind of table" not in done.stderr
    assert (tmp_path / "t.csv").read_text() == "old"
    assert evstats("levels", floods, "--out", "t.csv", "--force").returncode == 0
    assert (tmp_path / "t.csv").read_text().startswith("return_period,")


def test_dots_per_inch_are_chosen(floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    from matplotlib.image import imread

    for dpi in (50, 100):
        assert evstats("plot", floods, "--figure", "series", "--dpi", dpi, "--out", f"{dpi}.png").returncode == 0
    small, large = (np.asarray(imread(tmp_path / f"{dpi}.png")).shape for dpi in (50, 100))
    assert large[:2] == (2 * small[0], 2 * small[1])
    assert evstats("plot", floods, "--dpi", "5").returncode == 2


def test_a_pdf_needs_a_browser(floods: Path, tmp_path: Path, evstats: Evstats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("EVSTATS_BROWSER", raising=False)
    monkeypatch.setattr("evstats.report.pages._NAMES", ("chromium", "google-chrome"))
    for named, words in ((None, "no Chromium, Chrome or Edge is found"), ("nix", "EVSTATS_BROWSER names 'nix'")):
        if named:
            monkeypatch.setenv("EVSTATS_BROWSER", named)
        done = evstats("report", floods, "--out", "r.html", "--out", "r.pdf")
        assert done.returncode == 2
        assert done.stderr.startswith("evstats: r.pdf is printed by a browser, and ")
        assert words in done.stderr
        assert "write .html and print that from a browser, or write .md or .json." in done.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["floods.csv"]


@pytest.mark.usefixtures("undrawn")
def test_a_browser_that_does_not_print_is_an_error(
    floods: Path, tmp_path: Path, evstats: Evstats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVSTATS_BROWSER", sys.executable)  # which knows none of the options
    done = evstats("report", floods, "--out", "r.pdf")
    assert done.returncode == 2
    assert "did not print the report (exit code 2)" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["floods.csv"]
