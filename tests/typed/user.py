"""A user's script, run and type-checked: what every name of ``evstats`` gives, as an editor would complete it."""

from __future__ import annotations

import io
from typing import Any, assert_type

import matplotlib as mpl
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from numpy.typing import NDArray

import evstats as ev

mpl.use("agg")

ROWS = "".join(f"{1950 + i},{value}\n" for i, value in enumerate(ev.Gumbel(100.0, 20.0).rvs(60, rng=1)))


def read() -> ev.Extremes:
    record = ev.read_series(io.StringIO(f"year,flow (m3/s)\n{ROWS}"))
    assert_type(record, ev.Record)
    assert_type(record.audit, ev.Audit)
    assert_type(record.audit.rows_kept, int)
    assert_type(ev.returns(record), "pd.Series")
    floods = ev.block_maxima(record, block="year")
    bulletin: ev.Bulletin17C = ev.bulletin17c(np.arange(20.0, 40.0) ** 2)
    assert_type(ev.make_report(bulletin, periods=[10.0]), ev.Report)
    assert_type(bulletin.return_level([100]), pd.DataFrame)
    method = ev.ExpectedMoments(regional_skew=0.1, regional_mse=0.2, low_outliers="mgbt")
    assert_type(ev.fit(np.arange(20.0, 40.0) ** 2, "lp3", method=method).low_outliers.count, int)
    assert_type(ev.LogPearson3(2.0, 0.3, 0.1).isf(0.01), NDArray[np.float64])
    tides: ev.Extremes = ev.largest(np.arange(12.0, 0.0, -1.0).reshape(6, 2) ** 1.5)
    assert_type(ev.compare_r(tides, replicates=19), pd.DataFrame)
    known: ev.Extremes = ev.observed([31.0, 20.0, 40.0], [31.0, 25.0, 45.0], years=[1961, 1962, 1963])
    longer = known.with_history(1901, 1960, threshold=60.0, peaks={1927: 72.0, 1931: (60.0, 65.0)})
    assert_type(known.known_within(0.5), ev.Extremes)
    coded: ev.Extremes = ev.read_peaks(io.StringIO(f"year,flow (m3/s)\n{ROWS}"), codes={"8": "above"})
    assert_type(coded.numbers(), ev.Extremes)
    assert longer.has_bounds
    assert_type(floods, ev.Extremes)
    assert_type(ev.stationarity(floods), pd.DataFrame)
    return floods


def above() -> ev.Peaks:
    days = pd.Series(range(1000), index=pd.date_range("2001-01-01", periods=1000), dtype=float)
    for method in (ev.KGaps("auto"), ev.DGaps(2), ev.Runs(3), ev.SlidingMaxima(30, "berghaus-buecher"), "intervals"):
        index: pd.DataFrame = ev.extremal_index(days % 50, ["95%", 40.0], method=method, rng=1)
        assert index["upper"].le(1.0).all()
    peaks = ev.peaks_over_threshold(days % 50, 40.0, separation="3D")
    assert_type(peaks, ev.Peaks)
    assert_type(peaks.to_frame(), pd.DataFrame)
    assert_type(peaks.extremal_index, float | None)
    moving = ev.fit(peaks, "exponential", rate="year")
    assert_type(moving.rate_at({"year": 2030}), pd.DataFrame)
    assert_type(peaks.observed, pd.Series | None)
    both = ev.stack_peaks([peaks, peaks])
    assert_type(both[0], ev.Peaks)
    assert_type(ev.fit(both, "exponential", rate="year").rate_at({"year": 2005}), pd.DataFrame)
    return ev.as_peaks(peaks.values, threshold=peaks.threshold, years=peaks.years)


def pooled() -> None:
    region = ev.region({f"site {i}": ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=i) for i in range(6)}, index="median")
    assert_type(region, ev.Region)
    assert_type(region.discordancy(), pd.DataFrame)
    assert_type(region.heterogeneity(30, rng=1), pd.DataFrame)
    assert_type(region.goodness_of_fit(30), pd.DataFrame)
    fit = region.fit("glo")
    assert_type(fit, ev.RegionalFit)
    assert_type(fit.growth_curve([10, 100], correlation=0.2, replicates=30), pd.DataFrame)
    assert_type(fit.return_level([100], index=42.0, replicates=30), pd.DataFrame)
    assert_type(ev.plots.lmoment_ratios(region), Axes)
    assert_type(ev.plots.growth_curve(fit), Axes)


