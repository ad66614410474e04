"""Formulas: covariates in the notation of Wilkinson and Rogers, held to an allow-list and never run as code.

formulaic reads the notation (``+``, ``:``, ``*`` and brackets) and has the stateful functions. What stands inside a
function is a tree that is walked here: it knows arithmetic, the functions of ``FUNCTIONS`` and covariates, so that no
text is ever evaluated as Python, neither a user's nor one that was stored.
"""

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError
from evstats.models.allowed import (
    BINARY,
    INTERCEPT,
    MAY_STAND,
    UNARY,
    in_words,
    is_name,
    name_of,
    refuse_tokens,
    renamed,
    text_of,
    unquoted,
)
from evstats.models.covariates import Covariates
from evstats.models.functions import FUNCTIONS, Columns, State, as_float, options_of, refused_formula
from evstats.text.numbers import number


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
        known: dict[str, Columns] = {}
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

    def _factor(self, factor: Factor, covariates: Covariates, state: dict[str, State]) -> Columns:
        with np.errstate(all="ignore"):
            found = _evaluated(factor.tree, covariates.columns, state)
        labels, values = found if isinstance(found, Columns) else (("",), np.asarray(found)[..., None])
        values = np.broadcast_to(values, (covariates.count, len(labels)))
        if (wrong := np.flatnonzero(~np.isfinite(values).all(axis=1))).size:
            used = dict.fromkeys(_covariates_of(factor.tree))
            at = ", ".join(f"{name} = {number(float(covariates.columns[name][wrong[0]]))}" for name in used)
            raise DataError(
                f"{factor.name} of the formula {self.text!r} is not a finite number at "
                f"{covariates.where(int(wrong[0]))} ({at})",
                "write a term that is defined at every value.",
            )
        return Columns(tuple(f"{factor.name}[{label}]" if label else factor.name for label in labels), values)


class Factor(NamedTuple):
    """A covariate, or a function of some, as it is named and as a tree."""

    name: str
    tree: ast.expr

    @property
    def text(self) -> str:
        """What tells it from others."""
        return ast.unparse(self.tree)


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
    if is_name(text_of(text)) and (name := text.strip()) in names:
        return Terms(text, (name,), ((_lookup(name),),))
    try:
        refuse_tokens(text, names)
    except ArgumentError as error:
        raise unquoted(text, names) or error from None
    plain, quoted = in_words(text)
    products = [_factors(term, quoted) for term in _parsed(plain)]
    used = dict.fromkeys(itertools.chain.from_iterable(map(_used, products)))
    return Terms(text, tuple(used), tuple(product for product in products if product))


def _parsed(text: str) -> list[Any]:
    """The terms that formulaic makes of a formula whose tokens may stand."""
    from formulaic.parser import DefaultFormulaParser

    try:
        return list(getattr(found := DefaultFormulaParser(include_intercept=False).get_terms(text), "root", found))
    except Exception as cause:  # its messages carry the codes of a terminal
        raise refused_formula(text, "cannot be read", MAY_STAND) from cause


def _factors(term: Any, quoted: Mapping[str, str]) -> tuple[Factor, ...]:
    """The factors of a term of formulaic; none of the intercept."""
    return tuple(_factor(factor, quoted) for factor in term.factors if factor.eval_method.value != "literal")


def _factor(factor: Any, quoted: Mapping[str, str]) -> Factor:
    if factor.eval_method.value == "lookup":
        return _lookup(quoted.get(factor.expr, factor.expr))
    tree = renamed(ast.parse(factor.expr, mode="eval").body, quoted)
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
        yield name_of(tree)
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
        return columns[name_of(tree)]
    if isinstance(tree, ast.Constant):
        return np.float64(as_float(tree.value))
    if isinstance(tree, ast.UnaryOp):
        return UNARY[type(tree.op)](_evaluated(tree.operand, columns, state))
    if isinstance(tree, ast.BinOp):
        return BINARY[type(tree.op)](*(_evaluated(side, columns, state) for side in (tree.left, tree.right)))
    if not isinstance(tree, ast.Call):
        raise TypeError(f"no rule for {type(tree).__name__}")
    call = ast.unparse(tree)
    function = FUNCTIONS[ast.unparse(tree.func)]
    x = columns[function.on] if function.on else _evaluated(tree.args[0], columns, state)
    return function.of(np.atleast_1d(x), state.setdefault(call, {}), **options_of(call, tree, function))


def _product(factors: list[Columns]) -> Columns:
    """The products of the columns of each factor, those of the first changing fastest."""
    names, values = factors[0]
    for more in factors[1:]:
        names = tuple(f"{name}:{other}" for other in more.names for name in names)
        values = np.concatenate([values * column[:, None] for column in more.values.T], axis=1)
    return Columns(names, values)


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


__all__ = ["Factor", "Formula", "Terms", "terms_of"]
