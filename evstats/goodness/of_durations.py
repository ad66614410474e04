"""Goodness of fit of one curve over several durations, duration by duration."""

from __future__ import annotations

import numpy as np

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import Gumbel
from evstats.estimators.duration_regression import DurationRegression
from evstats.goodness.nulls import SEED, share_as_far
from evstats.goodness.statistics import TESTS

#: Samples of the fitted curve, fitted again.
DURATION_REPLICATES = 499


def duration_tests(estimation: DurationRegression) -> tuple[Array, Array]:
    """Anderson and Darling's statistics of the residuals of each duration of one series, and last of their mean.

    By a parametric bootstrap: samples of the fitted curve whose durations are tied as the residuals are
    (``DurationRegression.drawn``), fitted again, so that the p-values know of the fitting and of the dependence.

    Parameters
    ----------
    estimation
        Of maxima of several durations.

    Returns
    -------
    tuple of Array
        Statistics and p-values, (durations + 1,) each.

    Examples
    --------
    >>> import evstats as ev
    >>> curve = ev.GEV([40.0, 14.0, 2.2], [11.0, 3.9, 0.6], 0.1)
    >>> fit = ev.fit(ev.durations(curve.rvs(40, rng=1).T, minutes=[10, 60, 720]), "dgev")
    >>> statistics, p_values = duration_tests(fit.estimation)
    >>> statistics.shape, bool((p_values > 0.01).all())
    ((4,), True)
    """
    seen = _statistics(estimation)
    draws = noise.gumbel((DURATION_REPLICATES, estimation.values.shape[-1]), rng=SEED)
    replicates = estimation.again(estimation.drawn(draws))
    null = _statistics(replicates)[replicates.estimate.converged]
    return seen, share_as_far(null, seen)


def _statistics(estimation: DurationRegression) -> Array:
    """Of every duration and their mean, batch + (k + 1,); NaN without an estimate."""
    residuals = estimation.residuals().reshape(*estimation.batch_shape, -1, estimation.per_block)
    missing = np.isnan(estimation.by_year).reshape(-1, *residuals.shape[-2:])[0]
    standard, found = Gumbel(np.zeros(1), 1.0), []
    for column in range(estimation.per_block):
        own = np.sort(residuals[..., ~missing[:, column], column], axis=-1)
        flat = own.reshape(-1, own.shape[-1])
        found.append(TESTS["anderson-darling"](standard, flat).reshape(own.shape[:-1]))
    each = np.stack(found, axis=-1)
    return np.concatenate([each, each.mean(axis=-1, keepdims=True)], axis=-1)


__all__ = ["DURATION_REPLICATES", "duration_tests"]
