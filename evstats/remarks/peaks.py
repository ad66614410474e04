"""What a careful analyst says unasked of peaks over a threshold: their number, their times and their sizes."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evstats.arrays import Array
from evstats.calendars.precision import precision_of
from evstats.errors import Status
from evstats.estimators import Estimation
from evstats.extremes.peak_records import Peaks
from evstats.extremes.resolution import resolution
from evstats.models import Exceedances
from evstats.notes import Note
from evstats.remarks.checks import TIED_SHARE, check_tied, check_ties
from evstats.remarks.independence import mann_kendall

if TYPE_CHECKING:
    from evstats.quantities import Quantity

#: Fewer peaks are said to be few, and p-values below which a test is said to speak.
USEFUL, SIGNIFICANT = 20, 0.05
#: Whole years that a test of their counts needs, peaks for the season, and the share of them in half a year from which
#: on there is one.
_LEAST_YEARS, _LEAST_PEAKS, _SEASONAL = 10, 10, 0.8
#: The share of a year from which on it counts as a whole.
_WHOLE = 0.95
#: The shares of the peaks that higher thresholds keep, for which the level is said.
_KEPT = (0.9, 0.8)
#: So far from the edge of a step, in scales over the root of the number of peaks, a threshold is said to be off it.
_FAR_FROM_EDGE = 0.5
#: So many equal values far up are a lump.
_LUMP = 3


def notes(peaks: Peaks | None, estimation: Estimation, level: Quantity | None) -> Iterator[Note]:
    """The notes on peaks of one series, in time and by themselves, and on a level at higher thresholds."""
    if (count := int(estimation.counts)) < USEFUL:
        yield Note("few_peaks", count=count, least=USEFUL)
    if level is not None and (moved := at_higher_thresholds(estimation, level)) is not None:
        yield moved
    if (lump := limits_note(estimation)) is not None:
        yield lump
    if peaks is not None and peaks.values.ndim == 1:
        yield from in_time(peaks)


def in_time(peaks: Peaks) -> Iterator[Note]:
    """The notes on the times of peaks of one series; none where they have no dates."""
    if peaks.dates is not None:
        yield from filter(None, (counts_note(peaks), rate_note(peaks), size_note(peaks), season_note(peaks)))


def yearly_counts(peaks: Peaks) -> tuple[Array, Array]:
    """Peaks of each calendar year that was watched as a whole, or of its season, and the years.

    Where it is not known how much of each was, of those between the first and the last peak.
    """
    dates, observed = peaks.dates, peaks.observed
    assert dates is not None
    if observed is None:
        years = np.arange(dates.min().year + 1, dates.max().year)
    else:
        years = observed.index[observed.to_numpy() >= _WHOLE].to_numpy()
    return np.array([np.count_nonzero(dates.year == year) for year in years], dtype=np.float64), years.astype(float)


def dispersion(counts: Array) -> tuple[float, float]:
    """The variance of counts over their mean, and its two-sided p-value if they are Poisson.

    References
    ----------
    - Cunnane, C. (1979). Water Resources Research 15, 489-494.
    """
    index = float(counts.var(ddof=1) / counts.mean())
    upper = float(special.gammaincc(0.5 * (counts.size - 1), 0.5 * (counts.size - 1) * index))
    return index, 2.0 * min(upper, 1.0 - upper)


def tests_of_counts(peaks: Peaks) -> dict[str, tuple[float, float]]:
    """Statistic and p-value of the tests of the number of dated peaks in a year, where there are ten whole years.

    ``dispersion`` is the variance over the mean, 1 of a Poisson process; ``mann-kendall`` tells a trend of the rate.
    """
    counts = np.empty(0) if peaks.dates is None else yearly_counts(peaks)[0]
    if counts.size < _LEAST_YEARS or not counts.any():
        return {}
    trend = {} if counts.min() == counts.max() else {"mann-kendall": mann_kendall(counts)}
    return {"dispersion": dispersion(counts), **trend}


def counts_note(peaks: Peaks) -> Note | None:
    """A note if the counts of the years are no Poisson variables: clusters, a trend or seasons between years."""
    index, p = tests_of_counts(peaks).get("dispersion", (1.0, 1.0))
    return Note("peaks_not_poisson", index=index, p=p, more=int(index > 1.0)) if p < SIGNIFICANT else None


def rate_note(peaks: Peaks) -> Note | None:
    """A note if the counts of the years rise or fall (Mann and Kendall's test)."""
    tau, p = tests_of_counts(peaks).get("mann-kendall", (0.0, 1.0))
    return Note("trend_of_rate", rising=int(tau > 0), tau=tau, p=p) if p < SIGNIFICANT else None


def size_note(peaks: Peaks) -> Note | None:
    """A note if the peaks rise or fall in the order of time (Mann and Kendall's test)."""
    assert peaks.dates is not None
    x = peaks.at_least
    if x.size < _LEAST_PEAKS or x.min() == x.max():
        return None
    tau, p = mann_kendall(x, peaks.dates.asi8)
    return Note("trend_of_sizes", rising=int(tau > 0), tau=tau, p=p) if p < SIGNIFICANT else None


def season_note(peaks: Peaks) -> Note | None:
    """A note if most peaks fall in one half of the year; dates that tell the year only say nothing of it."""
    assert peaks.dates is not None
    if precision_of(peaks.dates) == "year":
        return None
    months = np.bincount(peaks.dates.month - 1, minlength=12)
    halves = np.array([np.roll(months, -start)[:6].sum() for start in range(12)]) / max(months.sum(), 1)
    if months.sum() < _LEAST_PEAKS or halves.max() < _SEASONAL:
        return None
    first = int(np.argmax(halves))
    return Note(
        "peaks_of_a_season",
        share=100.0 * halves.max(),
        first=month_name[first + 1],
        last=month_name[(first + 5) % 12 + 1],
    )


def on_steps(estimation: Estimation) -> Iterator[Note]:
    """Notes on the steps in which peaks were recorded: those of any sample, and where the threshold lies among them.

    Right on a step a threshold has no values for half a step above it, which the fit takes for a lack of them.
    """
    assert isinstance(estimation.design, Exceedances)
    values = estimation.numbers[~np.isnan(estimation.numbers)]
    found = resolution(values)
    if found is None or found.too_coarse or len(found.lattices) > 1:
        if note := check_tied(values) if found is None else check_ties(values):
            yield note
        return
    step, scale = found.lattices[0].step, float(estimation.distribution.stated.scale)
    sign, threshold = -1.0 if estimation.family.minima else 1.0, float(estimation.design.threshold)
    lattice = found.lattices[0] if sign > 0.0 else found.mirrored().lattices[0]
    edge = sign * lattice.edge_above(sign * threshold)
    if abs(edge - threshold) * np.sqrt(values.size) > _FAR_FROM_EDGE * scale:
        yield Note(
            "threshold_within_step", threshold=threshold, step=step, scales=step / scale, better=float(f"{edge:.9g}")
        )
    counts = np.unique(values, return_counts=True)[1]
    if (tied := int(counts[counts > 1].sum())) >= TIED_SHARE * values.size:
        yield Note("rounded_peaks", tied=tied, n=values.size, distinct=counts.size, step=step, scales=step / scale)


def limits_note(estimation: Estimation) -> Note | None:
    """A note if equal values stand where those of a tail are far apart, as losses that were cut at a limit do: at the
    largest, or, of values that are not rounded, anywhere among the upper half.
    """
    if estimation.family.minima or estimation.design.bounded:
        return None
    values = estimation.values[~np.isnan(estimation.values)]
    distinct, counts = np.unique(values, return_counts=True)
    lumps = (counts >= _LUMP) & (distinct > np.median(values))
    if lumps.any() and _rounded(values, counts[~lumps]):
        lumps[:-1] = False
    if not lumps.any() or distinct.size < _LUMP:
        return None
    place = int(np.flatnonzero(lumps)[-1])
    largest = int(place == distinct.size - 1)
    return Note("lump_at_top", count=int(counts[place]), n=values.size, value=float(distinct[place]), largest=largest)


def _rounded(values: Array, elsewhere: NDArray[np.integer]) -> bool:
    """Whether values are in steps, or, in steps that grow with their size or are not known, tied outside the lumps too:
    ``elsewhere`` counts the equal ones there.
    """
    found = resolution(values)
    in_steps = found is not None and len(found.lattices) == 1
    return in_steps or int(elsewhere[elsewhere > 1].sum()) >= TIED_SHARE * int(elsewhere.sum())


def at_higher_thresholds(estimation: Estimation, level: Quantity) -> Note | None:
    """How a level moves where the threshold rises until 90 and 80 % of the peaks are left; None if no fit is."""
    assert isinstance(estimation.design, Exceedances)
    if estimation.design.bounded:
        return None
    values = estimation.values[~np.isnan(estimation.values)]
    sign = -1.0 if estimation.family.minima else 1.0
    ordered, found = np.sort(sign * values), []
    for kept in _KEPT:
        fewer = round(kept * ordered.size)
        if fewer < USEFUL:
            return None
        threshold = ordered[-fewer - 1]
        design = Exceedances(float(sign * threshold), estimation.design.years)
        again = Estimation.of(estimation.family, estimation.estimator, values[sign * values > threshold], design)
        if again.estimate.status != Status.CONVERGED:
            return None
        found.append(float(level(again.distribution)[0]))
    before = float(level(estimation.distribution)[0])
    return Note("higher_thresholds", period=level.questions[0], before=before, some=found[0], fewer=found[1])


__all__ = [
    "at_higher_thresholds",
    "counts_note",
    "dispersion",
    "in_time",
    "limits_note",
    "notes",
    "on_steps",
    "rate_note",
    "season_note",
    "size_note",
    "tests_of_counts",
]
