"""Credible intervals from the draws of a posterior."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evstats.errors import ArgumentError, Status
from evstats.estimators import Bayes, Estimation, Posterior
from evstats.intervals.base import Array, Interval
from evstats.quantities import Quantity


@dataclass(frozen=True)
class Credible(Interval):
    """The central part of the posterior: quantiles of the quantity over the draws of a Bayesian fit.

    References
    ----------
    Coles (2001), section 9.1.3.
    """

    name = "credible"
    label = "credible"

    def __call__(self, estimation: Estimation, quantity: Quantity, confidence: float) -> tuple[Array, Array]:
        """Limits, shape batch + (questions,); each series is drawn on its own."""
        method = estimation.estimator
        if not isinstance(method, Bayes):
            raise ArgumentError(
                f"the {self.name} interval needs the posterior of method='bayes', not a fit by {method.label} (nor by "
                "maximum likelihood); use interval='delta'."
            )
        batch, n = estimation.values.shape[:-1], estimation.values.shape[-1]
        values = estimation.values.reshape(math.prod(batch), n)
        questions = quantity(estimation.distribution).shape[-1]
        limits = np.full((2, len(values), questions), np.nan)
        for lane in np.flatnonzero(np.ravel(estimation.estimate.status) == Status.CONVERGED):
            posterior = Posterior(estimation.family, values[lane], method.prior)
            limits[:, lane] = posterior.sample(method.draws, rng=method.rng).interval(quantity, confidence)
        lower, upper = limits.reshape(2, *batch, questions)
        return lower, upper
