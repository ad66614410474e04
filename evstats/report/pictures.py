"""The figures of a report: drawn once, as files and as SVG that follows the colours of the page around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from evstats import plots
from evstats.fitting import Fit
from evstats.plots.canvas import in_two
from evstats.plots.drawing import Drawing, blank
from evstats.plots.figures import FITTED, GRID, LEFT_OUT, OBSERVED, QUIET, SIZES, diagnostics_title
from evstats.reading.units import labelled
from evstats.report.choosing import level_name
from evstats.report.document import Document
from evstats.report.questions import Certainty, Questions
from evstats.report.slider import THRESHOLD, Slider
from evstats.report.subjects import moving_of, subject_of
from evstats.report.values import listed
from evstats.report.words import label, of_distinct_families, reference_in_words
from evstats.text.numbers import number, percent

#: What a colour of the plots is called in the style of the page, where it has a value for light and one for dark.
COLOURS = {
    OBSERVED: "--ink", QUIET: "--quiet", GRID: "--grid", FITTED: "--fitted", LEFT_OUT: "--beside",
    "#8FA9BC": "--line", "#D9D9D9": "--bar", "#FFFFFF": "--paper", "#000000": "--ink",
}  # fmt: skip
_COLOUR = re.compile("|".join(COLOURS), re.IGNORECASE)
_PAINTED = ("style", "fill", "stroke")
_SVG = "http://www.w3.org/2000/svg"
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMED = re.compile(r"#([\w-]+)")
ElementTree.register_namespace("", _SVG)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")

#: What is said of the column that a choice of the threshold looks at.
_CRITERIA = {
    "eqd": "Expected quantile discrepancy: how far the GPD misses the peaks, least where bias and variance balance.",
    "weight": "Weight of each candidate by how well it predicts the highest peaks (cross-validation).",
    "forward_stop": "ForwardStop: mean of -log(1 - p) of the Anderson-Darling tests up to each candidate.",
    "score_p": "p-value of the score test that the shape is the same beyond all higher candidates.",
}


# -- the figures -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Figures:
    """The figures of fits of one series, the first of which answers; each is drawn once, when it is first asked for."""

    fits: Sequence[Fit]
    sure: Certainty
    at: Mapping[str, Any] | None = None
    """The state of the covariates in which levels are drawn, of a fit that has some: now."""
    then: Mapping[str, Any] | None = None
    """The state that it is compared with, and a level to draw across."""
    event: float | None = None

    @classmethod
    def of(cls, fits: Sequence[Fit], questions: Questions) -> Figures:
        """Those of a page that answers these questions."""
        compared = questions.compared
        return cls(fits, questions.certainty, compared.now, compared.then, compared.event)

    @property
    def lead(self) -> Fit:
        """The fit that answers."""
        return self.fits[0]

    @property
    def other(self) -> Fit | None:
        """The first fit of another family."""
        return next((fit for _, fit in of_distinct_families(self.fits)[1:]), None)

    @cached_property
    def curve(self) -> pd.DataFrame:
        """The return levels of the fit that answers."""
        return plots.return_level_curve(self.lead, at=self.at, **self._certainty)

    @cached_property
    def value_at_risk_curve(self) -> pd.DataFrame:
        """The tail of the fit that answers."""
        return plots.value_at_risk_curve(self.lead, **self._certainty)

    @property
    def _certainty(self) -> dict[str, Any]:
        return {"interval": self.sure.interval, "confidence": self.sure.confidence}

    @cached_property
    def moving_levels(self) -> pd.DataFrame:
        """The levels of a fit with covariates at every block."""
        return plots.trend_curve(self.lead, **self._certainty)

    @cached_property
    def trend(self) -> Drawing:
        """The extremes over time and the levels that move."""
        return _drawn("trend", "trend", lambda ax: plots.trend(self.lead, ax, curve=self.moving_levels))

    @cached_property
    def then_and_now(self) -> Drawing:
        """The levels in two states, those that are compared if none are given."""
        return _drawn(
            "then_and_now",
            "return_level",
            lambda ax: plots.then_and_now(
                self.lead, ax, now=self.at, then=self.then, event=self.event, **self._certainty
            ),
        )

    @cached_property
    def other_curve(self) -> pd.DataFrame | None:
        """The return levels of the fit of another family."""
        if (other := self.other) is None:
            return None
        return plots.return_level_curve(other, confidence=self.sure.confidence)

    @cached_property
    def series(self) -> Drawing:
        """The series with its block extremes, or its peaks, marked."""
        subject = subject_of(self.lead)
        return _drawn("series", subject.figure, subject.draw)

    @cached_property
    def return_levels(self) -> Drawing:
        """The return levels with those of another family, on its condition, laid over."""
        return _drawn("return_levels", "return_level", self._draw_levels)

    @cached_property
    def tail(self) -> Drawing:
        """The tail of losses with that of another family, on its condition, laid over."""
        return _drawn("tail", "tail", self._draw_tail)

    @cached_property
    def diagnostics(self) -> Drawing:
        """The four plots by which the fit is judged."""
        figure, panels = blank(SIZES["diagnostics"], 2, 2)
        for name, ax in zip(subject_of(self.lead).panels, figure.axes, strict=True):
            ax.set_gid(name)
        tail = subject_of(self.lead).leads_with_risk
        curve = None if self.lead.has_covariates else self.value_at_risk_curve if tail else self.curve
        plots.diagnostics(self.lead, panels, **self._certainty, curve=curve, tail=tail)
        return Drawing(figure, diagnostics_title(self.lead))

    @cached_property
    def qq(self) -> Drawing:
        """Observed against fitted quantiles."""
        return _drawn("qq", "qq", lambda ax: plots.qq(self.lead, ax, confidence=self.sure.confidence))

    @cached_property
    def pp(self) -> Drawing:
        """Fitted against empirical probabilities."""
        return _drawn("pp", "pp", lambda ax: plots.pp(self.lead, ax, confidence=self.sure.confidence))

    @cached_property
    def density(self) -> Drawing:
        """The fitted density over the histogram of the observations."""
        return _drawn("density", "density", lambda ax: plots.density(self.lead, ax))

    def _draw_levels(self, ax: Axes) -> Axes:
        plots.return_level(self.lead, ax, curve=self.curve, at=self.at)
        if (other := self.other) is not None:
            plots.return_level(other, ax, curve=self.other_curve, color=LEFT_OUT, label=_in_legend(other))
        return ax

    def _draw_tail(self, ax: Axes) -> Axes:
        plots.value_at_risk(self.lead, ax, curve=self.value_at_risk_curve)
        if (other := self.other) is not None:
            plots.value_at_risk(other, ax, confidence=self.sure.confidence, color=LEFT_OUT, label=_in_legend(other))
        return ax


def _in_legend(reference: Fit) -> str:
    """The reference fit, its condition below where both are long."""
    name, comma, condition = reference_in_words(reference).partition(", ")
    return in_two(f"{name}{comma.strip()}", condition, most=60)


def _drawn(name: str, plot: str, draw: Callable[[Axes], Axes]) -> Drawing:
    """One of the plots on a figure of its own, its title above all."""
    return drawn(name, SIZES[plot], lambda panels: draw(panels[0]))


def drawn(
    name: str, size: tuple[float, float], draw: Callable[[NDArray[np.object_]], object], rows: int = 1
) -> Drawing:
    """A plot on so many Axes below each other, its title above all."""
    figure, panels = blank(size, rows)
    draw(panels[:, 0])
    for place, ax in enumerate(panels[:, 0]):
        ax.set_gid(f"{name}_{place}" if place else name)
    title = panels[0, 0].get_title(loc="left")
    panels[0, 0].set_title("", loc="left")
    return Drawing(figure, title)


# -- on the page -------------------------------------------------------------------------------------------------------


class Picture(NamedTuple):
    """A figure as an SVG element, which describes itself to those who do not see it, its caption, and where in it
    candidates are: ``x`` and ``y`` of each, None where it is not in the picture, between ``top`` and ``bottom``.
    """

    svg: str
    caption: str
    places: dict[str, Any] | None = None


def pictures(report: Document, figures: Figures) -> dict[str, Picture]:
    """The figures that the sections of a report name, in their order."""
    found: dict[str, Picture] = {}
    named = {name for section in report.sections for name in section.pictures}
    for name, (caption, said) in _CAPTIONS.items():
        if name in named:
            found |= _of_page(getattr(figures, name), {name: (caption(figures), said(report))})
    for part in report.parts.values():
        if isinstance(part, Slider):
            found |= _of_candidates(part)
    captions = {name: (caption, "") for name, caption in subject_of(figures.lead).panels.items()}
    return found | _of_page(figures.diagnostics, captions)


def _of_candidates(part: Slider) -> dict[str, Picture]:
    """The figures by which a threshold is judged, with the places of the candidates in them."""
    table, drawing = part.candidates, candidates(part)
    captions = dict(zip(THRESHOLD, _on_thresholds(part), strict=True))
    found = _of_page(drawing, {name: (caption, "") for name, caption in captions.items()})
    columns = dict(zip(THRESHOLD, _columns(part), strict=True))
    return {name: found[name]._replace(places=_places(drawing, name, table[columns[name]])) for name in found}


def candidates(part: Slider) -> Drawing:
    """The four plots by which a threshold is judged, the threshold of the report marked."""
    figure, panels = blank(SIZES["diagnostics"], 2, 2)
    table, at = part.candidates, part.threshold
    for name, ax, column in zip(THRESHOLD, panels.ravel(), _columns(part), strict=True):
        ax.set_gid(name)
        if column == "mean_excess":
            plots.mean_excess(table, ax, threshold=at, title=" ")
        else:
            plots.threshold_stability(table, ax, columns=(column,), threshold=at, title=" ")
        ax.set_title("", loc="left")
    return Drawing(figure, "")


def _columns(part: Slider) -> tuple[str, ...]:
    """The columns that the four show."""
    return "shape", "level", "mean_excess", part.criterion


def _on_thresholds(part: Slider) -> tuple[str, ...]:
    """What is said of the four."""
    return (
        "Shape of the GPD beyond each candidate, with its limits.",
        f"The {level_name(part.frame.attrs)} by each, with its limits.",
        "Mean excess of the peaks: a straight line beyond a threshold that holds.",
        _CRITERIA[part.criterion],
    )


def _places(drawing: Drawing, name: str, column: pd.Series) -> dict[str, Any]:
    """Where the candidates are in one of the Axes, in the units of its SVG."""
    ax = next(ax for ax in drawing.figure.axes if ax.get_gid() == name)
    x, y = column.index.to_numpy(dtype=float), column.to_numpy(dtype=float)
    bottom, top = drawing.points(ax, x[[0, 0]], np.array(ax.get_ylim()))[:, 1]
    places = drawing.points(ax, x, np.nan_to_num(y, nan=ax.get_ylim()[0]))
    seen = np.isfinite(y) & (places[:, 1] >= top) & (places[:, 1] <= bottom)
    return {
        "x": [round(float(x), 2) for x in places[:, 0]],
        "y": [round(float(y), 2) if there else None for y, there in zip(places[:, 1], seen, strict=True)],
        "top": round(float(top), 2),
        "bottom": round(float(bottom), 2),
    }


def _of_page(drawing: Drawing, captions: Mapping[str, tuple[str, str]]) -> dict[str, Picture]:
    """The Axes of a figure, each by itself and without the title: the heading and the caption say it."""
    root = ElementTree.fromstring(_NO_XML.sub("", drawing.image("svg").decode()))
    return {
        name: Picture(_element(root, name, drawing.cells[name], f"{caption} {said}".strip()), caption)
        for name, (caption, said) in captions.items()
    }


def _element(root: Element, name: str, cell: Sequence[float], described: str) -> str:
    """One of the Axes of an SVG file as an element of a page: a view of its cell, with all that it refers to."""
    known = {element.attrib["id"]: element for element in root.iter() if "id" in element.attrib}
    axes, definitions = deepcopy(known[name]), Element(f"{{{_SVG}}}defs")
    own = {element.get("id") for element in axes.iter()}
    used = {used for element in axes.iter() for value in element.attrib.values() for used in _NAMED.findall(value)}
    definitions.extend(deepcopy(known[used]) for used in sorted(used & known.keys() - own))
    for element in (*axes.iter(), *definitions.iter()):
        for key, value in element.attrib.items():
            element.set(key, _attribute(key, value, name))
    shown = {"viewBox": " ".join(f"{length:.2f}" for length in cell), "role": "img", "aria-label": described}
    svg = Element(f"{{{_SVG}}}svg", {**shown, "style": "stroke-linejoin: round; stroke-linecap: butt"})
    svg.extend([definitions, axes])
    return ElementTree.tostring(svg, encoding="unicode")


def _attribute(key: str, value: str, name: str) -> str:
    """An attribute with names that no other figure has, and with the page's colours."""
    if key == "id":
        return f"{name}-{value}"
    if key.endswith("href"):
        return value.replace("#", f"#{name}-", 1)
    value = value.replace("url(#", f"url(#{name}-")
    return _COLOUR.sub(lambda found: f"var({COLOURS[found[0].upper()]})", value) if key in _PAINTED else value


