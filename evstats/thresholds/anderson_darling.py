"""Whether the excesses of each threshold follow the GPD fitted to them, with p-values that know of the fitting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.special

from evstats.arrays import Array, Places
from evstats.distributions import GPD
from evstats.goodness import nulls
from evstats.goodness.statistics import anderson_darling
from evstats.simulated import shipped_table

if TYPE_CHECKING:
    from evstats.thresholds.candidates import Candidates

TABLE = "excess_tests"
#: What is tabulated: shapes, and numbers of peaks; others are interpolated, the latter in their reciprocal.
SHAPES, COUNTS = np.linspace(-0.8, 1.0, 10), np.array([10, 15, 25, 50, 100, 400])


def anderson_darling_tests(candidates: Candidates) -> tuple[Array, Array]:
    """Statistics and p-values (k,), NaN where there is no estimate.

    The distribution of A^2 under a GPD with both parameters estimated depends on the shape and, hardly, on the number
    of peaks; it is read at the fitted shape.

    References
    ----------
    - Choulakian, V. and Stephens, M. A. (2001). Goodness-of-fit tests for the generalized Pareto distribution.
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


__all__ = ["COUNTS", "SHAPES", "TABLE", "anderson_darling_tests", "p_values"]
