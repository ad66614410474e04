"""Bounds and years of history, as they are typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import typer

from evstats.errors import ArgumentError, DataError
from evstats.reading.records import Action, Audit, Record

if TYPE_CHECKING:
    from evstats.extremes.records import Extremes


@dataclass(frozen=True, eq=False, repr=False)
class BoundedRecord(Record):
    """The upper bounds of values, and the lower ones beside: where a cell of the one is empty that side is open."""

    lower: Record = field(kw_only=True)


class Past(NamedTuple):
    """Years of history: the first, the last, the level of perception, and in how many it was passed, where only that is
    known.
    """

    first: int
    last: int
    threshold: float
    passed: int | None


class Peak(NamedTuple):
    """What is known of the peak of a year: its bounds."""

    year: int
    lower: float
    upper: float


def history(text: str) -> Past:
    """``"1890-1929:18000"`` as years and the level of perception, ``"1890-1929:18000:5"`` with how often it was passed;
    a parser of options.

    Examples
    --------
    >>> history("1890-1929:18000")
    Past(first=1890, last=1929, threshold=18000.0, passed=None)
    """
    years, *rest = text.split(":")
    first, _, last = years.partition("-")
    try:
        level, *more = rest
        (count,) = (int(part) for part in more) if more else (None,)
        return Past(int(first), int(last), float(level), count)
    except ValueError as cause:
        raise typer.BadParameter(f"{text!r} is no history such as 1890-1929:18000 (first-last:threshold)") from cause


def peak(text: str) -> Peak:
    """``"1897=25000"`` or ``"1919=20000:22000"`` as what is known of a peak; a parser of options.

    Examples
    --------
    >>> peak("1919=20000:22000")
    Peak(year=1919, lower=20000.0, upper=22000.0)
    """
    year, _, size = text.partition("=")
    low, colon, high = size.partition(":")
    try:
        return Peak(int(year), float(low), float(high if colon else low))
    except ValueError as cause:
        raise typer.BadParameter(f"{text!r} is no peak such as 1897=25000, or 1919=20000:22000") from cause


def with_histories(extremes: Extremes, histories: Sequence[Past], peaks: Sequence[Peak]) -> Extremes:
    """The extremes with years of history, each with its peaks.

    Raises
    ------
    ArgumentError
        A peak in none of them; one in years of which only a count is given.
    """
    known = {one.year: (one.lower, one.upper) for one in peaks}
    for past in histories:
        own = {year: known.pop(year) for year in list(known) if past.first <= year <= past.last}
        if own and past.passed is not None:
            raise ArgumentError(
                f"--history {past.first}-{past.last} says in how many years its threshold was passed, and --peak what "
                f"is known of {min(own)}",
                "give the one or the other.",
            )
        passed = own if past.passed is None else past.passed
        extremes = extremes.with_history(past.first, past.last, threshold=past.threshold, peaks=passed)
    if known:
        raise ArgumentError(
            f"the peak of {min(known)} is in no history",
            "add its years, as in --history 1890-1929:18000.",
            argument="peak",
        )
    return extremes


def bounded(lower: Extremes, upper: Extremes) -> Extremes:
    """The extremes of two columns as the bounds of the same blocks; one that has a block alone is open on the other
    side.

    Raises
    ------
    DataError
        Bounds that cross.
    """
    from evstats.extremes.bounds import observed

    low_of, high_of = (dict(zip(one.blocks.tolist(), one.values.tolist(), strict=True)) for one in (lower, upper))
    labels = _in_time(lower, upper)
    low, high = ([of.get(label, end) for label in labels] for of, end in ((low_of, -np.inf), (high_of, np.inf)))
    whole = all(isinstance(label, int) for label in labels) and upper.blocks_per_year == 1.0
    try:
        found = observed(low, high, years=labels if whole else None, unit=upper.unit, name=upper.name, kind=upper.kind)
    except DataError as error:
        raise DataError(error.problem, error.remedy) from None
    return replace(
        found,
        blocks=np.array(labels, dtype=object),
        block=upper.block,
        noun=upper.noun,
        blocks_per_year=upper.blocks_per_year,
        notes=without_gaps(upper.notes),
        audit=upper.audit,
    )


def refuse_open(record: BoundedRecord, lower: Extremes, upper: Extremes) -> None:
    """A DataError where a row without an upper bound (of minima without a lower one) is one of several of its block."""
    if all(each.observations_per_block in (None, 1.0) for each in (lower, upper)):
        return
    ends = (record, record.lower) if upper.of_minima else (record.lower, record)
    there, other = (np.asarray(each.lines) for each in ends)
    if (alone := there[~np.isin(there, other)]).size:
        side = "lower" if upper.of_minima else "upper"
        raise DataError(
            f"{record.audit.place} {alone[0]} has no {side} bound, and is one of several of its block, whose extreme "
            "it may be",
            "give one row for every block, with the bounds of its extreme.",
        )


def _in_time(lower: Extremes, upper: Extremes) -> list[Any]:
    """The labels of all blocks in the order of time, which that of the names of seasons is not."""
    if lower.starts is None or upper.starts is None:
        return sorted({*lower.blocks.tolist(), *upper.blocks.tolist()})
    starts = dict(zip([*lower.blocks, *upper.blocks], [*lower.starts, *upper.starts], strict=True))
    return sorted(starts, key=starts.__getitem__)


#: The codes of what is said of empty cells, which are open bounds.
_ON_GAPS = frozenset(
    ("rows", "rows_left_out", "rows_left_out_mostly", "gaps", "gaps_of_changing_steps", "one_per_block_with_gaps")
)


def without_gaps(notes: tuple[str, ...]) -> tuple[str, ...]:
    """Notes without those on values that are missing."""
    return tuple(note for note in notes if getattr(note, "code", None) not in _ON_GAPS)


def joint_audit(lower: Audit, upper: Audit, name: str) -> Audit:
    """What was read of two columns: a row is left out where neither has a value."""
    without = {found.line for found in lower.findings if found.action == Action.DROPPED}
    open_rows, findings, counts = 0, [], dict(upper.counts)
    for found in upper.findings:
        if found.action == Action.DROPPED and found.line not in without:
            open_rows += 1
            counts[found.action, found.reason] -= 1
        else:
            findings.append(found)
    return replace(
        upper,
        value_column=name,
        rows_kept=upper.rows_kept + open_rows,
        findings=tuple(findings),
        counts={key: count for key, count in counts.items() if count},
        notes=without_gaps(upper.notes),
    )


__all__ = [
    "BoundedRecord",
    "Past",
    "Peak",
    "bounded",
    "history",
    "joint_audit",
    "peak",
    "refuse_open",
    "with_histories",
]
