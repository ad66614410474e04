"""The tail of importance weights: its index k-hat, which says whether they can be trusted, and its smoothing.

An average of weights fails through its greatest ones, so their tail is fitted by the generalised Pareto distribution,
as any other extremes. Below k = 1/2 their variance is finite; up to 0.7 the smoothed average still converges at a
practical rate; above it no affordable number of draws helps (Vehtari, Simpson, Gelman, Yao and Gabry 2024, Pareto
Smoothed Importance Sampling, Journal of Machine Learning Research 25).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from evstats.arrays import Array
from evstats.errors import ArgumentError

__all__ = [
    "PARETO_LIMIT",
    "SMALLEST_TAIL",
    "effective_size",
    "fit_pareto_tail",
    "limit_of",
    "smooth_weights",
    "weighted_mean",
]

#: The k-hat above which averages of the weights are not to be trusted, however many draws there are.
PARETO_LIMIT = 0.7

#: Fewest exceedances a tail is fitted to.
SMALLEST_TAIL = 5

#: Weights whose logarithms differ by less are equal: the differences are rounding errors.
_LEVEL = 1e-10


def fit_pareto_tail(exceedances: ArrayLike) -> tuple[float, float]:
    """Scale and shape k of the generalised Pareto distribution of exceedances over a threshold.

    The quasi-Bayesian estimate of Zhang and Stephens (2009, Technometrics 51), always defined and in closed form. The
    shape has Coles' sign, k > 0 for heavy tails, and is not yet drawn towards a prior.

    Parameters
    ----------
    exceedances
        Positive numbers, at least five, not all equal.

    Returns
    -------
    tuple of float
        Scale, and shape k.

    Examples
    --------
    >>> import numpy as np
    >>> p = (np.arange(1, 1001) - 0.5) / 1000
    >>> scale, shape = fit_pareto_tail(2.0 * np.expm1(-0.4 * np.log1p(-p)) / 0.4)
    >>> round(scale, 1), round(shape, 1)
    (2.0, 0.4)
    """
    x = np.sort(np.asarray(exceedances, dtype=np.float64).ravel())
    if len(x) < SMALLEST_TAIL or not (x[0] > 0.0) or not math.isfinite(x[-1]) or x[0] == x[-1]:
        raise ArgumentError(
            f"exceedances are {len(x)} numbers",
            f"expected at least {SMALLEST_TAIL} positive finite ones, not all equal.",
        )
    n, quartile = len(x), x[int(len(x) / 4 + 0.5) - 1]
    grid = 30 + int(math.sqrt(n))
    theta = 1.0 / x[-1] + (1.0 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))) / (3.0 * quartile)
    theta = theta[theta != 0.0]
    shapes = np.log1p(-theta[:, None] * x).mean(axis=1)
    loglik = n * (np.log(-theta / shapes) - shapes - 1.0)
    weights = np.exp(loglik - loglik.max())
    best = float(theta @ weights / weights.sum())
    shape = float(np.log1p(-best * x).mean())
    return -shape / best, shape


def smooth_weights(logweights: ArrayLike) -> tuple[Array, float]:
    """Pareto-smoothed log-weights, and k-hat, the index of their tail.

    The greatest min(S/5, 3 sqrt(S)) of S weights are replaced by the expected order statistics of the generalised
    Pareto distribution fitted to them, none above the greatest raw weight. k-hat is drawn towards 0.5 as by ten more
    weights, which matters for short tails only.

    Parameters
    ----------
    logweights
        Shape (S,), known up to a constant; -inf for weights of 0, which do not count towards S.

    Returns
    -------
    tuple[Array, float]
        The log-weights, shape (S,), in the order and on the scale given; and k-hat: -inf where the greatest weights are
        all equal, so that there is no tail, inf where too few are there to judge it (fewer than 21 in all, or fewer
        than five that stand out).

    Examples
    --------
    Exponential draws at rate 5 for an expectation at rate 1: the weights have an exact Pareto tail with k = 0.8.

    >>> from evstats import noise
    >>> smoothed, khat = smooth_weights(4.0 * noise.exponential(100_000, rng=42) / 5.0)
    >>> abs(khat - 0.8) < 0.1
    True
    """
    given = np.array(logweights, dtype=np.float64)
    if given.ndim != 1 or np.isnan(given).any() or (given == np.inf).any():
        raise ArgumentError("logweights must be a row of numbers, -inf for a weight of 0, without NaN or inf.")
    size = int((given > -np.inf).sum())
    length = math.ceil(min(size / 5, 3 * math.sqrt(size)))
    if length < SMALLEST_TAIL:
        return given, math.inf
    order = np.argsort(given, kind="stable")
    tail = order[-length:]
    top, cutoff = given[order[-1]], given[order[-length - 1]]
    if top - cutoff <= _LEVEL:
        return given, -math.inf
    over = np.exp(given[tail] - top) - np.exp(cutoff - top)
    positive = over[over > 0.0]
    if len(positive) < SMALLEST_TAIL:
        return given, math.inf
    if positive[-1] - positive[0] <= _LEVEL:
        return given, -math.inf
    scale, raw = fit_pareto_tail(positive)
    khat = (raw * len(positive) + 0.5 * 10) / (len(positive) + 10)
    given[tail[-len(positive) :]] = top + np.log(_expected(len(positive), scale, khat, math.exp(cutoff - top)))
    return given, khat


def limit_of(draws: int) -> float:
    """The k-hat up to which so many draws can be trusted."""
    return min(1.0 - 1.0 / math.log10(draws), PARETO_LIMIT)


def weighted_mean(values: Array, logweights: Array) -> tuple[float, float]:
    """The mean by weights known up to a constant, and its standard error."""
    weights = special.softmax(logweights)
    value = float(weights @ values)
    return value, float(np.linalg.norm(weights * (values - value)))


def effective_size(logweights: Array) -> float:
    """That many equally weighted draws would weigh alike (Kong 1992)."""
    weights = special.softmax(logweights)
    return float(1.0 / (weights @ weights))


def _expected(n: int, scale: float, shape: float, threshold: float) -> Array:
    """Quantiles (i - 1/2)/n of the fitted tail of weights, whose greatest raw one is 1."""
    survival = 1.0 - (np.arange(n) + 0.5) / n
    excess = scale * np.expm1(-shape * np.log(survival)) / shape if shape else -scale * np.log(survival)
    return np.asarray(np.minimum(threshold + excess, 1.0))
