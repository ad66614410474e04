"""What changes of peaks that follow covariates, tests of their models, and samples drawn where the peaks were."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import special, stats

import evstats as ev
from evstats import noise
from evstats.estimators import PeaksRegression
from evstats.models.redrawn import poisson

Array = NDArray[np.float64]
CHI_SQUARE = 3.841458820694124
FIRST, YEARS, THRESHOLD = 1980, 40, 50.0
CALENDAR = np.arange(FIRST, FIRST + YEARS)
OBSERVED = pd.Series(np.where(CALENDAR == 1990, 0.4, 1.0), index=CALENDAR)
THEN, NOW = {"year": 1980.0}, {"year": 2019.0}


def made(shape: float = 0.1) -> tuple[pd.DatetimeIndex, Array]:
    """A Poisson process whose rate doubles and whose sizes grow, over 40 years of which one was half observed."""
    random = noise.generator(7)
    when = np.sort(random.uniform(0.0, YEARS, 140))
    year = when.astype(int)
    kept = (random.uniform(size=140) < 2.0 ** (when / YEARS - 1.0)) & (when - year < OBSERVED.to_numpy()[year])
    sizes = 10.0 * np.exp(0.4 * when / YEARS) * ev.GPD(0.0, 1.0, shape).ppf(random.uniform(size=140))
    dates = pd.Timestamp(f"{FIRST}-01-01") + pd.to_timedelta(when[kept] * 365.25, unit="D")
    return pd.DatetimeIndex(dates), sizes[kept]


DATES, SIZES = made()
PLACE = DATES.year.to_numpy() - FIRST
T = (CALENDAR - 2000.0) / 20.0
COUNTS = np.bincount(PLACE, minlength=YEARS).astype(float)


def peaks(sizes: Array = SIZES, unit: float = 1.0, sign: float = 1.0) -> ev.Peaks:
    values = pd.Series(sign * unit * (THRESHOLD + sizes), index=DATES)
    return ev.as_peaks(values, sign * unit * THRESHOLD, OBSERVED, kind="max" if sign > 0.0 else "min")


PLAIN = ev.fit(peaks(), "gpd")
RATE = ev.fit(peaks(), "gpd", rate="year")
BOTH = ev.fit(peaks(), "gpd", rate="year", scale="year")
#: Sizes with an end that events may lie beyond.
BOUNDED = ev.fit(peaks(made(-0.3)[1]), "gpd", rate="year")


# -- an own likelihood -------------------------------------------------------------------------------------------------


def own_loglik(beta: Array) -> float:
    """Of (a, b, c, d, shape): log scale a + b t, log rate c + d t (Coles 2001, equation 7.9, year by year)."""
    a, b, c, d, shape = beta
    scale = np.exp(a + b * T[PLACE])
    u = 1.0 + shape * SIZES / scale
    if not (u > 0.0).all() or shape <= -1.0:
        return -1e9
    number = COUNTS @ (c + d * T) - OBSERVED.to_numpy() @ np.exp(c + d * T)
    return float(number - np.sum(np.log(scale) + (1.0 + 1.0 / shape) * np.log(u)))


def own_change(beta: Array, period: float) -> float:
    """The change of a level (equation 4.13) from the first year to the last."""
    a, b, c, d, shape = beta
    t = T[[-1, 0]]
    levels = np.exp(a + b * t) * np.expm1(shape * (np.log(period) + c + d * t)) / shape
    return float(levels[0] - levels[1])


def own_log_ratio(beta: Array, event: float) -> float:
    a, b, c, d, shape = beta
    t = T[[-1, 0]]
    beyond = np.exp(c + d * t) * np.maximum(1.0 + shape * (event - THRESHOLD) / np.exp(a + b * t), 0.0) ** (
        -1.0 / shape
    )
    return float(np.subtract(*np.log(-np.expm1(-beyond))))


def own_height(function: Callable[[Array], float], value: float, start: Array) -> float:
    """The highest log-likelihood with a value, by sequential quadratic programming."""
    held = {"type": "eq", "fun": lambda beta: function(beta) - value}
    best = -np.inf
    for _ in range(3):
        found = scipy.optimize.minimize(
            lambda beta: -own_loglik(beta), start, constraints=held, method="SLSQP", options={"ftol": 1e-13}
        )
        best, start = max(best, -found.fun), found.x
    return best


def own_estimate() -> Array:
    table = BOTH.params["estimate"]
    rate, size = (table[f"log_{name}:year"] for name in ("rate", "scale"))
    constants = [table[f"log_{name}:Intercept"] + 2000.0 * own for name, own in (("rate", rate), ("scale", size))]
    return np.array([constants[1], 20.0 * size, constants[0], 20.0 * rate, table["shape:Intercept"]])


def test_profile_limits_of_a_ratio_and_a_change_are_those_of_an_own_likelihood() -> None:
    estimate, event, period = own_estimate(), 90.0, 50.0
    best = own_loglik(estimate)
    assert best == pytest.approx(float(BOTH.point_process_loglik), abs=1e-8)
    ratio = BOTH.probability_ratio([event], interval="profile").iloc[0]
    change = BOTH.change([period], interval="profile").iloc[0]
    assert np.log(ratio["estimate"]) == pytest.approx(own_log_ratio(estimate, event), rel=1e-6)
    assert change["estimate"] == pytest.approx(own_change(estimate, period), rel=1e-6)
    for end in ("lower", "upper"):
        for function, value in (
            (lambda beta: own_log_ratio(beta, event), np.log(ratio[end])),
            (lambda beta: own_change(beta, period), change[end]),
        ):
            height = own_height(function, value, estimate)
            assert 2.0 * (best - height) == pytest.approx(CHI_SQUARE, abs=2e-3)


def test_delta_limits_are_those_of_numerical_derivatives() -> None:
    estimate, step = own_estimate(), 1e-5 * np.eye(5)
    covariance = np.linalg.inv(-np.array([[_second(estimate, i, j) for j in range(5)] for i in range(5)]))
    gradient = np.array([(own_change(estimate + h, 50.0) - own_change(estimate - h, 50.0)) / 2e-5 for h in step])
    half = 1.959963984540054 * np.sqrt(gradient @ covariance @ gradient)
    found = BOTH.change([50.0], interval="delta").iloc[0]
    assert found["upper"] - found["estimate"] == pytest.approx(half, rel=1e-4)


def _second(at: Array, i: int, j: int) -> float:
    h, (one, other) = 1e-4, np.eye(5)[[i, j]] * 1e-4
    corners = (own_loglik(at + s * one + r * other) * s * r for s in (1.0, -1.0) for r in (1.0, -1.0))
    return sum(corners) / (4.0 * h * h)


# -- what must be so ---------------------------------------------------------------------------------------------------


def test_where_the_rate_alone_moves_the_ratio_is_that_of_two_poisson_processes() -> None:
    event = 95.0
    rates = [RATE.rate_at(at)["estimate"].item() for at in (NOW, THEN)]
    share = float(RATE.at(NOW).sf(event))
    now, then = -np.expm1(-share * np.array(rates))
    table = RATE.attribution(event)["estimate"]
    assert table["probability_ratio"] == pytest.approx(now / then, rel=1e-9)
    assert table["probability_now"] == pytest.approx(now, rel=1e-9)
    assert table["fraction_attributable"] == pytest.approx(1.0 - then / now, rel=1e-9)
    assert table["return_period_then"] == pytest.approx(1.0 / (share * rates[1]), rel=1e-9)
    assert RATE.attribution(event).attrs["now"] == NOW  # the last year that was observed


@pytest.mark.parametrize("interval", ["rstar", "profile", "delta"])
def test_of_an_event_beyond_the_end_of_sizes_that_stay_it_is_that_of_the_rates(interval: str) -> None:
    end = float(BOUNDED.at(NOW).support()[1])
    table = BOUNDED.probability_ratio([end - 1e-3, end + 20.0], interval=interval)
    slope = BOUNDED.parameter_table(interval=interval).loc["log_rate:year", ["estimate", "lower", "upper"]]
    np.testing.assert_allclose(np.log(table.iloc[1].astype(float)), 39.0 * slope.astype(float), rtol=1e-5)
    np.testing.assert_allclose(table["estimate"].iloc[0], table["estimate"].iloc[1], rtol=1e-6)
    assert [note.code for note in table.attrs["notes"]] == ["ratio_of_rates"]


def test_units_and_minima() -> None:
    event, columns = 90.0, ["estimate", "lower", "upper"]
    ratio, change = BOTH.probability_ratio([event]), BOTH.change([20.0])
    other = ev.fit(peaks(unit=1e3), "gpd", rate="year", scale="year")
    np.testing.assert_allclose(other.probability_ratio([1e3 * event]), ratio, rtol=1e-6)
    np.testing.assert_allclose(other.change([20.0]), 1e3 * change, rtol=1e-6)
    low = ev.fit(peaks(sign=-1.0), "gpd-min", rate="year", scale="year")
    np.testing.assert_allclose(low.probability_ratio([-event]), ratio, rtol=1e-6)
    np.testing.assert_allclose(low.change([20.0])[columns], -change[["estimate", "upper", "lower"]], rtol=1e-6)
    life = {"year": np.arange(2020, 2040)}
    mirrored = low.design_life_level([0.1], covariates=life)[["estimate", "upper", "lower"]]
    np.testing.assert_allclose(mirrored, -BOTH.design_life_level([0.1], covariates=life)[columns], rtol=1e-6)


def test_years_that_are_all_alike_are_one_state() -> None:
    life, n = {"year": np.full(30, 2010.0)}, 30
    level = BOTH.return_level([n / -np.log1p(-0.1), 50.0], at={"year": 2010.0})
    np.testing.assert_allclose(BOTH.design_life_level([0.1], covariates=life).iloc[0], level.iloc[0], rtol=1e-5)
    np.testing.assert_allclose(BOTH.equivalent_level([50.0], covariates=life).iloc[0], level.iloc[1], rtol=1e-5)
    event, many = 80.0, {"year": np.full(300, 2010.0)}
    chance = BOTH.exceedance_probability([event], at={"year": 2010.0}).iloc[0]
    time = BOTH.expected_waiting_time([event], covariates=many).iloc[0]
    np.testing.assert_allclose(time, 1.0 / chance[["estimate", "upper", "lower"]], rtol=1e-4)


ERRORS: dict[str, Callable[[], object]] = {
    "level 40 is not above the threshold of 50; ": lambda: BOTH.probability_ratio([40.0]),
    "return period 0.2 is not possible; the peaks are that frequent themselves": lambda: BOTH.change([0.2]),
    "now and then are the same: year = 2019; ": lambda: RATE.attribution(90.0, now=NOW, then=NOW),
    "change is of fits with covariates, and this one has none; fit with covariates as in rate='year'.": (
        lambda: PLAIN.change([10.0])
    ),
    "level 42.6568 is not above the threshold of 50; ": lambda: BOTH.design_life_level(
        [0.995], covariates={"year": [2010.0]}
    ),
    "the number of exceedances of 50 in 39.4 years is itself random": (
        lambda: BOTH.change([10.0], interval=ev.Bootstrap(kind="nonparametric"))
    ),
}


@pytest.mark.parametrize("sentence", list(ERRORS))
def test_what_cannot_be_is_said_in_one_sentence(sentence: str) -> None:
    with pytest.raises(ev.EvstatsError) as caught:
        ERRORS[sentence]()
    assert str(caught.value).startswith(sentence)


# -- drawn anew --------------------------------------------------------------------------------------------------------


def drawn(fit: ev.Fit, samples: int) -> tuple[PeaksRegression, PeaksRegression, Array]:
    estimation = fit.estimation
    assert isinstance(estimation, PeaksRegression)
    given = noise.gumbel((samples, estimation.noise_size), rng=3)
    return estimation, estimation.refitted(given), given


def test_samples_drawn_anew_have_the_estimates_of_their_sizes_and_of_poisson_regression() -> None:
    estimation, again, given = drawn(BOTH, 400)
    assert again.estimate.converged.all()
    rates = (
        OBSERVED.to_numpy() * BOTH.rate_at({"year": CALENDAR.astype(float)}, interval="delta")["estimate"].to_numpy()
    )
    counts = stats.poisson.ppf(np.exp(-np.exp(-given[:, len(SIZES) :])), rates)
    np.testing.assert_array_equal(poisson(np.exp(-np.exp(-given[:, len(SIZES) :])), rates), counts)
    names = list(BOTH.parameter_names)
    for sample in (0, 1):
        own = ev.fit(peaks(again.values[sample] - THRESHOLD), "gpd", scale="year").params["estimate"]
        found = pd.Series(again.coefficients[sample], index=names)
        np.testing.assert_allclose(found[own.index], own, rtol=1e-5)
        columns = np.column_stack([np.ones(YEARS), CALENDAR])
        model = sm.GLM(counts[sample], columns, family=sm.families.Poisson(), offset=np.log(OBSERVED.to_numpy()))
        np.testing.assert_allclose(
            found[["log_rate:Intercept", "log_rate:year"]], model.fit(tol=1e-12).params, rtol=1e-5
        )
    spread = again.coefficients.std(axis=0)
    np.testing.assert_allclose(spread, BOTH.params["std_error"], rtol=0.25)
    assert np.all(np.abs(again.coefficients.mean(axis=0) - estimation.coefficients) < 0.5 * spread)


def test_the_bootstrap_takes_quantiles_of_them() -> None:
    few = ev.Bootstrap(replicates=400, rng=5)
    estimation = BOTH.estimation
    assert isinstance(estimation, PeaksRegression)
    again = estimation.refitted(noise.gumbel((400, estimation.noise_size), rng=5))
    own = pd.DataFrame(again.coefficients, columns=BOTH.parameter_names)
    place = [0.025 * 401 - 1.0, 0.975 * 401 - 1.0]

    def limits(values: Array) -> Array:
        return np.interp(place, np.arange(400), np.sort(values))

    table = BOTH.parameter_table(interval=few)
    for name in BOTH.parameter_names:
        np.testing.assert_allclose(table.loc[name, ["lower", "upper"]].astype(float), limits(own[name].to_numpy()))
    scale, rate = (
        np.exp(own[f"log_{name}:Intercept"] + 2019.0 * own[f"log_{name}:year"]) for name in ("scale", "rate")
    )
    shape = own["shape:Intercept"]
    levels = THRESHOLD + scale * np.expm1(shape * np.log(50.0 * rate)) / shape
    found = BOTH.return_level([50.0], at=NOW, interval=few).iloc[0]
    np.testing.assert_allclose(found[["lower", "upper"]], limits(levels.to_numpy()), rtol=1e-9)
    scale, rate = (
        np.exp(own[f"log_{name}:Intercept"] + 1980.0 * own[f"log_{name}:year"]) for name in ("scale", "rate")
    )
    then = THRESHOLD + scale * np.expm1(shape * np.log(50.0 * rate)) / shape
    change = BOTH.change([50.0], interval=few).iloc[0]
    np.testing.assert_allclose(change[["lower", "upper"]], limits((levels - then).to_numpy()), rtol=1e-7)
    life = BOTH.design_life_level([0.1], covariates={"year": np.arange(2010, 2030)}, interval=few).iloc[0]
    assert THRESHOLD < life["lower"] < life["estimate"] < life["upper"]


def test_tests_of_fit_are_of_the_sizes_and_know_of_the_fitting() -> None:
    table, still = BOTH.goodness_of_fit().set_index("test"), PLAIN.goodness_of_fit().set_index("test")
    there = BOTH.at(BOTH.covariates)
    own = np.sort(there.cdf(THRESHOLD + SIZES))
    n = len(own)
    odd = 2.0 * np.arange(1, n + 1) - 1.0
    statistic = -n - np.sum(odd * (np.log(own) + np.log1p(-own[::-1]))) / n
    assert table["statistic"]["anderson-darling"] == pytest.approx(statistic, rel=1e-9)
    assert BOTH.goodness_of_fit().attrs["replicates"] == 999
    # of sizes that stay they are those of the fit without covariates, whose p-values come from other samples
    alone = RATE.goodness_of_fit().set_index("test")
    np.testing.assert_allclose(alone["statistic"], still["statistic"][alone.index], rtol=1e-6)
    np.testing.assert_allclose(alone["p_value"], still["p_value"][alone.index], atol=0.08)
    minima = ev.fit(peaks(sign=-1.0), "gpd-min", rate="year", scale="year").goodness_of_fit()
    np.testing.assert_allclose(minima["p_value"], table["p_value"], atol=0.01)
    lumpy = ev.fit(peaks(np.ceil(SIZES / 4.0) * 4.0 - 2.0), "gpd", scale="year").goodness_of_fit()
    assert (lumpy["p_value"] > 0.01).all()  # steps are simulated too
    wrong = ev.fit(peaks(SIZES + np.where(np.arange(n) % 3, 0.0, 60.0)), "gpd", rate="year")
    assert wrong.goodness_of_fit().set_index("test")["p_value"]["anderson-darling"] < 0.01


def test_ratio_tests_have_a_reference_of_their_own_samples() -> None:
    plain = ev.likelihood_ratio_test(PLAIN, BOTH, reference="chi-square")
    bartlett, simulated = (ev.likelihood_ratio_test(PLAIN, BOTH, reference=own) for own in ("bartlett", "simulated"))
    statistic, factor = plain["statistic"].item(), bartlett.attrs["factor"]
    assert plain["p_value"].item() == pytest.approx(special.chdtrc(2, statistic))
    assert bartlett["p_value"].item() == pytest.approx(special.chdtrc(2, statistic / factor))
    assert bartlett.attrs["replicates"] == 999
    assert 0.9 < factor < 1.25
    assert simulated["p_value"].item() == pytest.approx(bartlett["p_value"].item(), abs=0.03)
    assert ev.likelihood_ratio_test(PLAIN, BOTH).equals(bartlett)
    table = ev.compare(peaks(), {"still": {"family": "gpd"}, "moving": {"family": "gpd", "rate": "year"}})
    assert table.attrs["reference"] == "bartlett"
    own = ev.likelihood_ratio_test(PLAIN, RATE)["p_value"].item()
    assert table["p_value"]["moving"] == pytest.approx(own, rel=1e-9)
    shape = ev.likelihood_ratio_test(ev.fit(peaks(), "exponential", rate="year", scale="year"), BOTH)
    assert shape["df"].item() == 1
    assert shape["p_value"].item() > 0.01


def test_peaks_are_drawn_as_they_would_be_in_a_state() -> None:
    points = ev.plots.return_level_points(BOTH, at=NOW)
    largest = points.iloc[-1]
    place = int(points.index[-1])
    beyond = BOTH.at(BOTH.covariates).sf(THRESHOLD + SIZES)[place]
    assert float(BOTH.at(NOW).sf(largest["value"])) == pytest.approx(beyond, rel=1e-9)
    rate = BOTH.rate_at(NOW)["estimate"].item()
    assert largest["return_period"] == pytest.approx(1.0 / (rate * (1.0 - largest["probability"])), rel=1e-9)
    curve = ev.plots.trend_curve(RATE, [10.0, 50.0], interval="delta")
    ten = curve[curve["return_period"] == 10.0]["estimate"].iloc[[0, -1]].to_numpy()
    ends = [{"year": float(DATES.year[end])} for end in (0, -1)]
    np.testing.assert_allclose(
        ten, [RATE.return_level([10.0], at=at, interval="delta")["estimate"].item() for at in ends]
    )
