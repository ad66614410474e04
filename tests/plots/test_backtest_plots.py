"""The figures of back-tests: what is drawn, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import evstats as ev
from evstats import noise

N = 400
LOSSES = noise.generator(3).standard_normal(N)
DAYS = pd.bdate_range("2019-01-01", periods=N)


def labels(ax: object) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]  # type: ignore[attr-defined]


def test_losses_forecasts_and_exceedances_are_drawn() -> None:
    bt = ev.backtest(pd.Series(LOSSES, index=DAYS), np.full(N, 2.33), np.full(N, 2.67))
    ax = ev.plots.backtest(bt)
    count = int(bt.exceedances.sum())
    assert labels(ax) == ["VaR 99 %", "ES 99 %", f"{count} exceedances"]
    assert ax.get_title(loc="left") == f"VaR at 99 %: {count} exceedances, 4 expected (400 days)"
    (marked,) = [line for line in ax.lines if line.get_marker() == "o"]
    np.testing.assert_array_equal(marked.get_ydata(), LOSSES[LOSSES > 2.33])
    points = ev.plots.backtest_points(bt)
    assert points.columns.tolist() == ["day", "loss", "var_0.99", "es_0.99", "exceeds_0.99"]
    assert points["day"].tolist() == DAYS.tolist()


def test_several_levels_and_undated_days() -> None:
    bt = ev.backtest(LOSSES, np.column_stack([np.full(N, 1.96), np.full(N, 2.33)]), level=[0.975, 0.99])
    ax = ev.plots.backtest(bt)
    low, high = bt.exceedances.sum(axis=0)
    assert labels(ax) == ["VaR 97.5 %", "VaR 99 %", f"{low} exceedances of 97.5 %", f"{high} exceedances of 99 %"]
    assert ax.get_xlabel() == "day"
    assert ev.plots.backtest_points(bt)["day"].tolist() == list(range(1, N + 1))


def test_long_records_are_thinned_to_what_is_seen() -> None:
    n = 20_000
    losses = noise.generator(1).standard_normal(n)
    bt = ev.backtest(losses, np.full(n, 3.0), level=0.9987)
    line = ev.plots.backtest(bt).lines[0]
    assert len(line.get_ydata()) <= 4_002
    assert line.get_ydata().max() == losses.max()


def test_the_murphy_diagram_has_a_line_for_each_forecast() -> None:
    forecasts = {"a": (np.full(N, 2.0), np.full(N, 2.4)), "b": (np.full(N, 1.5), np.full(N, 1.8))}
    ax = ev.plots.murphy(LOSSES, forecasts, level=0.975)
    assert labels(ax) == ["a", "b"]
    curves = ev.losses.murphy_curve(LOSSES, forecasts, level=0.975)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), curves["a"])
    assert ax.get_title(loc="left") == "Murphy diagram of VaR and ES at 97.5 %: below is better"
    assert "of VaR at" in ev.plots.murphy(LOSSES, {"a": np.full(N, 2.0)}).get_title(loc="left")


def test_what_is_no_back_test_is_refused() -> None:
    with pytest.raises(
        ev.ArgumentError, match="a back-test is drawn here, and this is ndarray; give what backtest returns"
    ):
        ev.plots.backtest(LOSSES)  # type: ignore[arg-type]
