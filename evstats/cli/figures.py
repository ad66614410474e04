"""The figures by name, as the bytes of image files. Imports matplotlib, so commands import it when they draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from evstats import plots
from evstats.errors import ArgumentError, nearest
from evstats.plots.drawing import FORMATS, Drawing
from evstats.registry import Registry
from evstats.report.pictures import Figures


@dataclass(frozen=True)
class Figure:
    """One of the figures, and the tables behind it."""

    drawn: Callable[[Figures], Drawing]
    data: Callable[[Figures], Mapping[str, pd.DataFrame]]


def _levels(figures: Figures) -> dict[str, pd.DataFrame]:
    tables = {"observations": plots.return_level_points(figures.lead), "curve": figures.curve.reset_index()}
    if figures.other is not None and figures.other_curve is not None:
        tables[f"{figures.other.family.of_maxima().name}_curve"] = figures.other_curve.reset_index()
    return tables


def _agreement(figures: Figures) -> dict[str, pd.DataFrame]:
    return {"quantiles": plots.qq_points(figures.lead), "probabilities": plots.pp_points(figures.lead)}


#: The figures, the one most often wanted first.
FIGURES: Registry[Figure] = Registry(
    "figure",
    {
        "return-level": Figure(lambda figures: figures.return_levels, _levels),
        "diagnostics": Figure(
            lambda figures: figures.diagnostics,
            lambda figures: {**_agreement(figures), "density": plots.density_points(figures.lead)},
        ),
        "series": Figure(
            lambda figures: figures.series, lambda figures: {"extremes": plots.extreme_points(figures.extremes)}
        ),
        "qq": Figure(lambda figures: figures.qq, lambda figures: {"quantiles": plots.qq_points(figures.lead)}),
        "pp": Figure(lambda figures: figures.pp, lambda figures: {"probabilities": plots.pp_points(figures.lead)}),
        "density": Figure(
            lambda figures: figures.density,
            lambda figures: {
                "density": plots.density_points(figures.lead),
                "histogram": plots.histogram_points(figures.lead),
            },
        ),
    },
)


def format_of(path: Path) -> str:
    """The format that a file's suffix stands for."""
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        known = ", ".join(f".{known}" for known in FORMATS)
        raise ArgumentError(f"{path} does not end in a known image format", f"known: {known}.{nearest(form, FORMATS)}")
    return form
