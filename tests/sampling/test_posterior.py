"""The noise given its argmax: consistent with what was observed, and standard Gumbel again when that is forgotten."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.stats

from evstats import noise, sampling
from evstats.errors import ArgumentError

LOGITS = np.array([0.0, 1.0, 2.0, -np.inf])
N = 50_000


def test_without_the_observation_it_is_standard_gumbel_noise() -> None:
    rows = np.broadcast_to(LOGITS, (N, 4))
    g = sampling.posterior_gumbel(rows, sampling.gumbel_max(rows, rng=1), rng=2)
    for category in range(4):
        assert scipy.stats.kstest(g[:, category], scipy.stats.gumbel_r.cdf).pvalue > 1e-3
    correlations = np.corrcoef(g.T)[np.triu_indices(4, 1)]
    assert np.abs(correlations).max() < 4.0 / N**0.5


@pytest.mark.parametrize("observed", [0, 2])
def test_it_is_what_rejection_keeps(observed: int) -> None:
    g = noise.gumbel((N, 4), rng=3)
    kept = g[(LOGITS + g).argmax(axis=1) == observed]
    drawn = sampling.posterior_gumbel(np.broadcast_to(LOGITS, (N, 4)), np.full(N, observed), rng=4)
    for category in range(4):
        assert scipy.stats.ks_2samp(kept[:, category], drawn[:, category]).pvalue > 1e-3


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_observed_category_always_wins(dtype: Any) -> None:
    random = np.random.default_rng(5)
    logits = (3.0 * random.normal(size=(3000, 300))).astype(dtype)
    observed = random.integers(300, size=3000)
    g = sampling.posterior_gumbel(logits, observed, rng=6)
    assert g.dtype == dtype
    assert np.isfinite(g).all()
    np.testing.assert_array_equal((logits + g).argmax(axis=1), observed)
    np.testing.assert_array_equal(sampling.gumbel_max(logits, noise=g), observed)


def test_the_observed_category_wins_against_noise_that_would_tie() -> None:
    g = np.full((4, 3), 30.0, np.float32)
    logits = np.float32([[0.0, 0.0, 0.0], [9.0, 0.0, -9.0], [-40.0, 0.0, 1.0], [-80.0, 0.0, 3.0]])
    posterior = sampling.posterior_gumbel(logits, np.zeros(4, int), noise=g)
    np.testing.assert_array_equal((logits + posterior).argmax(axis=1), 0)
    np.testing.assert_array_equal(sampling.gumbel_max(logits, noise=posterior), 0)


def test_a_counterfactual_under_the_same_logits_is_what_happened() -> None:
    g = sampling.posterior_gumbel([0.0, 0.0], 0, rng=7)
    assert sampling.gumbel_max([3.0, 0.0], noise=g) == 0  # made likelier, it happens all the more


def test_axis() -> None:
    logits, observed, g = (
        np.random.default_rng(8).normal(size=(3, 4, 2)),
        np.array([[0, 1]] * 3),
        noise.gumbel((3, 4, 2), rng=1),
    )
    middle = sampling.posterior_gumbel(logits, observed, axis=1, noise=g)
    last = sampling.posterior_gumbel(np.moveaxis(logits, 1, -1), observed, noise=np.moveaxis(g, 1, -1))
    np.testing.assert_allclose(np.moveaxis(middle, 1, -1), last, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_same_in_every_library(library: Any, dtype: Any) -> None:
    logits = np.random.default_rng(9).normal(size=(5, 6)).astype(dtype)
    logits[2, 3] = -np.inf
    observed = np.arange(5)
    expected = sampling.posterior_gumbel(logits, observed, rng=9)
    for indices in (observed, library.make(observed)):
        g = library.read(sampling.posterior_gumbel(library.make(logits), indices, rng=9))
        assert g.dtype == dtype
        np.testing.assert_allclose(g, expected, rtol=0, atol=1e-12 if dtype is np.float64 else 2e-6)


def test_gradients_are_finite_differences(differentiating: Any, finite_difference: Any) -> None:
    logits, g, weights = np.array([0.3, -0.2, 1.0, 0.1]), noise.gumbel(4, rng=1), np.array([1.0, 2.0, -1.0, 0.5])

    def f(x: Any) -> Any:
        posterior = sampling.posterior_gumbel(x, 1, noise=g)
        return (posterior * posterior * (x * 0 + 1.0)).sum() + posterior[0] * weights[0]

    np.testing.assert_allclose(differentiating.gradient(f, logits), finite_difference(f, logits), atol=1e-7)


def test_a_mask_has_gradient_0(differentiating: Any) -> None:
    slope = differentiating.gradient(lambda x: sampling.posterior_gumbel(x, 0, rng=1).sum(), LOGITS)
    assert np.isfinite(slope).all()
    assert slope[3] == 0.0


@pytest.mark.parametrize(
    ("observed", "message"),
    [
        (
            3,
            "observed names a category of probability 0 (its logit is -inf, or another's is +inf), which cannot"
            " have been drawn.",
        ),
        (4, "observed holds an index outside 0 to 3."),
        (-1, "observed holds an index outside 0 to 3."),
        (1.0, "observed has dtype float64; expected integers, the indices of categories."),
        ([1, 2], "observed has shape (2,); expected (), one category for each row."),
    ],
)
def test_bad_observations(observed: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        sampling.posterior_gumbel(LOGITS, observed, rng=1)
    assert str(error.value) == message


def test_bad_noise() -> None:
    with pytest.raises(ArgumentError, match=r"^noise has shape"):
        sampling.posterior_gumbel(LOGITS, 0, noise=np.zeros(3))
    with pytest.raises(ArgumentError, match=r"^logits are -inf throughout"):
        sampling.posterior_gumbel([-np.inf, -np.inf], 0, rng=1)


def test_a_certain_category_is_the_only_one_that_can_have_been_observed() -> None:
    logits = [0.0, np.inf, 3.0]
    noise = sampling.posterior_gumbel(logits, 1, rng=1)
    assert np.isfinite(noise).all()
    assert sampling.gumbel_max(logits, noise=noise) == 1
    with pytest.raises(ArgumentError, match="a category of probability 0"):
        sampling.posterior_gumbel(logits, 0, rng=1)
