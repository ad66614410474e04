"""The rows of a text: where they begin, their fields, and which of them are data and which metadata."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

import numpy as np

from evstats.errors import DataError
from evstats.reading.date_forms import HYDROLOGICAL, YEAR, format_of
from evstats.reading.dates import moments
from evstats.reading.values import is_missing, looks_numeric

COMMENT = "#"
BLANK = " "
_OPEN_QUOTE = re.compile(r'(?:^|[\t;,| ])"[^"]*(?:""[^"]*)*$')
#: So many more rows with numbers than with dates there may be where those with dates are the data.
_MORE = 5
_HEADING = re.compile(r"\s*\[([^\[\]]+)\]\s*")
#: Rows up to which a run that stands alone above the data may be metadata.
_FEW = 3
#: Usual steps between two rows from which on the first is no neighbour of the second in time.
_FAR = 3

Record = tuple[int, str]
Fields = Sequence[str]


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


def heading_of(text: str) -> str | None:
    """What the heading of a section says, ``AM Values`` of ``[AM Values]``; None for other lines."""
    found = _HEADING.fullmatch(text)
    return found and found[1]


def is_datum(field: str) -> bool:
    """Whether a field is a number or a date."""
    return looks_numeric(field) or format_of(field) is not None


def refuse_unsplit(cells: Iterable[object], place: str) -> None:
    """A DataError where most cells hold several data with a mark between them: the rows were split at another one."""
    texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    whole = [text for text in texts if any(_are_several(text, mark) for mark in ";\t|")]
    if 2 * len(whole) > len(texts):
        raise DataError(
            f"{place} has {whole[0]!r}, several values in one cell, so its rows were split at the wrong mark",
            "read the text file itself, or split it at its own mark (pandas.read_csv(..., sep=';', decimal=',')).",
        )


def _are_several(text: str, mark: str) -> bool:
    return mark in text and sum(is_datum(part.strip()) for part in text.split(mark)) > 1


@dataclass(frozen=True)
class Likeness:
    """What the rows of data have in common: their number of fields, and a date of one form, or else numbers.

    ``date`` is the column of that date, None where there is none; ``numbers`` are the columns that hold numbers.
    """

    width: int
    numbers: tuple[int, ...] = ()
    date: int | None = None
    form: str | None = None

    def fits(self, row: Fields) -> bool:
        """Whether a row is one of the data."""
        if len(row) != self.width:
            return False
        if self.date is not None:
            return _form(row[self.date]) == self.form
        filled = [looks_numeric(row[i]) for i in self.numbers if not is_missing(row[i])]
        return any(filled) and all(filled)

    def near(self, row: Fields) -> bool:
        """Whether a row is one of the data but for a flaw: its number of fields, or what stands beside its number."""
        if self.date is None:
            return len(row) == self.width and any(looks_numeric(row[i]) for i in self.numbers[:1])
        if len(row) <= self.date:
            return False
        cell = row[self.date]
        if len(row) == self.width and self.form == YEAR:
            return looks_numeric(cell)
        form = _form(cell)
        return form is not None and (len(row) == self.width or _day(form) == _day(self.form or ""))

    def otherwise(self, row: Fields) -> bool:
        """Whether a row would be one of the data, were its date not written in another form."""
        if self.date is None or len(row) != self.width or format_of(row[self.date]) in (None, YEAR):
            return False
        return any(looks_numeric(cell) for place, cell in enumerate(row) if place != self.date)


def likeness_of(rows: Sequence[Fields]) -> Likeness | None:
    """What most of the rows that hold numbers or dates have in common, None where none does.

    A date settles it before numbers do, which stand in metadata as well.
    """
    dated: Counter[tuple[int, int, str]] = Counter()
    plain: Counter[int] = Counter()
    for row in rows:
        for place, field in enumerate(row):
            form = _form(field)
            if form is not None and (form != YEAR or (place == 0 and len(row) > 1)):
                dated[len(row), place, form] += 1
        plain[len(row)] += any(map(looks_numeric, row))
    (width, count), *_ = plain.most_common(1) or [(0, 0)]
    for (wide, place, form), found in dated.most_common():
        like = Likeness(wide, (), place, form)
        if _MORE * found >= count and not (_are_keyed(rows, like) or _are_numbers(rows, like)):
            return like
    if not count:
        return None
    alike = [row for row in rows if len(row) == width and any(map(looks_numeric, row))]
    numbers = (i for i in range(width) if 2 * sum(looks_numeric(row[i]) for row in alike) > len(alike))
    return Likeness(width, tuple(numbers) or tuple(i for i in range(width) if any(looks_numeric(r[i]) for r in alike)))


def _are_keyed(rows: Sequence[Fields], like: Likeness) -> bool:
    """Whether the dates stand behind words that differ from row to row, as in ``created;2001-01-01``."""
    keys = [row[0] for row in rows if like.fits(row)]
    return like.date != 0 and 2 * len({key for key in keys if not is_datum(key)}) > len(keys)


def _are_numbers(rows: Sequence[Fields], like: Likeness) -> bool:
    """Whether more rows have another number in the place of the date: 19510101 may be one."""
    cells = [row[like.date or 0] for row in rows if len(row) == like.width]
    other = sum(looks_numeric(cell) and _form(cell) != like.form for cell in cells)
    return 2 * other > len(cells)


def _form(field: str) -> str | None:
    """The form of a date, with the time of day as one: rows of one table may leave out their seconds."""
    form = format_of(field)
    if form is None:
        return None
    if form in (HYDROLOGICAL, "%Y-%m", "%Y/%m"):
        return "%Y-%m"
    date, time, _ = form.partition("%H")
    return date + time


def _day(form: str) -> str:
    return form.partition("%H")[0].rstrip(" T,:_-")


def first_of_data(rows: Sequence[Fields], like: Likeness) -> int:
    """The first row of data. Rows above it that look so but stand alone, or are written otherwise, are metadata."""
    runs = _runs([like.fits(row) or like.near(row) for row in rows])
    place = max(range(len(runs)), key=lambda i: len(runs[i]))
    while place > 0 and not _stands_alone(rows, like, runs[place - 1], runs[place]):
        place -= 1
    start = runs[place].start
    others = sum(1 for _ in takewhile(like.otherwise, reversed(rows[:start])))
    return start - others if others > _FEW else start  # too many for metadata: two forms of dates in one table


def _runs(alike: Sequence[bool]) -> list[range]:
    edges = [i for i, (one, other) in enumerate(pairwise([False, *alike, False])) if one != other]
    return [range(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def _stands_alone(rows: Sequence[Fields], like: Likeness, run: range, following: range) -> bool:
    """Whether a short run of rows is written otherwise than the run that follows, or does not go on in it."""
    if like.date is None or len(run) > _FEW:
        return False
    again = (row for row in rows[run.stop : following.start] if len(row) > 1)  # the header, once more
    if any(row in rows[: run.start] for row in again):
        return False
    if following.start - run.stop > 1 or not like.fits(rows[run[-1]]):
        return True
    last, *times = moments([rows[i][like.date] for i in (run[-1], *following[:50])])
    away, steps = times[0] - last, np.diff(times)
    if np.isnat(away) or np.isnat(steps).all():
        return False
    steps = steps[~np.isnat(steps)]
    if steps.min() < np.timedelta64(0, "s") < steps.max():  # of rows in no order none is out of it
        return not any(map(is_datum, rows[run.stop]))
    step = np.median(steps)
    return bool(np.sign(away) != np.sign(step) or abs(away) > _FAR * abs(step))
