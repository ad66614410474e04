"""What all tests share: one deterministic Hypothesis profile, a figure backend without windows, golden numbers."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

# Two processes share the cores: one thread of linear algebra each, set before NumPy is loaded, for what they start too.
os.environ["OMP_NUM_THREADS"] = os.environ.get("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
from golden import load
from hypothesis import HealthCheck, settings
from numpy.typing import NDArray

from evstats.goodness import nested, nulls, zero_shape
from evstats.intervals import calibration, simulated
from evstats.simulated import keeping

os.environ.setdefault("MPLBACKEND", "Agg")
settings.register_profile(
    "evstats", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("evstats")

#: Real series that may be read but not shipped lie beside the checkout; tests of them skip where it has none.
BESIDE = Path(__file__).resolve().parents[2] / "shared"


#: The files that take longest, the longest first: begun first, so that at the end no process waits for one of them.
LONGEST = (
    *("test_conformance.py", "test_notebooks.py", "test_answers.py", "test_readme.py", "test_types.py"),
    *("test_likelihood.py", "test_report.py", "test_errors.py", "test_likelihood_ratio.py", "test_browser.py"),
    *("test_fits_of_grids.py", "test_rare.py", "test_tempering.py", "test_two_populations.py", "test_figures.py"),
    *("test_fit.py", "test_trends.py", "test_trend_commands.py", "test_peaks_commands.py", "test_shape_posterior.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, all others in their order."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


def pytest_collectstart() -> None:
    """Thousands of tests are made before one runs, and stay to the end: no garbage to be looked for among them,"""
    gc.disable()


def pytest_collection_finish() -> None:
    """now or later; what comes after them is collected as ever."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def annual_maxima() -> dict[str, NDArray[np.float64]]:
    """Published annual maxima by name, in their own units."""
    return {name: np.array(entry["values"]) for name, entry in load("annual_maxima").items()}


#: What is simulated with few samples, and with few replicates besides: apart from what has its full size, and kept from
#: one module to the next, as it is the same whoever asks first.
FEW_SAMPLES, FEW_REPLICATES = keeping.Store(), keeping.Store()


@pytest.fixture(scope="module")
def few_samples() -> Iterator[None]:
    """Simulated distributions of few samples, where a test is about form and not about numbers."""
    few = {"REPLICATES": 2_000, "REPLICATES_PER_SHAPE": 400, "REPLICATES_ROUNDED": 1_000, "RESAMPLES": 99}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "STORE", FEW_SAMPLES)
        for name, count in few.items():
            patch.setattr(nulls, name, count)
        patch.setattr(nested, "REPLICATES", (1_000, 200, 200, 100))
        patch.setattr(nested, "BOOTSTRAPPED", 99)
        patch.setattr(zero_shape, "REPLICATES_ROUNDED", 999)
        patch.setattr(calibration, "AT_HAND", 400)
        yield


@pytest.fixture(scope="module")
def few_replicates(few_samples: None) -> Iterator[None]:
    """The same of intervals by simulation, where nothing is compared with another process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "STORE", FEW_REPLICATES)
        patch.setattr(simulated, "replicates_for", lambda n: 2_000)
        yield


@pytest.fixture(scope="session")
def data_sources() -> Path:
    """The folder of real series; skips where it is absent."""
    return _beside("data-sources")


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of published series; skips where it is absent."""
    return _beside("reference-data")


def _beside(name: str) -> Path:
    folder = BESIDE / name
    if not folder.is_dir():
        pytest.skip(f"the real series of ../shared/{name} are not beside this checkout")
    return folder
