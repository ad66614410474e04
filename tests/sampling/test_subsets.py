"""Samples without replacement: exact order probabilities, unbiased weights, and the same in all three libraries."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evstats import noise, sampling
from evstats.errors import ArgumentError
from evstats.sampling import choosing, race

P = np.array([0.5, 0.3, 0.15, 0.05])
LOGITS = np.log(P)
F = np.array([1.0, 5.0, -2.0, 9.0])
N = 20_000


def order_probability(p: np.ndarray, order: tuple[int, ...]) -> float:
    """Of drawing one after the other from urns that lose what was drawn."""
    left, product = 1.0, 1.0
    for i in order:
        product *= p[i] / left
        left -= p[i]
    return product


def order_p_value(indices: np.ndarray, p: np.ndarray = P) -> float:
    """Chi-square of the frequencies of all ordered samples."""
    orders = list(itertools.permutations(range(p.size), indices.shape[-1]))
    code = {order: i for i, order in enumerate(orders)}
    counts = np.bincount([code[tuple(row)] for row in indices.tolist()], minlength=len(orders))
    expected = np.array([order_probability(p, order) for order in orders]) * len(indices)
    return float(scipy.stats.chisquare(counts, expected).pvalue)


@cache
def fresh(k: int, seed: int) -> sampling.TopK:
    return sampling.gumbel_top_k(np.broadcast_to(LOGITS, (N, 4)), k, rng=seed)


@cache
def raced(k: int, seed: int) -> sampling.TopK:
    return sampling.ExponentialRace(LOGITS).draw(k, size=N, rng=seed)


@cache
def raced_rows(k: int, seed: int) -> sampling.TopK:
    """The race for rows, with 4 categories that matter among 64 that have next to no weight."""
    indices, keys = race.race_of_rows(np.broadcast_to(LOGITS - LOGITS[0], (N, 4)), np.zeros(N), k + 1, seed)
    threshold = keys[:, k] + LOGITS[0]
    keys = keys[:, :k] + LOGITS[0]
    logits = np.broadcast_to(LOGITS, (N, 4))
    above = LOGITS[indices[:, :k]] - threshold[:, None]
    return sampling.TopK(indices[:, :k], keys, threshold, logits, 1, above)


WAYS = pytest.mark.parametrize("draw", [fresh, raced, raced_rows])


@WAYS
def test_orders_have_their_plackett_luce_probabilities(draw: Callable[[int, int], sampling.TopK]) -> None:
    assert order_p_value(draw(2, 2).indices) > 1e-3
    assert order_p_value(draw(3, 3).indices) > 1e-3


@WAYS
def test_the_greatest_key_is_gumbel_and_the_threshold_the_next_key(draw: Callable[[int, int], sampling.TopK]) -> None:
    assert scipy.stats.kstest(draw(1, 1).keys[:, 0], scipy.stats.gumbel_r.cdf).pvalue > 1e-3
    third = draw(3, 3).keys[:, 2]
    assert scipy.stats.ks_2samp(draw(2, 2).threshold, third).pvalue > 1e-3


@WAYS
@pytest.mark.parametrize("k", [1, 2, 3])
def test_weights_are_unbiased(draw: Callable[[int, int], sampling.TopK], k: int) -> None:
    sample = draw(k, k)
    estimates = sample.mean(F[sample.indices])
    assert abs(estimates.mean() - P @ F) < 4.0 * estimates.std() / N**0.5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spread", "k", "unbiased", "normalised"),
    [
        (1, 2, 3.7, 1.0),
        (1, 10, 2.1, 1.0),
        (1, 50, 1.8, 0.9),
        (1, 200, 1.1, 0.6),
        (3, 2, 3.3, 0.9),
        (3, 10, 1.0, 0.5),
        (3, 50, 0.2, 0.1),
    ],
)
def test_errors_beside_draws_with_replacement(spread: float, k: int, unbiased: float, normalised: float) -> None:
    """The table of the module's docstring."""
    random = np.random.default_rng(7)
    errors = np.zeros(3)
    for seed in range(300):
        logits, f = spread * random.normal(size=1000), 1.0 + random.normal(size=1000)
        p = sampling.softmax(logits)
        sample = sampling.ExponentialRace(logits).draw(k, size=200, rng=seed)
        for j, normal in enumerate((False, True)):
            errors[j] += ((sample.mean(f[sample.indices], normalised=normal) - p @ f) ** 2).mean()
        errors[2] += p @ (f - p @ f) ** 2 / k
    assert errors[0] / errors[2] == pytest.approx(unbiased, rel=0.15)
    assert errors[1] / errors[2] == pytest.approx(normalised, rel=0.15)


