"""The data behind each plot as DataFrames, apart from the drawing: what is computed here is what the figures show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from evstats.distributions import Gumbel
from evstats.errors import ArgumentError, DataError, unknown_name
from evstats.estimators import Regression
from evstats.extremes.records import Extremes, Peaks
from evstats.models import Bounds, Observed
from evstats.plots.paper import GumbelTransform
from evstats.quantities import as_questions
from evstats.registry import Registry
from evstats.remarks.checks import REACH
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from evstats.distributions.base import Family
    from evstats.fitting import Fit
    from evstats.intervals import Interval

#: The constant a of the plotting position (i - a)/(n + 1 - 2a), by the name of its author.
PLOTTING_POSITIONS = Registry(
    "plotting position",
    {"weibull": 0.0, "beard": 0.31, "blom": 0.375, "cunnane": 0.4, "gringorten": 0.44, "hazen": 0.5},
)


def plotting_positions(values: ArrayLike, a: float | str = 0.44) -> pd.DataFrame:
    """The empirical non-exceedance probability of every value: ``p = (i - a)/(n + 1 - 2a)`` for the i-th smallest of n.

    Parameters
    ----------
    values
        An array (n,); NaN is missing and left out. Tied values keep ranks of their own.
    a
        Number in [0, 1), or a name: "weibull" (0), "beard" (0.31), "blom" (0.375), "cunnane" (0.4),
        "gringorten" (0.44, the default: nearly unbiased for the Gumbel distribution) or "hazen" (0.5).

    Returns
    -------
    DataFrame
        In ascending order of the values: ``rank`` (1 is the smallest), ``value``, ``probability``. The index is the
        place of the value in the input; ``attrs["plotting_position"]`` says which one it is.

    Raises
    ------
    ArgumentError
        A is out of range or an unknown name.
    DataError
        Values are not one series, or no value is there.

    References
    ----------
    - Gringorten (1963), J. Geophys. Res. 68, 813-814.
    - Cunnane (1978), J. Hydrol. 37, 205-222.

    Examples
    --------
    >>> plotting_positions([7.0, 3.0, 5.0], a="weibull")["probability"].tolist()
    [0.25, 0.5, 0.75]
    """
    constant = PLOTTING_POSITIONS[a] if isinstance(a, str) else float(a)
    if not 0.0 <= constant < 1.0:
        raise ArgumentError(f"the plotting position's a must be in [0, 1), not {a!r}", "0.44 is Gringorten's.")
    sample = np.asarray(values, dtype=float)
    if sample.ndim != 1 or not np.isfinite(sample).any():
        raise DataError(f"plotting positions rank one series of finite values, not an array of shape {sample.shape}.")
    order = np.argsort(sample, kind="stable")[: np.count_nonzero(~np.isnan(sample))]
    ranks = np.arange(1, len(order) + 1)
    probabilities = (ranks - constant) / (len(order) + 1 - 2 * constant)
    columns = {"rank": ranks, "value": sample[order], "probability": probabilities}
    points = pd.DataFrame(columns, index=pd.Index(order, name="observation"))
    points.attrs["plotting_position"] = _named(constant)
    return points


def positions_with_bounds(pairs: ArrayLike, a: float | str = 0.44, *, minima: bool = False) -> pd.DataFrame:
    """The empirical non-exceedance probability of observations of which some are known by bounds.

    Every level that some observations are known only to lie below is a threshold. With A observations from one to the
    next, and B below it, the chance of passing it is p = q + (1 - q) A/(A + B), q that of the next, and those A share
    what lies between q and p as the plotting position of a sample of A does. Without such levels it is that of all.

    Parameters
    ----------
    pairs
        Lower and upper bounds, (n, 2), as of ``Extremes.pairs``.
    a
        As of :func:`plotting_positions`.
    minima
        Whether small is extreme.

    Returns
    -------
    DataFrame
        As from :func:`plotting_positions` of the observations that are numbers, and of those known between two bounds
        at their middle, with ``lower`` and ``upper``; ``rank`` is that among all, as the probability has it, and need
        not be whole.

    References
    ----------
    - Hirsch, R. M. and Stedinger, J. R. (1987). Plotting positions for historical floods and their precision. Water
      Resources Research 23, 715-727, equations 12 to 15.

    Examples
    --------
    >>> positions_with_bounds([[5, 5], [7, 7], [-np.inf, 6], [8, 8]], a=0)["probability"].round(3).tolist()
    [0.25, 0.667, 0.833]
    """
    constant = PLOTTING_POSITIONS[a] if isinstance(a, str) else float(a)
    known = Bounds.of(np.asarray(pairs, dtype=float) * (-1.0 if minima else 1.0))
    placed, drawn = known.exact | known.between | known.above, known.exact | known.between
    with np.errstate(invalid="ignore"):
        middle = np.where(known.above, known.lower, 0.5 * (known.lower + known.upper))
    values, below = middle[placed], known.upper[known.below]
    thresholds = np.unique(np.append(below, -np.inf))
    beyond, passed = np.empty(values.size), 0.0
    for low, high in zip(thresholds[::-1], np.append(thresholds[1:], np.inf)[::-1], strict=True):
        own = np.flatnonzero((values >= low) & (values < high))
        lower = np.count_nonzero(values < low) + np.count_nonzero(below <= low)
        reached = passed + (1.0 - passed) * (own.size / (own.size + lower) if own.size else 0.0)
        falling = own[np.argsort(-values[own], kind="stable")]
        beyond[falling] = passed + (reached - passed) * (np.arange(1, own.size + 1) - constant) / (
            own.size + 1 - 2 * constant
        )
        passed = reached
    probability, total = (beyond if minima else 1.0 - beyond)[drawn[placed]], values.size + below.size
    order, index = np.argsort(probability, kind="stable"), np.flatnonzero(drawn)
    rank = probability * (total + 1 - 2 * constant) + constant
    sign = -1.0 if minima else 1.0
    ends = np.sort(sign * np.stack([known.lower, known.upper], axis=-1)[drawn], axis=-1)
    columns = {"rank": rank, "value": sign * middle[drawn], "probability": probability}
    columns |= {"lower": ends[:, 0], "upper": ends[:, 1]}
    points = pd.DataFrame(columns, index=pd.Index(index, name="observation")).iloc[order]
    points.attrs |= {"plotting_position": f"Hirsch and Stedinger, a = {constant:g}", "observations": total}
    return points


def _positions(fit: Fit, sample: NDArray[np.float64], a: float | str, at: Any = None) -> pd.DataFrame:
    """The plotting positions of what was fitted; with covariates of residuals, or of what they would be in a state."""
    if not fit.estimation.design.bounded:
        return plotting_positions(sample, a)
    minima = fit.family.minima and (at is not None or not fit.has_covariates)
    return positions_with_bounds(_bounds_in(fit, at) if fit.has_covariates else fit.estimation.values, a, minima=minima)


def _bounds_in(fit: Fit, at: Any) -> NDArray[np.float64]:
    """The bounds (n, 2) on the standard Gumbel scale, or in a state, each with the probability that it has in its own
    block.
    """
    pairs = fit.estimation.values
    sign, own = -1.0 if fit.family.minima else 1.0, fit.distribution.as_maxima()[..., None]
    with np.errstate(invalid="ignore"):
        there = np.sort(own.reduced(sign * pairs), axis=-1)
        if at is None:
            return there
        moved = one_state(fit, at).as_maxima().from_gumbel(there)
    return np.sort(sign * np.where(np.isinf(there), there, moved), axis=-1)  # open, whatever the end of the support


def _named(constant: float) -> str:
    """``"Gringorten, a = 0.44"``; a constant of nobody's is ``"a = 0.2"``."""
    authors = [f"{name.capitalize()}, " for name, a in PLOTTING_POSITIONS.items() if a == constant]
    return f"{''.join(authors)}a = {constant:g}"


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
    points = _positions(fit, observations_in(fit, at), a, at)
    beyond = points["probability"] if fit.family.minima else 1.0 - points["probability"]
    points["return_period"] = 1.0 / (values_per_year(fit, at) * beyond)
    if fit.extremes is not None:
        points["block"] = _blocks_of(fit)[points.index]
    if fit.peaks is not None and fit.peaks.dates is not None:
        points["date"] = _naive(fit.peaks.dates)[points.index]
    return points


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
        kept = _kept(fit)
        values = fit.extremes.values if kept is None else fit.extremes.values[kept]
    points = pd.DataFrame({"place": places, "value": values, "fitted": fitted})
    if states.index.name is not None:
        points["block"] = states.index.to_numpy()
    points.attrs["over"] = of
    return points


