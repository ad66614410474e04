"""One report of one series computes nothing twice: estimators and tests of fit are counted while it is made."""

from __future__ import annotations

import sys
from collections import Counter
from types import FrameType
from typing import Any

import pytest

import evstats as ev

#: Runs that one report may take: of estimators (the fits side by side, and without the largest value) and of tests.
MOST = {"estimate": 16, "goodness_of_fit": 3, "zero_shape_tests": 3}


def counted(fit: ev.Fit) -> Counter[str]:
    """How often each of them runs in one report, once the null distributions of this size have been simulated."""
    ev.make_report(fit)
    runs: Counter[str] = Counter()

    def count(frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_name in MOST and "evstats" in code.co_filename:
            runs[code.co_name] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        ev.make_report(fit)
    finally:
        sys.setprofile(before)
    return runs


@pytest.mark.parametrize("family", ["gumbel", "gev"])
def test_one_report_estimates_and_tests_nothing_twice(family: str) -> None:
    runs = counted(ev.fit(ev.GEV(100.0, 20.0, 0.1).rvs(60, rng=3), family))
    assert set(runs) == set(MOST)
    assert {name: count for name, count in runs.items() if count > MOST[name]} == {}
