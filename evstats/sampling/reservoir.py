"""Weighted sampling without replacement from a stream of unknown length, in one pass and the memory of the sample."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from evstats import noise as noises
from evstats.errors import ArgumentError, DataError, whole_number

__all__ = ["Floats", "Item", "ReservoirSample", "reservoir_sample"]

Item = TypeVar("Item")
Floats = NDArray[np.float64]
#: Exponentials drawn at a time.
_BATCH = 256


@dataclass(frozen=True, eq=False)
class ReservoirSample(Generic[Item]):
    """Items of a stream, drawn without replacement with probabilities proportional to their weights.

    Attributes
    ----------
    items
        The items, in the order of Gumbel top-k: the first was drawn first.
    item_weights
        The weights they came with, shape (k,).
    keys
        ``log(weight) + g``, descending, shape (k,).
    threshold
        The (k+1)-th greatest key of the stream; -inf if it had no more items.
    seen
        Number of items in the stream.
    total
        The sum of all their weights.

    Examples
    --------
    >>> from evstats import sampling
    >>> sample = sampling.reservoir_sample(((letter, 1.0) for letter in "abcdef"), 2, rng=1)
    >>> len(sample.items), sample.seen
    (2, 6)
    """

    items: tuple[Item, ...]
    item_weights: Floats
    keys: Floats
    threshold: float
    seen: int
    total: float

    @property
    def inclusion(self) -> Floats:
        """Probability that each item is in the sample, given the threshold."""
        with np.errstate(over="ignore"):
            return -np.expm1(-self.item_weights * np.exp(-self.threshold))

    @property
    def weights(self) -> Floats:
        """``sum(weights * f(items))`` is unbiased for the weighted mean of f over the stream.

        Divide by the item's share ``item_weights / total`` for what estimates the plain sum over the stream.
        """
        return self.item_weights / self.total / self.inclusion


def reservoir_sample(
    stream: Iterable[tuple[Item, float]], k: int, *, rng: noises.RandomState = None
) -> ReservoirSample[Item]:
    """Draw k items from a stream of (item, weight) pairs that is read once and never held.

    Each item has a clock that rings after an exponential time of rate weight; the k first to ring are the sample, as in
    Gumbel top-k with logits log(weight). Once k + 1 items are held, most later ones cannot ring before the last of
    them: how much weight passes until one does is exponential too, so that no noise is drawn for those in between
    (exponential jumps), about k log(n/k) draws in all.

    Parameters
    ----------
    stream
        Iterable of (item, weight), weights finite and 0 or more; an item of weight 0 is never drawn.
    k
        How many items.
    rng
        None, int, SeedSequence or Generator.

    Returns
    -------
    ReservoirSample
        The items in the order drawn, with weights for estimates.

    Raises
    ------
    ArgumentError
        If the stream has fewer than k items of positive weight.
    DataError
        If an entry is no such pair, or a weight negative, infinite or NaN; the message says where.

    References
    ----------
    - Efraimidis, P. S. and Spirakis, P. G. (2006). Weighted random sampling with a reservoir. Information Processing
      Letters 97, 181-185 (algorithm A-ExpJ).

    Examples
    --------
    >>> from evstats import sampling
    >>> sample = sampling.reservoir_sample(((word, len(word)) for word in ("to", "be", "or", "not")), 2, rng=42)
    >>> len(sample.items), sample.seen, sample.total
    (2, 4, 9.0)
    """
    k = whole_number(k, "k", least=1)
    clocks = _exponentials(noises.generator(rng))
    held: list[tuple[float, int, float, Item]] = []  # the greatest time first: (-time, position, weight, item)
    position, total, until = -1, 0.0, 0.0
    for position, entry in enumerate(stream):
        item, weight = _checked_pair(entry, position)
        total += weight
        if total <= until or weight == 0.0:
            continue
        if len(held) <= k:
            heapq.heappush(held, (-next(clocks) / weight, position, weight, item))
        else:
            last = -held[0][0]
            heapq.heapreplace(held, (-_time_before(last, weight, next(clocks)), position, weight, item))
        if len(held) > k:
            until = total + next(clocks) / -held[0][0]
    return _sample(held, k, position + 1, total)


def _checked_pair(entry: Any, position: int) -> tuple[Any, float]:
    try:
        item, weight = entry
        if 0.0 <= weight < math.inf:
            return item, weight
    except (TypeError, ValueError) as error:
        raise DataError(
            f"item {position} of the stream is {entry!r}",
            "expected a pair, the item and its weight (a number).",
        ) from error
    raise DataError(f"the weight of item {position} of the stream is {weight!r}", "expected 0 or more, finite.")


def _time_before(last: float, weight: float, e: float) -> float:
    """An exponential time of rate ``weight`` given that it is below ``last``; exp(-e) is uniform."""
    return -math.log1p(math.exp(-e) * math.expm1(-weight * last)) / weight


def _exponentials(random: noises.RandomState) -> Iterator[float]:
    while True:
        yield from noises.exponential(_BATCH, rng=random).tolist()


def _sample(held: list[tuple[float, int, float, Any]], k: int, seen: int, total: float) -> ReservoirSample[Any]:
    if len(held) < k:
        raise ArgumentError(f"k is {k}, but the stream had only {len(held)} items of positive weight.")
    ordered = sorted(held, key=lambda entry: -entry[0])
    times = np.array([-entry[0] for entry in ordered])
    keys = -np.log(times)
    return ReservoirSample(
        tuple(entry[3] for entry in ordered[:k]),
        np.array([entry[2] for entry in ordered[:k]], np.float64),
        keys[:k],
        float(keys[k]) if len(ordered) > k else -math.inf,
        seen,
        total,
    )
