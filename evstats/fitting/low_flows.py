"""Low flows of which some years are dry: the minima that are not zero, mixed with the share of zeros."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evstats import quantities
from evstats.distributions import Family, WithZeros
from evstats.errors import ArgumentError, DataError
from evstats.estimators import Estimator, as_observations
from evstats.extremes.bounds import observed
from evstats.extremes.records import Extremes
from evstats.fitting.fitted import Fit, fit
from evstats.fitting.inputs import in_one_piece
from evstats.fitting.made import Made
from evstats.habits import knowing_their_names, methods_knowing_their_names
from evstats.intervals import Answer, Interval, resolved
from evstats.intervals.products import answer_with_zeros, chosen_of_product
from evstats.notes import Note, as_note, ordered
from evstats.quantities import Quantity
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number

#: Of stored low flows.
_FORMAT = 1
#: Minima that are not zero which a fit needs.
_LEAST = 3


@knowing_their_names
def fit_low_flows(
    minima: Any, family: str | type[Family] | None = None, *, method: str | Estimator | None = None
) -> LowFlows:
    """Annual minima of which some may be zero: F(x) = p0 + (1 - p0) G(x), p0 the share of zeros.

    No continuous family holds a lump at zero. By conditional probability the family G is fitted to the minima that are
    not zero, and mixed with the share of those that are: the T-year minimum is 0 where 1/T <= p0, else the level at
    which G is (1/T - p0)/(1 - p0). Without zeros it is the plain fit.

    Parameters
    ----------
    minima
        An ``Extremes`` of minima, such as ``block_maxima(moving_mean(flow, "7D"), "water-year", first_month=4,
        kind="min")``, a Series or an array (n,), one a year; NaN is missing.
    family
        Of those that are not zero, ``"gev-min"`` (also called ``"gev"``; the default) or ``"gumbel-min"``.
    method
        As of ``fit``.

    Returns
    -------
    LowFlows
        Frozen, with ``return_level`` (of T = 10 of 7-day minima the 7Q10), ``return_period`` and
        ``exceedance_probability`` of levels that a minimum is at or below. Intervals take the share for as uncertain as
        it is: they are of the joint likelihood of the number of zeros and of the others, by r* where the fit has it.

    Raises
    ------
    DataError
        Negative minima; zeros alone, or fewer than three that are none.
    ArgumentError
        Maxima, several blocks a year, a batch, observations by bounds.

    Notes
    -----
    Measured at a nominal 95 % of 30 and 60 years of a GEV down to 0, 5 or 15 % of them dry, for the 2- and the 10-year
    minimum where that is above 0 (400 records each, +-.011; ``tests/studies/low_flows.csv``): r* .938 to .971, the
    profile .920 to .984. Where the level is 0 the limits hold it in .998 and more.

    References
    ----------
    - Tasker, G. D. (1987). A comparison of methods for estimating low flow characteristics of streams. Water
      Resources Bulletin 23, 1077-1083 (conditional probability adjustment).
    - Riggs, H. C. (1972). Low-flow investigations. U.S. Geological Survey Techniques of Water-Resources
      Investigations 4-B1 (7Q10 from climate years beginning in April).

    Examples
    --------
    >>> import evstats as ev
    >>> minima = [0.0, 3.1, 2.2, 0.0, 4.0, 2.9, 1.7, 3.3, 2.4, 0.8, 3.6, 2.7, 1.9, 3.0, 2.1, 2.6, 3.9, 1.2, 2.8, 2.0]
    >>> found = ev.fit_low_flows(minima)
    >>> found
    LowFlows(2 of 20 zero, GEV (minima))
    >>> found.return_level([2, 5, 10])["estimate"].round(2).tolist()
    [2.48, 1.51, 0.0]
    """
    record = _record(minima)
    values = record.values
    zeros, years = int(np.count_nonzero(values == 0.0)), int(np.count_nonzero(~np.isnan(values)))
    if years - zeros < _LEAST:
        raise DataError(
            f"{zeros} of {years} minima are zero, and {years - zeros} of them are not",
            f"of fewer than {_LEAST} no distribution can be told: the T-year minimum is 0 from T = "
            f"{number(years / zeros, 3) if zeros else 'inf'} on.",
        )
    return LowFlows(fit(record.at_places(values != 0.0), family, method=method), zeros, years)


def _record(minima: Any) -> Extremes:
    """The minima of one series as a record."""
    minima = in_one_piece(minima)
    if isinstance(minima, Fit):
        raise ArgumentError("this is a fit", "give the minima themselves.")
    if isinstance(minima, Extremes):
        _check_record(minima)
    values = as_observations(minima.values if isinstance(minima, Extremes) else minima)
    if values.ndim > 1:
        raise ArgumentError(f"low flows are of one series, and these have shape {values.shape}", "give one at a time.")
    if (values < 0.0).any():
        lowest = float(np.nanmin(values))
        raise DataError(
            f"the lowest minimum is {number(lowest, 6)}, and a flow is never negative",
            "correct it, leave it empty where it marks a missing value, or fit() a variable that has no floor at zero.",
        )
    if isinstance(minima, Extremes):
        return minima
    index = getattr(minima, "index", None)
    years = index if getattr(getattr(index, "dtype", None), "kind", "") in ("i", "u") and not _counted(index) else None
    unit, name = getattr(minima, "attrs", {}).get("unit"), getattr(minima, "name", None)
    return observed(values, values, years=years, kind="min", unit=unit, name=None if name is None else str(name))


def _counted(index: Any) -> bool:
    """Whether an index only counts its rows."""
    return bool(np.array_equal(np.asarray(index), np.arange(len(index))))


def _check_record(minima: Extremes) -> None:
    """Annual minima that are numbers."""
    if not minima.of_minima:
        raise ArgumentError(
            "these are maxima, and low flows are minima",
            Text("take ", Setting("kind", "min", call="block_maxima"), "."),
        )
    if minima.has_bounds or minima.largest is not None:
        raise ArgumentError("zeros are mixed with minima that are numbers, one a block", "give those.")
    if minima.blocks_per_year not in (None, 1.0):
        raise ArgumentError(
            f"the blocks are {minima.block}, {minima.blocks_per_year:g} a year, and low flows are of years",
            Text("take ", Setting("block", "water-year"), " with ", Setting("first_month", 4), "."),
        )


@methods_knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class LowFlows(Made):
    """Annual minima with a share of zeros; made by :func:`fit_low_flows`.

    Attributes
    ----------
    positive
        The fit of the minima that are not zero.
    zeros, years
        How many minima are zero, of how many.

    Examples
    --------
    >>> import evstats as ev
    >>> low = ev.fit_low_flows([0.0, 3.1, 2.2, 0.0, 4.0, 2.9, 1.7, 3.3, 2.4, 1.8], "gumbel")
    >>> low.zeros, low.years
    (2, 10)
    """

    positive: Fit
    zeros: int
    years: int

    def __repr__(self) -> str:
        return f"LowFlows({self.zeros} of {self.years} zero, {self.positive.family.label})"

    @property
    def share(self) -> float:
        """Of zeros, p0."""
        return self.zeros / self.years

    @property
    def distribution(self) -> WithZeros:
        """The distribution of the minimum of a year."""
        return WithZeros(self.share, self.positive.distribution)

    @property
    def unit(self) -> str | None:
        """Unit of the variable, None where it is not known."""
        return self.positive.unit

    @property
    def time_unit(self) -> str:
        """What return periods are counted in: ``years`` or ``blocks``."""
        return self.positive.time_unit

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """``()``: of one series."""
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a careful analyst is told unasked, the gravest first."""
        told = [Note("zeros_mixed", zeros=self.zeros, years=self.years, period=1.0 / self.share)] if self.zeros else []
        if self.positive.distribution.cdf(0.0) > 0.0 and self.positive.distribution.support()[0] < 0.0:
            told.append(Note("low_flows_below_zero", chance=float(self.positive.distribution.cdf(0.0))))
        others = self.positive.notes
        if self.zeros:
            others = tuple(note.about("minima that are not zero") for note in map(as_note, others))
        return ordered((*told, *others))

    def _levels(self, levels: ArrayLike) -> Any:
        """Levels that can be asked about: none is negative."""
        asked = quantities.as_questions(levels, "levels")
        if (asked < 0.0).any():
            raise ArgumentError(
                f"level {number(float(asked.min()), 6)} is negative, and a flow never is", "ask for a level from 0 on."
            )
        return np.where(asked == 0.0, 0.0, asked)

    @property
    def _reach(self) -> float:
        """All years."""
        return float(self.years)

    @property
    def _status(self) -> Any:
        return self.positive.status.label

    @property
    def _said(self) -> dict[str, Any]:
        return {"family": self.positive.family.label, "name": self.positive.name, "share": self.share}

    def _answer(
        self, quantity: Quantity, interval: str | Interval | None, confidence: float
    ) -> tuple[Answer, Interval]:
        """By the joint likelihood of zeros and others; of no zeros that of the fit."""
        if not self.zeros:
            answer, method = self.positive._answer(quantity, interval, confidence)
            if quantity.in_data_unit:
                estimate, lower, upper = (np.maximum(own, 0.0) for own in (answer.estimate, answer.lower, answer.upper))
                answer = replace(answer, estimate=estimate, lower=lower, upper=upper)
            return answer, method
        of_fit = (self.positive.estimation,)
        asked = None if interval is None else resolved(interval)
        method = chosen_of_product(asked, of_fit, with_delta=False)
        return answer_with_zeros(of_fit[0], np.array([self.zeros]), quantity, method, confidence), method

    def to_dict(self) -> dict[str, Any]:
        """The fit and the zeros as plain data for ``json.dumps(..., allow_nan=False)``."""
        return {"low_flows": _FORMAT, "zeros": self.zeros, "years": self.years, "positive": self.positive.to_dict()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> LowFlows:
        """Those of a dictionary made by ``to_dict``, after a round trip through JSON too.

        Parameters
        ----------
        stored
            What ``to_dict`` gave.

        Returns
        -------
        same class
            Equal to what was stored.

        Raises
        ------
        DataError
            What is no such dictionary.
        """
        if stored.get("low_flows") != _FORMAT:
            raise DataError(f"these are no low flows stored by evstats (format {stored.get('low_flows')!r})")
        return cls(Fit.from_dict(stored["positive"]), int(stored["zeros"]), int(stored["years"]))


__all__ = ["LowFlows", "fit_low_flows"]
