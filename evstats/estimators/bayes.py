"""Bayesian fits: the posterior of one series, exact draws of it, and an estimator that carries it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from evstats import noise
from evstats.arrays import Array, Mask
from evstats.distributions import Family
from evstats.errors import ArgumentError, DataError, Status, whole_number
from evstats.estimators.base import Estimate, Estimation, Estimator
from evstats.estimators.lanes import LaneEstimates, finished, lane_blocks, screen
from evstats.estimators.likelihood import MaximumLikelihood
from evstats.estimators.posterior import PAIRS, Posterior
from evstats.estimators.posterior_sample import PosteriorSample
from evstats.estimators.priors import (
    CoefficientPriors,
    Fiducial,
    Flat,
    Prior,
    PriorFunction,
    Weak,
    of_peaks,
    prior_of,
)
from evstats.habits import knowing_their_names
from evstats.models.designs import BLOCK_MAXIMA, Design
from evstats.models.exceedances import Exceedances
from evstats.models.standardised import SPARE
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from evstats.estimators.coefficient_posterior import CoefficientSample
    from evstats.estimators.regression import InState, Regression


@knowing_their_names
@dataclass(frozen=True)
class Bayes(Estimator):
    """Bayesian estimation: the posterior's mode as estimate, its draws for credible intervals and predictions.

    The mode is that in location, log scale and shape: with a flat prior the maximum-likelihood estimate. Its covariance
    is the inverse curvature there. Credible intervals, predictive levels and all that should feel the posterior's
    skewness come from ``sample``.

    Of peaks over a threshold the draws are independent and exact under every prior (``gpd_posterior``). The estimate is
    their middle, which is there for samples whose likelihood has no interior maximum too: the medians of t =
    shape/scale and of the shape given t; its covariance is that of the draws. The rate has the posterior gamma(n + 1/2,
    years).

    With covariates a prior is one of their coefficients (``CoefficientPosterior``), of peaks too, whose rate has
    Jeffreys' prior.

    Parameters
    ----------
    prior
        ``"flat"`` (from 4 values on), ``"mdi"``, ``"beta"``, ``"normal"``, ``"weak"``, of peaks also
        ``"fiducial"`` and ``"jeffreys"``, or a ``Prior``, or a callable; see ``Posterior``. Of peaks a callable takes
        scale and shape, with covariates the coefficients as ``fit.params`` has them; there a mapping of their names to
        distributions, as in ``{"loc:gmst": scipy.stats.norm(0.0, 2.0)}``, is a prior too, flat in those not named. None
        is ``"flat"`` for block maxima, and with covariates, and ``"fiducial"`` for peaks.
    draws
        Of the posterior, per series.
    rng
        Seed of the draws; None for a fresh one, kept in the object, so that all its answers are of the same draws.

    Examples
    --------
    >>> import evstats as ev
    >>> floods = ev.GEV(100.0, 20.0, 0.1).rvs(50, rng=1)
    >>> fit = ev.fit(floods, "gev", method=ev.Bayes("mdi", rng=1))
    >>> posterior = fit.posterior()
    >>> lower, upper = posterior.interval(ev.ReturnLevel([100]))
    >>> bool(lower[0] < posterior.predictive_level(0.01)[0] < upper[0])
    True
    """

    prior: str | Prior | PriorFunction | Mapping[str, Any] | None = None
    draws: int = 10_000
    rng: int | None = 0

    name = "bayes"
    label = "Bayes"
    blocks_at_once = 16

    def __post_init__(self) -> None:
        if self.prior is not None:
            prior_of(self.prior)
        whole_number(self.draws, "draws", least=100)
        if self.rng is not None and not isinstance(self.rng, (int, np.integer)):
            raise ArgumentError(f"rng is {self.rng!r}", "expected an integer or None, so that all answers agree.")
        object.__setattr__(self, "rng", noise.recorded(self.rng)[1])

    def prior_for(self, family: type[Family]) -> Prior | PriorFunction:
        """The prior of a family; unasked fiducial for peaks over a threshold and flat for block maxima.

        Parameters
        ----------
        family
            The family, a class.

        Returns
        -------
        Prior or callable
            The prior.
        """
        if self.prior is None:
            return Fiducial() if of_peaks(family) else Flat()
        prior = prior_of(self.prior)
        if isinstance(prior, CoefficientPriors):
            raise ArgumentError(
                "priors by the names of coefficients are for fits with covariates",
                "take a named prior, or a function of the parameters.",
                argument="prior",
            )
        return prior

    @property
    def batched(self) -> bool:
        """For the priors that are a penalty on the shape; for others the mode of every series is searched for alone."""
        prior = None if self.prior is None else prior_of(self.prior)
        return prior is None or (isinstance(prior, Prior) and not isinstance(prior, Weak))

    def estimate_lanes(self, family: type[Family], x: Array) -> LaneEstimates:
        """The posterior mode of every lane: penalised likelihood for the named priors, a search each for others."""
        prior = self.prior_for(family)
        counts = np.count_nonzero(~np.isnan(x), axis=-1)
        if isinstance(prior, Prior):
            prior.check(family, counts[counts >= 3])
        return self._penalised(family).estimate_lanes(family, x) if self.batched else self._searched(family, x)

    def estimate_points(self, family: type[Family], design: Design, x: Array) -> LaneEstimates:
        """The same of samples of which some values are known by bounds, or of the largest of each block."""
        if design.axes == 1 or family.rates:
            return super().estimate_points(family, design, x)
        prior = self.prior_for(family)
        if isinstance(prior, Prior):
            counts = design.counts(x)
            prior.check(family, counts[counts >= 3])
        if self.batched:
            return self._penalised(family).estimate_points(family, design, x)
        return self._searched(family, x, design)

    def estimate_excesses(self, family: type[Family], excesses: Array) -> LaneEstimates:
        """The middle of the posterior of every sample."""
        from evstats.estimators.excess_posterior import gpd_posterior

        prior, screened = self.prior_for(family), screen(excesses, at_least=3)
        if isinstance(prior, Prior):
            prior.check(family, np.count_nonzero(~np.isnan(excesses), axis=-1))
        parameters = np.full((len(excesses), len(family.parameter_names)), np.nan)
        usable = np.flatnonzero(screened.status == Status.CONVERGED)
        scale, shape = gpd_posterior(excesses[usable], prior, np.full((2, 1, 1), 0.5), family)
        parameters[usable] = np.concatenate([scale, shape], axis=-1)[:, : parameters.shape[1]]
        return finished(parameters, screened.status.copy())

    def _penalised(self, family: type[Family]) -> MaximumLikelihood:
        prior = self.prior_for(family)
        has_shape = "shape" in family.parameter_names
        return MaximumLikelihood(prior.penalty if isinstance(prior, Prior) and has_shape else None)

    def _searched(self, family: type[Family], x: Array, design: Design = BLOCK_MAXIMA) -> LaneEstimates:
        status = screen(design.levels(x), at_least=3).status.copy()
        parameters = np.full((len(x), len(family.parameter_names)), np.nan)
        for lane in np.flatnonzero(status == Status.CONVERGED):
            try:
                parameters[lane] = Posterior(family, x[lane], self.prior_for(family), design).mode()
            except DataError:
                status[lane] = Status.NOT_CONVERGED
        return LaneEstimates(parameters, status, np.zeros(len(x), dtype=np.intp))

    def covariance(
        self, family: type[Family], parameters: Array, values: Array, design: Design = BLOCK_MAXIMA
    ) -> Array:
        """Inverse curvature of the posterior at its mode in a named prior, else the covariance of its draws."""
        if self.batched and not family.rates:
            return self._penalised(family).covariance(family, parameters, values, design)
        k = parameters.shape[1]
        result = np.full((len(parameters), k, k), np.nan)
        for lane, drawn in self._drawn_lanes(family, values, design, ~np.isnan(parameters[:, 0])):
            result[lane] = np.cov(drawn.parameters.T)
        return result

    def estimate_coefficients(self, regression: Regression) -> Estimate:
        """The posterior mode of every series, in the coefficients of the standard form of its designs."""
        from evstats.estimators.coefficient_posterior import posterior_of

        if regression.in_proportion:
            raise ArgumentError(
                f"{self.label} is not there where location and scale are in one proportion",
                Text(
                    *("fit by maximum likelihood (", Setting("method", "mle"), "), or let the location alone follow ("),
                    *(Setting("trend_kind", "shift"), ")."),
                ),
            )
        screened = screen(regression.maxima[0], at_least=len(regression.told_names) + SPARE)
        status, parameters = screened.status.copy(), np.full((len(screened.status), regression.model.size), np.nan)
        for lane in np.flatnonzero(status == Status.CONVERGED).tolist():
            try:
                parameters[lane] = posterior_of(regression.lane(lane), self._of_coefficients).mode()
            except DataError:
                status[lane] = Status.NOT_CONVERGED
        batch, nothing = regression.batch_shape, np.zeros(regression.batch_shape, dtype=np.intp)
        return Estimate(parameters.reshape(*batch, -1), status.reshape(batch)[()], nothing[()])

    def coefficient_covariance(self, regression: Regression) -> Array:
        """That of the draws, in the standard form, batch + (p, p)."""
        p = regression.model.size
        result = np.full((math.prod(regression.batch_shape), p, p), np.nan)
        for lane in np.flatnonzero(np.ravel(regression.estimate.converged)).tolist():
            result[lane] = np.cov(regression.lane(lane).posterior.standard.T)
        return result.reshape(*regression.batch_shape, p, p)

    def coefficient_sample(self, regression: Regression) -> CoefficientSample:
        """The posterior draws of the coefficients of one series; the same at every call."""
        from evstats.estimators.coefficient_posterior import posterior_of

        return posterior_of(regression, self._of_coefficients).sample(self.draws, rng=self.rng)

    @property
    def _of_coefficients(self) -> Prior | CoefficientPriors | PriorFunction:
        return Flat() if self.prior is None else prior_of(self.prior)

    def sample(self, estimation: Estimation) -> PosteriorSample:
        """The posterior draws of one fitted series; the same at every call.

        Parameters
        ----------
        estimation
            What was fitted: data, design, family, estimator and estimate.

        Returns
        -------
        PosteriorSample
            Of one series.
        """
        if estimation.batch_shape:
            raise ArgumentError(f"this is a batch of shape {estimation.batch_shape}", "take one series, fit[i].")
        return next(self.samples(estimation))[1]

    def samples(self, estimation: Estimation) -> Iterator[tuple[int, PosteriorSample]]:
        """The posterior draws of every series that has an estimate, with its place among the lanes of the batch.

        Parameters
        ----------
        estimation
            What was fitted: data, design, family, estimator and estimate.

        Yields
        ------
        tuple of int and PosteriorSample
            The place of the lane, and its draws.
        """
        if estimation.has_covariates:
            from evstats.estimators.coefficient_posterior import drawn_in_state

            yield from drawn_in_state(cast("InState", estimation))
            return
        inner = estimation.working
        lanes = inner.values.reshape(-1, *inner.values.shape[-inner.design.axes :])
        usable = np.ravel(inner.estimate.status) == Status.CONVERGED
        for lane, drawn in self._drawn_lanes(inner.family, lanes, inner.design, usable):
            yield lane, drawn if inner is estimation else replace(drawn, family=estimation.family)

    def _drawn_lanes(
        self, family: type[Family], values: Array, design: Design, usable: Mask
    ) -> Iterator[tuple[int, PosteriorSample]]:
        """The draws of some lanes of values (m, n), with the places of the lanes."""
        prior, lanes = self.prior_for(family), np.flatnonzero(usable)
        if isinstance(design, Exceedances):
            for block in lane_blocks(lanes.size, self.draws, self.blocks_at_once):
                some = lanes[block]
                sample = _Peaks.of(values[some], design.of_lanes(some))
                draw = _remembered_peaks if some.size == 1 else _of_peaks
                yield from zip(some.tolist(), draw(family, sample, prior, self.draws, self.rng), strict=True)
            return
        plain = PAIRS if design.bounded else design if design.axes > 1 else BLOCK_MAXIMA
        for lane in lanes.tolist():
            if isinstance(prior, Prior):
                own = values[lane]
                yield lane, _remembered(family, own.tobytes(), own.shape, plain, prior, self.draws, self.rng)
            else:
                yield lane, Posterior(family, values[lane], prior, plain).sample(self.draws, rng=self.rng)


class _Peaks(NamedTuple):
    """Samples of peaks, as a key: values (m, n), thresholds and years (m,), as bytes."""

    values: bytes
    threshold: bytes
    years: bytes

    @classmethod
    def of(cls, values: Array, design: Exceedances) -> _Peaks:
        own = (np.broadcast_to(np.asarray(each, np.float64), len(values)) for each in (design.threshold, design.years))
        return cls(values.tobytes(), *(each.tobytes() for each in own))


def _of_peaks(
    family: type[Family], sample: _Peaks, prior: Prior | PriorFunction, draws: int, seed: int | None
) -> list[PosteriorSample]:
    """The draws of samples of peaks; minima lie below their threshold."""
    from evstats.estimators.excess_posterior import draws_noise, process_posterior

    threshold, years = np.frombuffer(sample.threshold), np.frombuffer(sample.years)
    excesses = np.abs(np.frombuffer(sample.values).reshape(threshold.size, -1) - threshold[:, None])
    e = draws_noise(draws, seed)
    found = process_posterior(family.of_maxima(), excesses, threshold, years, prior, e)
    return [PosteriorSample(family, own, "independent draws") for own in found]


_remembered_peaks = lru_cache(maxsize=4)(_of_peaks)


@lru_cache(maxsize=4)
def _remembered(
    family: type[Family],
    values: bytes,
    shape: tuple[int, ...],
    design: Design,
    prior: Prior,
    draws: int,
    seed: int | None,
) -> PosteriorSample:
    """The draws behind the many answers of one fit, which take seconds for two populations, are drawn once."""
    return Posterior(family, np.frombuffer(values).reshape(shape), prior, design).sample(draws, rng=seed)
