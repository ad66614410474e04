"""Samples whose likelihood with covariates has no interior maximum: what stands in for it, alone and in a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from numpy.typing import NDArray
from textbook import covariate_loglik

import evstats as ev
from evstats.errors import FitError, Status
from evstats.estimators import CoefficientPosterior, NormalShape, Regression, leading
from evstats.estimators.coefficient_posterior import posterior_of
from evstats.estimators.priors import Flat
from evstats.notes import Gravity

Array = NDArray[np.float64]
T = np.linspace(0.0, 1.0, 20)
SAMPLES = T + ev.GEV(0.0, 1.0, -0.3).rvs((30, 20), rng=1)
#: The first has no interior maximum, the second has one.
PAIR, KNOWN, AT = SAMPLES[[2, 0]], {"t": T}, {"t": 1.0}

MOMENTS, YEARS, THRESHOLD = np.linspace(0.0, 1.0, 25), 40.0, 50.0


def peaks(seed: int) -> ev.Peaks:
    """25 peaks whose sizes grow: of seed 5 without a maximum, of seed 19 rising up to shape -1, of seed 1 with one."""
    sizes = np.exp(0.5 * MOMENTS) * ev.GPD(0.0, 1.0, -0.3).rvs(25, rng=seed)
    dates = pd.DatetimeIndex([f"{1980 + year}-07-01" for year in np.linspace(0, 39, 25).astype(int)])
    return ev.as_peaks(pd.Series(THRESHOLD + 10.0 * sizes, index=dates, name="rain"), THRESHOLD, YEARS)


@pytest.fixture(scope="module")
def batch() -> ev.BatchFit:
    return ev.fit(PAIR, loc="t", covariates=KNOWN)


@pytest.fixture(scope="module")
def alone() -> ev.Fit:
    return ev.fit(PAIR[0], loc="t", covariates=KNOWN)


def codes(notes: Any) -> list[str]:
    return [note.code for note in notes]


def regression(fit: ev.Fit) -> Regression:
    assert isinstance(fit.estimation, Regression)
    return fit.estimation


def test_where_no_family_is_named_the_same_family_answers_by_bayes_and_says_so(alone: ev.Fit) -> None:
    assert alone.method == leading.FALLBACK
    (note,) = (note for note in alone.notes if note.gravity == Gravity.ANSWER)
    assert note.code == "no_interior_maximum"
    assert note.values["sd"] == NormalShape().sd
    table = alone.return_level([10, 100], at=AT)
    assert ((table["lower"] < table["estimate"]) & (table["estimate"] < table["upper"])).all()
    assert ev.fit(PAIR[1], loc="t", covariates=KNOWN).method.maximises_likelihood


def test_a_family_that_is_named_has_an_error_whose_advice_works(alone: ev.Fit, batch: ev.BatchFit) -> None:
    with pytest.raises(FitError, match=r"method='bayes', prior='normal'.*fit family='gumbel'") as caught:
        ev.fit(PAIR[0], "gev", loc="t", covariates=KNOWN)
    with pytest.raises(FitError, match=r"series 0 has no estimate\. GEV with .*prior='normal'.*family='gumbel'"):
        batch[0]
    assert caught.value.status == Status.NO_INTERIOR_MAXIMUM
    advised = ev.fit(PAIR[0], "gev", loc="t", covariates=KNOWN, method="bayes", prior="normal")
    pd.testing.assert_frame_equal(advised.params, alone.params)


def test_alone_and_in_a_batch_a_series_has_the_same_limits(alone: ev.Fit, batch: ev.BatchFit) -> None:
    assert batch.status.tolist() == [Status.NO_INTERIOR_MAXIMUM, Status.CONVERGED]
    other, limits = ev.fit(PAIR[1], loc="t", covariates=KNOWN), ["lower", "upper"]
    several = {"t": [0.0, 1.0]}
    asked = {
        "level": lambda fit: fit.return_level([10, 100], at=AT),
        "levels of states": lambda fit: fit.return_level([10], at=several),
        "coefficients": lambda fit: fit.parameter_table(),
        "change": lambda fit: fit.change([10], now=AT, then={"t": 0.0}),
    }
    for name, question in asked.items():
        together = question(batch)
        for lane, single in enumerate((alone, other)):
            np.testing.assert_allclose(
                together.loc[lane, limits].to_numpy(float), question(single)[limits].to_numpy(float), rtol=1e-7,
                err_msg=name,
            )  # fmt: skip
        assert np.isnan(together.loc[0, "estimate"].to_numpy(float)).all()
        fallbacks = [note for note in together.attrs["notes"] if note.code == "fallbacks"]
        assert [note.values["count"] for note in fallbacks] == [1]
        assert "where there is no interior maximum, credible, shape normal" in together.attrs["interval"]
    assert np.isnan(batch.return_level([10], at=AT, interval="delta").loc[0, limits].to_numpy(float)).all()


def test_minima_are_the_mirror_image(batch: ev.BatchFit) -> None:
    lows = ev.fit(-PAIR, "gev-min", loc="t", covariates=KNOWN)
    assert lows.status.tolist() == batch.status.tolist()
    found = lows.return_level([100], at=AT).loc[0, ["lower", "upper"]].to_numpy(float)[0]
    np.testing.assert_allclose(found, -batch.return_level([100], at=AT).loc[0, ["upper", "lower"]].to_numpy(float)[0])


@pytest.mark.parametrize("asked", [{"shape": "t"}, {"trend": "t", "trend_kind": "scale"}], ids=["shape", "proportion"])
def test_where_nothing_stands_in_it_is_said(asked: dict[str, str]) -> None:
    samples = SAMPLES + 3.0
    fit = ev.fit(samples, covariates=KNOWN, **asked)
    lost = int(np.flatnonzero(fit.status == Status.NO_INTERIOR_MAXIMUM)[0])
    with pytest.raises(FitError, match="use fewer covariates, in the shape above all, or fit family=") as caught:
        ev.fit(samples[lost], covariates=KNOWN, **asked)
    assert "prior" not in str(caught.value)
    few = ev.fit(samples[[lost]], covariates=KNOWN, **asked)
    assert np.isnan(few.return_level([10], at=AT)["lower"].to_numpy(float)).all()
    assert "fallbacks" not in codes(few.return_level([10], at=AT).attrs["notes"])


def test_tests_by_likelihood_say_that_there_is_none(alone: ev.Fit) -> None:
    with pytest.raises(ev.ArgumentError, match="no interior maximum for these values; judge a trend by the limits of"):
        ev.likelihood_ratio_test(ev.fit(PAIR[0], "gumbel"), alone)
    with pytest.raises(ev.ArgumentError, match="by Bayes has no test; look at the plot of its residuals"):
        alone.goodness_of_fit()


# -- peaks over a threshold --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [5, 19])
def test_peaks_without_a_maximum_are_told_what_helps(seed: int) -> None:
    with pytest.raises(FitError, match=r"method='bayes', prior='normal'.*fit family='exponential'"):
        ev.fit(peaks(seed), "gpd", scale="year")


def test_peaks_without_a_maximum_have_the_posterior_under_the_same_prior() -> None:
    fit = ev.fit(peaks(5), scale="year")
    assert fit.method == leading.FALLBACK
    assert "no_interior_maximum" in codes(fit.notes)
    now, then = ({"year": year} for year in (2019, 1980))
    table = fit.return_level([10, 100], at=now)
    assert ((table["lower"] < table["estimate"]) & (table["estimate"] < table["upper"])).all()
    assert list(fit.params.index) == ["log_scale:Intercept", "log_scale:year", "shape:Intercept"]
    levels = [fit.predictive_level([0.01], at=at)["estimate"].item() for at in (now, then)]
    assert levels[0] > fit.return_level([100], at=now)["estimate"].item()
    assert levels[0] > levels[1]
    with pytest.raises(ev.ArgumentError, match="is that of a level below the threshold"):
        fit.predictive_level([0.9], at=now)
    again = ev.Fit.from_dict(fit.to_dict())
    pd.testing.assert_frame_equal(again.return_level([10, 100], at=now), table)


def test_peaks_with_a_maximum_are_not_by_bayes() -> None:
    assert ev.fit(peaks(1), scale="year").method.maximises_likelihood


def sizes_loglik(beta: Array, excesses: Array, covariate: Array) -> float:
    scale, shape = np.exp(beta[0] + beta[1] * covariate), beta[2]
    return float(scipy.stats.genpareto.logpdf(excesses, shape, scale=scale).sum())


@pytest.mark.parametrize("prior", [Flat(), NormalShape()])
def test_the_density_of_coefficients_of_peaks_is_likelihood_times_prior(prior: Any) -> None:
    record, random = peaks(1), np.random.default_rng(1)
    fit = ev.fit(record, "gpd", scale="t", covariates={"t": MOMENTS}, method=ev.Bayes(prior, draws=500))
    points = fit.params["estimate"].to_numpy() + 0.02 * random.normal(size=(8, 3))
    excesses = record.values - THRESHOLD
    expected = np.array([sizes_loglik(beta, excesses, MOMENTS) for beta in points]) + prior.log_shape(points[:, 2])
    found = posterior_of(regression(fit), prior)(points)
    np.testing.assert_allclose(found - found[0], expected - expected[0], atol=1e-8)
    assert isinstance(posterior_of(regression(fit), prior), CoefficientPosterior)


def test_the_rate_of_peaks_has_the_gamma_posterior_of_jeffreys() -> None:
    fit = ev.fit(peaks(1), "gpd", scale="year", method=ev.Bayes("normal", draws=4_000, rng=1))
    rate = np.exp(fit.posterior(at={"year": 2000}).parameters[:, 2])
    known = scipy.stats.gamma(25.5, scale=1.0 / YEARS)
    assert scipy.stats.kstest(rate, known.cdf).pvalue > 1e-3


def test_coefficients_of_a_rate_are_drawn_too() -> None:
    fit = ev.fit(peaks(1), "gpd", rate="year", scale="year", method=ev.Bayes("normal", draws=2_000))
    names = ["log_scale:Intercept", "log_scale:year", "log_rate:Intercept", "log_rate:year", "shape:Intercept"]
    assert list(fit.params.index) == names
    by_likelihood = ev.fit(peaks(1), "exponential", rate="year", scale="year").params.loc["log_rate:year"]
    drawn = fit.params.loc["log_rate:year"]
    for column, tolerance in (("estimate", 0.2), ("std_error", 0.15)):  # the sizes say nothing of the rate
        assert drawn[column] == pytest.approx(by_likelihood[column], abs=tolerance * by_likelihood["std_error"])


def test_priors_of_peaks_alone_are_refused_with_covariates() -> None:
    with pytest.raises(ev.ArgumentError, match="prior='fiducial' is not there for peaks with covariates; take prior="):
        ev.fit(peaks(1), "gpd", scale="year", method="bayes", prior="fiducial")


def test_the_density_of_blocks_is_of_all_coefficients(alone: ev.Fit) -> None:
    own = posterior_of(regression(alone), NormalShape())
    points = alone.params["estimate"].to_numpy() + 0.01 * np.random.default_rng(2).normal(size=(4, 4))
    line = np.column_stack([np.ones(20), T])
    designs = [line, line[:, :1], line[:, :1]]
    expected = [covariate_loglik(beta, PAIR[0], designs) for beta in points] + NormalShape().log_shape(points[:, -1])
    found = own(points)
    np.testing.assert_allclose(found - found[0], expected - expected[0], atol=1e-8)
