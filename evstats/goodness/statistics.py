"""The statistics of the goodness-of-fit tests: how far a sample lies from the distribution fitted to it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from evstats.arrays import Array
from evstats.distributions import Family
from evstats.registry import Registry

#: ``statistic(distribution, ordered)``: lanes (m, n) in rising order and a batch of m distributions to (m,).
Statistic = Callable[[Family, Array], Array]


def anderson_darling(distribution: Family, ordered: Array) -> Array:
    """A^2 = -n - (1/n) sum (2i - 1)(log F(x_i) + log S(x_(n+1-i))): weighs both tails (Anderson and Darling 1954)."""
    n = ordered.shape[-1]
    fitted = distribution[..., None]
    odd = 2.0 * np.arange(1, n + 1) - 1.0
    return -n - np.sum(odd * (fitted.logcdf(ordered) + fitted.logsf(ordered)[..., ::-1]), axis=-1) / n


def cramer_von_mises(distribution: Family, ordered: Array) -> Array:
    """W^2 = 1/(12 n) + sum (F(x_i) - (2i - 1)/(2n))^2."""
    n = ordered.shape[-1]
    middle = (np.arange(1, n + 1) - 0.5) / n
    return 1.0 / (12 * n) + np.sum((distribution[..., None].cdf(ordered) - middle) ** 2, axis=-1)


def kolmogorov_smirnov(distribution: Family, ordered: Array) -> Array:
    """D, the largest distance between the fitted and the empirical distribution function."""
    n = ordered.shape[-1]
    f = distribution[..., None].cdf(ordered)
    rank = np.arange(n + 1) / n
    return np.maximum(np.max(rank[1:] - f, axis=-1), np.max(f - rank[:-1], axis=-1))


def probability_plot_correlation(distribution: Family, ordered: Array) -> Array:
    """1 - r, r the correlation of the ordered values with the fitted quantiles at Gringorten positions.

    The complement, so that large values speak against the family as in the other tests (Filliben 1975; Vogel 1986).
    """
    n = ordered.shape[-1]
    quantiles = distribution[..., None].ppf((np.arange(1, n + 1) - 0.44) / (n + 0.12))
    a = ordered - ordered.mean(axis=-1, keepdims=True)
    b = quantiles - quantiles.mean(axis=-1, keepdims=True)
    return 1.0 - np.vecdot(a, b) / np.sqrt(np.vecdot(a, a) * np.vecdot(b, b))


#: The tests of fit by name, in the order of the tables.
TESTS: Registry[Statistic] = Registry(
    "goodness-of-fit test",
    {
        "anderson-darling": anderson_darling,
        "cramer-von-mises": cramer_von_mises,
        "kolmogorov-smirnov": kolmogorov_smirnov,
        "probability-plot-correlation": probability_plot_correlation,
    },
)


def all_statistics(distribution: Family, ordered: Array) -> Array:
    """Every test's statistic, shape (m, tests); NaN for a lane without an estimate."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack([test(distribution, ordered) for test in TESTS.values()], axis=-1)
