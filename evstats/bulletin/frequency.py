"""The flood frequency analysis of Bulletin 17C, from annual peaks and what is known of other years to quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.bulletin.moments import (
    Intervals,
    Moments,
    covariance,
    expected_moments,
    quantile_limits,
    skew_error,
)
from evstats.bulletin.pearson import pearson_quantile
from evstats.errors import ArgumentError, DataError, FitError, Status
from evstats.extremes.records import Extremes
from evstats.intervals.base import check_confidence
from evstats.notes import Note
from evstats.quantities import as_questions
from evstats.remarks.checks import multiple_grubbs_beck
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    import pandas as pd

#: Years of peaks that the Bulletin asks for.
FEWEST = 10
#: Return periods that are told unasked.
PERIODS = (2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 200.0, 500.0)


@dataclass(frozen=True, eq=False)
class Bulletin17C:
    """A log-Pearson type III distribution by the expected moments algorithm.

    Attributes
    ----------
    mean, std, skew : of the decimal logarithms; the skew is the weighted one where a regional skew is given.
    station_skew, station_mse : the skew of the station alone, and its mean square error.
    regional_skew, regional_mse : as they were given, or None.
    low_outliers, threshold : the number of potentially influential low peaks, and the smallest peak that is none (0.0
        where there are none): peaks below it are known only to be so.
    years, measured : years of which anything is known, and those whose peak is a number and no low outlier.
    name, unit : of the peaks.
    notes : what is to be said.
    """

    mean: float
    std: float
    skew: float
    station_skew: float
    station_mse: float
    regional_skew: float | None
    regional_mse: float | None
    low_outliers: int
    threshold: float
    years: int
    measured: int
    name: str
    unit: str | None
    notes: tuple[Note, ...]
    _seen_from: Array
    _weight: float

    def return_level(self, periods: ArrayLike = PERIODS, *, confidence: float = 0.9) -> pd.DataFrame:
        """The flows that are exceeded once in T years on average.

        Parameters
        ----------
        periods : T in years, above 1.
        confidence : of the limits, those of the Bulletin: quantile and standard error together.

        Returns
        -------
        DataFrame : index ``return_period``; ``aep``, ``estimate``, ``lower``, ``upper``, in the unit of the peaks.

        Examples
        --------
        >>> peaks = [2080.0, 1670, 1480, 2940, 1560, 2380, 2720, 2860, 2620, 1710, 1370, 2180, 1160, 2780]
        >>> bulletin17c(peaks).return_level([100]).round(2)
                        aep  estimate    lower    upper
        return_period
        100.0          0.01   3831.78  3066.46  6369.12
        """
        import pandas as pd

        asked = as_questions(periods, "periods")
        if (asked <= 1.0).any():
            raise ArgumentError("a return period of annual peaks is above 1 year", "ask for longer ones.")
        level = check_confidence(confidence)
        p, moments = 1.0 - 1.0 / asked, self._moments
        estimate = moments.mean + moments.std * pearson_quantile(p, moments.skew)
        lower, upper = quantile_limits(p, self._seen_from[None], moments, level, self._weight, self.regional_mse or 0.0)
        columns = {"aep": 1.0 / asked} | {
            name: 10.0**own for name, own in (("estimate", estimate), ("lower", lower[0]), ("upper", upper[0]))
        }
        found = pd.DataFrame(columns, index=pd.Index(asked, name="return_period"))
        found.attrs |= {"unit": self.unit, "confidence": level, "notes": self.notes}
        return found

    @property
    def _moments(self) -> Moments:
        mean, std, skew = (np.array([own]) for own in (self.mean, self.std, self.skew))
        return Moments(mean, std, skew, np.array([True]))

    def __repr__(self) -> str:
        return f"Bulletin17C({self.mean:.6f}, {self.std:.6f}, {self.skew:.6f} of {self.years} years)"


def bulletin17c(
    peaks: Extremes | ArrayLike,
    *,
    regional_skew: float | None = None,
    regional_mse: float | None = None,
    low_outliers: str | float | None = "mgbt",
) -> Bulletin17C:
    """Flood frequency by Bulletin 17C: log-Pearson type III by the expected moments algorithm.

    Parameters
    ----------
    peaks : annual maxima of flow, as of ``block_maxima``, ``read_peaks``, ``observed`` or ``with_history``, or an
        array (n,). Bounds, years of history and thresholds of perception count for what they say; a flow of zero is a
        low outlier.
    regional_skew, regional_mse : skew of the region and its mean square error, both or neither: the skew is then that
        of both, weighted by their errors.
    low_outliers : ``"mgbt"``, the multiple Grubbs-Beck test; a flow below which peaks count as low; or None.

    Raises
    ------
    DataError : a negative flow; fewer than 10 years; no three peaks above the low outliers.
    FitError : moments that do not settle.
    ArgumentError : a regional skew without its error, or the reverse; minima; several series.

    Notes
    -----
    The mean square error of the station's skew is Bulletin 17B's for so many years (at most 150), times the ratio of
    the algorithm's asymptotic variances with what is censored and without, where that are years of history; PeakFQ 8.1
    weights in a way of its own, which gives other weighted skews where there are low outliers. Limits are those of
    Cohn, Lane and Stedinger, by first-order propagation; those of PeakFQ, whose variances are integrated, differ
    slightly. Measured at a nominal 90 % for the 100-year flow, skews -.4, 0, .4, from 40 and 80 years and from 30 with
    100 years of history: .882 to .899 (3,000 records each; ``python tests/studies/bulletin.py``).

    Examples
    --------
    >>> peaks = [2080.0, 1670, 1480, 2940, 1560, 2380, 2720, 2860, 2620, 1710, 1370, 2180, 1160, 2780]
    >>> found = bulletin17c(peaks, regional_skew=0.44, regional_mse=0.078)
    >>> round(found.skew, 3)
    0.305

    References
    ----------
    England, J. F. et al. (2019). Guidelines for determining flood flow frequency, Bulletin 17C. U.S. Geological Survey
    Techniques and Methods 4-B5, appendices 6 and 7.
    Cohn, T. A., Lane, W. L. and Baier, W. G. (1997). Water Resources Research 33, 2089-2096.
    """
    record = peaks if isinstance(peaks, Extremes) else _as_record(peaks)
    _check(record, regional_skew, regional_mse)
    lower, upper, seen = _bounds(record)
    exact = lower == upper
    count, threshold = _low_outliers(lower[exact], low_outliers)
    if threshold > 0.0:
        low = exact & (lower < threshold)
        lower, upper = np.where(low, 0.0, lower), np.where(low, threshold, upper)
        seen = np.maximum(seen, threshold)
    with np.errstate(divide="ignore"):
        data, seen_from = Intervals(np.log10(lower)[None], np.log10(upper)[None]), np.log10(seen)
    if int(data.exact.sum()) < 3:
        raise DataError(
            f"{int(data.exact.sum())} peaks are numbers and no low outliers; three moments need at least 3",
            Text("lower the threshold of low outliers (", Setting("low_outliers"), ") or use a longer record."),
        )
    station = expected_moments(data)
    error = _station_error(station, seen_from, censored_low=threshold > 0.0)
    weight = 0.0 if regional_mse is None else lower.size * error / regional_mse
    found = station if regional_skew is None else expected_moments(data, regional_skew, weight)
    if not (station.converged[0] and found.converged[0]):
        raise FitError(
            "the expected moments do not settle: too few peaks are measured for what is censored",
            Status.NOT_CONVERGED,
            "lower the threshold of low outliers, or use a longer record.",
        )
    return Bulletin17C(
        mean=float(found.mean[0]),
        std=float(found.std[0]),
        skew=float(found.skew[0]),
        station_skew=float(station.skew[0]),
        station_mse=error,
        regional_skew=regional_skew,
        regional_mse=regional_mse,
        low_outliers=count,
        threshold=threshold,
        years=lower.size,
        measured=int(data.exact.sum()),
        name=record.name,
        unit=record.unit,
        notes=tuple(_notes(record, count, threshold, int(exact.sum()))),
        _seen_from=seen_from,
        _weight=weight,
    )


def _as_record(values: Any) -> Extremes:
    from evstats.extremes.bounds import observed

    return observed(values, values)


def _check(record: Extremes, regional_skew: float | None, regional_mse: float | None) -> None:
    if record.of_minima or record.values.ndim > 1:
        raise ArgumentError("Bulletin 17C is of the annual maxima of one series", "give those.")
    if (regional_skew is None) != (regional_mse is None):
        given, other = ("regional_skew", "regional_mse") if regional_mse is None else ("regional_mse", "regional_skew")
        raise ArgumentError(
            Text(Setting(given), " is given without ", Setting(other), ", by which it is weighted"),
            "give both, as the report on the region has them, or neither.",
            argument=given,
        )
    if regional_mse is not None and not regional_mse > 0.0:
        raise ArgumentError(Text(Setting("regional_mse", regional_mse), " is no error"), "give a number above 0.")


def _bounds(record: Extremes) -> tuple[Array, Array, Array]:
    """Lower and upper bound of every year of which anything is known, and the flow from which it would be measured."""
    pairs = record.pairs
    known = ~np.isnan(pairs).any(axis=-1)
    lower, upper = pairs[known].T
    if (wrong := (upper < 0.0) | ((lower < 0.0) & np.isfinite(lower))).any():
        label = record.blocks[known][int(np.argmax(wrong))]
        raise DataError(
            f"the peak of {label} is negative, of which there is no logarithm", "correct it, or leave the year out."
        )
    if lower.size < FEWEST:
        raise DataError(
            f"there are {lower.size} years of peaks; Bulletin 17C asks for at least {FEWEST}", "use a longer record."
        )
    seen = np.zeros(lower.size) if record.perception is None else np.maximum(record.perception[known], 0.0)
    return np.maximum(lower, 0.0), upper.copy(), seen


def _low_outliers(exact: Array, asked: str | float | None) -> tuple[int, float]:
    """How many measured peaks are low outliers, and the smallest that is none."""
    if asked is None:
        positive = exact[exact > 0.0]
        zeros = int((exact == 0.0).sum())
        return zeros, float(positive.min()) if zeros and positive.size else 0.0
    if isinstance(asked, str):
        if asked != "mgbt":
            raise ArgumentError(
                Text(Setting("low_outliers", asked), " is no test"), "give 'mgbt', a flow, or None for none."
            )
        found = multiple_grubbs_beck(exact)
        return found.count, found.threshold
    if not asked > 0.0:
        raise ArgumentError(Text(Setting("low_outliers", asked), " is no flow"), "give a number above 0, or 'mgbt'.")
    return int((exact < asked).sum()), float(asked) if (exact < asked).any() else 0.0


def _station_error(station: Moments, seen_from: Array, *, censored_low: bool) -> float:
    """The mean square error of the station's skew."""
    plain = float(skew_error(station.skew, np.array([float(seen_from.size)]))[0])
    if censored_low or np.isneginf(seen_from).all():
        return plain
    known, all_seen = (covariance(own[None], station)[0, 2, 2] for own in (seen_from, np.full_like(seen_from, -np.inf)))
    return plain * float(known / all_seen)


def _notes(record: Extremes, count: int, threshold: float, exact: int) -> list[Note]:
    found = [note for note in record.notes if isinstance(note, Note)]
    if count:
        found.append(Note("bulletin_low_outliers", count=count, threshold=threshold, of=exact))
    if 2 * count > exact:
        found.append(Note("bulletin_mostly_low", count=count, of=exact))
    return found


__all__ = ["Bulletin17C", "bulletin17c"]
