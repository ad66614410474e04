"""Observations known by bounds whose parameters follow covariates: optima, batches, units, history, refusals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import optimize

import evstats as ev
from evstats.errors import ArgumentError, DataError
from evstats.extremes.records import Extremes

Array = NDArray[np.float64]
STUDY = Path(__file__).parent / "studies" / "history_trend.csv"
YEARS = np.arange(1890, 2020)
TIME = (YEARS - 1890.0) / 129.0
VALUES = ev.GEV(100.0, 20.0, 0.1).rvs(130, rng=4) + 20.0 * TIME
LEVEL = 170.0
NOW = {"year": 2020}


def gauged(values: Array = VALUES, first: int = 100) -> Extremes:
    return ev.observed(values[first:], values[first:], years=YEARS[first:], name="flow")


def with_history(values: Array = VALUES, level: float = LEVEL) -> Extremes:
    known = {int(year): float(value) for year, value in zip(YEARS[:100], values[:100], strict=True) if value > level}
    return gauged(values).with_history(1890, 1989, threshold=level, peaks=known)


def mixed(values: Array, rng: int) -> tuple[Array, Array]:
    """Some below a level, some above one, some between two."""
    kind = np.random.default_rng(rng).integers(0, 6, values.size)
    low, high = np.quantile(values, 0.4), np.quantile(values, 0.8)
    lower, upper = values.copy(), values.copy()
    below, above, between = (kind == 0) & (values < low), (kind == 1) & (values > high), kind == 2
    lower[below], upper[below] = -np.inf, low
    lower[above], upper[above] = high, np.inf
    lower[between] -= 5.0
    upper[between] += 8.0
    return lower, upper


def independent(lower: Array, upper: Array) -> Callable[[Array], float]:
    """The log-likelihood by differences of the distribution function: of location, slope over ``TIME``, log scale and
    shape."""
    exact = lower == upper

    def reduced(x: Array, theta: Array) -> Array:
        inside = 1.0 + theta[3] * (x - theta[0] - theta[1] * TIME) / np.exp(theta[2])
        return np.log(np.maximum(inside, 0.0)) / theta[3]

    def value(theta: Array) -> float:
        with np.errstate(all="ignore"):
            high, low = reduced(upper, theta), reduced(lower, theta)
            density = -(1.0 + theta[3]) * high - np.exp(-high) - theta[2]
            chance = np.log(np.exp(-np.exp(-high)) - np.where(np.isinf(lower), 0.0, np.exp(-np.exp(-low))))
            found = np.where(exact, density, np.where(np.isinf(upper), np.log(-np.expm1(-np.exp(-low))), chance)).sum()
        return float(found) if np.isfinite(found) else -1e8

    return value


def test_fits_reach_independent_optima() -> None:
    lower, upper = mixed(VALUES, 1)
    fit = ev.fit(ev.observed(lower, upper, years=YEARS), "gev", loc="year")
    loglik = independent(lower, upper)
    best = max(
        (
            optimize.minimize(
                lambda theta: -loglik(theta),
                np.array([100.0, slope, 3.0, shape]),
                method="Nelder-Mead",
                options={"maxiter": 3_000, "maxfev": 3_000, "xatol": 1e-9, "fatol": 1e-11},
            )
            for slope, shape in ((0.0, 0.05), (20.0, 0.1))
        ),
        key=lambda found: -found.fun,
    )
    assert fit.loglik == pytest.approx(-best.fun, abs=1e-6)
    slope = fit.params.loc["loc:year"]
    assert slope["estimate"] * 129.0 == pytest.approx(best.x[1], abs=2e-3 * 129.0 * slope["std_error"])


def test_a_year_below_its_threshold_counts_with_its_own_distribution() -> None:
    """Against the likelihood of a history written out, at the estimate and around it."""
    record = with_history()
    fit = ev.fit(record, "gev", loc="year")
    loglik = independent(*record.pairs.T)
    estimate = fit.params["estimate"].to_numpy()
    slope = estimate[1]
    theta = np.array([estimate[0] + 1890.0 * slope, 129.0 * slope, estimate[2], estimate[3]])
    assert fit.loglik == pytest.approx(loglik(theta), abs=1e-8)
    for place, step in enumerate((1.0, 1.0, 0.05, 0.05)):
        for sign in (-1.0, 1.0):
            assert loglik(theta + sign * step * np.eye(4)[place]) < fit.loglik


def test_numbers_alone_are_a_plain_fit() -> None:
    far = ev.observed(VALUES, VALUES, np.full(130, -np.inf), years=YEARS)
    almost = ev.observed(VALUES - 1e-9, VALUES + 1e-9, years=YEARS)
    plain = ev.fit(far, "gev", loc="year", scale="year")
    assert not plain.estimation.design.bounded
    narrow = ev.fit(almost, "gev", loc="year", scale="year")
    np.testing.assert_allclose(narrow.params["estimate"], plain.params["estimate"], rtol=1e-6)
    tables = (fit.return_level([100.0], at=NOW, interval="severini") for fit in (plain, narrow))
    pd.testing.assert_frame_equal(*tables, rtol=1e-6)


def test_the_trend_is_tested_by_samples_that_are_known_alike() -> None:
    record = with_history()
    whole, constant = ev.fit(record, "gev", loc="year"), ev.fit(record, "gev")
    test = ev.likelihood_ratio_test(constant, whole)
    assert test["statistic"].item() == pytest.approx(2.0 * (whole.loglik - constant.loglik), abs=1e-9)
    assert test["p_value"].item() == pytest.approx(0.27, abs=0.03)  # chi-square .256
    assert "trend_of_location" in {note.code for note in whole.notes}


def test_history_tells_of_the_trend() -> None:
    long, short = (ev.fit(record, "gev", loc="year") for record in (with_history(), gauged()))
    widths = [np.diff(fit.return_level([100.0], at=NOW)[["lower", "upper"]].to_numpy()).item() for fit in (long, short)]
    errors = [fit.params.loc["loc:year", "std_error"] for fit in (long, short)]
    assert widths[0] < 0.75 * widths[1]
    assert errors[0] < 0.6 * errors[1]
    table = long.return_level([100.0], at=NOW)
    assert table.attrs["interval"] == "r*, empirical covariances of the scores"


def test_any_unit_and_the_mirror_image() -> None:
    record = with_history()
    table = ev.fit(record, "gev", loc="year").return_level([100.0], at=NOW)
    lower, upper, level = record.lower, record.upper, record.perception
    assert lower is not None
    assert upper is not None
    assert level is not None
    thousandth = ev.observed(1e3 * lower, 1e3 * upper, 1e3 * level, years=YEARS)
    small = ev.fit(thousandth, "gev", loc="year").return_level([100.0], at=NOW)
    np.testing.assert_allclose(small, 1e3 * table, rtol=1e-7)
    mirrored = ev.observed(-upper, -lower, -level, years=YEARS, kind="min")
    minima = ev.fit(mirrored, "gev-min", loc="year").return_level([100.0], at=NOW)
    np.testing.assert_allclose(minima[["estimate", "upper", "lower"]], -table, rtol=1e-9)


def test_a_batch_is_its_series_and_a_stored_fit_the_same() -> None:
    pairs = np.stack([np.stack(mixed(VALUES + shift, shift), axis=-1) for shift in (0, 1, 2)])
    batch = ev.fit(ev.observed(pairs[..., 0], pairs[..., 1], years=YEARS), "gev", loc="year")
    alone = ev.fit(ev.observed(pairs[1, :, 0], pairs[1, :, 1], years=YEARS), "gev", loc="year")
    found = alone.return_level([100.0], at=NOW)
    np.testing.assert_allclose(batch[1].return_level([100.0], at=NOW), found, rtol=1e-8)
    again = ev.Fit.from_dict(alone.to_dict())
    pd.testing.assert_frame_equal(again.return_level([100.0], at=NOW), found)
    np.testing.assert_array_equal(again.residuals(), alone.residuals())


def test_everything_else_answers() -> None:
    fit = ev.fit(with_history(), "gev", loc="year")
    ratio = fit.probability_ratio(200.0, now=NOW, then={"year": 1890})
    delta = fit.probability_ratio(200.0, now=NOW, then={"year": 1890}, interval="delta")
    assert ratio["estimate"].item() == pytest.approx(delta["estimate"].item())
    assert ratio["lower"].item() < ratio["estimate"].item() < ratio["upper"].item()
    drawn = fit.return_level([100.0], at=NOW, interval=ev.Bootstrap(200))
    assert drawn["lower"].item() < drawn["estimate"].item() < drawn["upper"].item()
    assert np.count_nonzero(np.isfinite(fit.residuals())) == 30 + np.count_nonzero(VALUES[:100] > LEVEL)


def test_samples_are_drawn_as_they_would_be_known_with_the_covariates_of_their_years() -> None:
    record = with_history()
    estimation = ev.fit(record, "gev", loc="year").estimation
    drawn = estimation.drawn(ev.noise.gumbel((4_000, 130), rng=1))
    above = np.isfinite(drawn[..., 0]).mean(axis=0)[:100]
    own = estimation.distribution[:100]
    np.testing.assert_allclose(above, own.sf(LEVEL), atol=4.0 * np.sqrt(0.25 / 4_000))
    assert (drawn[:, 100:, 0] == drawn[:, 100:, 1]).all()


def test_points_of_a_plot_are_moved_and_stay_open() -> None:
    fit = ev.fit(with_history(), "gev", loc="year")
    points = ev.plots.return_level_points(fit, at=NOW)
    assert len(points) == 30 + np.count_nonzero(VALUES[:100] > LEVEL)
    slope = fit.params.loc["loc:year", "estimate"]
    moved = points.set_index("block")["value"]
    assert moved[2000] == pytest.approx(VALUES[110] + 20.0 * slope)
    drawn = ev.plots.then_and_now(fit)
    assert drawn.get_ylim()[0] > -100.0


def test_covariates_of_a_table_are_those_of_the_years_of_the_history() -> None:
    table = pd.Series(TIME, index=YEARS, name="warming")
    by_table = ev.fit(with_history(), "gev", loc="warming", covariates=table)
    assert by_table.loglik == pytest.approx(ev.fit(with_history(), "gev", loc="year").loglik, abs=1e-8)
    days = pd.date_range("1990-01-01", "2019-12-31")
    flow = pd.Series(np.random.default_rng(1).gumbel(50.0, 10.0, days.size), index=days)
    floods = ev.block_maxima(flow, "year").with_history(1890, 1989, threshold=200.0, peaks={1920: 210.0})
    dated = table.set_axis(pd.to_datetime([f"{year}-01-01" for year in YEARS]))
    logliks = [ev.fit(floods, "gumbel", loc="warming", covariates=each).loglik for each in (table, dated)]
    assert logliks[0] == pytest.approx(logliks[1], abs=1e-9)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (
            lambda: ev.fit(gauged().with_history(1890, 1989, threshold=LEVEL, peaks=6), "gev", loc="year"),
            ArgumentError,
            r"not known in which the threshold of the history was passed \(peaks=6\); give them by year",
        ),
        (
            lambda: ev.fit(with_history(), "gev", loc="t", covariates=pd.Series(TIME[50:], index=YEARS[50:], name="t")),
            DataError,
            r"50 years of the history \(1890, 1891, 1892, 1893, 1894 and 45 more\) have no covariate",
        ),
        (
            lambda: ev.fit(
                with_history(),
                "gev",
                loc="t",
                covariates=pd.Series(TIME, index=YEARS, name="t").drop([1902]),
                missing="drop",
            ),
            DataError,
            r"1 year of the history \(1902\) has no covariate, and cannot be left out",
        ),
        (
            lambda: ev.fit(with_history(), "gev", loc="year", method="bayes"),
            ArgumentError,
            "Bayes is not there for covariates of observations known by bounds; fit by maximum likelihood",
        ),
        (
            lambda: ev.fit(with_history(), "gev", trend="year", trend_kind="scale"),
            ArgumentError,
            "trend_kind='scale' is for values that are numbers",
        ),
        (
            lambda: ev.fit(with_history(), "gev", loc="year").return_level([100.0], at=NOW, interval="rstar"),
            ArgumentError,
            "the rstar interval needs values that are numbers",
        ),
        (
            lambda: ev.fit(ev.observed(VALUES[:6] - 1.0, VALUES[:6], years=YEARS[:6]), "gev", loc="year"),
            DataError,
            "there are 6 values for 4 coefficients",
        ),
    ],
)
def test_bad_input_is_one_sentence(make: Callable[[], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not STUDY.exists(), reason="the study was not run")
def test_intervals_held_in_the_study() -> None:
    """The interval taken unasked, .94 to .96 by no more than two standard errors, and three quarters of the width."""
    table = pd.read_csv(STUDY).query("interval == 'severini'")
    slack = 2.0 * np.sqrt(0.95 * 0.05 / table["records"])
    assert set(table["what"]) == {"slope", "level"}
    assert ((table["cover"] >= 0.94 - slack) & (table["cover"] <= 0.96 + slack)).all()
    assert (table["width"] <= 0.75).all()
