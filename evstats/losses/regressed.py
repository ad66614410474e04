"""The dynamic quantile test: do exceedances follow from what was known before (Engle and Manganelli 2004)?

Hit_t = I_t - a is regressed on a constant, the four hits before and the VaR of the day; the statistic is
b' X'X b/(a (1 - a)), in sample, over the days 5 to n. Exceedances are few, so that sums over all days are sums over
them: thousands of simulated series are held as the places of their exceedances.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evstats import noise
from evstats.arrays import Array, Mask, Places
from evstats.losses.nulls import Null
from evstats.simulated import kept

LAGS = 4
"""Hits before that are regressors."""

DF = LAGS + 2
"""Degrees of freedom of the statistic in endless samples."""

#: Values of noise handled at once; a VaR that varies by less, of its size, is constant; what keeps regressors that are
#: combinations of others from being divided by nothing.
_AT_ONCE, _CONSTANT, _RIDGE = 262_144, 1e-10, 1e-12


@dataclass(frozen=True, eq=False)
class _Hits:
    """Exceedances of several series, in rising order.

    Attributes
    ----------
    lane, places
        The series and the day of each, counted from 0.
    before
        Whether there was one 0, 1, ... 4 days before it, (5, exceedances).
    lanes
        The number of series.
    """

    lane: Places
    places: Places
    before: Mask
    lanes: int

    @classmethod
    def of(cls, lane: Places, places: Places, lanes: int, n: int) -> _Hits:
        keys = lane * (n + LAGS) + places
        before = [keys[np.searchsorted(keys, keys - gap)] == keys - gap for gap in range(LAGS + 1)]
        return cls(lane, places, np.stack(before), lanes)


def dynamic_quantile(places: Places, var: Array, share: float) -> float:
    """The statistic of one series; places are the days of its exceedances, counted from 0, in rising order."""
    hits = _Hits.of(np.zeros_like(places), places, 1, var.size)
    return float(_statistics(hits, _standardised(var[LAGS:]), share)[0])


def dynamic_quantile_null(var: Array, share: float, replicates: int, seed: int) -> Null:
    """Of exceedances that come independently, beside the VaR as it was."""
    return Null(_simulated(_standardised(var[LAGS:]).tobytes(), share, replicates, seed))


@kept
def _simulated(var: bytes, share: float, replicates: int, seed: int) -> Array:
    """The statistics beside a standardised VaR; all that are constant share them."""
    beside = np.frombuffer(var)
    hits = _Hits(*_drawn(beside.size + LAGS, share, replicates, seed), replicates)
    return _statistics(hits, beside, share)


@kept
def _drawn(n: int, share: float, replicates: int, seed: int) -> tuple[Places, Places, Mask]:
    """The exceedances of simulated series of n days."""
    random, rows = noise.generator([seed, n]), max(1, _AT_ONCE // n)
    found = []
    for start in range(0, replicates, rows):
        hits = noise.exponential((min(rows, replicates - start), n), rng=random) < -np.log1p(-share)
        lane, places = np.nonzero(hits)
        found.append((lane + start, places))
    lanes, days = zip(*found, strict=True)
    hits = _Hits.of(np.concatenate(lanes), np.concatenate(days), replicates, n)
    return hits.lane, hits.places, hits.before


def _statistics(hits: _Hits, var: Array, share: float) -> Array:
    """The statistic of every series, from its exceedances and the standardised VaR of the days regressed on."""
    days = var.size
    products, sums = _moments(hits, var)
    centred = products - sums[:, :, None] * sums[:, None, :] / days
    mean = sums[:, 0] / days - share
    explained = _explained(centred[:, 1:, 1:], centred[:, 1:, 0])
    return (days * mean**2 + explained) / (share * (1.0 - share))


def _moments(hits: _Hits, var: Array) -> tuple[Array, Array]:
    """Products and sums, over the days regressed on, of the hit, the hits before, and the standardised VaR."""
    days, lanes, size = var.size, hits.lanes, LAGS + 2
    products, sums = np.zeros((lanes, size, size)), np.zeros((lanes, size))
    for lag in range(LAGS + 1):
        day = hits.places + lag - LAGS  # the day regressed on that has this exceedance so many days before
        inside = (day >= 0) & (day < days)
        own = hits.lane[inside]
        sums[:, lag] = np.bincount(own, minlength=lanes)
        weights = var[day[inside]]
        products[:, lag, -1] = products[:, -1, lag] = np.bincount(own, weights, minlength=lanes)
        for gap in range(LAGS + 1 - lag):
            pairs = np.bincount(own[hits.before[gap, inside]], minlength=lanes)
            products[:, lag, lag + gap] = products[:, lag + gap, lag] = pairs
    products[:, -1, -1] = (var**2).sum()
    return products, sums


def _standardised(var: Array) -> Array:
    """The VaR with mean 0 and mean square 1; zero where it is constant, which the constant says already."""
    centred = var - var.mean()
    spread = np.sqrt((centred**2).mean())
    return centred / spread if spread > _CONSTANT * np.abs(var).max() else np.zeros_like(var)


def _explained(products: Array, with_hit: Array) -> Array:
    """The sum of squares that the regressors explain; those that are combinations of others add nothing."""
    size = np.sqrt(np.einsum("mii->mi", products))
    with np.errstate(divide="ignore"):
        scale = np.where(size > 0.0, 1.0 / size, 0.0)
    correlations = products * scale[:, :, None] * scale[:, None, :] + _RIDGE * np.eye(size.shape[-1])
    rotated = np.linalg.solve(correlations, (with_hit * scale)[:, :, None])[:, :, 0]
    return np.einsum("mi,mi->m", rotated, with_hit * scale)


__all__ = ["DF", "LAGS", "dynamic_quantile", "dynamic_quantile_null"]
