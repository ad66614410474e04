"""Every public name with the first sentence of its docstring: ``python tests/reference.py`` writes evstats/NAMES.md."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import evstats as ev

PACKAGE = Path(ev.__file__).parent
LIST = PACKAGE / "NAMES.md"

#: The rooms in the order of the flow, and those that a reader is led to by another.
ORDER = (
    "reading",
    "extremes",
    "distributions",
    "models",
    "estimators",
    "fitting",
    "quantities",
    "intervals",
    "goodness",
    "remarks",
)
ORDER += ("thresholds", "bulletin", "regions", "losses", "grid", "plots", "report", "comparison", "coverage")
ORDER += ("noise", "sampling", "montecarlo", "errors")

HEAD = """# Every public name

By room, each as it is written after `import evstats as ev`, with the first sentence of its docstring; `help(ev.fit)`
tells the rest. Written by `python tests/reference.py`.
"""


class Name(NamedTuple):
    """A public name: how it is written, where it is defined, and what it is."""

    written: str
    module: str
    thing: Any

    @property
    def room(self) -> str:
        """The room that defines it."""
        return self.module.split(".")[1]

    @property
    def is_own(self) -> bool:
        """Whether it is a class or a function of the package, and no data."""
        return is_own(self.thing)


def rooms() -> Iterator[ModuleType]:
    """The public rooms, and those within them that they name."""
    found = [getattr(ev, name) for name in ev.__all__ if inspect.ismodule(getattr(ev, name))]
    yield from found
    for room in found:
        yield from filter(inspect.ismodule, (getattr(room, name) for name in room.__all__))


def names() -> list[Name]:
    """All public names, each once, as it is written the shortest way."""
    found: dict[str, Name] = {}
    for place in (ev, *rooms()):
        for name in place.__all__:
            thing = getattr(place, name)
            if not inspect.ismodule(thing):
                module = defined_in(place, name, thing)
                found.setdefault(
                    f"{module}.{name}", Name(f"ev{place.__name__.removeprefix('evstats')}.{name}", module, thing)
                )
    return list(found.values())


def is_own(thing: Any) -> bool:
    """Whether it is a class or a function of the package."""
    return (inspect.isclass(thing) or inspect.isfunction(thing)) and thing.__module__.startswith("evstats")


def defined_in(place: ModuleType, name: str, thing: Any) -> str:
    """The module that defines a name: by itself, or, of data, by the import that offers it."""
    if is_own(thing):
        return str(thing.__module__)
    stub = Path(str(place.__file__)).with_suffix(".pyi")
    for node in ast.parse((stub if stub.exists() else stub.with_suffix(".py")).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names):
            return f"{place.__name__}.{node.module}" if node.level else str(node.module)
    return place.__name__


def sentence(name: Name) -> str:
    """The first sentence of what it is: of its docstring, of data of the comment before it."""
    if name.is_own:
        return first((inspect.getdoc(name.thing) or "").split("\n\n")[0].replace("\n", " "))
    source = inspect.getsource(importlib.import_module(name.module))
    said = re.search(rf"((?:^#: .*\n)+){name.written.rpartition('.')[2]}\b", source, re.MULTILINE)
    return first(" ".join(line.removeprefix("#: ") for line in said[1].splitlines())) if said else ""


def first(text: str) -> str:
    """The first sentence of a text."""
    return re.split(r"(?<=[.]) (?=[A-Z`])", text)[0]


def listed() -> str:
    """The list as it stands in the file."""
    by_room: dict[str, list[Name]] = {}
    for name in names():
        by_room.setdefault(name.room, []).append(name)
    parts = [HEAD]
    for room in sorted(by_room, key=lambda each: (ORDER.index(each) if each in ORDER else len(ORDER), each)):
        parts.append(f"\n## {room}\n\n")
        parts += [f"- `{name.written}`: {re.sub(':[a-z]+:', '', sentence(name))}\n" for name in by_room[room]]
    return "".join(parts)


if __name__ == "__main__":
    LIST.write_text(listed(), encoding="utf-8")
