"""The data behind each plot as DataFrames, apart from the drawing: what is computed here is what the figures show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from evstats.distributions import Gumbel
from evstats.errors import ArgumentError
from evstats.extremes.peak_records import Peaks
from evstats.extremes.records import Extremes
from evstats.habits import knowing_their_names
from evstats.plots.moving_points import residuals_of
from evstats.plots.paper import GumbelTransform
from evstats.plots.positions import positions_beyond, positions_of
from evstats.plots.samples import (
    blocks_of,
    numbers_of,
    one_record,
    one_series,
    one_state,
    present_values,
    threshold_of,
    values_per_year,
    without_zone,
)
from evstats.remarks.checks import REACH
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from evstats.distributions.base import Family
    from evstats.fitting import Fit
    from evstats.intervals import Interval


@knowing_their_names
def return_level_points(fit: Fit, a: float | str = 0.44, *, at: Any = None) -> pd.DataFrame:
    """The observations of a return-level plot.

    The empirical return period of a maximum is ``T = 1/(lambda (1 - p))`` with its plotting position p and lambda
    blocks per year (years; blocks for undated data); of a minimum, for which small is extreme, ``T = 1/(lambda p)``.
    Of peaks over a threshold lambda is their number a year, so that T is the mean time between events as large.

    Parameters
    ----------
    fit
        The fit of one series.
    a
        Constant or name of the plotting position, see :func:`plotting_positions`.
    at
        With covariates, the state to which the observations are moved; see :func:`observations_in`.

    Returns
    -------
    DataFrame
        As from :func:`plotting_positions`, of observations known by bounds :func:`positions_with_bounds`, with
        ``return_period`` and, where the blocks have labels, ``block``, or the ``date`` of dated peaks.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), "gumbel")
    >>> ev.plots.return_level_points(fit).nlargest(2, "return_period").round(2)
                 rank   value  probability  return_period
    observation
    8              40  184.27         0.99          71.64
    34             39  171.07         0.96          25.72
    """
    points = _in_periods(fit, positions_of(fit, observations_in(fit, at), a, at), at)
    if fit.extremes is not None:
        points["block"] = blocks_of(fit)[points.index]
    if fit.peaks is not None and fit.peaks.dates is not None:
        points["date"] = without_zone(fit.peaks.dates)[points.index]
    return points


@knowing_their_names
def exceeding_points(fit: Fit, a: float | str = 0.44, *, at: Any = None) -> pd.DataFrame:
    """The observations of a return-level plot that are known only to be more extreme than a bound, their ``value``.

    Parameters
    ----------
    fit, a, at
        As of :func:`return_level_points`, of a fit of observations known by bounds.

    Returns
    -------
    DataFrame
        As from :func:`return_level_points`, with ``upper`` infinite, of minima ``lower``.

    Examples
    --------
    >>> import evstats as ev
    >>> gauge = [31.0, 45.0, 28.0, 52.5, 33.0, 39.9, 47.0, 30.4]
    >>> floods = ev.observed(gauge, gauge, years=range(1996, 2004))
    >>> fit = ev.fit(floods.with_history(1901, 1995, threshold=60.0, peaks=1), "gumbel")
    >>> ev.plots.exceeding_points(fit)["value"].tolist()
    [60.0]
    """
    return _in_periods(fit, positions_beyond(fit, a, at), at)


def _in_periods(fit: Fit, points: pd.DataFrame, at: Any) -> pd.DataFrame:
    """Plotting positions with their return periods."""
    beyond = points["probability"] if fit.family.minima else 1.0 - points["probability"]
    return points.assign(return_period=1.0 / (values_per_year(fit, at) * beyond))


@knowing_their_names
def return_level_curve(
    fit: Fit,
    longest: float | None = None,
    *,
    at: Any = None,
    interval: str | Interval | None = None,
    confidence: float = 0.95,
    size: int = 81,
) -> pd.DataFrame:
    """The fitted return levels with their interval, at return periods evenly spaced on Gumbel paper.

    The curve of peaks over a threshold begins beside it, at the mean time between peaks.

    Parameters
    ----------
    fit
        The fit of one series.
    longest
        The last return period, in the fit's time unit; None for three record lengths, but at least 100.
    at, interval, confidence
        As in ``fit.return_level``.
    size
        Number of return periods.

    Returns
    -------
    DataFrame
        Indexed by ``return_period`` with ``estimate``, ``lower``, ``upper``, as from ``fit.return_level``.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), "gumbel")
    >>> ev.plots.return_level_curve(fit, 1000).loc[100.0:].head(1).round(1)
                   estimate  lower  upper
    return_period
    100.830061        197.3  175.5  233.6
    """
    paper = paper_of(fit)
    periods = return_level_points(fit, at=at)["return_period"]
    last = max(reach_of(fit), 100.0) if longest is None else longest
    if not periods.min() < last < np.inf:
        raise ArgumentError(
            f"the curve cannot end at T = {longest!r}",
            f"it begins at {periods.min():.4g} {fit.time_unit}, so give a longer return period.",
        )
    first, end = paper.transform([periods.min(), last])
    grid = paper.inverted().transform(np.linspace(first, end, size))
    return fit.return_level(grid, at=at, interval=interval, confidence=confidence)


@knowing_their_names
def qq_points(fit: Fit, a: float | str = 0.44, confidence: float = 0.95) -> pd.DataFrame:
    """Observed against fitted quantiles, with the range each order statistic keeps to if the fitted distribution holds.

    With covariates both are of the residuals, which are standard Gumbel if the fit is true.

    Parameters
    ----------
    fit
        The fit of one series.
    a
        Constant or name of the plotting position, see :func:`plotting_positions`.
    confidence
        Coverage of the pointwise range. Parameters are taken as known, which makes the range a little wide
        for the sample they were fitted to.

    Returns
    -------
    DataFrame
        As from :func:`plotting_positions` with ``model`` (fitted quantile of that probability), ``lower`` and
        ``upper``, in the unit of the data.

    References
    ----------
    - Coles (2001), section 2.6.7.
    - The i-th of n uniform order statistics follows Beta(i, n + 1 - i).

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), "gumbel")
    >>> ev.plots.qq_points(fit)[["value", "model"]].tail(2).round(1)
                 value  model
    observation
    34           171.1  167.2
    8            184.3  189.8
    """
    sample, distribution = _sample(fit)
    points = positions_of(fit, sample, a)
    lower, upper = _order_statistics(points, confidence)
    model = distribution.ppf(points["probability"])
    return points.assign(model=model, lower=distribution.ppf(lower), upper=distribution.ppf(upper))


@knowing_their_names
def pp_points(fit: Fit, a: float | str = 0.44, confidence: float = 0.95) -> pd.DataFrame:
    """Fitted against empirical probabilities, with the range each keeps to if the fitted distribution holds.

    With covariates both are of the residuals, which are standard Gumbel if the fit is true.

    Parameters
    ----------
    fit, a, confidence
        As in :func:`qq_points`.

    Returns
    -------
    DataFrame
        As from :func:`plotting_positions` with ``model`` (the fitted distribution function at the value), ``lower`` and
        ``upper``.

    References
    ----------
    - Coles (2001), section 2.6.7.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), "gumbel")
    >>> ev.plots.pp_points(fit)[["probability", "model"]].tail(2).round(3)
                 probability  model
    observation
    34                 0.961  0.967
    8                  0.986  0.982
    """
    sample, distribution = _sample(fit)
    points = positions_of(fit, sample, a)
    lower, upper = _order_statistics(points, confidence)
    return points.assign(model=distribution.cdf(points["value"]), lower=lower, upper=upper)


def _sample(fit: Fit) -> tuple[NDArray[np.float64], Family]:
    """What was observed and its fitted distribution; with covariates the residuals, and the standard Gumbel."""
    if not fit.has_covariates:
        return one_series(fit), fit.distribution
    return residuals_of(fit), Gumbel(0.0, 1.0)


def observations_in(fit: Fit, at: Any = None) -> NDArray[np.float64]:
    """The observations (n,) of a fit of one series; with covariates as they would have been in the state ``at``.

    Each keeps its residual on the standard Gumbel scale, and so its probability: of a model whose location alone moves
    it is shifted by the location, of one in proportion it is scaled.

    Raises
    ------
    ArgumentError
        A batch; a fit with covariates without a state, or one without with a state.

    References
    ----------
    - Coles (2001), section 6.2.3.
    - Philip et al. (2020), Advances in Statistical Climatology, Meteorology and Oceanography 6, 177-203.
    """
    if at is None:
        return one_series(fit)
    there = one_state(fit, at)
    if fit.of_peaks:  # residuals say how probable a larger size is
        return np.asarray(there.exceedance_level(-np.expm1(-np.exp(-residuals_of(fit)))), dtype=float)
    return np.asarray(fit.estimation.design.drawn(there[..., None], residuals_of(fit)), dtype=float)


def _order_statistics(points: pd.DataFrame, confidence: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The central range of every uniform order statistic, by its rank among all."""
    if not 0.0 < confidence < 1.0:
        problem = Text(Setting("confidence"), f" must lie strictly between 0 and 1, not {confidence!r}")
        raise ArgumentError(problem, "0.95 is usual.")
    tails = np.array([[(1.0 - confidence) / 2.0], [(1.0 + confidence) / 2.0]])
    ranks = points["rank"].to_numpy()
    lower, upper = special.betaincinv(ranks, points.attrs.get("observations", len(ranks)) + 1.0 - ranks, tails)
    return lower, upper


