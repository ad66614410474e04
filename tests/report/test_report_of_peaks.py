"""The report of peaks over a threshold: what it says, the blocks beside it, and the table that its slider moves on."""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

import evstats as ev
from evstats.report.slider import THRESHOLD, slider
from evstats.thresholds import diagnostics_of_peaks
from evstats.thresholds.choices.discrepancy import ExpectedQuantileDiscrepancy

RIVER = Path(__file__).resolve().parents[2] / "data" / "river_daily_flow.csv"


@pytest.fixture(scope="module")
def record() -> Any:
    """A river."""
    return ev.read_series(RIVER)


@pytest.fixture(scope="module")
def river(record: Any) -> Any:
    """Its peaks above 60 m3/s."""
    return ev.peaks_over_threshold(record, 60.0, separation="7D")


@pytest.fixture(scope="module")
def report(river: Any) -> Any:
    """The report of them."""
    return ev.make_report(ev.fit(river), levels=[150.0], years=30)


@pytest.fixture(scope="module")
def page(report: Any) -> str:
    """Its page."""
    return str(report.to_html())


def daily(shape: float = 0.1, years: int = 30, seed: int = 1) -> pd.Series:
    """Days without dependence."""
    days = pd.date_range("1980-01-01", periods=365 * years)
    return pd.Series(np.asarray(ev.GPD(0.0, 10.0, shape).rvs(len(days), rng=seed)), days, name="flow_m3s")


def part_of(report: Any, title: str) -> Any:
    """A section by its title."""
    return next(section for section in report.sections if section.title == title)


# -- what it says ------------------------------------------------------------------------------------------------------


def test_the_answer_is_of_peaks_with_the_blocks_beside_it(report: Any) -> None:
    assert report.title == "100-year level of discharge_m3s (m3/s), 1926 to 2019"
    assert report.answer == (
        "The 100-year level of discharge_m3s is 160 m3/s, 95 % interval 130 to 340, from 52 peaks above 60 m3/s in "
        "93.1 years (GPD by maximum likelihood). If the sizes of the peaks are exponential, which the tests do not "
        "speak against, it is 145 m3/s, 125 to 175 (Exponential by maximum likelihood). By the maxima of 92 years, "
        "1927 to 2018, 2 left out, it is 151 m3/s, 128 to 211 (GEV by maximum likelihood)."
    )


def test_the_sections_stand_in_the_order_of_reading(report: Any) -> None:
    assert [section.title for section in report.sections] == [
        "In short",
        "Series and peaks above the threshold",
        "Return levels",
        "The threshold",
        "Does the model fit?",
        "Parameters",
        "Stationarity, independence and number of peaks",
        "Audit: what was read, left out and used",
    ]


def test_the_levels_are_those_of_the_fits_with_both_intervals(report: Any, river: Any, record: Any) -> None:
    frame = report.tables["return_levels"].frame
    assert frame["family"].unique().tolist() == ["gpd", "exponential", "gev"]
    blocks = ev.fit(ev.block_maxima(record))
    for name, fit in (("gpd", ev.fit(river)), ("gev", blocks)):
        own = frame[frame["family"] == name]
        expected = fit.return_level(own["return_period"].to_numpy())
        assert_allclose(own[["estimate", "lower", "upper"]], expected, rtol=1e-9)
    rows = [row["question"] for row in report.to_dict()["in_short"]]
    assert rows[2].endswith("GEV by maximum likelihood, of the maxima of 92 years, 1927 to 2018, 2 left out")


def test_a_period_of_which_the_blocks_know_no_level(record: Any) -> None:
    peaks = ev.peaks_over_threshold(record, 30.0, separation="7D")
    report = ev.make_report(ev.fit(peaks), periods=[1.0])
    assert {row["family"] for row in report.to_dict()["return_levels"]} == {"gpd", "exponential"}
    assert "By the maxima" not in report.answer
    assert [row["question"].split(",")[0] for row in report.to_dict()["in_short"]] == [
        "Level exceeded once in one year"
    ] * 2


