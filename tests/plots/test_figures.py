"""The figures: what they draw, what they say, and that they disturb nothing."""

from __future__ import annotations

import io
from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from evstats import GEV, plots
from evstats.errors import ArgumentError
from evstats.extremes.blocks import block_maxima
from evstats.fitting import fit

ONE_PLOT = [plots.return_level, plots.qq, plots.pp, plots.density]
FITS = ["flood_fit", "gev_fit", "low_flow_fit", "monthly_fit", "undated_fit", "small_fit"]


@pytest.fixture(params=FITS)
def any_fit(request):
    return request.getfixturevalue(request.param)


def picture(ax: Axes) -> np.ndarray:
    """The figure as a small image of shape (height, width, 4)."""
    buffer = io.BytesIO()
    ax.figure.savefig(buffer, format="png", dpi=30)
    buffer.seek(0)
    return plt.imread(buffer)


def legend(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def observations(ax: Axes):
    """The line of open circles."""
    return next(line for line in ax.lines if line.get_marker() == "o")


@pytest.mark.parametrize("plot", ONE_PLOT)
def test_every_plot_is_drawn_and_returned(plot, any_fit):
    ax = plot(any_fit)
    assert isinstance(ax, Axes)
    image = picture(ax)
    assert image.std() > 0.05
    assert ax.get_legend() is not None
    assert ax.get_title(loc="left")


@pytest.mark.parametrize("plot", ONE_PLOT)
def test_given_axes_are_drawn_on_and_returned(plot, flood_fit):
    ax = Figure().add_subplot()
    assert plot(flood_fit, ax) is ax
    assert plot(flood_fit, ax=Figure().add_subplot()) is not ax
    assert plt.get_fignums() == []


def test_return_levels_on_gumbel_paper(flood_fit):
    ax = plots.return_level(flood_fit, longest=500, a="weibull", confidence=0.9)
    assert ax.get_xscale() == "gumbel"
    curve = plots.return_level_curve(flood_fit, 500, confidence=0.9)
    solid, dashed = ax.lines[:2]
    drawn = np.concatenate([solid.get_xydata(), dashed.get_xydata()[1:]])
    np.testing.assert_allclose(drawn, curve["estimate"].reset_index(), rtol=1e-12)
    assert (solid.get_linestyle(), dashed.get_linestyle()) == ("-", "--")
    assert solid.get_xdata()[-1] == dashed.get_xdata()[0] <= 90.0 < dashed.get_xdata()[1]
    points = plots.return_level_points(flood_fit, "weibull")
    np.testing.assert_allclose(observations(ax).get_xydata(), points[["return_period", "value"]], rtol=1e-12)
    assert ax.get_xlabel() == "return period T (years)"
    assert ax.get_ylabel() == "discharge (m3/s)"
    assert ax.get_title(loc="left") == "Return levels: maxima by water-year (Oct-Sep), 1981 to 2010"
    assert legend(ax) == [
        f"Gumbel, {flood_fit.method.label}",
        f"90 % interval ({curve.attrs['interval']})",
        "30 observations (Weibull, a = 0)",
    ]
    assert str(points["block"].iloc[-1]) in [text.get_text() for text in ax.texts]


def test_the_fitted_gumbel_is_a_straight_line_in_the_picture(flood_fit):
    ax = plots.return_level(flood_fit)
    x, y = ax.transData.transform(ax.lines[0].get_xydata()).T
    np.testing.assert_allclose(np.diff(y) / np.diff(x), (y[-1] - y[0]) / (x[-1] - x[0]), rtol=1e-6)


def test_the_curve_is_solid_as_far_as_the_data_reach(undated_fit):
    solid, dashed = plots.return_level(undated_fit).lines[:2]
    assert solid.get_xdata()[-1] == pytest.approx(1500.0)
    assert len(dashed.get_xdata()) == 1


def test_probabilities_are_above_the_paper(flood_fit, low_flow_fit, undated_fit, monthly_fit):
    def above(each):
        (secondary,) = plots.return_level(each).child_axes
        return secondary

    assert above(flood_fit).get_xlabel() == "annual exceedance probability (AEP)"
    assert above(monthly_fit).get_xlabel() == "annual exceedance probability (AEP)"
    assert above(low_flow_fit).get_xlabel() == "annual non-exceedance probability"
    assert above(undated_fit).get_xlabel() == "exceedance probability of a block"
    secondary = above(flood_fit)
    secondary.figure.draw_without_rendering()
    assert "1 %" in [text.get_text() for text in secondary.get_xticklabels()]


def test_one_fit_over_another(flood_fit, gev_fit):
    ax = plots.return_level(flood_fit)
    plots.return_level(gev_fit, ax, color="#D55E00", longest=1000)
    assert sum("observations" in text for text in legend(ax)) == 1
    assert sum("interval" in text for text in legend(ax)) == 2
    assert len(ax.child_axes) == 1
    assert len(ax.texts) == 1  # the largest is named once


def test_the_band_is_drawn_where_it_is_known_and_never_sets_the_view(flood_fit, monkeypatch):
    def with_bounds(lower, upper):
        table = plots.return_level_curve(flood_fit)
        table["lower"], table["upper"] = lower, upper
        monkeypatch.setattr("evstats.plots.figures.return_level_curve", lambda *_, **__: table)
        ax = plots.return_level(flood_fit)
        ax.figure.draw_without_rendering()
        return ax

    unknown = with_bounds(np.nan, np.nan)
    assert "not available" in legend(unknown)[1]
    assert not any(isinstance(artist, PolyCollection) for artist in unknown.collections)
    infinite = with_bounds(-np.inf, np.inf)
    low, high = infinite.get_ylim()
    span = np.ptp(plots.return_level_curve(flood_fit)["estimate"])
    assert high - low < 4 * span
    (band,) = infinite.collections
    drawn = band.get_paths()[0].vertices[:, 1]
    assert drawn.min() < low
    assert drawn.max() > high


def test_what_the_diagonal_plots_say(gev_fit):
    ax = plots.qq(gev_fit, a=0.4)
    assert ax.get_xlabel() == "fitted GEV quantile (m3/s)"
    assert ax.get_ylabel() == "observed discharge (m3/s)"
    assert legend(ax)[-1] == "30 observations (Cunnane, a = 0.4)"
    points = plots.qq_points(gev_fit, 0.4)
    np.testing.assert_allclose(observations(ax).get_xydata(), points[["model", "value"]], rtol=1e-12)
    ax = plots.pp(gev_fit, a="hazen")
    points = plots.pp_points(gev_fit, "hazen")
    np.testing.assert_allclose(observations(ax).get_xydata(), points[["probability", "model"]], rtol=1e-12)
    assert ax.get_xlim() == ax.get_ylim() == (-0.02, 1.02)


def test_the_density_has_a_rug_only_for_few_values(flood_fit, undated_fit):
    assert any(line.get_marker() == "|" for line in plots.density(flood_fit).lines)
    ax = plots.density(undated_fit)
    assert not any(line.get_marker() == "|" for line in ax.lines)
    assert sum(bar.get_height() * bar.get_width() for bar in ax.patches) == pytest.approx(1.0)
    assert plots.density(flood_fit).get_ylabel() == "density (per m3/s)"


@pytest.mark.parametrize("name", ["gev_fit", "undated_fit"])  # the plots of the others stand above, one by one
def test_diagnostics_are_four_plots(name, request):
    any_fit = request.getfixturevalue(name)
    axes = plots.diagnostics(any_fit)
    assert axes.shape == (2, 2)
    assert [ax.get_title(loc="left") for ax in axes.ravel()] == [
        "Probabilities",
        "Quantiles",
        "Return levels",
        "Density",
    ]
    assert any_fit.family.label in axes[0, 0].figure.get_suptitle()
    assert picture(axes[0, 0]).std() > 0.05


def test_diagnostics_on_given_axes(flood_fit):
    panels = Figure().subplots(1, 4)
    assert plots.diagnostics(flood_fit, panels).ravel().tolist() == panels.tolist()
    with pytest.raises(ArgumentError, match="diagnostics draws on four Axes, not 3"):
        plots.diagnostics(flood_fit, panels[:3])


def test_the_series_with_its_maxima(floods):
    ax = plots.series(floods)
    assert legend(ax) == ["30 block maxima", "1 left out"]
    line, kept, crossed = ax.lines
    np.testing.assert_array_equal(kept.get_ydata(), floods.values)
    np.testing.assert_array_equal(crossed.get_ydata(), floods.dropped["value"])
    assert len(line.get_ydata()) > len(kept.get_ydata())
    assert picture(ax).std() > 0.02


def test_the_series_of_undated_values_and_of_maxima_alone():
    undated = block_maxima(np.sin(np.arange(1000.0)), 100, kind="min")
    ax = plots.series(undated)
    assert ax.get_xlabel() == "observation"
    assert legend(ax) == ["10 block minima"]
    assert picture(ax).std() > 0.02


def test_a_long_series_is_thinned_for_drawing_only():
    values = np.random.default_rng(1).normal(size=200_000)
    extremes = block_maxima(values, 1000)
    line, kept = plots.series(extremes).lines
    assert len(line.get_ydata()) <= 4002
    assert line.get_ydata().max() == values.max()
    np.testing.assert_array_equal(kept.get_ydata(), values.reshape(-1, 1000).max(axis=1))


NASTY = "cost_of_$claims$ <script>alert(1)</script> & débit \\alpha^{2"


def test_names_and_units_are_plain_text(flow):
    nasty = flow.rename(NASTY)
    nasty.attrs["unit"] = "$/m^3_x 10$"
    extremes = block_maxima(nasty, "water-year")
    fitted = fit(extremes, "gumbel")
    panels = plots.diagnostics(fitted, title=NASTY)[0, 0]
    drawn = [plot(fitted, title=NASTY) for plot in ONE_PLOT] + [plots.series(extremes, title=NASTY), panels]
    for ax in drawn:
        buffer = io.BytesIO()
        ax.figure.savefig(buffer, format="svg")
        assert b"<script>" not in buffer.getvalue()
    panels.figure.savefig(buffer, format="pdf")
    assert picture(panels).std() > 0.02
    assert drawn[0].get_ylabel().replace("\n", " ").replace(r"\$", "$") == f"{NASTY} ($/m^3_x 10$)"


def test_long_titles_and_names_stay_inside_the_figure(flow):
    long = block_maxima(flow.rename("a very long name of a gauging station " * 10), "water-year")
    fitted = fit(long, "gumbel")
    for ax in [
        plots.return_level(fitted, title="word " * 100),
        plots.qq(fitted, title="x" * 500),
        plots.density(fitted),
    ]:
        ax.figure.draw_without_rendering()
        figure = ax.figure.bbox
        for text in (ax.xaxis.label, ax.yaxis.label, ax._left_title):
            box = text.get_window_extent()
            assert figure.x0 <= box.x0
            assert box.x1 <= figure.x1
            assert figure.y0 <= box.y0
            assert box.y1 <= figure.y1
        assert ax.get_window_extent().height > 0.5 * figure.height
    assert plots.return_level(fitted).get_ylabel().endswith("(m3/s)")


def test_many_figures_do_not_warn(small_fit):
    with mpl.rc_context({"figure.max_open_warning": 3}):
        for _ in range(5):
            plots.return_level(small_fit)
    assert len(plt.get_fignums()) == 5


def test_nothing_is_shown_and_no_setting_changed(flood_fit, floods, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("a plot called show"))
    before = mpl.rcParams.copy()
    for plot in (*ONE_PLOT, plots.diagnostics):
        plot(flood_fit)
    plots.series(floods)
    assert mpl.rcParams == before


@pytest.mark.parametrize("plot", [*ONE_PLOT, plots.diagnostics])
def test_a_batch_is_refused_before_a_figure_is_made(plot):
    batch = fit(np.array([[3.1, 4.4, 3.9, 5.2], [1.0, 2.5, 2.0, 4.0]]), "gumbel")
    with pytest.raises(ArgumentError, match=r"a plot shows one series.*index one series first"):
        plot(batch)
    assert plt.get_fignums() == []


def test_labels_of_a_return_level_plot_do_not_collide(any_fit):
    ax = plots.return_level(any_fit)
    (above,) = ax.child_axes
    ax.figure.draw_without_rendering()
    for axis in (ax.xaxis, above.xaxis):
        boxes = sorted(
            (label.get_window_extent() for label in axis.get_ticklabels() if label.get_text()), key=lambda box: box.x0
        )
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_large_levels_stand_beside_their_axis_in_full() -> None:
    ax = plots.return_level(fit(GEV(1.0e6, 2.0e5, 0.1).rvs(60, rng=1)))
    ax.figure.canvas.draw()
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert "1,500,000" in labels
    assert ax.yaxis.get_offset_text().get_text() == ""
    below = plots.return_level(fit(GEV(-1.0e4, 2.0e3, 0.1).rvs(60, rng=1)))
    below.figure.canvas.draw()
    assert "\N{MINUS SIGN}10,000" in [label.get_text() for label in below.get_yticklabels()]
    density = plots.density(fit(GEV(1.0e9, 2.0e8, 0.1).rvs(60, rng=1)))
    density.figure.canvas.draw()
    assert "10^" in density.yaxis.get_offset_text().get_text()
