"""What every sampling function does with its arguments first: promote, check, move the axis, find the noise.

One implementation serves NumPy, PyTorch and JAX through the array API standard (array-api-compat). torch and jax are
imported only for arrays of theirs. Three things lie outside the standard and are here: cutting a gradient, reading
values that may not exist yet (inside ``jax.jit``), and borrowing an array as a NumPy array without a copy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any, Concatenate, ParamSpec, Protocol, TypeAlias, TypeVar, cast, overload

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj, is_jax_array
from numpy.typing import ArrayLike, NDArray

from evstats.arrays import is_tensor
from evstats.errors import ArgumentError
from evstats.habits import knowing_their_names
from evstats.noise import Foreign, gumbel_like

__all__ = [
    "Array",
    "NumPys",
    "OfTheirLibrary",
    "Own",
    "Rest",
    "as_given",
    "as_logits",
    "checked_axis",
    "compiled",
    "detached",
    "from_host",
    "greatest_of",
    "gumbel_for",
    "known",
    "known_row",
    "namespace",
    "of_their_library",
    "on_host",
    "out_of_sight",
    "register_pytree",
    "same_library",
    "starts_with_nan",
    "traced",
]

#: A NumPy, PyTorch or JAX array.
Array: TypeAlias = Any
#: The same in a record of several arrays, all of one library.
Own = TypeVar("Own")
_NUMPYS = (np.ndarray, np.generic)
#: The types in which to compute, but for PyTorch's.
_COMPUTED_IN = frozenset((np.dtype(np.float32), np.dtype(np.float64)))
#: What NumPy gives, and the arguments after the logits.
NumPys = TypeVar("NumPys", covariant=True)
Rest = ParamSpec("Rest")


class OfTheirLibrary(Protocol[Rest, NumPys]):
    """A function of logits whose result is an array of their library, and of NumPy for sequences."""

    @overload
    def __call__(self, logits: Foreign, *args: Rest.args, **kwargs: Rest.kwargs) -> Foreign: ...
    @overload
    def __call__(self, logits: ArrayLike, *args: Rest.args, **kwargs: Rest.kwargs) -> NumPys: ...


def of_their_library(function: Callable[Concatenate[Any, Rest], NumPys]) -> OfTheirLibrary[Rest, NumPys]:
    """Tell type checkers so of a function whose annotation says what NumPy gives, and users what arguments are."""
    return cast("OfTheirLibrary[Rest, NumPys]", knowing_their_names(function))


def as_logits(logits: Any, name: str = "logits") -> Array:
    """The argument as an array in which to compute: float64 or float32.

    Sequences become NumPy arrays, integers float64 (in JAX without 64-bit types float32), half precision float32.
    """
    array = logits
    if is_tensor(array):
        if array.ndim and array.dtype in _tensors_computed_in():
            return array
    else:
        array = logits if type(logits) is np.ndarray else _as_array(logits, name)
        if array.ndim and array.dtype in _COMPUTED_IN:
            return array
    xp = namespace(array)
    dtype = _computed_in(xp, array.dtype)
    if dtype is None:
        raise ArgumentError(f"{name} has dtype {array.dtype}", "expected real numbers.")
    if array.ndim == 0:
        raise ArgumentError(f"{name} is a single number", "expected an array with an axis of categories.")
    return array if dtype == array.dtype else xp.astype(array, dtype)


def namespace(array: Array) -> Any:
    """The array API's functions for it; of tensors found in a way that ``torch.compile`` can follow."""
    if is_tensor(array):
        import array_api_compat.torch

        return array_api_compat.torch
    return array_namespace(array)


def as_given(result: Array, logits: Any) -> Array:
    """The result in the half precision of the logits, if that is what they came in."""
    given = getattr(logits, "dtype", result.dtype)
    if given == result.dtype or not (is_tensor(logits) or is_array_api_obj(logits)):
        return result
    xp = namespace(logits)
    return xp.astype(result, given) if given.itemsize < 4 and xp.isdtype(given, "real floating") else result


