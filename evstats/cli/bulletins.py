"""The command for Bulletin 17C: its answer on a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evstats.cli.options import Skewing
from evstats.cli.pages import Page
from evstats.report.parts import Table

if TYPE_CHECKING:
    from evstats.bulletin import Bulletin17C
    from evstats.extremes.records import Extremes


def add_bulletin(
    page: Page, extremes: Extremes, skewing: Skewing, periods: Sequence[float] | None, confidence: float
) -> Bulletin17C:
    """The moments, the low outliers and the quantiles."""
    from evstats.bulletin import bulletin17c
    from evstats.bulletin.frequency import PERIODS
    from evstats.report import tables

    found = bulletin17c(extremes, **skewing.asked)
    page.parts["moments"] = tables.moments(found)
    table = found.return_level(periods or PERIODS, confidence=confidence).reset_index()
    title = f"Flows exceeded once in T years; {100.0 * confidence:g} % limits of the Bulletin"
    page.add({"return_levels": Table(title, table)})
    page.notes += found.notes
    return found


__all__ = ["add_bulletin"]
