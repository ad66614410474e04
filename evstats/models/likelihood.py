"""The likelihood of any model of any points, with its derivatives: what Newton climbs and intervals walk along."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, Places, each_by_columns
from evstats.distributions.base import Family
from evstats.distributions.derivatives import Reduced
from evstats.models.model import IDENTITY, Link, Model
from evstats.models.penalties import Penalty
from evstats.models.points import Points
from evstats.newton import Evaluation

if TYPE_CHECKING:
    from evstats.distributions.peaks import PeakProcess


class Pointwise(NamedTuple):
    """The log-likelihood of every point (m, n) and its derivatives in the k linear predictors.

    ``reduced`` is what the family gave, and ``links`` the derivatives of the parameters in their predictors.
    """

    value: Array
    gradient: list[Array]
    hessian: list[list[Array]]
    reduced: Reduced
    links: list[Array]


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The log-likelihoods of m samples of points, as an objective for ``newton.maximize``.

    Called with the places of some samples and their coefficients (p, samples) it gives value, gradient and Hessian; the
    value is -inf where an event lies outside the support, and where a parameter is out of bounds
    (``Family.inside``). A penalty on a constant shape is added.
    """

    model: Model
    points: Points
    penalty: Penalty | None = None

    def counts(self) -> Array:
        """Observations of each sample, (m,)."""
        return self.points.counts

    def __call__(self, lanes: NDArray[np.intp], beta: Array) -> Evaluation:
        """Value (m,) and derivatives in the coefficients, (p, m) and (p, p, m)."""
        return self._penalised(self._summed(lanes, beta), beta)

    def _penalised(self, plain: Evaluation, beta: Array) -> Evaluation:
        if self.penalty is None:
            return plain
        penalty = self.penalty.log_penalty(beta[-1])  # a constant shape, the last of the coefficients
        plain.gradient[-1] += penalty.first
        plain.hessian[-1, -1] += penalty.second
        with np.errstate(invalid="ignore"):
            return plain._replace(value=plain.value + penalty.value)

    def _summed(self, lanes: NDArray[np.intp], beta: Array) -> Evaluation:
        estimated = [i for i, own in enumerate(self.model.parameters) if own.size]
        found = self.pointwise(lanes, beta, free=estimated)
        designs, places = [own.rows(lanes) for own in self.model.parameters], self.model.places
        gradient = np.empty(beta.shape)
        hessian = np.empty((len(beta), *beta.shape))
        with np.errstate(invalid="ignore"):  # of trial points far off, which the value refuses
            for at, i in enumerate(estimated):
                design, place = designs[i], places[i]
                gradient[place] = _weighted(found.gradient[i], design)
                for j in estimated[at:]:
                    block = _weighted_twice(found.hessian[i][j], design, designs[j])
                    hessian[place, places[j]] = block
                    hessian[places[j], place] = np.swapaxes(block, 0, 1)
            return Evaluation(found.value.sum(axis=-1), gradient, hessian)

    def along(self, lanes: NDArray[np.intp], beta: Array, directions: Array) -> tuple[Array, Array]:
        """Sums over the points of directions (d, m, n) times the derivative of the log-likelihood in the location's
        predictor, (d, m), and their derivatives in the coefficients, (d, p, m); of all locations together, where there
        are several.
        """
        locations = self.model.family.locations
        found = self.pointwise(lanes, beta, rows=locations[-1] + 1)
        columns = zip(*(found.hessian[place] for place in locations), strict=True)
        mixed = self.by_coefficient(lanes, [_total(column) for column in columns])
        slopes = np.stack([np.vecdot(directions, column) for column in mixed], axis=1)
        return np.vecdot(directions, _total([found.gradient[place] for place in locations])), slopes

    def by_coefficient(self, lanes: NDArray[np.intp], by_predictor: Sequence[Array]) -> Array:
        """Derivatives in the coefficients, (p, m, n), from those in the linear predictors."""
        columns: list[Array] = []
        for own, parameter in zip(by_predictor, self.model.parameters, strict=True):
            design = parameter.rows(lanes)
            if not parameter.size:
                continue
            columns += [own] if design is None else [own * column for column in np.moveaxis(design, -1, 0)]
        return np.stack(columns)

    @cached_property
    def _thresholds(self) -> Places:
        """The points at which no event is, but exposure: the thresholds of peaks."""
        return np.flatnonzero(((self.points.events == 0.0) & (self.points.exposure > 0.0)).any(axis=0))

    def log_means(self, lanes: Places, beta: Array) -> tuple[Array, Array]:
        """The logarithm of the mean number of events beyond each threshold, (m, thresholds), and its derivatives in the
        coefficients, (p, m, thresholds).
        """
        columns, points = self._thresholds, self.points.rows(lanes)
        predicted = self.model.predicted(beta, lanes)
        theta, first = ([own[:, columns] if own.shape[1] > 1 else own for own in each] for each in predicted[:2])
        with np.errstate(all="ignore"):
            r = self.model.family.trial(*theta).reduced_derivatives(points.x[:, columns])
            number = np.log(points.exposure[:, columns]) - r.y
            whole = np.zeros((len(lanes), points.x.shape[1]))
            moved = []
            for own, link in zip(r.y_first, first, strict=True):
                whole[:, columns] = -own * link
                moved.append(whole.copy())
        return number, self.by_coefficient(lanes, moved)[..., columns]

    def pointwise(
        self, lanes: NDArray[np.intp], beta: Array, rows: int | None = None, free: Sequence[int] | None = None
    ) -> Pointwise:
        """Point by point, in the linear predictors; of the Hessian so many rows, from the diagonal on, or all, and only
        the entries of the parameters with the places ``free``, or all.
        """
        points, k = self.points.rows(lanes), len(self.model.parameters)
        rows = k if rows is None else rows
        wanted = range(k) if free is None else free
        with np.errstate(all="ignore"):
            theta, first, second = self.model.predicted(beta, lanes)
            r = self.model.family.trial(*theta).reduced_derivatives(points.x)
            terms, events = points.terms(r.y), 1.0 if points.are_complete else points.events
            straight = [own.link is IDENTITY for own in self.model.parameters]
            natural = [_scaled(r.log_slope_first[i], events) + terms.slope * r.y_first[i] for i in range(rows)]
            gradient = [natural[i] if straight[i] else natural[i] * first[i] for i in range(rows)]
            hessian: list[list[Array]] = [[np.empty(0)] * k for _ in range(k)]
            for i in (place for place in wanted if place < rows):
                bent = terms.bend * r.y_first[i]
                for j in (place for place in wanted if place >= i):
                    y_second, log_slope_second = r.second(i, j)
                    entry = terms.slope * y_second
                    entry += _scaled(log_slope_second, events)
                    entry += bent * r.y_first[j]
                    if not (straight[i] and straight[j]):
                        entry *= first[i] * first[j]
                    if i == j and not straight[i]:
                        entry += natural[i] * second[i]
                    hessian[i][j] = hessian[j][i] = entry
            value = terms.value + _scaled(r.log_slope, events)
            bounded = self.model.family.inside(theta)
        keep = np.isfinite(r.y)
        if not (points.are_complete and keep.all()):
            used = points.used
            keep &= used
            value = np.where(used, np.where(np.isfinite(r.y), value, terms.value), 0.0)
            gradient = [np.where(keep, own, 0.0) for own in gradient]
            hessian = [[np.where(keep, entry, 0.0) if entry.size else entry for entry in row] for row in hessian]
        if points.lower is not None:
            value = value + self._add_between(points, theta, r, (first, second), gradient, hessian)
        return Pointwise(np.where(bounded & ~np.isnan(value), value, -np.inf), gradient, hessian, r, first)

    def _add_between(
        self,
        points: Points,
        theta: list[Array],
        r: Reduced,
        links: tuple[list[Array], list[Array]],
        gradient: list[Array],
        hessian: list[list[Array]],
    ) -> Array:
        """What blocks between two levels add to the value; their part of the derivatives is put in place."""
        lower = self.model.family.trial(*theta).reduced_derivatives(cast("Array", points.lower))
        between, k = points.between(r.y, lower.y), len(gradient)
        with np.errstate(all="ignore"):
            ends = tuple((end, np.isfinite(end.y)) for end in (r, lower))  # no derivatives beyond the support
            upper_first, lower_first = (
                [np.where(inside, each, 0.0) for each in end.y_first[:k]] for end, inside in ends
            )

            def bent(i: int, j: int) -> Array:
                upper_second, lower_second = (np.where(inside, end.second(i, j)[0], 0.0) for end, inside in ends)
                crossed = upper_first[i] * lower_first[j] + lower_first[i] * upper_first[j]
                straight = between.slope * upper_second + between.slope_lower * lower_second
                at_upper = between.bend * upper_first[i] * upper_first[j]
                at_lower = between.bend_lower * lower_first[i] * lower_first[j]
                return straight + at_upper + at_lower + between.mixed * crossed

            first, second = links
            for i in range(k):
                own = between.slope * upper_first[i] + between.slope_lower * lower_first[i]
                gradient[i] = gradient[i] + own * first[i]
                for j in range(i, k):
                    if not hessian[i][j].size:
                        continue
                    entry = bent(i, j) * first[i] * first[j]
                    if i == j:
                        entry = entry + own * second[i]
                    hessian[i][j] = hessian[j][i] = hessian[i][j] + entry
        return between.value


