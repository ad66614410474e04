"""The one form of every sample: points of a Poisson process, each with how much it says.

With Lambda the intensity measure of points beyond a level and lambda its density, the log-likelihood of any sample of
extremes is the sum over its points of

    events log lambda(x) - exposure Lambda(x) + passed log(1 - exp(-Lambda(x))),

of a point beyond which events are known to be, but not where, beyond log Lambda(x), and of a point with a lower level
beside it, within log(1 - exp(Lambda(x) - Lambda(lower))).

| data | events | exposure | passed |
|---|---|---|---|
| a block maximum | 1 | 1 | 0 |
| a missing one | 0 | 0 | 0 |
| the r largest of a block | 1 each | 1 at the r-th | 0 |
| exceedances of u in w years | 1 each | w at one more point, u | 0 |
| one of them known only to lie above a limit | 0, and beyond 1 | | 0 |
| h blocks of which only "never above x" is known | 0 | h | 0 |
| a block known to have passed x | 0 | 0 | 1 |
| a block whose maximum lies between lower and x | 0 | 1 | 0, and within 1 |
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evstats.arrays import Array

if TYPE_CHECKING:
    from evstats.distributions import Family


class Terms(NamedTuple):
    """The log-likelihood of every point but for its events' log dy/dx, with two derivatives in its reduced variate."""

    value: Array
    slope: Array
    bend: Array


class Between(NamedTuple):
    """What blocks known between two levels add, with its derivatives in the reduced variates of both."""

    value: Array
    slope: Array
    slope_lower: Array
    bend: Array
    mixed: Array
    bend_lower: Array


