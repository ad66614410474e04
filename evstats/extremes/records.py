"""What is fitted: Extremes, the maxima or minima of blocks; Peaks over a threshold are in ``peak_records``."""

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

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from evstats.extremes.history import Known


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
