"""Drawing categories: Gumbel-max, the inverse distribution function (the roulette wheel), and the alias table.

Which is fastest depends on what is fixed. Microseconds a draw, float32, one thread of an AMD EPYC:

==================================  ===========  ===========  ============
rows x categories                   10,000 x 10  1000 x 1000  100 x 50,000
==================================  ===========  ===========  ============
a loop of NumPy's Generator.choice         7.4          15            370
``cumsum`` and compare, vectorised         0.12         4.8           270
``gumbel_max``, noise drawn                0.12         4.1           220
``gumbel_max``, noise precomputed          0.08         0.9            31
``categorical``                            0.15         1.6            54
==================================  ===========  ===========  ============

"Gumbel-max is faster because its noise can be precomputed" is true against a loop of ``choice``: 10 to 90 times with
the noise at hand, 2 to 60 times with its cost counted. Against a vectorised inversion it is at parity once the noise is
paid for (1.0 to 1.2 times), and ``categorical``, which needs one random number a row, is about 3 times as fast for 1000
categories and more. Noise at hand makes ``gumbel_max`` about twice as fast as ``categorical``, but a row of it serves
once. It is never faster for many draws from one distribution: ``Categorical`` takes 0.02 microseconds a draw.
What Gumbel-max has is the noise itself: shared between settings (counterfactuals), ordered (top-k), or relaxed.

``notebooks/figures/precomputed-noise.png`` shows the figures; ``python tests/benchmarks/precomputed_noise.py`` measures
and draws them anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Generic, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evstats import noise as noises
from evstats.errors import ArgumentError
from evstats.noise import Foreign
from evstats.sampling.arrays import (
    Array,
    Own,
    as_logits,
    checked_axis,
    from_host,
    gumbel_for,
    known_row,
    namespace,
    of_their_library,
    on_host,
    out_of_sight,
)
from evstats.sampling.choosing import take_along
from evstats.sampling.probabilities import below_maximum, resolve_infinite, softmax

__all__ = ["Categorical", "as_rows", "categorical", "gumbel_max", "with_work"]

#: Up to so many draws times categories a row, each draw goes through all rows at once; beyond, each row on its own.
_CHEAP = 8192
#: Up to so many categories it is not worth summing runs of them first.
_FEW = 64
#: From this length adding whole rows is faster than ``cumsum``.
_LONG = 64
#: Bytes of rows worked on at a time.
_BLOCK_BYTES = 1_048_576
#: Below 1 by more than a product in float32 rounds off.
_BELOW_ONE = 1.0 - 2.0**-22


@of_their_library
def gumbel_max(logits: Any, *, axis: int = -1, rng: Any = None, noise: Any = None) -> NDArray[np.intp]:
    """One category per row, drawn from softmax(logits) as ``argmax(logits + g)``.

    Parameters
    ----------
    logits
        Real NumPy, PyTorch or JAX array; -inf masks a category, +inf makes it certain.
    axis
        The axis of the categories; the result has the shape of logits without it.
    rng
        None, int, SeedSequence or Generator (the same draws in all three libraries), or a ``torch.Generator`` or JAX
        key for an array of that library.
    noise
        Standard Gumbel noise shaped like logits, in place of ``rng``. The same noise for other logits answers what
        would have been drawn under them (a counterfactual), and makes differences less noisy.

    Returns
    -------
    NDArray[np.intp]
        Integer array of indices in the library of logits. Where values are not known (inside ``jax.jit``,
        ``torch.compile`` and ``torch.func.vmap``, and for tensors on a GPU) a row that cannot be drawn from gives -1.

    Raises
    ------
    ArgumentError
        If a row has only logits of -inf or one that is NaN, or noise has another shape.

    Examples
    --------
    >>> from evstats import sampling
    >>> int(sampling.gumbel_max([0.0, float("-inf")], rng=42))
    0
    """
    array = as_logits(logits)
    axis = checked_axis(array, axis)
    host = on_host(array)
    g = gumbel_for(_drawing_for(array, host, rng, noise), None, rng, noise)
    host_noise = on_host(g)
    if host is not None and host_noise is not None:
        return from_host(_noisy_argmax(host, host_noise, axis), array)
    xp = namespace(array)
    keys = below_maximum(array, axis) + g
    winners = xp.argmax(keys, axis=axis)
    return xp.where(xp.isnan(xp.max(keys, axis=axis)), -1, winners) if out_of_sight(array) else winners


@of_their_library
def categorical(
    logits: Any, *, axis: int = -1, size: noises.Shape = (), rng: Any = None, noise: Any = None
) -> NDArray[np.intp]:
    """Categories drawn from softmax(logits) by inverting its distribution function (the roulette wheel).

    Parameters
    ----------
    logits
        Real NumPy, PyTorch or JAX array; -inf masks a category, +inf makes it certain.
    axis
        The axis of the categories.
    size
        Shape of the draws from each row; the result has the shape of logits without ``axis``, then ``size``. For
        many draws from one distribution ``Categorical`` is faster.
    rng
        None, int, SeedSequence or Generator (the same draws in all three libraries), or a ``torch.Generator`` or JAX
        key for an array of that library.
    noise
        Standard Gumbel values in place of ``rng``, one for each draw: shaped like the result. The probability
        inverted is ``exp(-exp(-noise))``.

    Returns
    -------
    NDArray[np.intp]
        Integer array of indices in the library of logits. Where values are not known (inside ``jax.jit``,
        ``torch.compile`` and ``torch.func.vmap``, and for tensors on a GPU) a row that cannot be drawn from gives -1.

    Raises
    ------
    ArgumentError
        If a row has only logits of -inf or one that is NaN, or noise has another shape.

    Notes
    -----
    Weights are summed in float64 from sums over runs of categories, so that a wheel of 50,000 categories of weight
    1e-8 beside one of weight 1 keeps its shares. Inside ``jax.jit`` without 64-bit types the sums are float32 and taken
    from the nearer end.

    Examples
    --------
    >>> from evstats import sampling
    >>> int(sampling.categorical([0.0, float("-inf")], rng=42))
    0
    """
    array = as_logits(logits)
    axis = checked_axis(array, axis)
    lengths = noises.lengths_of(size, "size")
    batch = tuple(array.shape[:axis]) + tuple(array.shape[axis + 1 :])
    host = on_host(array)
    g = gumbel_for(_drawing_for(array, host, rng, noise), batch + lengths, rng, noise, dtype=np.float64)
    host_noise = on_host(g)
    if host is not None and host_noise is not None:
        draws = _invert(
            as_rows(host, axis), host_noise.reshape(math.prod(batch), math.prod(lengths)).astype(np.float64)
        )
        return from_host(draws.reshape(batch + lengths), array)
    xp = namespace(array)
    rows = xp.permute_dims(array, (*range(axis), *range(axis + 1, array.ndim), axis))
    return xp.reshape(_invert_from_both_ends(rows, xp.reshape(g, (*batch, math.prod(lengths)))), batch + lengths)


@dataclass(frozen=True, eq=False)
class Categorical(Generic[Own]):
    """One distribution prepared for many draws by an alias table.

    A draw takes the same time for any number of categories (Walker 1977; SciPy's ``DiscreteAliasUrn``).

    Building the table costs about 0.1 ms for 1000 categories and 3 ms for 100,000; after that a draw costs 0.02
    microseconds, 4 times less than ``categorical`` with ``size`` and 60 times less than Gumbel-max on 1000
    categories with precomputed noise. Where every draw has logits of its own, those two are faster.

    Parameters
    ----------
    logits
        One row of real numbers, shape (categories,); -inf masks a category, +inf makes it certain.

    Examples
    --------
    >>> from evstats import sampling
    >>> wheel = sampling.Categorical([0.0, 1.0, 2.0])
    >>> wheel.draw((2, 3), rng=42).shape
    (2, 3)
    """

    logits: Any
    _urn: noises.AliasUrn = field(init=False, repr=False)

    if TYPE_CHECKING:  # what is drawn is of the library of the logits, and of NumPy for sequences

        @overload
        def __init__(self: Categorical[Foreign], logits: Foreign) -> None: ...
        @overload
        def __init__(self: Categorical[NDArray[Any]], logits: ArrayLike) -> None: ...
        def __init__(self, logits: Any) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "_urn", noises.AliasUrn(softmax(known_row(self.logits))))

    @property
    def probabilities(self) -> Own:
        """The probabilities, softmax(logits)."""
        return softmax(self.logits)

    def draw(self, size: noises.Shape = (), *, rng: Any = None) -> Own:
        """Independent draws, shape ``size``, as indices in the library of the logits.

        ``rng`` as in ``gumbel_max``; a ``torch.Generator`` or JAX key seeds NumPy's generator.

        Parameters
        ----------
        size
            Shape of the draws.
        rng
            As in ``gumbel_max``.

        Returns
        -------
        array
            Indices of shape ``size``.
        """
        lengths, array = noises.lengths_of(size, "size"), as_logits(self.logits)
        return from_host(self._urn.draw(lengths, rng=noises.generator_beside(array, rng)), array)


def _drawing_for(array: Array, host: NDArray[Any] | None, rng: Any, noise: Any) -> Array:
    """The array whose library draws the noise: NumPy's view, if there is one and the seed means the same there."""
    return array if host is None or noise is not None or not isinstance(rng, noises.SEEDS) else host


def _noisy_argmax(logits: NDArray[Any], g: NDArray[Any], axis: int) -> NDArray[np.intp]:
    rows, noise_rows = as_rows(logits, axis), as_rows(g, axis)
    rows, greatest = _with_finite_maximum(rows)
    winners = np.empty(len(rows), np.intp)
    for block, keys in with_work(rows):
        np.subtract(rows[block], greatest[block], out=keys)
        keys += noise_rows[block]
        winners[block] = best = keys.argmax(axis=1)
        if math.isnan(keys.reshape(-1).take(best + np.arange(0, keys.size, keys.shape[1])).sum()):
            raise ArgumentError("noise contains NaN or infinities", "expected standard Gumbel values.")
    return winners.reshape(logits.shape[:axis] + logits.shape[axis + 1 :])


def _invert(rows: NDArray[Any], g: NDArray[np.float64]) -> NDArray[np.intp]:
    """Invert the distribution function of each row (m, n) at the probabilities of its noise (m, k)."""
    rows, greatest = _with_finite_maximum(rows)
    if np.isnan(g).any():
        raise ArgumentError("noise contains NaN or infinities", "expected standard Gumbel values.")
    p = np.exp(-np.exp(-g))
    draws = np.empty(g.shape, np.intp)
    if g.shape[1] * rows.shape[1] <= _CHEAP or g.shape[1] == 1:
        invert = _invert_whole if rows.shape[1] <= _FEW else _invert_by_runs
        for probabilities, result in zip(p.T, draws.T, strict=True):
            result[:] = invert(rows, greatest, probabilities)
        return draws
    for row, top, probabilities, result in zip(rows, greatest, p, draws, strict=True):
        edges = np.cumsum(np.exp(row - top), dtype=np.float64)
        result[:] = np.searchsorted(edges, _inside(probabilities, edges[-1]), side="right")
    return draws


def as_rows(array: Any, axis: int) -> NDArray[Any]:
    """The rows (m, n) of an array of NumPy's along an axis, each contiguous."""
    moved = array if axis == array.ndim - 1 else np.moveaxis(array, axis, -1)
    return np.ascontiguousarray(moved).reshape(-1, moved.shape[-1])


def _with_finite_maximum(rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """``with_greatest`` for rows (m, n) of NumPy's, with less before the arithmetic."""
    greatest = rows.max(axis=1, keepdims=True)
    if math.isfinite(greatest.sum()):
        return rows, greatest
    rows = resolve_infinite(rows, 1)
    return rows, rows.max(axis=1, keepdims=True)


def _invert_whole(rows: NDArray[Any], greatest: NDArray[Any], p: NDArray[np.float64]) -> NDArray[np.intp]:
    """One draw for each row from the edges of all its categories."""
    edges = np.cumsum(np.exp(rows - greatest).astype(np.float64), axis=1)
    return np.count_nonzero(edges <= _inside(p, edges[:, -1])[:, None], axis=1)


def _invert_by_runs(rows: NDArray[Any], greatest: NDArray[Any], p: NDArray[np.float64]) -> NDArray[np.intp]:
    """One draw for each row: first which run of categories, then which of the run; most weights are only summed."""
    m, n = rows.shape
    length = _run_length(n)
    sums = _run_sums(rows, greatest, length)
    edges = _running_totals(sums.copy())
    target = _inside(p, edges[-1])
    run = (edges <= target).sum(axis=0)
    each = np.arange(m)
    share = 1.0 - (edges[run, each] - target) / sums[run, each]
    members = run * length + np.arange(length)[:, None]
    logits = rows.reshape(-1)[np.minimum(members, n - 1) + each * n]
    weights = np.exp(logits - greatest[:, 0]).astype(np.float64)
    inner = _running_totals(weights * (members < n))
    return run * length + (inner <= _inside(share, inner[-1])).sum(axis=0)


def _run_length(categories: int) -> int:
    """About the square root, a power of 2: as many runs as categories in a run."""
    return 1 << max(4, round(math.log2(categories) / 2))


def _run_sums(rows: NDArray[Any], greatest: NDArray[Any], length: int) -> NDArray[np.float64]:
    """The weight of each run of categories, shape (runs, m); the last run may be shorter."""
    m, n = rows.shape
    whole = n // length
    sums = np.zeros((-(-n // length), m))
    for block, weights in with_work(rows):
        np.subtract(rows[block], greatest[block], out=weights)
        np.exp(weights, out=weights)
        runs = weights[:, : whole * length].reshape(len(weights), whole, length)
        sums[:whole, block] = np.einsum("mrl->mr", runs).T
        sums[whole:, block] += np.einsum("ml->m", weights[:, whole * length :])
    return sums


def _running_totals(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cumulative sum along the first axis, in place; row by row is faster than NumPy's for long rows."""
    if columns.shape[1] < _LONG:
        return np.cumsum(columns, axis=0)
    for before, column in pairwise(columns):
        column += before
    return columns


def with_work(rows: NDArray[Any]) -> Iterator[tuple[slice, NDArray[Any]]]:
    """Slices of the rows (m, n), each with an array of that shape to work in that stays in the processor's cache."""
    length = max(1, _BLOCK_BYTES // (rows.itemsize * rows.shape[1]))
    work = np.empty((min(length, len(rows)), rows.shape[1]), rows.dtype)
    for start in range(0, len(rows), length):
        yield slice(start, start + length), work[: len(rows) - start]


def _inside(p: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """The point at share p of a wheel of that circumference, strictly before its end."""
    return np.minimum(np.maximum(p, 0.0) * total, np.nextafter(total, 0.0))


def _invert_from_both_ends(rows: Array, g: Array) -> Array:
    """Invert the distribution functions where values are traced or on another device, in the precision of the noise.

    Again first the run of categories, then which of the run. Probabilities below 1/2 count from the first category,
    others from the last: sums from the near end keep small weights that a heavy category would swallow.
    """
    xp = namespace(rows)
    weights = xp.astype(xp.exp(below_maximum(rows, rows.ndim - 1)), g.dtype)
    runs = _in_runs(weights)
    length = runs.shape[-1]
    sums = xp.sum(runs, axis=-1)
    e = xp.exp(-g)
    lower = xp.exp(-e)
    first, beyond_first = _place(sums, lower)
    last, beyond_last = _place(xp.flip(sums, axis=-1), -xp.expm1(-e))
    run = xp.where(lower < 0.5, first, sums.shape[-1] - 1 - last)
    members = take_along(runs, xp.broadcast_to(run[..., None], (*run.shape, length)), runs.ndim - 2)
    forwards = _edges_passed(members, beyond_first)
    backwards = length - 1 - _edges_passed(xp.flip(members, axis=-1), beyond_last)
    draws = run * length + xp.where(lower < 0.5, forwards, backwards)
    valid = xp.sum(sums, axis=-1)[..., None] > 0
    return xp.where(valid, draws, -1)


def _in_runs(weights: Array) -> Array:
    """Weights (..., n) in runs (..., runs, length), the last filled up with 0."""
    xp = namespace(weights)
    *batch, n = weights.shape
    length = _run_length(n)
    missing = xp.zeros_like(weights[..., :1])
    padded = xp.concat([weights, xp.broadcast_to(missing, (*batch, -n % length))], axis=-1)
    return xp.reshape(padded, (*batch, -1, length))


def _place(sums: Array, p: Array) -> tuple[Array, Array]:
    """Which of the runs (..., runs) lie at shares p (..., k) of the whole, and how far beyond their beginnings."""
    xp = namespace(sums)
    edges = xp.cumulative_sum(sums, axis=-1)
    target = p * edges[..., -1:]
    run = xp.clip(xp.sum(edges[..., None, :] <= target[..., None], axis=-1), None, sums.shape[-1] - 1)
    beginnings = xp.concat([xp.zeros_like(edges[..., :1]), edges[..., :-1]], axis=-1)
    return run, target - take_along(beginnings, run, edges.ndim - 1)


def _edges_passed(members: Array, beyond: Array) -> Array:
    """How many edges of the runs (..., k, length) lie at or before the distances from their beginnings (..., k)."""
    xp = namespace(members)
    edges = xp.cumulative_sum(members, axis=-1)
    inside = xp.minimum(beyond[..., None], edges[..., -1:] * _BELOW_ONE)
    return xp.sum(edges <= inside, axis=-1)
