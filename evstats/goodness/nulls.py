"""The distribution of statistics when the family is true: simulated, calibrated, and kept as critical values.

A null distribution is an array of critical values whose last axis runs over ``LEVELS``: the values that the statistic
exceeds with these probabilities.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import scipy.special

from evstats import noise
from evstats.arrays import Array, Mask, Places
from evstats.distributions import Family
from evstats.estimators import Estimation
from evstats.models.designs import BLOCK_MAXIMA, BlockMaxima

#: Samples behind the null distribution of a location and scale family (fewer above n = 400, where they are long), and
#: of each shape of a family with one.
REPLICATES = 50_000
REPLICATES_PER_SHAPE = 5_000
#: Samples of the fitted distribution of each series of two populations.
RESAMPLES = 999
#: Seed of all simulations, so that the answer is the same on every run.
SEED = 20_261_121
#: Shapes for which a null distribution is simulated; p-values interpolate between them and hold beyond them.
SHAPES = np.linspace(-0.6, 0.6, 7)
#: Samples behind a null distribution of rounded values, and the shapes that share them: fewer, as they are simulated
#: for the series at hand.
REPLICATES_ROUNDED, SHAPES_ROUNDED = 10_000, SHAPES[1:-1]
#: Smallest p-value that is told apart; critical values are kept at probabilities equally spaced in their log odds.
SMALLEST = 0.0005
LOG_ODDS = np.linspace(-1.0, 1.0, 41) * scipy.special.logit(SMALLEST)
LEVELS = scipy.special.expit(LOG_ODDS)
_MOST_VALUES = 500_000
_FEWEST, _ENOUGH_VALUES = 10_000, 20_000_000
#: Stands in for the logarithm of an infinite statistic: an observation outside the fitted support.
_INFINITE = 100.0


def samples_of(distribution: Family, replicates: int, n: int, design: BlockMaxima = BLOCK_MAXIMA) -> Iterator[Array]:
    """Samples of one distribution in rising order, (rows, n) at a time; the same noise for every distribution."""
    random = noise.generator(SEED)
    for start in range(0, replicates, size := max(1, _MOST_VALUES // n)):
        rows = min(size, replicates - start)
        yield np.sort(design.drawn(distribution, noise.gumbel((rows, n), rng=random)), axis=-1)


def replicates_for(n: int) -> int:
    """Samples of n behind the null distribution of a location and scale family: 50,000, and 10,000 from n = 2,000."""
    return int(np.clip(_ENOUGH_VALUES // n, _FEWEST, REPLICATES))


def orders_of_magnitude(statistics: Array) -> Array:
    """Logarithms of positive statistics, in which null distributions are smooth."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(np.log(statistics), -_INFINITE, _INFINITE)


def critical_values(statistics: Array) -> Array:
    """Critical values (tests, levels) of simulated statistics (replicates, tests); rows with NaN are left out."""
    kept = statistics[~np.isnan(statistics).any(axis=-1)]
    return np.quantile(kept, 1.0 - LEVELS, axis=0).T


def at_shapes(critical: Array, shapes: Array) -> Array:
    """Critical values (m, tests, levels) at m shapes, interpolated in those (nodes, tests, levels) simulated: of all
    ``SHAPES``, or of those in their middle.
    """
    left_out = (len(SHAPES) - len(critical)) // 2
    nodes = SHAPES[left_out : len(SHAPES) - left_out]
    position = (np.clip(shapes, nodes[0], nodes[-1]) - nodes[0]) / (nodes[1] - nodes[0])
    below = np.minimum(np.nan_to_num(position).astype(int), len(nodes) - 2)
    weight = (position - below)[:, None, None]
    return critical[below] + weight * (critical[below + 1] - critical[below])


def log_odds(critical: Array, statistics: Array) -> Array:
    """Log odds of the p-values of statistics (m, tests), critical values (m, tests, levels) or (tests, levels).

    Linear between the critical values and beyond them.
    """
    critical = np.broadcast_to(critical, (*statistics.shape, LOG_ODDS.size))
    above = np.clip(np.sum(critical < statistics[..., None], axis=-1), 1, LOG_ODDS.size - 1)
    low, high = (np.take_along_axis(critical, i[..., None], axis=-1)[..., 0] for i in (above - 1, above))
    with np.errstate(divide="ignore", invalid="ignore"):
        fraction = np.where(high > low, (statistics - low) / (high - low), 1.0)
    fraction[np.isnan(statistics + low + high)] = np.nan
    return LOG_ODDS[above - 1] + fraction * (LOG_ODDS[1] - LOG_ODDS[0])


def share_as_far(simulated: Array, statistic: Array) -> Array:
    """P-values (tests,) of statistics among simulated ones (replicates, tests): (1 + as large)/(1 + all).

    Samples without an estimate, whose statistics are NaN, are left out. NaN where the statistic is, or without any
    sample: so little is no evidence.
    """
    known = simulated[~np.isnan(simulated).any(axis=-1)]
    share = (1.0 + (known >= statistic).sum(axis=0)) / (1.0 + len(known))
    return np.where(np.isnan(statistic) | (len(known) == 0), np.nan, share)


def p_values(critical: Array, statistics: Array) -> Array:
    """Probabilities (m, tests) of statistics at least as large, between ``SMALLEST`` and one minus it."""
    return np.clip(scipy.special.expit(log_odds(critical, statistics)), SMALLEST, 1.0 - SMALLEST)


def calibrated(plain: Array, statistics: list[Array], shapes: list[Array]) -> Array:
    """Critical values (shapes, tests, levels) whose p-values have their nominal size, from plain ones.

    ``statistics`` and ``shapes`` hold the simulated samples of every shape, (replicates, tests) and (replicates,), each
    with its own estimate of the shape. A p-value read at an estimated shape is itself a statistic; its distribution
    among the samples of a shape says which of its values is exceeded at each level (Beran 1988: prepivoting).
    """
    result = np.empty_like(plain)
    for j, (sample, estimated) in enumerate(zip(statistics, shapes, strict=True)):
        kept = ~np.isnan(estimated)
        odds = log_odds(at_shapes(plain, estimated[kept]), sample[kept])
        wanted = np.quantile(odds, LEVELS, axis=0)
        for test in range(plain.shape[1]):
            step = np.clip(np.searchsorted(-LOG_ODDS, -wanted[:, test]), 1, LOG_ODDS.size - 1)
            slope = (plain[j, test, step] - plain[j, test, step - 1]) / (LOG_ODDS[1] - LOG_ODDS[0])
            result[j, test] = plain[j, test, step - 1] + slope * (wanted[:, test] - LOG_ODDS[step - 1])
    return result


def by_size(ordered: Array, usable: Mask) -> Iterator[tuple[Places, Array]]:
    """Usable lanes of equally many values: their places, and their values (m, n) without the missing ones at the
    end.
    """
    counts = np.count_nonzero(~np.isnan(ordered), axis=-1)
    for n in np.unique(counts[usable]):
        lanes = np.flatnonzero(usable & (counts == n))
        yield lanes, ordered[lanes, :n]


def as_maxima(estimation: Estimation) -> tuple[Array, Array]:
    """Values (m, n) in rising order with missing ones last, and parameters (m, k); minima reflected."""
    sign = -1.0 if estimation.family.minima else 1.0
    values, parameters = estimation.values, np.array(estimation.estimate.parameters)
    parameters[..., 0] *= sign
    lanes = math.prod(values.shape[:-1])
    ordered = np.sort(sign * values.reshape(lanes, values.shape[-1]), axis=-1)
    return ordered, parameters.reshape(lanes, parameters.shape[-1])
