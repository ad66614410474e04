"""Limits along profiles: the values at which what a criterion allows is reached."""

from __future__ import annotations

from collections.abc import Callable

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
    paths = np.flatnonzero(possible if wanted is None else possible & wanted)
    rows, side, limit = paths % len(centre), sides.ravel()[paths], limit.ravel()
    inner, outer, lost = centre[rows], side * np.inf, np.zeros(rows.size, dtype=np.intp)
    floor = np.arcsinh(0.5 * np.where(profile.least < found, profile.least, -np.inf))[rows]
    place = np.maximum(inner + side * first[rows], floor)
    # the last point that was tried and by how much it fell short; the last that was reached, its constrained estimate,
    # and how that moves
    last, miss = inner, np.full(rows.size, np.nan)
    reached, theta, pace = inner, profile.theta_hat()[:, rows], direction[:, rows]
    for _ in range(_MOST_STEPS if rows.size else 0):
        value = 2.0 * np.sinh(place)
        height = profile.at(rows, value, theta + pace * (place - reached))
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            root = np.sqrt(np.maximum(2.0 * (profile.best[rows] - height.value), 0.0))
            excess = root - criterion(rows, side, value, height, root)
            newton = place + excess * root / (height.slope * np.hypot(2.0, value))
            rise = (excess - miss) / (place - last)
            next_guess = np.where(side * rise > 0.0, place - excess / rise, newton)
        # a climb that ends nowhere may have started too far from its maximum: come closer before believing it
        lost = np.where(height.interior | profile.fallback[rows], 0, lost + 1)
        retry = (lost > 0) & (lost <= _MOST_RETRIES)
        short = (excess < 0.0) & ~retry
        # the error of the next guess is of second order in what is left
        near = (np.abs(excess) < _NEAR) & (side * rise > 0.0)
        place = np.where(near, next_guess, place)
        done = (near | (excess == 0.0) | (np.abs(outer - inner) < 1e-13 * (1.0 + np.abs(inner)))) & ~retry
        done |= short & (place <= floor)
        endless = ~done & short & (np.abs(value) > profile.endless)
        unknown = np.isnan(excess) & ~retry
        limit[paths[done]], limit[paths[endless]] = 2.0 * np.sinh(place[done]), (side * np.inf)[endless]
        passed = height.interior & (place != reached)
        pace = np.where(passed, (height.theta - theta) / np.where(passed, place - reached, 1.0), pace)
        theta, reached = np.where(passed, height.theta, theta), np.where(passed, place, reached)
        tried = np.isfinite(excess) & ~retry & (place != last)
        last, miss = np.where(tried, place, last), np.where(tried, excess, miss)
        inner = np.where(short, place, inner)
        outer = np.where(short | retry, outer, place)
        bounded = np.isfinite(outer)
        farthest = np.where(
            bounded, outer, inner + side * 2.0 * np.maximum(np.abs(inner - centre[rows]), shortest[rows])
        )
        within = (side * (next_guess - inner) > 0) & (side * (farthest - next_guess) > 0)
        outwards = np.where(bounded, 0.5 * (inner + outer), farthest)
        following = np.maximum(np.where(retry, 0.5 * (inner + place), np.where(within, next_guess, outwards)), floor)
        keep = ~(done | endless | unknown)
        if not keep.any():
            break
        paths, rows, side, place, lost = paths[keep], rows[keep], side[keep], following[keep], lost[keep]
        inner, outer, floor, last, miss = inner[keep], outer[keep], floor[keep], last[keep], miss[keep]
        reached, theta, pace = reached[keep], theta[:, keep], pace[:, keep]
    else:
        limit[paths] = 2.0 * np.sinh(inner)
    return limit.reshape(2, -1)
