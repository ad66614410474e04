"""The semiparametric maxima estimators: the distribution function at the maxima of sliding blocks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evstats.arrays import Array, Places
from evstats.errors import DataError, whole_number
from evstats.habits import knowing_their_names
from evstats.registry import Registry
from evstats.thresholds.indices.base import Index, Resampled
from evstats.thresholds.spacings import Spacings, Stretches

MOST_UNITS = 256
"""Blocks that are resampled at most, of a long record longer ones."""

_OFFSETS = 64
"""Ways to cut a series into disjoint blocks that the variance of the maxima is averaged over, at most."""

_SLIDING = 3.0 - 4.0 * math.log(2.0)
"""What the variance of sliding maxima falls short of that of disjoint ones, over the squared mean."""


@knowing_their_names
@dataclass(frozen=True)
class SlidingMaxima(Index):
    """The extremal index by the maxima of all sliding blocks.

    Of a block maximum M, -block log F(M) and block (1 - F(M)) are nearly exponential with mean 1/index; F is the
    empirical distribution function of the observations. The threshold plays no part but to say how long a block is
    where none is given; across a gap there is no block.

    Nominal 95 % intervals of Northrop's held the index of max-autoregressive series (.3, .6 and 1, which are
    independent) in .940, .965 and .995 of 200 series of 5,000 values in blocks of 40, in .940, .905 and .985 of series
    of 2,000 in blocks of 100; of a Cauchy autoregression (.5) in .945 and .945, of moving maxima (.5) in .920 and .955;
    of squared ARCH(1), whose clusters at such levels are larger than in the limit (.612), in .295 and .770. Those of
    Berghaus and Bücher's held it in .960, .965 and .995, and in .940, .890 and .970; .940 and .920; .925 and .940; .275
    and .655 (``tests/studies/extremal_index.py``).

    Parameters
    ----------
    block
        Observations in a block; None for twice the mean time between exceedances of the threshold.
    estimator
        ``"northrop"``, of the logarithm, with F of the observations outside the block, which takes out the bias
        of those inside; ``"berghaus-buecher"``, of 1 - F, less the bias of section 5 of their paper, and less 1/block,
        as F(M)^block of independent observations is uniform.

    References
    ----------
    - Northrop, P. J. (2015). An efficient semiparametric maxima estimator of the extremal index. Extremes 18,
      585-603, section 2.
    - Berghaus, B. and Bücher, A. (2018). Weak convergence of a pseudo maximum likelihood estimator for the extremal
      index. Annals of Statistics 46, 2307-2335, sections 4 and 5.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> fresh = -ev.Gumbel(0.0, 1.0).rvs(2001, rng=1)
    >>> pairs = np.minimum(fresh[1:], fresh[:-1])  # low ones come in pairs
    >>> ev.extremal_index(pairs, "95%", method=ev.SlidingMaxima(30), kind="min")["estimate"].round(1).item()
    0.5
    """

    block: int | None = None
    estimator: str = "northrop"

    name = "maxima"

    def __post_init__(self) -> None:
        if self.block is not None:
            whole_number(self.block, "block", least=1)
        ESTIMATORS[self.estimator]

    def resampled(self, series: Stretches, spacings: Spacings) -> Resampled:
        """Weights on blocks of twice the length."""
        block = max(2, round(2.0 / spacings.share)) if self.block is None else self.block
        maxima = _Maxima.of(series, block)
        estimator = ESTIMATORS[self.estimator](series, maxima)
        length = max(2 * block, -(-series.values.size // MOST_UNITS))
        units = max(1, series.values.size // length)
        above, times = maxima.by_unit(series, length, units)
        sizes = np.bincount(_unit(np.arange(series.values.size), length, units), minlength=units)

        def of(weights: Array) -> Array:
            scale = series.values.size / (weights @ sizes)
            return estimator((weights @ above) * scale[:, None], weights @ times)

        found = Resampled(units, of, None, {"block": block})
        return replace(found, clusters=max(1, round(found.estimate * spacings.exceedances)))


def sliding_maxima(x: Array, block: int) -> float:
    """The estimate of Northrop over all n - block + 1 sliding blocks, at most 1.

    Raises
    ------
    DataError
        A series no longer than a block.
    """
    series = Stretches.of(x)
    maxima = _Maxima.of(series, block)
    return float(_northrop(series, maxima)(maxima.above(series)[None], maxima.times[None])[0])


@dataclass(frozen=True, eq=False)
class _Maxima:
    """The maxima of the blocks without a gap: where each of them begins (b,), the distinct maxima in order (m,), which
    one each block has (b,), and how many have each (m,).
    """

    block: int
    starts: Places
    levels: Array
    which: Places
    times: Array

    @classmethod
    def of(cls, series: Stretches, block: int) -> _Maxima:
        from scipy.ndimage import maximum_filter1d

        n, half = series.values.size, block // 2
        if not 1 <= block < n:
            raise DataError(f"sliding blocks of {block} observations need a longer series than one of {n}.")
        maxima = maximum_filter1d(series.values, block)[half : n - block + half + 1]
        starts = np.flatnonzero(series.stretch[: n - block + 1] == series.stretch[block - 1 :])
        if not starts.size:
            raise DataError(f"no {block} observations stand in a row without a gap", "take shorter blocks.")
        levels, which, times = np.unique(maxima[starts], return_inverse=True, return_counts=True)
        return cls(block, starts, levels, which, times.astype(np.float64))

    def above(self, series: Stretches) -> Array:
        """How many observations exceed each level (m,)."""
        below = np.searchsorted(np.sort(series.values), self.levels, side="right")
        return (series.values.size - below).astype(np.float64)

    def by_unit(self, series: Stretches, length: int, units: int) -> tuple[Array, Array]:
        """How many observations of each unit of so many exceed each level (units, m), and how many blocks that begin
        in it have that maximum (units, m).
        """
        passed = np.searchsorted(self.levels, series.values, side="left")  # the levels that each exceeds
        n, m = series.values.size, self.levels.size
        each = np.bincount(_unit(np.arange(n), length, units) * (m + 1) + passed, minlength=units * (m + 1))
        above = each.reshape(units, m + 1)[:, ::-1].cumsum(axis=-1)[:, ::-1][:, 1:]
        times = np.bincount(_unit(self.starts, length, units) * m + self.which, minlength=units * m)
        return above.astype(np.float64), times.reshape(units, m).astype(np.float64)


def _unit(position: Places, length: int, units: int) -> Places:
    """The unit of a position; the last one takes what is left over."""
    return np.minimum(position // length, units - 1)


Estimator = Callable[[Array, Array], Array]
"""The index (r,) of how many observations exceed each level (r, m) and how many blocks have it for maximum (r, m)."""


def _northrop(series: Stretches, maxima: _Maxima) -> Estimator:
    n, block = series.values.size, maxima.block

    def estimator(above: Array, times: Array) -> Array:
        outside = np.maximum(n - above - block, 0.5) / (n - block)
        return np.minimum(1.0, times.sum(axis=-1) / np.sum(-block * np.log(outside) * times, axis=-1))

    return estimator


def _berghaus_buecher(series: Stretches, maxima: _Maxima) -> Estimator:
    n, block = series.values.size, maxima.block
    blocks = int((series.lengths // block).sum())

    def raw(above: Array, times: Array) -> Array:
        return times.sum(axis=-1) / np.sum(block / n * above * times, axis=-1)

    plain = float(raw(maxima.above(series)[None], maxima.times[None])[0])
    variance = max(0.0, _of_disjoint(series, maxima) - _SLIDING / plain**2)

    def estimator(above: Array, times: Array) -> Array:
        index = raw(above, times)
        return np.clip(index - index / blocks - index**3 * variance / blocks - 1.0 / block, 0.0, 1.0)

    return estimator


def _of_disjoint(series: Stretches, maxima: _Maxima) -> float:
    """The variance of block (1 - F(M)) of disjoint blocks, F estimated (Berghaus and Bücher, section 4), averaged over
    ways to cut the series.
    """
    n, block = series.values.size, maxima.block
    ways = n % block + 1 if series.starts.size == 1 else block
    offsets = np.unique(np.linspace(0, ways - 1, min(ways, _OFFSETS)).round().astype(np.intp))
    level = np.full(n, np.nan)
    level[maxima.starts] = maxima.levels[maxima.which]
    found = [_of_blocks(series.values, level, np.arange(offset, n - block + 1, block), block) for offset in offsets]
    return float(np.mean(found))


def _of_blocks(x: Array, level: Array, starts: Places, block: int) -> float:
    starts = starts[~np.isnan(level[starts])]
    if not starts.size:
        return 0.0
    maxima = level[starts]
    held = x[starts[:, None] + np.arange(block)]
    passed = np.searchsorted(np.sort(maxima), held, side="left").sum(axis=-1) / starts.size
    below = np.searchsorted(np.sort(held, axis=None), maxima, side="right")
    z = block * (1.0 - below / held.size)
    return float(np.mean((z + passed - 2.0 * z.mean()) ** 2))


ESTIMATORS: Registry[Callable[[Stretches, _Maxima], Estimator]] = Registry(
    "estimator", {"northrop": _northrop, "berghaus-buecher": _berghaus_buecher}
)

__all__ = ["ESTIMATORS", "SlidingMaxima", "sliding_maxima"]
