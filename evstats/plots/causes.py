"""The figure of causes together: the product on Gumbel paper, with its interval and the parts beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from evstats.errors import ArgumentError
from evstats.habits import knowing_their_names
from evstats.plots.canvas import (
    FITTED,
    OBSERVED,
    draw_band,
    drawing,
    finish,
    marker_size,
    new_axes,
    plain,
    quieten_above,
    styled,
)
from evstats.plots.paper import GumbelScale, add_probability_axis
from evstats.plots.positions import plotting_positions
from evstats.reading.units import labelled
from evstats.text.numbers import percent

if TYPE_CHECKING:
    from evstats.fitting import Combined
    from evstats.intervals import Interval

#: Colours of the parts, apart from blue for colour-blind readers, and how their lines are drawn.
_PARTS: tuple[dict[str, Any], ...] = (
    {"color": "#D55E00", "linestyle": (0, (5, 1.5))},
    {"color": "#009E73", "linestyle": (0, (4, 1.5, 1, 1.5))},
    {"color": "#CC79A7", "linestyle": (0, (1.2, 1.2))},
    {"color": "#767676", "linestyle": (0, (8, 2))},
)
_SHORTEST, _LONGEST, _POINTS = 1.01, 500.0, 60


@knowing_their_names
def combined_points(combined: Combined) -> pd.DataFrame:
    """The extremes of the years of which all causes are known, at their plotting positions.

    Parameters
    ----------
    combined
        From ``ev.combine``.

    Returns
    -------
    DataFrame
        With ``year``, ``value``, ``cause`` (that of the extreme) and ``return_period``; empty where the causes have no
        years in common, as where they are arrays.

    Examples
    --------
    >>> import pandas as pd
    >>> import evstats as ev
    >>> days = pd.date_range("2001-01-01", "2020-12-31")
    >>> flow = pd.Series(ev.Gumbel(20.0, 9.0).rvs(len(days), rng=1), index=days)
    >>> fits = [ev.fit(ev.block_maxima(flow, "season", season=season)) for season in ("MAM", "SON")]
    >>> ev.plots.combined_points(ev.combine(*fits, names=["spring", "autumn"])).tail(2).round(1)
        year  value   cause  return_period
    18  2010   80.2  autumn           12.9
    19  2012   90.3  autumn           35.9
    """
    frame = pd.DataFrame(dict(zip(combined.names, combined._values, strict=True))).dropna().sort_index()
    if frame.empty or frame.shape[1] < 2:
        return pd.DataFrame({"year": [], "value": [], "cause": [], "return_period": []})
    sign = -1.0 if combined.of_minima else 1.0
    extreme = (sign * frame).max(axis=1)
    places = plotting_positions(extreme.to_numpy())
    periods = 1.0 / (1.0 - places["probability"])
    found = pd.DataFrame({"year": frame.index, "value": sign * extreme, "cause": (sign * frame).idxmax(axis=1)})
    found = found.reset_index(drop=True)
    found["return_period"] = periods
    return found.sort_values("return_period").reset_index(drop=True)


@styled()
@drawing("Combined")
@knowing_their_names
def combined(
    combined: Combined,
    ax: Axes | None = None,
    *,
    longest: float = _LONGEST,
    interval: str | Interval | None = None,
    confidence: float = 0.95,
    title: str | None = None,
) -> Axes:
    """Draw return levels of causes together, with their interval and the levels of each alone, on Gumbel paper.

    Parameters
    ----------
    combined
        Of :func:`evstats.combine`, one series of each cause.
    ax
        Axes to draw on; a new figure if None.
    longest
        Return period at which the curves end.
    interval, confidence
        As in ``combined.return_level``.
    title
        Replaces the title.

    Returns
    -------
    Axes
        The extremes of years that all causes have in common stand at their plotting positions; see
        :func:`combined_points`.

    Examples
    --------
    >>> import evstats as ev
    >>> rain = ev.fit(ev.Gumbel(60.0, 9.0).rvs(40, rng=1), "gumbel")
    >>> snow = ev.fit(ev.Gumbel(45.0, 20.0).rvs(40, rng=2), "gumbel")
    >>> ax = ev.plots.combined(ev.combine(rain, snow, names=["rain", "snow"]))
    """
    if combined.batch_shape:
        raise ArgumentError(
            f"a plot shows one series, and these causes are batches of shape {combined.batch_shape}",
            "combine one series of each.",
        )
    ax = new_axes(ax, "return_level")
    ax.set_xscale(GumbelScale.name)
    above = add_probability_axis(ax)
    above.set_xlabel("annual exceedance probability (AEP)")
    quieten_above(above)
    low, high = -np.log(-np.log1p(-1.0 / np.array([_SHORTEST, longest])))
    periods = 1.0 / -np.expm1(-np.exp(-np.linspace(float(low), float(high), _POINTS)))
    curve = combined.return_level(periods, interval=interval, confidence=confidence)
    for place, (name, own) in enumerate(zip(combined.names, combined.distribution.causes, strict=True)):
        style, number = _PARTS[place % len(_PARTS)], combined._blocks[place]
        alone = own.exceedance_level(-np.expm1(np.log1p(-1.0 / periods) / number))
        ax.plot(periods, alone, label=plain(f"{name} alone"), linewidth=1.2, zorder=2, **style)
    table, core = curve.reset_index(), curve["estimate"].to_numpy()
    ax.plot(periods, core, color=FITTED, label="all causes", zorder=3)
    draw_band(ax, table, "return_period", core, f"{percent(confidence)} interval", FITTED)
    points = combined_points(combined)
    if len(points):
        size = marker_size(len(points))
        noun = "minimum" if combined.of_minima else "maximum"
        ax.plot(
            points["return_period"], points["value"], "o", color=OBSERVED, ms=size, mew=0, label=f"{noun} of a year"
        )
    unit = labelled("return level", combined.unit)
    ax.set(xlabel=f"return period T ({combined.time_unit})", ylabel=plain(unit))
    corner: Any = "lower left" if combined.of_minima else "upper left"
    return finish(ax, title or f"Return levels of {len(combined.names)} causes together", corner)


__all__ = ["combined", "combined_points"]
