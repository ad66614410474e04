"""The duration-dependent GEV: maxima of several durations of the same years, by a composite likelihood."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
import scipy.special

from evstats import newton, noise
from evstats.arrays import Array, Places
from evstats.distributions import GEV
from evstats.distributions.duration_dependent import DurationGEV
from evstats.errors import ArgumentError
from evstats.estimators.base import Estimate, Estimator
from evstats.estimators.climbs import keep_higher
from evstats.estimators.lanes import lane_blocks
from evstats.estimators.regression import Regression
from evstats.estimators.search import Search, climbed
from evstats.models import IDENTITY, LOG, SQUARE_ROOT, Model, Parameter, Points, Predictors, likelihood_of
from evstats.models.covariates import Covariates
from evstats.models.likelihood import Likelihood
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from typing import Self

    from evstats.distributions import Family as Family  # and so on: of fields that are inherited
    from evstats.models import Design as Design

#: What a state of such a fit is called.
MINUTES: Final = "minutes"
#: Offsets theta that a search begins from, in multiples of the shortest duration.
_OFFSETS = (0.02, 0.3, 1.0, 4.0, 20.0)
_PER_HOUR = 60.0
#: An offset below this share of the shortest duration is at its end, 0.
_NO_OFFSET: Final = 1e-6
#: Those that a replicate is searched from.
_QUICK = _OFFSETS[1:3]
#: Means of a duration, in standard deviations of all values, are taken for no smaller.
_LEAST_MEAN = 1e-9
#: Years that are drawn for the covariance of tied durations, and their seed.
_DRAWN_YEARS, _SEED = 600, 20_261_129
#: Normal scores of residuals beyond the range of doubles are taken for so large.
_FARTHEST_SCORE = 8.0


@dataclass(frozen=True, eq=False)
class DurationRegression(Regression):
    """An estimation in which scale(d) = sigma0 (d + theta)^-eta and loc(d) = mut scale(d) follow the duration d.

    ``values`` are the maxima of all durations year by year, batch + (years * durations,), NaN for missing, and the
    covariate ``minutes`` of the predictors is the duration of each. ``estimate.parameters`` are location and log scale
    at the mean duration (geometric), shape, eta, and the square root of theta in multiples of that duration. The
    likelihood takes the durations of a year for independent, which they are not: the covariance is the inverse of
    Godambe's information, by the jackknife over years.

    References
    ----------
    - Koutsoyiannis, D., Kozonis, D. and Manetas, A. (1998). Journal of Hydrology 206, 118-135.
    - Varin, C., Reid, N. and Firth, D. (2011). Statistica Sinica 21, 5-42 (composite likelihood).
    - Lipsitz, S. R., Dear, K. B. G. and Zhao, L. (1994). Biometrics 50, 842-846 (the jackknife over clusters).

    Examples
    --------
    >>> import evstats as ev
    >>> curve = ev.GEV([40.0, 14.0, 2.2], [11.0, 3.9, 0.6], 0.1)
    >>> idf = ev.fit(ev.durations(curve.rvs(40, rng=1).T, minutes=[10, 60, 720]), "dgev")
    >>> isinstance(idf.estimation, ev.estimators.DurationRegression), idf.estimation.per_block
    (True, 3)
    """

    @classmethod
    def of_durations(cls, estimator: Estimator, values: Array, minutes: Array, labels: Any = None) -> Self:
        """The estimation of maxima batch + (years, durations).

        Parameters
        ----------
        estimator
            Plain maximum likelihood.
        values
            Intensities, batch + (years, durations), NaN for missing.
        minutes
            The durations, (durations,).
        labels
            Of the years, or None.

        Returns
        -------
        DurationRegression
            The estimation.

        Raises
        ------
        ArgumentError
            An estimator other than plain maximum likelihood.
        """
        if not estimator.maximises_likelihood or estimator.name != "mle":
            raise ArgumentError(
                f"{estimator.label} is not there for {DurationGEV.label}",
                Text("fit by maximum likelihood (", Setting("method", "mle"), ")."),
                argument="method",
            )
        years, k = values.shape[-2:]
        named = None if labels is None else np.repeat(np.asarray(labels, dtype=object), k)
        predictors = Predictors({}, Covariates.of({MINUTES: np.tile(minutes, years)}, named, "maximum"))
        flat = np.ascontiguousarray(values.reshape(*values.shape[:-2], years * k))
        flat.flags.writeable = False
        batch = flat.shape[:-1]
        nothing = Estimate(np.full((*batch, 5), np.nan), np.zeros(batch, np.int8), np.zeros(batch, np.intp))
        bare = cls(GEV, estimator, flat, nothing, predictors=predictors)
        return replace(bare, estimate=bare.maximised())

    def again(self, values: Array) -> Self:
        """The same of other data of the same durations, such as replicates.

        Searched from two offsets alone, by which of 500 replicates of 35 years none was missed.
        """
        quick = _Replicates(GEV, self.estimator, values, self.estimate, predictors=self.predictors)
        return replace(self, values=values, estimate=quick.maximised())

    def resampled(self, places: Places) -> Self:
        """The same of the years with these places, (replicates, years)."""
        years = self.by_year[places]
        return self.again(years.reshape(*years.shape[:-2], -1))

    def drawn(self, noise: Array) -> Array:
        """New data of one series, from noise (..., years * durations).

        The fitted distributions, tied as their residuals are by a Gaussian copula with the correlations of their normal
        scores.
        """
        tied = noise.reshape(*noise.shape[:-1], -1, self.per_block)
        normal = scipy.special.ndtri(np.exp(-np.exp(-tied))) @ self.tie.T
        gumbel = -np.log(-scipy.special.log_ndtr(normal))
        return self.design.like(self.values, self.distribution.from_gumbel(gumbel.reshape(noise.shape)))

    @cached_property
    def tie(self) -> Array:
        """A square root (k, k) of the correlations of the normal scores of one series' residuals."""
        residuals = self.residuals().reshape(-1, self.per_block)
        scores = np.clip(scipy.special.ndtri(np.exp(-np.exp(-residuals))), -_FARTHEST_SCORE, _FARTHEST_SCORE)
        values, vectors = np.linalg.eigh(_correlations(scores))
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        return np.asarray(root / np.linalg.norm(root, axis=1, keepdims=True))

    @cached_property
    def minutes(self) -> Array:
        """The durations, (k,), in the order of the data."""
        every = self.predictors.covariates.columns[MINUTES]
        return np.asarray(every[: np.unique(every).size])

    @property
    def per_block(self) -> int:
        """How many durations a year has."""
        return self.minutes.size

    @property
    def by_year(self) -> Array:
        """The maxima batch + (years, durations)."""
        return self.values.reshape(*self.batch_shape, -1, self.per_block)

    @property
    def blocks(self) -> Any:
        """How many years have a maximum, of each series."""
        return np.count_nonzero(~np.isnan(self.by_year).all(axis=-1), axis=-1)

    @cached_property
    def reference(self) -> float:
        """The geometric mean of the durations in minutes, in which they are counted."""
        return float(np.exp(np.mean(np.log(self.minutes))))

    @cached_property
    def model(self) -> Model:
        """Of one curve of scales in the duration."""
        relative = self.predictors.covariates.columns[MINUTES][None] / self.reference
        free = (("loc", IDENTITY), ("scale", LOG), ("shape", IDENTITY), ("eta", IDENTITY), ("theta", SQUARE_ROOT))
        known = {"duration": relative, "reference": np.ones(()), "origin": np.zeros(())}
        return Model(
            DurationGEV,
            (
                *(Parameter(name, link) for name, link in free),
                *(Parameter(name, IDENTITY, known=own) for name, own in known.items()),
            ),
        )

    @property
    def has_stand_in(self) -> bool:
        """Nothing stands in."""
        return False

    @property
    def told_names(self) -> tuple[str, ...]:
        """Those of the formula; durations and theta are in hours, so that sigma0 is in the unit of the intensities."""
        return "mut", "sigma0", "shape", "theta", "eta"

    @property
    def told_floor(self) -> Array:
        """0 of sigma0 and theta."""
        return np.array([-np.inf, 0.0, -np.inf, 0.0, -np.inf])

    @property
    def called_family(self) -> str:
        """The curve of all durations."""
        return DurationGEV.label

    @property
    def in_words(self) -> str:
        """The curve and how it was fitted."""
        told = ", ".join(f"{name}={value:.6g}" for name, value in zip(self.told_names, self.coefficients, strict=True))
        return f"dGEV({told}) by {self.estimator.label}"

    @property
    def follows(self) -> str:
        """What follows the duration."""
        return "loc and scale ~ duration"

    @property
    def theta(self) -> Array:
        """The offset of the durations in minutes, shape batch; 0 where it is at its end."""
        found = np.square(self.estimate.parameters[..., 4]) * self.reference
        return np.where(found < _NO_OFFSET * self.minutes.min(), 0.0, found)

    @property
    def eta(self) -> Array:
        """How fast intensities fall with the duration, shape batch."""
        return np.asarray(self.estimate.parameters[..., 3])

    @property
    def coefficients(self) -> Array:
        """The coefficients mut, sigma0, shape, theta and eta, batch + (5,); durations in hours."""
        loc, log_scale, shape, eta, _ = np.moveaxis(self.estimate.parameters, -1, 0)
        hours = (self.reference + self.theta) / _PER_HOUR
        with np.errstate(all="ignore"):
            sigma0 = np.exp(log_scale + eta * np.log(hours))
        return np.stack([loc / np.exp(log_scale), sigma0, shape, self.theta / _PER_HOUR, eta], axis=-1)

    @cached_property
    def jacobian(self) -> Array:
        """The derivatives of what is told in the coefficients, batch + (5, 5); NaN of an offset at its end."""
        told, root = self.coefficients, self.estimate.parameters[..., 4]
        scale = np.exp(self.estimate.parameters[..., 1])
        hours, moved = (self.reference + self.theta) / _PER_HOUR, 2.0 * root * self.reference / _PER_HOUR
        whole = np.zeros((*self.batch_shape, 5, 5))
        whole[..., 0, 0], whole[..., 0, 1] = 1.0 / scale, -told[..., 0]
        whole[..., 1, 1], whole[..., 1, 3] = told[..., 1], told[..., 1] * np.log(hours)
        whole[..., 1, 4] = told[..., 1] * self.eta * moved / hours
        whole[..., 2, 2], whole[..., 4, 3] = 1.0, 1.0
        whole[..., 3, 4] = np.where(self.theta > 0.0, moved, np.nan)
        return whole

    def rows(self, states: Covariates) -> dict[str, Array]:
        """The durations of states, in multiples of that they are counted in, (states, 1)."""
        return {MINUTES: states.columns[MINUTES][:, None] / self.reference}

    def parameters_in(self, rows: Mapping[str, Array]) -> Array:
        """Location, scale and shape of the durations, batch + (k,) or batch + (states, k)."""
        m = rows[MINUTES][..., 0]
        beta = self.estimate.parameters
        beta = beta[..., None, :] if m.ndim == beta.ndim else beta
        loc, log_scale, shape, eta, root = np.moveaxis(beta, -1, 0)
        offset = np.square(root)
        factor = np.power((m + offset) / (1.0 + offset), -eta)
        return np.stack([loc * factor, np.exp(log_scale) * factor, np.broadcast_to(shape, factor.shape)], axis=-1)

    def slopes(self, rows: Mapping[str, Array], theta: Array) -> Array:
        """The derivatives of location, log scale and shape at durations in the coefficients."""
        m, beta = rows[MINUTES][..., 0], self.estimate.parameters
        beta = beta[..., None, :] if m.ndim == beta.ndim else beta
        _, log_scale, _, eta, root = np.moveaxis(beta, -1, 0)
        offset = np.square(root)
        of_eta = -np.log((m + offset) / (1.0 + offset))
        of_root = -eta * (1.0 / (m + offset) - 1.0 / (1.0 + offset)) * 2.0 * root
        slopes, loc = np.zeros((*theta.shape, 5)), theta[..., 0]
        slopes[..., 0, 0] = theta[..., 1] / np.exp(log_scale)
        slopes[..., 0, 3], slopes[..., 0, 4] = loc * of_eta, loc * of_root
        slopes[..., 1, 1], slopes[..., 1, 3], slopes[..., 1, 4] = 1.0, of_eta, of_root
        slopes[..., 2, 2] = 1.0
        return slopes

    def counted_from(
        self, model: Model, rows: Mapping[str, Array], *, shared: bool
    ) -> tuple[Model, list[Array | None]]:
        """The model whose location and scale are those of one duration of each sample, (lanes, 1)."""
        m = rows[MINUTES][:, 0]
        parameters = tuple(replace(own, known=m) if own.name == "reference" else own for own in model.parameters)
        return Model(model.family, parameters), [m if own.name == "duration" else None for own in parameters]

    def information_inverse(self) -> Array:
        """The covariance of the coefficients by the jackknife over years.

        It estimates the inverse of Godambe's information without the bias that the sandwich of the scores of few years
        has (Lipsitz, Dear and Zhao 1994): of 35 years the variance of the shape is, on average, .92 of the true one,
        that of the scores .61 (100 samples, shape .1).
        """
        off, p = self.robust[0], self.model.size
        count = np.maximum((off != 0.0).any(axis=1).sum(axis=-1), 1)[:, None, None]
        covariance = off @ np.swapaxes(off, -1, -2) * (count - 1.0) / count
        covariance[~np.ravel(self.estimate.converged)] = np.nan
        return np.asarray(covariance.reshape(*self.batch_shape, p, p))

    @cached_property
    def robust(self) -> tuple[Array, Array, Array]:
        """The displacements of the coefficients by leaving out a year, and the covariances by years that are drawn.

        A displacement is 0 where a year has nothing; the years are drawn with the durations tied as the residuals are.
        """
        values, beta = self.maxima
        m, p, years = len(values), self.model.size, values.shape[-1] // self.per_block
        off, covariances = np.full((m, p, years), np.nan), np.full((2, m, p, p), np.nan)
        usable = np.flatnonzero(np.ravel(self.estimate.converged))
        for block in lane_blocks(usable.size, max(years, 20) * values.shape[-1]):
            off[usable[block]] = self._without_years(values[usable[block]], beta[:, usable[block]])
        for lane in usable.tolist():
            covariances[:, lane] = self.lane(lane)._simulated(beta[:, lane])
        return off, *covariances

    def _without_years(self, values: Array, beta: Array) -> Array:
        """Of samples (m, n) with these coefficients (p, m) the displacements, (m, p, years)."""
        m, loc, scale = len(values), beta[0], np.exp(beta[1])
        by_year = ((values - loc[:, None]) / scale[:, None]).reshape(m, -1, self.per_block)
        years, standard = by_year.shape[1], np.array(beta)
        standard[:2] = 0.0
        without = np.repeat(by_year[:, None], years, axis=1)
        without[:, range(years), range(years)] = np.nan
        model = self.model.in_unit(np.repeat(loc, years), np.repeat(scale, years))
        likelihood = Likelihood(model, Points.of_maxima(without.reshape(m * years, -1)))
        found = climbed(likelihood, np.arange(m * years), np.repeat(standard, years, axis=1))
        seen = found.converged.reshape(m, years) & ~np.isnan(by_year).all(axis=-1)
        off = np.where(seen, found.parameters.reshape(-1, m, years) - standard[:, :, None], 0.0)
        off[0] *= scale[:, None]
        return np.swapaxes(off, 0, 1)

    def _simulated(self, beta: Array) -> Array:
        """Of one series the two covariances, (2, p, p), by the scores of so many drawn years as there are."""
        k, p = self.per_block, self.model.size
        normal = scipy.special.ndtri(np.exp(-np.exp(-noise.gumbel((_DRAWN_YEARS, k), rng=_SEED)))) @ self.tie.T
        drawn = self.distribution[:k].from_gumbel(-np.log(-scipy.special.log_ndtr(normal)))
        relative = np.tile(self.minutes / self.reference, _DRAWN_YEARS)[None]
        model = replace(
            self.model,
            parameters=tuple(
                replace(own, known=relative) if own.name == "duration" else own for own in self.model.parameters
            ),
        )
        likelihood = Likelihood(model, Points.of_maxima(drawn.reshape(1, -1)))
        found = likelihood.pointwise(np.zeros(1, dtype=np.intp), beta[:, None], free=range(p))
        scores = np.stack([np.broadcast_to(own, relative.shape) for own in found.gradient[:p]]).reshape(p, -1, k)
        by_year = scores.sum(axis=-1) - scores.sum(axis=-1).mean(axis=-1, keepdims=True)
        hessian = [
            [float(np.sum(np.broadcast_to(found.hessian[i][j], relative.shape))) for j in range(p)] for i in range(p)
        ]
        try:
            inverse = np.linalg.inv(-np.array(hessian) / _DRAWN_YEARS)
        except np.linalg.LinAlgError:
            return np.full((2, p, p), np.nan)
        years = np.maximum(np.asarray(self.blocks), 1)
        return np.stack([inverse @ (by_year @ by_year.T / _DRAWN_YEARS) @ inverse, inverse]) / years


