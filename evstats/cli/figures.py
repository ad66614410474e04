"""The figures by name, as the bytes of image files. Imports matplotlib, so commands import it when they draw."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

from evstats import plots
from evstats.errors import ArgumentError, nearest
from evstats.extremes.records import Extremes
from evstats.fitting import Fit
from evstats.plots.layout import lay_out
from evstats.registry import Registry
from evstats.report import pictures
from evstats.report.questions import Certainty
from evstats.report.words import of_distinct_families


@dataclass(frozen=True)
class Figure:
    """How to draw a figure of the fit that leads, with others beside it, and the tables behind it."""

    draw: Callable[[Sequence[Fit], Certainty], Axes]
    data: Callable[[Sequence[Fit]], Mapping[str, pd.DataFrame]]


def _of_lead(draw: Callable[[Fit, Certainty], Axes], **data: Callable[[Fit], pd.DataFrame]) -> Figure:
    """A figure of the fit that leads alone."""
    return Figure(
        lambda fits, sure: draw(fits[0], sure),
        lambda fits: {name: table(fits[0]) for name, table in data.items()},
    )


def _extremes(fit: Fit) -> Extremes:
    assert fit.extremes is not None, "commands fit block maxima"
    return fit.extremes


def _return_level_tables(fits: Sequence[Fit]) -> Mapping[str, pd.DataFrame]:
    curves = {"curve": fits[0]}
    curves |= {f"{fit.family.of_maxima().name}_curve": fit for _, fit in of_distinct_families(fits)[1:2]}
    tables = {name: plots.return_level_curve(fit).reset_index() for name, fit in curves.items()}
    return {"observations": plots.return_level_points(fits[0]), **tables}


#: The figures, the one most often wanted first.
FIGURES: Registry[Figure] = Registry(
    "figure",
    {
        "return-level": Figure(pictures.draw_levels, _return_level_tables),
        "diagnostics": _of_lead(
            lambda fit, sure: plots.diagnostics(fit, interval=sure.interval, confidence=sure.confidence)[0, 0],
            quantiles=plots.qq_points,
            probabilities=plots.pp_points,
            density=plots.density_points,
        ),
        "series": _of_lead(
            lambda fit, _: plots.series(_extremes(fit)), extremes=lambda fit: plots.extreme_points(_extremes(fit))
        ),
        "qq": _of_lead(lambda fit, sure: plots.qq(fit, confidence=sure.confidence), quantiles=plots.qq_points),
        "pp": _of_lead(lambda fit, sure: plots.pp(fit, confidence=sure.confidence), probabilities=plots.pp_points),
        "density": _of_lead(
            lambda fit, _: plots.density(fit), density=plots.density_points, histogram=plots.histogram_points
        ),
    },
)

#: File formats, with what keeps the time of day out of them: the same fit gives the same file.
FORMATS: dict[str, dict[str, Any]] = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


def images(draw: Callable[[], Axes], formats: Sequence[str], dpi: int | None = None) -> list[bytes]:
    """A figure drawn once and saved in each of the formats, without a window; ``dpi`` is that of the plots if None."""
    mpl.use("agg")
    with mpl.rc_context({"svg.hashsalt": "evstats"}):
        figure: Any = draw().figure
        try:
            lay_out(figure)
            return [_saved(figure, form, dpi) for form in formats]
        finally:
            plt.close("all")


def format_of(path: Path) -> str:
    """The format that a file's suffix stands for."""
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        known = ", ".join(f".{known}" for known in FORMATS)
        raise ArgumentError(f"{path} does not end in a known image format", f"known: {known}.{nearest(form, FORMATS)}")
    return form


def _saved(figure: Any, form: str, dpi: int | None) -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format=form, metadata=FORMATS[form], dpi=dpi or "figure")
    return content.getvalue()
