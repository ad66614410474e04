"""Distributions that are made of separate fits, and the questions they answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from evstats import quantities, remarks
from evstats.fitting import answers
from evstats.habits import methods_knowing_their_names
from evstats.intervals import Answer, Interval, check_confidence
from evstats.notes import Note, ordered
from evstats.quantities import ExceedanceProbability, Quantity, ReturnLevel, ReturnPeriod

if TYPE_CHECKING:
    import pandas as pd


@methods_knowing_their_names
class Made(ABC):
    """What is made of separate fits: levels, periods and chances of the extreme of a year, with joint intervals."""

    @property
    @abstractmethod
    def unit(self) -> str | None:
        """Unit of the variable, None where it is not known."""

    @property
    @abstractmethod
    def time_unit(self) -> str:
        """What return periods are counted in: ``years`` or ``blocks``."""

    @property
    @abstractmethod
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of the batch; ``()`` for one series."""

    @abstractmethod
    def _answer(
        self, quantity: Quantity, interval: str | Interval | None, confidence: float
    ) -> tuple[Answer, Interval]:
        """The answer, and the interval that gave it."""

    @property
    @abstractmethod
    def _reach(self) -> float:
        """Years of the shortest record."""

    @property
    @abstractmethod
    def _status(self) -> Any:
        """How each series ended, in words, of the batch shape."""

    @property
    @abstractmethod
    def _said(self) -> dict[str, Any]:
        """What tables say in ``attrs`` beside."""

    def return_level(
        self, periods: ArrayLike, *, interval: str | Interval | None = None, confidence: float = 0.95
    ) -> pd.DataFrame:
        """Levels that the extreme of a year passes with probability 1/T; columns ``estimate, lower, upper``.

        Parameters
        ----------
        periods
            Return periods T in years (blocks for undated data), T > 1.
        interval
            ``"rstar"``, ``"profile"``, ``"credible"`` (where a fit is by Bayes) or ``"delta"`` (of causes), or
            an object; None is the first of them that is there for every fit.
        confidence
            Of the interval.

        Returns
        -------
        DataFrame
            Index ``return_period``, columns ``estimate, lower, upper``.

        Raises
        ------
        ArgumentError
            A period that is not possible; an interval that is not there for a fit.
        """
        asked = ReturnLevel(quantities.as_questions(periods, "return periods"))
        far = None if self.batch_shape else remarks.checks.beyond_reach(asked.questions, self._reach)
        return self._table(asked, interval, confidence, far)

    def return_period(
        self, levels: ArrayLike, *, interval: str | Interval | None = None, confidence: float = 0.95
    ) -> pd.DataFrame:
        """Mean time between years that pass a level; index ``level``.

        Parameters
        ----------
        levels
            In the unit of the data.
        interval, confidence
            As of ``return_level``.

        Returns
        -------
        DataFrame
            Columns ``estimate, lower, upper``, in years.

        Raises
        ------
        ArgumentError
            An interval that is not there for a fit.
        """
        return self._table(ReturnPeriod(self._levels(levels)), interval, confidence)

    def exceedance_probability(
        self,
        levels: ArrayLike,
        years: float = 1.0,
        *,
        interval: str | Interval | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Chance that a level is passed at least once within so many years; index ``level``.

        Parameters
        ----------
        levels
            In the unit of the data.
        years
            How many years.
        interval, confidence
            As of ``return_level``.

        Returns
        -------
        DataFrame
            Columns ``estimate, lower, upper``.

        Raises
        ------
        ArgumentError
            Years that are not positive; an interval that is not there for a fit.
        """
        return self._table(ExceedanceProbability(self._levels(levels), years), interval, confidence)

    def _levels(self, levels: ArrayLike) -> Any:
        """Levels that can be asked about."""
        return quantities.as_questions(levels, "levels")

    def _table(
        self, quantity: Quantity, interval: str | Interval | None, confidence: float, *told: Note | None
    ) -> pd.DataFrame:
        answer, method = self._answer(quantity, interval, check_confidence(confidence))
        notes = [*filter(None, told), *(() if self.batch_shape else remarks.causes.on_answer(method, answer))]
        attrs = {
            "quantity": quantity.name,
            "unit": self.unit if quantity.in_data_unit else None,
            "time_unit": self.time_unit,
            "interval": answer.interval,
            "confidence": answer.confidence,
            "notes": ordered(notes),
            **self._said,
        }
        return answers.answer_table(answer, np.asarray(self._status)[..., None], attrs)


__all__ = ["Made"]