def over_durations() -> None:
    curve = ev.GEV([40.0, 14.0, 2.2], [11.0, 3.9, 0.6], 0.1)
    maxima = ev.durations(curve.rvs(40, rng=1).T, minutes=[10, 60, 720])
    assert_type(maxima, ev.DurationMaxima)
    days = pd.Series(range(1000), index=pd.date_range("2001-01-01", periods=1000), dtype=float) % 9
    assert_type(ev.duration_maxima(days, ["1D", "2D", "5D"]), ev.DurationMaxima)
    idf = ev.fit(maxima, "dgev")
    assert_type(idf, ev.IDF)
    assert_type(idf.return_level([10, 100], minutes=[5, 60]), pd.DataFrame)
    assert_type(idf.table([10], interval="delta"), pd.DataFrame)
    assert_type(ev.plots.idf(idf, periods=[10]), Axes)


def made() -> None:
    rain, snow = ev.fit(ev.Gumbel(60.0, 9.0).rvs(40, rng=1), "gumbel"), ev.fit(ev.Gumbel(45.0, 20.0).rvs(40, rng=2))
    both = ev.combine(rain, snow, names=["rain", "snow"])
    assert_type(both, ev.Combined)
    assert_type(both.return_level([100], interval="profile"), pd.DataFrame)
    assert_type(both.shares([2, 100]), pd.DataFrame)
    assert_type(ev.Combined.from_dict(both.to_dict()), ev.Combined)
    assert_type(ev.plots.combined(both), Axes)
    assert_type(ev.plots.combined_points(both), pd.DataFrame)
    low = ev.fit_low_flows([0.0, 3.1, 2.2, 0.0, 4.0, 2.9, 1.7, 3.3, 2.4, 1.8], "gumbel")
    assert_type(low, ev.LowFlows)
    assert_type(low.return_period([1.0]), pd.DataFrame)
    days = pd.Series(np.arange(1.0, 31.0), index=pd.date_range("2001-01-01", periods=30))
    assert_type(ev.moving_mean(days, "7D"), ev.Record)


def select() -> None:
    x = ev.GPD(0.0, 1.0, 0.1).rvs(200, rng=1)
    table = ev.threshold_diagnostics(x, [0.2, 0.5, 1.0], separation=None, level_period=1_000)
    assert_type(table, pd.DataFrame)
    ways = ev.ExpectedQuantileDiscrepancy(10, 50), ev.CrossValidation(), ev.ForwardStop(0.1), ev.ScoreTest(0.05)
    for method in ways:
        choice = ev.choose_threshold(x, [0.2, 0.5, 1.0], method=method, separation=None, rng=1)
        assert_type(choice, ev.Choice)
        assert_type(choice.threshold, float)
        assert_type(choice.weights, "pd.Series")
        assert_type(choice.runners_up, pd.DataFrame)
    peaks = ev.peaks_over_threshold(x, "auto", separation=None, observations_per_year=20)
    assert_type(ev.fit(peaks, "gpd").return_level([50], interval=ev.ThresholdBootstrap(20)), pd.DataFrame)


