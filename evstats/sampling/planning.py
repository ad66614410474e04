"""Choosing an action by a few simulations: the Gumbel AlphaZero and MuZero root policy (Danihelka et al. 2022).

The actions to try are drawn without replacement (Gumbel top-k), simulations are spread over them by sequential halving,
and the action taken maximises ``g + logits + sigma(q)`` with the same Gumbel noise g throughout. If the simulated
values are right, the action is never worse than the one that the prior alone would have taken with that noise, so that
the policy improves on its prior with any number of simulations, even two.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, Protocol, cast, overload

import numpy as np
from array_api_compat import array_namespace, is_jax_array
from numpy.typing import ArrayLike, NDArray

from evstats.errors import ArgumentError, whole_number
from evstats.habits import knowing_their_names
from evstats.noise import Foreign
from evstats.sampling.arrays import (
    Array,
    Own,
    Rest,
    as_logits,
    checked_axis,
    detached,
    gumbel_for,
    known,
    register_pytree,
    same_library,
)
from evstats.sampling.choosing import as_indices
from evstats.sampling.draws import categorical
from evstats.sampling.probabilities import below_maximum, softmax
from evstats.sampling.relaxed import one_hot_of_greatest

__all__ = ["RootDecision", "Simulate", "ValueScale", "considered_visits", "gumbel_root", "sampled_root"]

#: One simulation for each row: the actions tried (integers, the batch shape) to the values found (the batch shape).
Simulate = Callable[[Array], Any]

#: Below this range of values, rescaling them would only enlarge rounding errors.
_SMALLEST_RANGE = 1e-8


@dataclass(frozen=True)
class ValueScale:
    """How much the simulated values weigh against logits and noise, sigma(q) of Danihelka et al. (2022).

    ``sigma(q) = (visits + max N) * scale * q``, with q first rescaled to [0, 1] in each row if ``rescale``. Any
    increasing sigma gives policy improvement; a larger one trusts the values more.

    Parameters
    ----------
    visits
        C_visit, above 0.
    scale
        C_scale, above 0. At 1 the best of rescaled values outweighs all but the rarest noise; mctx's default, for
        values that are themselves in doubt, is 0.1.
    rescale
        Map the values of a row to [0, 1] first, where their range is not known.

    Examples
    --------
    >>> from evstats import sampling
    >>> sampling.planning.ValueScale(visits=50.0, scale=1.0)
    ValueScale(visits=50.0, scale=1.0, rescale=True)
    """

    visits: float = 50.0
    scale: float = 1.0
    rescale: bool = True

    def __post_init__(self) -> None:
        for name in ("visits", "scale"):
            if not 0.0 < getattr(self, name) < math.inf:
                raise ArgumentError(f"{name} is {getattr(self, name)}", "expected a number above 0.")

    def __call__(self, q: Array, most_visits: Array) -> Array:
        """sigma of values (..., actions), given the greatest number of visits of each row (..., 1)."""
        xp = array_namespace(q)
        if self.rescale:
            low, high = xp.min(q, axis=-1, keepdims=True), xp.max(q, axis=-1, keepdims=True)
            q = (q - low) / xp.clip(high - low, _SMALLEST_RANGE, None)
        return (self.visits + most_visits) * self.scale * q


@dataclass(frozen=True, eq=False)
class RootDecision(Generic[Own]):
    """What to do at the root, and what to learn from it.

    Attributes
    ----------
    action
        The action to take; the shape of logits without the axis of actions.
    policy
        The improved policy ``softmax(logits + sigma(completed q))``, shaped like logits: a target for training.
    q
        Mean simulated value of each action, and for actions not tried the estimated value of the root.
    visits
        Simulations spent on each action, integers.

    Examples
    --------
    >>> from evstats import sampling
    >>> found = sampling.planning.gumbel_root([0.0, 0.0, 0.0], lambda action: [0.0, 0.0, 1.0][int(action)], 6, rng=1)
    >>> int(found.action), found.policy.shape
    (2, (3,))
    """

    action: Own
    policy: Own
    q: Own
    visits: Own


class _Deciding(Protocol[Rest]):
    """A function of logits whose decision holds arrays of their library, and of NumPy for sequences."""

    @overload
    def __call__(self, logits: Foreign, *args: Rest.args, **kwargs: Rest.kwargs) -> RootDecision[Foreign]: ...
    @overload
    def __call__(self, logits: ArrayLike, *args: Rest.args, **kwargs: Rest.kwargs) -> RootDecision[NDArray[Any]]: ...


def _deciding(function: Callable[Concatenate[Any, Rest], RootDecision[Any]]) -> _Deciding[Rest]:
    return cast("_Deciding[Rest]", knowing_their_names(function))


@_deciding
def gumbel_root(
    logits: Any,
    simulate: Simulate,
    simulations: int,
    *,
    value: Any = None,
    considered: int = 16,
    scale: ValueScale | None = None,
    axis: int = -1,
    rng: Any = None,
    noise: Any = None,
) -> RootDecision[Any]:
    """Choose an action by Gumbel top-k and sequential halving.

    Parameters
    ----------
    logits
        Log-probabilities of the prior policy, up to a constant; -inf for an action that is not allowed, +inf for
        a certain one.
    simulate
        Called once for each simulation with the actions to try, one for each row; returns their values.
    simulations
        How many times, at least 1.
    value
        The value of the root by the value network, one for each row, if there is one; it takes part in the value
        of actions not tried, as in mctx.
    considered
        How many actions to start with at most; 16 in mctx.
    scale
        How values weigh against logits; ``ValueScale()`` by default.
    axis
        The axis of the actions.
    rng
        None, int, SeedSequence or Generator, or a ``torch.Generator`` or JAX key for an array of that library.
    noise
        Standard Gumbel noise shaped like logits, in place of ``rng``. Zeros make it greedy, for evaluation.

    Returns
    -------
    RootDecision
        The action, and the policy to learn from it.

    Raises
    ------
    ArgumentError
        If a row has no allowed action, or ``simulate`` returns values of another shape.

    References
    ----------
    - Danihelka, I., Guez, A., Schrittwieser, J. and Silver, D. (2022). Policy improvement by planning with Gumbel.
      ICLR.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats.sampling import planning
    >>> q = np.array([0.0, 0.0, 1.0])
    >>> decision = planning.gumbel_root(np.log([0.5, 0.3, 0.2]), lambda action: q[action], 3, rng=42)
    >>> int(decision.action), decision.visits.tolist()
    (2, [1, 1, 1])
    """
    search = _Search(logits, simulate, simulations, value, scale, axis)
    considered = whole_number(considered, "considered", least=1)
    g = gumbel_for(search.logits, tuple(search.logits.shape), rng, _moved(noise, search.logits, axis))
    keys = search.logits + g
    allowed = keys > -search.xp.inf
    plan = _plan(search, allowed, considered)
    for simulation in range(search.simulations):
        turn = search.visits == plan[..., simulation : simulation + 1]
        search.visit(_best(keys + search.sigma(), allowed & turn))
    most = search.xp.max(search.visits, axis=-1, keepdims=True)
    return search.decision(_best(keys + search.sigma(), allowed & (search.visits == most)))


@_deciding
def sampled_root(
    logits: Any,
    simulate: Simulate,
    simulations: int,
    *,
    value: Any = None,
    scale: ValueScale | None = None,
    axis: int = -1,
    rng: Any = None,
    noise: Any = None,
) -> RootDecision[Any]:
    """Plain sampling, for comparison: try actions drawn from the prior with replacement, take the best of those tried.

    With few simulations it tries the same action again and misses others: for values (0, 0, 1), prior (.5, .3, .2) and
    two simulations its expected value is .36, that of ``gumbel_root`` .4857 and that of the prior .2.

    Parameters
    ----------
    logits
        As ``gumbel_root`` takes them.
    simulate
        As ``gumbel_root`` takes it.
    simulations
        As ``gumbel_root`` takes them.
    value
        As ``gumbel_root`` takes it.
    scale
        As ``gumbel_root`` takes it.
    axis
        The axis of the actions.
    rng
        As ``gumbel_root`` takes it.
    noise
        Standard Gumbel values in place of ``rng``, shaped like logits but with ``simulations`` entries along
        ``axis``: one for each draw, which is by inversion.

    Returns
    -------
    RootDecision
        The best of the actions tried.

    Notes
    -----
    The others are those of ``gumbel_root``.

    Examples
    --------
    >>> from evstats import sampling
    >>> found = sampling.planning.sampled_root([0.0, 0.0], lambda action: [0.0, 1.0][int(action)], 8, rng=1)
    >>> int(found.action)
    1
    """
    search = _Search(logits, simulate, simulations, value, scale, axis)
    given = _moved(noise, search.logits, axis)
    tried = categorical(search.logits, size=(search.simulations,), rng=rng, noise=given)
    for simulation in range(search.simulations):
        search.visit(search.one_hot(tried[..., simulation : simulation + 1]))
    return search.decision(_best(search.q(), search.visits > 0))


def considered_visits(considered: int, simulations: int) -> tuple[int, ...]:
    """Sequential halving as a plan: how often the action to be tried next has been tried before.

    In each of log2(considered) phases the actions still considered receive equally many simulations; then the better
    half goes on. The next simulation goes to the best of the actions that have been visited just so often.

    Parameters
    ----------
    considered
        How many actions are considered at first.
    simulations
        How many there are in all.

    Returns
    -------
    tuple of int
        One number for each simulation.

    References
    ----------
    - Karnin, Z., Koren, T. and Somekh, O. (2013). Almost optimal exploration in multi-armed bandits. ICML.

    Examples
    --------
    >>> from evstats.sampling import planning
    >>> planning.considered_visits(4, 8)
    (0, 0, 0, 0, 1, 1, 2, 2)
    """
    if considered <= 1:
        return tuple(range(simulations))
    phases = math.ceil(math.log2(considered))
    plan: list[int] = []
    left, visits = considered, 0
    while len(plan) < simulations:
        extra = max(1, simulations // (phases * left))
        plan += [visits + i for i in range(extra) for _ in range(left)]
        visits, left = visits + extra, max(2, left // 2)
    return tuple(plan[:simulations])


class _Search:
    """The sums of values and visits while a search goes on; actions along the last axis."""

    def __init__(
        self, logits: Any, simulate: Simulate, simulations: int, value: Any, scale: ValueScale | None, axis: int
    ) -> None:
        array = as_logits(logits)
        self.axis = checked_axis(array, axis)
        self.xp = array_namespace(array)
        self.logits = below_maximum(self.xp.moveaxis(detached(array), self.axis, -1), array.ndim - 1)
        self.simulate, self.simulations = simulate, whole_number(simulations, "simulations", least=1)
        self.scale = ValueScale() if scale is None else scale
        self.value = None if value is None else self._values(value, "value")
        self.visits = self.xp.zeros_like(self.logits)
        self.sums = self.xp.zeros_like(self.logits)
        self.prior = softmax(self.logits)

    def visit(self, chosen: Array) -> None:
        """One simulation of the action that is 1 in each row."""
        actions = self.xp.argmax(chosen, axis=-1)
        values = self._values(self.simulate(actions), "the values that simulate returned")
        self.visits = self.visits + chosen
        self.sums = self.sums + chosen * values

    def one_hot(self, action: Array) -> Array:
        """1 at the action of each row (..., 1)."""
        n = self.logits.shape[-1]
        actions = as_indices(np.arange(n), self.logits, "actions")
        return self.xp.astype(actions == action, self.logits.dtype)

    def q(self) -> Array:
        """Mean values; for actions not tried the value of the root (``_Search.root_value``)."""
        tried = self.visits > 0
        mean = self.sums / self.xp.clip(self.visits, 1.0, None)
        weights = self.xp.where(tried, self.xp.clip(self.prior, float(self.xp.finfo(mean.dtype).tiny), None), 0.0)
        return self.xp.where(tried, mean, self.root_value(mean, weights))

    def root_value(self, mean: Array, weights: Array) -> Array:
        """The mean of the tried actions' values under the prior, mixed with the network's value (paper, appendix D)."""
        total = self.xp.sum(weights, axis=-1, keepdims=True)
        tried = self.xp.sum(weights * mean, axis=-1, keepdims=True) / self.xp.where(total > 0, total, 1.0)
        if self.value is None:
            return tried
        n = self.xp.sum(self.visits, axis=-1, keepdims=True)
        return (self.value + n * tried) / (1.0 + n)

    def sigma(self) -> Array:
        """How the values weigh against logits and noise."""
        return self.scale(self.q(), self.xp.max(self.visits, axis=-1, keepdims=True))

    def decision(self, chosen: Array) -> RootDecision[Any]:
        """The record, with the actions back on their axis."""
        policy = softmax(self.logits + self.sigma())
        action = self.xp.argmax(chosen, axis=-1)
        visits = self.xp.astype(self.visits, action.dtype)
        if is_jax_array(action):
            register_pytree(RootDecision)
        return RootDecision(action, *(self.xp.moveaxis(array, -1, self.axis) for array in (policy, self.q(), visits)))

    def _values(self, values: Any, name: str) -> Array:
        array = same_library(values, self.logits, name)
        expected = tuple(self.logits.shape[:-1])
        if tuple(array.shape) != expected:
            raise ArgumentError(f"{name} has shape {tuple(array.shape)}", f"expected {expected}, one for each row.")
        if known(self.xp.any(~self.xp.isfinite(array))):
            raise ArgumentError(f"{name} has an entry that is not finite.")
        return array[..., None]


def _moved(noise: Any, logits: Array, axis: int) -> Any:
    """Noise with the actions last, as the search has them."""
    if noise is None:
        return None
    array = same_library(noise, logits, "noise")
    return array if array.ndim != logits.ndim else array_namespace(array).moveaxis(array, axis, -1)


def _plan(search: _Search, allowed: Array, considered: int) -> Array:
    """For each row the plan for as many actions as it allows, (..., simulations)."""
    xp, simulations = search.xp, search.simulations
    most = min(considered, search.logits.shape[-1])
    table = [considered_visits(m, simulations) for m in range(1, most + 1)]
    plans = same_library(np.array(table), search.logits, "plan")
    count = xp.clip(xp.sum(xp.astype(allowed, xp.int32), axis=-1), 1, most) - 1
    flat = xp.take(plans, xp.reshape(count, (-1,)), axis=0)
    return xp.reshape(flat, (*search.logits.shape[:-1], simulations))


def _best(scores: Array, among: Array) -> Array:
    """1 at the greatest score of each row among some actions."""
    xp = array_namespace(scores)
    return one_hot_of_greatest(xp.where(among, scores, -xp.inf), scores.ndim - 1)
