"""Picking the greatest, and leaving out what was picked: what the array API standard lacks."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import is_array_api_obj, is_jax_array, is_numpy_array
from numpy.typing import NDArray

from evstats.arrays import is_tensor
from evstats.errors import ArgumentError
from evstats.sampling.arrays import Array, known, namespace

__all__ = [
    "as_indices",
    "check_inside",
    "cumulative_log_sum_exp",
    "moved_axis",
    "take_along",
    "top_indices",
    "top_of_row",
    "top_of_rows",
    "without",
]


def as_indices(indices: Any, like: Array, name: str) -> Array:
    """Integers as an array of the library and device of ``like``."""
    array = indices if is_array_api_obj(indices) else np.asarray(indices)
    if not namespace(array).isdtype(array.dtype, "integral"):
        raise ArgumentError(f"{name} has dtype {array.dtype}", "expected integers, the indices of categories.")
    if is_tensor(like):
        import torch

        return torch.as_tensor(array, device=like.device, dtype=torch.int64)
    return array if is_numpy_array(array) and is_numpy_array(like) else namespace(like).asarray(array)


def check_inside(indices: Array, categories: int, name: str) -> None:
    """An error for indices of categories that do not exist, as far as the indices are known."""
    xp = namespace(indices)
    if known(xp.any((indices < 0) | (indices >= categories))):
        raise ArgumentError(f"{name} holds an index outside 0 to {categories - 1}.")


def moved_axis(array: Array, source: int, destination: int) -> Array:
    """``moveaxis``, which ``torch.func.vmap`` cannot map."""
    if is_tensor(array):
        return array.movedim(source, destination)
    return namespace(array).moveaxis(array, source, destination)


def take_along(array: Array, indices: Array, axis: int) -> Array:
    """``take_along_axis`` with integers of any width, in all three libraries."""
    if is_tensor(array):
        return array.gather(axis, indices)
    return namespace(array).take_along_axis(array, indices, axis=axis)


def top_indices(keys: Array, k: int) -> Array:
    """Indices of the k greatest along the last axis, greatest first; ties in no particular order."""
    if is_tensor(keys):
        return keys.topk(k, dim=-1).indices
    if is_jax_array(keys):
        import jax

        return jax.lax.top_k(keys, k)[1]
    return top_of_rows(keys.reshape(-1, keys.shape[-1]), k).reshape(*keys.shape[:-1], k)


def top_of_rows(rows: NDArray[Any], k: int) -> NDArray[np.intp]:
    """Indices of the k greatest of each row (m, n), greatest first, shape (m, k)."""
    if rows.shape[1] <= _SHORT:
        return np.argsort(-rows, axis=1)[:, :k]
    if rows.shape[1] <= _MEDIUM:
        return _top_by_partition(rows, k)
    return np.array([top_of_row(row, k) for row in rows], np.intp).reshape(-1, k)


def _top_by_partition(rows: NDArray[Any], k: int) -> NDArray[np.intp]:
    chosen = np.argpartition(rows, rows.shape[1] - k, axis=1)[:, rows.shape[1] - k :]
    order = np.argsort(-np.take_along_axis(rows, chosen, axis=1), axis=1)
    return np.take_along_axis(chosen, order, axis=1)


def top_of_row(row: NDArray[Any], k: int) -> NDArray[np.intp]:
    """Indices of the k greatest of one row, greatest first.

    Most of a long row is ruled out by the k-th greatest of a part of it, which costs one comparison for each value.
    """
    part = row[:: max(1, row.size // max(_LEAST_PART, 8 * k))]
    if part.size < row.size:
        candidates = np.flatnonzero(row >= np.partition(part, part.size - k)[part.size - k])
    else:
        candidates = np.arange(row.size)
    values = row[candidates]
    if k < values.size:
        chosen = np.argpartition(values, values.size - k)[values.size - k :]
        candidates, values = candidates[chosen], values[chosen]
    return candidates[np.argsort(-values, kind="stable")]


#: Rows up to these lengths are sorted, or partitioned, all at once; longer ones are gone through one by one.
_SHORT, _MEDIUM = 256, 2048
#: Length of the part of a row that rules out most of the rest, for small k.
_LEAST_PART = 1024


def without(array: Array, indices: Array, axis: int, value: float) -> Array:
    """A copy in which the entries at these indices along an axis are ``value``."""
    if is_tensor(array):
        return array.scatter(axis, indices, value)
    if is_jax_array(array):
        import jax.numpy as jnp

        return jnp.put_along_axis(array, indices, value, axis=axis, inplace=False)
    copy = np.array(array)
    np.put_along_axis(copy, indices, value, axis=axis)
    return copy


def cumulative_log_sum_exp(terms: Array, axis: int) -> Array:
    """log of the running sums of exp(terms), for finite terms."""
    if is_tensor(terms):
        return terms.logcumsumexp(axis)
    if is_jax_array(terms):
        import jax

        return jax.lax.cumlogsumexp(terms, axis=axis)
    return np.logaddexp.accumulate(terms, axis=axis)
