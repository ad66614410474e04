"""Gibbs sampling: one coordinate at a time, from its conditional where that is given and by a slice step where not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from evstats import noise
from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError
from evstats.montecarlo import chains as chain
from evstats.montecarlo.chains import Chains, LogDensity, Target
from evstats.noise import RandomState
from evstats.progress import each

__all__ = ["Conditional", "gibbs", "slice_step"]

#: Draws one coordinate of every chain given the others: points (chains, dim) and a Generator to numbers (chains,).
Conditional = Callable[[Array, noise.Generator], ArrayLike]

#: Most intervals of one width that a slice is stepped out to, and its width in standard deviations of the draws so far.
_MOST_STEPS = 64
_WIDTH = 3.0
#: Iterations of the warm-up, as a share of it, after which the widths are renewed.
_RENEWALS = (0.1, 0.25, 0.5, 0.7)


def gibbs(
    conditionals: Sequence[Conditional | None],
    start: ArrayLike,
    draws: int = 1000,
    *,
    logpdf: LogDensity | None = None,
    chains: int = 4,
    warmup: int = 500,
    thin: int = 1,
    names: Sequence[str] | None = None,
    rng: RandomState = None,
    progress: bool | None = None,
) -> Chains:
    """Draws from a density by Gibbs sampling, all chains at once.

    In every iteration each coordinate in turn is drawn given all others: by its conditional, or where that is None by a
    slice step (Neal 2003: stepping out, then shrinking), which needs no tuning to be exact and never refuses. The
    widths of the slice steps are learnt in warm-up and fixed from then on.

    Parameters
    ----------
    conditionals
        One per coordinate: a callable that takes the points, shape (chains, dim), and a NumPy Generator, and
        returns draws of its coordinate given the others, shape (chains,); or None for a slice step.
    start
        Starting points, shape (chains, dim); or one, shape (dim,), for all.
    draws
        Kept per chain.
    logpdf
        Takes points, shape (..., dim), returns the log-density up to a constant, shape (...); needed for slice
        steps. Without it ``Chains.logdensity`` is NaN.
    chains, warmup, thin, names, rng, progress
        As for ``metropolis``.

    Returns
    -------
    Chains
        With an acceptance of 1.

    Raises
    ------
    ArgumentError
        If an argument is outside what is described here, or a function returns the wrong shape.
    DataError
        If a conditional returns NaN or an infinite number, or logpdf is NaN or infinite at a starting point.

    References
    ----------
    - Geman, S. and Geman, D. (1984). IEEE Transactions on Pattern Analysis and Machine Intelligence 6, 721-741.
    - Neal, R. M. (2003). Annals of Statistics 31, 705-767, figures 3 and 5.

    Examples
    --------
    A normal pair with correlation 0.8, one coordinate by its conditional, the other by slices:

    >>> from evstats import montecarlo
    >>> def first(points, rng):
    ...     return 0.8 * points[:, 1] + 0.6 * rng.standard_normal(len(points))
    >>> def joint(x):
    ...     return -(x[..., 0] ** 2 - 1.6 * x[..., 0] * x[..., 1] + x[..., 1] ** 2) / 0.72
    >>> found = montecarlo.gibbs([first, None], [0.0, 0.0], 500, logpdf=joint, chains=10, rng=1)
    >>> float(found.flat.std(axis=0).round(1)[1])
    1.0
    """
    points = chain.starting_points(start, chains)
    count, dim = points.shape
    if len(conditionals) != dim or not all(entry is None or callable(entry) for entry in conditionals):
        raise ArgumentError(
            f"conditionals must hold one callable or None for each of the {dim} dimensions; got {len(conditionals)}."
        )
    if logpdf is None and None in conditionals:
        raise ArgumentError("a conditional is None, so its coordinate takes slice steps: they need logpdf.")
    draws, warmup, thin = chain.lengths(draws, warmup, thin)
    labels = chain.names_of(names, dim)
    random, seed = noise.recorded(rng)
    target = None if logpdf is None else Target(logpdf, dim)
    logdensity = np.full(count, np.nan) if target is None else target.at_start(points)
    widths = np.maximum(_WIDTH * points.std(axis=0), 0.1 * np.maximum(np.abs(points).max(axis=0), 1e-6))
    renewals = {int(share * warmup) for share in _RENEWALS if share * warmup >= 10}
    record, history = chain.Recorder(count, draws, dim, thin), np.empty((warmup, count, dim))
    for i in each(range(warmup + draws * thin), unit="iteration", asked=progress):
        for j, conditional in enumerate(conditionals):
            if conditional is not None:
                points[:, j] = _checked(conditional(points.copy(), random), count, j)
            else:
                assert target is not None
                if j and conditionals[j - 1] is not None:
                    logdensity = target(points)
                slice_step(target, points, logdensity, j, widths[j], random)
        if target is not None and conditionals[-1] is not None:
            logdensity = target(points)
        if i < warmup:
            history[i] = points
            if i + 1 in renewals:
                recent = history[(i + 1) // 2 : i + 1].reshape(-1, dim)
                widths = np.maximum(_WIDTH * recent.std(axis=0), 1e-300)
        else:
            record.keep(i - warmup, points, logdensity, np.ones(count))
    if target is not None:
        target.warn_of_nan(stacklevel=3)
    return Chains(*record.arrays(), warmup, thin, "gibbs", seed, labels)


def slice_step(
    target: Target, points: Array, logdensity: Array, coordinate: int, width: float, random: noise.Generator
) -> None:
    """One slice step of a coordinate of every chain, in place; each chain's slice is found and shrunk on its own.

    The interval is stepped out at most 64 widths, divided at random between its two ends before looking, which keeps
    the step reversible (Neal 2003, figure 3).
    """
    here = points[:, coordinate].copy()
    height = logdensity + chain.log_uniform(random, here.shape)
    low = here - width * random.random(here.shape)
    high = low + width
    left = np.floor(_MOST_STEPS * random.random(here.shape))
    right = _MOST_STEPS - 1.0 - left
    _step_out(target, points, coordinate, height, low, -width, left)
    _step_out(target, points, coordinate, height, high, width, right)
    lanes = np.arange(len(here))
    while lanes.size:
        trial = points[lanes]
        trial[:, coordinate] = low[lanes] + random.random(lanes.size) * (high[lanes] - low[lanes])
        value = target(trial)
        inside = value >= height[lanes]
        done = lanes[inside]
        points[done], logdensity[done] = trial[inside], value[inside]
        lanes, at = lanes[~inside], trial[~inside, coordinate]
        below = at < here[lanes]
        low[lanes[below]], high[lanes[~below]] = at[below], at[~below]


def _step_out(
    target: Target, points: Array, coordinate: int, height: Array, end: Array, step: float, left: Array
) -> None:
    """Move ``end`` outwards, in place, while the density there is above the slice and steps are left."""
    lanes = np.flatnonzero(left > 0)
    while lanes.size:
        trial = points[lanes]
        trial[:, coordinate] = end[lanes]
        lanes = lanes[target(trial) > height[lanes]]
        end[lanes] += step
        left[lanes] -= 1.0
        lanes = lanes[left[lanes] > 0]


def _checked(values: ArrayLike, count: int, coordinate: int) -> Array:
    drawn = np.asarray(values, dtype=np.float64)
    if drawn.shape != (count,):
        raise ArgumentError(
            f"the conditional of coordinate {coordinate} returned shape {drawn.shape}",
            f"expected ({count},), one draw per chain.",
        )
    if not np.isfinite(drawn).all():
        raise DataError(f"the conditional of coordinate {coordinate} returned NaN or an infinite number.")
    return drawn
