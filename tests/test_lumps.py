"""Minima with a lump at zero: no level below zero, and what the refusal says is right."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import evstats as ev
from evstats.errors import FitError, Status
from evstats.remarks.checks import lump_at_zero


def dry(n: int, share: float, seed: int = 1) -> np.ndarray:
    """Minima of which about that share is zero, the others exponential."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(n) < share, 0.0, rng.exponential(0.4, n)).round(2)


@pytest.mark.parametrize(
    ("values", "zeros"),
    [
        (dry(50, 0.46), int((dry(50, 0.46) == 0).sum())),
        (dry(40, 0.1, 3), int((dry(40, 0.1, 3) == 0).sum())),
        ([0.0, 0.0, 0.31, 0.84, 0.12, 1.3], 2),
        # not lumps: one zero, integers tied more elsewhere, a variable that goes below zero, nothing else
        ([0.0, 0.31, 0.84, 0.12, 1.3], 0),
        ([0, 0, 1, 1, 1, 2, 2, 3, 4, 5], 0),
        ([-0.5, 0.0, 0.0, 0.0, 1.0, 2.0], 0),
        ([0.0, 0.0, 0.0], 0),
        ([], 0),
    ],
)
def test_what_is_a_lump(values: object, zeros: int) -> None:
    assert lump_at_zero(np.asarray(values, dtype=float)) == zeros


@pytest.mark.parametrize("method", ["mle", "moments", "lmoments", "bayes"])
@pytest.mark.parametrize("family", [None, "gev", "gumbel"])
def test_no_family_answers_for_a_lump(family: str | None, method: str) -> None:
    low = ev.block_maxima(pd.Series(dry(50, 0.46), range(1960, 2010), name="flow"), kind="min")
    with pytest.raises(
        FitError, match=r"22 of 50 minima of flow are zero \(p0 = 0\.44, 95 % interval 0\.3 to 0\.59\)"
    ) as error:
        ev.fit(low, family, method=method)
    assert error.value.status is Status.LUMP_AT_ZERO
    assert "the T-year minimum is 0 from T = 1/p0 = 2.27 years on (interval 1.7 to 3.33)" in str(error.value)


def test_the_interval_of_the_period_is_that_of_a_share() -> None:
    low, high = stats.binomtest(22, 50).proportion_ci(method="exact")
    message = ""
    try:
        ev.fit(dry(50, 0.46), "gev-min")
    except FitError as error:
        message = str(error)
    shortest, longest = map(float, re.findall(r"interval ([\d.]+) to ([\d.]+)\)", message)[-1])
    assert (shortest, longest) == (pytest.approx(1 / high, rel=5e-3), pytest.approx(1 / low, rel=5e-3))


def test_the_advice_gives_the_levels_of_the_mixture() -> None:
    values = dry(2_000, 0.04, 7)
    p0 = np.mean(values == 0)
    with pytest.raises(FitError, match=r"mix that share with the distribution of the others: ev\.fit_low_flows"):
        ev.fit(values, "gev-min")
    fitted = ev.fit_low_flows(values, method="lmoments")
    assert fitted.share == p0
    for period in (3, 5, 10):
        level = float(fitted.distribution.ppf(1 / period))
        assert np.mean(values <= level) == pytest.approx(1 / period, abs=0.02)


def test_monthly_minima_count_their_blocks() -> None:
    index = pd.period_range("1960-01", periods=240, freq="M")
    low = ev.block_maxima(pd.Series(dry(240, 0.25), index, name="flow"), "month", kind="min")
    with pytest.raises(FitError, match=r"T-year minimum is 0 from T = 1/p0 = 0\.3\d* years on.*1 / \(12 T\) - p0"):
        ev.fit(low)


def test_too_few_positive_minima_get_no_advice_to_fit_them() -> None:
    with pytest.raises(FitError) as error:
        ev.fit([0.0, 0.0, 0.0, 0.0, 0.4, 0.7], "gev-min")
    assert "shorter T" not in str(error.value)


def test_a_batch_marks_the_lanes_with_a_lump() -> None:
    rng = np.random.default_rng(2)
    whole = rng.weibull(2.0, (3, 2, 40))
    whole[1, 0] = dry(40, 0.4)
    fitted = ev.fit(whole, "gumbel-min")
    assert fitted.status[1, 0] == Status.LUMP_AT_ZERO
    assert np.isnan(fitted.return_level([2])["estimate"].to_numpy()).sum() == 1
    assert (fitted.status == Status.CONVERGED).sum() == 5
    assert (ev.fit(-whole, "gumbel").status == Status.CONVERGED).all()


def test_maxima_with_zeros_are_told_how_to_mix() -> None:
    values = np.where(
        np.random.default_rng(5).random(3_000) < 0.3, 0.0, stats.gumbel_r(50, 9).rvs(3_000, random_state=1)
    )
    values = np.maximum(values, 0.0)
    fitted = ev.fit(values, "gumbel")
    assert any("fit the others alone and ask them for T' = (1 - p0) T (p0 = 0.3" in note for note in fitted.notes)
    p0 = np.mean(values == 0)
    level = ev.fit(values[values > 0], "gumbel").return_level([(1 - p0) * 20])["estimate"].item()
    assert np.mean(values > level) == pytest.approx(1 / 20, abs=0.006)


def test_levels_below_zero_beside_values_that_are_not_are_pointed_out() -> None:
    flow = ev.GumbelMin(2.2, 0.4).non_exceedance_level(np.arange(0.5, 40) / 40)
    assert flow.min() > 0.0

    def said(values: np.ndarray, period: float) -> bool:
        notes = ev.fit(values, "gumbel-min").return_level([period]).attrs["notes"]
        return any("read them as 0" in note for note in notes)

    assert said(flow, 1000)
    assert not said(flow, 2)
    assert not said(flow - 2.0, 1000)