def test_the_record_is_told(report: Any, river: Any) -> None:
    (text,) = part_of(report, "Series and peaks above the threshold").text
    assert text == (
        "52 peaks above 60 m3/s in 93.1 years, 1926 to 2019. 62 of 34,003 values lie above the threshold, of which 10 "
        "are merged into the peak of a cluster."
    )
    told = report.to_dict()
    assert told["peaks"]["exceedances"] == river.exceedances
    assert (len(told["kept"]), len(told["merged"]), len(told["gaps"])) == (52, 10, 0)
    assert told["blocks"]["kept"] == 92
    assert [row["block"] for row in told["dropped"]] == [1926, 2019]
    assert sum(row["peaks"] for row in told["months"]) == 52
    assert told["making"]["sha256"] == river.audit.sha256


def test_the_assumptions_are_those_of_peaks(report: Any) -> None:
    said = " ".join(report.assumptions)
    for words in (
        "The threshold, 60 m3/s, is taken for known: what hangs on it is not in the intervals.",
        "Values above the threshold no more than 7 days apart are one event, of which the highest counts.",
        "Events come as a Poisson process at one rate, 0.559 a year: the number of peaks in a year does not speak "
        "against it (variance over mean 1.11, p = 0.45).",
        "The sizes of the peaks follow a generalised Pareto distribution",
        "For comparison: The maxima of 92 years",
        "A level of return period T years is exceeded by one event in T years on average, and the chance that one year "
        "brings such an event (AEP) is 1 - exp(-1/T).",
        "For comparison, of the maxima of 92 years, 1927 to 2018, 2 left out: A level of return period T years is "
        "exceeded in any one year with probability 1/T (AEP).",
    ):
        assert words in said
    assert "of the blocks" not in said


def test_the_methods_are_those_that_were_used(report: Any) -> None:
    names = [method.name for method in report.methods]
    for name in ("GPD distribution", "GEV distribution", "Peaks over a threshold", "Diagnostics of the threshold"):
        assert names.count(name) == 1
    assert "seed 20261128" in " ".join(report.making.seeds)


def test_minima_and_gaps_are_told_as_such() -> None:
    series = -daily()
    series.iloc[1000:1200] = np.nan
    report = ev.make_report(ev.fit(ev.peaks_over_threshold(series, -40.0, separation=2, kind="min")))
    (text,) = part_of(report, "Series and peaks below the threshold").text
    assert text.endswith("1 gap, 200 days in all, does not count as observed.")
    assert "100-year level of flow_m3s is -" in report.answer
    said = " ".join((*report.assumptions, *part_of(report, "The threshold").text))
    assert "undercut by one event in T years" in said
    assert "A higher one keeps more peaks" in said
    assert "no more than 2 observations apart are one event, of which the lowest counts" in said


def test_a_threshold_that_the_data_chose_is_said_to_be() -> None:
    peaks = ev.peaks_over_threshold(daily(years=1), "score", separation=None)
    report = ev.make_report(ev.fit(peaks))
    said = " ".join((*report.assumptions, *part_of(report, "The threshold").text))
    assert "though the data chose it" in said
    assert "was chosen by score test of a constant shape among " in said
    assert "every value taken for an event" in said
    assert report.parts["thresholds"].criterion == "score_p"
    assert "p-value of the score test" in report.to_html()


def test_a_part_of_the_year_has_no_blocks_beside_it() -> None:
    peaks = ev.peaks_over_threshold(daily(), 40.0, separation="3D", months=[12, 1, 2])
    report = ev.make_report(ev.fit(peaks))
    assert {fit.family.name for fit in report.fits} == {"gpd", "exponential"}
    assert any("no blocks are cut" in note for note in report.notes)
    assert [row["month"] for row in report.to_dict()["months"] if row["peaks"]] == ["January", "February", "December"]


def test_peaks_that_were_given_have_no_slider_and_say_what_is_not_known() -> None:
    values = ev.GPD(60.0, 20.0, 0.1).rvs(40, rng=1)
    given = ev.fit(ev.as_peaks(values, 60.0, years=20.0))
    stored = ev.Fit.from_dict(ev.fit(ev.peaks_over_threshold(daily(), 40.0)).to_dict())
    for fit in (given, stored):
        report = ev.make_report(fit)
        assert not {"thresholds", "peaks", "kept"} & set(report.parts)
        assert any("What parts events is not known" in text for text in report.assumptions)
    assert "<script" not in report.to_html()


