"""The duration test: do exceedances come as a memoryless process would bring them (Christoffersen and Pelletier 2004)?

The days between exceedances are Weibull with shape b and, under right forecasts, exponential, b = 1. The days before
the first and after the last exceedance are censored. The scale is profiled out: with m whole durations D_i and

    l(b) = m [log m - log sum D^b + log b - 1] + (b - 1) sum of log D over the whole ones,

where the first sum holds the censored durations too, the statistic is 2 (max l - l(1)).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import elementwise

from evstats import noise
from evstats.arrays import Array, Places
from evstats.losses.nulls import Null
from evstats.simulated import kept

FEWEST = 3
"""Exceedances that the test needs at least: two durations."""

#: The logarithm of a duration of no days: any power of it is 0, and 0 times it too.
_OF_NOTHING = -1e200

#: Values of noise handled at once, so that they stay in the cache.
_AT_ONCE = 262_144


def duration(places: Places, n: int) -> Array:
    """The likelihood ratio; places (..., x) are the days of the exceedances, counted from 1, in rising order.

    It is infinite where all whole durations are as long as the longest of all.
    """
    lanes = places.reshape(-1, places.shape[-1]).astype(float)
    whole = np.diff(lanes, axis=-1)
    before = np.where(lanes[:, :1] > 1.0, lanes[:, :1], 0.0)
    every = np.concatenate([whole, before, n - lanes[:, -1:]], axis=-1)
    longest = every.max(axis=-1, keepdims=True)
    mean = np.log(whole / longest).mean(axis=-1)
    logs = np.log(every / longest, out=np.full(every.shape, _OF_NOTHING), where=every > 0.0)
    found = np.full(len(lanes), np.inf)
    inside = np.flatnonzero(mean < 0.0)
    logs, mean = logs[inside], mean[inside]
    gain = _profile(_shapes(logs, mean, n), logs, mean) - _profile(np.ones(inside.size), logs, mean)
    found[inside] = np.maximum(2.0 * whole.shape[-1] * gain, 0.0)
    return found.reshape(places.shape[:-1])


@kept
def _statistics(n: int, x: int, replicates: int, seed: int) -> Array:
    """The statistics of orders of x exceedances among n days, each as likely as any other."""
    random, rows = noise.generator([seed, n, x]), max(1, _AT_ONCE // n)
    found = []
    for start in range(0, replicates, rows):
        drawn = noise.exponential((min(rows, replicates - start), n), rng=random)
        found.append(np.argpartition(drawn, x - 1, axis=-1)[:, :x])
    return duration(1 + np.sort(np.concatenate(found), axis=-1), n)


def duration_null(n: int, x: int, replicates: int, seed: int) -> Null:
    """Of the order of x exceedances among n days, by simulation."""
    return Null(_statistics(n, x, replicates, seed))


def _shapes(logs: Array, mean: Array, n: int) -> Array:
    """Where the profile has its maximum: its derivative, over m, falls in b."""

    def slope(log_shape: Array, lane: Places) -> Array:
        of_lanes = logs[lane]
        powers = np.exp(np.exp(log_shape)[..., None] * of_lanes)
        weighted = np.einsum("...i,...i->...", powers, of_lanes) / powers.sum(axis=-1)
        return np.exp(-log_shape) + mean[lane] - weighted

    ends = np.log(1e-4), np.log(4.0 * n * logs.shape[-1])
    return np.exp(elementwise.find_root(slope, ends, args=(np.arange(len(logs)),)).x)


def _profile(shape: Array, logs: Array, mean: Array) -> Array:
    """The log-likelihood over m, without its constant."""
    return np.log(shape) + (shape - 1.0) * mean - np.log(np.exp(shape[:, None] * logs).sum(axis=-1))


__all__ = ["FEWEST", "duration", "duration_null"]
