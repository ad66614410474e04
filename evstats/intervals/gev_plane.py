"""The likelihood of a GEV over a plane, its location maximised or integrated out in closed form.

With theta = shape/(scale - shape loc) the variables y = log1p(theta z)/theta of a sample z that begins at 0 are Gumbel
with scale s = scale - shape loc. Given shape and s the likelihood depends on the location of y through U = exp(loc/s)
S(s) alone, S(s) = sum exp(-y/s): it is that of a gamma variable, greatest at U = n.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evstats.arrays import Array
from evstats.distributions.special import log1p_over
from evstats.intervals.posteriors import Unit

#: Cells and passes of a search for the range of log excesses, and where it begins.
_SEARCH_CELLS, _SEARCHES = 32, 3
_LOWEST_LOG, _HIGHEST_LOG = -25.0, 7.0


class Cells(NamedTuple):
    """Ranges (...) cut into so many cells of equal width."""

    low: Array
    high: Array
    number: int

    @property
    def width(self) -> Array:
        """Of each range's cells (...)."""
        return (self.high - self.low) / self.number

    @property
    def middles(self) -> Array:
        """Of the cells, (..., cells)."""
        return self.low[..., None] + self.width[..., None] * (np.arange(self.number) + 0.5)

    def narrowed(self, heights: Array, fall: float) -> Cells:
        """Ranges that end one cell beyond those where the heights (..., cells) are within ``fall`` of the highest."""
        high = heights > heights.max(axis=-1, keepdims=True) - fall
        first = np.maximum(np.argmax(high, axis=-1) - 1, 0)
        last = np.minimum(self.number - np.argmax(high[..., ::-1], axis=-1) + 1, self.number)
        return self._replace(low=self.low + self.width * first, high=self.low + self.width * last)


class Heights(NamedTuple):
    """The log-likelihood at the best location, of standardised samples; theta, s and log S(s) there."""

    value: Array
    theta: Array
    s: Array
    log_sum: Array


class Plane(NamedTuple):
    """Samples (m, n) of equal size, standardised, over shape and the logarithm of the excess of s.

    For a negative shape s exceeds -shape max z, where the upper endpoint meets the largest observation; in the
    logarithm of the excess the likelihood falls exponentially on either side.
    """

    unit: Unit
    z: Array

    @classmethod
    def of(cls, x: Array) -> Plane:
        """Of observations (m, n)."""
        unit = Unit.of(x)
        return cls(unit, (x - unit.low) / unit.scale)

    def heights(self, shape: Array, log_excess: Array) -> Heights:
        """Of shapes (m, k) and log excesses (m, k, cells): (m, k, cells)."""
        n, s = self.z.shape[-1], self.s(shape, log_excess)
        theta = shape[..., None] / s
        y = log1p_over(theta[..., None], self.z[:, None, None, :])
        total = y.sum(axis=-1)
        log_sum = np.log(np.exp(-y / s[..., None]).sum(axis=-1))
        value = n * (np.log(n / s) - 1.0 - log_sum) - total / s - theta * total
        return Heights(value, theta, s, log_sum)

    def s(self, shape: Array, log_excess: Array) -> Array:
        """s alone."""
        return np.exp(log_excess) + np.maximum(-shape * self.z.max(axis=-1, keepdims=True), 0.0)[..., None]

    def cells(self, shape: Array, number: int, fall: float) -> Cells:
        """So many cells in the log excess for shapes (m, k), over where the likelihood is within ``fall`` of its
        highest for that shape.
        """
        cells = Cells(np.full(shape.shape, _LOWEST_LOG), np.full(shape.shape, _HIGHEST_LOG), _SEARCH_CELLS)
        for _ in range(_SEARCHES):
            cells = cells.narrowed(self.heights(shape, cells.middles).value, fall)
        return cells._replace(number=number)
