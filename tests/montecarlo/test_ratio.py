"""Exact draws by the ratio of uniforms: right distributions, boxes that mend themselves, densities that are refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from montecarlo.conftest import skewed, two_modes
from numpy.typing import NDArray
from scipy import stats

from evstats import GEV, GEVMin, TwoComponentGumbel
from evstats.errors import ArgumentError, DataError
from evstats.montecarlo import metropolis, ratio_of_uniforms

Array = NDArray[np.float64]


def gamma(x: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(x[..., 0] > 0.0, 2.0 * np.log(x[..., 0]) - x[..., 0], -np.inf)


def cauchy(x: Array) -> Array:
    return np.asarray(-np.log1p(x[..., 0] ** 2))


def leaning(x: Array) -> Array:
    """Correlation 0.99 and scales a million apart."""
    a, b, c = x[..., 0] / 1e-3, x[..., 1] / 1e3, x[..., 2]
    return np.asarray(-0.5 * (a**2 - 1.98 * a * b + b**2) / (1.0 - 0.99**2) - 0.5 * (c - 50.0) ** 2)


@pytest.mark.parametrize("r", [0.3, 0.5, 1.0])
def test_draws_have_the_distribution(r: float) -> None:
    found = ratio_of_uniforms(gamma, [1.0], 20_000, r=r, rng=1)
    assert found.draws.shape == (20_000, 1)
    assert stats.kstest(found.draws[:, 0], stats.gamma(3.0).cdf).pvalue > 1e-3
    assert found.mode[0] == pytest.approx(2.0, abs=1e-6)
    lag = np.corrcoef(found.draws[:-1, 0], found.draws[1:, 0])[0, 1]
    assert abs(lag) < 0.03


def test_two_curved_and_three_leaning_dimensions() -> None:
    curved = ratio_of_uniforms(skewed, [1.0, 0.0], 20_000, rng=2).draws
    assert stats.kstest(curved[:, 0], stats.gamma(3.0).cdf).pvalue > 1e-3
    assert stats.kstest(2.0 * (curved[:, 1] - np.log(curved[:, 0])), stats.norm.cdf).pvalue > 1e-3
    found = ratio_of_uniforms(leaning, [0.0, 0.0, 40.0], 20_000, rng=3)
    box = (2.0 * np.sqrt(5.0) * np.exp(-0.5)) ** 3
    assert found.acceptance == pytest.approx((2.0 * np.pi) ** 1.5 / 2.5 / box, rel=0.02)
    z = (found.draws - [0.0, 0.0, 50.0]) / [1e-3, 1e3, 1.0]
    np.testing.assert_allclose(np.cov(z.T), [[1.0, 0.99, 0.0], [0.99, 1.0, 0.0], [0.0, 0.0, 1.0]], atol=0.04)


def test_intervals_from_exact_draws_hold_as_often_as_they_say() -> None:
    draws = ratio_of_uniforms(gamma, [1.0], 200_000, rng=4).draws.reshape(1000, 200)
    reach = stats.t.ppf(0.995, 199) * draws.std(axis=1, ddof=1) / np.sqrt(200)
    assert 0.98 <= np.mean(np.abs(draws.mean(axis=1) - 3.0) < reach) <= 1.0


def test_a_gev_posterior_agrees_with_chains(annual_maxima: dict[str, Array]) -> None:
    x = annual_maxima["port_pirie"]

    def posterior(t: Array) -> Array:
        return np.where(
            t[..., 2] > -1.0,
            GEV.loglikelihoods(np.stack([t[..., 0], np.exp(t[..., 1]), t[..., 2]], axis=-1), x),
            -np.inf,
        )

    exact = ratio_of_uniforms(posterior, [3.8, -1.5, 0.0], 40_000, rng=5)
    walked = metropolis(posterior, exact.mode + 0.3 * (exact.draws[:64] - exact.mode), 2000, rng=6)
    for i in range(3):
        for f in (lambda t: t[:, i], lambda t: t[:, i] ** 2):  # noqa: B023
            answer = walked.expectation(f, confidence=0.9999)
            values = f(exact.draws)
            error = np.hypot(answer.stderr, values.std() / 200.0)
            assert abs(values.mean() - answer.value) < 4.5 * error


def test_a_box_that_misses_a_part_of_the_density_is_widened() -> None:
    """A far shoulder the optimiser cannot see from the mode: the points find it, and the draws are made anew."""

    def shouldered(x: Array) -> Array:
        return np.logaddexp(-0.5 * x[..., 0] ** 2, np.log(0.2) - 0.5 * (x[..., 0] - 6.0) ** 2)

    found = ratio_of_uniforms(shouldered, [0.0], 20_000, rng=7)
    assert np.mean(found.draws[:, 0] > 3.0) == pytest.approx(1.0 / 6.0, abs=0.015)


def test_a_higher_mode_takes_over() -> None:
    found = ratio_of_uniforms(lambda x: two_modes(x), [0.0], 20_000, rng=8, r=0.5)
    assert np.mean(found.draws[:, 0] < 5.0) == pytest.approx(0.3, abs=0.02)


def test_heavy_tails_need_a_greater_r() -> None:
    with pytest.raises(DataError, match="tails are too heavy for this r, or it is improper"):
        ratio_of_uniforms(cauchy, [0.3], 1000, r=0.5, rng=1)
    found = ratio_of_uniforms(cauchy, [0.3], 20_000, r=1.5, rng=1)
    assert stats.kstest(found.draws[:, 0], stats.cauchy.cdf).pvalue > 1e-3


def test_the_same_seed_gives_the_same_frozen_draws() -> None:
    found = ratio_of_uniforms(gamma, [1.0], 100, rng=9)
    np.testing.assert_array_equal(found.draws, ratio_of_uniforms(gamma, [1.0], 100, rng=9).draws)
    assert found.seed == 9
    with pytest.raises(ValueError, match="read-only"):
        found.draws[0, 0] = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.seed = 1  # type: ignore[misc]


FAULTS: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "start": (lambda: ratio_of_uniforms(gamma, [[1.0]], 9), ArgumentError, r"shape \(dim,\)"),
    "n": (lambda: ratio_of_uniforms(gamma, [1.0], 0), ArgumentError, "n is 0"),
    "r": (lambda: ratio_of_uniforms(gamma, [1.0], 9, r=0.0), ArgumentError, "r is 0.0"),
    "outside": (lambda: ratio_of_uniforms(gamma, [-1.0], 9), DataError, "-inf at 1 of 1 starting points"),
    "nan": (lambda: ratio_of_uniforms(lambda x: x[..., 0] * np.nan, [1.0], 9), DataError, "nan at 1 of 1"),
    "shape": (lambda: ratio_of_uniforms(lambda x: x, [1.0], 9), ArgumentError, "logpdf returned an array of shape"),
    "rising": (
        lambda: ratio_of_uniforms(lambda x: x[..., 0], [1.0], 9),
        DataError,
        "rises without end, and is improper",
    ),
    "flat": (lambda: ratio_of_uniforms(lambda x: 0.0 * x[..., 0], [1.0], 9), DataError, "flat or improper"),
    "edge": (
        lambda: ratio_of_uniforms(lambda x: np.where(x[..., 0] > 0.0, -x[..., 0], -np.inf), [1.0], 9),
        DataError,
        "no rounded top|flat or improper",
    ),
    "half flat": (
        lambda: ratio_of_uniforms(lambda x: -0.5 * x[..., 0] ** 2 + 0.0 * x[..., 1], [1.0, 1.0], 9),
        DataError,
        "flat or improper",
    ),
    "flattening": (
        lambda: ratio_of_uniforms(lambda x: np.exp(-0.5 * x[..., 0] ** 2), [0.5], 9),
        DataError,
        "improper",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named(fault: str) -> None:
    call, error, text = FAULTS[fault]
    with pytest.raises(error, match=text):
        call()


def test_the_likelihood_of_one_series_under_many_distributions() -> None:
    x = np.random.default_rng(1).gumbel(size=40)
    shapes = np.array([-0.9, -0.2, -1e-3, -1e-6, 0.0, 1e-9, 1e-4, 0.3, 2.0, np.nan])
    many = GEV(np.linspace(-0.2, 0.2, 10), 1.5, shapes)
    np.testing.assert_allclose(GEV.loglikelihoods(many.parameters, x), many[:, None].logpdf(x).sum(axis=-1), rtol=1e-9)
    assert GEV.loglikelihoods(np.array([0.0, 1.0, -0.5]), np.array([0.0, 3.0])) == -np.inf
    assert GEV.loglikelihoods(many.parameters.reshape(2, 5, 3), x).shape == (2, 5)
    two = TwoComponentGumbel(0.0, 1.0, -1.0, [2.0, 5.0, np.nan])
    np.testing.assert_allclose(
        TwoComponentGumbel.loglikelihoods(two.parameters, x), two[:, None].logpdf(x).sum(axis=-1), rtol=1e-12
    )
    lowest = GEVMin(many.loc, many.scale, many.shape)
    np.testing.assert_allclose(GEVMin.loglikelihoods(lowest.parameters, x), lowest[:, None].logpdf(x).sum(axis=-1))
