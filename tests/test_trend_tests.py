"""Tests of trends: the likelihood ratio by what it is compared with, models side by side, residuals, and notes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import evstats as ev
from evstats import goodness, noise
from evstats.estimators import Estimation, MaximumLikelihood, Regression
from evstats.goodness import nested
from evstats.models import predictors_of
from evstats.remarks import trends

YEARS = np.arange(1971, 2011)
RISING = pd.Series(ev.GEV(10.0, 2.0, 0.0).rvs(40, rng=3) + 0.12 * (YEARS - 1971), index=YEARS, name="level")


@pytest.fixture(autouse=True)
def few_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many as the tests here need; what is kept knows how many it was made of."""
    monkeypatch.setattr(nested, "REPLICATES", (1_500, 600, 150, 100))
    monkeypatch.setattr(nested, "BOOTSTRAPPED", 99)


def p_of(x: object, reference: str = "simulated", family: str = "gumbel", **follow: object) -> float:
    covariates = {"t": np.linspace(0.0, 1.0, np.shape(x)[-1])}
    null, fit = ev.fit(x, family), ev.fit(x, family, loc="t", covariates=covariates, **follow)
    return float(ev.likelihood_ratio_test(null, fit, reference=reference)["p_value"].iloc[0])


def test_bartletts_factor_is_the_mean_of_the_statistic_by_brute_force() -> None:
    n, time = 25, np.linspace(0.0, 1.0, 25)
    x = ev.Gumbel(0.0, 1.0).from_gumbel(noise.gumbel((3_000, n), rng=1))
    whole = Regression.following(
        ev.Gumbel, MaximumLikelihood(), x, predictors_of({"loc": "t"}, x, x.shape, {"t": time})
    )
    ratios = 2.0 * (whole.loglik() - Estimation.of(ev.Gumbel, MaximumLikelihood(), x).loglik())
    null, fit = ev.fit(x[0], "gumbel"), ev.fit(x[0], "gumbel", loc="t", covariates={"t": time})
    bartlett, simulated = (ev.likelihood_ratio_test(null, fit, reference=name) for name in ("bartlett", "simulated"))
    error = np.hypot(ratios.std() / np.sqrt(3_000), ratios.std() / np.sqrt(1_500))
    assert bartlett.attrs["factor"] == pytest.approx(ratios.mean(), abs=4.0 * error)
    assert bartlett.attrs["factor"] > 1.02
    statistic, df = bartlett["statistic"].item(), bartlett["df"].item()
    assert bartlett["p_value"].item() == pytest.approx(scipy.stats.chi2.sf(statistic / bartlett.attrs["factor"], df))
    assert simulated["p_value"].item() == pytest.approx(np.mean(ratios >= ratios[0]), abs=0.06)


def test_the_null_of_a_gev_is_read_at_its_shape() -> None:
    x = ev.GEV(0.0, 1.0, 0.1).rvs(30, rng=5)
    null = ev.fit(x)
    time, shape = np.linspace(0.0, 1.0, 30), float(null.distribution.shape)
    table = ev.likelihood_ratio_test(null, ev.fit(x, loc="t", covariates={"t": time}))
    y = ev.GEV(0.0, 1.0, shape).from_gumbel(noise.gumbel((1_500, 30), rng=2))
    whole = Regression.following(ev.GEV, MaximumLikelihood(), y, predictors_of({"loc": "t"}, y, y.shape, {"t": time}))
    ratios = 2.0 * (whole.loglik() - Estimation.of(ev.GEV, MaximumLikelihood(), y).loglik())
    assert table.attrs["factor"] == pytest.approx(np.nanmean(ratios), abs=0.25)
    assert table.attrs["replicates"] == 600
    assert table.attrs["seed"] == goodness.SEED


@settings(max_examples=6, deadline=None)
@given(shift=st.floats(-100.0, 100.0), scale=st.floats(0.01, 100.0), seed=st.integers(0, 50))
def test_the_p_value_of_a_gumbel_has_no_unit(shift: float, scale: float, seed: int) -> None:
    x = noise.gumbel(20, rng=seed)
    assert p_of(shift + scale * x) == pytest.approx(p_of(x), abs=2.0 / 1_501)


