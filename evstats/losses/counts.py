"""Tests of how many exceedances there are and whether they follow one another, with every outcome counted.

The likelihood ratios of Kupiec (1995) and Christoffersen (1998) depend on a series of n days only by the number x of
exceedances, the number of runs that they stand in, and whether the first and the last day are exceedances. So their
distributions under right forecasts are sums over these, exact to rounding.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, xlog1py, xlogy

from evstats.arrays import Array
from evstats.losses.nulls import Null
from evstats.simulated import kept

#: Counts that are less likely together than this stand in the sums as one with an infinite statistic, and the
#: exponent in Bernstein's inequality that finds them.
_LEFT_OUT, _EXPONENT = 1e-15, 36.0


def kupiec(hits: Array, share: float) -> Array:
    """The likelihood ratio of the number of exceedances; hits (..., n) are 0 or 1."""
    return _coverage_ratio(hits.sum(axis=-1), hits.shape[-1], share)


def independence(hits: Array) -> Array:
    """The likelihood ratio of a first-order Markov chain against independent days, from the transitions 2 to n."""
    first, last, x = hits[..., 0], hits[..., -1], hits.sum(axis=-1)
    both = (hits[..., 1:] * hits[..., :-1]).sum(axis=-1)
    return _markov_ratio(hits.shape[-1], x, both, first, last)


def conditional_coverage(hits: Array, share: float) -> Array:
    """The sum of both: the number of exceedances is right and they come independently."""
    return kupiec(hits, share) + independence(hits)


def kupiec_null(n: int, share: float) -> Null:
    """Of the number of exceedances among n days."""
    x = np.arange(n + 1.0)
    return Null(_coverage_ratio(x, n, share), _binomial(x, n, share))


def independence_null(n: int, x: int) -> Null:
    """Of the order of x exceedances among n days, every order as likely as any other."""
    return Null(*_orders(n, x))


@kept
def _conditional(n: int, share: float) -> tuple[Array, Array]:
    counts = np.arange(*_likely(n * share, n * share * (1.0 - share), 0, n), dtype=float)
    masses, ratios = _binomial(counts, n, share), _coverage_ratio(counts, n, share)
    orders = [_orders(n, int(x)) for x in counts]
    statistics = [ratio + of_order for ratio, (of_order, _) in zip(ratios, orders, strict=True)]
    weights = [mass * of_order for mass, (_, of_order) in zip(masses, orders, strict=True)]
    return np.concatenate([*statistics, [np.inf]]), np.concatenate([*weights, [_LEFT_OUT]])


def conditional_null(n: int, share: float) -> Null:
    """Of the number and the order of exceedances among n days."""
    return Null(*_conditional(n, share))


# -- the ratios --------------------------------------------------------------------------------------------------------


def _coverage_ratio(x: Array, n: int, share: float) -> Array:
    """By logarithms of ratios, which no power of a small number underflows."""
    observed = np.asarray(x, dtype=float) / n
    ratio = xlogy(x, observed / share) + xlogy(n - x, (1.0 - observed) / (1.0 - share))
    return np.maximum(2.0 * ratio, 0.0)


def _markov_ratio(n: int, x: Array | int, both: Array, first: Array, last: Array) -> Array:
    """Of x exceedances among n days, of which ``both`` follow another, the first and the last day being one or not."""
    begun, ended = both + (x - first - both), x - last  # transitions into an exceedance, and out of one
    fresh, stopped = begun - both, ended - both
    quiet = (n - 1) - both - fresh - stopped
    whole = _bernoulli(begun, n - 1)
    apart = _bernoulli(fresh, quiet + fresh) + _bernoulli(both, both + stopped)
    return np.maximum(2.0 * (apart - whole), 0.0)


def _bernoulli(x: Array, n: Array | int) -> Array:
    """The largest log-likelihood of x exceedances among n days."""
    share = np.asarray(x, dtype=float) / np.maximum(n, 1)
    return np.asarray(xlogy(x, share) + xlog1py(n - x, -share), dtype=float)


def _orders(n: int, x: int) -> tuple[Array, Array]:
    """The Markov ratio of every kind of order of x exceedances among n days, and its probability."""
    if x in (0, n):
        return np.zeros(1), np.ones(1)
    spread = x * (n - x) / n
    likely = np.arange(*_likely(spread, spread, 1, x))
    runs, first, last = (part.ravel() for part in np.meshgrid(likely, (0, 1), (0, 1), indexing="ij"))
    gaps = runs + 1 - first - last  # runs of the other days
    possible = (gaps >= 1) & (gaps <= n - x)
    runs, first, last, gaps = (part[possible] for part in (runs, first, last, gaps))
    log_count = _log_choose(x - 1, runs - 1) + _log_choose(n - x - 1, gaps - 1)
    statistics, masses = _markov_ratio(n, x, x - runs, first, last), np.exp(log_count - _log_choose(n, x))
    return np.append(statistics, np.inf), np.append(masses, _LEFT_OUT)


def _likely(mean: float, variance: float, least: int, most: int) -> tuple[int, int]:
    """From where to where a count lies, but for a chance of ``_LEFT_OUT`` (Bernstein's inequality)."""
    reach = _EXPONENT / 3.0 + np.sqrt((_EXPONENT / 3.0) ** 2 + 2.0 * _EXPONENT * variance)
    return max(least, int(mean - reach) - 1), min(most, int(mean + reach) + 2) + 1


def _log_choose(n: Array | int, k: Array | int) -> Array:
    return gammaln(np.add(n, 1.0)) - gammaln(np.add(k, 1.0)) - gammaln(np.subtract(n, k) + 1.0)


def _binomial(x: Array, n: int, share: float) -> Array:
    """The probability of x exceedances among n days."""
    return np.exp(_log_choose(n, x) + xlogy(x, share) + xlog1py(n - np.asarray(x), -share))


__all__ = [
    "conditional_coverage",
    "conditional_null",
    "independence",
    "independence_null",
    "kupiec",
    "kupiec_null",
]
