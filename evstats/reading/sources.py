"""Opening what a user hands over: a path, compressed or not, or a file object, as UTF-8 text with plain line ends."""

from __future__ import annotations

import bz2
import difflib
import gzip
import hashlib
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import IO, Any

from evstats.errors import ArgumentError, DataError
from evstats.extras import install
from evstats.notes import Note
from evstats.text.arguments import InPython, Setting, Text, both, named

_DECOMPRESSORS: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ\x00": lzma.decompress,
}
_SAVE = "save it as CSV first"
_NOT_TEXT = {
    b"PK\x03\x04": ("a zip archive or spreadsheet (.ods, .xlsb)", f"unpack it, or open the spreadsheet and {_SAVE}"),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook (.xls), or one with a password", f"open it and {_SAVE}"),
    b"\x89PNG": ("a PNG image", "pass the file with the numbers behind it"),
    b"\xff\xd8\xff": ("a JPEG image", "pass the file with the numbers behind it"),
    b"%PDF": ("a PDF document", f"copy its table out and {_SAVE}"),
    b"CDF\x05": ("a NetCDF file of the CDF-5 format", "rewrite it with nccopy -k nc4 first"),
    b"\x93NUMPY": ("a NumPy file", "pass numpy.load(...) instead"),
}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_START = 200
_FIXED_DAYS = re.compile(
    rb"[A-Z]{2}[A-Z0-9_-]{9}(1[5-9]|2[01])\d\d(0[1-9]|1[0-2])[A-Z]{2}[A-Z0-9]{2}(?=[ \d-]{5})[^\n]{200}"
)
_BOM = "\ufeff".encode()


@dataclass(frozen=True)
class Content:
    """All that a path or file object holds, decompressed; ``sha256`` is the fingerprint of the bytes as they came.

    ``data`` is a string, without a fingerprint, where text was handed over.
    """

    name: str
    data: bytes | str
    sha256: str | None = None

    @property
    def binary(self) -> bytes:
        """The bytes; none of a text."""
        return b"" if isinstance(self.data, str) else self.data


@dataclass(frozen=True)
class Sheet:
    """The sheet of a workbook that a text was made of."""

    file: str
    name: str


@dataclass(frozen=True)
class Source:
    """A text in memory: ``data`` is UTF-8 with ``\\n`` line ends and no byte-order mark.

    ``sha256`` is the fingerprint of the bytes as they came, None where text was handed over; ``place`` says what its
    lines are.
    """

    name: str
    data: bytes
    notes: tuple[str, ...] = field(default=())
    sha256: str | None = None
    place: str = "line"
    sheet: Sheet | None = None

    @cached_property
    def text(self) -> str:
        """The same as a string."""
        return self.data.decode()

    def lines(self) -> Iterator[str]:
        """The lines one by one, decoded as they are asked for."""
        start = 0
        while start < len(self.data):
            end = self.data.find(b"\n", start)
            end = len(self.data) if end < 0 else end
            yield self.data[start:end].decode()
            start = end + 1

    def last_lines(self, count: int) -> tuple[int, list[str]]:
        """Where a line begins, and all lines from there: the last ones, so many at most."""
        start = len(self.data)
        for _ in range(count + 1):
            start = self.data.rfind(b"\n", 0, max(start, 0))
            if start < 0:
                break
        return start + 1, self.data[start + 1 :].decode().split("\n")

    def line_at(self, start: int) -> int:
        """The number of the line that begins there."""
        return self.data.count(b"\n", 0, start) + 1

    def lines_across(self, count: int) -> Iterator[str]:
        """So many whole lines, spread evenly over the text."""
        for part in range(count):
            start = self.data.find(b"\n", len(self.data) * part // count) + 1
            end = self.data.find(b"\n", start)
            if 0 < start < end:
                yield self.data[start:end].decode()


def fetch(source: str | PathLike[str] | IO[Any]) -> Content:
    """Read all of a path or file object, and decompress it where it is compressed."""
    name, content = _content(source)
    if isinstance(content, str):
        return Content(name, content)
    fingerprint = hashlib.sha256(content).hexdigest()
    content = _decompressed(name, content)
    if not content or content.isspace():
        raise DataError(f"{name} is empty", "pass a file with a header line and at least one row.")
    return Content(name, content, fingerprint)


def without_lines(source: Source, skip: int) -> Source:
    """The text without so many lines at its beginning; they are left empty, so that lines keep their numbers."""
    if isinstance(skip, bool) or not isinstance(skip, int) or skip < 0:
        problem = Text(Setting("skip"), f" must be a whole number of lines, 0 or more, not {skip!r}")
        raise ArgumentError(Text(problem, InPython(" (--skip)"), "."))
    if not skip:
        return source
    kept = source.data.split(b"\n", skip)[skip:]
    if not kept or not kept[0].strip():
        lines = source.data.rstrip().count(b"\n") + 1
        raise DataError(
            Text(f"{source.name} has {lines} lines, so ", Setting("skip", skip), " leaves none"),
            Text("skip fewer ", named("skip"), "."),
        )
    return replace(source, data=b"\n" * skip + kept[0], notes=(*source.notes, Note("skipped_as_asked", count=skip)))


def open_source(content: Content, encoding: str | None = None) -> Source:
    """The content as text; anything that is not text is an error that says what it is."""
    name = content.name
    if isinstance(content.data, str):
        return _source(name, content.data.removeprefix("\ufeff").encode(errors="replace"), ())
    _refuse_binary(name, content.data)
    data, notes = _as_utf8(name, content.data, encoding)
    return replace(_source(name, data, notes), sha256=content.sha256)


def missing_engine(name: str, what: str, needs: str) -> DataError:
    """The error for a file that an optional library reads."""
    return DataError(f"{name} is {what}, which {needs} reads:", f"{install('files')}, or {_SAVE}.")


def _source(name: str, data: bytes, notes: tuple[str, ...]) -> Source:
    if not data or data.isspace():
        raise DataError(f"{name} is empty", "pass a file with a header line and at least one row.")
    if b"\0" in data:
        raise DataError(f"{name} holds NUL bytes, so it is binary or damaged", f"{_SAVE}.")
    if data[:200].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise DataError(f"{name} is a web page or XML document, not a table", "download the data themselves as CSV.")
    if data[:200].lstrip().startswith((b"{", b"[{", b"[[")):
        raise DataError(f"{name} is JSON, not a table", "read it with pandas.read_json and pass the DataFrame.")
    if _FIXED_DAYS.match(data):
        raise DataError(
            f"{name} is in the fixed columns of GHCN-Daily (.dly: station, year, month, element, then 31 values with "
            "flags)",
            Text.of(
                "pass the CSV file of the station, which the same archive has, and choose the element with {}.",
                both("value"),
            ),
        )
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return Source(name, data, notes)


def _content(source: str | PathLike[str] | IO[Any]) -> tuple[str, str | bytes]:
    if isinstance(source, str | PathLike):
        return _read_path(fspath(source))
    if not hasattr(source, "read"):
        raise ArgumentError(
            f"cannot read from a {type(source).__name__}",
            "pass a path, an open file, or a pandas Series or DataFrame.",
        )
    name = str(getattr(source, "name", "")) or "the stream"
    try:
        content = source.read()
    except UnicodeDecodeError as error:
        raise DataError(f"{name} cannot be decoded as text ({error})", "open it in binary mode ('rb').") from error
    return name, content if isinstance(content, str) else bytes(content)


def _read_path(name: str) -> tuple[str, bytes]:
    if not name.strip():
        raise ArgumentError("the path is empty", "pass that of a file.")
    if "\n" in name:
        raise ArgumentError("source holds line breaks, so it is the text itself", "pass io.StringIO(text) instead.")
    if "://" in name:
        raise ArgumentError(f"{name} is a URL", "download it first and pass the path.")
    path = Path(name).expanduser()
    if path.is_dir():
        raise DataError(f"{name} is a directory", f"pass one file in it{_examples(path)}.")
    if not path.exists():
        raise DataError(f"{name} does not exist{_near(path)}", "check the path.")
    try:
        return name, path.read_bytes()
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror or error}.") from error


