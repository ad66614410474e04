"""The GEV of maxima over several durations: one curve of scales, to which the locations are in proportion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.distributions.derivatives import Reduced
from evstats.distributions.gev import GEV
from evstats.distributions.proportional import Proportional

#: The places of the parameters behind location, scale and shape.
_ETA, _THETA, _ORIGIN = 3, 4, 7


@dataclass(frozen=True, eq=False, repr=False)
class DurationGEV(Proportional):
    """The duration-dependent GEV (d-GEV): scale(d) = s0 (d + theta)^-eta, loc(d) in proportion to it, one shape.

    ``loc`` and ``scale`` are those of the reference duration, so that at ``duration`` both are ((duration +
    theta)/(reference + theta))^-eta times as large, counted from the origin. Duration, reference and origin are given.

    Attributes
    ----------
    loc, scale
        Of the reference duration, in the unit of the data.
    shape
        The shape, the same of all durations.
    eta
        The exponent by which intensities fall with the duration.
    theta
        What is added to the duration, in its unit.
    duration, reference, origin
        The duration that it is of, that which ``loc`` and ``scale`` are of, and from where ``loc`` counts; given
        and not estimated.

    References
    ----------
    - Koutsoyiannis, D., Kozonis, D. and Manetas, A. (1998). Journal of Hydrology 206, 118-135.

    Examples
    --------
    >>> from evstats.distributions import DurationGEV
    >>> rain = DurationGEV(30.0, 9.0, 0.1, 0.75, 5.0, [10.0, 60.0], 60.0, 0.0)
    >>> rain.isf(0.01).round(1)
    array([248. ,  82.6])
    """

    shape: Array
    eta: Array
    theta: Array
    duration: Array
    reference: Array
    origin: Array

    name = "dgev"
    label = "d-GEV"
    parameter_names = ("loc", "scale", "shape", "eta", "theta", "duration", "reference", "origin")
    around = GEV
    locations, given = (0, _ORIGIN), (5, 6, _ORIGIN)
    has_edge = True

    @property
    def growth(self) -> Array:
        """The logarithm of the factor."""
        return -self.eta * self._stretch

    @property
    def _stretch(self) -> Array:
        return np.asarray(np.log((self.duration + self.theta) / (self.reference + self.theta)))

    def reduced_derivatives(self, x: ArrayLike) -> Reduced:
        """Those in the logarithm of the factor, h = -eta log((d + theta)/(r + theta)), by the chain rule."""
        r = super().reduced_derivatives(x)
        with np.errstate(all="ignore"):
            inverses = 1.0 / (self.duration + self.theta), 1.0 / (self.reference + self.theta)
            apart = inverses[0] - inverses[1]
            first = {_ETA: -self._stretch, _THETA: -self.eta * apart}
            bent = self.eta * (inverses[0] ** 2 - inverses[1] ** 2)
        h, nothing = 3, np.zeros_like(first[_ETA])
        twice = {(_ETA, _ETA): nothing, (_ETA, _THETA): -apart, (_THETA, _THETA): bent}

        def spread(own: tuple[Array, ...]) -> tuple[Array, ...]:
            """From (loc, scale, shape, log factor, origin) to all parameters."""
            return (*own[:h], *(own[h] * each for each in first.values()), nothing, nothing, own[h + 1])

        def place(i: int) -> int:
            """Where a parameter stands among those five."""
            return i if i < h else h if i <= _THETA else h + 1

        def second(i: int, j: int) -> tuple[Array, Array]:
            if {i, j} & {5, 6}:
                return nothing, nothing
            y, log_slope = r.second(place(i), place(j))
            for moved in (first[at] for at in (i, j) if at in first):
                y, log_slope = y * moved, log_slope * moved
            if (i, j) in twice:
                y = y + r.y_first[h] * twice[i, j]
                log_slope = log_slope + r.log_slope_first[h] * twice[i, j]
            return y, log_slope

        with np.errstate(all="ignore"):
            return Reduced(r.y, r.log_slope, spread(r.y_first), spread(r.log_slope_first), second)


__all__ = ["DurationGEV"]