def _caption_series(figures: Figures) -> str:
    lead = figures.lead
    return f"{labelled(lead.name, lead.unit)}: {subject_of(lead).series_caption}"


def _say_series(report: Document) -> str:
    lead = report.fits[0]
    return f"The {lead.n} values lie between {number(lead.values.min())} and {number(lead.values.max())}."


def _caption_levels(figures: Figures) -> str:
    beside = f"; orange: {reference_in_words(figures.other)}" if figures.other is not None else ""
    subject = subject_of(figures.lead)
    return f"{subject.paper} Blue: {label(figures.lead)}{beside}; shaded: the intervals; circles: the {subject.points}."


def _say_levels(report: Document) -> str:
    frame = report.tables["return_levels"].frame
    periods, levels = (frame[name].to_numpy() for name in ("return_period", "estimate"))
    first, last = (
        f"{number(levels[at])} at T = {number(periods[at], 6)}" for at in (periods.argmin(), periods.argmax())
    )
    return f"The line of {label(report.fits[0])} passes from {first} to {last}."


def _caption_tail(figures: Figures) -> str:
    beside = f"; orange: {reference_in_words(figures.other)}" if figures.other is not None else ""
    return (
        "How likely larger losses are, both axes by their logarithm, on which the tail of a power is a straight line. "
        f"Blue: {label(figures.lead)}{beside}; shaded: the intervals; circles: the losses."
    )


