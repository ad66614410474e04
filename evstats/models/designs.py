"""What the data of a sample are: the points they make, how new data are drawn, and the residuals of those there are.

Everything that must know of what kind the data are asks their design. Simulation and the bootstrap draw with it, tests
of fit look at its residuals, and the likelihood is that of its points.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Final, Self

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Places
from evstats.distributions.probabilities import opposite_tail
from evstats.errors import ArgumentError, DataError
from evstats.models.points import Points, filled
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from evstats.distributions import Family
    from evstats.extremes.resolution import Resolution

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Design(ABC):
    """A kind of data, in terms of the distribution of the maximum of a block (or year).

    Data have shape batch + sample, the sample in the last ``axes`` axes, NaN where a value is missing. Noise is that of
    the standard Gumbel. Distributions are one for each block, of shape batch + (blocks,), or broadcast to that: the
    same for all blocks, batch + (1,), or a single one, ().

    A design writes its label and three functions of maxima; ``drawn`` and ``residuals`` mirror them for families of
    minima.
    """

    #: How many of the last axes of the data are one sample; the first of them are the rows that can be resampled.
    axes: ClassVar[int] = 1
    #: Whether the number of values in a sample is itself random.
    random_size: ClassVar[bool] = False
    #: Whether some observations may be known by bounds alone.
    bounded: ClassVar[bool] = False

    # -- what a design writes ------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def label(self) -> str:
        """What the data are, in the plural: ``block maxima``."""

    @abstractmethod
    def points(self, data: Array) -> Points:
        """The points of maxima, of shape batch + (points,).

        Raises
        ------
        DataError
            If the data cannot be of this design.
        """

    @abstractmethod
    def from_noise(self, distribution: Family, noise: Array) -> Array:
        """Data of a family of maxima, by a transform of standard Gumbel noise."""

    @abstractmethod
    def to_noise(self, distribution: Family, data: Array) -> Array:
        """The noise, one for every value of maxima, that gives it."""

    def levels(self, data: Array) -> Array:
        """The finite numbers of samples (m, *sample), (m, numbers), NaN for none: where their points lie."""
        return data.reshape(len(data), -1)

    def counts(self, data: Array) -> Places:
        """How many observations samples have, of shape batch."""
        return np.asarray(np.count_nonzero(~np.isnan(data), axis=tuple(range(-self.axes, 0))))

    def numbers(self, data: Array) -> Array:
        """The observations that are known as numbers, NaN for others."""
        return data

    def about(self, data: Array, *, minima: bool) -> Array:
        """Where each observation is about, as one looks for the most extreme; NaN where that is not known."""
        return self.numbers(data)

    def not_positive(self, data: Array, *, zeros: bool) -> NDArray[np.bool_]:
        """Which samples have a value below zero, or at it if ``zeros`` count too, of shape batch."""
        wrong = (data <= 0.0) if zeros else (data < 0.0)
        return np.asarray((wrong & np.isfinite(data)).any(axis=tuple(range(-self.axes, 0))))

    def noise_shape(self, distribution: Family, data: Array) -> tuple[int, ...]:
        """The shape of the noise behind one sample like ``data``, (..., *sample), of a distribution (or several)."""
        return data.shape[-self.axes :]

    def mirrored(self) -> Self:
        """The design of -x."""
        return self

    def turned(self, function: Callable[[Array], Array]) -> Self:
        """The design of an increasing function of x."""
        return self

    def of_lanes(self, lanes: slice | NDArray[np.intp]) -> Self:
        """The design of the samples with these places among all, where each has its own."""
        return self

    def repeated(self, count: int) -> Self:
        """The design of every sample so many times, along one more axis of the batch."""
        return self

    # -- what follows --------------------------------------------------------------------------------------------------

    def drawn(self, distribution: Family, noise: Array) -> Array:
        """New data: the transform of standard Gumbel noise (..., *noise_shape); of minima, the mirror image.

        The same noise gives the same data.
        """
        if not distribution.minima:
            return self.from_noise(distribution, noise)
        return -self.mirrored().from_noise(distribution.as_maxima(), noise)

    def residuals(self, distribution: Family, data: Array) -> Array:
        """A residual for every value, in the order of the data: the noise it would be drawn from.

        They are independent standard Gumbel variables if the distribution is true: +inf beyond the end of the support
        on the extreme side, -inf beyond the other, NaN of a missing value.
        """
        if not distribution.minima:
            return self.to_noise(distribution, data)
        return self.mirrored().to_noise(distribution.as_maxima(), -data)

    def like(self, data: Array, drawn: Array) -> Array:
        """Drawn data with what is missing in the sample they stand for missing too."""
        missing = np.isnan(data)
        return np.where(missing, np.nan, drawn) if not self.random_size and missing.any() else drawn

    def alike(self, data: Array, usable: NDArray[np.bool_]) -> Iterator[NDArray[np.intp]]:
        """The places of those usable samples (m, *sample) that can be drawn together; here each by itself."""
        yield from (np.array([lane]) for lane in np.flatnonzero(usable))

    def packed(self, data: Array) -> Array:
        """Samples that can be drawn together (m, *sample), without the rows that are missing."""
        there = ~np.isnan(data[0]).reshape(data.shape[1], -1).all(axis=-1)
        return data if there.all() else data[:, there]


@dataclass(frozen=True)
class BlockMaxima(Design):
    """The maximum of each block, (..., blocks), or the minimum.

    Parameters
    ----------
    recorded
        The steps in which drawn values are written down, as ``extremes.resolution`` finds them in a record of as
        many values; None for values as they are. The residuals are those of the values as they stand.
    """

    recorded: Resolution | None = None

    label = "block maxima"

    def points(self, data: Array) -> Points:
        """Each an event, with nothing beyond it in its block."""
        return Points.of_maxima(data)

    def from_noise(self, distribution: Family, noise: Array) -> Array:
        """The family's transform, written down."""
        values = distribution.from_gumbel(noise)
        return values if self.recorded is None else self.recorded.written(values)

    def to_noise(self, distribution: Family, data: Array) -> Array:
        """The reduced variates."""
        return distribution.reduced(data)

    def turned(self, function: Callable[[Array], Array]) -> Self:
        """Without steps, which a function of x has none of."""
        return replace(self, recorded=None)

    def mirrored(self) -> Self:
        """With the steps of -x."""
        return self if self.recorded is None else replace(self, recorded=self.recorded.mirrored())

    def alike(self, data: Array, usable: NDArray[np.bool_]) -> Iterator[NDArray[np.intp]]:
        """Series of equally many values, the shortest first."""
        counts = np.count_nonzero(~np.isnan(data), axis=-1)
        yield from (np.flatnonzero(usable & (counts == count)) for count in np.unique(counts[usable]))

    def packed(self, data: Array) -> Array:
        """Series of equally many values without their gaps."""
        missing = np.isnan(data)
        return data[~missing].reshape(len(data), -1) if missing.any() else data


