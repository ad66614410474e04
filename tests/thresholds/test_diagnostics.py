"""The table of candidate thresholds, against plain definitions and published fits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.special
import scipy.stats
from numpy.typing import NDArray

import evstats as ev
from evstats.distributions import GPD, GPDProcess
from evstats.errors import ArgumentError, DataError
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.intervals.likelihood_ratio import RStar
from evstats.models.exceedances import Exceedances
from evstats.notes import Note
from evstats.quantities import Parameters, PeakLevel
from evstats.thresholds.anderson_darling import p_values
from evstats.thresholds.choices.forward_stop import forward_stop
from evstats.thresholds.diagnostics import COLUMNS
from evstats.thresholds.intervals_estimator import intervals_index
from evstats.thresholds.score import expected_information, score, score_statistic

DATA = Path(__file__).parents[2] / "data"
SAMPLE = GPD(1.0, 0.5, 0.1).rvs(400, rng=1)
THRESHOLDS = [1.2, 1.5, 1.8, 2.2]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return ev.threshold_diagnostics(SAMPLE, THRESHOLDS, separation=None, level_period=1_000)


def test_rows_and_columns(table: pd.DataFrame) -> None:
    assert table.index.name == "threshold"
    assert table.index.tolist() == THRESHOLDS
    assert tuple(table.columns) == COLUMNS
    assert table.attrs["confidence"] == 0.95
    assert table.attrs["level_period"] == 1_000.0
    assert (table.attrs["separation"], table.attrs["time_unit"], table.attrs["years"]) == ("none", "observation", 400.0)
    assert any(note.code == "counted_in_observations" for note in table.attrs["notes"])


def test_plain_columns_against_their_definitions(table: pd.DataFrame) -> None:
    for u, row in table.iterrows():
        excesses = SAMPLE[u < SAMPLE] - u
        n = excesses.size
        assert (row["peaks"], row["exceedances"], row["rate"]) == (n, n, n / 400.0)
        half = scipy.stats.norm.ppf(0.975) * excesses.std(ddof=1) / np.sqrt(n)
        found = row[["mean_excess", "mean_excess_lower", "mean_excess_upper"]].to_numpy(dtype=float)
        assert found == pytest.approx(excesses.mean() + np.array([0.0, -half, half]), rel=1e-12)
        shape, _, scale = scipy.stats.genpareto.fit(excesses, floc=0.0)
        assert [row["scale"], row["shape"]] == pytest.approx([scale, shape], abs=2e-4)
        assert row["modified_scale"] == pytest.approx(row["scale"] - row["shape"] * u, rel=1e-12)
        level = GPD(u, row["scale"], row["shape"]).isf(1.0 / (1_000.0 * row["rate"]))
        assert row["level"] == pytest.approx(level, rel=1e-12)
        assert row["extremal_index"] == intervals_index(np.diff(np.flatnonzero(u < SAMPLE)))


def test_limits_are_those_of_a_fit_at_each_threshold(table: pd.DataFrame) -> None:
    for u, row in table.iterrows():
        design = Exceedances(float(u), 400.0)
        found = Estimation.of(GPDProcess, MaximumLikelihood(), SAMPLE[u < SAMPLE], design)
        (*_, shape_lower), (*_, shape_upper) = RStar()(found, Parameters(), 0.95)
        level = np.concatenate(RStar()(found, PeakLevel([1_000.0]), 0.95))
        assert [row["shape_lower"], row["shape_upper"]] == pytest.approx([shape_lower, shape_upper], rel=1e-6)
        assert row[["level_lower", "level_upper"]].to_numpy(dtype=float) == pytest.approx(level, rel=1e-6)


def test_a_level_within_the_threshold_is_none() -> None:
    table = ev.threshold_diagnostics(SAMPLE, [1.2, 3.0], separation=None, level_period=15)
    assert table["rate"].iloc[1] * 15 < 1.0
    assert table[["level", "level_lower", "level_upper"]].notna().all(axis=1).tolist() == [True, False]


def test_mcneil_danish_fire(data_sources: Path) -> None:
    """McNeil (1997): 109 losses above 10, shape 0.497 and scale 6.98."""
    losses = pd.read_csv(data_sources / "danish_fire_losses.csv")["total_mdkk1985"]
    row = ev.threshold_diagnostics(losses, [5.0, 10.0, 20.0], separation=None).loc[10.0]
    assert row["peaks"] == 109
    assert [row["shape"], row["scale"]] == pytest.approx([0.497, 6.98], abs=0.005)


def test_coles_rain(data_sources: Path) -> None:
    """Coles (2001), section 4.4.1: 152 days above 30 mm, scale 7.44 and shape 0.184."""
    rain = pd.read_csv(data_sources / "swengland_daily_rain.csv")
    values = rain[rain.columns[-1]].to_numpy(dtype=float)
    row = ev.threshold_diagnostics(values, [20.0, 30.0], separation=None).loc[30.0]
    assert row["peaks"] == 152
    assert [row["scale"], row["shape"]] == pytest.approx([7.44, 0.184], abs=0.005)


# -- the score test ----------------------------------------------------------------------------------------------------

EDGES = np.array([0.0, 0.2, 0.5, 1.1])


def piecewise(parameters: NDArray[np.float64], z: NDArray[np.float64]) -> float:
    """The log-likelihood of a GPD whose shape changes at the edges: scale, then the shape of each piece."""
    scale, *shapes = parameters
    ends = np.append(EDGES[1:], np.inf)
    scales = scale + np.concatenate([[0.0], np.cumsum(shapes[:-1] * np.diff(EDGES))])
    total = 0.0
    for y in z:
        gone = 0.0
        for start, end, here, shape in zip(EDGES, ends, scales, shapes, strict=True):
            reached = min(y, end) - start
            gone += scipy.special.log1p(shape * reached / here) / shape if reached > 0.0 else 0.0
            if start < y <= end:
                total -= np.log(here + shape * reached)
        total -= gone
    return total


@pytest.mark.parametrize("shape", [-0.3, 0.02, 0.4])
def test_the_score_is_the_derivative_of_the_piecewise_likelihood(shape: float) -> None:
    z = GPD(0.0, 1.0, shape).rvs(60, rng=3)
    start, step = np.array([1.0, shape, shape, shape, shape]), 1e-5
    numeric = [
        (piecewise(start + step * one, z) - piecewise(start - step * one, z)) / (2.0 * step) for one in np.eye(5)
    ]
    assert score(z, EDGES, shape) == pytest.approx(numeric, abs=1e-6)


@pytest.mark.parametrize("shape", [-0.3, 0.0, 0.4])
def test_the_information_is_the_variance_of_the_score(shape: float) -> None:
    """Of one excess: E[s s'] by quadrature over the exponential variate."""
    nodes, weights = np.polynomial.legendre.leggauss(16)
    joints = np.append(GPD(0.0, 1.0, shape).exponential(EDGES), np.arange(2.0, 80.0, 3.0))  # to where nothing is left
    half = 0.5 * np.diff(joints)[:, None]
    e, w = (joints[:-1, None] + half * (nodes + 1.0)).ravel(), (half * weights).ravel()
    z = np.array(GPD(0.0, 1.0, shape).from_exponential(e))
    each = np.array([score(np.array([one]), EDGES, shape) for one in z])
    expected = (each * (w * np.exp(-e))[:, None]).T @ each
    assert expected_information(EDGES, shape) == pytest.approx(expected, abs=1e-9)


def test_score_statistic_and_p_value(table: pd.DataFrame) -> None:
    place = 1
    u = THRESHOLDS[place]
    scale, shape = table["scale"].iloc[place], table["shape"].iloc[place]
    z, edges = (SAMPLE[u < SAMPLE] - u) / scale, (np.array(THRESHOLDS[place:]) - u) / scale
    gradient = score(z, edges, shape)
    assert gradient[0] == pytest.approx(0.0, abs=1e-5)  # at the maximum under the null
    assert gradient[1:].sum() == pytest.approx(0.0, abs=1e-5)
    expected = gradient @ np.linalg.inv(z.size * expected_information(edges, shape)) @ gradient
    assert table["score"].iloc[place] == pytest.approx(expected, rel=1e-6)
    assert score_statistic(z, edges, shape) == pytest.approx(expected, rel=1e-9)
    assert table["score_p"].iloc[place] == pytest.approx(scipy.stats.chi2.sf(expected, 2), rel=1e-6)
    assert np.isnan(table["score"].iloc[-1])


def test_score_p_values_are_uniform_where_the_shape_is_constant() -> None:
    p = []
    for seed in range(200):
        x = GPD(0.0, 1.0, 0.2).rvs(400, rng=seed)
        scale, shape = _fitted(x)
        edges = np.quantile(x, [0.3, 0.6, 0.8]) / scale
        p.append(scipy.stats.chi2.sf(score_statistic(x / scale, np.append(0.0, edges), shape), 3))
    assert scipy.stats.kstest(p, "uniform").pvalue > 0.01


def _fitted(x: NDArray[np.float64]) -> tuple[float, float]:
    found = Estimation.of(GPDProcess, MaximumLikelihood(), x, Exceedances(0.0, 1.0))
    return float(found.distribution.scale), float(found.distribution.shape)


# -- tests of fit ------------------------------------------------------------------------------------------------------


def test_anderson_darling_is_its_definition(table: pd.DataFrame) -> None:
    for u, row in table.iterrows():
        x = np.sort(SAMPLE[u < SAMPLE])
        f, n = GPD(float(u), row["scale"], row["shape"]).cdf(x), x.size
        i = np.arange(1, n + 1)
        expected = -n - np.sum((2 * i - 1) * (np.log(f) + np.log1p(-f[::-1]))) / n
        assert row["anderson_darling"] == pytest.approx(expected, rel=1e-9)


def test_p_values_know_of_the_fitting() -> None:
    """At the fitted shape; a true GPD is rejected as often as said, and the known-parameter null would be far off."""
    from evstats.estimators.excesses import gpd_maxima
    from evstats.goodness.statistics import anderson_darling

    n, samples = 60, 3_000
    for shape in (-0.2, 0.3):
        x = np.sort(GPD(0.0, 1.0, shape).rvs((samples, n), rng=8), axis=-1)
        found = gpd_maxima(x, np.full(samples, float(n)))
        statistics = anderson_darling(GPD(np.zeros(samples), found.scale, found.shape), x)
        p = p_values(statistics, found.shape, np.full(samples, n))
        for size in (0.02, 0.1, 0.5):
            assert np.mean(p <= size) == pytest.approx(size, abs=0.012 + 3.0 * np.sqrt(size * (1 - size) / samples))


def test_p_values_fall_with_the_statistic_and_go_on_beyond_the_table() -> None:
    statistics = np.geomspace(0.1, 20.0, 50)
    p = p_values(statistics, np.full(50, 0.12), np.full(50, 73))
    assert (np.diff(p) < 0.0).all()
    assert 0.0 < p[-1] < 1e-10
    assert p[0] > 0.99
    assert np.isnan(p_values(np.array([np.nan]), np.array([np.nan]), np.array([5]))).all()


def test_forward_stop_is_a_running_mean() -> None:
    p = np.array([0.001, 0.2, np.nan, 0.6, 1.0])
    kept = [0.001, 0.2, 0.6]
    means = [np.mean([-np.log(1.0 - own) for own in kept[: k + 1]]) for k in range(3)]
    found = forward_stop(p)
    assert found[[0, 1, 3]] == pytest.approx(means, rel=1e-12)
    assert np.isnan(found[2])
    assert np.isfinite(found[4])


# -- units, minima, declustering ---------------------------------------------------------------------------------------


def test_any_unit(table: pd.DataFrame) -> None:
    far = ev.threshold_diagnostics(SAMPLE * 1e3, np.array(THRESHOLDS) * 1e3, separation=None, level_period=1_000)
    lengths = ["mean_excess", "scale", "modified_scale", "level", "level_lower", "level_upper", "eqd"]
    free = ["shape", "shape_lower", "shape_upper", "anderson_darling_p", "forward_stop", "score_p", "weight"]
    assert far[lengths].to_numpy() == pytest.approx(1e3 * table[lengths].to_numpy(), rel=1e-6, nan_ok=True)
    assert far[free].to_numpy() == pytest.approx(table[free].to_numpy(), rel=1e-5, nan_ok=True)


def test_minima_are_mirrored(table: pd.DataFrame) -> None:
    low = ev.threshold_diagnostics(-SAMPLE, -np.array(THRESHOLDS), separation=None, kind="min", level_period=1_000)
    assert low.index.tolist() == [-u for u in THRESHOLDS]
    assert low.attrs["kind"] == "min"
    swapped = {"level_lower": "level_upper", "level_upper": "level_lower"}
    for column in COLUMNS:
        sign = -1.0 if column.startswith("level") else 1.0
        expected = sign * table[swapped.get(column, column)].to_numpy()
        assert low[column].to_numpy() == pytest.approx(expected, rel=1e-9, nan_ok=True), column


def test_peaks_are_those_of_the_door() -> None:
    flow = ev.read_series(DATA / "river_daily_flow.csv")
    for separation in ("7D", 3, "auto"):
        table = ev.threshold_diagnostics(flow, [40.0, 60.0], separation=separation)
        for u, row in table.iterrows():
            peaks = ev.peaks_over_threshold(flow, float(u), separation=separation)
            assert (row["peaks"], row["exceedances"]) == (len(peaks), peaks.exceedances)
            assert row["rate"] == pytest.approx(peaks.rate, rel=1e-12)
            assert row["mean_excess"] == pytest.approx(peaks.values.mean() - u, rel=1e-12)


def test_unasked_from_the_median_to_twenty_peaks() -> None:
    table = ev.threshold_diagnostics(SAMPLE, separation=None)
    assert len(table) == 30
    assert (table["peaks"].iloc[0], table["peaks"].iloc[-1]) == (200, 20)
    assert not np.isin(table.index, SAMPLE).any()
    low = ev.threshold_diagnostics(-SAMPLE, separation=None, kind="min")
    assert low.index.to_numpy() == pytest.approx(-table.index.to_numpy())
    river = pd.read_csv(DATA / "river_daily_flow.csv")["discharge_m3s"]
    apart = ev.threshold_diagnostics(river, separation=7)
    assert apart["peaks"].iloc[-1] == 20
    assert apart["peaks"].iloc[:-1].min() > 20


def test_unasked_where_events_run_together_at_the_median() -> None:
    """Two tides a day, of which the higher ones alone part into events a week apart."""
    hours = np.arange(20_000.0)
    level = np.sin(hours * 2 * np.pi / 12.4) + GPD(0.0, 0.3, 0.1).rvs(hours.size, rng=4)
    choice = ev.choose_threshold(level, separation=24 * 7)
    peaks = choice.table["peaks"]
    assert peaks.iloc[-1] == 20
    assert peaks.max() > 40 > peaks.iloc[0]
    assert (choice.weights[peaks.index < peaks.idxmax()] == 0.0).all()


# -- bad input ---------------------------------------------------------------------------------------------------------


def test_thresholds_that_are_none() -> None:
    for thresholds, words in (
        ([1.5, 1.2], "do not rise"),
        ([1.2, 1.2], "do not rise"),
        ([1.2, np.nan], "nan"),
        ("high", "high"),
        ([], "shape"),
    ):
        with pytest.raises(ArgumentError, match=words):
            ev.threshold_diagnostics(SAMPLE, thresholds, separation=None)
    with pytest.raises(ArgumentError, match="do not fall"):
        ev.threshold_diagnostics(-SAMPLE, [-1.5, -1.2], separation=None, kind="min")


def test_no_threshold_left() -> None:
    with pytest.raises(DataError, match=r"none of the thresholds has 3 peaks of value above it.*100.*largest value"):
        ev.threshold_diagnostics(SAMPLE, [100.0, 200.0], separation=None)
    with pytest.raises(DataError, match="no threshold beyond the median of value has 20 peaks"):
        ev.threshold_diagnostics(SAMPLE[:30], separation=None)
    left = ev.threshold_diagnostics(SAMPLE, [1.5, 100.0], separation=None)
    assert left.index.tolist() == [1.5]


def test_few_peaks_are_told() -> None:
    codes = [note.code for note in _notes(ev.threshold_diagnostics(SAMPLE, [1.5, 3.4], separation=None))]
    assert "few_peaks_at_candidate" in codes
    assert "few_peaks_at_candidate" not in [
        note.code for note in _notes(ev.threshold_diagnostics(SAMPLE, [1.5], separation=None))
    ]


def _notes(table: pd.DataFrame) -> tuple[Note, ...]:
    return tuple(table.attrs["notes"])


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ({"level_period": 0}, "level_period is 0"),
        ({"level_period": "ten"}, "level_period is 'ten'"),
        ({"confidence": 95}, "0.95"),
        ({"separation": "3 dyas"}, "'3D'"),
        ({"separation": "3D"}, "no dates"),
        ({"kind": "maxi"}, "maxi"),
        ({"rng": "one"}, "rng"),
    ],
)
def test_other_arguments_that_are_none(argument: dict[str, object], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        ev.threshold_diagnostics(SAMPLE, [1.5], **{"separation": None, **argument})  # type: ignore[arg-type]
