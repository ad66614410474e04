"""Temperature schedules: ends, order, refusals."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evstats import ArgumentError, sampling

SCHEDULES = [sampling.ExponentialSchedule, sampling.LinearSchedule, sampling.CosineSchedule]
temperatures = st.floats(1e-3, 100)


@given(kind=st.sampled_from(SCHEDULES), start=temperatures, end=temperatures, steps=st.integers(1, 1000))
def test_from_start_to_end_without_turning_back(kind: Any, start: float, end: float, steps: int) -> None:
    schedule = kind(start=start, end=end, steps=steps)
    values = [schedule(step) for step in range(steps + 3)]
    assert values[0] == pytest.approx(start)
    assert values[steps] == values[-1] == end
    falling = values if start >= end else values[::-1]
    assert all(later <= earlier * (1 + 1e-12) for earlier, later in itertools.pairwise(falling))
    assert all(value > 0 for value in values)


def test_shapes() -> None:
    exponential, linear, cosine = (kind(start=1.0, end=0.01, steps=4) for kind in SCHEDULES)
    assert [exponential(step) for step in range(5)] == pytest.approx([1, 10**-0.5, 0.1, 10**-1.5, 0.01])
    assert [linear(step) for step in range(5)] == pytest.approx([1, 0.7525, 0.505, 0.2575, 0.01])
    assert [cosine(step) for step in range(5)] == pytest.approx(
        [0.505 + 0.495 * math.cos(math.pi * step / 4) for step in range(5)]
    )


def test_they_are_values() -> None:
    assert sampling.LinearSchedule(1.0, 0.5, 10) == sampling.LinearSchedule(1.0, 0.5, 10)
    assert sampling.LinearSchedule(1.0, 0.5, 10) != sampling.CosineSchedule(1.0, 0.5, 10)
    with pytest.raises(AttributeError):
        sampling.LinearSchedule().start = 2.0  # type: ignore[misc]


@pytest.mark.parametrize("kind", SCHEDULES)
def test_refusals(kind: Any) -> None:
    for bad in (0.0, -1.0, math.nan, math.inf, "1"):
        with pytest.raises(ArgumentError, match=r"^start is .*; expected a temperature above 0"):
            kind(start=bad)
        with pytest.raises(ArgumentError, match=r"^end is .*; expected a temperature above 0"):
            kind(end=bad)
    with pytest.raises(ArgumentError, match=r"^steps is 0; expected 1 or more"):
        kind(steps=0)
    for bad in (-1, math.nan):
        with pytest.raises(ArgumentError, match=r"^step is .*; expected 0 or more"):
            kind()(bad)
