"""What is known of the years before a record: the level above which one would know, and what one knows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, Mask
from evstats.errors import ArgumentError, DataError, whole_number
from evstats.notes import Note
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number

#: What is known of a peak: its size, or two bounds, of which one may be infinite.
Known = float | Sequence[float]


@dataclass(frozen=True, eq=False)
class History:
    """Years (n,) with what is known of each: bounds, equal where it is a number, and the level of perception.

    ``notes`` are on how the history was chosen. ``counted`` says in how many years the threshold was passed where it is
    not known in which.
    """

    years: NDArray[np.object_]
    lower: Array
    upper: Array
    perception: Array
    notes: tuple[Note, ...]
    counted: int = 0

    @classmethod
    def of(
        cls, first: Any, last: Any, threshold: Any, peaks: Mapping[Any, Known] | int | None, *, minima: bool = False
    ) -> History:
        """The years from the first to the last, of which all peaks beyond the threshold would be known.

        Raises
        ------
        ArgumentError
            Years or a threshold that are none, a peak outside the years.
        DataError
            A peak that does not pass the threshold; bounds that are none.
        """
        begin, end = whole_number(first, "first", least=-(10**6)), whole_number(last, "last", least=-(10**6))
        if end < begin:
            raise ArgumentError(f"the history ends in {end}, before it begins in {begin}", "give its first year first.")
        level = _level(threshold)
        years = np.arange(begin, end + 1)
        lower, upper = np.full((2, years.size), level)
        (upper if minima else lower)[:] = np.inf if minima else -np.inf
        counted = isinstance(peaks, int | np.integer)
        known = _counted(peaks, years, level, minima) if counted else _by_year(peaks)
        told: list[Note] = []
        for year, size in known.items():
            place = _place(year, begin, end)
            lower[place], upper[place] = bounds = _bounds(size, year)
            check_perceived(*bounds, level, f"the peak of {year}", minima=minima)
            if not counted:
                told += _cautions(int(year), bounds, begin, level, minima)
        unknown = len(known) if counted else 0
        return cls(years.astype(object), lower, upper, np.full(years.size, level), tuple(told), unknown)


def check_perceived(lower: float, upper: float, level: float, what: str, *, minima: bool = False) -> None:
    """A DataError for what would not have been known, as it does not pass the level of perception."""
    size = lower if minima else upper
    if unperceived(lower, upper, level, minima=minima):
        side, way, higher = ("above", "under", "higher") if minima else ("below", "over", "lower")
        raise DataError(
            f"{what}, {number(size, 6)}, lies {side} the threshold of perception of its year, {number(level, 6)}, "
            f"{way} which alone one would know of it",
            f"give a {higher} threshold, or leave it out.",
        )


def unperceived(lower: Array | float, upper: Array | float, level: Array | float, *, minima: bool = False) -> Mask:
    """Which of some bounds would not have been known, as they do not pass their level of perception."""
    unseen = np.greater(lower, level) if minima else np.less(upper, level)
    return np.asarray(unseen & np.isfinite(level) & np.isfinite(upper if minima else lower))


def bound_problem(lower: float, upper: float) -> tuple[str, str] | None:
    """What is wrong with two bounds, and what to do; None where nothing is."""
    if math.isnan(lower) != math.isnan(upper):
        which, other, open_end = ("lower", upper, "-inf") if math.isnan(lower) else ("upper", lower, "inf")
        return (
            f"the {which} bound is missing where the other is {number(other, 6)}",
            f"give {open_end} where nothing is known on that side, or leave both empty where nothing was observed.",
        )
    if lower == math.inf or upper == -math.inf:
        which, wrong = ("lower", "inf") if lower == math.inf else ("upper", "-inf")
        return f"the {which} bound is {wrong}", "give a number; only a lower bound is -inf and only an upper one inf."
    if lower > upper:
        return (
            f"the bounds cross: the lower, {number(lower, 6)}, is above the upper, {number(upper, 6)}",
            "give the smaller one as the lower bound.",
        )
    return None


def _level(threshold: Any) -> float:
    if isinstance(threshold, bool) or not isinstance(threshold, Real) or not math.isfinite(float(threshold)):
        raise ArgumentError(
            Text(Setting("threshold"), f" is {threshold!r}"),
            "give the level above which every peak of those years would be known, in the unit of the data.",
        )
    return float(threshold)


def _by_year(peaks: Any) -> dict[Any, Known]:
    if peaks is None:
        return {}
    if not hasattr(peaks, "keys"):
        raise ArgumentError(
            f"the peaks are of type {type(peaks).__name__}",
            "give them by year, as in {1897: 25_000}, or in how many years the threshold was passed.",
        )
    return dict(peaks)


def _counted(peaks: Any, years: NDArray[np.int64], level: float, minima: bool) -> dict[int, Known]:
    """So many years in which the threshold was passed; it is not known which, and they stand last."""
    count = whole_number(peaks, "peaks", least=0)
    if count > years.size:
        raise ArgumentError(
            f"there are {count} peaks in {years.size} years", "give the number of years in which one was."
        )
    known = (-np.inf, level) if minima else (level, np.inf)
    return dict.fromkeys(years[years.size - count :].tolist(), known)


def _place(year: Any, begin: int, end: int) -> int:
    place = whole_number(year, "year", least=-(10**6))
    if not begin <= place <= end:
        raise ArgumentError(
            f"the peak of {place} is not in the history from {begin} to {end}",
            "give years that hold it, or leave it out.",
        )
    return place - begin


def _bounds(size: Known, year: Any) -> tuple[float, float]:
    try:
        lower, upper = map(float, (size, size) if isinstance(size, int | float | np.number) else size)
    except (TypeError, ValueError) as cause:
        raise ArgumentError(
            f"the peak of {year} is {size!r}", "give a number, or its lower and its upper bound."
        ) from cause
    if math.isnan(lower) and math.isnan(upper):
        raise DataError(f"the peak of {year} is missing", "leave it out, or give (threshold, inf).")
    if problem := bound_problem(lower, upper):
        raise DataError(f"the peak of {year}: {problem[0]}", problem[1])
    return lower, upper


def _cautions(year: int, bounds: tuple[float, float], begin: int, level: float, minima: bool) -> list[Note]:
    """A history that begins with its first peak, and a threshold that is one of them."""
    size = next(end for end in bounds if math.isfinite(end))
    told = [Note("history_begins_with_peak", year=year, value=size, minima=minima)] if year == begin else []
    if bounds[0] == bounds[1] == level:
        told.append(Note("threshold_is_a_peak", threshold=level, year=year, minima=minima))
    return told


__all__ = ["History", "bound_problem", "check_perceived", "unperceived"]
