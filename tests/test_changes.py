"""What changes between two states of the covariates, and what many of them make together."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
import scipy.stats
from numpy.typing import NDArray

import evstats as ev
from evstats import quantities
from evstats.estimators import Regression
from evstats.intervals.changes import Asked
from evstats.models import Covariates

Array = NDArray[np.float64]
FREMANTLE = pd.read_csv(Path(__file__).parent / "golden" / "fremantle.csv", index_col="Year")
LEVELS = FREMANTLE["SeaLevel"]
COLUMNS = ["estimate", "lower", "upper"]


@cache
def fremantle(family: str = "gev", **asked: str) -> ev.Fit:
    return ev.fit(LEVELS, family, **(asked or {"loc": "year"}))


@cache
def attributed(**asked: str) -> pd.DataFrame:
    """The event of 1.8 in the fit of Fremantle."""
    return fremantle(**asked).attribution(1.8)


def drawn(n: int, seed: int, shape: float = -0.2, change: float = 1.0, **asked: Any) -> tuple[ev.Fit, float]:
    """A trend in n values, and the 100-year level of the last block."""
    t = np.linspace(0.0, 1.0, n)
    x = ev.GEV(0.0, 1.0, shape).rvs(n, rng=seed) + change * t
    event = float(ev.GEV(change, 1.0, shape).isf(0.01))
    return ev.fit(x, "gev", covariates={"t": t}, **(asked or {"loc": "t"})), event


def numbers(table: pd.DataFrame) -> Array:
    return table[COLUMNS].to_numpy(dtype=float)


# -- against other programs and own numerical methods ------------------------------------------------------------------


def test_the_log_ratio_of_fremantle_is_that_of_climextremes() -> None:
    """climextRemes 0.3: log ratio at 1.8 of t = 93 over t = 1 is 2.1955, standard error .7175."""
    table = numbers(fremantle().probability_ratio([1.8], interval="delta"))[0]
    assert np.log(table[0]) == pytest.approx(2.1955, abs=3e-4)
    half = 0.5 * (np.log(table[2]) - np.log(table[1]))
    assert half / scipy.stats.norm.ppf(0.975) == pytest.approx(0.7175, abs=2e-4)


def variate(x: Array | float, loc: Any, scale: Any, shape: Any) -> Any:
    """Reduced variate of a GEV, written out."""
    z = (x - loc) / scale
    with np.errstate(all="ignore"):
        inside = 1.0 + shape * z
        return np.where(inside > 0.0, np.log(np.maximum(inside, 1e-300)) / shape, -np.sign(shape) * np.inf)


YEARS = (LEVELS.index.to_numpy(dtype=float) - 1943.0) / 46.0
VALUES = LEVELS.to_numpy()
FINE = {"xatol": 1e-10, "fatol": 1e-13, "maxiter": 20_000, "maxfev": 20_000}


def loglik(theta: Callable[[Array], tuple[Any, Any, Any]]) -> float:
    loc, scale, shape = theta(YEARS)
    y = variate(VALUES, loc, scale, shape)
    if not np.isfinite(y).all() or np.any(scale <= 0.0):
        return -1e6
    return float(np.sum(-np.log(scale) - (1.0 + shape) * y - np.exp(-y) + 0.0 * VALUES))


Coefficients = Callable[[Array], Callable[[Array], tuple[Any, Any, Any]]]
MODELS: dict[str, tuple[dict[str, str], Coefficients, Array]] = {
    "loc": (
        {"loc": "year"},
        lambda b: lambda t: (b[0] + b[1] * t, np.exp(b[2]), b[3]),
        np.array([1.48, 0.09, -2.0, -0.1]),
    ),
    "scale": (
        {"scale": "year"},
        lambda b: lambda t: (b[0], np.exp(b[1] + b[2] * t), b[3]),
        np.array([1.48, -2.0, 0.01, -0.2]),
    ),
    "loc and scale": (
        {"loc": "year", "scale": "year"},
        lambda b: lambda t: (b[0] + b[1] * t, np.exp(b[2] + b[3] * t), b[4]),
        np.array([1.48, 0.09, -2.0, 0.01, -0.1]),
    ),
    "shape": (
        {"shape": "year"},
        lambda b: lambda t: (b[0], np.exp(b[1]), b[2] + b[3] * t),
        np.array([1.48, -2.0, -0.2, 0.01]),
    ),
}  # fmt: skip


def log_ratio(theta: Callable[[Array], tuple[Any, Any, Any]]) -> float:
    y = variate(1.8, *theta(np.array([1.0, -1.0])))
    now, then = np.log(np.maximum(-np.expm1(-np.exp(-y)), 1e-300))
    return float(now - then)


def event_change(theta: Callable[[Array], tuple[Any, Any, Any]]) -> float:
    loc, scale, shape = (np.broadcast_to(own, (2,)) for own in theta(np.array([1.0, -1.0])))
    y = variate(1.8, loc[0], scale[0], shape[0])
    return float(1.8 - (loc[1] + scale[1] * np.expm1(shape[1] * y) / shape[1]))


def life_level(theta: Callable[[Array], tuple[Any, Any, Any]]) -> float:
    own = theta((np.arange(1990.0, 2020.0) - 1943.0) / 46.0)
    found = scipy.optimize.brentq(lambda x: np.sum(np.exp(-variate(x, *own))) + np.log(0.95), 1.5, 20.0, xtol=1e-14)
    return float(found)


def constrained(coefficients: Coefficients, start: Array, value: Callable[[Any], float], wanted: float) -> float:
    """The highest log-likelihood with a quantity held, by sequential quadratic programming."""
    options = {"ftol": 1e-13, "maxiter": 400}
    held = {"type": "eq", "fun": lambda b: value(coefficients(b)) - wanted}
    found = scipy.optimize.minimize(
        lambda b: -loglik(coefficients(b)), start, method="SLSQP", constraints=[held], options=options
    )
    assert abs(held["fun"](found.x)) < 1e-6  # type: ignore[operator]
    return -float(found.fun)


@pytest.mark.parametrize("model", list(MODELS))
def test_limits_are_where_an_own_constrained_likelihood_says(model: str) -> None:
    asked, coefficients, start = MODELS[model]
    fit, drop = fremantle(**asked), 0.5 * scipy.stats.chi2.ppf(0.95, 1)
    best = scipy.optimize.minimize(lambda b: -loglik(coefficients(b)), start, method="Nelder-Mead", options=FINE)
    assert -best.fun == pytest.approx(float(fit.loglik), abs=1e-6)
    table = fit.attribution(1.8, interval="profile")
    known = np.log(numbers(table.loc[["probability_ratio"]])[0]), numbers(table.loc[["intensity_change"]])[0]
    life = {"year": np.arange(1990, 2020)}
    asked_of = [
        (log_ratio, known[0]),
        (event_change, known[1]),
        (life_level, numbers(fit.design_life_level([0.05], covariates=life, interval="profile"))[0]),
    ]
    for value, (estimate, *limits) in asked_of[: 2 if model == "shape" else 3]:  # whose levels run away on the way
        assert value(coefficients(best.x)) == pytest.approx(estimate, rel=1e-3, abs=1e-4)
        for limit in limits:
            height = constrained(coefficients, best.x, value, limit)
            assert -best.fun - height == pytest.approx(drop, abs=2e-4), (value, limit)


def test_r_star_of_the_ratio_is_that_of_an_own_numerical_computation() -> None:
    """Fraser, Reid and Wu (1999) by differences: directions, canonical parameter and determinants written out."""

    def points(b: Array, x: Array = VALUES) -> Array:
        y = variate(x, b[0] + b[1] * YEARS, np.exp(b[2]), b[3])
        return np.asarray(-b[2] - (1.0 + b[3]) * y - np.exp(-y))

    def height(b: Array) -> float:
        return float(points(b).sum())

    def slopes(function: Callable[[Array], Any], at: Array, step: float = 1e-5) -> Array:
        sides = [(function(at + step * e), function(at - step * e)) for e in np.eye(len(at))]
        return np.stack([(up - down) / (2.0 * step) for up, down in sides], axis=-1)

    def curvature(function: Callable[[Array], float], at: Array) -> Array:
        return -slopes(lambda b: slopes(function, b, 1e-4), at, 1e-4)

    start = np.array([1.48, 0.09, -2.0, -0.1])
    best = scipy.optimize.minimize(lambda b: -height(b), start, method="Nelder-Mead", options=FINE).x
    y = variate(VALUES, best[0] + best[1] * YEARS, np.exp(best[2]), best[3])

    def at_probability(b: Array) -> Array:
        return np.asarray(b[0] + b[1] * YEARS + np.exp(b[2]) * np.expm1(b[3] * y) / b[3])

    directions = slopes(at_probability, best)

    def canonical(b: Array) -> Array:
        along = (points(b, VALUES + 1e-6) - points(b, VALUES - 1e-6)) / 2e-6
        return np.asarray(directions.T @ along)

    def whole(free: Array, ratio: float) -> Array:
        """From location now, log scale and shape: the location then has the probability that the ratio says."""
        now, log_scale, shape = free
        p = -np.expm1(-np.exp(-variate(1.8, now, np.exp(log_scale), shape))) * np.exp(-ratio)
        then = 1.8 - np.exp(log_scale) * np.expm1(-shape * np.log(-np.log1p(-p))) / shape
        return np.array([0.5 * (now + then), 0.5 * (now - then), log_scale, shape])

    for ratio in np.log(numbers(fremantle().probability_ratio([1.8]))[0, 1:]):
        start = np.array([best[0] + best[1], best[2], best[3]])
        free = scipy.optimize.minimize(
            lambda f, ratio=ratio: -height(whole(f, ratio)), start, method="Nelder-Mead", options=FINE
        ).x
        held = whole(free, ratio)
        r = np.sign(log_ratio(MODELS["loc"][1](best)) - ratio) * np.sqrt(2.0 * (height(best) - height(held)))
        across = slopes(canonical, held) @ slopes(lambda f, ratio=ratio: whole(f, ratio), free)
        top = np.linalg.det(np.column_stack([canonical(best) - canonical(held), across]))
        size = np.linalg.det(curvature(height, best)) / np.linalg.det(
            curvature(lambda f, ratio=ratio: height(whole(f, ratio)), free)
        )
        q = np.sign(r) * abs(top / np.linalg.det(slopes(canonical, best))) * np.sqrt(size)
        assert abs(r + np.log(q / r) / r) == pytest.approx(1.959964, abs=2e-3)


def test_the_edge_is_the_weibull_likelihood_of_the_distance_to_the_event() -> None:
    fit, event = drawn(30, 3)
    two, ratio = Covariates.of({"t": [1.0, 0.0]}), quantities.LogProbabilityRatio(np.array([event]))
    assert isinstance(fit.estimation, Regression)
    own = Asked.of(fit.estimation, np.arange(1), two, ratio)
    k, _, size = scipy.stats.weibull_min.fit(event - fit.values, floc=0.0)
    weibull = scipy.stats.weibull_min.logpdf(event - fit.values, k, 0.0, size).sum()
    assert own.profile.edge[0] - own.profile.best[0] == pytest.approx(weibull - float(fit.loglik), abs=1e-5)


# -- what must agree ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("interval", ["rstar", "profile", "delta"])
def test_states_that_stay_are_asked_as_one(interval: str) -> None:
    fit, at = fremantle(loc="year", scale="year"), {"year": 1970}
    stays = {"year": np.full(20, 1970)}
    level = fit.return_level([50], at=at, interval=interval)
    np.testing.assert_allclose(
        fit.equivalent_level([50], covariates=stays, interval=interval).to_numpy(), level.to_numpy(), rtol=1e-5
    )
    one = {"year": [1970]}
    np.testing.assert_allclose(
        fit.design_life_level([0.02], covariates=one, interval=interval).to_numpy(), level.to_numpy(), rtol=1e-5
    )
    wait = fit.expected_waiting_time([1.6], covariates={"year": np.full(90, 1970)}, interval=interval)
    period = fit.return_period([1.6], at=at, interval=interval)
    assert wait["estimate"].item() == pytest.approx(period["estimate"].item(), rel=1e-8)
    if interval != "delta":  # which has scales of its own
        np.testing.assert_allclose(wait.to_numpy(), period.to_numpy(), rtol=1e-5)


def test_the_levels_of_a_design_life_are_what_they_say() -> None:
    fit, life = fremantle(), {"year": np.arange(1990, 2040)}
    family = fit.at(life)
    for p, level in fit.design_life_level([0.05, 0.5], covariates=life)["estimate"].items():
        assert 1.0 - np.prod(family.cdf(level)) == pytest.approx(p, rel=1e-9)
    level = fit.equivalent_level([100], covariates=life)["estimate"].item()
    assert np.prod(family.cdf(level)) == pytest.approx(0.99**50, rel=1e-9)
    none = np.cumprod(family.cdf(1.8))
    time = 1.0 + none[:-1].sum() + none[-1] / family.sf(1.8)[-1]
    assert fit.expected_waiting_time([1.8], covariates=life)["estimate"].item() == pytest.approx(time, rel=1e-9)


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_the_units_of_data_and_covariate_are_no_matter(unit: float) -> None:
    seconds = (LEVELS.index.to_numpy(dtype=float) - 1970.0) * 3.15576e7
    other = ev.fit(np.array(LEVELS) * unit, "gev", loc="s", scale="s", covariates={"s": seconds})
    one, two = attributed(loc="year", scale="year"), other.attribution(1.8 * unit)
    factor = np.where(one.index == "intensity_change", unit, 1.0)[:, None]
    np.testing.assert_allclose(two.to_numpy() / factor, one.to_numpy(), rtol=1e-6)


@pytest.mark.parametrize(("loc", "scale"), [(1e6, 1.0), (1e-8, 1e-9), (-5e5, 1.0)])
@pytest.mark.parametrize("shape", [-0.3, 0.1, 0.8])
def test_levels_of_many_states_know_no_origin_and_no_unit(loc: float, scale: float, shape: float) -> None:
    steps, expected = np.linspace(0.0, 0.3, 30)[:, None], np.array([1e-9, 0.01, 3.0, 1e3])
    here, there = ev.GEV(steps, 1.0, shape), ev.GEV(loc + scale * steps, scale, shape)
    for one, other in ((here, there), (here[:1], there[:1])):
        level = quantities.DesignLife(expected).value(one[:, [0] * expected.size])
        moved = quantities.DesignLife(expected).value(other[:, [0] * expected.size])
        np.testing.assert_allclose((moved - loc) / scale, level, rtol=1e-8)
        beyond = np.exp(-one.reduced(level)).sum(axis=0)
        np.testing.assert_allclose(beyond, expected, rtol=1e-9)


def test_in_the_shift_model_the_change_is_that_of_the_slope() -> None:
    for fit, event, years in ((fremantle(), 1.8, 92.0), (drawn(50, 8)[0], 9.0, 1.0)):
        slope = fit.params.iloc[1][COLUMNS].to_numpy(dtype=float) * years
        np.testing.assert_allclose(numbers(fit.attribution(event)).T[:, 6], slope, rtol=1e-6)
        np.testing.assert_allclose(numbers(fit.change([2, 1000])), [slope, slope], rtol=1e-6)


def test_in_the_scale_model_the_change_in_percent_is_that_of_the_slope() -> None:
    t = np.linspace(0.0, 1.0, 80)
    x = (100.0 + 30.0 * ev.GEV(0.0, 1.0, 0.05).rvs(80, rng=4)) * np.exp(0.25 * t)
    fit = ev.fit(x, "gev", trend="t", trend_kind="scale", covariates={"t": t})
    table = fit.attribution(220.0)
    slope = fit.params.loc["log_scale:t", COLUMNS].to_numpy(dtype=float)
    percent = table.loc["intensity_change_percent", COLUMNS].to_numpy(dtype=float)
    np.testing.assert_allclose(percent, 100.0 * np.expm1(slope), rtol=1e-5)
    assert table.attrs["model"] == fit.estimation.in_words
    ends = fit.design_life_level([0.05], covariates={"t": [1.0]}).to_numpy()
    np.testing.assert_allclose(ends, fit.return_level([20], at={"t": 1.0}).to_numpy(), rtol=1e-5)


def test_rows_of_an_attribution_follow_from_each_other() -> None:
    fit = fremantle()
    table = attributed()
    estimate = table["estimate"]
    assert list(table.index) == ["probability_now", "probability_then", "return_period_now", "return_period_then",
                                 "probability_ratio", "fraction_attributable", "intensity_change",
                                 "intensity_change_percent"]  # fmt: skip
    assert estimate["probability_ratio"] == pytest.approx(estimate["probability_now"] / estimate["probability_then"])
    np.testing.assert_allclose(table.loc["fraction_attributable"], 1.0 - 1.0 / table.loc["probability_ratio"])
    then = fit.at(year=1897).isf(estimate["probability_now"])
    assert estimate["intensity_change"] == pytest.approx(1.8 - then, rel=1e-9)
    assert estimate["intensity_change_percent"] == pytest.approx(100.0 * (1.8 / then - 1.0), rel=1e-9)
    assert table.attrs["now"] == {"year": 1989.0}
    assert table.attrs["then"] == {"year": 1897.0}
    json.dumps({name: value for name, value in table.attrs.items() if name != "notes"}, allow_nan=False)


def test_now_and_then_turned_give_the_inverse() -> None:
    fit, states = fremantle(loc="year", scale="year"), ({"year": 1980}, {"year": 1900})
    one = fit.probability_ratio([1.5, 1.8], now=states[0], then=states[1])
    other = fit.probability_ratio([1.5, 1.8], now=states[1], then=states[0])
    np.testing.assert_allclose(1.0 / other[["estimate", "upper", "lower"]].to_numpy(), one.to_numpy(), rtol=1e-6)
    change = fit.change([50], now=states[0], then=states[1]).to_numpy()
    back = fit.change([50], now=states[1], then=states[0])[["estimate", "upper", "lower"]].to_numpy()
    np.testing.assert_allclose(-back, change, rtol=1e-6)


def test_minima_are_maxima_mirrored() -> None:
    fit, low = fremantle(loc="year", scale="year"), ev.fit(-LEVELS, "gev-min", loc="year", scale="year")
    one, other = attributed(loc="year", scale="year"), low.attribution(-1.8)
    np.testing.assert_allclose(other.iloc[:6], one.iloc[:6], rtol=1e-6)
    np.testing.assert_allclose(-other.iloc[[6]][["estimate", "upper", "lower"]], one.iloc[[6]], rtol=1e-6)
    life = {"year": np.arange(1990, 2020)}
    turned = low.design_life_level([0.05], covariates=life)[["estimate", "upper", "lower"]]
    np.testing.assert_allclose(-turned, fit.design_life_level([0.05], covariates=life), rtol=1e-6)
    for interval in ("profile", ev.Bootstrap(400)):
        a, b = fit.change([50], interval=interval), low.change([50], interval=interval)
        np.testing.assert_allclose(-b[["estimate", "upper", "lower"]], a, rtol=1e-6)


def test_a_batch_is_its_series_one_by_one() -> None:
    t = np.linspace(0.0, 1.0, 60)
    x = ev.GEV(0.0, 1.0, 0.1).rvs((3, 60), rng=5) + t
    x[1, 10:14] = np.nan
    batch = ev.fit(x, "gev", loc="t", covariates={"t": t})
    ratios, changes = batch.probability_ratio([3.0, 4.0]), batch.change([20])
    assert list(ratios.index.names) == ["series", "event"]
    assert set(ratios["status"]) == {"converged"}
    for lane in range(3):
        alone = ev.fit(x[lane], "gev", loc="t", covariates={"t": t})
        np.testing.assert_allclose(numbers(ratios.loc[lane]), numbers(alone.probability_ratio([3.0, 4.0])), rtol=1e-5)
        np.testing.assert_allclose(numbers(changes.loc[lane]), numbers(alone.change([20])), rtol=1e-6)


def test_a_ratio_from_few_values_is_the_same_alone_and_in_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evstats.intervals.changes.REPLICATES", 60)
    t = np.linspace(0.0, 1.0, 30)
    x = ev.GEV(0.0, 1.0, 0.1).rvs((2, 30), rng=5) + t
    batch = ev.fit(x, "gev", loc="t", covariates={"t": t}).probability_ratio([4.0])
    alone = ev.fit(x[1], "gev", loc="t", covariates={"t": t}).probability_ratio([4.0])
    np.testing.assert_allclose(numbers(batch.loc[1]), numbers(alone), rtol=1e-5)
    assert "Bartlett" in alone.attrs["interval"]
    assert alone.attrs["seed"] == 20_261_128
    plain = numbers(ev.fit(x[1], "gev", loc="t", covariates={"t": t}).probability_ratio([4.0], interval="profile"))[0]
    wider = numbers(alone)[0]
    assert wider[1] < plain[1] < plain[0] < plain[2] < wider[2]


@pytest.mark.parametrize("kind", ["parametric", "nonparametric"])
def test_the_bootstrap_is_that_of_refits(kind: str) -> None:
    fit, interval = fremantle(), ev.Bootstrap(300, kind=kind, rng=5)
    _, refits = next(interval.refits(fit.estimation))  # type: ignore[arg-type]
    beta = refits.coefficients[refits.estimate.converged]
    now, then = (ev.GEV(beta[:, 0] + year * beta[:, 1], np.exp(beta[:, 2]), beta[:, 3]) for year in (1989.0, 1897.0))
    with np.errstate(divide="ignore"):
        ratios = np.log(now.sf(1.8)) - np.log(then.sf(1.8))
    low, high = np.exp(np.quantile(ratios, [0.025, 0.975], method="weibull"))
    np.testing.assert_allclose(numbers(fit.probability_ratio([1.8], interval=interval))[0, 1:], [low, high], rtol=1e-6)
    changes = np.quantile(92.0 * beta[:, 1], [0.025, 0.975], method="weibull")
    np.testing.assert_allclose(numbers(fit.change([100], interval=interval))[0, 1:], changes, rtol=1e-6)


def test_a_bayesian_fit_has_quantiles_of_its_draws() -> None:
    fit = ev.fit(LEVELS, "gumbel", loc="year", method="bayes", rng=1)
    slope = fit.params.loc["loc:year", ["lower", "upper"]].to_numpy(dtype=float) * 92.0
    table = fit.attribution(1.8)
    np.testing.assert_allclose(numbers(table)[6, 1:], slope, rtol=1e-3)
    assert table.attrs["interval"].startswith("credible")
    low = ev.fit(-LEVELS, "gumbel-min", loc="year", method="bayes", rng=1).attribution(-1.8)
    np.testing.assert_allclose(numbers(low)[4], numbers(table)[4], rtol=0.1)


# -- infinities --------------------------------------------------------------------------------------------------------


def codes(table: pd.DataFrame) -> set[str]:
    return {note.code for note in table.attrs["notes"]}


def test_impossible_then_is_an_infinite_ratio_with_a_lower_limit() -> None:
    fit, event = drawn(100, 1)
    table = fit.attribution(event)
    assert table.loc["probability_then", "estimate"] == 0.0 < table.loc["probability_now", "estimate"]
    estimate, lower, upper = table.loc["probability_ratio", COLUMNS].to_numpy(dtype=float)
    assert (estimate, upper) == (np.inf, np.inf)
    assert 1.0 < lower < np.inf
    assert table.loc["fraction_attributable", "estimate"] == 1.0
    assert "ratio_infinite" in codes(table)
    note = next(note for note in table.attrs["notes"] if note.code == "ratio_infinite")
    assert "one-sided interval of 0.975" in note
    turned = fit.probability_ratio([event], now={"t": 0.0}, then={"t": 1.0})
    assert turned["estimate"].item() == turned["lower"].item() == 0.0
    assert turned["upper"].item() == pytest.approx(1.0 / lower, rel=1e-6)
    assert "ratio_zero" in codes(turned)


def test_impossible_in_both_is_no_ratio_and_is_said() -> None:
    fit, event = drawn(30, 1)
    table = fit.attribution(event)
    assert np.isnan(table.loc["probability_ratio", "estimate"])
    assert np.isnan(table.loc["fraction_attributable", "estimate"])
    assert table.loc["probability_ratio", "lower"] == 0.0
    assert table.loc["probability_ratio", "upper"] == np.inf
    assert table.loc["fraction_attributable", "lower"] == -np.inf
    assert {"ratio_of_nothing", "any_ratio"} <= codes(table)
    assert np.isfinite(table.loc["intensity_change"].to_numpy(dtype=float)).all()


def test_every_series_of_a_hard_batch_has_limits_around_its_estimate() -> None:
    t = np.linspace(0.0, 1.0, 60)
    x = ev.GEV(0.0, 1.0, -0.2).rvs((25, 60), rng=12) + t
    fit = ev.fit(x, "gev", loc="t", covariates={"t": t})
    table = fit.probability_ratio([float(ev.GEV(1.0, 1.0, -0.2).isf(0.01))])
    estimate, lower, upper = numbers(table).T
    assert not np.isnan(numbers(table)[:, 1:]).any()
    known = ~np.isnan(estimate)
    assert (lower[known] <= estimate[known]).all()
    assert (estimate[known] <= upper[known]).all()
    assert np.isinf(estimate).any()
    assert {"ratios_without_number", "any_ratio"} <= codes(table)


@pytest.mark.parametrize("event", [-3.0, 0.2, 1.0])
def test_events_that_are_common_have_limits_too(event: float) -> None:
    fit = drawn(60, 4, 0.1, 1.0, scale="t")[0]
    estimate, lower, upper = numbers(fit.probability_ratio([event]))[0]
    assert lower <= estimate <= upper


# -- what is said, and what cannot be ----------------------------------------------------------------------------------


def test_an_attribution_says_what_it_is_of() -> None:
    table = fremantle().attribution(1.8, now={"year": 2010}, interval="delta")
    said = {note.code: str(note) for note in table.attrs["notes"]}
    assert said["covariate_outside"] == "year = 2010 lies outside the fitted 1897 to 1989."
    assert "one over the years" in said["changed_over_time"]
    assert "exclude='1978'" in said["event_in_fit"]
    assert "event_in_fit" not in codes(
        ev.fit(LEVELS, "gev", loc="year", exclude=1978).attribution(1.8512, interval="delta")
    )
    assert "no_percent" in codes(ev.fit(LEVELS - 10.0, "gev", loc="year").attribution(-8.2, interval="delta"))
    beyond = fremantle().expected_waiting_time([1.95], covariates={"year": np.arange(1990, 2100)})
    assert (beyond["upper"] > 110.0).any() == ("waits_beyond" in codes(beyond))


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda fit: ev.fit(LEVELS).attribution(1.8), "attribution is of fits with covariates, and this one has none"),
        (lambda fit: fit.attribution(1.8, now={"year": 1897}), "now and then are the same: year = 1897"),
        (lambda fit: fit.change([10], now={"year": 1}, then={"year": 1}), "now and then are the same: year = 1"),
        (lambda fit: fit.attribution(np.inf), "the events contain inf; expected finite numbers"),
        (lambda fit: fit.attribution([1.8, 1.9]), "attribution is of one event, and 2 are given"),
        (lambda fit: fit.attribution(1.8, now={"soi": 1.0}), r"now gives no year; write for example now=dict\(year="),
        (lambda fit: fit.attribution(1.8, then={"year": [1, 2]}), "then is 2 states; give one, of single numbers"),
        (lambda fit: fit.probability_ratio([1.8], interval="exact"), "not there for models with covariates"),
        (lambda fit: fit.change([1.0]), "return period 1 is not possible"),
        (lambda fit: fit.design_life_level([0.05], covariates=None), "no state is given; write for example"),
        (lambda fit: fit.design_life_level([5], covariates={"year": [1990]}), r"probability 5 is outside \(0, 1\)"),
        (
            lambda fit: fit.expected_waiting_time([2.5], covariates={"year": np.arange(1990, 2000)}),
            "the covariates end after 10 blocks, within which the level 2.5 is not passed with a probability of 1;",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(ask: Callable[[ev.Fit], Any], words: str) -> None:
    with pytest.raises(ev.ArgumentError, match=words):
        ask(fremantle())


def test_a_batch_has_no_attribution() -> None:
    x = ev.Gumbel(0.0, 1.0).rvs((2, 40), rng=1)
    fit = ev.fit(x, "gumbel", loc=np.arange(40.0))
    with pytest.raises(ev.ArgumentError, match="attribution is of one series"):
        fit.attribution(3.0)
    table = fit.probability_ratio([3.0])
    assert table.attrs["now"] == {"loc:x1": 39.0}
    own = ev.fit(x, "gumbel", loc=np.random.default_rng(1).normal(size=(2, 40, 1)))
    with pytest.raises(ev.ArgumentError, match="are of each series its own"):
        own.change([10])
    assert len(own.change([10], now={"loc:x1": 1.0}, then={"loc:x1": 0.0})) == 2


def test_a_waiting_time_asks_no_more_blocks_than_matter() -> None:
    """Of blocks that come long after the level has been passed for certain nothing hangs, nor of their number."""
    heights = ev.GEV(2.0, 0.2, 0.2).rvs(60, rng=1) + 0.01 * np.arange(60.0)
    fit = ev.fit(pd.Series(heights, index=range(1961, 2021)), "gev", loc="year")
    tables = [
        fit.expected_waiting_time(4.0, covariates=pd.DataFrame({"year": np.arange(2021.0, end)}), interval="profile")
        for end in (2500.0, 3500.0)
    ]
    assert (tables[1]["lower"] < tables[1]["estimate"]).all()
    assert (tables[1]["estimate"] < tables[1]["upper"]).all()
    np.testing.assert_allclose(tables[0], tables[1], rtol=1e-6)


def test_states_that_are_not_given_do_not_hang_on_chance_or_on_the_sign_of_an_index() -> None:
    """An index that wanders is compared low and high, and held where it is beside the years."""
    index = pd.Series(
        np.round(np.sin(3.0 * np.arange(60.0)) + 0.1 * np.arange(60.0) % 0.7, 3), range(1961, 2021), name="soi"
    )
    heights = pd.Series(ev.Gumbel(10.0, 1.0).rvs(60, rng=1), index.index) + 0.8 * index
    ordered = np.sort(index)
    alone, turned, beside = (
        ev.fit(heights, "gumbel", loc=loc, covariates=own).change([100])
        for loc, own in (("soi", index), ("soi", -index), ("year + soi", index))
    )
    assert (alone.attrs["then"], alone.attrs["now"]) == ({"soi": ordered[3]}, {"soi": ordered[-4]})
    np.testing.assert_allclose(turned[["estimate"]], -alone[["estimate"]], rtol=1e-6)
    middle = ordered[29]
    assert beside.attrs["then"] == {"year": 1961.0, "soi": middle}
    assert beside.attrs["now"] == {"year": 2020.0, "soi": middle}
