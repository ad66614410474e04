"""How many of the largest values of each block: do the r-th ones belong to the distribution of those before them?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import scipy.special

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import Family
from evstats.errors import Status
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.estimators.lanes import lane_blocks
from evstats.models import Largest

if TYPE_CHECKING:
    import pandas as pd

#: Samples behind a p-value.
REPLICATES, SEED = 499, 20_261_128


def entropy_difference(family: type[Family], parameters: Array, values: Array) -> Array:
    """The entropy-difference statistic of samples of maxima (m, blocks, r) with parameters (m, k), (m,).

    The mean over the blocks of what the r-th value adds to the log-likelihood of a block, less what it adds on average,
    in standard errors. Blocks without an r-th value are left out.

    References
    ----------
    - Bader, B., Yan, J. and Zhang, X. (2017). Statistics and Computing 27, 1435-1451, equations 4 to 7.
    """
    r = values.shape[-1]
    law = family.from_parameters(parameters)[:, None]
    last, before = law.reduced_derivatives(values[..., -1]), law.reduced(values[..., -2])
    with np.errstate(all="ignore"):
        added = last.log_slope - last.y - np.exp(-last.y) + np.exp(-before)
    known = ~np.isnan(added)
    n = np.count_nonzero(known, axis=-1)
    with np.errstate(all="ignore"):
        mean = np.sum(added, axis=-1, where=known) / n
        off = np.where(known, added - mean[:, None], 0.0)
        deviation = np.sqrt(np.vecdot(off, off) / (n - 1.0))
        return (mean - _mean_added(family, parameters, r)) * np.sqrt(n) / deviation


def _mean_added(family: type[Family], parameters: Array, r: int) -> Array:
    """What the r-th value adds on average: -log scale - 1 + (1 + shape) psi(r)."""
    shape = parameters[:, 2] if parameters.shape[-1] > 2 else 0.0
    return -np.log(parameters[:, 1]) - 1.0 + (1.0 + shape) * scipy.special.digamma(r)


def p_value(estimation: Estimation, replicates: int = REPLICATES, seed: int = SEED) -> tuple[float, float]:
    """The statistic of one fit to the r largest and its two-sided p-value, which knows of the fitting.

    The null distribution is simulated at the estimate, each sample fitted anew: at infinite n it is standard normal,
    from 50 blocks it is not yet.
    """
    family, design = estimation.family.of_maxima(), estimation.design
    assert isinstance(design, Largest)
    sign = -1.0 if estimation.family.minima else 1.0
    values = sign * estimation.values
    fitted = np.array(estimation.estimate.parameters)
    fitted[0] *= sign
    seen = float(entropy_difference(family, fitted[None], values[None])[0])
    law, drawn = family.from_parameters(fitted), []
    gumbel = noise.gumbel((replicates, *values.shape), rng=seed)
    for block in lane_blocks(replicates, values.size):
        sample = np.where(np.isnan(values), np.nan, design.from_noise(law, gumbel[block]))
        found = MaximumLikelihood().estimate(family, sample, design)
        good = np.asarray(found.status) == Status.CONVERGED
        drawn.append(entropy_difference(family, found.parameters[good], sample[good]))
    null = np.concatenate(drawn)
    null = null[~np.isnan(null)]
    if math.isnan(seen) or not null.size:
        return seen, math.nan
    low, high = ((1 + np.count_nonzero(side)) / (1 + null.size) for side in (null <= seen, null >= seen))
    return seen, min(1.0, 2.0 * min(low, high))


def forward_stop(p_values: Sequence[float] | Array) -> Array:
    """Of tests in their order the mean of -log(1 - p) from each to the last: the false discovery rate at which it and
    all after it are rejected.

    References
    ----------
    - G'Sell, M. G., Wager, S., Chouldechova, A. and Tibshirani, R. (2016). Journal of the Royal Statistical Society B
      78, 423-444.
    """
    p = np.asarray(p_values, dtype=np.float64)
    with np.errstate(divide="ignore"):
        backwards = -np.log1p(-np.minimum(p[::-1], 1.0 - 1e-12))
        return (np.cumsum(backwards) / np.arange(1, p.size + 1))[::-1]


def table(estimations: Sequence[Estimation], replicates: int, seed: int) -> pd.DataFrame:
    """A row for each r from 2: the statistic, its p-value and ForwardStop's adjusted one."""
    import pandas as pd

    found = [p_value(estimation, replicates, seed) for estimation in estimations]
    p = np.array([own for _, own in found])
    r = [estimation.values.shape[-1] for estimation in estimations]
    columns = {"statistic": [own for own, _ in found], "p_value": p, "adjusted_p_value": forward_stop(p)}
    return pd.DataFrame(columns, index=pd.Index(r, name="r"))


__all__ = ["entropy_difference", "forward_stop", "p_value", "table"]