@knowing_their_names
def density_points(fit: Fit, size: int = 201) -> pd.DataFrame:
    """The fitted density across the observations and a little beyond.

    Parameters
    ----------
    fit
        The fit of one series.
    size
        Number of points.

    Returns
    -------
    DataFrame
        With ``value`` in the unit of the data and ``density`` per that unit.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), "gumbel")
    >>> points = ev.plots.density_points(fit)
    >>> float(points["value"][points["density"].idxmax()].round(1))
    96.7
    """
    sample = present_values(fit)
    if not sample.size:  # all are known by bounds
        sample = fit.estimation.values[np.isfinite(fit.estimation.values)]
    margin = 0.25 * np.ptp(sample)
    likely = fit.distribution.ppf([1e-4, 1.0 - 1e-4])
    low, high = max(sample.min() - margin, likely[0]), min(sample.max() + margin, likely[1])
    low, high = _from_threshold(fit, min(low, sample.min()), max(high, sample.max()))
    grid = np.linspace(low, high, size)
    return pd.DataFrame({"value": grid, "density": fit.distribution.pdf(grid)})


@knowing_their_names
def histogram_points(fit: Fit) -> pd.DataFrame:
    """The histogram of the observations on a density scale, bins by NumPy's "auto" rule, 40 at most.

    That of peaks begins (of minima ends) at their threshold.

    Parameters
    ----------
    fit
        The fit of one series.

    Returns
    -------
    DataFrame
        With one row per bin: ``left``, ``right``, ``count``, ``density``; the densities integrate to 1. No row where
        all observations are known by bounds.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), "gumbel")
    >>> int(ev.plots.histogram_points(fit)["count"].sum())
    40
    """
    sample = present_values(fit)
    if not sample.size:
        return pd.DataFrame({"left": [], "right": [], "count": np.zeros(0, np.intp), "density": []})
    ends = _from_threshold(fit, sample.min(), sample.max())
    bins = min(len(np.histogram_bin_edges(sample, "auto")) - 1, 40)
    counts, edges = np.histogram(sample, bins, range=ends)
    density = counts / counts.sum() / np.diff(edges)
    return pd.DataFrame({"left": edges[:-1], "right": edges[1:], "count": counts, "density": density})


