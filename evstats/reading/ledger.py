"""The account kept while a table is cleaned: every row is read once and ends up kept, dropped or merged."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Mask, Places
from evstats.notes import Note
from evstats.reading.records import SIGNED, Action, Finding
from evstats.reading.table import Table

Rows = Mask | Places


class Ledger:
    """What happened to which row, in the order in which it was found out.

    ``alive`` marks the rows still in the series; a row leaves it once, so that rows read are always the rows kept plus
    those dropped, those merged and those not chosen. Rows are told by a mask or by their places. ``signs`` has of
    every row the sign before its number, ``">"`` or ``"<"``; None where no number has one.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._entries: list[tuple[int, Action, str]] = []
        self.alive: Mask = np.ones(table.rows, dtype=bool)
        self.notes: list[str] = []
        self.not_chosen = 0
        self.signs: NDArray[np.str_] | None = None

    def choose(self, rows: Mask) -> None:
        """Keep these rows only; the others belong to other series and are counted, not told one by one."""
        self.not_chosen += int(np.count_nonzero(self.alive & ~rows))
        self.alive &= rows

    def where(self, row: int) -> str:
        """``"line 12"``: the place of a row in words."""
        return self._table.where(row)

    def drop(self, rows: Rows, reason: str) -> None:
        """Take the rows out of the series."""
        self._remove(rows, Action.DROPPED, reason)

    def merge(self, rows: Rows, reason: str) -> None:
        """Take the rows out of the series because another row says the same."""
        self._remove(rows, Action.MERGED, reason)

    def reinterpret(self, rows: Rows, reason: str) -> None:
        """Report rows that are kept but not as they stood."""
        self._report(self._still(rows), Action.REINTERPRETED, reason)

    def sign(self, signs: NDArray[np.str_]) -> None:
        """Report the numbers before which a sign stands, of which only a bound is known."""
        self.signs = signs
        for sign, (at_value, _) in SIGNED.items():
            self.reinterpret(signs == sign, at_value)

    def notice(self, rows: Rows, reason: str) -> None:
        """Report rows that are kept as they stood but deserve a look."""
        self._report(self._still(rows), Action.NOTED, reason)

    def note(self, code: str, subject: str = "", /, **values: Any) -> None:
        """Say something about the whole table: the note of a code."""
        self.notes.append(Note(code, subject, **values))

    def spread(self, table: Table, rows: Places) -> Ledger:
        """The same account for a table whose row i is a part of row ``rows[i]`` of this one."""
        account = Ledger(table)
        account.notes = self.notes
        for row, action, reason in self._entries:
            account._report(rows == row, action, reason)
        account.alive = self.alive[rows]
        return account

    def findings(self) -> tuple[Finding, ...]:
        """All reported rows by line."""
        if not self._entries:
            return ()  # the texts are not fetched when no row has to be shown
        lines, texts = self._table.lines, self._table.texts
        ordered = sorted(self._entries, key=lambda entry: entry[0])
        return tuple(Finding(int(lines[row]), texts[row], reason, action.value) for row, action, reason in ordered)

    def counts(self) -> dict[tuple[str, str], int]:
        """How many rows there are per action and reason."""
        return dict(Counter((action.value, reason) for _, action, reason in self._entries))

    def _remove(self, rows: Rows, action: Action, reason: str) -> None:
        rows = self._still(rows)
        self.alive &= ~rows
        self._report(rows, action, reason)

    def _still(self, rows: Rows) -> Mask:
        """Which of these rows are still in the series."""
        mask = np.zeros(self.alive.size, dtype=bool)
        mask[rows] = True
        return mask & self.alive

    def _report(self, rows: Mask, action: Action, reason: str) -> None:
        self._entries += [(int(row), action, reason) for row in np.flatnonzero(rows)]
