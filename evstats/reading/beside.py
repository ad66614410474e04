"""Columns beside the value, such as limits and deductibles of claims: numbers, or true and false."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from evstats.arrays import Array, Places
from evstats.errors import DataError
from evstats.notes import Note
from evstats.reading.ledger import Ledger
from evstats.reading.marks import MISSING
from evstats.reading.table import Table
from evstats.reading.values import Notation, is_missing, parse_values, refuse_open_points
from evstats.text.arguments import Text, both

#: What says true and false beside 1 and 0.
_WORDS = {"true": 1.0, "yes": 1.0, "t": 1.0, "y": 1.0, "false": 0.0, "no": 0.0, "f": 0.0, "n": 0.0}
_INFINITE = {"inf": np.inf, "+inf": np.inf, "infinity": np.inf, "-inf": -np.inf}
#: So many values at least equal a limit, and in the median it is so many times the value.
_FEWEST, _FAR = 3, 2.0


def values_beside(name: str, rows: Places, table: Table, notation: Notation) -> Array:
    """The numbers that a column holds in these rows, 1 and 0 for true and false; NaN where a cell is empty.

    Raises
    ------
    DataError
        A cell that is neither; its row is named.
    """
    cells = table.frame[name].astype(object).iloc[rows].map(str).str.strip().reset_index(drop=True).rename(name)
    lowered = cells.str.lower()
    unsaid = np.array([text not in _WORDS and is_missing(text) for text in lowered])
    if not unsaid.all() and lowered[~unsaid].isin(list(_WORDS)).all():
        return _told(lowered, _WORDS)
    endless = lowered.isin(list(_INFINITE)).to_numpy()
    part = Table(table.name, cells.to_frame(), table.lines[rows], lambda: list(cells), table.place)
    account = Ledger(part)
    refuse_open_points(cells, notation)
    try:
        found = parse_values(cells.where(~endless, ""), part, account, notation)
    except DataError as error:
        raise DataError(error.problem, "Correct the column, or name another.") from None
    for touched in account.findings():
        if not touched.reason.startswith(MISSING):
            raise DataError(
                f"column {name!r} has {touched.text!r} in {table.place} {touched.line}, where a number, or true or "
                "false, is expected",
                Text("correct it, or name the mark with ", both("na_values", touched.text), " where it is missing."),
            )
    return np.where(endless, _told(lowered, _INFINITE), found)


def limits_beside(values: Array, rows: Places, table: Table, notation: Notation) -> Iterator[Note]:
    """That several values equal those of a column, and none is above it, as where losses were cut at their limits.

    Most losses are far below their limits, as amounts after a deduction are not far below those before it.
    """
    for name in map(str, table.frame):
        try:
            told = values_beside(name, rows, table, notation)
        except DataError:
            continue
        equal = int(((values == told) & (values > 0.0)).sum())
        if equal < _FEWEST or (values > told).any():
            continue
        if np.median((told / values)[(values > 0.0) & ~np.isnan(told)]) >= _FAR:
            yield Note("equal_to_limit", name, limit=name, count=equal)


def _told(cells: pd.Series, words: dict[str, float]) -> Array:
    """What the words among the cells stand for, NaN of others."""
    numbers: Any = cells.map(words).to_numpy(dtype=np.float64)
    return np.asarray(numbers, dtype=np.float64)


__all__ = ["limits_beside", "values_beside"]
