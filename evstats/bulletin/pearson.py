"""Pearson type III in standard units: tails, quantiles, and moments between two values."""

from __future__ import annotations

import numpy as np
import scipy.special

from evstats.arrays import Array

#: Skews so small that the normal distribution and the first term in the skew are exact to 1e-11.
_NORMAL = 1e-5


def pearson_cdf(z: Array, skew: Array) -> Array:
    """The distribution function of Pearson type III with mean 0, standard deviation 1 and a skew; arrays broadcast."""
    z, skew = np.broadcast_arrays(np.asarray(z, dtype=np.float64), skew)
    return _both_tails(z, skew)[0]


def _both_tails(z: Array, skew: Array) -> tuple[Array, Array]:
    """Probabilities below and above z."""
    size = np.maximum(np.abs(skew), _NORMAL)
    shape, flip = 4.0 / size**2, np.where(skew < 0.0, -1.0, 1.0)
    with np.errstate(invalid="ignore", over="ignore"):
        x = np.maximum(shape + flip * z * 2.0 / size, 0.0)
    below, above = scipy.special.gammainc(shape, x), scipy.special.gammaincc(shape, x)
    with np.errstate(invalid="ignore"):
        term = np.where(np.isinf(z), 0.0, skew / 6.0 * (z**2 - 1.0) * _normal_density(z))
    near = np.abs(skew) < _NORMAL
    first = np.where(near, scipy.special.ndtr(z) - term, np.where(flip > 0.0, below, above))
    second = np.where(near, scipy.special.ndtr(-z) + term, np.where(flip > 0.0, above, below))
    return first, second


def pearson_pdf(z: Array, skew: Array) -> Array:
    """The density of the same; 0 outside the support and at infinity."""
    z, skew = np.broadcast_arrays(np.asarray(z, dtype=np.float64), skew)
    size = np.maximum(np.abs(skew), _NORMAL)
    shape = 4.0 / size**2
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        # log density of a standardised gamma: its mode's height by Stirling's series, else by lgamma
        u = np.where(skew < 0.0, -1.0, 1.0) * z * size / 2.0  # x/shape - 1
        log = shape * (np.log1p(u) - u) - np.log1p(u) + _log_height(shape)
        found = np.where(u > -1.0, np.exp(log), 0.0)
        near = _normal_density(z) * (1.0 + skew / 6.0 * (z**3 - 3.0 * z))
    found = np.where(np.abs(skew) < _NORMAL, near, found)
    return np.where(np.isinf(z) | np.isnan(found), 0.0, found)


def _log_height(shape: Array) -> Array:
    """log(sqrt(a) a^(a-1) exp(-a)/Gamma(a)), the density of a standardised gamma at its mean."""
    series = -(1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * shape**2)) / shape**2) / shape - 0.5 * np.log(2.0 * np.pi)
    exact = (shape - 0.5) * np.log(shape) - shape - scipy.special.gammaln(shape)
    return np.where(shape > 50.0, series, exact)


def _normal_density(z: Array) -> Array:
    return np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)


def pearson_quantile(p: Array, skew: Array) -> Array:
    """The quantile of the same at probability p: the frequency factor K."""
    p, skew = np.broadcast_arrays(np.asarray(p, dtype=np.float64), skew)
    size = np.maximum(np.abs(skew), _NORMAL)
    shape = 4.0 / size**2
    below, above = scipy.special.gammaincinv(shape, p), scipy.special.gammainccinv(shape, p)
    x = np.where(skew < 0.0, above, below)
    normal = scipy.special.ndtri(p)
    with np.errstate(invalid="ignore"):
        found = np.where(skew < 0.0, -1.0, 1.0) * (x - shape) * size / 2.0
        return np.where(np.abs(skew) < _NORMAL, normal + skew / 6.0 * (normal**2 - 1.0), found)


def partial_moments(low: Array, high: Array, skew: Array, orders: int = 3) -> list[Array]:
    """Integrals of 1, z, z^2 ... times the density between two standardised values, which may be infinite.

    From the density's own differential equation, (1 + skew z/2) f' = -(z + skew/2) f, by parts: nothing cancels, and
    nothing happens at skew 0.
    """
    below, above = _both_tails(low, skew), _both_tails(high, skew)
    # the difference of the tails that are small there
    found = [np.where(below[0] > 0.5, below[1] - above[1], above[0] - below[0])]
    bases = [_edge_term(z, skew) for z in (low, high)]
    powers = [np.where(np.isinf(z), 0.0, z) for z in (low, high)]
    for order in range(orders):
        edges = bases[0] * powers[0] ** order - bases[1] * powers[1] ** order
        lower = order * found[order - 1] if order else 0.0
        found.append(edges + lower + 0.5 * order * skew * found[order])
    return found


def _edge_term(z: Array, skew: Array) -> Array:
    """(1 + skew z/2) f(z)."""
    inside = np.where(np.isinf(z), 0.0, z)
    return (1.0 + 0.5 * skew * inside) * pearson_pdf(z, skew)


def moments_between(low: Array, high: Array, mean: Array, std: Array, skew: Array) -> list[Array]:
    """E[X - mean], E[(X - mean)^2] and E[(X - mean)^3] of X between two values, given that it is there.

    Where the distribution has no mass there, the nearest end of the bounds counts.
    """
    a, b = (low - mean) / std, (high - mean) / std
    mass, *found = partial_moments(a, b, skew)
    there = mass > 1e-290
    nearest, mass = np.where(np.abs(a) < np.abs(b), a, b), np.where(there, mass, 1.0)
    return [np.where(there, own / mass, nearest**j) * std**j for j, own in enumerate(found, start=1)]
