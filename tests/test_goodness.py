"""Goodness of fit: statistics against SciPy, critical values against published ones, size and power of the tests."""

from __future__ import annotations

import runpy
import warnings
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
from numpy.typing import NDArray

import evstats as ev
from evstats import goodness, noise
from evstats.distributions import Family
from evstats.errors import ArgumentError
from evstats.estimators import Estimation, Estimator
from evstats.extremes.resolution import Lattice, Resolution, resolution
from evstats.goodness import nulls, of_fit, shipped, zero_shape
from evstats.goodness.rounded import Recording, spread
from evstats.simulated import shipped_table

Array = NDArray[np.float64]
MLE = ev.MaximumLikelihood()
TESTS = list(goodness.TESTS)


def estimation(values: Array, family: type[Family] = ev.Gumbel, method: Estimator = MLE) -> Estimation:
    return Estimation(family, method, values, method.estimate(family, values))


def samples(shape: float, n: int, replicates: int, seed: int = 8) -> Array:
    return ev.GEV(10.0, 3.0, shape).from_gumbel(noise.gumbel((replicates, n), rng=seed))


def size(family: type[Family], method: Estimator, shape: float, n: int, replicates: int) -> Array:
    """Share of samples with an estimate that each test rejects at 5 %."""
    _, p = goodness.goodness_of_fit(estimation(samples(shape, n, replicates), family, method))
    return np.mean(p[~np.isnan(p[:, 0])] <= 0.05, axis=0)


# ---------------------------------------------------------------- statistics


def test_statistics_are_scipys() -> None:
    x = samples(0.0, 40, 1)[0]
    fitted = estimation(x)
    statistic = dict(zip(TESTS, goodness.goodness_of_fit(fitted)[0], strict=True))
    frozen = fitted.distribution.to_scipy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # newer versions of SciPy ask for a method
        anderson = scipy.stats.anderson(x, "gumbel_r").statistic
    assert statistic["anderson-darling"] == pytest.approx(anderson, rel=1e-6)  # its own search ends earlier
    assert statistic["cramer-von-mises"] == pytest.approx(scipy.stats.cramervonmises(x, frozen.cdf).statistic)
    assert statistic["kolmogorov-smirnov"] == pytest.approx(scipy.stats.kstest(x, frozen.cdf).statistic)
    positions = (np.arange(1, 41) - 0.44) / 40.12
    r = np.corrcoef(np.sort(x), frozen.ppf(positions))[0, 1]
    assert statistic["probability-plot-correlation"] == pytest.approx(1.0 - r)


def test_ties_do_not_disturb_the_statistics() -> None:
    x = np.repeat(np.sqrt([1.1, 2.3, 3.7, 4.3, 6.1, 9.7]), [2, 4, 3, 3, 2, 1])  # in no steps
    fitted = estimation(x)
    statistic = dict(zip(TESTS, goodness.goodness_of_fit(fitted)[0], strict=True))
    steps, points = np.arange(16) / 15, np.unique(x)
    f = fitted.distribution.cdf(points)
    after = np.searchsorted(np.sort(x), points, side="right")
    before = np.searchsorted(np.sort(x), points, side="left")
    distance = max(np.max(np.abs(steps[after] - f)), np.max(np.abs(steps[before] - f)))
    assert statistic["kolmogorov-smirnov"] == pytest.approx(distance)


@pytest.mark.parametrize("family", [ev.Gumbel, ev.GEV])
def test_minima_are_tested_as_maxima_of_minus_x(family: type[Family]) -> None:
    x = samples(0.1, 30, 3)
    mirrored = ev.GumbelMin if family is ev.Gumbel else ev.GEVMin
    for maxima, minima in zip(
        goodness.goodness_of_fit(estimation(x, family)),
        goodness.goodness_of_fit(estimation(-x, mirrored)),
        strict=True,
    ):
        np.testing.assert_allclose(minima, maxima, rtol=1e-10)


@pytest.mark.parametrize("family", [ev.Gumbel, ev.GEV])
@pytest.mark.parametrize("method", [MLE, ev.LMoments()])
def test_a_lane_does_not_depend_on_its_neighbours(family: type[Family], method: Estimator) -> None:
    x = samples(0.05, 24, 5)
    x[1, 3:6] = np.nan
    x[2] = 7.0
    x[3, :20] = np.nan
    together = goodness.goodness_of_fit(estimation(x.reshape(5, 1, 24), family, method))
    for both in together:
        assert both.shape == (5, 1, len(TESTS))
        assert np.isnan(both[2]).all()
    for lane in (0, 1, 4):
        alone = goodness.goodness_of_fit(estimation(x[lane][~np.isnan(x[lane])], family, method))
        for one, batch in zip(alone, together, strict=True):
            np.testing.assert_allclose(batch[lane, 0], one, rtol=1e-9)


