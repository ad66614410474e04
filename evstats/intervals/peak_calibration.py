"""The distribution of the signed root of peaks over a threshold, by simulation.

For a level beyond which a share exp(-depth) of the peaks lies it depends on the mean number of peaks, on the depth and
on the shape alone, that of a parameter on the number and the shape. The shipped table holds quantiles on such grids,
for the GPD and, without a shape, for the exponential.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.special

from evstats import noise
from evstats.arrays import Array, Places
from evstats.distributions import Family
from evstats.distributions.special import log1p_over
from evstats.estimators import MaximumLikelihood
from evstats.estimators.lanes import lane_blocks
from evstats.intervals.asked import profiles_of
from evstats.intervals.heights import Height
from evstats.intervals.profile import HeldParameter, Profile
from evstats.models import Exceedances
from evstats.quantities import Parameters, Quantity
from evstats.simulated import shipped_table

if TYPE_CHECKING:
    from scipy.interpolate import RegularGridInterpolator

TABLE = "peak_root"
SEED, REPLICATES = 20_261_128, 8_000
SIZES = np.array([8, 10, 14, 20, 30, 50, 80, 150, 400])
SHAPES = np.array([-0.9, -0.7, -0.5, -0.35, -0.2, -0.1, 0.0, 0.1, 0.2, 0.35, 0.5, 0.8])
DEPTHS = np.array([0.2, 0.7, 1.5, 2.5, 3.5, 4.6, 5.8, 7.2, 9.5, 13.0])
#: The parts of the table, and the places of scale and shape.
LEVELS, PARAMETERS, PLACES = "levels", "parameters", np.array([0.0, 1.0])
#: Normal scores at which the quantiles are kept.
SCORES = np.array([-3.0, -2.576, -2.326, -1.96, -1.645, -1.282, -0.674, 0.0, 0.674, 1.282, 1.645, 1.96, 2.326, 2.576])
SCORES = np.append(SCORES, 3.0)


def signed_roots(quantity: Quantity, family: type[Family], n: int, shape: float, replicates: int, seed: Any) -> Array:
    """Signed roots at the truth, (replicates, answers), in samples of n peaks on average in a year.

    Samples without an interior maximum count with the root relative to the maximum at shape -1; those of fewer than
    three peaks, of which nothing is estimated, are left out.
    """
    truth = family.from_parameters([0.0, 1.0, np.log(n), shape][: len(family.parameter_names)])
    design, rng = Exceedances(0.0, 1.0), noise.generator(seed)
    size, roots = design.noise_shape(truth, np.empty(0)), []
    for block in lane_blocks(replicates, 4 * size[-1]):
        sample = design.drawn(truth[None], noise.gumbel((block.stop - block.start, *size), rng=rng))
        sample = sample[np.count_nonzero(~np.isnan(sample), axis=-1) >= 3]
        fitted = MaximumLikelihood().estimate(family, sample, design).parameters
        columns = []
        for profile in profiles_of(quantity, family, sample, fitted, design):
            value = profile.true_value(quantity(truth) if not isinstance(quantity, Parameters) else truth.parameters)
            start = np.stack(
                [-np.log(profile.fitted[:, 1]), np.full(len(value), np.log(n)), np.full(len(value), shape)]
            )
            height = profile.at(np.arange(len(value)), value, start[: len(family.parameter_names) - 1])
            root = np.sqrt(np.maximum(2.0 * (profile.best - height.value), 0.0))
            root = np.where(np.isnan(root), np.inf, root)
            columns.append(np.where(profile.estimate > value, root, -root).reshape(len(sample), -1))
        roots.append(np.concatenate(columns, axis=-1))
    return np.concatenate(roots)


@lru_cache(maxsize=4)
def _table(family: str, of: str) -> tuple[RegularGridInterpolator, RegularGridInterpolator]:
    """Interpolators of the quantiles' distance from the normal scores, and of the mean square's from 1, of the roots of
    levels, by their depth, or of parameters, by their place.
    """
    from scipy.interpolate import RegularGridInterpolator

    stored = shipped_table(TABLE)
    bias, square = stored[f"{family}_{of}_quantiles"] - SCORES, stored[f"{family}_{of}_square"] - 1.0
    if bias.shape[1] == 1:  # the same at every shape
        bias, square = (np.repeat(part, SHAPES.size, axis=1) for part in (bias, square))
    if bias.shape[2] == 1:  # the only parameter
        bias, square = (np.repeat(part, 2, axis=2) for part in (bias, square))
    # at infinite n both vanish, and they do so about as 1/sqrt(n)
    grid = np.concatenate([[0.0], 1.0 / np.sqrt(SIZES[::-1])])
    bias = np.concatenate([np.zeros_like(bias[:1]), bias[::-1]])
    square = np.concatenate([np.zeros_like(square[:1]), square[::-1]])
    axes = grid, SHAPES, DEPTHS if of == LEVELS else PLACES
    return RegularGridInterpolator(axes, bias), RegularGridInterpolator(axes, square)


def table_quantile(
    family: type[Family], n: Array, shape: Array, depth: Array, tail: float, of: str = "levels"
) -> Array:
    """The ``tail`` quantile of the signed root of levels of this depth, or of parameters of this place; the arrays
    broadcast.
    """
    score = float(scipy.special.ndtri(tail))
    bias = _table(family.name, of)[0](_inside(n, shape, depth, of))
    place = np.clip(np.searchsorted(SCORES, score), 1, SCORES.size - 1)
    share = np.clip((score - SCORES[place - 1]) / (SCORES[place] - SCORES[place - 1]), 0.0, 1.0)
    return score + (1.0 - share) * bias[..., place - 1] + share * bias[..., place]


def _inside(n: Array, shape: Array, depth: Array, of: str) -> Array:
    """Points of the table's grid, those outside moved to its edge."""
    inverse, last = 1.0 / np.sqrt(np.maximum(n, SIZES[0])), DEPTHS if of == LEVELS else PLACES
    xi, g = np.clip(shape, SHAPES[0], SHAPES[-1]), np.clip(depth, last[0], last[-1])
    return np.stack(np.broadcast_arrays(inverse, xi, g), axis=-1)


