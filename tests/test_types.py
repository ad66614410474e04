"""Types as a user's editor and type checker see them: nothing public is untyped, and what is given is accepted."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest
import reference
from documents import BY_NAME

import evstats as ev

ROOT = Path(__file__).resolve().parents[1]
USER, OF_ROOMS = ROOT / "tests" / "typed" / "user.py", ROOT / "tests" / "typed" / "rooms.py"
ROOMS = (
    "losses",
    "noise",
    "plots",
    "montecarlo",
    "sampling",
    "distributions",
    "estimators",
    "intervals",
    "goodness",
    "report",
)


#: Neither PyTorch nor JAX need be there: a type like theirs is given, and comes back.
ARRAYS = """
from typing import Any, assert_type
import evstats as ev
class Tensor:
    def requires_grad_(self, requires_grad: bool = True) -> "Tensor": return self
class JaxArray:
    def block_until_ready(self) -> "JaxArray": return self
def of(t: Tensor, j: JaxArray) -> None:
    assert_type(ev.sampling.gumbel_max(t, rng=1), Tensor)
    assert_type(ev.sampling.gumbel_softmax(j, 0.5), JaxArray)
    assert_type(ev.sampling.gumbel_top_k(t, 2).inclusion, Tensor)
    assert_type(ev.sampling.RelaxedOneHot(j).draw(), JaxArray)
    assert_type(ev.sampling.Categorical(t).draw(3), Tensor)
    assert_type(ev.noise.gumbel_like(t), Tensor)
"""
LENIENT = '# mypy: disable-error-code="import-untyped, no-untyped-def"\n'  # a reader's example need not be typed
OF_USERS = ("README.md", "notebooks/GUIDE.md", "data/README.md")


def revealing() -> str:
    """A program that asks for the type of every public function and class."""
    return "import evstats\n" + "".join(f"reveal_type(evstats.{name})\n" for name in sorted({*public_callables()}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where programs are checked, with what mypy remembers of the packages."""
    for module in ("mypy", "pandas-stubs"):
        if find_spec(module) is None:
            pytest.skip(f"needs {module}: pip install '.[dev]'")
    folder = tmp_path_factory.mktemp("programs")
    (folder / "mypy.ini").write_text("[mypy]\n")
    return folder


