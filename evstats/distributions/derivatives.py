"""The log-likelihood of a family and its derivatives: all from the reduced variate and the logarithm of its slope."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.distributions.batch import Batch
from evstats.distributions.probabilities import Probabilities
from evstats.newton import Evaluation


@dataclass(frozen=True, eq=False)
class Derivatives:
    """The log-density of each observation and its derivatives in the parameters, element by element.

    ``gradient[i]`` and ``hessian[i][j]`` are arrays shaped like ``logpdf``; ``hessian[j][i]`` is ``hessian[i][j]``.
    Outside the support ``logpdf`` is -inf and the derivatives are NaN.

    Attributes
    ----------
    logpdf
        The log-density, -inf outside the support.
    gradient
        A tuple of k arrays, one for each parameter.
    hessian
        A tuple of k tuples of k arrays.

    Examples
    --------
    >>> import evstats as ev
    >>> found = ev.Gumbel(100.0, 20.0).derivatives([90.0, 120.0])
    >>> found.logpdf.round(3), found.gradient[0].round(4)
    (array([-4.144, -4.364]), array([-0.0324,  0.0316]))
    """

    logpdf: Array
    gradient: tuple[Array, ...]
    hessian: tuple[tuple[Array, ...], ...]


class Reduced(NamedTuple):
    """The reduced variate of each observation and the logarithm of its slope, with derivatives in the parameters.

    ``y`` is -log Lambda, Lambda the intensity measure of the points beyond x on the extreme side (-log F for maxima),
    and ``log_slope`` is log |dy/dx|. ``y_first[i]`` and ``log_slope_first[i]`` are arrays that broadcast to the shape
    of ``y``; ``second(i, j)``, i <= j, gives the second derivatives of both. Beyond the end of the support on the
    extreme side y is +inf, beyond the other -inf, and derivatives have no meaning there.
    """

    y: Array
    log_slope: Array
    y_first: tuple[Array, ...]
    log_slope_first: tuple[Array, ...]
    second: Callable[[int, int], tuple[Array, Array]]


class Level(NamedTuple):
    """A value and its derivatives in the parameters: ``first[i]`` and ``second[i][j]`` broadcast to its shape."""

    value: Array
    first: tuple[Array, ...]
    second: tuple[tuple[Array, ...], ...]


@dataclass(frozen=True, eq=False, repr=False)
class Differentiable(Batch, Probabilities):
    """A distribution, or a batch of them, with its likelihood, whose sums a family may form faster."""

    @abstractmethod
    def reduced_derivatives(self, x: ArrayLike) -> Reduced:
        """The reduced variate and the logarithm of its slope, with first and second derivatives in the parameters.

        All that likelihoods ask of a family: density, both tails, the derivatives of levels and the directions of r*
        follow from it.

        Parameters
        ----------
        x
            Values, which broadcast against the batch.

        Returns
        -------
        Reduced
            Of the shape to which x and the batch broadcast.
        """

    def derivatives(self, x: ArrayLike) -> Derivatives:
        """The log-density with its first and second derivatives in the parameters, element by element.

        With Lambda = exp(-y) it is log |dy/dx| - y - Lambda. A family may form them faster.

        Parameters
        ----------
        x
            Values, which broadcast against the batch.

        Returns
        -------
        Derivatives
            Of the shape to which x and the batch broadcast.
        """
        r = self.reduced_derivatives(x)
        with np.errstate(all="ignore"):
            w = np.exp(-r.y)
            slope = w - 1.0
            logpdf = r.log_slope - r.y - w
            gradient = tuple(own + slope * y for own, y in zip(r.log_slope_first, r.y_first, strict=True))

            def entry(i: int, j: int) -> Array:
                y_second, log_slope_second = r.second(i, j)
                return log_slope_second + slope * y_second - w * r.y_first[i] * r.y_first[j]

            hessian = symmetric(entry, len(gradient))
        return Derivatives(np.where(np.isinf(r.y), -np.inf, logpdf)[()], gradient, hessian)

    def log_scale_derivatives(self, x: Array) -> Derivatives:
        """The same in the parameters with the logarithm of a scale in its place, as covariates move it.

        A family may form them faster; it need not mark what lies outside the support but by a ``logpdf`` that is not
        finite.

        Parameters
        ----------
        x
            Values, which broadcast against the batch.

        Returns
        -------
        Derivatives
            Of the shape to which x and the batch broadcast.
        """
        found = self.derivatives(x)
        turn = [getattr(self, name) if place in self.scales else 1.0 for place, name in enumerate(self.parameter_names)]

        def entry(i: int, j: int) -> Array:
            own = found.hessian[i][j] * turn[i] * turn[j]
            return own + found.gradient[i] * turn[i] if i == j and i in self.scales else own

        gradient = tuple(own * each for own, each in zip(found.gradient, turn, strict=True))
        return Derivatives(found.logpdf, gradient, symmetric(entry, len(turn)))

    def level_derivatives(self, y: ArrayLike) -> Level:
        """The level with the reduced variate y of a family of maxima, with two derivatives in the parameters.

        From y(level; parameters) = y; the locations together move the whole curve, so that d/dx is minus the sum of the
        derivatives in them.

        Parameters
        ----------
        y
            Reduced variates, which broadcast against the batch.

        Returns
        -------
        Level
            Of the shape to which y and the batch broadcast.
        """
        x = self.from_gumbel(y)
        r = self.reduced_derivatives(x)
        with np.errstate(all="ignore"):
            inverse = np.exp(-r.log_slope)
            first, slope = tuple(-own * inverse for own in r.y_first), r.log_slope_first
            along = sum(slope[place] for place in self.locations)
            second = symmetric(
                lambda i, j: (
                    along * first[i] * first[j]
                    - slope[i] * first[j]
                    - slope[j] * first[i]
                    - r.second(i, j)[0] * inverse
                ),
                len(first),
            )
        return Level(x, first, second)

    @classmethod
    def loglikelihoods(cls, parameters: Array, x: Array) -> Array:
        """Log-likelihood of one series x, (n,), at many parameters (..., k), shape (...); -inf outside the support.

        What samplers call thousands of times; a family may form the sums faster.

        Parameters
        ----------
        parameters
            (..., k).
        x
            Observations (n,), none missing.

        Returns
        -------
        Array
            Of shape (...).
        """
        return np.asarray(cls.from_parameters(parameters)[..., None].logpdf(x).sum(axis=-1))

    def summed_derivatives(self, x: Array, present: Array | None = None) -> Evaluation:
        """Log-likelihood of lanes (m, n) and its derivatives: value (m,), gradient (k, m), Hessian (k, k, m).

        The sums of ``derivatives`` over the last axis, of one distribution per lane. ``present`` is 1.0 for an
        observation and 0.0 for a missing one, whose x may be any value of the lane; None if all are there. A family may
        form the sums faster.

        Parameters
        ----------
        x
            Observations (m, n), a lane for each distribution.
        present
            (m, n), 1.0 for an observation and 0.0 for a missing one; None if all are there.

        Returns
        -------
        Evaluation
            Value (m,), gradient (k, m) and Hessian (k, k, m).
        """
        derivatives = self[:, None].derivatives(x)

        def total(array: Array) -> Array:
            return np.sum(array if present is None else np.where(present > 0, array, 0.0), axis=-1)

        k = len(derivatives.gradient)
        hessian = np.empty((k, k, len(x)))
        for i in range(k):
            for j in range(i, k):
                hessian[i, j] = hessian[j, i] = total(derivatives.hessian[i][j])
        return Evaluation(total(derivatives.logpdf), np.stack([*map(total, derivatives.gradient)]), hessian)

    def location_sums(self, x: Array, directions: Array) -> tuple[Array, Array]:
        """Sums along directions of the derivative of the log-density in the location, with their own derivatives.

        Of one distribution per lane, of maxima. A family may form the sums faster.

        Where there are several locations, all move together.

        Parameters
        ----------
        x
            Observations (m, n), a lane for each distribution.
        directions
            (d, m, n), the weights of the observations in each sum.

        Returns
        -------
        tuple of Array
            The sums (d, m), and their derivatives in the parameters (d, k, m).
        """
        found = self[:, None].derivatives(x)
        with np.errstate(all="ignore"):
            first = sum(found.gradient[i] for i in self.locations)
            seconds = [sum(found.hessian[i][j] for i in self.locations) for j in range(len(found.gradient))]
            return np.vecdot(directions, first), np.stack([np.vecdot(directions, each) for each in seconds], axis=1)


def symmetric(entry: Callable[[int, int], Array], k: int) -> tuple[tuple[Array, ...], ...]:
    """A symmetric k by k table from its upper half."""
    upper = {(i, j): entry(i, j) for i in range(k) for j in range(i, k)}
    return tuple(tuple(upper[min(i, j), max(i, j)] for j in range(k)) for i in range(k))
