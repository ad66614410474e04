"""A whole table, of which no column is chosen: each as numbers where it holds them, read as those of a series are."""

from __future__ import annotations

from collections.abc import Collection
from os import PathLike
from typing import IO, Any

import numpy as np
import pandas as pd

from evstats.arrays import Array
from evstats.reading.cells import read_texts
from evstats.reading.frames import texts_of
from evstats.reading.layout import sniff
from evstats.reading.ledger import Ledger
from evstats.reading.marks import drop_marks
from evstats.reading.records import Audit
from evstats.reading.sources import Content, fetch, open_source
from evstats.reading.table import Table
from evstats.reading.typed_files import format_by_magic, read_frame
from evstats.reading.values import Notation, filled, looks_numeric, parse_values, refuse_infinite, refuse_open_points
from evstats.reading.workbooks import SEPARATOR as SHEET_SEPARATOR
from evstats.reading.workbooks import is_workbook, sheet_of


def read_whole(
    source: str | PathLike[str] | IO[Any], texts: Collection[str] = (), value: str | None = None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """All columns of a file, and what to know of its rows; ``texts`` are columns that stay text whatever they hold.

    ``value`` is the column whose numbers may be marks of missing values, by itself the only one of numbers. Cells that
    are missing are NaN.

    Raises
    ------
    DataError
        What cannot be read, or in two ways.

    Examples
    --------
    >>> import io
    >>> table, notes = read_whole(io.StringIO("site;flow\\n01;3,5\\n01;-999\\n02;4,25\\n"), ["site"])
    >>> table["site"].tolist(), table["flow"].tolist()
    (['01', '01', '02'], [3.5, nan, 4.25])
    """
    table, ledger = _texts(fetch(source))
    named = [name for name in table.frame if name not in texts and _holds_numbers(table.frame[name])]
    marked = value if value is not None else named[0] if len(named) == 1 else None
    found = table.frame.copy()
    for name in named:
        own = Ledger(table) if name != marked else ledger
        found[name] = _numbers(table.frame[name], table, own, marks=name == marked)
    rows = Audit(table.name, table.rows, int(ledger.alive.sum()), findings=ledger.findings(), counts=ledger.counts())
    return found, (*ledger.notes, *rows.row_notes)


def _texts(content: Content) -> tuple[Table, Ledger]:
    """The cells of all columns as text."""
    if (kind := format_by_magic(content.binary)) is not None:
        frame = read_frame(content, kind, None)
        cells = texts_of(frame, list(map(str, frame.columns)), None)
        lines = np.arange(1, len(cells) + 1)
        table = Table(content.name, cells, lines, lambda: list(cells.agg(", ".join, axis=1)), "row")
        return table, Ledger(table)
    book = is_workbook(content)
    text = sheet_of(content) if book else open_source(content)
    layout = sniff(text, SHEET_SEPARATOR if book else None)
    return read_texts(text, layout, layout.names)


def _holds_numbers(cells: pd.Series) -> bool:
    """Whether most of the cells that are filled are numbers."""
    there = filled(cells)
    return bool(there) and 2 * sum(map(looks_numeric, there)) > len(there)


def _numbers(cells: pd.Series, table: Table, ledger: Ledger, *, marks: bool) -> Array:
    """The numbers of a column, NaN for what is missing."""
    notation = Notation()
    refuse_open_points(cells, notation)
    values = parse_values(cells, table, ledger, notation)
    refuse_infinite(values, str(cells.name), table, ledger)
    if marks:
        drop_marks(values, ledger, str(cells.name), None, False)
        values[~ledger.alive] = np.nan
    return values


__all__ = ["read_whole"]
