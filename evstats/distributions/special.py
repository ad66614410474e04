"""Special functions that keep their digits as the shape goes through zero."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special
from numpy.typing import ArrayLike

from evstats.arrays import Array

#: Below this magnitude expm1(t) and log1p(t) equal t, and t itself may lose digits to underflow.
TINY = 1e-290
_MAX_TERMS = 130

_K = np.arange(2.0, 40.0)
_ZETA_1 = scipy.special.zetac(_K)  # zeta(k) - 1, about 2**-k
_ZETA = _ZETA_1 + 1.0


def expm1_over(shape: ArrayLike, g: ArrayLike) -> Array:
    """``expm1(shape * g)/shape``, and its limit ``g`` at shape 0."""
    shape, g = np.asarray(shape, dtype=np.float64), np.asarray(g, dtype=np.float64)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        t = shape * g
        return np.where((np.abs(t) < TINY) | (shape == 0), g, np.expm1(t) / shape)


def expm1_over_derivatives(shape: ArrayLike, g: ArrayLike) -> tuple[Array, Array, Array]:
    """``expm1(shape * g)/shape`` with its first and second derivative in the shape, without cancellation at shape 0.

    With R(t) = expm1(t)/t they are g^2 R' and g^3 R'' at t = shape g. From (t R)' = exp(t): R' = (exp(t) - R)/t and R''
    = (exp(t) - 2 R')/t; near 0 R'' is a power series and the same equations give R'.
    """
    shape, g = np.broadcast_arrays(np.asarray(shape, dtype=np.float64), np.asarray(g, dtype=np.float64))
    with np.errstate(all="ignore"):
        t = shape * g
        e, inverse = np.exp(t), 1.0 / t
        first = (e - np.expm1(t) * inverse) * inverse
        second = (e - 2.0 * first) * inverse
        near = np.abs(t) < _NEAR_EXP
        if np.any(near):
            curved = _power_series(np.where(near, t, 0.0), _CURVED)
            second = np.where(near, curved, second)
            first = np.where(near, 0.5 * (e - t * curved), first)
    return expm1_over(shape, g), g * g * first, g * g * g * second


#: Coefficients of R''(t) = sum t^k/(k! (k + 3)), exact below _NEAR_EXP.
_NEAR_EXP = 0.5
_CURVED = np.array([1.0 / (scipy.special.factorial(k) * (k + 3)) for k in range(14)])


def log1p_over(shape: ArrayLike, z: ArrayLike) -> Array:
    """``log1p(shape * z)/shape``, and its limit ``z`` at shape 0; NaN where shape * z < -1.

    Close to -1 the rounding of the product would decide the answer, so there 1 + shape * z is formed exactly.
    """
    shape, z = np.asarray(shape, dtype=np.float64), np.asarray(z, dtype=np.float64)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        t = shape * z
        value = np.where((np.abs(t) < TINY) | (shape == 0), z, np.log1p(t) / shape)
        close = (t < -0.75) & (t > -1.25)
        if np.any(close):
            value = np.where(close, np.log(1.0 + t + _product_error(shape, z, t)) / shape, value)
        return value


def _product_error(a: Array, b: Array, product: Array) -> Array:
    """The rounding error of ``product`` = a * b, exactly (Dekker 1971), for magnitudes within 1e-140 and 1e140."""
    a_high, b_high = _high_half(a), _high_half(b)
    a_low, b_low = a - a_high, b - b_high
    return a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


def _high_half(a: Array) -> Array:
    c = 134_217_729.0 * a
    return c - (c - a)


def log1p_ratio(t: Array) -> tuple[Array, Array, Array]:
    """L(t) = log1p(t)/t with its first and second derivative, for t > -1, without cancellation at t = 0.

    From (t L)' = 1/(1+t): away from zero L' = (1/(1+t) - L)/t and L'' = -(1/(1+t)^2 + 2 L')/t. Near zero L'' is a short
    power series and the same two equations give L' and L, now without loss.
    """
    shape, t = np.shape(t), np.ascontiguousarray(t)  # in whose order the places near zero are counted and filled
    with np.errstate(divide="ignore", invalid="ignore"):
        u = 1.0 / (1.0 + t)
        inverse = 1.0 / t
        ratio = np.log1p(t) * inverse
        first = (u - ratio) * inverse
        second = -(u * u + 2.0 * first) * inverse
    near = np.flatnonzero(np.abs(t) < _NEAR)
    if near.size:
        close, u = t.ravel()[near], u.ravel()[near]
        curved = _power_series(close, _SECOND)
        sloped = -0.5 * (u * u + close * curved)
        second.ravel()[near], first.ravel()[near], ratio.ravel()[near] = curved, sloped, u - close * sloped
    return ratio.reshape(shape), first.reshape(shape), second.reshape(shape)


#: Coefficients of L''(t) = sum (-1)^k (k+1)(k+2)/(k+3) t^k, exact below _NEAR, where the closed form would cancel.
_NEAR = 0.015
_SECOND = np.array([(-1.0) ** k * (k + 1) * (k + 2) / (k + 3) for k in range(9)])


def _power_series(x: Array, coefficients: Array) -> Array:
    """``sum over k >= 0 of coefficients_k x^k`` by Horner's rule, without temporaries."""
    total = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        total *= x
        total += coefficient
    return total


#: Coefficients of x^(k-2) in the zeta series of log Gamma(1 - x), 29 terms for |x| <= 1/2.
_LOG_GAMMA = (_ZETA_1 / _K)[:28]


def log_gamma_1m(x: ArrayLike) -> Array:
    """``log Gamma(1 - x)`` for x < 1, to full relative precision at its zeros x = 0 and x = -1; inf from 1 on.

    Near zero, log Gamma(1 - x) = -log(1 - x) - (1 - gamma) x + sum over k >= 2 of (zeta(k) - 1) x^k / k (Abramowitz and
    Stegun 6.1.33); near x = -1 the recurrence Gamma(1 - x) = -x Gamma(-x).
    """
    x = np.asarray(x, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        shifted = np.where(x < -0.5, x + 1.0, x)
        small = np.clip(shifted, -0.5, 0.5)
        series = -np.log1p(-small) - (1.0 - np.euler_gamma) * small + small * small * _power_series(small, _LOG_GAMMA)
        if np.all(np.abs(x) <= 0.5):
            return series
        series = series + np.where(x < -0.5, np.log1p(-shifted), 0.0)
        return np.where(np.abs(shifted) <= 0.5, series, np.where(x < 1, scipy.special.gammaln(1.0 - x), np.inf))


def standard_gev_mean(shape: ArrayLike) -> Array:
    """``(Gamma(1 - shape) - 1)/shape``: mean of the standard GEV; Euler's constant at 0, inf from 1 on."""
    shape = np.asarray(shape, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        mean = np.where(np.abs(shape) < TINY, np.euler_gamma, np.expm1(log_gamma_1m(shape)) / shape)
    return np.where(shape >= 1, np.inf, mean)


_VAR = (_ZETA_1 * (2.0**_K - 2.0) / _K)[:34]


def standard_gev_var(shape: ArrayLike) -> Array:
    """``(Gamma(1 - 2 shape) - Gamma(1 - shape)^2)/shape^2``: pi^2/6 at 0, inf from 1/2 on.

    Near zero it is Gamma(1 - shape)^2 * expm1(D)/shape^2, with D = log Gamma(1 - 2 shape) - 2 log Gamma(1 - shape)
    summed so that shape^2 factors out.
    """
    shape = np.asarray(shape, dtype=np.float64)
    small = np.clip(shape, -0.25, 0.25)
    u = small**2 / (1.0 - 2.0 * small)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(u < TINY, 1.0, np.log1p(u) / u) / (1.0 - 2.0 * small) + _power_series(small, _VAR)
        d = ratio * small**2
        near = ratio * np.where(np.abs(d) < TINY, 1.0, np.expm1(d) / d) * np.exp(2.0 * log_gamma_1m(small))
        far = (scipy.special.gamma(1.0 - 2.0 * shape) - scipy.special.gamma(1.0 - shape) ** 2) / shape**2
    return np.where(shape >= 0.5, np.inf, np.where(np.abs(shape) <= 0.25, near, far))


#: Series in the shape, from shape^2 on, of D_k = log Gamma(1 - k shape) - k log Gamma(1 - shape) for k = 2 and 3.
_D2 = _ZETA * (2.0**_K - 2.0) / _K
_D3 = _ZETA * (3.0**_K - 3.0) / _K
#: The same of D_3 - 3 D_2, whose shape^2 term vanishes, from shape^3 on.
_D32 = (_D3 - 3.0 * _D2)[1:]


def standard_gev_skew(shape: ArrayLike) -> Array:
    """Skewness of the GEV: 1.1395 at 0, NaN from 1/3 on.

    With g_k = Gamma(1 - k shape), A = g_2/g_1^2 - 1 and B = g_3/g_1^3 - 1 the third central moment is proportional to
    (B - 3A)/shape^3 and the variance to A/shape^2; near zero both are summed so that the powers of the shape divide
    out.
    """
    shape = np.asarray(shape, dtype=np.float64)
    near = np.clip(shape, -0.1, 0.1)
    square = near * near
    d2, d3 = square * _power_series(near, _D2), square * _power_series(near, _D3)
    # expm1(d) - d is d^2 times a power series, and d is shape^2 times one
    third = _power_series(near, _D32)
    third += near * (
        _power_series(near, _D3) ** 2 * _expm1_second(d3) - 3 * _power_series(near, _D2) ** 2 * _expm1_second(d2)
    )
    close = third / (_power_series(near, _D2) * (1.0 + d2 * _expm1_second(d2))) ** 1.5
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        b = np.expm1(log_gamma_1m(3 * shape) - 3 * log_gamma_1m(shape))
        a = np.expm1(log_gamma_1m(2 * shape) - 2 * log_gamma_1m(shape))
        far = np.sign(shape) * (b - 3.0 * a) / a**1.5
    return np.where(shape >= 1 / 3, np.nan, np.where(np.abs(shape) <= 0.1, close, far))


def _expm1_second(d: Array) -> Array:
    """``(expm1(d) - d)/d^2`` for |d| < 0.2."""
    return _power_series(d, 1.0 / scipy.special.factorial(np.arange(2.0, 16.0)))


def standard_mean_beyond(p: ArrayLike, shape: ArrayLike) -> Array:
    """Average of the standard GEV quantiles over probabilities (p, 1): the expected shortfall of the standard GEV.

    With a = -log p it is exp(-a)/(1 - p) * sum over k >= 1 of a^k/k! * expm1(shape h_k)/shape, where
    shape h_k = -shape log a - sum over i <= k of log(1 - shape/i): Kummer's series of the incomplete gamma function
    (Abramowitz and Stegun 6.5.29) with the -1/shape drawn into every term, so that nothing cancels as shape goes to 0.
    NaN for shape >= 1, where the mean is infinite, and for p outside (0, 1).
    """
    p, shape = np.broadcast_arrays(np.asarray(p, dtype=np.float64), np.asarray(shape, dtype=np.float64))
    k = np.arange(1.0, _MAX_TERMS + 1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        a = -np.log(p)
        tail = -np.expm1(-a)
        weights = np.exp(k * np.log(a)[..., None] - a[..., None] - scipy.special.gammaln(k + 1.0))
        log_product = np.cumsum(log1p_over(-shape[..., None], 1.0 / k), axis=-1)
        terms = expm1_over(shape[..., None], log_product - np.log(a)[..., None])
        series = np.sum(np.where(weights > 0, weights * terms, 0.0), axis=-1) / tail
        value = np.where(a > 45.0, standard_gev_mean(shape), series)
    return np.where((shape >= 1) | ~((p > 0) & (p < 1)), np.nan, value)


#: Coefficients of Stirling's series of log Gamma(n), in 1/n, 1/n^3, ... (Abramowitz and Stegun 6.1.41).
_STIRLING = np.array([1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156])
#: From here on they are exact.
_STIRLING_FROM = 12.0


def stirling_error(n: ArrayLike) -> Array:
    """``log Gamma(n) - (n - 1/2) log n + n - log(2 pi)/2`` for n > 0, to full relative precision for large n."""
    n = np.asarray(n, dtype=np.float64)
    with np.errstate(all="ignore"):
        w = 1.0 / n
        far = w * _power_series(w * w, _STIRLING)
        near = scipy.special.gammaln(n) - (n - 0.5) * np.log(n) + n - 0.5 * np.log(2.0 * np.pi)
        return np.where(n >= _STIRLING_FROM, far, near)


def stirling_error_derivatives(w: ArrayLike) -> tuple[Array, Array]:
    """The first two derivatives of Stirling's error of log Gamma(1/w) in w >= 0."""
    w = np.asarray(w, dtype=np.float64)
    odd, even = _STIRLING * _ODD, (_STIRLING * _ODD * (_ODD - 1.0))[1:]
    with np.errstate(all="ignore"):
        n = 1.0 / w
        first = scipy.special.digamma(n) - np.log(n) + 0.5 * w
        second = scipy.special.zeta(2.0, n) - w - 0.5 * w * w
        far = n >= _STIRLING_FROM
        return (
            np.where(far, _power_series(w * w, odd), -n * n * first),
            np.where(far, w * _power_series(w * w, even), n**3 * (2.0 * first + n * second)),
        )


#: The powers of w in that series.
_ODD = 2.0 * np.arange(len(_STIRLING)) + 1.0


def log_gamma_ratio(n: ArrayLike, a: ArrayLike) -> Array:
    """``log(Gamma(n) n^a/Gamma(n + a))`` for n > 0 and n + a > 0, without cancellation for large n."""
    n, a = np.broadcast_arrays(np.asarray(n, dtype=np.float64), np.asarray(a, dtype=np.float64))
    with np.errstate(all="ignore"):
        x = a / n
        large = np.where(np.abs(x) < 0.5, x, 0.0)
        log, ratio = np.log1p(large), log1p_ratio(large)[0]
        far = -a * (ratio - 1.0) - (a - 0.5) * log - (stirling_error(n + a) - stirling_error(n))
        near = scipy.special.gammaln(n) + a * np.log(n) - scipy.special.gammaln(n + a)
        return np.where((np.abs(x) < 0.5) & (n + a >= _STIRLING_FROM), far, np.where(n + a > 0.0, near, np.nan))


def log1p_bend(t: ArrayLike) -> Array:
    """``(log(1 + t) - t)/t^2`` for t >= -1, and its limit -1/2 at 0."""
    t = np.asarray(t, dtype=np.float64)
    with np.errstate(all="ignore"):
        near = np.abs(t) < 0.04
        series = _power_series(np.where(near, t, 0.0), _LOG1P_BEND)
        return np.where(near, series, (np.log1p(t) - t) / (t * t))


#: Coefficients of it, sum (-1)^(k + 1) t^k/(k + 2).
_LOG1P_BEND = np.array([(-1.0) ** (k + 1) / (k + 2) for k in range(14)])


def log1p_bend_derivatives(t: Array) -> tuple[Array, Array, Array]:
    """B(t) = (log(1 + t) - t)/t^2 with its first and second derivative, for t > -1, without cancellation at t = 0.

    From (t^2 B)' = -t/(1+t): away from zero B' = -(1/(1+t) + 2 B)/t and B'' = (1/(1+t)^2 - 3 B')/t. Near zero B'' is a
    power series and the same two equations give B' and B.
    """
    u = 1.0 / (1.0 + t)
    near = np.abs(t) < _NEAR_BENT
    close, far = np.where(near, t, 0.0), np.where(near, 1.0, t)
    value = (np.log1p(far) - far) / (far * far)
    first = -(u + 2.0 * value) / far
    second = np.where(near, _power_series(close, _BENT), (u * u - 3.0 * first) / far)
    first = np.where(near, (u * u - close * second) / 3.0, first)
    return np.where(near, -0.5 * (u + close * first), value), first, second


#: Coefficients of B''(t) = -sum (-1)^k (k+1)(k+2)/(k+4) t^k, exact below _NEAR_BENT.
_NEAR_BENT = 0.12
_BENT = np.array([-((-1.0) ** k) * (k + 1) * (k + 2) / (k + 4) for k in range(20)])


def across_zero(function: Callable[..., Array], x: ArrayLike, step: float, *others: ArrayLike) -> Array:
    """A smooth function of x (and of others), of whose closed form digits cancel near x = 0, elsewhere itself.

    Within a step of zero it is the polynomial through its values one, two and three steps off.
    """
    x, *beside = np.broadcast_arrays(np.asarray(x, dtype=np.float64), *others)
    near = np.abs(x) < step
    if not near.any():
        return function(x, *beside)
    value = np.array(function(np.where(near, step, x), *beside))
    nodes = step * np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])
    off = x[near][..., None] - nodes
    inside = np.zeros(off.shape[:-1])
    for i, node in enumerate(nodes):
        weight = np.prod(np.delete(off, i, axis=-1), axis=-1) / np.prod(np.delete(node - nodes, i))
        inside += weight * function(np.full(inside.shape, node), *(other[near] for other in beside))
    value[near] = np.where(np.isnan(inside), value[near], inside)  # far out, where those beside it have no float
    return value


def inverse(function: Callable[[Array], Array], target: ArrayLike, low: float, high: float) -> Array:
    """Where a function that rises from low to high takes the values ``target``; NaN where it does not."""
    from scipy.optimize import elementwise

    target = np.asarray(target, dtype=np.float64)
    inside = (target > function(np.asarray(low))) & (target < function(np.asarray(high)))
    wanted = np.where(inside, target, function(np.asarray(0.5 * (low + high))))

    def off(x: Array, value: Array) -> Array:
        return function(x) - value

    found: Any = elementwise.find_root(off, (low, high), args=(wanted,))
    return np.where(inside, found.x, np.nan)
