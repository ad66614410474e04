"""Which text may stand as a formula: its tokens and trees are held to an allow-list."""

from __future__ import annotations

import ast
import itertools
import warnings
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from evstats.errors import ArgumentError, nearest, unknown_name
from evstats.models.covariates import TIME_OF_YEAR, YEAR
from evstats.models.functions import FUNCTIONS, argument_of, as_shown, is_number, options_of, refused_formula
from evstats.text.arguments import Setting, Text

INTERCEPT: Final = "Intercept"
#: Longer formulas are refused unread, and so are deeper brackets.
_LONGEST, _DEEPEST = 2_000, 50


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


def text_of(text: Any) -> str:
    """A formula as text of a length that is read."""
    if not isinstance(text, str):
        raise ArgumentError(f"a formula is a text such as 'year + nino34', not {type(text).__name__}.")
    if len(text) > _LONGEST:
        raise ArgumentError(f"the formula has {len(text):,} characters", f"write one of at most {_LONGEST:,}.")
    if not text.strip():
        raise ArgumentError("the formula is empty", "write '1' for a constant, or covariates such as 'year'.")
    return text


def unquoted(text: str, known: tuple[str, ...]) -> ArgumentError | None:
    """What to say of a formula that holds the name of a covariate of several words without its quotes."""
    rest = quoted_names(text)[1]
    for name in known:
        if not name.isidentifier() and any(map(str.isalpha, name)) and name in rest:
            remedy = f"put it in back quotes, as in '`{name}`'."
            return refused_formula(text, f"holds {name!r}, a name that is not one word", remedy)
    return None


#: What else an operator would mean, and what to write for what was meant; the first that it holds is said.
_NOT_HERE: Final = {
    "~": ("has two sides", "leave out the '~' and what stands before it: the data are those that are fitted."),
    "^": ("has a power outside a function", "write I(x**2) for the square of a covariate x."),
    "**": ("has a power outside a function", "write I(x**2) for the square of a covariate x."),
    "/": ("divides outside a function", "write I(a / b) for the ratio of two covariates, or a + a:b for nested terms."),
    "-": ("takes a term away", "list the terms that are wanted; the constant always stays."),
    "|": ("has several parts", "write one formula for each parameter."),
}


def refuse_tokens(text: str, known: tuple[str, ...]) -> None:
    """Every token in turn: terms and operators alternate, names are covariates, functions those that are allowed."""
    tokens, depth, ended = _tokens(text), 0, False
    _refuse_operators(text, tokens)
    for kind, token in tokens:
        if kind == "operator" or token == ")":
            if not ended:
                raise refused_formula(
                    text, f"has no term before {token!r}", "write a covariate there, or leave it out."
                )
            ended = token == ")"
            depth -= ended
        elif ended:
            raise refused_formula(
                text, f"has nothing that joins {token!r} to the term before", "write a '+' between them."
            )
        elif token == "(":
            depth += 1
        else:
            _refuse_operand(text, kind, token, known)
            ended = True
        if depth < 0:
            raise refused_formula(text, "closes a bracket that it did not open", "correct the brackets.")
        if depth > _DEEPEST:
            raise refused_formula(text, *_TOO_DEEP)
    if depth:
        raise refused_formula(text, "does not close a bracket", "correct the brackets.")
    if not ended:
        raise refused_formula(text, "ends without a term", "write a covariate at its end.")
    _refuse_factors_of_one(text, tokens)


def _refuse_operators(text: str, tokens: list[tuple[str, str]]) -> None:
    """Only those that join terms as they say."""
    others = [token for kind, token in tokens if kind == "operator" and token not in ("+", ":", "*")]
    for meant, said in _NOT_HERE.items():
        if any(meant in token for token in others):
            raise refused_formula(text, *said)
    if others:
        raise refused_formula(text, f"holds {others[0]!r}", MAY_STAND)


MAY_STAND: Final = (
    "covariates, '+', ':', '*' and brackets may stand, and the functions I log exp sqrt center scale poly bs harmonics."
)
_TOO_DEEP: Final = ("is nested too deeply", "write it in simpler terms.")


def _tokens(text: str) -> list[tuple[str, str]]:
    """Kind and text of every token, by the reader of formulaic, which only cuts the text."""
    from formulaic.parser.algos.tokenize import tokenize

    try:
        found = [(str(token.kind.value if token.kind else ""), str(token.token)) for token in tokenize(text)]
    except Exception as cause:  # its messages carry the codes of a terminal
        raise refused_formula(text, "cannot be read", "check its brackets and quotes.") from cause
    return found


