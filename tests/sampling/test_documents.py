"""What the documents show with PyTorch runs, and answers as shown; all else in them is run by tests/test_readme.py."""

from __future__ import annotations

import doctest
from typing import Any

import pytest
from documents import DOCUMENTS, GUIDE

torch = pytest.importorskip("torch", reason="the training loops of the documents need PyTorch (extra 'torch')")


def test_training_loops_learn_what_is_shown() -> None:
    examples = [document.example(torch=True) for document in DOCUMENTS]
    assert sum(len(example.examples) for example in examples) > 4
    torch.manual_seed(0)
    for example in examples:
        assert doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example).failed == 0


def test_the_module_of_the_guide_learns() -> None:
    names: dict[str, Any] = {}
    exec(compile("".join(GUIDE.python(torch=True)), GUIDE.name, "exec"), names)
    assert names["best"].item() <= names["loss"].item() < 0.95 * names["best"].item()
