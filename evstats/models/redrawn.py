"""Peaks drawn anew where those of a sample were, with the covariates that they have there, and the likelihood of them.

Sizes say nothing of a rate, nor numbers of the sizes. So sizes are drawn where the peaks were, and their numbers in the
years that were observed as Poisson variables beside them: another number counts in the likelihood by so much more of
the predictor of the rate.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import scipy.special

from evstats.arrays import Array, Places
from evstats.models.likelihood import Likelihood
from evstats.models.model import Model
from evstats.models.points import Points
from evstats.newton import Evaluation


@dataclass(frozen=True, eq=False)
class RedrawnLikelihood(Likelihood):
    """The likelihood of samples of peaks whose numbers are others than their points say.

    ``more`` (p, m) is what the log-likelihood has more of each coefficient: those of the rate times the rows of its
    design, for every peak that is more, or less.
    """

    more: Array = field(kw_only=True)

    def _summed(self, lanes: Places, beta: Array) -> Evaluation:
        found, more = super()._summed(lanes, beta), self.more[:, lanes]
        return Evaluation(found.value + np.sum(more * beta, axis=0), found.gradient + more, found.hessian)


class Redrawn(NamedTuple):
    """Samples of peaks drawn anew: their points, where those of one sample were, and how many more than it has there
    are at each, (m, points).
    """

    points: Points
    more: Array

    @classmethod
    def of(cls, model: Model, points: Points, beta: Array, noise: Array, beyond: float = 0.0) -> Redrawn:
        """Samples with coefficients (p, m), each from standard Gumbel noise (m, points).

        ``points`` are of excesses over the threshold, each an event, and of the threshold with the time observed of
        every year; those of one sample, or of m. Sizes are those ``beyond`` an excess.
        """
        theta = [np.broadcast_to(own, noise.shape) for own in model.predicted(beta, np.arange(len(noise))).theta]
        family, (place, *_) = model.family.trial(*theta), model.family.rates
        x, events, exposure, passed = (np.broadcast_to(own, noise.shape) for own in points.columns)
        with np.errstate(over="ignore", invalid="ignore"):
            sizes = family.from_gumbel(np.exp(-noise) + family.reduced(beyond))
            numbers = poisson(np.exp(-np.exp(-noise)), exposure * np.exp(theta[place]))
        drawn = Points(np.where(events > 0.0, sizes, x), events, exposure, passed)
        return cls(drawn, np.where(exposure > 0.0, numbers, 0.0) - events)

    def rows(self, some: Places) -> Redrawn:
        """Some of the samples."""
        return Redrawn(self.points.rows(some), self.more[some])

    def likelihood(self, model: Model) -> RedrawnLikelihood:
        """That of any model of them."""
        (place, *_) = model.family.rates
        design, more = model.parameters[place].design, np.zeros((model.size, len(self.more)))
        if design is None:
            more[model.places[place]] = self.more.sum(axis=-1)
        else:
            moved = self.more @ design if design.ndim == 2 else np.matmul(self.more[:, None], design)[:, 0]
            more[model.places[place]] = moved.T
        return RedrawnLikelihood(model, self.points, more=more)


def poisson(probability: Array, mean: Array) -> Array:
    """Quantiles of the Poisson distribution."""
    with np.errstate(invalid="ignore"):
        above = np.ceil(np.nan_to_num(scipy.special.pdtrik(probability, mean)))
    below = np.maximum(above - 1.0, 0.0)
    return np.where(scipy.special.pdtr(below, mean) >= probability, below, above)


__all__ = ["Redrawn", "RedrawnLikelihood", "poisson"]
