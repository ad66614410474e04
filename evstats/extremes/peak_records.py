"""Peaks over a threshold, or under one, as a record."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evstats.errors import ArgumentError
from evstats.habits import knows_their_attributes, methods_knowing_their_names
from evstats.reading.records import Audit
from evstats.text import html as markup
from evstats.text.numbers import number

if TYPE_CHECKING:
    import pandas as pd

    from evstats.extremes.origins import Origin


Numbers = float | NDArray[np.float64]


@knows_their_attributes("peaks")
@methods_knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class Peaks:
    """Peaks over a threshold, or under one, with the time in which they were seen, in original values and units.

    Of a batch, which ``stack_peaks`` and ``as_peaks`` make, ``values`` has shape batch + (n,) with NaN for missing
    ones, ``threshold`` and ``years`` are numbers or of shape batch, and what is not known is None; ``peaks[i]`` is one
    series of it, with its dates.

    Attributes
    ----------
    values
        A float64 array (n,), the peak of each cluster; original values also for minima.
    threshold
        Strictly exceeded by every peak (undercut by minima).
    years
        The time that was observed, in units of ``time_unit``: gaps do not count, and of a part of the year it is
        the number of such parts, so that ``rate`` is of a calendar year.
    dates
        DatetimeIndex (n,) of the peaks, the first of tied ones; None for undated data.
    kind
        "max" or "min".
    sizes
        Number of exceedances (n,) in the cluster of each peak.
    durations
        Days (n,) from the first exceedance of each cluster to the last; rows for undated data.
    exceedances
        Number of observations beyond the threshold, before declustering.
    observations
        Number of observations.
    separation
        What parts clusters, in words, such as "7 days"; "none" where every exceedance is a peak.
    merged
        DataFrame with columns ``date, value, peak_date, reason``: the exceedances that are no peaks. Undated data
        have the number of the row, counted from 0, for a date.
    gaps
        DataFrame with columns ``start, end, days, reason``: where values are missing, between which two dates, and
        how many days of them.
    time_unit
        "year"; "observation" for undated data of which it is not known how many a year holds.
    series
        The observations that the peaks were taken from (for drawing), None where there are none.
    audit
        The audit of the record they came from, None where there is none.
    origin
        What was watched and asked for, so that peaks over other thresholds can be taken; None of given peaks.
    observed
        Series of the part of each calendar year (its index) that was observed, in all ``years``; None where that
        is not known.
    lower, upper
        Of losses some of which were cut at their limit what is known of each, (n,): the loss, or its limit
        and inf, where ``values`` has NaN; None where all are numbers.
    each
        Of a batch its series one by one, where they bring dates, the years that were watched, and where they come
        from; None where they are but numbers.
    name, unit
        Of the values; the unit None where it is not known.
    notes
        What to know of them, as sentences.

    Examples
    --------
    >>> import evstats as ev
    >>> peaks = ev.peaks_over_threshold([3.0, 9.0, 8.0, 4.0, 2.0, 7.0, 1.0, 1.0, 6.0, 5.0], 5.5, separation=1)
    >>> peaks
    Peaks(3 peaks of value above 5.5, 0.3 an observation)
    >>> peaks.values, peaks.sizes
    (array([9., 7., 6.]), array([2, 1, 1]))
    """

    values: NDArray[np.float64]
    threshold: Numbers
    years: Numbers
    dates: pd.DatetimeIndex | None = None
    kind: str = "max"
    sizes: NDArray[np.int64] | None = None
    durations: NDArray[np.float64] | None = None
    exceedances: int | None = None
    observations: int | None = None
    separation: str = "none"
    merged: pd.DataFrame | None = None
    gaps: pd.DataFrame | None = None
    name: str = "value"
    unit: str | None = None
    notes: tuple[str, ...] = ()
    audit: Audit | None = None
    series: pd.Series | None = None
    time_unit: str = "year"
    origin: Origin | None = None
    observed: pd.Series | None = None
    lower: NDArray[np.float64] | None = None
    upper: NDArray[np.float64] | None = None
    each: tuple[Peaks, ...] | None = None

    def __post_init__(self) -> None:
        for array in (self.values, self.threshold, self.years, self.sizes, self.durations, self.lower, self.upper):
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

    @property
    def of_minima(self) -> bool:
        """Whether these are minima, which undercut the threshold."""
        return self.kind == "min"

    @property
    def has_bounds(self) -> bool:
        """Whether some of them are known only to lie above their limit."""
        return self.lower is not None

    @property
    def of_events(self) -> bool:
        """Whether they are of a list of events, such as claims, each of its own, and not of a series in time."""
        return self.has_bounds or (self.origin is not None and self.origin.watch.sample.events)

    @property
    def at_least(self) -> NDArray[np.float64]:
        """The peaks, or their limits, of shape batch + (n,)."""
        return self.values if self.lower is None else self.lower

    @property
    def pairs(self) -> NDArray[np.float64]:
        """What is known of each: lower and upper bound, (n, 2)."""
        return np.stack([self.at_least, self.values if self.upper is None else self.upper], axis=-1)

    @property
    def rate(self) -> Numbers:
        """Peaks a year, or an observation; of shape batch."""
        found = np.count_nonzero(~np.isnan(self.at_least), axis=-1) / self.years
        return float(found) if np.ndim(found) == 0 else np.asarray(found)

    @property
    def extremal_index(self) -> float | None:
        """Peaks by exceedance, 1 over the mean size of a cluster; None where the exceedances are not known."""
        return len(self) / self.exceedances if self.exceedances else None

    @property
    def share(self) -> float | None:
        """The share of observations that exceed the threshold; None where they are not known."""
        return self.exceedances / self.observations if self.exceedances and self.observations else None

    @property
    def span(self) -> str:
        """How many peaks there are, and the years observed: ``"312 peaks, 1926 to 2019"``."""
        return f"{len(self)} peak{'' if len(self) == 1 else 's'}{self.when}"

    def __len__(self) -> int:
        return int(np.count_nonzero(~np.isnan(self.at_least)))

    def __getitem__(self, index: Any) -> Peaks:
        """One series of a batch, without missing values: ``peaks[3]``; part of a batch is one again."""
        batch = self.values.shape[:-1]
        if not batch:
            raise ArgumentError("these are the peaks of a single series; there is nothing to index.")
        try:
            places = np.arange(math.prod(batch)).reshape(batch)[index]
        except (IndexError, TypeError, ValueError) as cause:
            raise ArgumentError(f"{index!r} is no series of a batch of shape {batch}.") from cause
        values = self.values.reshape(-1, self.values.shape[-1])[places]
        threshold, years = (own if np.ndim(own) == 0 else np.ravel(own)[places] for own in (self.threshold, self.years))
        if values.ndim > 1:
            each = None if self.each is None else tuple(self.each[place] for place in places.ravel())
            return replace(self, values=values.copy(), threshold=threshold, years=years, each=each)
        if self.each is not None:
            return self.each[places]
        there = values[~np.isnan(values)]
        return replace(self, values=there, threshold=float(threshold), years=float(years))

    def __repr__(self) -> str:
        cut = 0 if self.upper is None else int(np.count_nonzero(np.isposinf(self.upper)))
        what = (
            f"{len(self)} peak{'' if len(self) == 1 else 's'} of {self.name}{f', {cut} cut at a limit,' if cut else ''}"
        )
        if self.values.ndim > 1:
            return f"Peaks({what} in {math.prod(self.values.shape[:-1])} series)"
        beyond = "below" if self.of_minima else "above"
        limit = f"{number(float(self.threshold), 6)}{f' {self.unit}' if self.unit else ''}"
        return f"Peaks({what} {beyond} {limit}{self.when}, {number(float(self.rate), 3)} {self._per})"

    def to_frame(self) -> pd.DataFrame:
        """The peaks as a table with columns ``date, value, size, duration``; of a batch ``series, date, value``.

        What is not known is missing: no date for undated data.
        """
        import pandas as pd

        if self.values.ndim > 1:
            lanes = self.values.reshape(-1, self.values.shape[-1])
            series, place = np.nonzero(~np.isnan(lanes))
            found = pd.DataFrame({"series": series, "value": lanes[series, place]})
            if self.each is not None and all(own.dates is not None for own in self.each):
                found.insert(1, "date", [date for own in self.each for date in own.dates])  # type: ignore[union-attr]
            return found
        columns = {
            "date": pd.NaT if self.dates is None else self.dates,
            "value": self.values,
            **({} if self.lower is None else {"lower": self.lower, "upper": self.upper}),
            "size": np.nan if self.sizes is None else self.sizes,
            "duration": np.nan if self.durations is None else self.durations,
        }
        return pd.DataFrame(columns, index=pd.RangeIndex(self.values.size))

    def _repr_html_(self) -> str:
        peaks = self.to_frame().dropna(axis="columns", how="all")
        known: dict[str, Any] = {"Unit": self.unit, "Separation": self.separation}
        if self.values.ndim == 1:
            known |= {
                f"{self.time_unit.capitalize()}s observed": float(self.years),
                f"Peaks {self._per}": float(self.rate),
                "Exceedances": self.exceedances,
                "Peaks by exceedance": self.extremal_index,
                "Share of observations": self.share,
            }
        return markup.page(
            repr(self),
            markup.facts(known),
            markup.table(f"Peaks ({len(self)})", peaks),
            *(markup.table(f"Gaps ({len(gaps)})", gaps) for gaps in [self.gaps] if gaps is not None),
            markup.notes(self.notes),
        )

    @property
    def _per(self) -> str:
        return f"{'an' if self.time_unit == 'observation' else 'a'} {self.time_unit}"

    @property
    def when(self) -> str:
        """The first and the last year of the record, or of the peaks: ``", 1926 to 2019"``."""
        dates = self.dates if self.series is None else self.series.index
        if dates is None or not len(dates) or dates.dtype.kind != "M":
            return ""
        return f", {dates[0].year} to {dates[-1].year}"
