"""How a text is laid out: comments, separator, header, first row of data; and its rows as pandas parses them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from typing import Any

import pandas as pd

from evstats.errors import ArgumentError, DataError
from evstats.series.dates import format_of
from evstats.series.sources import Source
from evstats.series.values import MISSING_MARKS, looks_numeric

COMMENT = "#"
BLANK = " "
_SEPARATORS = ("\t", ";", ",", "|", BLANK)
_HEAD = 200
_SMALL = 200_000
_MANY = 20
_OPEN_QUOTE = re.compile(r'(?:^|[\t;,| ])"[^"]*(?:""[^"]*)*$')
_SIGNED_DIGITS = re.compile(r"[+-]?\d+")
_RDB_FORMAT = re.compile(r"\d+[sdnSDN]")

Record = tuple[int, str]


@dataclass(frozen=True)
class Layout:
    """Where the rows begin (``line``, 1-based), how they are separated and what the columns are called.

    ``sample`` holds rows from all over the text as a frame of strings, ``head`` the first rows without a hole.
    ``units`` are those of a unit line below the header, ``legend`` the comment lines.
    """

    separator: str
    names: tuple[str, ...]
    line: int
    sample: pd.DataFrame
    head: pd.DataFrame
    header: str = ""
    units: dict[str, str] | None = None
    legend: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.names)


def records(lines: Iterable[str], first: int = 1) -> Iterator[Record]:
    """The rows of a text with their line numbers; comments and blank lines left out, quoted line breaks kept inside."""
    started, pending = first, ""
    for number, line in enumerate(lines, first):
        if not pending:
            if not line.strip() or line.lstrip().startswith(COMMENT):
                continue
            started = number
            inside = '"' in line and _OPEN_QUOTE.search(line) is not None
        else:
            inside = (pending + line).count('"') % 2 == 1
        pending += line
        if inside:
            pending += "\n"
            continue
        yield started, pending
        pending = ""
    if pending:
        yield started, pending.rstrip("\n")


def count_fields(text: str, separator: str) -> int:
    """The number of fields of one row."""
    if separator == BLANK or '"' in text:
        return len(split_fields(text, separator))
    return text.count(separator) + 1


def split_fields(text: str, separator: str) -> list[str]:
    """The stripped fields of one row."""
    if '"' in text:
        line = text.replace("\n", " ").strip(BLANK)
        return [field.strip() for field in next(csv.reader([line], delimiter=separator, skipinitialspace=True))]
    if separator == BLANK:
        return text.split()
    return [field.strip() for field in text.split(separator)]


def sniff(source: Source, separator: str | None = None) -> Layout:
    """Find the layout of a text from its beginning and a sample of its lines."""
    rows = list(islice(records(source.lines()), _HEAD))
    if not rows:
        raise DataError(f"{source.name} holds comments only and no table; pass a file with a header line and rows.")
    separator = _separator([text for _, text in rows], separator)
    fields = [split_fields(text, separator) for _, text in rows]
    legend = tuple(line for line in islice(source.lines(), rows[-1][0]) if line.lstrip().startswith(COMMENT))
    header = _find_header(source, rows, fields, separator, legend)
    start, units, notes = _after_header(header, rows, fields)
    if start >= len(rows):
        raise DataError(f"{source.name} has a header but no rows: {', '.join(header.names)}; add the data.")
    head = _frame(fields[start:], header.names)
    sample = _frame(_sample(source, rows[start][0], separator), header.names)
    text = rows[header.row][1] if header.row is not None else ""
    return Layout(separator, header.names, rows[start][0], sample, head, text, units, legend, header.notes + notes)


def _separator(texts: Sequence[str], separator: str | None) -> str:
    if separator is not None:
        if separator not in _SEPARATORS and len(separator) != 1:
            raise ArgumentError(f"separator must be one character such as ',' or ';' or '\\t', got {separator!r}.")
        return separator
    rows = _settled(texts)
    scores = {mark: _agreement([len(split_fields(text, mark)) for text in rows]) for mark in _SEPARATORS}
    best = max(scores, key=lambda mark: scores[mark])
    return best if scores[best] > 0 else ","


def _settled(rows: Sequence[Any]) -> Sequence[Any]:
    """The second half of many rows: an introduction, if there is one, comes before."""
    return rows[len(rows) // 2 :] if len(rows) >= _MANY else rows


def _agreement(widths: Sequence[int]) -> float:
    """The share of rows that have the usual number of fields, 0 where that is one."""
    width, count = Counter(widths).most_common(1)[0]
    return count / len(widths) if width > 1 else 0.0


@dataclass(frozen=True)
class _Header:
    """The column names and the row they stand in (None: a comment or nowhere); ``start`` is the first row after it."""

    names: tuple[str, ...]
    row: int | None
    start: int
    notes: tuple[str, ...] = ()
    units: dict[str, str] | None = None


def _find_header(
    source: Source, rows: Sequence[Record], fields: Sequence[list[str]], separator: str, legend: Sequence[str]
) -> _Header:
    width = Counter(map(len, _settled(fields))).most_common(1)[0][0]
    first = _first_of_width(fields, width)
    notes = (f"The first {first} lines of text were skipped.",) if first else ()
    if not _is_data(fields[first], fields[first + 1 :]):
        return _Header(_distinct(fields[first]), first, first + 1, notes)
    above = fields[first - 1] if first else []
    if len(above) > 1 and not any(map(_is_datum, above)):
        names = _stretched(source, above, rows[first], fields[first:], width)
        return _Header(names, first - 1, first, (_SHIFTED,))
    if commented := _commented_names(legend, separator, width):
        units = dict(zip(commented[0], commented[1], strict=True)) if len(commented) > 1 else None
        note = "The column names were taken from the comment lines."
        return _Header(_distinct(commented[0]), None, first, (*notes, note), units)
    if width == 2 and separator == ",":
        _refuse_comma_pairs(rows[first], fields[first:], bool(above))
    note = "There is no header line; the columns are called column 1, column 2 and so on."
    return _Header(tuple(f"column {i + 1}" for i in range(width)), None, first, (*notes, note))


def _first_of_width(fields: Sequence[list[str]], width: int) -> int:
    """The first row of that width, lines of an introduction left out: the next row has it too, but for a flawed one."""
    wide = [i for i, row in enumerate(fields) if len(row) == width]
    first = next((i for i, later in pairwise(wide) if later == i + 1), wide[0])
    flawed = [i for i in wide if first - 2 <= i < first and not any(map(_is_datum, fields[i]))]
    return flawed[0] if flawed and any(map(_is_datum, fields[first])) else first


def _commented_names(legend: Sequence[str], separator: str, width: int) -> list[list[str]]:
    """The names, and perhaps the units below them, in the last two comment lines."""
    rows = [split_fields(line.strip().lstrip(COMMENT).strip(), separator) for line in legend[-2:]]
    return [row for row in rows if len(row) == width > 1 and not any(map(_is_datum, row))]


_SHIFTED = "The header line has another number of fields than the rows; the names were matched as far as they go."


def _refuse_comma_pairs(row: Record, fields: Sequence[list[str]], titled: bool) -> None:
    """Rows such as ``1,5`` without a header of two names: two columns, or one with a decimal comma."""
    pairs = [pair for pair in fields if len(pair) == 2]
    if not all(_SIGNED_DIGITS.fullmatch(pair[0]) and pair[1].isdigit() for pair in pairs):
        return
    firsts = [int(pair[0]) for pair in pairs]
    counting = len(firsts) > 1 and all(late - early == 1 for early, late in pairwise(firsts))
    if not titled and (counting or all(format_of(pair[0]) for pair in pairs)):
        return
    raise DataError(
        f"line {row[0]} has {row[1]!r}: the comma may separate two columns or be a decimal mark. Name both columns in "
        "a header line, or pass separator=';' and decimal=',' (--separator and --decimal) for decimal commas."
    )


def _is_datum(field: str) -> bool:
    return looks_numeric(field) or format_of(field) is not None


def _is_data(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row is data and no header: it has a number or date wherever the rows below do."""
    columns = range(len(row))
    like = [i for i in columns if any(len(other) == len(row) and _is_datum(other[i]) for other in below[:5])]
    if not below:
        like = [i for i in columns if _is_datum(row[i])]
    return bool(like) and all(_is_datum(row[i]) or row[i].lower() in MISSING_MARKS for i in like)


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """The names as they stand; an empty one becomes ``column 3``, a repeated one ``flow (2)``."""
    seen: Counter[str] = Counter()
    distinct = []
    for i, name in enumerate(names):
        name = name or f"column {i + 1}"
        seen[name] += 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(distinct)


