"""The distribution of the Gumbel pivots given the configuration of the sample, for maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.special

from evstats.arrays import Array
from evstats.simulated import kept

#: Asymptotic standard deviation of log(scale_hat) times sqrt(n), and the multiple of the scale whose level is
#: asymptotically independent of it, 1 less Euler's constant below the location.
_SPREAD = np.sqrt(6.0) / np.pi
_ORTHOGONAL = float(np.euler_gamma) - 1.0
#: Range of the quadrature in log scale, in standard deviations; on the right the tail falls like exp(-(n - 1) x).
_LOW, _HIGH, _TAIL = -8.0, 9.0, 38.0
#: Beyond this the moments that a search starts from are not taken: of very small samples they do not exist.
_CENTRAL = 5.0
#: Longest step of the trapezoidal rule, in standard deviations and in widths of the level's own transition.
_STEP = 0.7
_MOST_NODES, SCALE_NODES = 4_096, 1_025
#: Rows that are solved together, and values that are summed together, so that temporaries stay in the cache.
_ROWS, _VALUES = 1_024, 32_768
#: Chebyshev nodes that hold the log of S(s), and the sample size from which on they do.
_CHEBYSHEV, _SMOOTH = 32, 30
#: A correction shorter than this many standard deviations leaves an error of its fourth power.
_SHORT = 1e-2
_MOST_PASSES = 40


@dataclass(frozen=True, eq=False)
class ConditionalPivots:
    """The distribution of the pivots of m samples of the same size, given their residuals.

    In units where the estimates are 0 and 1 the scale has the density p(s) = s^(1-n) exp(-sum a/s) S(s)^-n in log s,
    with S(s) = sum exp(-a/s) over the residuals a; and given the scale, exp(loc/s) S(s) is a gamma variable U of
    shape n. So the level loc + c scale is distributed as s (log U + c - log S(s)).
    """

    n: int
    fitted: Array  # (m, 2): loc and scale of every sample
    inverse: Array  # (nodes,): 1/s
    log_sum: Array  # (m, nodes): log S(s)
    weight: Array  # (m, nodes): probability of each node

    @classmethod
    def of(cls, values: Array, fitted: Array, farthest: float = 1.0, nodes: int | None = None) -> ConditionalPivots:
        """From observations (m, n) and estimates (m, 2); ``farthest`` is the largest multiple that will be asked."""
        n = values.shape[-1]
        spread = _SPREAD / np.sqrt(n)
        low, high = _LOW * spread, max(_HIGH * spread, _TAIL / (n - 1.0))
        step = _STEP * spread * _transition(farthest + abs(_ORTHOGONAL))
        log_scale = np.linspace(low, high, nodes or min(_MOST_NODES, int(np.ceil((high - low) / step)) + 1))
        inverse = np.exp(-log_scale)
        residual = (values - fitted[:, :1]) / fitted[:, 1:]
        total = residual.sum(axis=-1, keepdims=True)
        log_sum = _log_sum(residual, log_scale)
        log_density = (1.0 - n) * log_scale - total * inverse - n * log_sum
        weight = np.exp(log_density - log_density.max(axis=-1, keepdims=True))
        return cls(n, fitted, inverse, log_sum, weight / weight.sum(axis=-1, keepdims=True))

    def level_limits(self, multiples: Array, tails: Array) -> Array:
        """Limits of loc + multiple * scale in data units, shape (2, m, questions)."""
        c, tail = (grid.ravel() for grid in np.meshgrid(multiples, tails))
        limits = np.empty((c.size, len(self.fitted)))
        size = max(1, _ROWS // len(self.fitted))
        for some in (slice(start, start + size) for start in range(0, c.size, size)):
            nodes = slice(None, None, self._stride(np.abs(c[some] - _ORTHOGONAL).max()))
            base = self.log_sum[:, nodes] - c[some, None, None]
            limits[some] = self._quantiles(base, self.inverse[nodes], nodes, tail[some])
        return self.fitted[:, :1] + self.fitted[:, 1:] * np.moveaxis(limits.reshape(2, multiples.size, -1), 1, 2)

    def variate_limits(self, levels: Array, tails: Array) -> Array:
        """Limits of (level - loc)/scale, shape (2, m, questions)."""
        q = (levels - self.fitted[:, :1]) / self.fitted[:, 1:]
        limits = np.empty((2, *q.shape))
        for j in range(q.shape[1]):
            base = np.stack([self.log_sum + q[:, j, None] * self.inverse] * 2)
            limits[:, :, j] = -self._quantiles(base, np.ones_like(self.inverse), slice(None), 1.0 - tails)
        return limits

    def _quantiles(self, base: Array, slope: Array, nodes: slice, tails: Array) -> Array:
        """Quantiles (jobs, m) of the mixtures with bases (jobs, m, nodes), one tail per job."""
        weight = np.broadcast_to(self.weight[:, nodes] / self.weight[:, nodes].sum(axis=-1, keepdims=True), base.shape)
        rows = (-1, base.shape[-1])
        last = np.count_nonzero(self.inverse[nodes] > np.exp(-_CENTRAL * _SPREAD / np.sqrt(self.n)))
        central = slice(0, last, max(1, self._stride(0.0) // (nodes.step or 1)))
        mixture = _Mixture(self.n, base.reshape(rows), slope, weight.reshape(rows), central)
        return mixture.quantiles(np.repeat(tails, base.shape[1])).reshape(base.shape[:2])

    def scale_limits(self, tails: Array) -> Array:
        """Limits of the scale, shape (2, m, 1), from the distribution of its logarithm; needs ``SCALE_NODES``.

        Simpson's rule up to the node below the limit, then one quadratic step, whose error is the cube of the grid's.
        """
        from scipy.integrate import cumulative_simpson

        log_scale = -np.log(self.inverse)
        cdf = cumulative_simpson(self.weight, axis=-1, initial=0.0)
        cdf, density = cdf / cdf[:, -1:], self.weight / cdf[:, -1:]
        limits = []
        for tail in tails:
            below = np.maximum(np.argmax(cdf > tail, axis=-1)[:, None] - 1, 0)
            f, p, p_next = (
                np.take_along_axis(a, j, axis=-1) for a, j in ((cdf, below), (density, below), (density, below + 1))
            )
            short, curved = tail - f, 0.5 * (p_next - p)
            fraction = 2.0 * short / (p + np.sqrt(p * p + 4.0 * curved * short))
            limits.append(np.exp(log_scale[below] + fraction * (log_scale[1] - log_scale[0])))
        return self.fitted[:, 1:] * np.array(limits)

    def _stride(self, distance: float) -> int:
        """Every how many nodes are enough for levels so far from the orthogonal one."""
        step = np.log(self.inverse[0] / self.inverse[1]) * np.sqrt(self.n) / _SPREAD
        return max(1, int(_STEP * _transition(distance) / step * (1.0 + 1e-9)))


def _transition(distance: float) -> float:
    """The width, in standard deviations of log scale, over which the distribution of a level passes from 0 to 1; it is
    the narrower the farther the level is from the one that is independent of the scale.
    """
    return 1.0 / max(1.0, _SPREAD * distance)


def _log_sum(residual: Array, log_scale: Array) -> Array:
    """log sum exp(-residual/s) of residuals (m, n), shape (m, nodes).

    Many nodes of a sample of 30 or more are interpolated from Chebyshev's, with an error below 1e-12.
    """
    least = residual.min(axis=-1, keepdims=True)
    above = least - residual
    few = residual.shape[1] >= _SMOOTH and log_scale.size > 2 * _CHEBYSHEV
    middle, half = 0.5 * (log_scale[0] + log_scale[-1]), 0.5 * (log_scale[-1] - log_scale[0])
    inverse = np.exp(-(middle + half * _chebyshev_nodes() if few else log_scale))
    total = np.empty((len(residual), inverse.size))
    size = max(1, _VALUES // (residual.shape[1] * inverse.size))
    for some in (slice(start, start + size) for start in range(0, len(residual), size)):
        np.exp(above[some, None, :] * inverse[:, None]).sum(axis=-1, out=total[some])
    np.log(total, out=total)
    if few:
        total = total @ _from_chebyshev_nodes((log_scale - middle) / half)
    return total - least * np.exp(-log_scale)


def _chebyshev_nodes() -> Array:
    return np.polynomial.chebyshev.chebpts1(_CHEBYSHEV)


def _from_chebyshev_nodes(x: Array) -> Array:
    """The matrix (_CHEBYSHEV, len(x)) that interpolates values at Chebyshev's nodes."""
    here, there = (np.polynomial.chebyshev.chebvander(points, _CHEBYSHEV - 1) for points in (_chebyshev_nodes(), x))
    return np.asarray(np.linalg.solve(here.T, there.T), dtype=np.float64)


