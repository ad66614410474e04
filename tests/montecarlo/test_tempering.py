"""Tempering and annealing: modes far apart with the right weights, evidences in closed form, faults that are named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from montecarlo.conftest import exact_skewed, skewed, two_modes
from numpy.typing import NDArray
from scipy import special, stats

from evstats.errors import ArgumentError, DataError, EvstatsWarning
from evstats.montecarlo import Normal, anneal, annealed_importance, metropolis, tempering
from evstats.montecarlo.chains import accept
from evstats.montecarlo.ladder import _Ladder
from evstats.montecarlo.references import Path

Array = NDArray[np.float64]
WIDE = Normal([5.0, 0.0], [64.0, 16.0])
#: log of the integral of exp(two_modes) in two dimensions.
EVIDENCE = float(np.log(2.0 * np.pi))


def test_a_plain_chain_stays_in_the_mode_it_began_in() -> None:
    for centre in (0.0, 10.0):
        found = metropolis(two_modes, [centre, 0.0], 2000, move="random-walk", step=1.0, rng=1)
        assert (np.abs(found.draws[..., 0] - centre) < 5.0).all()


def test_tempering_visits_both_modes_with_the_right_weights() -> None:
    found = tempering(two_modes, reference=WIDE, rng=2)
    assert found.draws.shape == (8, 2000, 2)
    assert (found.flat[:, 0] < 5.0).mean() == pytest.approx(0.3, abs=0.02)
    assert (found.rhat() < 1.01).all()
    assert (found.ess() > 2000).all()
    assert found.restarts > 1000
    assert found.betas[0] == 0.0
    assert found.betas[-1] == 1.0
    assert (np.diff(found.betas) > 0.0).all()
    assert np.ptp(found.swap_rates) < 0.1  # the ladder has spread itself evenly
    assert found.barrier == pytest.approx((1.0 - found.swap_rates).sum())
    answer = found.expectation(lambda x: x[:, 0], confidence=0.999)
    assert answer.lower < 7.0 < answer.upper
    assert abs(found.log_evidence - EVIDENCE) < 4.0 * found.log_evidence_error < 0.1
    short: dict[str, Any] = {"reference": WIDE, "draws": 50, "warmup": 60, "rng": 2}
    np.testing.assert_array_equal(tempering(two_modes, **short).draws, tempering(two_modes, **short).draws)


def test_the_starting_points_are_the_reference_if_there_is_none() -> None:
    start = np.random.default_rng(3).normal([5.0, 0.0], [8.0, 3.0], size=(10, 2))
    found = tempering(two_modes, start, 1500, rng=4)
    assert len(found.draws) == 10
    assert (found.flat[:, 0] < 5.0).mean() == pytest.approx(0.3, abs=0.03)


def test_the_ladder_leaves_all_its_densities_invariant() -> None:
    """States that begin as exact draws of every rung's density are still exact after walks and swaps."""
    count, reference = 20_000, Normal([0.0], [4.0])

    def bell(x: Array) -> Array:
        return -0.5 * (x[..., 0] - 1.0) ** 2 / 0.25

    ladder = _Ladder(Path(bell, reference, 1), np.zeros((count, 1)), 4, 2, np.random.default_rng(5))
    precision = (1.0 - ladder.betas) / 4.0 + ladder.betas / 0.25
    mean = ladder.betas / 0.25 / precision
    rng = np.random.default_rng(6)
    ladder.points = (mean[:, None] + rng.normal(size=(4, count)) / np.sqrt(precision)[:, None])[..., None]
    ladder.target, ladder.base = ladder.path.target(ladder.points), ladder.path.base(ladder.points)
    for i in range(6):
        ladder.iterate(i, adapting=False)
    for rung in range(4):
        z = (ladder.points[rung, :, 0] - mean[rung]) * np.sqrt(precision[rung])
        assert stats.kstest(z, stats.norm.cdf).pvalue > 1e-3
    assert ladder.restarts > 0


