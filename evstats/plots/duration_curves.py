"""The figure of intensity-duration-frequency curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.ticker import FixedLocator, LogLocator, NullFormatter
from numpy.typing import ArrayLike

from evstats.fitting.curves import IDF
from evstats.habits import knowing_their_names
from evstats.plots.canvas import QUIET, drawing, finish, new_axes, plain, styled
from evstats.reading.units import labelled
from evstats.text.numbers import number, percent

if TYPE_CHECKING:
    from evstats.intervals import Interval

#: Return periods that are drawn where none are asked for.
_PERIODS = (2.0, 10.0, 100.0)
_POINTS = 41
#: Durations that may bear a label, in minutes, and what it is.
_TICKS: dict[float, str] = {
    **{float(m): f"{m} min" for m in (1, 2, 5, 10, 15, 30)},
    **{60.0 * h: f"{h} h" for h in (1, 2, 3, 6, 12)},
    **{1_440.0 * d: f"{d} d" for d in (1, 2, 3, 5, 10, 30)},
}
#: The share of the width that a label takes.
_APART = 0.08


@knowing_their_names
def idf_curve(
    idf: IDF,
    periods: ArrayLike = _PERIODS,
    minutes: ArrayLike | None = None,
    *,
    interval: str | Interval | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The curves of :func:`idf`, one row a duration and return period.

    Parameters
    ----------
    idf
        From ``ev.fit(maxima, "dgev")``.
    periods
        Return periods in years.
    minutes
        The durations; by default from the shortest that was fitted to the longest.
    interval
        The kind of interval by name, class or object; None is the best there is, which ``attrs`` names.
    confidence
        How often the interval is to hold, between 0 and 1.

    Returns
    -------
    DataFrame
        ``minutes, return_period, estimate, lower, upper``, and ``seen`` where both ends of the data are around the
        duration.

    Examples
    --------
    >>> import evstats as ev
    >>> curve = ev.GEV([40.0, 14.0, 2.2], [11.0, 3.9, 0.6], 0.1)
    >>> idf = ev.fit(ev.durations(curve.rvs(40, rng=1).T, minutes=[10, 60, 720]), "dgev")
    >>> ev.plots.idf_curve(idf, [10], [60.0], interval="delta").round(0)
       minutes  return_period  estimate  lower  upper  seen
    0     60.0           10.0      24.0   21.0   27.0  True
    """
    own = idf.minutes
    asked = np.geomspace(own[0], own[-1], _POINTS) if minutes is None else np.sort(np.asarray(minutes, dtype=float))
    found = idf.return_level(periods, minutes=asked, interval=interval, confidence=confidence).reset_index()
    slack = 1.0 + 1e-9
    found["seen"] = (found["minutes"] * slack >= own[0]) & (found["minutes"] <= own[-1] * slack)
    return found


@knowing_their_names
def idf_points(idf: IDF) -> pd.DataFrame:
    """The maxima that were fitted: columns ``year, minutes, intensity``.

    Parameters
    ----------
    idf
        From ``ev.fit(maxima, "dgev")``.

    Returns
    -------
    DataFrame
        A row for each year and duration.

    Examples
    --------
    >>> import evstats as ev
    >>> curve = ev.GEV([40.0, 14.0, 2.2], [11.0, 3.9, 0.6], 0.1)
    >>> idf = ev.fit(ev.durations(curve.rvs(40, rng=1).T, minutes=[10, 60, 720]), "dgev")
    >>> ev.plots.idf_points(idf).shape
    (120, 3)
    """
    found = idf.estimation.by_year  # type: ignore[attr-defined]
    years = np.arange(len(found)) if idf.maxima is None or idf.maxima.blocks is None else idf.maxima.blocks
    rows, columns = np.nonzero(~np.isnan(found))
    return pd.DataFrame(
        {"year": np.asarray(years)[rows], "minutes": idf.minutes[columns], "intensity": found[rows, columns]}
    )


