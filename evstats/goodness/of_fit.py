"""Goodness of fit whose p-values account for the parameters having been estimated from the same data."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from evstats import noise, progress
from evstats.arrays import Array
from evstats.distributions import Family, Gumbel
from evstats.errors import ArgumentError
from evstats.estimators import Estimation, Estimator, Regression
from evstats.extremes.resolution import Resolution, every_step, gumbel_scale, resolution, resolutions
from evstats.goodness import nulls, shipped
from evstats.goodness.of_residuals import replicates_of, residual_tests
from evstats.goodness.rounded import Recording, spread
from evstats.goodness.statistics import TESTS, all_statistics
from evstats.models.designs import BLOCK_MAXIMA, BlockMaxima, Design, Largest
from evstats.models.exceedances import Exceedances, LimitedExceedances
from evstats.simulated import kept
from evstats.text.arguments import Setting, Text

_MOST_VALUES = 2_000_000
#: How often critical values for a family with a shape are calibrated: once mends three tests, twice the correlation.
CALIBRATIONS = 2


def goodness_of_fit(estimation: Estimation) -> tuple[Array, Array]:
    """Statistics and p-values of all tests, each of shape batch + (tests,); NaN where a lane has no estimate.

    The p-values know that the parameters were estimated. For a location and scale family the null distribution depends
    on the number of values and the estimator alone: it is simulated once and exact. With a shape parameter it depends
    on the shape, which is estimated; it is simulated for ``nulls.SHAPES``, interpolated at the estimate, and the
    resulting p-value is calibrated by its own distribution in the same simulation (a double bootstrap: Beran 1988), so
    that a test at 5 % rejects a true family in 5 % of samples. For GEV by maximum likelihood a table made so is
    shipped. Lanes share these distributions, and none depends on another. For two populations, and families with
    other shapes, where it depends on more, every lane has a parametric bootstrap of its own: p-values count
    ``nulls.RESAMPLES`` samples of the fitted distribution, fitted again (Stute, Gonzalez Manteiga and Presedo Quindimil
    1993); that takes 3 seconds for 100 values of two populations.

    Measured over 20,000 samples that have an estimate, n = 20, 50, 100: at 5 % a true Gumbel is rejected in 4.8-5.2 %,
    a true GEV with shape -0.2, 0 or 0.2 in 4.7-5.2 %; by L-moments in 4.6-6.1 %. Estimators that are biased in the
    shape do less well (moments and penalties: up to 8 %). So does the bootstrap of two populations: 6-9 % of 381
    samples of 40 values.

    Values written down in steps (``extremes.resolution``) are compared with the fitted distribution at the edges of the
    steps (Choulakian, Lockhart and Stephens 1994; here every statistic takes the values of a step as spread over it in
    equally probable parts), and with samples that are rounded alike and fitted again: ``nulls.REPLICATES_ROUNDED``,
    simulated for the step and the number of values, half a second for a GEV. Measured over 5,000 samples for n = 30,
    60, 100 and steps of 0.2, 0.5 and 1 scale a true family is rejected in 3.9-6.6 % (tests/studies/rounded_sizes.csv).
    Beyond one and a half scales there is no p-value.

    Where parameters follow covariates, it is their residuals that are tested; see ``of_residuals.residual_tests``.
    Measured over 5,000 samples, n = 30, 50, 100: a true model is rejected in 4.0-5.7 % with one covariate in the
    location, in 3.6-5.3 % with one in the scale (tests/studies/trend_residuals.csv).

    Data of another design than block maxima have a parametric bootstrap of their own too, of the tests of their
    residuals (``Design.residuals``) against the standard Gumbel. Peaks written down in steps are compared and simulated
    as rounded maxima are; what is tested is their distribution above the lower edge of the first step beyond the
    threshold, of which alone they tell (sizes: tests/studies/rounded_peaks.csv). Peaks of years of history are compared
    given that they passed their perception: measured over 400 records of 30 years and 100 of history a true GEV is
    rejected in 3.0-6.5 %; and over 2,000 records of the 3, 5 and 10 largest of 20, 30 and 60 blocks in 3.4-6.1 %
    (tests/studies/r_largest_sizes.csv). The r largest written down in steps are spread within these, block by block,
    and compared with samples written down alike: equal values have no step in Lambda between them. A peak that is the
    level of perception itself has no residual, nor has a value equal to the one before it that no step explains.

    Of losses cut at their limits nothing is tested: NaN.

    Parameters
    ----------
    estimation
        What was fitted: data, design, family, estimator and estimate.

    Returns
    -------
    tuple of Array
        Statistics and p-values, batch + (tests,) each, in the order of ``TESTS``.

    Raises
    ------
    ArgumentError
        If the estimator searches each series alone and cannot refit simulated samples.

    References
    ----------
    - Choulakian, V., Lockhart, R. A. and Stephens, M. A. (1994). Canadian Journal of Statistics 22, 125-137.
    - D'Agostino, R. B. and Stephens, M. A. (1986). Goodness-of-Fit Techniques. Dekker, section 4.10.
    - Beran, R. (1988). Journal of the American Statistical Association 83, 687-697.
    - Stute, W., Gonzalez Manteiga, W. and Presedo Quindimil, M. (1993). Metrika 40, 243-256.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
    >>> statistics, p_values = ev.goodness.goodness_of_fit(fit.estimation)
    >>> dict(zip(ev.goodness.TESTS, p_values.round(2).tolist()))
    {'anderson-darling': 0.69, 'cramer-von-mises': 0.68, 'kolmogorov-smirnov': 0.8, 'probability-plot-correlation': 0.8}
    """
    if not estimation.estimator.batched:
        raise ArgumentError(
            "goodness of fit refits thousands of simulated samples, and this Bayes fit searches each alone, for "
            "minutes or hours",
            Text("test the family by ", Setting("method", "mle"), "."),
        )
    if isinstance(estimation, Regression):
        return _by_residuals(estimation) if estimation.design.bounded else residual_tests(estimation)
    if isinstance(estimation.design, LimitedExceedances):  # others like them cannot be drawn
        untested = np.full((*estimation.batch_shape, len(TESTS)), np.nan)
        return untested, untested
    estimation = _tested(estimation)
    if not isinstance(estimation.design, BlockMaxima):
        return _by_residuals(estimation)
    batch = estimation.values.shape[:-1]
    ordered, parameters = nulls.as_maxima(estimation)
    results = np.full((2, len(ordered), len(TESTS)), np.nan)
    for lanes, values in nulls.by_size(ordered, ~np.isnan(parameters[:, 0])):
        results[:, lanes] = _of_one_size(estimation, values, parameters[lanes])
    statistics, p_values = results.reshape(2, *batch, len(TESTS))
    return statistics, p_values


def _tested(estimation: Estimation) -> Estimation:
    """What is tested: of a family of logarithms these, as the estimator took them."""
    return estimation.estimator.tested(estimation.working)


def _of_one_size(estimation: Estimation, ordered: Array, parameters: Array) -> Array:
    """Statistics and p-values (2, m, tests) of lanes (m, n) of maxima without gaps, all with an estimate."""
    family, estimator, n = estimation.family.of_maxima(), estimation.estimator, ordered.shape[-1]
    results = np.full((2, len(ordered), len(TESTS)), np.nan)
    rounded = resolutions(ordered)
    apart = not _shares_null(family, estimator)
    alone = range(len(ordered)) if apart else list(rounded)
    for lane in progress.each(alone, "goodness of fit", unit="series"):
        fitted, design = family.from_parameters(parameters[lane]), BlockMaxima(rounded.get(lane))
        test = _bootstrapped if apart else _rounded
        results[:, lane] = test(fitted, estimator, ordered[lane], design)
    together = np.setdiff1d(np.arange(len(ordered)), alone)
    if together.size:
        critical = null_distribution(family, estimator, n)
        for lanes in np.array_split(together, -(-together.size * n // _MOST_VALUES)):
            statistics = all_statistics(family.from_parameters(parameters[lanes]), ordered[lanes])
            results[:, lanes] = statistics, _p_values(critical, statistics, parameters[lanes])
    return results


def _shares_null(family: type[Family], estimator: Estimator) -> bool:
    """Whether samples share null distributions: of a family with one location and scale, and at most a shape of the
    size of the GEV's.
    """
    return estimator.shares_null and family.small_shape and set(family.parameter_names) <= {"loc", "scale", "shape"}


def _p_values(critical: Array, statistics: Array, parameters: Array) -> Array:
    """P-values (m, tests) from the critical values of a family, interpolated in the estimated shape if it has one."""
    null = critical[0] if len(critical) == 1 else nulls.at_shapes(critical, parameters[:, -1])
    return nulls.p_values(null, nulls.orders_of_magnitude(statistics))


def _rounded(fitted: Family, estimator: Estimator, ordered: Array, design: BlockMaxima) -> tuple[Array, Array]:
    """Statistics and p-values (tests,) of one series of rounded maxima; NaN where no test can speak."""
    steps = design.recorded
    assert steps is not None
    statistics = _statistics(fitted[None], ordered[None], design)
    if steps.too_coarse or ordered.size < len(fitted.parameter_names) + 2:
        return statistics[0], np.full(len(TESTS), np.nan)
    recording = Recording.near(float(fitted.loc), float(fitted.scale), steps)
    critical = rounded_null(type(fitted), estimator, ordered.size, recording)
    return statistics[0], _p_values(critical, statistics, fitted.parameters[None])[0]


def replicates(estimation: Estimation) -> int:
    """Simulated samples behind the p-values of ``goodness_of_fit``: of each shape, or for the longest series.

    Where some series of a batch are rounded and others are not, those behind the rounded ones, which are fewer.

    Parameters
    ----------
    estimation
        What was fitted: data, design, family, estimator and estimate.

    Returns
    -------
    int
        How many.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
    >>> ev.goodness.replicates(fit.estimation) > 1_000
    True
    """
    if isinstance(estimation, Regression):
        return replicates_of(estimation)
    estimation = _tested(estimation)
    family = estimation.family.of_maxima()
    if not _shares_null(family, estimation.estimator) or not isinstance(estimation.design, BlockMaxima):
        return nulls.RESAMPLES
    ordered, parameters = nulls.as_maxima(estimation)
    if any(resolutions(values) for _, values in nulls.by_size(ordered, ~np.isnan(parameters[:, 0]))):
        return nulls.REPLICATES_ROUNDED
    if len(family.parameter_names) == 2:
        return nulls.replicates_for(int(np.max(estimation.counts, initial=1)))
    return shipped.REPLICATES if shipped.has(family, estimation.estimator) else nulls.REPLICATES_PER_SHAPE


def _bootstrapped(fitted: Family, estimator: Estimator, ordered: Array, design: BlockMaxima) -> tuple[Array, Array]:
    """Statistics and p-values (tests,) of one series of maxima, by parametric bootstrap.

    Samples without an estimate, as the series itself has one, are left out.
    """
    statistic, n = _statistics(fitted[None], ordered[None], design)[0], ordered.size
    if n < len(fitted.parameter_names) + 2 or (design.recorded is not None and design.recorded.too_coarse):
        return statistic, np.full(statistic.shape, np.nan)
    simulated, _ = _simulate(type(fitted), estimator, n, fitted.parameters, nulls.RESAMPLES, design)
    return statistic, nulls.share_as_far(simulated, nulls.orders_of_magnitude(statistic))


def _statistics(fitted: Family, ordered: Array, design: BlockMaxima) -> Array:
    return all_statistics(fitted, ordered if design.recorded is None else spread(fitted, ordered, design.recorded))


def _by_residuals(estimation: Estimation) -> tuple[Array, Array]:
    """Statistics and p-values of data of any design, by parametric bootstrap of every lane.

    What is compared with the standard Gumbel are the residuals, of the data and of samples drawn and fitted again.
    """
    batch, k = estimation.batch_shape, len(estimation.family.parameter_names)
    results = np.full((2, math.prod(batch), len(TESTS)), np.nan)
    for lane in progress.each(np.flatnonzero(estimation.estimate.converged), "goodness of fit", unit="series"):
        one = _as_recorded(estimation.lane(int(lane)))
        results[0, lane] = statistic = of_residuals(one)[0]
        steps = _steps_of(one.design)
        if one.counts >= k + 2 and not (steps is not None and steps.too_coarse):
            shape = one.design.noise_shape(one.distribution, one.values)
            drawn = noise.gumbel((nulls.RESAMPLES, *shape), rng=nulls.SEED)
            some = np.array_split(drawn, max(1, min(len(drawn), drawn.size // _MOST_VALUES)))
            simulated = np.concatenate([of_residuals(one.again(one.drawn(rows))) for rows in some])
            results[1, lane] = nulls.share_as_far(simulated, statistic)
    return results[0].reshape(*batch, len(TESTS)), results[1].reshape(*batch, len(TESTS))


def _as_recorded(estimation: Estimation) -> Estimation:
    """Peaks, and the r largest, that were written down in steps as what they tell of, with the steps; all else as it
    is.

    Peaks in one step are fitted again above the lower edge of the first step beyond the threshold: a threshold on the
    lattice has none of them for half a step.
    """
    family, design = estimation.family, estimation.design
    if not isinstance(design, Exceedances | Largest):
        return estimation
    sign = -1.0 if family.minima else 1.0
    values = sign * estimation.values
    ordered = np.sort(values[~np.isnan(values)])
    if isinstance(design, Largest):
        maxima = np.sort(values[~np.isnan(values[:, 0]), 0])
        steps = every_step(ordered, float(gumbel_scale(maxima)))
        recorded: Design = replace(design, recorded=steps)
    else:
        values, steps = ordered, resolution(ordered)
        recorded = _above_first_step(sign * float(design.threshold), design.years, steps)
    return estimation if steps is None else Estimation.of(family.of_maxima(), estimation.estimator, values, recorded)


def _above_first_step(threshold: float, years: Array | float, steps: Resolution | None) -> Exceedances:
    if steps is not None and len(steps.lattices) == 1:
        threshold = steps.lattices[0].edge_above(threshold)
    return Exceedances(threshold, years, steps)


def _steps_of(design: Design) -> Resolution | None:
    return design.recorded if isinstance(design, Exceedances | Largest) else None


def of_residuals(estimation: Estimation) -> Array:
    """Statistics (lanes, tests) of residuals, NaN where a lane has no estimate."""
    lanes = estimation.estimate.status.size
    if (steps := _steps_of(estimation.design)) is not None:
        apart = _spread_largest if isinstance(estimation.design, Largest) else _spread_peaks
        estimation = replace(estimation, values=apart(estimation, steps))
    ordered = np.sort(estimation.residuals().reshape(lanes, -1), axis=-1)
    found = np.full((lanes, len(TESTS)), np.nan)
    for some, residuals in nulls.by_size(ordered, np.ravel(estimation.estimate.converged)):
        if residuals.shape[-1]:  # where all are known by bounds there may be none
            found[some] = all_statistics(Gumbel(np.zeros(len(some)), 1.0), residuals)
    return found


def _spread_peaks(estimation: Estimation, steps: Resolution) -> Array:
    """Recorded peaks, which are of maxima and may begin below the threshold, apart within their steps."""
    recorded = np.sort(estimation.values.reshape(estimation.estimate.status.size, -1), axis=-1)
    sizes = estimation.distribution.stated[(None,) * (1 - len(estimation.batch_shape))]
    return spread(sizes, recorded, steps).reshape(estimation.values.shape)


def _spread_largest(estimation: Estimation, steps: Resolution) -> Array:
    """The recorded r largest of each block apart within their steps: between equal ones there is no step in Lambda."""
    *_, blocks, r = estimation.values.shape
    rising = estimation.values.reshape(-1, r)[:, ::-1]
    of_each = np.repeat(np.arange(estimation.estimate.status.size), blocks)
    own = estimation.distribution[(None,) * (1 - len(estimation.batch_shape))][of_each]
    return -np.sort(-spread(own, rising, steps), axis=-1).reshape(estimation.values.shape)  # missing ones last


def null_distribution(family: type[Family], estimator: Estimator, n: int) -> Array:
    """Critical values of the logarithms of all statistics for samples of n, (shapes, tests, levels).

    One entry for a location and scale family, ``nulls.SHAPES`` of them for a family of maxima with a shape. NaN for
    fewer values than two more than parameters.
    """
    k = len(family.parameter_names)
    if n < k + 2:  # hardly anything is left to test
        return np.full((1 if k == 2 else nulls.SHAPES.size, len(TESTS), nulls.LEVELS.size), np.nan)
    return shipped.fit_tests(n) if shipped.has(family, estimator) else simulated_null(family, estimator, n)


@kept
def simulated_null(family: type[Family], estimator: Estimator, n: int, per_shape: int | None = None) -> Array:
    """The same by simulation, with so many samples of every shape (``nulls.REPLICATES_PER_SHAPE``)."""
    if len(family.parameter_names) == 2:
        alone, _ = _simulate(family, estimator, n, [0.0, 1.0], nulls.replicates_for(n))
        return nulls.critical_values(alone)[None]
    samples = per_shape or nulls.REPLICATES_PER_SHAPE
    return _calibrated(_simulate(family, estimator, n, [0.0, 1.0, xi], samples) for xi in nulls.SHAPES)


@kept
def rounded_null(family: type[Family], estimator: Estimator, n: int, recording: Recording) -> Array:
    """The same of values that are rounded; one entry, or one for each of ``nulls.SHAPES_ROUNDED``."""
    start, replicates = [recording.loc, recording.scale], nulls.REPLICATES_ROUNDED
    design = BlockMaxima(recording.steps)
    if len(family.parameter_names) == 2:
        alone, _ = _simulate(family, estimator, n, start, replicates, design)
        return nulls.critical_values(alone)[None]
    shapes = nulls.SHAPES_ROUNDED
    return _calibrated(
        _simulate(family, estimator, n, [*start, xi], replicates // len(shapes), design) for xi in shapes
    )


def _calibrated(samples: Iterable[tuple[Array, Array]]) -> Array:
    """Calibrated critical values from the statistics and the estimated shapes of samples of each shape."""
    statistics, shapes = map(list, zip(*samples, strict=True))
    critical = np.stack([nulls.critical_values(sample) for sample in statistics])
    for _ in range(CALIBRATIONS):
        critical = nulls.calibrated(critical, statistics, shapes)
    return critical


def _simulate(
    family: type[Family],
    estimator: Estimator,
    n: int,
    parameters: ArrayLike,
    replicates: int,
    design: BlockMaxima = BLOCK_MAXIMA,
) -> tuple[Array, Array]:
    """Logarithms of the statistics of samples fitted again, (replicates, tests), and their last parameters."""
    statistics, last = [], []
    for ordered in nulls.samples_of(family.from_parameters(parameters), replicates, n, design):
        estimates = estimator.estimate(family, ordered).parameters
        statistics.append(nulls.orders_of_magnitude(_statistics(family.from_parameters(estimates), ordered, design)))
        last.append(estimates[:, -1])
    return np.concatenate(statistics), np.concatenate(last)
