"""Bayesian fits: the posterior of one series, exact draws of it, and an estimator that carries it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike

from evstats import montecarlo, noise
from evstats.arrays import Array, Mask
from evstats.distributions import Family
from evstats.errors import ArgumentError, DataError, Status, whole_number
from evstats.estimators.base import Estimate, Estimation, Estimator, LaneEstimates, finished, lane_blocks, screen
from evstats.estimators.likelihood import MaximumLikelihood
from evstats.estimators.posterior_sample import PosteriorSample
from evstats.estimators.priors import (
    HALF,
    LOCATION,
    LOG_SCALE,
    SHAPE,
    CoefficientPriors,
    Fiducial,
    Flat,
    Prior,
    PriorFunction,
    Weak,
    log_normal,
    of_peaks,
    prior_of,
)
from evstats.models.bounded import Observed
from evstats.models.designs import BLOCK_MAXIMA, Design, Exceedances
from evstats.models.points import Points
from evstats.models.standardised import SPARE
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from evstats.estimators.coefficient_posterior import CoefficientSample
    from evstats.estimators.regression import InState, Regression
    from evstats.montecarlo import Chains
    from evstats.noise import RandomState


#: Log scales beyond which exp would overflow or vanish: no density there.
_GREATEST_LOG = 300.0
_CHAINS, _THIN = 32, 5
#: The design of values known by bounds, the same at every call, as draws are kept by it.
_PAIRS = Observed()


@dataclass(frozen=True, eq=False)
class Posterior:
    """The posterior density of a family's parameters, given one series of maxima or minima.

    Called with parameters in the family's order and the data's unit, shape (..., k), it returns the log-density up to a
    constant, shape (...): what the samplers of ``montecarlo`` and of other packages take.

    Parameters
    ----------
    family
        A class, such as ``GEV``.
    values
        Shape (n,), NaN for missing.
    prior
        ``"flat"``, ``"mdi"``, ``"beta"``, ``"normal"``, ``"weak"``, a ``Prior``, or a callable that takes
        parameters, shape (..., k), to the log of a prior density of theirs, shape (...), in the data's unit.
    design
        ``Observed()`` of values known by bounds, which are pairs (n, 2).

    Raises
    ------
    ArgumentError, DataError
        If the posterior would be improper, or values or prior are not what is described here.

    Examples
    --------
    >>> from evstats import GEV
    >>> from evstats.estimators import Posterior
    >>> floods = GEV(100.0, 20.0, 0.1).rvs(50, rng=1)
    >>> posterior = Posterior(GEV, floods, "mdi")
    >>> draws = posterior.sample(1000, rng=1)
    >>> draws.parameters.shape, draws.how
    ((1000, 3), 'ratio of uniforms')
    """

    family: type[Family]
    values: Array
    prior: str | Prior | PriorFunction = "flat"
    design: Design = BLOCK_MAXIMA

    def __post_init__(self) -> None:
        if of_peaks(self.family):
            raise ArgumentError(
                f"{self.family.label} is of peaks over a threshold, whose posterior is drawn from by itself",
                Text("fit with ", Setting("method", "bayes"), " and take posterior(), or use gpd_posterior."),
            )
        values = np.array(self.values, dtype=np.float64)
        if values.ndim != self.design.axes:
            raise ArgumentError(f"values have shape {values.shape}", "expected one series.")
        values = values[~np.isnan(values).reshape(len(values), -1).all(axis=-1)]
        status = screen(self.design.levels(values[None]), at_least=3).status[0]
        if status != Status.CONVERGED:
            raise DataError(Status(int(status)).problem, Status(int(status)).remedy)
        values.flags.writeable = False
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "prior", prior_of(self.prior))
        if isinstance(self.prior, Prior):
            self.prior.check(self.family, len(values))

    @property
    def dim(self) -> int:
        """Number of parameters, k."""
        return len(self.family.parameter_names)

    def __call__(self, parameters: ArrayLike) -> Array:
        """Log-density of parameters (..., k) in the data's unit, up to a constant, shape (...)."""
        theta = np.asarray(parameters, dtype=np.float64)
        if theta.shape[-1:] != (self.dim,):
            raise ArgumentError(f"parameters have shape {theta.shape}", f"expected (..., {self.dim}).")
        scales = theta[..., list(self.family.scales)]
        inside = np.asarray((scales > 0.0).all(axis=-1))
        with np.errstate(invalid="ignore", divide="ignore"):
            value = self.standard(self._to_standard(np.where(inside[..., None], theta, 1.0)))
            return np.where(inside, value - np.log(np.where(scales > 0.0, scales, 1.0)).sum(axis=-1), -np.inf)[()]

    # -- in standard coordinates: data of mean 0 and standard deviation 1, scales as logarithms ------------------------

    @property
    def _sign(self) -> float:
        """-1 for minima, which are looked at as maxima of -x."""
        return -1.0 if self.family.minima else 1.0

    @cached_property
    def _unit(self) -> tuple[float, float]:
        levels = self.design.levels(self.values[None])[0]
        return self._sign * float(np.nanmean(levels)), float(np.nanstd(levels))

    @cached_property
    def _standardised(self) -> Array:
        shift, unit = self._unit
        return np.asarray((self._sign * self.values - shift) / unit)

    @cached_property
    def _points(self) -> Points:
        """Of the standardised values, where they are not all numbers."""
        return self.design.points(self._standardised[None])

    def _loglik(self, natural: Array) -> Array:
        """The log-likelihood of the standardised values at parameters (..., k) of maxima."""
        maxima = self.family.of_maxima()
        if self.design.axes == 1:
            return maxima.loglikelihoods(natural, self._standardised)
        found = self._points.loglik(maxima.trial(*natural.reshape(-1, self.dim).T))
        return found.reshape(natural.shape[:-1])

    def _to_standard(self, theta: Array) -> Array:
        shift, unit = self._unit
        moved = np.array(np.moveaxis(theta, -1, 0))
        moved[0] *= self._sign
        moved = self.family.rescaled(moved, np.asarray(-shift / unit), np.asarray(1.0 / unit))
        for place in self.family.scales:
            moved[place] = np.log(moved[place])
        return np.moveaxis(moved, 0, -1)

    def _from_standard(self, phi: Array) -> Array:
        moved = np.moveaxis(np.array(phi), -1, 0)
        for place in self.family.scales:
            moved[place] = np.exp(moved[place])
        shift, unit = self._unit
        moved = self.family.rescaled(moved, np.asarray(shift), np.asarray(unit))
        moved[0] *= self._sign
        return np.moveaxis(moved, 0, -1)

    def standard(self, phi: Array) -> Array:
        """Log-density in standard coordinates (..., k): locations and log scales of the standardised data, shapes.

        Parameters
        ----------
        phi
            (..., k).

        Returns
        -------
        Array
            (...), -inf where the density is 0.
        """
        phi = np.asarray(phi, dtype=np.float64)
        scales = self.family.scales
        natural = np.array(phi)
        with np.errstate(over="ignore", invalid="ignore"):
            for place in scales:
                natural[..., place] = np.exp(phi[..., place])
            value = self._loglik(natural) + self._log_prior(phi)
        impossible = np.isnan(value)
        for place in scales:
            impossible |= ~(np.abs(phi[..., place]) < _GREATEST_LOG)
        if len(scales) > 1:  # the ordinary population is named first
            impossible |= phi[..., scales[0]] > phi[..., scales[1]]
        return np.where(impossible, -np.inf, value)[()]

    def _log_prior(self, phi: Array) -> Array:
        """The prior in standard coordinates; those named are flat in location and log scale."""
        shape = phi[..., -1] if "shape" in self.family.parameter_names else None
        if isinstance(self.prior, Weak):
            scales, locations = phi[..., list(self.family.scales)], phi[..., list(self.family.locations)]
            value = log_normal(locations, 0.0, LOCATION) + log_normal(scales, HALF, LOG_SCALE)
            value += math.lgamma(1.0 + len(self.family.scales))  # of the orders of two populations one is looked at
            if shape is None:
                return value
            return np.where(shape > -1.0, value + log_normal(shape[..., None], 0.0, SHAPE), -np.inf)
        if isinstance(self.prior, Prior):
            return np.zeros(phi.shape[:-1]) if shape is None else self.prior.log_shape(shape)
        assert callable(self.prior)
        theta = self._from_standard(phi)
        value = np.asarray(self.prior(theta), dtype=np.float64)
        if value.shape != phi.shape[:-1]:
            raise ArgumentError(
                f"prior returned an array of shape {value.shape} for parameters of shape {phi.shape}",
                f"expected {phi.shape[:-1]}, one log-density each.",
            )
        value = value + phi[..., list(self.family.scales)].sum(axis=-1)
        if shape is None:
            return value
        possible = shape > -1.0 if self.family.shape_is_xi else self.family.inside(np.moveaxis(theta, -1, 0))
        return np.where(possible, value, -np.inf)

    # -- what it is asked for ------------------------------------------------------------------------------------------

    def start(self) -> Array:
        """Standard coordinates at which the density is positive, near its mode if the likelihood has one."""
        penalty = self.prior.penalty if isinstance(self.prior, Prior) and len(self.family.scales) == 1 else None
        found = MaximumLikelihood(penalty if "shape" in self.family.parameter_names else None).estimate(
            self.family, self.values, self.design
        )
        guesses = [found.parameters] if found.converged else []
        mean, std = self._unit
        centre = self._sign * (mean - 0.45 * std)
        guesses += [np.array([centre, f * std, *_rest(self.family, centre, f * std)]) for f in (0.8, 1.5, 4.0)]
        for guess in guesses:
            phi = self._to_standard(guess)
            if np.isfinite(self.standard(phi)):
                return phi
        raise DataError("the posterior has no density near any estimate; the prior may exclude what the data show.")

    def mode(self) -> Array:
        """The highest point in location, log scale and shape, in the family's order and the data's unit, shape (k,)."""
        from scipy import optimize

        def depth(phi: Array) -> float:
            return min(-float(self.standard(phi)), 1e300)  # finite, so that a simplex can compare two points outside

        options: Any = {"xatol": 1e-8, "fatol": 1e-10, "maxiter": 4000}
        point = self.start()
        with np.errstate(all="ignore"):
            for _ in range(3):
                found = optimize.minimize(depth, point, method="Nelder-Mead", options=options)
                point = np.asarray(found.x)
        return self._from_standard(point)

    def sample(self, draws: int = 10_000, *, rng: RandomState = None) -> PosteriorSample:
        """Draws of the parameters: exact and independent for one population, by tempering for two.

        Up to three parameters by the ratio of uniforms (``montecarlo.ratio_of_uniforms``). Where its box does not
        close, for small samples whose posterior has heavy tails, by 32 adaptive chains if the prior is a named one and
        the posterior so known to be proper; for a prior of one's own that is an error, as it may be improper. For two
        populations, whose posterior may have several modes, by ``montecarlo.tempering`` from the weak prior; with that
        as the prior, the ``log_evidence`` of its chains is the log marginal likelihood of the standardised data.

        Parameters
        ----------
        draws
            How many.
        rng
            None for fresh noise, an integer, ``SeedSequence`` or ``Generator``.

        Returns
        -------
        PosteriorSample
            Draws of the parameters in the unit of the data.
        """
        if len(self.family.scales) > 1:
            return self._tempered(draws, rng)
        random, _ = noise.recorded(rng)
        start = self.start()
        for r in (0.5, 1.0):
            try:
                found = montecarlo.ratio_of_uniforms(self.standard, start, draws, r=r, rng=random)
            except DataError as error:
                if r == 1.0 and not isinstance(self.prior, Prior):
                    raise DataError(
                        f"the posterior under this prior cannot be drawn from exactly and may be improper ({error}) "
                        "Take a prior that falls off faster; if it is proper, draw from the posterior with "
                        "montecarlo.metropolis."
                    ) from error
            else:
                return self._named(found.draws, "ratio of uniforms", None)
        spread = start + 0.05 * random.standard_normal((_CHAINS, self.dim))
        spread[~np.isfinite(self.standard(spread))] = start
        chains = montecarlo.metropolis(
            self.standard, spread, max(-(-draws // _CHAINS), 4), warmup=2000, thin=_THIN, rng=random
        )
        return self._named(chains.flat[:draws], "adaptive Metropolis", chains)

    def _tempered(self, draws: int, rng: RandomState) -> PosteriorSample:
        """By tempering from a normal reference as wide as the weak prior, a share of the draws from each ladder."""
        mean, variance = np.zeros(self.dim), np.full(self.dim, LOCATION**2)
        mean[list(self.family.scales)], variance[list(self.family.scales)] = HALF, LOG_SCALE**2
        ladders = 8
        found = montecarlo.tempering(
            self.standard,
            draws=max(-(-draws // ladders), 4),
            reference=montecarlo.Normal(mean, variance),
            chains=ladders,
            names=self.family.parameter_names,
            rng=rng,
        )
        return self._named(found.flat[:draws], "tempering", found)

    def _named(self, phi: Array, how: str, chains: Chains | None) -> PosteriorSample:
        return PosteriorSample(self.family, self._from_standard(phi), how, chains)


def _rest(family: type[Family], loc: float, scale: float) -> list[float]:
    """Parameters beyond location and scale to start from."""
    return [loc - scale, 3.0 * scale] if len(family.scales) > 1 else [0.0] * (len(family.parameter_names) - 2)


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
        plain = _PAIRS if design.bounded else design if design.axes > 1 else BLOCK_MAXIMA
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
