"""Numbers that stand for a missing value: -999 and its kind, fill values of grids, marks that a header is known for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from evstats.arrays import Array, Mask
from evstats.errors import DataError
from evstats.reading.ledger import Ledger
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number

MISSING = "missing value"
#: Why a row is left out whose value is text that is no mark of a missing one.
NOT_A_NUMBER = "not a number"
#: As a mark of missing values: no number is one unless it is named.
NONE = "none"

_NINES = [float(digits) / scale for digits in ("99", "999", "9999", "99999", "999999") for scale in (1, 10, 100)]
_HIGH = np.unique([*[nine for nine in _NINES if nine >= 99], 8888.0, 9999999.0, 99999999.0])
_LOW = np.unique([*-_HIGH, -7777.0, -6999.0, -9.99e8, -999999999.0])
_FILLS = np.array([32766.0, 32767.0, 32768.0, 65535.0, 2147483647.0, 4294967295.0])
_LOW_FILLS = np.array([-32767.0, -32768.0, -2147483647.0, -2147483648.0])
#: From this size on a number beside smaller ones is a fill value: 9.96921e36, 1e20, 1e30, -9e33.
_NO_MEASUREMENT = 1e15
#: Numbers that went through 32 bits differ by less, of their size.
_SAME = 1e-7

_BUOYS: dict[str, float] = dict.fromkeys(("WSPD", "GST", "WVHT", "DPD", "APD", "VIS", "TIDE"), 99.0)
_BUOYS |= dict.fromkeys(("WDIR", "WD", "MWD", "ATMP", "WTMP", "DEWP"), 999.0) | dict.fromkeys(("PRES", "BAR"), 9999.0)
_SUMMARY_OF_THE_DAY: dict[str, float] = dict.fromkeys(("VISIB", "WDSP", "MXSPD", "GUST", "SNDP"), 999.9)
_SUMMARY_OF_THE_DAY |= dict.fromkeys(("TEMP", "DEWP", "SLP", "STP", "MAX", "MIN"), 9999.9) | {"PRCP": 99.99}
_KNOWN_HEADERS = (_BUOYS, _SUMMARY_OF_THE_DAY)
#: Columns of a known header that make it one.
_RECOGNISED = 4


def mark_of(value: str, names: Sequence[str]) -> float | None:
    """The number that marks a missing value of a column in files with such a header, None where that is not known.

    Examples
    --------
    >>> mark_of("WVHT", ["YY", "MM", "WDIR", "WSPD", "GST", "WVHT", "DPD"]), mark_of("WVHT", ["date", "WVHT"])
    (99.0, None)
    """
    for header in _KNOWN_HEADERS:
        if value in header and len(header.keys() & set(names)) >= _RECOGNISED:
            return header[value]
    return None


class _Verdict(Enum):
    MISSING = 0
    OPEN = 1
    KEPT = 2


@dataclass(frozen=True)
class _Core:
    """What the values are without the numbers that may be marks."""

    least: float
    greatest: float

    @property
    def size(self) -> float:
        return max(abs(self.least), abs(self.greatest))

    def gap(self, mark: float) -> float:
        """How far the mark lies outside, in units of the spread of the values."""
        beyond = max(mark - self.greatest, self.least - mark)
        spread = self.greatest - self.least
        return beyond / spread if spread > 0 else float(np.copysign(np.inf, beyond))


def drop_named(values: Array, ledger: Ledger, named: Iterable[object]) -> None:
    """Drop the numbers that were named as marks of missing values."""
    for mark in numbers_in(named):
        ledger.drop(_among(values, np.array([mark])), f"{MISSING}, marked {mark:g}")


def drop_marks(values: Array, ledger: Ledger, name: str, known: float | None, none_unless_named: bool) -> None:
    """Drop the numbers that mark missing values; refuse where that is open and the extremes hang on it.

    Parameters
    ----------
    values
        All rows, of which ``ledger`` knows those still in the series.
    known
        The mark that files with this header have.
    none_unless_named
        Whether no other number is to be taken for a mark.
    """
    if known is not None:
        ledger.drop(_among(values, np.array([known])), f"{MISSING}, marked {known:g} in files with such a header")
    if none_unless_named or not ledger.alive.any():
        return
    kept = values if ledger.alive.all() else values[ledger.alive]
    least, greatest = kept.min(), kept.max()
    inside = least <= -99 and _among(kept[kept <= -99], _LOW, _LOW_FILLS).any()
    if inside or _may_be_marks(np.array([least, greatest])).any():
        _judge(values, np.unique(kept), ledger, name)
    _refuse_repeated(values, ledger, name)


def _refuse_repeated(values: Array, ledger: Ledger, name: str) -> None:
    """Refuse a number that no measurement repeats so often so far out: 888.8 seventeen times above all others, or a
    single negative number, again and again, in a series that is none.
    """
    if not ledger.alive.any():
        return
    distinct, counts = np.unique(values[ledger.alive], return_counts=True)
    if distinct.size < _FEWEST_OTHERS:
        return
    for mark, count, core in (
        (distinct[-1], counts[-1], _Core(distinct[0], distinct[-2])),
        (distinct[0], counts[0], _Core(distinct[1], distinct[-1])),
    ):
        alone_below = mark < 0.0 <= core.least
        if count >= _OFTEN and mark != 0.0 and (core.gap(mark) > 0.5 or alone_below):
            row = int(np.flatnonzero((values == mark) & ledger.alive)[0])
            raise _open_mark(name, float(mark), int(count), core, ledger.where(row))


_OFTEN, _FEWEST_OTHERS = 5, 20


def surely_marks(values: Array) -> Mask:
    """Which numbers say nothing about what a column is: -999 and its kind, 1e20."""
    huge = np.abs(values) >= _NO_MEASUREMENT
    return _among(values, _LOW, _LOW_FILLS) | (huge & (2 * huge.sum() < huge.size))


def _may_be_marks(values: Array) -> Mask:
    return _among(values, _HIGH, _LOW, _FILLS, _LOW_FILLS) | (np.abs(values) >= _NO_MEASUREMENT)


def _among(values: Array, *marks: Array) -> Mask:
    """Which values equal a mark, as closely as 32 bits hold it."""
    known = np.sort(np.concatenate(marks))
    nearest = known[np.clip(np.searchsorted(known, values), 1, known.size - 1)]
    before = known[np.clip(np.searchsorted(known, values), 1, known.size - 1) - 1]
    tolerance = _SAME * np.abs(values)
    return np.asarray((np.abs(values - nearest) <= tolerance) | (np.abs(values - before) <= tolerance))


def _judge(values: Array, distinct: Array, ledger: Ledger, name: str) -> None:
    suspects = _may_be_marks(distinct)
    rest = distinct[~suspects]
    if not rest.size:
        ledger.drop(values < 0, MISSING)
        return
    core = _Core(rest[0], rest[-1])
    for mark in distinct[suspects]:
        rows = (values == mark) & ledger.alive
        count = int(rows.sum())
        verdict = _verdict(mark, count, core)
        if verdict is _Verdict.MISSING:
            ledger.drop(rows, f"{MISSING}, marked {_written(mark)}")
        elif verdict is _Verdict.OPEN:
            raise _open_mark(name, mark, count, core, ledger.where(int(np.flatnonzero(rows)[0])))
        elif mark < 0 or (mark >= core.greatest and (count > 1 or core.gap(mark) > 0.3)):
            ledger.notice(rows, f"{mark:g} may mark a missing value; kept, as the data go that far")
            held = {"mark": _written(mark), "marks": [mark], "count": count}
            ledger.note("mark_kept", name, **held, least=core.least, greatest=core.greatest)


def _verdict(mark: float, count: int, core: _Core) -> _Verdict:
    """Whether a number is a mark: by how far it lies from all values that are none, and how often it stands there."""
    gap = core.gap(mark)
    if gap <= 0:
        return _Verdict.KEPT
    fill = abs(mark) >= _NO_MEASUREMENT or _among(np.array([mark]), _FILLS)[0]
    if mark < 0 and (core.least >= 0 or gap > 0.5):
        return _Verdict.MISSING
    if mark > 0 and fill and mark > 10 * core.size:
        return _Verdict.MISSING
    repeated = 0.1 if mark < 0 else 0.05 if fill else 0.5
    return _Verdict.OPEN if gap > 1.0 or (count > 1 and gap > repeated) else _Verdict.KEPT


def _written(mark: float) -> str:
    return f"{mark:.10g}" if abs(mark) < _NO_MEASUREMENT else f"{mark:.6g}"


def _open_mark(name: str, mark: float, count: int, core: _Core, where: str) -> DataError:
    often = "once" if count == 1 else f"{count} times"
    next_to = core.greatest if mark > 0 else core.least
    return DataError(
        f"column {name!r} holds {_written(mark)} {often}, first in {where}, far from all other values (the nearest is "
        f"{number(next_to, 6)}): it looks like a mark for missing values.",
        Text.of(
            "If it is one, pass {}; if it is a value, {}.",
            *(Setting("na_values", [mark]), Setting("na_values", "none")),
        ),
    )


def numbers_in(marks: Iterable[object]) -> list[float]:
    """The marks that are numbers."""
    found = []
    for mark in marks:
        try:
            found.append(float(str(mark)))
        except ValueError:
            continue
    return found
