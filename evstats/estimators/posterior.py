"""The posterior of the parameters of many series, and draws of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from evstats import montecarlo, noise
from evstats.arrays import Array
from evstats.distributions import Family
from evstats.errors import ArgumentError, DataError, Status
from evstats.estimators.drawing import drawn
from evstats.estimators.lanes import screen
from evstats.estimators.likelihood import MaximumLikelihood
from evstats.estimators.posterior_sample import PosteriorSample
from evstats.estimators.priors import (
    HALF,
    LOCATION,
    LOG_SCALE,
    SHAPE,
    Prior,
    PriorFunction,
    Weak,
    log_normal,
    of_peaks,
    prior_of,
)
from evstats.models.bounded import Observed
from evstats.models.designs import BLOCK_MAXIMA, Design
from evstats.models.points import Points
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from evstats.montecarlo import Chains
    from evstats.noise import RandomState

#: Log scales beyond which exp would overflow or vanish: no density there.
_GREATEST_LOG = 300.0
#: The design of values known by bounds, the same at every call, as draws are kept by it.
PAIRS = Observed()


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
        proper, names = isinstance(self.prior, Prior), self.family.parameter_names
        return self._named(*drawn(self.standard, self.start(), draws, random, proper=proper, names=names))

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
