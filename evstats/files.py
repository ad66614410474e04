"""Writing files whole or not at all: everything under temporary names first, then moved into place together."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from uuid import uuid4

from evstats.errors import ArgumentError
from evstats.text.arguments import Setting, Text
from evstats.text.paragraphs import listed


def write_all(contents: Mapping[Path, bytes], *, force: bool = False) -> None:
    """Write every content to its path; on any error the old files stand as they stood and nothing new is left behind.

    Missing folders are made. A symbolic link stays a link and the file it points to is replaced, with its permissions
    kept. Devices and pipes are written straight through.

    Raises
    ------
    ArgumentError
        A path that cannot be written, or one that exists when ``force`` is not given.

    Examples
    --------
    >>> write_all({Path("results/levels.csv"): b"return_period,estimate\\n"})
    """
    check_writable(contents, force=force)
    with ExitStack() as undo:
        staged: list[tuple[Path, Path]] = []
        for path, content in contents.items():
            target = _target(path)
            try:
                _make_folder(target.parent, undo)
                if _is_special(target):
                    target.write_bytes(content)
                else:
                    staged.append((_write_beside(target, content, undo), target))
            except OSError as error:
                raise _failed(path, error) from error
        kept: list[Path] = []
        for temporary, target in staged:
            try:
                if len(staged) > 1:  # one is replaced in one step, of several the last may fail
                    kept += filter(None, [_with_way_back(target, undo)])
                temporary.replace(target)
            except OSError as error:
                raise _failed(target, error) from error
        undo.pop_all()
        for old in kept:
            old.unlink(missing_ok=True)


def check_writable(paths: Iterable[Path], *, force: bool = False, read: Iterable[str | Path] = ()) -> None:
    """Raise an ArgumentError where ``write_all`` would: long work is not begun for results that cannot be kept.

    None of the files that are ``read`` is replaced, by ``force`` either.
    """
    there, sources = [], {_target(Path(name)) for name in read}
    for path in paths:
        target = _target(path)
        if os.path.islink(target):
            raise ArgumentError(
                f"{path} is a symbolic link that leads back to itself", "remove it or choose another name."
            )
        if os.path.isdir(target):
            raise ArgumentError(f"{path} is a folder, not a file", "give a file name.")
        if target in sources and os.path.isfile(target):
            raise ArgumentError(f"{path} is what is read", "choose another name.")
        if os.path.exists(target):
            _require(target, path, os.W_OK)
            there += [] if force or _is_special(target) else [str(path)]
        _check_folder(target.parent, path)
    if there:
        verb = "exists" if len(there) == 1 else "exist"
        raise ArgumentError(
            f"{listed(there, 3)} {verb} already; nothing was overwritten.",
            Text("Add ", Setting("force", True), " to replace."),
        )


def _check_folder(folder: Path, path: Path) -> None:
    """The folder, or the nearest one above it that exists, must be a folder one may write in."""
    nearest = next((place for place in (folder, *folder.parents) if os.path.lexists(place)), None)
    if nearest is None:  # on Windows not every letter is a drive
        raise ArgumentError(f"{path} cannot be written: there is no {folder.anchor}", "choose another place.")
    if not os.path.isdir(nearest):
        raise ArgumentError(f"{path} cannot be written: {nearest} is a file, not a folder", "choose another place.")
    if not _is_special(_target(path)):
        _require(nearest, path, os.W_OK | os.X_OK)


def _require(place: Path, path: Path, access: int) -> None:
    if not os.access(place, access):
        raise ArgumentError(f"{path} cannot be written: no permission to write to {place}", "choose another place.")


def _target(path: Path) -> Path:
    """The file itself, at the end of any chain of links."""
    return Path(os.path.realpath(path.expanduser()))


def _is_special(target: Path) -> bool:
    """Whether something stands there that must not be replaced by a file: a device, a pipe."""
    return os.path.exists(target) and not os.path.isfile(target)


def _make_folder(folder: Path, undo: ExitStack) -> None:
    for missing in reversed([place for place in (folder, *folder.parents) if not os.path.exists(place)]):
        missing.mkdir(exist_ok=True)
        undo.callback(_remove_folder, missing)


def _remove_folder(folder: Path) -> None:
    with suppress(OSError):  # others may have put something in it meanwhile
        folder.rmdir()


def _write_beside(target: Path, content: bytes, undo: ExitStack) -> Path:
    """The content on disk under a temporary name in the folder of the target, with the permissions of the target."""
    temporary = target.with_name(f".evstats-{uuid4().hex}.tmp")
    undo.callback(temporary.unlink, missing_ok=True)
    with temporary.open("xb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    if target.exists():
        temporary.chmod(stat.S_IMODE(target.stat().st_mode))
    return temporary


def _with_way_back(target: Path, undo: ExitStack) -> Path | None:
    """Another name for the file that stands there, from which an error puts it back; None where there is none."""
    if not target.exists():
        undo.callback(target.unlink, missing_ok=True)
        return None
    name = target.with_name(f".evstats-{uuid4().hex}.old")
    undo.callback(name.unlink, missing_ok=True)
    try:
        os.link(target, name)
    except OSError:  # not every disk has links
        shutil.copy2(target, name)
    undo.callback(name.replace, target)
    return name


def _failed(path: Path, error: OSError) -> ArgumentError:
    return ArgumentError(f"{path} cannot be written: {error.strerror or error}; nothing was left behind.")


__all__ = ["check_writable", "write_all"]
