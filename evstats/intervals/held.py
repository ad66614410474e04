"""What a profile holds fixed, and the predictor that follows from it and from the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from evstats import newton
from evstats.arrays import Array, Mask, Places
from evstats.distributions import Family
from evstats.distributions.derivatives import Level
from evstats.quantities import Quantity


@dataclass(frozen=True, eq=False)
class Held:
    """What is held fixed in every row: ``loc + scale * c(shapes, value) = level(value)``, in a state of the covariates.

    For a quantity in the unit of the data (a return level, say) the value is the level, and c is the quantity of the
    standard distribution; for a return period or a probability the level is given and the value is its reduced variate,
    from which period and probability follow. For the location, c is 0.

    Parameters
    ----------
    family
        Of maxima.
    quantity, questions
        Each row's own question; None for the location.
    level
        Of each row in standard units, or None if the value is the level.
    """

    family: type[Family]
    quantity: Quantity | None
    questions: Array
    level: Array | None

    def standard(self, shapes: Array) -> Family:
        """The members of the family with location 0 and scale 1, by their shapes (k - 2, rows)."""
        zero = np.zeros(shapes.shape[1])
        return self.family.trial(zero, zero + 1.0, *shapes)

    def coefficient(self, rows: Places, shapes: Array, value: Array) -> Level:
        """c, with two derivatives in all parameters; those in the shapes alone have a meaning."""
        standard = self.standard(shapes)
        if self.level is not None:
            return standard.level_derivatives(value)
        if self.quantity is None:
            nothing, k = np.zeros(len(rows)), 2 + len(shapes)
            return Level(nothing, (nothing,) * k, ((nothing,) * k,) * k)
        return self.quantity.derivatives(standard, self.questions[rows])

    def moved(self, shapes: Array, value: Array) -> Array:
        """dc/dvalue where the value is a variate."""
        standard = self.standard(shapes)
        with np.errstate(over="ignore", invalid="ignore"):
            return np.exp(-standard.reduced_derivatives(standard.from_gumbel(value)).log_slope)

    def value_at(self, shapes: Array) -> Array:
        """The value where location is 0 and scale 1."""
        rows = np.arange(shapes.shape[1])
        if self.level is None:
            return self.coefficient(rows, shapes, np.zeros(len(rows))).value
        return self.standard(shapes).reduced(self.level)


class Constrained(NamedTuple):
    """The constrained likelihood in its free coefficients, its slope in the value, all coefficients and their
    tangents.
    """

    evaluation: newton.Evaluation
    slope: Array
    theta: Array
    tangents: Array


class Eliminated(NamedTuple):
    """The predictor that follows from what is held and the others, with its derivatives in (the pivot, shapes) and in
    the level.
    """

    value: Array
    first: Array
    second: Array
    level: Array

    @classmethod
    def location(cls, level: Array, log_scale: Array, c: Level) -> Eliminated:
        """loc = level - scale c; the pivot is log scale."""
        scale = np.exp(log_scale)
        first = np.stack([-scale * c.value, *(-scale * own for own in c.first[2:])])
        second = np.empty((len(first), *first.shape))
        second[0], second[:, 0] = first, first
        for i, row in enumerate(c.second[2:]):
            for j, entry in enumerate(row[2:]):
                second[1 + i, 1 + j] = -scale * entry
        return cls(level - scale * c.value, first, second, np.ones_like(scale))

    @classmethod
    def log_scale(cls, level: Array, loc: Array, c: Level) -> Eliminated:
        """log scale = log((level - loc)/c); the pivot is the location."""
        distance = level - loc
        ratios = [own / c.value for own in c.first[2:]]
        first = np.stack([-1.0 / distance, *(-ratio for ratio in ratios)])
        second = np.zeros((len(first), *first.shape))
        second[0, 0] = -1.0 / distance**2
        for i, row in enumerate(c.second[2:]):
            for j, entry in enumerate(row[2:]):
                second[1 + i, 1 + j] = ratios[i] * ratios[j] - entry / c.value
        return cls(np.log(distance / c.value), first, second, 1.0 / distance)

    @classmethod
    def where(cls, far: Mask, one: Eliminated, other: Eliminated) -> Eliminated:
        """Of some rows the one, of the rest the other."""
        return cls(*(np.where(far, a, b) for a, b in zip(one, other, strict=True)))
