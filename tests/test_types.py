"""Types as a user's editor and type checker see them: nothing public is untyped, and what is given is accepted."""

from __future__ import annotations

import ast
import inspect
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

import evstats as ev

ROOT = Path(__file__).resolve().parents[1]
USER = ROOT / "tests" / "typed" / "user.py"
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROOMS = ("noise", "plots", "montecarlo", "sampling", "distributions", "estimators", "intervals", "goodness", "report")


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """What ``mypy --strict`` says of a program of a user, who has stubs of pandas installed."""
    for module in ("mypy", "pandas-stubs"):
        if find_spec(module) is None:
            pytest.skip(f"needs {module}: pip install 'evstats[dev]'")
    folder = tmp_path_factory.mktemp("program")
    (folder / "mypy.ini").write_text("[mypy]\n")

    def check(program: str) -> str:
        (folder / "program.py").write_text(program, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "program.py"],
            cwd=folder,
            env=os.environ | {"MYPYPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.stderr, done.stderr
        return done.stdout

    return check


def test_a_users_script_runs_and_passes_strictly(checked: Callable[[str], str]) -> None:
    assert checked(USER.read_text(encoding="utf-8")) == ""
    runpy.run_path(str(USER), run_name="__main__")


def test_the_script_uses_every_name_of_the_package() -> None:
    used = {
        node.attr for node in ast.walk(ast.parse(USER.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)
    }
    functions = {name for name in ev.__all__ if not inspect.ismodule(getattr(ev, name))}
    assert functions <= used


def test_the_python_of_the_readme_passes_strictly(checked: Callable[[str], str]) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) > 3
    found = checked("# mypy: disable-error-code=import-untyped\n" + "".join(blocks))
    # which family a name such as "gev" stands for, and so that it has a shape, types do not know
    assert re.sub(r'.*"Family" has no attribute "shape".*\n', "", found) == ""


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


#: Functions whose result is an array of the library that the argument is of, which Python's types cannot say.
OF_ANY_LIBRARY = {"categorical", "gumbel_max", "gumbel_rao", "gumbel_softmax", "gumbel_softmax_jvp", "softmax"}
OF_ANY_LIBRARY |= {"log_softmax", "perplexity", "plackett_luce", "posterior_gumbel", "gumbel_like"}


def test_everything_public_has_a_type_that_completes(checked: Callable[[str], str]) -> None:
    names = sorted(set(public_callables()))
    assert {"fit", "plots.return_level", "sampling.gumbel_max", "montecarlo.importance"} <= set(names)
    found = checked("import evstats\n" + "".join(f"reveal_type(evstats.{name})\n" for name in names))
    types = re.findall(r"note: Revealed type is \"(.*)\"", found)
    assert len(types) == len(names), found
    for name, revealed in zip(names, types, strict=True):
        assert revealed != "Any", name
        assert not revealed.endswith("-> Any") or name.split(".")[-1] in OF_ANY_LIBRARY, f"{name}: {revealed}"


@pytest.mark.parametrize("package", [ev, ev.report], ids=["evstats", "report"])
def test_the_stub_and_the_package_offer_the_same(package: ModuleType) -> None:
    tree = ast.parse(Path(str(package.__file__)).with_suffix(".pyi").read_text(encoding="utf-8"))
    names = [alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert len(names) == len(set(names))
    assert set(names) == set(package.__all__)
    for name in names:
        assert getattr(package, name) is not None
