"""What is said unasked of observations that are known by bounds: what hangs on the threshold of perception."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evstats.arrays import Array
from evstats.errors import Status
from evstats.estimators import Estimation
from evstats.intervals import Interval, ProfileLikelihood
from evstats.models import Bounds, Observed
from evstats.notes import Note
from evstats.quantities import Quantity

#: Threshold of perception, as a multiple of the one given, at which the answer is given too.
HALVED, DOUBLED = 0.5, 2.0
#: From this share of blocks known on one side only, other than by perception, the plain profile holds less.
_OPEN = 0.1


def on_bounds(estimation: Estimation, level: Quantity | None) -> Iterator[Note]:
    """The notes on the bounds of one series."""
    design = estimation.design
    if isinstance(design, Observed) and level is not None and (told := _on_perception(estimation, design, level)):
        yield told


def on_profile(interval: Interval, estimation: Estimation) -> Note | None:
    """A note where the plain profile is short: of many blocks that are known on one side only."""
    design = estimation.design
    if not (isinstance(interval, ProfileLikelihood) and isinstance(design, Observed)):
        return None
    bounds = Bounds.of(estimation.values)
    unwatched = True if design.perception is None else np.isneginf(design.perception)
    count = int(np.count_nonzero((bounds.below | bounds.above) & unwatched))
    n = int(design.counts(estimation.values))
    return Note("profile_of_open_bounds", count=count, n=n) if count >= _OPEN * n else None


def _on_perception(estimation: Estimation, design: Observed, level: Quantity) -> Note | None:
    """What the level would be with the threshold of perception halved and doubled.

    The one that is more extreme ends at the least extreme peak known by it: that one was noted.
    """
    if design.perception is None:
        return None
    watched = design.perception[np.isfinite(design.perception)]
    if not watched.size or watched.min() <= 0.0:
        return None
    thresholds = [_moved(estimation, design.perception, factor) for factor in (HALVED, DOUBLED)]
    found = [_with(estimation, design.perception, moved) for moved, _ in thresholds]
    if any(other.estimate.status != Status.CONVERGED for other in found):
        return None
    now, halved, doubled = (level(other.distribution)[0] for other in (estimation, *found))
    shared = {"threshold": np.unique(watched), "count": watched.size, "minima": estimation.family.minima}
    shared |= {"ended": any(ended for _, ended in thresholds)}
    return Note("perception", period=level.questions[0], now=now, halved=halved, doubled=doubled, **shared)


def _moved(estimation: Estimation, perception: Array, factor: float) -> tuple[Array, bool]:
    """Other thresholds of perception, none more extreme than a peak that is known by it, and whether one ends there."""
    sign = -1.0 if estimation.family.minima else 1.0
    lower, upper = Bounds.of(sign * estimation.values)
    moved, ended = factor * perception, False
    for level in np.unique(perception[np.isfinite(perception)]):
        own = perception == level
        known = own & np.isfinite(lower) & np.isfinite(upper)
        ends = upper[known].min(initial=np.inf)
        if sign * factor * level > ends:
            moved[own], ended = sign * ends, True
    return moved, ended


def _with(estimation: Estimation, perception: Array, moved: Array) -> Estimation:
    """The same with other thresholds of perception: of a block that they would not have shown that alone is known."""
    sign = -1.0 if estimation.family.minima else 1.0
    lower, upper = Bounds.of(sign * estimation.values)
    old, new = (np.where(np.isfinite(perception), sign * each, np.nan) for each in (perception, moved))
    only = (lower == old) & np.isposinf(upper)  # so many are known to have passed it, whatever it was
    unseen = ((upper < new) & np.isfinite(lower)) | (np.isneginf(lower) & (upper == old))
    lower, upper = np.where(only, new, np.where(unseen, -np.inf, lower)), np.where(unseen, new, upper)
    return estimation.again(sign * np.stack([lower, upper], axis=-1))


__all__ = ["on_bounds", "on_profile"]
