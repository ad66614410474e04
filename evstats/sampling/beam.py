"""Stochastic beam search: k different leaves of a tree of choices, drawn without replacement without listing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evstats import noise as noises
from evstats.errors import ArgumentError, whole_number
from evstats.sampling.arrays import as_logits, on_host
from evstats.sampling.choosing import top_of_row
from evstats.sampling.posterior import truncate_gumbel

__all__ = ["BeamSample", "Expand", "Floats", "Node", "beam_search", "keys_below"]

Node = TypeVar("Node")
Floats = NDArray[np.float64]
#: Maps a node to its children and their conditional log-probabilities; to no children, or None, if it is a leaf.
Expand = Callable[[Node], "tuple[Sequence[Node], ArrayLike] | None"]

#: How far the conditional probabilities of a node's children may sum from 1.
_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class BeamSample(Generic[Node]):
    """Leaves of a tree drawn without replacement, in the order drawn.

    Attributes
    ----------
    leaves
        The leaves, greatest key first.
    log_p
        Log-probability of each leaf, shape (k,).
    keys
        ``log_p + g``, descending, shape (k,).
    threshold
        The (k+1)-th greatest key of all leaves; -inf if there are no more.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import sampling
    >>> def expand(node):
    ...     return ([node + "a", node + "b"], np.log([0.5, 0.5])) if len(node) < 2 else None
    >>> sample = sampling.beam_search(expand, "", 2, rng=1)
    >>> len(sample.leaves), sample.log_p.round(1)
    (2, array([-1.4, -1.4]))
    """

    leaves: tuple[Node, ...]
    log_p: Floats
    keys: Floats
    threshold: float

    @property
    def log_probabilities(self) -> Floats:
        """Log-probability of each leaf given those drawn before it (Plackett-Luce); their sum is the sample's."""
        before = np.concatenate([[0.0], np.cumsum(np.exp(self.log_p))[:-1]])
        return self.log_p - np.log1p(-np.minimum(before, np.nextafter(1.0, 0.0)))

    @property
    def inclusion(self) -> Floats:
        """Probability that each leaf is in the sample, given the threshold."""
        with np.errstate(over="ignore"):
            return -np.expm1(-np.exp(self.log_p - self.threshold))

    @property
    def weights(self) -> Floats:
        """Probability over inclusion probability: ``sum(weights * f(leaves))`` is unbiased for E f."""
        return np.exp(self.log_p) / self.inclusion

    def mean(self, values: ArrayLike, *, normalised: bool = False) -> float:
        """Estimate of the mean of f over all leaves, from its values at ``leaves``; see ``TopK.mean``.

        Parameters
        ----------
        values
            Those of f at the leaves, shape (k,).
        normalised
            Whether the weights are divided by their sum, which costs bias and saves variance.

        Returns
        -------
        float
            The estimate.
        """
        f = np.asarray(values, np.float64)
        if f.shape != self.keys.shape:
            raise ArgumentError(f"values has shape {f.shape}", f"expected one for each leaf, {self.keys.shape}.")
        total = float(self.weights @ f)
        return total / float(self.weights.sum()) if normalised else total


