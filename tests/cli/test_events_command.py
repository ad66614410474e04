"""Claims dated by year on the command line: every command says the same years, and no season or order."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.conftest import Evstats

import evstats as ev

YEARS, THRESHOLD = 21, 1.5
WHEN = np.repeat(np.arange(1972, 1972 + YEARS), np.arange(8, 8 + YEARS))
SIZES = ev.GPD(1.0, 1.0, 0.3).rvs(len(WHEN), rng=1).round(6)
OVER = SIZES > THRESHOLD


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "claims.csv"
    pd.DataFrame({"year": WHEN, "paid": SIZES}).sort_values("paid").to_csv(path, index=False)
    return path


def test_every_command_tells_the_same_years(file: Path, evstats: Evstats) -> None:
    given = (file, "--value", "paid", "--threshold", THRESHOLD)
    asked = {
        "layer": ("--layers", "2:3,5:inf"),
        "levels": ("--events",),
        "risk": ("--events", "--horizon", "peak"),
        "trend": ("--events", "--rate", "year"),
    }
    for command, options in asked.items():
        page = json.loads(evstats(command, *given, *options, "--json").stdout)
        facts = next(part for part in page.values() if isinstance(part, dict) and "years_observed" in part)
        assert facts["years_observed"] == pytest.approx(YEARS, rel=1e-3), command
        assert facts["peaks"] == OVER.sum(), command
        assert not {"peaks_of_a_season", "sorted"} & {note["code"] for note in page["note_codes"]}
        if command == "layer":
            assert facts["rate"]["estimate"] == pytest.approx(OVER.sum() / YEARS, rel=1e-3)
            assert [row["rate_on_line"] is None for row in page["layers"]] == [False, True]


def test_years_of_two_digits_are_asked_for_with_four(tmp_path: Path, evstats: Evstats) -> None:
    path = tmp_path / "short.csv"
    pd.DataFrame({"year": WHEN - 1900, "paid": SIZES}).to_csv(path, index=False)
    given = ("levels", path, "--value", "paid", "--threshold", THRESHOLD, "--events")
    refused = evstats(*given, "--time", "year")
    assert refused.returncode == 1
    said = "column 'year' has years of two digits (line 2: '72'), so the century is open; write them with four digits."
    assert said in " ".join(refused.stderr.split())
    done = evstats(*given)
    assert "'72', which leaves the century open: write years with four digits" in " ".join(done.stdout.split())
    assert f"observations observed {len(WHEN)}" in done.stdout
