"""Ratios against peers, each the median of interleaved runs, collected into one table at the end.

    OMP_NUM_THREADS=1 pytest tests/benchmarks -o addopts= -q

Peers are slow, so they are timed on a subsample and scaled by the number of series.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

_ROWS: list[tuple[str, str, str]] = []


class Ratios:
    """Times two callables in turn and keeps the median of their ratio."""

    def __init__(self, benchmark: Any) -> None:
        self._benchmark = benchmark

    def compare(
        self,
        what: str,
        wanted: str,
        ours: Callable[[], Any],
        peer: Callable[[], Any],
        *,
        work: float = 1.0,
        rounds: int = 5,
    ) -> float:
        """How many times as fast ``ours`` is as ``peer``; ``work`` is how much more of it ours does."""
        ours(), peer()
        ratios, own_times = [], []
        for _ in range(rounds):
            own, other = _seconds(ours), _seconds(peer)
            own_times.append(own)
            ratios.append(work * other / own)
        ratio = statistics.median(ratios)
        self.note(what, wanted, f"{ratio:.4g} (of {rounds}: {min(ratios):.4g} to {max(ratios):.4g})")
        self._benchmark.extra_info.update(what=what, wanted=wanted, ratio=ratio)
        self._benchmark.pedantic(ours, rounds=1, iterations=1)
        return ratio

    def note(self, what: str, wanted: str, measured: str) -> None:
        """One line of the table at the end."""
        _ROWS.append((what, wanted, measured))


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


@pytest.fixture
def ratios(benchmark: Any) -> Ratios:
    return Ratios(benchmark)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not _ROWS:
        return
    terminalreporter.section("evstats against its peers")
    widths = [max(len(row[i]) for row in _ROWS) for i in range(3)]
    for row in _ROWS:
        terminalreporter.write_line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