def test_the_simulated_p_value_of_a_gumbel_is_exact() -> None:
    """Of samples like those of the null all p-values are equally likely, to the noise of both simulations."""
    x = noise.gumbel((2_000, 20), rng=8)
    covariates = {"t": np.linspace(0.0, 1.0, 20)}
    null, fit = ev.fit(x, "gumbel"), ev.fit(x, "gumbel", loc="t", covariates=covariates)
    p_values = ev.likelihood_ratio_test(null, fit, reference="simulated")["p_value"].to_numpy()
    for level in (0.05, 0.1, 0.5):
        error = np.sqrt(level * (1.0 - level) * (1.0 / 2_000 + 1.0 / 1_500))
        assert np.mean(p_values <= level) == pytest.approx(level, abs=3.5 * error)
    assert p_values.min() >= 1.0 / 1_501


def test_a_trend_beside_another_covariate_does_not_see_what_that_does() -> None:
    other = np.sin(np.arange(40.0))
    known = pd.DataFrame({"index": other}, index=YEARS)
    p = [
        ev.likelihood_ratio_test(
            ev.fit(y, "gumbel", loc="index", covariates=known),
            ev.fit(y, "gumbel", loc="index + year", covariates=known),
            reference="simulated",
        )["p_value"].item()
        for y in (RISING, RISING + 7.0 * other)
    ]
    assert p[0] == pytest.approx(p[1])


def test_under_a_moving_scale_the_null_is_read_at_its_slope() -> None:
    null = ev.fit(RISING, "gumbel", scale="year")
    table = ev.likelihood_ratio_test(null, ev.fit(RISING, "gumbel", loc="year", scale="year"))
    assert table.attrs["replicates"] == 600
    assert 0.9 < table.attrs["factor"] < 1.4


def test_a_batch_shares_the_null_and_agrees_with_its_series(monkeypatch: pytest.MonkeyPatch) -> None:
    x = ev.GEV(0.0, 1.0, 0.1).rvs((6, 40), rng=1)
    x[3, 5:9] = np.nan
    covariates = {"t": np.arange(40.0)}
    drawn: list[int] = []
    samples = nested.Form.samples
    monkeypatch.setattr(nested.Form, "samples", lambda *given: drawn.append(1) or samples(*given))
    batch = ev.likelihood_ratio_test(ev.fit(x), ev.fit(x, loc="t", covariates=covariates))
    assert len(drawn) <= 8  # shapes -.6 to .6 of complete series at most, and two of those with the gap
    for lane in (0, 3):
        one = ev.likelihood_ratio_test(ev.fit(x[lane]), ev.fit(x[lane], loc="t", covariates=covariates))
        assert batch["p_value"][lane] == pytest.approx(one["p_value"].item(), rel=1e-6)
        assert batch.attrs["factor"][lane] == pytest.approx(one.attrs["factor"], rel=1e-6)


def test_series_with_many_kinds_of_gaps_share_by_how_many_values_they_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nested, "MOST_PATTERNS", 2)
    x = noise.gumbel((5, 30), rng=1)
    x[np.arange(5), np.arange(5)] = np.nan
    null, fit = ev.fit(x, "gumbel"), ev.fit(x, "gumbel", loc="t", covariates={"t": np.arange(30.0)})
    assert len(set(ev.likelihood_ratio_test(null, fit).attrs["factor"])) == 1


def test_minima_have_the_test_of_their_mirror_image() -> None:
    maxima, minima = (
        ev.likelihood_ratio_test(ev.fit(y, name), ev.fit(y, name, loc="year"))
        for y, name in ((RISING, "gumbel"), (-RISING, "gumbel-min"))
    )
    assert maxima["p_value"].item() == pytest.approx(minima["p_value"].item())


