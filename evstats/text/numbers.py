"""Numbers in running text."""

from __future__ import annotations

import math

_PLAIN = (1e-6, 1e15)


def number(value: float, digits: int = 4) -> str:
    """A number without exponent and with all digits before the point, rounded to ``digits`` significant ones or more.

    >>> number(16800.4), number(0.00123449), number(142.53), number(171.0)
    ('16800', '0.001234', '142.5', '171')
    """
    size = abs(value)
    if not _PLAIN[0] <= size < _PLAIN[1]:
        return f"{value:.{digits}g}"
    text = f"{value:.{max(0, digits - 1 - math.floor(math.log10(size)))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


#: Where the tables of p-values end.
_LEAST_P = 0.001


def p_in_words(p: float) -> str:
    """A p-value in running text; those of tables end at 0.001.

    >>> p_in_words(0.7591), p_in_words(0.0002), p_in_words(float("nan"))
    ('p = 0.76', 'p <= 0.001', 'not tested')
    """
    return "not tested" if math.isnan(p) else f"p = {p:.2g}" if p > _LEAST_P else f"p <= {_LEAST_P:g}"


__all__ = ["number", "p_in_words"]
