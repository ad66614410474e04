"""What only a terminal sees: completion by Tab, colour, errors wrapped at its width, and progress of long work."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from cli.conftest import ENVIRONMENT, Door, Evstats

from evstats.calendars.rules import BLOCKS
from evstats.distributions import FAMILIES, PEAK_FAMILIES
from evstats.estimators import ESTIMATORS, PRIORS
from evstats.extremes.blocks import KINDS
from evstats.intervals import INTERVALS

pty = pytest.importorskip("pty", reason="no pseudo-terminals here")

REGISTRIES = {
    "family": [*FAMILIES, *PEAK_FAMILIES],
    "method": ESTIMATORS,
    "prior": PRIORS,
    "interval": INTERVALS,
    "block": BLOCKS,
}
REGISTRIES |= {"kind": KINDS}
FIGURES = ("return-level", "diagnostics", "trend", "then-and-now", "series", "qq", "pp", "density")

Terminal = Callable[..., tuple[int, str, str]]


@pytest.fixture
def completed(evstats: Evstats, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """What Tab offers after these words, of which the last may be begun only."""

    def run(*words: str, shell: str = "bash") -> list[str]:
        line = " ".join(("evstats", *words))
        typed = {"COMP_WORDS": line, "COMP_CWORD": str(len(words)), "_TYPER_COMPLETE_ARGS": line}
        for name, value in (typed | {"_EVSTATS_COMPLETE": f"complete_{shell}"}).items():
            monkeypatch.setenv(name, value)
        done = evstats()
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.rstrip("\n").split("\n")

    return run


@pytest.mark.parametrize("option", REGISTRIES)
def test_tab_completes_the_names_of_every_registry(option: str, completed: Callable[..., list[str]]) -> None:
    names = list(REGISTRIES[option])
    assert completed("fit", "x.csv", f"--{option}", "") == names
    begun = names[-1][:2]
    assert completed("fit", f"--{option}", begun) == [name for name in names if name.startswith(begun)]


def test_tab_completes_commands_options_figures_and_seasons(completed: Callable[..., list[str]]) -> None:
    assert completed("lev") == ["levels"]
    assert completed("fit", "--fam") == ["--family"]
    assert completed("plot", "--figure", "") == list(FIGURES)
    assert completed("fit", "--block", "D") == ["DJF"]
    assert completed("risk", "--returns", "") == ["log", "simple"]
    assert completed("risk", "--horizon", "") == ["block", "peak", "observation"]


def test_zsh_is_offered_the_same_and_files_for_the_data(completed: Callable[..., list[str]]) -> None:
    assert completed("fit", "--family", "gev", shell="zsh") == [
        '_arguments \'*: :(("gev"',
        '"gev-min"))\'',
    ]
    assert completed("fit", "flo", shell="zsh") == ["_files"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_names_and_leaves_files_to_itself(process: Evstats, tmp_path: Path) -> None:
    """The script that bash would load, in bash: an empty reply falls back on file names (-o default)."""
    command = tmp_path / "evstats"
    command.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m evstats \"$@\"\n")
    command.chmod(0o755)
    script = (
        'eval "$(_EVSTATS_COMPLETE=source_bash evstats)"; complete -p evstats; '
        "COMP_WORDS=(evstats fit --family gum); COMP_CWORD=3; _evstats_completion evstats; echo ${COMPREPLY[*]}; "
        "COMP_WORDS=(evstats fit flo); COMP_CWORD=2; _evstats_completion evstats; echo ${#COMPREPLY[*]}"
    )
    path = os.pathsep.join((str(tmp_path), os.environ["PATH"]))
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        env=ENVIRONMENT | {"PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "complete -o default -F _evstats_completion evstats",
        "gumbel gumbel-min",
        "0",
    ]


@pytest.fixture
def terminal(tmp_path: Path, door: Door) -> Terminal:
    """The command with standard error on a terminal so many columns wide, and standard output on one or in a pipe."""
    import fcntl
    import struct
    import termios

    def run(
        *arguments: object, columns: int = 80, both: bool = False, code: str | None = None, **environment: str
    ) -> tuple[int, str, str]:
        inherited = {name: value for name, value in ENVIRONMENT.items() if name != "COLUMNS"}
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        name, piped = os.ttyname(follower), tmp_path / "stdout"
        piped.write_bytes(b"")
        inherited |= {"TERM": "xterm-256color"} | environment
        given = [*map(str, arguments)]
        door.begin(name if both else piped, name, tmp_path, inherited, arguments=given, code=code)
        os.close(follower)
        shown = _read_all(leader)
        ended = door.code()
        os.close(leader)
        return ended, piped.read_text(encoding="utf-8"), shown.decode().replace("\r\n", "\n")

    return run


def _read_all(leader: int) -> bytes:
    shown = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:  # Linux says so when the other end is closed
            return shown
        if not part:
            return shown
        shown += part


def plain(shown: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)


@pytest.mark.parametrize(("columns", "width"), [(80, 80), (50, 50), (200, 80)])
def test_errors_wrap_between_words_at_the_width_of_a_terminal(
    columns: int, width: int, floods: Path, terminal: Terminal
) -> None:
    code, printed, shown = terminal("fit", floods, "--family", "gumble", columns=columns)
    assert (code, printed) == (2, "")
    lines = plain(shown).splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= width
    assert " ".join(lines) == (
        f"evstats: unknown family 'gumble'; known: {', '.join(map(repr, FAMILIES))}. Did you mean 'gumbel'?"
    )


def test_a_path_in_an_error_is_never_broken(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "-".join(["a-long-name"] * 12)
    code, _, shown = terminal("fit", path)
    assert code == 1
    assert str(path) in plain(shown)


def test_a_piped_error_is_one_line_whatever_the_colours(floods: Path, process: Evstats) -> None:
    for environment in ({}, {"FORCE_COLOR": "1"}, {"COLUMNS": "40"}):
        done = process("fit", floods, "--family", "gumble", **environment)
        assert done.stderr.count("\n") == 1, environment
        assert ("\x1b[" in done.stderr) == ("FORCE_COLOR" in environment)


@pytest.mark.parametrize(
    ("environment", "colours", "codes"),
    [({}, True, True), ({"NO_COLOR": "1"}, False, True), ({"TERM": "dumb"}, False, False)],
    ids=["terminal", "NO_COLOR", "dumb"],
)
def test_colour_is_for_terminals_that_want_it(
    environment: dict[str, str], colours: bool, codes: bool, floods: Path, terminal: Terminal
) -> None:
    _, _, error = terminal("fit", "nowhere.csv", **environment)
    assert ("\x1b[1;31m" in error) == colours
    _, _, page = terminal("audit", floods, both=True, **environment)
    page = page.rpartition("\x1b[2K")[2]  # without what a slow machine shows meanwhile, and erases
    assert re.search(r"^rows kept +12$", plain(page), re.MULTILINE)
    assert ("\x1b[1m" in page) == codes
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", page)
    assert codes or "\x1b" not in error + page


QUICK = """
from evstats import progress
from evstats.cli import console
with console.working("reading"), progress.bar(3, "samples") as bar:
    bar.update(3)
