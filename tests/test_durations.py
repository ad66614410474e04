"""Maxima over durations and the d-GEV: against optimisers, refits and sums written here, and against bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
from typer.testing import CliRunner

import evstats as ev
from evstats import noise
from evstats.arrays import Array
from evstats.cli import app
from evstats.distributions import DurationGEV
from evstats.errors import ArgumentError, DataError
from evstats.estimators import DurationRegression, MaximumLikelihood
from evstats.models import Likelihood, Points

MINUTES = np.array([10.0, 30.0, 60.0, 360.0, 1_440.0])
STUDY = Path(__file__).parent / "studies" / "durations.csv"


def rain(years: int = 35, shape: float = 0.1, theta: float = 12.0, eta: float = 0.75, seed: int = 1) -> Array:
    """Intensities (years, durations) of a d-GEV, half of the noise shared by the durations of a year."""
    scale = 100.0 * (MINUTES + theta) ** -eta
    own = noise.gumbel((years, MINUTES.size + 1), rng=seed)
    tied = 0.5 * (own[:, 1:] + own[:, :1])
    return np.asarray(ev.GEV(3.5 * scale, scale, np.full_like(scale, shape)).from_gumbel(tied))


@pytest.fixture(scope="module")
def maxima() -> ev.DurationMaxima:
    return ev.durations(rain(), minutes=MINUTES, years=np.arange(1961, 1996))


@pytest.fixture(scope="module")
def idf(maxima: ev.DurationMaxima) -> ev.IDF:
    return ev.fit(maxima, "dgev")


# ---------------------------------------------------------------- the optimum


def textbook(parameters: Array, x: Array) -> float:
    """Minus the sum of log densities with mut, log sigma0, shape, theta and eta, durations in hours."""
    mut, log_sigma, shape, theta, eta = parameters
    hours = MINUTES / 60.0
    if theta < 0.0:
        return np.inf
    scale = np.exp(log_sigma) * (hours + theta) ** -eta
    t = 1.0 + shape * (x / scale - mut)
    if (t[~np.isnan(x)] <= 0.0).any() or abs(shape) < 1e-9 or shape <= -1.0:
        return np.inf
    total = np.log(scale) + (1.0 + 1.0 / shape) * np.log(t) + t ** (-1.0 / shape)
    return float(np.nansum(total))


@pytest.mark.parametrize(
    ("shape", "theta", "seed"), [(0.1, 12.0, 1), (-0.2, 3.0, 2), (0.25, 60.0, 3), (0.05, 0.0, 4)]
)
def test_no_optimiser_gets_higher(shape: float, theta: float, seed: int) -> None:
    x = rain(shape=shape, theta=theta, seed=seed)
    x[3, 1] = x[7, 4] = np.nan
    found = ev.fit(ev.durations(x, minutes=MINUTES))
    best = np.inf
    for start in ([3.0, 1.0, 0.1, 0.2, 0.7], [5.0, 1.5, -0.1, 0.01, 0.6]):
        begin = np.array(start)
        for _ in range(3):
            step = scipy.optimize.minimize(
                textbook, begin, (x,), "Nelder-Mead", options={"maxfev": 4_000, "xatol": 1e-10, "fatol": 1e-11}
            )
            begin = step.x
        best = min(best, step.fun)
    assert -found.loglik <= best + 1e-6
    told = found.params["estimate"].to_numpy()
    own = np.array([told[0], np.log(told[1]), *told[2:]])
    assert textbook(own, x) == pytest.approx(-found.loglik, abs=1e-8)


def test_derivatives_of_the_family() -> None:
    values = np.array([[30.0, 12.0, 8.0, 40.0, 14.0, 9.0]])
    found = DurationRegression.of_durations(MaximumLikelihood(), rain()[:, :3], MINUTES[:3])
    model = found.model
    relative = np.tile(MINUTES[:3] / found.reference, 2)[None]
    parameters = [
        own if own.name != "duration" else type(own)("duration", own.link, known=relative) for own in model.parameters
    ]
    likelihood = Likelihood(type(model)(DurationGEV, tuple(parameters)), Points.of_maxima(values))
    at = np.array([[18.0], [1.6], [0.15], [0.7], [0.6]])
    whole, lanes = likelihood(np.array([0]), at), np.array([0])
    for place in range(5):
        step = np.zeros((5, 1))
        step[place] = 1e-5
        up, down = likelihood(lanes, at + step), likelihood(lanes, at - step)
        assert whole.gradient[place] == pytest.approx((up.value - down.value) / 2e-5, rel=1e-6, abs=1e-7)
        np.testing.assert_allclose(whole.hessian[place], (up.gradient - down.gradient) / 2e-5, rtol=1e-5, atol=1e-6)


def test_any_unit_and_any_order(maxima: ev.DurationMaxima, idf: ev.IDF) -> None:
    order = [3, 0, 4, 1, 2]
    other = ev.fit(ev.durations(maxima.values[:, order] / 1_000.0, minutes=MINUTES[order], unit="m/h"))
    one, two = (own.return_level([2, 100], minutes=[5, 60, 2_000]) for own in (idf, other))
    np.testing.assert_allclose(two / one, 1e-3, rtol=1e-6)
    assert one.index.names == ["minutes", "return_period"]


def test_offset_at_its_end_is_told() -> None:
    scale = 20.0 * MINUTES**-0.6
    x = np.asarray(ev.GEV(3.0 * scale, scale, np.full_like(scale, 0.1)).from_gumbel(noise.gumbel((40, 5), rng=9)))
    x[:, 0] *= 1.15  # steeper at the short end than any offset has it
    found = ev.fit(ev.durations(x, minutes=MINUTES))
    assert found.params.loc["theta", "estimate"] == 0.0
    assert found.params.loc["theta", ["std_error", "lower", "upper"]].isna().all()
    assert found.params.drop("theta").notna().all(axis=None)
    assert "no_offset" in {note.code for note in found.notes}  # type: ignore[attr-defined]
    table = found.return_level([100], minutes=[10, 1_440])
    assert np.isfinite(table).all(axis=None)


def test_limits_where_a_climb_begins_at_the_end_of_the_offset() -> None:
    """The estimate has no offset, and so far from it as a limit is the likelihood is highest with one."""
    asked = np.linspace(10.0, 1440.0, 40)
    found = ev.fit(ev.durations(rain(years=15, theta=0.0, seed=3), minutes=MINUTES), "dgev")
    assert found.params.loc["theta", "estimate"] == 0.0
    width = found.return_level([2, 10], minutes=asked).eval("log(upper / lower)").unstack()
    assert width.notna().all(axis=None)
    assert np.abs(width.diff().dropna()).max(axis=None) < 0.1


# ---------------------------------------------------------------- the curves


def test_curves_cross_nowhere_and_depths_grow(idf: ev.IDF) -> None:
    table = idf.table([1.1, 2, 10, 100, 10_000], np.geomspace(1, 20_000, 40))
    intensity, depth = table["estimate"].unstack(), table["depth"].unstack()
    assert (intensity.diff(axis=1).iloc[:, 1:] > 0.0).all(axis=None)
    assert (intensity.diff().iloc[1:] < 0.0).all(axis=None)
    assert (depth.diff().iloc[1:] > 0.0).all(axis=None)
    assert (table["lower"] < table["estimate"]).all()
    assert (table["estimate"] < table["upper"]).all()
    assert table.attrs["depth_unit"] == "mm"
    np.testing.assert_allclose(table["depth_upper"], table["upper"] * table.index.get_level_values(0) / 60.0)


def test_depths_that_fall_are_told() -> None:
    x = rain(eta=0.75)
    steep = x * (MINUTES / 10.0) ** -0.5
    found = ev.fit(ev.durations(steep, minutes=MINUTES))
    codes = {note.code for note in found.notes}  # type: ignore[attr-defined]
    assert {"depth_falls", "depth_falls_in_years"} <= codes


def test_a_level_is_that_of_the_formula(idf: ev.IDF) -> None:
    mut, sigma0, shape, theta, eta = idf.params["estimate"]
    scale = sigma0 * (0.5 + theta) ** -eta
    wanted = ev.GEV(mut * scale, scale, shape).isf(0.01)
    assert idf.return_level([100], minutes=30)["estimate"].item() == pytest.approx(float(wanted), rel=1e-10)
    assert idf.return_level([100], at={"minutes": 30}).equals(idf.return_level([100], minutes=30))
    assert float(idf.at(minutes=30).loc) == pytest.approx(mut * scale, rel=1e-10)
    period = idf.return_period([float(wanted)], minutes=30)
    assert period["estimate"].item() == pytest.approx(100.0, rel=1e-6)
    chance = idf.exceedance_probability([float(wanted)], minutes=30)
    assert chance["estimate"].item() == pytest.approx(0.01, rel=1e-6)


# ---------------------------------------------------------------- how sure they are


def test_standard_errors_are_those_of_the_jackknife(maxima: ev.DurationMaxima, idf: ev.IDF) -> None:
    """Every year left out by hand, and fitted again through the front door."""
    level = idf.return_level([10], minutes=60, interval="delta")
    off = [
        np.log(
            ev.fit(ev.durations(np.delete(maxima.values, year, axis=0), minutes=MINUTES)).at(minutes=60).scale
            / idf.at(minutes=60).scale
        )
        for year in range(0, len(maxima))
    ]
    n = len(maxima)
    wanted = np.sum(np.square(off)) * (n - 1) / n
    state = idf._in_state({"minutes": 60})
    found = state.estimation.covariance()[1, 1] / float(idf.at(minutes=60).scale) ** 2
    assert found == pytest.approx(wanted, rel=1e-3)
    assert level.attrs["interval"] == "delta method, sandwich errors of the years"


def test_dependent_durations_widen_the_limits() -> None:
    """Years that are all of one event say as much of the 100-year level as one duration does, and not five times."""
    own, scale = noise.gumbel((60, 6), rng=3), 100.0 * (MINUTES + 12.0) ** -0.75
    curve = ev.GEV(3.5 * scale, scale, np.full_like(scale, 0.05))
    together = curve.from_gumbel(own[:, :1] + 0.02 * own[:, 1:])
    alone = ev.fit(together[:, 2], "gev").return_level([100])
    tied = ev.fit(ev.durations(together, minutes=MINUTES)).return_level([100], minutes=60)
    width = {
        name: float((table["upper"] - table["lower"]).item()) for name, table in {"one": alone, "all": tied}.items()
    }
    assert 0.5 < width["all"] / width["one"] < 2.5
    apart = ev.fit(ev.durations(curve.from_gumbel(own[:, 1:]), minutes=MINUTES)).return_level([100], minutes=60)
    assert float((apart["upper"] - apart["lower"]).item()) < 0.7 * width["all"]


def test_intervals_by_name(idf: ev.IDF) -> None:
    tables = {
        name: idf.return_level([10], minutes=[10, 720], interval=own)
        for name, own in {
            "composite": None,
            "delta": "delta",
            "parametric": ev.Bootstrap(200, rng=1),
            "years": ev.Bootstrap(200, kind="nonparametric", rng=1),
        }.items()
    }
    widths = {name: (own["upper"] - own["lower"]).to_numpy() for name, own in tables.items()}
    for name, own in widths.items():
        assert (own > 0.4 * widths["delta"]).all(), name
        assert (own < 2.5 * widths["delta"]).all(), name
    for name in ("rstar", "profile", "bartlett", "calibrated"):
        with pytest.raises(ArgumentError, match=r"durations of a year for independent.*'delta', 'composite'"):
            idf.return_level([10], minutes=60, interval=name)
    with pytest.raises(ArgumentError, match="is for maxima of several durations"):
        ev.fit(rain()[:, 0], "gev").return_level([10], interval="composite")


def test_a_series_alone_equals_the_same_in_a_batch(maxima: ev.DurationMaxima, idf: ev.IDF) -> None:
    other = rain(seed=8)
    both = ev.fit(ev.durations(np.stack([maxima.values, other]), minutes=MINUTES))
    table = both.return_level([100], minutes=[10, 60])
    assert table.index.names == ["series", "minutes", "return_period"]
    alone = idf.return_level([100], minutes=[10, 60])
    np.testing.assert_allclose(table.loc[0, ["estimate", "lower", "upper"]], alone, rtol=1e-7)
    assert both[1].n == 35
    assert repr(both[1]).startswith("IDF(dGEV(mut=")


def test_tests_of_fit_see_a_duration_that_does_not_belong() -> None:
    x = rain(60)
    good = ev.fit(ev.durations(x, minutes=MINUTES)).goodness_of_fit()
    assert list(good.index) == [*MINUTES, "all"]
    assert good["p_value"].min() > 0.02
    x[:, 2] *= 1.5
    bad = ev.fit(ev.durations(x, minutes=MINUTES)).goodness_of_fit()
    assert bad.loc[60.0, "p_value"] <= 0.01


def test_what_is_stored_comes_back(idf: ev.IDF) -> None:
    again = ev.IDF.from_dict(json.loads(json.dumps(idf.to_dict(), allow_nan=False)))
    assert again.notes == idf.notes
    assert repr(again) == repr(idf)
    pd.testing.assert_frame_equal(again.return_level([100], minutes=60), idf.return_level([100], minutes=60))
    with pytest.raises(DataError, match=r"IDF\.from_dict"):
        ev.Fit.from_dict(idf.to_dict())
    with pytest.raises(DataError, match=r"Fit\.from_dict"):
        ev.IDF.from_dict(ev.fit(rain()[:, 0], "gev").to_dict())


def test_summary_and_notes(idf: ev.IDF) -> None:
    text = str(idf.summary())
    assert max(map(len, text.splitlines())) <= 80
    assert "sigma0 (d + theta)^-eta in mm/h" in text
    assert "sandwich errors of the years" in text
    assert np.isnan(idf.aic)
    assert "independent" in str(idf.criteria_note)
    told = idf.return_level([10, 200], minutes=[5]).attrs["notes"]
    assert {note.code for note in told} == {"beyond_reach", "covariate_outside"}
    assert "minutes = 5 lies outside the fitted 10 to 1440" in str(told)


# ---------------------------------------------------------------- maxima of a record


def hours(years: int = 3, seed: int = 2) -> pd.Series:
    index = pd.date_range("2001-01-01", f"{2000 + years}-12-31 23:00", freq="h")
    values = np.clip(noise.gumbel(index.size, rng=seed), 0.0, None) ** 2
    return pd.Series(np.round(values, 1), index=index, name="rain_mm")


def test_maxima_are_those_of_moving_sums() -> None:
    series = hours()
    series.iloc[5_000:5_040] = np.nan
    found = ev.duration_maxima(series, ["1D", "1h", "6h"])
    assert found.minutes.tolist() == [60.0, 360.0, 1_440.0]
    assert found.unit == "mm/h"
    for column, steps in enumerate((1, 6, 24)):
        sums = series.rolling(steps, min_periods=steps).sum() / steps
        np.testing.assert_allclose(found.values[:, column], sums.groupby(sums.index.year).max())
    assert list(found.blocks) == [2001, 2002, 2003]
    assert [note.code for note in found.notes if getattr(note, "code", "") == "fixed_sums"] == ["fixed_sums"]


def test_a_year_may_lack_one_duration_alone() -> None:
    """One hour in 25 is missing, here and there: few days are whole, most hours are."""
    series = hours(3)
    series.iloc[8_760 + np.flatnonzero(noise.gumbel(8_760, rng=4) > 3.2)] = np.nan
    found = ev.duration_maxima(series, ["1h", "2h", "1D"], min_coverage=0.9)
    assert np.isnan(found.values[1]).tolist() == [False, False, True]


def test_correction_only_when_asked() -> None:
    series = hours()
    plain, weiss = (ev.duration_maxima(series, ["1h", "2h", "1D"], correction=on) for on in (False, True))
    np.testing.assert_allclose(weiss.values[0] / plain.values[0], [8 / 7, 16 / 15, 192 / 191])
    assert plain.correction is None
    assert weiss.correction is not None
    own = ev.duration_maxima(series, ["1h", "2h", "1D"], correction={"2h": 1.1})
    np.testing.assert_allclose(own.values[0] / plain.values[0], [1.0, 1.1, 1.0])


@pytest.mark.parametrize(
    ("durations", "words"),
    [
        (["30min", "1h", "1D"], "30 minutes is shorter than the step of the record"),
        (["90min", "2h", "1D"], "is not a whole number of steps"),
        (["1h", "60min", "1D"], "holds 1 hour twice"),
        (["60", "2h"], "'60', which is no span of time"),
        ([60, 120], "60, which is no span of time"),
        ("1h", "give several"),
        ([], "is empty"),
        (["400D", "1h", "2h"], "takes longer than one block"),
    ],
)
def test_durations_that_cannot_be(durations: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        ev.duration_maxima(hours(), durations)


def test_records_that_cannot_be() -> None:
    series, asked = hours(), ["1h", "6h", "1D"]
    negative = series.copy()
    negative.iloc[10] = -999.0
    with pytest.raises(DataError, match=r"rain_mm is -999 at 2001-01-01 10:00.*1 value is negative.*na_values"):
        ev.duration_maxima(negative, asked)
    with pytest.raises(DataError, match="no dates"):
        ev.duration_maxima(series.to_numpy(), asked)
    with pytest.raises(ArgumentError, match="an intensity, and durations take amounts"):
        ev.duration_maxima(series, asked, unit="mm/h")
    with pytest.raises(ArgumentError, match="several blocks a year"):
        ev.duration_maxima(series, asked, block="month")
    with pytest.raises(DataError, match="no regular step"):
        ev.duration_maxima(series[series > 8.0], asked)
    for wrong in (2.0, {"3h": 1.1}, {"1h": 14.0}):
        with pytest.raises(ArgumentError, match="correction"):
            ev.duration_maxima(series, asked, correction=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda x, m: (-x, m), DataError, "10 minutes in row 0 .* is negative"),
        (lambda x, m: (np.where(x > x.max() - 1e-9, np.inf, x), m), DataError, "infinite"),
        (lambda x, m: (x * m / 60.0, m), DataError, r"divide depths by the hours"),
        (lambda x, m: (x, m[:-1]), ArgumentError, "there are 4 durations"),
        (lambda x, m: (x, [10, 10, 60, 360, 1440]), ArgumentError, "10 twice"),
        (lambda x, m: (x, [-10, 30, 60, 360, 1440]), ArgumentError, "positive numbers of minutes"),
        (lambda x, m: (x[:, 0], m), DataError, "a row for each year and a column for each duration"),
        (lambda x, m: (x, None), ArgumentError, "minutes is missing"),
        (lambda x, m: (x.astype(str), m), DataError, "expected real numbers"),
        (lambda x, m: (x * np.nan, m), DataError, "every value is missing"),
    ],
)
def test_given_maxima_that_cannot_be(change: Any, error: type[Exception], words: str) -> None:
    values, minutes = change(rain(), MINUTES)
    with pytest.raises(error, match=words):
        ev.durations(values, minutes=minutes)


def test_frames_bring_durations_and_years() -> None:
    frame = pd.DataFrame(rain(12)[:, ::-1], index=range(1990, 2002), columns=["1D", "6h", "1h", "30min", "10min"])
    found = ev.durations(frame)
    assert found.minutes.tolist() == MINUTES.tolist()
    assert found.span == "12 years, 1990 to 2001"
    pd.testing.assert_frame_equal(ev.durations(found.to_frame()).to_frame(), found.to_frame())
    with pytest.raises(DataError, match="1990 stands twice"):
        ev.durations(pd.concat([frame, frame.iloc[:1]]))
    with pytest.raises(ArgumentError, match="no durations"):
        ev.durations(frame.set_axis(list("abcde"), axis=1))


def test_fits_that_cannot_be(maxima: ev.DurationMaxima) -> None:
    x = maxima.values
    with pytest.raises(DataError, match="there are 2 durations; offset and exponent of a curve take at least 3"):
        ev.fit(ev.durations(x[:, :2], minutes=MINUTES[:2]), "dgev")
    with pytest.raises(DataError, match="there are 9 years; curves take at least 10"):
        ev.fit(ev.durations(x[:9], minutes=MINUTES), "dgev")
    with pytest.raises(ArgumentError, match=r"gev does not describe; take family='dgev'"):
        ev.fit(maxima, "gev")
    with pytest.raises(ArgumentError, match="take duration_maxima"):
        ev.fit(x[:, 0], "dgev")
    with pytest.raises(ArgumentError, match="L-moments is not there for d-GEV"):
        ev.fit(maxima, method="lmoments")
    with pytest.raises(ArgumentError, match="loc is not there for d-GEV"):
        ev.fit(maxima, loc="year")  # type: ignore[call-overload]
    codes = [note.code for note in ev.fit(ev.durations(x[:15], minutes=MINUTES)).notes]  # type: ignore[attr-defined]
    assert "few_years_of_durations" in codes


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda idf: idf.return_level([100]), "curves are asked at durations"),
        (lambda idf: idf.return_level([100], minutes=0), "a duration is a positive number"),
        (lambda idf: idf.return_level([100], minutes=[10, np.nan]), "finite"),
        (lambda idf: idf.return_level([1.0], minutes=10), "return period"),
        (lambda idf: idf.return_level([100], minutes=10, at={"minutes": 10}), "give one of them"),
        (lambda idf: idf.predictive_level([0.01]), "not there for curves over durations"),
        (lambda idf: idf.value_at_risk([0.9], at={"minutes": 10}), "not there for curves over durations"),
        (lambda idf: idf.reference_fit, "not there for curves over durations"),
    ],
)
def test_questions_that_cannot_be(idf: ev.IDF, ask: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        ask(idf)


# ---------------------------------------------------------------- figure, command, study


def test_the_figure(idf: ev.IDF) -> None:
    ax = ev.plots.idf(idf, periods=[2, 100], minutes=[5, 10, 60, 1_440])
    curve = ev.plots.idf_curve(idf, [2, 100], [5, 60])
    assert curve["seen"].tolist() == [False, False, True, True]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert [text.get_text() for text in ax.get_legend().get_texts()][1:] == ["T = 100 years", "T = 2 years"]  # type: ignore[union-attr]
    assert len(ev.plots.idf_points(idf)) == 35 * 5


def test_the_command(tmp_path: Path) -> None:
    days = hours(11).resample("D").sum()
    data = tmp_path / "rain.csv"
    days.rename_axis("time").to_csv(data)
    call = [
        "idf",
        str(data),
        "--durations",
        "1D,2D,4D,8D",
        "--periods",
        "2,100",
        "--minutes",
        "36h",
        "--interval",
        "delta",
    ]
    files = ["--plot", str(tmp_path / "idf.png"), "--out", str(tmp_path / "t.csv")]
    found = CliRunner().invoke(app, [*call, "--json", *files])
    assert found.exit_code == 0, found.output
    page = json.loads(found.stdout)
    assert (page["command"], len(page["depths"])) == ("idf", 2)
    assert page["intensities"][1]["minutes"] == 2_160
    assert page["intensities"][1]["return_period"] == 100
    assert (tmp_path / "idf.png").stat().st_size > 1_000
    assert (tmp_path / "t.csv").exists()
    with pytest.raises(ArgumentError, match="shorter than the step"):
        CliRunner().invoke(
            app, ["idf", str(data), "--durations", "10min,1h,1D"], standalone_mode=False, catch_exceptions=False
        )


@pytest.mark.skipif(not STUDY.exists(), reason="the study was not run")
def test_intervals_held_in_the_study() -> None:
    """Not below .90 by more than two standard errors, at both sizes."""
    table = pd.read_csv(STUDY).query("interval == 'composite'")
    assert set(table["years"]) == {35, 70}
    slack = 2.0 * np.sqrt(0.9 * 0.1 / table["records"])
    assert (table["cover"] >= 0.9 - slack).all()
