"""Gumbel vector quantisation: replace a vector by entries of learned codebooks, differentiably (wav2vec 2.0).

``gumbel_quantize`` is the function, for arrays of any library. ``GumbelQuantizer`` is a PyTorch module around it, with
the projection to logits and the codebook as parameters; torch is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, Protocol, cast, overload

from array_api_compat import array_namespace, is_jax_array
from numpy.typing import ArrayLike, NDArray

from evstats.errors import ArgumentError
from evstats.habits import knowing_their_names
from evstats.noise import Foreign
from evstats.sampling.arrays import (
    Own,
    Rest,
    as_given,
    as_logits,
    detached,
    register_pytree,
    same_library,
)
from evstats.sampling.probabilities import softmax
from evstats.sampling.relaxed import gumbel_softmax, one_hot_of_greatest

__all__ = ["Quantized", "gumbel_quantize", "perplexity"]


@dataclass(frozen=True, eq=False)
class Quantized(Generic[Own]):
    """Quantised vectors and how the codebooks are used.

    Attributes
    ----------
    vectors
        The entries chosen, those of all groups side by side, shape (..., groups*dim).
    codes
        Which entries, integers of shape (..., groups).
    code_perplexity
        Effective number of entries in use, exp(entropy) of how often each was chosen, (groups,).
    probability_perplexity
        The same of the mean of softmax(logits), (groups,); differentiable.
    codebook_size
        How many entries each codebook has.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import sampling
    >>> found = sampling.gumbel_quantize([[[5.0, 0.0]]], np.array([[[1.0, 2.0], [3.0, 4.0]]]), greedy=True)
    >>> found.codes, found.vectors
    (array([[0]]), array([[1., 2.]]))
    """

    vectors: Own
    codes: Own
    code_perplexity: Own
    probability_perplexity: Own
    codebook_size: int

    @property
    def diversity_loss(self) -> Own:
        """Part of the codebooks that is not in use, 0 to 1: a loss that keeps all entries in use.

        ``(G*V - sum of probability_perplexity)/(G*V)`` for G groups of V entries (Baevski et al. 2020, in the form
        that fairseq computes).
        """
        return 1.0 - array_namespace(self.probability_perplexity).mean(self.probability_perplexity) / self.codebook_size


class _Quantizing(Protocol[Rest]):
    """A function of logits whose vectors are arrays of their library, and of NumPy for sequences."""

    @overload
    def __call__(self, logits: Foreign, *args: Rest.args, **kwargs: Rest.kwargs) -> Quantized[Foreign]: ...
    @overload
    def __call__(self, logits: ArrayLike, *args: Rest.args, **kwargs: Rest.kwargs) -> Quantized[NDArray[Any]]: ...


def _quantizing(function: Callable[Concatenate[Any, Rest], Quantized[Any]]) -> _Quantizing[Rest]:
    return cast("_Quantizing[Rest]", knowing_their_names(function))


@_quantizing
def gumbel_quantize(
    logits: Any,
    codebook: Any,
    temperature: Any = 1.0,
    *,
    hard: bool = True,
    greedy: bool = False,
    rng: Any = None,
    noise: Any = None,
) -> Quantized[Any]:
    """Choose one entry of each group's codebook by Gumbel-softmax.

    Parameters
    ----------
    logits
        Real NumPy, PyTorch or JAX array, shape (..., groups, codes).
    codebook
        The entries, shape (groups, codes, dim).
    temperature
        Of the Gumbel-softmax, 0 or more.
    hard
        Take the entry itself, with the gradient of the relaxed choice (straight-through); else a mixture.
    greedy
        Take the likeliest entry without noise, as when a model is evaluated.
    rng
        None, int, SeedSequence or Generator, or a ``torch.Generator`` or JAX key for an array of that library.
    noise
        Standard Gumbel noise shaped like logits, in place of ``rng``.

    Returns
    -------
    Quantized
        The vectors, which entries they are, and how the codebooks are used.

    Raises
    ------
    ArgumentError
        If the shapes of logits and codebook do not agree, or for what ``gumbel_softmax`` refuses.

    References
    ----------
    - Baevski, A., Zhou, H., Mohamed, A. and Auli, M. (2020). wav2vec 2.0. NeurIPS.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import sampling
    >>> codebook = np.array([[[0.0], [1.0], [2.0]]])
    >>> quantized = sampling.gumbel_quantize([[[0.0, 9.0, 0.0]], [[9.0, 0.0, 0.0]]], codebook, greedy=True)
    >>> quantized.vectors.tolist(), quantized.codes.tolist()
    ([[1.0], [0.0]], [[1], [0]])
    """
    array = as_logits(logits)
    xp = array_namespace(array)
    entries = same_library(codebook, array, "codebook")
    if array.ndim < 2 or entries.ndim != 3 or tuple(array.shape[-2:]) != tuple(entries.shape[:2]):
        raise ArgumentError(
            f"codebook has shape {tuple(entries.shape)} and logits {tuple(array.shape)}",
            "expected (groups, codes, dim) and (..., groups, codes).",
        )
    if greedy:
        if noise is not None:
            raise ArgumentError("noise is given, but greedy=True draws none.")
        noise = xp.zeros_like(detached(array))
        rng = None
    choice = gumbel_softmax(array, temperature, hard=hard, rng=rng, noise=noise)
    vectors = xp.matmul(choice[..., None, :], entries)[..., 0, :]
    chosen = one_hot_of_greatest(detached(choice), array.ndim - 1)
    if is_jax_array(array):
        register_pytree(Quantized, "codebook_size")
    vectors = xp.reshape(vectors, (*array.shape[:-2], entries.shape[0] * entries.shape[2]))
    return Quantized(
        as_given(vectors, logits),
        xp.argmax(chosen, axis=-1),
        perplexity(chosen),
        perplexity(softmax(array)),
        int(entries.shape[1]),
    )


@overload
def perplexity(probabilities: Foreign) -> Foreign: ...
@overload
def perplexity(probabilities: ArrayLike) -> NDArray[Any]: ...
def perplexity(probabilities: Any) -> Any:
    """Effective number of categories in use, exp(entropy) of the mean over all but the last two axes.

    Parameters
    ----------
    probabilities
        Distributions or one-hot choices of any library, shape (..., groups, codes).

    Returns
    -------
    Any
        Shape (groups,): from 1 (always the same) to the number of codes (all alike).

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import sampling
    >>> sampling.perplexity(np.eye(4)[:, None]).round(6)
    array([4.])
    """
    shares = as_logits(probabilities, "probabilities")
    xp = array_namespace(shares)
    mean = xp.mean(xp.reshape(shares, (-1, *shares.shape[-2:])), axis=0)
    log_mean = xp.log(xp.where(mean > 0, mean, xp.ones_like(mean)))
    return xp.exp(-xp.sum(mean * log_mean, axis=-1))
