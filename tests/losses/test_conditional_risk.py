"""Conditional risk against the definitions of McNeil and Frey, computed by other means; forecasts without leakage."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

import evstats as ev
from evstats import noise
from evstats.extras import install
from evstats.losses.tails import tails_of
from evstats.losses.volatilities import DECAY, ewma, garch
from evstats.quantities import PeakExpectedShortfall, PeakValueAtRisk

STUDIES = Path(__file__).parents[1] / "studies"
LEVELS = np.array([0.975, 0.99])
DAYS = pd.bdate_range("2010-01-01", periods=1600)


def simulated(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """GARCH(1, 1) losses with innovations of Student's t, and the volatility of each day."""
    z = noise.generator(seed).standard_t(4, n) * np.sqrt(0.5)
    losses, sigma, squared = np.empty(n), np.empty(n), 1.0
    for day, one in enumerate(z):
        sigma[day] = np.sqrt(squared)
        losses[day] = sigma[day] * one
        squared = 0.05 + 0.1 * losses[day] ** 2 + 0.85 * squared
    return losses, sigma


@pytest.fixture(scope="module")
def market() -> tuple[pd.Series, pd.Series]:
    losses, sigma = simulated(1600, 5)
    return pd.Series(losses, DAYS, name="loss"), pd.Series(sigma, DAYS)


# -- the definitions ---------------------------------------------------------------------------------------------------


def tail_by_definition(z: np.ndarray, share: float, level: float) -> tuple[float, float]:
    """McNeil and Frey (2000), section 2.3: the likelihood climbed as written, both measures of its maximum."""
    u = np.quantile(z, share)
    excess = z[z > u] - u

    def minus(parameters: np.ndarray) -> float:
        scale, shape = parameters
        inner = 1.0 + shape * excess / scale
        return (
            np.inf
            if scale <= 0.0 or (inner <= 0.0).any()
            else excess.size * np.log(scale) + (1.0 + 1.0 / shape) * np.log(inner).sum()
        )

    options: Any = {"xatol": 1e-11, "fatol": 1e-13, "maxiter": 10_000}
    scale, shape = optimize.minimize(minus, [excess.mean(), 0.1], method="Nelder-Mead", options=options).x
    q = u + scale / shape * (((1.0 - level) * z.size / excess.size) ** -shape - 1.0)
    return q, q / (1.0 - shape) + (scale - shape * u) / (1.0 - shape)


def test_both_measures_are_those_of_the_paper(market: tuple[pd.Series, pd.Series]) -> None:
    losses, sigma = market
    mean = 0.02
    risk = ev.conditional_risk(losses, sigma, mean)
    z = ((losses - mean) / sigma).to_numpy()
    np.testing.assert_allclose(risk.standardised, z, rtol=1e-14)
    for level in LEVELS:
        q, es = tail_by_definition(z, 0.9, level)
        assert risk.value_at_risk(level, 1.7, 0.3) == pytest.approx(0.3 + 1.7 * q, rel=1e-6)
        assert risk.expected_shortfall(level, 1.7, 0.3) == pytest.approx(0.3 + 1.7 * es, rel=1e-6)


def test_shapes_are_those_of_the_volatility_and_the_levels(market: tuple[pd.Series, pd.Series]) -> None:
    risk = ev.conditional_risk(*market)
    grid = np.array([[1.0, 2.0, 3.0], [0.5, 0.6, 0.7]])
    found = risk.value_at_risk(LEVELS, grid, grid / 10.0)
    assert found.shape == (2, 3, 2)
    assert risk.value_at_risk(0.99, grid).shape == (2, 3)
    assert np.ndim(risk.expected_shortfall(0.99, 1.0)) == 0
    assert found[1, 2, 0] == risk.value_at_risk(0.975, 0.7, 0.07)


def test_any_unit_gives_the_same(market: tuple[pd.Series, pd.Series]) -> None:
    losses, sigma = market
    for volatility, other in ((sigma, 1e3 * sigma), ("ewma", "ewma")):
        one, thousand = ev.conditional_risk(losses, volatility), ev.conditional_risk(1e3 * losses, other)
        for level in LEVELS:
            small, large = one.value_at_risk(level, 2.0), thousand.value_at_risk(level, 2e3)
            assert large == pytest.approx(1e3 * small, rel=1e-9)