def check(folder: Path, programs: dict[str, str], stubs: Path | None = None) -> dict[str, list[str]]:
    """What ``mypy --strict`` says of programs of a user, who has stubs of pandas installed, and evstats as a package:
    of what is imported it reads the types and not the code, which the package's own check does."""
    for name, program in programs.items():
        (folder / f"{name}.py").write_text(program, encoding="utf-8")
    path = os.pathsep.join(map(str, filter(None, (ROOT, stubs))))
    options = ("--strict", "--no-error-summary", "--follow-imports=silent")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *(f"{name}.py" for name in programs)],
        cwd=folder,
        env=os.environ | {"MYPYPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr, done.stderr
    said: dict[str, list[str]] = {name: [] for name in programs}
    for line in done.stdout.splitlines():
        said[line.partition(".py:")[0]].append(line)
    return said


@pytest.fixture(scope="module")
def said(folder: Path) -> dict[str, list[str]]:
    """What it says of all programs below, which it is asked once."""
    documents = {_module(name): LENIENT + BY_NAME[name].typed() for name in OF_USERS}
    written = {script.stem: script.read_text(encoding="utf-8") for script in (USER, OF_ROOMS)}
    return check(folder, {**written, **documents, "arrays": ARRAYS, "revealed": revealing()})


def _module(document: str) -> str:
    return re.sub(r"\W", "_", document).lower()


@pytest.mark.parametrize("script", [USER, OF_ROOMS], ids=["user", "rooms"])
def test_a_users_script_runs_and_passes_strictly(script: Path, said: dict[str, list[str]]) -> None:
    assert said[script.stem] == []
    runpy.run_path(str(script), run_name="__main__")


def test_it_passes_pyright_too(tmp_path: Path) -> None:
    if find_spec("pyright") is None:
        pytest.skip("needs pyright: pip install '.[dev]'")
    for script in (USER, OF_ROOMS):
        (tmp_path / script.name).write_text(script.read_text(encoding="utf-8"), encoding="utf-8")
    settings = {"include": ["user.py", "rooms.py"], "extraPaths": [str(ROOT)], "typeCheckingMode": "strict"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout.startswith("{"):
        pytest.skip(f"pyright does not start here: {done.stderr[-200:]}")
    found = json.loads(done.stdout)
    assert [problem["message"] for problem in found["generalDiagnostics"]] == []
    assert found["summary"]["filesAnalyzed"] == 2


def test_arrays_of_other_libraries_give_arrays_of_theirs(said: dict[str, list[str]]) -> None:
    assert said["arrays"] == []


def test_a_parameter_that_a_family_lacks_is_an_error_that_names_those_it_has() -> None:
    assert float(ev.GEV(0.0, 1.0, 0.1).shape) == 0.1
    with pytest.raises(AttributeError, match=r"^Gumbel has no shape; its parameters are loc, scale\.$"):
        _ = ev.Gumbel(0.0, 1.0).shape
    assert not hasattr(ev.Gumbel(0.0, 1.0), "shape")


def test_the_scripts_use_every_name_of_the_package_and_its_rooms() -> None:
    nodes = [node for script in (USER, OF_ROOMS) for node in ast.walk(ast.parse(script.read_text(encoding="utf-8")))]
    used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    assert [name.written for name in reference.names() if name.written.rpartition(".")[2] not in used] == []


@pytest.mark.parametrize("name", OF_USERS)
def test_the_python_of_the_documents_of_users_passes_strictly(name: str, said: dict[str, list[str]]) -> None:
    assert said[_module(name)] == []


def public_callables() -> Iterator[str]:
    for name in ev.__all__:
        thing = getattr(ev, name)
        if name in ROOMS:
            names = getattr(thing, "__all__", None) or [each for each in vars(thing) if not each.startswith("_")]
            yield from (f"{name}.{each}" for each in names if _is_own(getattr(thing, each)))
        elif _is_own(thing):
            yield name


def _is_own(thing: object) -> bool:
    return (inspect.isfunction(thing) or inspect.isclass(thing)) and thing.__module__.startswith("evstats")


def test_everything_public_has_a_type_that_completes(said: dict[str, list[str]]) -> None:
    names = sorted(set(public_callables()))
    assert {"fit", "plots.return_level", "sampling.gumbel_max", "montecarlo.importance"} <= set(names)
    found = "\n".join(said["revealed"])
    types = re.findall(r"note: Revealed type is \"(.*)\"", found)
    assert len(types) == len(names), found
    for name, revealed in zip(names, types, strict=True):
        assert revealed != "Any", name
        assert not revealed.endswith("-> Any"), f"{name}: {revealed}"


def test_it_passes_where_pandas_has_no_types(folder: Path, said: dict[str, list[str]], tmp_path: Path) -> None:
    """Without pandas-stubs everything of pandas is Any, as it is by a stub that says so; what is said of it goes.

    After the other checks: what is kept of the package is of no use with other stubs.
    """
    (tmp_path / "pandas").mkdir()
    (tmp_path / "pandas" / "__init__.pyi").write_text(
        "from typing import Any\ndef __getattr__(name: str) -> Any: ...\n"
    )
    program = re.sub(r"assert_type\((.*), (pd\.DataFrame|\"pd\.Series\")\)", r"(\1)", USER.read_text(encoding="utf-8"))
    assert "pd.DataFrame)" not in program
    assert check(folder, {"without": program}, tmp_path) == {"without": []}


@pytest.mark.parametrize("package", [ev, ev.report], ids=["evstats", "report"])
def test_the_stub_and_the_package_offer_the_same(package: ModuleType) -> None:
    tree = ast.parse(Path(str(package.__file__)).with_suffix(".pyi").read_text(encoding="utf-8"))
    names = [alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert len(names) == len(set(names))
    assert set(names) == set(package.__all__)
    for name in names:
        assert getattr(package, name) is not None
