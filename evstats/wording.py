"""Numbers and foreign text in running text."""

from __future__ import annotations

import math
import textwrap

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


def printable(text: str) -> str:
    """The text without what would steer a terminal: control characters of a file's names appear as escapes."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def wrapped(text: str, width: int, first: str = "", rest: str = "", *, whole: bool = False) -> list[str]:
    """The lines of a paragraph, broken between words; where words are ``whole``, one too long for a line stays so."""
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=rest, break_long_words=not whole, break_on_hyphens=False
    )


__all__ = ["number", "p_in_words", "printable", "wrapped"]
