"""Drawing categories: Gumbel-max, and the inverse distribution function (the roulette wheel)."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace

from evstats.sampling.arrays import Array, as_logits, checked_axis, gumbel_for
from evstats.sampling.probabilities import below_maximum


def gumbel_max(logits: Any, *, axis: int = -1, rng: Any = None, noise: Any = None) -> Array:
    """One category per row, drawn from softmax(logits) as ``argmax(logits + g)``.

    Parameters
    ----------
    logits : real array; -inf masks a category.
    axis : the axis of the categories; the result has the shape of logits without it.
    rng : None, int, SeedSequence or Generator.
    noise : standard Gumbel noise shaped like logits, in place of ``rng``.

    Examples
    --------
    >>> from evstats import sampling
    >>> int(sampling.gumbel_max([0.0, float("-inf")], rng=42))
    0
    """
    array = as_logits(logits)
    axis = checked_axis(array, axis)
    xp = array_namespace(array)
    keys = below_maximum(array, axis) + gumbel_for(array, tuple(array.shape), rng, noise)
    return xp.argmax(keys, axis=axis)


def categorical(logits: Any, *, axis: int = -1, rng: Any = None, noise: Any = None) -> Array:
    """One category per row, drawn from softmax(logits) by inverting its distribution function.

    Parameters
    ----------
    logits : real array; -inf masks a category.
    axis : the axis of the categories; the result has the shape of logits without it.
    rng : None, int, SeedSequence or Generator.
    noise : standard Gumbel values in place of ``rng``, one for each draw: shaped like the result. The probability
        inverted is ``exp(-exp(-noise))``.

    Examples
    --------
    >>> from evstats import sampling
    >>> int(sampling.categorical([0.0, float("-inf")], rng=42))
    0
    """
    array = as_logits(logits)
    axis = checked_axis(array, axis)
    xp = array_namespace(array)
    weights = xp.moveaxis(xp.exp(below_maximum(array, axis)), axis, -1)
    total = xp.cumulative_sum(xp.astype(weights, xp.float64), axis=-1)
    p = xp.exp(-xp.exp(-gumbel_for(np.empty(0), tuple(weights.shape[:-1]), rng, noise)))
    target = xp.minimum(p * total[..., -1], xp.asarray(np.nextafter(total[..., -1], 0.0)))
    return xp.sum(total <= target[..., None], axis=-1)