def _places_in_time(fit: Fit, states: pd.DataFrame) -> tuple[NDArray[Any], str]:
    """When the fitted blocks are, and what that is; the first covariate where it is not known."""
    extremes, kept = fit.extremes, _kept(fit)
    if extremes is not None and extremes.dates is not None:
        middle = extremes.dates
        if extremes.starts is not None and extremes.ends is not None:
            middle = extremes.starts + (extremes.ends - extremes.starts) / 2
        dates = _naive(middle)
        return dates if kept is None else dates[kept], "date"
    if states.index.name is None:
        return states.iloc[:, 0].to_numpy(), str(states.columns[0])
    labels = states.index
    if labels.dtype.kind in "iuf":
        return labels.to_numpy(dtype=float), "block" if extremes is not None else "year"
    stamps = pd.to_datetime(labels, errors="coerce", format="ISO8601")
    return (states.iloc[:, 0].to_numpy(), str(states.columns[0])) if stamps.hasnans else (_naive(stamps), "date")


def first_and_last(fit: Fit) -> tuple[dict[str, float], dict[str, float]]:
    """The states of the covariates at the first and the last block."""
    refuse_batch(fit)
    if not isinstance(fit.estimation, Regression):
        raise ArgumentError("this fit has no covariates", Text("fit with some, as in ", Setting("loc", "year"), "."))
    first, last = fit.estimation.predictors.ends()
    return first.state(), last.state()


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
    points = _positions(fit, sample, a)
    lower, upper = _order_statistics(points, confidence)
    model = distribution.ppf(points["probability"])
    return points.assign(model=model, lower=distribution.ppf(lower), upper=distribution.ppf(upper))


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
    points = _positions(fit, sample, a)
    lower, upper = _order_statistics(points, confidence)
    return points.assign(model=distribution.cdf(points["value"]), lower=lower, upper=upper)