def test_a_trend_in_proportion_has_samples_of_its_own() -> None:
    fit = ev.fit(RISING, "gumbel", trend="year", trend_kind="scale")
    table = ev.likelihood_ratio_test(ev.fit(RISING, "gumbel"), fit)
    assert table.attrs["replicates"] == 99
    assert 0.7 < table.attrs["factor"] < 1.7
    assert [note.code for note in fit.notes] == ["trend_in_proportion"]


def test_samples_without_an_estimate_are_told() -> None:
    x = ev.GEV(0.0, 1.0, -0.3).rvs(16, rng=1)
    table = ev.likelihood_ratio_test(ev.fit(x, "gev"), ev.fit(x, "gev", loc="t", covariates={"t": np.arange(16.0)}))
    share = table.attrs["without_estimate"]
    assert 0.02 < share < 0.7
    (note,) = table.attrs["notes"]
    assert note.code == "null_without_estimate"
    assert note.values["share"] == share


# -- models side by side -----------------------------------------------------------------------------------------------

MODELS = {
    "stationary": {},
    "shift": {"loc": "year"},
    "both": {"loc": "year", "scale": "year"},
    "gumbel": {"family": "gumbel"},
}


def test_models_are_tested_against_the_largest_that_is_nested_in_them() -> None:
    table = ev.compare(RISING, MODELS, details=True)
    assert table.index.name == "model"
    assert table["against"].to_dict() == {"stationary": "gumbel", "shift": "stationary", "both": "shift", "gumbel": ""}
    fits = {name: ev.fit(RISING, **{"family": "gev", **asked}) for name, asked in MODELS.items()}
    for name, fit in fits.items():
        assert table.loc[name, "aicc"] == pytest.approx(fit.aicc)
        assert table.loc[name, "parameters"] == len(fit.parameter_names)
    own = ev.likelihood_ratio_test(fits["shift"], fits["both"])
    assert table.loc["both", "p_value"] == own["p_value"].item()
    assert table["delta_aicc"].min() == 0.0
    assert np.isnan(table.loc["gumbel", "p_value"])


def test_models_stand_on_lines_of_80() -> None:
    with pd.option_context("display.width", 80):
        shown = repr(ev.compare(RISING, MODELS))
    assert max(map(len, shown.splitlines())) <= 80
    assert "..." not in shown


def test_a_model_without_an_estimate_keeps_its_row() -> None:
    x = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 5.9, 6.0, 6.05, 6.09, 6.0999])
    table = ev.compare(x, {"gumbel": {"family": "gumbel"}, "gev": {}})
    assert table["status"].to_dict() == {"gumbel": "converged", "gev": "no_interior_maximum"}


KNOWN = pd.DataFrame({"soi": np.where(YEARS < 1975, np.nan, np.sin(YEARS))}, index=YEARS)
COMPARISONS = {
    "unknown option of the model 'a' 'lok'; known: ": lambda: ev.compare(RISING, {"a": {"lok": "year"}}),
    "the model 'a' is 'year'; write what fit is to be given": lambda: ev.compare(RISING, {"a": "year"}),
    "the models are fitted to different blocks (36 and 40)": lambda: ev.compare(
        RISING, {"a": {}, "b": {"loc": "soi"}}, covariates=KNOWN, missing="drop"
    ),
    "covariates and exclude are for models": lambda: ev.compare(RISING, ["gumbel"], exclude=1971),
    "compare() is for one series": lambda: ev.compare(np.stack([RISING, RISING]), {"a": {}}),
}


@pytest.mark.parametrize("sentence", list(COMPARISONS))
def test_what_cannot_be_compared_is_said(sentence: str) -> None:
    with pytest.raises(ev.ArgumentError) as caught:
        COMPARISONS[sentence]()
    assert str(caught.value).startswith(sentence)


# -- residuals ---------------------------------------------------------------------------------------------------------


