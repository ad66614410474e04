"""The one door to random numbers: standard Gumbel and exponential noise.

Every draw in evstats is a transform of this noise: a family's ``rvs`` is ``from_gumbel(noise.gumbel(...))``, the
bootstrap is the same with one more leading axis. Noise is data: it can be drawn once and passed on, so common random
numbers are a variable, not a trick.

If E is standard exponential, -log(E) is standard Gumbel. The exponentials come from NumPy's ziggurat, so both tails of
the Gumbel are as fine as float64 allows: the upper tail reaches about 37 (E has a resolution of about 1e-16), the
lower about -3.6, and no value is infinite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from evstats.errors import ArgumentError

RandomState: TypeAlias = "None | int | np.integer[Any] | np.random.SeedSequence | np.random.BitGenerator | np.random.Generator"
Shape: TypeAlias = "int | Sequence[int]"

#: Values drawn at a time, so that the passes over a block (draw, log, negate) stay in the processor's cache.
_BLOCK = 16_384
#: The ziggurat returns an exact 0 about once in 1e16 draws; half its resolution stands in, so that -log stays finite.
_SMALLEST_EXPONENTIAL = 2.0**-54


def generator(rng: RandomState = None) -> np.random.Generator:
    """Turn any accepted random state into a Generator (SPEC 7): an integer means ``default_rng(seed)``.

    Raises
    ------
    ArgumentError
        If ``rng`` is none of None, a non-negative integer, SeedSequence, BitGenerator or Generator.
    """
    if isinstance(rng, bool) or isinstance(rng, np.random.RandomState):
        raise ArgumentError(f"rng is {rng!r}; expected None, a non-negative integer, a SeedSequence or a Generator.")
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"rng is {rng!r}; expected None, a non-negative integer, a SeedSequence or a Generator."
        ) from error


def exponential(
    shape: Shape = (), *, rng: RandomState = None, dtype: DTypeLike = np.float64, out: NDArray[Any] | None = None
) -> NDArray[Any]:
    """Standard exponential noise, strictly positive and finite.

    Parameters
    ----------
    shape : shape of the array; ``()`` gives a 0-d array.
    rng : None, int, SeedSequence or Generator.
    dtype : float64 (the default) or float32; float32 values are rounded float64 draws.
    out : C-contiguous array of that shape and dtype to write into, instead of a new one.

    Examples
    --------
    >>> from evstats import noise
    >>> noise.exponential((2, 3), rng=42).shape
    (2, 3)
    """
    result = _destination(shape, dtype, out)
    random = generator(rng)
    for block in _blocks(result):
        block[...] = _positive_exponential(random, block.size)
    return result


def gumbel(
    shape: Shape = (), *, rng: RandomState = None, dtype: DTypeLike = np.float64, out: NDArray[Any] | None = None
) -> NDArray[Any]:
    """Standard Gumbel noise (location 0, scale 1), finite in both tails.

    Parameters
    ----------
    shape : shape of the array; ``()`` gives a 0-d array.
    rng : None, int, SeedSequence or Generator; the same seed gives the same noise on every run.
    dtype : float64 (the default) or float32; float32 values are rounded float64 draws, so their tail is as long.
    out : C-contiguous array of that shape and dtype to write into, instead of a new one.

    Examples
    --------
    >>> from evstats import noise
    >>> bool((noise.gumbel(1000, rng=42) == noise.gumbel(1000, rng=42)).all())
    True

    Notes
    -----
    -log(E) with E from the ziggurat of Marsaglia and Tsang (2000), as NumPy implements it.
    """
    result = _destination(shape, dtype, out)
    random = generator(rng)
    for block in _blocks(result):
        draws = _positive_exponential(random, block.size)
        np.log(draws, out=draws)
        np.negative(draws, out=block, casting="same_kind")
    return result


def _positive_exponential(random: np.random.Generator, size: int) -> NDArray[np.float64]:
    draws = random.standard_exponential(size)
    return np.maximum(draws, _SMALLEST_EXPONENTIAL, out=draws)


def _destination(shape: Shape, dtype: DTypeLike, out: NDArray[Any] | None) -> NDArray[Any]:
    wanted = np.dtype(dtype)
    if wanted not in (np.dtype(np.float64), np.dtype(np.float32)):
        raise ArgumentError(f"dtype is {wanted}; noise is drawn in float64 or float32.")
    lengths = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    if any(isinstance(length, bool) or not isinstance(length, (int, np.integer)) or length < 0 for length in lengths):
        raise ArgumentError(f"shape is {shape!r}; expected a non-negative integer or a sequence of them.")
    if out is None:
        return np.empty(lengths, wanted)
    if out.shape != lengths or out.dtype != wanted or not out.flags.c_contiguous:
        raise ArgumentError(
            f"out is {out.dtype} of shape {out.shape}; expected a C-contiguous {wanted} array of shape {lengths}."
        )
    return out


def _blocks(result: NDArray[Any]) -> list[NDArray[Any]]:
    flat = result.reshape(-1)
    return [flat[start : start + _BLOCK] for start in range(0, flat.size, _BLOCK)]
