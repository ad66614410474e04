"""Where the signed root of the likelihood ratio passes a cut-off: the ends of all likelihood intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evstats.intervals.profile import HIGHEST_VARIATE, LOWEST_VARIATE, Height, Lanes, Profile

Array = NDArray[np.float64]
#: ``cutoff(rows, value, height, root)``: where the signed root ends; ``root`` is the one at the value.
Cutoff = Callable[[Lanes, Array, Height, Array], Array]

#: The nodes of a walk from the estimate, on the scale asinh(value/2): the first so far from it, over the root of the
#: sample size, every other so many times as far.
_FIRST, _GROWTH = 0.1, 2.0
#: How often a step is halved where a climb ends nowhere, before its end is believed to have no interior maximum.
_MOST_HALVINGS, _MOST_STEPS = 6, 120
#: Farther than this many scales from the estimate a limit counts as infinite.
_INFINITE = 1e6


def crossing(profile: Profile, cutoff: Cutoff, side: float, wanted: NDArray[np.bool_] | bool = True) -> Array:
    """The value (rows,) at which the signed root, sign(estimate - value) sqrt(2 (max - profile)), passes its cut-off.

    The first one on a walk from the estimate: upwards for ``side`` +1, downwards for -1, and the other way where the
    cut-off lies beyond the estimate. The walk's nodes do not depend on the cut-off, so that a cut-off farther out gives
    a limit farther out. Infinite where there is none within a million scales, NaN for rows that are not wanted.
    """
    walk = _Walk(profile, cutoff)
    limit = np.where(profile.estimate == side * np.inf, side * np.inf, np.nan)
    rows = np.flatnonzero(np.isfinite(walk.centre) & np.isnan(limit) & wanted)
    ahead = walk.first(rows, side)
    usual = side * ahead.excess > 0.0
    walk.onwards(limit, ahead.only(usual), side)
    ahead = ahead.only(~usual)
    behind = walk.first(ahead.rows, -side)
    beyond = side * behind.excess < 0.0
    walk.onwards(limit, behind.only(beyond), -side)
    ahead, behind = ahead.only(~beyond), behind.only(~beyond)
    with np.errstate(invalid="ignore", divide="ignore"):  # between them the root has too few digits
        share = behind.excess / (behind.excess - ahead.excess)
    place = behind.place + np.where(np.isnan(share), 0.5, share) * (ahead.place - behind.place)
    limit[ahead.rows] = 2.0 * np.sinh(place)
    return limit


class _Points(NamedTuple):
    """One place per row: the constrained estimate there and its change with the place, (3, rows) each; the excess of
    the signed root over its cut-off and Newton's place where that is 0; and whether the maximum is an interior one."""

    rows: Lanes
    place: Array
    theta: Array
    pace: Array
    excess: Array
    newton: Array
    interior: NDArray[np.bool_]

    def only(self, some: NDArray[np.bool_]) -> _Points:
        """The chosen ones."""
        return _Points(*(part[..., some] for part in self))

    def where(self, choice: NDArray[np.bool_], other: _Points) -> _Points:
        """These where chosen, the others elsewhere, of the same rows."""
        return _Points(*(np.where(choice, mine, theirs) for mine, theirs in zip(self, other, strict=True)))