def test_a_bounded_and_curved_target_from_a_reference_that_reaches_beyond() -> None:
    found = tempering(skewed, reference=Normal([3.0, 1.0], [16.0, 4.0]), draws=1500, levels=8, rng=7)
    assert found.flat[:, 0].mean() == pytest.approx(3.0, abs=0.15)
    evidence = np.log(2.0) + 0.5 * np.log(np.pi / 2.0)
    assert abs(found.log_evidence - evidence) < 4.5 * found.log_evidence_error < 0.2


def test_intervals_of_the_evidence_hold_as_often_as_they_say() -> None:
    """120 repeats at once: the chains are independent ladders, so each repeat is a group of them."""
    repeats, group = 120, 8
    wide = Normal([0.0], [9.0])

    def bell(x: Array) -> Array:
        return -0.5 * (x[..., 0] - 2.0) ** 2

    path = Path(bell, wide, 1)
    rng = np.random.default_rng(8)
    ladder = _Ladder(path, wide.rvs(repeats * group, rng), 8, 2, rng)
    for i in range(60):
        ladder.iterate(i, adapting=True)
    ladder.spread(fresh_walks=True)
    for i in range(60):
        ladder.iterate(i, adapting=True)
    ladder.spread(fresh_walks=False)
    for i in range(100):
        ladder.iterate(i, adapting=False)
    kept = ladder.ratios
    covered = []
    for i in range(0, repeats * group, group):
        ladder.ratios = [ratios[:, i : i + group] for ratios in kept]
        value, error = ladder.evidence()
        covered.append(abs(value - 0.5 * np.log(2.0 * np.pi)) < special.stdtrit(group - 1, 0.995) * error)
    assert 0.97 <= np.mean(covered) <= 1.0


def test_nothing_from_the_reference_is_told() -> None:
    with pytest.warns(EvstatsWarning, match="No state came from the reference to the target after warm-up"):
        tempering(lambda x: -5e7 * np.sum(x * x, axis=-1), [0.0, 0.0], 20, reference=WIDE, levels=2, warmup=10, rng=1)


def test_annealing_finds_the_highest_of_many_hills() -> None:
    def rastrigin(x: Array) -> Array:
        z = x - [1.5, -0.7, 2.0]
        return np.asarray(-np.sum(z * z - 3.0 * np.cos(2.0 * np.pi * z), axis=-1))

    found = anneal(rastrigin, np.random.default_rng(1).uniform(-8.0, 8.0, size=(32, 3)), rng=2)
    np.testing.assert_allclose(found.point, [1.5, -0.7, 2.0], atol=0.02)
    assert found.value == pytest.approx(9.0, abs=0.01)
    assert found.value == found.values.max()
    assert found.values.shape == (32,)
    np.testing.assert_allclose(rastrigin(found.points), found.values)
    np.testing.assert_array_equal(
        found.point, anneal(rastrigin, np.random.default_rng(1).uniform(-8.0, 8.0, size=(32, 3)), rng=2).point
    )


def test_annealed_importance_sampling_weighs_both_modes() -> None:
    found = annealed_importance(two_modes, WIDE, 4000, rng=3)
    assert abs(found.log_evidence - EVIDENCE) < 4.0 * found.log_evidence_error < 0.3
    share, error = found.mean(lambda x: x[:, 0] < 5.0)
    assert abs(share - 0.3) < 4.0 * error < 0.15
    assert found.ess > 1000
    assert found.khat < 0.7
    weights = np.exp(found.logweights)
    assert weights.mean() == pytest.approx(1.0, rel=0.05)


def test_the_evidence_of_annealed_importance_sampling_is_unbiased_however_short_the_way() -> None:
    ratios, covered = [], []
    for seed in range(300):
        found = annealed_importance(
            lambda x: -0.5 * np.sum((x - 2.0) ** 2, axis=-1), Normal([0.0], [4.0]), 200, levels=4, moves=1, rng=seed
        )
        ratio = np.exp(found.log_evidence) / np.sqrt(2.0 * np.pi)
        ratios.append(ratio)
        covered.append(abs(np.log(ratio)) < 2.576 * found.log_evidence_error)
    assert np.mean(ratios) == pytest.approx(1.0, abs=4.0 * np.std(ratios) / np.sqrt(300))
    assert np.mean(covered) > 0.96