class _Mixture(NamedTuple):
    """The variables (log U - base)/slope, U gamma of shape n, mixed over nodes with weights that sum to 1."""

    n: int
    base: Array  # (rows, nodes)
    slope: Array  # (nodes,)
    weight: Array  # (rows, nodes)
    central: slice  # the nodes that moments are taken over

    def quantiles(self, tails: Array) -> Array:
        """The values (rows,) with these probabilities below: corrected by the third-order Taylor polynomial of the
        distribution function until the correction is short.
        """
        value, sd = self._cornish_fisher(scipy.special.ndtri(tails))
        low, high = np.full(value.shape, -np.inf), np.full(value.shape, np.inf)
        part, rows = self, np.arange(len(value))
        for passed in range(_MOST_PASSES):
            here, reach = value[rows], 2.0**passed * sd[rows]  # the tail of very small samples is long
            step = np.clip(part._correction(here, tails[rows]), -reach, reach)
            low[rows], high[rows] = np.where(step > 0, here, low[rows]), np.where(step > 0, high[rows], here)
            there = here + step
            lost = (there <= low[rows]) | (there >= high[rows])
            value[rows] = np.where(lost & (step != 0.0), 0.5 * (low[rows] + high[rows]), there)
            far = np.abs(step) > _SHORT * sd[rows]
            rows = rows[far]
            if not rows.size:
                return value
            part = part._replace(base=part.base[far], weight=part.weight[far])
        value[rows] = np.nan
        return value

    def _cornish_fisher(self, score: Array) -> tuple[Array, Array]:
        """A start from the first four cumulants, and the standard deviation."""
        some = self.central
        slope, weight = self.slope[some], self.weight[:, some] / self.weight[:, some].sum(axis=-1, keepdims=True)
        off = (scipy.special.digamma(self.n) - self.base[:, some]) / slope
        mean = np.vecdot(off, weight)
        off -= mean[:, None]
        # moments of log U about its mean, given the node, and by them those of the mixture about its own
        second, third, fourth = (float(scipy.special.polygamma(k, self.n)) / slope ** (k + 1) for k in (1, 2, 3))
        square = off * off
        sd = np.sqrt(np.vecdot(square, weight) + weight @ second)
        skew = (np.vecdot(off * (square + 3.0 * second), weight) + weight @ third) / sd**3
        last = np.vecdot(square * (square + 6.0 * second) + 4.0 * off * third, weight) + weight @ (
            3.0 * second**2 + fourth
        )
        kurtosis = last / sd**4 - 3.0
        z, cube = score, score**3
        standard = z + (z * z - 1.0) / 6.0 * skew + (cube - 3.0 * z) / 24.0 * kurtosis
        return mean + sd * (standard - (2.0 * cube - 5.0 * z) / 36.0 * skew**2), sd

    def _correction(self, value: Array, tails: Array) -> Array:
        """The step to the quantile by the Taylor polynomial of the distribution function, whose terms are sums over the
        nodes of the gamma density f and its derivatives f (n - R), f ((n - R)^2 - R) in log R.

        Only the nodes where the probability is neither 0 nor 1 are looked at closely.
        """
        inside = self._uncertain(value)
        weight, slope = self.weight[:, inside], self.slope[inside]
        probability, density, first, second = _log_gamma_terms(self.n, self.base[:, inside] + value[:, None] * slope)
        before, after = self.weight[:, : inside.start].sum(axis=-1), self.weight[:, inside.stop :].sum(axis=-1)
        c0 = np.vecdot(probability, weight) - tails
        c0 += np.rint(probability[:, 0]) * before + np.rint(probability[:, -1]) * after
        density *= weight
        density *= slope
        c1 = density.sum(axis=-1)
        density *= slope
        first *= density
        c2 = first.sum(axis=-1) / 2.0
        density *= slope
        second *= density
        c3 = second.sum(axis=-1) / 6.0
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = step = -c0 / c1
            for _ in range(3):
                step = step - (c0 + step * (c1 + step * (c2 + step * c3))) / (c1 + step * (2.0 * c2 + step * 3.0 * c3))
        # far from the quantile the polynomial may have no root near: Newton's step, and its sign where even that fails
        near = np.isfinite(step) & (step * newton > 0.0) & (np.abs(step) < 4.0 * np.abs(newton))
        step = np.where(near, step, newton)
        return np.where(np.isnan(step), -np.sign(c0) * np.inf, step)

    def _uncertain(self, value: Array) -> slice:
        """The nodes where the probability of a value below is not yet 0 or 1 in some row, and a few more on each side;
        found among every so many nodes, between which it cannot pass from one to the other.
        """
        table, stride = _log_gamma_table(self.n), self.central.step
        t = self.base[:, ::stride] + value[:, None] * self.slope[::stride]
        between = np.flatnonzero((t.max(axis=0) > table.low) & (t.min(axis=0) < table.high))
        first, last = (between[0], between[-1]) if between.size else (0, t.shape[1])
        return slice(max(0, (first - 1) * stride), min(self.slope.size, (last + 1) * stride + 1))


