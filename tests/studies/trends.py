"""How often intervals of a slope and of the effective 100-year level hold, and miss on either side.

``python tests/studies/trends.py`` writes ``trends_coverage.csv`` (half an hour). The location of a GEV rises
by so many scales over the record; the level is that of the last block. Every sample counts: one without an estimate has
no limits, which is a miss.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
from kept import write
from numpy.typing import NDArray
from tqdm import tqdm

from evstats import noise
from evstats.distributions import GEV
from evstats.estimators import MaximumLikelihood, Regression
from evstats.intervals import INTERVALS, coefficients
from evstats.models import predictors_of, states
from evstats.quantities import ReturnLevel

Array = NDArray[np.float64]

FILE = Path(__file__).with_name("trends_coverage.csv")
SEED, SAMPLES = 20_261_128, 10_000
SIZES, SHAPES, RISES = (30, 60, 100), (-0.2, 0.0, 0.2), (0.0, 1.0)
WAYS = ("rstar", "profile", "delta")


def rows_of(n: int, shape: float, rise: float, ways: list[str], samples: int) -> list[dict[str, object]]:
    """A row for each quantity and interval."""
    time = np.linspace(0.0, 1.0, n)
    g = noise.gumbel((samples, n), rng=noise.generator([SEED, n, round(10 * shape) + 10, round(rise)]))
    x = GEV(0.0, 1.0, shape).from_gumbel(g) + rise * time
    predictors = predictors_of({"loc": "t"}, x, x.shape, {"t": time})
    fit = Regression.following(GEV, MaximumLikelihood(), x, predictors)
    end, level = fit.in_state(states({"t": 1.0}, ("t",))), ReturnLevel([100.0])
    truth = float(GEV(rise, 1.0, shape).isf(0.01))
    rows = []
    for way in ways:
        interval = INTERVALS[way]()
        answer = coefficients(fit, interval, 0.95)
        found = {
            "slope": (answer.lower[:, 1], answer.upper[:, 1], rise),
            "level": (*(own[:, 0] for own in interval(end, level, 0.95)), truth),
        }
        for quantity, (lower, upper, true) in found.items():
            below, above, none = np.mean(lower > true), np.mean(upper < true), np.mean(np.isnan(lower + upper))
            rows.append(
                {
                    "n": n,
                    "shape": shape,
                    "rise": rise,
                    "quantity": quantity,
                    "interval": way,
                    "samples": samples,
                    "cover": round(np.mean((lower <= true) & (true <= upper)), 4),
                    "truth_above": round(above, 4),
                    "truth_below": round(below, 4),
                    "none": round(none, 4),
                    "no_maximum": round(1.0 - np.mean(fit.estimate.converged), 4),
                }
            )
    return rows


def main(ways: list[str], samples: int, file: Path) -> None:
    """Write the table, after every cell what is there."""
    rows: list[dict[str, object]] = []
    for n, shape, rise in tqdm(list(itertools.product(SIZES, SHAPES, RISES))):
        rows += rows_of(n, shape, rise, ways, samples)
        write(rows, file, SEED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ways", nargs="+", default=list(WAYS))
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--file", type=Path, default=FILE)
    asked = parser.parse_args()
    main(asked.ways, asked.samples, asked.file)
