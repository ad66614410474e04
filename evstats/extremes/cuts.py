"""Observations cut into blocks: by time, by their number, or as they stand where each is the extreme of one already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evstats.arrays import Array, Mask, Places
from evstats.calendars.cadence import DAY, cadence_of
from evstats.calendars.precision import precision_of
from evstats.calendars.rules import DAYS_PER_YEAR, SINGLE, YEAR, BlockRule, Blocks, Count, TimeRule, water_year
from evstats.calendars.steps import middle_gap, on_the_wall
from evstats.errors import ArgumentError, DataError
from evstats.extremes.observations import Observations
from evstats.notes import Note
from evstats.reading.columns import why_undated
from evstats.text.arguments import Setting, Text, named
from evstats.text.paragraphs import listed

#: A median spacing within these bounds of the block spacing is "about one block".
NEAR = (0.75, 1.33)
#: From more values on, undated data are hardly one value a block.
_MANY = 300


@dataclass(frozen=True, eq=False)
class Cut:
    """Observations cut into blocks: block i holds ``values[left[i]:right[i]]``.

    ``rows`` is the number of rows, missing ones included, that each block was made of, None for blocks of time;
    ``one_each`` says whether the data are block extremes already.
    """

    labels: NDArray[np.object_]
    left: Places
    right: Places
    coverage: Array
    blocks_per_year: float | None
    starts: pd.DatetimeIndex | None = None
    ends: pd.DatetimeIndex | None = None
    rows: float | None = None
    one_each: bool = False
    notes: tuple[str, ...] = ()

    def observations_per_block(self, kept: Mask) -> float | None:
        """How many observations a block holds, the mean of the blocks that are kept; None where not known."""
        if self.one_each or self.rows is not None:
            return self.rows
        return float((self.right - self.left)[kept].mean())


def usual_rule(sample: Observations) -> BlockRule:
    """The rule of a record where none was asked for."""
    if sample.index is None:
        found = why_undated(() if sample.audit is None else sample.audit.notes)
        if found.unread or (not found.alone and sample.size > _MANY):
            raise DataError(
                f"the data have no dates ({found.why})",
                Text.of(
                    "name the column that holds them {}, or write them like 2001-02-28. Only where each of the {} "
                    "values is the extreme of one block already, say so with {}.",
                    *(named("time"), str(sample.size), Setting("block", 1)),
                ),
            )
        return SINGLE
    first_month = None if sample.audit is None else sample.audit.first_month
    if first_month is not None:
        return YEAR if first_month == 1 else water_year(first_month)
    return _years_of_maxima(sample.index.tz_localize(None))


def _years_of_maxima(wall: pd.DatetimeIndex) -> TimeRule:
    """The years of which each holds one value, where the values are about a year apart and calendar years hold two."""
    spacing = float(middle_gap(wall) / DAY) / YEAR.spacing_days
    if not NEAR[0] <= spacing <= NEAR[1] or _at_most_one(wall, YEAR):
        return YEAR
    return next((rule for _, rule in _years_of_any_start() if _at_most_one(wall, rule)), YEAR)


def cut_into_blocks(sample: Observations, rule: BlockRule) -> Cut:
    """Observations cut by a rule.

    Raises
    ------
    DataError
        No dates for blocks of time, values further apart than a block.
    """
    if rule == SINGLE:
        return _one_value_each(sample)
    if isinstance(rule, Count):
        return _by_count(sample, rule)
    if isinstance(rule, TimeRule):
        return _by_time(sample, rule)
    raise ArgumentError(f"a block rule must be a Count or a TimeRule, not {type(rule).__name__}.")


def _by_count(sample: Observations, rule: Count) -> Cut:
    """Runs of n rows, missing ones counted."""
    edges = np.searchsorted(sample.positions, np.arange(0, sample.size + rule.n, rule.n))
    left, right = edges[:-1], edges[1:]
    labels = np.arange(1, left.size + 1).astype(object)
    per_year = None
    ends = None if sample.index is None else sample.index[[0, -1]].as_unit("us")  # in ns, 292 years would be the most
    if ends is not None and (length := ends[1] - ends[0]) > pd.Timedelta(0):
        per_year = float(sample.positions[-1] - sample.positions[0]) / (length / DAY) * DAYS_PER_YEAR / rule.n
    return Cut(labels, left, right, (right - left) / rule.n, per_year, rows=float(rule.n))


def _one_value_each(sample: Observations) -> Cut:
    """Every value as one block, numbered by its row."""
    left = np.arange(sample.values.size)
    labels = (sample.positions + 1).astype(object)
    code = "one_value_each" if left.size <= _MANY else "one_value_each_of_many"
    notes = (Note(code, sample.name, count=left.size),)
    return Cut(labels, left, left + 1, np.ones(left.size), None, one_each=True, notes=notes)


def _by_time(sample: Observations, rule: TimeRule) -> Cut:
    """Blocks of time, complete where enough of the expected timestamps are present."""
    index = sample.index
    if index is None:
        found = why_undated(() if sample.audit is None else sample.audit.notes)
        raise DataError(
            f"the data have no dates ({found.why}), so they cannot be cut by {rule.name}",
            Text.of(
                "name the column that holds them {}, or leave out the block {} where every value is the extreme of "
                "one already.",
                *(named("time"), named("block")),
            ),
        )
    spacing = float(middle_gap(index) / DAY)
    if spacing > NEAR[1] * rule.spacing_days:
        raise DataError(
            f"the values lie about {spacing:.4g} days apart, further than one {rule.name} block is long "
            f"({rule.spacing_days:.4g} days)",
            Text("choose longer blocks ", named("block"), "."),
        )
    wall = on_the_wall(index)
    blocks = rule.blocks(wall[0], wall[-1])
    _refuse_finer(sample, rule, blocks)
    left, right = _edges(index, blocks)
    held = right - left
    if spacing >= NEAR[0] * rule.spacing_days and held.sum() == len(index):
        return _one_per_block(wall, rule, blocks, left, right)
    cadence = cadence_of(index, blocks, events=sample.events, leap_days=sample.leap_days)
    coverage = cadence.coverage(blocks, held)
    spans = blocks.starts, blocks.ends
    return Cut(blocks.labels, left, right, coverage, rule.blocks_per_year, *spans, notes=cadence.notes)


def _refuse_finer(sample: Observations, rule: TimeRule, blocks: Blocks) -> None:
    """No blocks that begin or end within the year, or month, which is all that the dates of events tell."""
    told, edges = sample.precision, {precision_of(blocks.starts), precision_of(blocks.ends)}
    if told is None or edges <= {told, "year"}:
        return
    raise DataError(
        f"the dates of {sample.name} tell the {told} only, and {rule.name} blocks begin or end within one",
        Text.of("write the dates with their days, or take calendar years with {}.", Setting("block", "year")),
    )


def _one_per_block(wall: pd.DatetimeIndex, rule: TimeRule, blocks: Blocks, left: Places, right: Places) -> Cut:
    """Data that are block maxima already: every value is kept, coverage is not judged."""
    held = right - left
    if held.max() > 1:
        note = _two_in_a_block(wall, rule, blocks.labels[held > 1])
    elif (empty := blocks.labels[held == 0]).size:
        note = Note("one_per_block_with_gaps", rule.name, n=len(wall), empty=listed(empty))
    else:
        note = Note("one_per_block", rule.name, n=len(wall))
    some = held > 0
    coverage, spans = np.ones(np.count_nonzero(some)), (blocks.starts[some], blocks.ends[some])
    cut = Cut(blocks.labels[some], left[some], right[some], coverage, rule.blocks_per_year, *spans, one_each=True)
    return replace(cut, notes=(note,))


def _two_in_a_block(wall: pd.DatetimeIndex, rule: TimeRule, double: NDArray[np.object_]) -> Note:
    """Values about one block apart of which some share a block: name the rule under which none do."""
    fitting = (text for text, other in _years_of_any_start() if other != rule and _at_most_one(wall, other))
    if rule.blocks_per_year == 1.0 and (remedy := next(fitting, None)):
        return Note("two_in_a_block_of_other_years", rule.name, double=listed(double), remedy=remedy, n=len(wall))
    return Note("two_in_a_block", rule.name, double=listed(double))


def _years_of_any_start() -> Iterator[tuple[Text, TimeRule]]:
    water = Setting("block", "water-year")
    yield Text(water), water_year()
    yield Text(Setting("block", "year")), YEAR
    for month in range(2, 13):
        yield Text(water, " with ", Setting("first_month", month)), water_year(month)


def _at_most_one(wall: pd.DatetimeIndex, rule: TimeRule) -> bool:
    left, right = _edges(wall, rule.blocks(wall[0], wall[-1]))
    return bool((right - left).max() <= 1)


def _edges(index: pd.DatetimeIndex, blocks: Blocks) -> tuple[Places, Places]:
    """Where blocks of local time begin and end in a sorted index, in its own time zone."""
    left, right = (_localised(stamps, index) for stamps in (blocks.starts, blocks.ends))
    return index.searchsorted(left), index.searchsorted(right)


def _localised(stamps: pd.DatetimeIndex, index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    stamps = stamps.as_unit(index.unit)
    if index.tz is None:
        return stamps
    earlier = np.ones(len(stamps), dtype=bool)
    return stamps.tz_localize(index.tz, nonexistent="shift_forward", ambiguous=earlier)
