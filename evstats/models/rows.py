"""The rows of a sample that covariates are joined to: its blocks, peaks or values, and when they were."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array
from evstats.extremes.peak_records import Peaks
from evstats.extremes.records import Extremes
from evstats.models.covariates import TIME_OF_YEAR, YEAR, Covariates, time_of_year

if TYPE_CHECKING:
    import pandas as pd

#: Days between neighbours that are taken for years, months and days.
YEARLY, MONTHLY, DAILY = (300.0, 400.0), (27.0, 32.0), (0.9, 1.1)
_DAY: Final = np.timedelta64(86_400, "s")


class Spans(NamedTuple):
    """When rows begin and, exclusively, end, by the clock on the wall; both are the time of a peak."""

    starts: pd.DatetimeIndex
    ends: pd.DatetimeIndex

    @property
    def days(self) -> float:
        """How long a row is, the median; 0 of peaks."""
        return float(np.median((self.ends.to_numpy() - self.starts.to_numpy()) / _DAY)) if len(self.starts) else 0.0

    @property
    def middle(self) -> pd.DatetimeIndex:
        """Half-way between start and end."""
        return self.starts + (self.ends - self.starts) / 2


@dataclass(frozen=True, eq=False)
class Rows:
    """What covariates are joined to: the blocks, peaks or values of a sample in their order.

    Attributes
    ----------
    noun
        "block", "peak" or "value".
    count
        How many there are.
    labels
        By which covariates may call them (n,); None for values that are only counted.
    years
        The year of each (n,), as it is named; None where it is not known.
    spans
        When they begin and end; None for undated data and blocks of so many observations.
    """

    noun: str
    count: int
    labels: NDArray[np.object_] | None = None
    years: Array | None = None
    spans: Spans | None = None

    @cached_property
    def own(self) -> Covariates:
        """The covariates that need no table: the year, and the time of the year in the middle of each block."""
        found = {} if self.years is None else {YEAR: self.years}
        if self.spans is not None:
            found[TIME_OF_YEAR] = time_of_year(self.spans.middle)
        return Covariates(found, self.count, self.shown, self.noun)

    @property
    def shown(self) -> NDArray[np.object_] | None:
        """The labels as they stand in sentences."""
        return None if self.labels is None else np.array([as_said(label) for label in self.labels], dtype=object)


def rows_of(data: Any, count: int) -> Rows:
    """The rows of Extremes, Peaks or a Series; of anything else so many values without labels.

    Examples
    --------
    >>> rows_of([3.0, 4.0], 2).count
    2
    """
    if isinstance(data, Extremes):
        return _of_extremes(data)
    if isinstance(data, Peaks):
        return Rows("peak", count) if data.dates is None else _of_instants(data.dates, "peak")
    if hasattr(data, "index") and hasattr(data, "to_numpy") and not hasattr(data, "columns"):
        return _of_index(data.index, count)
    return Rows("value", count)


def _of_extremes(extremes: Extremes) -> Rows:
    from evstats.calendars.steps import on_the_wall  # which loads pandas

    labels = extremes.blocks
    if extremes.starts is None or extremes.ends is None:  # so many observations each, known by their numbers
        if extremes.dates is None:
            return _of_years(labels) if extremes.blocks_per_year == 1.0 else Rows("block", len(extremes), labels)
        years = on_the_wall(extremes.dates).year.to_numpy(dtype=np.float64)
        return Rows("block", len(extremes), labels, years)
    years = np.array([float(str(label).split("-")[0]) for label in labels])
    starts, ends = (_with_past(each, years) for each in (extremes.starts, extremes.ends))
    return Rows("block", len(extremes), labels, years, Spans(starts, ends))


def _of_years(labels: NDArray[np.object_]) -> Rows:
    """Years of which only the number is known; before the calendar of timestamps they have no dates."""
    import pandas as pd

    found = _of_index(pd.Index(labels.astype(np.int64), name=YEAR), len(labels))
    return found if found.years is not None else Rows("block", len(labels), labels, labels.astype(np.float64))


def _with_past(times: pd.DatetimeIndex, years: Array) -> pd.DatetimeIndex:
    """When blocks begin, or end, of the years of a history so many years before those of the record."""
    import pandas as pd

    unknown = np.flatnonzero(times.isna())
    if not unknown.size or unknown.size == len(times):
        return times
    known = int(np.argmin(times.isna()))
    filled = list(times)
    for place in unknown.tolist():
        filled[place] = times[known] + pd.DateOffset(years=int(years[place] - years[known]))
    return pd.DatetimeIndex(filled)


def _of_instants(dates: pd.DatetimeIndex, noun: str) -> Rows:
    from evstats.calendars.steps import on_the_wall  # which loads pandas

    wall = on_the_wall(dates)
    labels = np.array(list(wall), dtype=object)
    return Rows(noun, len(wall), labels, wall.year.to_numpy(dtype=np.float64), Spans(wall, wall))


def _of_index(index: pd.Index, count: int) -> Rows:
    """The index of a Series: years, dates (of the periods that they are apart), or names."""

    if is_counted(index):
        return Rows("value", count)
    stamps, labels = stamps_of(index), np.array(list(index), dtype=object)
    if stamps is None:
        return Rows("block", count, labels)
    in_years = index.dtype.kind in "iu"
    unit: Literal["Y", "M"] | None = (
        "Y" if in_years or within(days_apart(stamps), YEARLY) else "M" if within(days_apart(stamps), MONTHLY) else None
    )
    if unit is None:
        return _of_instants(stamps, "block")
    called = labels if in_years else np.array(list(stamps), dtype=object)
    return Rows("block", count, called, stamps.year.to_numpy(dtype=np.float64), _periods(stamps, unit))


def _periods(stamps: pd.DatetimeIndex, unit: Literal["Y", "M"]) -> Spans:
    """The calendar years or months of timestamps."""
    import pandas as pd

    begun = stamps.to_numpy().astype(f"datetime64[{unit}]")
    return Spans(*(pd.DatetimeIndex(each.astype("datetime64[s]")) for each in (begun, begun + np.timedelta64(1, unit))))


def stamps_of(index: pd.Index) -> pd.DatetimeIndex | None:
    """The timestamps of an index, by the clock on the wall; None for an index of other labels."""
    from evstats.calendars.steps import on_the_wall
    from evstats.reading.timestamps import timestamps

    found = timestamps(index)
    return None if found is None or found.hasnans else on_the_wall(found)


def days_apart(stamps: pd.DatetimeIndex) -> float:
    """The median of the days between neighbours, infinite for a single one."""
    days = np.diff(np.unique(stamps.to_numpy())) / _DAY
    return float(np.median(days)) if days.size else np.inf


def within(days: float, bounds: tuple[float, float]) -> bool:
    """Whether neighbours so far apart are years, months or days."""
    return bounds[0] <= days <= bounds[1]


def is_counted(index: pd.Index) -> bool:
    """Whether an index only counts its rows from 0."""
    counts = index.dtype.kind in "iu" and index.name is None and len(index) > 0
    return counts and bool((index == np.arange(len(index))).all())


def as_said(cell: Any) -> Any:
    """A label as it is said: a time without its midnight, others as they are."""
    return str(cell).removesuffix(" 00:00:00") if hasattr(cell, "isoformat") else cell
