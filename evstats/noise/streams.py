"""The one door to random numbers: standard Gumbel and exponential noise.

Every draw in evstats is a transform of this noise: a family's ``rvs`` is ``from_gumbel(noise.gumbel(...))``, the
bootstrap is the same with one more leading axis, ``argmax(logits + g)`` draws a category. Noise is data: it can be
drawn once and passed on, so common random numbers are a variable, not a trick.

If E is standard exponential, -log(E) is standard Gumbel. No value is infinite or NaN, and none is clipped.

**float64.** E comes from NumPy's ziggurat (Marsaglia and Tsang 2000), with a resolution of about 1e-16: the Gumbel's
upper tail reaches 37, its lower -3.6.

**float32.** E = -log(1 - t) for a uniform t of 32 random bits. Formed like that in float32, values above 16.6 cannot
occur and those near it are far too rare or too frequent (with one category against 50,000 that lie 17 below it, by
factors of 0.03 to 3 in common libraries). Here t is signed, so that both ends of the uniform lie at 0, where float32 is
finest; what ``1 - t`` rounds off is carried along; and the one draw in 131,072 whose t is below 2^-18 receives 52 more
bits. E is good to a rounding error in both tails, its steps are at most 6e-5 of its size, the Gumbel's upper tail
reaches 58, its lower -4.

**The same seed gives the same noise** on every run, for each dtype (float32 noise is not the float64 noise rounded).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from evstats.errors import ArgumentError

#: What ``rng`` may be: None for fresh noise, an integer, a SeedSequence, a BitGenerator or a Generator.
RandomState: TypeAlias = (
    int | np.integer[Any] | Sequence[int] | np.random.SeedSequence | np.random.BitGenerator | np.random.Generator | None
)
#: NumPy's generator of random numbers, ``numpy.random.Generator``.
Generator: TypeAlias = np.random.Generator
#: The shape of an array: an integer, or integers.
Shape: TypeAlias = int | Sequence[int]
#: A NumPy, PyTorch or JAX array.
AnyArray: TypeAlias = Any


class _Tensor(Protocol):
    """What tells a PyTorch tensor from other arrays, for type checkers."""

    def requires_grad_(self, requires_grad: bool = ..., /) -> Any: ...


class _JaxArray(Protocol):
    """What tells a JAX array from other arrays, for type checkers."""

    def block_until_ready(self) -> Any: ...


#: The type of a PyTorch or JAX array: what is given one gives one back, all else gives NumPy arrays.
Foreign = TypeVar("Foreign", bound=_Tensor | _JaxArray)

#: Random states that give the same draws each time they are passed.
SEEDS = (int, np.integer, list, tuple, np.random.SeedSequence)
_STATES = (*SEEDS, np.random.BitGenerator, np.random.Generator, type(None))
_EXPECTED = (
    "expected None, a non-negative integer, a SeedSequence or a Generator of NumPy; a torch.Generator or JAX key goes "
    "with an array of its own library"
)
#: Bytes drawn at a time, so that the passes over a block stay in the processor's cache.
_BLOCK_BYTES = 196_608
#: The ziggurat returns an exact 0 about once in 1e16 draws; half its resolution stands in, so that -log stays finite.
_SMALLEST_EXPONENTIAL = 2.0**-54
#: Up to so many values a look for an exact 0 is faster than replacing it unseen.
_FEW = 1000
#: Below this distance from either end, 32 bits are too coarse for a float32 uniform.
_COARSE = np.float32(2.0**-18)
_UNIT32 = np.float32(2.0**-32)


def generator(rng: RandomState = None) -> np.random.Generator:
    """Turn any accepted random state into a Generator: an integer means ``default_rng(seed)``.

    Parameters
    ----------
    rng
        None for a fresh one, an integer, SeedSequence, BitGenerator or Generator.

    Returns
    -------
    Generator
        NumPy's, as it is where one is given.

    Raises
    ------
    ArgumentError
        If ``rng`` is none of None, a non-negative integer, SeedSequence, BitGenerator or Generator.

    Examples
    --------
    >>> from evstats import noise
    >>> int(noise.generator(42).integers(10))
    0
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, bool) or not isinstance(rng, _STATES):
        raise ArgumentError(f"rng is {' '.join(repr(rng).split())}; {_EXPECTED}.")
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"rng is {rng!r}; {_EXPECTED}.") from error


def recorded(rng: RandomState = None) -> tuple[np.random.Generator, int | None]:
    """A Generator with the integer that gives it again, for a record of what was run.

    The integer is the seed itself; for None, a fresh seed. None for a Generator, a BitGenerator or a SeedSequence,
    which the caller holds.

    Parameters
    ----------
    rng
        As ``generator`` takes it.

    Returns
    -------
    tuple
        The Generator, and the integer or None.

    Examples
    --------
    >>> from evstats import noise
    >>> _, seed = noise.recorded()
    >>> noise.recorded(42)[1]
    42
    """
    if rng is None:
        seed = int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
        return generator(seed), seed
    random = generator(rng)
    return random, int(rng) if isinstance(rng, (int, np.integer)) else None


