"""Fits whose parameters follow covariates: optima, units, batches, states, limits, tests, storage and errors."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
import scipy.stats
from numpy.typing import NDArray
from textbook import covariate_loglik, covariate_optimum, covariate_score

import evstats as ev
from evstats.errors import Status
from evstats.estimators import MaximumLikelihood, Regression
from evstats.goodness import nested
from evstats.models import predictors_of, states

Array = NDArray[np.float64]
FREMANTLE = pd.read_csv(Path(__file__).parent / "golden" / "fremantle.csv", index_col="Year")
LEVELS, SOI = FREMANTLE["SeaLevel"], FREMANTLE[["SOI"]]
PIRIE = json.loads((Path(__file__).parent / "golden" / "annual_maxima.json").read_text())["port_pirie"]
PORT_PIRIE = pd.Series(
    PIRIE["values"], index=range(PIRIE["first_year"], PIRIE["first_year"] + len(PIRIE["values"])), name="level"
)


@pytest.fixture(autouse=True)
def few_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes test trends by simulation, and nothing here looks at how well."""
    monkeypatch.setattr(nested, "REPLICATES", (200, 100, 100, 100))


def fitted(**asked: Any) -> ev.Fit:
    """Fremantle with formulas."""
    uses = any("SOI" in str(formula) for formula in asked.values())
    return ev.fit(LEVELS, "gev", covariates=SOI if uses else None, **asked)


def trend(n: int, samples: tuple[int, ...] = (), seed: int = 1, shape: float = 0.1) -> tuple[Array, dict[str, Array]]:
    """Samples with a location that rises by one scale, and what it rises with."""
    t = np.linspace(0.0, 1.0, n)
    return ev.GEV(0.0, 1.0, shape).rvs((*samples, n), rng=seed) + t, {"t": t}


# -- the optimum -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "loglik"), [("1", 43.6), ("year", 49.9), ("year + SOI", 53.9)], ids=["constant", "time", "and SOI"]
)
def test_fremantle_as_in_coles(formula: str, loglik: float) -> None:
    fit = ev.fit(LEVELS, "gev", loc=formula, covariates=SOI if "SOI" in formula else None)
    assert round(float(fit.loglik), 1) == loglik


def columns(*covariates: Array) -> Array:
    """A constant and centred covariates of unit variance."""
    scaled = [(own - own.mean()) / own.std() for own in covariates]
    return np.column_stack([np.ones(len(covariates[0]) if covariates else 1), *scaled])


YEAR, INDEX = LEVELS.index.to_numpy(dtype=float), SOI["SOI"].to_numpy()
ONE = np.ones((len(YEAR), 1))
MODELS: dict[str, tuple[dict[str, str], list[Array]]] = {
    "loc": ({"loc": "year + SOI"}, [columns(YEAR, INDEX), ONE, ONE]),
    "loc and scale": ({"loc": "year", "scale": "SOI"}, [columns(YEAR), columns(INDEX), ONE]),
    "shape": ({"loc": "year", "shape": "year"}, [columns(YEAR), ONE, columns(YEAR)]),
}


@pytest.mark.parametrize("model", list(MODELS))
def test_the_optimum_is_that_of_an_own_likelihood(model: str) -> None:
    asked, designs = MODELS[model]
    best = covariate_optimum(LEVELS.to_numpy(), [np.broadcast_to(own, (86, own.shape[1])) for own in designs])
    assert float(fitted(**asked).loglik) == pytest.approx(best.loglik, abs=1e-6)


def test_port_pirie_has_no_trend() -> None:
    year = PORT_PIRIE.index.to_numpy(dtype=float)
    one = np.ones((len(year), 1))
    where, best = covariate_optimum(PORT_PIRIE.to_numpy(), [columns(year), one, one])
    fit = ev.fit(PORT_PIRIE, "gev", loc="year")
    assert float(fit.loglik) == pytest.approx(best, abs=1e-6)
    slope = fit.params.loc["loc:year"]
    assert slope["estimate"] == pytest.approx(where[1] / year.std(), rel=1e-3)
    assert slope["lower"] < 0.0 < slope["upper"]
    assert float(ev.likelihood_ratio_test(ev.fit(PORT_PIRIE), fit)["p_value"].item()) > 0.5


