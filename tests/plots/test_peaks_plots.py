"""Plots of peaks over a threshold, of their fits and of the choice of a threshold: what they draw and what they say."""

from __future__ import annotations

import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import evstats as ev
from evstats import plots
from evstats.errors import ArgumentError, DataError
from evstats.plots.paper import GumbelTransform, period_of_probability, probability_of_period

TABLE_PLOTS = [plots.mean_excess, plots.threshold_stability]
FIT_PLOTS = [plots.return_level, plots.qq, plots.pp, plots.density, plots.diagnostics]


@pytest.fixture(scope="module")
def hours() -> pd.Series:
    """Twelve years of daily values, a year and a day of them missing."""
    days = pd.date_range("2000-01-01", "2011-12-31", freq="D")
    values = ev.distributions.GPD(0.0, 10.0, 0.2).rvs(len(days), rng=6)
    series = pd.Series(values, index=days, name="flow")
    series.attrs["unit"] = "m3/s"
    return series.drop(series.loc["2004"].index).drop(pd.Timestamp("2008-05-05"))


@pytest.fixture(scope="module")
def dated(hours: pd.Series) -> ev.Peaks:
    return ev.peaks_over_threshold(hours, 35.0, separation="3D")


@pytest.fixture(scope="module")
def dated_fit(dated: ev.Peaks) -> ev.Fit:
    return ev.fit(dated)


@pytest.fixture(scope="module")
def low_fit(hours: pd.Series) -> ev.Fit:
    return ev.fit(ev.peaks_over_threshold(-hours, -35.0, separation="3D", kind="min"))


@pytest.fixture(scope="module")
def undated_fit(hours: pd.Series) -> ev.Fit:
    return ev.fit(ev.peaks_over_threshold(hours.to_numpy(), 35.0, separation=5))


@pytest.fixture(scope="module")
def given_fit(dated: ev.Peaks) -> ev.Fit:
    return ev.fit(ev.as_peaks(dated.values, threshold=35.0, years=11.0), "exponential")


@pytest.fixture(params=["dated_fit", "low_fit", "undated_fit", "given_fit"])
def any_fit(request) -> ev.Fit:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def table(hours: pd.Series) -> pd.DataFrame:
    return ev.threshold_diagnostics(hours, [15.0, 20.0, 25.0, 30.0, 40.0], separation="3D", level_period=50)


@pytest.fixture(scope="module")
def choice(hours: pd.Series):
    return ev.choose_threshold(hours, [15.0, 20.0, 25.0, 30.0, 35.0, 40.0], separation="3D")


def drawn(axes: Axes | np.ndarray) -> None:
    """Draw the whole figure, as a small picture."""
    np.atleast_1d(axes).ravel()[0].figure.savefig(io.BytesIO(), format="png", dpi=30)


