"""Where tempering and annealing begin: a normalised distribution with independent draws, wider than the target."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from evstats import noise
from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError
from evstats.montecarlo import chains as chain
from evstats.montecarlo.chains import LogDensity, Target
from evstats.noise import RandomState

__all__ = ["Normal", "Path", "Reference", "blend", "cholesky", "reference_of"]

_TRIES = 200


class Reference(Protocol):
    """Independent draws and a normalised log-density, such as a prior or ``scipy.stats.multivariate_normal(...)``."""

    def rvs(self, size: Any, rng: Any, /) -> Any:
        """Draws, shape (size, dim)."""

    def logpdf(self, x: Any, /) -> Any:
        """Logarithm of their normalised density: points (..., dim) to (...)."""


@dataclass(frozen=True, eq=False)
class Normal:
    """A multivariate normal distribution as a reference.

    Parameters
    ----------
    mean
        Shape (dim,).
    covariance
        Shape (dim, dim), or standard deviations squared, shape (dim,).

    Examples
    --------
    >>> from evstats.montecarlo import Normal
    >>> Normal([0.0, 1.0], [4.0, 9.0]).rvs(3, rng=1).shape
    (3, 2)
    """

    mean: Array
    covariance: Array

    def __init__(self, mean: ArrayLike, covariance: ArrayLike) -> None:
        centre, spread = np.atleast_1d(np.asarray(mean, dtype=np.float64)), np.asarray(covariance, dtype=np.float64)
        spread = np.diag(spread) if spread.ndim == 1 else spread
        if centre.ndim != 1 or spread.shape != (centre.size, centre.size):
            raise ArgumentError(f"mean has shape {centre.shape} and covariance {spread.shape}; they do not match.")
        try:
            factor = np.linalg.cholesky(spread)
        except np.linalg.LinAlgError as error:
            raise ArgumentError("covariance is not positive definite.") from error
        object.__setattr__(self, "mean", centre)
        object.__setattr__(self, "covariance", spread)
        object.__setattr__(self, "_factor", factor)

    def rvs(self, size: int, rng: RandomState = None) -> Array:
        """Independent draws, shape (size, dim).

        Parameters
        ----------
        size
            How many.
        rng
            None for fresh noise, an integer, ``SeedSequence`` or ``Generator``.

        Returns
        -------
        Array
            (size, dim).
        """
        z = noise.generator(rng).standard_normal((size, self.mean.size))
        return np.asarray(self.mean + z @ self._factor.T)  # type: ignore[attr-defined]

    def logpdf(self, x: ArrayLike) -> Array:
        """Log-density at points (..., dim), shape (...).

        Parameters
        ----------
        x
            (..., dim).

        Returns
        -------
        Array
            (...).
        """
        centred = np.asarray(x, dtype=np.float64) - self.mean
        factor = self._factor  # type: ignore[attr-defined]
        # LAPACK itself: chains ask at every step, and the checks of solve_triangular take longer than the solving.
        z, _ = linalg.lapack.dtrtrs(factor.T, centred.reshape(-1, self.mean.size).T, lower=0, trans=1)
        constant = 0.5 * self.mean.size * math.log(2.0 * math.pi) + float(np.log(np.diag(factor)).sum())
        found = -0.5 * (z * z).sum(axis=0).reshape(centred.shape[:-1]) - constant
        return np.where(np.isinf(centred).any(axis=-1), -np.inf, found)


class Path:
    """The densities between a reference and a target: logarithms (1 - beta) log q + beta log p."""

    def __init__(self, logpdf: LogDensity, reference: Reference, dim: int) -> None:
        self.target = Target(logpdf, dim)
        self.reference = reference
        self.dim = dim

    def draws(self, size: int, random: noise.Generator) -> Array:
        """Independent draws of the reference, shape (size, dim)."""
        drawn = np.asarray(self.reference.rvs(size, random), dtype=np.float64)
        if (drawn.shape == (size,) and self.dim == 1) or (drawn.shape == (self.dim,) and size == 1):
            drawn = drawn.reshape(size, self.dim)
        if drawn.shape != (size, self.dim):
            raise ArgumentError(
                f"reference.rvs({size}, rng) returned shape {drawn.shape}",
                f"expected ({size}, {self.dim}).",
            )
        return drawn

    def base(self, points: Array) -> Array:
        """The reference's log-density, shape (...)."""
        flat = points.reshape(-1, self.dim)
        values = np.asarray(self.reference.logpdf(flat), dtype=np.float64)
        if values.shape == (len(flat), 1):
            values = values[:, 0]
        if values.shape != (len(flat),):
            raise ArgumentError(f"reference.logpdf returned shape {values.shape} for {len(flat)} points.")
        return values.reshape(points.shape[:-1])

    def ratio(self, target: Array, base: Array) -> Array:
        """log p - log q; -inf where the target has no density."""
        with np.errstate(invalid="ignore"):
            return np.where(target == -np.inf, -np.inf, target - base)

    def supported(self, size: int, random: noise.Generator) -> Array:
        """Draws of the reference at which the target has a density."""
        found = np.empty((0, self.dim))
        for _ in range(_TRIES):
            drawn = self.draws(size, random)
            found = np.concatenate([found, drawn[self.target(drawn) > -np.inf]])
            if len(found) >= size:
                return found[:size]
        raise DataError(
            f"the target has a density at only {len(found)} of {_TRIES * size} draws of the reference: choose a "
            "reference that covers it, or pass start."
        )


def blend(beta: Array | float, target: Array, base: Array) -> Array:
    """(1 - beta) log q + beta log p, with 0 times -inf counted as 0."""
    with np.errstate(invalid="ignore"):
        part = np.where(beta > 0.0, beta * target, 0.0)
        rest = np.where(beta < 1.0, (1.0 - beta) * base, 0.0)
    return np.asarray(part + rest)


def reference_of(reference: Reference | None, points: Array | None) -> tuple[Reference, int]:
    """The reference and its dimension; by default the normal distribution of the starting points."""
    if reference is not None:
        if not (hasattr(reference, "rvs") and hasattr(reference, "logpdf")):
            raise ArgumentError(f"reference is {type(reference).__name__}; it must have rvs and logpdf.")
        if points is not None:
            return reference, points.shape[1]
        drawn = np.asarray(reference.rvs(2, noise.generator(0)))
        return reference, 1 if drawn.ndim == 1 else int(drawn.shape[1])
    if (
        points is None
        or len(points) <= points.shape[1]
        or np.linalg.matrix_rank(points - points.mean(axis=0)) < (points.shape[1])
    ):
        raise ArgumentError(
            "without a reference, start must hold more points than dimensions, spread as wide as the target: its mean "
            "and covariance are those of the reference. Pass more starting points, or reference=Normal(mean, cov)."
        )
    return Normal(points.mean(axis=0), np.atleast_2d(np.cov(points.T))), points.shape[1]


def cholesky(points: Array) -> Array:
    """Cholesky factors of the covariances of clouds (..., m, dim) of points, shape (..., dim, dim)."""
    centred = points - points.mean(axis=-2, keepdims=True)
    return chain.cholesky(np.swapaxes(centred, -1, -2) @ centred / max(points.shape[-2] - 1, 1))
