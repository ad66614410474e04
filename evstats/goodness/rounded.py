"""Tests of fit of values that were rounded: what is compared, and the simulated samples they are compared with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evstats.distributions import Family
from evstats.resolution import Resolution

Array = NDArray[np.float64]


def spread(distribution: Family, recorded: Array, steps: Resolution) -> Array:
    """Rounded values as the fitted distribution would have them, lanes (m, n) in rising order.

    The k values of one step are put at the middles of k parts of it, equally probable under the fitted distribution.
    Within a step they so agree with it by construction, and every statistic of them compares the empirical with the
    fitted distribution where rounded values can tell them apart: at the edges of the steps.
    """
    fitted, result, waiting = distribution[..., None], np.array(recorded), np.ones(recorded.shape, dtype=bool)
    for lattice in steps.lattices:
        own = waiting & lattice.contains(recorded)
        waiting &= ~own
        if lattice.step > 0.0:
            index = lattice.index(recorded)
            edges = (lattice.origin + lattice.step * (index + half) for half in (-0.5, 0.5))
            result = np.where(own, _between(fitted, *edges, _places(index, own)), result)
    return result if len(steps.lattices) == 1 else np.sort(result, axis=-1)


def _places(index: Array, own: NDArray[np.bool_]) -> Array:
    """Where in its step each value goes, in (0, 1): the middle of its part; of values not on the lattice, anywhere."""
    rank, last = _ranks(index, own), _ranks(-index[:, ::-1], own[:, ::-1])[:, ::-1]
    return (rank - 0.5) / (rank + last - 1.0)


def _ranks(index: Array, own: NDArray[np.bool_]) -> Array:
    """The rank of each own value among the own ones of the same index; the indices rise along a lane."""
    passed = np.cumsum(own, axis=-1)
    highest = np.maximum.accumulate(np.where(own, index, -np.inf), axis=-1)
    before = np.concatenate([np.full((len(index), 1), -np.inf), highest[:, :-1]], axis=-1)
    earlier = np.where(own & (index > before), passed - 1, 0)
    return np.maximum(passed - np.maximum.accumulate(earlier, axis=-1), 1)


def _between(fitted: Family, lower: Array, upper: Array, place: Array) -> Array:
    """Quantiles a share of the way, in probability, between two values; precise in both tails."""
    logs = fitted.logcdf(lower), fitted.logcdf(upper)
    below, above = ([function(log) for log in logs] for function in (np.exp, np.expm1))  # F, and F - 1
    in_lower, in_upper = (low + place * (high - low) for low, high in (below, above))
    with np.errstate(divide="ignore"):
        log_cdf = np.where(in_lower < 0.5, np.log(in_lower), np.log1p(in_upper))
        return fitted.from_gumbel(-np.log(-log_cdf))
