"""Credible intervals under a normal shape: against brute-force posteriors, in every unit, and their coverage."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

import evstats as ev
from evstats import noise
from evstats.errors import ArgumentError, FitError, Status
from evstats.estimators import Estimation, NormalShape
from evstats.intervals import INTERVALS
from evstats.intervals.shape_posterior import credible_limits
from evstats.quantities import Quantity

Array = NDArray[np.float64]
QUANTITIES: list[Quantity] = [
    ev.ReturnLevel([2, 10, 100]),
    ev.ReturnPeriod([1.5, 2.5]),
    ev.ExceedanceProbability([2.0, 2.5], years=10),
    ev.ValueAtRisk([0.9], observations=5.0),
    ev.ExpectedShortfall([0.9]),
    ev.Parameters(),
]


@cache
def without_maximum(n: int, shape: float, number: int, seed: int = 1) -> Array:
    """Samples whose likelihood has no interior maximum."""
    values = ev.GEV(0.0, 1.0, shape).from_gumbel(noise.gumbel((8_000 // n, n), rng=seed))
    found = values[ev.fit(values, "gev").status == Status.NO_INTERIOR_MAXIMUM][:number]
    found.flags.writeable = False
    return found


def weighted_draws(x: Array, sd: float, draws: int = 100_000) -> tuple[ev.GEV, Array]:
    """Parameters from a wide Student t about the Gumbel fit, and their weights under the posterior."""
    fitted = ev.fit(x, "gumbel").distribution
    centre = np.array([fitted.loc, np.log(fitted.scale) + 0.1, -0.15])
    spread = np.array([x.std(), 1.0, 0.9]) * 1.3 / np.sqrt(x.size)
    random = np.random.default_rng(0)
    steps = random.standard_normal((draws, 3)) / np.sqrt(random.chisquare(3, (draws, 1)) / 3)
    points = centre + spread * steps
    kept = points[:, 2] > -1
    points, log_proposal = points[kept], -3.0 * np.log1p((steps[kept] ** 2).sum(axis=1) / 3)
    distribution = ev.GEV(points[:, 0], np.exp(points[:, 1]), points[:, 2])
    with np.errstate(divide="ignore"):
        log_weight = sum(distribution.logpdf(value) for value in x) - 0.5 * (points[:, 2] / sd) ** 2 - log_proposal
    return distribution, np.exp(log_weight - log_weight.max())


@pytest.mark.parametrize(("n", "shape", "sd"), [(8, 0.0, 0.2), (20, -0.4, 0.2), (12, -0.2, 0.1)])
def test_limits_are_the_quantiles_of_the_posterior(n: int, shape: float, sd: float) -> None:
    (x,) = without_maximum(n, shape, 1)
    distribution, weight = weighted_draws(x, sd)
    for quantity in QUANTITIES:
        if n > 8 and isinstance(quantity, ev.ExpectedShortfall):
            continue  # of which the hundred thousand answers of the draws take seconds
        limits = credible_limits(ev.GEV, quantity, x[None], 0.95, NormalShape(sd))[:, 0]
        answers = quantity(distribution)
        for tail, end in zip((0.025, 0.975), limits, strict=True):  # a period may be infinite, with mass there
            assert (weight @ (answers < end) / weight.sum() < tail + 0.006).all()
            assert (weight @ (answers <= end) / weight.sum() > tail - 0.006).all()


def test_limits_follow_the_unit_and_the_sign() -> None:
    (x,) = without_maximum(10, 0.0, 1)
    prior = {"method": "bayes", "prior": "normal"}
    plain = ev.fit(x, "gev", **prior).return_level([2, 100])  # type: ignore[arg-type]
    moved = ev.fit(1e3 * x + 1e6, "gev", **prior).return_level([2, 100])  # type: ignore[arg-type]
    np.testing.assert_allclose((moved - 1e6) / 1e3, plain, rtol=1e-6)
    mirrored = ev.fit(-x, "gev-min", **prior).return_level([2, 100])  # type: ignore[arg-type]
    np.testing.assert_allclose(-mirrored[["estimate", "upper", "lower"]], plain, rtol=1e-9)


def test_levels_rise_with_the_period_and_widen_with_the_confidence() -> None:
    x = without_maximum(10, 0.0, 4)
    quantity = ev.ReturnLevel([2, 5, 10, 100, 1000])
    ends = [credible_limits(ev.GEV, quantity, x, confidence) for confidence in (0.5, 0.8, 0.95, 0.99)]
    assert all((np.diff(end, axis=-1) > 0).all() for end in ends)
    assert all((wide[0] < narrow[0]).all() and (wide[1] > narrow[1]).all() for narrow, wide in itertools.pairwise(ends))


def test_a_batch_a_single_series_and_gaps_agree() -> None:
    (x,) = without_maximum(10, 0.0, 1)
    padded = np.stack([x, np.arange(10.0)])
    padded = np.concatenate([padded, np.full((2, 3), np.nan)], axis=1)
    batch = ev.fit(padded, "gev")
    assert batch.status[0] == Status.NO_INTERIOR_MAXIMUM
    single = ev.fit(x).return_level([10, 100])
    together = batch.return_level([10, 100])
    assert together["estimate"].iloc[:2].isna().all()
    np.testing.assert_allclose(together[["lower", "upper"]].iloc[:2], single[["lower", "upper"]], rtol=1e-9)
    chance = [0.1, 0.001]
    np.testing.assert_allclose(
        batch.predictive_level(chance)["estimate"].iloc[:2], ev.fit(x).predictive_level(chance)["estimate"], rtol=1e-9
    )


def test_draws_of_the_posterior_say_the_same() -> None:
    (x,) = without_maximum(10, 0.0, 1)
    fit = ev.fit(x, "gev", method="bayes", prior="normal", rng=1)
    table, drawn = fit.return_level([10, 100]), fit.posterior()
    lower, upper = drawn.interval(ev.ReturnLevel([10, 100]))
    width = table["upper"] - table["lower"]
    assert (np.abs(table["lower"] - lower) < 0.03 * width).all()
    assert (np.abs(table["upper"] - upper) < 0.08 * width).all()
    np.testing.assert_allclose(drawn.exceedance(fit.predictive_level([0.1, 0.01])["estimate"]), [0.1, 0.01], rtol=0.05)


def test_the_advice_of_the_error_leads_to_an_answer() -> None:
    (x,) = without_maximum(10, 0.1, 1)
    with pytest.raises(FitError, match=r"method='bayes', prior='normal'"):
        ev.fit(x, "gev")
    answer = ev.fit(x, "gev", method="bayes", prior="normal").return_level(100)
    assert "normal prior" in answer.attrs["interval"]
    assert (answer["lower"] < answer["estimate"]).all()
    assert (answer["estimate"] < answer["upper"]).all()


def test_no_limits_where_many_values_tie_at_the_smallest() -> None:
    lump = np.concatenate([np.zeros(14), np.arange(1.0, 17.0)])
    assert np.isnan(credible_limits(ev.GEV, ev.ReturnLevel(100), lump[None], 0.95)).all()
    assert np.isnan(credible_limits(ev.GEVMin, ev.ReturnLevel(100), -lump[None], 0.95)).all()
    few = np.concatenate([np.zeros(3), np.arange(1.0, 17.0)])
    assert np.isfinite(credible_limits(ev.GEV, ev.ReturnLevel(100), few[None], 0.95)).all()


@pytest.mark.parametrize("sd", [0.0, -1.0, np.nan, 2.0])
def test_a_width_that_is_none_is_refused(sd: float) -> None:
    with pytest.raises(ArgumentError, match="sd is"):
        NormalShape(sd)


def coverage(n: int, shape: float, replicates: int) -> tuple[float, float]:
    """Share of truths held by the unasked 95 % interval of the 100-year level, of all samples and of those without an
    interior maximum."""
    truth, quantity, method = ev.GEV(0.0, 1.0, shape), ev.ReturnLevel(100), ev.MaximumLikelihood()
    values = truth.from_gumbel(noise.gumbel((replicates, n), rng=[20_261_128, n, round(100 * shape) + 50]))
    estimation = Estimation(ev.GEV, method, values, method.estimate(ev.GEV, values))
    lower, upper = INTERVALS["rstar"]()(estimation, quantity, 0.95)
    held = ((lower <= quantity(truth)) & (quantity(truth) <= upper))[:, 0]
    return float(held.mean()), float(held[estimation.estimate.status == Status.NO_INTERIOR_MAXIMUM].mean())


def test_coverage_at_ten_values() -> None:
    held, without = coverage(10, -0.2, 200)
    assert held >= 0.92
    assert without >= 0.88


@pytest.mark.slow
@pytest.mark.parametrize("shape", [-0.4, -0.2, 0.0, 0.1])
def test_coverage_at_full_size(shape: float) -> None:
    held, without = coverage(10, shape, 5_000)
    assert 0.94 <= held <= 0.97
    assert without >= 0.88