def _near(path: Path) -> str:
    if not path.parent.is_dir():
        return f": there is no folder {str(path.parent)!r}"
    names = {entry.name.lower(): entry.name for entry in path.parent.iterdir()}
    close = difflib.get_close_matches(path.name.lower(), names, n=1, cutoff=0.6)
    return f" (did you mean {str(path.parent / names[close[0]])!r}?)" if close else ""


def _examples(folder: Path) -> str:
    tables = sorted(entry.name for entry in folder.iterdir() if {".csv", ".tsv", ".txt"} & set(entry.suffixes))
    return f", such as {str(folder / tables[0])!r}" if tables else ""


def _decompressed(name: str, content: bytes) -> bytes:
    for magic, decompress in _DECOMPRESSORS.items():
        if content.startswith(magic):
            try:
                return decompress(content)
            except (EOFError, OSError, ValueError, zlib.error, lzma.LZMAError) as error:
                raise DataError(
                    f"{name} is compressed but damaged or cut short ({error})", "fetch it again."
                ) from error
    return content


def _refuse_binary(name: str, content: bytes) -> None:
    for magic, (what, remedy) in _NOT_TEXT.items():
        if content.startswith(magic):
            raise DataError(f"{name} is {what}", f"{remedy}.")


def _as_utf8(name: str, content: bytes, encoding: str | None) -> tuple[bytes, tuple[str, ...]]:
    if encoding is not None:
        return _decoded(name, content, encoding), ()
    if wide := _wide_encoding(content):
        return _decoded(name, content, wide), ()
    content = content.removeprefix(_BOM)
    if content.isascii():
        return content, ()
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        text, used = _as_western(content)
        return text.encode(), (Note("read_as", encoding=used, line=line),)
    return content, ()


def _wide_encoding(content: bytes) -> str | None:
    """UTF-16 by its byte-order mark, or because every other byte of the beginning is zero."""
    if content.startswith(_UTF16):
        return "utf-16"
    first, second = content[:_START:2].count(0), content[1:_START:2].count(0)
    if 4 * max(first, second) <= min(len(content), _START) or min(first, second):
        return None
    return "utf-16-le" if second else "utf-16-be"


def _decoded(name: str, content: bytes, encoding: str) -> bytes:
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
    except LookupError as error:
        raise ArgumentError(
            Text(f"unknown encoding {encoding!r} ", named("encoding")),
            "use a name such as 'utf-8', 'cp1252' or 'latin-1'.",
        ) from error
    except UnicodeError as error:
        raise _wrong_encoding(name, encoding) from error
    if not any(digit in text for digit in "0123456789"):
        raise _wrong_encoding(name, encoding)  # UTF-16 makes some text of any bytes, without a single digit
    return text.encode(errors="replace")


def _wrong_encoding(name: str, encoding: str) -> DataError:
    return DataError(
        f"{name} is not {encoding} text",
        Text.of(
            "leave the encoding out {}, or name the right one, such as 'utf-8', 'cp1252' or 'utf-16'.",
            named("encoding"),
        ),
    )


def _as_western(content: bytes) -> tuple[str, str]:
    """Windows-1252, of which Latin-1 is a part but for control characters; the few bytes it lacks leave Latin-1."""
    try:
        return content.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "Latin-1"
