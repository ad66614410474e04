"""Exponential races: the first categories to arrive, without a clock for each.

Let category i arrive at rate w_i = exp(logit_i), independently of the others. Its first arrival is exponential with
that rate, so minus the logarithm of the time is ``logit_i + g_i``: the first k categories to arrive are the Gumbel
top-k. All arrivals together are one Poisson process of rate W = sum(w), each arrival of category i with probability
w_i/W. So the winners can be drawn as they come in, about k draws in place of one for every category.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evstats import noise as noises
from evstats.sampling.choosing import top_of_row
from evstats.sampling.posterior import truncate_gumbel

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
#: Categories in a column of the wheel; a power of 2.
_DEPTH = 32
#: Arrivals held at a time, so that the passes over them stay in the processor's cache.
_MOST_ARRIVALS = 32_768
#: Once this part of the categories might have arrived, drawing a clock for each of the rest is cheaper than waiting.
_PATIENCE = 16


class Wheel(NamedTuple):
    """Weights arranged to be drawn from: first a column of 32 categories, then the category.

    ``logits`` (n,) and the greatest of them; ``edges`` (columns,), running sums of the columns' weights
    ``exp(logits - greatest)``; ``inner`` (32, columns), running sums down each column. Category i stands in row
    i // columns of column i % columns.
    """

    logits: NDArray[Any]
    greatest: float
    edges: Floats
    inner: Floats


def wheel_of(logits: NDArray[Any], greatest: float, work: Floats | None = None) -> Wheel:
    """The wheel of one row of logits; ``work`` is memory to use, 0 beyond them."""
    n = logits.size
    weights = work_for(n) if work is None else work
    np.subtract(logits, greatest, out=weights[:n])
    np.exp(weights[:n], out=weights[:n])
    inner = weights.reshape(_DEPTH, -1)
    for above, below in pairwise(inner):
        np.add(above, below, out=below)
    return Wheel(logits, greatest, np.cumsum(inner[-1]), inner)


def race_of_rows(
    rows: NDArray[Any], greatest: NDArray[Any], count: int, rng: noises.RandomState
) -> tuple[Indices, Floats]:
    """The first ``count`` categories of each row (m, n), and their keys less the greatest logit, both (m, count)."""
    random = noises.generator(rng)
    indices, keys = np.empty((len(rows), count), np.intp), np.empty((len(rows), count))
    work = work_for(rows.shape[1])
    for i, row in enumerate(rows):
        work[row.size :] = 0.0
        wheel = wheel_of(row, greatest[i], work)
        indices[i : i + 1], keys[i : i + 1] = _races(wheel, count, 1, random)
    return indices, keys


def work_for(n: int) -> Floats:
    """Memory for the wheel of n categories."""
    return np.zeros(-(-n // _DEPTH) * _DEPTH)


def races(wheel: Wheel, count: int, draws: int, rng: noises.RandomState) -> Iterator[tuple[Indices, Floats]]:
    """Independent races of one wheel, in parts: winners and keys of each, (draws of the part, count)."""
    at_once = max(1, _MOST_ARRIVALS // _expected_arrivals(count))
    for start in range(0, draws, at_once):
        yield _races(wheel, count, min(at_once, draws - start), rng)


def _expected_arrivals(count: int) -> int:
    """Enough for that many different ones where no category is heavy."""
    return count + count // 4 + 8


def _races(wheel: Wheel, count: int, draws: int, random: noises.RandomState) -> tuple[Indices, Floats]:
    indices, keys = np.empty((draws, count), np.intp), np.empty((draws, count))
    running = np.arange(draws)
    categories, times = _arrivals(wheel, np.zeros((draws, 1)), _expected_arrivals(count), random)
    while running.size:
        first = _first_of_each(categories)
        place = np.cumsum(first, axis=1)
        done = place[:, -1] >= count
        winners = first & (place <= count) & done[:, None]
        indices[running[done]] = categories[winners].reshape(-1, count)
        keys[running[done]] = -np.log(times[winners]).reshape(-1, count)
        running, categories, times, first = (part[~done] for part in (running, categories, times, first))
        if categories.shape[1] * _PATIENCE > wheel.logits.size:
            for i, *race in zip(running, categories, times, first, strict=True):
                indices[i], keys[i] = _finished(wheel, count, *race, random)
            break
        more = _arrivals(wheel, times[:, -1:], categories.shape[1], random)
        categories, times = (np.concatenate(parts, axis=1) for parts in zip((categories, times), more, strict=True))
    return indices, keys


def _arrivals(wheel: Wheel, since: Floats, number: int, random: noises.RandomState) -> tuple[Indices, Floats]:
    """The categories of the next arrivals of each race after the times ``since`` (races, 1), and their times."""
    e = noises.exponential((2, len(since), number), rng=random)
    total = wheel.edges[-1]
    times = since + np.cumsum(e[0], axis=1) / total
    target = np.minimum(-np.expm1(-e[1]) * total, np.nextafter(total, 0.0))
    column = np.searchsorted(wheel.edges, target, side="right")
    target -= np.concatenate([[0.0], wheel.edges])[column]
    np.minimum(target, np.nextafter(wheel.inner[-1, column], 0.0), out=target)
    columns = wheel.edges.size
    position = column.copy()
    step = _DEPTH // 2
    while step:
        position += step * columns * (wheel.inner.ravel()[position + (step - 1) * columns] <= target)
        step //= 2
    return position, times


def _first_of_each(categories: Indices) -> NDArray[np.bool_]:
    """Whether no earlier arrival of the same race (a row) was of the same category."""
    order = np.argsort(categories, axis=1, kind="stable")
    in_order = np.take_along_axis(categories, order, axis=1)
    new = np.ones(categories.shape, bool)
    np.not_equal(in_order[:, 1:], in_order[:, :-1], out=new[:, 1:])
    first = np.empty_like(new)
    np.put_along_axis(first, order, new, axis=1)
    return first


def _finished(
    wheel: Wheel,
    count: int,
    categories: Indices,
    times: Floats,
    first: NDArray[np.bool_],
    random: noises.RandomState,
) -> tuple[Indices, Floats]:
    """The winners of one race in which heavy categories come again and again: a clock for each not yet seen.

    A category that has not arrived by time t starts afresh then, so that its key is a Gumbel truncated at -log(t).
    """
    g = noises.gumbel(wheel.logits.shape, rng=random)
    keys = truncate_gumbel(wheel.logits - wheel.greatest + g, -np.log(times[-1]))
    keys[categories[first]] = -np.log(times[first])
    winners = top_of_row(keys, count)
    return winners, keys[winners]
