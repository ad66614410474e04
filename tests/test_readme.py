"""The documents keep their promises: every command and code block in them runs, and shows what it says it shows."""

from __future__ import annotations

import contextlib
import doctest
import itertools
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from documents import BY_NAME, DOCUMENTS, GUIDE, README, ROOT, Document

import evstats as ev
from evstats.cli import app
from evstats.distributions import FAMILIES, PEAK_FAMILIES
from evstats.estimators import ESTIMATORS
from evstats.intervals import INTERVALS

INSIDE, TESTS = BY_NAME["evstats/README.md"], BY_NAME["tests/README.md"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
IN_VENV = ".venv/bin/"
SHELL = set("<>|&;$`")
SAME = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
#: Blocks that write what commands read.
WRITING = ("to_netcdf", "to_csv")
EVERY_DOCUMENT = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)


def typed(step: str) -> str:
    """The command of a step, without what makes the environment before it."""
    return step.partition("\n")[0].rpartition("&& ")[2].replace(IN_VENV, "")


def each(*programs: str, containing: str = "") -> pytest.MarkDecorator:
    """Parametrise by the commands of all documents that run such a program, each once."""
    first = {step: document.name for document in reversed(DOCUMENTS) for step in document.commands}
    steps = [
        pytest.param(step, id=f"{name}: {step.partition(chr(10))[0][:60]}")
        for step, name in reversed(first.items())
        if typed(step).split()[0] in programs and containing in step
    ]
    return pytest.mark.parametrize("step", steps)


def run_block(text: str, names: dict[str, object], document: Document) -> None:
    exec(compile(text, document.name, "exec"), names)
    plt.close("all")


