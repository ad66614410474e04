"""The reference: every public object says in numpydoc form what it is, takes and gives; all names are in one list."""

from __future__ import annotations

import inspect
import pydoc
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from enum import Enum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest
import reference

import evstats as ev

ROOT = Path(__file__).resolve().parents[1]
numpydoc = pytest.importorskip("numpydoc.validate", reason="needs numpydoc: pip install '.[test]'")


@cache
def public() -> dict[str, Any]:
    """Classes and functions of the package by where they are defined: of the top level and of its rooms."""
    return {f"{name.module}.{name.thing.__qualname__}": name.thing for name in reference.names() if name.is_own}


def members(owner: type) -> Iterator[tuple[str, Any]]:
    """What a class defines, or takes from a base of the package without a public name."""
    for base in owner.__mro__:
        if base.__module__.startswith("evstats"):
            for name, thing in vars(base).items():
                bare = getattr(thing, "__func__", thing)
                public = inspect.isfunction(bare) or isinstance(bare, property | cached_property)
                if public and not name.startswith("_") and name not in getattr(base, "__dataclass_fields__", ()):
                    yield f"{base.__module__}.{base.__qualname__}.{name}", (base, name, bare)


CHECKS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["numpydoc_validation"]["checks"]


@cache
def described(thing: Any) -> Any:
    """The docstring in sections, to which nothing is added of the members of a class."""
    return numpydoc.get_doc_object(thing, config={"show_class_members": False})


class Described(numpydoc.Validator):
    """numpydoc's checks, which take the fields of a class for its parameters, whichever section they stand in.

    What a base says of a field or of a method is not said again: a field of it counts as documented, and a method that
    takes the place of another needs a summary only.
    """

    source_file_name = source_file_def_line = None  # no comment in the source switches a check off

    def __init__(self, obj_name: str, *, member: tuple[type, str, Any] | None = None) -> None:
        self.owner, self.member, thing = member or (None, "", public().get(obj_name))
        self.full_name = obj_name
        super().__init__(described(thing))

    @property
    def name(self) -> str:
        """Where it is defined."""
        return self.full_name

    @property
    def again(self) -> bool:
        """Whether a base has a method of that name, which says what it takes and gives."""
        return self.owner is not None and any(self.member in vars(base) for base in self.owner.__mro__[1:])

    @property
    def signature_parameters(self) -> tuple[str, ...]:
        """What is taken; several of one name and all others by theirs without stars."""
        return tuple(name.lstrip("*") for name in super().signature_parameters)

    @property
    def doc_all_parameters(self) -> dict[str, Any]:
        """What is documented: of a class the fields of its bases too."""
        return dict(self._doc_parameters(["Parameters", "Attributes", "Other Parameters"]))

    @property
    def parameter_mismatches(self) -> list[tuple[str, str]]:
        """What is taken and not documented, and what is documented and not there."""
        if self.again:
            return []
        if not inspect.isclass(self.obj):
            return list(super().parameter_mismatches)
        if issubclass(self.obj, Enum) or getattr(self.obj, "_is_protocol", False):
            return []
        own, known = set(self.doc_all_parameters), set[str]()
        for base in self.obj.__mro__:
            if base.__module__.startswith("evstats"):
                said = described(base)
                known |= {
                    name
                    for part in ("Parameters", "Attributes")
                    for each in said[part]
                    for name in each.name.split(", ")
                }
        taken = {name for name in self.signature_parameters if not name.startswith("_")}
        missing, unknown = taken - known, {name for name in own if not hasattr(self.obj, name)} - taken
        codes = ("PR01", "missing_params", missing), ("PR02", "unknown_params", unknown)
        return [numpydoc.error(code, **{what: str(names)}) for code, what, names in codes if names]

    @property
    def method_returns_something(self) -> bool:
        """Whether the annotation says so; a method without arguments is read as a property, by its summary."""
        if self.owner is not None and not self.signature_parameters:
            return False
        given = self.obj.__annotations__.get("return")
        return not self.again and given not in (None, "None", "NoReturn") and not self.is_generator_function


def faults(name: str, member: tuple[type, str, Any] | None = None) -> list[str]:
    found = numpydoc.validate(name, Described, member=member)["errors"]
    unchecked = {"EX01"} if member is not None else set()  # a method may do with the example of its class
    return [f"{name}: {code} {said}" for code, said in found if code not in {*CHECKS, *unchecked}]


def test_the_reference_is_in_numpydoc_form() -> None:
    own = dict(each for thing in public().values() if inspect.isclass(thing) for each in members(thing))
    found = [fault for name in public() for fault in faults(name)]
    found += [fault for name, member in own.items() for fault in faults(name, member)]
    assert not found, "\n".join(found)


def test_the_list_of_names_is_that_of_the_package() -> None:
    assert reference.LIST.read_text(encoding="utf-8") == reference.listed(), "run: python tests/reference.py"


def test_every_name_has_a_sentence_of_its_own() -> None:
    said = {name.written: reference.sentence(name) for name in reference.names()}
    unsaid = [name for name, each in said.items() if not re.match(r"[A-Z`k].*[.]$", each)]
    assert unsaid == []
    alike = [name for name, each in said.items() if list(said.values()).count(each) > 1]
    assert alike == []


def test_help_tells_what_overloaded_functions_take() -> None:
    for function in (ev.fit, ev.returns, ev.noise.gumbel_like, ev.sampling.gumbel_max):
        assert "Parameters\n    ----------\n" in pydoc.plain(pydoc.render_doc(function)), function.__name__


@pytest.mark.slow
def test_the_reference_is_built_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("pdoc", reason="needs pdoc: pip install '.[docs]'")
    done = subprocess.run(
        [sys.executable, "-m", "pdoc", "evstats", "-o", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    pages = {page.relative_to(tmp_path).as_posix() for page in tmp_path.rglob("*.html")}
    assert {f"{room.__name__.replace('.', '/')}.html" for room in reference.rooms()} <= pages
    page = (tmp_path / "evstats.html").read_text(encoding="utf-8")
    assert re.search(r"<h6[^>]*>Parameters</h6>", page)
    assert not re.search(r"<p>[^<]*\bParameters\s+-{3,}", page)
