"""Drawing categories against PyTorch, JAX, NumPy and SciPy: float32 logits, one thread.

OMP_NUM_THREADS=1 pytest tests/benchmarks/test_sampling_speed.py -o addopts= -q
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import precomputed_noise
import pytest
import scipy.special
from precomputed_noise import logits

from evstats import noise, sampling

pytest.importorskip("pytest_benchmark", reason="the benchmarks need pytest-benchmark: pip install '.[test,bench]'")

SIZES = pytest.mark.parametrize("shape", [(1000, 1000), (1000, 50_000)], ids=["1000 x 1000", "1000 x 50,000"])


@pytest.fixture
def torch() -> Any:
    module = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'evstats[torch]'")
    module.set_num_threads(1)
    return module


@pytest.fixture
def jax() -> Any:
    return pytest.importorskip("jax", reason="JAX is not installed: pip install 'evstats[jax]'")


@SIZES
def test_categorical_against_torch(ratios: Any, torch: Any, shape: tuple[int, ...]) -> None:
    x = torch.from_numpy(logits(shape))
    peer = lambda: torch.multinomial(torch.softmax(x, -1), 1)  # noqa: E731
    what = f"categorical {shape}, against torch.multinomial"
    assert ratios.compare(what, ">= 4 times", lambda: sampling.categorical(x, rng=1), peer) >= 4


@SIZES
def test_categorical_against_jax(ratios: Any, jax: Any, shape: tuple[int, ...]) -> None:
    x = jax.numpy.asarray(logits(shape))
    peer = lambda: jax.random.categorical(jax.random.key(1), x).block_until_ready()  # noqa: E731
    ours = lambda: sampling.categorical(x, rng=1).block_until_ready()  # noqa: E731
    assert ratios.compare(f"categorical {shape}, against jax.random.categorical", ">= 4 times", ours, peer) >= 4


@SIZES
def test_categorical_inside_jit(ratios: Any, jax: Any, shape: tuple[int, ...]) -> None:
    """From a JAX key, both compiled."""
    x, key = jax.numpy.asarray(logits(shape)), jax.random.key(1)
    ours = jax.jit(lambda key, x: sampling.categorical(x, rng=key))
    peer = jax.jit(jax.random.categorical)
    what = f"categorical {shape} inside jit, against jax.random.categorical"
    wait = lambda draw: lambda: draw(key, x).block_until_ready()  # noqa: E731
    assert ratios.compare(what, ">= 4 times", wait(ours), wait(peer)) >= 4


@SIZES
def test_gumbel_max_against_torch(ratios: Any, torch: Any, shape: tuple[int, ...]) -> None:
    """Not asked for, and shown: with the noise drawn afresh it is slower than ``categorical``."""
    x = torch.from_numpy(logits(shape))
    peer = lambda: torch.multinomial(torch.softmax(x, -1), 1)  # noqa: E731
    what = f"gumbel_max {shape}, against torch.multinomial"
    assert ratios.compare(what, "> 1 times", lambda: sampling.gumbel_max(x, rng=1), peer) > 1


@SIZES
def test_gumbel_max_against_jax(ratios: Any, jax: Any, shape: tuple[int, ...]) -> None:
    x = jax.numpy.asarray(logits(shape))
    peer = lambda: jax.random.categorical(jax.random.key(1), x).block_until_ready()  # noqa: E731
    ours = lambda: sampling.gumbel_max(x, rng=1).block_until_ready()  # noqa: E731
    assert ratios.compare(f"gumbel_max {shape}, against jax.random.categorical", "> 1 times", ours, peer) > 1


@pytest.mark.parametrize("hard", [False, True])
def test_gumbel_softmax_and_its_gradient(ratios: Any, torch: Any, hard: bool) -> None:
    x = torch.from_numpy(logits((1000, 1000))).requires_grad_()
    weights = torch.randn(1000, 1000)

    def trained(draw: Callable[[], Any]) -> Callable[[], None]:
        def run() -> None:
            x.grad = None
            (draw() * weights).sum().backward()

        return run

    ours = trained(lambda: sampling.gumbel_softmax(x, 0.5, hard=hard, rng=1))
    peer = trained(lambda: torch.nn.functional.gumbel_softmax(x, 0.5, hard=hard))
    what = f"gumbel_softmax and its gradient, hard={hard}, against torch's"
    assert ratios.compare(what, ">= 2 times", ours, peer, rounds=11) >= 2


# -- overhead over the same arithmetic written in the library itself ---------------------------------------------------

OVERHEAD = pytest.mark.parametrize("shape", [(100, 1000), (1000, 1000)], ids=["1e5", "1e6"])
FUNCTIONS = pytest.mark.parametrize("name", ["softmax", "log_softmax", "gumbel_softmax", "gumbel_max"])
Pairs = dict[str, Callable[[], Any]]


def ours(x: Any, g: Any) -> Pairs:
    return {
        "softmax": lambda: sampling.softmax(x),
        "log_softmax": lambda: sampling.log_softmax(x),
        "gumbel_softmax": lambda: sampling.gumbel_softmax(x, 0.5, noise=g),
        "gumbel_max": lambda: sampling.gumbel_max(x, noise=g),
    }


def check_overhead(ratios: Any, what: str, own: Callable[[], Any], native: Callable[[], Any]) -> None:
    assert 1 / ratios.compare(f"{what}: native time over ours", ">= 0.77 times", own, native, rounds=201) <= 1.3


@OVERHEAD
@FUNCTIONS
def test_overhead_in_numpy(ratios: Any, name: str, shape: tuple[int, ...]) -> None:
    x, g = logits(shape), noise.gumbel(shape, rng=1, dtype=np.float32)
    keys = lambda: x - x.max(axis=-1, keepdims=True) + g  # noqa: E731
    native = {
        "softmax": lambda: scipy.special.softmax(x, -1),
        "log_softmax": lambda: scipy.special.log_softmax(x, -1),
        "gumbel_softmax": lambda: scipy.special.softmax(keys() / 0.5, -1),
        "gumbel_max": lambda: keys().argmax(-1),
    }
    check_overhead(ratios, f"{name} {shape}, NumPy", ours(x, g)[name], native[name])


@OVERHEAD
@FUNCTIONS
def test_overhead_in_torch(ratios: Any, torch: Any, name: str, shape: tuple[int, ...]) -> None:
    x, g = torch.from_numpy(logits(shape)), torch.from_numpy(noise.gumbel(shape, rng=1, dtype=np.float32))
    keys = lambda: x - x.amax(-1, keepdim=True) + g  # noqa: E731
    native = {
        "softmax": lambda: torch.softmax(x, -1),
        "log_softmax": lambda: torch.log_softmax(x, -1),
        "gumbel_softmax": lambda: torch.softmax(keys() / 0.5, -1),
        "gumbel_max": lambda: keys().argmax(-1),
    }
    check_overhead(ratios, f"{name} {shape}, torch", ours(x, g)[name], native[name])


@OVERHEAD
@FUNCTIONS
def test_overhead_in_jax(ratios: Any, jax: Any, name: str, shape: tuple[int, ...]) -> None:
    """Against compiled code."""
    x, g = jax.numpy.asarray(logits(shape)), jax.numpy.asarray(noise.gumbel(shape, rng=1, dtype=np.float32))
    keys = lambda x, g: x - x.max(-1, keepdims=True) + g  # noqa: E731
    native = {
        "softmax": jax.jit(lambda x, g: jax.nn.softmax(x)),
        "log_softmax": jax.jit(lambda x, g: jax.nn.log_softmax(x)),
        "gumbel_softmax": jax.jit(lambda x, g: jax.nn.softmax(keys(x, g) / 0.5)),
        "gumbel_max": jax.jit(lambda x, g: keys(x, g).argmax(-1)),
    }
    check_overhead(
        ratios,
        f"{name} {shape}, JAX",
        lambda: ours(x, g)[name]().block_until_ready(),
        lambda: native[name](x, g).block_until_ready(),
    )


# -- "Gumbel-max is faster because the noise can be precomputed" -------------------------------------------------------


@pytest.mark.parametrize("shape", precomputed_noise.SHAPES)
@pytest.mark.parametrize("own", [precomputed_noise.PRECOMPUTED, precomputed_noise.DRAWN])
@pytest.mark.parametrize("peer", [precomputed_noise.LOOP, precomputed_noise.INVERSION, precomputed_noise.CATEGORICAL])
def test_precomputed_noise(ratios: Any, shape: tuple[int, int], own: str, peer: str) -> None:
    """True against a loop of ``choice``; against one vectorised inversion only while the noise is not paid for."""
    ways = precomputed_noise.one_draw_from_each(shape)
    ratio = compare_ways(ratios, f"{own} {shape}, against {peer}", "to know", ways[own], ways[peer])
    assert ratio > (1 if peer == precomputed_noise.LOOP else 0)


@pytest.mark.parametrize(
    ("peer", "wanted"),
    [("categorical(size=)", 2.0), (precomputed_noise.PRECOMPUTED, 10.0), ("Generator.choice(size=)", 2.0)],
)
def test_many_draws_from_one_distribution(ratios: Any, peer: str, wanted: float) -> None:
    ways = precomputed_noise.many_draws_from_one()
    what = f"Categorical(1000 categories).draw, against {peer}"
    assert compare_ways(ratios, what, f">= {wanted:g} times", ways[precomputed_noise.ALIAS], ways[peer]) >= wanted


def compare_ways(ratios: Any, what: str, wanted: str, own: precomputed_noise.Way, peer: precomputed_noise.Way) -> float:
    """Draw for draw."""
    return ratios.compare(what, wanted, own[0], peer[0], work=own[1] / peer[1], rounds=11)