@pytest.mark.parametrize("shape", [(0, 20), (3, 0)])
def test_batches_without_lanes_or_values(shape: tuple[int, ...]) -> None:
    empty = estimation(np.empty(shape))
    for both in goodness.goodness_of_fit(empty):
        assert both.shape == (shape[0], len(TESTS))
        assert np.isnan(both).all()
    assert goodness.zero_shape_tests(empty).lr_p_value.shape == (shape[0],)


def test_too_few_values_for_the_parameters_have_no_p_value() -> None:
    statistic, p = goodness.goodness_of_fit(estimation(np.array([1.0, 2.0, 4.0]), ev.Gumbel))
    assert np.isfinite(statistic).all()
    assert np.isnan(p).all()


def test_an_observation_outside_the_fitted_support_is_rejected() -> None:
    fitted = estimation(samples(-0.3, 20, 2_000), ev.GEV, ev.LMoments())
    outside = np.isneginf(fitted.loglik())
    statistic, p = goodness.goodness_of_fit(fitted)
    assert 0.0 < np.mean(outside) < 0.08
    np.testing.assert_array_equal(np.isposinf(statistic[:, 0]), outside)
    assert p[outside, 0].max() < 0.15  # about the share of samples that have one, where they are common


def test_what_it_was_simulated_with() -> None:
    x = samples(0.0, 20, 1)[0]
    assert goodness.replicates(estimation(x)) == nulls.REPLICATES
    assert goodness.replicates(estimation(samples(0.0, 3_000, 1))) == 10_000
    assert goodness.replicates(estimation(x, ev.GEV)) == shipped.REPLICATES
    assert goodness.replicates(estimation(x, ev.GEV, ev.LMoments())) == nulls.REPLICATES_PER_SHAPE


# ---------------------------------------------------------------- null distributions


@pytest.mark.parametrize("n", [20, 50, 100])
@pytest.mark.parametrize(("test", "point"), [("anderson-darling", 0.757), ("cramer-von-mises", 0.124)])
def test_published_critical_values_of_gumbel(n: int, test: str, point: float) -> None:
    """D'Agostino and Stephens (1986), table 4.17, both parameters estimated: the modified statistic times its factor.

    Their small-sample factor is rounded: simulated directly, their point has a true level of 0.054-0.055.
    """
    critical = of_fit.null_distribution(ev.Gumbel, MLE, n)[0]
    statistic = np.full((1, len(TESTS)), np.log(point / (1.0 + 0.2 / np.sqrt(n))))
    assert nulls.p_values(critical, statistic)[0, TESTS.index(test)] == pytest.approx(0.05, abs=0.008)


def test_the_null_of_a_location_and_scale_family_is_the_samples_own() -> None:
    """P-values of fresh samples are uniform: the same share below every level."""
    _, p = goodness.goodness_of_fit(estimation(samples(0.0, 30, 4_000)))
    for level in (0.01, 0.1, 0.5, 0.9):
        assert np.mean(p <= level, axis=0) == pytest.approx(level, abs=4.5 * np.sqrt(level * (1 - level) / 4_000))


def test_p_values_are_linear_in_log_odds_between_critical_values() -> None:
    critical = np.linspace(0.0, 4.0, nulls.LEVELS.size)[None]
    halfway = nulls.p_values(critical, np.array([[0.05], [4.0], [-10.0], [50.0], [np.nan]]))[:, 0]
    odds = 0.5 * (nulls.LOG_ODDS[0] + nulls.LOG_ODDS[1])
    assert halfway[0] == pytest.approx(1.0 / (1.0 + np.exp(-odds)), abs=1e-6)
    assert halfway[1:4] == pytest.approx([nulls.SMALLEST, 1.0 - nulls.SMALLEST, nulls.SMALLEST])
    assert np.isnan(halfway[4])


