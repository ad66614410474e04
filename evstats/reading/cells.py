"""The cells of a laid-out text as pandas parses them: typed at once where every cell is plain, else as text."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from evstats.arrays import Ints, Mask, Places
from evstats.errors import DataError
from evstats.reading.columns import Columns
from evstats.reading.date_forms import format_of
from evstats.reading.layout import Layout
from evstats.reading.ledger import Ledger
from evstats.reading.rows import BLANK, COMMENT, count_fields, records, split_fields
from evstats.reading.sources import Source
from evstats.reading.table import Table, too_many
from evstats.reading.values import looks_numeric
from evstats.text.arguments import Text, named

# Before pandas 3.1 the default float parser was not exact in the last digit; since then the option is deprecated.
_EXACT: dict[str, Any] = (
    {} if tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1) else {"float_precision": "round_trip"}
)


def read_cells(source: Source, layout: Layout, columns: Columns, *, plain_points: bool = True) -> tuple[Table, Ledger]:
    """The chosen columns of all rows, and a ledger in which ragged rows are already dropped.

    ``plain_points`` says that a point in a number is a decimal point, so that pandas may convert it.
    """
    table = _typed(source, layout, columns) if plain_points and _promises_plain_cells(layout, columns) else None
    if table is not None:
        return table, Ledger(table)
    return _as_text(source, layout, (*columns.time, columns.value), _used(columns))


def _used(columns: Columns) -> list[str]:
    return list(dict.fromkeys([*columns.time, columns.value, *columns.texts]))


def read_texts(source: Source, layout: Layout, needed: Sequence[str]) -> tuple[Table, Ledger]:
    """All columns of all rows as text. Rows may end behind the columns needed."""
    return _as_text(source, layout, needed, layout.names)


def _promises_plain_cells(layout: Layout, columns: Columns) -> bool:
    """Whether the sample has nothing but plain numbers, and dates from the year down in one format."""
    for name in columns.time:
        forms = {str(format_of(text)) for text in layout.sample[name] if text}
        if len(columns.time) > 1 or len(forms) != 1 or "%z" in (form := forms.pop()) or not form.startswith("%Y-%m-%d"):
            return False
    numbers = (text for text in layout.sample[columns.value] if text)
    return layout.separator != BLANK and all(map(looks_numeric, numbers))


def _typed(source: Source, layout: Layout, columns: Columns) -> Table | None:
    """The fast way: pandas converts while it parses. None where a row is ragged or a cell not plain."""
    start = _offset(source.data, layout.line)
    if layout.end is not None or source.data.find(COMMENT.encode(), start) >= 0:
        return None
    types = {columns.value: np.float64} | dict.fromkeys(columns.texts, "category")
    options = {"skiprows": layout.line - 1, "dtype": types, "parse_dates": list(columns.time), "na_values": [""]}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = _parse(source.data, layout, _used(columns), skip_blank_lines=False, **options)
    except ValueError:
        return None
    dated = all(frame[name].dtype.kind == "M" for name in columns.time)
    if not dated or not _one_full_row_per_line(frame, source.data, start, layout):
        return None
    for name in columns.texts:
        frame[name] = _stripped(frame[name])
    lines = np.arange(layout.line, layout.line + len(frame))
    return Table(source.name, frame, lines, lambda: source.text.split("\n")[layout.line - 1 :], source.place)


def _stripped(cells: pd.Series) -> pd.Series:
    """A column of categories as texts without blanks around them, each text once in memory."""
    texts = [str(text).strip() for text in cells.cat.categories]
    return pd.Series(np.array([*texts, ""], dtype=object)[cells.cat.codes], cells.index, dtype=object)


def _one_full_row_per_line(frame: pd.DataFrame, data: bytes, start: int, layout: Layout) -> bool:
    """Whether every line is a row with just its fields (pandas fills short lines and cuts long ones without a word)."""
    quoted = b'"' in data
    if quoted and len(frame) != data.count(b"\n", start) + (not data.endswith(b"\n")):
        return False
    last = layout.names[-1]
    if last in frame and frame[last].notna().all():
        # No line is short, so a long one shows in the sum.
        found = np.count_nonzero(np.frombuffer(data, np.uint8, offset=start) == ord(layout.separator))
        return bool(found == len(frame) * (layout.width - 1))
    if layout.width == 1 or quoted:
        return False
    separators = _separators_per_line(data, start, layout.separator)
    return len(separators) == len(frame) and bool(np.all(separators == layout.width - 1))


def _separators_per_line(data: bytes, start: int, separator: str) -> Places:
    characters = np.frombuffer(data, np.uint8, offset=start)
    marks = characters[(characters == ord(separator)) | (characters == ord("\n"))]
    ends = np.flatnonzero(marks == ord("\n"))
    if not data.endswith(b"\n"):
        ends = np.append(ends, marks.size)
    return np.diff(ends, prepend=-1) - 1


def _offset(data: bytes, line: int) -> int:
    """Where that line begins."""
    start = 0
    for _ in range(line - 1):
        start = data.index(b"\n", start) + 1
    return start


def _as_text(source: Source, layout: Layout, needed: Sequence[str], used: Sequence[str]) -> tuple[Table, Ledger]:
    """The careful way: rows are counted and measured one by one, cells come as stripped text."""
    physical = source.text.split("\n")[layout.line - 1 : layout.end and layout.end - 1]
    lines, texts = map(list, zip(*records(physical, layout.line), strict=True))
    if texts[-1].count('"') % 2 and "\n" in texts[-1]:
        raise DataError(f"{source.name}: the quotation mark opened in line {lines[-1]} is never closed", "close it.")
    widths = np.array([count_fields(text, layout.separator) for text in texts])
    fewest = 1 + max((layout.names.index(name) for name in needed), default=0)
    # A value followed by a separator is complete even where later fields are left out.
    short = (widths < layout.width) & (widths <= fewest)
    long = widths > layout.width
    empty = [""] * layout.width
    body = "\n".join(
        _quoted(empty, layout) if out else _tidy(text, layout) for text, out in zip(texts, short | long, strict=True)
    )
    frame = _parse(body.encode(), layout, used, dtype=object, na_filter=False, skipinitialspace=True)
    frame = frame.fillna("").apply(lambda column: column.str.strip())
    table = Table(source.name, frame, np.array(lines), lambda: texts, source.place)
    ledger = Ledger(table)
    _refuse_ragged(source, layout, table, widths, short | long)
    for width in np.unique(widths[short | long]):
        kind = "fewer" if width < layout.width else "more"
        ledger.drop((widths == width) & (short | long), f"{kind} fields ({width}) than the header ({layout.width})")
    repeated = np.array([text == layout.header for text in texts])
    ledger.drop(repeated, "repeated header line")
    return table, ledger


def _tidy(text: str, layout: Layout) -> str:
    """A row in which quotation marks and runs of blanks mean to pandas what they meant in counting its fields."""
    if '"' in text or layout.separator == BLANK:
        return _quoted(split_fields(text, layout.separator), layout)
    return text


def _quoted(fields: Sequence[str], layout: Layout) -> str:
    return layout.separator.join('"' + field.replace('"', '""') + '"' for field in fields)


def _refuse_ragged(source: Source, layout: Layout, table: Table, widths: Ints, ragged: Mask) -> None:
    if not ragged.any() or not too_many(int(ragged.sum()), table.rows):
        return
    row = int(np.flatnonzero(ragged)[0])
    raise DataError(
        f"{source.name} names {layout.width} columns, but {int(ragged.sum())} of {table.rows} rows have another number "
        f"of fields; the first is {table.where(row)} with {widths[row]}: {table.texts[row]!r}.",
        Text("Check the separator ", named("separator"), ", and that no decimal comma separates fields."),
    )


def _parse(body: bytes, layout: Layout, used: Sequence[str], **options: Any) -> pd.DataFrame:
    options |= {
        "sep": layout.separator,
        "header": None,
        "names": list(layout.names),
        "usecols": list(used),
        "index_col": False,
        "keep_default_na": False,
    }
    frame: pd.DataFrame = pd.read_csv(io.BytesIO(body), **_EXACT, **options)
    return frame