def test_limits_are_those_of_the_likelihood_of_the_tail(market: tuple[pd.Series, pd.Series]) -> None:
    risk = ev.conditional_risk(*market)
    table = risk.table(LEVELS, pd.Series([0.8, 1.6], pd.Index(["a", "b"], name="book")), np.array([0.0, 0.5]), 0.9)
    assert table.index.names == ["book", "measure", "level"]
    asked = {"horizon": "observation", "interval": "rstar", "confidence": 0.9}
    for measure in ("value_at_risk", "expected_shortfall"):
        own = getattr(risk.fit, measure)(LEVELS, **asked)
        np.testing.assert_allclose(table.loc[("b", measure)], 0.5 + 1.6 * own, rtol=1e-9)
    assert [note.code for note in table.attrs["notes"]] == ["tail_is_in_doubt_alone"]


def test_the_summary_and_the_page_show_the_risk(market: tuple[pd.Series, pd.Series]) -> None:
    losses, sigma = market
    named, given = ev.conditional_risk(losses, "ewma"), ev.conditional_risk(losses[:500], sigma[:500], threshold=0.95)
    assert f"volatility {named.ahead[0]:.4g}" in named.summary()
    assert "a day whose volatility is 1" in given.summary()
    assert max(map(len, f"{named.summary()}\n{given.summary()}".splitlines())) <= 80
    assert "few_in_the_tail" in {note.code for note in given.notes}
    assert "few_in_the_tail" in {note.code for note in ev.rolling_risk(losses, sigma, window=200).notes}
    assert "ConditionalRisk(1,600 losses, 160 beyond 90 %, shape" in named._repr_html_()


# -- volatilities ------------------------------------------------------------------------------------------------------


def test_the_moving_average_is_the_recursion() -> None:
    losses, _ = simulated(300, 1)
    squared = [np.mean(losses[:25] ** 2)]
    for loss in losses:
        squared.append(DECAY * squared[-1] + (1.0 - DECAY) * loss**2)
    np.testing.assert_allclose(ewma(losses), np.sqrt(squared), rtol=1e-12)


def test_a_garch_is_that_of_arch() -> None:
    arch = pytest.importorskip("arch", reason="a GARCH is fitted by arch (extra 'arch')")
    losses, _ = simulated(1000, 2)
    sigma, mean = garch(losses)(losses)
    unit = losses.std()
    own = arch.arch_model(losses / unit, rescale=False).fit(disp="off")
    np.testing.assert_allclose(sigma[:-1], unit * own.conditional_volatility, rtol=1e-9)
    ahead = own.forecast(horizon=1, reindex=False)
    assert sigma[-1] == pytest.approx(unit * np.sqrt(ahead.variance.iloc[0, 0]), rel=1e-9)
    assert mean[0] == pytest.approx(unit * own.params["mu"], rel=1e-9)
    np.testing.assert_allclose(garch(1e-3 * losses)(1e-3 * losses), 1e-3 * np.array([sigma, mean]), rtol=1e-5)


@pytest.mark.parametrize("given", ["series", "array", "rescaled", "losses"])
def test_a_model_of_arch_gives_its_tail_and_the_next_day(given: str, market: tuple[pd.Series, pd.Series]) -> None:
    arch = pytest.importorskip("arch", reason="reads results of arch (extra 'arch')")
    losses = market[0].iloc[:800]
    data = losses if given == "losses" else -losses
    data = data.to_numpy() if given == "array" else data
    data = 1e-3 * data if given == "rescaled" else data
    unit = 1e-3 if given == "rescaled" else 1.0
    res = arch.arch_model(data, mean="AR", lags=1, rescale=given == "rescaled").fit(disp="off")
    risk = ev.ConditionalRisk.from_arch(res, of_losses=given == "losses")
    z = -np.asarray(res.resid / res.conditional_volatility)[1:]
    np.testing.assert_allclose(risk.standardised, -z if given == "losses" else z, rtol=1e-9)
    ahead = res.forecast(horizon=1, reindex=False)
    mean = float(ahead.mean.iloc[0, 0]) * (1.0 if given == "losses" else -1.0) / res.scale
    assert risk.ahead == pytest.approx((np.sqrt(ahead.variance.iloc[0, 0]) / res.scale, mean))
    assert 0.3 * unit < risk.ahead[0] < 3.0 * unit
    q, _ = tail_by_definition(np.asarray(risk.standardised), 0.9, 0.99)
    assert risk.value_at_risk(0.99) == pytest.approx(risk.ahead[1] + risk.ahead[0] * q, rel=1e-6)
    assert isinstance(risk.standardised.index, pd.RangeIndex if given == "array" else pd.DatetimeIndex)


