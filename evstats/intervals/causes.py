"""What lies beyond a level by each cause, with its derivatives in the coefficients of that cause."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from evstats.arrays import Array, Mask, Places
from evstats.distributions import ExponentialProcess
from evstats.estimators import Estimation
from evstats.intervals.samples import Sample
from evstats.models import Likelihood, Model, Points

#: From so many scales on from the location, the scale is the better coordinate.
_FAR = 30.0


class Rates(NamedTuple):
    """The logarithm of the expected number of events beyond a level under one cause, its derivative in the level, and
    two in the coefficients, (p, rows) and (p, p, rows).
    """

    log: Array
    along: Array
    first: Array
    second: Array


class Part(ABC):
    """One of several independent parts of what lies beyond a level, with the samples that tell of it."""

    @property
    @abstractmethod
    def likelihood(self) -> Likelihood:
        """Of the samples."""

    @property
    @abstractmethod
    def estimate(self) -> Array:
        """The coefficients of the samples, (p, m)."""

    @abstractmethod
    def rates(self, lanes: Places, beta: Array, level: Array) -> Rates:
        """What lies beyond levels in data units, at coefficients (p, rows)."""

    @abstractmethod
    def solved(self, lanes: Places, beta: Array, level: Array, log_rate: Array, far: Mask) -> Array:
        """The coefficient that follows, with which so much lies beyond the levels."""

    @abstractmethod
    def far(self, lanes: Places, beta: Array, level: Array) -> Mask:
        """Where the other of two coefficients follows."""

    @abstractmethod
    def pivots(self, far: Mask) -> Places:
        """The place of the coefficient that follows among those of this part."""


@dataclass(frozen=True, eq=False)
class Cause(Part):
    """The samples of one cause at their estimates, each standardised by its own, and how many blocks a year holds."""

    sample: Sample
    blocks: float

    @classmethod
    def of(cls, estimation: Estimation, lanes: Places, blocks: float) -> Cause:
        """Some samples of an estimation, of minima those of -x."""
        family, sign = estimation.family, -1.0 if estimation.family.minima else 1.0
        design = (estimation.design.mirrored() if family.minima else estimation.design).of_lanes(lanes)
        own = estimation.values.shape[estimation.values.ndim - estimation.design.axes :]
        values = sign * estimation.values.reshape(-1, *own)[lanes]
        fitted = np.array(estimation.estimate.parameters.reshape(-1, len(family.parameter_names))[lanes])
        fitted[:, 0] *= sign
        make = Sample.of_peaks if family.rates else Sample.of_maxima
        return cls(make(family.of_maxima(), design.points(values), fitted), blocks)

    @property
    def likelihood(self) -> Likelihood:
        """Of the samples."""
        return self.sample.likelihood

    @property
    def estimate(self) -> Array:
        """The coefficients of the samples, (p, m)."""
        return self.sample.estimate

    def standard(self, lanes: Places, level: Array) -> Array:
        """Levels in data units as those of the standardised samples."""
        return (level - self.sample.fitted[lanes, 0]) / self.sample.fitted[lanes, 1]

    def rates(self, lanes: Places, beta: Array, level: Array) -> Rates:
        """What lies beyond levels in data units, at coefficients (p, rows)."""
        model = self.likelihood.model
        theta, first, second = ([own[:, 0] for own in each] for each in model.predicted(beta, lanes))
        r = model.family.trial(*theta).reduced_derivatives(self.standard(lanes, level))
        free = [place for place, own in enumerate(model.parameters) if own.size]
        shape = level.shape
        gradient = np.stack([np.broadcast_to(-r.y_first[i] * first[i], shape) for i in free])
        hessian = np.empty((len(free), *gradient.shape))
        for a, i in enumerate(free):
            for b, j in enumerate(free[a:], a):
                entry = -r.second(i, j)[0] * first[i] * first[j]
                hessian[a, b] = hessian[b, a] = entry - r.y_first[i] * second[i] if i == j else entry
        along = -np.exp(r.log_slope) / self.sample.fitted[lanes, 1]
        return Rates(np.log(self.blocks) - r.y, along, gradient, hessian)

    def solved(self, lanes: Places, beta: Array, level: Array, log_rate: Array, far: Mask) -> Array:
        """The location, or where ``far`` the logarithm of the scale, with which so much lies beyond the levels."""
        model = self.likelihood.model
        theta = [own[:, 0] for own in model.predicted(beta, lanes).theta]
        zero, z = np.zeros(len(lanes)), self.standard(lanes, level)
        y = np.log(self.blocks) - log_rate
        near = z - model.family.trial(zero, *theta[1:]).from_gumbel(y)
        away = np.log((z - theta[0]) / model.family.trial(zero, zero + 1.0, *theta[2:]).from_gumbel(y))
        return np.where(far, away, near)

    def far(self, lanes: Places, beta: Array, level: Array) -> Mask:
        """Where the distance of the level from the location is the better coordinate: far out, and on the way up, where
        a location that followed the level would leave observations below the support; of peaks always.
        """
        model = self.likelihood.model
        if model.family.given:
            return np.ones(len(lanes), dtype=np.bool_)
        theta, z = [own[:, 0] for own in model.predicted(beta, lanes).theta], self.standard(lanes, level)
        return np.asarray((z > theta[0] + theta[1]) & ((z > 0.0) | (np.abs(z) > _FAR)))

    def pivots(self, far: Mask) -> Places:
        """The place of the coefficient that follows among those of this cause."""
        loc, scale = (self.likelihood.model.places[place].start for place in (0, 1))
        return np.where(far, scale, loc)


@dataclass(frozen=True, eq=False)
class Zeros(Part):
    """Years whose minimum is zero, so many of so many of each sample: below every positive level, however low, lie as
    many.

    With the share p of such years Lambda = -log(1 - p) of them lie there a year; its logarithm is the coefficient.
    """

    zeros: Array
    years: Array

    @cached_property
    def likelihood(self) -> Likelihood:
        """A year of zero is known only to have passed the levels, another has not."""
        own = Model.constant(ExponentialProcess)
        scale, rate = own.parameters[1:3]
        model = Model(own.family, (own.parameters[0], replace(scale, known=np.ones(())), rate))
        rest = self.years - self.zeros
        return OfShare(model, Points.of(np.zeros((len(rest), 1)), exposure=rest[:, None], passed=self.zeros[:, None]))

    @property
    def estimate(self) -> Array:
        """By the share of zeros."""
        return np.log(-np.log1p(-self.zeros / self.years))[None]

    def rates(self, lanes: Places, beta: Array, level: Array) -> Rates:
        """The same at all levels."""
        one, zero = np.ones((1, len(lanes))), np.zeros(len(lanes))
        return Rates(beta[0], zero, one, zero[None, None])

    def solved(self, lanes: Places, beta: Array, level: Array, log_rate: Array, far: Mask) -> Array:
        """The coefficient itself."""
        return log_rate

    def far(self, lanes: Places, beta: Array, level: Array) -> Mask:
        """Nowhere."""
        return np.zeros(len(lanes), dtype=np.bool_)

    def pivots(self, far: Mask) -> Places:
        """The only one."""
        return np.zeros(len(far), dtype=np.intp)


class OfShare(Likelihood):
    """The likelihood of a share among so many years."""

    def log_means(self, lanes: Places, beta: Array) -> tuple[Array, Array]:
        """The canonical parameter of the binomial distribution, the log odds of a year of zero, as r* takes it."""
        rate = np.exp(beta[0])
        with np.errstate(all="ignore"):
            return np.log(np.expm1(rate))[:, None], (rate / -np.expm1(-rate))[None, :, None]
