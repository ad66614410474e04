"""Formulas: golden columns, what is kept for new states, and that nothing but the allow-list is ever run."""

from __future__ import annotations

import builtins
import json
import math
import os
import pickle

import numpy as np
import pandas as pd
import pytest
from formulaic import model_matrix

from evstats.errors import ArgumentError, DataError
from evstats.models.covariates import Covariates
from evstats.models.formulas import Formula, terms_of
from evstats.models.functions import FUNCTIONS

N = 12
YEARS = np.arange(1950.0, 1950.0 + N)
SOI = np.array([0.3, -1.2, 0.8, 2.1, -0.4, 1.1, -2.0, 0.6, 0.9, -0.7, 1.6, -0.1])
MONTHS = (np.arange(N) + 0.5) / 12.0
DATA = Covariates.of({"year": YEARS, "soi": SOI, "time_of_year": MONTHS}, noun="block")


def fitted(text: str, data: Covariates = DATA) -> tuple[Formula, np.ndarray]:
    return terms_of(text, data.names).on(data)


def test_columns_stand_in_the_order_of_the_formula_after_the_intercept() -> None:
    formula, matrix = fitted("soi + I(year**2) + year")
    assert formula.names == ("Intercept", "soi", "I(year ** 2)", "year")
    np.testing.assert_array_equal(matrix, np.column_stack([np.ones(N), SOI, YEARS**2, YEARS]))
    assert formula.covariates == ("soi", "year")
    assert not formula.is_constant


def test_interactions_and_brackets() -> None:
    formula, matrix = fitted("year*soi")
    assert formula.names == ("Intercept", "year", "soi", "year:soi")
    np.testing.assert_array_equal(matrix[:, 3], YEARS * SOI)
    assert fitted("(year + soi):year + 1 + soi")[0].names == ("Intercept", "year", "soi:year", "soi")


def test_a_constant() -> None:
    formula, matrix = fitted("1")
    assert formula.is_constant
    assert formula.names == ("Intercept",)
    np.testing.assert_array_equal(matrix, np.ones((N, 1)))


def test_harmonics_by_hand() -> None:
    formula, matrix = fitted("harmonics(2)")
    assert formula.names[1:] == tuple(f"harmonics(2)[{wave}{j}]" for j in (1, 2) for wave in ("cos", "sin"))
    angle = 2.0 * math.pi * MONTHS[3]
    expected = [1.0, math.cos(angle), math.sin(angle), math.cos(2.0 * angle), math.sin(2.0 * angle)]
    np.testing.assert_allclose(matrix[3], expected, rtol=1e-15, atol=1e-15)
    assert formula.covariates == ("time_of_year",)


def test_functions_by_hand() -> None:
    t = YEARS - YEARS.mean()
    np.testing.assert_allclose(fitted("center(year)")[1][:, 1], t, rtol=1e-14)
    np.testing.assert_allclose(fitted("scale(year)")[1][:, 1], t / YEARS.std(ddof=1), rtol=1e-14)
    np.testing.assert_allclose(fitted("log(year / 1900)")[1][:, 1], np.log(YEARS / 1900.0), rtol=1e-14)
    np.testing.assert_allclose(fitted("sqrt(exp(-soi))")[1][:, 1], np.exp(-0.5 * SOI), rtol=1e-14)
    square = t**2 - np.mean(t**2)
    expected = np.column_stack([t / np.sqrt(np.sum(t**2)), square / np.sqrt(np.sum(square**2))])
    np.testing.assert_allclose(fitted("poly(year, 2)")[1][:, 1:], expected, atol=1e-12)


