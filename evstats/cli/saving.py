"""The tables of a command as files: a .csv gets the first, a .json all that is on the page, a folder a .csv of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from evstats.cli.options import Force, of_output
from evstats.cli.pages import Page
from evstats.errors import ArgumentError, nearest
from evstats.files import check_writable, write_all
from evstats.report.parts import Listing

if TYPE_CHECKING:
    import pandas as pd

_SUFFIXES = (".csv", ".json")


@dataclass(frozen=True)
class Saving:
    """Where the tables go beside the terminal."""

    out: Annotated[
        list[Path] | None,
        of_output(
            "PATH", "A .csv (first table), a .json (everything) or a folder (a .csv of each table); may be repeated."
        ),
    ] = None
    force: Force = False

    def check(self) -> None:
        """An error, before any work, for a place where nothing could be written."""
        files = [place for place in self.out or () if not _is_folder(place)]
        for place in files:
            if place.suffix.lower() not in _SUFFIXES:
                known = ", ".join(_SUFFIXES)
                hint = nearest(place.suffix, _SUFFIXES)
                raise ArgumentError(f"{place} is neither a folder nor a known kind of table", f"known: {known}.{hint}")
        check_writable(files, force=self.force)

    def save(self, page: Page) -> None:
        """Write what is on the page, all files or none, and say on it where that is."""
        if not self.out:
            return
        places = {path: names for place in self.out for path, names in _contents(place, page).items()}
        page.parts["files"] = Listing("Files", tuple(map(_said, places, places.values())), list(places))
        tables = page.tables
        written = {
            path: csv(tables[names[0]]) if names else f"{page.to_json()}\n".encode() for path, names in places.items()
        }
        write_all(written, force=self.force)


def csv(table: pd.DataFrame) -> bytes:
    """A table as CSV, numbers with all their digits."""
    return table.to_csv(index=False, lineterminator="\n").encode()


def _is_folder(place: Path) -> bool:
    return place.is_dir() or not place.suffix


def _contents(place: Path, page: Page) -> dict[Path, list[str]]:
    """The files of a place, each with the table that it holds and those that it leaves out; none for the whole page."""
    names = page.in_order()
    if _is_folder(place):
        return {place / f"{name}.csv": [name] for name in names}
    return {place: names if place.suffix.lower() == ".csv" else []}


def _said(path: Path, names: list[str]) -> str:
    """A file, and what is not in it."""
    held, *others = names or [""]
    return f"{path} ({held}; a folder would get {', '.join(others)} too)" if others else str(path)
