"""Running the command: in this process where that is enough, in one of its own where streams and signals count."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer.main

from evstats.cli import app
from evstats.cli.pages import Page

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from evstats.plots.drawing import Drawing

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


#: A process that has loaded what the commands load, and splits off one that becomes the command whenever it is asked:
#: loading takes ten times as long as most of these commands. The streams are those that Python opens when it starts.
_DOOR = """
import json, os, signal, sys, warnings
import pandas, scipy.special, evstats.cli.commands, evstats.report.tables
from evstats.cli import main

def become(arguments, code, folder, environment):
    for stream, name, mode in zip((0, 1, 2), ("stdin", "stdout", "stderr"), "rww"):
        os.dup2(files[stream], stream)
        encoding = environment.get("PYTHONIOENCODING", "utf-8")
        errors = "backslashreplace" if name == "stderr" else "strict"
        lines = 1 if name == "stderr" or os.isatty(stream) else -1
        opened = open(stream, mode, lines, encoding=encoding, errors=errors, closefd=False)
        setattr(sys, name, opened)
        setattr(sys, f"__{name}__", opened)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["evstats", *arguments]
    signal.alarm(120)
    main() if code is None else exec(code, {"__name__": "__main__"})

for line in sys.stdin:
    *streams, asked = json.loads(line)
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOCTTY
    files = [os.open(os.devnull, os.O_RDONLY), *(os.open(path, flags) for path in streams)]
    print("open", flush=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        own = os.fork()
    if not own:
        left = 0
        try:
            become(**asked)
        except SystemExit as ended:
            left = ended.code or 0
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            left = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(left)
    for stream in files:
        os.close(stream)
    print(os.waitstatus_to_exitcode(os.waitpid(own, 0)[1]), flush=True)
"""


class Door:
    """The process that becomes the command, once for every call."""

    def __init__(self) -> None:
        self.asked = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _DOOR],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=ENVIRONMENT,
            encoding="utf-8",
        )

    def begin(self, stdout: object, stderr: object, folder: Path, environment: Mapping[str, str], **what: Any) -> None:
        """Have the command begin, ``arguments=`` or a ``code=`` of Python in its place; its streams are open then."""
        assert self.asked.stdin is not None
        asked = {"arguments": [], "code": None, "folder": str(folder), "environment": dict(environment)} | what
        self.asked.stdin.write(json.dumps([str(stdout), str(stderr), asked]) + "\n")
        self.asked.stdin.flush()
        assert self._said() == "open"

    def code(self) -> int:
        """The exit code, when the command has ended."""
        return int(self._said())

    def _said(self) -> str:
        assert self.asked.stdout is not None
        return self.asked.stdout.readline().strip()


@pytest.fixture(scope="session")
def door() -> Iterator[Door]:
    """The one of this session, where processes can split."""
    if not hasattr(os, "fork"):
        pytest.skip("no processes that split here")
    opened = Door()
    with opened.asked:
        yield opened
        assert opened.asked.stdin is not None
        opened.asked.stdin.close()


@pytest.fixture
def process(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Evstats:
    """The same as a process of its own, with variables of the environment by name."""
    if not hasattr(os, "fork"):
        return partial(run_process, tmp_path)
    door: Door = request.getfixturevalue("door")
    streams = tmp_path_factory.mktemp("streams")

    def run(*arguments: object, **environment: str) -> Done:
        for name in ("out", "err"):
            (streams / name).write_bytes(b"")
        given = [*map(str, arguments)]
        door.begin(streams / "out", streams / "err", tmp_path, ENVIRONMENT | environment, arguments=given)
        code, encoding = door.code(), environment.get("PYTHONIOENCODING", "utf-8")
        return Done(given, code, *((streams / name).read_text(encoding) for name in ("out", "err")))

    return run


@pytest.fixture
def as_json(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What ``--json`` would print of each page that is printed for people."""
    pages: list[str] = []
    for_people = Page.print

    def printed(page: Page, **how: Any) -> None:
        pages.append(page.to_json())
        for_people(page, **how)

    monkeypatch.setattr(Page, "print", printed)
    return pages


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are made and have their files, and nothing is laid out or drawn in them: where others look at that."""

    def laid_out(figure: Figure, *_: object) -> dict[str, tuple[float, float, float, float]]:
        return {str(ax.get_gid()): (0.0, 0.0, 1.0, 1.0) for ax in figure.axes}

    def image(drawing: Drawing, form: str, dpi: float | None = None) -> bytes:
        panels = "".join(f'<g id="{ax.get_gid()}"/>' for ax in drawing.figure.axes)
        return f'<svg xmlns="http://www.w3.org/2000/svg">{panels}</svg>'.encode()

    monkeypatch.setattr("evstats.plots.drawing._laid_out", laid_out)
    monkeypatch.setattr("evstats.plots.drawing.Drawing.image", image)


def run_process(folder: Path, *arguments: object, **environment: str) -> Done:
    """The command in a folder, as a process of its own from the beginning."""
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
