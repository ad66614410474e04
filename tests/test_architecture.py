"""The house rules that no reader should have to check: floors, one door to randomness, names, lazy imports."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from importlib.util import find_spec
from pathlib import Path

import pytest

import evstats
from evstats.text.arguments import OPTIONS

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "evstats"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

#: A module imports only from floors below its own, or from its own room. The design's table, with the helpers that each
#: floor has taken on beside it.
FLOORS: dict[str, float] = {
    **dict.fromkeys(("arrays",), -1),  # what arrays are called in signatures
    **dict.fromkeys(("extras", "text"), 0),  # what installs an extra; the words of which errors and notes are made
    **dict.fromkeys(("errors",), 0.2),
    **dict.fromkeys(("habits",), 0.4),  # what other libraries call things
    **dict.fromkeys(("files", "progress", "quadrature", "registry", "simulated"), 0.5),  # they know no family
    **dict.fromkeys(("notes",), 0.6),  # sentences, written with the numbers of text
    **dict.fromkeys(("noise", "newton"), 1),
    **dict.fromkeys(("calendars",), 1.5),  # the steps, closed days and seasons of a record
    **dict.fromkeys(("distributions", "reading", "sampling"), 2),
    **dict.fromkeys(("extremes",), 2.5),
    **dict.fromkeys(("montecarlo", "quantities"), 3),
    **dict.fromkeys(("models",), 3.5),  # points, designs and the likelihood that estimators climb
    **dict.fromkeys(("estimators",), 4),
    **dict.fromkeys(("regions",), 4.5),  # index flood: many sites, one growth curve
    **dict.fromkeys(("goodness",), 5),
    **dict.fromkeys(("intervals",), 6),  # limits and nothing else
    **dict.fromkeys(("thresholds",), 6.2),  # peaks over one, the choice of it, how extremes cluster
    **dict.fromkeys(("remarks",), 6.5),  # what a careful analyst says, of intervals too
    **dict.fromkeys(("fitting",), 7),
    **dict.fromkeys(("losses",), 7.5),  # forecasts of losses: back-tests and scores
    **dict.fromkeys(("bulletin",), 7.6),  # a practice of its own, on the record and its checks
    **dict.fromkeys(("comparison", "coverage", "permutation", "plots"), 8),
    **dict.fromkeys(("grid",), 8.2),  # every cell of a grid, and maps in the style of the plots
    **dict.fromkeys(("report",), 8.5),  # shows the figures of plots
    **dict.fromkeys(("cli", "__init__"), 9),
    **dict.fromkeys(("__main__",), 10),  # the door to cli
}
#: The modules a plain installation brings, by the name they are imported under.
DEPENDENCIES = {"numpy", "scipy", "pandas", "matplotlib", "statsmodels", "typer", "rich", "jinja2", "tqdm"}
DEPENDENCIES |= {"array_api_compat", "lazy_loader", "mpl_toolkits", "click", "markupsafe", "formulaic"}
TOP_LEVEL = {".ci", ".gitattributes", ".github", ".gitignore", "CHANGELOG.md", "CITATION.cff", "LICENSE", "README.md"}
TOP_LEVEL |= {"data", "evstats", "notebooks", "pyproject.toml", "tests"}


def name_of(path: Path) -> str:
    """``evstats.extremes.blocks`` of ``evstats/extremes/blocks.py``; a package's name of its ``__init__.py``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class Parsed(Mapping[str, ast.Module]):
    """Every module of the package, parsed when it is asked for: all processes collect this file, and one runs it."""

    def __init__(self) -> None:
        self._paths = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
        self._trees: dict[str, ast.Module] = {}

    def __getitem__(self, name: str) -> ast.Module:
        if name not in self._trees:
            self._trees[name] = ast.parse(self._paths[name].read_text(encoding="utf-8"))
        return self._trees[name]

    def __contains__(self, name: object) -> bool:
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


MODULES = Parsed()

