"""Tensors on a GPU: the same functions, exact, and without a transfer to the host."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from evstats import noise, sampling

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")
on_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")

DRAWS: dict[str, Callable[[Any], Any]] = {
    "soft": lambda x: sampling.gumbel_softmax(x, 0.5),
    "hard": lambda x: sampling.gumbel_softmax(x, 0.5, hard=True),
    "temperature 0": lambda x: sampling.gumbel_softmax(x, 0.0),
    "learned temperature": lambda x: sampling.gumbel_softmax(x, torch.ones((), device=x.device)),
    "gumbel_max": sampling.gumbel_max,
    "categorical": lambda x: sampling.categorical(x, size=4),
    "gumbel_top_k": lambda x: sampling.gumbel_top_k(x, 5).indices,
    "gumbel_rao": sampling.gumbel_rao,
}


@pytest.fixture
def no_transfer() -> Iterator[None]:
    """Whatever waits for the device is an error."""
    torch.cuda.set_sync_debug_mode("error")
    yield
    torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
@pytest.mark.parametrize("name", DRAWS)
def test_no_value_of_another_device_is_looked_at(name: str, dtype: str) -> None:
    """Tensors without values stand for those on another device: who looks at one has an error."""
    x = torch.zeros(64, 300, device="meta", dtype=getattr(torch, dtype), requires_grad=True)
    y = DRAWS[name](x)
    assert y.device.type == "meta"
    if y.requires_grad:
        (y * y).sum().backward()


@on_cuda
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
@pytest.mark.parametrize("name", DRAWS)
def test_nothing_waits_for_the_device(name: str, dtype: str, no_transfer: None) -> None:
    x = torch.zeros(64, 300, device="cuda", dtype=getattr(torch, dtype), requires_grad=True)
    y = DRAWS[name](x)
    assert y.device.type == "cuda"
    if y.requires_grad:
        (y * y).sum().backward()


@on_cuda
@pytest.mark.parametrize("name", DRAWS)
def test_seeds_are_those_of_the_device(name: str) -> None:
    x, draws = torch.linspace(-1.0, 1.0, 900, device="cuda").reshape(3, 300), []
    with torch.random.fork_rng(devices=[0]):
        for seed in (0, 0, 1):
            torch.manual_seed(seed)
            draws.append(DRAWS[name](x))
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


@on_cuda
@pytest.mark.parametrize("draw", [sampling.gumbel_softmax, sampling.gumbel_max])
def test_noise_at_hand_gives_what_it_gives_on_the_processor(draw: Callable[..., Any]) -> None:
    x, g = torch.randn(50, 20, dtype=torch.float64), noise.gumbel((50, 20), rng=1)
    x[0, :10], x[1, 3] = -math.inf, math.inf
    torch.testing.assert_close(draw(x.cuda(), noise=g).cpu(), draw(x, noise=g))


@on_cuda
def test_rows_that_cannot_be_drawn_from_are_marked() -> None:
    x = torch.zeros(3, 4, device="cuda")
    x[1], x[2, 0] = -math.inf, math.nan
    assert sampling.gumbel_max(x)[1:].tolist() == [-1, -1]
    y = sampling.gumbel_softmax(x)
    assert torch.isfinite(y[0]).all()
    assert torch.isnan(y[1:]).all()


@on_cuda
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_rare_category_wins_as_often_as_it_should(dtype: str) -> None:
    """Any of 50,000 against one 17 above them, in a million draws."""
    logits = torch.full((50_000,), -17.0, dtype=getattr(torch, dtype), device="cuda")
    logits[7] = 0.0
    rows, draws = logits.expand(1000, 50_000), 1_000_000
    with torch.random.fork_rng(devices=[0]):
        torch.manual_seed(5)
        wins = sum(int((sampling.gumbel_max(rows) != 7).sum()) for _ in range(draws // 1000))
    rare = 49_999 * math.exp(-17.0)
    p = rare / (1.0 + rare)
    assert abs(wins - draws * p) < 3.0 * math.sqrt(draws * p)
