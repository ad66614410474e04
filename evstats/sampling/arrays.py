"""What every sampling function does with its arguments first: promote, check, move the axis, find the noise."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

from evstats import noise as noises
from evstats.errors import ArgumentError

#: A NumPy, PyTorch or JAX array.
Array: TypeAlias = Any
Namespace: TypeAlias = Any


def as_logits(logits: Any, name: str = "logits") -> Array:
    """The argument as an array of real floating numbers; sequences become NumPy arrays, integers are promoted."""
    array = logits if is_array_api_obj(logits) else np.asarray(logits)
    xp = array_namespace(array)
    if xp.isdtype(array.dtype, ("bool", "integral")):
        array = xp.astype(array, xp.float64)
    if not xp.isdtype(array.dtype, "real floating"):
        raise ArgumentError(f"{name} has dtype {array.dtype}; expected real numbers.")
    if array.ndim == 0:
        raise ArgumentError(f"{name} is a single number; expected an array with an axis of categories.")
    return array


def checked_axis(array: Array, axis: int) -> int:
    """The axis counted from the front; an error if the array has no such axis or no category along it."""
    if isinstance(axis, bool) or not isinstance(axis, (int, np.integer)) or not -array.ndim <= axis < array.ndim:
        raise ArgumentError(f"axis is {axis!r}; expected an integer from {-array.ndim} to {array.ndim - 1}.")
    if array.shape[axis] == 0:
        raise ArgumentError(f"logits have shape {tuple(array.shape)}: there is no category along axis {axis}.")
    return int(axis) % array.ndim


def gumbel_for(logits: Array, shape: tuple[int, ...], rng: Any, noise: Any) -> Array:
    """Standard Gumbel noise of that shape for the logits' library: the one given, or fresh from ``rng``."""
    if noise is None:
        return noises.gumbel(shape, rng=rng, dtype=np.float32 if logits.dtype.itemsize <= 4 else np.float64)
    if rng is not None:
        raise ArgumentError("both rng and noise are given; pass one of them.")
    given = np.asarray(noise)
    if given.shape != shape:
        raise ArgumentError(f"noise has shape {given.shape}; expected {shape}.")
    if np.isnan(given).any():
        raise ArgumentError("noise contains NaN; expected standard Gumbel values.")
    return given
