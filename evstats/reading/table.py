"""A table whose rows remember the line they came from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from evstats.arrays import Array, Ints, Places


@dataclass(frozen=True)
class Table:
    """Cells as pandas read them: a column is datetime64 or float64 where every cell was plain, else text.

    Row ``i`` of ``frame`` stood in line ``lines[i]`` of the input (1-based; the row number for a table in memory), and
    ``read_texts`` gives what stood there. The texts are fetched only when a row has to be shown.
    """

    name: str
    frame: pd.DataFrame
    lines: Ints
    read_texts: Callable[[], Sequence[str]]
    place: str = "line"

    @property
    def rows(self) -> int:
        """The number of rows of the input."""
        return len(self.frame)

    @cached_property
    def texts(self) -> Sequence[str]:
        """The rows as they stood."""
        return self.read_texts()

    def spread(self, frame: pd.DataFrame, rows: Places) -> Table:
        """A table of parts of these rows: row i of the frame is of row ``rows[i]``."""
        return Table(self.name, frame, self.lines[rows], lambda: [self.texts[row] for row in rows], self.place)

    def where(self, row: int) -> str:
        """``"line 12"``: the place of a row in words."""
        return f"{self.place} {self.lines[row]}"


def numbers_of(cells: Iterable[str]) -> Array:
    """The numbers of cells that hold them in plain notation, NaN for the others."""
    texts = cells if isinstance(cells, pd.Series) else pd.Series(list(cells), dtype=object)
    return pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64, copy=True)


def too_many(bad: int, rows: int) -> bool:
    """Whether so many rows are bad that the column was not meant: half of them, or over a tenth and over three."""
    return bad > max(3, rows // 10) or 2 * bad >= rows