class _LogGammaTable(NamedTuple):
    """P(n, exp(t)) at equally spaced t."""

    low: float
    high: float
    step: float
    probability: Array


@kept
def _log_gamma_table(n: int) -> _LogGammaTable:
    low = np.log(scipy.special.gammaincinv(n, 1e-17))
    high = np.log(scipy.special.gammainccinv(n, 1e-17))
    t = np.linspace(low, high, 4_097)
    return _LogGammaTable(float(low), float(high), float(t[1] - t[0]), scipy.special.gammainc(n, np.exp(t)))


def _log_gamma_terms(n: int, t: Array) -> tuple[Array, Array, Array, Array]:
    """P(n, R) at R = exp(t), its derivative f in t, and the factors of f in the next two derivatives.

    The probability is that of the nearest node of a table, carried on by the Taylor polynomial of the derivatives,
    which are exact: good to 1e-12, and five times as fast as the incomplete gamma function.
    """
    table = _log_gamma_table(n)
    inside = np.clip(t, table.low, table.high)
    place = np.rint((inside - table.low) * (1.0 / table.step))
    rate = np.exp(inside)
    density = np.exp(n * inside - rate - scipy.special.gammaln(n))
    first = n - rate
    second = first * first - rate
    off = inside - (table.low + place * table.step)
    ahead = density * off * (1.0 - off * (0.5 * first - off / 6.0 * second))
    return table.probability.take(place.astype(np.intp)) + ahead, density, first, second
