"""Limits of a GEV from 20 values and fewer: nested in the confidence, rising with the period, and always there."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import evstats as ev
from evstats.intervals.few_values import FEW, LABEL_OF_FEW, calibrated

Array = NDArray[np.float64]
STUDIES = Path(__file__).resolve().parents[1] / "studies"
LEVELS = ev.ReturnLevel([2.0, 10.0, 100.0, 1000.0])
CONFIDENCES = (0.5, 0.9, 0.95, 0.99)
#: Of which r* itself has the same upper limit, 684.86, for T = 50 at every confidence from 0.5 to 0.97.
HANDED = np.array([-0.1498, 1.8591, 6.7084, 2.5391, -0.1203, 0.404, 0.244, 0.5896])


def check_order(lower: Array, upper: Array) -> None:
    """Limits of shape (confidences, ..., periods)."""
    for limit, outwards in ((lower, -1.0), (upper, 1.0)):
        assert np.isfinite(limit).all()
        assert (outwards * np.diff(limit, axis=0) > 0.0).all()
        assert (np.diff(limit, axis=-1) > 0.0).all()


def test_the_limits_of_a_wild_sample_move_with_the_confidence() -> None:
    fit = ev.fit(HANDED, "gev")
    answers = [fit.evaluate(LEVELS, None, confidence) for confidence in CONFIDENCES]
    check_order(np.stack([answer.lower for answer in answers]), np.stack([answer.upper for answer in answers]))
    table = fit.return_level([50])
    assert LABEL_OF_FEW in table.attrs["interval"]
    assert "estimate_outside" in [note.code for note in table.attrs["notes"]]


@pytest.mark.parametrize("n", [8, 12, 20])
@pytest.mark.parametrize("family", [ev.GEV, ev.GEVMin])
def test_limits_are_in_order(family: type[ev.GEV | ev.GEVMin], n: int) -> None:
    x = np.concatenate([family(0.0, 1.0, shape).rvs((2, n), rng=[1, n]) for shape in (-0.4, 0.3)])
    fit = ev.fit(x, family)
    some = np.flatnonzero(fit.converged)
    assert some.size
    answers = [fit.evaluate(LEVELS, None, confidence) for confidence in CONFIDENCES]
    lower, upper = (np.stack([getattr(answer, end)[some] for answer in answers]) for end in ("lower", "upper"))
    if family is ev.GEVMin:
        lower, upper = -upper, -lower
    check_order(lower, upper)


def test_periods_probabilities_and_parameters_are_nested_too() -> None:
    x = ev.GEV(100.0, 20.0, 0.1).rvs(15, rng=3)
    fit = ev.fit(x, "gev")
    for quantity in (
        ev.ReturnPeriod([150.0, 200.0]),
        ev.ExceedanceProbability([150.0, 200.0], years=10),
        ev.ValueAtRisk([0.9, 0.99]),
        ev.quantities.Parameters(),
    ):
        answers = [fit.evaluate(quantity, None, confidence) for confidence in CONFIDENCES]
        for inner, outer in itertools.pairwise(answers):
            assert ((outer.lower < inner.lower) | (outer.lower == 0.0)).all(), quantity
            assert ((outer.upper > inner.upper) | np.isinf(outer.upper)).all(), quantity


def test_a_period_and_its_level_have_the_same_limits() -> None:
    fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(15, rng=4), "gev")
    level = fit.evaluate(ev.ReturnLevel([50.0]))
    of_upper = fit.evaluate(ev.ReturnPeriod(level.upper))
    of_lower = fit.evaluate(ev.ReturnPeriod(level.lower))
    assert of_upper.lower[0] == pytest.approx(50.0, rel=1e-3)
    assert of_lower.upper[0] == pytest.approx(50.0, rel=1e-3)


def test_a_series_answers_alike_alone_and_among_longer_ones() -> None:
    x = ev.GEV(0.0, 1.0, 0.1).rvs((4, 40), rng=5)
    x[1, FEW:], x[2, 12:] = np.nan, np.nan
    together = ev.fit(x, "gev").evaluate(LEVELS)
    for row, size in enumerate((40, FEW, 12, 40)):
        alone = ev.fit(x[row, :size], "gev").evaluate(LEVELS)
        np.testing.assert_allclose(together.lower[row], alone.lower, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(together.upper[row], alone.upper, rtol=1e-6, atol=1e-6)
    assert "up to 20 values" in together.interval


def test_the_limits_follow_the_unit() -> None:
    x = ev.GEV(0.0, 1.0, 0.2).rvs(12, rng=6)
    here, there = (ev.fit(sample, "gev").evaluate(LEVELS) for sample in (x, 1e4 + 1e3 * x))
    np.testing.assert_allclose(there.lower, 1e4 + 1e3 * here.lower, rtol=1e-6)
    np.testing.assert_allclose(there.upper, 1e4 + 1e3 * here.upper, rtol=1e-6)


def test_calibrated_probabilities_are_in_order_for_every_size() -> None:
    tails = np.linspace(0.005, 0.995, 100)
    for n in range(4, FEW + 1):
        found = calibrated(n, tails)
        assert (np.diff(found) > 0.0).all()
        assert 0.0 < found[0] < found[-1] < 1.0


def test_the_published_study() -> None:
    """Nothing is out of order in 2,000 series; r* alone is. The limits hold, within three standard errors."""
    order, coverage = (pd.read_csv(STUDIES / f"few_values_{name}.csv") for name in ("order", "coverage"))
    shipped = order[order["interval"] == "as shipped"]
    assert shipped["series"].sum() >= 1_900
    assert (shipped[["not_nested", "not_monotone", "no_lower_limit", "stuck", "none"]] == 0.0).all(axis=None)
    assert (order.loc[order["interval"] == "r* alone", "not_nested"] > 0.0).any()
    nominal = coverage[(coverage["interval"] == "as shipped") & (coverage["confidence"] == 0.95)]
    overall = nominal[nominal["samples"] == "all"]
    error = (0.95 * 0.05 / overall["number"]) ** 0.5
    assert overall["coverage"].between(0.94 - 3 * error, 0.97).all()
    without = nominal[(nominal["samples"] == "without") & (nominal["n"] == 10) & (nominal["shape"] <= 0.1)]
    assert (without["coverage"] >= 0.88).all()