def ask(floods: ev.Extremes) -> ev.Fit:
    fit = ev.fit(floods, "gev", method=ev.MaximumLikelihood())
    assert_type(fit, ev.Fit)
    for table in (
        assert_type(fit.return_level([10, 100], interval=ev.Bootstrap(200)), pd.DataFrame),
        assert_type(fit.return_level([10, 100], interval=ev.ProfileLikelihood()), pd.DataFrame),
        assert_type(fit.return_period(150.0), pd.DataFrame),
        assert_type(fit.exceedance_probability([150.0], years=30), pd.DataFrame),
        assert_type(fit.predictive_level([0.01]), pd.DataFrame),
        assert_type(fit.value_at_risk(0.99), pd.DataFrame),
        assert_type(fit.expected_shortfall(0.99), pd.DataFrame),
        assert_type(fit.params, pd.DataFrame),
        assert_type(fit.goodness_of_fit(), pd.DataFrame),
        assert_type(ev.compare(floods, ["gumbel", ev.GEV]), pd.DataFrame),
        assert_type(ev.compare(floods, {"stationary": {}, "shift": {"loc": "year"}}), pd.DataFrame),
        assert_type(ev.likelihood_ratio_test(ev.fit(floods, "gumbel"), fit), pd.DataFrame),
        assert_type(ev.fit(floods, "gev", loc="year").return_level([100], at={"year": 2030}), pd.DataFrame),
        assert_type(ev.fit(floods, "gumbel", loc="year").attribution(150.0, now={"year": 2030}), pd.DataFrame),
        assert_type(ev.fit(floods, "gumbel", loc="year").probability_ratio([150.0]), pd.DataFrame),
        assert_type(ev.fit(floods, "gumbel", loc="year").change([100], interval="profile"), pd.DataFrame),
        assert_type(ev.fit(floods, "gev", trend="year", trend_kind="scale").params, pd.DataFrame),
    ):
        assert len(table) > 0
    assert float(fit.distribution.shape) < 1.0
    assert fit.distribution.scale > 0.0
    assert_type(fit.distribution.loc, NDArray[np.float64])
    assert_type(fit.notes, tuple[str, ...])
    assert_type(fit.criteria_note, str | None)
    assert_type(ev.Fit.from_dict(fit.to_dict()), ev.Fit)
    for quantity in (
        ev.ReturnLevel([100]),
        ev.ReturnPeriod([150.0]),
        ev.ExceedanceProbability([150.0], 1.0),
        ev.ValueAtRisk([0.99]),
        ev.ExpectedShortfall([0.99]),
        ev.Parameters(),
    ):
        assert np.isfinite(fit.evaluate(quantity).estimate).all()
    return fit


def draw(fit: ev.Fit) -> None:
    assert_type(ev.plots.return_level(fit, interval="profile"), Axes)
    assert_type(ev.plots.return_level_points(fit), pd.DataFrame)
    assert_type(ev.plots.exceeding_points(fit), pd.DataFrame)
    assert_type(ev.plots.qq(fit), Axes)
    moving = ev.fit(fit.extremes, "gumbel", loc="year")
    assert_type(moving.covariates, pd.DataFrame)
    assert_type(ev.plots.trend(moving, levels=[2, 100], interval="delta"), Axes)
    assert_type(ev.plots.then_and_now(moving, now={"year": 2030}, interval="delta"), Axes)
    assert_type(ev.plots.trend_curve(moving, [100], interval="delta"), pd.DataFrame)
    assert ev.noise.gumbel((3, 4), rng=1).shape == (3, 4)
    report = ev.make_report(fit, now=None, then=None, event=None)
    assert_type(report, ev.Report)
    assert_type(report.to_html(), str)