def test_weights_of_infinite_variance_are_told() -> None:
    with pytest.warns(EvstatsWarning, match="cannot be trusted: khat is"):
        annealed_importance(
            lambda x: -0.5 * x[..., 0] ** 2 / 400.0, Normal([0.0], [1.0]), 2000, levels=1, moves=1, rng=1
        )


def test_metropolis_rule_accepts_as_often_as_it_should() -> None:
    rng = np.random.default_rng(1)
    accepted = accept(rng, np.log(np.full(100_000, 0.3)))
    assert accepted.mean() == pytest.approx(0.3, abs=0.006)
    assert accept(rng, np.array([0.0, 5.0, np.inf])).all()
    assert not accept(rng, np.array([-np.inf, np.nan])).any()


def test_the_normal_reference_is_that_of_scipy() -> None:
    covariance = np.array([[4.0, 1.0], [1.0, 2.0]])
    ours, theirs = Normal([1.0, 2.0], covariance), stats.multivariate_normal([1.0, 2.0], covariance)
    x = exact_skewed(20, 1).reshape(4, 5, 2)
    np.testing.assert_allclose(ours.logpdf(x), theirs.logpdf(x), rtol=1e-12)
    np.testing.assert_array_equal(ours.logpdf([[np.inf, 1.0], [np.nan, 1.0]]), [-np.inf, np.nan])
    np.testing.assert_allclose(np.cov(ours.rvs(50_000, 1).T), covariance, atol=0.1)
    found = tempering(two_modes, reference=theirs, draws=20, warmup=20, levels=3, rng=1)
    assert found.draws.shape == (8, 20, 2)


FAULTS: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "reference": (
        lambda: tempering(two_modes, [0.0, 0.0]),
        ArgumentError,
        "start must hold more points than",
    ),
    "kind": (lambda: tempering(two_modes, reference=3), ArgumentError, "reference is int; it must have rvs"),  # type: ignore[arg-type]
    "levels": (lambda: tempering(two_modes, reference=WIDE, levels=1), ArgumentError, "levels is 1"),
    "moves": (lambda: tempering(two_modes, reference=WIDE, moves=0), ArgumentError, "moves is 0"),
    "start": (lambda: tempering(skewed, [-1.0, 0.0], reference=WIDE), DataError, "-inf at 8 of 8 starting points"),
    "nowhere": (
        lambda: tempering(lambda x: np.full(x.shape[:-1], -np.inf), reference=WIDE),
        DataError,
        "the target has a density at only 0 of",
    ),
    "narrow": (
        lambda: tempering(lambda x: -(x[..., 0] ** 2), [[-1.0]], reference=stats.gamma(2.0)),  # type: ignore[arg-type]
        ArgumentError,
        "must cover the target",
    ),
    "covariance": (lambda: Normal([0.0], [-1.0]), ArgumentError, "not positive definite"),
    "sizes": (lambda: Normal([0.0], [1.0, 2.0]), ArgumentError, "they do not match"),
    "iterations": (lambda: anneal(two_modes, [0.0, 0.0], 3), ArgumentError, "iterations is 3"),
    "heat": (lambda: anneal(two_modes, [0.0, 0.0], temperatures=(1.0, 2.0)), ArgumentError, "temperatures are"),
    "draws": (lambda: annealed_importance(two_modes, WIDE, 5), ArgumentError, "n is 5"),
    "shape": (lambda: annealed_importance(np.sum, WIDE), ArgumentError, "logpdf returned an array of shape"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named(fault: str) -> None:
    call, error, text = FAULTS[fault]
    with pytest.raises(error, match=text):
        call()


def test_annealed_importance_sampling_that_never_meets_the_target_says_so() -> None:
    with pytest.raises(DataError, match="the target's density is 0 along all 100 walks"):
        annealed_importance(lambda x: np.where(x[..., 0] > 1e3, 0.0, -np.inf), Normal([0.0], [1.0]), 100, rng=1)
