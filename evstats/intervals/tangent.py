"""The tangent exponential model of a sample at its estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evstats.intervals.profile import Height, Lanes, Profile
from evstats.models import Likelihood
from evstats.models.likelihood import Pointwise

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

        The location moves the whole distribution, so that dl/dx = -dl/dloc, and both are sums over the location's row
        of the derivatives point by point.
        """
        likelihood, owner = self.profile.likelihood, self.profile.owner[rows]
        found, some = likelihood.pointwise(owner, theta, rows=1), self.directions[:, rows]
        phi = -np.vecdot(some, found.gradient[0])
        mixed = _by_coefficient(likelihood, owner, found.hessian[0])
        slopes = np.stack([-np.vecdot(some, column) for column in mixed], axis=1)
        if self.counted is not None:
            number, moved = _log_means(likelihood, owner, found)
            phi += np.vecdot(self.counted[:, rows], number)
            slopes += np.stack([np.vecdot(self.counted[:, rows], column) for column in moved], axis=1)
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
    directions = _by_coefficient(likelihood, lanes, moved)
    if not rates:
        return directions, None
    number, slopes = _log_means(likelihood, lanes, found)
    return directions, np.exp(number) * slopes


def _log_means(likelihood: Likelihood, lanes: Lanes, found: Pointwise) -> tuple[Array, Array]:
    """The logarithm of the mean number of events beyond each threshold, (rows, n), and its derivatives in the
    coefficients, (p, rows, n); 0 at points that are no threshold."""
    points = likelihood.points.rows(lanes)
    threshold = (points.events == 0.0) & (points.exposure > 0.0)
    with np.errstate(all="ignore"):
        number = np.where(threshold, np.log(points.exposure) - found.reduced.y, 0.0)
        moved = [
            np.where(threshold, -own * link, 0.0) for own, link in zip(found.reduced.y_first, found.links, strict=True)
        ]
    return number, _by_coefficient(likelihood, lanes, moved)


def _by_coefficient(likelihood: Likelihood, lanes: Lanes, by_predictor: Sequence[Array]) -> Array:
    """Derivatives in the coefficients, (p, rows, n), from those in the linear predictors."""
    columns: list[Array] = []
    for own, parameter in zip(by_predictor, likelihood.model.parameters, strict=True):
        design = parameter.rows(lanes)
        if not parameter.size:
            continue
        columns += [own] if design is None else [own * column for column in np.moveaxis(design, -1, 0)]
    return np.stack(columns)


def _log_determinant(matrices: Array) -> Array:
    """log |det| of matrices (k, k, rows)."""
    return np.linalg.slogdet(np.moveaxis(matrices, -1, 0))[1]