def test_the_shipped_table_is_what_the_simulation_gives() -> None:
    n = 50
    fresh = of_fit.simulated_null(ev.GEV, MLE, n, 4_000)
    at_5_percent = int(np.argmin(np.abs(nulls.LEVELS - 0.05)))
    difference = (fresh - shipped.fit_tests(n))[1:-1, :3, at_5_percent]
    assert np.abs(difference).max() < 0.06  # of the logarithm: twice the Monte Carlo error


def test_tables_are_interpolated_between_counts() -> None:
    between = shipped.zero_shape(60)
    assert np.all(np.abs(between - 0.5 * (shipped.zero_shape(50) + shipped.zero_shape(70))) < 0.1)
    np.testing.assert_allclose(
        shipped.zero_shape(50), shipped_table(shipped.TABLE)["zero_shape"][shipped.COUNTS.index(50)]
    )


# ---------------------------------------------------------------- size


@pytest.mark.parametrize(("family", "shape"), [(ev.Gumbel, 0.0), (ev.GEV, -0.2), (ev.GEV, 0.2)])
def test_size_at_5_percent(family: type[Family], shape: float) -> None:
    assert size(family, MLE, shape, 40, 3_000) == pytest.approx(0.05, abs=0.014)


@pytest.mark.parametrize("method", [ev.LMoments(), ev.Moments()])
def test_size_of_gumbel_by_other_estimators(method: Estimator) -> None:
    assert size(ev.Gumbel, method, 0.0, 25, 4_000) == pytest.approx(0.05, abs=0.012)


TWO = ev.TwoComponentGumbel(100.0, 20.0, 40.0, 80.0)


def test_two_populations_are_tested_by_a_bootstrap_of_their_own() -> None:
    good, bad = TWO.rvs(60, rng=1), np.concatenate([np.linspace(0.0, 1.0, 30), np.linspace(9.0, 10.0, 30)])
    x = np.full((2, 61), np.nan)
    x[0, :60], x[1, 1:] = good, bad
    fit = ev.fit(x, "tcev")
    table = fit.goodness_of_fit()
    p_values = table["p_value"].to_numpy().reshape(2, len(TESTS))
    assert (p_values[0] > 0.05).all()
    assert (p_values[1] <= 0.002).all()
    assert (table.attrs["replicates"], table.attrs["seed"]) == (nulls.RESAMPLES, nulls.SEED)
    alone = ev.fit(good, "tcev").goodness_of_fit()
    np.testing.assert_array_equal(alone["p_value"], p_values[0])
    assert alone["statistic"].iloc[2] == pytest.approx(
        scipy.stats.kstest(good, ev.fit(good, "tcev").distribution.cdf).statistic
    )


@pytest.mark.slow
def test_size_of_two_populations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nulls, "RESAMPLES", 99)
    _, p = goodness.goodness_of_fit(estimation(TWO[None].rvs((400, 40), rng=1)[0], ev.TwoComponentGumbel))
    p = p[~np.isnan(p[:, 0])]
    assert len(p) > 300
    assert np.mean(p <= 0.05, axis=0) == pytest.approx(0.07, abs=0.04)  # somewhat too often


@pytest.mark.slow
@pytest.mark.parametrize("n", [20, 50, 100])
@pytest.mark.parametrize("method", [MLE, ev.Moments(), ev.LMoments()])
def test_size_of_gumbel_over_20_000_samples(n: int, method: Estimator) -> None:
    assert size(ev.Gumbel, method, 0.0, n, 20_000) == pytest.approx(0.05, abs=0.005)


@pytest.mark.slow
@pytest.mark.parametrize("n", [17, 20, 50, 60, 100])
@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.2])
def test_size_of_gev_over_20_000_samples(n: int, shape: float) -> None:
    assert size(ev.GEV, MLE, shape, n, 20_000) == pytest.approx(0.05, abs=0.01)


# ---------------------------------------------------------------- rounded values


def in_steps(x: Array, step: float) -> Array:
    return step * np.rint(x / step)


def rounded_samples(shape: float, n: int, replicates: int, step: float) -> Array:
    """Samples with a scale of 1 whose location lies anywhere within a step."""
    places = step * noise.generator(11).random((replicates, 1))
    return in_steps((samples(shape, n, replicates) - 10.0) / 3.0 + places, step)


def steps_of(x: Array) -> Resolution:
    found = resolution(x)
    assert found is not None
    return found


