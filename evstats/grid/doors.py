"""Fits of every cell of a grid, and what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evstats.distributions import Family
from evstats.errors import Status
from evstats.estimators import Estimator
from evstats.fitting.asking import OfBlocks
from evstats.fitting.context import Context
from evstats.fitting.covariates import USUAL_KIND, asked_of, with_trend
from evstats.fitting.inputs import estimator_for, family_for, family_of_blocks, source_of
from evstats.fitting.states import index_of, is_one
from evstats.grid.arrays import Opened, opened, over_cells
from evstats.grid.cells import Asked, CellFits, Recipe
from evstats.grid.describing import FLAGS, assembled, in_data_unit, in_words, said, without_unit
from evstats.intervals import Interval
from evstats.models import predictors_of, states
from evstats.notes import Note

#: What each parameter is called in words, and whether it has the unit of the data.
_PARAMETERS = {"loc": ("location", True), "scale": ("scale", True), "shape": ("shape", False)}


def fit(
    data: Any,
    family: str | type[Family] = "gev",
    *,
    dim: str | Sequence[str] = "time",
    method: str | Estimator = "mle",
    loc: Any = None,
    scale: Any = None,
    shape: Any = None,
    trend: Any = None,
    trend_kind: str = USUAL_KIND,
    covariates: Any = None,
    missing: str = "raise",
    prior: Any = None,
    rng: int | None = None,
) -> Any:
    """Fit a family of extreme-value distributions to the block maxima or minima of every cell.

    Each cell is fitted alone, as ``evstats.fit`` fits its series, to the last bit: neighbours lend nothing.

    Parameters
    ----------
    data : a DataArray of block maxima or minima, of any unit, NaN for missing; minima of ``grid.block_maxima(...,
        kind="min")`` are fitted by the mirror image of a family of maxima. Held by NumPy it is computed at once, held
        by dask when asked for, one task for each chunk of cells; ``dim`` is rechunked to one piece where it is not.
    family : as in ``evstats.fit``; here the GEV where none is named.
    dim : the dimension of the observations; all others are cells. Several are pooled into one sample, stacked in their
        order, as ``("time", "member")`` of an ensemble.
    method, loc, scale, shape, trend, trend_kind, missing, prior, rng : as in ``evstats.fit``; designs are the same in
        every cell.
    covariates : as in ``evstats.fit``, or a DataArray or Dataset along ``dim``.

    Returns
    -------
    Dataset : ``loc``, ``scale``, ``shape`` (those of the family), ``status`` (flags of ``Status``) and ``n``, the
        number of values, of every cell; with covariates ``coefficients`` along ``coefficient``. A cell without an
        estimate is NaN and its status says why.

    Raises
    ------
    ArgumentError : no DataArray, no such dimension, an unknown family or method.
    DataError : an infinite value, whose cell is named (of dask when it is computed).

    Examples
    --------
    >>> import xarray as xr
    >>> import evstats as ev
    >>> maxima = xr.DataArray(ev.Gumbel(30.0, 8.0).rvs((2, 3, 50), rng=1), dims=("lat", "lon", "time"))
    >>> fitted = fit(maxima, "gumbel")
    >>> list(fitted), fitted.loc.round(1).values.tolist()
    (['loc', 'scale', 'status', 'n'], [[30.7, 28.9, 28.8], [29.8, 31.4, 28.6]])
    """
    model = {"loc": loc, "scale": scale, "shape": shape, "trend": trend}
    fits = _Fits.of(data, family, dim, method, model, trend_kind, covariates, missing, prior, rng)
    return fits.computed(in_words("fit", family=fits.recipe.family.name, dim=dim, method=fits.recipe.estimator.name))


def return_level(
    data: Any,
    periods: ArrayLike,
    *,
    family: str | type[Family] = "gev",
    dim: str | Sequence[str] = "time",
    method: str | Estimator = "mle",
    interval: str | Interval | None = None,
    confidence: float = 0.95,
    loc: Any = None,
    scale: Any = None,
    shape: Any = None,
    trend: Any = None,
    trend_kind: str = USUAL_KIND,
    covariates: Any = None,
    missing: str = "raise",
    at: Any = None,
    prior: Any = None,
    rng: int | None = None,
) -> Any:
    """The levels that every cell exceeds once in T years on average (undercuts, of minima), with limits.

    Limits are those of each cell by itself: of 10,000 intervals that hold 95 % of the time 500 miss by design.

    Parameters
    ----------
    data, family, dim, method, loc, scale, shape, trend, trend_kind, covariates, missing, prior, rng : as in ``fit``.
    periods : T in years where it is known how many blocks a year holds, else in blocks.
    interval, confidence : as in ``Fit.return_level``: by default r*, of a Gumbel the exact one.
    at : with covariates their state, or several as a DataFrame, which are the dimension ``state``.

    Returns
    -------
    Dataset : what ``fit`` gives, and ``return_level``, ``lower`` and ``upper`` along ``return_period``. Where the
        likelihood has no interior maximum there are limits without an estimate, and the status says so.

    Raises
    ------
    ArgumentError, DataError : as in ``fit``; a period or an interval that is none.

    Examples
    --------
    >>> import xarray as xr
    >>> import evstats as ev
    >>> maxima = xr.DataArray(ev.Gumbel(30.0, 8.0).rvs((3, 50), rng=1), dims=("station", "time"))
    >>> levels = return_level(maxima, [100], family="gumbel")
    >>> levels.return_level.round(1).values.tolist(), levels.upper.round(1).values.tolist()
    ([[72.3, 65.2, 63.0]], [[81.5, 73.9, 71.0]])
    """
    model = {"loc": loc, "scale": scale, "shape": shape, "trend": trend}
    fits = _Fits.of(data, family, dim, method, model, trend_kind, covariates, missing, prior, rng)
    quantity = OfBlocks(fits.recipe.context.blocks_per_year or 1.0).level(periods)
    asked = Asked(quantity, "return_level", interval, confidence, at)
    coordinate = {"return_period": ("return_period", quantity.questions, _period_attrs(fits.recipe.context))}
    settings = {"periods": [float(period) for period in quantity.questions], "family": fits.recipe.family.name}
    settings |= {"dim": dim, "method": fits.recipe.estimator.name}
    return fits.computed(in_words("return_level", **settings), asked, coordinate)


@dataclass(frozen=True, eq=False)
class _Fits:
    """A grid, and how its cells are to be fitted."""

    grid: Opened
    recipe: Recipe
    notes: tuple[Note | str, ...]

    @classmethod
    def of(
        cls,
        data: Any,
        family: str | type[Family],
        dim: str | Sequence[str],
        method: str | Estimator,
        model: Mapping[str, Any],
        trend_kind: str,
        covariates: Any,
        missing: str,
        prior: Any,
        rng: int | None,
    ) -> _Fits:
        grid = opened(data, dim)
        index, context = _context(grid)
        minima = grid.array.attrs.get("kind")
        wanted = family_for(family, None) if minima is None else family_of_blocks(family, minima == "min")
        parameters = {name: own for name, own in model.items() if name != "trend"}
        asked = with_trend(asked_of(wanted, parameters), model["trend"], trend_kind)
        predictors = None
        if asked or covariates is not None:
            found = predictors_of(asked, index, (grid.count,), covariates, missing)
            predictors = found if found.by_parameter else None
        estimator = estimator_for(method, prior, rng)
        return cls(grid, Recipe(wanted, estimator, context, predictors, trend_kind), (*grid.notes, *context.notes))

    def computed(self, call: str, asked: Asked | None = None, coordinates: Mapping[str, Any] | None = None) -> Any:
        """The Dataset of all cells."""
        grid, recipe = self.grid, self.recipe
        probe = recipe.fit(np.full((1, grid.count), np.nan))  # whose errors are those of every cell
        names = probe.estimation.told_names
        answer = None if asked is None else asked.answer(probe)
        new = self._coordinates(names, asked, coordinates)
        sizes = None
        if asked is not None and answer is not None:
            dims = [dim for dim in new if dim != "coefficient"]
            sizes = dict(zip(dims, answer.estimate.shape[1:], strict=True))
        function = CellFits(recipe, grid.cells, grid.name, names, asked, sizes)
        variables = over_cells(function, grid, function.outputs)
        for name, own in variables.items():
            own.attrs = self._attrs(name, asked)
        attrs: dict[str, Any] = {"family": recipe.family.name, "method": recipe.estimator.name}
        if recipe.predictors is not None:
            attrs["model"] = ", ".join(recipe.predictors.described)
        if answer is not None:
            attrs |= {"interval": answer.interval, "confidence": answer.confidence}
        notes = [*self.notes, *(() if grid.lazy else on_status(variables["status"].values, recipe))]
        attrs["notes"] = said(notes)
        return assembled(grid, variables, attrs, new, call)

    def _coordinates(
        self, names: tuple[str, ...], asked: Asked | None, coordinates: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """The coordinates of the new dimensions: states, questions, coefficients."""
        found: dict[str, Any] = {}
        if asked is not None and self.recipe.predictors is not None and not is_one(asked.at):
            known = states(asked.at, self.recipe.predictors.names)
            found["state"] = ("state", np.asarray(index_of(known, asked.at)))
        found |= coordinates or {}
        if self.recipe.predictors is not None:
            found["coefficient"] = ("coefficient", np.array(names))
        return found

    def _attrs(self, name: str, asked: Asked | None) -> dict[str, Any]:
        """The attributes of a variable."""
        if name == "status":
            return dict(FLAGS)
        if name == "n":
            return {"long_name": "number of values", "units": "1"}
        if name == "coefficients":
            return {"long_name": "coefficients of the parameters", "ancillary_variables": "status n"}
        if asked is not None and name in (asked.name, "lower", "upper"):
            return self._attrs_of_answer(name, asked)
        words, of_data = _PARAMETERS.get(name, (f"parameter {name}", name not in ("shape",)))
        attrs = in_data_unit(self.grid, words) if of_data else without_unit(words)
        return attrs | {"ancillary_variables": "status n"}

    def _attrs_of_answer(self, name: str, asked: Asked) -> dict[str, Any]:
        words = asked.quantity.name.replace("_", " ")
        if name == asked.name:
            own: dict[str, Any] = {"ancillary_variables": "lower upper status n"}
        else:
            words, own = f"{name} limit of the {words}", {"confidence": asked.confidence}
        return (in_data_unit(self.grid, words) if asked.quantity.in_data_unit else without_unit(words)) | own


def on_status(status: Any, recipe: Recipe) -> list[str]:
    """How many cells have no estimate, by their flags."""
    counts = np.bincount(np.asarray(status).ravel(), minlength=len(Status))
    some = {Status(flag): int(count) for flag, count in enumerate(counts) if count}
    total = int(counts.sum())
    return [
        str(Note("cells_without", flag.label, count=count, cells=total))
        for flag, count in some.items()
        if flag is not Status.CONVERGED
    ]


def _period_attrs(context: Context) -> dict[str, Any]:
    unit = "1" if context.blocks_per_year is None else "years"
    return {"long_name": "return period", "units": unit}


def _context(grid: Opened) -> tuple[Any, Context]:
    """A series along the observations, to which covariates are joined, and what its numbers mean."""
    import pandas as pd

    from evstats.grid.calendars import index_along

    index = index_along(grid)
    if index is None:
        found = Context(grid.name, grid.unit)
    else:
        series = pd.Series(np.zeros(len(index)), index=index, name=grid.name)
        found = source_of(series)[1]
    per_year = grid.array.attrs.get("blocks_per_year", found.blocks_per_year)
    along: Any = np.zeros(grid.count) if index is None else series
    return along, Context(grid.name, grid.unit, None if per_year is None else float(per_year), notes=found.notes)


__all__ = ["fit", "on_status", "return_level"]