def test_a_spline_sums_to_one_with_its_first_column_and_goes_on_beyond_the_data() -> None:
    u = (YEARS - YEARS[0]) / (YEARS[-1] - YEARS[0])  # without inner knots: the polynomials of Bernstein
    formula, matrix = fitted("bs(year, df=3)")
    bernstein = [3 * u * (1 - u) ** 2, 3 * u**2 * (1 - u), u**3]
    np.testing.assert_allclose(matrix[:, 1:], np.column_stack(bernstein), atol=1e-12)
    late = (2000.0 - YEARS[0]) / (YEARS[-1] - YEARS[0])
    beyond = formula.matrix(Covariates.of({"year": 2000.0}))[0, 1:]
    np.testing.assert_allclose(beyond, [3 * late * (1 - late) ** 2, 3 * late**2 * (1 - late), late**3], rtol=1e-10)


@pytest.mark.parametrize(
    "text",
    [
        "year + soi + I(year**2)", "year*soi", "poly(year, 3)", "poly(soi, degree=2, raw=True)", "bs(year, df=5)",
        "bs(soi, knots=[-1.0, 0.5], degree=2)", "center(soi):year", "poly(year, 2):poly(soi, 2)", "scale(log(year))",
        "center(year) + center(soi)", "exp(soi) + log(year + 3) + I(-soi / 2 + year * soi)",
    ],
)  # fmt: skip
def test_columns_are_those_of_formulaic_itself(text: str) -> None:
    frame = pd.DataFrame({"year": YEARS, "soi": SOI})
    theirs = model_matrix(text.replace("knots", 'extrapolation="extend", knots'), frame)
    formula, matrix = fitted(text)
    np.testing.assert_allclose(matrix, theirs.to_numpy(), rtol=1e-12, atol=1e-12)
    assert len(formula.names) == theirs.shape[1] == len(set(formula.names))


STATEFUL = ["center(year) + scale(soi)", "poly(year, 3) + soi", "bs(soi, df=5)", "bs(year, knots=[1953.5]):center(soi)"]


@pytest.mark.parametrize("text", [*STATEFUL, "harmonics(2)", "year*soi", "1"])
def test_a_part_of_the_rows_gives_that_part_of_the_matrix_also_when_stored(text: str) -> None:
    formula, matrix = fitted(text)
    stored = json.loads(json.dumps(formula.to_dict(), allow_nan=False))
    part = Covariates.of({name: values[3:5] for name, values in DATA.columns.items()})
    for kept in (formula, Formula.from_dict(stored), pickle.loads(pickle.dumps(Formula.from_dict(stored)))):
        np.testing.assert_array_equal(kept.matrix(part), matrix[3:5])
        assert kept.names == formula.names
    assert Formula.from_dict(stored).to_dict() == formula.to_dict()


@pytest.mark.parametrize("text", [*STATEFUL, "harmonics(1) + soi"])
def test_the_order_of_rows_does_not_matter(text: str) -> None:
    order = np.array([5, 2, 11, 0, 7, 1, 9, 3, 10, 4, 8, 6])
    shuffled = Covariates.of({name: values[order] for name, values in DATA.columns.items()})
    np.testing.assert_allclose(fitted(text, shuffled)[1], fitted(text)[1][order], atol=1e-10)


def test_a_state_is_not_changed_by_asking() -> None:
    formula, _ = fitted("poly(year, 2) + center(soi)")
    before = json.dumps(formula.to_dict())
    formula.matrix(Covariates.of({"year": 2050.0, "soi": 9.0}))
    assert json.dumps(formula.to_dict()) == before


def test_a_state_that_lacks_something_is_not_learnt_anew() -> None:
    stored = fitted("center(year)")[0].to_dict()
    with pytest.raises(DataError, match=r"what center\(year\) of the formula 'center\(year\)' learnt is not stored"):
        Formula.from_dict({**stored, "state": {}}).matrix(DATA)
    with pytest.raises(DataError, match="numbers are expected"):
        Formula.from_dict({**stored, "state": {"center(year)": {"center": "__import__('os')"}}})


# -- what may not stand ------------------------------------------------------------------------------------------------

