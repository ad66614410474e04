"""The figures: each function draws one plot on Axes and returns them; what it draws comes from ``points``.

Nothing is shown and no global setting is changed. Those of peaks and thresholds stand in ``thresholds``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from evstats.bulletin.frequency import asked_of
from evstats.errors import ArgumentError
from evstats.estimators import Regression
from evstats.extremes.records import Extremes
from evstats.habits import knowing_their_names
from evstats.models.covariates import TIME_OF_YEAR, YEAR
from evstats.plots import risk_levels
from evstats.plots.canvas import (
    EXTREMES,
    FITTED,
    GRID,
    LEFT_OUT,
    OBSERVED,
    QUIET,
    RUG,
    SIZES,
    TEXT,
    Corner,
    add_headroom,
    certainty,
    draw_band,
    draw_threshold,
    drawing,
    finish,
    in_two,
    in_unit,
    label_times,
    marker_size,
    new_axes,
    of_blocks,
    plain,
    quantity_of,
    quieten_above,
    styled,
    titled,
    with_unit,
    wrapped,
)
from evstats.plots.moving import residuals, trend
from evstats.plots.moving_points import two_states
from evstats.plots.paper import (
    GumbelScale,
    GumbelTransform,
    add_probability_axis,
    period_of_probability,
    probability_of_period,
)
from evstats.plots.points import (
    density_points,
    exceeding_points,
    extreme_points,
    histogram_points,
    paper_of,
    pp_points,
    qq_points,
    reach_of,
    return_level_curve,
    return_level_points,
    series_points,
)
from evstats.plots.samples import one_series, refuse_batch, threshold_of
from evstats.reading.units import of_differences
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number, percent

if TYPE_CHECKING:
    from evstats.bulletin import Bulletin17C
    from evstats.fitting import Fit
    from evstats.intervals import Interval

#: What is above the paper, by whether small values are extreme and whether the data are undated.
_PROBABILITIES = {
    (False, False): "annual exceedance probability (AEP)",
    (False, True): "exceedance probability of a block",
    (True, False): "annual non-exceedance probability",
    (True, True): "non-exceedance probability of a block",
}

#: The share of the height of a figure of two states that the legend leaves free, where an event is drawn.
_BELOW_LEGEND = 0.66


@styled()
@drawing("Fit", "Bulletin17C")
@knowing_their_names
def return_level(
    fit: Fit | Bulletin17C,
    ax: Axes | None = None,
    *,
    longest: float | None = None,
    at: Any = None,
    interval: str | Interval | None = None,
    confidence: float | None = None,
    a: float | str = 0.44,
    color: str = FITTED,
    label: str | None = None,
    title: str | None = None,
    curve: pd.DataFrame | None = None,
) -> Axes:
    """Draw return levels with their interval and the observations on Gumbel probability paper.

    A Gumbel distribution is a straight line, a GEV with positive shape bends upwards. Return periods are below,
    annual exceedance probabilities above. For minima the level is the T-year minimum. The curve is dashed beyond three
    record lengths, where it rests on the family and no longer on the data.

    Return periods of peaks over a threshold count events, so T is spaced by its logarithm, which is Gumbel paper for
    events that may come at any time: exponential excesses are a straight line that leaves the threshold at the mean
    time between peaks. Above are the probabilities that a year brings such an event, 1 - exp(-1/T).

    Parameters
    ----------
    fit
        The fit of one series, or what ``bulletin17c`` returns.
    ax
        Axes to draw on; a new figure if None. Call twice with the same Axes to lay one fit over another. The first one
        decides what return periods count: maxima over peaks, and peaks over maxima, stand at their annual probability.
    longest
        Where the curve ends, in the fit's time unit; three record lengths, but at least 100, if None.
    at
        With covariates, the state of them: levels as if it stayed, and the observations moved to it.
    interval, confidence
        As in ``fit.return_level``; of Bulletin 17C 90 % if None.
    a
        Plotting position of the observations, a number or a name; see :func:`plotting_positions`.
    color
        Of the curve and its band.
    label
        What the curve is called in the legend; family and method if None.
    title
        Replaces the title that names the blocks or the threshold.
    curve
        From :func:`return_level_curve`, where it is at hand, instead of ``longest``, ``interval`` and
        ``confidence``.

    Returns
    -------
    Axes
        The data are in :func:`return_level_points` and :func:`return_level_curve`.

    Raises
    ------
    ArgumentError
        The fit holds a batch, or an argument is out of range.

    References
    ----------
    - Coles (2001), sections 2.6.7, 3.3.4 and 4.3.3.
    - Of peaks Langbein (1949), Transactions of the American Geophysical Union 30, 879-881.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), "gumbel")
    >>> ax = ev.plots.return_level(fit)
    """
    fit, confidence = asked_of(fit, confidence)
    points = return_level_points(fit, a, at=at)
    if curve is None:
        curve = return_level_curve(fit, longest, at=at, interval=interval, confidence=confidence)
    ax = new_axes(ax, "return_level")
    paper, first = _paper_on(ax, fit)
    points, curve = _on(paper, fit, points), _on(paper, fit, curve.reset_index()).set_index("return_period")
    if not ax.child_axes and fit.time_unit != "observations":
        _label_probabilities(ax, fit)
    reached = np.searchsorted(curve.index, _periods_on(paper, fit, reach_of(fit)) * (1.0 + 1e-9))
    label = label or f"{_model(fit)}{'' if at is None else f', at {_said(dict(at))}'}"
    ax.plot(curve["estimate"].iloc[:reached], color=color, label=plain(label), zorder=3)
    ax.plot(curve["estimate"].iloc[reached - 1 :], "--", color=color, zorder=3)
    _draw_interval(ax, curve, points["value"], color)
    noun = f"{_values(fit)}{'' if at is None else ' moved to it'}"
    drawn = _draw_points(ax, points, "return_period", "value", noun, OBSERVED if first else color)
    if first and fit.estimation.design.bounded:
        known = points[points["lower"] < points["upper"]]
        ax.vlines(known["return_period"], known["lower"], known["upper"], color=OBSERVED, lw=1.2)
        _draw_exceeding(ax, _on(paper, fit, exceeding_points(fit, a, at=at)), fit.family.minima)
    if drawn and first:
        _name_largest(ax, points)
    if fit.of_peaks:
        draw_threshold(ax, threshold_of(fit), fit.unit)
    counting = ", counting events" if fit.of_peaks else ""
    ax.set(xlabel=f"return period T ({fit.time_unit}{counting})" if first else ax.get_xlabel(), ylabel=quantity_of(fit))
    corner: Corner = "lower left" if fit.family.minima else "upper left"
    return finish(ax, title or titled("Return levels", fit), corner)


@styled()
@drawing("Fit")
@knowing_their_names
def then_and_now(
    fit: Fit,
    ax: Axes | None = None,
    *,
    now: Any = None,
    then: Any = None,
    event: float | None = None,
    longest: float | None = None,
    interval: str | Interval | None = None,
    confidence: float = 0.95,
    a: float | str = 0.44,
    title: str | None = None,
) -> Axes:
    """Draw the return levels in two states of the covariates, with their intervals, on one Gumbel probability paper.

    The observations are moved to either state: each keeps its residual on the standard Gumbel scale, as in attribution
    studies.

    Parameters
    ----------
    fit
        The fit of one series with covariates.
    ax
        Axes to draw on; a new figure if None.
    now, then
        The states, each a mapping of names to numbers or a Series; those that ``Fit.change`` compares if
        None.
    event
        A level to draw across.
    longest, interval, confidence, a
        As in :func:`return_level`.
    title
        Replaces the title that names the blocks.

    Returns
    -------
    Axes
        The data are in ``return_level_points(fit, at=now)`` and ``return_level_curve(fit, at=now)``, and so for
        ``then``.

    Raises
    ------
    ArgumentError
        A fit without covariates, a batch; a state that is none, or two that are the same.

    References
    ----------
    - Philip et al. (2020), Advances in Statistical Climatology, Meteorology and Oceanography 6, 177-203.

    Examples
    --------
    >>> import evstats as ev
    >>> import pandas as pd
    >>> floods = pd.Series(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), index=range(1981, 2021))
    >>> warming = pd.Series([0.03 * i for i in range(40)], index=floods.index, name="gmst")
    >>> fit = ev.fit(floods, "gumbel", loc="gmst", covariates=warming)
    >>> ax = ev.plots.then_and_now(fit, now={"gmst": 1.2}, then={"gmst": 0.1}, event=160.0)
    """
    before, after = two_states(fit)
    now, then = dict(after if now is None else now), dict(before if then is None else then)
    if now == then:
        raise ArgumentError(
            Text(Setting("now"), " and ", Setting("then"), " are the same state"), "give two that differ."
        )
    ax = new_axes(ax, "return_level")
    options: Any = {"longest": longest, "interval": interval, "confidence": confidence, "a": a}
    assert isinstance(fit.estimation, Regression), "it has two states"
    timed = fit.estimation.predictors.go_with_time
    for word, at, color in (("now", now, LEFT_OUT), ("then", then, FITTED)):
        return_level(fit, ax, at=at, color=color, label=f"{word}: {_said(at)}" if timed else _said(at), **options)
    _in_one_legend(ax, (LEFT_OUT, FITTED))
    if event is not None:
        label = f"event {plain(with_unit(event, fit.unit))}"
        ax.axhline(event, color=OBSERVED, linewidth=0.9, linestyle=(0, (5, 2, 1, 2)), label=label)
        ax.autoscale_view()
        low, high = ax.get_ylim()
        if (share := (event - low) / (high - low) / _BELOW_LEGEND - 1.0) > 0.0:
            add_headroom(ax, share=share)
    corner: Corner = "upper right" if fit.family.minima else "upper left"
    what = "Return levels then and now" if timed else "Return levels in two states"
    return finish(ax, title or titled(what, fit), corner)


@styled()
@drawing("Fit")
@knowing_their_names
def qq(
    fit: Fit,
    ax: Axes | None = None,
    *,
    a: float | str = 0.44,
    confidence: float = 0.95,
    title: str | None = None,
) -> Axes:
    """Draw observed against fitted quantiles; where the family holds, the points keep to the diagonal.

    Parameters
    ----------
    fit
        The fit of one series.
    ax
        Axes to draw on; a new figure if None.
    a
        Plotting position, a number or a name; see :func:`plotting_positions`.
    confidence
        Coverage of the shaded range of each order statistic under the fitted distribution.
    title
        Replaces the title.

    Returns
    -------
    Axes
        The data are in :func:`qq_points`.

    Raises
    ------
    ArgumentError
        The fit holds a batch, or an argument is out of range.

    References
    ----------
    - Coles (2001), section 2.6.7.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), "gumbel")
    >>> ax = ev.plots.qq(fit, a="weibull")
    """
    points = qq_points(fit, a, confidence)
    ax = new_axes(ax, "qq")
    _draw_agreement(ax, points, "model", "value", confidence, _standing(fit))
    if fit.has_covariates:
        ax.set(xlabel="standard Gumbel quantile", ylabel="residual")
    else:
        ax.set(xlabel=f"fitted {fit.family.label} quantile{in_unit(fit.unit)}", ylabel=f"observed {quantity_of(fit)}")
    return finish(ax, title or titled("Quantiles", fit), "upper left")


@styled()
@drawing("Fit")
@knowing_their_names
def pp(
    fit: Fit,
    ax: Axes | None = None,
    *,
    a: float | str = 0.44,
    confidence: float = 0.95,
    title: str | None = None,
) -> Axes:
    """Draw fitted against empirical probabilities; where the family holds, the points keep to the diagonal.

    Parameters
    ----------
    fit, ax, a, confidence, title
        As in :func:`qq`.

    Returns
    -------
    Axes
        Both from 0 to 1. The data are in :func:`pp_points`.

    Raises
    ------
    ArgumentError
        The fit holds a batch, or an argument is out of range.

    References
    ----------
    - Coles (2001), section 2.6.7.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), "gumbel")
    >>> ax = ev.plots.pp(fit)
    """
    points = pp_points(fit, a, confidence)
    ax = new_axes(ax, "pp")
    _draw_agreement(ax, points, "probability", "model", confidence, _standing(fit))
    of = "probability of the residuals" if fit.has_covariates else f"fitted {fit.family.label} probability"
    ax.set(xlabel="empirical non-exceedance probability", ylabel=of)
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    return finish(ax, title or titled("Probabilities", fit), "upper left")


@styled()
@drawing("Fit")
@knowing_their_names
def density(fit: Fit, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Draw the fitted density over the histogram of the observations, each of them a tick below if they are few.

    Parameters
    ----------
    fit
        The fit of one series.
    ax
        Axes to draw on; a new figure if None.
    title
        Replaces the title.

    Returns
    -------
    Axes
        The data are in :func:`density_points` and :func:`histogram_points`.

    Raises
    ------
    ArgumentError
        The fit holds a batch.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), "gumbel")
    >>> ax = ev.plots.density(fit)
    """
    curve, bars = density_points(fit), histogram_points(fit)
    ax = new_axes(ax, "density")
    width = bars["right"] - bars["left"]
    label = f"{bars['count'].sum()} {_values(fit)}"
    if len(bars):
        ax.bar(bars["left"], bars["density"], width, align="edge", color="#D9D9D9", edgecolor="white", label=label)
    ax.plot(curve["value"], curve["density"], color=FITTED, label=_model(fit), zorder=3)
    if bars["count"].sum() <= RUG:
        _draw_rug(ax, one_series(fit))
    ax.set(xlabel=quantity_of(fit), ylabel=f"density{in_unit(of_differences(fit.unit), 'per {}')}")
    add_headroom(ax, bottom=0.0)
    corner: Corner = "upper left" if fit.family.minima else "upper right"
    return finish(ax, title or titled("Density", fit), corner)


