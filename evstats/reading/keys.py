"""Columns that split a table into several series: which do, and the rows that were chosen of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evstats.arrays import Array, Mask, Places
from evstats.errors import ArgumentError, DataError, nearest, unknown_name
from evstats.reading.column_names import kind_of_key
from evstats.reading.roles import PAIRS, keeps_apart, pairs_alike, pairs_by_chance
from evstats.reading.table import numbers_of
from evstats.text.arguments import Setting, Text, both, named
from evstats.text.paragraphs import listed

Where = Mapping[str, Any]
Chosen = dict[str, tuple[str, ...]]

#: Chooses all rows: the series are one, whatever the column says.
EVERY = "*"

_SHOWN = 8
#: Coordinates that went through 32 bits differ by less, of their size.
_SAME = 1e-6


def chosen_of(where: Where | None) -> Chosen:
    """What was asked for: for each column the texts of the values to keep.

    Examples
    --------
    >>> chosen_of({"STATION": "USC001", "member": [1, 2]})
    {'STATION': ('USC001',), 'member': ('1', '2')}
    """
    if where is None:
        return {}
    if not isinstance(where, Mapping):
        raise ArgumentError(
            Text(Setting("where"), f" must be a mapping of columns to values, got {where!r}"),
            Text("for example ", both("where", {"STATION": "USC001"}), "."),
        )
    return {str(column): _texts(values) for column, values in where.items()}


def _texts(values: Any) -> tuple[str, ...]:
    several = isinstance(values, Iterable) and not isinstance(values, str | bytes)
    return tuple(str(value).strip() for value in (values if several else (values,)))


@dataclass(frozen=True, eq=False)
class Levels:
    """The different cells of a column: row i holds ``names[codes[i]]``, nothing where the code is -1."""

    column: str
    codes: Places
    names: tuple[str, ...]

    @classmethod
    def of(cls, cells: pd.Series) -> Levels:
        """The levels of a column of texts, in the order in which they are met."""
        codes, found = pd.factorize(cells)
        texts = pd.Index([str(name).strip() for name in found], dtype=object)
        places, names = pd.factorize(texts)  # two that differ in blanks are one
        codes = np.where(codes < 0, -1, places[codes]) if len(places) else codes
        named = tuple(map(str, names))
        return cls(str(cells.name), np.where(codes == named.index(""), -1, codes) if "" in named else codes, named)

    def among(self, rows: Mask) -> list[str]:
        """The names that these rows hold."""
        held = np.unique(self.codes[rows])
        return [self.names[code] for code in held if code >= 0]

    def are(self, wanted: Sequence[str]) -> Mask:
        """The rows that hold one of the wanted values, compared as text, else as numbers: 1 is 01 and 1.0."""
        if EVERY in wanted:
            return np.ones(len(self.codes), dtype=bool)
        codes = [self._code(text) for text in wanted]
        return np.isin(self.codes, np.concatenate(codes))

    def _code(self, text: str) -> Places:
        same = np.flatnonzero([name == text for name in self.names])
        if not same.size:
            same = np.flatnonzero(_equal_numbers(self.names, text))
        if not same.size:
            names = [name for name in self.names if name]
            problem = Text(f"{self.column!r} has no {text!r} ", named("where"))
            raise ArgumentError(problem, f"it holds {shown(names)}.{nearest(text, names)}")
        return same


def _equal_numbers(names: Sequence[str], text: str) -> Mask:
    numbers = numbers_of([text, *names])
    return np.abs(numbers[1:] - numbers[0]) <= _SAME * np.abs(numbers[0])  # NaN, no number, equals none


def rows_chosen(frame: pd.DataFrame, chosen: Chosen) -> Mask:
    """The rows of a table that hold what was asked for in every column."""
    rows = np.ones(len(frame), dtype=bool)
    for column, wanted in chosen.items():
        rows &= Levels.of(frame[column]).are(wanted)
    return rows


def check_chosen(chosen: Chosen, known: Sequence[str], used: Mapping[str, str]) -> None:
    """Refuse columns that are not there, or that are the time or the value themselves."""
    for column in chosen:
        if column not in known:
            raise unknown_name("column", column, known, "where")
        if column in used:
            raise ArgumentError(
                Text.of(
                    "{} chooses rows by a column beside time and value, but {} is the {} column",
                    *(Setting("where"), repr(column), used[column]),
                ),
                Text("leave it out of ", Setting("where"), "."),
            )


def refuse_varying(frame: pd.DataFrame, names: Sequence[str], rows: Mask, chosen: Chosen) -> None:
    """Refuse a table in which a column called a station, an element, a scenario or a member has several values.

    Of the number and the name of a station one settles it, as names change; of other columns of one kind only one that
    says the same.
    """
    needed: list[Levels] = []
    for name in names:
        one, alike = Levels.of(frame[name]), [other for other in names if kind_of_key(other) == kind_of_key(name)]
        if _splits(one, rows) and not any(_same(one, other, rows) for other in needed if other.column in alike):
            needed.append(one)
    needed = [one for one in needed if not _settled(frame, one, names, rows, chosen)]
    if needed:
        raise _to_choose(needed, rows)


def _settled(frame: pd.DataFrame, one: Levels, names: Sequence[str], rows: Mask, chosen: Chosen) -> bool:
    """Whether another column names the one station of these rows."""
    others = [name for name in names if name != one.column and kind_of_key(name) == "stations"]
    if kind_of_key(one.column) != "stations":
        return False
    return any(name in chosen or not _splits(Levels.of(frame[name]), rows) for name in others)


def _same(one: Levels, other: Levels, rows: Mask) -> bool:
    """Whether each value of one column goes with a single value of the other, and the other way round."""
    pairs = len(np.unique(_combined(one.codes, other.codes)[rows]))
    return pairs == len(np.unique(one.codes[rows])) == len(np.unique(other.codes[rows]))


def _splits(levels: Levels, rows: Mask) -> bool:
    """Whether the column has several values, not another one in (nearly) every row."""
    held, counts = np.unique(levels.codes[rows], return_counts=True)
    counts = counts[held >= 0]
    return counts.size > 1 and bool(counts.sum() >= 2 * counts.size)


def _combined(one: Places, other: Places) -> Places:
    """A code for each pair of codes."""
    return pd.factorize(one * (int(other.max(initial=0)) + 2) + other + 1)[0]


def _to_choose(levels: Sequence[Levels], rows: Mask) -> DataError:
    held = {one.column: one.among(rows) for one in levels}
    what = " and ".join(
        f"{column} holds {len(names)} {kind_of_key(column) or 'values'} ({shown(names)})"
        for column, names in held.items()
    )
    first = {column: names[0] for column, names in held.items()}
    return DataError(
        f"{what}:", Text("choose with ", both("where", first), f"; {EVERY} in place of a value takes all.")
    )


def shown(names: Sequence[str]) -> str:
    """The first few of the values of a column."""
    return listed(names, _SHOWN)


# -- the evidence of repeated times ----------------------------------------------------------------------------------


def refuse_pooled(
    times: pd.DatetimeIndex, values: Array, rows: Mask, others: Callable[[], pd.DataFrame], chosen: Chosen
) -> None:
    """Refuse a table whose rows differ at the same times where other columns keep them apart.

    In a list of events a column of causes or places keeps events of one day apart by chance, and now and then not. A
    column (or a few together) that never lets two rows of one time meet, where chance would have done so at least five
    times, is a key.
    """
    places = np.flatnonzero(rows)
    stamps = times.asi8[places]
    if stamps.size < 2 or np.all(np.diff(stamps) > 0):
        return
    differing = pd.DataFrame({"time": stamps, "value": values[places]}).drop_duplicates()["time"]
    if not differing.duplicated().any() or pairs_by_chance(pd.factorize(stamps)[0], np.zeros_like(places)) < PAIRS:
        return
    frame = others().iloc[places].reset_index(drop=True)
    distinct = ~frame.assign(**{"\0time": stamps, "\0value": values[places]}).duplicated()
    frame, moments = frame[distinct], pd.factorize(stamps[distinct])[0].astype(np.intp)
    levels = [Levels.of(frame[name]) for name in frame.columns if not _numbers_events(frame[name], moments)]
    if found := _apart([one for one in levels if one.column not in chosen], moments):
        raise _to_choose(found, np.ones(len(moments), dtype=bool))


def _numbers_events(cells: pd.Series, times: Places) -> bool:
    """Whether the column numbers the rows of each time 1, 2, 3, of which there are now more, now fewer."""
    numbers = numbers_of(cells)
    place = pd.Series(times).groupby(times).cumcount().to_numpy()
    counts = np.bincount(times)
    return bool(np.all(numbers - place == numbers[0]) and np.mean(counts == np.bincount(counts).argmax()) < 0.9)


#: Columns that together tell the rows of one time apart.
_AT_MOST = 4


def _apart(levels: Sequence[Levels], times: Places) -> list[Levels]:
    """The columns that together keep all rows of one time apart, one added after the other; empty where none do."""
    found: list[Levels] = []
    combined = np.zeros(times.size, dtype=np.intp)
    while len(found) < _AT_MOST:
        finer = {one: _combined(combined, one.codes) for one in levels if one not in found}
        best = min(finer, key=lambda one: pairs_alike(times, finer[one]), default=None)
        if best is None or pairs_alike(times, finer[best]) >= pairs_alike(times, combined):
            return []
        found, combined = [*found, best], finer[best]
        if keeps_apart(times, combined):
            return found
    return []
