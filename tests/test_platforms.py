"""Windows and macOS, as far as they can be seen from elsewhere: names, encodings, line ends, terminals, drives."""

from __future__ import annotations

import ast
import errno
import io
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import rich.console

from evstats import files
from evstats.cli import console
from evstats.errors import ArgumentError
from evstats.report.pages import browser

ROOT = Path(__file__).resolve().parents[1]
ATTRIBUTES = (ROOT / ".gitattributes").read_text(encoding="utf-8")
#: What is checked out. Folders that begin with a dot, but those of the project, belong to tools.
TRACKED = [
    path.relative_to(ROOT)
    for top in (".ci", ".github", "data", "evstats", "notebooks", "tests")
    for path in (ROOT / top).rglob("*")
    if path.is_file() and not {"__pycache__", ".ipynb_checkpoints", "venv"} & set(path.parts)
]
RESERVED = re.compile(r"(con|aux|nul|prn|com\d|lpt\d)(\..*)?|.*[<>:\"|?*\\]|.*[. ]", re.IGNORECASE)


def test_every_system_can_hold_the_files() -> None:
    """Names that Windows allows, that differ by more than capitals, and that leave room for the folder before them."""
    assert len(TRACKED) > 500
    assert [str(path) for path in TRACKED if any(map(RESERVED.fullmatch, path.parts))] == []
    assert [name for name, count in Counter(str(path).lower() for path in TRACKED).items() if count > 1] == []
    assert max(len(str(path)) for path in TRACKED) < 120


def test_a_checkout_has_the_same_line_ends_everywhere() -> None:
    """Git keeps line feeds; what has others, or is no text, is named."""
    assert ATTRIBUTES.splitlines()[1] == "* text=auto eol=lf"
    kept = [pattern for pattern, how in re.findall(r"^(\S+) (binary|-text)$", ATTRIBUTES, flags=re.MULTILINE)]
    other = [path for path in TRACKED if b"\r\n" in (content := (ROOT / path).read_bytes()) or b"\0" in content]
    assert other
    assert [str(path) for path in other if not any(map(path.match, kept))] == []


def test_stubs_are_ascii() -> None:
    """lazy-loader reads them when a room is imported, in the encoding of the system."""
    stubs = [ROOT / path for path in TRACKED if path.suffix == ".pyi" and path.parts[0] == "evstats"]
    assert len(stubs) > 5
    assert [stub.name for stub in stubs if not stub.read_bytes().isascii()] == []


def test_texts_are_opened_in_an_encoding_that_is_named() -> None:
    for path in (ROOT / path for path in TRACKED if path.suffix == ".py" and path.parts[0] == "evstats"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if re.search(r"(open|read_text|write_text)\(", text) else ():
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and re.fullmatch(r"(?!os\.)(.*\.)?(open|read_text|write_text)", called):
                given = {ast.unparse(part) for part in (*node.args, *node.keywords)}
                in_bytes = any(re.fullmatch(r"(mode=)?'[rwx]b\+?'", part) for part in given)
                assert in_bytes or any(part.startswith("encoding=") for part in given), f"{path}:{node.lineno}"


def test_no_file_is_read_or_written_in_the_encoding_of_the_system(tmp_path: Path) -> None:
    """A Python that warns of it makes an analysis with its report, of few simulated samples."""
    script = """
import sys, warnings
warnings.filterwarnings("error", category=EncodingWarning, module="evstats")
from evstats.cli import main
from evstats.goodness import nested, nulls
nulls.REPLICATES, nulls.REPLICATES_PER_SHAPE, nulls.REPLICATES_ROUNDED, nulls.RESAMPLES = 1_000, 200, 500, 99
nested.REPLICATES, nested.BOOTSTRAPPED = (200, 100, 100, 100), 99
main()
"""
    flow = tmp_path / "flow.csv"
    flow.write_text("year,flow_m3s\n" + "".join(f"{1980 + i},{30 + (i * 37) % 23}\n" for i in range(40)), "utf-8")
    command = [sys.executable, "-X", "warn_default_encoding", "-c", script, "analyze", str(flow), "--out", "made"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(
        [*command, "--report"], cwd=tmp_path, env=environment, capture_output=True, encoding="cp1252", check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Return levels of flow" in done.stdout
    page = (tmp_path / "made" / "report.html").read_bytes()
    assert "−".encode() in page or "–".encode() in page
    assert b"\r\n" not in page


def test_a_path_on_a_drive_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "lexists", lambda place: False)
    with pytest.raises(ArgumentError, match=r"x\.csv cannot be written: there is no .+; choose another place\."):
        files.check_writable([Path("somewhere") / "x.csv"])


@pytest.mark.parametrize(
    ("variable", "place"),
    [
        ("ProgramFiles", "Google/Chrome/Application/chrome.exe"),
        ("ProgramFiles", "Microsoft/Edge/Application/msedge.exe"),
        ("ProgramFiles(x86)", "Microsoft/Edge/Application/msedge.exe"),
    ],
)
def test_browsers_are_found_where_windows_has_them(
    variable: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("EVSTATS_BROWSER", raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    program = tmp_path / place
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    assert Path(browser()) == program


class Terminal(io.StringIO):
    """A terminal that tells what was written to it."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("legacy", [False, True])
def test_a_terminal_without_codes_for_colours_gets_none(legacy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(rich.console, "detect_legacy_windows", lambda: legacy)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    console.show("Return levels", "bold")
    assert terminal.getvalue() == ("Return levels\n" if legacy else "\x1b[1mReturn levels\x1b[0m\n")


@pytest.mark.parametrize(("system", "is_fault"), [("nt", False), ("posix", True)])
def test_a_closed_pipe_is_no_fault_on_windows_either(
    system: str, is_fault: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """There it is told as an invalid argument."""
    with (tmp_path / "out").open("w", encoding="utf-8") as handle:

        class Closed(io.StringIO):
            def write(self, text: str) -> int:
                raise OSError(errno.EINVAL, "Invalid argument")

            def fileno(self) -> int:
                return handle.fileno()

        monkeypatch.setattr(sys, "stdout", Closed())
        monkeypatch.setattr(console.os, "name", system)
        if is_fault:
            with pytest.raises(ArgumentError, match="standard output cannot be written: Invalid argument"):
                console.show("one line")
        else:
            console.show("one line")
        monkeypatch.undo()
