"""Limits from few values of a GEV: posterior quantiles under a flat shape, calibrated by simulation.

From twenty values or fewer the likelihood may have several maxima, and constrained ones are lost at the edge of the
parameter space: there r* is neither monotone nor always there, and a sample that has a maximum is not any sample. The
quantiles of a posterior are nested in the confidence and those of a level rise with its period, whatever the sample.
Under a flat shape the posterior probability below the true level has nearly the same distribution for all shapes and
periods: the table shipped with the package holds its quantiles among simulated samples with an interior maximum.
``python tests/studies/shipped_tables.py few_values`` makes it again, in a few minutes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import scipy.special

from evstats.arrays import Array, Mask
from evstats.distributions import GEV, Family
from evstats.estimators import Estimation, Flat
from evstats.intervals.shape_posterior import is_proper, posterior_quantiles
from evstats.quantities import Quantity
from evstats.simulated import shipped_table

if TYPE_CHECKING:
    from scipy.interpolate import RegularGridInterpolator


TABLE = "few_values"
#: Up to so many values limits are these, and what they are called.
FEW = 20
LABEL_OF_FEW = "calibrated posterior quantiles"
SIZES = np.array([8, 10, 14, 20])
#: Normal scores of the probabilities of the table.
SCORES = np.array([-2.576, -2.326, -1.96, -1.645, -1.282, -0.674, 0.0])
SCORES = np.concatenate([SCORES, -SCORES[-2::-1]])


def has_few(estimation: Estimation) -> Mask:
    """The lanes (lanes,) of an estimation that have too few values for r*, and a proper posterior; none of models
    with covariates and of the r largest.
    """
    if estimation.has_covariates or estimation.design.axes > 1:
        return np.zeros(np.size(estimation.estimate.status), dtype=np.bool_)
    sign = -1.0 if estimation.family.minima else 1.0
    maxima = sign * estimation.values.reshape(-1, estimation.values.shape[-1])
    few = np.count_nonzero(~np.isnan(maxima), axis=-1) <= FEW
    return few & (estimation.family.of_maxima() is GEV) & is_proper(maxima, Flat())


def limits_of_few(family: type[Family], quantity: Quantity, values: Array, confidence: float) -> Array:
    """Limits (2, m, questions) of a quantity for m series (m, n)."""
    nominal = np.array([0.5 * (1.0 - confidence), 0.5 * (1.0 + confidence)])
    return posterior_quantiles(family, quantity, values, lambda n: calibrated(n, nominal), Flat())


def calibrated(n: int, tails: Array) -> Array:
    """The posterior probabilities that the truth of samples of n is below with these ones."""
    inside, score = float(np.clip(n, SIZES[0], SIZES[-1])), scipy.special.ndtri(tails)
    return np.asarray(scipy.special.ndtr(_table()(np.stack([np.full(score.shape, inside), score], axis=-1))))


@cache
def _table() -> RegularGridInterpolator:
    """Normal scores of the posterior probabilities, by sample size and nominal score."""
    from scipy.interpolate import RegularGridInterpolator

    scores = shipped_table(TABLE)["scores"]
    return RegularGridInterpolator((SIZES.astype(np.float64), SCORES), scores, bounds_error=False, fill_value=None)
