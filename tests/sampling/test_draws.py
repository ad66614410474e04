"""Gumbel-max, the inverse distribution function and the alias table: exact shares, seeds, libraries, rare tokens."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.stats

from evstats import ArgumentError, noise, sampling

INF = np.inf
LOGITS = np.array([0.3, -1.0, -INF, 2.0, 0.0, -4.0])
P = sampling.softmax(LOGITS)
DRAWS = pytest.mark.parametrize("draw", [sampling.gumbel_max, sampling.categorical])


def check_shares(draws: np.ndarray, p: np.ndarray) -> None:
    counts = np.bincount(draws.ravel(), minlength=p.size)
    assert counts.size == p.size
    assert (counts[p == 0] == 0).all()
    assert p.size == 1 or scipy.stats.chisquare(counts[p > 0], counts.sum() * p[p > 0]).pvalue > 1e-4


@DRAWS
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_shares(library: Any, draw: Callable[..., Any], dtype: str) -> None:
    rows = np.broadcast_to(LOGITS, (50_000, 6)).astype(dtype)
    draws = draw(library.make(rows), rng=1)
    assert type(draws) is type(library.make(np.arange(2)))
    check_shares(library.read(draws), sampling.softmax(LOGITS.astype(dtype).astype("f8")))


@DRAWS
@pytest.mark.parametrize("n", [1, 2, 15, 16, 17, 1000, 5000])
def test_shares_for_any_number_of_categories(draw: Callable[..., Any], n: int) -> None:
    logits = np.random.default_rng(n).normal(size=n)
    logits[0] = 3.0
    draws = draw(np.broadcast_to(logits, (200_000_000 // (10_000 + 20 * n), n)).astype("f4"), rng=1)
    p = sampling.softmax(logits)
    bins = np.minimum(np.arange(n) * 16 // n, 15)
    check_shares(bins[draws], np.bincount(bins, weights=p))


@DRAWS
@pytest.mark.parametrize("axis", [0, 1, -2])
def test_axis(library: Any, draw: Callable[..., Any], axis: int) -> None:
    rows = np.random.default_rng(1).normal(size=(200, 3, 5))
    moved = np.moveaxis(rows, -1, axis)
    g = noise.gumbel(rows.shape if draw is sampling.gumbel_max else rows.shape[:-1], rng=2)
    wanted = draw(rows, noise=g)
    if draw is sampling.gumbel_max:
        g = np.moveaxis(g, -1, axis)
    np.testing.assert_array_equal(library.read(draw(library.make(moved), axis=axis, noise=library.make(g))), wanted)


def test_gumbel_max_is_the_argmax_of_noisy_logits() -> None:
    logits = np.random.default_rng(1).normal(size=(40, 5000)).astype("f4")
    g = noise.gumbel(logits.shape, rng=42, dtype="f4")
    np.testing.assert_array_equal(sampling.gumbel_max(logits, rng=42), np.argmax(logits.astype("f8") + g, axis=-1))
    np.testing.assert_array_equal(sampling.gumbel_max(logits, rng=42), sampling.gumbel_max(logits, noise=g))


def test_categorical_inverts_the_distribution_function() -> None:
    logits = np.random.default_rng(1).normal(size=(400, 3000))
    g = noise.gumbel(400, rng=42)
    edges = np.cumsum(sampling.softmax(logits), axis=-1)
    wanted = np.count_nonzero(edges <= np.exp(-np.exp(-g))[:, None], axis=-1)
    np.testing.assert_array_equal(sampling.categorical(logits, rng=42), wanted)
    np.testing.assert_array_equal(sampling.categorical(logits, noise=g), wanted)
    many = sampling.categorical(logits, size=2, noise=np.stack([g, g], axis=-1))
    np.testing.assert_array_equal(many, np.stack([wanted, wanted], axis=-1))


@DRAWS
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i8"])
@pytest.mark.parametrize("seed", [42, np.random.SeedSequence(42)], ids=["int", "SeedSequence"])
def test_a_seed_gives_the_same_draws_in_every_library(
    library: Any, draw: Callable[..., Any], dtype: str, seed: Any
) -> None:
    rows = (np.random.default_rng(1).normal(size=(500, 100)) * 3).astype(dtype)
    wanted = draw(rows, rng=seed)
    np.testing.assert_array_equal(library.read(draw(library.make(rows), rng=seed)), wanted)
    np.testing.assert_array_equal(draw(rows, rng=np.random.default_rng(42)), wanted)


@DRAWS
def test_jit_changes_no_draw(jax: Any, draw: Callable[..., Any]) -> None:
    for dtype in ("f4", "f8"):
        rows = jax.numpy.asarray(np.random.default_rng(1).normal(size=(500, 100)).astype(dtype))
        compiled = jax.jit(lambda x, key: draw(x, rng=key))
        key = jax.random.key(3)
        np.testing.assert_array_equal(compiled(rows, key), draw(rows, rng=key))
        np.testing.assert_array_equal(jax.jit(lambda x: draw(x, rng=42))(rows), draw(rows, rng=42))
        np.testing.assert_array_equal(jax.vmap(lambda x: draw(x, rng=42))(rows)[0], draw(rows[0], rng=42))
    rows = jax.numpy.asarray([[0.0, -INF], [-INF, -INF], [0.0, np.nan], [INF, INF]])
    np.testing.assert_array_equal(jax.jit(lambda x: draw(x, rng=1))(rows)[:3], [0, -1, -1])


@DRAWS
def test_where_torch_shows_no_values(torch: Any, draw: Callable[..., Any]) -> None:
    """Inside ``torch.func.vmap`` the way is that of other devices."""
    rows = torch.tensor(np.random.default_rng(1).normal(size=(300, 50)))
    g = torch.tensor(noise.gumbel((300, 50) if draw is sampling.gumbel_max else 300, rng=1))
    mapped = torch.func.vmap(lambda x, g: draw(x, noise=g))(rows, g)
    assert torch.equal(mapped, draw(rows, noise=g))


def test_native_random_states(torch: Any, jax: Any) -> None:
    rows = np.broadcast_to(LOGITS, (50_000, 6))
    for draw in (sampling.gumbel_max, sampling.categorical):
        one, two = (draw(torch.tensor(rows), rng=torch.Generator().manual_seed(7)) for _ in range(2))
        assert torch.equal(one, two)
        check_shares(one.numpy(), P)
        check_shares(np.asarray(draw(jax.numpy.asarray(rows), rng=jax.random.key(7))), P)
        check_shares(np.asarray(jax.jit(lambda x, k, draw=draw: draw(x, rng=k))(rows, jax.random.key(8))), P)


def test_several_draws_from_each_row(library: Any) -> None:
    rows = np.stack([LOGITS, LOGITS[::-1]])
    draws = library.read(sampling.categorical(library.make(rows), size=(100, 400), rng=1))
    assert draws.shape == (2, 100, 400)
    check_shares(draws[0], P)
    check_shares(draws[1], P[::-1])
    assert library.read(sampling.categorical(library.make(rows.T), axis=0, size=3, rng=1)).shape == (2, 3)
    assert sampling.categorical(rows, size=(0, 3), rng=1).shape == (2, 0, 3)


@pytest.mark.parametrize("categories", [6, 300, 9000])
def test_several_draws_go_through_all_rows_or_row_by_row(categories: int) -> None:
    """Few and many categories, few and many draws: each is the inverse distribution function at its own noise."""
    logits = np.random.default_rng(2).normal(size=(4, categories))
    for draws in (2, 40):
        g = noise.gumbel((4, draws), rng=3)
        edges = np.cumsum(sampling.softmax(logits), axis=1)
        wanted = (edges[:, None, :] <= np.exp(-np.exp(-g))[..., None]).sum(axis=-1)
        np.testing.assert_array_equal(sampling.categorical(logits, size=draws, noise=g), wanted)


def test_several_draws_inside_jit(jax: Any) -> None:
    draws = jax.jit(lambda x: sampling.categorical(x, size=20_000, rng=1))(jax.numpy.asarray(LOGITS))
    check_shares(np.asarray(draws), P)


@DRAWS
def test_certain_categories(library: Any, draw: Callable[..., Any]) -> None:
    rows = library.make(np.broadcast_to([INF, 5.0, INF, -INF], (10_000, 4)))
    check_shares(library.read(draw(rows, rng=1)), np.array([0.5, 0.0, 0.5, 0.0]))


@DRAWS
def test_logits_near_a_million(library: Any, draw: Callable[..., Any]) -> None:
    """Noise added to 1e6 in float32 would be rounded to sixteenths; 1/16 apart, the true odds are exp(1/16)."""
    rows = library.make(np.broadcast_to(np.array([1e6, 1e6 + 0.0625], "f4"), (1_000_000, 2)))
    share = library.read(draw(rows, rng=1)).mean()
    assert abs(share - 1 / (1 + math.exp(-0.0625))) < 4 * math.sqrt(0.25 / 1e6)


def rare(draw: Callable[..., Any], rows: int, dtype: str, seed: int) -> float:
    """One token against 50,000 that lie 17 below it: how many standard errors the number of tail draws is off."""
    logits = np.full(50_001, -17.0, dtype)
    logits[20_000] = 0.0
    rng = noise.generator(seed)
    tail = sum(np.count_nonzero(draw(np.tile(logits, (100, 1)), rng=rng) != 20_000) for _ in range(rows // 100))
    expected = rows * (1 - sampling.softmax(logits.astype("f8"))[20_000])
    return float((tail - expected) / math.sqrt(expected))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_rare_tokens_of_gumbel_max(dtype: str) -> None:
    assert abs(rare(sampling.gumbel_max, 4_000, dtype, seed=1)) < 3


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@DRAWS
def test_rare_tokens(draw: Callable[..., Any], dtype: str) -> None:
    assert abs(rare(draw, 40_000, dtype, seed=2)) < 3


def test_rare_tokens_of_categorical() -> None:
    assert abs(rare(sampling.categorical, 20_000, "f4", seed=1)) < 3


def test_rare_tokens_inside_jit_without_64_bit_types(jax: Any) -> None:
    """float32 sums from the nearer end: tail shares on both sides of the heavy token are kept."""
    logits = np.full(5_001, -17.0, "f4")
    logits[2_000] = 0.0
    p = np.array([1e-6, 5e-5, 1e-4, 0.5, 1 - 1e-4, 1 - 1e-6])
    g = jax.numpy.asarray(-np.log(-np.log(p)), "float32")
    inside = jax.jit(lambda x, g: sampling.categorical(x, size=p.size, noise=g))(logits, g)
    exact = sampling.categorical(logits.astype("f8"), size=p.size, noise=-np.log(-np.log(p)))
    assert np.abs(np.asarray(inside) - exact).max() <= 3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("categories", [5, 40, 3000])
def test_masks_inside_jit(jax: Any, dtype: str, categories: int) -> None:
    """In both precisions of the sums: no masked category, and the shares of the others."""
    random = np.random.default_rng(categories)
    logits = np.where(random.random(categories) < 0.6, -INF, random.normal(size=categories) * 3)
    logits[categories // 2] = 1.0
    g = jax.numpy.asarray(noise.gumbel(100_000, rng=1), dtype)
    draws = np.asarray(jax.jit(lambda x, g: sampling.categorical(x, size=100_000, noise=g))(logits.astype(dtype), g))
    p = sampling.softmax(logits)
    assert np.isfinite(logits[draws]).all()
    bins = np.minimum(np.arange(categories) * 16 // categories, 15)
    check_shares(bins[draws], np.bincount(bins, weights=p))
    exact = sampling.categorical(logits, size=100_000, noise=noise.gumbel(100_000, rng=1))
    assert (draws != exact).mean() < (1e-2 if dtype == "float32" else 1e-9)


def test_shared_noise_makes_differences_less_noisy() -> None:
    """Counterfactuals: the same noise under slightly different logits."""
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(4000, 20))
    other = logits + 0.1 * rng.normal(size=20)
    g, fresh = noise.gumbel((2, *logits.shape), rng=2)
    value = rng.normal(size=20)
    shared = value[sampling.gumbel_max(other, noise=g)] - value[sampling.gumbel_max(logits, noise=g)]
    apart = value[sampling.gumbel_max(other, noise=fresh)] - value[sampling.gumbel_max(logits, noise=g)]
    assert apart.var() / shared.var() > 4


def test_categorical_sampler(library: Any) -> None:
    wheel = sampling.Categorical(library.make(LOGITS))
    draws = library.read(wheel.draw((100, 500), rng=1))
    assert draws.shape == (100, 500)
    check_shares(draws, P)
    np.testing.assert_array_equal(draws, sampling.Categorical(LOGITS).draw((100, 500), rng=1))
    np.testing.assert_allclose(library.read(wheel.probabilities), P)
    with pytest.raises(AttributeError):
        wheel.logits = LOGITS
    with pytest.raises(ArgumentError, match=r"^logits have shape \(2, 3\); expected one row"):
        sampling.Categorical(library.make(np.zeros((2, 3))))
    with pytest.raises(ArgumentError, match=r"^logits are -inf throughout"):
        sampling.Categorical(library.make(np.full(3, -INF)))


def test_a_categorical_sampler_takes_the_random_states_of_its_library(torch: Any, jax: Any) -> None:
    for make, state in (
        (torch.tensor, lambda: torch.Generator().manual_seed(1)),
        (jax.numpy.asarray, lambda: jax.random.key(1)),
    ):
        wheel = sampling.Categorical(make(LOGITS))
        one, two = (np.asarray(wheel.draw(50_000, rng=state())) for _ in range(2))
        np.testing.assert_array_equal(one, two)
        check_shares(one, P)
    with pytest.raises(ArgumentError, match=r"^rng is"):
        sampling.Categorical(LOGITS).draw(3, rng=torch.Generator())


@pytest.mark.parametrize("size", [-1, 2.5, None, "3", (2, -1)])
def test_bad_sizes(size: Any) -> None:
    message = r"^size is .*; expected a non-negative integer or a sequence of them"
    with pytest.raises(ArgumentError, match=message):
        sampling.categorical([0.0, 1.0], size=size)
    with pytest.raises(ArgumentError, match=message):
        sampling.Categorical([0.0, 1.0]).draw(size)
    with pytest.raises(ArgumentError, match=message):
        sampling.ExponentialRace([0.0, 1.0]).draw(1, size=size)


@DRAWS
def test_a_masked_array_is_asked_about(draw: Callable[..., Any]) -> None:
    masked = np.ma.array([1.0, 2.0, 3.0], mask=[False, True, False])
    with pytest.raises(ArgumentError, match=r"^logits is a masked array; mark what is masked by -inf"):
        draw(masked, rng=1)
    assert draw(masked.filled(-INF), rng=1) in (0, 2)


@DRAWS
def test_refusals(library: Any, draw: Callable[..., Any]) -> None:
    make = library.make
    rows = make(np.zeros((2, 3)))
    with pytest.raises(ArgumentError, match=r"^logits contain NaN"):
        draw(make(np.array([[0.0, 1.0], [0.0, np.nan]])), rng=1)
    with pytest.raises(ArgumentError, match=r"^logits are -inf throughout in a row"):
        draw(make(np.array([[0.0, 1.0], [-INF, -INF]])), rng=1)
    with pytest.raises(ArgumentError, match=r"^noise has shape \(4,\); expected \(2"):
        draw(rows, noise=make(np.zeros(4)))
    with pytest.raises(ArgumentError, match=r"^both rng and noise are given"):
        draw(rows, rng=1, noise=make(np.zeros((2, 3))))
    with pytest.raises(ArgumentError, match=r"^noise contains NaN"):
        draw(rows, noise=make(np.full((2, 3) if draw is sampling.gumbel_max else 2, np.nan)))
    with pytest.raises(ArgumentError, match=r"^noise (has dtype|cannot be read)"):
        draw(rows, noise=[["a", "b", "c"]] * 2)
    with pytest.raises(ArgumentError, match=r"^rng is 'x'; expected"):
        draw(rows, rng="x")
    with pytest.raises(ArgumentError, match=r"^axis is 2"):
        draw(rows, axis=2, rng=1)
