"""Texts on the command line: encoding, lines to skip, no dates, years that the file counts in; and advice, followed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from cli.conftest import Evstats

from evstats.cli import app
from evstats.text.arguments import OPTIONS

BAD_DATA = 1
PEAKS = [142.1, 96.8, 59.5, 100.7, 106.0, 92.2, 103.3, 107.0, 171.2, 136.8, 82.8, 158.5, 163.7, 129.4]
BARE = "".join(f"{peak}\n" for peak in PEAKS)


def audit(evstats: Evstats, *options: str) -> dict[str, Any]:
    done = evstats("audit", *options, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_undated_maxima_are_one_a_block(tmp_path: Path, evstats: Evstats) -> None:
    (tmp_path / "peaks.txt").write_text(BARE)
    blocks = audit(evstats, "peaks.txt")["blocks"]
    assert (blocks["block"], blocks["kept"]) == ("one value each", len(PEAKS))
    assert evstats("levels", "peaks.txt", "--periods", "10").returncode == 0


@pytest.mark.parametrize("rule", ["year", "water-year", "month"])
def test_no_message_leads_from_undated_maxima_to_a_number_of_days(tmp_path: Path, evstats: Evstats, rule: str) -> None:
    (tmp_path / "peaks.txt").write_text(BARE)
    done = evstats("levels", "peaks.txt", "--block", rule)
    assert done.returncode == BAD_DATA
    assert "leave out the block (--block) where every value is the extreme of one already" in done.stderr
    assert "365" not in done.stderr


def test_dates_that_are_not_understood_are_no_undated_data(tmp_path: Path, evstats: Evstats) -> None:
    (tmp_path / "peaks.csv").write_text(
        "when,peak\n" + "".join(f"Sommer {1950 + i},{p}\n" for i, p in enumerate(PEAKS))
    )
    done = evstats("levels", "peaks.csv")
    assert done.returncode == BAD_DATA
    assert "'when' has 'Sommer 1950', which is no date in a known format" in done.stderr
    assert "say so with --block 1." in done.stderr
    assert audit(evstats, "peaks.csv", "--block", "1")["blocks"]["kept"] == len(PEAKS)


def test_the_years_of_the_file_are_the_blocks(tmp_path: Path, evstats: Evstats) -> None:
    values = "".join(f"0{1 + i % 9} {'Dec' if i % 3 else 'Nov'} {1960 + i},{p},1.0\n" for i, p in enumerate(PEAKS))
    (tmp_path / "39001.AM").write_text(
        f"[AM Details]\nYear Type,Water Year,10\n[END]\n[AM Rejected]\n1963,1963\n[END]\n[AM Values]\n{values}[END]\n"
    )
    found = audit(evstats, "39001.AM")
    assert found["blocks"]["block"] == "water-year (Oct-Sep)"
    assert any("rejects the water year 1963/64: 1 value" in note for note in found["notes"])


def test_an_encoding_and_lines_to_skip(tmp_path: Path, evstats: Evstats) -> None:
    rows = "".join(f"{1950 + i};{p}\n" for i, p in enumerate(PEAKS))
    (tmp_path / "dos.csv").write_bytes(("1949;1\n1948;2\nJahr;Abfluß\n" + rows).encode("cp850"))
    found = audit(evstats, "dos.csv", "--encoding", "cp850", "--skip", "2")
    assert (found["data"]["value_column"], found["data"]["rows_read"]) == ("Abfluß", len(PEAKS))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--encoding", "utf-16"], "is not utf-16 text; leave the encoding out (--encoding), or name the right one"),
        (["--encoding", "latin-9000"], "unknown encoding 'latin-9000' (--encoding)"),
        (["--skip", "99"], "has 14 lines, so --skip 99 leaves none; skip fewer (--skip)."),
        (["--skip", "-1"], "--skip must be a whole number of lines, 0 or more, not -1."),
    ],
)
def test_what_cannot_be_asked_for(tmp_path: Path, evstats: Evstats, options: list[str], sentence: str) -> None:
    (tmp_path / "peaks.txt").write_text(BARE)
    done = evstats("audit", "peaks.txt", *options)
    assert done.returncode in (1, 2)
    assert sentence in done.stderr
    assert done.stdout == ""


def test_every_argument_of_the_table_is_an_option() -> None:

    commands = typer.main.get_command(app).commands.values()
    offered = {name for command in commands for option in command.params for name in option.opts}
    assert set(OPTIONS.values()) <= offered
