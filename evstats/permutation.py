"""P-values of a maximum beyond what the number of permutations resolves, by a Gumbel fit to the null maxima.

A scan statistic, the best score of a sequence search or the largest of many test statistics is a maximum. Its null
distribution comes from permutations, and the usual p-value (1 + number of null maxima at least as large)/(1 + number of
permutations) can never be smaller than 1/(1 + n): 999 permutations cannot tell 0.001 from 0.000001. But null maxima are
maxima: a Gumbel distribution fitted to them reaches on, with a standard error that says how far to believe it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.distributions import Gumbel
from evstats.errors import ArgumentError
from evstats.estimators import Estimator
from evstats.fitting import Fit, fit
from evstats.intervals import Interval
from evstats.quantities import ExceedanceProbability, as_questions


@dataclass(frozen=True, eq=False)
class MaximumPValue:
    """P-values of observed maxima; arrays of the shape of the observed ones, after the batch of the null maxima.

    Attributes
    ----------
    p_value
        The chance of a maximum at least as large under the fitted Gumbel distribution.
    std_error
        Its standard error, from the finite number of permutations.
    lower, upper
        Confidence limits.
    empirical
        (1 + number of null maxima at least as large)/(1 + n), never below 1/(1 + n).
    fit
        The Gumbel fit to the null maxima; ``fit.goodness_of_fit()`` says whether they look Gumbel, and
        ``evstats.plots.diagnostics(fit)`` shows it.
    """

    p_value: Any
    std_error: Any
    lower: Any
    upper: Any
    empirical: Any
    fit: Fit


def p_value(
    observed: ArrayLike,
    null_maxima: Any,
    *,
    method: str | Estimator = "mle",
    interval: str | Interval | None = None,
    confidence: float = 0.95,
) -> MaximumPValue:
    """P-value of an observed maximum from the maxima of permuted (or simulated) data sets.

    Parameters
    ----------
    observed
        The maximum of the data at hand, or several.
    null_maxima
        One maximum for each permutation, shape (n,) or batch + (n,); NaN is missing.
    method
        How the Gumbel distribution is fitted: ``"mle"``, ``"moments"``, ``"lmoments"`` or an estimator.
    interval
        Kind of confidence interval, ``"delta"`` by default.
    confidence
        Its level.

    Raises
    ------
    DataError
        If there are fewer than 3 null maxima, or infinite ones.
    FitError
        If all null maxima are equal.

    Notes
    -----
    The p-value is as good as the Gumbel's tail. It fits maxima over many weakly dependent statistics with exponential
    tails, such as log-likelihood ratios and alignment scores. Normal statistics have lighter tails, so that theirs errs
    on the safe side (for 5.5 as the largest of 1000, thirteenfold; their squares are close); statistics with heavy
    tails (ratios) err on the other. Where ``empirical`` is well above its floor, prefer it: it assumes nothing.

    References
    ----------
    - Abrams, A. M., Kleinman, K. and Kulldorff, M. (2010). Gumbel based p-value approximations for spatial scan
      statistics. International Journal of Health Geographics 9, 61.

    Examples
    --------
    >>> from evstats import noise, permutation
    >>> result = permutation.p_value(15.0, noise.gumbel(999, rng=42))
    >>> float(result.empirical), bool(1e-8 < result.p_value < 1e-5)
    (0.001, True)
    """
    levels = np.asarray(observed)
    if levels.ndim > 1:
        raise ArgumentError(f"observed has shape {levels.shape}", "expected one maximum or a 1-d sequence.")
    quantity = ExceedanceProbability(as_questions(observed, "observed maxima"))
    null = fit(null_maxima, Gumbel, method=method)
    answer = null.evaluate(quantity, interval, confidence)
    results = (answer.estimate, _std_error(null, quantity), answer.lower, answer.upper, _empirical(null, quantity))
    p, error, lower, upper, empirical = results if levels.ndim else (part[..., 0][()] for part in results)
    return MaximumPValue(p, error, lower, upper, empirical, null)


def _std_error(null: Fit, quantity: ExceedanceProbability) -> Array:
    """By the delta method through log(-log(1 - p)), which is linear in the parameters' ratio, not through p itself."""
    gradient, linked = quantity.linked_gradient(null.distribution), quantity.linked(null.distribution)
    with np.errstate(invalid="ignore"):
        variance = np.einsum("...qi,...ij,...qj->...q", gradient, np.asarray(null.covariance), gradient)
        return np.exp(linked - np.exp(linked)) * np.sqrt(variance)


def _empirical(null: Fit, quantity: ExceedanceProbability) -> Array:
    as_large = np.count_nonzero(null.values[..., None, :] >= quantity.questions[:, None], axis=-1)
    return (1.0 + as_large) / (1.0 + np.asarray(null.n)[..., None])


__all__ = ["MaximumPValue", "p_value"]
