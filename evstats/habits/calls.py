"""Calls that name arguments as other libraries do: what they are called here, and what to pass."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evstats.errors import ArgumentError, closest
from evstats.habits.arguments import ANYWHERE, ELSEWHERE, Another, Theirs, called_by_others
from evstats.text.arguments import Text


class CallError(ArgumentError, TypeError):
    """A call that names an argument that is not there, or lacks one: Python's ``TypeError``, with a way on."""


def refusal(function: Callable[..., Any], args: tuple[Any, ...], given: Mapping[str, Any]) -> CallError:
    """What is wrong with a call that Python refuses to make."""
    own: Mapping[str, inspect.Parameter] = inspect.signature(function).parameters
    name = function.__name__
    call = function.__qualname__.rpartition(".")[0] if name == "__init__" else name
    if next(iter(own), "") == "self":
        own, args = {name: one for name, one in own.items() if name != "self"}, args[1:]
    by_place = [name for name, one in own.items() if one.kind <= one.POSITIONAL_OR_KEYWORD]
    placed = by_place[: len(args)]
    if unknown := {name: value for name, value in given.items() if name not in own}:
        return _unknown(call, unknown, list(own), {*placed, *given})
    if len(args) > len(by_place):
        others = [f"{name}=" for name in own if name not in by_place]
        third = ELSEWHERE.get((call, "shape"))
        remedy = f"the others have names: {_listed(others)}." if others else ""
        remedy = f"{third.remedy}." if isinstance(third, Another) else remedy
        too_many = f"{call} takes {_listed(by_place) or 'nothing'} by position, and was given {len(args)} values"
        return CallError(too_many if remedy else f"{too_many}.", remedy)
    if twice := [name for name in placed if name in given]:
        return CallError(f"{call} was given {twice[0]} by position and by name", "give it once.", argument=twice[0])
    lacking = [name for name, one in own.items() if one.default is one.empty and name not in {*placed, *given}]
    remedy = "there are no defaults, such as SciPy's 0 and 1" if {"loc", "scale", "shape"} & {*lacking} else ""
    needed = f"{call} needs {_listed(lacking)}"
    if not lacking:  # an argument that has no name
        return CallError(f"{call} takes {_listed(list(own))} and no others.")
    return CallError(needed if remedy else f"{needed}.", remedy and f"{remedy}.", argument=next(iter(lacking), None))


def _unknown(call: str, unknown: Mapping[str, Any], own: list[str], taken: set[str]) -> CallError:
    """What each of the arguments that are not there is called here, or what there is in its place."""
    problems: list[str] = []
    passed: dict[str, str] = {}
    remedies: list[str] = []
    for name, value in unknown.items():
        meant, here = _meant(call, name, value, [one for one in own if one not in taken | passed.keys()])
        if isinstance(meant, Theirs):
            problems.append(f"{name}= is called {here}= here{f' ({meant.why})' if meant.why else ''}")
            passed[here] = f"{here}={_shown(meant.value(value))}"
        elif meant is not None:
            problems.append(f"{name}= {meant.problem}")
            remedies.append(meant.remedy)
        else:
            problems.append(f"{call} has no argument {name}=")
            near = closest(name, own)
            remedies.append(f"it takes {_listed(own) or 'none'}" if near is None else f"did you mean {near}=?")
    if passed:
        remedies.insert(0, f"pass {_listed(list(passed.values()))}")
    argument = next(iter(passed), None)
    return CallError(_listed(problems), _in_one(remedies), argument=argument)


def _meant(call: str, name: str, value: Any, free: Sequence[str]) -> tuple[Theirs | Another | None, str]:
    """What an argument of others is in a function, and its name: the first that is free and fits the value."""
    elsewhere = ELSEWHERE.get((call, name))
    if isinstance(elsewhere, Another):
        return elsewhere, ""
    known = [theirs for theirs in (elsewhere, *called_by_others(name)) if theirs is not None]
    found = [(theirs, here) for theirs in known for here in theirs.here if here in free]
    fitting = [(theirs, here) for theirs, here in found if theirs.value(value) is not None]
    return next(iter(fitting or found), (ANYWHERE.get(name), ""))


def _in_one(remedies: list[str]) -> Text:
    """Remedies one after the other, which know the arguments that they name."""
    parts = [part for remedy in remedies for part in ("; ", remedy)][1:]
    return Text(*parts, "" if remedies[-1].endswith("?") else ".")


def _shown(value: Any) -> str:
    plain = isinstance(value, (bool, int, float)) or (isinstance(value, (str, tuple)) and len(repr(value)) < 60)
    return repr(value) if plain else "..."


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + " and " * (len(names) > 1) + "".join(names[-1:])


__all__ = ["CallError", "refusal"]