def spawn(n: int, *, rng: RandomState = None) -> list[np.random.Generator]:
    """Independent generators for n parallel workers.

    The same integer gives the same streams; a Generator gives new ones at each call, as NumPy's ``Generator.spawn``.

    Parameters
    ----------
    n
        How many.
    rng
        As ``generator`` takes it.

    Returns
    -------
    list of Generator
        NumPy's.

    Examples
    --------
    >>> from evstats import noise
    >>> left, right = noise.spawn(2, rng=42)
    >>> bool(noise.gumbel(rng=left) == noise.gumbel(rng=right))
    False
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 0:
        raise ArgumentError(f"n is {n!r}", "expected the number of streams, a non-negative integer.")
    try:
        return generator(rng).spawn(int(n))
    except TypeError as error:
        raise ArgumentError(f"rng is {rng!r}, which was made without a SeedSequence and cannot spawn.") from error


def exponential(
    shape: Shape | None = None,
    *,
    rng: RandomState = None,
    dtype: DTypeLike = np.float64,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Standard exponential noise, strictly positive and finite.

    Parameters
    ----------
    shape
        Shape of the array; by default that of ``out``, else a 0-d array.
    rng
        None, int, SeedSequence or Generator.
    dtype
        Float64 (the default) or float32.
    out
        C-contiguous array of that shape and dtype to write into, instead of a new one.

    Returns
    -------
    NDArray
        Of that shape and dtype; ``out``, where it is given.

    Examples
    --------
    >>> from evstats import noise
    >>> noise.exponential((2, 3), rng=42).shape
    (2, 3)
    """
    result = _destination(shape, dtype, out)
    random = generator(rng)
    draw = _EXPONENTIALS[result.dtype]
    for block in _blocks(result):
        draw(random, block)
    return result


