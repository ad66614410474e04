"""The figures: each function draws one plot on Axes and returns them; what it draws comes from ``points``.

Nothing is shown and no global setting is changed. Text of the data (names, units, block rules) is never read as
mathematics, whatever dollar signs it holds.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import MaxNLocator, ScalarFormatter
from numpy.typing import NDArray

from evstats.errors import ArgumentError
from evstats.plots.paper import GumbelScale, add_probability_axis
from evstats.plots.points import (
    density_points,
    extreme_points,
    histogram_points,
    one_series,
    paper_of,
    pp_points,
    qq_points,
    reach_of,
    return_level_curve,
    return_level_points,
    series_points,
)
from evstats.reading.units import labelled
from evstats.text.numbers import percent

if TYPE_CHECKING:
    from evstats.extremes.records import Extremes
    from evstats.fitting import Fit
    from evstats.intervals import Interval

Corner = Literal["upper left", "upper right", "lower left"]

# Okabe and Ito's blue and vermilion stay apart for colour-blind readers, and in grey by their lightness.
FITTED, LEFT_OUT, OBSERVED, QUIET, GRID = "#0072B2", "#D55E00", "#262626", "#767676", "#E4E4E4"
BAND = 0.18
TEXT = 9.0
RUG = 200
#: Inches of a new figure: the width of the text on A4, so that letters stay as large as they are meant.
SIZES = {
    "return_level": (6.3, 4.3),
    "qq": (4.8, 4.6),
    "pp": (4.8, 4.6),
    "density": (6.3, 3.9),
    "series": (6.3, 2.7),
    "diagnostics": (9.6, 8.0),
}
#: What is above the paper, by whether small values are extreme and whether the data are undated.
_PROBABILITIES = {
    (False, False): "annual exceedance probability (AEP)",
    (False, True): "exceedance probability of a block",
    (True, False): "annual non-exceedance probability",
    (True, True): "non-exceedance probability of a block",
}
_EXTREMES = {"max": "maxima", "min": "minima"}

STYLE: dict[Any, Any] = {
    "figure.dpi": 150,
    "figure.max_open_warning": 0,
    "font.size": TEXT,
    "text.color": OBSERVED,
    "text.usetex": False,
    "axes.labelcolor": OBSERVED,
    "axes.titlelocation": "left",
    "axes.titlesize": TEXT + 1,
    "axes.titlepad": 8.0,
    "axes.labelsize": TEXT,
    "axes.formatter.useoffset": False,
    "axes.formatter.use_mathtext": True,
    "axes.formatter.limits": (-4, 6),
    "legend.frameon": False,
    "legend.fontsize": TEXT - 1,
    "legend.handlelength": 1.6,
    "lines.solid_capstyle": "round",
}


@contextmanager
def _styled() -> Iterator[None]:
    """Draw in the style above; what the backend, loaded with the first figure, says of interactive use outlives it."""
    with mpl.rc_context(STYLE):
        yield
        interactive = mpl.is_interactive()
    mpl.interactive(interactive)


@_styled()
def return_level(
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
    """Draw return levels with their interval and the observations on Gumbel probability paper.

    A Gumbel distribution is a straight line, a GEV with positive shape bends upwards. Return periods are below,
    annual exceedance probabilities above. For minima the level is the T-year minimum. The curve is dashed beyond three
    record lengths, where it rests on the family and no longer on the data.

    Parameters
    ----------
    fit : the fit of one series.
    ax : Axes to draw on; a new figure if None. Call twice with the same Axes to lay one fit over another.
    longest : where the curve ends, in the fit's time unit; three record lengths, but at least 100, if None.
    interval, confidence : as in ``fit.return_level``.
    a : plotting position of the observations, a number or a name; see :func:`plotting_positions`.
    color : of the curve and its band.
    label : what the curve is called in the legend; family and method if None.
    title : replaces the title that names the blocks.
    curve : from :func:`return_level_curve`, where it is at hand, instead of ``longest``, ``interval`` and
        ``confidence``.

    Returns
    -------
    The Axes. The data are in :func:`return_level_points` and :func:`return_level_curve`.

    Raises
    ------
    ArgumentError : the fit holds a batch, or an argument is out of range.

    Source: Coles (2001), sections 2.6.7 and 3.3.4.

    Example: ``ax = ev.plots.return_level(ev.fit(floods, "gumbel"))``.
    """
    points = return_level_points(fit, a)
    if curve is None:
        curve = return_level_curve(fit, longest, interval=interval, confidence=confidence)
    ax = _axes(ax, "return_level")
    ax.set_xscale(GumbelScale.name, blocks_per_year=paper_of(fit).blocks_per_year)
    if not ax.child_axes:
        _label_probabilities(ax, fit)
    reached = np.searchsorted(curve.index, reach_of(fit) * (1.0 + 1e-9))
    ax.plot(curve["estimate"].iloc[:reached], color=color, label=label or _model(fit), zorder=3)
    ax.plot(curve["estimate"].iloc[reached - 1 :], "--", color=color, zorder=3)
    _draw_interval(ax, curve, points["value"], color)
    drawn = _draw_points(ax, points, "return_period", "value")
    if drawn and "block" in points:
        _name_largest(ax, points)
    ax.set(xlabel=f"return period T ({fit.time_unit})", ylabel=_quantity(fit))
    corner: Corner = "lower left" if fit.family.minima else "upper left"
    return _finish(ax, title or _titled("Return levels", fit.extremes), corner)


@_styled()
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
    fit : the fit of one series.
    ax : Axes to draw on; a new figure if None.
    a : plotting position, a number or a name; see :func:`plotting_positions`.
    confidence : coverage of the shaded range of each order statistic under the fitted distribution.
    title : replaces the title.

    Returns
    -------
    The Axes. The data are in :func:`qq_points`.

    Raises
    ------
    ArgumentError : the fit holds a batch, or an argument is out of range.

    Source: Coles (2001), section 2.6.7.

    Example: ``ax = ev.plots.qq(fit, a="weibull")``.
    """
    points = qq_points(fit, a, confidence)
    ax = _axes(ax, "qq")
    _draw_agreement(ax, points, "model", "value", confidence)
    ax.set(xlabel=f"fitted {fit.family.label} quantile{_unit(fit.unit)}", ylabel=f"observed {_quantity(fit)}")
    return _finish(ax, title or _titled("Quantiles", fit.extremes), "upper left")