#: Each with the beginning of what is said after the formula, and of the remedy.
REFUSED = {
    "year**2": ("has a power outside a function", "write I(x**2)"),
    "(year + soi)**2": ("has a power outside a function", "write I(x**2)"),
    "year^2": ("has a power outside a function", "write I(x**2)"),
    "year / soi": ("divides outside a function", "write I(a / b)"),
    "0 + year": ("leaves out the constant", "leave out the 0: the constant always stays."),
    "-1 + year": ("takes a term away", "list the terms that are wanted; the constant always stays."),
    "year - soi": ("takes a term away", "list the terms"),
    "1000*year": ("holds 1000 outside a function", "write a product as I(1000 * x)."),
    "year*1": ("multiplies by 1", "leave out the 1"),
    "(1 + soi):year": ("multiplies by 1", "leave out the 1"),
    "'high'": ("holds 'high' outside a function", "covariates, '+'"),
    "flow ~ year": ("has two sides", "leave out the '~'"),
    "~ year": ("has two sides", "leave out the '~'"),
    "year | soi": ("has several parts", "write one formula for each parameter."),
    "[year ~ soi]": ("has two sides", "leave out the '~'"),
    "[year]": ("holds '['", "covariates, '+'"),
    "year %in% soi": ("holds 'in'", "covariates, '+'"),
    ".": ("holds . outside a function", ""),
    "year soi": ("has nothing that joins 'soi' to the term before", "write a '+' between them."),
    "year +": ("ends without a term", "write a covariate at its end."),
    "+ year": ("has no term before '+'", "write a covariate there"),
    "year + + soi": ("holds '++'", "covariates, '+'"),
    "year)": ("closes a bracket that it did not open", "correct the brackets."),
    "(year": ("does not close a bracket", "correct the brackets."),
    "I(year": ("cannot be read", "check its brackets and quotes."),
    "I(year,,)": ("cannot be read at 'I(year,,)'", "check its brackets and commas."),
    "C(soi)": ("calls C, which is not allowed", "known: I, log,"),
    "sin(soi)": ("calls sin, which is not allowed", "known: I, log,"),
    "np.log(year)": ("calls np.log, which is not allowed", "known: I, log,"),
    "log": ("uses a covariate named 'log', which means something else", "rename the covariate."),
    "I": ("uses a covariate named 'I'", "rename the covariate."),
    "I(C + 1)": ("uses a covariate named 'C'", "rename the covariate."),
    "{year + 1}": ("holds year + 1 outside a function", "write arithmetic as I(...)."),
    "I(poly(year, 2))": ("has poly() inside another function", "let it stand by itself."),
    "poly(year)": ("does not give poly() its degree", "write for example poly(year, 2)."),
    "poly(year, 0)": ("gives poly() degree = 0", "expected a whole number from 1 to 30."),
    "poly(year, degree=soi)": ("gives poly() degree = soi", "expected a whole number"),
    "poly(year, 2, degree=2)": ("gives poly() what it does not take", "it takes degree, raw."),
    "bs(year)": ("needs either df or knots for bs()", "write for example bs(year, df=4)."),
    "bs(year, df=2)": ("gives bs() df = 2", "expected the degree, 3, or more."),
    "bs(year, knots=[soi])": ("gives bs() knots = [soi]", "expected a list of numbers"),
    "harmonics()": ("does not give harmonics() its k", "write for example harmonics(2)."),
    "I()": ("gives I() no covariate", "write one as its first argument."),
    "I(year, soi)": ("gives I() what it does not take", "it takes nothing else."),
    "I(" + "(-" * 60 + "year" + ")" * 60 + ")": ("is nested too deeply", "write it in simpler terms."),
    "(" * 60 + "year" + ")" * 60: ("is nested too deeply", "write it in simpler terms."),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_may_not_stand_is_an_error_that_repeats_the_formula(text: str) -> None:
    problem, remedy = REFUSED[text]
    with pytest.raises(ArgumentError) as caught:
        terms_of(text, DATA.names)
    assert caught.value.problem.startswith(f"the formula {text!r} {problem}")
    assert caught.value.remedy.startswith(remedy)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "   ", None, 3, ["year"], "year + " * 500 + "year"])
