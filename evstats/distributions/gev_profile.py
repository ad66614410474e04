"""Where the likelihood of a GEV may have maxima: its profile over the end of the support, on a grid."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.special
from numpy.typing import NDArray

from evstats.arrays import Array
from evstats.distributions.gumbel_solver import solve_scale

#: An interior maximum of the likelihood has a shape above this; beyond, it is unbounded (Smith 1985).
LOWEST_SHAPE = -1.0
#: Points at which theta is tried below and above 0, every how manieth is looked at first, and the values worked on at a
#: time.
_GRID_BELOW, _GRID_ABOVE, _LOGITS = 90, 140, 21.0
_COARSE = 10
_GRID_VALUES = 200_000
#: Between two points a cubic with these slopes, in units of the chord's, is monotone (Fritsch and Carlson 1980).
_STEEPEST = 2.5
#: A part of the grid whose ends lie so far, and so far for each observation, below a known maximum has none as high.
_FAR_BELOW, _FAR_BELOW_EACH = 2.0, 0.3


def theta_grid(above: Array, present: Array | None) -> Array:
    """Values of theta for lanes (m, n) of minimum 0, (m, grid): logits of theta * max below 0, logarithms above.

    The positive ones reach from a thousandth of 1/max to a few million times 1/median, so that a single huge value does
    not hide the maximum that the bulk of the data has.
    """
    largest = above.max(axis=-1, keepdims=True)
    ordered = np.sort(above if present is None else np.where(present > 0, above, np.inf), axis=-1)
    count = np.full(len(above), above.shape[-1]) if present is None else present.sum(axis=-1).astype(int)
    middle = np.take_along_axis(ordered, count[:, None] // 2, axis=-1)
    middle = np.where(middle > 0, middle, largest)
    below = -scipy.special.expit(np.linspace(_LOGITS - 7.0, -7.0, _GRID_BELOW)) / largest
    first, last = np.log(1e-3 / largest), np.log(3e6 / middle)
    return np.concatenate([below, np.exp(first + (last - first) * np.linspace(0.0, 1.0, _GRID_ABOVE))], axis=-1)


def where_it_may_turn(
    above: Array, present: Array | None, grid: Array, known: Array | None
) -> tuple[NDArray[np.intp], Array]:
    """The parts of the grid (m, points) in which the profile may have a maximum that is not far below one ``known``:
    owner (c,), theta (c, part).

    Each runs from one point before a part to one after it.
    """
    last = grid.shape[1] - 1
    places = np.append(np.arange(0, last, _COARSE), last)
    theta = grid[:, places]
    found = profile_on_grid(above, present, theta, slope=True)
    chord = np.diff(found.value, axis=-1) / np.diff(places)
    # the slope by place in the grid: of logits below 0, of logarithms above
    below = theta * (1.0 + theta * above.max(axis=-1, keepdims=True)) * (-_LOGITS / (_GRID_BELOW - 1))
    slope = found.slope * np.where(theta < 0.0, below, theta * np.log(grid[:, -1:] / grid[:, -2:-1]))
    left, right = slope[:, :-1], slope[:, 1:]
    with np.errstate(all="ignore"):
        monotone = (left * chord > 0.0) & (right * chord > 0.0)
        monotone &= (np.abs(left) < _STEEPEST * np.abs(chord)) & (np.abs(right) < _STEEPEST * np.abs(chord))
        if known is not None:
            count = above.shape[-1] if present is None else present.sum(axis=-1)
            least = known - _FAR_BELOW - _FAR_BELOW_EACH * count
            monotone |= np.fmax(found.value[:, :-1], found.value[:, 1:]) < least[:, None]
    owner, part = np.nonzero(~monotone)
    inside = np.clip(places[part][:, None] + np.arange(-1, _COARSE + 2), 0, last)
    return owner, grid[owner[:, None], inside]


class _OfTheta(NamedTuple):
    """Gumbel scale and location of log1p(theta x)/theta, the log-likelihood and its slope in theta, each (m, grid); the
    slope is NaN where it was not asked for.
    """

    s: Array
    loc: Array
    value: Array
    slope: Array


def profile_on_grid(x: Array, present: Array | None, theta: Array, *, slope: bool = False) -> _OfTheta:
    """The profile likelihood of lanes (m, n) at values of theta (m, grid), in bounded memory."""
    m, n = x.shape
    result = np.empty((4, *theta.shape))
    columns = max(1, min(theta.shape[1], _GRID_VALUES // n))
    rows = max(1, _GRID_VALUES // (n * columns))
    for i in range(0, m, rows):
        there = None if present is None else present[i : i + rows]
        for j in range(0, theta.shape[1], columns):
            part = slice(i, i + rows), slice(j, j + columns)
            result[:, *part] = _profile_block(x[i : i + rows], there, theta[part], slope)
    return _OfTheta(*result)


def _profile_block(x: Array, present: Array | None, theta: Array, with_slope: bool) -> Array:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        each = theta[..., None]
        h = np.log1p(each * x[:, None, :])
        h *= 1.0 / each
        if present is None:
            there, count, lowest, total = None, float(x.shape[-1]), h.min(axis=-1), h.sum(axis=-1)
            shifted = h - lowest[..., None]
        else:
            seen = np.repeat(present[:, None], theta.shape[1], axis=1)
            there, count, total = seen.reshape(-1, x.shape[-1]), present.sum(axis=-1)[:, None], (h * seen).sum(axis=-1)
            lowest = np.where(seen > 0, h, np.inf).min(axis=-1)
            shifted = np.where(seen > 0, h - lowest[..., None], 0.0)
        (loc, s), converged, _ = solve_scale(shifted.reshape(-1, x.shape[-1]), there)
        s, loc = np.where(converged, s, np.nan).reshape(theta.shape), loc.reshape(theta.shape)
        # sum of log f: the exponentials sum to the count at the maximum; the Jacobian of h is 1/(1 + theta x)
        value = -count * (np.log(s) + 1.0) - (total - count * (loc + lowest)) / s - theta * total
        if not with_slope:
            return np.array([s, loc + lowest, value, np.full(theta.shape, np.nan)])
        # the slope of h in theta, (x/(1 + theta x) - h)/theta, met by d log f/dh
        pull = (np.exp((loc[..., None] - shifted) / s[..., None]) - 1.0) / s[..., None] - each
        pull *= (x[:, None, :] / (1.0 + each * x[:, None, :]) - h) / each
        slope = (pull if present is None else np.where(seen > 0, pull, 0.0)).sum(axis=-1) - total
    return np.array([s, loc + lowest, value, slope])
