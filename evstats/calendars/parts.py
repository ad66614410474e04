"""Parts of the year: a season, or some of its months, and the blocks of time that they make of a record."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evstats.calendars.rules import DAYS_PER_YEAR, MONTHS, SEASONS, Blocks, Calendar, months_of_year
from evstats.errors import ArgumentError, unknown_name
from evstats.text.arguments import Setting, Text

_DAYS = (31.0, 28.25, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0)


@dataclass(frozen=True)
class YearPart:
    """Some months of every year, ``months`` in ascending order from 1 for January; ``name`` says which."""

    name: str
    months: tuple[int, ...]

    @property
    def share(self) -> float:
        """The share of a year that they make up."""
        return sum(_DAYS[month - 1] for month in self.months) / DAYS_PER_YEAR

    def holds(self, wall: pd.DatetimeIndex) -> NDArray[np.bool_]:
        """Whether each timestamp of local time lies in it."""
        return np.isin(wall.month, self.months)

    def blocks(self, first: pd.Timestamp, last: pd.Timestamp) -> Blocks:
        """Every whole run of its months that overlaps the span, in order of time."""
        found = [rule.blocks(first, last) for rule in self._runs()]
        starts, ends = (np.concatenate([getattr(blocks, edge) for blocks in found]) for edge in ("starts", "ends"))
        labels = np.concatenate([blocks.labels for blocks in found])
        order = starts.argsort()
        return Blocks(pd.DatetimeIndex(starts[order]), pd.DatetimeIndex(ends[order]), labels[order])

    def _runs(self) -> Iterable[Calendar]:
        """Its months on end, DJF being one run."""
        for first in self.months:
            if (first - 2) % 12 + 1 not in self.months:
                yield months_of_year(
                    first, next(n for n in range(1, 13) if (first + n - 1) % 12 + 1 not in self.months)
                )


def year_part(season: str | None, months: int | Iterable[int] | None) -> YearPart | None:
    """The part of the year that a season, or some months, stand for; None for all of it.

    Raises
    ------
    ArgumentError
        An unknown season, months other than 1 to 12, or both.

    Examples
    --------
    >>> year_part("djf", None).name, year_part(None, [7, 6]).name, year_part(None, None)
    ('DJF', 'Jun, Jul', None)
    """
    if season is not None and months is not None:
        raise ArgumentError(
            Text(Setting("season"), " and ", Setting("months"), " both choose a part of the year"), "give one of them."
        )
    if season is not None:
        name = season.strip().upper() if isinstance(season, str) else season
        if not isinstance(name, str) or name not in SEASONS:
            raise unknown_name("season", season, SEASONS)
        return YearPart(name, tuple(sorted((SEASONS[name] + n - 1) % 12 + 1 for n in range(3))))
    if months is None:
        return None
    chosen = _numbers(months)
    return YearPart(", ".join(MONTHS[month - 1] for month in chosen), chosen) if len(chosen) < 12 else None


def _numbers(months: Any) -> tuple[int, ...]:
    """Month numbers in ascending order, each once."""
    expected = Text(Setting("months"), f" must be month numbers from 1 to 12, such as [6, 7, 8], not {months!r}.")
    try:
        given = [months] if np.ndim(months) == 0 and not isinstance(months, (str, set, frozenset)) else list(months)
        chosen = {operator.index(month) for month in given if not isinstance(month, (bool, np.bool_))}
    except TypeError as cause:
        raise ArgumentError(expected) from cause
    if not chosen or not chosen <= set(range(1, 13)) or any(isinstance(month, (bool, np.bool_)) for month in given):
        raise ArgumentError(expected)
    return tuple(sorted(chosen))


__all__ = ["YearPart", "year_part"]
