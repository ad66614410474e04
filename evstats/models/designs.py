"""What the data of a sample are: the points they make, how new data are drawn, and the residuals of those there are.

Everything that must know of what kind the data are asks their design. Simulation and the bootstrap draw with it, tests
of fit look at its residuals, and the likelihood is that of its points.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final, Self

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, Places
from evstats.errors import ArgumentError, DataError
from evstats.models.points import Points, filled

if TYPE_CHECKING:
    from evstats.distributions import Family
    from evstats.extremes.resolution import Resolution


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

    Parameters
    ----------
    r
        How many of each block.
    recorded
        The steps in which drawn values are written down, all of a block in the same; None for values as they are.

    References
    ----------
    - Weissman, I. (1978). Journal of the American Statistical Association 73, 812-815.
    - Coles, S. (2001). An Introduction to Statistical Modeling of Extreme Values. Springer, section 3.5.
    """

    r: int
    recorded: Resolution | None = None

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
        values = distribution[..., None].from_gumbel(-np.logaddexp.accumulate(-noise, axis=-1))
        return values if self.recorded is None else self.recorded.shared(values.swapaxes(-1, -2)).swapaxes(-1, -2)

    def to_noise(self, distribution: Family, data: Array) -> Array:
        """-log of the steps in Lambda from the value before, of the largest from none; NaN where both are equal, of
        which the step is not known.
        """
        y = distribution[..., None].reduced(data)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(np.isinf(y[..., 1:]), -np.inf, np.diff(y, axis=-1))
            y[..., 1:] -= np.log(-np.expm1(step))
        y[..., 1:][data[..., 1:] == data[..., :-1]] = np.nan
        return y

    def turned(self, function: Callable[[Array], Array]) -> Self:
        """Without steps, which a function of x has none of."""
        return replace(self, recorded=None)

    def mirrored(self) -> Self:
        """With the steps of -x."""
        return self if self.recorded is None else replace(self, recorded=self.recorded.mirrored())

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
    "Largest",
    "only_for_maxima",
    "refuse_but_maxima",
]
