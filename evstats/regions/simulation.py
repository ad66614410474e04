"""Regions that are simulated: so many sites with so many years each, alike but for chance, and perhaps correlated."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import GNO, Family
from evstats.estimators.ordered import sample_lmoments

#: Fewer simulated regions say nothing.
FEWEST_REPLICATES = 20
#: Where standard Gumbel noise lies, and in how many places quantiles are computed.
_REACH, _PLACES = (-4.5, 45.0), 24_001


class RegionalMoments(NamedTuple):
    """L-CV, L-skewness and L-kurtosis of a region, or of many."""

    t: Array
    t_3: Array
    t_4: Array


class Simulated(NamedTuple):
    """Regions: L-CV, L-skewness and L-kurtosis of every site, (3, replicates, sites), their means and medians."""

    ratios: Array
    means: Array
    medians: Array

    def averages(self, n: NDArray[np.intp]) -> RegionalMoments:
        """Regional L-moments, each (replicates,)."""
        return RegionalMoments(*(weighted(part, n) for part in self.ratios))


def weighted(values: Array, n: NDArray[np.intp]) -> Array:
    """The average over sites, the last axis, weighted by their numbers of values."""
    return np.asarray(values @ n / n.sum())


def simulated(
    distribution: Family,
    n: NDArray[np.intp],
    replicates: int,
    rng: noise.RandomState,
    correlation: float = 0.0,
) -> Simulated:
    """Regions whose sites all have this distribution.

    With a correlation the normal scores of any two sites in one year have it, and the records end in the same year
    (Hosking and Wallis 1997, section 6.4).
    """
    random = noise.generator(rng)
    ratios, means, medians = np.empty((3, replicates, len(n))), *np.empty((2, replicates, len(n)))
    places = np.linspace(*_REACH, _PLACES)  # quantile functions are dear, and here good to 1e-6
    levels = distribution.from_gumbel(places)
    shared = random.standard_normal((replicates, int(n.max()))) if correlation else None
    for site, size in enumerate(n):
        if shared is None:
            g = noise.gumbel((replicates, int(size)), rng=random)
        else:
            own = random.standard_normal((replicates, int(size)))
            scores = np.sqrt(correlation) * shared[:, -int(size) :] + np.sqrt(1.0 - correlation) * own
            g = GNO(0.0, 1.0, 0.0).reduced(scores)
        values = np.sort(np.interp(g, places, levels), axis=-1)
        l1, l2, l3, l4, _ = sample_lmoments(values, orders=4)
        ratios[:, :, site] = l2 / l1, l3 / l2, l4 / l2
        means[:, site], medians[:, site] = l1, np.median(values, axis=-1)
    return Simulated(ratios, means, medians)
