"""Values that are peaks already, one series or many, as a record of peaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evstats.errors import ArgumentError, DataError, unknown_name
from evstats.extremes.records import Numbers, Peaks
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

#: A leap year is so many years, and a little more.
_WHOLE_YEAR = 1.01


def as_peaks(
    values: ArrayLike,
    threshold: ArrayLike,
    years: ArrayLike | pd.Series,
    *,
    kind: str = "max",
    name: str | None = None,
    unit: str | None = None,
) -> Peaks:
    """Values that are peaks over a threshold already, with the years in which they were seen.

    Parameters
    ----------
    values : the peaks, batch + (n,), NaN for missing; a Series brings its name, and its dates where it has some.
    threshold : what each of them strictly exceeds (or undercuts), a number or one of each series, of shape batch.
    years : the years of observation, without gaps, a number or of shape batch; of one series also a Series of the part
        of each calendar year (its index) that was observed, by which a rate can follow covariates.
    kind : ``"max"``, or ``"min"`` for values below the threshold.
    name, unit : of the values.

    Raises
    ------
    DataError : a value that is not beyond the threshold, is infinite or no number; no value.
    ArgumentError : a threshold that is not finite, years that are not positive, shapes that do not fit; of years by
        their numbers one that is more than a year, or lacks the year of a peak.

    >>> as_peaks([61.0, 75.0, 90.0], threshold=60.0, years=1.5)
    Peaks(3 peaks of value above 60, 2 a year)
    """
    if kind not in ("max", "min"):
        raise unknown_name("kind", kind, ("max", "min"))
    numbers = _numbers(values)
    batch = numbers.shape[:-1]
    observed = _by_year(years) if not batch and hasattr(years, "to_numpy") else None
    limit, time = (
        _of_batch("threshold", threshold, batch),
        _of_batch("years", years if observed is None else observed.sum(), batch),
    )
    if not np.all(time > 0.0):
        raise ArgumentError(Text(Setting("years"), f" must be more than 0, not {number(float(np.min(time)))}."))
    _check_beyond(numbers, limit, kind == "min")
    dates = getattr(values, "index", None) if numbers.ndim == 1 else None
    dated = getattr(getattr(dates, "dtype", None), "kind", "") == "M"
    if observed is not None and dates is not None and dated and (lost := sorted({*dates.year} - {*observed.index})):
        raise ArgumentError(
            Text(Setting("years"), f" has no {lost[0]}, in which there is a peak"), "give the part of every year."
        )
    given = getattr(values, "name", None)
    return Peaks(
        values=numbers,
        threshold=_plain(limit),
        years=_plain(time),
        dates=dates if dated else None,
        kind=kind,
        separation="as given",
        name=str(name or given or "value"),
        unit=unit,
        observed=observed,
    )


def _by_year(years: Any) -> pd.Series:
    """The part of each calendar year that was observed, those without any left out."""
    if years.index.dtype.kind not in "iu" or years.index.has_duplicates:
        raise ArgumentError(
            Text(Setting("years"), " is a Series that is not indexed by calendar years, each once"),
            "index it so, as in pd.Series(1.0, index=range(1981, 2021)), or give their number.",
        )
    parts: pd.Series = years.astype(np.float64).sort_index()
    if (wrong := parts[~((parts >= 0.0) & (parts <= _WHOLE_YEAR))]).size:
        raise ArgumentError(
            Text(Setting("years"), f" is {wrong.iloc[0]} in {wrong.index[0]}"),
            "give the part of each year that was observed, from 0 to 1.",
        )
    return parts[parts > 0.0].rename("years")


def _numbers(values: Any) -> Array:
    """A copy of the values, of one axis or more."""
    given = np.ma.filled(np.ma.asarray(values, dtype=object), np.nan) if np.ma.isMaskedArray(values) else values
    array = np.asarray(given)
    if array.dtype.kind not in "iufO":
        raise DataError(f"the values are of type {array.dtype}; real numbers are expected.")
    try:
        numbers = np.array(array, dtype=np.float64, ndmin=1)
    except (TypeError, ValueError) as cause:
        raise DataError("the values are not all real numbers", "convert them first.") from cause
    if not (~np.isnan(numbers)).any():
        raise DataError("there is no peak: every value is missing, or there is none.")
    if (infinite := np.argwhere(np.isinf(numbers))).size:
        raise DataError(f"the value at {_position(infinite[0])} is infinite", "correct it, or leave it empty (NaN).")
    return numbers


def _of_batch(name: str, given: Any, batch: tuple[int, ...]) -> Array:
    """A finite number, or one of each series."""
    expected = Text(Setting(name), f" must be a number{f', or of shape {batch}' if batch else ''}, not {given!r}.")
    if isinstance(given, (bool, str)) or given is None:
        raise ArgumentError(expected)
    try:
        numbers = np.array(given, dtype=np.float64)
        shape = np.broadcast_shapes(numbers.shape, batch)
    except (TypeError, ValueError) as cause:
        raise ArgumentError(expected) from cause
    if shape != batch:
        raise ArgumentError(expected)
    if not np.isfinite(numbers).all():
        raise ArgumentError(Text(Setting(name), f" is {numbers[~np.isfinite(numbers)][0]}"), "give finite numbers.")
    return numbers


def _check_beyond(values: Array, threshold: Array, minima: bool) -> None:
    limits = np.broadcast_to(threshold[..., None], values.shape)
    inside = np.argwhere(values >= limits if minima else values <= limits)
    if not len(inside):
        return
    first = tuple(inside[0])
    relation, side = ("below", "above") if minima else ("above", "below")
    more = "" if len(inside) == 1 else f", and so {'does' if len(inside) == 2 else 'do'} not {len(inside) - 1} more"
    raise DataError(
        f"the value {number(float(values[first]), 6)} at {_position(inside[0])} does not lie {relation} the threshold "
        f"{number(float(limits[first]), 6)}{more}",
        f"leave out values at the threshold or {side} it, or give the threshold that they were taken by.",
    )


def _position(place: NDArray[np.intp]) -> str:
    shown = str(place[0]) if place.size == 1 else f"({', '.join(map(str, place))})"
    return f"position {shown} (counted from 0)"


def _plain(numbers: Array) -> Numbers:
    return float(numbers) if numbers.ndim == 0 else numbers


__all__ = ["as_peaks"]
