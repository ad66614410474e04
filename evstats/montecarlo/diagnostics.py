"""Whether chains agree and what their draws are worth: R-hat and effective sample sizes.

The definitions of Vehtari, Gelman, Simpson, Carpenter and Buerkner (2021, Bayesian Analysis 16, 667-718), as ArviZ and
Stan have them: every chain is cut in halves and the draws are replaced by the normal scores of their ranks, so that
heavy tails do no harm and a drift within a chain shows. Draws of one quantity, shape (chains, draws), each.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import fft, special

from evstats.arrays import Array

__all__ = ["AGREEING", "ENOUGH", "effective_size", "rank_rhat", "tail_effective_size"]

#: R-hat up to which chains agree, and the effective size from which on a summary of their draws is stable.
AGREEING, ENOUGH = 1.01, 400.0

#: Quantiles that the effective size of the tails is of.
_TAILS = (0.05, 0.95)


def rank_rhat(values: Array) -> float:
    """Rank-normalised split R-hat, of the values or of their distances from the median, whichever is greater.

    NaN for a single chain and for values that do not vary; inf where chains do not move and differ.

    Examples
    --------
    >>> import numpy as np
    >>> chains = np.random.default_rng(1).normal(size=(4, 500))
    >>> round(rank_rhat(chains), 2), round(rank_rhat(chains + np.arange(4.0)[:, None]), 2)
    (1.01, 1.55)
    """
    if len(values) < 2:
        return math.nan
    halves = _halves(values)
    return max(_rhat(_normal_scores(halves)), _rhat(_normal_scores(np.abs(halves - np.median(halves)))))


def effective_size(values: Array) -> float:
    """Effective sample size for the bulk of the distribution: that of the normal scores."""
    return _effective_size(_normal_scores(_halves(values)))


def tail_effective_size(values: Array) -> float:
    """Effective sample size for the tails: the smaller of those for the shares below the 5 % and the 95 % quantile."""
    below = (values <= quantile for quantile in np.quantile(values, _TAILS))
    return min(_effective_size(_halves(share.astype(np.float64))) for share in below)


def _halves(values: Array) -> Array:
    """First and last halves of the chains as chains; the middle draw of an odd number is left out."""
    half = values.shape[1] // 2
    return np.concatenate([values[:, :half], values[:, -half:]])


def _normal_scores(values: Array) -> Array:
    """Standard normal quantiles at the ranks over all chains, ties at their mean rank (Blom 1958)."""
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=None).reshape(values.shape)
    return np.asarray(special.ndtri((ranks - 0.375) / (values.size + 0.25)))


def _rhat(values: Array) -> float:
    draws = values.shape[1]
    within = float(values.var(axis=1, ddof=1).mean())
    between = float(values.mean(axis=1).var(ddof=1))
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.divide(between, within) + (draws - 1.0) / draws))


def _effective_size(values: Array) -> float:
    """Number of draws over their autocorrelation time, by Geyer's initial monotone sequence of paired lags."""
    if values.min() == values.max():
        return float(values.size)
    draws = values.shape[1]
    covariance = _mean_autocovariance(values)
    within = covariance[0] * draws / (draws - 1.0)
    correlation = 1.0 - (within - covariance) / (covariance[0] + values.mean(axis=1).var(ddof=1))
    correlation[0] = 1.0
    return float(values.size / max(_autocorrelation_time(correlation), 1.0 / math.log10(values.size)))


def _autocorrelation_time(correlation: Array) -> float:
    """Of the correlations at every lag; the pair of lags at which the sequence ends counts with its first, if that is
    positive.
    """
    lags = max(2 * ((len(correlation) - 1) // 2), 2)
    pairs = correlation[:lags].reshape(-1, 2).sum(axis=1)
    last = int(np.argmax(np.append(pairs[:-1] <= 0.0, True)))
    even = correlation[2 * last]
    rest = even if even > 0.0 or pairs[last] >= 0.0 else 0.0
    return float(-1.0 + 2.0 * np.minimum.accumulate(pairs[:last]).sum() + rest)


def _mean_autocovariance(values: Array) -> Array:
    """The autocovariance at every lag, with the number of draws as divisor, averaged over the chains."""
    draws = values.shape[1]
    size = fft.next_fast_len(2 * draws)
    spectrum = fft.rfft(values - values.mean(axis=1, keepdims=True), size, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).mean(axis=0)
    return np.asarray(fft.irfft(power, size)[:draws] / draws)