def test_a_race_agrees_with_fresh_gumbels_where_one_category_outweighs_all() -> None:
    logits = np.full(5000, -17.0)
    logits[0] = 0.0
    sample = sampling.ExponentialRace(logits).draw(3, size=2000, rng=1)
    assert (sample.indices[:, 0] == 0).mean() > 0.999
    assert scipy.stats.kstest(sample.keys[:, 0], scipy.stats.gumbel_r.cdf).pvalue > 1e-3
    second = scipy.stats.gumbel_r(loc=np.log(4999) - 17.0)
    assert scipy.stats.kstest(sample.keys[:, 1], second.cdf).pvalue > 1e-3
    assert all(len(set(row)) == 3 for row in sample.indices.tolist())


def test_long_rows_are_drawn_from_the_same_distribution() -> None:
    logits = np.random.default_rng(1).normal(size=5000)
    rows = np.broadcast_to(logits, (500, 5000))
    raced_sample = sampling.gumbel_top_k(rows, 20, rng=1)
    direct = sampling.gumbel_top_k(rows, 20, noise=noise.gumbel(rows.shape, rng=2))
    for j in (0, 5, 19):
        assert scipy.stats.ks_2samp(raced_sample.keys[:, j], direct.keys[:, j]).pvalue > 1e-3
    assert scipy.stats.ks_2samp(raced_sample.threshold, direct.threshold).pvalue > 1e-3
    assert scipy.stats.ks_2samp(logits[raced_sample.indices].ravel(), logits[direct.indices].ravel()).pvalue > 1e-3


def test_rare_categories_are_in_long_samples_as_often_as_they_should() -> None:
    """One category and 49,999 that lie 16.3 below: the first of the others is in a sample of 2 with its own chance."""
    logits = np.full(50_000, -16.3, np.float32)
    logits[0] = 0.0
    sample = sampling.gumbel_top_k(np.broadcast_to(logits, (2000, 50_000)), 1, rng=5)
    p = np.exp(-16.3) * 49_999
    expected = 2000 * p / (1.0 + p)
    assert abs((sample.indices != 0).sum() - expected) < 4.0 * expected**0.5


@given(
    arrays(np.float64, (3, 7), elements=st.floats(-50, 50)),
    st.integers(1, 7),
    st.integers(0, 2**32),
)
def test_against_sorting(logits: np.ndarray, k: int, seed: int) -> None:
    g = noise.gumbel(logits.shape, rng=seed)
    sample = sampling.gumbel_top_k(logits, k, noise=g)
    ordered = -np.sort(-(logits + g), axis=-1)
    np.testing.assert_allclose(sample.keys, ordered[:, :k], atol=1e-12)
    np.testing.assert_allclose(sample.threshold, ordered[:, k] if k < 7 else np.full(3, -np.inf), atol=1e-12)
    np.testing.assert_array_equal(sample.indices, np.argsort(-(logits + g), axis=-1)[:, :k])
    same_seed = sampling.gumbel_top_k(logits, k, rng=seed)
    np.testing.assert_array_equal(same_seed.indices, sample.indices)


@given(st.integers(1, 3000), st.integers(1, 60), st.integers(0, 2**32))
def test_top_of_rows_against_sorting(n: int, k: int, seed: int) -> None:
    rows = noise.gumbel((3, n), rng=seed)
    k = min(k, n)
    np.testing.assert_array_equal(choosing.top_of_rows(rows, k), np.argsort(-rows, axis=1)[:, :k])