def test_spread_values_agree_with_the_fit_within_a_step_and_keep_their_step() -> None:
    x = np.sort(rounded_samples(0.1, 80, 1, 0.5))
    fitted, steps = ev.GEV(0.3, 1.1, 0.1), steps_of(x[0])
    y = spread(fitted[None], x, steps)[0]
    assert np.all(np.diff(y) > 0.0)
    np.testing.assert_array_equal(steps.lattices[0].recorded(y), x[0])
    for value, count in zip(*np.unique(x[0], return_counts=True), strict=True):
        edges = fitted.cdf(np.array([value - 0.25, value + 0.25]))
        shares = (fitted.cdf(y[x[0] == value]) - edges[0]) / (edges[1] - edges[0])
        np.testing.assert_allclose(shares, (np.arange(count) + 0.5) / count, atol=1e-9)


def test_spread_values_are_precise_in_both_tails() -> None:
    recorded = np.array([[-3.0, -3.0, 0.0, 40.0, 40.0]])
    y = spread(ev.Gumbel([0.0], [1.0]), recorded, Resolution((Lattice(1.0, count=5),), 1.0))[0]
    assert np.all(np.diff(y) > 0.0)
    tail = ev.Gumbel(0.0, 1.0).sf(np.array([39.5, y[3], y[4], 40.5]))
    np.testing.assert_allclose((tail[0] - tail[1:3]) / (tail[0] - tail[3]), [0.25, 0.75], rtol=1e-9)


def test_each_part_of_a_record_is_spread_in_its_own_steps() -> None:
    x = np.sort(samples(0.0, 60, 1)[0] - 10.0)
    recorded = np.sort(np.concatenate([np.rint(x[::2]), np.round(x[1::2], 1)]))
    lattices = (Lattice(1.0, count=30), Lattice(0.1, count=30))
    y = spread(ev.Gumbel([0.0], [3.0]), recorded[None], Resolution(lattices, 1.0))[0]
    whole = recorded == np.rint(recorded)
    assert y.size == 60
    assert np.all(np.diff(y) >= 0.0)
    for step, part in ((1.0, recorded[whole]), (0.1, recorded[~whole])):
        near = np.abs(y[:, None] - part).min(axis=-1)
        assert np.count_nonzero(near <= 0.5 * step + 1e-9) >= part.size


def test_the_finest_step_that_matters_changes_little() -> None:
    x = samples(0.0, 50, 1)[0] / 3.0
    fine = in_steps(x, 0.05)
    assert resolution(fine) is not None
    for exact, rounded in zip(*(goodness.goodness_of_fit(estimation(y)) for y in (x, fine)), strict=True):
        np.testing.assert_allclose(rounded, exact, rtol=0.12)


@pytest.mark.parametrize("family", [ev.Gumbel, ev.GEV])
def test_rounded_values_in_any_unit_and_minima(family: type[Family]) -> None:
    x = rounded_samples(0.1, 40, 2, 0.5)
    mirrored = ev.GumbelMin if family is ev.Gumbel else ev.GEVMin
    told = goodness.goodness_of_fit(estimation(x, family))
    for other in (estimation(-x, mirrored), estimation(0.3048 * x + 7.0, family)):
        for mine, theirs in zip(told, goodness.goodness_of_fit(other), strict=True):
            np.testing.assert_allclose(theirs, mine, rtol=1e-6)


def test_a_rounded_lane_does_not_depend_on_its_neighbours() -> None:
    x = samples(0.0, 30, 4)
    x[1], x[2, :28] = in_steps(x[1], 3.0), in_steps(x[2, :28], 1.0)
    x[2, 28:] = np.nan
    x[3] = np.concatenate([np.rint(x[3, :15]), x[3, 15:]])
    together = goodness.goodness_of_fit(estimation(x))
    for lane in range(4):
        alone = goodness.goodness_of_fit(estimation(x[lane][~np.isnan(x[lane])]))
        for one, batch in zip(alone, together, strict=True):
            np.testing.assert_allclose(batch[lane], one, rtol=1e-9)


