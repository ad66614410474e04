"""The panels of the help that options stand in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer


def _panel(title: str) -> Callable[..., Any]:
    """Options of one panel of the help: the word for their value, what they do, and what Tab completes."""

    def option(metavar: str, does: str, *flags: str, completes: Any = None, **more: Any) -> Any:
        return typer.Option(*flags, metavar=metavar, help=does, rich_help_panel=title, autocompletion=completes, **more)

    return option


of_reading, of_sites, of_blocks, of_peaks, of_fit, of_trend, of_forecasts, of_losses, of_output = map(
    _panel, ("Reading", "Reading the sites", "Blocks", "Peaks", "Fit", "Covariates", "Forecasts", "Losses", "Output")
)
