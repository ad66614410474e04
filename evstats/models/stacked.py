"""The predictors of several series of peaks, each over its own peaks and years, as those of a batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evstats.arrays import Array, Mask
from evstats.errors import ArgumentError, DataError, EvstatsError
from evstats.models.covariates import Covariates
from evstats.models.predictors import RATE, Predictor, Predictors
from evstats.models.standardised import Standardised
from evstats.notes import Note
from evstats.text.arguments import Setting, Text

Two = tuple[Covariates, Covariates]

#: What is said of a state of several series, by what is said of it of one.
_OF_SERIES = {
    "covariate_outside": "covariate_outside_of_series",
    "combination_outside": "combination_outside_of_series",
}


@dataclass(frozen=True, eq=False)
class StackedPredictors(Predictors):
    """Those of a batch whose series have peaks, and years, of their own, and so designs of their own.

    What functions of a formula learn (means, knots) each series learns from its own peaks, so that it is fitted in the
    batch as it is alone. ``by_parameter`` has the designs of all, batch + (n, p), at the places of the peaks, and of a
    rate batch + (years, p); what is not there has the row of the constant.

    Attributes
    ----------
    each
        Those of every series, (lanes,); of one with too few peaks the constant alone, under all names.
    there
        Where the series have peaks, batch + (n,).
    """

    each: tuple[Predictors, ...] = ()
    there: Mask | None = None

    @classmethod
    def of_series(cls, each: Sequence[Predictors], there: Mask) -> StackedPredictors:
        """Those of a batch, of those of its series, of which ``there`` says where their peaks stand."""
        batch, flat = there.shape[:-1], there.reshape(-1, there.shape[-1])
        lead = next((one for one in each if _varies(one)), each[0])
        own = {
            name: _stacked([one.by_parameter[name] for one in each], None if name == RATE else flat, batch)
            for name in lead.by_parameter
        }
        notes = tuple(dict.fromkeys(note for one in each for note in one.notes))
        return cls(own, Covariates({}, there.shape[-1], noun="peak", notes=notes), None, tuple(each), there)

    @property
    def lead(self) -> Predictors:
        """Those of a series with peaks enough."""
        return next((one for one in self.each if _varies(one)), self.each[0])

    @property
    def names(self) -> tuple[str, ...]:
        """Of the covariates in use, the same of every series."""
        return self.lead.names

    @property
    def at_blocks(self) -> dict[str, Array]:
        """What a state must give, at every peak of every series, NaN elsewhere."""
        assert self.there is not None
        found = {name: np.full(self.there.shape, np.nan) for name in self.names}
        lanes = self.there.reshape(-1, self.there.shape[-1])
        for lane, (one, here) in enumerate(zip(self.each, lanes, strict=True)):
            for name, values in one.at_blocks.items():
                found[name].reshape(lanes.shape)[lane, here] = values
        return found

    @property
    def season(self) -> None:
        """Of a batch not told."""

    def of_lanes(self, batch: tuple[int, ...], index: Any) -> Predictors:
        """Those of one series, at its peaks alone, or of some."""
        assert self.there is not None
        places = np.arange(math.prod(batch)).reshape(batch)[index]
        if np.ndim(places) == 0:
            return self.each[int(places)]
        there = self.there.reshape(-1, self.there.shape[-1])[places]
        return self.of_series([self.each[place] for place in places.ravel()], there)

    def rows(self, states: Covariates) -> dict[str, Array]:
        """The rows of every design in other states, in standard form, batch + (states, p)."""
        return {name: self._rows_of(name, own, states) for name, own in self.by_parameter.items()}

    def _rows_of(self, name: str, own: Predictor, states: Covariates) -> Array:
        of_each = [one.by_parameter[name] for one in self.each]
        learnt = [one.formula for one in of_each if one.formula is not None and one.formula.state]
        if not learnt:  # one matrix for all
            return own.rows(states, name)
        matrices = [(one.formula or learnt[0]).matrix(states) for one in of_each]
        matrix = np.stack(matrices).reshape(*own.standardised.means.shape[:-1], states.count, -1)
        return own.standardised.rows(matrix)

    def ends(self) -> tuple[Covariates, Covariates]:
        """Those of the first and the last year, where they are the same of all series.

        Raises
        ------
        ArgumentError
            Series whose first or last states differ.
        """
        return self._in_common(Predictors.ends)

    def then_and_now(self) -> tuple[Covariates, Covariates]:
        """As of one series, where they are the same of all.

        Raises
        ------
        ArgumentError
            Series whose states differ.
        """
        return self._in_common(Predictors.then_and_now)

    def _in_common(self, two_of: Callable[[Predictors], Two]) -> Two:
        each = [two_of(one) for one in self.each if _varies(one)] or [two_of(self.each[0])]
        for place, name in enumerate(("then", "now")):
            if any(own[place].state() != each[0][place].state() for own in each):
                raise ArgumentError(
                    f"every series has a state of its own for {name}",
                    Text("give ", Setting("now"), " and ", Setting("then"), ", of all series the same."),
                    argument=name,
                )
        return each[0]

    def outside(self, states: Covariates) -> tuple[Note, ...]:
        """As of one series, of those that have peaks enough: of how many, and the ranges of the first of them."""
        seen = [(place, note) for place, one in enumerate(self.each) if _varies(one) for note in one.outside(states)]
        found = []
        for code, subject in dict.fromkeys((note.code, note.subject) for _, note in seen):
            own = [(place, note) for place, note in seen if (note.code, note.subject) == (code, subject)]
            place, first = own[0]
            told = first.values if code == "covariate_outside" else {}
            found.append(Note(_OF_SERIES[code], subject, count=len(own), place=place, **told))
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Those of every series, and where its peaks stand, as JSON can hold them."""
        assert self.there is not None
        return {"each": [one.to_dict() for one in self.each], "there": self.there.tolist()}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> StackedPredictors:
        """The predictors of a dictionary made by ``to_dict``."""
        there = np.asarray(stored["there"], dtype=np.bool_)
        return cls.of_series([Predictors.from_dict(one) for one in stored["each"]], there)


