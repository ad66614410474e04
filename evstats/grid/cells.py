"""What is computed of every cell: parameters, status and count, and levels with their limits, in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, Ints, Places
from evstats.distributions import Family
from evstats.errors import DataError, FitError, Status
from evstats.estimators import Estimation, Estimator, Regression
from evstats.fitting import Fit
from evstats.fitting.context import Context
from evstats.fitting.covariates import USUAL_KIND, followed
from evstats.fitting.inputs import LEAST_FOR_SHAPE, without_lumps
from evstats.grid.arrays import Cells, Output, in_slices, refuse_infinite_cells
from evstats.intervals import Answer, Changed, Interval, changed, check_confidence, chosen
from evstats.models import Covariates, Exceedances, Predictors
from evstats.quantities import OfStates, Quantity


@dataclass(frozen=True, eq=False)
class Recipe:
    """How the cells of a grid are fitted.

    ``predictors`` are those of the parameters that follow covariates, the same in every cell; None without any.
    """

    family: type[Family]
    estimator: Estimator
    context: Context
    predictors: Predictors | None = None
    trend_kind: str = USUAL_KIND

    #: Whether lanes are fitted without what is missing in them.
    packed: ClassVar[bool] = False

    def parts(self, x: Array) -> Iterator[tuple[Places | slice, Array]]:
        """Lanes that are fitted together: which, and their values."""
        yield slice(None), x

    def fit(self, values: Array) -> Fit:
        """The fit of lanes (m, n)."""
        if self.predictors is not None:
            own = followed(self.family, self.estimator, values, self.predictors, self.context, self.trend_kind)
            return Fit(*own)
        estimation = Estimation.of(self.family, self.estimator, values)
        estimate = without_lumps(values, self.family, estimation.estimate)
        return Fit(replace(estimation, estimate=estimate), self.context)


@dataclass(frozen=True, eq=False)
class RecipeOfPeaks(Recipe):
    """The same of peaks over a threshold, of which the lanes bring threshold and years beside their values."""

    packed = True

    def parts(self, x: Array) -> Iterator[tuple[Places | slice, Array]]:
        """Lanes with equally many peaks, without what is between them: each is fitted as it would be alone."""
        counts = np.count_nonzero(~np.isnan(x), axis=-1)
        for count in np.unique(counts):
            lanes = np.flatnonzero(counts == count)
            some = x[lanes]
            yield lanes, some[~np.isnan(some)].reshape(lanes.size, count)

    def fit(self, values: Array, threshold: Array | float = 0.0, years: Array | float = 1.0) -> Fit:
        """The fit of lanes (m, n) that lie beyond thresholds (m,) and were seen in years (m,)."""
        design = Exceedances(threshold, years)
        return Fit(Estimation.of(self.family, self.estimator, values, design), self.context)


@dataclass(frozen=True, eq=False)
class AskedQuantity:
    """A quantity of every cell with its interval, in states of the covariates where there are some."""

    quantity: Quantity
    interval: str | Interval | None
    confidence: float
    at: Any = None

    @property
    def name(self) -> str:
        """What is asked."""
        return self.quantity.name

    @property
    def in_data_unit(self) -> bool:
        """Whether the answer has the unit of the data."""
        return self.quantity.in_data_unit

    def answer(self, fit: Fit) -> Answer:
        """The answer of lanes; of peaks NaN for what they do not tell."""
        found = fit.evaluate(self.quantity, self.interval, self.confidence, at=self.at)
        if not fit.of_peaks:
            return found
        design = fit.estimation.design
        assert isinstance(design, Exceedances)
        rate = fit.estimation.counts / np.asarray(design.years)
        told = rate[:, None] * self.quantity.questions > 1.0
        estimate, lower, upper = (np.where(told, own, np.nan) for own in (found.estimate, found.lower, found.upper))
        return replace(found, estimate=estimate, lower=lower, upper=upper)


@dataclass(frozen=True, eq=False)
class AskedOfTwo:
    """What changes of every cell between two states of the covariates, now and then; ``name`` says what it is called.

    A ``function`` that is the logarithm of the answer is one without a unit.
    """

    name: str
    function: OfStates
    two: Covariates
    interval: str | Interval | None
    confidence: float
    in_data_unit: bool

    def answer(self, fit: Fit) -> Changed:
        """The answer of lanes."""
        whole = fit.estimation
        assert isinstance(whole, Regression)
        method = chosen(self.interval, whole)
        found = changed(whole, self.two, self.function, method, check_confidence(self.confidence))
        found = replace(found, interval=found.interval or method.label)
        if self.in_data_unit:
            return found
        with np.errstate(over="ignore"):
            return replace(found, **{name: np.exp(getattr(found, name)) for name in ("estimate", "lower", "upper")})


#: What may be asked of every cell.
Asked: TypeAlias = AskedQuantity | AskedOfTwo


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

    def __call__(self, values: NDArray[Any], places: Ints, *beside: Array) -> tuple[NDArray[Any], ...]:
        """The outputs of cells with their observations on the last axes."""
        batch = places.shape
        results = [self._empty(output, batch) for output in self.outputs]
        for index, x, own in in_slices(values, places, packed=self.recipe.packed):
            refuse_infinite_cells(x, own, self.cells, self.called)
            known = [np.broadcast_to(each, batch)[index].reshape(-1) for each in beside]
            for lanes, part in self.recipe.parts(x):
                at = tuple(along[lanes] for along in index)
                for result, found in zip(results, self._settled(part, *(own[lanes] for own in known)), strict=True):
                    result[at] = found if batch else found[0]
        if self.recipe.packed:
            _, years = beside
            results.append(_rates(results[[output.name for output in self.outputs].index("n")], years))
        return tuple(results)

    def _settled(self, x: Array, *beside: Array) -> list[NDArray[Any]]:
        """The outputs of lanes; of one that cannot be fitted at all those without a value, and its number of them."""
        try:
            return self._of_lanes(x, *beside)
        except (DataError, FitError):
            if len(x) > 1:
                halves = [slice(None, len(x) // 2), slice(len(x) // 2, None)]
                both = [self._settled(x[half], *(own[half] for own in beside)) for half in halves]
                return [np.concatenate(own) for own in zip(*both, strict=True)]
        count = np.count_nonzero(~np.isnan(x), axis=-1)
        found = {output.name: self._empty(output, (1,)) for output in self.outputs} | {"n": count}
        if count[0] >= LEAST_FOR_SHAPE:
            found["status"] = np.array([Status.NOT_CONVERGED], dtype=np.int8)
        return list(found.values())

    def _empty(self, output: Output, batch: tuple[int, ...]) -> NDArray[Any]:
        """The output of cells without a value."""
        fill = {"status": Status.TOO_FEW_VALUES, "n": 0}.get(output.name, np.nan)
        return np.full((*batch, *output.sizes.values()), fill, dtype=output.dtype)

    def _of_lanes(self, x: Array, *beside: Array) -> list[NDArray[Any]]:
        """The outputs of lanes (m, n)."""
        fit = self.recipe.fit(x, *beside)
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


def _rates(counts: NDArray[Any], years: Array) -> Array:
    """Peaks a year of cells; NaN of those without an observation."""
    with np.errstate(invalid="ignore"):
        return np.asarray(counts / np.broadcast_to(years, counts.shape))


__all__ = ["Asked", "AskedOfTwo", "AskedQuantity", "CellFits", "Recipe", "RecipeOfPeaks"]
