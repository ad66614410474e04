"""With tensors and without rng, draws come from torch's own generator, as its users expect, and are exact."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from evstats import sampling
from evstats.errors import ArgumentError

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")

DRAWS: dict[str, Callable[[Any], Any]] = {
    "gumbel_softmax": sampling.gumbel_softmax,
    "hard": lambda x: sampling.gumbel_softmax(x, 0.5, hard=True),
    "gumbel_max": sampling.gumbel_max,
    "categorical": lambda x: sampling.categorical(x, size=4),
    "gumbel_top_k": lambda x: sampling.gumbel_top_k(x, 5).indices,
    "posterior_gumbel": lambda x: sampling.posterior_gumbel(x, torch.zeros(3, dtype=torch.int64)),
    "gumbel_rao": sampling.gumbel_rao,
    "RelaxedOneHot": lambda x: sampling.RelaxedOneHot(x).draw(2),
    "Categorical": lambda x: sampling.Categorical(x[0]).draw(20),
    "ExponentialRace": lambda x: sampling.ExponentialRace(x[0]).draw(5).indices,
}


@pytest.mark.parametrize("name", DRAWS)
def test_torch_manual_seed_gives_the_same_draws_again(name: str) -> None:
    x, draw = torch.linspace(-1.0, 1.0, 900).reshape(3, 300), DRAWS[name]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        first, second = draw(x), draw(x)
        torch.manual_seed(0)
        again = draw(x)
    assert torch.equal(first, again)
    assert not torch.equal(first, second)


@pytest.mark.parametrize("name", ["gumbel_softmax", "hard", "gumbel_max"])
def test_vmap_draws_as_its_randomness_says(name: str) -> None:
    x, draw = torch.zeros(40, 30), DRAWS[name]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        different = torch.func.vmap(draw, randomness="different")(x)
        same = torch.func.vmap(draw, randomness="same")(x)
        with pytest.raises(RuntimeError, match="randomness"):
            torch.func.vmap(draw)(x)
    assert len(torch.unique(different, dim=0)) > 10
    assert len(torch.unique(same, dim=0)) == 1


def test_gradients_mapped_over_rows() -> None:
    """``vmap(grad(...))`` draws for each row, and refuses the integer with which all rows would share a draw."""
    x, weights = torch.zeros(40, 30), torch.arange(30.0)

    def loss(row: Any, rng: Any = None) -> Any:
        return (sampling.gumbel_softmax(row, 0.5, rng=rng) * weights).sum()

    with torch.random.fork_rng():
        torch.manual_seed(0)
        different = torch.func.vmap(torch.func.grad(loss), randomness="different")(x)
        same = torch.func.vmap(torch.func.grad(loss), randomness="same")(x)
        with pytest.raises(RuntimeError, match="randomness"):
            torch.func.vmap(torch.func.grad(loss))(x)
    assert len(torch.unique(different, dim=0)) == 40
    assert len(torch.unique(same, dim=0)) == 1
    for randomness in ("error", "different"):
        with pytest.raises(ArgumentError, match=r"^rng is 3 inside torch\.func\.vmap, where all rows would share"):
            torch.func.vmap(torch.func.grad(lambda row: loss(row, 3)), randomness=randomness)(x)
    fixed = torch.func.vmap(torch.func.grad(lambda row: loss(row, 3)), randomness="same")(x)
    torch.testing.assert_close(fixed, torch.func.grad(lambda row: loss(row, 3))(x[0]).expand(40, 30))


def test_certain_categories_and_masks_in_vmap() -> None:
    x = torch.zeros(3, 4)
    x[0, 2], x[1], x[2, 0] = math.inf, -math.inf, math.nan
    with torch.random.fork_rng():
        torch.manual_seed(0)
        drawn = torch.func.vmap(sampling.gumbel_max, randomness="different")(x)
        relaxed = torch.func.vmap(sampling.gumbel_softmax, randomness="different")(x)
    assert drawn.tolist() == [2, -1, -1]
    assert relaxed[0].tolist() == [0.0, 0.0, 1.0, 0.0]
    assert torch.isnan(relaxed[1:]).all()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("mapped", [False, True])
def test_a_rare_category_wins_as_often_as_it_should(dtype: str, mapped: bool) -> None:
    """Any of 5,000 against one 14 above them: where the noise of 24 bits has far too few values."""
    logits = torch.full((5000,), -14.0, dtype=getattr(torch, dtype))
    logits[7] = 0.0
    rows, draws = logits.expand(400, 5000), 8000
    draw = torch.func.vmap(sampling.gumbel_max, randomness="different") if mapped else sampling.gumbel_max
    with torch.random.fork_rng():
        torch.manual_seed(5)
        wins = sum(int((draw(rows) != 7).sum()) for _ in range(draws // 400))
    rare = 4999 * math.exp(-14.0)
    p = rare / (1.0 + rare)
    assert abs(wins - draws * p) < 3.0 * math.sqrt(draws * p)


def test_an_integer_is_one_fixed_draw_in_every_library() -> None:
    x = np.linspace(-1.0, 1.0, 45).reshape(5, 9)
    np.testing.assert_array_equal(sampling.gumbel_max(x, rng=3), sampling.gumbel_max(torch.tensor(x), rng=3).numpy())
