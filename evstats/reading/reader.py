"""From a file or table to a Record: a clean series, and an audit of everything that was done to get it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from os import PathLike
from typing import IO, Any

import numpy as np
import pandas as pd

from evstats.arrays import Array, Mask, Places
from evstats.errors import ArgumentError, DataError, one_word, words, yes_or_no
from evstats.habits import knowing_their_names
from evstats.notes import Note
from evstats.reading.beside import limits_beside, values_beside
from evstats.reading.cells import read_cells, read_texts
from evstats.reading.columns import Columns, choose_columns
from evstats.reading.containers import is_foreign
from evstats.reading.dates import join_parts, parse_dates, refuse_undated_rows, without_zone
from evstats.reading.frames import Tabular, table_of, texts_of
from evstats.reading.keys import EVERY, Chosen, Where, chosen_of, refuse_pooled, refuse_varying, rows_chosen
from evstats.reading.layout import Layout, sniff
from evstats.reading.ledger import Ledger
from evstats.reading.marks import MISSING, drop_marks, drop_named
from evstats.reading.ordering import in_order, note_gaps
from evstats.reading.records import Audit, Record
from evstats.reading.rows import BLANK
from evstats.reading.sections import Sections, drop_rejected, read_sections
from evstats.reading.sources import Content, Sheet, Source, fetch, open_source, without_lines
from evstats.reading.table import Table
from evstats.reading.timestamps import has_leap_days
from evstats.reading.typed_files import Format, format_by_magic, read_frame
from evstats.reading.units import unit_of
from evstats.reading.values import Notation, parse_values, refuse_infinite, refuse_open_points, unit_beside
from evstats.reading.wide import Wide, find_wide, unfold
from evstats.reading.workbooks import SEPARATOR as SHEET_SEPARATOR
from evstats.reading.workbooks import is_workbook, sheet_of
from evstats.text.arguments import Setting, Text, both, named

#: The column of annual peaks in the files of the USGS, which counts in water years.
_USGS_PEAKS = "peak_va"
_OCTOBER = 10
_LOOKED_AT = 4_000
_CODE_MEANING = re.compile(r"^#\s{1,4}(\S+) \.\.\. (.+)$")
_CONTINUED = re.compile(r"^#\s{5,}(\S.*)$")


@knowing_their_names
def read_series(
    source: str | PathLike[str] | IO[Any] | Tabular,
    *,
    time: str | Sequence[str] | None = None,
    value: str | None = None,
    where: Where | None = None,
    unit: str | None = None,
    dayfirst: bool | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    separator: str | None = None,
    na_values: Iterable[object] = (),
    encoding: str | None = None,
    sheet: str | None = None,
    skip: int = 0,
    events: bool = False,
    beside: Iterable[str] = (),
) -> Record:
    """Read one series and account for every row.

    Parameters
    ----------
    source
        A path to a CSV, TSV, USGS RDB or other separated text (also gz, bz2 or xz), an Excel workbook (.xlsx), a
        Parquet, Feather or NetCDF file (known by their first bytes, read by the libraries of the extra ``files``), an
        open file (text or binary); a pandas Series or DataFrame, an xarray DataArray or Dataset, a frame of polars or
        any other library with ``to_pandas``, or a one-dimensional array.
    time, value
        The columns to use; several columns for a time in parts, such as ``("year", "month", "day")``. Left
        out, they are found by names and cells, and the audit says which and what else there was; where two columns
        could be the value, an error names them.
    where
        The rows to use of a table that holds several series, such as ``{"STATION": "USC00381770"}``; several
        columns, or several values of one, as needed. Texts are compared as they stand, else as numbers (1 is 01 and
        1.0); ``"*"`` takes all rows as one series.
    unit
        The unit of the values, where the header does not tell or tells wrong.
    dayfirst
        Whether 01/02/2001 is the first of February. Needed only where no row settles it.
    decimal, thousands
        The marks in numbers, ``"."`` or ``","``. Needed only where the column does not settle them.
    separator
        The mark between columns, found by itself as a rule.
    na_values
        Further texts or numbers that mean missing, such as ``["ice", -1]``. ``"none"`` says that no number
        means missing unless it is named: not -999, nor 32767, nor 1e20.
    encoding
        The text encoding where it is neither UTF-8 nor UTF-16 nor Windows-1252, such as ``"cp850"``.
    sheet
        The sheet of a workbook; left out, the only one with a series.
    skip
        So many lines at the beginning of the text, or rows of the sheet, are not looked at.
    events
        Whether each row is an event of its own, as in a list of claims, and not the value of a series at its time:
        rows of equal time and value are then all kept, not one of them, and where no row is nothing is missing, so that
        all the time from the first to the last counts as observed; of dates that tell the year or the month only, to
        the end of the last one.
    beside
        Further columns that hold numbers, or true and false, for each value, such as the limit of a policy.

    Returns
    -------
    Record
        ``series`` is float64, without NaN, named by its column, in order of time. Its index is a DatetimeIndex
        without time zone (a file with one UTC offset keeps its clock, one with changing offsets is converted to UTC),
        a year standing for its first of January; without dates, the row's place counted from 0. ``audit`` has the
        counts and the rows dropped, merged or reinterpreted, with line, text and reason, and notes in plain words.

        ``lines`` says where each value stood, and ``beside`` has the columns asked for, on the index of the series.

        Missing values, rows without a date and ragged rows are dropped, never filled. Rows equal in time and value are
        merged, but of ``events``. Differing values at one time are all kept, as in a list of events, and noted.

    Raises
    ------
    DataError
        Where the data cannot be meant or can be meant in two ways; the message says what to do.
    ArgumentError
        For an unknown column or option.

    Examples
    --------
    >>> import io
    >>> record = read_series(io.StringIO("date,flow (m3/s)\\n2001-02-28,3.5\\n2001-03-01,\\n2001-03-02,4.1\\n"))
    >>> record.series.tolist(), record.audit.unit, record.audit.findings[0].line
    ([3.5, 4.1], 'm3/s', 3)
    """
    for name, given in (("unit", unit), ("separator", separator), ("encoding", encoding), ("sheet", sheet)):
        one_word(given, name)
    if dayfirst is not None:
        yes_or_no(dayfirst, "dayfirst")
    notation = Notation(decimal, thousands, _marks_of(na_values))
    time = time if time is None or isinstance(time, str) else words(time, "time")
    asked = _Asked(
        time, one_word(value, "value"), chosen_of(where), notation, tuple(dict.fromkeys(words(beside, "beside")))
    )
    found = _input(source, asked, separator, encoding, sheet, skip)
    found = found if unit is None else replace(found, unit=unit)
    return _record(found, notation, dayfirst, events=yes_or_no(events, "events"))


def _marks_of(na_values: Any) -> tuple[object, ...]:
    """The marks of missing values that are given, one or several."""
    if na_values is None or isinstance(na_values, str | int | float):
        return () if na_values is None else (na_values,)
    try:
        return tuple(na_values)
    except TypeError as cause:
        raise ArgumentError(
            Text(Setting("na_values"), f" is {na_values!r}"), "expected a mark, or several, such as -999."
        ) from cause


@contextmanager
def _named(source: str) -> Iterator[None]:
    """What is wrong with the columns is said of the file or table by name."""
    try:
        yield
    except DataError as error:
        raise error.about(source) from None


@dataclass(frozen=True)
class _Asked:
    """The columns and rows that were asked for, and how numbers are written."""

    time: str | Sequence[str] | None
    value: str | None
    chosen: Chosen
    notation: Notation
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Input:
    """The cells of the chosen columns with their ledger, before dates and numbers are understood."""

    table: Table
    ledger: Ledger
    columns: Columns
    unit: str | None
    chosen: Chosen
    others: Callable[[], pd.DataFrame]
    legend: tuple[str, ...] = ()
    sha256: str | None = None
    sheet: Sheet | None = None
    sections: Sections = field(default_factory=Sections)


def _input(
    source: Any, asked: _Asked, separator: str | None, encoding: str | None, sheet: str | None, skip: int
) -> _Input:
    if isinstance(source, pd.Series | pd.DataFrame | np.ndarray) or is_foreign(source):
        return _from_memory(source, asked)
    content = fetch(source)
    if is_workbook(content):
        return _from_text(without_lines(sheet_of(content, sheet), skip), SHEET_SEPARATOR, asked)
    if sheet is not None:
        raise ArgumentError(
            Text(both("sheet", sheet), f" belongs to an Excel workbook, and {content.name} is none"),
            "leave it out.",
        )
    if kind := format_by_magic(content.binary):
        return _from_file(content, kind, asked)
    return _from_text(without_lines(open_source(content, encoding), skip), separator, asked)


def _from_memory(data: Tabular, asked: _Asked, name: str = "the table") -> _Input:
    table, columns, unit = table_of(data, asked.time, asked.value, asked.chosen, name, asked.beside)
    ledger = Ledger(table)
    ledger.notes += columns.notes

    def others() -> pd.DataFrame:
        names = list(columns.others)
        return table.frame[names] if set(names) <= set(table.frame) else texts_of(data, names, asked.value)

    return _Input(table, ledger, columns, unit or unit_of(columns.value), asked.chosen, others)


def _from_file(content: Content, kind: Format, asked: _Asked) -> _Input:
    frame = read_frame(content, kind, asked.value)
    with _named(content.name):
        return replace(_from_memory(frame, asked, content.name), sha256=content.sha256)


def _from_text(source: Source, separator: str | None, asked: _Asked) -> _Input:
    layout = sniff(source, separator)
    sections, units = _sections(source, layout), layout.units or {}
    if sections.names and not layout.named:
        layout = layout.called(sections.names)
        asked = replace(asked, value=asked.value or sections.names[1])
    with _named(source.name):
        wide = find_wide(layout.sample, layout.named, asked.time, asked.value)
        if wide is None:
            columns = choose_columns(
                layout.sample, layout.head, asked.time, asked.value, asked.chosen, units, asked.beside
            )
            refuse_open_points(layout.sample[columns.value], asked.notation)
    if wide is None:
        table, ledger = read_cells(source, layout, columns, plain_points=asked.notation.has_points)
    else:
        table, ledger, columns = _unfolded(source, layout, wide, asked)
    ledger.notes += [*columns.notes, *source.notes, *layout.notes, *sections.notes]
    if not source.data.endswith(b"\n"):
        ledger.note("cut_short", where=table.where(-1))
    written = (layout.sample if wide is None else table.frame)[columns.value]
    told = units.get(columns.value) if wide is None else wide.unit
    return _Input(
        table,
        ledger,
        columns,
        told or unit_of(columns.value, layout.legend) or unit_beside(written),
        asked.chosen,
        partial(_further_columns, source, layout, table, columns),
        layout.legend,
        source.sha256,
        sheet=source.sheet,
        sections=sections,
    )


def _unfolded(source: Source, layout: Layout, wide: Wide, asked: _Asked) -> tuple[Table, Ledger, Columns]:
    """The cells of a wide table, one a row."""
    table, ledger = unfold(*read_texts(source, layout, wide.needed(layout.separator == BLANK)), wide)
    sample = table.frame[:_LOOKED_AT]
    with _named(source.name):
        columns = choose_columns(sample, sample, wide.time or None, wide.value, asked.chosen, beside=asked.beside)
        refuse_open_points(sample[columns.value], asked.notation)
    begins = columns.first_month or (wide.first_month if wide.first_month > 1 else None)
    return table, ledger, replace(columns, first_month=begins)


def _further_columns(source: Source, layout: Layout, table: Table, columns: Columns) -> pd.DataFrame:
    """The columns that are looked at only where rows of one time have to be told apart; of an unfolded table all are
    there.
    """
    if not set(columns.others) <= set(table.frame.columns):
        table = read_cells(source, layout, replace(columns, codes=(), keys=columns.others))[0]
    return table.frame[list(columns.others)]


def _sections(source: Source, layout: Layout) -> Sections:
    """What the sections of a text say, where it has any; a text of sections without dates holds no series."""
    sections = read_sections(layout.above)
    if not sections.headings:
        return sections
    if not layout.dated:
        raise DataError(
            f"{source.name} has the sections {', '.join(map(repr, sections.headings))}, none of which holds rows with "
            "dates",
            Text("pass the file that holds the series, or skip to its rows ", named("skip"), "."),
        )
    return read_sections(source.lines())


def _record(data: _Input, notation: Notation, dayfirst: bool | None, *, events: bool) -> Record:
    ledger = data.ledger
    chosen = _choose_rows(data)
    times = _times(data, dayfirst)
    values = _values(data, notation)
    if times is not None:
        drop_rejected(times, data.sections, ledger)
    rows = np.flatnonzero(ledger.alive)
    if not rows.size:
        raise _nothing_left(data)
    if times is None:
        index = _places(rows, chosen)
    else:
        _refuse_pooled(data, times, values)
        rows = in_order(rows, times, values, data.table, ledger, events=events)
        index = dated = times[rows].rename(data.columns.time[0])
        if not events:
            note_gaps(dated, ledger, leap_days=has_leap_days(data.columns.notes))
    series = pd.Series(values[rows], index=index, name=data.columns.value)
    qualifiers = _qualifiers(data, rows, index)
    if events and not data.columns.beside:
        ledger.notes += limits_beside(values[rows], rows, _not_chosen(data), notation)
    further = {name: values_beside(name, rows, data.table, notation) for name in data.columns.beside}
    beside = pd.DataFrame(further, index) if further else None
    signs = None if ledger.signs is None else pd.Series(ledger.signs[rows], index, dtype=object)
    return Record(series, _audit(data, len(series), qualifiers, signs), data.table.lines[rows], beside, events)


def _choose_rows(data: _Input) -> Mask:
    """The rows of the series that was asked for; refused where the table still holds several."""
    frame, ledger = data.table.frame, data.ledger
    rows = rows_chosen(frame, data.chosen)
    if data.chosen:
        if not rows.any():
            held = " and ".join(f"{name} = {' or '.join(wanted)}" for name, wanted in data.chosen.items())
            raise DataError(
                Text(f"{data.table.name}: no row holds {held} ", named("where")), "choose values that go together."
            )
        ledger.choose(rows)
        ledger.notes += _notes_on_rows(data)
    keys = [name for name in data.columns.keys if name not in data.chosen]
    with _named(data.table.name):
        refuse_varying(frame, keys, ledger.alive, data.chosen)
    return rows


def _places(rows: Places, chosen: Mask) -> pd.Index:
    """The places of the kept rows among those that were chosen, counted from 0."""
    return pd.RangeIndex(len(rows)) if len(rows) == chosen.sum() else pd.Index(np.cumsum(chosen)[rows] - 1)


def _notes_on_rows(data: _Input) -> Iterator[Note]:
    """Which rows were chosen, or that all were though a column splits the table."""
    picked = {name: wanted for name, wanted in data.chosen.items() if EVERY not in wanted}
    if picked:
        subject = " and ".join(f"{name} = {' or '.join(wanted)}" for name, wanted in picked.items())
        count = data.table.rows - data.ledger.not_chosen
        yield Note("rows_chosen", subject, count=count, rows=data.table.rows)
    if every := [name for name in data.chosen if name not in picked]:
        yield Note("every_row_chosen", " and ".join(every))


def _not_chosen(data: _Input) -> Table:
    """The columns that are neither times nor values nor marks of them."""
    keys = [name for name in data.columns.keys if name in data.table.frame]
    return replace(data.table, frame=data.table.frame[keys].join(data.others()))


def _refuse_pooled(data: _Input, times: pd.DatetimeIndex, values: Array) -> None:
    asked_together = any(len(wanted) > 1 or EVERY in wanted for wanted in data.chosen.values())
    if asked_together or not data.columns.others:
        return
    with _named(data.table.name):
        refuse_pooled(times, values, data.ledger.alive, data.others, data.chosen)


def _times(data: _Input, dayfirst: bool | None) -> pd.DatetimeIndex | None:
    """The timestamps of all rows, NaT where the row was dropped; None without dates."""
    frame, names = data.table.frame, data.columns.time
    if not names:
        return None
    cells = frame[names[0]] if len(names) == 1 else join_parts(frame, names)
    if cells.dtype.kind != "M":
        return parse_dates(cells, data.table, data.ledger, dayfirst)
    times = without_zone(pd.DatetimeIndex(cells), data.ledger)
    refuse_undated_rows(np.asarray(times.isna()), cells, data.table)
    data.ledger.drop(np.asarray(times.isna()), "missing date")
    return times


def _values(data: _Input, notation: Notation) -> Array:
    """The values of all rows, NaN where the row was dropped."""
    cells, name = data.table.frame[data.columns.value], data.columns.value
    if cells.dtype.kind == "f":
        values = cells.to_numpy()
        data.ledger.drop(np.isnan(values), MISSING)
    else:
        values = parse_values(cells, data.table, data.ledger, notation)
    drop_named(values, data.ledger, notation.missing)
    refuse_infinite(values, name, data.table, data.ledger)
    drop_marks(values, data.ledger, name, data.columns.mark, notation.no_marks)
    return values


def _nothing_left(data: _Input) -> DataError:
    reasons = ", ".join(f"{reason} ({count})" for (_, reason), count in data.ledger.counts().items())
    return DataError(
        f"column {data.columns.value!r} of {data.table.name} has no usable value in {data.table.rows} rows: {reasons}.",
        Text("Choose another value column ", named("value"), ", or correct the data."),
    )


def _qualifiers(data: _Input, rows: Places, index: pd.Index) -> pd.Series | None:
    """The codes of the kept rows; each distinct code is noted with what the comments say it means."""
    if not data.columns.codes:
        return None
    name = data.columns.codes[0]
    codes = pd.Series(data.table.frame[name].to_numpy(dtype=object)[rows], index, dtype=object, name=name)
    meanings = _meanings(data.legend, name)
    counts: Counter[str] = Counter()
    for text, count in codes[codes != ""].value_counts().items():
        counts.update(dict.fromkeys((part.strip() for part in str(text).split(",")), count))
    for code, count in counts.most_common():
        meaning = f": {meanings[code]}" if code in meanings else ""
        data.ledger.note("code_beside", name, code=code, count=count, rows=len(codes), meaning=meaning)
    return codes


def _meanings(legend: Sequence[str], name: str) -> dict[str, str]:
    """What the comments say below the heading that names the column: ``#   5 ... Discharge affected by ...``."""
    meanings: dict[str, str] = {}
    inside, code = False, ""
    for line in legend:
        if line.rstrip().endswith(":"):
            inside, code = f"({name})" in line, ""
        elif inside and (match := _CODE_MEANING.match(line)):
            code = match[1]
            meanings[code] = match[2]
        elif code and (match := _CONTINUED.match(line)):
            meanings[code] += f" {match[1]}"
    return meanings


def _audit(data: _Input, kept: int, qualifiers: pd.Series | None, signs: pd.Series | None) -> Audit:
    usual = _OCTOBER if data.columns.value == _USGS_PEAKS else None
    return Audit(
        source=data.table.name if data.sheet is None else data.sheet.file,
        rows_read=data.table.rows,
        rows_kept=kept,
        time_column=" + ".join(data.columns.time) or None,
        value_column=data.columns.value,
        unit=data.unit,
        findings=data.ledger.findings(),
        counts=data.ledger.counts(),
        notes=tuple(data.ledger.notes),
        qualifiers=qualifiers,
        signs=None if signs is None or not signs.ne("").any() else signs,
        place=data.table.place,
        sha256=data.sha256,
        not_chosen=data.ledger.not_chosen,
        sheet=None if data.sheet is None else data.sheet.name,
        first_month=data.sections.first_month or data.columns.first_month or usual,
    )
