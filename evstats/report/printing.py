"""The page printed as PDF, by a browser of the Chromium family that is installed, without a window."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from evstats.errors import ArgumentError

BROWSER = "EVSTATS_BROWSER"
"""The environment variable that names the browser, where it is not found by its usual name."""

_NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)  # fmt: skip
_FLAGS = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-extensions", "--disable-quic",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--no-pdf-header-footer",
)  # fmt: skip
_PATIENCE = 120.0
_INSTEAD = "write .html and print that from a browser, or write .md or .json."


def browser(path: Path | str = "a PDF") -> str:
    """The browser that prints; an error where there is none."""
    named = os.environ.get(BROWSER)
    if found := next(filter(None, map(shutil.which, [named] if named else _NAMES)), None):
        return found
    missing = f"{BROWSER} names {named!r}, which is not there" if named else "no Chromium, Chrome or Edge is found"
    name_it = "" if named else f" ({BROWSER} may name one)"
    raise ArgumentError(f"{path} is printed by a browser, and {missing}{name_it}; {_INSTEAD}")


def printed(page: str) -> bytes:
    """The page as PDF, on paper as its style says.

    Raises
    ------
    ArgumentError : no browser, or one that does not print.
    """
    program = browser()
    with tempfile.TemporaryDirectory(prefix="evstats-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        source, target = folder / "report.html", folder / "report.pdf"
        source.write_text(page, encoding="utf-8")
        own = [f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={target}", source.as_uri()]
        try:
            done = subprocess.run([program, *_FLAGS, *_sandbox(), *own], capture_output=True, timeout=_PATIENCE)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ArgumentError(f"{program} did not print the report ({error}); {_INSTEAD}") from error
        if not target.exists():
            raise ArgumentError(f"{program} did not print the report (exit code {done.returncode}); {_INSTEAD}")
        return target.read_bytes()


def _sandbox() -> list[str]:
    """The browser refuses its sandbox to root; the page is ours, holds no script and fetches nothing."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
