"""Running the command as a user does: in a process of its own, piped, at 80 columns."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
COMMAND = (sys.executable, "-W", "error", "-c", "from evstats.cli import main; main()")
#: Pandas warns of a missing optional dependency or a coming change on import now and then; that is not evstats'.
ENVIRONMENT = {
    **os.environ,
    "COLUMNS": "80",
    "PYTHONPATH": str(ROOT),
    "MPLBACKEND": "agg",
    "PYTHONIOENCODING": "utf-8",
}
ENVIRONMENT.pop("FORCE_COLOR", None)

Evstats = Callable[..., subprocess.CompletedProcess[str]]


def run_evstats(*arguments: object, cwd: Path, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        encoding=environment.get("PYTHONIOENCODING", "utf-8"),
        cwd=cwd,
        env=ENVIRONMENT | environment,
        timeout=120,
        check=False,
    )


@pytest.fixture
def evstats(tmp_path: Path) -> Evstats:
    """``evstats("levels", path)`` in an empty folder."""

    def run(*arguments: object, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return run_evstats(*arguments, cwd=tmp_path, stdin=stdin, **environment)

    return run


@pytest.fixture
def floods(tmp_path: Path) -> Path:
    """A short file of annual maxima."""
    path = tmp_path / "floods.csv"
    values = [31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8, 61.3, 35.5]
    path.write_text("year,flow_m3s\n" + "".join(f"{1990 + i},{x}\n" for i, x in enumerate(values)))
    return path