@knowing_their_names
def series_points(extremes: Extremes | Peaks, columns: int = 2000) -> pd.DataFrame:
    """The series behind the extremes, thinned for drawing to the lowest and highest value in each pixel column.

    What remains draws the same picture. A gap of more than ten time steps that would show is marked by a row without
    value, so that no line is drawn across it.

    Parameters
    ----------
    extremes
        Block maxima or minima, or peaks over a threshold, that know the series they were taken from.
    columns
        Number of pixel columns; a series of up to four values per column is left as it is.

    Returns
    -------
    DataFrame
        With ``time`` (dates, or the running number of the observation from 1) and ``value``.

    Examples
    --------
    >>> import evstats as ev
    >>> import pandas as pd
    >>> days = pd.date_range("2001-01-01", periods=2_000)
    >>> flow = pd.Series(ev.Gumbel(20.0, 9.0).rvs(2_000, rng=1), index=days)
    >>> ev.plots.series_points(ev.block_maxima(flow, "year"))["value"].head(2).round(1).tolist()
    [19.4, 30.6]
    """
    times, values = _observations(extremes)
    clock = times.astype("int64")
    column = np.maximum(clock[-1] - clock[0], 1) / columns
    drawn = thinned(clock, values, columns)
    step = np.median(np.diff(clock)) if len(clock) > 1 else 0.0
    gaps = np.flatnonzero(np.diff(clock[drawn]) > max(10 * step, 2 * column)) + 1
    times, values = times[drawn], values[drawn]
    return pd.DataFrame({"time": np.insert(times, gaps, times[gaps]), "value": np.insert(values, gaps, np.nan)})


