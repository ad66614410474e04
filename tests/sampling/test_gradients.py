"""Gradient estimators against exact gradients: bias, variance, libraries, refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.special
import scipy.stats

from evstats import ArgumentError, noise, sampling
from evstats.sampling.posterior import noise_given_winner

INF = np.inf
THETA = np.array([0.3, -0.2, 0.8, 0.1, -1.0])
COST = np.array([0.1, -0.5, 0.9, 0.3, 2.0])
P = scipy.special.softmax(THETA)
#: The gradient of E (Z @ COST)**2 in the logits.
EXACT = P * (COST**2 - P @ COST**2)
ESTIMATORS = [sampling.StraightThrough(0.5), sampling.GumbelRao(0.5, draws=3), sampling.Reinforce(draws=3)]


def f(z: Any) -> Any:
    return (z * as_like(COST, z)).sum(-1) ** 2


def slope(z: Any) -> Any:
    cost = as_like(COST, z)
    return 2 * (z * cost).sum(-1)[..., None] * cost


def as_like(values: np.ndarray, z: Any) -> Any:
    return z.new_tensor(values) if hasattr(z, "new_tensor") else values


def estimates(estimator: Any, rows: int, seed: int) -> np.ndarray:
    return estimator.gradient(f, np.broadcast_to(THETA, (rows, 5)), derivative=slope, rng=seed)


@pytest.mark.parametrize(
    "estimator", [sampling.Reinforce(1), sampling.Reinforce(2), sampling.Reinforce(5), sampling.Reinforce(1, 0.4)]
)
def test_reinforce_is_unbiased(estimator: Any) -> None:
    g = estimates(estimator, 200_000, seed=1)
    assert (np.abs(g.mean(axis=0) - EXACT) < 4 * g.std(axis=0) / math.sqrt(len(g))).all()


def test_a_baseline_for_each_row(library: Any) -> None:
    """Its own value of each row, as a critic gives it: the same as the number, in every library."""
    rows, values = np.broadcast_to(THETA, (500, 5)), np.full(500, P @ COST**2)
    estimator = sampling.Reinforce(1, baseline=library.make(values))
    g = library.read(estimator.gradient(f, library.make(rows), rng=1))
    np.testing.assert_allclose(g, estimates(sampling.Reinforce(1, float(values[0])), 500, seed=1), atol=1e-12)


def test_a_baseline_lowers_the_variance() -> None:
    plain, own, pairs = (
        estimates(estimator, 50_000, seed=1).var(axis=0).sum()
        for estimator in (sampling.Reinforce(1), sampling.Reinforce(1, float(P @ COST**2)), sampling.Reinforce(4))
    )
    assert own < plain
    assert pairs < plain / 4


def test_straight_through_approaches_the_truth_as_the_temperature_falls() -> None:
    bias = {}
    for temperature in (1.0, 0.5, 0.1):
        g = estimates(sampling.StraightThrough(temperature), 400_000, seed=1)
        bias[temperature] = np.abs(g.mean(axis=0) - EXACT).max()
    assert bias[0.1] < bias[0.5] < bias[1.0]


@pytest.mark.parametrize(("temperature", "low", "high"), [(0.1, 0.15, 0.25), (0.5, 0.37, 0.62), (1.0, 0.5, 0.9)])
def test_rao_blackwellisation_keeps_the_mean_and_lowers_the_variance(
    temperature: float, low: float, high: float
) -> None:
    plain = estimates(sampling.StraightThrough(temperature), 200_000, seed=1)
    better = estimates(sampling.GumbelRao(temperature, draws=10), 200_000, seed=2)
    error = np.sqrt((plain.var(axis=0) + better.var(axis=0)) / len(plain))
    assert (np.abs(plain.mean(axis=0) - better.mean(axis=0)) < 4 * error).all()
    assert low < better.var(axis=0).sum() / plain.var(axis=0).sum() < high


def test_the_conditional_noise_agrees_with_the_category_drawn() -> None:
    """Keys rebuilt from it are won by that category, and its law is that of the noise given the winner."""
    logits = np.array([-1.0, 0.0, -3.0, -INF])
    winner = np.array([False, True, False, False])
    g = noise_given_winner(logits, winner, noise.gumbel((50_000, 4), rng=1), -1)
    assert np.isfinite(g).all()
    assert ((logits + g).argmax(axis=-1) == 1).all()
    fresh = noise.gumbel((400_000, 4), rng=2)
    given = fresh[(logits + fresh).argmax(axis=-1) == 1]
    for k in range(3):
        assert scipy.stats.ks_2samp(g[:, k], given[:, k]).pvalue > 1e-3


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_every_library_gives_the_same_estimate(library: Any, estimator: Any) -> None:
    rows = np.random.default_rng(1).normal(size=(7, 5))
    rows[2, 3] = -INF
    wanted = estimator.gradient(f, rows, derivative=slope, rng=5)
    assert np.isfinite(wanted).all()
    assert wanted[2, 3] == 0
    assert np.abs(wanted.sum(axis=-1)).max() < 1e-12
    given = {"derivative": slope} if library.gradient is None else {}
    result = estimator.gradient(f, library.make(rows), rng=5, **given)
    np.testing.assert_allclose(library.read(result), wanted, atol=1e-12)
    g = noise.gumbel((estimator.noise_rows, 7, 5), rng=5)
    result = estimator.gradient(f, library.make(rows), noise=library.make(g), **given)
    np.testing.assert_allclose(library.read(result), wanted, atol=1e-12)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_axis(estimator: Any) -> None:
    rows = np.random.default_rng(1).normal(size=(3, 5, 4))
    g = noise.gumbel((estimator.noise_rows, 3, 5, 4), rng=1)
    swap = lambda x: np.swapaxes(x, -1, -2)  # noqa: E731
    wanted = estimator.gradient(f, swap(rows), derivative=slope, noise=swap(g))
    result = estimator.gradient(lambda z: f(swap(z)), rows, derivative=lambda z: swap(slope(swap(z))), axis=1, noise=g)
    np.testing.assert_allclose(swap(result), wanted, atol=1e-14)


def test_gumbel_rao_trains(differentiating: Any) -> None:
    """Its gradient is that of the estimator: the conditional noise is held fixed."""
    rows = np.random.default_rng(1).normal(size=(7, 5))
    wanted = sampling.GumbelRao(0.5, draws=4).gradient(f, rows, derivative=slope, rng=5)
    result = differentiating.gradient(lambda x: f(sampling.gumbel_rao(x, 0.5, 4, rng=5)).sum(), rows)
    np.testing.assert_allclose(result, wanted, atol=1e-12)


def test_gumbel_rao_draws_exact_one_hots(library: Any) -> None:
    rows = np.broadcast_to(THETA, (1000, 5)).astype("f4")
    draws = library.read(sampling.gumbel_rao(library.make(rows), 0.3, 2, rng=5))
    assert draws.dtype == np.float32
    g = noise.gumbel((3, 1000, 5), rng=5, dtype="f4")
    np.testing.assert_array_equal(draws, np.eye(5)[sampling.gumbel_max(rows, noise=g[0])])


def test_gumbel_rao_inside_jit(jax: Any) -> None:
    rows = jax.numpy.asarray(np.broadcast_to(THETA, (6, 5)))
    key = jax.random.key(1)
    graph = lambda x: f(sampling.gumbel_rao(x, 0.5, 4, rng=key)).sum()  # noqa: E731
    np.testing.assert_allclose(jax.jit(jax.grad(graph))(rows), jax.grad(graph)(rows), atol=1e-12)


def test_refusals() -> None:
    rows = np.zeros((2, 5))
    with pytest.raises(ArgumentError, match=r"^derivative is missing: NumPy cannot differentiate f"):
        sampling.StraightThrough().gradient(f, rows, rng=1)
    with pytest.raises(ArgumentError, match=r"^f returned shape \(\); expected one value for each row, \(2,\)"):
        sampling.Reinforce().gradient(lambda z: z.sum(), rows, rng=1)
    with pytest.raises(ArgumentError, match=r"^noise has shape \(2, 5\); expected \(2, 2, 5\)"):
        sampling.Reinforce(2).gradient(f, rows, noise=np.zeros((2, 5)))
    message = r"^baseline has shape \(5,\); expected one number, or one for each row: \(2,\)"
    with pytest.raises(ArgumentError, match=message):
        sampling.Reinforce(2, baseline=np.zeros(5)).gradient(f, rows, rng=1)
    with pytest.raises(ArgumentError, match=r"^baseline has dtype .*; expected real numbers"):
        sampling.Reinforce(2, baseline="none").gradient(f, rows, rng=1)
    for estimator in (sampling.Reinforce, sampling.GumbelRao):
        for draws in (0, 1.5, True):
            with pytest.raises(ArgumentError, match=r"^draws is .*; expected a whole number of 1 or more"):
                estimator(draws=draws)
    for estimator in (sampling.StraightThrough, sampling.GumbelRao):
        for temperature in (0, -1.0, math.nan):
            with pytest.raises(ArgumentError, match=r"^temperature is "):
                estimator(temperature)