def test_what_is_no_formula(text: object) -> None:
    with pytest.raises(ArgumentError, match="formula"):
        terms_of(text, DATA.names)


def test_an_unknown_covariate_is_told_the_nearest() -> None:
    with pytest.raises(ArgumentError) as caught:
        terms_of("yaer + soi", DATA.names)
    assert str(caught.value) == (
        "unknown covariate 'yaer' in the formula 'yaer + soi'; known: 'year', 'soi', 'time_of_year'. "
        "Did you mean 'year'?"
    )
    assert caught.value.argument == "covariates"


def test_a_word_in_back_quotes_may_be_two() -> None:
    data = Covariates.of({"sea level": SOI})
    for text in ("`sea level`", "sea level", " sea level "):
        formula, matrix = fitted(text, data)
        assert formula.names == ("Intercept", "sea level")
        np.testing.assert_array_equal(matrix[:, 1], SOI)


@pytest.mark.parametrize(
    "name", ["sea level", "soi-index", "a.b", "T (degC)", "year'", "Niño 3.4", "2", "center(x)", "a + x"]
)
def test_a_covariate_may_have_any_name(name: str) -> None:
    data = Covariates.of({name: SOI, "x": YEARS, "a": MONTHS, "a_b": MONTHS})
    formula, matrix = fitted(f"`{name}` + center(x) + I(`{name}`**2 * x + a_b + `x`):x", data)
    assert formula.covariates == (name, "x", "a_b")
    assert formula.names == ("Intercept", name, "center(x)", formula.names[-1])
    both = (SOI**2 * YEARS + MONTHS + YEARS) * YEARS
    np.testing.assert_allclose(matrix[:, 1:], np.column_stack([SOI, YEARS - YEARS.mean(), both]))
    again = Formula.from_dict(json.loads(json.dumps(formula.to_dict())))
    np.testing.assert_array_equal(again.matrix(data), matrix)
    alone = Formula.from_dict(fitted(name, data)[0].to_dict())
    np.testing.assert_array_equal(alone.matrix(data)[:, 1], SOI)


