"""Likelihood limits of small samples of a GEV: the extremes of a quantity over the parameters that the data allow.

The values whose profile likelihood is high enough are those that the quantity takes where the likelihood is; and there
it is known in closed form but for two parameters. No climb can get lost on the way, whatever maxima a small sample has.
A level rises with its period at all parameters, and so does its greatest and its least value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evstats.distributions import GEV, Family
from evstats.intervals.gev_plane import Cells, Heights, Plane
from evstats.quantities import Parameters, Quantity

Array = NDArray[np.float64]
#: ``answer(parameters)``: a quantity at GEV parameters of maxima, (..., 3), shape (...).
Answers = Callable[[Array], Array]
#: ``quantile(value)``: a quantile of the signed root of each lane and question at a value of the quantity, (m, q).
Quantile = Callable[[Array], Array]

#: The range of shapes, and the cells in either direction.
_LOWEST_SHAPE, _HIGHEST_SHAPE, _CELLS = -1.0, 8.0, 32
#: Nodes of a lane, for the size of a part.
CELLS = _CELLS * _CELLS
#: The cells about an extreme in either direction, how much closer they are at each of so many passes.
_CLOSE_CELLS, _CLOSER, _PASSES = 7, 0.45, 12
#: How much farther than the cut-offs the likelihood is followed, and how often a cut-off is brought to its limit.
_SPARE, _PASSES_OF_VARIATES = 1.0, 4
#: Farther than this many scales from the estimate a limit counts as infinite.
_INFINITE = 1e6


@dataclass(frozen=True, eq=False)
class Region:
    """The likelihood of samples of a GEV where it is within ``fall`` of the logarithm of its maximum.

    ``best`` (m,) is that maximum, of the samples in standard units.
    """

    plane: Plane
    best: Array
    shape: Cells
    log_excess: Cells
    heights: Heights

    @classmethod
    def of(cls, x: Array, fitted: Array, fall: float) -> Region:
        """Of observations (m, n) with their estimates (m, 3)."""
        plane, m = Plane.of(x), len(x)
        best = GEV.from_parameters(fitted)[:, None].logpdf(x).sum(axis=-1) + x.shape[-1] * np.log(
            plane.unit.scale[:, 0]
        )
        shape = Cells(np.full(m, _LOWEST_SHAPE), np.full(m, _HIGHEST_SHAPE), 2 * _CELLS)
        for _ in range(2):
            cells = plane.cells(shape.middles, _CELLS, fall)
            highest = plane.heights(shape.middles, cells.middles).value.max(axis=-1)
            shape = shape.narrowed(highest, fall)
        shape = shape._replace(number=_CELLS)
        log_excess = plane.cells(shape.middles, _CELLS, fall)
        return cls(plane, best, shape, log_excess, plane.heights(shape.middles, log_excess.middles))

    def ends(self, answer: Answers, cutoff: Array) -> Array:
        """The value (m,) of a quantity at which its signed root is ``cutoff`` (m,): its greatest where the likelihood is
        within cutoff^2/2 of the maximum for a negative cut-off, its least for a positive one."""
        lane = np.arange(len(cutoff))
        shape, log_excess = self.shape.middles, self.log_excess.middles
        value = self._extremes(answer, cutoff, shape, self.heights)
        place = value.reshape(len(lane), -1).argmax(axis=-1)
        row, column = np.divmod(place, _CELLS)
        found = value[lane, row, column]
        centre = np.stack([shape[lane, row], log_excess[lane, row, column]])
        reach = 1.5 * np.stack([self.shape.width, self.log_excess.width[lane, row]])
        steps = np.linspace(-1.0, 1.0, _CLOSE_CELLS)
        for _ in range(_PASSES):
            near = np.maximum(centre[0][:, None] + reach[0][:, None] * steps, _LOWEST_SHAPE)
            close = np.repeat((centre[1][:, None] + reach[1][:, None] * steps)[:, None], _CLOSE_CELLS, axis=1)
            value = self._extremes(answer, cutoff, near, self.plane.heights(near, close))
            row, column = np.divmod(value.reshape(len(lane), -1).argmax(axis=-1), _CLOSE_CELLS)
            here = value[lane, row, column]
            higher = here > found
            centre = np.where(higher, [near[lane, row], close[lane, row, column]], centre)
            found, reach = np.where(higher, here, found), _CLOSER * reach
        return -np.sign(cutoff) * found

    def all_ends(self, answers: list[Answers], cutoffs: Array) -> Array:
        """The same of several quantities with cut-offs (m, q), (m, q)."""
        return np.stack([self.ends(answer, cut) for answer, cut in zip(answers, cutoffs.T, strict=True)], axis=-1)

    def _extremes(self, answer: Answers, cutoff: Array, shape: Array, heights: Heights) -> Array:
        """The greatest value of the quantity at each of the cells, or the least with its sign turned; -inf where the
        likelihood is too low."""
        n = self.plane.z.shape[-1]
        spare = 0.5 * cutoff[:, None, None] ** 2 - (self.best[:, None, None] - heights.value)
        sign = -np.sign(cutoff)[:, None, None]
        values = []
        for log_ratio in _departures(np.maximum(spare, 0.0) / n):
            found = answer(self.plane.parameters(shape, heights, np.log(n) + log_ratio))
            values.append(sign * np.where(np.isnan(found), np.inf, found))  # an expected shortfall that does not exist
        return np.where(spare >= 0.0, np.maximum(*values), -np.inf)


def _departures(spare: Array) -> tuple[Array, Array]:
    """The two solutions w of exp(w) - 1 - w = spare: by Newton's method from the greater side."""
    root = np.sqrt(2.0 * spare)
    rising, falling = np.log1p(root + spare), -root - spare
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(5):
            rising, falling = (
                np.where(w == 0.0, 0.0, w - (np.expm1(w) - w - spare) / np.expm1(w)) for w in (rising, falling)
            )
    return rising, falling