def checked_axis(array: Array, axis: int) -> int:
    """The axis counted from the front; an error if the array has no such axis or no category along it."""
    ndim = array.ndim
    if isinstance(axis, bool) or not isinstance(axis, (int, np.integer)) or not -ndim <= axis < ndim:
        raise ArgumentError(f"axis is {axis!r}", f"expected an integer from {-ndim} to {ndim - 1}.")
    if array.shape[axis] == 0:
        raise ArgumentError(f"logits have shape {tuple(array.shape)}: there is no category along axis {axis}.")
    return int(axis % ndim)


def gumbel_for(
    logits: Array, shape: tuple[int, ...] | None, rng: Any, noise: Any, *, dtype: Any = None, name: str = "noise"
) -> Array:
    """Standard Gumbel noise of that shape, or the logits', in their library: the noise given, or fresh from ``rng``.

    ``dtype`` (NumPy's) is the precision of fresh noise; by default that of the logits.
    """
    if noise is None:
        return gumbel_like(logits, rng=rng, shape=shape, dtype=dtype)
    if rng is not None:
        raise ArgumentError(f"both rng and {name} are given", "pass one of them.")
    given = same_library(noise, logits, name)
    expected = tuple(logits.shape if shape is None else shape)
    if tuple(given.shape) != expected:
        raise ArgumentError(f"{name} has shape {tuple(given.shape)}", f"expected {expected}.")
    return given


def same_library(array: Any, like: Array, name: str) -> Array:
    """An array of real numbers as an array of the same library, device and precision as ``like``."""
    if isinstance(like, _NUMPYS):
        return np.asarray(_as_numpy(array, name), dtype=like.dtype)
    if is_tensor(like):
        import torch

        tensor = array if is_tensor(array) else torch.from_numpy(np.array(_as_numpy(array, name)))
        return tensor.to(device=like.device, dtype=like.dtype)
    if is_jax_array(array) and array.dtype == like.dtype:
        return array
    import jax.numpy as jnp

    return jnp.asarray(array if is_jax_array(array) else _as_numpy(array, name), dtype=like.dtype)


def detached(array: Array) -> Array:
    """The same values, through which no gradient flows."""
    if is_tensor(array):
        return array.detach()
    if is_jax_array(array):
        import jax

        return jax.lax.stop_gradient(array)
    return array


def known(condition: Array | bool) -> bool:
    """Whether a condition holds, as far as it can be known: False for one that is out of sight."""
    if isinstance(condition, (bool, np.bool_)):
        return bool(condition)
    if is_tensor(condition):
        return not out_of_sight(condition) and bool(condition)
    if not is_jax_array(condition):
        return bool(condition)
    import jax

    try:
        return bool(condition)
    except jax.errors.ConcretizationTypeError:
        return False


def out_of_sight(array: Array) -> bool:
    """Whether values cannot decide the way: they are traced by JAX, compiled or mapped by PyTorch, or on another device
    of PyTorch's, where to look at one would be to wait for all.
    """
    if is_tensor(array):
        return not array.is_cpu or _in_transit(array)
    return traced(array)


def _in_transit(tensor: Any) -> bool:
    """Whether ``torch.compile`` or ``torch.func.vmap`` goes through its values."""
    import torch

    if torch.compiler.is_compiling():
        return True
    functorch = torch._C._functorch
    while functorch.is_functorch_wrapped_tensor(tensor):
        if functorch.is_batchedtensor(tensor):
            return True
        tensor = functorch.get_unwrapped(tensor)  # of torch.func.grad within vmap
    return False


def traced(array: Array) -> bool:
    """Whether it belongs to a JAX function being traced (``jax.jit``, ``jax.grad``)."""
    if is_tensor(array) or not is_jax_array(array):
        return False
    import jax

    return isinstance(array, jax.core.Tracer)


def compiled(function: Callable[..., Array], array: Array, *static: str) -> Callable[..., Array]:
    """The function, for a JAX array compiled (once for each choice of the static arguments), which fuses its passes."""
    if is_tensor(array) or not is_jax_array(array) or traced(array):
        return function
    return _jitted(function, static)


@cache
def _jitted(function: Callable[..., Array], static: tuple[str, ...]) -> Callable[..., Array]:
    import jax

    return jax.jit(function, static_argnames=static)