@pytest.mark.parametrize("step", [0.5, *(pytest.param(step, marks=pytest.mark.slow) for step in (0.2, 1.0))])
def test_size_of_gumbel_in_steps(step: float) -> None:
    fitted = estimation(rounded_samples(0.0, 40, 1_000, step))
    _, p = goodness.goodness_of_fit(fitted)
    assert np.mean(p <= 0.05, axis=0) == pytest.approx(0.05, abs=0.021)
    tests = goodness.zero_shape_tests(fitted)
    assert np.mean(tests.lr_p_value <= 0.05) == pytest.approx(0.05, abs=0.021)
    assert np.mean(tests.score_p_value <= 0.05) == pytest.approx(0.05, abs=0.021)


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 100])
@pytest.mark.parametrize("shape", [-0.1, 0.1])
@pytest.mark.parametrize("step", [0.2, 1.0])
def test_size_of_gev_in_steps(step: float, shape: float, n: int) -> None:
    _, p = goodness.goodness_of_fit(estimation(rounded_samples(shape, n, 1_000, step), ev.GEV))
    assert np.mean(p[~np.isnan(p[:, 0])] <= 0.05, axis=0) == pytest.approx(0.05, abs=0.021)


def test_rounded_values_of_another_family_are_still_rejected() -> None:
    two = in_steps(np.concatenate([noise.gumbel(50, rng=1), 8.0 + noise.gumbel(50, rng=2)]), 1.0)
    _, p = goodness.goodness_of_fit(estimation(two))
    assert p.max() < 0.01
    _, p = goodness.goodness_of_fit(estimation(two, ev.GEV))
    assert p[:3].max() < 0.01


def test_steps_too_coarse_to_say_anything() -> None:
    x = in_steps(samples(0.0, 60, 1)[0], 9.0)
    statistic, p = goodness.goodness_of_fit(estimation(x))
    assert np.isfinite(statistic).all()
    assert np.isnan(p).all()
    tests = goodness.zero_shape_tests(estimation(x))
    assert np.isfinite(tests.signed_root)
    assert np.isnan([tests.lr_p_value, tests.score_p_value]).all()


def test_the_table_of_shape_zero_serves_fine_steps_and_no_others() -> None:
    x = samples(0.0, 60, 1)[0]
    for step, same in ((0.6, True), (3.0, False)):
        tests = goodness.zero_shape_tests(estimation(in_steps(x, step)))
        table = nulls.p_values(shipped.zero_shape(60), np.array([[tests.signed_root, tests.score]]))[0]
        found = np.array([tests.lr_heavier_p_value, tests.score_heavier_p_value])
        assert np.array_equal(found, table) == same
        np.testing.assert_allclose(found, table, atol=0.1)


def test_what_rounded_values_were_simulated_with() -> None:
    x = in_steps(samples(0.0, 60, 2), 1.0)
    x[1] += noise.gumbel(60, rng=3)
    assert goodness.replicates(estimation(x)) == nulls.REPLICATES_ROUNDED
    assert goodness.replicates(estimation(x[1])) == nulls.REPLICATES
    table = ev.fit(x[0], "gumbel").goodness_of_fit()
    assert (table.attrs["replicates"], table.attrs["seed"]) == (nulls.REPLICATES_ROUNDED, nulls.SEED)


def test_near_series_share_samples_and_odd_ones_have_their_own() -> None:
    steps = Resolution((Lattice(0.5, 0.1, count=30),), 0.5)
    near = Recording.near(10.0, 1.0, steps)
    assert near == Recording.near(10.3, 1.02, steps)
    assert near != Recording.near(10.0, 1.1, steps)
    coarse = Resolution((Lattice(1.0, count=30),), 1.0)
    assert Recording.near(0.1, 1.0, coarse) == Recording.near(7.1, 1.0, coarse) != Recording.near(0.5, 1.0, coarse)
    mixed = Resolution((Lattice(1.0, count=15), Lattice(0.1, count=15)), 1.0)
    assert Recording.near(10.0, 1.3, mixed) == Recording(10.0, 1.3, mixed)


def test_two_populations_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nulls, "RESAMPLES", 199)
    x = in_steps(TWO.rvs(60, rng=1), 10.0)
    _, p = goodness.goodness_of_fit(estimation(x, ev.TwoComponentGumbel))
    assert (p > 0.05).all()


# ---------------------------------------------------------------- shape 0


def test_the_likelihood_ratio_of_port_pirie(annual_maxima: dict[str, Array]) -> None:
    """Coles (2001), page 64: the log-likelihoods are 4.34 and 4.22."""
    tests = goodness.zero_shape_tests(estimation(annual_maxima["port_pirie"]))
    assert tests.lr_statistic == pytest.approx(2 * (4.34 - 4.22), abs=0.02)
    assert tests.signed_root < 0
    assert tests.lr_p_value == pytest.approx(scipy.stats.chi2.sf(tests.lr_statistic, 1), abs=0.06)
    assert tests.score_p_value == pytest.approx(tests.lr_p_value, abs=0.05)


