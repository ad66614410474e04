"""What can go wrong: one tree of exceptions, and the statuses a fit can end with, each with its remedy."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from evstats.text.arguments import InPython, Setting, Text, joined

__docformat__ = "numpy"


class EvstatsError(Exception):
    """The root of every error evstats raises on purpose.

    Attributes
    ----------
    problem
        What is wrong, and where.
    remedy
        What to do about it; empty where the problem says it.
    argument
        The argument to change, None where it is none that would help.

    Examples
    --------
    >>> error = DataError("the text has 3 lines", Text("skip fewer (", Setting("skip"), ")."))
    >>> str(error), error.remedy, error.argument, error.option
    ('the text has 3 lines; skip fewer (skip).', 'skip fewer (skip).', 'skip', '--skip')
    """

    def __init__(self, problem: str = "", remedy: str = "", *, argument: str | None = None) -> None:
        super().__init__(problem, remedy)
        self.problem, self.remedy, self._argument = problem, remedy, argument

    def __str__(self) -> str:
        return str(self.text)

    @property
    def text(self) -> Text:
        """The whole message, which knows the arguments that it names."""
        return joined(self.problem, self.remedy)

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The arguments that it names, some with a value to give them; those of the remedy first."""
        return tuple(setting for text in (self.remedy, self.problem) for setting in Text(text).settings)

    @property
    def argument(self) -> str | None:
        """The argument to change, None where it is none that would help."""
        return self._argument or next((setting.name for setting in self.settings), None)

    @property
    def option(self) -> str | None:
        """What the argument to change is called on the command line, None where it is none there."""
        return None if self.argument is None else Setting(self.argument).option

    def about(self, name: str) -> EvstatsError:
        """The same error, said of what bears that name.

        Parameters
        ----------
        name
            What the error is of, such as the name of a series.

        Returns
        -------
        EvstatsError
            Of the same class.
        """
        return type(self)(Text(f"{name}: ", self.problem), self.remedy, argument=self._argument)


class DataError(EvstatsError, ValueError):
    """The data cannot be used as they are; the message says where, why and what to do.

    Examples
    --------
    >>> import evstats as ev
    >>> try:
    ...     ev.fit([31.0, float("inf"), 28.9])
    ... except ev.DataError as error:
    ...     print(error)
    the values contain an infinite number at position 1; correct or remove it.
    """


class ArgumentError(EvstatsError, ValueError):
    """An argument is outside what the function accepts; the message says what was expected.

    Examples
    --------
    >>> import evstats as ev
    >>> try:
    ...     ev.fit([31.0, 45.2, 28.9], "gumble")
    ... except ev.ArgumentError as error:
    ...     print(error.argument, error.option)
    family --family
    """


class FitError(EvstatsError, RuntimeError):
    """A fit ended without an estimate; ``status`` says why and the message names the remedy.

    Attributes
    ----------
    status
        How the fit ended.

    Examples
    --------
    >>> import evstats as ev
    >>> try:
    ...     ev.fit([5.0] * 20)
    ... except ev.FitError as error:
    ...     print(error.status.label, error.option)
    constant_series None
    """

    def __init__(self, problem: str, status: Status, remedy: str = "") -> None:
        super().__init__(problem, remedy)
        self.args, self.status = (problem, status, remedy), status

    @classmethod
    def of(cls, status: Status, fit: str = "", *, of_peaks: bool = False) -> FitError:
        """The error for a status, said of a fit by name.

        Parameters
        ----------
        status
            How the fit ended, which brings problem and remedy.
        fit
            What stands before the problem, such as the name of the fit and a colon.
        of_peaks
            Whether peaks over a threshold were fitted, whose remedies are others.

        Returns
        -------
        FitError
            The error, to be raised.
        """
        return cls(Text(fit, status.problem), status, status.remedy_of_peaks if of_peaks else status.remedy)

    def about(self, name: str) -> FitError:
        """The same error, said of what bears that name."""
        return type(self)(Text(f"{name}: ", self.problem), self.status, self.remedy)


