"""What Markov chains are given and what they give: a checked log-density in, frozen draws out."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evstats import noise
from evstats.arrays import Array, Mask
from evstats.errors import ArgumentError, DataError, EvstatsWarning, check_confidence, whole_number
from evstats.extras import install
from evstats.montecarlo import diagnostics, samplers
from evstats.montecarlo.expectations import Expectation, with_interval
from evstats.montecarlo.printing import Facts, Page, Shown, said_seed, table_of_draws
from evstats.montecarlo.samplers import Function
from evstats.notes import Note

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Chains",
    "LogDensity",
    "Recorder",
    "Target",
    "accept",
    "arviz",
    "cholesky",
    "first_steps",
    "is_positive",
    "lengths",
    "log_uniform",
    "names_of",
    "shown",
    "starting_points",
    "warn_of_stuck",
]

#: Takes points, shape (..., dim), and returns the logarithm of a density known up to a constant, shape (...).
LogDensity = Callable[[Array], ArrayLike]
#: A share of accepted proposals below which a chain has hardly moved, and how many it takes to say so.
_STUCK, _MANY = 0.005, 200
#: So many chains show by the spread of their means how far to trust the mean of all.
_ENOUGH_CHAINS = 16
#: So many dimensions in which they do not are named.
_NAMED = 4


@dataclass(frozen=True, eq=False, repr=False)
class Chains(Shown):
    """Draws of several Markov chains, and how they were made. Read-only.

    Attributes
    ----------
    draws
        Shape (chains, draws, dim), after warm-up and thinning.
    logdensity
        The log-density at each, shape (chains, draws).
    acceptance
        Share of accepted proposals of each chain after warm-up, shape (chains,).
    warmup
        Iterations before the first draw kept; whatever adapts has stopped then.
    thin
        Iterations per draw kept.
    move
        How the chains moved.
    seed
        The integer that gives the same chains again; None if a Generator or SeedSequence was passed.
    names
        Of the dimensions.

    Examples
    --------
    >>> from evstats import montecarlo
    >>> chains = montecarlo.metropolis(lambda x: -0.5 * (x**2).sum(axis=-1), [0.0], 500, rng=1)
    >>> chains.draws.shape, bool(chains.rhat()[0] < 1.05)
    ((4, 500, 1), True)
    """

    draws: Array
    logdensity: Array
    acceptance: Array
    warmup: int
    thin: int
    move: str
    seed: int | None
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        for array in (self.draws, self.logdensity, self.acceptance):
            array.flags.writeable = False

    @property
    def flat(self) -> Array:
        """All draws of all chains, shape (chains * draws, dim)."""
        return self.draws.reshape(-1, self.draws.shape[-1])

    def expectation(self, f: Function | None = None, *, confidence: float = 0.95) -> Expectation:
        """Expectation of f under the target, with its Monte Carlo error by batch means.

        The error is the spread of the means of 16 chains or more; fewer are cut into stretches as long as their length
        to the power 2/3, whose means are taken as independent (Jones, Haran, Caffo and Neath 2006). Not for chains
        moved by ``ensemble``, which depend on each other.

        Parameters
        ----------
        f
            Takes points, shape (m, dim), and returns one finite number for each, shape (m,); by default the only
            coordinate of chains in one dimension.
        confidence
            Of the interval, by Student's t.

        Returns
        -------
        Expectation
            With the error that the dependence of the draws leaves.
        """
        confidence = check_confidence(confidence)
        chains, draws, dim = self.draws.shape
        if f is None and dim > 1:
            raise ArgumentError(f"the chains have {dim} dimensions: pass f, such as lambda x: x[:, 0].")
        flat = self.flat
        values = flat[:, 0] if f is None else samplers.finite_values(f, flat, len(flat), "f")
        length = draws if chains >= _ENOUGH_CHAINS else int(draws ** (2 / 3))
        batches = values.reshape(chains, draws)[:, draws % length :].reshape(-1, length).mean(axis=1)
        if len(batches) < 2:
            raise ArgumentError("one chain of so few draws says nothing of its error", "take more of both.")
        value = float(values.mean())
        stderr = float(batches.std(ddof=1)) / math.sqrt(len(batches))
        return with_interval(value, stderr, len(batches) - 1, len(flat), confidence)

    def to_arviz(self) -> Any:
        """The draws as ArviZ's InferenceData (its DataTree from version 1 on), one variable per dimension."""
        az = arviz()
        posterior = {name: self.draws[..., i] for i, name in enumerate(self.names)}
        stats = {"lp": self.logdensity}
        if hasattr(az, "InferenceData"):
            return az.from_dict(posterior=posterior, sample_stats=stats)
        return az.from_dict({"posterior": posterior, "sample_stats": stats})

    def rhat(self) -> Array:
        """Rank-normalised split R-hat of each dimension (Vehtari et al. 2021); below 1.01 is good, NaN of one chain."""
        return self._diagnosed(diagnostics.rank_rhat)

    def ess(self, kind: str = "bulk") -> Array:
        """Effective sample size of each dimension, ``"bulk"`` or ``"tail"`` (Vehtari et al. 2021).

        Parameters
        ----------
        kind
            ``"bulk"`` or ``"tail"``.

        Returns
        -------
        Array
            (dim,).

        Raises
        ------
        ArgumentError
            Another kind.
        """
        sizes = {"bulk": diagnostics.effective_size, "tail": diagnostics.tail_effective_size}
        if kind not in sizes:
            raise ArgumentError(f"kind is {kind!r}", "expected 'bulk' or 'tail'.")
        return self._diagnosed(sizes[kind])

    def _diagnosed(self, measure: Callable[[Array], float]) -> Array:
        return np.array([measure(self.draws[..., i]) for i in range(self.draws.shape[-1])])

    def summary(self) -> pd.DataFrame:
        """One row per dimension: ``mean, sd, lower, upper`` (central 95 %), ``ess_bulk, ess_tail, rhat``.

        Where the chains disagree, ``attrs["notes"]`` says so.

        Examples
        --------
        >>> import numpy as np
        >>> from evstats import montecarlo
        >>> chains = montecarlo.metropolis(lambda x: -0.5 * np.sum(x**2, axis=-1), [0.0, 0.0], 500, rng=1)
        >>> chains.summary().shape
        (2, 7)
        """
        rhat = self.rhat()
        measures = {"ess_bulk": self.ess("bulk"), "ess_tail": self.ess("tail"), "rhat": rhat}
        table = table_of_draws(self.flat, measures, self.names)
        table.attrs["notes"] = _disagreement(rhat, self.names)
        return table

    def _page(self) -> Page:
        table = self.summary()
        return Page(f"Markov chains ({self.move})", self._facts(), "Draws", table, table.attrs["notes"])

    def _facts(self) -> Facts:
        chains, draws, _ = self.draws.shape
        return {
            "chains": chains,
            "draws of each": draws,
            "warm-up": self.warmup,
            "iterations per draw": self.thin,
            "accepted": f"{self.acceptance.min():.0%} to {self.acceptance.max():.0%} of the proposals of a chain",
            "seed": said_seed(self.seed),
        }