def _total(arrays: Sequence[Array]) -> Array:
    return functools.reduce(np.add, arrays)


def _scaled(array: Array, events: Array | float) -> Array:
    """What every event adds; the same array where there is one event at every point."""
    return array if isinstance(events, float) else array * events


@dataclass(frozen=True, eq=False)
class MaximaLikelihood(Likelihood):
    """The same of block maxima of a family of location, log scale and shapes, by its own derivatives."""

    @cached_property
    def _present(self) -> Array | None:
        return self.points.present

    @cached_property
    def _products(self) -> dict[tuple[int, int], Array]:
        """Of two parameters with designs that all samples share the products of their columns, (n, p q)."""
        designs = [own.design for own in self.model.parameters]
        return {
            (i, j): (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)
            for i, left in enumerate(designs)
            for j, right in enumerate(designs)
            if left is not None and right is not None and left.ndim == right.ndim == 2
        }

    def _summed(self, lanes: NDArray[np.intp], beta: Array) -> Evaluation:
        points, places = self.points.rows(lanes), self.model.places
        designs = [own.rows(lanes) for own in self.model.parameters]
        with np.errstate(all="ignore"):
            theta = self.model.theta(beta, lanes)
            found = self.model.family.trial(*theta).log_scale_derivatives(points.x)
            value, first, second = found.logpdf, found.gradient, found.hessian
            if self._present is not None:
                present = self._present if points is self.points else self._present[lanes]
                value, first = value * present, tuple(own * present for own in first)
                second = tuple(tuple(own * present for own in row) for row in second)
            total = np.where(self.model.family.inside(theta).all(axis=-1), value.sum(axis=-1), -np.inf)
            gradient, hessian = np.empty(beta.shape), np.empty((len(beta), *beta.shape))
            for i, own in enumerate(places):
                gradient[own] = _weighted(first[i], designs[i])
                for j, other in enumerate(places[i:], i):
                    hessian[own, other] = self._twice(i, j, second[i][j], designs)
                    hessian[other, own] = np.swapaxes(hessian[own, other], 0, 1)
        return Evaluation(np.where(np.isfinite(total), total, -np.inf), gradient, hessian)

    def _twice(self, i: int, j: int, values: Array, designs: list[Array | None]) -> Array:
        """X' diag(values) Z for each sample of the designs of two parameters, (p, q, m)."""
        if (products := self._products.get((i, j))) is None:
            if designs[i] is None and designs[j] is not None:
                return np.swapaxes(_weighted_twice(values, designs[j], None), 0, 1)
            return _weighted_twice(values, designs[i], designs[j])
        sizes = (self.model.parameters[at].size for at in (i, j))
        return each_by_columns(values, products).reshape(*sizes, -1)


