"""The table one chooses a threshold by: what is beyond each candidate, how stable the fit is, and how well it fits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import scipy.special
from numpy.typing import ArrayLike

from evstats import noise
from evstats.arrays import Array, Places
from evstats.calendars.parts import YearPart, year_part
from evstats.distributions import GPDProcess
from evstats.errors import ArgumentError, DataError, check_confidence
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.extremes.blocks import KINDS
from evstats.extremes.observations import observations
from evstats.extremes.peak_records import Peaks
from evstats.extremes.separations import asked_separation
from evstats.extremes.watch import watch_of
from evstats.habits import knowing_their_names
from evstats.intervals.base import Interval
from evstats.intervals.delta import Delta
from evstats.intervals.likelihood_ratio import RStar
from evstats.models.exceedances import Exceedances
from evstats.quantities import Parameters, PeakLevel
from evstats.text.arguments import Setting, Text
from evstats.thresholds.anderson_darling import anderson_darling_tests
from evstats.thresholds.candidates import Candidates
from evstats.thresholds.choices.base import Tried
from evstats.thresholds.choices.cross_validation import predictive_weights
from evstats.thresholds.choices.discrepancy import SEED, ExpectedQuantileDiscrepancy
from evstats.thresholds.choices.forward_stop import forward_stop
from evstats.thresholds.score import score_tests

Columns = dict[str, Any]
_Fits = list[tuple[Places, Estimation]]

#: From more peaks on limits are those of the delta method, which then agree with r*.
_MANY = 10_000
#: So many candidates of about the same number of peaks have their limits together.
_TOGETHER = 5
#: The columns, in order.
COLUMNS = (
    *("exceedances", "peaks", "rate", "extremal_index", "mean_excess", "mean_excess_lower", "mean_excess_upper"),
    *("scale", "shape", "shape_lower", "shape_upper", "modified_scale", "level", "level_lower", "level_upper"),
    *("anderson_darling", "anderson_darling_p", "forward_stop", "score", "score_p", "eqd", "weight"),
)


@knowing_their_names
def threshold_diagnostics(
    data: Any,
    thresholds: ArrayLike | None = None,
    *,
    separation: Any = "auto",
    kind: str = "max",
    season: str | None = None,
    months: Any = None,
    observations_per_year: float | None = None,
    observed_years: float | None = None,
    level_period: float = 100.0,
    confidence: float = 0.95,
    rng: noise.RandomState = SEED,
) -> pd.DataFrame:
    """What is beyond each of many thresholds, the GPD fitted there, and how well it fits: a row for each.

    Parameters
    ----------
    data
        A Record, a Series, or an array (n,), as in ``peaks_over_threshold``.
    thresholds
        (k,), each further out than the one before (rising; falling for minima); unasked, 30 quantiles from the
        median to the one that 20 peaks exceed. Those that fewer than 3 peaks exceed are left out.
    separation
        What parts events, as in ``peaks_over_threshold``; ``"auto"`` is chosen anew at each threshold.
    kind
        ``"max"`` or ``"min"``.
    season, months, observations_per_year, observed_years
        The part of the year that counts, how many observations a year holds, and the years of a list of events, as
        in ``peaks_over_threshold``.
    level_period
        Of the return level, in years (in observations, where it is not known how many a year holds).
    confidence
        Of the limits.
    rng
        Random state of the bootstrap behind ``eqd``; by default a fixed seed.

    Returns
    -------
    DataFrame
        Index ``threshold``; ``attrs`` holds ``name unit kind separation years time_unit level_period confidence seed
        notes``. The columns are

        - ``exceedances peaks rate``: observations beyond, peaks among them, peaks a year;
        - ``extremal_index``: by the times between exceedances (Ferro and Segers 2003);
        - ``mean_excess`` of the peaks, with limits by the normal distribution; linear in the threshold under
          a GPD;
        - ``scale shape modified_scale``: by maximum likelihood; the shape with limits by r* (from more than
          10,000 peaks by the delta method); the modified scale, scale - shape threshold, is constant under a
          GPD, as is the shape;
        - ``level``: passed by one event in ``level_period`` years on average, with limits as those of the
          shape; NaN where it is within the threshold;
        - ``anderson_darling anderson_darling_p``: the test of the GPD with estimated parameters (Choulakian
          and Stephens 2001), which takes values for exact: of those in steps of a fifth of the scale or more,
          go by ``goodness_of_fit`` of the peaks; ``forward_stop``: mean of -log(1 - p) over this and all
          lower thresholds (Bader, Yan and Zhang 2018);
        - ``score score_p``: of a shape that is the same above all higher thresholds (Northrop and Coleman
          2014);
        - ``eqd``: expected quantile discrepancy, in the unit of the data (Murphy, Tawn and Varty 2024);
        - ``weight``: by predictive cross-validation (Northrop, Attalides and Jonathan 2017).

    Raises
    ------
    ArgumentError
        Thresholds that are no numbers or do not go outwards, a separation or confidence that is none.
    DataError
        No threshold that 3 peaks exceed.

    References
    ----------
    - Coles, S. (2001). An Introduction to Statistical Modeling of Extreme Values. Springer, section 4.3.
    - Choulakian, V. and Stephens, M. A. (2001). Technometrics 43, 478-484.
    - Northrop, P. J. and Coleman, C. L. (2014). Extremes 17, 289-303.
    - Northrop, P. J., Attalides, N. and Jonathan, P. (2017). Journal of the Royal Statistical Society C 66, 93-120.
    - Bader, B., Yan, J. and Zhang, X. (2018). Annals of Applied Statistics 12, 310-329.
    - Murphy, C., Tawn, J. A. and Varty, Z. (2024). Technometrics 67, 215-224.

    Examples
    --------
    >>> import evstats as ev
    >>> x = ev.distributions.GPD(0.0, 1.0, 0.1).rvs(500, rng=1)
    >>> table = ev.threshold_diagnostics(x, [0.5, 1.0, 1.5], separation=None)
    >>> table["peaks"].tolist()
    [301, 185, 122]
    """
    level, period = check_confidence(confidence), check_period(level_period)
    part = year_part(season, months)
    candidates = candidates_of(data, thresholds, separation, kind, part, observations_per_year, observed_years)
    return diagnostics_of(candidates, period, level, rng, {})


def diagnostics_of_peaks(peaks: Peaks, *, level_period: float = 100.0, confidence: float = 0.95) -> pd.DataFrame:
    """The table of ``threshold_diagnostics`` of the record that peaks were taken from, their threshold in it.

    Clusters are parted as those of the peaks. What their threshold was chosen by is taken from that choice, and not
    computed again.

    Parameters
    ----------
    peaks
        From ``peaks_over_threshold``, which keeps the record that they come from.
    level_period
        Of the levels, in years.
    confidence
        How often the interval is to hold, between 0 and 1.

    Returns
    -------
    DataFrame
        A row for each threshold.

    Raises
    ------
    DataError
        Peaks that were given as such, a record in which no threshold beyond the median has 20 peaks.
    ArgumentError
        Peaks without their record, as those of ``as_peaks``.

    Examples
    --------
    >>> import evstats as ev
    >>> losses = ev.GPD(0.0, 1.0, 0.1).rvs(500, rng=1)
    >>> peaks = ev.peaks_over_threshold(losses, 1.0, separation=None, observations_per_year=50)
    >>> table = ev.thresholds.diagnostics_of_peaks(peaks)
    >>> 1.0 in table.index
    True
    """
    if (origin := peaks.origin) is None:
        raise DataError("the peaks were given as such, so that nothing is known of those over other thresholds")
    period, level = check_period(level_period), check_confidence(confidence)
    if isinstance(tried := origin.tried, Tried):
        known = tried.verdict.columns
        return diagnostics_of(tried.candidates, period, level, tried.rng if "eqd" in known else SEED, known)
    usual = Candidates.of(origin.watch, None, origin.separation, peaks.kind)
    return diagnostics_of(usual.including(float(peaks.threshold)), period, level, SEED, {})


def diagnostics_of(
    candidates: Candidates, period: float, confidence: float, rng: noise.RandomState, known: Columns
) -> pd.DataFrame:
    """The table of candidates; ``known`` holds the columns that a choice of the threshold has judged already."""
    columns = {**plain_columns(candidates, period), **_limits(candidates, period, confidence), **known}
    for name, judge in _JUDGES.items():
        columns |= {} if name in known else judge(candidates, rng)
    table = pd.DataFrame({name: columns[name] for name in COLUMNS}, index=index_of(candidates))
    seed = rng if isinstance(rng, int) else None
    table.attrs |= {**attributes(candidates), "level_period": period, "confidence": confidence, "seed": seed}
    return table


def candidates_of(
    data: Any,
    thresholds: ArrayLike | None,
    separation: Any,
    kind: str,
    part: YearPart | None = None,
    observations_per_year: float | None = None,
    observed_years: float | None = None,
) -> Candidates:
    """Candidates of a record, a series or an array; the rest as in ``peaks_over_threshold``."""
    sample, kind = observations(data), KINDS[kind].name
    watch = watch_of(sample, part, observations_per_year, observed_years)
    return Candidates.of(watch, thresholds, asked_separation(separation, sample), kind)


def index_of(candidates: Candidates) -> pd.Index:
    """The thresholds, of that name."""
    return pd.Index(candidates.thresholds, name="threshold")


def attributes(candidates: Candidates) -> dict[str, Any]:
    """What a table of candidates tells of their data."""
    sample, apart = candidates.watch.sample, candidates.separation
    return {
        "name": sample.name,
        "unit": sample.unit,
        "kind": candidates.kind,
        "separation": "intervals declustering" if apart is None else apart.words,
        "years": candidates.watch.years,
        "time_unit": candidates.watch.time_unit,
        "notes": candidates.notes(),
    }


def plain_columns(candidates: Candidates, period: float) -> Columns:
    """What needs neither a test nor a simulation, each (k,)."""
    scale, shape = candidates.fits.scale, candidates.fits.shape
    return {
        "exceedances": [own.exceedances for own in candidates.beyond],
        "peaks": candidates.peaks,
        "rate": candidates.rate,
        "extremal_index": [own.index for own in candidates.beyond],
        "mean_excess": [own.excesses.mean() for own in candidates.beyond],
        "scale": scale,
        "shape": shape,
        "modified_scale": scale - shape * candidates.outward * candidates.thresholds,
        "level": candidates.levels(period),
    }


def check_period(period: Any) -> float:
    """A positive finite number of years."""
    try:
        years = float(period)
    except (TypeError, ValueError):
        years = np.nan
    if not 0.0 < years < np.inf:
        raise ArgumentError(Text(Setting("level_period"), f" is {period!r}"), "expected a positive number of years.")
    return years


def _limits(candidates: Candidates, period: float, confidence: float) -> Columns:
    """Limits of the mean excess by the normal distribution, of shape and level by r*."""
    deviation = np.array([own.excesses.std(ddof=1) for own in candidates.beyond]) / np.sqrt(candidates.peaks)
    half = scipy.special.ndtri(0.5 + 0.5 * confidence) * deviation
    mean = np.array([own.excesses.mean() for own in candidates.beyond])
    lower, upper = np.full((2, len(candidates)), np.nan)
    fits = _estimations(candidates)
    for some, found in fits:
        lower[some], upper[some] = (own[:, -1] for own in _interval(found)(found, Parameters(), confidence))
    level_lower, level_upper = _level_limits(candidates, fits, period, confidence)
    return {
        "mean_excess_lower": mean - half,
        "mean_excess_upper": mean + half,
        "shape_lower": lower,
        "shape_upper": upper,
        "level_lower": level_lower,
        "level_upper": level_upper,
    }


def level_limits(candidates: Candidates, period: float, confidence: float) -> tuple[Array, Array]:
    """Lower and upper limits (k,) by r* of the level passed by one event in so many years; NaN where that lies within
    a threshold.
    """
    return _level_limits(candidates, _estimations(candidates), period, confidence)


def _level_limits(candidates: Candidates, fits: _Fits, period: float, confidence: float) -> tuple[Array, Array]:
    lower, upper = np.full((2, len(candidates)), np.nan)
    for some, found in fits:
        lower[some], upper[some] = (own[:, 0] for own in _interval(found)(found, PeakLevel([period]), confidence))
    if candidates.kind == "min":
        lower, upper = -upper, -lower
    reached = candidates.rate * period > 1.0
    return np.where(reached, lower, np.nan), np.where(reached, upper, np.nan)


def _estimations(candidates: Candidates) -> _Fits:
    """The fits (of minima of their reflection) at a few candidates of about as many peaks, and which they are (r,)."""
    by_size, fits = np.argsort(-candidates.peaks, kind="stable"), []
    for some in np.array_split(by_size, -(-len(candidates) // _TOGETHER)):
        thresholds = candidates.outward * candidates.thresholds[some]
        values = thresholds[:, None] + candidates.padded[some, : int(candidates.peaks[some].max())]
        design = Exceedances(thresholds, np.full(some.size, candidates.watch.years))
        fits.append((some, Estimation.of(GPDProcess, MaximumLikelihood(), values, design)))
    return fits


def _interval(found: Estimation) -> Interval:
    return RStar() if found.values.shape[-1] <= _MANY else Delta()


def _tests_of_fit(candidates: Candidates, rng: noise.RandomState) -> Columns:
    statistics, p = anderson_darling_tests(candidates)
    return {"anderson_darling": statistics, "anderson_darling_p": p, "forward_stop": forward_stop(p)}


def _scores(candidates: Candidates, rng: noise.RandomState) -> Columns:
    return dict(zip(("score", "score_p"), score_tests(candidates), strict=True))


def _discrepancies(candidates: Candidates, rng: noise.RandomState) -> Columns:
    return dict(ExpectedQuantileDiscrepancy().judged(candidates, rng).columns)


def _weights(candidates: Candidates, rng: noise.RandomState) -> Columns:
    return {"weight": predictive_weights(candidates)}


#: What judges candidates, by one of the columns that it gives.
_JUDGES = {"forward_stop": _tests_of_fit, "score": _scores, "eqd": _discrepancies, "weight": _weights}


__all__ = [
    "COLUMNS",
    "attributes",
    "candidates_of",
    "check_period",
    "diagnostics_of",
    "diagnostics_of_peaks",
    "index_of",
    "level_limits",
    "plain_columns",
    "threshold_diagnostics",
]
