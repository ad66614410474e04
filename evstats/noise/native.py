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
_SHARED = "where all rows would share one draw of noise"


def torch_gumbel(
    draw: Draw, shape: tuple[int, ...], dtype: np.dtype[Any], device: torch.device, rng: Any
) -> torch.Tensor:
    """Standard Gumbel noise on a device; not under ``vmap``, unless its rows are to share one draw.

    A ``torch.Generator`` of the processor seeds NumPy's generator, several times faster than torch's own draws; one of
    another device draws there, as does None.
    """
    import torch

    _refuse_in_torch_vmap(rng)
    if device.type == "mps":  # has no float64
        dtype = np.dtype(np.float32)
    if rng is None and device.type != "cpu":
        rng = torch.Generator(device)
        rng.seed()
    if isinstance(rng, torch.Generator):
        if rng.device.type != device.type:
            raise ArgumentError(f"rng is a torch.Generator on {rng.device}, but the tensor is on {device}.")
        if device.type != "cpu":
            return torch_gumbel_on_device(shape, dtype, rng)
    rng = torch_seed(rng)
    return torch.from_numpy(draw(shape, rng=rng, dtype=dtype)).to(device)


def torch_seed(rng: Any) -> Any:
    """A ``torch.Generator`` turned into a seed of NumPy's, and moved on; anything else as it is."""
    import torch

    if not isinstance(rng, torch.Generator):
        return rng
    return torch.randint(2**32, (8,), generator=rng, device=rng.device).tolist()


def _refuse_in_torch_vmap(rng: Any) -> None:
    """An error where torch's own random functions refuse, or would differ from row to row, which NumPy's cannot."""
    import torch

    try:
        probe = torch.rand((), generator=_unused_torch_generator(), device="cpu")
        varies = torch._C._functorch.is_batchedtensor(probe)
    except RuntimeError as error:
        varies = "vmap" in str(error)
    if varies:
        shown = " ".join(repr(rng).split())
        raise ArgumentError(f"rng is {shown} inside torch.func.vmap, {_SHARED}; map over noise drawn before.")


@cache
def _unused_torch_generator() -> torch.Generator:
    import torch

    return torch.Generator()


def torch_gumbel_on_device(shape: tuple[int, ...], dtype: np.dtype[Any], rng: torch.Generator) -> torch.Tensor:
    """Noise from 64 random bits a value, drawn on the generator's device; both ends of the uniform t lie at 0."""
    import torch

    bits = torch.empty(shape, dtype=torch.int64, device=rng.device).random_(_LOWEST64, None, generator=rng)
    t = (bits | 1).to(getattr(torch, dtype.name)) * 2.0**-64
    distance = t.abs()
    return -torch.where(t > 0, -torch.log1p(-distance), -torch.log(distance)).log()


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
                "pass a JAX key, an integer seed, or the noise itself.",
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
            f"rng is {rng!r} inside jax.vmap, {_SHARED}; map over JAX keys or over noise drawn before."
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
        more = (jax.random.bits(second, shape, np.uint16).astype(dtype) + 0.5) * 2.0**-16
        return bits & 1 > 0, ((bits >> 1).astype(dtype) + more) * 2.0**-32

    def kernel(key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        upper, distance = uniform_halves(key, shape, dtype)
        return -jnp.log(jnp.where(upper, -jnp.log1p(-distance), -jnp.log(distance)))

    return jax.jit(kernel, static_argnums=(1, 2))
