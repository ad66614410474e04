"""Exact Gumbel intervals: against a dense quadrature, their own inversion, coverage, and what they say."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from golden import load
from numpy.typing import NDArray

import evstats as ev
from evstats import noise
from evstats.distributions import Family
from evstats.errors import ArgumentError
from evstats.intervals import chosen

Array = NDArray[np.float64]
PORT_PIRIE = np.array(load("annual_maxima")["port_pirie"]["values"])
PERIODS = [1.01, 2.0, 10.0, 100.0, 1e4]
METHODS = ["mle", "moments", "lmoments"]


def gumbel_sample(*shape: int, seed: int = 5) -> Array:
    return noise.gumbel(shape, rng=seed)


def dense_limit(x: Array, multiple: float, tail: float) -> float:
    """The limit of loc + multiple * scale by SciPy's incomplete gamma function on 8,001 nodes (Lawless 1982)."""
    n = x.size
    fit = ev.fit(x, "gumbel").distribution
    residual = (x - fit.loc) / fit.scale
    log_scale = np.linspace(-6.0, max(8.0, 45.0 / (n - 1)), 8_001)
    scale = np.exp(log_scale)
    log_sum = scipy.special.logsumexp(-residual / scale[:, None], axis=1)
    log_density = (1 - n) * log_scale - residual.sum() / scale - n * log_sum
    weight = np.exp(log_density - log_density.max())
    weight /= weight.sum()
    scale, log_sum, weight = (part[weight > 1e-18] for part in (scale, log_sum, weight))

    def excess(q: float) -> float:
        log_rate = np.minimum(log_sum + q / scale - multiple, 700.0)
        return float(weight @ scipy.special.gammainc(n, np.exp(log_rate))) - tail

    return float(fit.loc + fit.scale * scipy.optimize.brentq(excess, -1e6, 1e6, xtol=1e-13, rtol=1e-14))


@pytest.mark.parametrize("n", [3, 5, 12, 40])
def test_limits_are_those_of_a_dense_quadrature(n: int) -> None:
    x = gumbel_sample(n)
    answer = ev.fit(x, "gumbel").evaluate(ev.ReturnLevel(PERIODS), "exact", 0.9)
    for j, variate in enumerate(-np.log(-np.log1p(-1.0 / np.array(PERIODS)))):
        wanted = np.array([dense_limit(x, variate, tail) for tail in (0.05, 0.95)])
        np.testing.assert_allclose([answer.lower[j], answer.upper[j]], wanted, rtol=0, atol=3e-7 * np.ptp(wanted))