@_styled()
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
    fit, ax, a, confidence, title : as in :func:`qq`.

    Returns
    -------
    The Axes, both from 0 to 1. The data are in :func:`pp_points`.

    Raises
    ------
    ArgumentError : the fit holds a batch, or an argument is out of range.

    Source: Coles (2001), section 2.6.7.

    Example: ``ax = ev.plots.pp(fit)``.
    """
    points = pp_points(fit, a, confidence)
    ax = _axes(ax, "pp")
    _draw_agreement(ax, points, "probability", "model", confidence)
    ax.set(xlabel="empirical non-exceedance probability", ylabel=f"fitted {fit.family.label} probability")
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    return _finish(ax, title or _titled("Probabilities", fit.extremes), "upper left")


@_styled()
def density(fit: Fit, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Draw the fitted density over the histogram of the observations, each of them a tick below if they are few.

    Parameters
    ----------
    fit : the fit of one series.
    ax : Axes to draw on; a new figure if None.
    title : replaces the title.

    Returns
    -------
    The Axes. The data are in :func:`density_points` and :func:`histogram_points`.

    Raises
    ------
    ArgumentError : the fit holds a batch.

    Example: ``ax = ev.plots.density(fit)``.
    """
    curve, bars = density_points(fit), histogram_points(fit)
    ax = _axes(ax, "density")
    width = bars["right"] - bars["left"]
    label = f"{bars['count'].sum()} observations"
    ax.bar(bars["left"], bars["density"], width, align="edge", color="#D9D9D9", edgecolor="white", label=label)
    ax.plot(curve["value"], curve["density"], color=FITTED, label=_model(fit), zorder=3)
    if bars["count"].sum() <= RUG:
        _draw_rug(ax, one_series(fit))
    ax.set(xlabel=_quantity(fit), ylabel=f"density{_unit(fit.unit, 'per {}')}")
    _add_headroom(ax, bottom=0.0)
    corner: Corner = "upper left" if fit.family.minima else "upper right"
    return _finish(ax, title or _titled("Density", fit.extremes), corner)