def thinned(clock: NDArray[Any], values: NDArray[np.float64], columns: int = 2000) -> NDArray[np.intp]:
    """Places of the lowest and highest value in each pixel column, which draw the same picture."""
    if len(values) <= 4 * columns:
        return np.arange(len(values))
    column = np.maximum(clock[-1] - clock[0], 1) / columns
    grouped = pd.Series(values).groupby((clock - clock[0]) // column)
    return np.unique([grouped.idxmin(), grouped.idxmax()])


@knowing_their_names
def extreme_points(extremes: Extremes) -> pd.DataFrame:
    """Where the block extremes lie in their series, those of the blocks left out included.

    Parameters
    ----------
    extremes
        Block maxima or minima.

    Returns
    -------
    DataFrame
        With ``time`` (dates; the running number of the observation or block where undated), ``value``, ``block`` and
        ``reason`` (why the block was left out, missing where it was kept); of extremes known by bounds ``lower``,
        ``upper`` and ``perception`` beside. A year of a history stands at its middle.

    Examples
    --------
    >>> import evstats as ev
    >>> import pandas as pd
    >>> days = pd.date_range("2001-01-01", periods=2_000)
    >>> flow = pd.Series(ev.Gumbel(20.0, 9.0).rvs(2_000, rng=1), index=days)
    >>> ev.plots.extreme_points(ev.block_maxima(flow, "year")).nlargest(2, "value")["block"].tolist()
    [2004, 2005]
    """
    dropped = extremes.dropped.rename(columns={"date": "time"}).dropna(subset="value")
    blocks = np.append(extremes.blocks, dropped["block"].to_numpy(dtype=object))
    if extremes.dates is None:
        times = _places(extremes, blocks)
    else:
        times = np.append(without_zone(extremes.dates), without_zone(pd.DatetimeIndex(dropped["time"])))
        times = np.where(np.isnat(times), _middles(blocks), times)
    values = np.append(extremes.values, dropped["value"])
    reasons = np.append(np.full(len(extremes.values), None), dropped["reason"])
    found = pd.DataFrame({"time": times, "value": values, "block": blocks, "reason": reasons})
    if extremes.lower is None:
        return found
    return found.join(extremes.to_frame()[["lower", "upper", "perception"]])


def _middles(blocks: NDArray[np.object_]) -> NDArray[np.datetime64]:
    """The middle of the year of each block that is one, else no time."""
    years = [f"{block:04d}-07-01" if isinstance(block, int | np.integer) else "NaT" for block in blocks]
    return np.array(years, dtype="datetime64[ns]")


@knowing_their_names
def peak_points(peaks: Peaks) -> pd.DataFrame:
    """Where the peaks lie in their series, and the exceedances that were merged into them.

    Parameters
    ----------
    peaks
        Peaks over a threshold, or under one, of one series.

    Returns
    -------
    DataFrame
        In the order of ``peaks.values`` and then of ``peaks.merged`` with ``time`` (dates; the running number of the
        observation or peak where undated), ``value`` and ``reason`` (why it is no peak, missing for peaks).

    Raises
    ------
    ArgumentError
        Peaks of a batch.

    Examples
    --------
    >>> import evstats as ev
    >>> import pandas as pd
    >>> days = pd.date_range("2001-01-01", periods=2_000)
    >>> flow = pd.Series(ev.Gumbel(20.0, 9.0).rvs(2_000, rng=1), index=days)
    >>> peaks = ev.peaks_over_threshold(flow, 60.0, separation="7D")
    >>> ev.plots.peak_points(peaks)["value"].nlargest(2).round(1).tolist()
    [95.9, 74.1]
    """
    one_record(peaks)
    there = ~np.isnan(peaks.values)
    times = numbers_of(peaks)[there] if peaks.dates is None else without_zone(peaks.dates)[there]
    kept = pd.DataFrame({"time": times, "value": peaks.values[there], "reason": None})
    if peaks.merged is None or peaks.merged.empty:
        return kept
    merged = peaks.merged[["date", "value", "reason"]].rename(columns={"date": "time"})
    merged["time"] = merged["time"] + 1 if peaks.dates is None else without_zone(pd.DatetimeIndex(merged["time"]))
    return pd.concat([kept, merged], ignore_index=True)


def _observations(extremes: Extremes | Peaks) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Times and values of the series; of the extremes themselves where they came without one."""
    series = extremes.series
    if series is None:
        marked = peak_points(extremes) if isinstance(extremes, Peaks) else extreme_points(extremes)
        kept = marked[marked["reason"].isna()]
        return kept["time"].to_numpy(), kept["value"].to_numpy()
    index = series.index
    times = without_zone(index) if isinstance(index, pd.DatetimeIndex) else index.to_numpy() + 1
    return times, series.to_numpy(dtype=float)


def _places(extremes: Extremes, blocks: NDArray[np.object_]) -> NDArray[Any]:
    """The running numbers, from 1, of undated extremes in their series; those of the blocks where there is none."""
    if extremes.series is None or extremes.observations_per_block is None:
        return np.arange(1, len(blocks) + 1)
    grouped = extremes.series.groupby(extremes.series.index // int(extremes.observations_per_block) + 1)
    places = grouped.idxmax() if extremes.kind == "max" else grouped.idxmin()
    return places.loc[list(blocks)].to_numpy() + 1


def _from_threshold(fit: Fit, low: float, high: float) -> tuple[float, float]:
    """The ends of what is drawn, of peaks the one beside the threshold moved to it."""
    if not fit.of_peaks:
        return low, high
    threshold = threshold_of(fit)
    return (low, threshold) if fit.family.minima else (threshold, high)


def paper_of(fit: Fit) -> GumbelTransform:
    """The Gumbel paper on which the return periods of a fit are drawn; undated data count one block as a unit.

    Peaks may come at any time: their return periods count events.
    """
    return GumbelTransform(np.inf if fit.of_peaks else fit.blocks_per_year or 1.0)


def reach_of(fit: Fit) -> float:
    """The return period beyond which a level rests on the family and no longer on the data."""
    return REACH * fit.n / values_per_year(fit)
