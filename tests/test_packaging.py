"""What is shipped: a wheel that works alone in a fresh environment, a source distribution that has all it needs, and
bounds of the dependencies that are tested as they are declared."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest

from evstats import extras
from evstats.extras import DISTRIBUTION, install

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OLDEST = (ROOT / "tests" / "oldest.txt").read_text(encoding="utf-8")


def run(*command: object, cwd: Path) -> str:
    """Run from a folder that is not the checkout, as a user would."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "COLUMNS")}
    done = subprocess.run([*map(str, command)], cwd=cwd, env=inherited, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the source distribution, and the wheel that is built from it."""
    if find_spec("build") is None:
        pytest.skip("needs build: pip install '.[dev]'")
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_its_data_and_no_tests(dist: Path) -> None:
    (path,) = dist.glob("*.whl")
    names = set(zipfile.ZipFile(path).namelist())
    sources = {
        str(file.relative_to(ROOT)).replace(os.sep, "/")
        for file in (ROOT / "evstats").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    shipped = {name for name in names if name.startswith("evstats/")}
    assert shipped == sources
    assert {"evstats/py.typed", "evstats/__init__.pyi", "evstats/report/page.html.jinja"} <= shipped
    assert any(name.endswith(".npz") for name in shipped)
    assert {name.split("/")[0] for name in names} == {
        "evstats",
        f"{DISTRIBUTION.replace('-', '_')}-{PROJECT['version']}.dist-info",
    }
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.slow
def test_the_source_distribution_holds_what_the_tests_need(dist: Path) -> None:
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "tests/conftest.py",
        "tests/oldest.txt",
        ".ci/run",
        ".gitattributes",
    }
    wanted |= {str(path.relative_to(ROOT)).replace(os.sep, "/") for path in (ROOT / ".github").rglob("*.*")}
    assert wanted | {"data/river_daily_flow.csv", "evstats/py.typed", "notebooks/1_floods.ipynb"} <= names


@pytest.mark.slow
def test_the_wheel_works_alone_in_a_fresh_environment(dist: Path, tmp_path: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    venv.create(tmp_path / "fresh", with_pip=True)
    tools = tmp_path / "fresh" / ("Scripts" if os.name == "nt" else "bin")
    run(tools / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    assert (
        run(tools / "python", "-c", "import evstats; print(evstats.__version__)", cwd=tmp_path).strip()
        == (PROJECT["version"])
    )
    shutil.copy(ROOT / "data" / "river_daily_flow.csv", tmp_path / "flow.csv")
    shown = run(tools / "evstats", "analyze", "flow.csv", "--block", "water-year", "--out", "results", cwd=tmp_path)
    assert "Return levels of discharge_m3s (m3/s)" in shown
    assert (tmp_path / "results" / "return_levels.png").read_bytes().startswith(b"\x89PNG")
    sampled = "from evstats import sampling; print(sampling.gumbel_max([0.0, 5.0], rng=1), sampling.softmax([0.0]))"
    assert run(tools / "python", "-c", sampled, cwd=tmp_path)


def test_the_oldest_versions_are_those_declared() -> None:
    """``tests/oldest.txt`` holds every lower bound, so that what it tests is what is declared."""
    extras = PROJECT["optional-dependencies"]
    beside = [*extras["grid"], *(own for own in extras["test"] if own.startswith("distributed"))]
    declared = dict(own.replace("[array]", "").split(">=") for own in [*PROJECT["dependencies"], *beside])
    tested = dict(re.findall(r"^([\w-]+)==([\d.]+?)(?:\.\*)?$", OLDEST, flags=re.MULTILINE))
    assert tested == declared


def test_the_name_is_said_once() -> None:
    """The hints in the package name the distribution that is built, and its own extras go by that name too."""
    assert PROJECT["name"] == DISTRIBUTION
    own = [
        part
        for extra in PROJECT["optional-dependencies"].values()
        for part in extra
        if part.startswith(("evstats", DISTRIBUTION))
    ]
    assert {part.partition("[")[0] for part in own} == {DISTRIBUTION}
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "evstats").rglob("*.py")}
    assert [path.name for path, text in sources.items() if "pip install" in text] == ["extras.py"]
    hinted = {extra for text in sources.values() for extra in re.findall(r"\binstall\([\"'](\w+)[\"']\)", text)}
    assert {"arch", "bayes", "files", "grid", "torch"} <= hinted <= set(PROJECT["optional-dependencies"])


def test_a_hint_names_what_pip_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package by its name; a checkout that is on the path, and not installed, by its folder."""
    monkeypatch.setattr(metadata, "version", lambda name: {DISTRIBUTION: "1.0"}[name])
    assert install("grid") == 'pip install "extreme-value-statistics[grid]"'

    def unknown(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", unknown)
    monkeypatch.setattr(extras, "_CHECKOUT", ROOT)
    assert install("grid") == f'pip install -e "{ROOT}[grid]"'
    monkeypatch.setattr(extras, "_CHECKOUT", ROOT / "tests")  # as copied into a project: no pyproject.toml beside it
    assert install("grid") == 'pip install "extreme-value-statistics[grid]"'


def test_the_version_is_the_same_everywhere() -> None:
    cited = dict(
        re.findall(r"^([\w-]+): (.*)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    latest = re.search(r"^## (\d\S*) — (\S+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert latest is not None
    assert latest.groups() == (cited["version"], cited["date-released"])
    assert cited["version"] == PROJECT["version"]
