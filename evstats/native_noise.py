"""Gumbel noise as PyTorch and JAX arrays, from NumPy's streams or from a ``torch.Generator`` or JAX key.

Imported only when the user passes such an array, so that neither library is loaded by evstats itself. ``draw`` is
``noise.gumbel``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from array_api_compat import is_jax_array
from numpy.typing import NDArray

from evstats.errors import ArgumentError

if TYPE_CHECKING:
    import jax
    import torch

Draw = Callable[..., NDArray[Any]]
_LOWEST64 = -(2**63)


def torch_gumbel(
    draw: Draw, shape: tuple[int, ...], dtype: np.dtype[Any], device: torch.device, rng: Any
) -> torch.Tensor:
    """Standard Gumbel noise on a device.

    A ``torch.Generator`` of the processor seeds NumPy's generator, several times faster than torch's own draws; one of
    another device draws there, as does None.
    """
    import torch

    if rng is None and device.type != "cpu":
        rng = torch.Generator(device)
        rng.seed()
    if isinstance(rng, torch.Generator):
        if rng.device.type != device.type:
            raise ArgumentError(f"rng is a torch.Generator on {rng.device}, but the tensor is on {device}.")
        if device.type != "cpu":
            return torch_gumbel_on_device(shape, dtype, rng)
        rng = torch.randint(2**32, (8,), generator=rng).tolist()
    return torch.from_numpy(draw(shape, rng=rng, dtype=dtype)).to(device)


def torch_gumbel_on_device(shape: tuple[int, ...], dtype: np.dtype[Any], rng: torch.Generator) -> torch.Tensor:
    """Noise from 64 random bits a value, drawn on the generator's device; both ends of the uniform t lie at 0."""
    import torch

    bits = torch.empty(shape, dtype=torch.int64, device=rng.device).random_(_LOWEST64, None, generator=rng)
    t = (bits | 1).to(getattr(torch, dtype.name)) * 2.0**-64
    distance = t.abs()
    return -torch.where(t > 0, -torch.log1p(-distance), -torch.log(distance)).log()


def jax_gumbel(draw: Draw, shape: tuple[int, ...], dtype: np.dtype[Any], rng: Any, *, seeded: bool) -> jax.Array:
    """Standard Gumbel noise for JAX; under ``jit`` only from a key or, ``seeded``, from a seed.

    Without 64-bit types float64 noise of a seed is rounded to float32, so that it stays the noise of NumPy.
    """
    import jax
    import jax.numpy as jnp

    if is_jax_array(rng):
        return _jax_kernel()(_checked_key(rng), shape, jax.dtypes.canonicalize_dtype(dtype))
    if not seeded and isinstance(jnp.zeros(()), jax.core.Tracer):
        raise ArgumentError(
            f"rng is {rng!r} inside a traced function (jax.jit), where its noise would become a constant; pass a JAX "
            "key, an integer seed, or the noise itself."
        )
    return jnp.asarray(draw(shape, rng=rng, dtype=dtype))


def _checked_key(key: jax.Array) -> jax.Array:
    import jax

    if jax.numpy.issubdtype(key.dtype, jax.dtypes.prng_key) and key.shape == ():
        return key
    if key.dtype == np.uint32 and key.ndim == 1:
        return jax.random.wrap_key_data(key)
    raise ArgumentError(f"rng is a JAX array of {key.dtype} and shape {key.shape}; expected one key (jax.random.key).")


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
        more = (jax.random.bits(second, shape, np.uint16).astype(dtype) + 0.5) * 2.0**-16
        return bits & 1 > 0, ((bits >> 1).astype(dtype) + more) * 2.0**-32

    def kernel(key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        upper, distance = uniform_halves(key, shape, dtype)
        return -jnp.log(jnp.where(upper, -jnp.log1p(-distance), -jnp.log(distance)))

    return jax.jit(kernel, static_argnums=(1, 2))
