"""Tables of studies that can be cut short: what is there is kept, and each row has its seed, date and version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

import evstats as ev

Row = dict[str, Any]


def complete(
    path: Path,
    cells: Iterable[Mapping[str, Any]],
    measured: Callable[..., Iterable[Row]],
    seed: int,
    renewed_by: tuple[str, ...] = ("records",),
) -> None:
    """Measure the cells that a table does not have yet, and write it after each.

    A cell is asked for by the columns that name it; ``measured`` takes them as arguments and gives its rows. A cell
    that is there with other values of the columns ``renewed_by`` is measured again, its rows are replaced.
    """
    rows: list[Row] = pd.read_csv(path).to_dict("records") if path.exists() else []
    for cell in cells:
        if not any(row.items() >= cell.items() for row in rows):
            place = {name: value for name, value in cell.items() if name not in renewed_by}
            found = [{**cell, **row, **(stamp(seed) | cell)} for row in measured(**cell)]
            rows = [row for row in rows if not row.items() >= place.items()] + found
            pd.DataFrame(rows).to_csv(path, index=False, lineterminator="\n")


def write(table: pd.DataFrame | Iterable[Row], path: Path, seed: Any, **form: Any) -> None:
    """A table measured as a whole, with its stamp; ``seed`` may be a column."""
    pd.DataFrame(table).assign(**stamp(seed)).to_csv(path, index=False, lineterminator="\n", **form)


def stamp(seed: Any) -> Row:
    """What made a row: the seed, the day and the version of evstats."""
    return {"seed": seed, "date": date.today().isoformat(), "version": ev.__version__}