def test_standard_errors_are_those_of_the_curvature() -> None:
    fit = fitted(loc="year + SOI", scale="SOI")
    beta, size = fit.params["estimate"].to_numpy(), fit.params["std_error"].to_numpy()
    year, soi = np.column_stack([np.ones(86), YEAR, INDEX]), np.column_stack([np.ones(86), INDEX])

    designs = [year, soi, np.ones((86, 1))]
    score = covariate_score(beta, LEVELS.to_numpy(), designs) * size
    np.testing.assert_allclose(score, 0.0, atol=1e-4)
    # differences of the score along the eigenvectors of the covariance, in whose directions the curvature is 1
    values, vectors = np.linalg.eigh(fit.covariance / np.outer(size, size))
    axes = (vectors * np.sqrt(values)).T * size
    curvature = [
        axes
        @ (
            covariate_score(beta - 1e-3 * one, LEVELS.to_numpy(), designs)
            - covariate_score(beta + 1e-3 * one, LEVELS.to_numpy(), designs)
        )
        / 2e-3
        for one in axes
    ]
    np.testing.assert_allclose(curvature, np.eye(6), atol=1e-4)


UNITS: dict[str, Callable[[Array], Array]] = {
    "seconds since 1970": lambda year: (year - 1970.0) * 365.25 * 86_400.0,
    "x 1e15 + 1e18": lambda year: 1e15 * year + 1e18,
    "x 1e-12": lambda year: (year - 1900.0) * 1e-12,
}


@pytest.mark.parametrize("unit", list(UNITS))
def test_the_unit_of_a_covariate_is_no_matter(unit: str) -> None:
    fit, moved = fitted(loc="year", scale="year"), UNITS[unit](YEAR)
    other = ev.fit(LEVELS, "gev", loc="x", scale="x", covariates={"x": moved})
    assert float(other.loglik) == pytest.approx(float(fit.loglik), abs=1e-7)
    here, there = (
        fit.return_level([100], at={"year": 1989.0}).to_numpy(),
        other.return_level([100], at={"x": moved[-1]}).to_numpy(),
    )
    np.testing.assert_allclose(there, here, rtol=1e-6)
    slopes = [own.params.iloc[1][["estimate", "lower", "upper"]].to_numpy() for own in (fit, other)]
    np.testing.assert_allclose(slopes[1] * np.ptp(moved) / np.ptp(YEAR), slopes[0], rtol=1e-6)


def test_powers_of_raw_years_are_those_of_centred_ones() -> None:
    raw = fitted(loc="year + I(year**2) + I(year**3)")
    centred = fitted(loc="I(year - 1940) + I((year - 1940)**2) + I((year - 1940)**3)")
    assert float(raw.loglik) == pytest.approx(float(centred.loglik), abs=1e-7)


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_the_unit_of_the_data_is_no_matter(unit: float) -> None:
    fit, other = fitted(loc="year"), ev.fit(LEVELS * unit, "gev", loc="year")
    assert float(other.loglik) + 86 * np.log(unit) == pytest.approx(float(fit.loglik), abs=1e-7)
    at = {"year": 1989}
    np.testing.assert_allclose(other.return_level([100], at=at) / unit, fit.return_level([100], at=at), rtol=1e-6)


@pytest.mark.parametrize("family", ["gev", "gumbel"])
def test_the_constant_model_is_the_fit_without_formulas(family: str) -> None:
    plain = ev.fit(LEVELS, family)
    assert not ev.fit(LEVELS, family, loc="1", scale="1").has_covariates
    values = np.array(LEVELS)
    none = predictors_of({}, LEVELS, values.shape)
    general = Regression.following(plain.family, MaximumLikelihood(), values, none)
    found = np.array(general.estimate.parameters)
    found[1] = np.exp(found[1])
    np.testing.assert_allclose(found, plain.distribution.parameters, rtol=1e-9)
    assert float(general.loglik()) == pytest.approx(float(plain.loglik), abs=1e-9)


