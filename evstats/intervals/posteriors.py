"""Posteriors of one series on nodes: everything that is averaged over them is quadrature, the same on every run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.special

from evstats.arrays import Array, Mask
from evstats.distributions.special import log1p_over
from evstats.intervals.conditional import ConditionalPivots
from evstats.quadrature import unit_interval

#: Nodes in the tail parameter of the GEV's posterior (twice as many below n = 50, four times below 20, and so many more
#: for every power of ten of blocks), in its scale, and in the search for where it lies.
_NODES, _SCALE_NODES, _SEARCH_NODES = 48, 24, 65
#: Nodes of a lane's posterior, for the size of a part.
NODES = _NODES * _SCALE_NODES
#: How far the logarithm of the posterior falls before it is cut off, and the range searched for it.
_FALL, _FARTHEST = 30.0, 30.0
#: The prior on the shape is flat between these.
LOWEST_SHAPE, HIGHEST_SHAPE = -1.0, 5.0
_MOST_STEPS, _TOLERANCE = 100, 1e-9


def tied_at_the_smallest(values: Array, highest_shape: float = HIGHEST_SHAPE) -> Mask:
    """Lanes (m, n) of maxima with so many values tied at the smallest that a large shape runs away.

    With k of n values there the posterior density falls like scale^((n - k)/shape - (k - 1)) as the scale goes to 0: it
    is improper for k - 1 >= (n - k)/highest shape, and its median is far from the data already at half of that.
    """
    n = np.count_nonzero(~np.isnan(values), axis=-1)
    k = np.count_nonzero(values == np.fmin.reduce(values, axis=-1, keepdims=True, initial=np.inf), axis=-1)
    return (k > 1) & (k - 1 >= 0.5 * (n - k) / highest_shape)


class Unit(NamedTuple):
    """Data are standardised to a smallest value of 0 and a largest of 4: a standard deviation of about 1."""

    low: Array
    scale: Array

    @classmethod
    def of(cls, x: Array) -> Unit:
        """Of observations (m, n)."""
        low = x.min(axis=-1, keepdims=True)
        return cls(low, 0.25 * (x.max(axis=-1, keepdims=True) - low))


@dataclass(frozen=True, eq=False)
class PosteriorNodes(ABC):
    """The posterior of m samples of n on nodes, the location integrated out: given the rest, exp(loc/s) S(s) is a gamma
    variable of shape n, and P(no exceedance in N blocks) its Laplace transform (1 + N exp(-y/s)/S(s))^-n.
    """

    n: float | Array  # (m, 1) where samples differ
    unit: Unit
    weight: Array  # (m, nodes)

    @abstractmethod
    def log_rate(self, level: Array) -> tuple[Array, Array]:
        """log(exp(-y/s)/S(s)) at standardised levels (m, 1), and minus its slope in the level: (m, nodes) each."""

    def levels(self, probabilities: Array, blocks: float) -> Array:
        """Levels (m, questions) in data units."""
        found = [self._level(p, np.log(blocks)) for p in probabilities]
        return self.unit.low + self.unit.scale * np.stack(found, axis=-1)

    def _level(self, p: float, log_blocks: float) -> Array:
        """The level (m,): Newton's method on log(-log P(no exceedance)), which falls nearly linearly with asinh(level),
        inside the bracket found so far. ``elementwise.find_root`` takes five times as long.
        """
        wanted = np.log(-np.log1p(-p))
        place = np.full(len(self.weight), np.arcsinh(4.0 + 0.8 * log_blocks))
        low, high = np.full(place.shape, -np.inf), np.full(place.shape, np.inf)
        for _ in range(_MOST_STEPS):
            height, slope = self._log_hazard(place, log_blocks)
            low, high = np.where(height > wanted, place, low), np.where(height > wanted, high, place)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = (wanted - height) / slope
            usable = np.isfinite(step) & (slope < 0.0)
            step = np.where(usable, np.clip(step, -2.0, 2.0), np.where(height > wanted, 1.0, -1.0))
            moved = place + step
            with np.errstate(invalid="ignore"):
                outside = (moved < low) | (moved > high) | ~usable & np.isfinite(low + high)
                moved = np.where(outside & np.isfinite(low + high), 0.5 * (low + high), moved)
            done = np.all(np.abs(moved - place) <= _TOLERANCE * (1.0 + np.abs(place)))
            place = moved
            if done:
                break
        return np.sinh(place)

    def _log_hazard(self, place: Array, log_blocks: float) -> tuple[Array, Array]:
        """log(-log P(no exceedance of sinh(place))) and its slope in ``place``."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            log_rate, slope = self.log_rate(np.sinh(place)[:, None])
            log_rate = log_rate + log_blocks
            none = -self.n * np.logaddexp(0.0, log_rate)
            exceeded = np.vecdot(-np.expm1(none), self.weight)
            log_kept = scipy.special.logsumexp(none, b=self.weight, axis=-1)
            hazard = np.where(exceeded < 0.5, -np.log1p(-exceeded), -log_kept)
            share = self.weight * np.exp(none - log_kept[:, None])
            falling = np.where(share > 0.0, share * self.n * scipy.special.expit(log_rate) * slope, 0.0)
            return np.log(hazard), -falling.sum(axis=-1) / hazard * np.cosh(place)


