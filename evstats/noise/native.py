"""Gumbel noise as JAX arrays, from NumPy's streams or from a JAX key.

Imported only when the user passes such an array, so that evstats itself does not load JAX. ``draw`` is
``noise.gumbel``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from array_api_compat import is_jax_array
from numpy.typing import NDArray

from evstats.errors import ArgumentError

if TYPE_CHECKING:
    import jax

Draw = Callable[..., NDArray[Any]]


def jax_gumbel(
    draw: Draw, shape: tuple[int, ...], dtype: np.dtype[Any], x: jax.Array, rng: Any, *, seeded: bool
) -> jax.Array:
    """Standard Gumbel noise for a JAX array; under ``jit`` and ``vmap`` only from a key or, ``seeded``, from a seed.

    Without 64-bit types float64 noise of a seed is rounded to float32, so that it stays the noise of NumPy.
    """
    import jax
    import jax.numpy as jnp

    if is_jax_array(rng):
        return _jax_kernel()(_checked_key(rng), shape, jax.dtypes.canonicalize_dtype(dtype))
    if not seeded:
        if isinstance(jnp.zeros(()), jax.core.Tracer):
            raise ArgumentError(
                f"rng is {rng!r} inside a traced function (jax.jit), where its noise would become a constant",
                "pass a JAX key, or the noise itself; an integer is one fixed draw, the same at every call.",
            )
        if isinstance(x, jax.core.Tracer):
            _refuse_in_jax_vmap(x, rng)
    return jnp.asarray(draw(shape, rng=rng, dtype=dtype))


def jax_seed(rng: Any) -> Any:
    """A JAX key turned into a seed of NumPy's; anything else as it is."""
    import jax

    if not is_jax_array(rng):
        return rng
    return jax.random.bits(_checked_key(rng), (8,), np.uint32).tolist()


class _MappedError(Exception):
    """The array has an axis that ``jax.vmap`` hides."""


def _refuse_in_jax_vmap(x: jax.Array, rng: Any) -> None:
    import jax

    try:
        _refusing_vmap()(jax.lax.stop_gradient(x))
    except _MappedError as error:
        raise ArgumentError(
            f"rng is {rng!r} inside jax.vmap, where all rows would share one draw of noise; map over JAX keys or over "
            "noise drawn before."
        ) from error


@cache
def _refusing_vmap() -> Any:
    """The identity, which cannot be mapped: the one documented way to notice ``jax.vmap``, however it is nested."""
    import jax

    def refuse(axis_size: int, in_batched: Any, x: jax.Array) -> Any:
        raise _MappedError

    identity: Any = jax.custom_batching.custom_vmap(lambda x: x)
    identity.def_vmap(refuse)
    return identity


def _checked_key(key: jax.Array) -> jax.Array:
    import jax

    if jax.numpy.issubdtype(key.dtype, jax.dtypes.prng_key) and key.shape == ():
        return key
    if key.dtype == np.uint32 and key.ndim == 1:
        return jax.random.wrap_key_data(key)
    raise ArgumentError(
        f"rng is a JAX array of {key.dtype} and shape {key.shape}", "expected one key (jax.random.key)."
    )


@cache
def _jax_kernel() -> Any:
    import jax
    import jax.numpy as jnp

    def uniform_halves(key: jax.Array, shape: tuple[int, ...], dtype: Any) -> tuple[jax.Array, jax.Array]:
        """A fair coin, and a uniform in (0, 1/2) with 63 (float64) or 47 (float32) bits, never 0."""
        if dtype == np.float64:
            bits = jax.random.bits(key, shape, np.uint64)
            return bits & 1 > 0, ((bits >> 1) | 1).astype(dtype) * 2.0**-64
        first, second = jax.random.split(key)
        bits = jax.random.bits(first, shape, np.uint32)
        return bits & 1 > 0, ((bits >> 1).astype(dtype) + further(second, shape)) * 2.0**-32

    def further(key: jax.Array, shape: tuple[int, ...]) -> jax.Array:
        """16 bits more for each, two of every word: words are what a draw costs."""
        size = math.prod(shape)
        words = jax.random.bits(key, (size - size // 2,), np.uint32)
        bits = jnp.concatenate([words & 0xFFFF, words >> 16])[:size].reshape(shape)
        return (bits.astype(np.float32) + 0.5) * 2.0**-16

    def kernel(key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        """As ``_exponential32``, one logarithm for both ends."""
        upper, distance = uniform_halves(key, shape, dtype)
        argument = jnp.where(upper, 1.0 - distance, distance)
        rest = jnp.where(upper, (1.0 - argument) - distance, 0.0)
        return -jnp.log(-rest - jnp.log(argument))

    return jax.jit(kernel, static_argnums=(1, 2))
