"""Small pages of HTML for notebooks: everything is escaped, and no colour is set, so light and dark both read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from evstats.text.numbers import given, number

if TYPE_CHECKING:
    import pandas as pd

#: Rows of a table that are shown; of a longer one, the first and the last.
_ROWS = 12

_LEFT = 'style="text-align: left"'


def page(title: str, *parts: str) -> str:
    """A title and what follows it; empty parts are left out."""
    return f"<div><p><strong>{escape(title)}</strong></p>{''.join(parts)}</div>"


def facts(values: Mapping[str, Any]) -> str:
    """Names and values, one a row; those that are None are left out."""
    rows = (
        f"<tr><th {_LEFT}>{escape(name)}</th><td {_LEFT}>{escape(_written(value))}</td></tr>"
        for name, value in values.items()
        if value is not None
    )
    return f"<table>{''.join(rows)}</table>"


def _written(value: Any) -> str:
    return given(value) if isinstance(value, float) else str(value)


def _cell(value: float) -> str:
    return number(value, 6)


def table(title: str, frame: pd.DataFrame) -> str:
    """A table without its index, with a heading; nothing where it has no rows."""
    if frame.empty:
        return ""
    return f"<p>{escape(title)}</p>{frame.to_html(index=False, max_rows=_ROWS, border=0, float_format=_cell)}"


def notes(sentences: Iterable[str]) -> str:
    """Sentences as a list; nothing where there are none."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in dict.fromkeys(sentences))
    return f"<p>Notes</p><ul>{items}</ul>" if items else ""