print("done")
"""


def test_nothing_flashes_where_a_command_is_quick(terminal: Terminal) -> None:
    assert terminal(code=QUICK) == (0, "done\n", "")


SLOW = """
import time
from evstats import progress
from evstats.cli import console
console._PATIENCE = progress._PATIENCE = 0.2
with console.working("fitting"):
    with progress.bar(3, "inner") as bar:
        time.sleep(0.6)
        bar.update()
print("done")
with progress.bar(3, "samples") as bar:
    for _ in range(3):
        time.sleep(0.3)
        bar.update()
"""


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_long_work_is_said_on_a_terminal_and_gone_when_done(term: str, terminal: Terminal) -> None:
    code, printed, shown = terminal(code=SLOW, TERM=term)
    assert (code, printed) == (0, "done\n")
    assert ("fitting ..." in shown) == (term != "dumb")
    assert "inner" not in shown  # one sign of progress at a time
    assert "samples:" in shown
    if term != "dumb":
        assert shown.rindex("\x1b[2K") > shown.rindex("fitting")  # the line is erased
        assert shown.rindex("\x1b[?25h") > shown.rindex("fitting")  # and the cursor back
    assert shown.endswith("\r")  # the bar is overwritten with blanks


def test_long_work_is_silent_in_a_pipe() -> None:
    slowly = (sys.executable, "-W", "error", "-c", SLOW)
    done = subprocess.run(slowly, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("done\n", "")


def test_what_takes_long_is_said_by_its_name(floods: Path, evstats: Evstats, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    for module in ("commands", "options", "options_of_data", "analysis"):
        monkeypatch.setattr(f"evstats.cli.{module}.working", lambda what: nullcontext(said.append(what)))
    evstats("fit", floods)
    evstats("levels", floods)
    evstats("risk", floods)
    assert said.count("computing intervals") == 3
    assert f"reading {floods}" in said
    assert "fitting gev" in said
