"""Which column holds the time and which the value: as asked for, else guessed from names and cells and reported."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from evstats.errors import ArgumentError, DataError, unknown_name
from evstats.series.dates import DAY_OF_YEAR_NAMES, YEAR, form_of_column, format_of, serial_of
from evstats.series.values import MISSING_MARKS, looks_numeric

_DATE_NAME = re.compile(r"(?<![a-z])(date|datetime|time|timestamp|datum|zeit|fecha|jour|peak_dt|dt)(?![a-z])")
_CODE_NAME = re.compile(r"_cd$|^q_|(?<![a-z])(code|codes|flag|flags|qual|qualifier|qualifiers|quality|qc)(?![a-z])")
_LABEL_NAME = re.compile(
    r"(?<![a-z])(id|no|nr|site|station|agency|gauge_id|lat|latitude|lon|longitude|elevation|index|row|year|yr|month|day|"
    r"doy|hour|minute|unnamed)(?![a-z])"
)
_PARTS = (
    {"year", "yr", "yyyy", "yy", "jahr"},
    {"month", "mon", "mo", "mm", "monat"},
    {"day", "dy", "dd", "tag"},
    {"hour", "hr", "hh"},
    {"minute", "min", "mn", "mm"},
)
_CLOCK_NAME = re.compile(r"(?<![a-z])(time|tm|hour|hr|hh|zeit|uhrzeit|stunde|heure|hora|ora|clock)(?![a-z])")
_YEAR_NAME = re.compile(r"(?<![a-z])(year|yr|jahr|wy|water_year)(?![a-z])")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?( [AaPp][Mm])?")
_HOUR = re.compile(r"[01]?\d|2[0-4]|(?:[01]\d|2[0-4])[0-5]\d")


@dataclass(frozen=True)
class Columns:
    """The chosen columns: none, one or several for the time, one value, the codes that qualify it."""

    time: tuple[str, ...]
    value: str
    codes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def choose_columns(
    sample: pd.DataFrame, head: pd.DataFrame, time: str | Sequence[str] | None, value: str | None
) -> Columns:
    """Choose by option, else by name and content; ``sample`` holds cells from all over the table, as text."""
    known = list(sample.columns)
    asked = (time,) if isinstance(time, str) else tuple(time or ())
    for name in (*asked, *([] if value is None else [value])):
        if name not in known:
            raise unknown_name("column", name, known)
    if value in asked:
        raise ArgumentError(f"time and value are both {value!r}; choose two columns.")
    times = asked or _guess_time(sample, value)
    notes = [] if asked else [_time_note(times, sample)]
    if value is None:
        value, note = _guess_value(sample, head, times)
        notes.append(note)
    return Columns(times, value, _codes(known, value), tuple(notes))


def _time_note(times: Sequence[str], sample: pd.DataFrame) -> str:
    if not times:
        why = _no_years(sample)
        return f"{_UNDATED}{f' ({why})' if why else ''}; the values are taken in the order of the rows."
    others = [name for name in _dated(sample) if name not in times]
    also = f"; dates stand also in {_listed(others)}" if others else ""
    return f"Time is taken from {_listed(times)}{also}."


_UNDATED = "No column holds dates"


def why_undated(notes: Sequence[str]) -> str:
    """Why a series has no dates, in a few words, as the notes of its audit tell."""
    said = next((note for note in notes if note.startswith(_UNDATED)), "")
    return said.removeprefix(_UNDATED).partition(";")[0].strip(" ()") or "no date column"


def _no_years(sample: pd.DataFrame) -> str | None:
    """The first column called a year that holds none."""
    for name in sample.columns:
        texts = _filled(sample[name])
        if texts and _YEAR_NAME.search(name.lower()) and all(map(looks_numeric, texts)):
            strange = next((text for text in texts if not _is_year(text)), None)
            return strange and f"{name!r} has {strange!r}, and years are read from 1500 to 2200"
    return None


def _is_year(text: str) -> bool:
    return format_of(text.removesuffix(".0")) == YEAR


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:12])
    return shown + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def _guess_time(sample: pd.DataFrame, value: str | None) -> tuple[str, ...]:
    sample = sample.drop(columns=[] if value is None else [value])
    dated = list(_dated(sample))
    named = [name for name in dated if _DATE_NAME.search(name.lower())]
    if dated:
        date = (named or dated)[0]
        clock = _clock(sample, date)
        return (date, clock) if clock else (date,)
    if parts := _parts(sample):
        return parts
    for name in sample.columns:
        if _DATE_NAME.search(name.lower()) and serial_of(_filled(sample[name])):
            return (name,)
    if years := _year_column(sample, alone=value is None and sample.shape[1] == 1):
        return (years,)
    _refuse_unreadable(sample)
    return ()


def _filled(cells: pd.Series) -> list[str]:
    return [text for text in cells if text.lower() not in MISSING_MARKS]


def _dated(sample: pd.DataFrame) -> Iterator[str]:
    """Columns most of whose cells are dates; bare digits count under a date's name, in the first place or in order."""
    for place, name in enumerate(sample.columns):
        if form_of_column(_filled(sample[name]), trusted=place == 0 or bool(_DATE_NAME.search(name.lower()))):
            yield name