class EvstatsWarning(UserWarning):
    """An answer was given, but a careful analyst would want to know something first.

    ``note`` is what it says: a sentence, most often a ``Note`` that knows its code and values.

    Examples
    --------
    >>> import warnings
    >>> import evstats as ev
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     fits = ev.fit([[31.0, 45.2], [28.9, 39.4]])
    >>> told[0].category is ev.EvstatsWarning, told[0].message.note.code
    (True, 'few_in_batch')
    """

    @property
    def note(self) -> str:
        """The note."""
        found = self.args[0] if self.args else ""
        return found if isinstance(found, str) else str(found)


class Status(IntEnum):
    """How the fit of one series ended. Only ``CONVERGED`` carries an estimate.

    ``INFINITE_MEAN`` belongs to a quantity of a converged fit: its expected shortfall.

    Examples
    --------
    >>> import evstats as ev
    >>> fits = ev.fit([[31.0, 45.2, 28.9, 39.4, 52.1, 33.3], [5.0] * 6], "gumbel")
    >>> [ev.Status(status).label for status in fits.status]
    ['converged', 'constant_series']
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
    NO_RESIDUALS = 10
    LOCATION_NOT_POSITIVE = 11
    NO_NUMBERS = 12
    NOT_POSITIVE = 13
    UNBOUNDED = 14

    @property
    def label(self) -> str:
        """The status as it stands in tables: ``no_interior_maximum``."""
        return self.name.lower()

    @property
    def problem(self) -> str:
        """What happened."""
        return _SENTENCES[self][0]

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return _SENTENCES[self][1]

    @property
    def remedy_of_peaks(self) -> str:
        """What to do about it where peaks over a threshold were fitted."""
        return _REMEDIES_OF_PEAKS.get(self, self.remedy)

    @property
    def sentence(self) -> Text:
        """What happened and what to do about it, in one sentence."""
        return joined(self.problem, self.remedy)


_LMOMENTS, _MLE = Setting("method", "lmoments"), Setting("method", "mle")
NORMAL = Text(Setting("method", "bayes"), ", ", Setting("prior", "normal"))

#: What happened and what to do about it.
_SENTENCES: dict[Status, tuple[str, str]] = {
    Status.CONVERGED: ("The fit converged.", ""),
    Status.TOO_FEW_VALUES: (
        "There are too few values to fit this family",
        "use more or shorter blocks, or a family with fewer parameters.",
    ),
    Status.CONSTANT_SERIES: (
        "All values are equal, so no scale can be estimated",
        "check the column and the block rule.",
    ),
    Status.NO_INTERIOR_MAXIMUM: (
        "The likelihood has no interior maximum with shape > -1 (status no_interior_maximum)",
        Text.of(
            "fit by Bayes, under a prior that takes the shape for normal about 0 ({}), or, where that has none "
            "either, by L-moments ({}).",
            *(NORMAL, _LMOMENTS),
        ),
    ),
    Status.NOT_CONVERGED: (
        "The maximisation did not converge",
        Text("fit by L-moments instead (", _LMOMENTS, ") and check the data for outliers and heavy ties."),
    ),
    Status.OUTSIDE_PARAMETER_SPACE: (
        "The sample moments lie outside what this family can have",
        Text("fit by maximum likelihood instead (", _MLE, ")."),
    ),
    Status.INFINITE_MEAN: (
        "The mean is infinite for a shape of 1 or more, so the expected shortfall does not exist",
        Text("use the value at risk", InPython(", or a penalty on the shape"), "."),
    ),
    Status.ONE_POPULATION: (
        "The likelihood has no interior maximum with two components of their own: these data show one population",
        "fit 'gumbel' or 'gev'.",
    ),
    Status.LUMP_AT_ZERO: (
        "The minima have a lump at zero, which no continuous family holds",
        "mix the share of zeros with the distribution of the others, as ev.fit_low_flows does of one series.",
    ),
    Status.NO_RESIDUALS: (
        "The values follow the covariates without any rest, so no scale can be estimated",
        "check that the values are not among the covariates.",
    ),
    Status.LOCATION_NOT_POSITIVE: (
        "Location and scale in one proportion need a positive location, and the fitted one is not",
        Text.of("let the location alone follow the covariates ({}).", Setting("trend_kind", "shift")),
    ),
    Status.NO_NUMBERS: (
        "No observation is a number or lies between two bounds, so no scale can be estimated",
        "give some of them as numbers, or with a lower and an upper bound.",
    ),
    Status.NOT_POSITIVE: (
        "Some values are zero or negative, and those have no logarithm",
        Text.of(
            "correct those below zero; zero flows count as low outliers by expected moments ({}), or can be given as "
            "known to lie below a level (ev.observed).",
            Setting("method", "expected-moments"),
        ),
    ),
    Status.UNBOUNDED: (
        "The likelihood has no interior maximum with skewness between -2 and 2, beyond which the density has no bound",
        Text("fit by L-moments instead (", _LMOMENTS, ")."),
    ),
    Status.NOT_FINITE: ("The values contain an infinite number", "correct or remove it."),
}

#: The same of peaks, which are not of blocks.
_REMEDIES_OF_PEAKS: dict[Status, str] = {
    Status.TOO_FEW_VALUES: Text("take a lower threshold, which more peaks are beyond (", Setting("threshold"), ")."),
    Status.CONSTANT_SERIES: Text(
        "take a lower threshold, which other values are beyond (", Setting("threshold"), "), or values rounded less."
    ),
}


def whole_number(value: Any, name: str, *, least: int) -> int:
    """Check that the value of an argument is a whole number not below ``least``, and give it as an int.

    Parameters
    ----------
    value
        What was given; True and False are no numbers.
    name
        The argument.
    least
        The smallest number that is taken.

    Returns
    -------
    int
        The number.

    Raises
    ------
    ArgumentError
        Anything else.

    Examples
    --------
    >>> whole_number(3, "largest", least=1)
    3
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if isinstance(value, bool) or number < least:
        raise ArgumentError(Text(Setting(name), f" is {value!r}"), f"expected a whole number of {least} or more.")
    return number


