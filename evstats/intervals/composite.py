"""The profile of a composite likelihood, scaled by the Godambe information."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import scipy.stats

from evstats.estimators import Estimation
from evstats.intervals.base import Claim
from evstats.intervals.likelihood_ratio import Criterion, LikelihoodRatio
from evstats.intervals.profile import Profile
from evstats.models.composite import Godambe
from evstats.quantities import Quantity


@dataclass(frozen=True)
class Composite(LikelihoodRatio):
    """The profile of a likelihood that takes the durations of a year for independent, scaled for their dependence.

    The likelihood ratio of one quantity is, in large samples, not chi-square but lambda times that, lambda the variance
    of its estimate by the Godambe information over that by the likelihood (Ribatet, Cooley and Davison 2012; of one
    quantity the adjustment of curvature by Chandler and Bate 2007 is the same). It is divided by lambda, whose scores
    of years are those of the jackknife (``Godambe``), and held against the quantile of Student's t with one degree of
    freedom less than years.

    Measured in ``tests/studies/durations.csv``.

    References
    ----------
    Chandler, R. E. and Bate, S. (2007). Biometrika 94, 167-183.
    Ribatet, M., Cooley, D. and Davison, A. C. (2012). Statistica Sinica 22, 813-845.
    Mancl, L. A. and DeRouen, T. A. (2001). Biometrics 57, 126-134 (scores of few clusters).
    """

    of_durations: ClassVar[bool] = True
    of_peaks = of_bounds = of_largest = False
    name = "composite"
    label = "composite profile likelihood, scaled by Godambe's information"
    literature = (
        "Chandler, R. E. and Bate, S. (2007). Biometrika 94, 167-183.",
        "Ribatet, M., Cooley, D. and Davison, A. C. (2012). Statistica Sinica 22, 813-845.",
        "Mancl, L. A. and DeRouen, T. A. (2001). Biometrics 57, 126-134 (scores of few clusters).",
    )
    claim = Claim.NOMINAL

    def refusal(self, estimation: Estimation) -> str | None:
        """It is for maxima of several durations."""
        if estimation.per_block == 1:
            return f"the {self.name} interval is for maxima of several durations of the same years (duration_maxima)."
        return super().refusal(estimation)

    def criterion(self, profile: Profile, quantity: Quantity, tail: float) -> Criterion:
        """The quantile of Student's t times the root of the inflation of the variance."""
        sample = profile.sample
        everyone = np.arange(len(sample.fitted))
        information = Godambe.of(sample.likelihood, everyone, sample.estimate, sample.per_block)
        by_year = sample.likelihood.points.events.reshape(len(everyone), -1, sample.per_block)
        years = np.count_nonzero(by_year.any(axis=-1), axis=-1)
        quantile = -scipy.stats.t.ppf(tail, np.maximum(years - 1, 1))[profile.owner]
        limit = quantile * np.sqrt(information.rows(profile.owner).inflation(profile.gradient()))
        return lambda rows, side, value, height, root: limit[rows]


__all__ = ["Composite"]
