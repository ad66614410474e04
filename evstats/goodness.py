"""Goodness of fit whose p-values account for the parameters having been estimated from the same data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evstats import noise
from evstats.distributions import Family
from evstats.estimators import Estimation
from evstats.registry import Registry

Array = NDArray[np.float64]
#: ``statistic(distribution, ordered)``: lanes (m, n) in rising order and a batch of m distributions to (m,).
Statistic = Callable[[Family, Array], Array]

#: Simulated samples behind a p-value, its seed (so that the answer is the same on every run), and values at a time.
REPLICATES = 4_999
SEED = 20_261_121
_MOST_SIMULATED = 500_000


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


TESTS: Registry[Statistic] = Registry(
    "goodness-of-fit test",
    {
        "anderson-darling": anderson_darling,
        "cramer-von-mises": cramer_von_mises,
        "kolmogorov-smirnov": kolmogorov_smirnov,
        "probability-plot-correlation": probability_plot_correlation,
    },
)


def goodness_of_fit(estimation: Estimation) -> tuple[Array, Array]:
    """Statistics and p-values of all tests, each of shape batch + (tests,); NaN where a lane has no estimate.

    The null distribution is simulated: samples of the fitted distribution are fitted again by the same estimator, so
    that the p-value knows the parameters were estimated. For a location and scale family it does not depend on the
    parameters, so the null distribution is exact; with a shape parameter it is the parametric bootstrap (Stute,
    Gonzalez Manteiga and Presedo Quindimil 1993). p = (1 + number at least as large)/(replicates + 1).
    """
    batch, n = estimation.values.shape[:-1], estimation.values.shape[-1]
    values, parameters = estimation.values.reshape(-1, n), estimation.estimate.parameters
    parameters = parameters.reshape(-1, parameters.shape[-1])
    statistics = np.full((len(values), len(TESTS)), np.nan)
    p_values = np.full_like(statistics, np.nan)
    counts = np.count_nonzero(~np.isnan(values), axis=-1)
    for lane in np.flatnonzero(~np.isnan(parameters[:, 0])):
        fitted = estimation.family.from_parameters(parameters[lane])
        observed = np.sort(values[lane])[: counts[lane]]
        statistics[lane] = [test(fitted, observed) for test in TESTS.values()]
        null = _null_statistics(estimation, fitted, int(counts[lane]))
        at_least = np.sum(null >= statistics[lane] * (1.0 - 1e-12), axis=0)
        p_values[lane] = (1.0 + at_least) / (1.0 + np.sum(~np.isnan(null), axis=0))
    return statistics.reshape(*batch, -1), p_values.reshape(*batch, -1)


def _null_statistics(estimation: Estimation, fitted: Family, n: int) -> Array:
    """The statistics of samples of size n of the fitted distribution, fitted again, shape (replicates, tests)."""
    result = np.full((REPLICATES, len(TESTS)), np.nan)
    random = noise.generator(SEED)
    size = max(1, _MOST_SIMULATED // n)
    for start in range(0, REPLICATES, size):
        rows = slice(start, min(start + size, REPLICATES))
        samples = np.sort(fitted.from_gumbel(noise.gumbel((rows.stop - rows.start, n), rng=random)), axis=-1)
        estimates = estimation.estimator.estimate(estimation.family, samples)
        distribution = estimation.family.from_parameters(estimates.parameters)
        for column, test in enumerate(TESTS.values()):
            result[rows, column] = test(distribution, samples)
    return result
