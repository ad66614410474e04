"""The command for intensity-duration-frequency curves: what it asks, and its answer on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evstats.cli.console import working
from evstats.cli.pages import Page
from evstats.cli.panels import of_blocks, of_fit
from evstats.cli.written import names_in, one_of
from evstats.extremes.duration_records import in_words
from evstats.reading.units import labelled
from evstats.report.parts import Facts, Table

if TYPE_CHECKING:
    import pandas as pd

    from evstats.fitting import IDF
    from evstats.reading.records import Record

#: Return periods, where none are asked for.
_PERIODS = (2.0, 10.0, 100.0)


def words(text: str) -> list[str]:
    """``"10min,1h,1D"`` as spans of time; a parser of options.

    Examples
    --------
    >>> words("10min, 1h")
    ['10min', '1h']
    """
    found = [word.strip() for word in text.split(",") if word.strip()]
    if not found:
        raise typer.BadParameter(f"{text!r} names no duration such as 10min,1h,1D")
    return found


@dataclass(frozen=True)
class Durations:
    """Over which durations, and how the maxima are taken."""

    durations: Annotated[Any, of_blocks("D,D,...", "Durations, such as 10min,1h,6h,1D: at least three.", parser=words)]
    block: Annotated[
        str, of_blocks("RULE", "year, water-year or one season.", completes=one_of("year", "water-year", "JJA"))
    ] = "year"
    min_coverage: Annotated[float, of_blocks("SHARE", "Least coverage of a year.")] = 0.9
    first_month: Annotated[int, of_blocks("M", "First month of the water year.")] = 10
    correction: Annotated[bool, of_blocks("", "Raise sums of a fixed clock by Weiss's factor.", "--correction")] = False
    minutes: Annotated[
        Any, of_fit("D,D,...", "Durations of the table, such as 5min,2h; else those fitted.", parser=words)
    ] = None
    interval: Annotated[
        str | None,
        of_fit("NAME", "composite, delta or bootstrap.", completes=names_in("evstats.intervals:INTERVALS")),
    ] = None
    confidence: Annotated[float, of_fit("SHARE", "Confidence of the limits.")] = 0.95

    def curves(self, record: Record) -> IDF:
        """The fitted curves."""
        from evstats.extremes.duration_sums import duration_maxima
        from evstats.fitting import fit

        with working("taking maxima over durations"):
            maxima = duration_maxima(
                record,
                self.durations,
                block=self.block,
                min_coverage=self.min_coverage,
                first_month=self.first_month,
                correction=self.correction,
            )
        with working("fitting curves"):
            return fit(maxima, "dgev")

    def asked(self) -> list[float] | None:
        """The durations of the table in minutes."""
        from evstats.extremes.duration_sums import minutes_of

        return None if self.minutes is None else [minutes_of(own, "minutes") for own in self.minutes]

    @property
    def options(self) -> dict[str, Any]:
        """Of the limits."""
        return {"interval": self.interval, "confidence": self.confidence}


def add_curves(page: Page, found: IDF, durations: Durations, periods: Sequence[float] | None) -> None:
    """What was fitted, the tables of intensities and depths, the parameters and the tests."""
    with working("computing limits"):
        table = found.table(periods or _PERIODS, durations.asked(), **durations.options)
    unit, depth = found.unit, table.attrs["depth_unit"]
    kind = table.attrs["interval"]
    page.parts["curves"] = Facts(
        "Intensity-duration-frequency curves",
        {
            "variable": labelled(found.name, unit),
            "years": found.context.span,
            "durations": f"{found.minutes.size}, from {in_words(found.minutes[0])} to {in_words(found.minutes[-1])}",
            "formula": "scale(d) = sigma0 (d + theta)^-eta, loc(d) = mut scale(d), d in hours",
        },
    )
    limits = f"{100.0 * durations.confidence:g} % limits: {kind}"
    plain = table.reset_index()
    intensities = plain[["minutes", "return_period", "estimate", "lower", "upper"]]
    depths = plain[["minutes", "return_period", "depth", "depth_lower", "depth_upper"]]
    with working("testing"):
        tests = found.goodness_of_fit()
    page.add(
        {
            "intensities": Table(_titled("Intensities", unit, limits), intensities, notes=table.attrs["notes"]),
            "depths": Table(_titled("Depths", depth, limits), depths),
            "parameters": _parameters(found),
            "goodness_of_fit": Table(
                "Anderson-Darling test of each duration", tests.reset_index(), notes=tests.attrs["notes"]
            ),
        }
    )
    page.notes += found.notes


def _parameters(found: IDF) -> Table:
    table: pd.DataFrame = found.params
    return Table(f"Parameters; {table.attrs['interval']}", table.reset_index())


def _titled(what: str, unit: str | None, limits: str) -> str:
    return f"{what}{f' in {unit}' if unit else ''}; {limits}"


__all__ = ["Durations", "add_curves", "words"]
