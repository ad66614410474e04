"""Limits along profiles: the values at which what a criterion allows is reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, Places
from evstats.intervals.heights import Height, Heights

#: ``criterion(rows, side, value, height, root)``: how large the root may be there, above (+1) or below the estimate.
Criterion = Callable[[Places, Array, Array, Height, Array], Array]
#: The first step is this many standard errors long, and at most so far on the scale of the search.
_FIRST_STEP, _LONGEST_FIRST = 1.5, 1.0
_MOST_STEPS = 120
#: A root this near to its criterion is one secant step from it.
_NEAR = 1e-7
_MOST_RETRIES = 6


def solve(profile: Heights, criterion: Criterion, wanted: NDArray[np.bool_] | None = None) -> Array:
    """The values below and above the estimate at which the root of the likelihood ratio reaches its criterion, (2,
    rows); NaN where they are not wanted.

    The secant method, after a step of Newton's on the root, whose slope is the profile's, inside the bracket found so
    far, on both sides at once. It works on asinh(value/2), in which the root is less curved. The first step is of the
    size of the standard error; every climb starts from the line through the last two constrained estimates, or along
    the tangent at the estimate, so that it starts close to its maximum.
    """
    search, limit = _begun(profile, wanted)
    for _ in range(_MOST_STEPS if search.rows.size else 0):
        value, side = 2.0 * np.sinh(search.place), search.side
        height = profile.at(search.rows, value, search.theta + search.pace * (search.place - search.reached))
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            root = np.sqrt(np.maximum(2.0 * (profile.best[search.rows] - height.value), 0.0))
            excess = root - criterion(search.rows, side, value, height, root)
            newton = search.place + excess * root / (height.slope * np.hypot(2.0, value))
            rise = (excess - search.miss) / (search.place - search.last)
            next_guess = np.where(side * rise > 0.0, search.place - excess / rise, newton)
        # a climb that ends nowhere may have started too far from its maximum: come closer before believing it
        search.lost = np.where(height.interior | profile.fallback[search.rows], 0, search.lost + 1)
        retry = (search.lost > 0) & (search.lost <= _MOST_RETRIES)
        short = (excess < 0.0) & ~retry
        # the error of the next guess is of second order in what is left
        near = (np.abs(excess) < _NEAR) & (side * rise > 0.0)
        search.place = np.where(near, next_guess, search.place)
        done = (near | (excess == 0.0) | search.closed) & ~retry
        done |= short & (search.place <= search.floor)
        endless = ~done & short & (np.abs(value) > profile.endless)
        unknown = np.isnan(excess) & ~retry
        limit[search.path[done]] = 2.0 * np.sinh(search.place[done])
        limit[search.path[endless]] = (side * np.inf)[endless]
        search.learn(height, excess, short, retry)
        search.move(next_guess, retry)
        keep = ~(done | endless | unknown)
        if not keep.any():
            break
        search = search.kept(keep)
    else:
        limit[search.path] = 2.0 * np.sinh(search.inner)
    return limit.reshape(2, -1)


def _begun(profile: Heights, wanted: NDArray[np.bool_] | None) -> tuple[_Search, Array]:
    """The search at its first steps, and the limits (2 rows,) that are known without one."""
    # a level outside the fitted support has an infinite variate: no limit on that side, and a search from far out back
    found = np.where(np.isinf(profile.estimate), np.clip(profile.estimate, *profile.farthest), profile.estimate)
    centre, shortest = np.arcsinh(0.5 * found), 0.05 / np.sqrt(profile.count)
    direction, error = profile.tangent()
    with np.errstate(invalid="ignore"):
        first = np.fmax(np.fmin(_FIRST_STEP * error / np.hypot(2.0, found), _LONGEST_FIRST), shortest)
        direction = np.nan_to_num(direction * np.hypot(2.0, found))
    sides = np.repeat([[-1.0], [1.0]], len(centre), axis=1)
    limit = np.where(profile.estimate == sides * np.inf, sides * np.inf, np.nan)
    possible = np.isfinite(centre) & np.isnan(limit)
    path = np.flatnonzero(possible if wanted is None else possible & wanted)
    rows, side = path % len(centre), sides.ravel()[path]
    start, floor = centre[rows], np.arcsinh(0.5 * np.where(profile.least < found, profile.least, -np.inf))[rows]
    search = _Search(
        path=path,
        rows=rows,
        side=side,
        centre=start,
        shortest=shortest[rows],
        floor=floor,
        place=np.maximum(start + side * first[rows], floor),
        lost=np.zeros(rows.size, dtype=np.intp),
        inner=start,
        outer=side * np.inf,
        last=start,
        miss=np.full(rows.size, np.nan),
        reached=start,
        theta=profile.theta_hat()[:, rows],
        pace=direction[:, rows],
    )
    return search, limit.ravel()


@dataclass(eq=False)
class _Search:
    """Where the searches for limits are, paths on the last axis of all arrays; places are asinh(value/2).

    ``path`` is the place of each in the answer, ``side`` -1 below the estimate (``centre``) and 1 above. ``place`` is
    to be tried, between ``inner``, where the root falls short, and ``outer``, infinite as long as none is known to
    exceed; ``lost`` counts the climbs that ended nowhere. ``last`` was tried before and fell short by ``miss``;
    ``reached`` had the constrained estimate ``theta``, which moves by ``pace``.
    """

    path: Places
    rows: Places
    side: Array
    centre: Array
    shortest: Array
    floor: Array
    place: Array
    lost: Places
    inner: Array
    outer: Array
    last: Array
    miss: Array
    reached: Array
    theta: Array
    pace: Array

    @property
    def closed(self) -> NDArray[np.bool_]:
        """Whether nothing is left between inner and outer."""
        return np.abs(self.outer - self.inner) < 1e-13 * (1.0 + np.abs(self.inner))

    def learn(self, height: Height, excess: Array, short: NDArray[np.bool_], retry: NDArray[np.bool_]) -> None:
        """What the climb at ``place`` found."""
        passed = height.interior & (self.place != self.reached)
        pace = (height.theta - self.theta) / np.where(passed, self.place - self.reached, 1.0)
        self.pace, self.theta = np.where(passed, pace, self.pace), np.where(passed, height.theta, self.theta)
        self.reached = np.where(passed, self.place, self.reached)
        tried = np.isfinite(excess) & ~retry & (self.place != self.last)
        self.last, self.miss = np.where(tried, self.place, self.last), np.where(tried, excess, self.miss)
        self.inner = np.where(short, self.place, self.inner)
        self.outer = np.where(short | retry, self.outer, self.place)

    def move(self, guess: Array, retry: NDArray[np.bool_]) -> None:
        """To the guess, where that lies within the bracket; else its middle, or twice as far out."""
        bounded = np.isfinite(self.outer)
        twice = self.inner + self.side * 2.0 * np.maximum(np.abs(self.inner - self.centre), self.shortest)
        farthest = np.where(bounded, self.outer, twice)
        within = (self.side * (guess - self.inner) > 0) & (self.side * (farthest - guess) > 0)
        outwards = np.where(bounded, 0.5 * (self.inner + self.outer), farthest)
        following = np.where(retry, 0.5 * (self.inner + self.place), np.where(within, guess, outwards))
        self.place = np.maximum(following, self.floor)

    def kept(self, keep: NDArray[np.bool_]) -> _Search:
        """Those searches that go on."""
        return _Search(*(getattr(self, part.name)[..., keep] for part in fields(self)))
