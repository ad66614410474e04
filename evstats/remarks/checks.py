"""What a careful analyst says unasked about a sample of block maxima or minima, from the plain numbers alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from evstats.arrays import Array, Places
from evstats.extremes.resolution import Resolution, gumbel_scale, resolution, steps
from evstats.notes import Note
from evstats.quadrature import unit_interval
from evstats.text.numbers import number

#: Share of tied values from which on ties are worth a sentence.
TIED_SHARE = 0.1

#: Steps beyond this many scales cost intervals more than half a hundredth of their coverage (tests/studies).
COARSE = 0.75

#: Return periods beyond this many record lengths rest on the family, not on the data.
REACH = 3

#: Fewest values for which low outliers are looked for (Bulletin 17C asks for ten years of record).
SHORTEST_RECORD = 10

#: Nodes in u, p = u**5: small p-values gather their mass near p = 0.
_NODES = 48


@dataclass(frozen=True, eq=False)
class LowOutliers:
    """What the multiple Grubbs-Beck test found among n values.

    Attributes
    ----------
    count : number of potentially influential low values, zeros included.
    threshold : the smallest value that is not a low outlier; 0 where there is none.
    statistics, p_values : arrays (n // 2,) for the n // 2 smallest values in increasing order.
    """

    count: int
    threshold: float
    statistics: Array
    p_values: Array


def data_notes(values: ArrayLike, minima: bool = False) -> tuple[Note, ...]:
    """The notes that apply to these block maxima (or minima): ties and rounding, zero blocks, low outliers.

    ``values`` has shape (n,), NaN for missing. An unremarkable sample yields an empty tuple.

    >>> [note.code for note in data_notes([0.0, 31.0, 12.5, 27.3])]
    ['zeros']
    """
    sample = np.asarray(values, dtype=np.float64)
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        return ()
    checks: tuple[Callable[[Array], Note | None], ...] = (check_ties, lambda x: check_zeros(x, minima))
    if not minima:
        checks += (check_low_outliers,)
    return tuple(note for check in checks if (note := check(sample)))


def check_tied(values: Array) -> Note | None:
    """A note if a tenth or more of values are tied whose tests of fit do not know in what steps they were recorded."""
    counts = np.unique(values, return_counts=True)[1]
    tied = int(counts[counts > 1].sum())
    if counts.size < 2 or tied < TIED_SHARE * values.size:
        return None
    return Note("ties", tied=tied, n=values.size, distinct=counts.size)


def check_ties(values: Array) -> Note | None:
    """A note, with the steps where there are any, if a tenth or more of the values are tied, or if they were recorded
    in several steps or in steps too coarse for any test."""
    counts = np.unique(values, return_counts=True)[1]
    tied = int(counts[counts > 1].sum())
    found = resolution(values)
    if found is not None and found.too_coarse:
        return Note("too_coarse", step=found.lattices[0].step, scales=found.coarseness)
    if found is not None and len(found.lattices) > 1:
        return Note("mixed_steps", n=values.size, parts=_parts(values, found))
    if counts.size < 2 or tied < TIED_SHARE * values.size:
        return None
    shared = {"tied": tied, "n": values.size, "distinct": counts.size}
    return _on_ties(values, counts, shared) if found is None else _on_steps(found, shared)


def _on_steps(found: Resolution, shared: Mapping[str, int]) -> Note:
    lattice, scales = found.lattices[0], found.coarseness
    if scales > COARSE:
        return Note("rounded_coarsely", step=lattice.step, half=0.5 * lattice.step, scales=scales, **shared)
    if lattice.digit:
        return Note("rounded_again", step=lattice.step, digit=lattice.digit, scales=scales, **shared)
    return Note("rounded", step=lattice.step, half=0.5 * lattice.step, scales=scales, **shared)


def _on_ties(values: Array, counts: Places, shared: Mapping[str, int]) -> Note:
    """Whether rounding in steps too fine to matter makes for as many equal pairs, of values spread like a Gumbel's."""
    step = max(lattice.step for lattice in steps(values))
    pairs, n = float(np.sum(counts * (counts - 1.0))) / 2.0, values.size
    expected = n * (n - 1.0) / 2.0 * step / (4.0 * float(gumbel_scale(np.sort(values))))
    explained = pairs <= 1.5 * expected + 3.0 * np.sqrt(expected) + 1.0
    return Note("ties_in_fine_steps", step=step, **shared) if step and explained else Note("ties", **shared)


def _parts(values: Array, found: Resolution) -> str:
    """``1 (about 31 of them, the first 30 among them) and 0.1``: the steps of a record, the coarsest first."""
    first = found.lattices[0]
    coarse = first.contains(values)
    leading, trailing = (int(np.argmin(order)) for order in (coarse, coarse[::-1]))
    run, where = max((leading, "first"), (trailing, "last"))
    among = f", the {where} {run} among them" if run >= 0.8 * first.count else ""
    told = [number(lattice.step, 3 if lattice.digit else 4) if lattice.step else "finer" for lattice in found.lattices]
    told[0] += f" (about {max(first.count, run) if among else first.count}{among})"
    return f"{', '.join(told[:-1])} and {told[-1]}"


def check_zeros(values: Array, minima: bool = False) -> Note | None:
    """A note if some values are zero in a variable bounded below by zero (a flow, a depth, a loss)."""
    zeros = int(np.count_nonzero(values == 0.0))
    if zeros == 0 or values.min() < 0.0:
        return None
    return Note("zeros", count=zeros, n=values.size, share=zeros / values.size, minima=minima)


def lump_at_zero(values: ArrayLike) -> int:
    """How many zeros pile up at the lower end of a variable that is never negative, 0 where they are no lump.

    A lump are two or more zeros that are more than the values tied anywhere else: rounding ties values at zero too, but
    fewest at the end of a sample.

    >>> lump_at_zero([0.0, 0.0, 1.2, 3.1, 0.4]), lump_at_zero([0, 1, 1, 2, 2, 2, 3])
    (2, 0)
    """
    sample = np.asarray(values, dtype=np.float64)
    distinct, counts = np.unique(sample[np.isfinite(sample)], return_counts=True)
    if distinct.size < 2 or distinct[0] != 0.0 or counts[0] < 2:
        return 0
    return int(counts[0]) if counts[0] > counts[1:].max() else 0


#: The test works on logarithms, which mean something where values differ by a factor: of flows, not of temperatures.
_FLOOD_LIKE = 3.0


def check_low_outliers(values: Array) -> Note | None:
    """A note if the multiple Grubbs-Beck test finds low outliers among maxima of a non-negative variable."""
    if values.size < SHORTEST_RECORD or values.min() < 0.0 or np.unique(values[values > 0.0]).size < 3:
        return None
    if values.max() < _FLOOD_LIKE * values[values > 0.0].min():
        return None
    found = multiple_grubbs_beck(values)
    if found.count == 0:
        return None
    return Note("low_outliers", count=found.count, threshold=found.threshold, n=values.size)


def beyond_reach(periods: ArrayLike, n: float) -> Note | None:
    """A note if a return period exceeds three record lengths; both in the same unit (years, or blocks).

    >>> beyond_reach([10, 100, 500], 93)
    'T = 500 exceeds 3 times the record of 93 (279): there the level rests on the family, not on the data.'
    """
    asked = np.unique(np.asarray(periods, dtype=np.float64))
    far = asked[asked > REACH * n]
    if far.size == 0:
        return None
    return Note("beyond_reach", periods=far, count=far.size, reach=REACH, record=n, limit=REACH * n)


def multiple_grubbs_beck(values: ArrayLike, *, alpha_out: float = 0.005, alpha_in: float = 0.10) -> LowOutliers:
    """The multiple Grubbs-Beck test for potentially influential low values among annual maxima.

    ``values`` has shape (n,), non-negative, NaN for missing. The test takes logarithms; zeros count as low outliers.
    The outward sweep starts at the median and stops at the first value with p < ``alpha_out``, the inward sweep starts
    at the smallest value and stops before the first with p >= ``alpha_in``; the larger count of the two is taken.

    Source: Cohn, England, Berenbrock, Mason, Stedinger and Lamontagne (2013), Water Resources Research 49, 5047-5058,
    doi:10.1002/wrcr.20392; sweeps and levels as in Bulletin 17C (England et al. 2018), appendix 6.

    >>> found = multiple_grubbs_beck([7, 610, 645, 725, 716, 784, 782, 833, 888, 922, 958, 991])
    >>> found.count, found.threshold
    (1, 610.0)
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    ordered = ordered[~np.isnan(ordered)]
    n = ordered.size
    statistics = _statistics(ordered)
    p_values = grubbs_beck_p_value(statistics, np.arange(1, n // 2 + 1), n)
    zeros = int(np.count_nonzero(ordered <= 0.0))
    outward = int(np.flatnonzero(p_values < alpha_out).max(initial=-1)) + 1
    inward = int(np.flatnonzero(p_values >= alpha_in).min(initial=p_values.size))
    count = max(zeros, outward, inward)
    threshold = float(ordered[count]) if 0 < count < n else 0.0
    return LowOutliers(count, threshold, statistics, p_values)


def grubbs_beck_p_value(statistic: ArrayLike, r: ArrayLike, n: int) -> Array:
    """The probability that the r-th smallest of n normal values lies further below the rest than ``statistic``.

    ``statistic`` = (x[r] - mean(x[r+1..n])) / sd(x[r+1..n]) for ordered values; ``statistic`` and ``r`` broadcast.
    Given x[r] = z, the mean M of the larger values less its regression on their standard deviation S is taken as normal
    and independent of S, and S**2 as gamma, which makes the statistic noncentral t; the rest is an integral over the
    Beta(r, n + 1 - r) law of Phi(z).

    Source: Cohn et al. (2013), section 3; the moments are those of a normal variable truncated below at z.
    """
    u, weights = unit_interval(_NODES)
    eta, order = np.broadcast_arrays(np.asarray(statistic, dtype=np.float64)[..., None], np.asarray(r)[..., None])
    z: Array = np.asarray(special.ndtri(special.betaincinv(order, n + 1.0 - order, u**5)), dtype=np.float64)
    k = n - order
    mean, variance, third, fourth = _moments_above(z)
    variance_s2 = (fourth - variance**2) / k + 2.0 * variance**2 / (k * (k - 1.0))
    freedom = 2.0 * variance**2 / variance_s2
    mean_s = np.sqrt(2.0 * variance / freedom) * special.poch(0.5 * freedom, 0.5)
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = third / np.sqrt(k * (k - 1.0)) / (2.0 * mean_s)
        slope = covariance / (variance - mean_s**2)
        sigma = np.sqrt(variance / k - covariance * slope)
        t = -np.sqrt(variance) / sigma * (eta + slope)
        p = _noncentral_t_sf(t, freedom, (mean - slope * mean_s - z) / sigma)
    return np.where(np.isneginf(eta[..., 0]), 0.0, np.where(np.isnan(p), 1.0, p) @ (5.0 * u**4 * weights))


def _noncentral_t_sf(t: Array, freedom: Array, noncentrality: Array) -> Array:
    """The survival function of noncentral t: exact to 20 degrees of freedom, beyond by the normal approximation.

    Abramowitz and Stegun (1964), equation 26.7.10. PeakFQ, and with it every published Bulletin 17C example, uses it;
    with the exact function 38 instead of the published 30 peaks of Orestimba Creek would be low.
    """
    normal = (t * (1.0 - 0.25 / freedom) - noncentrality) / np.sqrt(1.0 + 0.5 * t**2 / freedom)
    survival: Array = np.asarray(special.ndtr(-normal), dtype=np.float64)
    few = freedom <= 20.0
    survival[few] = 1.0 - special.nctdtr(freedom[few], noncentrality[few], t[few])
    return survival


def _moments_above(z: Array) -> tuple[Array, Array, Array, Array]:
    """Mean and central moments two to four of a standard normal variable given that it exceeds z."""
    h = np.exp(-0.5 * z**2 - 0.5 * np.log(2.0 * np.pi) - special.log_ndtr(-z))
    raw2, raw3 = 1.0 + h * z, 2.0 * h + h * z**2
    raw4 = 3.0 * raw2 + h * z**3
    return h, raw2 - h**2, raw3 - 3.0 * raw2 * h + 2.0 * h**3, raw4 - 4.0 * raw3 * h + 6.0 * raw2 * h**2 - 3.0 * h**4


def _statistics(ordered: Array) -> Array:
    """The Grubbs-Beck statistic of each of the smaller half of ordered values, on logarithms.

    Zeros stand far below the rest, as in PeakFQ: several mask each other in the inward sweep, not in the outward one.
    """
    logs = np.log(ordered[ordered > 0.0])
    zeros = np.full(ordered.size - logs.size, logs.min() - 1e6 * (1.0 + np.ptp(logs)))
    logs = np.concatenate([zeros, logs])
    rest = [logs[r:] for r in range(1, ordered.size // 2 + 1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        statistics: Array = np.array([(logs[r] - x.mean()) / x.std(ddof=1) for r, x in enumerate(rest)])
    statistics[np.isnan(statistics)] = 0.0
    return statistics
