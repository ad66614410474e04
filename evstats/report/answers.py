"""The parts of pages: what was read, the blocks, and the tables of one fit or of several."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from evstats.errors import ArgumentError, DataError, FitError
from evstats.notes import Note, as_note
from evstats.reading.units import labelled
from evstats.remarks.clustering import index_for
from evstats.report.parts import Facts, Listing, Table
from evstats.report.questions import PERIODS, Certainty, Questions, Tail

if TYPE_CHECKING:
    import pandas as pd

    from evstats.extremes.records import Extremes
    from evstats.fitting import Fit
    from evstats.intervals import Interval
    from evstats.reading.records import Audit, Record
    from evstats.remarks.clustering import ExtremalIndex

Failures = Mapping[tuple[str, str], FitError]
"""Why a family by a method has no estimate."""

REJECTED = 0.05
"""A p-value of Anderson-Darling's test below which the data are said to speak against a family."""

_SHOWN = 10


def read(record: Record) -> Facts:
    """What was read and what became of the rows."""
    audit, series, index = record.audit, record.series, record.series.index
    dated = index.dtype.kind == "M"
    return Facts(
        "Data",
        {
            "source": audit.source,
            "sheet": audit.sheet,
            "time_column": audit.time_column,
            "value_column": audit.value_column,
            "unit": audit.unit,
            "rows_read": audit.rows_read,
            "rows_kept": audit.rows_kept,
            "rows_dropped": audit.dropped,
            "rows_merged": audit.merged,
            "rows_not_chosen": audit.not_chosen or None,
            "values": len(series) if len(series) != audit.rows_kept else None,
            "first": index[0] if dated else None,
            "last": index[-1] if dated else None,
        },
    )


def rows(audit: Audit) -> Listing:
    """The offending rows with line numbers, the first few of each reason; machines get all of them."""
    found = sorted(audit.findings, key=lambda finding: (finding.action, finding.reason))
    items: list[str] = []
    for (action, reason), group in groupby(found, key=lambda finding: (finding.action, finding.reason)):
        found_rows = list(group)
        count = audit.counts.get((action, reason), len(found_rows))
        items.append(f"{action}: {reason} ({count} row{'' if count == 1 else 's'})")
        items += [f"  {audit.place} {row.line}: {row.text}" for row in found_rows[:_SHOWN]]
        if count > _SHOWN:
            items.append(f"  and {count - _SHOWN} more rows; JSON lists them")
    return Listing("Rows not taken as they stood", tuple(items), audit.to_frame().to_dict("records"))


def unlisted(notes: Iterable[str]) -> Iterator[str]:
    """The notes without those on single rows, for pages that list the rows themselves."""
    return (note for note in notes if as_note(note).code != "rows")


def cut(extremes: Extremes) -> Facts:
    """How the record was cut into blocks."""
    return Facts(
        "Blocks",
        {
            "block": extremes.block,
            "kind": f"{extremes.kind}ima",
            "kept": len(extremes),
            "dropped": len(extremes.dropped),
            "first_block": str(extremes.blocks[0]),
            "last_block": str(extremes.blocks[-1]),
            "blocks_per_year": extremes.blocks_per_year,
        },
    )


def dropped(extremes: Extremes, min_coverage: float | None = None) -> Table:
    """The blocks left out, with their would-be extremes."""
    if min_coverage is None:
        return Table(f"Blocks dropped ({len(extremes.dropped)})", extremes.dropped)
    title = f"Blocks dropped, coverage below {min_coverage:g} ({len(extremes.dropped)})"
    return Table(title, extremes.dropped, hidden=("reason",))


def kept(extremes: Extremes) -> Table:
    """The blocks kept, with their extremes."""
    frame = extremes.to_frame()
    dated = extremes.dates is not None
    return Table(f"Blocks kept ({len(extremes)})", frame if dated else frame.drop(columns="date"))


def same_event(extremes: Extremes) -> Table:
    """Neighbouring extremes that may be one event."""
    return Table(f"Neighbours that may be one event ({len(extremes.same_event)})", extremes.same_event)


def all_blocks(extremes: Extremes | None) -> pd.DataFrame:
    """Every block, kept or dropped, in order of the columns of both."""
    import pandas as pd

    assert extremes is not None, "commands fit block maxima"
    kept, dropped = extremes.to_frame(), extremes.dropped
    frame = pd.concat([table for table in (kept, dropped) if len(table)], ignore_index=True)
    return frame.reindex(columns=["block", "date", "value", "coverage", "reason"])