@dataclass(frozen=True, eq=False)
class ConstantLikelihood(Likelihood):
    """The same of block maxima with constant parameters, by the family's own sums; several times as fast."""

    @cached_property
    def present(self) -> Array | None:
        """1.0 for an observation and 0.0 for a missing one; None if all are there."""
        return self.points.present

    def _summed(self, lanes: NDArray[np.intp], beta: Array) -> Evaluation:
        with np.errstate(all="ignore"):
            links, theta = self._natural(beta)
            value, gradient, hessian = self._sums(lanes, self.model.family.trial(*theta))
            for i, link in enumerate(links):
                if link is not IDENTITY:
                    first = link.first(beta[i])
                    hessian[i] *= first
                    hessian[:, i] *= first
                    hessian[i, i] += gradient[i] * link.second(beta[i])
                    gradient[i] *= first
        return Evaluation(np.where(self.model.family.inside(theta), value, -np.inf), gradient, hessian)

    def along(self, lanes: NDArray[np.intp], beta: Array, directions: Array) -> tuple[Array, Array]:
        """The same by the family's own sums; the directions are 0 where an observation is missing."""
        with np.errstate(all="ignore"):
            links, theta = self._natural(beta)
            sums, slopes = self._sums_along(lanes, self.model.family.trial(*theta), directions)
            for i, link in enumerate(links):
                if link is not IDENTITY:
                    slopes[:, i] *= link.first(beta[i])
        return sums, slopes

    def _natural(self, beta: Array) -> tuple[list[Link], Array]:
        """The links of what has a coefficient, and all parameters."""
        return [own.link for own in self.model.parameters if own.size], self.model.natural(beta)

    def _sums(self, lanes: Places, family: Family) -> Evaluation:
        points = self.points.rows(lanes)
        present = self.present if points is self.points or self.present is None else self.present[lanes]
        return family.summed_derivatives(points.x, present)

    def _sums_along(self, lanes: Places, family: Family, directions: Array) -> tuple[Array, Array]:
        return family.location_sums(self.points.rows(lanes).x, directions)


