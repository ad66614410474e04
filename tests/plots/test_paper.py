"""Gumbel probability paper: the scale, its ticks and its labels."""

from __future__ import annotations

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.scale import get_scale_names

import evstats.plots
from evstats.distributions import Gumbel
from evstats.errors import ArgumentError
from evstats.plots import add_probability_axis
from evstats.plots.paper import (
    GumbelTransform,
    PaperLocator,
    ProbabilityLocator,
    annual_exceedance_probability,
    decades,
    period_of_probability,
)


def paper(low: float, high: float, blocks_per_year: float = 1.0, width: float = 6.4) -> Axes:
    """Axes whose x axis is Gumbel paper between two return periods."""
    ax = Figure(figsize=(width, 4.0)).add_subplot()
    ax.set_xscale("gumbel", blocks_per_year=blocks_per_year)
    ax.set_xlim(low, high)
    return ax


def labels(axis) -> list[str]:
    axis.get_figure().draw_without_rendering()
    return [text.get_text() for text in axis.get_ticklabels()]


def test_importing_plots_registers_the_scale():
    assert evstats.plots.GumbelScale.name in get_scale_names()
    assert paper(1.01, 100).get_xscale() == "gumbel"


def test_the_paper_coordinate_is_the_reduced_variate():
    periods = np.array([1.01, 2.0, 10.0, 100.0, 1e6])
    np.testing.assert_allclose(GumbelTransform().transform(periods), -np.log(-np.log(1.0 - 1.0 / periods)), rtol=1e-9)
    assert GumbelTransform().transform([1e12])[0] == pytest.approx(np.log(1e12), rel=1e-12)


@given(period=st.floats(1.001, 1e9), blocks_per_year=st.sampled_from([0.1, 1.0, 4.0, 12.0]))
def test_the_transform_and_its_inverse_undo_each_other(period, blocks_per_year):
    forth = GumbelTransform(blocks_per_year)
    back = forth.inverted()
    value = period / blocks_per_year
    assert back.transform([forth.transform([value])[0]])[0] == pytest.approx(value, rel=1e-9)
    assert back.inverted().blocks_per_year == blocks_per_year


def test_return_periods_off_the_paper_are_masked():
    transformed = GumbelTransform().transform([-5.0, 0.0, 1.0, np.nan, 1.0 + 1e-9, np.inf])
    assert np.isnan(transformed[:4]).all()
    assert np.isfinite(transformed[4])
    assert transformed[5] == np.inf
    assert np.isnan(GumbelTransform(12.0).transform([1.0 / 12.0])[0])
    assert np.isfinite(GumbelTransform(12.0).transform([0.09])[0])


def test_extreme_paper_coordinates_come_back_without_a_warning():
    np.testing.assert_array_equal(GumbelTransform().inverted().transform([-1e3, 1e3]), [1.0, np.inf])


@pytest.mark.parametrize("blocks_per_year", [1.0, 12.0])
def test_a_gumbel_distribution_is_a_straight_line(blocks_per_year):
    ax = paper(1.01 / blocks_per_year, 1000.0, blocks_per_year)
    periods = np.geomspace(1.05 / blocks_per_year, 1e3, 50)
    levels = Gumbel(50.0, 20.0).isf(1.0 / (blocks_per_year * periods))
    x, y = ax.transData.transform(np.column_stack([periods, levels])).T
    slopes = np.diff(y) / np.diff(x)
    np.testing.assert_allclose(slopes, slopes[0], rtol=1e-8)


def test_ticks_are_round_return_periods():
    assert labels(paper(1.01, 1000).xaxis) == ["1.01", "1.1", "2", "5", "10", "20", "50", "100", "200", "500", "1000"]
    assert labels(paper(2, 1e5, width=3.2).xaxis) == ["2", "10", "100", "1000", "10000"]
    assert labels(paper(0.085, 20, 12.0).xaxis) == ["0.1", "0.2", "0.5", "1", "2", "5", "10", "20"]
    assert labels(paper(200, 2).xaxis) == ["2", "5", "10", "20", "50", "100", "200"]


def test_a_narrow_view_gets_even_ticks():
    assert labels(paper(40, 60).xaxis) == ["40", "45", "50", "55", "60"]
    assert labels(paper(1.02, 1.08).xaxis) == ["1.02", "1.03", "1.04", "1.05", "1.06", "1.07", "1.08"]


def test_probabilities_stand_opposite_to_their_return_periods():
    ax = paper(1.01, 1000)
    top = add_probability_axis(ax)
    assert labels(top.xaxis) == ["99 %", "90 %", "50 %", "20 %", "10 %", "5 %", "2 %", "1 %", "0.5 %", "0.1 %"]
    at = dict(zip(labels(top.xaxis), top.get_xticks(), strict=True))
    assert at["1 %"] == pytest.approx(100.0)
    assert at["99 %"] == pytest.approx(1.0 / 0.99)
    assert labels(add_probability_axis(paper(2, 1e8)).xaxis)[-1] == "0.000001 %"


