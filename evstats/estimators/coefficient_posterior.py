"""Bayesian fits with covariates: the posterior of the coefficients of one series, and draws of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import Gumbel
from evstats.errors import ArgumentError, DataError
from evstats.estimators.drawing import drawn
from evstats.estimators.peaks_regression import PeaksRegression
from evstats.estimators.posterior_sample import PosteriorSample
from evstats.estimators.priors import (
    HALF,
    LOCATION,
    LOG_SCALE,
    SHAPE,
    CoefficientPriors,
    Flat,
    OfPeaks,
    Prior,
    PriorFunction,
    Weak,
    log_normal,
)
from evstats.estimators.regression import InState, Regression
from evstats.estimators.search import regressed
from evstats.models import Model, Points
from evstats.models.covariates import states
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from evstats.montecarlo import Chains
    from evstats.noise import RandomState

#: Predictors of log scales beyond which exp would overflow or vanish: no density there.
_GREATEST_LOG = 300.0
#: How much wider than a Gumbel's the log scale may be from which a search begins.
_WIDER = (0.0, 0.4, 1.0, 2.0)


@dataclass(frozen=True, eq=False)
class CoefficientPosterior:
    """The posterior density of the coefficients of one series, given its values and their covariates.

    Called with coefficients as they are told, (..., p), it returns the log-density up to a constant, (...).

    Parameters
    ----------
    regression
        Of one series, whatever its estimate.
    prior
        A named ``Prior``, flat in all coefficients of location and log scale and with its own density of the shape,
        where that follows covariates of the mean over the blocks; ``Weak``, normal in every coefficient of the standard
        form; ``CoefficientPriors``, or a callable that takes coefficients (..., p) to the log of a density (...). Every
        shape is above -1.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.estimators import CoefficientPosterior, CoefficientPriors
    >>> fit = ev.fit(ev.Gumbel(100.0, 20.0).rvs(40, rng=1), "gumbel", loc="x", covariates={"x": list(range(40))})
    >>> CoefficientPosterior(fit.estimation, CoefficientPriors({})).mode().shape
    (3,)
    """

    regression: Regression
    prior: Prior | CoefficientPriors | PriorFunction

    #: The middle of the weak prior of the log scale in standard coordinates.
    middle: ClassVar[float] = HALF

    def __post_init__(self) -> None:
        if self.regression.batch_shape:
            raise ArgumentError(f"this is a batch of shape {self.regression.batch_shape}", "take one series, fit[i].")
        if isinstance(self.prior, Prior):
            self._check(self.prior)
        if isinstance(self.prior, CoefficientPriors):
            object.__setattr__(self, "prior", self.prior.of(self.regression.told_names))

    def _check(self, prior: Prior) -> None:
        """An error where the posterior would be improper."""
        prior.check(self.regression.family, self.dim + int(self.regression.counts) - 3)

    @property
    def dim(self) -> int:
        """Number of coefficients, p."""
        return self.regression.model.size

    def __call__(self, coefficients: ArrayLike) -> Array:
        """Log-density of coefficients as they are told, (..., p)."""
        told, count = np.asarray(coefficients, dtype=np.float64), len(self.regression.told_names)
        if told.shape[-1:] != (count,):
            raise ArgumentError(f"coefficients have shape {told.shape}", f"expected (..., {count}).")
        return self.standard(self._moved(self._from_told(told), 1.0))

    def _from_told(self, told: Array) -> Array:
        """The coefficients of the standard form in the unit of the data, of those that are told."""
        return np.asarray(np.linalg.solve(self.regression.jacobian, told[..., None])[..., 0])

    # -- in standard coordinates: the standard form of the designs, of data of mean 0 and standard deviation 1 ---------

    @cached_property
    def _unit(self) -> tuple[float, float]:
        values = self.regression.maxima[0][0]
        return float(np.nanmean(values)), float(np.nanstd(values))

    @cached_property
    def _data(self) -> tuple[Array, Any]:
        """The standardised maxima that are there, and the model at them."""
        mean, std = self._unit
        values, there = self.regression.maxima[0][0], ~np.isnan(self.regression.maxima[0][0])
        model = self.regression.model.of_lanes(np.array([0]))
        for own in model.parameters:
            if own.design is not None:
                model = model.with_design(own.name, own.design.reshape(-1, *own.design.shape[-2:])[0][there])
        return (values[there] - mean) / std, model

    @property
    def _sign(self) -> float:
        """-1 for minima, which are looked at as maxima of -x."""
        return -1.0 if self.regression.family.minima else 1.0

    def _moved(self, beta: Array, way: float) -> Array:
        """From coefficients of the standard form in the unit of the data to standard coordinates, or back (-1)."""
        (mean, std), (loc, scale) = self._unit, self.regression.model.places[:2]
        moved = np.array(beta, dtype=np.float64)
        if way > 0.0:
            moved[..., loc] *= self._sign
            moved[..., loc.start] -= mean
            moved[..., loc] /= std
        else:
            moved[..., loc] *= std
            moved[..., loc.start] += mean
            moved[..., loc] *= self._sign
        moved[..., scale.start] -= way * math.log(std)
        return moved

    def standard(self, phi: Array) -> Array:
        """Log-density in standard coordinates (..., p).

        Parameters
        ----------
        phi
            (..., p).

        Returns
        -------
        Array
            (...), -inf where the density is 0.
        """
        phi = np.asarray(phi, dtype=np.float64)
        model, flat = self._data[1], np.ascontiguousarray(phi.reshape(-1, self.dim).T)
        with np.errstate(all="ignore"):
            theta = model.theta(flat, np.zeros(flat.shape[1], dtype=np.intp))
            value = self._loglik(theta)
            value = value + self._log_prior(phi).reshape(value.shape)
            inside = np.asarray(np.abs(np.log(theta[1])) < _GREATEST_LOG).all(axis=-1)
            if self._shape is not None:
                inside &= (theta[-1] > -1.0).all(axis=-1)
        return np.where(inside & ~np.isnan(value), value, -np.inf).reshape(phi.shape[:-1])[()]

    def _loglik(self, theta: Sequence[Array]) -> Array:
        """Of many coefficients, by the parameters that they give every observation."""
        x, model = self._data
        return np.asarray(model.family.trial(*theta).logpdf(x).sum(axis=-1))

    @property
    def _shape(self) -> slice | None:
        """The place of the coefficients of the shape, the last of the parameters."""
        return self.regression.model.places[-1] if "shape" in self.regression.family.parameter_names else None

    def _log_prior(self, phi: Array) -> Array:
        places, shape = self.regression.model.places, self._shape
        if isinstance(self.prior, Weak):
            value = log_normal(phi[..., places[0]], 0.0, LOCATION)
            middle = self.middle * np.eye(1, places[1].stop - places[1].start)[0]
            value = value + log_normal(phi[..., places[1]] - middle, 0.0, LOG_SCALE)
            return value if shape is None else value + log_normal(phi[..., shape], 0.0, SHAPE)
        if isinstance(self.prior, Prior):
            nothing = np.zeros(phi.shape[:-1])
            return nothing if shape is None else nothing + self._log_shape(self.prior, phi[..., shape.start])
        told = np.matmul(self.regression.jacobian, self._moved(phi, -1.0)[..., None])[..., 0]
        assert callable(self.prior)
        value = np.asarray(self.prior(told), dtype=np.float64)
        if value.shape != phi.shape[:-1]:
            raise ArgumentError(
                f"prior returned an array of shape {value.shape} for coefficients of shape {phi.shape}",
                f"expected {phi.shape[:-1]}, one log-density each.",
            )
        return value

    def _log_shape(self, prior: Prior, shape: Array) -> Array:
        """The logarithm of a named prior's density of the shape."""
        return prior.log_shape(shape)

    # -- what it is asked for ------------------------------------------------------------------------------------------

    @cached_property
    def _likeliest(self) -> Array:
        """The coefficients (p,) at the maximum of the likelihood of the maxima, NaN where there is none."""
        return regressed(self.regression.model, self.regression.maxima[0]).parameters[0]

    def _simple(self) -> Array:
        """The coefficients (p,) of a Gumbel of the maxima."""
        straight = Model(Gumbel, self.regression.model.parameters[:2])
        gumbel = np.zeros(self.dim)
        gumbel[: straight.size] = regressed(straight, self.regression.maxima[0]).parameters[0]
        return gumbel

    def start(self) -> Array:
        """Standard coordinates at which the density is positive: the likelihood's maximum, or one without a shape."""
        for guess in self._guesses():
            own = np.array(guess)
            own[self.regression.model.places[0]] *= self._sign
            phi = self._moved(own, 1.0)
            if np.isfinite(phi).all() and np.isfinite(self.standard(phi)):
                return phi
        raise DataError("the posterior has no density near any estimate; the prior may exclude what the data show.")

    def _guesses(self) -> Iterator[Array]:
        """Coefficients (p,) near which the density may be positive."""
        yield self._likeliest
        simple, scale = self._simple(), self.regression.model.places[1].start
        yield from (simple + more * np.eye(1, self.dim, scale)[0] for more in _WIDER)

    def mode(self) -> Array:
        """The highest point, coefficients of the standard form of the designs in the unit of the data, (p,)."""
        from scipy import optimize

        point = self.start()
        if not (isinstance(self.prior, Flat) and np.isfinite(self._likeliest).all()):
            options: Any = {"xatol": 1e-8, "fatol": 1e-10, "maxiter": 8000, "maxfev": 8000, "adaptive": True}
            with np.errstate(all="ignore"):
                for _ in range(3):
                    found = optimize.minimize(self._depth, point, method="Nelder-Mead", options=options)
                    point = np.asarray(found.x)
        return self._moved(point, -1.0)

    def _depth(self, phi: Array) -> float:
        return min(-float(self.standard(phi)), 1e300)  # finite, so that a simplex can compare two points outside

    def sample(self, draws: int = 10_000, *, rng: RandomState = None) -> CoefficientSample:
        """Draws of the coefficients.

        Exact and independent up to four of them, by the ratio of uniforms; of more, and where its box does not close,
        by 32 adaptive chains.

        Parameters
        ----------
        draws
            How many.
        rng
            None for fresh noise, an integer, ``SeedSequence`` or ``Generator``.

        Returns
        -------
        CoefficientSample
            The draws.
        """
        random, _ = noise.recorded(rng)
        proper, names = isinstance(self.prior, Prior), self.regression.told_names
        found = drawn(self.standard, self.start(), draws, random, proper=proper, names=names)
        return CoefficientSample(self.regression, self._moved(found.points, -1.0), found.how, found.chains)


