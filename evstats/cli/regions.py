"""Sites of a region from one file, and what is said of them on a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evstats.cli.console import working
from evstats.cli.pages import Page
from evstats.cli.panels import of_sites
from evstats.cli.written import STDIN, one_of, standard_input
from evstats.errors import ArgumentError
from evstats.notes import Note
from evstats.report.parts import Facts, Table

if TYPE_CHECKING:
    import pandas as pd

    from evstats.regions import Region, RegionalFit

#: Return periods, where none are asked for.
_PERIODS = (2.0, 10.0, 50.0, 100.0, 500.0)
#: Columns that name sites, in digits too: 01 is not 1.
_NAMES = {"name", "site", "siteid", "station", "id"}


@dataclass(frozen=True)
class Sites:
    """Where the sites are."""

    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA", help="A CSV: a row for each value (site, value), or for each site: name,n,mean,t,t_3,t_4."
        ),
    ]
    site: Annotated[str | None, of_sites("COLUMN", "Names of the sites, else found.")] = None
    value: Annotated[str | None, of_sites("COLUMN", "Values, else found.")] = None
    index: Annotated[
        str, of_sites("mean|median", "What growth curves are multiples of.", completes=one_of("mean", "median"))
    ] = "mean"

    def region(self, page: Page) -> Region:
        """The region; what is to be known of the rows that were read is on the page."""
        from evstats.reading.whole import read_whole
        from evstats.regions import region

        names = _NAMES if self.site is None else {self.site}
        with working(f"reading {self.data}"):
            table, notes = read_whole(standard_input() if self.data == STDIN else self.data, names, self.value)
        page.notes += notes
        return region(table, site=self.site, value=self.value, index=self.index)


def add_region(
    page: Page,
    sites: Sites,
    family: str | None,
    periods: list[float] | None,
    confidence: float,
    at_site: str | None,
    index_flood: float | None,
    correlation: float,
    replicates: int,
) -> RegionalFit:
    """The sites, the tests, the growth curve and the levels that were asked for."""
    from evstats.regions import FAMILIES

    if at_site is not None and index_flood is not None:
        raise ArgumentError("--at-site and --index-flood are two places", "ask for one of them.")
    found = sites.region(page)
    with working("simulating regions"):
        alike, which = found.heterogeneity(replicates), found.goodness_of_fit(replicates)
    best = str(which["statistic"].abs().idxmin())
    fitted = found.fit(family or best)
    bounds: Any = {"confidence": confidence, "correlation": correlation, "replicates": replicates}
    with working("simulating bounds"):
        curve = fitted.growth_curve(periods or _PERIODS, **bounds)
        levels = {}
        if at_site is not None or index_flood is not None:
            where = {"site": at_site} if index_flood is None else {"index": index_flood}
            levels = {
                "levels": _part(_title(fitted, at_site), fitted.return_level(periods or _PERIODS, **where, **bounds))
            }
    discordancy = found.discordancy()
    table = found.sites().join(discordancy.drop(columns="critical"))
    table.attrs = discordancy.attrs
    page.add(
        {
            "region": _summary(fitted, chosen=family is None),
            "growth_curve": _part(f"Growth curve, in multiples of the {found.index}", curve),
            **levels,
            "heterogeneity": _part("Heterogeneity", alike),
            "goodness_of_fit": _part("Families, by Z of the regional L-kurtosis", which),
            "sites": _part("Sites", table),
        }
    )
    name = next(short for short, own in FAMILIES.items() if own == fitted.family.name)
    if name in which.index and not which.loc[name, "accepted"]:
        accepted = [str(other) for other in which.index[which["accepted"]]]
        others = f"{', '.join(accepted)} would be" if accepted else "no family of three parameters is"
        page.notes.append(Note("family_not_accepted", name, value=which.loc[name, "statistic"], others=others))
    return fitted


def _summary(fitted: RegionalFit, *, chosen: bool) -> Facts:
    """The region and its curve, whose family was ``chosen`` by the tests or given."""
    region, moments = fitted.region, fitted.region.average
    how = " (smallest |Z|)" if chosen else ""
    return Facts(
        "Region",
        {
            "sites": len(region.names),
            "values": int(region.n.sum()),
            "l_moment_ratios": f"t {moments.t:.4f}, t_3 {moments.t_3:.4f}, t_4 {moments.t_4:.4f}",
            "growth_curve": f"{fitted.distribution!r}{how}",
        },
    )


def _title(fitted: RegionalFit, at_site: str | None) -> str:
    return f"Levels at site {at_site}" if at_site is not None else "Levels at an ungauged site"


def _part(title: str, frame: pd.DataFrame) -> Table:
    return Table(title, frame.reset_index(), notes=tuple(frame.attrs.get("notes", ())))


__all__ = ["Sites", "add_region"]
