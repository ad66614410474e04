"""Stochastic beam search is Gumbel top-k over the leaves, which it never lists."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import scipy.stats

from evstats import noise, sampling
from evstats.errors import ArgumentError
from evstats.sampling.beam import keys_below

N = 8000
#: A lopsided tree: a leaf beside a branch of two levels.
TREE: dict[str, dict[str, float]] = {
    "": {"a": 0.5, "b": 0.5},
    "b": {"ba": 0.6, "bb": 0.4},
    "bb": {"bba": 0.75, "bbb": 0.25, "never": 0.0},
}
LEAVES = {"a": 0.5, "ba": 0.3, "bba": 0.15, "bbb": 0.05}
F = {"a": 1.0, "ba": 5.0, "bba": -2.0, "bbb": 9.0}


def expand(node: str) -> tuple[list[str], np.ndarray] | None:
    if node not in TREE:
        return None
    with np.errstate(divide="ignore"):
        return list(TREE[node]), np.log(list(TREE[node].values()))


@pytest.fixture(scope="module")
def samples() -> list[sampling.BeamSample[str]]:
    random = noise.generator(1)
    return [sampling.beam_search(expand, "", 2, rng=random) for _ in range(N)]


def test_orders_have_their_plackett_luce_probabilities(samples: list[sampling.BeamSample[str]]) -> None:
    orders = list(itertools.permutations(LEAVES, 2))
    p = np.array([LEAVES[a] * LEAVES[b] / (1.0 - LEAVES[a]) for a, b in orders])
    drawn = [sample.leaves for sample in samples]
    assert scipy.stats.chisquare([drawn.count(order) for order in orders], p * N).pvalue > 1e-3
    for sample in samples[:50]:
        assert np.exp(sample.log_probabilities.sum()) == pytest.approx(p[orders.index(sample.leaves)])


def test_keys_and_threshold_are_those_of_gumbel_top_k(samples: list[sampling.BeamSample[str]]) -> None:
    logits = np.log(list(LEAVES.values()))
    direct = sampling.gumbel_top_k(np.broadcast_to(logits, (N, 4)), 2, rng=2)
    for j in (0, 1):
        keys = [sample.keys[j] for sample in samples]
        assert scipy.stats.ks_2samp(keys, direct.keys[:, j]).pvalue > 1e-3
    assert scipy.stats.ks_2samp([sample.threshold for sample in samples], direct.threshold).pvalue > 1e-3


def test_weights_are_unbiased(samples: list[sampling.BeamSample[str]]) -> None:
    estimates = np.array([sample.mean([F[leaf] for leaf in sample.leaves]) for sample in samples])
    truth = sum(p * F[leaf] for leaf, p in LEAVES.items())
    assert abs(estimates.mean() - truth) < 4.0 * estimates.std() / N**0.5


def test_all_leaves_are_a_census() -> None:
    sample = sampling.beam_search(expand, "", 4, rng=3)
    assert set(sample.leaves) == set(LEAVES)
    assert sample.threshold == -np.inf
    assert sample.mean([1.0] * 4) == pytest.approx(1.0)
    np.testing.assert_allclose(sample.log_p, np.log([LEAVES[leaf] for leaf in sample.leaves]))


def test_the_children_of_a_node_share_its_key() -> None:
    keys = keys_below(np.array([0.5, 3.0, -2.0, -np.inf]), -10.0)
    assert keys[1] == -10.0
    assert (keys[[0, 2]] < -10.0).all()
    assert keys[3] == -np.inf


def test_a_large_tree_is_visited_sparsely() -> None:
    """Words of 12 letters out of 10: 10^12 leaves, about (k + 1) * 12 nodes expanded."""
    visited = []
    log_p = sampling.log_softmax(np.arange(10.0))

    def letters(word: str) -> tuple[list[str], np.ndarray] | None:
        visited.append(word)
        return ([word + letter for letter in "0123456789"], log_p) if len(word) < 12 else None

    sample = sampling.beam_search(letters, "", 5, rng=4)
    assert len(set(sample.leaves)) == 5
    assert len(visited) <= 1 + 6 * 12
    expected = [sum(log_p[int(letter)] for letter in word) for word in sample.leaves]
    np.testing.assert_allclose(sample.log_p, expected)
    again = sampling.beam_search(letters, "", 5, rng=4)
    assert again.leaves == sample.leaves


@pytest.mark.parametrize(
    ("tree", "k", "message"),
    [
        (expand, 5, "k is 5, but the tree has only 4 leaves of positive probability."),
        (expand, 0, "k is 0; expected a whole number of 1 or more."),
        (
            lambda node: ("ab", [0.0, 0.0]) if node == "" else None,
            1,
            "expand returned log-probabilities whose exponentials sum to 2; expected 1, given the node. "
            "Apply log_softmax.",
        ),
        (
            lambda node: [1, 2, 3],
            1,
            "expand returned list; expected (children, log-probabilities), or None for a leaf.",
        ),
        (lambda node: 7, 1, "expand returned int; expected (children, log-probabilities), or None for a leaf."),
        (
            lambda node: ("ab", [0.0]) if node == "" else None,
            1,
            "expand returned 2 children and log-probabilities of shape (1,); expected one for each child.",
        ),
    ],
)
def test_bad_arguments(tree: Any, k: int, message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        sampling.beam_search(tree, "", k, rng=1)
    assert str(error.value) == message


def test_log_probabilities_of_another_library(library: Any) -> None:
    def other(node: str) -> Any:
        grown = expand(node)
        return None if grown is None else (grown[0], library.make(grown[1]))

    assert sampling.beam_search(other, "", 2, rng=5).leaves == sampling.beam_search(expand, "", 2, rng=5).leaves
