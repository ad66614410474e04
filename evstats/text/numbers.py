"""Numbers for readers: in running text, in tables, and with no more digits than an interval leaves meaningful."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from evstats.arrays import Array

_PLAIN = (1e-6, 1e15)


def number(value: float, digits: int = 4) -> str:
    """A number without exponent and with all digits before the point, rounded to ``digits`` significant ones or more.

    Examples
    --------
    >>> number(16800.4), number(0.00123449), number(142.53), number(171.0)
    ('16800', '0.001234', '142.5', '171')
    """
    size = abs(value)
    if not _PLAIN[0] <= size < _PLAIN[1]:
        return f"{value:.{digits}g}"
    text = f"{value:.{max(0, digits - 1 - math.floor(math.log10(size)))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_GIVEN = 6


def given(value: float) -> str:
    """A number that people may have given, as they did; one that was computed, with four significant digits.

    Of six digits or fewer is what somebody chose: a threshold, an event, a return period.

    Examples
    --------
    >>> given(57.125), given(0.0378696742), given(0.1000000001), given(16817.25)
    ('57.125', '0.03787', '0.1', '16817')
    """
    return number(value, _GIVEN if value == float(f"{value:.{_GIVEN}g}") else 4)


def percent(share: float) -> str:
    """A share, such as a confidence, in per cent.

    Examples
    --------
    >>> percent(0.95), percent(0.999)
    ('95 %', '99.9 %')
    """
    return f"{100 * share:g} %"


_DAY, _MANY_HOURS = 86_400, 3 * 86_400


def duration(seconds: float, joint: str = " ") -> str:
    """A length of time in the greatest unit that it is whole in, or as a word before another: ``"3-day"``; many hours
    with the days they make.

    Examples
    --------
    >>> duration(86_400), duration(5_400), duration(259_200, "-"), duration(769 * 3_600)
    ('1 day', '90 minutes', '3-day', '32 days 1 hour')
    """
    units = (("day", 86_400), ("hour", 3_600), ("minute", 60))
    over = seconds % _DAY
    if joint == " " and seconds > _MANY_HOURS and over and over % 3_600 == 0:
        return f"{duration(seconds - over)} {duration(over)}"
    name, length = next((unit for unit in units if seconds % unit[1] == 0), ("second", 1))
    return f"{seconds / length:,.10g}{joint}{name}{'s' if joint == ' ' and seconds != length else ''}"


# -- as exact as an interval leaves them -------------------------------------------------------------------------------

_UNITS_IN_WIDTH = 20.0
_MOST_DECIMALS, _LARGEST = 9, 1e15


def rounded(value: float, width: float, least: int = 0) -> str:
    """A number in units of which an interval of this width holds 20 or more, with so many significant digits at least.

    Examples
    --------
    >>> rounded(146.32, 36.2), rounded(18207.0, 11334.0), rounded(4.6944, 0.771), rounded(-0.04, 3.5)
    ('146', '18,200', '4.69', '0.0')
    >>> rounded(565950.0, 3e7), rounded(565950.0, 3e7, least=2)
    ('1,000,000', '570,000')
    """
    if not math.isfinite(value):
        return "infinite"
    if not (math.isfinite(width) and width > 0.0) or abs(value) >= _LARGEST:
        return number(value)
    places = -math.floor(math.log10(width / _UNITS_IN_WIDTH))
    if least and value:
        places = max(places, least - 1 - math.floor(math.log10(abs(value))))
    if places > _MOST_DECIMALS:
        return number(value)
    return f"{round(value, places) + 0.0:,.{max(places, 0)}f}"  # plus zero: no -0


_LEAST_CHANCE = 0.001


def chance(p: float) -> str:
    """A probability; in words near 0 and 1, where digits say more than is known.

    Examples
    --------
    >>> chance(0.2245), chance(0.0107), chance(0.99999), chance(0.0)
    ('0.22', '0.011', 'more than 0.999', 'less than 0.001')
    """
    if p < _LEAST_CHANCE:
        return f"less than {_LEAST_CHANCE:g}"
    if p > 1.0 - _LEAST_CHANCE:
        return f"more than {1.0 - _LEAST_CHANCE:g}"
    return f"{p:.3f}" if p > 0.9 else f"{p:.2f}" if p >= 0.1 else f"{p:.2g}"


_LONGEST = 1e6


def span(period: float) -> str:
    """A return period with three significant digits; in words where it is very long.

    Examples
    --------
    >>> span(118.5), span(4801.3), span(7.2e8), span(1.004)
    ('118', '4,800', 'more than a million', '1.00')
    """
    if period > _LONGEST:
        return "more than a million"
    places = 2 - math.floor(math.log10(period))
    return f"{round(period, places):,.{max(places, 0)}f}"


# -- p-values ----------------------------------------------------------------------------------------------------------

#: Where the p-values that simulation gives end, and where those of tables do.
_LEAST_P, _LEAST_P_OF_TABLES = 0.001, 0.0001


def p_in_words(p: float) -> str:
    """A p-value in running text, which ends where simulation does, at 0.001.

    Examples
    --------
    >>> p_in_words(0.7591), p_in_words(0.0002), p_in_words(float("nan"))
    ('p = 0.76', 'p <= 0.001', 'not tested')
    """
    return "not tested" if math.isnan(p) else f"p = {p:.2g}" if p > _LEAST_P else f"p <= {_LEAST_P:g}"


def p_value(p: float) -> str:
    """A p-value in a table, with four decimals.

    Examples
    --------
    >>> p_value(0.7591), p_value(1e-31)
    ('0.7591', '<0.0001')
    """
    return f"<{_LEAST_P_OF_TABLES:g}" if p < _LEAST_P_OF_TABLES else f"{p:.4f}"


# -- tables ------------------------------------------------------------------------------------------------------------

_SIGNIFICANT = 4
#: Powers of ten below or, doubled, above 1 from which a column is written with exponents.
_MAGNITUDES = 6


def plain_number(value: float) -> str:
    """A number with four decimals at most, which is four significant digits at least; else with an exponent.

    Examples
    --------
    >>> plain_number(171.0), plain_number(0.123456), plain_number(123456.7)
    ('171', '0.1235', '1.2346e+05')
    """
    return f"{value:.5g}" if abs(value) < 1e-3 or abs(value) >= 1e5 else f"{value:.4f}".rstrip("0").rstrip(".")


def decimals(values: Array) -> list[str]:
    """Numbers of one column, each with at least four significant digits, with equally many decimals where that is wise.

    There are no more decimals than the numbers have: none where all are whole. What does not exist is a dash.

    Examples
    --------
    >>> decimals(np.array([9.5, 131.25])), decimals(np.array([46.9287, 0.0058269]))
    (['9.50', '131.25'], ['46.929', '0.0058269'])
    >>> decimals(np.array([3.0, np.nan]))
    ['3', '-']
    """
    write = _writer(np.abs(values[np.isfinite(values) & (values != 0)]))
    return ["-" if np.isnan(value) else write(value) for value in values]


def _writer(known: Array) -> Callable[[float], str]:
    """How a number is written beside these, finite and positive."""
    if not known.size:
        return "{:g}".format
    least, most = math.floor(math.log10(known.min())), math.floor(math.log10(known.max()))
    if least < -_MAGNITUDES or most > 2 * _MAGNITUDES:
        return f"{{:.{_SIGNIFICANT}e}}".format
    places = max(0, _SIGNIFICANT - 1 - least)
    exact = next((there for there in range(places) if np.array_equal(known, np.round(known, there))), places)
    return _significant if most - least > 2 and exact == places else f"{{:.{exact}f}}".format


def _significant(value: float) -> str:
    """One digit more than the least, without exponent."""
    if not np.isfinite(value) or value == 0:
        return f"{value:g}"
    return f"{value:.{max(0, _SIGNIFICANT - math.floor(math.log10(abs(value))))}f}"
