"""A finished figure as image files: laid out once, and drawn once for each format."""

from __future__ import annotations

import io
from itertools import product
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase, get_registered_canvas_class
from matplotlib.figure import Figure
from numpy.typing import NDArray

from evstats.plots.figures import OBSERVED, STYLE, TEXT

FloatArray = NDArray[np.float64]

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
        self._agg: Any = get_registered_canvas_class("png")(
            figure
        )  # kept, since its renderer remembers the size of every text
        self._made: dict[tuple[str, float], bytes] = {}
        self.cells = _laid_out(figure, title, self._agg.get_renderer())

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
    top = above.get_window_extent(renderer).height / figure.dpi + _EDGE
    left, over, right, below = np.array([_margins(ax, renderer) for ax in figure.axes]).T.reshape(4, rows, columns)
    across = _stretches(0.0, width, np.full(columns, left.max()), right.max(axis=0))
    down = _stretches(top, height, over.max(axis=1), below.max(axis=1))
    cells = {}
    for ax, (y, x) in zip(figure.axes, product(down, across), strict=True):
        ax.set_position((x.inner / width, 1.0 - (y.inner + y.size) / height, x.size / width, y.size / height))
        cells[ax.get_gid() or ""] = (72 * x.start, 72 * y.start, 72 * x.length, 72 * y.length)
    return cells


def _margins(ax: Axes, renderer: RendererBase) -> list[float]:
    """Inches that labels and titles take to the left, above, to the right and below."""
    inner = ax.get_window_extent(renderer)
    outer = ax.get_tightbbox(renderer, bbox_extra_artists=ax.child_axes, for_layout_only=True)
    assert outer is not None, "these Axes are seen"
    beyond = np.array([inner.x0 - outer.x0, outer.y1 - inner.y1, outer.x1 - inner.x1, inner.y0 - outer.y0])
    return list(np.maximum(beyond, 0.0) / renderer.points_to_pixels(72.0))


class _Stretch(NamedTuple):
    """A row or column: where it begins, how long it is, and the same of the Axes in it."""

    start: float
    length: float
    inner: float
    size: float


def _stretches(first: float, last: float, before: FloatArray, after: FloatArray) -> list[_Stretch]:
    """Rows or columns between two edges, with room before and after Axes of one size."""
    count = len(before)
    size = (last - first - 2 * _EDGE - (count - 1) * _GAP - before.sum() - after.sum()) / count
    lengths = before + size + after
    starts = first + _EDGE + np.cumsum(lengths + _GAP) - lengths - _GAP
    return [_Stretch(*each, size) for each in zip(starts, lengths, starts + before, strict=True)]