def test_the_variance_of_the_score_is_the_expected_informations() -> None:
    def expected(function: object) -> float:
        density = lambda z: np.exp(-z - np.exp(-z)) * function(z)  # type: ignore[operator]  # noqa: E731
        return float(scipy.integrate.quad(density, -6, 60, epsabs=1e-12, limit=500)[0])

    def slopes(z: float) -> Array:
        slope = -np.expm1(-z)
        return np.array([slope, z * slope - 1.0, 0.5 * z * z * slope - z])

    information = [[expected(lambda z, i=i, j=j: slopes(z)[i] * slopes(z)[j]) for j in range(3)] for i in range(3)]
    assert np.linalg.inv(information)[2, 2] == pytest.approx(zero_shape.SHAPE_VARIANCE, rel=1e-8)


def test_the_score_is_the_slope_of_the_likelihood_at_the_gumbel_fit() -> None:
    x = samples(0.1, 30, 1)[0]
    gumbel = estimation(x).distribution
    up, down = (ev.GEV(gumbel.loc, gumbel.scale, h).logpdf(x).sum() for h in (1e-5, -1e-5))
    score = goodness.zero_shape_tests(estimation(x)).score
    assert score == pytest.approx((up - down) / 2e-5 * np.sqrt(zero_shape.SHAPE_VARIANCE / 30), rel=1e-6)


def test_a_sample_without_interior_maximum_is_tested_at_shape_minus_one() -> None:
    x = 10.0 - np.sort(noise.exponential(30, rng=4))
    x[np.argmax(x)] = 10.0
    with pytest.raises(ev.FitError):
        ev.fit(x, "gev")
    tests = goodness.zero_shape_tests(estimation(x))
    limit = ev.GEV(x.max() - (x.max() - x.mean()), x.max() - x.mean(), -1.0).logpdf(x).sum()
    assert tests.lr_statistic == pytest.approx(2 * (limit - estimation(x).loglik()))
    assert tests.signed_root < 0
    assert tests.lr_p_value < 0.01


def test_zero_shape_of_minima_and_of_missing_values() -> None:
    x = samples(0.3, 40, 3)
    x[1, 5:9] = np.nan
    x[2] = np.nan
    maxima = goodness.zero_shape_tests(estimation(x))
    minima = goodness.zero_shape_tests(estimation(-x, ev.GEVMin, ev.LMoments()))
    np.testing.assert_allclose(minima.signed_root, maxima.signed_root, rtol=1e-9)
    alone = goodness.zero_shape_tests(estimation(x[1][~np.isnan(x[1])]))
    assert maxima.lr_p_value[1] == pytest.approx(alone.lr_p_value)
    assert maxima.score_heavier_p_value[1] == pytest.approx(alone.score_heavier_p_value)
    assert np.isnan([maxima.signed_root[2], maxima.score[2], maxima.lr_p_value[2], maxima.score_p_value[2]]).all()
    assert goodness.zero_shape_tests(estimation(x[0])).signed_root == pytest.approx(maxima.signed_root[0])


@lru_cache
def under_gumbel(n: int, replicates: int) -> goodness.ZeroShape:
    return goodness.zero_shape_tests(estimation(samples(0.0, n, replicates)))


def rejections(tests: goodness.ZeroShape) -> Array:
    one_sided = tests.lr_heavier_p_value, 1.0 - tests.lr_heavier_p_value, tests.score_heavier_p_value
    return np.array([np.mean(p <= 0.05) for p in (tests.lr_p_value, tests.score_p_value, *one_sided)])


def test_size_of_the_tests_of_shape_zero() -> None:
    assert rejections(under_gumbel(40, 3_000)) == pytest.approx(0.05, abs=0.014)


