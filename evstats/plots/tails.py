"""The figure of the tail of losses: how many a year are larger, on logarithmic axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import ArrayLike, NDArray

from evstats.errors import ArgumentError
from evstats.habits import knowing_their_names
from evstats.plots.canvas import (
    BAND,
    FITTED,
    LEFT_OUT,
    OBSERVED,
    certainty,
    drawing,
    finish,
    marker_size,
    new_axes,
    plain,
    quantity_of,
    styled,
    titled,
    with_unit,
)
from evstats.plots.positions import PLOTTING_POSITIONS, chances_beyond
from evstats.plots.samples import one_series, threshold_of, values_per_year
from evstats.quantities import PurePremium

if TYPE_CHECKING:
    from evstats.fitting import Fit
    from evstats.intervals import Interval

#: How many times the largest loss the curve reaches, and points of it.
_REACH, _POINTS = 3.0, 81
#: Where the curve begins beside the threshold, as a share of its length: at the threshold no tail is asked about.
_BESIDE = 1e-6
#: Decades of an axis up to which 2 and 5 are labelled too.
_SHORT = 2.5
#: Colours of layers.
_SHADES = (LEFT_OUT, "#009E73", "#CC79A7", "#56B4E9")
#: What is drawn below the rarest point, as a share of it.
_BELOW = 0.05


@styled()
@drawing("Fit")
@knowing_their_names
def tail(
    fit: Fit,
    ax: Axes | None = None,
    *,
    layers: ArrayLike | None = None,
    largest: float | None = None,
    interval: str | Interval | None = None,
    confidence: float = 0.95,
    a: float | str = 0.44,
    title: str | None = None,
) -> Axes:
    """Draw how many losses a year are larger than each size, as observed and as fitted, on logarithmic axes.

    It is the number of losses above the threshold a year times the survival function of their sizes. A Pareto tail is
    a straight line; the area below it over a layer is what the layer costs a year. Losses that were cut at a limit are
    triangles that point to where they lie.

    Parameters
    ----------
    fit
        The fit of losses, or of any peaks, above a positive threshold, of one series.
    ax
        Axes to draw on; a new figure if None.
    layers
        Pairs of attachment and limit to shade, as in ``fit.layer``.
    largest
        Where the curve ends; at three times the largest loss, or where the last layer does, if None.
    interval, confidence
        As in ``fit.return_period``; the interval is of the number a year, in which rate and tail are
        uncertain together.
    a
        Plotting position of the losses, a number or a name; see :func:`plotting_positions`.
    title
        Replaces the title that names the threshold.

    Returns
    -------
    Axes
        The data are in :func:`tail_points` and :func:`tail_curve`.

    Raises
    ------
    ArgumentError
        A batch, a fit with covariates, of block maxima or of peaks below a threshold; a threshold that is
        not positive; layers that are none.

    References
    ----------
    - McNeil (1997), ASTIN Bulletin 27, 117-137 (figures 5 and 7).

    Examples
    --------
    >>> import evstats as ev
    >>> claims = ev.GPD(0.0, 5.0, 0.3).rvs(400, rng=1)
    >>> fit = ev.fit(ev.peaks_over_threshold(claims, 8.0, separation=None, observations_per_year=40))
    >>> ax = ev.plots.tail(fit, layers=[(20, 30)])
    """
    points = tail_points(fit, a)
    asked = None if layers is None else PurePremium.of(layers)
    if largest is None and asked is not None:
        ends = asked.attachment + np.where(asked.unlimited, 0.0, asked.limit)
        largest = float(max(_REACH * points["value"].max(), 1.5 * ends.max()))
    curve = tail_curve(fit, largest, interval=interval, confidence=confidence)
    ax = new_axes(ax, "tail")
    ax.set(xscale="log", yscale="log")
    least = _BELOW * min(float(points["frequency"].min()), float(curve["estimate"].iloc[_within(curve, points)].min()))
    above = 1.3 * float(np.nanmax([points["frequency"].max(), *curve["upper"].iloc[:1]]))
    _draw_curve(ax, fit, curve, least)
    _draw_losses(ax, points)
    for place, (start, width) in enumerate([] if asked is None else zip(asked.attachment, asked.limit, strict=True)):
        _shade(ax, float(start), float(width), float(curve.index[-1]), fit.unit, _SHADES[place % len(_SHADES)])
    ax.set_xlim(0.95 * threshold_of(fit), float(curve.index[-1]))
    ax.set_ylim(least, above)
    _label_logarithms(ax)
    per = "a year" if fit.time_unit == "years" else "an observation"
    ax.set(xlabel=quantity_of(fit), ylabel=f"larger ones {per}")
    return finish(ax, title or titled("Tail", fit), "lower left")


@knowing_their_names
def tail_points(fit: Fit, a: float | str = 0.44) -> pd.DataFrame:
    """The losses of a plot of the tail, with how many a year are larger.

    Of losses without limits the share of those above the threshold that are larger is 1 minus the plotting position.
    Where some were cut, the losses above a limit are shared out as the product-limit estimator does: of n losses in
    ascending order, over all j up to the i-th that were not cut,

        S(x_i) = (n - a + 1)/(n - 2 a + 1) * product of (n - j - a + 1)/(n - j - a + 2).

    Parameters
    ----------
    fit
        As in :func:`tail`.
    a
        As in :func:`plotting_positions`.

    Returns
    -------
    DataFrame
        In ascending order of ``value`` (of a loss that was cut its limit), with ``cut``, ``survival`` (the share of
        losses above the threshold that are larger) and ``frequency`` (how many a year), at its limit of a cut loss. The
        index is the place of the loss among the peaks.

    References
    ----------
    - Michael, J. R. and Schucany, W. R. (1986). Analysis of data from censored samples. In D'Agostino and Stephens,
      Goodness-of-Fit Techniques, Marcel Dekker, 461-496.

    Examples
    --------
    >>> import evstats as ev
    >>> claims = ev.GPD(0.0, 5.0, 0.3).rvs(400, rng=1)
    >>> fit = ev.fit(ev.peaks_over_threshold(claims, 8.0, separation=None, observations_per_year=40))
    >>> ev.plots.tail_points(fit).tail(2).round(2)
           value    cut  survival  frequency
    peak
    17     74.61  False      0.01       0.16
    7     191.91  False      0.01       0.06
    """
    value, cut = _losses(fit)
    constant = PLOTTING_POSITIONS[a] if isinstance(a, str) else float(a)
    survival = chances_beyond(value, cut, np.empty(0), constant)
    order = np.lexsort((cut, value))  # what was cut at a loss is larger than it
    value, cut, survival = value[order], cut[order], survival[order]
    columns = {"value": value, "cut": cut, "survival": survival, "frequency": values_per_year(fit) * survival}
    return pd.DataFrame(columns, index=pd.Index(order, name="peak"))


@knowing_their_names
def tail_curve(
    fit: Fit,
    largest: float | None = None,
    *,
    interval: str | Interval | None = None,
    confidence: float = 0.95,
    size: int = _POINTS,
) -> pd.DataFrame:
    """How many losses a year are larger than sizes from the threshold on, as fitted, with their interval.

    Parameters
    ----------
    fit, largest, interval, confidence
        As in :func:`tail`.
    size
        Number of sizes, evenly spaced by their logarithms.

    Returns
    -------
    DataFrame
        Indexed by ``value`` with ``estimate``, ``lower`` and ``upper``, one by the return period and its limits.

    Examples
    --------
    >>> import evstats as ev
    >>> claims = ev.GPD(0.0, 5.0, 0.3).rvs(400, rng=1)
    >>> fit = ev.fit(ev.peaks_over_threshold(claims, 8.0, separation=None, observations_per_year=40))
    >>> curve = ev.plots.tail_curve(fit, 100, interval="delta")
    >>> list(curve.columns)
    ['estimate', 'lower', 'upper']
    """
    value, _ = _losses(fit)
    first, last = threshold_of(fit), _REACH * value.max() if largest is None else float(largest)
    if not first < last < np.inf:
        raise ArgumentError(
            f"the curve cannot end at {largest!r}",
            f"it begins at the threshold of {with_unit(first, fit.unit)}, so give a larger loss.",
            argument="largest",
        )
    sizes = np.geomspace(first + _BESIDE * (last - first), last, size)
    periods = fit.return_period(sizes, interval=interval, confidence=confidence)
    columns = {"estimate": "estimate", "lower": "upper", "upper": "lower"}
    with np.errstate(divide="ignore"):  # a limit of 0 years: so often as one likes
        curve = pd.DataFrame({name: 1.0 / periods[own].to_numpy() for name, own in columns.items()})
    curve.index = pd.Index(sizes, name="value")
    curve.attrs = dict(periods.attrs)
    return curve


def _losses(fit: Fit) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The peaks of a fit, or their limits, and which were cut."""
    values = one_series(fit)
    if not fit.of_peaks or fit.family.minima:
        what = "below a threshold" if fit.of_peaks else "block maxima"
        raise ArgumentError(
            f"a tail is of losses or peaks above a threshold, and these are {what}",
            "take them with peaks_over_threshold, or draw return_level.",
        )
    if threshold_of(fit) <= 0.0:
        raise ArgumentError(
            f"the axes are logarithmic, and the threshold is {threshold_of(fit):g}", "draw return_level instead."
        )
    if fit.peaks is not None and fit.peaks.has_bounds:
        return fit.peaks.at_least, np.isnan(fit.peaks.values)
    present = values[~np.isnan(values)]
    return present, np.zeros(present.size, dtype=bool)