#: The mean beyond a level lies about as deep as a level one mean excess further out.
_DEEPER = 1.0


def root_quantiles(profile: Profile, quantity: Quantity, tail: float) -> Callable[[Places, Array, Height], Array]:
    """The ``tail`` quantile of the root of peaks as a function of (rows, value, height), from the table.

    It is that of the constrained estimate's shape: of levels, periods and probabilities at its depth, of an expected
    shortfall at the depth one mean excess further.
    """
    family, count, of, third = profile.likelihood.model.family, profile.count, *_third(profile, quantity)
    return lambda rows, value, height: table_quantile(
        family, count[rows], height.shape, third(rows, value, height.theta, height.shape), tail, of
    )


def bartlett_factor(profile: Profile, quantity: Quantity) -> Array:
    """The mean of the squared root at the estimate, per row."""
    of, third = _third(profile, quantity)
    shape = profile.shape
    place = third(np.arange(len(profile.owner)), profile.estimate, profile.theta_hat(), shape)
    square = _table(profile.likelihood.model.family.name, of)[1]
    return np.asarray(1.0 + square(_inside(profile.count, shape, place, of)))


def _third(profile: Profile, quantity: Quantity) -> tuple[str, Callable[[Places, Array, Array, Array], Array]]:
    """Which part of the table a profile's root is in, and its third coordinate from (rows, value, theta, shape)."""
    if isinstance(profile, HeldParameter):
        place = float(profile.likelihood.model.family.told().index(profile.place))
        return PARAMETERS, lambda rows, value, theta, shape: np.full(len(rows), place)
    deeper = 0.0 if quantity.is_level else _DEEPER
    return LEVELS, lambda rows, value, theta, shape: depth_at(profile, rows, value, theta, shape) + deeper


def depth_at(profile: Profile, rows: Places, value: Array, theta: Array, shape: Array) -> Array:
    """Minus the logarithm of the share of peaks beyond each row's level, at coefficients theta; large beyond an end."""
    level = value if profile.held.level is None else profile.held.level[rows]
    with np.errstate(all="ignore"):
        return np.nan_to_num(log1p_over(shape, level * np.exp(-theta[0])), nan=DEPTHS[-1], posinf=DEPTHS[-1])
