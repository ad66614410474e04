"""Peaks over a threshold whose rate follows covariates: Poisson regression, r*, states, time observed and errors."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import special

import evstats as ev
from evstats import noise
from evstats.distributions.special import log1p_ratio

Array = NDArray[np.float64]
NORMAL = 1.959963984540054
FIRST, YEARS, THRESHOLD = 1980, 40, 50.0
CALENDAR = np.arange(FIRST, FIRST + YEARS)
OBSERVED = pd.Series(np.where(CALENDAR == 1990, 0.4, 1.0), index=CALENDAR)
T = (CALENDAR - 2000.0) / 20.0
RANDOM = noise.generator(11)
COVARIATES = pd.DataFrame({"soi": RANDOM.normal(size=YEARS), "t": T}, index=CALENDAR)


def thinned() -> tuple[pd.DatetimeIndex, Array]:
    """Times and sizes of a Poisson process, thinned to a rate that doubles and depends on an index."""
    rates = 2.5 * np.exp(0.5 * T + 0.3 * COVARIATES["soi"].to_numpy())
    when = np.sort(RANDOM.uniform(0.0, YEARS, RANDOM.poisson(rates.max() * YEARS)))
    year = when.astype(int)
    when = when[(RANDOM.uniform(0.0, rates.max(), when.size) < rates[year]) & (when - year < OBSERVED.to_numpy()[year])]
    dates = pd.Timestamp(f"{FIRST}-01-01") + pd.to_timedelta(when * 365.25, unit="D")
    return pd.DatetimeIndex(dates), 10.0 * ev.GPD(0.0, 1.0, 0.1).ppf(RANDOM.uniform(size=when.size))


DATES, SIZES = thinned()
COUNTS = np.array([(DATES.year == year).sum() for year in CALENDAR], dtype=float)
PLACE = DATES.year.to_numpy() - FIRST
PEAKS = ev.as_peaks(pd.Series(THRESHOLD + SIZES, index=DATES, name="rain"), THRESHOLD, OBSERVED)
PLAIN = ev.fit(PEAKS, "gpd")
FIT = ev.fit(PEAKS, "gpd", rate="t + soi", covariates=COVARIATES)
MOVED = ev.fit(PEAKS, "gpd", rate="t", scale="t", covariates=COVARIATES)
AT = {"t": 0.95, "soi": 0.5}


def poisson(columns: Array) -> sm.genmod.generalized_linear_model.GLMResults:
    model = sm.GLM(COUNTS, columns, family=sm.families.Poisson(), offset=np.log(OBSERVED.to_numpy()))
    return model.fit(tol=1e-14)


GLM = poisson(np.column_stack([np.ones(YEARS), T, COVARIATES["soi"]]))


def test_the_rate_is_poisson_regression_on_the_time_observed() -> None:
    table = FIT.params.loc[["log_rate:Intercept", "log_rate:t", "log_rate:soi"]]
    np.testing.assert_allclose(table["estimate"], GLM.params, rtol=1e-8)
    np.testing.assert_allclose(table["std_error"], GLM.bse, rtol=1e-6)
    counted = special.gammaln(COUNTS + 1.0).sum() - COUNTS @ np.log(OBSERVED.to_numpy())
    rate_alone = float(FIT.point_process_loglik) - float(PLAIN.loglik)
    assert rate_alone == pytest.approx(GLM.llf + counted, abs=1e-8)
    null = poisson(np.ones((YEARS, 1)))
    test = ev.likelihood_ratio_test(PLAIN, FIT)
    assert test["df"].item() == 2
    assert test["statistic"].item() == pytest.approx(null.deviance - GLM.deviance, abs=1e-8)
    assert FIT.aic - PLAIN.aic == pytest.approx(GLM.aic - null.aic, abs=1e-8)
    assert test["p_value"].item() < 0.05
    assert np.all(np.abs(table["estimate"] - [np.log(2.5), 0.5, 0.3]) < 3.0 * table["std_error"])


def test_a_rate_that_follows_nothing_is_the_fit_without() -> None:
    same = ev.fit(PEAKS, "gpd", rate="1")
    pd.testing.assert_frame_equal(same.params, PLAIN.params)
    assert same.loglik == PLAIN.loglik
    sizes = ev.fit(PEAKS, "gpd", scale="t", covariates={"t": T[PLACE]})
    for name, row in sizes.params.iterrows():
        np.testing.assert_allclose(MOVED.params.loc[name], row, rtol=1e-6)
    assert PEAKS.years == OBSERVED.sum()
    assert FIT.rate["estimate"].item() == pytest.approx(COUNTS.sum() / OBSERVED.sum())


def own_loglik(beta: Array) -> float:
    """Of (a, b, c, d, shape): log scale a + b t, log rate c + d t (Coles 2001, equation 7.9, year by year)."""
    a, b, c, d, shape = beta
    scale = np.exp(a + b * T[PLACE])
    u = 1.0 + shape * SIZES / scale
    if not (u > 0.0).all() or shape <= -1.0:
        return -1e9
    number = COUNTS @ (c + d * T) - OBSERVED.to_numpy() @ np.exp(c + d * T)
    return float(number - np.sum(np.log(scale) + (1.0 + 1.0 / shape) * np.log(u)))


def differences(function: Callable[[Array], Array], at: Array) -> Array:
    steps = 1e-3 * np.eye(len(at))
    sides = [[function(at + k * step) for k in (1, -1, 2, -2)] for step in steps]
    return np.stack([(8.0 * (a - b) - (c - d)) / 12e-3 for a, b, c, d in sides], axis=-1)


def gradient(beta: Array) -> Array:
    return differences(lambda at: np.array(own_loglik(at)), beta)


def constrained(full: Callable[[Array], Array], start: Array) -> Array:
    found = scipy.optimize.minimize(lambda free: -own_loglik(full(free)), start, method="Nelder-Mead", tol=1e-4).x
    for _ in range(4):  # which doubles the digits each time
        found = found - np.linalg.solve(differences(lambda at: pulled(full, at), found), pulled(full, found))
    return np.asarray(found)


def pulled(full: Callable[[Array], Array], free: Array) -> Array:
    return gradient(full(free)) @ differences(full, free)


def own_roots(full: Callable[[Array], Array], start: Array) -> tuple[float, float]:
    """r and r* by the tangent exponential model: sizes, and the number of every year in the direction of its mean."""
    estimate = MOVED.params["estimate"].to_numpy()
    scale, shape = np.exp(estimate[0] + estimate[1] * T[PLACE]), estimate[4]
    e = np.log1p(shape * SIZES / scale) / shape
    in_shape = scale * (np.exp(shape * e) * (shape * e - 1.0) + 1.0) / shape**2
    nothing = 0.0 * SIZES
    directions = np.stack([SIZES, SIZES * T[PLACE], nothing, nothing, in_shape])
    means = OBSERVED.to_numpy() * np.exp(estimate[2] + estimate[3] * T)
    counted = np.stack([0.0 * T, 0.0 * T, means, means * T, 0.0 * T])

    def phi(beta: Array) -> Array:
        along = -(1.0 + beta[4]) / (np.exp(beta[0] + beta[1] * T[PLACE]) + beta[4] * SIZES)
        return directions @ along + counted @ (beta[2] + beta[3] * T)

    free = constrained(full, start)
    tilde = full(free)
    root = np.sqrt(2.0 * (own_loglik(estimate) - own_loglik(tilde)))
    top = np.column_stack([phi(estimate) - phi(tilde), differences(phi, tilde) @ differences(full, free)])
    q = abs(np.linalg.det(top) / np.linalg.det(differences(phi, estimate)))
    q *= np.sqrt(
        np.linalg.det(-differences(gradient, estimate)) / np.linalg.det(-differences(lambda at: pulled(full, at), free))
    )
    return float(root), float(root + np.log(q / root) / root)


def test_limits_of_slopes_rates_and_levels_are_those_of_an_own_tangent_model() -> None:
    estimate = MOVED.params["estimate"].to_numpy()
    t, period = 0.95, 50.0

    def of_slope(value: float) -> Callable[[Array], Array]:
        return lambda free: np.insert(free, 3, value)

    def of_rate(value: float) -> Callable[[Array], Array]:
        return lambda free: np.insert(free, 2, np.log(value) - free[2] * t)

    def of_level(value: float) -> Callable[[Array], Array]:
        def full(free: Array) -> Array:
            b, c, d, shape = free
            beyond = np.expm1(shape * (np.log(period) + c + d * t)) / shape
            return np.array([np.log((value - THRESHOLD) / beyond) - b * t, *free])

        return full

    for interval, which in (("profile", 0), ("rstar", 1)):
        rows = (
            (of_slope, 3, MOVED.parameter_table(interval=interval).iloc[3]),
            (of_rate, 2, MOVED.rate_at({"t": t}, interval=interval).iloc[0]),
            (of_level, 0, MOVED.return_level([period], at={"t": t}, interval=interval).iloc[0]),
        )
        for full, left_out, row in rows:
            for limit in row[["lower", "upper"]]:
                found = own_roots(full(limit), np.delete(estimate, left_out))[which]
                assert found == pytest.approx(NORMAL, abs=2e-3)


def test_in_a_state_it_is_an_ordinary_distribution_with_the_rate_there() -> None:
    assert FIT.parameter_names == (
        *("log_scale:Intercept", "log_rate:Intercept", "log_rate:t", "log_rate:soi", "shape:Intercept"),
    )
    rate = float(np.exp(FIT.params["estimate"].iloc[1:4] @ [1.0, AT["t"], AT["soi"]]))
    assert FIT.rate_at(AT)["estimate"].item() == pytest.approx(rate)
    sizes = FIT.at(AT)
    level = FIT.return_level([20], at=AT)
    assert level["estimate"].item() == pytest.approx(float(sizes.isf(1.0 / (20.0 * rate))), rel=1e-9)
    upper = level["upper"].item()
    assert FIT.return_period([upper], at=AT)["lower"].item() == pytest.approx(20.0, rel=1e-4)
    chance = FIT.exceedance_probability([upper], at=AT)["upper"].item()
    assert chance == pytest.approx(-np.expm1(-1.0 / 20.0), rel=1e-4)
    both = FIT.rate_at(pd.DataFrame([{"t": 0.0, "soi": 0.0}, AT]))
    np.testing.assert_allclose(both.iloc[1], FIT.rate_at(AT).iloc[0], rtol=1e-8)
    delta = FIT.rate_at(AT, interval="delta").iloc[0]
    assert np.sqrt(delta["lower"] * delta["upper"]) == pytest.approx(rate)
    assert FIT.return_level([20], at={"t": 9.0, "soi": 0.0}).attrs["notes"][0].code == "covariate_outside"
    assert "rate ~:" in str(FIT.summary())
    assert "over the 40 years observed" in " ".join(str(FIT.summary()).split())


def test_units_minima_storage_and_a_peak_that_is_left_out() -> None:
    far = COVARIATES.assign(t=CALENDAR * 1e15 + 1e18)
    other = ev.fit(PEAKS, "gpd", rate="t + soi", covariates=far)
    assert other.loglik == pytest.approx(FIT.loglik, abs=1e-7)
    np.testing.assert_allclose(other.params.loc["log_rate:soi"], FIT.params.loc["log_rate:soi"], rtol=1e-6)
    below = ev.as_peaks(pd.Series(-THRESHOLD - SIZES, index=DATES), -THRESHOLD, OBSERVED, kind="min")
    mirrored = ev.fit(below, "gpd", rate="t + soi", covariates=COVARIATES)
    pd.testing.assert_frame_equal(mirrored.rate_at(AT), FIT.rate_at(AT), rtol=1e-8)
    level = FIT.return_level([50], at=AT)
    np.testing.assert_allclose(-mirrored.return_level([50], at=AT).to_numpy()[:, [0, 2, 1]], level, rtol=1e-8)
    for again in (ev.Fit.from_dict(json.loads(json.dumps(FIT.to_dict()))), pickle.loads(pickle.dumps(FIT))):
        pd.testing.assert_frame_equal(again.params, FIT.params)
        pd.testing.assert_frame_equal(again.return_level([50], at=AT), level)
        assert again.return_level([50], at={"t": 9.0, "soi": 0.0}).attrs["notes"]
    out = ev.fit(PEAKS, "gpd", rate="t", covariates=COVARIATES, exclude=DATES[-1])
    assert out.n == len(SIZES) - 1
    assert out.rate_at({"t": 1.0})["estimate"].item() < MOVED.rate_at({"t": 1.0})["estimate"].item()


def test_the_time_observed_of_each_year_is_that_of_the_record() -> None:
    days = pd.date_range("1981-05-10", "2008-11-20", freq="D")
    record = pd.Series(ev.Gumbel(10.0, 2.0).rvs(len(days), rng=1), index=days, name="flow")
    record[(days >= "1985-03-01") & (days < "1986-10-01")] = np.nan
    peaks = ev.peaks_over_threshold(record, 19.0)
    seen = record.dropna()
    assert peaks.observed is not None
    expected = seen.groupby(pd.DatetimeIndex(seen.index).year).size() / 365.25
    np.testing.assert_allclose(peaks.observed, expected, rtol=1e-9)
    counts = pd.DatetimeIndex(peaks.dates).year.value_counts().reindex(peaks.observed.index, fill_value=0)
    own = sm.GLM(
        counts.to_numpy(),
        sm.add_constant(peaks.observed.index.to_numpy(dtype=float) - 1995.0),
        family=sm.families.Poisson(),
        offset=np.log(peaks.observed.to_numpy()),
    ).fit(tol=1e-14)
    found = ev.fit(peaks, "gpd", rate="year").params.loc["log_rate:year"]
    np.testing.assert_allclose(found[["estimate", "std_error"]], [own.params[1], own.bse[1]], rtol=1e-6)
    winter = ev.peaks_over_threshold(record, 17.0, season="DJF")
    assert winter.observed is not None
    assert winter.observed.sum() == pytest.approx(winter.years)
    assert winter.observed[1981] == pytest.approx(31.0 / 90.25, abs=0.01)
    single = ev.peaks_over_threshold(record, 19.0, separation=None)
    risk = ev.fit(single, "gpd", rate="year").value_at_risk([0.999], horizon="observation", at={"year": 2000})
    there = ev.fit(single, "gpd", rate="year")
    share = there.rate_at({"year": 2000})["estimate"].item() / 365.25
    estimate = risk["estimate"].item()
    assert float(there.at(year=2000).sf(estimate)) * share == pytest.approx(0.001, rel=1e-2)
    assert risk["lower"].item() < estimate < risk["upper"].item()


def test_years_of_given_peaks_are_spread_where_they_can_be() -> None:
    values = pd.Series(THRESHOLD + SIZES, index=DATES)
    years = pd.Series(1.0, index=range(int(DATES.year.min()), int(DATES.year.max()) + 1))
    spread = ev.fit(ev.as_peaks(values, THRESHOLD, years.sum()), "gpd", rate="year")
    assert "of the first and the last peak" in " ".join(spread.notes)
    assert "first and the last peak" not in " ".join(FIT.notes)
    whole = ev.as_peaks(values, THRESHOLD, years)
    pd.testing.assert_frame_equal(spread.params, ev.fit(whole, "gpd", rate="year").params)


def test_the_ratio_near_zero_does_not_depend_on_the_order_of_memory() -> None:
    t = np.array([[0.0, 0.3, 1e-9], [-0.01, 0.0, 2.0]])
    for found, wanted in zip(log1p_ratio(np.asfortranarray(t)), log1p_ratio(t), strict=True):
        np.testing.assert_array_equal(found, wanted)
        assert np.isfinite(found).all()


def given(years: object) -> ev.Peaks:
    return ev.as_peaks(pd.Series(THRESHOLD + SIZES, index=DATES), THRESHOLD, years)  # type: ignore[arg-type]


ERRORS: dict[str, Callable[[], object]] = {
    "GPD with covariates by maximum likelihood: the rate has no maximum, as its covariates part the years with ": (
        lambda: ev.fit(PEAKS, rate="any", covariates=pd.DataFrame({"any": COUNTS > 0.0}, index=CALENDAR))
    ),
    "rate: the covariate 'soi' has no value for 3 of the 40 years that were observed: years 2017, 2018, 2019; give ": (
        lambda: ev.fit(PEAKS, "gpd", rate="soi", covariates=COVARIATES[["soi"]].iloc[:-3])
    ),
    "rate: the covariate 'z' has ": lambda: ev.fit(PEAKS, "gpd", rate="z", covariates={"z": SIZES}),
    "rate is for peaks over a threshold, and these are block maxima or minima; leave it out, or take those, by peaks": (
        lambda: ev.fit(SIZES, "gev", rate="year")
    ),
    "rate is for peaks of which it is known when they were, and these have no dates; give them ": (
        lambda: ev.fit(ev.as_peaks(SIZES, 0.0, 40.0), "gpd", rate="year")
    ),
    "rate is of type ndarray: the rate follows covariates in every year; write a formula, as in rate='year', ": (
        lambda: ev.fit(PEAKS, "gpd", rate=T)
    ),
    "rate: the rate follows covariates from year to year, and harmonics are of the time of the year; ": (
        lambda: ev.fit(PEAKS, "gpd", rate="harmonics(1)")
    ),
    "the peaks lie in 1980 to 2019, and 44 years were observed, of which it is not known which; give the part of ": (
        lambda: ev.fit(given(44.0), "gpd", rate="year")
    ),
    "years has no 2018, in which there is a peak; give the part of every year.": lambda: given(OBSERVED.iloc[:-2]),
    "years is 2.0 in 1980; give the part of each year that was observed, from 0 to 1.": lambda: given(2.0 * OBSERVED),
    "years is a Series that is not indexed by calendar years, each once; ": lambda: given(OBSERVED.rename(str)),
    "the rate of these peaks follows no covariates; it is fit.rate; or fit with some, as in rate='year'.": (
        lambda: PLAIN.rate_at({"year": 2000})
    ),
    "rate_at is of peaks over a threshold, and this fit is of block maxima; ": (
        lambda: ev.fit(SIZES, "gumbel").rate_at({"year": 2000})
    ),
    "the model has the covariates t, soi, and no state is given; ": lambda: FIT.rate_at(),
    "return period 0.1 is not possible; the peaks are that frequent themselves": (
        lambda: FIT.return_level([0.1], at=AT)
    ),
    "L-moments is not there for models with covariates; ": (
        lambda: ev.fit(PEAKS, "gpd", rate="year", method="lmoments")
    ),
}


@pytest.mark.parametrize("sentence", list(ERRORS))
def test_what_cannot_be_is_said_in_one_sentence(sentence: str) -> None:
    with pytest.raises(ev.EvstatsError) as caught:
        ERRORS[sentence]()
    assert str(caught.value).startswith(sentence)
