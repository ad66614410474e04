"""The tangent exponential model of a sample at its estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evstats.intervals.profile import Height, Lanes, Profile
from evstats.models import Likelihood

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TangentModel:
    """The canonical parameter phi of each row and what q needs of it at the estimate.

    ``directions`` (p, rows, n) are the derivatives of the observations in the coefficients at fixed probabilities, and
    ``counted`` those of the mean numbers of events, of peaks over a threshold, whose number is an observation too;
    ``phi_hat`` (p, rows) and ``log_ratio_hat`` (rows,) are phi and log(|j|^1/2 / |phi_theta|) there.
    """

    profile: Profile
    directions: Array
    counted: Array | None
    phi_hat: Array
    log_ratio_hat: Array

    @classmethod
    def of(cls, profile: Profile) -> TangentModel:
        """The model at the estimate of every row."""
        rows, theta = np.arange(len(profile.owner)), profile.theta_hat()
        p = len(theta)
        directions, counted = _directions(profile.likelihood, profile.owner, theta)
        bare = cls(profile, directions, counted, np.zeros((p, len(rows))), np.zeros(len(rows)))
        phi, slopes = bare.canonical(rows, theta)
        information = -profile.likelihood(profile.owner, theta).hessian
        with np.errstate(all="ignore"):
            log_ratio = 0.5 * _log_determinant(information) - _log_determinant(slopes)
        return cls(profile, directions, counted, phi, log_ratio)

    def canonical(self, rows: Lanes, theta: Array) -> tuple[Array, Array]:
        """phi (p, rows) and its derivatives phi_theta (p, p, rows) at coefficients theta.

        The locations together move the whole distribution, so that dl/dx = -dl/dloc, and both are sums over the
        location's row (rows) of the derivatives point by point.
        """
        likelihood, owner = self.profile.likelihood, self.profile.owner[rows]
        phi, slopes = likelihood.along(owner, theta, self.directions[:, rows])
        phi, slopes = -phi, -slopes
        if self.counted is not None:
            number, moved = likelihood.log_means(owner, theta)
            counted = self.counted[:, rows]
            number = np.where((counted != 0.0).any(axis=0), number, 0.0)  # not of years that other series have
            phi += np.vecdot(counted, number)
            slopes += np.einsum("arn,brn->abr", counted, moved)
        return phi, slopes

    def departure(self, rows: Lanes, height: Height) -> Array:
        """|q|, the standardised departure of the constrained from the unconstrained estimate, (rows,)."""
        phi, slopes = self.canonical(rows, height.theta)
        nuisance = np.einsum("ijr,jar->iar", slopes, height.tangents)
        matrix = np.concatenate([(self.phi_hat[:, rows] - phi)[:, None], nuisance], axis=1)
        log_q = _log_determinant(matrix) + self.log_ratio_hat[rows] - 0.5 * _log_determinant(-height.hessian)
        return np.exp(log_q)


def _directions(likelihood: Likelihood, lanes: Lanes, theta: Array) -> tuple[Array, Array | None]:
    """The derivatives of the observations in the coefficients at fixed probabilities, -y_theta/y_x; (p, rows, n).

    Of a family with a rate the sizes are observed, in which it has no part, and the number of events, whose derivative
    is that of its mean.
    """
    found, rates = likelihood.pointwise(lanes, theta), likelihood.model.family.rates
    observed = likelihood.points.rows(lanes).events
    with np.errstate(all="ignore"):
        inverse = np.exp(-found.reduced.log_slope) * observed
        moved = [
            np.where((observed > 0.0) & (place not in rates), -own * link * inverse, 0.0)
            for place, (own, link) in enumerate(zip(found.reduced.y_first, found.links, strict=True))
        ]
    directions = likelihood.by_coefficient(lanes, moved)
    if not rates:
        return directions, None
    number, slopes = likelihood.log_means(lanes, theta)
    return directions, np.exp(number) * slopes


def _log_determinant(matrices: Array) -> Array:
    """log |det| of matrices (k, k, rows)."""
    return np.linalg.slogdet(np.moveaxis(matrices, -1, 0))[1]
