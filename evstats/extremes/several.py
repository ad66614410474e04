"""The r largest values of each block, independent of one another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError, unknown_name
from evstats.extremes.bounds import observed
from evstats.extremes.records import Extremes
from evstats.habits import knowing_their_names
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    import pandas as pd


@knowing_their_names
def largest(
    values: ArrayLike | pd.DataFrame,
    *,
    years: ArrayLike | None = None,
    kind: str = "max",
    name: str | None = None,
    unit: str | None = None,
) -> Extremes:
    """Blocks of which the r largest (or smallest) values are known, as a tide gauge publishes them.

    Parameters
    ----------
    values
        An array or DataFrame (blocks, r), of every block the largest first; a block may end early with NaN. The
        values of a block are to be of events independent of one another. Rows of a DataFrame indexed by years bring
        them.
    years
        What the blocks are called, (blocks,); with them return periods count in years, else in blocks.
    kind
        ``"max"``, or ``"min"``: the smallest first.
    name, unit
        Of the values.

    Returns
    -------
    Extremes
        ``values`` are the largest of each block, ``largest`` all of them.

    Raises
    ------
    DataError
        Values that rise within a block, which is named; one without any.
    ArgumentError
        Another shape.

    References
    ----------
    - Coles, S. (2001). An Introduction to Statistical Modeling of Extreme Values. Springer, section 3.5.

    Examples
    --------
    >>> tides = largest([[127.0, 120.0, 119.0], [143.0, 136.0, np.nan]], years=[1966, 1967], unit="cm")
    >>> tides
    Extremes(2 maxima of value by year, 1966 to 1967, the 3 largest of each)
    """
    if kind not in ("max", "min"):
        raise unknown_name("kind", kind, ("max", "min"))
    known: Any = _years_of(values) if years is None else np.atleast_1d(np.asarray(years))
    found = _numbers(values)
    labels = [f"position {place}" for place in range(len(found))] if known is None else [str(each) for each in known]
    if len(labels) != len(found):
        raise ArgumentError(
            Text(Setting("years"), f" has {len(labels)} entries"), f"expected {len(found)}, the year of every block."
        )
    _check_order(found, labels, minima=kind == "min")
    first = observed(found[:, 0], found[:, 0], years=known, unit=unit, kind=kind, name=name)
    order = slice(None) if known is None else np.argsort(np.asarray(known), kind="stable")
    return first if found.shape[1] == 1 else replace(first, largest=found[order])


def _years_of(values: Any) -> Any:
    index: Any = getattr(values, "index", None)
    whole = getattr(getattr(index, "dtype", None), "kind", "") in tuple("iu")
    return index.to_numpy() if whole and len(index) and index[0] != 0 else None


def _numbers(values: Any) -> Array:
    try:
        found = np.array(np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan), dtype=np.float64)
    except (TypeError, ValueError) as cause:
        raise DataError("the values are not all real numbers", "convert or correct them first.") from cause
    if found.ndim != 2 or not found.size:
        raise ArgumentError(
            f"the values have shape {found.shape}", "give a row for each block and its values beside one another."
        )
    if np.isinf(found).any():
        raise DataError("the values hold infinite ones", "correct them, or set them to NaN where they are missing.")
    return found


def _check_order(values: Array, labels: list[str], *, minima: bool) -> None:
    """An error where a block does not fall (of minima rise), or has a gap before its end."""
    x, missing = -values if minima else values, np.isnan(values)
    wrong = ((x[:, 1:] > x[:, :-1]) | (missing[:, :-1] & ~missing[:, 1:])).any(axis=-1)
    if wrong.any():
        way = "rise from the smallest on" if minima else "fall from the largest on"
        raise DataError(
            f"the values of {labels[int(np.argmax(wrong))]} do not {way}, missing ones at the end "
            f"({int(wrong.sum())} of {len(values)} blocks)",
            "sort the values of every block so.",
        )


def largest_apart(signed: Array, times: Any, span: Any, r: int) -> list[int]:
    """Where the r largest values of a block stand, the largest first, of which no two are closer than ``span``: each is
    the largest of what those before it leave over.
    """
    left, found = np.array(signed, dtype=np.float64), list[int]()
    while len(found) < r and np.isfinite(left).any():
        place = int(np.argmax(left))
        found.append(place)
        near = slice(place, place + 1) if times is None else np.abs(times - times[place]) < span
        left[near] = left[place] = -np.inf
    return found


__all__ = ["largest", "largest_apart"]
