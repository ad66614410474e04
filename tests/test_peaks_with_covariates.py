"""Peaks over a threshold whose sizes follow covariates: the optimum, limits, states, storage and errors."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
from numpy.typing import NDArray

import evstats as ev

Array = NDArray[np.float64]
NORMAL = 1.959963984540054
YEARS, THRESHOLD = 40.0, 50.0


def made(n: int = 90, shape: float = 0.1) -> tuple[Array, pd.DatetimeIndex]:
    """Sizes that grow with the year, at random days of 40 years."""
    days = np.sort(np.random.default_rng(3).integers(0, 365 * 40, n)) + np.arange(n) * 1e-6
    dates = pd.Timestamp("1980-01-01") + pd.to_timedelta(days, unit="D")
    sizes = ev.GPD(0.0, 1.0, shape).rvs(n, rng=2) * 10.0 * np.exp((dates.year.to_numpy() - 1980) / 60.0)
    return sizes, pd.DatetimeIndex(dates)


SIZES, DATES = made()
T = (DATES.year.to_numpy(dtype=float) - 2000.0) / 20.0
PEAKS = ev.as_peaks(pd.Series(THRESHOLD + SIZES, index=DATES, name="rain"), THRESHOLD, YEARS)
FIT = ev.fit(PEAKS, "gpd", scale="year")
AT = {"year": 2020.0}
MOVED = ev.fit(PEAKS, "gpd", scale="t", covariates={"t": T})


def own_loglik(beta: Array) -> float:
    """Of (a, b, log rate, shape): sizes and number (Coles 2001, section 4.3.2)."""
    a, b, log_rate, shape = beta
    scale = np.exp(a + b * T)
    u = 1.0 + shape * SIZES / scale
    if not (u > 0.0).all() or shape <= -1.0:
        return -1e9
    number = len(SIZES) * log_rate - YEARS * np.exp(log_rate)
    return float(number - np.sum(np.log(scale) + (1.0 + 1.0 / shape) * np.log(u)))


def own_optimum(full: Callable[[Array], Array], start: Array) -> tuple[float, Array]:
    options = {"xatol": 1e-10, "fatol": 1e-13, "maxiter": 6_000, "maxfev": 6_000}

    def cost(free: Array) -> float:
        return -own_loglik(full(free))

    for _ in range(3):
        found = scipy.optimize.minimize(cost, start, method="Nelder-Mead", options=options)
        start = found.x
    return -float(found.fun), found.x


def coefficients() -> Array:
    a, b, shape = MOVED.params["estimate"]
    return np.array([a, b, np.log(len(SIZES) / YEARS), shape])


def of_level(level: float, t: float, period: float) -> Callable[[Array], Array]:
    """The coefficients from (b, log rate, shape) whose level at t is given."""

    def full(free: Array) -> Array:
        b, log_rate, shape = free
        c = np.expm1(shape * (np.log(period) + log_rate)) / shape
        return np.array([np.log((level - THRESHOLD) / c) - b * t, *free])

    return full


def held(place: int, value: float) -> Callable[[Array], Array]:
    return lambda free: np.insert(free, place, value)


def test_the_optimum_is_that_of_an_own_likelihood() -> None:
    best, where = own_optimum(lambda free: free, np.array([2.5, 0.0, 0.8, 0.1]))
    assert float(MOVED.point_process_loglik) == pytest.approx(best, abs=1e-7)
    assert float(FIT.point_process_loglik) == pytest.approx(best, abs=1e-7)
    size = MOVED.params["std_error"].to_numpy()
    np.testing.assert_allclose((MOVED.params["estimate"] - where[[0, 1, 3]]) / size, 0.0, atol=1e-4)
    assert MOVED.loglik == pytest.approx(best - len(SIZES) * (np.log(len(SIZES) / YEARS) - 1.0), abs=1e-6)


def test_profile_limits_are_where_the_constrained_likelihood_says() -> None:
    estimate, best = coefficients(), float(MOVED.point_process_loglik)
    table = MOVED.parameter_table(interval="profile")
    for place, row in zip((0, 1, 3), table[["lower", "upper"]].to_numpy(), strict=True):
        for limit in row:
            height, _ = own_optimum(held(place, limit), np.delete(estimate, place))
            assert best - height == pytest.approx(0.5 * NORMAL**2, abs=1e-5)
    for limit in MOVED.return_level([50], at={"t": 1.0}, interval="profile")[["lower", "upper"]].to_numpy()[0]:
        height, _ = own_optimum(of_level(limit, 1.0, 50.0), estimate[1:])
        assert best - height == pytest.approx(0.5 * NORMAL**2, abs=1e-5)


def differences(function: Callable[[Array], Array], at: Array) -> Array:
    steps = 1e-3 * np.eye(len(at))
    sides = [[function(at + k * step) for k in (1, -1, 2, -2)] for step in steps]
    return np.stack([(8.0 * (a - b) - (c - d)) / 12e-3 for a, b, c, d in sides], axis=-1)


def own_rstar(full: Callable[[Array], Array], start: Array, sign: float) -> float:
    """r* by the tangent exponential model, to which the number of peaks belongs with the direction of its mean."""
    estimate = coefficients()
    e = np.log1p(estimate[3] * SIZES / np.exp(estimate[0] + estimate[1] * T)) / estimate[3]
    grown = np.exp(estimate[3] * e)
    in_shape = np.exp(estimate[0] + estimate[1] * T) * (grown * (estimate[3] * e - 1.0) + 1.0) / estimate[3] ** 2
    directions = np.stack([SIZES, SIZES * T, 0.0 * T, in_shape])
    counted = np.array([0.0, 0.0, YEARS * np.exp(estimate[2]), 0.0])

    def phi(beta: Array) -> Array:
        scale = np.exp(beta[0] + beta[1] * T)
        return directions @ (-(1.0 + beta[3]) / (scale + beta[3] * SIZES)) + counted * beta[2]

    def gradient(beta: Array) -> Array:
        return differences(lambda at: np.array(own_loglik(at)), beta)

    def pulled(free: Array) -> Array:
        return gradient(full(free)) @ differences(full, free)

    _, free = own_optimum(full, start)
    for _ in range(3):
        free = free - np.linalg.solve(differences(pulled, free), pulled(free))
    tilde = full(free)
    root = np.sqrt(2.0 * (own_loglik(estimate) - own_loglik(tilde)))
    top = np.column_stack([phi(estimate) - phi(tilde), differences(phi, tilde) @ differences(full, free)])
    q = abs(np.linalg.det(top) / np.linalg.det(differences(phi, estimate)))
    q *= np.sqrt(np.linalg.det(-differences(gradient, estimate)) / np.linalg.det(-differences(pulled, free)))
    return float(sign * (root + np.log(q / root) / root))


def test_limits_of_r_star_are_those_of_an_own_tangent_model() -> None:
    estimate = coefficients()
    for place, row in zip((0, 1, 3), MOVED.params[["lower", "upper"]].to_numpy(), strict=True):
        for side, limit in zip((1.0, -1.0), row, strict=True):
            found = own_rstar(held(place, limit), np.delete(estimate, place), side)
            assert found == pytest.approx(side * NORMAL, abs=2e-3)
    level = MOVED.return_level([50], at={"t": 1.0})[["lower", "upper"]].to_numpy()[0]
    for side, limit in zip((1.0, -1.0), level, strict=True):
        found = own_rstar(of_level(limit, 1.0, 50.0), estimate[1:], side)
        assert found == pytest.approx(side * NORMAL, abs=2e-3)


def test_in_a_state_it_is_an_ordinary_distribution_of_peaks() -> None:
    assert FIT.parameter_names == ("log_scale:Intercept", "log_scale:year", "shape:Intercept")
    a, b, shape = FIT.params["estimate"]
    there = FIT.at(year=2020)
    assert type(there) is ev.GPD
    np.testing.assert_allclose([there.loc, *there.parameters], [THRESHOLD, np.exp(a + 2020 * b), shape], rtol=1e-9)
    np.testing.assert_allclose(FIT.distribution.scale, np.exp(a + DATES.year * b), rtol=1e-9)
    level = FIT.return_level([10], at=AT)["estimate"].item()
    rate = len(SIZES) / YEARS
    assert level == pytest.approx(float(there.isf(1.0 / (10.0 * rate))), rel=1e-10)
    assert FIT.rate["estimate"].item() == rate
    upper = FIT.return_level([100], at=AT)["upper"].item()
    assert FIT.return_period([upper], at=AT)["lower"].item() == pytest.approx(100.0, rel=1e-4)
    both = FIT.return_level([10, 100], at={"year": [1980.0, 2020.0]})
    np.testing.assert_allclose(both.loc[1], FIT.return_level([10, 100], at=AT), rtol=1e-8)
    assert FIT.value_at_risk([0.99], at=AT)["estimate"].item() == pytest.approx(float(there.ppf(0.99)))


def test_units_minima_and_the_exponential() -> None:
    level, params = FIT.return_level([100], at=AT).to_numpy(), FIT.params.to_numpy()
    for unit in (1e-12, 1e12):
        moved = ev.as_peaks(pd.Series((THRESHOLD + SIZES) * unit, index=DATES), THRESHOLD * unit, YEARS)
        other = ev.fit(moved, "gpd", scale="year")
        np.testing.assert_allclose(other.return_level([100], at=AT) / unit, level, rtol=1e-7)
        np.testing.assert_allclose(other.params.to_numpy()[1:], params[1:], rtol=1e-6, atol=1e-9)
    below = ev.as_peaks(pd.Series(-THRESHOLD - SIZES, index=DATES), -THRESHOLD, YEARS, kind="min")
    mirrored = ev.fit(below, "gpd", scale="year")
    np.testing.assert_allclose(-mirrored.return_level([100], at=AT).to_numpy()[:, [0, 2, 1]], level, rtol=1e-8)
    exponential = ev.fit(PEAKS, "exponential", scale="year")
    assert exponential.loglik < FIT.loglik
    row = exponential.return_level([100], at=AT).iloc[0]
    assert row["lower"] < row["estimate"] < row["upper"]


def test_the_stationary_fit_is_nested() -> None:
    plain = ev.fit(PEAKS, "gpd")
    table = ev.likelihood_ratio_test(plain, FIT)
    assert FIT.loglik > plain.loglik
    assert table["df"].item() == 1
    assert table["statistic"].item() == pytest.approx(2.0 * (FIT.loglik - plain.loglik))
    assert FIT.aic == pytest.approx(6.0 - 2.0 * FIT.loglik)


def test_a_stored_fit_answers_alike_and_says_what_follows() -> None:
    both = ev.fit(PEAKS, "gpd", scale="year", shape="year")
    assert both.parameter_names[-1] == "shape:year"
    for again in (ev.Fit.from_dict(json.loads(json.dumps(FIT.to_dict()))), pickle.loads(pickle.dumps(FIT))):
        pd.testing.assert_frame_equal(again.params, FIT.params)
        pd.testing.assert_frame_equal(again.return_level([100], at=AT), FIT.return_level([100], at=AT))
    assert repr(FIT) == "Fit(GPD by maximum likelihood, scale ~ year, n=90)"
    text = str(both.summary())
    assert max(map(len, text.splitlines())) <= 80
    for words in ("scale ~:", "shape ~:", "Threshold", "over the peaks", "their number a year is taken"):
        assert words in text


def test_a_peak_is_left_out_and_the_figures_of_trends_are_drawn() -> None:
    out = ev.fit(PEAKS, "gpd", scale="year", exclude=DATES[int(np.argmax(SIZES))])
    assert out.n == len(SIZES) - 1
    assert out.at(year=2000).scale < FIT.at(year=2000).scale * 1.1
    assert "90 peaks above 50" in ev.plots.trend(FIT, levels=[10]).get_title(loc="left")
    assert "then" in ev.plots.then_and_now(FIT).get_title(loc="left")


ERRORS: dict[str, Callable[[], object]] = {
    "loc is for block maxima: the location of peaks is their threshold; let their number a year follow, as in "
    "rate='year', or their sizes, as in scale='year'.": (lambda: ev.fit(PEAKS, "gpd", loc="year")),
    "trend is for block maxima: ": lambda: ev.fit(PEAKS, "gpd", trend="year"),
    "Exponential has no shape, and shape is given; leave it out, or fit family='gpd'.": (
        lambda: ev.fit(PEAKS, "exponential", shape="year")
    ),
    "L-moments is not there for models with covariates; fit by maximum likelihood (method='mle') or method='bayes'.": (
        lambda: ev.fit(PEAKS, "gpd", scale="year", method="lmoments")
    ),
    "peaks without a covariate cannot be left out: they count in the rate; ": (
        lambda: ev.fit(PEAKS, "gpd", scale="t", covariates={"t": np.where(T > 0.5, np.nan, T)}, missing="drop")
    ),
    "the model has the covariate year, and no state is given; ": lambda: FIT.return_level([100]),
    "level 40 is not above the threshold of 50; ": lambda: FIT.return_period([40.0], at=AT),
}


@pytest.mark.parametrize("sentence", list(ERRORS))
def test_what_cannot_be_is_said_in_one_sentence(sentence: str) -> None:
    with pytest.raises(ev.EvstatsError) as caught:
        ERRORS[sentence]()
    assert str(caught.value).startswith(sentence)
