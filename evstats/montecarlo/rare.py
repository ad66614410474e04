"""Probabilities of events so rare that plain simulation never sees them: exponential tilting, multilevel splitting."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from evstats import noise
from evstats.arrays import Array, Mask, Places
from evstats.distributions import Family
from evstats.errors import ArgumentError, DataError, EvstatsWarning, check_confidence, whole_number
from evstats.montecarlo import samplers, tilts
from evstats.montecarlo.expectations import Expectation, by_student
from evstats.montecarlo.printing import Page
from evstats.montecarlo.samplers import Function
from evstats.noise import RandomState
from evstats.registry import Registry

__all__ = ["POPULATIONS", "LogWeights", "RareEvent", "rare_event_probability"]

#: Draws worked on at a time.
_BATCH = 16_384
#: Independent populations of splitting, whose spread is the error, and the share of each that is replaced at a level.
POPULATIONS = 16
_REPLACED = 0.5
#: Smallest step of a proposal in units of the noise; each is drawn log-uniformly between it and 1, a fresh draw.
_SMALLEST_STEP = 0.1
_FEWEST = 1000


@dataclass(frozen=True, repr=False)
class RareEvent(Expectation):
    """A small probability with its Monte Carlo error.

    Attributes
    ----------
    value
        The estimate, unbiased.
    stderr
        Its standard error.
    lower, upper
        Ends of the confidence interval.
    draws_used
        Evaluations of the statistic.
    confidence
        Of the interval.
    method
        ``"tilting"`` or ``"splitting"``.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats import montecarlo
    >>> found = montecarlo.rare_event_probability(60.0, ev.Gumbel(0.0, 1.0), terms=10, n=2_000, rng=1)
    >>> found.lower < found.value < found.upper, found.method
    (True, 'tilting')
    """

    method: str

    def _page(self) -> Page:
        return Page(f"Probability of a rare event by {self.method}", self._facts())


def rare_event_probability(
    level: float,
    distribution: Any,
    terms: int = 1,
    *,
    statistic: str | Function = "sum",
    method: str = "tilting",
    n: int = 100_000,
    rng: RandomState = None,
    confidence: float = 0.95,
    moves: int = 10,
) -> RareEvent:
    """Probability that the sum or the maximum of independent terms exceeds a level.

    **Tilting** (importance sampling). For a sum each term is drawn from its exponentially tilted distribution, with the
    tilt that puts the mean of the sum on the level (Siegmund 1976); for a maximum one term, picked at random, is tilted
    to the level, and the draw is weighted by the mixture's density (Adler, Blanchet and Liu 2012). The relative error
    grows slower than any power of 1/p. Maxima of any family are tilted in their Gumbel noise; sums need a distribution
    whose moment generating function exists.

    **Splitting** (adaptive multilevel splitting) needs no formula: a population of draws is pushed up, the lower half
    replaced by copies of the upper half that are moved above the level reached by a Markov chain (Cerou and Guyader
    2007; Cerou, Del Moral, Furon and Guyader 2012), with autoregressive normal proposals in the noise behind the draws.
    The estimate is unbiased whatever the number of draws (Brehier, Gazeau, Goudenege, Lelievre and Rousset 2016). Its
    error comes from the spread of 16 independent populations, so it counts the dependence between copies. At best
    its relative variance is -1.44 log(p)/n, at a cost of about -0.72 moves log(p) n evaluations.

    Parameters
    ----------
    level
        The statistic must exceed this.
    distribution
        Of one term: a family, a frozen SciPy distribution, or for tilting a ``Tilt``; for splitting also
        ``FromUniforms``, whose draws, shape (m, ...), go to the statistic as they are (``terms`` must be 1).
    terms
        How many independent terms.
    statistic
        ``"sum"``, ``"maximum"``; for splitting also a callable that takes draws, shape (m, terms), to numbers
        (m,).
    method
        ``"tilting"`` or ``"splitting"``.
    n
        Draws; for splitting the draws in all populations together, each of which is moved several times.
    rng
        None, int, SeedSequence or Generator; the same seed gives the same answer.
    confidence
        Of the interval: Student's t, on the logarithm for splitting.
    moves
        Of each copy at each level, for splitting.

    Returns
    -------
    RareEvent
        The probability with its error.

    Raises
    ------
    ArgumentError
        If an argument is outside what is described here, or the distribution cannot be tilted.

    Warns
    -----
    EvstatsWarning
        If a population died out, or its moves were hardly ever accepted: the level may be out of reach.

    References
    ----------
    - Siegmund, D. (1976). Annals of Statistics 4, 673-684.
    - Adler, R. J., Blanchet, J. H. and Liu, J. (2012). Annals of Applied Probability 22, 1167-1214.
    - Cerou, F. and Guyader, A. (2007). Stochastic Analysis and Applications 25, 417-443.
    - Cerou, F., Del Moral, P., Furon, T. and Guyader, A. (2012). Statistics and Computing 22, 795-808.
    - Brehier, C.-E. et al. (2016). Annals of Applied Probability 26, 3559-3601.

    Examples
    --------
    The chance that ten exponential waiting times of mean 1 sum to more than 45, which is 3.5e-15:

    >>> from scipy import stats
    >>> from evstats import montecarlo
    >>> tail = montecarlo.rare_event_probability(45.0, stats.expon(), terms=10, n=10_000, rng=1)
    >>> bool(tail.lower < stats.gamma(10).sf(45.0) < tail.upper), tail.relative_error < 0.05
    (True, True)
    """
    if not math.isfinite(level):
        raise ArgumentError(f"level is {level!r}", "expected a finite number.")
    terms = whole_number(terms, "terms", least=1)
    n = whole_number(n, "n", least=_FEWEST)
    moves = whole_number(moves, "moves", least=1)
    confidence = check_confidence(confidence)
    random = noise.generator(rng)
    return _METHODS[method](float(level), distribution, terms, statistic, n, random, confidence, moves)


# ---------------------------------------------------------------- tilting


def _tilting(
    level: float,
    distribution: Any,
    terms: int,
    statistic: str | Function,
    n: int,
    random: RandomState,
    confidence: float,
    moves: int,
) -> RareEvent:
    """The mean of the weights of tilted draws that pass the level; only sums are kept."""
    if not isinstance(statistic, str):
        raise ArgumentError("statistic is a function; tilting knows 'sum' and 'maximum': use method='splitting'.")
    log_weights = _WEIGHTS[statistic](level, distribution, terms)
    total, squares, top = 0.0, 0.0, -math.inf
    for start in range(0, n, _BATCH):
        logged = log_weights(min(_BATCH, n - start), random)
        higher = max(top, float(logged.max()))
        if math.isinf(higher):  # none has passed the level yet
            continue
        # in units of the greatest weight, as squares of small probabilities have no float
        w, shrunk = np.exp(logged - higher), math.exp(top - higher)
        total, squares, top = total * shrunk + float(w.sum()), squares * shrunk**2 + float(w @ w), higher
    mean, unit = total / n, math.exp(top)
    value, stderr = unit * mean, unit * math.sqrt(max(squares / n - mean * mean, 0.0) / (n - 1))
    reach = by_student(stderr, n - 1, confidence)
    if not value:
        warnings.warn(
            f"No tilted draw passed the level {level:g}: it may lie beyond what the terms can reach, and the "
            "probability is reported as 0.",
            EvstatsWarning,
            stacklevel=3,
        )
    return RareEvent(value, stderr, max(value - reach, 0.0), min(value + reach, 1.0), n, confidence, "tilting")


#: Draws so many samples and gives the logarithms of their weights, -inf where they do not pass the level.
LogWeights = Callable[[int, RandomState], Array]


def _sum_weights(level: float, distribution: Any, terms: int) -> LogWeights:
    tilt = tilts.tilt_of(distribution)
    t = tilt.tilt_to(level / terms)
    cumulant = terms * tilt.cumulant(t)

    def weights(size: int, random: RandomState) -> Array:
        sums = tilt.rvs(t, (size, terms), random).sum(axis=-1)
        return np.where(sums > level, cumulant - t * sums, -np.inf)

    return weights


def _maximum_weights(level: float, distribution: Any, terms: int) -> LogWeights:
    """One term, picked at random, is tilted; the weight is 1/mean over terms of exp(t x - cumulant)."""
    if isinstance(distribution, Family):  # its noise is Gumbel, and the map from it increases
        _check_single(distribution)
        level, distribution = float(distribution.reduced(level)), tilts.GumbelTilt(0.0, 1.0)
        if math.isinf(level):
            return lambda size, random: np.full(size, 0.0 if level < 0.0 else -np.inf)
    tilt = tilts.tilt_of(distribution)
    t = tilt.tilt_to(level)
    cumulant = tilt.cumulant(t)

    def weights(size: int, random: RandomState) -> Array:
        x = tilt.rvs(0.0, (size, terms), random)
        chosen = noise.generator(random).integers(terms, size=size)
        x[np.arange(size), chosen] = tilt.rvs(t, (size,), random)
        mixture = special.logsumexp(t * x - cumulant, axis=-1) - math.log(terms)
        return np.where(x.max(axis=-1) > level, -mixture, -np.inf)

    return weights


_WEIGHTS: Registry[Callable[[float, Any, int], LogWeights]] = Registry(
    "statistic", {"sum": _sum_weights, "maximum": _maximum_weights}
)


# ---------------------------------------------------------------- splitting


def _splitting(
    level: float,
    distribution: Any,
    terms: int,
    statistic: str | Function,
    n: int,
    random: RandomState,
    confidence: float,
    moves: int,
) -> RareEvent:
    dim, transform = _from_normals(distribution, terms)
    function = _STATISTICS[statistic] if isinstance(statistic, str) else statistic

    def score(z: Array) -> Array:
        values = samplers.values_at(function, transform(z), len(z), "statistic")
        if np.isnan(values).any():
            raise DataError("statistic is NaN at a draw; splitting has to compare it with a level at every draw.")
        return values

    populations = _Populations.drawn(n // POPULATIONS, dim, score, noise.generator(random))
    while populations.climb(level, moves):
        pass
    return _summary(populations, level, confidence)


@dataclass(eq=False)
class _Populations:
    """Populations (r, size) of normal noise (r, size, dim) with the statistic of each, on their way up."""

    normals: Array
    scores: Array
    survived: Array
    score: Function
    random: noise.Generator
    draws: int
    proposed: int = 0
    accepted: int = 0

    @classmethod
    def drawn(cls, size: int, dim: int, score: Function, random: noise.Generator) -> _Populations:
        z = random.standard_normal((POPULATIONS, size, dim))
        scores = np.asarray(score(z.reshape(-1, dim))).reshape(POPULATIONS, size)
        return cls(z, scores, np.ones(POPULATIONS), score, random, scores.size)

    def climb(self, level: float, moves: int) -> bool:
        """One level up in every population whose lower half is not above ``level`` yet; false when none is left."""
        size = self.scores.shape[1]
        reached = np.partition(self.scores, int(_REPLACED * size) - 1, axis=1)[:, int(_REPLACED * size) - 1]
        active = (reached < level) & (self.survived > 0.0)
        if not active.any():
            return False
        dead = active[:, None] & (self.scores <= reached[:, None])
        self.survived[active] *= 1.0 - dead.sum(axis=1)[active] / size
        extinct = dead.all(axis=1)
        dead[extinct] = False
        row, column = np.nonzero(dead)
        parents = self._parents(row, dead)
        z, scores = self.normals[row, parents], self.scores[row, parents]
        for start in range(0, len(row), _BATCH):
            part = slice(start, start + _BATCH)
            for _ in range(moves):
                self._move(z[part], scores[part], reached[row[part]])
        self.normals[row, column], self.scores[row, column] = z, scores
        return True

    def _parents(self, row: Places, dead: Mask) -> Places:
        """A survivor of the same population for each that is replaced, drawn with equal chances."""
        alive = np.argsort(dead, axis=1, kind="stable")  # survivors first
        count = dead.shape[1] - dead.sum(axis=1)
        return np.asarray(alive[row, self.random.integers(count[row])])

    def _move(self, z: Array, scores: Array, least: Array) -> None:
        """One autoregressive step in place, reversible for normal noise, refused where it does not stay above."""
        step = np.exp(self.random.random(len(z)) * math.log(_SMALLEST_STEP))[:, None]
        trial = np.sqrt(1.0 - step * step) * z + step * self.random.standard_normal(z.shape)
        value = np.asarray(self.score(trial))
        accepted = value > least
        z[accepted], scores[accepted] = trial[accepted], value[accepted]
        self.draws, self.proposed = self.draws + len(z), self.proposed + len(z)
        self.accepted += int(accepted.sum())


def _summary(populations: _Populations, level: float, confidence: float) -> RareEvent:
    above = (populations.scores > level).mean(axis=1)
    estimates = populations.survived * above
    value = float(estimates.mean())
    stderr = float(estimates.std(ddof=1)) / math.sqrt(POPULATIONS)
    rate = populations.accepted / max(populations.proposed, 1)
    if not estimates.all() or (populations.proposed and rate < 0.01):
        warnings.warn(
            f"Splitting did not reach the level {level:g} well: {int((estimates == 0.0).sum())} of {POPULATIONS} "
            f"populations died out and {rate:.2%} of moves were accepted. The level may be out of reach; if not, raise "
            "n or moves.",
            EvstatsWarning,
            stacklevel=4,
        )
    if not value:
        return RareEvent(0.0, math.nan, math.nan, math.nan, populations.draws, confidence, "splitting")
    reach = by_student(stderr, POPULATIONS - 1, confidence) / value
    lower, upper = value * math.exp(-reach), min(value * math.exp(reach), 1.0)
    return RareEvent(value, stderr, lower, upper, populations.draws, confidence, "splitting")


def _check_single(family: Family) -> None:
    if family.batch_shape != ():
        raise ArgumentError(f"distribution is a batch, shape {family.batch_shape}", "pass one of them.")


def _from_normals(distribution: Any, terms: int) -> tuple[int, Callable[[Array], Any]]:
    """How many standard normal numbers make one draw, and the map from them, exact in both tails."""
    if isinstance(distribution, samplers.FromUniforms):
        if terms != 1:
            raise ArgumentError(f"terms is {terms}; FromUniforms draws go to the statistic as they are: leave it at 1.")
        return distribution.dim, lambda z: distribution.transform(samplers.inside(special.ndtr(z)))
    if isinstance(distribution, Family):
        _check_single(distribution)
        return terms, lambda z: distribution.from_gumbel(-np.log(-special.log_ndtr(z)))
    if hasattr(distribution, "ppf") and hasattr(distribution, "isf"):
        return terms, lambda z: np.where(
            z < 0.0, distribution.ppf(special.ndtr(np.minimum(z, 0.0))), distribution.isf(special.ndtr(-np.abs(z)))
        )
    raise ArgumentError(
        f"distribution is {type(distribution).__name__}",
        "expected a family, a distribution with ppf and isf, or FromUniforms(transform, dim).",
    )


_STATISTICS: Registry[Function] = Registry(
    "statistic", {"sum": lambda x: x.sum(axis=-1), "maximum": lambda x: x.max(axis=-1)}
)
_METHODS: Registry[Callable[..., RareEvent]] = Registry("method", {"tilting": _tilting, "splitting": _splitting})
