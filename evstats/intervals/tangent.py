"""The tangent exponential model of a sample at its estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evstats.arrays import Array, Places
from evstats.intervals.heights import Height, Heights
from evstats.models import Likelihood


@dataclass(frozen=True, eq=False)
class TangentModel:
    """The canonical parameter phi of each row and what q needs of it at the estimate.

    Of independent samples, each with coefficients of its own, that of all is those of each, one after the other.
    ``directions`` (p, rows, n) of each are the derivatives of its observations in its coefficients at fixed
    probabilities, and ``counted`` those of the mean numbers of events, of peaks over a threshold, whose number is an
    observation too; ``phi_hat`` (p, rows) and ``log_ratio_hat`` (rows,) are phi and log(|j|^1/2 / |phi_theta|) there.
    """

    samples: tuple[Likelihood, ...]
    owner: Places
    directions: tuple[Array, ...]
    counted: tuple[Array | None, ...]
    phi_hat: Array
    log_ratio_hat: Array

    @classmethod
    def of(cls, profile: Heights) -> TangentModel:
        """The model at the estimate of every row."""
        rows, theta, owner, samples = np.arange(len(profile.owner)), profile.theta_hat(), profile.owner, profile.samples
        each = list(zip(samples, np.split(theta, _ends(samples)), strict=True))
        directions, counted = zip(*(_directions(one, owner, own) for one, own in each), strict=True)
        bare = cls(samples, owner, directions, counted, np.zeros(theta.shape), np.zeros(len(rows)))
        phi, slopes = bare.canonical(rows, theta)
        with np.errstate(all="ignore"):
            informed = sum(log_determinant(-one(owner, own).hessian) for one, own in each)
            log_ratio = 0.5 * informed - log_determinant(slopes)
        return cls(samples, owner, directions, counted, phi, log_ratio)

    def canonical(self, rows: Places, theta: Array) -> tuple[Array, Array]:
        """phi (p, rows) and its derivatives phi_theta (p, p, rows) at coefficients theta.

        The locations together move the whole distribution, so that dl/dx = -dl/dloc, and both are sums over the
        location's row (rows) of the derivatives point by point.
        """
        phi, slopes, start = np.empty(theta.shape), np.zeros((len(theta), *theta.shape)), 0
        lanes = self.owner[rows]
        for one, directions, means in zip(self.samples, self.directions, self.counted, strict=True):
            own = slice(start, start := start + len(directions))
            phi[own], slopes[own, own] = one.along(lanes, theta[own], -directions[:, rows])
            if means is not None:
                number, moved = one.log_means(lanes, theta[own])
                counted = means[:, rows]
                number = np.where((counted != 0.0).any(axis=0), number, 0.0)  # not of years that other series have
                phi[own] += np.vecdot(counted, number)
                slopes[own, own] += np.einsum("arn,brn->abr", counted, moved)
        return phi, slopes

    def departure(self, rows: Places, height: Height) -> Array:
        """|q|, the standardised departure of the constrained from the unconstrained estimate, (rows,)."""
        phi, slopes = self.canonical(rows, height.theta)
        return departure(self.phi_hat[:, rows] - phi, slopes, self.log_ratio_hat[rows], height)


def departure(moved: Array, slopes: Array, log_ratio: Array, height: Height) -> Array:
    """|q| of a canonical parameter that has moved (p, rows) from the estimate to ``height``, where it has the
    derivatives ``slopes`` (p, p, rows); ``log_ratio`` is log(|j|^1/2/|slopes|) at the estimate.
    """
    nuisance = np.einsum("ijr,jar->iar", slopes, height.tangents)
    matrix = np.concatenate([moved[:, None], nuisance], axis=1)
    log_q = log_determinant(matrix) + log_ratio - 0.5 * log_determinant(-height.hessian)
    return np.exp(log_q)


def _ends(samples: tuple[Likelihood, ...]) -> Array:
    """Where the coefficients of each sample end and those of the next begin."""
    return np.cumsum([one.model.size for one in samples])[:-1]


def _directions(likelihood: Likelihood, lanes: Places, theta: Array) -> tuple[Array, Array | None]:
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


def log_determinant(matrices: Array) -> Array:
    """log |det| of matrices (k, k, rows)."""
    return np.linalg.slogdet(np.moveaxis(matrices, -1, 0))[1]
