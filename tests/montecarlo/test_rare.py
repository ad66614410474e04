"""Rare events against closed forms, and the coverage of their intervals."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

from evstats import GEV, Gumbel
from evstats.errors import ArgumentError, DataError, EvstatsWarning
from evstats.montecarlo import FromUniforms, rare_event_probability, tilts
from evstats.montecarlo.rare import RareEvent

Array = NDArray[np.float64]
TINY = 1e-9
HEAVY = GEV(3.0, 2.0, 0.3)


def of_maximum(distribution: Any, terms: int, p: float) -> float:
    """The level that the greatest of so many terms exceeds with probability p."""
    return float(distribution.isf(-math.expm1(math.log1p(-p) / terms)))


#: distribution, terms, statistic and the level exceeded with probability p, in closed form.
PROBLEMS: dict[str, tuple[Any, int, str, Callable[[float], float]]] = {
    "sum of exponentials": (stats.expon(), 10, "sum", lambda p: float(stats.gamma(10).isf(p))),
    "sum of gammas": (stats.gamma(2.5, scale=3.0), 4, "sum", lambda p: float(stats.gamma(10, scale=3.0).isf(p))),
    "sum of normals": (stats.norm(1.0, 2.0), 5, "sum", lambda p: 5.0 + 2.0 * math.sqrt(5) * stats.norm.isf(p)),
    "a Gumbel": (Gumbel(2.0, 3.0), 1, "sum", lambda p: float(Gumbel(2.0, 3.0).isf(p))),
    "maximum of normals": (stats.norm(), 7, "maximum", lambda p: of_maximum(stats.norm(), 7, p)),
    "maximum of exponentials": (stats.expon(), 7, "maximum", lambda p: of_maximum(stats.expon(), 7, p)),
    "maximum of heavy tails": (HEAVY, 20, "maximum", lambda p: of_maximum(HEAVY, 20, p)),
}


def solve(problem: str, p: float, **options: Any) -> RareEvent:
    distribution, terms, statistic, level = PROBLEMS[problem]
    return rare_event_probability(level(p), distribution, terms, statistic=statistic, **options)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_tilting_finds_a_billionth_within_five_percent_of_1e5_draws(problem: str) -> None:
    result = solve(problem, TINY, n=100_000, rng=1, confidence=0.999)
    assert result.draws_used == 100_000
    assert result.relative_error < 0.025
    assert result.value == pytest.approx(TINY, rel=0.05)
    assert result.lower < TINY < result.upper
    assert result == solve(problem, TINY, n=100_000, rng=1, confidence=0.999)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_error_of_tilting_grows_slower_than_any_power_of_the_probability(problem: str) -> None:
    errors = [solve(problem, p, n=20_000, rng=2).relative_error for p in (1e-3, 1e-9, 1e-15)]
    assert errors[2] < 2.0 * errors[1] < 5.0 * errors[0]


@pytest.mark.parametrize("problem", ["sum of normals", "maximum of heavy tails"])
def test_splitting_finds_a_billionth(problem: str) -> None:
    result = solve(problem, TINY, method="splitting", n=8_000, rng=3, confidence=0.999)
    assert result.relative_error < 0.13
    assert result.lower < TINY < result.upper


def test_splitting_sums_heavy_tails_and_takes_any_statistic_and_any_draws() -> None:
    heavy = GEV(0.0, 1.0, 0.2)
    plain = (heavy.rvs((100_000, 12), rng=5).sum(axis=1) > 30.0).mean()
    result = rare_event_probability(30.0, heavy, 12, method="splitting", n=20_000, rng=4)
    both = math.hypot(result.stderr, math.sqrt(plain / 100_000))
    assert abs(result.value - plain) < 4.0 * both < 0.2 * plain
    square = FromUniforms(lambda u: u, dim=2)
    corner = rare_event_probability(
        1.999, square, statistic=lambda u: u.sum(axis=1), method="splitting", n=20_000, rng=6, confidence=0.999
    )
    assert corner.lower < 0.5 * 0.001**2 < corner.upper


@pytest.mark.parametrize("problem", PROBLEMS)
def test_intervals_of_tilting_hold_as_often_as_they_say(problem: str) -> None:
    """Intervals at 0.97 for 0.99 would fail with a probability of 0.9."""
    rng = np.random.default_rng(10)
    results = [solve(problem, TINY, n=2000, rng=rng, confidence=0.99) for _ in range(500)]
    assert 0.98 <= np.mean([result.lower < TINY < result.upper for result in results]) <= 1.0


@pytest.mark.slow
@pytest.mark.parametrize("problem", ["sum of normals", "sum of exponentials", "maximum of heavy tails"])
def test_intervals_of_splitting_hold_as_often_as_they_say(problem: str) -> None:
    rng = np.random.default_rng(11)
    results = [solve(problem, 1e-3, method="splitting", n=1600, rng=rng, confidence=0.99) for _ in range(1000)]
    assert 0.98 <= np.mean([result.lower < 1e-3 < result.upper for result in results]) <= 1.0
    assert np.mean([result.value for result in results]) == pytest.approx(1e-3, rel=0.02)


def test_a_tilted_gumbel_is_what_it_says() -> None:
    tilt = tilts.GumbelTilt(1.0, 2.0)
    draws = tilt.rvs(0.3, (40_000,), np.random.default_rng(1))
    spread = 2.0 * math.sqrt(special.polygamma(1, 0.4))
    assert draws.mean() == pytest.approx(tilt.mean(0.3), abs=5 * spread / 200)
    assert tilt.mean(tilt.tilt_to(30.0)) == pytest.approx(30.0, rel=1e-9)
    assert tilt.cumulant(0.3) == pytest.approx(0.3 + math.lgamma(0.4), rel=1e-12)


def test_a_level_below_the_mean_is_not_tilted_and_one_out_of_reach_is_told() -> None:
    half = rare_event_probability(0.0, stats.norm(), 4, n=10_000, rng=1, confidence=0.999)
    assert half.lower < 0.5 < half.upper
    bounded = GEV(0.0, 1.0, -0.5)
    assert rare_event_probability(-1e9, GEV(0.0, 1.0, 0.5), 3, statistic="maximum", n=1000).value == 1.0
    with pytest.warns(EvstatsWarning, match="may lie beyond what the terms can reach"):
        assert rare_event_probability(2.5, bounded, 3, statistic="maximum", n=1000, rng=1).value == 0.0
    with pytest.warns(EvstatsWarning, match="The level may be out of reach"):
        rare_event_probability(6.5, bounded, 3, method="splitting", n=1000, rng=1)


def test_probabilities_whose_squares_have_no_float_have_an_error_too() -> None:
    tail = rare_event_probability(400.0, Gumbel(0.0, 1.0), n=20_000, statistic="maximum", rng=1, confidence=0.999)
    assert tail.lower < math.exp(-400.0) < tail.upper
    assert 0.0 < tail.relative_error < 0.5


FAULTS: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "level": (lambda: rare_event_probability(math.nan, stats.norm()), ArgumentError, "level is nan"),
    "terms": (lambda: rare_event_probability(3.0, stats.norm(), 0), ArgumentError, "terms is 0"),
    "n": (lambda: rare_event_probability(3.0, stats.norm(), n=10), ArgumentError, "n is 10; expected a whole number"),
    "method": (lambda: rare_event_probability(3.0, stats.norm(), method="tilt"), ArgumentError, "mean 'tilting'"),
    "statistic": (lambda: rare_event_probability(3.0, stats.norm(), statistic="max"), ArgumentError, "'maximum'"),
    "heavy": (lambda: rare_event_probability(3.0, HEAVY), ArgumentError, "Heavy tails cannot be tilted"),
    "function": (lambda: rare_event_probability(3.0, HEAVY, statistic=np.max), ArgumentError, "method='splitting'"),
    "batch": (
        lambda: rare_event_probability(3.0, Gumbel([0, 1], 1), method="splitting"),
        ArgumentError,
        r"a batch, shape \(2,\)",
    ),
    "draws": (lambda: rare_event_probability(3.0, 5, method="splitting"), ArgumentError, "distribution is int"),
    "nan": (
        lambda: rare_event_probability(
            3.0, stats.norm(), statistic=lambda x: np.full(len(x), np.nan), method="splitting"
        ),
        DataError,
        "statistic is NaN at a draw",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named(fault: str) -> None:
    call, error, text = FAULTS[fault]
    with pytest.raises(error, match=text):
        call()
