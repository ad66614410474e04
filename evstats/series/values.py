"""From number texts to float64: missing marks, decimal commas, thousands, currency signs, sentinels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evstats.errors import ArgumentError, DataError
from evstats.series.ledger import Ledger, Mask
from evstats.series.table import Table, too_many

MISSING = "missing value"
_TRACE = "trace amount (T), not a number"
MISSING_MARKS = {"": MISSING} | {
    mark: f"{MISSING}, marked {mark.upper()!r}"
    for mark in (
        ".",
        "..",
        "-",
        "--",
        "---",
        "na",
        "n/a",
        "#n/a",
        "nan",
        "null",
        "none",
        "nil",
        "m",
        "missing",
        "?",
        "*",
    )
}
MISSING_MARKS |= {"t": _TRACE, "trace": _TRACE}
SENTINELS = (-99.0, -99.9, -99.99, -999.0, -999.9, -999.99, -9999.0, -9999.9, -9999.99, -99999.0, -999999.0)
_HIGH_SENTINELS = (99.0, 99.9, 99.99, 999.0, 999.9, 999.99, 9999.0, 9999.9, 9999.99, 99999.0, 999999.0)

_CENSORED = {
    ">": "not a number but greater than one ('>'), so the largest values may be among them",
    "<": "not a number but less than one ('<'), so the smallest values may be among them",
}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_MONEY = re.compile(r"^([+-]?)\s*(?:[$€£¥]|USD|EUR|GBP)\s*|\s*(?:[$€£¥%]|USD|EUR|GBP)$")
_BLANK_GROUPS = re.compile(r"(?<=\d)[ '\u00a0\u202f’](?=\d{3}(?!\d))")
_WITH_COMMA = re.compile(r"[+-]?[\d.,]*,[\d.,]*([eE][+-]?\d+)?")
_IS_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}((,\d{3})+\.\d*|(,\d{3}){2,})")
_IS_DECIMAL = re.compile(r"[+-]?(\d*,(\d{0,2}|\d{4,})|0\d*,\d+|\d{4,},\d+|\d{1,3}(\.\d{3})+,\d*)([eE][+-]?\d+)?")
_POINT_GROUPS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?")
_COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}(,\d{3})*(\.\d*)?")


@dataclass(frozen=True)
class Notation:
    """How numbers are written: the decimal and thousands marks where they were asked for, further missing marks."""

    decimal: str | None = None
    thousands: str | None = None
    missing: tuple[object, ...] = ()

    def __post_init__(self) -> None:
        for mark, known in ((self.decimal, ".,"), (self.thousands, ".,' ")):
            if mark is not None and (len(mark) != 1 or mark not in known):
                raise ArgumentError(f"a mark in numbers must be '.' or ',', got {mark!r}.")
        if self.decimal is not None and self.decimal == self.thousands:
            raise ArgumentError(f"decimal and thousands cannot both be {self.decimal!r}.")

    @property
    def asked(self) -> tuple[str, str | None] | None:
        """Both marks, where one of them settles the other; None where nothing was asked."""
        if self.decimal is None and self.thousands is None:
            return None
        decimal = self.decimal or ("," if self.thousands == "." else ".")
        return decimal, self.thousands or {",": ".", ".": ","}[decimal]

    @property
    def has_points(self) -> bool:
        """Whether plain numbers with a decimal point can be taken as they stand."""
        return self.asked is None or (self.asked[0] == "." and self.thousands is None)


@lru_cache(maxsize=4096)
def looks_numeric(text: str) -> bool:
    """Whether a cell is a number in any of the notations that are read."""
    plain = _plain(text)
    if _INFINITE.fullmatch(plain):
        return True
    return bool(_NUMBER.fullmatch(plain) or _WITH_COMMA.fullmatch(plain)) and any(c.isdigit() for c in plain)


def parse_values(
    cells: pd.Series,
    table: Table,
    ledger: Ledger,
    notation: Notation,
) -> NDArray[np.float64]:
    """The numbers of a text column, NaN where a row was dropped; every such row is in the ledger.

    Raises DataError for infinite numbers, commas that can be read two ways, or too many cells that are no numbers.
    """
    marks = MISSING_MARKS | {str(mark).strip().lower(): f"{MISSING}, marked {str(mark)!r}" for mark in notation.missing}
    lowered = cells.str.lower()
    missing = lowered.isin(marks.keys()).to_numpy()
    for mark in lowered[missing].unique():
        ledger.drop((lowered == mark).to_numpy(), marks[mark])
    open_cells = cells.where(ledger.alive, "")
    values = _numbers(open_cells, table, ledger, notation)
    _drop_bad_text(values, open_cells, table, ledger)
    return values


_HUGE = re.compile(r"[+-]?\d+\.?\d*[eE]\+?\d{3,}")


def _numbers(cells: pd.Series, table: Table, ledger: Ledger, notation: Notation) -> NDArray[np.float64]:
    values = _to_float(cells)
    failed = np.isnan(values) & (cells != "").to_numpy()
    if not failed.any() and notation.has_points:
        return values
    plain = cells.where(~failed, cells.map(_plain))
    _report_signs(cells, plain, failed, ledger)
    decimal, thousands = _marks(plain, table, ledger, notation)
    return _to_float(_with_points(plain, decimal, thousands))


def _to_float(cells: pd.Series) -> NDArray[np.float64]:
    values = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, copy=True)
    unread = np.flatnonzero(np.isnan(values))
    huge = unread[cells.iloc[unread].str.fullmatch(_HUGE).to_numpy(dtype=bool)]
    values[huge] = [float(text) for text in cells.iloc[huge]]  # pandas 2 has no number for 1e400
    return values


def _plain(text: str) -> str:
    return _BLANK_GROUPS.sub("", _MONEY.sub(r"\1", text)).replace("\u2212", "-").strip()


def _report_signs(cells: pd.Series, plain: pd.Series, failed: Mask, ledger: Ledger) -> None:
    changed = np.flatnonzero(failed & (cells != plain).to_numpy() & plain.map(looks_numeric).to_numpy(dtype=bool))
    if changed.size:
        row = changed[0]
        ledger.note(
            f"Currency or percent signs and blanks were left out of {changed.size} values, such as {cells[row]!r}."
        )


def _marks(cells: pd.Series, table: Table, ledger: Ledger, notation: Notation) -> tuple[str, str | None]:
    """The decimal and the thousands mark: as asked for, else as the column itself settles it, else an error."""
    if notation.asked is not None:
        return notation.asked
    commas = cells[cells.map(lambda text: bool(_WITH_COMMA.fullmatch(text)))]
    if commas.empty:
        return ".", None
    points = cells[cells.map(lambda text: "." in text and bool(_NUMBER.fullmatch(text)))]
    grouped = commas[commas.map(lambda text: bool(_IS_THOUSANDS.fullmatch(text)))]
    settled = commas[commas.map(lambda text: bool(_IS_DECIMAL.fullmatch(text)))]
    if not settled.empty and not (grouped.empty and points.empty):
        raise _mixed_marks(settled, points if grouped.empty else grouped, table)
    if not settled.empty:
        ledger.note(f"The comma is read as the decimal mark, as {table.where(settled.index[0])} shows.")
        return ",", "."
    if not (grouped.empty and points.empty):
        ledger.note(f"The comma is read as a thousands mark in {len(commas)} values, such as {commas.iloc[0]!r}.")
        return ".", ","
    raise DataError(
        f"column {cells.name!r} has {commas.iloc[0]!r} in {table.where(commas.index[0])}, where the comma may be a "
        "decimal or a thousands mark. Say which: decimal=',' (--decimal ,) or thousands=','."
    )


def _mixed_marks(commas: pd.Series, points: pd.Series, table: Table) -> DataError:
    return DataError(
        f"column {commas.name!r} has a decimal comma in {table.where(commas.index[0])} ({commas.iloc[0]!r}) and a "
        f"point or thousands mark in {table.where(points.index[0])} ({points.iloc[0]!r}). Write all numbers one way, "
        "or say which mark is which: decimal=',', thousands='.'."
    )


def _with_points(cells: pd.Series, decimal: str, thousands: str | None) -> pd.Series:
    """Number texts with a decimal point and no grouping; digits grouped otherwise than by three are left to fail."""
    if decimal == ",":
        plain_points = cells.map(lambda text: "." in text and not _POINT_GROUPS.fullmatch(text))
        joined = cells.str.replace(".", "", regex=False) if thousands == "." else cells
        return joined.where(~plain_points.astype(bool), "no number").str.replace(",", ".", regex=False)
    if thousands == ",":
        grouped = cells.map(lambda text: bool(_COMMA_GROUPS.fullmatch(text))).astype(bool)
        return cells.where(~grouped, cells.str.replace(",", "", regex=False))
    return cells


def _drop_bad_text(values: NDArray[np.float64], cells: pd.Series, table: Table, ledger: Ledger) -> None:
    bad = np.isnan(values) & (cells != "").to_numpy() & ledger.alive
    if not bad.any():
        return
    row = int(np.flatnonzero(bad)[0])
    if too_many(int(bad.sum()), int(ledger.alive.sum())):
        raise DataError(
            f"column {cells.name!r} holds text where numbers are expected, in {int(bad.sum())} of "
            f"{int(ledger.alive.sum())} rows; the first is {cells[row]!r} in {table.where(row)}. Choose another value "
            "column, or name the marks of missing values with na_values."
        )
    for mark, reason in _CENSORED.items():
        ledger.drop(bad & cells.str.startswith(mark).to_numpy(dtype=bool), reason)
    ledger.drop(bad, "not a number")


def refuse_infinite(values: NDArray[np.float64], name: str, table: Table, ledger: Ledger) -> None:
    """An infinite number, or one too large for float64, is an error that names its row."""
    rows = np.flatnonzero(np.isinf(values) & ledger.alive)
    if rows.size:
        row = int(rows[0])
        raise DataError(
            f"column {name!r} is infinite or beyond the largest float64 in {table.where(row)} ({table.texts[row]!r}; "
            f"{rows.size} in all). Correct it, or name the mark in na_values if it means missing."
        )


def drop_marks(values: NDArray[np.float64], ledger: Ledger, notation: Notation) -> None:
    """Drop the numbers the user named as marks of missing values."""
    for mark in _numbers_in(notation.missing):
        ledger.drop(values == mark, f"{MISSING}, marked {mark:g}")


def drop_sentinels(values: NDArray[np.float64], ledger: Ledger, name: str) -> None:
    """Drop -999 and its kind where the data cannot go that low; where they might, keep the rows and say so."""
    if not ledger.alive.any():
        return
    kept = values[ledger.alive]
    if kept.min() <= max(SENTINELS):
        _drop_low(values, kept, ledger, name)
    highest = kept.max()
    if highest in _HIGH_SENTINELS and np.sum(kept == highest) > 1:
        ledger.note(
            f"The largest value of {name}, {highest:g}, occurs {int(np.sum(kept == highest))} times and looks like a "
            f"mark for missing values; it was kept. If it is one, say so with na_values=[{highest:g}]."
        )


def _drop_low(values: NDArray[np.float64], kept: NDArray[np.float64], ledger: Ledger, name: str) -> None:
    others = kept[~np.isin(kept, SENTINELS)]
    lowest, spread = (others.min(), np.ptp(others)) if others.size else (np.inf, 0.0)
    for mark in (mark for mark in SENTINELS if mark in kept):
        rows = values == mark
        if lowest >= 0 or mark < lowest - spread:
            ledger.drop(rows, f"{MISSING}, marked {mark:g}")
        else:
            ledger.notice(rows, f"{mark:g} may mark a missing value; kept, as the data go that low")
            ledger.note(
                f"{name} holds {mark:g} {int(rows.sum())} times; it was kept, because the other values go down to "
                f"{lowest:g}. If it marks missing values, say so with na_values=[{mark:g}]."
            )


def _numbers_in(marks: Iterable[object]) -> list[float]:
    parsed = pd.to_numeric(pd.Series([str(mark) for mark in marks], dtype=object), errors="coerce")
    return [float(number) for number in parsed.dropna()]