def model(fit: Fit) -> Facts:
    """What was fitted, and how well."""
    return Facts(
        label(fit),
        {
            "family": fit.family.name,
            "method": fit.method.name,
            "variable": fit.name,
            "unit": fit.unit,
            "observations": fit.n,
            "block": None if fit.extremes is None else fit.extremes.block,
            "blocks_per_year": fit.blocks_per_year,
            "time_unit": fit.time_unit,
        },
    )


def criteria(fit: Fit, notes: list[str]) -> Facts:
    """The likelihood and the criteria made of it."""
    notes += filter(None, [fit.criteria_note])
    return Facts("Likelihood", {"loglik": fit.loglik, "aic": fit.aic, "aicc": fit.aicc, "bic": fit.bic})


def parameters(fits: Sequence[Fit], sure: Certainty, notes: list[str]) -> Table:
    """The parameters of the fits, with their errors."""
    tables = [fit.parameter_table(**options) for fit, options in _sure(fits, sure)]
    notes += _notes_of(fits, tables)
    return _stacked("Parameters of", fits, tables)


def comparison(fits: Sequence[Fit], failures: Failures, notes: list[str]) -> Table:
    """The fits side by side: likelihood, criteria, Anderson-Darling p-value; then those without an estimate."""
    import pandas as pd

    notes += [as_note(note).about(label(fit)) for fit in fits if (note := fit.criteria_note)]
    rows = [
        {
            "family": fit.family.name,
            "method": fit.method.name,
            "loglik": fit.loglik,
            "aic": fit.aic,
            "aicc": fit.aicc,
            "bic": fit.bic,
            "ad_p_value": fit.evidence.anderson_darling,
            "status": fit.status.label,
        }
        for fit in fits
    ]
    rows += [
        {"family": family, "method": method, "status": error.status.label}
        for (family, method), error in failures.items()
    ]
    # Where all converged the status says nothing; with it, AIC and AICc do not both fit into 80 columns.
    return Table("Comparison", pd.DataFrame(rows), hidden=("aic",) if failures else ("status",))


def goodness(fit: Fit, notes: list[str]) -> dict[str, Table]:
    """Goodness-of-fit tests, or a note on why there are none."""
    return _test("goodness_of_fit", "Goodness of fit", fit.goodness_of_fit, notes)


def stationarity(fit: Fit, notes: list[str]) -> dict[str, Table]:
    """Tests of trend, change and dependence, or a note on why there are none."""
    return _test("stationarity", "Tests in the order of time", fit.stationarity, notes)


def _test(name: str, title: str, test: Callable[[], pd.DataFrame], notes: list[str]) -> dict[str, Table]:
    try:
        return {name: Table(title, test())}
    except (ArgumentError, DataError) as error:
        notes.append(Note("no_test", name.replace("_", " "), reason=str(error)))
        return {}


def return_levels(fits: Sequence[Fit], periods: Sequence[float] | None, sure: Certainty, notes: list[str]) -> Table:
    """Return levels of the fits; without periods, the usual ones that are longer than a block."""
    from evstats.quantities import annual_exceedance_probability

    asked = Questions(periods).periods_for(fits[0].blocks_per_year)
    tables = [fit.return_level(asked, **options) for fit, options in _sure(fits, sure)]
    notes += _notes_of(fits, tables)
    stacked = _stacked("Return levels of", fits, tables)
    periods_asked, per_year = stacked.frame["return_period"], fits[0].blocks_per_year
    yearly = annual_exceedance_probability(periods_asked, per_year or 1.0)
    place = list(stacked.frame).index("return_period") + 1
    stacked.frame.insert(place, "aep" if per_year else "probability", yearly)
    return stacked


def second(fit: Fit) -> Fit | None:
    """The fit that stands beside the one that answers; None where none does."""
    from evstats.estimators import leading

    return fit.reference_fit if leading.has_second(fit.family) else None


def doubts(fits: Sequence[Fit]) -> list[str]:
    """A sentence where the data speak against the GEV, which assumes least, whether it answers or stands beside."""
    from evstats.estimators import leading

    for gev in (fit for fit in fits if fit.family.of_maxima() is leading.FAMILY and fit.method.maximises_likelihood):
        if (p := gev.evidence.anderson_darling) < REJECTED:
            return [Note("family_rejected", gev.family.label, p=p)]
    return []


def beside(
    second: Fit | None, tables: Callable[[Fit, Certainty], Mapping[str, Table]], sure: Certainty
) -> dict[str, Table]:
    """Tables of the fit that stands beside the one that answers, on the condition on which they hold."""
    if second is None:
        return {}
    found, family = tables(second, Certainty(sure.confidence)), second.family.of_maxima().name
    titles = {
        name: f"{condition(second)}, {label(second)}: {table.title[0].lower()}{table.title[1:]}"
        for name, table in found.items()
    }
    return {f"{family}_{name}": replace(table, title=titles[name], aside=True) for name, table in found.items()}


