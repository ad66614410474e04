"""The figures by name, as the bytes of image files. Imports matplotlib, so commands import it when they draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from evstats import plots
from evstats.errors import ArgumentError, nearest
from evstats.extremes.peak_records import Peaks
from evstats.plots.canvas import SIZES
from evstats.plots.drawing import FORMATS, Drawing
from evstats.plots.moving_points import two_states
from evstats.registry import Registry
from evstats.report.pictures import Figures, drawn

if TYPE_CHECKING:
    from evstats.bulletin import Bulletin17C
    from evstats.fitting import IDF, Combined, Fit
    from evstats.losses import Backtest
    from evstats.regions import RegionalFit
    from evstats.report.questions import Certainty
    from evstats.thresholds import Choice


@dataclass(frozen=True)
class Figure:
    """One of the figures, and the tables behind it."""

    drawn: Callable[[Figures], Drawing]
    data: Callable[[Figures], Mapping[str, pd.DataFrame]]


def _levels(figures: Figures) -> dict[str, pd.DataFrame]:
    points = plots.return_level_points(figures.lead, at=figures.at)
    tables = {"observations": points, "curve": figures.curve.reset_index()}
    if figures.other is not None and figures.other_curve is not None:
        tables[f"{figures.other.family.of_maxima().name}_curve"] = figures.other_curve.reset_index()
    return tables


def _marked(figures: Figures) -> dict[str, pd.DataFrame]:
    if (peaks := figures.lead.peaks) is not None:
        return {"peaks": plots.peak_points(peaks)}
    assert figures.lead.extremes is not None, "commands fit block maxima or peaks"
    return {"extremes": plots.extreme_points(figures.lead.extremes)}


def _judged(figures: Figures) -> dict[str, pd.DataFrame]:
    lead = figures.lead
    beside = (
        {"residuals": plots.residual_points(lead)} if lead.has_covariates else {"density": plots.density_points(lead)}
    )
    return {**_agreement(figures), **beside}


def _two_states(figures: Figures) -> dict[str, pd.DataFrame]:
    lead = figures.lead
    then, now = two_states(lead)
    states = {"now": figures.at or now, "then": then}
    options: Any = {"interval": figures.sure.interval, "confidence": figures.sure.confidence}
    curves = {word: plots.return_level_curve(lead, at=at, **options).reset_index() for word, at in states.items()}
    points = {f"observations_{word}": plots.return_level_points(lead, at=at) for word, at in states.items()}
    return {**curves, **points}


def _agreement(figures: Figures) -> dict[str, pd.DataFrame]:
    return {"quantiles": plots.qq_points(figures.lead), "probabilities": plots.pp_points(figures.lead)}


#: The figures, the one most often wanted first.
FIGURES: Registry[Figure] = Registry(
    "figure",
    {
        "return-level": Figure(lambda figures: figures.return_levels, _levels),
        "diagnostics": Figure(lambda figures: figures.diagnostics, _judged),
        "trend": Figure(
            lambda figures: figures.trend,
            lambda figures: {"observations": plots.trend_points(figures.lead), "levels": figures.moving_levels},
        ),
        "then-and-now": Figure(lambda figures: figures.then_and_now, _two_states),
        "series": Figure(lambda figures: figures.series, _marked),
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


def of_trend(fit: Fit, sure: Certainty) -> dict[str, Drawing]:
    """The figures of a fit with covariates, by the names of their files, that of the levels that move first."""
    figures = Figures([fit], sure)
    return {
        "trend": figures.trend,
        "then_and_now": figures.then_and_now,
        "diagnostics": figures.diagnostics,
    }


def of_two_states(fit: Fit, now: Any, then: Any, event: float, sure: Certainty) -> dict[str, Drawing]:
    """The figures of an attribution, by the names of their files, that of the two states first."""
    options: Any = {"now": now, "then": then, "event": event, "interval": sure.interval, "confidence": sure.confidence}
    name, figures = "then_and_now", Figures([fit], sure)
    return {
        name: drawn(name, SIZES["return_level"], lambda panels: plots.then_and_now(fit, panels[0], **options)),
        "trend": figures.trend,
        "diagnostics": figures.diagnostics,
    }


def of_peaks(peaks: Peaks) -> dict[str, Drawing]:
    """The figures of the peaks of a series, by the names of their files."""
    return {"series": drawn("series", SIZES["peaks"], lambda panels: plots.peaks(peaks, panels[0]))}


def of_backtest(bt: Backtest) -> dict[str, Drawing]:
    """The figure of a back-test, by the name of its file."""
    return {"backtest": drawn("backtest", SIZES["backtest"], lambda panels: plots.backtest(bt, panels[0]))}


def of_tail(fit: Fit, layers: Any, sure: Certainty) -> dict[str, Drawing]:
    """The tail of losses with the layers, by the name of its file."""
    options: Any = {"layers": layers, "interval": sure.interval, "confidence": sure.confidence}
    return {"tail": drawn("tail", SIZES["tail"], lambda panels: plots.tail(fit, panels[0], **options))}


def of_choice(choice: Choice, table: pd.DataFrame) -> dict[str, Drawing]:
    """The figures by which a threshold is chosen, by the names of their files, that of the choice first."""
    wide, high = SIZES["panel"]
    two, at = (wide, 2 * high), choice.threshold
    confidence = table.attrs["confidence"]
    return {
        "choice": drawn("choice", two, lambda axes: plots.threshold_choice(choice, axes, confidence=confidence), 2),
        "stability": drawn("stability", two, lambda axes: plots.threshold_stability(table, axes, threshold=at), 2),
        "mean_excess": drawn(
            "mean_excess", SIZES["mean_excess"], lambda axes: plots.mean_excess(table, axes[0], threshold=at)
        ),
    }


def of_region(fit: RegionalFit, confidence: float, correlation: float) -> dict[str, Drawing]:
    """The growth curve, and the L-moment ratios of the sites."""
    options: Any = {"confidence": confidence, "correlation": correlation}
    return {
        "growth_curve": drawn(
            "growth_curve", SIZES["return_level"], lambda axes: plots.growth_curve(fit, axes[0], **options)
        ),
        "lmoment_ratios": drawn(
            "lmoment_ratios", SIZES["density"], lambda axes: plots.lmoment_ratios(fit.region, axes[0])
        ),
    }


def of_curves(fit: IDF, periods: Sequence[float] | None, options: Mapping[str, Any]) -> dict[str, Drawing]:
    """Intensity-duration-frequency curves, by the name of their file."""
    chosen: Any = dict(options) if periods is None else {"periods": periods, **options}
    return {"idf": drawn("idf", SIZES["return_level"], lambda axes: plots.idf(fit, axes[0], **chosen))}


def of_causes(combined: Combined, sure: Certainty) -> dict[str, Drawing]:
    """The levels of causes together."""
    options: Any = {"interval": sure.interval, "confidence": sure.confidence}
    return {
        "combined": drawn("combined", SIZES["return_level"], lambda axes: plots.combined(combined, axes[0], **options))
    }


def of_bulletin(found: Bulletin17C, confidence: float) -> dict[str, Drawing]:
    """The flows of Bulletin 17C with its limits, by the name of the file."""
    name = "return_levels"
    return {
        name: drawn(name, SIZES["return_level"], lambda axes: plots.return_level(found, axes[0], confidence=confidence))
    }


def format_of(path: Path) -> str:
    """The format that a file's suffix stands for."""
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        known = ", ".join(f".{known}" for known in FORMATS)
        raise ArgumentError(f"{path} does not end in a known image format", f"known: {known}.{nearest(form, FORMATS)}")
    return form