@dataclass(frozen=True, eq=False)
class _Walk:
    """Walks from the estimates of a profile on the scale asinh(value/2), in which the root is less curved."""

    profile: Profile
    cutoff: Cutoff

    @property
    def centre(self) -> Array:
        """Where walks begin. A level outside the fitted support has an infinite variate: from far out."""
        estimate = self.profile.estimate
        far = np.clip(estimate, LOWEST_VARIATE, HIGHEST_VARIATE)
        return np.asarray(np.arcsinh(0.5 * np.where(np.isinf(estimate), far, estimate)))

    def first(self, rows: Lanes, side: float) -> _Points:
        """The nodes beside the estimates."""
        centre, theta, nothing = self.centre[rows], self.profile.theta_hat()[:, rows], np.zeros(rows.size)
        at_estimate = _Points(rows, centre, theta, 0.0 * theta, nothing, nothing, np.ones(rows.size, dtype=np.bool_))
        return self._reached(at_estimate, centre + side * _FIRST / np.sqrt(self.profile.count[rows]))

    def onwards(self, limit: Array, here: _Points, side: float) -> None:
        """From the first nodes to one beyond the cut-off, and back to where that is passed."""
        centre, gap = self.centre[here.rows], np.abs(here.place - self.centre[here.rows])
        while here.rows.size:
            gap = _GROWTH * gap
            there = self._reached(here, centre + side * gap)
            passed = there.excess * here.excess <= 0.0
            limit[there.rows[passed]] = self._between(here.only(passed), there.only(passed))
            endless = ~passed & (side * np.sinh(there.place) > _INFINITE * (0.5 + np.abs(np.sinh(centre))))
            limit[there.rows[endless]] = side * np.inf
            keep = ~(passed | endless | np.isnan(there.excess))
            here, centre, gap = there.only(keep), centre[keep], gap[keep]

    def _between(self, inner: _Points, outer: _Points) -> Array:
        """The values where the excess is 0 between points on either side of that: by Newton's method inside the bracket
        found so far."""
        value, rows = np.full(inner.rows.size, np.nan), np.arange(inner.rows.size)
        for _ in range(_MOST_STEPS):
            nearer = np.where(np.abs(outer.excess) < np.abs(inner.excess), outer.newton, inner.newton)
            inside = (nearer > np.minimum(inner.place, outer.place)) & (nearer < np.maximum(inner.place, outer.place))
            here = self._reached(inner, np.where(inside, nearer, 0.5 * (inner.place + outer.place)))
            value[rows] = 2.0 * np.sinh(here.place)
            same = here.excess * inner.excess > 0.0
            inner, outer = here.where(same, inner), outer.where(same, here)
            narrow = np.abs(outer.place - inner.place) < 1e-13 * (1.0 + np.abs(inner.place))
            keep = ~(narrow | (np.abs(here.excess) < 1e-11) | np.isnan(here.excess))
            if not keep.any():
                break
            rows, inner, outer = rows[keep], inner.only(keep), outer.only(keep)
        return value

    def _reached(self, here: _Points, target: Array) -> _Points:
        """The points at the targets, in one step each, or in shorter ones where the climb ends nowhere: it may have
        started too far from its maximum."""
        there = self._at(here, target)
        lost = np.flatnonzero(~there.interior & here.interior)
        near, step, halvings = here.only(lost), 0.5 * (target - here.place)[lost], np.ones(lost.size)
        while lost.size:
            left = target[lost] - near.place
            last = np.abs(left) <= np.abs(step)
            trial = self._at(near, np.where(last, target[lost], near.place + step))
            arrived = trial.interior & last
            for whole, part in zip(there, trial, strict=True):
                whole[..., lost[arrived]] = part[..., arrived]
            near = trial.where(trial.interior, near)
            step, halvings = np.where(trial.interior, step, 0.5 * step), halvings + ~trial.interior
            keep = ~arrived & (halvings <= _MOST_HALVINGS)
            lost, near, step, halvings = lost[keep], near.only(keep), step[keep], halvings[keep]
        return there

    def _at(self, here: _Points, place: Array) -> _Points:
        """The points at places so close that the climb may start on the line through the last two."""
        value, ahead = 2.0 * np.sinh(place), place - here.place
        height = self.profile.at(here.rows, value, here.theta + here.pace * ahead)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            fallen = np.sqrt(np.maximum(2.0 * (self.profile.best[here.rows] - height.value), 0.0))
            root = np.copysign(fallen, self.centre[here.rows] - place)
            excess = root - self.cutoff(here.rows, value, height, root)
            newton = place + excess * root / (height.slope * np.hypot(2.0, value))
            pace = (height.theta - here.theta) / ahead
        pace = np.where(height.interior & np.isfinite(pace), pace, here.pace)
        theta = np.where(height.interior, height.theta, here.theta)
        return _Points(here.rows, place, theta, pace, excess, newton, height.interior)
