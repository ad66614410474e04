"""What a command has to say: facts, tables and notes, in order, for people at 80 columns and for machines as JSON."""

from __future__ import annotations

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

import numpy as np

from evstats.cli.console import note_width, printable, show, wrapped
from evstats.cli.translation import in_options

if TYPE_CHECKING:
    import pandas as pd

SIGNIFICANT = 4
"""Digits that every number of a table shows at least."""

ASKED = {"return_period", "level", "probability"}
"""Columns that hold what was asked: their numbers stand as they were typed."""

_MAGNITUDES = 6
_HEADING = "bold"


class Part(ABC):
    """One part of a page."""

    title: str

    @abstractmethod
    def lines(self) -> list[str]:
        """The part in text, without its title."""

    @abstractmethod
    def data(self) -> Any:
        """The part as plain lists, dictionaries, strings and finite numbers."""


@dataclass(frozen=True)
class Facts(Part):
    """Names and values, one a line; what is None is left out of the text."""

    title: str
    values: Mapping[str, Any]

    def lines(self) -> list[str]:
        """Names in one column, values in the next."""
        return [line for name, value in self.values.items() if value is not None for line in _fact(name, value)]

    def data(self) -> Any:
        """The mapping."""
        return plain(dict(self.values))


@dataclass(frozen=True, eq=False)
class Table(Part):
    """A table: one line a row, plain numbers between spaces, in columns.

    Rows that differ in the columns of ``groups`` stand apart by an empty line. The ``hidden`` columns, said once in the
    title, are for machines. A table ``aside`` was not asked for: it is left out where only tables are printed.
    """

    title: str
    frame: pd.DataFrame
    groups: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    aside: bool = False

    def lines(self) -> list[str]:
        """Header and rows; nothing for a table without rows."""
        frame = self.frame.drop(columns=list(self.hidden))
        if frame.empty:
            return []
        columns = [_padded(frame[name]) for name in frame.columns]
        header, *rows = ["  ".join(cells).rstrip() for cells in zip(*columns, strict=True)]
        groups = frame[list(self.groups)].to_numpy().tolist()
        apart = [position > 0 and groups[position] != groups[position - 1] for position in range(len(rows))]
        return [header, *(line for row, gap in zip(rows, apart, strict=True) for line in (["", row] if gap else [row]))]

    def data(self) -> Any:
        """A list with a dictionary per row."""
        return plain(self.frame.to_dict("records"))


@dataclass(frozen=True, eq=False)
class Listing(Part):
    """Running lines, wrapped; ``values`` is what machines get."""

    title: str
    items: tuple[str, ...]
    values: Any

    def lines(self) -> list[str]:
        """Each item in a paragraph of its own."""
        return [line for item in self.items for line in _paragraph(item)]

    def data(self) -> Any:
        """The values behind the lines."""
        return plain(self.values)


@dataclass(frozen=True)
class Data(Part):
    """What only machines want."""

    values: Any
    title = ""

    def lines(self) -> list[str]:
        """Nothing."""
        return []

    def data(self) -> Any:
        """The values."""
        return plain(self.values)


@dataclass
class Page:
    """The parts of an answer by their names, and the notes that end it."""

    command: str
    parts: dict[str, Part] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name."""
        return {name: part.frame for name, part in self.parts.items() if isinstance(part, Table)}

    def to_json(self) -> str:
        """The page as strict JSON: no NaN, no infinity, every letter in ASCII."""
        parts = {name: part.data() for name, part in self.parts.items()}
        page = {
            "evstats": resolve_name("evstats:__version__"),
            "command": self.command,
            **parts,
            "notes": self.distinct_notes,
        }
        return json.dumps(page, indent=2, allow_nan=False)

    @property
    def distinct_notes(self) -> list[str]:
        """Every note once, in the words of the command line."""
        return list(dict.fromkeys(map(in_options, self.notes)))

    def print(self, *, json: bool, quiet: bool) -> None:
        """Print the page on standard output."""
        if json:
            show(self.to_json())
            return
        shown = [part for part in self.parts.values() if part.lines()]
        if quiet:
            shown = [part for part in shown if isinstance(part, Table) and not part.aside] or shown
        for position, part in enumerate(shown):
            if position:
                show("")
            if not quiet and part.title:
                show("\n".join(wrapped(printable(part.title), note_width())), _HEADING)
            show("\n".join(part.lines()))
        if self.notes and not quiet:
            show("\nNotes", _HEADING)
            show("\n".join(line for note in self.distinct_notes for line in _paragraph(f"- {note}")))


def plain(value: Any) -> Any:
    """A value as JSON can hold it: NaN, NaT and infinity are null, times are ISO 8601, arrays are lists."""
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


def _fact(name: str, value: Any) -> list[str]:
    text = iso(value) if isinstance(value, datetime) else f"{value:g}" if isinstance(value, float) else str(value)
    label = f"{name.replace('_', ' '):<16}"
    lines = wrapped(printable(text), note_width(), first=label, rest=" " * len(label))
    return lines or [label.rstrip()]


def _paragraph(text: str) -> list[str]:
    return wrapped(printable(text), note_width(), rest="  ")


def _padded(column: pd.Series) -> list[str]:
    """The name and the cells of a column in equal width, numbers to the right."""
    cells = [str(column.name), *_cells(column)]
    pad = str.rjust if column.dtype.kind in "iuf" else str.ljust
    return [pad(cell, max(map(len, cells))) for cell in cells]


def _cells(column: pd.Series) -> list[str]:
    if column.name in ASKED:
        return [f"{value:.10g}" for value in column]
    if column.dtype.kind == "f":
        return decimals(column.to_numpy())
    if column.dtype.kind == "M":
        return ["-" if moment != moment else iso(moment) for moment in column]
    return [printable(str(cell)) or "-" for cell in column]


def decimals(values: np.ndarray[Any, Any]) -> list[str]:
    """Numbers of one column, each with at least four significant digits, with equally many decimals where that is wise.

    >>> decimals(np.array([9.5, 131.25])), decimals(np.array([46.9287, 0.0058269]))
    (['9.500', '131.250'], ['46.929', '0.0058269'])
    """
    known = np.abs(values[np.isfinite(values) & (values != 0)])
    if not known.size:
        return [f"{value:g}" for value in values]
    least, most = math.floor(math.log10(known.min())), math.floor(math.log10(known.max()))
    if least < -_MAGNITUDES or most > 2 * _MAGNITUDES:
        return [f"{value:.{SIGNIFICANT}e}" for value in values]
    if most - least > 2:
        return [_significant(value) for value in values]
    return [f"{value:.{max(0, SIGNIFICANT - 1 - least)}f}" for value in values]


def _significant(value: float) -> str:
    """One digit more than the least, without exponent."""
    if not np.isfinite(value) or value == 0:
        return f"{value:g}"
    return f"{value:.{max(0, SIGNIFICANT - math.floor(math.log10(abs(value))))}f}"
