"""What a report is made of: facts, tables and lists, each as text, as rows of cells and as plain data for JSON."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from evstats.text.numbers import decimals, given, p_value
from evstats.text.paragraphs import printable, wrapped

if TYPE_CHECKING:
    import pandas as pd

SIGNIFICANT = 4
"""Digits that every number of a table shows at least."""

ASKED = {
    "threshold": "{:.10g}",
    "return_period": "{:.10g}",
    "level": "{:.10g}",
    "probability": "{:.10g}",
    "aep": "{:.4g}",
    "chance": "{:.4g}",
    "minutes": "{:.10g}",
}
"""Columns that hold what was asked: their numbers stand as they were typed."""

_MAGNITUDES = 6


class Part(ABC):
    """One part of a page. Its ``kind`` says how a page lays it out, its ``notes`` are what is to be said of it."""

    kind: ClassVar[str]
    title: str
    notes: tuple[str, ...] = ()

    @abstractmethod
    def lines(self, width: int) -> list[str]:
        """The part in text, without its title; running text is wrapped at this width."""

    @abstractmethod
    def data(self) -> Any:
        """The part as plain lists, dictionaries, strings and finite numbers."""


@dataclass(frozen=True)
class Estimated:
    """A fact with an interval: its words for people, its numbers for machines."""

    words: str
    values: Mapping[str, float]

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class Facts(Part):
    """Names and values, one a line; what is None is left out of the text."""

    kind = "facts"
    title: str
    values: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    def lines(self, width: int) -> list[str]:
        """Names in one column, values in the next."""
        return [line for name, text in self.items() for line in _fact(name, text, width)]

    def items(self) -> list[tuple[str, str]]:
        """Names and values in words."""
        return [(name.replace("_", " "), _said(value)) for name, value in self.values.items() if value is not None]

    def data(self) -> Any:
        """The mapping."""
        return plain(dict(self.values))


class Column(NamedTuple):
    """A column of a table in text: numbers stand to the right."""

    name: str
    numeric: bool
    cells: list[str]


class Rows(NamedTuple):
    """Rows of a table that belong together, under a name of their own if they have one."""

    name: str | None
    cells: list[tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Table(Part):
    """A table: one line a row, plain numbers between spaces, in columns.

    Rows that differ in the columns of ``groups`` stand apart, in text by an empty line, on a page under the names of
    the groups, ``group_names``, and under a ``caption`` instead of the title. The ``hidden`` columns, said once in the
    title, are for machines. A table ``aside`` was not asked for: it is left out where only tables are printed. In text
    a table shows ``most`` of its rows, and is cut by columns where ``folds`` says which stand below one another; a page
    folds a ``long`` one away. Of the columns that hold what was asked wherever they stand (``ASKED``), those do here
    that ``asked`` names. Columns of ``p_values`` have four decimals in text, and "-" where there is none.
    """

    kind = "table"
    title: str
    frame: pd.DataFrame
    groups: tuple[str, ...] = ()
    group_names: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    aside: bool = False
    caption: str | None = None
    most: int | None = None
    folds: tuple[tuple[str, ...], ...] = ()
    asked: tuple[str, ...] = tuple(ASKED)
    p_values: tuple[str, ...] = ()
    long: bool = False
    notes: tuple[str, ...] = ()

    def lines(self, width: int) -> list[str]:
        """Header and rows; nothing for a table without rows."""
        if self.frame.empty:
            return []
        if self.folds:
            views = [replace(self, frame=self.frame[list(names)], folds=()) for names in self.folds]
            return [line for view in views for line in ("", *view.lines(width))][1:]
        header, *rows = zip(*map(_padded, self.columns()), strict=True)
        lines = ["  ".join(header).rstrip()]
        for position, (start, stop) in enumerate(self._runs()):
            lines += [""] * (position > 0) + ["  ".join(row).rstrip() for row in rows[start:stop]]
        return lines if self.most is None else lines[: self.most + 1]

    def columns(self, without: Collection[str] = ()) -> list[Column]:
        """The columns that people see."""
        seen = [name for name in self.frame.columns if name not in self.hidden and name not in without]
        return [Column(str(name), self.frame[name].dtype.kind in "iuf", self._cells(name)) for name in seen]

    def _cells(self, name: str) -> list[str]:
        column = self.frame[name]
        if name in self.p_values:
            return ["-" if value != value else p_value(value) for value in column]
        return cells_of(column) if name in self.asked or name not in ASKED else decimals(column.to_numpy())

    def shown(self, most: int) -> int:
        """How many rows of it a page shows that shows so many of any table."""
        return most if self.most is None else min(most, self.most)

    def rows(self, most: int) -> list[Rows]:
        """The rows of every group without the columns that are said in its name, at most so many rows in all."""
        columns = self.columns(self.groups if self.group_names else ())
        cells = list(zip(*(column.cells for column in columns), strict=True))[: self.shown(most)]
        names = self.group_names or (None,) * len(self.frame)
        found = [Rows(name, cells[start:stop]) for name, (start, stop) in zip(names, self._runs(), strict=False)]
        return [rows for rows in found if rows.cells]

    def _runs(self) -> list[tuple[int, int]]:
        """Where each run of rows of one group begins and ends."""
        keys = self.frame[list(self.groups)].to_numpy().tolist() if self.groups else [None] * len(self.frame)
        starts = [row for row, key in enumerate(keys) if row == 0 or key != keys[row - 1]]
        return list(pairwise([*starts, len(keys)]))

    def data(self) -> Any:
        """A list with a dictionary per row."""
        return plain(self.frame.to_dict("records"))


@dataclass(frozen=True, eq=False)
class Listing(Part):
    """Running lines, wrapped; ``values`` is what machines get."""

    kind = "listing"
    title: str
    items: tuple[str, ...]
    values: Any

    def lines(self, width: int) -> list[str]:
        """Each item in a paragraph of its own."""
        return [line for item in self.items for line in paragraph(item, width)]

    def data(self) -> Any:
        """The values behind the lines."""
        return plain(self.values)


@dataclass(frozen=True)
class Data(Part):
    """What only machines want."""

    kind = "data"
    values: Any
    title = ""

    def lines(self, width: int) -> list[str]:
        """Nothing."""
        return []

    def data(self) -> Any:
        """The values."""
        return plain(self.values)


def plain(value: Any) -> Any:
    """A value as JSON can hold it: NaN, NaT and infinity are null, times are ISO 8601, arrays are lists."""
    if isinstance(value, Estimated):
        value = value.values
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, datetime):
        return None if value != value else iso(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    return [plain(item) for item in value] if isinstance(value, Iterable) else str(value)


def iso(moment: datetime) -> str:
    """A date, with its time of day where it has one, without spaces."""
    text = moment.isoformat()
    return text.removesuffix("T00:00:00")


def paragraph(text: str, width: int) -> list[str]:
    """A paragraph of running text in lines, the second and later ones set in."""
    return wrapped(printable(text), width, rest="  ")


def _said(value: Any) -> str:
    return printable(
        iso(value) if isinstance(value, datetime) else given(value) if isinstance(value, float) else str(value)
    )


def _fact(name: str, text: str, width: int) -> list[str]:
    label = f"{name} ".ljust(16)
    return wrapped(text, width, first=label, rest=" " * len(label)) or [label.rstrip()]


def _padded(column: Column) -> list[str]:
    """The name and the cells of a column in equal width."""
    cells = [column.name, *column.cells]
    pad = str.rjust if column.numeric else str.ljust
    return [pad(cell, max(map(len, cells))) for cell in cells]


def cells_of(column: pd.Series) -> list[str]:
    """The cells of a column in text."""
    if column.name in ASKED and column.dtype.kind in "iuf":
        return [ASKED[str(column.name)].format(value) for value in column]
    if column.dtype.kind == "f":
        return decimals(column.to_numpy())
    if column.dtype.kind == "M":
        return ["-" if moment != moment else iso(moment) for moment in column]
    return [_said("" if cell is None else cell) or "-" for cell in column]
