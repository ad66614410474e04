"""What the commands print: for people at 80 columns, for awk and for machines."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cli.conftest import DATA, ENVIRONMENT, Done, Evstats, run_process
from toys import REGIONAL

import evstats as ev
from evstats.distributions import FAMILIES
from evstats.estimators import ESTIMATORS
from evstats.intervals import INTERVALS
from evstats.report import tables as parts

RIVER = DATA / "river_daily_flow.csv"
COMMANDS = ("analyze", "audit", "fit", "levels", "risk", "plot", "report")
ALL_COMMANDS = (
    "analyze",
    "audit",
    "thresholds",
    "peaks",
    "fit",
    "levels",
    "trend",
    "attribute",
    "region",
    "idf",
    "risk",
    "backtest",
    "combine",
    "lowflow",
    "grid",
    "layer",
    "plot",
    "report",
)
NUMBER = re.compile(r"-?(\d+\.?\d*(e[+-]\d+)?|inf)|-")


def strict(text: str) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    page = json.loads(text, parse_constant=refuse)
    assert isinstance(page, dict)
    return page


def tables(text: str) -> Iterator[pd.DataFrame]:
    """Every table of a page, read as awk reads it: fields between spaces below a header of names."""
    rows: list[list[str]] = []
    for line in [*text.splitlines(), "."]:
        fields = line.split()
        if rows and len(fields) == len(rows[0]) and any(NUMBER.fullmatch(field) for field in fields):
            rows.append(fields)
        elif fields or len(rows) < 2:
            if len(rows) > 1:
                yield pd.DataFrame(rows[1:], columns=rows[0])
            rows = [fields] if len(fields) > 1 and all(re.fullmatch(r"[a-z_]+", field) for field in fields) else []


def table_with(text: str, *columns: str) -> pd.DataFrame:
    return next(table for table in tables(text) if set(columns) <= set(table.columns))


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, Path]:
    """One analysis of the river, and its folder; by a process, so that nothing of the tests is in its numbers."""
    folder = tmp_path_factory.mktemp("river")
    asked = ("analyze", RIVER, "--block", "water-year", "--out", "results")
    return run_process(folder, *asked, PYTHONHASHSEED="1"), folder / "results"


def test_analyze_says_what_it_read_and_dropped(analysis: tuple[Done, Path]) -> None:
    done, _ = analysis
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert re.search(r"^time column +date$", done.stdout, re.M)
    assert re.search(r"^value column +discharge_m3s$", done.stdout, re.M)
    assert re.search(r"^rows read +34003$", done.stdout, re.M)
    assert re.search(r"^kept +93$", done.stdout, re.M)
    dropped = table_with(done.stdout, "block", "coverage")
    assert dropped["block"].tolist() == ["2020"]
    assert float(dropped["coverage"][0]) == pytest.approx(35 / 366, abs=1e-5)


def test_analyze_lays_three_fits_side_by_side(analysis: tuple[Done, Path]) -> None:
    done, _ = analysis
    floods = ev.block_maxima(ev.read_series(RIVER), "water-year")
    levels = table_with(done.stdout, "return_period", "lower", "upper")
    risks = table_with(done.stdout, "measure", "level")
    for family, method in (("gumbel", "mle"), ("gumbel", "moments"), ("gev", "mle")):
        fit = ev.fit(floods, family, method=method)
        row = levels.query(f"family == '{family}' and method == '{method}' and return_period == '100'").iloc[0]
        expected = fit.return_level([100]).iloc[0]
        np.testing.assert_allclose([float(row[name]) for name in expected.index], expected, rtol=1e-4)
        row = risks.query(
            f"family == '{family}' and method == '{method}' and measure == 'es' and level == '0.99'"
        ).iloc[0]
        assert float(row["estimate"]) == pytest.approx(fit.expected_shortfall([0.99])["estimate"].iloc[0], rel=1e-4)


def test_analyze_writes_tables_and_figures(analysis: tuple[Done, Path]) -> None:
    _, results = analysis
    names = {path.name for path in results.iterdir()}
    assert names == {
        *(
            "analysis.json",
            "rows.csv",
            "blocks.csv",
            "parameters.csv",
            "comparison.csv",
            "return_levels.csv",
            "risk.csv",
        ),
        *(f"{name}.{form}" for name in ("series", "return_levels", "diagnostics") for form in ("png", "svg")),
    }
    for path in results.glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")
    for path in results.glob("*.svg"):
        assert "<svg" in path.read_text(encoding="utf-8")
    levels = pd.read_csv(results / "return_levels.csv")
    assert set(levels["unit"]) == {"m3/s"}
    assert set(levels["confidence"]) == {0.95}
    page = strict((results / "analysis.json").read_text())
    assert page["data"]["rows_read"] == 34003
    assert [row["block"] for row in page["dropped"]] == [2020]
    assert len(page["return_levels"]) == len(levels) == 24
    blocks = pd.read_csv(results / "blocks.csv")
    assert blocks["reason"].notna().sum() == 1
    assert len(blocks) == 94


def test_the_same_analysis_writes_the_same_bytes(analysis: tuple[Done, Path], process: Evstats, tmp_path: Path) -> None:
    """As a process whose sets are in another order, since it began with another seed."""
    _, results = analysis
    assert process("analyze", RIVER, "--block", "water-year", "--out", "again").returncode == 0
    for path in results.iterdir():
        if path.name != "analysis.json":  # it names its own files
            assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "options",
    [
        (RIVER, "--block", "water-year"),
        (DATA / "clemson_daily_temperature.csv", "--value", "tmin_degF", "--kind", "min"),
        (DATA / "wti_daily_spot_price.csv", "--returns", "log", "--block", "month"),
        (DATA / "usgs_01594440_peaks.rdb", "--block", "water-year"),
        (DATA / "fox_river_annual_floods.csv", "--value", "wrightstown_kcfs"),
    ],
    ids=["river", "minima", "losses", "rdb", "annual"],
)
def test_every_command_keeps_to_80_columns_and_gives_strict_json(
    command: str, options: tuple[object, ...], evstats: Evstats, as_json: list[str], request: pytest.FixtureRequest
) -> None:
    if command == "plot":  # reports draw the same figures
        request.getfixturevalue("undrawn")
    done = evstats(command, *options)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert done.stdout.isascii()
    page = strict(as_json.pop())
    assert page["command"] == command
    assert page["data"]["source"] == str(options[0])


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_printed_as_json_is_the_page(command: str, floods: Path, evstats: Evstats, as_json: list[str]) -> None:
    done = evstats(command, floods, "--json", *(["--out", "r.json"] if command == "report" else []))
    assert (done.returncode, done.stderr) == (0, "")
    assert strict(done.stdout) == strict(as_json.pop())
    assert strict(done.stdout)["command"] == command


def test_numbers_show_four_significant_digits(floods: Path, evstats: Evstats) -> None:
    for command in ("fit", "levels", "risk"):
        for table in tables(evstats(command, floods, "--family", "gev").stdout):
            for name in set(table.columns) & {"estimate", "lower", "upper", "std_error", "statistic", "p_value"}:
                for cell in table[name]:
                    digits = len(re.sub(r"e.*|[-.]", "", cell).lstrip("0"))
                    assert digits >= 4 or cell == "inf", (command, name, cell)


@pytest.mark.parametrize("factor", [1e-9, 1e-4, 1.0, 1e5, 1e12])
def test_tables_fit_and_keep_their_digits_in_any_unit(factor: float, floods: Path, evstats: Evstats) -> None:
    data = pd.read_csv(floods)
    data["flow_m3s"] *= factor
    data.to_csv(floods, index=False)
    done = evstats("analyze", floods)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    shown = table_with(done.stdout, "return_period").query("family == 'gumbel' and method == 'mle'")
    asked = shown["return_period"].astype(float).to_numpy()
    expected = ev.fit(data["flow_m3s"].to_numpy(), "gumbel").return_level(asked)
    np.testing.assert_allclose(shown["estimate"].astype(float), expected["estimate"], rtol=5e-4)


def test_quiet_prints_the_table_only(floods: Path, evstats: Evstats) -> None:
    lines = evstats("levels", floods, "--periods", "2,2.33,10", "--quiet").stdout.splitlines()
    assert lines[0].split() == ["return_period", "aep", "estimate", "lower", "upper"]
    assert [line.split()[0] for line in lines[1:]] == ["2", "2.33", "10"]


def test_levels_answers_how_often_and_how_likely(evstats: Evstats, as_json: list[str]) -> None:
    done = evstats("levels", RIVER, "--block", "water-year", "--level", "178,200.5", "--years", "30")
    page = strict(as_json.pop())
    fit = ev.fit(ev.block_maxima(ev.read_series(RIVER), "water-year"))
    assert "return_levels" not in page
    assert [row["level"] for row in page["return_periods"]] == [178.0, 200.5]
    assert page["return_periods"][0]["estimate"] == pytest.approx(fit.return_period(178.0)["estimate"].iloc[0])
    expected = fit.exceedance_probability(200.5, years=30)["upper"].iloc[0]
    assert page["probabilities"][1]["upper"] == pytest.approx(expected)
    assert "exceeded within 30 years" in done.stdout
    minima = evstats("levels", RIVER, "--kind", "min", "--level", "0.01")
    assert "undercut within one year" in minima.stdout


def test_the_interval_and_the_confidence_are_the_ones_asked_for(floods: Path, evstats: Evstats) -> None:
    page = strict(evstats("levels", floods, "--interval", "profile", "--confidence", "0.8", "--json").stdout)
    fit = ev.fit(pd.read_csv(floods)["flow_m3s"].to_numpy())
    expected = fit.return_level([100], interval="profile", confidence=0.8)
    row = next(row for row in page["return_levels"] if row["return_period"] == 100)
    assert row["lower"] == pytest.approx(expected["lower"].iloc[0])
    assert row["upper"] == pytest.approx(expected["upper"].iloc[0])
    assert row["confidence"] == 0.8
    narrow, wide = (
        strict(evstats("fit", floods, "--confidence", share, "--json").stdout)["parameters"][0]
        for share in ("0.5", "0.99")
    )
    assert wide["lower"] < narrow["lower"] < narrow["estimate"] < narrow["upper"] < wide["upper"]


@pytest.mark.filterwarnings("ignore:.*the data speak against the Gumbel")
def test_risk_of_losses_follows_the_library(evstats: Evstats, as_json: list[str]) -> None:
    prices = DATA / "wti_daily_spot_price.csv"
    done = evstats("risk", prices, "--returns", "log", "--block", "month", "--horizon", "observation")
    losses = -ev.returns(ev.read_series(prices))
    fit = ev.fit(ev.block_maxima(losses, "month"))
    shown = {(row["measure"], row["level"]): row["estimate"] for row in strict(as_json.pop())["risk"]}
    var = fit.value_at_risk([0.99], horizon="observation")["estimate"].iloc[0]
    shortfall = fit.expected_shortfall([0.95], horizon="observation")["estimate"].iloc[0]
    assert shown["var", 0.99] == pytest.approx(var)
    assert shown["es", 0.95] == pytest.approx(shortfall)
    assert "loss of price_usd_per_barrel" in done.stdout


@pytest.mark.parametrize(
    ("family", "method"),
    [  # these floods are one population, and by likelihood have no skewness inside
        (f, m)
        for f in FAMILIES
        for m in ESTIMATORS
        if f not in {*REGIONAL, "lp3"} and len(FAMILIES[f].scales) == 1 and m != "expected-moments"
    ]
    + [("lp3", m) for m in ("moments", "lmoments", "expected-moments")],
)
def test_every_family_and_method_can_be_named(family: str, method: str, floods: Path, evstats: Evstats) -> None:
    kind = "max"
    if FAMILIES[family].minima:
        kind, data = "min", pd.read_csv(floods)
        data.assign(flow_m3s=100 - data["flow_m3s"]).to_csv(floods, index=False)
    page = strict(evstats("fit", floods, "--family", family, "--method", method, "--kind", kind, "--json").stdout)
    assert (page["model"]["family"], page["model"]["method"]) == (family, method)


@pytest.mark.parametrize(
    "interval",  # but those of other data, or of another family
    [name for name in INTERVALS if name not in ("threshold-bootstrap", "composite", "bulletin")],
)
def test_every_interval_can_be_named(interval: str, floods: Path, evstats: Evstats) -> None:
    family, method = "gumbel" if interval == "exact" else "gev", "bayes" if interval == "credible" else "mle"
    chosen = ("--family", family, "--method", method, "--interval", interval)
    page = strict(evstats("levels", floods, *chosen, "--json").stdout)
    fit = ev.fit(pd.read_csv(floods)["flow_m3s"].to_numpy(), family, method=method)
    expected = fit.return_level([100], interval=interval).attrs["interval"]
    assert {row["interval"] for row in page["return_levels"]} == {expected}


def test_an_interval_that_repeats_the_choice_of_the_threshold(tmp_path: Path, evstats: Evstats) -> None:
    values, file = ev.GPD(10.0, 2.0, 0.1).rvs(200, rng=1), tmp_path / "tides.csv"
    dates = pd.date_range("2001-01-01", periods=values.size, freq="MS")
    pd.DataFrame({"date": dates, "level_m": values}).to_csv(file, index=False)
    asked = ("--separation", "none", "--interval", "threshold-bootstrap", "--periods", "20")
    row = strict(evstats("levels", file, "--threshold", "auto", *asked, "--json").stdout)["return_levels"][0]
    assert row["interval"].startswith("r* averaged over the thresholds chosen in resampled records; 200")
    assert row["lower"] < row["estimate"] < row["upper"]
    refused = evstats("levels", file, "--threshold", "12", *asked)
    assert refused.returncode == 2
    assert "take the peaks with --threshold auto" in " ".join(refused.stderr.split())


def test_fits_with_different_intervals_say_which_has_which(floods: Path) -> None:
    extremes = ev.block_maxima(ev.read_series(floods))
    fits = [ev.fit(extremes, "gumbel"), ev.fit(extremes, "gev")]
    tables = [fit.return_level([10], interval=name) for fit, name in zip(fits, ("exact", "delta"), strict=True)]
    title = parts._stacked("Return levels of", fits, tables).title
    expected = "95 % intervals: exact conditional (gumbel mle); delta method (gev mle)"
    assert title == f"Return levels of flow_m3s (m3/s) from 12 blocks, 1990 to 2001; {expected}"


def test_a_fit_comes_back_from_its_json(floods: Path, evstats: Evstats) -> None:
    stored = strict(evstats("fit", floods, "--family", "gev", "--method", "lmoments", "--json").stdout)["fit"]
    fit = ev.fit(pd.read_csv(floods)["flow_m3s"].to_numpy(), "gev", method="lmoments")
    assert ev.Fit.from_dict(stored).distribution == fit.distribution


def test_a_shortfall_that_does_not_exist_is_null_with_a_note(tmp_path: Path, evstats: Evstats) -> None:
    heavy = ev.GEV(1.0, 1.0, 1.4).ppf((np.arange(60) + 0.5) / 60)
    (tmp_path / "heavy.csv").write_text("loss\n" + "\n".join(map(str, heavy)) + "\n")
    page = strict(evstats("risk", "heavy.csv", "--block", "1", "--family", "gev", "--json").stdout)
    assert [row["estimate"] is None for row in page["risk"]] == [False] * 3 + [True] * 3
    assert any("expected shortfall does not exist" in note for note in page["notes"])


def test_audit_names_the_offending_lines(tmp_path: Path, evstats: Evstats) -> None:
    rows = [f"{day:%Y-%m-%d},{1 + day.day_of_year % 7}" for day in pd.date_range("2001-01-01", "2003-12-31")]
    rows[9] = "2001-01-10,"
    rows[19] = rows[18]
    (tmp_path / "gauge.csv").write_text("date,flow\n" + "\n".join(rows) + "\n")
    text = evstats("audit", "gauge.csv").stdout
    assert "line 11: 2001-01-10," in text
    assert "line 21: 2001-01-19," in text
    page = strict(evstats("audit", "gauge.csv", "--json").stdout)
    assert (page["data"]["rows_dropped"], page["data"]["rows_merged"]) == (1, 1)
    assert {row["line"] for row in page["rows"]} == {11, 21}
    assert [row["block"] for row in page["kept"]] == [2001, 2002, 2003]


def test_audit_shows_what_was_read_where_no_block_is_complete(floods: Path, evstats: Evstats) -> None:
    done = evstats("audit", floods, "--block", "month", "--min-coverage", "0.9")
    assert done.returncode == 1
    assert "rows read       12" in done.stdout
    assert "choose longer blocks" in done.stderr


def test_standard_input_is_read_plain_and_compressed(floods: Path, evstats: Evstats) -> None:
    expected = evstats("levels", floods, "--quiet").stdout
    assert evstats("levels", "-", "--quiet", stdin=floods.read_bytes()).stdout == expected
    assert evstats("levels", "-", "--quiet", stdin=gzip.compress(floods.read_bytes())).stdout == expected


def test_options_of_reading_reach_the_reader(tmp_path: Path, evstats: Evstats) -> None:
    text = "Tag;Abfluss;Pegel\n" + "".join(f"0{1 + i % 9}.02.{1990 + i};{i % 7},5;ice\n" for i in range(9))
    (tmp_path / "pegel.csv").write_text(text)
    options = ("--time", "Tag", "--value", "Abfluss", "--dayfirst", "--decimal", ",", "--separator", ";")
    page = strict(evstats("audit", "pegel.csv", *options, "--json").stdout)
    assert page["data"]["first"] == "1990-02-01"
    assert page["kept"][1]["value"] == 1.5
    tabbed = tmp_path / "pegel.tsv"
    tabbed.write_text(text.replace(";", "\t"))
    options = ("--dayfirst", "--decimal", ",", "--separator", "tab", "--value", "Abfluss", "--missing", "6,5")
    page = strict(evstats("audit", tabbed, *options, "--json").stdout)
    assert page["data"]["rows_dropped"] == 1


def test_a_time_in_parts_is_named_part_by_part(tmp_path: Path, evstats: Evstats) -> None:
    rows = "".join(f"{year},6,1,{year % 7 + 1.5}\n" for year in range(1990, 2000))
    (tmp_path / "parts.csv").write_text("jahr,monat,tag,h\n" + rows)
    parts = ("--time", "jahr", "--time", "monat", "--time", "tag")
    page = strict(evstats("audit", "parts.csv", *parts, "--json").stdout)
    assert page["data"]["time_column"] == "jahr + monat + tag"
    assert page["data"]["first"] == "1990-06-01"


def test_blocks_follow_the_options(evstats: Evstats) -> None:
    water = strict(evstats("audit", RIVER, "--block", "water-year", "--first-month", "4", "--json").stdout)
    assert water["blocks"]["block"] == "water-year (Apr-Mar)"
    winter = strict(evstats("audit", RIVER, "--block", "season", "--season", "DJF", "--kind", "min", "--json").stdout)
    assert (winter["blocks"]["block"], winter["blocks"]["kind"]) == ("DJF", "minima")
    counted = strict(evstats("audit", RIVER, "--block", "365", "--json").stdout)
    assert counted["blocks"]["block"] == "365 observations"
    lenient = strict(evstats("audit", RIVER, "--block", "water-year", "--min-coverage", "0.05", "--json").stdout)
    assert (lenient["blocks"]["kept"], lenient["dropped"]) == (94, [])
    days = {span: strict(evstats("audit", RIVER, "--separation", span, "--json").stdout) for span in ("1D", "7D")}
    assert [len(page["same_event"]) for page in days.values()] == [0, 1]


def test_usual_periods_are_those_longer_than_a_block(floods: Path, evstats: Evstats) -> None:
    text = evstats("levels", RIVER, "--block", "3YS", "--quiet").stdout
    assert [line.split()[0] for line in text.splitlines()[1:4]] == ["5", "10", "20"]


@pytest.mark.parametrize("column", ["$q_{99}$", "[red]flow[/red]", "<script>alert(1)</script>", "débit m³/s", "[/]"])
def test_column_names_stand_as_they_are(column: str, floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    floods.write_text(floods.read_text().replace("flow_m3s", column))
    done = evstats("audit", floods)
    assert done.returncode == 0, done.stderr
    assert f"value column    {column}" in done.stdout
    assert strict(evstats("audit", floods, "--json").stdout)["data"]["value_column"] == column
    assert evstats("plot", floods, "--figure", "series", "--out", "series.svg").returncode == 0
    assert "<script>" not in (tmp_path / "series.svg").read_text(encoding="utf-8")


def test_a_hostile_column_name_stands_in_an_analysis(floods: Path, tmp_path: Path, evstats: Evstats) -> None:
    column = "<script>alert(1)</script> [red]$q$"
    floods.write_text(floods.read_text().replace("flow_m3s", column))
    done = evstats("analyze", floods, "--out", "out")
    assert done.returncode == 0, done.stderr
    assert f"value column    {column}" in done.stdout
    assert strict((tmp_path / "out" / "analysis.json").read_text())["data"]["value_column"] == column
    for figure in (tmp_path / "out").glob("*.svg"):
        assert "<script>" not in figure.read_text(encoding="utf-8")


def test_control_characters_of_a_name_do_not_reach_the_terminal(floods: Path, evstats: Evstats) -> None:
    floods.write_text(floods.read_text().replace("flow_m3s", "\x1b[31mflow\x07"))
    done = evstats("levels", floods)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert r"\x1b[31mflow\x07" in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_poor_terminal_gets_escapes_and_machines_the_name(encoding: str, floods: Path, process: Evstats) -> None:
    floods.write_text(floods.read_text().replace("flow_m3s", "débit Ω"), encoding="utf-8")
    done = process("audit", floods, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert ("débit" in done.stdout) == (encoding != "ascii")
    if encoding != "utf-8":
        page = strict(process("audit", floods, "--json", PYTHONIOENCODING=encoding).stdout)
        assert page["data"]["value_column"] == "débit Ω"


def test_errors_and_help_reach_a_poor_terminal(process: Evstats) -> None:
    assert process("levels", "Ω.csv", PYTHONIOENCODING="ascii").returncode == 1
    assert process("--help", PYTHONIOENCODING="ascii").returncode == 0


def test_help_fits_one_screen_in_the_order_of_the_flow(evstats: Evstats) -> None:
    done = evstats("--help")
    lines = done.stdout.strip().splitlines()
    assert len(lines) <= 31  # a command a line
    assert max(map(len, lines)) <= 80
    listed = [match[1] for line in lines if (match := re.match(r"[^\w-]+([a-z]+)  ", line))]
    assert listed == list(ALL_COMMANDS)


@pytest.mark.parametrize("command", ALL_COMMANDS)
def test_every_command_has_help_that_is_not_cut(command: str, evstats: Evstats) -> None:
    done = evstats(command, "--help")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "…" not in done.stdout
    if "--interval" in done.stdout and command != "idf":  # curves have three of them
        assert set(INTERVALS) <= set(re.findall(r"\w[\w-]*", done.stdout))


def test_version(evstats: Evstats) -> None:
    assert evstats("--version").stdout == f"evstats {ev.__version__}\n"


def test_help_and_usage_errors_load_no_heavy_library() -> None:
    script = (
        "import sys\nfrom evstats.cli import main\n"
        "for words in (['--help'], ['--version'], ['levels', '--help'], ['levels', '--periods', 'x']):\n"
        "    sys.argv[1:] = words\n"
        "    try: main()\n    except SystemExit: pass\n"
        "    if heavy := {'pandas', 'matplotlib', 'statsmodels', 'scipy'} & set(sys.modules):\n"
        "        sys.exit(f'{words} loaded {heavy}')\n"
        "print('done')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", env=ENVIRONMENT, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["done"]), done.stderr


def test_the_answer_printed_is_the_one_whose_coverage_is_published(
    tmp_path: Path, evstats: Evstats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One by one through files and commands as all at once in the study, without an interior maximum too (the last)."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "studies"))
    from uncertainty import what_leads

    bounded = [64.7, 57.9, 46.4, 40.7, 58.7, 60.5, 57.1, 64.9, 50.0, 66.6, 56.8, 34.5]
    samples = np.stack([ev.GEV(50.0, 10.0, 0.1).rvs(12, rng=1), ev.GEV(50.0, 10.0, -0.1).rvs(12, rng=2), bounded])
    for sample, limits in zip(samples, np.transpose(what_leads(samples)), strict=True):
        rows = "".join(f"{1990 + i},{x!r}\n" for i, x in enumerate(sample.tolist()))
        (tmp_path / "floods.csv").write_text(f"year,flow\n{rows}")
        page = strict(evstats("levels", "floods.csv", "--periods", "100", "--json").stdout)
        (level,), (predicted,) = page["return_levels"], page["predictive_levels"]
        np.testing.assert_allclose([level["lower"], level["upper"], predicted["predictive"]], limits, rtol=1e-7)
    assert page["model"]["method"] == "bayes"


@pytest.mark.usefixtures("undrawn")
def test_every_command_leads_with_the_gev_and_sets_the_gumbel_beside_it(floods: Path, evstats: Evstats) -> None:
    values = pd.read_csv(floods)["flow_m3s"].to_numpy()
    gev, gumbel = (ev.fit(values, name).return_level([100])["upper"].iloc[0] for name in ("gev", "gumbel"))
    pages = {
        command: strict(evstats(command, floods, "--json").stdout) for command in ("levels", "risk", "plot", "fit")
    }
    assert {page["model"]["family"] for page in pages.values()} == {"gev"}
    assert upper_of(pages["levels"]["return_levels"]) == pytest.approx(gev)
    assert upper_of(pages["levels"]["gumbel_return_levels"]) == pytest.approx(gumbel)
    assert {"risk", "gumbel_risk"} <= set(pages["risk"])
    assert {"curve", "gumbel_curve"} <= set(pages["plot"]["figures"]["return-level"])
    for page in (strict(evstats("analyze", floods, "--json").stdout), strict(reported(floods, evstats))):
        first, second, *_ = (row for row in page["return_levels"] if row["return_period"] == 100)
        assert (first["family"], second["family"]) == ("gev", "gumbel")
        assert (first["upper"], second["upper"]) == (pytest.approx(gev), pytest.approx(gumbel))
        assert page["answer"].endswith("(Gumbel by maximum likelihood).")


def test_the_family_that_is_named_leads(floods: Path, evstats: Evstats) -> None:
    gumbel = strict(evstats("levels", floods, "--family", "gumbel", "--json").stdout)
    assert gumbel["model"]["family"] == "gumbel"
    lead = strict(evstats("levels", floods, "--json").stdout)
    assert gumbel["return_levels"] == lead["gumbel_return_levels"]
    assert gumbel["gev_return_levels"] == lead["return_levels"]
    shown = evstats("levels", floods, "--family", "gumbel").stdout.replace("\n", " ")
    assert "Without the assumption that the maxima are Gumbel, GEV by maximum likelihood: return levels of" in shown


def upper_of(rows: list[dict[str, Any]]) -> Any:
    return next(row["upper"] for row in rows if row["return_period"] == 100)


def reported(floods: Path, evstats: Evstats) -> str:
    assert evstats("report", floods, "--out", "reported.json", "--force").returncode == 0
    return floods.with_name("reported.json").read_text()


@pytest.mark.parametrize("command", ["levels", "risk", "analyze"])
def test_what_the_condition_of_the_gumbel_says_is_not_said_again(
    command: str, tmp_path: Path, evstats: Evstats
) -> None:
    values = ev.GEV(100.0, 20.0, 0.5).rvs(60, rng=1)
    (tmp_path / "heavy.csv").write_text("year,flow\n" + "".join(f"{1960 + i},{x}\n" for i, x in enumerate(values)))
    shown = " ".join(evstats(command, "heavy.csv").stdout.split()).lower()
    assert shown.count("if the maxima were gumbel, which the data speak against (") == 1
    assert shown.count("the data speak against") == 1
    if command != "analyze":
        named = " ".join(evstats(command, "heavy.csv", "--family", "gumbel").stdout.split())
        assert named.count("The data speak against the Gumbel, on which the exact interval rests") == 1
