"""Fits of every cell of a grid, and what is asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.distributions import Family
from evstats.estimators import Estimator
from evstats.fitting.asking import OfBlocks
from evstats.fitting.covariates import USUAL_KIND
from evstats.grid.cells import AskedOfTwo, AskedQuantity
from evstats.grid.describing import in_words
from evstats.grid.fits import GridFits, Modelled
from evstats.habits import knowing_their_names
from evstats.intervals import Interval
from evstats.quantities import LevelChange, LogProbabilityRatio, PeakLevel, as_questions

if TYPE_CHECKING:
    import xarray as xr


@knowing_their_names
def fit(
    data: Any,
    family: str | type[Family] | None = None,
    *,
    dim: str | Sequence[str] | None = None,
    method: str | Estimator = "mle",
    loc: Any = None,
    scale: Any = None,
    shape: Any = None,
    trend: Any = None,
    trend_kind: str = USUAL_KIND,
    covariates: Any = None,
    missing: str = "raise",
    prior: Any = None,
    rng: int | None = None,
) -> xr.Dataset:
    """Fit a family of extreme-value distributions to the block extremes, or to the peaks, of every cell.

    Each cell is fitted alone, as ``evstats.fit`` fits its series, to the last bit: neighbours lend nothing.

    Parameters
    ----------
    data
        A DataArray of block maxima or minima, of any unit, NaN for missing, such as ``grid.block_maxima`` makes
        (its minima are fitted by the mirror image of a family of maxima); or the Dataset of
        ``grid.peaks_over_threshold``. Held by NumPy it is computed at once, held by dask when asked for, one task
        for each chunk of cells; ``dim`` is rechunked to one piece where it is not.
    family
        As in ``evstats.fit``; where none is named the GEV, of peaks the GPD.
    dim
        The dimension of the observations; all others are cells. Several are pooled into one sample, stacked in their
        order, as ``("time", "member")`` of an ensemble. By default ``"time"``, or ``"block"`` where there is that.
    method, loc, scale, shape, trend, trend_kind, missing, prior, rng
        As in ``evstats.fit``; designs are the same in
        every cell.
    covariates
        As in ``evstats.fit``, or a DataArray or Dataset along ``dim``.

    Returns
    -------
    Dataset
        ``loc``, ``scale``, ``shape`` (those of the family), ``status`` (flags of ``Status``) and ``n``, the
        number of values, of every cell; with covariates ``coefficients`` along ``coefficient``; of peaks ``threshold``
        and ``rate`` too. A cell without an estimate is NaN and its status says why.

    Raises
    ------
    ArgumentError
        No DataArray, no such dimension, an unknown family or method.
    DataError
        An infinite value, whose cell is named (of dask when it is computed).

    Examples
    --------
    >>> import xarray as xr
    >>> import evstats as ev
    >>> maxima = xr.DataArray(ev.Gumbel(30.0, 8.0).rvs((2, 3, 50), rng=1), dims=("lat", "lon", "time"))
    >>> fitted = fit(maxima, "gumbel")
    >>> list(fitted), fitted["loc"].round(1).values.tolist()
    (['loc', 'scale', 'status', 'n'], [[28.4, 31.6, 28.8], [29.4, 31.6, 30.8]])
    """
    model = Modelled(loc, scale, shape, trend, trend_kind, covariates, missing)
    fits = GridFits.of(data, family, dim, method, model, prior, rng)
    return fits.computed(in_words("fit", **fits.settings))


@knowing_their_names
def return_level(
    data: Any,
    periods: ArrayLike,
    *,
    family: str | type[Family] | None = None,
    dim: str | Sequence[str] | None = None,
    method: str | Estimator = "mle",
    interval: str | Interval | None = None,
    confidence: float = 0.95,
    loc: Any = None,
    scale: Any = None,
    shape: Any = None,
    trend: Any = None,
    trend_kind: str = USUAL_KIND,
    covariates: Any = None,
    missing: str = "raise",
    at: Any = None,
    prior: Any = None,
    rng: int | None = None,
) -> xr.Dataset:
    """The levels that every cell exceeds once in T years on average (undercuts, of minima), with limits.

    Limits are those of each cell by itself: of 10,000 intervals that hold 95 % of the time 500 miss by design.

    Parameters
    ----------
    data, family, dim, method, loc, scale, shape, trend, trend_kind, covariates, missing, prior, rng
        As in ``fit``.
    periods
        T in years where it is known how many blocks a year holds, else in blocks; of peaks in years.
    interval, confidence
        As in ``Fit.return_level``: by default r*, of a Gumbel the exact one.
    at
        With covariates their state, or several as a DataFrame, which are the dimension ``state``.

    Returns
    -------
    Dataset
        What ``fit`` gives, and ``return_level``, ``lower`` and ``upper`` along ``return_period``. Where the
        likelihood has no interior maximum there are limits without an estimate, and the status says so. Of peaks it is
        NaN for periods in which a cell has no more than one.

    Raises
    ------
    ArgumentError, DataError
        As in ``fit``; a period or an interval that is none.

    Examples
    --------
    >>> import xarray as xr
    >>> import evstats as ev
    >>> maxima = xr.DataArray(ev.Gumbel(30.0, 8.0).rvs((3, 50), rng=1), dims=("station", "time"))
    >>> levels = return_level(maxima, [100], family="gumbel")
    >>> levels.return_level.round(1).values.tolist(), levels.upper.round(1).values.tolist()
    ([[65.8, 70.6, 61.6]], [[77.0, 82.5, 71.8]])
    """
    model = Modelled(loc, scale, shape, trend, trend_kind, covariates, missing)
    fits = GridFits.of(data, family, dim, method, model, prior, rng)
    questions = as_questions(periods, "return periods")
    quantity = PeakLevel(questions) if fits.of_peaks else OfBlocks(fits.per_year or 1.0).level(questions)
    asked = AskedQuantity(quantity, interval, confidence, at)
    call = in_words("return_level", periods=[float(period) for period in questions], **fits.settings)
    return fits.computed(call, asked, _by_period(fits, questions), at)


def _by_period(fits: GridFits, periods: Array) -> dict[str, Any]:
    """The coordinate of return periods."""
    attrs = {"long_name": "return period", "units": "1" if fits.per_year is None else "years"}
    return {"return_period": ("return_period", periods, attrs)}


@knowing_their_names
def probability_ratio(
    data: Any,
    events: ArrayLike,
    *,
    family: str | type[Family] | None = None,
    dim: str | Sequence[str] | None = None,
    method: str | Estimator = "mle",
    interval: str | Interval | None = None,
    confidence: float = 0.95,
    loc: Any = None,
    scale: Any = None,
    shape: Any = None,
    trend: Any = None,
    trend_kind: str = USUAL_KIND,
    covariates: Any = None,
    missing: str = "raise",
    now: Any = None,
    then: Any = None,
    prior: Any = None,
    rng: int | None = None,
) -> xr.Dataset:
    """The probability now over that then that a level is exceeded in a year (undercut, of minima), in every cell.

    Parameters
    ----------
    data, family, dim, method, loc, scale, shape, trend, trend_kind, covariates, missing, prior, rng
        As in ``fit``.
    events
        Levels, in the unit of the data, the same in every cell.
    interval, confidence
        As in ``Fit.probability_ratio``.
    now, then
        States of the covariates; by default those that ``Fit.change`` compares.

    Returns
    -------
    Dataset
        What ``fit`` gives, and ``probability_ratio``, ``lower`` and ``upper`` along ``event``: infinite where a
        cell's fit holds the event impossible then, NaN where it is so in both.

    Raises
    ------
    ArgumentError, DataError
        As in ``fit``; nothing that follows covariates; now and then the same.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> import evstats as ev
    >>> years = np.arange(1961, 2021)
    >>> rising = ev.Gumbel(30.0, 8.0).rvs((2, 60), rng=1) + 0.2 * (years - 1961)
    >>> maxima = xr.DataArray(rising, dims=("station", "time"), coords={"time": years})
    >>> ratio = probability_ratio(maxima, [70.0], family="gumbel", loc="year", interval="delta")
    >>> ratio.probability_ratio.round(1).values.tolist()
    [[6.0, 4.3]]
    """
    model = Modelled(loc, scale, shape, trend, trend_kind, covariates, missing)
    fits = GridFits.of(data, family, dim, method, model, prior, rng)
    levels = as_questions(events, "events")
    two = fits.probe.two_states("probability_ratio", now, then)
    attrs = {"long_name": "level of the event", **({} if fits.grid.unit is None else {"units": fits.grid.unit})}
    call = in_words("probability_ratio", events=[float(level) for level in levels], **fits.settings)
    ratio = LogProbabilityRatio(levels, fits.per_year or 1.0)
    asked = AskedOfTwo("probability_ratio", ratio, two, interval, confidence, in_data_unit=False)
    return fits.computed(call, asked, {"event": ("event", levels, attrs)})


@knowing_their_names
def change(
    data: Any,
    periods: ArrayLike,
    *,
    family: str | type[Family] | None = None,
    dim: str | Sequence[str] | None = None,
    method: str | Estimator = "mle",
    interval: str | Interval | None = None,
    confidence: float = 0.95,
    loc: Any = None,
    scale: Any = None,
    shape: Any = None,
    trend: Any = None,
    trend_kind: str = USUAL_KIND,
    covariates: Any = None,
    missing: str = "raise",
    now: Any = None,
    then: Any = None,
    prior: Any = None,
    rng: int | None = None,
) -> xr.Dataset:
    """The T-year level now, less that then, in every cell.

    Parameters
    ----------
    data, family, dim, method, loc, scale, shape, trend, trend_kind, covariates, missing, prior, rng
        As in ``fit``.
    periods
        T in years where it is known how many blocks a year holds, else in blocks.
    interval, confidence
        As in ``Fit.change``.
    now, then
        States of the covariates; by default those that ``Fit.change`` compares.

    Returns
    -------
    Dataset
        What ``fit`` gives, and ``change``, ``lower`` and ``upper`` along ``return_period``, in the unit of the data.

    Raises
    ------
    ArgumentError, DataError
        As in ``fit``; nothing that follows covariates; now and then the same.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> import evstats as ev
    >>> years = np.arange(1961, 2021)
    >>> rising = ev.Gumbel(30.0, 8.0).rvs((2, 60), rng=1) + 0.2 * (years - 1961)
    >>> maxima = xr.DataArray(rising, dims=("station", "time"), coords={"time": years})
    >>> moved = change(maxima, [100.0], family="gumbel", loc="year", interval="delta")
    >>> moved.change.round(1).values.tolist(), moved.lower.round(1).values.tolist()
    ([[15.6, 11.7]], [[7.3, 5.1]])
    """
    model = Modelled(loc, scale, shape, trend, trend_kind, covariates, missing)
    fits = GridFits.of(data, family, dim, method, model, prior, rng)
    two = fits.probe.two_states("change", now, then)
    questions, variates = OfBlocks(fits.per_year or 1.0).variates(periods)
    call = in_words("change", periods=[float(period) for period in questions], **fits.settings)
    asked = AskedOfTwo("change", LevelChange(variates), two, interval, confidence, in_data_unit=True)
    return fits.computed(call, asked, _by_period(fits, questions))


__all__ = ["change", "fit", "probability_ratio", "return_level"]
