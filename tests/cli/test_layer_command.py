"""``evstats layer``: losses of a file to the price of layers and the year's total."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.conftest import Evstats

import evstats as ev

USAGE = 2


@pytest.fixture(scope="module")
def losses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 losses of ten years."""
    dates = pd.date_range("2001-01-03", "2010-12-29", periods=400).normalize()
    sizes = ev.GPD(2.0, 5.0, 0.4).ppf((np.arange(400) * 37 % 400 + 0.5) / 400)
    path = tmp_path_factory.mktemp("losses") / "fire.csv"
    pd.DataFrame({"date": dates, "loss (MDKK)": sizes.round(6)}).to_csv(path, index=False)
    return path


def test_the_command_says_what_python_says(losses: Path, evstats: Evstats) -> None:
    asked = ("layer", losses, "--threshold", 10, "--layers", "50:150,20:inf", "--json")
    page = json.loads(evstats(*asked).stdout)
    fit = ev.fit(ev.peaks_over_threshold(ev.read_series(losses, events=True), 10.0, separation=None), "gpd")
    table = fit.layer([(50, 150), (20, np.inf)]).reset_index()
    for row, known in zip(page["layers"], table.to_dict("records"), strict=True):
        assert row["pure_premium"] == pytest.approx(known["pure_premium"])
        assert row["upper"] == pytest.approx(known["upper"])
    assert "aggregate" not in page
    assert page["parameters"][0]["parameter"] == "scale"


def test_totals_are_those_of_aggregate(losses: Path, evstats: Evstats) -> None:
    given = ("--threshold", 10, "--layers", "50:150", "--reinstatements", 1, "--probabilities", "0.9,0.99")
    page = json.loads(evstats("layer", losses, *given, "--json").stdout)
    fit = ev.fit(ev.peaks_over_threshold(ev.read_series(losses, events=True), 10.0, separation=None), "gpd")
    total = ev.aggregate(fit.rate["estimate"].item(), fit.distribution, 50.0, 150.0, reinstatements=1)
    (row,) = page["aggregate"]
    assert (row["at_most"], row["mean"]) == (300.0, pytest.approx(total.mean()))
    assert [row["var_0.9"], row["var_0.99"]] == pytest.approx(total.ppf([0.9, 0.99]).tolist())
    assert row["es_0.99"] == pytest.approx(float(total.expected_shortfall(0.99)))
    text = evstats("layer", losses, *given).stdout
    assert "Pure premiums a year, MDKK (95 % interval: r*" in text
    assert max(map(len, text.splitlines())) <= 80


def test_tables_are_written(losses: Path, evstats: Evstats, tmp_path: Path) -> None:
    done = evstats("layer", losses, "--threshold", 10, "--layers", "50:150", "--aggregate", "--out", "priced")
    assert done.returncode == 0, done.stderr
    names = {"aggregate.csv", "layers.csv", "parameters.csv", "tail.png"}
    assert {path.name for path in (tmp_path / "priced").iterdir()} == names


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--layers", "50-150"), "is not a list of attachment:limit such as 50:150,200:inf"),
        (("--layers", "5:10"), "attachment 5 is below the threshold of 10"),
        (("--layers", "50:0"), "limit is 0"),
        (("--layers", "-5:10"), "attachment is -5"),
        (("--layers", "50:150", "--reinstatements", "-1"), "--reinstatements is -1"),
        (("--layers", "50:150", "--reinstatements", "1", "--aggregate-limit", "200"), "reinstatements of 150"),
        (("--layers", "50:inf", "--reinstatements", "1"), "--reinstatements are of a limit"),
        ((), "--layers"),
    ],
)
def test_bad_input_is_one_sentence(losses: Path, evstats: Evstats, given: tuple[str, ...], said: str) -> None:
    done = evstats("layer", losses, "--threshold", 10, *given)
    assert done.returncode == USAGE
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """240 claims of six years, some of them cut at limits of 40 or 80, two above the threshold equal on one day."""
    rng = np.random.default_rng(17)
    losses = ev.GPD(2.0, 5.0, 0.5).rvs(240, rng=rng).round(3)
    limit = rng.choice([40.0, 80.0, np.inf], 240)
    losses[100:102], limit[100:102] = 23.5, np.inf
    dates = pd.date_range("2001-01-03", "2006-12-29", periods=240).normalize().to_numpy().copy()
    dates[101] = dates[100]
    columns = {"date": dates, "paid": np.minimum(losses, limit), "limit": limit, "cut": losses >= limit}
    path = tmp_path_factory.mktemp("claims") / "claims.csv"
    frame = pd.DataFrame(columns).assign(deductible=np.where(np.arange(240) % 2, 1.0, 0.0))
    frame.replace({"limit": np.inf}, "inf").to_csv(path, index=False)
    return path


def told(claims: Path) -> pd.DataFrame:
    """The premium of the claims as Python has it, without reading by evstats."""
    table = pd.read_csv(claims, parse_dates=["date"]).set_index("date")
    known = ev.observed(table["paid"], table["paid"].where(~table["cut"], np.inf), truncation=table["deductible"])
    return ev.fit(ev.peaks_over_threshold(known, 10.0, separation=None), "gpd").layer([(50, 150)])


