"""Values that are peaks already, one series or many, as a record of peaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError, unknown_name
from evstats.extremes.peak_records import Numbers, Peaks
from evstats.habits import knowing_their_names
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number

if TYPE_CHECKING:
    import pandas as pd

#: A leap year is so many years, and a little more.
_WHOLE_YEAR = 1.01


@knowing_their_names
def as_peaks(
    values: ArrayLike,
    threshold: ArrayLike,
    years: ArrayLike | pd.Series | pd.DataFrame,
    *,
    dates: ArrayLike | pd.DatetimeIndex | None = None,
    kind: str = "max",
    name: str | None = None,
    unit: str | None = None,
) -> Peaks:
    """Values that are peaks over a threshold already, with the years in which they were seen.

    Parameters
    ----------
    values
        The peaks, batch + (n,), NaN for missing; a Series brings its name, and its dates where it has some.
    threshold
        What each of them strictly exceeds (or undercuts), a number or one of each series, of shape batch.
    years
        The years of observation, without gaps, a number or of shape batch; or a Series of the part of each calendar
        year (its index) that was observed, by which a rate can follow covariates, the same of all series; or a
        DataFrame with a column of such parts for each series, NaN for years in which it was not observed.
    dates
        When the peaks were, of the shape of the values, not a time (NaT) where one is missing; by them covariates
        join. None is those that index a Series, or unknown.
    kind
        ``"max"``, or ``"min"`` for values below the threshold.
    name, unit
        Of the values.

    Returns
    -------
    Peaks
        Of one series, or of a batch, which then has one object of each series in ``each`` where they have dates.

    Raises
    ------
    DataError
        A value that is not beyond the threshold, is infinite or no number; no value.
    ArgumentError
        A threshold that is not finite, years that are not positive, shapes that do not fit, a peak without
        a date among others that have one; of years by their numbers one that is more than a year, or lacks the year of
        a peak.

    Examples
    --------
    >>> as_peaks([61.0, 75.0, 90.0], threshold=60.0, years=1.5)
    Peaks(3 peaks of value above 60, 2 a year)
    """
    if kind not in ("max", "min"):
        raise unknown_name("kind", kind, ("max", "min"))
    numbers = _numbers(values)
    batch = numbers.shape[:-1]
    observed = _parts_of(years, batch)
    limit = _of_batch("threshold", threshold, batch)
    parts = None if observed is None else [float(own.sum()) for own in observed]
    time = _of_batch("years", years if parts is None else parts[0] if len(parts) == 1 else parts, batch)
    if not np.all(time > 0.0):
        raise ArgumentError(Text(Setting("years"), f" must be more than 0, not {number(float(np.min(time)))}."))
    _check_beyond(numbers, limit, kind == "min")
    when = _dates_of(values, dates, numbers)
    given = getattr(values, "name", None)
    whole = Peaks(
        values=numbers,
        threshold=_plain(limit),
        years=_plain(time),
        kind=kind,
        separation="as given",
        name=str(name or given or "value"),
        unit=unit,
    )
    if not batch:
        return _dated(whole if dates is None else replace(whole, values=numbers[~np.isnan(numbers)]), when, observed)
    if when is None and observed is None:
        return whole
    return replace(whole, each=tuple(_dated(whole[lane], when, observed, lane) for lane in np.ndindex(*batch)))


def _dated(one: Peaks, when: Any, observed: Sequence[pd.Series] | None, lane: tuple[int, ...] = ()) -> Peaks:
    """One series with its dates, and with the part of each year that was observed."""
    import pandas as pd

    dates: pd.DatetimeIndex | None = None
    if when is not None:
        own = when[lane] if lane else when
        dates = own if isinstance(own, pd.DatetimeIndex) else pd.DatetimeIndex(own[~np.isnat(own)])
    parts = None if observed is None else observed[0 if len(observed) == 1 else lane[0]]
    if parts is not None and dates is not None and (lost := sorted({*dates.year} - {*parts.index})):
        where = f" of series {_place_of(lane)}" if lane else ""
        raise ArgumentError(
            Text(Setting("years"), f" has no {lost[0]}, in which there is a peak{where}"),
            "give the part of every year.",
        )
    return replace(one, dates=dates, observed=parts)


def _dates_of(values: Any, dates: Any, numbers: Array) -> Any:
    """The dates of the peaks: an index of one series, else datetimes of the shape of the values; None if not known."""
    import pandas as pd

    index = getattr(values, "index", None) if numbers.ndim == 1 else None
    dated = getattr(getattr(index, "dtype", None), "kind", "") == "M"
    if dates is None:
        return index if dated else None
    if dated:
        raise ArgumentError(Text(Setting("dates"), " are given, and the values have dates"), "give one of the two.")
    if isinstance(dates, pd.DatetimeIndex) and numbers.ndim == 1:
        found: Any = dates
    else:
        try:
            found = np.array(dates, dtype="datetime64[ns]")
        except (TypeError, ValueError) as cause:
            raise ArgumentError(
                Text(Setting("dates"), " are not all dates"),
                "write them like '2030-07-15', and NaT where one is missing.",
            ) from cause
    if found.shape != numbers.shape:
        raise ArgumentError(
            Text(Setting("dates"), f" have shape {found.shape}, and the values {numbers.shape}"), "give one for each."
        )
    without = np.argwhere(
        np.isnan(numbers) != np.isnat(np.asarray(found.tz_localize(None) if hasattr(found, "tz") else found))
    )
    if len(without):
        what = "a date and no value" if np.isnan(numbers[tuple(without[0])]) else "no date"
        raise ArgumentError(
            Text(Setting("dates"), f": the peak at {_position(without[0])} has {what}"),
            "give both for every peak, and NaN with NaT where there is none.",
            argument="dates",
        )
    return pd.DatetimeIndex(found[~np.isnan(numbers)]) if numbers.ndim == 1 else found


def _parts_of(years: Any, batch: tuple[int, ...]) -> list[pd.Series] | None:
    """The part of each calendar year, of all series alike or of each; None where years are but counted."""
    if hasattr(years, "columns") and hasattr(years, "index"):
        if len(batch) != 1 or years.shape[1] != batch[0]:
            raise ArgumentError(
                Text(Setting("years"), f" is a table of {years.shape[1]} columns, and the values are of shape {batch}"),
                "give a column for each series, in their order.",
            )
        return [_by_year(years.iloc[:, place].fillna(0.0)) for place in range(batch[0])]
    if not hasattr(years, "to_numpy"):
        return None
    index = getattr(years, "index", None)
    if batch and (index is None or index.dtype.kind not in "iu" or np.array_equal(index, np.arange(*batch[:1]))):
        return None  # a number for each series
    return [_by_year(years)]


def _place_of(lane: tuple[int, ...]) -> str:
    return str(lane[0]) if len(lane) == 1 else str(lane)


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
