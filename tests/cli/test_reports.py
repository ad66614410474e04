"""``evstats report`` and ``evstats analyze --report``: the files, the command they name, and what stops them."""

from __future__ import annotations

import hashlib
import html
import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from cli.conftest import DATA, Evstats

import evstats as ev

RIVER = DATA / "river_daily_flow.csv"
HOSTILE = "<script>alert(1)</script>"


@pytest.mark.usefixtures("undrawn")
def test_analyze_reports_beside_its_tables_and_figures(floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    done = evstats("analyze", floods, "--out", "results", "--report", "--periods", "10,50")
    assert done.returncode == 0, done.stderr
    results = tmp_path / "results"
    assert {"report.html", "report.md", "report.json", "analysis.json", "risk.csv"} <= {
        p.name for p in results.iterdir()
    }
    report = json.loads((results / "report.json").read_text())
    analysis = json.loads((results / "analysis.json").read_text())
    for name in ("answer", "return_levels", "parameters", "comparison", "data", "dropped"):
        assert report[name] == analysis[name], name
    said = {*report["notes"], *report["cautions"], *report["reading"]}
    for note, code in zip(analysis["notes"], analysis["note_codes"], strict=True):  # those on the lead without its name
        assert (note in said) == (not code["fits"]), note
    assert analysis["cautions"] == report["cautions"]
    assert not set(analysis["cautions"]) & set(analysis["notes"])
    assert not set(report["cautions"]) & set(report["notes"])
    assert done.stdout.splitlines()[0] == "Answer"
    assert " ".join(report["answer"].split()) in " ".join(done.stdout.split())
    assert "The 50-year maximum of flow_m3s is " in report["answer"]
    markdown = (results / "report.md").read_text(encoding="utf-8")
    for picture in ("series.png", "return_levels.png", "diagnostics.png"):
        assert f"]({picture})" in markdown
        assert (results / picture).exists()


def test_a_report_names_the_command_and_the_bytes_it_came_from(floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    arguments = ["report", str(floods), "--family", "gev", "--method", "lmoments", "--level", "60", "--out", "a b.json"]
    assert evstats(*arguments).returncode == 0
    making = json.loads((tmp_path / "a b.json").read_text())["making"]
    assert shlex.split(making["command"]) == ["evstats", *arguments]
    assert making["sha256"] == hashlib.sha256(floods.read_bytes()).hexdigest()
    again = shlex.split(making["command"])[1:]
    assert evstats(*again, "--force").returncode == 0
    assert json.loads((tmp_path / "a b.json").read_text())["making"]["sha256"] == making["sha256"]


@pytest.mark.usefixtures("undrawn")
def test_a_report_answers_with_the_fit_that_was_asked_for(tmp_path: Path, evstats: Evstats) -> None:
    options = ("--block", "water-year", "--family", "gev", "--interval", "profile", "--confidence", "0.9")
    done = evstats("report", RIVER, *options, "--level", "150", "--years", "30", "--out", "r.html", "--out", "r.json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    report = json.loads((tmp_path / "r.json").read_text())
    fit = ev.fit(ev.block_maxima(ev.read_series(RIVER), "water-year"), "gev")
    expected = fit.return_level([100], interval="profile", confidence=0.9).iloc[0]
    assert f"is {expected['estimate']:.0f} m3/s, 90 % interval {expected['lower']:.0f} to" in report["answer"]
    intervals = {(row["family"], row["method"]): row["interval"] for row in report["return_levels"]}
    assert intervals["gev", "mle"] == "profile likelihood"
    assert set(intervals) == {("gev", "mle"), ("gumbel", "mle"), ("gumbel", "moments")}
    chance = fit.exceedance_probability([150.0], 30, interval="profile", confidence=0.9).iloc[0]
    np.testing.assert_allclose(report["probabilities"][0]["upper"], chance["upper"], rtol=1e-10)
    assert html.escape(report["answer"], quote=False) in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_an_interval_that_the_others_lack_is_no_hindrance(floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    assert evstats("report", floods, "--interval", "exact", "--family", "gumbel", "--out", "r.json").returncode == 0
    intervals = {
        row["family"]: row["interval"] for row in json.loads((tmp_path / "r.json").read_text())["return_levels"]
    }
    assert intervals["gumbel"].startswith("exact")
    assert intervals["gev"] == "calibrated posterior quantiles"  # of 12 values
    done = evstats("report", floods, "--interval", "exact", "--out", "s.json")
    assert done.returncode == 2
    assert not (tmp_path / "s.json").exists()


def test_a_title_is_written_and_reproduced(floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    assert evstats("report", floods, "--title", "Bridge 12", "--out", "r.json").returncode == 0
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["title"] == "Bridge 12"
    assert "--title 'Bridge 12'" in report["making"]["command"]


def test_peaks_of_usgs_files_are_cut_by_water_years(tmp_path: Path, evstats: Evstats) -> None:
    assert evstats("report", DATA / "usgs_01594440_peaks.rdb", "--out", "r.json").returncode == 0
    blocks = json.loads((tmp_path / "r.json").read_text())["blocks"]
    assert blocks["block"] == "water-year (Oct-Sep)"
    assert (blocks["kept"], blocks["dropped"]) == (20, 0)
    done = evstats("report", DATA / "usgs_01594440_peaks.rdb", "--block", "year", "--out", "s.json")
    assert done.returncode == 0
    assert json.loads((tmp_path / "s.json").read_text())["blocks"]["kept"] < 20


@pytest.mark.usefixtures("undrawn")
def test_without_a_place_the_page_is_written_here(floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    assert evstats("report", floods).returncode == 0
    assert (tmp_path / "report.html").exists()
    done = evstats("report", floods)
    assert done.returncode == 2
    assert "report.html exists already" in done.stderr
    done = evstats("analyze", floods, "--report")
    assert done.returncode == 2
    assert evstats("analyze", floods, "--report", "--force").returncode == 0
    assert {path.suffix for path in tmp_path.glob("report.*")} == {".html", ".md", ".json"}


def test_another_form_is_refused_before_any_work(tmp_path: Path, evstats: Evstats) -> None:
    done = evstats("report", "nowhere.csv", "--out", "report.docx")
    assert done.returncode == 2
    assert "report.docx does not end in a known form of report; known: .html, .md, .json, .pdf." in done.stderr


def test_a_hostile_column_stays_text(floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    floods.write_text(floods.read_text().replace("flow_m3s", HOSTILE))
    assert evstats("report", floods, "--out", "r.html").returncode == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert HOSTILE not in page
    assert html.escape(HOSTILE, quote=False) in page


def test_standard_input_has_its_fingerprint_too(floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    assert evstats("report", "-", "--out", "r.json", stdin=floods.read_bytes()).returncode == 0
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["making"]["sha256"] == hashlib.sha256(floods.read_bytes()).hexdigest()
    assert report["data"]["source"] == "the stream"


@pytest.mark.parametrize("value", ["log", "simple"])
def test_losses_are_reported(value: str, tmp_path: Path, evstats: Evstats) -> None:
    options = ("--returns", value, "--block", "year", "--horizon", "observation", "--extremal-index", "0.7")
    done = evstats("report", DATA / "wti_daily_spot_price.csv", *options, "--out", "r.json")
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "r.json").read_text())
    assert "100-year maximum of loss of price_usd_per_barrel is 0." in report["answer"]
    assert any("Losses are minus" in note for note in report["reading"])