@_styled()
def diagnostics(
    fit: Fit,
    axes: Sequence[Axes] | NDArray[np.object_] | None = None,
    *,
    interval: str | Interval | None = None,
    confidence: float = 0.95,
    a: float | str = 0.44,
    title: str | None = None,
    curve: pd.DataFrame | None = None,
) -> NDArray[np.object_]:
    """Draw the four plots by which a fit is judged: probabilities, quantiles, return levels and density.

    Parameters
    ----------
    fit : the fit of one series.
    axes : four Axes in any shape; a new figure if None.
    interval, confidence, a, curve : as in :func:`return_level`.
    title : replaces the title of the new figure.

    Returns
    -------
    The Axes in an array of shape (2, 2).

    Raises
    ------
    ArgumentError : the fit holds a batch, or ``axes`` are not four.

    Source: Coles (2001), section 3.3.4 and figure 3.4.

    Example: ``ev.plots.diagnostics(fit)[0, 0].figure.savefig("diagnostics.png")``.
    """
    one_series(fit)
    panels = _panels(axes, diagnostics_title(fit, title))
    top, bottom = panels
    pp(fit, top[0], a=a, confidence=confidence, title="Probabilities")
    qq(fit, top[1], a=a, confidence=confidence, title="Quantiles")
    return_level(fit, bottom[0], interval=interval, confidence=confidence, a=a, title="Return levels", curve=curve)
    density(fit, bottom[1], title="Density")
    return panels


