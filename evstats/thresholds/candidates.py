"""Candidate thresholds with the peaks beyond each, and the GPD fitted to the excesses of all of them at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array, Places
from evstats.distributions.special import expm1_over
from evstats.errors import ArgumentError, DataError
from evstats.estimators.excesses import Maxima, gpd_maxima
from evstats.extremes.blocks import KINDS
from evstats.extremes.separations import Nothing, Run, Separation
from evstats.extremes.watch import Watch
from evstats.notes import Note, ordered
from evstats.quantities.base import as_questions
from evstats.text.arguments import Setting, Text, named
from evstats.text.numbers import number
from evstats.thresholds.excesses import Excesses
from evstats.thresholds.intervals_estimator import intervals_index, run_length

#: Unasked, so many thresholds from the median up to the one that this many peaks exceed: close to each other far out.
NUMBER, LOWEST, USEFUL = 30, 0.5, 20
#: Peaks that a fit needs at least.
FEWEST = 3


@dataclass(frozen=True, eq=False)
class Beyond:
    """The peaks beyond one threshold.

    ``excesses`` (n,) are those of the peaks, positive also for minima, in order of time, ``at`` (n,) their places among
    the observations; ``index`` is the extremal index by the times between all ``exceedances``, NaN where there are
    fewer than two.
    """

    excesses: Array
    at: Places
    exceedances: int
    index: float


@dataclass(frozen=True, eq=False)
class Candidates:
    """Candidate thresholds, each further out than the one before, and the peaks beyond them.

    Attributes
    ----------
    watch
        The observations that count and the time they stand for.
    thresholds
        (k,), in the unit and the sign of the data.
    beyond
        K samples of peaks.
    kind
        "max" or "min".
    separation
        What parts clusters; None for what the times between exceedances of each threshold choose.
    """

    watch: Watch
    thresholds: Array
    beyond: tuple[Beyond, ...]
    kind: str
    separation: Separation | None

    @classmethod
    def of(cls, watch: Watch, thresholds: ArrayLike | None, separation: Separation | None, kind: str) -> Candidates:
        """Of given thresholds, or of those taken unasked; ``kind`` is "max" or "min".

        Raises
        ------
        ArgumentError
            Thresholds that are not finite, or do not go outwards.
        DataError
            No threshold that 3 peaks exceed, or fewer than 20 peaks to choose thresholds from.
        """
        asked = _usual(watch, separation, kind) if thresholds is None else _checked(thresholds, kind)
        found = [(limit, _beyond(watch, float(limit), separation, kind)) for limit in asked]
        kept = [(limit, sample) for limit, sample in found if sample.excesses.size >= FEWEST]
        if not kept:
            raise _none_left(watch, float(asked[0]), kind)
        return cls(watch, np.array([limit for limit, _ in kept]), tuple(own for _, own in kept), kind, separation)

    def __len__(self) -> int:
        return self.thresholds.size

    def including(self, threshold: float) -> Candidates:
        """The same with one more threshold, which at least 3 peaks exceed, where it is not among them."""
        if threshold in self.thresholds:
            return self
        own = _beyond(self.watch, threshold, self.separation, self.kind)
        place = int(np.searchsorted(self.outward * self.thresholds, self.outward * threshold))
        beyond = (*self.beyond[:place], own, *self.beyond[place:])
        return replace(self, thresholds=np.insert(self.thresholds, place, threshold), beyond=beyond)

    @property
    def outward(self) -> float:
        """1 for maxima, -1 for minima, whose excesses lie below."""
        return -1.0 if self.kind == "min" else 1.0

    @property
    def peaks(self) -> Places:
        """Number of peaks (k,)."""
        return np.array([own.excesses.size for own in self.beyond])

    @property
    def rate(self) -> Array:
        """Peaks a year (k,)."""
        return np.asarray(self.peaks / self.watch.years)

    @cached_property
    def padded(self) -> Array:
        """Excesses (k, n), NaN where there is none."""
        rows = np.full((len(self), int(self.peaks.max())), np.nan)
        for row, own in zip(rows, self.beyond, strict=True):
            row[: own.excesses.size] = own.excesses
        return rows

    @cached_property
    def fits(self) -> Maxima:
        """The GPD of the excesses at each threshold by maximum likelihood; NaN without an interior maximum."""
        found = gpd_maxima(np.nan_to_num(self.padded), self.peaks.astype(np.float64))
        there = found.converged
        return found._replace(scale=np.where(there, found.scale, np.nan), shape=np.where(there, found.shape, np.nan))

    @cached_property
    def events(self) -> tuple[Places, ...]:
        """For each candidate, the event (n,) that each of its peaks is of.

        The events are the peaks of the candidate that has most; a peak of another one is of that nearest to it among
        the observations, so that what is one event stays one at each threshold.
        """
        times = self.beyond[int(self.peaks.argmax())].at
        between = 0.5 * (times[:-1] + times[1:])
        return tuple(np.searchsorted(between, own.at) for own in self.beyond)

    def resampled(self, times: Places) -> Iterator[Excesses]:
        """Of each candidate the samples in which the events occur so many times, (m, events)."""
        for own, event in zip(self.beyond, self.events, strict=True):
            rising = np.argsort(own.excesses)
            yield Excesses.repeated(own.excesses[rising], times[:, event[rising]])

    def levels(self, period: float) -> Array:
        """The level (k,) passed by one event in so many years on average; NaN where that lies within a threshold."""
        e = np.log(self.rate * period)
        with np.errstate(invalid="ignore"):
            beyond = np.where(e > 0.0, self.fits.scale * expm1_over(self.fits.shape, e), np.nan)
        return np.asarray(self.thresholds + self.outward * beyond)

    def notes(self) -> tuple[Note, ...]:
        """What to know of the record and of the highest candidate."""
        fewest = int(self.peaks[-1])
        few = [Note("few_peaks_at_candidate", count=fewest, useful=USEFUL)] if fewest < USEFUL else []
        row_notes = () if self.watch.sample.audit is None else self.watch.sample.audit.row_notes
        parted = () if self.separation is None else self.separation.notes
        return ordered((*row_notes, *self.watch.sample.notes, *self.watch.notes, *parted, *few))  # type: ignore[return-value]


def run_of(at: Places) -> tuple[int, float]:
    """The run length that the times between exceedances choose, 0 where each is a cluster, and their extremal index."""
    if at.size < FEWEST:
        return 0, np.nan
    times = np.diff(at)
    if times.max() == 1:  # one event without a break, for which the estimator is 1 whatever its length
        return 1, 1.0 / at.size
    index = intervals_index(times)
    return run_length(times, index), index


def _beyond(watch: Watch, threshold: float, separation: Separation | None, kind: str) -> Beyond:
    values = watch.sample.values if kind == "max" else -watch.sample.values
    limit = threshold if kind == "max" else -threshold
    at = np.flatnonzero(values > limit)
    if not at.size:
        return Beyond(np.empty(0), at, 0, np.nan)
    run, index = run_of(at)
    apart = separation if separation is not None else Run(run) if run else Nothing()
    first = np.append(0, np.flatnonzero(apart.ends(watch, at)) + 1)
    peaks = at[KINDS["max"].positions(values[at], first, np.append(first[1:], at.size))]
    return Beyond(values[peaks] - limit, peaks, at.size, index)


def _usual(watch: Watch, separation: Separation | None, kind: str) -> Array:
    """Thirty quantiles from the median to the one that twenty peaks exceed: exceedances fall by equal ratios."""
    values = watch.sample.values if kind == "max" else -watch.sample.values
    falling = np.sort(values)[::-1]

    def enough(place: int) -> bool:
        limit = float(falling[place]) if kind == "max" else -float(falling[place])
        return _beyond(watch, limit, separation, kind).excesses.size >= USEFUL

    most = int(np.ceil((1.0 - LOWEST) * values.size))
    tried = np.unique(np.geomspace(min(USEFUL, most), most, NUMBER).astype(np.intp))  # far in, events run together
    place = next((place for place in range(tried.size) if tried[place] < values.size and enough(tried[place])), None)
    if place is None:
        raise DataError(
            f"no threshold beyond the median of {watch.sample.name} has {USEFUL} peaks, too few to choose one",
            Text("give thresholds of your own, or a shorter separation ", named("separation"), "."),
        )
    low, high = int(tried[max(place - 1, 0)]), int(tried[place])
    while low < high:  # the first place at which there are enough
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    distinct = np.unique(values)
    counts = np.rint(np.geomspace(most, low, NUMBER)).astype(np.intp)
    places = np.searchsorted(distinct, np.unique(falling[counts]))
    limits = np.array([_between(*distinct[place : place + 2]) for place in places if place + 1 < distinct.size])
    return limits if kind == "max" else -limits


def _between(low: float, high: float) -> float:
    """A number between two, of few digits: no observation equals it."""
    middle, digits = 0.5 * (low + high), int(np.ceil(-np.log10(high - low)))
    short = (round(middle, digits + more) for more in (-1, 0, 1))
    return float(next((own for own in short if low < own < high), middle))


def _checked(thresholds: ArrayLike, kind: str) -> Array:
    """Thresholds (k,) that go outwards."""
    limits = as_questions(thresholds, "thresholds")
    steps = np.diff(limits) if kind == "max" else -np.diff(limits)
    if (back := np.flatnonzero(steps <= 0.0)).size:
        order, which = ("rise", "highest") if kind == "max" else ("fall", "lowest")
        pair = f"{number(float(limits[back[0]]), 6)} comes before {number(float(limits[back[0] + 1]), 6)}"
        raise ArgumentError(
            Text(Setting("thresholds"), f" do not {order} throughout: {pair}"), f"give each once, the {which} last."
        )
    return limits


def _none_left(watch: Watch, first: float, kind: str) -> DataError:
    relation, other = ("below", "higher") if kind == "min" else ("above", "lower")
    extreme = float(watch.sample.values.min() if kind == "min" else watch.sample.values.max())
    return DataError(
        f"none of the thresholds has {FEWEST} peaks of {watch.sample.name} {relation} it: the first one is "
        f"{number(first, 6)}, the {'smallest' if kind == 'min' else 'largest'} value {number(extreme, 6)}",
        Text(f"choose {other} ones, ", Setting("thresholds"), ", that leave 20 peaks or more."),
    )


__all__ = ["FEWEST", "USEFUL", "Beyond", "Candidates", "run_of"]