@dataclass(frozen=True, eq=False)
class GumbelNodes(PosteriorNodes):
    """Nodes in the scale, those of the conditional pivots about the scale that the standard deviation gives."""

    pivots: ConditionalPivots

    @classmethod
    def of(cls, x: Array, blocks: float, farthest: float) -> GumbelNodes:
        """Under the prior 1/scale, that of the conditional pivots."""
        unit = Unit.of(x)
        z = (x - unit.low) / unit.scale
        scale = np.sqrt(6.0) / np.pi * z.std(axis=-1)
        pivots = ConditionalPivots.of(z, np.stack([np.zeros_like(scale), scale], axis=-1), farthest)
        return cls(x.shape[-1], unit, pivots.weight, pivots)

    def log_rate(self, level: Array) -> tuple[Array, Array]:
        """The variate is linear in the level."""
        inverse = self.pivots.inverse / self.pivots.fitted[:, 1:]
        return -level * inverse - self.pivots.log_sum, inverse


@dataclass(frozen=True, eq=False)
class GEVNodes(PosteriorNodes):
    """Nodes in theta = shape/s and in s.

    With theta = shape/(scale - shape loc) the variables y = log1p(theta x)/theta are Gumbel with scale
    s = scale - shape loc. The map from (loc, log scale, shape) to (loc of y, s, theta) has determinant 1, so a flat
    prior stays flat.
    """

    theta: Array  # (m, nodes)
    s: Array  # (m, nodes)
    log_sum: Array  # (m, nodes): log S(s)

    @classmethod
    def of(cls, x: Array, blocks: float, farthest: float) -> GEVNodes:
        """Under a prior flat in (loc, log scale, shape) with the shape between its bounds."""
        unit = Unit.of(x)
        z = (x - unit.low) / unit.scale
        largest = z.max(axis=-1, keepdims=True)
        n = x.shape[-1]
        tilts = _NODES * (1 + (n < 50) + 2 * (n < 20) + int(np.log10(max(1.0, blocks))))
        tilt, tilt_weight = _tilts(z, largest, tilts)
        theta = np.expm1(tilt) / largest
        y = log1p_over(theta[..., None], z[:, None, :])
        log_s, log_s_weight = _log_scales(y, theta)
        s = np.exp(log_s)
        exponent = y[:, :, None, :] / s[..., None]
        log_sum = np.log(np.exp(-exponent).sum(axis=-1))  # of values from 0 up, so that it cannot underflow
        log_density = (2.0 - n) * log_s - exponent.sum(axis=-1) - n * log_sum
        log_density += (tilt - np.log1p(theta[..., None] * z[:, None, :]).sum(axis=-1))[..., None]
        with np.errstate(divide="ignore"):
            log_density += np.log(tilt_weight)[..., None] + np.log(log_s_weight)
        flat = log_density.reshape(len(x), -1)
        weight = np.exp(flat - flat.max(axis=-1, keepdims=True))
        weight /= weight.sum(axis=-1, keepdims=True)
        theta = np.broadcast_to(theta[..., None], s.shape)
        return cls(n, unit, weight, *(part.reshape(len(x), -1) for part in (theta, s, log_sum)))

    def log_rate(self, level: Array) -> tuple[Array, Array]:
        """Beyond the end of the support nothing is exceeded, before its start everything."""
        with np.errstate(over="ignore", divide="ignore"):
            inside = 1.0 + self.theta * level
            outside = np.where(self.theta < 0.0, -np.inf, np.inf)
            log_rate = np.where(inside > 0.0, -log1p_over(self.theta, level) / self.s - self.log_sum, outside)
            return log_rate, np.where(inside > 0.0, 1.0 / (self.s * inside), 0.0)


