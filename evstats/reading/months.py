"""The names of the months in the languages of the agencies."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAMES = """
january february march april may june july august september october november december
januar februar marz april mai juni juli august september oktober november dezember
janner feber mrz april mai juni juli august september oktober november dezember
janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
enero febrero marzo abril mayo junio julio agosto setiembre octubre noviembre diciembre
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro
januari februari maart april mei juni juli augustus september oktober november december
januari februari mrt april mei juni juli augusti september oktober november december
januar februar marts april maj juni juli august september oktober november desember
"""
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? (?=\d|[A-Z])", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}\.?")


def _prefixes() -> dict[str, int]:
    """Every beginning of a name, of three letters or more, that can be one month only."""
    found: dict[str, set[int]] = {}
    for line in _NAMES.split("\n"):
        for month, name in enumerate(line.split(), 1):
            for length in range(3, len(name) + 1):
                found.setdefault(name[:length], set()).add(month)
    return {prefix: months.pop() for prefix, months in found.items() if len(months) == 1}


_MONTHS = _prefixes()


@lru_cache(maxsize=1024)
def month_of(word: str) -> int | None:
    """The month a word names, shortened or not, None where it names none.

    Examples
    --------
    >>> month_of("Sept"), month_of("févr."), month_of("Mrz"), month_of("dic"), month_of("jui"), month_of("sum")
    (9, 2, 3, 12, None, None)
    """
    plain = unicodedata.normalize("NFKD", word.rstrip(".").lower())
    return _MONTHS.get("".join(letter for letter in plain if not unicodedata.combining(letter)))


def english(text: str) -> str:
    """The text with every month named by its three English letters, without the day of the week before it.

    Examples
    --------
    >>> english("13 février 2001"), english("Tue, 1 de mayo de 1980"), english("2001-02-13")
    ('13 Feb 2001', '1 May 1980', '2001-02-13')
    """
    if text.isascii() and not any(map(str.isalpha, text)):
        return text
    return _WORD.sub(_shortened, _WEEKDAY.sub("", text).replace(" de ", " "))


def _shortened(word: re.Match[str]) -> str:
    month = month_of(word[0])
    return ENGLISH[month - 1] if month else word[0]