@pytest.mark.parametrize("text", ["year + sea level", "center(sea level)", "sea level + `year`"])
def test_a_name_that_is_not_one_word_is_told_its_quotes(text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        terms_of(text, ("year", "sea level"))
    assert str(caught.value) == (
        f"the formula {text!r} holds 'sea level', a name that is not one word; put it in back quotes, as in "
        "'`sea level`'."
    )


def test_the_constant_is_no_name() -> None:
    assert terms_of("1", ["1"]).covariates == ()


def test_a_term_that_is_not_finite_says_where() -> None:
    data = Covariates.of({"soi": SOI}, labels=np.array([f"{year:.0f}" for year in YEARS], dtype=object), noun="block")
    with pytest.raises(DataError) as caught:
        fitted("log(soi)", data)
    assert str(caught.value) == (
        "log(soi) of the formula 'log(soi)' is not a finite number at block 1951 (soi = -1.2); write a term that is "
        "defined at every value."
    )


def test_numbers_without_end_take_no_time() -> None:
    with pytest.raises(DataError, match="is not a finite number"):
        fitted("I(9**9**9**9**9 * soi)")


@pytest.mark.parametrize(("k", "times"), [(6, 12), (1, 1), (2, 4)])
def test_harmonics_need_times_of_the_year(k: int, times: int) -> None:
    jitter = np.resize([0.0, 0.001, -0.001], 40)
    data = Covariates.of({"time_of_year": (np.resize(np.arange(times), 40) + 0.5) / times + jitter})
    with pytest.raises(DataError, match=rf"harmonics\({k}\) tell {2 * k + 1} times .* stand at {times}"):
        fitted(f"harmonics({k})", data)
    if k > 1:
        assert len(fitted(f"harmonics({k - 1})", data)[0].names) == 2 * k - 1


def test_harmonics_of_undated_values() -> None:
    with pytest.raises(ArgumentError, match=r"has harmonics\(\), and the values have no place in the year"):
        terms_of("harmonics(1)", ["soi"])


# -- nothing runs ------------------------------------------------------------------------------------------------------

RUN = "open('canary', 'w')"
CANARIES = [
    "__import__('os').system('touch canary')", "I(__import__('os').system('touch canary'))", RUN, f"I({RUN})",
    "I(year.__class__)", "year.__class__", "I(year.tofile('canary'))", "year.tofile('canary')", "I(().__class__)",
    "().__class__.__base__.__subclasses__()", "np.save('canary', year)", f"{{{RUN}}}", f"I((lambda: {RUN})())",
    "I(lambda x: x)", "year[0]", "I(year[0])", f"I(year[{RUN}])", "I(year > 0)", f"I(year == {RUN})",
    f"I(year if year else {RUN})", f"I([{RUN}])", f"I([x for x in {RUN}])", "I(f'{open(1)}')", "I('canary')",
    f"I(year := {RUN})", f"poly(year, {RUN})", f"poly(year, degree={RUN})", f"bs(year, knots=[{RUN}])",
    f"poly(year, 2, _state={RUN})", "center(year, _context={})", f"harmonics({RUN})", f"I(*{RUN})", f"I(**{RUN})",
    f"I(year)({RUN})", "I(I)(year)", "eval(year)", "I(eval('1'))", "exec(year)", f"C(year, contr.treatment({RUN}))",
    "hashed(year)", "lag(year)", "I(await year)", "I((yield year))", "I(year @ year)", f"I(year and {RUN})", "I(True)",
    "I(None)", "I(1j)", "`__import__('os').system('touch canary')`", "I(`__import__('os').popen('x')`)", "`os`.open",
    "I(`os`.popen)", f"I(`year`({RUN}))", "__class__", "I(__builtins__)", "I(not year)",
    "I(~year)",
]  # fmt: skip


@pytest.fixture
def _canary(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """Whatever opens, runs or evaluates something fails the test, however its error is handled."""
    import formulaic.parser  # noqa: F401  # imports open files

    sung: list[str] = []

    def sing(*given: object, **more: object) -> None:
        sung.append(repr(given))
        raise SystemError("something ran")

    terms_of("year + poly(year, 2)", ["year"])  # every import that is needed has been made
    monkeypatch.chdir(tmp_path)
    for module, name in [(os, "system"), (os, "popen"), (builtins, "open"), (builtins, "eval"), (builtins, "exec")]:
        monkeypatch.setattr(module, name, sing)
    yield
    monkeypatch.undo()
    assert not sung
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("_canary")
@pytest.mark.parametrize("text", CANARIES)
def test_nothing_runs(text: str) -> None:
    with pytest.raises(ArgumentError):
        fitted(text)
    with pytest.raises(ArgumentError):
        fitted(f"soi + {text}")


@pytest.mark.usefixtures("_canary")
def test_stored_text_runs_no_more_than_a_user_s() -> None:
    stored = {
        "formula": "I(open('canary', 'w'))",
        "covariates": ["year", "open"],
        "names": ["Intercept", "x"],
        "state": {},
    }
    with pytest.raises(ArgumentError, match="calls open, which is not allowed"):
        Formula.from_dict(stored)


@pytest.mark.usefixtures("_canary")
def test_what_may_stand_is_walked_and_never_evaluated_as_python() -> None:
    formula, matrix = fitted("poly(year, 2) + center(soi) + bs(soi, df=4) + I(year**2) + log(year) + harmonics(1)")
    assert matrix.shape == (N, len(formula.names))


def test_the_functions_are_those_of_the_specification() -> None:
    assert set(FUNCTIONS) == {"I", "center", "scale", "poly", "bs", "log", "exp", "sqrt", "harmonics"}
