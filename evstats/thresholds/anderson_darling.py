"""Whether the excesses of each threshold follow the GPD fitted to them, with p-values that know of the fitting."""

from __future__ import annotations

import numpy as np
import scipy.special

from evstats import noise
from evstats.arrays import Array, Places
from evstats.distributions import GPD
from evstats.estimators.excesses import gpd_maxima
from evstats.goodness import nulls
from evstats.goodness.statistics import anderson_darling
from evstats.simulated import shipped_table
from evstats.thresholds.candidates import Candidates

TABLE = "peaks_over_threshold"
#: What is tabulated: shapes, and numbers of peaks; others are interpolated, the latter in their reciprocal.
SHAPES, COUNTS = np.linspace(-0.8, 1.0, 10), np.array([10, 15, 25, 50, 100, 400])
REPLICATES = 40_000


def anderson_darling_tests(candidates: Candidates) -> tuple[Array, Array]:
    """Statistics and p-values (k,), NaN where there is no estimate.

    The distribution of A^2 under a GPD with both parameters estimated depends on the shape and, hardly, on the number
    of peaks; it is read at the fitted shape.

    References
    ----------
    Choulakian, V. and Stephens, M. A. (2001). Goodness-of-fit tests for the generalized Pareto distribution.
    Technometrics 43, 478-484.
    """
    scale, shape = candidates.fits.scale, candidates.fits.shape
    statistics = np.full(len(candidates), np.nan)
    for place in np.flatnonzero(~np.isnan(shape)):
        excesses = np.sort(candidates.beyond[place].excesses)
        statistics[place] = anderson_darling(GPD(0.0, scale[place], shape[place]), excesses)
    return statistics, p_values(statistics, shape, candidates.peaks)


def p_values(statistics: Array, shapes: Array, counts: Places) -> Array:
    """P-values (k,) of statistics at fitted shapes, of so many peaks each."""
    critical = _critical(np.nan_to_num(shapes), np.asarray(counts, dtype=np.float64))
    logarithms = np.log(np.where(np.isnan(statistics), 1.0, statistics))
    p = scipy.special.expit(nulls.log_odds(critical, logarithms))
    return np.asarray(np.where(np.isnan(statistics), np.nan, p))


def _critical(shapes: Array, counts: Array) -> Array:
    """Critical values (k, levels) of log A^2."""
    table = shipped_table(TABLE)["anderson_darling"]
    sizes, share = _places(1.0 / COUNTS, 1.0 / counts)
    nodes, weight = _places(SHAPES, shapes)
    share, weight = share[:, None], weight[:, None]
    low = (1.0 - weight) * table[sizes, nodes] + weight * table[sizes, nodes + 1]
    high = (1.0 - weight) * table[sizes + 1, nodes] + weight * table[sizes + 1, nodes + 1]
    return np.asarray((1.0 - share) * low + share * high)


def _places(nodes: Array, at: Array) -> tuple[Places, Array]:
    """The node before each place and the share of the way to the next one, none beyond the ends."""
    order = np.sign(nodes[1] - nodes[0])
    inside = np.clip(at, nodes.min(), nodes.max())
    before = np.clip(np.searchsorted(order * nodes, order * inside, side="right") - 1, 0, nodes.size - 2)
    return before, (inside - nodes[before]) / (nodes[before + 1] - nodes[before])


def simulated(count: int, shape: float, replicates: int = REPLICATES) -> Array:
    """Critical values (levels,) of log A^2 among samples of so many values that have an estimate."""
    random, logarithms = noise.generator(nulls.SEED), []
    for start in range(0, replicates, step := max(1, 500_000 // count)):
        rows = min(step, replicates - start)
        drawn = GPD(0.0, 1.0, shape).from_exponential(noise.exponential((rows, count), rng=random))
        found = gpd_maxima(drawn := np.sort(drawn, axis=-1), np.full(rows, count))
        there = found.converged
        fitted = GPD(np.zeros(int(there.sum())), found.scale[there], found.shape[there])
        logarithms.append(np.log(anderson_darling(fitted, drawn[there])))
    return np.quantile(np.concatenate(logarithms), 1.0 - nulls.LEVELS)