#: Where each room whose names are imported when they are used has them, by its stub.
OFFERED = {
    name_of(stub): {
        alias.name: f"{name_of(stub)}.{node.module or alias.name}"
        for node in ast.parse(stub.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for stub in sorted(PACKAGE.rglob("__init__.pyi"))
}


@functools.cache
def parts_of(module: str) -> tuple[ast.AST, ...]:
    """Every node of a module, looked for once."""
    return tuple(ast.walk(MODULES[module]))


def imports(module: str, nodes: Iterable[ast.AST] | None = None) -> Iterator[str]:
    """Every module imported anywhere in a module, ``TYPE_CHECKING`` blocks and function bodies included.

    A name that a room offers counts as the module it is defined in.
    """
    for node in parts_of(module) if nodes is None else nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import; write it out"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else OFFERED.get(str(node.module), {}).get(alias.name, str(node.module))


@functools.cache
def imported_by(module: str) -> tuple[str, ...]:
    """All of them, looked for once."""
    return tuple(imports(module))


def at_import(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The statements that run when a module is imported."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from at_import(node.orelse)
        elif not isinstance(node, ast.FunctionDef):
            yield node
            yield from at_import(ast.iter_child_nodes(node))


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def every_module(check: Callable[[str], None]) -> Callable[[str], None]:
    """A test of each room that checks all of its modules: one of each module would take longer than what it does."""

    def modules_of_a_room(name: str) -> None:
        for module in MODULES:
            if room(module) == name:
                check(module)

    return pytest.mark.parametrize("name", sorted({room(module) for module in MODULES}))(modules_of_a_room)


@every_module
def test_a_module_imports_only_from_floors_below(module: str) -> None:
    assert room(module) in FLOORS, f"{module} is on no floor: add it to the table"
    for imported in imported_by(module):
        if imported.split(".")[0] == "evstats" and room(imported) != room(module):
            above = f"{module} (floor {FLOORS[room(module)]}) imports {imported} (floor {FLOORS[room(imported)]})"
            assert FLOORS[room(imported)] < FLOORS[room(module)], above


def test_there_are_no_import_cycles() -> None:
    graph = {
        module: {imported for imported in imported_by(module) if imported in MODULES and imported != module}
        | {held for held in OFFERED.get(module, {}).values() if held in MODULES}
        for module in MODULES
        if module != "evstats"
    }
    assert list(TopologicalSorter(graph).static_order())


def test_no_chain_of_imports_is_longer_than_a_reader_holds() -> None:
    @functools.cache
    def chain(module: str) -> tuple[str, ...]:
        below = [chain(name) for name in imports(module, at_import(MODULES[module].body)) if name in MODULES]
        return (module, *max(below, key=len, default=()))

    longest = max((chain(module) for module in MODULES), key=len)
    assert len(longest) <= 18, " imports ".join(longest)
    assert len(chain("evstats.fitting.fitted")) <= 12


@every_module
def test_nothing_but_the_declared_dependencies_is_imported(module: str) -> None:
    known = DEPENDENCIES | sys.stdlib_module_names | {"evstats"}
    optional = {"torch", "jax", "arviz", "xarray", "dask", "cftime", "cartopy", "netCDF4", "zarr", "arch"}
    assert {imported.split(".")[0] for imported in imported_by(module)} <= known | optional, module


#: The modules outside ``reading`` that look for patterns in text, which is not the package's own.
OF_FOREIGN_TEXT = {
    "evstats.report.pages",  # what Markdown would take for markup
    "evstats.report.pictures",  # colours in the SVG that Matplotlib writes
}


@every_module
def test_nothing_looks_for_patterns_in_the_words_of_the_package(module: str) -> None:
    if room(module) != "reading" and module not in OF_FOREIGN_TEXT:
        assert not {"re", "regex", "parse", "difflib"} & set(imported_by(module)), (
            f"{module}: carry data beside the words"
        )


#: An argument with a value, or the option of one, written out in a sentence.
WRITTEN_OUT = re.compile(rf"\b({'|'.join(OPTIONS)})=(['\"\d]|True|False|$| \(--|, --)|({'|'.join(OPTIONS.values())})\b")
#: What may: the table of options, and the calls of another library.
MAY_WRITE_OUT = {
    "evstats.text.arguments",
    "evstats.reading.rows",
    "evstats.models.joining",
    "evstats.habits.attributes",
}


@every_module
def test_sentences_hold_the_arguments_they_name_as_data(module: str) -> None:
    if module in MAY_WRITE_OUT or room(module) in ("cli", "montecarlo", "sampling"):
        return
    nodes = parts_of(module)
    documented = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    in_python = [node for node in calls if node.func.id == "InPython"]  # type: ignore[attr-defined]
    allowed = documented | {id(part) for node in in_python for part in ast.walk(node)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in allowed:
            found = WRITTEN_OUT.search(node.value)
            assert found is None, f"{module}:{node.lineno} writes {found[0]!r}: take a Setting, which is said both ways"


@every_module
def test_only_the_noise_module_touches_randomness(module: str) -> None:
    if module == "evstats.noise.streams":
        return
    for imported in imported_by(module):
        assert imported not in ("random", "secrets", "numpy.random", "scipy.stats.sampling", "scipy.stats.qmc"), module
    for node in parts_of(module):
        if isinstance(node, ast.Attribute) and node.attr == "random":
            assert ast.unparse(node) not in ("np.random", "numpy.random"), f"{module}:{node.lineno}"
        if isinstance(node, ast.keyword):
            assert node.arg != "random_state", f"{module}:{node.value.lineno}"


def public_functions() -> list[str]:
    return [name for name in evstats.__all__ if inspect.isfunction(getattr(evstats, name))]


def test_no_module_bears_the_name_of_a_public_function() -> None:
    functions = public_functions()
    assert {"fit", "compare", "read_series", "block_maxima", "returns"} <= set(functions)
    assert not [module for module in MODULES if module.rsplit(".", 1)[-1] in functions]


#: The modules that import a library of an extra, which may not be there.
OF_EXTRAS = dict.fromkeys(
    ("evstats.noise.tensors", "evstats.sampling.quantizer", "evstats.sampling.mixture_layer"), "torch"
)


def test_public_functions_stay_functions_after_every_module_is_imported() -> None:
    for module in MODULES:
        if not module.endswith("__main__") and find_spec(OF_EXTRAS.get(module, "numpy")):
            importlib.import_module(module)
    for name in public_functions():
        assert inspect.isfunction(getattr(evstats, name)), name


def test_the_fixed_public_names() -> None:
    functions = ["read_series", "block_maxima", "returns", "fit", "compare"]
    classes = ["Fit", "Record", "Extremes", "Gumbel", "GEV", "GumbelMin", "MaximumLikelihood", "Moments", "LMoments"]
    classes += ["MartinsStedinger", "ColesDixon", "FitError", "DataError", "ArgumentError"]
    rooms = ["noise", "plots"]
    for name in functions + classes + rooms:
        assert name in evstats.__all__, name
        assert getattr(evstats, name) is not None
    assert all(inspect.isclass(getattr(evstats, name)) for name in classes)
    assert evstats.__version__ == PROJECT["version"]


#: A program that tells what is loaded after each of its steps: the import, a fit by L-moments, one by likelihood.
STEPS = """
import sys, evstats as ev
print(*sys.modules)
ev.fit([3.0, 4.1, 5.2, 4.4, 3.7, 6.0], "gev", method="lmoments").distribution
print(*sys.modules)
ev.fit([3.0, 4.1, 5.2, 4.4, 3.7, 6.0], "gev")
print(*sys.modules)
"""


def test_an_import_and_a_fit_load_only_what_they_use() -> None:
    done = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=True, cwd=ROOT)
    imported, by_moments, by_likelihood = (set(line.split()) for line in done.stdout.splitlines())
    heavy = {"pandas", "matplotlib", "statsmodels", "formulaic", "typer", "rich", "jinja2", "tqdm", "torch", "jax"}
    assert not heavy & imported
    assert not {"pandas", "matplotlib", "statsmodels", "typer", "rich"} & (by_moments | by_likelihood)
    assert {"evstats.estimators.likelihood", "scipy.special"} <= by_likelihood
    assert not {"scipy.stats", "scipy.optimize", "scipy.interpolate", "scipy.integrate", "scipy.fft"} & by_likelihood
    assert not {"evstats.montecarlo.chains", "evstats.intervals.bootstrap", "evstats.goodness.nulls"} & by_likelihood


@every_module
def test_no_class_has_more_methods_than_a_reader_holds(module: str) -> None:
    for node in parts_of(module):
        if isinstance(node, ast.ClassDef):
            methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
            assert len(methods) <= 30, f"{module}.{node.name} has {len(methods)} methods: part it by idea"


def is_overload(node: ast.FunctionDef | ast.ClassDef) -> bool:
    return any(ast.unparse(decorator).endswith("overload") for decorator in node.decorator_list)


@every_module
def test_modules_and_public_objects_are_documented(module: str) -> None:
    tree = MODULES[module]
    assert ast.get_docstring(tree), f"{module} has no docstring"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_") and not is_overload(node):
            assert ast.get_docstring(node), f"{module}.{node.name} has no docstring"


#: What users import from: the rooms and modules directly below the package that hold more than what ``evstats`` offers.
INNER = ("__main__", "calendars", "extremes", "reading", "remarks", "text")
PUBLIC = [name for name in MODULES if name.count(".") == 1 and name.split(".")[1] not in INNER]


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_module_says_what_it_offers(module: str) -> None:
    offered = importlib.import_module(module).__all__
    assert len(offered) == len(set(offered))
    assert all(hasattr(sys.modules[module], name) for name in offered)
    defined = {node.name for node in MODULES[module].body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert {name for name in defined if not name.startswith("_")} <= set(offered)


OF_SIMULATION = [name for name in MODULES if name.startswith(("evstats.sampling.", "evstats.montecarlo."))]


@pytest.mark.parametrize("module", OF_SIMULATION)
def test_every_module_of_the_rooms_of_simulation_says_what_it_offers(module: str) -> None:
    """All it defines without an underscore: what others may import, a star imports, and editors complete."""
    body = MODULES[module].body
    assigned = {
        ast.unparse(target): node.value for node in body if isinstance(node, ast.Assign) for target in node.targets
    }
    offered = ast.literal_eval(assigned["__all__"])
    defined = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    defined |= {ast.unparse(node.target) for node in body if isinstance(node, ast.AnnAssign)}
    names = {name.strip() for targets in assigned for name in targets.strip("()").split(",")} | defined
    assert sorted(offered) == sorted(name for name in names if not name.startswith("_"))


def test_the_top_level_holds_only_what_belongs_there() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.splitlines()
    assert {name.split("/")[0] for name in listed} <= TOP_LEVEL


def test_types_are_shipped_and_dependencies_are_those_declared() -> None:
    assert (PACKAGE / "py.typed").exists()
    names = {re.split(r"[^a-z0-9-]", requirement)[0] for requirement in PROJECT["dependencies"]}
    assert {"numpy", "scipy", "pandas", "matplotlib", "statsmodels", "typer", "rich"} <= names
