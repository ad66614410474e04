"""The figures of losses beside their forecasts: each draws on Axes and returns them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from evstats.errors import ArgumentError
from evstats.habits import knowing_their_names
from evstats.plots.canvas import (
    FITTED,
    LEFT_OUT,
    QUIET,
    add_headroom,
    finish,
    label_dates,
    marker_size,
    new_axes,
    plain,
    styled,
)
from evstats.plots.points import thinned
from evstats.text.numbers import number, percent

if TYPE_CHECKING:
    from evstats.losses import Backtest
    from evstats.losses.forecasts import Daily

#: Lines of several levels or forecasts, told apart in grey too.
_DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
_COLORS = (FITTED, LEFT_OUT, "#009E73", "#CC79A7", "#262626", "#56B4E9")


@styled()
@knowing_their_names
def backtest(bt: Backtest, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Draw the losses with the VaR and the ES that were forecast, and the exceedances marked.

    Only lines are thinned, to what can be seen.

    Parameters
    ----------
    bt
        What ``backtest`` returns. Of several levels each VaR is drawn, and exceedances of a higher one are filled.
    ax
        Axes to draw on; a new figure if None.
    title
        Replaces the title that counts the exceedances.

    Returns
    -------
    Axes
        The data are in :func:`backtest_points`.

    Raises
    ------
    ArgumentError
        What is no back-test.

    Examples
    --------
    >>> import evstats as ev
    >>> losses = ev.Gumbel(0.0, 1.0).rvs(300, rng=1)
    >>> bt = ev.backtest(losses, [4.6] * 300, [5.6] * 300, level=0.99)
    >>> ax = ev.plots.backtest(bt)
    """
    points = backtest_points(bt)
    levels = bt.forecasts.levels
    ax = new_axes(ax, "backtest")
    if bt.forecasts.days is None or not isinstance(bt.forecasts.days, pd.DatetimeIndex):
        ax.set_xlabel("day" if bt.forecasts.days is None else plain(str(bt.forecasts.days.name or "day")))
    else:
        label_dates(ax)
    line = points.iloc[_drawn(points, "loss")]
    ax.plot(line["day"], line["loss"], color="#8FA9BC", linewidth=0.5, zorder=1)
    for level, dashes in zip(levels, _DASHES * len(levels), strict=False):
        _draw_forecast(ax, points, f"var_{level:g}", f"VaR {percent(level)}", dashes, FITTED)
        if f"es_{level:g}" in points and len(levels) == 1:
            _draw_forecast(ax, points, f"es_{level:g}", f"ES {percent(level)}", _DASHES[1], QUIET)
    for level in levels:
        _draw_exceedances(ax, points, level, filled=level == levels[-1], alone=len(levels) == 1)
    ax.set_ylabel("loss")
    ax.margins(x=0.02)
    add_headroom(ax, share=0.3)
    return finish(ax, title or _counted(bt), "upper left", columns=2)


@knowing_their_names
def backtest_points(bt: Backtest) -> pd.DataFrame:
    """What :func:`backtest` draws, one row a day.

    Parameters
    ----------
    bt
        From ``ev.backtest``.

    Returns
    -------
    DataFrame
        With ``day`` (dates, or counted from 1), ``loss``, and for each level ``var_0.99``, ``es_0.99`` where there is
        one, and ``exceeds_0.99``.

    Raises
    ------
    ArgumentError
        What is no back-test.

    Examples
    --------
    >>> import evstats as ev
    >>> losses = ev.Gumbel(0.0, 1.0).rvs(300, rng=1)
    >>> points = ev.plots.backtest_points(ev.backtest(losses, [3.0] * 300, level=0.95))
    >>> points["exceeds_0.95"].sum()
    np.int64(15)
    """
    from evstats.losses import Backtest

    if not isinstance(bt, Backtest):
        raise ArgumentError(
            f"a back-test is drawn here, and this is {type(bt).__name__}", "give what backtest returns."
        )
    given = bt.forecasts
    days = np.arange(1, bt.n + 1) if given.days is None or given.days.dtype.kind not in "iufM" else given.days
    columns: dict[str, Any] = {"day": days, "loss": given.losses}
    for place, level in enumerate(given.levels):
        columns[f"var_{level:g}"] = given.var[place]
        if given.es is not None:
            columns[f"es_{level:g}"] = given.es[place]
        columns[f"exceeds_{level:g}"] = given.hits[place]
    return pd.DataFrame(columns)


