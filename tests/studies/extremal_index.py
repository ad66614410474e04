"""Measure how often intervals of the extremal index hold it.

``python tests/studies/extremal_index.py`` makes ``tests/studies/extremal_index.csv`` again, in about 15 minutes. Series
of 5,000 values at the 95 % threshold, and of 2,000 at the 98 % threshold, of

- maxima of an autoregression, X = max((1 - theta) X', theta Z) with unit Frechet Z, whose index is theta; theta = 1 is
  independent values;
- a Cauchy autoregression X = X'/2 + Z, index 1/2 (Chernick, Hsing and McCormick 1991);
- moving maxima X = max(.5 Z, .3 Z'', .2 Z''''), index 1/2, whose clusters have holes;
- squared ARCH(1), X = (1 + .9 X') Z^2 with normal Z, index .612 in the limit (de Haan, Resnick, Rootzen and de Vries
  1989), which is not reached at such thresholds.

A row for each law, length, threshold and estimator: the mean of the estimates, how often the 95 % interval holds the
index, how often the index lies below and above it, and the mean width.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from kept import write
from numpy.typing import NDArray
from scipy.signal import lfilter
from tqdm import tqdm

import evstats as ev

Array = NDArray[np.float64]
Law = Callable[[int, int, np.random.Generator], Array]

PATH = Path(__file__).with_name("extremal_index.csv")
SEED, SERIES, BURN_IN = 20_261_128, 200, 500
DESIGNS = ((5_000, "95%"), (2_000, "98%"))
#: Of slow estimators so many times fewer series are taken.
FEWER = {"iwls": 4}


def max_autoregression(theta: float) -> Law:
    """X = max((1 - theta) X', theta Z)."""

    def drawn(series: int, n: int, random: np.random.Generator) -> Array:
        x = 1.0 / random.standard_exponential((n + BURN_IN, series))
        for i in range(1, len(x)):
            x[i] = np.maximum((1.0 - theta) * x[i - 1], theta * x[i])
        return x[BURN_IN:].T

    return drawn


def cauchy_autoregression(series: int, n: int, random: np.random.Generator) -> Array:
    """X = X'/2 + Z."""
    return lfilter([1.0], [1.0, -0.5], random.standard_cauchy((series, n + BURN_IN)), axis=-1)[:, BURN_IN:]


def moving_maxima(series: int, n: int, random: np.random.Generator) -> Array:
    """X = max(.5 Z, .3 Z'', .2 Z'''')."""
    z = 1.0 / random.standard_exponential((series, n + 4))
    return np.maximum.reduce([0.5 * z[:, 4:], 0.3 * z[:, 2:-2], 0.2 * z[:, :-4]])


def squared_arch(series: int, n: int, random: np.random.Generator) -> Array:
    """X = (1 + .9 X') Z^2."""
    x, found = np.ones(series), np.empty((n + BURN_IN, series))
    for i in range(len(found)):
        x = found[i] = (1.0 + 0.9 * x) * random.standard_normal(series) ** 2
    return found[BURN_IN:].T


LAWS: dict[str, tuple[Law, float]] = {
    "max-autoregressive .3": (max_autoregression(0.3), 0.3),
    "max-autoregressive .6": (max_autoregression(0.6), 0.6),
    "independent": (max_autoregression(1.0), 1.0),
    "Cauchy autoregressive .5": (cauchy_autoregression, 0.5),
    "moving maxima .5": (moving_maxima, 0.5),
    "squared ARCH .612": (squared_arch, 0.612),
}
METHODS = {
    "kgaps": ev.KGaps(),
    "kgaps, K = 5": ev.KGaps(5),
    "kgaps, K = auto": ev.KGaps("auto"),
    "dgaps": ev.DGaps(),
    "dgaps, D = 5": ev.DGaps(5),
    "intervals": "intervals",
    "runs": ev.Runs(),
    "runs, r = 5": ev.Runs(5),
    "iwls": "iwls",
    "maxima, northrop": ev.SlidingMaxima(),
    "maxima, berghaus-buecher": ev.SlidingMaxima(estimator="berghaus-buecher"),
}


def measured(law: str, n: int, threshold: str, series: int, random: np.random.Generator) -> Iterator[dict[str, Any]]:
    """A row for each estimator."""
    drawn, truth = LAWS[law]
    x = drawn(series, n, random)
    for name, method in METHODS.items():
        some = x[: series // FEWER.get(name, 1)]
        tables = [
            ev.extremal_index(one, threshold, method=method).iloc[0] for one in tqdm(some, desc=f"{law}, {n}, {name}")
        ]
        rows = pd.DataFrame(tables)
        below, above = (truth < rows["lower"]).mean(), (truth > rows["upper"] + 1e-12).mean()
        yield {
            "law": law,
            "n": n,
            "threshold": threshold,
            "method": name,
            "index": truth,
            "mean": rows["estimate"].mean().round(4),
            "held": round(1.0 - below - above, 4),
            "below": round(below, 4),
            "above": round(above, 4),
            "width": (rows["upper"] - rows["lower"]).mean().round(4),
            "series": len(some),
        }


def main() -> None:
    """The whole study, or fewer series of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=SERIES)
    parser.add_argument("--out", type=Path, default=PATH)
    asked = parser.parse_args()
    cells = [(law, *design) for law in LAWS for design in DESIGNS]
    streams = np.random.default_rng(SEED).spawn(len(cells))
    rows: list[dict[str, Any]] = []
    for cell, random in zip(cells, streams, strict=True):
        rows += measured(*cell, asked.series, random)
        write(rows, asked.out, SEED)


if __name__ == "__main__":
    main()
