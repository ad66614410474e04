"""Peaks of several series with covariates: records, each series as alone, storage, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.optimize

import evstats as ev
from evstats.errors import EvstatsError, Status

SOI = pd.Series(np.sin(np.arange(80.0)), index=range(1960, 2040), name="soi")
NOW, THEN = {"year": 2005.0, "soi": 0.3}, {"year": 1985.0, "soi": -0.4}
LIFE = {"year": np.arange(2010.0, 2035.0), "soi": np.linspace(-0.5, 0.5, 25)}


def series(seed: int, count: int = 60) -> ev.Peaks:
    """Peaks of other dates, years, threshold and number for every seed."""
    random = np.random.default_rng(seed)
    first, years = 1970 + seed % 5, 36 + seed % 7
    known = pd.Series(np.where(np.arange(years) % 9 == seed % 9, 0.5, 1.0), index=range(first, first + years))
    days = np.sort(random.uniform(0.0, 365.0 * years, count + 3 * seed))
    dates = pd.Timestamp(first, 1, 1) + pd.to_timedelta(days, unit="D").floor("s")
    sizes = ev.GPD(0.0, 5.0, 0.05).rvs(len(days), rng=seed) * np.exp(0.01 * (dates.year.to_numpy() - 1990.0))
    return ev.as_peaks(pd.Series(50.0 + seed + sizes, index=dates, name="flow"), 50.0 + seed, known)


SERIES = [series(seed) for seed in (1, 2, 3)]
FEW = ev.as_peaks([60.0, 61.0], 50.0, pd.Series(1.0, index=range(1970, 1990)), dates=["1975-03-04", "1980-05-06"])
BATCH = ev.stack_peaks([*SERIES[:2], FEW, SERIES[2]])
LANES = (0, 1, 3)
MODELS: dict[str, dict[str, str]] = {
    "both": {"scale": "year + soi", "rate": "year"},
    "knots": {"scale": "bs(year, df=4)", "rate": "center(soi)"},
}


@cache
def fits(model: str = "both", family: str = "gpd") -> tuple[ev.Fit, list[ev.Fit]]:
    """Of the batch, and of the series that have an estimate, each alone."""
    whole = ev.fit(BATCH, family, covariates=SOI, **MODELS[model])  # type: ignore[arg-type]
    return whole, [ev.fit(own, family, covariates=SOI, **MODELS[model]) for own in SERIES]  # type: ignore[arg-type]


def numbers(table: pd.DataFrame) -> np.ndarray:
    return table.select_dtypes("number").to_numpy(dtype=float)


def same(table: pd.DataFrame, alone: list[pd.DataFrame], rtol: float = 1e-8) -> None:
    """The rows of the series are those of each alone, and those of the one with too few peaks are missing."""
    whole = numbers(table).reshape(4, -1)
    np.testing.assert_allclose(whole[list(LANES)], np.stack([numbers(own).ravel() for own in alone]), rtol=rtol)
    assert np.isnan(whole[2]).any()


# -- records -----------------------------------------------------------------------------------------------------------


def test_a_stack_holds_its_series_as_they_were_given() -> None:
    assert BATCH.values.shape == (4, max(len(own) for own in SERIES))
    assert [BATCH[place] for place in range(4)] == [*SERIES[:2], FEW, SERIES[2]]
    assert BATCH[1:3].each == (SERIES[1], FEW)
    np.testing.assert_array_equal(BATCH.threshold, [51.0, 52.0, 50.0, 53.0])
    np.testing.assert_allclose(BATCH.rate[[0, 1, 3]], [own.rate for own in SERIES])
    frame = BATCH.to_frame()
    assert frame["date"].tolist() == [date for own in BATCH.each for date in own.dates]
    assert repr(BATCH) == f"Peaks({len(frame)} peaks of value in 4 series)"


def test_dates_and_years_of_several_series_by_as_peaks() -> None:
    n = BATCH.values.shape[1]
    dates = np.full((4, n), np.datetime64("NaT", "ns"))
    for row, own in zip(dates, BATCH.each, strict=True):
        row[: len(own)] = own.dates.to_numpy()
    years = pd.DataFrame({place: own.observed for place, own in enumerate(BATCH.each)})
    given = ev.as_peaks(BATCH.values, BATCH.threshold, years, dates=dates)
    for own, other in zip(given.each, BATCH.each, strict=True):
        assert own.dates.equals(other.dates)
        assert own.observed.equals(other.observed.rename("years"))
    found = ev.fit(given, "gpd", covariates=SOI, **MODELS["both"])  # type: ignore[arg-type]
    np.testing.assert_array_equal(found.estimation.coefficients, fits()[0].estimation.coefficients)


# -- each series as alone ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("family", ["gpd", "exponential"])
def test_coefficients_and_likelihood(model: str, family: str) -> None:
    whole, alone = fits(model, family)
    assert whole.status.tolist() == [Status.CONVERGED, Status.CONVERGED, Status.TOO_FEW_VALUES, Status.CONVERGED]
    for lane, one in zip(LANES, alone, strict=True):
        error = np.sqrt(np.diag(one.covariance))
        off = (whole.estimation.coefficients[lane] - one.estimation.coefficients) / error
        assert np.abs(off).max() < 1e-12
        np.testing.assert_allclose(whole.covariance[lane], one.covariance, rtol=1e-9)
        assert whole.loglik[lane] == pytest.approx(float(one.loglik), abs=1e-9)
        assert whole.aicc[lane] == pytest.approx(float(one.aicc), abs=1e-9)
    assert np.isnan(whole.loglik[2])
    assert np.isnan(whole.estimation.coefficients[2]).all()


QUESTIONS: dict[str, Callable[[ev.Fit], pd.DataFrame]] = {
    "level": lambda fit: fit.return_level([20, 100], at=NOW),
    "levels": lambda fit: fit.return_level([100], at=pd.DataFrame([NOW, THEN])),
    "period": lambda fit: fit.return_period([75.0], at=NOW),
    "probability": lambda fit: fit.exceedance_probability([75.0], 10, at=NOW),
    "change": lambda fit: fit.change([100], now=NOW, then=THEN),
    "ratio": lambda fit: fit.probability_ratio([75.0], now=NOW, then=THEN),
    "life": lambda fit: fit.design_life_level([0.05], covariates=LIFE),
    "equivalent": lambda fit: fit.equivalent_level([100], covariates=LIFE),
    "risk": lambda fit: fit.value_at_risk([0.99], at=NOW),
    "params": lambda fit: fit.params,
    "profile": lambda fit: fit.return_level([100], at=NOW, interval="profile"),
    "bootstrap": lambda fit: fit.change([100], now=NOW, then=THEN, interval=ev.Bootstrap(200)),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question(name: str) -> None:
    whole, alone = fits()
    same(QUESTIONS[name](whole), [QUESTIONS[name](one) for one in alone])


def test_the_rate_in_a_state_and_levels_to_the_last_digits() -> None:
    whole, alone = fits()
    same(whole.rate_at(NOW), [one.rate_at(NOW) for one in alone])
    levels = numbers(whole.return_level([100], at=NOW))[list(LANES), 0]
    np.testing.assert_allclose(levels, [one.return_level([100], at=NOW)["estimate"].item() for one in alone], 1e-12)


def test_few_peaks_draw_the_same_samples_in_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evstats.intervals.changes.REPLICATES", 60)
    small, states = [series(1, 30), series(4, 20)], {"now": {"year": 2005}, "then": {"year": 1980}}
    whole = ev.fit(ev.stack_peaks(small), "gpd", scale="year").probability_ratio([70.0], **states)
    for lane, own in enumerate(small):
        alone = ev.fit(own, "gpd", scale="year").probability_ratio([70.0], **states)
        np.testing.assert_allclose(numbers(whole)[lane], numbers(alone)[0], rtol=1e-8)


def test_tests_of_nested_models_and_of_fit(few_samples: None) -> None:
    whole, alone = fits()
    null = ev.fit(BATCH, "gpd", rate="year")
    found = ev.likelihood_ratio_test(null, whole)
    one = ev.likelihood_ratio_test(ev.fit(SERIES[2], "gpd", rate="year"), alone[2])
    np.testing.assert_allclose(numbers(found)[3], numbers(one)[0], rtol=1e-8)
    assert np.isnan(found["p_value"].iloc[2])
    tests = whole[[3, 2]].goodness_of_fit()
    np.testing.assert_allclose(numbers(tests)[:4], numbers(alone[2].goodness_of_fit()), rtol=1e-8)


@pytest.mark.slow
def test_by_bayes() -> None:
    options: dict[str, Any] = {"scale": "year", "method": "bayes", "prior": "normal", "rng": 1}
    whole = ev.fit(ev.stack_peaks(SERIES[:2]), "gpd", **options)
    alone = ev.fit(SERIES[1], "gpd", **options)
    at = {"year": 2000}
    np.testing.assert_allclose(
        numbers(whole.return_level([100], at=at))[1], numbers(alone.return_level([100], at=at))[0]
    )


def test_a_series_of_a_batch_is_the_fit_of_it_alone() -> None:
    whole, alone = fits()
    one = whole[3]
    assert one.n == alone[2].n
    assert one.parameter_names == alone[2].parameter_names
    pd.testing.assert_frame_equal(one.covariates, alone[2].covariates)
    pd.testing.assert_frame_equal(
        one.attribution(75.0, now=NOW, then=THEN), alone[2].attribution(75.0, now=NOW, then=THEN), rtol=1e-8
    )
    part = whole[[0, 3]]
    np.testing.assert_allclose(
        numbers(part.return_level([100], at=NOW)), numbers(whole.return_level([100], at=NOW))[[0, 3]]
    )


def test_stored_and_restored() -> None:
    whole, _ = fits("knots")
    again = ev.Fit.from_dict(json.loads(json.dumps(whole.to_dict(), allow_nan=False)))
    same(again.return_level([100], at=NOW), [one.return_level([100], at=NOW) for one in fits("knots")[1]])
    assert again.status.tolist() == whole.status.tolist()


# -- covariates of each ------------------------------------------------------------------------------------------------


def test_a_table_with_two_levels_is_of_each_series() -> None:
    own = [SOI.rename("x").to_frame(), (2.0 * SOI + 1.0).rename("x").to_frame()]
    both = ev.fit(ev.stack_peaks(SERIES[:2]), "gpd", scale="x", rate="x", covariates=pd.concat(own, keys=[0, 1]))
    for lane in (0, 1):
        alone = ev.fit(SERIES[lane], "gpd", scale="x", rate="x", covariates=own[lane])
        np.testing.assert_allclose(both.estimation.coefficients[lane], alone.estimation.coefficients, rtol=1e-9)


def test_arrays_by_position_are_of_all_series_or_of_each() -> None:
    random = np.random.default_rng(5)
    values = 10.0 + ev.GPD(0.0, 1.0, 0.1).rvs((2, 50), rng=2)
    values[1, [3, 40]] = np.nan
    peaks, z, each = ev.as_peaks(values, 10.0, [20.0, 25.0]), random.normal(size=50), random.normal(size=(2, 50))
    there = ~np.isnan(values[1])
    for given, own in (({"z": z}, {"z": z[there]}), ({"z": each}, {"z": each[1, there]})):
        alone = ev.fit(ev.as_peaks(values[1, there], 10.0, 25.0), "gpd", scale="z", covariates=own)
        whole = ev.fit(peaks, "gpd", scale="z", covariates=given)
        np.testing.assert_allclose(whole.estimation.coefficients[1], alone.estimation.coefficients, rtol=1e-9)
    by_design = ev.fit(peaks, "gpd", scale=each[..., None])
    np.testing.assert_allclose(by_design.estimation.coefficients[1], alone.estimation.coefficients, rtol=1e-9)


def test_no_optimum_is_higher() -> None:
    """Against an own likelihood from many starts, in samples of 25."""
    some = [series(seed, 25) for seed in range(6)]
    whole = ev.fit(ev.stack_peaks(some), "gpd", scale="year")
    for lane, own in enumerate(some):
        if not whole.converged[lane]:
            continue
        excess, t = own.values - own.threshold, (own.dates.year.to_numpy() - 1990.0) / 10.0

        def cost(b: np.ndarray, excess: np.ndarray = excess, t: np.ndarray = t) -> float:
            with np.errstate(all="ignore"):
                scale = np.exp(b[0] + b[1] * t)
                u = b[2] * excess / scale
                total = float(np.sum(np.log(scale) + (1.0 + 1.0 / b[2]) * np.log1p(u)))
            return total if (u > -1.0).all() and b[2] > -1.0 and np.isfinite(total) else 1e9

        starts = [
            np.array([np.log(excess.mean()), slope, shape]) for slope in (-0.2, 0.0, 0.2) for shape in (-0.2, 0.2)
        ]
        found = [
            scipy.optimize.minimize(cost, start, method="Nelder-Mead", options={"maxiter": 1500}) for start in starts
        ]
        best = max((-one.fun for one in found if one.x[2] > -0.95), default=-np.inf)
        assert best < whole.loglik[lane] + 1e-5


# -- refusals ----------------------------------------------------------------------------------------------------------

ONE = SERIES[0]
TWO = np.array([[3.0, 4.0, 5.0], [6.0, 7.0, np.nan]])
DATES = np.array([["2001-01-02", "2002-02-03", "2002-05-06"], ["2001-05-05", "2003-01-01", "NaT"]])
REFUSED: dict[str, Callable[[], Any]] = {
    "there are no series": lambda: ev.stack_peaks([]),
    "these are Peaks already": lambda: ev.stack_peaks(BATCH),
    "series 1 (counted from 0) is of type list": lambda: ev.stack_peaks([ONE, [1.0]]),  # type: ignore[list-item]
    "series 0 (counted from 0) is a batch": lambda: ev.stack_peaks([BATCH]),
    "the series are given as dict": lambda: ev.stack_peaks({"a": ONE}),  # type: ignore[arg-type]
    "the kind of series 0 is 'max'": lambda: ev.stack_peaks([ONE, ev.as_peaks([1.0, 2.0], 3.0, 2.0, kind="min")]),
    "the unit of series 0 is None": lambda: ev.stack_peaks([ONE, ev.as_peaks([4.0, 5.0], 3.0, 2.0, unit="m")]),
    "there is nothing to index": lambda: ONE[0],
    "is no series of a batch": lambda: BATCH[9],
    "dates have shape (3,)": lambda: ev.as_peaks(TWO, 2.0, 5.0, dates=DATES[0]),
    "has no date": lambda: ev.as_peaks(TWO, 2.0, 5.0, dates=np.where(DATES == "2002-02-03", "NaT", DATES)),
    "has a date and no value": lambda: ev.as_peaks(TWO, 2.0, 5.0, dates=np.where(DATES == "NaT", "2004-01-01", DATES)),
    "dates are not all dates": lambda: ev.as_peaks(TWO, 2.0, 5.0, dates=np.full((2, 3), "soon")),
    "has no 2003, in which there is a peak of series 1": lambda: ev.as_peaks(
        TWO, 2.0, pd.Series(1.0, index=[2001, 2002]), dates=DATES
    ),
    "is a table of 1 columns": lambda: ev.as_peaks(TWO, 2.0, pd.DataFrame({"a": [1.0]}, index=[2001]), dates=DATES),
    "the values have dates": lambda: ev.as_peaks(
        pd.Series([3.0], index=pd.to_datetime(["2001-01-02"])), 2.0, 5.0, dates=["2001-01-02"]
    ),
    "attribution is of one series": lambda: fits()[0].attribution(75.0, now=NOW, then=THEN),
    "summary() is for one series": lambda: fits()[0].summary(),
    "a plot shows one series": lambda: ev.plots.trend(fits()[0]),
    "a report is of one series": lambda: ev.make_report(fits()[0]),
    "exclude names a peak of one series": lambda: ev.fit(BATCH, "gpd", scale="year", exclude="1975-03-04"),
    "compare() is for one series": lambda: ev.compare(BATCH, {"still": {}, "moving": {"scale": "year"}}),
    "every series has covariates of its own": lambda: fits()[0].covariates,
    "every series has a state of its own for then": lambda: fits()[0].change([100]),
    "series 2 has no estimate": lambda: fits()[0][2],
    "series 3: scale: log(soi)": lambda: ev.fit(BATCH, "gpd", scale="log(soi)", covariates=SOI),
    "series 1": lambda: ev.fit(
        ev.stack_peaks(SERIES[:2]), "gpd", scale="x", covariates=pd.concat([SOI.rename("x").to_frame()], keys=[0])
    ),
    "none of the 1 series has 6 peaks": lambda: ev.fit(ev.stack_peaks([FEW]), "gpd", scale="year"),
    "rate is for peaks of which it is known when": lambda: ev.fit(ev.as_peaks(TWO, 2.0, 5.0), "gpd", rate="year"),
    "cannot be left out": lambda: ev.fit(
        ev.stack_peaks(SERIES), "gpd", scale="soi", covariates=SOI.loc[1975:], missing="drop"
    ),
}


@pytest.mark.parametrize("told", REFUSED)
def test_what_cannot_be_is_said_in_a_sentence(told: str) -> None:
    with pytest.raises(EvstatsError) as caught:
        REFUSED[told]()
    assert told in str(caught.value)
    assert str(caught.value).endswith(".")


def test_what_is_wrong_in_all_series_alike_names_none() -> None:
    for formula in ("soi", "year +"):
        with pytest.raises(EvstatsError) as caught:
            ev.fit(BATCH, "gpd", scale=formula)
        assert "series" not in str(caught.value)


def test_a_state_outside_is_told_with_the_series() -> None:
    notes = fits()[0].return_level([100], at={"year": 1970.0, "soi": 0.0}).attrs["notes"]
    assert any("year = 1970 lies outside what 3 series were fitted to" in note for note in notes)
