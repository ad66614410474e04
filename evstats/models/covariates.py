"""Covariates at the blocks of a sample, and the states in which a fit with covariates is asked."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, Mask
from evstats.errors import ArgumentError, DataError, EvstatsError, unknown_name
from evstats.notes import Note
from evstats.text.arguments import Setting, State, Text
from evstats.text.numbers import number

if TYPE_CHECKING:
    import pandas as pd

#: The covariates that blocks bring: the year they are named by, and how much of a year has passed at their middle.
YEAR: Final = "year"
TIME_OF_YEAR: Final = "time_of_year"

#: A covariate that shares so much of its variance with the order of the rows is one of time.
_WITH_TIME = 0.5
#: Labels that are listed in a sentence.
_LISTED = 5
#: A range of so many roundings of the values is no variation.
_ROUNDINGS = 8


@dataclass(frozen=True, eq=False)
class Covariates:
    """Covariates, and where they hold.

    Attributes
    ----------
    columns
        The values of each (n,).
    count
        How many rows there are.
    labels
        What the rows are called (n,), None where they are only counted.
    noun
        What a row is: "block", "peak", "value", "row".
    notes
        What is to be said of them.
    kept
        Of all rows that were joined to, those that are here (all,); None for all.
    unusable
        Covariates that are no finite numbers, each with the error to raise where it is used.
    """

    columns: Mapping[str, Array]
    count: int
    labels: NDArray[np.object_] | None = None
    noun: str = "row"
    notes: tuple[str, ...] = ()
    kept: Mask | None = None
    unusable: Mapping[str, EvstatsError] = field(default_factory=dict)

    @classmethod
    def of(cls, columns: Mapping[str, Any], labels: Any = None, noun: str = "row") -> Covariates:
        """Numbers and arrays of one length under their names."""
        arrays = {name: np.atleast_1d(np.asarray(values, dtype=np.float64)) for name, values in columns.items()}
        shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
        count = shape[0] if shape else 1 if labels is None else len(labels)
        spread = {name: np.broadcast_to(array, (count,)) for name, array in arrays.items()}
        return cls(spread, count, labels, noun)

    @property
    def names(self) -> tuple[str, ...]:
        """Of all covariates, those that turn out to be unusable included."""
        return (*self.columns, *self.unusable)

    def state(self, place: int = 0) -> dict[str, float]:
        """The values in a row, by name."""
        return {name: float(values[place]) for name, values in self.columns.items()}

    def ends(self) -> tuple[int, int]:
        """The places of the first and the last row: by labels that begin with a year, else as they stand."""
        labels = [] if self.labels is None else list(map(str, self.labels))
        if not labels or not all(label[:4].isdigit() for label in labels):
            return 0, self.count - 1
        return labels.index(min(labels)), labels.index(max(labels))

    def goes_with_time(self, name: str) -> bool:
        """Whether a covariate only rises or only falls from row to row in the order of time, or hardly does else: that
        half its variance goes with the order.
        """
        labels = [] if self.labels is None else list(map(str, self.labels))
        dated = bool(labels) and all(label[:4].isdigit() for label in labels)
        values = self.columns[name][np.argsort(labels, kind="stable")] if dated else self.columns[name]
        moved = np.diff(values)
        if values.size < 2 or (moved >= 0.0).all() or (moved <= 0.0).all():
            return True
        return float(np.corrcoef(values, np.arange(values.size))[0, 1]) ** 2 >= _WITH_TIME

    def where(self, place: int) -> str:
        """A row in words: ``"block 1972"``, ``"row 3 (counted from 0)"``."""
        return f"{self.noun} {place} (counted from 0)" if self.labels is None else f"{self.noun} {self.labels[place]}"

    def listed(self, rows: Mask) -> str:
        """Some rows in words, the first few by name: ``"blocks 1927, 1930"``."""
        places = np.flatnonzero(rows)
        if places.size == 1:
            return self.where(int(places[0]))
        names = places if self.labels is None else self.labels[places]
        more = f" and {places.size - _LISTED} more" if places.size > _LISTED else ""
        counted = " (counted from 0)" if self.labels is None else ""
        return f"{self.noun}s {', '.join(map(str, names[:_LISTED]))}{more}{counted}"

    def used(self, names: Iterable[str], missing: str = "raise") -> Covariates:
        """The covariates that formulas use, each with a number in every row that is kept.

        Parameters
        ----------
        names
            Of the covariates.
        missing
            ``"raise"`` for an error where one has no value; ``"drop"`` leaves those rows out and says how many.

        Raises
        ------
        DataError
            A missing value, or nothing but missing ones; a covariate that does not vary.
        ArgumentError
            An unknown name, or way to treat missing values.
        """
        if missing not in ("raise", "drop"):
            raise unknown_name("way to treat missing covariates", missing, ("raise", "drop"), argument="missing")
        wanted = list(dict.fromkeys(names))
        for name in wanted:
            if name in self.unusable:
                raise self.unusable[name]
            if name not in self.columns:
                raise unknown_name("covariate", name, self.names, argument="covariates")
        chosen = replace(self, columns={name: self.columns[name] for name in wanted})
        kept = np.ones(self.count, dtype=bool)
        for values in chosen.columns.values():
            kept &= ~np.isnan(values)
        if not kept.all():
            chosen = chosen._without(~kept, missing)
        for name, values in chosen.columns.items():
            if name != TIME_OF_YEAR:  # of which harmonics know what they need
                _refuse_constant(name, values)
        return chosen

    def _without(self, missing: Mask, way: str) -> Covariates:
        """Only the rows that are not missing, with a note on the others; or an error that names them."""
        where, count = self.listed(missing), int(missing.sum())
        empty = " and ".join(repr(name) for name, values in self.columns.items() if np.isnan(values).any())
        if count == self.count:
            raise DataError(f"the covariates {empty} have no value in common with any {self.noun}.", argument="missing")
        if way == "raise":
            raise DataError(
                f"the covariate {empty} has no value for {count} of {self.count} {self.noun}s: {where}",
                Text("give them, or leave these out with ", Setting("missing", "drop"), "."),
            )
        kept = ~missing
        note = Note("covariates_missing", empty, count=count, of=self.count, noun=self.noun, where=where)
        columns = {name: values[kept] for name, values in self.columns.items()}
        labels = None if self.labels is None else self.labels[kept]
        return Covariates(columns, int(kept.sum()), labels, self.noun, (*self.notes, note), kept)


def _refuse_constant(name: str, values: Array) -> None:
    low, high = float(values.min()), float(values.max())
    if high - low > _ROUNDINGS * np.spacing(max(abs(low), abs(high))):
        return
    raise DataError(f"the covariate {name!r} is {number(low)} everywhere", "leave it out: it explains nothing.")


# -- the states in which a fit is asked --------------------------------------------------------------------------------


def states(at: Any, names: Iterable[str], argument: str = "at", known: Covariates | None = None) -> Covariates:
    """The states that ``at=`` gives: one for a mapping of numbers or a Series, one for each row of a DataFrame.

    A mapping may hold arrays of one length, and ``date=`` in place of the year and the time of the year, which a
    DataFrame indexed by years or dates brings too. Of the covariates that are ``known`` an error tells the values in
    the year that is given in their place.

    Raises
    ------
    ArgumentError
        No state, one without a covariate that the model uses, or with one that it does not know, in a
        sentence that writes out what is to be given; a value that is no finite number.

    Examples
    --------
    >>> states({"gmst": 1.3, "year": 2030}, ["gmst"]).columns["gmst"].tolist()
    [1.3]
    >>> states({"date": "2030-07-02"}, ["time_of_year"]).columns["time_of_year"].round(2).tolist()
    [0.5]
    """
    wanted = tuple(names)
    asked = Text("write for example ", Setting(argument, State(dict.fromkeys(wanted, ...))), ".")
    if at is None:
        has = f"the covariate{'s' if len(wanted) > 1 else ''} {', '.join(wanted)}"
        raise ArgumentError(f"the model has {has}, and no state is given", asked)
    given, labels = _given(at, argument, asked)
    if "date" in given and "date" not in wanted:
        given = _of_dates(given.pop("date"), argument) | given
    if absent := [name for name in wanted if name not in given]:
        told = _told_of_year(given, wanted, absent[0], known, argument) or asked
        raise ArgumentError(Text(Setting(argument), f" gives no {absent[0]}"), told, argument=argument)
    extra = [name for name in given if name not in wanted and name not in (YEAR, TIME_OF_YEAR)]
    if extra and isinstance(at, Mapping):
        raise unknown_name("covariate", extra[0], wanted, argument=argument)
    try:
        found = Covariates.of({name: given[name] for name in wanted}, labels)
    except (TypeError, ValueError) as cause:
        problem = Text("the values of ", Setting(argument), " are not numbers of one length")
        raise ArgumentError(problem, asked) from cause
    for name, values in found.columns.items():
        if not np.isfinite(values).all():
            strange = values[~np.isfinite(values)][0]
            raise ArgumentError(Text(Setting(argument), f" gives {name} = {strange}"), "give finite numbers.")
    return found


def _told_of_year(
    given: Mapping[str, Any], wanted: Iterable[str], lacking: str, known: Covariates | None, argument: str
) -> Text | None:
    """What the covariates are in the year that is given: their values in its block, or in all of those it has."""
    year = given.get(YEAR)
    if known is None or known.labels is None or not isinstance(year, (int, float, np.integer, np.floating)):
        return None
    rows = np.flatnonzero([str(label).partition("-")[0].split(" ")[0] == f"{year:g}" for label in known.labels])
    if not rows.size:
        return None
    held = known.state(int(rows[0]))
    there = Setting(argument, State({name: given.get(name, held.get(name, ...)) for name in wanted}))
    if rows.size == 1:
        return Text("of that year it is ", there, ".")
    values = known.columns.get(lacking, np.full(known.count, np.nan))[rows]
    spread = f"from {number(np.min(values), 4)} to {number(np.max(values), 4)}"
    return Text(
        f"that year has {rows.size} {known.noun}s, {known.labels[rows[0]]} to {known.labels[rows[-1]]}, in which "
        f"it runs {spread}: give one, as in ",
        there,
        ".",
    )


def _given(at: Any, argument: str, asked: Text) -> tuple[dict[str, Any], Any]:
    """Values by name, and the labels of the rows of a table."""
    if isinstance(at, Mapping):
        return {str(name): values for name, values in at.items()}, None
    if hasattr(at, "columns") and hasattr(at, "index"):
        named = {str(name): at.iloc[:, place].to_numpy() for place, name in enumerate(at.columns)}
        return _of_index(at.index) | named, np.asarray(at.index, dtype=object)
    if hasattr(at, "index") and hasattr(at, "to_dict"):
        return {str(name): value for name, value in at.to_dict().items()}, None
    raise ArgumentError(Text(Setting(argument), f" is {at!r}, which names no covariate"), asked)


def _of_index(index: pd.Index) -> dict[str, Any]:
    """The years that index a table, or the dates with their time of the year; nothing of other labels."""
    from evstats.reading.timestamps import timestamps

    try:
        stamps = timestamps(index)
    except DataError:
        return {}
    if stamps is None or stamps.hasnans:
        return {}
    found = {YEAR: stamps.year.to_numpy(dtype=np.float64), TIME_OF_YEAR: time_of_year(stamps)}
    return {YEAR: found[YEAR]} if index.dtype.kind in "iu" else found


def _of_dates(dates: Any, argument: str) -> dict[str, Array]:
    import pandas as pd

    try:
        stamps = pd.DatetimeIndex(np.atleast_1d(np.asarray(dates, dtype=object)))
    except (TypeError, ValueError) as cause:
        problem = Text(Setting(argument), f" gives the date {dates!r}")
        raise ArgumentError(problem, "write it like '2030-07-15'.") from cause
    return {YEAR: stamps.year.to_numpy(dtype=np.float64), TIME_OF_YEAR: time_of_year(stamps)}


def time_of_year(stamps: pd.DatetimeIndex) -> Array:
    """How much of its year has passed at each time, from 0 to 1."""
    wall = (stamps if stamps.tz is None else stamps.tz_localize(None)).to_numpy()
    years = wall.astype("datetime64[Y]")
    begun, ended = (which.astype("datetime64[s]") for which in (years, years + np.timedelta64(1, "Y")))
    return np.asarray((wall - begun) / (ended - begun), dtype=np.float64)


def state_in_words(at: Mapping[str, Any]) -> str:
    """``"year = 2020, gmst = 1.3"``."""
    return ", ".join(_held(name, value) for name, value in at.items())


def _held(name: str, value: Any) -> str:
    """A covariate at its value; the time of the year with its month."""
    if isinstance(value, str):
        return f"{name} = {value}"
    if name != TIME_OF_YEAR:
        return f"{name} = {number(value, 6)}"
    month = int(str(_NEW_YEAR + np.timedelta64(int(365 * float(value) % 365), "D"))[5:7])
    return f"time of year = {number(value)} ({month_name[month]})"


_NEW_YEAR = np.datetime64("2001-01-01")


__all__ = ["TIME_OF_YEAR", "YEAR", "Covariates", "state_in_words", "states", "time_of_year"]
