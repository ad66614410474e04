"""evstats b17c: annual peaks in, the Bulletin's flows out."""

import json
from pathlib import Path

import pytest

from evstats.cli.options_of_data import _common

DATA = Path(__file__).resolve().parents[2] / "data"


def test_the_bulletin_on_the_command_line(evstats):
    peaks = DATA / "usgs_01594440_peaks.rdb"
    done = evstats("b17c", peaks, "--regional-skew", 0.4, "--regional-mse", 0.1, "--periods", "10,100", "--json")
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    assert page["moments"]["years"] == "20, 19 of them measured"
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


def test_a_peak_behind_a_sign_is_a_bound_and_beside_bounds_refused(tmp_path, evstats):
    """As the same bounds in two columns; the variable is called by whole words of their names."""
    flows = [310, 452, 289, 394, 521, 333, 360, 417, 302, 488, 275, 560]
    signed, bounds = (["year,flow"], ["year,lower,upper"])
    for year, flow in enumerate(flows, 2001):
        signed.append(f"{year},{'>' if flow == 560 else ''}{flow}")
        bounds.append(f"{year},{flow},{'' if flow == 560 else flow}")
    for name, rows in (("signed", signed), ("bounds", bounds), ("both", [*bounds[:-1], "2012,>560,"])):
        (tmp_path / f"{name}.csv").write_text("\n".join(rows) + "\n")
    one = json.loads(evstats("b17c", tmp_path / "signed.csv", "--json").stdout)
    columns = ("--lower", "lower", "--upper", "upper")
    other = json.loads(evstats("b17c", tmp_path / "bounds.csv", *columns, "--json").stdout)
    assert one["return_levels"] == other["return_levels"]
    assert (one["moments"]["variable"], other["moments"]["variable"]) == ("flow", "value")
    assert one["moments"]["years"] == "12, 11 of them measured"
    assert {"rows", "peaks_by_bounds"} <= {note["code"] for note in one["note_codes"]}
    assert not any("taken for the value" in note for note in one["notes"])
    done = evstats("b17c", tmp_path / "both.csv", *columns)
    assert done.returncode == 1, done.stderr
    assert "column 'lower' has a number behind '>', the first in line 13" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("lower", "upper", "name"),
    [
        ("lower", "upper", "value"),
        ("low_cfs", "high_cfs", "cfs"),
        ("flow_min", "flow_max", "flow"),
        ("flow", "flow_upper", "flow"),
        ("peak flow lower (ft3/s)", "peak flow upper (ft3/s)", "peak flow"),
        ("QLower", "QUpper", "value"),
    ],
)
def test_two_columns_are_called_by_the_words_that_they_share(lower, upper, name):
    assert _common(lower, upper) == name


def test_the_answer_of_the_bulletin_can_be_handed_in(tmp_path, evstats):
    """Its report has the limits that the command prints, and names the skews; ``report`` takes the same options."""
    peaks = DATA / "usgs_01594440_peaks.rdb"
    skews = ("--regional-skew", 0.4, "--regional-mse", 0.1)
    page, figure, report = (tmp_path / name for name in ("page.json", "levels.png", "report.json"))
    done = evstats("b17c", peaks, *skews, "--report", report, "--out", page, "--out", figure, "--title", "Patuxent")
    assert done.returncode == 0, done.stderr
    assert figure.read_bytes().startswith(b"\x89PNG")
    printed, handed_in = (json.loads(place.read_text()) for place in (page, report))
    assert handed_in["title"] == "Patuxent"
    assert handed_in["moments"] == printed["moments"]
    assert list(printed["moments"])[-3:] == ["station skew", "regional skew", "weighted skew"]
    assert handed_in["moments"]["regional skew"] == "0.4 (mean square error 0.1)"
    names = ("return_period", "estimate", "lower", "upper")
    own = [[row[name] for name in names] for row in handed_in["return_levels"] if row["family"] == "lp3"]
    assert own == [[row[name] for name in names] for row in printed["return_levels"]]
    assert evstats("b17c", peaks, *skews, "--report", report).returncode == 2
    other = tmp_path / "other.json"
    done = evstats("report", peaks, "--family", "lp3", *skews, "--out", other)
    assert done.returncode == 0, done.stderr
    assert json.loads(other.read_text())["moments"]["regional skew"] == "0.4 (mean square error 0.1)"
    done = evstats("levels", peaks, *skews)
    assert done.returncode == 2
    assert "--regional-skew, --regional-mse and --low-outliers are of lp3" in " ".join(done.stderr.split())