def condition(second: Fit) -> str:
    """On what the answer of the fit that stands second holds, at the beginning of a sentence."""
    from evstats.distributions import Gumbel

    extremes = "minima" if second.family.minima else "maxima"
    if second.family.of_maxima() is not Gumbel:
        return f"Without the assumption that the {extremes} are Gumbel"
    check = second.evidence.gumbel
    if check.speaks_against:
        return f"If the {extremes} were Gumbel, which the data speak against ({check})"
    if math.isnan(check.lowest):
        return f"If the {extremes} are Gumbel, which so few values cannot tell"
    return f"If the {extremes} are Gumbel, which the tests do not speak against"


def without_condition(notes: Sequence[str], lead: Fit) -> list[str]:
    """The notes without what the condition of a Gumbel that stands second says already: that the data speak against
    it."""
    from evstats.distributions import Gumbel

    if lead.family.of_maxima() is Gumbel:
        return list(notes)
    return [note for note in notes if as_note(note).code != "gumbel_rejected"]


def beside_in_words(second: Fit) -> str:
    """The fit that stands beside the one that answers, with its condition in a few words."""
    from evstats.distributions import Gumbel

    extremes = "minima" if second.family.minima else "maxima"
    return f"{label(second)}{f', if the {extremes} are Gumbel' if second.family.of_maxima() is Gumbel else ''}"


def predictive(fit: Fit, periods: Sequence[float] | None, years: float) -> dict[str, Table]:
    """The levels that the next years pass with the chances of these periods, the uncertainty of the fit averaged
    out."""
    from evstats.intervals import has_predictive

    asked = np.array([period for period in periods or PERIODS if period > 1.0])
    if not has_predictive(fit.estimation) or not asked.size:
        return {}
    table = fit.predictive_level(1.0 / asked, years=years)
    if table["estimate"].isna().all():  # as where a fit by L-moments has no maximum of the likelihood beside it
        return {}
    coming = f"next {fit.time_unit[:-1]}" if years == 1 else f"next {years:g} {fit.time_unit}"
    passes = "undercut" if fit.family.minima else "exceeded"
    of = f"{labelled(fit.name, fit.unit)}, {label(fit)}"
    title = f"Predictive levels of {of}: {passes} in the {coming} with this probability"
    frame = table.reset_index().rename(columns={"estimate": "predictive"})
    frame = frame.assign(unit=fit.unit, years=years)
    return {"predictive_levels": Table(title, frame, hidden=("unit", "years"), aside=True)}


def at_levels(fit: Fit, levels: Sequence[float], years: float, sure: Certainty, notes: list[str]) -> dict[str, Table]:
    """Return periods of given levels, and the chance that they are passed within so many years."""
    options: dict[str, Any] = {"interval": sure.interval, "confidence": sure.confidence}
    passed = "undercut" if fit.family.minima else "exceeded"
    period = fit.return_period(levels, **options)
    chance = fit.exceedance_probability(levels, years, **options)
    notes += _notes_of([fit], [period])
    span = f"one {fit.time_unit[:-1]}" if years == 1 else f"{years:g} {fit.time_unit}"
    return {
        "return_periods": _stacked(f"Return periods ({fit.time_unit}) of levels of", [fit], [period]),
        "probabilities": _stacked(f"Probability to be {passed} within {span},", [fit], [chance]),
    }


def wants_risk(lead: Fit, tail: Tail) -> bool:
    """Whether value at risk and expected shortfall are told unasked: where the data are losses, returns or prices."""
    named = not _FINANCIAL.isdisjoint(re.split(r"[^a-z]+", lead.name.lower()))
    converted = any(getattr(note, "code", "") in ("log_losses", "simple_losses") for note in lead.context.notes)
    return tail.asked or named or converted


_FINANCIAL = {"loss", "losses", "return", "returns", "price", "prices", "close", "claim", "claims"}


def risk(fits: Sequence[Fit], tail: Tail, sure: Certainty, notes: list[str]) -> Table:
    """Value at risk and expected shortfall of the fits."""
    lead, of = fits[0], "one block"
    index = index_for(tail.horizon, tail.extremal_index, lead.context.observations_per_block, lead.extremes)
    if index is not None:
        of = f"a single observation (extremal index {index.value:.2f})"
    tables = [_risk(fit, tail, index, options, notes) for fit, options in _sure(fits, sure)]
    notes += _notes_of(fits, tables)
    return _stacked(f"Value at risk (var) and expected shortfall (es) of {of},", fits, tables)


