"""Credible intervals of Bayesian fits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from evstats.arrays import Array
from evstats.estimators import Bayes, Estimation, Fiducial, Prior, Regression
from evstats.estimators.coefficient_posterior import coefficients_drawn
from evstats.intervals.base import Claim, Interval, Simulation
from evstats.intervals.shape_posterior import credible_limits, prior_by_quadrature
from evstats.quantities import Quantity
from evstats.text.arguments import Setting, Text


@dataclass(frozen=True)
class Credible(Interval):
    """The credible interval: the central part of the posterior.

    Quantiles of the quantity over the draws of a Bayesian fit, and of a GEV under a normal shape by quadrature.

    Of the 100-year level of peaks over a threshold nominal 95 % held .944 to .959 by the fiducial distribution, .935 to
    .949 under the mdi prior, .939 to .950 under the flat and .910 to .961 under Jeffreys' (20 to 200 peaks, two a year,
    shapes -.2 to .2, 8,000 records each, ``tests/studies/peaks_credible.csv``).

    With covariates, the location of a GEV rising by one scale over 30 and 60 blocks, shapes -.1 and .1, 200 samples
    each (``trends_credible.csv``: give or take .016), nominal 95 % held for the slope .925 to .945 under the flat and
    .935 to .950 under the normal prior, for the 100-year level at the last block .905 to .940 and .945 to .965.

    References
    ----------
    - Coles (2001), section 9.1.3.

    Examples
    --------
    >>> import evstats as ev
    >>> floods = [31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8]
    >>> fit = ev.fit(floods, "gev", method="bayes", prior="normal", rng=1)
    >>> fit.return_level([100], interval=ev.intervals.Credible()).round(0)
                   estimate  lower  upper
    return_period
    100.0              64.0   52.0  129.0
    """

    name = "credible"
    label = "credible"
    literature = ("Coles (2001), section 9.1.3.",)
    claim = Claim.POSTERIOR
    drawn = "posterior draws"
    of_peaks = True
    of_covariates = True
    of_bounds = of_largest = True

    def refusal(self, estimation: Estimation) -> str | None:
        """Bayesian fits have it."""
        if isinstance(estimation.estimator, Bayes):
            return None
        method = estimation.estimator.label
        bayes = Setting("method", "bayes")
        return Text(f"the {self.name} interval needs the posterior of ", bayes, f", not a fit by {method}.")

    def simulation(self, estimation: Estimation, quantity: Quantity) -> Simulation | None:
        """The posterior draws; none under a normal shape."""
        method = estimation.estimator
        if not isinstance(method, Bayes) or prior_by_quadrature(estimation):
            return None
        return Simulation(method.draws, method.rng)

    def labelled(self, estimation: Estimation) -> str:
        """With the prior."""
        method = estimation.estimator
        assert isinstance(method, Bayes), "refused otherwise"
        if isinstance(method.prior, Mapping):
            return f"{self.label}, priors of coefficients"
        prior = method.prior_for(estimation.family)
        if isinstance(prior, Fiducial):
            return f"{self.label}, {prior.name}"
        return f"{self.label}, {f'{prior.name} prior' if isinstance(prior, Prior) else 'prior of your own'}"

    def limits(self, estimation: Estimation, quantity: Quantity, confidence: float) -> tuple[Array, Array]:
        """Limits, shape batch + (questions,); each series is drawn on its own."""
        method = estimation.estimator
        assert isinstance(method, Bayes), "refused otherwise"
        batch, questions = estimation.batch_shape, quantity(estimation.distribution).shape[-1]
        limits = np.full((2, math.prod(batch), questions), np.nan)
        if prior := prior_by_quadrature(estimation):
            lanes = np.flatnonzero(np.ravel(estimation.estimate.converged))
            values = estimation.values.reshape(len(limits[0]), -1)[lanes]
            limits[:, lanes] = credible_limits(estimation.family, quantity, values, confidence, prior)
        else:
            for lane, drawn in method.samples(estimation):
                limits[:, lane] = drawn.interval(quantity, confidence)
        lower, upper = limits.reshape(2, *batch, questions)
        return lower, upper

    def limits_of_coefficients(self, estimation: Regression, confidence: float) -> tuple[Array, Array]:
        """Quantiles of the draws, batch + (p,)."""
        limits = np.full((2, math.prod(estimation.batch_shape), len(estimation.told_names)), np.nan)
        for lane, drawn in coefficients_drawn(estimation):
            limits[:, lane] = drawn.limits(confidence)
        lower, upper = limits.reshape(2, *estimation.batch_shape, -1)
        return lower, upper
