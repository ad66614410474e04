"""Exact intervals for the Gumbel distribution fitted by maximum likelihood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.integrate
import scipy.special

from evstats.distributions import Family, Gumbel
from evstats.errors import ArgumentError
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.estimators.base import lane_blocks
from evstats.intervals.base import Array, Interval
from evstats.quantities import Parameters, Quantity

#: Nodes of the trapezoidal rule in log scale, and of the finer one behind the distribution of the scale itself.
_NODES = 96
_SCALE_NODES = 1_025
#: Asymptotic standard deviation of log(scale_hat) times sqrt(n).
_SPREAD = np.sqrt(6.0) / np.pi


#: From the unknown (m, questions, 1) and the scale (m, 1, nodes): the exponent and its slope in the unknown.
Exponent = Callable[[Array, Array], tuple[Array, Array | float]]


@dataclass(frozen=True)
class Exact(Interval):
    """The exact conditional interval given the configuration of the sample: coverage is the nominal one at every n.

    The residuals a_i = (x_i - loc_hat)/scale_hat carry no information on (loc, scale); given them the pivots
    (loc_hat - loc)/scale_hat and scale_hat/scale have a known distribution, the posterior under the prior 1/scale. With
    S(scale) = sum exp(-x_i/scale) it is a gamma distribution of exp(loc/scale) given the scale, so every level
    loc + c scale has the distribution function

        integral of P(n, S(scale) exp(q/scale - c)) p(scale) d scale,   P the regularised incomplete gamma function:

    one quadrature, no simulation, the same answer every run. Return periods and probabilities follow by inverting the
    limits of the reduced variate. Exact only if the data are Gumbel.

    References
    ----------
    Fisher, R. A. (1934). Proceedings of the Royal Society A 144, 285-307.
    Lawless, J. F. (1974). Technometrics 16, 241-246; (1982) Statistical Models and Methods for Lifetime Data, chapter
    4.
    """

    name = "exact"
    label = "exact conditional"

    def __call__(self, estimation: Estimation, quantity: Quantity, confidence: float) -> tuple[Array, Array]:
        """Limits, shape batch + (questions,); NaN where the lane has no estimate."""
        _check_applies(estimation)
        sign = -1.0 if estimation.family.minima else 1.0
        tails = np.array([0.5 * (1.0 - confidence), 0.5 * (1.0 + confidence)])
        batch, n = estimation.values.shape[:-1], estimation.values.shape[-1]
        values = sign * estimation.values.reshape(-1, n)
        fitted = estimation.estimate.parameters.reshape(-1, 2) * [sign, 1.0]
        questions = quantity(estimation.distribution).shape[-1]
        limits = np.full((2, len(values), questions), np.nan)
        nodes = _SCALE_NODES if isinstance(quantity, Parameters) else _NODES
        for block in lane_blocks(len(values), nodes * n + 20 * _NODES * questions, blocks=16):
            usable = ~np.isnan(fitted[block, 0])
            if usable.any():
                x, estimates = values[block][usable], fitted[block][usable]
                limits[:, block][:, usable] = _limits(x, estimates, quantity, estimation.family, tails)
        lower, upper = limits.min(axis=0), limits.max(axis=0)
        return lower.reshape(*batch, questions), upper.reshape(*batch, questions)


def _check_applies(estimation: Estimation) -> None:
    plain = isinstance(estimation.estimator, MaximumLikelihood) and estimation.estimator.penalty is None
    if estimation.family.of_maxima() is not Gumbel or not plain:
        raise ArgumentError(
            f"the exact interval is for Gumbel fitted by maximum likelihood, not for {estimation.family.label} by "
            f"{estimation.estimator.label}; use interval='delta'."
        )


@dataclass(frozen=True, eq=False)
class _Pivots:
    """The distribution of the pivots of m lanes on a grid of log scale, in units where loc_hat = 0, scale_hat = 1."""

    count: Array  # (m,)
    loc_hat: Array  # (m,)
    scale_hat: Array  # (m,)
    scale: Array  # (m, nodes)
    log_sum: Array  # (m, nodes): log S(scale)
    weight: Array  # (m, nodes): probability of each node

    @classmethod
    def of(cls, values: Array, fitted: Array, nodes: int = _NODES) -> _Pivots:
        """From observations (m, n) and estimates (m, 2)."""
        missing = np.isnan(values)
        count = values.shape[-1] - missing.sum(axis=-1)
        residual = (values - fitted[:, :1]) / fitted[:, 1:]
        spread = _SPREAD / np.sqrt(count)
        low, high = -8.0 * spread, np.maximum(9.0 * spread, 38.0 / (count - 1.0))
        log_scale = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, nodes)
        scale = np.exp(log_scale)
        exponent = np.where(missing[:, None, :], -np.inf, -residual[:, None, :] / scale[..., None])
        log_sum = scipy.special.logsumexp(exponent, axis=-1)
        total = np.where(missing, 0.0, residual).sum(axis=-1)
        log_density = (1.0 - count)[:, None] * log_scale - total[:, None] / scale - count[:, None] * log_sum
        weight = np.exp(log_density - log_density.max(axis=-1, keepdims=True))
        weight /= weight.sum(axis=-1, keepdims=True)
        return cls(count.astype(np.float64), fitted[:, 0], fitted[:, 1], scale, log_sum, weight)


def _limits(values: Array, fitted: Array, quantity: Quantity, family: type[Family], tails: Array) -> Array:
    """Both limits of a quantity, shape (2, m, questions); ``values`` and ``fitted`` are those of maxima."""
    sign, standard = (-1.0 if family.minima else 1.0), family.from_parameters([0.0, 1.0])
    pivots = _Pivots.of(values, fitted)
    if isinstance(quantity, Parameters):
        location = sign * _level_limits(pivots, np.zeros(1), tails)
        return np.concatenate([location, _scale_limits(_Pivots.of(values, fitted, _SCALE_NODES), tails)], axis=-1)
    if quantity.in_data_unit:  # location plus a multiple of the scale
        return sign * _level_limits(pivots, sign * quantity(standard), tails)
    reduced = sign * _reduced_variate_limits(pivots, sign * quantity.questions, tails)
    answers = [replace(quantity, questions=side.ravel())(standard).reshape(side.shape) for side in reduced]
    return np.array(answers)


def _level_limits(pivots: _Pivots, multiple: Array, tails: Array) -> Array:
    """Limits of loc + multiple * scale, in data units, shape (2, m, questions)."""
    width = np.sqrt((1.0 + 0.6079 * (multiple - 0.4228 + 1.0) ** 2) / pivots.count[:, None])
    limits = []
    for tail in tails:
        start = multiple + scipy.special.ndtri(tail) * width
        limits.append(_solve(pivots, start, width, tail, lambda q, s: (q / s - multiple[:, None], 1.0 / s)))
    return pivots.loc_hat[:, None] + pivots.scale_hat[:, None] * np.array(limits)


def _reduced_variate_limits(pivots: _Pivots, levels: Array, tails: Array) -> Array:
    """Limits of (level - loc)/scale, shape (2, m, questions)."""
    q = (levels - pivots.loc_hat[:, None]) / pivots.scale_hat[:, None]
    width = np.sqrt((1.0 + 0.6079 * (q - 0.4228 + 1.0) ** 2) / pivots.count[:, None])
    limits = []
    for tail in tails:
        start = q + scipy.special.ndtri(tail) * width
        limits.append(_solve(pivots, -start, width, 1.0 - tail, lambda minus_c, s: (q[..., None] / s + minus_c, 1.0)))
    return -np.array(limits)


def _solve(pivots: _Pivots, start: Array, width: Array, tail: float, exponent: Exponent) -> Array:
    """The unknown (m, questions) at which the mean of P(n, S exp(exponent)) over the scale equals ``tail``.

    Newton's method on an increasing function, kept inside the bracket found so far.
    """
    n = pivots.count[:, None, None]
    scale, weight = pivots.scale[:, None, :], pivots.weight[:, None, :]
    unknown, low, high = start, np.full(start.shape, -np.inf), np.full(start.shape, np.inf)
    for _ in range(60):
        e, slope = exponent(unknown[..., None], scale)
        log_rate = pivots.log_sum[:, None, :] + e
        with np.errstate(over="ignore", under="ignore"):
            rate = np.exp(log_rate)
            probability = np.sum(weight * scipy.special.gammainc(n, rate), axis=-1)
            log_density = n * log_rate - rate - scipy.special.gammaln(n)
            density = np.sum(weight * np.exp(log_density) * slope, axis=-1)
        low = np.where(probability < tail, unknown, low)
        high = np.where(probability < tail, high, unknown)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.clip((tail - probability) / density, -2.0 * width, 2.0 * width)
        moved = unknown + np.where(np.isfinite(step), step, np.where(probability < tail, width, -width))
        middle = 0.5 * (low + high)
        outside = ((moved <= low) | (moved >= high)) & np.isfinite(middle)
        change = np.where(outside, middle, moved) - unknown
        done = np.abs(change) < 1e-11 * (1.0 + np.abs(unknown))
        unknown = unknown + change
        if done.all():
            break
    return unknown


def _scale_limits(pivots: _Pivots, tails: Array) -> Array:
    """Limits of the scale, shape (2, m, 1), from the distribution of its logarithm on a fine grid.

    Simpson's rule up to the node below the limit, then one quadratic step, whose error is the cube of the grid's.
    """
    log_scale = np.log(pivots.scale)
    step = (log_scale[:, 1] - log_scale[:, 0])[:, None]
    cdf = scipy.integrate.cumulative_simpson(pivots.weight, axis=-1, initial=0.0)
    cdf, density = cdf / cdf[:, -1:], pivots.weight / cdf[:, -1:]
    limits = []
    for tail in tails:
        below = np.maximum(np.argmax(cdf > tail, axis=-1)[:, None] - 1, 0)
        f, p, p_next = (
            np.take_along_axis(a, j, axis=-1) for a, j in ((cdf, below), (density, below), (density, below + 1))
        )
        short, curved = tail - f, 0.5 * (p_next - p)
        fraction = 2.0 * short / (p + np.sqrt(p * p + 4.0 * curved * short))
        limits.append(np.exp(np.take_along_axis(log_scale, below, axis=-1) + fraction * step))
    return pivots.scale_hat[:, None] * np.array(limits)