@pytest.mark.parametrize(
    "terms",
    [
        ("--limit", "limit"),
        ("--capped", "cut"),
        ("--limit", "limit", "--deductible", "deductible"),
        ("--capped", "cut", "--deductible", 1.5),
    ],
)
def test_limits_and_deductibles_of_a_file_are_those_of_python(claims: Path, evstats: Evstats, terms: tuple) -> None:
    asked = ("layer", claims, "--value", "paid", "--threshold", 10, "--layers", "50:150", *terms)
    (row,) = json.loads(evstats(*asked, "--json").stdout)["layers"]
    known = told(claims).iloc[0]
    assert row["pure_premium"] == pytest.approx(known["pure_premium"], rel=1e-9)
    assert (row["lower"], row["upper"]) == pytest.approx((known["lower"], known["upper"]), rel=1e-9)
    text = evstats(*asked).stdout
    cut = int((pd.read_csv(claims)["cut"]).sum())
    assert f"{cut} of the" in text
    assert "known only to be as large as" in " ".join(text.split())


def test_equal_claims_of_one_day_are_two_claims(claims: Path, evstats: Evstats) -> None:
    asked = ("layer", claims, "--value", "paid", "--capped", "cut", "--threshold", 10, "--layers", "50:150", "--json")
    whole, merged = (json.loads(evstats(*asked, *more).stdout) for more in ((), ("--no-events",)))
    assert "equal_rows_kept" in [note["code"] for note in whole["note_codes"]]
    above = int((pd.read_csv(claims)["paid"] > 10.0).sum())
    assert [page["data"]["rows_kept"] for page in (whole, merged)] == [240, 239]
    limits = ev.read_series(claims, value="paid", events=True)
    peaks = ev.peaks_over_threshold(limits, 10.0, separation=None)
    assert len(peaks) == above
    other = ev.peaks_over_threshold(ev.read_series(claims, value="paid"), 10.0, separation=None)
    assert len(other) == above - 1
    (note,) = [note for note in other.notes if getattr(note, "code", None) == "equal_rows_merged"]
    assert "events=True" in note
    assert "equal_rows_merged" not in {getattr(note, "code", None) for note in peaks.notes}


def test_the_tail_is_drawn(claims: Path, evstats: Evstats, tmp_path: Path) -> None:
    asked = ("layer", claims, "--value", "paid", "--capped", "cut", "--threshold", 10, "--layers", "50:150")
    done = evstats(*asked, "--out", "tail.svg", "--out", "all")
    assert done.returncode == 0, done.stderr
    assert "150 in excess of 50" in (tmp_path / "tail.svg").read_text(encoding="utf-8")
    assert (tmp_path / "all" / "tail.png").stat().st_size > 10_000


def edited(claims: Path, folder: Path, **cells: tuple[int, object]) -> Path:
    """The claims with one cell of each column another, written as text."""
    table = pd.read_csv(claims, dtype=str)
    for name, (row, value) in cells.items():
        table.loc[row, name] = value
    path = folder / "edited.csv"
    table.to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    ("cells", "terms", "said"),
    [
        ({"paid": (7, "90"), "limit": (7, "80")}, ("--limit", "limit"), "line 9 (2001-03-0"),
        ({"paid": (7, "90"), "limit": (7, "80")}, ("--limit", "limit"), "the loss 90 is above its limit 80"),
        ({"limit": (7, "")}, ("--limit", "limit"), "column 'limit' is empty; fill it in, inf where a policy has no"),
        ({"limit": (7, "0")}, ("--limit", "limit"), "column 'limit' is 0; write inf where a policy has no limit"),
        ({"limit": (7, "none agreed")}, ("--limit", "limit"), "has 'none agreed' in line 9"),
        ({"cut": (7, "")}, ("--capped", "cut"), "column 'cut' is empty; fill it in, true or false"),
        ({}, ("--capped", "limit"), "column 'limit' is"),
        ({}, ("--limit", "limits"), "unknown column 'limits'"),
        ({}, ("--limit", "paid"), "column 'paid' is asked for beside the value"),
        ({}, ("--limit", "limit", "--capped", "cut"), "--limit and --capped both say which losses were cut"),
        ({"deductible": (7, "-1")}, ("--deductible", "deductible"), "column 'deductible' is -1"),
        ({"deductible": (7, "")}, ("--deductible", "deductible"), "column 'deductible' is empty"),
        ({}, ("--deductible", "5"), "is below its deductible 5, from which on it would be seen"),
        ({}, ("--deductible", "nan"), "the deductible is nan"),
        ({}, ("--lower", "paid", "--upper", "limit"), "say which losses were cut by --limit or --capped"),
        ({}, ("--returns", "log", "--limit", "limit"), "have no limit or deductible"),
    ],
)
def test_bad_terms_are_one_sentence(
    claims: Path, evstats: Evstats, tmp_path: Path, cells: dict, terms: tuple[str, ...], said: str
) -> None:
    given = ("--value", "paid", "--threshold", 10, "--layers", "50:150")
    done = evstats("layer", edited(claims, tmp_path, **cells), *given, *terms)
    assert done.returncode != 0
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_the_advice_on_a_threshold_leads_on(claims: Path, evstats: Evstats, tmp_path: Path) -> None:
    given = ("--value", "paid", "--layers", "150:150")
    high = evstats("layer", claims, *given, "--limit", "limit", "--threshold", 45)
    assert "choose a threshold below 40 (--threshold)" in high.stderr
    assert evstats("layer", claims, *given, "--limit", "limit", "--threshold", 39.9).returncode == 0
    seen = tmp_path / "seen.csv"
    table = pd.read_csv(claims)
    table[table["paid"] > 15.0].assign(deductible=15.0).to_csv(seen, index=False)
    low = evstats("layer", seen, *given, "--capped", "cut", "--deductible", "deductible", "--threshold", 12)
    assert "threshold" in low.stderr
    assert low.returncode != 0
    assert "threshold of 15 or more" in low.stderr
    terms = ("--capped", "cut", "--deductible", "deductible", "--threshold", 15, "--json")
    own = json.loads(evstats("layer", seen, *given, *terms).stdout)["parameters"]
    whole = json.loads(evstats("layer", claims, *given, "--capped", "cut", "--threshold", 15, "--json").stdout)
    assert [row["estimate"] for row in own] == pytest.approx([row["estimate"] for row in whole["parameters"]])


