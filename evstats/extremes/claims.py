"""Losses known by bounds or seen from a deductible on only, as what a threshold is taken of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from evstats.arrays import Array, Mask
from evstats.errors import ArgumentError, DataError
from evstats.extremes.records import Extremes, Peaks
from evstats.text.arguments import Setting, Text, named
from evstats.text.numbers import number


@dataclass(frozen=True, eq=False)
class Claims:
    """Losses of one series in the order of time, none missing.

    Attributes
    ----------
    paid : Series (n,) of what was paid: the loss, or the limit that cut it.
    cut : which are known only to be at least as large.
    deductible : from which on each is seen; None where all are.
    """

    paid: pd.Series
    cut: Mask
    deductible: Array | None

    @classmethod
    def of(cls, losses: Extremes) -> Claims:
        """Those of a record of bounds.

        Raises
        ------
        ArgumentError : many series, minima, blocks with years or a history.
        DataError : a loss of which no more is known than that it lies below a level or between two.
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
        ArgumentError : clusters of losses, a threshold that is chosen.
        DataError : a limit at or below the threshold, a deductible above it.
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
        """The peaks with what is known of each; the same where none is cut."""
        cut = self.cut[self.paid.to_numpy() > peaks.threshold]
        if not cut.any():
            return peaks
        lower = np.array(peaks.values)
        return replace(peaks, values=np.where(cut, np.nan, lower), lower=lower, upper=np.where(cut, np.inf, lower))


__all__ = ["Claims"]
