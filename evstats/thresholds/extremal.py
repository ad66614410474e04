"""The extremal index at thresholds, with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, ndtr, ndtri, stdtrit

from evstats import noise
from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError, check_confidence
from evstats.extremes.blocks import KINDS
from evstats.extremes.observations import observations
from evstats.extremes.peaks import beyond
from evstats.extremes.watch import Watch, watch_of
from evstats.habits import knowing_their_names
from evstats.notes import Note, ordered
from evstats.reading.containers import Frame
from evstats.reading.records import Record
from evstats.text.arguments import Setting, Text, named
from evstats.text.numbers import number
from evstats.thresholds.given import given_threshold
from evstats.thresholds.indices.base import Index, Resampled
from evstats.thresholds.indices.names import chosen
from evstats.thresholds.spacings import Spacings, Stretches

FEWEST, USEFUL = 3, 30
"""Exceedances that an estimate needs at least, and from which on its interval was measured."""

REPLICATES = 2_000
"""Replicates of the bootstrap."""

SEED = 20_261_128
"""The random state unless another is asked for."""

_AT_ONCE = 262_144
"""Times of replicates handled at once, so that their temporaries stay in the cache."""


@knowing_their_names
def extremal_index(
    data: Record | pd.Series | pd.DataFrame | Frame | ArrayLike,
    threshold: float | str | Sequence[float | str] | NDArray[Any],
    *,
    method: str | Index | type[Index] = "kgaps",
    kind: str = "max",
    confidence: float = 0.95,
    rng: noise.RandomState = SEED,
) -> pd.DataFrame:
    """The extremal index, 1 over the mean size of a cluster of extremes, at one or several thresholds.

    Parameters
    ----------
    data
        A Record, a Series, a table of a time and one value, or an array (n,), in order of time. Time is counted in
        observations; a time across a gap (missing values; not the weekends and holidays of a trading calendar) is not
        observed and is left out, or censored where the method can say so.
    threshold
        A number, ``"95%"`` for what so many of the observations lie below (above, for minima), or several.
    method
        ``"kgaps"``, ``"dgaps"``, ``"intervals"``, ``"runs"``, ``"iwls"``, ``"maxima"``, or an object with
        settings of its own: ``KGaps(k="auto")``, ``DGaps(d=2)``, ``Runs(r=5)``, ``SlidingMaxima(block=100)``.
    kind
        ``"max"``, or ``"min"`` for values below the threshold.
    confidence
        Of the interval.
    rng
        Random state of the bootstrap; by default a fixed seed.

    Returns
    -------
    DataFrame, indexed by ``threshold``
        ``estimate, lower, upper, exceedances, clusters``, and what the method chose:
        ``k`` and the ``p_value`` of the information matrix test, ``d``, ``r`` or ``block``. ``attrs`` hold ``name,
        unit, method, confidence`` and ``notes``.

    Raises
    ------
    DataError
        Data that are not one series of real numbers, a threshold above or below all values, fewer than 3
        exceedances.
    ArgumentError
        A threshold, a method or one of its settings, a kind or a confidence that is none.

    Notes
    -----
    Limits are quantiles of 2,000 replicates of the Bayesian bootstrap of clusters, as intervals declustering finds them
    (Ferro and Segers 2003, section 4), each with the time to the next, or, of maxima, of blocks twice as long; they are
    corrected for bias and skewness (Efron 1987) and, for few clusters, spread as Student's t is. Where a method takes
    clusters that come close together by chance for one (K-gaps, runs), its limits are freed of that. How
    often they hold the index is said with each method: about what they say where the method suits the clusters, not
    where it does not (a K that holes in clusters outreach), nor where clusters still get smaller as the threshold rises
    (GARCH): the interval is for the index that rules at the threshold.

    References
    ----------
    - Ferro, C. A. T. and Segers, J. (2003). Inference for clusters of extreme values. Journal of the Royal
      Statistical Society B 65, 545-556.
    - Rubin, D. B. (1981). The Bayesian bootstrap. Annals of Statistics 9, 130-134.
    - Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association 82,
      171-185.

    Examples
    --------
    >>> from evstats import noise
    >>> fresh = noise.exponential(2001, rng=1)
    >>> pairs = np.minimum(fresh[1:], fresh[:-1])  # low ones come in pairs
    >>> extremal_index(pairs, "95%", kind="min")["estimate"].round(1).item()
    0.5
    """
    index, level, thresholds = chosen(method), check_confidence(confidence), _each(threshold)
    extreme = KINDS[kind]
    watch = watch_of(observations(data))
    _refuse_unordered(watch)
    sign = -1.0 if extreme.name == "min" else 1.0
    series = Stretches.of(sign * watch.sample.values, watch.gaps.place)
    rows: list[dict[str, Any]] = []
    notes = list(watch.sample.notes)
    for asked in thresholds:
        limit, told = given_threshold(watch, asked, extreme.name)
        spacings = _spacings(watch, series, limit, extreme.name)
        found = index.resampled(series, spacings)
        lower, upper = limits(found, spacings, level, rng)
        estimate = {"threshold": limit, "estimate": found.estimate, "lower": lower, "upper": upper}
        rows.append(estimate | {"exceedances": spacings.exceedances, "clusters": found.clusters, **found.columns})
        notes += [*told, *found.notes, *_notes(watch, spacings, limit)]
    table = pd.DataFrame(rows).set_index("threshold")
    sample = watch.sample
    table.attrs = {"name": sample.name, "unit": sample.unit, "method": index.name, "confidence": level}
    table.attrs["notes"] = ordered(notes)
    return table


def _refuse_unordered(watch: Watch) -> None:
    """No clusters of events of which only the year or the month is known."""
    if (period := watch.sample.precision) is not None:
        raise DataError(
            f"the dates of {watch.sample.name} tell the {period} only, so that nothing says which events follow one "
            "another",
            "write the dates with their days; without them take every event for itself.",
        )


def _each(threshold: Any) -> list[Any]:
    """The thresholds that were asked for."""
    if isinstance(threshold, str) or np.ndim(threshold) == 0:
        return [threshold]
    if not len(threshold):
        raise ArgumentError(
            Text(Setting("threshold"), " is empty"), "expected a number, a share such as '95%', or several."
        )
    return list(threshold)


def limits(found: Resampled, spacings: Spacings, confidence: float, rng: noise.RandomState) -> tuple[float, float]:
    """The limits of an interval, between which the estimate lies.

    With one cluster it is from 0 to 1. Where no replicate differs from another (every exceedance alone, or none) it is
    that of a share of the exceedances (Clopper and Pearson 1934).
    """
    estimate, tails = found.estimate, np.array([0.5 - 0.5 * confidence, 0.5 + 0.5 * confidence])
    if found.units < 2:
        return 0.0, 1.0
    rows = 1 + _AT_ONCE // spacings.times.size
    replicates = _replicates(found, rng, rows)
    if np.ptp(replicates) == 0.0:
        return _of_count(round(estimate * spacings.exceedances), spacings.exceedances, tails)
    lower, upper = found.freed(
        np.quantile(replicates, _probabilities(replicates, _left_out(found, rows), estimate, tails))
    )
    return float(min(lower, estimate)), float(min(1.0, max(upper, estimate)))


def _replicates(found: Resampled, rng: noise.RandomState, rows: int) -> Array:
    """The index (REPLICATES,) of exponential weights, with a mean of 1; so many rows at once."""
    random = noise.generator(rng)
    drawn = []
    for start in range(0, REPLICATES, rows):
        weights = noise.exponential((min(rows, REPLICATES - start), found.units), rng=random)
        drawn.append(found.of(weights / weights.mean(axis=-1, keepdims=True)))
    return np.concatenate(drawn)


def _left_out(found: Resampled, rows: int) -> Array:
    """The index (units,) without each unit; NaN where nothing is left."""
    left = []
    for start in range(0, found.units, rows):
        unit = np.arange(start, min(start + rows, found.units))
        with np.errstate(divide="ignore", invalid="ignore"):
            left.append(found.of((np.arange(found.units) != unit[:, None]).astype(np.float64)))
    return np.concatenate(left)


def _probabilities(replicates: Array, left: Array, estimate: float, tails: Array) -> Array:
    """Where among the replicates the limits stand: BCa, with quantiles of Student's t for those of the normal."""
    below = np.mean(replicates < estimate) + 0.5 * np.mean(replicates == estimate)
    bias = ndtri(np.clip(below, 1.0 / REPLICATES, 1.0 - 1.0 / REPLICATES))
    pull = np.nan_to_num(np.nanmean(left) - left)
    spread = np.sum(pull**2)
    skewness = np.sum(pull**3) / (6.0 * spread**1.5) if spread > 0.0 else 0.0
    z = math.sqrt(left.size / (left.size - 1.0)) * stdtrit(left.size - 1.0, tails)
    shifted = bias + z
    return np.asarray(ndtr(bias + shifted / np.maximum(1.0 - skewness * shifted, 1e-3)))