def test_residuals_are_the_reduced_variates_of_the_blocks() -> None:
    fit = ev.fit(RISING, "gev", loc="year")
    residuals = fit.residuals()
    assert residuals.index.tolist() == YEARS.tolist()
    there = fit.at(year=1990)
    assert residuals[1990] == pytest.approx(float(there.reduced(RISING[1990])))
    assert fit.distribution.from_gumbel(residuals.to_numpy()) == pytest.approx(RISING.to_numpy())
    mirrored = ev.fit(-RISING, "gev-min", loc="year").residuals()
    assert mirrored.to_numpy() == pytest.approx(residuals.to_numpy(), abs=1e-6)
    assert ev.fit(np.stack([RISING, RISING]), "gumbel").residuals().shape == (2, 40)


def test_tests_of_fit_know_that_the_trend_was_fitted() -> None:
    """The residuals of a fit are nearer to the standard Gumbel than samples of it, so plain p-values are too large."""
    x = ev.Gumbel(0.0, 1.0).rvs((400, 30), rng=4) + np.linspace(0.0, 2.0, 30)
    fit = ev.fit(x, "gumbel", loc="t", covariates={"t": np.arange(30.0)})
    table = fit.goodness_of_fit()
    p_values = table[table["test"] == "kolmogorov-smirnov"]["p_value"].to_numpy()
    plain = np.array([scipy.stats.kstest(own, "gumbel_r").pvalue for own in fit.residuals()])
    assert np.mean(plain <= 0.1) < 0.02
    assert np.mean(p_values <= 0.1) == pytest.approx(0.1, abs=0.06)
    assert table.attrs == {"replicates": 600 if fit.family is ev.GEV else 1_500, "seed": goodness.SEED}


def test_a_wrong_family_is_rejected_by_its_residuals_and_said() -> None:
    x = pd.Series(np.where(np.arange(40) % 4 == 0, 30.0, 0.0) + RISING.to_numpy(), index=YEARS)
    fit = ev.fit(x, "gumbel", loc="year")
    assert (fit.goodness_of_fit()["p_value"] < 0.02).all()
    assert "residuals_unlike" in [note.code for note in fit.notes]


def test_values_in_steps_are_compared_with_samples_in_steps() -> None:
    fit = ev.fit(RISING.round(), "gumbel", loc="year")
    table = fit.goodness_of_fit()
    assert table.attrs["replicates"] == 99
    assert (table["p_value"] > 0.05).all()


def test_a_posterior_has_no_test_of_fit() -> None:
    with pytest.raises(ev.ArgumentError, match=r"mle"):
        ev.fit(RISING, "gumbel", loc="year", method="bayes").goodness_of_fit()


# -- notes -------------------------------------------------------------------------------------------------------------


def codes(fit: ev.Fit) -> list[str]:
    return [note.code for note in fit.notes]


def test_the_size_of_the_trend_is_said_with_the_p_value_of_the_test() -> None:
    fit = ev.fit(RISING, "gumbel", loc="year")
    (note,) = fit.notes
    assert note.code == "trend_of_location"
    assert note.subject == "year = 1971 to 2010"
    assert note.values["size"] == pytest.approx(39.0 * fit.params["estimate"]["loc:year"])
    assert note.values["p"] == ev.likelihood_ratio_test(ev.fit(RISING, "gumbel"), fit)["p_value"].item()
    flat = ev.fit(RISING - 0.12 * (YEARS - 1971), "gumbel", loc="year").notes[0]
    assert "chance alone may bring as much" in flat
    assert "chance alone" not in note


def test_each_parameter_has_its_own_trend() -> None:
    fit = ev.fit(RISING, "gumbel", loc="year + I(year**2)", scale="year")
    assert codes(fit) == ["trend_of_location", "trend_of_scale"]
    assert "From the first block to the last" in fit.notes[0]
    assert "From year = 1971 to 2010 the scale becomes" in fit.notes[1]


