"""A profile likelihood along which limits are sought: its height at a value, for many rows at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from evstats import newton
from evstats.arrays import Array, Mask, Places
from evstats.models import Likelihood

#: Where the search for the variate of a level outside the fitted support begins: probabilities of about 1e-17.
LOWEST_VARIATE, HIGHEST_VARIATE = -3.7, 40.0
#: Farther than this many scales from the estimate a limit counts as infinite.
INFINITE = 1e6


@dataclass(frozen=True, eq=False)
class Height:
    """The profile at one value per row.

    ``value`` is the log-likelihood, ``slope`` its derivative in the value of the quantity, ``theta`` the constrained
    estimate (coefficients of location, log scale, shape), ``hessian`` that of the constrained likelihood in its free
    coefficients, ``tangents`` (p, free, rows) the derivatives of theta in them, ``shape`` that of the distribution in
    the state asked about (0 for a family without one), and ``interior`` whether it is an interior maximum.
    """

    value: Array
    slope: Array
    theta: Array
    hessian: Array
    tangents: Array
    shape: Array
    interior: Mask

    def rows(self, some: Mask) -> Height:
        """Some of its rows."""
        return Height(*(column[..., some] for column in vars(self).values()))

    def replaced(self, rows: Places, other: Height) -> Height:
        """With another's in place of these rows."""
        columns = [np.array(column) for column in vars(self).values()]
        for column, its in zip(columns, vars(other).values(), strict=True):
            column[..., rows] = its
        return Height(*columns)


class Heights(ABC):
    """A profile likelihood along which limits are sought; a row is one sample, or several independent ones, with one
    question.

    ``owner`` is the sample of each row, ``best`` the unconstrained maximum and ``estimate`` the quantity's estimate in
    standard units; ``fallback`` marks rows whose likelihood has no interior maximum.
    """

    owner: Places
    best: Array
    estimate: Array
    fallback: Mask

    @property
    @abstractmethod
    def samples(self) -> tuple[Likelihood, ...]:
        """The likelihoods of the independent samples, whose coefficients follow one another."""

    @abstractmethod
    def theta_hat(self) -> Array:
        """The estimate per row in standard units, coefficients (p, rows)."""

    @abstractmethod
    def gradient(self) -> Array:
        """The derivatives of the value in the coefficients at the estimate, (p, rows)."""

    @abstractmethod
    def at(self, rows: Places, value: Array, start: Array) -> Height:
        """The profile at ``value`` (rows,), climbed from coefficients ``start`` (p, rows)."""

    @property
    def count(self) -> Array:
        """Observations per row."""
        return np.asarray(sum(one.counts() for one in self.samples))[self.owner]

    @property
    def least(self) -> Array | float:
        """What no value of a row is below."""
        return -np.inf

    @property
    def farthest(self) -> tuple[float, float]:
        """Where the search begins of a value whose estimate is -inf, or inf."""
        return LOWEST_VARIATE, HIGHEST_VARIATE

    @property
    def endless(self) -> float:
        """How far from 0 a limit counts as infinite."""
        return INFINITE

    def tangent(self) -> tuple[Array, Array]:
        """How the constrained estimate moves with the value, (p, rows), and the standard error of the value, there;
        NaN where there is none.
        """
        theta = self.theta_hat()
        with np.errstate(all="ignore"):
            gradient = self.gradient()
            step, definite = newton.ascent_step(gradient, self.curvature(theta))
            variance = np.where(definite & ~self.fallback, np.sum(gradient * step, axis=0), np.nan)
            return step / variance, np.sqrt(variance)

    def curvature(self, theta: Array) -> Array:
        """The Hessian of the log-likelihood at coefficients of all rows, (p, p, rows)."""
        hessian, start = np.zeros((len(theta), *theta.shape)), 0
        for one in self.samples:
            own = slice(start, start := start + one.model.size)
            hessian[own, own] = one(self.owner, theta[own]).hessian
        return hessian


#: From how many other starts a climb begins again.
_STARTS = 3


class ManyStarts(Heights):
    """A profile of which a climb that ends nowhere begins again, from the highest of other starts."""

    @abstractmethod
    def climbed(self, rows: Places, value: Array, start: Array) -> Height:
        """The profile at ``value`` (rows,), by one climb from coefficients ``start`` (p, rows)."""

    @abstractmethod
    def ways(self, rows: Places, start: Array) -> list[Array]:
        """Other starts, (p, rows) each, and this one."""

    @abstractmethod
    def height_from(self, rows: Places, value: Array, start: Array) -> Array:
        """The log-likelihood where a start is moved to the value; -inf where that is nowhere."""

    def climbed_anew(self, rows: Places, value: Array, start: Array) -> Height:
        """The highest that is reached."""
        found = self.climbed(rows, value, start)
        lost = np.flatnonzero(~found.interior)
        if lost.size:
            for begin in self._highest(rows[lost], value[lost], start[:, lost]):
                again = self.climbed(rows[lost], value[lost], begin)
                higher = again.interior & ~(again.value <= found.value[lost])
                found = found.replaced(lost[higher], again.rows(higher))
        return found

    def _highest(self, rows: Places, value: Array, start: Array) -> Array:
        """Of the starts, (starts, p, rows)."""
        ways = self.ways(rows, start)
        heights = np.stack([self.height_from(rows, value, way) for way in ways])
        order = np.argsort(-heights, axis=0)[:_STARTS]
        return np.moveaxis(np.stack(ways)[order, :, np.arange(len(rows))], -1, 1)