def test_all_losses_cut_say_nothing_of_the_tail(claims: Path, evstats: Evstats, tmp_path: Path) -> None:
    path = tmp_path / "cut.csv"
    table = pd.read_csv(claims)
    table["cut"] = table["paid"] > 10.0
    table.to_csv(path, index=False)
    done = evstats("layer", path, "--value", "paid", "--capped", "cut", "--threshold", 10, "--layers", "50:150")
    assert done.returncode != 0
    assert "losses above the threshold 10 are cut at their limit" in " ".join(done.stderr.split())


def test_no_loss_at_its_limit_is_told(claims: Path, evstats: Evstats, tmp_path: Path) -> None:
    path = tmp_path / "net.csv"
    pd.read_csv(claims).assign(limit=lambda table: table["paid"] + 1.0).to_csv(path, index=False)
    done = evstats("layer", path, "--value", "paid", "--limit", "limit", "--threshold", 10, "--layers", "50:150")
    assert "No loss equals its limit in column 'limit'" in " ".join(done.stdout.split())


def test_losses_that_equal_a_column_beside_them_are_asked_about(evstats: Evstats, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    full, limit = (10 + 7 * rng.pareto(1.5, 400)).round(1), rng.choice([50.0, 100.0, np.nan], 400)
    paid = np.fmin(full, limit)
    book = {"date": pd.date_range("2001-01-03", periods=400, freq="9D"), "paid": paid, "policy_limit": limit}
    book |= {"gross": paid + rng.choice([0.0, 1.0], 400), "line": rng.choice(["fire", "flood"], 400)}
    pd.DataFrame(book).to_csv(tmp_path / "claims.csv", index=False)
    asked = ("claims.csv", "--value", "paid", "--threshold", 20)
    for command in (("layer", *asked, "--layers", "50:150"), ("fit", *asked, "--events")):
        page = json.loads(evstats(*command, "--json").stdout)
        (note,) = (note for note in page["note_codes"] if note["code"] == "equal_to_limit")
        assert (note["subject"], note["values"]["count"]) == ("policy_limit", int((paid == limit).sum()))
        assert any("evstats layer with --limit policy_limit" in said for said in page["notes"])
    pd.DataFrame(book).fillna({"policy_limit": np.inf}).to_csv(tmp_path / "claims.csv", index=False)
    limited = evstats("layer", *asked, "--layers", "50:150", "--limit", "policy_limit", "--json")
    assert "equal_to_limit" not in [note["code"] for note in json.loads(limited.stdout)["note_codes"]]
    book["paid"][5] = 2.0 * np.nanmax(limit)
    pd.DataFrame(book).assign(policy_limit=50.0 + limit).to_csv(tmp_path / "claims.csv", index=False)
    above = evstats("layer", *asked, "--layers", "50:150", "--json")
    assert "equal_to_limit" not in [note["code"] for note in json.loads(above.stdout)["note_codes"]]


def test_losses_that_are_told_from_the_threshold_on_lead_to_the_deductible(evstats, tmp_path):
    days = pd.Index(pd.date_range("2006-01-05", periods=200, freq="25D"), name="date")
    losses = (10.0 * np.random.default_rng(3).uniform(size=200) ** -0.5).round(3)
    pd.Series(losses, days, name="loss").to_csv(tmp_path / "claims.csv")
    asked = ("layer", "claims.csv", "--threshold", "10", "--layers", "50:150")
    refused = evstats(*asked)
    assert refused.returncode == 2
    said = " ".join(refused.stderr.split())
    assert f"every loss lies above the threshold 10, the smallest at {losses.min():.6g}" in said
    assert "say so with --deductible 10;" in said
    done = evstats(*asked, "--deductible", "10")
    assert done.returncode == 0, done.stderr
    assert "200" in done.stdout
