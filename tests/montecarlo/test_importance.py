"""Importance sampling against closed forms, k-hat against known tail indices, and the refusal above its limit."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from evstats import Gumbel, noise
from evstats.errors import ArgumentError, DataError, EvstatsWarning
from evstats.montecarlo import fit_pareto_tail, importance, smooth_weights

Array = NDArray[np.float64]
YEARLY = Gumbel(0.0, 1.0)


def exponential_at(rate: float) -> Any:
    return stats.expon(scale=1.0 / rate)


def unit(x: Array) -> Array:
    return np.asarray(stats.expon.logpdf(x))


def shifted_by(constant: float) -> Callable[[Array], Array]:
    return lambda x: unit(x) + constant


@pytest.mark.parametrize("level", [5.0, 20.0, 100.0])
def test_a_rare_event_is_found_with_a_bounded_relative_error(level: float) -> None:
    result = importance(
        lambda x: x > level, YEARLY, Gumbel(level, 1.0), 100_000, rng=3, self_normalised=False, confidence=0.999
    )
    assert result.reliable
    assert result.lower < YEARLY.sf(level) < result.upper
    assert result.stderr < 0.01 * result.value


@pytest.mark.parametrize("self_normalised", [False, True])
@pytest.mark.parametrize("rate", [0.5, 0.8, 1.0])
def test_the_interval_covers_as_often_as_it_says(rate: float, self_normalised: bool) -> None:
    rng = np.random.default_rng(5)
    proposal = exponential_at(rate)
    results = [
        importance(lambda x: x, unit, proposal, 1000, rng=rng, self_normalised=self_normalised, confidence=0.99)
        for _ in range(400)
    ]
    assert 0.975 <= np.mean([result.lower < 1.0 < result.upper for result in results]) <= 1.0


def test_a_density_known_up_to_a_constant_is_normalised() -> None:
    results = [importance(lambda x: x, shifted_by(c), exponential_at(0.7), 5000, rng=1) for c in (0.0, 5000.0)]
    assert results[0].value == pytest.approx(results[1].value, rel=1e-9)
    assert results[0].ess == pytest.approx(results[1].ess, rel=1e-9)


def test_draws_of_the_target_itself_weigh_alike() -> None:
    result = importance(lambda x: x > 2.0, YEARLY, YEARLY, 10_000, rng=1)
    assert result.khat == -math.inf
    assert result.ess == pytest.approx(10_000)
    assert result.value == pytest.approx(np.mean(YEARLY.rvs(10_000, np.random.default_rng(1)) > 2.0))


@pytest.mark.parametrize("khat", [0.2, 0.4, 0.6, 0.9, 1.3])
def test_khat_is_the_index_of_a_known_tail(khat: float) -> None:
    found = [smooth_weights(khat * noise.exponential(20_000, rng=seed))[1] for seed in range(20)]
    assert np.mean(found) == pytest.approx(khat, abs=0.05)


@pytest.mark.parametrize("shape", [-0.3, 0.0, 0.5, 1.0])
def test_the_pareto_fit_finds_scale_and_shape(shape: float) -> None:
    draws = stats.genpareto(shape, scale=3.0).rvs((20, 2000), random_state=np.random.default_rng(7))
    scales, shapes = np.transpose([fit_pareto_tail(row) for row in draws])
    assert scales.mean() == pytest.approx(3.0, rel=0.05)
    assert shapes.mean() == pytest.approx(shape, abs=0.03)
    assert fit_pareto_tail(10.0 * draws[0]) == pytest.approx((10.0 * scales[0], shapes[0]), rel=1e-9)


def test_smoothing_keeps_the_order_the_body_and_the_greatest_weight() -> None:
    raw = 0.6 * noise.exponential(10_000, rng=2)
    smoothed, khat = smooth_weights(raw)
    order = np.argsort(raw)
    assert (np.diff(smoothed[order]) >= 0.0).all()
    np.testing.assert_array_equal(smoothed[order[:-300]], raw[order[:-300]])
    assert not np.array_equal(smoothed[order[-300:]], raw[order[-300:]])
    assert smoothed.max() <= raw.max()
    shifted, same = smooth_weights(raw - 2000.0)
    assert same == pytest.approx(khat, rel=1e-9)
    np.testing.assert_allclose(shifted + 2000.0, smoothed, atol=1e-9)


def test_smoothing_lessens_the_error_of_a_heavy_tail() -> None:
    raw = [0.6 * noise.exponential(1000, rng=seed) for seed in range(300)]
    truth = 1.0 / (1.0 - 0.6)
    plain = [np.exp(row).mean() - truth for row in raw]
    smooth = [np.exp(smooth_weights(row)[0]).mean() - truth for row in raw]
    assert np.sqrt(np.mean(np.square(smooth))) < 0.9 * np.sqrt(np.mean(np.square(plain)))


def test_weights_that_take_few_values_have_no_tail() -> None:
    two = np.where(np.arange(10_000) < 50, math.log(2.0), 0.0)
    assert smooth_weights(two)[1] == -math.inf
    assert smooth_weights(np.where(np.arange(10_000) < 3, 5.0, 0.0))[1] == math.inf
    assert smooth_weights(np.zeros(20))[1] == math.inf


def test_khat_above_its_limit_is_refused() -> None:
    with pytest.warns(EvstatsWarning, match=r"khat is \d\.\d\d, above 0.70: .* few draws and their variance is inf"):
        result = importance(lambda x: x, unit, exponential_at(8.0), 20_000, rng=1)
    assert result.khat > result.limit
    assert not result.reliable
    assert math.isnan(result.stderr)
    assert math.isnan(result.lower)
    assert math.isfinite(result.value)
    with pytest.raises(ArgumentError, match="cannot be trusted: khat is"):
        importance(lambda x: x, unit, exponential_at(8.0), 20_000, rng=1, strict=True)


def test_an_event_the_proposal_hardly_meets_is_refused_and_few_draws_have_a_lower_limit() -> None:
    with pytest.warns(EvstatsWarning, match="too few draws count to judge their weights by"):
        result = importance(lambda x: x > 30.0, YEARLY, YEARLY, 1000, rng=1, self_normalised=False)
    assert (result.value, result.khat, result.ess) == (0.0, math.inf, 0.0)
    assert importance(lambda x: x, unit, exponential_at(0.8), 100, rng=1).limit == pytest.approx(0.5)


def test_what_is_judged_is_what_is_averaged() -> None:
    """The weights' heavy tail lies where the event does not happen, and only self-normalised averages feel it."""
    level, normal = 4.0, stats.norm()

    def estimate(self_normalised: bool) -> float:
        result = importance(
            lambda x: x > level, normal.logpdf, stats.norm(level), 20_000, rng=1, self_normalised=self_normalised
        )
        return result.value if result.reliable else math.nan

    assert estimate(False) == pytest.approx(normal.sf(level), rel=0.05)
    with pytest.warns(EvstatsWarning, match="cannot be trusted"):
        assert math.isnan(estimate(True))