def _within(curve: pd.DataFrame, points: pd.DataFrame) -> NDArray[np.bool_]:
    """The sizes up to the largest loss."""
    return np.asarray(curve.index <= points["value"].max())


def _draw_curve(ax: Axes, fit: Fit, curve: pd.DataFrame, least: float) -> None:
    """The fitted tail with its interval, or the word in the legend that there is none."""
    there = curve[curve["estimate"] > 0.0]
    ax.plot(there["estimate"], color=FITTED, label=f"{fit.family.label} by {fit.method.label}", zorder=3)
    label = certainty(curve)
    known = curve.dropna()
    if known.empty:
        ax.plot([], [], " ", label=f"{label}: not available")
        return
    lower = np.maximum(known["lower"], 0.1 * least)
    upper = np.maximum(known["upper"], 0.1 * least)
    ax.fill_between(known.index, lower, upper, color=FITTED, alpha=BAND, linewidth=0.0, label=label, zorder=1)


def _draw_losses(ax: Axes, points: pd.DataFrame) -> None:
    """The losses as open circles, those that were cut as triangles that point to where they lie."""
    cut, size = points["cut"], marker_size(len(points))
    style: Any = {"ms": size, "mfc": "white", "mew": 0.8, "linestyle": "none", "zorder": 4}
    known = int((~cut).sum())
    label = f"{known:,} losses" if cut.any() else f"{known:,} losses above the threshold"
    ax.plot(points["value"][~cut], points["frequency"][~cut], marker="o", mec=OBSERVED, label=label, **style)
    if cut.any():
        label = f"{int(cut.sum()):,} cut at {'its limit' if cut.sum() == 1 else 'their limits'}"
        ax.plot(points["value"][cut], points["frequency"][cut], marker=">", mec=LEFT_OUT, label=label, **style)


def _label_logarithms(ax: Axes) -> None:
    """Plain numbers at the ticks, at 2 and 5 too where the axis is short."""
    for axis, (low, high) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        short = np.log10(high / low) < _SHORT
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if short else (1.0,)))
        axis.set_major_formatter(lambda value, _: with_unit(value))
        axis.set_minor_formatter(NullFormatter())


def _shade(ax: Axes, start: float, width: float, last: float, unit: str | None, color: str) -> None:
    """A layer, as far as it is in view."""
    above = with_unit(start, unit)
    label = f"above {above}" if np.isinf(width) else f"{with_unit(width)} in excess of {above}"
    ax.axvspan(start, min(start + width, last), color=color, alpha=0.13, linewidth=0.0, label=plain(label), zorder=0)


__all__ = ["tail", "tail_curve", "tail_points"]