@given(st.integers(1, 3000), st.integers(1, 60), st.integers(0, 2**32))
def test_top_of_row_against_sorting(n: int, k: int, seed: int) -> None:
    row = noise.gumbel(n, rng=seed)
    k = min(k, n)
    np.testing.assert_array_equal(choosing.top_of_row(row, k), np.argsort(-row, kind="stable")[:k])


def test_k_of_1_is_gumbel_max() -> None:
    logits = np.random.default_rng(1).normal(size=(50, 9))
    one = sampling.gumbel_top_k(logits, 1, rng=7).indices[:, 0]
    np.testing.assert_array_equal(one, sampling.gumbel_max(logits, rng=7))


@pytest.mark.parametrize("n", [9, 5000])
def test_axis(n: int) -> None:
    logits = np.random.default_rng(2).normal(size=(3, n, 2))
    last = sampling.gumbel_top_k(np.moveaxis(logits, 1, -1), 4, rng=3)
    middle = sampling.gumbel_top_k(logits, 4, axis=1, noise=None, rng=3)
    if n == 5000:  # a race goes row by row, whatever the axis
        np.testing.assert_array_equal(np.moveaxis(middle.indices, 1, -1), last.indices)
    g = noise.gumbel(logits.shape, rng=3)
    middle = sampling.gumbel_top_k(logits, 4, axis=1, noise=g)
    last = sampling.gumbel_top_k(np.moveaxis(logits, 1, -1), 4, noise=np.moveaxis(g, 1, -1))
    for part in ("indices", "keys", "weights", "log_probabilities"):
        np.testing.assert_allclose(np.moveaxis(getattr(middle, part), 1, -1), getattr(last, part), rtol=1e-12)
    np.testing.assert_allclose(middle.threshold, last.threshold)
    assert middle.log_probability.shape == (3, 2)


def test_the_whole_support_is_a_census() -> None:
    logits = np.array([0.3, -np.inf, 1.0, -2.0])
    sample = sampling.gumbel_top_k(logits, 3, rng=1)
    assert set(sample.indices.tolist()) == {0, 2, 3}
    assert sample.threshold == -np.inf
    np.testing.assert_array_equal(sample.inclusion, 1.0)
    np.testing.assert_allclose(sample.mean(F[sample.indices]), sampling.softmax(logits) @ F)
    race = sampling.ExponentialRace(logits).draw(3, size=50, rng=1)
    np.testing.assert_array_equal(np.sort(race.indices), np.broadcast_to([0, 2, 3], (50, 3)))
    np.testing.assert_array_equal(race.threshold, -np.inf)


def test_plackett_luce_against_the_urn() -> None:
    for order in itertools.permutations(range(4), 3):
        terms = sampling.plackett_luce(LOGITS, order)
        np.testing.assert_allclose(np.exp(terms.sum()), order_probability(P, order), rtol=1e-12)
    far = sampling.plackett_luce([0.0, -800.0, -801.0], [0, 1, 2])
    np.testing.assert_allclose(far, [0.0, -np.log1p(np.exp(-1.0)), 0.0], atol=1e-12)


def test_logits_far_from_zero_keep_their_precision() -> None:
    logits = np.broadcast_to(LOGITS.astype(np.float32) + np.float32(2.0**20), (N, 4))
    sample = sampling.gumbel_top_k(logits, 2, rng=8)
    rounded = logits[0].astype(np.float64) - 2.0**20
    assert order_p_value(sample.indices, sampling.softmax(rounded)) > 1e-3
    estimates = sample.mean(np.ones_like(sample.keys)).astype(np.float64)
    assert abs(estimates.mean() - 1.0) < 4.0 * estimates.std() / N**0.5


