"""What is drawn of a fit with covariates: levels that move, and residuals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from evstats.errors import ArgumentError, unknown_name
from evstats.estimators import Regression
from evstats.habits import knowing_their_names
from evstats.plots.samples import kept_values, refuse_batch, values_per_year, without_zone
from evstats.quantities import as_questions
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from evstats.fitting import Fit
    from evstats.intervals import Interval


@knowing_their_names
def trend_points(fit: Fit, *, over: str | None = None) -> pd.DataFrame:
    """The blocks of a fit with covariates in the order of time, or over a covariate.

    Parameters
    ----------
    fit
        The fit of one series.
    over
        Name of a covariate; None for the time where the blocks have one, else the first covariate.

    Returns
    -------
    DataFrame
        In the order of ``fit.values`` with ``place`` (the middle of the block as a date, its year, or the covariate),
        ``value``, ``fitted`` (False of a block left out by ``exclude``) and, where they have labels, ``block``.
        ``attrs["over"]`` says what ``place`` is: ``"date"``, ``"year"``, ``"block"`` or the covariate.

    Raises
    ------
    ArgumentError
        A fit without covariates, a batch, an unknown covariate.

    Examples
    --------
    >>> import evstats as ev
    >>> import pandas as pd
    >>> floods = pd.Series(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), index=range(1981, 2021))
    >>> ev.plots.trend_points(ev.fit(floods, "gumbel", loc="year")).nlargest(2, "value").round(1)
         place  value  fitted  block
    8   1989.0  184.3    True   1989
    34  2015.0  171.1    True   2015
    """
    refuse_batch(fit)
    states = fit.covariates
    if over is not None and over not in states:
        raise unknown_name("covariate", over, map(str, states.columns), argument="over")
    places, of = (states[over].to_numpy(), over) if over is not None else _places_in_time(fit, states)
    values = np.asarray(fit.values, dtype=float)
    fitted = ~np.isnan(values)
    if fit.extremes is not None:
        kept = kept_values(fit)
        values = fit.extremes.values if kept is None else fit.extremes.values[kept]
    points = pd.DataFrame({"place": places, "value": values, "fitted": fitted})
    if states.index.name is not None:
        points["block"] = states.index.to_numpy()
    points.attrs["over"] = of
    return points


def _places_in_time(fit: Fit, states: pd.DataFrame) -> tuple[NDArray[Any], str]:
    """When the fitted blocks are, and what that is; the first covariate where it is not known."""
    extremes, kept = fit.extremes, kept_values(fit)
    if extremes is not None and extremes.dates is not None:
        middle = extremes.dates
        if extremes.starts is not None and extremes.ends is not None:
            middle = extremes.starts + (extremes.ends - extremes.starts) / 2
        dates = without_zone(middle)
        return dates if kept is None else dates[kept], "date"
    if states.index.name is None:
        return states.iloc[:, 0].to_numpy(), str(states.columns[0])
    labels = states.index
    if labels.dtype.kind in "iuf":
        return labels.to_numpy(dtype=float), "block" if extremes is not None else "year"
    stamps = pd.to_datetime(labels, errors="coerce", format="ISO8601")
    return (states.iloc[:, 0].to_numpy(), str(states.columns[0])) if stamps.hasnans else (without_zone(stamps), "date")


def two_states(fit: Fit) -> tuple[dict[str, float], dict[str, float]]:
    """The states that are compared where none are given, then and now."""
    refuse_batch(fit)
    if not isinstance(fit.estimation, Regression):
        raise ArgumentError("this fit has no covariates", Text("fit with some, as in ", Setting("loc", "year"), "."))
    before, after = fit.estimation.predictors.then_and_now()
    return before.state(), after.state()


@knowing_their_names
def trend_curve(
    fit: Fit,
    levels: ArrayLike = (2.0, 10.0, 100.0),
    *,
    over: str | None = None,
    interval: str | Interval | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The effective return levels of a fit with covariates at every block, as if its covariates stayed.

    Parameters
    ----------
    fit
        The fit of one series.
    levels
        Their return periods, in the fit's time unit.
    over
        As in :func:`trend_points`.
    interval, confidence
        As in ``fit.return_level``.

    Returns
    -------
    DataFrame
        With a row for each return period and block, in the order of the places: ``return_period``, ``place``,
        ``estimate``, ``lower``, ``upper``; the limits are those of the longest return period, NaN of the others.

    References
    ----------
    - Katz, Parlange and Naveau (2002), Advances in Water Resources 25, 1287-1304.

    Examples
    --------
    >>> import evstats as ev
    >>> import pandas as pd
    >>> floods = pd.Series(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), index=range(1981, 2021))
    >>> fit = ev.fit(floods, "gumbel", loc="year")
    >>> curve = ev.plots.trend_curve(fit, [100], interval="delta")
    >>> curve[["place", "estimate"]].tail(1).round(1)
         place  estimate
    39  2020.0     190.5
    """
    points, states = trend_points(fit, over=over), fit.covariates
    order = np.argsort(points["place"].to_numpy(), kind="stable")
    periods = np.unique(as_questions(levels, "levels"))
    longest = fit.return_level(periods[-1:], at=states, interval=interval, confidence=confidence)
    there = fit.at(states)
    beyond = 1.0 / np.multiply.outer(np.broadcast_to(values_per_year(fit, states), len(states)), periods)
    estimates = there[..., None].exceedance_level(beyond)
    tables = []
    for place, period in enumerate(periods):
        table = pd.DataFrame({"return_period": period, "place": points["place"], "estimate": estimates[:, place]})
        bounds = longest[["lower", "upper"]].to_numpy() if period == periods[-1] else np.full((len(states), 2), np.nan)
        tables.append(table.assign(lower=bounds[:, 0], upper=bounds[:, 1]).iloc[order])
    curve = pd.concat(tables, ignore_index=True)
    curve.attrs = longest.attrs | points.attrs
    return curve


@knowing_their_names
def residual_points(fit: Fit, *, over: str | None = None) -> pd.DataFrame:
    """The residuals of a fit with covariates on the standard Gumbel scale, of minima mirrored.

    Parameters
    ----------
    fit, over
        As in :func:`trend_points`.

    Returns
    -------
    DataFrame
        As from :func:`trend_points` with ``residual`` (standard Gumbel if the fit is true) in place of ``value``,
        without the blocks left out.

    References
    ----------
    - Coles (2001), section 6.2.3.

    Examples
    --------
    >>> import evstats as ev
    >>> import pandas as pd
    >>> floods = pd.Series(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), index=range(1981, 2021))
    >>> points = ev.plots.residual_points(ev.fit(floods, "gumbel", loc="year"))
    >>> round(float(points["residual"].mean()), 2)
    0.57
    """
    points = trend_points(fit, over=over).assign(residual=residuals_of(fit))
    return points[points["fitted"]].drop(columns=["value", "fitted"])


def residuals_of(fit: Fit) -> NDArray[np.float64]:
    """The residuals (n,) of a fit of one series on the standard Gumbel scale, of minima mirrored; NaN for missing."""
    refuse_batch(fit)
    return np.asarray(fit.estimation.residuals(), dtype=float)
