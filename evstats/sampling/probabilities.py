"""softmax and its logarithm, with masks: a logit of -inf has probability 0, one of +inf takes all."""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace

from evstats.errors import ArgumentError
from evstats.sampling.arrays import Array, as_logits, checked_axis


def softmax(logits: Any, axis: int = -1) -> Array:
    """Probabilities proportional to exp(logits).

    Parameters
    ----------
    logits : real array; -inf is a mask (probability 0), +inf is certain (several share alike).
    axis : the axis of the categories.

    Raises
    ------
    ArgumentError
        If a row has no logit above -inf, or one that is NaN.

    Examples
    --------
    >>> from evstats import sampling
    >>> [float(p) for p in sampling.softmax([0.0, 0.0, float("-inf")])]
    [0.5, 0.5, 0.0]
    """
    array = as_logits(logits)
    axis = checked_axis(array, axis)
    xp = array_namespace(array)
    weights = xp.exp(below_maximum(array, axis))
    return weights / xp.sum(weights, axis=axis, keepdims=True)


def log_softmax(logits: Any, axis: int = -1) -> Array:
    """Logarithm of ``softmax``, without underflow: -inf only for masked categories.

    Examples
    --------
    >>> from evstats import sampling
    >>> float(sampling.log_softmax([0.0, -1000.0])[1])
    -1000.0
    """
    array = as_logits(logits)
    axis = checked_axis(array, axis)
    xp = array_namespace(array)
    shifted = below_maximum(array, axis)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=axis, keepdims=True))


def below_maximum(logits: Array, axis: int) -> Array:
    """The logits minus the greatest of their row, so that the greatest is 0."""
    xp = array_namespace(logits)
    greatest = xp.max(logits, axis=axis, keepdims=True)
    if bool(xp.any(xp.isnan(greatest))):
        raise ArgumentError("logits contain NaN; expected real numbers (-inf masks a category).")
    if bool(xp.any(greatest == -xp.inf)):
        raise ArgumentError("a row of logits is -inf throughout, so that no category can be drawn; unmask one.")
    if bool(xp.any(greatest == xp.inf)):
        certain = xp.where(logits == xp.inf, xp.zeros_like(logits), xp.full_like(logits, -xp.inf))
        logits = xp.where(greatest == xp.inf, certain, logits)
        greatest = xp.where(greatest == xp.inf, xp.zeros_like(greatest), greatest)
    return logits - greatest
