"""Bayesian fits: posteriors against quadrature, exact draws against chains, priors that are proper and those not."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

import evstats as ev
from evstats.distributions import GEV, Family, GEVMin, Gumbel, GumbelMin, TwoComponentGumbel
from evstats.errors import ArgumentError, DataError, FitError, Status
from evstats.estimators import Bayes, Flat, MaximumLikelihood, Posterior, PosteriorSample, Weak
from evstats.intervals import Credible
from evstats.montecarlo import Normal, metropolis, tempering
from evstats.quantities import ReturnLevel

Array = NDArray[np.float64]
TRUTH = TwoComponentGumbel(100.0, 20.0, 40.0, 80.0)


def pirie(annual_maxima: dict[str, Array]) -> Array:
    return annual_maxima["port_pirie"]


def test_the_log_density_is_likelihood_times_prior(annual_maxima: dict[str, Array]) -> None:
    x = pirie(annual_maxima)
    theta = np.array([[3.87, 0.2, -0.05], [3.9, 0.25, 0.1], [3.8, 0.15, -0.4]])
    loglik = np.array([GEV(*each).logpdf(x).sum() for each in theta])
    shape = theta[:, 2]
    priors = {
        "flat": np.zeros(3),
        "mdi": -np.euler_gamma * shape,
        "beta": stats.beta(9, 6).logpdf(shape + 0.5),
    }
    for name, prior in priors.items():
        found = Posterior(GEV, x, name)(theta)
        np.testing.assert_allclose(np.diff(found), np.diff(loglik - np.log(theta[:, 1]) + prior), rtol=1e-8)
    own = Posterior(GEV, x, lambda theta: -theta[..., 0] - 3.0 * theta[..., 1])(theta)
    np.testing.assert_allclose(np.diff(own), np.diff(loglik - theta[:, 0] - 3.0 * theta[:, 1]), rtol=1e-8)
    assert Posterior(GEV, x)([3.87, -0.2, 0.0]) == -np.inf
    assert Posterior(GEV, x)([3.87, 0.2, -1.5]) == -np.inf
    assert Posterior(GEV, x)(np.full((2, 4, 3), 0.1)).shape == (2, 4)


@pytest.mark.parametrize("prior", ["flat", "mdi", "beta", "normal", "weak"])
def test_exact_draws_agree_with_chains_on_the_density_itself(prior: str, annual_maxima: dict[str, Array]) -> None:
    posterior = Posterior(GEV, pirie(annual_maxima), prior)
    exact = posterior.sample(40_000, rng=1)
    assert exact.how == "ratio of uniforms"
    walked = metropolis(posterior, exact.parameters[:64], 2000, rng=2)
    for i in range(3):
        answer = walked.expectation(lambda theta: theta[:, i])  # noqa: B023
        own = exact.parameters[:, i]
        assert abs(own.mean() - answer.value) < 4.5 * np.hypot(answer.stderr, own.std() / 200.0)


def test_a_gumbel_posterior_is_that_of_quadrature(annual_maxima: dict[str, Array]) -> None:
    """Given s = 1/scale, exp(loc s) is gamma: what is left is one integral."""
    x = pirie(annual_maxima)
    n = x.size
    s = np.linspace(2.5, 9.0, 20_001)
    log_k = special.logsumexp(-np.multiply.outer(s, x), axis=1)
    logged = (n - 2.0) * np.log(s) - s * x.sum() - n * log_k
    weights = np.exp(logged - logged.max())
    weights /= weights.sum()
    drawn = Posterior(Gumbel, x).sample(100_000, rng=3).parameters
    assert drawn[:, 1].mean() == pytest.approx(float(weights @ (1.0 / s)), abs=5 * drawn[:, 1].std() / np.sqrt(1e5))
    loc = float(weights @ ((special.digamma(n) - log_k) / s))
    assert drawn[:, 0].mean() == pytest.approx(loc, abs=5 * drawn[:, 0].std() / np.sqrt(1e5))
    cumulative = np.interp(np.quantile(drawn[:, 1], [0.1, 0.5, 0.9]), (1.0 / s)[::-1], np.cumsum(weights[::-1]))
    np.testing.assert_allclose(cumulative, [0.1, 0.5, 0.9], atol=0.006)


def test_the_mode_is_the_penalised_maximum(annual_maxima: dict[str, Array]) -> None:
    x = pirie(annual_maxima)
    for prior, penalty in (("flat", None), ("beta", ev.MartinsStedinger())):
        maximum = MaximumLikelihood(penalty).estimate(GEV, x).parameters
        np.testing.assert_allclose(Posterior(GEV, x, prior).mode(), maximum, atol=2e-6)
        np.testing.assert_allclose(ev.fit(x, "gev", method=Bayes(prior)).distribution.parameters, maximum, atol=1e-9)
    mdi = ev.fit(x, "gev", method=Bayes("mdi")).distribution.parameters
    np.testing.assert_allclose(Posterior(GEV, x, "mdi").mode(), mdi, atol=2e-6)
    weak = ev.fit(x, "gev", method=Bayes(Weak())).distribution.parameters
    assert Posterior(GEV, x, "weak")(weak) > Posterior(GEV, x, "weak")(mdi)


def test_answers_do_not_depend_on_the_unit_and_minima_mirror_maxima(annual_maxima: dict[str, Array]) -> None:
    x = pirie(annual_maxima)
    quantity = ReturnLevel([10.0, 100.0])
    metres = Posterior(GEV, x, "mdi").sample(2000, rng=1)
    millimetres = Posterior(GEV, 1000.0 * x + 5.0, "mdi").sample(2000, rng=1)
    np.testing.assert_allclose(
        millimetres.interval(quantity), 1000.0 * np.array(metres.interval(quantity)) + 5.0, rtol=1e-6
    )
    mirrored = Posterior(GEVMin, -x, "mdi").sample(2000, rng=1)
    np.testing.assert_allclose(mirrored.parameters, metres.parameters * [-1.0, 1.0, 1.0], rtol=1e-9)
    np.testing.assert_allclose(mirrored.predictive_level(0.01), -metres.predictive_level(0.01), rtol=1e-7)
    assert np.isfinite(Posterior(GEVMin, -x, lambda theta: 0.0 * theta[..., 0]).start()).all()
    own = Posterior(GumbelMin, -x, lambda theta: -((theta[..., 0] + 3.9) ** 2)).sample(1000, rng=1)
    assert own.parameters[:, 0].mean() == pytest.approx(-3.87, abs=0.1)


def test_predictive_levels_lie_beyond_plain_ones_and_are_passed_as_often_as_they_say(
    annual_maxima: dict[str, Array],
) -> None:
    drawn = Posterior(GEV, pirie(annual_maxima), "mdi").sample(10_000, rng=1)
    level = drawn.predictive_level([0.1, 0.01, 0.001])
    assert (np.diff(level) > 0.0).all()
    np.testing.assert_allclose(drawn.exceedance(level), [0.1, 0.01, 0.001], rtol=1e-5)
    future = drawn.distribution.rvs(rng=2)
    assert np.mean(future > level[0]) == pytest.approx(0.1, abs=0.01)
    assert level[2] > np.median(drawn.answers(ReturnLevel([1000.0])))
    far = Posterior(GEV, np.array([1.0, 1.3, 2.0, 3.0, 9.0])).sample(2000, rng=1)  # some draws have no end
    np.testing.assert_allclose(far.exceedance(far.predictive_level([0.1, 0.02])), [0.1, 0.02], rtol=1e-5)
    decade = drawn.predictive_level(0.5, blocks=10)
    assert drawn.exceedance(decade, blocks=10)[0] == pytest.approx(0.5, rel=1e-5)
    assert decade > drawn.predictive_level(0.5)


def test_credible_intervals_answer_through_fit(annual_maxima: dict[str, Array]) -> None:
    fit = ev.fit(pirie(annual_maxima), "gev", method=Bayes("mdi", rng=1))
    table = fit.return_level([10, 100], interval="credible", confidence=0.9)
    drawn = Bayes("mdi", rng=1).sample(fit.estimation)
    lower, upper = np.quantile(drawn.answers(ReturnLevel([10.0, 100.0])), [0.05, 0.95], axis=0)
    np.testing.assert_allclose(table["lower"], lower, rtol=1e-3)
    np.testing.assert_allclose(table["upper"], upper, rtol=1e-3)
    assert (table["lower"] < table["estimate"]).all()
    assert "Bayes" in str(fit.summary())
    batch = np.stack([pirie(annual_maxima), pirie(annual_maxima) + 1.0])
    many = ev.fit(batch, "gev", method=Bayes("mdi", draws=1000, rng=1)).return_level([100], interval=Credible())
    assert many["upper"].iloc[1] - many["upper"].iloc[0] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("family", [Gumbel, GEV])
def test_credible_intervals_of_the_exact_kind_hold_as_often_as_they_say(family: type[Family]) -> None:
    """Flat priors of location and log scale match frequencies: exactly for Gumbel, nearly for GEV (80 samples).

    Intervals at 0.85 for 0.95 would fail with a probability of 0.95; the slow test of 2,000 tells smaller differences.
    """
    truth = family.from_parameters([0.0, 1.0, 0.1][: len(family.parameter_names)])
    level = truth.isf(0.01)
    covered = []
    for i in range(80):
        lower, upper = Posterior(family, truth.rvs(40, rng=i), "mdi").sample(1000, rng=i).interval(ReturnLevel([100.0]))
        covered.append(lower[0] < level < upper[0])
    assert 0.915 <= np.mean(covered) <= 0.985


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 50, 100])
def test_coverage_of_mdi_credible_intervals(n: int) -> None:
    truth = GEV(0.0, 1.0, 0.1)
    level = truth.isf(0.01)
    covered = []
    for i in range(2000):
        drawn = Posterior(GEV, truth.rvs(n, rng=[n, i]), "mdi").sample(2000, rng=i)
        lower, upper = drawn.interval(ReturnLevel([100.0]))
        covered.append(lower[0] < level < upper[0])
    assert 0.93 <= np.mean(covered) <= 0.965


def test_small_samples_with_heavy_tails_fall_back_to_chains() -> None:
    drawn = Posterior(GEV, np.array([1.0, 1.3, 2.0, 9.0])).sample(1000, rng=1)
    assert drawn.parameters.shape == (1000, 3)
    assert np.isfinite(drawn.parameters).all()
    assert drawn.how in ("ratio of uniforms", "adaptive Metropolis")


# ---------------------------------------------------------------- two populations


@functools.cache
def of_two_populations() -> tuple[Array, PosteriorSample]:
    x = TRUTH.rvs(80, rng=3)
    return x, Posterior(TwoComponentGumbel, x, "weak").sample(3000, rng=1)


def test_the_posterior_of_two_populations_by_tempering() -> None:
    x, drawn = of_two_populations()
    assert drawn.how == "tempering"
    lower, upper = drawn.interval(ReturnLevel([100.0]))
    assert lower[0] < TRUTH.isf(0.01) < upper[0]
    assert (drawn.parameters[:, 1] <= drawn.parameters[:, 3]).all()
    mode = ev.fit(x, TwoComponentGumbel, method=Bayes("weak")).distribution.parameters
    assert (np.abs(mode - np.median(drawn.parameters, axis=0)) < 3 * drawn.parameters.std(axis=0)).all()
    assert lower[0] < drawn.predictive_level(0.01)[0] < upper[0]


@pytest.mark.slow
def test_a_mixture_posterior_with_both_namings_is_a_trap_for_plain_chains_only() -> None:
    """Without an order the two populations can be named either way: two modes of weight one half each."""
    posterior = Posterior(TwoComponentGumbel, TRUTH.rvs(60, rng=3), "weak")

    def either(phi: Array) -> Array:
        return np.maximum(posterior.standard(phi), posterior.standard(phi[..., [2, 3, 0, 1]]))

    start = posterior.start()
    plain = metropolis(either, start, 2000, move="random-walk", step=0.1, rng=1)
    assert (plain.draws[..., 1] < plain.draws[..., 3]).all()
    half = np.log(0.5)
    found = tempering(
        either, draws=6000, reference=Normal([0.0, half, 0.0, half], [25.0, 1.0, 25.0, 1.0]), chains=16, rng=2
    )
    assert np.mean(found.flat[:, 1] < found.flat[:, 3]) == pytest.approx(0.5, abs=0.02)


def test_the_evidence_chooses_between_one_and_two_populations() -> None:
    x, drawn = of_two_populations()
    one = Posterior(Gumbel, x, "weak")
    grid = np.stack(np.meshgrid(np.linspace(-1.5, 0.5, 400), np.linspace(-1.5, 0.5, 400), indexing="ij"), axis=-1)
    evidence = special.logsumexp(one.standard(grid)) + 2.0 * np.log(2.0 / 399)
    assert drawn.chains.log_evidence > evidence + 3.0  # type: ignore[union-attr]


# ---------------------------------------------------------------- predictive levels of a fit


@pytest.mark.parametrize("family", ["gumbel", "gev", "gumbel-min", "gev-min"])
def test_predictive_levels_of_draws_agree_with_quadrature_under_the_same_prior(family: str) -> None:
    x = GEV(100.0, 20.0, 0.0).rvs(60, rng=2)
    x = -x if family.endswith("-min") else x
    drawn = ev.fit(x, family, method=Bayes("flat", draws=40_000)).predictive_level([0.5, 0.1, 0.01], years=5)
    exact = ev.fit(x, family).predictive_level([0.5, 0.1, 0.01], years=5)
    np.testing.assert_allclose(drawn["estimate"], exact["estimate"], rtol=0.02)
    np.testing.assert_allclose(drawn["plug_in"], exact["plug_in"], rtol=1e-5)
    assert not drawn["estimate"].equals(exact["estimate"])


@pytest.mark.parametrize(
    ("family", "prior"), [("gev", "beta"), ("gev", lambda t: -30.0 * t[..., 2] ** 2), ("tcev", "weak")]
)
def test_predictive_levels_are_those_of_the_fits_own_posterior(family: str, prior: Any) -> None:
    x = TRUTH.rvs(40, rng=3)
    fit = ev.fit(x, family, method=Bayes(prior, draws=500, rng=4))
    own = fit.posterior()
    table = fit.predictive_level([0.1, 0.01], years=3)
    np.testing.assert_array_equal(table["estimate"], own.predictive_level([0.1, 0.01], 3.0))
    np.testing.assert_allclose(own.exceedance(table["estimate"], 3.0), [0.1, 0.01], rtol=1e-6)
    assert (table["estimate"] > table["plug_in"]).all()


def test_predictive_levels_of_a_batch_are_those_of_its_series() -> None:
    x = GEV(100.0, 20.0, 0.1).rvs((2, 30), rng=1)
    x[0, 3], constant = np.nan, np.ones((1, 30))
    method = Bayes("mdi", draws=300)
    fits = ev.fit(np.concatenate([x, constant]), "gev", method=method)
    table = fits.predictive_level([0.1, 0.01])["estimate"].to_numpy().reshape(3, 2)
    for each, series in zip(table, x, strict=False):
        np.testing.assert_allclose(each, ev.fit(series, "gev", method=method).predictive_level([0.1, 0.01])["estimate"])
    assert np.isnan(table[2]).all()


def test_the_draws_of_a_fit_are_drawn_once() -> None:
    x = TRUTH.rvs(40, rng=3)
    fit = ev.fit(x, "gumbel", method=Bayes("weak", draws=200, rng=4))
    assert fit.posterior() is fit.posterior()
    other = ev.fit(x, "gumbel", method=Bayes("weak", draws=200, rng=5))
    assert not np.array_equal(other.posterior().parameters, fit.posterior().parameters)


def searching(prior: Any = "weak") -> ev.Fit:
    return ev.fit(np.arange(9.0), "gumbel", method="bayes", prior=prior)


FAULTS: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "three": (
        lambda: Posterior(GEV, [1.0, 2.0, 4.0]),
        DataError,
        "improper posterior from 3 values; it takes 4 or more",
    ),
    "few": (lambda: Posterior(GEV, [1.0, 2.0]), DataError, "too few values"),
    "equal": (lambda: Posterior(GEV, np.ones(9)), DataError, "All values are equal"),
    "infinite": (lambda: Posterior(GEV, [1.0, 2.0, np.inf, 3.0]), DataError, "infinite number"),
    "batch": (lambda: Posterior(GEV, np.ones((2, 9))), ArgumentError, r"shape \(2, 9\); expected one series"),
    "prior": (lambda: Posterior(GEV, np.arange(9.0), "flatt"), ArgumentError, "Did you mean 'flat'"),
    "number": (lambda: Bayes(3), ArgumentError, "a Prior or a callable"),  # type: ignore[arg-type]
    "shapeless": (lambda: Posterior(Gumbel, np.arange(9.0), "beta"), ArgumentError, "a prior of the shape, and Gumbel"),
    "two": (lambda: Posterior(TwoComponentGumbel, np.arange(9.0), Flat()), ArgumentError, "improper posterior"),
    "parameters": (lambda: Posterior(GEV, np.arange(9.0))([1.0, 2.0]), ArgumentError, r"expected \(..., 3\)"),
    "function": (lambda: Posterior(GEV, np.arange(9.0), np.sum).sample(9), ArgumentError, "prior returned an array of"),
    "excluded": (
        lambda: Posterior(GEV, np.arange(9.0), lambda t: np.full(t.shape[:-1], -np.inf)).sample(9),
        DataError,
        "no density near any estimate",
    ),
    "improper": (
        lambda: Posterior(Gumbel, np.arange(9.0), lambda t: 12.0 * np.log(t[..., 1])).sample(9),
        DataError,
        "cannot be drawn from exactly and may be improper",
    ),
    "refits": (lambda: searching().goodness_of_fit(), ArgumentError, "test the family by method='mle'"),
    "own refits": (
        lambda: searching(lambda t: 0.0 * t[..., 0]).goodness_of_fit(),
        ArgumentError,
        "this Bayes fit searches each alone",
    ),
    "resampling": (
        lambda: searching().return_level(10, interval="bootstrap"),
        ArgumentError,
        "a posterior has 'credible'",
    ),
    "plugged in": (
        lambda: ev.fit(TRUTH.rvs(60, rng=1), "tcev").predictive_level(0.1),
        ArgumentError,
        "does not have; fit with method='bayes', prior='weak'",
    ),
    "draws": (lambda: Bayes(draws=5), ArgumentError, "draws is 5"),
    "rng": (lambda: Bayes(rng=np.random.default_rng(1)), ArgumentError, "expected an integer or None"),  # type: ignore[arg-type]
    "level": (lambda: drawn().predictive_level(1.5), ArgumentError, "strictly between 0 and 1"),
    "blocks": (lambda: drawn().predictive_level(0.5, blocks=0), ArgumentError, "blocks is 0"),
    "lanes": (lambda: Bayes().sample(ev.fit(TRUTH.rvs((2, 9), rng=1)).estimation), ArgumentError, "a batch of shape"),
    "fit": (lambda: ev.fit([1.0, 2.0, 4.0], "gev", method="bayes"), DataError, "improper posterior from 3 values"),
    "flat fit": (lambda: ev.fit(np.ones(9), "gev", method="bayes"), FitError, "All values are equal"),
}


def drawn(**options: Any) -> Any:
    return Posterior(Gumbel, np.arange(9.0)).sample(100, rng=1, **options)


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named(fault: str) -> None:
    call, error, text = FAULTS[fault]
    with pytest.raises(error, match=text):
        call()


def test_a_lane_that_cannot_be_searched_says_so() -> None:
    values = np.stack([np.arange(9.0), np.ones(9)])
    found = Bayes("weak").estimate(Gumbel, values)
    assert list(found.status) == [Status.CONVERGED, Status.CONSTANT_SERIES]
    assert np.isfinite(Bayes("weak").covariance(Gumbel, found.parameters, values)[0]).all()


def test_prior_and_seed_are_named_at_the_door(annual_maxima: dict[str, Array]) -> None:
    x = pirie(annual_maxima)
    fit = ev.fit(x, "gev", method="bayes", prior="mdi", rng=5)
    assert fit.method == Bayes("mdi", rng=5)
    table = fit.return_level([100])
    assert table.attrs["interval"] == "credible, mdi prior; 10,000 posterior draws, seed 5"
    assert (table.attrs["replicates"], table.attrs["seed"]) == (10_000, 5)
    assert table.equals(ev.fit(x, "gev", method="bayes", prior="mdi", rng=5).return_level([100]))
    assert not table.equals(ev.fit(x, "gev", method="bayes", prior="mdi", rng=6).return_level([100]))
    assert ev.Fit.from_dict(fit.to_dict()).method == fit.method
    with pytest.raises(ArgumentError, match="prior is for method='bayes', and the method is maximum likelihood"):
        ev.fit(x, "gev", prior="mdi")
    with pytest.raises(ArgumentError, match="cannot be stored"):
        ev.fit(x, "gev", method="bayes", prior=lambda theta: 0.0 * theta[..., 0]).to_dict()