def _disagreement(rhat: Array, names: tuple[str, ...]) -> tuple[Note, ...]:
    """A word if chains do not agree in some dimension."""
    apart = [name for name, value in zip(names, rhat, strict=True) if value > diagnostics.AGREEING]
    if not apart:
        return ()
    more = f" and {len(apart) - _NAMED} more" if len(apart) > _NAMED else ""
    return (
        Note(
            "chains_disagree", ", ".join(apart[:_NAMED]) + more, rhat=float(np.nanmax(rhat)), limit=diagnostics.AGREEING
        ),
    )


def arviz() -> ModuleType:
    """ArviZ, or an error that says how to install it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it announces its own future once a day
            import arviz as module
    except ImportError as error:
        raise ImportError(
            f"to_arviz() needs ArviZ, which is not installed: {install('bayes')}. The draws themselves are in .draws."
        ) from error
    return module


class Target:
    """A log-density whose answers are checked: one number per point, never +inf, and NaN counted and refused."""

    def __init__(self, logpdf: LogDensity, dim: int) -> None:
        self._logpdf = logpdf
        self._dim = dim
        self._nan = 0
        self._nan_at: Array | None = None

    def __call__(self, points: Array) -> Array:
        """The log-density at points (..., dim), shape (...); -inf where it is NaN."""
        values = self.raw(points)
        if math.isnan(values.max(initial=-math.inf)):
            missing = np.isnan(values)
            if self._nan_at is None:
                self._nan_at = points[missing][0]
            self._nan += int(missing.sum())
            return np.where(missing, -np.inf, values)
        return values

    def raw(self, points: Array) -> Array:
        """The same with NaN left in."""
        values = np.asarray(self._logpdf(points), dtype=np.float64)
        if values.shape != points.shape[:-1]:
            raise ArgumentError(
                f"logpdf returned an array of shape {values.shape} for points of shape {points.shape}",
                "expected "
                f"{points.shape[:-1]}: the last axis holds the {self._dim} coordinates, all others are points.",
            )
        if not values.max(initial=-math.inf) < math.inf and (values == np.inf).any():
            raise DataError(
                f"logpdf is +inf at {shown(points[values == np.inf][0])}: a density without bound cannot be sampled; "
                "keep such points out (return -inf) or check the formula."
            )
        return values

    def at_start(self, points: Array) -> Array:
        """The log-density at starting points (..., dim), all of which must have one."""
        values = self.raw(points)
        bad = ~np.isfinite(values)
        if bad.any():
            raise DataError(
                f"logpdf is {values[bad][0]} at {int(bad.sum())} of {bad.size} starting points, first at "
                f"{shown(points[bad][0])}",
                "start where the density is positive.",
            )
        return values

    def warn_of_nan(self, stacklevel: int = 4) -> None:
        """A warning if the log-density was NaN anywhere: those proposals were refused."""
        if self._nan_at is not None:
            warnings.warn(
                f"logpdf is NaN at {self._nan} proposed points, first at {shown(self._nan_at)}; they were refused as "
                "if the density were 0 there. Return -inf outside the support.",
                EvstatsWarning,
                stacklevel=stacklevel,
            )


def starting_points(start: ArrayLike, chains: int) -> Array:
    """Starting points (chains, dim): those given, or the one given for every chain."""
    try:
        points = np.array(start, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"start is {start!r}", "expected numbers, shape (dim,) or (chains, dim).") from error
    if points.ndim == 1:
        points = np.tile(points, (whole_number(chains, "chains", least=1), 1))
    if points.ndim != 2 or points.size == 0:
        raise ArgumentError(f"start has shape {points.shape}", "expected (dim,) or (chains, dim).")
    if not np.isfinite(points).all():
        raise ArgumentError("start contains NaN or infinite numbers", "expected finite coordinates.")
    return points


def names_of(names: Sequence[str] | None, dim: int) -> tuple[str, ...]:
    """Names of the dimensions: ``x0, x1, ...`` by default."""
    chosen = tuple(f"x{i}" for i in range(dim)) if names is None else tuple(names)
    if len(chosen) != dim or len(set(chosen)) != dim or not all(isinstance(name, str) for name in chosen):
        raise ArgumentError(f"names are {names!r}", f"expected {dim} different strings, one per dimension.")
    return chosen


class Recorder:
    """Draws as they come in: every ``thin``-th after warm-up is kept."""

    def __init__(self, chains: int, draws: int, dim: int, thin: int) -> None:
        self.draws, self.logdensity = np.empty((draws, chains, dim)), np.empty((draws, chains))
        self.accepted = np.zeros(chains)
        self._thin = thin

    def keep(self, iteration: int, points: Array, logdensity: Array, accepted: NDArray[Any]) -> None:
        """Iteration 0 is the first after warm-up."""
        self.accepted += accepted
        if (iteration + 1) % self._thin == 0:
            row = iteration // self._thin
            self.draws[row], self.logdensity[row] = points, logdensity

    def arrays(self) -> tuple[Array, Array, Array]:
        """Draws (chains, draws, dim), log-density (chains, draws) and acceptance rates (chains,)."""
        rate = self.accepted / (len(self.draws) * self._thin)
        return np.ascontiguousarray(self.draws.swapaxes(0, 1)), np.ascontiguousarray(self.logdensity.T), rate


def warn_of_stuck(acceptance: Array, proposals: int, move: str) -> None:
    """A warning if chains hardly ever accepted one of many proposals after warm-up."""
    stuck = (acceptance < _STUCK) & (proposals >= _MANY)
    if stuck.any():
        warnings.warn(
            f"{int(stuck.sum())} of {stuck.size} chains accepted fewer than {_STUCK:.1%} of the {move} proposals after "
            "warm-up: the step is too long for the target, or the chain sits on a spike of it. Lengthen warmup, pass a "
            "smaller step, or rescale the dimensions.",
            EvstatsWarning,
            stacklevel=4,
        )


def lengths(draws: int, warmup: int, thin: int) -> tuple[int, int, int]:
    """Checked numbers of draws, warm-up iterations and iterations per draw."""
    return (
        whole_number(draws, "draws", least=4),
        whole_number(warmup, "warmup", least=0),
        whole_number(thin, "thin", least=1),
    )


def shown(point: Array) -> str:
    """A point in a message."""
    return np.array2string(point, precision=6, threshold=6)


def log_uniform(random: noise.Generator, shape: tuple[int, ...]) -> Array:
    """Logarithms of uniform numbers in (0, 1], never -inf."""
    return np.asarray(-random.standard_exponential(shape))


def accept(random: noise.Generator, logratio: Array) -> Mask:
    """Metropolis's rule: with probability min(1, exp(logratio)); never where it is NaN."""
    return np.asarray(log_uniform(random, logratio.shape) < logratio)


