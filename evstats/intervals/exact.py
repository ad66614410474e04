"""Exact intervals for the Gumbel distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from evstats.arrays import Array
from evstats.distributions import Gumbel
from evstats.estimators import Estimation, LMoments, Moments
from evstats.intervals import simulated
from evstats.intervals.base import Claim, Interval, Simulation, lanes_of_one_size
from evstats.intervals.conditional import SCALE_NODES, ConditionalPivots
from evstats.intervals.simulated import SimulatedPivots
from evstats.quantities import Parameters, Quantity
from evstats.text.arguments import Setting, Text

#: Values a lane is reckoned with where lanes are handled together: its nodes in use at a time.
_LANE_VALUES = 128


class Pivots(Protocol):
    """The distribution of the pivots of m samples: limits of shape (2, m, questions) with these probabilities below."""

    def level_limits(self, multiples: Array, tails: Array) -> Array:
        """Limits of loc + multiple * scale, in data units."""

    def variate_limits(self, levels: Array, tails: Array) -> Array:
        """Limits of (level - loc)/scale."""

    def scale_limits(self, tails: Array) -> Array:
        """Limits of the scale."""


@dataclass(frozen=True)
class Exact(Interval):
    """The interval from the exact distribution of the pivots: of Gumbel data it covers the nominal share at any size.

    By maximum likelihood: the conditional interval given the configuration of the sample. The residuals
    a_i = (x_i - loc_hat)/scale_hat carry no information on (loc, scale); given them the pivots
    (loc_hat - loc)/scale_hat and scale_hat/scale have a known distribution, the posterior under the prior 1/scale. With
    S(scale) = sum exp(-x_i/scale) it is a gamma distribution of exp(loc/scale) given the scale, so every level
    loc + c scale has the distribution function

        integral of P(n, S(scale) exp(q/scale - c)) p(scale) d scale,   P the regularised incomplete gamma function:

    one quadrature, no simulation, the same answer every run. By moments and L-moments: the unconditional distribution
    of the pivots, simulated once per sample size. Return periods and probabilities follow by inverting the limits of
    levels. Exact only if the data are Gumbel: on GEV data of shape 0.1 the 100-year level from 50 years is covered 69 %
    of the time.

    References
    ----------
    - Fisher, R. A. (1934). Proceedings of the Royal Society A 144, 285-307.
    - Lawless, J. F. (1974). Technometrics 16, 241-246; (1982) Statistical Models and Methods for Lifetime Data,
      chapter 4.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
    >>> fit.return_level([100], interval=ev.intervals.Exact()).round(0)
                   estimate  lower  upper
    return_period
    100.0              64.0   53.0   95.0
    """

    name = "exact"
    label = "exact"
    literature = (
        "Fisher, R. A. (1934). Proceedings of the Royal Society A 144, 285-307.",
        "Lawless, J. F. (1974). Technometrics 16, 241-246; (1982) Statistical Models and Methods for Lifetime Data, "
        "chapter 4.",
    )
    claim = Claim.EXACT

    def refusal(self, estimation: Estimation) -> str | None:
        """Gumbel by plain maximum likelihood, moments or L-moments has it."""
        known = isinstance(estimation.estimator, (Moments, LMoments)) or estimation.estimator.maximises_likelihood
        if estimation.family.of_maxima() is Gumbel and known:
            return None
        return Text.of(
            "the exact interval is for Gumbel ({}) by maximum likelihood, moments or L-moments, not for {} by {}.",
            *(Setting("family", "gumbel"), estimation.family.label, estimation.estimator.label),
        )

    def labelled(self, estimation: Estimation) -> str:
        """``exact conditional`` by maximum likelihood, else ``exact pivotal``."""
        return f"exact {'conditional' if estimation.estimator.maximises_likelihood else 'pivotal'}"

    def simulation(self, estimation: Estimation, quantity: Quantity) -> Simulation | None:
        """Of the pivots, for moments and L-moments; of a batch, for its longest series."""
        if estimation.estimator.maximises_likelihood:
            return None
        longest = int(np.max(estimation.counts, initial=1))
        return Simulation(simulated.replicates_for(longest), simulated.SEED)

    def limits(self, estimation: Estimation, quantity: Quantity, confidence: float) -> tuple[Array, Array]:
        """Limits, shape batch + (questions,); NaN where the lane has no estimate."""
        sign = -1.0 if estimation.family.minima else 1.0
        tails = np.array([0.5 * (1.0 - confidence), 0.5 * (1.0 + confidence)])
        batch, n = estimation.values.shape[:-1], estimation.values.shape[-1]
        values = sign * estimation.values.reshape(math.prod(batch), n)
        fitted = estimation.estimate.parameters.reshape(math.prod(batch), 2) * [sign, 1.0]
        questions = quantity(estimation.distribution).shape[-1]
        limits = np.full((2, len(values), questions), np.nan)
        for lanes, x in lanes_of_one_size(values, ~np.isnan(fitted[:, 0]), _LANE_VALUES):
            limits[:, lanes] = _limits(estimation, quantity, x, fitted[lanes], tails)
        lower, upper = limits.min(axis=0), limits.max(axis=0)
        return lower.reshape(*batch, questions), upper.reshape(*batch, questions)


def _limits(estimation: Estimation, quantity: Quantity, x: Array, fitted: Array, tails: Array) -> Array:
    """Both ends of a quantity, shape (2, m, questions); ``x`` and ``fitted`` are those of maxima, without gaps."""
    sign = -1.0 if estimation.family.minima else 1.0
    standard = estimation.family.from_parameters([0.0, 1.0])
    if isinstance(quantity, Parameters):
        location = sign * _pivots(estimation, x, fitted, 1.0).level_limits(np.zeros(1), tails)
        return np.concatenate([location, _pivots(estimation, x, fitted, 1.0, SCALE_NODES).scale_limits(tails)], axis=-1)
    if quantity.in_data_unit:  # location plus a multiple of the scale
        multiples = sign * quantity(standard)
        return sign * _pivots(estimation, x, fitted, float(np.abs(multiples).max())).level_limits(multiples, tails)
    levels = sign * quantity.questions
    farthest = float(np.abs((levels - fitted[:, :1]) / fitted[:, 1:]).max())
    variates = sign * _pivots(estimation, x, fitted, farthest).variate_limits(levels, tails)
    return quantity.at(standard, variates)


def _pivots(estimation: Estimation, x: Array, fitted: Array, farthest: float, nodes: int | None = None) -> Pivots:
    if estimation.estimator.maximises_likelihood:
        return ConditionalPivots.of(x, fitted, farthest, nodes)
    return SimulatedPivots(estimation.estimator, x.shape[-1], fitted)