def greatest_of(array: Array, axis: int) -> Array:
    """The greatest of each row, the axis kept, through which no gradient flows."""
    if is_tensor(array):
        return array.detach().amax(axis, keepdim=True)
    return detached(array.max(axis=axis, keepdims=True))


def starts_with_nan(array: Array, axis: int) -> bool:
    """Whether the first value of some row is NaN, as far as can be known; no row may hold both infinities.

    Of tensors whether any value is.
    """
    if is_tensor(array):
        try:
            return math.isnan(array.detach().sum().item())
        except RuntimeError:  # within torch.func.vmap over noise
            return False
    host = on_host(array)
    firsts = (array if host is None else host)[(slice(None),) * axis + (0,)]
    return known((firsts != firsts).any()) if host is None else math.isnan(np.add.reduce(firsts, axis=None))


def on_host(array: Array) -> NDArray[Any] | None:
    """The values as a NumPy array without a copy, or None if they are out of sight or on another device."""
    if isinstance(array, _NUMPYS):
        return np.asarray(array)
    if is_tensor(array):
        if array.device.type != "cpu" or _in_transit(array):
            return None
        try:
            return array.detach().numpy()
        except RuntimeError:  # within torch.func.grad
            return None
    import jax

    try:
        return np.asarray(array) if next(iter(array.devices())).platform == "cpu" else None
    except (jax.errors.TracerArrayConversionError, jax.errors.ConcretizationTypeError):
        return None


def known_row(logits: Any) -> NDArray[np.float64]:
    """One row of logits as NumPy's float64; an error for another shape, or values that are not at hand."""
    array = as_logits(logits)
    host = on_host(array)
    if array.ndim != 1 or host is None:
        raise ArgumentError(
            f"logits have shape {tuple(array.shape)}", "expected one row of known numbers in the processor's memory."
        )
    return host.astype(np.float64)


def from_host(array: NDArray[Any], like: Array) -> Array:
    """A NumPy array as an array of the library of ``like``; of no dimensions, NumPy's scalar."""
    if isinstance(like, _NUMPYS):
        return array[()]
    return array_namespace(like).asarray(array)


@cache
def register_pytree(record: Any, *static: str) -> None:
    """Let a frozen record of JAX arrays pass through ``jax.jit`` and ``jax.vmap``; the fields named are no arrays."""
    import jax

    arrays = [part.name for part in fields(record) if part.name not in static]
    jax.tree_util.register_dataclass(record, data_fields=arrays, meta_fields=list(static))


def _as_array(logits: Any, name: str) -> Array:
    array = logits if is_array_api_obj(logits) else _as_numpy(logits, name)
    if not isinstance(array, np.ndarray):
        return array
    if isinstance(array, np.ma.MaskedArray):
        raise ArgumentError(f"{name} is a masked array; mark what is masked by -inf: {name}.filled(-np.inf).")
    return np.asarray(array)


def _as_numpy(values: Any, name: str) -> NDArray[Any]:
    if is_jax_array(values) and traced(values):
        raise ArgumentError(
            f"{name} is an array traced by JAX, but logits are not of JAX", "make them so (jnp.asarray)."
        )
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ArgumentError(f"{name} cannot be read as an array ({error}).") from error
    if array.dtype.kind not in "biuf":
        raise ArgumentError(f"{name} has dtype {array.dtype}", "expected real numbers.")
    return array


def _tensors_computed_in() -> tuple[Any, Any]:
    import torch

    return torch.float32, torch.float64


def _computed_in(xp: Any, dtype: Any) -> Any:
    """The precision in which to compute with numbers of that type, or None if they are not real."""
    floating = _floating(xp, dtype)
    if floating is not None or not xp.isdtype(dtype, ("bool", "integral")):
        return floating
    # float64; in JAX float32 as long as 64-bit types are off.
    return xp.asarray(0.0, dtype=float).dtype if xp.__name__.startswith("jax") else xp.float64


def _floating(xp: Any, dtype: Any) -> Any:
    if not xp.isdtype(dtype, "real floating"):
        return None
    return {4: dtype, 8: dtype}.get(dtype.itemsize, xp.float32 if dtype.itemsize < 4 else xp.float64)
