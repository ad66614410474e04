"""What can go wrong: one tree of exceptions, and the statuses a fit can end with, each with its remedy."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class EvstatsError(Exception):
    """The root of every error evstats raises on purpose."""


class DataError(EvstatsError, ValueError):
    """The data cannot be used as they are; the message says where, why and what to do."""


class ArgumentError(EvstatsError, ValueError):
    """An argument is outside what the function accepts; the message says what was expected."""


class FitError(EvstatsError, RuntimeError):
    """A fit ended without an estimate; ``status`` says why and the message names the remedy."""

    def __init__(self, message: str, status: Status) -> None:
        super().__init__(message)
        self.status = status


class EvstatsWarning(UserWarning):
    """An answer was given, but a careful analyst would want to know something first.

    ``note`` is what it says: a sentence, most often a ``Note`` that knows its code and values.
    """

    @property
    def note(self) -> str:
        """The note."""
        found = self.args[0] if self.args else ""
        return found if isinstance(found, str) else str(found)


class Status(IntEnum):
    """How the fit of one series ended. Only ``CONVERGED`` carries an estimate.

    ``INFINITE_MEAN`` belongs to a quantity of a converged fit: its expected shortfall.
    """

    CONVERGED = 0
    TOO_FEW_VALUES = 1
    CONSTANT_SERIES = 2
    NO_INTERIOR_MAXIMUM = 3
    NOT_CONVERGED = 4
    OUTSIDE_PARAMETER_SPACE = 5
    NOT_FINITE = 6
    INFINITE_MEAN = 7
    ONE_POPULATION = 8
    LUMP_AT_ZERO = 9

    @property
    def label(self) -> str:
        """The status as it stands in tables: ``no_interior_maximum``."""
        return self.name.lower()

    @property
    def sentence(self) -> str:
        """What happened and what to do about it, in one sentence."""
        return _SENTENCES[self]


_SENTENCES = {
    Status.CONVERGED: "The fit converged.",
    Status.TOO_FEW_VALUES: "There are too few values to fit this family; use more or shorter blocks, or a family with "
    "fewer parameters.",
    Status.CONSTANT_SERIES: "All values are equal, so no scale can be estimated; check the column and the block rule.",
    Status.NO_INTERIOR_MAXIMUM: "The likelihood has no interior maximum with shape > -1 (status no_interior_maximum); "
    "fit by Bayes, under a prior that takes the shape for normal about 0 (method='bayes', prior='normal'), or, where "
    "that has none either, by L-moments (method='lmoments').",
    Status.NOT_CONVERGED: "The maximisation did not converge; fit by L-moments instead (method='lmoments') and check "
    "the data for outliers and heavy ties.",
    Status.OUTSIDE_PARAMETER_SPACE: "The sample moments lie outside what this family can have; fit by maximum "
    "likelihood instead (method='mle').",
    Status.INFINITE_MEAN: "The mean is infinite for a shape of 1 or more, so the expected shortfall does not exist; "
    "use the value at risk, or a penalty on the shape.",
    Status.ONE_POPULATION: "The likelihood has no interior maximum with two components of their own: these data show "
    "one population; fit 'gumbel' or 'gev'.",
    Status.LUMP_AT_ZERO: "The minima have a lump at zero, which no continuous family holds; fit the positive ones "
    "alone and mix their levels with the share of zeros.",
    Status.NOT_FINITE: "The values contain an infinite number; correct or remove it.",
}


def nearest(name: object, known: Iterable[str]) -> str:
    """``" Did you mean 'gumbel'?"`` for a slip of the pen, or a name cut short or run on; else an empty string."""
    found = closest(str(name), known)
    return "" if found is None else f" Did you mean {found!r}?"


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was meant, None where none is close.

    >>> closest("gumble", ["gev", "gumbel"]), closest("mom", ["mle", "moments"]), closest("gpd", ["gev"])
    ('gumbel', 'moments', None)
    """
    asked = name.lower()
    by_slips = sorted(known, key=lambda key: _slips(asked, key.lower()))
    return next((key for key in by_slips if _is_close(asked, key.lower())), None)


def _is_close(asked: str, known: str) -> bool:
    shorter, longer = sorted((asked, known), key=len)
    begun = len(shorter.strip("-.")) >= _BEGINNING and longer.startswith(shorter)
    return begun or _slips(asked, known) <= (1 if len(shorter) < _LONG else 2)


#: Letters that name something by its beginning, and from how many on two slips are forgiven.
_BEGINNING, _LONG = 3, 7


def _slips(a: str, b: str) -> int:
    """Letters to add, drop, change or swap with a neighbour to make one of the other (Damerau 1964)."""
    rows = [list(range(len(b) + 1))]
    for i, letter in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != other)))
            if i > 1 and j > 1 and (a[i - 2], letter) == (other, b[j - 2]):
                row[-1] = min(row[-1], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]


def unknown_name(kind: str, name: object, known: Iterable[str]) -> ArgumentError:
    """The error for a name that is not in a registry: the known ones listed, the nearest suggested."""
    names = list(known)
    listed = ", ".join(repr(key) for key in names)
    return ArgumentError(f"unknown {kind} {name!r}; known: {listed}.{nearest(name, names)}")


__all__ = [
    "ArgumentError",
    "DataError",
    "EvstatsError",
    "EvstatsWarning",
    "FitError",
    "Status",
    "closest",
    "nearest",
    "unknown_name",
]
