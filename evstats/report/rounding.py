"""Numbers for people: no more digits than the interval leaves meaningful, and words where digits end."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from evstats.text.numbers import number

_UNITS_IN_WIDTH = 20.0
_MOST_DECIMALS, _LARGEST = 9, 1e15
_LEAST_CHANCE = 0.001
_LONGEST = 1e6
_LEAST_P = 0.0001


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
        where the interval does not cross zero."""
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


def rounded(value: float, width: float, least: int = 0) -> str:
    """A number in units of which an interval of this width holds 20 or more, with so many significant digits at least.

    >>> rounded(146.32, 36.2), rounded(18207.0, 11334.0), rounded(4.6944, 0.771), rounded(-0.04, 3.5)
    ('146', '18,200', '4.69', '0.0')
    >>> rounded(565950.0, 3e7), rounded(565950.0, 3e7, least=2)
    ('1,000,000', '570,000')
    """
    if not math.isfinite(value):
        return "infinite"
    if not (math.isfinite(width) and width > 0.0) or abs(value) >= _LARGEST:
        return number(value)
    decimals = -math.floor(math.log10(width / _UNITS_IN_WIDTH))
    if least and value:
        decimals = max(decimals, least - 1 - math.floor(math.log10(abs(value))))
    if decimals > _MOST_DECIMALS:
        return number(value)
    return f"{round(value, decimals) + 0.0:,.{max(decimals, 0)}f}"  # plus zero: no -0


def chance(p: float) -> str:
    """A probability; in words near 0 and 1, where digits say more than is known.

    >>> chance(0.2245), chance(0.0107), chance(0.99999), chance(0.0)
    ('0.22', '0.011', 'more than 0.999', 'less than 0.001')
    """
    if p < _LEAST_CHANCE:
        return f"less than {_LEAST_CHANCE:g}"
    if p > 1.0 - _LEAST_CHANCE:
        return f"more than {1.0 - _LEAST_CHANCE:g}"
    return f"{p:.3f}" if p > 0.9 else f"{p:.2f}" if p >= 0.1 else f"{p:.2g}"


def span(period: float) -> str:
    """A return period with three significant digits; in words where it is very long.

    >>> span(118.5), span(4801.3), span(7.2e8), span(1.004)
    ('118', '4,800', 'more than a million', '1.00')
    """
    if period > _LONGEST:
        return "more than a million"
    decimals = 2 - math.floor(math.log10(period))
    return f"{round(period, decimals):,.{max(decimals, 0)}f}"


def compared(p: float) -> str:
    """A p-value in running text, after its name.

    >>> compared(0.7591), compared(1e-31)
    ('= 0.7591', '< 0.0001')
    """
    return f"< {_LEAST_P:g}" if p < _LEAST_P else f"= {p:.4f}"


def p_value(p: float) -> str:
    """A p-value with four decimals.

    >>> p_value(0.7591), p_value(1e-31)
    ('0.7591', '<0.0001')
    """
    return compared(p).removeprefix("= ").replace(" ", "")
