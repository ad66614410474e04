"""What is computed of every cell: parameters, status and count, and levels with their limits, in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, Ints
from evstats.distributions import Family
from evstats.errors import Status
from evstats.estimators import Estimation, Estimator, Regression
from evstats.fitting import Fit
from evstats.fitting.context import Context
from evstats.fitting.covariates import followed
from evstats.fitting.inputs import without_lumps
from evstats.grid.arrays import Cells, Output, in_slices, refuse_infinite_cells
from evstats.intervals import Answer, Interval
from evstats.models import Predictors
from evstats.quantities import Quantity


@dataclass(frozen=True, eq=False)
class Recipe:
    """How the cells of a grid are fitted.

    ``predictors`` are those of the parameters that follow covariates, the same in every cell; None without any.
    """

    family: type[Family]
    estimator: Estimator
    context: Context
    predictors: Predictors | None = None
    trend_kind: str = "shift"

    def fit(self, values: Array) -> Fit:
        """The fit of lanes (m, n)."""
        if self.predictors is not None:
            own = followed(self.family, self.estimator, values, self.predictors, self.context, self.trend_kind)
            return Fit(*own)
        estimation = Estimation.of(self.family, self.estimator, values)
        estimate = without_lumps(values, self.family, estimation.estimate)
        return Fit(replace(estimation, estimate=estimate), self.context)


@dataclass(frozen=True, eq=False)
class Asked:
    """A quantity of every cell with its interval, in states of the covariates where there are some."""

    quantity: Quantity
    name: str
    interval: str | Interval | None
    confidence: float
    at: Any = None

    def answer(self, fit: Fit) -> Answer:
        """The answer of lanes."""
        return fit.evaluate(self.quantity, self.interval, self.confidence, at=self.at)


@dataclass(frozen=True, eq=False)
class CellFits:
    """The one function of a chunk: lanes of cells in, every output out.

    ``names`` are those of the parameters, ``asked`` what is asked of the fits, None for nothing, and ``sizes`` the
    dimensions of its answer.
    """

    recipe: Recipe
    cells: Cells
    called: str
    names: tuple[str, ...]
    asked: Asked | None = None
    sizes: Mapping[str, int] | None = None

    @property
    def outputs(self) -> list[Output]:
        """What it gives: parameters (or all coefficients), status and n, then the answer with its limits."""
        if self.recipe.predictors is None:
            found = [Output(name) for name in self.names]
        else:
            found = [Output("coefficients", sizes={"coefficient": len(self.names)})]
        found += [Output("status", np.int8), Output("n", np.int32)]
        if self.asked is not None and self.sizes is not None:
            found += [Output(name, sizes=self.sizes) for name in (self.asked.name, "lower", "upper")]
        return found

    def __call__(self, values: NDArray[Any], places: Ints) -> tuple[NDArray[Any], ...]:
        """The outputs of cells with their observations on the last axes."""
        batch = places.shape
        results = [self._empty(output, batch) for output in self.outputs]
        for index, x, own in in_slices(values, places, places.ndim):
            refuse_infinite_cells(x, own, self.cells, self.called)
            for result, found in zip(results, self._of_lanes(x), strict=True):
                result[index] = found if batch else found[0]
        return tuple(results)

    def _empty(self, output: Output, batch: tuple[int, ...]) -> NDArray[Any]:
        """The output of cells without a value."""
        fill = {"status": Status.TOO_FEW_VALUES, "n": 0}.get(output.name, np.nan)
        return np.full((*batch, *output.sizes.values()), fill, dtype=output.dtype)

    def _of_lanes(self, x: Array) -> list[NDArray[Any]]:
        """The outputs of lanes (m, n)."""
        fit = self.recipe.fit(x)
        found = self._estimates(fit.estimation)
        found += [fit.estimation.estimate.status, fit.estimation.counts]
        if self.asked is not None:
            answer = self.asked.answer(fit)
            found += [answer.estimate, answer.lower, answer.upper]
        return found

    def _estimates(self, estimation: Estimation) -> list[NDArray[Any]]:
        """The parameters, or all coefficients together."""
        if isinstance(estimation, Regression):
            return [estimation.coefficients]
        return [estimation.estimate.parameters[:, place] for place in estimation.family.told()]


__all__ = ["Asked", "CellFits", "Recipe"]