@dataclass(frozen=True, eq=False)
class Points:
    """Points of many samples, one in every row.

    Parameters
    ----------
    x
        Levels, of shape batch + (n,), finite; where a point says nothing any value that is possible in its sample.
    events
        How many events happened there.
    exposure
        How many blocks, or years, saw nothing beyond it.
    passed
        How many blocks are known only to have gone beyond it.
    lower, within
        How many blocks, which are in ``exposure`` too, are known to have gone beyond ``lower``, of the
        shape of ``x``; None where there are none.
    beyond
        How many events are known to be beyond ``x``, and no more, of its shape; None where there are none.
    constant
        What the log-likelihood has beside the sum over the points, a number or one of each sample.

    Notes
    -----
    Each of the counts broadcasts to the shape of ``x``. Points of minima are those of -x.

    References
    ----------
    - Coles, S. (2001). An Introduction to Statistical Modeling of Extreme Values. Springer, section 7.3.
    """

    x: Array
    events: Array
    exposure: Array
    passed: Array
    lower: Array | None = None
    within: Array | None = None
    constant: Array | float = 0.0
    beyond: Array | None = None

    @classmethod
    def of(cls, x: ArrayLike, events: ArrayLike = 0.0, exposure: ArrayLike = 0.0, passed: ArrayLike = 0.0) -> Points:
        """Points from anything that broadcasts."""
        levels = np.asarray(x, dtype=np.float64)
        return cls(
            levels, *(np.broadcast_to(np.asarray(each, float), levels.shape) for each in (events, exposure, passed))
        )

    @classmethod
    def of_maxima(cls, values: ArrayLike) -> Points:
        """Block maxima, NaN for missing: each an event, with nothing beyond it in its block."""
        x = np.asarray(values, dtype=np.float64)
        missing = np.isnan(x)
        if not missing.any():
            return cls.of(x, 1.0, 1.0)
        present = (~missing).astype(np.float64)
        return cls.of(filled(x, present), present, present)

    @classmethod
    def joined(cls, *parts: Points) -> Points:
        """The points of several sources of the same samples."""
        x, *counts = (np.concatenate(own, axis=-1) for own in zip(*(part.columns for part in parts), strict=True))
        found = cls(x, counts[0], counts[1], counts[2])
        if all(part.beyond is None for part in parts):
            return found
        unseen = [np.zeros(part.x.shape) if part.beyond is None else part.beyond for part in parts]
        return replace(found, beyond=np.concatenate(unseen, axis=-1))

    @property
    def columns(self) -> tuple[Array, Array, Array, Array]:
        """The four arrays of points without a lower level."""
        return self.x, self.events, self.exposure, self.passed

    @property
    def counts(self) -> Array:
        """Blocks, or peaks, of which more is known than a level they stayed below, of each sample."""
        counted = self._counted + self.passed
        return np.asarray((counted if self.within is None else counted + self.within).sum(axis=-1))

    @property
    def _counted(self) -> Array:
        """Events at each point or beyond it."""
        return self.events if self.beyond is None else self.events + self.beyond

    @property
    def any_number(self) -> NDArray[np.bool_]:
        """Which samples have an event, or a block known between two levels."""
        counted = self.events if self.within is None else self.events + self.within
        return np.asarray((counted > 0.0).any(axis=-1))

    def moved(self, shift: Array, unit: Array) -> Points:
        """The points of (x - shift)/unit of every sample, (m,) each."""
        lower = None if self.lower is None else (self.lower - shift[:, None]) / unit[:, None]
        return replace(self, x=(self.x - shift[:, None]) / unit[:, None], lower=lower)

    @cached_property
    def used(self) -> NDArray[np.bool_]:
        """Which points say anything."""
        return (self._counted > 0.0) | (self.exposure > 0.0) | (self.passed > 0.0)

    @cached_property
    def are_complete(self) -> bool:
        """Whether every point is a block maximum."""
        whole = (self.events == 1.0).all() and (self.exposure == 1.0).all() and not self.passed.any()
        return bool(whole and self.beyond is None)

    @cached_property
    def none_passed(self) -> bool:
        """Whether no block is known only to have gone beyond a level."""
        return not self.passed.any()

    @property
    def present(self) -> Array | None:
        """1.0 for a block maximum and 0.0 for a missing one, None where all are there.

        Raises
        ------
        ValueError
            Where the points are not those of block maxima; see ``are_maxima``.
        """
        if not self.are_maxima:
            raise ValueError("these points are not block maxima")
        return None if np.all(self.events == 1.0) else np.ascontiguousarray(self.events)

    @property
    def are_maxima(self) -> bool:
        """Whether every point is a block maximum or a missing one, for which a family may have faster sums."""
        same = np.array_equal(self.events, self.exposure) and not self.passed.any() and self.beyond is None
        return bool(same and np.isin(self.events, (0.0, 1.0)).all())

    @property
    def are_peaks(self) -> bool:
        """Whether every point is a peak, or a missing one, but the last, at which 0 is and all exposure."""
        seen = self.events[:, :-1]
        counted = not self.exposure[:, :-1].any() and not self.events[:, -1].any() and not self.passed.any()
        counted &= self.beyond is None
        return bool(counted and not self.x[:, -1].any() and ((seen == 0.0) | (seen == 1.0)).all())

    def rows(self, lanes: NDArray[np.intp]) -> Points:
        """The samples with these places; without a copy where all are meant."""
        if lanes.size == len(self.x) and np.array_equal(lanes, np.arange(lanes.size)):
            return self
        if not self.are_complete:
            constant = self.constant if np.ndim(self.constant) == 0 else np.asarray(self.constant)[lanes]
            beside = self.lower, self.within, self.beyond
            lower, within, beyond = (None if column is None else column[lanes] for column in beside)
            x, events, exposure, passed = (column[lanes] for column in self.columns)
            return Points(x, events, exposure, passed, lower, within, constant, beyond)
        some = Points.of(self.x[lanes], 1.0, 1.0)
        some.__dict__["are_complete"] = True
        return some

    def loglik(self, distribution: Family) -> Array:
        """The log-likelihood (m,) of m distributions of maxima, each of its row."""
        r = distribution[:, None].reduced_derivatives(self.x)
        with np.errstate(invalid="ignore"):
            value = self.terms(r.y).value + np.where(np.isfinite(r.y), self.events * r.log_slope, 0.0)
            if self.lower is not None:
                value = value + self.between(r.y, distribution[:, None].reduced_derivatives(self.lower).y).value
        value = np.where(self.used, value, 0.0).sum(axis=-1) + self.constant
        return np.where(np.isnan(value), -np.inf, value)

    def between(self, y: Array, y_lower: Array) -> Between:
        """What blocks between two levels add beside their exposure, at the reduced variates of the upper and the lower.

        With D = Lambda(lower) - Lambda(x) it is log(1 - exp(-D)) for each, in which no probabilities are subtracted.
        """
        assert self.within is not None
        with np.errstate(all="ignore"):
            above, below, apart = np.exp(-y), np.exp(-y_lower), y - y_lower
            d = np.where(apart < 1.0, above * np.expm1(apart), below - above)
            odds = 1.0 / np.expm1(d)
            curved = -odds * (1.0 + odds)
            terms = (
                np.log(-np.expm1(-d)),
                odds * above,
                -odds * below,
                curved * above * above - odds * above,
                -curved * above * below,
                curved * below * below + odds * below,
            )
            far = odds == 0.0  # so far apart that the lower level says nothing
            value, *rest = (_times(self.within, np.where(far, 0.0, term)) for term in terms)
        return Between(value, *rest)

    def terms(self, y: Array) -> Terms:
        """What the points say at reduced variates y = -log Lambda; +-inf beyond the ends of the support.

        A point that says nothing counts for nothing wherever it lies, and so does exposure beyond an upper end.
        """
        with np.errstate(all="ignore"):
            beyond, events = np.exp(-y), self._counted
            if self.are_complete:
                return Terms(-y - beyond, beyond - 1.0, -beyond)
            if self.none_passed:
                expected = _times(self.exposure, beyond)
                return Terms(-_times(events, y) - expected, expected - events, -expected)
            share = np.where(beyond > 0.0, beyond / -np.expm1(-beyond), 1.0)
            odds = share * np.exp(-beyond)
            bent = np.where(odds > 0.0, odds * (1.0 - share), 0.0)  # no odds: so certain that it says nothing
            odds, unlikely = np.where(odds > 0.0, odds, 0.0), np.log(-np.expm1(-beyond))
            value = _times(self.passed, unlikely) - _times(events, y) - _times(self.exposure, beyond)
            slope = -events + _times(self.exposure, beyond) - _times(self.passed, odds)
            bend = _times(self.passed, bent) - _times(self.exposure, beyond)
        return Terms(value, slope, bend)


def _times(weight: Array, value: Array) -> Array:
    """A product in which no weight makes nothing of any value."""
    return np.where(weight > 0.0, weight * value, 0.0)


def filled(x: Array, present: Array) -> Array:
    """Rows with every missing value replaced by the first observation, which is in the support if all are."""
    first = np.take_along_axis(x, np.argmax(present > 0, axis=-1)[..., None], axis=-1)
    return np.where(present > 0, x, first)


__all__ = ["Points", "Terms", "filled"]
