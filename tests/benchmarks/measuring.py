"""How a comparison is described and timed: two calls that do the same work, run in turns."""

from __future__ import annotations

import ctypes
import gc
import math
import statistics
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, Any]
Call = Callable[[], Any]

#: A call shorter than this many seconds is repeated until a run takes as long.
_SHORTEST = 0.01


@dataclass(frozen=True)
class Sizes:
    """How much work is done: all of it, or a small share to try the machinery."""

    share: float = 1.0

    def __call__(self, count: int) -> int:
        """That many series, values or rows, or the share of them."""
        return max(2, round(count * self.share))

    def rounds(self, count: int) -> int:
        """That many rounds, or two."""
        return count if self.share == 1.0 else 2


@dataclass(frozen=True)
class Pair:
    """Two calls to compare; ``work`` is how many times the peer's work ours is, or tells it from their results."""

    ours: Call
    peer: Call
    work: float | Callable[[Any, Any], float] = 1.0


@dataclass(frozen=True)
class Case:
    """A comparison of speed: what, against what, and how both are set up once the peer is known to be installed."""

    group: str
    what: str
    against: str
    setup: Callable[[Sizes], Pair]
    needs: tuple[str, ...] = ()
    mark: float | None = None
    rounds: int = 7
    quoted: bool = False  # in tests/README.md
    in_process: bool = True  # whether the calls work in this process, whose memory can be told


@dataclass(frozen=True)
class Figure:
    """A number of evstats alone: seconds, MiB, draws a second; ``most`` or ``least`` is its mark."""

    group: str
    what: str
    unit: str
    measure: Callable[[Sizes], float]
    needs: tuple[str, ...] = ()
    most: float | None = None
    least: float | None = None


def missing(needs: tuple[str, ...]) -> str | None:
    """The first package that is not installed."""
    return next((name for name in needs if find_spec(name) is None), None)


def compare(case: Case, sizes: Sizes) -> Row:
    """Median seconds of both for evstats' work, and the median ratio with its range."""
    row = {"group": case.group, "what": case.what, "against": case.against, "mark": case.mark, "quoted": case.quoted}
    if absent := missing(case.needs):
        return row | {"ratio": None, "note": f"{absent} is not installed"}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # the peers', of fits that fail
        try:
            pair = case.setup(sizes)
            row |= _timed(pair, sizes.rounds(case.rounds)) | {"whole": pair.work == 1.0}
            return row | ({"ours_mib": peak(pair.ours), "peer_mib": peak(pair.peer)} if case.in_process else {})
        except Exception as error:  # the other rows are kept, and this one says what happened
            return row | {"ratio": None, "note": f"failed: {type(error).__name__}: {error}"}


_STATUS, _MARKS = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak(call: Call) -> float | None:
    """MiB that the process holds at the height of a call beyond what it held before it; None where that is not told.

    Of the whole process: what a library takes in C++ counts as NumPy's arrays do. Not of a first call, which loads.
    """
    if not _MARKS.exists():
        return None
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # what was freed and kept is not taken again unseen
    _MARKS.write_text("5", encoding="ascii")  # Linux counts the height from here on
    before = _held("VmRSS")
    call()
    return max(0.0, _held("VmHWM") - before)


def _held(what: str) -> float:
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(what)) / 1024.0


def _timed(pair: Pair, rounds: int) -> Row:
    own, others, ratios = [], [], []
    repeats = _repeats(pair.ours), _repeats(pair.peer)
    for _ in range(rounds):
        mine, found = _seconds(pair.ours, repeats[0])
        other, theirs = _seconds(pair.peer, repeats[1])
        work = pair.work(found, theirs) if callable(pair.work) else pair.work
        own.append(mine)
        others.append(other * work)
        ratios.append(other * work / mine)
    median = statistics.median
    extent = {"low": min(ratios), "high": max(ratios), "rounds": rounds}
    return {"ours_s": median(own), "peer_s": median(others), "ratio": median(ratios)} | extent


def _repeats(call: Call) -> int:
    """How often a short call is repeated in a run, found after a first one that only warms up."""
    call()
    return max(1, math.ceil(_SHORTEST / max(_seconds(call, 1)[0], 1e-7)))


def _seconds(call: Call, repeats: int) -> tuple[float, Any]:
    start = time.perf_counter()
    for _ in range(repeats):
        result = call()
    return (time.perf_counter() - start) / repeats, result


def seconds(call: Call, rounds: int = 5) -> float:
    """Median seconds of a call alone, after one that warms up."""
    repeats = _repeats(call)
    return statistics.median(_seconds(call, repeats)[0] for _ in range(rounds))


def measure(figure: Figure, sizes: Sizes) -> Row:
    """The number, its mark, and whether it was met."""
    row = {"group": figure.group, "what": figure.what, "unit": figure.unit, "most": figure.most, "least": figure.least}
    if absent := missing(figure.needs):
        return row | {"value": None, "note": f"{absent} is not installed"}
    return row | {"value": float(figure.measure(sizes))}
