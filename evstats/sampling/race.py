"""Exponential races: the first categories to arrive, without a clock for each.

Let category i arrive at rate w_i = exp(logit_i), independently of the others. Its first arrival is exponential with
that rate, so minus the logarithm of the time is ``logit_i + g_i``: the first k categories to arrive are the Gumbel
top-k. All arrivals together are one Poisson process of rate W = sum(w), each arrival of category i with probability
w_i/W. So the winners can be drawn as they come in, about k draws in place of one for every category.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evstats import noise as noises
from evstats.sampling.choosing import top_of_row
from evstats.sampling.posterior import truncate_gumbel

__all__ = ["Floats", "Indices", "Wheel", "race_of_rows", "races_of_one", "wheel_of", "work_for"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
#: Categories in a column of the wheel; a power of 2.
_DEPTH = 32
_LARGEST_BELOW_ONE = 1.0 - 2.0**-53
#: Arrivals held at a time, so that the passes over them stay in the processor's cache.
_MOST_ARRIVALS = 32_768
#: Arrivals are awaited up to this part of the number of categories.
_PATIENCE = 16


class Wheel(NamedTuple):
    """Weights arranged to be drawn from: first a column of 32 categories, then the category.

    ``edges`` (columns,) are running sums of the columns' weights, ``inner`` (32, columns) running sums down each
    column. Category i stands in row i // columns of column i % columns.
    """

    edges: Floats
    inner: Floats


def wheel_of(logits: NDArray[Any], greatest: float, work: Floats | None = None) -> Wheel:
    """The wheel of one row of logits, with weights exp(logits - greatest); ``work`` is memory from ``work_for``."""
    weights = work_for(logits.size) if work is None else work
    np.subtract(logits, greatest, out=weights[: logits.size])
    weights[logits.size :] = -np.inf
    np.exp(weights, out=weights)
    inner = weights.reshape(_DEPTH, -1)
    for above, below in pairwise(inner):
        np.add(above, below, out=below)
    return Wheel(np.cumsum(inner[-1]), inner)


def work_for(n: int) -> Floats:
    """Memory for the wheel of n categories."""
    return np.empty(-(-n // _DEPTH) * _DEPTH)


def race_of_rows(
    rows: NDArray[Any], greatest: NDArray[Any], count: int, rng: noises.RandomState
) -> tuple[Indices, Floats]:
    """The first ``count`` categories of each row (m, n), and their keys less the greatest logit, both (m, count)."""
    random = noises.generator(rng)
    indices, keys = np.empty((len(rows), count), np.intp), np.empty((len(rows), count))
    number, work = _fewest_arrivals(count), work_for(rows.shape[1])
    for part in _parts(len(rows), number):
        arrivals = _arrivals(len(rows[part]), number, random)
        found, totals = np.empty(arrivals.order.shape, np.intp), np.empty((len(arrivals.order), 1))
        for i, (row, top) in enumerate(zip(rows[part], greatest[part], strict=True)):
            wheel = wheel_of(row, top, work)
            found[i], totals[i] = _categories_at(wheel, arrivals.shares[i]), wheel.edges[-1]
        indices[part], keys[part] = _winners(found, arrivals, totals, count, rows[part], greatest[part], random)
    return indices, keys


def races_of_one(
    wheel: Wheel, logits: NDArray[Any], greatest: float, count: int, draws: int, rng: noises.RandomState
) -> tuple[Indices, Floats]:
    """The same of one row (n,), in many independent races: winners and keys, both (draws, count)."""
    random = noises.generator(rng)
    indices, keys = np.empty((draws, count), np.intp), np.empty((draws, count))
    number = _enough_arrivals(np.exp(logits - greatest) / wheel.edges[-1], count)
    for part in _parts(draws, number):
        m = len(indices[part])
        arrivals = _arrivals(m, number, random)
        found, totals = _categories_at(wheel, arrivals.shares), np.full((m, 1), wheel.edges[-1])
        rows, tops = np.broadcast_to(logits, (m, logits.size)), np.full(m, greatest)
        indices[part], keys[part] = _winners(found, arrivals, totals, count, rows, tops, random)
    return indices, keys


def _parts(draws: int, number: int) -> list[slice]:
    at_once = max(1, _MOST_ARRIVALS // number)
    return [slice(start, start + at_once) for start in range(0, draws, at_once)]


def _fewest_arrivals(count: int) -> int:
    """Enough for that many different ones where no category is heavy."""
    return count + count // 4 + 8


def _enough_arrivals(p: Floats, count: int) -> int:
    """So many that the expected number of different categories is three standard deviations above ``count``.

    Not many more than a sixteenth of the categories: beyond, a clock for each of them is cheaper than waiting.
    """
    number = _fewest_arrivals(count)
    while number * _PATIENCE < p.size and -np.expm1(-number * p).sum() < count + 3.0 * math.sqrt(count):
        number *= 2
    return number


class _Arrivals(NamedTuple):
    """Arrivals before their categories are known, all (draws, number).

    ``clock``: their times, if arrivals came at rate 1. ``shares``: where on its wheel each falls, sorted. ``order``:
    which arrival has that share.
    """

    clock: Floats
    shares: Floats
    order: Indices


def _arrivals(draws: int, number: int, random: noises.RandomState) -> _Arrivals:
    e = noises.exponential((2, draws, number), rng=random)
    shares = np.exp(-e[1])
    order = np.argsort(shares, axis=1)
    return _Arrivals(np.cumsum(e[0], axis=1), np.take_along_axis(shares, order, axis=1), order)


def _categories_at(wheel: Wheel, shares: Floats) -> Indices:
    """The category at each share of the wheel: its column by bisection, then its row, all shares at once.

    Sorted shares are found several times faster, and those of one category lie together.
    """
    target = shares * (wheel.edges[-1] * _LARGEST_BELOW_ONE)
    column = np.searchsorted(wheel.edges, target, side="right")
    target -= np.concatenate([[0.0], wheel.edges])[column]
    np.minimum(target, wheel.inner[-1, column] * _LARGEST_BELOW_ONE, out=target)
    inner, columns = wheel.inner.ravel(), wheel.edges.size
    position, step = column, _DEPTH // 2
    while step:
        position = position + step * columns * (inner[position + (step - 1) * columns] <= target)
        step //= 2
    return position


def _winners(
    found: Indices,
    arrivals: _Arrivals,
    totals: Floats,
    count: int,
    rows: NDArray[Any],
    greatest: NDArray[Any],
    random: noises.RandomState,
) -> tuple[Indices, Floats]:
    """The first different categories of each race, from the categories ``found`` at the sorted shares, and their keys.

    Races with too few different arrivals are finished with a clock for each category of their row.
    """
    draws, number = found.shape
    new = np.ones(found.shape, bool)
    np.not_equal(found[:, 1:], found[:, :-1], out=new[:, 1:])
    starts = np.flatnonzero(new)
    earliest = starts // number, np.minimum.reduceat(arrivals.order.ravel(), starts)
    first, categories = np.zeros(found.shape, bool), np.zeros_like(found)
    first[earliest], categories[earliest] = True, found.ravel()[starts]
    place = np.cumsum(first, axis=1)
    done = place[:, -1] >= count
    winners = first & (place <= count) & done[:, None]
    indices, keys = np.empty((draws, count), np.intp), np.empty((draws, count))
    clock = arrivals.clock / totals
    indices[done] = categories[winners].reshape(-1, count)
    keys[done] = -np.log(clock[winners]).reshape(-1, count)
    for i in np.flatnonzero(~done):
        seen, times = categories[i, first[i]], clock[i, first[i]]
        late, late_keys = _still_to_come(rows[i], greatest[i], seen, count - seen.size, clock[i, -1], random)
        indices[i], keys[i] = np.concatenate([seen, late]), np.concatenate([-np.log(times), late_keys])
    return indices, keys


def _still_to_come(
    logits: NDArray[Any], greatest: float, seen: Indices, count: int, time: float, random: noises.RandomState
) -> tuple[Indices, Floats]:
    """The next categories of a race in which heavy ones come again and again: a clock for each not seen so far.

    A category that has not arrived by a time starts afresh then, so that its key is a Gumbel truncated at -log(time).
    """
    keys = noises.gumbel(logits.shape, rng=random)
    keys += logits
    keys[seen] = -np.inf
    winners = top_of_row(keys, count)
    return winners, truncate_gumbel(keys[winners] - greatest, -np.log(time))
