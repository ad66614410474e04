"""What is written on a command line, as values."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pkgutil import resolve_name
from typing import IO, Any

import typer

from evstats.cli.pages import MOST_NOTES
from evstats.errors import ArgumentError, DataError
from evstats.text.arguments import Setting, State, Text

STDIN = "-"


def standard_input() -> IO[bytes]:
    """What stands for the path ``-``.

    Raises
    ------
    DataError
        None is open.
    """
    if sys.stdin is None:
        raise DataError("standard input is closed; pipe a file into it, or give a path instead of -.")
    return sys.stdin.buffer


def numbers(text: str) -> list[float]:
    """``"2,10,100"`` as numbers; a parser of options."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as cause:
        raise typer.BadParameter(
            f"{text!r} is not a list of numbers such as 2,10,100 (decimal point, no spaces)"
        ) from cause


def months(text: str) -> list[int]:
    """``"6,7,8"`` as months; a parser of options."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as cause:
        raise typer.BadParameter(f"{text!r} is not a list of months such as 6,7,8 (no spaces)") from cause


def state(text: str) -> State:
    """``"gmst=1.3,nino34=0"`` as a state of covariates; a parser of options.

    Examples
    --------
    >>> state("gmst=1.3,date=2030-07-15")
    dict(gmst=1.3, date=2030-07-15)
    >>> state("mean temp=1.3,`a, b`=2")
    {'mean temp': 1.3, 'a, b': 2}
    """
    found = State()
    for part in next(csv.reader([text], quotechar="`", skipinitialspace=True), [""]):
        name, equals, value = (piece.strip() for piece in part.rpartition("="))
        try:
            found[name] = value if name == "date" and value else float(value)
        except ValueError:
            equals = ""
        if not (equals and name):
            raise typer.BadParameter(f"{text!r} is no state such as gmst=1.3,nino34=0 (decimal point, no spaces)")
    return found


#: Notes that are printed, by the word for it; None is all.
_NOTES = {"few": MOST_NOTES, "all": None, "none": 0}


def how_many(text: str) -> int | None:
    """Notes to print at most; a parser of options."""
    if text not in _NOTES:
        raise typer.BadParameter(f"{text!r} is not one of {', '.join(_NOTES)}")
    return _NOTES[text]


def names_in(*registries: str) -> Callable[[str], list[str]]:
    """Completion of the names in registries, which are imported only where Tab is pressed; in capitals where so begun.

    Examples
    --------
    >>> names_in("evstats.distributions:FAMILIES")("gev")
    ['gev', 'gev-min']
    """

    def complete(incomplete: str) -> list[str]:
        known = (name for registry in registries for name in resolve_name(registry))
        names = (name.upper() if incomplete.isupper() else name for name in known)
        return [name for name in names if name.startswith(incomplete)]

    return complete


def one_of(*names: str) -> Callable[[str], list[str]]:
    """Completion of fixed names."""
    return lambda incomplete: [name for name in names if name.startswith(incomplete)]


#: By what every exceedance is a peak.
NONE = "none"


def separation_in(text: str | None) -> str | int | None:
    """What parts events, as it is typed: a time, a number of observations, none, or auto, which it is by itself."""
    word = "auto" if text is None else text.strip()
    if word.lower() == NONE:
        return None
    return int(word) if word.lstrip("+-").isdecimal() else word


def number_or_word(text: str) -> float | str:
    """A number if it is one."""
    try:
        return float(text)
    except ValueError:
        return text


def one_state(given: list[Any] | None) -> State | None:
    """The state that is given in one piece or several.

    Raises
    ------
    ArgumentError
        A covariate that is given twice.
    """
    if not given:
        return None
    whole = State()
    for part in given:
        for name, value in part.items():
            if name in whole:
                raise ArgumentError(
                    Text(Setting("at"), f" gives {name} twice"), "ask in one state at a time.", argument="at"
                )
            whole[name] = value
    return whole