def test_a_slope_that_hangs_on_the_last_block_is_said() -> None:
    x = RISING.copy()
    x.iloc[-1] -= 9.0
    fit = ev.fit(x, "gumbel", loc="year")
    assert "hangs_on_last_block" in codes(fit)
    assert "hangs_on_last_block" not in codes(ev.fit(RISING, "gumbel", loc="year"))
    note = next(note for note in fit.notes if note.code == "hangs_on_last_block")
    without = ev.fit(x, "gumbel", loc="year", exclude=2010)
    assert note.values["after"] == pytest.approx(without.params["estimate"]["loc:year"], rel=1e-6)
    assert "(2010)" in note


def test_dependence_that_the_covariates_leave_is_said() -> None:
    slow = 6.0 * np.sin(2.0 * np.pi * np.arange(40) / 20.0)
    assert "dependence_of_residuals" in codes(ev.fit(RISING + slow, "gumbel", loc="year"))


def test_a_covariate_that_wanders_about_its_course_is_said() -> None:
    course = 0.02 * np.arange(43.0)
    wandering = pd.Series(course + 0.1 * np.sin(2.0 * np.arange(43.0)), index=range(1968, 2011), name="gmst")
    raw = ev.fit(RISING, "gumbel", loc="gmst", covariates=wandering)
    smooth = ev.fit(RISING, "gumbel", loc="gmst", covariates=wandering.rolling(4).mean())  # as the note advises
    assert "covariate_wanders" in codes(raw)
    assert "covariate_wanders" not in codes(smooth)
    assert "covariate_wanders" not in codes(ev.fit(RISING, "gumbel", loc="year"))
    follows, share = trends.course_of(course)
    assert (follows, share) == (1.0, pytest.approx(0.0, abs=1e-12))


def test_more_than_one_covariate_in_the_shape_is_said() -> None:
    predictors = predictors_of({"shape": "year + I(year**2)"}, RISING, RISING.shape)
    assert trends._on_shape(predictors).values == {"count": 2}
    assert trends._on_shape(predictors_of({"shape": "year"}, RISING, RISING.shape)) is None


# -- what is said of a record, a season and a rate ---------------------------------------------------------------------


def test_a_record_that_its_covariates_make_impossible_is_named() -> None:
    heights = ev.GEV(10.0, 1.0, -0.1).rvs(60, rng=3) + 0.3 * np.arange(60.0)
    heights[5] = 26.0  # no record of the series, but far above its years
    fit = ev.fit(pd.Series(heights, index=range(1961, 2021)), "gev", loc="year")
    assert heights.max() > 26.0
    said = [note for note in fit.notes if note.code.startswith("record_")]
    assert len(said) == 1
    assert "The largest observation for its covariates (26)" in str(said[0])
    heights[5] = 11.0
    clean = ev.fit(pd.Series(heights, index=range(1961, 2021)), "gev", loc="year")
    assert not [note for note in clean.notes if note.code.startswith("record_")]


def test_a_state_of_a_season_is_told() -> None:
    days = pd.date_range("1981-01-01", "2010-12-31", freq="D")
    season = 10.0 * np.cos(2.0 * np.pi * days.day_of_year.to_numpy() / 365.25)
    values = pd.Series(season + ev.Gumbel(0.0, 2.0).rvs(days.size, rng=1), index=days)
    fit = ev.fit(ev.block_maxima(values, block="month"), "gumbel", loc="harmonics(1)")
    codes = {note.code for note in fit.notes}
    assert not codes & {"pooled_seasons", "trend_of_location"}
    table = fit.return_level([100], at={"time_of_year": 0.5})
    assert "state_of_a_season" in {note.code for note in table.attrs["notes"]}


def test_a_rate_that_is_taken_as_constant_is_told() -> None:
    days = pd.date_range("1981-01-01", "2010-12-31", freq="D")
    series = pd.Series(ev.Gumbel(0.0, 2.0).rvs(days.size, rng=2), index=days)
    peaks = ev.peaks_over_threshold(series, "99%", separation="3D")
    assert "rate_is_constant" in {note.code for note in ev.fit(peaks, "gpd", scale="year").notes}
    assert "rate_is_constant" not in {note.code for note in ev.fit(peaks, "gpd", scale="year", rate="year").notes}
