"""Gumbel noise as PyTorch and JAX arrays, from NumPy's streams or from a ``torch.Generator`` or JAX key.

Imported only when the user passes such an array, so that neither library is loaded by evstats itself. ``draw`` is
``noise.gumbel``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from array_api_compat import is_jax_array
from numpy.typing import NDArray

from evstats.errors import ArgumentError, EvstatsWarning

if TYPE_CHECKING:
    import jax
    import torch

Draw = Callable[..., NDArray[Any]]
_SHARED = "where all rows would share one draw of noise"


def torch_gumbel(draw: Draw, shape: tuple[int, ...], dtype: np.dtype[Any], x: torch.Tensor, rng: Any) -> torch.Tensor:
    """Standard Gumbel noise on the tensor's device; None is torch's own generator there.

    A generator of the processor seeds NumPy's, several times faster than torch's own draws; one of another device draws
    there, as does torch's own where ``vmap`` wants draws that differ from row to row (or refuses them).
    """
    import torch

    device = x.device
    if device.type == "mps":  # has no float64
        dtype = np.dtype(np.float32)
    if rng is None and (device.type != "cpu" or _varies_in_torch_vmap()):
        return torch_gumbel_on_device(shape, dtype, device)
    _refuse_in_torch_vmap(rng)
    if isinstance(rng, torch.Generator):
        if rng.device.type != device.type:
            raise ArgumentError(f"rng is a torch.Generator on {rng.device}, but the tensor is on {device}.")
        if device.type != "cpu":
            return torch_gumbel_on_device(shape, dtype, device, rng)
    if x.requires_grad:
        _REPEATED.say(rng)
    return torch.from_numpy(draw(shape, rng=_seed(rng), dtype=dtype)).to(device)


def torch_seed(rng: Any) -> Any:
    """A ``torch.Generator``, or torch's own for None, turned into a seed of NumPy's, and moved on; anything else as it
    is."""
    if rng is None:
        _refuse_in_torch_vmap(rng)
    return _seed(rng)


def _seed(rng: Any) -> Any:
    import torch

    if not (rng is None or isinstance(rng, torch.Generator)):
        return rng
    return torch.randint(2**32, (8,), generator=rng, device="cpu" if rng is None else rng.device).tolist()


class _Repeated:
    """Says once that the same integer gives the same noise at each step of a training loop."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._said = False

    def say(self, rng: Any) -> None:
        """A warning where the integer is the one of the call before, unless there was one already."""
        if self._said or not isinstance(rng, (int, np.integer)):
            return
        self._said = rng == self._last
        self._last = int(rng)
        if self._said:
            warnings.warn(
                f"rng is {rng} again, for a tensor that requires gradients: an integer is one fixed draw of noise, the "
                "same at every step of a training loop. Pass rng=None (torch.manual_seed seeds it) or a generator, "
                "which move on. This is said once.",
                EvstatsWarning,
                stacklevel=7,
            )


_REPEATED = _Repeated()


def _varies_in_torch_vmap() -> bool:
    """Whether torch's own random functions refuse, or would differ from row to row, which NumPy's cannot."""
    import torch

    functorch = torch._C._functorch
    try:
        probe = torch.rand((), generator=_unused_torch_generator(), device="cpu")
    except RuntimeError as error:
        return "vmap" in str(error)
    while not functorch.is_batchedtensor(probe):
        if not functorch.is_functorch_wrapped_tensor(probe):
            return False
        probe = functorch.get_unwrapped(probe)  # of torch.func.grad within vmap
    return True


def _refuse_in_torch_vmap(rng: Any) -> None:
    if _varies_in_torch_vmap():
        shown = " ".join(repr(rng).split())
        raise ArgumentError(
            f"rng is {shown} inside torch.func.vmap, {_SHARED}; map over noise drawn before, or leave rng away."
        )


@cache
def _unused_torch_generator() -> torch.Generator:
    import torch

    return torch.Generator()


def torch_gumbel_on_device(
    shape: tuple[int, ...], dtype: np.dtype[Any], device: torch.device, rng: torch.Generator | None = None
) -> torch.Tensor:
    """Noise from 64 random bits a value, drawn on that device; both ends of the uniform t lie at 0."""
    import torch

    bits = torch.randint(-(2**63), 2**63 - 1, shape, dtype=torch.int64, device=device, generator=rng)
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
