"""The reference: every public object says in numpydoc form what it is, takes and gives; all names are in one list."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterator
from enum import Enum
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import evstats as ev

ROOT = Path(__file__).resolve().parents[1]
numpydoc = pytest.importorskip("numpydoc.validate", reason="needs numpydoc: pip install '.[test]'")


def rooms() -> Iterator[ModuleType]:
    """The public rooms, and those within them that they name."""
    found = [getattr(ev, name) for name in ev.__all__ if inspect.ismodule(getattr(ev, name))]
    yield from found
    for room in found:
        yield from filter(inspect.ismodule, (getattr(room, name) for name in room.__all__))


@cache
def public() -> dict[str, Any]:
    """Classes and functions of the package by where they are defined: of the top level and of its rooms."""
    offered = [getattr(place, name) for place in (ev, *rooms()) for name in place.__all__]
    return {
        f"{thing.__module__}.{thing.__qualname__}": thing
        for thing in offered
        if (inspect.isclass(thing) or inspect.isfunction(thing)) and thing.__module__.startswith("evstats")
    }


def members(owner: type) -> Iterator[tuple[str, Any]]:
    """What a class defines, or takes from a base of the package without a public name."""
    for base in owner.__mro__:
        if base.__module__.startswith("evstats"):
            for name, thing in vars(base).items():
                bare = getattr(thing, "__func__", thing)
                described = inspect.isfunction(bare) or isinstance(bare, property | cached_property)
                if described and not name.startswith("_"):
                    yield f"{base.__module__}.{base.__qualname__}.{name}", (base, name, bare)


CHECKS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["numpydoc_validation"]["checks"]


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
    unchecked = {"EX01"} if member is not None else set()
    return [f"{name}: {code} {said}" for code, said in found if code not in {*CHECKS, *unchecked}]


LATER = ("evstats.sampling", "evstats.noise", "evstats.estimators.regression")


def test_the_reference_is_in_numpydoc_form() -> None:
    own = dict(each for thing in public().values() if inspect.isclass(thing) for each in members(thing))
    found = [fault for name in public() for fault in faults(name)]
    found += [fault for name, member in own.items() for fault in faults(name, member)]
    found = [each for each in found if not each.startswith(LATER) and "'predictors'" not in each]
    assert not found, "\n".join(found)
