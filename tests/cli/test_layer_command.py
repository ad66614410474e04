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
    fit = ev.fit(ev.peaks_over_threshold(ev.read_series(losses), 10.0, separation=None), "gpd")
    table = fit.layer([(50, 150), (20, np.inf)]).reset_index()
    for row, known in zip(page["layers"], table.to_dict("records"), strict=True):
        assert row["pure_premium"] == pytest.approx(known["pure_premium"])
        assert row["upper"] == pytest.approx(known["upper"])
    assert "aggregate" not in page
    assert page["parameters"][0]["parameter"] == "scale"


def test_totals_are_those_of_aggregate(losses: Path, evstats: Evstats) -> None:
    given = ("--threshold", 10, "--layers", "50:150", "--reinstatements", 1, "--probabilities", "0.9,0.99")
    page = json.loads(evstats("layer", losses, *given, "--json").stdout)
    fit = ev.fit(ev.peaks_over_threshold(ev.read_series(losses), 10.0, separation=None), "gpd")
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
    assert {path.name for path in (tmp_path / "priced").iterdir()} == {"aggregate.csv", "layers.csv", "parameters.csv"}


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
