"""Workbooks and other typed files, windows, quarters and losses over several days on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.conftest import DATA, Evstats

RIVER = DATA / "river_daily_flow.csv"
DAYS = pd.date_range("1990-01-01", "2009-12-31", name="date")
FLOW = pd.DataFrame({"date": DAYS, "flow_m3s": np.random.default_rng(1).gumbel(30, 8, len(DAYS)).round(2)})
PRICES = pd.DataFrame({"date": DAYS[DAYS.day_of_week < 5]})
PRICES["close"] = (100 * np.exp(0.01 * np.random.default_rng(2).standard_t(4, len(PRICES)).cumsum())).round(3)


def test_a_workbook_by_sheet(tmp_path: Path, evstats: Evstats) -> None:
    path = tmp_path / "flow.xlsx"
    few = FLOW.iloc[: 5 * 365]
    with pd.ExcelWriter(path) as book:
        few.to_excel(book, sheet_name="Daily", index=False)
        few.assign(flow_m3s=few["flow_m3s"] * 2).to_excel(book, sheet_name="Twice", index=False)
    refused = evstats("audit", path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "holds a series in each of its sheets 'Daily', 'Twice'; choose one: --sheet Daily." in refused.stderr
    done = evstats("levels", path, "--sheet", "Twice", "--json")
    data = json.loads(done.stdout)["data"]
    assert (data["source"], data["sheet"], data["rows_kept"]) == (str(path), "Twice", len(few))
    assert evstats("levels", path, "--sheet", "Thrice").returncode == 2


def test_parquet_and_netcdf_give_what_the_text_gives(tmp_path: Path, evstats: Evstats) -> None:
    FLOW.to_csv(tmp_path / "flow.csv", index=False)
    FLOW.to_parquet(tmp_path / "flow.parquet")
    FLOW.set_index("date")["flow_m3s"].to_xarray().to_netcdf(tmp_path / "flow.nc")
    tables = [
        json.loads(evstats("levels", tmp_path / f"flow.{form}", "--json").stdout)["return_levels"]
        for form in ("csv", "parquet", "nc")
    ]
    assert tables[0] == tables[1] == tables[2]


def test_a_damaged_workbook_leaves_nothing_behind(tmp_path: Path, evstats: Evstats) -> None:
    FLOW.iloc[:50].to_excel(tmp_path / "flow.xlsx", index=False)
    content = (tmp_path / "flow.xlsx").read_bytes()
    (tmp_path / "flow.xlsx").write_bytes(content[: len(content) // 2])
    done = evstats("report", "flow.xlsx")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["flow.xlsx"]


@pytest.mark.parametrize("command", ["audit", "fit", "levels", "risk", "analyze"])
def test_windows_before_the_blocks_with_every_command(command: str, tmp_path: Path, evstats: Evstats) -> None:
    done = (
        evstats(command, RIVER, "--over", "7D", "mean", "--kind", "min", "--family", "gumbel", "--json")
        if (command not in ("audit", "analyze"))
        else evstats(command, RIVER, "--over", "7D", "mean", "--kind", "min", "--json")
    )
    page = json.loads(done.stdout)
    assert done.returncode == 0
    assert any("Each value is the 7-day mean of discharge_m3s up to its date" in note for note in page["notes"])
    assert page["blocks"]["kept"] == 92


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--over", "36h", "sum"], 2, "a window of 36 hours is not a whole number of steps (1 day)"),
        (["--over", "3D", "max"], 2, "unknown statistic of a window 'max'; known: 'sum', 'mean'"),
        (["--over", "3D"], 2, "--over"),
        (["--over", "400D", "sum"], 2, "a 400-day sum takes longer than one block of year"),
        (["--horizon-days", "10"], 2, "--horizon-days belongs to --returns"),
        (
            ["--returns", "log", "--horizon-days", "0"],
            2,
            "days must be a whole number of observations, 1 or more, not 0",
        ),
        (["--sheet", "A"], 2, "belongs to an Excel workbook"),
    ],
)
def test_misuse_is_exit_2_with_one_sentence(options: list[str], code: int, message: str, evstats: Evstats) -> None:
    done = evstats("levels", RIVER, *options)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_quarters_are_labelled_by_year_and_number(evstats: Evstats) -> None:
    page = json.loads(evstats("audit", RIVER, "--block", "quarter", "--json").stdout)
    assert page["blocks"]["blocks_per_year"] == 4.0
    assert page["blocks"]["first_block"] == "1926-Q4"


def test_losses_over_ten_days_are_not_blocks_of_ten(tmp_path: Path, evstats: Evstats) -> None:
    PRICES.to_csv(tmp_path / "prices.csv", index=False)
    horizon = json.loads(evstats("risk", "prices.csv", "--returns", "log", "--horizon-days", "10", "--json").stdout)
    assert any(note.startswith("Neighbouring returns over 10 observations overlap") for note in horizon["notes"])
    assert horizon["model"]["variable"] == "loss of close over 10 observations"
    assert horizon["data"]["values"] == len(PRICES) - 10
    losses = -np.log(PRICES["close"]).diff(10).dropna()
    audit = json.loads(evstats("audit", "prices.csv", "--returns", "log", "--horizon-days", "10", "--json").stdout)
    kept = {row["value"] for row in audit["kept"]}
    assert max(kept) == pytest.approx(losses.max(), rel=1e-12)
    blocks = json.loads(evstats("audit", "prices.csv", "--returns", "log", "--block", "10", "--json").stdout)
    assert any("not the loss over 10; for that give --horizon-days 10" in note for note in blocks["notes"])
    plain = json.loads(evstats("audit", "prices.csv", "--block", "10", "--json").stdout)
    assert not any("--horizon-days" in note for note in [*plain["notes"], *horizon["notes"]])


@pytest.mark.parametrize(
    "asked",
    [("audit", "--block", "month"), ("risk", "--threshold", "95%"), ("risk", "--conditional", "ewma")],
    ids=" ".join,
)
def test_a_split_that_prices_are_not_adjusted_for_is_named(
    asked: tuple[str, ...], tmp_path: Path, evstats: Evstats
) -> None:
    steps = 0.01 * np.random.default_rng(3).uniform(-1.5, 1.5, 600)
    steps[300] = -np.log(4.0)
    days = pd.bdate_range("2015-01-01", periods=600)
    pd.DataFrame({"date": days, "close": 100.0 * np.exp(np.cumsum(steps))}).to_csv(tmp_path / "x.csv", index=False)
    command, *options = asked
    page = json.loads(evstats(command, "x.csv", "--returns", "log", *options, "--json").stdout)
    notes = [note for note in page["notes"] if "as at a 4:1 split" in note]
    assert [f"At {days[300]:%Y-%m-%d} the price falls from" in note for note in notes] == [True]


@pytest.mark.parametrize("command", ["fit", "levels", "risk", "plot", "report", "analyze"])
def test_minima_with_a_lump_at_zero_get_the_period_from_which_they_are_zero(
    command: str, tmp_path: Path, evstats: Evstats
) -> None:
    rng = np.random.default_rng(1)
    low = np.where(rng.random(50) < 0.46, 0.0, rng.exponential(0.4, 50)).round(2)
    pd.DataFrame({"year": range(1960, 2010), "low_flow_m3s": low}).to_csv(tmp_path / "low.csv", index=False)
    done = evstats(command, "low.csv", "--kind", "min")
    assert (done.returncode, done.stdout) == (3, "")
    assert "the T-year minimum is 0 from T = 1/p0 = " in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["low.csv"]


LUMP = [1.83, 1.69, 3.24, 1.99, 1.69, 1.79, 2.78, 1.70, 4.85, 2.35, 3.37, 1.72, 3.96, 2.35, 2.29, 3.33, 3.97, 3.53]


@pytest.mark.parametrize("more", [[], ["--family", "gev"], ["--family", "gumbel"], ["--method", "lmoments"]])
def test_a_lump_at_the_minimum_has_an_answer_and_advice_that_can_be_followed(
    more: list[str], tmp_path: Path, evstats: Evstats
) -> None:
    rows = [*LUMP, 3.11, 1.69]
    pd.DataFrame({"year": range(2001, 2021), "rain_in": rows}).to_csv(tmp_path / "rain.csv", index=False)
    page = json.loads(evstats("levels", "rain.csv", *more, "--json").stdout)
    for table in (value for name, value in page.items() if name.endswith("return_levels")):
        assert all(row["estimate"] is not None and row["lower"] is not None for row in table)
    assert not any("--interval rstar, which holds" in note for note in page["notes"])
    advised = any("use the GEV, by L-moments (--method lmoments)" in note for note in page["notes"])
    assert advised == ("gumbel" in more)  # where the Gumbel stands second, its condition says what the tests say
    followed = json.loads(evstats("levels", "rain.csv", "--family", "gev", "--method", "lmoments", "--json").stdout)
    assert followed["model"]["method"] == "lmoments"