@styled()
@drawing("Fit")
@knowing_their_names
def diagnostics(
    fit: Fit,
    axes: Sequence[Axes] | NDArray[np.object_] | None = None,
    *,
    interval: str | Interval | None = None,
    confidence: float = 0.95,
    a: float | str = 0.44,
    title: str | None = None,
    curve: pd.DataFrame | None = None,
    tail: bool = False,
) -> NDArray[np.object_]:
    """Draw the four plots by which a fit is judged: probabilities, quantiles, return levels and density.

    With covariates the residuals, which are standard Gumbel if the fit is true: their probabilities and quantiles, and
    they themselves over time and over the first covariate beside the year; where there is none, the levels that move.

    Parameters
    ----------
    fit
        The fit of one series.
    axes
        Four Axes in any shape; a new figure if None.
    interval, confidence, a, curve
        As in :func:`return_level`.
    title
        Replaces the title of the new figure.
    tail
        Of peaks, such as losses, draw the tail in place of the return levels.

    Returns
    -------
    NDArray[np.object_]
        The Axes in an array of shape (2, 2).

    Raises
    ------
    ArgumentError
        The fit holds a batch, or ``axes`` are not four.

    References
    ----------
    - Coles (2001), section 3.3.4 and figure 3.4.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), "gumbel")
    >>> ev.plots.diagnostics(fit)[0, 0].figure.savefig("diagnostics.png")
    """
    refuse_batch(fit)
    panels = _panels(axes, diagnostics_title(fit, title))
    top, bottom = panels
    pp(fit, top[0], a=a, confidence=confidence, title="Probabilities")
    qq(fit, top[1], a=a, confidence=confidence, title="Quantiles")
    if fit.has_covariates:
        _draw_residuals(fit, bottom, interval, confidence)
        return panels
    draw, name = (risk_levels.value_at_risk, "Tail") if tail else (return_level, "Return levels")
    draw(fit, bottom[0], interval=interval, confidence=confidence, a=a, title=name, curve=curve)
    density(fit, bottom[1], title="Density")
    return panels


