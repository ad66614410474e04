"""Block maxima of which some are known by bounds alone: what they say, and how such records come about."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from evstats.arrays import Array, Mask, Places
from evstats.models.designs import Design
from evstats.models.points import Points

if TYPE_CHECKING:
    from evstats.distributions import Family

#: Bounds closer together than this share of the spread of a sample are a number, halfway between, and the density
#: there times their distance the probability: the error is of second order in the share, that of a difference of two
#: probabilities would grow as it shrinks.
NARROW = 1e-4


class Bounds(NamedTuple):
    """The bounds of every observation, NaN where it is missing; equal where it is a number, infinite where open."""

    lower: Array
    upper: Array

    @classmethod
    def of(cls, data: Array) -> Bounds:
        """Those of pairs (..., n, 2), in either order, as -x has them."""
        return cls(data.min(axis=-1), data.max(axis=-1))

    @property
    def exact(self) -> Mask:
        """Which are numbers."""
        return np.asarray((self.lower == self.upper) & np.isfinite(self.lower))

    @property
    def below(self) -> Mask:
        """Which are known to lie below a level, and no more."""
        return np.isneginf(self.lower) & np.isfinite(self.upper)

    @property
    def above(self) -> Mask:
        """Which are known to lie above a level, and no more."""
        return np.isfinite(self.lower) & np.isposinf(self.upper)

    @property
    def between(self) -> Mask:
        """Which are known to lie between two levels."""
        return np.isfinite(self.lower) & np.isfinite(self.upper) & (self.lower < self.upper)


@dataclass(frozen=True, eq=False)
class Observed(Design):
    """Block maxima as their bounds, (..., blocks, 2): equal where one is a number, infinite where open, NaN if missing.

    Parameters
    ----------
    record
        The bounds of a sample, or of every one, by whose example others are drawn; None where none will be.
    perception
        The level above which every block of the record would have been known, (..., blocks); -inf where all
        are.

    Notes
    -----
    A drawn value below the perception of its block is known to lie below it, and one above as a number, unless of most
    blocks of the record that passed theirs only that is known. Without perception one that falls below the bound of a
    block known to lie below it, or above that of one known to lie above, is known by that bound; one of a block known
    between two bounds lies in a step as wide.

    References
    ----------
    - Stedinger, J. R. and Cohn, T. A. (1986). Water Resources Research 22, 785-793.
    """

    record: Array | None = field(default=None, repr=False)
    perception: Array | None = field(default=None, repr=False)

    label = "observations known by bounds"
    axes = 2
    bounded = True

    def points(self, data: Array) -> Points:
        """Equal observations of a sample as one point."""
        return self._points(data, grouped(np.asarray(data, dtype=np.float64)))

    def points_by_block(self, data: Array) -> Points:
        """The same with every observation a point of its own, which may have a distribution of its own."""
        lower, upper = Bounds.of(np.asarray(data, dtype=np.float64))
        return self._points(data, _Groups(lower, upper, np.where(np.isnan(lower), 0.0, 1.0)))

    def _points(self, data: Array, found: _Groups) -> Points:
        bounds, count = Bounds(found.lower, found.upper), found.number
        flat = self.levels(data.reshape(-1, *data.shape[-2:]))
        spread = np.nanstd(flat, axis=-1).reshape(*data.shape[:-2], 1) if flat.size else 0.0
        with np.errstate(invalid="ignore"):
            width = np.where(bounds.between, bounds.upper - bounds.lower, np.inf)
            narrow = width < NARROW * spread
        exact, within = bounds.exact | narrow, bounds.between & ~narrow
        constant = np.sum(np.where(narrow, count * np.log(np.where(narrow, width, 1.0)), 0.0), axis=-1)
        with np.errstate(invalid="ignore"):
            middle = bounds.lower + 0.5 * (bounds.upper - bounds.lower)
            x = np.where(exact, middle, np.where(bounds.above, bounds.lower, bounds.upper))
        used = exact | within | bounds.below | bounds.above
        x = _somewhere(x, used)
        exposure = np.where(used & ~bounds.above, count, 0.0)
        events, passed = np.where(exact, count, 0.0), np.where(bounds.above, count, 0.0)
        if not within.any():
            return Points(x, events, exposure, passed, constant=constant)
        lower = np.where(within, bounds.lower, x)
        return Points(x, events, exposure, passed, lower, np.where(within, count, 0.0), constant)

    def levels(self, data: Array) -> Array:
        """All bounds that are finite."""
        return np.where(np.isfinite(data), data, np.nan).reshape(len(data), -1)

    def counts(self, data: Array) -> Places:
        """Blocks of which anything is known."""
        bounds = Bounds.of(data)
        return np.asarray(np.count_nonzero(np.isfinite(bounds.lower) | np.isfinite(bounds.upper), axis=-1))

    def numbers(self, data: Array) -> Array:
        """Those whose bounds are equal, (..., blocks)."""
        bounds = Bounds.of(data)
        return np.where(bounds.exact, bounds.lower, np.nan)

    def about(self, data: Array, *, minima: bool) -> Array:
        """The middle of two bounds, or the level beyond which an extreme is known to be."""
        bounds = Bounds.of(data)
        beyond = bounds.upper if minima else bounds.lower
        with np.errstate(invalid="ignore"):  # nothing known, on either side
            middle = np.where(bounds.between, 0.5 * (data[..., 0] + data[..., 1]), beyond)
        return np.where(np.isfinite(middle), middle, np.nan)

    def not_positive(self, data: Array, *, zeros: bool) -> Mask:
        """Which samples have a bound below zero, or an upper one at it if ``zeros`` count too."""
        bounds = Bounds.of(data)
        wrong = ((bounds.lower < 0.0) & np.isfinite(bounds.lower)) | (bounds.upper < 0.0)
        return np.asarray((wrong | (zeros & (bounds.upper == 0.0))).any(axis=-1))

    def noise_shape(self, distribution: Family, data: Array) -> tuple[int, ...]:
        """One for each block."""
        return data.shape[-2:-1]

    def from_noise(self, distribution: Family, noise: Array) -> Array:
        """Values, as they would have been known."""
        values = distribution.from_gumbel(noise)
        if self.record is None:
            return np.stack([values, values], axis=-1)
        lower, upper = self._known(values, Bounds.of(self.record))
        return np.stack([lower, upper], axis=-1)

    def _known(self, values: Array, like: Bounds) -> Bounds:
        """Of values what would be known, by the example of the record."""
        watched, level = self._watched(like)
        counted = watched & _mostly_above(like, watched)
        stepped = like.between & ~watched
        width = np.where(stepped, like.upper - like.lower, 1.0)
        start = np.where(stepped, like.lower, 0.0)
        step = start + width * np.floor((values - start) / width)
        lower, upper = np.where(stepped, step, values), np.where(stepped, step + width, values)
        floor = np.where(watched, level, np.where(like.below, like.upper, -np.inf))
        ceiling = np.where(counted, level, np.where(like.above & ~watched, like.lower, np.inf))
        low, high = values < floor, values >= ceiling
        lower = np.where(low, -np.inf, np.where(high, ceiling, lower))
        upper = np.where(low, floor, np.where(high, np.inf, upper))
        return Bounds(lower, upper)

    def _watched(self, like: Bounds) -> tuple[Mask, Array]:
        """Which blocks have a level of perception, and the levels."""
        level = np.full(like.lower.shape, -np.inf) if self.perception is None else self.perception
        return np.isfinite(level), level

    def to_noise(self, distribution: Family, data: Array) -> Array:
        """The reduced variates of the numbers, of those that would not be known below their perception given that they
        pass it; NaN of what is known by bounds, and of a number that is the level of perception itself: it tells how
        far one would know, and given that it was passed no more.
        """
        numbers = self.numbers(data)
        y = distribution.reduced(numbers)
        if self.perception is None:
            return y
        with np.errstate(invalid="ignore"):
            level = np.where(np.isfinite(self.perception) & (self.perception != numbers), self.perception, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            passed, above = (-np.expm1(-np.exp(-own)) for own in (distribution.reduced(level), y))
            given = -np.log(-np.log1p(-above / passed))
        return np.where(np.isfinite(self.perception), given, y)

    def mirrored(self) -> Self:
        """With the record of -x."""
        record = None if self.record is None else -self.record
        return replace(self, record=record, perception=None if self.perception is None else -self.perception)

    def turned(self, function: Callable[[Array], Array]) -> Self:
        """With the record of a function of x."""
        record = None if self.record is None else function(self.record)
        return replace(self, record=record, perception=None if self.perception is None else function(self.perception))

    def of_blocks(self, kept: Mask) -> Self:
        """With the records of some blocks."""
        record = None if self.record is None else self.record[..., kept, :]
        return replace(self, record=record, perception=None if self.perception is None else self.perception[..., kept])

    def of_lanes(self, lanes: slice | Places) -> Self:
        """With their records."""
        if self.record is None or self.record.ndim == 2:
            return self
        record = self.record.reshape(-1, *self.record.shape[-2:])[lanes]
        perception = self.perception
        if perception is not None and perception.ndim > 1:
            perception = perception.reshape(-1, perception.shape[-1])[lanes]
        return replace(self, record=record, perception=perception)


def _mostly_above(like: Bounds, watched: Mask) -> Mask:
    """Whether of most blocks of a record that passed their perception only that is known, (..., 1)."""
    only = np.count_nonzero(like.above & watched, axis=-1, keepdims=True)
    told = np.count_nonzero((like.exact | like.between) & watched, axis=-1, keepdims=True)
    return np.asarray(only > told)


class _Groups(NamedTuple):
    """Different bounds of every sample, (..., groups), and how many observations have them; NaN and 0 where fewer."""

    lower: Array
    upper: Array
    number: Array


def grouped(data: Array) -> _Groups:
    """Samples (..., n, 2) with equal observations together."""
    *batch, n = data.shape[:-1]
    lower, upper = (end.reshape(math.prod(batch), n) for end in Bounds.of(data))
    order = np.lexsort((upper, lower), axis=-1)
    lower, upper = (np.take_along_axis(end, order, axis=-1) for end in (lower, upper))
    new = np.ones(lower.shape, dtype=np.bool_)
    new[:, 1:] = (lower[:, 1:] != lower[:, :-1]) | (upper[:, 1:] != upper[:, :-1])
    there = ~np.isnan(lower) & ~(np.isneginf(lower) & np.isposinf(upper))
    new &= there
    place = np.maximum(np.cumsum(new, axis=-1) - 1, 0)
    size = max(int(place.max(initial=0)) + 1, 1)
    rows = np.broadcast_to(np.arange(len(lower))[:, None], lower.shape)
    count = np.zeros((len(lower), size))
    np.add.at(count, (rows[there], place[there]), 1.0)
    ends = np.full((2, len(lower), size), np.nan)
    ends[:, rows[new], place[new]] = lower[new], upper[new]
    return _Groups(*(each.reshape(*batch, size) for each in (*ends, count)))


def _somewhere(x: Array, used: Mask) -> Array:
    """Levels with the first one that says something in place of those that say nothing."""
    first = np.take_along_axis(x, np.argmax(used, axis=-1)[..., None], axis=-1)
    return np.where(used, x, first)


__all__ = ["Bounds", "Observed"]
