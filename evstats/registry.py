"""A registry turns the strings at the public door into objects, once."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, TypeVar

from evstats.errors import ArgumentError, unknown_name

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """Named objects of one kind; an unknown name is an error that lists the known ones.

    Of ``absent`` names, which the field knows and this registry does not hold, the error says so, and guesses nothing
    but what stands beside the name.
    Entries that stand after ``where``, each as ``"module:attribute"``, are imported when they are first asked for.
    ``aliases`` are other names of entries, which are not listed.

    Examples
    --------
    >>> from evstats.distributions import FAMILIES
    >>> FAMILIES["gumbel"].__name__
    'Gumbel'
    """

    def __init__(
        self,
        kind: str,
        entries: Mapping[str, T] | None = None,
        absent: Mapping[str, str] | Collection[str] = (),
        where: Mapping[str, str] | None = None,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        self._kind, self._aliases = kind, dict(aliases or {})
        self._absent = dict(absent) if isinstance(absent, Mapping) else dict.fromkeys(absent, "")
        self._entries, self._where = dict(entries or {}), dict(where or {})
        self._names = [*self._entries, *self._where]

    def __getitem__(self, name: str) -> T:
        """The object of that name (case, spaces and underscores do not matter)."""
        key = name.strip().lower().replace("_", "-").replace(" ", "-") if isinstance(name, str) else name
        if not isinstance(key, Hashable):
            raise unknown_name(self._kind, name, self._names)
        key = self._aliases.get(key, key)
        if key in self._absent and key not in self._names:
            remedy = self._absent[key] or f"there are {', '.join(map(repr, self))}"
            raise ArgumentError(f"the {self._kind} {name!r} is not there", f"{remedy}.", argument=self._kind)
        if key not in self._names:
            raise unknown_name(self._kind, name, self._names)
        if key not in self._entries:
            module, _, attribute = self._where[key].partition(":")
            self._entries[key] = getattr(importlib.import_module(module), attribute)
        return self._entries[key]

    def name_of(self, entry: T) -> str:
        """The name an object is registered under."""
        for name, known in self.items():
            if known is entry:
                return name
        raise ArgumentError(
            f"{entry!r} is not a registered {self._kind}", f"known: {', '.join(map(repr, self._names))}."
        )

    @contextmanager
    def holding(self, name: str, entry: T) -> Iterator[None]:
        """The registry with one more entry inside a ``with`` block: an object of one's own, by a name of one's own."""
        if name in self._names:
            raise ArgumentError(f"there is a {self._kind} {name!r} already", "take another name.")
        self._names.append(name)
        self._entries[name] = entry
        try:
            yield
        finally:
            self._names.remove(name)
            del self._entries[name]

    def __contains__(self, name: object) -> bool:
        """Whether that exact name is registered."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


__all__ = ["Registry"]
