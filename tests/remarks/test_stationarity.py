"""Trend, change and dependence: published answers for the Nile, the size of the tests, and what is refused."""

from __future__ import annotations

import math
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import statsmodels.datasets
from statsmodels.stats.api import runstest_1samp

import evstats as ev
from evstats import noise
from evstats.errors import ArgumentError, DataError
from evstats.extremes.blocks import block_maxima
from evstats.remarks import independence
from evstats.remarks.independence import dependence_note, stationarity, undated_note

TESTS = ["mann-kendall", "pettitt", "lag-1-autocorrelation", "wald-wolfowitz-runs"]


@pytest.fixture(scope="module")
def nile() -> pd.Series:
    """Annual flow of the Nile at Aswan, 1871-1970."""
    frame = statsmodels.datasets.nile.load_pandas().data
    return pd.Series(frame["volume"].to_numpy(), index=frame["year"].astype(int))


def test_the_nile(nile: pd.Series) -> None:
    """Pettitt: K = 1617 with the change after 1898, as R's trend::pettitt.test(Nile) says; the dam at Aswan."""
    table = stationarity(nile)
    assert list(table.columns) == ["test", "statistic", "p_value"]
    assert table["test"].tolist() == TESTS
    found = table.set_index("test")
    assert found.loc["pettitt", "statistic"] == 1617
    assert table.attrs["change_after"] == 1898
    assert found.loc["lag-1-autocorrelation", "statistic"] == pytest.approx(0.498, abs=5e-4)
    assert (found["p_value"] < 0.001).all()
    pd.testing.assert_frame_equal(table, stationarity(nile))  # the same on every run


def test_mann_kendall_is_the_formula_with_ties(nile: pd.Series) -> None:
    x = nile.to_numpy()
    s = sum(np.sign(x[j + 1 :] - x[j]).sum() for j in range(x.size))
    _, ties = np.unique(x, return_counts=True)
    n = x.size
    variance = (n * (n - 1) * (2 * n + 5) - np.sum(ties * (ties - 1) * (2 * ties + 5))) / 18
    p = stationarity(x).set_index("test").loc["mann-kendall", "p_value"]
    assert p == pytest.approx(2 * scipy.stats.norm.sf(abs(s) / math.sqrt(variance)), rel=1e-6)


def test_mann_kendall_is_that_of_scipy() -> None:
    for seed in range(300):
        random = np.random.default_rng(seed)
        x = random.gumbel(size=random.integers(5, 60))
        x = [x, np.round(x), np.sort(x), -np.sort(x), np.append(np.sort(x)[1:], x.min())][seed % 5]
        expected = scipy.stats.kendalltau(np.arange(x.size), x)
        assert independence.mann_kendall(x) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-10)
        np.testing.assert_array_equal(independence._ranks(x), scipy.stats.rankdata(x))


def test_permutation_p_values_are_those_of_all_orders() -> None:
    x = np.array([2.0, 7.0, 1.0, 8.0, 3.0, 5.0, 4.0])
    found = stationarity(x).set_index("test")
    orders = np.array(list(permutations(x)))
    changes = independence._rank_sums(scipy.stats.rankdata(orders, axis=-1)).max(axis=-1)
    dependence = independence._autocorrelation(orders - orders.mean(axis=-1, keepdims=True))
    r = found.loc["lag-1-autocorrelation", "statistic"]
    tails = np.mean(dependence >= r - 1e-12), np.mean(dependence <= r + 1e-12)
    assert found.loc["pettitt", "p_value"] == pytest.approx(
        np.mean(changes >= found.loc["pettitt", "statistic"]), abs=0.02
    )
    assert found.loc["lag-1-autocorrelation", "p_value"] == pytest.approx(min(1.0, 2 * min(tails)), abs=0.02)


def test_pettitts_approximation_agrees_far_out(nile: pd.Series) -> None:
    """2 exp(-6 K^2/(n^3 + n^2)), good for small p (Pettitt 1979, equation 11)."""
    x = nile.to_numpy()[:45]
    found = stationarity(x).set_index("test").loc["pettitt"]
    assert found["p_value"] == pytest.approx(2 * np.exp(-6 * found["statistic"] ** 2 / (45**3 + 45**2)), abs=0.06)