def sample() -> None:
    logits = np.log([0.5, 0.3, 0.2])
    assert_type(ev.sampling.gumbel_max(np.zeros((3, 4)), rng=1), NDArray[np.intp])
    assert_type(ev.sampling.categorical([0.0, 1.0], size=3, rng=1), NDArray[np.intp])
    relaxed = ev.sampling.RelaxedOneHot(logits, temperature=0.5)
    peaks = ev.sampling.MixtureDensity([0.0, 0.0], [0.0, 10.0], [1.0, 1.0])
    head = ev.sampling.MixtureHead(components=2, family="gev", shape_range=(-0.3, 0.4))
    start = head.start([0.0, 1.0, 9.0, 10.0])
    for array in (
        assert_type(ev.sampling.softmax(logits), NDArray[Any]),
        assert_type(ev.sampling.log_softmax([0.0, 1.0]), NDArray[Any]),
        assert_type(ev.sampling.gumbel_softmax(logits, 0.5, hard=True, rng=1), NDArray[Any]),
        assert_type(ev.sampling.gumbel_softmax_jvp(relaxed.draw(rng=1), logits), NDArray[Any]),
        assert_type(ev.sampling.gumbel_rao(logits, 0.5, rng=1), NDArray[Any]),
        assert_type(ev.sampling.posterior_gumbel(logits, 1, rng=1), NDArray[Any]),
        assert_type(ev.sampling.plackett_luce(logits, [2, 0]), NDArray[Any]),
        assert_type(ev.sampling.perplexity(np.eye(2)[None]), NDArray[Any]),
        assert_type(ev.sampling.gumbel_top_k(logits, 2, rng=1).weights, NDArray[Any]),
        assert_type(ev.sampling.ExponentialRace(logits).draw(2, rng=1).indices, NDArray[Any]),
        assert_type(ev.sampling.Categorical([0.0, 1.0]).draw(5, rng=1), NDArray[Any]),
        assert_type(relaxed.draw(rng=1), NDArray[Any]),
        assert_type(ev.sampling.gumbel_quantize(logits[None], np.eye(3)[None], rng=1).vectors, NDArray[Any]),
        assert_type(ev.sampling.Reinforce().gradient(lambda z: z @ logits, logits, rng=1), NDArray[Any]),
        assert_type(ev.sampling.planning.gumbel_root(logits, lambda action: logits[action], 3).policy, NDArray[Any]),
        assert_type(ev.noise.gumbel_like(logits, rng=1), NDArray[Any]),
        assert_type(ev.sampling.annealed_nll(head(start.raw, start.center, start.unit), 0.5, 0.1), NDArray[Any]),
        assert_type(peaks.log_prob(0.0), NDArray[Any]),
        assert_type(peaks.nll([0.0, 10.0]), NDArray[Any]),
        assert_type(peaks.weights, NDArray[Any]),
        assert_type(peaks.cdf(5.0), NDArray[Any]),
        assert_type(peaks.sf(5.0), NDArray[Any]),
        assert_type(peaks.quantile([0.5, 0.99]), NDArray[Any]),
        assert_type(peaks.return_level(100.0), NDArray[Any]),
        assert_type(peaks.sample(3, rng=1), NDArray[Any]),
        assert_type(peaks.rsample(3, temperature=0.1, rng=1), NDArray[Any]),
        assert_type(start.raw, NDArray[np.float64]),
    ):
        assert np.isfinite(array).all()


def choose() -> None:
    penalised = (ev.MartinsStedinger(), ev.ColesDixon())
    methods = [ev.Moments(), ev.LMoments(), ev.Bayes("mdi"), *(ev.MaximumLikelihood(each) for each in penalised)]
    for method in methods:
        assert_type(ev.fit(ev.GEV(0.0, 1.0, 0.1).rvs(30, rng=1), ev.GEV, method=method), ev.Fit)
    peaks = (ev.GPD(0.0, 1.0, 0.1), ev.Exponential(0.0, 1.0), ev.GPDMin(0.0, 1.0, 0.1), ev.ExponentialMin(0.0, 1.0))
    minima = (ev.GumbelMin(0.0, 1.0), ev.GEVMin(0.0, 1.0, 0.1))
    for family in (*minima, *peaks, ev.TwoComponentGumbel(0.0, 1.0, 2.0, 3.0)):
        assert family.rvs(5, rng=1).shape == (5,)
    two = ev.one_or_two_populations(ev.Gumbel(0.0, 1.0).rvs(30, rng=1), replicates=19)
    assert_type(two.p_value, float)
    study = ev.coverage_study(ev.Gumbel(0.0, 1.0), 20, ev.ReturnLevel([10]), replicates=20)
    assert_type(study, ev.Coverage)


