"""Plots of fits with covariates: levels that move, two states on one paper, and residuals."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.dates import date2num

import evstats as ev
from evstats import plots
from evstats.errors import ArgumentError

YEARS = np.arange(1961, 2011)
GMST = (YEARS - 1961.0) / 50.0 + 0.1 * np.sin(YEARS)
HEAT = ev.GEV(30.0, 3.0, -0.1).rvs(50, rng=5) + 4.0 * GMST
OTHER = {"now": {"gmst": 1.2}, "then": {"gmst": 0.0}}


@pytest.fixture(scope="module")
def warm() -> ev.Fit:
    """Annual maxima, known by their years, that follow a covariate."""
    series = pd.Series(HEAT, index=YEARS, name="heat")
    return ev.fit(series, "gev", loc="gmst", covariates=pd.DataFrame({"gmst": GMST}, index=YEARS))


@pytest.fixture(scope="module")
def dated() -> ev.Fit:
    """Annual maxima of daily values, over which location and scale follow the year; one block is left out."""
    days = pd.date_range("1961-01-01", "2010-12-31", freq="D")
    values = ev.Gumbel(20.0, 2.0).rvs(len(days), rng=2) + 0.05 * (days.year - 1961)
    record = pd.Series(values, index=days, name="heat")
    return ev.fit(ev.block_maxima(record, "year"), "gev", loc="year", scale="year", exclude=2003)


@pytest.fixture(scope="module")
def low() -> ev.Fit:
    """The mirror image of the first: minima that fall."""
    series = pd.Series(-HEAT, index=YEARS, name="cold")
    return ev.fit(series, "gev-min", loc="gmst", covariates=pd.DataFrame({"gmst": GMST}, index=YEARS))


def legend(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def line(ax: Axes, label: str) -> Any:
    return next(each for each in ax.lines if str(each.get_label()).startswith(label))


def band(ax: Axes, place: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The lower and the upper edge of a band, from left to right."""
    outline = ax.collections[place].get_paths()[0].vertices[:-1]
    half = len(outline) // 2
    return outline[:half, 1], outline[half:, 1][::-1]


def drawn(ax: Axes) -> None:
    ax.figure.savefig(io.BytesIO(), format="png")


# -- levels that move --------------------------------------------------------------------------------------------------


def test_levels_move_as_the_fit_says(warm: ev.Fit) -> None:
    ax = plots.trend(warm, levels=[10, 100])
    states = pd.DataFrame({"gmst": GMST})
    table = warm.return_level([10, 100], at=states)
    for period in (10.0, 100.0):
        level = line(ax, f"{period:g}-year level")
        np.testing.assert_allclose(level.get_xdata(), YEARS)
        np.testing.assert_allclose(level.get_ydata(), table.xs(period, level=1)["estimate"], rtol=1e-10)
    lower, upper = band(ax)
    highest = table.xs(100.0, level=1)
    np.testing.assert_allclose(lower, highest["lower"], rtol=1e-10)
    np.testing.assert_allclose(upper, highest["upper"], rtol=1e-10)
    np.testing.assert_allclose(line(ax, "50 observations").get_xydata(), np.column_stack([YEARS, HEAT]))
    assert ax.get_xlabel() == "year"
    drawn(ax)


def test_levels_over_a_covariate_are_in_its_order(warm: ev.Fit) -> None:
    ax = plots.trend(warm, over="gmst")
    x, y = line(ax, "100-year level").get_data()
    np.testing.assert_allclose(x, np.sort(GMST))
    np.testing.assert_allclose(np.diff(y) / np.diff(x), warm.params.loc["loc:gmst", "estimate"], rtol=1e-6)
    assert ax.get_xlabel() == "gmst"
    with pytest.raises(ArgumentError, match=r"unknown covariate 'gmts'; known: 'gmst'\. Did you mean 'gmst'\?"):
        plots.trend(warm, over="gmts")


def test_dated_blocks_stand_at_their_middle_and_those_left_out_are_crossed(dated: ev.Fit) -> None:
    ax = plots.trend(dated)
    middle = date2num(np.datetime64("2003-07-02T12"))
    assert dated.extremes is not None
    value = dated.extremes.values[list(dated.extremes.blocks).index(2003)]
    np.testing.assert_allclose(line(ax, "1 left out of the fit").get_xydata(), [[middle, value]])
    x, y = line(ax, "100-year level").get_data()
    assert len(x) == 50
    there = dated.return_level([100], at={"year": 2003})["estimate"].item()
    assert y[list(x).index(middle)] == pytest.approx(there, rel=1e-10)
    drawn(ax)


def test_undated_values_are_drawn_over_the_covariate() -> None:
    fit = ev.fit(HEAT, "gev", loc="gmst", covariates={"gmst": GMST})
    ax = plots.trend(fit, levels=[50])
    assert ax.get_xlabel() == "gmst"
    assert legend(ax)[0] == "50-block level"
    by_array = ev.fit(HEAT, "gev", loc=GMST)
    np.testing.assert_allclose(
        line(plots.trend(by_array, levels=[50]), "50-block").get_ydata(),
        line(ax, "50-block").get_ydata(),
        rtol=1e-7,
    )


