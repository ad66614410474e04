"""What is simulated is kept, and no more than so many bytes of it, however many sample sizes are asked about."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import evstats as ev
from evstats import goodness, noise
from evstats.estimators import Estimation
from evstats.goodness import nulls
from evstats.goodness.zero_shape import zero_shape_tests
from evstats.intervals import INTERVALS, simulated
from evstats.simulated import Store, keeping, kept, shipped_table
from evstats.simulated.keeping import STORE, size_of

Array = NDArray[np.float64]
SIZES = range(10, 210, 4)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store of this process, emptied and of 256 KiB; simulations with few samples."""
    STORE.clear()
    monkeypatch.setattr(STORE, "most_bytes", 2**18)
    monkeypatch.setattr(nulls, "replicates_for", lambda n: 100)
    monkeypatch.setattr(nulls, "REPLICATES_ROUNDED", 100)
    monkeypatch.setattr(simulated, "replicates_for", lambda n: 200)
    yield STORE
    STORE.clear()


def ask(n: int) -> None:
    """What keeps something for every number of values: tests of fit, intervals by simulation and by quadrature."""
    x = noise.gumbel(n, rng=n)
    exact = INTERVALS["exact"]()
    for method in (ev.MaximumLikelihood(), ev.LMoments()):
        estimation = Estimation(ev.Gumbel, method, x, method.estimate(ev.Gumbel, x))
        goodness.goodness_of_fit(estimation)
        exact(estimation, ev.ReturnLevel([100.0]), 0.95)
    if n % 10 == 0:
        exact(estimation, ev.ReturnPeriod([4.0]), 0.95)
        zero_shape_tests(estimation)


def test_memory_stays_bounded_over_many_sample_sizes(small: Store) -> None:
    ask(SIZES[0])  # what is loaded once
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for n in SIZES:
            ask(n)
            assert small.bytes <= small.most_bytes
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(small) > 20
    assert after - before < 4 * small.most_bytes


def caches() -> Iterator[tuple[str, Any]]:
    """Every cache of the standard library at the top of a module or in a class of the package."""
    for found in pkgutil.walk_packages(ev.__path__, "evstats."):
        if found.name.endswith("__main__"):
            continue
        try:
            module = importlib.import_module(found.name)
        except ModuleNotFoundError as error:
            if error.name == "torch":  # of an extra
                continue
            raise
        spaces = [module, *(each for each in vars(module).values() if inspect.isclass(each))]
        for name, thing in ((name, thing) for space in spaces for name, thing in vars(space).items()):
            if isinstance(thing, functools._lru_cache_wrapper) and thing.__module__ == found.name:
                yield f"{found.name}.{name}", thing


#: Caches without a bound, of functions that are only ever asked about a handful of things, never about data.
FEW = {
    "evstats.intervals.calibration._table",  # with a shape or without
    "evstats.noise.native",  # what the machine can do
    "evstats.noise.tensors",
    "evstats.sampling.arrays",  # the libraries of arrays
    "evstats.sampling.quantize",
    "evstats.simulated.tables.shipped_table",  # three tables
}


def test_no_other_cache_grows_with_what_is_asked() -> None:
    for name, cache in caches():
        asked = inspect.signature(cache).parameters
        known = name in FEW or name.rpartition(".")[0] in FEW
        assert not asked or known or cache.cache_parameters()["maxsize"] is not None, name


def test_the_store_forgets_what_was_asked_for_longest_ago() -> None:
    store, row = Store(3 * size_of(np.zeros(100))), np.zeros(100)
    for key in "abc":
        store.put(key, row)
    assert store.get("a")
    store.put("d", row)
    assert [bool(store.get(key)) for key in "abcd"] == [True, False, True, True]
    assert store.bytes == 3 * size_of(row)
    store.put("large", np.zeros(1_000))
    assert not store.get("large")
    assert len(store) == 3
    store.put("a", row)
    assert store.bytes == 3 * size_of(row)
    store.clear()
    assert (len(store), store.bytes) == (0, 0)


def test_an_answer_is_kept_by_function_and_arguments_and_cannot_be_changed(small: Store) -> None:
    calls = []

    @kept
    def one(n: int, *, times: float = 1.0) -> tuple[float, Array]:
        calls.append(n)
        return times, np.full(n, times)

    @kept
    def other(n: int) -> Array:
        return np.zeros(n)

    assert one(3) is one(3)
    assert one(3, times=2.0)[0] == 2.0
    assert calls == [3, 3]
    assert other(3) is not one(3)[1]
    with pytest.raises(ValueError, match="read-only"):
        one(3)[1][0] = 5.0
    assert keeping.size_of(one(3)) > 24


def test_the_shipped_tables_are_read_once_and_cannot_be_changed() -> None:
    for name, arrays in (("tests_of_fit", 3), ("few_values", 1), ("signed_root", 4)):
        assert shipped_table(name) is shipped_table(name)
        assert len(shipped_table(name)) == arrays
        with pytest.raises(ValueError, match="read-only"):
            next(iter(shipped_table(name).values()))[...] = 0.0