def test_a_record_too_short_for_other_thresholds_says_so() -> None:
    peaks = ev.peaks_over_threshold(np.asarray(ev.GPD(0.0, 1.0, 0.1).rvs(30, rng=1)), 0.4, separation=None)
    report = ev.make_report(ev.fit(peaks), periods=[100])
    (text,) = part_of(report, "The threshold").text
    assert text.startswith("No other threshold is tried: no threshold beyond the median of value has 20 peaks")
    assert "thresholds" not in report.parts


def test_undated_data_count_observations() -> None:
    peaks = ev.peaks_over_threshold(np.asarray(ev.GPD(0.0, 1.0, 0.1).rvs(2000, rng=2)), 2.0, separation=None)
    report = ev.make_report(ev.fit(peaks))
    assert report.answer.startswith("The 100-observation level of value is ")
    said = " ".join(report.assumptions)
    assert " an observation: that was not tested, for want of dates" in said
    assert "100-observation level, 95 % interval" in report.parts["thresholds"].said
    assert any("the data have no dates." in note for note in report.notes)


def test_another_fit_of_the_same_peaks_is_said_beside_the_candidates(river: Any, report: Any) -> None:
    by_moments = ev.make_report(ev.fit(river, method="lmoments"))
    assert any("by another fit, GPD by L-moments." in text for text in part_of(by_moments, "The threshold").text)
    assert not any("another fit" in text for text in part_of(report, "The threshold").text)


def test_sizes_that_depend_on_one_another_are_a_caution() -> None:
    noise = daily(years=12)
    wild = np.repeat(np.arange(12) % 2, 365)  # every other year has more events, and higher ones
    series = (20.0 + 10.0 * wild + noise / 5.0).where(noise > 35.0 - 20.0 * wild, 1.0)
    report = ev.make_report(ev.fit(ev.peaks_over_threshold(series, 20.0, separation=None)))
    codes = {code["code"] for code in report.to_dict()["caution_codes"]}
    assert {"dependence_of_peaks", "peaks_not_poisson"} <= codes
    said = " ".join(report.assumptions)
    assert "the data speak against it, as their number in a year varies more than by chance" in said
    assert "Every value above the threshold is an event of its own" in said


def test_losses_have_their_risk() -> None:
    losses = daily(years=5).rename("loss")
    fit = ev.fit(ev.peaks_over_threshold(losses, "95%", separation=None))
    report = ev.make_report(fit, risk=[0.99], horizon="observation")
    table = report.tables["risk"]
    assert "of a single observation, loss" in table.title
    expected = fit.value_at_risk([0.99], horizon="observation")["estimate"].item()
    assert table.frame["estimate"].iloc[0] == pytest.approx(expected, rel=1e-12)


# -- the slider --------------------------------------------------------------------------------------------------------


JUDGED: Counter[str] = Counter()


@functools.cache
def report_by(threshold: float | str) -> Any:
    """The report of the river's peaks above a threshold, and how often candidates are judged for it and ever after."""
    judged = ExpectedQuantileDiscrepancy.discrepancies

    def counted(self: Any, samples: Any, rng: Any = None) -> Any:
        JUDGED[str(threshold)] += 1
        return judged(self, samples, rng)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ExpectedQuantileDiscrepancy, "discrepancies", counted)
        peaks = ev.peaks_over_threshold(ev.read_series(RIVER), threshold, separation="7D")
        report = ev.make_report(ev.fit(peaks), periods=[10, 50])
        if threshold == "auto":
            report.to_html(), report.to_markdown(), report.to_json()
    return report


