"""How a climb to a maximum of a likelihood goes: its steps, where it is one of many, and the highest of several."""

from __future__ import annotations

import numpy as np

from evstats import newton
from evstats.arrays import Array, Mask, Places
from evstats.distributions import Family
from evstats.estimators.ordered import gev_l_kurtosis

#: Standard errors by the observed information are valid above this shape (Smith 1985).
REGULAR_SHAPE = -0.5
#: Farthest a Newton step may go in a location, a log scale and a shape, for data in units of about one standard
#: deviation.
_FARTHEST_LOCATION, _FARTHEST_LOG_SCALE, _FARTHEST_SHAPE = 1.0, 0.7, 0.4
#: The likelihood of a GEV-like sample above this size has one interior maximum. Smaller samples, and larger ones whose
#: L-kurtosis is further than this/sqrt(n) from a GEV's (1 % of GEV samples) or whose L-skewness is far from common
#: ones, may have several: there the whole profile is searched.
_SEARCH_UP_TO = 25
_ORDINARY_KURTOSIS = 0.8
_ORDINARY_SKEWNESS = (-0.25, 0.6)


def max_step(family: type[Family]) -> Array:
    """Farthest a Newton step may go in each of the parameters (k,), scales as logarithms."""
    steps = np.full(len(family.parameter_names), _FARTHEST_SHAPE)
    steps[list(family.locations)], steps[list(family.scales)] = _FARTHEST_LOCATION, _FARTHEST_LOG_SCALE
    return steps


def standardisation(x: Array, present: Array | None) -> tuple[Array, Array]:
    """Mean and standard deviation of each lane."""
    count = float(x.shape[-1]) if present is None else present.sum(axis=-1)
    mean = x.sum(axis=-1) / count
    return mean, np.sqrt(np.maximum(np.vecdot(x, x) / count - mean * mean, 1e-30))


def is_ordinary(count: Array, t3: Array, t4: Array) -> Mask:
    """Whether a sample is so much like one of a GEV that its likelihood has a single interior maximum."""
    excess = np.abs(t4 - gev_l_kurtosis(t3)) * np.sqrt(count)
    low, high = _ORDINARY_SKEWNESS
    return (count > _SEARCH_UP_TO) & (excess < _ORDINARY_KURTOSIS) & (t3 > low) & (t3 < high)


def keep_higher(best: newton.Maximum, lanes: Places, found: newton.Maximum) -> None:
    """Replace lanes of ``best`` by converged candidates that lie higher; of several candidates the highest wins."""
    with np.errstate(invalid="ignore"):
        higher = found.converged & (~best.converged[lanes] | (found.value > best.value[lanes] + 1e-10))
    rising = np.flatnonzero(higher)[np.argsort(found.value[higher], kind="stable")]
    best.parameters[:, lanes[rising]] = found.parameters[:, rising]
    best.value[lanes[rising]] = found.value[rising]
    best.converged[lanes[rising]] = True
