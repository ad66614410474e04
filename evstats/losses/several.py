"""The multinomial test of the VaR at several levels (Kratz, Lok and McNeil 2018)."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc

from evstats import noise
from evstats.arrays import Array, Ints, Places
from evstats.losses.nulls import Null
from evstats.simulated import kept


def cells(levels: tuple[float, ...]) -> Array:
    """The probability of a day between neighbouring levels, from below the lowest to beyond the highest."""
    return np.diff([0.0, *levels, 1.0])


def pearson(counts: Array | Ints | Places, levels: tuple[float, ...]) -> Array:
    """Pearson's statistic of the numbers of days in the cells, (..., cells)."""
    expected = counts.sum(axis=-1, keepdims=True) * cells(levels)
    return np.asarray(((counts - expected) ** 2 / expected).sum(axis=-1), dtype=float)


def pearson_null(n: int, levels: tuple[float, ...], seed: int) -> Null:
    """Of independent days, by simulation."""
    return Null(_statistics(n, levels, REPLICATES, seed))


#: Simulated numbers of days in the cells: they cost next to nothing, and 5 % of them is a whole number.
REPLICATES = 99_999


@kept
def _statistics(n: int, levels: tuple[float, ...], replicates: int, seed: int) -> Array:
    drawn = noise.generator([seed, n, len(levels)]).multinomial(n, cells(levels), size=replicates)
    return pearson(drawn, levels)


def nass_tail(statistic: float, n: int, levels: tuple[float, ...]) -> float:
    """The chance of a larger statistic by Nass's chi-square, whose mean and variance are those of Pearson's statistic.

    Nass (1959); Kratz, Lok and McNeil (2018), section 3.2.
    """
    df = len(levels)
    variance = 2.0 * df - (df**2 + 4.0 * df + 1.0) / n + (1.0 / cells(levels)).sum() / n
    factor = 2.0 * df / variance
    return float(chdtrc(factor * df, factor * statistic))


__all__ = ["REPLICATES", "cells", "nass_tail", "pearson", "pearson_null"]
