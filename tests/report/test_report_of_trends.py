"""The report of a fit with covariates: whether it has changed, levels then and now, and the fit beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

import evstats as ev
from evstats.notes import as_note
from evstats.report.values import Value
from evstats.text.arguments import in_options

SEA = pd.read_csv(Path(__file__).parents[1] / "golden" / "fremantle.csv", index_col="Year")
NOW, THEN, EVENT = {"year": 1989.0, "SOI": 1.0}, {"year": 1897.0, "SOI": 1.0}, 1.9


@pytest.fixture(scope="module")
def fit() -> ev.Fit:
    """Fremantle's sea level, which follows the year and the Southern Oscillation (Coles 2001, section 6.3)."""
    return ev.fit(SEA["SeaLevel"].rename("level_m"), "gev", loc="year + SOI", covariates=SEA[["SOI"]])


@pytest.fixture(scope="module")
def report(fit: ev.Fit) -> Any:
    """Its report."""
    return ev.make_report(fit, now=NOW, then=THEN, event=EVENT, levels=[2.0], years=10)


@pytest.fixture(scope="module")
def data(report: Any) -> dict[str, Any]:
    """What machines read."""
    found = json.loads(report.to_json())
    assert isinstance(found, dict)
    return found


def daily(slope: float, years: int = 30) -> pd.Series:
    """Daily values whose yearly extremes move by so much a year."""
    days = pd.date_range("1981-01-01", periods=int(365.25 * years))
    noise = np.asarray(ev.Gumbel(0.0, 1.0).rvs(len(days), rng=4))
    return pd.Series(np.round(noise + slope * days.year.to_numpy(), 2), days, name="flow_m3s")


def value(row: pd.Series) -> Value:
    return Value(*(float(row[name]) for name in ("estimate", "lower", "upper")))


def test_the_first_sentences_say_whether_it_has_changed_and_by_how_much(fit: ev.Fit, report: Any) -> None:
    change = value(fit.change([100], now=NOW, then=THEN).iloc[0])
    then, now = (value(fit.return_level([100], at=state).iloc[0]) for state in (THEN, NOW))
    assert report.answer.startswith(
        "The maxima of level_m follow year and SOI, by more than chance explains (likelihood-ratio test of loc ~ year "
        "+ SOI: p <= 0.001). By the fit, from year = 1897, SOI = 1 to year = 1989, SOI = 1 the 100-year maximum rises "
        f"by {change.level()}, 95 % interval {change.interval(change.level)}: it was {then.level()} "
        f"({then.interval(then.level)}) and is {now.level()} ({now.interval(now.level)}), from 86 observations"
    )
    ratio = fit.probability_ratio([EVENT], now=NOW, then=THEN).iloc[0]
    assert re.search(r"1\.9 or more comes once in .* now \(year = 1989, SOI = 1\), and came once in ", report.answer)
    assert f"it is {ratio['estimate']:.2g} times as likely, 95 % interval {ratio['lower']:.2g} to " in report.answer


def test_levels_stand_side_by_side_with_their_change(fit: ev.Fit, data: dict[str, Any]) -> None:
    table = pd.DataFrame(data["then_and_now"]).set_index("return_period")
    assert table.index.tolist() == [2.0, 10.0, 50.0, 100.0]
    for name, found in {
        "then": fit.return_level(table.index, at=THEN),
        "now": fit.return_level(table.index, at=NOW),
        "change": fit.change(table.index, now=NOW, then=THEN),
    }.items():
        assert_allclose(table[[name, f"{name}_lower", f"{name}_upper"]], found[["estimate", "lower", "upper"]])
    assert data["questions"]["compared"] == {"now": NOW, "then": THEN, "event": EVENT}
    assert data["headline"]["estimate"] == pytest.approx(table["now"][100.0])
    assert data["return_periods"][0]["estimate"] == pytest.approx(fit.return_period(2.0, at=NOW)["estimate"].item())