def stacked_predictors(
    there: Mask, made: Callable[[int], Predictors], least: Callable[[Predictors], int], years: Sequence[int] | None
) -> Predictors:
    """The predictors of a batch, of those that are made series by series.

    Parameters
    ----------
    there
        Where the series have peaks, batch + (n,).
    made
        Makes those of a series, by its place.
    least
        How many peaks a series needs for such; of fewer it has the constant alone.
    years
        How many calendar years of each were watched, where the rate follows covariates.

    Raises
    ------
    EvstatsError
        As ``made`` raises one, which then names the series, if it is of that one.
    DataError
        No series with so many peaks.
    """
    flat = there.reshape(-1, there.shape[-1])
    counts, batch = flat.sum(axis=-1), there.shape[:-1]

    def named(place: int) -> Predictors:
        try:
            return made(place)
        except EvstatsError as error:
            if _is_of_all(error, made, place, len(flat)):
                raise
            where = ", ".join(str(axis) for axis in np.unravel_index(place, batch))
            raise error.about(f"series {where}") from error.__cause__

    lead = named(most := int(np.argmax(counts)))
    if not lead.by_parameter:
        return lead
    if counts[most] < (needed := least(lead)):
        raise DataError(
            f"none of the {len(flat)} series has {needed} peaks, which the coefficients need at least",
            "use fewer terms, or lower thresholds.",
        )
    each = [
        lead
        if place == most
        else named(place)
        if count >= needed
        else _constant(lead, int(count), 1 if years is None else years[place])
        for place, count in enumerate(counts)
    ]
    return StackedPredictors.of_series(each, there)


