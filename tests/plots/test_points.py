"""The data behind the plots, against their formulas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.collections import PathCollection
from scipy import stats

import evstats as ev
from evstats.errors import ArgumentError, DataError
from evstats.extremes.blocks import block_maxima
from evstats.fitting import fit
from evstats.plots import (
    PLOTTING_POSITIONS,
    density_points,
    exceeding_points,
    extreme_points,
    histogram_points,
    plotting_positions,
    pp_points,
    qq_points,
    return_level,
    return_level_curve,
    return_level_points,
    series,
    series_points,
)


@pytest.mark.parametrize(
    ("name", "a"), [("weibull", 0.0), ("cunnane", 0.4), ("gringorten", 0.44), ("hazen", 0.5), ("Blom", 0.375)]
)
def test_plotting_positions_follow_the_formula(name, a):
    points = plotting_positions([7.0, np.nan, 3.0, 5.0], name)
    assert points["value"].tolist() == [3.0, 5.0, 7.0]
    assert points["rank"].tolist() == [1, 2, 3]
    np.testing.assert_allclose(points["probability"], (np.array([1, 2, 3]) - a) / (4.0 - 2.0 * a), rtol=1e-15)
    pd.testing.assert_frame_equal(points, plotting_positions([7.0, np.nan, 3.0, 5.0], a))
    assert points.attrs["plotting_position"] == f"{name.capitalize()}, a = {a:g}"


def test_the_default_is_gringorten_and_places_lead_back_to_the_input():
    points = plotting_positions([7.0, np.nan, 3.0])
    assert points.attrs["plotting_position"] == "Gringorten, a = 0.44"
    assert points.index.tolist() == [2, 0]
    assert plotting_positions([1.0], 0.2).attrs["plotting_position"] == "a = 0.2"


@given(
    values=st.lists(st.integers(-5, 5), min_size=1, max_size=30),
    a=st.one_of(st.floats(0.0, 0.99), st.sampled_from(sorted(PLOTTING_POSITIONS))),
)
def test_plotting_positions_rise_strictly_and_mirror_themselves(values, a):
    p = plotting_positions(values, a)["probability"].to_numpy()
    assert np.all((p > 0) & (p < 1))
    assert np.all(np.diff(p) > 0)
    np.testing.assert_allclose(p + p[::-1], 1.0, rtol=1e-12)


@pytest.mark.parametrize("a", [-0.1, 1.0, np.nan, np.inf])
def test_a_plotting_position_out_of_range_is_refused(a):
    with pytest.raises(ArgumentError, match=r"a must be in \[0, 1\).*0.44 is Gringorten's"):
        plotting_positions([1.0, 2.0], a)


def test_an_unknown_plotting_position_names_the_nearest():
    with pytest.raises(ArgumentError, match=r"unknown plotting position 'gringorton'.*Did you mean 'gringorten'"):
        plotting_positions([1.0, 2.0], "gringorton")


@pytest.mark.parametrize("values", [[], [np.nan], [[1.0, 2.0], [3.0, 4.0]]], ids=str)
def test_what_cannot_be_ranked_is_refused(values):
    with pytest.raises(DataError, match="rank one series of finite values"):
        plotting_positions(values)


def test_return_periods_of_maxima(flood_fit, floods):
    points = return_level_points(flood_fit, "weibull")
    n = len(floods.values)
    np.testing.assert_allclose(points["return_period"], (n + 1.0) / (n + 1.0 - points["rank"]), rtol=1e-12)
    largest = points.iloc[-1]
    assert largest["value"] == floods.values.max()
    assert largest["block"] == floods.blocks[floods.values.argmax()]


def test_small_values_are_the_extreme_ones_of_minima(low_flow_fit):
    points = return_level_points(low_flow_fit)
    assert points["value"].is_monotonic_increasing
    assert points["return_period"].is_monotonic_decreasing
    n = len(points)
    assert points["return_period"].iloc[0] == pytest.approx((n + 0.12) / 0.56)
    curve = return_level_curve(low_flow_fit)
    assert curve["estimate"].is_monotonic_decreasing


def test_months_count_in_years(monthly_fit):
    points = return_level_points(monthly_fit)
    n = len(points)
    assert points["return_period"].iloc[-1] == pytest.approx((n + 0.12) / 0.56 / 12.0)
    assert points["return_period"].iloc[0] < 1.0
    curve = return_level_curve(monthly_fit)
    assert curve.index[0] == pytest.approx(points["return_period"].iloc[0])


def test_undated_values_count_in_blocks(undated_fit):
    points = return_level_points(undated_fit)
    assert len(points) == 500
    assert points["return_period"].iloc[-1] == pytest.approx(500.12 / 0.56)
    assert "block" not in points


def test_the_curve_is_the_table_of_the_fit(flood_fit):
    curve = return_level_curve(flood_fit, 1000.0, confidence=0.9)
    assert list(curve.columns) == ["estimate", "lower", "upper"]
    assert curve.index[-1] == pytest.approx(1000.0)
    assert curve.attrs["confidence"] == 0.9
    np.testing.assert_allclose(curve["estimate"], flood_fit.distribution.isf(1.0 / curve.index.to_numpy()), rtol=1e-12)
    reduced = -np.log(-np.log1p(-1.0 / curve.index.to_numpy()))
    np.testing.assert_allclose(np.diff(reduced), np.diff(reduced)[0], rtol=1e-9)
    slopes = np.diff(curve["estimate"]) / np.diff(reduced)
    np.testing.assert_allclose(slopes, flood_fit.distribution.scale, rtol=1e-9)


@pytest.mark.parametrize("longest", [0.5, 1.0, np.nan, np.inf])
def test_a_curve_that_cannot_end_there_is_refused(flood_fit, longest):
    with pytest.raises(ArgumentError, match=r"the curve cannot end at T = .* years, so give a longer return period"):
        return_level_curve(flood_fit, longest)


def test_quantiles_and_probabilities(gev_fit):
    n = len(gev_fit.values)
    ordered = np.sort(gev_fit.values)
    p = (np.arange(1, n + 1) - 0.44) / (n + 0.12)
    lower, upper = stats.beta.interval(0.95, np.arange(1, n + 1), np.arange(n, 0, -1))
    qq, pp = qq_points(gev_fit), pp_points(gev_fit)
    np.testing.assert_array_equal(qq["value"], ordered)
    np.testing.assert_allclose(qq["model"], gev_fit.distribution.ppf(p), rtol=1e-12)
    np.testing.assert_allclose(qq["upper"], gev_fit.distribution.ppf(upper), rtol=1e-9)
    np.testing.assert_allclose(pp["model"], gev_fit.distribution.cdf(ordered), rtol=1e-12)
    np.testing.assert_allclose(pp["probability"], p, rtol=1e-12)
    np.testing.assert_allclose(pp[["lower", "upper"]], np.column_stack([lower, upper]), rtol=1e-9)
    assert qq.attrs["plotting_position"] == "Gringorten, a = 0.44"


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, np.nan])
def test_an_impossible_confidence_is_refused(flood_fit, confidence):
    with pytest.raises(ArgumentError, match="confidence must lie strictly between 0 and 1"):
        qq_points(flood_fit, confidence=confidence)


def test_densities(gev_fit, undated_fit):
    for each in (gev_fit, undated_fit):
        curve, bars = density_points(each), histogram_points(each)
        np.testing.assert_allclose(curve["density"], each.distribution.pdf(curve["value"]), rtol=1e-12)
        assert curve["value"].iloc[0] <= np.nanmin(each.values)
        assert curve["value"].iloc[-1] >= np.nanmax(each.values)
        assert bars["count"].sum() == np.count_nonzero(~np.isnan(each.values))
        assert (bars["density"] * (bars["right"] - bars["left"])).sum() == pytest.approx(1.0)
        assert len(bars) <= 40


def test_a_short_series_is_left_as_it_is(floods, flow):
    points = series_points(floods, columns=20_000)
    np.testing.assert_array_equal(points["value"], flow)
    np.testing.assert_array_equal(points["time"], flow.index)


def test_thinning_keeps_the_lowest_and_highest_of_every_column(floods, flow):
    columns = 400
    points = series_points(floods, columns)
    assert len(points) <= 2 * (columns + 1)
    place = (flow.index - flow.index[0]) // ((flow.index[-1] - flow.index[0]) / columns)
    by_column = flow.groupby(place)
    assert set(by_column.max()) | set(by_column.min()) == set(points["value"])
    assert points["time"].is_monotonic_increasing


def test_gaps_stay_open(flow):
    gappy = flow.drop(flow["1990":"1994"].index)
    points = series_points(block_maxima(gappy, "water-year"), columns=500)
    broken = points["time"][points["value"].isna()]
    assert len(broken) == 1
    assert pd.Timestamp("1995-01-01") <= broken.item() < pd.Timestamp("1995-02-01")
    weekdays = flow[flow.index.day_of_week < 5]
    assert not series_points(block_maxima(weekdays, "water-year"), columns=500)["value"].isna().any()


def test_extremes_with_the_blocks_left_out(floods, flow):
    points = extreme_points(floods)
    kept, left_out = points[points["reason"].isna()], points[points["reason"].notna()]
    np.testing.assert_array_equal(kept["value"], floods.values)
    np.testing.assert_array_equal(flow[kept["time"]], floods.values)
    assert left_out["block"].tolist() == [2011]
    assert left_out["time"].item() >= pd.Timestamp("2010-10-01")
    assert "coverage" in left_out["reason"].item()


@pytest.mark.parametrize("kind", ["max", "min"])
def test_undated_extremes_stand_where_they_were_observed(kind):
    values = np.array([1.0, 9.0, 2.0, 4.0, np.nan, 8.0, 7.0, 7.5, 6.0, 5.0])
    extremes = block_maxima(values, 3, kind=kind, min_coverage=0.6)
    points = extreme_points(extremes)
    expected = {"max": ([2, 6, 8, 10], [9.0, 8.0, 7.5, 5.0]), "min": ([1, 4, 9, 10], [1.0, 4.0, 6.0, 5.0])}[kind]
    assert (points["time"].tolist(), points["value"].tolist()) == expected
    assert points["reason"].notna().tolist() == [False, False, False, True]
    assert series_points(extremes)["time"].tolist() == [1, 2, 3, 4, 6, 7, 8, 9, 10]


def test_time_zones_keep_the_local_clock(flow):
    local, naive = block_maxima(flow.tz_localize("America/New_York"), "water-year"), block_maxima(flow, "water-year")
    np.testing.assert_array_equal(extreme_points(local)["time"], extreme_points(naive)["time"])
    np.testing.assert_array_equal(series_points(local)["time"], series_points(naive)["time"])


@pytest.mark.parametrize(
    "points", [return_level_points, return_level_curve, qq_points, pp_points, density_points, histogram_points]
)
def test_a_batch_is_refused(points):
    batch = fit(np.array([[3.1, 4.4, 3.9, 5.2], [1.0, 2.5, 2.0, 4.0]]), "gumbel")
    with pytest.raises(ArgumentError, match=r"holds a batch of shape \(2,\); index one series first, as in fit\[0\]"):
        points(batch)
    assert len(points(batch[1])) >= 3


def with_history() -> ev.Extremes:
    days = pd.date_range("1991-06-15", periods=10, freq="365D")
    gauge = pd.Series([31.0, 45.0, 28.0, 52.5, 33.0, 39.9, 47.0, 30.4, 36.0, 41.0], days, name="flow")
    known = {1927: 72.0, 1954: (60.0, np.inf)}
    return block_maxima(gauge, "year").with_history(1901, 1990, threshold=60.0, peaks=known)


def test_a_history_is_drawn_in_its_years() -> None:
    points = extreme_points(with_history()).set_index("block")
    assert (points["time"].dt.year == points.index).all()
    assert points.loc[1954, ["lower", "upper", "perception"]].tolist() == [60.0, np.inf, 60.0]
    assert points.loc[1992, "lower"] == points.loc[1992, "value"]
    labels = [text.get_text() for text in series(with_history()).get_legend().get_texts()]
    assert labels == ["11 block maxima", "1 known to be greater", "level of perception 60"]


def test_what_is_known_to_have_passed_a_level_stands_among_the_observations() -> None:
    known = fit(with_history(), "gumbel")
    points, beyond = return_level_points(known, 0.0), exceeding_points(known, 0.0)
    assert beyond["value"].tolist() == [60.0]
    assert not set(beyond.index) & set(points.index)
    periods = np.append(points["return_period"], beyond["return_period"])
    assert sorted(periods)[-2:] == pytest.approx([100 / 2, 100])  # 2 of 100 years passed 60, one of them 72
    labels = [text.get_text() for text in return_level(known).get_legend().get_texts()]
    assert labels[-1] == "1 known to be greater"


def test_what_every_block_passes_is_marked_at_the_edge() -> None:
    values = np.array([20.0, 31.0, 35.0, 40.0, 52.0])
    known = ev.observed([10.0, *values], [np.inf, *values])  # 10 was passed in all: of T = 1, which no paper has
    fitted = fit(known, "gumbel")
    assert exceeding_points(fitted, 0.0)["return_period"].tolist() == [1.0]
    ax = return_level(fitted)
    marks = [part for part in ax.collections if isinstance(part, PathCollection) and len(part.get_offsets())]
    (mark,) = marks
    left, bottom = mark.get_offset_transform().transform(mark.get_offsets())[0]
    assert ax.bbox.x0 < left < ax.transData.transform((float(return_level_points(fitted)["return_period"].min()), 0))[0]
    assert bottom == pytest.approx(ax.transData.transform((2.0, 10.0))[1])
