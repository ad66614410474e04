"""Low flows: moving means, the 7Q10 by hand, and minima of which a share is zero."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special, stats

import evstats as ev
from evstats.distributions import GEVMin, WithZeros

#: Of 25 years, three dry.
FIRST = [0.0, 3.1, 2.2, 0.0, 4.0, 2.9, 1.7, 3.3, 2.4, 0.8, 3.6, 2.7, 0.0]
MINIMA = np.array([*FIRST, 1.9, 3.0, 2.1, 2.6, 3.9, 1.2, 2.8, 2.0, 2.3, 3.2, 2.5, 1.5])


def daily(first: str = "1990-04-01", last: str = "2010-03-31") -> pd.Series:
    index = pd.date_range(first, last, name="date")
    noise = ev.Gumbel(0.0, 1.0).rvs(len(index), rng=1)
    year = np.repeat(ev.Gumbel(0.0, 0.3).rvs(60, rng=4), 366)[: len(index)]
    return pd.Series(np.exp(2.0 + np.cos((index.day_of_year - 60) / 58.1) + 0.1 * noise + year), index, name="flow")


# -- the moving mean ---------------------------------------------------------------------------------------------------


def test_a_moving_mean_is_that_of_pandas_and_gaps_give_none() -> None:
    flow = daily(last="1992-03-31").drop(pd.Timestamp("1991-01-10"))
    record = ev.moving_mean(flow, "7D")
    whole = flow.asfreq("D").rolling(7).mean().dropna()
    pd.testing.assert_series_equal(record.series, whole, check_names=False, check_freq=False)
    assert record.series.name == "7-day mean of flow"
    (note,) = record.audit.notes
    assert (note.code, note.values["complete"], note.values["n"]) == ("windows", len(whole), len(flow))


def test_minima_of_it_are_those_over_the_window() -> None:
    flow = daily()
    cut = {"block": "water-year", "first_month": 4, "kind": "min"}
    one, other = ev.block_maxima(ev.moving_mean(flow, "7D"), **cut), ev.block_maxima(flow, over=("7D", "mean"), **cut)
    np.testing.assert_array_equal(one.values, other.values)
    assert (one.blocks == other.blocks).all()
    np.testing.assert_array_equal(one.coverage, other.coverage)


def test_a_span_that_is_none_is_refused() -> None:
    flow = daily(last="1991-03-31")
    for span, words in (
        ("7", "span must be a span of time"),
        ("7min", "shorter than the step of the record"),
        (7, "span must be a span of time"),
        ("36h", "whole number of steps"),
    ):
        with pytest.raises(ev.ArgumentError, match=words):
            ev.moving_mean(flow, span)
    with pytest.raises(ev.DataError, match="no dates"):
        ev.moving_mean([1.0, 2.0, 3.0], "7D")


# -- the 7Q10 ----------------------------------------------------------------------------------------------------------


def test_a_7q10_by_hand() -> None:
    flow = daily()
    values, dates = flow.to_numpy(), flow.index
    lowest: dict[int, float] = {}
    for last in range(6, len(values)):  # every window of seven days, in the year from April on of its last
        mean = sum(values[last - 6 : last + 1]) / 7.0
        year = dates[last].year + (dates[last].month >= 4)
        lowest[year] = min(lowest.get(year, np.inf), mean)
    minima = ev.block_maxima(ev.moving_mean(flow, "7D"), "water-year", first_month=4, kind="min")
    np.testing.assert_allclose(minima.values, [lowest[year] for year in minima.blocks], rtol=1e-12)
    found = ev.fit_low_flows(minima, "gumbel")
    assert (found.zeros, found.positive.method.name) == (0, "mle")
    x = -np.array(list(lowest.values()))  # by the equations of the maximum of a Gumbel likelihood
    scale = optimize.brentq(lambda s: x.mean() - (x * np.exp(-x / s)).sum() / np.exp(-x / s).sum() - s, 0.05, 20.0)
    loc = -scale * np.log(np.exp(-x / scale).mean())
    by_hand = -(loc - scale * np.log(-np.log(0.9)))
    assert found.return_level([10])["estimate"].item() == pytest.approx(by_hand, rel=1e-6)
    plain = ev.fit(minima, "gumbel").return_level([10], interval="delta")
    np.testing.assert_allclose(found.return_level([10], interval="delta"), np.maximum(plain, 0.0))


# -- a share of zeros --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dry() -> ev.LowFlows:
    return ev.fit_low_flows(pd.Series(MINIMA, index=range(1981, 2006), name="flow"))


def test_levels_are_those_of_conditional_probability(dry: ev.LowFlows) -> None:
    others = ev.fit(MINIMA[MINIMA > 0.0], "gev-min").distribution
    table = dry.return_level([1.25, 2, 5, 8, 8.4, 20])
    p0 = 3 / 25
    by_hand = [float(others.ppf((1 / t - p0) / (1 - p0))) for t in (1.25, 2, 5, 8)]
    np.testing.assert_allclose(table["estimate"], [*by_hand, 0.0, 0.0], rtol=1e-9)
    assert ((table["lower"] <= table["estimate"]) & (table["estimate"] <= table["upper"])).all()
    period = dry.return_period([0.0, 2.0])["estimate"]
    g = others.cdf([0.0, 2.0])
    np.testing.assert_allclose(period, 1.0 / (p0 + (1 - p0) * g), rtol=1e-9)
    assert dry.distribution.cdf(-0.1) == 0.0
    chance = dry.exceedance_probability([2.0], years=5)["estimate"].item()
    assert chance == pytest.approx(1.0 - (1.0 - 1.0 / period[2.0]) ** 5)


def joint(theta: np.ndarray) -> float:
    loc, log_scale, shape, logit = theta
    x, p0 = -MINIMA[MINIMA > 0.0], special.expit(logit)
    with np.errstate(all="ignore"):
        value = stats.genextreme.logpdf(x, -shape, loc, np.exp(log_scale)).sum()
        value += 3 * np.log(p0) + 22 * np.log1p(-p0)
    return -value if np.isfinite(value) else 1e10


@pytest.mark.parametrize(("period", "side"), [(2.0, "lower"), (5.0, "upper"), (10.0, "upper")])
def test_the_profile_is_that_of_zeros_and_others_together(dry: ev.LowFlows, period: float, side: str) -> None:
    limit = float(dry.return_level([period], interval="profile")[side].iloc[0])
    loc, scale, shape = ev.fit(MINIMA[MINIMA > 0.0], "gev-min").distribution.parameters
    top = np.array([-loc, np.log(scale), shape, special.logit(3 / 25)])

    def excess(theta: np.ndarray) -> float:
        p0 = special.expit(theta[3])
        with np.errstate(all="ignore"):
            return 10.0 * (
                p0 + (1 - p0) * stats.genextreme.sf(-limit, -theta[2], theta[0], np.exp(theta[1])) - 1 / period
            )

    best = np.inf
    for more in (0.0, 0.1):
        found = optimize.minimize(
            joint, np.add(top, [0, 0, more, 2 * more]), method="SLSQP", constraints={"type": "eq", "fun": excess},
            options={"maxiter": 150, "ftol": 1e-10},
        )  # fmt: skip
        best = min(best, found.fun) if abs(excess(found.x)) < 1e-6 else best
    assert 2.0 * (best - joint(top)) == pytest.approx(stats.chi2.ppf(0.95, 1), abs=3e-3)


def test_a_level_may_be_zero_where_the_share_may_be_as_large(dry: ev.LowFlows) -> None:
    """The lower limit is 0 where a share of 1/T is within the likelihood interval of the share alone."""
    share = stats.beta(3.5, 22.5).ppf([0.025, 0.975])
    table = dry.return_level([2, 1.0 / share[1] + 1.5, 20])
    assert table["lower"].iloc[0] > 0.0
    assert (table["lower"].iloc[1:] == 0.0).all()
    assert table["upper"].iloc[-1] > 0.0  # the share may be smaller than 1/20


def test_zeros_in_any_unit_and_stored(dry: ev.LowFlows) -> None:
    litres = ev.fit_low_flows(1e3 * MINIMA, "gev").return_level([2, 5])
    np.testing.assert_allclose(litres / 1e3, dry.return_level([2, 5]), rtol=1e-6)
    again = ev.LowFlows.from_dict(json.loads(json.dumps(dry.to_dict(), allow_nan=False)))
    pd.testing.assert_frame_equal(again.return_level([2, 10]), dry.return_level([2, 10]))
    assert repr(dry) == "LowFlows(3 of 25 zero, GEV (minima))"


def test_the_notes_say_that_zeros_are_mixed_and_of_what_the_rest_is(dry: ev.LowFlows) -> None:
    codes = {note.code: note for note in dry.notes}
    assert codes["zeros_mixed"].values == {"zeros": 3, "years": 25, "period": pytest.approx(25 / 3)}
    assert all(note.fits == ("minima that are not zero",) for code, note in codes.items() if "smallest" in note)


def test_the_advice_of_a_lump_at_zero_followed_leads_to_the_answer() -> None:
    with pytest.raises(ev.FitError, match=r"ev.fit_low_flows\(minima\), or evstats lowflow") as told:
        ev.fit(MINIMA, "gev-min")
    assert told.value.status == ev.Status.LUMP_AT_ZERO
    assert ev.fit_low_flows(MINIMA).return_level([10])["estimate"].item() == 0.0


def test_what_is_no_low_flow_is_refused() -> None:
    for given, words in (
        ([1.0, 2.0, -3.0, 4.0], "lowest minimum is -3, and a flow is never negative"),
        ([0.0, 0.0, 0.0, 1.0, 2.0], "3 of 5 minima are zero, and 2 of them are not.*0 from T = 1.67 on"),
        (np.ones((2, 5)), "one series"),
        (ev.block_maxima(daily(), "year"), "these are maxima"),
        (ev.block_maxima(daily(), "month", kind="min"), "12 a year, and low flows are of years"),
    ):
        with pytest.raises(ev.EvstatsError, match=words):
            ev.fit_low_flows(given)
    with pytest.raises(ev.ArgumentError, match="level -1 is negative"):
        ev.fit_low_flows(MINIMA).return_period([-1.0])
    with pytest.raises(ev.ArgumentError, match=r"delta interval is not there for a share of zeros.*'rstar', 'profile'"):
        ev.fit_low_flows(MINIMA).return_level([2], interval="delta")
    with pytest.raises(ev.ArgumentError, match="share of zeros"):
        WithZeros(1.2, GEVMin(3.0, 1.0, -0.1))
    with pytest.raises(ev.DataError, match="no low flows stored"):
        ev.LowFlows.from_dict({})


def test_a_posterior_takes_the_share_for_uncertain_too() -> None:
    found = ev.fit_low_flows(MINIMA, method=ev.Bayes("normal", rng=1))
    table = found.return_level([2, 20])
    assert table.attrs["interval"] == "credible"
    assert table["lower"].iloc[1] == 0.0 < table["upper"].iloc[1]
