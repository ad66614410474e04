"""What is fitted: Extremes, the maxima or minima of blocks, and Peaks over a threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array
from evstats.reading.records import LEFT_OUT, Audit
from evstats.text import html as markup
from evstats.text.numbers import number

if TYPE_CHECKING:
    import pandas as pd

    from evstats.extremes.origins import Origin

Numbers = float | NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Extremes:
    """Block maxima or minima, in original values and units.

    Attributes
    ----------
    values : float64 array (n,), one extreme per kept block; original values also for minima.
    dates : DatetimeIndex (n,) of the extremes, or None for undated data.
    blocks : the label of each kept block (n,): 1972 for a year, "1972-03" for a month, 1, 2, 3 ... for n observations.
    kind : "max" or "min".
    block : the rule in words, such as "water-year (Oct-Sep)".
    blocks_per_year : blocks a year holds (1 for years, water years and one season; 12 for months), None for undated
        data, whose return periods count in blocks.
    observations_per_block : number of observations in a block, the mean of those kept (for blocks of n observations n),
        None where it is not known (data that were one value per block already).
    dropped : DataFrame with columns ``block, coverage, value, date, reason``: the blocks left out and their would-be
        extremes.
    same_event : DataFrame with columns ``first, second, days``: neighbouring maxima closer than the declustering span.
    coverage : share of each kept block (n,) that is covered by values, by the step and the calendar of that time.
    noun : what its blocks are called, such as "water years".
    series : the series the extremes were taken from (for drawing), None where there is none.
    audit : the audit of the record they came from, None where there is none.
    starts, ends : when each kept block begins and, exclusively, ends, by the clock on the wall (n,); None for blocks of
        so many observations.
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

    def __post_init__(self) -> None:
        for array in (self.values, self.blocks, self.coverage):
            array.flags.writeable = False

    @property
    def of_minima(self) -> bool:
        """Whether these are minima."""
        return self.kind == "min"

    @property
    def span(self) -> str:
        """How many blocks there are, the first and the last: ``"93 blocks, 1927 to 2019"``."""
        which = f", {self.blocks[0]} to {self.blocks[-1]}" if len(self) else ""
        return f"{len(self)} block{'' if len(self) == 1 else 's'}{which}"

    def __len__(self) -> int:
        return self.values.size

    def __repr__(self) -> str:
        span = f", {self.blocks[0]} to {self.blocks[-1]}" if len(self) else ""
        blocks = len(self) + len(self.dropped)
        of = f" of {blocks}" if len(self.dropped) > LEFT_OUT * blocks else ""
        dropped = f", {len(self.dropped)}{of} dropped" if len(self.dropped) else ""
        return f"Extremes({len(self)} {self.kind}ima of {self.name} by {self.block}{span}{dropped})"

    def to_frame(self) -> pd.DataFrame:
        """The kept blocks as a table with columns ``block, date, value, coverage``; no date for undated data."""
        import pandas as pd

        dates = pd.NaT if self.dates is None else self.dates
        columns = {"block": self.blocks, "date": dates, "value": self.values, "coverage": self.coverage}
        return pd.DataFrame(columns, index=pd.RangeIndex(len(self)))

    def _repr_html_(self) -> str:
        kept = self.to_frame()
        kept = kept if self.dates is not None else kept.drop(columns="date")
        return markup.page(
            repr(self),
            markup.facts({"Unit": self.unit, "Blocks per year": self.blocks_per_year}),
            markup.table(f"Blocks kept ({len(kept)})", kept),
            markup.table(f"Blocks dropped ({len(self.dropped)})", self.dropped),
            markup.notes(self.notes),
        )


@dataclass(frozen=True, eq=False, repr=False)
class Peaks:
    """Peaks over a threshold, or under one, with the time in which they were seen, in original values and units.

    Of a batch, which ``as_peaks`` makes, ``values`` has shape batch + (n,) with NaN for missing ones, ``threshold`` and
    ``years`` are numbers or of shape batch, and what is not known is None.

    Attributes
    ----------
    values : float64 array (n,), the peak of each cluster; original values also for minima.
    threshold : strictly exceeded by every peak (undercut by minima).
    years : the time that was observed, in units of ``time_unit``: gaps do not count, and of a part of the year it is
        the number of such parts, so that ``rate`` is of a calendar year.
    dates : DatetimeIndex (n,) of the peaks, the first of tied ones; None for undated data.
    kind : "max" or "min".
    sizes : number of exceedances (n,) in the cluster of each peak.
    durations : days (n,) from the first exceedance of each cluster to the last; rows for undated data.
    exceedances : number of observations beyond the threshold, before declustering.
    observations : number of observations.
    separation : what parts clusters, in words, such as "7 days"; "none" where every exceedance is a peak.
    merged : DataFrame with columns ``date, value, peak_date, reason``: the exceedances that are no peaks. Undated data
        have the number of the row, counted from 0, for a date.
    gaps : DataFrame with columns ``start, end, days, reason``: where values are missing, between which two dates, and
        how many days of them.
    time_unit : "year"; "observation" for undated data of which it is not known how many a year holds.
    series : the observations that the peaks were taken from (for drawing), None where there are none.
    audit : the audit of the record they came from, None where there is none.
    origin : what was watched and asked for, so that peaks over other thresholds can be taken; None of given peaks.
    observed : Series of the part of each calendar year (its index) that was observed, in all ``years``; None where that
        is not known.
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

    def __post_init__(self) -> None:
        for array in (self.values, self.threshold, self.years, self.sizes, self.durations):
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

    @property
    def of_minima(self) -> bool:
        """Whether these are minima, which undercut the threshold."""
        return self.kind == "min"

    @property
    def rate(self) -> Numbers:
        """Peaks a year, or an observation; of shape batch."""
        found = np.count_nonzero(~np.isnan(self.values), axis=-1) / self.years
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
        return int(np.count_nonzero(~np.isnan(self.values)))

    def __repr__(self) -> str:
        what = f"{len(self)} peak{'' if len(self) == 1 else 's'} of {self.name}"
        if self.values.ndim > 1:
            return f"Peaks({what} in {math.prod(self.values.shape[:-1])} series)"
        beyond = "below" if self.of_minima else "above"
        limit = f"{number(float(self.threshold), 6)}{f' {self.unit}' if self.unit else ''}"
        return f"Peaks({what} {beyond} {limit}{self.when}, {number(float(self.rate), 3)} {self._per})"

    def to_frame(self) -> pd.DataFrame:
        """The peaks as a table with columns ``date, value, size, duration``; of a batch ``series, value``.

        What is not known is missing: no date for undated data.
        """
        import pandas as pd

        if self.values.ndim > 1:
            lanes = self.values.reshape(-1, self.values.shape[-1])
            series, place = np.nonzero(~np.isnan(lanes))
            return pd.DataFrame({"series": series, "value": lanes[series, place]})
        columns = {
            "date": pd.NaT if self.dates is None else self.dates,
            "value": self.values,
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
