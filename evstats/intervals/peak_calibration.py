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

from evstats import noise
from evstats.arrays import Array, Places
from evstats.distributions import Family
from evstats.distributions.special import log1p_over
from evstats.estimators import MaximumLikelihood
from evstats.estimators.lanes import lane_blocks
from evstats.intervals.asked import profiles_of
from evstats.intervals.heights import Height
from evstats.intervals.profile import HeldParameter, Profile
from evstats.intervals.root_table import RootTable, signed_root
from evstats.models import Exceedances
from evstats.quantities import Parameters, Quantity
from evstats.simulated import shipped_table

if TYPE_CHECKING:
    pass

TABLE = "peak_root"
SEED, REPLICATES = 20_261_128, 8_000
SIZES = np.array([8, 10, 14, 20, 30, 50, 80, 150, 400])
SHAPES = np.array([-0.9, -0.7, -0.5, -0.35, -0.2, -0.1, 0.0, 0.1, 0.2, 0.35, 0.5, 0.8])
DEPTHS = np.array([0.2, 0.7, 1.5, 2.5, 3.5, 4.6, 5.8, 7.2, 9.5, 13.0])
#: The parts of the table, and the places of scale and shape.
LEVELS, PARAMETERS, PLACES = "levels", "parameters", np.array([0.0, 1.0])


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
            start = start[: len(family.parameter_names) - 1]
            columns.append(signed_root(profile, value, start).reshape(len(sample), -1))
        roots.append(np.concatenate(columns, axis=-1))
    return np.concatenate(roots)


@lru_cache(maxsize=4)
def _table(family: str, of: str) -> RootTable:
    """Of levels, by their depth, or of parameters, by their place."""
    stored, places = shipped_table(TABLE), DEPTHS if of == LEVELS else PLACES
    return RootTable.of(SIZES, SHAPES, places, stored[f"{family}_{of}_quantiles"], stored[f"{family}_{of}_square"])


#: The mean beyond a level lies about as deep as a level one mean excess further out.
_DEEPER = 1.0


def root_quantiles(profile: Profile, quantity: Quantity, tail: float) -> Callable[[Places, Array, Height], Array]:
    """The ``tail`` quantile of the root of peaks as a function of (rows, value, height), from the table.

    It is that of the constrained estimate's shape: of levels, periods and probabilities at its depth, of an expected
    shortfall at the depth one mean excess further.
    """
    family, count, of, third = profile.likelihood.model.family, profile.count, *_third(profile, quantity)
    table = _table(family.name, of)
    return lambda rows, value, height: table.quantile(
        count[rows], height.shape, third(rows, value, height.theta, height.shape), tail
    )


def bartlett_factor(profile: Profile, quantity: Quantity) -> Array:
    """The mean of the squared root at the estimate, per row."""
    of, third = _third(profile, quantity)
    shape = profile.shape
    place = third(np.arange(len(profile.owner)), profile.estimate, profile.theta_hat(), shape)
    return _table(profile.likelihood.model.family.name, of).mean_square(profile.count, shape, place)


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
