"""The covariates that formulas name, read from files as any series is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evstats.cli.console import working
from evstats.errors import ArgumentError, DataError
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    import pandas as pd

    from evstats.reading.records import Audit, Record


def columns_of(paths: Sequence[Path], formulas: Iterable[str]) -> list[pd.Series]:
    """The columns of the files that formulas name, each over its years or dates.

    Raises
    ------
    ArgumentError
        A name in a formula that no file has, or two have; no name that is a column of a file.
    DataError
        A file that cannot be read.
    """
    from evstats.models.covariates import TIME_OF_YEAR, YEAR

    wanted = {name: formula for formula in formulas for name in _names(formula, paths)}
    found = [_column(name, formula, paths) for name, formula in wanted.items() if name not in (YEAR, TIME_OF_YEAR)]
    if not found:
        listed = ", ".join(map(str, paths))
        raise ArgumentError(
            Text(Setting("covariates"), f" gives {listed}, and no formula names a column of it"),
            Text("name one, as in ", Setting("trend", "COLUMN"), ", or leave the file out."),
        )
    return found


def _names(formula: str, paths: Sequence[Path]) -> list[str]:
    """The names in a formula that are no functions: those in back quotes, then words; or the formula, if a column is
    called so. Of one that cannot be parsed none, which ``fit`` says better.
    """
    import io
    import keyword
    import tokenize
    from itertools import pairwise

    from evstats.models.allowed import is_name, quoted_names

    if is_name(formula) and not all(isinstance(_read(formula.strip(), path), ArgumentError) for path in paths):
        return [formula.strip()]
    quoted, rest = quoted_names(formula)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(rest).readline))
    except (tokenize.TokenError, SyntaxError):
        return quoted
    called = [one.string for one, after in pairwise(tokens) if after.string in ("(", "=")]
    words = (one.string for one in tokens if one.type == tokenize.NAME and one.string not in called)
    return [*quoted, *(word for word in words if not keyword.iskeyword(word))]


def _column(name: str, formula: str, paths: Sequence[Path]) -> pd.Series:
    """The column of that name among the files.

    Raises
    ------
    ArgumentError
        No file has one, or two have.
    """
    found: dict[Path, Record] = {}
    for path in paths:
        read = _read(name, path)
        if isinstance(read, ArgumentError):
            unknown = read
        else:
            _refuse_text(name, path, read.audit)
            found[path] = read
    if len(found) > 1:
        both = " and ".join(map(str, found))
        raise ArgumentError(
            f"the covariate {name!r} is a column of {both}", "rename one of them.", argument="covariates"
        )
    if found:
        return next(iter(found.values())).series.rename(name)
    where = paths[-1] if len(paths) == 1 else "the files of covariates"
    quotes = "" if formula.isidentifier() else " A name that is not one word stands in back quotes: '`mean temp`'."
    raise ArgumentError(f"{where}: {unknown.problem}", f"{unknown.remedy}{quotes}", argument="covariates")


def _read(name: str, path: Path) -> Record | ArgumentError:
    """The column of that name in a file, or the error of a file without one."""
    from evstats.reading.reader import read_series

    try:
        with working(f"reading {path}"):
            return read_series(path, value=name)
    except ArgumentError as error:
        return error
    except DataError as error:
        raise _unread(error) from error


def _refuse_text(name: str, path: Path, audit: Audit) -> None:
    """An error for a cell of a covariate that holds text: no missing value, but a slip."""
    from evstats.reading.marks import NOT_A_NUMBER

    for found in audit.findings:
        if found.reason == NOT_A_NUMBER:
            raise DataError(
                f"the covariate {name!r} is no number in line {found.line} of {path}: {found.text!r}",
                "correct it, or leave the cell empty where the value is missing.",
                argument="covariates",
            )


def _unread(error: DataError) -> DataError:
    """The error of a file of covariates, whose advice is not to name options that read the data."""
    remedy: str = error.remedy
    if any(setting.name == "na_values" for setting in error.settings):
        remedy = "Correct it, or leave the cell empty where the value is missing."
    elif error.settings:
        remedy = "write a CSV with a year or date, and a column for each covariate."
    return DataError(Text("covariates: ", str(error.problem)), remedy, argument="covariates")


__all__ = ["columns_of"]
