"""The figures of peaks over a threshold and of its choice: each draws on Axes and returns them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from evstats.errors import ArgumentError, DataError
from evstats.habits import knowing_their_names
from evstats.plots.canvas import (
    FITTED,
    LEFT_OUT,
    QUIET,
    SIZES,
    TEXT,
    add_headroom,
    draw_band,
    draw_threshold,
    finish,
    in_unit,
    label_times,
    marker_size,
    new_axes,
    of_peaks,
    quantity_of,
    quieten,
    quieten_above,
    styled,
    with_unit,
)
from evstats.plots.points import peak_points, series_points
from evstats.reading.units import of_differences
from evstats.text.numbers import number, percent

if TYPE_CHECKING:
    from evstats.extremes.peak_records import Peaks
    from evstats.thresholds import Choice

#: What the columns of a table of thresholds are called beside an axis, and whether they are differences in the unit of
#: the data.
_COLUMNS = {
    "mean_excess": ("mean excess", True),
    "shape": ("shape", False),
    "scale": ("scale", True),
    "modified_scale": ("modified scale", True),
    "extremal_index": ("extremal index", False),
    "rate": ("peaks a year", False),
    "eqd": ("quantile discrepancy", True),
    "weight": ("weight", False),
    "forward_stop": ("ForwardStop mean", False),
    "score_p": ("p-value of the score test", False),
}
#: Numbers of peaks beside each other above an axis, at most.
_COUNTS = 8


@styled()
@knowing_their_names
def peaks(peaks: Peaks, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Draw the series with its threshold and peaks, the exceedances merged into them, and the gaps shaded.

    Only the line is thinned, to what can be seen.

    Parameters
    ----------
    peaks
        Peaks over a threshold, or under one, of one series, as from ``peaks_over_threshold``.
    ax
        Axes to draw on; a new figure if None.
    title
        Replaces the title that names the threshold.

    Returns
    -------
    Axes
        The data are in :func:`series_points`, :func:`peak_points` and ``peaks.gaps``.

    Raises
    ------
    ArgumentError
        What is no peaks, or peaks of a batch.

    Examples
    --------
    >>> import evstats as ev
    >>> import pandas as pd
    >>> days = pd.date_range("2001-01-01", periods=2_000)
    >>> flow = pd.Series(ev.Gumbel(20.0, 9.0).rvs(2_000, rng=1), index=days)
    >>> ax = ev.plots.peaks(ev.peaks_over_threshold(flow, 60.0, separation="7D"))
    """
    marked = peak_points(peaks)
    kept = marked["reason"].isna()
    ax = new_axes(ax, "peaks")
    if peaks.series is not None:
        line = series_points(peaks)
        ax.plot(line["time"], line["value"], color="#8FA9BC", linewidth=0.5)
    count = int(kept.sum())
    size = marker_size(count)
    ax.plot(marked["time"][kept], marked["value"][kept], "o", ms=size, color=FITTED, label=_counted(count), zorder=3)
    if merged := int((~kept).sum()):
        label = f"{merged:,} exceedance{'' if merged == 1 else 's'} merged into them"
        ax.plot(marked["time"][~kept], marked["value"][~kept], ".", ms=2.0, color=QUIET, label=label, zorder=2)
    draw_threshold(ax, float(peaks.threshold), peaks.unit)
    _shade_gaps(ax, peaks)
    label_times(ax, peaks, "peak")
    ax.set_ylabel(quantity_of(peaks))
    ax.margins(x=0.02)
    add_headroom(ax, share=0.25)
    found = of_peaks(count, float(peaks.threshold), peaks.unit, peaks.of_minima, peaks.when)
    return finish(ax, title or f"Series: {found}", "upper left", columns=2)