@dataclass(frozen=True, eq=False)
class PeaksLikelihood(ConstantLikelihood):
    """The same of peaks over a threshold that is at 0, the last point of every sample."""

    @cached_property
    def _excesses(self) -> Array:
        return np.ascontiguousarray(self.points.x[:, :-1])

    @cached_property
    def present(self) -> Array | None:
        """1.0 for a peak and 0.0 for a missing one; None if all are there."""
        events = self.points.events[:, :-1]
        return None if events.all() else np.ascontiguousarray(events)

    @cached_property
    def _years(self) -> Array:
        return np.ascontiguousarray(self.points.exposure[:, -1])

    def log_means(self, lanes: Places, beta: Array) -> tuple[Array, Array]:
        """That of the rate and the years."""
        place, moved = self.model.places[self.model.family.rates[0]].start, np.zeros((*beta.shape, 1))
        moved[place] = 1.0
        return (np.log(self._years[lanes]) + beta[place])[:, None], moved

    def _sums(self, lanes: Places, family: Family) -> Evaluation:
        present = None if self.present is None else self.present[lanes]
        return cast("PeakProcess", family).summed_peaks(self._excesses[lanes], present, self._years[lanes])

    def _sums_along(self, lanes: Places, family: Family, directions: Array) -> tuple[Array, Array]:
        return cast("PeakProcess", family).summed_along(self._excesses[lanes], directions[..., :-1])


def likelihood_of(model: Model, points: Points, penalty: Penalty | None = None) -> Likelihood:
    """The likelihood of a model of points, with a penalty on a constant shape, by the fastest way there is."""
    if model.is_constant and points.are_maxima:
        return ConstantLikelihood(model, points, penalty)
    if model.is_constant and model.family.rates and not model.family.minima and points.are_peaks:
        return PeaksLikelihood(model, points, penalty)
    if not model.is_constant and model.is_location_scale and points.are_maxima:
        return MaximaLikelihood(model, points, penalty)
    return Likelihood(model, points, penalty)


def _weighted(values: Array, design: Array | None) -> Array:
    """X' values for each sample: (p, m) of values (m, n)."""
    if design is None:
        return values.sum(axis=-1)[None]
    if design.ndim == 2:
        return each_by_columns(values, design)
    return np.matmul(values[:, None], design)[:, 0].T


def _weighted_twice(values: Array, left: Array | None, right: Array | None) -> Array:
    """X' diag(values) Z for each sample: (p, q, m)."""
    if right is None:
        return _weighted(values, left)[:, None]
    columns = np.moveaxis(right, -1, 0)  # (q, n) or (q, m, n)
    return np.stack([_weighted(values * column, left) for column in columns], axis=1)


__all__ = ["ConstantLikelihood", "Likelihood", "PeaksLikelihood", "Pointwise", "likelihood_of"]
