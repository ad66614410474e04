"""The benchmarks' figures are quoted as measured, and their machinery works with no peer installed."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import measuring
import numpy as np
import pandas as pd
import pytest
import report

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "benchmarks"
PEERS = ("lmoments3", "pyextremes", "openturns", "emcee", "arviz", "torch", "jax", "xclim", "extremeloss")
PEERS += ("insurance_evt", "flowfreq")
RESULTS = json.loads((FOLDER / "results.json").read_text(encoding="utf-8"))


def test_the_page_shows_the_results() -> None:
    assert (FOLDER / "RESULTS.md").read_text(encoding="utf-8") == report.page(RESULTS)


def test_the_readme_of_the_tests_quotes_the_page() -> None:
    readme = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    block = readme.partition(report.BEGIN)[2].partition(report.END)[0].strip()
    assert block == report.quoted(RESULTS)
    page = (FOLDER / "RESULTS.md").read_text(encoding="utf-8")
    speed = [line.strip("| ").split(" | ") for line in block.splitlines() if " to " in line and line.count(" | ") == 3]
    assert speed
    for what, against, ratio, _ in speed:
        assert any(f"| {what} | {against} |" in line and f"| {ratio} |" in line for line in page.splitlines())


def test_the_results_are_whole() -> None:
    """Of a full run with every peer, none of which failed."""
    assert not RESULTS["environment"]["quick"]
    assert not [row for row in RESULTS["speed"] if row["ratio"] is None]
    assert {row["tool"] for row in RESULTS["optima"] if "wrong" in row} == {
        "evstats",
        "scipy",
        "pyextremes",
        "openturns",
    }


@pytest.mark.parametrize(
    ("part", "tools"), [("peaks", {"evstats", "scipy", "openturns"}), ("covariates", {"evstats", "scipy"})]
)
def test_the_results_of_parts_are_whole(part: str, tools: set[str]) -> None:
    found = RESULTS[part]
    assert not found["environment"]["quick"]
    assert [row["what"] for row in found["speed"] if row["ratio"] is None] == []
    assert {row["tool"] for row in found["optima"] if "wrong" in row} >= tools


def test_the_quoted_coverage_is_that_of_the_study() -> None:
    study = pd.read_csv(ROOT / "tests" / "studies" / "peers.csv")
    assert len(study) == len(RESULTS["coverage"])
    shares = study[["coverage", "above", "below", "without"]]
    pd.testing.assert_series_equal(shares.sum(axis=1), pd.Series(1.0, study.index), check_names=False, atol=2e-6)
    assert set(shares["coverage"]) == {row["coverage"] for row in RESULTS["coverage"]}
    cells = study.groupby("tool")[["family", "shape", "n"]].apply(
        lambda rows: set(rows.itertuples(index=False, name=None))
    )
    assert all(cells["evstats"] >= cells[tool] for tool in cells.index)


def test_the_study_counts_both_sides_and_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "tests" / "studies")
    peers = runpy.run_path(str(ROOT / "tests" / "studies" / "peers.py"))
    limits = np.array([[-1.0, 1.0], [1.0, 2.0], [3.0, 5.0], [-2.0, -1.0], [np.nan, np.nan]])
    counted = peers["_counted"](limits.T, 0.0)
    assert (counted["coverage"], counted["below"], counted["above"], counted["without"]) == (0.2, 0.4, 0.2, 0.2)
    assert counted["width"] == 2.0  # the median, a missing interval being infinitely wide
    assert peers["_attempt"](lambda sample, family: (0.0, np.inf), limits, "gev") == peers["NONE"]
    with pytest.raises(KeyError):  # a mistake of ours is not taken for the tool's answer
        peers["_attempt"](lambda sample, family: {}["mistake"], limits, "gev")


#: Runs the command where no peer is found, and none can be imported; optima are looked for in samples of one shape.
WITHOUT_PEERS = f"""
import importlib.util, runpy, sys
peers, find = {PEERS!r}, importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in peers else find(name, *rest)
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in peers:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden())
sys.path.insert(0, {str(FOLDER)!r})
import correctness
correctness.SHAPES = correctness.SHAPES[:1]
runpy.run_path({str(FOLDER)!r}, run_name="__main__")
"""


def test_without_peers_every_row_says_so() -> None:
    only = (
        "GEV, maximum likelihood, one series",
        "L-moments, one series",
        "noise, 10 float64",
        "softmax 1 x 10",
        "emcee",
        "optima",
        "tails",
        "agreement",
        "GPD",
        "Bulletin 17C of 60 years:",
        "one series of 50 peaks: r*",
    )
    arguments = [argument for word in only for argument in ("--only", word)]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PEERS, "--quick", *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    lines = done.stdout.splitlines()
    for name in ("lmoments3", "pyextremes", "openturns", "emcee", "torch", "jax", "insurance_evt", "flowfreq"):
        assert any(f"{name} is not installed" in line for line in lines), name
    assert any("scipy.stats.genextreme.fit" in line and " to " in line for line in lines)
    assert any(line.startswith("| evstats.noise.gumbel |") for line in lines)
    assert "failed" not in done.stdout
    assert "the figures mean nothing" in done.stdout


# -- how it is counted -------------------------------------------------------------------------------------------------


class Clock:
    """Time that passes only in the calls."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now

    def call(self, seconds: float) -> Any:
        def run() -> float:
            self.now += seconds
            return seconds

        return run


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(measuring, "time", clock)
    return clock


