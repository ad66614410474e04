"""Results of montecarlo print as tables of at most 79 columns, as text and as HTML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from evstats import montecarlo


def normal(x: Any) -> Any:
    return -0.5 * np.sum((x - [1.0, -2.0]) ** 2 / [1.0, 9.0], axis=-1)


WIDE = montecarlo.Normal([0.0, 0.0], [[20.0, 0.0], [0.0, 20.0]])
RESULTS: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
    "chains": (
        lambda: montecarlo.metropolis(normal, [0.0, 0.0], 200, rng=1, names=["loc", "scale"]),
        ("Markov chains (adaptive)", "loc", "ess_tail", "rhat", "draws of each        200", "seed                 1"),
    ),
    "tempering": (
        lambda: montecarlo.tempering(normal, reference=WIDE, draws=50, warmup=60, levels=4, rng=1),
        ("Markov chains (tempering)", "log-evidence", "rungs                4", "x1"),
    ),
    "annealing": (
        lambda: montecarlo.anneal(normal, [0.0, 0.0], 200, rng=1),
        ("Highest point by simulated annealing", "chains        16", "lowest end"),
    ),
    "annealed importance": (
        lambda: montecarlo.annealed_importance(normal, WIDE, 100, levels=20, rng=np.random.default_rng(1)),
        ("Annealed importance sampling", "k-hat", "standard error", "seed             of a generator"),
    ),
    "independent draws": (
        lambda: montecarlo.ratio_of_uniforms(normal, [0.0, 0.0], 100, rng=1),
        ("Independent draws", "points accepted", "mode"),
    ),
    "rare event": (
        lambda: montecarlo.rare_event_probability(60.0, stats.expon(), terms=10, rng=1, n=1000),
        ("Probability of a rare event by tilting", "e-16", "95 % interval", "draws           1,000"),
    ),
    "importance": (
        lambda: montecarlo.importance(lambda x: x, stats.norm(1.0).logpdf, stats.norm(1.0, 2.0), 1000, rng=1),
        ("Expectation by importance sampling", "within the limit of 0.667", "effective draws"),
    ),
    "expectation": (
        lambda: montecarlo.expectation(lambda x: x, stats.norm(3.0), 1000, rng=1, confidence=0.9),
        ("Expectation", "90 % interval   2.", "draws           1,000"),
    ),
}


@pytest.mark.parametrize("kind", RESULTS)
def test_results_print_as_tables(kind: str) -> None:
    make, said = RESULTS[kind]
    result = make()
    text, page = str(result), result._repr_html_()
    assert text == repr(result)
    assert text.startswith(said[0])
    assert max(map(len, text.splitlines())) <= 79
    for words in said:
        assert words in text
        assert words.split("  ")[0] in page
    assert "array(" not in text


def test_the_numbers_printed_are_those_of_the_result() -> None:
    text = str(montecarlo.Expectation(1.5, 0.25, 1.0, 2.0, 64, 0.95))
    rows = dict(line.strip().split("  ", 1) for line in text.splitlines()[1:])
    assert {name: value.strip() for name, value in rows.items()} == {
        "value": "1.5", "standard error": "0.25", "95 % interval": "1 to 2", "draws": "64",
    }  # fmt: skip


def test_many_dimensions_are_shown_by_the_first_and_the_last() -> None:
    found = montecarlo.metropolis(lambda x: -0.5 * np.sum(x**2, axis=-1), np.ones(40), 50, warmup=0, rng=1)
    lines = str(found).splitlines()
    table = lines[lines.index("Draws") + 2 :]
    rows = [line.split()[0] for line in table[: table.index("")]]
    assert rows == [f"x{i}" for i in range(6)] + [".."] + [f"x{i}" for i in range(34, 40)]
    assert "do not agree yet in x0, x1, x2, x3 and 36 more: R-hat" in " ".join(lines)
