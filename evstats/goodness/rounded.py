"""Tests of fit of values that were rounded: what is compared, and with samples of what."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evstats.arrays import Array, Places
from evstats.distributions import Family
from evstats.extremes.resolution import Lattice, Resolution

#: Null distributions of rounded values are told apart by so many steps per doubling, and from so many scales on also by
#: so many places of the location within a step.
_PER_DOUBLING, _PER_STEP, _PLACE_FROM = 8, 4, 0.8


@dataclass(frozen=True)
class Recording:
    """A location and a scale, and the steps in which samples are written down."""

    loc: float
    scale: float
    steps: Resolution

    @classmethod
    def near(cls, loc: float, scale: float, steps: Resolution) -> Recording:
        """What stands for these: statistics have no unit and change little with the step, so that the nearest of a grid
        does, in units of the scale, which many series share. Values in several steps, or rounded twice, have their own.
        """
        lattice, *others = steps.lattices
        if others or lattice.digit:
            return cls(loc, scale, steps)
        step = 2.0 ** (round(_PER_DOUBLING * math.log2(lattice.step / scale)) / _PER_DOUBLING)
        place = round(_PER_STEP * (loc - lattice.origin) / lattice.step) % _PER_STEP / _PER_STEP
        steps = Resolution((Lattice(step, count=lattice.count),), step)
        return cls(place * step if step > _PLACE_FROM else 0.0, 1.0, steps)


def spread(distribution: Family, recorded: Array, steps: Resolution) -> Array:
    """Rounded values as the fitted distribution would have them, lanes (m, n) in rising order.

    The k values of one step are put at the middles of k parts of it, equally probable under the fitted distribution.
    Within a step they so agree with it by construction, and every statistic of them compares the empirical with the
    fitted distribution where rounded values can tell them apart: at the edges of the steps.
    """
    result, waiting = np.array(recorded), np.ones(recorded.shape, dtype=bool)
    for lattice in steps.lattices:
        own = waiting & lattice.contains(recorded)
        waiting &= ~own
        if lattice.step > 0.0:
            result[own] = _spread_on(distribution, np.nonzero(own)[0], recorded[own], lattice)
    return result if len(steps.lattices) == 1 else np.sort(result, axis=-1)


def _spread_on(distribution: Family, lanes: Places, values: Array, lattice: Lattice) -> Array:
    """The values of one lattice, (values,), with the lane of each; lanes together, each in rising order."""
    index = lattice.index(values)
    starts = np.flatnonzero(np.diff(lanes, prepend=-1).astype(bool) | np.diff(index, prepend=np.nan).astype(bool))
    sizes = np.diff(starts, append=values.size)
    place = (np.arange(values.size) - np.repeat(starts, sizes) + 0.5) / np.repeat(sizes, sizes)
    middle, fitted = lattice.origin + lattice.step * index[starts], distribution[lanes[starts]]
    edges = [fitted.logcdf(middle + half * lattice.step) for half in (-0.5, 0.5)]
    below, above = (  # F, and F - 1 for precision in the upper tail
        low + place * (high - low)
        for low, high in ([np.repeat(function(edge), sizes) for edge in edges] for function in (np.exp, np.expm1))
    )
    with np.errstate(divide="ignore"):
        log_cdf = np.where(below < 0.5, np.log(below), np.log1p(above))
        return distribution[lanes].from_gumbel(-np.log(-log_cdf))
