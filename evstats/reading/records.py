"""Record, a series and its audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from evstats.arrays import Ints
from evstats.habits import knows_their_attributes
from evstats.notes import Note
from evstats.reading.units import labelled
from evstats.text import html as markup

if TYPE_CHECKING:
    import pandas as pd

#: Where a larger share of the rows or blocks is left out, that is the first thing said.
LEFT_OUT = 0.2

_AT_VALUE = "which is taken for the value (ev.read_peaks takes it for a bound, as commands of block extremes do)"
#: What is said of a number behind a sign, by the sign: where it is taken for the value, and where for a bound.
SIGNED = {
    sign: (f"{word} than a number ({sign!r}), {_AT_VALUE}", f"{word} than a number ({sign!r}), known by that bound")
    for sign, word in ((">", "greater"), ("<", "less"))
}

#: Characters of a row that are repeated in a sentence.
_LONGEST = 60


class Action(StrEnum):
    """What was done with a row; ``NOTED`` and ``REINTERPRETED`` rows are still in the series."""

    DROPPED = "dropped"
    MERGED = "merged"
    REINTERPRETED = "reinterpreted"
    NOTED = "noted"


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


@dataclass(frozen=True, repr=False)
class Audit:
    """What was read, what was guessed, and what happened to every row that is not in the series as it stood.

    ``counts`` holds the complete count per ``(action, reason)``; ``findings`` the offending rows. Always
    ``rows_read == rows_kept + dropped + merged + not_chosen``, the last being the rows of other series in the table
    that ``where`` left out. ``qualifiers`` holds the qualification codes beside the values (USGS
    ``peak_cd``, for example) on the index of the series, None where there are none, and ``signs`` the ``">"`` and
    ``"<"`` before numbers of which only a bound is known; ``place`` says what
    the ``line`` of a finding counts; ``sha256`` is the fingerprint of the bytes that were read, None where there were
    none; ``sheet`` the sheet of a workbook; ``first_month`` is the month in which the years of the source begin, None
    where it does not say.

    Attributes
    ----------
    source
        The file, or what kind of object it was.
    rows_read, rows_kept
        How many rows there were, and how many are in the series. Always ``rows_read == rows_kept + dropped + merged
        + not_chosen``.
    time_column, value_column
        The columns that were taken, None where they have no name.
    unit
        Of the values, as the header or the file tells it; None where it does not.
    findings
        The rows that were dropped, merged, reinterpreted or noted, each with ``line, text, reason, action``.
    counts
        How many rows there are for each ``(action, reason)``, all of them.
    notes
        What to know of the reading, as sentences.
    qualifiers
        The qualification codes beside the values, such as USGS ``peak_cd``, on the index of the series; None
        without any.
    signs
        The sign before each number, ``">"``, ``"<"`` or empty, on the index of the series; None where none has one.
    place
        What the ``line`` of a finding counts: ``"line"`` or ``"row"``.
    sha256
        The fingerprint of the bytes that were read, None where there were none.
    sheet
        The sheet of a workbook.
    first_month
        The month in which the years of the source begin, None where it does not say.
    not_chosen
        Rows of other series in the table, which ``where`` left out.

    Examples
    --------
    >>> import io
    >>> import evstats as ev
    >>> record = ev.read_series(io.StringIO("year,flow (m3/s)\\n2019,31.0\\n2020,n/a\\n2021,45.2\\n"))
    >>> record.audit.rows_read, record.audit.dropped, record.audit.unit
    (3, 1, 'm3/s')
    >>> record.audit.to_frame()
       line   action                       reason      text
    0     3  dropped  missing value, marked 'N/A'  2020,n/a
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
    qualifiers: pd.Series | None = field(default=None, compare=False)
    signs: pd.Series | None = field(default=None, compare=False)
    place: str = "line"
    sha256: str | None = field(default=None, repr=False, compare=False)
    sheet: str | None = None
    first_month: int | None = None
    not_chosen: int = 0

    @property
    def dropped(self) -> int:
        """The number of rows left out."""
        return self._total(Action.DROPPED)

    @property
    def merged(self) -> int:
        """The number of rows that said the same as another row and were merged with it."""
        return self._total(Action.MERGED)

    @property
    def row_notes(self) -> tuple[Note, ...]:
        """A note for each reason for which rows were dropped, merged or reinterpreted, with the first such row.

        Before them, where many rows are left out, one that says so.
        """
        told = (Action.DROPPED, Action.MERGED, Action.REINTERPRETED)
        notes = tuple(
            Note(
                "rows", reason, count=count, rows=self.rows_read, action=str(action), first=self._first(action, reason)
            )
            for (action, reason), count in self.counts.items()
            if action in told
        )
        return (*self._many_left_out(), *notes)

    def with_bounds(self) -> Audit:
        """The same account where a number behind a sign is taken for a bound, not for the value."""
        said = dict(SIGNED.values())
        return replace(
            self,
            findings=tuple(replace(found, reason=said.get(found.reason, found.reason)) for found in self.findings),
            counts={(action, said.get(reason, reason)): count for (action, reason), count in self.counts.items()},
        )

    def _many_left_out(self) -> tuple[Note, ...]:
        if self.dropped <= LEFT_OUT * self.rows_read:
            return ()
        dropped = {reason: count for (action, reason), count in self.counts.items() if action == Action.DROPPED}
        reason = max(dropped, key=dropped.__getitem__)
        if len(dropped) == 1:
            return (Note("rows_left_out", reason, count=self.dropped, rows=self.rows_read),)
        return (Note("rows_left_out_mostly", reason, count=self.dropped, rows=self.rows_read, most=dropped[reason]),)

    def _first(self, action: str, reason: str) -> str:
        rows = (found for found in self.findings if (found.action, found.reason) == (action, reason))
        return next((f"; first {self.place} {row.line}: {_shortened(row.text)!r}" for row in rows), "")

    def _total(self, action: Action) -> int:
        return sum(count for (done, _), count in self.counts.items() if done == action)

    def __repr__(self) -> str:
        out = "".join(
            f", {count} {done}"
            for count, done in ((self.dropped, "dropped"), (self.merged, "merged"), (self.not_chosen, "not chosen"))
            if count
        )
        return f"Audit({self.source}: {self.rows_read} rows read, {self.rows_kept} kept{out})"

    def _repr_html_(self) -> str:
        return markup.page(f"Audit of {self.source}", *self._html())

    def _html(self, more: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """What was read and what became of the rows."""
        facts: dict[str, Any] = {"Time column": self.time_column, "Value column": self.value_column, "Unit": self.unit}
        facts |= {"Sheet": self.sheet} if self.sheet else {}
        facts |= {"Rows read": self.rows_read, "Rows kept": self.rows_kept}
        facts |= {"Rows dropped": self.dropped, "Rows merged": self.merged}
        facts |= {"Rows not chosen": self.not_chosen} if self.not_chosen else {}
        facts |= more or {}
        rows = markup.table("Rows not taken as they stood", self.to_frame())
        return markup.facts(facts), rows, markup.notes(self.notes)

    def to_frame(self) -> pd.DataFrame:
        """The offending rows as a table with columns ``line, action, reason, text``."""
        import pandas as pd

        rows = [(f.line, f.action, f.reason, f.text) for f in self.findings]
        return pd.DataFrame(rows, columns=["line", "action", "reason", "text"]).astype({"line": "Int64"})


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


@knows_their_attributes("record")
@dataclass(frozen=True, eq=False, repr=False)
class Record:
    """A clean series (pandas, float64, NaN-free, time-ordered where dated) and the audit of how it came about.

    ``lines`` has the line of each value, counted as those of findings are, and ``beside`` the columns that were asked
    for beside the value, of numbers, on the index of the series; None where there are none. ``events`` says that each
    value is an event of its own, as in a list of claims, so that nothing is missing between them.

    Attributes
    ----------
    series
        The values as a pandas Series of float64 without NaN, in order of time where they are dated.
    audit
        What was read and what became of every row.
    lines
        The line of each value, counted as those of findings are; None where there are none.
    beside
        The columns that were asked for beside the value, numbers on the index of the series; None where none were.
    events
        Whether each value is an event of its own, as in a list of claims, so that nothing is missing between them.

    Examples
    --------
    >>> import io
    >>> import evstats as ev
    >>> record = ev.read_series(io.StringIO("date,flow (m3/s)\\n2020-01-01,31.0\\n2020-01-02,45.2\\n"))
    >>> record
    Record(2 values of flow (m3/s), 2020-01-01 to 2020-01-02)
    >>> record.series.tolist()
    [31.0, 45.2]
    """

    series: pd.Series
    audit: Audit
    lines: Ints | None = None
    beside: pd.DataFrame | None = None
    events: bool = False

    def __repr__(self) -> str:
        first, last = self._span
        span = f", {first} to {last}" if first else ""
        return f"Record({len(self.series)} values of {labelled(str(self.series.name), self.audit.unit)}{span})"

    def _repr_html_(self) -> str:
        first, last = self._span
        title = f"{len(self.series)} values of {labelled(str(self.series.name), self.audit.unit)}"
        return markup.page(title, *self.audit._html({"Source": self.audit.source, "First": first, "Last": last}))

    @property
    def _span(self) -> tuple[str | None, str | None]:
        """The first and the last date, without a time of day that is midnight; None for undated data."""
        index = self.series.index
        if index.dtype.kind != "M" or not len(index):
            return None, None
        return str(index[0]).removesuffix(" 00:00:00"), str(index[-1]).removesuffix(" 00:00:00")
