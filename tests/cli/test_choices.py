"""What has to be chosen on the command line: the column of the value, the rows of a table, marks, the unit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.conftest import Evstats

import evstats as ev

BAD_DATA, USAGE = 1, 2
DAYS = pd.date_range("1990-01-01", "2009-12-31")
RNG = np.random.default_rng(5)


@pytest.fixture
def stations(tmp_path: Path) -> Path:
    """Two stations in one table, each with rain and flow."""
    parts = [
        pd.DataFrame({"STATION": name, "DATE": DAYS.strftime("%Y-%m-%d"),
                      "PRCP": RNG.gamma(1, 9, DAYS.size).round(1) + k,
                      "FLOW (m3/s)": RNG.gamma(2, 30, DAYS.size).round(1)})
        for k, name in enumerate(("US 1", "US2"))
    ]  # fmt: skip
    path = tmp_path / "stations.csv"
    pd.concat(parts).to_csv(path, index=False)
    return path


def test_each_refusal_names_the_option_that_leads_on(stations: Path, evstats: Evstats, tmp_path: Path) -> None:
    done = evstats("levels", stations, "--out", "table.csv")
    assert done.returncode == BAD_DATA
    assert done.stderr.replace("\n", " ").endswith(
        "2 columns could be the value: 'PRCP', 'FLOW (m3/s)'. Choose one, for example --value PRCP. "
    )
    done = evstats("levels", stations, "--value", "PRCP", "--out", "table.csv")
    assert done.returncode == BAD_DATA
    assert done.stderr.replace("\n", " ").endswith(
        "STATION holds 2 stations (US 1, US2): choose with --where 'STATION=US 1'; * in place of a value takes all. "
    )
    assert [path.name for path in tmp_path.iterdir()] == ["stations.csv"]
    answered = evstats("levels", stations, "--value", "PRCP", "--where", "STATION=US 1", "--periods", "10", "--json")
    assert answered.returncode == 0, answered.stderr
    assert json.loads(answered.stdout)["notes"]


def test_the_rows_of_the_other_station_are_counted(stations: Path, evstats: Evstats) -> None:
    page = json.loads(evstats("audit", stations, "--value", "PRCP", "--where", "STATION=US2", "--json").stdout)
    assert page["data"]["rows_not_chosen"] == DAYS.size
    assert page["data"]["rows_read"] == 2 * page["data"]["rows_kept"] == 2 * DAYS.size
    assert page["rows"] == []
    every = evstats("audit", stations, "--value", "PRCP", "--where", "STATION=*")
    assert every.returncode == 0
    assert "All rows are read as one series, though STATION splits the table." in every.stdout.replace("\n  ", " ")
    both = evstats("audit", stations, "--value", "PRCP", "--where", "STATION=US2", "--where", "STATION=US 1", "--json")
    assert json.loads(both.stdout)["data"]["rows_not_chosen"] is None


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("STATION", "--where takes COLUMN=VALUE, such as STATION=USC00381770, not 'STATION'."),
        ("=x", "--where takes COLUMN=VALUE"),
        ("STATIO=US2", "unknown column 'STATIO'; known: 'STATION', 'DATE'"),
        ("STATION=US3", "'STATION' has no 'US3' (--where); it holds US 1, US2. Did you mean 'US2'?"),
        ("DATE=1990-01-01", "'DATE' is the time column; leave it out of --where."),
    ],
)
def test_a_choice_that_cannot_be_met_is_wrong_usage(
    stations: Path, evstats: Evstats, where: str, sentence: str
) -> None:
    done = evstats("levels", stations, "--value", "PRCP", "--where", where)
    assert done.returncode == USAGE
    assert sentence in done.stderr.replace("\n", " ")
    assert done.stdout == ""


def test_a_mark_is_named_or_declared_a_value(tmp_path: Path, evstats: Evstats) -> None:
    flow = np.where(np.arange(DAYS.size) % 100 == 3, 999.0, RNG.gamma(2, 30, DAYS.size).round(1))
    (tmp_path / "flow.csv").write_text(pd.DataFrame({"date": DAYS, "flow": flow}).to_csv(index=False))
    done = evstats("audit", "flow.csv", "--json")
    assert done.returncode == BAD_DATA
    assert "pass --missing 999; if it is a value, --missing none." in done.stderr.replace("\n", " ")
    assert json.loads(evstats("audit", "flow.csv", "--missing", "999", "--json").stdout)["data"]["rows_dropped"] == 74
    assert json.loads(evstats("audit", "flow.csv", "--missing", "none", "--json").stdout)["data"]["rows_dropped"] == 0


def test_the_unit_can_be_told(stations: Path, evstats: Evstats) -> None:
    choice = ("--value", "PRCP", "--where", "STATION=US2", "--json")
    assert json.loads(evstats("audit", stations, *choice).stdout)["data"]["unit"] is None
    assert json.loads(evstats("audit", stations, *choice, "--unit", "mm").stdout)["data"]["unit"] == "mm"


def test_a_sign_before_a_number_is_a_bound_to_every_command_of_blocks(tmp_path: Path, evstats: Evstats) -> None:
    """As the same bounds in two columns; what takes other values than block extremes takes the number, and says so."""
    flows = [310, 452, 289, 394, 521, 333, 360, 417, 302, 488, 275, 560]
    signed, bounds = (["year,flow"], ["year,low,high"])
    for year, flow in enumerate(flows, 2001):
        signed.append(f"{year},{'>' if flow == 560 else ''}{flow}")
        bounds.append(f"{year},{flow},{'' if flow == 560 else flow}")
    for name, rows in (("signed", signed), ("bounds", bounds)):
        (tmp_path / f"{name}.csv").write_text("\n".join(rows) + "\n")
    asked = ("--family", "gumbel", "--periods", "10,100", "--json")
    one = json.loads(evstats("levels", "signed.csv", *asked).stdout)
    other = json.loads(evstats("levels", "bounds.csv", "--lower", "low", "--upper", "high", *asked).stdout)
    assert one["return_levels"] == other["return_levels"]
    assert {"rows", "peaks_by_bounds"} <= {note["code"] for note in one["note_codes"]}
    assert not any("taken for the value" in note for note in one["notes"])
    kept = json.loads(evstats("audit", "signed.csv", "--json").stdout)["kept"]
    assert (kept[-1]["value"], kept[-1]["lower"], kept[-1]["upper"]) == (None, 560.0, None)
    for more in (("--threshold", 350, "--separation", "none"), ("--over", "366D", "mean")):
        notes = json.loads(evstats("levels", "signed.csv", "--json", *more).stdout or "{}").get("notes", [])
        assert not any("known by that bound" in note for note in notes)
    done = evstats("levels", "signed.csv", "--method", "lmoments")
    assert done.returncode == 2
    assert "not for observations known by bounds; fit by maximum likelihood (--method mle)" in done.stderr
    (tmp_path / "low.csv").write_text("\n".join(signed).replace(",275", ",<275") + "\n")
    low = json.loads(evstats("levels", "low.csv", "--kind", "min", *asked).stdout)
    (told,) = (note for note in low["note_codes"] if note["code"] == "peaks_by_bounds")
    assert (told["values"]["below"], told["values"]["above"]) == (1, 1)
    twice = [
        f"{year}-0{month},{'<' if month == 7 else ''}{30 + month}" for year in range(1990, 2020) for month in (3, 7)
    ]
    (tmp_path / "twice.csv").write_text("\n".join(["date,flow", *twice]) + "\n")
    done = evstats("levels", "twice.csv", "--kind", "min", "--block", "year", "--min-coverage", 0)
    assert done.returncode == 1
    assert "'<37' in line 3 is not the smallest value of its block, and may have been" in done.stderr


def test_an_open_bound_among_several_rows_of_a_block_is_refused(tmp_path: Path, evstats: Evstats) -> None:
    """The extreme of a year may be the row of which only one side is known: that of the others says nothing of it."""
    sizes = ev.Gumbel(100.0, 25.0).rvs((30, 2), rng=1).round(1)
    rows = [f"{1990 + y}-0{month},{sizes[y, i]},{sizes[y, i]}" for y in range(30) for i, month in enumerate((3, 7))]
    rows[11] = "1995-07,400,"
    (tmp_path / "several.csv").write_text("\n".join(["date,low,high", *rows]) + "\n")
    asked = ("levels", "several.csv", "--lower", "low", "--upper", "high", "--block", "year", "--min-coverage", 0)
    done = evstats(*asked)
    assert done.returncode == 1
    assert "line 13 has no upper bound, and is one of several of its block" in done.stderr
    (tmp_path / "several.csv").write_text("\n".join(["date,low,high", *rows]).replace("400,", "400,450") + "\n")
    assert evstats(*asked).returncode == 0


def test_sites_are_read_as_every_file_is(tmp_path: Path, evstats: Evstats) -> None:
    """Decimal commas, marks of missing values, and names of digits; a slip is told with its line."""
    values = {f"0{site}": ev.GEV(100.0, 25.0, 0.1).rvs(30, rng=site).round(1) for site in range(1, 8)}
    rows = [f"{site};{value}" for site, own in values.items() for value in own]
    commas = [row.replace(".", ",") for row in rows]
    (tmp_path / "points.csv").write_text("\n".join(["site;flow", *rows]) + "\n")
    (tmp_path / "commas.csv").write_text("\n".join(["site;flow", *commas, "03;-999", "07;n/a"]) + "\n")
    one, other = (json.loads(evstats("region", name, "--json").stdout) for name in ("points.csv", "commas.csv"))
    assert one["growth_curve"] == other["growth_curve"]
    assert [row["site"] for row in other["sites"]] == list(values)
    assert any("missing value, marked -999; first line 212: '03;-999'" in note for note in other["notes"])