@styled()
@drawing("IDF")
@knowing_their_names
def idf(
    fit: IDF,
    ax: Axes | None = None,
    *,
    periods: ArrayLike = _PERIODS,
    minutes: ArrayLike | None = None,
    interval: str | Interval | None = None,
    confidence: float = 0.95,
    title: str | None = None,
) -> Axes:
    """Draw intensity-duration-frequency curves with their limits, and the maxima that they were fitted to.

    Parameters
    ----------
    fit
        The curves, ``ev.fit(maxima, "dgev")``.
    ax
        Axes to draw on; a new figure if None.
    periods
        T of the curves in years.
    minutes
        Durations that the curves go through; by default from the shortest to the longest of the data. Beyond
        those they are dashed.
    interval, confidence
        Of the bands.
    title
        Replaces the title.

    Returns
    -------
    Axes
        The curves are in :func:`idf_curve`, the points in :func:`idf_points`.

    Examples
    --------
    >>> import evstats as ev
    >>> curve = ev.GEV([40.0, 14.0, 2.2], [11.0, 3.9, 0.6], 0.1)
    >>> maxima = ev.durations(curve.rvs(40, rng=1).T, minutes=[10, 60, 720])
    >>> ax = ev.plots.idf(ev.fit(maxima, "dgev"), periods=[2, 10, 100])
    """
    ax = new_axes(ax, "return_level")
    if minutes is not None:
        ends = np.min(minutes), np.max(minutes)
        minutes = np.union1d(np.geomspace(*ends, _POINTS), np.asarray(minutes, dtype=np.float64))
    points, table = idf_points(fit), idf_curve(fit, periods, minutes, interval=interval, confidence=confidence)
    ax.set(xscale="log", yscale="log")
    ax.plot(
        points["minutes"],
        points["intensity"],
        ".",
        color=QUIET,
        alpha=0.45,
        markersize=3.5,
        mew=0,
        zorder=1,
        label=f"maximum of a year ({fit.n} years)",
    )
    asked = sorted(set(table["return_period"]), reverse=True)
    colors = mpl.colormaps["viridis"](np.linspace(0.15, 0.8, len(asked)))
    for color, period in zip(colors, asked, strict=True):
        _draw_curve(ax, table[table["return_period"] == period], period, color)
    positive = np.concatenate([points["intensity"], table["estimate"]])
    positive = positive[positive > 0.0]
    ax.set_ylim(positive.min() / 1.3, max(positive.max() * 1.3, _highest(table)))
    _label_durations(ax)
    ax.set(xlabel="duration", ylabel=plain(labelled(f"intensity of {fit.name}", fit.unit)))
    span = fit.context.span or f"{fit.n} years"
    return finish(ax, title or f"{fit.family.label}, {span}; {percent(confidence)} bands", "lower left")


def _draw_curve(ax: Axes, curve: pd.DataFrame, period: float, color: Any) -> None:
    x, seen = curve["minutes"].to_numpy(), curve["seen"].to_numpy()
    estimate = curve["estimate"].to_numpy()
    bounds = curve[["lower", "upper"]].replace(np.inf, np.nan)
    upper = bounds["upper"].fillna(9.0 * curve["estimate"]).to_numpy()
    lower = np.maximum(bounds["lower"].to_numpy(), 1e-3 * np.abs(estimate))
    outline = np.column_stack([np.append(x, x[::-1]), np.append(lower, upper[::-1])])
    ax.add_collection(PolyCollection([outline], facecolor=color, edgecolor="none", alpha=0.18, zorder=1), autolim=False)
    ax.plot(
        x,
        np.where(seen, estimate, np.nan),
        color=color,
        linewidth=1.5,
        zorder=3,
        label=f"T = {number(period, 6)} years",
    )
    if not seen.all():
        ax.plot(x, estimate, color=color, linewidth=1.0, linestyle=(0, (3, 2)), zorder=2)


def _highest(table: pd.DataFrame) -> float:
    """The upper limits, where they are not far off."""
    finite = table["upper"].replace(np.inf, np.nan)
    return float(np.nanmax(np.minimum(finite, 3.0 * table["estimate"].max()), initial=0.0)) * 1.1


def _label_durations(ax: Axes) -> None:
    """Durations as they are said, no two labels on each other."""
    low, high = ax.get_xlim()
    chosen: list[float] = []
    favoured = sorted(_TICKS, key=lambda own: (own not in (10.0, 60.0, 1_440.0), own))
    room = _APART * np.log10(high / low)
    for own in favoured:
        if low <= own <= high and all(abs(np.log10(own / other)) > room for other in chosen):
            chosen.append(own)
    ax.xaxis.set_major_locator(FixedLocator(sorted(chosen)))
    ax.xaxis.set_major_formatter(lambda value, _: _TICKS.get(round(float(value), 6), ""))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.yaxis.set_minor_formatter(NullFormatter())


__all__ = ["idf", "idf_curve", "idf_points"]
