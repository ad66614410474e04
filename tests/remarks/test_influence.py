"""The largest observation: whether the fitted model can believe it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import evstats as ev
from evstats.estimators import Estimation
from evstats.remarks import influence
from evstats.remarks.influence import absurd_record


def floods(n: int = 50, seed: int = 3) -> NDArray[np.float64]:
    return ev.Gumbel(100.0, 20.0).rvs(n, rng=seed)


def said(values: NDArray[np.float64], family: str, method: str = "mle") -> str | None:
    return absurd_record(ev.fit(values, family, method=method).estimation)


@pytest.mark.parametrize("family", ["gumbel", "gev"])
def test_an_ordinary_record_is_passed_over(family: str, annual_maxima: dict[str, NDArray[np.float64]]) -> None:
    for series in annual_maxima.values():
        assert said(series, family) is None


@pytest.mark.parametrize("family", ["gumbel", "gev"])
def test_a_slip_of_the_decimal_point_is_pointed_out(family: str) -> None:
    x = floods()
    x[7] = 1520.0
    sentence = said(x, family)
    assert sentence is not None
    assert sentence.startswith("The largest observation (1520) is ")
    assert "compare others" in sentence


def test_the_chance_is_that_of_the_largest_of_n_under_the_fit_to_the_others() -> None:
    x = np.append(floods(), 350.0)
    sentence = said(x, "gumbel")
    rest = ev.fit(x[:-1], "gumbel").distribution
    assert sentence is not None
    assert f"in 51 blocks a chance of at most {1.0 - rest.cdf(350.0) ** 51:.2g};" in sentence


def test_a_record_beyond_the_endpoint_is_called_impossible() -> None:
    x = np.append(ev.GEV(10.0, 2.0, -0.4).rvs(60, rng=2), 40.0)
    sentence = said(x, "gev")
    assert sentence is not None
    assert "impossible under the GEV fit to the others, beyond the end of its support" in sentence


def test_minima_in_their_own_words() -> None:
    x = np.append(floods(), 350.0)
    above, below = said(x, "gumbel"), said(-x, "gumbel-min")
    assert above is not None
    assert below is not None
    assert below.startswith("The smallest observation (-350) is")
    assert "one below it" in below
    assert re.findall("chance of .*?;", below) == re.findall("chance of .*?;", above)


def test_few_values_are_left_alone() -> None:
    assert said(np.array([1.0, 2.0, 300.0]), "gumbel") is None


@pytest.mark.parametrize(("family", "most"), [("gumbel", 0.02), ("gev", 0.065)])
def test_false_alarms_are_rare(family: str, most: float) -> None:
    alarms = [said(floods(30, seed), family) is not None for seed in range(150)]
    assert np.mean(alarms) <= most


@pytest.mark.parametrize("family", ["gumbel", "gev"])
def test_the_record_of_rounded_maxima_is_compared_with_rounded_samples(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    largest = []

    def log_chance(estimation: Estimation, ordered: NDArray[np.float64]) -> NDArray[np.float64]:
        largest.append(ordered[:, -1])
        return real(estimation, ordered)

    real = influence._log_chance
    monkeypatch.setattr(influence, "_log_chance", log_chance)
    x = 10.0 * np.rint(floods() / 10.0)
    x[7] = 1520.0
    assert said(x, family) is not None
    simulated = np.concatenate(largest[1:]) / 10.0
    assert simulated.size == influence.REPLICATES
    np.testing.assert_allclose(simulated, np.rint(simulated), atol=1e-6)


@pytest.mark.parametrize("family", ["gumbel", "gev"])
def test_sandy_at_the_battery(family: str) -> None:
    """Hurricane Sandy, 2012: 1.2 m above the next highest level since 1920."""
    data = Path(__file__).resolve().parents[2] / "data" / "battery_hourly_water_level.csv.gz"
    maxima = ev.block_maxima(ev.read_series(data))
    sentence = absurd_record(ev.fit(maxima, family).estimation)
    assert sentence is not None
    assert "The largest observation (3.417) is hard to believe" in sentence
    assert "in 85 blocks" in sentence
