"""The modified signed root by the covariances of the scores of single observations: for data of which some are known by
bounds, and so have no derivative in their value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from evstats.arrays import Array, Places
from evstats.intervals.base import Claim
from evstats.intervals.heights import Height
from evstats.intervals.likelihood_ratio import LikelihoodRatio, modified
from evstats.intervals.profile import Profile
from evstats.intervals.solving import Criterion
from evstats.intervals.tangent import departure, log_determinant
from evstats.quantities import Quantity


@dataclass(frozen=True)
class Severini(LikelihoodRatio):
    """The r* interval with q from the empirical covariances of the scores, for observations known by bounds.

    In Skovgaard's approximation the derivatives of the likelihood in the observations give way to covariances under the
    estimate of the scores there, s, with the scores and the log-likelihood at other parameters; Severini estimates them
    by sums over the observations: S(theta) = sum s_j s_j(theta)' and Q(theta) = sum s_j (l_j - l_j(theta)). Then q =
    |Q(tilde), S_lambda(tilde)|/|S(hat)| (|j(hat)|/|j_lambda(tilde)|)^1/2. Normal to second order; no simulation, and an
    observation needs no more than a likelihood.

    It is the interval of observations known by bounds taken unasked. Measured for the 100-year level at a nominal 95 %
    of 30 gauged years, shapes -0.2 to 0.2, 5,000 records each (``tests/studies/history.csv``): with a hundred years
    before them of which the peaks above the 20-year level, or their number, are known .948 to .958, .36 to .52 as wide
    as r* of the gauge alone; of those whose lowest 30 %, or highest 10 %, are only known to be that .941 to .965; in
    steps of half a scale .949 to .955. Of 60 gauged years .948 to .953 (.55 to .70 as wide), .941 to .954 and .947 to
    .955.

    References
    ----------
    - Skovgaard, I. M. (1996). Bernoulli 2, 145-165.
    - Severini, T. A. (1999). Biometrika 86, 235-247.

    Examples
    --------
    >>> import evstats as ev
    >>> floods = ev.observed([31.0, 20.0, 40.0, 36.0, 28.0, 52.0, 33.0], [31.0, 25.0, 45.0, 36.0, 28.0, 52.0, 33.0])
    >>> fit = ev.fit(floods, "gumbel")
    >>> fit.return_level([10], interval=ev.intervals.Severini()).round(0)
                   estimate  lower  upper
    return_period
    10.0               47.0   38.0   74.0
    """

    of_peaks = of_largest = False
    of_covariates = True
    name = "severini"
    label = "r*, empirical covariances of the scores"
    literature: ClassVar[tuple[str, ...]] = (
        "Skovgaard, I. M. (1996). Bernoulli 2, 145-165.",
        "Severini, T. A. (1999). Biometrika 86, 235-247.",
    )
    claim = Claim.HIGHER_ORDER

    def criterion(self, profile: Profile, quantity: Quantity, tail: float) -> Criterion:
        """The normal quantile less the difference between r* and r; the plain quantile where q does not exist."""
        return modified(ScoreModel.of(profile).departure, tail)


@dataclass(frozen=True, eq=False)
class ScoreModel:
    """What q needs of every sample at its estimate: the log-likelihood (m, points), score (p, m, points) of one
    observation of each point, and ``log_ratio`` (m,), log(|j|^1/2/|S|) there.
    """

    profile: Profile
    value: Array
    score: Array
    log_ratio: Array

    @classmethod
    def of(cls, profile: Profile) -> ScoreModel:
        """The model at the estimates; equal observations are one point, whose derivatives are those of all.

        Of a process the time that was watched is moments without number, whose products vanish in any unit of time.
        """
        sample, likelihood, points = profile.sample, profile.likelihood, profile.likelihood.points
        lanes = np.arange(len(sample.fitted))
        found = likelihood.pointwise(lanes, sample.estimate)
        scores = likelihood.by_coefficient(lanes, found.gradient)
        alike = np.maximum(np.maximum(points.events, points.exposure), points.passed)
        if likelihood.model.family.rates:
            alike = np.where(points.exposure > 0.0, np.inf, alike)
        score = scores / np.where(alike > 0.0, alike, 1.0)
        information = np.einsum("amn,bmn->abm", score, scores)
        with np.errstate(all="ignore"):
            observed = log_determinant(-likelihood(lanes, sample.estimate).hessian)
            return cls(profile, found.value, score, 0.5 * observed - log_determinant(information))

    def departure(self, rows: Places, height: Height) -> Array:
        """|q|, the standardised departure of the constrained from the unconstrained estimate, (rows,)."""
        owner, likelihood = self.profile.owner[rows], self.profile.likelihood
        found, score = likelihood.pointwise(owner, height.theta), self.score[:, owner]
        fallen = np.vecdot(score, self.value[owner] - found.value)
        slopes = np.einsum("arn,brn->abr", score, likelihood.by_coefficient(owner, found.gradient))
        return departure(fallen, slopes, self.log_ratio[owner], height)


__all__ = ["ScoreModel", "Severini"]
