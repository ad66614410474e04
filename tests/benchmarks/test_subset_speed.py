"""Top-k without replacement, 100 rows of 50,000, against NumPy and PyTorch; repeated top-k against fresh Gumbels.

OMP_NUM_THREADS=1 pytest tests/benchmarks/test_subset_speed.py -o addopts= -q
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evstats import noise, sampling

pytest.importorskip("pytest_benchmark", reason="the benchmarks need pytest-benchmark: pip install '.[test,bench]'")

LOGITS = np.random.default_rng(1).normal(size=(100, 50_000))
SIZES = pytest.mark.parametrize("k", [10, 100, 1000])


@SIZES
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_against_a_loop_of_choice(ratios: Any, k: int, dtype: str) -> None:
    logits, random, p = LOGITS.astype(dtype), np.random.default_rng(1), sampling.softmax(LOGITS)
    peer = lambda: [random.choice(row.size, k, replace=False, p=row) for row in p]  # noqa: E731
    ours = lambda: sampling.gumbel_top_k(logits, k, rng=1)  # noqa: E731
    what = f"top-{k} of 100 x 50,000 {dtype}, against a loop of Generator.choice"
    assert ratios.compare(what, ">= 1.7 times", ours, peer, rounds=7) >= 1.7


@SIZES
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_against_torch(ratios: Any, k: int, dtype: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'evstats[torch]'")
    torch.set_num_threads(1)
    logits = torch.from_numpy(LOGITS.astype(dtype))
    p = logits.softmax(-1)
    ours = lambda: sampling.gumbel_top_k(logits, k, rng=1)  # noqa: E731
    what = f"top-{k} of 100 x 50,000 {dtype} tensors, against torch.multinomial"
    assert ratios.compare(what, ">= 4 times", ours, lambda: torch.multinomial(p, k), rounds=7) >= 4.0


def test_repeated_draws_against_fresh_gumbels(ratios: Any) -> None:
    logits, random = LOGITS[0], np.random.default_rng(1)
    race = sampling.ExponentialRace(logits)
    fresh = lambda: [sampling.gumbel_top_k(logits, 10, noise=noise.gumbel(50_000, rng=random)) for _ in range(200)]  # noqa: E731
    what = "200 times top-10 of 50,000 by exponential race, against fresh Gumbels"
    assert ratios.compare(what, ">= 25 times", lambda: race.draw(10, size=200, rng=1), fresh, rounds=5) >= 25.0
