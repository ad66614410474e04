"""How results print: a title, facts one a line, a table and notes, as text and as HTML in notebooks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from evstats.arrays import Array
from evstats.text import html
from evstats.text.numbers import number
from evstats.text.paragraphs import wrapped

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Facts", "Page", "Shown", "said_seed", "table_of", "table_of_draws"]

#: Names and what is known by them; None is not shown.
Facts: TypeAlias = dict[str, str | float | int | None]
_WIDTH = 79
#: Rows of a table that are printed; of a longer one, the first and the last.
_ROWS = 12


@dataclass(frozen=True, eq=False)
class Page:
    """What a result shows of itself; ``heading`` is that of the table, whose index is shown with it."""

    title: str
    facts: Facts
    heading: str = ""
    table: pd.DataFrame | None = None
    notes: tuple[str, ...] = field(default=())


class Shown(ABC):
    """A result that prints as its page, at most 79 columns wide."""

    @abstractmethod
    def _page(self) -> Page:
        """The page."""

    def __repr__(self) -> str:
        page = self._page()
        facts = {name: _written(value) for name, value in page.facts.items() if value is not None}
        width = max(map(len, facts))
        lines = [page.title, *(f"  {name:<{width}}  {value}" for name, value in facts.items())]
        if page.table is not None:
            rows = page.table.rename_axis(None).to_string(line_width=_WIDTH, max_rows=_ROWS, float_format=number)
            lines += ["", page.heading, rows]
        for note in page.notes:
            lines += ["", *wrapped(note, _WIDTH)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        page = self._page()
        facts = {name: None if value is None else _written(value) for name, value in page.facts.items()}
        table = "" if page.table is None else html.table(page.heading, page.table.reset_index())
        return html.page(page.title, html.facts(facts), table, html.notes(page.notes))


def _written(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else number(value, 6)


def said_seed(seed: int | None) -> str:
    """A seed as it is written in code."""
    return "of a generator" if seed is None else str(seed)


def table_of(columns: Mapping[str, Array], names: Sequence[str] | None = None) -> pd.DataFrame:
    """Columns with one row per dimension, ``x0, x1, ...`` where they have no names."""
    import pandas as pd

    dim = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=pd.Index(names or [f"x{i}" for i in range(dim)], name="parameter"))


def table_of_draws(draws: Array, more: Mapping[str, Array], names: Sequence[str] | None = None) -> pd.DataFrame:
    """``mean, sd, lower, upper`` (central 95 %) of draws (n, dim), and more columns."""
    lower, upper = np.quantile(draws, [0.025, 0.975], axis=0)
    columns = {"mean": draws.mean(axis=0), "sd": draws.std(axis=0, ddof=1), "lower": lower, "upper": upper}
    return table_of(columns | dict(more), names)
