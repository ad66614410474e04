"""A grid, how its cells are fitted, and the Dataset of what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from evstats.distributions import Family
from evstats.errors import DataError, Status
from evstats.estimators import Estimator, Regression
from evstats.fitting import Fit
from evstats.fitting.context import Context
from evstats.fitting.covariates import USUAL_KIND, asked_of, refuse_peaks, with_trend
from evstats.fitting.inputs import estimator_for, family_for, family_of_blocks, family_of_peaks, source_of
from evstats.fitting.states import index_of, is_one
from evstats.grid.arrays import Opened, Output, opened, over_cells
from evstats.grid.calendars import index_along, refuse_doubled
from evstats.grid.cells import Asked, AskedOfTwo, CellFits, Recipe, RecipeOfPeaks
from evstats.grid.describing import FLAGS, PEAKS_OF, assembled, in_data_unit, said, without_unit
from evstats.models import predictors_of, states
from evstats.models.covariates import state_in_words
from evstats.notes import Note
from evstats.reading.containers import is_dataset

#: What answers are called in words, where their name says less.
_IN_WORDS = {"change": "change of the return level"}
#: What parameters are called in words, and whether they have the unit of the data.
_PARAMETERS = {"loc": ("location", True), "scale": ("scale", True), "shape": ("shape", False)}


class Modelled(NamedTuple):
    """What parameters follow, as ``evstats.fit`` takes it."""

    loc: Any = None
    scale: Any = None
    shape: Any = None
    trend: Any = None
    trend_kind: str = USUAL_KIND
    covariates: Any = None
    missing: str = "raise"

    def asked_of(self, family: type[Family]) -> dict[str, Any]:
        """What is given, by the names of the parameters."""
        own = {"loc": self.loc, "scale": self.scale, "shape": self.shape}
        return with_trend(asked_of(family, own), self.trend, self.trend_kind)


@dataclass(frozen=True, eq=False)
class GridFits:
    """A grid, and how its cells are to be fitted.

    ``beside`` are threshold and years of the cells of peaks, ``settings`` what of the call the history tells.
    """

    grid: Opened
    recipe: Recipe
    settings: Mapping[str, Any]
    notes: tuple[Note | str, ...]
    beside: tuple[Any, ...] = ()

    @classmethod
    def of(
        cls,
        data: Any,
        family: str | type[Family] | None,
        dim: str | Sequence[str] | None,
        method: str | Estimator,
        model: Modelled,
        prior: Any,
        rng: int | None,
    ) -> GridFits:
        """What is to be computed, looked at.

        Raises
        ------
        ArgumentError, DataError
            As ``evstats.grid.fit``.
        """
        peaks = data if is_dataset(data) and PEAKS_OF in data.attrs else None
        array = data if peaks is None else peaks[peaks.attrs[PEAKS_OF]]
        over = _usual_dim(array) if dim is None else dim
        grid, estimator = opened(array, over), estimator_for(method, prior, rng)
        along, context = _context(grid) if peaks is None else (None, Context(grid.name, grid.unit, 1.0))
        wanted = _family(family, grid, peaks is not None)
        asked = model.asked_of(wanted)
        settings = {"family": wanted.sizes_of().name, "dim": over, "method": estimator.name}
        if peaks is not None:
            if asked or model.covariates is not None:
                refuse_peaks(asked)
                raise DataError(
                    "the peaks of a grid have no covariates",
                    "take the peaks of some cells by as_peaks, and fit them together by stack_peaks.",
                )
            recipe: Recipe = RecipeOfPeaks(wanted, estimator, context)
            beside = peaks["threshold"].variable, peaks["years"].variable
            return cls(grid, recipe, settings, grid.notes, beside)
        predictors = None
        if asked or model.covariates is not None:
            found = predictors_of(asked, along, (grid.count,), model.covariates, model.missing)
            predictors = found if found.by_parameter else None
        recipe = Recipe(wanted, estimator, context, predictors, model.trend_kind)
        return cls(grid, recipe, settings, (*grid.notes, *context.notes))

    @property
    def per_year(self) -> float | None:
        """How many blocks a year holds; None where that is not known."""
        return self.recipe.context.blocks_per_year

    @property
    def of_peaks(self) -> bool:
        """Whether these are peaks over a threshold."""
        return bool(self.beside)

    @cached_property
    def probe(self) -> Fit:
        """The fit of a cell without a value, whose errors are those of every cell."""
        return self.recipe.fit(np.full((1, max(1, self.grid.count)), np.nan))

    def computed(
        self,
        call: str,
        asked: Asked | None = None,
        coordinates: Mapping[str, Any] | None = None,
        at: Any = None,
    ) -> Any:
        """The Dataset of all cells, with what is asked of them along new coordinates."""
        grid, recipe = self.grid, self.recipe
        names = self.probe.estimation.told_names
        answer = None if asked is None else asked.answer(self.probe)
        new = {**self._states(at), **(coordinates or {})}
        sizes = None if answer is None else dict(zip(new, answer.estimate.shape[1:], strict=True))
        if recipe.predictors is not None:
            new["coefficient"] = ("coefficient", np.array(names))
        function = CellFits(recipe, grid.cells, grid.name, names, asked, sizes)
        rate = [Output("rate")] if self.of_peaks else []
        variables = over_cells(function, grid, [*function.outputs, *rate], *self.beside)
        if self.of_peaks:
            variables["threshold"] = self.beside[0].copy(deep=False)
        for name, own in variables.items():
            own.attrs = self._attrs(name, asked)
        attrs: dict[str, Any] = {"family": self.settings["family"], "method": recipe.estimator.name}
        if isinstance(self.probe.estimation, Regression):
            attrs["model"] = self.probe.estimation.follows
            attrs |= self._said_states(asked, at)
        if asked is not None and answer is not None:
            attrs |= {"interval": answer.interval, "confidence": asked.confidence}
        attrs["notes"] = said([*self.notes, *(() if grid.lazy else on_status(variables["status"].values))])
        return assembled(grid, variables, attrs, new, call)

    def _said_states(self, asked: Asked | None, at: Any) -> dict[str, str]:
        """The states that are asked for, in words."""
        if isinstance(asked, AskedOfTwo):
            return {word: state_in_words(asked.two.state(place)) for place, word in enumerate(("now", "then"))}
        return {"at": state_in_words(dict(at))} if isinstance(at, Mapping) and is_one(at) else {}

    def _states(self, at: Any) -> dict[str, Any]:
        """The coordinate of several states of the covariates."""
        if self.recipe.predictors is None or at is None or is_one(at):
            return {}
        known = states(at, self.recipe.predictors.names)
        return {"state": ("state", np.asarray(index_of(known, at)))}

    def _attrs(self, name: str, asked: Asked | None) -> dict[str, Any]:
        """The attributes of a variable."""
        if name == "status":
            return dict(FLAGS)
        if name == "n":
            return without_unit("number of values")
        if name == "rate":
            return {"long_name": "peaks a year", "units": "year-1"}
        if name == "coefficients":
            return {"long_name": "coefficients of the parameters", "ancillary_variables": "status n"}
        if asked is not None and name in (asked.name, "lower", "upper"):
            return self._attrs_of_answer(name, asked)
        words, of_data = _PARAMETERS.get(name, (name.replace("_", " "), "shape" not in name))
        return self._said(words, of_data) | {"ancillary_variables": "status n"}

    def _attrs_of_answer(self, name: str, asked: Asked) -> dict[str, Any]:
        words = _IN_WORDS.get(asked.name, asked.name.replace("_", " "))
        if name == asked.name:
            return self._said(words, asked.in_data_unit) | {"ancillary_variables": "lower upper status n"}
        return self._said(f"{name} limit of the {words}", asked.in_data_unit) | {"confidence": asked.confidence}

    def _said(self, words: str, of_data: bool) -> dict[str, Any]:
        return in_data_unit(self.grid, words) if of_data else without_unit(words)


def on_status(status: Any) -> list[Note]:
    """How many cells have no estimate, by their flags."""
    counts = np.bincount(np.asarray(status).ravel(), minlength=len(Status))
    some = [flag for flag in Status if flag is not Status.CONVERGED and counts[flag]]
    return [Note("cells_without", flag.label, count=int(counts[flag]), cells=int(counts.sum())) for flag in some]


def _usual_dim(array: Any) -> str:
    """``block`` where there is that and no ``time``."""
    dims = getattr(array, "dims", ())
    return "block" if "block" in dims and "time" not in dims else "time"


def _family(family: str | type[Family] | None, grid: Opened, peaks: bool) -> type[Family]:
    kind = grid.array.attrs.get("kind")
    if peaks:
        return family_of_peaks(family, kind == "min")
    wanted = family_for(family, None)
    return wanted if kind is None else family_of_blocks(wanted, kind == "min")


def _context(grid: Opened) -> tuple[Any, Context]:
    """A series along the observations, to which covariates are joined, and what its numbers mean."""
    import pandas as pd

    refuse_doubled(index := index_along(grid), grid)
    along: Any = np.zeros(grid.count) if index is None else pd.Series(np.zeros(len(index)), index=index)
    found = Context() if index is None else source_of(along)[1]
    per_year = grid.array.attrs.get("blocks_per_year", found.blocks_per_year)
    return along, Context(grid.name, grid.unit, None if per_year is None else float(per_year), notes=found.notes)


__all__ = ["GridFits", "Modelled", "on_status"]
