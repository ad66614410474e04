"""A finished figure as image files: laid out once, and drawn once for each format."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase, get_registered_canvas_class
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from evstats.plots.canvas import OBSERVED, STYLE, TEXT

FORMATS: dict[str, dict[str, Any]] = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
"""File formats, with what keeps the time of day out of them: the same fit gives the same file."""

#: Letters of an SVG stay letters: it can be searched, read aloud and edited, in any script the reader's fonts know.
_SVG: dict[Any, Any] = {"svg.hashsalt": "evstats", "svg.fonttype": "none"}
#: Inches between what belongs to neighbouring Axes, and around all.
_GAP, _EDGE = 0.14, 0.06


class Drawing:
    """A figure to which nothing more is added, as the bytes of image files.

    ``figure`` holds Axes in rows and columns and no title, which is this one's. Each of the Axes has a ``gid``, by
    which ``cells`` says where it is: left, top, width and height in points, with all labels and without the title.
    """

    def __init__(self, figure: Figure, title: str) -> None:
        self.figure = figure
        self.dpi = figure.dpi
        self._agg = FigureCanvasAgg(figure)
        self._made: dict[tuple[str, float], bytes] = {}
        self.cells = _laid_out(figure, title, self._agg.get_renderer())  # type: ignore[no-untyped-call]

    def points(self, ax: Axes, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where places (k,) in the data of one of the Axes are, (k, 2): points from the left and from the top."""
        inches = ax.transData.transform(np.column_stack([x, y])) / self.figure.dpi
        return np.asarray(72.0 * (inches * [1.0, -1.0] + [0.0, self.figure.get_size_inches()[1]]))

    def image(self, form: str, dpi: float | None = None) -> bytes:
        """The figure in one of ``FORMATS``; ``dpi``, of a PNG, is that of the plots if None."""
        key = form, dpi or self.dpi
        if key not in self._made:
            self._made[key] = self._image(*key)
        return self._made[key]

    def _image(self, form: str, dpi: float) -> bytes:
        """Straight from the canvas: ``savefig`` would draw all of it a second time to lay it out."""
        # That of PNG is kept: it remembers from the layout how large every text is.
        canvas: Any = self._agg if form == "png" else get_registered_canvas_class(form)(self.figure)
        content = io.BytesIO()
        with mpl.rc_context(_SVG):
            self.figure.dpi = dpi
            getattr(canvas, f"print_{form}")(content, metadata=FORMATS[form])
        return content.getvalue()


def blank(size: tuple[float, float], rows: int = 1, columns: int = 1) -> tuple[Figure, NDArray[np.object_]]:
    """A figure of that size in inches that no window knows of, and its Axes in rows and columns."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=size)
        return figure, figure.subplots(rows, columns, squeeze=False)


def _laid_out(figure: Figure, title: str, renderer: RendererBase) -> dict[str, tuple[float, float, float, float]]:
    """Give all Axes one size and room for their labels, and the title its place; the cell of each Axes in points.

    They are measured once, where matplotlib's own layouts measure twice and again whenever they draw.
    """
    width, height = figure.get_size_inches()
    rows, columns = figure.axes[0].get_gridspec().get_geometry()  # type: ignore[union-attr]
    above = figure.suptitle(title, x=_EDGE / width, y=1.0 - _EDGE / height, ha="left", va="top", fontsize=TEXT + 1.5)
    above.set_color(OBSERVED)
    top = above.get_window_extent(renderer).height / figure.dpi + 2 * _EDGE
    around = np.array([_margins(ax, renderer) for ax in figure.axes])
    left, right, below = around[:, :3].max(axis=0)
    over = around[:, 3].reshape(rows, columns).max(axis=1)
    beside, between = left + right + _GAP, below + over[-1] + _GAP
    wide = (width - 2 * _EDGE - columns * beside + _GAP) / columns
    high = (height - top - _EDGE - over[0] - (rows - 1) * between - below) / rows
    figure.subplots_adjust(
        left=(_EDGE + left) / width,
        right=1.0 - (_EDGE + right) / width,
        bottom=(_EDGE + below) / height,
        top=1.0 - (top + over[0]) / height,
        wspace=beside / wide,
        hspace=between / high,
    )
    cells = {}
    for ax, room in zip(figure.axes, np.repeat(over, columns), strict=True):
        x, y = ax.get_position().x0 * width - left, (1.0 - ax.get_position().y1) * height - room
        cells[str(ax.get_gid())] = (72 * x, 72 * y, 72 * (left + wide + right), 72 * (room + high + below))
    return cells


def _margins(ax: Axes, renderer: RendererBase) -> list[float]:
    """Inches that labels and titles take to the left, to the right, below and above."""
    inner = ax.get_window_extent(renderer)
    outer = ax.get_tightbbox(renderer, bbox_extra_artists=ax.child_axes, for_layout_only=True)
    assert outer is not None, "these Axes are seen"
    beyond = (inner.x0 - outer.x0, outer.x1 - inner.x1, inner.y0 - outer.y0, outer.y1 - inner.y1)
    return [max(pixels, 0.0) / renderer.points_to_pixels(72.0) for pixels in beyond]