def compare() -> None:
    days = pd.bdate_range("2020-01-01", periods=300)
    losses = pd.Series(ev.Gumbel(0.0, 1.0).rvs(300, rng=1), index=days)
    var, es = pd.Series(3.7, index=days), np.full(300, 4.7)
    bt = ev.backtest(losses, var, es, level=0.975, simulate=ev.Gumbel(0.0, 1.0).rvs((50, 300), rng=2))
    assert_type(bt, ev.Backtest)
    assert_type(bt.tests("mid-p"), pd.DataFrame)
    assert_type(bt.traffic_light(window=250), pd.DataFrame)
    assert_type(bt.exceedances, NDArray[np.bool_])
    ranked = ev.compare_forecasts(losses, {"one": (var, es), "other": (var, 1.2 * es)}, level=0.975)
    assert_type(ranked, pd.DataFrame)
    assert_type(ev.plots.backtest(bt), Axes)
    assert ev.losses.power(250, 0.99) < 0.5
    risk = ev.conditional_risk(losses, np.ones(300), threshold=0.8)
    assert_type(risk, ev.ConditionalRisk)
    assert_type(risk.table([0.95, 0.99], 1.5, confidence=0.9), pd.DataFrame)
    assert_type(risk.fit, ev.Fit)
    roll = ev.rolling_risk(losses, "ewma", window=200, level=0.95)
    assert_type(roll, ev.RollingRisk)
    assert_type(roll.var, pd.DataFrame)
    assert_type(roll.backtest(simulate=False), ev.Backtest)


def price() -> None:
    losses = ev.GPD(10.0, 7.0, 0.3).rvs(300, rng=1)
    paid = np.minimum(losses, 60.0)
    claims = ev.observed(paid, np.where(losses > 60.0, np.inf, paid), truncation=5.0)
    peaks = ev.peaks_over_threshold(claims, 12.0, separation=None, observations_per_year=30.0)
    ev.peaks_over_threshold(ev.read_series("claims.csv", events=True), 12.0, separation=None, observed_years=9.5)
    severe = ev.fit(peaks)
    assert_type(ev.plots.value_at_risk(severe, interval="delta"), Axes)
    assert_type(ev.plots.value_at_risk_points(severe), pd.DataFrame)
    assert_type(ev.plots.value_at_risk_curve(severe), pd.DataFrame)
    assert_type(ev.make_report(severe, subject="losses").answer, str)
    assert_type(peaks.has_bounds, bool)
    fit = ev.fit(peaks, "gpd")
    assert_type(fit.layer([(30.0, 20.0)]), pd.DataFrame)
    assert_type(ev.plots.tail(fit, layers=[(30.0, 20.0)]), Axes)
    assert_type(ev.plots.tail_points(fit), pd.DataFrame)
    tail = ev.GPD(10.0, 7.0, 0.3)
    assert tail.layer_mean(30.0, 20.0) > 0.0
    total = ev.aggregate(9.0, tail, attachment=30.0, limit=20.0, reinstatements=1)
    assert_type(total, ev.Aggregate)
    assert_type(total.mean(), float)
    assert total.error_bound < 0.01
    whole = ev.spliced(losses, threshold=15.0)
    assert ev.aggregate(30.0, whole, limit=50.0).cdf(1e9) == 1.0
    assert_type(ev.indexed(pd.Series([1.0], index=[2020]), pd.Series({2020: 1.0, 2021: 1.1}), to=2021), "pd.Series")


def every_cell() -> None:
    values = ev.Gumbel(30.0, 8.0).rvs((2, 3, 40), rng=1)
    place = {"lat": [46.0, 47.0], "lon": [7.0, 8.0, 9.0]}
    maxima = xr.DataArray(values, place, ("lat", "lon", "time"), name="pr")
    assert_type(ev.grid.fit(maxima, "gumbel"), xr.Dataset)
    levels = ev.grid.return_level(maxima, [10, 100], family="gumbel")
    assert_type(levels, xr.Dataset)
    assert_type(ev.grid.plot(levels, period=100), Axes)


def fail() -> None:
    try:
        ev.fit([5.0] * 20)
    except ev.FitError as error:
        assert_type(error.status, ev.Status)
    for error_class in (ev.DataError, ev.ArgumentError, ev.FitError):
        assert issubclass(error_class, ev.EvstatsError)
    assert issubclass(ev.EvstatsWarning, UserWarning)


def main() -> None:
    """The flow from a file to answers."""
    draw(ask(read()))
    above()
    pooled()
    select()
    sample()
    choose()
    compare()
    every_cell()
    fail()


if __name__ == "__main__":
    main()
