"""The report of losses: risk first, return periods where they are asked, and no word of rivers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from typer.testing import CliRunner

import evstats as ev
from evstats.cli.commands import app

#: Words of water and weather, and of return periods in years.
HYDROLOGY = re.compile(
    r"flood|storm|river|gauge|catchment|wet and dry|instrument|return (level|period)|\d-year|T = |AEP", re.IGNORECASE
)


def words_of(report: Any) -> str:
    """Everything that the report says in its own words, without names and literature."""
    told = [report.title, report.answer, *report.cautions, *report.notes, *report.assumptions]
    for section in report.sections:
        told += [section.title, *section.text, *(getattr(part, "title", "") for part in section.parts.values())]
    return "\n".join(told)


@pytest.fixture(scope="module")
def claims() -> Any:
    """Losses of which every one above 10 counts, in 11 years."""
    values = np.asarray(ev.GPD(1.0, 2.0, 0.3).rvs(2_000, rng=4))
    return ev.fit(ev.peaks_over_threshold(values, 10.0, separation=None, observations_per_year=200.0))


@pytest.fixture(scope="module")
def report(claims: Any) -> Any:
    """What is said of them."""
    return ev.make_report(claims, subject="losses")


def test_value_at_risk_leads(report: Any, claims: Any) -> None:
    shape, loc, scale = stats.genpareto.fit(claims.values - 10.0, floc=0.0)
    share = claims.n / 2_000
    var = 10.0 + loc + scale / shape * ((0.01 / share) ** -shape - 1.0)
    shortfall = (var + scale - shape * 10.0) / (1.0 - shape)  # McNeil, Frey and Embrechts, 5.18 and 5.19
    table = report.tables["risk"].frame
    told = table[(table["family"] == "gpd") & (table["level"] == 0.99)].set_index("measure")["estimate"]
    assert_allclose(told[["var", "es"]], [var, shortfall], rtol=2e-3)
    assert report.title == "Value at risk of value"
    assert re.match(
        r"The 99 % value at risk of value is [\d.]+, 95 % interval .*: one loss of 100 exceeds", report.answer
    )
    named = {name: report.headline[name] for name in ("measure", "probability", "horizon")}
    assert named == {"measure": "value_at_risk", "probability": 0.99, "horizon": "observation"}
    assert report.headline["estimate"] == told["var"]
    assert sorted(set(table["level"])) == [0.99, 0.999]


def test_the_tail_is_told_with_its_index_and_its_mean_excess(report: Any, claims: Any) -> None:
    short = report.tables["in_short"].frame.set_index("question")["answer"]
    shape = float(claims.distribution.parameters[-1])
    index = short[next(row for row in short.index if row.startswith("Tail index"))]
    assert float(index) == pytest.approx(1.0 / shape, rel=0.05)
    assert float(short["Losses above 10 a year"]) == pytest.approx(claims.n / 10.0, rel=0.05)
    told = next(section.text for section in report.sections if section.title.startswith("Value at risk"))
    excess = np.mean(claims.values - 10.0)
    assert float(re.search(r"lie ([\d.]+) beyond it", told[1])[1]) == pytest.approx(excess, rel=0.1)  # type: ignore[index]
    assert "backtest" in told[2]


def test_no_word_is_of_rivers_or_return_periods(report: Any) -> None:
    assert HYDROLOGY.findall(words_of(report)) == []
    assert "return_levels" not in report.tables
    page = report.to_html()
    assert 'id="figure-tail"' in page
    assert 'id="figure-return_levels"' not in page
    assert "return_levels" not in json.loads(report.to_json())
    assert "99.9 % value at risk, 95 % interval" in page  # on the slider


def test_return_periods_are_told_where_they_are_asked(claims: Any) -> None:
    report = ev.make_report(claims, subject="losses", periods=[5, 50])
    assert "value at risk of" in report.answer
    assert list(report.tables["return_levels"].frame["return_period"].unique()) == [5.0, 50.0]
    assert {"tail", "return_levels"} <= {name for section in report.sections for name in section.pictures}


def test_merged_losses_are_told_as_clusters(claims: Any) -> None:
    days = pd.date_range("2000-01-01", periods=2_000)
    values = pd.Series(np.asarray(ev.GPD(0.0, 1.0, 0.2).rvs(2_000, rng=3)), days, name="loss")
    report = ev.make_report(ev.fit(ev.peaks_over_threshold(values, 3.0, separation="5D")), subject="losses")
    assert report.headline["horizon"] == "peak"
    assert "one loss beyond the threshold of 100 exceeds it" in report.answer
    assert "count as one" in words_of(report)


def test_without_a_word_they_are_peaks_as_others(claims: Any) -> None:
    assert ev.make_report(claims).title == "100-year level of value"


def test_the_subject_is_checked(claims: Any) -> None:
    with pytest.raises(ev.ArgumentError, match="subject is 'loses'"):
        ev.make_report(claims, subject="loses")
    low = ev.fit(ev.peaks_over_threshold(-np.asarray(ev.GPD(0.0, 1.0, 0.2).rvs(400, rng=3)), -2.0, kind="min"))
    with pytest.raises(ev.ArgumentError, match="fit is of minima"):
        ev.make_report(low, subject="losses")


def test_the_curve_of_the_tail_is_the_value_at_risk(claims: Any) -> None:
    curve = ev.plots.value_at_risk_curve(claims, interval="delta")
    found = claims.value_at_risk([0.99], horizon="observation", interval="delta").iloc[0]
    for name in ("estimate", "lower"):
        at = np.interp(np.log(0.01), np.log(curve["beyond"][::-1]), curve[name][::-1])
        assert at == pytest.approx(found[name], rel=2e-3)
    points = ev.plots.value_at_risk_points(claims).sort_values("value", ascending=False)
    assert points["beyond"].iloc[0] == pytest.approx(0.56 / (claims.n + 0.12) * claims.n / 2_000)
    with pytest.raises(ev.ArgumentError, match="peaks over a threshold"):
        ev.plots.value_at_risk(ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8]))


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """Prices of working days."""
    days = pd.bdate_range("2010-01-01", periods=900)
    steps = 0.01 * np.random.default_rng(5).standard_t(4, days.size)
    path = tmp_path / "prices.csv"
    pd.DataFrame({"date": days, "close": 100.0 * np.exp(np.cumsum(steps))}).to_csv(path, index=False)
    return path


def on_the_command_line(command: str, prices: Path, out: Path) -> None:
    """Run it on the losses of prices."""
    options = ["--returns", "log", "--threshold", "95%", "--out", str(out)]
    done = CliRunner().invoke(app, [command, str(prices), *options])
    assert done.exit_code == 0, done.output


def test_prices_are_known_for_losses(prices: Path) -> None:
    on_the_command_line("report", prices, out := prices.with_name("r.json"))
    told = json.loads(out.read_text())
    assert told["headline"]["horizon"] == "observation"
    assert "one day of 100 exceeds it" in told["answer"]


@pytest.mark.slow
def test_the_tail_is_drawn_beside_the_tables(prices: Path) -> None:
    on_the_command_line("analyze", prices, folder := prices.with_name("results"))
    names = {path.name for path in folder.iterdir()}
    assert {"tail.png", "risk.csv"} <= names
    assert not {name for name in names if name.startswith("return_levels")}


def test_what_is_no_fit_has_no_page() -> None:
    losses = ev.Gumbel(0.0, 1.0).rvs(300, rng=1)
    for other in (ev.backtest(losses, np.full(300, 4.6)), ev.conditional_risk(losses, "flat"), pd.DataFrame()):
        with pytest.raises(ev.ArgumentError, match=f"this is a {type(other).__name__}, which has no page; write its"):
            ev.make_report(other)  # type: ignore[arg-type]
