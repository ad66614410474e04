"""The tail of losses: how likely larger ones are, both axes by their logarithm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from evstats.errors import ArgumentError
from evstats.habits import knowing_their_names
from evstats.plots.canvas import (
    BAND,
    FITTED,
    OBSERVED,
    QUIET,
    TEXT,
    certainty,
    drawing,
    finish,
    marker_size,
    new_axes,
    plain,
    quantity_of,
    styled,
    titled,
)
from evstats.plots.points import reach_of, return_level_points
from evstats.plots.samples import threshold_of
from evstats.text.numbers import number, percent

if TYPE_CHECKING:
    from evstats.fitting import Fit
    from evstats.intervals import Interval

#: The room above for the legend, as a share of the height in decades.
_HEADROOM = 0.36
#: The number of points of the curve.
_SIZE = 61
#: Probabilities beyond that are lines across.
_LINES = (0.1, 0.01, 0.001, 0.0001)


@styled()
@drawing("Fit")
@knowing_their_names
def value_at_risk(
    fit: Fit,
    ax: Axes | None = None,
    *,
    longest: float | None = None,
    interval: str | Interval | None = None,
    confidence: float = 0.95,
    a: float | str = 0.44,
    color: str = FITTED,
    label: str | None = None,
    title: str | None = None,
    curve: pd.DataFrame | None = None,
) -> Axes:
    """Draw how likely larger peaks, such as losses, are, both axes by their logarithm, with the interval of the level.

    A tail that is a power is a straight line there, an exponential one bends down. The probability is that of one
    observation where every one beyond the threshold is a peak and it is known how many there were, so that the value
    at risk with 99 % stands at 0.01; else the number of peaks a year. The curve is dashed beyond three record lengths.

    Parameters
    ----------
    fit
        The fit of the peaks over a threshold of one series.
    ax
        Axes to draw on; a new figure if None. Call twice with the same Axes to lay one fit over another.
    longest, interval, confidence, a, color, label, title
        As in :func:`return_level`.
    curve
        From :func:`value_at_risk_curve`, where it is at hand, instead of ``longest``, ``interval`` and
        ``confidence``.

    Returns
    -------
    Axes
        The data are in :func:`value_at_risk_points` and :func:`value_at_risk_curve`.

    Raises
    ------
    ArgumentError
        The fit is not of peaks over a threshold, follows covariates, or holds a batch.

    References
    ----------
    - McNeil, Frey and Embrechts (2015), Quantitative Risk Management, figure 5.8.

    Examples
    --------
    >>> import evstats as ev
    >>> claims = ev.GPD(0.0, 5.0, 0.3).rvs(400, rng=1)
    >>> peaks = ev.peaks_over_threshold(claims, 8.0, separation=None)
    >>> ax = ev.plots.value_at_risk(ev.fit(peaks), interval="delta")
    """
    points = value_at_risk_points(fit, a)
    if curve is None:
        curve = value_at_risk_curve(fit, longest, interval=interval, confidence=confidence)
    ax = new_axes(ax, "tail")
    if first := not ax.lines:
        ax.set_yscale("log")
        ax.set_xscale("log" if threshold_of(fit) > 0.0 else "linear")
    name = plain(label or f"{fit.family.label}, {fit.method.label}")
    reached = np.searchsorted(curve.index, reach_of(fit) * (1.0 + 1e-9))
    inside, far = curve.iloc[:reached], curve.iloc[max(int(reached) - 1, 0) :]
    ax.plot(inside["estimate"], inside["beyond"], color=color, label=name, zorder=3)
    ax.plot(far["estimate"], far["beyond"], "--", color=color, zorder=3)
    _draw_interval(ax, curve, points, color)
    if first:
        _draw_points(ax, fit, points)
    low, high = curve["beyond"].min(), max(curve["beyond"].max(), points["beyond"].max())
    ax.set_ylim(low / 1.3, high * (high / low) ** _HEADROOM)
    return finish(ax, title or titled("Tail", fit), "upper right")


@knowing_their_names
def value_at_risk_points(fit: Fit, a: float | str = 0.44) -> pd.DataFrame:
    """The peaks of :func:`value_at_risk`, as from :func:`return_level_points`.

    Example: ``value_at_risk_points(fit)[["value", "beyond"]]``.

    Parameters
    ----------
    fit
        Of peaks over a threshold.
    a
        The plotting position, by name or number.

    Returns
    -------
    DataFrame
        With ``beyond``, the probability that one observation, or how many peaks a year, lie beyond.

    Examples
    --------
    >>> import evstats as ev
    >>> claims = ev.GPD(0.0, 5.0, 0.3).rvs(400, rng=1)
    >>> fit = ev.fit(ev.peaks_over_threshold(claims, 8.0, separation=None))
    >>> ev.plots.value_at_risk_points(fit)[["value", "beyond"]].tail(2).round(4)
                      value  beyond
    return_period
    256.695157      74.6146  0.0039
    715.079365     191.9064  0.0014
    """
    if not fit.of_peaks or fit.has_covariates or fit.family.minima:
        raise ArgumentError(
            "the tail of peaks over a threshold is drawn, without covariates, and this fit is of something else",
            "give a fit of peaks_over_threshold(...), or draw return levels.",
            argument="fit",
        )
    return _by_probability(fit, return_level_points(fit, a).set_index("return_period", drop=False))


@knowing_their_names
def value_at_risk_curve(
    fit: Fit, longest: float | None = None, *, interval: str | Interval | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """The curve of :func:`value_at_risk`: levels with their interval.

    The interval is that of ``fit.value_at_risk`` of one observation where ``beyond`` is its probability, else that of
    ``fit.return_level``. It is indexed by ``return_period``, up to ``longest`` as in :func:`return_level_curve`.

    Example: ``value_at_risk_curve(fit)[["estimate", "beyond"]]``.

    Parameters
    ----------
    fit
        Of peaks over a threshold.
    longest
        The longest return period of the curve; None is ten times the record.
    interval
        The kind of interval by name, class or object; None is the best there is, which ``attrs`` names.
    confidence
        How often the interval is to hold, between 0 and 1.

    Returns
    -------
    DataFrame
        ``beyond`` as in :func:`value_at_risk_points`, and ``estimate, lower, upper``.

    Examples
    --------
    >>> import evstats as ev
    >>> claims = ev.GPD(0.0, 5.0, 0.3).rvs(400, rng=1)
    >>> fit = ev.fit(ev.peaks_over_threshold(claims, 8.0, separation=None))
    >>> sorted(ev.plots.value_at_risk_curve(fit, interval="delta").columns)
    ['beyond', 'estimate', 'lower', 'upper']
    """
    first = value_at_risk_points(fit)["return_period"].min()
    last = max(reach_of(fit), 100.0) if longest is None else longest
    if not first < last < np.inf:
        raise ArgumentError(
            f"the curve cannot end at T = {longest!r}",
            f"it begins at {first:.4g} {fit.time_unit}, so give a longer return period.",
            argument="longest",
        )
    periods = np.geomspace(first, last, _SIZE)
    if fit.single_observations is None:
        return _by_probability(fit, fit.return_level(periods, interval=interval, confidence=confidence))
    p = 1.0 - 1.0 / (periods * fit.single_observations)
    table = fit.value_at_risk(p, horizon="observation", interval=interval, confidence=confidence)
    return _by_probability(fit, table.set_index(pd.Index(periods, name="return_period")))


def _by_probability(fit: Fit, table: pd.DataFrame) -> pd.DataFrame:
    """The table with what is beyond each level: 1/T peaks a year, and that among so many observations."""
    found = table.assign(beyond=1.0 / (table.index.to_numpy() * (fit.single_observations or 1.0)))
    found.attrs = dict(table.attrs)
    return found


def _draw_interval(ax: Axes, drawn: pd.DataFrame, points: pd.DataFrame, color: str) -> None:
    """The interval of the level at each probability, which may run out of the view."""
    label = certainty(drawn)
    known = drawn[["lower", "upper", "beyond"]].dropna()
    if known.empty:
        ax.plot([], [], " ", label=f"{label}: not available")
        return
    core = np.append(drawn["estimate"], points["value"])
    far = core.max() + 2.0 * np.ptp(core)
    bounds = known[["lower", "upper"]].clip(upper=far)
    across, up = np.append(bounds["lower"], bounds["upper"][::-1]), np.append(known["beyond"], known["beyond"][::-1])
    band = PolyCollection(
        [np.column_stack([across, up])], facecolor=color, edgecolor="none", alpha=BAND, label=label, zorder=1
    )
    ax.add_collection(band, autolim=False)
    ax.autoscale_view()


def _draw_points(ax: Axes, fit: Fit, points: pd.DataFrame) -> None:
    """The peaks, lines across at round probabilities, and the axes."""
    label = f"{len(points)} peaks ({points.attrs['plotting_position']})"
    size = marker_size(len(points))
    ax.plot(points["value"], points["beyond"], "o", ms=size, mfc="white", mec=OBSERVED, mew=0.8, label=label, zorder=4)
    low, high = points["beyond"].min() / 2.0, points["beyond"].max()
    single = fit.single_observations is not None
    for p in _LINES:
        if single and low < p < high:
            ax.axhline(p, color=QUIET, lw=0.8, ls=(0, (1, 1.5)), zorder=2)
            ax.annotate(
                f"VaR {percent(1.0 - p)}", (1.0, p), (-3, 2), ha="right", xycoords=ax.get_yaxis_transform(),
                textcoords="offset points", fontsize=TEXT - 1, color=QUIET,
            )  # fmt: skip
    ax.set_xlabel(quantity_of(fit))
    what = "probability of a larger one" if single else f"larger ones a {fit.time_unit[:-1]}"
    ax.set_ylabel(what)
    if ax.get_xscale() == "log":
        ax.xaxis.set_major_formatter(lambda x, _: number(x, 3))
        ax.xaxis.set_minor_formatter(lambda x, _: number(x, 3) if f"{x:.0e}"[0] in "235" else "")


__all__ = ["value_at_risk", "value_at_risk_curve", "value_at_risk_points"]
