"""The report of what follows covariates on the command line: the same answer from ``report`` and ``analyze``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.conftest import Evstats

SEA = Path(__file__).parents[1] / "golden" / "fremantle.csv"
ASKED = (SEA, "--value", "SeaLevel", "--trend", "year", "--event", "1.9")


@pytest.fixture(autouse=True, scope="module")
def _of_form(few_replicates: None) -> None:
    """What is tested here is form."""


def test_report_and_analyze_say_whether_it_has_changed(evstats: Evstats, tmp_path: Path) -> None:
    done = evstats("report", *ASKED, "--out", tmp_path / "page.json")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "page.json").read_text())
    assert found["answer"].startswith(
        "The maxima of SeaLevel have changed over the years, by more than chance explains"
    )
    assert found["questions"]["compared"] == {"now": {"year": 1989.0}, "then": {"year": 1897.0}, "event": 1.9}
    done = evstats("analyze", *ASKED, "--out", tmp_path / "out", "--report")
    assert done.returncode == 0, done.stderr
    assert found["answer"] in " ".join(done.stdout.split())
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"then_and_now.csv", "slopes.csv", "trend.png", "then_and_now.svg", "report.html"} <= written
    text = (tmp_path / "out" / "report.md").read_text()
    assert "![then and now](then_and_now.png)" in text


def test_a_state_without_covariates_is_refused(evstats: Evstats) -> None:
    done = evstats("report", SEA, "--value", "SeaLevel", "--now", "year=2000")
    assert done.returncode == 2
    assert done.stderr.startswith("evstats: --now, --then and --event compare states of covariates, and this fit has ")
