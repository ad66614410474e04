"""What was read and how it was cut into blocks, as parts of a page."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from evstats.notes import as_note
from evstats.report.parts import Estimated, Facts, Listing, Part, Table
from evstats.report.values import per
from evstats.text.numbers import number, percent

if TYPE_CHECKING:
    import pandas as pd

    from evstats.extremes.peak_records import Peaks
    from evstats.extremes.records import Extremes
    from evstats.fitting import Fit
    from evstats.reading.records import Audit, Record

_SHOWN = 10
"""Rows of each reason that are listed."""

_SURE = 0.95


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


def taken(peaks: Peaks) -> Facts:
    """How peaks were taken from the record."""
    time = f"{peaks.time_unit}s"
    return Facts(
        "Peaks",
        {
            "threshold": float(peaks.threshold),
            "unit": peaks.unit,
            "kind": f"{peaks.kind}ima",
            "separation": peaks.separation,
            "observations": peaks.observations,
            "exceedances": peaks.exceedances,
            "share": peaks.share,
            "peaks": len(peaks),
            "extremal_index": peaks.extremal_index,
            f"{time}_observed": float(peaks.years),
            "rate": rate(len(peaks), float(peaks.years), peaks.time_unit),
        },
    )


def rate(count: int, years: float, time_unit: str) -> Estimated:
    """Peaks a year, with the exact interval of a Poisson count."""
    from evstats.quantities import poisson_limits

    lower, upper = (float(limit) / years for limit in poisson_limits(count, _SURE))
    return _rate(count / years, lower, upper, time_unit)


def rate_at(fit: Fit, at: Mapping[str, Any], state: str) -> Estimated:
    """Peaks a year in a state of the covariates that the rate follows, which is called ``state``."""
    limits = fit.rate_at(at, confidence=_SURE)[["estimate", "lower", "upper"]].to_numpy()[0]
    estimate, lower, upper = map(float, limits)
    return _rate(estimate, lower, upper, f"{fit.time_unit[:-1]} at {state}")


def _rate(estimate: float, lower: float, upper: float, time_unit: str) -> Estimated:
    words = f"{number(estimate)} {per(time_unit)}, {percent(_SURE)} interval {number(lower, 3)} to {number(upper, 3)}"
    return Estimated(words, {"estimate": estimate, "lower": lower, "upper": upper})


def peaks_kept(peaks: Peaks) -> Table:
    """The peaks, with the exceedances in the cluster of each, and its days."""
    frame = peaks.to_frame()
    return Table(f"Peaks ({len(peaks)})", frame if peaks.dates is not None else frame.drop(columns="date"))


def merged(peaks: Peaks) -> Table:
    """The exceedances that are no peaks, each with that of its cluster."""
    assert peaks.merged is not None, "commands take peaks from a record"
    return _first_of("Exceedances merged", peaks.merged)


def gaps(peaks: Peaks) -> Table:
    """Where values are missing."""
    assert peaks.gaps is not None, "commands take peaks from a record"
    return _first_of("Gaps", peaks.gaps)


def whole(peaks: Peaks) -> dict[str, Part]:
    """The peaks, what was merged into them, and the gaps, where they are known, each as a long table."""
    parts: dict[str, Part] = {}
    if peaks.gaps is not None:
        parts["gaps"] = Table(f"Gaps ({len(peaks.gaps):,})", peaks.gaps, long=True)
    if peaks.merged is not None:
        title = f"Exceedances merged ({len(peaks.merged):,})"
        parts["merged"] = Table(title, peaks.merged, hidden=("reason",), most=_MERGED, long=True)
    return parts | {"kept": replace(peaks_kept(peaks), long=True)}


#: Exceedances merged that a report shows; its JSON form has all.
_MERGED = 30


def counts(peaks: Peaks) -> dict[str, Table]:
    """Tests of the number of peaks in a year, of dated ones of years enough."""
    import pandas as pd

    from evstats.remarks.peaks import tests_of_counts

    tests = tests_of_counts(peaks)
    if not tests:
        return {}
    frame = pd.DataFrame([(name, *found) for name, found in tests.items()], columns=["test", "statistic", "p_value"])
    return {"counts": Table("Tests of the number of peaks in a year", frame)}


def months(peaks: Peaks) -> dict[str, Part]:
    """How many dated peaks fall in each month, and the most extreme of them; dates of the year only tell none."""
    import pandas as pd

    from evstats.calendars.precision import precision_of

    if peaks.dates is None or precision_of(peaks.dates) == "year":
        return {}
    by_month = pd.Series(peaks.values).groupby(peaks.dates.month)
    most, name = (by_month.min(), "smallest") if peaks.of_minima else (by_month.max(), "largest")
    frame = pd.DataFrame({"peaks": by_month.size(), name: most}).reindex(range(1, 13))
    frame["peaks"] = frame["peaks"].fillna(0).astype(int)
    frame.insert(0, "month", list(month_name)[1:])
    return {"months": Table("Peaks by month", frame.reset_index(drop=True))}


def _first_of(title: str, frame: pd.DataFrame) -> Table:
    """A table of which people see the first rows."""
    some = f", the first {_SHOWN}; JSON has all" if len(frame) > _SHOWN else ""
    return Table(f"{title} ({len(frame)}{some})", frame, aside=True, most=_SHOWN)


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
    return Table(f"Blocks kept ({len(extremes)})", frame if dated else frame.drop(columns="date"), long=True)


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
