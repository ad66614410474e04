"""What a component of a mixture density is: a monotone map of standard Gumbel noise, its density and both tails.

The formulas are those of ``evstats.distributions``, for arrays of any library and differentiable in all they are given:
through shape 0, and beyond the support, where the density is 0 and every derivative 0 too.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from array_api_compat import array_namespace, is_jax_array, is_torch_array

from evstats.errors import unknown_name
from evstats.sampling.arrays import Array

__all__ = ["Component", "GEVComponent", "GumbelComponent", "NormalComponent", "component_named"]

_LOG_2 = math.log(2.0)
_HALF_LOG_2_PI = 0.5 * math.log(2.0 * math.pi)
#: The median of the standard Gumbel distribution.
_MEDIAN = -math.log(_LOG_2)
#: Below this log1p(t)/t and expm1(t)/t are power series, whose derivatives keep their digits too.
_NEAR = 0.05
_LOG1P_SERIES = tuple((-1.0) ** k / (k + 1) for k in range(14))
_EXPM1_SERIES = tuple(1.0 / math.factorial(k + 1) for k in range(12))
#: Below this log((1 - exp(-e))/e) is -e/2 to rounding.
_TINY = 1e-8
#: Terms of JAX's series for the logarithm of a normal tail beyond 20 (in float32 10) standard deviations.
_SERIES_ORDER = 8


class Component(ABC):
    """A family in standard form: of z = (x - loc)/scale, and of a shape where it has one."""

    name: ClassVar[str]
    parameters: ClassVar[tuple[str, ...]] = ("loc", "scale")
    #: The standard deviation of the standard form, for starting values.
    spread: ClassVar[float]
    #: Its median.
    median: ClassVar[float]

    @abstractmethod
    def standard(self, g: Array, shape: Array | None) -> Array:
        """z of standard Gumbel noise, increasing in it."""

    @abstractmethod
    def log_density(self, z: Array, shape: Array | None) -> Array:
        """Logarithm of the density; -inf outside the support."""

    @abstractmethod
    def log_tails(self, z: Array, shape: Array | None) -> tuple[Array, Array]:
        """Logarithms of the probabilities of a value below z, and above, to full precision."""


class NormalComponent(Component):
    """The standard normal distribution."""

    name, spread, median = "normal", 1.0, 0.0

    def standard(self, g: Array, shape: Array | None) -> Array:
        """The quantile of the noise's probability, from its nearer tail."""
        xp = array_namespace(g)
        e = xp.exp(-g)
        lower = g < _MEDIAN
        tail = _normal("ndtri", xp.where(lower, xp.exp(-e), -xp.expm1(-e)))
        return xp.where(lower, tail, -tail)

    def log_density(self, z: Array, shape: Array | None) -> Array:
        """``-z^2/2 - log(2 pi)/2``."""
        return -0.5 * z * z - _HALF_LOG_2_PI

    def log_tails(self, z: Array, shape: Array | None) -> tuple[Array, Array]:
        """By ``log_ndtr`` of either sign."""
        return _normal("log_ndtr", z), _normal("log_ndtr", -z)


class GumbelComponent(Component):
    """The standard Gumbel distribution of maxima."""

    name, spread, median = "gumbel", math.pi / math.sqrt(6.0), _MEDIAN

    def standard(self, g: Array, shape: Array | None) -> Array:
        """The noise itself."""
        return g

    def log_density(self, z: Array, shape: Array | None) -> Array:
        """``-z - exp(-z)``."""
        xp = array_namespace(z)
        beyond, z = _beyond_exponent(z)
        return xp.where(beyond, -xp.inf, -z - xp.exp(-z))

    def log_tails(self, z: Array, shape: Array | None) -> tuple[Array, Array]:
        """``-exp(-z)``, and log(1 - exp(-exp(-z))) as in ``evstats.distributions``."""
        xp = array_namespace(z)
        beyond, z = _beyond_exponent(z)
        e = xp.exp(-z)
        near, tiny = e < _LOG_2, e < _TINY
        upper = xp.where(near & ~tiny, e, 0.5)
        small = -z + xp.where(tiny, -0.5 * e, xp.log(-xp.expm1(-upper) / upper))
        large = xp.log1p(-xp.exp(-xp.where(near, 1.0, e)))
        return xp.where(beyond, -xp.inf, -e), xp.where(beyond, 0.0, xp.where(near, small, large))