@pytest.fixture(scope="module")
def imports() -> dict[str, object]:
    """What every block of the guide begins with."""
    names: dict[str, object] = {}
    run_block(GUIDE.python()[0], names, GUIDE)
    return names


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory, imports: dict[str, object]) -> Path:
    """What commands and blocks see of a clone: its data, and what blocks of the guide write for its commands."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "data", folder / "data")
    with contextlib.chdir(folder):
        for text in GUIDE.python():
            if any(call in text for call in WRITING):
                run_block(text, dict(imports), GUIDE)
    return folder


def bash(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command with this Python's tools standing in for the installed ones."""
    if os.name == "nt":
        pytest.skip("the commands are those of a POSIX shell")
    names = ("evstats", "ruff", "mypy")
    tools = "".join(f'{tool}() {{ "{sys.executable}" -m {tool} "$@"; }}; ' for tool in names)
    tools += f'python() {{ "{sys.executable}" "$@"; }}; '
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    return subprocess.run(
        ["bash", "-c", tools + command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def first(clone: Path) -> subprocess.CompletedProcess[str]:
    """The first command of the README, run once."""
    return bash(typed(README.commands[0]), clone)


def here(command: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command without a pipe prints, in this process, where the libraries are loaded."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as left:
        app(shlex.split(command)[1:])
    shown = capsys.readouterr()
    assert (left.value.code, shown.err) == (0, "")
    return shown.out


def test_the_readme_can_be_read_in_ten_minutes() -> None:
    assert len(README.text.splitlines()) <= 180


@EVERY_DOCUMENT
def test_every_block_is_of_a_kind_that_is_run(document: Document) -> None:
    diagrams = {"text"} if document is INSIDE else set()
    assert {kind for kind, _ in document.blocks} <= {"console", "python", "pycon"} | diagrams


def test_every_command_is_of_a_program_that_is_tried_below() -> None:
    programs = {typed(step).split()[0] for document in DOCUMENTS for step in document.commands}
    assert programs == {"evstats", "pip", "pytest", "python", "ruff", "mypy"}


@each("evstats")
def test_every_command_runs_and_prints_what_is_shown(
    step: str,
    clone: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    shown = step.partition("\n")[2]
    if step == README.commands[0] or set(typed(step)) & SHELL:
        done = request.getfixturevalue("first") if step == README.commands[0] else bash(typed(step), clone)
        assert (done.returncode, done.stderr) == (0, "")
        printed = done.stdout
    else:
        printed = here(typed(step), clone, monkeypatch, capsys)
    assert not shown.strip() or doctest.OutputChecker().check_output(shown.strip(), printed.strip(), SAME), (
        f"the document shows\n{shown}\nbut the command prints\n{printed}"
    )


def test_the_first_command_writes_what_is_promised(clone: Path, first: subprocess.CompletedProcess[str]) -> None:
    assert max(map(len, first.stdout.splitlines())) <= 80
    forms = {".csv", ".json", ".png", ".svg", ".html", ".md"}
    assert {path.suffix for path in (clone / "results").iterdir()} == forms


@each("python", "pytest", "pip", "evstats", containing="pip install")
def test_what_is_installed_is_there(step: str) -> None:
    asked = [word for part in step.split("&&") if "pip install" in part for word in shlex.split(part)]
    (what,) = (word for word in asked if word.startswith(".") and IN_VENV not in word)
    extras = set(filter(None, re.sub(r"^\.|[\[\]]", "", what).split(",")))
    assert extras <= set(PROJECT["project"]["optional-dependencies"])
    assert all((ROOT / file).is_file() for flag, file in itertools.pairwise(asked) if flag == "-c")


@each("pytest")
def test_the_tests_of_a_command_are_there(step: str) -> None:
    words = shlex.split(typed(step))[1:]
    markers = [after for flag, after in itertools.pairwise(words) if flag == "-m"]
    files = [ROOT / word for word in words if "/" in word]
    assert set(words) <= {"-m", *markers, *(file.relative_to(ROOT).as_posix() for file in files)}
    assert all(f"pytest.mark.{marker}" in file.read_text(encoding="utf-8") for marker in markers for file in files)
    assert all(file.is_file() for file in files)


@each("python", containing="tests/studies")
def test_a_study_takes_the_options_of_its_command(
    step: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script, *options = shlex.split(typed(step))[1:]
    monkeypatch.syspath_prepend((ROOT / script).parent)
    monkeypatch.setattr(sys, "argv", [script, *options, "--help"])
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(ROOT / script), run_name="__main__")
    assert left.value.code == 0, capsys.readouterr().err


@each("python", containing="tests/benchmarks")
def test_the_benchmarks_are_found_by_their_command(step: str) -> None:
    done = bash(typed(step) + " --list", ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert "loop of scipy.stats.genextreme.fit" in done.stdout


@each("ruff")
def test_what_is_asked_of_a_change_is_clean(step: str) -> None:
    if find_spec("ruff") is None:
        pytest.skip("needs ruff: pip install -e '.[dev]'")
    done = bash(typed(step), ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@each("mypy")
def test_its_types_are_too(step: str) -> None:
    if find_spec("mypy") is None:
        pytest.skip("needs mypy: pip install -e '.[dev]'")
    done = bash(typed(step), ROOT)
    assert done.returncode == 0, done.stdout


@EVERY_DOCUMENT
def test_every_python_block_runs(document: Document, clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clone)
    names: dict[str, object] = {}
    for text in document.python()[: 1 if document.alone else None]:
        run_block(text, names, document)


@pytest.mark.parametrize("text", GUIDE.python()[1:], ids=lambda text: text.partition("\n")[0][:60])
def test_every_block_of_the_guide_runs_alone(
    text: str, clone: Path, imports: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clone)
    if not any(call in text for call in WRITING):  # those have run
        run_block(text, dict(imports), GUIDE)


def test_the_floor_plan_names_every_room() -> None:
    named = set(
        re.findall(r"`(\w+)/?`", "".join(re.findall(r"^\| [\d.]+ \| (.*?) \|", INSIDE.text, flags=re.MULTILINE)))
    )
    rooms = {
        path.stem for path in (ROOT / "evstats").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert named == rooms - {"__init__", "__main__"}


@pytest.mark.parametrize("document", [README, GUIDE], ids=lambda document: document.name)
def test_every_example_answers_as_shown(document: Document, clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clone)
    example = document.example()
    assert len(example.examples) > 3
    assert doctest.DocTestRunner(optionflags=SAME).run(example).failed == 0


def test_every_study_and_table_is_described() -> None:
    described = set(re.findall(r"`(\w+\.(?:py|csv))`", TESTS.text.partition("### Every study")[2].partition("## ")[0]))
    assert {path.name for path in (ROOT / "tests" / "studies").iterdir() if path.is_file()} == described


@pytest.mark.parametrize(
    ("row", "registry"),
    [("family", {**FAMILIES, **PEAK_FAMILIES}), ("method", ESTIMATORS), ("interval", INTERVALS)],
    ids=["family", "method", "interval"],
)
def test_the_names_to_choose_from_are_all_there(row: str, registry: object) -> None:
    (line,) = re.findall(rf"^\| {row} \| (.*) \|$", README.text, flags=re.MULTILINE)
    assert set(re.findall(r"`([\w-]+)`", line)) == set(registry)


def test_every_series_is_described_with_its_rows() -> None:
    table = BY_NAME["data/README.md"].text
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


@EVERY_DOCUMENT
def test_links_and_pictures_are_there(document: Document) -> None:
    assert document is INSIDE or document.targets
    for target in document.targets:
        file, _, anchor = target.partition("#")
        path = (document.path.parent / file).resolve() if file else document.path
        assert path.exists(), target
        assert not anchor or anchor in BY_NAME[path.relative_to(ROOT).as_posix()].anchors, target


def test_every_notebook_is_described() -> None:
    notebooks = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {target for target in BY_NAME["notebooks/README.md"].targets if target.endswith(".ipynb")} == notebooks


PYTHON = r"""#!/usr/bin/env bash
mkdir -p .venv/bin
printf '#!/bin/sh\necho pip "$@"\n' > .venv/bin/pip
printf '#!/bin/sh\necho pytest "$@"\nexit 5\n' > .venv/bin/pytest
chmod +x .venv/bin/*
echo made $*
"""


@pytest.mark.skipif(os.name == "nt", reason="a script of a POSIX shell")
def test_the_check_script_runs_the_test_command_of_the_readme(tmp_path: Path) -> None:
    """With a Python that only says what it is asked to do: a fresh environment, the README's words, pytest's status."""
    clone, tools = tmp_path / "clone", tmp_path / "tools"
    shutil.copytree(ROOT / ".ci", clone / ".ci", ignore=lambda *_: ["venv"])
    (clone / "README.md").write_text(README.text, encoding="utf-8")
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
