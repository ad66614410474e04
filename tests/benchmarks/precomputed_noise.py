"""Is Gumbel-max faster because its noise can be precomputed? Measured, printed as a table and drawn as a figure.

    OMP_NUM_THREADS=1 python tests/benchmarks/precomputed_noise.py

writes notebooks/figures/precomputed-noise.png. Float32 logits, one thread; medians of interleaved runs.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from evstats import noise, sampling

#: Something to time, and how many draws it makes.
Way = tuple[Callable[[], object], int]
SHAPES = [(10_000, 10), (1000, 1000), (100, 50_000)]
LOOP, INVERSION = "loop of Generator.choice", "cumsum and compare"
DRAWN, PRECOMPUTED, CATEGORICAL = "gumbel_max, noise drawn", "gumbel_max, noise precomputed", "categorical"
ALIAS = "Categorical (alias table)"
FIGURE = Path(__file__).resolve().parents[2] / "notebooks" / "figures" / "precomputed-noise.png"
ROUNDS = 31


def logits(shape: tuple[int, ...]) -> np.ndarray:
    """Standard normal logits."""
    return np.random.default_rng(1).normal(size=shape).astype(np.float32)


def one_draw_from_each(shape: tuple[int, int]) -> dict[str, Way]:
    """Ways to draw one category from each row of logits."""
    x, g = logits(shape), noise.gumbel(shape, rng=1, dtype=np.float32)
    few = min(shape[0], 200)
    p, random = sampling.softmax(x[:few].astype(np.float64)), np.random.default_rng(1)

    def inversion() -> np.ndarray:
        edges = np.cumsum(np.exp(x - x.max(axis=1, keepdims=True)), axis=1)
        return (edges < random.random((len(x), 1), np.float32) * edges[:, -1:]).sum(axis=1)

    return {
        LOOP: (lambda: [random.choice(shape[1], p=row) for row in p], few),
        INVERSION: (inversion, shape[0]),
        DRAWN: (lambda: sampling.gumbel_max(x, rng=1), shape[0]),
        PRECOMPUTED: (lambda: sampling.gumbel_max(x, noise=g), shape[0]),
        CATEGORICAL: (lambda: sampling.categorical(x, rng=1), shape[0]),
    }


def many_draws_from_one(categories: int = 1000, draws: int = 20_000) -> dict[str, Way]:
    """Ways to draw many times from one distribution."""
    x, few = logits((categories,)), 200
    wheel, p = sampling.Categorical(x), sampling.softmax(x.astype(np.float64))
    g, rows = noise.gumbel((few, categories), rng=1, dtype=np.float32), np.tile(x, (few, 1))
    return {
        "Generator.choice(size=)": (lambda: np.random.default_rng(1).choice(categories, size=draws, p=p), draws),
        PRECOMPUTED: (lambda: sampling.gumbel_max(rows, noise=g), few),
        f"{CATEGORICAL}(size=)": (lambda: sampling.categorical(x, size=draws, rng=1), draws),
        ALIAS: (lambda: wheel.draw(draws, rng=1), draws),
    }


def microseconds_a_draw(ways: dict[str, Way], rounds: int = ROUNDS) -> dict[str, float]:
    """Medians of runs that take turns."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(rounds + 1):
        for name, (run, draws) in ways.items():
            start = time.perf_counter()
            run()
            if round_:  # the first only warms up
                times[name].append((time.perf_counter() - start) / draws * 1e6)
    return {name: statistics.median(values) for name, values in times.items()}


def draw(panels: dict[str, dict[str, float]]) -> None:
    """One panel for each case, time a draw on a logarithmic axis, Gumbel-max with precomputed noise in colour."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    heights = [len(times) for times in panels.values()]
    figure, axes = plt.subplots(len(panels), 1, figsize=(7.2, 6.4), sharex=True, height_ratios=heights)
    for axis, (title, times) in zip(axes, panels.items(), strict=True):
        names = list(times)[::-1]
        axis.scatter([times[name] for name in names], names, c=["C3" if n == PRECOMPUTED else "0.3" for n in names])
        for name in names:
            label = f"{float(f'{times[name]:.2g}'):g}"  # two digits, never 5.6e+02
            where = (times[name], name)
            axis.annotate(label, where, (6, 0), textcoords="offset points", va="center", fontsize=8)
        axis.set_xscale("log")
        axis.set_xlim(0.005, 2000)
        axis.set_ylim(-0.6, len(names) - 0.4)
        axis.grid(axis="x", color="0.9")
        axis.set_title(title, loc="left", fontsize=9)
        axis.tick_params(labelsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    axes[-1].set_xlabel("microseconds a draw (noise at hand is not counted)", fontsize=9)
    figure.tight_layout()
    figure.savefig(FIGURE, dpi=120, metadata={"Software": None})


def main() -> None:
    """Measure, print, draw."""
    panels = {f"one draw from each of {m:,} x {n:,}": one_draw_from_each((m, n)) for m, n in SHAPES}
    panels["20,000 draws from one distribution of 1000"] = many_draws_from_one()
    measured = {title: microseconds_a_draw(ways) for title, ways in panels.items()}
    for title, times in measured.items():
        print(title)
        for name, value in times.items():
            print(f"  {name:32} {value:10.3g}")
    draw(measured)


if __name__ == "__main__":
    main()
