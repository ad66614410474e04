"""The README keeps its promises: every command and code block in it runs, and shows what it says it shows."""

from __future__ import annotations

import contextlib
import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

import evstats as ev
from evstats.cli import app
from evstats.distributions import FAMILIES, PEAK_FAMILIES
from evstats.estimators import ESTIMATORS
from evstats.intervals import INTERVALS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
INSIDE = (ROOT / "evstats" / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
COMMANDS = [step for kind, text in BLOCKS if kind == "console" for step in re.split(r"^\$ ", text, flags=re.M)[1:]]
IN_VENV, BENCHMARKS, TESTS = ".venv/bin/", "tests/benchmarks", "pip install '.[test]'"
SHELL = set("<>|&;$`")
SAME = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the commands of the README see of a clone: its data."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "data", folder / "data")
    with contextlib.chdir(folder):
        for kind, text in BLOCKS:
            if kind == "python" and "to_netcdf" in text:  # the grid that the commands are tried on
                exec(compile(text, "README.md", "exec"), {})
    return folder


def bash(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command with this Python's ``evstats`` and ``pytest`` standing in for the installed ones."""
    tools = "".join(f'{tool}() {{ "{sys.executable}" -m {tool} "$@"; }}; ' for tool in ("evstats", "pytest"))
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    return subprocess.run(
        ["bash", "-c", tools + command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def typed(step: str) -> str:
    """What a step of the README runs once the environment is made."""
    return step.partition("\n")[0].rpartition("&& " + IN_VENV)[2].removeprefix(IN_VENV)


@pytest.fixture(scope="module")
def first(clone: Path) -> subprocess.CompletedProcess[str]:
    """The first command of the README, run once."""
    return bash(typed(COMMANDS[0]), clone)


def here(command: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command without a pipe prints, in this process, where the libraries are loaded."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as left:
        app(shlex.split(command)[1:])
    shown = capsys.readouterr()
    assert (left.value.code, shown.err) == (0, "")
    return shown.out


def test_every_block_is_of_a_kind_that_is_run() -> None:
    assert {kind for kind, _ in BLOCKS} == {"console", "python", "pycon"}


@pytest.mark.parametrize(
    "step", [step for step in COMMANDS if BENCHMARKS not in step and TESTS not in step], ids=lambda step: step[:60]
)
def test_every_command_runs_and_prints_what_is_shown(
    step: str,
    clone: Path,
    first: subprocess.CompletedProcess[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command, _, shown = step.partition("\n")
    if command.startswith("evstats ") and not set(command) & SHELL:
        printed = here(command, clone, monkeypatch, capsys)
    else:
        done = first if step == COMMANDS[0] else bash(typed(step), clone)
        assert (done.returncode, done.stderr) == (0, "")
        printed = done.stdout
    assert not shown.strip() or doctest.OutputChecker().check_output(shown.strip(), printed.strip(), SAME), (
        f"the README shows\n{shown}\nbut the command prints\n{printed}"
    )


def test_the_first_command_writes_what_is_promised(clone: Path, first: subprocess.CompletedProcess[str]) -> None:
    assert max(map(len, first.stdout.splitlines())) <= 80
    forms = {".csv", ".json", ".png", ".svg", ".html", ".md"}
    assert {path.suffix for path in (clone / "results").iterdir()} == forms


def test_the_benchmarks_are_found_by_their_command() -> None:
    (command,) = (step.strip() for step in COMMANDS if BENCHMARKS in step)
    done = bash(command.rpartition("&& ")[2].replace(IN_VENV + "python", sys.executable) + " --list", ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert "loop of scipy.stats.genextreme.fit" in done.stdout


def test_every_python_block_runs(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clone)
    names: dict[str, object] = {}
    for kind, text in BLOCKS:
        if kind == "python":
            exec(compile(text, "README.md", "exec"), names)
    plt.close("all")
    assert {"fit", "fits", "losses"} <= names.keys()


def test_every_block_of_the_floor_plan_runs() -> None:
    names: dict[str, object] = {}
    for text in re.findall(r"^```python\n(.*?)^```$", INSIDE, flags=re.MULTILINE | re.DOTALL):
        exec(compile(text, "evstats/README.md", "exec"), names)
    assert {"likelihood", "table", "robust", "answer"} <= names.keys()


def test_the_floor_plan_names_every_room() -> None:
    named = set(re.findall(r"`(\w+)/?`", "".join(re.findall(r"^\| [\d.]+ \| (.*?) \|", INSIDE, flags=re.MULTILINE))))
    rooms = {
        path.stem for path in (ROOT / "evstats").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert named == rooms - {"__init__", "__main__"}


def test_every_example_answers_as_shown(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clone)
    text = "".join(text for kind, text in BLOCKS if kind == "pycon")
    example = doctest.DocTestParser().get_doctest(text, {}, "README.md", "README.md", 0)
    assert len(example.examples) > 3
    assert doctest.DocTestRunner(optionflags=SAME).run(example).failed == 0


@pytest.mark.parametrize(
    ("row", "registry"),
    [("family", {**FAMILIES, **PEAK_FAMILIES}), ("method", ESTIMATORS), ("interval", INTERVALS)],
    ids=["family", "method", "interval"],
)
def test_the_names_to_choose_from_are_all_there(row: str, registry: object) -> None:
    (line,) = re.findall(rf"^\| {row} \| (.*) \|$", README, flags=re.MULTILINE)
    assert set(re.findall(r"`([\w-]+)`", line)) == set(registry)


def test_every_series_is_described_with_its_rows() -> None:
    table = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    described = dict(re.findall(r"^\| `([^`]+)` \| ([\d,]+) ", table, flags=re.MULTILINE))
    values = {  # of the tables with several
        "clemson_daily_temperature.csv": "tmin_degF",
        "fox_river_annual_floods.csv": "berlin_kcfs",
        "ndbc_44007_hourly_waves.txt.gz": "significant wave height (m)",
        "usgs_02239501_silver_springs_multi.csv.gz": "USGS_02239501_196782_00060_00003:ft^3/s",
    }
    rows = {
        path.name: ev.read_series(path, value=values.get(path.name)).audit.rows_read
        for path in (ROOT / "data").iterdir()
        if path.suffix != ".md"
    }
    assert {name: f"{count:,}" for name, count in rows.items()} == described


def test_links_and_pictures_are_there() -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


PYTHON = r"""#!/usr/bin/env bash
mkdir -p .venv/bin
printf '#!/bin/sh\necho pip "$@"\n' > .venv/bin/pip
printf '#!/bin/sh\necho pytest "$@"\nexit 5\n' > .venv/bin/pytest
chmod +x .venv/bin/*
echo made $*
"""


def test_the_check_script_runs_the_test_command_of_the_readme(tmp_path: Path) -> None:
    """With a Python that only says what it is asked to do: a fresh environment, the README's words, pytest's status."""
    clone, tools = tmp_path / "clone", tmp_path / "tools"
    shutil.copytree(ROOT / ".ci", clone / ".ci", ignore=lambda *_: ["venv"])
    (clone / "README.md").write_text(README, encoding="utf-8")
    (clone / ".venv").mkdir()
    (clone / ".venv" / "stale").touch()
    tools.mkdir()
    (tools / "python3").write_text(PYTHON)
    (tools / "python3").chmod(0o755)
    environment = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([clone / ".ci" / "run"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 5
    assert done.stdout.splitlines()[1:] == ["made -m venv .venv", "pip install .[test]", "pytest"]
    assert not (clone / ".venv" / "stale").exists()