def test_an_infinite_logit_is_certain() -> None:
    assert sampling.gumbel_top_k([0.0, np.inf, 3.0], 1, rng=1).indices.tolist() == [1]
    with pytest.raises(ArgumentError, match=r"^k is 2, but a row has fewer categories"):
        sampling.gumbel_top_k([0.0, np.inf, 3.0], 2, rng=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.0, 1.0], 3), "k is 3, but there are only 2 categories."),
        (([0.0, -np.inf], 2), "k is 2, but a row has fewer categories that are not masked by -inf."),
        (([0.0, 1.0], 0), "k is 0; expected a whole number of 1 or more."),
        (([0.0, 1.0], 1.5), "k is 1.5; expected a whole number of 1 or more."),
        (([0.0, 1.0], True), "k is True; expected a whole number of 1 or more."),
        (([-np.inf, -np.inf], 1), "logits are -inf throughout in a row, so that no category can be drawn; unmask one."),
        (([np.nan, 0.0], 1), "logits contain NaN; expected real numbers (-inf masks a category)."),
    ],
)
def test_bad_arguments(arguments: tuple[Any, int], message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        sampling.gumbel_top_k(*arguments, rng=1)
    assert str(error.value) == message


def test_masked_long_rows_are_refused_too() -> None:
    logits = np.full(6000, -np.inf)
    logits[:5] = 0.0
    with pytest.raises(ArgumentError, match=r"^k is 6, but a row has fewer"):
        sampling.gumbel_top_k(logits, 6, rng=1)
    assert set(sampling.gumbel_top_k(logits, 5, rng=1).indices.tolist()) == set(range(5))


def test_noise_and_rng_are_checked() -> None:
    with pytest.raises(ArgumentError, match=r"^noise has shape \(2,\); expected \(3,\)"):
        sampling.gumbel_top_k(np.zeros(3), 1, noise=[0.0, 0.0])
    with pytest.raises(ArgumentError, match=r"^noise contains NaN"):
        sampling.gumbel_top_k(np.zeros(3), 1, noise=[0.0, np.nan, 0.0])
    with pytest.raises(ArgumentError, match=r"^both rng and noise are given"):
        sampling.gumbel_top_k(np.zeros(3), 1, rng=1, noise=np.zeros(3))
    for n in (3, 5000):
        with pytest.raises(ArgumentError, match=r"^rng is 'seed'"):
            sampling.gumbel_top_k(np.zeros(n), 1, rng="seed")
    with pytest.raises(ArgumentError, match=r"^indices repeat a category"):
        sampling.plackett_luce(np.zeros(3), [1, 1])
    with pytest.raises(ArgumentError, match=r"^indices holds an index outside 0 to 2"):
        sampling.plackett_luce(np.zeros(3), [1, 3])
    with pytest.raises(ArgumentError, match=r"^indices has dtype float64; expected integers"):
        sampling.plackett_luce(np.zeros(3), [1.0, 2.0])


def test_integers_and_half_precision_are_promoted() -> None:
    assert sampling.gumbel_top_k([3, 1, 2], 2, rng=1).keys.dtype == np.float64
    assert sampling.gumbel_top_k(np.zeros(3, np.float16), 2, rng=1).keys.dtype == np.float32


def test_records_are_frozen() -> None:
    with pytest.raises(AttributeError):
        sampling.gumbel_top_k([0.0, 1.0], 1, rng=1).keys = 0.0  # type: ignore[misc]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(4, 9), (3, 5000)])
def test_the_same_in_every_library(library: Any, dtype: Any, shape: tuple[int, int]) -> None:
    logits = np.random.default_rng(3).normal(size=shape).astype(dtype)
    for given_ in ({"rng": 5}, {"noise": noise.gumbel(shape, rng=5, dtype=dtype)}):
        expected = sampling.gumbel_top_k(logits, 3, **given_)
        sample = sampling.gumbel_top_k(library.make(logits), 3, **given_)
        np.testing.assert_array_equal(library.read(sample.indices), expected.indices)
        for part in ("keys", "threshold", "log_probabilities", "inclusion", "weights"):
            tolerance = 1e-12 if dtype is np.float64 else 1e-5
            value = library.read(getattr(sample, part))
            assert value.dtype == dtype
            np.testing.assert_allclose(value, getattr(expected, part), rtol=tolerance, atol=tolerance)


def test_gradients_are_finite_differences(differentiating: Any) -> None:
    logits = np.array([0.3, -0.2, 1.0, -np.inf, 0.1])
    g = noise.gumbel(5, rng=1)

    def f(x: Any) -> Any:
        sample = sampling.gumbel_top_k(x, 3, noise=g)
        return (sample.log_probability + sample.keys.sum() + sample.weights.sum() + sample.threshold).sum()

    slope = differentiating.gradient(f, logits)
    finite = np.flatnonzero(np.isfinite(logits))
    for i in finite:
        step = np.zeros(5)
        step[i] = 1e-6
        expected = float(f(logits + step) - f(logits - step)) / 2e-6
        assert slope[i] == pytest.approx(expected, abs=1e-7)
    assert slope[3] == 0.0


def test_the_census_has_a_finite_gradient(differentiating: Any) -> None:
    logits = np.array([0.3, -0.2, 1.0])
    slope = differentiating.gradient(lambda x: sampling.plackett_luce(x, [2, 0, 1]).sum(), logits)
    p = sampling.softmax(logits)
    q = sampling.softmax(logits[:2])
    np.testing.assert_allclose(slope, [1.0 - p[0] - q[0], -p[1] - q[1], 1.0 - p[2]], atol=1e-12)


def test_inside_jit() -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install '.[jax]'")
    logits = np.random.default_rng(4).normal(size=(3, 8))
    g = noise.gumbel(logits.shape, rng=2)
    traced = jax.jit(lambda x, z: sampling.gumbel_top_k(x, 3, noise=z))(jax.numpy.asarray(logits), jax.numpy.asarray(g))
    expected = sampling.gumbel_top_k(logits, 3, noise=g)
    np.testing.assert_array_equal(traced.indices, expected.indices)
    np.testing.assert_allclose(traced.weights, expected.weights, rtol=1e-6)
    with pytest.raises(ArgumentError, match=r"^rng is None inside a traced function"):
        jax.jit(lambda x: sampling.gumbel_top_k(x, 3).indices)(jax.numpy.asarray(logits))


def test_the_states_of_a_library_seed_a_race() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install '.[jax]'")
    states = [(torch.tensor, lambda: torch.Generator().manual_seed(1)), (jax.numpy.asarray, lambda: jax.random.key(1))]
    for make, state in states:
        race_of_one = sampling.ExponentialRace(make(LOGITS))
        one, two = (np.asarray(race_of_one.draw(2, size=N, rng=state()).indices) for _ in range(2))
        np.testing.assert_array_equal(one, two)
        assert order_p_value(one) > 1e-3


def test_a_key_gives_the_same_inside_jit_and_outside() -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install '.[jax]'")
    logits = jax.numpy.asarray(np.random.default_rng(1).normal(size=6000))
    draw = lambda key: sampling.gumbel_top_k(logits, 5, rng=key).indices  # noqa: E731
    np.testing.assert_array_equal(jax.jit(draw)(jax.random.key(2)), draw(jax.random.key(2)))


def test_mapped() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")
    logits, g = torch.randn(2, 7, 9, generator=torch.Generator().manual_seed(1))
    mapped = torch.func.vmap(lambda x, g: sampling.gumbel_top_k(x, 3, noise=g).keys)(logits, g)
    assert torch.equal(mapped, sampling.gumbel_top_k(logits, 3, noise=g).keys)


def test_a_torch_generator() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")
    for n in (6, 5000):
        draws = [
            sampling.gumbel_top_k(torch.zeros(n), 3, rng=torch.Generator().manual_seed(1)).indices for _ in range(2)
        ]
        assert torch.equal(*draws)
        with pytest.raises(ArgumentError, match=r"^rng is"):
            sampling.gumbel_top_k(np.zeros(n), 3, rng=torch.Generator())
