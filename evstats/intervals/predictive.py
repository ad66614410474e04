"""The distribution of the coming maximum, with the uncertainty of the fit averaged out.

Everything is quadrature: no simulation, the same answer on every run. For the GEV a level is good to 1e-3
of its size, mostly to 1e-5.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from evstats.arrays import Array, Mask
from evstats.distributions import GEV, Gumbel
from evstats.errors import ArgumentError, Status
from evstats.estimators import Bayes, Estimation, Fiducial, leading
from evstats.estimators.lanes import lane_blocks, screen
from evstats.intervals.base import lanes_of_one_size
from evstats.intervals.peak_posterior import NODES as NODES_OF_PEAKS
from evstats.intervals.peak_posterior import PeakNodes
from evstats.intervals.posteriors import NODES, GEVNodes, GumbelNodes, PosteriorNodes, tied_at_the_smallest
from evstats.intervals.shape_posterior import ShapeNodes, is_proper, prior_by_quadrature
from evstats.models.designs import refuse_but_maxima
from evstats.models.exceedances import Exceedances
from evstats.text.arguments import Setting, Text

#: Lanes whose posterior does not rest on the estimate.
_USABLE = (Status.CONVERGED, Status.NOT_CONVERGED, Status.OUTSIDE_PARAMETER_SPACE)
#: The least probability that the GEV's posterior, cut off where it has fallen by exp(-30), can resolve.
_LEAST = 1e-8


def has_predictive(estimation: Estimation) -> bool:
    """Whether ``predictive_levels`` is there: for Bayesian fits, and for Gumbel, GEV and peaks by any method.

    Parameters
    ----------
    estimation
        What was fitted: data, design, family, estimator and estimate.

    Returns
    -------
    bool
        Whether ``predictive_levels`` answers.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.intervals.has_predictive(ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3], "gumbel").estimation)
    True
    """
    family = estimation.family.of_maxima()
    return isinstance(estimation.estimator, Bayes) or family in (Gumbel, GEV) or bool(family.rates)


def predictive_levels(estimation: Estimation, probabilities: Array, blocks: float) -> Array:
    """Levels that the extreme of the next ``blocks`` blocks passes with these probabilities, batch + (questions,).

    A Bayesian fit, of any family, answers from the draws of its own posterior, and under a normal shape by quadrature;
    other fits as follows.

    The probability is averaged over what the data leave open about the parameters: the posterior under a prior
    proportional to 1/scale for Gumbel, where the average over repeated samples is then exactly the nominal one, and
    under one flat in (loc, log scale, shape), -1 < shape < 5, for the GEV; where its likelihood has no interior
    maximum, under a shape that is normal about 0, as its interval (see ``shape_posterior``). NaN for a lane with too
    few values or equal ones, and for the GEV where so many values tie at the smallest that the posterior is improper or
    nearly so.

    Of peaks over a threshold all is quadrature, under the prior of a Bayesian fit and by the fiducial distribution of
    all others, with an interior maximum or without; blocks are years. Next year passes the level of 1 % with a mean
    probability of .0096 to .0124 (20 to 200 peaks, two a year, shapes -.2 to .2, 20,000 records each), and the level of
    the estimates alone, where there are any, with .013 to .055 (``tests/studies/peaks_prediction.csv``). Levels are
    good to 2e-3 of their size, mostly to 1e-5.

    Parameters
    ----------
    estimation
        What was fitted: data, design, family, estimator and estimate.
    probabilities
        (questions,), between 0 and 1.
    blocks
        How many blocks to come.

    Returns
    -------
    Array
        In the unit of the data, NaN where a lane has no estimate.

    Raises
    ------
    ArgumentError
        For data that are neither block extremes nor peaks, for a family other than Gumbel and GEV and their mirror
        images, for the GEV and for peaks for a probability below 1e-8, and of peaks for one so large that the level
        would lie below the threshold.

    References
    ----------
    - Geisser, S. (1993). Predictive Inference. Chapman and Hall, chapter 3.
    - Coles, S. G. and Tawn, J. A. (1996). Journal of the Royal Statistical Society C 45, 463-478.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> found = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3], "gumbel").estimation
    >>> ev.intervals.predictive_levels(found, np.array([0.1, 0.01]), 1.0).round(1)
    array([54.2, 83.6])
    """
    of_peaks = isinstance(estimation.design, Exceedances) and bool(estimation.family.rates)
    if of_peaks and not estimation.has_covariates:
        return _levels_of_peaks(estimation, probabilities, blocks)
    if not (of_peaks or estimation.design.axes > 1):
        refuse_but_maxima("the predictive level is", estimation.design)
    prior = prior_by_quadrature(estimation)
    if isinstance(estimation.estimator, Bayes) and prior is None:
        return _levels_of_draws(estimation, estimation.estimator, probabilities, blocks)
    family = estimation.family.of_maxima()
    if not has_predictive(estimation):
        raise ArgumentError(
            f"the predictive level averages over a posterior, which {estimation.family.label} by "
            f"{estimation.estimator.label} does not have",
            Text("fit with ", Setting("method", "bayes"), ", ", Setting("prior", "weak"), "."),
        )
    if estimation.design.axes > 1:
        return _levels_of_flat_draws(estimation, probabilities, blocks)
    if family is GEV:
        _refuse_below_least(probabilities)
    sign = -1.0 if estimation.family.minima else 1.0
    batch, n = estimation.values.shape[:-1], estimation.values.shape[-1]
    values = sign * estimation.values.reshape(math.prod(batch), n)
    levels = np.full((len(values), probabilities.size), np.nan)
    farthest = 2.0 + np.log(blocks) - np.log(probabilities.min())
    for nodes, usable in _nodes_of(estimation, values):
        for lanes, x in lanes_of_one_size(values, usable, NODES * n // 8):
            levels[lanes] = nodes(x, blocks, farthest).levels(probabilities, blocks)
    return sign * levels.reshape(*batch, probabilities.size)


def _refuse_below_least(probabilities: Array) -> None:
    if probabilities.min() < _LEAST:
        raise ArgumentError(
            f"probability {probabilities.min():g} is below {_LEAST:g}, the least for a predictive level."
        )


#: From observations (m, n), blocks and the largest variate asked to the nodes of their posteriors.
_Maker = Callable[[Array, float, float], PosteriorNodes]


def _nodes_of(estimation: Estimation, maxima: Array) -> Iterator[tuple[_Maker, Mask]]:
    """Each kind of posterior and the lanes (m, n) that have it."""
    status = np.ravel(estimation.estimate.status)
    prior, usable = prior_by_quadrature(estimation), np.isin(status, _USABLE)
    if prior is not None:
        yield lambda x, blocks, farthest: ShapeNodes.under(prior, x), usable & is_proper(maxima, prior)
    elif estimation.family.of_maxima() is Gumbel:
        yield GumbelNodes.of, usable
    else:
        yield GEVNodes.of, usable & ~tied_at_the_smallest(maxima)
        yield ShapeNodes.of, (status == Status.NO_INTERIOR_MAXIMUM) & is_proper(maxima)


def _levels_of_draws(estimation: Estimation, method: Bayes, probabilities: Array, blocks: float) -> Array:
    """The same from the draws of a Bayesian fit."""
    batch = estimation.batch_shape
    levels = np.full((math.prod(batch), probabilities.size), np.nan)
    for lane, drawn in method.samples(estimation):
        if isinstance(estimation.design, Exceedances):
            threshold = np.ravel(estimation.design.threshold)[:1]
            _refuse_below_threshold(drawn.exceedance(threshold, blocks), probabilities, blocks)
        levels[lane] = drawn.predictive_level(probabilities, blocks)
    return levels.reshape(*batch, probabilities.size)


def _levels_of_flat_draws(estimation: Estimation, probabilities: Array, blocks: float) -> Array:
    """The same under a flat prior, where there is no interior maximum under a normal shape."""
    flat, without = Bayes(), leading.standing_in(estimation)
    levels = _levels_of_draws(replace(estimation, estimator=flat), flat, probabilities, blocks)
    if not leading.without_maximum(estimation).any():
        return levels
    return np.where(np.isnan(levels), _levels_of_draws(without, leading.FALLBACK, probabilities, blocks), levels)


def _levels_of_peaks(estimation: Estimation, probabilities: Array, years: float) -> Array:
    """The same of peaks over a threshold, which minima lie below."""
    design = estimation.design
    assert isinstance(design, Exceedances)
    _refuse_below_least(probabilities)
    family, method = estimation.family.of_maxima(), estimation.estimator
    prior = method.prior_for(family) if isinstance(method, Bayes) else Fiducial()
    batch, n = estimation.values.shape[:-1], estimation.values.shape[-1]
    values, sign = estimation.values.reshape(-1, n), -1.0 if estimation.family.minima else 1.0
    columns = (sign * np.asarray(design.threshold), np.asarray(design.years))
    threshold, observed = (np.broadcast_to(np.ravel(own), len(values)) for own in columns)
    excesses = sign * values - threshold[:, None]
    levels = np.full((len(values), probabilities.size), np.nan)
    usable = np.flatnonzero(screen(excesses, at_least=3).status == Status.CONVERGED)
    for block in lane_blocks(usable.size, NODES_OF_PEAKS):
        lanes = usable[block]
        nodes = PeakNodes.of_peaks(family, excesses[lanes], threshold[lanes], observed[lanes], prior)
        _refuse_below_threshold(nodes.chance_of_any(years), probabilities, years)
        levels[lanes] = nodes.levels(probabilities, years)
    return sign * levels.reshape(*batch, probabilities.size)


def _refuse_below_threshold(any_peak: Array, probabilities: Array, years: float) -> None:
    if (impossible := probabilities.max() >= any_peak).any():
        raise ArgumentError(
            f"probability {probabilities.max():g} is that of a level below the threshold: in {years:g} years there is "
            f"a peak with probability {any_peak[impossible].min():.3g}",
            "ask for less, for more years, or lower the threshold.",
        )
