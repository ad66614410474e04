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
from evstats.fitting import Fit
from evstats.registry import Registry
from evstats.report import answers
from evstats.report.questions import Certainty
from evstats.series.records import Extremes

_BESIDE = "#D55E00"


@dataclass(frozen=True)
class Figure:
    """How to draw a figure of a fit, and the tables behind it."""

    draw: Callable[[Fit, Certainty], Axes]
    data: Mapping[str, Callable[[Fit], pd.DataFrame]]


def _extremes(fit: Fit) -> Extremes:
    assert fit.extremes is not None, "commands fit block maxima"
    return fit.extremes


FIGURES: Registry[Figure] = Registry(
    "figure",
    {
        "return-level": Figure(
            lambda fit, sure: plots.return_level(fit, interval=sure.interval, confidence=sure.confidence),
            {
                "observations": plots.return_level_points,
                "curve": lambda fit: plots.return_level_curve(fit).reset_index(),
            },
        ),
        "diagnostics": Figure(
            lambda fit, sure: plots.diagnostics(fit, interval=sure.interval, confidence=sure.confidence)[0, 0],
            {"quantiles": plots.qq_points, "probabilities": plots.pp_points, "density": plots.density_points},
        ),
        "series": Figure(
            lambda fit, _: plots.series(_extremes(fit)), {"extremes": lambda fit: plots.extreme_points(_extremes(fit))}
        ),
        "qq": Figure(lambda fit, sure: plots.qq(fit, confidence=sure.confidence), {"quantiles": plots.qq_points}),
        "pp": Figure(lambda fit, sure: plots.pp(fit, confidence=sure.confidence), {"probabilities": plots.pp_points}),
        "density": Figure(
            lambda fit, _: plots.density(fit), {"density": plots.density_points, "histogram": plots.histogram_points}
        ),
    },
)
"""The figures, the one most often wanted first."""

FORMATS: dict[str, dict[str, Any]] = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
"""File formats, with what keeps the time of day out of them: the same fit gives the same file."""


def return_levels(fits: Sequence[Fit], sure: Certainty) -> Axes:
    """Return levels of the first fit, with those of the first of another family laid over."""
    axes = FIGURES["return-level"].draw(fits[0], sure)
    for _, other in answers.of_distinct_families(fits)[1:2]:
        plots.return_level(other, axes, confidence=sure.confidence, color=_BESIDE)
    return axes


def images(draw: Callable[[], Axes], formats: Sequence[str]) -> list[bytes]:
    """A figure drawn once and saved in each of the formats, without a window."""
    mpl.use("agg")
    with mpl.rc_context({"svg.hashsalt": "evstats"}):
        figure: Any = draw().figure
        try:
            first = _saved(figure, formats[0])
            figure.set_layout_engine("none")  # what is laid out stays where it is
            return [first, *(_saved(figure, form) for form in formats[1:])]
        finally:
            plt.close("all")


def format_of(path: Path) -> str:
    """The format that a file's suffix stands for."""
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        known = ", ".join(f".{known}" for known in FORMATS)
        raise ArgumentError(f"{path} does not end in a known image format; known: {known}.{nearest(form, FORMATS)}")
    return form


def _saved(figure: Any, form: str) -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format=form, metadata=FORMATS[form])
    return content.getvalue()
