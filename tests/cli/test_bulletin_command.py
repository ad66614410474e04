"""evstats b17c: annual peaks in, the Bulletin's flows out."""

import json
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"


def test_the_bulletin_on_the_command_line(evstats):
    peaks = DATA / "usgs_01594440_peaks.rdb"
    done = evstats("b17c", peaks, "--regional-skew", 0.4, "--regional-mse", 0.1, "--periods", "10,100", "--json")
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    assert page["moments"]["years"] == "20, 19 of them measured and no low outliers"
    assert [row["return_period"] for row in page["return_levels"]] == [10.0, 100.0]
    assert page["return_levels"][1]["lower"] < page["return_levels"][1]["estimate"] < page["return_levels"][1]["upper"]
    shown = evstats("b17c", peaks, "--low-outliers", "none", "--history", "1900-1990:60000:1")
    assert shown.returncode == 0, shown.stderr
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert "111, 19 of them" in shown.stdout


def test_what_it_refuses(evstats):
    peaks = DATA / "usgs_01594440_peaks.rdb"
    done = evstats("b17c", peaks, "--regional-skew", 0.4)
    assert done.returncode == 2
    assert "--regional-skew is given without --regional-mse" in done.stderr
    done = evstats("b17c", peaks, "--low-outliers", "few")
    assert "neither mgbt, none nor a flow" in done.stderr
