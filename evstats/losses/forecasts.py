"""Losses and the forecasts that were made of them, checked day by day."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from evstats.arrays import Array, Mask
from evstats.errors import ArgumentError, DataError
from evstats.notes import Note
from evstats.reading.containers import in_pandas, is_foreign
from evstats.reading.frames import float_cells
from evstats.reading.records import Record
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number

#: What is given for a value of every day.
Daily: TypeAlias = Record | pd.Series | ArrayLike

#: Levels are shares of losses that lie below, beyond this.
_LOWEST = 0.5


@dataclass(frozen=True, eq=False)
class Forecasts:
    """Losses of n days with the forecasts of each day, all finite.

    Attributes
    ----------
    losses
        (n,), positive where money is lost.
    var
        The value at risk at every level, (levels, n).
    es
        The expected shortfall at every level, (levels, n), nowhere below the VaR; None where none is given.
    levels
        The shares of losses below the VaR, in rising order.
    days
        What the days are called; None where they are counted from 1.
    name
        Of the losses.
    over
        The days that a loss runs over, where neighbours overlap; else 1.

    Examples
    --------
    >>> import evstats as ev
    >>> found = ev.losses.Forecasts.of(ev.Gumbel(0.0, 1.0).rvs(300, rng=1), [4.6] * 300, None, 0.99)
    >>> found.levels, found.var.shape
    ((0.99,), (1, 300))
    """

    losses: Array
    var: Array
    es: Array | None
    levels: tuple[float, ...]
    days: pd.Index | None
    name: str
    over: int = 1

    @property
    def hits(self) -> Mask:
        """Whether the loss of the day exceeds the VaR, (levels, n)."""
        return self.losses > self.var

    @classmethod
    def of(cls, losses: Daily, var: Any, es: Any, level: Any) -> Forecasts:
        """The losses and forecasts as they are given, one column for each level.

        Parameters
        ----------
        losses
            Of n days, positive where money is lost; a Series, or an array.
        var
            The value at risk of each day, a column for each level.
        es
            The expected shortfall, or None.
        level
            The share of losses below the VaR, one of each column.

        Returns
        -------
        Forecasts
            Checked: the same days, finite, no shortfall below its VaR.

        Raises
        ------
        DataError
            Values that are not finite; forecasts of other days; days that stand twice, or not in the order of time.
        ArgumentError
            Levels outside (0, 1), or not one for each column.
        """
        levels = levels_of(level)
        made = series_of(losses, "losses")
        risks = columns_of(var, "var", len(levels))
        shortfalls = None if es is None else columns_of(es, "es", len(levels))
        given = {"losses": [made], "var": risks, **({} if shortfalls is None else {"es": shortfalls})}
        days = finite_days(given)
        if days is not None:
            refuse_disorder(days)
        values, risk = made.to_numpy(), np.stack([column.to_numpy() for column in risks])
        shortfall = None if shortfalls is None else np.stack([column.to_numpy() for column in shortfalls])
        order = np.argsort(levels)
        found = cls(
            values,
            risk[order],
            None if shortfall is None else shortfall[order],
            tuple(levels[place] for place in order),
            days,
            "losses" if made.name is None else str(made.name),
            days_shared(losses),
        )
        found._check()
        return found

    def day(self, place: int) -> str:
        """What a day is called in a sentence.

        Parameters
        ----------
        place
            Of the day, from 0.

        Returns
        -------
        str
            A date, or its number from 1.
        """
        return day_of(self.days, place)

    def _check(self) -> None:
        """Refuse forecasts that cannot be right on any distribution."""
        if not (self.var > 0.0).any():
            raise DataError(
                f"the VaR is positive on none of {self.losses.size} days, as if returns were given for losses",
                "losses and forecasts of them are positive numbers: turn their signs.",
            )
        self._refuse_below(self.var[1:], self.var[:-1], "the VaR of level {higher:g} is below that of {lower:g}", 1)
        if self.es is not None:
            self._refuse_below(self.es, self.var, "the ES is below the VaR of its level {higher:g}", 0)

    def _refuse_below(self, above: Array, below: Array, said: str, shift: int) -> None:
        wrong = above < below
        if wrong.any():
            row, place = (int(found[0]) for found in np.nonzero(wrong))
            words = said.format(higher=self.levels[row + shift], lower=self.levels[row])
            count = int(wrong.any(axis=0).sum())
            raise DataError(
                f"{words} {self.day(place)} ({number(above[row, place], 6)} below {number(below[row, place], 6)}; "
                f"{count} such {'day' if count == 1 else 'days'})",
                "check that columns are not swapped, and that all count losses as positive.",
            )


def levels_of(level: Any) -> tuple[float, ...]:
    """The levels as they are given, one or several.

    Raises
    ------
    ArgumentError
        One that is no share from 0.5 to 1, or is given twice.
    """
    found = tuple(_level(one) for one in (np.ravel(level).tolist() if np.ndim(level) else [level]))
    if not found or len(set(found)) < len(found):
        raise ArgumentError(
            Text(Setting("level"), " is empty" if not found else " gives one twice"), "give each level once."
        )
    return found


def _level(given: Any) -> float:
    try:
        level = operator.truediv(given, 1.0)
    except TypeError:
        level = float("nan")
    if _LOWEST < level < 1.0:
        return float(level)
    meant = {"": level, "one less": 1.0 - level, "per cent": level / 100.0, "per cent less": 1.0 - level / 100.0}
    likely = next((share for share in meant.values() if _LOWEST < share < 1.0), None)
    hint = "" if likely is None else f" Did you mean {round(likely, 12):g}?"
    raise ArgumentError(
        Text(Setting("level"), f" is {given!r}"),
        f"expected the share of losses that lie below the VaR, above {_LOWEST:g} and below 1, such as 0.99.{hint}",
        argument="level",
    )


def share_of(level: float) -> float:
    """The share of losses beyond a level, without the digits that subtraction leaves.

    Examples
    --------
    >>> share_of(0.99)
    0.01
    """
    return round(1.0 - level, 15)


def series_of(given: Any, name: str) -> pd.Series:
    """One value a day as a series of real numbers; its index counts from 0 where nothing else is given.

    Raises
    ------
    DataError
        What is not one series of numbers.
    """
    if isinstance(given, Record):
        return given.series
    given = in_pandas(given) if is_foreign(given) else given
    if isinstance(given, pd.DataFrame):
        if given.shape[1] != 1:
            raise DataError(f"{name} is a table of {given.shape[1]} columns", f"give one of them for {name}.")
        given = given.iloc[:, 0]
    return float_cells(given if isinstance(given, pd.Series) else np.ma.asanyarray(given))


def columns_of(given: Any, name: str, count: int) -> list[pd.Series]:
    """One series for every level: columns of a table, or of an array (n, levels).

    Raises
    ------
    ArgumentError
        More or fewer than levels.
    """
    given = in_pandas(given) if is_foreign(given) else given
    if isinstance(given, pd.DataFrame):
        columns = [series_of(given.iloc[:, place], name) for place in range(given.shape[1])]
    elif not isinstance(given, Record | pd.Series) and np.ndim(given) == 2:
        columns = [series_of(column, name) for column in np.asarray(given).T]
    else:
        columns = [series_of(given, name)]
    if len(columns) != count:
        raise ArgumentError(
            Text(
                Setting(name), f" has {len(columns)} column{'s' * (len(columns) != 1)} for {count} ", Setting("level")
            ),
            "give one for each.",
            argument=name,
        )
    return columns


def numbers_of(given: Any, name: str) -> Array:
    """Real numbers as an array of any shape; None is NaN.

    Raises
    ------
    ArgumentError
        What is none.
    """
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as cause:
        raise ArgumentError(
            Text(Setting(name), f" is of type {type(given).__name__}"), "expected real numbers.", argument=name
        ) from cause


def scale_of(volatility: Any, losses: pd.Series) -> Array:
    """The volatility of every day of the losses, (n,).

    Raises
    ------
    DataError
        Of other days, missing, or not positive.
    """
    own = series_of(volatility, "volatility")
    days, scale = finite_days({"losses": [losses], "volatility": [own]}), own.to_numpy()
    wrong = ~(scale > 0.0)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise DataError(
            f"the volatility is {number(scale[place], 6)} {day_of(days, place)}, which is not positive "
            f"({int(wrong.sum())} such)",
            "give the standard deviation that was forecast for each day, a positive number.",
        )
    return scale


def days_shared(given: Any) -> int:
    """Over how many days each of overlapping losses runs, as ``returns`` says; 1 of others."""
    notes = given.audit.notes if isinstance(given, Record) else getattr(given, "attrs", {}).get("notes", ())
    days = (note.values["days"] for note in notes if isinstance(note, Note) and note.code == "overlapping_returns")
    return int(max(days, default=1))


def finite_days(given: Mapping[str, Sequence[pd.Series]]) -> pd.Index | None:
    """What the days are called, of columns that all have the same days, and a finite value on each.

    Raises
    ------
    DataError
        Two that have other days, or another number of them; a value that is missing or infinite.
    """
    days = _days(given)
    for name, columns in given.items():
        for column in columns:
            _require_finite(column, name, days)
    return days


def _days(given: Mapping[str, Sequence[pd.Series]]) -> pd.Index | None:
    """What the days are called, the same of all that name them.

    Raises
    ------
    DataError
        Two that have other days, or another number of them.
    """
    whole = {name: column for name, columns in given.items() for column in columns[:1]}
    whole |= {f"{name} ({place + 1})": own for name, many in given.items() for place, own in enumerate(many) if place}
    (first, one), *others = whole.items()
    called = next(((name, own) for name, own in whole.items() if _is_named(own)), None)
    for name, other in others:
        if len(other) != len(one):
            raise DataError(*_of_other_length(first, one, name, other))
    if called is None:
        return None
    for name, other in whole.items():
        if _is_named(other) and not other.index.equals(called[1].index):
            place = int(np.flatnonzero(np.asarray(other.index != called[1].index))[0])
            raise DataError(
                f"{called[0]} and {name} are not of the same days: row {place + 1} is "
                f"{_said(called[1].index[place])} in {called[0]} and {_said(other.index[place])} in {name}",
                "give both for the same days, in the same order.",
            )
    return called[1].index


def refuse_disorder(days: pd.Index) -> None:
    """An error for a day that stands twice, or before one that is earlier: what was known before a day would be wrong.

    Raises
    ------
    DataError
        Such days.
    """
    if not isinstance(days, pd.DatetimeIndex | pd.PeriodIndex):
        return
    if days.has_duplicates:
        place = int(np.flatnonzero(days.duplicated())[0])
        raise DataError(f"two losses stand {day_of(days, place)}", "give one for each day.")
    if not days.is_monotonic_increasing:
        place = int(np.flatnonzero(np.diff(days.asi8) < 0)[0]) + 1
        raise DataError(
            f"the losses are not in the order of time: the one {day_of(days, place)} follows the one "
            f"{day_of(days, place - 1)}",
            "sort losses and all that goes with them by their days (.sort_index()).",
        )


def _of_other_length(first: str, one: pd.Series, name: str, other: pd.Series) -> tuple[str, str]:
    words = f"{first} {'has' if first in ('var', 'es') else 'have'} {len(one):,} days and {name} {len(other):,}"
    remedy = "give a forecast for each day, and a loss for each forecast."
    if _is_named(one) and _is_named(other):
        longer, shorter = (one, other) if len(one) > len(other) else (other, one)
        alone = longer.index.difference(shorter.index, sort=False)
        if len(alone):
            owner = first if longer is one else name
            return f"{words}: {_said(alone[0])} is in {owner} alone ({len(alone):,} such)", remedy
    return words, remedy


def _is_named(column: pd.Series) -> bool:
    """Whether the index says more than the place."""
    return not isinstance(column.index, pd.RangeIndex)


def day_of(days: pd.Index | None, place: int) -> str:
    """``"on 2001-03-02"``, or ``"on day 17"`` where days have no names."""
    return f"on day {place + 1}" if days is None else f"on {_said(days[place])}"


def _said(day: Any) -> str:
    return f"{day:%Y-%m-%d}" if isinstance(day, pd.Timestamp) and day == day.normalize() else str(day)


def _require_finite(column: pd.Series, name: str, days: pd.Index | None) -> None:
    wrong = ~np.isfinite(column.to_numpy())
    if wrong.any():
        place, count = int(np.flatnonzero(wrong)[0]), int(wrong.sum())
        what = "missing" if np.isnan(column.iloc[place]) else "infinite"
        of = f"{count} of {len(column)} days are such" if count > 1 else f"the only one of {len(column)} days"
        raise DataError(
            Text(f"a value of {name} is {what} {day_of(days, place)} ({of})"),
            "leave the day out of losses and forecasts alike.",
        )


__all__ = [
    "Daily",
    "Forecasts",
    "columns_of",
    "day_of",
    "days_shared",
    "finite_days",
    "levels_of",
    "numbers_of",
    "refuse_disorder",
    "scale_of",
    "series_of",
    "share_of",
]