def test_hoskings_modification_agrees() -> None:
    """Hosking (1984): (1 - 2.8/n) times the likelihood ratio is close to chi-squared already at n = 25."""
    tests = under_gumbel(40, 3_000)
    modified = scipy.stats.chi2.sf((1.0 - 2.8 / 40) * tests.lr_statistic, 1)
    near = (tests.lr_p_value > 0.02) & (tests.lr_p_value < 0.2)
    assert np.mean(modified[near] - tests.lr_p_value[near]) == pytest.approx(0.0, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("n", [20, 50, 60, 100])
def test_size_of_the_tests_of_shape_zero_over_20_000_samples(n: int) -> None:
    assert rejections(under_gumbel(n, 20_000)) == pytest.approx(0.05, abs=0.006)


# ---------------------------------------------------------------- power


@pytest.mark.parametrize("shape", [0.1, 0.2])
def test_power_is_what_simulation_finds(shape: float) -> None:
    x = samples(shape, 45, 3_000)
    told = goodness.power(45, shape)
    _, p = goodness.goodness_of_fit(estimation(x))
    tests = goodness.zero_shape_tests(estimation(x))
    assert np.mean(p[:, 0] <= 0.05) == pytest.approx(told.anderson_darling, abs=0.035)
    assert np.mean(tests.lr_p_value <= 0.05) == pytest.approx(told.likelihood_ratio, abs=0.035)
    assert np.mean(tests.score_p_value <= 0.05) == pytest.approx(told.score, abs=0.035)


def test_power_grows_with_n_and_with_the_shape() -> None:
    table = np.array([[goodness.power(n, xi).likelihood_ratio for n in (10, 30, 100, 500)] for xi in (0.1, 0.2)])
    assert np.all(np.diff(table, axis=1) > 0)
    assert np.all(table[1] > table[0])
    assert goodness.power(10_000, 0.1) == goodness.power(500, 0.1)


def test_power_in_words() -> None:
    told = [goodness.power(30, shape) for shape in (0.1, 0.2)]
    sentence = goodness.power_sentence(30)
    assert sentence.startswith("With 30 values passing is no proof: of samples of a GEV with shape 0.1 or 0.2 the")
    for entry in told:
        assert f"{100 * entry.anderson_darling:.0f} %" in sentence
        assert f"{100 * entry.likelihood_ratio:.0f} %" in sentence


@pytest.mark.parametrize(("n", "shape", "words"), [(30, 0.15, "0.1 or 0.2"), (2, 0.1, "at least 3")])
def test_power_that_is_not_known(n: int, shape: float, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        goodness.power(n, shape)


def test_tables_are_made_by_their_study(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "COUNTS", (30, 40))
    monkeypatch.setattr(shipped, "REPLICATES", 300)
    monkeypatch.setattr(nulls, "REPLICATES", 1_000)
    study = runpy.run_path(str(Path(__file__).parent / "studies" / "shipped_tables.py"))
    made, kept = study["tests_of_fit"](), shipped_table(shipped.TABLE)
    assert {name: table.shape[1:] for name, table in made.items()} == {
        name: table.shape[1:] for name, table in kept.items()
    }
    assert np.abs(made["power"][0] - kept["power"][6]).max() < 0.15


def test_no_sample_and_no_statistic_are_no_evidence() -> None:
    simulated = np.array([[1.0, 2.0], [3.0, 4.0], [np.nan, np.nan]])
    np.testing.assert_allclose(nulls.share_as_far(simulated, np.array([2.0, 1.0])), [2.0 / 3.0, 1.0])
    assert np.isnan(nulls.share_as_far(simulated, np.array([2.0, np.nan]))).tolist() == [False, True]
    assert np.isnan(nulls.share_as_far(simulated[2:], np.array([2.0, 1.0]))).all()


def test_no_p_value_of_observations_known_by_bounds_is_0() -> None:
    """A root below all simulated ones has one of 1 against heavier tails, and twice the other side's is small."""
    steps = np.floor(50.0 * ev.GEV(10.0, 1.0, -0.9).rvs(40, rng=3)) / 50.0
    found = goodness.zero_shape_tests(ev.fit(ev.observed(steps, steps + 0.02), "gumbel").estimation)
    assert found.lr_p_value == pytest.approx(0.001)


def test_what_is_not_nested_has_no_ratio() -> None:
    x = ev.Gumbel(100.0, 20.0).rvs(40, rng=1)
    null, full = estimation(x), estimation(x, ev.GEV)
    assert goodness.ratio_test(null, full, "chi-square").df == 1
    for other in (null, full):
        with pytest.raises(ArgumentError, match="give that with fewer first"):
            goodness.ratio_test(full, other)
    with pytest.raises(ArgumentError, match="unknown reference 'chi square'"):
        goodness.ratio_test(null, full, "chi square")