def real_number(value: Any, name: str, *, above: float = -math.inf) -> float:
    """Check that the value of an argument is a finite number above a bound, and give it as a float.

    Parameters
    ----------
    value
        What was given; True and False are no numbers.
    name
        The argument.
    above
        What it must exceed.

    Returns
    -------
    float
        The number.

    Raises
    ------
    ArgumentError
        Anything else.

    Examples
    --------
    >>> real_number(3, "blocks_per_year", above=0.0)
    3.0
    """
    try:
        number = math.nan if isinstance(value, (bool, str)) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > above):
        expected = {-math.inf: "a finite number", 0.0: "a positive number"}.get(
            above, f"a finite number above {above:g}"
        )
        raise ArgumentError(Text(Setting(name), f" is {value!r}"), f"expected {expected}.")
    return number


def yes_or_no(value: Any, name: str) -> bool:
    """Check that the value of an argument is True or False, so that no text is taken for one.

    Parameters
    ----------
    value
        What was given.
    name
        The argument.

    Returns
    -------
    bool
        The value.

    Raises
    ------
    ArgumentError
        Anything else, such as ``"no"``.

    Examples
    --------
    >>> yes_or_no(True, "events")
    True
    """
    if not isinstance(value, bool) and type(value).__name__ not in ("bool_", "bool"):
        raise ArgumentError(Text(Setting(name), f" is {value!r}"), "expected True or False.")
    return bool(value)


