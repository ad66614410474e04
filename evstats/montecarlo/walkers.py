"""Metropolis's algorithm for many chains at once: random walk, adaptive random walk, affine-invariant ensemble."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evstats import noise
from evstats.arrays import Array, Mask
from evstats.errors import ArgumentError
from evstats.montecarlo import chains as chain
from evstats.montecarlo.chains import Chains, LogDensity, Target
from evstats.noise import RandomState
from evstats.progress import each
from evstats.registry import Registry

__all__ = ["AdaptiveWalk", "Ensemble", "Mover", "RandomWalk", "metropolis"]

#: The acceptance rate at which random walks are most efficient (Roberts, Gelman and Gilks 1997), in one dimension and
#: in many.
_WANTED_IN_ONE, _WANTED = 0.44, 0.234
#: The walk's scale over the target's, 2.38/sqrt(dim), and the greatest factor of the stretch move.
_OPTIMAL, _STRETCH = 2.38, 2.0
#: Share of the warm-up after which the walk has a covariance of its own, and how often it is renewed.
_FIRST_RENEWAL, _RENEWALS = 0.05, 8


def metropolis(
    logpdf: LogDensity,
    start: ArrayLike,
    draws: int = 1000,
    *,
    chains: int = 4,
    warmup: int = 1000,
    thin: int = 1,
    move: str = "adaptive",
    step: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    rng: RandomState = None,
    progress: bool | None = None,
) -> Chains:
    """Draws from a density known up to a constant, by Metropolis's algorithm, all chains at once.

    Parameters
    ----------
    logpdf
        Takes points, shape (..., dim), and returns the log-density of each up to a common constant, shape (...);
        -inf outside the support. It is called once or twice per iteration for all chains together.
    start
        Starting points, shape (chains, dim), best spread wider than the target; or one, shape (dim,), for all.
    draws
        Kept per chain.
    chains
        Number of chains where ``start`` is a single point.
    warmup
        Iterations thrown away, in which the proposal adapts; it is fixed from then on.
    thin
        Iterations per draw kept.
    move
        ``"adaptive"``, a random walk whose covariance is that of the draws so far times 2.38^2/dim (Haario, Saksman
        and Tamminen 2001), of all chains together, and whose scale is tuned to the best acceptance rate (Andrieu and
        Thoms 2008, algorithm 4); ``"random-walk"`` with the steps given; or ``"ensemble"``, the affine-invariant
        stretch move (Goodman and Weare 2010), in which chains move along lines through one another, so that they are
        not independent of each other.
    step
        Standard deviation of the walk, a number or one per dimension: fixed for ``"random-walk"``, which needs it,
        and where ``"adaptive"`` begins (by default a tenth of the starting points' spread or of their size).
    names
        Of the dimensions.
    rng
        None, int, SeedSequence or Generator; the same seed gives the same chains.
    progress
        Show a bar (tqdm); by default at a terminal, for runs of more than a second.

    Returns
    -------
    Chains
        Draws of all chains.

    Raises
    ------
    ArgumentError
        If an argument is outside what is described here, or logpdf returns the wrong shape.
    DataError
        If logpdf is NaN or infinite at a starting point, or +inf anywhere.

    Warns
    -----
    EvstatsWarning
        If logpdf is NaN at a proposal, or a chain hardly ever accepts one.

    References
    ----------
    - Haario, H., Saksman, E. and Tamminen, J. (2001). Bernoulli 7, 223-242.
    - Andrieu, C. and Thoms, J. (2008). Statistics and Computing 18, 343-373.
    - Goodman, J. and Weare, J. (2010). Communications in Applied Mathematics and Computational Science 5, 65-80.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import montecarlo
    >>> def normal(x):
    ...     return -0.5 * np.sum((x - [1.0, -2.0]) ** 2 / [1.0, 9.0], axis=-1)
    >>> found = montecarlo.metropolis(normal, [0.0, 0.0], 1000, chains=20, rng=1)
    >>> found.draws.shape
    (20, 1000, 2)
    >>> found.flat.mean(axis=0).round(0)
    array([ 1., -2.])
    """
    points = chain.starting_points(start, chains)
    draws, warmup, thin = chain.lengths(draws, warmup, thin)
    labels = chain.names_of(names, points.shape[1])
    random, seed = noise.recorded(rng)
    target = Target(logpdf, points.shape[1])
    logdensity = target.at_start(points)
    mover: Mover = _MOVES[move](points, step, warmup)
    record = chain.Recorder(len(points), draws, points.shape[1], thin)
    for i in each(range(warmup + draws * thin), unit="iteration", asked=progress):
        accepted = mover.move(target, points, logdensity, random)
        if i < warmup:
            mover.adapt(i, points, accepted)
        else:
            record.keep(i - warmup, points, logdensity, accepted)
    kept, density, acceptance = record.arrays()
    target.warn_of_nan(stacklevel=3)
    chain.warn_of_stuck(acceptance, draws * thin, move)
    return Chains(kept, density, acceptance, warmup, thin, move, seed, labels)


class Mover(ABC):
    """A Markov kernel that leaves the target invariant, for all chains at once, and what it learns in warm-up."""

    @abstractmethod
    def move(self, target: Target, points: Array, logdensity: Array, random: noise.Generator) -> Mask:
        """Move every chain once, in place; returns which accepted."""

    def adapt(self, iteration: int, points: Array, accepted: Mask) -> None:
        """Learn from an iteration of the warm-up; by default there is nothing to learn."""
        return


class RandomWalk(Mover):
    """Normal steps of fixed standard deviations."""

    def __init__(self, points: Array, step: ArrayLike | None, warmup: int) -> None:
        if step is None:
            raise ArgumentError("move='random-walk' needs step, the standard deviation of its proposals.")
        self.factor = np.diag(chain.first_steps(points, step))

    def move(self, target: Target, points: Array, logdensity: Array, random: noise.Generator) -> Mask:
        """Propose, and accept by Metropolis's rule."""
        trial = points + random.standard_normal(points.shape) @ self.factor.T
        value = target(trial)
        accepted = chain.accept(random, value - logdensity)
        np.copyto(points, trial, where=accepted[:, None])
        np.copyto(logdensity, value, where=accepted)
        return accepted


class AdaptiveWalk(RandomWalk):
    """Normal steps with the covariance of the draws so far, all chains together, and a scale tuned to acceptance."""

    def __init__(self, points: Array, step: ArrayLike | None, warmup: int) -> None:
        dim = points.shape[1]
        steps = chain.first_steps(points, step)
        self._shape, self._log_scale = np.diag(steps), 0.0
        self.factor = self._shape
        self._history = np.empty((warmup, *points.shape))
        self._renewals = _renewal_times(warmup)
        self._wanted = _WANTED + (_WANTED_IN_ONE - _WANTED) / dim
        self._optimal = _OPTIMAL / math.sqrt(dim)
        self._since = 0

    def adapt(self, iteration: int, points: Array, accepted: Mask) -> None:
        """Robbins and Monro's step for the scale; the covariance of the later half of the history at its renewals."""
        self._history[iteration] = points
        self._since += 1
        rate = float(accepted.mean())
        self._log_scale += (rate - self._wanted) * min(0.25, 2.0 / self._since**0.6)
        if iteration + 1 in self._renewals:
            recent = self._history[(iteration + 1) // 2 : iteration + 1].reshape(-1, points.shape[1])
            self._shape = self._optimal * chain.cholesky(np.atleast_2d(np.cov(recent.T)))
            self._log_scale, self._since = 0.0, 0
        self.factor = math.exp(self._log_scale) * self._shape


class Ensemble(Mover):
    """The stretch move: one half of the chains moves along lines through the other half, then the other way round."""

    def __init__(self, points: Array, step: ArrayLike | None, warmup: int) -> None:
        count, dim = points.shape
        if count < 2 * dim or count % 2:
            raise ArgumentError(
                f"move='ensemble' has {count} chains in {dim} dimensions; it needs an even number, at least {2 * dim}."
            )
        if np.linalg.matrix_rank(points - points.mean(axis=0)) < dim:
            raise ArgumentError("move='ensemble' needs starting points that differ in every direction of space.")
        if step is not None:
            raise ArgumentError("move='ensemble' has no step to choose; leave it out.")

    def move(self, target: Target, points: Array, logdensity: Array, random: noise.Generator) -> Mask:
        """Each half in turn; the acceptance ratio has z^(dim - 1) for the volume that a stretch by z changes."""
        count, dim = points.shape
        half = count // 2
        result = np.empty(count, dtype=bool)
        for mine, others in ((slice(0, half), slice(half, None)), (slice(half, None), slice(0, half))):
            u = random.random(half)
            z = ((_STRETCH - 1.0) * u + 1.0) ** 2 / _STRETCH
            partner = points[others][random.integers(half, size=half)]
            trial = partner + z[:, None] * (points[mine] - partner)
            value = target(trial)
            accepted = chain.accept(random, (dim - 1) * np.log(z) + value - logdensity[mine])
            points[mine][accepted], logdensity[mine][accepted] = trial[accepted], value[accepted]
            result[mine] = accepted
        return result


_MOVES: Registry[type[Any]] = Registry(
    "move", {"adaptive": AdaptiveWalk, "random-walk": RandomWalk, "ensemble": Ensemble}
)


def _renewal_times(warmup: int) -> set[int]:
    """Iterations at which the covariance is renewed, evenly spaced on a logarithmic scale and none at the very end."""
    if warmup < 40:
        return set()
    return {round(t) for t in np.geomspace(max(_FIRST_RENEWAL * warmup, 20.0), 0.7 * warmup, _RENEWALS)}
