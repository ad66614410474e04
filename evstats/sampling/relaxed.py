"""The Gumbel-softmax relaxation of a categorical draw (Jang et al. 2017; Maddison et al. 2017)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from evstats.errors import ArgumentError
from evstats.sampling.arrays import Array, as_logits, checked_axis, gumbel_for
from evstats.sampling.probabilities import below_maximum, softmax


def gumbel_softmax(
    logits: Any,
    temperature: float = 1.0,
    *,
    hard: bool = False,
    axis: int = -1,
    rng: Any = None,
    noise: Any = None,
) -> Array:
    """A relaxed one-hot draw, ``softmax((logits + g)/temperature)``.

    Parameters
    ----------
    logits : real array; -inf masks a category.
    temperature : 0 or more; 0 gives the exact one-hot of the category drawn.
    hard : give the one-hot of the category drawn.
    axis : the axis of the categories.
    rng : None, int, SeedSequence or Generator.
    noise : standard Gumbel noise shaped like logits, in place of ``rng``.

    Examples
    --------
    >>> from evstats import sampling
    >>> [float(p) for p in sampling.gumbel_softmax([0.0, float("-inf")], 0.5, rng=42)]
    [1.0, 0.0]
    """
    if not temperature >= 0 or math.isinf(temperature):
        raise ArgumentError(f"temperature is {temperature}; expected a finite number of 0 or more.")
    array = as_logits(logits)
    axis = checked_axis(array, axis)
    xp = array_namespace(array)
    keys = below_maximum(array, axis) + gumbel_for(array, tuple(array.shape), rng, noise)
    if hard or temperature == 0:
        winner = xp.expand_dims(xp.argmax(keys, axis=axis), axis=axis)
        shape = [-1 if i == axis else 1 for i in range(array.ndim)]
        return xp.astype(xp.reshape(xp.asarray(np.arange(array.shape[axis])), shape) == winner, array.dtype)
    shifted = keys - xp.max(keys, axis=axis, keepdims=True)
    return xp.astype(softmax(shifted / temperature, axis=axis), array.dtype)
