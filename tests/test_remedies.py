"""Errors: what is wrong, what to do about it and the argument to change, as data; the sentence is made of them."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import evstats as ev
from evstats.errors import ArgumentError, DataError, EvstatsError, FitError, Status, unknown_name
from evstats.files import check_writable
from evstats.text.arguments import InPython, Setting, Text, both, in_options, named

YEARS = "year,a,b\n" + "".join(f"{1950 + i},{100 + i * 37 % 50},{i * 5 % 13}\n" for i in range(30))
DAYS = "date,flow\n" + "".join(f"0{1 + i % 9}/0{1 + i % 3}/{1990 + i},{i % 7 + 1}\n" for i in range(12))
STATIONS = "id,date,flow\n" + "".join(
    f"{s},{1950 + i}-05-01,{100 + i * 7 % 50 + ord(s)}\n" for s in "AB" for i in range(30)
)
ONE_MONTH = "date,q\n" + "".join(f"2001-01-{day:02d},{day}\n" for day in range(1, 32))
UNREAD = "year,flow\n" + "".join(f"{year},{1 + year % 7}\n" for year in range(11900, 11930))
VALUES = np.asarray(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=1))


def read(text: str, **options: object) -> ev.Record:
    return ev.read_series(io.StringIO(text), **options)


def maxima(text: str, **options: object) -> ev.Extremes:
    return ev.block_maxima(read(text), **options)


def fitted(family: str = "gev", **options: object) -> ev.Fit:
    return ev.fit(VALUES, family, **options)


#: A bad call, the argument to change, what it is called on the command line, and how the remedy begins.
BAD_CALLS: dict[str, tuple[Callable[[], object], str, str | None, str]] = {
    "several values": (lambda: read(YEARS), "value", "--value", "Choose one, for example value='a' (--value a)"),
    "no such column": (lambda: read(YEARS, value="c"), "value", "--value", "known: 'year', 'a', 'b'."),
    "no such time": (lambda: read(YEARS, time="when"), "time", "--time", "known: 'year', 'a', 'b'."),
    "order of days": (
        lambda: read(DAYS),
        "dayfirst",
        "--dayfirst",
        "Say which comes first: dayfirst=True (--dayfirst)",
    ),
    "stations": (lambda: read(STATIONS), "where", "--where", "choose with where={'id': 'A'} (--where id=A)"),
    "no such station": (lambda: read(STATIONS, where={"id": "C"}), "where", "--where", "it holds A, B."),
    "skip": (lambda: read(YEARS, skip=99), "skip", "--skip", "skip fewer (skip=, --skip)"),
    "sheet": (lambda: read(YEARS, sheet="A"), "sheet", "--sheet", "leave it out."),
    "mark": (
        lambda: read(YEARS.replace("1979,123,2", "1979,9999,2"), value="a"),
        "na_values",
        "--missing",
        "If it is one, pass na_values=[9999]; if it is a value, na_values='none'.",
    ),
    "no dates": (lambda: maxima(UNREAD), "time", "--time", "name the column that holds them (time=, --time)"),
    "coverage": (lambda: maxima(ONE_MONTH), "min_coverage", "--min-coverage", "Check the time column"),
    "no such block": (lambda: maxima(ONE_MONTH, block="yaer"), "block", "--block", "known: 'year'"),
    "no such family": (lambda: fitted("gumble"), "family", "--family", "known: 'gumbel'"),
    "no such method": (lambda: fitted(method="moment"), "method", "--method", "known: 'mle'"),
    "no such prior": (lambda: fitted(method="bayes", prior="flt"), "prior", "--prior", "known: 'flat'"),
    "shape of none": (
        lambda: fitted("gumbel", method="bayes", prior="beta"),
        "prior",
        "--prior",
        "use prior='flat'.",
    ),
    "no such interval": (
        lambda: fitted().return_level([10], interval="detla"),
        "interval",
        "--interval",
        "known: 'exact'",
    ),
    "not for this fit": (
        lambda: fitted().return_level([10], interval="credible"),
        "interval",
        "--interval",
        "For GEV by maximum likelihood there are 'delta'",
    ),
    "confidence": (
        lambda: fitted().return_level([10], confidence=95),
        "confidence",
        "--confidence",
        "expected a number between 0 and 1, such as 0.95. Did you mean 0.95?",
    ),
    "T = 1": (lambda: fitted().return_level([1]), "periods", "--periods", "it must exceed 1."),
    "probability": (lambda: fitted().value_at_risk([95]), "probabilities", "--probabilities", "Did you mean 0.95?"),
    "horizon": (
        lambda: fitted().value_at_risk([0.9], horizon="observation"),
        "horizon",
        "--horizon",
        "take the maxima with block_maxima from the full series, or ask for horizon='block'.",
    ),
    "no estimate": (
        lambda: fitted(method="lmoments").posterior(),
        "method",
        "--method",
        "fit with method='bayes'",
    ),
    "files": (lambda: check_writable([Path(__file__)]), "force", "--force", "Add force=True to replace."),
    "constant": (lambda: ev.fit(np.full(30, 5.0), "gumbel"), "", None, "check the column and the block rule."),
}


@pytest.mark.parametrize("name", BAD_CALLS)
def test_an_error_carries_its_remedy_and_the_option_to_change(name: str) -> None:
    call, argument, option, remedy = BAD_CALLS[name]
    with pytest.raises(EvstatsError) as caught:
        call()
    error = caught.value
    assert (error.argument or "", error.option) == (argument, option)
    assert error.remedy.startswith(remedy)
    assert str(error) == f"{error.problem}{' ' if error.problem[-1] in '.:' else '; '}{error.remedy}"


@pytest.mark.parametrize("name", BAD_CALLS)
def test_on_the_command_line_no_argument_of_python_is_left(name: str) -> None:
    with pytest.raises(EvstatsError) as caught:
        BAD_CALLS[name][0]()
    error = caught.value
    said = error.text.said(in_options)
    assert all(setting.option is not None for setting in error.settings)
    assert not any(f"{setting.name}=" in said for setting in error.settings if setting.option != f"--{setting.name}")
    assert "=, --" not in said
    assert all(in_options(setting) in said for setting in error.settings)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_copies_keep_the_remedy(copied: Callable[[EvstatsError], EvstatsError]) -> None:
    skip = DataError(Text("there are 3 lines, so ", Setting("skip", 3), " leaves none"), Text("try ", named("skip")))
    for error in (skip, unknown_name("sheet", "A", ["B"]), FitError.of(Status.NOT_CONVERGED, "GEV: "), DataError("x")):
        again = copied(error)
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert again.text.said(in_options) == error.text.said(in_options)
        assert (again.remedy, again.argument, again.option) == (error.remedy, error.argument, error.option)
        assert getattr(again, "status", None) == getattr(error, "status", None)


def test_an_error_is_said_of_what_bears_a_name() -> None:
    error = unknown_name("sheet", "A", ["peaks"]).about("flows.xlsx")
    assert isinstance(error, ArgumentError)
    assert (str(error), error.option) == ("flows.xlsx: unknown sheet 'A'; known: 'peaks'.", "--sheet")
    lost = FitError.of(Status.OUTSIDE_PARAMETER_SPACE).about("GEV")
    assert (lost.status, lost.option) == (Status.OUTSIDE_PARAMETER_SPACE, "--method")


@pytest.mark.parametrize("status", Status)
def test_every_status_but_one_has_a_remedy(status: Status) -> None:
    assert bool(status.remedy) == (status is not Status.CONVERGED)
    assert str(FitError.of(status)) == status.sentence
    assert "=" not in status.sentence.said(in_options)


@pytest.mark.parametrize(
    ("setting", "python", "option"),
    [
        (Setting("skip"), "skip", "--skip"),
        (Setting("min_coverage", 0.7), "min_coverage=0.7", "--min-coverage 0.7"),
        (Setting("dayfirst", True), "dayfirst=True", "--dayfirst"),
        (Setting("dayfirst", False), "dayfirst=False", "--no-dayfirst"),
        (Setting("na_values", [-99.0, -999.0]), "na_values=[-99, -999]", "--missing -99 --missing -999"),
        (both("time", "my date"), "time='my date' (--time 'my date')", "--time 'my date'"),
        (both("value", "Höhe"), "value='Höhe' (--value Höhe)", "--value Höhe"),
        (both("decimal", ","), "decimal=',' (--decimal ',')", "--decimal ','"),
        (both("value", "it's"), "value=\"it's\" (--value 'it'\"'\"'s')", "--value 'it'\"'\"'s'"),
        (both("where", {"id": "A", "el": "T X"}), None, "--where id=A --where 'el=T X'"),
        (both("value"), "value= (--value)", "--value"),
        (Setting("kind", "min", call="block_maxima"), "block_maxima(..., kind='min')", "--kind min"),
        (Setting("kind", "rows", call="Bootstrap"), "Bootstrap(..., kind='rows')", "Bootstrap(..., kind='rows')"),
        (Setting("penalty", 3), "penalty=3", "penalty=3"),
        (Setting("penalty"), "penalty", "penalty"),
    ],
)
def test_a_setting_in_python_and_in_options(setting: Setting, python: str | None, option: str) -> None:
    assert python is None or str(setting) == python
    assert in_options(setting) == option


def test_what_is_of_use_in_python_only_is_not_said_in_options() -> None:
    text = Text("use the value at risk", InPython(", or a penalty"), ".")
    assert text == "use the value at risk, or a penalty."
    assert text.said(in_options) == "use the value at risk."
