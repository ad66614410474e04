"""The command for Bulletin 17C: its options, and its answer on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from evstats.cli.pages import Page
from evstats.cli.panels import of_fit
from evstats.errors import ArgumentError
from evstats.reading.units import labelled
from evstats.report.parts import Facts, Table
from evstats.text.numbers import number

if TYPE_CHECKING:
    from evstats.extremes.records import Extremes


@dataclass(frozen=True)
class Skewing:
    """What the Bulletin asks beside the peaks."""

    regional_skew: Annotated[float | None, of_fit("G", "Skew of the region, with --regional-mse.")] = None
    regional_mse: Annotated[float | None, of_fit("MSE", "Mean square error of the regional skew.")] = None
    low_outliers: Annotated[
        str, of_fit("mgbt|none|X", "By the multiple Grubbs-Beck test, none, or peaks below a flow.")
    ] = "mgbt"
    confidence: Annotated[float, of_fit("SHARE", "Confidence of the limits.")] = 0.9

    @property
    def low(self) -> str | float | None:
        """The test, the flow, or none."""
        word = self.low_outliers.strip().lower()
        if word in ("mgbt", "none"):
            return None if word == "none" else word
        try:
            return float(word)
        except ValueError as cause:
            raise ArgumentError(f"--low-outliers {self.low_outliers} is neither mgbt, none nor a flow.") from cause


def add_bulletin(page: Page, extremes: Extremes, skewing: Skewing, periods: Sequence[float] | None) -> None:
    """The moments, the low outliers and the quantiles."""
    from evstats.bulletin import bulletin17c
    from evstats.bulletin.frequency import PERIODS

    found = bulletin17c(
        extremes,
        regional_skew=skewing.regional_skew,
        regional_mse=skewing.regional_mse,
        low_outliers=skewing.low,
    )
    low = f"{found.low_outliers} below {number(found.threshold, 6)}" if found.low_outliers else "none"
    values = {
        "variable": labelled(found.name, found.unit),
        "years": f"{found.years}, {found.measured} of them measured, low outliers apart",
        "low_outliers": low,
        "mean of log10": f"{found.mean:.6f}",
        "sd of log10": f"{found.std:.6f}",
        "station skew": f"{found.station_skew:.6f} (mean square error {found.station_mse:.4f})",
        "regional skew": None if found.regional_skew is None else f"{found.regional_skew:g} ({found.regional_mse:g})",
        "weighted skew": None if found.regional_skew is None else f"{found.skew:.6f}",
    }
    page.parts["moments"] = Facts("Log-Pearson type III by expected moments (Bulletin 17C)", values)
    table = found.return_level(periods or PERIODS, confidence=skewing.confidence).reset_index()
    title = f"Flows exceeded once in T years; {100.0 * skewing.confidence:g} % limits of the Bulletin"
    page.add({"return_levels": Table(title, table)})
    page.notes += found.notes


__all__ = ["Skewing", "add_bulletin"]
