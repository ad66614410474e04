"""Answers that take long are kept, up to so many bytes of all functions together."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from threading import RLock
from typing import Any, ParamSpec, TypeVar

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")

#: What the store may hold, of arrays: some twenty null distributions of the largest kind, thousands of the others.
MOST_BYTES = 64 * 2**20


class Store:
    """Answers by function and arguments; the least recently asked for goes when there are too many bytes.

    One answer larger than the whole store is not kept.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._answers: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = RLock()

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, key: Hashable) -> tuple[Any, ...]:
        """The answer, alone in a tuple; an empty one where it is not there."""
        with self._lock:
            if key not in self._answers:
                return ()
            self._answers.move_to_end(key)
            return self._answers[key][:1]

    def put(self, key: Hashable, answer: Any) -> None:
        """Keep an answer, and let go of as many old ones as it takes."""
        size = size_of(answer)
        with self._lock:
            if key in self._answers or size > self.most_bytes:
                return
            self._answers[key] = answer, size
            self.bytes += size
            while self.bytes > self.most_bytes:
                _, (_, gone) = self._answers.popitem(last=False)
                self.bytes -= gone

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._answers.clear()
            self.bytes = 0


#: The one store of this process.
STORE = Store()


def kept(function: Callable[P, R]) -> Callable[P, R]:
    """A function of hashable arguments whose answers, arrays or tuples of them, are kept in the one store.

    Arrays in an answer become read-only, as all who ask share them.
    """

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        key = (function, args, *sorted(kwargs.items()))
        for answer in STORE.get(key):
            return answer
        found = function(*args, **kwargs)
        _freeze(found)
        STORE.put(key, found)
        return found

    return asked


#: What Python needs for an entry beside its arrays, about.
_ENTRY = 500


def size_of(answer: Any) -> int:
    """Bytes of an answer: of its arrays, however deep in tuples."""
    if isinstance(answer, np.ndarray):
        return answer.nbytes + _ENTRY
    if isinstance(answer, tuple):
        return _ENTRY + sum(map(size_of, answer))
    return sys.getsizeof(answer)


def _freeze(answer: Any) -> None:
    if isinstance(answer, np.ndarray):
        answer.flags.writeable = False
    elif isinstance(answer, tuple):
        for part in answer:
            _freeze(part)
