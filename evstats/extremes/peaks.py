"""Peaks over a given threshold: exceedances put together in clusters, the highest of each, and what was merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evstats.arrays import Array, Ints, Mask, Places
from evstats.calendars.cadence import DAY
from evstats.errors import DataError
from evstats.extremes.blocks import KINDS
from evstats.extremes.peak_records import Peaks
from evstats.extremes.separations import Separation
from evstats.extremes.watch import Watch
from evstats.notes import Note, ordered
from evstats.text.arguments import InPython, Text, named
from evstats.text.numbers import number

_SAME, _LATER = "in the cluster of a more extreme one", "as extreme as the peak of its cluster, and later"


def beyond(watch: Watch, threshold: float, kind: str = "max", *, all_may: bool = False) -> Places:
    """Where the observations that strictly exceed a threshold stand (N,), or those that undercut it.

    All of them may where they are seen from a level on that is no higher.

    Raises
    ------
    DataError
        A threshold that no value, or every value, is beyond.
    """
    values, minima = watch.sample.values, KINDS[kind].name == "min"
    at = np.flatnonzero(values < threshold if minima else values > threshold)
    if not at.size:
        raise _nothing_beyond(watch, threshold, minima)
    if at.size == values.size and not all_may:
        raise _all_beyond(watch, threshold, minima)
    return at


def peaks_beyond(
    watch: Watch,
    threshold: float,
    separation: Separation,
    *,
    kind: str = "max",
    notes: tuple[Note, ...] = (),
    all_may: bool = False,
) -> Peaks:
    """The most extreme value, the first of tied ones, of each cluster of exceedances; ``notes`` are said beside it.

    Raises
    ------
    DataError
        A threshold that no value, or every value, is beyond.
    """
    sample, at = watch.sample, beyond(watch, threshold, kind, all_may=all_may)
    clusters = _Clusters.of(watch, at, separation)
    peaks = clusters.peaks(sample.values[at], kind)
    when = watch.when
    cut, beside = clusters.at_gaps(watch, separation)
    own = _notes(watch, threshold, kind, int(cut.sum()), cut.size, separation)
    row_notes = () if sample.audit is None else sample.audit.row_notes
    return Peaks(
        values=sample.values[at[peaks]],
        threshold=float(threshold),
        years=watch.years,
        dates=None if sample.index is None else sample.index[at[peaks]],
        kind=KINDS[kind].name,
        sizes=clusters.sizes,
        durations=_durations(when[at[clusters.first]], when[at[clusters.last]]),
        exceedances=at.size,
        observations=sample.values.size,
        separation=separation.words,
        merged=_merged(sample.values[at], when[at], peaks, clusters.sizes),
        gaps=_gap_table(watch, beside),
        name=sample.name,
        unit=sample.unit,
        notes=ordered((*row_notes, *sample.notes, *watch.notes, *notes, *own)),
        audit=sample.audit,
        series=sample.series,
        time_unit=watch.time_unit,
        observed=watch.observed,
    )


@dataclass(frozen=True, eq=False)
class _Clusters:
    """Exceedances ``at`` (N,) put together: cluster i (n,) holds those from ``first[i]`` to ``last[i]``."""

    at: Places
    first: Places
    last: Places

    @classmethod
    def of(cls, watch: Watch, at: Places, separation: Separation) -> _Clusters:
        last = np.flatnonzero(np.append(separation.ends(watch, at), True))
        return cls(at, np.append(0, last[:-1] + 1), last)

    @property
    def sizes(self) -> Ints:
        return np.asarray(self.last - self.first + 1, dtype=np.int64)

    def peaks(self, values: Array, kind: str) -> Places:
        """Which of the exceedances are peaks (n,)."""
        return KINDS[kind].positions(values, self.first, self.last + 1)

    def at_gaps(self, watch: Watch, separation: Separation) -> tuple[Mask, Mask]:
        """Which clusters (n,) lie less than the separation from a gap that is longer than it, and which gaps (g,)."""
        beside = np.zeros(watch.gaps.place.size, dtype=bool)
        inside = (watch.gaps.place >= 0) & (watch.gaps.place < watch.sample.values.size - 1)
        long = np.flatnonzero(separation.outlasted(watch) & inside)
        if not long.size:
            return np.zeros(self.first.size, dtype=bool), beside
        (clock, width), place = separation.clock(watch), watch.gaps.place[long]
        first, last = self.at[self.first], self.at[self.last]
        after, before = np.searchsorted(place, last), np.searchsorted(place, first) - 1
        begins = (after < place.size) & (clock[place[np.minimum(after, place.size - 1)]] - clock[last] < width)
        ends = (before >= 0) & (clock[first] - clock[place[before] + 1] < width)
        beside[long[after[begins]]] = True
        beside[long[before[ends]]] = True
        return begins | ends, beside


def _durations(first: pd.Index, last: pd.Index) -> Array:
    """From the first exceedance of each cluster to the last, in days or rows."""
    spans = last - first
    return np.asarray(spans / DAY if isinstance(spans, pd.TimedeltaIndex) else spans, dtype=np.float64)


def _merged(values: Array, when: pd.Index, peaks: Places, sizes: Ints) -> pd.DataFrame:
    """The exceedances that are no peaks."""
    of = np.repeat(peaks, sizes)
    out = np.flatnonzero(of != np.arange(of.size))
    reason = np.where(values[out] == values[of[out]], _LATER, _SAME).astype(object)
    return pd.DataFrame({"date": when[out], "value": values[out], "peak_date": when[of[out]], "reason": reason})


def _gap_table(watch: Watch, beside: Mask) -> pd.DataFrame:
    gaps = watch.gaps
    reason = np.where(beside, "no values, at the edge of a cluster", "no values").astype(object)
    return pd.DataFrame({"start": gaps.start, "end": gaps.end, "days": gaps.days, "reason": reason})


def _notes(
    watch: Watch, threshold: float, kind: str, cut: int, clusters: int, separation: Separation
) -> Iterator[Note]:
    """What a user should know of ties at the threshold and of clusters at gaps."""
    if ties := int(np.count_nonzero(watch.sample.values == threshold)):
        yield Note("ties_at_threshold", count=ties, threshold=float(threshold), minima=int(KINDS[kind].name == "min"))
    yield from separation.notes
    if cut:
        yield Note("clusters_cut", count=cut, clusters=clusters, separation=separation.words)


def _nothing_beyond(watch: Watch, threshold: float, minima: bool) -> DataError:
    extreme = watch.sample.values.min() if minima else watch.sample.values.max()
    relation, which, other = ("below", "smallest", "higher") if minima else ("above", "largest", "lower")
    return DataError(
        f"no value of {watch.sample.name} lies {relation} the threshold {number(threshold, 6)}: the {which} value is "
        f"{number(float(extreme), 6)}",
        Text(f"choose a {other} threshold ", named("threshold"), "."),
    )


def _all_beyond(watch: Watch, threshold: float, minima: bool) -> DataError:
    extreme = watch.sample.values.max() if minima else watch.sample.values.min()
    relation, which, other = ("below", "largest", "lower") if minima else ("above", "smallest", "higher")
    return DataError(
        f"every value of {watch.sample.name} lies {relation} the threshold {number(threshold, 6)} (the {which} is "
        f"{number(float(extreme), 6)}), so nothing says how often it is passed",
        Text(
            *(f"choose a {other} threshold ", named("threshold")),
            *(InPython("; values that are peaks already go to as_peaks(values, threshold, years)"), "."),
        ),
    )


__all__ = ["beyond", "peaks_beyond"]
