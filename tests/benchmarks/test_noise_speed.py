"""The noise against NumPy, PyTorch and JAX: 4e6 values, called with an integer seed, one thread.

OMP_NUM_THREADS=1 pytest tests/benchmarks/test_noise_speed.py -o addopts= -q
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evstats import noise

pytest.importorskip("pytest_benchmark", reason="the benchmarks need pytest-benchmark: pip install '.[test,bench]'")

SIZE = 4_000_000


def ours(dtype: Any) -> Any:
    return lambda: noise.gumbel(SIZE, rng=42, dtype=dtype)


@pytest.mark.parametrize(("dtype", "wanted"), [("float32", 4.5), ("float64", 2.5)])
def test_against_numpy(ratios: Any, dtype: str, wanted: float) -> None:
    """NumPy has no Gumbel noise in float32; its float64 noise is the measure of both."""
    peer = lambda: np.random.default_rng(42).gumbel(size=SIZE)  # noqa: E731
    what = f"{dtype} noise, against float64 Generator.gumbel"
    assert ratios.compare(what, f">= {wanted} times", ours(dtype), peer, rounds=15) >= wanted


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("way", ["-log(exponential_())", "-log(-log(rand()))"])
def test_against_torch(ratios: Any, dtype: str, way: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'evstats[torch]'")
    torch.set_num_threads(1)
    kind = getattr(torch, dtype)
    ways = {
        "-log(exponential_())": lambda rng: -torch.empty(SIZE, dtype=kind).exponential_(generator=rng).log(),
        "-log(-log(rand()))": lambda rng: -torch.log(-torch.log(torch.rand(SIZE, dtype=kind, generator=rng))),
    }
    peer = lambda: ways[way](torch.Generator().manual_seed(42))  # noqa: E731
    assert ratios.compare(f"{dtype} noise, against {way} of torch", "> 1 times", ours(dtype), peer) > 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("mode", ["low", "high"])
def test_against_jax(ratios: Any, dtype: str, mode: str) -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install 'evstats[jax]'")
    jax.config.update("jax_enable_x64", True)
    peer = lambda: jax.random.gumbel(jax.random.key(42), (SIZE,), dtype, mode=mode).block_until_ready()  # noqa: E731
    assert ratios.compare(f"{dtype} noise, against jax.random.gumbel ({mode})", "> 1 times", ours(dtype), peer) > 1