def test_limits_of_the_scale_are_those_of_its_density() -> None:
    fit = ev.fit(gumbel_sample(12), "gumbel")
    lower, upper = fit.evaluate(ev.Parameters(), "exact").lower[1], fit.evaluate(ev.Parameters(), "exact").upper[1]
    residual = (fit.values - fit.distribution.loc) / fit.distribution.scale
    log_scale = np.linspace(-4.0, 6.0, 20_001)
    log_sum = scipy.special.logsumexp(-residual / np.exp(log_scale)[:, None], axis=1)
    density = np.exp(-11 * log_scale - residual.sum() * np.exp(-log_scale) - 12 * log_sum)
    cdf = np.cumsum(density) / density.sum()
    for limit, tail in ((lower, 0.025), (upper, 0.975)):
        assert np.interp(np.log(limit / fit.distribution.scale), log_scale, cdf) == pytest.approx(tail, abs=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_periods_and_probabilities_invert_the_limits_of_levels(method: str) -> None:
    fit = ev.fit(PORT_PIRIE, "gumbel", method=method)
    lower, upper = fit.return_level(100)[["lower", "upper"]].to_numpy()[0]
    assert fit.return_period(upper)["lower"].iloc[0] == pytest.approx(100, rel=2e-3)
    assert fit.return_period(lower)["upper"].iloc[0] == pytest.approx(100, rel=2e-3)
    assert fit.exceedance_probability(upper)["upper"].iloc[0] == pytest.approx(0.01, rel=2e-3)


@pytest.mark.parametrize("method", METHODS)
def test_a_shortfall_is_a_level_and_a_batch_has_the_limits_of_its_series(method: str) -> None:
    values = gumbel_sample(600, 17)
    values[::7, :5] = np.nan
    many = ev.fit(values, "gumbel", method=method)
    quantity = ev.ExpectedShortfall([0.9, 0.99])
    answer = many.evaluate(quantity, "exact")
    assert (answer.lower < answer.estimate).all()
    assert (answer.estimate < answer.upper).all()
    for lane in (0, 1, 7, 599):
        alone = many[lane].evaluate(quantity, "exact")
        np.testing.assert_allclose([answer.lower[lane], answer.upper[lane]], [alone.lower, alone.upper], rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_other_units_give_the_transformed_limits(method: str) -> None:
    here = ev.fit(PORT_PIRIE, "gumbel", method=method).evaluate(ev.ReturnLevel([2, 100]))
    there = ev.fit(1e6 * PORT_PIRIE + 1e9, "gumbel", method=method).evaluate(ev.ReturnLevel([2, 100]))
    np.testing.assert_allclose(there.lower, 1e6 * here.lower + 1e9, rtol=1e-13)
    np.testing.assert_allclose(there.upper, 1e6 * here.upper + 1e9, rtol=1e-13)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [10, 50])
def test_every_tail_holds_what_it_should(method: str, n: int) -> None:
    study = ev.coverage_study(
        ev.Gumbel(5.0, 2.0), n, ev.ReturnLevel([10, 1000]), "exact", method=method, replicates=6_000, rng=3
    )
    error = np.sqrt(0.025 * 0.975 / 6_000)
    assert np.abs(study.above - 0.025).max() < 4 * error
    assert np.abs(study.below - 0.025).max() < 4 * error


def test_a_simulated_interval_names_its_seed_and_replicates_and_a_conditional_one_has_none() -> None:
    simulated = ev.fit(PORT_PIRIE, "gumbel", method="lmoments").return_level(100).attrs
    assert simulated["interval"] == "exact pivotal; 200,000 simulated samples, seed 20261126"
    assert (simulated["replicates"], simulated["seed"]) == (200_000, 20_261_126)
    conditional = ev.fit(PORT_PIRIE, "gumbel").return_level(100).attrs
    assert conditional["interval"] == "exact conditional"
    assert conditional["replicates"] is conditional["seed"] is None


def test_gumbel_data_pass_the_check_and_are_told_how_little_that_says() -> None:
    notes = ev.fit(PORT_PIRIE, "gumbel").return_level(100).attrs["notes"]
    assert any("tests do not speak against it (Anderson-Darling p = " in note for note in notes)
    assert any("With 65 values passing is no proof" in note for note in notes)


def test_data_that_are_not_gumbel_are_warned_of_in_words() -> None:
    x = ev.GEV(0.0, 1.0, 0.4).rvs(100, rng=1)
    fit = ev.fit(x, "gumbel")
    with pytest.warns(ev.EvstatsWarning, match=r"Gumbel by maximum likelihood: The data speak against the Gumbel"):
        (doubt,) = fit.return_level(10).attrs["notes"]
    assert "use the GEV" in doubt


@pytest.mark.parametrize(
    ("family", "method", "name"),
    [
        (ev.Gumbel, "mle", "exact"),
        (ev.GumbelMin, "moments", "exact"),
        (ev.Gumbel, "lmoments", "exact"),
        (ev.GEV, "mle", "rstar"),
        (ev.GEVMin, "mle", "rstar"),
        (ev.GEV, "lmoments", "delta"),
        (ev.GEV, ev.MaximumLikelihood(penalty=ev.MartinsStedinger()), "delta"),
    ],
)
def test_the_interval_taken_unasked(family: type[Family], method: object, name: str) -> None:
    fit = ev.fit(PORT_PIRIE, family, method=method)  # type: ignore[arg-type]
    assert chosen(None, fit.estimation).name == name


def test_an_interval_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ArgumentError, match=r"exact interval is for Gumbel.*'delta', 'profile'.*'rstar'.*'bootstrap'"):
        ev.fit(PORT_PIRIE, "gev").return_level(100, interval="exact")
    with pytest.raises(ArgumentError, match=r"rstar interval needs.*For GEV by L-moments there are 'delta', 'bootst"):
        ev.fit(PORT_PIRIE, "gev", method="lmoments").return_level(100, interval="rstar")
    with pytest.raises(ArgumentError, match=r"interval is 3; expected one of 'exact'"):
        ev.fit(PORT_PIRIE, "gev").return_level(100, interval=3)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [10, 20, 30, 50, 100])
def test_exact_coverage_at_full_size(method: str, n: int) -> None:
    study = ev.coverage_study(
        ev.Gumbel(0.0, 1.0),
        n,
        ev.ReturnLevel([10, 100, 1000]),
        "exact",
        method=method,
        replicates=100_000,
        rng=20_261_127,
    )
    assert np.abs(study.coverage - 0.950).max() <= 0.003
    assert np.abs(study.above - 0.025).max() <= 0.002
    assert np.abs(study.below - 0.025).max() <= 0.002


def test_simulated_pivots_are_not_asked_for_more_than_they_know() -> None:
    with pytest.raises(ArgumentError, match=r"200000 replicates are too few for a confidence of 0.99999"):
        ev.fit(PORT_PIRIE, "gumbel", method="lmoments").return_level(100, confidence=0.99999)


def test_very_small_samples_have_limits_at_very_high_confidence() -> None:
    for seed in range(4):
        answer = ev.fit(gumbel_sample(3, seed=seed), "gumbel").evaluate(ev.ReturnLevel([2, 100]), "exact", 0.9999)
        assert np.isfinite([answer.lower, answer.upper]).all()
