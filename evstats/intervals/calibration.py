"""The distribution of the signed root of the likelihood ratio in samples of a given size, by simulation.

For a level of reduced variate y the distribution depends on the sample size n, on y and on the shape alone. The table
shipped with the package holds its quantiles on a grid of the three, for the GEV and, without a shape, for Gumbel;
``python tests/studies/shipped_tables.py signed_root`` makes it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from evstats import noise
from evstats.arrays import Array, Places
from evstats.distributions import GEV, Family, Gumbel
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.estimators.lanes import lane_blocks
from evstats.intervals.asked import profiles_of
from evstats.intervals.base import Simulation
from evstats.intervals.heights import Height
from evstats.intervals.profile import Profile
from evstats.intervals.root_table import RootTable, signed_root
from evstats.quantities import Quantity
from evstats.simulated import kept, shipped_table

if TYPE_CHECKING:
    pass


TABLE = "signed_root"
SEED, REPLICATES = 20_261_121, 20_000
#: Replicates where the limits are simulated for the question at hand.
AT_HAND = 2_000
SIZES = np.array([8, 10, 14, 20, 30, 50, 80, 150, 400])
SHAPES = np.array([-0.6, -0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8])
VARIATES = np.array([-1.5, -0.5, 0.3665, 1.5, 2.2504, 3.2, 3.9019, 4.6001, 6.2, 9.2])


def refusal(interval: str, estimation: Estimation) -> str | None:
    """Why there is no table for an interval of a family; None for Gumbel and GEV."""
    if estimation.family.of_maxima() in (Gumbel, GEV) or estimation.family.rates:
        return None
    return (
        f"the {interval} interval needs its distribution in simulated samples, which is there for Gumbel and GEV and "
        f"not for {estimation.family.label}."
    )


def signed_roots(quantity: Quantity, family: type[Family], n: int, shape: float, g: Array) -> Array:
    """Signed roots at the truth, (replicates, questions), in samples ``from_gumbel(g)``, g of shape (replicates, n).

    Samples without an interior maximum count with the root relative to the maximum at shape -1.
    """
    truth = family.from_parameters([0.0, 1.0, shape][: len(family.parameter_names)])
    roots = []
    for block in lane_blocks(len(g), n * max(1, quantity(truth).shape[-1]), blocks=4):
        sample = truth.from_gumbel(g[block])
        fitted = MaximumLikelihood().estimate(family, sample).parameters
        columns = []
        for profile in profiles_of(quantity, family, sample, fitted):
            value = profile.true_value(quantity(truth))
            loc, scale = profile.fitted[:, 0], profile.fitted[:, 1]
            start = np.stack([-loc / scale, -np.log(scale), np.full(len(value), shape)])[: len(family.parameter_names)]
            columns.append(signed_root(profile, value, start).reshape(len(sample), -1))
        roots.append(np.concatenate(columns, axis=-1))
    return np.concatenate(roots)


def simulation_of(quantity: Quantity) -> Simulation:
    """What lies behind the quantiles of a quantity's root."""
    return Simulation(REPLICATES if quantity.is_level else AT_HAND, SEED)


@cache
def _table(family: str) -> RootTable:
    """Of levels, by their reduced variate; without a shape it is the same at every one."""
    stored = shipped_table(TABLE)
    return RootTable.of(SIZES, SHAPES, VARIATES, stored[f"{family}_quantiles"], stored[f"{family}_square"])


def table_quantile(n: Array, shape: Array, variate: Array, tail: float, has_shape: bool = True) -> Array:
    """The ``tail`` quantile of the signed root of levels with this reduced variate; the arrays broadcast."""
    return _table(GEV.name if has_shape else Gumbel.name).quantile(n, shape, variate, tail)


def root_quantiles(profile: Profile, quantity: Quantity, tail: float) -> Callable[[Places, Array, Height], Array]:
    """The ``tail`` quantile of the root as a function of (rows, value, height).

    From the table, at the shape given, for levels; else simulated at each row's estimate.
    """
    if not quantity.is_level:
        limits = _simulated(profile, quantity, lambda roots: np.quantile(roots, tail, axis=0))
        return lambda rows, value, height: limits[rows]
    count = profile.count
    if not quantity.in_data_unit:
        return lambda rows, value, height: table_quantile(count[rows], height.shape, value, tail, profile.has_shape)
    variates = variates_of(profile, quantity)
    return lambda rows, value, height: table_quantile(
        count[rows], height.shape, variates[rows], tail, profile.has_shape
    )


def mean_square(profile: Profile, quantity: Quantity) -> Array:
    """The mean of the squared root, whose limit is 1, per row: the Bartlett factor."""
    if not quantity.is_level:
        return _simulated(profile, quantity, lambda roots: np.mean(roots**2, axis=0))
    variates = variates_of(profile, quantity) if quantity.in_data_unit else profile.estimate
    table = _table(GEV.name if profile.has_shape else Gumbel.name)
    return table.mean_square(profile.count, profile.shape, variates)


def variates_of(profile: Profile, quantity: Quantity) -> Array:
    """The reduced variate of each row's question: the level of the standard Gumbel."""
    rows = np.arange(len(profile.owner))
    return profile.held.coefficient(rows, np.zeros((int(profile.has_shape), len(rows))), np.zeros(len(rows))).value


def _simulated(profile: Profile, quantity: Quantity, summary: Callable[[Array], Array]) -> Array:
    """A summary of simulated roots per row, each at its own sample size and at its shape to the nearest 0.05."""
    family, questions = profile.likelihood.model.family, len(profile.owner) // len(profile.likelihood.points.x)
    shape = np.round(np.clip(profile.shape, SHAPES[0], SHAPES[-1]) / 0.05) * 0.05
    result = np.empty(len(profile.owner))
    column = np.arange(len(profile.owner)) % questions
    for n, xi in np.unique(np.stack([profile.count, shape]), axis=1).T:
        roots = simulated_roots(*_by_value(quantity), family, int(n), float(xi))
        some = (profile.count == n) & (shape == xi)
        place = profile.place_in_answer(column[some])
        result[some] = summary(roots)[place]
    return result


@kept
def simulated_roots(
    kind: type[Quantity], options: tuple[Any, ...], family: type[Family], n: int, shape: float
) -> Array:
    """Signed roots of a quantity that is not in the table, (replicates, answers), the same on every call.

    The quantity is ``kind(*options)``, its questions a tuple, so that the answer can be kept by value.
    """
    quantity = kind(np.array(options[0]), *options[1:])
    return signed_roots(quantity, family, n, shape, noise.gumbel((AT_HAND, n), rng=SEED))


def _by_value(quantity: Quantity) -> tuple[type[Quantity], tuple[Any, ...]]:
    first, *rest = (getattr(quantity, field.name) for field in fields(quantity))
    return type(quantity), (tuple(first.tolist()), *rest)
