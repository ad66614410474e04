"""Posterior draws against emcee on the same log-density: effective draws a second, and exact draws a second.

OMP_NUM_THREADS=1 pytest tests/benchmarks/test_bayes_speed.py -o addopts= -q
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from evstats import GEV
from evstats.estimators import Posterior
from evstats.montecarlo import metropolis
from evstats.montecarlo.chains import arviz

pytest.importorskip("pytest_benchmark", reason="the benchmarks need pytest-benchmark: pip install '.[test,bench]'")
emcee = pytest.importorskip("emcee", reason="emcee is not installed: pip install '.[bench]'")

Array = NDArray[np.float64]
CHAINS, DRAWS, WARMUP = 64, 2000, 500


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    result = call()
    return result, time.perf_counter() - start


def least_ess(draws: Array) -> float:
    """The least bulk effective sample size over the dimensions of draws (chains, draws, dim)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return min(float(arviz().ess(draws[..., i])) for i in range(draws.shape[-1]))


def by_emcee(posterior: Posterior, start: Array, draws: int, vectorized: bool) -> Array:
    sampler = emcee.EnsembleSampler(*start.shape, posterior.standard, vectorize=vectorized)
    sampler.random_state = np.random.RandomState(1).get_state()
    sampler.run_mcmc(start, WARMUP + draws)
    return np.asarray(sampler.get_chain(discard=WARMUP)).swapaxes(0, 1)


@pytest.fixture
def posterior(annual_maxima: dict[str, Array]) -> Posterior:
    return Posterior(GEV, annual_maxima["port_pirie"])


@pytest.mark.parametrize("vectorized", [False, True], ids=["point by point", "all walkers at once"])
def test_effective_draws_a_second_against_emcee(
    ratios: Any, benchmark: Any, posterior: Posterior, vectorized: bool
) -> None:
    random = np.random.default_rng(1)
    start = posterior.start() + 0.05 * random.standard_normal((CHAINS, 3))
    ours_rates, peer_rates = [], []
    for seed in range(5 if vectorized else 3):
        found, seconds = timed(
            lambda seed=seed: metropolis(posterior.standard, start, DRAWS, warmup=WARMUP, rng=seed)  # type: ignore[misc]
        )
        ours_rates.append(least_ess(found.draws) / seconds)
        chain, seconds = timed(lambda: by_emcee(posterior, start, DRAWS, vectorized))
        peer_rates.append(least_ess(chain) / seconds)
    each = [own / peer for own, peer in zip(ours_rates, peer_rates, strict=True)]
    ratio = statistics.median(each)
    what = "effective draws a second, 64 chains x 2,000, emcee " + ("vectorised" if vectorized else "point by point")
    ratios.note(what, "20" if not vectorized else "-", f"{ratio:.3g} ({min(each):.3g} to {max(each):.3g})")
    benchmark.pedantic(lambda: posterior.standard(start), rounds=1, iterations=1)
    assert (found.rhat() < 1.01).all()
    assert ratio > (5 if vectorized else 20)


def test_exact_draws_a_second_and_agreement_with_emcee(ratios: Any, benchmark: Any, posterior: Posterior) -> None:
    benchmark.pedantic(lambda: posterior.sample(10, rng=1), rounds=1, iterations=1)
    rates = [200_000 / timed(lambda: posterior.sample(200_000, rng=1))[1] for _ in range(5)]
    ratios.note("exact draws a second, Port Pirie GEV", "80,000", f"{statistics.median(rates):,.0f}")
    assert statistics.median(rates) > 80_000
    exact = posterior.sample(200_000, rng=2).parameters
    start = posterior.start() + 0.05 * np.random.default_rng(1).standard_normal((CHAINS, 3))
    chain = by_emcee(posterior, start, 4000, True)
    natural = posterior._from_standard(chain)
    for i in range(3):
        error = natural[..., i].std() / np.sqrt(least_ess(chain[..., i : i + 1]))
        off = (natural[..., i].mean() - exact[:, i].mean()) / np.hypot(error, exact[:, i].std() / np.sqrt(200_000))
        ratios.note(
            f"emcee's mean of {GEV.parameter_names[i]} less exact draws', in standard errors", "4", f"{off:.2f}"
        )
        assert abs(off) < 4.0
        for q in (0.05, 0.95):
            level = np.quantile(exact[:, i], q)
            assert np.mean(natural[..., i] < level) == pytest.approx(q, abs=0.02)