def test_batches_change_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        whole = importance(lambda x: x, YEARLY, Gumbel(0.0, 2.0), 5000, rng=1)
        parts = importance(lambda x: x, YEARLY, Gumbel(0.0, 2.0), 5000, rng=1, batch=333)
    assert vars(whole) == pytest.approx(vars(parts), rel=1e-12)


class Broken:
    def rvs(self, size: int, rng: object) -> Array:
        return np.ones(size)

    def logpdf(self, x: Array) -> Array:
        return np.full(len(x), -np.inf)


FAULTS: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "n": (lambda: importance(np.abs, YEARLY, YEARLY, 24), ArgumentError, "n is 24; expected a whole number of 25"),
    "proposal": (lambda: importance(np.abs, YEARLY, np.abs, 99), ArgumentError, "proposal is ufunc; expected a dist"),  # type: ignore[arg-type]
    "broken": (
        lambda: importance(np.abs, YEARLY, Broken(), 99),
        DataError,
        "proposal's logpdf is not finite at 99",
    ),
    "shape": (lambda: importance(np.abs, np.sum, YEARLY, 99), ArgumentError, "log-density returned an array of shape"),
    "nan": (
        lambda: importance(np.abs, lambda x: np.where(x > 0, 0.0, np.nan), YEARLY, 99, rng=1),
        DataError,
        r"log-density is nan at \d+ of 99 draws, first at -",
    ),
    "infinite": (lambda: importance(np.abs, lambda x: x + np.inf, YEARLY, 99), DataError, "log-density is inf at 99"),
    "apart": (
        lambda: importance(np.abs, lambda x: np.where(x > 99, 0.0, -np.inf), YEARLY, 99),
        DataError,
        "density is 0 at all 99 draws of the proposal; move the proposal",
    ),
    "overflow": (
        lambda: importance(np.abs, lambda x: 2000.0 - x, YEARLY, 99, self_normalised=False),
        ArgumentError,
        "the weights overflow .* needs self_normalised=True",
    ),
    "weights": (lambda: smooth_weights([0.0, np.nan]), ArgumentError, "without NaN or inf"),
    "exceedances": (lambda: fit_pareto_tail([1.0, 2.0]), ArgumentError, "are 2 numbers; expected at least 5 positive"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named(fault: str) -> None:
    call, error, text = FAULTS[fault]
    with pytest.raises(error, match=text):
        call()