def legend(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def line(ax: Axes, label: str):
    return next(each for each in ax.lines if str(each.get_label()).startswith(label))


# -- the paper of events -----------------------------------------------------------------------------------------------


def test_paper_of_events_is_the_limit_of_ever_shorter_blocks():
    events, short = GumbelTransform(np.inf), GumbelTransform(1e7)
    periods = np.array([0.02, 0.3, 1.0, 25.0, 1e4])
    np.testing.assert_allclose(events.transform(periods), np.log(periods), rtol=1e-12)
    np.testing.assert_allclose(short.transform(periods) - np.log(1e7), np.log(periods), atol=1e-5)
    np.testing.assert_allclose(events.inverted().transform(events.transform(periods)), periods, rtol=1e-12)
    probabilities = probability_of_period(periods, np.inf)
    np.testing.assert_allclose(probabilities, -np.expm1(-1.0 / periods), rtol=1e-12)
    np.testing.assert_allclose(probabilities, probability_of_period(periods, 1e7), rtol=1e-5)
    np.testing.assert_allclose(period_of_probability(probabilities[1:], np.inf), periods[1:], rtol=1e-12)
    assert np.isnan(events.transform([0.0, -1.0])).all()


@pytest.mark.parametrize("limits", [None, (0.0, 5.0), (0.2, 300.0)])
def test_paper_of_events_can_be_drawn_with_any_limits(limits):
    ax = Figure().add_subplot()
    ax.set_xscale("gumbel", blocks_per_year=np.inf)
    if limits:
        ax.set_xlim(limits)
    above = plots.add_probability_axis(ax)
    ax.figure.draw_without_rendering()
    assert 0.0 < ax.get_xlim()[0] < ax.get_xlim()[1]
    assert above.get_xlim() == pytest.approx(ax.get_xlim())


# -- fits of peaks -----------------------------------------------------------------------------------------------------


def test_return_periods_of_peaks_count_events(dated, dated_fit):
    points = plots.return_level_points(dated_fit, "weibull")
    n = len(dated)
    np.testing.assert_allclose(points["return_period"], (n + 1.0) / (n + 1.0 - points["rank"]) / dated.rate, rtol=1e-12)
    assert points["return_period"].iloc[-1] == pytest.approx((n + 1.0) / n * dated.years)
    at = dated.dates[np.argmax(dated.values)]
    assert points["date"].iloc[-1] == at
    assert "block" not in points


def test_return_periods_of_peaks_below_are_mirrored(dated_fit, low_fit):
    high, low = (plots.return_level_points(fit) for fit in (dated_fit, low_fit))
    np.testing.assert_allclose(low["value"], -high["value"][::-1])
    np.testing.assert_allclose(low["return_period"], high["return_period"][::-1], rtol=1e-9)
    ax, mirrored = (plots.return_level(fit, interval="delta") for fit in (dated_fit, low_fit))
    np.testing.assert_allclose(mirrored.lines[0].get_ydata(), -ax.lines[0].get_ydata(), rtol=1e-6)
    assert mirrored.child_axes[0].get_xlabel() == "annual non-exceedance probability"


def test_levels_leave_the_threshold_at_the_mean_time_between_peaks(dated, dated_fit):
    curve = plots.return_level_curve(dated_fit, 200.0, interval="delta")
    assert dated.rate * curve.index[0] == pytest.approx(1.0, abs=0.05)
    assert curve["estimate"].iloc[0] == pytest.approx(35.0, abs=0.5)
    assert curve.index[-1] == pytest.approx(200.0)
    np.testing.assert_allclose(np.diff(np.log(curve.index)), np.log(curve.index[1] / curve.index[0]), rtol=1e-6)
    np.testing.assert_allclose(curve["estimate"], dated_fit.distribution.isf(1.0 / (dated.rate * curve.index)))


def test_exponential_excesses_are_a_straight_line_in_the_picture(given_fit):
    ax = plots.return_level(given_fit, interval="delta")
    x, y = ax.transData.transform(ax.lines[0].get_xydata()).T
    np.testing.assert_allclose(np.diff(y) / np.diff(x), (y[-1] - y[0]) / (x[-1] - x[0]), rtol=1e-6)


def test_what_a_plot_of_levels_says(dated, dated_fit):
    ax = plots.return_level(dated_fit, interval="delta")
    drawn(ax)
    n = len(dated)
    assert ax.get_title(loc="left") == f"Return levels: {n} peaks above 35 m3/s, 2000 to 2011"
    assert ax.get_xlabel() == "return period T (years, counting events)"
    assert ax.child_axes[0].get_xlabel() == "annual exceedance probability (AEP)"
    assert legend(ax) == [
        f"GPD, {dated_fit.method.label}",
        "95 % interval (delta method)",
        f"{n} peaks (Gringorten, a = 0.44)",
        "threshold 35 m3/s",
    ]
    assert set(line(ax, "threshold").get_ydata()) == {35.0}
    assert f"{dated.dates[np.argmax(dated.values)]:%Y-%m-%d}" in [text.get_text() for text in ax.texts]
    above = ax.child_axes[0]
    one = dict(zip((text.get_text() for text in above.get_xticklabels()), above.get_xticks(), strict=True))["10 %"]
    assert one == pytest.approx(-1.0 / np.log(0.9))


def test_peaks_in_unknown_time_have_no_annual_probability(undated_fit):
    ax = plots.return_level(undated_fit, interval="delta")
    drawn(ax)
    assert ax.get_xlabel() == "return period T (observations, counting events)"
    assert len(ax.child_axes) == 0
    assert len(ax.texts) == 0


def test_one_fit_of_peaks_over_another(dated, dated_fit):
    ax = plots.return_level(dated_fit, interval="delta")
    for other in (ev.fit(dated, "exponential"), ev.fit(dated, method="lmoments")):
        plots.return_level(other, ax, interval="delta", color="#D55E00")
    drawn(ax)
    assert sum(text.startswith("threshold") for text in legend(ax)) == 1
    assert sum("peaks" in text for text in legend(ax)) == 1
    assert sum("interval" in text for text in legend(ax)) == 3


def test_maxima_and_peaks_on_one_paper_stand_at_their_annual_probability(hours, dated_fit):
    maxima = ev.fit(ev.block_maxima(hours, "year"), "gumbel")
    ax = plots.return_level(dated_fit, interval="delta")
    plots.return_level(maxima, ax, interval="delta", color="#D55E00")
    drawn(ax)
    curve = plots.return_level_curve(maxima, interval="delta")
    there = line(ax, "Gumbel").get_xdata()
    np.testing.assert_allclose(-np.expm1(-1.0 / there), 1.0 / curve.index[: len(there)], rtol=1e-9)
    assert ax.get_xlabel() == "return period T (years, counting events)"
    assert len(ax.child_axes) == len(ax.texts) == 1
    assert sum("Gringorten" in text for text in legend(ax)) == 2
    other = plots.return_level(maxima, interval="delta")
    plots.return_level(dated_fit, other, interval="delta")
    points = plots.return_level_points(dated_fit)
    expected = 1.0 / -np.expm1(-1.0 / points["return_period"])
    np.testing.assert_allclose(line(other, f"{len(points)} peaks").get_xdata(), expected, rtol=1e-9)
    assert other.get_xlabel() == "return period T (years)"


def test_quantiles_and_probabilities_are_those_of_the_sizes(dated, dated_fit):
    quantiles, probabilities = plots.qq_points(dated_fit), plots.pp_points(dated_fit)
    np.testing.assert_allclose(quantiles["model"], dated_fit.distribution.ppf(quantiles["probability"]))
    np.testing.assert_allclose(probabilities["model"], dated_fit.distribution.cdf(np.sort(dated.values)))
    assert (quantiles["lower"] > 35.0).all()
    inside = (probabilities["lower"] < probabilities["model"]) & (probabilities["model"] < probabilities["upper"])
    assert inside.mean() > 0.8
    assert plots.qq(dated_fit).get_xlabel() == "fitted GPD quantile (m3/s)"


def test_the_density_begins_at_the_threshold(dated_fit, low_fit):
    curve, bars = plots.density_points(dated_fit), plots.histogram_points(dated_fit)
    assert curve["value"].iloc[0] == bars["left"].iloc[0] == 35.0
    assert curve["density"].iloc[0] == pytest.approx(1.0 / dated_fit.distribution.scale)
    assert (bars["density"] * (bars["right"] - bars["left"])).sum() == pytest.approx(1.0)
    assert plots.histogram_points(low_fit)["right"].iloc[-1] == plots.density_points(low_fit)["value"].iloc[-1] == -35.0


def test_every_plot_is_drawn_for_every_kind_of_peaks(any_fit):
    axes = plots.diagnostics(any_fit, interval="delta")
    drawn(axes)
    assert any("peaks" in text for text in legend(axes[1, 1]))
    title = axes[0, 0].figure.get_suptitle()
    assert any_fit.family.label in title
    assert ("below -35" if any_fit.family.minima else "above 35") in title.replace("\n", " ")


def test_one_of_a_batch_is_drawn_and_all_are_refused(dated):
    batch = ev.fit(ev.as_peaks(np.stack([dated.values, dated.values + 1.0]), threshold=35.0, years=11.0))
    ax = plots.return_level(batch[1], interval="delta")
    assert ax.get_title(loc="left") == f"Return levels: {len(dated)} peaks above 35"
    for plot in FIT_PLOTS:
        with pytest.raises(ArgumentError, match="a plot shows one series"):
            plot(batch)


# -- the series and its peaks ------------------------------------------------------------------------------------------


def test_the_series_with_its_peaks(dated):
    ax = plots.peaks(dated)
    drawn(ax)
    n, merged = len(dated), len(dated.merged)
    assert legend(ax) == [f"{n} peaks", f"{merged} exceedances merged into them", "threshold 35 m3/s", "2 gaps"]
    assert ax.get_title(loc="left") == f"Series: {n} peaks above 35 m3/s, 2000 to 2011"
    np.testing.assert_array_equal(line(ax, f"{n} peaks").get_ydata(), dated.values)
    np.testing.assert_array_equal(line(ax, f"{merged} exc").get_ydata(), dated.merged["value"])
    (gaps,) = ax.collections
    widths = [np.ptp(path.vertices[:, 0]) for path in gaps.get_paths()]
    assert widths == pytest.approx([367.0, 2.0])


def test_peaks_of_undated_values_lie_where_they_were(hours):
    values = hours.to_numpy().copy()
    values[100:120] = np.nan
    for kind, sign in (("max", 1.0), ("min", -1.0)):
        found = ev.peaks_over_threshold(sign * values, sign * 35.0, separation=5, kind=kind)
        marked = plots.peak_points(found)
        np.testing.assert_array_equal((sign * values)[marked["time"] - 1], marked["value"])
        kept = marked[marked["reason"].isna()]
        np.testing.assert_array_equal(kept["value"], found.values)
        assert marked["time"].is_unique
        ax = plots.peaks(found)
        drawn(ax)
        assert ax.get_xlabel() == "observation"
        assert "1 gap" in legend(ax)


def test_peaks_alone_are_drawn_and_a_batch_is_refused(dated):
    ax = plots.peaks(ev.as_peaks(dated.values, threshold=35.0, years=11.0))
    drawn(ax)
    assert ax.get_xlabel() == "peak"
    assert legend(ax) == [f"{len(dated)} peaks", "threshold 35"]
    assert len(ax.lines) == 2
    with pytest.raises(ArgumentError, match=r"peaks of a batch of shape \(2,\)"):
        plots.peaks(ev.as_peaks(np.stack([dated.values, dated.values]), threshold=35.0, years=11.0))


def test_peaks_keep_the_clock_of_their_zone(hours):
    found = ev.peaks_over_threshold(hours.tz_localize("Europe/Berlin"), 35.0, separation="3D")
    assert plots.peak_points(found)["time"].iloc[0] == found.dates[0].tz_localize(None)
    drawn(plots.peaks(found))


# -- thresholds --------------------------------------------------------------------------------------------------------


def test_the_mean_excess_over_the_thresholds(table):
    ax = plots.mean_excess(table, threshold=20.0)
    drawn(ax)
    np.testing.assert_allclose(line(ax, "estimate").get_xydata(), table["mean_excess"].reset_index())
    assert legend(ax) == ["estimate", "95 % limits", "threshold 20"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("threshold (m3/s)", "mean excess (m3/s)")
    assert ax.get_title(loc="left") == "Mean excess: flow, separation 3 days"
    (above,) = ax.child_axes
    counts = dict(zip(above.get_xticks(), (text.get_text() for text in above.get_xticklabels()), strict=True))
    assert counts == {limit: f"{table['peaks'][limit]:,}" for limit in counts}
    assert {15.0, 40.0} <= set(counts)


def test_stability_of_what_is_asked(table):
    axes = plots.threshold_stability(table)
    drawn(axes)
    assert [ax.get_ylabel() for ax in axes] == ["shape", "50-year level (m3/s)"]
    for ax, column in zip(axes, ("shape", "level"), strict=True):
        np.testing.assert_allclose(line(ax, "estimate").get_ydata(), table[column])
        (band,) = ax.collections
        outline = band.get_paths()[0].vertices
        np.testing.assert_allclose(outline[:5, 1], table[f"{column}_lower"])
    assert [len(ax.child_axes) for ax in axes] == [1, 0]
    (only,) = plots.threshold_stability(table, columns=["modified_scale"])
    assert only.get_ylabel() == "modified scale (m3/s)"
    assert legend(only) == ["estimate"]


def test_far_off_estimates_at_the_lowest_thresholds_leave_the_picture(table):
    off = table.copy()
    off.loc[15.0, ["level", "level_upper"]] = 1e5, 1e6
    ax = plots.threshold_stability(off, columns="level")[0]
    assert ax.get_ylim()[1] < 10.0 * table["level_upper"].max()


@pytest.mark.parametrize("method", ["eqd", "cross-validation", "forward-stop", "score"])
def test_the_choice_of_every_method(hours, method):
    found = ev.choose_threshold(hours, [15.0, 20.0, 25.0, 35.0], method=method, separation="3D")
    above, below = plots.threshold_choice(found)
    drawn(above)
    np.testing.assert_allclose(line(above, "candidates").get_ydata(), found.table[found.criterion].dropna())
    assert above.get_title(loc="left").replace("\n", " ").lower().startswith(found.label.lower())
    for ax in (above, below):
        assert line(ax, "chosen").get_xdata()[0] == found.threshold
    assert below.get_ylabel() == "100-year level (m3/s)"
    assert "95 % limits" in legend(below)
    assert "95 % limits" not in legend(above)


def test_the_choice_shows_who_comes_next_and_the_interval(choice):
    above, below = plots.threshold_choice(choice, confidence=0.9)
    next_ones = choice.runners_up
    assert [text.get_text() for text in below.texts] == [str(rank) for rank in range(2, len(next_ones) + 2)]
    np.testing.assert_allclose(line(below, "next").get_ydata(), next_ones["level"])
    np.testing.assert_allclose(line(above, "next").get_xdata(), next_ones.index)
    levels = choice.levels(0.9)
    assert levels.attrs["confidence"] == 0.9
    assert (levels["lower"] < levels["estimate"]).all()
    assert (levels["estimate"] < levels["upper"]).all()
    assert "90 % limits" in legend(below)


def test_levels_of_a_choice_are_those_of_the_table(hours, choice):
    expected = ev.threshold_diagnostics(hours, choice.table.index, separation="3D")
    levels = choice.levels()
    for own, column in (("estimate", "level"), ("lower", "level_lower"), ("upper", "level_upper")):
        np.testing.assert_allclose(levels[own], expected[column], rtol=1e-9)


def test_thresholds_of_minima_are_drawn_as_they_are(hours, table):
    low = ev.threshold_diagnostics(-hours, -table.index.to_numpy(), separation="3D", kind="min", level_period=50)
    ax = plots.threshold_stability(low, columns="level")[0]
    drawn(ax)
    np.testing.assert_allclose(line(ax, "estimate").get_xdata(), -table.index)
    np.testing.assert_allclose(line(ax, "estimate").get_ydata(), -table["level"], rtol=1e-6)
    drawn(plots.threshold_choice(ev.choose_threshold(-hours, [-15.0, -20.0, -30.0], kind="min", separation="3D")))


@pytest.mark.parametrize("plot", TABLE_PLOTS)
def test_one_threshold_and_lost_attributes_can_be_drawn(plot, table):
    one = pd.DataFrame(table.iloc[:1].to_dict("list"), index=pd.Index([15.0], name="threshold"))
    ax = np.atleast_1d(plot(one))[0]
    drawn(ax)
    assert ax.get_xlabel() in ("threshold", "")
    assert "limits" in legend(ax)


@pytest.mark.parametrize("plot", TABLE_PLOTS)
def test_what_is_no_table_of_thresholds_is_refused(plot, table, choice):
    with pytest.raises(ArgumentError, match=r"the table has no column '\w+'; give what threshold_diagnostics"):
        plot(choice)
    with pytest.raises(DataError, match="the table holds no threshold"):
        plot(table.iloc[:0])
    assert plt.get_fignums() == []


def test_what_is_drawn_elsewhere_is_refused(hours, dated, table):
    with pytest.raises(ArgumentError, match=r"this is Peaks; give what block_maxima\(...\) returns; .* plots.peaks"):
        plots.series(dated)
    with pytest.raises(ArgumentError, match=r"this is Extremes; give what peaks_over_threshold"):
        plots.peaks(ev.block_maxima(hours, "year"))
    with pytest.raises(ArgumentError, match=r"this is DataFrame; give what choose_threshold"):
        plots.threshold_choice(table)


def test_another_number_of_axes_is_refused(table, choice):
    panels = Figure().subplots(1, 3)
    with pytest.raises(ArgumentError, match=r"2 Axes are drawn on, not 3; plt.subplots\(2, 1\)\[1\] makes them"):
        plots.threshold_stability(table, panels)
    with pytest.raises(ArgumentError, match="2 Axes are drawn on, not 3"):
        plots.threshold_choice(choice, panels)


def test_given_axes_are_drawn_on(table, choice, dated):
    ax = Figure().add_subplot()
    assert plots.peaks(dated, ax) is ax
    ax = Figure().add_subplot()
    assert plots.mean_excess(table, ax) is ax
    panels = Figure().subplots(1, 2)
    assert plots.threshold_stability(table, panels).tolist() == panels.tolist()
    assert [len(each.child_axes) for each in panels] == [1, 1]
    panels = Figure().subplots(1, 2)
    assert plots.threshold_choice(choice, panels).tolist() == panels.tolist()
    ax = Figure().add_subplot()
    assert plots.threshold_stability(table, ax, columns=["shape"]).tolist() == [ax]
    assert plt.get_fignums() == []


NASTY = "cost_of_$claims$ <script>alert(1)</script> & débit \\alpha^{2" + " and a very long name" * 8


def test_names_and_units_are_plain_text_and_stay_inside(hours):
    nasty = hours.rename(NASTY)
    nasty.attrs["unit"] = "$/m^3_x 10$"
    found = ev.peaks_over_threshold(nasty, 35.0, separation="3D")
    table = ev.threshold_diagnostics(nasty, [15.0, 20.0], separation="3D")
    axes = [
        plots.peaks(found),
        plots.return_level(ev.fit(found), interval="delta"),
        plots.mean_excess(table, threshold=20.0),
        plots.threshold_stability(table)[1],
        plots.threshold_choice(ev.choose_threshold(nasty, [15.0, 20.0], separation="3D"))[0],
    ]
    for ax in axes:
        buffer = io.BytesIO()
        ax.figure.savefig(buffer, format="svg")
        assert b"<script>" not in buffer.getvalue()
        ax.figure.draw_without_rendering()
        for text in (ax.xaxis.label, ax.yaxis.label, ax._left_title):
            box = text.get_window_extent()
            assert ax.figure.bbox.x0 <= box.x0
            assert box.x1 <= ax.figure.bbox.x1
            assert box.y1 <= ax.figure.bbox.y1
        assert ax.get_window_extent().height > 0.25 * ax.figure.bbox.height


def test_no_setting_is_changed(table, choice, dated):
    before = plt.rcParams.copy()
    plots.peaks(dated)
    plots.mean_excess(table)
    plots.threshold_stability(table)
    plots.threshold_choice(choice)
    assert plt.rcParams == before
