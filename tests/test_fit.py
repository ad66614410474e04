"""fit(), Fit and compare(): what a user sees of a fit of arrays, pandas Series, block maxima and minima, batches."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import textbook
from golden import load
from numpy.typing import NDArray
from toys import REGIONAL

import evstats as ev
from evstats.distributions import FAMILIES, Family
from evstats.errors import ArgumentError, DataError, EvstatsWarning, FitError, Status
from evstats.estimators import ESTIMATORS, ColesDixon, LMoments, MartinsStedinger, MaximumLikelihood, Moments
from evstats.intervals import Calibrated

Array = NDArray[np.float64]
#: Those of regions have tests of their own.
NAMES = [name for name in FAMILIES if name not in REGIONAL]
EVERY_FAMILY = pytest.mark.parametrize("family", NAMES)
#: Moments do not determine the parameters of two populations, nor is their posterior proper under a flat prior, which
#: says nothing of a skewness either; expected moments are of logarithms.
APPLY = [
    (name, how)
    for name in NAMES
    for how in ESTIMATORS
    if len(FAMILIES[name].scales) == 1 or how == "mle"
    if (how == "expected-moments") <= (FAMILIES[name].usual_method == how)
    if (name, how) != ("lp3", "bayes")
]
EVERY_FIT = pytest.mark.parametrize(("family", "method"), APPLY)
LEFT_SKEWED = [1.0, 8.0, 9.0, 9.5, 9.8, 9.9, 9.95, 9.99, 10.0, 10.0]


def floods(n: int = 60, seed: int = 1) -> Array:
    return ev.GEV(1000.0, 300.0, 0.1).rvs(n, rng=seed)


def dated(values: Any, first_year: int = 1950, name: str = "flow") -> pd.Series:
    index = pd.to_datetime([f"{first_year + i}-06-15" for i in range(len(values))])
    return pd.Series(np.asarray(values, dtype=float), index=index, name=name)


def daily(years: int = 30, seed: int = 2) -> pd.Series:
    index = pd.date_range("1970-01-01", f"{1969 + years}-12-31", freq="D")
    return pd.Series(50 + 10 * np.random.default_rng(seed).gumbel(size=len(index)), index=index, name="flow")


# ---------------------------------------------------------------- what is fitted


@EVERY_FIT
def test_names_and_objects_say_the_same(family: str, method: str) -> None:
    x = -floods() if FAMILIES[family].minima else floods()
    by_name = ev.fit(x, family, method=method)
    by_object = ev.fit(x, FAMILIES[family], method=ESTIMATORS[method]())
    assert by_name.family is FAMILIES[family]
    assert by_name.distribution == by_object.distribution
    assert type(by_name.distribution) is FAMILIES[family]
    assert isinstance(by_name.method, ESTIMATORS[method])
    assert by_name.status == Status.CONVERGED
    assert by_name.converged is True
    assert by_name.n == 60
    assert by_name.batch_shape == ()
    for attribute in FAMILIES[family].parameter_names:
        assert isinstance(getattr(by_name.distribution, attribute), float)
    assert hasattr(by_name.distribution, "shape") == (len(FAMILIES[family].parameter_names) == 3)


@pytest.mark.parametrize("data", ["list", "array", "integers", "series", "masked", "with gaps", "nullable"])
def test_every_kind_of_series_gives_the_same_fit(data: str) -> None:
    x = np.round(floods(30))
    gaps = np.insert(x, [3, 10], np.nan)
    given = {
        "list": x.tolist(),
        "array": x,
        "integers": x.astype(np.int32),
        "series": pd.Series(x),
        "masked": np.ma.masked_array(np.insert(x, 3, -999.0), mask=np.arange(31) == 3),
        "with gaps": gaps,
        "nullable": pd.Series(gaps).astype("Int64"),
    }[data]
    fit = ev.fit(given, "gev")
    np.testing.assert_allclose(fit.distribution.parameters, ev.fit(x, "gev").distribution.parameters, rtol=1e-12)
    assert fit.n == 30
    assert fit.time_unit == "blocks"
    assert fit.extremes is None


def test_a_dated_series_of_annual_maxima_counts_in_years() -> None:
    fit = ev.fit(dated(floods()), "gumbel")
    assert fit.blocks_per_year == 1.0
    assert fit.time_unit == "years"
    assert fit.name == "flow"
    monthly = pd.Series(floods(48), index=pd.date_range("2000-01-31", periods=48, freq="ME"))
    assert ev.fit(monthly, "gumbel").blocks_per_year == 12.0
    by_period = pd.Series(floods(48), index=pd.period_range("1950", periods=48, freq="Y"))
    assert ev.fit(by_period, "gumbel").blocks_per_year == 1.0


def test_block_maxima_bring_their_context() -> None:
    extremes = ev.block_maxima(daily(), "year")
    fit = ev.fit(extremes, "gumbel")
    assert fit.extremes is extremes
    assert fit.blocks_per_year == 1.0
    assert fit.context.observations_per_block == pytest.approx(365.25, abs=0.3)
    np.testing.assert_array_equal(fit.values, extremes.values)
    np.testing.assert_array_equal(
        fit.distribution.parameters, ev.fit(extremes.values, "gumbel").distribution.parameters
    )


def test_what_was_given_is_neither_changed_nor_shared() -> None:
    x = floods()
    kept = x.copy()
    fit = ev.fit(x, "gev")
    x[:] = 0.0
    np.testing.assert_array_equal(fit.values, kept)
    with pytest.raises(ValueError, match="read-only"):
        fit.values[0] = 1.0


def test_a_fit_is_frozen() -> None:
    fit = ev.fit(floods(), "gumbel")
    with pytest.raises(dataclasses.FrozenInstanceError):
        fit.extremes = None
    with pytest.raises((dataclasses.FrozenInstanceError, AttributeError)):
        fit.loglik = 0.0


# ---------------------------------------------------------------- parameters and criteria


def test_port_pirie_from_coles(annual_maxima: dict[str, Array]) -> None:
    fit = ev.fit(annual_maxima["port_pirie"], "gev")
    printed = load("published")["port_pirie"]
    np.testing.assert_allclose(fit.params["estimate"], [3.875, 0.198, -0.050], atol=5e-4)
    np.testing.assert_allclose(fit.params["std_error"], [0.028, 0.020, 0.098], atol=5e-4)
    assert fit.loglik == pytest.approx(4.34, abs=0.005)
    assert fit.return_level(100).loc[100, "estimate"] == pytest.approx(4.69, abs=0.005)
    table = fit.return_level([10, 100], interval="delta")
    np.testing.assert_allclose(table.loc[10, ["lower", "upper"]], printed["levels"]["10"]["delta"], atol=0.01)
    np.testing.assert_allclose(table.loc[100, ["lower", "upper"]], printed["levels"]["100"]["delta"], atol=0.01)


def test_parameters_come_as_a_table() -> None:
    params = ev.fit(floods(), "gev").params
    assert list(params.index) == ["loc", "scale", "shape"]
    assert list(params.columns) == ["estimate", "std_error", "lower", "upper"]
    assert (params["lower"] < params["estimate"]).all()
    assert (params["estimate"] < params["upper"]).all()
    assert params.loc["scale", "lower"] > 0
    assert list(ev.fit(floods(), "gumbel").params.index) == ["loc", "scale"]


@EVERY_FAMILY
def test_log_likelihood_and_criteria(family: str) -> None:
    x = -floods() if FAMILIES[family].minima else floods()
    fit, k, n = ev.fit(x, family, method="mle"), len(FAMILIES[family].parameter_names), 60
    assert fit.loglik == pytest.approx(float(fit.distribution.logpdf(x).sum()), rel=1e-12)
    assert fit.aic == pytest.approx(2 * k - 2 * fit.loglik)
    assert fit.aicc == pytest.approx(fit.aic + 2 * k * (k + 1) / (n - k - 1))
    assert fit.bic == pytest.approx(k * math.log(n) - 2 * fit.loglik)


@pytest.mark.parametrize(
    "method", [Moments(), LMoments(), MaximumLikelihood(MartinsStedinger()), MaximumLikelihood(ColesDixon())]
)
def test_criteria_are_for_plain_maximum_likelihood_only(method: Any) -> None:
    fit = ev.fit(floods(), "gev", method=method)
    assert math.isnan(fit.aic)
    assert math.isnan(fit.aicc)
    assert math.isnan(fit.bic)
    assert not any("AIC" in note for note in fit.notes)
    assert "AIC" in str(fit.criteria_note)
    assert "There are no AIC, AICc and BIC" in str(fit.summary())
    assert ev.fit(floods(), "gev").criteria_note is None
    assert fit.loglik == pytest.approx(textbook.gev_loglik(fit.distribution.parameters, floods()), rel=1e-11)


def test_aicc_is_infinite_for_very_few_values() -> None:
    assert ev.fit([1.0, 2.0, 4.0], "gumbel").aicc == math.inf
    assert math.isfinite(ev.fit([1.0, 2.0, 4.0, 3.0], "gumbel").aicc)


def test_log_likelihood_is_minus_infinity_where_an_observation_lies_outside_the_support() -> None:
    found = None
    for seed in range(200):
        x = ev.GEV(0.0, 1.0, -0.4).rvs(15, rng=seed)
        fit = ev.fit(x, "gev", method="lmoments")
        lower, upper = fit.distribution.support()
        if not ((x > lower) & (x < upper)).all():
            found = fit
            break
    assert found is not None
    assert found.loglik == -math.inf


def test_standard_errors_are_nan_with_a_note_below_minus_one_half() -> None:
    g = np.random.default_rng(3).gumbel(size=80)
    fit = ev.fit(np.expm1(-0.7 * g) / -0.7, "gev")
    assert fit.distribution.shape <= -0.5
    assert fit.params["std_error"].isna().all()
    assert any("-0.5" in note and "standard error" in note.lower() for note in fit.notes)
    assert fit.return_level([10, 100])["estimate"].notna().all()


# ---------------------------------------------------------------- the questions


def test_every_question_is_a_plain_table_with_its_unit() -> None:
    fit = ev.fit(ev.block_maxima(daily(), "year"), "gumbel")
    for table, index in (
        (fit.return_level([2, 10, 100]), "return_period"),
        (fit.return_period([120.0, 150.0]), "level"),
        (fit.exceedance_probability([120.0, 150.0], years=30), "level"),
        (fit.value_at_risk([0.9, 0.99]), "level"),
        (fit.expected_shortfall([0.9, 0.99]), "level"),
    ):
        assert table.index.name == index
        assert list(table.columns) == ["estimate", "lower", "upper"]
        assert (table["lower"] < table["estimate"]).all()
        assert (table["estimate"] < table["upper"]).all()
        assert {"unit", "interval", "confidence"} <= set(table.attrs)
        assert table.attrs["confidence"] == 0.95
    assert list(fit.return_level([2, 10]).index) == [2, 10]
    assert list(fit.return_level(100).index) == [100]


def test_questions_against_scipy() -> None:
    fit = ev.fit(dated(floods()), "gev")
    frozen = fit.distribution.to_scipy()
    np.testing.assert_allclose(fit.return_level([2, 100])["estimate"], frozen.isf([0.5, 0.01]), rtol=1e-10)
    np.testing.assert_allclose(
        fit.return_period([1500.0, 2500.0])["estimate"], 1 / frozen.sf([1500.0, 2500.0]), rtol=1e-9
    )
    once = fit.exceedance_probability(2000.0, years=30)["estimate"]
    np.testing.assert_allclose(once, 1 - frozen.cdf(2000.0) ** 30, rtol=1e-9)
    np.testing.assert_allclose(fit.value_at_risk([0.95])["estimate"], frozen.ppf([0.95]), rtol=1e-10)
    shortfall = frozen.expect(lambda x: x, lb=frozen.ppf(0.95), conditional=True)
    np.testing.assert_allclose(fit.expected_shortfall(0.95)["estimate"], shortfall, rtol=1e-5)


def test_monthly_maxima_answer_in_years() -> None:
    extremes = ev.block_maxima(daily(20), "month")
    assert extremes.blocks_per_year == 12
    fit = ev.fit(extremes, "gumbel")
    frozen = fit.distribution.to_scipy()
    np.testing.assert_allclose(fit.return_level(10)["estimate"], frozen.isf(1 / 120), rtol=1e-10)
    np.testing.assert_allclose(fit.return_period(150.0)["estimate"], 1 / (12 * frozen.sf(150.0)), rtol=1e-9)
    np.testing.assert_allclose(
        fit.exceedance_probability(150.0, years=5)["estimate"], 1 - frozen.cdf(150.0) ** 60, rtol=1e-9
    )
    with pytest.raises(ArgumentError, match=r"must exceed 0\.08333"):
        fit.return_level(1 / 12)
    assert any("season" in note for note in fit.notes)


def test_risk_of_a_single_observation() -> None:
    fit = ev.fit(ev.block_maxima(daily(), "year"), "gumbel")
    m, frozen = fit.context.observations_per_block, fit.distribution.to_scipy()
    p = np.array([0.999, 0.9999])
    table = fit.value_at_risk(p, horizon="observation")
    np.testing.assert_allclose(table["estimate"], frozen.ppf(p**m), rtol=1e-9)
    halved = fit.value_at_risk(p, horizon="observation", extremal_index=0.5)
    np.testing.assert_allclose(halved["estimate"], frozen.ppf(p ** (0.5 * m)), rtol=1e-9)
    assert (halved["estimate"] > table["estimate"]).all()  # fewer independent observations make the same maxima
    assert (fit.expected_shortfall(p, horizon="observation")["estimate"] > table["estimate"]).all()
    with pytest.warns(EvstatsWarning, match="outside the fitted tail"):
        fit.value_at_risk(0.95, horizon="observation")
    with pytest.warns(EvstatsWarning, match="outside the fitted tail"):
        fit.expected_shortfall(0.95, horizon="observation")


def test_a_single_observation_needs_a_known_block_size() -> None:
    with pytest.raises(ArgumentError, match=r"observations in a block.*block_maxima"):
        ev.fit(floods(), "gumbel").value_at_risk(0.99, horizon="observation")


def test_expected_shortfall_of_a_shape_of_one_or_more_is_an_error() -> None:
    g = np.random.default_rng(1).gumbel(size=100)
    heavy = np.expm1(1.3 * g) / 1.3
    with pytest.raises(FitError, match="infinite"):
        ev.fit(heavy, "gev").expected_shortfall(0.95)
    table = ev.fit(np.stack([heavy, g]), "gev").expected_shortfall(0.95)
    assert table["estimate"].isna().tolist() == [True, False]
    assert table["status"].tolist()[1] == "converged"
    assert table["status"].tolist()[0] != "converged"


def test_confidence_widens_and_intervals_are_named() -> None:
    fit = ev.fit(floods(), "gumbel")
    narrow, wide = fit.return_level(100, confidence=0.5), fit.return_level(100, confidence=0.99)
    assert wide["lower"].iloc[0] < narrow["lower"].iloc[0] < narrow["upper"].iloc[0] < wide["upper"].iloc[0]
    assert wide.attrs["confidence"] == 0.99
    assert "delta" in fit.return_level(100, interval="delta").attrs["interval"]
    pd.testing.assert_frame_equal(fit.return_level(100), fit.return_level(100, interval="exact"))
    gev = ev.fit(floods(), "gev")
    pd.testing.assert_frame_equal(gev.return_level(100), gev.return_level(100, interval="rstar"))


def test_periods_beyond_three_records_come_with_a_note() -> None:
    fit = ev.fit(dated(floods(30)), "gumbel")
    note, *others = fit.return_level([10, 1000]).attrs["notes"]
    assert "1000" in note
    assert "30" in note
    assert fit.return_level(80).attrs["notes"] == tuple(others)


def test_goodness_of_fit_is_a_table_of_tests() -> None:
    fit = ev.fit(floods(40), "gumbel")
    table = fit.goodness_of_fit()
    assert list(table.columns) == ["test", "statistic", "p_value"]
    assert table["p_value"].between(0, 1).all()
    pd.testing.assert_frame_equal(table, fit.goodness_of_fit())  # the same on every call
    bad = ev.fit(np.concatenate([floods(40), 1e5 + floods(5)]), "gumbel").goodness_of_fit()
    assert (bad["p_value"] < 0.01).any()


def test_the_statistic_of_kolmogorov_smirnov_is_scipys() -> None:
    fit = ev.fit(floods(40), "gumbel")
    table = fit.goodness_of_fit().set_index("test")
    ks = scipy.stats.kstest(fit.values, fit.distribution.to_scipy().cdf).statistic
    cvm = scipy.stats.cramervonmises(fit.values, fit.distribution.to_scipy().cdf).statistic
    assert table.loc["kolmogorov-smirnov", "statistic"] == pytest.approx(ks, rel=1e-10)
    assert table.loc["cramer-von-mises", "statistic"] == pytest.approx(cvm, rel=1e-10)


# ---------------------------------------------------------------- minima


def test_minima_are_reported_in_original_units() -> None:
    lows = daily()
    extremes = ev.block_maxima(lows, "year", kind="min")
    fit, mirrored = ev.fit(extremes, "gumbel"), ev.fit(-extremes.values, "gumbel")
    assert fit.family is ev.GumbelMin
    assert ev.fit(extremes, "gev").family is ev.GEVMin
    assert ev.fit(extremes, "gumbel-min").family is ev.GumbelMin
    np.testing.assert_array_equal(fit.values, extremes.values)
    assert fit.distribution.loc == pytest.approx(-mirrored.distribution.loc, rel=1e-12)
    ours, theirs = fit.return_level([2, 100]), mirrored.return_level([2, 100])
    np.testing.assert_allclose(ours["estimate"], -theirs["estimate"], rtol=1e-10)
    np.testing.assert_allclose(ours["lower"], -theirs["upper"], rtol=1e-8)
    np.testing.assert_allclose(ours["upper"], -theirs["lower"], rtol=1e-8)
    assert ours.loc[100, "estimate"] < ours.loc[2, "estimate"]
    np.testing.assert_allclose(fit.distribution.cdf(ours["estimate"].to_numpy()), [0.5, 0.01], rtol=1e-9)
    level = float(ours.loc[100, "estimate"])
    assert fit.exceedance_probability(level, years=10)["estimate"].iloc[0] == pytest.approx(1 - 0.99**10, rel=1e-9)
    assert fit.return_period(level)["estimate"].iloc[0] == pytest.approx(100, rel=1e-9)
    assert fit.loglik == pytest.approx(mirrored.loglik, rel=1e-12)


def test_families_of_minima_are_not_for_maxima() -> None:
    with pytest.raises(ArgumentError, match="minima"):
        ev.fit(ev.block_maxima(daily(5), "year"), "gumbel-min")


# ---------------------------------------------------------------- batches


def test_a_batch_equals_its_series_one_by_one() -> None:
    values = ev.GEV(1000.0, 300.0, 0.1).rvs((2, 3, 40), rng=5)
    values[1, 2, :7] = np.nan
    fit = ev.fit(values, "gev")
    assert fit.batch_shape == (2, 3)
    assert fit.distribution.batch_shape == (2, 3)
    assert fit.loglik.shape == fit.aic.shape == fit.bic.shape == fit.aicc.shape == (2, 3)
    assert fit.status.shape == fit.converged.shape == fit.n.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            alone = ev.fit(values[i, j], "gev")
            assert alone.distribution == fit.distribution[i, j]
            assert alone.loglik == fit.loglik[i, j]
            assert fit[i, j].distribution == alone.distribution
            assert alone.n == fit.n[i, j]


def test_tables_of_a_batch_are_series_major_with_every_row_present() -> None:
    values = np.stack([floods(40, 1), np.full(40, 5.0), floods(40, 3)])
    fit = ev.fit(values, "gumbel")
    assert fit.converged.tolist() == [True, False, True]
    table = fit.return_level([10, 100])
    assert len(table) == 6
    assert [tuple(row) for row in table.index] == [(s, t) for s in range(3) for t in (10, 100)]
    assert table.index.names[-1] == "return_period"
    assert table["estimate"].isna().tolist() == [False, False, True, True, False, False]
    for name in ("lower", "upper"):
        assert table[name].isna().tolist() == table["estimate"].isna().tolist()
    assert len(fit.params) == 6
    assert fit.params["estimate"].isna().tolist() == [False, False, True, True, False, False]
    tests = fit.goodness_of_fit()
    assert {"test", "statistic", "p_value"} <= set(tests.columns)
    assert len(tests) % 3 == 0
    answer = fit.evaluate(ev.ReturnLevel([10, 100]))
    assert answer.estimate.shape == answer.lower.shape == answer.upper.shape == (3, 2)
    alone = ev.fit(values[2], "gumbel").return_level([10, 100])
    np.testing.assert_allclose(table.loc[2].loc[[10, 100], ["estimate", "lower", "upper"]], alone, rtol=1e-12)


def test_one_series_of_a_batch_that_failed_says_so() -> None:
    fit = ev.fit(np.stack([floods(20), np.full(20, 5.0)]), "gumbel")
    with pytest.raises(FitError, match="equal"):
        fit[1]
    with pytest.raises(ArgumentError, match="single series"):
        fit[0][0]
    with pytest.raises(ArgumentError, match="one series"):
        fit.summary()


# ---------------------------------------------------------------- paper and JSON


@EVERY_FIT
def test_summary_reads_like_statsmodels_within_eighty_columns(family: str, method: str) -> None:
    x = -floods() if FAMILIES[family].minima else floods()
    fit = ev.fit(pd.Series(x, name="a variable with quite a long name, longer than most"), family, method=method)
    text = str(fit.summary())
    assert max(map(len, text.splitlines())) <= 80
    assert FAMILIES[family].label in text
    for name in FAMILIES[family].parameter_names:
        assert name in text
    html = fit._repr_html_()
    assert "<table" in html
    if "shape" in FAMILIES[family].parameter_names and FAMILIES[family].shape_is_xi:
        assert "genextreme" in text


def test_html_does_not_run_what_a_name_says() -> None:
    series = pd.Series(floods(), name="<script>alert(1)</script>")
    fit = ev.fit(series, "gumbel")
    assert "<script>" not in fit._repr_html_()
    assert "<script>" not in fit.summary().as_html()


@EVERY_FIT
def test_json_round_trip(family: str, method: str) -> None:
    x = -floods() if FAMILIES[family].minima else floods()
    x = np.insert(x, 4, np.nan)
    fit = ev.fit(dated(x), family, method=method)
    text = json.dumps(fit.to_dict(), allow_nan=False)
    back = ev.Fit.from_dict(json.loads(text))
    assert back.distribution == fit.distribution
    assert back.method == fit.method
    assert back.family is fit.family
    assert back.status == fit.status
    assert back.loglik == fit.loglik
    assert (back.name, back.unit, back.blocks_per_year) == (fit.name, fit.unit, fit.blocks_per_year)
    np.testing.assert_array_equal(back.values, fit.values)
    interval = Calibrated(30) if (family, method) == ("tcev", "mle") else None
    tables = (each.return_level([100], interval=interval) for each in (back, fit))
    pd.testing.assert_frame_equal(*tables)
    pd.testing.assert_frame_equal(back.params, fit.params)


def test_json_round_trip_of_a_batch_a_penalty_and_block_maxima() -> None:
    batch = ev.fit(np.stack([floods(20), np.full(20, 5.0)]), "gumbel")
    penalised = ev.fit(floods(), "gev", method=MaximumLikelihood(MartinsStedinger()))
    blocks = ev.fit(ev.block_maxima(daily(), "year"), "gumbel")
    for fit in (batch, penalised, blocks):
        back = ev.Fit.from_dict(json.loads(json.dumps(fit.to_dict(), allow_nan=False)))
        assert back.distribution == fit.distribution
        assert back.method == fit.method
        assert back.context == fit.context
        pd.testing.assert_frame_equal(back.return_level([10, 100]), fit.return_level([10, 100]))
    with pytest.raises(DataError, match="not a fit stored by evstats"):
        ev.Fit.from_dict({"format": 99})


def test_a_level_beyond_the_end_of_a_fit_says_where_it_ends() -> None:
    x = ev.GEV(100.0, 20.0, -0.3).rvs(60, rng=3)
    fit = ev.fit(x, "gev")
    end = float(fit.distribution.support()[1])
    for table in (fit.return_period([120.0, end + 1.0]), fit.exceedance_probability([end + 1.0], 30)):
        (note,) = (note for note in table.attrs["notes"] if "upper bound of the fitted GEV" in note)
        assert f"{end:.6g}"[:5] in note
        assert "never exceeded" in note
    assert np.isposinf(fit.return_period([end + 1.0])["estimate"].iloc[0])
    assert not any("bound of the fitted" in note for note in fit.return_period([120.0]).attrs["notes"])
    assert not any(
        "bound of the fitted" in note for note in ev.fit(x, "gumbel").return_period([end + 1]).attrs["notes"]
    )
    assert not any("bound of" in note for note in ev.fit(np.stack([x, x]), "gev").return_period([300]).attrs["notes"])
    lowest = ev.fit(-x, "gev-min").return_period([-end - 1.0])
    assert any("lower bound of the fitted" in note and "never undercut" in note for note in lowest.attrs["notes"])


def test_only_a_bayesian_fit_of_one_series_has_a_posterior() -> None:
    with pytest.raises(ArgumentError, match="a fit by maximum likelihood has no posterior; fit with method='bayes'"):
        ev.fit(floods()).posterior()
    with pytest.raises(ArgumentError, match="take one series"):
        ev.fit(np.stack([floods(), floods()]), method="bayes").posterior()


# ---------------------------------------------------------------- compare


def test_compare_is_a_table_by_family() -> None:
    table = ev.compare(floods(), ["gumbel", "gev"], details=True)
    assert table.index.name == "family"
    assert list(table.index) == ["gumbel", "gev"]
    gumbel, gev = ev.fit(floods(), "gumbel"), ev.fit(floods(), "gev")
    np.testing.assert_allclose(table["loglik"].astype(float), [gumbel.loglik, gev.loglik])
    np.testing.assert_allclose(table["aic"].astype(float), [gumbel.aic, gev.aic])
    np.testing.assert_allclose(table["bic"].astype(float), [gumbel.bic, gev.bic])
    assert gev.loglik >= gumbel.loglik


def test_compare_keeps_the_row_of_a_family_without_an_estimate() -> None:
    table = ev.compare(LEFT_SKEWED, ["gumbel", "gev"], details=True)
    assert table.loc["gev", "status"] == "no_interior_maximum"
    assert np.isnan(table.loc["gev", "loglik"])
    assert np.isfinite(table.loc["gumbel", "loglik"])


# ---------------------------------------------------------------- what cannot be fitted


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: ev.fit(floods(), "gumble"),
            ArgumentError,
            r"unknown family 'gumble'; known: 'gumbel'.*Did you mean 'gumbel'",
        ),
        (lambda: ev.fit(floods(), "weibull"), ArgumentError, "the family 'weibull' is not there; take 'gev'"),
        (lambda: ev.fit(floods(), 3), ArgumentError, r"family"),
        (lambda: ev.fit(floods(), "gev", method="mel"), ArgumentError, r"unknown method 'mel'; .*Did you mean 'mle'"),
        (lambda: ev.fit(floods(), "gev", method=7), ArgumentError, r"method"),
        (lambda: ev.fit([1.0, 2.0], "gumbel"), DataError, r"2 values.*at least 3"),
        (lambda: ev.fit([1.0], "gumbel"), DataError, r"1 value;.*at least 3"),
        (lambda: ev.fit([], "gumbel"), DataError, r"0 values.*at least 3"),
        (lambda: ev.fit([np.nan] * 5, "gumbel"), DataError, r"0 values"),
        (lambda: ev.fit([5.0] * 10, "gumbel"), FitError, r"[Aa]ll values are equal"),
        (lambda: ev.fit([1.0, np.inf, 2.0, 3.0], "gumbel"), DataError, r"infinite number at position 1"),
        (lambda: ev.fit([[1.0, 2, 3], [1, -np.inf, 3]], "gumbel"), DataError, r"infinite number at index \(1, 1\)"),
        (lambda: ev.fit([1 + 2j, 2.0, 3.0], "gumbel"), DataError, r"complex"),
        (lambda: ev.fit([True, False, True], "gumbel"), DataError, r"boolean"),
        (lambda: ev.fit(["1", "2", "3"], "gumbel"), DataError, r"string"),
        (lambda: ev.fit(pd.Series(["a", "b", "c"]), "gumbel"), DataError, r"number"),
        (lambda: ev.fit(pd.DataFrame({"a": floods()}), "gumbel"), ArgumentError, r"DataFrame.*column"),
        (lambda: ev.fit(5.0, "gumbel"), DataError, r"single number"),
        (lambda: ev.fit(None, "gumbel"), DataError, r"."),
        (lambda: ev.fit(ev.read_series(daily(2)), "gumbel"), ArgumentError, r"block_maxima"),
        (lambda: ev.fit(LEFT_SKEWED, "gev"), FitError, r"no_interior_maximum.*L-moments"),
        (lambda: ev.fit(floods(), "gumbel").return_level(1), ArgumentError, r"return period 1 is not possible"),
        (lambda: ev.fit(floods(), "gumbel").return_level([]), ArgumentError, r"non-empty"),
        (
            lambda: ev.fit(floods(), "gumbel").return_level(100, interval="delat"),
            ArgumentError,
            r"Did you mean 'delta'",
        ),
        (lambda: ev.fit(floods(), "gumbel").return_level(100, confidence=95), ArgumentError, r"Did you mean 0\.95"),
        (lambda: ev.fit(floods(), "gumbel").return_level(100, confidence=1.0), ArgumentError, r"between 0 and 1"),
        (lambda: ev.fit(floods(), "gumbel").value_at_risk(1.0), ArgumentError, r"outside \(0, 1\)"),
        (lambda: ev.fit(floods(), "gumbel").value_at_risk(0.9, horizon="day"), ArgumentError, r"unknown horizon 'day'"),
        (
            lambda: ev.fit(floods(), "gumbel").value_at_risk(0.9, extremal_index=0),
            ArgumentError,
            r"extremal_index is 0",
        ),
        (lambda: ev.fit(floods(), "gumbel").exceedance_probability(3.0, years=-1), ArgumentError, r"years is -1"),
        (lambda: ev.fit(floods(), "gumbel", method=MaximumLikelihood(ColesDixon())), ArgumentError, r"no shape"),
        (lambda: ev.compare(floods(), "gumbel"), ArgumentError, r"sequence"),
        (lambda: ev.compare(floods(), []), ArgumentError, r"families"),
    ],
)
def test_what_cannot_be_meant_is_one_clear_sentence(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        call()
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


def test_a_gev_of_three_or_four_values_by_likelihood_warns() -> None:
    with pytest.warns(EvstatsWarning, match=r"4 values.*5"):
        ev.fit([1.0, 2.0, 4.0, 8.0], "gev")
    ev.fit([1.0, 2.0, 4.0, 8.0], "gev", method="lmoments")
    ev.fit([1.0, 2.0, 4.0, 3.0], "gumbel")


def test_a_daily_series_is_not_taken_for_block_maxima_in_silence() -> None:
    with pytest.warns(EvstatsWarning, match="block_maxima"):
        ev.fit(daily(1), "gumbel")


def test_no_interior_maximum_carries_its_status() -> None:
    with pytest.raises(FitError) as caught:
        ev.fit(LEFT_SKEWED, "gev")
    assert caught.value.status == Status.NO_INTERIOR_MAXIMUM
    assert ev.fit(LEFT_SKEWED, "gev", method="lmoments").converged


# ---------------------------------------------------------------- what a careful analyst is told unasked


def test_notes_on_ties_zeros_and_the_largest() -> None:
    tied = np.round(floods(40) / 200)
    assert any("tied" in note for note in ev.fit(tied, "gumbel").notes)
    zeros = np.concatenate([np.zeros(6), floods(40)])
    assert any("zero" in note for note in ev.fit(zeros, "gumbel").notes)
    storm = np.concatenate([floods(40), [9000.0]])
    (note,) = [note for note in ev.fit(storm, "gumbel").notes if "Without the largest" in note]
    assert "9000" in note
    without = ev.fit(floods(40), "gumbel").return_level(100)["estimate"].iloc[0]
    assert f"{without:.4g}" in note


def test_low_outliers_are_noted() -> None:
    flows = np.concatenate([ev.Gumbel(1000.0, 150.0).rvs(50, rng=3), [4.0, 6.0]])
    assert any("low" in note.lower() for note in ev.fit(flows, "gumbel").notes)


# ---------------------------------------------------------------- real series


def test_the_river_from_csv_to_return_levels(data_sources: Path) -> None:
    record = ev.read_series(data_sources / "river_daily_flow.csv")
    extremes = ev.block_maxima(record, block="water-year", min_coverage=0.9)
    assert len(extremes.values) == 93
    frame = pd.read_csv(data_sources / "river_daily_flow.csv", parse_dates=[0])
    dates = frame.iloc[:, 0]
    years = dates.dt.year + (dates.dt.month >= 10)
    plain = frame.iloc[:, 1].groupby(years).max().drop(2020)
    np.testing.assert_array_equal(extremes.values, plain.to_numpy())
    for family in ("gumbel", "gev"):
        fit = ev.fit(extremes, family, method="mle")
        exact = textbook.refine(fit.distribution.parameters, plain.to_numpy())
        np.testing.assert_allclose(fit.params["estimate"], exact.parameters, rtol=1e-7)
        np.testing.assert_allclose(fit.params["std_error"], exact.std_error, rtol=1e-6)
        assert fit.loglik == pytest.approx(exact.loglik, abs=1e-6)
        table = fit.return_level([2, 10, 50, 100, 500])
        assert (table["estimate"].diff().dropna() > 0).all()


@pytest.mark.filterwarnings("ignore:.*the data speak against the Gumbel")
def test_every_family_by_every_method_on_real_maxima(annual_maxima: dict[str, Array]) -> None:
    for x in annual_maxima.values():
        for family, method in APPLY:
            if family == "tcev":  # most of these series show one population
                continue
            if (family, method) == ("lp3", "mle"):  # of 17 years in one of six no interior maximum
                continue
            sign = -1.0 if FAMILIES[family].minima else 1.0
            fit = ev.fit(sign * x, family, method=method)
            assert fit.converged
            assert isinstance(fit.distribution, Family)
            assert np.isfinite(fit.return_level([2, 100], interval="delta")["estimate"]).all()
