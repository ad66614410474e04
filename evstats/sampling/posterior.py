"""The Gumbel noise behind a category that has been observed: for counterfactuals and control variates."""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace
from numpy.typing import NDArray

from evstats.errors import ArgumentError
from evstats.sampling.arrays import (
    Array,
    as_given,
    as_logits,
    checked_axis,
    detached,
    gumbel_for,
    known,
    of_their_library,
)
from evstats.sampling.choosing import as_indices, check_inside, without
from evstats.sampling.probabilities import below_maximum

__all__ = ["noise_given_winner", "posterior_gumbel", "truncate_gumbel"]

#: How far below the observed key the others are kept, in rounding errors: ``argmax(logits + g)`` must never tie.
_ROUNDING_ERRORS = 4.0


@of_their_library
def posterior_gumbel(logits: Any, observed: Any, *, axis: int = -1, rng: Any = None, noise: Any = None) -> NDArray[Any]:
    """Noise g drawn from standard Gumbel noise given that ``argmax(logits + g)`` is the observed category.

    The greatest key Z = max(logits + g) is Gumbel with location ``logsumexp(logits)`` whichever category attains it;
    given Z, every other key is Gumbel truncated to lie below Z (top-down sampling). With categories drawn from
    softmax(logits), the noise is unconditionally standard Gumbel again.

    Parameters
    ----------
    logits
        Real NumPy, PyTorch or JAX array; -inf masks a category, whose noise stays unconditional, +inf makes it
        certain.
    observed
        Integers, the category observed in each row: the shape of logits without ``axis``.
    axis
        The axis of the categories.
    rng
        None, int, SeedSequence or Generator (the same noise in all three libraries), or a ``torch.Generator`` or JAX
        key for an array of that library.
    noise
        Standard Gumbel noise shaped like logits, in place of ``rng``: the unconditional noise that is transformed.

    Returns
    -------
    array
        Array shaped like logits, differentiable in them. ``gumbel_max(logits, noise=g)`` is ``observed``;
        ``gumbel_max(other_logits, noise=g)`` is what would have happened under other logits, all else being equal.

    Raises
    ------
    ArgumentError
        If ``observed`` is not integer, has another shape, or names a category that is masked or does not exist.

    References
    ----------
    - Maddison, C. J., Tarlow, D. and Minka, T. (2014). A* sampling. NeurIPS (top-down construction).
    - Oberst, M. and Sontag, D. (2019). Counterfactual off-policy evaluation with Gumbel-max structural causal models.
      ICML.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import sampling
    >>> g = sampling.posterior_gumbel([0.0, 1.0, 2.0], 0, rng=42)
    >>> int(sampling.gumbel_max([0.0, 1.0, 2.0], noise=g)), int(sampling.gumbel_max([0.0, 9.0, 2.0], noise=g))
    (0, 1)
    """
    array = as_logits(logits)
    axis = checked_axis(array, axis)
    reduced = below_maximum(array, axis)
    winner = _winner_of_each_row(observed, reduced, axis)
    g = gumbel_for(array, tuple(array.shape), rng, noise)
    return as_given(noise_given_winner(reduced, winner, g, axis - array.ndim), logits)


def noise_given_winner(logits: Array, winner: Array, g: Array, axis: int) -> Array:
    """Unconditional noise g turned into noise given that the category marked in each row won.

    Parameters
    ----------
    logits
        Below their maximum, checked.
    winner
        Boolean, shaped like logits.
    g
        Standard Gumbel noise, shaped like logits, perhaps with more axes before theirs.
    axis
        The axis of the categories, counted from the back.
    """
    xp = array_namespace(logits)
    greatest = xp.log(xp.sum(xp.exp(logits), axis=axis, keepdims=True))
    greatest = greatest + xp.sum(xp.where(winner, g, xp.zeros_like(g)), axis=axis, keepdims=True)
    masked = logits == -xp.inf
    room = greatest - xp.where(masked, xp.zeros_like(logits), logits)
    return xp.where(masked, g, xp.where(winner, room, _truncated(g, room)))


def truncate_gumbel(g: Array, bound: Array) -> Array:
    """Standard Gumbel noise turned into standard Gumbel noise given that it lies below a bound.

    ``-log(exp(-bound) + exp(-g))``: the greater of the exponents is taken out, so that nothing overflows.
    """
    xp = array_namespace(g)
    return -xp.logaddexp(-bound, -g)


def _truncated(g: Array, room: Array) -> Array:
    """Noise below the room each key has under the greatest, by more than what ``logits + g`` rounds off."""
    xp = array_namespace(g)
    size = 1.0 + 2.0 * xp.abs(detached(room))
    return xp.minimum(truncate_gumbel(g, room), room - _ROUNDING_ERRORS * float(xp.finfo(g.dtype).eps) * size)


def _winner_of_each_row(observed: Any, logits: Array, axis: int) -> Array:
    """A boolean array shaped like logits, true at the observed categories."""
    indices = as_indices(observed, logits, "observed")
    shape = tuple(logits.shape[:axis]) + tuple(logits.shape[axis + 1 :])
    if tuple(indices.shape) != shape:
        raise ArgumentError(
            f"observed has shape {tuple(indices.shape)}", f"expected {shape}, one category for each row."
        )
    check_inside(indices, logits.shape[axis], "observed")
    xp = array_namespace(logits)
    winner = without(xp.zeros_like(detached(logits)), xp.expand_dims(indices, axis=axis), axis, 1.0) > 0
    if known(xp.any(winner & (logits == -xp.inf))):
        raise ArgumentError(
            "observed names a category of probability 0 (its logit is -inf, or another's is +inf), which cannot have "
            "been drawn."
        )
    return winner