def case(pair: measuring.Pair, **options: Any) -> measuring.Case:
    return measuring.Case("group", "what", "peer", lambda sizes: pair, **options)


def test_a_ratio_counts_the_work(clock: Clock) -> None:
    pair = measuring.Pair(clock.call(2.0), clock.call(0.5), work=100.0)
    row = measuring.compare(case(pair, mark=30.0), measuring.Sizes())
    assert (row["ours_s"], row["peer_s"], row["ratio"], row["low"], row["high"]) == pytest.approx((2, 50, 25, 25, 25))
    assert report.mark(row) == "30, missed"
    assert report.outcome(row) == "won"
    assert report.mark(row | {"mark": 25.0}) == "25, met"


def test_work_told_by_the_results(clock: Clock) -> None:
    pair = measuring.Pair(clock.call(2.0), clock.call(4.0), work=lambda ours, theirs: ours / theirs)
    assert measuring.compare(case(pair), measuring.Sizes())["ratio"] == pytest.approx(1.0)


def test_short_calls_are_repeated(clock: Clock) -> None:
    row = measuring.compare(case(measuring.Pair(clock.call(1e-4), clock.call(1e-3))), measuring.Sizes())
    assert row["ratio"] == pytest.approx(10.0)
    told_of_memory = 1 if sys.platform.startswith("linux") else 0
    assert clock.now == pytest.approx((2 + told_of_memory) * (1e-4 + 1e-3) + 7 * 0.02)


def test_what_fails_or_is_missing_is_a_row() -> None:
    def broken(sizes: measuring.Sizes) -> measuring.Pair:
        raise RuntimeError("no such thing")

    failed = measuring.compare(measuring.Case("group", "what", "peer", broken), measuring.Sizes())
    assert report.times_as_fast(failed) == "failed: RuntimeError: no such thing"
    absent = measuring.compare(
        measuring.Case("group", "what", "peer", broken, needs=("nowhere_to_be_found",)), measuring.Sizes()
    )
    assert report.times_as_fast(absent) == "nowhere_to_be_found is not installed"
    assert report.outcome(failed) == report.outcome(absent) == "-"


def test_parts_count_where_evstats_loses(clock: Clock) -> None:
    slow = measuring.compare(case(measuring.Pair(clock.call(4.0), clock.call(1.0))), measuring.Sizes())
    fast = measuring.compare(case(measuring.Pair(clock.call(1.0), clock.call(4.0))), measuring.Sizes())
    text = report.losses({"speed": [fast], "coverage": [], "grids": {"speed": [slow, fast]}})
    assert "slower in 1 of 3 comparisons" in text


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the memory of the process is read as Linux tells it")
def test_memory_is_told_beside_time() -> None:
    """Of arrays, whoever holds them, at their height and not at the end; above 32 MiB, which malloc gives back."""
    pair = measuring.Pair(
        lambda: np.ones(100 * 2**17).sum() + np.ones(40 * 2**17).sum(), lambda: np.ones(120 * 2**17).sum()
    )
    row = measuring.compare(case(pair), measuring.Sizes())
    assert row["ours_mib"] == pytest.approx(100.0, abs=4.0)
    assert row["peer_mib"] == pytest.approx(120.0, abs=4.0)
    more = row | {"ours_mib": 50.0, "peer_mib": 30.0}
    assert report.memory(more) == "50 / 30"
    row |= {"ours_mib": 10.0, "peer_mib": 30.0}
    text = report.losses({"speed": [row, more, more | {"whole": False}], "coverage": []})
    assert "Of 2 comparisons of the same work it holds more memory in 1, the most in:" in text
    assert "| what | peer | 50 / 30 |" in text
    elsewhere = measuring.compare(case(pair, in_process=False), measuring.Sizes())
    assert report.memory(elsewhere) == "-"


def test_what_is_lost_is_said(clock: Clock) -> None:
    slow = measuring.compare(case(measuring.Pair(clock.call(4.0), clock.call(1.0))), measuring.Sizes())
    fast = measuring.compare(case(measuring.Pair(clock.call(1.0), clock.call(4.0))), measuring.Sizes())
    text = report.losses({"speed": [fast, slow], "coverage": []})
    assert "slower in 1 of 2 comparisons" in text
    assert "4 s against 1 s | 0.25 (0.25 to 0.25)" in text
    assert "1 s against 4 s" not in text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0123, "0.012"), (0.9, "0.9"), (1.0, "1"), (9.96, "10"), (14.2, "14"), (4321.0, "4,321")]
)
def test_numbers_have_two_digits(value: float, text: str) -> None:
    assert report.number(value) == text