def _risk(
    fit: Fit, tail: Tail, index: ExtremalIndex | None, certainty: Mapping[str, Any], notes: list[str]
) -> pd.DataFrame:
    import pandas as pd

    options = {"horizon": tail.horizon, "extremal_index": index, **certainty}
    measures = {"var": fit.value_at_risk(tail.probabilities, **options)}
    try:
        measures["es"] = fit.expected_shortfall(tail.probabilities, **options)
    except FitError as error:
        notes.append(Note("no_shortfall", reason=str(error)).about(label(fit)))
        measures["es"] = measures["var"] * float("nan")
    table = pd.concat(measures, names=["measure"])
    told = (note for measure in measures.values() for note in measure.attrs.get("notes", ()))
    table.attrs = measures["var"].attrs | {"notes": tuple(dict.fromkeys(told))}
    return table


def label(fit: Fit) -> str:
    """A fit in words."""
    return f"{fit.family.label} by {fit.method.label}"


def of_distinct_families(fits: Sequence[Fit]) -> list[tuple[int, Fit]]:
    """The first fit of every family, with its place."""
    first = {fit.family: place for place, fit in reversed(list(enumerate(fits)))}
    return [(place, fits[place]) for place in sorted(first.values())]


def _notes_of(fits: Sequence[Fit], tables: Sequence[pd.DataFrame]) -> Iterator[str]:
    """The notes of tables, one for each fit."""
    yield from _told(fits, [table.attrs["notes"] for table in tables])


def _told(fits: Sequence[Fit], notes: Sequence[Sequence[str]]) -> Iterator[str]:
    """Every note once, with the names of the fits that it is about where it is not about all."""
    for note in dict.fromkeys(note for own in notes for note in own):
        about = [label(fit) for fit, own in zip(fits, notes, strict=True) if note in own]
        known = len(about) == len(fits) or as_note(note).fits
        yield note if known else as_note(note).about(*about)


def _sure(fits: Sequence[Fit], sure: Certainty) -> Iterator[tuple[Fit, dict[str, Any]]]:
    """Each fit with the interval asked for where that exists for it, else with its best; for one it must exist."""
    from evstats.intervals import chosen, has_interval

    exists = [sure.interval is None or has_interval(sure.interval, fit.estimation) for fit in fits]
    if not any(exists):
        chosen(sure.interval, fits[0].estimation)
    for fit, its_own in zip(fits, exists, strict=True):
        yield fit, {"interval": sure.interval if its_own else None, "confidence": sure.confidence}


def intervals_of(fits: Sequence[Fit], sure: Certainty) -> list[Interval]:
    """The interval of each fit."""
    from evstats.intervals import chosen

    return [chosen(options["interval"], fit.estimation) for fit, options in _sure(fits, sure)]


def _stacked(title: str, fits: Sequence[Fit], tables: Sequence[pd.DataFrame]) -> Table:
    """The tables of several fits below each other; machines read unit, interval and confidence in every row."""
    import pandas as pd

    several, fit, sure = len(fits) > 1, fits[0], f"{100 * tables[0].attrs['confidence']:g} %"
    span = f" from {fit.context.span}" if fit.context.span else ""
    of = f"{title} {labelled(fit.name, fit.unit)}{span}"
    parts = [_labelled(fit, table, several) for fit, table in zip(fits, tables, strict=True)]
    return Table(
        f"{of}; {sure} {_intervals(fits, tables)}",
        pd.concat(parts, ignore_index=True),
        groups=("family", "method") if several else (),
        group_names=tuple(f"{label(fit)}; {table.attrs['interval']}" for fit, table in zip(fits, tables, strict=True))
        if several
        else (),
        caption=f"{of}; {sure} intervals" if several else None,
        hidden=("unit", "confidence", "interval"),
    )


def _intervals(fits: Sequence[Fit], tables: Sequence[pd.DataFrame]) -> str:
    """The kind of interval; where the fits have several, which has which."""
    by_kind: dict[str, list[str]] = {}
    for fit, table in zip(fits, tables, strict=True):
        by_kind.setdefault(table.attrs["interval"], []).append(f"{fit.family.name} {fit.method.name}")
    if len(by_kind) == 1:
        return f"interval ({next(iter(by_kind))})"
    return "intervals: " + "; ".join(f"{kind} ({', '.join(which)})" for kind, which in by_kind.items())


def _labelled(fit: Fit, table: pd.DataFrame, several: bool) -> pd.DataFrame:
    """A table with what it holds for in every row."""
    frame = table.reset_index()
    if several:
        frame.insert(0, "family", fit.family.name)
        frame.insert(1, "method", fit.method.name)
    return frame.assign(**{key: table.attrs[key] for key in ("unit", "confidence", "interval")})
