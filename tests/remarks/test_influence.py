"""The largest observation: whether the fitted model can believe it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import evstats as ev
from evstats.estimators import Estimation, Regression
from evstats.remarks import influence
from evstats.remarks.influence import LEFT_OUT, absurd_record


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


# -- where the distribution moves --------------------------------------------------------------------------------------

RISING = pd.Series(100.0 + 2.0 * np.arange(60.0) + ev.Gumbel(0.0, 10.0).rvs(60, rng=4), index=range(1961, 2021))
NOW = {"year": 2020}


def surge(year: int, by: float) -> pd.Series:
    """The rising series with one value lifted by so much."""
    values = RISING.copy()
    values[year] += by
    return values


def left_out(fit: ev.Fit, at: dict[str, int] = NOW) -> ev.notes.Note:
    (note,) = (note for note in fit.return_level([10], at=at).attrs["notes"] if note.code == LEFT_OUT)
    return note


def test_with_covariates_it_is_the_level_of_a_fit_to_the_others() -> None:
    """An early surge that is no record: the later years lie higher, but none as far above its own distribution."""
    values = surge(1964, 90.0)
    assert values.idxmax() != 1964
    note, others = left_out(ev.fit(values, "gumbel", loc="year")), ev.fit(values.drop(1964), "gumbel", loc="year")
    after = others.return_level([100], at=NOW)["estimate"].item()
    assert note.values["after"] == pytest.approx(after, rel=1e-6)
    assert f"({values[1964]:.4g}, block 1964; by its standardised residual" in note
    assert "the T = 100 level at year = 2020 would be" in note
    assert abs(note.values["before"] - after) > 2.0


def test_with_covariates_minima_are_the_mirror_image() -> None:
    values = surge(1964, 90.0)
    above, below = left_out(ev.fit(values, loc="year")), left_out(ev.fit(-values, "gev-min", loc="year"))
    assert below.startswith("Without the smallest observation for its covariates (-")
    assert below.values["after"] == pytest.approx(-above.values["after"], rel=1e-7)


def test_peaks_whose_rate_follows_lose_one_of_its_year() -> None:
    rng = np.random.default_rng(2)
    dates = pd.DatetimeIndex([f"{year}-{month}-05" for year in range(1981, 2021) for month in (2, 7)])
    there = rng.random(80) < np.linspace(0.4, 0.9, 80)
    peaks = pd.Series(50.0 + ev.GPD(0.0, 10.0, 0.1).rvs(80, rng=5), index=dates, name="surge")[there]
    years = pd.Series(1.0, index=range(1981, 2021))
    asked = {"rate": "year", "scale": "year"}

    def fit(values: pd.Series) -> ev.Fit:
        return ev.fit(ev.as_peaks(values, 50.0, years), "exponential", **asked)

    whole = fit(peaks)
    farthest = whole.residuals().idxmax()
    after = fit(peaks.drop(farthest)).return_level([100], at=NOW)["estimate"].item()
    assert left_out(whole).values["after"] == pytest.approx(after, rel=1e-6)


def test_a_batch_and_a_fit_by_bayes_are_fitted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = ev.fit(np.stack([RISING, surge(1964, 90.0)]), "gumbel", loc="t", covariates={"t": np.arange(60.0)})
    by_bayes = ev.fit(RISING, "gumbel", loc="year", method=ev.Bayes("flat", draws=200, rng=1))

    def refused(*_: object) -> Regression:
        raise AssertionError("fitted again")

    monkeypatch.setattr(Regression, "again", refused)
    for fit, at in ((batch, {"t": 59.0}), (by_bayes, NOW)):
        assert LEFT_OUT not in {note.code for note in fit.return_level([10], at=at, interval=None).attrs["notes"]}