@styled()
@knowing_their_names
def mean_excess(
    table: pd.DataFrame, ax: Axes | None = None, *, threshold: float | None = None, title: str | None = None
) -> Axes:
    """Draw the mean excess of the peaks over the thresholds; beyond one that holds it is a straight line.

    Its slope is shape/(1 - shape): it falls where the tail is bounded and rises where it is heavy. The number of peaks
    is above.

    Parameters
    ----------
    table
        From ``threshold_diagnostics``.
    ax
        Axes to draw on; a new figure if None.
    threshold
        One to mark.
    title
        Replaces the title that names the data.

    Returns
    -------
    Axes
        The data are in the table.

    Raises
    ------
    ArgumentError
        A table without the columns drawn.

    References
    ----------
    - Davison and Smith (1990), Journal of the Royal Statistical Society B 52, 393-442.
    - Coles (2001), section 4.3.1.

    Examples
    --------
    >>> import evstats as ev
    >>> table = ev.threshold_diagnostics(ev.GPD(0.0, 1.0, 0.1).rvs(500, rng=1), [0.5, 1.0, 1.5], separation=None)
    >>> ax = ev.plots.mean_excess(table)
    """
    _check(table, "mean_excess", "peaks")
    ax = new_axes(ax, "mean_excess")
    _draw_column(ax, table, "mean_excess")
    _mark(ax, threshold)
    _label_thresholds(ax, table)
    add_headroom(ax)
    return finish(ax, title or f"Mean excess: {_of(table)}", "upper left", columns=3)


@styled()
@knowing_their_names
def threshold_stability(
    table: pd.DataFrame,
    axes: Axes | Sequence[Axes] | NDArray[np.object_] | None = None,
    *,
    columns: Sequence[str] = ("shape", "level"),
    threshold: float | None = None,
    title: str | None = None,
) -> NDArray[np.object_]:
    """Draw how the fit moves with the threshold: beyond one that holds it changes by no more than its limits.

    Where what was fitted at the lowest thresholds lies far from the rest, it runs out of the picture. The number of
    peaks is above.

    Parameters
    ----------
    table
        From ``threshold_diagnostics``.
    axes
        As many Axes as there are columns; a new figure with one above the other if None.
    columns
        Of the table, drawn with their limits where it has them; ``"modified_scale"``, ``"scale"``,
        ``"extremal_index"`` and ``"rate"`` are others.
    threshold
        One to mark.
    title
        Replaces the title that names the data.

    Returns
    -------
    NDArray[np.object_]
        The Axes in an array (k,). The data are in the table.

    Raises
    ------
    ArgumentError
        A table without the columns drawn, another number of Axes.

    References
    ----------
    - Coles (2001), section 4.3.4.

    Examples
    --------
    >>> import evstats as ev
    >>> table = ev.threshold_diagnostics(ev.GPD(0.0, 1.0, 0.1).rvs(500, rng=1), [0.5, 1.0, 1.5], separation=None)
    >>> axes = ev.plots.threshold_stability(table, columns=["shape", "modified_scale"])
    """
    columns = [columns] if isinstance(columns, str) else list(columns)
    _check(table, "peaks", *columns)
    panels = _stacked(axes, len(columns))
    for i, (ax, column) in enumerate(zip(panels, columns, strict=True)):
        _draw_column(ax, table, column)
        _view(ax, table, column)
        _mark(ax, threshold)
        _label_thresholds(ax, table, *_labelled(axes, panels, ax))
        add_headroom(ax, share=0.2)
        said = title or f"Stability: {_of(table)}" if i == 0 else ""
        finish(ax, said, "upper left", columns=3)
    return panels


@styled()
@knowing_their_names
def threshold_choice(
    choice: Choice,
    axes: Axes | Sequence[Axes] | NDArray[np.object_] | None = None,
    *,
    confidence: float = 0.95,
    title: str | None = None,
) -> NDArray[np.object_]:
    """Draw what a threshold was chosen by, which come next, and the return level with its interval at each.

    Parameters
    ----------
    choice
        From ``choose_threshold``.
    axes
        Two Axes; a new figure with one above the other if None.
    confidence
        Of the limits of the level, each with its threshold taken as given.
    title
        Replaces the title that names the data.

    Returns
    -------
    NDArray[np.object_]
        The Axes in an array (2,): the criterion and the level. The data are in ``choice.table`` and
        ``choice.levels()``.

    Raises
    ------
    ArgumentError
        What is no choice, other than two Axes, a confidence out of range.

    References
    ----------
    - The methods name their own, as ``ev.ExpectedQuantileDiscrepancy``.

    Examples
    --------
    >>> import evstats as ev
    >>> choice = ev.choose_threshold(ev.GPD(0.0, 1.0, 0.1).rvs(500, rng=1), [0.5, 1.0, 1.5], separation=None)
    >>> axes = ev.plots.threshold_choice(choice)
    """
    from evstats.thresholds import Choice  # only where there is one: a long chain of imports

    if not isinstance(choice, Choice):
        raise ArgumentError(
            f"the choice of a threshold is drawn here, and this is {type(choice).__name__}",
            "give what choose_threshold(...) returns.",
        )
    levels = choice.levels(confidence)
    table = choice.table.assign(level_lower=levels["lower"], level_upper=levels["upper"])
    table.attrs |= levels.attrs
    panels = _stacked(axes, 2)
    for i, (ax, column) in enumerate(zip(panels, (choice.criterion, "level"), strict=True)):
        _draw_column(ax, table, column, "candidates")
        _mark_choice(ax, choice, table[column])
        _view(ax, table, column)
        _label_thresholds(ax, table, *_labelled(axes, panels, ax))
        add_headroom(ax, share=0.2)
        said = title or f"{_capital(choice.label)}: {_of(table)}" if i == 0 else ""
        finish(ax, said, "upper left", columns=4)
    return panels


