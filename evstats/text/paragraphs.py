"""Foreign text and paragraphs for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable


def printable(text: str) -> str:
    """The text without what would steer a terminal: control characters of a file's names appear as escapes."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def listed(items: Iterable[object], most: int = 5) -> str:
    """The first few of some things in a sentence, and how many more there are.

    Examples
    --------
    >>> listed([1961, 1962, 1963]), listed(range(1961, 1970))
    ('1961, 1962, 1963', '1961, 1962, 1963, 1964, 1965 and 4 more')
    """
    every = list(items)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(map(str, every[:most])) + more


def wrapped(text: str, width: int, first: str = "", rest: str = "", *, whole: bool = False) -> list[str]:
    """The lines of a paragraph, broken between words; where words are ``whole``, one too long for a line stays so."""
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=rest, break_long_words=not whole, break_on_hyphens=False
    )