def beam_search(expand: Expand[Node], root: Node, k: int, *, rng: noises.RandomState = None) -> BeamSample[Node]:
    """Draw k different leaves of a tree, as Gumbel top-k over all leaves would, visiting about k nodes a level.

    A node's key is the greatest of its leaves' keys, which is Gumbel with the node's log-probability as location. So
    keys are drawn from the root down: a child's is Gumbel, given that the greatest child has the key of its parent.
    Only the k + 1 nodes with the greatest keys can lead to the winners and the threshold.

    Parameters
    ----------
    expand
        Maps a node to (children, log-probabilities given the node), or to None (or no children) if it is a leaf.
        A child of log-probability -inf is left out.
    root
        The first node.
    k
        How many leaves.
    rng
        None, int, SeedSequence or Generator.

    Returns
    -------
    BeamSample
        The leaves, greatest key first.

    Raises
    ------
    ArgumentError
        If the tree has fewer than k leaves, or the probabilities of a node's children do not sum to 1.

    References
    ----------
    - Kool, W., van Hoof, H. and Welling, M. (2019). Stochastic beams and where to find them. ICML.

    Examples
    --------
    Two tosses of a coin that shows 1 with probability 0.8; three of the four outcomes:

    >>> import numpy as np
    >>> from evstats import sampling
    >>> def toss(tosses):
    ...     return ((tosses + "0", tosses + "1"), np.log([0.2, 0.8])) if len(tosses) < 2 else None
    >>> sample = sampling.beam_search(toss, "", 3, rng=42)
    >>> len(set(sample.leaves))
    3
    """
    k = whole_number(k, "k", least=1)
    random = noises.generator(rng)
    beam = [_Branch(root, 0.0, float(noises.gumbel(rng=random)), False)]
    while not all(branch.is_leaf for branch in beam):
        grown = [child for branch in beam for child in _grow(branch, expand, random)]
        keys = np.array([branch.key for branch in grown])
        beam = [grown[i] for i in top_of_row(keys, min(k + 1, keys.size))]
    if len(beam) < k:
        raise ArgumentError(f"k is {k}, but the tree has only {len(beam)} leaves of positive probability.")
    winners = beam[:k]
    return BeamSample(
        tuple(branch.node for branch in winners),
        np.array([branch.log_p for branch in winners]),
        np.array([branch.key for branch in winners]),
        beam[k].key if len(beam) > k else -np.inf,
    )


class _Branch(NamedTuple):
    node: Any
    log_p: float
    key: float
    is_leaf: bool


def _grow(branch: _Branch, expand: Expand[Any], random: noises.RandomState) -> list[_Branch]:
    """The children of a node with their keys; a leaf, or a node found to be one, as it is."""
    if branch.is_leaf:
        return [branch]
    children, conditional = _expanded(expand(branch.node))
    if len(children) == 0:
        return [branch._replace(is_leaf=True)]
    log_p = branch.log_p + _checked(conditional, len(children))
    keys = log_p + noises.gumbel(log_p.shape, rng=random)
    keys = keys_below(keys, branch.key)
    return [
        _Branch(child, float(p), float(key), False)
        for child, p, key in zip(children, log_p, keys, strict=True)
        if p > -np.inf
    ]


def _expanded(grown: Any) -> tuple[Sequence[Any], ArrayLike]:
    try:
        children, conditional = grown or ((), ())
        len(children)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"expand returned {type(grown).__name__}",
            "expected (children, log-probabilities), or None for a leaf.",
        ) from error
    return children, conditional


def keys_below(keys: Floats, parent: float) -> Floats:
    """Independent Gumbel keys, moved so that the greatest of them is the parent's key.

    With Z the greatest, ``-log(exp(-parent) - exp(-Z) + exp(-keys))`` (Kool et al. 2019), as a truncation at the
    parent's key of what is Gumbel below Z.
    """
    greatest = keys.max()
    below = np.minimum(keys, greatest)
    with np.errstate(divide="ignore", over="ignore"):
        gap = np.where(np.isneginf(below), np.inf, -below + np.log(-np.expm1(below - greatest)))
    moved: Floats = truncate_gumbel(-gap, np.float64(parent))
    return np.where(below == greatest, parent, moved)


def _checked(conditional: ArrayLike, children: int) -> Floats:
    log_p = on_host(as_logits(conditional, "the log-probabilities that expand returned"))
    if log_p is None or log_p.shape != (children,):
        raise ArgumentError(
            f"expand returned {children} children and log-probabilities of shape {np.shape(conditional)}",
            "expected one for each child.",
        )
    total = float(np.exp(log_p.astype(np.float64)).sum())
    if not abs(total - 1.0) < _SUM_TOLERANCE:
        raise ArgumentError(
            f"expand returned log-probabilities whose exponentials sum to {total:g}",
            "expected 1, given the node. Apply log_softmax.",
        )
    return log_p.astype(np.float64)
