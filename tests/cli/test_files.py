"""Files are written whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli.conftest import Evstats

from evstats import files
from evstats.errors import ArgumentError

ROOT = Path(__file__).resolve().parents[2]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def test_missing_folders_are_made(tmp_path: Path) -> None:
    files.write_all({tmp_path / "a" / "b" / "x.csv": b"1\n", tmp_path / "y.csv": b"2\n"})
    assert (tmp_path / "a" / "b" / "x.csv").read_bytes() == b"1\n"
    assert names(tmp_path) == ["a", "b", "x.csv", "y.csv"]


def test_existing_files_stand_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"old")
    contents = {tmp_path / "new.csv": b"1", tmp_path / "x.csv": b"2"}
    with pytest.raises(ArgumentError, match=r"x\.csv exists already; nothing was overwritten. Add force=True"):
        files.write_all(contents)
    assert names(tmp_path) == ["x.csv"]
    files.write_all(contents, force=True)
    assert (tmp_path / "x.csv").read_bytes() == b"2"


def test_many_existing_files_are_counted(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.csv" for i in range(5)]
    files.write_all(dict.fromkeys(paths, b""))
    with pytest.raises(ArgumentError, match=r"2\.csv and 2 more exist already"):
        files.check_writable(paths)


def test_a_link_stays_a_link_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target, link, second = tmp_path / "real" / "x.csv", tmp_path / "link.csv", tmp_path / "again.csv"
    target.write_bytes(b"old")
    link.symlink_to(Path("real") / "x.csv")
    second.symlink_to(link)
    files.write_all({second: b"new"}, force=True)
    assert second.is_symlink()
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert not target.is_symlink()


def test_a_link_to_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "x.csv")
    with pytest.raises(ArgumentError, match="exists already"):
        files.write_all({tmp_path / "link.csv": b"new"})
    assert (tmp_path / "x.csv").read_bytes() == b"old"


def test_a_dangling_link_gets_its_file(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "later.csv")
    files.write_all({tmp_path / "link.csv": b"new"})
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "later.csv").read_bytes() == b"new"


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    with pytest.raises(ArgumentError, match="leads back to itself"):
        files.write_all({tmp_path / "loop.csv": b"new"}, force=True)


def test_a_linked_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "results").symlink_to(tmp_path / "real")
    files.write_all({tmp_path / "results" / "x.csv": b"1"})
    assert (tmp_path / "results").is_symlink()
    assert (tmp_path / "real" / "x.csv").read_bytes() == b"1"


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_permissions_are_kept_and_new_files_follow_the_umask(tmp_path: Path) -> None:
    kept, new = tmp_path / "kept.csv", tmp_path / "new.csv"
    kept.write_bytes(b"old")
    kept.chmod(0o640)
    before = os.umask(0o027)
    try:
        files.write_all({kept: b"1", new: b"2"}, force=True)
    finally:
        os.umask(before)
    assert kept.stat().st_mode & 0o777 == 0o640
    assert new.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_read_only_places_are_refused(tmp_path: Path) -> None:
    folder, protected = tmp_path / "closed", tmp_path / "protected.csv"
    folder.mkdir(mode=0o500)
    protected.write_bytes(b"old")
    protected.chmod(0o400)
    for path in (folder / "x.csv", folder / "deeper" / "x.csv", protected):
        with pytest.raises(ArgumentError, match="no permission to write to"):
            files.write_all({path: b"1"}, force=True)
    assert protected.read_bytes() == b"old"


def test_no_permission_is_said_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    with pytest.raises(ArgumentError, match=r"x\.csv cannot be written: no permission to write to .*; choose another"):
        files.write_all({tmp_path / "x.csv": b"1"})


def test_folders_and_files_in_the_way_are_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ArgumentError, match="is a folder, not a file; give a file name"):
        files.write_all({tmp_path / "folder": b"1"})
    with pytest.raises(ArgumentError, match=r"cannot be written: .*file is a file, not a folder"):
        files.write_all({tmp_path / "file" / "deep" / "x.csv": b"1"})


def test_an_error_on_the_second_file_leaves_nothing_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        if len(list((tmp_path / "out").glob(".evstats-*"))) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ArgumentError, match=r"b\.csv cannot be written: No space left on device; nothing was left"):
        files.write_all({tmp_path / "out" / "a.csv": b"1", tmp_path / "out" / "b.csv": b"2"})
    assert names(tmp_path) == []


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_cannot_be_replaced_leaves_the_others_as_they_were(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that another program holds open on Windows: neither half of the old files nor half of the new."""
    names = ("a.csv", "new.csv", "held.csv", "z.csv")
    for name in (names[0], names[2], names[3]):
        (tmp_path / name).write_bytes(b"old " + name.encode())
    replace = Path.replace

    def held(self: Path, target: Path) -> Path:
        if Path(target).name == "held.csv" and self.suffix == ".tmp":
            raise PermissionError(13, "Permission denied")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", held)
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no links here")))
    with pytest.raises(ArgumentError, match=r"held\.csv cannot be written: Permission denied; nothing was left behind"):
        files.write_all({tmp_path / name: b"new" for name in names}, force=True)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.csv", "held.csv", "z.csv"]
    assert all(entry.read_bytes() == b"old " + entry.name.encode() for entry in tmp_path.iterdir())
    monkeypatch.setattr(Path, "replace", replace)
    files.write_all({tmp_path / name: b"new" for name in names}, force=True)
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == dict.fromkeys(names, b"new")


