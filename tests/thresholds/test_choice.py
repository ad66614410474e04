"""The choice of a threshold: each criterion against its plain definition, and known thresholds found."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import evstats as ev
from evstats import noise
from evstats.distributions import GPD
from evstats.errors import ArgumentError, DataError
from evstats.estimators.excesses import gpd_maxima
from evstats.thresholds.choices.cross_validation import log_predictive
from evstats.thresholds.choosing import Choice

Array = NDArray[np.float64]
DATA = Path(__file__).parents[2] / "data"
STUDIES = Path(__file__).parents[1] / "studies"


def with_threshold(seed: int, n: int = 1_000) -> Array:
    """Murphy, Tawn and Varty's first case: a sixth of the values uniform in (0.5, 1), the others GPD(0.5, 0.1) above
    1."""
    first, second, third = np.exp(-noise.exponential((3, n), rng=seed))
    return np.where(first < 1.0 / 6.0, 0.5 + 0.5 * second, GPD(1.0, 0.5, 0.1).ppf(third))


SAMPLE = with_threshold(1)
CANDIDATES = np.quantile(SAMPLE, np.arange(0.0, 0.96, 0.05))


@functools.cache
def chosen(method: str = "eqd", **how: Any) -> Choice:
    """The choice from the sample, made once."""
    return ev.choose_threshold(SAMPLE, CANDIDATES, method=method, separation=None, **how)


@functools.cache
def table_of_all() -> pd.DataFrame:
    """The diagnostics of the same candidates."""
    return ev.threshold_diagnostics(SAMPLE, CANDIDATES, separation=None)


# -- each criterion ----------------------------------------------------------------------------------------------------


def test_discrepancy_is_its_definition() -> None:
    """Mean absolute distance between the sample quantiles of each bootstrap sample and its fitted quantiles."""
    excesses = np.sort(SAMPLE[SAMPLE > 2.0] - 2.0)
    n, replicates, quantiles = excesses.size, 20, 50
    found = ev.ExpectedQuantileDiscrepancy(replicates, quantiles).discrepancies([excesses], 7)[0]
    draws = noise.generator(7).integers(n, size=(replicates, n), dtype=np.uint16)
    p, missed = np.arange(1, quantiles + 1) / (quantiles + 1), []
    for row in draws:
        x = excesses[row]
        fit = gpd_maxima(x[None], np.array([float(n)]))
        missed.append(np.abs(np.quantile(x, p) - GPD(0.0, fit.scale[0], fit.shape[0]).ppf(p)).mean())
    assert found == pytest.approx(np.mean(missed), rel=1e-9)


def test_few_excesses_are_not_judged() -> None:
    method = ev.ExpectedQuantileDiscrepancy(replicates=20)
    samples = [np.sort(GPD(0.0, 1.0, 0.1).rvs(n, rng=1)) for n in (10, 40)]
    assert np.isnan(method.discrepancies(samples, 1)).tolist() == [True, False]


def left_out(x: Array, u: float, v: float, count: int, a: float) -> float:
    """The sum of log predictive densities with every posterior computed anew, on a grid of log scale and shape."""
    log_scale, shape = np.meshgrid(np.linspace(-2.5, 2.0, 161), np.linspace(-0.999, 2.5, 221), indexing="ij")
    scale = np.exp(log_scale)

    def log_sf(y: Array) -> Array:
        inside = 1.0 + shape[..., None] * y / scale[..., None]
        return np.where(inside > 0.0, -np.log(np.maximum(inside, 1e-300)) / shape[..., None], -np.inf)

    def log_density(y: Array) -> Array:
        tail = log_sf(y)
        return np.where(tail > -np.inf, (1.0 + shape[..., None]) * tail - log_scale[..., None], -np.inf)

    def weights(excesses: Array) -> Array:
        log_posterior = log_density(excesses).sum(axis=-1) - a * shape
        found = np.exp(log_posterior - log_posterior.max())
        return found / found.sum()

    total, survival = 0.0, np.exp(log_sf(np.array([v - u]))[..., 0])
    for place, value in enumerate(x):
        rest = np.delete(x, place)
        excesses = rest[rest > u] - u
        passing = (excesses.size + 0.5) / count  # mean of Beta(k + 1/2, n - k + 1/2), n the count less one
        posterior = weights(excesses)
        if value > v:
            density = np.exp(log_density(np.array([value - u]))[..., 0])
            total += np.log(passing * (posterior * density).sum())
        else:
            total += np.log1p(-passing * (posterior * survival).sum())
    excesses = x[x > u] - u
    passing = (excesses.size + 0.5) / count
    return float(total + (count - x.size) * np.log1p(-passing * (weights(excesses) * survival).sum()))


@pytest.mark.parametrize(("u", "a"), [(0.0, 0.6), (0.4, 1.0)])
def test_cross_validation_leaves_every_value_out(u: float, a: float) -> None:
    x = GPD(0.0, 1.0, 0.1).rvs(40, rng=5)
    assert log_predictive(x, u, 1.2, 60, a) == pytest.approx(left_out(x, u, 1.2, 60, a), abs=0.01)


def test_weights_are_of_the_predictions() -> None:
    choice = chosen("cross-validation")
    lowest, highest = choice.table.index[0], choice.table.index[-1]
    x = SAMPLE[lowest < SAMPLE] - lowest
    logs = np.array([log_predictive(x, u - lowest, highest - lowest, SAMPLE.size, 0.6) for u in choice.table.index])
    expected = np.exp(logs - logs.max())
    assert choice.weights.to_numpy() == pytest.approx(expected / expected.sum(), rel=1e-9)
    assert choice.weights.sum() == pytest.approx(1.0)
    assert choice.threshold == choice.weights.idxmax()


def test_forward_stop_and_score_by_their_tables() -> None:
    table = table_of_all()
    score = chosen("score")
    assert score.threshold == table.index[table["score_p"] > 0.05][0]
    stop = ev.choose_threshold(SAMPLE, CANDIDATES, method=ev.ForwardStop(rate=0.2), separation=None)
    assert stop.threshold == table.index[np.flatnonzero(table["forward_stop"] <= 0.2)[-1] + 1]
    assert stop.table["forward_stop"].to_numpy() == pytest.approx(table["forward_stop"].to_numpy(), rel=1e-12)


# -- the choice --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["eqd", "forward-stop", "score"])
def test_a_known_threshold_is_found(method: str) -> None:
    choice = chosen(method)
    assert choice.threshold == pytest.approx(1.0, abs=0.1)


def test_what_a_choice_holds() -> None:
    choice = chosen(rng=3)
    table = ev.threshold_diagnostics(SAMPLE, CANDIDATES, separation=None, level_period=choice.period, rng=3)
    pd.testing.assert_frame_equal(choice.table, table[choice.table.columns], check_like=False)
    assert (choice.method, choice.label) == ("eqd", "expected quantile discrepancy")
    assert choice.threshold == choice.order[0] == choice.table["eqd"].idxmin()
    assert choice.runners_up.index.tolist() == choice.table["eqd"].nsmallest(5).index[1:].tolist()
    assert choice.weights.to_numpy() == pytest.approx(table["weight"].to_numpy())
    assert (choice.period, choice.time_unit, choice.separation, choice.kind) == (1e4, "observation", "none", "max")
    assert choice.series.to_numpy() == pytest.approx(SAMPLE)
    assert "by expected quantile discrepancy" in repr(choice)
    page = choice._repr_html_()
    assert all(words in page for words in ("Candidates (20)", "modified_scale", choice.notes[0][:60]))
    with pytest.raises(dataclasses.FrozenInstanceError):
        choice.threshold = 2.0  # type: ignore[misc]


def test_notes_tell_what_hangs_on_it() -> None:
    choice = chosen()
    notes = {note.code: note for note in choice.notes}
    assert notes["threshold_chosen"].values["threshold"] == choice.threshold
    moved = notes["threshold_runners_up"].values
    near = pd.concat([choice.table.loc[[choice.threshold]], choice.runners_up])["level"]
    assert (moved["least"], moved["greatest"]) == pytest.approx((near.min(), near.max()))
    assert moved["others"] == pytest.approx(sorted(choice.runners_up.index))
    assert notes["interval_after_choice"].gravity.name == "CAUTION"


@pytest.mark.parametrize("kind", ["max", "min"])
@pytest.mark.parametrize("inner", [True, False])
def test_a_choice_at_the_edge_of_the_candidates_is_told(kind: str, inner: bool) -> None:
    sign = 1.0 if kind == "max" else -1.0
    left = CANDIDATES[12:] if inner else CANDIDATES[:5]  # the best is the sixth, of a true threshold of 1
    choice = ev.choose_threshold(sign * SAMPLE, sign * left, separation=None, kind=kind)
    assert choice.threshold == sign * (left[0] if inner else left[-1])
    (edge,) = (note for note in choice.notes if note.code == "threshold_at_edge")
    assert f"the {'lowest' if inner == (kind == 'max') else 'highest'} of the candidates" in edge
    assert ("none farther in was tried" if inner else "too few peaks are left") in edge
    between = ev.choose_threshold(SAMPLE, CANDIDATES, separation=None)
    assert "threshold_at_edge" not in [note.code for note in between.notes]


def test_same_seed_same_answer() -> None:
    first, again, other = (
        ev.choose_threshold(SAMPLE, CANDIDATES, separation=None, rng=seed).table["eqd"] for seed in (3, 3, 4)
    )
    assert (first == again).all()
    assert not (first == other).all()
    unasked = [ev.choose_threshold(SAMPLE, CANDIDATES, separation=None).table["eqd"] for _ in range(2)]
    assert (unasked[0] == unasked[1]).all()


def test_a_lower_threshold_may_validate() -> None:
    third = ev.choose_threshold(SAMPLE, CANDIDATES, method=ev.CrossValidation(validation=3), separation=None)
    without = ev.choose_threshold(SAMPLE, CANDIDATES[:-2], method="cross-validation", separation=None)
    assert third.weights.to_numpy() == pytest.approx([*without.weights, 0.0, 0.0])
    assert third.order.size <= CANDIDATES.size - 2
    alone = ev.choose_threshold(SAMPLE, CANDIDATES[:2], method=ev.CrossValidation(validation=9), separation=None)
    assert alone.weights.tolist() == [1.0, 0.0]


def test_minima_are_mirrored() -> None:
    for method in ("eqd", "cross-validation", "forward-stop", "score"):
        high = chosen(method)
        low = ev.choose_threshold(-SAMPLE, -CANDIDATES, method=method, separation=None, kind="min")
        assert low.threshold == pytest.approx(-high.threshold)
        assert low.table["level"].to_numpy() == pytest.approx(-high.table["level"].to_numpy())


def test_automatic_at_the_door() -> None:
    flow = ev.read_series(DATA / "river_daily_flow.csv")
    for name, method in (("auto", "eqd"), ("score", "score")):
        peaks = ev.peaks_over_threshold(flow, name, separation="7D")
        choice = ev.choose_threshold(flow, method=method, separation="7D")
        assert peaks.threshold == choice.threshold
        assert {note.code for note in choice.notes} <= {note.code for note in peaks.notes}
    assert len(peaks) == choice.table.loc[choice.threshold, "peaks"]
    assert ev.fit(peaks, "gpd").distribution.scale == pytest.approx(choice.table.loc[choice.threshold, "scale"])


def test_where_every_candidate_is_rejected() -> None:
    x = np.round(GPD(0.0, 1.0, 0.0).rvs(2_000, rng=2))  # lumps, which no continuous tail fits
    choice = ev.choose_threshold(x, [0.5, 1.5, 2.5], method="forward-stop", separation=None)
    assert choice.threshold == 2.5
    assert "every_candidate_rejected" in [note.code for note in choice.notes]


def test_methods_by_class_and_object() -> None:
    few = ev.choose_threshold(SAMPLE, CANDIDATES, method=ev.ExpectedQuantileDiscrepancy(10, 20), separation=None)
    assert few.method == "eqd"
    assert ev.choose_threshold(SAMPLE, CANDIDATES, method=ev.ScoreTest, separation=None).method == "score"


def test_bad_input() -> None:
    with pytest.raises(ArgumentError, match=r"unknown method 'edq'.*Did you mean 'eqd'"):
        ev.choose_threshold(SAMPLE, method="edq", separation=None)
    with pytest.raises(ArgumentError, match="method is 3"):
        ev.choose_threshold(SAMPLE, method=3, separation=None)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="replicates is 0"):
        ev.ExpectedQuantileDiscrepancy(replicates=0)
    with pytest.raises(ArgumentError, match=r"quantiles is 1\.5"):
        ev.ExpectedQuantileDiscrepancy(quantiles=1.5)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="rate is 5"):
        ev.ForwardStop(rate=5)
    with pytest.raises(ArgumentError, match="size is 0"):
        ev.ScoreTest(size=0)
    with pytest.raises(ArgumentError, match="a is -1"):
        ev.CrossValidation(a=-1)
    with pytest.raises(ArgumentError, match="validation is 0"):
        ev.CrossValidation(validation=0)
    with pytest.raises(DataError, match="too few"):
        ev.choose_threshold(SAMPLE[:40], [np.sort(SAMPLE[:40])[-8]], separation=None)
    with pytest.raises(ArgumentError, match="'auto'"):
        ev.peaks_over_threshold(SAMPLE, "high", separation=None)


def test_the_study_keeps_its_promises() -> None:
    """RMSE of a known threshold, and of the level beside that of the true threshold."""
    study = pd.read_csv(STUDIES / "threshold_choice.csv").set_index(["case", "method"])
    for case, rows in study.dropna(subset="threshold_rmse").groupby("case"):
        eqd, true = rows.loc[(case, "eqd")], rows.loc[(case, "the true threshold")]
        assert eqd["samples"] >= 500
        assert eqd["threshold_rmse"] <= 0.12
        assert eqd["level_rmse"] <= 1.15 * true["level_rmse"]


def test_the_note_says_what_was_measured() -> None:
    held = pd.read_csv(STUDIES / "threshold_choice_held.csv").set_index(["threshold", "case"])["held"]
    none, again = ["normal", "Student t4", "gamma(2)"], held["auto, threshold bootstrap"]
    measured = {
        "with_one": held["auto"].drop(none, errors="ignore").min(),
        "least": held["auto"]["Student t4"],
        "most": held["auto"]["normal"],
        "again_with_one": again.drop(none, errors="ignore").min(),
        "again_least": again["Student t4"],
        "again_most": again["normal"],
        "fixed": held["fixed 90 %"].min(),
    }
    choice = chosen()
    (said,) = [note.values for note in choice.notes if note.code == "interval_after_choice"]
    assert dict(said) == pytest.approx(measured, abs=0.006)


def test_diagnostics_of_a_choice_are_those_of_its_data() -> None:
    dates = pd.date_range("2000-01-01", periods=1_500)
    flow = pd.Series(with_threshold(8, 1_500), dates, name="flow")
    part: dict[str, Any] = {"separation": None, "months": [1, 2, 3, 10, 11, 12]}
    for method in ("eqd", "score"):
        choice = ev.choose_threshold(flow, [0.3, 0.6, 1.0, 1.5], method=method, **part)
        table = ev.threshold_diagnostics(flow, [0.3, 0.6, 1.0, 1.5], **part)
        pd.testing.assert_frame_equal(choice.diagnostics(), table, rtol=1e-12)
        assert choice.diagnostics().attrs == table.attrs
    level = ev.threshold_diagnostics(flow, [0.3, 0.6], level_period=50.0, confidence=0.8, **part)
    small = ev.choose_threshold(flow, [0.3, 0.6], **part)
    pd.testing.assert_frame_equal(small.diagnostics(50.0, 0.8), level, rtol=1e-12)


def test_a_part_of_the_year_and_a_year_s_observations_are_those_of_the_peaks() -> None:
    dates = pd.date_range("2000-01-01", periods=1_500)
    flow = pd.Series(with_threshold(8, 1_500), dates, name="flow")
    choice = ev.choose_threshold(flow, [0.3, 0.6, 1.0], season="DJF", separation=None)
    peaks = ev.peaks_over_threshold(flow, choice.threshold, season="DJF", separation=None)
    row = choice.table.loc[choice.threshold]
    assert (row["peaks"], row["rate"]) == (len(peaks), pytest.approx(float(peaks.rate)))
    plain = ev.threshold_diagnostics(flow.to_numpy(), [0.3, 0.6], separation=None, observations_per_year=100.0)
    assert plain.attrs["years"] == 15.0
    assert plain.attrs["time_unit"] == "year"