def gumbel(
    shape: Shape | None = None,
    *,
    rng: RandomState = None,
    dtype: DTypeLike = np.float64,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Standard Gumbel noise (location 0, scale 1), finite and exact in both tails.

    Parameters
    ----------
    shape
        Shape of the array; by default that of ``out``, else a 0-d array.
    rng
        None, int, SeedSequence or Generator; the same seed gives the same noise on every run.
    dtype
        Float64 (the default) or float32, which is faster and has its own stream.
    out
        C-contiguous array of that shape and dtype to write into, instead of a new one.

    Returns
    -------
    NDArray
        Of that shape and dtype; ``out``, where it is given.

    Examples
    --------
    >>> from evstats import noise
    >>> bool((noise.gumbel(1000, rng=42) == noise.gumbel(1000, rng=42)).all())
    True
    """
    if out is None and dtype is np.float64 and type(shape) is int and 0 < shape <= _FEW:
        return _few_gumbel(shape, generator(rng))
    result = _destination(shape, dtype, out)
    random = generator(rng)
    draw = _EXPONENTIALS[result.dtype]
    for block in _blocks(result):
        draw(random, block)
        np.log(block, block)
        np.negative(block, block)
    return result


class AliasUrn:
    """Indices drawn with given probabilities from a table built once, each in the same time however many there are.

    Walker's alias method (1977) by SciPy's ``DiscreteAliasUrn``; ``sampling.Categorical`` is the front of it.

    Parameters
    ----------
    probabilities
        1-d array of non-negative numbers with a positive sum.

    Examples
    --------
    >>> from evstats import noise
    >>> noise.AliasUrn([0.5, 0.5, 0.0]).draw((2, 3), rng=42).shape
    (2, 3)
    """

    def __init__(self, probabilities: ArrayLike) -> None:
        from scipy.stats.sampling import DiscreteAliasUrn

        p = np.asarray(probabilities, dtype=np.float64)
        if p.ndim != 1 or not np.isfinite(p).all() or not (p >= 0).all() or not p.sum() > 0:
            raise ArgumentError("probabilities must be a row of non-negative numbers with a positive sum.")
        self._urn: Any = DiscreteAliasUrn(p / p.sum())

    def draw(self, shape: Shape = (), *, rng: RandomState = None) -> NDArray[np.int64]:
        """Independent indices.

        Parameters
        ----------
        shape
            Of the draws.
        rng
            None for fresh noise, an integer, ``SeedSequence`` or ``Generator``.

        Returns
        -------
        NDArray
            Indices of that shape.
        """
        lengths = lengths_of(shape)
        drawn = self._urn.rvs(math.prod(lengths), random_state=generator(rng))
        return np.asarray(drawn, dtype=np.int64).reshape(lengths)


def _few_gumbel(n: int, random: np.random.Generator) -> NDArray[np.float64]:
    """The same of a few values, where checks and blocks would take longer than the noise."""
    e = random.standard_exponential(n)
    _replace_zeros(e)
    return -np.log(e, e)


def _exponential64(random: np.random.Generator, block: NDArray[np.float64]) -> None:
    random.standard_exponential(out=block)
    _replace_zeros(block)


def _replace_zeros(e: NDArray[np.float64]) -> None:
    if e.size > _FEW or np.count_nonzero(e) < e.size:
        np.maximum(e, _SMALLEST_EXPONENTIAL, out=e)


def _exponential32(random: np.random.Generator, block: NDArray[np.float32]) -> None:
    """-log(1 - t) for t uniform in (0, 1/2), and -log(-t) for t in (-1/2, 0): between them all of the unit interval.

    With o = 1 or 0 the argument is o - t; ``rest`` is what the float32 ``o - t`` rounded off, exactly (Sterbenz).
    """
    bits = _words(random, (block.size + 1) // 2).view(np.int32)[: block.size]
    t = bits.astype(np.float32)
    np.multiply(t, _UNIT32, out=t)
    argument = np.ceil(t)
    np.subtract(argument, t, out=block)
    np.subtract(argument, block, out=argument)
    rest = np.subtract(t, argument, out=argument)
    with np.errstate(divide="ignore"):
        np.log(block, out=block)
    np.subtract(rest, block, out=block)
    distance = np.abs(t, out=t)
    if distance.min() < _COARSE:
        for i in np.flatnonzero(distance < _COARSE):
            block[i] = _refined(int(bits[i]), int(_words(random, 1)[0]))


def _refined(bits: int, more: int) -> float:
    """The exponential of one signed 32-bit draw near 0, continued by 52 bits."""
    continued = ((more >> 12) + 0.5) * 2.0**-52
    if bits >= 0:
        return -math.log1p(-(bits + continued) * 2.0**-32)
    return -math.log((-1 - bits + continued) * 2.0**-32)


def _words(random: np.random.Generator, n: int) -> NDArray[np.uint64]:
    """n words of 64 random bits, straight from the bit generator where its words have 64 bits."""
    if isinstance(random.bit_generator, np.random.MT19937):
        return random.integers(2**64, size=n, dtype=np.uint64)
    return random.bit_generator.random_raw(n)


_EXPONENTIALS: dict[np.dtype[Any], Callable[[np.random.Generator, NDArray[Any]], None]] = {
    np.dtype(np.float64): _exponential64,
    np.dtype(np.float32): _exponential32,
}


def _destination(shape: Shape | None, dtype: DTypeLike, out: NDArray[Any] | None) -> NDArray[Any]:
    wanted = noise_dtype(dtype)
    if out is None:
        return np.empty(() if shape is None else lengths_of(shape), wanted)
    lengths = np.shape(out) if shape is None else lengths_of(shape)
    if not isinstance(out, np.ndarray):
        raise ArgumentError(f"out is {type(out).__name__}", "expected a NumPy array.")
    if out.shape != lengths or out.dtype != wanted or not out.flags.carray:
        raise ArgumentError(
            f"out is {out.dtype} of shape {out.shape}",
            f"expected a writeable C-contiguous {wanted} array of shape {lengths}.",
        )
    return out


def noise_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """The type as NumPy's; an error for one in which no noise is drawn."""
    try:
        wanted = np.dtype(dtype)
    except TypeError as error:
        raise ArgumentError(f"dtype is {dtype!r}; noise is drawn in float64 or float32.") from error
    if wanted not in _EXPONENTIALS:
        raise ArgumentError(f"dtype is {wanted}; noise is drawn in float64 or float32.")
    return wanted


def lengths_of(shape: Shape, name: str = "shape") -> tuple[int, ...]:
    """A shape as a tuple: an integer is the length of the only axis.

    Parameters
    ----------
    shape
        An integer, or integers.
    name
        The argument, for an error.

    Returns
    -------
    tuple of int
        The length of each axis.

    Examples
    --------
    >>> from evstats import noise
    >>> noise.lengths_of(3), noise.lengths_of((2, 3))
    ((3,), (2, 3))
    """
    if type(shape) is int and shape >= 0:
        return (shape,)
    lengths = shape if type(shape) is tuple else tuple(shape) if isinstance(shape, Iterable) else (shape,)
    if not all(map(_is_length, lengths)):
        raise ArgumentError(f"{name} is {shape!r}", "expected a non-negative integer or a sequence of them.")
    return lengths


def _is_length(length: Any) -> bool:
    whole = type(length) is int or (isinstance(length, (int, np.integer)) and not isinstance(length, bool))
    return whole and length >= 0


def _blocks(result: NDArray[Any]) -> list[NDArray[Any]]:
    flat = result if result.ndim == 1 else result.reshape(-1)
    if 0 < result.nbytes <= _BLOCK_BYTES:
        return [flat]
    length = _BLOCK_BYTES // flat.itemsize
    return [flat[start : start + length] for start in range(0, flat.size, length)]