# -- two states --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fit", ["warm", "low"])
def test_two_states_are_drawn_as_the_fit_answers_in_them(fit: str, request: pytest.FixtureRequest) -> None:
    own: ev.Fit = request.getfixturevalue(fit)
    event = 38.0 if fit == "warm" else -38.0
    ax = plots.then_and_now(own, **OTHER, event=event, longest=200.0)
    for place, (word, state) in enumerate(OTHER.items()):
        curve = line(ax, word)
        table = own.return_level(curve.get_xdata(), at=state)
        np.testing.assert_allclose(curve.get_ydata(), table["estimate"], rtol=1e-10)
        lower, upper = band(ax, place)
        table = own.return_level(plots.return_level_curve(own, 200.0, at=state).index, at=state)
        np.testing.assert_allclose(lower, table["lower"], rtol=1e-10)
        np.testing.assert_allclose(upper, table["upper"], rtol=1e-10)
    assert line(ax, "event").get_ydata()[0] == event
    assert ax.get_ylim()[0] < event < ax.get_ylim()[1]
    assert sum("observations" in text for text in legend(ax)) == 1
    drawn(ax)


def test_observations_are_moved_by_what_the_location_moves(warm: ev.Fit) -> None:
    moved = plots.return_level_points(warm, at={"gmst": 1.2}).sort_index()["value"]
    slope = warm.params.loc["loc:gmst", "estimate"]
    np.testing.assert_allclose(moved, HEAT + slope * (1.2 - GMST), rtol=1e-9)


def test_observations_keep_their_probability_where_the_scale_moves_too(dated: ev.Fit) -> None:
    points = plots.return_level_points(dated, at={"year": 2010}).sort_index()
    own = dated.distribution.cdf(dated.values)
    np.testing.assert_allclose(dated.at(year=2010).cdf(points["value"]), own[~np.isnan(own)], rtol=1e-9)
    assert 2003 not in points["block"].tolist()


def test_states_are_those_of_the_last_and_the_first_block(dated: ev.Fit) -> None:
    assert [text for text in legend(plots.then_and_now(dated)) if "year =" in text] == [
        "now: year = 2010",
        "then: year = 1961",
    ]
    with pytest.raises(ArgumentError, match="now and then are the same state; give two that differ"):
        plots.then_and_now(dated, then={"year": 2010.0})


def test_a_plot_shows_one_state(warm: ev.Fit) -> None:
    with pytest.raises(ArgumentError, match="at holds several states, and a plot shows one"):
        plots.return_level(warm, at=pd.DataFrame({"gmst": [0.0, 1.0]}))
    with pytest.raises(ArgumentError, match="at is for fits with covariates"):
        plots.return_level(ev.fit(HEAT, "gumbel"), at={"gmst": 1.0})


# -- residuals ---------------------------------------------------------------------------------------------------------


def test_residuals_are_standard_gumbel(warm: ev.Fit, low: ev.Fit) -> None:
    points = plots.residual_points(warm)
    np.testing.assert_allclose(-np.log(-np.log(warm.distribution.cdf(HEAT))), points["residual"], rtol=1e-9)
    np.testing.assert_allclose(plots.residual_points(low)["residual"], points["residual"], rtol=1e-6)
    pp = plots.pp_points(warm).sort_index()
    np.testing.assert_allclose(pp["model"], warm.distribution.cdf(HEAT), rtol=1e-9)
    qq = plots.qq_points(warm)
    np.testing.assert_allclose(qq["model"], -np.log(-np.log(qq["probability"])), rtol=1e-9)


def test_diagnostics_show_residuals(warm: ev.Fit, dated: ev.Fit) -> None:
    panels = plots.diagnostics(warm).ravel()
    assert [ax.get_title(loc="left") for ax in panels] == [
        "Probabilities",
        "Quantiles",
        "Residuals in the order of time",
        "Residuals over gmst",
    ]
    np.testing.assert_allclose(line(panels[3], "residuals").get_xdata(), GMST)
    drawn(panels[0])
    of_year = plots.diagnostics(dated).ravel()
    assert of_year[3].get_title(loc="left") == "Return levels that move"
    assert len(line(of_year[2], "residuals").get_xdata()) == 49


def test_fits_without_covariates_and_batches_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"this fit has no covariates; fit with some, as in loc='year'"):
        plots.trend(ev.fit(HEAT, "gumbel"))
    both = ev.fit(np.stack([HEAT, HEAT[::-1]]), "gumbel", loc="gmst", covariates={"gmst": GMST})
    for draw in (plots.trend, plots.then_and_now, plots.residuals, plots.diagnostics):
        with pytest.raises(ArgumentError, match="holds a batch of shape"):
            draw(both)