def _is_of_all(error: EvstatsError, made: Callable[[int], Predictors], place: int, count: int) -> bool:
    """Whether another series has the same fault as this one: then it is none of the series, as an unknown name is."""
    if count < 2:
        return False
    try:
        made((place + 1) % count)
    except EvstatsError as other:
        return str(other) == str(error)
    return False


def of_series(covariates: Any, place: int, lane: tuple[int, ...], here: Mask, shape: tuple[int, ...]) -> Any:
    """What is given as covariates of a batch, or as the design of a parameter, of one series at its peaks.

    Tables indexed by years or dates are of all series. So are arrays and tables by position (n,), at the places of the
    peaks; arrays of shape batch + (n,) or batch + (n, p) have those of each, and tables with two levels of index have
    in the first the number of the series.
    """
    from evstats.reading.containers import in_pandas

    if isinstance(covariates, str) or covariates is None:
        return covariates
    if isinstance(covariates, Mapping):
        return {name: of_series(own, place, lane, here, shape) for name, own in covariates.items()}
    if isinstance(covariates, list | tuple) and any(map(_is_table, covariates)):
        return [of_series(own, place, lane, here, shape) for own in covariates]
    given = in_pandas(covariates)
    if not _is_table(given):
        return _of_array(given, lane, here, shape)
    if given.index.nlevels == 2:
        if place not in given.index.get_level_values(0):
            raise ArgumentError(
                f"the table of covariates has no series {place}",
                "number the series from 0 in the first level of its index, as pd.concat([first, second], keys=[0, 1]).",
                argument="covariates",
            )
        return given.xs(place, level=0)
    counted = given.index.dtype.kind in "iu" and given.index.name is None and len(given) == here.size
    if counted and np.array_equal(given.index, np.arange(here.size)):
        return given[here].reset_index(drop=True)
    return given


def _of_array(given: Any, lane: tuple[int, ...], here: Mask, shape: tuple[int, ...]) -> Any:
    try:
        array = np.asarray(given)
    except ValueError:
        return given
    if lane and array.shape[: len(shape)] == shape:
        return array[lane][here]
    return array[here] if array.ndim and array.shape[0] == here.size else given


def _is_table(given: Any) -> bool:
    return hasattr(given, "index") and hasattr(given, "iloc")


def _varies(one: Predictors) -> bool:
    """Whether a series has designs of its own, and not the constant alone."""
    return all(own.highest > 1.0 for own in one.by_parameter.values())


def _constant(like: Predictors, count: int, years: int) -> Predictors:
    """The predictors of a series that has too few peaks for any, under the names of another."""
    own = {}
    for name, each in like.by_parameter.items():
        p, rows = len(each.names), years if name == RATE else count
        standardised = Standardised(np.eye(1, p).repeat(rows, axis=0), np.zeros(p - 1), np.eye(p - 1))
        own[name] = Predictor.of(each.names, standardised, each.formula)
    columns = {name: np.zeros(count) for name in like.covariates.columns}
    return Predictors(own, Covariates(columns, count, noun=like.covariates.noun))


def _stacked(each: Sequence[Predictor], there: Mask | None, batch: tuple[int, ...]) -> Predictor:
    """The predictor of a batch, its rows where the peaks are, or, of years, the first ones."""
    first = next((own for own in each if own.highest > 1.0), each[0])
    p = len(first.names)
    n = max(len(own.standardised.design) for own in each) if there is None else there.shape[-1]
    design = np.zeros((len(each), n, p))
    design[..., 0] = 1.0
    for lane, own in enumerate(each):
        rows = own.standardised.design
        design[lane, slice(len(rows)) if there is None else there[lane]] = rows
    means, triangle = (np.stack([getattr(own.standardised, name) for own in each]) for name in ("means", "triangle"))
    whole = Standardised(*(own.reshape(*batch, *own.shape[1:]) for own in (design, means, triangle)))
    return Predictor(first.names, whole, first.formula, max(own.highest for own in each))


__all__ = ["StackedPredictors", "of_series", "stacked_predictors"]
