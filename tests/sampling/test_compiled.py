"""Inside ``torch.compile(fullgraph=True)`` draws are fresh, exact and as differentiable as outside."""

from __future__ import annotations

import importlib
import math
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from evstats import noise, sampling

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="torch.compile is not at home there")

DRAWS: dict[str, Callable[..., Any]] = {
    "soft": lambda x, g=None: sampling.gumbel_softmax(x, 0.5, noise=g),
    "hard": lambda x, g=None: sampling.gumbel_softmax(x, 0.5, hard=True, noise=g),
    "gumbel_max": lambda x, g=None: sampling.gumbel_max(x, noise=g),
    "gumbel_top_k": lambda x, g=None: sampling.gumbel_top_k(x, 3, noise=g).keys,
}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    torch._dynamo.reset()
    with torch.random.fork_rng():
        torch.manual_seed(1)
        yield
    torch._dynamo.reset()


def need_inductor() -> None:
    """PyTorch's own compiler, whose import uses what PyTorch deprecates; it needs one of C++."""
    if not shutil.which("g++"):
        pytest.skip("needs a C++ compiler")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        importlib.import_module("torch._inductor.compile_fx")


def compiled(function: Callable[..., Any], backend: str = "aot_eager") -> Callable[..., Any]:
    return torch.compile(function, fullgraph=True, backend=backend)


@pytest.mark.parametrize("name", DRAWS)
def test_a_hundred_calls_draw_a_hundred_times(name: str) -> None:
    """Warnings are errors here, and a graph break is one of ``fullgraph``."""
    draw = compiled(DRAWS[name])
    x = torch.linspace(-1.0, 1.0, 400).reshape(4, 100).requires_grad_()
    draws = torch.stack([draw(x).detach().to(torch.float64) for _ in range(100)])
    assert len(torch.unique(draws.reshape(100, -1), dim=0)) == 100
    assert torch.isfinite(draws).all()


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
@pytest.mark.parametrize("name", ["soft", "hard", "gumbel_top_k"])
def test_values_and_gradients_are_those_of_eager(name: str, dtype: str) -> None:
    kind = getattr(torch, dtype)
    g = noise.gumbel_like(torch.zeros(5, 7, dtype=kind))
    x = torch.randn(5, 7).to(kind)
    x[0, 2] = -math.inf
    if name != "gumbel_top_k":  # of which a certain category leaves too few
        x[1, 3] = math.inf
    found = []
    for draw in (DRAWS[name], compiled(DRAWS[name])):
        leaf = x.clone().requires_grad_()
        y = draw(leaf, g)
        (y[2:] * torch.arange(5.0 * y.shape[1]).reshape(5, -1)[2:]).sum().backward()
        found.append((y.detach(), leaf.grad))
    for eager, inside in zip(*found, strict=True):
        torch.testing.assert_close(inside, eager, atol=1e-6, rtol=1e-6)


def test_gradients_with_fresh_noise_are_those_of_the_draw() -> None:
    """The Jacobian at the draw that was made, in closed form."""
    leaf, weights = torch.zeros(32, 10, requires_grad=True), torch.randn(32, 10)
    y = compiled(DRAWS["soft"])(leaf)
    (y * weights).sum().backward()
    expected = sampling.gumbel_softmax_jvp(y.detach(), weights, 0.5)
    torch.testing.assert_close(leaf.grad, expected, atol=1e-6, rtol=1e-6)


def test_two_draws_of_one_call_differ() -> None:
    """Equal calls are not merged into one, nor drawn again for the gradient."""

    def both(x: Any) -> Any:
        return torch.stack([sampling.gumbel_softmax(x, 0.5), sampling.gumbel_softmax(x, 0.5)])

    first, second = compiled(both)(torch.zeros(4, 6))
    assert not torch.equal(first, second)


def test_manual_seed_holds_inside() -> None:
    draw, x = compiled(DRAWS["soft"]), torch.zeros(3, 300)
    draws = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        draws.append(draw(x))
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
    torch.manual_seed(0)
    torch.testing.assert_close(sampling.gumbel_softmax(x, 0.5), draws[0])


def test_an_integer_is_the_fixed_draw_of_eager() -> None:
    x = torch.randn(4, 9)
    inside = compiled(lambda x: sampling.gumbel_max(x, rng=3))
    assert torch.equal(inside(x), sampling.gumbel_max(x, rng=3))
    random = noise.generator(1)
    with pytest.raises(torch._dynamo.exc.Unsupported, match="_known_to_compiled"):  # the compiler's words, our place
        compiled(lambda x: sampling.gumbel_max(x, rng=random))(x)


@pytest.mark.parametrize("name", ["soft", "gumbel_max"])
def test_vmap_inside_draws_as_its_randomness_says(name: str) -> None:
    x = torch.zeros(40, 30)
    mapped = lambda mode: compiled(lambda x: torch.func.vmap(DRAWS[name], randomness=mode)(x))(x)  # noqa: E731
    assert len(torch.unique(mapped("different"), dim=0)) > 10
    assert len(torch.unique(mapped("same"), dim=0)) == 1
    with pytest.raises(Exception, match="randomness"):
        mapped("error")


def test_rows_that_cannot_be_drawn_from_are_marked() -> None:
    x = torch.zeros(3, 4)
    x[1], x[2, 0] = -math.inf, math.nan
    assert compiled(DRAWS["gumbel_max"])(x)[1:].tolist() == [-1, -1]
    y = compiled(DRAWS["soft"])(x)
    assert torch.isfinite(y[0]).all()
    assert torch.isnan(y[1:]).all()


BACKENDS = ["aot_eager", pytest.param("inductor", marks=pytest.mark.slow)]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_rare_category_wins_as_often_as_it_should(backend: str) -> None:
    """The compiler's own uniforms have 24 bits, whatever they are called."""
    if backend == "inductor":
        need_inductor()
    logits = torch.full((5000,), -14.0)
    logits[7] = 0.0
    rows, draws = logits.expand(400, 5000), 8000
    draw = compiled(sampling.gumbel_max, backend)
    wins = sum(int((draw(rows) != 7).sum()) for _ in range(draws // 400))
    rare = 4999 * math.exp(-14.0)
    p = rare / (1.0 + rare)
    assert abs(wins - draws * p) < 3.0 * math.sqrt(draws * p)


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWS)
def test_the_compiler_of_torch(name: str) -> None:
    need_inductor()
    draw = compiled(DRAWS[name], "inductor")
    x = torch.linspace(-1.0, 1.0, 400).reshape(4, 100)
    draws = torch.stack([draw(x).to(torch.float64) for _ in range(20)])
    assert len(torch.unique(draws.reshape(20, -1), dim=0)) == 20
