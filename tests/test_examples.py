"""The examples in the docstrings of the whole package answer as shown."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import evstats

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(evstats.__path__, "evstats.") if module.name != "evstats.__main__"
)

#: What a module may import that need not be installed.
EXTRAS = {"torch", "jax"}


@pytest.mark.parametrize("name", ["evstats", *MODULES])
def test_examples(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # some write files
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        pytest.skip(f"{name} needs {error.name}")
    found = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert found.failed == 0
