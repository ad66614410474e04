"""Whether the shape is the same between all higher thresholds: the score test of Northrop and Coleman (2014)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.distributions.special import expm1_over, expm1_over_derivatives, log1p_over
from evstats.quadrature import half_line, unit_interval

if TYPE_CHECKING:
    from evstats.thresholds.candidates import Candidates

_NODES = 16


def score_tests(candidates: Candidates) -> tuple[Array, Array]:
    """Statistics and p-values (k,) of a shape that is the same beyond each threshold.

    The alternative is a shape of its own between each two thresholds above, and above the highest: its reciprocal
    hazard, scale + shape z under the null hypothesis, is continuous and piecewise linear. With expected information;
    chi-square, with as many degrees of freedom as there are higher thresholds. NaN for the highest threshold, and where
    there is no estimate or a shape of -1/2 or less, of which there is no information.

    References
    ----------
    - Northrop, P. J. and Coleman, C. L. (2014). Improved threshold diagnostic plots for extreme value analyses.
      Extremes 17, 289-303.
    """
    from scipy.special import chdtrc

    statistics = np.full(len(candidates), np.nan)
    scale, shape = candidates.fits.scale, candidates.fits.shape
    for place in np.flatnonzero(shape[:-1] > -0.5):
        above = np.abs(candidates.thresholds[place:] - candidates.thresholds[place]) / scale[place]
        sizes = candidates.beyond[place].excesses / scale[place]
        statistics[place] = score_statistic(sizes, above, float(shape[place]))
    higher = np.arange(len(candidates))[::-1]
    p = chdtrc(np.maximum(higher, 1), statistics)
    return statistics, np.asarray(np.where(np.isnan(statistics), np.nan, p))


def score_statistic(z: Array, edges: Array, shape: float) -> float:
    """The statistic for excesses z (n,) in units of their scale; pieces begin at ``edges`` (m,), of which the first is
    0.
    """
    gradient = score(z, edges, shape)
    information = z.size * expected_information(edges, shape)
    size = np.sqrt(np.diagonal(information))
    return float(gradient / size @ np.linalg.solve(information / np.outer(size, size), gradient / size))


def score(z: Array, edges: Array, shape: float) -> Array:
    """The derivative of the log-likelihood in the scale and the m shapes of the pieces, (m + 1,), where all are equal.

    With h the hazard, of which 1/h is linear in the parameters with coefficients c(z) = (1, lengths of z in each
    piece), an excess z adds -c(z) h(z) + int_0^z c h^2. In the exponential variate e of z, h is exp(-shape e) and h dz
    is de.
    """
    e, starts = log1p_over(shape, z), log1p_over(shape, edges)
    lengths = np.append(np.diff(edges), 0.0)
    ends = np.append(starts[1:], 0.0)
    piece = np.searchsorted(edges, z, side="left") - 1
    hazard = np.exp(-shape * e)
    flow, flow_at, flow_end = expm1_over(-shape, e), expm1_over(-shape, starts), expm1_over(-shape, ends)
    area, area_at, area_end = (_area(shape, own) for own in (e, starts, ends))
    inside = (area - area_at[piece]) - edges[piece] * (flow - flow_at[piece]) - (z - edges[piece]) * hazard
    crossed = (area_end - area_at) - edges * (flow_end - flow_at)  # by those that end in a higher piece
    m = edges.size
    further = _above(np.bincount(piece, minlength=m))
    beyond = _above(np.bincount(piece, flow - hazard, m)) - further * flow_end
    shapes = np.bincount(piece, inside, m) + further * crossed + lengths * beyond
    return np.append(np.sum(flow - hazard), shapes)


def expected_information(edges: Array, shape: float) -> Array:
    """That of one excess in units of its scale, (m + 1, m + 1): the mean of c c' h^2, shape > -1/2."""
    starts = log1p_over(shape, edges)
    nodes, weights = unit_interval(_NODES)
    steps = np.diff(starts)
    tail, tail_weights = half_line()
    slowest = 1.0 + 2.0 * min(shape, 0.0)  # the integrand falls like exp(-slowest e)
    e = np.concatenate([(starts[:-1, None] + steps[:, None] * nodes).ravel(), starts[-1] + tail / slowest])
    w = np.concatenate([(steps[:, None] * weights).ravel(), tail_weights / slowest])
    lengths = np.append(np.diff(edges), np.inf)
    z = expm1_over(shape, e)
    c = np.vstack([np.ones_like(z), np.clip(z - edges[:, None], 0.0, lengths[:, None])])
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        each = c * np.exp(-shape * e - 0.5 * e)
    each = np.where(np.isfinite(each), each, 0.0)  # infinite z at a weight of 0
    return (each * w) @ each.T


def _area(shape: float, e: Array) -> Array:
    """The integral of expm1_over(-shape, .) from 0 to e."""
    return e * expm1_over(-shape, e) - expm1_over_derivatives(-shape, e)[1]


def _above(each: ArrayLike) -> Array:
    """Of m pieces, the sum of those above each."""
    return np.append(np.cumsum(np.asarray(each)[::-1])[::-1][1:], 0.0)


__all__ = ["expected_information", "score", "score_statistic", "score_tests"]
