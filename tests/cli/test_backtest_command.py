"""Back-tests on the command line: columns of one file, tables, JSON and figure, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.conftest import Evstats

import evstats as ev
from evstats import noise

USAGE, BAD_DATA = 2, 1
DAYS = pd.bdate_range("2020-01-01", periods=300)
SIGMA = np.exp(0.3 * np.sin(np.arange(300) / 20.0))
LOSSES = np.round(SIGMA * noise.generator(6).standard_normal(300), 4)
BOOK = pd.DataFrame(
    {
        "date": DAYS.strftime("%Y-%m-%d"),
        "pnl": -LOSSES,
        "var975": np.round(1.96 * SIGMA, 6),
        "var99": np.round(2.326 * SIGMA, 6),
        "es99": np.round(2.665 * SIGMA, 6),
        "close": np.exp(-np.cumsum(LOSSES) / 100.0),
        "var_close": np.round(0.0233 * SIGMA, 6),
    }
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A year of profits with the forecasts of a model."""
    path = tmp_path / "book.csv"
    BOOK.to_csv(path, index=False)
    return path


def test_a_multiplier_that_does_not_exist_is_a_dash(book: Path, evstats: Evstats) -> None:
    given = ("backtest", book, "--loss", "pnl", "--negate", "--var", "var99", "--level", "0.975")
    text = evstats(*given)
    assert text.returncode == 0, text.stderr
    lines = text.stdout[text.stdout.index("Traffic light") :].splitlines()
    assert lines[2].split()[-1] == "-", lines
    assert json.loads(evstats(*given, "--json").stdout)["traffic_light"][0]["multiplier"] is None


def test_the_command_says_what_python_says(book: Path, evstats: Evstats) -> None:
    done = evstats("backtest", book, "--loss", "pnl", "--negate", "--var", "var99", "--es", "es99", "--json")
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    bt = ev.backtest(-BOOK["pnl"].to_numpy(), BOOK["var99"].to_numpy(), BOOK["es99"].to_numpy(), level=0.99)
    table = bt.tests()
    for row in page["tests"]:
        known = table.loc[row["test"]]
        assert row["statistic"] == pytest.approx(known["statistic"])
        assert (row["p_value"] is None) == np.isnan(known["p_value"])
        assert row["p_value"] is None or row["p_value"] == pytest.approx(known["p_value"])
    assert page["counts"] == [
        {"level": 0.99, "days": 300, "exceedances": int(bt.exceedances.sum()), "expected": 3.0, "zone": "green"}
    ]
    (light,) = page["traffic_light"]
    assert light["exceptions"] == int(bt.exceedances[-250:].sum())
    assert [row["day"] for row in page["exceedances"]] == DAYS[bt.exceedances].strftime("%Y-%m-%d").tolist()
    assert "no_draws_to_test" in {note["code"] for note in page["note_codes"]}


def test_several_levels_stand_beside_each_other_at_80_columns(book: Path, evstats: Evstats) -> None:
    levels = ("--var", "var99", "--var", "var975", "--level", "0.99,0.975")
    done = evstats("backtest", book, "--loss", "pnl", "--negate", *levels, "--p-values", "mid-p")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "Tests that the forecasts are right (mid-p p-values)" in done.stdout
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["multinomial", "all"] in [line[:2] for line in lines]
    assert ["kupiec", "0.975"] in [line[:2] for line in lines]


def test_prices_are_compared_from_the_second_day_on(book: Path, evstats: Evstats) -> None:
    done = evstats("backtest", book, "--loss", "close", "--returns", "log", "--var", "var_close", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"][0]["days"] == 299


def test_the_figure_and_the_tables_are_written(book: Path, tmp_path: Path, evstats: Evstats) -> None:
    done = evstats("backtest", book, "--loss", "pnl", "--negate", "--var", "var99", "--out", "made")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "made").iterdir()} == {
        *("backtest.png", "counts.csv", "tests.csv", "traffic_light.csv"),
    }


REFUSED = {
    ("--var", "var99"): (
        USAGE,
        "no column is named by --loss; name one of the file, known: 'date', 'pnl', 'var975', 'v",
    ),
    ("--loss", "pnl"): (
        USAGE,
        "no column is named by --var; name one of the file, known: 'date', 'pnl', 'var975', 'va",
    ),
    ("--loss", "pnl", "--var", "var98"): (USAGE, "unknown column 'var98'"),
    ("--loss", "pnl", "--var", "pnl"): (USAGE, "--var names a column twice, or that of the losses; name another."),
    ("--loss", "pnl", "--var", "var99", "--level", "99"): (USAGE, "--level is 99.0; expected the share of losses"),
    ("--loss", "pnl", "--var", "var99", "--level", "0.99,0.975"): (USAGE, "--var has 1 column for 2 --level; give one"),
    ("--loss", "pnl", "--var", "var99", "--es", "var975"): (
        BAD_DATA,
        "the ES is below the VaR of its level 0.99 on 2020",
    ),
    ("--loss", "var99", "--var", "pnl", "--p-values", "chi2"): (USAGE, "unknown kind of p-value 'chi2'"),
    ("--loss", "close", "--returns", "log", "--negate", "--var", "var99"): (USAGE, "--negate beside --returns"),
}


REFUSED |= {
    ("--loss", "pnl", "--var", "var99", "--out", "b.html"): (USAGE, "b.html would be a page, and this command writes"),
    ("--loss", "pnl", "--var", "var99", "--out", "b.xls"): (USAGE, "neither a folder nor a known kind of table or fig"),
}


@pytest.mark.parametrize("given", REFUSED)
def test_what_cannot_be_is_said_in_the_words_of_the_command_line(
    given: tuple[str, ...], book: Path, evstats: Evstats
) -> None:
    code, said = REFUSED[given]
    done = evstats("backtest", book, *given)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_missing_and_repeated_days_are_named(tmp_path: Path, evstats: Evstats) -> None:
    gap = BOOK.astype({"var99": object})
    gap.loc[7, "var99"] = ""
    gap.to_csv(tmp_path / "gap.csv", index=False)
    done = evstats("backtest", "gap.csv", "--loss", "pnl", "--var", "var99")
    assert done.returncode == BAD_DATA
    assert "losses have 300 days and var 299: 2020-01-10 is in losses alone (1 such)" in done.stderr
    twice = pd.concat([BOOK, BOOK.iloc[:1].assign(pnl=5.0)])
    twice.to_csv(tmp_path / "twice.csv", index=False)
    done = evstats("backtest", "twice.csv", "--loss", "pnl", "--var", "var99")
    assert done.returncode == BAD_DATA
    assert "'pnl' has more than one row a day (1 too many), the first on 2020-01-01" in done.stderr
