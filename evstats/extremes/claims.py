"""Losses known by bounds or seen from a deductible on only, as what a threshold is taken of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from evstats.arrays import Array, Mask
from evstats.errors import ArgumentError, DataError
from evstats.extremes.bounds import observed
from evstats.extremes.peak_records import Peaks
from evstats.extremes.records import Extremes
from evstats.notes import Note
from evstats.reading.records import Record
from evstats.text.arguments import Setting, Text, named
from evstats.text.numbers import number


@dataclass(frozen=True, eq=False)
class Claims:
    """Losses of one series in the order of time, none missing.

    Attributes
    ----------
    paid
        Series (n,) of what was paid: the loss, or the limit that cut it.
    cut
        Which are known only to be at least as large.
    deductible
        From which on each is seen; None where all are.
    """

    paid: pd.Series
    cut: Mask
    deductible: Array | None

    @classmethod
    def of(cls, losses: Extremes) -> Claims:
        """Those of a record of bounds.

        Raises
        ------
        ArgumentError
            Many series, minima, blocks with years or a history.
        DataError
            A loss of which no more is known than that it lies below a level or between two.
        """
        if losses.values.ndim > 1 or losses.of_minima or losses.blocks_per_year is not None:
            what = "many series" if losses.values.ndim > 1 else "minima" if losses.of_minima else "one value a year"
            raise ArgumentError(
                f"a threshold is taken of single losses, and these are {what}",
                "give one series of losses to ev.observed, without years; a Series indexed by dates brings times.",
            )
        lower, upper = np.moveaxis(losses.pairs, -1, 0)
        there = ~np.isnan(lower)
        cut = np.isposinf(upper) & there
        loose = there & ~cut & (lower < upper)
        if loose.any():
            place, others = int(np.flatnonzero(loose)[0]), int(loose.sum()) - 1
            more = f" (and so {'is' if others == 1 else 'are'} {others} more)" if others else ""
            raise DataError(
                f"the loss at position {place} (counted from 0) is known between {number(float(lower[place]), 6)} and "
                f"{number(float(upper[place]), 6)}{more}",
                "over a threshold losses are numbers, or known to lie above their limit: give one of the two.",
            )
        order = np.arange(lower.size) if losses.dates is None else losses.dates.argsort(kind="stable")
        order = order[there[order]]
        paid = pd.Series(lower[order], None if losses.dates is None else losses.dates[order], name=losses.name)
        paid.attrs["unit"] = losses.unit
        deductible = None if losses.truncation is None else losses.truncation[order]
        return cls(paid, cut[order], deductible)

    def check(self, threshold: float, separation: Any) -> None:
        """An error for what a threshold cannot be taken by.

        Raises
        ------
        ArgumentError
            Clusters of losses, a threshold that is chosen.
        DataError
            A limit at or below the threshold, a deductible above it.
        """
        if separation is not None:
            raise ArgumentError(
                "every loss counts for itself where some are cut at their limit or have a deductible",
                Text("take them with ", Setting("separation", None), "."),
            )
        paid = self.paid.to_numpy()
        low = self.cut & (paid <= threshold)
        if low.any():
            least = float(paid[self.cut].min())
            raise DataError(
                f"{int(low.sum())} losses are cut at limits of {number(float(paid[low].max()), 6)} or less, and "
                f"whether they passed the threshold {number(threshold, 6)} is not known",
                Text(
                    f"choose a threshold below {number(least, 6)} ",
                    named("threshold"),
                    ", or leave out the policies with such limits.",
                ),
            )
        if self.deductible is not None and (high := self.deductible > threshold).any():
            most = float(self.deductible.max())
            raise DataError(
                f"{int(high.sum())} losses are seen from deductibles above the threshold {number(threshold, 6)} on "
                f"only (up to {number(most, 6)}), and how many such policies had below is not known",
                Text(
                    f"choose a threshold of {number(most, 6)} or more ",
                    named("threshold"),
                    ", or leave out the policies with such deductibles.",
                ),
            )

    def known(self, peaks: Peaks) -> Peaks:
        """The peaks with what is known of each; the same where none is cut.

        Raises
        ------
        DataError
            Peaks that are all cut.
        """
        cut = self.cut[self.paid.to_numpy() > peaks.threshold]
        if not cut.any():
            return peaks
        if cut.all():
            raise DataError(
                f"all {cut.size} losses above the threshold {number(float(peaks.threshold), 6)} are cut at their "
                "limit, and nothing says how large losses become",
                Text("choose a lower threshold ", named("threshold"), ", above which some are known."),
            )
        lower = np.array(peaks.values)
        told = Note("losses_cut", count=int(cut.sum()), of=cut.size)
        return replace(
            peaks,
            values=np.where(cut, np.nan, lower),
            lower=lower,
            upper=np.where(cut, np.inf, lower),
            notes=(*peaks.notes, told),
        )


@dataclass(frozen=True)
class Terms:
    """The columns beside the losses of a record that say what is known of each.

    Attributes
    ----------
    limit
        Of the most that a loss can be, inf where there is none: a loss at its limit is known only to be as large.
    capped
        Of true and false: whether the loss was cut.
    deductible
        A column, or a number for all: from which on a loss is seen.
    """

    limit: str | None = None
    capped: str | None = None
    deductible: str | float | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """What has to be read beside the losses."""
        return tuple(name for name in (self.limit, self.capped, self.deductible) if isinstance(name, str))

    def of(self, record: Record) -> Record | Extremes:
        """The losses as these terms say that they are known, from the ground up; the record where there are none.

        Raises
        ------
        ArgumentError
            Both a limit and which were cut.
        DataError
            A loss above its limit or below its deductible, terms that are missing or cannot be; with the line.
        """
        if self.limit is not None and self.capped is not None:
            raise ArgumentError(
                Text(Setting("limit"), " and ", Setting("capped"), " both say which losses were cut"), "give one."
            )
        if not self.columns and self.deductible is None:
            return record
        paid = record.series
        cut = self._cut(record)
        upper = np.where(cut, np.inf, paid.to_numpy())
        dated = paid if isinstance(paid.index, pd.DatetimeIndex) else paid.to_numpy()
        return observed(dated, upper, unit=record.audit.unit, name=str(paid.name), truncation=self._deductible(record))

    def _cut(self, record: Record) -> Mask:
        """Which losses were cut."""
        paid = record.series.to_numpy()
        if self.capped is not None:
            told = _column(record, self.capped, "true or false")
            _refuse(record, ~np.isin(told, (0.0, 1.0)), self.capped, told, "write true or false.")
            return np.asarray(told == 1.0)
        if self.limit is None:
            return np.zeros(paid.size, dtype=bool)
        limit = _column(record, self.limit, "inf where a policy has no limit")
        _refuse(record, limit <= 0.0, self.limit, limit, "write inf where a policy has no limit.")
        _refuse(
            record,
            paid > limit,
            self.limit,
            limit,
            Text("give loss and limit both from the ground up, or say which losses were cut ", named("capped"), "."),
            "the loss {loss} is above its limit {told}",
        )
        return np.asarray(paid == limit)

    def _deductible(self, record: Record) -> Array | float | None:
        """From which on each loss is seen."""
        if self.deductible is None:
            return None
        paid = record.series.to_numpy()
        if isinstance(self.deductible, str):
            level, name = _column(record, self.deductible, "0 where there is none"), self.deductible
        else:
            level, name = np.full(paid.size, float(self.deductible)), "the deductible"
        _refuse(record, ~((level >= 0.0) & (level < np.inf)), name, level, "give a number, 0 where there is none.")
        _refuse(
            record,
            paid < level,
            name,
            level,
            "give the loss from the ground up, what was paid and the deductible together.",
            "the loss {loss} is below its deductible {told}, from which on it would be seen",
        )
        return level


def _column(record: Record, name: str, otherwise: str) -> Array:
    """The column beside the losses, of which no cell may be empty."""
    assert record.beside is not None, "read beside the losses"
    told = record.beside[name].to_numpy()
    _refuse(record, np.isnan(told), name, told, f"fill it in, {otherwise}, or leave the row out.", "{name} is empty")
    return told


def _refuse(
    record: Record, wrong: Mask, name: str, told: Array, remedy: str, problem: str = "{name} is {told}"
) -> None:
    """An error for the first loss that is wrong, with its line, its date and what stands there."""
    if not wrong.any():
        return
    place, more = int(np.argmax(wrong)), int(wrong.sum()) - 1
    index = record.series.index
    date = f" ({str(index[place]).removesuffix(' 00:00:00')})" if isinstance(index, pd.DatetimeIndex) else ""
    at = f"position {place}" if record.lines is None else f"{record.audit.place} {record.lines[place]}"
    values = {"loss": number(float(record.series.iloc[place]), 10), "told": number(float(told[place]), 10)}
    said = problem.format(name=name if name == "the deductible" else f"column {name!r}", **values)
    raise DataError(f"{at}{date}: {said}{f' (and so of {more} more)' if more else ''}", remedy)


__all__ = ["Claims", "Terms"]