@_styled()
def series(extremes: Extremes, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Draw the series with its block maxima (or minima) marked, and those of the blocks left out crossed.

    Only the line is thinned, to what can be seen; gaps stay open.

    Parameters
    ----------
    extremes : block maxima or minima, as from ``block_maxima``.
    ax : Axes to draw on; a new figure if None.
    title : replaces the title that names the blocks.

    Returns
    -------
    The Axes. The data are in :func:`series_points` and :func:`extreme_points`.

    Example: ``ax = ev.plots.series(floods)``.
    """
    line, marked = series_points(extremes), extreme_points(extremes)
    ax = _axes(ax, "series")
    kept = marked["reason"].isna()
    if extremes.series is not None:
        ax.plot(line["time"], line["value"], color="#8FA9BC", linewidth=0.5)
    label = f"{kept.sum()} block {_EXTREMES[extremes.kind]}"
    ax.plot(marked["time"][kept], marked["value"][kept], "o", ms=_size(kept.sum()), color=FITTED, label=label)
    if not kept.all():
        label = f"{(~kept).sum()} left out"
        ax.plot(marked["time"][~kept], marked["value"][~kept], "x", ms=5.5, mew=1.4, color=LEFT_OUT, label=label)
    _label_times(ax, extremes)
    ax.set_ylabel(_quantity(extremes))
    ax.margins(x=0.02)
    _add_headroom(ax)
    return _finish(ax, title or _titled("Series", extremes), "upper left", columns=2)


# -- what several figures draw -----------------------------------------------------------------------------------------


def _draw_interval(ax: Axes, curve: pd.DataFrame, observed: pd.Series, color: str) -> None:
    """The interval of the return levels, or the word in the legend that there is none."""
    label = f"{percent(curve.attrs['confidence'])} interval ({curve.attrs['interval']})"
    known = curve.dropna()
    if known.empty:
        ax.plot([], [], " ", label=f"{label}: not available")
        return
    _draw_band(ax, known.reset_index(), "return_period", np.append(curve["estimate"], observed), label, color)


def _draw_agreement(ax: Axes, points: pd.DataFrame, x: str, y: str, confidence: float) -> None:
    """The diagonal of perfect agreement, the range that order statistics keep to, and the points."""
    both = points[[x, y]].to_numpy()
    ax.axline((both.min(), both.min()), slope=1.0, color=FITTED, label="agreement", zorder=3)
    _draw_band(ax, points, x, both, f"{percent(confidence)} range of each point under the fit", FITTED)
    _draw_points(ax, points, x, y)


def _draw_band(ax: Axes, table: pd.DataFrame, x: str, core: NDArray[np.float64], label: str, color: str) -> None:
    """A shaded band that may run out of the view but hardly widens it: bounds can be enormous or infinite."""
    low, high, span = core.min(), core.max(), np.ptp(core)
    bounds = table[["lower", "upper"]].clip(low - 9 * span, high + 9 * span)
    seen = bounds.clip(low - 0.5 * span, high + 0.5 * span)
    outline = np.column_stack([np.append(table[x], table[x][::-1]), np.append(bounds["lower"], bounds["upper"][::-1])])
    band = PolyCollection([outline], facecolor=color, edgecolor="none", alpha=BAND, label=label, zorder=1)
    ax.add_collection(band, autolim=False)
    ax.update_datalim(np.column_stack([np.tile(table[x], 2), seen.to_numpy().T.ravel()]))
    ax.autoscale_view()


def _draw_points(ax: Axes, points: pd.DataFrame, x: str, y: str) -> bool:
    """The observations as open circles, their plotting position named in the legend; whether they were drawn.

    Where another fit of the same data is laid on top, they are there already.
    """
    if any(np.array_equal(line.get_xydata(), points[[x, y]]) for line in ax.lines):
        return False
    label = f"{len(points)} observations ({points.attrs['plotting_position']})"
    ax.plot(points[x], points[y], "o", ms=_size(len(points)), mfc="white", mec=OBSERVED, mew=0.8, label=label, zorder=4)
    return True


def _name_largest(ax: Axes, points: pd.DataFrame) -> None:
    """The block of the most extreme observation, beside its point."""
    largest = points.iloc[points["return_period"].argmax()]
    place, beside = (largest["return_period"], largest["value"]), (-4, 3)
    text = _plain(str(largest["block"]))
    ax.annotate(text, place, beside, textcoords="offset points", ha="right", va="bottom", fontsize=TEXT - 1, zorder=5)


def _draw_rug(ax: Axes, values: NDArray[np.float64]) -> None:
    """One tick per observation along the bottom."""
    bottom = np.zeros(len(values))
    ax.plot(values, bottom, "|", ms=9, mew=0.8, color=OBSERVED, transform=ax.get_xaxis_transform(), clip_on=False)


def _size(count: int) -> float:
    """Diameter of a marker in points: smaller where there are many."""
    return float(np.clip(7.0 - np.log2(max(count, 1)) / 2.2, 2.8, 5.5))


# -- Axes, labels and legends ------------------------------------------------------------------------------------------


def _axes(ax: Axes | None, plot: str) -> Axes:
    """The given Axes, or those of a new figure, with the quiet look of all plots."""
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.figure(figsize=SIZES[plot], layout="constrained").add_subplot()
    _quieten(ax)
    return ax


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


def _quieten(ax: Axes) -> None:
    """Light grid, thin grey axes. Set on the Axes, since ticks made later would not see the local style."""
    ax.set_axisbelow(True)
    ax.grid(True, color=GRID, linewidth=0.6)
    ax.tick_params(which="both", color=QUIET, labelcolor=OBSERVED, labelsize=TEXT - 0.5, width=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set(color=QUIET, linewidth=0.6)


def _add_headroom(ax: Axes, bottom: float | None = None) -> None:
    """Room for the legend above what is drawn."""
    low, high = ax.get_ylim()
    low = low if bottom is None else bottom
    ax.set_ylim(low, high + 0.15 * (high - low))


def _finish(ax: Axes, title: str, corner: Corner, columns: int = 1) -> Axes:
    """Wrap and escape the title and the labels, and put the legend into the corner that the curve leaves free."""
    box = ax.get_window_extent().transformed(ax.figure.dpi_scale_trans.inverted())
    ax.set_title(_wrapped(title, box.width))
    ax.set_xlabel(_wrapped(ax.get_xlabel(), box.width))
    ax.set_ylabel(_wrapped(ax.get_ylabel(), box.height))
    for axis, largest in ((ax.xaxis, 6), (ax.yaxis, 9)):
        if type(axis.get_major_formatter()) is ScalarFormatter:
            axis.set_major_formatter(_PlainNumbers(largest))
    if isinstance(ax.xaxis.get_major_formatter(), _PlainNumbers):
        ax.locator_params(axis="x", nbins=7)  # numbers are wider than high
    ax.legend(loc=corner, ncols=columns)
    return ax


class _PlainNumbers(ScalarFormatter):
    """Numbers at the ticks as plain text with commas, 1,250,000; a power of ten beside them only far out."""

    def __init__(self, largest: int) -> None:
        super().__init__(useOffset=False, useMathText=False)
        self.set_powerlimits((-5, largest))

    def __call__(self, x: float, pos: int | None = None) -> str:
        whole, point, decimals = super().__call__(x, pos).partition(".")
        digits = whole.lstrip("\N{MINUS SIGN}-")
        return f"{whole.removesuffix(digits)}{int(digits):,}{point}{decimals}" if digits.isdecimal() else whole

    def get_offset(self) -> str:
        self.set_useMathText(True)
        offset = super().get_offset()
        self.set_useMathText(False)
        return offset


def _wrapped(text: str, inches: float) -> str:
    """The text in at most three lines of that length, safe from being read as mathematics."""
    columns = max(int(inches * 72 / (0.65 * TEXT)), 16)
    return _plain("\n".join(textwrap.wrap(text, columns, max_lines=3, placeholder=" …")))


def _plain(text: str) -> str:
    """The text with its dollar signs kept from matplotlib's mathematics."""
    return text.replace("$", r"\$")


def _model(fit: Fit) -> str:
    """``"Gumbel, maximum likelihood"``."""
    return f"{fit.family.label}, {fit.method.label}"


def _quantity(named: Fit | Extremes) -> str:
    """``"discharge (m3/s)"``; a name too long for an axis is cut so that the unit stays."""
    name = named.name if len(named.name) <= 72 else f"{named.name[:71]}…"
    return labelled(name, named.unit)


def _unit(unit: str | None, words: str = "{}") -> str:
    """``" (m3/s)"``, or nothing where the unit is not known."""
    return f" ({words.format(unit)})" if unit else ""


def diagnostics_title(fit: Fit, title: str | None = None) -> str:
    """What stands above the four plots by which a fit is judged."""
    return _wrapped(title or _titled(f"{fit.name}, {_model(fit)}", fit.extremes), 0.9 * SIZES["diagnostics"][0])


def _titled(what: str, extremes: Extremes | None) -> str:
    """``"Density: maxima by water-year (Oct-Sep), 1927 to 2019"``, or the first word where no blocks are known."""
    if extremes is None:
        return what
    first, last = extremes.blocks[0], extremes.blocks[-1]
    return f"{what}: {_EXTREMES[extremes.kind]} by {extremes.block}, {first} to {last}"


def _label_probabilities(ax: Axes, fit: Fit) -> None:
    """Annual exceedance probabilities above the paper; those of a block where data are undated."""
    above = add_probability_axis(ax)
    above.set_xlabel(_PROBABILITIES[fit.family.minima, fit.blocks_per_year is None])
    above.tick_params(color=QUIET, labelcolor=OBSERVED, labelsize=TEXT - 0.5, width=0.6)
    above.spines["top"].set(color=QUIET, linewidth=0.6)


def _label_times(ax: Axes, extremes: Extremes) -> None:
    """Dates without needless repetition; else what is counted."""
    if extremes.dates is None:
        ax.set_xlabel("block" if extremes.series is None else "observation")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        return
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
