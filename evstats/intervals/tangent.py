"""The tangent exponential model of a sample at its estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evstats.distributions import Family
from evstats.intervals.profile import Height, Lanes, Profile

Array = NDArray[np.float64]

_STEP = 1e-3
_OFFSETS = np.array([-2.0, -1.0, 1.0, 2.0]) * _STEP
_WEIGHTS = np.array([1.0, -8.0, 8.0, -1.0]) / (12.0 * _STEP)


@dataclass(frozen=True, eq=False)
class TangentModel:
    """The canonical parameter phi of each row and what q needs of it at the estimate.

    ``directions`` (k, rows, n) are the derivatives of the observations in (loc, log scale, shape) at fixed
    probabilities; ``phi_hat`` (k, rows) and ``log_ratio_hat`` (rows,) are phi and log(|j|^1/2 / |phi_theta|) there.
    """

    profile: Profile
    directions: Array
    phi_hat: Array
    log_ratio_hat: Array

    @classmethod
    def of(cls, profile: Profile) -> TangentModel:
        """The model at the estimate of every row."""
        rows = np.arange(len(profile.owner))
        x, present = profile.likelihood.rows(profile.owner)
        family, k = profile.likelihood.family, 2 + profile.has_shape
        theta = profile.theta_hat()[:k]
        directions = np.stack([np.ones_like(x), x, _shape_direction(family, theta, x)][:k])
        if present is not None:
            directions = directions * present
        bare = cls(profile, directions, np.zeros((k, len(rows))), np.zeros(len(rows)))
        phi, slopes = bare.canonical(rows, theta)
        information = -profile.likelihood(profile.owner, theta).hessian
        with np.errstate(all="ignore"):
            log_ratio = 0.5 * _log_determinant(information) - _log_determinant(slopes)
        return cls(profile, directions, phi, log_ratio)

    def canonical(self, rows: Lanes, theta: Array) -> tuple[Array, Array]:
        """phi (k, rows) and its derivatives phi_theta (k, k, rows) at theta = (loc, log scale, shape).

        A location family has dl/dx = -dl/dloc, so both are sums over the location's row of ``derivatives``.
        """
        x, _ = self.profile.likelihood.rows(self.profile.owner[rows])
        parameters = np.array(theta)
        parameters[1] = np.exp(theta[1])
        parameters[:, ~np.isfinite(parameters).all(axis=0) | (parameters[1] <= 0.0)] = np.nan
        derivatives = self.profile.likelihood.family.from_parameters(parameters.T)[:, None].derivatives(x)
        some = self.directions[:, rows]
        phi = -np.vecdot(some, derivatives.gradient[0])
        slopes = np.stack([-np.vecdot(some, entry) for entry in derivatives.hessian[0]], axis=1)
        slopes[:, 1] *= parameters[1]  # from the scale to its logarithm
        return phi, slopes

    def departure(self, rows: Lanes, height: Height) -> Array:
        """|q|, the standardised departure of the constrained from the unconstrained estimate, (rows,)."""
        k = len(self.phi_hat)
        phi, slopes = self.canonical(rows, height.theta[:k])
        nuisance = np.einsum("ijr,jar->iar", slopes, height.tangents)
        matrix = np.concatenate([(self.phi_hat[:, rows] - phi)[:, None], nuisance], axis=1)
        log_q = _log_determinant(matrix) + self.log_ratio_hat[rows] - 0.5 * _log_determinant(-height.hessian)
        return np.exp(log_q)


def _shape_direction(family: type[Family], theta: Array, x: Array) -> Array:
    """dx/dshape at fixed probability, by a fourth-order difference of the family's own map."""
    if len(theta) < 3:
        return x
    zero, one = np.zeros(len(x)), np.ones(len(x))
    reduced = family.from_parameters(np.stack([zero, one, theta[2]], axis=-1))[:, None].reduced(x)
    moved = [
        weight * family.from_parameters(np.stack([zero, one, theta[2] + offset], axis=-1))[:, None].from_gumbel(reduced)
        for weight, offset in zip(_WEIGHTS, _OFFSETS, strict=True)
    ]
    return np.sum(moved, axis=0)


def _log_determinant(matrices: Array) -> Array:
    """log |det| of matrices (k, k, rows)."""
    return np.linalg.slogdet(np.moveaxis(matrices, -1, 0))[1]
