"""Profile likelihood and r*: published intervals, agreement with the exact interval, invariance, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from golden import load
from numpy.typing import NDArray

import evstats as ev
from evstats import noise
from evstats.errors import ArgumentError
from evstats.estimators import Estimation
from evstats.intervals import INTERVALS, calibration

Array = NDArray[np.float64]
PORT_PIRIE = np.array(load("annual_maxima")["port_pirie"]["values"])


def test_profile_interval_of_port_pirie() -> None:
    """Two independent systems give [4.490, 5.261]; Coles (2001, page 59) prints [4.50, 5.27]."""
    table = ev.fit(PORT_PIRIE, "gev").return_level(100, interval="profile")
    np.testing.assert_allclose(table[["lower", "upper"]].to_numpy()[0], [4.490, 5.261], atol=1e-3)


def test_the_profile_at_its_limits_is_where_the_likelihood_has_fallen() -> None:
    """The constrained likelihood, climbed by SciPy, is half the chi-square quantile below the maximum."""
    from scipy.optimize import minimize

    fit = ev.fit(PORT_PIRIE, "gev")
    lower, upper = fit.return_level(100, interval="profile")[["lower", "upper"]].to_numpy()[0]
    y = -np.log(-np.log1p(-0.01))

    def loss(point: Array, level: float) -> float:
        log_scale, shape = point
        scale = np.exp(log_scale)
        return -ev.GEV(level - scale * np.expm1(shape * y) / shape, scale, shape).logpdf(PORT_PIRIE).sum()

    for level, shape in ((lower, -0.2), (upper, 0.1)):
        with np.errstate(all="ignore"):
            best = minimize(loss, [np.log(0.2), shape], args=(level,), method="Nelder-Mead", options={"fatol": 1e-10})
        assert 2 * (fit.loglik + best.fun) == pytest.approx(3.841459, abs=1e-5)


@pytest.mark.parametrize("quantity", [ev.ReturnLevel([2, 10, 100, 1000]), ev.ReturnPeriod([4.0, 4.6]), ev.Parameters()])
def test_rstar_is_all_but_exact_for_gumbel(quantity: object) -> None:
    """Third-order accuracy: the limits are the exact ones to 1e-3 of their distance."""
    fit = ev.fit(PORT_PIRIE, "gumbel")
    third, exact = fit.evaluate(quantity, "rstar"), fit.evaluate(quantity, "exact")
    width = exact.upper - exact.lower
    np.testing.assert_allclose((third.lower - exact.lower) / width, 0.0, atol=1e-3)
    np.testing.assert_allclose((third.upper - exact.upper) / width, 0.0, atol=1e-3)


@pytest.mark.parametrize("interval", ["profile", "bartlett", "rstar", "calibrated"])
def test_limits_follow_the_unit_and_the_sign(interval: str) -> None:
    """Data in other units give the transformed limits; minima of -x the mirrored ones."""
    plain = ev.fit(PORT_PIRIE, "gev").return_level([2, 100], interval=interval)[["lower", "upper"]].to_numpy()
    moved = ev.fit(1e6 * PORT_PIRIE + 1e9, "gev").return_level([2, 100], interval=interval)
    np.testing.assert_allclose((moved[["lower", "upper"]].to_numpy() - 1e9) / 1e6, plain, rtol=1e-8)
    mirrored = ev.fit(-PORT_PIRIE, "gev-min").return_level([2, 100], interval=interval)
    np.testing.assert_allclose(-mirrored[["upper", "lower"]].to_numpy(), plain, rtol=1e-10)


def test_a_period_limit_is_infinite_where_the_likelihood_never_falls_far_enough() -> None:
    """Port Pirie never saw 6 m: an upper endpoint below it is consistent with the data."""
    table = ev.fit(PORT_PIRIE, "gev").return_period(6.0, interval="profile")
    assert np.isfinite(table["lower"].iloc[0])
    assert np.isinf(table["upper"].iloc[0])


def test_a_batch_gives_every_series_its_own_interval_and_one_without_a_maximum_a_credible_one() -> None:
    """Without an interior maximum there is no estimate, but an interval under a normal shape."""
    steep = 1.0 - np.arange(1, 21)[::-1] ** -3.0  # piles up at its endpoint
    batch = ev.fit(np.stack([PORT_PIRIE[:20], steep]), "gev")
    table = batch.return_level([10, 100], interval="profile")
    assert table["status"].tolist() == ["converged", "converged", "no_interior_maximum", "no_interior_maximum"]
    assert np.isnan(table["estimate"].iloc[2:]).all()
    assert (table["lower"] < table["upper"]).all()
    alone = ev.fit(PORT_PIRIE[:20], "gev").return_level([10, 100], interval="profile")
    np.testing.assert_allclose(table[["lower", "upper"]].iloc[:2], alone[["lower", "upper"]], rtol=1e-9)


def test_only_plain_maximum_likelihood_has_them() -> None:
    with pytest.raises(ArgumentError, match=r"profile interval needs a fit by plain maximum likelihood.*delta"):
        ev.fit(PORT_PIRIE, "gev", method="lmoments").return_level(100, interval="profile")


def coverage(interval: str, n: int, shape: float, replicates: int) -> tuple[float, float]:
    """Shares of truths above and below the 95 % interval of the 100-year level, every sample counted."""
    truth, quantity = ev.GEV(0.0, 1.0, shape), ev.ReturnLevel(100)
    values = truth.from_gumbel(
        noise.gumbel((replicates, n), rng=np.random.SeedSequence([7, n, round(100 * shape) + 50]))
    )
    method = ev.MaximumLikelihood()
    estimation = Estimation(ev.GEV, method, values, method.estimate(ev.GEV, values))
    lower, upper = INTERVALS[interval]()(estimation, quantity, 0.95)
    level = quantity(truth)
    return float(np.mean(level > upper)), float(np.mean(level < lower))


@pytest.mark.parametrize("interval", ["rstar", "calibrated"])
@pytest.mark.parametrize("shape", [-0.2, 0.2])
def test_coverage_at_thirty_years(interval: str, shape: float) -> None:
    above, below = coverage(interval, 30, shape, 500)
    assert 0.008 <= above <= 0.045  # 0.025 give or take three standard errors
    assert 0.008 <= below <= 0.045


def test_bartlett_and_calibrated_widen_a_small_sample_where_it_counts() -> None:
    """In small samples truths lie above the profile interval too often: both corrections raise its upper limit."""
    fit = ev.fit(PORT_PIRIE[:20], "gev")
    upper = {
        name: fit.return_level(100, interval=name)["upper"].iloc[0] for name in ("profile", "bartlett", "calibrated")
    }
    assert upper["profile"] < upper["bartlett"]
    assert upper["profile"] < upper["calibrated"]


def test_the_shipped_table_is_what_simulation_gives() -> None:
    """A node of the table made again, with fewer replicates, agrees within its Monte Carlo error."""
    g = noise.gumbel((4_000, 20), rng=1)
    roots = calibration.signed_roots(ev.ReturnLevel(100), ev.GEV, 20, 0.0, g)[:, 0]
    for tail in (0.025, 0.5, 0.975):
        kept = calibration.table_quantile(np.array([20.0]), np.array([0.0]), np.array([4.6001]), tail)[0]
        assert np.mean(roots < kept) == pytest.approx(
            tail, abs=3.5 * np.sqrt(tail * (1 - tail) * (1 / 4_000 + 1 / 20_000))
        )


@pytest.mark.slow
@pytest.mark.parametrize("interval", ["rstar", "calibrated"])
@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.2])
@pytest.mark.parametrize("n", [20, 30, 50, 100])
def test_coverage_at_full_size(interval: str, n: int, shape: float) -> None:
    above, below = coverage(interval, n, shape, 20_000)
    assert 0.942 <= 1.0 - above - below <= 0.960
    assert 0.017 <= above <= 0.033
    assert 0.017 <= below <= 0.033


@pytest.mark.parametrize("interval", ["profile", "bartlett", "rstar", "calibrated"])
@pytest.mark.parametrize("shape", [-0.3, 0.2])
def test_small_ordinary_samples_have_limits_around_the_estimate(interval: str, shape: float) -> None:
    """No sample of ordinary data ends in NaN, in an error or, for a level, in an infinite limit."""
    samples = ev.GEV(0.0, 1.0, shape).rvs((3, 14), rng=4)
    fits = ev.fit(samples[ev.fit(samples, "gev").converged], "gev")
    assert len(fits.values) > 1
    parameters = [ev.Parameters()] if interval == "profile" or shape < 0.0 else []
    for quantity in (ev.ReturnLevel([2, 100]), *parameters):
        answer = fits.evaluate(quantity, interval)
        assert (answer.lower <= answer.estimate).all()
        assert (answer.estimate <= answer.upper).all()
        assert np.isfinite(answer.lower).all()
        assert np.isfinite(answer.upper).all()


@pytest.mark.parametrize("interval", ["profile", "rstar", "calibrated"])
@pytest.mark.parametrize("family", ["gev", "gev-min"])
def test_limits_of_a_period_are_those_of_a_level_turned_round(family: str, interval: str) -> None:
    x = ev.GEV(100.0, 20.0, -0.1).rvs(30, rng=3)
    fit = ev.fit(-x if family == "gev-min" else x, family)
    level = fit.return_level([100], interval=interval)
    nearer, farther = sorted(level[["lower", "upper"]].to_numpy()[0], key=abs)
    periods = fit.return_period([nearer, farther], interval=interval)
    assert periods["upper"].iloc[0] == pytest.approx(100.0, rel=1e-4)
    assert periods["lower"].iloc[1] == pytest.approx(100.0, rel=1e-4)


def test_a_level_beyond_the_fitted_endpoint_has_no_upper_period() -> None:
    fit = ev.fit(ev.GEV(0.0, 1.0, -0.3).rvs(40, rng=3), "gev")
    table = fit.return_period(float(fit.distribution.support()[1]) + 0.5, interval="profile")
    assert np.isinf(table["estimate"].iloc[0])
    assert np.isinf(table["upper"].iloc[0])
    assert table["lower"].iloc[0] > 10


def test_expected_shortfall_has_finite_limits_when_few_simulated_samples_have_none() -> None:
    fit = ev.fit(ev.GEV(0.0, 1.0, 0.2).rvs(30, rng=7), "gev")
    table = fit.expected_shortfall(0.99, interval="calibrated")
    assert 0 < table["lower"].iloc[0] < table["estimate"].iloc[0] < table["upper"].iloc[0] < 1e3


def test_limits_far_out_are_where_an_independent_search_finds_them() -> None:
    """Twelve values whose likelihood hardly falls: the upper limits are thousands of scales away."""
    from scipy.optimize import minimize

    x = ev.GEV(0.0, 1.0, 0.2).from_gumbel(noise.gumbel((120, 12), rng=7))[27]
    fit = ev.fit(x, "gev")
    uppers = [fit.evaluate(ev.ReturnLevel([100]), "profile", c).upper[0] for c in (0.5, 0.8, 0.9, 0.95, 0.99)]
    assert (np.diff(uppers) > 0).all()
    y = -np.log(-np.log1p(-0.01))

    def loss(point: Array) -> float:
        loc, shape = point
        scale = (uppers[3] - loc) * shape / np.expm1(shape * y)
        return -ev.GEV(loc, scale, shape).logpdf(x).sum() if scale > 0 else np.inf

    with np.errstate(all="ignore"):
        best = minimize(loss, [-0.36, 2.2], method="Nelder-Mead", options={"fatol": 1e-12, "xatol": 1e-10})
    assert 2 * (fit.loglik + best.fun) == pytest.approx(3.841459, abs=1e-4)


@pytest.mark.parametrize("interval", ["profile", "rstar", "delta", ev.Bootstrap(400, ci="studentized")])
def test_an_expected_shortfall_has_no_upper_end_where_the_shape_reaches_one(interval: object) -> None:
    fit = ev.fit(ev.GEV(0.0, 1.0, 0.7).rvs(15, rng=1), "gev")
    assert fit.parameter_table(interval="rstar")["upper"].iloc[2] > 1
    table = fit.expected_shortfall([0.9, 0.99], interval=interval)  # type: ignore[arg-type]
    assert np.isinf(table["upper"]).all()
    light = ev.fit(ev.GEV(0.0, 1.0, 0.0).rvs(60, rng=1), "gev").expected_shortfall(0.9, interval=interval)  # type: ignore[arg-type]
    assert np.isfinite(light["upper"]).all()


@pytest.mark.parametrize("interval", ["profile", "bartlett", "rstar", "calibrated"])
def test_a_series_without_an_estimate_has_a_credible_interval_that_says_so(interval: str) -> None:
    steep = 1.0 - np.arange(1, 21)[::-1] ** -3.0  # piles up at its endpoint
    alone = ev.fit(steep[None], "gev").return_level([10, 100], interval=interval)
    assert alone["estimate"].isna().all()
    assert (alone["lower"] < alone["upper"]).all()
    assert alone.attrs["interval"] == "credible, shape normal about 0 with standard deviation 0.2"
    both = ev.fit(np.stack([steep, PORT_PIRIE[:20]]), "gev").return_level([10, 100], interval=interval)
    assert "where there is no interior maximum, credible, shape normal about 0" in both.attrs["interval"]
    assert [(note.code, note.values["count"]) for note in both.attrs["notes"]] == [("fallbacks", 1)]
    np.testing.assert_allclose(both[["lower", "upper"]].iloc[:2], alone[["lower", "upper"]], rtol=1e-9)


@pytest.mark.parametrize("batch", [(0,), (2, 0)])
@pytest.mark.parametrize("interval", ["rstar", "calibrated", "profile", "bootstrap", "delta"])
def test_an_empty_batch_has_empty_limits(interval: str, batch: tuple[int, ...]) -> None:
    answer = ev.fit(np.empty((*batch, 10)), "gev").evaluate(ev.ReturnLevel([10, 20]), interval)
    assert answer.lower.shape == answer.upper.shape == (*batch, 2)


def test_a_table_of_simulated_roots_is_not_asked_for_more_than_it_knows() -> None:
    fit = ev.fit(PORT_PIRIE, "gev")
    with pytest.raises(ArgumentError, match=r"20000 replicates are too few for a confidence of 0\.9999"):
        fit.return_level(100, interval="calibrated", confidence=0.9999)
    assert np.isfinite(fit.return_level(100, interval="rstar", confidence=0.9999)["upper"]).all()