def test_a_missing_value_parts_its_neighbours() -> None:
    x = noise.gumbel(40, rng=1)
    x[10] = np.nan
    z = np.delete(x, 10) - np.nanmean(x)
    pairs = np.delete(z[:-1] * z[1:], 9)
    found = stationarity(x).set_index("test")
    assert found.loc["lag-1-autocorrelation", "statistic"] == pytest.approx(pairs.sum() / np.sum(z**2))
    assert (
        found.loc["pettitt", "statistic"]
        == stationarity(np.delete(x, 10)).set_index("test").loc["pettitt", "statistic"]
    )


def test_size_in_small_samples() -> None:
    """Independent samples of 20 rounded values: each test rejects 5 % of them, or fewer where it is coarse."""
    p = np.array([stationarity(np.round(noise.gumbel(20, rng=seed), 1))["p_value"] for seed in range(250)])
    assert np.all(np.mean(p <= 0.05, axis=0) < 0.05 + 3.2 * np.sqrt(0.05 * 0.95 / 250))
    assert np.all(np.mean(p[:, 1:3] <= 0.2, axis=0) > 0.12)


@pytest.mark.parametrize(("a", "b"), [(3, 5), (1, 6), (4, 4)])
def test_the_chances_of_runs_are_those_of_all_orders(a: int, b: int) -> None:
    found = np.zeros(2 * ((a + b) // 2) + 2)
    for places in combinations(range(a + b), a):
        found[1 + np.count_nonzero(np.diff(np.isin(np.arange(a + b), places)))] += 1.0
    np.testing.assert_allclose(independence._chances_of_runs(a, b), found / found.sum(), atol=1e-12)


def test_runs_agree_with_statsmodels_where_there_are_many() -> None:
    x = noise.gumbel(2_000, rng=5)
    z, p = independence._runs(x)
    theirs = runstest_1samp(x, cutoff="median", correction=False)
    assert z == pytest.approx(theirs[0], rel=1e-9)
    assert p == pytest.approx(theirs[1], abs=0.002)


@pytest.mark.parametrize("step", [0.0, 0.5, 1.0])
def test_size_of_the_runs_test_in_steps(step: float) -> None:
    x = noise.gumbel((3_000, 30), rng=6) + noise.generator(6).random((3_000, 1))
    x = step * np.rint(x / step) if step else x
    assert np.mean([independence._runs(series)[1] <= 0.05 for series in x]) == pytest.approx(0.05, abs=0.02)


def test_a_series_is_put_in_order_and_extremes_keep_their_blocks(nile: pd.Series) -> None:
    shuffled = nile.sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(stationarity(shuffled), stationarity(nile))
    dated = pd.Series(nile.to_numpy(), index=pd.to_datetime([f"{year}-07-01" for year in nile.index]))
    table = stationarity(block_maxima(dated, "year"))
    assert table.attrs["change_after"] == 1898
    np.testing.assert_array_equal(table["p_value"], stationarity(nile)["p_value"])


def test_heavy_ties_leave_no_runs() -> None:
    found = stationarity([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0]).set_index("test")
    assert np.isnan(found.loc["wald-wolfowitz-runs", "p_value"])
    assert np.isfinite(found.loc[TESTS[:3], "p_value"]).all()


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (np.zeros((2, 10)), ArgumentError, r"one series; this is a batch of shape \(2,\)"),
        ([1.0, 2.0, np.nan, 3.0, 4.0], DataError, "there are 4 values; .* at least 5"),
        ([3.0] * 8, DataError, "all values are equal"),
        ([1.0, 2.0, np.inf, 3.0, 4.0], DataError, "infinite number at position 2"),
        (["a", "b"], DataError, "string"),
        ([1.0, 2.0, 3.0, None, 5.0], DataError, "None at position 3; write nan .*, or take ev.observed"),
        ([[1.0, 2.0], [3.0, None]], DataError, r"None at index \(1, 1\)"),
        ("flow.csv", DataError, r"a path; read the file first: ev.read_series\('flow.csv'\)"),
        (Path("a") / "flow.nc", DataError, "a path; read the file first"),
        (pd.DataFrame({"x": [1.0, 2.0]}), ArgumentError, "DataFrame"),
    ],
)
def test_what_cannot_be_tested(data: object, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        stationarity(data)


def test_dependence_of_neighbours_is_noted_with_the_p_value_of_the_table() -> None:
    noise = np.asarray(ev.Gumbel(0.0, 1.0).rvs(400, rng=7))
    chain = np.convolve(noise, [0.5, 0.25, 0.125, 0.0625])[:300]
    note = dependence_note(chain)
    assert note is not None
    table = ev.stationarity(chain).set_index("test").loc["lag-1-autocorrelation"]
    assert (note.code, note.values["lag"], note.values["p"]) == ("dependence", table["statistic"], table["p_value"])
    gaps = chain.copy()
    gaps[::7] = np.nan
    assert dependence_note(gaps) is not None
    assert dependence_note(noise) is None
    assert dependence_note(np.full(20, 3.0)) is None
    assert dependence_note(np.array([1.0, 2.0, np.nan])) is None


def test_observations_without_dates_are_told_from_maxima() -> None:
    shocks = np.asarray(ev.Gumbel(0.0, 1.0).rvs(5_000, rng=8))
    days = np.convolve(shocks, 0.8 ** np.arange(60))
    for data in (days, days.tolist(), pd.Series(days)):
        with pytest.warns(ev.EvstatsWarning, match=r"T = 100 is then 100 values.*block_maxima") as seen:
            fit = ev.fit(data, "gumbel")
        assert seen[0].filename == __file__
        note = fit.notes[0]
        assert (note.code, note.values["n"]) == ("undated_series", days.size)
        assert note.values["lag"] == pytest.approx(np.corrcoef(days[1:], days[:-1])[0, 1], abs=0.01)
    with pytest.warns(ev.EvstatsWarning, match="a value every 1 days"):
        dated = ev.fit(pd.Series(days, pd.date_range("2000-01-01", periods=days.size)), "gumbel")
    assert [note.code for note in dated.notes if "series" in note.code] == ["dense_series"]
    gaps = np.where(np.arange(days.size) % 9 == 0, np.nan, days)
    assert undated_note(gaps) is not None
    maxima = days[: 5_000 // 365 * 365].reshape(-1, 365).max(axis=1)
    moderate = np.convolve(shocks, [1.0, 0.5])  # of a long chronicle of maxima, whose neighbours hang together
    for other in (maxima, days[:900], shocks, np.sort(days), -np.sort(days), np.full(2_000, 3.0), moderate):
        assert undated_note(other) is None
    assert "undated_series" not in [note.code for note in ev.fit(shocks, "gumbel").notes]


def test_years_in_any_order_have_the_trend_of_their_years() -> None:
    years = np.arange(1961, 2021)
    rising = ev.Gumbel(30.0, 8.0).rvs(60, rng=1) + 0.4 * (years - 1961)
    for order in (slice(None), slice(None, None, -1), np.random.default_rng(1).permutation(60)):
        x = pd.Series(rising, index=years, name="flow").iloc[order]
        for found in (ev.observed(x, x), ev.observed(x.to_numpy(), x.to_numpy(), years=x.index)):
            assert found.blocks.tolist() == years.tolist()
            np.testing.assert_array_equal(found.values, rising)
        (told,) = (note for note in ev.fit(found, "gumbel").notes if note.code == "trend")
        assert told.values["rising"]
        assert "ask what has changed with trend='year'" in told
        several = ev.largest(np.column_stack([x, x - 1.0]), years=x.index)
        assert several.largest is not None
        np.testing.assert_array_equal(several.largest[:, 1], rising - 1.0)
