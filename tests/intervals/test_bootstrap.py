"""Bootstrap intervals: against a plain loop, SciPy's BCa, and what they refuse."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import scipy.stats
from golden import load
from numpy.typing import NDArray

import evstats as ev
from evstats import noise
from evstats.errors import ArgumentError
from evstats.intervals import Bootstrap
from evstats.intervals.bootstrap import SEED

Array = NDArray[np.float64]
PORT_PIRIE = np.array(load("annual_maxima")["port_pirie"]["values"])
KINDS = [(kind, ci) for kind in ("parametric", "nonparametric") for ci in ("percentile", "basic", "bca", "studentized")]


def test_the_percentile_interval_is_that_of_a_loop_over_the_same_noise() -> None:
    fit = ev.fit(PORT_PIRIE, "gumbel")
    g = noise.gumbel((399, PORT_PIRIE.size), rng=SEED)
    levels = [ev.fit(fit.distribution.from_gumbel(row), "gumbel").distribution.isf(0.01) for row in g]
    wanted = np.quantile(levels, [0.05, 0.95], method="weibull")
    table = fit.return_level(100, interval=Bootstrap(399), confidence=0.9)
    np.testing.assert_allclose(table[["lower", "upper"]].to_numpy()[0], wanted, rtol=1e-10)
    mirrored = fit.return_level(100, interval=Bootstrap(399, ci="basic"), confidence=0.9)
    estimate = table["estimate"].iloc[0]
    np.testing.assert_allclose(mirrored[["upper", "lower"]].to_numpy()[0], 2 * estimate - wanted, rtol=1e-10)


def test_the_studentized_interval_is_that_of_a_loop_over_the_same_noise() -> None:
    fit = ev.fit(PORT_PIRIE, "gumbel")
    gradient = np.array([1.0, -np.log(-np.log1p(-0.01))])  # of the level in (loc, scale)

    def error(one: ev.Fit) -> float:
        return float(np.sqrt(gradient @ one.covariance @ gradient))

    fits = [ev.fit(fit.distribution.from_gumbel(g), "gumbel") for g in noise.gumbel((399, PORT_PIRIE.size), rng=SEED)]
    estimate = float(fit.distribution.isf(0.01))
    ratios = [(float(one.distribution.isf(0.01)) - estimate) / error(one) for one in fits]
    wanted = estimate - error(fit) * np.quantile(ratios, [0.95, 0.05], method="weibull")
    table = fit.return_level(100, interval=Bootstrap(399, ci="studentized"), confidence=0.9)
    np.testing.assert_allclose(table[["lower", "upper"]].to_numpy()[0], wanted, rtol=1e-7)


def test_the_bca_interval_is_scipys() -> None:
    """Independent resamples of the same data: equal to within their Monte Carlo error."""
    fit = ev.fit(PORT_PIRIE, "gumbel", method="lmoments")

    def level(x: Array, axis: int) -> Array:
        return np.asarray(ev.fit(np.moveaxis(x, axis, -1), "gumbel", method="lmoments").distribution.isf(0.01))

    seed = "rng" if "rng" in inspect.signature(scipy.stats.bootstrap).parameters else "random_state"  # before 1.15
    scipys = scipy.stats.bootstrap(
        (PORT_PIRIE,), level, n_resamples=20_000, method="BCa", vectorized=True, **{seed: np.random.default_rng(1)}
    ).confidence_interval
    ours = fit.return_level(100, interval=Bootstrap(20_000, "nonparametric", "bca"))
    width = scipys.high - scipys.low
    np.testing.assert_allclose(ours[["lower", "upper"]].to_numpy()[0], scipys, rtol=0, atol=0.03 * width)


@pytest.mark.parametrize(("kind", "ci"), KINDS)
def test_every_kind_is_seeded_named_and_unmoved_by_neighbours_and_units(kind: str, ci: str) -> None:
    interval = Bootstrap(400, kind, ci)
    values = ev.GEV(10.0, 2.0, 0.1).rvs((2, 30), rng=4)
    both = ev.fit(values, "gev").return_level(20, interval=interval)
    assert both.attrs["interval"] == f"{kind} bootstrap, {ci}; 400 simulated samples, seed {SEED}"
    alone = ev.fit(values[1], "gev").return_level(20, interval=interval)
    np.testing.assert_allclose(alone["upper"].iloc[0], both["upper"].iloc[1], rtol=1e-9)
    moved = ev.fit(1e6 * values[1] + 1e9, "gev").return_level(20, interval=interval)
    np.testing.assert_allclose((moved["upper"] - 1e9) / 1e6, alone["upper"], rtol=1e-6)
    other = ev.fit(values[1], "gev").return_level(20, interval=Bootstrap(400, kind, ci, rng=1))
    assert other["upper"].iloc[0] != alone["upper"].iloc[0]


def test_a_generator_gives_new_draws_at_each_call_and_no_seed_is_named() -> None:
    interval = Bootstrap(200, rng=np.random.default_rng(3))
    fit = ev.fit(PORT_PIRIE, "gumbel")
    first, second = fit.return_level(100, interval=interval), fit.return_level(100, interval=interval)
    assert first["upper"].iloc[0] != second["upper"].iloc[0]
    assert "no seed given" in first.attrs["interval"]


def test_a_replicate_with_an_infinite_shortfall_makes_the_upper_end_infinite() -> None:
    heavy = ev.GEV(0.0, 1.0, 0.7).rvs(25, rng=1)
    fit = ev.fit(heavy, "gev")
    assert 0.5 < fit.distribution.shape < 1
    assert np.isinf(fit.expected_shortfall(0.9, interval=Bootstrap(400))["upper"].iloc[0])


@pytest.mark.parametrize("replicates", [0, -3, 2.5, True, "many"])
def test_replicates_are_a_positive_whole_number(replicates: object) -> None:
    with pytest.raises(ArgumentError, match="replicates is"):
        Bootstrap(replicates)  # type: ignore[arg-type]


def test_what_a_bootstrap_refuses() -> None:
    fit = ev.fit(PORT_PIRIE, "gumbel")
    with pytest.raises(
        ArgumentError, match=r"199 replicates are too few for a confidence of 0.95: that takes at least 200"
    ):
        fit.return_level(100, interval=Bootstrap(199))
    with pytest.raises(ArgumentError, match=r"too few for a confidence of 0.999: that takes at least 10000"):
        fit.return_level(100, interval=Bootstrap(4_000), confidence=0.999)
    with pytest.raises(ArgumentError, match=r"unknown kind of bootstrap 'parametrc'.*'parametric'"):
        Bootstrap(kind="parametrc")
    with pytest.raises(ArgumentError, match=r"unknown bootstrap interval 'bc'"):
        Bootstrap(ci="bc")
    moments = ev.fit(PORT_PIRIE, "gumbel", method="moments")
    with pytest.raises(ArgumentError, match=r"studentized bootstrap needs the standard errors of plain maximum"):
        moments.return_level(100, interval=Bootstrap(ci="studentized"))
