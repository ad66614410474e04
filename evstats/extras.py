"""The name by which the package is installed, and the command that brings the libraries of an extra."""

from pathlib import Path

__all__ = ["DISTRIBUTION", "install"]

#: What pip knows the package by. It is imported, and called, as ``evstats``: in package indexes that is the name of an
#: older project, of astronomy.
DISTRIBUTION = "extreme-value-statistics"

_CHECKOUT = Path(__file__).resolve().parents[1]


def install(extra: str) -> str:
    """The command that brings the libraries of an extra, in quotes that every shell takes.

    A package that was installed, be it from an index or from a checkout, is known to pip by its name; a checkout that
    is only on the path is named by its folder.
    """
    on_path_only = not _installed() and (_CHECKOUT / "pyproject.toml").is_file()
    return f'pip install -e "{_CHECKOUT}[{extra}]"' if on_path_only else f'pip install "{DISTRIBUTION}[{extra}]"'


def _installed() -> bool:
    from importlib.metadata import PackageNotFoundError, version  # slow to load, and seldom needed

    try:
        version(DISTRIBUTION)
    except PackageNotFoundError:
        return False
    return True
