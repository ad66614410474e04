"""Designs of exceedances of a threshold: whole, by year, and above a limit."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, Places
from evstats.distributions.probabilities import opposite_tail
from evstats.errors import ArgumentError, DataError
from evstats.models.designs import Design
from evstats.models.points import Points
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from evstats.distributions import Family
    from evstats.extremes.resolution import Resolution


@dataclass(frozen=True)
class Exceedances(Design):
    """The values above a threshold in so many years, (..., values), in any order and padded with NaN.

    As a point process: years * Lambda(threshold) of them are expected, Lambda the intensity in a year, so that the
    distribution is that of annual maxima. For minima the values are those below the threshold.

    Parameters
    ----------
    threshold
        In the unit of the data; a number, or one for each sample.
    years
        Observed; a number, or one for each sample.
    recorded
        The steps in which drawn values are written down, as ``extremes.resolution`` finds them, of which those
        above the threshold are kept; None for values as they are.
    tried
        Of one sample, the candidates that the threshold was chosen among and how, for what repeats the choice; None
        where it was given.

    Notes
    -----
    The noise of a sample, (..., 2, m), has a row whose sums exp(-noise) are the arrivals in units of the expected
    number of a year, and a row for the sizes. The m of ``noise_shape`` are ten standard deviations more than expected.

    References
    ----------
    - Coles, S. (2001). An Introduction to Statistical Modeling of Extreme Values. Springer, chapter 7.
    """

    threshold: float | Array
    years: float | Array
    recorded: Resolution | None = None
    tried: object | None = field(default=None, compare=False, repr=False)

    random_size = True

    def __post_init__(self) -> None:
        if not np.isfinite(self.threshold).all():
            raise ArgumentError(f"threshold is {self.threshold!r}", "expected a finite number in the unit of the data.")
        if not np.all((np.asarray(self.years) > 0.0) & np.isfinite(self.years)):
            raise ArgumentError(
                Text(Setting("years"), f" is {self.years!r}"),
                "expected the positive number of years that were observed.",
            )

    @property
    def label(self) -> str:
        """``exceedances of 30 in 12 years``."""
        if np.ndim(self.threshold) or np.ndim(self.years):
            return "exceedances of a threshold"
        return f"exceedances of {self.threshold:g} in {self.years:g} years"

    def of_lanes(self, lanes: slice | NDArray[np.intp]) -> Self:
        """With their thresholds and years."""
        threshold, years = (
            each if np.ndim(each) == 0 else np.ravel(each)[lanes] for each in (self.threshold, self.years)
        )
        return replace(self, threshold=threshold, years=years, tried=None)

    def repeated(self, count: int) -> Self:
        """With their thresholds and years."""
        threshold, years = (
            each if np.ndim(each) == 0 else np.repeat(np.asarray(each)[..., None], count, axis=-1)
            for each in (self.threshold, self.years)
        )
        return replace(self, threshold=threshold, years=years)

    def points(self, data: Array) -> Points:
        """Each an event, and all years at the threshold."""
        x = np.asarray(data, dtype=np.float64)
        threshold = self.checked_threshold(x)
        present = ~np.isnan(x)
        seen = Points.of(np.where(present, x, threshold), present)
        return Points.joined(seen, self._watched(threshold))

    def _watched(self, threshold: Array) -> Points:
        """All that was watched, at the threshold of each sample, (..., 1)."""
        return Points.of(threshold, 0.0, _column(self.years))

    def checked_threshold(self, x: Array) -> Array:
        """The threshold of each sample, (..., 1), which all its values are beyond."""
        threshold = np.broadcast_to(_column(self.threshold), (*x.shape[:-1], 1))
        if np.any(x <= threshold):
            place = tuple(np.argwhere(x <= threshold)[0])
            raise DataError(
                f"the value {x[place]:g} at position {int(place[-1])} is not beyond the threshold of "
                f"{threshold[*place[:-1], 0]:g}",
                "leave such values out, or lower the threshold.",
            )
        return threshold

    def noise_shape(self, distribution: Family, data: Array) -> tuple[int, ...]:
        """Room for more values than will be drawn."""
        most = float(np.max(np.nan_to_num(self._expected(distribution[..., None])), initial=0.0))
        return 2, math.ceil(most + 10.0 * math.sqrt(most) + 30.0)

    def from_noise(self, distribution: Family, noise: Array) -> Array:
        """Values are drawn until the arrivals pass the expected number; those left over are NaN.

        Raises
        ------
        ArgumentError
            If the noise ends before.
        """
        expected = self._expected(distribution)
        arrivals = np.cumsum(np.exp(-noise[..., 0, :]), axis=-1)
        if np.any(arrivals[..., -1:] <= expected):
            raise ArgumentError(
                f"the noise has room for {noise.shape[-1]} values and more are to be drawn",
                "take that of noise_shape().",
            )
        y = distribution.reduced(_column(self.threshold)) + np.exp(-opposite_tail(noise[..., 1, :]))
        seen = arrivals <= expected
        most = int(seen.sum(axis=-1).max(initial=0))
        values = np.where(seen, distribution.from_gumbel(y), np.nan)[..., :most]
        if self.recorded is None:
            return values
        written = self.recorded.shared(values)
        return np.where(written > _column(self.threshold), written, np.nan)

    def to_noise(self, distribution: Family, data: Array) -> Array:
        """Of the sizes, whose Lambda is uniform below that of the threshold; the arrivals are not in the data."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return opposite_tail(-np.log(self._sizes(distribution, data)))

    def mirrored(self) -> Self:
        """With the threshold of -x."""
        recorded = None if self.recorded is None else self.recorded.mirrored()
        return replace(self, threshold=-self.threshold, recorded=recorded)

    def _sizes(self, distribution: Family, data: Array) -> Array:
        """Of every value, minus the logarithm of the share of values beyond it."""
        return distribution.reduced(data) - distribution.reduced(_column(self.threshold))

    def _expected(self, distribution: Family) -> Array:
        """How many values are expected of every distribution."""
        extreme = distribution.as_maxima()
        threshold = self.threshold if extreme is distribution else -self.threshold
        with np.errstate(over="ignore"):
            expected = _column(self.years) * np.exp(-extreme.reduced(_column(threshold)))
        if np.isinf(expected).any():
            raise ArgumentError(
                f"the threshold of {np.max(threshold):g} lies below all values of a distribution, so that it is passed "
                "without end",
                "raise the threshold.",
            )
        return np.asarray(expected)