def _refuse_operand(text: str, kind: str, token: str, known: tuple[str, ...]) -> None:
    if kind == "name":
        _refuse_name(text, token, known)
    elif kind == "python":
        _refuse_tree(text, _tree(text, token), known, outermost=True)
    elif token == "0":
        raise refused_formula(text, "leaves out the constant", "leave out the 0: the constant always stays.")
    elif kind == "value" and token != "1":
        remedy = f"write a product as I({token} * x)." if token[:1].isdecimal() else MAY_STAND
        raise refused_formula(text, f"holds {token} outside a function", remedy)
    elif kind != "value":
        raise refused_formula(text, f"holds {token!r}", MAY_STAND)


def _refuse_factors_of_one(text: str, tokens: list[tuple[str, str]]) -> None:
    """A 1 stands by itself or between plus signs, outside brackets: elsewhere it multiplies a term."""
    framed = [("", "+"), *tokens, ("", "+")]
    depth = 0
    for before, (kind, token), after in zip(framed, framed[1:], framed[2:], strict=False):
        depth += (token == "(") - (token == ")")
        if kind == "value" and (depth or before[1] != "+" or after[1] != "+"):
            raise refused_formula(text, "multiplies by 1", "leave out the 1: the constant always stays.")


def _refuse_name(text: str, name: str, known: tuple[str, ...]) -> None:
    if name in _RESERVED or name.startswith("__"):
        meant = "which means something else in formulas"
        raise refused_formula(text, f"uses a covariate named {name!r}, {meant}", "rename the covariate.")
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
        raise refused_formula(text, f"cannot be read at {token!r}", remedy) from cause
    level: list[ast.AST] = [tree]
    for _ in range(_DEEPEST):
        level = [part for parent in level for part in ast.iter_child_nodes(parent)]
    if level:
        raise refused_formula(text, *_TOO_DEEP)
    return tree


def _parsed_tree(token: str) -> ast.expr:
    """The tree of a token, in which names of several words stand in their quotes."""
    plain, quoted = in_words(token)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return renamed(ast.parse(plain.strip(), mode="eval").body, quoted)


def in_words(text: str) -> tuple[str, dict[str, str]]:
    """The text with a new word for each name in quotes, and the names by these words."""
    parts, free = text.split("`"), (word for word in map("_quoted{}".format, itertools.count()) if word not in text)
    quoted = {word: name for name, word in zip(parts[1::2], free, strict=False)}
    words = itertools.chain(quoted, [""])
    return "".join(f"{part} {word} " for part, word in zip(parts[::2], words, strict=False)), quoted


def renamed(tree: ast.expr, quoted: Mapping[str, str]) -> ast.expr:
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
            raise refused_formula(text, f"has {tree.func.id}() inside another function", "let it stand by itself.")
        if function.on and function.on not in known:
            remedy = "fit block_maxima(record, 'month'), or peaks with dates."
            raise refused_formula(text, f"has {tree.func.id}(), and the values have no place in the year", remedy)
        inner = argument_of(text, tree, function)
        options_of(text, tree, function)
    elif isinstance(tree, ast.Call):
        raise refused_formula(text, f"calls {as_shown(tree.func)}, which is not allowed", _allowed(tree.func))
    elif outermost:
        raise refused_formula(text, f"holds {as_shown(tree)} outside a function", "write arithmetic as I(...).")
    elif isinstance(tree, ast.Name):
        _refuse_name(text, name_of(tree), known)
    elif isinstance(tree, ast.BinOp) and type(tree.op) in BINARY:
        inner = (tree.left, tree.right)
    elif isinstance(tree, ast.UnaryOp) and type(tree.op) in UNARY:
        inner = (tree.operand,)
    elif not is_number(tree):
        raise refused_formula(text, f"holds {as_shown(tree)}, which is not allowed", f"inside functions {_ARITHMETIC}.")
    for part in inner:
        _refuse_tree(text, part, known)


def name_of(tree: ast.Name) -> str:
    """The covariate, without quotes."""
    return tree.id.strip("`")


_ARITHMETIC: Final = "numbers, covariates and + - * / ** may stand"


def _allowed(called: ast.expr) -> str:
    name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
    meant = nearest(name, FUNCTIONS) if name else ""
    return f"known: {', '.join(FUNCTIONS)}.{meant} Compute anything else before and give it as a covariate."


#: Names that mean something else in formulas, here and in what users know them from.
_RESERVED: Final = frozenset(FUNCTIONS) | {
    *("C", "Q", "T", "np", "contr", "log10", "log2", "exp10", "exp2", "cc", "cr", "cs", "te", "lag", "hashed"),
    *("standardize", "Treatment", INTERCEPT),
}
BINARY: Final[Mapping[type[ast.operator], np.ufunc]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
UNARY: Final[Mapping[type[ast.unaryop], np.ufunc]] = {ast.USub: np.negative, ast.UAdd: np.positive}
