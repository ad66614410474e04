"""The functions of formulas, by name: what they take, and what they learn from the data."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError
from evstats.models.covariates import TIME_OF_YEAR

#: What a stateful function learnt from the data: means, scales, knots.
State: TypeAlias = dict[Any, Any]
#: A degree, and a number of knots or of harmonics, is at most this.
_MOST = 30


class Columns(NamedTuple):
    """Columns (n, q) and their names."""

    names: tuple[str, ...]
    values: Array


def refused_formula(text: str, problem: str, remedy: str) -> ArgumentError:
    """That a formula may not stand, and what to do."""
    return ArgumentError(f"the formula {_cut(text)!r} {problem}", remedy)


def _cut(text: str, most: int = 200) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."


def as_shown(tree: ast.expr) -> str:
    """The text of a part, cut where it is long."""
    return _cut(ast.unparse(tree), 40)


def is_number(tree: ast.expr) -> bool:
    """Whether a part is a finite number."""
    return isinstance(tree, ast.Constant) and type(tree.value) in (int, float) and math.isfinite(as_float(tree.value))


def as_float(value: Any) -> float:
    """A number; infinite where it is too large for one."""
    try:
        return float(value)
    except OverflowError:  # whole numbers of Python have no end
        return math.inf


@dataclass(frozen=True)
class Function:
    """A function that formulas may call.

    Attributes
    ----------
    of
        Of the argument, the state and the options.
    options
        What it takes after the argument, by name in order, each with how it is read.
    needed
        How many of the options must be given.
    wide
        Whether it gives several columns.
    on
        The covariate that it takes by itself, where it has no argument.
    """

    of: Callable[..., Any]
    options: Mapping[str, Callable[[ast.expr], Any]] = field(default_factory=dict)
    needed: int = 0
    wide: bool = False
    on: str = ""


def _whole(tree: ast.expr) -> int:
    if not (isinstance(tree, ast.Constant) and type(tree.value) is int and 1 <= tree.value <= _MOST):
        raise ValueError(f"a whole number from 1 to {_MOST}")
    return tree.value


def _switch(tree: ast.expr) -> bool:
    if not (isinstance(tree, ast.Constant) and isinstance(tree.value, bool)):
        raise ValueError("True or False")
    return tree.value


def _numbers(tree: ast.expr) -> list[float]:
    if not isinstance(tree, ast.List | ast.Tuple) or not 0 < len(tree.elts) <= _MOST:
        raise ValueError("a list of numbers such as [1950, 1980]")
    return [_signed(each) for each in tree.elts]


def _signed(tree: ast.expr) -> float:
    minus = isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub)
    plain = tree.operand if isinstance(tree, ast.UnaryOp) and minus else tree
    if not (isinstance(plain, ast.Constant) and is_number(plain)):
        raise ValueError("a list of numbers such as [1950, 1980]")
    return -as_float(plain.value) if minus else as_float(plain.value)


def _center(x: Array, state: State) -> Array:
    from formulaic.transforms import center

    return np.asarray(center(x, _state=state))


def _scale(x: Array, state: State) -> Array:
    from formulaic.transforms import scale

    return np.asarray(scale(x, _state=state))


def _poly(x: Array, state: State, degree: int, raw: bool = False) -> Columns:
    from formulaic.transforms import poly

    return _numbered(np.asarray(poly(x, degree, raw=raw, _state=state)))


def _bs(x: Array, state: State, df: int | None = None, knots: Any = None, degree: int = 3) -> Columns:
    """Beyond the data the polynomials of the ends go on."""
    from formulaic.transforms import basis_spline

    columns = basis_spline(x, df=df, knots=knots, degree=degree, extrapolation="extend", _state=state)
    return _numbered(np.column_stack([columns[key] for key in sorted(columns)]))


def _harmonics(time_of_year: Array, state: State, k: int) -> Columns:
    """cos(2 pi j t) and sin(2 pi j t) for j = 1 to k, with t the time of the year from 0 to 1."""
    times = state.setdefault("times", _distinct(time_of_year))
    if times < 2 * k + 1:
        raise DataError(
            f"harmonics({k}) tell {2 * k + 1} times of the year apart, and the values stand at {times}",
            f"take at most harmonics({(times - 1) // 2})."
            if times > 2
            else "fit extremes of months or seasons, or peaks.",
        )
    angles = 2.0 * np.pi * np.asarray(time_of_year)[..., None] * np.arange(1, k + 1)
    values = np.stack([np.cos(angles), np.sin(angles)], axis=-1).reshape(*angles.shape[:-1], 2 * k)
    return Columns(tuple(f"{wave}{j}" for j in range(1, k + 1) for wave in ("cos", "sin")), values)


def _distinct(times: Array) -> int:
    """How many times of the year there are: those within a few days of each other, as months are from year to year,
    are one, and a stretch without gaps counts one for each week.
    """
    ordered = np.sort(times)
    stretches = np.split(ordered, np.flatnonzero(np.diff(ordered) > 0.01) + 1)
    return sum(1 + int((stretch[-1] - stretch[0]) / 0.02) for stretch in stretches)


def _numbered(values: Array) -> Columns:
    return Columns(tuple(str(j) for j in range(1, values.shape[-1] + 1)), values)


#: The functions that formulas may call.
FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {
        "I": Function(lambda x, state: x),
        "log": Function(lambda x, state: np.log(x)),
        "exp": Function(lambda x, state: np.exp(x)),
        "sqrt": Function(lambda x, state: np.sqrt(x)),
        "center": Function(_center),
        "scale": Function(_scale),
        "poly": Function(_poly, {"degree": _whole, "raw": _switch}, needed=1, wide=True),
        "bs": Function(_bs, {"df": _whole, "knots": _numbers, "degree": _whole}, wide=True),
        "harmonics": Function(_harmonics, {"k": _whole}, needed=1, wide=True, on=TIME_OF_YEAR),
    }
)


def argument_of(text: str, call: ast.Call, function: Function) -> tuple[ast.expr, ...]:
    """The argument of a call, which comes first and without a name; none of one that takes its covariate by itself."""
    if function.on:
        return ()
    if not call.args or isinstance(call.args[0], ast.Starred):
        raise refused_formula(text, f"gives {as_shown(call)} no covariate", "write one as its first argument.")
    return (call.args[0],)


def options_of(text: str, call: ast.Call, function: Function) -> dict[str, Any]:
    """What else a call gives, each under its name and read."""
    name, rest = ast.unparse(call.func), call.args if function.on else call.args[1:]
    takes = ", ".join(function.options) or "nothing else"
    given = list(zip(function.options, rest, strict=False))
    given += [(keyword.arg or "**", keyword.value) for keyword in call.keywords]
    wrong = next((key for key, _ in given if key not in function.options), None)
    twice = len({key for key, _ in given}) < len(given)
    if wrong or twice or len(rest) > len(function.options):
        raise refused_formula(text, f"gives {name}() what it does not take ({as_shown(call)})", f"it takes {takes}.")
    if missing := [key for key in list(function.options)[: function.needed] if key not in dict(given)]:
        raise refused_formula(text, f"does not give {name}() its {missing[0]}", f"write for example {_EXAMPLES[name]}.")
    read = {}
    for key, tree in given:
        try:
            read[key] = function.options[key](tree)
        except ValueError as expected:
            raise refused_formula(text, f"gives {name}() {key} = {as_shown(tree)}", f"expected {expected}.") from None
    return _consistent(text, name, read)


_EXAMPLES: Final = {"poly": "poly(year, 2)", "harmonics": "harmonics(2)"}


def _consistent(text: str, name: str, read: dict[str, Any]) -> dict[str, Any]:
    if name == "bs" and (("df" in read) == ("knots" in read)):
        raise refused_formula(text, "needs either df or knots for bs()", "write for example bs(year, df=4).")
    if name == "bs" and read.get("df", _MOST) < read.get("degree", 3):
        raise refused_formula(
            text, f"gives bs() df = {read['df']}", f"expected the degree, {read.get('degree', 3)}, or more."
        )
    return read