def _tilts(z: Array, largest: Array, number: int) -> tuple[Array, Array]:
    """Nodes and weights (m, nodes) in log(1 + theta max z), over the range that holds the posterior, dense at its top.

    The range is where the profile likelihood of theta is within ``_FALL`` of its highest, on a wide grid.
    """
    grid = np.linspace(-1.0, 1.0, _SEARCH_NODES)
    grid = _FARTHEST * np.sinh(4.0 * grid) / np.sinh(4.0)
    heights = np.stack([_profile(tilt, z, largest) for tilt in grid], axis=-1)
    top = np.argmax(heights, axis=-1)
    high = heights > heights.max(axis=-1, keepdims=True) - _FALL
    first, last = np.argmax(high, axis=-1), grid.size - 1 - np.argmax(high[:, ::-1], axis=-1)
    return _graded(grid[np.maximum(first - 1, 0)], grid[top], grid[np.minimum(last + 1, grid.size - 1)], number // 2)


def _graded(low: Array, top: Array, high: Array, half: int) -> tuple[Array, Array]:
    """Nodes and weights (..., 2 half) between ``low`` and ``high``, dense at ``top``: on either side Gauss-Legendre's
    rule in the square root of the distance.
    """
    u, weights = unit_interval(half)
    reach = np.stack([low - top, high - top], axis=-1)[..., None]
    shape = (*top.shape, 2 * half)
    return (top[..., None, None] + reach * u**2).reshape(shape), (np.abs(reach) * u * (2.0 * weights)).reshape(shape)


def _profile(tilt: float, z: Array, largest: Array) -> Array:
    """The highest posterior density (m,) over the scale at one tilt, by a Gumbel fit of y."""
    theta = np.expm1(tilt) / largest
    y = log1p_over(theta, z)
    s = np.minimum(_gumbel_scale(y), _longest(theta)[:, 0])
    n = z.shape[-1]
    log_sum = np.log(np.exp(-y / s[:, None]).sum(axis=-1))
    slopes = np.log1p(theta * z).sum(axis=-1)
    return tilt - slopes + (2.0 - n) * np.log(s) - y.sum(axis=-1) / s - n * log_sum


def _longest(theta: Array) -> Array:
    """The largest s for which the shape theta s is within its bounds."""
    with np.errstate(divide="ignore"):
        return np.where(theta < 0.0, LOWEST_SHAPE, HIGHEST_SHAPE) / np.where(theta == 0.0, 1e-300, theta)


def _gumbel_scale(y: Array) -> Array:
    """The maximum-likelihood scale of Gumbel samples (..., n) of smallest value 0, to a few digits.

    That is enough to place nodes by, and takes two fifths of the time of ``Gumbel.maximize_likelihood``.
    """
    mean = y.mean(axis=-1)
    s = np.sqrt(6.0) / np.pi * y.std(axis=-1)
    for _ in range(6):
        e = np.exp(-y / s[..., None])
        total, first = e.sum(axis=-1), (e * y).sum(axis=-1)
        second = (e * y * y).sum(axis=-1)
        short = mean - first / total - s
        slope = -(second / total - (first / total) ** 2) / s**2 - 1.0
        s = np.clip(s - short / slope, 0.3 * s, 3.0 * s)
    return s


def _log_scales(y: Array, theta: Array) -> tuple[Array, Array]:
    """Nodes and weights (m, nodes, scale nodes) in log s, cut where the shape leaves its bounds."""
    spread = np.sqrt(6.0) / np.pi / np.sqrt(y.shape[-1])
    longest = np.log(_longest(theta))
    top = np.minimum(np.log(_gumbel_scale(y)), longest)
    high = np.minimum(top + max(9.0 * spread, _FALL / (y.shape[-1] - 2.0)), longest)
    return _graded(top - 8.0 * spread, top, high, _SCALE_NODES // 2)
