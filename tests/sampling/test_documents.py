"""What the documents show with PyTorch runs, and answers as shown; all else in them is run by tests/test_readme.py."""

from __future__ import annotations

import doctest
from typing import Any

import numpy as np
import pytest
from documents import DOCUMENTS, GUIDE
from scipy import stats

torch = pytest.importorskip("torch", reason="the training loops of the documents need PyTorch (extra 'torch')")


def test_training_loops_learn_what_is_shown() -> None:
    examples = [document.example(torch=True) for document in DOCUMENTS]
    assert sum(len(example.examples) for example in examples) > 4
    torch.manual_seed(0)
    for example in examples:
        assert doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example).failed == 0


def block_of_the_guide(word: str) -> dict[str, Any]:
    """What the block with this word leaves behind, run alone after the imports."""
    imports, *blocks = GUIDE.python(torch=True)
    (text,) = (block for block in blocks if word in block)
    names: dict[str, Any] = {}
    exec(compile(imports + text, GUIDE.name, "exec"), names)
    return names


def test_the_module_of_the_guide_learns() -> None:
    names = block_of_the_guide("class Chooser")
    assert names["best"].item() <= names["loss"].item() < 0.95 * names["best"].item()


def test_the_density_network_of_the_guide_finds_both_peaks() -> None:
    """In a state the upper peak is a normal distribution around 10; the 99 % quantile of all is its 98 %."""
    found = block_of_the_guide("MixtureDensityLayer")["quantiles"].detach().numpy()
    assert found == pytest.approx(10.0 + stats.norm.ppf(0.98) * np.array([0.75, 1.25]), rel=0.05)


def test_no_other_block_of_the_guide_needs_it() -> None:
    assert len(GUIDE.python(torch=True)) == 3
