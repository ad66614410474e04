"""fit() and Fit: data x family x estimator, and the questions the result answers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from evstats.distributions import Family
from evstats.errors import EvstatsWarning, Status
from evstats.estimators import Estimation, Estimator, leading
from evstats.estimators.expected_moments import check_years
from evstats.estimators.observations import refuse_infinite
from evstats.extremes.duration_records import DurationMaxima
from evstats.extremes.peak_records import Peaks
from evstats.extremes.records import Extremes
from evstats.fitting.changes import Changes
from evstats.fitting.covariates import (
    USUAL_KIND,
    asked_of,
    followed,
    left_out,
    observed_of,
    of_batch,
    refuse_design,
    refuse_left_out,
    refuse_peaks,
    with_rate,
    with_trend,
)
from evstats.fitting.display import Display
from evstats.fitting.inputs import (
    check_values,
    design_of,
    estimator_for,
    family_for,
    in_one_piece,
    kept_values,
    labels_of,
    of_a_series,
    refuse_lump,
    refuse_not_positive,
    source_of,
    values_of,
    without_lumps,
)
from evstats.fitting.layered import Layered
from evstats.habits import knowing_their_names
from evstats.models import predictors_of
from evstats.models.predictors import Observed
from evstats.notes import Note

if TYPE_CHECKING:
    from evstats.fitting.context import Context as Context  # of fields that are inherited
    from evstats.fitting.curves import IDF


@overload
def fit(
    data: DurationMaxima, family: str | None = None, *, method: str | Estimator | None = None, rng: int | None = None
) -> IDF: ...


@overload
def fit(
    data: Any,
    family: str | type[Family] | None = None,
    *,
    method: str | Estimator | None = None,
    loc: Any = None,
    scale: Any = None,
    shape: Any = None,
    rate: Any = None,
    trend: Any = None,
    trend_kind: str = USUAL_KIND,
    covariates: Any = None,
    missing: str = "raise",
    exclude: Any = None,
    prior: Any = None,
    rng: int | None = None,
) -> Fit: ...


@knowing_their_names
def fit(
    data: Any,
    family: str | type[Family] | None = None,
    *,
    method: str | Estimator | None = None,
    loc: Any = None,
    scale: Any = None,
    shape: Any = None,
    rate: Any = None,
    trend: Any = None,
    trend_kind: str = USUAL_KIND,
    covariates: Any = None,
    missing: str = "raise",
    exclude: Any = None,
    prior: Any = None,
    rng: int | None = None,
) -> Fit | IDF:
    """Fit a family of extreme-value distributions to block maxima or minima, or to peaks over a threshold.

    Parameters
    ----------
    data
        An ``Extremes`` from ``block_maxima`` or ``observed``, ``Peaks`` from ``peaks_over_threshold`` or
        ``as_peaks``, of several series from ``stack_peaks``, a pandas Series of one extreme per block, or an array of
        shape batch + (n,): the last axis is observations, every leading axis is a batch of series, NaN is missing. The
        fit keeps a copy of the values; of an array beyond 16 MiB it keeps a read-only view, so do not change it
        afterwards. Or the ``DurationMaxima`` of ``duration_maxima`` or ``durations``, which are fitted by ``"dgev"``.
    family
        A name (``"gev"``, ``"gumbel"``, ``"tcev"``, ``"gev-min"``, ``"gumbel-min"``), of peaks ``"gpd"`` or
        ``"exponential"``, or a class. Minima given as ``Extremes`` or ``Peaks`` are fitted by the mirror image of a
        family of maxima. None is what leads: the GEV, of peaks the GPD, and for one series whose likelihood has no
        interior maximum the same family by Bayes, which a note says: under a normal prior on its shape, of peaks
        without covariates by their generalised fiducial distribution (``prior="fiducial"``). Not where the shape
        follows covariates, or location and scale do in one proportion.
    method
        A name (``"mle"``, ``"moments"``, ``"lmoments"``, ``"bayes"``, ``"expected-moments"``) or an object such as
        ``MaximumLikelihood(penalty=...)`` or ``ExpectedMoments(regional_skew=..., regional_mse=...)``. None is maximum
        likelihood, and of log-Pearson type III (``"lp3"``) expected moments, Bulletin 17C's, whose error is no larger.
    loc, scale, shape
        What a parameter follows: a formula such as ``"year + nino34"``, in which ``year`` is that of
        the block, a whole number for its months and seasons too; a name that is not one word stands in back quotes,
        ``"year + `mean temp`"``. Or an array of shape (n,), (n, p) or batch + (n, p). None and ``"1"`` are a constant.
        The scale follows on its logarithm. By maximum likelihood or Bayes, of Gumbel and GEV and their minima, and of
        peaks over a threshold scale and shape of their sizes, by the covariates of the year of each peak. Of
        observations known by bounds by maximum likelihood, with the covariates of every year of a history.
    rate
        What the logarithm of the number of peaks a year follows, a formula of covariates that are known in every
        calendar year that was observed, whether or not a peak is in it: a Poisson process whose rate is that of the
        year. None is the same in all years.
    trend
        What location and scale follow, in place of ``loc`` and ``scale``: a formula or an array.
    trend_kind
        ``"shift"``, a location that follows the trend, as by ``loc``; ``"scale"``, location and scale that
        follow it in one proportion, loc = ratio exp(a + b x) and scale = exp(a + b x), the "scale fit" or fixed
        dispersion of World Weather Attribution (Philip et al. 2020), for quantities whose zero has a meaning, such as
        rainfall: its coefficients are ``ratio``, ``log_scale:Intercept`` (a), ``log_scale:x`` (b) and the shape, and
        from one state to another every level changes by 100 (exp(b (x - x')) - 1) %. With b = alpha/mu0, mu0 = ratio
        exp(a) and sigma0 = exp(a) it is ``rwwa``'s ``fixeddisp``. The location must be positive.
    covariates
        A DataFrame, a Series with a name, or a mapping of names to arrays. What is indexed by year, date or
        the labels of the blocks is joined by them, the rest goes by position. Of the peaks of several series a table is
        of all, joined to each by its own dates, and one with two levels of index has in the first the number of the
        series.
    missing
        ``"raise"``, or ``"drop"`` to leave out blocks of which a covariate has no value.
    exclude
        Label of a block, or several, to be left out of the fit, such as the event that is asked about.
    prior, rng
        For ``"bayes"``: ``"flat"`` (the default), ``"mdi"``, ``"beta"``, ``"normal"``, ``"weak"`` or a
        callable, and the seed of the posterior draws; see ``Bayes``.

    Returns
    -------
    Fit
        Frozen. A batch holds a status per series; a single series without an estimate raises instead.
    IDF
        Of maxima of several durations.

    Raises
    ------
    DataError
        Fewer than 3 values, or than the coefficients and 3; infinite, boolean, complex or text values.
    ArgumentError
        Unknown family or method; a formula that may not stand.
    FitError
        One series has no estimate by the family named; the message names the remedy.

    Examples
    --------
    >>> import evstats as ev
    >>> result = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3], "gumbel")
    >>> round(float(result.distribution.loc), 2)
    34.44

    With covariates the coefficients are estimated, and what is asked is asked in a state of them:

    >>> import pandas as pd
    >>> rising = pd.Series([31.0, 45.2, 28.9, 39.4, 52.1, 43.3, 48.0, 61.2], index=range(2011, 2019))
    >>> trend = ev.fit(rising, "gumbel", loc="year")
    >>> trend.parameter_names
    ('loc:Intercept', 'loc:year', 'log_scale:Intercept')
    >>> trend.return_level([100], at={"year": 2018}).round(1)
                   estimate  lower  upper
    return_period
    100.0              78.6   67.7  119.9
    """
    if isinstance(data, DurationMaxima):
        others = {"loc": loc, "scale": scale, "shape": shape, "rate": rate, "trend": trend, "covariates": covariates}
        from evstats.fitting.curves import fit_durations

        return fit_durations(data, family, method, prior, rng, {**others, "exclude": exclude})
    data = in_one_piece(data)
    source, context = source_of(data)
    family_class, design = family_for(family, source), design_of(source)
    estimator = estimator_for(family_class.usual_method if method is None else method, prior, rng)
    values = values_of(source, data, design)
    peaks = source if isinstance(source, Peaks) else None
    asked = with_trend(asked_of(family_class, {"loc": loc, "scale": scale, "shape": shape}), trend, trend_kind)
    asked = with_rate(asked, rate, family_class, peaks)
    out, told = left_out(exclude, data, values.shape[-design.axes])
    values = kept_values(np.where(out if design.axes == 1 else out[:, None], np.nan, values) if told else values)
    if told is not None:
        context = replace(context, notes=(*context.notes, told))
    if not design.bounded:
        refuse_infinite(values)
    alone = values.ndim == design.axes
    if alone:
        check_values(int(design.counts(values)), family_class, estimator)
        refuse_lump(design.numbers(values), family_class, context)
        context = of_a_series(context, source, values)
        refuse_not_positive(values, design, family_class, estimator, labels_of(source, data))
    extremes = source if isinstance(source, Extremes) else None
    if asked or covariates is not None:
        refuse_design(asked, design, source, estimator, trend_kind)
        if family_class.rates:
            refuse_peaks(asked)
        observed: Observed | Sequence[Observed] | None = None
        if peaks is not None and values.ndim > 1:
            predictors, observed = of_batch(family_class, asked, peaks, covariates, missing)
        else:
            observed = observed_of(peaks) if peaks is not None and rate is not None else None
            shape = values.shape[: values.ndim - design.axes + 1]
            if design.bounded:
                refuse_left_out(predictors_of(asked, data, shape, covariates, "drop"), source)
            predictors = predictors_of(asked, data, shape, covariates, missing, observed)
        if predictors.by_parameter:
            model = predictors, context, trend_kind, design, observed
            return Fit(*followed(family_class, estimator, values, *model, named=family is not None), extremes, peaks)
    estimation = Estimation.of(family_class, estimator, values, design)
    check_years(estimation)
    if not alone:
        estimate = without_lumps(design.numbers(values), family_class, estimation.estimate)
        estimation = replace(estimation, estimate=estimate)
    estimation = leading.checked(estimation if family is not None else leading.answering(estimation))
    if not alone and values.size and np.all(estimation.estimate.status == Status.TOO_FEW_VALUES):
        shape = {"count": estimation.estimate.status.size, "shape": values.shape, "n": values.shape[-1]}
        warnings.warn(Note("few_in_batch", **shape), EvstatsWarning, stacklevel=3)
    return Fit(estimation, context, extremes, peaks)


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Display, Layered, Changes):
    """A fitted family and the questions it answers. Frozen; every table is computed when asked for.

    Attributes
    ----------
    estimation
        Data, family, estimator and estimate together, as tests and intervals take it.
    context
        Name, unit and block length of the data.
    extremes, peaks
        The ``Extremes`` or the ``Peaks`` that were fitted, or None.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
    >>> fit.params.round(2)
               estimate  std_error  lower  upper
    parameter
    loc           34.96       2.09  29.82  40.02
    scale          6.27       1.62   4.26  12.78
    >>> fit.return_level([100]).round(1)
                   estimate  lower  upper
    return_period
    100.0              63.8   52.9   95.4
    """


__all__ = ["Fit", "fit"]