def _say_tail(report: Document) -> str:
    frame = report.tables["risk"].frame
    own = frame[(frame["measure"] == "var")].drop_duplicates("level")
    told = listed([f"{number(row['estimate'])} at {percent(row['level'])}" for _, row in own.iterrows()])
    return f"By {label(report.fits[0])} the value at risk is {told}."


def _caption_trend(figures: Figures) -> str:
    lead, frame = figures.lead, figures.moving_levels
    sure = percent(frame.attrs["confidence"])
    periods = listed([number(period, 6) for period in sorted(frame["return_period"].unique())])
    return (
        f"The {moving_of(lead).sample}, and the levels of T = {periods} {lead.time_unit} that move with the "
        f"covariates; shaded: the {sure} interval of the rarest."
    )


def _caption_states(figures: Figures) -> str:
    subject = subject_of(figures.lead)
    across = "; the horizontal line is the event" if figures.event is not None else ""
    return (
        f"{subject.paper} Orange: now, blue: then; shaded: the intervals; circles: the {subject.points} "
        f"moved to either state{across}."
    )


def _say_states(report: Document) -> str:
    row = report.tables["then_and_now"].frame.iloc[-1]
    then, now = (number(row[word]) for word in ("then", "now"))
    return f"The level at T = {number(row['return_period'], 6)} is {now} now, and was {then} then."


#: The figures by themselves: the caption, and what is said of each to those who do not see it.
_CAPTIONS: Mapping[str, tuple[Callable[[Figures], str], Callable[[Document], str]]] = {
    "series": (_caption_series, _say_series),
    "tail": (_caption_tail, _say_tail),
    "return_levels": (_caption_levels, _say_levels),
    "trend": (_caption_trend, _say_series),
    "then_and_now": (_caption_states, _say_states),
}