def region_limits(
    family: type[Family], quantity: Quantity, x: Array, fitted: Array, quantiles: tuple[Quantile, Quantile]
) -> Array:
    """Both ends (2, m, questions) of a quantity in its own terms, in the order of those of maxima.

    ``x`` (m, n) and ``fitted`` (m, 3) are those of maxima; the quantiles of the signed root are those that bound the
    quantity from below and from above.
    """
    answers = _answers(family, quantity)
    estimate = np.stack([answer(fitted) for answer in answers], axis=-1)
    cutoffs = [quantile(estimate) for quantile in quantiles]
    region = Region.of(x, fitted, 0.5 * np.max(np.square(cutoffs), initial=0.0) + _SPARE)
    ends = []
    for quantile, cutoff in zip(quantiles, cutoffs, strict=True):
        end = region.all_ends(answers, cutoff)
        if not quantity.in_data_unit:  # the quantiles are those of the limit's own variate
            for _ in range(_PASSES_OF_VARIATES):
                end = region.all_ends(answers, quantile(end))
        ends.append(end)
    return _in_own_terms(family, quantity, np.stack(ends), estimate, fitted)


def _answers(family: type[Family], quantity: Quantity) -> list[Answers]:
    """For each question the value that its profile is of: a parameter, a level of maxima, or the reduced variate of one;
    a function of parameters of maxima."""
    sign = -1.0 if family.minima else 1.0
    if isinstance(quantity, Parameters):
        return [lambda parameters, place=place: parameters[..., place] for place in range(3)]
    if not quantity.in_data_unit:
        return [lambda parameters, x=x: GEV.from_parameters(parameters).reduced(sign * x) for x in quantity.questions]
    turned = np.array([sign, 1.0, 1.0])
    return [
        lambda parameters, q=q: sign * quantity.at(family.from_parameters(parameters * turned), q)
        for q in quantity.questions
    ]


def _in_own_terms(family: type[Family], quantity: Quantity, ends: Array, estimate: Array, fitted: Array) -> Array:
    sign = -1.0 if family.minima else 1.0
    if isinstance(quantity, Parameters):
        return ends * [sign, 1.0, 1.0]
    if quantity.in_data_unit:
        far = np.abs(ends - estimate) > _INFINITE * fitted[:, 1:2]
        return sign * np.where(far, np.copysign(np.inf, ends - estimate), ends)
    return quantity.at(family.from_parameters([0.0, 1.0, 0.0]), sign * ends)
