"""Independent causes together: their product, its joint intervals against other optimisers, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, optimize, stats

import evstats as ev
from evstats.distributions import Product
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.intervals import RStar
from evstats.intervals.products import answer_of_product, chosen_of_product

RAIN, SNOW = ev.Gumbel(100.0, 20.0), ev.GEV(80.0, 30.0, 0.1)


def years(values: np.ndarray, first: int = 1961) -> pd.Series:
    return pd.Series(values, index=range(first, first + len(values)))


@pytest.fixture(scope="module")
def causes() -> tuple[ev.Fit, ev.Fit]:
    return ev.fit(years(RAIN.rvs(40, rng=1)), "gumbel"), ev.fit(years(SNOW.rvs(35, rng=2)), "gev")


@pytest.fixture(scope="module")
def floods(causes: tuple[ev.Fit, ev.Fit]) -> ev.Combined:
    return ev.combine(*causes, names=["rain", "snow"])


# -- the distribution --------------------------------------------------------------------------------------------------


def test_the_product_is_that_of_scipy_in_both_tails() -> None:
    whole = Product((RAIN, SNOW))
    one, other = stats.gumbel_r(100.0, 20.0), stats.genextreme(-0.1, 80.0, 30.0)
    x = np.array([60.0, 150.0, 300.0])
    np.testing.assert_allclose(whole.cdf(x), one.cdf(x) * other.cdf(x), rtol=1e-12)
    far = whole.isf(1e-12)
    np.testing.assert_allclose(one.sf(far) + other.sf(far), 1e-12, rtol=1e-6)
    np.testing.assert_allclose(whole.cdf(whole.ppf([1e-6, 0.3, 0.99])), [1e-6, 0.3, 0.99], rtol=1e-10)
    assert integrate.quad(whole.pdf, 0.0, np.inf)[0] == pytest.approx(1.0, abs=1e-8)


def test_minima_are_the_mirror_image_and_blocks_of_a_year_count() -> None:
    low = Product((ev.GumbelMin(-100.0, 20.0), ev.distributions.GEVMin(-80.0, 30.0, 0.1)))
    p = np.array([0.01, 0.5])
    np.testing.assert_allclose(low.ppf(p), -Product((RAIN, SNOW)).isf(p), rtol=1e-12)
    np.testing.assert_allclose(low.sf(-150.0), Product((RAIN, SNOW)).cdf(150.0), rtol=1e-12)
    monthly = Product((RAIN, SNOW), [12.0, 1.0])
    assert monthly.cdf(200.0) == pytest.approx(float(RAIN.cdf(200.0)) ** 12 * float(SNOW.cdf(200.0)))


def test_a_level_is_found_where_one_cause_is_alone() -> None:
    whole = Product((SNOW, ev.GEV(-1e6, 1.0, -0.3)))
    np.testing.assert_allclose(whole.isf([0.5, 0.1, 0.01]), SNOW.isf([0.5, 0.1, 0.01]), rtol=1e-13)


# -- intervals ---------------------------------------------------------------------------------------------------------


def minus_loglik(theta: np.ndarray, rain: np.ndarray, snow: np.ndarray) -> float:
    loc, log_scale, loc2, log_scale2, shape = theta
    with np.errstate(all="ignore"):
        value = stats.gumbel_r.logpdf(rain, loc, np.exp(log_scale)).sum()
        value += stats.genextreme.logpdf(snow, -shape, loc2, np.exp(log_scale2)).sum()
    return -value if np.isfinite(value) else 1e10


def held_at(level: float, chance: float, fits: tuple[ev.Fit, ev.Fit]) -> float:
    """The highest joint log-likelihood with a level that is passed with this chance, by SLSQP."""
    rain, snow = (own.values for own in fits)
    (loc, scale), (loc2, scale2, shape) = (own.distribution.parameters for own in fits)

    def excess(theta: np.ndarray) -> float:
        one = stats.gumbel_r.logcdf(level, theta[0], np.exp(theta[1]))
        other = stats.genextreme.logcdf(level, -theta[4], theta[2], np.exp(theta[3]))
        return 100.0 * (one + other - np.log1p(-chance))

    start, best = np.array([loc, np.log(scale), loc2, np.log(scale2), shape]), np.inf
    for more in (0.0, 0.1, -0.1):
        found = optimize.minimize(
            minus_loglik, np.add(start, [0, 0, 0, more, more]), (rain, snow), "SLSQP",
            constraints={"type": "eq", "fun": excess}, options={"maxiter": 500, "ftol": 1e-12},
        )  # fmt: skip
        if abs(excess(found.x)) < 1e-5:
            best = min(best, found.fun)
    return -best


@pytest.mark.parametrize("side", ["lower", "upper"])
def test_the_profile_ends_where_another_optimiser_has_the_likelihood_ratio(causes, floods, side: str) -> None:
    limit = float(floods.return_level([100], interval="profile")[side].iloc[0])
    assert 2.0 * (floods.loglik - held_at(limit, 0.01, causes)) == pytest.approx(stats.chi2.ppf(0.95, 1), abs=2e-3)


def test_periods_and_levels_have_the_same_intervals(floods) -> None:
    for interval in ("profile", "rstar"):
        level = floods.return_level([100], interval=interval)
        back = floods.return_period(level[["upper", "lower"]].iloc[0], interval=interval)
        assert back["lower"].iloc[0] == pytest.approx(100.0, rel=1e-5)
        assert back["upper"].iloc[1] == pytest.approx(100.0, rel=1e-5)
    chance = floods.exceedance_probability([200.0], years=10)
    period = floods.return_period([200.0])
    np.testing.assert_allclose(chance, 1.0 - (1.0 - 1.0 / period[["estimate", "upper", "lower"]].to_numpy()) ** 10)


@pytest.mark.parametrize("interval", ["rstar", "profile", "delta"])
def test_a_cause_that_never_counts_changes_nothing(causes, interval: str) -> None:
    _, snow = causes
    far = ev.fit(years(ev.GEV(-1e6, 1.0, -0.1).rvs(40, rng=3)), "gev")
    both, alone = ev.combine(snow, far), snow
    levels = (fit.return_level([2, 100], interval=interval) for fit in (both, alone))
    pd.testing.assert_frame_equal(*levels, rtol=1e-7)
    periods = (fit.return_period([200.0], interval=interval) for fit in (both, alone))
    pd.testing.assert_frame_equal(*periods, rtol=1e-7)


def test_the_order_the_unit_and_the_side_do_not_matter(causes, floods) -> None:
    asked = [2, 100, 1000]
    known = floods.return_level(asked)
    pd.testing.assert_frame_equal(ev.combine(*causes[::-1]).return_level(asked), known, rtol=1e-7)
    in_mm = ev.combine(*(ev.fit(years(1e3 * own.values), own.family) for own in causes))
    pd.testing.assert_frame_equal(in_mm.return_level(asked) / 1e3, known, rtol=1e-6)
    mirrored = ev.combine(ev.fit(years(-causes[0].values), "gumbel-min"), ev.fit(years(-causes[1].values), "gev-min"))
    table = -mirrored.return_level(asked)[["estimate", "upper", "lower"]]
    np.testing.assert_allclose(table, known, rtol=1e-7)


def test_a_batch_is_its_series_one_by_one() -> None:
    x, y = RAIN.rvs((3, 30), rng=5), SNOW.rvs((3, 30), rng=6)
    whole = ev.combine(ev.fit(x, "gumbel"), ev.fit(y, "gev"))
    table = whole.return_level([10, 100])
    assert list(table.columns) == ["estimate", "lower", "upper", "status"]
    for lane in range(3):
        alone = ev.combine(ev.fit(x[lane], "gumbel"), ev.fit(y[lane], "gev")).return_level([10, 100])
        np.testing.assert_allclose(table.loc[lane, ["estimate", "lower", "upper"]].to_numpy(float), alone, rtol=1e-7)


@pytest.mark.parametrize(("n", "least"), [(30, 0.90), (60, 0.91)])
def test_r_star_holds_in_a_few_hundred_records(n: int, least: float) -> None:
    x, y = RAIN.rvs((300, n), rng=7), SNOW.rvs((300, n), rng=8)
    fits = [Estimation.of(family, MaximumLikelihood(), own) for family, own in ((ev.Gumbel, x), (ev.GEV, y))]
    answer = answer_of_product(fits, [1.0, 1.0], ev.ReturnLevel([100.0]), chosen_of_product(None, fits), 0.95)
    truth = Product((RAIN, SNOW)).isf(0.01)
    held = (answer.lower[:, 0] <= truth) & (truth <= answer.upper[:, 0])
    assert least < held.mean() < 0.99  # .94 to .95 of 2,000 (tests/studies/combined.csv), 3 standard errors of .013
    assert isinstance(chosen_of_product(None, fits), RStar)


def test_peaks_enter_with_their_rate() -> None:
    sizes = ev.GPD(50.0, 10.0, 0.05).rvs(90, rng=9)
    peaks = ev.fit(ev.as_peaks(sizes, 50.0, years=30.0), "gpd")
    blocks = ev.fit(years(ev.Gumbel(40.0, 9.0).rvs(40, rng=10)), "gumbel")
    both = ev.combine(peaks, blocks, names=["storms", "others"])
    x = 95.0
    rate = peaks.rate["estimate"].item() * peaks.distribution.sf(x)
    assert both.distribution.cdf(x) == pytest.approx(np.exp(-rate) * blocks.distribution.cdf(x))
    table = both.return_level([100])
    assert table["lower"].item() < table["estimate"].item() < table["upper"].item()


@pytest.mark.parametrize("family", ["gumbel", "gev", "glo", "gno", "tcev"])
def test_every_family_has_an_interval_or_says_why(family: str) -> None:
    values = np.concatenate([ev.Gumbel(100.0, 20.0).rvs(45, rng=11), ev.Gumbel(190.0, 60.0).rvs(15, rng=12)])
    both = ev.combine(ev.fit(years(values), family), ev.fit(years(RAIN.rvs(60, rng=13)), "gumbel"))
    table = both.return_level([50])
    assert table["lower"].item() < table["estimate"].item() < table["upper"].item()
    if family == "tcev":
        assert table.attrs["interval"] == "delta method"
        with pytest.raises(ev.ArgumentError, match="profile interval is not there for a product with TCEV"):
            both.return_level([50], interval="profile")


def test_a_posterior_gives_credible_limits_whose_draws_are_independent(causes) -> None:
    fits = [ev.fit(own.values, own.family, method="bayes", rng=1) for own in causes]
    same = ev.combine(fits[0], ev.fit(fits[0].values + 1e-9, "gumbel", method="bayes", rng=1), names=["a", "b"])
    table = ev.combine(*fits, names=["rain", "snow"]).return_level([100])
    assert table.attrs["interval"] == "credible"
    assert table["lower"].item() < table["estimate"].item() < table["upper"].item()
    # draws in step would give the interval of the 199-year level of one; those of two vary less together
    one, two = fits[0].return_level([100, 199.5]), same.return_level([100])
    widths = np.ptp(two[["lower", "upper"]]), np.ptp(one[["lower", "upper"]].iloc[1])
    assert widths[0] < 0.85 * widths[1]


# -- what is around them -----------------------------------------------------------------------------------------------


def test_json_shares_and_repr(floods) -> None:
    again = ev.Combined.from_dict(json.loads(json.dumps(floods.to_dict(), allow_nan=False)))
    pd.testing.assert_frame_equal(again.return_level([100]), floods.return_level([100]))
    assert repr(floods) == "Combined(rain: Gumbel, snow: GEV)"
    assert floods.time_unit == "years"
    shares = floods.shares([2, 1000])
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert shares["snow"].iloc[1] > shares["snow"].iloc[0]
    with pytest.raises(ev.DataError, match="not causes stored by evstats"):
        ev.Combined.from_dict({"format": 1})


def dated(values: np.ndarray, month: int) -> ev.Extremes:
    index = pd.DatetimeIndex([f"{1961 + i}-{month:02d}-15" for i in range(len(values))])
    return ev.block_maxima(pd.Series(values, index=index, name="flow"), "year")


def test_related_causes_are_told() -> None:
    common = ev.Gumbel(0.0, 20.0).rvs(60, rng=1)
    x, y = 100.0 + common + ev.Gumbel(0.0, 5.0).rvs(60, rng=2), 90.0 + common + ev.Gumbel(0.0, 5.0).rvs(60, rng=3)
    both = ev.combine(ev.fit(dated(x, 1), "gumbel"), ev.fit(dated(y, 7), "gumbel"), names=["winter", "summer"])
    (note,) = (note for note in both.notes if getattr(note, "code", "") == "causes_dependent")
    assert "winter and summer" in note
    assert note.values["tau"] == pytest.approx(stats.kendalltau(x, y).statistic)
    assert note.values["p"] == pytest.approx(stats.kendalltau(x, y).pvalue, rel=1e-6)
    apart = ev.combine(ev.fit(dated(x, 1), "gumbel"), ev.fit(dated(RAIN.rvs(60, rng=4), 7), "gumbel"))
    assert not any(getattr(note, "code", "") == "causes_dependent" for note in apart.notes)


def test_what_cannot_be_combined_is_refused_with_a_remedy(causes) -> None:
    rain, snow = causes
    low = ev.fit(years(-snow.values), "gev-min")
    metres = ev.fit(ev.observed(rain.values, rain.values, years=range(1961, 2001), unit="m"), "gumbel")
    feet = ev.fit(ev.observed(snow.values, snow.values, years=range(1961, 1996), unit="ft"), "gev")
    trend = ev.fit(years(snow.values), "gumbel", loc="year")
    for fits, words in (
        ((), "there are no fits.*two or more.*fit each cause"),
        ((rain,), "there is one fit.*two or more.*fit each cause"),
        ((rain, 3.0), "cause 2 is of type float"),
        ((rain, low), "cause 2 is of minima and cause 1 of maxima"),
        ((metres, feet), "in m and in ft; bring all to one unit"),
        ((rain, ev.fit(snow.values, "gev")), "count years and others blocks.*give cause 2 its years"),
        ((rain, trend), "cause 2 is a fit with covariates"),
        ((rain, ev.fit(RAIN.rvs((2, 30), rng=1), "gumbel")), r"years and others blocks|batches of shapes \(\), \(2,\)"),
    ):
        with pytest.raises(ev.ArgumentError, match=words):
            ev.combine(*fits)
    with pytest.raises(ev.ArgumentError, match="give 2 different names"):
        ev.combine(rain, snow, names=["a", "a"])
    with pytest.raises(ev.DataError, match=r"fits of the same data.*part the data by cause"):
        ev.combine(rain, ev.fit(years(rain.values), "gev"))
    season = dated(rain.values, 2)
    with pytest.raises(ev.DataError, match="share 40 events, the first of 1961-02-15"):
        ev.combine(ev.fit(season, "gumbel"), ev.fit(season, "gev"), names=["a", "b"])
    both = ev.combine(rain, snow)
    with pytest.raises(ev.ArgumentError, match=r"bootstrap interval is not there.*'rstar', 'profile', 'delta'"):
        both.return_level([100], interval="bootstrap")
    with pytest.raises(ev.ArgumentError, match="return period 1 is not possible"):
        both.return_level([1])


def test_the_figure_shows_the_product_its_parts_and_the_years(causes) -> None:
    x, y = RAIN.rvs(40, rng=14), SNOW.rvs(40, rng=15)
    both = ev.combine(ev.fit(dated(x, 1), "gumbel"), ev.fit(dated(y, 7), "gev"), names=["winter", "summer"])
    points = ev.plots.combined_points(both)
    np.testing.assert_allclose(np.sort(points["value"]), np.sort(np.maximum(x, y)))
    assert (points["cause"] == np.where(points["value"].isin(x), "winter", "summer")).all()
    ax = ev.plots.combined(both, longest=200.0)
    labels = [str(own.get_text()) for own in ax.get_legend().get_texts()]
    assert labels == ["winter alone", "summer alone", "all causes", "95 % interval", "maximum of a year"]
    assert ax.get_xscale() == "gumbel"


def test_years_that_do_not_look_like_the_product_are_told() -> None:
    """Of causes whose families have a far heavier tail than their values, the years pass its levels too seldom."""
    heavy = ev.GEV(5.0, 4.5, 1.0).rvs((2, 80), rng=1)
    ended = np.where(heavy > 40.0, 30.0 + 10.0 * np.random.default_rng(1).uniform(size=heavy.shape), heavy)
    parts = [ev.fit(dated(x, month), "gev") for x, month in zip(ended, (1, 7), strict=True)]
    (note,) = (own for own in ev.combine(*parts).notes if getattr(own, "code", "") == "causes_misfit")
    level = ev.combine(*parts).return_level([10])["estimate"].iloc[0]
    passed = int(np.sum(ended.max(axis=0) > level))
    assert note.values["passed"] == passed
    assert note.values["p"] == pytest.approx(stats.binomtest(passed, 80, 0.1).pvalue)
    true = ev.combine(*(ev.fit(dated(RAIN.rvs(80, rng=k), month), "gumbel") for k, month in ((5, 1), (6, 7))))
    assert not any(getattr(own, "code", "") == "causes_misfit" for own in true.notes)