def test_probabilities_follow_a_zoom_and_a_pan():
    ax = paper(1.01, 1000)
    top = add_probability_axis(ax)
    ax.set_xlim(40, 60)
    assert labels(top.xaxis) == ["2.4 %", "2.2 %", "2 %", "1.8 %"]
    assert top.get_xlim() == pytest.approx((40, 60))
    ax.start_pan(300, 200, 1)
    ax.drag_pan(1, None, 250, 200)
    ax.end_pan()
    ax.figure.draw_without_rendering()
    assert 40 < ax.get_xlim()[0] < 60 < ax.get_xlim()[1]
    assert top.get_xlim() == pytest.approx(ax.get_xlim())


def test_the_paper_works_upright():
    ax = Figure().add_subplot()
    ax.set_yscale("gumbel")
    ax.set_ylim(1.01, 200)
    right = add_probability_axis(ax, "y")
    assert labels(ax.yaxis) == ["1.01", "1.1", "2", "5", "10", "20", "50", "100", "200"]
    assert "1 %" in labels(right.yaxis)


def test_annual_probabilities_of_monthly_maxima():
    periods = np.array([0.5, 1.0, 10.0, 100.0])
    expected = 1.0 - (1.0 - 1.0 / (12.0 * periods)) ** 12
    probabilities = annual_exceedance_probability(periods, 12.0)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-12)
    np.testing.assert_allclose(period_of_probability(probabilities, 12.0), periods, rtol=1e-12)
    np.testing.assert_allclose(annual_exceedance_probability(periods[1:]), 1.0 / periods[1:], rtol=1e-12)
    top = add_probability_axis(paper(0.085, 100, 12.0))
    ten_percent = dict(zip(labels(top.xaxis), top.get_xticks(), strict=True))["10 %"]
    assert ten_percent == pytest.approx(1.0 / (12.0 * (1.0 - 0.9 ** (1 / 12))))


def test_minor_ticks_only_where_major_ones_are_round():
    assert 3.0 in paper(1.01, 1000).xaxis.get_minorticklocs()
    assert len(paper(40, 60).xaxis.get_minorticklocs()) == 0


@pytest.mark.parametrize(
    "periods", [[], [2.0], [5.0, 5.0], [0.5, 2.0, 10.0], [-3.0, 0.0], [1.0, 1.0], [np.nan, 3.0]], ids=str
)
def test_any_data_can_be_drawn(periods):
    figure, ax = plt.subplots()
    ax.plot(periods, periods, "o")
    ax.set_xscale("gumbel")
    add_probability_axis(ax)
    figure.canvas.draw()
    low, high = ax.get_xlim()
    assert 1.0 < low < high < np.inf
    assert len(ax.get_xticks()) >= 3
    plt.close(figure)


def test_limits_off_the_paper_are_moved_onto_it():
    ax = paper(0.0, 100.0)
    assert ax.get_xlim() == pytest.approx((1.01, 100.0))
    ax.set_xlim(100, 0)
    assert ax.get_xlim() == pytest.approx((100.0, 1.01))
    fixed = Figure().add_subplot()
    fixed.set_xlim(0, 1)
    fixed.set_xscale("gumbel")
    fixed.figure.savefig(io.BytesIO())
    assert fixed.get_xlim() == pytest.approx((1.01, 100.0))


def test_locators_work_without_an_axis():
    assert list(PaperLocator(GumbelTransform()).tick_values(1.01, 100)) == [1.01, 1.1, 2, 5, 10, 20, 50, 100]
    assert list(ProbabilityLocator(GumbelTransform()).tick_values(2, 100)) == pytest.approx([2, 5, 10, 20, 50, 100])


def test_the_period_under_the_mouse_is_named():
    assert paper(1.01, 100).format_xdata(12.3456) == "12.35"


def test_decades():
    assert decades(0.05, 30, 1).tolist() == [0.1, 1.0, 10.0]
    assert decades(11, 19, 1, 2, 5).tolist() == []


@pytest.mark.parametrize("blocks_per_year", [0.0, -1.0, np.nan, -np.inf])
def test_impossible_blocks_per_year_are_refused(blocks_per_year):
    with pytest.raises(ArgumentError, match="blocks_per_year must be a positive number"):
        Figure().add_subplot().set_xscale("gumbel", blocks_per_year=blocks_per_year)


def test_probabilities_need_gumbel_paper():
    with pytest.raises(ArgumentError, match=r"the x axis is not Gumbel paper; call ax.set_xscale\('gumbel'\) first"):
        add_probability_axis(Figure().add_subplot())