@dataclass(frozen=True, eq=False)
class PeakCoefficientPosterior(CoefficientPosterior):
    """The same of peaks over a threshold: of the coefficients of log scale, log rate and shape.

    Those of the rate have Jeffreys' prior, the root of the determinant of their Poisson information, so that a rate
    that follows nothing has a gamma distribution with half an event more than there are; they are independent of the
    others.
    """

    regression: PeaksRegression
    middle = 0.0

    def _check(self, prior: Prior) -> None:
        if isinstance(prior, OfPeaks):
            raise ArgumentError(
                Text(Setting("prior", prior.name), " is not there for peaks with covariates"),
                Text("take ", Setting("prior", "normal"), " or ", Setting("prior", "flat"), "."),
                argument="prior",
            )
        prior.check(self.regression.family.sizes_of(), int(self.regression.counts))

    def _from_told(self, told: Array) -> Array:
        """As it is independent of the others, a rate that is not told is left at 1."""
        return np.asarray(told @ np.linalg.pinv(self.regression.jacobian).T)

    @cached_property
    def _unit(self) -> tuple[float, float]:
        return 0.0, float(np.nanmean(self.regression.maxima[0]))

    @cached_property
    def _data(self) -> tuple[Array, Any]:
        """The excesses in units of their mean, and the model at them and at the threshold."""
        return self.regression.maxima[0][0] / self._unit[1], self.regression.model

    @cached_property
    def _watched(self) -> Points:
        return self.regression.points_of(self.regression.maxima[0])

    def _loglik(self, theta: Sequence[Array]) -> Array:
        x, points = self._data[0], self._watched
        there, log_rate = np.flatnonzero(~np.isnan(x)), theta[2]
        scale, *shape = (own[:, there] if own.shape[1] > 1 else own for own in (theta[1], *theta[3:]))
        sizes = self.regression.family.of_maxima().sizes_of().trial(np.zeros(1), scale, *shape).logpdf(x[there])
        number = points.events * log_rate - points.exposure * np.exp(log_rate)
        return np.asarray(sizes.sum(axis=-1) + number.sum(axis=-1))

    def _log_prior(self, phi: Array) -> Array:
        rate = self.regression.model.places[2]
        design = self.regression.model.parameters[2].design
        if design is None:
            return super()._log_prior(phi) + 0.5 * phi[..., rate.start]
        log_means = np.matmul(phi[..., rate], design.T) + np.log(self._watched.exposure[0])
        information = np.einsum("...i,ij,ik->...jk", np.exp(log_means), design, design)
        return np.asarray(super()._log_prior(phi) + 0.5 * np.linalg.slogdet(information)[1])

    def _log_shape(self, prior: Prior, shape: Array) -> Array:
        return prior.log_of_peaks(np.ones(np.shape(shape)), shape)

    @cached_property
    def _likeliest(self) -> Array:
        return np.array(self.regression.maximised().parameters)

    def _simple(self) -> Array:
        """The coefficients (p,) of constant exponential sizes."""
        simple, (_, scale, rate, *_) = np.zeros(self.dim), self.regression.model.places
        simple[scale.start] = math.log(self._unit[1])
        simple[rate.start] = math.log(self._watched.events.sum() / self._watched.exposure.sum())
        return simple


