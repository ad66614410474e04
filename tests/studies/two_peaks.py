"""Measure whether mixture density networks find two peaks, with and without what keeps one component from taking all.

``python tests/studies/two_peaks.py`` makes ``tests/studies/two_peaks.csv`` again, in minutes; it needs PyTorch.
2,000 points lie around 0 and 10, half of them each by chance, with a standard deviation of 1/2 to 3/2 that follows a
covariate. A network of one hidden layer of 16 learns their distribution given the covariate in 200 steps, with 2 and
with 5 normal components, of which those with a location above 5 count for the upper peak. Beside the way that is
recommended (``start`` and ``annealed_nll``) stand training without the one, the other, and both.

The weight of the upper peak and the means are averages over the covariates; the error of the 99 % quantile is the
greatest, as a share of the truth, at five covariates from -0.9 to 0.9. A run has found the peaks where the weight is
0.5 +- 0.03, the means +- 0.15 and the quantile within 3 %.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from kept import write
from numpy.typing import NDArray
from scipy import stats
from tqdm import tqdm

from evstats import sampling

Array = NDArray[np.float64]

PATH = Path(__file__).with_name("two_peaks.csv")
POINTS, UPPER, STEPS, HIDDEN, RATE = 2_000, 10.0, 200, 16, 0.02
ASKED = np.array([-0.9, -0.5, 0.0, 0.5, 0.9])
#: Whether the start is spread over the targets, and whether unequal weights are priced.
WAYS = {"both": (True, True), "start alone": (True, False), "price alone": (False, True), "neither": (False, False)}


def spread(x: Array) -> Array:
    """The standard deviation around each peak."""
    return 1.0 + 0.5 * x


def points(seed: int) -> tuple[Array, Array]:
    """Covariates and targets."""
    random = np.random.default_rng(seed)
    x, upper = random.uniform(-1.0, 1.0, POINTS), random.random(POINTS) < 0.5
    return x, np.where(upper, UPPER, 0.0) + spread(x) * random.standard_normal(POINTS)


def column(x: Array) -> torch.Tensor:
    """One feature."""
    return torch.as_tensor(x, dtype=torch.float32)[:, None]


def trained(x: Array, y: Array, components: int, seed: int, way: str = "both") -> torch.nn.Module:
    """What a user would write."""
    spread_start, priced = WAYS[way]
    torch.manual_seed(seed)
    layer = sampling.MixtureDensityLayer(HIDDEN, components)
    network = torch.nn.Sequential(torch.nn.Linear(1, HIDDEN), torch.nn.Tanh(), layer)
    if spread_start:
        layer.start(y)
    schedule = sampling.ExponentialSchedule(1.0, 1e-3, STEPS // 2)
    optimizer = torch.optim.Adam(network.parameters(), RATE)
    for step in range(STEPS):
        optimizer.zero_grad()
        density = network(column(x))
        (sampling.annealed_nll(density, y, schedule(step)) if priced else density.nll(y)).backward()
        optimizer.step()
    return network


def found(components: int, seed: int, way: str = "both") -> dict[str, Any]:
    """The peaks that a network finds."""
    x, y = points(seed)
    with torch.random.fork_rng():
        network = trained(x, y, components, seed, way)
    with torch.no_grad():
        density = network(column(x))
        weights, loc = density.weights.double().numpy(), density.loc.double().numpy()
        quantile = network(column(ASKED)).quantile(0.99).double().numpy()
    means = [np.average(loc, weights=weights * side + 1e-300) for side in (loc <= UPPER / 2, loc > UPPER / 2)]
    truth = UPPER + stats.norm.isf(0.02) * spread(ASKED)
    return {
        "weight": float((weights * (loc > UPPER / 2)).sum(axis=1).mean()),
        "lower_mean": float(means[0]),
        "upper_mean": float(means[1]),
        "quantile_error": float(np.abs(quantile / truth - 1.0).max()),
        "least_weight": float(weights.mean(axis=0).min()),
    }


def holds(row: dict[str, Any]) -> bool:
    """Whether both peaks were found."""
    near = abs(row["weight"] - 0.5) <= 0.03 and max(abs(row["lower_mean"]), abs(row["upper_mean"] - UPPER)) <= 0.15
    return bool(near and row["quantile_error"] <= 0.03)


def main() -> None:
    """Every number of components, way and seed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    torch.set_num_threads(1)
    runs = [(k, way, seed) for k in (2, 5) for way in WAYS for seed in range(parser.parse_args().seeds)]
    rows = []
    for components, way, seed in tqdm(runs):
        row = found(components, seed, way)
        rows.append({"components": components, "way": way, "seed": seed} | row | {"found": holds(row)})
    table = pd.DataFrame(rows)
    write(table, PATH, table["seed"], float_format="%.5g")
    print(table.groupby(["components", "way"], sort=False)["found"].agg(["sum", "size"]))


if __name__ == "__main__":
    main()
