"""What is fitted: Extremes, the maxima or minima of blocks, and Peaks over a threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError
from evstats.extremes.history import History
from evstats.habits import knows_their_attributes, methods_knowing_their_names
from evstats.reading.records import LEFT_OUT, Audit
from evstats.text import html as markup
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from evstats.extremes.history import Known
    from evstats.extremes.origins import Origin

Numbers = float | NDArray[np.float64]


@knows_their_attributes("extremes")
@methods_knowing_their_names
@dataclass(frozen=True, eq=False)
class Extremes:
    """Block maxima or minima, in original values and units.

    Attributes
    ----------
    values
        A float64 array (n,), one extreme per kept block; original values also for minima.
    dates
        DatetimeIndex (n,) of the extremes, or None for undated data.
    blocks
        The label of each kept block (n,): 1972 for a year, "1972-03" for a month, 1, 2, 3 ... for n observations.
    kind
        "max" or "min".
    block
        The rule in words, such as "water-year (Oct-Sep)".
    blocks_per_year
        Blocks a year holds (1 for years, water years and one season; 12 for months), None for undated
        data, whose return periods count in blocks.
    observations_per_block
        Number of observations in a block, the mean of those kept (for blocks of n observations n),
        None where it is not known (data that were one value per block already).
    dropped
        DataFrame with columns ``block, coverage, value, date, reason``: the blocks left out and their would-be
        extremes.
    same_event
        DataFrame with columns ``first, second, days``: neighbouring maxima closer than the declustering span.
    coverage
        Share of each kept block (n,) that is covered by values, by the step and the calendar of that time.
    noun
        What its blocks are called, such as "water years".
    series
        The series the extremes were taken from (for drawing), None where there is none.
    audit
        The audit of the record they came from, None where there is none.
    starts, ends
        When each kept block begins and, exclusively, ends, by the clock on the wall (n,); None for blocks of
        so many observations.
    lower, upper
        What is known of the extreme of each block (n,), where some are known by bounds alone: equal to its
        value where it is a number, -inf and inf where nothing is known on that side, NaN where nothing is. ``values``
        are NaN where they differ. None where all are numbers. Of many series, which ``observed`` makes, ``values`` and
        these have shape batch + (n,).
    perception
        The level beyond which the extreme of each block would be known, (n,); -inf where it would be anyhow.
    truncation
        Of losses the deductible from which on each is seen, (n,); None where there is none.
    largest
        The r largest values of each block (of minima smallest), (n, r), the extreme first, NaN at the end where a
        block has fewer; None where each has its extreme alone.
    counted
        How many blocks are known to have passed a level of perception of which it is not known which they were.
    name, unit
        Of the values; the unit None where it is not known.
    notes
        What to know of them, as sentences.

    Examples
    --------
    >>> import pandas as pd
    >>> import evstats as ev
    >>> days = pd.date_range("2001-01-01", "2004-12-31")
    >>> floods = ev.block_maxima(pd.Series(ev.Gumbel(20.0, 9.0).rvs(len(days), rng=1), index=days), "year")
    >>> floods.to_frame()[["block", "value", "coverage"]].round(1)
      block  value  coverage
    0  2001   65.2       1.0
    1  2002   73.7       1.0
    2  2003   68.3       1.0
    3  2004   95.9       1.0
    """

    values: Array
    dates: pd.DatetimeIndex | None
    blocks: NDArray[np.object_]
    kind: str
    block: str
    blocks_per_year: float | None
    observations_per_block: float | None
    dropped: pd.DataFrame
    same_event: pd.DataFrame
    coverage: Array
    name: str = "value"
    unit: str | None = None
    notes: tuple[str, ...] = ()
    audit: Audit | None = None
    series: pd.Series | None = None
    noun: str = "blocks"
    starts: pd.DatetimeIndex | None = None
    ends: pd.DatetimeIndex | None = None
    lower: Array | None = None
    upper: Array | None = None
    perception: Array | None = None
    truncation: Array | None = None
    largest: Array | None = None
    counted: int = 0

    def __post_init__(self) -> None:
        known = self.lower, self.upper, self.perception, self.largest, self.truncation
        for array in (self.values, self.blocks, self.coverage, *known):
            if array is not None:
                array.flags.writeable = False

    @property
    def of_minima(self) -> bool:
        """Whether these are minima."""
        return self.kind == "min"

    @property
    def has_bounds(self) -> bool:
        """Whether some of them are known by bounds, or by whether they pass a level of perception."""
        return self.lower is not None

    @property
    def pairs(self) -> Array:
        """The lower and the upper bound of every block, (n, 2)."""
        if self.lower is None or self.upper is None:
            return np.stack([self.values, self.values], axis=-1)
        return np.stack([self.lower, self.upper], axis=-1)

    def numbers(self) -> Extremes:
        """Those that are known as numbers without regard to their size, as at a gauge: what may be looked at in time.

        Examples
        --------
        >>> import evstats as ev
        >>> floods = ev.observed([31.0, 45.0, 28.9], [31.0, 52.0, 28.9], years=[1961, 1962, 1963])
        >>> floods.numbers()
        Extremes(2 maxima of value by year, 1961 to 1963)
        """
        if self.lower is None or self.perception is None:
            return self
        return self.at_places(~np.isnan(self.values) & np.isneginf(self.perception), plain=True)

    def known_within(self, half: float) -> Extremes:
        """The record with every number known to within so much alone, as of values rounded to steps twice as wide.

        Parameters
        ----------
        half
            In the unit of the values, above 0: 34.2 within 0.05 lies between 34.15 and 34.25. What is known by
            bounds already, and that of which no more is known than the side of a threshold, stays as it is.

        Returns
        -------
        Extremes
            The numbers are NaN in ``values``, and ``lower`` and ``upper`` bound them.

        Raises
        ------
        ArgumentError
            No finite number above 0; several values of each block.

        References
        ----------
        - Heitjan, D. F. (1989). Inference from grouped continuous data. Statistical Science 4, 164-179.

        Examples
        --------
        >>> import evstats as ev
        >>> floods = ev.observed([31.0, 45.2, 28.9], [31.0, 45.2, 28.9], years=[1961, 1962, 1963])
        >>> floods.known_within(0.05)
        Extremes(3 maxima of value by year, 1961 to 1963, 3 known by bounds)
        """
        if isinstance(half, bool) or not isinstance(half, Real) or not 0.0 < float(half) < np.inf:
            raise ArgumentError(f"half is {half!r}", "give half a step of the values, a number above 0.")
        if self.largest is not None:
            raise ArgumentError(
                "bounds are of the extreme of each block, and these are several of each",
                Text("take one of each, ", Setting("largest", 1), " or extremes.with_largest(1)."),
            )
        lower, upper = np.moveaxis(self.pairs, -1, 0)
        exact = lower == upper
        return replace(
            self,
            values=np.full(self.values.shape, np.nan),
            lower=np.where(exact, lower - half, lower),
            upper=np.where(exact, upper + half, upper),
            perception=np.full(self.values.shape, -np.inf) if self.perception is None else self.perception,
        )

    def with_history(
        self, first: int, last: int, *, threshold: float, peaks: Mapping[int, Known] | int | None = None
    ) -> Extremes:
        """The record with years before or beside it of which one would know whatever passed a threshold.

        Parameters
        ----------
        first, last
            Years of the history, none of them in the record.
        threshold
            Of perception: every maximum above it would be known (of minima every one below it). It is a claim
            about people, not about water.
        peaks
            What is known of the years that passed it, by year: a number, or a lower and an upper bound, as in
            ``{1897: 25_000, 1919: (20_000, 22_000)}``; or in how many years it was passed, of which no more is known
            (they stand last). None: it was never passed.

        Returns
        -------
        Extremes
            With ``lower``, ``upper`` and ``perception``. Notes say where a peak falls in the first year or
            equals the threshold, as such choices raise every level.

        Raises
        ------
        ArgumentError
            Blocks that are not years, a peak outside the history.
        DataError
            A year that is in the record already, a peak that does not pass the threshold.

        References
        ----------
        - Stedinger, J. R. and Cohn, T. A. (1986). Water Resources Research 22, 785-793.
        - Prosdocimi, I. (2018). Natural Hazards and Earth System Sciences 18, 1355-1368.

        Examples
        --------
        >>> import evstats as ev
        >>> floods = ev.observed([31.0, 45.2, 28.9], [31.0, 45.2, 28.9], years=[1961, 1962, 1963])
        >>> floods.with_history(1901, 1960, threshold=60.0, peaks={1927: 72.0})
        Extremes(63 maxima of value by year, 1901 to 1963, 59 known by bounds)
        """
        if self.blocks_per_year != 1.0 or not all(isinstance(label, int | np.integer) for label in self.blocks):
            raise ArgumentError(
                f"the blocks are {self.block}, and a history is of years",
                Text(
                    *("take the maxima of years, ", Setting("block", "year"), " or ", Setting("block", "water-year")),
                    ", or name the years of ev.observed.",
                ),
            )
        if self.largest is not None:
            raise ArgumentError(
                "a history is of the extreme of each year, and these are several of each",
                Text("take one of each, ", Setting("largest", 1), " or extremes.with_largest(1)."),
            )
        past = History.of(first, last, threshold, peaks, minima=self.of_minima)
        if doubled := sorted({*past.years.tolist()} & {int(label) for label in self.blocks}):
            raise DataError(
                f"{len(doubled)} year{'s' if len(doubled) > 1 else ''} of the history ({doubled[0]}"
                f"{f' to {doubled[-1]}' if len(doubled) > 1 else ''}) {'are' if len(doubled) > 1 else 'is'} in the "
                "record already",
                "let the history end before them; what is known of a year stands once.",
            )
        return self._joined(past)

    def _joined(self, past: History) -> Extremes:
        """With the years of a history, in the order of the years."""
        import pandas as pd

        batch, h = self.values.shape[:-1], past.years.size

        def joint(old: Array, new: Array) -> Array:
            return np.concatenate([old, np.broadcast_to(new, (*batch, h))], axis=-1)

        def dated(index: pd.DatetimeIndex | None) -> pd.DatetimeIndex | None:
            return (
                None if index is None else pd.DatetimeIndex(index.append(pd.DatetimeIndex([pd.NaT] * h, tz=index.tz)))
            )

        level = np.full(self.values.shape, -np.inf) if self.perception is None else self.perception
        whole = replace(
            self,
            values=joint(self.values, np.where(past.lower == past.upper, past.lower, np.nan)),
            dates=dated(self.dates),
            blocks=np.concatenate([self.blocks, past.years]),
            coverage=np.concatenate([self.coverage, np.full(h, np.nan)]),
            starts=dated(self.starts),
            ends=dated(self.ends),
            lower=joint(self.pairs[..., 0], past.lower),
            upper=joint(self.pairs[..., 1], past.upper),
            perception=joint(level, past.perception),
            notes=(*self.notes, *past.notes),
            counted=self.counted + past.counted,
        )
        return whole.at_places(np.argsort(whole.blocks.astype(np.int64), kind="stable"))

    def at_places(self, places: Any, *, plain: bool = False) -> Extremes:
        """Some blocks, by a mask or by their places; ``plain`` where all of them are numbers.

        Parameters
        ----------
        places
            A mask, or what else indexes the blocks.
        plain
            Whether bounds, perception and the r largest are left out.

        Returns
        -------
        Extremes
            With dates, labels and coverage of these blocks.
        """
        lower, upper, level = (
            None if each is None or plain else each[..., places] for each in (self.lower, self.upper, self.perception)
        )
        return replace(
            self,
            values=self.values[..., places],
            dates=None if self.dates is None else self.dates[places],
            blocks=self.blocks[places],
            coverage=self.coverage[places],
            starts=None if self.starts is None else self.starts[places],
            ends=None if self.ends is None else self.ends[places],
            lower=lower,
            upper=upper,
            perception=level,
            largest=None if self.largest is None else self.largest[places],
            truncation=None if self.truncation is None else self.truncation[places],
        )

    def with_largest(self, r: int) -> Extremes:
        """The same with the r largest values of each block, fewer than there are.

        Parameters
        ----------
        r
            How many, 1 and more.

        Returns
        -------
        Extremes
            The same blocks.

        Raises
        ------
        ArgumentError
            More than each block has, or extremes that are not the r largest.
        """
        held = 1 if self.largest is None else self.largest.shape[1]
        if isinstance(r, bool) or not isinstance(r, (int, np.integer)) or not 1 <= r <= held:
            raise ArgumentError(f"r is {r!r}", f"give a whole number from 1 to {held}, the values of each block.")
        return replace(self, largest=None if self.largest is None or r == 1 else self.largest[:, :r].copy())

    @property
    def span(self) -> str:
        """How many blocks there are, the first and the last: ``"93 blocks, 1927 to 2019"``."""
        which = f", {self.blocks[0]} to {self.blocks[-1]}" if len(self) else ""
        return f"{len(self)} block{'' if len(self) == 1 else 's'}{which}"

    def __len__(self) -> int:
        return self.values.shape[-1]

    def __repr__(self) -> str:
        span = f", {self.blocks[0]} to {self.blocks[-1]}" if len(self) else ""
        blocks = len(self) + len(self.dropped)
        of = f" of {blocks}" if len(self.dropped) > LEFT_OUT * blocks else ""
        dropped = f", {len(self.dropped)}{of} dropped" if len(self.dropped) else ""
        bounded = "" if self.lower is None else f", {self._bounded} known by bounds"
        if self.largest is not None:
            bounded += f", the {self.largest.shape[1]} {'smallest' if self.of_minima else 'largest'} of each"
        if batch := self.values.shape[:-1]:
            bounded = f" in {math.prod(batch)} series"
        return f"Extremes({len(self)} {self.kind}ima of {self.name} by {self.block}{span}{dropped}{bounded})"

    @property
    def _bounded(self) -> int:
        """How many are known by bounds alone."""
        return int(np.count_nonzero(np.isnan(self.values) & ~np.isnan(self.pairs[..., 0])))

    def to_frame(self) -> pd.DataFrame:
        """The kept blocks as a table with columns ``block, date, value, coverage``; no date for undated data.

        Where some are known by bounds, ``lower, upper, perception`` beside.
        """
        import pandas as pd

        dates = pd.NaT if self.dates is None else self.dates
        if self.values.ndim > 1:
            raise ArgumentError("a table is of one series, and these are many", "take values, lower and upper.")
        columns: dict[str, Any] = {"block": self.blocks, "date": dates, "value": self.values, "coverage": self.coverage}
        if self.lower is not None:
            columns |= {"lower": self.lower, "upper": self.upper, "perception": self.perception}
        return pd.DataFrame(columns, index=pd.RangeIndex(len(self)))

    def _repr_html_(self) -> str:
        if self.values.ndim > 1:
            return markup.page(repr(self), markup.notes(self.notes))
        kept = self.to_frame()
        kept = kept if self.dates is not None else kept.drop(columns="date")
        return markup.page(
            repr(self),
            markup.facts({"Unit": self.unit, "Blocks per year": self.blocks_per_year}),
            markup.table(f"Blocks kept ({len(kept)})", kept),
            markup.table(f"Blocks dropped ({len(self.dropped)})", self.dropped),
            markup.notes(self.notes),
        )


@knows_their_attributes("peaks")
@methods_knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class Peaks:
    """Peaks over a threshold, or under one, with the time in which they were seen, in original values and units.

    Of a batch, which ``stack_peaks`` and ``as_peaks`` make, ``values`` has shape batch + (n,) with NaN for missing
    ones, ``threshold`` and ``years`` are numbers or of shape batch, and what is not known is None; ``peaks[i]`` is one
    series of it, with its dates.

    Attributes
    ----------
    values
        A float64 array (n,), the peak of each cluster; original values also for minima.
    threshold
        Strictly exceeded by every peak (undercut by minima).
    years
        The time that was observed, in units of ``time_unit``: gaps do not count, and of a part of the year it is
        the number of such parts, so that ``rate`` is of a calendar year.
    dates
        DatetimeIndex (n,) of the peaks, the first of tied ones; None for undated data.
    kind
        "max" or "min".
    sizes
        Number of exceedances (n,) in the cluster of each peak.
    durations
        Days (n,) from the first exceedance of each cluster to the last; rows for undated data.
    exceedances
        Number of observations beyond the threshold, before declustering.
    observations
        Number of observations.
    separation
        What parts clusters, in words, such as "7 days"; "none" where every exceedance is a peak.
    merged
        DataFrame with columns ``date, value, peak_date, reason``: the exceedances that are no peaks. Undated data
        have the number of the row, counted from 0, for a date.
    gaps
        DataFrame with columns ``start, end, days, reason``: where values are missing, between which two dates, and
        how many days of them.
    time_unit
        "year"; "observation" for undated data of which it is not known how many a year holds.
    series
        The observations that the peaks were taken from (for drawing), None where there are none.
    audit
        The audit of the record they came from, None where there is none.
    origin
        What was watched and asked for, so that peaks over other thresholds can be taken; None of given peaks.
    observed
        Series of the part of each calendar year (its index) that was observed, in all ``years``; None where that
        is not known.
    lower, upper
        Of losses some of which were cut at their limit what is known of each, (n,): the loss, or its limit
        and inf, where ``values`` has NaN; None where all are numbers.
    each
        Of a batch its series one by one, where they bring dates, the years that were watched, and where they come
        from; None where they are but numbers.
    name, unit
        Of the values; the unit None where it is not known.
    notes
        What to know of them, as sentences.

    Examples
    --------
    >>> import evstats as ev
    >>> peaks = ev.peaks_over_threshold([3.0, 9.0, 8.0, 4.0, 2.0, 7.0, 1.0, 1.0, 6.0, 5.0], 5.5, separation=1)
    >>> peaks
    Peaks(3 peaks of value above 5.5, 0.3 an observation)
    >>> peaks.values, peaks.sizes
    (array([9., 7., 6.]), array([2, 1, 1]))
    """

    values: NDArray[np.float64]
    threshold: Numbers
    years: Numbers
    dates: pd.DatetimeIndex | None = None
    kind: str = "max"
    sizes: NDArray[np.int64] | None = None
    durations: NDArray[np.float64] | None = None
    exceedances: int | None = None
    observations: int | None = None
    separation: str = "none"
    merged: pd.DataFrame | None = None
    gaps: pd.DataFrame | None = None
    name: str = "value"
    unit: str | None = None
    notes: tuple[str, ...] = ()
    audit: Audit | None = None
    series: pd.Series | None = None
    time_unit: str = "year"
    origin: Origin | None = None
    observed: pd.Series | None = None
    lower: NDArray[np.float64] | None = None
    upper: NDArray[np.float64] | None = None
    each: tuple[Peaks, ...] | None = None

    def __post_init__(self) -> None:
        for array in (self.values, self.threshold, self.years, self.sizes, self.durations, self.lower, self.upper):
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

    @property
    def of_minima(self) -> bool:
        """Whether these are minima, which undercut the threshold."""
        return self.kind == "min"

    @property
    def has_bounds(self) -> bool:
        """Whether some of them are known only to lie above their limit."""
        return self.lower is not None

    @property
    def of_events(self) -> bool:
        """Whether they are of a list of events, such as claims, each of its own, and not of a series in time."""
        return self.has_bounds or (self.origin is not None and self.origin.watch.sample.events)

    @property
    def at_least(self) -> NDArray[np.float64]:
        """The peaks, or their limits, of shape batch + (n,)."""
        return self.values if self.lower is None else self.lower

    @property
    def pairs(self) -> NDArray[np.float64]:
        """What is known of each: lower and upper bound, (n, 2)."""
        return np.stack([self.at_least, self.values if self.upper is None else self.upper], axis=-1)

    @property
    def rate(self) -> Numbers:
        """Peaks a year, or an observation; of shape batch."""
        found = np.count_nonzero(~np.isnan(self.at_least), axis=-1) / self.years
        return float(found) if np.ndim(found) == 0 else np.asarray(found)

    @property
    def extremal_index(self) -> float | None:
        """Peaks by exceedance, 1 over the mean size of a cluster; None where the exceedances are not known."""
        return len(self) / self.exceedances if self.exceedances else None

    @property
    def share(self) -> float | None:
        """The share of observations that exceed the threshold; None where they are not known."""
        return self.exceedances / self.observations if self.exceedances and self.observations else None

    @property
    def span(self) -> str:
        """How many peaks there are, and the years observed: ``"312 peaks, 1926 to 2019"``."""
        return f"{len(self)} peak{'' if len(self) == 1 else 's'}{self.when}"

    def __len__(self) -> int:
        return int(np.count_nonzero(~np.isnan(self.at_least)))

    def __getitem__(self, index: Any) -> Peaks:
        """One series of a batch, without missing values: ``peaks[3]``; part of a batch is one again."""
        batch = self.values.shape[:-1]
        if not batch:
            raise ArgumentError("these are the peaks of a single series; there is nothing to index.")
        try:
            places = np.arange(math.prod(batch)).reshape(batch)[index]
        except (IndexError, TypeError, ValueError) as cause:
            raise ArgumentError(f"{index!r} is no series of a batch of shape {batch}.") from cause
        values = self.values.reshape(-1, self.values.shape[-1])[places]
        threshold, years = (own if np.ndim(own) == 0 else np.ravel(own)[places] for own in (self.threshold, self.years))
        if values.ndim > 1:
            each = None if self.each is None else tuple(self.each[place] for place in places.ravel())
            return replace(self, values=values.copy(), threshold=threshold, years=years, each=each)
        if self.each is not None:
            return self.each[places]
        there = values[~np.isnan(values)]
        return replace(self, values=there, threshold=float(threshold), years=float(years))

    def __repr__(self) -> str:
        cut = 0 if self.upper is None else int(np.count_nonzero(np.isposinf(self.upper)))
        what = (
            f"{len(self)} peak{'' if len(self) == 1 else 's'} of {self.name}{f', {cut} cut at a limit,' if cut else ''}"
        )
        if self.values.ndim > 1:
            return f"Peaks({what} in {math.prod(self.values.shape[:-1])} series)"
        beyond = "below" if self.of_minima else "above"
        limit = f"{number(float(self.threshold), 6)}{f' {self.unit}' if self.unit else ''}"
        return f"Peaks({what} {beyond} {limit}{self.when}, {number(float(self.rate), 3)} {self._per})"

    def to_frame(self) -> pd.DataFrame:
        """The peaks as a table with columns ``date, value, size, duration``; of a batch ``series, date, value``.

        What is not known is missing: no date for undated data.
        """
        import pandas as pd

        if self.values.ndim > 1:
            lanes = self.values.reshape(-1, self.values.shape[-1])
            series, place = np.nonzero(~np.isnan(lanes))
            found = pd.DataFrame({"series": series, "value": lanes[series, place]})
            if self.each is not None and all(own.dates is not None for own in self.each):
                found.insert(1, "date", [date for own in self.each for date in own.dates])  # type: ignore[union-attr]
            return found
        columns = {
            "date": pd.NaT if self.dates is None else self.dates,
            "value": self.values,
            **({} if self.lower is None else {"lower": self.lower, "upper": self.upper}),
            "size": np.nan if self.sizes is None else self.sizes,
            "duration": np.nan if self.durations is None else self.durations,
        }
        return pd.DataFrame(columns, index=pd.RangeIndex(self.values.size))

    def _repr_html_(self) -> str:
        peaks = self.to_frame().dropna(axis="columns", how="all")
        known: dict[str, Any] = {"Unit": self.unit, "Separation": self.separation}
        if self.values.ndim == 1:
            known |= {
                f"{self.time_unit.capitalize()}s observed": float(self.years),
                f"Peaks {self._per}": float(self.rate),
                "Exceedances": self.exceedances,
                "Peaks by exceedance": self.extremal_index,
                "Share of observations": self.share,
            }
        return markup.page(
            repr(self),
            markup.facts(known),
            markup.table(f"Peaks ({len(self)})", peaks),
            *(markup.table(f"Gaps ({len(gaps)})", gaps) for gaps in [self.gaps] if gaps is not None),
            markup.notes(self.notes),
        )

    @property
    def _per(self) -> str:
        return f"{'an' if self.time_unit == 'observation' else 'a'} {self.time_unit}"

    @property
    def when(self) -> str:
        """The first and the last year of the record, or of the peaks: ``", 1926 to 2019"``."""
        dates = self.dates if self.series is None else self.series.index
        if dates is None or not len(dates) or dates.dtype.kind != "M":
            return ""
        return f", {dates[0].year} to {dates[-1].year}"
