"""What has to be chosen on the command line: the column of the value, the rows of a table, marks, the unit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.conftest import Evstats

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
