"""Cross-validation: the threshold whose posterior predicts what lies beyond the highest one best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.special

from evstats import noise
from evstats.arrays import Array
from evstats.errors import ArgumentError
from evstats.thresholds.choices.base import ThresholdMethod, Verdict

if TYPE_CHECKING:
    from evstats.thresholds.candidates import Candidates

#: Nodes of the posterior in t and in the ratio, and how far from its top, in log density, it is looked at.
_NODES, _RATIOS, _DEPTH = 24, 16, 18.0
_STEP, _MOST_STEPS = 0.02, 60
#: Below, t = -1 cannot be told apart.
_LOWEST = -30.0
#: Densities held at a time.
_MOST = 200_000


@dataclass(frozen=True)
class CrossValidation(ThresholdMethod):
    """The threshold under which values are best predicted from all others, and weights to average over thresholds.

    For each candidate u the posterior of the probability of passing u (Beta(1/2, 1/2) before) and of the GPD beyond it
    (prior exp(-a shape)/scale, shape > -1) predicts each value from the others: its density where it lies beyond the
    highest candidate v, and the probability of not passing v elsewhere. The sum of the logarithms measures u; all
    measures are of the same data. Weights are proportional to their exponentials. Nothing is drawn: the posterior,
    which factorises in shape/scale and one ratio, is integrated on a grid, and each value is left out by importance
    weights, but for the largest, without which the posterior is computed anew.

    Where clusters are parted, the values are the peaks of the candidate that has most; lower ones, at which events run
    into one another, have no weight.

    Parameters
    ----------
    a : of the prior, 0.6 in the paper; 1 is that of maximal data information.

    References
    ----------
    Northrop, P. J., Attalides, N. and Jonathan, P. (2017). Cross-validatory extreme value threshold selection and
    uncertainty with application to ocean storm severity. Journal of the Royal Statistical Society C 66, 93-120.
    """

    a: float = 0.6

    name, label, criterion = "cross-validation", "cross-validation", "weight"

    def __post_init__(self) -> None:
        if isinstance(self.a, bool) or not isinstance(self.a, (int, float, np.number)) or not 0.0 <= self.a < np.inf:
            raise ArgumentError(f"a is {self.a!r}", "expected a number, 0 or more, such as 0.6.")

    def judged(self, candidates: Candidates, rng: noise.RandomState = None) -> Verdict:
        """The largest weight first."""
        weights = predictive_weights(candidates, self.a)
        order = np.argsort(-weights, kind="stable")
        return Verdict(order[weights[order] > 0.0], {"weight": weights})


def predictive_weights(candidates: Candidates, a: float = CrossValidation.a) -> Array:
    """Weights (k,) of the candidates, which add up to 1; ``a`` is that of the prior."""
    base = int(candidates.peaks.argmax())
    limits = np.abs(candidates.thresholds[base:] - candidates.thresholds[base])
    unparted = candidates.separation is not None and candidates.separation.words == "none"
    excesses = candidates.beyond[base].excesses
    count = candidates.watch.sample.values.size if unparted else excesses.size
    measures = np.full(len(candidates), -np.inf)
    measures[base:] = [log_predictive(excesses, float(u), float(limits[-1]), count, a) for u in limits]
    return np.asarray(scipy.special.softmax(measures))


def log_predictive(x: Array, u: float, v: float, count: int, a: float) -> float:
    """Sum of the log predictive densities of ``count`` values, of which x (n,) are those beyond a first threshold,
    where each is left out in turn; u and v are thresholds in the unit of x."""
    y = x[x > u] - u
    posterior = _Posterior.of(y, a)
    k, below = y.size + 0.5, count - y.size + 0.5  # of the posterior of p, the probability of passing u
    to_v = np.exp(posterior.log_survival(np.array([v - u]))[:, 0])  # of values beyond u, the share beyond v
    y, largest = np.delete(y, y.argmax()), y.max()  # without the largest the endpoint may lie below it: no weights do
    beyond, between = y[y > v - u], y[y <= v - u]
    passing = (k + below - 1.0) / (k - 1.0)  # mean of 1/p
    total = np.log((k - 1.0) / (k + below - 1.0)) + _Posterior.of(y, a).log_mean_density(float(largest))
    total -= np.sum(np.log(passing) + posterior.log_mean_inverse_density(beyond, np.ones_like(to_v)))
    if between.size:
        ones, shares = (posterior.log_mean_inverse_density(between, own) for own in (np.ones_like(to_v), to_v))
        total += np.sum(np.log1p(-np.exp(shares - ones) / passing))
    if (low := count - y.size - 1) > 0:
        odds = k / (k + below - 1.0)  # mean of p/(1 - p) over that of 1/(1 - p)
        total += low * np.log1p(-odds * (posterior.weights @ to_v))
    return float(total)


class _Posterior(NamedTuple):
    """Scales and shapes of a GPD, (r, q), with weights (r q,) that add up to 1; all shapes of a row share t.

    t is shape/scale, (r,). With the prior exp(-a shape)/scale the posterior of t has the density (K/t)^(1-n) exp(-n K),
    K the mean of log(1 + t y), and n K/shape is Gamma(n - 1), cut so that shape > -1.
    """

    t: Array
    scale: Array
    shape: Array
    weights: Array

    @classmethod
    def of(cls, y: Array, a: float) -> _Posterior:
        n, largest = y.size, float(y.max())
        z = y / largest
        u, log_density = _grid(z)
        t = np.expm1(u)
        mean = np.log1p(t[:, None] * z).mean(axis=-1)
        log_ratio = np.linspace(-1.0, 1.0, _RATIOS) * 6.0 / np.sqrt(n - 1.0)
        ratio = (n - 1.0) * np.exp(log_ratio)
        shape = mean[:, None] * n / ratio
        log_weight = log_density[:, None] + (n - 1.0) * np.log(ratio) - ratio - a * shape
        log_weight = np.where(shape > -1.0, log_weight, -np.inf)
        t = t / largest
        return cls(t, shape / t[:, None], shape, scipy.special.softmax(log_weight.ravel()))

    def log_survival(self, y: Array) -> Array:
        """Of excesses (n,), (r q, n); -inf beyond the end."""
        with np.errstate(divide="ignore"):
            logs = np.log(np.maximum(1.0 + self.t[:, None] * y, 0.0))
        found = -logs[:, None, :] / self.shape[:, :, None]
        return np.asarray(np.where(logs[:, None, :] == -np.inf, -np.inf, found).reshape(-1, y.size))

    def log_mean_density(self, y: float) -> float:
        """log E[f(y)]."""
        log_survival = self.log_survival(np.array([y]))[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            power = np.where(log_survival > -np.inf, (1.0 + self.shape.ravel()) * log_survival, -np.inf)
            logs = np.log(self.weights) - np.log(self.scale).ravel() + power
        return float(_log_sum(logs))

    def log_mean_inverse_density(self, y: Array, factor: Array) -> Array:
        """log E[factor/f(y)] at each of y (n,)."""
        found = np.empty(y.size)
        with np.errstate(divide="ignore"):
            log_weights = (np.log(self.weights * factor) + np.log(self.scale).ravel())[:, None]
        for start in range(0, y.size, step := max(1, _MOST // log_weights.size)):
            some = slice(start, start + step)
            logs = np.log1p(self.t[:, None] * y[some])
            inverse = logs[:, None, :] * (1.0 + 1.0 / self.shape)[:, :, None]
            found[some] = _log_sum(log_weights + inverse.reshape(log_weights.size, -1))
        return found


def _log_sum(logs: Array) -> Array:
    """log of the sum of exponentials over the first axis."""
    top = np.maximum(logs.max(axis=0), -1e300)  # also where none is finite
    with np.errstate(divide="ignore"):
        return np.asarray(top + np.log(np.exp(logs - top).sum(axis=0)))


def _grid(z: Array) -> tuple[Array, Array]:
    """Nodes (r,) of u = log(1 + t), equally spaced over all that matters, and the log density of u there."""
    start = np.linspace(-8.0, 8.0, 24)  # none is 0, where the density is a limit
    top = start[np.argmax(_log_density(start, z))]
    for half in 0.7 * 0.25 ** np.arange(8.0):
        near = top + half * np.linspace(-1.0, 1.0, 9)
        top = near[np.argmax(_log_density(near, z))]
    least = _log_density(np.array([top]), z)[0] - _DEPTH
    ends = [top + side * _reach(top, side, least, z) for side in (-1.0, 1.0)]
    nodes = np.linspace(max(ends[0], _LOWEST), ends[1], _NODES)
    nodes = np.where(np.abs(nodes) < 1e-7, 1e-7, nodes)
    return nodes, _log_density(nodes, z)


def _reach(top: float, side: float, least: float, z: Array) -> float:
    """How far from its top the density falls so deep."""
    steps = _STEP / np.sqrt(z.size / 100.0) * 1.3 ** np.arange(_MOST_STEPS)
    for some in np.array_split(steps, 6):
        deep = np.flatnonzero(~(_log_density(top + side * some, z) > least))
        if deep.size:
            return float(some[deep[0]])
    return float(steps[-1])


def _log_density(u: Array, z: Array) -> Array:
    """Of u = log(1 + t), but for a constant, with shape and scale integrated over; z in units of the largest excess."""
    n = z.size
    u = np.where(np.abs(u) < 1e-7, 1e-7, u)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        t = np.expm1(u)
        mean = np.log1p(t[:, None] * z).mean(axis=-1)
        cut = np.log(scipy.special.gammaincc(n - 1.0, n * np.maximum(-mean, 0.0)))
        found = (1.0 - n) * np.log(mean / t) - n * mean + u + cut
    return np.asarray(np.where(np.isnan(found), -np.inf, found))


__all__ = ["CrossValidation", "log_predictive", "predictive_weights"]
