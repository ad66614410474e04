"""The four-parameter kappa distribution, which holds the generalised logistic, extreme-value and Pareto ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array, Mask
from evstats.distributions import special
from evstats.distributions.base import scipy_parameters
from evstats.distributions.bent import Bend, Bent
from evstats.distributions.derivatives import Reduced
from evstats.distributions.gev import GEV
from evstats.errors import ArgumentError
from evstats.habits import knowing_their_names
from evstats.text.arguments import Setting, Text


@knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class Kappa(Bent):
    """Kappa distribution, F(x) = (1 - h (1 + shape (x - loc)/scale)^(-1/shape))^(1/h).

    With h = -1 it is the generalised logistic, with 0 the generalised extreme-value, with 1 the generalised Pareto
    distribution.

    Parameters
    ----------
    loc
        Location, in the unit of the data.
    scale
        Positive, in the unit of the data.
    shape
        Xi in Coles' sign. Hosking's k is -shape.
    h
        The second shape; above 0 there is a lower end.

    References
    ----------
    - Hosking, J. R. M. (1994). IBM Journal of Research and Development 38, 251-258.

    Examples
    --------
    >>> from evstats.distributions import Kappa
    >>> float(Kappa(loc=1.0, scale=0.3, shape=0.1, h=-0.5).isf(0.01).round(3))
    2.751
    """

    h: Array

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike, shape: ArrayLike, h: ArrayLike) -> None: ...

    name = "kappa"
    label = "Kappa"
    literature = ("Hosking, J. R. M. (1994). IBM Journal of Research and Development 38, 251-258.",)
    parameter_names = ("loc", "scale", "shape", "h")
    lmoment_ratios = 2

    def _variate(self, g: Array) -> Array:
        rate = np.exp(-g)  # -log F
        power = special.expm1_over(-self.h, rate)  # (1 - F^h)/h
        v = np.where(rate < 1.0, g - np.log(np.where(rate > 0.0, power / rate, 1.0)), -np.log(power))
        v = np.where(np.isposinf(power) & (self.h < 0.0), self.h * rate + np.log(-self.h), v)
        return np.where(self.h == 0.0, g, v)

    def _reduced(self, v: Array) -> Array:
        t = -self.h * np.exp(-v)
        y = v - np.log(special.log1p_ratio(np.maximum(t, -1.0))[0])
        deep = -np.log((np.log(-self.h) - v) / -self.h)  # where exp(-v) has no float
        y = np.where(t <= -1.0, -np.inf, np.where(np.isposinf(t), deep, y))
        return np.where(self.h == 0.0, v, y)

    def _log_density(self, v: Array) -> Array:
        return -v - (1.0 - self.h) * np.exp(-self._reduced(v))

    def _bend(self, v: Array) -> Bend:
        return of_second_shape(v, self.h).in_variate

    def reduced_derivatives(self, x: ArrayLike) -> Reduced:
        """Those of a family that bends its curve, with the second shape beside them."""
        r, curve = super().reduced_derivatives(x), self._curve().reduced_derivatives(x)
        with np.errstate(all="ignore"):
            found = of_second_shape(np.where(np.isinf(curve.y), np.nan, curve.y), self.h)

        def second(i: int, j: int) -> tuple[Array, Array]:
            if j < 3:
                return r.second(i, j)
            if i < 3:
                return found.y_mixed * curve.y_first[i], found.log_mixed * curve.y_first[i]
            return found.y_twice, found.log_twice

        return Reduced(r.y, r.log_slope, (*r.y_first, found.y_first), (*r.log_slope_first, found.log_first), second)

    def support(self) -> tuple[Array, Array]:
        """The lower end where h > 0 or shape > 0, the upper ``loc - scale/shape`` where shape < 0, else infinite."""
        lower, upper = self._curve().support()
        with np.errstate(all="ignore"):
            start = self._curve().from_gumbel(np.log(np.where(self.h > 0.0, self.h, 1.0)))
        return np.where(self.h > 0.0, start, lower)[()], upper

    def mean(self) -> Array:
        """Expectation; inf for shapes from 1 on, NaN where it is the lower tail that has none."""
        mean = self.loc + self.scale * _sizes(self.shape, self.h, (1,))[0]
        return np.where(self.shape >= 1.0, np.inf, mean)[()]

    def var(self) -> Array:
        """Variance, by quadrature; inf for shapes from 1/2 on."""
        return self.scale**2 * np.where(self._has(2), self._central(2), np.inf)

    def skew(self) -> Array:
        """Skewness, by quadrature; NaN for shapes from 1/3 on."""
        with np.errstate(all="ignore"):
            return np.where(self._has(3), self._central(3) / self._central(2) ** 1.5, np.nan)[()]

    def _has(self, k: int) -> Mask:
        """Whether the k-th moment exists."""
        return np.asarray((k * self.shape < 1.0) & (k * self.shape * self.h < 1.0))

    def entropy(self) -> Array:
        """``log(scale) + (1 + shape) m + 1 - h``, m the mean of the standard variate: that of shape 0."""
        return (
            np.log(self.scale) + (1.0 + self.shape) * _sizes(np.zeros_like(self.shape), self.h, (1,))[0] + 1.0 - self.h
        )

    def _central(self, k: int) -> Array:
        centre = ((self.mean() - self.loc) / self.scale)[..., None]
        return self._averaged(lambda of, v: (special.expm1_over(of.shape, v) - centre) ** k)

    def _averaged(self, function: Any) -> Array:
        """The mean of a function of the standard variate: by the trapezoidal rule in the logit of F, stretched."""
        each = self[..., None]
        w = np.linspace(-6.4, 6.4, 1_025)
        logit = np.sinh(w)
        with np.errstate(all="ignore"):
            g = -np.log(np.logaddexp(0.0, -logit))
            g = np.where(logit > 18.0, logit + 0.5 * np.exp(-logit), g)
            weight = np.exp(-np.abs(logit) - 2.0 * np.log1p(np.exp(-np.abs(logit)))) * np.cosh(w) * (w[1] - w[0])
            values = np.where(weight > 0.0, function(each, each._variate(g)) * weight, 0.0)
        return np.sum(values, axis=-1)

    def mean_beyond(self, p: ArrayLike) -> Array:
        """Average of ``ppf(u)`` over u in (p, 1), by quadrature; NaN for shapes that have no mean."""
        p, _ = np.broadcast_arrays(np.asarray(p, dtype=np.float64), self.loc)
        each = Kappa.trial(*(np.asarray(getattr(self, name))[..., None] for name in self.parameter_names))
        slow = 1.0 / np.clip(1.0 - each.shape, 1e-3, 1.0)  # so that what is left of the tail falls like exp(-w)
        e = _FALL * slow
        with np.errstate(all="ignore"):
            levels = each.from_gumbel(-np.log(-np.log1p(-(1.0 - p[..., None]) * np.exp(-e))))
            value = np.sum(levels * np.exp(-e) * slow * _FALL_WEIGHTS, axis=-1)
        return np.where(self.shape < 1.0, value, np.nan)[()]

    @classmethod
    def from_moments(cls, mean: Array, std: Array, skew: Array) -> Array:
        """Always an error: three moments do not determine four parameters."""
        raise ArgumentError(
            "the kappa distribution has four parameters, which moments cannot find",
            Text("fit by L-moments (", Setting("method", "lmoments"), ") or use ", Setting("method", "mle"), "."),
        )

    @classmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array, t4: Array | None = None) -> Array:
        """The shapes from L-skewness and L-kurtosis, then scale and location (Hosking 1994); NaN where none match.

        There are none above the generalised logistic's L-kurtosis, (5 t3^2 + 1)/6.
        """
        if t4 is None:
            raise ArgumentError("the kappa distribution has four parameters, and takes the L-kurtosis t4 too.")
        shape, h = _shapes(*np.broadcast_arrays(np.asarray(t3, dtype=np.float64), np.asarray(t4, dtype=np.float64)))
        one, two = _sizes(shape, h, (1, 2))
        scale = l2 / (two - one)
        return np.stack([l1 - scale * one, scale, shape, h], axis=-1)

    def lmoments(self) -> tuple[Array, Array, Array, Array]:
        """L-moments l1, l2, t3 and t4."""
        one, two, three, four = _sizes(self.shape, self.h, (1, 2, 3, 4))
        t3, t4 = _ratios(one, two, three, four)
        return self.loc + self.scale * one, self.scale * (two - one), t3, t4

    @classmethod
    def likelihood_start(cls, l1: Array, l2: Array, t3: Array, lowest: Array, highest: Array) -> Array:
        """The generalised extreme-value distribution of these L-moments."""
        start = GEV.likelihood_start(l1, l2, t3, lowest, highest)
        return np.concatenate([start, np.zeros((1, start.shape[1]))])

    @classmethod
    def inside(cls, parameters: Array) -> Mask:  # type: ignore[override]
        """Where scale > 0, shape < 1 and -1 < h < 1: beyond, the likelihood may have no bound."""
        return super().inside(parameters) & (np.abs(parameters[2]) < 1.0) & (np.abs(parameters[3]) < 1.0)

    @classmethod
    def regular(cls, parameters: Array) -> Mask:
        """Where the density vanishes at its ends faster than their distance: |shape| < 1/2 and h < 1/2."""
        return np.asarray((np.abs(parameters[:, 2]) < 0.5) & (parameters[:, 3] < 0.5))

    def to_scipy(self) -> Any:
        """``scipy.stats.kappa4(h, k=-shape, loc, scale)``."""
        import scipy.stats

        return scipy.stats.kappa4(self.h, -self.shape, loc=self.loc, scale=self.scale)

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """The distribution of a frozen ``scipy.stats.kappa4``; shape = -k."""
        (h, k), loc, scale = scipy_parameters(frozen, "kappa4")
        return cls(loc, scale, -np.asarray(k), h)


#: The half-line by the double exponential rule: places and weights.
_FALL = np.linspace(-3.4, 4.2, 153)
_FALL_WEIGHTS = (_FALL[1] - _FALL[0]) * (1.0 + np.exp(-_FALL)) * np.exp(_FALL - np.exp(-_FALL))
_FALL = np.exp(_FALL - np.exp(-_FALL))


class SecondShape(NamedTuple):
    """The reduced variate of a standard variate v at a second shape h, in v and in h."""

    in_variate: Bend
    y_first: Array
    y_mixed: Array
    y_twice: Array
    log_first: Array
    log_mixed: Array
    log_twice: Array


def of_second_shape(v: Array, h: Array) -> SecondShape:
    """y = v - M(t) and log dy/dv = -log(1 + t) - M(t), with t = -h exp(-v) and M = log(log(1 + t)/t).

    From -log F = exp(-v) log(1 + t)/t. The derivatives of t are -t in v and -exp(-v) in h.
    """
    u = np.exp(-v)
    t = -h * u
    ratio, ratio_1, ratio_2 = special.log1p_ratio(t)
    m, m_1 = np.log(ratio), ratio_1 / ratio
    m_2 = ratio_2 / ratio - m_1 * m_1
    inverse = 1.0 / (1.0 + t)
    s_1, s_2 = -inverse - m_1, inverse * inverse - m_2
    bend = Bend(v - m, 1.0 + t * m_1, -t * (t * m_2 + m_1), -np.log1p(t) - m, -t * s_1, t * (t * s_2 + s_1))
    return SecondShape(bend, u * m_1, -u * (t * m_2 + m_1), -u * u * m_2, -u * s_1, u * (t * s_2 + s_1), u * u * s_2)


# -- L-moments ---------------------------------------------------------------------------------------------------------


def _sizes(shape: Array, h: Array, orders: tuple[int, ...]) -> list[Array]:
    """r times the probability-weighted moment r - 1 of the standard distribution: (g_r - 1)/shape of Hosking (1994).

    NaN where the moments do not exist.
    """
    return [special.across_zero(_size, shape, 0.004, h, float(r)) for r in orders]


def _size(xi: Array, h: Array, r: Array) -> Array:
    k = -xi
    with np.errstate(all="ignore"):
        n = np.where(h == 0.0, np.inf, r / np.abs(h))
        own = special.log_gamma_1m(xi) - k * np.log(r)
        upper = special.log_gamma_ratio(n, 1.0 + k)
        lower = special.log_gamma_ratio(n - k, 1.0 + k) - (1.0 + k) * np.log1p(-k / n)
        value = np.expm1(own + np.where(h > 0.0, upper, lower)) / xi
        return np.where((xi < 1.0) & (n - k > 0.0), value, np.nan)


def _ratios(one: Array, two: Array, three: Array, four: Array) -> tuple[Array, Array]:
    second = two - one
    with np.errstate(all="ignore"):
        t3 = (one - 3.0 * two + 2.0 * three) / second
        return t3, (-one + 6.0 * two - 10.0 * three + 5.0 * four) / second


def _t3_t4(shape: Array, h: Array) -> tuple[Array, Array]:
    return _ratios(*_sizes(shape, h, (1, 2, 3, 4)))


#: How near the ratios are met, what is near enough where rounding stops the search, and most steps.
_MET, _NEAR_ENOUGH, _STEPS = 1e-13, 1e-9, 60


def _shapes(t3: Array, t4: Array) -> tuple[Array, Array]:
    """Newton's method in the two shapes, from the generalised Pareto, with steps halved while they do not help.

    Among the shapes that are allowed the pair is unique (Hosking 1994).
    """
    wanted = np.stack([t3.ravel(), t4.ravel()])
    with np.errstate(all="ignore"):
        skew, kurtosis = wanted
        possible = (kurtosis < (5.0 * skew**2 + 1.0) / 6.0) & (kurtosis >= (5.0 * skew**2 - 1.0) / 4.0)
        possible &= np.abs(skew) < 1.0
        at = np.stack([(3.0 * skew - 1.0) / (1.0 + skew), np.full_like(skew, 1.001)])
        found, active = np.full_like(at, np.nan), np.flatnonzero(possible)
        miss = _miss(at[:, active], wanted[:, active])
        for _ in range(_STEPS):
            size = np.hypot(*miss)
            moved, missed, stuck = _halved(
                at[:, active], miss, _newton_step(at[:, active], miss, wanted[:, active]), wanted[:, active]
            )
            met = (size < _MET) | (stuck & (size < _NEAR_ENOUGH))
            found[:, active[met]] = at[:, active[met]]
            going = ~met & ~stuck
            active, miss = active[going], missed[:, going]
            at[:, active] = moved[:, going]
            if not active.size:
                break
    return found[0].reshape(t3.shape), found[1].reshape(t3.shape)


def _halved(at: Array, miss: Array, step: Array, wanted: Array) -> tuple[Array, Array, Mask]:
    """The point after a step, or after a half, a quarter, ... that comes nearer; its miss, and where none does."""
    size, moved, missed = np.hypot(*miss), np.array(at), np.array(miss)
    waiting, factor = np.arange(at.shape[1]), 1.0
    for _ in range(12):
        trial = at[:, waiting] - factor * step[:, waiting]
        tried = _miss(trial, wanted[:, waiting])
        better = (np.hypot(*tried) < size[waiting]) & _allowed(*trial)
        moved[:, waiting[better]], missed[:, waiting[better]] = trial[:, better], tried[:, better]
        waiting, factor = waiting[~better], 0.5 * factor
        if not waiting.size:
            break
    return moved, missed, np.isin(np.arange(at.shape[1]), waiting)


def _allowed(shape: Array, h: Array) -> Mask:
    """Where the pair of L-moment ratios determines the shapes (Hosking 1994, section 4)."""
    return np.asarray((h > -1.0) & (shape < 1.0) & (h * shape < 1.0) & (0.725 * h - shape > -1.0))


def _miss(at: Array, wanted: Array) -> Array:
    return np.stack(_t3_t4(*at)) - wanted


def _newton_step(at: Array, miss: Array, wanted: Array) -> Array:
    """By differences, of a function known to 1e-13."""
    d = 1e-5
    aside = np.array([[d], [0.0]]), np.array([[0.0], [d]])
    (a, c), (b, e) = ((_miss(at + each, wanted) - _miss(at - each, wanted)) / (2.0 * d) for each in aside)
    return np.stack([miss[0] * e - miss[1] * b, miss[1] * a - miss[0] * c]) / (a * e - b * c)
