"""A user's script, run and type-checked, that touches every name that the rooms of ``evstats`` offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_type

import matplotlib as mpl
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from numpy.typing import NDArray

import evstats as ev
from evstats.models import Covariates

mpl.use("agg")

Array = NDArray[np.float64]
FLOODS = ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1)
DAYS = pd.date_range("2001-01-01", periods=2_000)
FLOW = pd.Series(ev.Gumbel(20.0, 9.0).rvs(2_000, rng=1), index=DAYS)
PEAKS = ev.peaks_over_threshold(FLOW, 60.0, separation="7D")
FIT, OF_PEAKS = ev.fit(FLOODS, "gumbel"), ev.fit(PEAKS, "gpd")
MOVING = ev.fit(FLOODS, "gumbel", loc="x", covariates={"x": list(range(40))})
BAYES = ev.fit(FLOODS, "gumbel", method="bayes", rng=1)


def families() -> None:
    d = ev.distributions
    regional: tuple[ev.distributions.Family, ...] = (
        *(d.GLO(100.0, 20.0, 0.1), d.GNO(100.0, 20.0, 0.1), d.PE3(100.0, 20.0, 0.5), d.GPA(60.0, 40.0, 0.1)),
        *(d.Kappa(100.0, 20.0, 0.1, 0.2), d.DurationGEV(30.0, 9.0, 0.1, 0.75, 5.0, 10.0, 60.0, 0.0)),
        *(d.GPDProcess(60.0, 12.0, 0.7, 0.1), d.ExponentialProcess(60.0, 12.0, 0.7)),
    )
    for family in regional:
        assert_type(family.isf(0.01), Array)
        assert_type(family.batch_shape, tuple[int, ...])
    found: ev.distributions.Derivatives = ev.Gumbel(0.0, 1.0).derivatives([0.5])
    assert_type(found.gradient, tuple[Array, ...])
    assert isinstance(regional[6], d.PeakProcess)
    assert isinstance(ev.GPD(0.0, 1.0, 0.1), d.OfPeaks)
    assert issubclass(d.PROPORTIONAL["gev"], d.Proportional)
    assert_type(d.Product((ev.Gumbel(100.0, 20.0), ev.Gumbel(60.0, 30.0))).isf(0.01), Array)
    assert_type(d.WithZeros(0.2, ev.GumbelMin(3.0, 1.0)).cdf(0.0), Array)
    assert_type(d.Mixture([0.5, 0.5], ev.Gumbel([0.0, 10.0], 1.0)).isf(0.01), Array)
    assert "gev" in d.FAMILIES
    assert {"gpd"} <= set(d.PEAK_FAMILIES) & set(d.PROCESSES)
    assert_type(d.as_family("gev"), type[ev.distributions.Family])
    assert_type(d.family_named("gpd"), type[ev.distributions.Family])
    assert d.mirror_image(ev.GEV) is ev.GEVMin


def errors() -> None:
    assert_type(ev.errors.closest("gumble", ["gumbel"]), str | None)
    assert_type(ev.errors.nearest("gumble", ["gumbel"]), str)
    assert_type(ev.errors.unknown_name("family", "gumble", ["gumbel"]), ev.ArgumentError)
    assert_type(ev.errors.whole_number(3, "n", least=1), int)
    assert_type(ev.errors.real_number(3, "lower", above=0.0), float)
    assert_type(ev.errors.yes_or_no(True, "events"), bool)
    assert_type(ev.errors.words("flow", "beside"), tuple[str, ...])
    assert_type(ev.errors.one_word("m3/s", "unit"), str | None)


def estimators() -> None:
    e = ev.estimators
    for prior in (e.Beta(), e.Fiducial(), e.Flat(), e.Jeffreys(), e.MDI(), e.NormalShape(), e.Weak()):
        assert isinstance(prior, e.Prior)
        assert prior.name in e.PRIORS
    found = e.Estimation.of(ev.Gumbel, e.as_estimator("mle"), e.as_observations(FLOODS))
    assert_type(found, ev.estimators.Estimation)
    assert_type(found.estimate, ev.estimators.Estimate)
    assert isinstance(found.estimator, e.Estimator)
    assert found.estimator.name in e.ESTIMATORS
    assert isinstance(MOVING.estimation, e.Regression)
    assert isinstance(MOVING.estimation.in_state(Covariates.of({"x": [39.0]})), e.InState)
    assert "shift" in e.REGRESSIONS
    kinds = (e.BoundedRegression, e.DurationRegression, e.PeaksRegression, e.ProportionalRegression)
    assert all(issubclass(kind, e.Regression) for kind in kinds)
    assert isinstance(ev.ColesDixon(), e.Penalty)
    sample = BAYES.posterior()
    assert_type(sample, ev.estimators.PosteriorSample)
    assert_type(e.Posterior(ev.Gumbel, FLOODS, e.Flat()).mode(), Array)
    priors = e.CoefficientPriors({})
    assert_type(e.CoefficientPosterior(MOVING.estimation, priors).mode(), Array)
    bayes = ev.fit(FLOODS, "gumbel", loc="x", covariates={"x": list(range(40))}, method="bayes", rng=1)
    assert_type(bayes.coefficient_posterior(), ev.estimators.CoefficientSample)
    two: ev.estimators.MixtureFit = e.fit_mixture(FLOODS, 2, starts=5)
    choice: ev.estimators.PopulationChoice = ev.one_or_two_populations(FLOODS, replicates=19)
    assert choice.components in (1, 2)
    assert two.mixture.weights.shape == (2,)
    uniform = np.full((2, 1, 3), 0.5)
    assert_type(e.gpd_posterior(ev.GPD(0.0, 1.0, 0.1).rvs((1, 30), rng=1), e.Flat(), uniform), tuple[Array, Array])


def goodness() -> None:
    g = ev.goodness
    assert_type(g.goodness_of_fit(FIT.estimation), tuple[Array, Array])
    assert_type(g.power(40), ev.goodness.Power)
    assert str(g.power_sentence(40))
    ratio = g.ratio_test(FIT.estimation, MOVING.estimation, g.REFERENCES[2])
    assert_type(ratio, ev.goodness.RatioTest)
    assert_type(g.zero_shape_tests(FIT.estimation), ev.goodness.ZeroShape)
    assert_type(g.replicates(FIT.estimation), int)
    assert "anderson-darling" in g.TESTS
    assert g.SEED > 0


def grids() -> None:
    values = ev.Gumbel(20.0, 9.0).rvs((2, 1_500), rng=1)
    rain = xr.DataArray(values, {"time": pd.date_range("2001-01-01", periods=1_500)}, ("cell", "time"), name="pr")
    assert_type(ev.grid.block_maxima(rain, "year"), xr.Dataset)
    assert_type(ev.grid.peaks_over_threshold(rain, 50.0), xr.Dataset)
    maxima = xr.DataArray(ev.Gumbel(30.0, 8.0).rvs((2, 30), rng=1), dims=("cell", "time"), name="pr")
    since = xr.DataArray(np.arange(30.0), dims="time", name="x")
    ratio = ev.grid.probability_ratio(maxima, [50.0], family="gumbel", dim="time", interval="delta", loc=since)
    assert_type(ratio, xr.Dataset)
    moved = ev.grid.change(maxima, [50.0], family="gumbel", dim="time", interval="delta", loc=since)
    assert_type(moved, xr.Dataset)
    assert_type(ev.grid.stations({"a": FLOW, "b": 2.0 * FLOW}), xr.DataArray)


def intervals() -> None:
    i = ev.intervals
    for kind in (
        i.Delta(),
        i.Exact(),
        i.RStar(),
        i.Bartlett(),
        i.Calibrated(),
        i.Credible(),
        i.Bulletin(),
        i.Severini(),
    ):
        assert isinstance(kind, i.Interval)
        assert kind.name in i.INTERVALS
        assert_type(kind.claim, ev.intervals.Claim)
        assert_type(i.has_interval(kind, FIT.estimation), bool)
    assert i.Dependent(np.array([0.5])).label
    answer = FIT.evaluate(ev.ReturnLevel([100]), ev.Bootstrap(500))
    assert_type(answer, ev.intervals.Answer)
    assert_type(answer.simulation, ev.intervals.Simulation | None)
    assert_type(i.check_confidence(0.95), float)
    assert_type(i.chosen(None, FIT.estimation), ev.intervals.Interval)
    assert_type(i.resolved("delta"), ev.intervals.Interval)
    assert isinstance(MOVING.estimation, ev.estimators.Regression)
    assert_type(i.coefficients(MOVING.estimation, i.Delta(), 0.95), ev.intervals.Answer)
    two, function = Covariates.of({"x": [39.0, 0.0]}), ev.quantities.LevelChange(np.array([4.6]))
    assert_type(i.changed(MOVING.estimation, two, function, i.Delta(), 0.95), ev.intervals.Changed)
    assert i.has_predictive(FIT.estimation)
    assert_type(i.predictive_levels(FIT.estimation, np.array([0.01]), 1.0), Array)


def losses() -> None:
    daily = ev.Gumbel(0.0, 1.0).rvs(300, rng=1)
    found = ev.losses.Forecasts.of(daily, [4.6] * 300, None, 0.99)
    assert_type(found, ev.losses.Forecasts)
    whole: ev.losses.Spliced = ev.spliced(ev.GPD(10.0, 7.0, 0.3).rvs(300, rng=1), threshold=15.0)
    assert_type(whole.layer_mean(30.0, 20.0), Array)
    forecasts = {"evt": ([4.6] * 300, [5.6] * 300)}
    assert_type(ev.losses.murphy_curve(daily, forecasts, level=0.99), pd.DataFrame)
    assert_type(ev.plots.murphy(daily, forecasts, level=0.99), Axes)
    assert_type(ev.plots.backtest_points(ev.backtest(daily, [4.6] * 300, level=0.99)), pd.DataFrame)


class Doubled(ev.montecarlo.Tilt):
    greatest = 0.5

    def cumulant(self, t: float) -> float:
        return float(-np.log1p(-2.0 * t))

    def mean(self, t: float) -> float:
        return 2.0 / (1.0 - 2.0 * t)

    def rvs(self, t: float, shape: tuple[int, ...], rng: ev.noise.RandomState) -> Array:
        return np.asarray(ev.noise.exponential(shape, rng=rng) * self.mean(t))


def hill(x: Array) -> Array:
    return np.asarray(-0.5 * (x**2).sum(axis=-1))


def simulations() -> None:
    m = ev.montecarlo
    normal = m.Normal([0.0], [4.0])
    assert_type(m.anneal(hill, [1.0], 50, rng=1), ev.montecarlo.Annealed)
    assert_type(m.annealed_importance(hill, normal, 50, levels=5, rng=1), ev.montecarlo.AnnealedImportance)
    assert_type(m.metropolis(hill, [0.0], 50, warmup=50, rng=1), ev.montecarlo.Chains)
    assert_type(m.gibbs([None], [0.0], 50, logpdf=hill, warmup=20, rng=1), ev.montecarlo.Chains)
    tempered = m.tempering(hill, None, 20, reference=normal, levels=3, chains=2, warmup=20, rng=1)
    assert_type(tempered, ev.montecarlo.TemperedChains)
    assert_type(m.ratio_of_uniforms(hill, [0.0], 50, rng=1), ev.montecarlo.IndependentDraws)
    gumbel = ev.Gumbel(0.0, 0.2)
    own = m.ControlVariate(lambda x: x, 0.2 * float(np.euler_gamma))
    assert_type(m.expectation(np.exp, gumbel, 500, rng=1, control=own), ev.montecarlo.Expectation)
    square = m.FromUniforms(lambda u: 2.0 * u - 1.0, dim=1)
    assert_type(m.expectation(lambda x: x[:, 0] ** 2, square, 500, rng=1, quasi=True), ev.montecarlo.Expectation)
    wide = m.importance(lambda x: x > 3.0, ev.Gumbel(0.0, 1.0), ev.Gumbel(0.0, 3.0), 2_000, rng=1)
    assert_type(wide, ev.montecarlo.ImportanceEstimate)
    assert_type(m.rare_event_probability(60.0, Doubled(), terms=10, n=1_000, rng=1), ev.montecarlo.RareEvent)
    assert_type(m.fit_pareto_tail(ev.GPD(0.0, 1.0, 0.1).rvs(50, rng=1)), tuple[float, float])
    assert m.smooth_weights(np.log(FLOODS))[1] < m.PARETO_LIMIT


def same(x: ev.noise.Foreign) -> ev.noise.Foreign:
    return x


def drawn(shape: ev.noise.Shape, rng: ev.noise.RandomState) -> ev.noise.Generator:
    n = ev.noise
    assert_type(n.lengths_of(shape), tuple[int, ...])
    assert_type(n.AliasUrn([0.5, 0.5]).draw(3, rng=rng), NDArray[np.int64])
    assert_type(n.NoisePool(10, 2, rng=rng).take(3), NDArray[Any])
    assert isinstance(n.generator_beside(FLOODS, 1), n.Generator)
    assert n.recorded(1)[1] == 1
    assert len(n.spawn(2, rng=1)) == 2
    assert isinstance(1, n.SEEDS)
    return n.generator(rng)


def figures() -> None:
    p = ev.plots
    axes = (
        *(p.pp(FIT), p.density(FIT), p.peaks(PEAKS), p.series(ev.block_maxima(FLOW, "year")), p.residuals(MOVING)),
        *p.diagnostics(FIT, interval="delta").ravel(),
    )
    assert all(isinstance(ax, Axes) for ax in axes)
    table = ev.threshold_diagnostics(ev.GPD(0.0, 1.0, 0.1).rvs(200, rng=1), [0.2, 0.5], separation=None)
    assert_type(p.mean_excess(table), Axes)
    p.threshold_stability(table, columns=["shape"])
    p.threshold_choice(ev.choose_threshold(ev.GPD(0.0, 1.0, 0.1).rvs(200, rng=1), [0.2, 0.5], separation=None))
    curve = ev.GEV([40.0, 14.0, 2.2], [11.0, 3.9, 0.6], 0.1)
    idf = ev.fit(ev.durations(curve.rvs(40, rng=1).T, minutes=[10, 60, 720]), "dgev")
    assert p.GumbelScale.name == "gumbel"
    p.add_probability_axis(p.return_level(FIT, interval="delta"))
    for points in (
        *(p.density_points(FIT), p.histogram_points(FIT), p.pp_points(FIT), p.qq_points(FIT)),
        *(p.return_level_curve(FIT, interval="delta"), p.peak_points(PEAKS), p.trend_points(MOVING)),
        *(p.residual_points(MOVING), p.tail_curve(OF_PEAKS, interval="delta"), p.ratio_curves()),
        *(p.extreme_points(ev.block_maxima(FLOW, "year")), p.series_points(ev.block_maxima(FLOW, "year"))),
        *(p.idf_points(idf), p.idf_curve(idf, [10], interval="delta")),
        *(
            p.plotting_positions([3.0, 5.0], a=p.PLOTTING_POSITIONS["weibull"]),
            p.positions_with_bounds([[5, 5], [7, 9]]),
        ),
    ):
        assert_type(points, pd.DataFrame)


def quantities() -> None:
    q = ev.quantities
    process = ev.distributions.GPDProcess(60.0, 12.0, 0.7, 0.1)
    of_peaks: tuple[ev.quantities.Quantity, ...] = (
        *(q.PeakLevel([100]), q.PeakPeriod([90.0]), q.PeakRate(), q.PeakValueAtRisk([0.99])),
        *(q.PeakExpectedShortfall([0.99]), q.PurePremium.of([(80.0, 20.0)])),
    )
    for asked in of_peaks:
        assert_type(asked(process), Array)
    states = ev.Gumbel(np.array([[110.0], [100.0]]), 20.0)
    in_time = ev.distributions.GPDProcess(60.0, 12.0, np.log([[3.0], [2.0]]), 0.1)
    level = np.array([180.0])
    of_states: tuple[ev.quantities.OfStates, ...] = (
        *(q.EventChange(level), q.LogProbabilityRatio(level), q.LogWaitingTime(level), q.DesignLife(-np.log([0.9]))),
        q.LevelChange(np.array([4.6])),
    )
    for each in of_states:
        assert_type(each.value(states), Array)
    assert_type(q.LogRatioByRate(level).value(in_time), Array)
    assert_type(q.annual_exceedance_probability([100.0]), Array)
    assert_type(q.as_probabilities([0.99]), Array)
    assert_type(q.as_questions(10, "periods"), Array)
    mean: ev.quantities.LogMean = q.log_mean(ev.GPD(10.0, 7.0, 0.3), 50.0, 150.0)
    value, slope = q.log_mean_slope(ev.GPD(10.0, 7.0, 0.3), np.array(50.0), np.array(150.0))
    assert float(value) == float(mean.value)
    assert float(slope) > 1.0
    assert_type(q.poisson_limits(3, 0.95), tuple[Array, Array])
    assert_type(q.positive_years(30), float)


def regions() -> None:
    region = ev.region({f"site {i}": ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=i) for i in range(5)})
    assert isinstance(region, ev.regions.Sites)
    assert "glo" in ev.regions.FAMILIES


def expand(node: str) -> tuple[list[str], Array] | None:
    return ([node + "a", node + "b"], np.log([0.5, 0.5])) if len(node) < 2 else None


def choices() -> None:
    s = ev.sampling
    logits = np.log([0.5, 0.3, 0.2])
    leaves: ev.sampling.BeamSample[str] = s.beam_search(expand, "", 2, rng=1)
    assert_type(leaves.leaves, tuple[str, ...])
    for schedule in (
        s.CosineSchedule(1.0, 0.1, 10),
        s.ExponentialSchedule(1.0, 0.1, 10),
        s.LinearSchedule(1.0, 0.1, 10),
    ):
        assert_type(schedule(5), float)
    for estimator in (s.GumbelRao(0.5), s.StraightThrough(0.5)):
        estimator.gradient(lambda z: z @ logits, logits, derivative=lambda z: logits + 0.0 * z, rng=1)
    top: ev.sampling.TopK[NDArray[Any]] = s.gumbel_top_k(logits, 2, rng=1)
    assert_type(top.indices, NDArray[Any])
    found: ev.sampling.Quantized[NDArray[Any]] = s.gumbel_quantize(logits[None], np.eye(3)[None], rng=1)
    assert_type(found.codes, NDArray[Any])
    held: ev.sampling.ReservoirSample[str] = s.reservoir_sample((("a", 1.0), ("b", 2.0), ("c", 1.0)), 2, rng=1)
    assert len(held.items) == 2
    start: ev.sampling.MixtureStart = s.MixtureHead(2).start(FLOODS)
    density = s.MixtureDensity([0.0, 0.0], [0.0, 10.0], [1.0, 1.0])
    assert start.raw.size > 0
    assert float(s.annealed_nll(density, 0.0, 0.5)) > 0.0

    def simulate(action: NDArray[Any]) -> Any:
        return logits[action]

    search: ev.sampling.planning.Simulate = simulate
    plan = s.planning.sampled_root(logits, search, 3, scale=s.planning.ValueScale(), rng=1)
    assert_type(plan, ev.sampling.planning.RootDecision[NDArray[Any]])
    assert_type(s.planning.considered_visits(4, 8), tuple[int, ...])


class Middle(ev.thresholds.ThresholdMethod):
    name, label, criterion = "middle", "the middle candidate", "off"

    def judged(self, candidates: Any, rng: ev.noise.RandomState = None) -> ev.thresholds.Verdict:
        off = np.abs(np.arange(len(candidates.peaks)) - len(candidates.peaks) // 2)
        return ev.thresholds.Verdict(np.argsort(off, kind="stable"), {"off": off.astype(float)})


def thresholds() -> None:
    t = ev.thresholds
    i = ev.thresholds.indices
    values = ev.GPD(0.0, 1.0, 0.1).rvs(300, rng=1)
    assert ev.choose_threshold(values, [0.2, 0.5, 1.0], method=Middle(), separation=None).threshold == 0.5
    assert set(t.METHODS) <= set(t.CHOOSERS)

    def half(watch: Any, *, separation: Any, kind: str, rng: Any) -> ev.thresholds.Chosen:
        return t.Chosen(float(np.median(watch.sample.values)), ())

    chooser: ev.thresholds.Chooser = half
    with t.CHOOSERS.holding("half", chooser):
        assert len(ev.peaks_over_threshold(values, "half", separation=None)) > 100
    of_time = ev.peaks_over_threshold(values, 1.0, separation=None, observations_per_year=50)
    assert_type(t.diagnostics_of_peaks(of_time), pd.DataFrame)
    for method in (i.Intervals(), i.LeastSquares()):
        assert isinstance(method, i.Index)
        assert_type(ev.extremal_index(values, "90%", method=method, rng=1), pd.DataFrame)
    assert issubclass(i.KGaps, i.OfTimes)
    assert i.Resampled(4, lambda weights: weights.mean(axis=-1), clusters=None).estimate == 1.0
    assert "kgaps" in i.INDICES


def main() -> None:
    """Room by room."""
    named: Mapping[str, object] = {"rng": drawn(3, 1), "same": same}
    assert named
    for room in (families, errors, estimators, goodness, grids, intervals, losses, simulations, figures, quantities):
        room()
    for room in (regions, choices, thresholds):
        room()


if __name__ == "__main__":
    main()
