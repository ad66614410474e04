"""An estimate with its interval in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evstats.text.numbers import rounded

if TYPE_CHECKING:
    import pandas as pd

    from evstats.report.parts import Table


def per(time_unit: str) -> str:
    """``"a year"``, ``"an observation"``."""
    return f"{'an' if time_unit[0] in 'aeiou' else 'a'} {time_unit}"


def article(label: str) -> str:
    """``"an LP3"``, ``"a Gumbel"``: the name of a family with its article."""
    spelt = label[:2].isupper() or label[1:2].isdigit()
    return f"{'an' if label[0] in ('AEFHILMNORSX' if spelt else 'AEIO') else 'a'} {label}"


def listed(names: Sequence[str]) -> str:
    """``"year"``, ``"year and SOI"``, ``"a, b and c"``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def in_unit(value: str, unit: str | None) -> str:
    """A number with its unit."""
    return f"{value} {unit}" if unit else value


@dataclass(frozen=True)
class Value:
    """An estimate with its interval."""

    estimate: float
    lower: float
    upper: float

    @classmethod
    def of(cls, row: pd.Series) -> Value:
        """The columns ``estimate, lower, upper`` of a row."""
        return cls(float(row["estimate"]), float(row["lower"]), float(row["upper"]))

    @property
    def width(self) -> float:
        """The width of the interval, of its finite half where the other is not; NaN where there is none."""
        ends = [end for end in (self.lower, self.upper) if math.isfinite(end)]
        return max(ends) - min(ends) if len(ends) == 2 else abs(self.estimate - ends[0]) if ends else math.nan

    def level(self, value: float | None = None) -> str:
        """A number in the unit of the data, the estimate if none is given; two significant digits of it at least,
        where the interval does not cross zero.
        """
        least = 2 if self.lower > 0.0 or self.upper < 0.0 else 0
        return rounded(self.estimate if value is None else value, self.width, least)

    def interval(self, said: Callable[[float], str]) -> str:
        """``"131 to 167"``; in words where an end is missing or infinite."""
        if math.isnan(self.lower) or math.isnan(self.upper):
            return "not available"
        if math.isinf(self.lower) and math.isinf(self.upper):
            return "unbounded"
        if math.isinf(self.upper):
            return f"above {said(self.lower)}"
        if math.isinf(self.lower):
            return f"below {said(self.upper)}"
        lower, upper = said(self.lower), said(self.upper)
        return lower if lower == upper else f"{lower} to {upper}"


def level_of(place: int, tables: Mapping[str, Table], period: float) -> Value:
    """The level of a period by the fit at this place; the table has each period once for every fit, in their order."""
    frame = tables["return_levels"].frame
    return Value.of(frame[frame["return_period"] == period].iloc[place])


def risk_of(place: int, tables: Mapping[str, Table], measure: str, p: float) -> Value:
    """A measure of risk, ``var`` or ``es``, with probability p by the fit at this place, as ``level_of`` of levels."""
    frame = tables["risk"].frame
    return Value.of(frame[(frame["measure"] == measure) & (frame["level"] == p)].iloc[place])
