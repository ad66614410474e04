"""Standard Gumbel noise for an array, in its library: NumPy, PyTorch or JAX."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj, is_jax_array
from numpy.typing import ArrayLike, DTypeLike, NDArray

from evstats.arrays import is_tensor
from evstats.errors import ArgumentError
from evstats.noise.streams import (
    SEEDS,
    AnyArray,
    Foreign,
    Generator,
    Shape,
    generator,
    gumbel,
    lengths_of,
    noise_dtype,
)

__all__ = ["generator_beside", "gumbel_like"]

_FLOAT32, _FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


def generator_beside(x: AnyArray, rng: Any = None) -> Generator:
    """A Generator for draws that NumPy makes for an array: as ``generator``, or seeded by its library's own state.

    That is a ``torch.Generator`` or a JAX key, and of None for a tensor torch's own generator.

    Parameters
    ----------
    x
        The array that the draws are for.
    rng
        As ``generator`` takes it, or a ``torch.Generator`` or a JAX key.

    Returns
    -------
    Generator
        NumPy's.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import noise
    >>> int(noise.generator_beside(np.zeros(2), 42).integers(10))
    0
    """
    if is_tensor(x):
        from evstats.noise.tensors import seed_of

        return generator(seed_of(rng))
    if is_jax_array(x):
        from evstats.noise.native import jax_seed

        return generator(jax_seed(rng))
    return generator(rng)


@overload
def gumbel_like(x: Foreign, *, rng: Any = ..., shape: Shape | None = ..., dtype: DTypeLike | None = ...) -> Foreign: ...
@overload
def gumbel_like(
    x: ArrayLike, *, rng: Any = ..., shape: Shape | None = ..., dtype: DTypeLike | None = ...
) -> NDArray[Any]: ...
def gumbel_like(x: Any, *, rng: Any = None, shape: Shape | None = None, dtype: DTypeLike | None = None) -> Any:
    """Standard Gumbel noise with the shape of ``x``, in its library and on its device.

    Parameters
    ----------
    x
        NumPy, PyTorch or JAX array.
    rng
        None, int, SeedSequence or Generator: the same noise in all three libraries. Or a ``torch.Generator`` for a
        tensor on its device, or a JAX key for a JAX array. None is fresh noise; of a tensor, from torch's own generator
        of its device, so that ``torch.manual_seed``, ``fork_rng`` and the ``randomness=`` of ``torch.func.vmap`` work.
        An integer is one fixed draw: used again for a tensor that requires gradients it says so, once. Under
        ``jax.jit`` only a key, an integer or a SeedSequence: a Generator or None would be frozen into the compiled
        function. So under ``jax.vmap``, where all rows would share one draw; ``torch.func.vmap`` takes None, noise
        drawn before, or ``randomness="same"``.
    shape
        By default that of ``x``.
    dtype
        Float64 or float32; by default float64 for float64 and integer arrays, else float32, also for half
        precision, which cannot hold the tail. JAX without 64-bit types has float32 only.

    Returns
    -------
    Any
        An array of the library of ``x``.

    Raises
    ------
    ArgumentError
        If ``rng`` does not suit the array.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import noise
    >>> noise.gumbel_like(np.zeros((2, 3), np.float32), rng=42).dtype
    dtype('float32')
    """
    if is_tensor(x):
        import evstats.noise.tensors as tensors  # a third of the time that "from" takes, at every call

        return tensors.tensor_gumbel(
            x,
            rng,
            None if shape is None else lengths_of(shape),
            None if dtype is None else noise_dtype(dtype) == np.float64,
        )
    wanted = _natural_dtype(x) if dtype is None else noise_dtype(dtype)
    if isinstance(x, np.ndarray):
        return gumbel(x.shape if shape is None else shape, rng=rng, dtype=wanted)
    lengths = lengths_of(x.shape if shape is None else shape)
    if is_jax_array(x):
        from evstats.noise.native import jax_gumbel

        return jax_gumbel(gumbel, lengths, wanted, x, rng, seeded=isinstance(rng, SEEDS))
    return gumbel(lengths, rng=rng, dtype=wanted)


def _natural_dtype(x: AnyArray) -> np.dtype[Any]:
    if isinstance(x, np.ndarray):
        floating = x.dtype.kind == "f"
    elif is_array_api_obj(x):
        floating = array_namespace(x).isdtype(x.dtype, "real floating")
    else:
        raise ArgumentError(f"x is {type(x).__name__}", "expected a NumPy, PyTorch or JAX array.")
    return _FLOAT32 if floating and x.dtype.itemsize <= 4 else _FLOAT64
