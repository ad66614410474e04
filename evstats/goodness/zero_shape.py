"""Gumbel against GEV: is the shape zero?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import GEV, Family, GEVMin, Gumbel, GumbelMin
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.estimators.excesses import gpd_maxima
from evstats.estimators.lanes import lane_blocks
from evstats.extremes.resolution import Resolution, resolutions
from evstats.goodness import nulls, shipped
from evstats.goodness.rounded import Recording
from evstats.models.designs import BLOCK_MAXIMA, BlockMaxima, refuse_but_maxima
from evstats.simulated import kept

#: Asymptotic variance of sqrt(n) times the estimated shape at shape 0, location and scale estimated too: the last
#: element of the inverse of the expected information (Prescott and Walden 1980).
SHAPE_VARIANCE = 0.476651189
#: Steps of values, in scales, up to which the table holds that was made without rounding.
TABLE_UP_TO = 0.5
#: Samples that stand in for it beyond.
REPLICATES_ROUNDED = 4_999
#: Exponential samples behind the p-values of peaks.
REPLICATES_OF_PEAKS = 20_000


@dataclass(frozen=True, eq=False)
class ZeroShape:
    """Two tests of shape = 0 in a GEV; arrays of the batch shape, NaN where a lane cannot be tested.

    Attributes
    ----------
    lr_statistic
        Likelihood ratio 2 (loglik of GEV - loglik of Gumbel), asymptotically chi-squared with 1 degree.
    signed_root
        Its root with the sign of the estimated shape: large for a heavy upper tail, very negative for a
        bounded one (of -x for minima). A sample whose GEV likelihood has no interior maximum takes its value at -1.
    score
        Hosking's score statistic, asymptotically standard normal, of the same sign; needs the Gumbel fit only.
    lr_heavier_p_value, score_heavier_p_value
        One-sided, against shape > 0; one minus it is against shape < 0.

    Examples
    --------
    >>> import evstats as ev
    >>> found = ev.goodness.zero_shape_tests(ev.fit(ev.GEV(100.0, 20.0, 0.3).rvs(60, rng=1), "gumbel").estimation)
    >>> float(found.signed_root.round(2)), float(found.score.round(2))
    (3.03, 4.21)
    """

    signed_root: Array
    score: Array
    lr_heavier_p_value: Array
    score_heavier_p_value: Array

    @property
    def lr_statistic(self) -> Array:
        """The square of the signed root."""
        return self.signed_root**2

    @property
    def lr_p_value(self) -> Array:
        """Two-sided p-value of the likelihood ratio, twice the smaller one-sided one."""
        return two_sided(self.lr_heavier_p_value)

    @property
    def score_p_value(self) -> Array:
        """Two-sided p-value of the score test."""
        return two_sided(self.score_heavier_p_value)


def two_sided(p: Array) -> Array:
    """Twice the smaller of p and 1 - p."""
    return 2.0 * np.minimum(p, 1.0 - p)


def zero_shape_tests(estimation: Estimation) -> ZeroShape:
    """Test Gumbel against GEV by maximum likelihood, whatever family and estimator the estimation is of.

    Under Gumbel the distribution of either statistic depends on n alone; the p-values come from a shipped table of it,
    50,000 samples for each of 15 n from 5 to 500, interpolated in log n. Minima are tested as maxima of -x. Of values
    rounded to steps of more than half a scale the table is not true (at one scale either test at 5 % rejects 7-10 % of
    Gumbel samples of 100 and 300): there ``REPLICATES_ROUNDED`` samples of the Gumbel fitted to the lane are
    rounded alike, and beyond one and a half scales there is no p-value.

    Of peaks over a threshold the exponential is tested against the GPD; the p-values come from ``REPLICATES_OF_PEAKS``
    exponential samples of as many peaks, on whose number alone either statistic's distribution depends; NaN of losses
    some of which were cut at their limit.

    Parameters
    ----------
    estimation
        What was fitted: data, design, family, estimator and estimate.

    Returns
    -------
    ZeroShape
        Arrays of shape batch.

    Raises
    ------
    ArgumentError
        If the data are the r largest values of blocks.

    References
    ----------
    - Hosking, J. R. M. (1984). Testing whether the shape parameter is zero in the generalized extreme-value
      distribution. Biometrika 71, 367-374.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit(ev.GEV(100.0, 20.0, 0.3).rvs(60, rng=1), "gumbel")
    >>> bool(ev.goodness.zero_shape_tests(fit.estimation).lr_heavier_p_value < 0.01)
    True
    """
    if estimation.family.rates and estimation.design.bounded:  # others like them cannot be drawn
        untested = np.full(estimation.batch_shape, np.nan)[()]
        return ZeroShape(untested, untested, untested, untested)
    if estimation.family.rates:
        return _of_peaks(estimation)
    if estimation.design.axes > 1:
        return _of_bounds(estimation)
    refuse_but_maxima("the tests of shape 0 are", estimation.design)
    batch = estimation.values.shape[:-1]
    ordered, _ = nulls.as_maxima(estimation)
    statistics = np.full((len(ordered), 2), np.nan)
    for block in lane_blocks(len(ordered), ordered.shape[-1], blocks=4):
        statistics[block] = signed_statistics(ordered[block])
    p_values = np.full_like(statistics, np.nan)
    for lanes, values in nulls.by_size(ordered, ~np.isnan(statistics[:, 1])):
        p_values[lanes] = nulls.p_values(null_distribution(values.shape[-1]), statistics[lanes])
        for place, steps in resolutions(values).items():
            if steps.coarseness > TABLE_UP_TO:
                p_values[lanes[place]] = _of_rounded(values[place], steps, statistics[lanes[place]])
    (root, score), (root_p, score_p) = (array.T.reshape(2, *batch) for array in (statistics, p_values))
    return ZeroShape(root[()], score[()], root_p[()], score_p[()])


def _of_bounds(estimation: Estimation) -> ZeroShape:
    """The test by the likelihood ratio of observations known by bounds, among samples of the Gumbel that are known
    alike; without a score.
    """
    batch = estimation.batch_shape
    roots, p_values = np.full((2, math.prod(batch)), np.nan)
    for lane in range(roots.size):
        one = estimation.lane(lane)
        roots[lane], null = _signed_root(one)
        if np.isfinite(roots[lane]):
            shape = one.design.noise_shape(one.distribution, one.values)
            drawn = null.drawn(noise.gumbel((nulls.RESAMPLES, *shape), rng=nulls.SEED))
            heavier = np.count_nonzero(_signed_root(one.again(drawn))[0] >= roots[lane])  # one without is not
            p_values[lane] = (0.5 + heavier) / (1.0 + nulls.RESAMPLES)  # so that neither side's is 0
    nothing = np.full(batch, np.nan)[()]
    return ZeroShape(roots.reshape(batch)[()], nothing, p_values.reshape(batch)[()], nothing)


def _signed_root(estimation: Estimation) -> tuple[Array, Estimation]:
    """The signed root of the likelihood ratio of GEV and Gumbel, positive for a heavy tail, and the Gumbel."""
    minima = estimation.family.minima
    wide, null = (
        Estimation.of(family, MaximumLikelihood(), estimation.values, estimation.design)
        for family in ((GEVMin, GumbelMin) if minima else (GEV, Gumbel))
    )
    ratio = np.maximum(2.0 * (wide.loglik() - null.loglik()), 0.0)
    return np.sign(wide.estimate.parameters[..., -1]) * np.sqrt(ratio), null


def _of_peaks(estimation: Estimation) -> ZeroShape:
    """The same of peaks over a threshold."""
    batch, (ordered, parameters) = estimation.batch_shape, nulls.as_maxima(estimation)
    excesses = ordered - parameters[:, :1]
    statistics, p_values = np.full((2, len(ordered), 2), np.nan)
    for lanes, values in nulls.by_size(excesses, ~np.isnan(parameters[:, 0])):
        statistics[lanes] = peak_statistics(values)
        p_values[lanes] = nulls.p_values(_null_of_peaks(values.shape[-1]), statistics[lanes])
    (root, score), (root_p, score_p) = (array.T.reshape(2, *batch) for array in (statistics, p_values))
    return ZeroShape(root[()], score[()], root_p[()], score_p[()])


def peak_statistics(excesses: Array) -> Array:
    """The signed root and the score of excesses (m, n) over a threshold: (m, 2).

    At an exponential fit the shape's derivative of the log-likelihood is the sum of z^2/2 - z, z in units of the mean,
    whose variance is n, that of the scale taken out. A sample without an interior maximum takes its value at shape -1.
    """
    n, mean = excesses.shape[-1], excesses.mean(axis=-1)
    found = gpd_maxima(excesses, np.full(len(excesses), float(n)))
    z, largest = excesses / mean[:, None], excesses.max(axis=-1)
    with np.errstate(invalid="ignore"):
        best = np.where(found.converged, -np.log(found.scale) - found.shape - 1.0, -np.log(largest))
        sign = np.where(found.converged, np.sign(found.shape), -1.0)
        root = sign * np.sqrt(2.0 * n * np.maximum(best + np.log(mean) + 1.0, 0.0))
    return np.stack([root, (0.5 * z * z - z).sum(axis=-1) / np.sqrt(n)], axis=-1)


@kept
def _null_of_peaks(n: int) -> Array:
    """Critical values (2, levels) of both statistics of n exponential excesses; NaN for fewer than 3."""
    if n < 3:
        return np.full((2, nulls.LEVELS.size), np.nan)
    random, blocks = noise.generator(nulls.SEED), lane_blocks(REPLICATES_OF_PEAKS, n)
    drawn = (noise.exponential((block.stop - block.start, n), rng=random) for block in blocks)
    return nulls.critical_values(np.concatenate([peak_statistics(excesses) for excesses in drawn]))


def _of_rounded(ordered: Array, steps: Resolution, statistics: Array) -> Array:
    """One-sided p-values (2,) of one series of rounded maxima, by parametric bootstrap."""
    if steps.too_coarse:
        return np.full(2, np.nan)
    fitted = Gumbel.from_parameters(MaximumLikelihood().estimate(Gumbel, ordered).parameters)
    simulated = _resampled(Recording.near(float(fitted.loc), float(fitted.scale), steps), ordered.size)
    return (0.5 + np.sum(simulated >= statistics, axis=0)) / (1.0 + len(simulated))


def signed_statistics(ordered: Array) -> Array:
    """The signed root and the score of maxima (m, n) in rising order, missing ones last: (m, 2)."""
    method = MaximumLikelihood()
    gumbel, gev = (Estimation(family, method, ordered, method.estimate(family, ordered)) for family in (Gumbel, GEV))
    null, shape = gumbel.loglik(), gev.estimate.parameters[:, -1]
    fitted = gev.estimate.converged
    with np.errstate(invalid="ignore"):
        best = np.where(fitted, gev.loglik(), _loglik_at_lowest_shape(ordered))
        root = np.where(fitted, np.sign(shape), -1.0) * np.sqrt(2.0 * np.maximum(best - null, 0.0))
    return np.where(np.isnan(null)[:, None], np.nan, np.stack([root, _score(gumbel)], axis=-1))


def _loglik_at_lowest_shape(ordered: Array) -> Array:
    """The highest likelihood with shape -1, where the GEV is a reversed exponential: its endpoint is the maximum."""
    with np.errstate(invalid="ignore", divide="ignore"):
        present = ~np.isnan(ordered)
        count = np.count_nonzero(present, axis=-1)
        highest = np.where(present, ordered, -np.inf).max(axis=-1, initial=-np.inf)
        mean = np.where(present, ordered, 0.0).sum(axis=-1) / count
        return -count * (1.0 + np.log(highest - mean))


def _score(gumbel: Estimation) -> Array:
    """Derivative of the log-likelihood in the shape at the Gumbel fit, over its standard deviation."""
    with np.errstate(invalid="ignore", divide="ignore"):
        z = gumbel.distribution[..., None].reduced(gumbel.values)
        slopes = 0.5 * z * z * -np.expm1(-z) - z
        return np.where(np.isnan(z), 0.0, slopes).sum(axis=-1) * np.sqrt(SHAPE_VARIANCE / gumbel.counts)


def null_distribution(n: int) -> Array:
    """Critical values (2, levels) of the signed root and the score of Gumbel samples of n; NaN for fewer than 5."""
    return shipped.zero_shape(n) if n >= shipped.COUNTS[0] else np.full((2, nulls.LEVELS.size), np.nan)


def simulated_null(n: int, replicates: int = nulls.REPLICATES) -> Array:
    """The same by simulation."""
    return nulls.critical_values(_simulated(Gumbel.from_parameters([0.0, 1.0]), replicates, n))


@kept
def _resampled(recording: Recording, n: int) -> Array:
    """Statistics (replicates, 2) of rounded samples of a Gumbel; kept, as near series share them."""
    gumbel = Gumbel.from_parameters([recording.loc, recording.scale])
    return _simulated(gumbel, REPLICATES_ROUNDED, n, BlockMaxima(recording.steps))


def _simulated(gumbel: Family, replicates: int, n: int, design: BlockMaxima = BLOCK_MAXIMA) -> Array:
    return np.concatenate([signed_statistics(x) for x in nulls.samples_of(gumbel, replicates, n, design)])
