"""Block maxima and minima: which blocks are complete, the extreme of each and its date, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from numbers import Real

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from evstats.arrays import Array, Mask, Places
from evstats.calendars.cadence import DAY
from evstats.calendars.rules import (
    MONTHS,
    BlockRule,
    Count,
    TimeRule,
    block_rule,
)
from evstats.calendars.spans import span_of
from evstats.calendars.steps import middle_gap
from evstats.errors import ArgumentError, DataError
from evstats.extremes.cuts import Cut, cut_into_blocks, usual_rule
from evstats.extremes.observations import Observations, observations
from evstats.extremes.records import Extremes
from evstats.extremes.several import largest_apart
from evstats.extremes.windows import Window, rolled, window_of
from evstats.habits import knowing_their_names
from evstats.notes import Note
from evstats.reading.containers import Frame
from evstats.reading.records import LEFT_OUT, Record
from evstats.registry import Registry
from evstats.text.arguments import InPython, Setting, Text, named
from evstats.text.numbers import duration
from evstats.text.paragraphs import listed

#: From this many blocks a year on, blocks of different seasons are pooled.
POOLED = 1.5

#: What min_coverage is lowered to where that brings most blocks in.
LOWER_COVERAGE = (0.8, 0.7, 0.6, 0.5)

#: The share of the best blocks that min_coverage is lowered to where a record holds the same months of every year.
_WITHIN_MONTHS = 0.9

#: Values that a fit needs at least.
_FEWEST = 3


@dataclass(frozen=True)
class Extreme:
    """The largest or the smallest value of a block."""

    name: str
    ufunc: np.ufunc

    def positions(self, values: Array, left: Places, right: Places) -> Places:
        """Where the extreme of each ``values[left:right]`` stands, its first occurrence; -1 for an empty block."""
        edges = np.column_stack([left, right]).ravel()
        lengths = np.diff(edges)
        filled = lengths > 0
        found = np.full(lengths.size, -1, dtype=np.intp)
        if filled.any():
            starts = edges[:-1][filled]
            inside = values[: edges[-1]]
            extremes = self.ufunc.reduceat(inside, starts)
            hits = starts[0] + np.flatnonzero(inside[starts[0] :] == np.repeat(extremes, lengths[filled]))
            found[filled] = hits[np.searchsorted(hits, starts)]
        return found[::2]


KINDS = Registry(
    "kind",
    {"max": Extreme("max", np.maximum), "min": Extreme("min", np.minimum)},
    absent={"low": "take 'min'", "high": "take 'max'"},
)


@knowing_their_names
def block_maxima(
    data: Record | pd.Series | pd.DataFrame | Frame | ArrayLike,
    block: str | int | pd.offsets.BaseOffset | BlockRule | None = None,
    *,
    kind: str = "max",
    min_coverage: float = 0.9,
    first_month: int = 10,
    season: str | None = None,
    separation: str | timedelta | None = "7D",
    over: tuple[str | timedelta, str] | None = None,
    largest: int = 1,
    unit: str | None = None,
) -> Extremes:
    """The maximum (or minimum) of every sufficiently complete block of a record.

    Parameters
    ----------
    data
        A Record, a Series (indexed by timestamps, dates, periods or texts of dates, by calendar years, or undated),
        an xarray DataArray with one dimension, a table of a time and one value (pandas, polars), or an array (n,). NaN
        and masked values are missing.
    block
        ``"year"``; ``"water-year"``, named by the year it ends in; ``"season"``, four blocks a year, DJF named by
        the year of its January; ``"DJF"``, ``"MAM"``, ``"JJA"``, ``"SON"``, one block a year; ``"quarter"``;
        ``"month"``; any pandas offset such as ``"W"`` or ``"10YS"``; or a number of observations. Left out, it is the
        year, or the water year where the source counts in water years; undated data are taken as one value a block.
    kind
        ``"max"`` or ``"min"``; minima keep their original values.
    min_coverage
        Blocks of which a smaller share is covered are dropped and listed, those at the ends of the record
        included. What a block should hold is judged by the step, the working days and the closed seasons of the record
        at that time; a gap of seven months is seven months, however often the rest of the year was sampled.
    first_month
        First month of the water year.
    season
        With ``block="season"``, the one season to take: ``"DJF"``, ``"MAM"``, ``"JJA"`` or ``"SON"``.
    separation
        Neighbouring extremes closer than this are flagged as one event (not removed); None flags nothing.
    over
        A span of time and ``"sum"`` or ``"mean"``: the extremes are those of the sums or means over the span up to
        each date, such as ``("3D", "sum")`` of rain or ``("7D", "mean")`` of low flow. Windows in which a value is
        missing give none, and the coverage of the blocks is that of the windows.
    largest
        How many of the largest values of each block to take (of minima smallest), no two of them closer than
        ``separation``; a block may have fewer.
    unit
        The unit of the values, where neither the record nor the name of the series tells it.

    Returns
    -------
    Extremes
        Values, dates (the first of tied ones), labels and coverage of the kept blocks; the dropped ones with
        their would-be extremes; notes.

    Raises
    ------
    DataError
        Data that are not one series of real numbers, no dates for a block of time, values further apart than a
        block, or coverage that leaves no block.
    ArgumentError
        An unknown block or kind, or an option outside its range.

    Notes
    -----
    Data that hold one value per block already (annual maxima) are passed through, and the notes say so.

    Examples
    --------
    >>> flow = pd.Series([3.0, 9.0, 4.0, 8.0, 5.0, 1.0])
    >>> block_maxima(flow, block=3).values
    array([9., 8.])
    """
    extreme = KINDS[kind]
    check_coverage(min_coverage)
    if isinstance(largest, bool) or not isinstance(largest, (int, np.integer)) or largest < 1:
        raise ArgumentError(Text(Setting("largest"), f" must be a whole number of at least 1, not {largest!r}."))
    span = _separation(separation)
    window = None if over is None else window_of(over)
    sample = observations(data)
    sample = sample if unit is None else replace(sample, unit=unit)
    rule = block_rule(usual_rule(sample) if block is None else block, first_month=first_month, season=season)
    about_windows: tuple[Note, ...] = ()
    if window is not None:
        _refuse_longer(window, rule, sample)
        sample, about_windows = rolled(sample, window)
        separation = separation and window.apart(span)
        span = _separation(separation)
    cut = cut_into_blocks(sample, rule)
    at = extreme.positions(sample.values, cut.left, cut.right)
    kept = (at >= 0) & (cut.coverage >= min_coverage)
    if not kept.any():
        raise _no_block(sample, rule, cut, min_coverage)
    dates = None if sample.index is None else sample.index[at[kept]]
    found = Extremes(
        values=sample.values[at[kept]],
        dates=dates,
        blocks=cut.labels[kept],
        kind=extreme.name,
        block=rule.name,
        noun=rule.noun,
        blocks_per_year=cut.blocks_per_year,
        observations_per_block=cut.observations_per_block(kept),
        dropped=_dropped(sample, cut, at, kept, min_coverage),
        same_event=_same_event(dates, span),
        coverage=cut.coverage[kept],
        name=sample.name,
        unit=sample.unit,
        audit=sample.audit,
        series=sample.series,
        starts=None if cut.starts is None else cut.starts[kept],
        ends=None if cut.ends is None else cut.ends[kept],
        largest=None if largest == 1 else _largest(extreme, sample, cut, kept, largest, span),
    )
    rows = () if sample.audit is None else sample.audit.row_notes
    told = (*rows, *sample.notes, *about_windows, *cut.notes, *_on_largest(found))
    return replace(found, notes=(*told, *_notes(extreme, found, cut, separation)))


def check_coverage(min_coverage: float) -> None:
    """An ArgumentError for a coverage that is no share."""
    if isinstance(min_coverage, bool) or not (isinstance(min_coverage, Real) and 0.0 <= min_coverage <= 1.0):
        raise ArgumentError(
            Text(Setting("min_coverage"), f" must be a share from 0 to 1 (0.9 for 90 %), not {min_coverage!r}.")
        )


def _largest(extreme: Extreme, sample: Observations, cut: Cut, kept: Mask, r: int, span: pd.Timedelta) -> Array:
    """The r largest of every kept block, (blocks, r), NaN at the end where there are fewer."""
    if sample.index is None and span:
        raise ArgumentError(
            Text("the data have no dates by which the ", Setting("largest", r), " of each block could be parted"),
            Text("where all values are of different events, say so with ", Setting("separation", None), "."),
        )
    sign = -1.0 if extreme.name == "min" else 1.0
    found = np.full((int(kept.sum()), r), np.nan)
    for row, (start, stop) in enumerate(zip(cut.left[kept], cut.right[kept], strict=True)):
        times = None if sample.index is None else sample.index[start:stop]
        places = largest_apart(sign * sample.values[start:stop], times, span, r)
        found[row, : len(places)] = sample.values[start:stop][places]
    return found


def _on_largest(found: Extremes) -> tuple[Note, ...]:
    """A note where several values of each block are asked for and no block has a second one."""
    if found.largest is None or not np.isnan(found.largest[:, 1:]).all():
        return ()
    return (Note("largest_alone", r=found.largest.shape[1]),)


def _refuse_longer(window: Window, rule: BlockRule, sample: Observations) -> None:
    """A window is no longer than a block."""
    if isinstance(rule, TimeRule):
        days = rule.days
    elif isinstance(rule, Count) and sample.index is not None:
        days = rule.n * float(middle_gap(sample.index) / DAY)
    else:
        return
    if window.span / DAY > days:
        raise ArgumentError(
            f"a {window.words} takes longer than one block of {rule.name} ({days:.4g} days)",
            Text("choose longer blocks or a shorter window ", named("over"), "."),
        )


def _separation(separation: str | timedelta | None) -> pd.Timedelta:
    expected = Text.of(
        "{} must be a span of time such as '7D'{}, not {}.",
        *(Setting("separation"), InPython(" or None"), repr(separation)),
    )
    span = pd.Timedelta(0) if separation is None else span_of(separation)
    if span is None or span < pd.Timedelta(0):
        raise ArgumentError(expected)
    return span


def _same_event(dates: pd.DatetimeIndex | None, separation: pd.Timedelta) -> pd.DataFrame:
    """Neighbouring extremes closer than the separation."""
    if dates is None:
        return pd.DataFrame({"first": pd.DatetimeIndex([]), "second": pd.DatetimeIndex([]), "days": np.empty(0)})
    first, second = dates[:-1], dates[1:]
    close = np.asarray(second - first < separation)
    days = np.asarray((second - first) / DAY, dtype=np.float64)
    return pd.DataFrame({"first": first[close], "second": second[close], "days": days[close]})


def _dropped(sample: Observations, cut: Cut, at: Places, kept: Mask, min_coverage: float) -> pd.DataFrame:
    """The blocks left out, with their would-be extremes."""
    out, some = at[~kept], at[~kept] >= 0
    coverage = cut.coverage[~kept]
    undated = pd.DatetimeIndex([pd.NaT] * out.size)
    low = (f"coverage {share:.3g} below {min_coverage:.3g}" for share in coverage)
    reasons = [reason if held else "no values" for reason, held in zip(low, some, strict=True)]
    columns = {
        "block": cut.labels[~kept],
        "coverage": coverage,
        "value": np.where(some, sample.values[out], np.nan),
        "date": undated if sample.index is None else sample.index[out].where(some),
        "reason": np.array(reasons, dtype=object),
    }
    return pd.DataFrame(columns)


def notes_on_pooling(extremes: Extremes) -> Iterator[Note]:
    """A note if blocks of several seasons stand together."""
    if extremes.blocks_per_year is not None and extremes.blocks_per_year >= POOLED:
        yield Note("pooled_seasons", per_year=extremes.blocks_per_year)


def _notes(extreme: Extreme, found: Extremes, cut: Cut, separation: str | timedelta | None) -> Iterator[Note]:
    """What the analyst should know about pooled blocks, blocks left out and extremes that belong together."""
    dropped, best = found.dropped, extreme.ufunc.reduce(found.values)
    yield from notes_on_pooling(found)
    yield from _on_dropped(found, cut)
    values = dropped["value"].to_numpy()
    beyond = ~np.isnan(values) & (extreme.ufunc(values, best) != best)
    for label, value in zip(dropped["block"].to_numpy()[beyond], values[beyond], strict=True):
        yield Note("dropped_beyond", str(label), value=float(value))
    if len(found.same_event):
        words = duration(_separation(separation).total_seconds())
        yield Note("same_event", extreme.name, separation=words, count=len(found.same_event))


def _on_dropped(found: Extremes, cut: Cut) -> Iterator[Note]:
    """Which blocks are left out; where they are many, on what the answer rests, and what would bring more in."""
    left_out, blocks = len(found.dropped), cut.labels.size
    if not left_out:
        return
    if left_out <= LEFT_OUT * blocks:
        yield Note("blocks_dropped", count=left_out, blocks=blocks, which=listed(found.dropped["block"].to_numpy()))
        return
    said = {"count": left_out, "blocks": blocks, "span": found.span}
    shares = cut.coverage[cut.right > cut.left]
    for lower in LOWER_COVERAGE:
        if (kept := int(np.count_nonzero(shares >= lower))) >= (1.0 - LEFT_OUT) * blocks:
            yield Note("blocks_left_out", found.block, **said, lower=lower, kept=kept)
            return
    code = "blocks_empty" if shares.size < (1.0 - LEFT_OUT) * blocks else "blocks_gappy"
    yield Note(code, found.block, **said, empty=int(blocks - shares.size))


def _no_block(sample: Observations, rule: BlockRule, cut: Cut, min_coverage: float) -> DataError:
    if (count := sample.values.size) < _FEWEST:
        return DataError(
            f"the record of {sample.name} holds {count} value{'' if count == 1 else 's'}: too few to cut into blocks, "
            f"of which a fit needs at least {_FEWEST}.",
            "Check the file and the value column.",
        )
    best = np.argsort(-cut.coverage, kind="stable")[:3]
    listed = ", ".join(f"{cut.labels[i]} ({cut.coverage[i]:.3g})" for i in best)
    return DataError(
        Text(
            f"coverage leaves no block: none of {cut.labels.size} {rule.name} blocks of {sample.name} reaches ",
            *(Setting("min_coverage", float(min_coverage)), f"; best: {listed or 'none'}."),
        ),
        _of_months(sample, cut, min_coverage)
        or Text.of(
            "Check the time column; if it is the right one, give a lower share {}, at which some blocks may have "
            "missed their extreme.",
            named("min_coverage"),
        ),
    )


def _of_months(sample: Observations, cut: Cut, min_coverage: float) -> Text | None:
    """What leads on where a record of blocks once a year holds the same months of every year and no others; None
    elsewhere.
    """
    if cut.blocks_per_year != 1.0:
        return None
    best = float(np.median(cut.coverage[cut.coverage > 0.0])) if (cut.coverage > 0.0).any() else 0.0
    lower = np.floor(100.0 * _WITHIN_MONTHS * best) / 100.0
    if sample.index is None or not (months := _same_months(sample.index)) or not 0.0 < lower < min_coverage:
        return None
    names = [MONTHS[month - 1] for month in months]
    listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return Text(
        f"The record holds {listed} of every year and nothing else: take the extremes of these months, one a year, "
        "with ",
        *(Setting("min_coverage", float(lower)), "; those of other months are not known."),
    )


def _same_months(index: pd.DatetimeIndex) -> list[int]:
    """The months (1 to 12) that a record holds in every year but perhaps the first and the last; none where those of
    its years differ, or are all, or where it has less than four years.
    """
    held = np.unique((index.year * 12 + index.month - 1).to_numpy())
    years, months = np.divmod(held, 12)
    every = np.unique(months)
    inside = (years > years[0]) & (years < years[-1])
    whole = (years[-1] - years[0] - 1) * every.size
    same = years[-1] - years[0] >= 3 and np.count_nonzero(inside) == whole and every.size < 12
    return [int(month) + 1 for month in every] if same else []
