"""The noise: its distribution out to the tails, its streams, and what it refuses."""

from __future__ import annotations

import math
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from evstats import ArgumentError, EvstatsWarning, noise
from evstats.noise import streams

DTYPES = [np.float32, np.float64]
BOTH = pytest.mark.parametrize("dtype", DTYPES)


# -- the distribution --------------------------------------------------------------------------------------------------


def check_quality(draws: int, dtype: type, seed: int, levels: range) -> None:
    """No inf, no NaN; tail frequencies within 3 standard errors; 256 equally likely bins."""
    rng = noise.generator(seed)
    above = np.zeros(len(levels))
    counts = np.zeros(256)
    out = np.empty(1_000_000, dtype)
    for _ in range(draws // out.size):
        g = noise.gumbel(out.shape, rng=rng, dtype=dtype, out=out)
        assert np.isfinite(g).all()
        above += [np.count_nonzero(g > z) for z in levels]
        p = np.exp(-np.exp(-g.astype(np.float64)))
        counts += np.bincount((p * 256).astype(np.intp), minlength=256)
    expected = draws * -np.expm1(-np.exp(-np.array(levels, dtype=np.float64)))
    assert (np.abs(above - expected) <= 3 * np.sqrt(expected)).all(), (above - expected) / np.sqrt(expected)
    assert scipy.stats.chisquare(counts).pvalue > 1e-4


@BOTH
def test_quality(dtype: type) -> None:
    check_quality(20_000_000, dtype, seed=1, levels=range(0, 14))


@pytest.mark.slow
@BOTH
def test_quality_of_a_billion(dtype: type) -> None:
    check_quality(1_000_000_000, dtype, seed=2, levels=range(8, 19))


@BOTH
def test_lower_tail_and_moments(dtype: type) -> None:
    g = noise.gumbel(20_000_000, rng=3, dtype=dtype)
    for z in (-1.0, -1.5, -2.0, -2.5):
        expected = g.size * math.exp(-math.exp(-z))
        assert abs(np.count_nonzero(g < z) - expected) < 3.5 * math.sqrt(expected), z
    error = math.pi / math.sqrt(6 * g.size)
    assert abs(g.mean(dtype=np.float64) - np.euler_gamma) < 3.5 * error
    assert abs(g.var(dtype=np.float64) - math.pi**2 / 6) < 3.5 * math.pi**2 / 6 * math.sqrt(4.4 / g.size)


@BOTH
def test_the_distribution_function(dtype: type) -> None:
    g = noise.gumbel(100_000, rng=4, dtype=dtype)
    e = noise.exponential(100_000, rng=5, dtype=dtype)
    assert scipy.stats.kstest(g, scipy.stats.gumbel_r.cdf).pvalue > 1e-3
    assert scipy.stats.kstest(e, scipy.stats.expon.cdf).pvalue > 1e-3
    assert (e > 0).all()


@BOTH
def test_no_lag_correlation(dtype: type) -> None:
    g = noise.gumbel(4_000_000, rng=6, dtype=dtype)
    centred = (g - g.mean(dtype=np.float64)) / g.std(dtype=np.float64)
    for lag in (1, 2, 3, 64, 49_152):
        assert abs(np.mean(centred[lag:] * centred[:-lag])) < 4 / math.sqrt(g.size), lag


def exact_exponential(bits: np.ndarray) -> np.ndarray:
    """-log(1 - t) for t > 0 and -log(-t) for t < 0, from the numbers that the bits stand for."""
    t = bits * 2.0**-32
    with np.errstate(divide="ignore"):
        return np.where(t > 0, -np.log1p(-np.abs(t)), -np.log(np.abs(t)))


def test_float32_is_the_exact_transform_of_its_bits() -> None:
    """Against float64 arithmetic on the same bits: nothing is lost near 0 or near 1."""
    size = 2_000_000
    words = np.random.default_rng(7).bit_generator.random_raw(size // 2).view(np.int32)
    bits = words.astype(np.float64)
    e = noise.exponential(2 * 49_152, rng=7, dtype=np.float32)
    coarse = np.abs(bits[: e.size]) < 2**14
    assert not coarse.any()
    assert np.abs(e / exact_exponential(bits[: e.size]) - 1).max() < 5e-7
    assert np.abs(bits).max() > 0.99999 * 2**31


class Bits:
    """A bit generator that returns the words it was given, then more of one kind."""

    def __init__(self, words: np.ndarray, more: int) -> None:
        self.words, self.more = words, more

    def random_raw(self, n: int) -> np.ndarray:
        given, self.words = self.words[:n], self.words[n:]
        return given if given.size else np.full(n, self.more, dtype=np.uint64)


@pytest.mark.parametrize("more", [0, 2**63, 2**64 - 1])
def test_both_ends_of_the_float32_uniform_are_refined(more: int) -> None:
    near = [0, -1, 1, -2, 5, -6, 1000, -1001, 2**13, -(2**13), 2**14 + 7, -(2**14) - 7, 2**31 - 1, -(2**31)]
    bits = np.array(near, dtype=np.int32)
    block = np.empty(bits.size, np.float32)
    streams._exponential32(SimpleNamespace(bit_generator=Bits(bits.view(np.uint64), more)), block)  # type: ignore[arg-type]
    assert np.isfinite(block).all()
    assert (block > 0).all()
    assert np.isfinite(-np.log(block)).all()
    for b, e in zip(near[2:], block[2:], strict=True):
        ends = exact_exponential(np.array([b, b + 1], dtype=np.float64))
        assert ends.min() * (1 - 1e-6) <= e <= ends.max() * (1 + 1e-6), b
    assert block[0] <= 2.0**-32
    assert block[1] >= 32 * math.log(2)


def test_the_longest_tails_of_float32() -> None:
    for bits, wanted in ((0, 2.0**-85), (-1, 85 * math.log(2))):
        assert streams._refined(bits, 0) == pytest.approx(wanted, rel=1e-6)


def test_an_exact_zero_of_the_ziggurat_stays_finite(monkeypatch: pytest.MonkeyPatch) -> None:
    def zeros(n: int = 0, out: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        e = np.empty(n) if out is None else out
        e.fill(0.0)
        return e

    monkeypatch.setattr(streams, "generator", lambda rng: SimpleNamespace(standard_exponential=zeros))
    assert 37 < float(noise.gumbel(rng=1)) < 38
    assert ((noise.gumbel(10, rng=1) > 37) & (noise.gumbel(10, rng=1) < 38)).all()


# -- streams -----------------------------------------------------------------------------------------------------------


def test_float64_noise_of_a_seed_never_changes() -> None:
    wanted = [-0.877220786604679, -0.8485212499514065, -0.8690989096226482]
    np.testing.assert_allclose(noise.gumbel(3, rng=42), wanted, rtol=1e-12)
    e = np.random.default_rng(42).standard_exponential(100_000)
    np.testing.assert_array_equal(noise.gumbel(100_000, rng=42), -np.log(e))
    np.testing.assert_array_equal(noise.gumbel(10, rng=42), noise.gumbel((10,), rng=42))
    np.testing.assert_array_equal(noise.exponential(100_000, rng=42), e)


def test_float32_noise_of_a_seed_never_changes() -> None:
    wanted = [2.3699236, -0.39677805, -0.06106658, 0.5484969]
    np.testing.assert_allclose(noise.gumbel(4, rng=42, dtype=np.float32), wanted, rtol=1e-6)


@BOTH
@pytest.mark.parametrize("shape", [(), 0, 1, 7, (3, 5), (2, 0, 3), 49_152, 49_153, 100_001])
def test_every_random_state_gives_the_same_noise(shape: Any, dtype: type) -> None:
    states = [42, np.int64(42), np.random.SeedSequence(42), np.random.default_rng(42), np.random.PCG64(42)]
    first, *others = (noise.gumbel(shape, rng=state, dtype=dtype) for state in states)
    assert first.dtype == dtype
    assert first.shape == ((shape,) if isinstance(shape, int) else shape)
    for other in others:
        np.testing.assert_array_equal(first, other)


def test_none_draws_anew_and_a_generator_goes_on() -> None:
    assert noise.gumbel() != noise.gumbel()
    rng = noise.generator(1)
    assert noise.gumbel(rng=rng) != noise.gumbel(rng=rng)


@BOTH
@pytest.mark.parametrize("kind", [np.random.MT19937, np.random.PCG64DXSM, np.random.Philox, np.random.SFC64])
def test_every_bit_generator(kind: Any, dtype: type) -> None:
    g = noise.gumbel(200_000, rng=kind(1), dtype=dtype)
    assert scipy.stats.kstest(g, scipy.stats.gumbel_r.cdf).pvalue > 1e-3


@BOTH
def test_out(dtype: type) -> None:
    out = np.empty((3, 4), dtype)
    assert noise.gumbel((3, 4), rng=1, dtype=dtype, out=out) is out
    np.testing.assert_array_equal(out, noise.gumbel((3, 4), rng=1, dtype=dtype))
    assert noise.exponential(rng=1, dtype=dtype, out=out) is out
    np.testing.assert_array_equal(out, noise.exponential((3, 4), rng=1, dtype=dtype))


@given(n=st.integers(0, 50), seed=st.integers(0, 2**63))
def test_spawn(n: int, seed: int) -> None:
    streams = noise.spawn(n, rng=seed)
    assert len(streams) == n
    draws = [float(noise.gumbel(rng=stream)) for stream in streams]
    assert len(set(draws)) == n
    assert draws == [float(noise.gumbel(rng=stream)) for stream in noise.spawn(n, rng=seed)]


def test_a_generator_spawns_new_streams_at_each_call() -> None:
    rng = noise.generator(1)
    (first,), (second,) = noise.spawn(1, rng=rng), noise.spawn(1, rng=rng)
    assert noise.gumbel(rng=first) != noise.gumbel(rng=second)


# -- pools -------------------------------------------------------------------------------------------------------------


def test_a_pool_hands_out_each_row_once() -> None:
    pool = noise.NoisePool(10, (2, 3), rng=1, dtype=np.float32)
    taken = [pool.take(4), pool.take(0), pool.take(6)]
    np.testing.assert_array_equal(np.concatenate(taken), noise.gumbel((10, 2, 3), rng=1, dtype=np.float32))
    assert pool.remaining == 0
    with pytest.raises(ArgumentError, match=r"n is 1, but the pool has 0 of its 10 rows left; .*refill"):
        pool.take(1)
    pool.refill()
    assert pool.remaining == 10
    assert not np.isin(pool.take(10), taken[2]).any()


def test_common_rows_are_the_same_at_every_call() -> None:
    pool = noise.NoisePool(10, 3, rng=1)
    np.testing.assert_array_equal(pool.common(4), pool.common(4))
    assert pool.remaining == 10
    with pytest.raises(ValueError, match="read-only"):
        pool.common(4)[0] = 0.0


def test_what_reusing_rows_costs() -> None:
    """The figures of the docstring: 16 uses of each row, in turn and picked at random, against fresh rows."""
    studies, rows, uses = 4000, 50, 16
    g = noise.gumbel((studies, rows), rng=1)
    picks = np.random.default_rng(2).integers(rows, size=(studies, rows * uses))
    fresh = noise.gumbel((studies, rows * uses), rng=3).mean(axis=1).var()
    assert np.tile(g, uses).mean(axis=1).var() / fresh == pytest.approx(16, rel=0.15)
    assert np.take_along_axis(g, picks, axis=1).mean(axis=1).var() / fresh == pytest.approx(17, rel=0.15)


# -- other libraries' arrays -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dtype", "wanted"), [("f2", "f4"), ("f4", "f4"), ("f8", "f8"), ("i4", "f8")])
def test_gumbel_like_numpy(dtype: str, wanted: str) -> None:
    g = noise.gumbel_like(np.zeros((2, 3), dtype), rng=1)
    np.testing.assert_array_equal(g, noise.gumbel((2, 3), rng=1, dtype=wanted))
    assert noise.gumbel_like(np.zeros((2, 3), dtype), rng=1, shape=5, dtype="f8").shape == (5,)


def test_gumbel_like_torch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")
    for dtype, wanted in ((torch.bfloat16, "f4"), (torch.float16, "f4"), (torch.float32, "f4"), (torch.float64, "f8")):
        g = noise.gumbel_like(torch.zeros(2, 3, dtype=dtype), rng=1)
        np.testing.assert_array_equal(g.numpy(), noise.gumbel((2, 3), rng=1, dtype=wanted))
    x = torch.zeros(1000)
    seeded = [noise.gumbel_like(x, rng=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    assert torch.equal(seeded[0], seeded[1])
    assert not torch.equal(seeded[0], seeded[2])
    rng = torch.Generator().manual_seed(1)
    assert not torch.equal(noise.gumbel_like(x, rng=rng), noise.gumbel_like(x, rng=rng))


def test_torch_noise_drawn_on_a_device() -> None:
    """The way of other devices, on the processor."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")
    from evstats.noise.tensors import drawn_by_torch

    for name in ("float32", "float64"):
        rng = torch.Generator().manual_seed(1)
        g = drawn_by_torch((1_000_000,), getattr(torch, name), torch.device("cpu"), rng)
        check_native(g.numpy(), name)


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_gumbel_like_jax(name: str) -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install '.[jax]'")
    jax.config.update("jax_enable_x64", True)
    x = jax.numpy.zeros((1000, 1000), name)
    np.testing.assert_array_equal(noise.gumbel_like(x, rng=1), noise.gumbel(x.shape, rng=1, dtype=name))
    key = jax.random.key(1)
    g = noise.gumbel_like(x, rng=key)
    check_native(np.asarray(g).ravel(), name)
    np.testing.assert_array_equal(g, noise.gumbel_like(x, rng=jax.random.PRNGKey(1)))
    np.testing.assert_array_equal(g, jax.jit(lambda key: noise.gumbel_like(x, rng=key))(key))


def check_native(g: np.ndarray, name: str) -> None:
    assert g.dtype == name
    assert np.isfinite(g).all()
    assert scipy.stats.kstest(g[:100_000], scipy.stats.gumbel_r.cdf).pvalue > 1e-3
    for z in (3, 6, 8):
        expected = g.size * -math.expm1(-math.exp(-z))
        assert abs(np.count_nonzero(g > z) - expected) < 3.5 * math.sqrt(expected), z
    expected = g.size * math.exp(-math.exp(1.5))
    assert abs(np.count_nonzero(g < -1.5) - expected) < 3.5 * math.sqrt(expected)


def test_jax_without_64_bit_types_has_the_same_noise_rounded() -> None:
    pytest.importorskip("jax", reason="JAX is not installed: pip install '.[jax]'")
    code = """if True:
        import jax.numpy as jnp, numpy as np
        from evstats import noise, sampling
        whole = jnp.arange(5)
        assert noise.gumbel_like(whole, rng=1).dtype == np.float32
        np.testing.assert_array_equal(noise.gumbel_like(whole, rng=1), noise.gumbel(5, rng=1).astype("f4"))
        logits = np.linspace(-2, 2, 50, dtype="f4")
        same = sampling.gumbel_max(jnp.asarray(logits), rng=1) == sampling.gumbel_max(logits, rng=1)
        assert same and sampling.softmax(whole).dtype == np.float32
    """
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_no_jit_without_a_seed() -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install '.[jax]'")
    x = jax.numpy.zeros(3)
    for rng in (None, np.random.default_rng(1), np.random.PCG64(1)):
        with pytest.raises(ArgumentError, match=r"^rng is .* inside a traced function \(jax.jit\), .*constant"):
            jax.jit(lambda x, rng=rng: noise.gumbel_like(x, rng=rng))(x)
    for rng in (1, np.random.SeedSequence(1)):
        inside = jax.jit(lambda x, rng=rng: noise.gumbel_like(x, rng=rng))(x)
        np.testing.assert_array_equal(inside, noise.gumbel_like(x, rng=1))


def test_no_vmap_in_which_all_rows_would_share_one_draw() -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install '.[jax]'")
    x = jax.numpy.zeros((50, 3))
    for rng in (None, np.random.default_rng(1)):
        draw = lambda x, rng=rng: noise.gumbel_like(x, rng=rng)  # noqa: E731
        for mapped in (jax.vmap(draw), jax.grad(lambda x, draw=draw: jax.vmap(draw)(x).sum())):
            with pytest.raises(ArgumentError, match=r"^rng is .* inside jax.vmap, where all rows would share one draw"):
                mapped(x)
        assert jax.grad(lambda x, draw=draw: (x * draw(x)).sum())(x).shape == (50, 3)
    keys = jax.random.split(jax.random.key(1), 50)
    assert len(np.unique(jax.vmap(lambda x, key: noise.gumbel_like(x, rng=key))(x, keys))) == 150


def test_no_vmap_of_torch_in_which_all_rows_would_share_one_draw() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")
    x = torch.zeros(50, 3)
    for rng in (7, np.random.SeedSequence(7), np.random.default_rng(1), torch.Generator()):
        draw = lambda x, rng=rng: noise.gumbel_like(x, rng=rng)  # noqa: E731
        for randomness in ("error", "different"):
            with pytest.raises(ArgumentError, match=r"^rng is .* inside torch.func.vmap, where all rows would share"):
                torch.func.vmap(draw, randomness=randomness)(x)
        assert torch.func.vmap(draw, randomness="same")(x).shape == (50, 3)
        assert torch.func.grad(lambda x, draw=draw: (x * draw(x)).sum())(x).shape == (50, 3)
        with pytest.raises(ArgumentError, match=r"^rng is None inside torch.func.vmap, where all rows would share"):
            torch.func.vmap(lambda x: x + noise.generator_beside(x).random(), randomness="different")(x)


def test_none_is_the_generator_of_torch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")
    x = torch.zeros(50, 3)
    draws: list[Any] = []
    with torch.random.fork_rng():
        for _ in range(2):
            torch.manual_seed(0)
            draws += [noise.gumbel_like(x), noise.gumbel_like(x), torch.rand(3)]
            draws.append(torch.tensor(noise.generator_beside(x).random()))
        torch.manual_seed(0)
        with torch.random.fork_rng():
            noise.gumbel_like(x)
        assert torch.equal(noise.gumbel_like(x), draws[0])
    for first, again in zip(draws[:4], draws[4:], strict=True):
        assert torch.equal(first, again)
    assert not torch.equal(draws[0], draws[1])
    state = torch.get_rng_state()
    for rng in (7, np.random.default_rng(1), torch.Generator()):
        noise.gumbel_like(x, rng=rng)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_vmap_of_torch_draws_as_its_randomness_says(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")
    x = torch.zeros(1000, 1000, dtype=getattr(torch, name))
    with torch.random.fork_rng():
        torch.manual_seed(1)
        g = torch.func.vmap(noise.gumbel_like, randomness="different")(x)
        check_native(g.numpy().ravel(), name)
        assert len(torch.unique(g[:, 0])) == 1000
        torch.manual_seed(1)
        assert torch.equal(torch.func.vmap(noise.gumbel_like, randomness="different")(x), g)
        same = torch.func.vmap(noise.gumbel_like, randomness="same")(x[:5])
        assert (same == same[0]).all()
        assert len(torch.unique(same[0])) > 990
        nested = torch.func.vmap(torch.func.vmap(noise.gumbel_like, randomness="different"), randomness="different")
        assert len(torch.unique(nested(torch.zeros(3, 4, 5, dtype=torch.float64)))) == 60
        slopes = torch.func.vmap(torch.func.grad(lambda x: (x * noise.gumbel_like(x)).sum()), randomness="different")(x)
        assert len(torch.unique(slopes[:, 0])) == 1000
        with pytest.raises(RuntimeError, match="randomness"):
            torch.func.vmap(noise.gumbel_like)(x)


def test_noise_of_torch_seeded_is_exact_in_both_tails() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")
    with torch.random.fork_rng():
        torch.manual_seed(3)
        for name in ("float32", "float64"):
            check_native(noise.gumbel_like(torch.zeros(1_000_000, dtype=getattr(torch, name))).numpy(), name)


def test_an_integer_repeated_in_training_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")
    from evstats.noise import tensors

    monkeypatch.setattr(tensors, "_REPEATED", tensors._Repeated())
    leaf = torch.zeros(3, requires_grad=True)
    for step in range(3):
        noise.gumbel_like(leaf, rng=step)
        noise.gumbel_like(leaf)
        noise.gumbel_like(torch.zeros(3), rng=5)
        noise.gumbel_like(leaf, rng=np.random.default_rng(1))
    with pytest.warns(EvstatsWarning, match=r"^rng is 2 again, for a tensor that requires gradients: .* said once\.$"):
        noise.gumbel_like(leaf, rng=2)
    for _ in range(3):
        noise.gumbel_like(leaf, rng=2)


def test_generators_beside_an_array() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install '.[jax]'")
    state = torch.Generator().manual_seed(1)
    first, second = (noise.generator_beside(torch.zeros(2), state).random() for _ in range(2))
    assert first != second
    again = noise.generator_beside(torch.zeros(2), torch.Generator().manual_seed(1)).random()
    assert again == first
    key = jax.random.key(1)
    one, two = (noise.generator_beside(jax.numpy.zeros(2), key).random() for _ in range(2))
    assert one == two
    for array in (np.zeros(2), torch.zeros(2), jax.numpy.zeros(2)):
        assert noise.generator_beside(array, 7).random() == np.random.default_rng(7).random()
    with pytest.raises(ArgumentError, match=r"^rng is .*; expected None, a non-negative integer"):
        noise.generator_beside(np.zeros(2), state)
    with pytest.raises(ArgumentError, match=r"^rng is .*; expected None, a non-negative integer"):
        noise.generator_beside(torch.zeros(2), key)


def test_a_random_state_of_another_library_is_refused() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install '.[jax]'")
    arrays = [np.zeros(2), torch.zeros(2), jax.numpy.zeros(2)]
    native = {1: torch.Generator(), 2: jax.random.key(1)}
    for i, array in enumerate(arrays):
        for j, rng in native.items():
            if i != j:
                with pytest.raises(ArgumentError, match=r"^rng is .*; expected None, a non-negative integer"):
                    noise.gumbel_like(array, rng=rng)
    with pytest.raises(ArgumentError, match=r"^rng is .*; expected None"):
        noise.gumbel_like(np.zeros(2), rng=jax.random.PRNGKey(1))
    with pytest.raises(ArgumentError, match=r"^rng is a JAX array of float.*; expected one key"):
        noise.gumbel_like(jax.numpy.zeros(2), rng=jax.numpy.zeros(2))


def test_noise_loads_neither_torch_nor_jax() -> None:
    code = """if True:
        import sys, numpy as np
        from evstats import noise, sampling
        noise.gumbel_like(np.zeros(3), rng=1)
        sampling.gumbel_softmax(np.zeros(3), rng=1)
        sampling.categorical([0.0, 1.0], size=3, rng=1)
        sampling.GumbelRao().gradient(None, [0.0, 1.0], derivative=lambda z: z, rng=1)
        assert not {"torch", "jax"} & set(sys.modules)
    """
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


# -- alias urn ---------------------------------------------------------------------------------------------------------


def test_alias_urn() -> None:
    p = np.array([0.5, 0.0, 0.2, 0.3])
    draws = noise.AliasUrn(p * 7).draw(100_000, rng=1)
    counts = np.bincount(draws, minlength=4)
    assert counts[1] == 0
    assert scipy.stats.chisquare(counts[p > 0], 100_000 * p[p > 0]).pvalue > 1e-3
    assert noise.AliasUrn(p).draw(rng=1).shape == ()
    assert noise.AliasUrn(p).draw((0, 3), rng=1).shape == (0, 3)


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rng", [-1, True, 1.5, "42", np.random.RandomState(1), object()])
def test_bad_random_states(rng: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^rng is .*; expected None, a non-negative integer"):
        noise.gumbel(3, rng=rng)


@pytest.mark.parametrize("shape", [-1, (2, -1), 1.5, (True,), ("3",)])
def test_bad_shapes(shape: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^shape is .*; expected a non-negative integer or a sequence"):
        noise.gumbel(shape)


@pytest.mark.parametrize("dtype", [np.float16, int, complex, "flot"])
def test_bad_dtypes(dtype: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^dtype is .*; noise is drawn in float64 or float32"):
        noise.gumbel(3, dtype=dtype)


def test_bad_out() -> None:
    readonly = np.empty(3)
    readonly.flags.writeable = False
    for out in (np.empty(4), np.empty(3, "f4"), np.empty((3, 2))[:, 0], readonly):
        with pytest.raises(ArgumentError, match=r"^out is .*; expected a writeable C-contiguous float64 array"):
            noise.gumbel(3, out=out)
    with pytest.raises(ArgumentError, match=r"^out is list; expected a NumPy array"):
        noise.gumbel(3, out=[0.0, 0.0, 0.0])  # type: ignore[arg-type]


def test_other_refusals() -> None:
    for n in (-1, 1.5, True):
        with pytest.raises(ArgumentError, match=r"^n is .*; expected the number of streams"):
            noise.spawn(n)  # type: ignore[arg-type]
        with pytest.raises(ArgumentError, match=r"^n is .*; expected a whole number of 0 or more"):
            noise.NoisePool(3).take(n)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match=r"^x is list; expected a NumPy, PyTorch or JAX array"):
        noise.gumbel_like([0.0])
    for p in ([], [-1.0, 2.0], [0.0, 0.0], [np.nan, 1.0], [[1.0]]):
        with pytest.raises(ArgumentError, match=r"^probabilities must be"):
            noise.AliasUrn(p)
