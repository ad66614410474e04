"""How the command ends when something is wrong: the exit code, one paragraph on standard error, nothing left behind."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from cli.conftest import COMMAND, DATA, ENVIRONMENT, Door, Evstats

from evstats.plots.drawing import Drawing

RIVER = DATA / "river_daily_flow.csv"
PEAKS = DATA / "usgs_01594440_peaks.rdb"
YEARS = range(1990, 2010)
BAD_DATA, USAGE, NO_FIT, BUG, INTERRUPTED = 1, 2, 3, 70, 130


def annual(*values: object, name: str = "flow") -> str:
    return f"year,{name}\n" + "".join(f"{1990 + i},{value}\n" for i, value in enumerate(values))


BAD_FILES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "is empty; pass a file with a header line and at least one row"),
    "blank": ("\n \n", "is empty"),
    "header only": ("date,flow\n", "has a header but no rows: date, flow; add the data"),
    "binary": (bytes(range(256)) * 8, "is binary or damaged"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(64), "is a PNG image"),
    "cut gzip": (gzip.compress(annual(*range(50)).encode())[:60], "is compressed but damaged or cut short"),
    "no numeric column": ("a,b\nx,y\nz,w\nu,v\n", "there is no numeric column"),
    "all NaN": (annual(*["nan"] * 8), "every cell of 'flow' is empty or marked missing"),
    "1e400": (annual(3, 4, 5, "1e400", 6, 7), "line 5 ('1993,1e400'"),
    "inf": (annual(3, 4, 5, 6, "inf", 7), "line 6 ('1994,inf'"),
    "mixed dates": ("date,q\n2001-02-28,3\n13/02/2001,4\n02/13/2001,5\n", "mixes date formats"),
    "two maxima": (annual(3, 4), "there are 2 values; a fit needs at least 3"),
    "one row": (annual(3), "the record of flow holds 1 value: too few to cut into blocks"),
    "gz that is not": (b"\x00\x01not gz" * 20, "holds NUL bytes, so it is binary or damaged"),
    "workbook": (b"PK\x03\x04" + bytes(64), "is a zip archive or spreadsheet (.xlsx, .ods)"),
    "text column": ("name\n" + "".join(f"ab{i}\n" for i in range(20)), "bad.csv: there is no numeric column"),
    "dates only": ("date\n1990-01-01\n1991-01-01\n", "bad.csv: there is no value column beside the time column"),
    "years before Christ": (
        "year,flow\n" + "".join(f"{year},{1 + year % 7}\n" for year in range(-20, 20)),
        "no dates ('year' has '-20', and years are read from 1500 to 2200); name the column that holds them "
        "(--time), or write them like 2001-02-28. Only where each of the 40 values",
    ),
    "years far ahead": (
        "year,flow\n" + "".join(f"{year},{1 + year % 7}\n" for year in range(11900, 11930)),
        "no dates ('year' has '11900', and years are read from 1500 to 2200)",
    ),
}


@pytest.mark.parametrize("name", BAD_FILES)
@pytest.mark.parametrize("command", ["analyze", "fit"])
def test_bad_data_is_exit_1_with_one_sentence(command: str, name: str, tmp_path: Path, evstats: Evstats) -> None:
    content, message = BAD_FILES[name]
    path = tmp_path / "bad.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    done = evstats(command, path, *(["--out", "results"] if command == "analyze" else []))
    assert done.returncode == BAD_DATA
    assert message in done.stderr
    assert done.stderr.startswith("evstats: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert [entry.name for entry in tmp_path.iterdir()] == ["bad.csv"]


def test_a_missing_file_and_a_directory_are_named(tmp_path: Path, evstats: Evstats) -> None:
    (tmp_path / "flows.csv").write_text(annual(*YEARS))
    done = evstats("fit", "flow.csv")
    assert done.returncode == BAD_DATA
    assert "flow.csv does not exist (did you mean 'flows.csv'?); check the path." in done.stderr
    assert "(did you mean 'flows.csv'?)" in evstats("fit", "FLOWS.CSV").stderr
    done = evstats("fit", tmp_path)
    assert done.returncode == BAD_DATA
    assert "is a directory; pass one file in it, such as" in done.stderr
    done = evstats("fit", "")
    assert (done.returncode, done.stderr) == (USAGE, "evstats: the path is empty; pass that of a file.\n")


def test_one_wrong_year_is_a_row_dropped(tmp_path: Path, evstats: Evstats) -> None:
    rows = annual(*[1 + i * 7 % 13 for i in range(30)])
    (tmp_path / "signed.csv").write_text(rows.replace("1995,", "-1995,"))
    page = json.loads(evstats("audit", "signed.csv", "--json").stdout)
    assert page["blocks"]["kept"] == 29
    assert [(row["line"], row["action"], row["reason"]) for row in page["rows"]] == [(7, "dropped", "not a date")]


def test_a_year_that_is_none_leaves_blocks_of_observations(tmp_path: Path, evstats: Evstats) -> None:
    rows = "".join(f"{year},{1 + year * 7 % 13}\n" for year in range(-20, 20))
    (tmp_path / "early.csv").write_text("year,flow\n" + rows)
    done = evstats("audit", "early.csv", "--block", "4")
    assert done.returncode == 0, done.stderr
    assert "No column holds dates ('year' has '-20', and years are read from 1500" in done.stdout


def test_dates_that_read_two_ways_ask_for_dayfirst(tmp_path: Path, evstats: Evstats) -> None:
    rows = "".join(f"0{1 + i % 9}/0{1 + i % 3}/{1990 + i},{i % 7 + 1}\n" for i in range(12))
    (tmp_path / "two.csv").write_text("date,flow\n" + rows)
    done = evstats("analyze", "two.csv")
    assert done.returncode == BAD_DATA
    assert "Say which comes first: --dayfirst or --no-dayfirst." in done.stderr
    assert "line 3 has '02/02/1991'" in done.stderr or "line 2 has '01/01/1990'" in done.stderr
    for option in ("--dayfirst", "--no-dayfirst"):
        assert evstats("audit", "two.csv", option).returncode == 0


def test_an_order_of_days_that_cannot_be_names_the_other(tmp_path: Path, evstats: Evstats) -> None:
    (tmp_path / "days.csv").write_text("date,flow\n" + "".join(f"{13 + i}/02/2001,{i % 7}.5\n" for i in range(12)))
    done = evstats("audit", "days.csv", "--no-dayfirst")
    assert done.returncode == BAD_DATA
    assert "has no such month with --no-dayfirst; read it with --dayfirst." in done.stderr
    assert evstats("audit", "days.csv", "--dayfirst", "--block", "6").returncode == 0


def test_no_dates_where_blocks_of_time_are_asked_for(tmp_path: Path, evstats: Evstats) -> None:
    (tmp_path / "plain.csv").write_text("flow\n" + "".join(f"{i * 7 % 31}\n" for i in range(300)))
    done = evstats("fit", "plain.csv", "--block", "water-year")
    assert done.returncode == BAD_DATA
    assert "the data have no dates (no date column), so they cannot be cut by water-year" in done.stderr
    assert evstats("fit", "plain.csv", "--block", "10").returncode == 0


def test_coverage_that_leaves_no_block(evstats: Evstats, tmp_path: Path) -> None:
    (tmp_path / "short.csv").write_text("date,q\n" + "".join(f"2001-01-{day:02d},{day}\n" for day in range(1, 32)))
    done = evstats("levels", "short.csv")
    assert done.returncode == BAD_DATA
    assert "coverage leaves no block: none of 1 year blocks of q reaches --min-coverage 0.9" in done.stderr
    assert "give a lower share (--min-coverage)" in done.stderr


def test_a_constant_series_has_no_fit(tmp_path: Path, evstats: Evstats) -> None:
    (tmp_path / "flat.csv").write_text(annual(*[5] * 20))
    for command in ("analyze", "fit", "levels", "risk", "plot"):
        done = evstats(command, "flat.csv", *(["--out", "results"] if command == "analyze" else []))
        assert done.returncode == NO_FIT, command
        assert "All values are equal" in done.stderr
        assert [entry.name for entry in tmp_path.iterdir()] == ["flat.csv"]
    assert evstats("audit", "flat.csv").returncode == 0


BOUNDED = (64.7, 57.9, 46.4, 40.7, 58.7, 60.5, 57.1, 64.9, 50.0, 66.6, 56.8, 34.5)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("command", ["fit", "levels", "risk", "plot", "analyze", "report"])
def test_a_likelihood_without_maximum_has_an_answer_and_a_note(command: str, tmp_path: Path, evstats: Evstats) -> None:
    (tmp_path / "bounded.csv").write_text(annual(*BOUNDED))
    done = evstats(command, "bounded.csv")
    assert done.returncode == 0, done.stderr
    assert "The likelihood of the GEV has no interior maximum" in done.stdout.splitlines()[1]
    if command in ("fit", "levels", "risk"):
        assert evstats(command, "bounded.csv", "--family", "gev").stdout == done.stdout


def test_rows_dropped_and_a_trend_are_told_with_every_fit(tmp_path: Path, evstats: Evstats) -> None:
    (tmp_path / "rising.csv").write_text(annual(*range(3, 20), ">20", *range(25, 40)).replace("flow", "flow (m3/s)"))
    done = evstats("levels", "rising.csv")
    said = done.stdout.replace("\n  ", " ")
    assert "Return levels of flow (m3/s) from 33 blocks, 1990 to 2022; 95 %" in said.replace("\n", " ")
    assert "1 of 33 rows reinterpreted: greater than a number ('>'), known by that bound" in said
    assert "The maxima rise with time (Mann-Kendall test: tau = 1.00, p <= 0.001)" in said


USAGES: dict[str, tuple[tuple[object, ...], str]] = {
    "unknown family": (("fit", PEAKS, "--family", "gumble"), "unknown family 'gumble'; known: 'gumbel', 'gev'"),
    "unknown method": (("fit", PEAKS, "--method", "moment"), "Did you mean 'moments'?"),
    "unknown block": (("fit", PEAKS, "--block", "wateryear"), "Did you mean 'water-year'?"),
    "unknown interval": (("levels", PEAKS, "--interval", "detla"), "Did you mean 'delta'?"),
    "unknown kind": (("levels", PEAKS, "--kind", "maximum"), "unknown kind 'maximum'; known: 'max', 'min'"),
    "unknown figure": (("plot", PEAKS, "--figure", "return-levels"), "Did you mean 'return-level'?"),
    "unknown column": (("levels", PEAKS, "--value", "discharge"), "unknown column 'discharge'"),
    "unknown returns": (("risk", PEAKS, "--returns", "logs"), "Did you mean 'log'?"),
    "unknown horizon": (("risk", PEAKS, "--horizon", "observations"), "Did you mean 'observation'?"),
    "a column by habit": (("levels", PEAKS, "--column", "x"), "No such option: --column. It is called --value here."),
    "a period by habit": (("levels", PEAKS, "--return-period", "9"), "It is called --periods here."),
    "alpha by habit": (("levels", PEAKS, "--alpha", ".1"), "It is called --confidence (the share of such limits that"),
    "minima by habit": (("levels", PEAKS, "--minima"), "Did you mean '--kind min'?"),
    "one word of two": (("levels", PEAKS, "--over", "7D"), "--over takes two words, such as --over 7D mean"),
    "two words in one": (("levels", PEAKS, "--over", "7D median"), "unknown statistic of a window 'median'"),
    "a command by habit": (("return-levels", PEAKS), "Did you mean 'levels'?"),
    "unknown option": (("fit", PEAKS, "--famly", "gev"), "No such option: --famly. Did you mean '--family'? See"),
    "option of another command": (
        ("report", PEAKS, "--conditional", "ewma"),
        "No such option: --conditional. It is of evstats risk. See evstats report --help.",
    ),
    "option of several": (("report", PEAKS, "--es", "x"), "No such option: --es. It is of evstats backtest. See"),
    "value twice": (
        ("levels", PEAKS, "--value", "a", "--value=b"),
        "--value is given twice, and holds one value: analyse one column after the other, a command for each; the r "
        "largest of each block are fitted in Python, with ev.largest, and the records of several sites together by "
        "evstats region. See evstats levels --help.",
    ),
    "list three times": (
        ("levels", PEAKS, *3 * ("--periods", "10")),
        "--periods is given three times, and holds one value: write its values in one word, with commas.",
    ),
    "separation twice": (("peaks", PEAKS, *2 * ("--separation", "3D")), "--separation is given twice, and holds"),
    "far-fetched option": (("levels", PEAKS, "--quantile", "3"), "No such option: --quantile. See evstats levels"),
    "a state of two": (
        ("trend", PEAKS, "--at", "year=2000"),
        "No such option: --at. Did you mean '--then' or '--now'?",
    ),
    "two states of one": (("levels", PEAKS, "--now", "year=2000"), "No such option: --now. Did you mean '--at'?"),
    "unknown command": (("levles", PEAKS), "No such command 'levles'. Did you mean 'levels'? See evstats --help."),
    "far-fetched command": (("return", PEAKS), "No such command 'return'. See evstats --help."),
    "no such family": (("fit", PEAKS, "--family", "dgev"), "dgev is a family of maxima of several durations"),
    "how many notes": (("fit", PEAKS, "--notes", "some"), "'some' is not one of few, all, none"),
    "no data": (("levels",), "Missing argument 'DATA'"),
    "T = 1": (("levels", PEAKS, "--periods", "1,10"), "return period 1 is not possible; it must exceed 1."),
    "p = 1": (("risk", PEAKS, "--probabilities", "1"), "probability 1 is outside (0, 1)"),
    "p = 95": (("risk", PEAKS, "--probabilities", "95"), "Did you mean 0.95?"),
    "no number": (("levels", PEAKS, "--periods", "2;10"), "'2;10' is not a list of numbers such as 2,10,100"),
    "confidence": (("levels", PEAKS, "--confidence", "95"), "Did you mean 0.95?"),
    "coverage": (("levels", PEAKS, "--min-coverage", "90"), "--min-coverage must be a share from 0 to 1"),
    "first month": (("levels", PEAKS, "--block", "water-year", "--first-month", "13"), "month number from 1 to 12"),
    "no such image": (("plot", PEAKS, "--out", "levels.pgn"), "levels.pgn does not end in a known image format"),
    "one file for two": (
        ("plot", PEAKS, "--figure", "qq", "--figure", "pp", "--out", "x.png"),
        "one file for 2 figures",
    ),
    "years": (("levels", PEAKS, "--level", "100", "--years", "0"), "expected a positive number of years"),
}


@pytest.mark.parametrize("name", USAGES)
def test_misuse_is_exit_2_with_one_sentence(name: str, tmp_path: Path, evstats: Evstats) -> None:
    arguments, message = USAGES[name]
    done = evstats(*arguments)
    assert done.returncode == USAGE
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_bare_command_shows_its_help(evstats: Evstats) -> None:
    done = evstats()
    assert done.returncode in (0, USAGE)  # newer versions of Typer call it a misuse
    assert "Usage: evstats" in done.stdout


@pytest.mark.usefixtures("undrawn")
def test_results_are_not_overwritten_without_force(floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "risk.csv").write_text("mine")
    done = evstats("analyze", floods, "--out", "results")
    assert done.returncode == USAGE
    assert f"results{os.sep}risk.csv exists already; nothing was overwritten. Add --force to replace." in done.stderr
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["risk.csv"]
    assert (tmp_path / "results" / "risk.csv").read_text() == "mine"
    assert evstats("analyze", floods, "--out", "results", "--force").returncode == 0
    assert (tmp_path / "results" / "risk.csv").read_text().startswith("family,method,measure")
    assert evstats("plot", floods, "--out", "a.svg").returncode == 0
    assert evstats("plot", floods, "--out", "a.svg").returncode == USAGE


def test_output_that_is_a_file_is_refused_before_any_work(floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    (tmp_path / "results").write_text("a file")
    done = evstats("analyze", floods, "--out", "results")
    assert done.returncode == USAGE
    assert "results is a file, not a folder; choose another place" in done.stderr
    assert (tmp_path / "results").read_text() == "a file"


@pytest.mark.usefixtures("undrawn")
def test_results_behind_links_replace_the_files_they_point_to(floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "results").symlink_to("archive")
    (tmp_path / "elsewhere.csv").write_text("old")
    (tmp_path / "archive" / "risk.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert evstats("analyze", floods, "--out", "results", "--force").returncode == 0
    assert (tmp_path / "results").is_symlink()
    assert (tmp_path / "archive" / "risk.csv").is_symlink()
    assert (tmp_path / "elsewhere.csv").read_text().startswith("family,method")


def test_no_file_is_written_when_a_figure_fails(
    floods: Path, tmp_path: Path, evstats: Evstats, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> bytes:
        raise ZeroDivisionError("a curve without points")

    monkeypatch.setattr(Drawing, "image", fail)
    done = evstats("analyze", floods, "--out", "results")
    assert done.returncode == BUG
    assert "this is a bug in evstats, not in your data: ZeroDivisionError" in done.stderr
    assert "a curve without points. Please report it" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "results").exists()


def test_plots_go_where_they_are_asked_to(
    floods: Path, tmp_path: Path, evstats: Evstats, request: pytest.FixtureRequest
) -> None:
    assert evstats("plot", floods).returncode == 0
    assert (tmp_path / "return-level.png").read_bytes().startswith(b"\x89PNG")
    done = evstats("plot", floods, "--figure", "qq", "--out", "deep/qq.pdf", "--out", "deep/qq.svg", "--quiet")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "deep" / "qq.pdf").read_bytes().startswith(b"%PDF")
    assert "<svg" in (tmp_path / "deep" / "qq.svg").read_text(encoding="utf-8")
    request.getfixturevalue("undrawn")
    figures = ["diagnostics", "series", "density", "pp"]
    done = evstats("plot", floods, *(part for name in figures for part in ("--figure", name)), "--out", "all")
    assert sorted(path.stem for path in (tmp_path / "all").iterdir()) == sorted(figures)


@pytest.mark.usefixtures("undrawn")
def test_warnings_become_notes(tmp_path: Path, evstats: Evstats) -> None:
    (tmp_path / "four.csv").write_text(annual(3, 4, 7, 5))
    done = evstats("fit", "four.csv", "--family", "gev")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "- GEV by maximum likelihood: 4 values only, and three parameters need" in done.stdout
    assert "EvstatsWarning" not in done.stdout
    assert evstats("analyze", "four.csv", "--out", "results").returncode == 0
    stored = json.loads((tmp_path / "results" / "analysis.json").read_text())
    assert any("three parameters need at least 5" in note for note in (*stored["cautions"], *stored["notes"]))


def test_a_reader_who_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "audit", str(RIVER)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT, cwd=tmp_path
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(timeout=60) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_a_full_disk_below_standard_output_is_said(floods: Path, tmp_path: Path, door: Door) -> None:
    door.begin("/dev/full", tmp_path / "said", tmp_path, ENVIRONMENT, arguments=["levels", str(floods)])
    assert door.code() == USAGE
    said = (tmp_path / "said").read_text()
    assert said == "evstats: standard output cannot be written: No space left on device.\n"


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, 128 + signal.SIGTERM)])
def test_an_interruption_ends_in_good_order(number: signal.Signals, code: int, tmp_path: Path) -> None:
    pipe = tmp_path / "never-ending.csv"
    os.mkfifo(pipe)
    with subprocess.Popen(
        [*COMMAND, "analyze", str(pipe), "--out", "results"],
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        cwd=tmp_path,
        # a job in the background inherits an ignored SIGINT
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as running:
        assert running.stderr is not None
        with pipe.open("wb"):  # opens when the command reads
            time.sleep(0.2)
            running.send_signal(number)
            shown = running.stderr.read()
            assert running.wait(timeout=60) == code
    assert b"Traceback" not in shown
    assert (shown == b"evstats: interrupted.\n") == (number is signal.SIGINT)
    assert not (tmp_path / "results").exists()
