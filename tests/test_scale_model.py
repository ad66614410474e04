"""Location and scale in one proportion (``trend_kind="scale"``): the optimum, limits, states, tests and errors."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
from numpy.typing import NDArray

import evstats as ev
from evstats.distributions import PROPORTIONAL, Proportional
from evstats.errors import Status

Array = NDArray[np.float64]
T = np.linspace(0.0, 1.0, 50)
NORMAL = 1.959963984540054


def sample(ratio: float, growth: float = 0.3, shape: float = 0.1, samples: tuple[int, ...] = ()) -> Array:
    """Of a GEV whose location and scale grow with T."""
    return np.exp(growth * T) * (ratio + ev.GEV(0.0, 1.0, shape).rvs((*samples, len(T)), rng=3))


def fitted(x: Array, family: str = "gev", **more: object) -> ev.Fit:
    """With a trend in T."""
    return ev.fit(x, family, trend="t", trend_kind="scale", covariates={"t": T}, **more)  # type: ignore[arg-type]


RAIN = sample(3.0)
FIT = fitted(RAIN)


# -- an own likelihood -------------------------------------------------------------------------------------------------


def points(x: Array, beta: Array) -> tuple[Array, Array, Array]:
    """Scale, 1 + shape z and reduced variate of every value for (ratio, a, b, shape): Philip et al. (2020)."""
    ratio, a, b, shape = beta
    with np.errstate(all="ignore"):
        scale = np.exp(a + b * T)
        z = x / scale - ratio
        u = 1.0 + shape * z
        return scale, u, z if shape == 0.0 else np.log1p(shape * z) / shape


def own_loglik(x: Array, beta: Array) -> float:
    scale, u, y = points(x, beta)
    if not (u > 0.0).all() or beta[3] <= -1.0:
        return -1e9
    with np.errstate(all="ignore"):
        found = float(np.sum(-np.log(scale) - (1.0 + beta[3]) * y - np.exp(-y)))
    return found if np.isfinite(found) else -1e9


def own_optimum(x: Array, full: Callable[[Array], Array], starts: list[Array]) -> tuple[float, Array]:
    """The highest of some Nelder-Mead searches over what ``full`` makes coefficients of."""
    best, where = -np.inf, np.empty(0)
    options = {"xatol": 1e-10, "fatol": 1e-13, "maxiter": 6_000, "maxfev": 6_000}
    for start in starts:
        for _ in range(3):
            found = scipy.optimize.minimize(
                lambda free: -own_loglik(x, full(free)), start, method="Nelder-Mead", options=options
            )
            start = found.x
        if -found.fun > best:
            best, where = -float(found.fun), found.x
    return best, where


@pytest.mark.parametrize("ratio", [0.6, 3.0, 20.0])
def test_the_optimum_is_that_of_an_own_likelihood(ratio: float) -> None:
    x = sample(ratio, 0.3 / max(ratio, 1.0))
    spread = 0.8 * x.std()
    starts = [np.array([(x.mean() - 0.45 * x.std()) / spread, np.log(spread), b, 0.05]) for b in (0.0, 0.3)]
    best, where = own_optimum(x, lambda free: free, starts)
    fit = fitted(x)
    assert float(fit.loglik) == pytest.approx(best, abs=1e-7)
    size = fit.params["std_error"].to_numpy()
    np.testing.assert_allclose((fit.params["estimate"] - where) / size, 0.0, atol=1e-4)


def test_no_start_is_higher_in_samples_of_30_in_three_units() -> None:
    t = T[::2][:25]
    for seed, (ratio, unit) in enumerate([(3.0, 1e-6), (20.0, 1.0), (0.5, 1e6)]):
        x = np.exp(0.2 * t) * (ratio + ev.GEV(0.0, 1.0, -0.15).rvs(25, rng=seed))
        fit = ev.fit(x * unit, "gev", trend=t, trend_kind="scale")
        found = float(fit.loglik) + 25 * np.log(unit)
        draws = np.random.default_rng(seed).normal(size=(4, 3))

        def cost(b: Array, x: Array = x, t: Array = t) -> float:
            scale = np.exp(b[1] + b[2] * t)
            with np.errstate(all="ignore"):
                u = 1.0 + b[3] * (x / scale - b[0])
                total = np.sum(np.log(scale) + (1.0 + 1.0 / b[3]) * np.log(u) + u ** (-1.0 / b[3]))
            return float(total) if (u > 0.0).all() and b[3] > -1.0 else 1e9

        for one in draws:
            start = np.array([ratio * np.exp(0.2 * one[0]), 0.3 * one[1], 0.2 * one[2], 0.05])
            for _ in range(2):
                start = scipy.optimize.minimize(cost, start, method="Nelder-Mead", options={"maxiter": 2_000}).x
            assert -cost(start) < found + 1e-6 or start[3] < -0.95


def test_the_derivatives_are_those_of_differences() -> None:
    for family in PROPORTIONAL.values():
        own = [1.3, 0.7, -0.12, 0.2, -2.4] if "shape" in family.parameter_names else [1.3, 0.7, 0.2, -2.4]
        x, at, step = np.array([0.4, 1.1, 3.0]), np.array(own), 1e-4

        def both(moved: Array, family: type[Proportional] = family, x: Array = x) -> Array:
            found = family.from_parameters(moved).reduced_derivatives(x)
            return np.stack([found.y, found.log_slope + 0.0 * found.y])

        r = family.from_parameters(at).reduced_derivatives(x)
        one = np.eye(len(at)) * step
        for i in range(len(at)):
            first = (both(at + one[i]) - both(at - one[i])) / (2.0 * step)
            np.testing.assert_allclose([r.y_first[i] + 0.0 * x, r.log_slope_first[i] + 0.0 * x], first, atol=1e-6)
            for j in range(i, len(at)):
                corners = [p * q * both(at + p * one[i] + q * one[j]) for p in (1, -1) for q in (1, -1)]
                second = [entry + 0.0 * x for entry in r.second(i, j)]
                np.testing.assert_allclose(second, sum(corners) / (4.0 * step**2), atol=2e-6)
        whole = family.from_parameters(at)
        np.testing.assert_allclose(whole.reduced(x), whole.as_state().reduced(x), rtol=1e-12)
        np.testing.assert_allclose(whole.from_gumbel(whole.reduced(x)), x, rtol=1e-12)


# -- limits ------------------------------------------------------------------------------------------------------------

AT = {"t": 1.0}
VARIATE = -np.log(-np.log1p(-1.0 / 50.0))


def of_level(level: float) -> Callable[[Array], Array]:
    """The coefficients from (ratio, b, shape) whose level at t = 1 is given."""

    def full(free: Array) -> Array:
        ratio, b, shape = free
        return np.array([ratio, np.log(level / (ratio + np.expm1(shape * VARIATE) / shape)) - b, b, shape])

    return full


def held(place: int, value: float) -> Callable[[Array], Array]:
    """The coefficients with one of them given."""
    return lambda free: np.insert(free, place, value)


def test_profile_limits_are_where_the_constrained_likelihood_says() -> None:
    table, estimate = FIT.parameter_table(interval="profile"), FIT.params["estimate"].to_numpy()
    for place in range(4):
        for limit in table.iloc[place][["lower", "upper"]]:
            height, _ = own_optimum(RAIN, held(place, limit), [np.delete(estimate, place)])
            assert float(FIT.loglik) - height == pytest.approx(0.5 * NORMAL**2, abs=1e-5)
    for limit in FIT.return_level([50], at=AT, interval="profile")[["lower", "upper"]].to_numpy()[0]:
        height, _ = own_optimum(RAIN, of_level(limit), [estimate[[0, 2, 3]]])
        assert float(FIT.loglik) - height == pytest.approx(0.5 * NORMAL**2, abs=1e-5)


def differences(function: Callable[[Array], Array], at: Array) -> Array:
    """Derivatives in the last axis, by central differences of the fourth order."""
    steps = 1e-3 * np.eye(len(at))
    sides = [[function(at + k * step) for k in (1, -1, 2, -2)] for step in steps]
    return np.stack([(8.0 * (a - b) - (c - d)) / 12e-3 for a, b, c, d in sides], axis=-1)


def own_rstar(x: Array, estimate: Array, full: Callable[[Array], Array], start: Array, sign: float) -> float:
    """r* of what ``full`` holds, by the tangent exponential model with V = dx/dtheta at fixed probabilities."""
    scale, u, y = points(x, estimate)
    z = (u - 1.0) / estimate[3]
    in_shape = (np.exp(estimate[3] * y) * (estimate[3] * y - 1.0) + 1.0) / estimate[3] ** 2
    directions = np.stack([scale, x, x * T, scale * in_shape])
    assert np.allclose(z, x / scale - estimate[0])

    def phi(beta: Array) -> Array:
        scale, u, y = points(x, beta)
        return directions @ ((np.exp(-y) - 1.0 - beta[3]) / (scale * u))

    def gradient(beta: Array) -> Array:
        return differences(lambda at: np.array(own_loglik(x, at)), beta)

    def pulled(free: Array) -> Array:
        return gradient(full(free)) @ differences(full, free)

    _, free = own_optimum(x, full, [start])
    for _ in range(3):
        curved = differences(pulled, free)
        assert np.linalg.eigvalsh(-0.5 * (curved + curved.T))[0] > 0.0, "the search ended at no maximum"
        free = free - np.linalg.solve(curved, pulled(free))
    tilde = full(free)
    root = np.sqrt(2.0 * (own_loglik(x, estimate) - own_loglik(x, tilde)))
    top = np.column_stack([phi(estimate) - phi(tilde), differences(phi, tilde) @ differences(full, free)])
    q = abs(np.linalg.det(top) / np.linalg.det(differences(phi, estimate)))
    q *= np.sqrt(np.linalg.det(-differences(gradient, estimate)) / np.linalg.det(-differences(pulled, free)))
    return float(sign * (root + np.log(q / root) / root))


def test_limits_of_r_star_are_those_of_an_own_tangent_model() -> None:
    estimate = FIT.params["estimate"].to_numpy()
    for place in range(4):
        row = FIT.params.iloc[place]
        for side, limit in ((1.0, row["lower"]), (-1.0, row["upper"])):
            found = own_rstar(RAIN, estimate, held(place, limit), np.delete(estimate, place), side)
            assert found == pytest.approx(side * NORMAL, abs=2e-3)
    lower, upper = FIT.return_level([50], at=AT)[["lower", "upper"]].to_numpy()[0]
    for side, limit in ((1.0, lower), (-1.0, upper)):
        assert own_rstar(RAIN, estimate, of_level(limit), estimate[[0, 2, 3]], side) == pytest.approx(
            side * NORMAL, abs=2e-3
        )


@pytest.mark.parametrize("interval", [None, "profile", "delta", ev.Bootstrap(200)])
def test_every_interval_serves_it(interval: object) -> None:
    gumbel = fitted(RAIN, "gumbel")
    for fit in (FIT, gumbel):
        level = fit.return_level([100], at=AT, interval=interval).iloc[0]  # type: ignore[arg-type]
        assert level["lower"] < level["estimate"] < level["upper"]
        params = fit.parameter_table(interval=interval)  # type: ignore[arg-type]
        assert (params["lower"] < params["estimate"]).all()
        assert (params["estimate"] < params["upper"]).all()
    upper = float(FIT.return_level([100], at=AT)["upper"].item())
    assert float(FIT.exceedance_probability([upper], at=AT)["upper"].item()) == pytest.approx(0.01, rel=1e-4)


# -- states ------------------------------------------------------------------------------------------------------------


def test_in_a_state_it_is_an_ordinary_distribution() -> None:
    assert FIT.parameter_names == ("ratio", "log_scale:Intercept", "log_scale:t", "shape:Intercept")
    ratio, a, b, shape = FIT.params["estimate"]
    there = FIT.at(t=2.0)
    assert type(there) is ev.GEV
    np.testing.assert_allclose(there.parameters, [ratio * np.exp(a + 2 * b), np.exp(a + 2 * b), shape], rtol=1e-12)
    np.testing.assert_allclose(FIT.at({"t": T}).parameters, FIT.distribution.parameters, rtol=1e-12)
    np.testing.assert_allclose(FIT.distribution.loc / FIT.distribution.scale, ratio, rtol=1e-12)
    levels = FIT.return_level([2, 10, 1000], at={"t": [0.2, 0.9]})["estimate"].to_numpy().reshape(2, 3)
    np.testing.assert_allclose(levels[1] / levels[0], np.exp(0.7 * b), rtol=1e-12)
    table = FIT.return_level([100], at={"t": [0.2, 0.9]})
    np.testing.assert_allclose(table.loc[1], FIT.return_level([100], at={"t": 0.9}), rtol=1e-8)


def test_shift_is_a_location_that_follows() -> None:
    shift = ev.fit(RAIN, "gev", trend="t", trend_kind="shift", covariates={"t": T})
    pd.testing.assert_frame_equal(shift.params, ev.fit(RAIN, "gev", loc="t", covariates={"t": T}).params)
    pd.testing.assert_frame_equal(shift.params, ev.fit(RAIN, "gev", trend="t", covariates={"t": T}).params)
    assert not ev.fit(RAIN, "gev", trend="1", trend_kind="scale").has_covariates


def test_trends_of_several_terms_and_a_moving_shape() -> None:
    other = np.sin(3.0 * np.arange(50.0))
    fit = ev.fit(RAIN, "gev", trend="t + s", trend_kind="scale", shape="t", covariates={"t": T, "s": other})
    names = ("ratio", "log_scale:Intercept", "log_scale:t", "log_scale:s", "shape:Intercept", "shape:t")
    assert fit.parameter_names == names
    assert fit.loglik > FIT.loglik
    ratio, a, b, c, shape, moved = fit.params["estimate"]
    scale = np.exp(a + 0.5 * b - c)
    np.testing.assert_allclose(fit.at(t=0.5, s=-1.0).parameters, [ratio * scale, scale, shape + 0.5 * moved])
    assert np.isfinite(fit.params.to_numpy()).all()
    array = ev.fit(RAIN, "gev", trend=np.stack([T, other], axis=-1), trend_kind="scale", shape=T)
    np.testing.assert_allclose(array.params, fit.params, rtol=1e-7, atol=1e-9)
    assert array.at({"scale:x1": 0.5, "scale:x2": -1.0, "shape:x1": 0.5}).loc == pytest.approx(ratio * scale)


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_the_unit_of_the_data_is_no_matter(unit: float) -> None:
    other = fitted(RAIN * unit)
    assert float(other.loglik) + 50 * np.log(unit) == pytest.approx(float(FIT.loglik), abs=1e-9)
    np.testing.assert_allclose(other.return_level([100], at=AT) / unit, FIT.return_level([100], at=AT), rtol=1e-8)
    np.testing.assert_allclose(other.params.iloc[[0, 2, 3]], FIT.params.iloc[[0, 2, 3]], rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(other.params.iloc[1] - np.log(unit) * np.array([1, 0, 1, 1]), FIT.params.iloc[1])


def test_minima_have_limits_of_their_own() -> None:
    x = np.exp(0.3 * T) * (4.0 - ev.Gumbel(0.0, 1.0).rvs(50, rng=5))
    for family in ("gev-min", "gumbel-min"):
        fit = fitted(x, family)
        assert type(fit.at(t=1.0)).minima
        params = fit.params
        assert (params["lower"] < params["estimate"]).all()
        assert (params["estimate"] < params["upper"]).all()
        assert params.loc["ratio", "lower"] < 4.0 < params.loc["ratio", "upper"]
        level = fit.return_level([50], at=AT).iloc[0]
        assert level["lower"] < level["estimate"] < level["upper"] < fit.at(t=1.0).loc


def test_a_batch_is_its_series_one_by_one() -> None:
    x = sample(4.0, samples=(2, 2))
    x[0, 1, :6] = np.nan
    x[1, 1] -= 40.0
    batch = fitted(x)
    assert batch.status[1, 1] == Status.LOCATION_NOT_POSITIVE
    assert np.isnan(batch.at(t=1.0).loc[1, 1])
    table = batch.return_level([100], at=AT)
    for place in ((0, 0), (0, 1), (1, 0)):
        alone = fitted(x[place])
        np.testing.assert_allclose(batch[place].params, alone.params, rtol=1e-6, atol=1e-9)
        row = table.loc[(*place, 100.0)][["estimate", "lower", "upper"]].to_numpy(dtype=float)
        np.testing.assert_allclose(row, alone.return_level([100], at=AT).to_numpy()[0], rtol=1e-7)
    assert table.loc[(1, 1, 100.0), "status"] == "location_not_positive"


# -- tests, storage, words ---------------------------------------------------------------------------------------------


def test_the_stationary_fit_is_nested() -> None:
    plain = ev.fit(RAIN, "gev")
    table = ev.likelihood_ratio_test(plain, FIT)
    assert float(FIT.loglik) >= float(plain.loglik)
    assert table["df"].item() == 1
    assert table["statistic"].item() == pytest.approx(2.0 * (FIT.loglik - plain.loglik))
    assert ev.likelihood_ratio_test(fitted(RAIN, "gumbel"), FIT)["df"].item() == 1
    moving = ev.fit(RAIN, "gev", loc="t", scale="t", covariates={"t": T})
    for null, fit in ((FIT, moving), (ev.fit(RAIN, "gumbel", scale="t", covariates={"t": T}), FIT)):
        with pytest.raises(ev.ArgumentError, match="is not nested in"):
            ev.likelihood_ratio_test(null, fit)


def test_a_stored_fit_answers_alike() -> None:
    for again in (
        ev.Fit.from_dict(json.loads(json.dumps(FIT.to_dict(), allow_nan=False))),
        pickle.loads(pickle.dumps(copy.deepcopy(FIT))),
    ):
        pd.testing.assert_frame_equal(again.params, FIT.params)
        pd.testing.assert_frame_equal(again.return_level([100], at=AT), FIT.return_level([100], at=AT))
    assert "trend_kind" not in ev.fit(RAIN, "gev", loc="t", covariates={"t": T}).to_dict()


def test_it_is_said_what_follows() -> None:
    assert repr(FIT) == "Fit(GEV by maximum likelihood, loc and scale ~ t, n=50)"
    text = str(FIT.summary())
    assert max(map(len, text.splitlines())) <= 80
    for words in ("loc, scale ~:", "ratio", "log_scale:t", "ratio is that of loc to scale"):
        assert words in text


ERRORS: dict[str, Callable[[], object]] = {
    "trend says what location and scale follow, and loc is given too; give one of them: trend_kind='shift' is": (
        lambda: fitted(RAIN, loc="t")
    ),
    "trend says what location and scale follow, and scale is given too; give one": lambda: fitted(RAIN, scale="t"),
    "trend_kind='scale' says how a trend is followed, and none is given; give it as in trend='year'.": (
        lambda: ev.fit(RAIN, "gev", trend_kind="scale")
    ),
    "unknown kind of trend 'both'; known: 'shift', 'scale'.": lambda: ev.fit(RAIN, "gev", trend="t", trend_kind="both"),
    "GEV with covariates by maximum likelihood: Location and scale in one proportion need a positive location, and the "
    "fitted one is not; let the location alone follow the covariates (trend_kind='shift').": (
        lambda: fitted(RAIN - 40.0)
    ),
    "GEV (minima) with covariates by maximum likelihood: Location and scale in one proportion need": (
        lambda: fitted(-RAIN, "gev-min")
    ),
    "TCEV has no location and scale in one proportion; fit family='gev' or family='gumbel'.": (
        lambda: fitted(RAIN, "tcev")
    ),
    "trend: the formula 't**2' has a power outside a function": lambda: ev.fit(
        RAIN, "gev", trend="t**2", trend_kind="scale", covariates={"t": T}
    ),
    "L-moments is not there for location and scale in one proportion; fit by maximum likelihood (method='mle').": (
        lambda: fitted(RAIN, method="lmoments")
    ),
    "Bayes is not there for location and scale in one proportion; ": lambda: fitted(RAIN, method="bayes"),
    "Gumbel has no shape, and shape is given; ": lambda: fitted(RAIN, "gumbel", shape="t"),
    "the model has the covariate t, and no state is given; write for example at=dict(t=...).": (
        lambda: FIT.return_level([100])
    ),
}


@pytest.mark.parametrize("sentence", list(ERRORS))
def test_what_cannot_be_is_said_in_one_sentence(sentence: str) -> None:
    with pytest.raises(ev.EvstatsError) as caught:
        ERRORS[sentence]()
    assert str(caught.value).startswith(sentence)