@styled()
@knowing_their_names
def series(extremes: Extremes, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Draw the series with its block maxima (or minima) marked, and those of the blocks left out crossed.

    Only the line is thinned, to what can be seen; gaps stay open.

    Parameters
    ----------
    extremes
        Block maxima or minima, as from ``block_maxima``.
    ax
        Axes to draw on; a new figure if None.
    title
        Replaces the title that names the blocks.

    Returns
    -------
    Axes
        The data are in :func:`series_points` and :func:`extreme_points`.

    Raises
    ------
    ArgumentError
        What is no block maxima.

    Examples
    --------
    >>> import evstats as ev
    >>> import pandas as pd
    >>> days = pd.date_range("2001-01-01", periods=2_000)
    >>> flow = pd.Series(ev.Gumbel(20.0, 9.0).rvs(2_000, rng=1), index=days)
    >>> ax = ev.plots.series(ev.block_maxima(flow, "year"))
    """
    if not isinstance(extremes, Extremes):
        raise ArgumentError(
            f"block maxima or minima are drawn here, and this is {type(extremes).__name__}",
            "give what block_maxima(...) returns; peaks over a threshold are drawn by plots.peaks(...).",
        )
    line, marked = series_points(extremes), extreme_points(extremes)
    ax = new_axes(ax, "series")
    kept = marked["reason"].isna()
    if extremes.series is not None:
        ax.plot(line["time"], line["value"], color="#8FA9BC", linewidth=0.5)
    known = kept & marked["value"].notna()
    label = f"{known.sum()} block {EXTREMES[extremes.kind]}"
    ax.plot(marked["time"][known], marked["value"][known], "o", ms=marker_size(known.sum()), color=FITTED, label=label)
    if extremes.lower is not None:
        _draw_bounds(ax, marked[kept], extremes)
    if not kept.all():
        label = f"{(~kept).sum()} left out"
        ax.plot(marked["time"][~kept], marked["value"][~kept], "x", ms=5.5, mew=1.4, color=LEFT_OUT, label=label)
    label_times(ax, extremes)
    ax.set_ylabel(quantity_of(extremes))
    ax.margins(x=0.02)
    add_headroom(ax, share=0.15 if extremes.lower is None else 0.4)
    return finish(ax, title or f"Series: {of_blocks(extremes)}", "upper left", columns=2)


def _draw_bounds(ax: Axes, known: pd.DataFrame, extremes: Extremes) -> None:
    """Extremes known by bounds: bars between two, arrowheads at one, and the level of perception of a history."""
    lower, upper, watched = known["lower"], known["upper"], np.isfinite(known["perception"])
    between = np.isfinite(lower) & np.isfinite(upper) & (lower < upper)
    if between.any():
        label = f"{between.sum()} between two bounds"
        ax.vlines(known["time"][between], lower[between], upper[between], color=FITTED, lw=2.0, label=label)
    sides = {"greater": ("^", lower, np.isposinf(upper)), "less": ("v", upper, np.isneginf(lower))}
    unseen = "greater" if extremes.of_minima else "less"
    for side, (marker, bound, open_end) in sides.items():
        there = open_end & np.isfinite(bound) & (~watched if side == unseen else True)
        if there.any():
            label = f"{there.sum()} known to be {side}"
            if extremes.counted and side != unseen:
                label += f", {extremes.counted} in a year not known"
            ax.plot(known["time"][there], bound[there], marker, ms=6.0, color=FITTED, label=label)
    for level, years in known[watched].groupby("perception"):
        ends = years["time"].iloc[[0, -1]]
        label = f"level of perception {plain(with_unit(float(level), extremes.unit))}"
        ax.plot(ends, [level, level], color=QUIET, lw=0.9, ls=(0, (5, 2, 1, 2)), label=label, zorder=1)


# -- what several figures draw -----------------------------------------------------------------------------------------


def _draw_residuals(fit: Fit, panels: NDArray[np.object_], interval: str | Interval | None, confidence: float) -> None:
    """Over time, and over a covariate or beside the levels that move with time."""
    residuals(fit, panels[0], title="Residuals in the order of time")
    names = [str(name) for name in fit.covariates.columns if name not in (YEAR, TIME_OF_YEAR)]
    if names:
        residuals(fit, panels[1], over=names[0], title=f"Residuals over {names[0]}")
    else:
        trend(fit, panels[1], interval=interval, confidence=confidence, title="Return levels that move")


def _draw_interval(ax: Axes, curve: pd.DataFrame, observed: pd.Series, color: str) -> None:
    """The interval of the return levels, or the word in the legend that there is none."""
    label = certainty(curve)
    known = curve.dropna()
    if known.empty:
        ax.plot([], [], " ", label=f"{label}: not available")
        return
    draw_band(ax, known.reset_index(), "return_period", np.append(curve["estimate"], observed), label, color)


def _draw_agreement(ax: Axes, points: pd.DataFrame, x: str, y: str, confidence: float, noun: str) -> None:
    """The diagonal of perfect agreement, the range that order statistics keep to, and the points."""
    both = points[[x, y]].to_numpy()
    ax.axline((both.min(), both.min()), slope=1.0, color=FITTED, label="agreement", zorder=3)
    draw_band(ax, points, x, both, f"{percent(confidence)} range of each point under the fit", FITTED)
    _draw_points(ax, points, x, y, noun)


def _draw_points(ax: Axes, points: pd.DataFrame, x: str, y: str, noun: str, edge: str = OBSERVED) -> bool:
    """The observations as open circles, their plotting position named in the legend; whether they were drawn.

    Where another fit of the same data is laid on top, they are there already.
    """
    if any(np.array_equal(line.get_xydata(), points[[x, y]]) for line in ax.lines):
        return False
    label = in_two(f"{len(points)} {noun}", f"({points.attrs['plotting_position']})")
    size = marker_size(len(points))
    ax.plot(points[x], points[y], "o", ms=size, mfc="white", mec=edge, mew=0.8, label=label, zorder=4)
    return True


#: Where on the axis stands what has no place on probability paper.
_EDGE = 0.012


def _draw_exceeding(ax: Axes, points: pd.DataFrame, minima: bool) -> None:
    """Arrowheads at what is known only to be more extreme; what every block passes, of T = 1, at the edge."""
    if points.empty:
        return
    label = f"{len(points)} known to be {'less' if minima else 'greater'}"
    look: dict[str, Any] = {
        "marker": "v" if minima else "^",
        "s": marker_size(len(points)) ** 2,
        "color": OBSERVED,
        "zorder": 4,
    }
    placed = np.isfinite(ax.xaxis.get_transform().transform(points["return_period"].to_numpy()))
    ax.scatter(points["return_period"][placed], points["value"][placed], label=label, **look)
    beside = np.full(np.count_nonzero(~placed), _EDGE)
    ax.scatter(beside, points["value"][~placed], transform=ax.get_yaxis_transform(), **look)


def _name_largest(ax: Axes, points: pd.DataFrame) -> None:
    """The block or the day of the most extreme observation, where it is known, beside its point."""
    largest = points.iloc[points["return_period"].argmax()]
    if "block" in points:
        text = plain(str(largest["block"]))
    elif "date" in points:
        text = f"{largest['date']:%Y-%m-%d}"
    else:
        return
    place = largest["return_period"], largest["value"]
    low, high = ax.get_ylim()
    beside, va = ((-5, 0), "center") if largest["value"] > high - 0.08 * (high - low) else ((-4, 3), "bottom")
    ax.annotate(text, place, beside, textcoords="offset points", ha="right", va=va, fontsize=TEXT - 1, zorder=5)


def _draw_rug(ax: Axes, values: NDArray[np.float64]) -> None:
    """One tick per observation along the bottom."""
    bottom = np.zeros(len(values))
    ax.plot(values, bottom, "|", ms=9, mew=0.8, color=OBSERVED, transform=ax.get_xaxis_transform(), clip_on=False)


# -- Axes, labels and legends ------------------------------------------------------------------------------------------


def _panels(axes: Sequence[Axes] | NDArray[np.object_] | None, title: str) -> NDArray[np.object_]:
    """Four Axes in two rows, of a new titled figure if none are given."""
    if axes is not None:
        given = np.asarray(axes, dtype=object)
        if given.size != 4:
            raise ArgumentError(f"diagnostics draws on four Axes, not {given.size}; plt.subplots(2, 2)[1] makes them.")
        return given.reshape(2, 2)
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(2, 2, figsize=SIZES["diagnostics"], layout="constrained")
    figure.suptitle(title, x=0.012, ha="left", fontsize=TEXT + 2)
    return np.asarray(panels)


def _in_one_legend(ax: Axes, colors: Sequence[str]) -> None:
    """What both states have is named once, and the points of each have its colour."""
    circles = [line for line in ax.lines if line.get_marker() == "o"]
    for line, color in zip(circles, colors, strict=True):
        line.set_markeredgecolor(color)
    named = set[str]()
    for artist, label in zip(*ax.get_legend_handles_labels(), strict=True):
        artist.set_label("" if label in named else label)
        named.add(label)


def _said(at: Mapping[str, Any]) -> str:
    """``"year = 2020"``."""
    return ", ".join(f"{name} = {value if isinstance(value, str) else number(value, 6)}" for name, value in at.items())


def _model(fit: Fit) -> str:
    """``"Gumbel, maximum likelihood"``."""
    return f"{fit.family.label}, {fit.method.label}"


def _standing(fit: Fit) -> str:
    """What the points of one distribution are called."""
    return "residuals" if fit.has_covariates else _values(fit)


def _values(fit: Fit) -> str:
    """What the values are called."""
    return "peaks" if fit.of_peaks else "observations"


def diagnostics_title(fit: Fit, title: str | None = None) -> str:
    """What stands above the four plots by which a fit is judged."""
    return wrapped(title or titled(f"{fit.name}, {_model(fit)}", fit), 0.9 * SIZES["diagnostics"][0])


def _paper_on(ax: Axes, fit: Fit) -> tuple[GumbelTransform, bool]:
    """The paper on the Axes, that of the first fit drawn there, and whether this is the first."""
    there = ax.xaxis.get_transform()
    if isinstance(there, GumbelTransform) and ax.lines:
        return there, False
    paper = paper_of(fit)
    ax.set_xscale(GumbelScale.name, blocks_per_year=paper.blocks_per_year)
    return paper, True


def _on(paper: GumbelTransform, fit: Fit, table: pd.DataFrame) -> pd.DataFrame:
    """The table with the return periods that the paper counts."""
    return table.assign(return_period=_periods_on(paper, fit, table["return_period"].to_numpy()))


def _periods_on(paper: GumbelTransform, fit: Fit, periods: Any) -> Any:
    """The return periods on the paper of the levels with these annual exceedance probabilities."""
    own, other = paper_of(fit).blocks_per_year, paper.blocks_per_year
    return periods if own == other else period_of_probability(probability_of_period(periods, own), other)


def _label_probabilities(ax: Axes, fit: Fit) -> None:
    """Annual exceedance probabilities above the paper; those of a block where data are undated."""
    above = add_probability_axis(ax)
    above.set_xlabel(_PROBABILITIES[fit.family.minima, fit.blocks_per_year is None])
    quieten_above(above)


__all__ = [
    "FITTED",
    "GRID",
    "LEFT_OUT",
    "OBSERVED",
    "QUIET",
    "SIZES",
    "density",
    "diagnostics",
    "diagnostics_title",
    "pp",
    "qq",
    "return_level",
    "series",
    "then_and_now",
]
