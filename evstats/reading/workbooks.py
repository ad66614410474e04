"""A sheet of an Excel workbook as separated text, so that all that is known of files holds for sheets too."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

import pandas as pd

from evstats.errors import DataError, unknown_name
from evstats.notes import Note
from evstats.reading.date_forms import YEAR, format_of
from evstats.reading.rows import refuse_unsplit
from evstats.reading.sources import Content, Sheet, Source, missing_engine
from evstats.reading.values import looks_numeric
from evstats.text.arguments import Text, both

SEPARATOR = ";"
_LOOKED_AT = 1_000
#: Rows of data below which a sheet is not taken for one with a series.
_FEWEST = 3


def is_workbook(content: Content) -> bool:
    """Whether the bytes are an Excel workbook, which is a zip archive with certain parts."""
    if not content.binary.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content.binary)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile as error:
        raise DataError(
            f"{content.name} is a zip archive or spreadsheet (.xlsx, .ods), damaged or cut short",
            "fetch it again.",
        ) from error


def sheet_of(content: Content, sheet: str | None = None) -> Source:
    """The sheet asked for, or the only one with a series, as text whose lines are the rows of the sheet.

    Raises
    ------
    DataError
        A damaged file, several sheets with a series, none with one.
    ArgumentError
        An unknown sheet.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and validations that openpyxl does not know
        try:
            grids = _grids(content, sheet)
        except ImportError as error:
            raise missing_engine(content.name, "an Excel workbook", "openpyxl") from error
        except MemoryError:
            raise
        except Exception as error:  # whatever the parsers of zip archives and XML make of a damaged file
            raise DataError(
                f"{content.name} is an Excel workbook that is damaged or cut short", "fetch it again."
            ) from error
    if sheet is not None and sheet not in grids:
        raise unknown_name("sheet", sheet, grids)
    name = sheet or _with_series(content.name, grids)
    others = [other for other in grids if other != name]
    notes = (Note("sheet", name, others=", ".join(map(repr, others))),) if others and sheet is None else ()
    for column in grids[name]:
        refuse_unsplit(grids[name][column][:_LOOKED_AT], f"{content.name}, sheet {name!r}")
    text = _as_text(grids[name])
    return Source(f"{content.name}, sheet {name!r}", text, notes, content.sha256, "row", Sheet(content.name, name))


def _grids(content: Content, sheet: str | None) -> dict[str, pd.DataFrame]:
    """The typed cells of the visible sheets that hold any, of the hidden one too where it is asked for."""
    with pd.ExcelFile(io.BytesIO(content.binary), engine="openpyxl") as book:
        pages = book.book.worksheets
        visible = [str(page.title) for page in pages if page.sheet_state == "visible" or page.title == sheet]
        wanted = [sheet] if sheet is not None and sheet in visible else visible
        grids = {name: _grid(book, name) for name in wanted}
    return {name: grid for name, grid in grids.items() if name == sheet or not grid.empty}


def _grid(book: pd.ExcelFile, name: str) -> pd.DataFrame:
    grid = pd.read_excel(book, sheet_name=name, header=None, dtype=object, na_filter=False)
    assert isinstance(grid, pd.DataFrame)
    return grid


def _with_series(file: str, grids: dict[str, pd.DataFrame]) -> str:
    """The only sheet with dates and numbers, or else with rows of numbers, or the only one there is."""
    if not grids:
        raise DataError(f"{file} has no sheet with anything in it", "pass a workbook with a header and rows.")
    if len(grids) == 1:
        return next(iter(grids))
    kinds = {name: [_kinds(row) for row in grid[:_LOOKED_AT].itertuples(index=False)] for name, grid in grids.items()}
    dated = [name for name, rows in kinds.items() if sum(1 for row in rows if row["date"] and row["number"]) >= _FEWEST]
    tabular = [name for name, rows in kinds.items() if sum(map(_is_data, rows)) >= _FEWEST]
    found = dated or tabular
    if len(found) == 1:
        return found[0]
    listed = ", ".join(map(repr, found or grids))
    what = f"a series in each of its sheets {listed}" if found else f"no series in any of its sheets {listed}"
    first = (found or [*grids])[0]
    raise DataError(f"{file} holds {what}", Text("choose one: ", both("sheet", first), "."))


def _kinds(row: Iterable[object]) -> Counter[str]:
    return Counter(kind for cell in row if (kind := _kind(cell)))


def _kind(cell: object) -> str:
    """``date``, ``number``, ``text``, or nothing for an empty cell."""
    if isinstance(cell, date):
        return "date"
    text = _plain(cell)
    if not text:
        return ""
    if looks_numeric(text):
        return "number"
    return "date" if format_of(text) not in (None, YEAR) else "text"


def _is_data(row: Counter[str]) -> bool:
    """Whether a row holds several numbers, or nothing else: a label with one number is metadata."""
    return row["number"] >= 2 or (row["number"] == 1 and row.total() == 1)


def _as_text(grid: pd.DataFrame) -> bytes:
    """The rows as lines; those above the table without the empty cells behind them, as introductions have no more."""
    columns = [_texts(grid[name]) for name in grid]
    rows = list(zip(*(texts for texts in columns if any(texts)), strict=True))
    filled = [max((place for place, cell in enumerate(row, 1) if cell), default=0) for row in rows]
    usual = Counter(width for width in filled if width).most_common(1)[0][0] if any(filled) else 0
    start = next((place for place, width in enumerate(filled) if width >= usual), 0)
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter=SEPARATOR, lineterminator="\n")
    for place, (row, width) in enumerate(zip(rows, filled, strict=True)):
        writer.writerow(row[:width] if place < start or not width else row)
    return lines.getvalue().encode()


def _texts(cells: pd.Series) -> list[str]:
    """The cells of a column as text, dates all with their time of day where one has one."""
    clock = any(isinstance(cell, datetime) and cell.time() != time() for cell in cells)
    return [_dated(cell, clock) if isinstance(cell, date) else _plain(cell) for cell in cells]


def _dated(cell: date, clock: bool) -> str:
    return cell.isoformat(sep=" ") if clock and isinstance(cell, datetime) else cell.strftime("%Y-%m-%d")


def _plain(cell: Any) -> str:
    """A cell in one line; a number with all its digits."""
    if isinstance(cell, float) and cell != cell:
        return ""
    return " ".join(str(cell).split())
