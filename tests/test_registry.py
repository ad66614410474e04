"""Registries: names, and entries that are imported when they are asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from evstats.distributions import FAMILIES
from evstats.errors import ArgumentError
from evstats.estimators import ESTIMATORS
from evstats.intervals import INTERVALS
from evstats.registry import Registry


def test_an_entry_is_imported_when_it_is_asked_for_and_the_same_ever_after() -> None:
    registry: Registry[type] = Registry("box", {"own": int}, where={"counter": "collections:Counter"})
    assert list(registry) == ["own", "counter"]
    assert len(registry) == 2
    assert "counter" in registry
    assert registry["Counter "] is registry["counter"] is __import__("collections").Counter
    assert registry.name_of(registry["counter"]) == "counter"


def test_an_unknown_name_is_told_from_one_that_is_known_to_be_absent() -> None:
    registry: Registry[type] = Registry("box", where={"counter": "collections:Counter"}, absent={"bag"})
    with pytest.raises(ArgumentError, match=r"unknown box 'countr'; known: 'counter'\. Did you mean 'counter'\?"):
        registry["countr"]
    with pytest.raises(ArgumentError, match="the box 'bag' is not there"):
        registry["bag"]
    with pytest.raises(ArgumentError, match="is not a registered box"):
        registry.name_of(int)


@pytest.mark.parametrize("registry", [FAMILIES, ESTIMATORS, INTERVALS], ids=["family", "method", "interval"])
def test_every_entry_is_registered_under_its_own_name(registry: Registry[type]) -> None:
    for name, entry in registry.items():
        assert entry.name == name  # type: ignore[attr-defined]
        assert registry.name_of(entry) == name


def test_names_are_known_before_anything_is_imported() -> None:
    code = (
        "import sys; from evstats.intervals import INTERVALS; assert 'bootstrap' in INTERVALS and len(INTERVALS) > 7; "
        "assert 'evstats.intervals.bootstrap' not in sys.modules; INTERVALS['bootstrap']; "
        "assert 'evstats.intervals.bootstrap' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