def posterior_of(regression: Regression, prior: Prior | CoefficientPriors | PriorFunction) -> CoefficientPosterior:
    """The posterior of one series of block maxima or minima, or of peaks over a threshold."""
    if isinstance(regression, PeaksRegression):
        return PeakCoefficientPosterior(regression, prior)
    return CoefficientPosterior(regression, prior)


@dataclass(frozen=True, eq=False)
class CoefficientSample:
    """Draws of the coefficients of one series from their posterior. Read-only.

    Attributes
    ----------
    regression
        The fit they are of.
    standard
        Coefficients of the standard form of the designs in the unit of the data, (draws, p).
    how
        The sampler.
    chains
        The Markov chains behind the draws, in standard coordinates, with their diagnostics; None for independent
        draws.

    Examples
    --------
    >>> import evstats as ev
    >>> import numpy as np
    >>> import pandas as pd
    >>> heights = ev.Gumbel(10.0, 1.0).rvs(40, rng=1) + 0.1 * np.arange(40.0)
    >>> fit = ev.fit(pd.Series(heights, index=range(1981, 2021)), "gumbel", loc="year", method="bayes")
    >>> sample = fit.coefficient_posterior()
    >>> sample.names, sample.coefficients.shape
    (('loc:Intercept', 'loc:year', 'log_scale:Intercept'), (10000, 3))
    >>> sample.at(year=2030).parameters.shape
    (10000, 2)
    """

    regression: Regression
    standard: Array
    how: str
    chains: Chains | None = None

    def __post_init__(self) -> None:
        self.standard.flags.writeable = False

    @property
    def names(self) -> tuple[str, ...]:
        """``loc:Intercept``, ``loc:year``, ``log_scale:Intercept`` ..."""
        return self.regression.told_names

    @cached_property
    def coefficients(self) -> Array:
        """As they are told, (draws, p)."""
        return self.standard @ self.regression.jacobian.T

    def limits(self, confidence: float) -> tuple[Array, Array]:
        """Ends of the central credible intervals of the coefficients as they are told, (p,) each.

        Parameters
        ----------
        confidence
            The probability between the ends.

        Returns
        -------
        tuple of Array
            Lower and upper ends, (p,) each.
        """
        tail = 0.5 * (1.0 - confidence)
        lower, upper = np.quantile(self.coefficients, [tail, 1.0 - tail], axis=0)
        return lower, upper

    def at(self, state: Mapping[str, float] | None = None, /, **values: float) -> PosteriorSample:
        """Draws of the distribution in one state of the covariates.

        Parameters
        ----------
        state
            Names of covariates and their values.
        values
            The same by name, as in ``at(gmst=1.3)``.

        Returns
        -------
        PosteriorSample
            Of an ordinary distribution.

        Raises
        ------
        ArgumentError
            A state without one of the covariates, or with an unknown one.
        """
        asked = states(values if state is None else state, self.regression.predictors.names)
        rows = {name: own[..., 0, :] for name, own in self.regression.predictors.rows(asked).items()}
        return self.in_rows(rows)

    def in_rows(self, rows: Mapping[str, Array]) -> PosteriorSample:
        """Where the designs have these rows, of the standard form, (p_j,) each.

        Parameters
        ----------
        rows
            By the names of the parameters.

        Returns
        -------
        PosteriorSample
            Of an ordinary distribution.
        """
        model, family = self.regression.model, self.regression.family
        columns = [
            own.link.inverse(self.standard[:, place] @ rows.get(own.name, np.ones(1)))
            if own.size
            else np.full(len(self.standard), self.regression.given)
            for own, place in zip(model.parameters, model.places, strict=True)
        ]
        return PosteriorSample(family, np.stack(columns, axis=-1), self.how, self.chains)


def coefficients_drawn(whole: Regression) -> Iterator[tuple[int, CoefficientSample]]:
    """Of a Bayesian estimation with covariates the draws of every sample that has an estimate, with its place."""
    for lane in np.flatnonzero(np.ravel(whole.estimate.converged)).tolist():
        yield lane, whole.lane(lane).posterior


def drawn_in_state(estimation: InState) -> Iterator[tuple[int, PosteriorSample]]:
    """Of an estimation in states of its covariates the draws there, with the places among batch and states."""
    whole, count = estimation.whole, estimation.states or 1
    for lane, sample in coefficients_drawn(whole):
        for place in range(lane * count, (lane + 1) * count):
            yield (
                place,
                sample.in_rows({name: own.reshape(-1, own.shape[-1])[place] for name, own in estimation.rows.items()}),
            )
