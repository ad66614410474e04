"""The step of a record: the usual one, and the one that rules around each gap."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evstats.arrays import Ints, Mask, Places
from evstats.calendars.closings import in_any_run, run_sums

#: With more repeated timestamps than this share, a record whose steps vary is a list of events.
REPEATED = 0.05

#: Gaps that differ by less than this share are the same step: months differ in length, clocks drift.
ALIKE = 0.15

#: Steps that differ by less than this factor are not told apart.
UNLIKE = 1.5

#: A step rules where it makes up so many of so many gaps on end: more than random gaps can by chance.
WINDOW, RULING = 15, 11

_MOST_CANDIDATES = 12

#: Gaps up to which all are looked at, and the length of the runs taken from more.
_ALL, _RUN = 20_000, 1_000


def usual_step(gaps: Ints, repeated: float = 0.0) -> int | None:
    """The commonest gap, or where the gaps are alike but no two the same their median; None for irregular times.

    ``repeated`` is the share of timestamps that repeat the one before, as they do in a list of events.
    """
    if not gaps.size:
        return None
    step, share = _mode(gaps)
    if share >= (0.5 if repeated > REPEATED else 0.1):
        return step
    median = int(np.median(gaps))
    alike = np.count_nonzero(np.abs(gaps - median) <= 0.5 * median)
    return median if alike >= 0.9 * gaps.size else None


def local_steps(gaps: Ints, usual: int, one_step: bool = False, longest: float = np.inf) -> Ints:
    """The step that rules around each gap (gaps,): one, unlike the usual one, of 11 of 15 gaps on end; else the usual.

    Where two rule, before and after a change, a gap belongs to the one that it is like. A step longer than ``longest``
    rules only where it is the usual one; with ``one_step`` that one rules everywhere.
    """
    everywhere = np.broadcast_to(np.int64(usual), gaps.shape)
    if one_step or not (doubtful := _where_not_ruling(gaps, usual)).any():
        return everywhere
    some = gaps[doubtful]
    found, fallback = np.where(_alike(some, usual), usual, 0), np.zeros_like(some)
    for step in _candidates(some, usual, longest):
        ruled = _ruled(_alike(some, step))
        found[(found == 0) & ruled & _alike(some, step)] = step
        fallback[(fallback == 0) & ruled] = step
    found = np.where(found > 0, found, fallback)
    if (left := found == 0).any():
        other = usual_step(some[left]) or usual
        found[left] = other if UNLIKE * other <= usual else usual
    if (found == usual).all():
        return everywhere
    steps = np.array(everywhere)
    steps[doubtful] = found
    return steps


def _alike(gaps: Ints, step: int) -> Mask:
    return np.abs(gaps - step) <= ALIKE * step


def _where_not_ruling(gaps: Ints, usual: int) -> Mask:
    """The neighbourhoods in which the usual step is not at least 4 of 10 gaps."""
    lengths = np.diff(np.append(np.arange(0, gaps.size, WINDOW), gaps.size))
    others = np.bincount(np.flatnonzero(gaps != usual) // WINDOW, minlength=lengths.size)
    few = others > 0.6 * lengths
    near = few | np.append(few[1:], False) | np.append(False, few[:-1])
    return np.repeat(near, lengths) if near.any() else near


def _candidates(gaps: Ints, usual: int, longest: float) -> Ints:
    """The usual step, and gaps unlike it that are common enough to rule somewhere, the commonest first."""
    distinct, counts = np.unique(gaps, return_counts=True)
    unlike = (UNLIKE * distinct <= usual) | ((distinct >= UNLIKE * usual) & (distinct <= longest))
    common = unlike & (counts >= min(RULING, max(1, gaps.size // 2)))
    order = np.argsort(-counts[common], kind="stable")[:_MOST_CANDIDATES]
    return np.append(usual, distinct[common][order])


def _ruled(alike: Mask) -> Mask:
    """Which gaps lie in a run of 15 of which 11 are alike."""
    window = min(WINDOW, alike.size)
    return in_any_run(run_sums(alike, window) >= RULING * window / WINDOW, window)


def wide_gaps(gaps: Ints, steps: Ints) -> Ints:
    """Where a gap is more than one and a half of the steps around it, so that a value is missing in it."""
    return np.flatnonzero(gaps > 3 * (steps[:1] if is_constant(steps) else steps) // 2)


def is_constant(steps: Ints) -> bool:
    """Whether one step rules everywhere."""
    return steps.strides == (0,) or bool(np.all(steps == steps[:1]))


def missing_values(gaps: Ints, steps: Ints) -> Ints:
    """How many values are missing in gaps."""
    return np.maximum(np.ceil(gaps / steps - 1.5), 0.0).astype(np.int64)


def on_the_wall(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Timestamps in local time, without their zone."""
    return index if index.tz is None else index.tz_localize(None)


def middle_gap(index: pd.DatetimeIndex) -> np.timedelta64:
    """About the median distance of neighbouring timestamps, 0 for a single one."""
    ticks: Ints = index.asi8
    if ticks.size < 2:
        return np.timedelta64(0, index.unit)
    place = _sampled(ticks.size - 1)
    return np.timedelta64(int(np.median(ticks[place + 1] - ticks[place])), index.unit)


def _sampled(size: int) -> Places:
    """All places, or of a long record runs of neighbours taken evenly: selecting among millions is slow."""
    if size <= _ALL:
        return np.arange(size)
    starts = np.linspace(0, size - _RUN, _ALL // _RUN).astype(np.intp)
    return (starts[:, None] + np.arange(_RUN)).ravel()


def _mode(values: Ints) -> tuple[int, float]:
    """The commonest value and its share; a long record is not sorted where its median is that value."""
    median = int(np.median(values[_sampled(values.size)]))
    share = np.count_nonzero(values == median) / values.size
    if share > 0.5:
        return median, share
    distinct, counts = np.unique(values, return_counts=True)
    return int(distinct[counts.argmax()]), float(counts.max() / values.size)
