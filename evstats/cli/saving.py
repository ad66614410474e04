"""The tables of a command as files: a .csv gets the first, a .json all that is on the page, a folder a .csv of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from evstats.cli.console import working
from evstats.cli.options import Force
from evstats.cli.pages import Page
from evstats.cli.panels import of_output
from evstats.errors import ArgumentError, nearest
from evstats.files import check_writable, write_all
from evstats.report.parts import Listing

if TYPE_CHECKING:
    import pandas as pd

    from evstats.plots.drawing import Drawing

_SUFFIXES = (".csv", ".json")
_PAGES = (".html", ".htm", ".md")
_IMAGES = (".png", ".svg", ".pdf")


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

    def check(self, *read: str | Path) -> None:
        """An error, before any work, for a place where nothing could be written, or from which data are ``read``."""
        files = [place for place in self.out or () if not _is_folder(place)]
        for place in files:
            if place.suffix.lower() in _PAGES:
                raise ArgumentError(
                    f"{place} would be a page, and this command writes none",
                    f"--out FOLDER gets a file of each {self._kind}; the page of a fit is by evstats report.",
                )
            if place.suffix.lower() not in self._suffixes:
                known, hint = ", ".join(self._suffixes), nearest(place.suffix, self._suffixes)
                raise ArgumentError(
                    f"{place} is neither a folder nor a known kind of {self._kind}", f"known: {known}.{hint}"
                )
        check_writable(files, force=self.force, read=read)

    _suffixes: ClassVar[tuple[str, ...]] = _SUFFIXES
    _kind: ClassVar[str] = "table"

    def save(self, page: Page) -> None:
        """Write what is on the page, all files or none, and say on it where that is."""
        if self.out:
            self._save(page, {})

    def _save(self, page: Page, images: Mapping[Path, bytes]) -> None:
        places = {path: names for place in self.out or () for path, names in _contents(place, page).items()}
        if not (places or images):
            return
        told = (*map(_said, places, places.values()), *map(str, images))
        page.parts["files"] = Listing("Files", told, [*places, *images])
        tables = page.tables
        written = {
            path: csv(tables[names[0]]) if names else f"{page.to_json()}\n".encode() for path, names in places.items()
        }
        write_all({**written, **images}, force=self.force)


@dataclass(frozen=True)
class Picturing(Saving):
    """Where the tables and the figures go beside the terminal."""

    out: Annotated[
        list[Path] | None,
        of_output(
            "PATH",
            "A .csv (first table), .json (everything), .png, .svg or .pdf (first figure), or a folder (a .csv of each "
            "table, a .png of each figure); may be repeated.",
        ),
    ] = None
    force: Force = False

    _suffixes: ClassVar[tuple[str, ...]] = (*_SUFFIXES, *_IMAGES)
    _kind: ClassVar[str] = "table or figure"

    def save_with(self, page: Page, figures: Callable[[], Mapping[str, Drawing]]) -> None:
        """The same with figures, which are drawn if they are asked for."""
        images = self._images(figures) if any(_is_folder(p) or _is_image(p) for p in self.out or ()) else {}
        replace(self, out=[place for place in self.out or () if not _is_image(place)])._save(page, images)

    def _images(self, figures: Callable[[], Mapping[str, Drawing]]) -> dict[Path, bytes]:
        with working("drawing"):
            made, found = figures(), dict[Path, bytes]()
            for place in self.out or ():
                if _is_folder(place):
                    found |= {place / f"{name}.png": drawing.image("png") for name, drawing in made.items()}
                elif _is_image(place):
                    found[place] = next(iter(made.values())).image(place.suffix.lower().removeprefix("."))
        return found


def csv(table: pd.DataFrame) -> bytes:
    """A table as CSV, numbers with all their digits."""
    return table.to_csv(index=False, lineterminator="\n").encode()


def _is_image(place: Path) -> bool:
    return not _is_folder(place) and place.suffix.lower() in _IMAGES


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