def _sample(fit: Fit) -> tuple[NDArray[np.float64], Family]:
    """What was observed and its fitted distribution; with covariates the residuals, and the standard Gumbel."""
    if not fit.has_covariates:
        return one_series(fit), fit.distribution
    return residuals_of(fit), Gumbel(0.0, 1.0)


def residuals_of(fit: Fit) -> NDArray[np.float64]:
    """The residuals (n,) of a fit of one series on the standard Gumbel scale, of minima mirrored; NaN for missing."""
    refuse_batch(fit)
    return np.asarray(fit.estimation.residuals(), dtype=float)


def one_state(fit: Fit, at: Any) -> Family:
    """The distribution of a fit of one series in one state of its covariates."""
    refuse_batch(fit)
    there = fit.at(at)
    if there.batch_shape:
        raise ArgumentError(
            Text(Setting("at"), " holds several states, and a plot shows one"), "give one, or draw them one by one."
        )
    return there


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
    sample = _present(fit)
    margin = 0.25 * np.ptp(sample)
    likely = fit.distribution.ppf([1e-4, 1.0 - 1e-4])
    low, high = max(sample.min() - margin, likely[0]), min(sample.max() + margin, likely[1])
    low, high = _from_threshold(fit, min(low, sample.min()), max(high, sample.max()))
    grid = np.linspace(low, high, size)
    return pd.DataFrame({"value": grid, "density": fit.distribution.pdf(grid)})


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
        With one row per bin: ``left``, ``right``, ``count``, ``density``; the densities integrate to 1.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1), "gumbel")
    >>> int(ev.plots.histogram_points(fit)["count"].sum())
    40
    """
    sample = _present(fit)
    ends = _from_threshold(fit, sample.min(), sample.max())
    bins = min(len(np.histogram_bin_edges(sample, "auto")) - 1, 40)
    counts, edges = np.histogram(sample, bins, range=ends)
    density = counts / counts.sum() / np.diff(edges)
    return pd.DataFrame({"left": edges[:-1], "right": edges[1:], "count": counts, "density": density})


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
        ``reason`` (why the block was left out, missing where it was kept).

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
        times = np.append(_naive(extremes.dates), _naive(pd.DatetimeIndex(dropped["time"])))
    values = np.append(extremes.values, dropped["value"])
    reasons = np.append(np.full(len(extremes.values), None), dropped["reason"])
    return pd.DataFrame({"time": times, "value": values, "block": blocks, "reason": reasons})


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
    times = _numbers(peaks)[there] if peaks.dates is None else _naive(peaks.dates)[there]
    kept = pd.DataFrame({"time": times, "value": peaks.values[there], "reason": None})
    if peaks.merged is None or peaks.merged.empty:
        return kept
    merged = peaks.merged[["date", "value", "reason"]].rename(columns={"date": "time"})
    merged["time"] = merged["time"] + 1 if peaks.dates is None else _naive(pd.DatetimeIndex(merged["time"]))
    return pd.concat([kept, merged], ignore_index=True)


def _numbers(peaks: Peaks) -> NDArray[Any]:
    """The running numbers (n,), from 1, of undated peaks in their series; their own where there is none."""
    if peaks.series is None or peaks.sizes is None:
        return np.arange(1, peaks.values.size + 1)
    values = peaks.series.to_numpy(dtype=float) * (-1.0 if peaks.of_minima else 1.0)
    beyond = np.flatnonzero(values > (-peaks.threshold if peaks.of_minima else peaks.threshold))
    clusters = np.split(beyond, np.cumsum(peaks.sizes)[:-1])
    places = [cluster[np.argmax(values[cluster])] for cluster in clusters]
    return peaks.series.index.to_numpy()[places] + 1


def _observations(extremes: Extremes | Peaks) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Times and values of the series; of the extremes themselves where they came without one."""
    series = extremes.series
    if series is None:
        marked = peak_points(extremes) if isinstance(extremes, Peaks) else extreme_points(extremes)
        kept = marked[marked["reason"].isna()]
        return kept["time"].to_numpy(), kept["value"].to_numpy()
    index = series.index
    times = _naive(index) if isinstance(index, pd.DatetimeIndex) else index.to_numpy() + 1
    return times, series.to_numpy(dtype=float)