def _clock(sample: pd.DataFrame, date: str) -> str | None:
    """A column of times of day beside a column of dates without them, if it is filled throughout."""
    if any(":" in text for text in sample[date]):
        return None
    for name in sample.columns.drop(date):
        called = bool(_CLOCK_NAME.search(name.lower()))
        if all(_CLOCK.fullmatch(text) or (called and _HOUR.fullmatch(text)) for text in sample[name]):
            return str(name)
    return None


def _parts(sample: pd.DataFrame) -> tuple[str, ...]:
    """Separate columns for year, month, day, hour and minute, or year and day of the year."""
    lowered = [name.lower().strip("# ") for name in sample.columns]
    found: list[str | None] = []
    for known in _PARTS:
        free = (name for name, low in zip(sample.columns, lowered, strict=True) if low in known and name not in found)
        found.append(next(free, None))
    day_of_year = next((name for name in sample.columns if name.lower() in DAY_OF_YEAR_NAMES), None)
    if found[0] is None:
        return ()
    if found[1] is None:
        return (found[0], day_of_year) if day_of_year else ()
    complete = found[: found.index(None)] if None in found else found
    return tuple(name for name in complete if name is not None)


def _year_column(sample: pd.DataFrame, alone: bool) -> str | None:
    """A column that is called so and holds years for the most part, or a first column of rising years beside others."""
    for name in sample.columns:
        texts = _filled(sample[name])
        years = [int(float(text)) for text in texts if _is_year(text)]
        whole = len(years) == len(texts) > 0
        if (whole and _DATE_NAME.search(name.lower())) or (
            2 * len(years) > len(texts) and _YEAR_NAME.search(name.lower())
        ):
            return str(name)
        rising = whole and len(years) > 1 and all(a < b for a, b in pairwise(years))
        if rising and name == sample.columns[0] and not alone:
            return str(name)
    return None


def _refuse_unreadable(sample: pd.DataFrame) -> None:
    """A column called date whose texts are no dates is not a series without dates."""
    for name in sample.columns:
        texts = _filled(sample[name])
        strange = [text for text in texts if not looks_numeric(text)]
        if _DATE_NAME.search(name.lower()) and 2 * len(strange) > len(texts):
            raise DataError(
                f"column {name!r} holds {strange[0]!r}, which is not a date in any known format. Write dates like "
                "2001-02-28, or name another time column (time=, --time)."
            )


def _guess_value(sample: pd.DataFrame, head: pd.DataFrame, times: Sequence[str]) -> tuple[str, str]:
    """The first well-filled column of numbers that is neither a label, a code nor a counter, nor always the same."""
    counts = {name: _numeric_cells(sample[name]) for name in sample.columns if name not in times}
    numeric = [name for name, count in counts.items() if count]
    named = [name for name in numeric if not _is_label(name, head[name])] or numeric
    pool = [name for name in named if len(set(_filled(sample[name]))) > 1] or named
    if not pool:
        raise _no_numbers(sample, times)
    fullest = max(counts[name] for name in pool)
    chosen = next(name for name in pool if 2 * counts[name] >= fullest)
    others = [name for name in pool if name != chosen]
    also = f"; other numeric columns: {_listed(others)}" if others else ""
    return chosen, f"The value is taken from {chosen!r}{also}."


def _numeric_cells(cells: pd.Series) -> int:
    """The number of numbers in a column, 0 where most filled cells are something else."""
    filled = _filled(cells)
    numbers = sum(map(looks_numeric, filled))
    return numbers if 2 * numbers > len(filled) else 0


def _is_label(name: str, cells: pd.Series) -> bool:
    lowered = name.lower()
    return bool(_LABEL_NAME.search(lowered) or _CODE_NAME.search(lowered)) or _counts_or_names(list(cells))


def _counts_or_names(cells: Sequence[str]) -> bool:
    """Whether the cells count 1, 2, 3 ... or are station numbers such as 01594440."""
    if len(cells) < 2 or not all(text.isdigit() for text in cells):
        return False
    counter = int(cells[0]) <= 1 and all(int(b) - int(a) == 1 for a, b in pairwise(cells))
    return counter or all(len(text) > 1 and text.startswith("0") for text in cells)


def _no_numbers(sample: pd.DataFrame, times: Sequence[str]) -> DataError:
    rest = [name for name in sample.columns if name not in times]
    if not rest:
        return DataError(f"there is no value column beside the time column {_listed(times)}; add one.")
    empty = [name for name in rest if not _filled(sample[name])]
    if empty:
        return DataError(
            f"there is no numeric column: every cell of {_listed(empty)} is empty or marked missing. Check the file, "
            "or name the value column (value=, --value)."
        )
    cell = _filled(sample[rest[0]])[0]
    return DataError(
        f"there is no numeric column: the columns are {_listed(list(sample.columns))}, and {rest[0]!r} holds {cell!r}. "
        "Check the separator and the decimal mark, or name the value column (value=, --value)."
    )


def _codes(known: Sequence[str], value: str) -> tuple[str, ...]:
    """The column of qualification codes that belongs to the value: ``peak_cd`` beside ``peak_va``, or ``flag``."""
    stem = value.lower().removesuffix("_va")
    own = [name for name in known if name.lower() in {f"{stem}_cd", f"{value.lower()}_cd", f"{stem}_flag"}]
    following = list(known)[list(known).index(value) + 1 :][:1]
    return tuple(own or [name for name in following if _CODE_NAME.search(name.lower())])
