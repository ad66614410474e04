"""Progress of long work, on a terminal only: a bar on standard error that is gone when the work is done."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from tqdm import tqdm

_T = TypeVar("_T")
_PATIENCE = 1.0
#: From so many on, thousands are counted.
_MANY = 1_000_000

_silent: ContextVar[bool] = ContextVar("silent", default=False)


def bar(total: int, what: str | None = None, *, unit: str = "it", asked: bool | None = None) -> tqdm[Any]:
    """A bar, to be updated as the work goes on, that shows itself on a terminal after a second.

    ``asked`` is the user's wish: True shows it at once, everywhere and for good, False never.
    """
    from tqdm import tqdm

    unasked = True if _silent.get() else None  # None: hidden where standard error is not a terminal
    hidden = unasked if asked is None else not asked
    return tqdm(
        total=total,
        desc=what,
        unit=unit,
        unit_scale=total >= _MANY,
        disable=hidden,
        delay=0.0 if asked else _PATIENCE,
        leave=bool(asked),
    )


def each(items: Collection[_T], what: str | None = None, *, unit: str, asked: bool | None = None) -> Iterator[_T]:
    """The items one by one, with a bar where there are several; ``asked`` as for ``bar``."""
    if len(items) < 2 or asked is False:
        yield from items
        return
    with bar(len(items), what, unit=unit, asked=asked) as shown:
        for item in items:
            yield item
            shown.update()


@contextmanager
def silenced() -> Iterator[None]:
    """No bars inside, for a caller that shows its own."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


__all__ = ["bar", "each", "silenced"]
