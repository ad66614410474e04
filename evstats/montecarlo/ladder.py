"""Parallel tempering: chains from a wide reference to the target that trade places, so that no mode is a trap."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import interpolate, special
from scipy.optimize import elementwise

from evstats import noise
from evstats.arrays import Array, Mask, Places
from evstats.errors import ArgumentError, EvstatsWarning, whole_number
from evstats.montecarlo import chains as chain
from evstats.montecarlo import references
from evstats.montecarlo.chains import Chains, LogDensity
from evstats.montecarlo.printing import Facts
from evstats.montecarlo.references import Path, Reference, blend
from evstats.noise import RandomState
from evstats.progress import each
from evstats.text.numbers import number

__all__ = ["TemperedChains", "tempering"]

#: Factor of a walk's step, log-uniform between these, drawn anew each time: modes of different widths are all served.
_FACTORS = (0.25, 2.0)
_WANTED = 0.3
#: Iterations of the first round of the warm-up; each is twice as long as the one before, and ends in a new ladder.
_FIRST_ROUND = 16
#: Iterations, at least, whose log-ratios of densities are kept for the evidence.
_MOST_RATIOS = 10_000
#: No neighbouring rungs' log-ratios of densities are further than this from the log-ratio of their constants and count.
_REACH = 1e5


@dataclass(frozen=True, eq=False, repr=False)
class TemperedChains(Chains):
    """Draws of the target (the coldest rung), and how well the ladder worked.

    Attributes
    ----------
    betas
        The ladder, from 0 (reference) to 1 (target), shape (levels,).
    swap_rates
        Mean acceptance of swaps between neighbours, shape (levels - 1,).
    barrier
        The communication barrier, sum of the rejection rates (Syed et al. 2022).
    restarts
        How often a state came fresh from the reference to the target, all chains together.
    log_evidence
        Log of the integral of exp(logpdf), by thermodynamic integration along the ladder.
    log_evidence_error
        Its standard error, from the spread of the chains, which are independent.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import montecarlo
    >>> def two_hills(x):
    ...     return np.logaddexp(-0.5 * (x[..., 0] - 3.0) ** 2, -0.5 * (x[..., 0] + 3.0) ** 2)
    >>> found = montecarlo.tempering(two_hills, [[-5.0], [5.0]], 200, levels=4, chains=4, warmup=200, rng=1)
    >>> found.betas.round(2)[[0, -1]], found.restarts > 0
    (array([0., 1.]), True)
    """

    betas: Array
    swap_rates: Array
    barrier: float
    restarts: int
    log_evidence: float
    log_evidence_error: float

    def _facts(self) -> Facts:
        swaps = f"{self.swap_rates.min():.0%} to {self.swap_rates.max():.0%} of those tried"
        ladder: Facts = {"rungs": len(self.betas), "swaps": swaps, "barrier": number(self.barrier, 3)}
        evidence = f"{number(self.log_evidence, 6)} +- {number(self.log_evidence_error, 2)}"
        return super()._facts() | ladder | {"restarts": self.restarts, "log-evidence": evidence}


def tempering(
    logpdf: LogDensity,
    start: ArrayLike | None = None,
    draws: int = 2000,
    *,
    reference: Reference | None = None,
    levels: int = 12,
    chains: int = 8,
    warmup: int = 1000,
    thin: int = 1,
    moves: int = 5,
    names: Sequence[str] | None = None,
    rng: RandomState = None,
    progress: bool | None = None,
) -> TemperedChains:
    """Draws from a density with several modes, by non-reversible parallel tempering, and its log-evidence.

    Each chain is a ladder of states with densities q^(1 - beta) p^beta between a reference q, drawn from independently
    at every iteration, and the target p. Neighbours try to swap, even and odd pairs in turn (Okabe et al. 2001), which
    carries fresh states from the reference down to the target and mixes across modes. In warm-up the betas are spread
    so that all neighbours swap equally often, by the communication barrier estimated from the rejection rates (Syed,
    Bouchard-Cote, Deligiannidis and Doucet 2022), and the walks at each rung learn their steps; both are fixed from
    then on. The chains are independent of each other, so that R-hat and standard errors mean what they say.

    Parameters
    ----------
    logpdf
        Takes points, shape (..., dim), and returns the log-density of each up to a common constant, shape (...).
    start
        Starting points, shape (chains, dim) or (dim,); by default draws of the reference. Without a reference they
        define it: spread them as wide as the target may reach.
    draws
        Kept per chain, of the target.
    reference
        A normalised distribution with ``rvs(size, rng)`` and ``logpdf(x)``, no narrower than the target: the
        prior of a posterior, ``Normal(mean, covariance)``; by default the normal distribution of the starting points.
    levels
        Rungs of the ladder, both ends included. About twice the barrier is best; more are needed where a swap
        rate is below 0.2.
    chains
        Independent ladders, where ``start`` does not say.
    warmup, thin
        Iterations before the first draw, and per draw.
    moves
        Steps of the walk between swaps.
    names, rng, progress
        As for ``metropolis``.

    Returns
    -------
    TemperedChains
        Draws of the target, and the log-evidence.

    Raises
    ------
    ArgumentError
        If an argument is outside what is described here, or a function returns the wrong shape.
    DataError
        If logpdf is NaN or infinite at a starting point, or +inf anywhere.

    Warns
    -----
    EvstatsWarning
        If nothing came from the reference to the target: the chains may miss modes.

    Notes
    -----
    The log-evidence is the thermodynamic integral of the mean of log p - log q over beta from 0 to 1. Between two rungs
    that integral is the log-ratio of their normalising constants, which draws of both give by Bennett's bridge (1976):
    exact however far the rungs are apart, and finite where the integrand at the reference is not, so that no quadrature
    rule comes in.

    References
    ----------
    - Syed, S., Bouchard-Cote, A., Deligiannidis, G. and Doucet, A. (2022). Journal of the Royal Statistical Society B
      84, 321-350.
    - Bennett, C. H. (1976). Journal of Computational Physics 22, 245-268.

    Examples
    --------
    Two normal modes, 10 standard deviations apart, the first with weight 0.3:

    >>> import numpy as np
    >>> from evstats import montecarlo
    >>> def two(x):
    ...     return np.logaddexp(np.log(0.3) - 0.5 * x[..., 0] ** 2, np.log(0.7) - 0.5 * (x[..., 0] - 10.0) ** 2)
    >>> found = montecarlo.tempering(two, reference=montecarlo.Normal([5.0], [64.0]), draws=500, levels=6, rng=1)
    >>> round(float((found.flat < 5.0).mean()), 1)
    0.3
    """
    points = None if start is None else chain.starting_points(start, chains)
    reference, dim = references.reference_of(reference, points)
    path = Path(logpdf, reference, dim)
    draws, warmup, thin = chain.lengths(draws, warmup, thin)
    levels, moves = whole_number(levels, "levels", least=2), whole_number(moves, "moves", least=1)
    labels = chain.names_of(names, dim)
    random, seed = noise.recorded(rng)
    if points is None:
        points = path.supported(whole_number(chains, "chains", least=1), random)
    path.target.at_start(points)
    ladder = _Ladder(path, points, levels, moves, random)
    rounds, end = _FIRST_ROUND, _FIRST_ROUND
    record = chain.Recorder(len(points), draws, dim, thin)
    for i in each(range(warmup + draws * thin), unit="iteration", asked=progress):
        accepted = ladder.iterate(i, adapting=i < warmup)
        if i >= warmup:
            record.keep(i - warmup, ladder.points[-1], ladder.target[-1], accepted)
        elif i + 1 == min(end, warmup):
            ladder.spread(fresh_walks=i + 1 < warmup)
            rounds, end = 2 * rounds, end + 2 * rounds
    path.target.warn_of_nan(stacklevel=3)
    return _result(ladder, record, warmup, thin, seed, labels)


def _result(
    ladder: _Ladder, record: chain.Recorder, warmup: int, thin: int, seed: int | None, labels: tuple[str, ...]
) -> TemperedChains:
    kept, density, acceptance = record.arrays()
    evidence, error = ladder.evidence()
    rejected = ladder.rejected / ladder.tried
    if not ladder.restarts:
        warnings.warn(
            "No state came from the reference to the target after warm-up, so modes may be missing or have the wrong "
            f"weights: the slowest pair of rungs swapped in {1.0 - rejected.max():.1%} of tries. Raise levels, "
            "draws or warmup, or choose a reference nearer to the target.",
            EvstatsWarning,
            stacklevel=3,
        )
    return TemperedChains(
        kept,
        density,
        acceptance,
        warmup,
        thin,
        "tempering",
        seed,
        labels,
        betas=ladder.betas,
        swap_rates=1.0 - rejected,
        barrier=float(rejected.sum()),
        restarts=ladder.restarts,
        log_evidence=evidence,
        log_evidence_error=error,
    )


class _Ladder:
    """States (levels, chains, dim) with log-densities of target and reference, and what is counted about them."""

    def __init__(self, path: Path, points: Array, levels: int, moves: int, random: noise.Generator) -> None:
        count, dim = points.shape
        self.path, self.moves, self.random = path, moves, random
        self.betas = np.linspace(0.0, 1.0, levels) ** 3
        self.points = np.repeat(points[None], levels, axis=0)
        self.target, self.base = path.target(self.points), path.base(self.points)
        if not np.isfinite(self.base).all():
            raise ArgumentError("the reference has no density at a starting point; it must cover the target.")
        spread = references.cholesky(path.draws(1000, random))
        self.factors, self.log_scales = np.repeat(spread[None], levels - 1, axis=0), np.zeros(levels - 1)
        self._optimal = 2.38 / math.sqrt(dim)
        self.fresh = np.zeros((levels, count), dtype=bool)
        self._since = 0
        self._reset()

    def _reset(self) -> None:
        levels = len(self.target)
        self.rejected, self.tried = np.zeros(levels - 1), np.full(levels - 1, 1e-300)
        self.ratios: list[Array] = []
        self._every, self._seen = 1, 0
        self.restarts = 0
        self._history: list[Array] = []

    def iterate(self, iteration: int, *, adapting: bool) -> Array:
        """Fresh draws of the reference, walks on all other rungs, swaps; the share of the target's steps accepted."""
        accepted = np.zeros(self.target.shape[1])
        self.points[0] = self.path.draws(self.points.shape[1], self.random)
        self.target[0], self.base[0] = self.path.target(self.points[0]), self.path.base(self.points[0])
        self.fresh[0] = True
        for _ in range(self.moves):
            moved = self._walk()
            accepted += moved[-1]
            if adapting:
                self._since += 1
                self.log_scales += (moved.mean(axis=1) - _WANTED) * min(0.25, 2.0 / self._since**0.6)
        self._keep_ratios()
        self._swap(iteration % 2)
        if adapting:
            self._history.append(self.points[1:].copy())
        return accepted / self.moves

    def _walk(self) -> Mask:
        """One Metropolis step on every rung but the reference; whether each was accepted, (levels - 1, chains)."""
        points, beta = self.points[1:], self.betas[1:, None]
        low, high = np.log(_FACTORS)
        size = np.exp(self.log_scales[:, None] + low + (high - low) * self.random.random(points.shape[:2]))
        steps = self.random.standard_normal(points.shape) @ np.swapaxes(self.factors, 1, 2)
        trial = points + self._optimal * size[..., None] * steps
        target, base = self.path.target(trial), self.path.base(trial)
        now = blend(beta, self.target[1:], self.base[1:])
        accepted = chain.accept(self.random, blend(beta, target, base) - now)
        points[accepted] = trial[accepted]
        self.target[1:][accepted], self.base[1:][accepted] = target[accepted], base[accepted]
        return accepted

    def _keep_ratios(self) -> None:
        """log p - log q of all rungs (levels, chains); of long runs every second, fourth, ... iteration is kept."""
        if self._seen % self._every == 0:
            self.ratios.append(self.path.ratio(self.target, self.base))
        self._seen += 1
        if len(self.ratios) >= 2 * _MOST_RATIOS:
            self.ratios, self._every = self.ratios[::2], 2 * self._every

    def _swap(self, parity: int) -> None:
        """Even or odd neighbours try to swap; states that come fresh from the reference carry a flag to the target."""
        lower = np.arange(parity, len(self.betas) - 1, 2)
        upper = lower + 1
        ratio = self.path.ratio(self.target, self.base)
        with np.errstate(invalid="ignore"):
            log_accept = (self.betas[upper] - self.betas[lower])[:, None] * (ratio[lower] - ratio[upper])
        self.rejected[lower] += 1.0 - np.exp(np.minimum(log_accept, 0.0)).mean(axis=1)
        self.tried[lower] += 1.0
        row, column = np.nonzero(chain.accept(self.random, log_accept))
        for array in (self.points, self.target, self.base, self.fresh):
            one, other = (lower[row], column), (upper[row], column)
            array[one], array[other] = array[other].copy(), array[one].copy()
        self.restarts += int(self.fresh[-1].sum())
        self.fresh[-1] = False

    def spread(self, *, fresh_walks: bool) -> None:
        """New betas at equal steps of the barrier, walks with the covariances of this round, and counts from nought."""
        rejection = np.maximum(self.rejected / self.tried, 1e-3)
        barrier = np.concatenate([[0.0], np.cumsum(rejection)])
        wanted = np.linspace(0.0, barrier[-1], len(self.betas))
        betas = interpolate.PchipInterpolator(barrier, self.betas)(wanted)
        if fresh_walks:
            recent = np.stack(self._history[len(self._history) // 2 :], axis=2)
            levels, count, rounds, dim = recent.shape
            learnt = references.cholesky(recent.reshape(levels, count * rounds, dim))
            if count * rounds > 4 * dim:
                self.factors, self.log_scales, self._since = learnt, np.zeros(levels), 0
            self.betas = np.concatenate([[0.0], betas[1:-1], [1.0]])
        self._reset()

    def evidence(self) -> tuple[float, float]:
        """Log-evidence from all chains together, and its standard error from those of each."""
        ratios = np.stack(self.ratios, axis=-1)  # (levels, chains, iterations)
        value = float(_bridges(self.betas, ratios.reshape(len(ratios), 1, -1)).sum())
        each = _bridges(self.betas, ratios).sum(axis=0)
        error = float(each.std(ddof=1)) / math.sqrt(each.size) if each.size > 1 else math.nan
        return value, error


def _bridges(betas: Array, ratios: Array) -> Array:
    """Log-ratios of the normalising constants of neighbouring rungs, (levels - 1, groups), from draws of both.

    For log-ratios of densities (levels, groups, m): the c at which sum expit(u - c) over the draws of the lower rung is
    sum expit(c - u) over those of the upper, u the step in beta times log p - log q (Bennett 1976, equation 12).
    """
    step = np.diff(betas)[:, None, None]
    middle = np.median(step * ratios[1:], axis=-1)
    reach = middle[..., None] + np.array([-_REACH, _REACH])  # beyond, expit is 0 or 1 for all c in question
    lower, upper = (np.clip(step * each, reach[..., :1], reach[..., 1:]) for each in (ratios[:-1], ratios[1:]))

    def excess(c: Array, rung: Places, group: Places) -> Array:
        rising = special.expit(lower[rung, group] - c[..., None])
        return rising.sum(axis=-1) - special.expit(c[..., None] - upper[rung, group]).sum(axis=-1)

    places = tuple(np.indices(middle.shape))
    found = elementwise.find_root(excess, (middle - _REACH, middle + _REACH), args=places, tolerances={"xatol": 1e-10})
    return np.where(found.success, found.x, middle)
