"""How often intervals of the pure premium of a layer hold, and miss on either side.

``python tests/studies/layers.py`` writes ``layers.csv`` (half an hour on one core; the column ``records`` says how many
there are). A record has a Poisson number of losses over the threshold with the mean given, ten a year, their sizes GPD;
every record of three or more counts. The layers are told by the share of losses over the threshold that passes them: a
working layer from one in 5 to one in 20, one from one in 50 to one in 500, which few losses of a record reach, and all
above one in 20, whose mean may be infinite.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from kept import write
from tqdm import tqdm

from evstats import GPD, noise
from evstats.distributions import GPDProcess
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.intervals import INTERVALS
from evstats.models import Exceedances
from evstats.quantities import PurePremium

FILE = Path(__file__).with_name("layers.csv")
SEED, RECORDS = 20_261_129, 5_000
SHAPES, SIZES, RATE = (0.0, 0.25, 0.5), (50, 100, 200), 10.0
LAYERS = {"working": (0.2, 0.05), "high": (0.02, 0.002), "unlimited": (0.05, 0.0)}
WAYS = ("rstar", "profile", "delta")


def cells(ways: list[str], records: int) -> Iterator[dict[str, object]]:
    """A row for each size, shape, layer and interval."""
    for n, shape in tqdm(list(itertools.product(SIZES, SHAPES))):
        truth, sizes = GPDProcess(0.0, 1.0, np.log(RATE), shape), GPD(0.0, 1.0, shape)
        begins, ends = (sizes.isf([layer[end] for layer in LAYERS.values()]) for end in (0, 1))
        premium = PurePremium.of(np.column_stack([begins, ends - begins]))
        value, estimation = premium(truth), records_of(n, truth, records)
        for way in ways:
            lower, upper = INTERVALS[way]()(estimation, premium, 0.95)
            below, above = np.mean(lower > value, axis=0), np.mean(upper < value, axis=0)
            missing = np.mean(np.isnan(lower), axis=0)  # where there are no limits, a miss
            for place, layer in enumerate(LAYERS):
                yield {
                    "losses": n,
                    "shape": shape,
                    "layer": layer,
                    "interval": way,
                    "records": len(lower),
                    "cover": round(1.0 - below[place] - above[place] - missing[place], 4),
                    "truth_above": round(above[place], 4),
                    "truth_below": round(below[place], 4),
                    "none": round(missing[place], 4),
                    "infinite": round(np.mean(np.isinf(upper[:, place])), 4),
                    "no_maximum": round(1.0 - np.mean(estimation.estimate.converged), 4),
                }


def records_of(n: int, truth: GPDProcess, records: int) -> Estimation:
    """Records of n losses on average, with three or more of them, and their estimates."""
    design = Exceedances(0.0, n / RATE)
    size, random = design.noise_shape(truth, np.empty(0)), noise.generator([SEED, n])
    x = design.drawn(truth[None], noise.gumbel((records, *size), rng=random))
    x = x[np.count_nonzero(~np.isnan(x), axis=-1) >= 3]
    return Estimation.of(GPDProcess, MaximumLikelihood(), x, design)


def main(ways: list[str], records: int, file: Path) -> None:
    """Write the table, row by row."""
    rows: list[dict[str, object]] = []
    for row in cells(ways, records):
        rows.append(row)
        write(rows, file, SEED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ways", nargs="+", default=list(WAYS))
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--file", type=Path, default=FILE)
    asked = parser.parse_args()
    main(asked.ways, asked.records, asked.file)
