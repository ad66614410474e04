"""softmax and its logarithm, with masks: a logit of -inf has probability 0, one of +inf takes all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_jax_array, is_torch_array
from numpy.typing import NDArray

from evstats.errors import ArgumentError
from evstats.sampling.arrays import Array, as_given, as_logits, checked_axis, detached, known, traced

#: Bytes of rows worked on at a time in NumPy, so that the passes over them stay in the processor's cache.
_BLOCK_BYTES = 262_144


def softmax(logits: Any, axis: int = -1) -> Array:
    """Probabilities proportional to exp(logits).

    Parameters
    ----------
    logits : real NumPy, PyTorch or JAX array; -inf is a mask (probability 0), +inf is certain (several share alike).
    axis : the axis of the categories.

    Raises
    ------
    ArgumentError
        If a row has only logits of -inf, or one that is NaN. Inside ``jax.jit`` such a row is NaN instead.

    Examples
    --------
    >>> from evstats import sampling
    >>> [float(p) for p in sampling.softmax([0.0, 0.0, float("-inf")])]
    [0.5, 0.5, 0.0]
    """
    return _normalised(_softmax, logits, axis)


def log_softmax(logits: Any, axis: int = -1) -> Array:
    """Logarithm of ``softmax``, without underflow: -inf only for masked categories.

    Examples
    --------
    >>> from evstats import sampling
    >>> float(sampling.log_softmax([0.0, -1000.0])[1])
    -1000.0
    """
    return _normalised(_log_softmax, logits, axis)


def below_maximum(logits: Array, axis: int) -> Array:
    """The logits minus the greatest of their row, so that the greatest is 0, checked: what noise is added to.

    Without it logits near 1e6 would round the noise to sixteenths in float32. No gradient flows through the maximum:
    every function of the result here is unchanged when a constant is added to the logits.
    """
    xp = array_namespace(logits)
    greatest = detached(xp.max(logits, axis=axis, keepdims=True))
    if traced(logits) or not known(xp.all(xp.isfinite(greatest))):
        logits = resolve_infinite(logits, axis)
        greatest = detached(xp.max(logits, axis=axis, keepdims=True))
    return logits - greatest


def resolve_infinite(logits: Array, axis: int) -> Array:
    """Where a row has a logit of +inf: those 0 and all others -inf. An error for rows that cannot be drawn from."""
    xp = array_namespace(logits)
    greatest = detached(xp.max(logits, axis=axis, keepdims=True))
    if known(xp.any(xp.isnan(greatest))):
        raise ArgumentError("logits contain NaN; expected real numbers (-inf masks a category).")
    if known(xp.any(greatest == -xp.inf)):
        raise ArgumentError("logits are -inf throughout in a row, so that no category can be drawn; unmask one.")
    certain = xp.where(logits == xp.inf, xp.zeros_like(logits), xp.full_like(logits, -xp.inf))
    return xp.where(greatest == xp.inf, certain, logits)


def row_blocks(rows: NDArray[Any]) -> list[slice]:
    """Slices of the first axis of a 2-d array that cover it, each of a size that stays in the cache."""
    length = max(1, _BLOCK_BYTES // (rows.itemsize * max(1, rows.shape[1])))
    return [slice(start, start + length) for start in range(0, len(rows), length)]


def _normalised(function: Callable[[Array, int], Array], logits: Any, axis: int) -> Array:
    array = as_logits(logits)
    axis = checked_axis(array, axis)
    result = function(resolve_infinite(array, axis) if traced(array) else array, axis)
    xp = array_namespace(array)
    # One value of a row is NaN only if all are: rows with an infinite maximum or a NaN, rare enough for a second pass.
    if known(xp.any(xp.isnan(result[(slice(None),) * axis + (0,)]))):
        result = function(resolve_infinite(array, axis), axis)
    return as_given(result, logits)


def _softmax(logits: Array, axis: int) -> Array:
    if is_torch_array(logits):
        return logits.softmax(axis)
    if is_jax_array(logits):
        import jax

        return jax.nn.softmax(logits, axis)
    return _by_rows(_softmax_into, logits, axis)


def _log_softmax(logits: Array, axis: int) -> Array:
    if is_torch_array(logits):
        return logits.log_softmax(axis)
    if is_jax_array(logits):
        import jax

        return jax.nn.log_softmax(logits, axis)
    return _by_rows(_log_softmax_into, logits, axis)


def _by_rows(into: Callable[..., None], logits: NDArray[Any], axis: int) -> NDArray[Any]:
    out = np.empty(logits.shape, logits.dtype)
    with np.errstate(invalid="ignore"):
        if axis != logits.ndim - 1 or not logits.flags.c_contiguous:
            into(logits, axis, out)
            return out
        rows, results = (array.reshape(-1, array.shape[-1]) for array in (logits, out))
        for block in row_blocks(rows):
            into(rows[block], 1, results[block])
    return out


def _softmax_into(logits: NDArray[Any], axis: int, out: NDArray[Any]) -> None:
    np.subtract(logits, logits.max(axis=axis, keepdims=True), out=out)
    np.exp(out, out=out)
    np.divide(out, out.sum(axis=axis, keepdims=True), out=out)


def _log_softmax_into(logits: NDArray[Any], axis: int, out: NDArray[Any]) -> None:
    np.subtract(logits, logits.max(axis=axis, keepdims=True), out=out)
    np.subtract(out, np.log(np.exp(out).sum(axis=axis, keepdims=True)), out=out)
