"""How a text is laid out: comments, separator, header, first row of data; and its rows as pandas parses them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, pairwise

import numpy as np
import pandas as pd

from evstats.errors import ArgumentError, DataError
from evstats.notes import Note
from evstats.reading.date_forms import format_of
from evstats.reading.dates import moments
from evstats.reading.rows import (
    BLANK,
    COMMENT,
    Likeness,
    Record,
    first_of_data,
    heading_of,
    is_datum,
    likeness_of,
    records,
    split_fields,
)
from evstats.reading.sources import Source
from evstats.reading.table import too_many
from evstats.reading.units import looks_like_unit
from evstats.reading.values import is_missing
from evstats.text.arguments import Setting, Text, both

_SEPARATORS = ("\t", ";", ",", "|", BLANK)
_HEAD = 200
_LONG_HEAD = 2_000
_TAIL = 200
_SMALL = 200_000
_FEW = 20
_FLAWED = 3
_SIGNED_DIGITS = re.compile(r"[+-]?\d+")
_RDB_FORMAT = re.compile(r"\d+[sdnSDN]")
#: What one of the names in a comment is called where blanks separate them, as they do the words of a sentence.
_TIMES = re.compile(r"(?<![a-z])(date|time|datum|zeit|fecha|y+|year|yr|jahr|annee|ano|anno)(?![a-z])", re.IGNORECASE)
#: First and last of the numbers that name columns: hours, months, days.
_LABELS = {(0, 23), (1, 12), (1, 24), (1, 28), (1, 29), (1, 30), (1, 31)}


@dataclass(frozen=True)
class Layout:
    """Where the rows begin (``line``, 1-based), how they are separated and what the columns are called.

    ``sample`` holds rows from all over the text as a frame of strings, ``head`` the first rows without a hole.
    ``units`` are those of a unit line below the header, ``legend`` the comment lines, ``above`` the lines of text above
    the table; ``end`` is the line in which text below the table begins, ``named`` whether the columns have names and
    ``dated`` whether the rows have dates.
    """

    separator: str
    names: tuple[str, ...]
    line: int
    sample: pd.DataFrame
    head: pd.DataFrame
    header: str = ""
    units: dict[str, str] | None = None
    legend: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    end: int | None = None
    named: bool = True
    dated: bool = False
    notes: tuple[str, ...] = ()

    def called(self, names: Sequence[str]) -> Layout:
        """The same layout of columns without names, the first of which have some that are known otherwise."""
        names = (*names[: self.width], *self.names[len(names) :])
        notes = tuple(note for note in self.notes if getattr(note, "code", "") != "no_header")
        sample, head = (cells.set_axis(names, axis=1) for cells in (self.sample, self.head))
        return replace(self, names=names, sample=sample, head=head, notes=notes)

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.names)


def sniff(source: Source, separator: str | None = None) -> Layout:
    """Find the layout of a text from its beginning, its end and a sample of its lines."""
    rows, separator = _beginning(source, separator)
    texts = [text for _, text in rows]
    fields = [split_fields(text, separator) for text in texts]
    like = likeness_of(fields) or Likeness(Counter(map(len, fields)).most_common(1)[0][0])
    header = _find_header(source, rows, fields, like, separator)
    if header.start >= len(rows):
        raise DataError(f"{source.name} has a header but no rows: {', '.join(header.names)}", "add the data.")
    line = rows[header.start][0]
    end = _line_below(source, line, like, separator)
    below = () if end is None else (Note("below_the_table", line=end, text=source.text.split("\n")[end - 1].strip()),)
    head = (row for (number, _), row in zip(rows, fields, strict=True) if line <= number < (end or np.inf))
    return Layout(
        separator,
        header.names,
        line,
        _frame(_sample(source, line, end, separator), header.names),
        _frame(head, header.names),
        texts[header.row] if header.row is not None else "",
        header.units,
        _comments(source, line),
        tuple(texts[: header.start if header.row is None else header.row]),
        end,
        header.named,
        like.date is not None,
        header.notes + below,
    )


def _beginning(source: Source, separator: str | None) -> tuple[list[Record], str]:
    """The first rows, more of them where a long introduction comes first, and what separates their fields."""
    for count in (_HEAD, _LONG_HEAD):
        rows = list(islice(records(source.lines()), count))
        mark = _separator([text for _, text in rows], separator)
        if len(rows) < count or _agreement([text for _, text in rows[-_FEW:]], mark):
            break
    if not rows:
        raise DataError(f"{source.name} holds comments only and no table", "pass a file with a header line and rows.")
    return rows, mark


def _separator(texts: Sequence[str], separator: str | None) -> str:
    if separator is not None:
        if separator not in _SEPARATORS and len(separator) != 1:
            raise ArgumentError(
                Text(Setting("separator"), f" must be one character such as ',' or ';' or '\\t', got {separator!r}.")
            )
        return separator
    if texts and all("\t" in text for text in texts):  # nobody writes a tab into a field
        return "\t"
    marks = [mark for mark in _SEPARATORS if any(mark in text for text in texts)]
    scores = {mark: _agreement(texts, mark) for mark in marks} if len(marks) > 1 else dict.fromkeys(marks, 1.0)
    best = max(scores, key=lambda mark: scores[mark], default=",")
    return best if scores.get(best, 0.0) > 0 else ","


def _agreement(texts: Sequence[str], separator: str) -> float:
    """How many rows are alike when they are cut so, each counted by the share of its fields that can be data."""
    rows = [split_fields(text, separator) for text in texts]
    like = likeness_of([row for row in rows if len(row) > 1])
    if like is None:
        return 0.0
    fitting = [[is_missing(field) or is_datum(field) for field in row] for row in rows if like.fits(row)]
    return sum(sum(row) / len(row) for row in fitting)


def _comments(source: Source, line: int) -> tuple[str, ...]:
    return tuple(text for text in islice(source.lines(), line) if text.lstrip().startswith(COMMENT))


def _line_below(source: Source, line: int, like: Likeness, separator: str) -> int | None:
    """The line in which text below the table begins; single lines there are rows like others, to drop and to report."""
    start, lines = source.last_lines(_TAIL)
    first = source.line_at(start) if start < _SMALL else line  # a long text is all table there
    rows = [record for record in records(lines, first) if record[0] >= line]
    fields = [split_fields(text, separator) for _, text in rows]
    alike = (i for i, row in enumerate(fields) if like.fits(row) or like.near(row) or like.otherwise(row))
    last = max(alike, default=len(rows))
    below = rows[last + 1 :]
    if not below or not (heading_of(below[0][1]) or too_many(len(below), len(rows))):
        return None
    return source.line_at(start) + below[0][0] - first


@dataclass(frozen=True)
class _Header:
    """The column names and the row they stand in (None: a comment or nowhere); ``start`` is the first row after it."""

    names: tuple[str, ...]
    row: int | None
    start: int
    notes: tuple[str, ...] = ()
    units: dict[str, str] | None = None
    named: bool = True


def _find_header(
    source: Source, rows: Sequence[Record], fields: Sequence[list[str]], like: Likeness, separator: str
) -> _Header:
    widths = [len(row) for row in fields]
    top = first_of_data(fields, like) if any(map(like.fits, fields)) else widths.index(like.width) + 1
    if _is_count(rows, fields, top):
        return _without_header(source, rows, fields, like, separator, top + 1)
    top = _first_below_names(fields, like, top)
    row, units, notes = _names_above(rows, fields, top, like.width)
    if row is not None and (names := _names_cut_otherwise(rows[row][1], like.width)) and len(fields[row]) != like.width:
        return _Header(_distinct(names), row, top, _skipped(rows, row) + notes, units)
    if row is not None and _may_name(fields[row], first=row == 0):
        skipped = _skipped(rows, row)
        start = top if row == top - 1 or notes else row + 1
        if len(fields[row]) == like.width:
            return _Header(_distinct(fields[row]), row, start, skipped + notes, units)
        if len(fields[row]) > 1 and separator != BLANK:
            stretched = _stretched(source, fields[row], rows[top], fields[top:], like.width)
            return _Header(stretched, row, top, (*skipped, Note("header_stretched")))
    if top + 1 < len(fields) and _are_labels(fields[top]) and not _are_labels(fields[top + 1]):
        return _Header(_distinct(fields[top]), top, top + 1, _skipped(rows, top))
    return _without_header(source, rows, fields, like, separator, top)


def _without_header(
    source: Source, rows: Sequence[Record], fields: Sequence[list[str]], like: Likeness, separator: str, top: int
) -> _Header:
    skipped = _skipped(rows, top)
    if commented := _commented_names(_comments(source, rows[top][0]), separator, like.width):
        names = _distinct(commented[0])
        units = dict(zip(names, commented[1], strict=True)) if len(commented) > 1 else None
        return _Header(names, None, top, (*skipped, Note("names_in_comments")), units)
    if like.width == 2 and separator == ",":
        _refuse_comma_pairs(rows[top], fields[top:], top > 0)
    names = _names_by_content([row for row in fields[top:] if like.fits(row)], like.width)
    return _Header(names, None, top, (*skipped, Note("no_header")), named=False)


def _is_count(rows: Sequence[Record], fields: Sequence[list[str]], top: int) -> bool:
    """Whether the first of the data only says how many numbers follow."""
    following = len(rows) - top - 1
    return following > 2 and fields[top] == [str(following)] and rows[-1][0] < _HEAD


def _names_cut_otherwise(text: str, width: int) -> list[str]:
    """The names of a line that separates them by another mark than the rows of data."""
    for mark in _SEPARATORS[:-1]:
        names = split_fields(text.lstrip("%!/* "), mark)
        if len(names) == width > 1 and all(names) and not any(map(is_datum, names)):
            return names
    return []


def _names_by_content(rows: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    """Names for columns without one: the parts of a date where columns beside each other hold them, else numbers."""
    names = [f"column {i + 1}" for i in range(width)]
    for first in range(width - 2):
        if len(parts := _parts_of_date(rows, first)) > 1:
            names[first : first + len(parts)] = parts
            break
    return tuple(names)


_PARTS = (("year", 1500, 2200), ("month", 1, 12), ("day", 1, 31), ("hour", 0, 24))


def _parts_of_date(rows: Sequence[Sequence[str]], first: int) -> list[str]:
    """The parts of a date that the columns from that one on hold: as many as make the rows run forwards in time."""
    stamps: list[tuple[int, ...]] = [() for _ in rows]
    parts: list[str] = []
    for place, (part, least, most) in enumerate(_PARTS[: len(rows[0]) - first - 1], first):
        if not all(row[place].isdigit() and least <= int(row[place]) <= most for row in rows):
            return []
        stamps = [(*stamp, int(row[place])) for stamp, row in zip(stamps, rows, strict=True)]
        parts.append(part)
        if all(early < late for early, late in pairwise(stamps)):
            return parts
    return []


def _skipped(rows: Sequence[Record], row: int) -> tuple[str, ...]:
    return (Note("above_the_table", line=rows[row][0]),) if row else ()


def _first_below_names(fields: Sequence[list[str]], like: Likeness, top: int) -> int:
    """The first row of data, or up to three flawed ones above it, where the names stand directly above those."""
    for row in range(top - 1, max(top - 2 - _FLAWED, -1), -1):
        if len(fields[row]) != like.width:
            break
        if not any(map(is_datum, fields[row])):
            return row + 1
    return top


def _names_above(
    rows: Sequence[Record], fields: Sequence[list[str]], top: int, width: int
) -> tuple[int | None, dict[str, str] | None, tuple[str, ...]]:
    """The row above the data that may hold the names, with the units and the note of a line between them."""
    row, above = top - 1, fields[:top]
    if len(above) > 1 and all(map(_RDB_FORMAT.fullmatch, above[-1])):
        return row - 1, None, (Note("rdb"),)
    if len(above) > 1 and len(above[-2]) > 1 and _are_units(above[-1]) and not _are_units(above[-2]):
        said = (Note("unit_line", line=rows[row][0], text=rows[row][1].strip()),)
        if len(above[-1]) == len(above[-2]):
            return row - 1, dict(zip(_distinct(above[-2]), above[-1], strict=True)), said
        if len(above[-2]) == width:  # in a table laid out by blanks, where columns without a unit leave no field
            return row - 1, None, said
    while row > 0 and fields[row - 1] == fields[row]:
        row -= 1  # the header once more: a row to drop
    return (row if row >= 0 else None), None, ()


def _are_units(row: Sequence[str]) -> bool:
    return any(row) and all(looks_like_unit(field) for field in row if field)


def _may_name(row: Sequence[str], first: bool) -> bool:
    """Whether a row that is no data can hold names; numbers among them must be those of years, months, days, hours."""
    return first or not any(map(is_datum, row)) or _are_labels(row)


def _are_labels(row: Sequence[str]) -> bool:
    """Whether the numbers of a row, beside text at its ends, count years, months, days or hours, or dates do."""
    places = [i for i, field in enumerate(row) if is_datum(field)]
    if len(places) < 3 or places[-1] - places[0] != len(places) - 1:
        return False
    texts = [row[i] for i in places]
    if all(map(_SIGNED_DIGITS.fullmatch, texts)) and len(texts[0]) < 5:
        numbers = list(map(int, texts))
        steps = [late - early for early, late in pairwise(numbers)]
        if places[0] > 0:
            return min(steps) > 0  # behind a word, as in the name of a column
        return set(steps) == {1} and ((numbers[0], numbers[-1]) in _LABELS or 1500 <= numbers[0] <= numbers[-1] <= 2200)
    return bool(np.all(np.diff(moments(texts)) > np.timedelta64(0, "s")))


def _commented_names(legend: Sequence[str], separator: str, width: int) -> list[list[str]]:
    """The names, and perhaps the units below them, in the last comment lines."""
    texts = [text for line in legend if (text := line.strip().lstrip(COMMENT).strip())]
    rows = [split_fields(text, separator) for text in texts[-2:]]
    names = [row for row in rows if len(row) == width > 1 and not any(map(is_datum, row))]
    return names if separator != BLANK or any(_TIMES.search(name) for row in names[:1] for name in row) else []


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
        f"line {row[0]} has {row[1]!r}: the comma may separate two columns or be a decimal mark.",
        Text.of(
            "Name both columns in a header line, or pass {} and {} for decimal commas.",
            *(both("separator", ";"), both("decimal", ",")),
        ),
    )


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
        f"({row[1]!r}).",
        "If the comma is a decimal mark, write the file with ';' between the columns; else name every column.",
    )


def _frame(fields: Iterable[list[str]], names: Sequence[str]) -> pd.DataFrame:
    whole = [row for row in fields if len(row) == len(names)]
    return pd.DataFrame(whole, columns=list(names), dtype=object)


def _sample(source: Source, line: int, end: int | None, separator: str) -> list[list[str]]:
    """Rows spread over the whole text (all of them in a small one)."""
    lines: Iterator[str] = islice(source.lines(), line - 1, None if end is None else end - 1)
    if len(source.data) > _SMALL:
        lines = chain(islice(lines, _HEAD), source.lines_across(_HEAD))
    return [split_fields(row, separator) for _, row in records(lines)]
