"""Maximum likelihood of peaks over a threshold whose rate and sizes follow covariates."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from evstats import newton
from evstats.arrays import Array, Mask, Places
from evstats.errors import ArgumentError, Status
from evstats.estimators.base import Estimate
from evstats.estimators.climbs import keep_higher
from evstats.estimators.excesses import gpd_maxima
from evstats.estimators.lanes import lane_blocks
from evstats.estimators.regression import Regression
from evstats.estimators.search import BLOCKS_AT_ONCE, climbed, fitted_values, least_squares
from evstats.models import (
    Exceedances,
    ExceedancesByYear,
    Model,
    Parameter,
    Points,
    Predictors,
    Redrawn,
    StackedPredictors,
    likelihood_of,
)
from evstats.models.covariates import Covariates
from evstats.models.predictors import RATE
from evstats.models.standardised import SPARE

if TYPE_CHECKING:
    from typing import Any, Self

    from evstats.distributions import Family
    from evstats.estimators.base import Estimation
    from evstats.estimators.base import Estimator as Estimator  # of fields that are inherited
    from evstats.models import Design

#: The shapes that a search begins from, beside that of constant sizes.
_SHAPES = (-0.4, -0.1, 0.2)
#: A climb that ends at a shape so near to -1 has ended there.
_EDGE = -1.0 + 1e-6
#: Derivatives point by point are so many times the arrays of their sums, of which fewer samples fit the cache.
_TEMPORARIES = 3
#: Steps of a climb in a sample drawn anew, of which 99 % take no more than 20; those without a maximum take any number.
_MOST_STEPS = 30
#: The shape from which a climb that is lost begins again.
_SMALL_SHAPE = 0.05
#: Excesses are taken for no smaller than this share of their mean, where the scale is to follow their logarithms.
_LEAST_SIZE = 0.02


@dataclass(frozen=True, eq=False)
class PeaksRegression(Regression):
    """An estimation of peaks over a threshold whose rate, scale or shape follow covariates.

    ``estimate.parameters`` are the coefficients of the log scale, of the logarithm of the rate and of the shape;
    ``distribution`` is that of every peak, batch + (n,). Coefficients of a rate are those of Poisson regression of the
    numbers of the years on their observed time, of which the sizes say nothing, nor they of the sizes. In a batch every
    series has designs of its own (``StackedPredictors``), and is fitted as alone: coefficients of 6 series within 2e-14
    standard errors, limits within 1e-12; of 4,900 samples of 20 to 150 none has a higher maximum from 60 random starts.

    Measured at a nominal 95 % for the slope and the 100-year level at the end of 40 years, r*, shapes -0.2, 0 and 0.2,
    400 or 600 records each (``tests/studies/trends_peaks_coverage.csv``): .942 to .963 from 100 peaks, .955 to .968
    from 30, of which 15, 6 and 2 % of the records have no interior maximum. There the posterior under a normal shape
    that stands in holds .89 to 1 of the slope and .97, .83 and 6 of 9 of the level, which else lies above; .952 to .969
    where there is a maximum. Of a rate that stays or doubles within 40 years, 60 and 150 peaks, shapes -0.1 and 0.1,
    1,000 records each (``trends_rate_coverage.csv``): the slope of its logarithm .938 to .962 by r* and by the profile,
    the 100-year level in the last year .949 to .962 by r*, each tail .015 to .029, by the profile .927 to .950 with the
    truth above in up to .060.

    Of a rate that doubles over 40 years, and sizes that stay or grow by half, r*, 300 records each
    (``trends_peaks_changes.csv``): the ratio of the probabilities of the first year's 50-year level .940 of 60 peaks
    whose rate alone moves, .947 of 60 and .963 of 150 whose sizes do too; the change of the 100-year level .960, .963,
    .953, where the profile holds .923, .913, .960 and the delta method .853, .897, .950.

    Samples are drawn anew conditionally on where the peaks are (``redrawn``): what the covariates would be at other
    peaks nobody knows, and the sizes hang on them only.

    Scale and shape follow those at each peak, and the logarithm of the rate those of every year that was observed
    (``ExceedancesByYear``), or it stays as it is.

    References
    ----------
    - Davison, A. C. and Smith, R. L. (1990). Journal of the Royal Statistical Society B 52, 393-442.

    Examples
    --------
    >>> import pandas as pd
    >>> import evstats as ev
    >>> days = pd.date_range("2001-01-01", periods=4_000)
    >>> flow = pd.Series(ev.Gumbel(20.0, 9.0).rvs(4_000, rng=1), index=days)
    >>> fit = ev.fit(ev.peaks_over_threshold(flow, 60.0, separation="7D"), "exponential", rate="year")
    >>> isinstance(fit.estimation, ev.estimators.PeaksRegression), fit.parameter_names
    (True, ('log_scale:Intercept', 'log_rate:Intercept', 'log_rate:year'))
    """

    @property
    def _exceedances(self) -> Exceedances:
        assert isinstance(self.design, Exceedances)
        return self.design

    @cached_property
    def model(self) -> Model:
        """The model of excesses over the threshold, a row for each, and one for the threshold or for every year.

        Of the threshold, and of years, it says nothing of sizes.
        """
        model, by_year = Model.constant(self.family.of_maxima()), self.design
        years = by_year.observed.shape[-1] if isinstance(by_year, ExceedancesByYear) else 1
        for name, own in self.predictors.by_parameter.items():
            design = own.standardised.design
            design = design if design.ndim == 2 else design.reshape(-1, *design.shape[-2:])
            if name == RATE:
                assert isinstance(by_year, ExceedancesByYear)
                rows = [_rows_of_years(design, by_year.owner), design]
            else:
                at_threshold = np.eye(1, design.shape[-1]).repeat(years, axis=0)
                rows = [design, np.broadcast_to(at_threshold, (*design.shape[:-2], *at_threshold.shape))]
            model = model.with_design(name, np.concatenate(rows, axis=-2))
        return model

    @property
    def given(self) -> Array:
        """The threshold."""
        return np.asarray(self._exceedances.threshold, dtype=np.float64)

    def points_of(self, values: Array, lanes: Places | slice = slice(None)) -> Points:
        """The points of excesses (m, n) over the threshold."""
        return replace(self._exceedances.of_lanes(lanes), threshold=0.0).points(values)

    @property
    def maxima(self) -> tuple[Array, Array]:
        """The excesses over the threshold, (lanes, n), and the coefficients, (p, lanes)."""
        excesses = self._sign * (self.values - self.given[..., None])
        beta = self.estimate.parameters
        return excesses.reshape(-1, self.values.shape[-1]), beta.reshape(-1, beta.shape[-1]).T.copy()

    def part(self, index: Any) -> Self:
        """Some samples of a batch; of one series that has designs of its own, without the places that others have."""
        found, stacked = super().part(index), self.predictors
        if found.batch_shape or not isinstance(stacked, StackedPredictors):
            return found
        here, design = ~np.isnan(found.values), found.design
        if isinstance(design, ExceedancesByYear):
            rate = found.predictors.by_parameter[RATE].standardised.design
            design = replace(design, observed=design.observed[: len(rate)], owner=design.owner[here])
        values = found.values[here]
        values.flags.writeable = False
        return replace(found, values=values, design=design)

    @property
    def rate_follows(self) -> bool:
        """Whether the rate follows covariates."""
        return RATE in self.predictors.by_parameter

    @property
    def _told(self) -> list[int]:
        """The parameters whose coefficients are told: those of the sizes, and of a rate that follows covariates."""
        return sorted({*self.family.told(), *(self.family.rates if self.rate_follows else ())})

    @property
    def counted(self) -> int:
        """Without the constant of a rate, which is that of the number of peaks, of which ``loglik`` says nothing."""
        return len(self.told_names) - self.rate_follows

    @property
    def told_names(self) -> tuple[str, ...]:
        """``log_scale:Intercept``, ``log_scale:year`` ...

        ``log_rate:Intercept`` ... ``shape:Intercept``; a rate that follows nothing is told by itself.
        """
        names = [self.family.parameter_names[place] for place in self._told]
        prefix = {"scale": "log_scale"}
        return tuple(
            f"{prefix.get(name, name)}:{column}" for name in names for column in self.predictors.columns_of(name)
        )

    @cached_property
    def told_columns(self) -> Places:
        """The coefficients that are told, by their places among all."""
        places = [np.arange(self.model.size)[self.model.places[place]] for place in self._told]
        return np.concatenate(places)

    @cached_property
    def jacobian(self) -> Array:
        """The derivatives of what is told in the coefficients, (told, p), or batch + (told, p)."""
        blocks = {place: self.predictors.jacobian_of(self.family.parameter_names[place]) for place in self._told}
        batch = np.broadcast_shapes(*(block.shape[:-2] for block in blocks.values()))
        whole, row = np.zeros((*batch, len(self.told_columns), self.model.size)), 0
        for place, block in blocks.items():
            size = block.shape[-1]
            whole[..., row : row + size, self.model.places[place]] = block
            row += size
        return whole

    @property
    def distribution(self) -> Family:
        """The process with the sizes of every peak, batch + (n,)."""
        _, beta = self.maxima
        shape = (beta.shape[1], n := self.values.shape[-1])
        theta = self.model.theta(beta, np.arange(shape[0]))
        columns = [np.broadcast_to(own[:, :n], shape).reshape(self.values.shape) for own in theta]
        columns[0] = np.broadcast_to(self.given[..., None], self.values.shape)
        return self.family.from_parameters(np.stack(columns, axis=-1))

    def _in_rows(self, own: Parameter, place: slice, rows: Mapping[str, Array]) -> Array:
        """As of ``Regression``; the location is the threshold."""
        found = super()._in_rows(own, place, rows)
        if own.size:
            return found
        return found + (self.given if self.given.ndim in (0, found.ndim) else self.given[..., None])

    @property
    def log_rate(self) -> Array:
        """The logarithm of the number of peaks a year, over all years."""
        if self.rate_follows:
            with np.errstate(divide="ignore"):
                return np.asarray(np.log(self.counts / self._exceedances.years))
        return np.asarray(self.estimate.parameters[..., self.model.places[self.family.rates[0]].start])

    @property
    def rates(self) -> Array:
        """The number of peaks a year in each calendar year that was observed, where it follows covariates."""
        design = self.predictors.by_parameter[RATE].standardised.design
        return np.exp(design @ self.estimate.parameters[..., self.model.places[self.family.rates[0]]])

    def loglik(self) -> Array:
        """That of the Poisson process."""
        excesses, beta = self.maxima
        found = np.full(len(excesses), np.nan)
        usable = np.flatnonzero(np.ravel(self.estimate.converged))
        for block in lane_blocks(usable.size, excesses.shape[-1]):
            some = usable[block]
            likelihood = likelihood_of(self.model.of_lanes(some), self.points_of(excesses[some], some))
            found[some] = likelihood(np.arange(some.size), beta[:, some]).value
        return found.reshape(self.batch_shape)[()]

    def drawn(self, noise: Array) -> Array:
        """Always an error: the covariates at peaks that were not there are not known; see ``redrawn``."""
        raise ArgumentError("peaks with covariates cannot be drawn anew.")

    @classmethod
    def of_constant(cls, estimation: Estimation, design: Design) -> PeaksRegression:
        """An estimation of one sample without covariates as one whose parameters follow nothing.

        Parameters
        ----------
        estimation
            What was fitted: data, design, family, estimator and estimate.
        design
            That of peaks by the years they are of.

        Returns
        -------
        PeaksRegression
            With the same estimate.
        """
        family, values = estimation.family, estimation.values
        beta = Model.constant(family.of_maxima()).coefficients(estimation.estimate.parameters[None])[:, 0]
        estimate = replace(estimation.estimate, parameters=beta)
        nothing = Predictors({}, Covariates({}, values.shape[-1]))
        return cls(family, estimation.estimator, values, estimate, design, predictors=nothing)

    def containing(self, other: PeaksRegression) -> Array:
        """The coefficients (p,) with which the predictors are those of another estimation, which is nested in it.

        Parameters
        ----------
        other
            An estimation with fewer coefficients, of the same peaks.

        Returns
        -------
        Array
            (p,).
        """
        beta, given = np.zeros(self.model.size), other.estimate.parameters
        places = dict(zip(other.family.parameter_names, other.model.places, strict=True))
        for name, place in zip(self.family.parameter_names, self.model.places, strict=True):
            its = places.get(name, slice(0, 0))  # of a shape that is 0 nothing
            own, inner = (each.predictors.by_parameter.get(name) for each in (self, other))
            if own is None or inner is None:
                beta[place.start : place.start + its.stop - its.start] = given[its]
            else:
                predictor = inner.standardised.design @ given[its]
                beta[place] = least_squares(own.standardised.design, predictor[None])[:, 0]
        return beta

    @property
    def noise_size(self) -> int:
        """How much noise a sample drawn anew needs: a number for every peak, and for every year."""
        return self.values.shape[-1] + (self.design.observed.size if isinstance(self.design, ExceedancesByYear) else 1)

    def redrawn(self, noise: Array) -> Redrawn:
        """Sizes drawn anew where the peaks were, and their numbers in the years, from noise (m, ``noise_size``).

        Those of a design with steps are written down in them; of one kind of steps the first begins beyond the
        threshold.

        Parameters
        ----------
        noise
            Standard Gumbel noise.

        Returns
        -------
        Redrawn
            As many samples as the noise has lanes.
        """
        excesses, beta = self.maxima
        given = self.model, self.points_of(excesses), np.repeat(beta, len(noise), axis=1), noise
        steps = self.design.recorded if isinstance(self.design, Exceedances) else None
        if steps is None:
            return Redrawn.of(*given)
        steps, n = steps.mirrored() if self.family.minima else steps, excesses.shape[-1]
        origin = float(self.origins[0])
        edge = steps.lattices[0].edge_above(origin) if len(steps.lattices) == 1 else origin
        drawn = Redrawn.of(*given, max(edge - origin, 0.0))
        x = np.array(drawn.points.x)
        x[:, :n] = np.maximum(steps.written(x[:, :n] + origin) - origin, 0.0)
        return drawn._replace(points=replace(drawn.points, x=x))

    def fitted_to(self, drawn: Redrawn, start: Array) -> newton.Maximum:
        """The maxima of the likelihood of samples drawn anew.

        Where the climb from the coefficients given is lost, from a small shape, with which all sizes are possible.

        Parameters
        ----------
        drawn
            The samples.
        start
            Coefficients (p,) to begin from.

        Returns
        -------
        Maximum
            Coefficients (p, m), and whether each converged.
        """
        likelihood, samples = drawn.likelihood(self.model), len(drawn.more)
        begin = np.repeat(start[:, None], samples, axis=1)
        parts = (
            climbed(likelihood, np.arange(samples)[block], begin[:, block], _MOST_STEPS)
            for block in lane_blocks(samples, _TEMPORARIES * drawn.more.shape[1])
        )
        found = newton.Maximum(*(np.concatenate(own, axis=-1) for own in zip(*parts, strict=True)))
        if self.family.has_edge and (lost := np.flatnonzero(~found.converged)).size:
            shape = self.model.places[self.family.parameter_names.index("shape")]
            begin = begin[:, lost]
            begin[shape] = 0.0
            begin[shape.start] = _SMALL_SHAPE
            keep_higher(found, lost, climbed(likelihood, lost, begin, _MOST_STEPS))
        return found._replace(
            converged=found.converged & self._inside(self.model, found.parameters, np.zeros(samples, dtype=np.intp))
        )

    def refitted(self, noise: Array) -> PeaksRegression:
        """The same of samples drawn anew from noise (m, ``noise_size``), which are a batch.

        Parameters
        ----------
        noise
            Standard Gumbel noise.

        Returns
        -------
        PeaksRegression
            Of a batch of m samples.
        """
        drawn, (_, beta) = self.redrawn(noise), self.maxima
        found, n = self.fitted_to(drawn, beta[:, 0]), self.values.shape[-1]
        values = np.where(np.isnan(self.values), np.nan, float(self.given) + self._sign * drawn.points.x[:, :n])
        failed = Status.NO_INTERIOR_MAXIMUM if self.family.has_edge else Status.NOT_CONVERGED
        status = np.where(found.converged, Status.CONVERGED, failed).astype(np.int8)
        parameters = np.where(found.converged, found.parameters, np.nan).T
        return replace(self, values=values, estimate=Estimate(parameters, status, found.iterations))

    def maximised(self) -> Estimate:
        """The highest interior maximum of every series from several starts, in units of its mean excess."""
        excesses, _ = self.maxima
        m, n = excesses.shape
        parameters, iterations = np.full((m, self.model.size), np.nan), np.zeros(m, dtype=np.intp)
        count = np.count_nonzero(~np.isnan(excesses), axis=-1)
        few = (count < self.least) & bool(self.batch_shape)
        status = np.where(few, Status.TOO_FEW_VALUES, Status.CONVERGED).astype(np.int8)
        usable = np.flatnonzero(status == Status.CONVERGED)
        for block in lane_blocks(usable.size, n, BLOCKS_AT_ONCE):
            some = usable[block]
            parameters[some], converged, iterations[some] = self._highest(excesses[some], some)
            failed = Status.NO_INTERIOR_MAXIMUM if self.family.has_edge else Status.NOT_CONVERGED
            status[some] = np.where(converged, Status.CONVERGED, failed)
        parameters[status != Status.CONVERGED] = np.nan
        batch = self.batch_shape
        return Estimate(parameters.reshape(*batch, -1), status.reshape(batch)[()], iterations.reshape(batch)[()])

    @property
    def least(self) -> int:
        """How many peaks a fit of their sizes needs."""
        names = (self.family.parameter_names[place] for place in self.family.told())
        return sum(len(self.predictors.columns_of(name)) for name in names) + SPARE

    def _highest(self, excesses: Array, lanes: Places) -> tuple[Array, Mask, Places]:
        """Coefficients (m, p) of the series with these places, which of them are a maximum, and steps to it."""
        unit, model = np.nanmean(excesses, axis=-1), self.model.of_lanes(lanes)
        years = np.broadcast_to(self._exceedances.years, self.batch_shape).reshape(-1)[lanes]
        likelihood = likelihood_of(model, self.points_of(excesses / unit[:, None], lanes))
        begin = self._starts(model, excesses / unit[:, None], years)
        starts = begin.shape[1]
        owner = np.repeat(np.arange(len(lanes)), starts)
        flat = begin.transpose(0, 2, 1).reshape(len(begin), -1)
        known = np.isfinite(flat).all(axis=0)
        found = climbed(likelihood, owner[known], flat[:, known])
        inside = found.converged & self._inside(model, found.parameters, owner[known])
        height = np.full(owner.size, -np.inf)
        height[known] = np.where(inside, found.value, -np.inf)
        best = np.argmax(height.reshape(-1, starts), axis=-1) + starts * np.arange(len(lanes))
        place = (np.cumsum(known) - 1)[best]
        beta = found.parameters[:, place].T.copy()
        beta[:, model.places[1].start] += np.log(unit)
        return beta, np.isfinite(height[best]), found.iterations[place]

    def _inside(self, model: Model, beta: Array, lanes: Places) -> Mask:
        """Whether climbs to coefficients (p, climbs) ended inside, and not at shape -1, where the likelihood ends
        though it rises.
        """
        if not self.family.has_edge:
            return np.ones(beta.shape[1], dtype=np.bool_)
        return np.asarray((model.theta(beta, lanes)[-1] > _EDGE).all(axis=-1))

    def _starts(self, model: Model, excesses: Array, years: Array) -> Array:
        """Sizes that are constant and that follow the logarithms of the excesses, with several shapes: (p, starts, m),
        NaN where there is none.
        """
        places, design = model.places, model.parameters[1].design
        m, n = excesses.shape
        count = np.count_nonzero(~np.isnan(excesses), axis=-1).astype(np.float64)
        design = None if design is None else design[..., :n, :]
        shapes, shares, slopes = [np.zeros(m)], [0.0], np.zeros((1, m))
        if len(places) > 3:
            constant = gpd_maxima(np.nan_to_num(excesses), count)
            shapes = [shapes[0], np.where(constant.converged, constant.shape, np.nan)]
            shapes += [np.full(m, shape) for shape in _SHAPES]
        if design is not None:
            shares, logs = [0.0, 0.5, 1.0], np.log(np.maximum(excesses, _LEAST_SIZE))
            slopes = least_squares(design, logs)
        starts = []
        for shape, share in itertools.product(shapes, shares):
            start = np.zeros((model.size, m))
            start[places[1]] = share * slopes
            # all excesses inside: of a negative shape the end is beyond the largest of them in units of its scale
            factor = (
                1.0
                if design is None
                else np.exp(fitted_values(design, start[places[1]]) - start[places[1].start, :, None])
            )
            largest = np.nanmax(excesses / factor, axis=-1)
            start[places[1].start] = np.log(np.maximum(1.0 - np.minimum(shape, 0.9), -shape * largest / 0.9))
            start[places[2].start] = np.log(count / years)
            if len(places) > 3:
                start[places[3].start] = shape
            starts.append(start)
        return np.stack(starts, axis=1)


def _rows_of_years(design: Array, owner: Places) -> Array:
    """The rows of a design of years, (y, p) or (lanes, y, p), at peaks of these years, (n,) or batch + (n,)."""
    if design.ndim == 2:
        return design[owner]
    places = owner.reshape(-1, owner.shape[-1])
    return np.take_along_axis(design, places[..., None], axis=1)


__all__ = ["PeaksRegression"]
