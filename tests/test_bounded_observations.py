"""Observations known by bounds: records, fits against independent optima, intervals, what is said, refusals."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import optimize, stats
from typer.testing import CliRunner

import evstats as ev
from evstats.cli import app, main
from evstats.distributions import Family
from evstats.errors import ArgumentError, DataError, FitError
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.extremes.records import Extremes
from evstats.models import Observed

Array = NDArray[np.float64]
TRUTH = ev.GEV(100.0, 20.0, 0.1)
Q20 = float(TRUTH.isf(0.05))
GAUGE = TRUTH.rvs(30, rng=1)


def gauged() -> Extremes:
    return ev.observed(GAUGE, GAUGE, years=np.arange(1990, 2020), unit="m3/s", name="flow")


def with_history() -> Extremes:
    known = {1897: Q20 + 20.0, 1920: (Q20 + 2.0, Q20 + 8.0), 1950: Q20 + 1.0}
    return gauged().with_history(1890, 1989, threshold=Q20, peaks=known)


def mixed(values: Array, rng: int) -> tuple[Array, Array]:
    """A third below a level, a few above one, some between two."""
    random = np.random.default_rng(rng)
    lower, upper = values.copy(), values.copy()
    kind = random.integers(0, 6, values.size)
    low, high = np.quantile(values, 0.4), np.quantile(values, 0.8)
    below, above, between = (kind == 0) & (values < low), (kind == 1) & (values > high), kind == 2
    lower[below], upper[below] = -np.inf, low
    lower[above], upper[above] = high, np.inf
    lower[between] -= 0.3 * values.std() * random.random(between.sum())
    upper[between] += 0.3 * values.std() * random.random(between.sum())
    return lower, upper


def independent_loglik(lower: Array, upper: Array) -> Callable[[Array], float]:
    """By differences of the distribution function, of location, log scale and, if there is one, shape."""
    exact = lower == upper

    def log_cdf(x: Array, theta: Array) -> tuple[Array, Array]:
        z, shape = (x - theta[0]) / np.exp(theta[1]), theta[2] if len(theta) > 2 else 0.0
        reduced = z if shape == 0.0 else np.log(np.maximum(1.0 + shape * z, 0.0)) / shape
        return -np.exp(-reduced), -(1.0 + shape) * reduced - np.exp(-reduced) - theta[1]

    def value(theta: Array) -> float:
        with np.errstate(all="ignore"):
            high, low = (np.exp(log_cdf(ends[~exact], theta)[0]) for ends in (upper, lower))
            found = log_cdf(lower[exact], theta)[1].sum() + np.log(high - low).sum()
        return float(found) if np.isfinite(found) else -1e8

    return value


@pytest.mark.parametrize("family", [ev.Gumbel, ev.GEV])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_fits_reach_independent_optima(family: type[Family], seed: int) -> None:
    values = ev.GEV(0.0, 1.0, (-0.15, 0.0, 0.15)[seed - 1]).rvs(60, rng=seed)
    lower, upper = mixed(values, seed)
    fit = ev.fit(ev.observed(lower, upper), family)
    loglik, shapes = independent_loglik(lower, upper), (-0.2, 0.0, 0.2) if family is ev.GEV else (None,)
    starts = [[float(np.median(values)), -0.1, *([] if shape is None else [shape])] for shape in shapes]
    options: Any = {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 4000}
    found = [optimize.minimize(lambda theta: -loglik(theta), s, method="Nelder-Mead", options=options) for s in starts]
    best = min(found, key=lambda each: each.fun)
    assert fit.loglik == pytest.approx(-best.fun, abs=1e-6)
    theirs = np.array([best.x[0], np.exp(best.x[1]), *best.x[2:]])
    errors = np.sqrt(np.diag(fit.covariance))
    assert (np.abs(fit.distribution.parameters - theirs) < 1e-3 * errors).all()


def test_minima_are_the_mirror_image() -> None:
    past = with_history()
    mirrored = ev.observed(-past.upper, -past.lower, -past.perception, past.blocks.astype(int), kind="min")
    for family in ("gev", "gumbel"):
        above, below = ev.fit(past, family), ev.fit(mirrored, family)
        assert below.loglik == pytest.approx(above.loglik, abs=1e-9)
        for interval in ("severini", "profile", "calibrated"):
            high, low = (fit.return_level([100.0], interval=interval) for fit in (above, below))
            assert low["lower"].item() == pytest.approx(-high["upper"].item(), rel=1e-6)


def test_any_unit() -> None:
    metres = with_history()
    millimetres = ev.observed(*(1000.0 * each for each in (metres.lower, metres.upper, metres.perception)))
    one, other = ev.fit(metres, "gev"), ev.fit(millimetres, "gev")
    errors = np.sqrt(np.diag(one.covariance))
    moved = other.distribution.parameters / [1000.0, 1000.0, 1.0] - one.distribution.parameters
    assert (np.abs(moved) < 1e-4 * errors).all()
    levels = [fit.return_level([100.0]).to_numpy() for fit in (one, other)]
    assert np.allclose(1000.0 * levels[0], levels[1], rtol=1e-6)


def test_numbers_alone_are_a_plain_sample() -> None:
    plain, known = ev.fit(GAUGE, "gev"), ev.fit(gauged(), "gev")
    assert np.array_equal(plain.distribution.parameters, known.distribution.parameters)
    by_points = Estimation.of(ev.GEV, MaximumLikelihood(), np.stack([GAUGE, GAUGE], axis=-1), Observed())
    assert np.allclose(by_points.estimate.parameters, plain.distribution.parameters, rtol=1e-9, atol=1e-9)
    assert by_points.loglik() == pytest.approx(plain.loglik, abs=1e-9)


@pytest.mark.parametrize("family", ["gumbel", "gev"])
@pytest.mark.parametrize("level", [30.0, 0.0, -500.0])
def test_a_year_that_passed_a_level_far_below_all_others_says_nothing(family: str, level: float) -> None:
    flow = ev.GEV(100.0, 10.0, -0.05).rvs(40, rng=1)
    lower, upper = np.append(flow, level), np.append(flow, np.inf)
    fit, plain = ev.fit(ev.observed(lower, upper, years=range(1961, 2002)), family), ev.fit(flow, family)
    np.testing.assert_allclose(fit.distribution.parameters, plain.distribution.parameters, rtol=1e-7)
    for interval in ("profile", "delta"):
        one, other = (each.return_level([100], interval=interval).to_numpy() for each in (fit, plain))
        np.testing.assert_allclose(one, other, rtol=1e-6)


@pytest.mark.parametrize("width", [1e-9, 1e-6, 1e-3, 0.1])
def test_narrow_bounds_are_densities_times_their_width(width: float) -> None:
    plain, steps = ev.fit(GAUGE, "gev"), np.round(GAUGE, 3)
    fit = ev.fit(ev.observed(GAUGE, GAUGE + width), "gev")
    actual = np.log((GAUGE + width) - GAUGE).sum()
    assert fit.loglik == pytest.approx(plain.loglik + actual, abs=1e-6 + 0.2 * width)
    assert np.isfinite(ev.fit(ev.observed(steps - 0.5e-9, steps + 0.5e-9)).loglik)


def test_probabilities_of_bounds_do_not_underflow_in_either_tail() -> None:
    from evstats.models import Points

    points = Points.of([[30.0]], 0.0, 1.0)
    far = Points(points.x, points.events, points.exposure, points.passed, np.array([[29.0]]), np.ones((1, 1)))
    expected = np.log(np.exp(-29.0) - np.exp(-30.0))
    assert far.loglik(ev.Gumbel([0.0], [1.0]))[0] == pytest.approx(expected, rel=1e-9)
    low = Points.of([[-4.0]], 0.0, 1.0)
    deep = Points(low.x, low.events, low.exposure, low.passed, np.array([[-5.0]]), np.ones((1, 1)))
    assert deep.loglik(ev.Gumbel([0.0], [1.0]))[0] == pytest.approx(-np.exp(4.0), rel=1e-9)


def test_a_batch_is_its_series() -> None:
    lower, upper = (np.stack(ends) for ends in zip(*(mixed(TRUTH.rvs(40, rng=r), r) for r in range(20)), strict=True))
    batch = ev.fit(ev.observed(lower, upper), "gev")
    table = batch.return_level([100.0])
    for lane in (0, 7, 19):
        alone = ev.fit(ev.observed(lower[lane], upper[lane]), "gev")
        assert np.allclose(batch[lane].distribution.parameters, alone.distribution.parameters, rtol=1e-10)
        assert np.allclose(table.iloc[lane][["estimate", "lower", "upper"]].astype(float), alone.return_level([100.0]))


def test_equal_rows_cost_one_point() -> None:
    known = ev.observed([*GAUGE, *[-np.inf] * 694], [*GAUGE, *[150.0] * 694])
    points = Observed().points(known.pairs)
    assert points.x.shape == (31,)
    assert points.exposure.sum() == 724.0


def test_history_shortens_the_interval_and_says_what_hangs_on_its_threshold() -> None:
    fit, alone = ev.fit(with_history(), "gev"), ev.fit(gauged(), "gev")
    table, other = fit.return_level([100.0]), alone.return_level([100.0])
    assert table.attrs["interval"] == "r*, empirical covariances of the scores"
    assert (table["upper"] - table["lower"]).item() < 0.75 * (other["upper"] - other["lower"]).item()
    (note,) = [note for note in fit.notes if note.code == "perception"]
    again = with_history()
    halved = ev.observed(
        np.where(again.upper == Q20, -np.inf, again.lower), np.where(again.upper == Q20, 0.5 * Q20, again.upper)
    )
    assert note.values["halved"] == pytest.approx(ev.fit(halved, "gev").return_level([100.0])["estimate"].item())
    assert note.values["now"] == pytest.approx(table["estimate"].item())
    assert fit.n == 130
    assert np.count_nonzero(~np.isnan(fit.values)) == 32


def test_counts_only() -> None:
    counted = gauged().with_history(1890, 1989, threshold=Q20, peaks=5)
    assert np.isposinf(counted.upper).sum() == 5
    fit = ev.fit(counted, "gev")
    drawn = fit.estimation.drawn(ev.noise.gumbel((50, 130), rng=1))
    history = drawn[:, :100]
    assert ((history == [-np.inf, Q20]) | (history == [Q20, np.inf])).all()  # as it is known, so it is drawn
    assert (drawn[:, 100:, 0] == drawn[:, 100:, 1]).all()


def test_samples_are_drawn_as_they_are_known() -> None:
    x = np.arange(10.0)
    lower = np.array([-np.inf, 2.0, 3.0, *x[3:]])
    upper = np.array([4.0, np.inf, 3.5, *x[3:]])
    design = Observed(np.stack([lower, upper], axis=-1))
    drawn = design.drawn(ev.Gumbel(3.0, 2.0), ev.noise.gumbel((200, 10), rng=2))
    below, above, stepped = drawn[:, 0], drawn[:, 1], drawn[:, 2]
    assert ((below[:, 1] == 4.0) == np.isneginf(below[:, 0])).all()
    assert ((above[:, 0] == 2.0) == np.isposinf(above[:, 1])).all()
    assert np.allclose(stepped[:, 1] - stepped[:, 0], 0.5)
    assert np.allclose(stepped[:, 0] % 0.5, 0.0)


def test_residuals_of_perceived_peaks_are_those_of_peaks_that_passed() -> None:
    """Standard Gumbel under the truth, though only the largest of the watched years are numbers."""
    truth, level = ev.GEV(100.0, 20.0, 0.1), 150.0
    values = truth.rvs((40, 120), rng=9)
    perception = np.where(np.arange(120) < 20, -np.inf, level)
    seen = values >= perception
    pairs = np.stack([np.where(seen, values, -np.inf), np.where(seen, values, level)], axis=-1)
    residuals = Observed(pairs, perception).residuals(truth, pairs)
    assert np.isnan(residuals[~seen]).all()
    for watched in (False, True):
        some = residuals[:, np.isfinite(perception) == watched]
        assert stats.kstest(some[~np.isnan(some)], stats.gumbel_r.cdf).pvalue > 0.01


def test_bayes_answers() -> None:
    fit = ev.fit(with_history(), "gev", method="bayes", prior="mdi", rng=1)
    table = fit.return_level([100.0])
    profile = ev.fit(with_history(), "gev").return_level([100.0])
    assert np.allclose(table.to_numpy(), profile.to_numpy(), rtol=0.06)
    assert fit.predictive_level([0.01])["estimate"].item() > table["estimate"].item()


def test_a_stored_fit_is_the_same() -> None:
    fit = ev.fit(with_history(), "gev")
    again = ev.Fit.from_dict(json.loads(json.dumps(fit.to_dict(), allow_nan=False)))
    assert again.return_level([100.0]).equals(fit.return_level([100.0]))
    assert [note.code for note in again.notes if note.code == "perception"]


def test_plotting_positions_with_history() -> None:
    points = ev.plots.return_level_points(ev.fit(with_history(), "gev"), a=0.0)
    own = with_history()
    at_threshold = np.count_nonzero(own.lower >= Q20)
    passed = at_threshold / 130.0
    largest = points.sort_values("return_period").iloc[-1]
    assert largest["return_period"] == pytest.approx((at_threshold + 1) / passed)
    low = points[points["value"] < Q20]
    assert low["probability"].max() == pytest.approx((1 - passed) * len(low) / (len(low) + 1))
    plain = ev.plots.positions_with_bounds(np.stack([GAUGE, GAUGE], axis=-1))
    assert np.allclose(plain["probability"], ev.plots.plotting_positions(GAUGE)["probability"])


def test_plotting_positions_of_what_is_open_above_are_those_of_the_product_limit_estimator() -> None:
    sizes, limits = ev.GPD(0.0, 1.0, 0.2).rvs(80, rng=1), np.resize([0.5, 1.0, 3.0, 50.0], 80)
    cut, seen = sizes > limits, np.minimum(sizes, limits)
    points = ev.plots.positions_with_bounds(np.stack([seen, np.where(cut, np.inf, seen)], axis=-1), a=0.0)
    assert 20 < np.count_nonzero(cut) < 60
    assert len(points) == np.count_nonzero(~cut)
    survival, expected = 1.0, []
    for at_risk, place in zip(range(80, 0, -1), np.lexsort((cut, seen)), strict=True):
        survival *= 1.0 if cut[place] else at_risk / (at_risk + 1)  # Michael and Schucany, a = 0
        expected += [] if cut[place] else [1.0 - survival]
    assert np.allclose(points["probability"], expected, atol=1e-14)


def test_plotting_positions_of_what_is_open_on_either_side_come_to_the_truth() -> None:
    truth, n = ev.Gumbel(0.0, 1.0), 4_000
    x, low, high = truth.rvs(n, rng=1), np.resize([-9.0, -9.0, 0.0, 0.5], n), np.resize([0.7, 1.5, 3.0, 9.0, 9.0], n)
    lower = np.where(x < low, -np.inf, np.minimum(x, high))
    pairs = np.stack([lower, np.where(x < low, low, np.where(x > high, np.inf, x))], axis=-1)
    for sign in (1.0, -1.0):
        points = ev.plots.positions_with_bounds(np.sort(sign * pairs, axis=-1), minima=sign < 0.0)
        probability = points["probability"] if sign > 0.0 else 1.0 - points["probability"]
        assert np.abs(probability - truth.cdf(sign * points["value"])).max() < 1.63 / np.sqrt(0.5 * n)  # half are known
    as_if_known = np.abs(ev.plots.plotting_positions(np.where(x > high, high, x))["probability"])
    assert np.abs(as_if_known - truth.cdf(np.sort(np.minimum(x, high)))).max() > 0.05


def test_peaks_of_an_agency_are_bounds_by_their_codes() -> None:
    rows = ["1889-06-01,3000,7", "2001-02-28,350,", "2002-03-01,90,4", '2003-04-02,800,"2,8"', "2004-02-12,410,5"]
    peaks = ev.read_peaks(io.StringIO("\n".join(["peak_dt,peak_va,peak_cd", *rows])))
    assert peaks.blocks.tolist() == [2001, 2002, 2003, 2004]
    assert peaks.pairs.tolist() == [[350, 350], [-np.inf, 90], [800, np.inf], [410, 410]]
    assert peaks.dropped["reason"].tolist() == ["historic"]
    assert {"historic_peaks", "peaks_by_bounds"} <= {note.code for note in peaks.notes}
    longer = peaks.with_history(1850, 2000, threshold=2000, peaks={1889: 3000})
    assert len(longer) == 155
    with pytest.raises(ArgumentError, match="unknown meaning of a code 'over'"):
        ev.read_peaks(io.StringIO(""), codes={"8": "over"})


def test_peaks_behind_a_sign_are_bounds() -> None:
    cells = ["350", ">16200", "< 90", "410", '"> 1,200"', "≥800", "<=70", "500"]
    table = "\n".join(["year,flow", *(f"{2001 + place},{cell}" for place, cell in enumerate(cells))])
    peaks = ev.read_peaks(io.StringIO(table), thousands=",")
    above, below = (1, 4, 5), (2, 6)
    numbers = np.array([350.0, 16200, 90, 410, 1200, 800, 70, 500])
    assert np.array_equal(peaks.lower, np.where(np.isin(range(8), below), -np.inf, numbers))
    assert np.array_equal(peaks.upper, np.where(np.isin(range(8), above), np.inf, numbers))
    assert "5 known by bounds" in repr(peaks)
    (note,) = (note for note in peaks.notes if note.code == "peaks_by_bounds")
    assert (note.values["below"], note.values["above"], note.values["n"]) == (2, 3, 8)
    assert peaks.audit is not None
    assert {found.reason for found in peaks.audit.findings} == {
        "greater than a number ('>'), known by that bound",
        "less than a number ('<'), known by that bound",
    }
    assert not any("taken for the value" in note for note in peaks.notes)
    plain = ev.block_maxima(ev.read_series(io.StringIO(table), thousands=","), "year")
    assert np.array_equal(plain.values, numbers)
    assert any("ev.read_peaks takes it for a bound" in note for note in plain.notes)
    unnamed = ev.read_peaks(io.StringIO("flow\n350\n>16200\n<90\n410\n"))
    assert unnamed.pairs.tolist() == [[350, 350], [16200, np.inf], [-np.inf, 90], [410, 410]]


def test_a_sign_that_says_nothing_of_the_peak_is_refused() -> None:
    months = [f"{year}-{month:02}-01,{year - 1990 + month}" for year in (2001, 2002) for month in range(1, 13)]
    of_peak = [row.replace("2001-12-01,", "2001-12-01,>") for row in months]
    assert ev.read_peaks(io.StringIO("\n".join(["date,flow", *of_peak])), block="year").pairs[0].tolist() == [
        23,
        np.inf,
    ]
    beside = [row.replace("2001-03-01,", "2001-03-01,>") for row in months]
    with pytest.raises(DataError, match="'>14' in line 4 is not the largest value of its block, and may have been"):
        ev.read_peaks(io.StringIO("\n".join(["date,flow", *beside])), block="year")
    rows = ["peak_dt,peak_va,peak_cd", "2001-02-28,350,", "2002-03-01,>90,4", "2003-04-02,410,"]
    with pytest.raises(DataError, match="the peak of 2002 is said to be both greater and less than its value"):
        ev.read_peaks(io.StringIO("\n".join(rows)))


def test_cautions_on_how_a_history_was_chosen() -> None:
    found = gauged().with_history(1900, 1989, threshold=170.0, peaks={1900: 170.0, 1950: 200.0})
    assert [note.code for note in found.notes] == ["history_begins_with_peak", "threshold_is_a_peak"]


def test_open_bounds_and_ties_are_told() -> None:
    below = np.where(GAUGE < 100.0, 100.0, GAUGE)
    fit = ev.fit(ev.observed(np.where(GAUGE < 100.0, -np.inf, GAUGE), below), "gumbel")
    notes = fit.return_level([10.0], interval="profile").attrs["notes"]
    assert "profile_of_open_bounds" in {note.code for note in notes}
    assert not fit.return_level([10.0]).attrs["notes"]


@pytest.mark.parametrize(("family", "step"), [("gumbel", 0.1), ("gev", 5.0), ("gev-min", 0.3), ("gumbel-min", 50.0)])
def test_the_advice_on_rounded_values_can_be_followed(family: str, step: float) -> None:
    """As it stands in the note: bounds, a fit to them and the unasked interval, of Series and of records."""
    sign = -1.0 if family.endswith("min") else 1.0
    exact = sign * ev.Gumbel(30.0 * step, 1.2 * step).rvs(60, rng=2)
    x: Any = pd.Series(step * np.round(exact / step), index=range(1961, 2021), name="flow")
    told = re.search(r"they (?:are|hold: )\S*(ev\.observed\(.*?\))\.", " ".join(ev.fit(x, family).notes))
    assert told is not None
    found = eval(told.group(1), {"ev": ev, "x": x})  # the advice, taken to the letter
    np.testing.assert_allclose(found.upper - found.lower, step, rtol=1e-9)
    table = ev.fit(found, family).return_level([50.0])
    assert table.attrs["interval"] == "r*, empirical covariances of the scores"
    assert table["lower"].item() < table["estimate"].item() < table["upper"].item()
    theta = ev.fit(found, family).distribution

    def probability(at: Any) -> float:
        return float(np.log(at.cdf(x + step / 2) - at.cdf(x - step / 2)).sum())

    moved = [replace(theta, scale=theta.scale * by) for by in (0.98, 1.02)]
    moved += [replace(theta, loc=theta.loc + by * step) for by in (-0.05, 0.05)]
    assert all(probability(theta) > probability(at) for at in moved)
    record = ev.block_maxima(sign * x.set_axis(pd.to_datetime([f"{year}-06-01" for year in x.index])), "year")
    minima = replace(record, values=x.to_numpy().copy(), kind="min" if sign < 0.0 else "max")
    plain = ev.fit(minima, family)
    told = re.search(r"(x\.known_within\(.*?\))\.", " ".join(plain.notes))
    assert told is not None
    again = eval(told.group(1), {"x": minima})
    assert again.blocks.tolist() == x.index.tolist()
    pd.testing.assert_frame_equal(ev.fit(again, family).return_level([50.0]), table, check_names=False)


def test_history_stays_where_values_are_known_within_a_step() -> None:
    whole = with_history().known_within(0.5)
    assert np.array_equal(
        whole.pairs[:100],
        with_history().pairs[:100] + np.where(np.isfinite(with_history().values[:100])[:, None], [-0.5, 0.5], 0.0),
    )
    np.testing.assert_allclose(whole.pairs[100:, 1] - whole.pairs[100:, 0], 1.0)
    assert not ev.fit(whole, "gev").return_level([100.0]).isna().to_numpy().any()
    with pytest.raises(ArgumentError, match="half is 0; give half a step"):
        gauged().known_within(0)


INF, NAN = np.inf, np.nan


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: ev.observed([1, 5, 3], [1, 4, 3]), DataError, "position 1: the bounds cross: the lower, 5, is above"),
        (lambda: ev.observed([1, NAN, 3], [1, 4, 3]), DataError, "the lower bound is missing where the other is 4"),
        (lambda: ev.observed([1, INF, 3], [1, INF, 3]), DataError, "the lower bound is inf"),
        (lambda: ev.observed([1, 2, 3], [1, 2, 3], years=[7, 7, 8]), DataError, "the year 7 stands twice"),
        (lambda: ev.observed([1, 2], [1, 2], [0, 5]), DataError, "2, lies below the threshold of perception of its"),
        (lambda: ev.observed([1, 2, 3], [1, 2]), ArgumentError, "lower has shape"),
        (lambda: ev.fit(ev.observed([-INF] * 5, [3.0] * 5)), FitError, "No observation is a number or lies between"),
        (lambda: ev.fit(ev.observed([-INF, 2.0] * 5, [3.0, INF] * 5)), FitError, "No observation is a number or lies"),
        (lambda: gauged().with_history(1980, 1995, threshold=5.0), DataError, r"6 years of the history \(1990 to 1995"),
        (lambda: gauged().with_history(1900, 1910, threshold=50.0, peaks={1905: 40.0}), DataError, "lies below the"),
        (lambda: gauged().with_history(1900, 1910, threshold=50.0, peaks={1925: 60.0}), ArgumentError, "is not in the"),
        (lambda: gauged().with_history(1900, 1910, threshold=50.0, peaks=12), ArgumentError, "12 peaks in 11 years"),
        (lambda: ev.observed(GAUGE, GAUGE).with_history(1, 9, threshold=1.0), ArgumentError, "a history is of years"),
        (lambda: ev.fit(with_history(), method="moments"), ArgumentError, "not for observations known by bounds"),
        (lambda: ev.fit(with_history(), method="lmoments"), ArgumentError, "not for observations known by bounds"),
        (
            lambda: ev.fit(with_history(), trend="year", trend_kind="scale"),
            ArgumentError,
            "is for values that are numbers",
        ),
        (
            lambda: ev.fit(with_history(), "gev").return_level([100.0], interval="rstar"),
            ArgumentError,
            "the rstar interval needs values that are numbers",
        ),
    ],
)
def test_bad_input_is_one_sentence(make: Callable[[], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


NUMBERS = [9100, 4200, 15000, 7200, 8200, 12100, 6400, 5300, 9700, 7450]
ROWS = [f"{1930 + i},{value},{value}" for i, value in enumerate(NUMBERS)]
CSV = "\n".join(["year,low_cfs,high_cfs", *ROWS, "1940,,3000", "1941,15000,17000", "1942,21000,", ""])


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "peaks.csv").write_text(CSV, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    options = ["levels", "peaks.csv", "--lower", "low_cfs", "--upper", "high_cfs", "--family", "gumbel", "--json"]
    options += ["--history", "1890-1929:18000", "--peak", "1897=25000"]
    found = CliRunner().invoke(app, options)
    assert found.exit_code == 0, found.output
    level = next(row for row in json.loads(found.stdout)["return_levels"] if row["return_period"] == 100)
    own = ev.observed([*NUMBERS, -INF, 15000, 21000], [*NUMBERS, 3000, 17000, INF], years=range(1930, 1943))
    fit = ev.fit(own.with_history(1890, 1929, threshold=18000, peaks={1897: 25000}), "gumbel")
    assert level["estimate"] == pytest.approx(fit.return_level([100.0])["estimate"].item(), rel=1e-6)
    for wrong, words in {
        ("--lower", "low_cfs"): "--lower is given alone; name --upper too.",
        ("--lower", "low_cfs", "--upper", "high_cfs", "--peak", "1897=25000"): "the peak of 1897 is in no history",
        ("--lower", "low_cfs", "--upper", "high_cfs", "--threshold", "9000"): "--threshold takes peaks; leave one out.",
    }.items():
        monkeypatch.setattr("sys.argv", ["evstats", "levels", "peaks.csv", *wrong])
        with pytest.raises(SystemExit) as ended:
            main()
        assert (ended.value.code, words in capsys.readouterr().err) == (2, True)


def test_history_takes_any_count_and_refuses_what_is_no_mapping() -> None:
    floods = ev.observed([31.0, 45.0, 28.0], [31.0, 45.0, 28.0], years=[1961, 1962, 1963])
    count: int = np.int64(2)  # type: ignore[assignment]
    again = floods.with_history(1950, 1960, threshold=60.0, peaks=count)
    np.testing.assert_array_equal(again.pairs, floods.with_history(1950, 1960, threshold=60.0, peaks=2).pairs)
    with pytest.raises(ev.ArgumentError, match="the peaks are of type list; give them by year"):
        floods.with_history(1950, 1960, threshold=60.0, peaks=[1951])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (
            [1961, 1963, 1964, 1965, 1966],
            "upper has no 1962 and upper alone has 1964, 1965, 1966; give all over the same",
        ),
        ([1961, 1963], "upper has no 1962; give"),
        ([1961, 1962, 1963, 1962], "1962 stands more than once, in another order"),
        (pd.to_datetime(["1961-05-01", "1962-07-01"]), "alone has 1961-05-01, 1962-07-01"),
    ],
)
def test_bounds_of_other_years_are_refused(labels: Any, words: str) -> None:
    lower = pd.Series([31.0, 20.0, 10.0], index=[1961, 1962, 1963])
    upper = pd.Series(np.arange(50.0, 50.0 + len(labels)), index=labels)
    with pytest.raises(ev.DataError, match=f"bounds and upper are of different blocks: .*{words}"):
        ev.observed(lower, upper)
    with pytest.raises(ev.DataError, match="bounds and upper are of different blocks"):  # names do not part them
        ev.observed(lower, upper, years=[1, 2, 3])


def test_bounds_are_put_together_by_their_labels() -> None:
    lower = pd.Series([31.0, 20.0, 10.0], index=[1961, 1962, 1963], name="flow")
    upper = pd.Series([10.0, 31.0, 25.0], index=[1963, 1961, 1962])
    level = pd.Series([0.0, 5.0, 30.0], index=[1963, 1962, 1961])
    found = ev.observed(lower, upper, level)
    assert (found.pairs.tolist(), found.name) == ([[31, 31], [20, 25], [10, 10]], "flow")
    assert found.perception is not None
    assert found.perception.tolist() == [30, 5, 0]
    of_upper = ev.observed([10.0, 31.0, 20.0], upper.rename("flow"))
    assert (of_upper.blocks.tolist(), of_upper.name) == ([1961, 1962, 1963], "flow")  # in the order of the years
    assert of_upper.pairs.tolist() == [[31, 31], [20, 25], [10, 10]]
    losses = pd.Series([120.0, np.inf], index=pd.to_datetime(["2001-02-03", "2002-05-06"]))
    cut = ev.observed(np.array([120.0, 250.0]), losses, truncation=pd.Series([7.0, 5.0], index=losses.index[::-1]))
    assert cut.dates is not None
    assert cut.dates.equals(losses.index)
    assert cut.truncation is not None
    assert cut.truncation.tolist() == [5.0, 7.0]


def test_seasons_of_two_columns_stand_in_the_order_of_time() -> None:
    from evstats.cli.bounds import bounded

    days = pd.date_range("1990-03-01", "1992-02-29")
    values = pd.Series(np.arange(float(days.size)), index=days)
    lower, upper = (ev.block_maxima(each, "season") for each in (values, values + 1.0))
    assert list(bounded(lower, upper).blocks) == list(lower.blocks)


def test_the_largest_observation_may_be_known_by_bounds() -> None:
    x = ev.Gumbel(100.0, 30.0).rvs(40, rng=1)
    upper = np.r_[x, 400.0, np.inf]
    for lower, value in ((np.r_[x, 360.0, 350.0], 380.0), (np.r_[x, 360.0, 390.0], 390.0)):
        found = ev.fit(ev.observed(lower, upper, years=range(1960, 2002)), "gumbel")
        (note,) = (own for own in found.notes if getattr(own, "code", "") == "without_largest")
        assert note.values["value"] == value  # type: ignore[attr-defined]


def test_a_peak_that_is_the_threshold_of_perception_does_not_speak_against_the_family() -> None:
    """That it was passed is certain, given that one would know of no lesser: no residual, and the test keeps its size.

    Every one of these samples of a true GEV was rejected when the peak had the residual -inf.
    """
    p_values = []
    for seed in range(40):
        values = TRUTH.rvs(80, rng=seed)
        peak = float(values[:40].max())
        record = ev.observed(values[40:], values[40:], years=np.arange(1980, 2020))
        fit = ev.fit(record.with_history(1940, 1979, threshold=peak, peaks={1950: peak}), "gev")
        residuals = fit.estimation.residuals()
        assert np.isnan(residuals[fit.estimation.values[:, 0] == peak]).all()
        assert np.count_nonzero(np.isfinite(residuals)) == 40
        if seed < 12:
            found = fit.goodness_of_fit()
            assert np.isfinite(found["statistic"]).all()
            p_values.append(found["p_value"].to_numpy())
    assert (np.array(p_values) <= 0.05).sum(axis=0).max() <= 4  # of 12; 5 or more have probability 0.0002


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_doubled_threshold_of_perception_leaves_no_known_peak_out(sign: float) -> None:
    """It ends at the least of them, as if that had been the threshold."""
    peak, kind = float(TRUTH.isf(0.02)), "max" if sign > 0.0 else "min"
    values, other = (GAUGE, peak) if sign > 0.0 else (1e4 / GAUGE, 1e4 / peak)
    level = 0.9 * other if sign > 0.0 else other / 0.9
    record = ev.observed(values, values, years=np.arange(1990, 2020), kind=kind)
    given, at_peak = (record.with_history(1890, 1989, threshold=own, peaks={1920: other}) for own in (level, other))
    (note,) = [own for own in ev.fit(given).notes if getattr(own, "code", "") == "perception"]
    moved = ev.fit(at_peak).return_level([100.0])["estimate"].item()
    assert note.values["doubled" if sign > 0.0 else "halved"] == pytest.approx(moved)  # type: ignore[attr-defined]
    assert "stays known" in note
    counted = record.with_history(1890, 1989, threshold=level, peaks=1)
    assert not any("stays known" in own for own in ev.fit(counted).notes)


def test_a_record_known_by_bounds_alone_has_figures_and_says_that_nothing_is_tested() -> None:
    """What the note on coarse rounding advises: every value within half a step."""
    x = ev.GEV(100.0, 25.0, 0.1).rvs(40, rng=1).round(0)
    fit = ev.fit(ev.observed(x, x, years=range(1981, 2021)).known_within(0.5))
    tests = fit.goodness_of_fit()
    assert tests[["statistic", "p_value"]].isna().all(axis=None)
    curve, bars = ev.plots.density_points(fit), ev.plots.histogram_points(fit)
    assert curve["value"].min() < x.min() < x.max() < curve["value"].max()
    assert bars.empty
    assert len(ev.plots.diagnostics(fit)) == 2
    assert "not tested" in ev.make_report(fit).to_markdown({})


def test_a_short_interval_of_bounds_leads_to_the_one_that_holds_for_bounds() -> None:
    years = range(1951, 2001)
    floods = pd.Series(ev.GEV(100.0, 20.0, 0.1).rvs(50, rng=4), pd.Index(years, name="year"))
    lower = floods.where(floods < 140.0, 140.0)
    known = ev.observed(lower=lower, upper=floods.where(floods < 140.0, np.inf))
    (note,) = ev.fit(known).return_level([100], interval="delta").attrs["notes"]
    assert note.code == "short_interval_of_bounds"
    assert "interval='severini'" in note
    assert np.isfinite(ev.fit(known).return_level([100], interval="severini")).all(axis=None)
