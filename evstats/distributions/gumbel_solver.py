"""The maximum of the likelihood of a Gumbel, by Newton's method in one dimension."""

from __future__ import annotations

import numpy as np

from evstats.arrays import Array, Mask, Places

STD = np.pi / np.sqrt(6.0)
#: Relative change of s after which the fifth-order remainder of the Taylor series is below rounding.
_LAST_STEP = 2e-4
_MAX_PASSES = 60


def solve_scale(x: Array, present: Array | None) -> tuple[Array, Mask, Places]:
    """Location and scale of standardised series with minimum 0, (2, m), whether they converged, and the passes."""
    m, n = x.shape
    count = np.full(m, float(n)) if present is None else present.sum(axis=-1)
    mean = x.sum(axis=-1) / count
    s = STD / np.sqrt(np.vecdot(x, x) / count - mean * mean)
    parameters = np.full((2, m), np.nan)
    converged, passes = np.zeros(m, dtype=bool), np.zeros(m, dtype=np.intp)
    lanes, low, high = np.arange(m), np.zeros(m), np.full(m, np.inf)
    for iteration in range(1, _MAX_PASSES + 1):
        total, cumulants = _tilted_cumulants(x, present, s)
        slope = 1.0 / s - mean + cumulants[0]  # of the profile log-likelihood; falls through its zero at the root
        low, high = np.where(slope > 0, s, low), np.where(slope > 0, high, s)
        step = np.clip(_taylor_root(s, mean, cumulants), -0.5 * s, s)
        inside = (s + step > low) & (s + step < high) | (np.abs(step) < _LAST_STEP * s)
        step = np.where(inside, step, 0.5 * (low + np.minimum(high, 2.0 * s)) - s)
        done = np.abs(step) < _LAST_STEP * s
        if done.any():
            k1, k2, k3, k4 = cumulants
            root = s + step
            log_mean = np.log(total / count) - step * (k1 - step * (k2 / 2 - step * (k3 / 6 - step * k4 / 24)))
            index = lanes[done]
            parameters[0, index], parameters[1, index] = (-log_mean / root)[done], (1.0 / root)[done]
            converged[index], passes[index] = True, iteration
            keep = ~done
            if not keep.any():
                break
            x, s, step, mean, count = x[keep], s[keep], step[keep], mean[keep], count[keep]
            lanes, low, high = lanes[keep], low[keep], high[keep]
            present = None if present is None else present[keep]
        s = s + step
    return parameters, converged, passes


def _tilted_cumulants(x: Array, present: Array | None, s: Array) -> tuple[Array, tuple[Array, ...]]:
    """Sum of the weights w = exp(-s x) and the first four cumulants of x under them."""
    w = x * -s[:, None]
    np.exp(w, out=w)
    if present is not None:
        w *= present
    total = w.sum(axis=-1)
    m1 = np.vecdot(w, x) / total
    w *= x
    m2 = np.vecdot(w, x) / total
    w *= x
    m3 = np.vecdot(w, x) / total
    w *= x
    m4 = np.vecdot(w, x) / total
    k2 = m2 - m1 * m1
    k3 = m3 - m1 * (3.0 * m2 - 2.0 * m1 * m1)
    k4 = m4 - 4.0 * m1 * m3 - 3.0 * m2 * m2 + 12.0 * m1 * m1 * m2 - 6.0 * m1**4
    return total, (m1, k2, k3, k4)


def _taylor_root(s: Array, mean: Array, cumulants: tuple[Array, ...]) -> Array:
    """The d that solves (s + d)(mean - tilted mean at s + d) = 1, with the tilted mean by its Taylor series in d."""
    k1, k2, k3, k4 = cumulants
    d = np.zeros_like(s)
    for _ in range(4):
        excess = mean - k1 + d * (k2 - d * (k3 / 2 - d * k4 / 6))
        slope = k2 - d * (k3 - d * k4 / 2)
        d = d - ((s + d) * excess - 1.0) / (excess + (s + d) * slope)
    return d
