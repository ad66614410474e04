"""evstats b17c: annual peaks in, the Bulletin's flows out."""

import json
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"


def test_the_bulletin_on_the_command_line(evstats):
    peaks = DATA / "usgs_01594440_peaks.rdb"
    done = evstats("b17c", peaks, "--regional-skew", 0.4, "--regional-mse", 0.1, "--periods", "10,100", "--json")
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    assert page["moments"]["years"] == "20, 19 of them measured, low outliers apart"
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


def test_log_pearson_is_a_family_of_every_command(evstats):
    """By expected moments unasked, as the Bulletin has it, and by likelihood when asked."""
    peaks = DATA / "fox_river_annual_floods.csv"
    options = ("--value", "berlin_kcfs", "--family", "lp3", "--periods", "10,100", "--json")
    done = evstats("levels", peaks, *options, "--confidence", 0.9)
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    (far,) = (row for row in page["return_levels"] if row["return_period"] == 100.0)
    assert far["aep"] == 0.01
    bulletin = json.loads(evstats("b17c", peaks, *options[:2], *options[4:]).stdout)["return_levels"][1]
    assert [far[name] for name in ("estimate", "lower", "upper")] == [
        bulletin[name] for name in ("estimate", "lower", "upper")
    ]
    likely = evstats("levels", peaks, *options, "--method", "mle")
    assert likely.returncode == 0, likely.stderr
    assert json.loads(likely.stdout)["model"]["method"] == "mle"