def _of_count(clusters: int, exceedances: int, tails: Array) -> tuple[float, float]:
    lower = betaincinv(clusters, exceedances - clusters + 1.0, tails[0]) if clusters else 0.0
    upper = betaincinv(clusters + 1.0, exceedances - clusters, tails[1]) if clusters < exceedances else 1.0
    return float(lower), float(upper)


def _spacings(watch: Watch, series: Stretches, threshold: float, kind: str) -> Spacings:
    """The times between exceedances, of which there are enough."""
    count = beyond(watch, threshold, kind).size
    spacings = Spacings.of(series, -threshold if kind == "min" else threshold)
    if count < FEWEST or not spacings.whole.any():
        raise DataError(
            f"{count} of {series.values.size} observations of {watch.sample.name} are beyond the threshold "
            f"{number(threshold, 6)}: too few to tell how extremes cluster",
            Text(f"choose a {'higher' if kind == 'min' else 'lower'} threshold ", named("threshold"), "."),
        )
    return spacings


def _notes(watch: Watch, spacings: Spacings, threshold: float) -> list[Note]:
    """That exceedances are few, and that times across gaps are left out."""
    found = []
    if spacings.exceedances < USEFUL:
        found.append(Note("few_exceedances", threshold=threshold, count=spacings.exceedances, useful=USEFUL))
    if cut := int(spacings.first.sum()) - 1:
        found.append(Note("times_across_gaps", threshold=threshold, count=cut, gaps=watch.gaps.place.size))
    return found


__all__ = ["FEWEST", "REPLICATES", "SEED", "USEFUL", "extremal_index", "limits"]
