"""Annealing: towards the highest point of a function, or from a reference to weighted draws of a target."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from evstats import noise
from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError, EvstatsWarning, whole_number
from evstats.montecarlo import chains as chain
from evstats.montecarlo import pareto, references, samplers
from evstats.montecarlo.chains import LogDensity, Target
from evstats.montecarlo.printing import Facts, Page, Shown, said_seed, table_of
from evstats.montecarlo.references import Path, Reference, blend
from evstats.noise import RandomState
from evstats.progress import each
from evstats.text.numbers import number

__all__ = ["Annealed", "AnnealedImportance", "anneal", "annealed_importance"]

_WANTED = 0.3
#: Draws of the pilot run that the steps of annealed importance sampling are learnt from, and its walks per level.
_PILOT = 256


@dataclass(frozen=True, eq=False, repr=False)
class Annealed(Shown):
    """The highest point found, and where every chain ended.

    Attributes
    ----------
    point
        Shape (dim,).
    value
        The function there.
    points
        The highest point of each chain, shape (chains, dim): how far they agree says how far to trust ``point``.
    values
        The function there, shape (chains,).
    seed
        The integer that gives the same run again; None if a Generator or SeedSequence was passed.

    Examples
    --------
    >>> from evstats import montecarlo
    >>> found = montecarlo.anneal(lambda x: -((x - 2.0) ** 2).sum(axis=-1), [0.0], 500, rng=1)
    >>> found.point.round(1)
    array([2.])
    """

    point: Array
    value: float
    points: Array
    values: Array
    seed: int | None

    def _page(self) -> Page:
        facts: Facts = {
            "value": self.value,
            "chains": len(self.values),
            "their values": f"{number(self.values.min(), 6)} to {number(self.values.max(), 6)}",
            "seed": said_seed(self.seed),
        }
        ends = {"lowest end": self.points.min(axis=0), "highest end": self.points.max(axis=0)}
        return Page("Highest point by simulated annealing", facts, "Point", table_of({"point": self.point} | ends))


def anneal(
    logpdf: LogDensity,
    start: ArrayLike,
    iterations: int = 5000,
    *,
    chains: int = 16,
    temperatures: tuple[float, float] = (10.0, 1e-4),
    step: ArrayLike | None = None,
    rng: RandomState = None,
    progress: bool | None = None,
) -> Annealed:
    """The highest point of a function with many hills, by simulated annealing of many chains at once.

    A random walk by Metropolis's rule on logpdf/T while the temperature T falls geometrically; the walk's scale follows
    the acceptance rate all along, so the chains are a search and no sample.

    Parameters
    ----------
    logpdf
        Takes points, shape (..., dim), and returns numbers, shape (...), -inf where a point is not allowed.
    start
        Starting points, shape (chains, dim); or one, shape (dim,), for all.
    iterations
        Of every chain.
    chains
        Where ``start`` is a single point.
    temperatures
        First and last.
    step
        Standard deviations of the first steps; by default from the starting points' spread or size.
    rng
        None, int, SeedSequence or Generator.
    progress
        Show a bar (tqdm); by default at a terminal, for runs of more than a second.

    Returns
    -------
    Annealed
        The highest point, and those of all chains.

    References
    ----------
    - Kirkpatrick, S., Gelatt, C. D. and Vecchi, M. P. (1983). Science 220, 671-680.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import montecarlo
    >>> def egg_box(x):
    ...     return np.cos(6.0 * x).sum(axis=-1) - 0.1 * np.sum((x - 1.0) ** 2, axis=-1)
    >>> found = montecarlo.anneal(egg_box, [5.0, -5.0], rng=1)
    >>> bool(np.allclose(found.point, np.pi / 3.0, atol=0.01))
    True
    """
    points = chain.starting_points(start, chains)
    iterations = whole_number(iterations, "iterations", least=10)
    hot, cold = temperatures
    if not (chain.is_positive(hot) and chain.is_positive(cold) and hot >= cold):
        raise ArgumentError(
            f"temperatures are {temperatures!r}", "expected a positive first and a lower positive last."
        )
    random, seed = noise.recorded(rng)
    target = Target(logpdf, points.shape[1])
    values = target.at_start(points)
    best, highest = points.copy(), values.copy()
    scale = np.tile(chain.first_steps(points, step), (len(points), 1))
    cooling = (cold / hot) ** (1.0 / (iterations - 1))
    for i in each(range(iterations), unit="iteration", asked=progress):
        temperature = hot * cooling**i
        trial = points + scale * random.standard_normal(points.shape)
        value = target(trial)
        accepted = chain.accept(random, (value - values) / temperature)
        points[accepted], values[accepted] = trial[accepted], value[accepted]
        scale *= np.exp(0.05 * (accepted - _WANTED))[:, None]
        better = values > highest
        best[better], highest[better] = points[better], values[better]
    target.warn_of_nan(stacklevel=3)
    top = int(highest.argmax())
    return Annealed(best[top], float(highest[top]), best, highest, seed)


@dataclass(frozen=True, eq=False, repr=False)
class AnnealedImportance(Shown):
    """Weighted draws of a target, and its log-evidence.

    Attributes
    ----------
    draws
        Shape (n, dim), independent of each other.
    logweights
        Pareto smoothed, of mean 1 on the natural scale up to the evidence, shape (n,).
    log_evidence
        Log of the integral of exp(logpdf).
    log_evidence_error
        Its standard error, to first order.
    ess
        Effective sample size: that many equally weighted draws would weigh alike.
    khat
        Tail index of the weights; see ``importance``.
    seed
        The integer that gives the same run again; None if a Generator or SeedSequence was passed.

    Examples
    --------
    >>> from evstats import montecarlo
    >>> found = montecarlo.annealed_importance(
    ...     lambda x: -0.5 * (x**2).sum(axis=-1), montecarlo.Normal([0.0], [4.0]), 500, levels=20, rng=1
    ... )
    >>> round(found.log_evidence, 1)  # log(2 pi)/2
    0.9
    """

    draws: Array
    logweights: Array
    log_evidence: float
    log_evidence_error: float
    ess: float
    khat: float
    seed: int | None

    def mean(self, f: samplers.Function) -> tuple[float, float]:
        """The target's expectation of f, and its standard error: f takes the draws (n, dim) to numbers (n,).

        Parameters
        ----------
        f
            From draws (n, dim) to numbers (n,).

        Returns
        -------
        tuple of float
            The expectation and its standard error.
        """
        values = samplers.finite_values(f, self.draws, len(self.draws), "f")
        return pareto.weighted_mean(values, self.logweights)

    def _page(self) -> Page:
        means, errors = np.transpose([self.mean(_coordinate(i)) for i in range(self.draws.shape[1])])
        facts: Facts = {
            "draws": len(self.draws),
            "log-evidence": f"{number(self.log_evidence, 6)} +- {number(self.log_evidence_error, 2)}",
            "effective draws": number(self.ess, 4),
            "k-hat": number(self.khat, 3),
            "seed": said_seed(self.seed),
        }
        table = table_of({"mean": means, "standard error": errors})
        return Page("Annealed importance sampling", facts, "Dimensions", table)


def _coordinate(i: int) -> samplers.Function:
    return lambda points: points[:, i]


def annealed_importance(
    logpdf: LogDensity,
    reference: Reference,
    n: int = 2000,
    *,
    levels: int = 100,
    moves: int = 2,
    rng: RandomState = None,
    progress: bool | None = None,
) -> AnnealedImportance:
    """Weighted, independent draws of a density, and its log-evidence, by annealed importance sampling.

    Each draw starts from the reference q and walks through the densities q^(1 - beta) p^beta, beta = (k/levels)^4, to
    the target p; its weight is the product of the ratios on the way, whose mean is the evidence exactly, however few
    steps the walks take. Their sizes are learnt in a pilot run of its own.

    Parameters
    ----------
    logpdf
        Takes points, shape (..., dim), and returns the log-density of each up to a common constant, shape (...).
    reference
        A normalised distribution with ``rvs(size, rng)`` and ``logpdf(x)``, no narrower than the target.
    n
        Draws, at least 25.
    levels
        Densities on the way, the target included.
    moves
        Steps of the walk at each.
    rng
        None, int, SeedSequence or Generator.
    progress
        Show a bar (tqdm); by default at a terminal, for runs of more than a second.

    Returns
    -------
    AnnealedImportance
        Draws, their weights and the log-evidence.

    Raises
    ------
    DataError
        If the target has no mass where the walks go.

    Warns
    -----
    EvstatsWarning
        If khat is above its limit: the weights' variance is infinite or all but, and value and error are not to be
        trusted.

    References
    ----------
    - Neal, R. M. (2001). Statistics and Computing 11, 125-139.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import montecarlo
    >>> def bell(x):  # its integral is sqrt(2 pi)
    ...     return -0.5 * (x[..., 0] - 3.0) ** 2
    >>> found = montecarlo.annealed_importance(bell, montecarlo.Normal([0.0], [25.0]), rng=1)
    >>> bool(abs(found.log_evidence - 0.5 * np.log(2 * np.pi)) < 4 * found.log_evidence_error < 0.1)
    True
    """
    n = whole_number(n, "n", least=25)
    levels, moves = whole_number(levels, "levels", least=1), whole_number(moves, "moves", least=1)
    reference, dim = references.reference_of(reference, None)
    random, seed = noise.recorded(rng)
    path = Path(logpdf, reference, dim)
    betas = np.linspace(0.0, 1.0, levels + 1) ** 4
    pilot = _Descent(path, betas, moves, None)
    pilot.run(max(_PILOT, 10 * dim), random, progress)
    points, logweights = _Descent(path, betas, moves, pilot.factors).run(n, random, progress)
    path.target.warn_of_nan(stacklevel=3)
    if not (logweights > -np.inf).any():
        raise DataError(
            f"the target's density is 0 along all {n} walks; take a reference that lies where the target is."
        )
    evidence = float(special.logsumexp(logweights)) - math.log(n)
    smoothed, khat = pareto.smooth_weights(logweights)
    ess, limit = pareto.effective_size(smoothed), pareto.limit_of(n)
    if khat > limit:
        warnings.warn(
            f"The weights of annealed importance sampling cannot be trusted: khat is {khat:.2f}, above {limit:.2f} "
            f"(effective sample size {ess:.3g}). Raise levels or moves, or choose a reference nearer to the target.",
            EvstatsWarning,
            stacklevel=2,
        )
    spread = float(np.exp(logweights - logweights.max()).std(ddof=1) / np.exp(logweights - logweights.max()).mean())
    return AnnealedImportance(points, smoothed - evidence, evidence, spread / math.sqrt(n), ess, khat, seed)


class _Descent:
    """From the reference to the target, learning the walks' steps (levels, dim, dim) on the way or using given ones."""

    def __init__(self, path: Path, betas: Array, moves: int, factors: Array | None) -> None:
        self._path, self._betas, self._moves = path, betas, moves
        self._learning = factors is None
        self.factors = np.zeros((len(betas) - 1, path.dim, path.dim)) if factors is None else factors

    def run(self, n: int, random: noise.Generator, progress: bool | None) -> tuple[Array, Array]:
        """Draws (n, dim) and their log-weights (n,)."""
        points = self._path.draws(n, random)
        target, base = self._path.target(points), self._path.base(points)
        logweights, scale = np.zeros(n), 2.38 / math.sqrt(self._path.dim)
        for k in each(range(len(self._betas) - 1), unit="level", asked=progress):
            logweights += (self._betas[k + 1] - self._betas[k]) * self._path.ratio(target, base)
            if self._learning:
                alive = points[logweights > -np.inf]
                self.factors[k] = scale * references.cholesky(alive if len(alive) > 2 * self._path.dim else points)
            for _ in range(self._moves):
                trial = points + random.standard_normal(points.shape) @ self.factors[k].T
                new_target, new_base = self._path.target(trial), self._path.base(trial)
                beta = self._betas[k + 1]
                with np.errstate(invalid="ignore"):
                    change = blend(beta, new_target, new_base) - blend(beta, target, base)
                accepted = chain.accept(random, change)
                points[accepted], target[accepted], base[accepted] = (
                    trial[accepted],
                    new_target[accepted],
                    new_base[accepted],
                )
                if self._learning:
                    scale *= math.exp(float(accepted.mean()) - _WANTED)
        return points, logweights