# -- what several figures draw -----------------------------------------------------------------------------------------


def _draw_column(ax: Axes, table: pd.DataFrame, column: str, label: str = "estimate") -> None:
    """A column over the thresholds, with its limits where there are any."""
    known = table[column].dropna()
    size = marker_size(4 * len(known))
    ax.plot(known.index, known, "o-", color=FITTED, ms=size, lw=1.2, label=label, zorder=3)
    ax.set_ylabel(_named(column, table))
    limits = _limits(table, column)
    if limits.empty or known.empty:
        return
    confidence = table.attrs.get("confidence")
    label = "limits" if confidence is None else f"{percent(confidence)} limits"
    draw_band(ax, limits.reset_index(), "threshold", _core(known, limits), label, FITTED)


def _limits(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """The limits of a column, ``lower upper``, where they are known."""
    bounds = [f"{column}_lower", f"{column}_upper"]
    if not set(bounds) <= set(table.columns):
        return pd.DataFrame(columns=["lower", "upper"])
    return table[bounds].dropna().set_axis(["lower", "upper"], axis=1).rename_axis("threshold").sort_index()


def _core(known: pd.Series, limits: pd.DataFrame) -> NDArray[np.float64]:
    """What the picture is to show: the estimates, and the limits of half the thresholds."""
    return np.concatenate([known.to_numpy(), limits.median().dropna().to_numpy(dtype=float)])


def _view(ax: Axes, table: pd.DataFrame, column: str) -> None:
    """Limits of the axis without the lowest quarter of the thresholds, whose estimates may be far off."""
    further = table.iloc[len(table) // 4 :]
    core = _core(further[column].dropna(), _limits(further, column))
    if not core.size:
        return
    span = np.ptp(core) or abs(core[0]) or 1.0
    low, high = ax.get_ylim()
    ax.set_ylim(max(low, core.min() - 0.6 * span), min(high, core.max() + 0.6 * span))


def _mark(ax: Axes, threshold: float | None) -> None:
    """A line up at a threshold."""
    if threshold is not None:
        label = f"threshold {with_unit(threshold)}"
        ax.axvline(threshold, color=LEFT_OUT, linewidth=1.0, label=label, zorder=2)


def _mark_choice(ax: Axes, choice: Choice, column: pd.Series) -> None:
    """The chosen threshold, and those that come next by their rank."""
    next_ones = choice.runners_up.index
    if len(next_ones):
        ax.plot(next_ones, column[next_ones], "o", ms=7, mfc="none", mec=LEFT_OUT, label="next in rank", zorder=4)
    for rank, threshold in enumerate(next_ones, 2):
        place = (threshold, column[threshold])
        ax.annotate(str(rank), place, (0, 6), textcoords="offset points", ha="center", fontsize=TEXT - 1.5, zorder=5)
    label = f"chosen: {with_unit(choice.threshold)}"
    ax.axvline(choice.threshold, color=LEFT_OUT, linewidth=0.8, zorder=2)
    ax.plot([choice.threshold], [column[choice.threshold]], "o", ms=7, color=LEFT_OUT, label=label, zorder=4)


def _shade_gaps(ax: Axes, peaks: Peaks) -> None:
    """The stretches without values."""
    if peaks.gaps is None or peaks.gaps.empty:
        return
    start, end = (_times(peaks, peaks.gaps[name]) for name in ("start", "end"))
    stretches = list(zip(start, end - start, strict=True))
    label = f"{len(start):,} gap{'' if len(start) == 1 else 's'}"
    across = ax.get_xaxis_transform()
    ax.broken_barh(stretches, (0, 1), transform=across, color=LEFT_OUT, alpha=0.2, lw=0.4, label=label, zorder=0)


def _times(peaks: Peaks, when: pd.Series) -> Any:
    """Local clock times without their zone, or the running numbers, from 1, of undated rows."""
    return when + 1 if peaks.dates is None else pd.DatetimeIndex(when).tz_localize(None)


# -- Axes and labels ---------------------------------------------------------------------------------------------------


def _stacked(axes: Axes | Sequence[Axes] | NDArray[np.object_] | None, count: int) -> NDArray[np.object_]:
    """So many Axes (count,), of a new figure one above the other if none are given."""
    if axes is None:
        import matplotlib.pyplot as plt

        wide, high = SIZES["panel"]
        _, panels = plt.subplots(
            count, 1, figsize=(wide, count * high), sharex=True, squeeze=False, layout="constrained"
        )
        axes = panels.ravel()
    panels = np.atleast_1d(np.asarray(axes, dtype=object)).ravel()
    if panels.size != count:
        raise ArgumentError(f"{count} Axes are drawn on, not {panels.size}; plt.subplots({count}, 1)[1] makes them.")
    for ax in panels:
        quieten(ax)
    return panels


def _labelled(axes: object, panels: NDArray[np.object_], ax: Axes) -> tuple[bool, bool]:
    """Whether one of the Axes has labels above and below: all that were given, else the first and the last."""
    return axes is not None or ax is panels[0], axes is not None or ax is panels[-1]


def _label_thresholds(ax: Axes, table: pd.DataFrame, above: bool = True, below: bool = True) -> None:
    """What thresholds are counted in below, and the number of peaks at some of them above."""
    ax.margins(x=0.03)
    if below:
        ax.set_xlabel(f"threshold{in_unit(table.attrs.get('unit'))}")
    if above and not ax.child_axes:
        some = _apart(table.index.to_numpy(dtype=float))
        counts = ax.secondary_xaxis("top")
        counts.set_xticks(table.index.to_numpy()[some], [f"{n:,}" for n in table["peaks"].to_numpy()[some]])
        counts.xaxis.set_minor_locator(NullLocator())
        counts.set_xlabel("number of peaks")
        quieten_above(counts)


def _apart(places: NDArray[np.float64]) -> NDArray[np.intp]:
    """Which of the thresholds have room for a label each: the first, the last, and some between."""
    last, least = places[-1], np.ptp(places) / _COUNTS
    kept = [0]
    for i, place in enumerate(places[:-1]):
        if abs(place - places[kept[-1]]) >= least and abs(last - place) >= least:
            kept.append(i)
    return np.array([*kept, len(places) - 1] if len(places) > 1 else kept)


def _check(table: pd.DataFrame, *columns: str) -> None:
    """An error unless it is a table of thresholds that has these columns."""
    missing = [name for name in columns if name not in getattr(table, "columns", ())]
    if missing:
        raise ArgumentError(
            f"the table has no column {missing[0]!r}", "give what threshold_diagnostics(...) returns.", argument="table"
        )
    if table.empty:
        raise DataError("the table holds no threshold", "give what threshold_diagnostics(...) returns.")


def _named(column: str, table: pd.DataFrame) -> str:
    """``"100-year level (m3/s)"``."""
    unit = table.attrs.get("unit")
    if column == "level" and "level_name" in table.attrs:
        return f"{table.attrs['level_name']}{in_unit(unit)}"
    if column == "level" and "level_period" in table.attrs:
        period = f"{number(table.attrs['level_period'], 6)}-{table.attrs.get('time_unit', 'year')}"
        return f"{period} level{in_unit(unit)}"
    words, in_data_unit = _COLUMNS.get(column, (column.replace("_", " "), False))
    return f"{words}{in_unit(of_differences(unit) if in_data_unit else None)}"


def _of(table: pd.DataFrame) -> str:
    """``"discharge, separation 7 days"``."""
    name, separation = table.attrs.get("name", "value"), table.attrs.get("separation", "none")
    return f"{name}, every exceedance a peak" if separation == "none" else f"{name}, separation {separation}"


def _counted(count: int) -> str:
    return f"{count:,} peak{'' if count == 1 else 's'}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


__all__ = ["mean_excess", "peaks", "threshold_choice", "threshold_stability"]