@styled()
@knowing_their_names
def murphy(
    losses: Daily,
    forecasts: Mapping[str, Any],
    ax: Axes | None = None,
    *,
    level: float = 0.975,
    title: str | None = None,
) -> Axes:
    """Draw the Murphy diagram of forecasts: below is better, by every proper score where it is below throughout.

    Parameters
    ----------
    losses, forecasts, level
        As in ``compare_forecasts``.
    ax
        Axes to draw on; a new figure if None.
    title
        Replaces the title.

    Returns
    -------
    Axes
        The data are in ``evstats.losses.murphy_curve``.

    Raises
    ------
    DataError, ArgumentError
        As ``compare_forecasts``.

    References
    ----------
    - Ehm, Gneiting, Jordan and Krueger (2016), Journal of the Royal Statistical Society B 78, 505-562.
    - Ziegel, Krueger, Jordan and Fasciati (2020), Journal of Financial Econometrics 18, 95-120.

    Examples
    --------
    >>> import evstats as ev
    >>> losses = ev.Gumbel(0.0, 1.0).rvs(300, rng=1)
    >>> forecasts = {"evt": ([4.6] * 300, [5.6] * 300), "normal": ([2.3] * 300, [2.7] * 300)}
    >>> ax = ev.plots.murphy(losses, forecasts, level=0.99)
    """
    from evstats.losses import murphy_curve

    curves = murphy_curve(losses, forecasts, level=level)
    ax = new_axes(ax, "murphy")
    for place, name in enumerate(curves.columns):
        style: Any = {"color": _COLORS[place % len(_COLORS)], "linestyle": _DASHES[place % len(_DASHES)]}
        ax.plot(curves.index, curves[name], label=plain(str(name)), linewidth=1.3, **style)
    of = "VaR" if curves.attrs["score"] == "quantile" else "VaR and ES"
    ax.set(xlabel="threshold", ylabel="mean elementary score")
    ax.margins(x=0.02)
    add_headroom(ax, share=0.3)
    level = curves.attrs["level"]
    return finish(ax, title or f"Murphy diagram of {of} at {percent(level)}: below is better", "upper left", columns=2)


def _draw_forecast(ax: Axes, points: pd.DataFrame, name: str, label: str, dashes: Any, color: str) -> None:
    line = points.iloc[_drawn(points, name)]
    ax.plot(line["day"], line[name], color=color, linestyle=dashes, linewidth=0.9, label=label, zorder=2)


def _draw_exceedances(ax: Axes, points: pd.DataFrame, level: float, *, filled: bool, alone: bool) -> None:
    there = points[points[f"exceeds_{level:g}"]]
    count = len(there)
    label = f"{count:,} exceedance{'' if count == 1 else 's'}{'' if alone else f' of {percent(level)}'}"
    inside = LEFT_OUT if filled else "white"
    style: Any = {"ms": marker_size(count), "mfc": inside, "mec": LEFT_OUT, "mew": 0.8, "label": label}
    ax.plot(there["day"], there["loss"], "o", zorder=4 if filled else 3, **style)


def _drawn(points: pd.DataFrame, name: str) -> Any:
    """The rows of a line that are seen."""
    days = points["day"].to_numpy()
    return thinned(days.astype("int64"), points[name].to_numpy())


def _counted(bt: Backtest) -> str:
    """``"VaR at 99 %: 9 exceedances, 3 expected (300 days)"``."""
    found, levels = bt.forecasts.hits.sum(axis=-1).tolist(), bt.forecasts.levels
    said = [
        f"{percent(level)}: {count:,} exceedance{'' if count == 1 else 's'}, {number(expected, 3)} expected"
        for level, count, expected in zip(levels, found, np.atleast_1d(bt.expected), strict=True)
    ]
    return f"VaR at {'; '.join(said)} ({bt.n:,} days)"


__all__ = ["backtest", "backtest_points", "murphy"]