def test_the_fit_without_covariates_stands_beside_it(fit: ev.Fit, data: dict[str, Any]) -> None:
    still = ev.fit(SEA["SeaLevel"], "gev")
    moving, constant = data["comparison"]
    assert [moving["model"], constant["model"]] == ["loc ~ year + SOI", "constant"]
    assert_allclose([moving["loglik"], constant["loglik"]], [fit.loglik, still.loglik], rtol=1e-9)
    assert_allclose([moving["aicc"], constant["aicc"]], [fit.aicc, still.aicc], rtol=1e-9)
    assert moving["p_value"] == pytest.approx(ev.likelihood_ratio_test(still, fit)["p_value"].item())
    assert constant["p_value"] is None
    assert_allclose(
        [row["estimate"] for row in data["constant_levels"]],
        still.return_level([2, 10, 50, 100])["estimate"],
        rtol=1e-9,
    )
    attributed = {row["quantity"]: row["estimate"] for row in data["attribution"]}
    assert attributed == pytest.approx(fit.attribution(EVENT, now=NOW, then=THEN)["estimate"].to_dict())


def test_what_it_assumes_is_what_a_model_with_covariates_assumes(report: Any) -> None:
    said = " ".join(report.assumptions)
    assert "the location is linear in year, SOI; scale and shape do not change" in said
    assert "Given the covariates, the maxima of the blocks are independent of one another." in said
    assert "put down to year and SOI, not to its cause" in said
    assert "as if the state stayed" in said
    assert "does not change: no trend" not in said
    named = {method.name for method in report.methods}
    assert {"Likelihood-ratio test of the covariates", "Effective return levels", "Attribution"} <= named


def test_every_form_shows_figures_tables_and_residuals(report: Any) -> None:
    page, text = report.to_html(), report.to_markdown({"trend": "trend.png", "then_and_now": "states.png"})
    figures = re.findall(r'<figure id="figure-(\w+)">', page)
    assert figures == ["trend", "then_and_now", "probabilities", "quantiles", "residuals", "beside"]
    titles = [section.title for section in report.sections]
    assert titles[1:3] == ["Has it changed?", "Levels then and now"]
    for title in (*titles, "Tests of the residuals in the order of time"):
        assert title in page
        assert title in text
    assert "![trend](trend.png)" in text
    assert "loc:SOI" in page
    assert "The same over SOI." in page


def test_a_change_of_minima_that_chance_may_bring_is_said_so() -> None:
    minima = -np.asarray(ev.Gumbel(0.0, 1.0).rvs(40, rng=2))
    fit = ev.fit(pd.Series(minima, range(1981, 2021), name="low"), "gumbel-min", loc="year")
    report = ev.make_report(fit, periods=[10], event=-2.5)
    assert "The minima of low change" not in report.answer
    assert report.answer.startswith("That the minima of low change over the years cannot be told from chance (")
    assert "from 1981 to 2020 the 10-year minimum changes by " in report.answer
    assert "-2.5 or less comes once in " in report.answer
    assert any("put down to time" in said for said in report.assumptions)


def test_a_series_that_changes_says_how_to_ask_for_it() -> None:
    rising, steady = (ev.fit(ev.block_maxima(daily(slope)), "gumbel") for slope in (0.2, 0.0))
    note = next(note for note in rising.notes if as_note(note).code == "trend")
    assert note.endswith("one distribution for all blocks is doubtful; ask what has changed with trend='year'.")
    assert as_note(note).said(in_options).endswith("ask what has changed with --trend year.")
    assert "trend" not in {as_note(note).code for note in steady.notes}


def test_states_and_events_are_refused_without_covariates() -> None:
    fit = ev.fit(SEA["SeaLevel"], "gumbel")
    with pytest.raises(ev.ArgumentError, match=r"now, then and event compare states of covariates, .* trend='year'"):
        ev.make_report(fit, event=1.9)
