"""Commands of what is made of separate fits: causes or seasons together, and low flows with dry years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evstats.cli.console import working
from evstats.cli.options import Certainty, Fitting
from evstats.cli.options_of_data import Blocking, Reading
from evstats.cli.pages import Page
from evstats.cli.panels import of_blocks
from evstats.errors import ArgumentError, unknown_name
from evstats.notes import Note
from evstats.reading.units import labelled
from evstats.report import record
from evstats.report.parts import Data, Facts, Table
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number, percent

if TYPE_CHECKING:
    import pandas as pd

    from evstats.extremes.records import Extremes
    from evstats.fitting import Combined, Fit, LowFlows
    from evstats.fitting.made import Made

#: Return periods, where none are asked for.
_PERIODS, _PERIODS_OF_LOW_FLOWS = (2.0, 10.0, 50.0, 100.0, 500.0), (2.0, 5.0, 10.0, 20.0, 50.0)


def seasons(text: str) -> list[str]:
    """``"DJF,JJA"`` as seasons; a parser of options."""
    from evstats.calendars.rules import SEASONS

    names = [part.strip().upper() for part in text.split(",")]
    for name in names:
        if name not in SEASONS:
            problem = unknown_name("season", name, SEASONS)
            raise typer.BadParameter(f"{problem.problem}; {problem.remedy}")
    return names


@dataclass(frozen=True)
class Causes:
    """What the causes are: the seasons of one record, or several records."""

    seasons: Annotated[
        Any, of_blocks("DJF,MAM,...", "Fit each of these seasons apart, as causes of their own.", parser=seasons)
    ] = None
    beside: Annotated[
        list[str] | None,
        of_blocks("FILE", "A further cause: another file, read by the same options. Repeatable.", "--with"),
    ] = None

    def extremes(self, page: Page, source: Reading, blocks: Blocking) -> dict[str, Extremes]:
        """The extremes of every cause by its name.

        Raises
        ------
        ArgumentError
            Neither seasons nor a further file, or both; a season twice.
        """
        if (self.seasons is None) == (not self.beside):
            raise ArgumentError(
                "one record is one cause"
                if self.seasons is None
                else "--seasons and --with are two ways to name causes",
                "add --seasons DJF,MAM,JJA,SON, or --with and the file of another cause.",
            )
        if self.seasons is not None:
            return self._by_season(page, source, blocks)
        places = [source.data, *(self.beside or ())]
        if len(set(places)) < len(places):
            raise ArgumentError("the same file stands for two causes", "give one file for each.")
        found = {}
        for name in places:
            read = blocks.read(replace(source, data=name))
            page.notes += read.audit.notes
            found[name] = blocks.extremes(read)
        return found

    def _by_season(self, page: Page, source: Reading, blocks: Blocking) -> dict[str, Extremes]:
        from evstats.calendars.rules import SEASONS

        if blocks.block is not None or blocks.season is not None:
            raise ArgumentError("--seasons says what the blocks are", "leave out --block and --season.")
        if len(set(self.seasons)) < len(self.seasons):
            twice = next(name for name in self.seasons if self.seasons.count(name) > 1)
            raise ArgumentError(f"{twice} is named twice", "name each season once.")
        if len(self.seasons) < 2:
            raise ArgumentError(f"{self.seasons[0]} alone is one cause", "name two seasons or more.")
        read = blocks.read(source)
        page.notes += read.audit.notes
        page.parts["data"] = Data(record.read(read).data())
        if left := [name for name in SEASONS if name not in self.seasons]:
            page.notes.append(Note("seasons_left_out", seasons=left, count=len(left)))
        return {name: replace(blocks, block=name).extremes(read) for name in self.seasons}


def add_causes(
    page: Page,
    extremes: dict[str, Extremes],
    fitting: Fitting,
    sure: Certainty,
    periods: Sequence[float] | None,
    levels: Sequence[float] | None,
    years: float,
) -> Combined:
    """The fits, the levels of their product, and which cause makes them."""
    from evstats.fitting import combine

    fits = [fitting.fit(own) for own in extremes.values()]
    found = combine(*fits, names=list(extremes))
    page.notes += found.notes
    asked = periods or _PERIODS
    with working("computing intervals"):
        of = labelled(fits[0].name, found.unit)
        page.add({"causes": _fits(found.names, fits), **_answers(found, of, asked, levels, years, sure)})
        if periods or not levels:
            page.add(
                {
                    "shares": _part(
                        "Share of each cause in the events beyond the level, %", (100.0 * found.shares(asked)).round(1)
                    )
                }
            )
    return found


def _fits(names: Sequence[str], fits: Sequence[Fit]) -> Table:
    rows = [
        {"cause": name, "values": own.n, "fit": f"{own.distribution.stated if own.of_peaks else own.distribution!r}"}
        for name, own in zip(names, fits, strict=True)
    ]
    import pandas as pd

    return Table("Causes, each fitted apart", pd.DataFrame(rows))


def _answers(
    found: Made, of: str, periods: Sequence[float], levels: Sequence[float] | None, years: float, sure: Certainty
) -> dict[str, Table]:
    """Levels of periods, or periods and chances of levels, of the variable in its unit."""
    how: Any = {"interval": sure.interval, "confidence": sure.confidence}
    parts = {}
    if levels:
        unit = found.time_unit if years != 1.0 else found.time_unit.removesuffix("s")
        chance = f"Chance of passing levels of {of} within {number(years)} {unit}"
        often = f"Return periods ({found.time_unit}) of levels of {of}"
        parts["return_periods"] = _part(often, found.return_period(levels, **how), sure)
        parts["probabilities"] = _part(chance, found.exceedance_probability(levels, years, **how), sure)
    else:
        parts["return_levels"] = _part(f"Return levels of {of}", found.return_level(periods, **how), sure)
    return parts


def _part(title: str, frame: pd.DataFrame, sure: Certainty | None = None) -> Table:
    if sure is not None:
        title = f"{title}, {percent(sure.confidence)} interval: {frame.attrs['interval']}"
    return Table(title, frame.reset_index(), notes=tuple(frame.attrs.get("notes", ())))


@dataclass(frozen=True)
class LowFlow:
    """How annual minima are taken of a flow."""

    mean: Annotated[str, of_blocks("SPAN|none", "Minima of the mean over that time; none: of the values.")] = "7D"
    first_month: Annotated[int, of_blocks("1..12", "First month of the year of minima.")] = 4
    min_coverage: Annotated[float, of_blocks("SHARE", "Drop years with a smaller share of values.")] = 0.9

    def extremes(self, source: Reading, page: Page) -> Extremes:
        """The minima."""
        from evstats.extremes.blocks import block_maxima
        from evstats.extremes.windows import moving_mean

        read = source.record()
        page.parts["data"] = Data(record.read(read).data())
        flow = read if self.mean.strip().lower() == "none" else moving_mean(read, self.mean)
        page.notes += flow.audit.notes
        first: Any = {"first_month": self.first_month} if self.first_month != 1 else {}
        with working("taking minima"):
            return block_maxima(
                flow, "water-year" if first else "year", kind="min", min_coverage=self.min_coverage, **first
            )


def add_low_flows(
    page: Page,
    minima: Extremes,
    fitting: Fitting,
    sure: Certainty,
    periods: Sequence[float] | None,
    levels: Sequence[float] | None,
    years: float,
) -> LowFlows:
    """The fit of the minima that are not zero, their share, and the levels."""
    from evstats.fitting import fit_low_flows

    if fitting.prior is not None:
        raise ArgumentError(Text(Setting("prior"), " is not there for low flows"), "leave it out.")
    found = fit_low_flows(minima, fitting.family, method=fitting.method)
    page.notes += found.notes
    page.parts["fit"] = Facts(
        f"Minima of {minima.name} by {minima.block}",
        {
            "years": found.years,
            "zero": f"{found.zeros} (p0 = {found.share:.3g})",
            "others": f"{found.positive.distribution!r} by {found.positive.method.label}",
        },
    )
    with working("computing intervals"):
        of = labelled(minima.name, found.unit)
        page.add(_answers(found, of, periods or _PERIODS_OF_LOW_FLOWS, levels, years, sure))
    return found


__all__ = ["Causes", "LowFlow", "add_causes", "add_low_flows"]