def first_steps(points: Array, step: ArrayLike | None) -> Array:
    """Standard deviations of a walk's first steps (dim,): those given, else a tenth of the starting points' spread, or
    of their size where they do not differ.
    """
    if step is None:
        spread, size = points.std(axis=0), np.abs(points).max(axis=0)
        return 0.1 * np.where(spread > 0.0, spread, np.where(size > 0.0, size, 1.0))
    dim = points.shape[1]
    try:
        steps = np.array(np.broadcast_to(np.asarray(step, dtype=np.float64), (dim,)))
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"step is {step!r}", f"expected a positive number, or {dim} of them.") from error
    if not (np.isfinite(steps).all() and (steps > 0).all()):
        raise ArgumentError(f"step is {step!r}", "expected positive finite numbers.")
    return steps


def cholesky(covariance: Array) -> Array:
    """Lower Cholesky factors (..., dim, dim), with a ridge where a covariance is singular."""
    dim = covariance.shape[-1]
    size = np.trace(covariance, axis1=-2, axis2=-1)[..., None, None] / dim
    ridge = 1e-10
    while ridge < 1.0:
        try:
            return np.linalg.cholesky(covariance + np.maximum(ridge * size, 1e-300) * np.eye(dim))
        except np.linalg.LinAlgError:
            ridge *= 100.0
    return np.broadcast_to(np.sqrt(np.maximum(size, 1e-300)) * np.eye(dim), covariance.shape).copy()


def is_positive(value: Any) -> bool:
    """Whether a value is a positive finite number."""
    return isinstance(value, (int, float, np.integer, np.floating)) and bool(0.0 < value < math.inf)
