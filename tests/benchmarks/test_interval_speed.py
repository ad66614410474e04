"""Intervals: the bootstrap against pyextremes' per replicate, exact intervals of many series against one.

OMP_NUM_THREADS=1 pytest tests/benchmarks/test_interval_speed.py -o addopts= -q
"""

from __future__ import annotations

import statistics
import time
import warnings
from typing import Any

import numpy as np
import pytest

import evstats as ev
from evstats import noise

pytest.importorskip("pytest_benchmark", reason="the benchmarks need pytest-benchmark: pip install '.[test,bench]'")

REPLICATES, THEIRS = 10_000, 50
PERIODS = ev.ReturnLevel([2, 5, 10, 20, 50, 100, 200, 500, 1000])


@pytest.mark.parametrize("kind", ["parametric", "nonparametric"])
def test_a_bootstrap_of_10_000_replicates(kind: str, ratios: Any) -> None:
    pyextremes = pytest.importorskip("pyextremes")
    import pandas as pd

    x = np.asarray(ev.GEV(0.0, 1.0, 0.1).rvs(65, rng=3))
    series = pd.Series(x, index=pd.date_range("1950-06-01", periods=65, freq="365.2425D"))
    fit = ev.fit(x, "gev")

    def theirs() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            eva = pyextremes.EVA.from_extremes(series, method="BM", extremes_type="high", block_size="365.2425D")
            eva.fit_model("MLE", distribution="genextreme")
            eva.get_return_value(100, alpha=0.95, n_samples=THEIRS)

    ratio = ratios.compare(
        f"{kind} bootstrap of the 100-year level, GEV, n = 65, against pyextremes, per replicate",
        "300",
        lambda: fit.evaluate(ev.ReturnLevel([100]), ev.Bootstrap(REPLICATES, kind)),
        theirs,
        work=REPLICATES / THEIRS,
    )
    assert ratio >= 300


def test_exact_intervals_of_nine_periods(ratios: Any) -> None:
    """One series in under 5 ms, 10,000 of them in under 100 times that."""
    many = ev.fit(noise.gumbel((10_000, 65), rng=1), "gumbel")
    one = many[0]

    def seconds(call: Any) -> float:
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    one.evaluate(PERIODS, "exact")
    alone = statistics.median(seconds(lambda: one.evaluate(PERIODS, "exact")) for _ in range(50))
    together = statistics.median(seconds(lambda: many.evaluate(PERIODS, "exact")) for _ in range(5))
    table = statistics.median(seconds(lambda: one.return_level(PERIODS.questions)) for _ in range(50))
    ratios.note(
        "exact interval of 9 levels, one series", "5 ms", f"{1e3 * alone:.2f} ms; as a table {1e3 * table:.2f} ms"
    )
    ratios.note("the same of 10,000 series", "500 ms", f"{1e3 * together:.0f} ms, {together / alone:.0f} times one")
    ratios._benchmark.pedantic(lambda: one.evaluate(PERIODS, "exact"), rounds=1, iterations=1)
    assert alone < 5e-3
    assert together < 100 * 5e-3
