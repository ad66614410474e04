"""Bayesian fits whose parameters follow covariates: density, draws, priors, units, batches and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from numpy.typing import NDArray
from textbook import covariate_loglik

import evstats as ev
from evstats.estimators import CoefficientPosterior, CoefficientSample, Regression
from evstats.estimators.priors import MDI, Flat, Weak

Array = NDArray[np.float64]
YEARS = np.arange(1971.0, 2021.0)
FLOWS = pd.Series(
    ev.GEV(100.0, 20.0, 0.1).rvs(50, rng=3) + 0.4 * (YEARS - 1971.0), index=YEARS.astype(int), name="flow"
)


def bayes(data: Any = FLOWS, family: str = "gev", draws: int = 1000, prior: Any = None, **asked: Any) -> ev.Fit:
    return ev.fit(data, family, method=ev.Bayes(prior, draws=draws, rng=1), **({"loc": "year"} | asked))


def drawn(fit: ev.Fit) -> CoefficientSample:
    return fit.coefficient_posterior()


def regression(fit: ev.Fit) -> Regression:
    assert isinstance(fit.estimation, Regression)
    return fit.estimation


def designs(*years: bool) -> list[Array]:
    line = np.column_stack([np.ones(50), YEARS])
    return [line if moves else line[:, :1] for moves in years]


def near(fit: ev.Fit, count: int) -> Array:
    """Coefficients about the estimate, a few standard errors off."""
    size = fit.params["std_error"].to_numpy() * 1e-2
    return fit.params["estimate"].to_numpy() + size * np.random.default_rng(1).normal(size=(count, len(size)))


@pytest.mark.parametrize("prior", [Flat(), MDI()])
def test_the_density_is_likelihood_times_prior(prior: Any) -> None:
    fit = bayes(scale="year", draws=200)
    points = near(fit, 8)
    own = [covariate_loglik(beta, FLOWS.to_numpy(), designs(True, True, False)) for beta in points]
    expected = np.array(own) + prior.log_shape(points[:, -1])
    found = CoefficientPosterior(regression(fit), prior)(points)
    np.testing.assert_allclose(found - found[0], expected - expected[0], atol=1e-8)


def test_a_prior_of_ones_own_is_of_the_coefficients_as_told() -> None:
    fit, known = bayes(draws=200), scipy.stats.norm(0.2, 0.05)
    points, flat = near(fit, 6), CoefficientPosterior(regression(fit), Flat())
    expected = flat(points) + known.logpdf(points[:, 1])
    for prior in ({"loc:year": known}, lambda beta: known.logpdf(beta[..., 1])):
        found = CoefficientPosterior(regression(fit), ev.estimators.priors.prior_of(prior))(points)
        np.testing.assert_allclose(found - found[0], expected - expected[0], atol=1e-8)


@pytest.mark.parametrize("asked", [{}, {"scale": "year"}], ids=["ratio of uniforms", "chains"])
def test_draws_are_of_the_posterior(asked: dict[str, str]) -> None:
    fit = bayes(draws=10_000, **asked)
    sample = drawn(fit)
    assert sample.how == ("adaptive Metropolis" if asked else "ratio of uniforms")
    # importance sampling from a multivariate t about the estimate, in coefficients of the standard form
    own, random = regression(fit), np.random.default_rng(5)
    centre, spread = own.estimate.parameters, np.linalg.cholesky(1.3 * np.cov(sample.standard.T))
    student = random.normal(size=(40_000, len(centre))) / np.sqrt(random.chisquare(6, size=(40_000, 1)) / 6)
    points = centre + student @ spread.T
    told = points @ own.jacobian.T
    log_weight = CoefficientPosterior(own, Flat())(told)
    log_weight += 0.5 * (6 + len(centre)) * np.log1p(np.sum(student**2, axis=1) / 6)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    assert 1.0 / np.sum(weight**2) > 5_000
    mean = weight @ points
    spreads = np.sqrt(weight @ (points - mean) ** 2)
    np.testing.assert_allclose((sample.standard.mean(axis=0) - mean) / spreads, 0.0, atol=0.05)
    np.testing.assert_allclose(sample.standard.std(axis=0) / spreads, 1.0, atol=0.04)


def test_answers_in_a_state_are_those_of_the_draws() -> None:
    fit = bayes()
    at, sample = {"year": 2020}, drawn(fit)
    loc = sample.coefficients[:, 0] + 2020.0 * sample.coefficients[:, 1]
    levels = ev.GEV(loc, np.exp(sample.coefficients[:, 2]), sample.coefficients[:, 3]).isf(0.01)
    table = fit.return_level([100], at=at)
    tail = 0.5 * (1.0 - 0.95)
    tails = [np.quantile(levels, tail, method="inverted_cdf"), -np.quantile(-levels, tail, method="inverted_cdf")]
    np.testing.assert_allclose(table[["lower", "upper"]].to_numpy()[0], tails)
    assert table.attrs["interval"] == "credible, flat prior; 1,000 posterior draws, seed 1"
    states = pd.DataFrame({"year": [1971.0, 2020.0]})
    assert np.allclose(fit.return_level([100], at=states).iloc[1], table.iloc[0])
    levels_next = fit.predictive_level([0.01], at=at)
    assert levels_next["estimate"].item() > levels_next["plug_in"].item()
    assert levels_next["estimate"].item() == pytest.approx(sample.at(year=2020).predictive_level(0.01).item())
    assert np.array_equal(fit.posterior(at=at).parameters, sample.at(at).parameters)


def test_flat_priors_give_the_likelihoods_maximum_and_its_spread() -> None:
    fit, likely = bayes(draws=5_000), ev.fit(FLOWS, "gev", loc="year")
    np.testing.assert_allclose(fit.params["estimate"], likely.params["estimate"], rtol=1e-9)
    np.testing.assert_allclose(fit.params["std_error"] / likely.params["std_error"], 1.0, atol=0.15)


def test_a_sharp_prior_holds_the_slope() -> None:
    fit = bayes(prior={"loc:year": scipy.stats.norm(0.0, 1e-4)})
    lower, upper = fit.params.loc["loc:year", ["lower", "upper"]]
    assert -3e-4 < lower < 0.0 < upper < 3e-4
    assert fit.return_level([100], at={"year": 2020}).attrs["interval"].startswith("credible, priors of coefficients")


def test_the_weak_prior_is_normal_in_every_coefficient() -> None:
    fit = bayes(draws=200)
    own = CoefficientPosterior(regression(fit), Weak())
    flat = CoefficientPosterior(regression(fit), Flat())
    phi = 0.02 * np.random.default_rng(2).normal(size=(5, 4)) + [0.0, 0.3, 0.2, 0.1]
    half = np.array([0.0, 0.0, np.log(0.5), 0.0])
    expected = scipy.stats.norm(half, [5.0, 5.0, 1.0, 0.3]).logpdf(phi).sum(axis=-1)
    np.testing.assert_allclose(own.standard(phi) - flat.standard(phi), expected, atol=1e-9)


def test_any_unit_and_the_mirror_image_have_the_same_draws() -> None:
    here = bayes(draws=500)
    small = ev.fit(
        pd.Series(1e-9 * FLOWS.to_numpy()), "gev", loc="t", covariates={"t": 3e7 * YEARS}, method=here.method
    )
    below = bayes(-FLOWS, "gev-min", draws=500)
    np.testing.assert_allclose(
        drawn(small).coefficients[:, 1] * 3e16, drawn(here).coefficients[:, 1], rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(drawn(below).coefficients[:, 1], -drawn(here).coefficients[:, 1], rtol=1e-9)


def test_a_series_of_a_batch_is_as_alone() -> None:
    values = np.stack([FLOWS.to_numpy(), FLOWS.to_numpy()[::-1], np.full(50, np.nan)])
    whole = ev.fit(values, "gev", loc="t", covariates={"t": YEARS}, method=ev.Bayes(draws=300, rng=1))
    alone = ev.fit(values[1], "gev", loc="t", covariates={"t": YEARS}, method=ev.Bayes(draws=300, rng=1))
    table, own = whole.return_level([100], at={"t": 2020.0}), alone.return_level([100], at={"t": 2020.0})
    np.testing.assert_allclose(table.iloc[1][["estimate", "lower", "upper"]].astype(float), own.iloc[0], rtol=1e-9)
    assert table["status"].tolist()[2] != "converged"
    assert table.iloc[2, :3].isna().all()
    np.testing.assert_allclose(whole.params["lower"].to_numpy()[4:8], alone.params["lower"], rtol=1e-9)


def test_a_sample_without_an_interior_maximum_has_a_posterior() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 9.9]) + np.tile([0.0, 0.3], 5)
    fit = ev.fit(values, "gev", loc="t", covariates={"t": np.cos(np.arange(10.0))}, method=ev.Bayes("normal", rng=1))
    table = fit.return_level([100], at={"t": 0.0})
    assert (table["lower"] < table["estimate"]).all()
    assert np.isfinite(table).all(axis=None)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: bayes(prior={"loc:gmst": scipy.stats.norm(0, 1)}), "unknown prior 'loc:gmst'"),
        (lambda: bayes(prior={"loc:year": 3.0}), "expected a distribution with a logpdf"),
        (
            lambda: ev.fit(FLOWS, "gev", method=ev.Bayes({"loc": scipy.stats.norm(0, 1)})),
            "are for fits with covariates",
        ),
        (lambda: ev.fit(FLOWS, "gev", loc="year", method="lmoments"), "not there for models with covariates"),
        (lambda: ev.fit(FLOWS, "gev", loc="year").predictive_level([0.01], at={"year": 2000}), "method='bayes'"),
        (lambda: bayes(draws=200).predictive_level([0.01]), "at="),
        (lambda: bayes(draws=200).posterior(), "at="),
        (lambda: bayes(loc=None, trend="year", trend_kind="scale"), "in one proportion; fit by maximum likelihood"),
        (lambda: ev.fit(FLOWS, "gev", method="bayes").coefficient_posterior(), "take posterior()"),
        (lambda: ev.fit(FLOWS, "gev", loc="year").coefficient_posterior(), "has no posterior"),
        (lambda: bayes(family="gumbel", prior="beta"), "prior of the shape"),
    ],
)
def test_what_cannot_be(call: Any, said: str) -> None:
    with pytest.raises(ev.EvstatsError) as caught:
        call()
    assert said in str(caught.value)
