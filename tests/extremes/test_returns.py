"""Returns of prices and the losses made from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from evstats.errors import ArgumentError, DataError
from evstats.extremes.blocks import block_maxima
from evstats.extremes.prices import returns
from evstats.reading.reader import read_series

DAYS = pd.date_range("2001-02-26", periods=4, name="date")
PRICES = pd.Series([100.0, 110.0, 99.0, 99.0], DAYS, name="close")


def test_simple_returns_are_ratios_less_one() -> None:
    expected = pd.Series([0.1, -0.1, 0.0], DAYS[1:], name="close")
    pd.testing.assert_series_equal(returns(PRICES, kind="simple"), expected)


def test_log_returns_are_differences_of_logarithms() -> None:
    expected = pd.Series(np.diff(np.log([100.0, 110.0, 99.0, 99.0])), DAYS[1:], name="close")
    pd.testing.assert_series_equal(returns(PRICES), expected)


def test_a_record_gives_a_series_so_that_losses_are_its_negative() -> None:
    losses = -returns(read_series(PRICES))
    assert isinstance(losses, pd.Series)
    assert losses.name == "close"
    assert losses.idxmax() == pd.Timestamp("2001-02-28")


def test_an_array_gives_an_array_of_float() -> None:
    result = returns(np.array([200, 100, 50], dtype=np.uint8), kind="simple")
    assert isinstance(result, np.ndarray)
    assert result.tolist() == [-0.5, -0.5]


def test_masked_and_missing_prices_are_spanned() -> None:
    masked = np.ma.array([100.0, 1e9, 110.0], mask=[False, True, False])
    np.testing.assert_allclose(returns(masked, kind="simple"), [0.1], rtol=1e-14)
    with_hole = pd.Series([100.0, np.nan, 110.0], DAYS[:3])
    assert returns(with_hole, kind="simple").index.tolist() == [DAYS[2]]


@pytest.mark.parametrize("bad", [0.0, -37.63, np.inf])
def test_a_price_that_is_not_positive_is_refused_with_its_place(bad: float) -> None:
    prices = PRICES.copy()
    prices.iloc[2] = bad
    with pytest.raises(DataError, match="at 2001-02-28 00:00:00 is not positive and finite"):
        returns(prices)
    with pytest.raises(DataError, match="at 2 is not positive"):
        returns(prices.to_numpy())


@pytest.mark.parametrize("prices", [np.array([1.0]), np.array([]), pd.Series([np.nan, 2.0])])
def test_one_price_has_no_return(prices: np.ndarray) -> None:
    with pytest.raises(DataError, match="at least two prices"):
        returns(prices)


@pytest.mark.parametrize("prices", [np.array([1j, 2]), np.array([True, False]), np.array(["1", "2"])])
def test_other_types_are_refused(prices: np.ndarray) -> None:
    with pytest.raises(DataError, match="expected real numbers"):
        returns(prices)


def test_a_table_is_not_one_series_of_prices() -> None:
    with pytest.raises(DataError, match="array of shape \\(2, 3\\)"):
        returns(np.ones((2, 3)))


def test_an_unknown_kind_lists_the_known_ones() -> None:
    with pytest.raises(
        ArgumentError, match=r"unknown kind of return 'logs'; known: 'log', 'simple'\. Did you mean 'log'\?"
    ):
        returns(PRICES, kind="logs")


@given(hnp.arrays(np.float64, st.integers(2, 30), elements=st.floats(1e-6, 1e6)))
def test_log_returns_add_up_and_agree_with_simple_ones(prices: np.ndarray) -> None:
    log = returns(prices)
    np.testing.assert_allclose(log.sum(), np.log(prices[-1] / prices[0]), atol=1e-9)
    np.testing.assert_allclose(np.expm1(log), returns(prices, kind="simple"), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", ["log", "simple"])
@pytest.mark.parametrize("days", [1, 2, 3])
def test_returns_over_several_days_are_those_on_the_price_so_many_before(kind: str, days: int) -> None:
    ratio = PRICES / PRICES.shift(days)
    expected = (np.log(ratio) if kind == "log" else ratio - 1.0).dropna()
    pd.testing.assert_series_equal(returns(PRICES, kind, days=days), expected, rtol=1e-12)
    np.testing.assert_allclose(returns(PRICES.to_numpy(), kind, days=days), expected, rtol=1e-12)


def test_returns_over_several_days_say_that_neighbours_overlap() -> None:
    days = pd.date_range("2001-01-01", "2004-12-31", freq="B")
    prices = pd.Series(100.0 + np.random.default_rng(1).normal(size=len(days)).cumsum(), days, name="close")
    note = "Neighbouring returns over 10 observations overlap"
    assert returns(prices, days=10).attrs["notes"][0].startswith(note)
    assert any(found.startswith(note) for found in block_maxima(-returns(prices, days=10)).notes)
    assert not any(found.startswith(note) for found in block_maxima(-returns(prices)).notes)


@pytest.mark.parametrize("days", [0, -1, 1.5, True, "ten", None])
def test_days_are_a_whole_number(days: object) -> None:
    with pytest.raises(ArgumentError, match=r"days must be a whole number of observations, 1 or more.*--horizon-days"):
        returns(PRICES, days=days)


def test_more_days_than_prices_have_no_return() -> None:
    with pytest.raises(DataError, match="returns over 4 observations need at least 5 prices, got 4"):
        returns(PRICES, days=4)


def test_prices_of_another_library() -> None:
    pl, xr = pytest.importorskip("polars"), pytest.importorskip("xarray")
    array = xr.DataArray(PRICES.to_numpy(), dims="time", coords={"time": DAYS.rename("time")}, name="close")
    pd.testing.assert_series_equal(returns(array), returns(PRICES), check_names=False)
    assert returns(pl.Series("close", PRICES.to_numpy())).tolist() == returns(PRICES).tolist()


@pytest.mark.parametrize("kind", ["log", "simple"])
def test_returns_have_no_unit_whatever_the_prices_have(kind: str) -> None:
    prices = PRICES.rename("price_usd_per_barrel")
    assert block_maxima(prices, 2).unit == "USD per barrel"
    for values in (returns(prices, kind), -returns(prices, kind), 100.0 * returns(prices, kind, days=2)):
        assert block_maxima(values, 2).unit is None
    assert block_maxima(prices.diff().dropna(), 2).unit == "USD per barrel"


def _prices(steps: np.ndarray, **jumps: float) -> pd.Series:
    """Prices of these log returns, multiplied from some places on."""
    whole = np.concatenate([[0.0], steps])
    for place, ratio in jumps.items():
        whole[int(place[1:])] += np.log(ratio)
    return pd.Series(100.0 * np.exp(np.cumsum(whole)), pd.bdate_range("2010-01-04", periods=whole.size), name="close")


STEPS = 0.01 * np.random.default_rng(1).uniform(-1.5, 1.5, 2_499)


@pytest.mark.parametrize("kind", ["log", "simple"])
@pytest.mark.parametrize(
    ("jumps", "split", "count"),
    [
        ({"d1200": 1 / 4}, "4:1", 1),
        ({"d1200": 2 / 3}, "3:2", 1),
        ({"d1200": 10.0}, "1:10", 1),
        ({"d800": 1 / 2, "d1500": 1 / 7, "d2000": 1 / 2}, "2:1", 3),
    ],
)
def test_a_step_of_prices_in_the_ratio_of_a_split_is_named(kind: str, jumps: dict, split: str, count: int) -> None:
    steps = STEPS.copy()
    steps[[int(place[1:]) - 1 for place in jumps]] /= 2.0
    prices = _prices(steps, **jumps)
    for made in (returns(prices, kind), -returns(prices, kind), returns(prices, kind, days=5, overlapping=False)):
        (note,) = made.attrs["notes"]
        assert (note.code, note.subject, note.values["count"]) == ("as_at_a_split", split, count)
        place = int(next(iter(jumps))[1:])
        assert note.values["time"] == f"{prices.index[place]:%Y-%m-%d}"
        assert (note.values["before"], note.values["after"]) == (prices.iloc[place - 1], prices.iloc[place])
    assert ("falls from" in note) == (next(iter(jumps.values())) < 1)


@pytest.mark.parametrize(
    ("jumps", "others"),
    [
        ({"d1200": 0.774}, 0.09),  # 1987-10-19, of the S&P 500: far, and no split
        ({"d1200": 0.666, "d1210": 0.83}, 0.0),  # oil on 1991-01-17: two thirds, 2.1 times as far as the next
        ({"d1200": 1 / 4, "d1300": 0.3}, 0.0),  # a step further than a quarter of it is no split
        ({}, 0.0),
    ],
)
def test_a_crash_is_not_taken_for_a_split(jumps: dict, others: float) -> None:
    steps = STEPS.copy()
    steps[10] -= others
    assert "notes" not in returns(_prices(steps, **jumps)).attrs


def test_the_oil_price_has_no_split() -> None:
    path = Path(__file__).parents[2] / "data" / "wti_daily_spot_price.csv"
    assert "notes" not in returns(read_series(path)).attrs


def test_a_few_prices_tell_no_split() -> None:
    assert "notes" not in returns(_prices(STEPS[:19], d9=0.25)).attrs
    assert "notes" in returns(_prices(STEPS[:20], d9=0.25)).attrs


def test_prices_that_run_backwards_are_put_in_order() -> None:
    """As many vendors deliver them, the newest first: a return is on the price before in time, not in the table."""
    expected = returns(PRICES)
    pd.testing.assert_series_equal(returns(PRICES.iloc[::-1]), expected)
    pd.testing.assert_series_equal(returns(PRICES.iloc[[2, 0, 3, 1]]), expected, check_freq=False)
    backwards = PRICES.iloc[::-1].reset_index(drop=True)
    assert returns(backwards).tolist() == (-expected[::-1]).tolist()  # without dates in the order of the rows