@dataclass(frozen=True)
class LimitedExceedances(Exceedances):
    """The values above a threshold in so many years of which some are known only to lie above a limit.

    Data are (..., values, 2), lower and upper bound, equal or the upper infinite; NaN where missing.

    Others like them cannot be drawn: the limits of those that were not cut are not known.

    References
    ----------
    - Klugman, S. A., Panjer, H. H. and Willmot, G. E. (2012). Loss Models. Wiley, section 13.2.
    """

    axes = 2
    bounded = True

    @property
    def label(self) -> str:
        """``exceedances of 30 in 12 years, some cut at a limit``."""
        return f"{super().label}, some cut at a limit"

    def points(self, data: Array) -> Points:
        """Each an event, or one beyond its limit, and all years at the threshold."""
        lower = np.asarray(data[..., 0], dtype=np.float64)
        threshold = self.checked_threshold(lower)
        present, cut = ~np.isnan(lower), np.isposinf(data[..., 1])
        seen = Points.of(np.where(present, lower, threshold), present & ~cut)
        return Points.joined(replace(seen, beyond=(present & cut).astype(np.float64)), self._watched(threshold))

    def levels(self, data: Array) -> Array:
        """The values, or their limits."""
        return data[..., 0].reshape(len(data), -1)

    def counts(self, data: Array) -> Places:
        """Those cut at a limit too."""
        return np.asarray(np.count_nonzero(~np.isnan(data[..., 0]), axis=-1))

    def numbers(self, data: Array) -> Array:
        """Those that were not cut."""
        return np.where(np.isposinf(data[..., 1]), np.nan, data[..., 0])

    def from_noise(self, distribution: Family, noise: Array) -> Array:
        """Always an error."""
        raise ArgumentError(
            "losses cut at their limits are not simulated: the limits of those that were not cut are not known",
            Text("take ", Setting("interval", "profile"), ", which needs no simulation."),
        )

    def to_noise(self, distribution: Family, data: Array) -> Array:
        """Of the sizes that are numbers."""
        return super().to_noise(distribution, self.numbers(data))


@dataclass(frozen=True, eq=False)
class ExceedancesByYear(Exceedances):
    """The values of a sample above a threshold, and how much of each calendar year was observed.

    Parameters
    ----------
    observed
        Years (y,) observed in each calendar year, in all ``years``; of samples with years of their own batch +
        (y,), 0 at the end of those with fewer.
    owner
        The place of the calendar year of each value, (values,), or batch + (values,).
    """

    observed: Array = field(kw_only=True)
    owner: Places = field(kw_only=True)

    def of_lanes(self, lanes: slice | NDArray[np.intp]) -> Self:
        """With their years and owners, where each has its own."""
        found = super().of_lanes(lanes)
        if self.observed.ndim == 1:
            return found
        observed = self.observed.reshape(-1, self.observed.shape[-1])[lanes]
        return replace(found, observed=observed, owner=self.owner.reshape(-1, self.owner.shape[-1])[lanes])

    def repeated(self, count: int) -> Self:
        """With their years and owners, where each has its own."""
        found = super().repeated(count)
        if self.observed.ndim == 1:
            return found
        observed = np.repeat(self.observed[..., None, :], count, axis=-2)
        return replace(found, observed=observed, owner=np.repeat(self.owner[..., None, :], count, axis=-2))

    def _watched(self, threshold: Array) -> Points:
        """Year by year."""
        return Points.of(np.repeat(threshold, self.observed.shape[-1], axis=-1), 0.0, self.observed)


def _column(own: float | Array) -> Array:
    """A number as it is; numbers of samples as a column beside their values."""
    return np.asarray(own, dtype=np.float64)[..., None] if np.ndim(own) else np.asarray(own, dtype=np.float64)
