"""From date texts to timestamps: one format for a column, no order of day and month guessed, no row lost in silence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evstats.arrays import Mask, Places
from evstats.errors import DataError
from evstats.reading.date_forms import (
    DAY_OF_YEAR_NAMES,
    DECIMAL,
    HYDROLOGICAL,
    QUARTER,
    YEAR,
    ZONE,
    Serial,
    digit_form,
    ending_year,
    format_of,
    is_hydrological,
    is_pair,
    is_two_digit_year,
    is_year,
    serial_of,
    swapped,
)
from evstats.reading.ledger import Ledger
from evstats.reading.months import english
from evstats.reading.table import Table, numbers_of, too_many
from evstats.text.arguments import Setting, Text, both, named

_MONTHS_OF_A_YEAR = {"%Y-%m", "%Y/%m"}
_ENDING_ZONE = re.compile(rf"{ZONE}$")
_FLOAT_YEAR = re.compile(r"(\d+)\.0+$")
_WEEK = re.compile(r"(\d{4})-?(W\d{2})-?([1-7]?)")
_QUARTER = re.compile(r"(?P<year>\d{4})?[ -]?Q(?P<quarter>[1-4])[ -]?(?P<later>\d{4})?")
_MISSING = frozenset({"", "na", "n/a", "nan", "nat", "null", "none", ".", "-"})
_TWO_DIGIT_YEAR = "%y"
_FIRST_DAY = np.datetime64("0001-01-01", "s")
_CONVENTIONS = [
    (re.compile(r"\b24(?=:?00(?::00(?:\.0+)?)?$)"), "00", 1, "24:00 read as 00:00 of the next day"),
    (re.compile(r"(?<=\d{4}-\d\d)-00$"), "-01", 0, "day 00 (unknown) read as the first of the month"),
]


def moments(texts: Sequence[str]) -> NDArray[np.datetime64]:
    """The times of single dates, NaT for what is none; the day is taken to come before the month."""
    cells = pd.Series(list(texts), dtype=object)
    times = np.full(len(cells), np.datetime64("NaT", "us"), dtype="datetime64[us]")
    for form, alike in cells.groupby(cells.map(format_of)):
        times[alike.index] = _parsed(alike, str(form))
    return times


def parse_dates(cells: pd.Series, table: Table, ledger: Ledger, dayfirst: bool | None) -> pd.DatetimeIndex:
    """The timestamps of a text column, NaT where a row was dropped; every such row is in the ledger.

    Raises DataError where the order of day and month is open, formats are mixed, or too many cells are no dates.
    """
    missing = cells.str.lower().isin(_MISSING).to_numpy()
    refuse_undated_rows(missing & ledger.alive, cells, table)
    ledger.drop(missing, "missing date")
    present = ledger.alive.copy()
    if present.any() and all(map(_FLOAT_YEAR.fullmatch, cells[present].iloc[:20])):
        cells = cells.str.replace(_FLOAT_YEAR, r"\1", regex=True)
    if (serial := serial_of(cells[present])) is not None:
        return _from_serials(cells.where(present, ""), serial, table, ledger)
    form = _main_format(cells[present], table, ledger)
    form = _ordered(form, cells, present, table, ledger, dayfirst)
    times = _parsed(cells.where(present, ""), form)
    failed = present & np.isnat(times)
    if failed.any():
        _second_look(times, cells, failed, form, table, ledger)
    if "%z" in form:
        return _on_one_clock(times, cells, ledger)
    return pd.DatetimeIndex(times)


def _from_serials(cells: pd.Series, serial: Serial, table: Table, ledger: Ledger) -> pd.DatetimeIndex:
    row = int(np.flatnonzero((cells != "").to_numpy())[0])
    numbers = numbers_of(cells)
    times = pd.DatetimeIndex(pd.to_datetime(pd.Series(numbers), unit=serial.unit, origin=serial.origin)).round("ms")
    said = {"kind": serial.label, "where": table.where(row), "cell": cells[row], "time": str(times[row])}
    ledger.note("day_numbers", str(cells.name), **said)
    return times


def join_parts(frame: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """One date text per row from separate columns: date and time of day, or year, month, day, hour and minute."""
    first, *rest = (frame[name].astype(str).str.replace(r"\.0+$", "", regex=True) for name in names)
    if not first.map(format_of).isin([YEAR, None]).all():
        clock = rest[0].where(~rest[0].str.fullmatch(r"\d{1,2}"), rest[0] + ":00")
        return (first + " " + clock).str.strip().rename(" + ".join(names))
    if names[1].lower() in DAY_OF_YEAR_NAMES:
        return (first + "-" + rest[0].str.zfill(3)).rename(" + ".join(names))
    text = first
    for part in rest[:2]:
        text = text + "-" + part
    if len(rest) > 2:
        text = text + " " + rest[2] + ":" + (rest[3].str.zfill(2) if len(rest) > 3 else "00")
    return text.rename(" + ".join(names))


def _main_format(cells: pd.Series, table: Table, ledger: Ledger) -> str:
    sample = pd.concat([cells.iloc[:200], cells.iloc[:: max(1, len(cells) // 200)]])
    known = Counter(form for form in map(format_of, sample) if form)
    if not known and (form := digit_form(sorted(set(sample)))):
        known[form] += 1
    if not known and len(cells) and all(map(is_two_digit_year, sample)):
        raise _open_century(cells, int(cells.index[0]), table)
    if not known:
        row = int(cells.index[0]) if len(cells) else 0
        raise DataError(
            f"column {cells.name!r} holds no dates: {table.where(row)} has {cells.get(row, '')!r}.",
            Text("Write dates like 2001-02-28, or choose another time column ", named("time"), "."),
        )
    form = known.most_common(1)[0][0]
    if _TWO_DIGIT_YEAR in form:
        raise _open_century(cells, int(cells.index[int((cells.map(format_of) == form).to_numpy().argmax())]), table)
    pairs = HYDROLOGICAL in known or all(map(is_hydrological, sample))
    if pairs and form in (HYDROLOGICAL, *_MONTHS_OF_A_YEAR):
        return _hydrological(form, cells, table, ledger)
    return form


def _open_century(cells: pd.Series, row: int, table: Table) -> DataError:
    return DataError(
        f"column {cells.name!r} has years of two digits ({table.where(row)}: {cells[row]!r}), so the century is open",
        "write them with four digits.",
    )


def _hydrological(form: str, cells: pd.Series, table: Table, ledger: Ledger) -> str:
    """The form of a column of pairs of years.

    Pairs such as 2000-01 may be months: then a person would expect 2000-02 next, and months never lie 13 apart; with a
    pair or two nothing is settled.
    """
    months = form in _MONTHS_OF_A_YEAR and not all(map(is_hydrological, cells))
    row = int(cells.index.to_numpy()[cells.map(is_pair).to_numpy(dtype=bool).argmax()])
    if months or (form in _MONTHS_OF_A_YEAR and cells.nunique() < 3):
        raise DataError(
            f"column {cells.name!r} has {cells[row]!r} in {table.where(row)}, which may be a month or a hydrological "
            "year",
            "write months as 2000-01-01 and hydrological years as 2000/2001.",
        )
    ledger.note("hydrological_years", str(cells.name), cell=cells[row], year=ending_year(cells[row]))
    return HYDROLOGICAL


def _ordered(form: str, cells: pd.Series, present: Mask, table: Table, ledger: Ledger, dayfirst: bool | None) -> str:
    """The format with day and month in the order that was asked for or that a row above 12 settles."""
    other = swapped(form)
    if other is None:
        return form
    texts = cells.where(present, "")
    as_day, as_month = (~np.isnat(_parsed(texts, order)) for order in (form, other))
    only_day, only_month = np.flatnonzero(as_day & ~as_month), np.flatnonzero(as_month & ~as_day)
    if only_day.size and only_month.size:
        raise _mixed(table, cells, int(only_day[0]), int(only_month[0]))
    if dayfirst is None:
        dayfirst = _settled(only_day, only_month, cells, table, ledger)
    contradicting = only_month if dayfirst else only_day
    if contradicting.size:
        row = int(contradicting[0])
        raise DataError(
            Text(
                f"{table.where(row)} has {cells[row]!r}, which has no such month with ", Setting("dayfirst", dayfirst)
            ),
            Text("read it with ", both("dayfirst", not dayfirst), "."),
        )
    return form if dayfirst else other


def _settled(only_day: Places, only_month: Places, cells: pd.Series, table: Table, ledger: Ledger) -> bool:
    deciding = only_day if only_day.size else only_month
    if not deciding.size:
        row = int(np.flatnonzero(ledger.alive & (cells != "").to_numpy())[0])
        raise DataError(
            f"day and month cannot be told apart in column {cells.name!r}: {table.where(row)} has {cells[row]!r} and "
            "no row has a day above 12.",
            Text("Say which comes first: ", both("dayfirst", True), " or ", both("dayfirst", False), "."),
        )
    row, first = int(deciding[0]), "day" if only_day.size else "month"
    ledger.note("order_of_days", first, where=table.where(row), cell=cells[row])
    return bool(only_day.size)


def _mixed(table: Table, cells: pd.Series, one: int, other: int) -> DataError:
    one, other = sorted((one, other))
    return DataError(
        f"column {cells.name!r} mixes date formats: {table.where(one)} has {cells[one]!r}, {table.where(other)} has "
        f"{cells[other]!r}.",
        "Write all dates in one format, best like 2001-02-28.",
    )


def _parsed(cells: pd.Series, form: str) -> NDArray[np.datetime64]:
    """Naive times (in UTC where the format has an offset), NaT where the text does not fit."""
    if "%z" in form:
        cells = cells.str.replace(r"\s*(?:Z|UTC|GMT)$", "+00:00", regex=True)
        cells = cells.str.replace(r"\s*([+-]\d{2})$", r"\1:00", regex=True)
        cells = cells.str.replace(r"\s+(?=[+-]\d\d:?\d\d$)", "", regex=True)
        return (
            pd.DatetimeIndex(pd.to_datetime(cells, format=form, errors="coerce", utc=True))
            .tz_localize(None)
            .values.copy()
        )
    if form == HYDROLOGICAL:
        cells, form = cells.map(lambda text: str(ending_year(text)) if is_pair(text) else ""), YEAR
    if form == DECIMAL:
        return _from_decimal_years(cells)
    if "%G" in form:
        cells = cells.str.replace(_WEEK, lambda week: f"{week[1]}-{week[2]}-{week[3] or 1}", regex=True)
    if form == QUARTER:
        cells, form = cells.str.replace(_QUARTER, _first_month, regex=True), "%Y-%m"
    if "%b" in form:
        cells = cells.map(english)
    times = pd.DatetimeIndex(pd.to_datetime(cells, format=form, errors="coerce")).values.copy()
    times[times.astype("datetime64[s]") < _FIRST_DAY] = np.datetime64("NaT", "us")  # pandas reads "-1905" as a year
    return times


def _first_month(quarter: re.Match[str]) -> str:
    return f"{quarter['year'] or quarter['later']}-{3 * int(quarter['quarter']) - 2:02d}"


def _from_decimal_years(cells: pd.Series) -> NDArray[np.datetime64]:
    """Timestamps of decimal years, put on the calendar where their steps are years, months or days.

    A month or day may be told by its beginning or its middle, rounded: either lies within it.
    """
    numbers = numbers_of(cells)
    known = np.flatnonzero(~np.isnan(numbers))
    years = np.floor(numbers[known]).astype(np.int64)
    starts, ends = ((years - first).astype("datetime64[Y]").astype("datetime64[D]") for first in (1970, 1969))
    days = (ends - starts).astype(np.int64)
    fraction = numbers[known] - years + 0.5 * 10.0 ** -cells.str.extract(r"\.(\d+)$")[0].str.len().max()
    step = np.median(np.diff(np.unique(numbers[known])))
    times = np.full(len(cells), np.datetime64("NaT", "s"), dtype="datetime64[s]")
    if step > 0.9:
        times[known] = starts
    elif abs(12 * step - 1) < 0.2:
        times[known] = starts.astype("datetime64[M]") + np.minimum(12 * fraction, 11).astype("timedelta64[M]")
    elif abs(365 * step - 1) < 0.2:
        times[known] = starts + np.minimum(days * fraction, days - 1).astype("timedelta64[D]")
    else:
        times[known] = starts + np.round(86_400 * days * fraction).astype("timedelta64[s]")
    return times


def _second_look(
    times: NDArray[np.datetime64], cells: pd.Series, failed: Mask, form: str, table: Table, ledger: Ledger
) -> None:
    """Fill in times for rows in a sister format (a date without its midnight, 24:00); drop or refuse the others."""
    _reinterpret(times, cells, failed, form, ledger)
    rest = cells[failed & np.isnat(times)]
    forms = {text: format_of(text) for text in rest.unique()}
    for sister in sorted({f for f in forms.values() if f and _sisters(f, form)}):
        alike = rest[rest.map(forms) == sister]
        times[alike.index.to_numpy()] = _parsed(alike, _date_part(form) + sister[len(_date_part(sister)) :])
        ledger.note("precision_of_dates", count=len(alike), cell=alike.iloc[0])
    lost = cells[failed & np.isnat(times)]
    foreign = {text for text, own in forms.items() if own not in (None, form) and not _sisters(own, form)}
    strange = [row for row, text in zip(lost.index, lost, strict=True) if text in foreign]
    if strange:
        usual = np.setdiff1d(np.flatnonzero(cells != ""), strange)
        raise _mixed(table, cells, int(strange[0]), int(usual[0]))
    _drop_unreadable(lost, forms, cells, table, ledger)


def refuse_undated_rows(missing: Mask, cells: pd.Series, table: Table) -> None:
    """A date that stands once for many rows, as in merged cells, belongs to each of them."""
    rows = np.flatnonzero(missing)
    if 5 * rows.size <= len(cells) or rows.size <= 3:
        return
    looked_at = rows[:: max(1, rows.size // 100)]
    if 2 * sum(any(map(str.isdigit, table.texts[row])) for row in looked_at) > looked_at.size:
        raise DataError(
            f"column {cells.name!r} has no date in {rows.size} of {len(cells)} rows, the first in "
            f"{table.where(int(rows[0]))} ({table.texts[int(rows[0])]!r}).",
            Text.of(
                "Where one date stands for the rows below it, write it into each of them; else name another time "
                "column {}.",
                named("time"),
            ),
        )


def _refuse_second_table(lost: pd.Series, cells: pd.Series, table: Table) -> None:
    """A row that begins like the header and goes on otherwise is the header of another table."""
    for row in lost.index[lost == cells.name]:
        text = table.texts[int(row)]
        others = [name for name in table.frame.columns if name not in text]
        if others:
            raise DataError(
                f"{table.where(int(row))} ({text!r}) is the header of another table, in which {others[0]!r} does not "
                "stand.",
                "Write each table into a file of its own.",
            )


def _drop_unreadable(
    lost: pd.Series, forms: dict[str, str | None], cells: pd.Series, table: Table, ledger: Ledger
) -> None:
    if lost.empty:
        return
    _refuse_second_table(lost, cells, table)
    yearly = 2 * cells.map(is_year).sum() > len(cells)  # each row is a block
    if too_many(len(lost), int((cells != "").sum())) or (yearly and len(lost) > max(2, len(cells) // 20)):
        row = int(lost.index[0])
        raise DataError(
            f"column {cells.name!r} holds {len(lost)} cells that are no dates, the first in {table.where(row)}: "
            f"{lost.iloc[0]!r}.",
            Text("Correct them, or choose another time column ", named("time"), "."),
        )
    shaped = lost.map(lambda text: forms[text] is not None).astype(bool)
    ledger.drop(lost.index[shaped].to_numpy(), "date does not exist")
    ledger.drop(lost.index[~shaped].to_numpy(), "not a date")


def _reinterpret(times: NDArray[np.datetime64], cells: pd.Series, failed: Mask, form: str, ledger: Ledger) -> None:
    """Conventions of the field that are no dates as they stand."""
    for pattern, replacement, shift, reason in _CONVENTIONS:
        rows = failed & cells.str.contains(pattern).to_numpy(dtype=bool)
        if rows.any():
            texts = cells[rows].str.replace(pattern, replacement, regex=True)
            times[rows] = _parsed(texts, form) + np.timedelta64(shift, "D")
            ledger.reinterpret(rows & ~np.isnat(times), reason)


def _date_part(form: str) -> str:
    return re.split(r"[ T_,:-]*%[HI]", form)[0]


def _sisters(one: str, other: str) -> bool:
    """Whether two forms write the date alike, but for the order of day and month, and neither or both the zone."""
    one_date, other_date = (_date_part(form).replace("%m", "%d") for form in (one, other))
    return one != other and one_date == other_date and ("%z" in one) == ("%z" in other)


def _on_one_clock(times: NDArray[np.datetime64], cells: pd.Series, ledger: Ledger) -> pd.DatetimeIndex:
    """The clock of the file where one offset holds throughout, UTC where offsets change."""
    offsets = _offsets(cells[~np.isnat(times)])
    if len(offsets) > 1:
        ledger.note("changing_offsets", ", ".join(offsets))
        return pd.DatetimeIndex(times)
    (name,) = offsets
    shift = pd.Timestamp(f"2000-01-01T00:00{name}").utcoffset() or pd.Timedelta(0)
    ledger.note("one_offset", name)
    return pd.DatetimeIndex(times) + shift


def without_zone(times: pd.DatetimeIndex, ledger: Ledger) -> pd.DatetimeIndex:
    """The same for timestamps that are aware of a time zone: its clock, or UTC where an hour of that comes twice."""
    if times.tz is None:
        return times
    utc, local = times.tz_convert("UTC").tz_localize(None), times.tz_localize(None)
    if len(local.dropna().unique()) < len(utc.dropna().unique()):
        ledger.note("changing_zone", str(times.tz))
        return utc
    ledger.note("one_zone", str(times.tz))
    return local


def _offsets(cells: Iterable[str]) -> list[str]:
    found = {match.group().strip() for text in cells if (match := _ENDING_ZONE.search(text))}
    named = {"Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00"}
    full = {named.get(name, name if len(name) > 3 else name + ":00") for name in found}
    return sorted({name if ":" in name else f"{name[:3]}:{name[3:]}" for name in full})