def test_without_arch_the_sentence_has_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "arch", None)
    with pytest.raises(
        ev.ArgumentError, match=re.escape(f"which is not installed; {install('arch')}, or") + ".*volatility='ewma'"
    ):
        ev.conditional_risk(simulated(300, 1)[0], "garch")


# -- rolling forecasts -------------------------------------------------------------------------------------------------


def fitted_once(losses: np.ndarray) -> Callable[[np.ndarray], Any]:
    """A volatility that is fitted when the tail is: a moving average about the mean so far."""
    centre = losses.mean()
    return lambda own: (ewma(own - centre), np.full(own.size + 1, centre))


VOLATILITIES: dict[str, Any] = {"array": None, "flat": "flat", "ewma": "ewma", "garch": "garch", "fitted": fitted_once}
ROLLED: dict[str, Any] = {"window": 500, "every": 250, "level": LEVELS}


@pytest.mark.parametrize("name", VOLATILITIES)
def test_nothing_of_a_day_enters_its_own_forecast(name: str, market: tuple[pd.Series, pd.Series]) -> None:
    if name == "garch":
        pytest.importorskip("arch", reason="a GARCH is fitted by arch (extra 'arch')")
    losses, sigma = (own.iloc[:1150] for own in market)
    volatility = sigma if name == "array" else VOLATILITIES[name]
    before = ev.rolling_risk(losses, volatility, **ROLLED)
    for place in (len(losses) - 1, 800):  # the last loss; one within a window that is fitted later
        moved = losses.copy()
        moved.iloc[place] += 50.0
        after = ev.rolling_risk(moved, volatility, **ROLLED)
        for measure in ("var", "es", "volatility", "mean"):
            one, other = (getattr(roll, measure).iloc[: place - 500 + 1].to_numpy() for roll in (before, after))
            assert one.tobytes() == other.tobytes(), measure
        if place == 800 and name != "array":
            assert not np.allclose(before.var.iloc[-1], after.var.iloc[-1], rtol=1e-6)


@pytest.mark.parametrize("name", ["array", "ewma", "fitted"])
def test_forecasts_are_those_of_the_window_before(name: str, market: tuple[pd.Series, pd.Series]) -> None:
    losses, sigma = market
    roll = ev.rolling_risk(losses, sigma if name == "array" else VOLATILITIES[name], **ROLLED)
    assert roll.var.index.equals(losses.index[500:])
    for start in (500, 1500):
        window = slice(start - 500, start)
        given = sigma.iloc[window] if name == "array" else VOLATILITIES[name]
        risk = ev.conditional_risk(losses.iloc[window], fitted_once if name == "fitted" else given)
        ahead = (float(sigma.iloc[start]), 0.0) if name == "array" else risk.ahead
        np.testing.assert_allclose(roll.var.iloc[start - 500], risk.value_at_risk(LEVELS, *ahead), rtol=1e-10)
        np.testing.assert_allclose(roll.es.iloc[start - 500], risk.expected_shortfall(LEVELS, *ahead), rtol=1e-10)


def test_forecasts_feed_the_back_test(market: tuple[pd.Series, pd.Series]) -> None:
    roll = ev.rolling_risk(*market, **ROLLED)
    bt = roll.backtest(simulate=False)
    assert bt.n == 1100
    np.testing.assert_array_equal(bt.exceedances, roll.losses.to_numpy()[:, None] > roll.var.to_numpy())
    own = ev.backtest(roll.losses, roll.var, roll.es, level=roll.level, volatility=roll.volatility)
    pd.testing.assert_frame_equal(bt.tests("asymptotic"), own.tests("asymptotic"))
    table = roll.table()
    assert (table["lower"] < table["estimate"]).all()
    assert (table["estimate"] < table["upper"]).all()
    day = roll.losses.index[700]
    np.testing.assert_allclose(table.loc[(day, "value_at_risk"), "estimate"], roll.var.loc[day], rtol=1e-12)


