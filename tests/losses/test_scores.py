"""Scores of forecasts by their definitions, the test of their differences, and the diagram that holds all scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

import evstats as ev
from evstats import noise
from evstats.losses import murphy_curve

N, A = 1_500, 0.025
SIGMA = np.exp(0.5 * np.sin(np.arange(N) / 30.0))
LOSSES = SIGMA * noise.generator(4).standard_normal(N)
Q = float(stats.norm.ppf(1.0 - A))
E = float(stats.norm.pdf(Q)) / A
FORECASTS: dict[str, Any] = {
    "right": (SIGMA * Q, SIGMA * E),
    "flat": (np.full(N, 1.2 * Q), np.full(N, 1.2 * E)),
    "high": (1.5 * SIGMA * Q, 1.5 * SIGMA * E),
}


def fz0(v: np.ndarray, e: np.ndarray) -> np.ndarray:
    """Patton, Ziegel and Chen (2019), eq. 6, of returns -L with v and e negative there."""
    y, v, e = -LOSSES, -v, -e
    return -1.0 / (A * e) * (y <= v) * (v - y) + v / e + np.log(-e) - 1.0


def test_the_right_forecast_comes_first_with_scores_and_test_by_definition() -> None:
    table = ev.compare_forecasts(LOSSES, FORECASTS, level=1.0 - A)
    assert table.index[0] == "right"
    assert np.isnan(table.loc["right", "p_value"])
    assert table.attrs["lags"] == 11
    best = fz0(*FORECASTS["right"])
    for name in ("flat", "high"):
        own = fz0(*FORECASTS[name])
        assert table.loc[name, "score"] == pytest.approx(own.mean(), rel=1e-12)
        newey = sm.OLS(own - best, np.ones(N)).fit(
            cov_type="HAC", cov_kwds={"maxlags": 11, "use_correction": False}, use_t=True
        )
        assert table.loc[name, "statistic"] == pytest.approx(newey.tvalues[0], rel=1e-10)
        assert table.loc[name, "p_value"] == pytest.approx(newey.pvalues[0], rel=1e-8)
    assert [note.code for note in table.attrs["notes"]] == ["best_of_several"]
    assert not ev.compare_forecasts(LOSSES, dict(list(FORECASTS.items())[:2])).attrs["notes"]


def test_a_var_alone_has_the_quantile_score() -> None:
    alone = {name: var for name, (var, _) in FORECASTS.items()}
    table = ev.compare_forecasts(LOSSES, alone, level=1.0 - A)
    assert table.attrs["score"] == "quantile"
    for name, var in alone.items():
        tick = np.where(var < LOSSES, (1.0 - A) * (LOSSES - var), A * (var - LOSSES))
        assert table.loc[name, "score"] == pytest.approx(tick.mean(), rel=1e-12)


def test_differences_of_equal_forecasts_are_tested_at_their_size() -> None:
    """Two forecasts that are wrong by the same factor, on other days."""
    rejected = []
    odd = np.arange(500) % 2 == 0
    for seed in range(400):
        losses = noise.generator([seed, 3]).standard_normal(500)
        one, other = np.where(odd, 1.3, 1.0), np.where(odd, 1.0, 1.3)
        table = ev.compare_forecasts(losses, {"a": (one * Q, one * E), "b": (other * Q, other * E)}, level=1.0 - A)
        rejected.append(table["p_value"].iloc[1] <= 0.05)
    assert 0.02 < np.mean(rejected) < 0.085


def test_scores_are_mixtures_of_the_elementary_ones() -> None:
    """FZ0 is that with weight 1/s^2 (its G2 is the logarithm), the quantile score the even mixture."""
    e = np.concatenate([es for _, es in FORECASTS.values()])
    places = np.linspace(0.99 * e.min(), 1.01 * e.max(), 4_001)
    curves = murphy_curve(LOSSES, FORECASTS, level=1.0 - A, thresholds=places)
    rest = curves.iloc[-1] / places[-1]  # differences of the curves are constant beyond
    mixed = {name: np.trapezoid(curves[name] / places**2, places) + rest[name] for name in FORECASTS}
    table = ev.compare_forecasts(LOSSES, FORECASTS, level=1.0 - A)
    for name in ("flat", "high"):
        assert mixed[name] - mixed["right"] == pytest.approx(table.loc[name, "difference"], abs=2e-4)
    alone = {name: var for name, (var, _) in FORECASTS.items()}
    places = np.linspace(-6.0, 9.0, 3_001)
    curves = murphy_curve(LOSSES, alone, level=1.0 - A, thresholds=places)
    table = ev.compare_forecasts(LOSSES, alone, level=1.0 - A)
    for name in alone:
        assert np.trapezoid(curves[name], places) == pytest.approx(table.loc[name, "score"], abs=2e-4)
    assert (murphy_curve(LOSSES, FORECASTS).to_numpy() >= -1e-12).all()


REFUSED: dict[str, tuple[type[Exception], Any, str]] = {
    "none": (ev.ArgumentError, {}, "forecasts are given by their names"),
    "no names": (ev.ArgumentError, [SIGMA], "forecasts are given by their names"),
    "one alone": (
        ev.ArgumentError,
        {"a": (SIGMA * Q, SIGMA * E), "b": SIGMA * Q},
        "the forecast 'b' has no ES and others",
    ),
    "shorter": (ev.DataError, {"a": (SIGMA[1:], SIGMA[1:])}, "the forecast 'a': losses have 1,500 days and var 1,499"),
    "no positive ES": (
        ev.DataError,
        {"a": (np.r_[-2.0, SIGMA[1:]], np.r_[-1.0, SIGMA[1:]])},
        "the forecast 'a': the ES is not positive on day 1; leave the day out, or compare the VaR alone.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_compared_is_one_sentence(case: str) -> None:
    kind, forecasts, said = REFUSED[case]
    with pytest.raises(kind) as raised:
        ev.compare_forecasts(LOSSES, forecasts)
    assert said in str(raised.value)


def test_series_are_compared_by_their_days() -> None:
    days = pd.bdate_range("2015-01-01", periods=N)
    losses, var = pd.Series(LOSSES, index=days), pd.Series(SIGMA * Q, index=days)
    found = ev.compare_forecasts(losses, {"a": var, "b": 1.1 * var})
    assert (
        found["score"].tolist()
        == ev.compare_forecasts(LOSSES, {"a": SIGMA * Q, "b": 1.1 * SIGMA * Q})["score"].tolist()
    )
    with pytest.raises(ev.DataError, match="the forecast 'b': losses and var are not of the same days"):
        ev.compare_forecasts(losses, {"a": var, "b": var.shift(1, freq="B")})
