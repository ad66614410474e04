"""The report of what follows covariates on the command line: the same answer from ``report`` and ``analyze``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.conftest import Evstats

SEA = Path(__file__).parents[1] / "golden" / "fremantle.csv"
ASKED = (SEA, "--value", "SeaLevel", "--trend", "year", "--event", "1.9")


@pytest.fixture(autouse=True, scope="module")
def _of_form(few_replicates: None) -> None:
    """What is tested here is form."""


@pytest.mark.usefixtures("undrawn")
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


@pytest.mark.usefixtures("undrawn")
def test_analyze_and_report_peaks_that_follow_covariates(evstats: Evstats, tmp_path: Path) -> None:
    data = tmp_path / "flow.csv"
    days = pd.date_range("1990-01-01", "2009-12-31", name="date")
    flow = pd.Series(np.random.default_rng(3).gumbel(20.0, 5.0, len(days)), index=days, name="flow")
    flow.to_csv(data)
    options = (str(data), "--threshold", "99%", "--separation", "3D", "--rate", "year", "--scale", "year")
    done = evstats("analyze", *options, "--out", str(tmp_path / "out"), "--report")
    assert done.returncode == 0, done.stderr
    assert "peaks of flow above" in " ".join(done.stdout.split())
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"rate_and_sizes.csv", "then_and_now.csv", "trend.png", "peaks.csv", "report.html"} <= names
    assert "Levels then and now" in (tmp_path / "out" / "report.html").read_text()
    place = tmp_path / "report.md"
    done = evstats("report", *options, "--now", "year=2005", "--then", "year=1990", "--out", str(place))
    assert done.returncode == 0, done.stderr
    assert "now is year = 2005" in place.read_text()
