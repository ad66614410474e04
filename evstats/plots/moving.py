"""The figures of fits with covariates along time: levels that move, and residuals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from evstats.distributions import Gumbel
from evstats.habits import knowing_their_names
from evstats.plots.canvas import (
    BAND,
    FITTED,
    LEFT_OUT,
    OBSERVED,
    QUIET,
    add_headroom,
    certainty,
    draw_band,
    drawing,
    finish,
    marker_size,
    new_axes,
    on_axis,
    quantity_of,
    styled,
    titled,
)
from evstats.plots.moving_points import residual_points, trend_curve, trend_points
from evstats.text.numbers import number

if TYPE_CHECKING:
    from evstats.fitting import Fit
    from evstats.intervals import Interval

#: Lines of levels from the longest return period down.
_LINES: Sequence[Any] = ("-", (0, (6, 2)), (0, (2, 2)), (0, (6, 2, 1, 2)))

#: Inches from which on the legend of the levels has two columns.
_WIDE = 4.0


@styled()
@drawing("Fit")
@knowing_their_names
def trend(
    fit: Fit,
    ax: Axes | None = None,
    *,
    levels: ArrayLike = (2.0, 10.0, 100.0),
    over: str | None = None,
    interval: str | Interval | None = None,
    confidence: float = 0.95,
    title: str | None = None,
    curve: pd.DataFrame | None = None,
) -> Axes:
    """Draw the extremes over time with the effective return levels that move with the covariates.

    The interval is that of the highest of the levels. Where the model follows another covariate than time the levels
    wander with it. Blocks that were left out of the fit are crossed.

    Parameters
    ----------
    fit
        The fit of one series with covariates.
    ax
        Axes to draw on; a new figure if None.
    levels
        Return periods of the levels, in the fit's time unit.
    over
        Name of a covariate to draw them over; None for the time where the blocks have one.
    interval, confidence
        As in ``fit.return_level``.
    title
        Replaces the title that names the blocks.
    curve
        From :func:`trend_curve`, where it is at hand, instead of ``levels``, ``interval`` and ``confidence``.

    Returns
    -------
    Axes
        The data are in :func:`trend_points` and :func:`trend_curve`.

    Raises
    ------
    ArgumentError
        A fit without covariates, a batch, an unknown covariate.

    References
    ----------
    - Katz, Parlange and Naveau (2002), Advances in Water Resources 25, 1287-1304.

    Examples
    --------
    >>> import evstats as ev
    >>> import pandas as pd
    >>> floods = pd.Series(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), index=range(1981, 2021))
    >>> ax = ev.plots.trend(ev.fit(floods, "gumbel", loc="year"), levels=[2, 10, 100])
    """
    points = trend_points(fit, over=over)
    if curve is None:
        curve = trend_curve(fit, levels, over=over, interval=interval, confidence=confidence)
    ax = new_axes(ax, "trend")
    _draw_levels(ax, curve, points, fit.time_unit.removesuffix("s"))
    _draw_blocks(ax, points)
    ax.set_ylabel(quantity_of(fit))
    ax.margins(x=0.02)
    wide = ax.get_window_extent().width / ax.figure.dpi > _WIDE
    add_headroom(ax, share=0.25 if wide else 0.45)
    return finish(ax, title or titled("Return levels that move", fit), "upper left", columns=2 if wide else 1)


def _draw_blocks(ax: Axes, points: pd.DataFrame) -> None:
    """The extremes as open circles, those left out crossed."""
    x, fitted = on_axis(ax, points["place"], points.attrs["over"]), points["fitted"].to_numpy()
    size, label = marker_size(fitted.sum()), f"{fitted.sum()} observations"
    ax.plot(x[fitted], points["value"][fitted], "o", ms=size, mfc="white", mec=OBSERVED, mew=0.8, label=label, zorder=4)
    out = ~fitted & points["value"].notna().to_numpy()
    if out.any():
        label = f"{out.sum()} left out of the fit"
        ax.plot(x[out], points["value"][out], "x", ms=5.5, mew=1.4, color=LEFT_OUT, label=label, zorder=4)


def _draw_levels(ax: Axes, curve: pd.DataFrame, points: pd.DataFrame, unit: str) -> None:
    """The levels from the highest down, and the interval of that one."""
    core = pd.concat([curve["estimate"], points["value"].dropna()]).to_numpy(dtype=float)
    periods = sorted(curve["return_period"].unique(), reverse=True)
    for place, period in enumerate(periods):
        line = curve[curve["return_period"] == period]
        line = line.assign(x=on_axis(ax, line["place"], curve.attrs["over"]))
        style, width = _LINES[place % len(_LINES)], 1.8 if place == 0 else 1.2
        label = f"{number(period, 6)}-{unit} level"
        ax.plot(line["x"], line["estimate"], linestyle=style, linewidth=width, color=FITTED, label=label, zorder=3)
        if place == 0:
            _draw_interval(ax, line, curve, core)


def _draw_interval(ax: Axes, line: pd.DataFrame, curve: pd.DataFrame, core: NDArray[np.float64]) -> None:
    """The interval of the highest level, or the word in the legend that there is none."""
    label = f"its {certainty(curve)}"
    known = line.dropna(subset=["lower", "upper"])
    if known.empty:
        ax.plot([], [], " ", label=f"{label}: not available")
        return
    draw_band(ax, known, "x", core, label, FITTED)


@styled()
@drawing("Fit")
@knowing_their_names
def residuals(fit: Fit, ax: Axes | None = None, *, over: str | None = None, title: str | None = None) -> Axes:
    """Draw the residuals of a fit with covariates over time, or over a covariate.

    No trend is left in those of a true one.

    They are on the standard Gumbel scale; the range in which 95 % of them lie if the fit is true is shaded, and their
    local mean (LOWESS) keeps to that of a standard Gumbel, 0.577.

    Parameters
    ----------
    fit
        The fit of one series with covariates.
    ax
        Axes to draw on; a new figure if None.
    over
        Name of a covariate; None for the time.
    title
        Replaces the title.

    Returns
    -------
    Axes
        The data are in :func:`residual_points`.

    Raises
    ------
    ArgumentError
        A fit without covariates, a batch, an unknown covariate.

    References
    ----------
    - Coles (2001), section 6.2.3.
    - Cleveland (1979), Journal of the American Statistical Association 74, 829-836.

    Examples
    --------
    >>> import evstats as ev
    >>> import pandas as pd
    >>> floods = pd.Series(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), index=range(1981, 2021))
    >>> ax = ev.plots.residuals(ev.fit(floods, "gumbel", loc="year"), over="year")
    """
    from statsmodels.nonparametric.smoothers_lowess import lowess

    points = residual_points(fit, over=over)
    ax = new_axes(ax, "residuals")
    x = on_axis(ax, points["place"], points.attrs["over"])
    low, high = Gumbel(0.0, 1.0).ppf([0.025, 0.975])
    ax.axhspan(low, high, color=FITTED, alpha=BAND, lw=0.0, label="95 % range under the fit", zorder=1)
    ax.axhline(np.euler_gamma, color=QUIET, linewidth=0.9, linestyle="--", label="mean under the fit", zorder=2)
    size = marker_size(len(points))
    ax.plot(x, points["residual"], "o", ms=size, mfc="white", mec=OBSERVED, mew=0.8, label="residuals", zorder=4)
    local = lowess(points["residual"], x, it=0)
    ax.plot(local[:, 0], local[:, 1], color=LEFT_OUT, label="local mean", zorder=5)
    ax.set_ylabel("residual, standard Gumbel")
    ax.margins(x=0.02)
    add_headroom(ax, share=0.3)
    of = "" if over is None else f" over {over}"
    return finish(ax, title or titled(f"Residuals{of}", fit), "upper left", columns=2)


__all__ = ["residuals", "trend"]