def _places(extremes: Extremes, blocks: NDArray[np.object_]) -> NDArray[Any]:
    """The running numbers, from 1, of undated extremes in their series; those of the blocks where there is none."""
    if extremes.series is None or extremes.observations_per_block is None:
        return np.arange(1, len(blocks) + 1)
    grouped = extremes.series.groupby(extremes.series.index // int(extremes.observations_per_block) + 1)
    places = grouped.idxmax() if extremes.kind == "max" else grouped.idxmin()
    return places.loc[list(blocks)].to_numpy() + 1


def _naive(times: pd.DatetimeIndex) -> NDArray[np.datetime64]:
    """Local clock times without their zone, which matplotlib would turn to UTC."""
    return times.tz_localize(None).to_numpy()


def _present(fit: Fit) -> NDArray[np.float64]:
    """The numbers, but those that are known for their size."""
    values, design = one_series(fit), fit.estimation.design
    seen = ~np.isnan(values)
    if isinstance(design, Observed) and design.perception is not None:
        seen &= np.isneginf(design.perception)
    return values[seen]


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


def values_per_year(fit: Fit, at: Any = None) -> Any:
    """How many of its values a year brings: blocks (1 for undated data), or peaks; these in the state ``at``, or in
    each of several, where their rate follows covariates.
    """
    if at is not None and fit.estimation.rate_follows:
        found = fit.rate_at(at, interval="delta")["estimate"].to_numpy()
        return found.item() if found.size == 1 else found
    return fit.rate["estimate"].item() if fit.of_peaks else fit.blocks_per_year or 1.0


def threshold_of(fit: Fit) -> float:
    """The threshold of a fit of peaks."""
    return float(fit.threshold)


def reach_of(fit: Fit) -> float:
    """The return period beyond which a level rests on the family and no longer on the data."""
    return REACH * fit.n / values_per_year(fit)


def one_record(peaks: Peaks) -> None:
    """An error for what is no peaks, or peaks of a batch, which cannot be drawn."""
    if not isinstance(peaks, Peaks):
        raise ArgumentError(
            f"peaks over a threshold are drawn here, and this is {type(peaks).__name__}",
            "give what peaks_over_threshold(...) or as_peaks(...) returns.",
        )
    if peaks.values.ndim > 1:
        raise ArgumentError(
            f"a plot shows one series, and these are the peaks of a batch of shape {peaks.values.shape[:-1]}",
            "take as_peaks of one series first.",
        )


def one_series(fit: Fit) -> NDArray[np.float64]:
    """The observations of a fit of one series, missing ones included; a batch cannot be drawn, nor what follows
    covariates.
    """
    if fit.has_covariates:
        raise ArgumentError(
            "this plot shows one distribution, and that of this fit follows covariates",
            Text("draw trend, then_and_now, or return_level in a state of them (", Setting("at"), ")."),
        )
    refuse_batch(fit)
    return np.asarray(fit.values, dtype=float)


def refuse_batch(fit: Fit) -> None:
    """An error for the fit of a batch, which cannot be drawn."""
    if fit.batch_shape:
        raise ArgumentError(
            f"a plot shows one series, and this fit holds a batch of shape {fit.batch_shape}",
            "index one series first, as in fit[0].",
        )


def _blocks_of(fit: Fit) -> NDArray[np.object_]:
    """The labels of the fitted blocks (n,): all, or those that have every covariate."""
    assert fit.extremes is not None, "asked where blocks are known"
    blocks = np.asarray(fit.extremes.blocks)
    return blocks if (kept := _kept(fit)) is None else blocks[kept]


def _kept(fit: Fit) -> Any:
    """Which of the blocks have every covariate, None for all."""
    return fit.estimation.predictors.covariates.kept if isinstance(fit.estimation, Regression) else None