class GEVComponent(GumbelComponent):
    """The generalised extreme-value distribution with location 0 and scale 1: a Gumbel of log1p(shape z)/shape."""

    name, parameters = "gev", ("loc", "scale", "shape")

    def standard(self, g: Array, shape: Array | None) -> Array:
        """``expm1(shape g)/shape``."""
        return g * _over_itself("expm1", shape * g, _EXPM1_SERIES)

    def log_density(self, z: Array, shape: Array | None) -> Array:
        """With y = log1p(shape z)/shape that of y less ``shape y``."""
        xp = array_namespace(z)
        y, outside = self._reduced(z, shape)
        return xp.where(outside, -xp.inf, super().log_density(y, None) - shape * y)

    def log_tails(self, z: Array, shape: Array | None) -> tuple[Array, Array]:
        """Those of y; all of the distribution lies above a lower, or below an upper endpoint."""
        xp = array_namespace(z)
        y, outside = self._reduced(z, shape)
        below, above = super().log_tails(y, None)
        low = outside & (z < 0.0)
        high = outside & ~low
        below, above = xp.where(high, 0.0, below), xp.where(low, 0.0, above)
        return xp.where(low, -xp.inf, below), xp.where(high, -xp.inf, above)

    @staticmethod
    def _reduced(z: Array, shape: Array | None) -> tuple[Array, Array]:
        """The reduced variate, something finite outside the support, and where that is."""
        xp = array_namespace(z)
        t = shape * z
        outside = t <= -1.0
        return z * _over_itself("log1p", xp.where(outside, 0.0, t), _LOG1P_SERIES), outside


_COMPONENTS: dict[str, Component] = {one.name: one for one in (NormalComponent(), GumbelComponent(), GEVComponent())}


def component_named(family: Any) -> Component:
    """The component with that name."""
    if not isinstance(family, str) or family not in _COMPONENTS:
        raise unknown_name("family", family, _COMPONENTS)
    return _COMPONENTS[family]


def _beyond_exponent(z: Array) -> tuple[Array, Array]:
    """Where exp(-z) would overflow, and z with 0 there: so that neither it nor its derivative is infinite."""
    xp = array_namespace(z)
    beyond = z <= 1.0 - math.log(float(xp.finfo(z.dtype).max))
    return beyond, xp.where(beyond, 0.0, z)


def _over_itself(function: str, t: Array, series: tuple[float, ...]) -> Array:
    """log1p(t)/t or expm1(t)/t: near 0 its power series, elsewhere the quotient, whose arguments are never both."""
    xp = array_namespace(t)
    near = xp.abs(t) < _NEAR
    close, far = xp.where(near, t, 0.0), xp.where(near, 1.0, t)
    total = series[-1] + 0.0 * close
    for coefficient in series[-2::-1]:
        total = total * close + coefficient
    return xp.where(near, total, getattr(xp, function)(far) / far)


def _normal(function: str, z: Array) -> Array:
    """``ndtri`` or ``log_ndtr`` of the library."""
    if is_torch_array(z):
        import torch

        return getattr(torch.special, function)(z)
    if is_jax_array(z):
        import jax

        further = {"series_order": _SERIES_ORDER} if function == "log_ndtr" else {}
        return getattr(jax.scipy.special, function)(z, **further)
    import scipy.special

    with np.errstate(divide="ignore"):
        return getattr(scipy.special, function)(z)
