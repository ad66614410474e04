"""softmax and its logarithm, with masks: a logit of -inf has probability 0, one of +inf takes all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from array_api_compat import is_jax_array, is_numpy_array
from numpy.typing import NDArray

from evstats.arrays import is_tensor
from evstats.errors import ArgumentError
from evstats.sampling.arrays import (
    Array,
    as_given,
    as_logits,
    checked_axis,
    compiled,
    greatest_of,
    known,
    namespace,
    of_their_library,
    on_host,
    out_of_sight,
    starts_with_nan,
)

__all__ = [
    "below_maximum",
    "lies_near_zero",
    "log_softmax",
    "resolve_infinite",
    "softmax",
    "unchecked_below_maximum",
    "unchecked_softmax",
    "with_greatest",
    "with_infinite_resolved",
]


#: Up to here noise is rounded as finely as where it matters most, in the upper tail.
_NEAR = 32.0


@of_their_library
def softmax(logits: Any, axis: int = -1) -> NDArray[Any]:
    """Probabilities proportional to exp(logits).

    Parameters
    ----------
    logits
        Real NumPy, PyTorch or JAX array; -inf is a mask (probability 0), +inf is certain (several share alike).
    axis
        The axis of the categories.

    Returns
    -------
    array
        Shaped like the logits; rows add up to 1.

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
    return _of_rows(unchecked_softmax, logits, axis)


@of_their_library
def log_softmax(logits: Any, axis: int = -1) -> NDArray[Any]:
    """Logarithm of ``softmax``, without underflow: -inf only for masked categories.

    Parameters
    ----------
    logits
        As ``softmax`` takes them.
    axis
        The axis of the categories.

    Returns
    -------
    array
        Shaped like the logits.

    Examples
    --------
    >>> from evstats import sampling
    >>> float(sampling.log_softmax([0.0, -1000.0])[1])
    -1000.0
    """
    return _of_rows(_log_softmax, logits, axis)


def _of_rows(compute: Callable[..., Array], logits: Any, axis: int) -> Array:
    array = as_logits(logits)
    axis = checked_axis(array, axis)
    return as_given(with_infinite_resolved(compiled(compute, array, "axis"), array, axis), logits)


def below_maximum(logits: Array, axis: int) -> Array:
    """The logits minus the greatest of their row, so that the greatest is 0, checked: what noise is added to.

    Without it logits near 1e6 would round the noise to sixteenths in float32. No gradient flows through the maximum:
    every function of the result here is unchanged when a constant is added to the logits.
    """
    logits, greatest = with_greatest(logits, axis)
    return logits - greatest


def with_greatest(logits: Array, axis: int) -> tuple[Array, Array]:
    """Logits that can be drawn from (+inf resolved), and the greatest of each row, the axis kept."""
    greatest = greatest_of(logits, axis)
    if out_of_sight(logits) or not _all_finite(greatest):
        logits = resolve_infinite(logits, axis)
        greatest = greatest_of(logits, axis)
    return logits, greatest


def resolve_infinite(logits: Array, axis: int) -> Array:
    """Where a row has a logit of +inf: those 0 and all others -inf. An error for rows that cannot be drawn from."""
    xp = namespace(logits)
    greatest = greatest_of(logits, axis)
    if known(xp.any(xp.isnan(greatest))):
        raise ArgumentError("logits contain NaN", "expected real numbers (-inf masks a category).")
    if known(xp.any(greatest == -xp.inf)):
        raise ArgumentError("logits are -inf throughout in a row, so that no category can be drawn; unmask one.")
    certain = xp.where(logits == xp.inf, xp.zeros_like(logits), xp.full_like(logits, -xp.inf))
    return xp.where(greatest == xp.inf, certain, logits)


def with_infinite_resolved(compute: Callable[..., Array], logits: Array, axis: int) -> Array:
    """``compute(logits, axis=axis)``, whose rows are NaN throughout where a logit is NaN or the greatest is infinite.

    Such rows are rare, so they are looked for in the result: they are computed again with +inf resolved, or explained.
    """
    if out_of_sight(logits):
        return compute(resolve_infinite(logits, axis), axis=axis)
    if is_numpy_array(logits):
        with np.errstate(invalid="ignore"):
            return _resolved_where_nan(compute, logits, axis)
    return _resolved_where_nan(compute, logits, axis)


def _resolved_where_nan(compute: Callable[..., Array], logits: Array, axis: int) -> Array:
    result = compute(logits, axis=axis)
    if starts_with_nan(result, axis):
        result = compute(resolve_infinite(logits, axis), axis=axis)
        if starts_with_nan(result, axis):
            raise ArgumentError("noise contains NaN or infinities", "expected standard Gumbel values.")
    return result


def lies_near_zero(logits: Array) -> bool:
    """Whether noise can be added to a tensor as it is: all finite, and so near 0 that no noise is rounded off.

    False where that cannot be seen. It costs one pass, less than subtracting the greatest of each row and a look for
    NaN in the result; NumPy and JAX do those in fewer steps.
    """
    if not is_tensor(logits) or out_of_sight(logits) or not logits.numel():
        return False
    low, high = logits.detach().aminmax()
    return low.item() >= -_NEAR and high.item() <= _NEAR


def unchecked_below_maximum(logits: Array, axis: int) -> Array:
    """The logits minus the greatest of their row; NaN where that is infinite or NaN."""
    return logits - greatest_of(logits, axis)


def unchecked_softmax(logits: Array, axis: int) -> Array:
    """softmax without a look at the rows."""
    if is_tensor(logits):
        return logits.softmax(axis)
    if is_jax_array(logits):
        import jax

        return jax.nn.softmax(logits, axis)
    weights = unchecked_below_maximum(logits, axis)
    np.exp(weights, out=weights)
    weights /= weights.sum(axis=axis, keepdims=True)
    return weights


def _log_softmax(logits: Array, axis: int) -> Array:
    if is_tensor(logits):
        return logits.log_softmax(axis)
    if is_jax_array(logits):
        import jax

        return jax.nn.log_softmax(logits, axis)
    shifted = unchecked_below_maximum(logits, axis)
    shifted -= np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    return shifted


def _all_finite(values: Array) -> bool:
    host = on_host(values)
    if host is not None:
        return bool(np.isfinite(host).all())
    xp = namespace(values)
    return known(xp.all(xp.isfinite(values)))
