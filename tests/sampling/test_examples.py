"""The examples in the docstrings of the noise, of sampling and of permutation answer as shown."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from evstats import sampling

MODULES = [f"evstats.sampling.{module.name}" for module in pkgutil.iter_modules(sampling.__path__)]


@pytest.mark.parametrize("name", ["evstats.noise", "evstats.permutation", *MODULES])
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
