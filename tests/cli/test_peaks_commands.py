"""Peaks over a threshold on the command line: taken, chosen, fitted, beside block maxima, and refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cli.conftest import Done, Evstats

import evstats as ev

Page = Callable[..., dict[str, Any]]
DAYS = pd.date_range("1990-01-01", "2009-12-31", freq="D")


@pytest.fixture(scope="module")
def daily(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty years of daily values, each seen again in part the day after."""
    noise = ev.GPD(0.0, 10.0, 0.1).rvs(len(DAYS), rng=1)
    values = np.maximum(noise, 0.5 * np.concatenate([[0.0], noise[:-1]])).round(3)
    path = tmp_path_factory.mktemp("daily") / "flow.csv"
    pd.DataFrame({"date": DAYS, "flow_m3s": values}).to_csv(path, index=False)
    return path


@pytest.fixture
def page(evstats: Evstats) -> Page:
    """The answer of a command as machines read it."""

    def run(*arguments: object) -> dict[str, Any]:
        done = evstats(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert isinstance(found, dict)
        return found

    return run


def peaks_of(path: Path, threshold: Any = 60.0, **options: Any) -> ev.Peaks:
    return ev.peaks_over_threshold(ev.read_series(path), threshold, **{"separation": "3D"} | options)


def fits_80_columns(done: Done) -> bool:
    return max(map(len, done.stdout.splitlines())) <= 80


# -- the commands that fit ---------------------------------------------------------------------------------------------


def test_levels_are_those_of_the_peaks(daily: Path, page: Page) -> None:
    found = page("levels", daily, "--threshold", "60", "--separation", "3D", "--periods", "10,100", "--level", "120")
    fit = ev.fit(peaks_of(daily), "gpd")
    table = fit.return_level([10, 100])
    for row, (period, own) in zip(found["return_levels"], table.iterrows(), strict=True):
        assert row["return_period"] == period
        assert [row[name] for name in ("estimate", "lower", "upper")] == pytest.approx(own.tolist(), rel=1e-12)
        assert row["aep"] == pytest.approx(-np.expm1(-1.0 / float(str(period))))
    period = fit.return_period([120.0])["estimate"].item()
    assert found["return_periods"][0]["estimate"] == pytest.approx(period, rel=1e-12)


def test_levels_and_their_rate_follow_the_year(daily: Path, page: Page) -> None:
    asked = ("--threshold", "60", "--separation", "3D", "--rate", "year", "--at", "year=2000", "--periods", "10")
    fit = ev.fit(peaks_of(daily), "gpd", rate="year")
    own = fit.return_level([10], at={"year": 2000}).iloc[0]
    row = page("levels", daily, *asked)["return_levels"][0]
    assert [row[name] for name in ("estimate", "lower", "upper")] == pytest.approx(own.tolist(), rel=1e-12)


def test_every_answer_says_what_it_rests_on(daily: Path, page: Page) -> None:
    found, peaks = page("fit", daily, "--threshold", "60", "--separation", "3D"), peaks_of(daily)
    model, rate = found["model"], ev.fit(peaks).rate.iloc[0]
    assert (model["family"], model["threshold"], model["separation"]) == ("gpd", 60.0, "3 days")
    assert (model["peaks"], model["years_observed"]) == (len(peaks), peaks.years)
    assert model["rate"] == pytest.approx(rate[["estimate", "lower", "upper"]].to_dict())
    assert found["peaks"]["exceedances"] == peaks.exceedances


def test_every_answer_says_it_on_the_terminal_too(daily: Path, evstats: Evstats) -> None:
    done, peaks = evstats("levels", daily, "--threshold", "60", "--separation", "3D"), peaks_of(daily)
    assert done.returncode == 0
    assert fits_80_columns(done)
    for said in (
        "threshold       60",
        "separation      3 days",
        f"peaks           {len(peaks)}",
        "years observed  20",
        f"rate            {float(peaks.rate):.3g}",
        "95 % interval",
    ):
        assert said in done.stdout


def test_the_separation_is_chosen_where_none_is_given(daily: Path, page: Page) -> None:
    found = page("fit", daily, "--threshold", "60")
    assert found["model"]["peaks"] == len(peaks_of(daily, separation="auto"))


@pytest.mark.parametrize(("typed", "given"), [("none", None), ("2", 2), ("36h", "36h")])
def test_separations_are_typed_as_they_are_given(typed: str, given: Any, daily: Path, page: Page) -> None:
    found = page("peaks", daily, "--threshold", "60", "--separation", typed)
    assert found["taken"]["peaks"] == len(peaks_of(daily, separation=given))


def test_a_share_of_the_observations_is_a_threshold(daily: Path, page: Page) -> None:
    found = page("peaks", daily, "--threshold", "99%", "--separation", "none")
    values = ev.read_series(daily).series.to_numpy()
    assert found["taken"]["threshold"] == pytest.approx(np.quantile(values, 0.99))


def test_the_exponential_can_be_named(daily: Path, page: Page) -> None:
    found = page("fit", daily, "--threshold", "60", "--family", "exponential")
    assert found["model"]["family"] == "exponential"
    assert [row["parameter"] for row in found["parameters"]] == ["scale"]


def test_minima_lie_below_the_threshold(daily: Path, page: Page) -> None:
    below = page("fit", daily, "--threshold", "0.8", "--kind", "min", "--separation", "3D")
    assert below["model"]["family"] == "gpd-min"
    assert below["model"]["peaks"] == len(peaks_of(daily, 0.8, kind="min"))


def test_a_part_of_the_year(daily: Path, page: Page) -> None:
    by_months = page("peaks", daily, "--threshold", "60", "--months", "6,7,8", "--separation", "3D")
    by_season = page("peaks", daily, "--threshold", "60", "--season", "JJA", "--separation", "3D")
    assert by_months["peaks"] == by_season["peaks"]
    assert {pd.Timestamp(row["date"]).month for row in by_months["peaks"]} == {6, 7, 8}


def test_undated_data_count_observations_or_years(tmp_path: Path, page: Page) -> None:
    path = tmp_path / "undated.csv"
    path.write_text("x\n" + "\n".join(f"{x:.6g}" for x in ev.GPD(0.0, 1.0, 0.1).rvs(2000, rng=2)) + "\n")
    plain = page("levels", path, "--threshold", "2", "--separation", "none", "--periods", "1000")
    assert plain["model"]["time_unit"] == "observations"
    assert plain["model"]["observations_observed"] == 2000
    yearly = page("levels", path, "--threshold", "2", "--separation", "none", "--observations-per-year", "100")
    assert yearly["model"]["years_observed"] == 20
    level = next(row["estimate"] for row in yearly["return_levels"] if row["return_period"] == 10.0)
    assert level == pytest.approx(plain["return_levels"][0]["estimate"], rel=1e-9)


def test_usual_periods_are_longer_than_from_peak_to_peak(daily: Path, page: Page) -> None:
    found = page("levels", daily, "--threshold", "100", "--separation", "3D")
    peaks = peaks_of(daily, 100.0)
    assert all(row["return_period"] * float(peaks.rate) > 1.0 for row in found["return_levels"])


@pytest.mark.parametrize("command", ["analyze", "fit", "levels", "risk"])
@pytest.mark.parametrize("options", [("60",), ("0.8", "--kind", "min")], ids=["above", "below"])
def test_every_command_keeps_to_80_columns_and_gives_strict_json(
    command: str, options: tuple[str, ...], daily: Path, evstats: Evstats, as_json: list[str]
) -> None:
    done = evstats(command, daily, "--threshold", *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert fits_80_columns(done)
    assert "rate            " in done.stdout
    page = json.loads(as_json.pop(), parse_constant=pytest.fail)
    assert page["peaks"]["rate"]["lower"] < page["peaks"]["rate"]["estimate"]


# -- risk --------------------------------------------------------------------------------------------------------------


def test_risk_is_of_a_peak(daily: Path, page: Page) -> None:
    found = page("risk", daily, "--threshold", "60", "--separation", "3D", "--probabilities", "0.9")
    fit = ev.fit(peaks_of(daily))
    assert found["risk"][0]["estimate"] == pytest.approx(fit.value_at_risk([0.9])["estimate"].item(), rel=1e-12)


def test_risk_of_one_observation_takes_every_exceedance_and_says_so(daily: Path, page: Page) -> None:
    found = page("risk", daily, "--threshold", "40", "--horizon", "observation", "--probabilities", "0.999")
    peaks = peaks_of(daily, 40.0, separation=None)
    assert found["model"]["peaks"] == peaks.exceedances
    assert "every_exceedance_for_one_observation" in [note["code"] for note in found["note_codes"]]
    value = ev.fit(peaks).value_at_risk([0.999], horizon="observation")["estimate"].item()
    assert found["risk"][0]["estimate"] == pytest.approx(value, rel=1e-12)


def test_the_interval_of_one_observation_is_not_called_one_of_95_percent(daily: Path, evstats: Evstats) -> None:
    """But by the share in which it held."""
    options = ("--threshold", "40", "--probabilities", "0.999")
    said = evstats("risk", daily, *options, "--horizon", "observation").stdout.replace("\n", " ")
    assert said.count("interval that held 68 to 92 % of the time on dependent days (r*") == 2
    assert "95 % interval (" not in said
    assert "95 % interval (" in evstats("risk", daily, *options, "--horizon", "peak").stdout.replace("\n", " ")


def test_usual_probabilities_of_one_observation_lie_beyond_the_threshold(daily: Path, page: Page) -> None:
    found = page("risk", daily, "--threshold", "40", "--horizon", "observation")
    share = peaks_of(daily, 40.0).share
    assert share is not None
    levels = {row["level"] for row in found["risk"]}
    assert levels == {level for level in (0.9, 0.95, 0.99, 0.999) if 1.0 - level < share}


# -- peaks and thresholds ----------------------------------------------------------------------------------------------


def test_peaks_lists_what_was_above_merged_and_observed(daily: Path, page: Page, tmp_path: Path) -> None:
    found = page("peaks", daily, "--threshold", "60", "--separation", "3D", "--out", "peaks.csv")
    peaks = peaks_of(daily)
    assert peaks.merged is not None
    assert [row["value"] for row in found["peaks"]] == peaks.values.tolist()
    assert [row["value"] for row in found["merged"]] == peaks.merged["value"].tolist()
    assert found["taken"]["exceedances"] == len(found["peaks"]) + len(found["merged"])
    assert found["taken"]["rate"]["estimate"] == peaks.rate
    assert pd.read_csv(tmp_path / "peaks.csv")["value"].tolist() == peaks.values.tolist()


def test_peaks_on_the_terminal(daily: Path, evstats: Evstats) -> None:
    done = evstats("peaks", daily, "--threshold", "40")
    assert done.returncode == 0
    assert fits_80_columns(done)
    assert "Exceedances merged" in done.stdout
    quiet = evstats("peaks", daily, "--threshold", "40", "--quiet")
    assert len(quiet.stdout.splitlines()) == 1 + len(peaks_of(daily, 40.0, separation="auto"))


def test_thresholds_shows_the_table_and_the_choice(daily: Path, page: Page, evstats: Evstats, tmp_path: Path) -> None:
    asked = ("--thresholds", "20,30,40,50,60", "--separation", "3D")
    found = page("thresholds", daily, *asked, "--out", "table.csv")
    record = ev.read_series(daily)
    choice = ev.choose_threshold(record, [20, 30, 40, 50, 60], separation="3D")
    table = ev.threshold_diagnostics(record, [20, 30, 40, 50, 60], separation="3D")
    assert found["choice"]["threshold"] == choice.threshold
    assert [row["threshold"] for row in found["near"]] == choice.order[:5].tolist()
    assert [row["level"] for row in found["diagnostics"]] == pytest.approx(table["level"].tolist())
    stored = pd.read_csv(tmp_path / "table.csv", index_col="threshold")
    assert list(stored.columns) == list(table.columns)
    done = evstats("thresholds", daily, *asked)
    assert fits_80_columns(done)
    assert "anderson_darling_p" in done.stdout


def test_figures_of_peaks_and_of_the_choice(daily: Path, evstats: Evstats, tmp_path: Path) -> None:
    assert evstats("peaks", daily, "--threshold", "60", "--out", "peaks.png").returncode == 0
    assert evstats("thresholds", daily, "--thresholds", "30,40,50", "--out", "all").returncode == 0
    assert (tmp_path / "peaks.png").read_bytes().startswith(b"\x89PNG")
    names = {"choice.png", "stability.png", "mean_excess.png", "near.csv", "diagnostics.csv"}
    assert {path.name for path in (tmp_path / "all").iterdir()} == names
    assert evstats("plot", daily, "--threshold", "60", "--figure", "series", "--out", "series.svg").returncode == 0
    assert b"threshold" in (tmp_path / "series.svg").read_bytes()


# -- analyze -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("undrawn")
def test_analyze_lays_the_gev_of_block_maxima_beside_the_peaks_and_reports(
    daily: Path, page: Page, tmp_path: Path
) -> None:
    asked = ("--threshold", "60", "--separation", "3D", "--periods", "1,10,100", "--out", "all", "--report")
    found = page("analyze", daily, *asked)
    levels = pd.DataFrame(found["return_levels"])
    assert levels["family"].unique().tolist() == ["gpd", "exponential", "gev"]
    own = levels[levels["family"] == "gev"]
    assert own["return_period"].tolist() == [10.0, 100.0]  # a year has one maximum, and more than one peak
    maxima = ev.fit(ev.block_maxima(ev.read_series(daily))).return_level([10, 100])
    assert own["lower"].tolist() == pytest.approx(maxima["lower"].tolist(), rel=1e-12)
    assert own["upper"].tolist() == pytest.approx(maxima["upper"].tolist(), rel=1e-12)
    assert "By the maxima of 20 years" in found["answer"]
    assert {row["family"] for row in found["comparison"]} == {"gpd", "exponential"}  # of other data no AIC compares
    assert found["blocks"]["kept"] == 20
    names = {path.name for path in (tmp_path / "all").iterdir()}
    assert {"peaks.csv", "merged.csv", "return_levels.png", "analysis.json"} <= names
    assert {"report.html", "report.md", "report.json"} <= names
    report = json.loads((tmp_path / "all" / "report.json").read_text())
    assert report["answer"] == found["answer"]
    assert report["thresholds"]
    assert '<input type="range"' in (tmp_path / "all" / "report.html").read_text(encoding="utf-8")


def test_analyze_says_why_no_block_maxima_stand_beside(daily: Path, page: Page) -> None:
    found = page("analyze", daily, "--threshold", "60", "--months", "6,7,8")
    assert {row["family"] for row in found["return_levels"]} == {"gpd", "exponential"}
    assert "no_blocks_beside" in [note["code"] for note in found["note_codes"]]


# -- reports -----------------------------------------------------------------------------------------------------------


PEAKS_OF = ("--threshold", "60", "--separation", "3D")


def test_a_report_of_peaks_is_written_in_every_form(daily: Path, evstats: Evstats, tmp_path: Path) -> None:
    asked = (*PEAKS_OF, "--periods", "10,100", "--level", "120", "--years", "30")
    done = evstats("report", daily, *asked, "--out", "r.html", "--out", "r.md", "--out", "r.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert fits_80_columns(done)
    report = json.loads((tmp_path / "r.json").read_text())
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    peaks = peaks_of(daily)
    assert f"from {len(peaks)} peaks above 60 m3/s in 20 years" in report["answer"]
    assert report["answer"] in " ".join(page.split())
    assert "--threshold 60 --separation 3D" in report["making"]["command"]
    assert {row["family"] for row in report["return_levels"]} == {"gpd", "exponential", "gev"}
    assert report["return_periods"][0]["level"] == 120.0
    own = ev.threshold_diagnostics(ev.read_series(daily), [60.0], separation="3D")["level"].item()
    (row,) = [row for row in report["thresholds"] if row["threshold"] == 60.0]
    assert row["level"] == pytest.approx(own, rel=1e-9)
    assert '<input type="range"' in page
    assert "## The threshold" in (tmp_path / "r.md").read_text(encoding="utf-8")


def test_python_and_the_command_line_report_the_same(daily: Path, evstats: Evstats, tmp_path: Path) -> None:
    assert evstats("report", daily, *PEAKS_OF, "--out", "r.json").returncode == 0
    told = json.loads((tmp_path / "r.json").read_text())
    own = json.loads(ev.make_report(ev.fit(peaks_of(daily))).to_json())
    for name in ("title", "answer", "headline", "return_levels", "thresholds", "assumptions", "in_short", "counts"):
        assert told[name] == own[name], name


def test_of_one_observation_a_report_takes_every_exceedance(daily: Path, evstats: Evstats, tmp_path: Path) -> None:
    asked = ("--threshold", "40", "--horizon", "observation", "--probabilities", "0.999", "--out", "r.json")
    assert evstats("report", daily, *asked).returncode == 0
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["peaks"]["peaks"] == peaks_of(daily, 40.0, separation=None).exceedances
    assert "every_exceedance_for_one_observation" in [note["code"] for note in report["note_codes"]]
    assert {row["level"] for row in report["risk"]} == {0.999}


@pytest.mark.parametrize("asked", [("--returns", "log"), ("--losses",)])
def test_the_risk_of_losses_is_that_of_a_day_as_in_the_report(
    asked: tuple[str, ...], page: Page, evstats: Evstats, tmp_path: Path
) -> None:
    losses = ev.GPD(-0.01, 0.01, 0.2).rvs(len(DAYS), rng=4)
    column = 100.0 * np.exp(-np.cumsum(losses)) if "--returns" in asked else losses
    pd.DataFrame({"date": DAYS, "x": column}).to_csv(tmp_path / "x.csv", index=False)
    options = ("x.csv", *asked, "--threshold", "95%", "--probabilities", "0.99")
    found = page("risk", *options)
    assert evstats("report", *options, "--out", "r.json").returncode == 0
    told = json.loads((tmp_path / "r.json").read_text())["risk"]
    assert found["risk"][0]["estimate"] == pytest.approx(told[0]["estimate"], rel=1e-12)
    assert found["risk"][0]["estimate"] == pytest.approx(np.quantile(losses, 0.99), rel=0.1)
    assert "risk_of_what_passed" not in [note["code"] for note in found["note_codes"]]
    peak = page("risk", *options, "--separation", "5D")
    assert peak["risk"][0]["estimate"] > 1.5 * found["risk"][0]["estimate"]
    note = next(note for note in peak["notes"] if "already passed the threshold" in note)
    assert "--horizon observation and --separation none" in note


def test_a_report_that_is_there_stays(daily: Path, evstats: Evstats, tmp_path: Path) -> None:
    (tmp_path / "r.html").write_text("mine")
    done = evstats("report", daily, *PEAKS, "--out", "r.html", "--out", "r.json")
    assert done.returncode == 2
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("r.html", "mine")]


# -- what is refused ---------------------------------------------------------------------------------------------------

PEAKS = ("--threshold", "60")
REFUSED: dict[str, tuple[tuple[str, ...], int, str]] = {
    "block": (("levels", *PEAKS, "--block", "year"), 2, "--block is of blocks, and --threshold takes peaks"),
    "coverage": (("fit", *PEAKS, "--min-coverage", "0.5"), 2, "--min-coverage is of blocks"),
    "over": (("fit", *PEAKS, "--over", "3D", "sum"), 2, "--over is of blocks"),
    "months of blocks": (("fit", "--months", "6"), 2, "--months is of peaks over a threshold; add --threshold."),
    "no months": (("peaks", *PEAKS, "--months", "June"), 2, "'June' is not a list of months such as 6,7,8"),
    "gpd of blocks": (("fit", "--family", "gpd"), 2, "--family gpd is of peaks over a threshold; add --threshold"),
    "gev of peaks": (("fit", *PEAKS, "--family", "gev"), 2, "take --family gpd or --family exponential."),
    "above all": (("levels", "--threshold", "1e6"), 1, "the largest value is"),
    "below all": (("levels", "--threshold", "-1"), 1, "every value of flow_m3s lies above the threshold -1"),
    "nan": (("levels", "--threshold", "nan"), 2, "--threshold is nan"),
    "word": (("levels", "--threshold", "high"), 2, "or 'auto'"),
    "separation": (("levels", *PEAKS, "--separation", "3 dyas"), 2, "for example '3D'"),
    "negative separation": (("levels", *PEAKS, "--separation=-3D"), 2, "it must be longer than nothing"),
    "too few": (("fit", "--threshold", "160"), 1, "(20 or more for use)"),
    "merged observation": (
        ("risk", *PEAKS, "--horizon", "observation", "--separation", "3D"),
        2,
        "take the peaks with --separation none.",
    ),
    "below the threshold": (
        ("risk", *PEAKS, "--horizon", "observation", "--probabilities", "0.5"),
        2,
        "below the threshold, which a share of",
    ),
    "block of peaks": (("risk", *PEAKS, "--horizon", "block"), 2, "expected 'peak' or 'observation' of peaks."),
    "report below": (("report", *PEAKS, "--level", "50"), 2, "level 50 is not above the threshold of 60"),
    "report of blocks": (("report", *PEAKS, "--block", "year"), 2, "--block is of blocks"),
    "report of an observation": (
        ("report", *PEAKS, "--horizon", "observation", "--separation", "3D"),
        2,
        "take the peaks with --separation none.",
    ),
    "no threshold": (("peaks",), 2, "Missing option '--threshold'"),
    "candidates": (("thresholds", "--thresholds", "60,50"), 2, "--thresholds do not rise throughout"),
    "no such method": (("thresholds", "--method", "edq"), 2, "Did you mean 'eqd'?"),
    "kind of file": (("peaks", *PEAKS, "--out", "peaks.pgn"), 2, "Did you mean '.png'?"),
    "short period": (("levels", "--threshold", "100", "--periods", "0.1"), 2, "the least possible is above"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_sense_is_refused_in_one_sentence(
    case: str, daily: Path, evstats: Evstats, tmp_path: Path
) -> None:
    (command, *options), code, said = REFUSED[case]
    before = set(tmp_path.iterdir())
    done = evstats(command, daily, *options)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.startswith("evstats: ")
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    assert set(tmp_path.iterdir()) == before


def test_what_is_there_is_not_overwritten(daily: Path, evstats: Evstats, tmp_path: Path) -> None:
    (tmp_path / "peaks.png").write_text("mine")
    done = evstats("peaks", daily, *PEAKS, "--out", "peaks.png", "--out", "peaks.csv")
    assert done.returncode == 2
    assert "peaks.png" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["peaks.png"]


def test_a_time_parts_no_undated_data(tmp_path: Path, evstats: Evstats) -> None:
    path = tmp_path / "undated.csv"
    path.write_text("x\n" + "\n".join(map(str, range(1, 60))) + "\n")
    done = evstats("peaks", path, "--threshold", "30", "--separation", "3D")
    assert done.returncode == 2
    assert "give it as a number of observations, such as --separation 3." in done.stderr


def test_peaks_of_which_nothing_is_estimated_are_taken_and_not_fitted(tmp_path: Path, evstats: Evstats) -> None:
    days = pd.date_range("2000-01-01", periods=400)
    path = tmp_path / "flat.csv"
    pd.DataFrame({"date": days, "flow": np.where(np.arange(400) % 40 == 0, 7.0, 1.0)}).to_csv(path, index=False)
    assert evstats("peaks", path, "--threshold", "5", "--separation", "3D").returncode == 0  # fits nothing
    for command in ("fit", "levels", "risk"):
        done = evstats(command, path, "--threshold", "5", "--separation", "3D")
        assert (done.returncode, done.stdout) == (3, "")
        assert "All values are equal, so no scale can be estimated; take a lower threshold" in done.stderr
        assert "--threshold" in done.stderr


def test_the_years_of_a_list_of_events_can_be_told(tmp_path: Path, page: Page, evstats: Evstats) -> None:
    dates = pd.to_datetime(np.arange(0, 9_000, 60), unit="D", origin="1981-01-01")
    path = tmp_path / "surges.csv"
    values = 40.0 + ev.GPD(0.0, 10.0, 0.1).rvs(dates.size, rng=7)
    pd.DataFrame({"date": dates, "surge": values.round(2)}).to_csv(path, index=False)
    given = (path, "--events", "--threshold", "41", "--separation", "none", "--periods", "100")
    told = page("levels", *given, "--observed-years", "18.5")
    assert told["model"]["years_observed"] == 18.5
    untold = page("levels", *given)
    assert any("give the years without them (--observed-years)" in note for note in untold["notes"])
    assert untold["return_levels"][0]["estimate"] < told["return_levels"][0]["estimate"]
    assert page("peaks", *given[:-2], "--observed-years", "18.5")["taken"]["years_observed"] == 18.5
    layer = ("layer", path, "--threshold", "41", "--layers", "50:10")
    premiums = [page(*layer, *more)["layers"][0]["pure_premium"] for more in ((), ("--observed-years", "18.5"))]
    assert premiums[1] / premiums[0] == pytest.approx(untold["model"]["years_observed"] / 18.5, rel=1e-6)
    for refused, said in (
        ((path, *given[2:], "--observed-years", "18.5"), "read a list of events with --events."),
        ((*given, "--observed-years", "26"), "--observed-years is 26, and the events are of 1981 to 2005, 25 years"),
        ((path, "--events", "--observed-years", "18"), "--observed-years is of peaks over a threshold"),
    ):
        done = evstats("levels", *refused)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr


def test_thresholds_of_a_part_of_the_year(daily: Path, page: Page) -> None:
    options = ("--separation", "3D", "--thresholds", "20,30,40", "--months", "6,7,8")
    found = page("thresholds", daily, *options)
    table = ev.threshold_diagnostics(ev.read_series(daily), [20, 30, 40], separation="3D", months=[6, 7, 8])
    assert [row["peaks"] for row in found["diagnostics"]] == table["peaks"].tolist()
    assert [row["eqd"] for row in found["diagnostics"]] == pytest.approx(table["eqd"].tolist())
    assert page("thresholds", daily, *options[:4], "--season", "JJA")["diagnostics"] == found["diagnostics"]
