"""Observations that are not all numbers: block maxima known by their bounds, as a record of extremes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError, unknown_name
from evstats.extremes.history import bound_problem, check_perceived, unperceived
from evstats.extremes.records import Extremes
from evstats.habits import knowing_their_names
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number
from evstats.text.paragraphs import listed

#: How many labels that do not agree are named.
_MOST_TOLD = 3


@knowing_their_names
def observed(
    lower: ArrayLike | pd.Series,
    upper: ArrayLike | pd.Series,
    perception: ArrayLike | None = None,
    years: ArrayLike | None = None,
    unit: str | None = None,
    *,
    kind: str = "max",
    name: str | None = None,
    truncation: ArrayLike | None = None,
) -> Extremes:
    """Block maxima (or minima), or losses, of which some are known by bounds alone.

    Parameters
    ----------
    lower, upper
        Arrays (..., n): equal where a value is a number, -inf and inf where nothing is known on that side, both NaN
        where nothing was observed. "Below 150" is (-inf, 150), "above 900" is (900, inf), 34.2 rounded to a tenth
        is (34.15, 34.25). A Series indexed by years brings them, and its name; one indexed by dates the dates of
        single losses. Two Series are put together by their labels, in the order of ``lower``. A loss that was cut
        at its limit is (limit, inf).
    perception
        Of every block, (n,) or (..., n), the level above which one would know of a maximum (of minima below
        which): -inf or NaN where every one would be known, as at a gauge. Of a block with a level and no bounds it is
        known that it lies on the other side.
    years
        What the blocks are called, (n,), each once, in whose order they are put; with them return periods count in
        years, else in blocks.
    unit, name
        Of the values.
    kind
        ``"max"`` or ``"min"``.
    truncation
        Of losses, the deductible from which on each is seen, (n,) or one for all. Such losses are fitted above
        a threshold, ``peaks_over_threshold(losses, threshold, separation=None)``, of no less than it: what exceeds the
        threshold has the likelihood f(x)/S(deductible) over that of doing so, f(x)/S(threshold).

    Returns
    -------
    Extremes
        ``values`` has NaN where a value is not a number, ``lower``, ``upper`` and ``perception`` beside.

    Raises
    ------
    DataError
        Bounds that cross, or of which one is missing; a lower bound of inf; a value that its year's perception
        would not have shown; a year that stands twice; a loss below its deductible.
    ArgumentError
        Arrays of other shapes.

    References
    ----------
    - Klugman, S. A., Panjer, H. H. and Willmot, G. E. (2012). Loss Models. Wiley, section 13.2 (limits, deductibles).
    - Stedinger, J. R. and Cohn, T. A. (1986). Flood frequency analysis with historical and paleoflood information.
      Water Resources Research 22, 785-793.

    Examples
    --------
    >>> import numpy as np
    >>> found = observed([31.0, -np.inf, 40.0, 28.0], [31.0, 25.0, 45.0, 28.0], years=[1961, 1962, 1963, 1964])
    >>> found
    Extremes(4 maxima of value by year, 1961 to 1964, 2 known by bounds)
    >>> found.values
    array([31., nan, nan, 28.])

    Claims of which two were cut at their limits of 250 and 500:

    >>> claims = observed([120.0, 250.0, 310.0, 500.0], [120.0, np.inf, 310.0, np.inf])
    >>> claims
    Extremes(4 maxima of value by one value each, 1 to 4, 2 known by bounds)
    """
    if kind not in ("max", "min"):
        raise unknown_name("kind", kind, ("max", "min"))
    index = next((found for found in map(_index_of, (lower, upper)) if found is not None), None)
    upper, perception = _in_order(upper, index, "upper"), _in_order(perception, index, "perception")
    truncation = _in_order(truncation, index, "truncation")
    low, high = _numbers(lower, "lower"), _numbers(upper, "upper")
    if low.shape != high.shape:
        raise ArgumentError(
            f"lower has shape {low.shape} and upper {high.shape}", "give a lower and an upper bound for every block."
        )
    n, labels = low.shape[-1], _labels(years, index, low.shape[-1])
    told = [f"position {place}" if labels is None else f"{labels[place]}" for place in range(n)]
    _check_bounds(low, high, told)
    level = _perception(perception, low.shape)
    minima = kind == "min"
    unseen = np.isnan(low) & np.isfinite(level)
    low[unseen] = level[unseen] if minima else -np.inf
    high[unseen] = np.inf if minima else level[unseen]
    for place in map(tuple, np.argwhere(unperceived(low, high, level, minima=minima))):
        ends, what = (float(low[place]), float(high[place])), f"the value of {told[place[-1]]}"
        check_perceived(*ends, float(level[place]), what, minima=minima)
    plain = bool(((low == high) | np.isnan(low)).all() and not np.isfinite(level).any())
    given = getattr(lower if _index_of(lower) is not None else upper, "name", None)
    found = Extremes(
        values=np.where(low == high, low, np.nan),
        dates=_dates(index, labels),
        blocks=np.arange(1, n + 1).astype(object) if labels is None else labels,
        kind=kind,
        block="one value each" if labels is None else "year",
        noun="blocks" if labels is None else "years",
        blocks_per_year=None if labels is None else 1.0,
        observations_per_block=None,
        dropped=pd.DataFrame({"block": [], "coverage": [], "value": [], "date": [], "reason": []}),
        same_event=pd.DataFrame({"first": pd.DatetimeIndex([]), "second": pd.DatetimeIndex([]), "days": []}),
        coverage=np.ones(n),
        name=str(name or given or "value"),
        unit=unit,
        lower=None if plain else low,
        upper=None if plain else high,
        perception=None if plain else level,
        truncation=_truncation(truncation, low, told, minima=minima),
    )
    return found if labels is None or np.all(np.diff(labels) > 0) else found.at_places(np.argsort(labels))


def _numbers(given: Any, name: str) -> Array:
    try:
        numbers = np.array(np.ma.filled(np.ma.asarray(given, dtype=np.float64), np.nan), dtype=np.float64, ndmin=1)
    except (TypeError, ValueError) as cause:
        raise DataError(f"the bounds in {name} are not all real numbers", "convert or correct them first.") from cause
    if not numbers.size:
        raise DataError(f"{name} is empty", "give a bound for every block.")
    return numbers


def _index_of(given: Any) -> pd.Index | None:
    index = getattr(given, "index", None)
    return index if isinstance(index, pd.Index) else None


def _in_order(given: Any, index: pd.Index | None, name: str) -> Any:
    """What is given of the blocks of an index, in its order; an error for a Series of others, whose values would stand
    beside those of others.
    """
    own = _index_of(given)
    if index is None or own is None or own.equals(index):
        return given
    here, there = (one[~one.isin(other)].unique() for one, other in ((index, own), (own, index)))
    if not len(here) and not len(there) and index.is_unique and own.is_unique:
        return given.reindex(index)
    lacking = [f"{name} has no {_told(here)}"] if len(here) else []
    lacking += [f"{name} alone has {_told(there)}"] if len(there) else []
    repeated = next((one[one.duplicated()] for one in (index, own) if not one.is_unique), index[:0])
    raise DataError(
        f"the bounds and {name} are of different blocks: "
        f"{' and '.join(lacking) or f'{_told(repeated[:1])} stands more than once, in another order'}",
        "give all over the same ones, -inf or inf where nothing is known on that side, or as arrays (.to_numpy()) what "
        "goes together by position.",
    )


def _told(labels: pd.Index) -> str:
    """The first labels in words."""
    said = (f"{label:%Y-%m-%d}" if isinstance(label, pd.Timestamp) else str(label) for label in labels)
    return listed(said, _MOST_TOLD)


def _labels(years: Any, index: pd.Index | None, n: int) -> NDArray[np.object_] | None:
    """The years, of a Series those of its index."""
    if years is None and index is not None and index.dtype.kind in ("i", "u"):
        years = None if isinstance(index, pd.RangeIndex) and index.start == 0 else index
    if years is None:
        return None
    found = np.asarray(years)
    found = found.astype(np.float64) if found.dtype.kind == "O" and all(map(_is_whole, found.flat)) else found
    whole = found.dtype.kind in "iu" or (found.dtype.kind == "f" and bool((found == np.round(found)).all()))
    if found.shape != (n,) or not whole:
        raise ArgumentError(
            Text(Setting("years"), f" has shape {found.shape} and type {found.dtype}"),
            f"expected {n} whole numbers, the year of every block.",
        )
    distinct, counts = np.unique(found, return_counts=True)
    if (counts > 1).any():
        at = int(np.argmax(counts > 1))
        twice = np.flatnonzero(found == distinct[at])[:2].tolist()
        raise DataError(
            f"the year {int(distinct[at])} stands twice, at positions {twice[0]} and {twice[1]} (counted from 0)",
            "give every year once, with the largest that is known of it.",
        )
    return found.astype(np.int64).astype(object)


def _dates(index: pd.Index | None, labels: Any) -> pd.DatetimeIndex | None:
    """Those of single losses, of a Series that is indexed by them."""
    return index if labels is None and isinstance(index, pd.DatetimeIndex) else None


def _truncation(given: Any, low: Array, told: list[str], *, minima: bool) -> Array | None:
    """The deductible of every loss; None where there is none."""
    if given is None:
        return None
    name = Setting("truncation")
    try:
        level = np.array(np.broadcast_to(np.asarray(given, dtype=np.float64), low.shape))
    except (TypeError, ValueError) as cause:
        raise ArgumentError(
            Text(name, f" has shape {np.shape(given)}, and the bounds {low.shape}"),
            "give a deductible for every loss, or one for all.",
        ) from cause
    if minima or low.ndim > 1:
        raise ArgumentError(Text(name, " is of one series of losses"), "leave it out.")
    there = ~np.isnan(low)
    if (wrong := np.flatnonzero(there & ~np.isfinite(level))).size:
        raise DataError(
            f"{told[wrong[0]]}: the deductible is {level[wrong[0]]}", "give a number, 0 where there is none."
        )
    if (wrong := np.flatnonzero(there & (low < level))).size:
        raise DataError(
            f"{told[wrong[0]]}: the loss {number(float(low[wrong[0]]), 6)} lies below its deductible "
            f"{number(float(level[wrong[0]]), 6)}, from which on it would be seen"
            f"{f' (and so of {wrong.size - 1} more)' if wrong.size > 1 else ''}",
            "give the loss from the ground up, what was paid and the deductible together.",
        )
    return level


def _is_whole(year: Any) -> bool:
    return isinstance(year, int | np.integer) and not isinstance(year, bool)


def _check_bounds(lower: Array, upper: Array, told: list[str]) -> None:
    wrong = (np.isnan(lower) != np.isnan(upper)) | (lower > upper) | np.isposinf(lower) | np.isneginf(upper)
    if not wrong.any():
        return
    place = tuple(np.argwhere(wrong)[0])
    problem = bound_problem(float(lower[place]), float(upper[place]))
    assert problem is not None
    where = told[place[-1]] + (f" of series {tuple(map(int, place[:-1]))}" if len(place) > 1 else "")
    more = int(wrong.sum()) - 1
    also = f" (and so of {more} more)" if more else ""
    raise DataError(f"{where}: {problem[0]}{also}", problem[1])


def _perception(given: Any, shape: tuple[int, ...]) -> Array:
    """The level of every block; -inf where every maximum would be known."""
    if given is None:
        return np.full(shape, -np.inf)
    try:
        level = np.array(np.broadcast_to(np.asarray(given, dtype=np.float64), shape))
    except (TypeError, ValueError) as cause:
        raise ArgumentError(
            Text(Setting("perception"), f" has shape {np.shape(given)}, and the bounds {shape}"),
            "give a level for every block, or one for all.",
        ) from cause
    return np.where(np.isfinite(level), level, -np.inf)


__all__ = ["observed"]
