"""The shape of a GEV by its skewness or L-skewness, and derivatives at shapes near 0."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from evstats.arrays import Array
from evstats.distributions import special

if TYPE_CHECKING:
    from scipy.interpolate import CubicSpline, PPoly

#: Below this shape the closed forms for the shape's derivatives lose digits that a Newton step would miss.
_SMALL_SHAPE = 1e-3
#: Below this one log(1 + shape z)/shape does.
TINY_SHAPE = 1e-5


def shape_derivatives(t: Array, z: Array, b: Array, shape: Array) -> tuple[Array, Array, Array]:
    """y = log1p(shape z)/shape and its two derivatives in the shape, for lanes (m, n) with shapes (m, 1) or (m, n).

    y' = (b - y)/shape and y'' = -(b^2 + 2 y')/shape; lanes with a small shape take the ratios of ``derivatives``.
    """
    inverse = 1.0 / shape
    y, first = shape_derivative(t, z, b, shape)
    second = b * b
    second += first
    second += first
    second *= -inverse
    if (small := _of_small_shape(shape)) is not None:
        second[small] = z[small] ** 3 * special.log1p_ratio(t[small])[2]
    return y, first, second


def shape_derivative(t: Array, z: Array, b: Array, shape: Array) -> tuple[Array, Array]:
    """The same without the second derivative."""
    inverse = 1.0 / shape
    y = np.log1p(t)
    y *= inverse
    first = b - y
    first *= inverse
    if (small := _of_small_shape(shape)) is not None:
        ratio, ratio_1, _ = special.log1p_ratio(t[small])
        y[small], first[small] = z[small] * ratio, z[small] ** 2 * ratio_1
    return y, first


def _of_small_shape(shape: Array) -> Any:
    """Which lanes, or values, have a shape too small to divide by; None where there are none."""
    small = np.abs(shape) < _SMALL_SHAPE
    if not small.any():
        return None
    return np.flatnonzero(small) if shape.shape[-1] == 1 else np.nonzero(small)


_SHAPES = np.concatenate(
    [-np.geomspace(12.0, 0.011, 120), np.linspace(-0.01, 0.3, 80), 1 / 3 - np.geomspace(0.033, 1e-9, 80)]
)


def shape_from_skew(skew: Array) -> Array:
    """The inverse of the increasing map shape -> skewness over (-12, 1/3): a table, good to 1e-5, and two Newton steps
    with its slope.
    """
    curve, slope = _shape_by_skew()
    target = np.arcsinh(skew)
    inside = (target > curve.x[0]) & (target < curve.x[-1])
    skew, target = np.where(inside, skew, 0.0), np.where(inside, target, 0.0)
    rate, shape = slope(target) / np.cosh(target), curve(target)
    for _ in range(2):
        shape = np.minimum(shape - rate * (special.standard_gev_skew(shape) - skew), _SHAPES[-1])
    return np.where(inside, shape, np.nan)


@lru_cache(maxsize=1)
def _shape_by_skew() -> tuple[CubicSpline, PPoly]:
    """The shape as a function of arcsinh(skewness), which is logarithmic where the skewness has no bound, and its
    slope.
    """
    from scipy.interpolate import CubicSpline

    curve = CubicSpline(np.arcsinh(special.standard_gev_skew(_SHAPES)), _SHAPES)
    return curve, curve.derivative()


def shape_from_lskew(t3: Array) -> Array:
    """Newton's method on 2 (3^xi - 1)/(2^xi - 1) - 3 = t3, increasing in xi < 1, from Hosking's approximation.

    In s = (3^xi - 1)/(2^xi - 1) = (t3 + 3)/2 the equation is nearly linear; three steps from an approximation good to
    9e-4 reach full precision for |t3| < 0.5, further steps are taken where needed; ``elementwise.find_root`` takes
    twenty times as long.
    """
    target = np.where(np.abs(t3) < 1.0, 0.5 * (t3 + 3.0), np.nan)
    c = 1.0 / target - _LOG_2 / _LOG_3
    shape = -c * (7.8590 + 2.9554 * c)
    with np.errstate(all="ignore"):
        moving = np.isfinite(shape)
        for _ in range(60):
            step = np.where(moving, _lskew_step(shape, target), 0.0)
            shape = np.clip(shape - step, shape - 2.0, 0.5 * (shape + 1.0))
            moving = np.abs(step) > 1e-8 * (1.0 + np.abs(shape))
            if not moving.any():
                break
    return shape


_LOG_2, _LOG_3 = float(np.log(2.0)), float(np.log(3.0))


def _lskew_step(shape: Array, target: Array) -> Array:
    """Newton step for (3^xi - 1)/(2^xi - 1) = target."""
    a, b = special.expm1_over(shape, _LOG_2), special.expm1_over(shape, _LOG_3)
    value = b / a
    slope_2, slope_3 = _power_slope(shape, _LOG_2, a), _power_slope(shape, _LOG_3, b)
    return (value - target) * a / (slope_3 - value * slope_2)


def _power_slope(shape: Array, log_base: float, ratio: Array) -> Array:
    """Derivative in the shape of ``expm1(shape * log_base)/shape``, which is ``ratio``."""
    slope = (log_base * (1.0 + shape * ratio) - ratio) / shape
    small = np.abs(shape) < 1e-4
    if small.any():
        t = shape * log_base
        slope = np.where(small, log_base**2 * (0.5 + t / 3.0 + t * t / 8.0), slope)
    return slope