def words(value: Any, name: str) -> tuple[str, ...]:
    """Check that an argument is a text, or several; None is none.

    Parameters
    ----------
    value
        What was given.
    name
        The argument.

    Returns
    -------
    tuple of str
        Each text.

    Raises
    ------
    ArgumentError
        Anything else.

    Examples
    --------
    >>> words("flow", "time"), words(["year", "month"], "time"), words(None, "time")
    (('flow',), ('year', 'month'), ())
    """
    if value is None or isinstance(value, str):
        return () if value is None else (value,)
    try:
        found = tuple(value)
    except TypeError:
        found = (None,)
    if not all(isinstance(one, str) for one in found):
        raise ArgumentError(Text(Setting(name), f" is {value!r}"), "expected a text, or several.")
    return found


def one_word(value: Any, name: str) -> str | None:
    """Check that an argument is a text, or None.

    Parameters
    ----------
    value
        What was given.
    name
        The argument.

    Returns
    -------
    str or None
        The text.

    Raises
    ------
    ArgumentError
        Anything else.

    Examples
    --------
    >>> one_word("m3/s", "unit")
    'm3/s'
    """
    if value is not None and not isinstance(value, str):
        raise ArgumentError(Text(Setting(name), f" is {value!r}"), "expected a text.")
    return value


def check_confidence(confidence: float) -> float:
    """Check that a confidence lies strictly between 0 and 1, and give it as a float.

    Parameters
    ----------
    confidence
        What was given.

    Returns
    -------
    float
        The same.

    Raises
    ------
    ArgumentError
        Anything else; of 95 with the advice that 0.95 was meant.

    Examples
    --------
    >>> check_confidence(0.95)
    0.95
    """
    try:
        level = float(confidence)
    except (TypeError, ValueError):
        level = math.nan
    if not 0.0 < level < 1.0:
        hint = f" Did you mean {level / 100:g}?" if 50 <= level < 100 else ""
        raise ArgumentError(
            Text(Setting("confidence"), f" is {confidence!r}"),
            f"expected a number between 0 and 1, such as 0.95.{hint}",
        )
    return level


def nearest(name: object, known: Iterable[str]) -> str:
    """``" Did you mean 'gumbel'?"`` for a slip of the pen, or a name cut short or run on; else an empty string.

    Parameters
    ----------
    name
        What was written.
    known
        The names that there are.

    Returns
    -------
    str
        A sentence with a space before it, or nothing.

    Examples
    --------
    >>> nearest("gumble", ["gev", "gumbel"])
    " Did you mean 'gumbel'?"
    """
    found = closest(str(name), known)
    return "" if found is None else f" Did you mean {found!r}?"


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was meant, None where none is close.

    Parameters
    ----------
    name
        What was written, in upper or lower case.
    known
        The names that there are.

    Returns
    -------
    str or None
        The nearest of those that a slip or two, or a name cut short, may have come from.

    Examples
    --------
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


def unknown_name(kind: str, name: object, known: Iterable[str], argument: str | None = None) -> ArgumentError:
    """The error for a name that is not in a registry: the known ones listed, the nearest suggested.

    ``argument`` is the one that takes the name, where it is not called like the kind.

    Parameters
    ----------
    kind
        What the names are of, such as ``"family"``.
    name
        What was written.
    known
        The names that there are.
    argument
        The one that takes the name, where it is not called like the kind.

    Returns
    -------
    ArgumentError
        The error, to be raised.

    Examples
    --------
    >>> str(unknown_name("family", "gumble", ["gev", "gumbel"]))
    "unknown family 'gumble'; known: 'gev', 'gumbel'. Did you mean 'gumbel'?"
    """
    names = list(known)
    listed = ", ".join(repr(key) for key in names)
    argument = argument or (kind if kind.isidentifier() else None)
    return ArgumentError(f"unknown {kind} {name!r}", f"known: {listed}.{nearest(name, names)}", argument=argument)


__all__ = [
    "ArgumentError",
    "DataError",
    "EvstatsError",
    "EvstatsWarning",
    "FitError",
    "Status",
    "check_confidence",
    "closest",
    "nearest",
    "one_word",
    "real_number",
    "unknown_name",
    "whole_number",
    "words",
    "yes_or_no",
]
