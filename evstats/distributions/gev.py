"""The generalised extreme-value distribution: the limit of block maxima of any kind of tail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evstats.arrays import Array
from evstats.distributions import special
from evstats.distributions.base import Family, log_count, scipy_parameters
from evstats.distributions.derivatives import Derivatives, Level, Reduced
from evstats.distributions.gev_profile import LOWEST_SHAPE, profile_on_grid, theta_grid, where_it_may_turn
from evstats.distributions.gev_shape import (
    TINY_SHAPE,
    shape_derivative,
    shape_derivatives,
    shape_from_lskew,
    shape_from_skew,
)
from evstats.habits import knowing_their_names
from evstats.newton import Evaluation


@knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class GEV(Family):
    """Generalised extreme-value distribution of maxima, F(x) = exp(-(1 + shape (x - loc)/scale)^(-1/shape)).

    Parameters
    ----------
    loc
        Location, in the unit of the data.
    scale
        Positive, in the unit of the data.
    shape
        Xi in Coles' sign: positive is the heavy upper tail, 0 is Gumbel, negative has an upper endpoint.
        SciPy's ``genextreme`` has c = -shape.

    References
    ----------
    - Jenkinson, A. F. (1955). Quarterly Journal of the Royal Meteorological Society 81, 158-171.
    - Coles, S. (2001). An Introduction to Statistical Modeling of Extreme Values. Springer, section 3.1.3.

    Examples
    --------
    >>> from evstats import GEV
    >>> float(GEV(loc=3.875, scale=0.198, shape=-0.050).isf(0.01).round(2))
    4.69
    """

    shape: Array

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, loc: ArrayLike, scale: ArrayLike, shape: ArrayLike) -> None: ...

    name = "gev"
    label = "GEV"
    literature = (
        "Jenkinson, A. F. (1955). Quarterly Journal of the Royal Meteorological Society 81, 158-171.",
        "Coles, S. (2001). An Introduction to Statistical Modeling of Extreme Values. Springer, section 3.1.3.",
    )
    parameter_names = ("loc", "scale", "shape")
    has_edge = True

    def from_gumbel(self, g: ArrayLike) -> Array:
        """``loc + scale * expm1(shape * g)/shape``."""
        g = np.asarray(g, dtype=np.float64)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            x = self.loc + self.scale * special.expm1_over(self.shape, g)
            # exp overflows before the value does: half the exponent on either side of scale/shape
            if np.isinf(x).any():
                t = self.shape * g
                half = np.exp(0.5 * t)
                x = np.where(
                    np.isposinf(np.expm1(t)) & np.isfinite(t), self.loc + half * (self.scale / self.shape) * half, x
                )
        return x[()]

    def reduced(self, x: ArrayLike) -> Array:
        """``log1p(shape * z)/shape`` with z = (x - loc)/scale; +inf above an upper, -inf below a lower endpoint."""
        x = np.asarray(x, dtype=np.float64)
        y = self._reduced_inside(x)
        return np.where(np.isnan(y) & ~self._missing(x), -np.copysign(np.inf, self.shape), y)[()]

    def _missing(self, x: Array) -> NDArray[np.bool_]:
        return np.isnan(x) | np.isnan(self.loc) | np.isnan(self.scale) | np.isnan(self.shape)

    def _reduced_inside(self, x: Array) -> Array:
        """The reduced variate, NaN outside the support."""
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            z = (x - self.loc) / self.scale
            y = special.log1p_over(self.shape, z)
            t = self.shape * z
            if np.isposinf(t).any():  # the product overflows before its logarithm does
                far = np.log(np.abs(x - self.loc)) - np.log(self.scale) + np.log(np.abs(self.shape))
                y = np.where(np.isposinf(t) & np.isfinite(x), far / self.shape, y)
        return y

    def logpdf(self, x: ArrayLike) -> Array:
        """Logarithm of the density; -inf outside the support."""
        x = np.asarray(x, dtype=np.float64)
        y = self._reduced_inside(x)
        with np.errstate(over="ignore", invalid="ignore"):
            value = -self._times_one_plus_shape(y) - np.exp(-y) - np.log(self.scale)
        return np.where((np.isnan(y) & ~self._missing(x)) | np.isneginf(y), -np.inf, value)[()]

    def _times_one_plus_shape(self, y: Array) -> Array:
        return np.where(self.shape == -1.0, 0.0, (1.0 + self.shape) * y)

    @classmethod
    def inside(cls, parameters: Sequence[Array] | Array) -> NDArray[np.bool_]:
        """Where scale > 0 and shape > -1: beyond, the likelihood is unbounded (Smith 1985)."""
        return super().inside(parameters) & (parameters[2] > LOWEST_SHAPE)

    def reduced_derivatives(self, x: ArrayLike) -> Reduced:
        """With z = (x - loc)/scale: y = log1p(shape z)/shape and log dy/dx = -log scale - shape y."""
        shape, inverse = self.shape, 1.0 / self.scale
        with np.errstate(all="ignore"):
            z = (np.asarray(x, dtype=np.float64) - self.loc) * inverse
            t = shape * z
            ratio, ratio_1, ratio_2 = special.log1p_ratio(t)
            u = 1.0 / (1.0 + t)
            a = u * inverse  # -dy/dloc
            b = z * a  # -dy/dscale
            y, y_shape = z * ratio, z * z * ratio_1
            y_first = -a, -b, y_shape
            log_slope_first = shape * a, shape * b - inverse, -y - shape * y_shape
            log_slope = -np.log(self.scale) - shape * y

        def second(i: int, j: int) -> tuple[Array, Array]:
            with np.errstate(all="ignore"):
                if j < 2:
                    in_y = a * a if i < j else (inverse + a) * b if i else -shape * a * a
                    return in_y, inverse * inverse - shape * in_y if i + j == 2 else -shape * in_y
                in_y = z * z * z * ratio_2 if i == 2 else z * b * u if i else b * u
                return in_y, -shape * in_y - (2.0 * y_shape if i == 2 else y_first[i])

        return Reduced(np.where(t <= -1.0, -np.copysign(np.inf, shape), y), log_slope, y_first, log_slope_first, second)

    def level_derivatives(self, y: ArrayLike) -> Level:
        """``loc + scale c(shape)`` with c = expm1(shape y)/shape, to full precision up to an endpoint."""
        c, c_1, c_2 = special.expm1_over_derivatives(self.shape, y)
        zero, one = np.zeros_like(c), np.ones_like(c)
        slope = self.scale * c_1
        second = ((zero, zero, zero), (zero, zero, c_1), (zero, c_1, self.scale * c_2))
        return Level(self.loc + self.scale * c, (one, c, slope), second)

    def derivatives(self, x: ArrayLike) -> Derivatives:
        """The log-density with its first and second derivatives in (loc, scale, shape).

        In terms of y = log1p(shape z)/shape, w = exp(-y) and u = 1/(1 + shape z): the derivatives of y are
        dy/dz = u, dy/dshape = z^2 L'(shape z), d2y/dshape2 = z^3 L''(shape z), L(t) = log1p(t)/t.
        """
        shape, scale = self.shape, self.scale
        with np.errstate(all="ignore"):
            z = (np.asarray(x, dtype=np.float64) - self.loc) / scale
            t = shape * z
            ratio, ratio_1, ratio_2 = special.log1p_ratio(t)
            squared = z * z
            y = z * ratio
            y_shape = squared * ratio_1
            w = np.exp(-y)
            u = 1.0 / (1.0 + t)
            a = w - (1.0 + shape)  # d logpdf / dy
            l_z = a * u
            z_l_z = z * l_z
            l_zz = u * u * (w + shape * a)
            l_zz *= -1.0 / (scale * scale)
            z_l_zz = z * l_zz
            loc_shape = u * (1.0 + w * y_shape + z_l_z)
            loc_shape *= 1.0 / scale
            shape_shape = a * ratio_2
            shape_shape *= squared
            shape_shape *= z
            shape_shape -= y_shape * (2.0 + w * y_shape)
            logpdf = (-1.0 - shape) * y
            logpdf -= w
            logpdf -= np.log(scale)
            square = 1.0 / (scale * scale)
            loc_scale = l_z * square
            loc_scale += z_l_zz
            scale_scale = z * z_l_zz
            z_l_zz = z_l_z * (2.0 * square)
            scale_scale += z_l_zz
            scale_scale += square
            shape_1 = a * y_shape
            shape_1 -= y
            z_l_z += 1.0
            z_l_z *= -1.0 / scale
            l_z *= -1.0 / scale
        outside = t < -1.0
        if np.any(outside):
            logpdf = np.where(outside, -np.inf, logpdf)
        gradient = (l_z, z_l_z, shape_1)
        scale_shape = z * loc_shape
        hessian = (
            (l_zz, loc_scale, loc_shape),
            (loc_scale, scale_scale, scale_shape),
            (loc_shape, scale_shape, shape_shape),
        )
        return Derivatives(logpdf, gradient, hessian)

    @classmethod
    def loglikelihoods(cls, parameters: Array, x: Array) -> Array:
        """Log-likelihood of one series at many parameters; good to about 1e-10 where loc is a few scales from the data.

        With a = 1 + shape z it is -n log scale - (1 + 1/shape) sum log a - sum a^(-1/shape), formed observation by
        observation over all parameters; shapes near 0, where that loses digits, go the careful way.
        """
        loc, scale, shape = np.reshape(parameters, (-1, 3)).T
        small = np.abs(shape) < TINY_SHAPE
        some_small = small.any()
        if some_small:
            shape = np.where(small, 1.0, shape)
        with np.errstate(all="ignore"):
            slope = shape / scale
            a = np.multiply.outer(x, slope)
            a += 1.0 - loc * slope
            np.log(a, out=a)
            value = (-1.0 - 1.0 / shape) * a.sum(axis=0) - len(x) * np.log(scale)
            a *= -1.0 / shape
            np.exp(a, out=a)
            value -= a.sum(axis=0)
        value[np.isnan(value) & ~np.isnan(loc + scale + shape)] = -np.inf
        if some_small:
            value[small] = super().loglikelihoods(np.reshape(parameters, (-1, 3))[small], x)
        return value.reshape(np.shape(parameters)[:-1])

    def summed_derivatives(self, x: Array, present: Array | None = None) -> Evaluation:
        """The sums of ``derivatives`` over lanes, as inner products of a dozen arrays instead of sums of ten.

        In units of the scale, with b = z u and c = w + shape a; the other letters are those of ``derivatives``.
        """
        shape, inverse = self.shape[:, None], 1.0 / self.scale
        with np.errstate(all="ignore"):
            z = (x - self.loc[:, None]) * inverse[:, None]
            t = shape * z
            u = 1.0 / (1.0 + t)
            b = z * u
            y, y_shape, y_shape_shape = shape_derivatives(t, z, b, shape)
            w = np.exp(-y)
            a = w - (1.0 + shape)
            one: Array | float = 1.0
            if present is not None:
                one = present
                for array in (y, y_shape, w, a):
                    array *= present
            count = float(x.shape[-1]) if present is None else present.sum(axis=-1)
            total_y = y.sum(axis=-1)
            value = -(1.0 + self.shape) * total_y - w.sum(axis=-1) - count * np.log(self.scale)
            z_l_z = np.vecdot(a, b)
            gradient = np.array([-np.vecdot(a, u), -(count + z_l_z), np.vecdot(a, y_shape) - total_y])
            c = w + shape * a
            c_u = c * u
            c *= b
            w *= y_shape
            shape_shape = np.vecdot(a, y_shape_shape) - 2.0 * y_shape.sum(axis=-1) - np.vecdot(w, y_shape)
            a *= b
            a += w
            a += one
            loc_loc, loc_scale = -np.vecdot(c_u, u), -(np.vecdot(c_u, b) + gradient[0])
            scale_scale = count + 2.0 * z_l_z - np.vecdot(c, b)
            loc_shape, scale_shape = np.vecdot(a, u), np.vecdot(a, b)
        hessian = np.array(
            [
                [loc_loc * inverse, loc_scale * inverse, loc_shape],
                [loc_scale * inverse, scale_scale * inverse, scale_shape],
                [loc_shape, scale_shape, shape_shape * self.scale],
            ]
        )
        gradient[:2] *= inverse
        return Evaluation(value, gradient, hessian * inverse)

    def log_scale_derivatives(self, x: Array) -> Derivatives:
        """In the letters of ``summed_derivatives``, with parameters (m, 1) or (m, n)."""
        shape, inverse = self.shape, 1.0 / self.scale
        with np.errstate(all="ignore"):
            z = (x - self.loc) * inverse
            t = shape * z
            u = 1.0 / (1.0 + t)
            b = z * u
            y, y_shape, y_shape_shape = shape_derivatives(t, z, b, shape)
            w = np.exp(-y)
            a = w - (1.0 + shape)
            value = -(1.0 + shape) * y
            value -= w
            value -= np.log(self.scale)
            u *= inverse
            au, ab = a * u, a * b
            c = shape * a
            c += w
            cu, cb = c * u, c * b
            in_shape = a * y_shape
            in_shape -= y
            a *= y_shape_shape
            w *= y_shape
            y_shape_shape = a
            y_shape_shape -= y_shape
            y_shape_shape -= y_shape
            y_shape_shape -= w * y_shape
            w += ab
            w += 1.0
            loc_scale = au - cu * b
            cu *= u
            scale_scale = ab - cb * b
            loc_shape, scale_shape = w * u, w * b
        hessian = (
            (-cu, loc_scale, loc_shape),
            (loc_scale, scale_scale, scale_shape),
            (loc_shape, scale_shape, y_shape_shape),
        )
        return Derivatives(value, (-au, -1.0 - ab, in_shape), hessian)

    def location_sums(self, x: Array, directions: Array) -> tuple[Array, Array]:
        """In the letters of ``summed_derivatives``, which are these sums along a direction of ones."""
        shape, inverse = self.shape[:, None], 1.0 / self.scale
        with np.errstate(all="ignore"):
            z = (x - self.loc[:, None]) * inverse[:, None]
            t = shape * z
            u = 1.0 / (1.0 + t)
            b = z * u
            y, y_shape = shape_derivative(t, z, b, shape)
            w = np.exp(-y)
            a = w - (1.0 + shape)
            bent = shape * a
            bent += w
            bent *= u
            bent *= u
            w *= y_shape
            b *= a
            w += b
            w += 1.0
            w *= u
            a *= u
            first, loc_loc, loc_shape = (np.vecdot(directions, each) for each in (a, bent, w))
            bent *= z
            loc_scale = first - np.vecdot(directions, bent)
        loc_loc *= -inverse
        return -first * inverse, np.stack([loc_loc, loc_scale * inverse, loc_shape], axis=1) * inverse

    def mean(self) -> Array:
        """``loc + scale (Gamma(1 - shape) - 1)/shape``; inf for shape >= 1."""
        return self.loc + self.scale * special.standard_gev_mean(self.shape)

    def var(self) -> Array:
        """``scale^2 (Gamma(1 - 2 shape) - Gamma(1 - shape)^2)/shape^2``; inf for shape >= 1/2."""
        return self.scale**2 * special.standard_gev_var(self.shape)

    def skew(self) -> Array:
        """Skewness, a function of the shape alone; NaN for shape >= 1/3."""
        return special.standard_gev_skew(self.shape)[()]

    def entropy(self) -> Array:
        """``log(scale) + 0.5772 (1 + shape) + 1``."""
        return np.log(self.scale) + np.euler_gamma * (1.0 + self.shape) + 1.0

    def support(self) -> tuple[Array, Array]:
        """Lower endpoint ``loc - scale/shape`` if shape > 0, upper if shape < 0, else infinite."""
        with np.errstate(divide="ignore", over="ignore"):
            endpoint = self.loc - np.divide(self.scale, self.shape)
        lower = np.where(self.shape > 0, endpoint, -np.inf)
        return lower[()], np.where(self.shape < 0, endpoint, np.inf)[()]

    def mean_beyond(self, p: ArrayLike) -> Array:
        """Average of ``ppf(u)`` over u in (p, 1); NaN for shape >= 1."""
        return self.loc + self.scale * special.standard_mean_beyond(p, self.shape)

    def power(self, k: ArrayLike) -> GEV:
        """The distribution with F^k: of the maximum of k blocks; GEV again, since the family is max-stable."""
        log_k = log_count(k)
        return GEV(self.from_gumbel(log_k), self.scale * np.exp(self.shape * log_k), self.shape)

    @classmethod
    def from_moments(cls, mean: Array, std: Array, skew: Array) -> Array:
        """The shape from the skewness (which is increasing in it), then scale and location; NaN where none matches."""
        shape = shape_from_skew(np.asarray(skew, dtype=np.float64))
        scale = std / np.sqrt(special.standard_gev_var(shape))
        return np.stack([mean - scale * special.standard_gev_mean(shape), scale, shape], axis=-1)

    @classmethod
    def from_lmoments(cls, l1: Array, l2: Array, t3: Array) -> Array:
        """The shape from the L-skewness, then scale and location (Hosking, Wallis and Wood 1985, equations 14-16)."""
        shape = shape_from_lskew(np.asarray(t3, dtype=np.float64))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            log_gamma = special.log_gamma_1m(shape)
            scale = l2 / (np.exp(log_gamma) * special.expm1_over(shape, np.log(2.0)))
            return np.stack([l1 - scale * special.standard_gev_mean(shape), scale, shape], axis=-1)

    def lmoments(self) -> tuple[Array, Array, Array, Array]:
        """L-moments l1, l2, t3 and t4 (Hosking and Wallis 1997, A.6); none for shape >= 1."""
        two, three, four = (special.expm1_over(self.shape, np.log(r)) for r in (2.0, 3.0, 4.0))
        with np.errstate(over="ignore"):
            l2 = self.scale * np.exp(special.log_gamma_1m(self.shape)) * two
        return self.mean(), l2, 2.0 * three / two - 3.0, (5.0 * four - 10.0 * three) / two + 6.0

    @classmethod
    def likelihood_start(cls, l1: Array, l2: Array, t3: Array, lowest: Array, highest: Array) -> Array:
        """The L-moment estimates, the shape drawn in until all values are in the support."""
        with np.errstate(invalid="ignore", divide="ignore"):
            loc, scale, shape = cls.from_lmoments(l1, l2, np.clip(t3, -0.15, 0.5)).T
            shape = np.where(highest > loc, np.maximum(shape, -0.9 * scale / (highest - loc)), shape)
            shape = np.where(lowest < loc, np.minimum(shape, 0.9 * scale / (loc - lowest)), shape)
        return np.stack([loc, scale, shape])

    @classmethod
    def likelihood_starts(
        cls,
        x: Array,
        present: Array | None,
        log_penalty: Callable[[Array], Array] | None,
        known: Array | None = None,
    ) -> tuple[NDArray[np.intp], Array]:
        """Every local maximum of the profile likelihood on a grid, with shape > -1: owner (c,), parameters (3, c).

        With theta = shape/s the data h = log1p(theta x)/theta are Gumbel with scale s, so for each theta the likelihood
        has one maximum in the other two parameters, found by the Gumbel solver; what is left is a function of theta
        alone. With x counted from the smallest observation theta runs from -1/max(x), where the upper endpoint meets
        the largest, to infinity, where the lower endpoint meets the smallest. Its value and slope at every tenth point
        of the grid say between which of them it may turn; only there is the whole grid looked at, and not where both
        ends lie far below what is ``known`` to be reached.
        """
        low = (x if present is None else np.where(present > 0, x, np.inf)).min(axis=-1, keepdims=True)
        above = x - low if present is None else np.where(present > 0, x - low, 0.0)
        grid = theta_grid(above, present)
        if log_penalty is None:
            owner, theta = where_it_may_turn(above, present, grid, known)
        else:
            owner, theta = np.arange(len(x)), grid
        there = None if present is None else present[owner]
        found = profile_on_grid(above[owner], there, theta)
        shape, value = theta * found.s, found.value
        if log_penalty is not None:
            value = value + log_penalty(shape)
        with np.errstate(invalid="ignore"):
            peak = (value[:, 1:-1] > value[:, :-2]) & (value[:, 1:-1] >= value[:, 2:]) & (shape[:, 1:-1] > -1.0)
        row, column = np.nonzero(peak)
        at, lane = (row, column + 1), owner[row]
        loc_above = special.expm1_over(theta[at], found.loc[at])
        scale = found.s[at] * np.exp(theta[at] * found.loc[at])
        return lane, np.stack([low[lane, 0] + loc_above, scale, shape[at]])

    def to_scipy(self) -> Any:
        """``scipy.stats.genextreme(c=-shape, loc, scale)``."""
        import scipy.stats

        return scipy.stats.genextreme(-self.shape, loc=self.loc, scale=self.scale)

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """The GEV of a frozen ``scipy.stats.genextreme``; shape = -c."""
        (c,), loc, scale = scipy_parameters(frozen, "genextreme")
        return cls(loc, scale, -np.asarray(c))
