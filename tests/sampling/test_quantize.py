"""Gumbel vector quantisation, as a function and as a PyTorch module."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from evstats import noise, sampling
from evstats.errors import ArgumentError
from evstats.extras import install
from evstats.sampling import quantize

RANDOM = np.random.default_rng(1)
LOGITS = RANDOM.normal(size=(6, 2, 5))
CODEBOOK = RANDOM.normal(size=(2, 5, 3))


def test_hard_vectors_are_entries_of_the_codebook() -> None:
    quantized = sampling.gumbel_quantize(LOGITS, CODEBOOK, 0.7, rng=1)
    np.testing.assert_array_equal(quantized.codes, sampling.gumbel_max(LOGITS, rng=1))
    entries = CODEBOOK[np.arange(2), quantized.codes]
    np.testing.assert_array_equal(quantized.vectors, entries.reshape(6, 6))


def test_soft_vectors_are_mixtures() -> None:
    quantized = sampling.gumbel_quantize(LOGITS, CODEBOOK, 0.7, hard=False, rng=1)
    weights = sampling.gumbel_softmax(LOGITS, 0.7, rng=1)
    np.testing.assert_allclose(quantized.vectors, np.einsum("bgv,gvd->bgd", weights, CODEBOOK).reshape(6, 6))


def test_greedy_takes_the_likeliest() -> None:
    quantized = sampling.gumbel_quantize(LOGITS, CODEBOOK, greedy=True)
    np.testing.assert_array_equal(quantized.codes, LOGITS.argmax(axis=-1))
    with pytest.raises(ArgumentError, match=r"^noise is given, but greedy=True draws none"):
        sampling.gumbel_quantize(LOGITS, CODEBOOK, greedy=True, noise=np.zeros_like(LOGITS))


def test_perplexity_of_plain_lists() -> None:
    assert sampling.perplexity([[[0.5, 0.5], [1.0, 0.0]]]) == pytest.approx([2.0, 1.0])


def test_perplexity_counts_the_entries_in_use() -> None:
    one_hot = np.eye(5)[[[0, 0], [0, 1], [0, 2], [0, 3]]]
    np.testing.assert_allclose(quantize.perplexity(one_hot), [1.0, 4.0])
    even = sampling.gumbel_quantize(np.zeros((6, 2, 5)), CODEBOOK, rng=1)
    np.testing.assert_allclose(even.probability_perplexity, 5.0)
    assert even.diversity_loss == pytest.approx(0.0)
    single = np.where(np.arange(5) == 2, 0.0, -np.inf) * np.ones((6, 2, 1))
    collapsed = sampling.gumbel_quantize(single, CODEBOOK, rng=1)
    np.testing.assert_allclose(collapsed.code_perplexity, 1.0)
    assert collapsed.diversity_loss == pytest.approx(0.8)


@pytest.mark.parametrize("hard", [True, False])
def test_the_same_in_every_library(library: Any, hard: bool) -> None:
    expected = sampling.gumbel_quantize(LOGITS, CODEBOOK, 0.5, hard=hard, rng=2)
    quantized = sampling.gumbel_quantize(library.make(LOGITS), library.make(CODEBOOK), 0.5, hard=hard, rng=2)
    for part in ("vectors", "codes", "code_perplexity", "probability_perplexity", "diversity_loss"):
        value = library.read(getattr(quantized, part))
        np.testing.assert_allclose(value, getattr(expected, part), rtol=1e-12, atol=1e-12)


def test_straight_through_gradients_are_those_of_the_mixture(differentiating: Any, finite_difference: Any) -> None:
    g = noise.gumbel(LOGITS.shape, rng=3)

    def f(x: Any, hard: bool) -> Any:
        quantized = sampling.gumbel_quantize(x, CODEBOOK, 0.5, hard=hard, noise=g)
        return quantized.vectors.sum() + quantized.diversity_loss

    expected = finite_difference(lambda x: float(f(x, False)), LOGITS)
    for hard in (True, False):
        slope = differentiating.gradient(lambda x, hard=hard: f(x, hard), LOGITS)
        np.testing.assert_allclose(slope, expected, atol=1e-7)


@pytest.mark.parametrize(
    ("logits", "codebook"), [(LOGITS, CODEBOOK[:1]), (LOGITS, CODEBOOK[0]), (LOGITS[0, 0], CODEBOOK)]
)
def test_bad_shapes(logits: np.ndarray, codebook: np.ndarray) -> None:
    with pytest.raises(ArgumentError, match=r"^codebook has shape .*; expected \(groups, codes, dim\)"):
        sampling.gumbel_quantize(logits, codebook)


def test_torch_is_not_imported_unasked() -> None:
    code = "import sys; from evstats import sampling; print({'torch', 'jax'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
    with pytest.raises(AttributeError, match=r"has no attribute 'Quantizer'"):
        quantize.Quantizer  # noqa: B018


def test_the_module(torch: Any) -> None:
    torch.manual_seed(1)
    module = sampling.GumbelQuantizer(8, groups=2, codes=5, dim=3, schedule=sampling.LinearSchedule(2.0, 0.5, 100))
    x = torch.randn(4, 6, 8)
    first, again = (module(x, rng=1) for _ in range(2))
    assert torch.equal(first.codes, again.codes)
    assert first.vectors.shape == (4, 6, 6)
    (first.vectors.square().sum() + first.diversity_loss).backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in module.parameters())
    assert float(module.temperature) == 2.0
    module.anneal(50)
    assert float(module.temperature) == 1.25
    copy = pickle.loads(pickle.dumps(module.eval()))
    logits = module.projection(x).reshape(4, 6, 2, 5)
    assert torch.equal(copy(x).codes, logits.argmax(-1))
    other = sampling.GumbelQuantizer(8, groups=2, codes=5, dim=3)
    other.load_state_dict(module.state_dict())
    assert float(other.temperature) == 1.25


def test_half_precision_comes_back_as_it_came(library: Any) -> None:
    quantized = sampling.gumbel_quantize(library.half(LOGITS), library.half(CODEBOOK), rng=1)
    assert quantized.vectors.dtype == library.half(LOGITS).dtype
    chosen = CODEBOOK[np.arange(2), library.read(quantized.codes)].reshape(6, 6)
    np.testing.assert_allclose(np.asarray(library.read(quantized.vectors), "f8"), chosen, rtol=1e-3)


def test_the_record_passes_through_jit(jax: Any) -> None:
    draw = lambda x: sampling.gumbel_quantize(x, CODEBOOK, rng=1)  # noqa: E731
    inside, outside = jax.jit(draw)(jax.numpy.asarray(LOGITS)), sampling.gumbel_quantize(LOGITS, CODEBOOK, rng=1)
    np.testing.assert_allclose(inside.vectors, outside.vectors, atol=1e-12)
    assert inside.codebook_size == 5


def test_the_module_in_half_precision(torch: Any) -> None:
    module = sampling.GumbelQuantizer(8, groups=2, codes=5, dim=3).to(torch.bfloat16)
    assert module(torch.zeros(4, 8, dtype=torch.bfloat16)).vectors.dtype == torch.bfloat16


def test_without_torch_the_module_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "evstats.sampling.quantizer", raising=False)
    with pytest.raises(
        ModuleNotFoundError, match=re.escape(f"GumbelQuantizer is a PyTorch module: {install('torch')}")
    ):
        sampling.GumbelQuantizer  # noqa: B018


def test_the_module_learns(torch: Any) -> None:
    """Eight clusters are told apart by a codebook of eight entries."""
    torch.manual_seed(2)
    centres = 4.0 * torch.randn(8, 4)
    module = sampling.GumbelQuantizer(4, 1, 8, 4, sampling.ExponentialSchedule(2.0, 0.3, 300))
    optimiser = torch.optim.Adam(module.parameters(), 0.05)
    random = noise.generator(3)
    losses = []
    for step in range(400):
        module.anneal(step)
        x = centres[torch.from_numpy(random.integers(8, size=128))]
        quantized = module(x, rng=random)
        loss = (quantized.vectors - x).square().mean()
        optimiser.zero_grad()
        (loss + quantized.diversity_loss).backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert np.mean(losses[-20:]) < 0.4 * np.mean(losses[:20])
