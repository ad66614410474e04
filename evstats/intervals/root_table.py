"""The signed root of the likelihood ratio, and tables of its distribution in simulated samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.special

from evstats.arrays import Array, Places
from evstats.intervals.profile import Profile

if TYPE_CHECKING:
    from scipy.interpolate import RegularGridInterpolator

#: Normal scores at which quantiles are kept.
SCORES = np.array(
    [-3.0, -2.576, -2.326, -1.96, -1.645, -1.282, -0.674, 0.0, 0.674, 1.282, 1.645, 1.96, 2.326, 2.576, 3.0]
)

#: Where no table holds the root of a level, it is simulated at these periods, whose variates are these; in between its
#: moments are interpolated, and beyond they are those of the last.
PERIODS = np.array([1.1, 2.0, 10.0, 100.0, 1_000.0])
VARIATES = -np.log(-np.log1p(-1.0 / PERIODS))


def between(variate: Array) -> tuple[Places, Array]:
    """The place among ``VARIATES`` from which on a variate lies, and its share of the way to the next."""
    inside = np.clip(np.nan_to_num(variate, nan=VARIATES[-1]), VARIATES[0], VARIATES[-1])
    place = np.clip(np.searchsorted(VARIATES, inside, side="right") - 1, 0, VARIATES.size - 2)
    return place, (inside - VARIATES[place]) / (VARIATES[place + 1] - VARIATES[place])


def signed_root(profile: Profile, value: Array, start: Array) -> Array:
    """The root of every row where it is held at a value, climbed from ``start``: positive where the estimate is above.

    Infinite where the climb finds nothing. An estimate that does not exist, as an expected shortfall from shape 1 on,
    is infinite, above every value.
    """
    height = profile.at(np.arange(len(value)), value, start)
    root = np.sqrt(np.maximum(2.0 * (profile.best - height.value), 0.0))
    root = np.where(np.isnan(root), np.inf, root)
    return np.where(np.isnan(profile.estimate) | (profile.estimate > value), root, -root)


class RootTable(NamedTuple):
    """Interpolators, over sizes of samples, shapes, and places of what is asked, of how far quantiles of the root lie
    from the normal scores, and its mean square from 1.
    """

    sizes: Array
    shapes: Array
    places: Array
    bias: RegularGridInterpolator
    square: RegularGridInterpolator

    @classmethod
    def of(cls, sizes: Array, shapes: Array, places: Array, quantiles: Array, square: Array) -> RootTable:
        """Of quantiles (sizes, shapes, places, scores) as they are shipped; one shape, or place, stands for all."""
        from scipy.interpolate import RegularGridInterpolator

        # at infinite n both vanish, and they do so about as 1/sqrt(n)
        axes = np.concatenate([[0.0], 1.0 / np.sqrt(sizes[::-1])]), shapes, places
        found = []
        for values in (quantiles - SCORES, square - 1.0):
            whole = np.broadcast_to(values, (sizes.size, shapes.size, places.size, *values.shape[3:]))
            found.append(RegularGridInterpolator(axes, np.concatenate([np.zeros_like(whole[:1]), whole[::-1]])))
        return cls(sizes, shapes, places, *found)

    def quantile(self, n: Array, shape: Array, place: Array, tail: float) -> Array:
        """The ``tail`` quantile; the arrays broadcast."""
        score = float(scipy.special.ndtri(tail))
        bias = self.bias(self._inside(n, shape, place))
        above = np.clip(np.searchsorted(SCORES, score), 1, SCORES.size - 1)
        share = np.clip((score - SCORES[above - 1]) / (SCORES[above] - SCORES[above - 1]), 0.0, 1.0)
        return score + (1.0 - share) * bias[..., above - 1] + share * bias[..., above]

    def mean_square(self, n: Array, shape: Array, place: Array) -> Array:
        """The mean of the squared root, whose limit is 1: the Bartlett factor."""
        return np.asarray(1.0 + self.square(self._inside(n, shape, place)))

    def _inside(self, n: Array, shape: Array, place: Array) -> Array:
        """Points of the grid, those outside moved to its edge."""
        inverse = 1.0 / np.sqrt(np.maximum(n, self.sizes[0]))
        xi, own = (np.clip(x, nodes[0], nodes[-1]) for x, nodes in ((shape, self.shapes), (place, self.places)))
        return np.stack(np.broadcast_arrays(inverse, xi, own), axis=-1)
