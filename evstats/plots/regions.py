"""The figures of a region: L-moment ratios of its sites beside those of families, and its growth curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from evstats.distributions import FAMILIES
from evstats.habits import knowing_their_names
from evstats.plots.canvas import (
    FITTED,
    LEFT_OUT,
    OBSERVED,
    QUIET,
    add_headroom,
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
from evstats.text.numbers import percent

if TYPE_CHECKING:
    from evstats.regions import Region, RegionalFit

#: Families of three parameters by Hosking's names, in the order of their L-kurtosis, and how each is drawn.
_CURVES: dict[str, Any] = {
    "glo": {"color": "#D55E00"},
    "gev": {"color": "#0072B2"},
    "gno": {"color": "#009E73", "linestyle": (0, (5, 1.5))},
    "pe3": {"color": "#CC79A7", "linestyle": (0, (4, 1.5, 1, 1.5))},
    "gpa": {"color": "#767676", "linestyle": (0, (1.2, 1.2))},
}
_LONGEST, _MOST_POINTS = 1_000.0, 4_000


@knowing_their_names
def ratio_curves(low: float = -0.2, high: float = 0.6) -> pd.DataFrame:
    """L-kurtosis of the families of three parameters, one column each, by L-skewness ``t_3``.

    Parameters
    ----------
    low, high
        The least and the greatest L-skewness.

    Returns
    -------
    DataFrame
        Index ``t_3``.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.plots.ratio_curves(0.0, 0.2).tail(1).round(3)
         glo    gev    gno    pe3    gpa
    t_3
    0.2  0.2  0.163  0.154  0.136  0.077
    """
    t3 = np.linspace(low, high, 81)
    columns = {}
    for name in _CURVES:
        family = FAMILIES[name]
        fitted = family.from_parameters(family.from_lmoments(np.ones_like(t3), np.full_like(t3, 0.2), t3))
        columns[name] = fitted.lmoments()[3]
    return pd.DataFrame(columns, index=pd.Index(t3, name="t_3"))


@styled()
@drawing("Region")
@knowing_their_names
def lmoment_ratios(region: Region, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Draw the L-moment ratio diagram: the sites, their average, and the curves of families of three parameters.

    Parameters
    ----------
    region
        The sites.
    ax
        Axes to draw on; a new figure if None.
    title
        Replaces the title.

    Returns
    -------
    Axes
        The curves are in :func:`ratio_curves`, the points in ``region.sites()``. Discordant sites are named.

    References
    ----------
    - Hosking and Wallis (1997), section 2.8 and figure 2.5.

    Examples
    --------
    >>> import evstats as ev
    >>> sites = {f"site {i}": ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=i) for i in range(6)}
    >>> ax = ev.plots.lmoment_ratios(ev.region(sites))
    """
    ax = new_axes(ax, "density")
    sites, average = region.sites().join(region.discordancy()["discordant"]), region.average
    low, high = sites["t_3"].min(), sites["t_3"].max()
    curves = ratio_curves(max(low - 0.06, -0.9), min(high + 0.06, 0.9))
    for name, style in _CURVES.items():
        ax.plot(curves.index, curves[name], label=name.upper(), linewidth=1.3, zorder=2, **style)
    size = marker_size(len(sites))
    ax.plot(sites["t_3"], sites["t_4"], "o", color=OBSERVED, markersize=size, alpha=0.55, mew=0, label="site", zorder=3)
    odd = sites[sites["discordant"]]
    if len(odd):
        ax.plot(
            odd["t_3"], odd["t_4"], "o", mfc="none", mec=LEFT_OUT, markersize=size + 4, label="discordant", zorder=3
        )
    for site, row in odd.iterrows():
        ax.annotate(plain(str(site)), (row["t_3"], row["t_4"]), (6, 4), textcoords="offset points", fontsize=7.5)
    ax.plot(average.t_3, average.t_4, "P", color=FITTED, mec="white", markersize=10, label="regional average", zorder=4)
    ax.set(xlabel="L-skewness", ylabel="L-kurtosis", xlim=(curves.index[0], curves.index[-1]))
    reach = sites["t_4"].min(), sites["t_4"].max()
    room = 0.08 * np.ptp(reach) + 0.01
    ax.set_ylim(reach[0] - room, reach[1] + room)
    add_headroom(ax, share=0.22)
    return finish(ax, title or f"L-moment ratios of {len(sites)} sites", "upper left", columns=4)


@styled()
@drawing("RegionalFit")
@knowing_their_names
def growth_curve(
    fit: RegionalFit,
    ax: Axes | None = None,
    *,
    longest: float = _LONGEST,
    confidence: float = 0.95,
    correlation: float = 0.0,
    title: str | None = None,
) -> Axes:
    """Draw the growth curve of a region with its bounds on Gumbel probability paper.

    Parameters
    ----------
    fit
        The regional fit.
    ax
        Axes to draw on; a new figure if None.
    longest
        Return period at which the curve ends, in blocks.
    confidence, correlation
        Of the bounds, as in ``fit.growth_curve``.
    title
        Replaces the title.

    Returns
    -------
    Axes
        The values of the sites, where they are known, stand at their plotting positions, divided by the index of the
        site.

    Examples
    --------
    >>> import evstats as ev
    >>> sites = {f"site {i}": ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=i) for i in range(6)}
    >>> ax = ev.plots.growth_curve(ev.region(sites).fit("glo"))
    """
    ax = new_axes(ax, "return_level")
    ax.set_xscale(GumbelScale.name)
    above = add_probability_axis(ax)
    above.set_xlabel("annual exceedance probability (AEP)")
    quieten_above(above)
    periods = 1.0 / -np.expm1(-np.exp(-np.linspace(-np.log(np.log(1.0 / 0.01)), np.log(longest), 60)))
    table = fit.growth_curve(periods, confidence=confidence, correlation=correlation).reset_index()
    _draw_sites(ax, fit)
    label = f"{fit.family.label} of {len(fit.region.names)} sites"
    ax.plot(table["return_period"], table["estimate"], color=FITTED, label=plain(label), zorder=3)
    core = table["estimate"].to_numpy()
    draw_band(ax, table, "return_period", core, f"{percent(confidence)} bounds, simulated", FITTED)
    ax.set(xlabel="return period T (years)", ylabel=f"multiple of the {fit.region.index}")
    return finish(ax, title or "Growth curve", "upper left")


def _draw_sites(ax: Axes, fit: RegionalFit) -> None:
    region = fit.region
    if not region.values or region.n.sum() > _MOST_POINTS:
        return
    for place, values in enumerate(region.values):
        points = plotting_positions(values)
        periods, scaled = 1.0 / (1.0 - points["probability"]), points["value"] / region.index_values[place]
        label = "value of a site over its index" if place == 0 else None
        ax.plot(periods, scaled, ".", color=QUIET, alpha=0.35, markersize=3.0, mew=0, label=label, zorder=1)


__all__ = ["growth_curve", "lmoment_ratios", "ratio_curves"]