BLOCK_MAXIMA: Final = BlockMaxima()
"""Complete block maxima or minima: the design of every series that says nothing else."""


@dataclass(frozen=True)
class Largest(Design):
    """The r largest values of each block, (..., blocks, r), in falling order; a block may end early with NaN.

    With Lambda the intensity of the values of a block, Lambda of the largest, and the steps from each to the next, are
    independent standard exponential variables.

    References
    ----------
    - Weissman, I. (1978). Journal of the American Statistical Association 73, 812-815.
    - Coles, S. (2001). An Introduction to Statistical Modeling of Extreme Values. Springer, section 3.5.
    """

    r: int

    axes = 2

    def __post_init__(self) -> None:
        if isinstance(self.r, bool) or not isinstance(self.r, (int, np.integer)) or self.r < 1:
            raise ArgumentError(f"r is {self.r!r}", "expected a whole number of at least 1, the values of each block.")

    @property
    def label(self) -> str:
        """``the 5 largest values of each block``."""
        return f"the {self.r} largest values of each block"

    def numbers(self, data: Array) -> Array:
        """The largest of each block."""
        return data[..., 0]

    def points(self, data: Array) -> Points:
        """Each an event, with nothing more beyond the last of its block."""
        x = self._checked(data)
        present = (~np.isnan(x)).astype(np.float64)
        last = present.copy()
        last[..., :-1] -= present[..., 1:]
        flat = (*x.shape[:-2], -1)
        events = present.reshape(flat)
        return Points.of(filled(x.reshape(flat), events), events, last.reshape(flat))

    def from_noise(self, distribution: Family, noise: Array) -> Array:
        """Lambda of the j-th largest is the sum of j exponential variables exp(-noise)."""
        return distribution[..., None].from_gumbel(-np.logaddexp.accumulate(-noise, axis=-1))

    def to_noise(self, distribution: Family, data: Array) -> Array:
        """-log of the steps in Lambda from the value before, of the largest from none."""
        y = distribution[..., None].reduced(data)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(np.isinf(y[..., 1:]), -np.inf, np.diff(y, axis=-1))
            y[..., 1:] -= np.log(-np.expm1(step))
        return y

    def _checked(self, data: Array) -> Array:
        x = np.asarray(data, dtype=np.float64)
        if x.ndim < 2 or x.shape[-1] != self.r:
            raise DataError(f"the data have shape {x.shape}", f"expected (..., blocks, {self.r}) for {self.label}.")
        missing = np.isnan(x)
        wrong = (x[..., 1:] > x[..., :-1]) | (missing[..., :-1] & ~missing[..., 1:])
        if wrong.any():
            *lane, block, _ = (int(place) for place in np.argwhere(wrong)[0])
            where = f"block {block}" + (f" of series {tuple(lane)}" if lane else "")
            raise DataError(
                f"the values of {where} do not fall from the first to the last, missing ones at the end",
                "sort every block with its largest value first.",
            )
        return x


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


def refuse_but_maxima(what: str, design: Design) -> None:
    """An error that names what is there for block maxima only, unless the design is that."""
    if sentence := only_for_maxima(what, design):
        raise ArgumentError(sentence)


def only_for_maxima(what: str, design: Design) -> str | None:
    """The sentence that refuses any design but block maxima; None for those."""
    return None if isinstance(design, BlockMaxima) else f"{what} for block maxima, not for {design.label}."


__all__ = [
    "BLOCK_MAXIMA",
    "BlockMaxima",
    "Design",
    "Exceedances",
    "ExceedancesByYear",
    "Largest",
    "LimitedExceedances",
    "only_for_maxima",
    "refuse_but_maxima",
]