def test_draws_are_of_the_law_that_was_forecast(market: tuple[pd.Series, pd.Series]) -> None:
    roll = ev.rolling_risk(*market, **ROLLED)
    drawn = roll.draws(400, noise.generator(3))[:, ::10]
    var, es = roll.var[0.99].to_numpy()[::10], roll.es[0.99].to_numpy()[::10]
    beyond = drawn > var
    assert beyond.mean() == pytest.approx(0.01, abs=4 * np.sqrt(0.01 / drawn.size))
    ratio = ((drawn - roll.mean.to_numpy()[::10]) / es)[beyond]
    assert ratio.mean() == pytest.approx(1.0, abs=4 * ratio.std() / np.sqrt(ratio.size))
    assert (drawn < 0).mean() == pytest.approx((roll.standardised < 0).mean(), abs=0.02)
    few = ev.rolling_risk(*(own.iloc[:800] for own in market), **ROLLED)
    p = few.backtest().tests().loc["conditional_calibration", "p_value"]
    assert ((p > 0.0) & (p <= 1.0)).all()


def test_a_tail_without_an_estimate_or_a_mean_names_its_day() -> None:
    heavy = pd.Series(np.r_[np.ones(500), stats.genpareto(1.6).rvs(600, random_state=1)], DAYS[:1100])
    with pytest.raises(ev.FitError, match=r"of the tail fitted on 20\d\d-\d\d-\d\d is 1\.\d+, 1 or more"):
        ev.rolling_risk(heavy.iloc[500:], "flat", window=500, level=0.99)
    with pytest.raises(ev.FitError, match="the expected shortfall does not exist: the fitted shape 1"):
        ev.conditional_risk(heavy.iloc[500:], "flat").expected_shortfall(0.99, 1.0)


# -- losses over several days ------------------------------------------------------------------------------------------


def test_losses_that_overlap_are_told_and_not_forecast(market: tuple[pd.Series, pd.Series]) -> None:
    prices = pd.Series(np.exp(-market[0].cumsum() / 100.0), DAYS)
    overlapping, apart = (-ev.returns(prices, days=10, overlapping=own) for own in (True, False))
    assert apart.index[-1] == prices.index[-1]
    assert len(apart) == (len(prices) - 1) // 10
    pd.testing.assert_series_equal(apart, overlapping.loc[apart.index])
    var = np.full(len(overlapping), 0.1)
    (note, *_) = ev.backtest(overlapping, var).notes
    assert (note.code, dict(note.values)) == ("overlapping_losses", {"days": 10, "shared": 9})
    assert "overlapping_losses" not in {note.code for note in ev.backtest(apart, var[: len(apart)]).notes}
    for ask in (ev.conditional_risk, ev.rolling_risk):
        with pytest.raises(ev.DataError, match=r"over 10 observations .* returns\(\.\.\., overlapping=False\)"):
            ask(overlapping, "ewma")
    assert ev.conditional_risk(apart, "flat").n == len(apart)


# -- what cannot be ----------------------------------------------------------------------------------------------------