def test_an_interruption_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(handle: int) -> None:
        raise KeyboardInterrupt

    (tmp_path / "a.csv").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        files.write_all({tmp_path / "a.csv": b"1"}, force=True)
    assert names(tmp_path) == ["a.csv"]
    assert (tmp_path / "a.csv").read_bytes() == b"old"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_written_through_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE)
    files.write_all({pipe: b"through"})
    assert reader.communicate(timeout=20)[0] == b"through"
    assert pipe.is_fifo()


def test_the_null_device_survives() -> None:
    files.write_all({Path(os.devnull): b"gone"})
    assert not Path(os.devnull).is_file()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_a_kill_in_mid_write_leaves_the_old_file_whole(tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    target.write_bytes(b"old and whole\n")
    script = (
        "import os, sys, time, pathlib\n"
        "from evstats import files\n"
        "def hang(handle):\n"
        "    print('half way', flush=True); time.sleep(60)\n"
        "os.fsync = hang\n"
        "files.write_all({pathlib.Path(sys.argv[1]): b'new' * 100_000}, force=True)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    writer = subprocess.Popen([sys.executable, "-c", script, str(target)], stdout=subprocess.PIPE, env=environment)
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"half way\n"
    assert len(list(tmp_path.glob(".evstats-*.tmp"))) == 1
    writer.send_signal(signal.SIGKILL)
    writer.communicate(timeout=20)
    assert target.read_bytes() == b"old and whole\n"


def test_readers_see_the_old_or_the_new_file_and_nothing_between(tmp_path: Path) -> None:
    target, old, new = tmp_path / "x.csv", b"old" * 50_000, b"newer" * 50_000
    target.write_bytes(old)
    script = (
        "import sys, pathlib\nfrom evstats import files\n"
        "for turn in range(40):\n"
        "    files.write_all({pathlib.Path(sys.argv[1]): (b'old', b'newer')[turn % 2] * 50_000}, force=True)"
    )
    writer = subprocess.Popen([sys.executable, "-c", script, str(target)], env=os.environ | {"PYTHONPATH": str(ROOT)})
    seen = set()
    deadline = time.monotonic() + 60
    while writer.poll() is None and time.monotonic() < deadline:
        seen.add(target.read_bytes())
    assert writer.wait(timeout=20) == 0
    assert seen <= {old, new}
    assert names(tmp_path) == ["x.csv"]


def test_what_is_read_is_not_overwritten(tmp_path: Path, evstats: Evstats) -> None:
    """With --force either: the record would be gone."""
    rows = [f"{year},{30 + year % 7 + year / 100}" for year in range(1990, 2020)]
    (tmp_path / "flow.csv").write_text("\n".join(["year,flow", *rows]) + "\n")
    before = (tmp_path / "flow.csv").read_bytes()
    (tmp_path / "link.csv").symlink_to("flow.csv")
    for out in ("flow.csv", "./flow.csv", "link.csv"):
        done = evstats("levels", "flow.csv", "--out", out, "--force")
        assert done.returncode == 2
        assert f"{Path(out)} is what is read; choose another name." in done.stderr
    assert (tmp_path / "flow.csv").read_bytes() == before
