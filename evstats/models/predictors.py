"""What each parameter of a model follows: a formula in covariates, or a plain array, in standard form."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from evstats.arrays import Array, Places
from evstats.errors import ArgumentError, DataError, EvstatsError
from evstats.models.allowed import INTERCEPT
from evstats.models.covariates import TIME_OF_YEAR, YEAR, Covariates
from evstats.models.formulas import Formula, Terms, terms_of
from evstats.models.joining import joined
from evstats.models.rows import rows_of
from evstats.models.standardised import Standardised, array_design
from evstats.notes import Note
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    import pandas as pd

#: The parameter that is the rate of peaks, on its logarithm.
RATE: Final = "log_rate"
#: A state whose leverage is this many times the greatest of the data lies outside them, though each covariate may not.
_FAR = 3.0
#: The share of its values below which a covariate is low, and above which it is high.
_LOW = 0.05


class Observed(NamedTuple):
    """The years in which peaks were watched.

    Attributes
    ----------
    years
        How much of each calendar year, which is the index.
    owner
        The place of the year of each peak.
    notes
        On what is not known of them.
    """

    years: pd.Series
    owner: Places
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, eq=False)
class Predictor:
    """The linear predictor of one parameter.

    Attributes
    ----------
    names
        Of its columns, ``Intercept`` first.
    standardised
        Its design in standard form, (n, p) or batch + (n, p), and the way back.
    formula
        None for a plain array.
    highest
        The greatest leverage of the data.
    """

    names: tuple[str, ...]
    standardised: Standardised
    formula: Formula | None
    highest: float

    @property
    def text(self) -> str:
        """The formula, or the columns of an array."""
        return " + ".join(self.names[1:]) if self.formula is None else self.formula.text

    def rows(self, states: Covariates, parameter: str) -> Array:
        """The design in other states of the covariates, in standard form: (states, p), or batch + (states, p).

        The columns of an array are covariates of their own, ``loc:x1`` of the first of the location.
        """
        if self.formula is not None:
            return self.standardised.rows(self.formula.matrix(states))
        columns = [states.columns[name] for name in self.own_names(parameter)]
        return self.standardised.rows(np.stack([np.ones(states.count), *columns], axis=-1))

    def own_columns(self, parameter: str) -> dict[str, Array]:
        """The columns of an array at the blocks, by their names in a state; of a formula none."""
        own = self.standardised
        given = own.means[..., None, :] + own.design[..., 1:] @ own.triangle
        return {name: given[..., place] for place, name in enumerate(self.own_names(parameter))}

    def own_names(self, parameter: str) -> tuple[str, ...]:
        """What the columns of an array are called in a state; of a formula none."""
        return () if self.formula is not None else tuple(f"{parameter}:{name}" for name in self.names[1:])

    def only(self, covariate: str, blocks: Covariates) -> Predictor | None:
        """That of the terms in which no other covariate of the blocks stands; None without such terms."""
        return None if self.formula is None else _predictor(self.formula.terms.only(covariate), blocks, ())

    def to_dict(self) -> dict[str, Any]:
        """Names, design and formula, as JSON can hold them."""
        return {
            "names": list(self.names),
            "formula": None if self.formula is None else self.formula.to_dict(),
            **{name: values.tolist() for name, values in vars(self.standardised).items()},
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Predictor:
        """The predictor of a dictionary made by ``to_dict``."""
        arrays = (np.asarray(stored[name], dtype=np.float64) for name in ("design", "means", "triangle"))
        formula = None if stored["formula"] is None else Formula.from_dict(stored["formula"])
        return cls.of(tuple(map(str, stored["names"])), Standardised(*arrays), formula)

    @classmethod
    def of(cls, names: tuple[str, ...], standardised: Standardised, formula: Formula | None) -> Predictor:
        """The predictor of a design."""
        return cls(names, standardised, formula, float(np.square(standardised.design).sum(axis=-1).max()))


@dataclass(frozen=True, eq=False)
class Predictors:
    """The predictors of the parameters that have covariates, over the same blocks.

    Attributes
    ----------
    by_parameter
        Those that are not constant.
    covariates
        The values of all that are used, at the blocks that are kept.
    of_years
        Of a rate of peaks, its covariates in all years that were observed; None where the rate is constant.
    """

    by_parameter: Mapping[str, Predictor]
    covariates: Covariates
    of_years: Covariates | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the covariates in use, which a state must give: those of formulas, then the columns of arrays."""
        arrays = (own.own_names(parameter) for parameter, own in self.by_parameter.items())
        return (*self.covariates.names, *itertools.chain.from_iterable(arrays))

    @property
    def notes(self) -> tuple[str, ...]:
        """On blocks that are left out."""
        return self.covariates.notes

    @property
    def at_blocks(self) -> dict[str, Array]:
        """What a state must give, at every block."""
        found = dict(self.covariates.columns)
        for parameter, own in self.by_parameter.items():
            found |= own.own_columns(parameter)
        return found

    def columns_of(self, parameter: str) -> tuple[str, ...]:
        """The names of the columns of a parameter's design."""
        own = self.by_parameter.get(parameter)
        return (INTERCEPT,) if own is None else own.names

    def jacobian_of(self, parameter: str) -> Array:
        """The derivatives (..., p, p) of a parameter's coefficients as given in those in standard form."""
        own = self.by_parameter.get(parameter)
        return np.ones((1, 1)) if own is None else own.standardised.jacobian

    def to_dict(self) -> dict[str, Any]:
        """Formulas with their state, designs and covariates, as JSON can hold them."""
        return {
            "by_parameter": {name: own.to_dict() for name, own in self.by_parameter.items()},
            "covariates": {name: values.tolist() for name, values in self.covariates.columns.items()},
            "labels": None if self.covariates.labels is None else list(map(str, self.covariates.labels)),
            "noun": self.covariates.noun,
            **({} if self.of_years is None else {"of_years": _stored(self.of_years)}),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Predictors:
        """The predictors of a dictionary made by ``to_dict``; formulas are held to the allow-list again."""
        own = {name: Predictor.from_dict(each) for name, each in stored["by_parameter"].items()}
        labels = None if stored["labels"] is None else np.array(stored["labels"], dtype=object)
        columns = {name: np.asarray(values, dtype=np.float64) for name, values in stored["covariates"].items()}
        n = len(next(iter(columns.values()))) if columns else next(iter(own.values())).standardised.design.shape[-2]
        of_years = _restored(stored["of_years"]) if "of_years" in stored else None
        return cls(own, Covariates(columns, n, labels, stored["noun"]), of_years)

    def of_lanes(self, batch: tuple[int, ...], index: Any) -> Predictors:
        """Those of some samples of a batch, by anything that indexes it."""
        places = np.arange(math.prod(batch)).reshape(batch)[index]
        chosen = {
            name: own if own.standardised.design.ndim == 2 else replace(own, standardised=own.standardised.at(places))
            for name, own in self.by_parameter.items()
        }
        return replace(self, by_parameter=chosen)

    @property
    def season(self) -> Predictors | None:
        """Those of the time of the year alone, beside which others are followed; None where they are not."""
        covariates = self.covariates
        if TIME_OF_YEAR not in covariates.names or self.names == (TIME_OF_YEAR,):
            return None
        made = {name: own.only(TIME_OF_YEAR, covariates) for name, own in self.by_parameter.items()}
        left = {name: own for name, own in made.items() if own is not None}
        alone = replace(covariates, columns={TIME_OF_YEAR: covariates.columns[TIME_OF_YEAR]})
        return Predictors(left, alone) if left else None

    @property
    def go_with_time(self) -> bool:
        """Whether one beside the season does, so that the first and the last block stand for then and now."""
        beside = [name for name in self.covariates.columns if name != TIME_OF_YEAR]
        return not beside or any(map(self._goes_with_time, beside))

    def rows(self, states: Covariates) -> dict[str, Array]:
        """The rows of every design in other states, in standard form: (states, p), or batch + (states, p)."""
        return {name: own.rows(states, name) for name, own in self.by_parameter.items()}

    def ends(self) -> tuple[Covariates, Covariates]:
        """The states of the first and the last block of the record, by their labels where those are years or dates;
        both at the time of the year of the last. Of peaks whose rate has all covariates those of the first and the last
        year.

        Raises
        ------
        ArgumentError
            Covariates given as an array for each series, which have no state in common.
        """
        columns = self.at_blocks
        if self.of_years is not None and columns.keys() <= self.of_years.columns.keys():
            return tuple(Covariates.of(self.of_years.state(place)) for place in self.of_years.ends())  # type: ignore[return-value]
        if own := next((name for name, values in columns.items() if values.ndim > 1), None):
            raise ArgumentError(
                f"the covariates of {own.partition(':')[0]} are of each series its own",
                Text("give ", Setting("now"), " and ", Setting("then"), "."),
                argument="now",
            )
        first, last = self.covariates.ends()
        places = {name: (last if name == TIME_OF_YEAR else first, last) for name in columns}
        then, now = (
            Covariates.of({name: values[places[name][end]] for name, values in columns.items()}) for end in (0, 1)
        )
        return then, now

    def then_and_now(self) -> tuple[Covariates, Covariates]:
        """Two states where none are given: those of the first and the last block where a covariate goes with time, with
        every one that does not at the middle one of its values; where none does those in which every one but the season
        is low and high, at the values that 5 % lie below and above, or its least and greatest where these are one.

        Raises
        ------
        ArgumentError
            Covariates given as an array for each series, which have no state in common.
        """
        then, now = (dict(end.columns) for end in self.ends())
        two_of = _middle if self.go_with_time else _low_and_high
        for name, values in self.covariates.columns.items():
            stays = name == TIME_OF_YEAR or (two_of is _middle and self._goes_with_time(name))
            if name in then and not stays:
                then[name], now[name] = np.split(two_of(np.sort(values)), 2)
        return Covariates.of(then), Covariates.of(now)

    def _goes_with_time(self, name: str) -> bool:
        return name == YEAR or self.covariates.goes_with_time(name)

    def outside(self, states: Covariates) -> tuple[Note, ...]:
        """A note for each covariate that a state takes outside the fitted ones, or on their combination."""
        found = []
        for name, fitted in self.covariates.columns.items():
            known = fitted if self.of_years is None else np.append(fitted, self.of_years.columns.get(name, []))
            low, high = float(known.min()), float(known.max())
            asked = states.columns[name]
            if (out := asked[(asked < low) | (asked > high)]).size:
                found.append(Note("covariate_outside", name, value=float(out[0]), low=low, high=high))
        if found:
            return tuple(found)
        far = any(_is_far(own.rows(states, name), own.highest) for name, own in self.by_parameter.items())
        return (Note("combination_outside", ", ".join(self.names)),) if far else ()


def _middle(ordered: Array) -> Array:
    """The middle one of rising values, twice: the covariate is held there."""
    return np.repeat(ordered[(ordered.size - 1) // 2], 2)


def _low_and_high(ordered: Array) -> Array:
    """Those of rising values that 5 % lie below and above; the least and the greatest where they are one."""
    place = round(_LOW * (ordered.size - 1))
    two = ordered[[place, -1 - place]]
    return two if two[0] < two[1] else ordered[[0, -1]]


def predictors_of(
    asked: Mapping[str, Any],
    data: Any,
    shape: tuple[int, ...],
    covariates: Any = None,
    missing: str = "raise",
    observed: Observed | None = None,
) -> Predictors:
    """The predictors that formulas and plain arrays ask for.

    Parameters
    ----------
    asked
        A formula, an array or None (constant) for each parameter, by its name.
    data
        Extremes, Peaks, a Series or an array: what brings the blocks and their years.
    shape
        Of the values, batch + (n,).
    covariates
        A table, several, or a mapping, as ``joined`` takes them.
    missing
        ``"raise"``, or ``"drop"`` to leave out blocks of which a covariate in use has no value.
    observed
        The years in which peaks were watched, of which the rate, ``log_rate``, needs the covariates.

    Raises
    ------
    ArgumentError, DataError
        By the name of the parameter where it is that of one.

    Examples
    --------
    >>> years = {"year": np.arange(1990.0, 2000.0)}
    >>> found = predictors_of({"loc": "year"}, np.zeros(10), (10,), years)
    >>> found.by_parameter["loc"].names, found.by_parameter["loc"].standardised.design.shape
    (('Intercept', 'year'), (10, 2))
    """
    rows = rows_of(data, shape[-1])
    known = joined(rows, covariates)
    terms = {name: _about(name, terms_of, own, known.names) for name, own in asked.items() if isinstance(own, str)}
    if covariates is not None and not any(own.covariates for own in terms.values()):
        if not known.names:
            raise ArgumentError(Text(Setting("covariates"), " hold none"), "leave them out, or give them names.")
        example = next((name for name in known.names if name not in rows.own.columns), known.names[0])
        raise ArgumentError(
            "covariates are given and no formula uses them",
            Text("write for example ", Setting(next(iter(asked), "loc"), example), "."),
            argument="covariates",
        )
    rate = terms.pop(RATE, None)
    followed = rate is not None and rate.covariates and observed is not None
    of_years = _about(RATE, _in_years, rate, observed, covariates) if followed else None
    used = known.used((name for own in terms.values() for name in own.covariates), missing)
    found = {}
    for name, own in asked.items():
        if name != RATE and (made := _about(name, _predictor, terms.get(name, own), used, shape)) is not None:
            found[name] = made
    if of_years is None or observed is None:
        return Predictors(found, used)
    made = _about(RATE, _predictor, rate, of_years, (of_years.count,))
    at_peaks = {name: values[observed.owner] for name, values in of_years.columns.items()}
    return Predictors({RATE: made, **found}, replace(used, columns={**at_peaks, **used.columns}), of_years)


def _in_years(rate: Terms, observed: Observed, covariates: Any) -> Covariates:
    """The covariates of a rate in every year that was observed.

    Raises
    ------
    DataError
        Years without one of them, which the error names.
    """
    rows = replace(rows_of(observed.years, len(observed.years)), noun="year")
    if TIME_OF_YEAR in rate.covariates:
        raise ArgumentError(
            "the rate follows covariates from year to year, and harmonics are of the time of the year",
            Text("fit the peaks of a season, by ", Setting("months", call="peaks_over_threshold"), "."),
        )
    known = joined(rows, covariates if set(rate.covariates) - {YEAR} else None)
    for name in rate.covariates:
        if (missing := np.isnan(known.columns.get(name, np.zeros(1)))).any():
            raise DataError(
                f"the covariate {name!r} has no value for {missing.sum()} of the {known.count} years that were "
                f"observed: {known.listed(missing)}",
                "give them: a year without peaks counts in the rate as much.",
            )
    return known.used(rate.covariates)


def _about(name: str, make: Any, *given: Any) -> Any:
    try:
        return make(*given)
    except EvstatsError as error:
        raise error.about(name.removeprefix("log_")) from error.__cause__


def _stored(covariates: Covariates) -> dict[str, Any]:
    columns = {name: values.tolist() for name, values in covariates.columns.items()}
    return {"columns": columns, "labels": list(map(str, covariates.labels if covariates.labels is not None else ()))}


def _restored(stored: Mapping[str, Any]) -> Covariates:
    return Covariates.of(stored["columns"], np.array(stored["labels"], dtype=object), "year")


def _predictor(asked: Any, used: Covariates, shape: tuple[int, ...]) -> Predictor | None:
    """The predictor of one parameter; None where it is constant."""
    if asked is None:
        return None
    formula: Formula | None = None
    if isinstance(asked, Terms):
        formula, matrix = asked.on(used)
        names, text = formula.names, asked.text
        if formula.is_constant:
            return None
    else:
        names, matrix = array_design(asked, shape)
        matrix, text = matrix if used.kept is None else matrix[..., used.kept, :], ""
    return Predictor.of(names, Standardised.of(matrix, names, text), formula)


def _is_far(rows: Array, highest: float) -> bool:
    return bool((np.square(rows).sum(axis=-1) > _FAR * highest).any())


__all__ = ["RATE", "Observed", "Predictor", "Predictors", "predictors_of"]
