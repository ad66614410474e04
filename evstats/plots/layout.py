"""The layout of a figure that is about to be saved."""

from __future__ import annotations

from matplotlib.figure import Figure, SubFigure


def lay_out(figure: Figure | SubFigure) -> None:
    """Lay a figure out once and leave it so: ``savefig`` would draw all of it a second time only to lay it out."""
    if isinstance(figure, Figure) and (engine := figure.get_layout_engine()) is not None:
        engine.execute(figure)
        figure.set_layout_engine("none")
