"""The figures of "Must hold": how many times as fast as a loop over the usual library, and how much memory."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import evstats as ev

pytest.importorskip("pytest_benchmark", reason="the benchmarks need pytest-benchmark: pip install '.[test,bench]'")

ROOT = Path(__file__).resolve().parents[2]
MIB = 2**20


def maxima(series: int, n: int = 80, shape: float = 0.1) -> np.ndarray:
    g = np.random.default_rng(1).gumbel(size=(series, n))
    return 1000.0 + 300.0 * (g if shape == 0 else np.expm1(shape * g) / shape)


def test_gumbel_by_maximum_likelihood(ratios: Any) -> None:
    x = maxima(100_000, shape=0.0)
    few = x[:150]
    ratio = ratios.compare(
        "Gumbel ML, 100,000 x 80, against scipy.stats.gumbel_r.fit",
        ">= 200 times",
        lambda: ev.fit(x, "gumbel"),
        lambda: [scipy.stats.gumbel_r.fit(row) for row in few],
        work=len(x) / len(few),
    )
    ours = ev.fit(few, "gumbel").distribution.parameters
    theirs = np.array([scipy.stats.gumbel_r.fit(row) for row in few])
    np.testing.assert_allclose(ours, theirs, rtol=1e-8)
    assert ratio >= 200


def test_gev_by_maximum_likelihood(ratios: Any) -> None:
    x = maxima(20_000)
    few = x[:40]
    with np.errstate(all="ignore"):
        ratio = ratios.compare(
            "GEV ML, 20,000 x 80, against scipy.stats.genextreme.fit",
            ">= 1000 times",
            lambda: ev.fit(x, "gev"),
            lambda: [scipy.stats.genextreme.fit(row) for row in few],
            work=len(x) / len(few),
            rounds=3,
        )
        theirs = [scipy.stats.genextreme.fit(row) for row in few]
    ours = ev.fit(few, "gev")
    missed = 0
    for lane, (c, loc, scale) in enumerate(theirs):
        reached = scipy.stats.genextreme.logpdf(few[lane], c, loc, scale).sum()
        if -c > -1 and ours.converged[lane]:
            assert ours.loglik[lane] >= reached - 1e-6
            missed += bool(reached < ours.loglik[lane] - 1e-6)
    ratios.note("    of those, scipy misses the optimum in", "most", f"{missed} of {len(few)}")
    assert ratio >= 1000


def test_gev_by_lmoments(ratios: Any) -> None:
    pytest.importorskip("lmoments3", reason="lmoments3 is in the extra 'bench'")
    from lmoments3 import distr

    x = maxima(100_000)
    few = x[:150]
    ratio = ratios.compare(
        "L-moments GEV, 100,000 x 80, against lmoments3",
        ">= 150 times",
        lambda: ev.fit(x, "gev", method="lmoments"),
        lambda: [distr.gev.lmom_fit(row) for row in few],
        work=len(x) / len(few),
    )
    assert ratio >= 150


@pytest.fixture(scope="module")
def hourly_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hourly series, unpacked, so that reading is timed and not the unzipping."""
    import gzip

    path = tmp_path_factory.mktemp("hourly") / "battery.csv"
    path.write_bytes(gzip.decompress((ROOT / "data" / "battery_hourly_water_level.csv.gz").read_bytes()))
    return path


def test_block_maxima_of_the_hourly_series(ratios: Any, hourly_path: Path) -> None:
    record = ev.read_series(hourly_path)
    series = record.series
    years = series.index.year
    ratio = ratios.compare(
        "block maxima, 809,903 hours, against a pandas groupby",
        ">= 1/3 as fast",
        lambda: ev.block_maxima(record, "year"),
        lambda: series.groupby(series.index.year).max(),
        rounds=9,
    )
    found = ev.block_maxima(record, "year", min_coverage=0.0)
    np.testing.assert_array_equal(found.values, series.groupby(years).max().to_numpy())
    assert ratio >= 1 / 3


def test_reading_the_hourly_series(ratios: Any, hourly_path: Path) -> None:
    ratio = ratios.compare(
        "reading its CSV, against pandas.read_csv with dates",
        ">= 1/2 as fast",
        lambda: ev.read_series(hourly_path),
        lambda: pd.read_csv(hourly_path, parse_dates=[0]),
    )
    assert ratio >= 1 / 2


def test_import_time(ratios: Any, benchmark: Any) -> None:
    def seconds(code: str) -> float:
        timed = f"import time; t = time.perf_counter(); {code}; print(time.perf_counter() - t)"
        return float(
            subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True, cwd=ROOT).stdout
        )

    pairs = [(seconds("import evstats"), seconds("import numpy, scipy.special")) for _ in range(11)]
    plain = statistics.median(ours / base for ours, base in pairs)
    used = statistics.median(
        seconds("import evstats; evstats.GEV(0, 1, 0.1).isf(0.01)") / seconds("import numpy, scipy.special")
        for _ in range(7)
    )
    ratios.note("import evstats, against import numpy, scipy.special", "< 1.5", f"{plain:.3g} ({used:.3g} once used)")
    benchmark.pedantic(lambda: seconds("import evstats"), rounds=1, iterations=1)
    assert plain < 1.5


@pytest.mark.parametrize(
    ("family", "method"), [("gumbel", "mle"), ("gev", "mle"), ("gev", "lmoments"), ("gev", "moments")]
)
@pytest.mark.parametrize("series", [10_000, 400_000])
def test_memory_of_a_batch_fit(ratios: Any, benchmark: Any, family: str, method: str, series: int) -> None:
    """Beyond the input and the result (which keeps the observations), at most 64 MiB, whatever the number of series."""
    x = maxima(series)
    benchmark.pedantic(lambda: ev.fit(x[:100], family, method=method), rounds=1, iterations=1)  # and loads the modules
    tracemalloc.start()  # after the input was made, so that it is not counted
    fit = ev.fit(x, family, method=method)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    estimate = fit.estimation.estimate
    result = fit.values.nbytes + estimate.parameters.nbytes + estimate.status.nbytes + estimate.iterations.nbytes
    beyond = (peak - result) / MIB
    what = f"memory of {family} by {method}, {series:,} x 80, beyond input and result"
    ratios.note(what, "<= 64 MiB", f"{beyond:.1f} MiB (input {x.nbytes / MIB:.0f}, result {result / MIB:.0f})")
    assert beyond <= 64
