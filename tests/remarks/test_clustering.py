"""The extremal index: published values, series whose index is known, and the value at risk of a single observation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import evstats as ev
from evstats import noise
from evstats.errors import ArgumentError, DataError
from evstats.remarks import clustering
from evstats.thresholds.indices.maxima import sliding_maxima

REFERENCE = Path(__file__).parents[3] / "shared" / "reference-data"


def max_autoregressive(theta: float, n: int, seed: int) -> np.ndarray[Any, Any]:
    """X_i = max((1 - theta) X_(i-1), theta Z_i) of unit Frechet noise: its extremal index is theta."""
    fresh = 1.0 / np.asarray(noise.exponential(n, rng=seed))
    x = np.empty(n)
    x[0] = fresh[0]
    for i in range(1, n):
        x[i] = max((1.0 - theta) * x[i - 1], theta * fresh[i])
    return x


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference data are not here")
def test_the_surges_at_newlyn_as_published() -> None:
    surges = pd.read_csv(REFERENCE / "revdbayes_newlyn.csv").iloc[:, -1].to_numpy()
    assert sliding_maxima(surges, 20) == pytest.approx(0.2400835, abs=1e-7)  # README of exdex, spm_mle


def test_sliding_maxima_by_hand() -> None:
    x = np.array([3.0, 3.5, 1.0, 1.5, 5.0, 4.0, 0.5, 2.0])
    # blocks of two have the maxima 3.5, 3.5, 1.5, 5, 5, 4 and 2; of the six values outside, so many are no larger
    outside = [4, 4, 1, 6, 6, 5, 2]
    expected = 1.0 / np.mean([-2.0 * np.log(count / 6) for count in outside])
    assert sliding_maxima(x, 2) == pytest.approx(expected)
    assert expected < 1.0
    assert sliding_maxima(np.arange(8.0), 1) == 1.0


def test_intervals_by_hand() -> None:
    x = np.zeros(40)
    x[[2, 3, 4, 20, 21, 35]] = 1.0
    times = np.array([1, 1, 16, 1, 14]) - 1.0
    assert clustering.intervals(x, 0.5) == pytest.approx(2 * times.sum() ** 2 / (5 * (times * (times - 1)).sum()))
    x[:] = 0.0
    x[[2, 4, 5, 7]] = 1.0
    assert clustering.intervals(x, 0.5) == 1.0  # 2 * 25 / (3 * 9), no more than 1


@pytest.mark.parametrize("theta", [0.25, 0.5, 0.8, 1.0])
def test_series_whose_index_is_known(theta: float) -> None:
    x = np.array([max_autoregressive(theta, 10_000, seed) for seed in range(8)])
    by_maxima = [sliding_maxima(series, 60) for series in x]
    by_intervals = [clustering.intervals(series, np.quantile(series, 0.97)) for series in x]
    assert np.mean(by_maxima) == pytest.approx(theta, abs=0.03)
    assert np.mean(by_intervals) == pytest.approx(theta, abs=0.05)


def test_minima_and_scales_do_not_matter() -> None:
    x = max_autoregressive(0.4, 3_000, 1)
    assert sliding_maxima(np.log(x), 30) == sliding_maxima(x, 30)
    lows = ev.block_maxima(-x, 30, kind="min")
    assert clustering.of_extremes(lows) == clustering.of_extremes(ev.block_maxima(x, 30))


def test_few_blocks_are_told_by_intervals() -> None:
    x = max_autoregressive(0.4, 3_000, 1)
    assert clustering.estimated(x, 75).estimator == "sliding maxima"
    few = clustering.estimated(x, 76)
    assert (few.estimator, few.value) == ("intervals", clustering.intervals(x, np.quantile(x, 0.95)))
    assert few.notes[0].startswith("The extremal index is 0.4")
    assert "fewer than 40 blocks of 76 observations" in few.notes[0]


def test_series_that_tell_nothing_are_refused() -> None:
    with pytest.raises(DataError, match="0 of 100 observations exceed 1: too few"):
        clustering.intervals(np.zeros(100), 1.0)
    with pytest.raises(DataError, match="blocks of 100 observations need a longer series than one of 100"):
        sliding_maxima(np.zeros(100), 100)


# ------------------------------------------------------------------------------------------- one observation


@pytest.fixture(scope="module")
def losses() -> pd.Series:
    """Thirty years of days, of which each carries on part of the one before."""
    days = pd.date_range("1990-01-01", periods=7_560, freq="B")
    return pd.Series(np.log(max_autoregressive(0.5, days.size, 3)), days, name="loss")


@pytest.fixture(scope="module")
def months(losses: pd.Series) -> ev.Fit:
    return ev.fit(ev.block_maxima(losses, "month"), "gev")


def test_the_index_is_estimated_at_the_length_of_the_block(losses: pd.Series, months: ev.Fit) -> None:
    table = months.value_at_risk([0.99], horizon="observation")
    index = sliding_maxima(losses.to_numpy(), 22)
    assert table.attrs["extremal_index"] == index == pytest.approx(0.5, abs=0.05)
    given = months.value_at_risk([0.99], horizon="observation", extremal_index=index)
    pd.testing.assert_frame_equal(table, given)
    one = months.value_at_risk([0.99], horizon="observation", extremal_index=1.0)
    assert one["estimate"].item() < table["estimate"].item()
    empirical = losses.quantile(0.99)
    assert table["estimate"].item() == pytest.approx(empirical, abs=0.1)
    assert abs(one["estimate"].item() - empirical) > 3 * abs(table["estimate"].item() - empirical)


def test_the_index_and_what_dependence_does_are_told(months: ev.Fit) -> None:
    notes = months.value_at_risk([0.99], horizon="observation").attrs["notes"]
    assert [note.code for note in notes] == ["interval_of_one_observation", "extremal_index"]
    assert "in 92 % where these were independent, in 79 % and 54 % of two GARCH laws" in notes[0]
    assert notes[1].startswith("The extremal index is 0.49")
    shortfall = months.expected_shortfall([0.99], horizon="observation").attrs
    assert [note.code for note in shortfall["notes"]] == [note.code for note in notes]
    known = months.value_at_risk([0.99], horizon="observation", extremal_index=1.0)
    assert known.attrs["notes"] == ()
    assert months.value_at_risk([0.99]).attrs["extremal_index"] is None


def test_an_index_that_cannot_be_estimated_is_asked_for(losses: pd.Series, months: ev.Fit) -> None:
    stored = ev.Fit.from_dict(months.to_dict())
    with pytest.raises(ArgumentError, match=r"needs extremal_index= \(--extremal-index\).*block_maxima\(series, "):
        stored.value_at_risk([0.99], horizon="observation")
    asked = stored.value_at_risk([0.99], horizon="observation", extremal_index=0.5)
    assert asked["estimate"].item() == pytest.approx(
        months.value_at_risk([0.99], horizon="observation", extremal_index=0.5)["estimate"].item()
    )
    with pytest.raises(ArgumentError, match="number of observations in a block, which is not known"):
        ev.fit(np.asarray(losses[:60]), "gev").value_at_risk([0.99], horizon="observation")
    with pytest.raises(ArgumentError, match=r"extremal_index is 1.5; expected a number in \(0, 1\]"):
        months.value_at_risk([0.99], horizon="observation", extremal_index=1.5)
    with pytest.raises(ArgumentError, match="belongs to horizon='observation'"):
        months.value_at_risk([0.99], extremal_index=0.5)


def test_the_report_says_the_index(months: ev.Fit) -> None:
    report = ev.make_report(months, horizon="observation")
    assert "a single observation (extremal index 0.49)" in report.to_markdown()
    assert any(note.code == "interval_of_one_observation" for note in report.cautions)


def test_tables_say_what_they_rest_on(months: ev.Fit) -> None:
    assert months.return_level([10]).attrs["span"] == f"{months.n} blocks, 1990-01 to 2018-11"
    assert ev.Fit.from_dict(months.to_dict()).return_level([10]).attrs["span"] == months.context.span
    assert ev.fit(np.arange(10.0) ** 2, "gumbel").return_level([10]).attrs["span"] is None


def test_dependence_of_the_maxima_is_in_the_notes_of_a_fit() -> None:
    wave = np.repeat(np.asarray(ev.Gumbel(10.0, 2.0).rvs(20, rng=4)), 3 * 365)
    daily = pd.Series(wave + np.asarray(noise.gumbel(wave.size, rng=5)), pd.date_range("1950", periods=wave.size))
    fit = ev.fit(ev.block_maxima(daily), "gumbel")
    note = next(note for note in fit.notes if note.code == "dependence")
    assert note.gravity.name == "CAUTION"
    table = fit.stationarity().set_index("test").loc["lag-1-autocorrelation"]
    assert (note.values["lag"], note.values["p"]) == (table["statistic"], table["p_value"])
    independent = ev.fit(ev.block_maxima(pd.Series(np.asarray(noise.gumbel(9_000, rng=5)), daily.index[:9_000])))
    assert "dependence" not in [note.code for note in independent.notes]
