"""``risk --conditional`` and ``--volatility``: the risk of the next day as Python gives it, and what is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.conftest import Evstats

import evstats as ev
from evstats import noise
from evstats.extras import install

USAGE = 2
N = 700
DAYS = pd.bdate_range("2018-01-01", periods=N + 1)
SIGMA = np.round(0.01 * np.exp(0.4 * np.sin(np.arange(N + 1) / 25.0)), 6)
PROFITS = np.round(-SIGMA[:-1] * noise.generator(6).standard_t(5, N), 6)
BOOK = pd.DataFrame(
    {
        "date": DAYS.strftime("%Y-%m-%d"),
        "pnl": [*map(str, PROFITS), ""],
        "sigma": SIGMA,
        "close": [*map(str, np.round(100.0 * np.exp(np.cumsum(PROFITS)), 6)), ""],
    }
)
ROLL = ("--window", "400", "--every", "100")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Profits, their volatility and that of the day after the last."""
    path = tmp_path / "book.csv"
    BOOK.to_csv(path, index=False)
    return path


def test_the_command_says_what_python_says(book: Path, evstats: Evstats) -> None:
    asked = ("--value", "pnl", "--negate", "--volatility", "sigma", "--probabilities", "0.99", "--threshold", "85%")
    done = evstats("risk", book, *asked, *ROLL, "--confidence", "0.9", "--json")
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    losses, sigma = pd.Series(-PROFITS, DAYS[:-1]), pd.Series(SIGMA[:-1], DAYS[:-1])
    risk = ev.conditional_risk(losses, sigma, threshold=0.85)
    table = risk.table([0.99], float(SIGMA[-1]), confidence=0.9)
    for row, known in zip(page["risk"], table.to_dict("records"), strict=True):
        assert {name: row[name] for name in known} == pytest.approx(known)
    assert page["tail"]["of_the_next_day"] == pytest.approx(SIGMA[-1])
    roll = ev.rolling_risk(losses, sigma, window=400, every=100, level=0.99, threshold=0.85)
    assert page["counts"][0]["days"] == N - 400
    assert page["counts"][0]["exceedances"] == int((roll.losses > roll.var[0.99]).sum())
    assert page["forecasts"][-1]["es_0.99"] == pytest.approx(roll.es[0.99].iloc[-1])


def test_a_moving_average_of_prices_at_80_columns_with_its_figure(book: Path, tmp_path: Path, evstats: Evstats) -> None:
    prices = ("--value", "close", "--returns", "log", "--conditional", "ewma")
    done = evstats("risk", book, *prices, *ROLL, "--out", "made", "--out", "roll.png")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "expected shortfall (es) of the next day (95 % interval: r*" in " ".join(done.stdout.split())
    assert "Limits hold how little is known of the tail" in done.stdout
    made = {path.name for path in (tmp_path / "made").iterdir()}
    assert {"risk.csv", "forecasts.csv", "tests.csv", "backtest.png"} <= made
    forecasts = pd.read_csv(tmp_path / "made" / "forecasts.csv")
    assert list(forecasts) == ["date", "loss", "volatility", "var_0.975", "var_0.99", "es_0.975", "es_0.99"]
    again = evstats("backtest", "made/forecasts.csv", "--loss", "loss", "--var", "var_0.99", "--json")
    assert json.loads(again.stdout)["counts"][0]["days"] == len(forecasts)


def test_gains_are_not_taken_for_losses_in_silence(book: Path, evstats: Evstats) -> None:
    asked = ("risk", book, "--value", "pnl", "--conditional", "ewma", *ROLL, "--json")
    told = {}
    for option in ((), ("--negate",), ("--losses",)):
        done = evstats(*asked, *option)
        assert done.returncode == 0, done.stderr
        told[option] = {note["code"] for note in json.loads(done.stdout)["note_codes"]}
    assert "gains_for_losses" in told[()]
    assert not any("gains_for_losses" in codes for option, codes in told.items() if option)


def test_a_short_record_has_its_risk_and_a_note(book: Path, tmp_path: Path, evstats: Evstats) -> None:
    BOOK.iloc[:-1].to_csv(tmp_path / "without.csv", index=False)
    done = evstats("risk", "without.csv", "--value", "pnl", "--negate", "--volatility", "sigma", "--json")
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    codes = {note["code"] for note in page["note_codes"]}
    assert {"too_few_days_to_roll", "next_volatility_unknown"} <= codes
    assert "counts" not in page
    assert page["tail"]["of_the_next_day"] is None


REFUSED = {
    "two": (("--conditional", "ewma", "--volatility", "sigma"), USAGE, "--volatility stands beside --conditional"),
    "blocks": (("--conditional", "ewma", "--block", "month"), USAGE, "--block is of risk without a volatility"),
    "family": (("--conditional", "ewma", "--family", "gpd"), USAGE, "--family is of risk without a volatility"),
    "horizon": (("--conditional", "ewma", "--horizon", "block"), USAGE, "--horizon is of risk without a volatility"),
    "alone": (("--window", "300"), USAGE, "--window needs a volatility; add --conditional ewma."),
    "name": (("--conditional", "ewna"), USAGE, "Did you mean 'ewma'?"),
    "negate": (("--negate",), USAGE, "--negate needs a volatility"),
    "column": (("--volatility", "sigmas"), USAGE, "Did you mean 'sigma'?"),
    "threshold": (("--conditional", "ewma", "--threshold", "90"), USAGE, "Did you mean 0.9?"),
    "word": (("--conditional", "ewma", "--threshold", "auto"), USAGE, "--threshold is 'auto'; expected the share"),
    "level": (("--conditional", "ewma", "--probabilities", "99"), USAGE, "Did you mean 0.99?"),
    "overlap": (("--value", "close", "--returns", "log", "--horizon-days", "5", "--conditional", "ewma"), USAGE,
                "--horizon-days 5 makes losses that overlap"),
    "low level": (("--conditional", "ewma", "--probabilities", "0.8"), USAGE, "--probabilities 0.8 has its value at"),
    "window": (("--conditional", "ewma", "--window", "10"), USAGE, "--window is 10; expected a whole number of 50"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_one_sentence(case: str, book: Path, evstats: Evstats) -> None:
    options, code, said = REFUSED[case]
    value = () if "--value" in options else ("--value", "pnl", "--negate" if "--conditional" in options else "--json")
    done = evstats("risk", book, *value, *options)
    assert done.returncode == code, done.stdout
    assert said in " ".join(done.stderr.split())
    assert not done.stdout


def test_without_arch_the_command_says_what_to_do(
    book: Path, evstats: Evstats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "arch", None)
    done = evstats("risk", book, "--value", "pnl", "--negate", "--conditional", "garch")
    assert done.returncode == USAGE
    assert f"{install('arch')}, or give the volatility of each day, or --conditional ewma" in " ".join(
        done.stderr.split()
    )