LOSSES = pd.Series(simulated(600, 3)[0], DAYS[:600])
SIGMA = pd.Series(1.0, DAYS[:600])
REFUSED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "lengths": (ev.DataError, {"volatility": SIGMA[:-1]}, "losses have 600 days and volatility 599: 2012-04-19 is in"),
    "days": (ev.DataError, {"volatility": SIGMA.set_axis(DAYS[1:601])}, "row 1 is 2010-01-01 in losses and"),
    "missing loss": (ev.DataError, {"losses": LOSSES.where(LOSSES.index != DAYS[7])}, "missing on 2010-01-12"),
    "missing volatility": (ev.DataError, {"volatility": SIGMA.where(DAYS[:600] > DAYS[2])}, "missing on 2010-01-01 (3"),
    "zero": (ev.DataError, {"volatility": SIGMA.where(DAYS[:600] != DAYS[9], 0.0)}, "is 0 on 2010-01-14, which is not"),
    "returns": (ev.DataError, {"losses": -abs(LOSSES)}, "positive on none of 600 days, as if returns"),
    "a number": (ev.ArgumentError, {"volatility": 1.0}, "volatility is 1.0; give one for each day, a function"),
    "a name": (ev.ArgumentError, {"volatility": "ewm"}, "Did you mean 'ewma'?"),
    "threshold": (ev.ArgumentError, {"threshold": 90}, "threshold is 90; expected the share of standardised losses "
                  "below it, above 0.5 and below 1, such as 0.9. Did you mean 0.9?"),
    "few": (ev.DataError, {"losses": LOSSES[:20], "volatility": SIGMA[:20]}, "of 20 standardised losses too few"),
    "no maximum": (ev.FitError, {"losses": LOSSES[:100], "volatility": SIGMA[:100], "threshold": 0.95},
                   "give more days, or a lower threshold"),
    "mean": (ev.DataError, {"mean": SIGMA[:-1]}, "losses have 600 days and mean 599"),
    "mean in words": (ev.ArgumentError, {"mean": "small"}, "mean is of type str; expected real numbers."),
    "made words": (ev.ArgumentError, {"volatility": lambda own: "much"}, "volatility is of type str; expected real"),
    "order": (ev.DataError, {"losses": LOSSES[::-1], "volatility": SIGMA[::-1]},
              "the one on 2012-04-18 follows the one on 2012-04-19; sort losses and all that goes"),
    "twice": (ev.DataError, {"losses": LOSSES.set_axis(DAYS[:600].where(DAYS[:600] != DAYS[5], DAYS[4]))},
              "two losses stand on 2010-01-07; give one for each day."),
    "mean beside a name": (ev.ArgumentError, {"volatility": "ewma", "mean": 0.1}, "mean is given beside a function"),
    "infinite mean": (ev.ArgumentError, {"mean": np.nan}, "mean is nan; give a finite number."),
    "shape": (ev.ArgumentError, {"volatility": lambda own: own}, "volatility gives shape (600,) of 600 losses"),
    "made zero": (ev.DataError, {"volatility": lambda own: np.zeros(own.size + 1)}, "not finite, on 2010-01-01"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_one_sentence(case: str) -> None:
    kind, given, said = REFUSED[case]
    with pytest.raises(kind) as raised:
        ev.conditional_risk(**{"losses": LOSSES, "volatility": SIGMA, **given})
    assert said in str(raised.value)


ASKED: dict[str, tuple[Any, str]] = {
    "per cent": ((99,), "Did you mean 0.99?"),
    "below": (
        (0.9, 1.0),
        "below the threshold, which a share of 0.1 of the standardised losses exceeds; ask for a level",
    ),
    "unknown": ((0.99,), "the volatility of the day is not known; give the one that is forecast for it"),
    "mean alone": ((0.99, None, 0.1), "the volatility of the day is not known"),
    "negative": ((0.99, -0.02), "volatility is -0.02; expected the standard deviation"),
    "mean of many": ((0.99, [1.0, 2.0], [0.1, 0.2, 0.3]), "mean is of shape (3,)"),
}


@pytest.mark.parametrize("case", ASKED)
def test_a_question_that_cannot_be_is_one_sentence(case: str) -> None:
    asked, said = ASKED[case]
    with pytest.raises(ev.ArgumentError) as raised:
        ev.conditional_risk(LOSSES, SIGMA).value_at_risk(*asked)
    assert said in str(raised.value)


ROLLED_WRONG: dict[str, tuple[Any, dict[str, Any], str]] = {
    "short": (ev.DataError, {"window": 600}, "there are 600 losses and the window is 600 days, so that no day is left"),
    "window": (ev.ArgumentError, {"window": 10}, "window is 10; expected a whole number of 50 or more."),
    "every": (ev.ArgumentError, {"every": 0}, "every is 0"),
    "level": (ev.ArgumentError, {"level": 0.85}, "level 0.85 has its value at risk below the threshold"),
    "few": (ev.DataError, {"window": 50, "threshold": 0.97}, "of 50 standardised losses 2 lie beyond 97 % of them"),
    "overlap": (ev.ArgumentError, {"volatility": lambda own: np.ones(3)}, "volatility gives shape (3,) of 500 losses"),
}


@pytest.mark.parametrize("case", ROLLED_WRONG)
def test_what_cannot_be_rolled_is_one_sentence(case: str) -> None:
    kind, given, said = ROLLED_WRONG[case]
    with pytest.raises(kind) as raised:
        ev.rolling_risk(**{"losses": LOSSES, "volatility": SIGMA, "window": 500, "level": 0.99, **given})
    assert said in str(raised.value)


def test_what_speaks_against_the_volatility_is_said(market: tuple[pd.Series, pd.Series]) -> None:
    def codes(*given: Any) -> set[str]:
        return {note.code for note in ev.conditional_risk(*given).notes}

    losses, sigma = market
    usual = codes(losses, sigma)
    assert not usual & {"standardised_losses_cluster", "standardised_spread", "mean_of_other_sign"}
    assert "standardised_spread" in codes(0.01 * losses, sigma)
    calm = pd.Series(np.repeat([0.3, 3.0], 800), DAYS) * stats.t(4).rvs(1600, random_state=1)
    assert "standardised_losses_cluster" in codes(calm, "flat")
    assert "mean_of_other_sign" in codes(losses - losses.mean() - 0.3, sigma, 0.3)
    assert "mean_of_other_sign" not in codes(losses - losses.mean() + 0.3, sigma, 0.3)
    assert "losses_as_prices" in codes(losses - losses.min() + 1.0, sigma)


def test_a_tail_without_a_mean_has_its_value_at_risk_in_the_table() -> None:
    losses = stats.cauchy.rvs(size=600, random_state=2)
    risk = ev.conditional_risk(np.sign(losses) * losses**2, "flat")
    assert not {"standardised_spread"} & {note.code for note in risk.notes}  # of no volatility by name
    table = risk.table(0.99)
    var, shortfall = table.loc["value_at_risk"].iloc[0], table.loc["expected_shortfall"].iloc[0]
    assert 0.0 < var["lower"] < var["estimate"] < var["upper"] < np.inf
    assert np.isposinf(shortfall["estimate"])
    assert "shortfall_infinite" in {note.code for note in table.attrs["notes"]}
    assert "infinite" in risk.summary()
    with pytest.raises(ev.FitError, match="take the value at risk"):
        risk.expected_shortfall(0.99)


def test_what_hangs_on_threshold_and_largest_loss_is_said_of_quantiles(market: tuple[pd.Series, pd.Series]) -> None:
    risk = ev.conditional_risk(*market)
    told = {note.code: note for note in risk.notes}
    assert not {"higher_thresholds", "without_largest"} & set(told)
    z = risk.value_at_risk(0.99, 1.0)
    for code in ("quantile_at_higher_thresholds", "quantile_without_largest"):
        assert (told[code].values["level"], told[code].values["before"]) == pytest.approx((0.99, z), rel=1e-6)
    assert "the volatility is taken as given" in risk._repr_html_()


# -- coverage ----------------------------------------------------------------------------------------------------------


def test_the_study_is_within_its_bands_and_the_sentences_quote_it() -> None:
    held = pd.read_csv(STUDIES / "conditional_risk.csv").set_index(["law", "n", "volatility", "measure", "level"])
    known = held.xs("known", level="volatility")
    error = np.sqrt(0.95 * 0.05 / known["records"])
    assert len(known) == 32
    assert (known["held"] > 0.93 - 3 * error).all()
    assert (known["held"] < 0.97 + 3 * error).all()
    (note, *_) = ev.conditional_risk(LOSSES, SIGMA).table([0.99], 1.0).attrs["notes"]
    for volatility in ("known", "fitted"):
        measured = held.loc[("t4", 1000, volatility, "value_at_risk", 0.99), "held"]
        assert round(note.values[volatility], 2) == round(measured, 2)
    rolled = pd.read_csv(STUDIES / "conditional_risk_rolling.csv").set_index(["volatility", "level"])
    for volatility in ("known", "garch"):
        assert 0.008 < rolled.loc[(volatility, 0.99), "rate"] < 0.012
        assert rolled.loc[(volatility, 0.99), "independence_rejects"] < 0.15
    assert rolled.loc[("garch", 0.99), "fz0"] < rolled.loc[("flat", 0.99), "fz0"]
    assert rolled.loc[("garch", 0.975), "fz0"] / rolled.loc[("known", 0.975), "fz0"] < 1.02


@pytest.mark.slow
def test_intervals_of_the_conditional_risk_hold() -> None:
    z = noise.generator(11).standard_t(4, (2_000, 1000))
    found = tails_of(z, 0.9)
    q = stats.t.ppf(LEVELS, 4)
    truth = {PeakValueAtRisk: q, PeakExpectedShortfall: stats.t.pdf(q, 4) / (1.0 - LEVELS) * (4 + q**2) / 3.0}
    for quantity, own in truth.items():
        answer = found.evaluate(quantity(LEVELS, 1.0))
        held = ((answer.lower <= own) & (own <= answer.upper)).mean(axis=0)
        assert (held > 0.93 - 0.01).all(), quantity
        assert (held < 0.97 + 0.01).all(), quantity
