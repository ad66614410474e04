"""fit() of peaks over a threshold: what it holds, what it answers, what it refuses and says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import evstats as ev
from evstats.errors import ArgumentError, FitError
from evstats.estimators import Bayes
from evstats.intervals import Dependent
from evstats.notes import SENTENCES
from evstats.report import tables
from evstats.report.questions import Certainty, Tail


@pytest.fixture(scope="module")
def daily() -> pd.Series:
    """Forty years of days."""
    index = pd.date_range("1980-01-01", "2019-12-31", freq="D")
    return pd.Series(ev.Gumbel(20.0, 6.0).rvs(len(index), rng=3), index, name="flow (m3/s)")


@pytest.fixture(scope="module")
def fit(daily: pd.Series) -> ev.Fit:
    return ev.fit(ev.peaks_over_threshold(daily, 50.0, separation="3D"))


def test_the_gpd_leads_and_says_its_parameters_without_threshold_and_rate(fit: ev.Fit) -> None:
    assert fit.family is ev.GPD
    assert fit.parameter_names == ("scale", "shape")
    assert fit.distribution.loc == 50.0
    assert list(fit.params.index) == ["scale", "shape"]
    assert fit.covariance.shape == (2, 2)
    assert fit.aic == pytest.approx(4.0 - 2.0 * fit.loglik)
    assert fit.loglik == pytest.approx(fit.distribution.logpdf(fit.values).sum())
    assert fit.reference_fit.family is ev.Exponential
    assert "Threshold" in str(fit.summary())
    assert "genpareto" in str(fit.summary())


def test_the_rate_has_its_exact_poisson_interval(fit: ev.Fit) -> None:
    years = float(fit.estimation.design.years)
    assert years == pytest.approx(40.0, abs=0.1)
    row = fit.rate.loc["rate"]
    expected = [fit.n, scipy.stats.chi2.ppf(0.025, 2 * fit.n) / 2.0, scipy.stats.chi2.ppf(0.975, 2 * fit.n + 2) / 2.0]
    assert row.to_numpy() == pytest.approx(np.array(expected) / years)


def test_levels_are_those_of_the_process(fit: ev.Fit) -> None:
    rate, sizes = fit.rate["estimate"].item(), fit.distribution
    levels = fit.return_level([2.0, 100.0])["estimate"].to_numpy()
    assert levels == pytest.approx(sizes.isf(1.0 / (rate * np.array([2.0, 100.0]))))
    assert fit.return_period(levels)["estimate"].to_numpy() == pytest.approx([2.0, 100.0])
    assert fit.annual_maximum.cdf(levels) == pytest.approx(np.exp([-0.5, -0.01]))
    chance = fit.exceedance_probability(levels, years=30)["estimate"].to_numpy()
    assert chance == pytest.approx(-np.expm1([-15.0, -0.3]))
    assert fit.value_at_risk([0.9])["estimate"].item() == pytest.approx(float(sizes.ppf(0.9)))
    assert fit.expected_shortfall([0.9])["estimate"].item() == pytest.approx(float(sizes.mean_beyond(0.9)))


def test_short_periods_are_told_from_those_of_annual_maxima(fit: ev.Fit) -> None:
    (note,) = (note for note in fit.return_level([2.0]).attrs["notes"] if note.code == "partial_duration")
    assert note.values["annual"] == pytest.approx(1.0 / (1.0 - np.exp(-0.5)))


def test_the_fit_comes_back_from_json(fit: ev.Fit) -> None:
    again = ev.Fit.from_dict(json.loads(json.dumps(fit.to_dict(), allow_nan=False)))
    pd.testing.assert_frame_equal(again.return_level([100]), fit.return_level([100]))
    assert again.rate.equals(fit.rate)


def test_the_shape_0_of_peaks_has_the_size_it_says() -> None:
    peaks = ev.as_peaks(np.random.default_rng(2).standard_exponential((2_000, 25)), 0.0, 10.0)
    tests = ev.fit(peaks, "exponential").evidence.zero_shape
    assert np.mean(tests.lr_p_value < 0.05) == pytest.approx(0.05, abs=0.015)
    assert np.mean(tests.score_p_value < 0.05) == pytest.approx(0.05, abs=0.015)


def test_minima_are_the_mirror_image(daily: pd.Series, fit: ev.Fit) -> None:
    below = ev.fit(ev.peaks_over_threshold(-daily, -50.0, separation="3D", kind="min"))
    assert below.family is ev.GPDMin
    assert below.return_level([100]).to_numpy() == pytest.approx(-fit.return_level([100]).to_numpy()[:, [0, 2, 1]])


@pytest.mark.parametrize("interval", ["profile", "rstar", "calibrated", "bartlett", "delta"])
@pytest.mark.parametrize("family", ["gpd", "exponential"])
def test_limits_stop_at_the_threshold(fit: ev.Fit, family: str, interval: str) -> None:
    peaks = ev.as_peaks(fit.values, 50.0, float(fit.estimation.design.years))
    answered = ev.fit(peaks, family)
    table = answered.return_level(1.02 / answered.rate["estimate"].item(), interval=interval)
    assert np.isfinite(table.to_numpy()).all()
    if interval != "delta":  # which does not know of it
        assert table["lower"].item() == pytest.approx(50.0, abs=1e-6)


def test_peaks_without_an_interior_maximum_are_answered_unasked() -> None:
    bounded = ev.as_peaks(100.0 + np.linspace(0.2, 9.9, 14), 100.0, 10.0)
    with pytest.raises(FitError, match="no interior maximum"):
        ev.fit(bounded, "gpd")
    answered = ev.fit(bounded)
    assert isinstance(answered.method, Bayes)
    (said,) = (note for note in answered.notes if note.code == "no_interior_maximum_of_peaks")
    assert "60 to 88 %" in said
    assert said.endswith("else lay above. A lower threshold keeps more peaks.")
    low = ev.fit(ev.as_peaks(-bounded.values, -100.0, 10.0, kind="min"))
    assert low.notes[0].endswith("else lay below. A higher threshold keeps more peaks.")
    for way in ({"method": "lmoments"}, {"method": "bayes", "prior": "normal", "rng": 1}):  # what the error advises
        assert np.isfinite(ev.fit(bounded, "gpd", **way).return_level([100]).to_numpy()).all()
    table = answered.return_level([100])
    assert (table["lower"] < table["estimate"]).all()
    assert (table["estimate"] < table["upper"]).all()


def rounded_peaks(threshold: float, sign: float = 1.0, seed: int = 6) -> ev.Peaks:
    """Of sizes of scale 3, recorded to the whole."""
    x = np.round(100.0 + ev.GPD(-1.0, 3.0, 0.1).rvs(120, rng=seed))
    kind = "max" if sign > 0.0 else "min"
    return ev.as_peaks(sign * x[x > threshold], sign * threshold, 40.0, kind=kind)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_threshold_on_a_step_is_told_where_it_should_lie(sign: float) -> None:
    fit = ev.fit(rounded_peaks(100.0, sign))
    told = {note.code: note for note in fit.notes if isinstance(note, ev.notes.Note)}
    note = told["threshold_within_step"]
    assert [(setting.name, setting.value) for setting in note.settings] == [("threshold", sign * 100.5)]
    assert (note.values["step"], "rounded_peaks" in told) == (1.0, True)
    better = ev.fit(rounded_peaks(float(note.values["better"]) * sign, sign))
    assert "threshold_within_step" not in [note.code for note in better.notes]
    np.testing.assert_array_equal(np.sort(better.peaks.values), np.sort(fit.peaks.values))
    assert better.params["estimate"]["scale"] < 0.95 * fit.params["estimate"]["scale"]


def test_fine_steps_of_peaks_are_not_told() -> None:
    x = np.round(100.0 + ev.GPD(0.0, 3.0, 0.1).rvs(60, rng=6), 3)
    codes = {note.code for note in ev.fit(ev.as_peaks(x[x > 100.0], 100.0, 40.0)).notes}
    assert not {"threshold_within_step", "rounded_peaks", "ties"} & codes


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_tests_of_fit_of_peaks_know_their_steps(sign: float) -> None:
    on_step, between = (ev.fit(rounded_peaks(limit, sign)).goodness_of_fit() for limit in (100.0, 100.5))
    pd.testing.assert_frame_equal(on_step.iloc[:4], between.iloc[:4])  # the values tell of the same
    assert (on_step["p_value"] > 0.05).iloc[:4].all()
    random = np.random.default_rng(1)  # no GPD: a third lies in a lump far out
    wrong = np.round(np.concatenate([101.0 + random.exponential(2.0, 100), random.normal(115.0, 2.0, 50)]))
    found = ev.fit(ev.as_peaks(sign * wrong, sign * 100.5, 40.0, kind="max" if sign > 0.0 else "min"), "gpd")
    assert found.goodness_of_fit()["p_value"].iloc[0] < 0.01


def test_tests_of_fit_of_peaks_in_several_steps_and_too_coarse_ones() -> None:
    x = ev.GPD(100.0, 3.0, 0.1).rvs(120, rng=8)
    mixed = np.concatenate([np.round(x[:60]), np.round(x[60:], 3)])
    fit = ev.fit(ev.as_peaks(mixed[mixed > 100.0], 100.0, 40.0))
    assert "mixed_steps" in [note.code for note in fit.notes]
    assert (fit.goodness_of_fit()["p_value"].iloc[:4] > 0.01).all()
    coarse = 100.0 + 5.0 * np.round((x - 100.0) / 5.0)
    fit = ev.fit(ev.as_peaks(coarse[coarse > 100.0], 100.0, 40.0))
    assert "too_coarse" in [note.code for note in fit.notes]
    assert fit.goodness_of_fit()["p_value"].iloc[:4].isna().all()


def test_a_batch_without_an_interior_maximum_has_limits_and_a_status() -> None:
    x = 100.0 + np.stack([np.linspace(0.2, 9.9, 14), ev.GPD(0.0, 3.0, 0.1).rvs(14, rng=5)])
    table = ev.fit(ev.as_peaks(x, 100.0, 10.0), "gpd").return_level([100])
    assert table["status"].tolist() == ["no_interior_maximum", "converged"]
    assert np.isfinite(table[["lower", "upper"]].to_numpy()).all()


def test_one_observation_of_a_series_in_spells_is_less_sure() -> None:
    random = np.random.default_rng(4)
    spells = np.exp(np.cumsum(random.normal(0.0, 0.05, 3_000)))
    losses = random.standard_t(4, 3_000) * spells / spells.mean()
    fit = ev.fit(ev.peaks_over_threshold(losses, "95%", separation=None, observations_per_year=250.0), "gpd")
    plain = fit.value_at_risk([0.99], horizon="observation", interval="rstar")
    unasked = fit.value_at_risk([0.99], horizon="observation")
    assert unasked["upper"].item() - unasked["lower"].item() > 1.3 * (plain["upper"].item() - plain["lower"].item())
    assert unasked.attrs["interval"] == Dependent.label
    assert [note.code for note in unasked.attrs["notes"]][:1] == ["exceedances_dependent"]
    assert unasked.attrs["held"] == (0.68, 0.92)
    assert plain.attrs["held"] == (0.35, 0.82)
    assert fit.value_at_risk([0.99]).attrs["held"] is None


def test_events_of_their_own_have_no_spells() -> None:
    days = pd.to_datetime("1980-01-01") + pd.to_timedelta(np.sort(np.random.default_rng(6).choice(4_000, 900)), "D")
    claims = pd.DataFrame({"date": days, "loss": ev.GPD(0.0, 1.0, 0.3).rvs(900, rng=2).round(6)})
    series, listed = (ev.read_series(claims, events=events) for events in (False, True))
    fits = [ev.fit(ev.peaks_over_threshold(record, "90%", separation=None), "gpd") for record in (series, listed)]
    told, untold = (fit.value_at_risk([0.99], horizon="observation") for fit in fits)
    assert told.attrs["held"] is not None
    assert untold.attrs["held"] is None
    assert not [note for note in untold.attrs["notes"] if note.code.startswith("exceedances_")]
    assert untold.attrs["interval"] == fits[1].value_at_risk([0.99]).attrs["interval"]
    given = fits[1].expected_shortfall([0.99], horizon="observation", interval="delta")
    assert (given.attrs["held"], "delta" in given.attrs["interval"]) == (None, True)
    assert "held" not in tables.risk([fits[1]], Tail(horizon="observation"), Certainty()).title


REFUSED: list[tuple[Any, type[Exception], str]] = [
    (lambda fit: ev.fit(ev.as_peaks(fit.values, 50.0, 40.0), "gev"), ArgumentError, "family='gpd'"),
    (lambda fit: ev.fit(fit.values, "gpd"), ArgumentError, "as_peaks"),
    (lambda fit: ev.fit(ev.block_maxima(pd.Series(fit.values), block=1), "gpd"), ArgumentError, "peaks_over_threshold"),
    (lambda fit: fit.return_level([0.1]), ArgumentError, "the least possible is above"),
    (lambda fit: fit.return_period([49.0]), ArgumentError, "not above the threshold of 50"),
    (lambda fit: fit.value_at_risk([0.99], horizon="observation"), ArgumentError, "separation=None"),
    (lambda fit: fit.value_at_risk([0.99], horizon="block"), ArgumentError, "'peak' or 'observation'"),
    (lambda fit: fit.value_at_risk([0.9], extremal_index=0.5), ArgumentError, "for block maxima"),
    (lambda fit: ev.fit(ev.as_peaks([6.0] * 9, 5.0, 3.0)), FitError, "equal"),
    (lambda fit: ev.fit(ev.GEV(0, 1, 0).rvs(30, rng=1), "gev").rate, ArgumentError, "this fit is of block maxima"),
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_what_is_refused_says_what_to_do(fit: ev.Fit, call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call(fit)


def test_equal_peaks_are_told_what_peaks_can_do() -> None:
    with pytest.raises(FitError, match=r"values are equal.*lower threshold") as caught:
        ev.fit(ev.as_peaks(np.full(6, 2.0), threshold=0.5, years=3.0), "gpd")
    assert "block" not in str(caught.value)
    assert [setting.name for setting in caught.value.settings] == ["threshold"]
    batch = ev.fit(ev.as_peaks(np.array([[2.0, 2.0, 2.0], [1.0, 2.0, 4.0]]), threshold=0.5, years=3.0), "gpd")
    with pytest.raises(FitError, match=r"series 0 has no estimate.*lower threshold"):
        batch[0]


def test_intervals_of_a_batch_without_an_interior_maximum_say_whose_they_are() -> None:
    x = ev.GPD(10.0, 2.0, -0.6).rvs((6, 20), rng=20)
    fits = ev.fit(ev.as_peaks(x, threshold=10.0, years=10.0), "gpd")
    assert np.count_nonzero(~fits.converged) == 1
    table = fits.return_level([100.0])
    assert [(note.code, note.values["count"]) for note in table.attrs["notes"]] == [("fallbacks_of_peaks", 1)]
    assert table["upper"].notna().all()


def test_the_notes_on_steps_say_what_was_measured() -> None:
    study = pd.read_csv(Path(__file__).parent / "studies" / "rounded_peaks.csv")
    held = study.groupby(["on_step", "step"])["coverage"].agg(["min", "max"]).mul(100).round().astype(int)
    on_step, between = SENTENCES["threshold_within_step"][1], SENTENCES["rounded_peaks"][1]
    assert "of 0.2 scales {min} to {max} %".format(**held.loc[(True, 0.2)]) in on_step
    assert "of 0.5 scales {min} to {max} %".format(**held.loc[(True, 0.5)]) in on_step
    assert "half a scale {min} to {max} %".format(**held.loc[(False, 0.5)]) in between
    rejected = study.filter(like="rejected")
    assert 0.03 < rejected.to_numpy().mean() < 0.07
