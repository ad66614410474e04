"""The frozen records of the first half of the flow: Record (a series and its audit) and Extremes (block maxima)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Finding:
    """One row of the input that was dropped, merged or reinterpreted.

    ``line`` is the 1-based line of the text file (the row number for a table in memory), ``text`` what stood there,
    ``reason`` why it was touched and ``action`` what was done: ``"dropped"``, ``"merged"``, ``"reinterpreted"`` or
    ``"noted"``.
    """

    line: int | None
    text: str
    reason: str
    action: str


@dataclass(frozen=True)
class Audit:
    """What was read, what was guessed and what happened to every row that is not in the series as it stood.

    ``counts`` holds the complete count per ``(action, reason)``; ``findings`` the offending rows.
    """

    source: str
    rows_read: int
    rows_kept: int
    time_column: str | None = None
    value_column: str | None = None
    unit: str | None = None
    findings: tuple[Finding, ...] = ()
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """The offending rows as a table with columns ``line, action, reason, text``."""
        import pandas as pd

        rows = [(f.line, f.action, f.reason, f.text) for f in self.findings]
        return pd.DataFrame(rows, columns=["line", "action", "reason", "text"]).astype({"line": "Int64"})


@dataclass(frozen=True, eq=False)
class Record:
    """A clean series (pandas, float64, NaN-free, time-ordered where dated) and the audit of how it came about."""

    series: pd.Series
    audit: Audit


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
    observations_per_block : nominal number of observations in a full block, None where it is not known
        (data that were one value per block already).
    dropped : DataFrame with columns ``block, coverage, value, date, reason``: the blocks left out and their would-be
        extremes.
    same_event : DataFrame with columns ``first, second, days``: neighbouring maxima closer than the declustering span.
    coverage : share of the expected timestamps present in each kept block (n,).
    zeros : number of kept blocks whose every value is zero or whose extreme is zero.
    """

    values: NDArray[np.float64]
    dates: pd.DatetimeIndex | None
    blocks: NDArray[np.object_]
    kind: str
    block: str
    blocks_per_year: float | None
    observations_per_block: float | None
    dropped: pd.DataFrame
    same_event: pd.DataFrame
    coverage: NDArray[np.float64]
    name: str = "value"
    unit: str | None = None
    notes: tuple[str, ...] = ()
    audit: Audit | None = None
    series: pd.Series | None = None
