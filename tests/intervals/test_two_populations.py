"""Intervals of two populations: the profile against an independent climb, its limits, what stands in, coverage."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import scipy.optimize
from numpy.typing import NDArray

import evstats as ev
from evstats import Gumbel, TwoComponentGumbel, noise
from evstats.errors import ArgumentError
from evstats.estimators import MaximumLikelihood
from evstats.intervals import INTERVALS, Calibrated
from evstats.intervals.root_table import VARIATES
from evstats.intervals.two_populations import Held, Samples

Array = NDArray[np.float64]
APART = TwoComponentGumbel(100.0, 20.0, 40.0, 90.0)
X = APART.rvs(60, rng=1)
#: Of 60 values of one population, that have a fit of two all the same.
ONE = Gumbel(100.0, 20.0).rvs(60, rng=3)
QUICK = Calibrated(replicates=20)


def fitted(x: Array) -> ev.Fit:
    """The fit of two populations to a sample, made once."""
    return _fitted(tuple(x))


@cache
def _fitted(values: tuple[float, ...]) -> ev.Fit:
    return ev.fit(np.array(values), "tcev")


def limits(x: Array, interval: str | Calibrated = QUICK, confidence: float = 0.95, period: float = 100.0) -> Array:
    return _limits(tuple(x), interval, confidence, period)


@cache
def _limits(values: tuple[float, ...], interval: str | Calibrated, confidence: float, period: float) -> Array:
    table = _fitted(values).return_level(period, interval=interval, confidence=confidence)
    return table[["lower", "upper"]].to_numpy()[0]


def test_the_likelihood_with_a_level_held_is_the_familys_and_its_derivatives_are_differences() -> None:
    held = Held(X[None], np.array([400.0]), VARIATES[[3]])
    point = np.array([[np.log(18.0)], [np.log(70.0)], [-6.0]])
    natural = held.natural(np.array([0]), point)
    found = held(np.array([0]), point)
    assert found.value[0] == pytest.approx(TwoComponentGumbel(*natural[0]).logpdf(X).sum(), rel=1e-12)
    assert TwoComponentGumbel(*natural[0]).reduced(400.0) == pytest.approx(VARIATES[3], rel=1e-12)
    np.testing.assert_allclose(held.free(natural), point, rtol=1e-10)
    for i in range(3):
        step = np.zeros((3, 1))
        step[i] = 1e-5
        above, below = held(np.array([0]), point + step), held(np.array([0]), point - step)
        assert found.gradient[i, 0] == pytest.approx((above.value[0] - below.value[0]) / 2e-5, rel=1e-6, abs=1e-6)
        np.testing.assert_allclose(
            found.hessian[i, :, 0], (above.gradient - below.gradient)[:, 0] / 2e-5, rtol=1e-5, atol=1e-5
        )


@pytest.mark.parametrize("level", [250.0, 330.0, 450.0, 800.0])
def test_the_profile_is_what_another_climb_finds(level: float) -> None:
    estimate = MaximumLikelihood().estimate(TwoComponentGumbel, X[None]).parameters
    samples, lane = Samples.of(X[None], estimate), np.array([0])
    height = samples.held(lane, np.array([level]), VARIATES[[3]])
    assert TwoComponentGumbel(*height.parameters[0]).isf(0.01) == pytest.approx(level, rel=1e-9)
    assert TwoComponentGumbel(*height.parameters[0]).logpdf(X).sum() == pytest.approx(height.value[0], rel=1e-9)

    def loss(point: Array) -> float:
        log_ratio, log_scale, logit = point
        if not 0.0 <= log_ratio <= np.log(50.0):
            return np.inf
        y, scale, scale2 = VARIATES[3], np.exp(log_scale), np.exp(log_scale + log_ratio)
        loc = level - scale * (y + np.log1p(np.exp(-logit)))
        loc2 = level - scale2 * (y + np.log1p(np.exp(logit)))
        return -float(TwoComponentGumbel(loc, scale, loc2, scale2).logpdf(X).sum())

    starts = noise.generator(5).uniform([0.2, 2.3, -9.0], [3.5, 3.6, 4.0], (8, 3))
    with np.errstate(all="ignore"):
        highest = max(-scipy.optimize.minimize(loss, start, method="Nelder-Mead", tol=1e-9).fun for start in starts)
    assert height.value[0] >= highest - 1e-6


def test_the_profile_limits_are_where_the_likelihood_has_fallen() -> None:
    estimate = MaximumLikelihood().estimate(TwoComponentGumbel, X[None]).parameters
    samples, ends = Samples.of(X[None], estimate), limits(X, "profile")
    fall = samples.best[0] - samples.held(np.zeros(2, int), ends, np.repeat(VARIATES[3], 2)).value
    np.testing.assert_allclose(2.0 * fall, 1.959964**2, rtol=1e-5)


def test_the_calibrated_interval_is_taken_unasked_and_says_so() -> None:
    fit = fitted(X)
    assert isinstance(ev.intervals.chosen(None, fit.estimation), Calibrated)
    table = fit.return_level(100, interval=QUICK)
    assert table.attrs["interval"] == "calibrated signed root; 20 simulated samples, seed 20261128"
    assert (table.attrs["replicates"], table.attrs["seed"]) == (20, 20_261_128)
    assert table.equals(fit.return_level(100, interval=QUICK))
    assert not table.equals(fit.return_level(100, interval=Calibrated(20, seed=1)))


@pytest.mark.filterwarnings("ignore:Of 20 simulated samples of two populations")
def test_limits_are_nested_and_hold_the_estimate_at_every_confidence() -> None:
    for x in (X, ONE):
        estimate = float(fitted(x).distribution.isf(0.01))
        ends = np.array([limits(x, confidence=each) for each in (0.1, 0.95, 0.999)])
        assert (ends[:, 0] <= estimate).all()
        assert (ends[:, 1] >= estimate).all()
        assert (np.diff(ends[:, 0]) <= 0.0).all()
        assert (np.diff(ends[:, 1]) >= 0.0).all()


def test_limits_move_with_the_unit() -> None:
    np.testing.assert_allclose(limits(2.5e4 * X - 3e5), 2.5e4 * limits(X) - 3e5, rtol=1e-5)


def test_a_period_is_within_its_limits_where_its_level_is() -> None:
    """The two are the same test of a level and a period, seen from either side, at a variate of the table."""
    fit = fitted(X)
    lower, upper = limits(X, "profile")
    periods = fit.return_period([lower, upper], interval="profile")
    assert periods["upper"].iloc[0] == pytest.approx(100.0, rel=1e-4)
    assert periods["lower"].iloc[1] == pytest.approx(100.0, rel=1e-4)
    chance = fit.exceedance_probability([lower], years=10.0, interval="profile")
    assert chance["lower"].iloc[0] == pytest.approx(1.0 - 0.99**10, rel=1e-4)


def test_series_of_a_batch_have_the_limits_that_they_have_alone() -> None:
    batch = np.stack([X, np.concatenate([[np.nan] * 5, APART.rvs(55, rng=2)]), np.full(60, 1.0)])
    fit = ev.fit(batch, "tcev")
    lower, upper = (getattr(fit.evaluate(ev.quantities.ReturnLevel([100.0]), QUICK), end) for end in ("lower", "upper"))
    np.testing.assert_allclose([lower[0, 0], upper[0, 0]], limits(X), rtol=1e-6)
    np.testing.assert_allclose([lower[1, 0], upper[1, 0]], limits(batch[1, 5:]), rtol=1e-6)
    assert np.isnan([lower[2, 0], upper[2, 0]]).all()


def test_a_second_population_that_is_not_seen_leaves_the_level_open_above() -> None:
    """A level far beyond one population cannot be excluded by 60 values; the profile without one that may be unseen
    would end where the second component must own observations."""
    lower, upper = limits(ONE, "profile")
    level = float(Gumbel(100.0, 20.0).isf(0.01))
    assert lower < level < upper
    assert upper - level > 2.0 * (level - lower)


def test_quantities_that_are_no_levels_have_the_delta_method_and_say_so() -> None:
    fit = fitted(X)
    table = fit.expected_shortfall([0.95])
    assert table.attrs["interval"] == "delta method"
    assert any("expected shortfall is that of the delta method" in note for note in table.attrs["notes"])
    assert np.isfinite(table.to_numpy()).all()


@pytest.mark.parametrize("name", ["rstar", "bartlett", "exact"])
def test_intervals_that_are_not_there_name_those_that_are(name: str) -> None:
    with pytest.raises(ArgumentError, match=r"there are 'delta', 'profile', 'calibrated', 'bootstrap'"):
        fitted(X).return_level(100, interval=name)
    assert INTERVALS[name] is not Calibrated


def test_too_few_replicates_for_a_mean_and_a_standard_deviation_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"and 19 are too few for them: expected replicates from 20 on"):
        limits(X, Calibrated(replicates=19))


@pytest.mark.slow
def test_the_calibrated_interval_holds_what_it_promises() -> None:
    """100 samples, within 3 standard errors; the delta method holds the level in 82 of 100 of these."""
    x = np.asarray(APART.from_gumbel(noise.gumbel((100, 60), rng=7)))
    answer = ev.fit(x, "tcev").evaluate(ev.quantities.ReturnLevel([100.0]), Calibrated(60))
    level = float(APART.isf(0.01))
    there = ~np.isnan(answer.lower[:, 0])
    held = (answer.lower[:, 0] <= level) & (level <= answer.upper[:, 0])
    assert there.mean() > 0.95
    assert held[there].mean() > 0.95 - 3.0 * np.sqrt(0.95 * 0.05 / 100)


@pytest.mark.parametrize(("argument", "value"), [("replicates", 0), ("replicates", 2.5), ("seed", -1), ("seed", None)])
def test_replicates_and_seed_are_whole_numbers(argument: str, value: object) -> None:
    with pytest.raises(ArgumentError, match=rf"{argument} is {value}; expected a"):
        Calibrated(**{argument: value})  # type: ignore[arg-type]


def test_too_few_usable_samples_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the plain root stands in for the calibrated one: here with a bar that no number of samples reaches."""
    monkeypatch.setattr("evstats.intervals.two_populations._FEWEST_FITTED", 10_000)
    with pytest.warns(ev.EvstatsWarning, match=r"Of 20 simulated samples .* fewer than 10000: .* too short") as told:
        limits(X, Calibrated(20, seed=987))
    assert {warning.message.note.code for warning in told} == {"few_usable_samples"}