@pytest.mark.parametrize("threshold", [57.0, "auto", "score"])
def test_the_table_is_that_of_the_diagnostics(threshold: Any, record: Any) -> None:
    report = report_by(threshold)
    part, fit = report.parts["thresholds"], report.fits[0]
    peaks = fit.peaks
    own = part.frame.set_index("threshold")
    expected = ev.threshold_diagnostics(record, own.index, separation="7D", level_period=50.0)
    assert_allclose(own.to_numpy(), expected.to_numpy(), rtol=1e-12)
    assert report.to_dict()["thresholds"][part.start]["threshold"] == peaks.threshold
    row, level = own.iloc[part.start], fit.return_level([50.0])
    assert row["peaks"] == len(peaks)
    assert_allclose(row[["level", "level_lower", "level_upper"]], level.to_numpy()[0], rtol=1e-6)
    assert row["shape"] == pytest.approx(fit.distribution.shape, rel=1e-9)


def test_what_is_said_is_what_the_table_holds(report: Any) -> None:
    part = report.parts["thresholds"]
    at = {name: texts[part.start] for name, texts in part.said.items()}
    assert at == {
        "threshold": "60 m3/s",
        "peaks kept": "52, 0.559 a year",
        "shape, 95 % interval": "0.11, -0.11 to 0.66",
        "100-year level, 95 % interval": "160 m3/s, 130 to 340",
    }
    assert {len(texts) for texts in part.said.values()} == {len(part.frame)}


def test_what_has_no_estimate_or_lies_within_the_threshold_is_said(record: Any) -> None:
    rare = ev.make_report(ev.fit(ev.peaks_over_threshold(record, 60.0, separation="7D")), periods=[2.0])
    levels = rare.parts["thresholds"].said["2-year level, 95 % interval"]
    assert levels[-1] == "within the threshold"
    (data,) = re.findall(r'id="candidates">(.*?)</script>', rare.to_html(), re.DOTALL)
    assert json.loads(data, parse_constant=pytest.fail)["places"]["level_by_threshold"]["y"][-1] is None
    table = rare.parts["thresholds"].frame.set_index("threshold")
    table.loc[60.0, ["shape", "level"]] = np.nan  # as where the likelihood has no interior maximum
    part = slider(table, rare.fits[0].peaks)
    assert part.said["shape, 95 % interval"][part.start] == "no estimate, -0.11 to 0.66"
    assert part.said["2-year level, 95 % interval"][part.start].startswith("no estimate, 60")


def test_the_page_holds_the_table_and_one_script(report: Any, page: str) -> None:
    (data,) = re.findall(r'<script type="application/json" id="candidates">(.*?)</script>', page, re.DOTALL)
    found = json.loads(data, parse_constant=pytest.fail)
    part = report.parts["thresholds"]
    assert found["said"] == list(part.said.values())
    assert found["start"] == part.start
    assert set(found["places"]) == set(THRESHOLD)
    assert {len(place["x"]) for place in found["places"].values()} == {len(part.frame)}
    assert page.count("<script") == 2
    assert '<p class="control" hidden>' in page  # shown by the script alone
    assert '<label for="candidate">' in page
    assert 'role="status"' in page


def test_names_stay_text_in_the_script() -> None:
    series = daily(years=2).rename("</script><script>alert(1)</script>")
    page = ev.make_report(ev.fit(ev.peaks_over_threshold(series, 20.0, separation=None, unit="</script>"))).to_html()
    assert page.count("<script") == 2
    assert page.count("</script>") == 2


def test_the_table_stands_in_markdown_and_json(report: Any) -> None:
    markdown = report.to_markdown()
    assert "| threshold | peaks | shape | shape lower | shape upper | level |" in markdown
    rows = json.loads(report.to_json())["thresholds"]
    assert {"eqd", "weight", "score_p", "level_lower"} <= set(rows[0])


def test_nothing_is_judged_twice() -> None:
    report = report_by("auto")
    assert JUDGED["auto"] == 1
    assert "which after a choice of the threshold held in 81 to 94 % of simulated records" in report.answer


def test_diagnostics_of_peaks_need_their_record() -> None:
    with pytest.raises(ev.DataError, match="given as such"):
        diagnostics_of_peaks(ev.as_peaks([61.0, 75.0, 90.0], 60.0, years=1.5))
