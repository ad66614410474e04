"""Running the command: in this process where that is enough, in one of its own where streams and signals count."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import typer.main

from evstats.cli import app

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
#: The command line, made once: Typer makes all its commands anew, a tenth of a second, whenever the app is called.
COMMANDS = typer.main.get_command(app)
COMMAND = (sys.executable, "-W", "error", "-c", "from evstats.cli import main; main()")
#: Variables by which Rich and Typer take a pipe for a terminal, or a terminal for a poor one.
COLOURS = ("FORCE_COLOR", "NO_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TTY_COMPATIBLE", "TERMINAL_WIDTH")
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name not in COLOURS},
    "COLUMNS": "80",
    "PYTHONPATH": str(ROOT),
    "PYTHONIOENCODING": "utf-8",
}

Done = subprocess.CompletedProcess[str]
Evstats = Callable[..., Done]


@pytest.fixture(autouse=True, scope="module")
def _of_form(few_samples: None) -> None:
    """What is tested here is form: few simulated samples do."""


@pytest.fixture
def evstats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Evstats:
    """``evstats("levels", path)`` in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for name in COLOURS:
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as left:
            COMMANDS([*map(str, arguments)])
        assert isinstance(left.value.code, int)
        shown = capsys.readouterr()
        return Done([*map(str, arguments)], left.value.code, shown.out, shown.err)

    return run


@pytest.fixture
def process(tmp_path: Path) -> Evstats:
    """The same as a process of its own, with variables of the environment by name."""

    return partial(run_process, tmp_path)


def run_process(folder: Path, *arguments: object, **environment: str) -> Done:
    """The command in a folder, as a process of its own."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding=environment.get("PYTHONIOENCODING", "utf-8"),
        cwd=folder,
        env=ENVIRONMENT | environment,
        timeout=120,
        check=False,
    )


@pytest.fixture
def floods(tmp_path: Path) -> Path:
    """A short file of annual maxima."""
    path = tmp_path / "floods.csv"
    values = [31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8, 61.3, 35.5]
    path.write_text("year,flow_m3s\n" + "".join(f"{1990 + i},{x}\n" for i, x in enumerate(values)))
    return path
