"""The report of peaks with covariates: whether rate and sizes have changed, then and now, in every form."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import evstats as ev
from evstats.report.pages import browser
from evstats.report.subject_peaks import OfMovingPeaks
from evstats.report.subjects import subject_of

DAYS = pd.date_range("1980-01-01", "2009-12-31", name="date")
_YEARS = (DAYS.year.to_numpy() - 1980.0) / 30.0
#: Daily flow of which more days are high in later years, and higher.
FLOW = pd.Series(
    np.where(
        np.random.default_rng(4).random(len(DAYS)) < 0.008 * np.exp(1.2 * _YEARS),
        40.0 + ev.GPD(0.0, 10.0, 0.05).rvs(len(DAYS), rng=5) * np.exp(0.5 * _YEARS),
        20.0 + np.random.default_rng(6).random(len(DAYS)),
    ),
    index=DAYS,
    name="flow",
).round(6)


@pytest.fixture(scope="module")
def fit() -> ev.Fit:
    """Rate and sizes follow the year."""
    return ev.fit(ev.peaks_over_threshold(FLOW, 40.0, separation="3D"), "gpd", rate="year", scale="year")


@pytest.fixture(scope="module")
def report(fit: ev.Fit) -> Any:
    """Its report."""
    return ev.make_report(fit, event=75.0, levels=[70.0])


def test_it_says_first_whether_it_has_changed(fit: ev.Fit, report: Any) -> None:
    assert isinstance(subject_of(fit), OfMovingPeaks)
    assert report.answer.startswith("The peaks of flow above 40 have changed over the years, by more than chance")
    table = fit.change([100]).iloc[0]
    verb = "rises" if table["lower"] > 0.0 else "changes"
    assert f"from 1980 to 2009 the 100-year level {verb} by {table['estimate']:.0f}" in report.answer
    then, now = (fit.rate_at({"year": year})["estimate"].item() for year in (1980, 2009))
    assert f"There were {then:.2f} peaks a year then" in report.answer
    assert f"and are {now:.2f} now" in report.answer
    assert report.title == "100-year level of flow then and now, 1980 to 2009"


def test_then_and_now_stand_side_by_side(fit: ev.Fit, report: Any) -> None:
    sides = report.tables["rate_and_sizes"].frame.set_index("quantity")
    assert list(sides.index) == ["peaks a year", "scale", "shape"]
    for word, year in (("then", 1980), ("now", 2009)):
        at = {"year": year}
        assert sides[word]["scale"] == pytest.approx(fit.at(at).scale)
        assert sides[word]["peaks a year"] == pytest.approx(fit.rate_at(at)["estimate"].item())
        assert (sides[f"{word}_lower"] <= sides[word]).all()
        level = fit.return_level([100], at=at)["estimate"].item()
        levels = report.tables["then_and_now"].frame.set_index("return_period")
        assert levels[word][100.0] == pytest.approx(level)


def test_rate_and_sizes_are_tested_together_and_alone(fit: ev.Fit, report: Any) -> None:
    tests = report.tables["trend_test"].frame.set_index("model")
    assert list(tests.index[1:]) == ["the rate alone", "the sizes alone"]
    assert tests["df"].tolist() == [2, 1, 1]
    peaks = fit.peaks
    one = ev.likelihood_ratio_test(ev.fit(peaks, "gpd", rate="year"), fit)
    assert tests["p_value"]["the sizes alone"] == pytest.approx(one["p_value"].item())
    assert tests["statistic"].iloc[0] == pytest.approx(tests["statistic"].iloc[1:].sum())


def test_the_constant_fit_beside_counts_what_its_likelihood_counts(fit: ev.Fit, report: Any) -> None:
    models = report.tables["comparison"].frame.set_index("model")
    assert models["parameters"].tolist() == [4, 2]  # log scale and rate by the year; the constant of a rate is given
    assert models["aicc"].iloc[0] == pytest.approx(float(fit.aicc))


@pytest.mark.parametrize("ends", [".html", ".md", ".json"])
def test_every_form(report: Any, tmp_path: Path, ends: str) -> None:
    place = tmp_path / f"report{ends}"
    report.write(place)
    text = place.read_text()
    titles = ("Has it changed?", "Levels then and now", "The event then and now", "What the covariates leave")
    for said in titles if ends != ".json" else ("then_and_now", "rate_and_sizes", "attribution", "order_of_residuals"):
        assert said in text
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL).lower().replace("finance", "")
    if ends == ".json":
        found = json.loads(text)
        assert found["headline"]["period"] == 100.0


def test_printed_it_has_no_more_than_eight_pages(report: Any) -> None:
    try:
        browser(Path("report.pdf"))
    except ev.EvstatsError:
        pytest.skip("no browser is installed")
    assert 1 < len(re.findall(rb"/Type\s*/Page\b(?!s)", report.to_pdf())) <= 8


def test_merged_exceedances_are_shown_up_to_thirty(report: Any) -> None:
    merged = report.parts["merged"]
    assert merged.shown(400) == 30
    assert "reason" not in [column.name for column in merged.columns(())]


def test_periods_that_have_no_level_then_are_left_out_unasked() -> None:
    """Of 0.3 peaks a year then the 2-year level is none."""
    dates = pd.to_datetime(
        [f"{year}-06-{day:02d}" for year in range(1980, 2010) for day in range(1, 2 + (year - 1980) // 6)]
    )
    sizes = 10.0 + ev.GPD(0.0, 2.0, 0.05).rvs(len(dates), rng=3)
    keep = np.random.default_rng(1).random(len(dates)) < np.where(dates.year < 1995, 0.25, 0.9)
    peaks = ev.as_peaks(pd.Series(sizes[keep], index=dates[keep]), 10.0, pd.Series(1.0, index=range(1980, 2010)))
    fit = ev.fit(peaks, "exponential", rate="year")
    then = fit.rate_at({"year": 1980})["estimate"].item()
    assert then < 0.5
    found = ev.make_report(fit)
    assert found.tables["then_and_now"].frame["return_period"].min() * then > 1.0
    assert "then" in found.answer


def test_states_are_refused_as_elsewhere(fit: ev.Fit) -> None:
    with pytest.raises(ev.EvstatsError, match="now and then are the same"):
        ev.make_report(fit, now={"year": 2000}, then={"year": 2000})
    with pytest.raises(ev.EvstatsError, match=r"return period 0\.01 is not possible"):
        ev.make_report(fit, periods=[0.01])
