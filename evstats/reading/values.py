"""From number texts to float64: missing marks, decimal commas, thousands, currency signs, units, accountants' minus."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evstats.arrays import Array, Mask
from evstats.errors import ArgumentError, DataError
from evstats.reading.ledger import Ledger
from evstats.reading.marks import MISSING, NONE, NOT_A_NUMBER
from evstats.reading.table import Table, numbers_of, too_many
from evstats.reading.units import known_unit, unit_words
from evstats.text.arguments import Setting, Text, both

_TRACE = "trace amount (T), not a number"
_MARKS = (
    ". .. ... - -- --- ---- na n/a #n/a n.a. n.d. nd nan null none nil m missing ? ?? * ** / // s/d sd sin.dato "
    "lücke luecke fehlt kein_wert manquant mancante <na> #value! #ref! #div/0! *** **** ****** #### unknown unk"
)
MISSING_MARKS = {"": MISSING} | {mark: f"{MISSING}, marked {mark.upper()!r}" for mark in _MARKS.split()}
MISSING_MARKS |= {"t": _TRACE, "trace": _TRACE}

_SIGN = re.compile(r"([<>≤≥])\s*=?\s*(.+)")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_MONEY = r"(?:US\$|CA?\$|AU?\$|R\$|[$€£¥₹₽₩]|USD|EUR|GBP|CHF|JPY|DKK|SEK|NOK|CAD|AUD|NZD|INR|BRL|PLN|CZK|CNY|kr\.?)"
_SPACES = " \u00a0\u2009\u202f"
_SPELLED_UNITS = [unit for unit in unit_words() if len(unit) > 1 and not re.fullmatch(_MONEY, unit, re.IGNORECASE)]
_UNIT = "|".join(map(re.escape, _SPELLED_UNITS))
_DRESSED = re.compile(
    rf"(?P<bracket>\()?\s*(?P<sign>[+-]?)\s*(?P<before>{_MONEY})?\s*(?P<inner>\()?(?P<sign2>[+-]?)\s*"
    rf"(?P<digits>(?:\d[\d.,'’{_SPACES}]*(?<![{_SPACES}'’])|[.,]\d+)(?:[eE][+-]?\d+)?)"
    rf"(?P<trailing>-(?!\w))?\s*(?P<close2>\))?\s*(?P<after>{_MONEY}|(?i:%|{_UNIT})|(?<=[{_SPACES}])m)?\s*(?P<close>\))?"
)
_BLANK_GROUPS = re.compile(rf"(?<=\d)[{_SPACES}'’](?=\d{{3}}(?!\d))")
_WITH_COMMA = re.compile(r"[+-]?[\d.,]*,[\d.,]*([eE][+-]?\d+)?")
_IS_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}((,\d{3})+\.\d*|(,\d{3}){2,}|(,\d{2})+,\d{3}(\.\d*)?)")
_IS_DECIMAL = re.compile(r"[+-]?(\d*,(\d{0,2}|\d{4,})|0\d*,\d+|\d{4,},\d+|\d{1,3}(\.\d{3})+,\d*)([eE][+-]?\d+)?")
_OPEN_COMMA, _OPEN_POINT = (re.compile(rf"[+-]?[1-9]\d{{0,2}}{mark}\d{{3}}") for mark in (",", r"\."))
_SHORT_WHOLE = re.compile(r"[+-]?\d{1,3}")
_POINT_GROUPS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?")
_TWO_POINT_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3}){2,}")
_COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}((,\d{3})*|(,\d{2})+,\d{3})(\.\d*)?")  # lakhs and crores as well


@dataclass(frozen=True)
class Notation:
    """How numbers are written: the decimal and thousands marks where they were asked for, further missing marks."""

    decimal: str | None = None
    thousands: str | None = None
    missing: tuple[object, ...] = ()

    def __post_init__(self) -> None:
        for mark, known in ((self.decimal, ".,"), (self.thousands, ".,' ")):
            if mark is not None and (not isinstance(mark, str) or len(mark) != 1 or mark not in known):
                raise ArgumentError(f"a mark in numbers must be '.' or ',', got {mark!r}.", argument="decimal")
        if self.decimal is not None and self.decimal == self.thousands:
            raise ArgumentError(
                Text(Setting("decimal"), " and ", Setting("thousands"), f" cannot both be {self.decimal!r}.")
            )

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

    @property
    def no_marks(self) -> bool:
        """Whether no number marks a missing value unless it is named: ``na_values="none"``."""
        return any(str(mark).strip().lower() == NONE for mark in self.missing)


def is_missing(text: str) -> bool:
    """Whether a cell is empty or marked missing."""
    return text.lower() in MISSING_MARKS


def filled(cells: Iterable[str]) -> list[str]:
    """The cells that are neither empty nor marked missing."""
    return [text for text in cells if text.lower() not in MISSING_MARKS]


@lru_cache(maxsize=4096)
def looks_numeric(text: str) -> bool:
    """Whether a cell is a number in any of the notations that are read, or greater or less than one."""
    if _NUMBER.fullmatch(text):
        return True
    signed = _SIGN.fullmatch(text)
    plain = _plain(signed[2] if signed else text)
    if _INFINITE.fullmatch(plain):
        return True
    known = (_NUMBER, _WITH_COMMA, _TWO_POINT_GROUPS)
    return any(pattern.fullmatch(plain) for pattern in known) and any(char.isdigit() for char in plain)


def parse_values(
    cells: pd.Series,
    table: Table,
    ledger: Ledger,
    notation: Notation,
) -> Array:
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


def _numbers(cells: pd.Series, table: Table, ledger: Ledger, notation: Notation) -> Array:
    values = _to_float(cells)
    failed = np.isnan(values) & (cells != "").to_numpy()
    if not failed.any() and notation.has_points:
        return values
    signs = _signs(cells, failed)
    bare = cells if signs is None else cells.where(signs == "", cells.str.replace(_SIGN, r"\2", regex=True))
    plain = bare.where(~failed, bare.map(_plain))
    _report_dress(bare, plain, failed, table, ledger)
    decimal, thousands = _marks(plain, table, ledger, notation)
    values = _to_float(_with_points(plain, decimal, thousands))
    if signs is not None:
        ledger.sign(np.where(np.isnan(values), "", signs))
    return values


def _signs(cells: pd.Series, failed: Mask) -> NDArray[np.str_] | None:
    """The sign before each number that is said to be greater, or less, than it; None where none is."""
    found = {int(row): match for row in np.flatnonzero(failed) if (match := _SIGN.fullmatch(cells.iloc[row]))}
    signs = np.full(len(cells), "", dtype="<U1")
    for row, match in found.items():
        if looks_numeric(match[2]):
            signs[row] = ">" if match[1] in ">≥" else "<"
    return signs if (signs != "").any() else None


def _to_float(cells: pd.Series) -> Array:
    values = numbers_of(cells)
    unread = np.flatnonzero(np.isnan(values))
    huge = unread[cells.iloc[unread].str.fullmatch(_HUGE).to_numpy(dtype=bool)]
    values[huge] = [float(text) for text in cells.iloc[huge]]  # pandas 2 has no number for 1e400
    return values


def _plain(text: str) -> str:
    """The digits of a number with its sign and marks, without currency, unit, blanks and brackets; else the text."""
    text = text.replace("\u2212", "-").strip()
    match = _DRESSED.fullmatch(text)
    if not match:
        return text
    signs = [match["sign"], match["sign2"], match["trailing"] or ""]
    inside = bool(match["bracket"] or match["inner"])
    if inside != bool(match["close"] or match["close2"]) or sum(map(bool, signs)) + inside > 1:
        return text
    minus = "-" if inside or "-" in signs else ""
    return minus + _BLANK_GROUPS.sub("", match["digits"])


def unit_beside(cells: pd.Series) -> str | None:
    """The unit or currency that the first filled cell carries beside its number."""
    first = next((text for text in cells if isinstance(text, str) and not is_missing(text)), "")
    match = _DRESSED.fullmatch(first)
    unit = match and (match["after"] or match["before"])
    return (known_unit(unit) or unit) if unit else None


def _report_dress(cells: pd.Series, plain: pd.Series, failed: Mask, table: Table, ledger: Ledger) -> None:
    """Say what was left out around the numbers; refuse two units in one column."""
    rows = np.flatnonzero(failed & (cells != plain).to_numpy())
    if not rows.size:
        return
    dressed = [_DRESSED.fullmatch(cells[row].replace("\u2212", "-").strip()) for row in rows]
    found = [(row, match) for row, match in zip(rows, dressed, strict=True) if match]
    bracketed = [row for row, match in found if match["bracket"] or match["inner"] or match["trailing"]]
    if bracketed:
        ledger.note("minus_signs", str(cells.name), count=len(bracketed), first=cells[bracketed[0]])
    units = {int(row): unit for row, match in found if (unit := match["after"] or match["before"])}
    named = {row: known_unit(unit) or unit.upper() for row, unit in units.items()}
    if len(set(named.values())) > 1:
        raise _two_units(cells, named, table)
    others = [row for row, match in found if row not in set(bracketed)]
    if others:
        ledger.note("signs_left_out", str(cells.name), count=len(others), first=cells[others[0]])


def _two_units(cells: pd.Series, units: dict[int, str], table: Table) -> DataError:
    usual = Counter(units.values()).most_common(1)[0][0]
    one, other = (next(row for row, unit in units.items() if (unit == usual) is alike) for alike in (True, False))
    return DataError(
        f"column {cells.name!r} mixes units: {table.where(one)} has {cells[one]!r}, {table.where(other)} has "
        f"{cells[other]!r}.",
        "Write all numbers in one unit.",
    )


def _marks(cells: pd.Series, table: Table, ledger: Ledger, notation: Notation) -> tuple[str, str | None]:
    """The decimal and the thousands mark: as asked for, else as the column itself settles it, else an error."""
    if notation.asked is not None:
        return notation.asked
    if (many := cells[cells.str.fullmatch(_TWO_POINT_GROUPS)]).size:
        ledger.note("thousands_point", str(cells.name), first=many.iloc[0])
        return ",", "."
    commas = cells[cells.map(lambda text: bool(_WITH_COMMA.fullmatch(text)))]
    if commas.empty:
        return ".", None
    points = cells[cells.map(lambda text: "." in text and bool(_NUMBER.fullmatch(text)))]
    grouped = commas[commas.map(lambda text: bool(_IS_THOUSANDS.fullmatch(text)))]
    settled = commas[commas.map(lambda text: bool(_IS_DECIMAL.fullmatch(text)))]
    if not settled.empty and not (grouped.empty and points.empty):
        other = points if grouped.empty else grouped
        raise DataError(
            f"column {cells.name!r} has a decimal comma in {table.where(settled.index[0])} ({settled.iloc[0]!r}) and a "
            f"point or thousands mark in {table.where(other.index[0])} ({other.iloc[0]!r}).",
            Text.of(
                "Write all numbers one way, or say which mark is which: {}, {}.",
                *(Setting("decimal", ","), Setting("thousands", ".")),
            ),
        )
    if not settled.empty:
        ledger.note("decimal_comma", str(cells.name), where=table.where(settled.index[0]))
        return ",", "."
    if not (grouped.empty and points.empty) or can_only_group(cells, _OPEN_COMMA):
        ledger.note("thousands_comma", str(cells.name), count=len(commas), first=commas.iloc[0])
        return ".", ","
    raise DataError(
        f"column {cells.name!r} has {commas.iloc[0]!r} in {table.where(commas.index[0])}, where the comma may be a "
        "decimal or a thousands mark.",
        Text("Say which: ", both("decimal", ","), " or ", both("thousands", ","), "."),
    )


def can_only_group(cells: pd.Series, pair: re.Pattern[str]) -> bool:
    """Whether a mark before three digits cannot be a decimal mark, though no number has it twice.

    Where decimals are written to three places ``521`` would be ``521,000``; where zeros at the end are left out
    ``39,500`` would be ``39,5``. A column that holds both kinds has thousands.
    """
    filled = set(cells) - {""}
    whole = set(filter(_SHORT_WHOLE.fullmatch, filled))
    marked = filled - whole
    clear = all(map(pair.fullmatch, marked))
    return clear and any(text.endswith("0") for text in marked) and any(text.lstrip("+-") != "0" for text in whole)


def refuse_open_points(cells: pd.Series, notation: Notation) -> None:
    """Refuse a column in which the point groups thousands as far as its cells tell: 39.500 beside 521."""
    if notation.asked is None and can_only_group(cells, _OPEN_POINT):
        first = cells[cells.str.fullmatch(_OPEN_POINT)].iloc[0]
        raise DataError(
            f"column {cells.name!r} has {first!r} beside whole numbers, where the point may be a thousands or decimal "
            "mark.",
            Text("Say which: ", both("thousands", "."), " or ", both("decimal", "."), "."),
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


def _drop_bad_text(values: Array, cells: pd.Series, table: Table, ledger: Ledger) -> None:
    bad = np.isnan(values) & (cells != "").to_numpy() & ledger.alive
    if not bad.any():
        return
    row = int(np.flatnonzero(bad)[0])
    if too_many(int(bad.sum()), int(ledger.alive.sum())):
        raise DataError(
            f"column {cells.name!r} holds text where numbers are expected, in {int(bad.sum())} of "
            f"{int(ledger.alive.sum())} rows; the first is {cells[row]!r} in {table.where(row)}.",
            Text("Choose another value column, or name the marks of missing values with ", Setting("na_values"), "."),
        )
    ledger.drop(bad, NOT_A_NUMBER)


def refuse_infinite(values: Array, name: str, table: Table, ledger: Ledger) -> None:
    """An infinite number, or one too large for float64, is an error that names its row."""
    rows = np.flatnonzero(np.isinf(values) & ledger.alive)
    if rows.size:
        row = int(rows[0])
        raise DataError(
            f"column {name!r} is infinite or beyond the largest float64 in {table.where(row)} ({table.texts[row]!r}; "
            f"{rows.size} in all).",
            Text("Correct it, or name the mark with ", Setting("na_values"), " if it means missing."),
        )
