"""Extremes, the maxima or minima of blocks: what is fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array
from evstats.reading.records import LEFT_OUT, Audit
from evstats.text import html as markup

if TYPE_CHECKING:
    import pandas as pd


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