# -- batches, minima, missing values -----------------------------------------------------------------------------------


def test_a_batch_is_its_series_one_by_one() -> None:
    x, known = trend(50, (2, 3))
    x[0, 1, :7] = x[1, 2, 30] = np.nan
    batch = ev.fit(x, "gev", loc="t", scale="t", covariates=known)
    table = batch.return_level([100], at={"t": 1.0})
    for place in np.ndindex(2, 3):
        alone = ev.fit(x[place], "gev", loc="t", scale="t", covariates=known)
        np.testing.assert_allclose(batch[place].params, alone.params, rtol=1e-6, atol=1e-9)
        row = table.loc[(*place, 100.0)][["estimate", "lower", "upper"]].to_numpy(dtype=float)
        np.testing.assert_allclose(row, alone.return_level([100], at={"t": 1.0}).to_numpy()[0], rtol=1e-7)
        assert batch.n[place] == np.isfinite(x[place]).sum()


def test_every_series_may_have_its_own_covariates() -> None:
    x, _ = trend(40, (3,))
    designs = np.random.default_rng(2).normal(size=(3, 40, 2))
    batch = ev.fit(x, "gumbel", loc=designs, scale=designs[0, :, 0])
    state = {"loc:x1": 1.0, "loc:x2": -0.5, "scale:x1": 0.2}
    levels = batch.return_level([10], at=state)[["estimate", "lower", "upper"]].to_numpy()
    for lane in range(3):
        alone = ev.fit(x[lane], "gumbel", loc=designs[lane], scale=designs[0, :, 0])
        np.testing.assert_allclose(batch[lane].params, alone.params, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(levels[lane], alone.return_level([10], at=state).to_numpy()[0], rtol=1e-7)


def test_minima_are_maxima_mirrored() -> None:
    fit, mirrored = fitted(loc="year", scale="year"), ev.fit(-LEVELS, "gev-min", loc="year", scale="year")
    one, other = (own.return_level([100], at={"year": 1980}).to_numpy()[0] for own in (fit, mirrored))
    np.testing.assert_allclose(-other[[0, 2, 1]], one, rtol=1e-9)
    np.testing.assert_allclose(mirrored.params.iloc[2:], fit.params.iloc[2:], rtol=1e-9)
    np.testing.assert_allclose(-mirrored.params.iloc[:2][["estimate", "upper", "lower"]],
                               fit.params.iloc[:2][["estimate", "lower", "upper"]], rtol=1e-9)  # fmt: skip
    np.testing.assert_allclose(-mirrored.distribution.ppf(0.01), fit.distribution.isf(0.01), rtol=1e-12)


def test_blocks_are_left_out_by_label_and_for_want_of_a_covariate() -> None:
    fit = ev.fit(LEVELS, "gev", loc="year", exclude=[1909, 1956])
    assert fit.n == 84
    assert "2 values are left out of the fit, as asked: blocks 1909, 1956." in fit.notes
    without = LEVELS.drop([1909, 1956])
    np.testing.assert_allclose(fit.params, ev.fit(without, "gev", loc="year").params, rtol=1e-7, atol=1e-10)
    assert ev.fit(LEVELS, "gev", exclude=1909).n == 85
    dropped = ev.fit(LEVELS, "gev", loc="SOI", covariates=SOI.drop([1950, 1951]), missing="drop")
    assert dropped.n == len(dropped.values) == 84
    assert any("2 of 86 blocks are left out" in note for note in dropped.notes)


def test_extremes_bring_their_years_and_seasons() -> None:
    days = pd.date_range("1981-01-01", "2010-12-31", freq="D")
    daily = pd.Series(ev.Gumbel(0.0, 1.0).rvs(len(days), rng=3), index=days, name="flow")
    rising = ev.fit(ev.block_maxima(daily + (days.year - 1980) / 10.0, "year"), "gumbel", loc="year")
    assert rising.params.loc["loc:year", "estimate"] == pytest.approx(0.1, abs=0.04)
    assert rising.return_level([10], at=pd.DataFrame(index=[1981, 2010])).shape == (2, 3)
    seasonal = daily + 3.0 * np.cos(2.0 * np.pi * days.day_of_year / 365.25)
    months = ev.fit(ev.block_maxima(seasonal, "month"), "gumbel", loc="harmonics(1)")
    winter, summer = (months.at(date=day).loc for day in ("2000-01-15", "2000-07-15"))
    assert winter - summer == pytest.approx(6.0, abs=0.5)


# -- states and limits -------------------------------------------------------------------------------------------------


def test_the_distribution_in_a_state_is_that_of_the_blocks_there() -> None:
    fit = fitted(loc="year + SOI", scale="year")
    frame = FREMANTLE.reset_index().rename(columns={"Year": "year"})[["year", "SOI"]]
    np.testing.assert_allclose(fit.at(frame).parameters, fit.distribution.parameters, rtol=1e-10)
    first = fit.at(year=1897, SOI=-0.67)
    assert first.loc == pytest.approx(fit.distribution.loc[0], rel=1e-10)
    beta = fit.params["estimate"]
    assert first.loc == pytest.approx(beta["loc:Intercept"] + 1897 * beta["loc:year"] - 0.67 * beta["loc:SOI"])
    assert first.scale == pytest.approx(np.exp(beta["log_scale:Intercept"] + 1897 * beta["log_scale:year"]))
    moving = fit.return_level([2, 100], at=frame.set_index("year", drop=False)[["SOI"]])
    assert list(moving.index.names) == ["year", "return_period"]
    np.testing.assert_allclose(moving["estimate"].to_numpy()[1::2], fit.distribution.isf(0.01), rtol=1e-10)


@pytest.mark.parametrize("interval", [None, "profile", "delta"])
def test_a_table_of_states_is_one_state_after_the_other(interval: str | None) -> None:
    fit = fitted(loc="year", scale="year")
    table = fit.return_level([10, 100], at={"year": [1900, 1989]}, interval=interval)
    assert list(table.index.names) == ["state", "return_period"]
    for state, year in enumerate((1900, 1989)):
        alone = fit.return_level([10, 100], at={"year": year}, interval=interval)
        np.testing.assert_allclose(table.loc[state], alone, rtol=1e-8)


def test_profile_limits_are_where_the_constrained_likelihood_says() -> None:
    x, known = trend(60, seed=4)
    fit, t = ev.fit(x, "gev", loc="t", scale="t", covariates=known), known["t"]
    drop, line = 0.5 * scipy.stats.chi2.ppf(0.95, 1), np.column_stack([np.ones(len(t)), t])

    def height(full: Callable[[Array], Array], start: Array) -> float:
        """The likelihood of (two of the location, two of the log scale, shape), maximised over some of them."""

        def cost(free: Array) -> float:
            b = full(free)
            return -covariate_loglik(b, x, [line, line, np.ones((len(t), 1))])

        options = {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000}
        for _ in range(2):
            found = scipy.optimize.minimize(cost, start, method="Nelder-Mead", options=options)
            start = found.x
        return float(fit.loglik) + float(found.fun)

    table, beta = fit.parameter_table(interval="profile"), fit.params["estimate"].to_numpy()
    for held in range(5):
        for limit in table.iloc[held][["lower", "upper"]]:
            deep = height(lambda free, held=held, limit=limit: np.insert(free, held, limit), np.delete(beta, held))
            assert deep == pytest.approx(drop, abs=1e-5)
    level = fit.return_level([50], at={"t": 1.0}, interval="profile")
    y = -np.log(-np.log1p(-1.0 / 50.0))
    for limit in level[["lower", "upper"]].to_numpy()[0]:

        def of_level(free: Array, limit: float = limit) -> Array:
            quantile = np.exp(free[1] + free[2]) * np.expm1(free[3] * y) / free[3]
            return np.array([limit - quantile - free[0], free[0], *free[1:]])

        assert height(of_level, beta[1:]) == pytest.approx(drop, abs=1e-5)


def test_limits_of_periods_and_probabilities_are_those_of_their_levels() -> None:
    fit = fitted(loc="year")
    at = {"year": 1989}
    upper = float(fit.return_level([100], at=at)["upper"].item())
    assert float(fit.return_period([upper], at=at)["lower"].item()) == pytest.approx(100.0, rel=1e-4)
    assert float(fit.exceedance_probability([upper], at=at)["upper"].item()) == pytest.approx(0.01, rel=1e-4)


def test_risk_measures_are_asked_in_a_state_too() -> None:
    fit = fitted(loc="year")
    at = {"year": 1989}
    level, risk = fit.return_level([100], at=at), fit.value_at_risk([0.99], at=at)
    np.testing.assert_allclose(risk, level, rtol=1e-10)
    shortfall = fit.expected_shortfall([0.99], at=at).iloc[0]
    assert risk["lower"].item() < shortfall["lower"] < shortfall["estimate"] < shortfall["upper"]
    assert risk["estimate"].item() < shortfall["estimate"]


def test_r_star_is_the_profile_in_large_samples_and_wider_in_small_ones() -> None:
    for n, nearly in ((2_000, 0.02), (30, np.inf)):
        x, known = trend(n, seed=6)
        fit = ev.fit(x, "gev", loc="t", covariates=known)
        star, profile = (fit.parameter_table(interval=name).loc["loc:t"] for name in ("rstar", "profile"))
        ratio = (star["upper"] - star["lower"]) / (profile["upper"] - profile["lower"])
        assert 1.0 < ratio < 1.0 + nearly


@pytest.mark.parametrize("kind", ["parametric", "nonparametric"])
def test_the_bootstrap_is_that_of_refits_by_hand(kind: str) -> None:
    fit, size = fitted(loc="year", scale="year"), 300
    interval, at = ev.Bootstrap(size, kind=kind, rng=5), {"year": 1989}
    if kind == "parametric":
        drawn = fit.distribution.from_gumbel(ev.noise.gumbel((size, 86), rng=5))
        again = ev.fit(drawn, "gev", loc="year", scale="year", covariates={"year": YEAR})
        levels = again.evaluate(ev.ReturnLevel([100.0]), "delta", at=at).estimate[:, 0]
        slopes = again.params["estimate"].to_numpy().reshape(size, 5)[:, 1]
    else:
        places = ev.noise.generator(5).integers(86, size=(size, 86))
        pairs = [ev.fit(np.array(LEVELS)[row], "gev", loc=YEAR[row], scale=YEAR[row]) for row in places[:40]]
        levels = np.array([one.at({"loc:x1": 1989.0, "scale:x1": 1989.0}).isf(0.01) for one in pairs])
        slopes = np.array([one.estimation.coefficients[1] for one in pairs])  # type: ignore[attr-defined]
        _, refits = next(interval.refits(fit.estimation))  # type: ignore[arg-type]
        np.testing.assert_allclose(refits.coefficients[:40, 1], slopes, rtol=1e-6)
        there = refits.in_state(states(at, ["year"])).distribution
        np.testing.assert_allclose(there.isf(0.01)[:40], levels, rtol=1e-8)
        return
    for found, table in (
        (levels, fit.return_level([100], at=at, interval=interval)),
        (slopes, fit.parameter_table(interval=interval).loc[["loc:year"]]),
    ):
        low, high = np.quantile(found, [0.025, 0.975], method="weibull")
        np.testing.assert_allclose(table[["lower", "upper"]].to_numpy()[0], [low, high], rtol=1e-9)


def test_states_of_a_series_share_the_replicates_of_the_bootstrap() -> None:
    fit, interval = fitted(loc="year"), ev.Bootstrap(300)
    both = fit.return_level([10, 100], at={"year": [1900, 1989]}, interval=interval)
    alone = fit.return_level([10, 100], at={"year": 1989}, interval=interval)
    np.testing.assert_allclose(both.loc[1], alone, rtol=1e-12)
    mirrored = ev.fit(-LEVELS, "gev-min", loc="year").return_level([10, 100], at={"year": 1989}, interval=interval)
    np.testing.assert_allclose(-mirrored[["estimate", "upper", "lower"]], alone, rtol=1e-7)
    x, _ = trend(40, (2,))
    own = np.random.default_rng(3).normal(size=(2, 40, 1))
    batch, state = ev.fit(x, "gumbel", loc=own), {"loc:x1": 1.0}
    one = ev.fit(x[1], "gumbel", loc=own[1]).return_level([10], at=state, interval=interval)
    np.testing.assert_allclose(
        batch.return_level([10], at=state, interval=interval).loc[1, ["estimate", "lower", "upper"]], one, rtol=1e-7
    )


def test_states_outside_the_record_are_answered_and_said() -> None:
    fit = fitted(loc="year")
    notes = fit.return_level([100], at={"year": 2030}).attrs["notes"]
    assert [note.code for note in notes] == ["covariate_outside", "without_largest_in_state"]
    assert notes[0] == "year = 2030 lies outside the fitted 1897 to 1989."
    inside = fit.return_level([100], at={"year": 1950}).attrs["notes"]
    assert [note.code for note in inside] == ["without_largest_in_state"]


# -- what a fit says of itself -----------------------------------------------------------------------------------------


def test_criteria_count_the_coefficients() -> None:
    fit = fitted(loc="year + SOI")
    assert fit.parameter_names == ("loc:Intercept", "loc:year", "loc:SOI", "log_scale:Intercept", "shape:Intercept")
    assert fit.aic == pytest.approx(10.0 - 2.0 * fit.loglik)
    assert fit.aicc == pytest.approx(fit.aic + 60.0 / 80.0)
    assert fit.bic == pytest.approx(5.0 * np.log(86) - 2.0 * fit.loglik)


def test_a_summary_names_the_formulas_within_80_columns() -> None:
    text = str(fitted(loc="year + SOI", scale="year").summary())
    assert max(map(len, text.splitlines())) <= 80
    for words in ("year + SOI", "log_scale:year", "log_scale is the logarithm of the scale", "r*"):
        assert words in text
    assert repr(fitted(loc="year")) == "Fit(GEV by maximum likelihood, loc ~ year, n=86)"
    assert "loc:SOI" in fitted(loc="SOI")._repr_html_()


def test_a_stored_fit_answers_alike() -> None:
    fit = fitted(loc="year + center(SOI)", scale="poly(year, 2)")
    again = ev.Fit.from_dict(json.loads(json.dumps(fit.to_dict(), allow_nan=False)))
    at = {"year": 2000, "SOI": 0.3}
    pd.testing.assert_frame_equal(again.return_level([100], at=at), fit.return_level([100], at=at))
    pd.testing.assert_frame_equal(again.params, fit.params)


def test_a_fit_is_copied_and_pickled() -> None:
    fit = fitted(loc="year + center(SOI)")
    again = pickle.loads(pickle.dumps(copy.deepcopy(fit)))
    pd.testing.assert_frame_equal(again.params, fit.params)


def test_a_stored_formula_is_held_to_the_allow_list() -> None:
    stored = fitted(loc="year").to_dict()
    stored["predictors"]["by_parameter"]["loc"]["formula"]["formula"] = "__import__('os').system('true')"
    with pytest.raises(ev.ArgumentError, match="formula"):
        ev.Fit.from_dict(stored)


# -- the likelihood-ratio test -----------------------------------------------------------------------------------------


def test_the_likelihood_ratio_test_of_nested_fits() -> None:
    null, fit = fitted(loc="year"), fitted(loc="SOI + year", scale="SOI")
    table = ev.likelihood_ratio_test(null, fit, reference="chi-square")
    assert table["statistic"].item() == pytest.approx(2.0 * (fit.loglik - null.loglik))
    assert table["df"].item() == 2
    assert table["p_value"].item() == pytest.approx(scipy.stats.chi2.sf(table["statistic"].item(), 2))
    assert table.attrs["reference"] == "chi-square"
    assert table.attrs["notes"][0].code == "chi_square_in_small_samples"
    assert ev.likelihood_ratio_test(ev.fit(LEVELS, "gumbel"), null)["df"].item() == 2


def test_the_likelihood_ratio_test_of_a_batch_has_a_row_for_each_series() -> None:
    x, known = trend(40, (4,))
    x[2] = 1.0
    table = ev.likelihood_ratio_test(ev.fit(x, "gumbel"), ev.fit(x, "gumbel", loc="t", covariates=known))
    assert table.index.name == "series"
    assert table["p_value"].isna().tolist() == [False, False, True, False]


def test_fits_that_are_not_nested_are_refused() -> None:
    trend_, other = fitted(loc="year"), fitted(loc="SOI")
    cases = [(trend_, other), (trend_, trend_), (trend_, ev.fit(LEVELS)), (ev.fit(LEVELS), ev.fit(LEVELS, "gumbel"))]
    for null, fit in cases:
        with pytest.raises(ev.ArgumentError, match="is not nested in"):
            ev.likelihood_ratio_test(null, fit)
    with pytest.raises(ev.ArgumentError, match=r"different values \(85 and 86 blocks\)"):
        ev.likelihood_ratio_test(ev.fit(LEVELS[1:]), trend_)
    with pytest.raises(ev.ArgumentError, match="by L-moments"):
        ev.likelihood_ratio_test(ev.fit(LEVELS, method="lmoments"), trend_)
    with pytest.raises(ev.ArgumentError, match="unknown reference"):
        ev.likelihood_ratio_test(ev.fit(LEVELS), trend_, reference="chi")


# -- what cannot be ----------------------------------------------------------------------------------------------------


def test_series_without_an_estimate_have_a_status() -> None:
    x, known = trend(20, (60,), shape=-0.7, seed=8)
    x[0] = 3.0 + 2.0 * known["t"]
    x[1, 6:] = np.nan
    fit = ev.fit(x, "gev", loc="t", covariates=known)
    assert fit.status[:2].tolist() == [Status.NO_RESIDUALS, Status.TOO_FEW_VALUES]
    lost = np.flatnonzero(fit.status == Status.NO_INTERIOR_MAXIMUM)
    assert lost.size
    assert set(fit.status[2:].tolist()) == {Status.CONVERGED, Status.NO_INTERIOR_MAXIMUM}
    assert np.isnan(
        fit.parameter_table(interval="delta").loc[lost[0], ["estimate", "lower"]].to_numpy(dtype=float)
    ).all()
    with pytest.raises(ev.FitError, match=r"no interior maximum .*fit family='gumbel'\.") as caught:
        ev.fit(x[lost[0]], "gev", loc="t", covariates=known)
    assert caught.value.status is Status.NO_INTERIOR_MAXIMUM
    assert ev.fit(x[lost[0]], "gumbel", loc="t", covariates=known).converged
    with pytest.raises(ev.FitError, match="follow the covariates without any rest"):
        ev.fit(x[0], "gev", loc="t", covariates=known)


TREND, PLAIN = fitted(loc="year + SOI"), ev.fit(LEVELS)
ERRORS: dict[str, Callable[[], object]] = {
    "the model has the covariates year, SOI, and no state is given; write for example at=dict(year=..., SOI=...).": (
        lambda: TREND.return_level([100])
    ),
    "at gives no SOI; write for example at=dict(year=..., SOI=...).": lambda: TREND.return_period(
        [2.0], at={"year": 1}
    ),
    "unknown covariate 'nino'; known: 'year', 'SOI'.": lambda: TREND.at(year=1990, SOI=0.0, nino=1.0),
    "at is for fits with covariates, and this one has none; leave it out, or fit with covariates as in loc='year'.": (
        lambda: PLAIN.return_level([100], at={"year": 2000})
    ),
    "Gumbel has no shape, and shape is given; leave it out, or fit family='gev'.": (
        lambda: ev.fit(LEVELS, "gumbel", shape="year")
    ),
    "L-moments is not there for models with covariates; fit by maximum likelihood (method='mle') or method='bayes'.": (
        lambda: ev.fit(LEVELS, "gev", loc="year", method="lmoments")
    ),
    "covariates are given and no formula uses them; write for example loc='SOI'.": (
        lambda: ev.fit(LEVELS, "gev", covariates=SOI)
    ),
    "there are 6 values for 5 coefficients, which need at least 8; use fewer terms, or a longer record.": (
        lambda: ev.fit(LEVELS[:6], "gev", loc="year + I(year**2)")
    ),
    "exclude is 1800, which no block is called; the blocks go from 1897 to 1989.": (
        lambda: ev.fit(LEVELS, "gev", loc="year", exclude=1800)
    ),
    "exclude names values by their labels, and these have none; ": (lambda: ev.fit(np.array(LEVELS), "gev", exclude=1)),
    "the bca bootstrap is not there for models with covariates; use Bootstrap(..., ci='percentile') or": (
        lambda: TREND.return_level([100], at={"year": 1, "SOI": 0}, interval=ev.Bootstrap(200, ci="bca"))
    ),
    "20 replicates are too few for a confidence of 0.95": (lambda: TREND.parameter_table(interval=ev.Bootstrap(20))),
    "the bartlett interval is not there for models with covariates. For GEV by maximum likelihood there are 'delta', "
    "'profile', 'rstar', 'bootstrap', 'severini'.": lambda: TREND.return_level(
        [100], at={"year": 1, "SOI": 0}, interval="bartlett"
    ),
    "reference_fit is not there for a fit with covariates; ask for return_level, return_period": (
        lambda: TREND.reference_fit
    ),
    "predictive_level with covariates averages over a posterior, ": lambda: TREND.predictive_level([0.1]),
    "the risk of a single observation is not there for a fit with covariates; ": (
        lambda: TREND.value_at_risk([0.99], horizon="observation", at={"year": 1989, "SOI": 0})
    ),
    "loc: the formula 'year**2' has a power outside a function": lambda: ev.fit(LEVELS, "gev", loc="year**2"),
    "TCEV has no covariates yet; ": lambda: ev.fit(LEVELS, "tcev", loc="year"),
}


@pytest.mark.parametrize("sentence", list(ERRORS))
def test_what_cannot_be_is_said_in_one_sentence(sentence: str) -> None:
    with pytest.raises(ev.EvstatsError) as caught:
        ERRORS[sentence]()
    assert str(caught.value).startswith(sentence)


PLOTS = ("return_level", "density", "histogram_points", "return_level_points")


@pytest.mark.parametrize("asked", [getattr(ev.plots, name) for name in PLOTS])
def test_what_shows_one_distribution_is_refused(asked: Callable[[ev.Fit], object]) -> None:
    with pytest.raises(ev.ArgumentError, match=r"one distribution, and that of this fit follows covariates; .*\(at\)"):
        asked(TREND)


def test_few_values_for_the_coefficients_are_said() -> None:
    fit = ev.fit(LEVELS[:20], "gev", loc="year + I((year - 1900)**2)")
    assert "few_for_coefficients" in [getattr(note, "code", "") for note in fit.notes]
