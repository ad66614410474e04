"""A fit as a statsmodels summary."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable, Sequence

import pandas as pd
from statsmodels.iolib.summary import Summary
from statsmodels.iolib.table import SimpleTable
from statsmodels.iolib.tableformatting import fmt_2cols, fmt_params

from evstats.text.numbers import percent, plain_number

#: Widest name and fact in the two-column table, so that a line has at most 80 columns.
_WIDEST = 20


class ParameterSummary(Summary):  # type: ignore[misc]
    """Facts in two columns, the parameters with their errors, and notes; prints within 80 columns, HTML is escaped.

    ``params`` has the columns ``estimate, std_error, lower, upper`` and the confidence in its ``attrs``.
    """

    def __init__(
        self, title: str, facts: Sequence[tuple[str, str | float]], params: pd.DataFrame, notes: Sequence[str]
    ) -> None:
        super().__init__()
        self._parts = title, facts, params, notes
        self.tables = self._tables(str)
        self.add_extra_txt([line for note in notes for line in textwrap.wrap(note, 78, subsequent_indent="  ")])

    def as_html(self) -> str:
        """The summary as HTML, with names and units escaped."""
        page = Summary()
        page.tables = self._tables(html.escape)
        page.add_extra_txt([html.escape(note) for note in self._parts[-1]])
        return str(page.as_html())

    def _tables(self, written: Callable[[str], str]) -> list[SimpleTable]:
        title, facts, params, _ = self._parts
        entries = [(f"{name}:", written(_fact(fact))) for name, fact in facts]
        half = -(-len(entries) // 2)
        right = [*entries[half:], ("", "")][:half]
        rows = [[*a, f"  {b[0]}", b[1]] for a, b in zip(entries[:half], right, strict=True)]
        confidence = percent(params.attrs["confidence"])
        headers = ["estimate", "std error", f"lower {confidence}", f"upper {confidence}"]
        cells = [[plain_number(value) for value in row] for row in params.to_numpy()]
        stubs = [str(name) for name in params.index]
        layout = fmt_2cols | {"data_fmts": ["%s"] * 4}
        return [SimpleTable(rows, title=title, txt_fmt=layout), SimpleTable(cells, headers, stubs, txt_fmt=fmt_params)]


def _fact(fact: str | float) -> str:
    return plain_number(fact) if isinstance(fact, float) else textwrap.shorten(fact, _WIDEST, placeholder="…")


__all__ = ["ParameterSummary"]