@dataclass(frozen=True, eq=False)
class _Search(Search):
    """From several offsets of the durations, and from several shapes."""

    @classmethod
    def of(cls, model: Model, z: Array) -> Self:
        """Every start counts its own rest; ``rest`` is what the means of the durations leave."""
        likelihood = likelihood_of(model, Points.of_maxima(z))
        return cls(likelihood, np.nanmean(z, axis=-1)[None], z - np.nanmean(z, axis=-1, keepdims=True))

    #: Whether several shapes are tried.
    several: ClassVar[bool] = True
    offsets: ClassVar[tuple[float, ...]] = _OFFSETS

    def highest(self, thorough: bool) -> newton.Maximum:
        """The highest maximum that is found from every start."""
        begin = [self._from(offset) for offset in self.offsets]
        best = self._climbed(None, begin)
        if self.several:
            eta, root = np.where(best.converged, best.parameters[3:5], begin[-1][3:5])
            best = self._climbed(best, self._along(eta, root, type(self).of_shapes))
        return best

    def _climbed(self, best: newton.Maximum | None, begin: list[Array]) -> newton.Maximum:
        """The highest that is reached from starts (p, m), or was known."""
        everyone = np.arange(len(self.rest))
        if best is None:
            best, begin = self.climb(everyone, begin[0]), begin[1:]
        owner = np.tile(everyone, len(begin))
        keep_higher(best, owner, self.climb(owner, np.concatenate(begin, axis=1)))
        return best

    def _from(self, times: float) -> Array:
        """The start with an offset of so many of the shortest duration; eta is that of the means of the durations."""
        every, offset = np.unique(self._durations), times * self._durations.min()
        with np.errstate(all="ignore"):
            means = np.stack([np.nanmean(self._distance[:, self._durations == own], axis=-1) for own in every])
            logs = np.log(np.maximum(means, _LEAST_MEAN))
        across = np.log(every + offset)
        off = across - across.mean()
        eta = -np.nansum(off[:, None] * logs, axis=0) / np.sum(off * off)
        (begin,) = self._along(eta, np.full(eta.shape, math.sqrt(offset)), lambda flat, lanes: [flat.first()])
        return begin

    def _along(self, eta: Array, root: Array, naturals: Callable[[Self, Places], list[Array]]) -> list[Array]:
        """Starts (p, m) with these eta and roots of the offset, and parameters of the values less the factor."""
        everyone, offset = np.arange(len(self.rest)), np.square(root)[:, None]
        stretch = np.log((self._durations + offset) / (1.0 + offset))
        straight = self._origin + self._distance * np.exp(eta[:, None] * stretch)
        flat = replace(self, rest=straight, flat=np.zeros((1, len(straight))))
        found = [flat.start(everyone, natural) for natural in naturals(flat, everyone)]
        for begin in found:
            begin[3], begin[4] = eta, root
        return found

    @property
    def _durations(self) -> Array:
        known = self.model.parameters[5].known
        assert known is not None
        return np.asarray(known[0])

    @property
    def _origin(self) -> Array:
        known = self.model.parameters[-1].known
        assert known is not None
        return np.broadcast_to(known, len(self.rest))[:, None]

    @property
    def _distance(self) -> Array:
        """The values counted from 0, NaN for missing."""
        return np.where(self.likelihood.points.events > 0.0, self.likelihood.points.x - self._origin, np.nan)


@dataclass(frozen=True, eq=False)
class _Quick(_Search):
    """The same of replicates, from two offsets and the L-moments alone."""

    several = False
    offsets = _QUICK


@dataclass(frozen=True, eq=False)
class _Replicates(DurationRegression):
    """Replicates of a series."""

    search = _Quick


def _correlations(scores: Array) -> Array:
    """Of every pair of columns, from the rows that have both; NaN for missing."""
    k = scores.shape[1]
    found = np.eye(k)
    for i, j in itertools.combinations(range(k), 2):
        both = ~np.isnan(scores[:, i]) & ~np.isnan(scores[:, j])
        if np.count_nonzero(both) > 2:
            found[i, j] = found[j, i] = np.corrcoef(scores[both, i], scores[both, j])[0, 1]
    return found


DurationRegression.search = _Search

__all__ = ["MINUTES", "DurationRegression"]
