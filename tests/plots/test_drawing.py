"""Figures as files: laid out once, whole, apart from one another, and the same in every format."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from evstats import plots
from evstats.fitting import Fit, fit
from evstats.plots.drawing import FORMATS, Drawing, blank
from evstats.plots.figures import SIZES, diagnostics_title

FITS = ["flood_fit", "low_flow_fit", "monthly_fit", "undated_fit"]
LONG = "a long title " * 30
PANELS = ("pp", "qq", "return_level", "density")


def judged(fitted: Fit, title: str = "") -> Drawing:
    """The four plots by which a fit is judged."""
    figure, panels = blank(SIZES["diagnostics"], 2, 2)
    for name, ax in zip(PANELS, figure.axes, strict=True):
        ax.set_gid(name)
    plots.diagnostics(fitted, panels)
    return Drawing(figure, title or diagnostics_title(fitted))


@pytest.mark.parametrize(("name", "title"), list(zip(FITS, ["", LONG, LONG, ""], strict=True)), ids=FITS)
def test_labels_stay_in_their_cells_and_cells_apart(name: str, title: str, request: pytest.FixtureRequest) -> None:
    fitted = request.getfixturevalue(name)
    drawing = judged(fitted, diagnostics_title(fitted, title or None))
    figure = drawing.figure
    height = 72 * figure.get_figheight()
    cells = np.array([drawing.cells[panel] for panel in PANELS])
    assert cells[:, :2].min() >= 0
    assert (cells[:, :2] + cells[:, 2:]).max(axis=0).tolist() <= [72 * figure.get_figwidth(), height]
    (left, top), (wide, high) = cells[:, :2].T, cells[:, 2:].T
    assert np.all(left[[0, 2]] + wide[[0, 2]] < left[[1, 3]])
    assert np.all(top[:2] + high[:2] < top[2:])
    assert np.ptp(wide) < 1e-6  # all of one size on a page
    drawing.image("png")
    renderer = drawing._agg.get_renderer()
    to_points = 72 / figure.dpi
    for ax, (x, y, w, h) in zip(figure.axes, cells, strict=True):
        box = ax.get_tightbbox(renderer, for_layout_only=True)
        assert box is not None
        assert x - 1 <= box.x0 * to_points
        assert box.x1 * to_points <= x + w + 1
        assert height - y - h - 1 <= box.y0 * to_points
        assert box.y1 * to_points <= height - y + 1
    above = figure.texts[0].get_window_extent(renderer)
    assert height - above.y0 * to_points <= cells[:, 1].min()


def test_every_format_is_made_once_and_the_same_each_time(flood_fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    draws = []
    draw = Figure.draw
    monkeypatch.setattr(Figure, "draw", lambda figure, renderer: (draws.append(figure), draw(figure, renderer))[1])
    drawing = judged(flood_fit)
    made = {form: drawing.image(form) for form in FORMATS}
    assert len(draws) == len(FORMATS)
    assert {form: drawing.image(form) for form in FORMATS} == made
    assert len(draws) == len(FORMATS)
    again = judged(flood_fit)
    assert {form: again.image(form) for form in reversed(FORMATS)} == made
    assert plt.get_fignums() == []


def test_the_size_is_that_of_the_plots_or_what_is_asked(flood_fit: Fit) -> None:
    drawing = judged(flood_fit)
    width, height = SIZES["diagnostics"]
    for dpi, wanted in ((None, 150), (60, 60), (None, 150)):
        image = plt.imread(io.BytesIO(drawing.image("png", dpi)))
        assert image.shape[:2] == (round(height * wanted), round(width * wanted))


@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")
def test_letters_of_an_svg_can_be_searched() -> None:
    sample = plots.plotting_positions([1.0, 2.0, 4.0, 3.0, 7.0, 5.0])["value"].rename("水位")
    root = ElementTree.fromstring(judged(fit(sample, "gumbel"), "title").image("svg"))
    words = {"".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"title", "水位", "Probabilities", "return period T (blocks)"} <= words
