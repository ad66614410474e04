"""Formulas: covariates in the notation of Wilkinson and Rogers, held to an allow-list and never run as code.

formulaic reads the notation (``+``, ``:``, ``*`` and brackets) and has the stateful functions. What stands inside a
function is a tree that is walked here: it knows arithmetic, the functions of ``FUNCTIONS`` and covariates, so that no
text is ever evaluated as Python, neither a user's nor one that was stored.
"""

from __future__ import annotations

import ast
import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError, nearest, unknown_name
from evstats.models.covariates import TIME_OF_YEAR, YEAR, Covariates
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number

#: What a stateful function learnt from the data: means, scales, knots.
State: TypeAlias = dict[Any, Any]

INTERCEPT: Final = "Intercept"
#: A degree, and a number of knots or of harmonics, is at most this.
_MOST = 30
#: Longer formulas are refused unread, and so are deeper brackets.
_LONGEST, _DEEPEST = 2_000, 50


@dataclass(frozen=True, eq=False)
class Terms:
    """A formula that was read and may stand: terms as products of factors, beside the intercept.

    Attributes
    ----------
    text
        As the user wrote it.
    covariates
        The names it uses, in its order.
    products
        The factors of each term.
    """

    text: str
    covariates: tuple[str, ...]
    products: tuple[tuple[Factor, ...], ...]

    def on(self, covariates: Covariates) -> tuple[Formula, Array]:
        """The formula with what its functions learn from these covariates, and its columns there, (n, p).

        Raises
        ------
        DataError
            A term that is not a finite number somewhere, such as the logarithm of a negative one.
        """
        state: dict[str, State] = {}
        names, matrix = self.columns(covariates, state)
        return Formula(self, names, {call: learnt for call, learnt in state.items() if learnt}), matrix

    def columns(self, covariates: Covariates, state: dict[str, State]) -> tuple[tuple[str, ...], Array]:
        """The names and the values of all columns, the intercept first; what is not in the state is added to it."""
        known: dict[str, _Columns] = {}
        for factor in itertools.chain.from_iterable(self.products):
            if factor.text not in known:
                known[factor.text] = self._factor(factor, covariates, state)
        blocks = [_product([known[factor.text] for factor in product]) for product in self.products]
        names = (INTERCEPT, *(name for block in blocks for name in block.names))
        return names, np.column_stack([np.ones(covariates.count), *(block.values for block in blocks)])

    def only(self, covariate: str) -> Terms:
        """Only the terms in which no other covariate stands."""
        kept = tuple(product for product in self.products if {*_used(product)} == {covariate})
        text = " + ".join(":".join(factor.name for factor in product) for product in kept) or "1"
        return Terms(text, (covariate,) if kept else (), kept)

    def _factor(self, factor: Factor, covariates: Covariates, state: dict[str, State]) -> _Columns:
        with np.errstate(all="ignore"):
            found = _evaluated(factor.tree, covariates.columns, state)
        labels, values = found if isinstance(found, _Columns) else (("",), np.asarray(found)[..., None])
        values = np.broadcast_to(values, (covariates.count, len(labels)))
        if (wrong := np.flatnonzero(~np.isfinite(values).all(axis=1))).size:
            used = dict.fromkeys(_covariates_of(factor.tree))
            at = ", ".join(f"{name} = {number(float(covariates.columns[name][wrong[0]]))}" for name in used)
            raise DataError(
                f"{factor.name} of the formula {self.text!r} is not a finite number at "
                f"{covariates.where(int(wrong[0]))} ({at})",
                "write a term that is defined at every value.",
            )
        return _Columns(tuple(f"{factor.name}[{label}]" if label else factor.name for label in labels), values)


class Factor(NamedTuple):
    """A covariate, or a function of some, as it is named and as a tree."""

    name: str
    tree: ast.expr

    @property
    def text(self) -> str:
        """What tells it from others."""
        return ast.unparse(self.tree)