def _stretched(source: Source, names: list[str], row: Record, body: Sequence[list[str]], width: int) -> tuple[str, ...]:
    """A header that does not have as many fields as the rows: row numbers before or an empty field behind them."""
    rows = [fields for fields in body if len(fields) == width]
    missing = width - len(names)
    if missing < 0 and not any(names[width:]):
        return _distinct(names[:width])
    if missing == 1 and not any(fields[-1] for fields in rows):
        return _distinct([*names, ""])
    if missing == 1 and [fields[0] for fields in rows] == [str(i + 1) for i in range(len(rows))]:
        return _distinct(["row", *names])
    raise DataError(
        f"{source.name} names {len(names)} columns ({', '.join(names)}), but line {row[0]} has {width} fields "
        f"({row[1]!r}). If the comma is a decimal mark, write the file with ';' between the columns; else name every "
        "column."
    )


def _after_header(
    header: _Header, rows: Sequence[Record], fields: Sequence[list[str]]
) -> tuple[int, dict[str, str] | None, tuple[str, ...]]:
    """The first row of data: behind a USGS format line or a line of units, where there is one."""
    start = header.start
    if header.row is None or start >= len(rows):
        return start, header.units, ()
    row = fields[start]
    if row == fields[header.row]:
        return start, header.units, ()  # the header once more: a row to drop, not one of units
    if all(_RDB_FORMAT.fullmatch(field) for field in row):
        return start + 1, None, ("The text is in USGS RDB format; its format line is not data.",)
    if len(row) == len(header.names) > 1 and _is_unit_row(row, fields[start + 1 :]):
        note = f"Line {rows[start][0]} holds units, not data: {rows[start][1]!r}."
        return start + 1, dict(zip(header.names, row, strict=True)), (note,)
    return start, None, ()


def _is_unit_row(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    texts = [field for field in row if field and field.lower() not in MISSING_MARKS]
    return (
        bool(texts)
        and not any(map(_is_datum, row))
        and bool(below)
        and all(any(len(other) > i and _is_datum(other[i]) for other in below[:5]) for i in range(len(row)) if row[i])
    )


def _frame(fields: Iterable[list[str]], names: Sequence[str]) -> pd.DataFrame:
    whole = [row for row in fields if len(row) == len(names)]
    return pd.DataFrame(whole, columns=list(names), dtype=object)


def _sample(source: Source, first: int, separator: str) -> list[list[str]]:
    """Rows spread over the whole text (all of them in a small one)."""
    lines: Iterator[str] = islice(source.lines(), first - 1, None)
    if len(source.data) > _SMALL:
        lines = chain(islice(lines, _HEAD), source.lines_across(_HEAD))
    return [split_fields(row, separator) for _, row in records(lines)]
