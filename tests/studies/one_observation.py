"""Measure value at risk of a single day from monthly maxima, where days depend on one another.

``python tests/studies/one_observation.py`` makes ``tests/studies/one_observation.csv`` again, in about ten minutes.
Series of 30 years of 252 days, in blocks of 21, of

- independent days, Student t with 4 degrees of freedom;
- GARCH(1,1) with t(4) innovations and unit variance, (alpha, beta) = (.10, .85) and (.08, .91).

The truth is the quantile of 20,000,000 simulated days. For each way to the extremal index: its mean, and the median of
the 99 % value at risk over the truth, from the same GEV fits. For the index as it is estimated unasked, how often the
95 % interval holds the truth, which takes the index for known and the blocks for independent.

``python tests/studies/one_observation.py data/sp500_daily_close.csv`` prints the last 30 years of a price index beside
its empirical quantile.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from kept import write
from numpy.typing import NDArray
from tqdm import tqdm

import evstats as ev
from evstats import noise
from evstats.remarks import clustering
from evstats.thresholds.indices.maxima import sliding_maxima

Array = NDArray[np.float64]

PATH = Path(__file__).with_name("one_observation.csv")
SEED = 20_261_129
LAWS = {"independent": (0.0, 0.0), "GARCH (.10, .85)": (0.10, 0.85), "GARCH (.08, .91)": (0.08, 0.91)}
DAYS, BLOCK, LEVEL = 30 * 252, 21, 0.99
SERIES = 300
#: Days before the first, until the variance has forgotten where it began; paths and days behind the truth.
BURN_IN, PATHS, PATH_DAYS = 2_000, 4_000, 5_000
LOSSES = 30


def simulated(law: str, series: int, days: int, random: np.random.Generator) -> Array:
    """Losses of shape (series, days)."""
    alpha, beta = LAWS[law]
    loss, variance = np.zeros(series), np.ones(series)
    losses = np.empty((days, series))
    for day in range(-BURN_IN, days):
        variance = 1.0 - alpha - beta + alpha * loss**2 + beta * variance
        loss = np.sqrt(variance / 2.0) * random.standard_t(4, series)
        if day >= 0:
            losses[day] = loss
    return losses.T


def ways(losses: Array) -> dict[str, float]:
    """The extremal index, by each way to it."""
    return {
        "sliding maxima": sliding_maxima(losses, BLOCK),
        "intervals, 95 %": clustering.intervals(losses, float(np.quantile(losses, 0.95))),
        "one": 1.0,
    }


def measured(law: str, series: int, random: np.random.Generator) -> Iterator[dict[str, Any]]:
    """A row for each way to the extremal index."""
    truth = float(np.quantile(simulated(law, PATHS, PATH_DAYS, random), LEVEL))
    rows: dict[str, list[tuple[float, float]]] = {}
    limits = []
    for losses in tqdm(simulated(law, series, DAYS, random), desc=law):
        fit = ev.fit(ev.block_maxima(losses, BLOCK), "gev")
        for way, index in ways(losses).items():
            value = fit.distribution.non_exceedance_level(LEVEL ** (BLOCK * index))
            rows.setdefault(way, []).append((index, float(value)))
        unasked = fit.value_at_risk([LEVEL], horizon="observation")
        limits.append(unasked[["lower", "upper"]].to_numpy()[0])
    lower, upper = np.transpose(limits)
    for way, found in rows.items():
        index, value = np.transpose(found)
        row = {"law": law, "extremal_index": way, "series": series, "truth": truth, "mean_index": index.mean()}
        row |= {"sd_index": index.std(), "median_over_truth": np.median(value) / truth}
        if way == "sliding maxima":
            row |= {"held": np.mean((lower <= truth) & (truth <= upper)), "above": np.mean(truth > upper)}
        yield row


def of_prices(path: str) -> None:
    """The one-day value at risk of the last 30 years of a price index, beside its empirical quantile."""
    losses = -ev.returns(ev.read_series(path).series, kind="log")
    losses = losses[losses.index > losses.index[-1] - pd.DateOffset(years=LOSSES)]
    fit = ev.fit(ev.block_maxima(losses, "month"), "gev")
    table = fit.value_at_risk([0.95, LEVEL], horizon="observation")
    print(table.assign(empirical=np.quantile(losses, [0.95, LEVEL])), *table.attrs["notes"], sep="\n")


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prices", nargs="?", help="a file of daily prices to look at instead")
    parser.add_argument("--series", type=int, default=SERIES)
    asked = parser.parse_args()
    if asked.prices:
        of_prices(asked.prices)
        return
    random = noise.spawn(len(LAWS), rng=SEED)
    rows = [row for law, own in zip(LAWS, random, strict=True) for row in measured(law, asked.series, own)]
    table = pd.DataFrame(rows)
    write(table, PATH, SEED, float_format="%.4g")
    print(table.to_string())


if __name__ == "__main__":
    main()