class _Columns(NamedTuple):
    """Columns (n, q) and their names."""

    names: tuple[str, ...]
    values: Array


@dataclass(frozen=True, eq=False)
class Formula:
    """A formula with what its functions learnt from the data, so that new states of the covariates give like columns.

    Attributes
    ----------
    terms
        What was read.
    names
        Of its columns, ``Intercept`` first.
    state
        Means, scales and knots, by the call that learnt them.

    Examples
    --------
    >>> from evstats.models.covariates import Covariates
    >>> years = Covariates.of({"year": [1990.0, 2000.0, 2010.0]})
    >>> formula, matrix = terms_of("center(year)", ["year"]).on(years)
    >>> formula.names, matrix[:, 1].tolist()
    (('Intercept', 'center(year)'), [-10.0, 0.0, 10.0])
    >>> formula.matrix(Covariates.of({"year": 2030.0})).tolist()
    [[1.0, 30.0]]
    >>> Formula.from_dict(formula.to_dict()).matrix(Covariates.of({"year": 2030.0})).tolist()
    [[1.0, 30.0]]
    """

    terms: Terms
    names: tuple[str, ...]
    state: Mapping[str, State] = field(repr=False)

    @property
    def text(self) -> str:
        """As the user wrote it."""
        return self.terms.text

    @property
    def covariates(self) -> tuple[str, ...]:
        """The names of the covariates it uses, in its order."""
        return self.terms.covariates

    @property
    def is_constant(self) -> bool:
        """Whether there is the intercept only."""
        return not self.terms.products

    def matrix(self, covariates: Covariates) -> Array:
        """The columns (n, p) in other states of the covariates."""
        kept = {call: dict(learnt) for call, learnt in self.state.items()}
        matrix = self.terms.columns(covariates, kept)[1]
        if lost := [call for call, learnt in kept.items() if learnt and call not in self.state]:
            raise DataError(f"what {lost[0]} of the formula {self.text!r} learnt is not stored with it.")
        return matrix

    def to_dict(self) -> dict[str, Any]:
        """Text, names and state, as JSON can hold them."""
        return {
            "formula": self.text,
            "covariates": list(self.covariates),
            "names": list(self.names),
            "state": _to_json(self.state),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Formula:
        """The formula of a dictionary made by ``to_dict``; its text is held to the same allow-list.

        Raises
        ------
        ArgumentError
            A text that is no formula, or one that may not stand.
        DataError
            A state that holds anything but numbers.
        """
        terms = terms_of(stored["formula"], stored["covariates"])
        return cls(terms, tuple(map(str, stored["names"])), _from_json(stored["state"]))


def terms_of(text: Any, known: Iterable[str]) -> Terms:
    """The terms of a formula, the right-hand side only, in which the known covariates may stand.

    ``a + b``, ``a:b`` (their product), ``a*b`` (both and their product), brackets, ``1`` (the intercept, which always
    stays), and inside the functions ``I log exp sqrt center scale`` arithmetic; ``poly(x, degree)``, ``bs(x, df)`` and
    ``harmonics(k)``, the cosines and sines of the time of the year. A covariate whose name is not one word stands in
    back quotes, or is the whole formula.

    Raises
    ------
    ArgumentError
        Anything else, in a sentence that repeats the formula. Nothing of it is run.

    Examples
    --------
    >>> terms_of("year + I(year**2)", ["year", "soi"]).covariates
    ('year',)
    >>> terms_of("mean temp", ["mean temp"]).covariates, terms_of("I(`mean temp`**2)", ["mean temp"]).covariates
    (('mean temp',), ('mean temp',))
    """
    names = tuple(known)
    if is_name(_text(text)) and (name := text.strip()) in names:
        return Terms(text, (name,), ((_lookup(name),),))
    try:
        _refuse_tokens(text, names)
    except ArgumentError as error:
        raise _unquoted(text, names) or error from None
    plain, quoted = _in_words(text)
    products = [_factors(term, quoted) for term in _parsed(plain)]
    used = dict.fromkeys(itertools.chain.from_iterable(map(_used, products)))
    return Terms(text, tuple(used), tuple(product for product in products if product))


def is_name(text: str) -> bool:
    """Whether a whole formula may be the name of a covariate that is not one word, such as ``mean temp``."""
    return not text.strip().isidentifier() and text.strip() != "1"


def quoted_names(text: str) -> tuple[list[str], str]:
    """The names in back quotes of a formula, and its text without them.

    Examples
    --------
    >>> quoted_names("year + center(`mean temp`)")
    (['mean temp'], 'year + center( )')
    """
    parts = text.split("`")
    return parts[1::2], " ".join(parts[::2])


# -- what may stand ----------------------------------------------------------------------------------------------------


def _text(text: Any) -> str:
    if not isinstance(text, str):
        raise ArgumentError(f"a formula is a text such as 'year + nino34', not {type(text).__name__}.")
    if len(text) > _LONGEST:
        raise ArgumentError(f"the formula has {len(text):,} characters", f"write one of at most {_LONGEST:,}.")
    if not text.strip():
        raise ArgumentError("the formula is empty", "write '1' for a constant, or covariates such as 'year'.")
    return text


def _unquoted(text: str, known: tuple[str, ...]) -> ArgumentError | None:
    """What to say of a formula that holds the name of a covariate of several words without its quotes."""
    rest = quoted_names(text)[1]
    for name in known:
        if not name.isidentifier() and any(map(str.isalpha, name)) and name in rest:
            remedy = f"put it in back quotes, as in '`{name}`'."
            return _refused(text, f"holds {name!r}, a name that is not one word", remedy)
    return None


def _refused(text: str, problem: str, remedy: str) -> ArgumentError:
    return ArgumentError(f"the formula {_cut(text)!r} {problem}", remedy)


def _cut(text: str, most: int = 200) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."


#: What else an operator would mean, and what to write for what was meant; the first that it holds is said.
_NOT_HERE: Final = {
    "~": ("has two sides", "leave out the '~' and what stands before it: the data are those that are fitted."),
    "^": ("has a power outside a function", "write I(x**2) for the square of a covariate x."),
    "**": ("has a power outside a function", "write I(x**2) for the square of a covariate x."),
    "/": ("divides outside a function", "write I(a / b) for the ratio of two covariates, or a + a:b for nested terms."),
    "-": ("takes a term away", "list the terms that are wanted; the constant always stays."),
    "|": ("has several parts", "write one formula for each parameter."),
}


def _refuse_tokens(text: str, known: tuple[str, ...]) -> None:
    """Every token in turn: terms and operators alternate, names are covariates, functions those that are allowed."""
    tokens, depth, ended = _tokens(text), 0, False
    _refuse_operators(text, tokens)
    for kind, token in tokens:
        if kind == "operator" or token == ")":
            if not ended:
                raise _refused(text, f"has no term before {token!r}", "write a covariate there, or leave it out.")
            ended = token == ")"
            depth -= ended
        elif ended:
            raise _refused(text, f"has nothing that joins {token!r} to the term before", "write a '+' between them.")
        elif token == "(":
            depth += 1
        else:
            _refuse_operand(text, kind, token, known)
            ended = True
        if depth < 0:
            raise _refused(text, "closes a bracket that it did not open", "correct the brackets.")
        if depth > _DEEPEST:
            raise _refused(text, *_TOO_DEEP)
    if depth:
        raise _refused(text, "does not close a bracket", "correct the brackets.")
    if not ended:
        raise _refused(text, "ends without a term", "write a covariate at its end.")
    _refuse_factors_of_one(text, tokens)


def _refuse_operators(text: str, tokens: list[tuple[str, str]]) -> None:
    """Only those that join terms as they say."""
    others = [token for kind, token in tokens if kind == "operator" and token not in ("+", ":", "*")]
    for meant, said in _NOT_HERE.items():
        if any(meant in token for token in others):
            raise _refused(text, *said)
    if others:
        raise _refused(text, f"holds {others[0]!r}", _MAY_STAND)


_MAY_STAND: Final = (
    "covariates, '+', ':', '*' and brackets may stand, and the functions I log exp sqrt center scale poly bs harmonics."
)
_TOO_DEEP: Final = ("is nested too deeply", "write it in simpler terms.")


def _tokens(text: str) -> list[tuple[str, str]]:
    """Kind and text of every token, by the reader of formulaic, which only cuts the text."""
    from formulaic.parser.algos.tokenize import tokenize

    try:
        found = [(str(token.kind.value if token.kind else ""), str(token.token)) for token in tokenize(text)]
    except Exception as cause:  # its messages carry the codes of a terminal
        raise _refused(text, "cannot be read", "check its brackets and quotes.") from cause
    return found


def _refuse_operand(text: str, kind: str, token: str, known: tuple[str, ...]) -> None:
    if kind == "name":
        _refuse_name(text, token, known)
    elif kind == "python":
        _refuse_tree(text, _tree(text, token), known, outermost=True)
    elif token == "0":
        raise _refused(text, "leaves out the constant", "leave out the 0: the constant always stays.")
    elif kind == "value" and token != "1":
        remedy = f"write a product as I({token} * x)." if token[:1].isdecimal() else _MAY_STAND
        raise _refused(text, f"holds {token} outside a function", remedy)
    elif kind != "value":
        raise _refused(text, f"holds {token!r}", _MAY_STAND)


def _refuse_factors_of_one(text: str, tokens: list[tuple[str, str]]) -> None:
    """A 1 stands by itself or between plus signs, outside brackets: elsewhere it multiplies a term."""
    framed = [("", "+"), *tokens, ("", "+")]
    depth = 0
    for before, (kind, token), after in zip(framed, framed[1:], framed[2:], strict=False):
        depth += (token == "(") - (token == ")")
        if kind == "value" and (depth or before[1] != "+" or after[1] != "+"):
            raise _refused(text, "multiplies by 1", "leave out the 1: the constant always stays.")


def _refuse_name(text: str, name: str, known: tuple[str, ...]) -> None:
    if name in _RESERVED or name.startswith("__"):
        meant = "which means something else in formulas"
        raise _refused(text, f"uses a covariate named {name!r}, {meant}", "rename the covariate.")
    if not known:
        raise ArgumentError(
            f"the formula {text!r} names {name!r}, and the data bring no covariate: they have no dates or years",
            Text("index the data by year or date, or give it with ", Setting("covariates"), "."),
            argument="covariates",
        )
    if name not in known:
        unknown = unknown_name("covariate", name, known, argument="covariates")
        alone = set(known) <= {YEAR, TIME_OF_YEAR}
        more = Text(" Others come with ", Setting("covariates"), ".") if alone else ""
        remedy = Text(unknown.remedy, more)
        raise ArgumentError(f"{unknown.problem} in the formula {text!r}", remedy, argument="covariates")


def _tree(text: str, token: str) -> ast.expr:
    """What stands inside a function, parsed and not compiled."""
    remedy = "check its brackets and commas."
    try:
        tree = _parsed_tree(token)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as cause:
        raise _refused(text, f"cannot be read at {token!r}", remedy) from cause
    level: list[ast.AST] = [tree]
    for _ in range(_DEEPEST):
        level = [part for parent in level for part in ast.iter_child_nodes(parent)]
    if level:
        raise _refused(text, *_TOO_DEEP)
    return tree


def _parsed_tree(token: str) -> ast.expr:
    """The tree of a token, in which names of several words stand in their quotes."""
    plain, quoted = _in_words(token)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _renamed(ast.parse(plain.strip(), mode="eval").body, quoted)


def _in_words(text: str) -> tuple[str, dict[str, str]]:
    """The text with a new word for each name in quotes, and the names by these words."""
    parts, free = text.split("`"), (word for word in map("_quoted{}".format, itertools.count()) if word not in text)
    quoted = {word: name for name, word in zip(parts[1::2], free, strict=False)}
    words = itertools.chain(quoted, [""])
    return "".join(f"{part} {word} " for part, word in zip(parts[::2], words, strict=False)), quoted


def _renamed(tree: ast.expr, quoted: Mapping[str, str]) -> ast.expr:
    """The tree with the names for which words stand, quoted if they are no words."""
    for part in ast.walk(tree):
        if isinstance(part, ast.Name) and part.id in quoted:
            name = quoted[part.id]
            part.id = name if name.isidentifier() else f"`{name}`"
    return tree


def _refuse_tree(text: str, tree: ast.expr, known: tuple[str, ...], *, outermost: bool = False) -> None:
    """An error for anything that ``_evaluated`` does not know."""
    inner: tuple[ast.expr, ...] = ()
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in FUNCTIONS:
        function = FUNCTIONS[tree.func.id]
        if function.wide and not outermost:
            raise _refused(text, f"has {tree.func.id}() inside another function", "let it stand by itself.")
        if function.on and function.on not in known:
            remedy = "fit block_maxima(record, 'month'), or peaks with dates."
            raise _refused(text, f"has {tree.func.id}(), and the values have no place in the year", remedy)
        inner = _argument(text, tree, function)
        _options(text, tree, function)
    elif isinstance(tree, ast.Call):
        raise _refused(text, f"calls {_shown(tree.func)}, which is not allowed", _allowed(tree.func))
    elif outermost:
        raise _refused(text, f"holds {_shown(tree)} outside a function", "write arithmetic as I(...).")
    elif isinstance(tree, ast.Name):
        _refuse_name(text, _name(tree), known)
    elif isinstance(tree, ast.BinOp) and type(tree.op) in _BINARY:
        inner = (tree.left, tree.right)
    elif isinstance(tree, ast.UnaryOp) and type(tree.op) in _UNARY:
        inner = (tree.operand,)
    elif not _is_number(tree):
        raise _refused(text, f"holds {_shown(tree)}, which is not allowed", f"inside functions {_ARITHMETIC}.")
    for part in inner:
        _refuse_tree(text, part, known)


def _name(tree: ast.Name) -> str:
    """The covariate, without quotes."""
    return tree.id.strip("`")


_ARITHMETIC: Final = "numbers, covariates and + - * / ** may stand"


def _allowed(called: ast.expr) -> str:
    name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
    meant = nearest(name, FUNCTIONS) if name else ""
    return f"known: {', '.join(FUNCTIONS)}.{meant} Compute anything else before and give it as a covariate."


def _shown(tree: ast.expr) -> str:
    """The text of a part, cut where it is long."""
    return _cut(ast.unparse(tree), 40)


def _is_number(tree: ast.expr) -> bool:
    return isinstance(tree, ast.Constant) and type(tree.value) in (int, float) and math.isfinite(_as_float(tree.value))


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # whole numbers of Python have no end
        return math.inf


# -- the functions -----------------------------------------------------------------------------------------------------


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
    if not (isinstance(plain, ast.Constant) and _is_number(plain)):
        raise ValueError("a list of numbers such as [1950, 1980]")
    return -_as_float(plain.value) if minus else _as_float(plain.value)


def _center(x: Array, state: State) -> Array:
    from formulaic.transforms import center

    return np.asarray(center(x, _state=state))


def _scale(x: Array, state: State) -> Array:
    from formulaic.transforms import scale

    return np.asarray(scale(x, _state=state))


def _poly(x: Array, state: State, degree: int, raw: bool = False) -> _Columns:
    from formulaic.transforms import poly

    return _numbered(np.asarray(poly(x, degree, raw=raw, _state=state)))


def _bs(x: Array, state: State, df: int | None = None, knots: Any = None, degree: int = 3) -> _Columns:
    """Beyond the data the polynomials of the ends go on."""
    from formulaic.transforms import basis_spline

    columns = basis_spline(x, df=df, knots=knots, degree=degree, extrapolation="extend", _state=state)
    return _numbered(np.column_stack([columns[key] for key in sorted(columns)]))


def _harmonics(time_of_year: Array, state: State, k: int) -> _Columns:
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
    return _Columns(tuple(f"{wave}{j}" for j in range(1, k + 1) for wave in ("cos", "sin")), values)


def _distinct(times: Array) -> int:
    """How many times of the year there are: those within a few days of each other, as months are from year to year,
    are one, and a stretch without gaps counts one for each week.
    """
    ordered = np.sort(times)
    stretches = np.split(ordered, np.flatnonzero(np.diff(ordered) > 0.01) + 1)
    return sum(1 + int((stretch[-1] - stretch[0]) / 0.02) for stretch in stretches)


def _numbered(values: Array) -> _Columns:
    return _Columns(tuple(str(j) for j in range(1, values.shape[-1] + 1)), values)


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
#: Names that mean something else in formulas, here and in what users know them from.
_RESERVED: Final = frozenset(FUNCTIONS) | {
    *("C", "Q", "T", "np", "contr", "log10", "log2", "exp10", "exp2", "cc", "cr", "cs", "te", "lag", "hashed"),
    *("standardize", "Treatment", INTERCEPT),
}

_BINARY: Final[Mapping[type[ast.operator], np.ufunc]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
_UNARY: Final[Mapping[type[ast.unaryop], np.ufunc]] = {ast.USub: np.negative, ast.UAdd: np.positive}


def _argument(text: str, call: ast.Call, function: Function) -> tuple[ast.expr, ...]:
    """The argument of a call, which comes first and without a name; none of one that takes its covariate by itself."""
    if function.on:
        return ()
    if not call.args or isinstance(call.args[0], ast.Starred):
        raise _refused(text, f"gives {_shown(call)} no covariate", "write one as its first argument.")
    return (call.args[0],)


def _options(text: str, call: ast.Call, function: Function) -> dict[str, Any]:
    """What else a call gives, each under its name and read."""
    name, rest = ast.unparse(call.func), call.args if function.on else call.args[1:]
    takes = ", ".join(function.options) or "nothing else"
    given = list(zip(function.options, rest, strict=False))
    given += [(keyword.arg or "**", keyword.value) for keyword in call.keywords]
    wrong = next((key for key, _ in given if key not in function.options), None)
    twice = len({key for key, _ in given}) < len(given)
    if wrong or twice or len(rest) > len(function.options):
        raise _refused(text, f"gives {name}() what it does not take ({_shown(call)})", f"it takes {takes}.")
    if missing := [key for key in list(function.options)[: function.needed] if key not in dict(given)]:
        raise _refused(text, f"does not give {name}() its {missing[0]}", f"write for example {_EXAMPLES[name]}.")
    read = {}
    for key, tree in given:
        try:
            read[key] = function.options[key](tree)
        except ValueError as expected:
            raise _refused(text, f"gives {name}() {key} = {_shown(tree)}", f"expected {expected}.") from None
    return _consistent(text, name, read)


_EXAMPLES: Final = {"poly": "poly(year, 2)", "harmonics": "harmonics(2)"}


def _consistent(text: str, name: str, read: dict[str, Any]) -> dict[str, Any]:
    if name == "bs" and (("df" in read) == ("knots" in read)):
        raise _refused(text, "needs either df or knots for bs()", "write for example bs(year, df=4).")
    if name == "bs" and read.get("df", _MOST) < read.get("degree", 3):
        raise _refused(text, f"gives bs() df = {read['df']}", f"expected the degree, {read.get('degree', 3)}, or more.")
    return read


# -- terms and their values --------------------------------------------------------------------------------------------


def _parsed(text: str) -> list[Any]:
    """The terms that formulaic makes of a formula whose tokens may stand."""
    from formulaic.parser import DefaultFormulaParser

    try:
        return list(getattr(found := DefaultFormulaParser(include_intercept=False).get_terms(text), "root", found))
    except Exception as cause:  # its messages carry the codes of a terminal
        raise _refused(text, "cannot be read", _MAY_STAND) from cause


def _factors(term: Any, quoted: Mapping[str, str]) -> tuple[Factor, ...]:
    """The factors of a term of formulaic; none of the intercept."""
    return tuple(_factor(factor, quoted) for factor in term.factors if factor.eval_method.value != "literal")


def _factor(factor: Any, quoted: Mapping[str, str]) -> Factor:
    if factor.eval_method.value == "lookup":
        return _lookup(quoted.get(factor.expr, factor.expr))
    tree = _renamed(ast.parse(factor.expr, mode="eval").body, quoted)
    return Factor(ast.unparse(tree), tree)


def _lookup(name: str) -> Factor:
    """A covariate by itself; the quotes tell it from a function whose text is its name."""
    return Factor(name, ast.Name(f"`{name}`"))


def _used(product: Iterable[Factor]) -> Iterator[str]:
    """The covariates in a term."""
    for factor in product:
        yield from _covariates_of(factor.tree)


def _covariates_of(tree: ast.expr) -> Iterator[str]:
    """The covariates in a tree, those that functions take by themselves included."""
    if isinstance(tree, ast.Name):
        yield _name(tree)
    elif isinstance(tree, ast.Call):
        function = FUNCTIONS[ast.unparse(tree.func)]
        yield from (function.on,) if function.on else _covariates_of(tree.args[0])
    else:
        for part in ast.iter_child_nodes(tree):
            if isinstance(part, ast.expr):
                yield from _covariates_of(part)


def _evaluated(tree: ast.expr, columns: Mapping[str, Array], state: dict[str, State]) -> Any:
    """The value of a tree that may stand; there is no other way from text to numbers."""
    if isinstance(tree, ast.Name):
        return columns[_name(tree)]
    if isinstance(tree, ast.Constant):
        return np.float64(_as_float(tree.value))
    if isinstance(tree, ast.UnaryOp):
        return _UNARY[type(tree.op)](_evaluated(tree.operand, columns, state))
    if isinstance(tree, ast.BinOp):
        return _BINARY[type(tree.op)](*(_evaluated(side, columns, state) for side in (tree.left, tree.right)))
    if not isinstance(tree, ast.Call):
        raise TypeError(f"no rule for {type(tree).__name__}")
    call = ast.unparse(tree)
    function = FUNCTIONS[ast.unparse(tree.func)]
    x = columns[function.on] if function.on else _evaluated(tree.args[0], columns, state)
    return function.of(np.atleast_1d(x), state.setdefault(call, {}), **_options(call, tree, function))


def _product(factors: list[_Columns]) -> _Columns:
    """The products of the columns of each factor, those of the first changing fastest."""
    names, values = factors[0]
    for more in factors[1:]:
        names = tuple(f"{name}:{other}" for other in more.names for name in names)
        values = np.concatenate([values * column[:, None] for column in more.values.T], axis=1)
    return _Columns(names, values)


# -- state as JSON -----------------------------------------------------------------------------------------------------


def _to_json(state: Any) -> Any:
    if isinstance(state, Mapping):
        return {str(key): _to_json(value) for key, value in state.items()}
    return state if state is None else np.asarray(state).tolist()


def _from_json(stored: Any) -> Any:
    """A state again: the degrees of a polynomial are whole numbers, which JSON writes as texts."""
    if isinstance(stored, Mapping):
        return {int(key) if key.isdecimal() else str(key): _from_json(value) for key, value in stored.items()}
    numbers = stored if isinstance(stored, list) else [stored]
    if not all(each is None or (isinstance(each, int | float) and math.isfinite(each)) for each in numbers):
        raise DataError(f"the state of the formula holds {stored!r}; numbers are expected.")
    return stored


__all__ = ["FUNCTIONS", "INTERCEPT", "Factor", "Formula", "Function", "Terms", "is_name", "quoted_names", "terms_of"]
