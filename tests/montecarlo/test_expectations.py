"""Expectations against closed forms; the coverage of their own intervals; the texts of errors."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

from evstats import GEV, Gumbel, montecarlo
from evstats.errors import ArgumentError, DataError, EvstatsWarning
from evstats.montecarlo import ControlVariate, FromUniforms, expectation
from evstats.montecarlo.samplers import Function

Array = NDArray[np.float64]
GUMBEL = Gumbel(1.0, 2.0)
#: E exp(t X) of a Gumbel distribution is exp(loc t) Gamma(1 - scale t).
GROWTH = math.exp(0.1) * special.gamma(0.8)
LINE = ControlVariate(lambda x: x, float(GUMBEL.mean()))


def grow(x: Array) -> Array:
    return np.exp(0.1 * x)


def normals(size: int, rng: np.random.Generator) -> Array:
    return rng.normal(size=size)


MODES: dict[str, dict[str, Any]] = {
    "plain": {},
    "antithetic": {"antithetic": True},
    "control": {"control": LINE},
    "two controls": {"control": (LINE, ControlVariate(lambda x: x**2, float(GUMBEL.var() + GUMBEL.mean() ** 2)))},
    "both": {"antithetic": True, "control": LINE},
    "quasi": {"quasi": True},
}


@pytest.mark.parametrize("mode", MODES)
def test_a_closed_form_is_inside_the_interval_and_the_same_seed_gives_it_again(mode: str) -> None:
    result = expectation(grow, GUMBEL, 40_000, rng=8, confidence=0.999, **MODES[mode])
    assert result.lower < GROWTH < result.upper
    assert result == expectation(grow, GUMBEL, 40_000, rng=8, confidence=0.999, **MODES[mode])
    assert result.value != expectation(grow, GUMBEL, 40_000, rng=9, confidence=0.999, **MODES[mode]).value


UNIT = FromUniforms(lambda u: u[:, 0], dim=1)
SQUARE = FromUniforms(lambda u: u, dim=2)
MEAN, MEAN_SQUARE = ControlVariate(lambda u: u, 0.5), ControlVariate(lambda u: u**2, 1 / 3)
WAYS: dict[str, tuple[Function, Any, float, dict[str, Any]]] = {
    "plain": (np.exp, UNIT, math.e - 1.0, {}),
    "antithetic": (np.exp, UNIT, math.e - 1.0, {"antithetic": True}),
    "control": (np.exp, UNIT, math.e - 1.0, {"control": MEAN}),
    "two controls": (np.exp, UNIT, math.e - 1.0, {"control": [MEAN, MEAN_SQUARE]}),
    "both": (np.exp, UNIT, math.e - 1.0, {"antithetic": True, "control": MEAN_SQUARE}),
    "Gumbel": (grow, GUMBEL, GROWTH, {}),
    "Gumbel pairs": (grow, GUMBEL, GROWTH, {"antithetic": True}),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_interval_covers_as_often_as_it_says(way: str) -> None:
    f, sampler, truth, options = WAYS[way]
    rng = np.random.default_rng(20)
    results = [expectation(f, sampler, 1000, rng=rng, confidence=0.99, **options) for _ in range(1000)]
    covered = np.mean([result.lower < truth < result.upper for result in results])
    assert 0.98 <= covered <= 1.0
    spread = np.std([result.value for result in results])
    assert np.mean([result.stderr for result in results]) == pytest.approx(spread, rel=0.1)


def test_the_interval_of_quasi_monte_carlo_covers_as_often_as_it_says() -> None:
    rng, truth = np.random.default_rng(21), (math.e - 1.0) ** 2
    results = [
        expectation(lambda u: np.exp(u.sum(axis=1)), SQUARE, 2048, rng=rng, confidence=0.9, quasi=True)
        for _ in range(200)
    ]
    covered = np.mean([result.lower < truth < result.upper for result in results])
    assert 0.85 <= covered <= 0.95


def test_each_way_to_reduce_the_variance_reduces_it() -> None:
    errors = {mode: expectation(grow, GUMBEL, 65_536, rng=1, **options).stderr for mode, options in MODES.items()}
    assert errors["antithetic"] < 0.7 * errors["plain"]
    assert errors["control"] < 0.4 * errors["plain"]
    assert errors["two controls"] < 0.5 * errors["control"]
    assert errors["quasi"] < 0.4 * errors["plain"]


def test_plain_values_are_those_of_numpy() -> None:
    x = GUMBEL.rvs(1000, np.random.default_rng(3))
    result = expectation(grow, GUMBEL, 1000, rng=3)
    low, high = stats.t.interval(0.95, 999, loc=grow(x).mean(), scale=stats.sem(grow(x)))
    assert (result.value, result.stderr) == pytest.approx((grow(x).mean(), stats.sem(grow(x))), rel=1e-12)
    assert (result.lower, result.upper) == pytest.approx((low, high), rel=1e-12)
    assert result.draws_used == 1000


def test_control_variates_are_the_regression_of_the_values_on_them() -> None:
    x = GUMBEL.rvs(500, np.random.default_rng(3))
    design = np.stack([np.ones(500), x - LINE.mean], axis=1)
    (intercept, _), squares, _, _ = np.linalg.lstsq(design, grow(x))
    variance = squares[0] / 498 * np.linalg.inv(design.T @ design)[0, 0]
    result = expectation(grow, GUMBEL, 500, rng=3, control=LINE)
    assert (result.value, result.stderr) == pytest.approx((intercept, math.sqrt(variance)), rel=1e-9)


def test_batches_change_nothing_but_rounding_and_are_never_exceeded() -> None:
    sizes = []

    def watched(x: Array) -> Array:
        sizes.append(len(x))
        shifted: Array = 1e6 + x
        return shifted

    parts = expectation(watched, GUMBEL, 10_000, rng=4, batch=999)
    whole = expectation(lambda x: 1e6 + x, GUMBEL, 10_000, rng=4)
    assert max(sizes) == 999
    assert sum(sizes) == 10_000
    assert parts.value == pytest.approx(whole.value, rel=1e-13)
    assert parts.stderr == pytest.approx(whole.stderr, rel=1e-9)


def test_antithetic_pairs_mirror_each_draw() -> None:
    seen: list[Array] = []

    def keep(x: Array) -> Array:
        seen.append(x)
        return x

    expectation(keep, GEV(0.0, 1.0, 0.2), 2000, rng=1, antithetic=True)
    first, second = (GEV(0.0, 1.0, 0.2).cdf(x) for x in seen)
    np.testing.assert_allclose(first + second, 1.0, atol=1e-12)
    odd = expectation(lambda x: x**3 + x, normals, 2000, rng=1, antithetic=lambda x: -x)
    assert (odd.value, odd.stderr) == pytest.approx((0.0, 0.0), abs=1e-12)


@pytest.mark.parametrize("quasi", [False, True])
def test_it_stops_at_the_relative_error(quasi: bool) -> None:
    result = expectation(grow, GUMBEL, 2_000_000, rng=6, relative_error=0.002, batch=2048, quasi=quasi)
    assert result.draws_used < 200_000
    assert result.relative_error <= 0.002
    assert result.lower < GROWTH < result.upper


def test_a_relative_error_out_of_reach_is_a_warning_with_the_draws_it_takes() -> None:
    with pytest.warns(EvstatsWarning, match=r"after n=1000 draws, above the 0.001 asked for; about 9e\+04 draws"):
        expectation(grow, GUMBEL, 1000, rng=6, relative_error=0.001)


def test_a_rare_event_that_never_happened_does_not_pass_for_a_certainty() -> None:
    with pytest.warns(EvstatsWarning, match="f is 0 at all 10000 draws, so nothing is known of its error"):
        result = expectation(lambda x: x > 100.0, GUMBEL, 10_000, rng=6, relative_error=0.1, batch=100)
    assert result.draws_used == 10_000
    assert result.relative_error == math.inf


def test_distributions_of_scipy_and_draws_of_many_dimensions_serve_as_samplers() -> None:
    normal = stats.multivariate_normal([1.0, 2.0], [[1.0, 0.5], [0.5, 1.0]])
    result = expectation(lambda x: x[:, 0] * x[:, 1], normal, 50_000, rng=2, confidence=0.999)
    assert result.lower < 2.5 < result.upper


def test_quasi_points_are_independent_scramblings_that_never_touch_the_ends() -> None:
    seen: list[Array] = []

    def keep(u: Array) -> Array:
        seen.append(u)
        total: Array = u.sum(axis=1)
        return total

    result = expectation(keep, SQUARE, 20_000, rng=2, quasi=True)
    points = np.concatenate(seen)
    assert result.draws_used == len(points) == 16 * 1024
    assert len(np.unique(points[:, 0])) == len(points)
    assert points.min() > 0.0
    assert points.max() < 1.0


def test_a_bar_shows_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    expectation(grow, GUMBEL, 1000, rng=1, progress=True)
    assert "1000/1000" in capsys.readouterr().err
    expectation(grow, GUMBEL, 1000, rng=1, progress=False)
    assert not capsys.readouterr().err


FAULTS: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "n": (lambda: expectation(grow, GUMBEL, 1), ArgumentError, "n is 1; expected a whole number of 2 or more"),
    "fraction": (lambda: expectation(grow, GUMBEL, 1e5), ArgumentError, "n is 100000.0; expected a whole number"),  # type: ignore[arg-type]
    "odd": (lambda: expectation(grow, GUMBEL, 101, antithetic=True), ArgumentError, "so it must be even"),
    "confidence": (lambda: expectation(grow, GUMBEL, 9, confidence=95), ArgumentError, "a number between 0 and 1"),
    "goal": (lambda: expectation(grow, GUMBEL, 9, relative_error=0), ArgumentError, "expected a positive number"),
    "batch": (lambda: expectation(grow, GUMBEL, 9, batch=0), ArgumentError, "batch is 0; expected a whole number"),
    "rng": (lambda: expectation(grow, GUMBEL, 9, rng=-1), ArgumentError, "rng is -1"),
    "sampler": (lambda: expectation(grow, 3, 9), ArgumentError, "sampler is int; expected a distribution"),
    "many": (lambda: expectation(grow, Gumbel([0, 1], 1), 9), ArgumentError, r"shape \(2,\); pass one of them"),
    "draws": (lambda: expectation(grow, lambda size, rng: 1.0, 9), ArgumentError, r"expected the draws along"),
    "shape": (lambda: expectation(np.mean, GUMBEL, 9), ArgumentError, r"f returned an array of shape \(\) for 9"),
    "finite": (lambda: expectation(lambda x: x / 0.0, lambda n, r: np.ones(n), 9), DataError, "first inf at 1"),
    "mirror": (lambda: expectation(grow, normals, 8, antithetic=True), ArgumentError, "antithetic=mirror"),
    "even": (lambda: expectation(grow, normals, 64, quasi=True), ArgumentError, "pass a family or FromUniforms"),
    "neither": (lambda: expectation(grow, GUMBEL, 64, quasi=True, control=LINE), ArgumentError, "goes with neither"),
    "control": (lambda: expectation(grow, GUMBEL, 64, control=[3]), ArgumentError, "expected ControlVariate"),  # type: ignore[list-item]
    "flat": (
        lambda: expectation(grow, GUMBEL, 64, control=ControlVariate(lambda x: 0.1 + 0.0 * x, 0.1)),
        DataError,
        "a control variate has the same mean in every draw or pair",
    ),
    "twice": (lambda: expectation(grow, GUMBEL, 64, control=[LINE, LINE]), DataError, "linear combinations"),
    "dim": (lambda: FromUniforms(np.sum, 0), ArgumentError, "dim is 0; expected a whole number of 1 or more"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named(fault: str) -> None:
    call, error, text = FAULTS[fault]
    with np.errstate(divide="ignore"), pytest.raises(error, match=text):
        call()


def test_every_public_name_is_there() -> None:
    assert all(getattr(montecarlo, name) is not None for name in montecarlo.__all__)
