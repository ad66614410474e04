"""Reservoir sampling is Gumbel top-k over a stream that is never held."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
import scipy.stats

from evstats import noise, sampling
from evstats.errors import ArgumentError, DataError

N = 20_000
WEIGHTS = np.array([0.35, 0.0, 3.5, 2.1, 1.05])
F = np.array([9.0, 100.0, 1.0, 5.0, -2.0])


@pytest.fixture(scope="module")
def samples() -> list[sampling.ReservoirSample[int]]:
    random = noise.generator(1)
    return [sampling.reservoir_sample(enumerate(WEIGHTS), 2, rng=random) for _ in range(N)]


def test_orders_have_their_plackett_luce_probabilities(samples: list[sampling.ReservoirSample[int]]) -> None:
    orders = list(itertools.permutations([0, 2, 3, 4], 2))
    p = WEIGHTS / WEIGHTS.sum()
    expected = np.array([p[a] * p[b] / (1.0 - p[a]) for a, b in orders]) * N
    drawn = [sample.items for sample in samples]
    assert scipy.stats.chisquare([drawn.count(order) for order in orders], expected).pvalue > 1e-3


def test_keys_and_threshold_are_those_of_gumbel_top_k(samples: list[sampling.ReservoirSample[int]]) -> None:
    with np.errstate(divide="ignore"):
        direct = sampling.gumbel_top_k(np.broadcast_to(np.log(WEIGHTS), (N, 5)), 2, rng=2)
    for j in (0, 1):
        assert scipy.stats.ks_2samp([sample.keys[j] for sample in samples], direct.keys[:, j]).pvalue > 1e-3
    assert scipy.stats.ks_2samp([sample.threshold for sample in samples], direct.threshold).pvalue > 1e-3


def test_weights_are_unbiased(samples: list[sampling.ReservoirSample[int]]) -> None:
    estimates = np.array([sample.weights @ F[list(sample.items)] for sample in samples])
    assert abs(estimates.mean() - WEIGHTS @ F / WEIGHTS.sum()) < 4.0 * estimates.std() / N**0.5


def test_a_long_stream_is_sampled_in_proportion_to_its_weights_wherever_they_stand() -> None:
    weights = np.concatenate([np.full(500, 1.0), np.full(250, 2.0), np.full(500, 1.0)])
    random = noise.generator(3)
    drawn = [sampling.reservoir_sample(enumerate(weights.tolist()), 1, rng=random).items[0] for _ in range(2000)]
    counts = np.histogram(drawn, bins=[0, 250, 500, 750, 1000, 1250])[0]
    assert scipy.stats.chisquare(counts, 2000 * np.array([1, 1, 2, 1, 1]) / 6).pvalue > 1e-3


def test_the_stream_is_read_once_and_not_held() -> None:
    alive = 0
    most = 0

    class Item:
        def __init__(self) -> None:
            nonlocal alive, most
            alive += 1
            most = max(most, alive)

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def stream() -> Iterator[tuple[Item, float]]:
        for _ in range(5000):
            yield Item(), 1.0

    sample = sampling.reservoir_sample(stream(), 10, rng=4)
    assert sample.seen == 5000
    assert sample.total == 5000.0
    assert len(set(sample.items)) == 10
    assert most < 20


def test_a_whole_stream_is_a_census() -> None:
    sample = sampling.reservoir_sample(enumerate([1.0, 2.0, 0.0, 3.0]), 3, rng=5)
    assert set(sample.items) == {0, 1, 3}
    assert sample.threshold == -np.inf
    np.testing.assert_allclose(sample.weights, sample.item_weights / 6.0)


def test_the_same_seed_gives_the_same_sample() -> None:
    first, second = (sampling.reservoir_sample(enumerate(range(1, 999)), 7, rng=6).items for _ in range(2))
    assert first == second


def test_bad_arguments() -> None:
    with pytest.raises(ArgumentError, match=r"^k is 3, but the stream had only 2 items of positive weight\.$"):
        sampling.reservoir_sample([("a", 1.0), ("b", 0.0), ("c", 2.0)], 3, rng=1)
    with pytest.raises(ArgumentError, match=r"^k is -1; expected a whole number of 1 or more\.$"):
        sampling.reservoir_sample([("a", 1.0)], -1, rng=1)
    for entry in (7, ("b", "2"), ("b", 2, 3)):
        with pytest.raises(DataError, match=r"^item 1 of the stream is .*; expected a pair, the item and its weight"):
            sampling.reservoir_sample([("a", 1.0), entry], 1, rng=1)  # type: ignore[list-item]
    for weight in (-1.0, np.inf, np.nan):
        with pytest.raises(
            DataError, match=r"^the weight of item 1 of the stream is .*; expected 0 or more, finite\.$"
        ):
            sampling.reservoir_sample([("a", 1.0), ("b", weight)], 1, rng=1)
