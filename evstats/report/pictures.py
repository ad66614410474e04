"""The figures of a report: drawn in the plots' own style, as SVG that follows the colours of the page around it."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from xml.etree import ElementTree

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evstats import plots
from evstats.errors import EvstatsWarning
from evstats.fitting import Fit
from evstats.plots.figures import FITTED, GRID, LEFT_OUT, OBSERVED, QUIET
from evstats.plots.layout import lay_out
from evstats.reading.units import labelled
from evstats.report.document import Document
from evstats.report.questions import Certainty
from evstats.report.words import blocks_in_words, label, of_distinct_families, reference_in_words
from evstats.text.numbers import number

#: What a colour of the plots is called in the style of the page, where it has a value for light and one for dark.
COLOURS = {
    OBSERVED: "--ink", QUIET: "--quiet", GRID: "--grid", FITTED: "--fitted", LEFT_OUT: "--beside",
    "#8FA9BC": "--line", "#D9D9D9": "--bar", "#FFFFFF": "--paper", "#000000": "--ink",
}  # fmt: skip
_COLOUR = re.compile("|".join(COLOURS), re.IGNORECASE)
_PAINTED = ("style", "fill", "stroke")
_SVG = "http://www.w3.org/2000/svg"
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ElementTree.register_namespace("", _SVG)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")


@dataclass(frozen=True)
class Picture:
    """A figure as an SVG element, which describes itself to those who do not see it, and its caption."""

    caption: str
    svg: str


@dataclass(frozen=True)
class _Drawing:
    """How a figure is drawn, its size in inches, and its caption and its description."""

    draw: Callable[[Document, Axes], object]
    size: tuple[float, float]
    caption: Callable[[Document], str]
    says: Callable[[Document], str]


def pictures(report: Document) -> dict[str, Picture]:
    """The figures that the sections of a report name, in their order."""
    return {name: _picture(report, name) for section in report.sections for name in section.pictures}


def _picture(report: Document, name: str) -> Picture:
    drawing = DRAWINGS[name]
    figure = Figure(figsize=drawing.size, layout="constrained")
    content = io.StringIO()
    with _drawing(name):
        axes = figure.add_subplot()
        drawing.draw(report, axes)
        if name not in _PANELS:  # the heading and the caption say it
            axes.set_title("", loc="left")
        lay_out(figure)
        figure.savefig(content, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    caption = drawing.caption(report)
    return Picture(caption, _inline(content.getvalue(), name, f"{caption} {drawing.says(report)}".strip()))


@contextmanager
def _drawing(name: str) -> Iterator[None]:
    """Letters stay letters, so that the page can be searched and read aloud, in whatever script the browser knows; what
    the fits warn of the report says itself."""
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "font.size": 9.0}), warnings.catch_warnings():
        warnings.simplefilter("ignore", EvstatsWarning)
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        yield


def _inline(svg: str, name: str, described: str) -> str:
    """An SVG file as an element of a page: names of its own, colours of the page, a description."""
    root = ElementTree.fromstring(_NO_XML.sub("", svg).encode())
    for element in root.iter():
        for key, value in element.attrib.items():
            element.set(key, _attribute(key, value, name))
    for metadata in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(metadata)
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    root.attrib |= {"role": "img", "aria-label": described}
    return ElementTree.tostring(root, encoding="unicode")


def _attribute(key: str, value: str, name: str) -> str:
    """An attribute with names that no other figure has, and with the page's colours."""
    if key == "id":
        return f"{name}-{value}"
    if key.endswith("href"):
        return value.replace("#", f"#{name}-", 1)
    value = value.replace("url(#", f"url(#{name}-")
    return _COLOUR.sub(lambda found: f"var({COLOURS[found[0].upper()]})", value) if key in _PAINTED else value


# -- what each figure shows --------------------------------------------------------------------------------------------


def _draw_series(report: Document, axes: Axes) -> object:
    extremes = report.fits[0].extremes
    assert extremes is not None, "the section is there only where blocks are known"
    return plots.series(extremes, axes)


def draw_levels(fits: Sequence[Fit], sure: Certainty, axes: Axes | None = None) -> Axes:
    """The return levels of the first fit, with those of another family, on its condition, laid over."""
    axes = plots.return_level(fits[0], axes, interval=sure.interval, confidence=sure.confidence)
    for _, other in of_distinct_families(fits)[1:2]:
        plots.return_level(other, axes, confidence=sure.confidence, color=LEFT_OUT, label=reference_in_words(other))
    return axes


def _other(report: Document) -> Fit | None:
    return next((fit for _, fit in of_distinct_families(report.fits)[1:]), None)


def _say_series(report: Document) -> str:
    values = report.fits[0].values
    return f"The {report.fits[0].n} values lie between {number(values.min())} and {number(values.max())}."


def _say_levels(report: Document) -> str:
    frame = report.tables["return_levels"].frame
    periods, levels = (frame[name].to_numpy() for name in ("return_period", "estimate"))
    first, last = (
        f"{number(levels[at])} at T = {number(periods[at], 6)}" for at in (periods.argmin(), periods.argmax())
    )
    return f"The line of {label(report.fits[0])} passes from {first} to {last}."


def _caption_series(report: Document) -> str:
    lead = report.fits[0]
    return f"{labelled(lead.name, lead.unit)}: the series, and the extreme of each block; {blocks_in_words(lead)}."


def _caption_levels(report: Document) -> str:
    other = _other(report)
    beside = f"; orange: {reference_in_words(other)}" if other is not None else ""
    return (
        "Return levels on Gumbel probability paper, on which a Gumbel distribution is a straight line. Blue: "
        f"{label(report.fits[0])}{beside}; shaded: the intervals; circles: the observations."
    )


def _panel(draw: Callable[[Fit, Certainty, Axes], object], caption: str) -> _Drawing:
    """A small figure of the first fit alone, whose caption says all there is to say."""
    return _Drawing(
        lambda report, axes: draw(report.fits[0], report.questions.certainty, axes),
        (4.4, 3.0),
        lambda _: caption,
        lambda _: "",
    )


_PANELS: dict[str, _Drawing] = {
    "probabilities": _panel(
        lambda fit, sure, axes: plots.pp(fit, axes, confidence=sure.confidence, title="Probabilities"),
        "Fitted against empirical probabilities.",
    ),
    "quantiles": _panel(
        lambda fit, sure, axes: plots.qq(fit, axes, confidence=sure.confidence, title="Quantiles"),
        "Observed against fitted quantiles.",
    ),
    "levels_of_lead": _panel(
        lambda fit, sure, axes: plots.return_level(
            fit, axes, interval=sure.interval, confidence=sure.confidence, title="Return levels"
        ),
        "Return levels of this fit alone.",
    ),
    "density": _panel(
        lambda fit, sure, axes: plots.density(fit, axes, title="Density"),
        "Fitted density and histogram of the observations.",
    ),
}
DRAWINGS: Mapping[str, _Drawing] = {
    "series": _Drawing(_draw_series, (5.4, 2.1), _caption_series, _say_series),
    "return_levels": _Drawing(
        lambda report, axes: draw_levels(report.fits, report.questions.certainty, axes),
        (5.4, 3.3),
        _caption_levels,
        _say_levels,
    ),
    **_PANELS,
}
"""The figures by name."""
